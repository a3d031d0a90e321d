/* What is left of strangers in however little room, and that it is always the same. */
#include "darknet_help.h"

#include <unistd.h>

#include "base/random.h"
#include "test.h"

enum {
#if defined(__SANITIZE_ADDRESS__)
	FLOOD = 200 * 1000,
	STREAM = 60 * 1000,
#else
	FLOOD = 1000 * 1000,
	STREAM = 200 * 1000,
#endif
	SUMS_MAX = 16 * 1024,
};

static const struct {
	const char *name;
	size_t memory_bytes;
	uint32_t kinds; /* of 4 */
	bool v6;
	bool one_time;  /* all packets have the same */
	size_t repeats; /* packets of each source, in a row */
} floods[] = {
    {"forged requests in least memory", DARKNET_MEMORY_MIN, 1, false, false, 1},
    {"forged IPv6 in least memory", DARKNET_MEMORY_MIN, 1, true, false, 1},
    {"forged, of every kind", DARKNET_MEMORY_MIN, 4, false, false, 1},
    {"forged, all at one time", DARKNET_MEMORY_MIN, 1, false, true, 1},
    {"forged, five packets each", DARKNET_MEMORY_MIN, 1, false, false, 5},
    {"forged, five packets each of every kind", MIB, 4, false, false, 5},
    {"forged requests in 4 MiB", 4 * MIB, 1, false, false, 1},
    {"forged of every kind in 4 MiB, some twice", 4 * MIB, 4, true, false, 2},
};

static void test_flood(size_t row, struct subject *subject)
{
	struct random random;
	char name[128];
	bool within = true;
	random_init(&random, 11);
	open_subject(subject, floods[row].memory_bytes, 3, 500);
	for (size_t i = 0; i < FLOOD / floods[row].repeats; i++) {
		uint32_t number = (uint32_t)random_u64(&random);
		for (size_t n = 0; n < floods[row].repeats; n++) {
			const struct address source = source_of(number, floods[row].v6);
			uint32_t key = key_of((number + n) % floods[row].kinds);
			int64_t ms = floods[row].one_time ? 0 : (int64_t)i;
			const struct dark_event event =
			    event_from(&source, key, START_US + ms * 1000);
			add(subject, &event);
		}
		within = within && (i % 1000 > 0 ||
				       darknet_bytes(subject->darknet) <= floods[row].memory_bytes);
	}
	(void)snprintf(name, sizeof name, "%s: totals are whole", floods[row].name);
	OK(is_whole(subject), name);
	(void)snprintf(name, sizeof name, "%s: it keeps to its memory", floods[row].name);
	OK(within && darknet_bytes(subject->darknet) <= floods[row].memory_bytes, name);
	struct darknet_counts counts;
	darknet_get_counts(subject->darknet, &counts);
	(void)snprintf(name, sizeof name, "%s: it had to fold, and kept some", floods[row].name);
	OK(counts.folded + counts.refused > 0 && counts.strangers > 100, name);
	uint64_t hosts = address_set_distinct(darknet_hosts(subject->darknet));
	uint64_t sources = FLOOD / floods[row].repeats;
	(void)snprintf(name, sizeof name, "%s: its sources are known by number", floods[row].name);
	OK(hosts * 10 > sources * 9 && hosts * 10 < sources * 11, name);
	close_subject(subject);
}

/* Those that bore two strong marks are there when a million without any have passed. */
static void test_marked_survive(struct subject *subject)
{
	enum {
		MARKED = 200,
		ONCE = 200
	};
	open_subject(subject, DARKNET_MEMORY_MIN, 9, 100);
	for (uint32_t i = 0; i < 2 * MARKED + ONCE; i++) {
		uint32_t number = i < 2 * MARKED ? i / 2 : i - MARKED;
		const struct address source = source_of(number, false);
		struct dark_event event = event_from(&source, request(23), START_US + i);
		event.marks |= DARK_EVENT_SYN | 1U << TOOL_MIRAI;
		event.seq = address_low32(&event.target);
		add(subject, &event);
	}
	for (uint32_t i = 0; i < FLOOD; i++)
		add_from(subject, MARKED + ONCE + i, request((uint16_t)i),
		    START_US + WHEN_SECOND_US + i);
	flush(subject);
	size_t left = 0;
	for (uint32_t number = 0; number < MARKED; number++) {
		const struct stranger *stranger = find_number(subject, number);
		left += stranger != NULL && stranger->strong == 2 &&
			stranger->tools == 1U << TOOL_MIRAI &&
			stranger_packets(subject->darknet, stranger) == 2;
	}
	OK(left == MARKED, "two strong marks: whoever bears them outlives a flood");
	size_t chance = 0;
	for (uint32_t number = MARKED; number < MARKED + ONCE; number++)
		chance += find_number(subject, number) != NULL;
	OK(chance == 0, "one strong mark may be chance, and does not");
	OK(is_whole(subject), "totals are whole");
	close_subject(subject);
}

