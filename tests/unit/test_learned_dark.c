/* Addresses that were learned to be dark, as a ledger that goes on takes them. */
#include "alert/judge.h"
#include "ledger_help.h"
#include "test.h"

enum {
	/* Whole windows in which whoever was asked may speak. */
	SPEAK_WINDOWS = LEDGER_SPEAK_US / SIGHTING_WINDOW_US,
	LEARNED_FIRST = 128, /* of the member's network, from here on */
};

/* What is learned: the upper half of the member's network, and of strangers' as well. */
static bool is_learned(const void *learned, const struct address *address)
{
	(void)learned;
	return address_is_v4(address) && (address_low32(address) & 0xff) >= LEARNED_FIRST;
}

static void end_window(struct desk *desk, int64_t window)
{
	ledger_end_window(desk->ledger, BASE_US + window * SIGHTING_WINDOW_US);
	ledger_settle(desk->ledger);
}

/* The machine n of the member asks these of its neighbours, each of whom is silent. */
static void ask(struct desk *desk, uint32_t n, uint32_t first, uint32_t count, uint32_t flags)
{
	struct sighting sighting = make_sighting(MEMBER_NET + n, SIGHTING_REQUEST, TCP, 0);
	for (uint32_t i = 0; i < count; i++)
		add_target(desk, &sighting, MEMBER_NET + first + i, flags);
	add_packets(&sighting, sighting.window_us, count);
	sighting.silences = count;
	hand_over(desk, &sighting);
}

/* The finding of the whole ledger, if there is just one. */
static size_t judge_all(struct desk *desk, struct finding *ret_finding)
{
	struct findings findings;
	struct judge *judge;
	const struct subject *subject;
	findings_init(&findings, 1 << 20);
	ledger_mark_all_changed(desk->ledger);
	if (judge_new(desk->ledger, &judge) != 0)
		abort();
	while ((subject = ledger_take_changed(desk->ledger)) != NULL)
		if (judge_subject(judge, subject, &findings) != 0)
			abort();
	const size_t count = findings.count;
	if (count > 0)
		*ret_finding = findings.all[0];
	judge_free(judge);
	findings_release(&findings);
	return count;
}

static void test_time_to_speak(void)
{
	struct desk desk;
	struct finding finding;
	open_live_desk(&desk, is_learned);
	ask(&desk, 5, 200, 4, ITEM_SILENT);
	end_window(&desk, 0);
	OK(judge_all(&desk, &finding) == 0, "whoever was asked may be about to boot");
	for (int64_t i = 1; i < SPEAK_WINDOWS; i++)
		end_window(&desk, i);
	OK(judge_all(&desk, &finding) == 1 && finding.rule == RULE_SCAN_DARK &&
		finding.inferred_only && finding.severity == SEVERITY_LOW,
	    "after five minutes four learned addresses are a scan, of low severity");
	close_desk(&desk);
	open_live_desk(&desk, NULL);
	ask(&desk, 5, 200, 4, ITEM_SILENT);
	for (int64_t i = 0; i < SPEAK_WINDOWS; i++)
		end_window(&desk, i);
	OK(judge_all(&desk, &finding) == 0, "where nothing is learned they are dead machines");
	close_desk(&desk);
}

static void test_plugged_in(void)
{
	struct desk desk;
	struct finding finding;
	open_live_desk(&desk, is_learned);
	ask(&desk, 5, 200, 4, ITEM_SILENT);
	for (int64_t i = 0; i < SPEAK_WINDOWS; i++)
		end_window(&desk, i);
	OK(judge_all(&desk, &finding) == 1, "four that were asked and are silent");
	for (uint32_t i = 0; i < 4; i++) {
		const struct host host = {
		    .address = address_from_v4_u32(MEMBER_NET + 200 + i), .flags = HOST_SENT};
		ledger_add_host(desk.ledger, &host);
	}
	OK(judge_all(&desk, &finding) == 0, "when they speak after all, it was none");
	close_desk(&desk);
}

static void test_others(void)
{
	struct desk desk;
	bool inferred;
	open_live_desk(&desk, is_learned);
	const struct address stranger = address_from_v4_u32(STRANGER_NET + 200);
	const struct address group = address_from_v4_u32(0xe00000ff);
	const struct address busy = address_from_v4_u32(MEMBER_NET + 7);
	const struct address silent = address_from_v4_u32(MEMBER_NET + 200);
	const struct address declared = address_from_v4_u32(DARK_NET + 200);
	OK(!ledger_is_dark(desk.ledger, &stranger, &inferred) &&
		!ledger_is_dark(desk.ledger, &group, &inferred) &&
		!ledger_is_dark(desk.ledger, &busy, &inferred),
	    "strangers' addresses, groups and what is used are not dark");
	OK(ledger_is_dark(desk.ledger, &silent, &inferred) && inferred,
	    "what is learned is inferred");
	OK(ledger_is_dark(desk.ledger, &declared, &inferred) && !inferred,
	    "what is declared is not");
	ask(&desk, 5, 200, 4, ITEM_ANSWERED);
	for (int64_t i = 0; i < SPEAK_WINDOWS; i++)
		end_window(&desk, i);
	struct finding finding;
	OK(judge_all(&desk, &finding) == 0, "who answers is not dark, whatever was learned");
	close_desk(&desk);
}

int main(void)
{
	test_time_to_speak();
	test_plugged_in();
	test_others();
	return test_done();
}
