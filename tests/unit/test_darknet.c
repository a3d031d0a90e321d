/* What strangers did, counted against a plain table. */
#include "darknet_help.h"

#include "base/random.h"
#include "observe/marks.h"
#include "test.h"

enum {
#if defined(__SANITIZE_ADDRESS__)
	STREAM = 60 * 1000,
#else
	STREAM = 200 * 1000,
#endif
	SOURCES_MAX = 20 * 1000,
	WIRE_BYTES_MAX = 1024 * 1024,
	LARGE = 64 * MIB, /* nothing is folded */
};

/* The plain table. */
struct model {
	uint64_t packets[KEYS];
	uint64_t all;
	uint64_t bytes;
	int64_t first_us;
	int64_t last_us;
	uint64_t steps_back;
};

static struct model models[SOURCES_MAX];

static void count_in(struct model *model, size_t key, const struct dark_event *event)
{
	if (model->all == 0 || event->time_us < model->first_us) {
		model->steps_back += model->all > 0;
		model->first_us = event->time_us;
	}
	if (model->all == 0 || event->time_us > model->last_us)
		model->last_us = event->time_us;
	model->packets[key]++;
	model->all++;
	model->bytes += event->wire_bytes;
}

struct stream {
	const char *name;
	uint32_t sources;
	size_t keys;          /* of each source, from its number on */
	size_t stride;        /* between its keys: 4 stays within one kind */
	unsigned v6_one_in;   /* 0: none is IPv6 */
	unsigned back_one_in; /* 0: the clock never falls back */
};

static const struct stream streams[] = {
    {"one source, one port", 1, 1, 1, 0, 0},
    {"one source, as many ports as are told apart", 1, DEEDS_MAX, 4, 0, 0},
    {"one source, one port more", 1, DEEDS_MAX + 1, 4, 0, 0},
    {"one source, 16 ports of one kind", 1, 16, 4, 0, 0},
    {"one source, 64 ports of four kinds", 1, 64, 1, 0, 0},
    {"one IPv6 source, 16 ports", 1, 16, 4, 1, 0},
    {"100 sources, 3 ports", 100, 3, 1, 3, 0},
    {"100 sources, a clock that falls back", 100, 3, 1, 3, 5},
    {"5,000 sources, 2 ports", 5000, 2, 1, 2, 0},
    {"20,000 sources, 64 ports of four kinds", SOURCES_MAX, 64, 1, 3, 50},
    {"20,000 sources, 16 ports of one kind", SOURCES_MAX, 16, 4, 3, 0},
};

static bool is_v6(const struct stream *stream, uint32_t number)
{
	return stream->v6_one_in != 0 && number % stream->v6_one_in == 0;
}

static int64_t next_time(const struct stream *stream, struct random *random, int64_t time_us)
{
	if (stream->back_one_in == 0 || random_below(random, stream->back_one_in) > 0)
		return time_us + (int64_t)random_below(random, 5000);
	return time_us - (int64_t)random_below(random,
			     random_below(random, 10) == 0 ? (uint64_t)WHEN_SECOND_US * 60 : 3000);
}

static void play(const struct stream *stream, struct subject *subject, size_t events)
{
	struct random random;
	random_init(&random, 5);
	int64_t time_us = START_US;
	memset(models, 0, sizeof models);
	for (size_t i = 0; i < events; i++) {
		uint32_t number = (uint32_t)random_below(&random, stream->sources);
		size_t key = (number + random_below(&random, stream->keys) * stream->stride) % KEYS;
		time_us = next_time(stream, &random, time_us);
		const struct address source = source_of(number, is_v6(stream, number));
		struct dark_event event = event_from(&source, key_of(key), time_us);
		event.wire_bytes = 40 + (uint32_t)random_below(&random, 1460);
		count_in(&models[number], key, &event);
		add(subject, &event);
	}
	flush(subject);
}

/* Ports that are named are exact; all of them and "other" are, for each kind, all that there was.
 */
