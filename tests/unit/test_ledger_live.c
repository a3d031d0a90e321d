/* A ledger that is judged while it grows: what is new, what is known when, what is forgotten. */
#include "alert/judge.h"
#include "ledger_help.h"
#include "test.h"

enum {
	HOUR_WINDOWS = 60,
};

/* The member's machine n fails at so many addresses of nobody. */
static void fail(struct desk *desk, uint32_t n, int64_t window, uint32_t failures)
{
	struct sighting sighting = make_sighting(MEMBER_NET + n, SIGHTING_REQUEST, TCP, window);
	for (uint32_t i = 0; i < failures; i++)
		add_target(desk, &sighting, 0x08080000 + i, ITEM_REFUSED);
	add_packets(&sighting, sighting.window_us, failures);
	sighting.refusals = failures;
	hand_over(desk, &sighting);
}

static void test_changed(void)
{
	struct desk desk;
	open_live_desk(&desk, NULL);
	OK(ledger_take_changed(desk.ledger) == NULL, "nothing is new at first");
	fail(&desk, 5, 0, 1);
	fail(&desk, 5, 0, 1);
	fail(&desk, 6, 0, 1);
	struct sighting stranger = make_sighting(STRANGER_NET + 1, SIGHTING_REQUEST, TCP, 0);
	add_packets(&stranger, stranger.window_us, 1);
	hand_over(&desk, &stranger);
	const struct subject *first = ledger_take_changed(desk.ledger);
	const struct subject *second = ledger_take_changed(desk.ledger);
	OK(first == find_subject(&desk, MEMBER_NET + 6) &&
		second == find_subject(&desk, MEMBER_NET + 5) &&
		ledger_take_changed(desk.ledger) == NULL,
	    "each member's machine of which something is new, once; no stranger");
	fail(&desk, 5, 0, 1);
	OK(ledger_take_changed(desk.ledger) == find_subject(&desk, MEMBER_NET + 5),
	    "and once more when there is more");
	close_desk(&desk);
}

/* How many findings there are of what is new. */
static size_t judge_new_things(struct desk *desk)
{
	struct findings findings;
	struct judge *judge;
	const struct subject *subject;
	findings_init(&findings, 1 << 20);
	if (judge_new(desk->ledger, &judge) != 0)
		abort();
	while ((subject = ledger_take_changed(desk->ledger)) != NULL)
		if (judge_subject(judge, subject, &findings) != 0)
			abort();
	size_t count = findings.count;
	judge_free(judge);
	findings_release(&findings);
	return count;
}

static void test_settling(void)
{
	struct desk desk;
	open_live_desk(&desk, NULL);
	fail(&desk, 5, 0, 10);
	OK(judge_new_things(&desk) == 0, "ten failures in a window that may yet bring answers");
	ledger_end_window(desk.ledger, BASE_US);
	ledger_settle(desk.ledger);
	OK(judge_new_things(&desk) == 1, "and when it is over: a finding");
	ledger_settle(desk.ledger);
	OK(judge_new_things(&desk) == 0, "what was settled is not new again");
	close_desk(&desk);
}

static void test_dark_at_once(void)
{
	struct desk desk;
	open_live_desk(&desk, NULL);
	struct sighting sighting = make_sighting(MEMBER_NET + 5, SIGHTING_REQUEST, TCP, 0);
	for (uint32_t i = 0; i < 3; i++)
		add_target(&desk, &sighting, DARK_NET + i, ITEM_DARK);
	add_packets(&sighting, sighting.window_us, 3);
	hand_over(&desk, &sighting);
	OK(judge_new_things(&desk) == 1, "three dark addresses: in the middle of a window");
	close_desk(&desk);
}

static void test_forgetting(void)
{
	struct desk desk;
	open_live_desk(&desk, NULL);
	fail(&desk, 5, 0, 1);
	fail(&desk, 6, HOUR_WINDOWS, 1);
	ledger_forget_before(desk.ledger, BASE_US);
	OK(find_subject(&desk, MEMBER_NET + 5) != NULL, "who was seen at that very time stays");
	ledger_forget_before(desk.ledger, BASE_US + 1);
	OK(find_subject(&desk, MEMBER_NET + 5) == NULL &&
		find_subject(&desk, MEMBER_NET + 6) != NULL,
	    "who was not seen since is forgotten");
	OK(ledger_evicted(desk.ledger) == 0, "and that is no want of room");
	OK(ledger_take_changed(desk.ledger) == find_subject(&desk, MEMBER_NET + 6) &&
		ledger_take_changed(desk.ledger) == NULL,
	    "nor is it new any more");
	ledger_settle(desk.ledger);
	close_desk(&desk);
}

