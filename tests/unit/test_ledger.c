/* What only the order of windows shows: walks, sliding peaks, intervals, crowds. */
#include "detect/ledger.h"

#include "alert/judge.h"
#include "base/random.h"
#include "ledger_help.h"
#include "test.h"

enum {
	DAY_WINDOWS = 24 * 60,
	RANDOM_CASES = 300,
	WINDOWS = 40,
};

/* One window's first contacts: so many fail, so many answer. */
struct step {
	int64_t window;
	uint32_t failures;
	uint32_t answers;
};

/* All contacts are with new addresses. */
static const struct {
	const char *name;
	struct step steps[4];
	uint32_t at;
	uint32_t peak;
} walks[] = {
    {"no contact: 0", {{0, 0, 0}}, 0, 0},
    {"each failure is a step", {{0, 7, 0}, {1, 3, 0}}, 10, 10},
    {"each answer a step back", {{0, 10, 0}, {1, 0, 4}}, 6, 10},
    {"never below 0: no credit is banked", {{0, 0, 200}, {1, 9, 0}}, 9, 9},
    {"back to 0 and no further", {{0, 3, 0}, {1, 0, 9}, {2, 5, 0}}, 5, 5},
    {"a window's failures and answers are set off", {{0, 20, 15}}, 5, 5},
    {"even when the answers are more", {{0, 9, 20}, {1, 4, 0}}, 4, 4},
    {"24 h later it goes on", {{0, 6, 0}, {DAY_WINDOWS, 4, 0}}, 10, 10},
    {"a window more and it begins anew", {{0, 6, 0}, {DAY_WINDOWS + 1, 4, 0}}, 4, 6},
    {"answers in between do not keep it alive", {{0, 6, 0}, {1, 0, 1}, {DAY_WINDOWS + 1, 4, 0}}, 4,
	6},
    {"failures in between do", {{0, 6, 0}, {DAY_WINDOWS / 2, 1, 0}, {DAY_WINDOWS + 1, 4, 0}}, 11,
	11},
};

static void play(struct desk *desk, const struct step *step, uint32_t *target, uint8_t protocol)
{
	struct sighting sighting =
	    make_sighting(MEMBER_NET + 5, SIGHTING_REQUEST, protocol, step->window);
	uint32_t contacts = step->failures + step->answers;
	for (uint32_t i = 0; i < contacts; i++)
		add_target(
		    desk, &sighting, (*target)++, i < step->failures ? ITEM_SILENT : ITEM_ANSWERED);
	if (contacts == 0)
		return;
	add_packets(&sighting, sighting.window_us, contacts);
	hand_over(desk, &sighting);
	ledger_end_window(desk->ledger, sighting.window_us);
}

static void test_walks(void)
{
	for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
		struct desk desk;
		open_desk(&desk);
		uint32_t target = 0x01000000;
		for (size_t s = 0; s < 4; s++)
			play(&desk, &walks[i].steps[s], &target, TCP);
		ledger_finish(desk.ledger);
		const struct subject *subject = find_subject(&desk, MEMBER_NET + 5);
		bool none = subject == NULL && walks[i].peak == 0;
		OK(none ||
			(subject->tracks->walk.at == walks[i].at &&
			    subject->tracks->walk.peak == walks[i].peak &&
			    subject->walk.at == walks[i].at && subject->walk.peak == walks[i].peak),
		    walks[i].name);
		close_desk(&desk);
	}
}