static bool agrees(
    const struct darknet *darknet, const struct stranger *stranger, const struct model *model)
{
	int64_t last_us = stranger->first_us + (int64_t)stranger->span_ms * 1000;
	if (stranger->bytes != model->bytes || stranger->first_us < model->first_us ||
	    stranger->first_us >= model->first_us + 1000 || last_us > model->last_us ||
	    last_us <= model->last_us - 1000 * (int64_t)(model->steps_back + 2))
		return false;
	struct deed deeds[DEEDS_MAX];
	size_t count = stranger_deeds(darknet, stranger, deeds);
	uint64_t by_kind[4] = {0};
	for (size_t key = 0; key < KEYS; key++)
		by_kind[key % 4] += model->packets[key];
	for (size_t i = 0; i < count; i++) {
		bool known = false;
		for (size_t key = 0; key < KEYS; key++) {
			if ((deeds[i].key & 0xffff) != (key_of(key) & 0xffff))
				continue;
			if (!known)
				by_kind[key % 4] -= deeds[i].packets;
			known = true;
			if (deeds[i].key == key_of(key) && deeds[i].packets != model->packets[key])
				return false;
		}
		if (!known)
			return false;
	}
	return by_kind[0] == 0 && by_kind[1] == 0 && by_kind[2] == 0 && by_kind[3] == 0;
}

/* Packets of each kind, of strangers and sums together. */
static bool agree_in_sum(const struct subject *subject)
{
	uint64_t by_kind[SIGHTING_KIND_COUNT] = {0};
	for (size_t number = 0; number < SOURCES_MAX; number++)
		for (size_t key = 0; key < KEYS; key++)
			by_kind[key_of(key) >> 4 & 0xf] += models[number].packets[key];
	struct sum sum;
	size_t position = 0;
	while (sums_next(darknet_sums(subject->darknet), &position, &sum))
		by_kind[sum.key.kind] -= sum.packets;
	position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(subject->darknet, &position)) != NULL) {
		struct deed deeds[DEEDS_MAX];
		size_t count = stranger_deeds(subject->darknet, stranger, deeds);
		for (size_t i = 0; i < count; i++)
			by_kind[deeds[i].key >> 4 & 0xf] -= deeds[i].packets;
	}
	for (size_t kind = 0; kind < SIGHTING_KIND_COUNT; kind++)
		if (by_kind[kind] != 0)
			return false;
	return true;
}

static void test_stream(const struct stream *stream, struct subject *subject)
{
	char name[128];
	open_subject(subject, LARGE, 1, 100);
	play(stream, subject, STREAM);
	(void)snprintf(name, sizeof name, "%s: totals are whole", stream->name);
	OK(is_whole(subject), name);
	(void)snprintf(name, sizeof name, "%s: each kind is whole", stream->name);
	OK(agree_in_sum(subject), name);

	struct sums_counts sums;
	sums_get_counts(darknet_sums(subject->darknet), &sums);
	bool all = true;
	uint32_t expected = 0;
	for (size_t number = 0; number < SOURCES_MAX; number++)
		expected += models[number].all > 0;
	uint32_t met = 0;
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(subject->darknet, &position)) != NULL) {
		const struct address source = stranger_source(stranger);
		const struct model *model = &models[number_of(&source)];
		met++;
		if (sums.packets == 0) /* else sources had to give up what they had counted */
			all = all && agrees(subject->darknet, stranger, model);
	}
	(void)snprintf(name, sizeof name, "%s: each source is as in a plain table", stream->name);
	OK(all && met == expected, name);
	close_subject(subject);
}

/* Bytes stop before 2^32 and packets at it: what was counted moves to the sums. */
static void test_saturation(struct subject *subject)
{
	open_subject(subject, DARKNET_MEMORY_MIN, 1, 32);
	for (size_t i = 0; i < 10000; i++) {
		const struct address source = source_of(1, false);
		struct dark_event event = event_from(&source, request((uint16_t)(i % 3)), START_US);
		event.wire_bytes = WIRE_BYTES_MAX;
		add(subject, &event);
	}
	OK(is_whole(subject), "10 GB of one source: none is lost");

	flush(subject);
	const struct stranger *found = find_number(subject, 1);
	const struct stranger *stranger = found;
	uint64_t before = subject->packets;
	struct deed deeds[DEEDS_MAX];
	(void)stranger_deeds(subject->darknet, stranger, deeds);
	for (int64_t i = 0; i < 200000; i++)
		add_from(subject, 1, deeds[0].key, START_US + i);
	flush(subject);
	struct sums_counts sums;
	sums_get_counts(darknet_sums(subject->darknet), &sums);
	uint64_t left = stranger_packets(subject->darknet, stranger);
	OK(sums.packets + left == before + 200000 && left < UINT16_MAX,
	    "200,000 packets of one source: none is lost");
	close_subject(subject);
}

