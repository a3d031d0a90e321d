/* A forger of members' addresses comes again: each of its crowds is judged as the first. */
#include "alert/judge.h"
#include "ledger_help.h"
#include "test.h"

enum {
	HOUR = 60, /* windows */
	DAY = 24 * HOUR,
	FORGED = 40, /* addresses */
};

/* The member's address n asks so many dark addresses, others in each window. */
static void ask(struct desk *desk, uint32_t n, int64_t window, uint32_t packets)
{
	struct sighting sighting = make_sighting(MEMBER_NET + n, SIGHTING_REQUEST, TCP, window);
	for (uint32_t i = 0; i < packets; i++)
		add_target(
		    desk, &sighting, DARK_NET + (uint32_t)((window + i * 50) % 256), ITEM_DARK);
	add_packets(&sighting, sighting.window_us, packets);
	sighting.dark_packets = packets;
	hand_over(desk, &sighting);
}

/* Ten addresses each minute, from the n-th on. */
static void attack(struct desk *desk, uint32_t n, int64_t window, uint32_t packets)
{
	for (uint32_t i = 0; i < FORGED; i++)
		ask(desk, n + i, window + i / 10, packets);
}

static struct findings judge_all(struct desk *desk)
{
	struct findings findings;
	if (judge_ledger(desk->ledger, true, &findings) != 0)
		abort();
	return findings;
}

static size_t count_rule(const struct findings *findings, enum rule rule)
{
	size_t count = 0;
	for (size_t i = 0; i < findings->count; i++)
		count += findings->all[i].rule == rule;
	return count;
}

static const struct finding *find_rule(const struct findings *findings, enum rule rule)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->all[i].rule == rule)
			return &findings->all[i];
	return NULL;
}

struct row {
	const char *name;
	const char *accused_name;
	struct {
		uint32_t n; /* the first address */
		int64_t window;
		uint32_t packets;
	} attacks[3];
	uint64_t sources; /* of the crowd; 0: there is none */
	uint64_t packets;
	size_t accused;
};

static const struct row rows[] = {
    {"once: the crowd", "once: who is accused", {{10, 0, 3}}, 40, 120, 0},
    {"again a day later, with the same addresses: the crowd",
	"again a day later, with the same addresses: who is accused", {{10, 0, 3}, {10, DAY, 3}},
	40, 240, 0},
    {"with others: the crowd", "with others: who is accused", {{10, 0, 3}, {100, DAY, 3}}, 80, 240,
	0},
    {"with some of them: the crowd", "with some of them: who is accused",
	{{10, 0, 3}, {30, DAY, 3}}, 60, 240, 0},
    {"with less of each: the crowd", "with less of each: who is accused",
	{{10, 0, 3}, {10, DAY, 1}}, 40, 160, 0},
    {"an hour later: the crowd", "an hour later: who is accused", {{10, 0, 3}, {10, HOUR, 3}}, 40,
	240, 0},
    {"three times: the crowd", "three times: who is accused",
	{{10, 0, 3}, {10, 5 * HOUR, 3}, {10, 9 * HOUR, 3}}, 40, 360, 0},
    {"one whose addresses another comes between: the crowd",
	"one whose addresses another comes between: who is accused",
	{{10, 0, 3}, {100, 5 * HOUR, 3}, {10, 9 * HOUR, 3}}, 80, 360, 0},
    {"again within the half hour: it is one attack, with too many of each: the crowd",
	"again within the half hour: it is one attack, with too many of each: who is accused",
	{{10, 0, 3}, {10, 20, 3}}, 0, 0, FORGED},
    {"the second time with too many of each: the crowd",
	"the second time with too many of each: who is accused", {{10, 0, 3}, {100, DAY, 4}}, 40,
	120, FORGED},
};

static void test_again(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct desk desk;
		open_desk(&desk);
		for (size_t a = 0; a < 3; a++)
			if (row->attacks[a].n != 0)
				attack(&desk, row->attacks[a].n, row->attacks[a].window,
				    row->attacks[a].packets);
		ledger_finish(desk.ledger);
		struct findings findings = judge_all(&desk);
		const struct finding *crowd = find_rule(&findings, RULE_SPOOF_MEMBER);
		OK((crowd == NULL ? 0 : crowd->sources) == row->sources &&
			(crowd == NULL ? 0 : crowd->packets) == row->packets &&
			(crowd == NULL ? 0 : crowd->targets) == row->packets,
		    row->name);
		OK(count_rule(&findings, RULE_SCAN_DARK) == row->accused, row->accused_name);
		findings_release(&findings);
		close_desk(&desk);
	}
}