/* A contact of five, window by window: what is known of it, and what the walk makes of it. */
static const struct {
	const char *name;
	uint8_t protocol;
	uint32_t flags[3]; /* of the same five targets in each window; 0: no packet */
	uint32_t at;       /* on the port */
	uint32_t at_all;   /* over all ports */
} contacts[] = {
    {"the same failures again are no new ones", TCP, {ITEM_SILENT, ITEM_SILENT, ITEM_REFUSED}, 5,
	5},
    {"a late answer undoes its failure and counts", TCP, {ITEM_SILENT, ITEM_ANSWERED}, 0, 0},
    {"a failure after an answer is none", TCP, {ITEM_ANSWERED, ITEM_REFUSED, ITEM_SILENT}, 0, 0},
    {"silence in UDP moves only its port", UDP, {ITEM_SILENT}, 5, 0},
    {"a refusal in UDP moves both", UDP, {ITEM_REFUSED}, 5, 5},
    {"nothing known: nothing moves", TCP, {ITEM_DARK}, 0, 0},
};

static void test_contacts(void)
{
	for (size_t i = 0; i < sizeof contacts / sizeof contacts[0]; i++) {
		struct desk desk;
		open_desk(&desk);
		for (int64_t window = 0; window < 3; window++) {
			if (contacts[i].flags[window] == 0)
				continue;
			struct sighting sighting = make_sighting(
			    MEMBER_NET + 5, SIGHTING_REQUEST, contacts[i].protocol, window);
			for (uint32_t n = 0; n < 5; n++)
				add_target(
				    &desk, &sighting, 0x01000000 + n, contacts[i].flags[window]);
			add_packets(&sighting, sighting.window_us, 5);
			hand_over(&desk, &sighting);
		}
		ledger_finish(desk.ledger);
		const struct subject *subject = find_subject(&desk, MEMBER_NET + 5);
		OK(subject->tracks->walk.at == contacts[i].at &&
			subject->walk.at == contacts[i].at_all,
		    contacts[i].name);
		close_desk(&desk);
	}
}

/* Replies and receivers have no walk. */
static void test_kinds_without_walk(void)
{
	static const enum sighting_kind kinds[] = {SIGHTING_REPLY, SIGHTING_NEIGHBOUR,
	    SIGHTING_EXCHANGE, SIGHTING_FLOODED, SIGHTING_REFLECTED};
	bool still = true;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct desk desk;
		open_desk(&desk);
		struct sighting sighting = make_sighting(MEMBER_NET + 5, kinds[i], TCP, 0);
		for (uint32_t n = 0; n < 30; n++)
			add_target(&desk, &sighting, 0x01000000 + n, ITEM_SILENT);
		add_packets(&sighting, sighting.window_us, 30);
		hand_over(&desk, &sighting);
		ledger_finish(desk.ledger);
		const struct subject *subject = find_subject(&desk, MEMBER_NET + 5);
		still = still && subject->walk.peak == 0 && subject->tracks->walk.peak == 0;
		close_desk(&desk);
	}
	OK(still, "only requests and probes walk");
}

/* Packets in each 10 s, given as sightings of one to three shards, some windows left out. */
static uint32_t play_bins(struct desk *desk, struct random *random, uint32_t *bins)
{
	uint32_t most = 0;
	for (int64_t window = 0; window < WINDOWS; window++) {
		bool silent = random_below(random, 4) == 0;
		uint64_t shards = 1 + random_below(random, 3);
		uint64_t high = 1 + random_below(random, 50);
		for (uint64_t shard = 0; shard < shards && !silent; shard++) {
			struct sighting sighting =
			    make_sighting(MEMBER_NET + 5, SIGHTING_REPLY, TCP, window);
			for (int64_t bin = 0; bin < SIGHTING_BINS; bin++) {
				uint32_t packets = (uint32_t)random_below(random, high);
				bins[window * SIGHTING_BINS + bin] += packets;
				if (packets > 0)
					add_packets(&sighting,
					    sighting.window_us + bin * SIGHTING_BIN_US, packets);
			}
			hand_over(desk, &sighting);
		}
	}
	for (size_t first = 0; first + SIGHTING_BINS <= WINDOWS * SIGHTING_BINS; first++) {
		uint32_t sum = 0;
		for (size_t bin = first; bin < first + SIGHTING_BINS; bin++)
			sum += bins[bin];
		most = sum > most ? sum : most;
	}
	return most;
}

