/* A source held against what is usual there: pulled cables, switched-off mirrors, losses. */
#include "cmd/station/postwatch.h"

#include "test.h"

struct desk {
	struct postwatch watch;
	struct post_change change;
	int64_t now_us;
	uint64_t packets;
	bool is_up;
};

static void open_desk(struct desk *desk)
{
	*desk = (struct desk){
	    .watch = {.limits = {WHEN_MINUTE_US, 10 * WHEN_MINUTE_US}},
	    .now_us = WHEN_HOUR_US,
	    .is_up = true,
	};
}

/* So many seconds with so many packets each, and losses. */
static bool live(struct desk *desk, unsigned seconds, uint64_t packets, uint64_t lost)
{
	bool any = false;
	for (unsigned i = 0; i < seconds; i++) {
		desk->now_us += WHEN_SECOND_US;
		desk->packets += packets;
		const struct post_news news = {desk->is_up, desk->packets, lost};
		postwatch_take(&desk->watch, &news, desk->now_us, &desk->change);
		for (int t = 0; t < POST_TROUBLES; t++)
			any |= desk->change.changed[t];
	}
	return any;
}

static void test_silent(void)
{
	struct desk desk;
	open_desk(&desk);
	OK(!live(&desk, 3600, 10, 0), "an hour as usual is nothing");
	OK(!live(&desk, 599, 0, 0), "a silence of ten minutes less a second may be one");
	OK(live(&desk, 1, 0, 0) && desk.change.is_on[POST_SILENT], "of ten is an alarm");
	OK(!live(&desk, 36000, 0, 0) && desk.watch.is_on[POST_SILENT],
	    "which does not end by getting used to it");
	OK(live(&desk, 1, 1, 0) && !desk.change.is_on[POST_SILENT], "but with the first packet");
}

static void test_quiet_place(void)
{
	struct desk desk;
	open_desk(&desk);
	bool any = false;
	for (int i = 0; i < 50; i++)
		any |= live(&desk, 299, 0, 0) || live(&desk, 1, 9, 0);
	OK(!any && !live(&desk, 7200, 0, 0), "where little comes, nothing is no alarm");
	open_desk(&desk);
	OK(!live(&desk, 1800, 10, 0) && !live(&desk, 1799, 0, 0),
	    "nor is it in the first hour: it is not known yet what is usual");
}

static void test_down(void)
{
	struct desk desk;
	open_desk(&desk);
	(void)live(&desk, 3600, 10, 0);
	desk.is_up = false;
	OK(!live(&desk, 59, 0, 0), "a cable may be moved");
	OK(live(&desk, 1, 0, 0) && desk.change.is_on[POST_DOWN], "in a minute");
	OK(!live(&desk, 3600, 0, 0) && !desk.watch.is_on[POST_SILENT],
	    "who is down is not silent besides");
	desk.is_up = true;
	OK(live(&desk, 1, 10, 0) && !desk.change.is_on[POST_DOWN], "up again");
	OK(!live(&desk, 3600, 10, 0), "and as before");
}

static void test_losses(void)
{
	struct desk desk;
	open_desk(&desk);
	OK(!live(&desk, 601, 1001, 1) && !live(&desk, 598, 1001, 1),
	    "one in a thousand may be lost");
	OK(!live(&desk, 1, 1001, 10) && live(&desk, 1, 1001, 0) && desk.change.is_on[POST_LOSES],
	    "more in ten minutes is an alarm");
	OK(!live(&desk, 599, 1000, 0), "that lasts ten minutes");
	OK(live(&desk, 1, 1000, 0) && !desk.watch.is_on[POST_LOSES],
	    "and ends with ten in which none is lost");
	open_desk(&desk);
	OK(!live(&desk, 1, 0, 99) && !live(&desk, 600, 1, 0), "of few packets, 99 may be lost");
	open_desk(&desk);
	OK(!live(&desk, 1, 0, 100) && live(&desk, 600, 1, 0), "but no hundred");
}