/* SYNs of one source with everything that marks are made of. */
static struct facts random_syn(struct random *random, struct facts before)
{
	struct facts facts = {
	    .net = FACTS_V4,
	    .protocol = TCP,
	    .tcp_flags = FACTS_SYN,
	    .flags = FACTS_TRANSPORT,
	    .source = source_of(5, false),
	    .target = address_from_v4_u32(0xc6120000 + (uint32_t)random_below(random, 50)),
	    .seq = (uint32_t)random_u64(random),
	    .source_port = (uint16_t)random_below(random, 65536),
	    .target_port = (uint16_t)random_below(random, 3),
	    .ip_id = (uint16_t)random_below(random, 65536),
	    .ttl = 60,
	    .time_us = START_US,
	};
	uint32_t ports = (uint32_t)facts.target_port << 16 | facts.source_port;
	uint32_t ports_before = (uint32_t)before.target_port << 16 | before.source_port;
	switch (random_below(random, 12)) {
	case 0:
		facts.seq = address_low32(&facts.target);
		break;
	case 1:
		facts.ip_id = 54321;
		break;
	case 2:
		facts.ip_id =
		    (uint16_t)(address_low32(&facts.target) ^ facts.target_port ^ facts.seq);
		break;
	case 3:
		facts.seq = before.seq ^ 0x12341234;
		break;
	case 4:
		facts.seq = before.seq ^ address_low32(&before.target) ^ ports_before ^ ports ^
			    address_low32(&facts.target);
		break;
	default:
		break;
	}
	return facts;
}

static void test_marks(struct subject *subject)
{
	enum {
		SYNS = 2000,
		STRONG = 1 << TOOL_MIRAI | 1 << TOOL_UNICORNSCAN
	};
	struct random random;
	random_init(&random, 77);
	bool same = true;
	uint32_t seen = 0;
	struct marks_memory memory = {.known = 0};
	struct facts facts = {.seq = 0};
	unsigned tools = 0;
	uint32_t strong = 0;
	open_subject(subject, DARKNET_MEMORY_MIN, 1, 1);
	for (size_t i = 0; i < SYNS; i++) {
		facts = random_syn(&random, facts);
		unsigned marks = marks_of(&facts, &memory);
		seen |= marks;
		tools |= marks;
		strong += (marks & STRONG) != 0;
		struct dark_event event =
		    event_from(&facts.source, request(facts.target_port), facts.time_us);
		event.target = facts.target;
		event.seq = facts.seq;
		event.source_port = facts.source_port;
		event.marks |= (uint8_t)(marks_of_packet(&facts) | DARK_EVENT_SYN);
		add(subject, &event);
		const struct stranger *stranger = find_number(subject, 5);
		same = same && stranger->tools == tools &&
		       stranger->strong == (strong < 7 ? strong : 7);
	}
	OK(same, "marks of one source, packet by packet, are those of marks_of");
	OK(seen == (1U << TOOL_COUNT) - 1, "and there were all of them");
	close_subject(subject);
}

/* What else comes between two SYNs of a source takes no part in their relation. */
static void test_has_asked(struct subject *subject)
{
	const struct address source = source_of(1, false);
	const struct address target = address_from_v4_u32(0xc6120001);
	const struct address other = address_from_v4_u32(0xc6120002);
	open_subject(subject, DARKNET_MEMORY_MIN, 1, 1);
	add_from(subject, 1, request(80), START_US);
	const struct darknet *darknet = subject->darknet;
	OK(darknet_has_asked(darknet, &source, request(80), &target), "it has asked for that");
	OK(!darknet_has_asked(darknet, &source, request(81), &target), "not for another port");
	OK(!darknet_has_asked(darknet, &source, reply(80), &target), "nor in another way");
	OK(!darknet_has_asked(darknet, &source, request(80), &other), "nor that address");
	OK(!darknet_has_asked(darknet, &source, request(80) | DARK_KEY_DRILL, &target),
	    "nor in a drill");
	OK(!darknet_has_asked(darknet, &other, request(80), &target), "nor did another");
	for (uint16_t port = 1; port <= DEEDS_MAX; port++)
		add_from(subject, 1, request(port), START_US);
	OK(darknet_has_asked(darknet, &source, request(80), &target),
	    "where ports are not told apart any more, any of them may have been asked for");
	OK(!darknet_has_asked(darknet, &source, reply(80), &target), "in the same way");
	close_subject(subject);
}