static void test_peaks(struct random *random)
{
	size_t wrong = 0;
	for (int i = 0; i < RANDOM_CASES; i++) {
		struct desk desk;
		uint32_t bins[WINDOWS * SIGHTING_BINS] = {0};
		open_desk(&desk);
		uint32_t most = play_bins(&desk, random, bins);
		ledger_finish(desk.ledger);
		const struct subject *subject = find_subject(&desk, MEMBER_NET + 5);
		wrong += subject == NULL ? most != 0 : subject->tracks->peak_60s != most;
		close_desk(&desk);
	}
	OK(wrong == 0, "the fullest 60 s, sliding by 10 s over all borders of windows");
}

/* One packet each, so many seconds after the one before, all of one subject. */
static const struct {
	const char *name;
	uint32_t subject;
	enum sighting_kind kind;
	const char *dark; /* decides a stranger's gap */
	int64_t gap_s;    /* the longest that ends no event */
} gaps[] = {
    {"a member's event ends after half an hour", MEMBER_NET + 5, SIGHTING_REQUEST, "198.18.0.0/24",
	1800},
    {"a flood's after five minutes", MEMBER_NET + 5, SIGHTING_REPLY, "198.18.0.0/24", 300},
    {"a stranger's too", STRANGER_NET + 5, SIGHTING_REPLY, "198.18.0.0/24", 300},
    {"a stranger's scan of 475,136 dark addresses after 624 s", STRANGER_NET + 5, SIGHTING_REQUEST,
	"10.0.0.0/14,10.4.0.0/15,10.6.0.0/16,10.7.0.0/18", 624},
    {"of a /24 after a day", STRANGER_NET + 5, SIGHTING_REQUEST, "198.18.0.0/24", 86400},
    {"of a /8 after five minutes", STRANGER_NET + 5, SIGHTING_REQUEST, "10.0.0.0/8", 300},
    {"of none declared after half an hour", STRANGER_NET + 5, SIGHTING_REQUEST, NULL, 1800},
};

static void add_at(struct desk *desk, size_t row, int64_t time_us)
{
	struct sighting sighting = make_sighting(
	    gaps[row].subject, gaps[row].kind, TCP, (time_us - BASE_US) / SIGHTING_WINDOW_US);
	add_packets(&sighting, time_us, 1);
	hand_over(desk, &sighting);
}

static void test_gaps(void)
{
	for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++) {
		struct desk desk;
		open_desk_with(&desk, "192.0.2.0/24", gaps[i].dark, (size_t)16 << 20);
		add_at(&desk, i, BASE_US);
		add_at(&desk, i, BASE_US + gaps[i].gap_s * WHEN_SECOND_US);
		const struct track *track = find_subject(&desk, gaps[i].subject)->tracks;
		bool joined = track->interval_count == 1;
		add_at(&desk, i, BASE_US + (2 * gaps[i].gap_s + 1) * WHEN_SECOND_US);
		OK(joined && track->interval_count == 2 &&
			ledger_event_gap_us(desk.ledger, track) / WHEN_SECOND_US == gaps[i].gap_s,
		    gaps[i].name);
		close_desk(&desk);
	}
}