enum {
	SAMPLED = 4, /* of so many pieces one tells at first which half of a large darknet goes */
};

/* One stranger more, who takes the next place: with two strong marks, or with one packet. */
static void add_next(struct subject *subject, uint32_t number, bool marked, int64_t time_us)
{
	const struct address source = source_of(number, false);
	struct dark_event event = event_from(&source, request(23), time_us);
	if (marked) {
		event.marks |= DARK_EVENT_SYN | 1U << TOOL_MIRAI;
		event.seq = address_low32(&event.target);
		add(subject, &event);
	}
	add(subject, &event);
	flush(subject);
}

/*
 * Who knows which pieces tell may fill those as suits it: with marked strangers only, or nearly
 * so, and with light ones that are older than all others.
 */
static void test_misled(struct subject *subject, const char *name, uint32_t light_of)
{
	struct darknet_counts counts = {0};
	uint32_t marked = 0;
	uint32_t number = 0;
	open_subject(subject, 4 * MIB, 17, 100);
	for (; counts.folded == 0 && number < FLOOD; number++) {
		bool sampled = number / PIECE_LINES % SAMPLED == 0;
		bool is_marked = sampled && (light_of == 0 || number % light_of != 0);
		marked += is_marked;
		add_next(
		    subject, number, is_marked, START_US + (sampled ? 0 : WHEN_HOUR_US) + number);
		darknet_get_counts(subject->darknet, &counts);
	}
	uint32_t left = 0;
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(subject->darknet, &position)) != NULL)
		left += stranger->strong == 2;
	OK(number > 2 * SAMPLED * PIECE_LINES * 16 && marked > 0 && left == marked, name);
	OK(counts.folded > number / 4, "and enough are folded for it to be worth it");
	close_subject(subject);
}

/* Darknets share an arena of as many pieces as each says that it may take: none is without. */
static void test_arena(void)
{
	enum {
		STEPS = 300,
		STEP_BYTES = 20011,
		SOURCES = 40000,
	};
	size_t lacking = 0;
	size_t fewer = 0;
	size_t before = 0;
	for (size_t step = 0; step < STEPS; step++) {
		size_t bytes = DARKNET_MEMORY_MIN + step * STEP_BYTES;
		size_t pieces = darknet_pieces(bytes);
		fewer += pieces < before;
		before = pieces;
		if (step % 10 != 0)
			continue;
		struct line_arena *arena = line_arena_new(pieces);
		const struct darknet_options options = {
		    .memory_bytes = bytes, .seed = step, .arena = arena};
		struct darknet *darknet = NULL;
		if (arena == NULL || darknet_new(&options, &darknet) != 0)
			abort();
		for (uint32_t n = 0; n < SOURCES + bytes / 40; n++) {
			const struct address source = source_of(n + 1, false);
			struct dark_event event = event_from(&source, request(23), START_US + n);
			event.hash = dark_hash(&source, true, step);
			const struct dark_event *events = &event;
			darknet_observe(darknet, &events, 1);
		}
		struct darknet_counts counts;
		darknet_get_counts(darknet, &counts);
		lacking += counts.refused != 0 || counts.folded == 0;
		darknet_free(darknet);
		line_arena_free(arena);
	}
	OK(fewer == 0, "more memory never gives fewer pieces");
	OK(64 * darknet_pieces(DARKNET_MEMORY_MAX) <= LINE_ARENA_PIECES_MAX,
	    "of 64 with the most memory every line has a number");
	OK(lacking == 0, "whoever asks gets a record, in whatever memory");
}