static void test_drills(struct subject *subject)
{
	open_subject(subject, DARKNET_MEMORY_MIN, 6, 10);
	for (unsigned i = 0; i < 100; i++) {
		const struct address source = source_of(i % 5, i % 5 > 2);
		struct dark_event event = event_from(&source, request(23), START_US);
		if (i % 3 == 0) {
			event.marks |= DARK_EVENT_DRILL;
			event.key |= DARK_KEY_DRILL;
		}
		add(subject, &event);
	}
	OK(is_whole(subject), "drill and earnest: totals are whole");
	size_t strangers = 0;
	uint64_t drill = 0;
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(subject->darknet, &position)) != NULL) {
		struct deed deeds[DEEDS_MAX];
		strangers += stranger_deeds(subject->darknet, stranger, deeds) == 1;
		if ((deeds[0].key & DARK_KEY_DRILL) != 0)
			drill += stranger_packets(subject->darknet, stranger);
	}
	OK(strangers == 10 && drill == 34, "each source has a record for either");
	close_subject(subject);
}

/* The estimate of distinct targets: mean of many sources with n of them. */
static void test_targets(struct subject *subject)
{
	static const struct {
		const char *name;
		uint32_t targets;
		unsigned percent; /* that the mean may be off */
	} rows[] = {
	    {"1 target", 1, 0},
	    {"2 targets", 2, 3},
	    {"5 targets", 5, 5},
	    {"20 targets", 20, 5},
	    {"60 targets", 60, 8},
	    {"100 targets", 100, 12},
	};
	enum {
		SOURCES = 200
	};
	for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
		struct random random;
		random_init(&random, row);
		open_subject(subject, MIB, 1, 10);
		for (uint32_t i = 0; i < SOURCES * rows[row].targets; i++) {
			const struct address source = source_of(i % SOURCES, false);
			struct dark_event event = event_from(&source, request(23), START_US);
			event.target = address_from_v4_u32((uint32_t)random_u64(&random));
			add(subject, &event);
		}
		flush(subject);
		uint64_t sum = 0;
		size_t position = 0;
		const struct stranger *stranger;
		while ((stranger = darknet_next(subject->darknet, &position)) != NULL)
			sum += stranger_targets(stranger);
		uint64_t exact = (uint64_t)SOURCES * rows[row].targets;
		uint64_t off = sum > exact ? sum - exact : exact - sum;
		OK(off * 100 <= exact * rows[row].percent, rows[row].name);
		close_subject(subject);
	}
}

/* Times at the ends of what a capture can hold, in either order. */
static void test_times(struct subject *subject)
{
	static const int64_t limit = INT64_C(1) << 61; /* to which times are bounded */
	static const int64_t times[] = {0, limit, -limit, limit, 1, -limit, limit - 1};
	open_subject(subject, DARKNET_MEMORY_MIN, 1, 3);
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		add_from(subject, 1, request(1), times[i]);
	for (uint32_t i = 0; i < 20000; i++)
		add_from(subject, 10 + i, request(1), times[i % 7]);
	OK(is_whole(subject), "times as far apart as can be, under eviction: totals are whole");
	for (uint32_t i = 0; i < 20000; i++)
		add_from(subject, i, request(1), i % 2 == 0 ? limit : -limit);
	OK(is_whole(subject), "also of sources that come back after they were folded");
	close_subject(subject);
}

int main(void)
{
	static struct subject subject;
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++)
		test_stream(&streams[i], &subject);
	test_saturation(&subject);
	test_marks(&subject);
	test_has_asked(&subject);
	test_drills(&subject);
	test_targets(&subject);
	test_times(&subject);
	darknet_free(NULL);
	return test_done();
}