/* Against the plainest way, up to the most intervals that are kept and past them. */
static bool intervals_agree(struct random *random)
{
	struct desk desk;
	open_desk(&desk);
	struct interval expected[64];
	size_t count = 0;
	uint64_t packets = 0;
	int64_t time_us = BASE_US;
	for (uint64_t n = 1 + random_below(random, 60); n > 0; n--) {
		bool ends = random_below(random, 3) == 0;
		time_us +=
		    ((int64_t)random_below(random, 1200) + (ends ? 1801 : 0)) * WHEN_SECOND_US;
		add_at(&desk, 0, time_us);
		packets++;
		if (count > 0 && time_us - expected[count - 1].last_us <= 1800 * WHEN_SECOND_US)
			expected[count - 1].last_us = time_us;
		else
			expected[count++] = (struct interval){time_us, time_us, 0};
	}
	const struct track *track = find_subject(&desk, gaps[0].subject)->tracks;
	size_t kept = count < TRACK_INTERVALS_MAX ? count : TRACK_INTERVALS_MAX;
	bool good = track->interval_count == kept;
	/* each kept one begins and ends as some expected ones do, and they follow without a hole */
	size_t next = 0;
	for (size_t i = 0; good && i < kept; i++) {
		packets -= track->intervals[i].packets;
		good = track->intervals[i].first_us == expected[next].first_us;
		while (next < count && expected[next].last_us < track->intervals[i].last_us)
			next++;
		good =
		    good && next < count && track->intervals[i].last_us == expected[next].last_us;
		next++;
	}
	good = good && next == count;
	close_desk(&desk);
	return good && packets == 0;
}

static void test_intervals(struct random *random)
{
	bool good = true;
	for (int i = 0; i < RANDOM_CASES; i++)
		good = good && intervals_agree(random);
	OK(good, "intervals are in order and hold everything, the nearest joined when there are "
		 "too many");
}

/* A stretch of so many seconds, told by one sighting of the window in which it ends. */
static void add_stretch(struct desk *desk, const struct interval *stretch)
{
	struct sighting sighting = make_sighting(MEMBER_NET + 5, SIGHTING_REQUEST, TCP,
	    (stretch->last_us - BASE_US) / SIGHTING_WINDOW_US);
	add_packets(&sighting, stretch->last_us, (uint32_t)stretch->packets);
	sighting.first_us = stretch->first_us;
	hand_over(desk, &sighting);
}

static void shuffle(struct random *random, struct interval *all, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = random_below(random, i);
		struct interval kept = all[i - 1];
		all[i - 1] = all[other];
		all[other] = kept;
	}
}

/* Stretches on islands that are too far apart to be joined; any two of one island are joined. */
static size_t make_islands(
    struct random *random, struct interval *stretches, struct interval *islands)
{
	size_t count = 0;
	int64_t second = 0;
	size_t island_count = 1 + random_below(random, TRACK_INTERVALS_MAX);
	for (size_t i = 0; i < island_count; i++) {
		islands[i] = (struct interval){INT64_MAX, INT64_MIN, 0};
		for (size_t n = 1 + random_below(random, 5); n > 0; n--) {
			int64_t first = second + (int64_t)random_below(random, 900);
			struct interval stretch = {
			    .first_us = BASE_US + first * WHEN_SECOND_US,
			    .last_us = BASE_US + (first + (int64_t)random_below(random, 900)) *
						     WHEN_SECOND_US,
			    .packets = 2 + random_below(random, 9),
			};
			stretches[count++] = stretch;
			if (stretch.first_us < islands[i].first_us)
				islands[i].first_us = stretch.first_us;
			if (stretch.last_us > islands[i].last_us)
				islands[i].last_us = stretch.last_us;
			islands[i].packets += stretch.packets;
		}
		second += 1800 + 1801 + (int64_t)random_below(random, 5000);
	}
	return count;
}

static bool holds_islands(const struct track *track, const struct interval *islands)
{
	bool good = true;
	for (size_t i = 0; i < track->interval_count; i++)
		good = good && track->intervals[i].first_us == islands[i].first_us &&
		       track->intervals[i].last_us == islands[i].last_us &&
		       track->intervals[i].packets == islands[i].packets;
	return good;
}

static void test_shuffled_intervals(struct random *random)
{
	bool good = true;
	for (int i = 0; i < RANDOM_CASES; i++) {
		struct interval islands[TRACK_INTERVALS_MAX];
		struct interval stretches[5 * TRACK_INTERVALS_MAX];
		size_t count = make_islands(random, stretches, islands);
		shuffle(random, stretches, count);
		struct desk desk;
		open_desk(&desk);
		for (size_t n = 0; n < count; n++)
			add_stretch(&desk, &stretches[n]);
		good = good && holds_islands(find_subject(&desk, MEMBER_NET + 5)->tracks, islands);
		close_desk(&desk);
	}
	OK(good, "sightings of a track may come in any order");
}