/* Once nearly full, one who replies has to have been met twice before. */
static void test_admission(struct subject *subject)
{
	struct darknet_counts counts;
	open_subject(subject, DARKNET_MEMORY_MIN, 9, 1);
	add_from(subject, 1, reply(80), START_US);
	OK(find_number(subject, 1) != NULL, "while there is room, who replies gets a record");

	uint32_t number = 100;
	do {
		add_from(subject, number, reply(80), START_US + number);
		darknet_get_counts(subject->darknet, &counts);
	} while (counts.refused == 0 && ++number < 100000);
	uint32_t first = number;
	OK(counts.refused == 1 && find_number(subject, first) == NULL, "nearly full: not at once");
	add_from(subject, first, reply(80), START_US + number);
	OK(find_number(subject, first) == NULL, "nor with the second packet");
	add_from(subject, first, reply(80), START_US + number);
	const struct stranger *stranger = find_number(subject, first);
	OK(stranger != NULL && stranger_packets(subject->darknet, stranger) == 1,
	    "with the third it gets a record");
	darknet_get_counts(subject->darknet, &counts);
	OK(counts.refused == 2, "the two before went into the sums");
	add_from(subject, 1, reply(80), START_US + number);
	add_from(subject, 1, request(80), START_US + number);
	OK(stranger_packets(subject->darknet, find_number(subject, 1)) == 3,
	    "who has a record goes on");
	add_from(subject, 99, request(80), START_US + number);
	OK(find_number(subject, 99) != NULL, "who asks gets a record at once");
	OK(is_whole(subject), "totals are whole");
	close_subject(subject);
}

/* However many who reply once have passed, the sketch still tells who was met before. */
static void test_admission_lasts(struct subject *subject)
{
	struct random random;
	struct darknet_counts counts;
	random_init(&random, 4);
	open_subject(subject, DARKNET_MEMORY_MIN, 9, 100);
	for (uint32_t i = 0; i < FLOOD; i++)
		add_from(subject, (uint32_t)random_u64(&random), reply(80), START_US + i);
	flush(subject);
	darknet_get_counts(subject->darknet, &counts);
	OK(counts.folded == 0 && counts.refused > FLOOD / 100 * 95,
	    "a million who reply once push nobody out");
	for (uint32_t i = 0; i < 3; i++)
		add_from(subject, 5, reply(80), START_US + FLOOD + i);
	flush(subject);
	OK(find_number(subject, 5) != NULL, "and one who replies three times is seen");
	OK(is_whole(subject), "totals are whole");
	close_subject(subject);
}

/* Everything that can be seen of a darknet, in the order in which it is told. */
static int compare_sums(const void *a, const void *b)
{
	return sum_key_compare(&((const struct sum *)a)->key, &((const struct sum *)b)->key);
}

static uint64_t digest_of_sums(const struct sums *sums, uint64_t digest)
{
	static struct sum all[SUMS_MAX];
	size_t count = 0;
	size_t position = 0;
	while (count < SUMS_MAX && sums_next(sums, &position, &all[count]))
		count++;
	qsort(all, count, sizeof all[0], compare_sums);
	for (size_t i = 0; i < count; i++) {
		const struct sum *sum = &all[i];
		const uint64_t numbers[] = {sum->key.bits, sum->key.kind, sum->key.protocol,
		    sum->key.variant, sum->key.port, sum->key.drill, (uint64_t)sum->first_us,
		    (uint64_t)sum->last_us, sum->packets, sum->bytes, sum->sources, sum->tools};
		digest = hash_bytes(&sum->key.address, sizeof sum->key.address, digest);
		digest = hash_bytes(numbers, sizeof numbers, digest);
	}
	return digest;
}

static uint64_t digest_of(const struct darknet *darknet)
{
	uint64_t digest = 0;
	struct darknet_counts counts;
	darknet_get_counts(darknet, &counts);
	digest = hash_bytes(&counts, sizeof counts, digest);
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(darknet, &position)) != NULL) {
		const struct address source = stranger_source(stranger);
		struct deed deeds[DEEDS_MAX];
		size_t count = stranger_deeds(darknet, stranger, deeds);
		const uint64_t numbers[] = {(uint64_t)stranger->first_us, stranger->span_ms,
		    stranger->bytes, stranger->targets, stranger->tools, stranger->strong};
		digest = hash_bytes(&source, sizeof source, digest);
		digest = hash_bytes(deeds, count * sizeof deeds[0], digest);
		digest = hash_bytes(numbers, sizeof numbers, digest);
	}
	return digest_of_sums(darknet_sums(darknet), digest);
}