/* Slow machines that go on by themselves are no forger who comes again, however many. */
static void test_slow_machines(void)
{
	struct desk desk;
	open_desk(&desk);
	for (int64_t window = 0; window < 6 * HOUR; window++)
		for (uint32_t n = 0; n < 120; n++)
			if (window % 40 == n % 40)
				ask(&desk, n, window, 1);
	ledger_finish(desk.ledger);
	struct findings findings = judge_all(&desk);
	OK(count_rule(&findings, RULE_SPOOF_MEMBER) == 0, "a hundred slow machines are no crowd");
	OK(count_rule(&findings, RULE_SCAN_DARK) == 120, "each is found");
	findings_release(&findings);
	close_desk(&desk);
}

static void test_scanner_among_forged(void)
{
	struct desk desk;
	open_desk(&desk);
	attack(&desk, 10, 0, 3);
	ask(&desk, 12, 3 * HOUR, 10);
	ask(&desk, 14, 3 * HOUR, 2);
	ledger_finish(desk.ledger);
	struct findings findings = judge_all(&desk);
	OK(count_rule(&findings, RULE_SPOOF_MEMBER) == 1 &&
		count_rule(&findings, RULE_SCAN_DARK) == 2,
	    "what a forged address does later is its own doing");
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = &findings.all[i];
		if (finding->rule != RULE_SCAN_DARK)
			continue;
		OK(finding->packets == (finding->watch ? 2 : 10) &&
			finding->targets == finding->packets &&
			finding->first_us == BASE_US + INT64_C(3) * HOUR * SIGHTING_WINDOW_US &&
			finding->event_count == 1,
		    finding->watch ? "a watch, without what was sent in its name"
				   : "a scan, without what was sent in its name");
	}
	findings_release(&findings);
	close_desk(&desk);
}

struct live {
	struct desk desk;
	struct judge *judge;
	int64_t window;
};

/* What is judged at the end of a window, and of whom anything is new. */
static struct findings end_window(struct live *live)
{
	struct findings findings;
	const struct subject *subject;
	const int64_t window_us = BASE_US + live->window * SIGHTING_WINDOW_US;
	findings_init(&findings, 1 << 24);
	ledger_end_window(live->desk.ledger, window_us);
	ledger_settle(live->desk.ledger);
	ledger_forget_before(live->desk.ledger, window_us - 25 * WHEN_HOUR_US);
	int result = judge_members(live->judge, &findings);
	while (result == 0 && (subject = ledger_take_changed(live->desk.ledger)) != NULL)
		result = judge_subject(live->judge, subject, &findings);
	if (result != 0)
		abort();
	live->window++;
	return findings;
}

/* Nobody is accused while all of the day before is forgotten, bit by bit. */
static size_t count_accused(struct live *live, int64_t until)
{
	size_t accused = 0;
	while (live->window <= until) {
		struct findings findings = end_window(live);
		accused += count_rule(&findings, RULE_SCAN_DARK);
		findings_release(&findings);
	}
	return accused;
}

static void test_live(void)
{
	struct live live = {.window = 0};
	open_live_desk(&live.desk, NULL);
	if (judge_new(live.desk.ledger, &live.judge) != 0)
		abort();
	attack(&live.desk, 10, 0, 3);
	live.window = 3;
	OK(count_accused(&live, DAY - 1) == 0, "live: the first crowd");
	ask(&live.desk, 20, DAY, 3);
	const struct subject *first = ledger_take_changed(live.desk.ledger);
	struct findings findings;
	findings_init(&findings, 1 << 20);
	OK(first != NULL && judge_subject(live.judge, first, &findings) == 0 &&
		findings.count == 1 && findings.all[0].packets == 3 &&
		findings.all[0].spoof != SPOOF_UNLIKELY,
	    "the first address of the second may be forged as that of the first might");
	findings_release(&findings);
	attack(&live.desk, 21, DAY + 1, 2);
	live.window = DAY + 4;
	OK(count_accused(&live, DAY + 3 * HOUR) == 0,
	    "nobody of the second, while the first is forgotten");
	ask(&live.desk, 20, DAY + 3 * HOUR + 1, 3);
	OK(count_accused(&live, DAY + 3 * HOUR + 1) == 1, "and who goes on alone is found at once");
	judge_free(live.judge);
	close_desk(&live.desk);
}

int main(void)
{
	test_again();
	test_slow_machines();
	test_scanner_among_forged();
	test_live();
	return test_done();
}