/* Stretches in the order in which they come, and what becomes of them, in seconds. */
static const struct {
	const char *name;
	int64_t given[8][2];
	size_t given_count;
	int64_t kept[TRACK_INTERVALS_MAX][2];
	size_t kept_count;
} orders[] = {
    {"a late one that begins before all others stands first", {{9000, 9000}, {0, 10}}, 2,
	{{0, 10}, {9000, 9000}}, 2},
    {"one between two stands between them", {{0, 0}, {9000, 9000}, {4500, 4510}}, 3,
	{{0, 0}, {4500, 4510}, {9000, 9000}}, 3},
    {"one that bridges a gap joins both", {{0, 0}, {3600, 3600}, {1800, 1800}}, 3, {{0, 3600}}, 1},
    {"one that covers all joins all", {{2000, 2000}, {5000, 5000}, {8000, 8000}, {0, 20000}}, 4,
	{{0, 20000}}, 1},
    {"one inside another widens nothing", {{0, 20000}, {7000, 7001}}, 2, {{0, 20000}}, 1},
    {"one too many joins the nearest",
	{{0, 0}, {5000, 5000}, {10000, 10000}, {14000, 14000}, {19000, 19000}, {24000, 24000},
	    {29000, 29000}},
	7, {{0, 0}, {5000, 5000}, {10000, 14000}, {19000, 19000}, {24000, 24000}, {29000, 29000}},
	6},
    {"also when it is the first",
	{{5000, 5000}, {10000, 10000}, {14000, 14000}, {19000, 19000}, {24000, 24000},
	    {29000, 29000}, {2000, 2000}},
	7,
	{{2000, 5000}, {10000, 10000}, {14000, 14000}, {19000, 19000}, {24000, 24000},
	    {29000, 29000}},
	6},
};

static void test_orders(void)
{
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct desk desk;
		open_desk(&desk);
		for (size_t n = 0; n < orders[i].given_count; n++) {
			const struct interval stretch = {
			    .first_us = BASE_US + orders[i].given[n][0] * WHEN_SECOND_US,
			    .last_us = BASE_US + orders[i].given[n][1] * WHEN_SECOND_US,
			    .packets = 1,
			};
			add_stretch(&desk, &stretch);
		}
		const struct track *track = find_subject(&desk, MEMBER_NET + 5)->tracks;
		bool good = track->interval_count == orders[i].kept_count;
		for (size_t n = 0; n < orders[i].kept_count; n++)
			good = good &&
			       (track->intervals[n].first_us - BASE_US) / WHEN_SECOND_US ==
				   orders[i].kept[n][0] &&
			       (track->intervals[n].last_us - BASE_US) / WHEN_SECOND_US ==
				   orders[i].kept[n][1];
		OK(good, orders[i].name);
		close_desk(&desk);
	}
}

/* So many packets in one second of a window; ends_window: nothing more comes of it. */
struct burst {
	int64_t window;
	int64_t second;
	uint32_t packets;
	bool ends_window;
};