/* A mixture of everything, in too little room. */
static void play_mixture(struct subject *subject)
{
	struct random random;
	random_init(&random, 21);
	int64_t time_us = START_US;
	for (size_t i = 0; i < STREAM; i++) {
		bool often = random_below(&random, 3) == 0;
		uint32_t number = (uint32_t)random_below(&random, often ? 300 : 1U << 28);
		const struct address source = source_of(number, number % 4 == 0);
		size_t key = random_below(&random, often ? KEYS : 8);
		time_us += (int64_t)random_below(&random, 3000) - 1000;
		struct dark_event event = event_from(&source, key_of(key), time_us);
		event.target =
		    address_from_v4_u32(0xc6120000 + (uint32_t)random_below(&random, 99));
		event.seq = (uint32_t)random_below(&random, 1000);
		event.source_port = (uint16_t)random_below(&random, 1000);
		if (number % 4 != 0 && key % 4 == 0)
			event.marks |= (uint8_t)(DARK_EVENT_SYN | random_below(&random, 100) / 97);
		if (random_below(&random, 10) == 0) {
			event.marks |= DARK_EVENT_DRILL;
			event.key |= DARK_KEY_DRILL;
		}
		add(subject, &event);
	}
	flush(subject);
}

static void test_same(struct subject *subject)
{
	static const struct {
		const char *name;
		uint64_t seed;
		size_t split;
	} ways[] = {
	    {"another seed", 2, 1000},
	    {"a third seed", 0xfedcba9876543210, 1000},
	    {"one event at a time", 1, 1},
	    {"7 at a time", 1, 7},
	    {"32 at a time", 1, 32},
	    {"33 at a time, and another seed", 4, 33},
	};
	static const size_t memories[] = {DARKNET_MEMORY_MIN, 2 * MIB};
	for (size_t m = 0; m < sizeof memories / sizeof memories[0]; m++) {
		open_subject(subject, memories[m], 1, 1000);
		play_mixture(subject);
		OK(is_whole(subject), "a mixture in too little room: totals are whole");
		uint64_t digest = digest_of(subject->darknet);
		close_subject(subject);
		for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
			open_subject(subject, memories[m], ways[i].seed, ways[i].split);
			play_mixture(subject);
			OK(digest_of(subject->darknet) == digest, ways[i].name);
			close_subject(subject);
		}
	}
}

#if !defined(__SANITIZE_ADDRESS__) /* whose own memory is not told apart */
static size_t resident_bytes(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1)
		abort();
	(void)fclose(file); /* was only read */
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* What the system gave, huge pages and all. */
static void test_resident(struct subject *subject)
{
	static const size_t memories[] = {MIB, 16 * MIB, 48 * MIB};
	enum {
		SLACK = 512 * 1024
	};
	for (size_t m = 0; m < sizeof memories / sizeof memories[0]; m++) {
		struct random random;
		random_init(&random, 1);
		memset(subject, 1, sizeof *subject); /* so that it is there already */
		size_t before = resident_bytes();
		open_subject(subject, memories[m], 1, 1000);
		size_t most = 0;
		for (size_t i = 0; i < FLOOD; i++) {
			add_from(subject, (uint32_t)random_u64(&random),
			    request((uint16_t)random_below(&random, 9)), START_US + (int64_t)i);
			size_t now = i % 10000 == 0 ? resident_bytes() : 0;
			most = now > most ? now : most;
		}
		flush(subject);
		most = resident_bytes() > most ? resident_bytes() : most;
		OK(most <= before + memories[m] + SLACK,
		    "what the system gave is within the memory");
		printf("# of %zu kB: %zu resident, %zu told\n", memories[m] / 1024,
		    (most - before) / 1024, darknet_bytes(subject->darknet) / 1024);
		close_subject(subject);
	}
}
#endif

int main(void)
{
	static struct subject subject;
	for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++)
		test_flood(i, &subject);
	test_marked_survive(&subject);
	test_misled(&subject, "a sample of marked ones only: none of them goes", 0);
	test_misled(&subject, "a few light ones in it: they do not decide alone", 7);
	test_arena();
	test_admission(&subject);
	test_admission_lasts(&subject);
	test_same(&subject);
#if !defined(__SANITIZE_ADDRESS__)
	test_resident(&subject);
#endif
	return test_done();
}