static uint32_t flags_of(const struct desk *desk, uint32_t v4)
{
	const struct address address = address_from_v4_u32(v4);
	return ledger_host_flags(desk->ledger, &address);
}

static void test_hosts(void)
{
	struct desk desk;
	open_live_desk(&desk, NULL);
	const struct address gateway = address_from_v4_u32(MEMBER_NET + 1);
	const struct host host = {
	    .address = address_from_v4_u32(MEMBER_NET + 9), .flags = HOST_SENT};
	fail(&desk, 5, 0, 1);
	ledger_add_host(desk.ledger, &host);
	ledger_know_host(desk.ledger, &gateway, HOST_ROUTER);
	ledger_forget_before(desk.ledger, BASE_US);
	OK(flags_of(&desk, MEMBER_NET + 9) == HOST_SENT,
	    "a host is known as long as it is heard of");
	ledger_forget_before(desk.ledger, BASE_US + 1);
	OK(flags_of(&desk, MEMBER_NET + 9) == 0, "then it is silent");
	OK(flags_of(&desk, MEMBER_NET + 1) == HOST_ROUTER, "what we were told of a host stays");
	ledger_add_host(desk.ledger, &host);
	OK(flags_of(&desk, MEMBER_NET + 9) == HOST_SENT, "and it may be heard of again");
	close_desk(&desk);
}

static void test_members(void)
{
	struct desk desk;
	struct registry *changed;
	open_live_desk(&desk, NULL);
	fail(&desk, 5, 0, 1);
	if (registry_new(&changed) != 0 ||
	    registry_add_member(changed, "other", "203.0.113.0/24", NULL) != 0 ||
	    registry_seal(changed, NULL) != 0)
		abort();
	ledger_set_registry(desk.ledger, changed);
	registry_free(desk.registry);
	desk.registry = changed;
	OK(ledger_take_changed(desk.ledger) == NULL &&
		find_subject(&desk, MEMBER_NET + 5)->member == MEMBER_NONE,
	    "who is no member any more is not judged");
	struct sighting sighting = make_sighting(STRANGER_NET + 1, SIGHTING_REQUEST, TCP, 0);
	add_packets(&sighting, sighting.window_us, 1);
	hand_over(&desk, &sighting);
	OK(ledger_take_changed(desk.ledger) == find_subject(&desk, STRANGER_NET + 1),
	    "who is one now is");
	close_desk(&desk);
}

/* An address asked for so often, so far apart. */
static const struct {
	const char *name;
	uint32_t packets;
	int64_t span_us;
	bool is_settled;
	size_t findings;
} asks[] = {
    {"settled: asked for once", 1, 0, true, 1},
    {"not settled: once may have been answered", 1, 0, false, 0},
    {"three times within six seconds was not", 3, 6 * WHEN_SECOND_US, false, 1},
    {"within more it may have been", 3, 6 * WHEN_SECOND_US + 1, false, 0},
};

static void test_sweeps(void)
{
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		struct desk desk;
		open_live_desk(&desk, NULL);
		struct sighting sighting = make_sighting(MEMBER_NET + 5, SIGHTING_NEIGHBOUR, 0, 0);
		sighting.key.port = 0;
		ledger_set_settled(
		    desk.ledger, asks[i].is_settled ? BASE_US : BASE_US + WHEN_HOUR_US);
		for (uint32_t n = 0; n < 10; n++) {
			const struct address address = address_from_v4_u32(MEMBER_NET + 100 + n);
			const struct address_touch touch = {sighting.window_us,
			    sighting.window_us + asks[i].span_us, asks[i].packets, 0};
			(void)address_set_touch(&sighting.targets, desk.slab, &address, &touch);
		}
		add_packets(&sighting, sighting.window_us, 10 * asks[i].packets);
		hand_over(&desk, &sighting);
		OK(judge_new_things(&desk) == asks[i].findings, asks[i].name);
		close_desk(&desk);
	}
}

int main(void)
{
	test_changed();
	test_settling();
	test_dark_at_once();
	test_forgetting();
	test_hosts();
	test_members();
	test_sweeps();
	return test_done();
}