static const struct {
	const char *name;
	struct burst bursts[6];
	uint32_t peak;
} bursts[] = {
    {"a late sighting does not stand in the way of what follows",
	{{10, 55, 20, true}, {3, 5, 7, false}, {11, 5, 20, true}}, 40},
    {"nor within a window", {{10, 55, 20, false}, {3, 5, 7, false}, {10, 56, 20, true}}, 40},
    {"nor of the window just before",
	{{10, 55, 20, true}, {11, 5, 9, false}, {10, 57, 7, false}, {11, 9, 20, true}}, 56},
    {"it is measured by itself", {{10, 55, 20, true}, {3, 5, 70, false}, {11, 5, 20, true}}, 70},
    {"with others of its window",
	{{10, 5, 20, true}, {3, 5, 30, false}, {3, 55, 30, false}, {11, 5, 20, true}}, 60},
    {"not with others of another", {{10, 5, 20, true}, {3, 5, 30, false}, {4, 5, 30, false}}, 30},
    {"where the clock falls back, peaks are measured as before",
	{{500, 5, 20, true}, {10, 5, 20, true}, {11, 55, 40, true}, {12, 25, 40, true}}, 80},
    {"also over the border of the first two windows",
	{{500, 5, 20, true}, {10, 55, 40, true}, {11, 5, 40, true}}, 80},
    {"and when it catches up", {{12, 55, 20, true}, {10, 5, 20, true}, {12, 5, 40, true}}, 40},
};

static void test_late_bursts(void)
{
	for (size_t i = 0; i < sizeof bursts / sizeof bursts[0]; i++) {
		struct desk desk;
		open_desk(&desk);
		for (size_t n = 0; n < 6 && bursts[i].bursts[n].packets > 0; n++) {
			const struct burst *burst = &bursts[i].bursts[n];
			struct sighting sighting =
			    make_sighting(MEMBER_NET + 5, SIGHTING_REPLY, TCP, burst->window);
			add_packets(&sighting, sighting.window_us + burst->second * WHEN_SECOND_US,
			    burst->packets);
			hand_over(&desk, &sighting);
			if (burst->ends_window)
				ledger_end_window(desk.ledger, sighting.window_us);
		}
		ledger_finish(desk.ledger);
		const struct subject *subject = find_subject(&desk, MEMBER_NET + 5);
		bool good = true;
		for (const struct track *track = subject->tracks; track != NULL;
		     track = track->next)
			good = good && track->peak_60s == bursts[i].peak;
		OK(good, bursts[i].name);
		close_desk(&desk);
	}
}

/* Ten failures and four answers of one window, and a late sighting of another amid them. */
static void test_late_walk(void)
{
	struct desk desk;
	open_desk(&desk);
	uint32_t target = 0x01000000;
	for (int part = 0; part < 2; part++) {
		const struct step step = {50, part == 0 ? 10 : 0, part == 0 ? 0 : 4};
		struct sighting sighting =
		    make_sighting(MEMBER_NET + 5, SIGHTING_REQUEST, TCP, step.window);
		for (uint32_t n = 0; n < step.failures + step.answers; n++)
			add_target(&desk, &sighting, target++,
			    n < step.failures ? ITEM_SILENT : ITEM_ANSWERED);
		add_packets(&sighting, sighting.window_us, step.failures + step.answers);
		hand_over(&desk, &sighting);
		struct sighting late = make_sighting(MEMBER_NET + 5, SIGHTING_REQUEST, TCP, 7);
		add_target(&desk, &late, DARK_NET, ITEM_DARK);
		add_packets(&late, late.window_us, 1);
		hand_over(&desk, &late);
	}
	ledger_finish(desk.ledger);
	const struct subject *subject = find_subject(&desk, MEMBER_NET + 5);
	OK(subject->walk.peak == 6 && subject->tracks->walk.peak == 6,
	    "what is fresh of a window stays whole when a late sighting comes");
	close_desk(&desk);
}