static void test_anew(void)
{
	struct desk desk;
	open_desk(&desk);
	(void)live(&desk, 3600, 10, 0);
	desk.packets = 0;
	OK(!live(&desk, 60, 10, 0), "a capture that begins anew counts from nothing");
	struct post_change change;
	postwatch_take(&desk.watch, NULL, desk.now_us + WHEN_MINUTE_US, &change);
	OK(change.changed[POST_DOWN] && change.is_on[POST_DOWN], "one that says nothing is down");
}

/* A switch that mirrors no more says something of its own. */
static void test_residue(void)
{
	struct desk desk;
	open_desk(&desk);
	(void)live(&desk, 3600, 1000, 0); /* 60,000 a minute */
	OK(!live(&desk, 3600, 1, 0) && desk.watch.usual.packets < 50000,
	    "a thousandth of what is usual is little, and one gets used to it");
	open_desk(&desk);
	(void)live(&desk, 3600, 1000, 0);
	bool any = false;
	for (int i = 0; i < 299; i++)
		any |= live(&desk, 1, 0, 0) || live(&desk, 1, 1, 0);
	OK(!any && (live(&desk, 60, 0, 0)) && desk.watch.is_on[POST_SILENT],
	    "half of that is a silence");
	OK(live(&desk, 1, 60, 0) && !desk.watch.is_on[POST_SILENT], "until there is as much again");
}

/* What the keeper before has learned. */
static void test_restart(void)
{
	struct desk desk;
	open_desk(&desk);
	desk.watch.usual = (struct post_usual){.minutes = POSTWATCH_LEARN_MINUTES, .packets = 10};
	OK(!live(&desk, 600, 0, 0) && !desk.change.is_well[POST_SILENT],
	    "after a start nobody knows yet whether something comes");
	OK(desk.change.is_well[POST_DOWN], "that it is up is known");
	OK(live(&desk, 1, 0, 0) && desk.change.is_on[POST_SILENT],
	    "a mirror that was switched off meanwhile is missed after ten minutes");
	open_desk(&desk);
	desk.watch.usual =
	    (struct post_usual){.minutes = POSTWATCH_LEARN_MINUTES - 1, .packets = 10};
	OK(!live(&desk, 59, 0, 0) && !desk.watch.usual_is_new, "minutes are learned whole");
	(void)live(&desk, 2, 10, 0);
	OK(desk.watch.usual_is_new && desk.watch.usual.minutes == POSTWATCH_LEARN_MINUTES,
	    "then what is usual is to be kept");
	OK(!live(&desk, 1, 10, 0) && desk.change.is_well[POST_SILENT], "and one packet is proof");
}

static void test_up_again(void)
{
	struct desk desk;
	open_desk(&desk);
	(void)live(&desk, 3600, 10, 0);
	desk.is_up = false;
	(void)live(&desk, 3600, 0, 0);
	desk.is_up = true;
	OK(live(&desk, 1, 0, 0) && !desk.change.is_on[POST_DOWN] &&
		!desk.change.is_on[POST_SILENT] && !desk.change.is_well[POST_SILENT],
	    "what comes up again has ten minutes to be heard");
	OK(!live(&desk, 599, 0, 0) && live(&desk, 1, 0, 0) && desk.change.is_on[POST_SILENT],
	    "and no more");
}

static void test_never(void)
{
	struct desk desk;
	open_desk(&desk);
	desk.watch.limits = (struct post_limits){0, 0};
	(void)live(&desk, 3600, 10, 0);
	OK(!live(&desk, 36000, 0, 0), "0: a silence is no alarm");
	desk.is_up = false;
	OK(!live(&desk, 36000, 0, 0), "nor is an interface that is down");
}

int main(void)
{
	test_silent();
	test_quiet_place();
	test_down();
	test_losses();
	test_anew();
	test_residue();
	test_restart();
	test_up_again();
	test_never();
	return test_done();
}