/* The same sightings of one window, in another order, give the same. */
static void test_order_in_window(struct random *random)
{
	struct desk desks[2];
	open_desk(&desks[0]);
	open_desk(&desks[1]);
	for (int64_t window = 0; window < 30; window++) {
		struct random again = *random;
		for (size_t d = 0; d < 2; d++) {
			*random = again;
			struct sighting shards[4];
			for (size_t s = 0; s < 4; s++) {
				shards[s] =
				    make_sighting(MEMBER_NET + 5, SIGHTING_REQUEST, TCP, window);
				for (uint64_t n = random_below(random, 5); n > 0; n--)
					add_target(&desks[d], &shards[s],
					    (uint32_t)random_below(random, 300),
					    UINT32_C(2) << random_below(random, 3));
				add_packets(&shards[s],
				    shards[s].window_us +
					(int64_t)random_below(random, 59) * WHEN_SECOND_US,
				    3);
			}
			for (size_t s = 0; s < 4; s++)
				hand_over(&desks[d], &shards[d == 0 ? s : 3 - s]);
		}
	}
	const struct track *tracks[2];
	for (size_t d = 0; d < 2; d++) {
		ledger_finish(desks[d].ledger);
		tracks[d] = find_subject(&desks[d], MEMBER_NET + 5)->tracks;
	}
	OK(tracks[0]->walk.peak == tracks[1]->walk.peak &&
		tracks[0]->walk.at == tracks[1]->walk.at &&
		tracks[0]->subject->walk.peak == tracks[1]->subject->walk.peak &&
		tracks[0]->peak_60s == tracks[1]->peak_60s &&
		tracks[0]->interval_count == tracks[1]->interval_count &&
		tracks[0]->sum.packets == tracks[1]->sum.packets && tracks[0]->walk.peak > 0,
	    "shards of one window may come in any order");
	close_desk(&desks[0]);
	close_desk(&desks[1]);
}

/* So many new senders at a time, in one second, of which some go on. */
static void flood(struct desk *desk, int64_t second, uint32_t senders, uint32_t exchanged)
{
	static uint32_t next = 0x0b000000;
	int64_t time_us = BASE_US + second * WHEN_SECOND_US;
	struct sighting sighting =
	    make_sighting(MEMBER_NET + 80, SIGHTING_FLOODED, TCP, second / 60);
	for (uint32_t i = 0; i < senders; i++)
		add_target(desk, &sighting, next++, i < exchanged ? ITEM_EXCHANGED : 0);
	add_packets(&sighting, time_us, senders);
	hand_over(desk, &sighting);
}

static void test_crowds(void)
{
	struct desk desk;
	open_desk(&desk);
	flood(&desk, 55, 70, 0);
	flood(&desk, 65, 70, 70);
	ledger_finish(desk.ledger);
	const struct track *track = find_subject(&desk, MEMBER_NET + 80)->tracks;
	OK(track->crowd_peak == 140, "senders within 60 s are one crowd, over borders too");
	OK(track->crowd_peak_exchanged == 50, "with the share of those that went on");
	OK(address_set_distinct(&track->sum.targets) == 140, "all of whom are known");
	close_desk(&desk);
}

/* Ten silences whose packets found no room in a full table: the times are those of the contacts. */
static void test_outcomes_alone(void)
{
	struct desk desk;
	open_desk(&desk);
	struct sighting sighting = make_sighting(MEMBER_NET + 5, SIGHTING_REQUEST, TCP, 7);
	for (uint32_t n = 0; n < 20; n++)
		add_target(&desk, &sighting, STRANGER_NET + n * 9, ITEM_SILENT);
	hand_over(&desk, &sighting);
	ledger_finish(desk.ledger);
	struct findings findings = {0};
	int result = judge_ledger(desk.ledger, false, &findings);
	bool dated = true;
	for (size_t i = 0; i < findings.count; i++)
		dated = dated && findings.all[i].first_us == BASE_US + 7 * SIGHTING_WINDOW_US &&
			findings.all[i].last_us == findings.all[i].first_us;
	OK(result == 0 && dated, "outcomes without packets are dated");
	findings_release(&findings);
	close_desk(&desk);
}

int main(void)
{
	struct random random;
	random_init(&random, 20260217);
	test_walks();
	test_contacts();
	test_kinds_without_walk();
	test_peaks(&random);
	test_gaps();
	test_intervals(&random);
	test_shuffled_intervals(&random);
	test_orders();
	test_late_bursts();
	test_late_walk();
	test_order_in_window(&random);
	test_crowds();
	test_outcomes_alone();
	return test_done();
}
