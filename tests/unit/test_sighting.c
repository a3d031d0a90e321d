/* Sightings merge alike in every order and grouping: that is what shards and sensors rest on. */
#include "observe/sighting.h"

#include "base/hash.h"
#include "set_help.h"
#include "test.h"

enum {
	CASES = 10000,
	PORT_CASES = 3000,
	SLAB_BYTES = 16 * 1024 * 1024,
};

static const struct sighting_key key = {
    .subject = {{[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1}},
    .port = 445,
    .kind = SIGHTING_REQUEST,
    .protocol = 6,
};

static int64_t draw_time(struct random *random)
{
	return (int64_t)random_below(random, 5 * SIGHTING_WINDOW_US);
}

/* Now and then one that only tells outcomes, without a packet. */
static void draw(struct sighting *sighting, struct slab *slab, struct random *random)
{
	*sighting = (struct sighting){.key = key};
	sighting_init(sighting);
	sighting->window_us = (int64_t)random_below(random, 3) * SIGHTING_WINDOW_US;
	const struct touches touches = {random_below(random, 12), 1, 10};
	fill_set(&sighting->targets, slab, random, &touches);
	sighting->refusals = random_below(random, 3);
	sighting->silences = random_below(random, 3);
	if (random_below(random, 10) == 0)
		return;
	sighting->packets = 1 + random_below(random, 100);
	sighting->bytes = random_below(random, 100000);
	sighting->dark_packets = random_below(random, 5);
	sighting->answers = random_below(random, 3);
	sighting->first_us = draw_time(random);
	sighting->last_us = sighting->first_us + draw_time(random);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		sighting->marks[i] = random_below(random, 4);
	for (uint64_t i = random_below(random, 12); i > 0; i--)
		sighting_note_source_port(
		    sighting, (uint16_t)random_below(random, 15), draw_time(random));
	sighting->ttl_min = (uint8_t)random_below(random, 256);
	sighting->ttl_max = (uint8_t)(sighting->ttl_min + random_below(random, 3));
	sighting->seen = (uint8_t)random_below(random, 4);
	for (size_t i = 0; i < SIGHTING_BINS; i++)
		sighting->bins[i] = (uint32_t)random_below(random, 9);
}

static bool same_ports(const struct sighting *a, const struct sighting *b)
{
	if (a->source_port_count != b->source_port_count ||
	    a->more_source_ports != b->more_source_ports)
		return false;
	for (size_t i = 0; i < a->source_port_count; i++)
		if (a->source_ports[i].port != b->source_ports[i].port ||
		    a->source_ports[i].first_us != b->source_ports[i].first_us)
			return false;
	return true;
}

static bool same(const struct sighting *a, const struct sighting *b)
{
	return a->first_us == b->first_us && a->last_us == b->last_us && a->packets == b->packets &&
	       a->bytes == b->bytes && a->dark_packets == b->dark_packets &&
	       a->answers == b->answers && a->refusals == b->refusals &&
	       a->silences == b->silences && memcmp(a->marks, b->marks, sizeof a->marks) == 0 &&
	       a->ttl_min == b->ttl_min && a->ttl_max == b->ttl_max && a->seen == b->seen &&
	       a->window_us == b->window_us && memcmp(a->bins, b->bins, sizeof a->bins) == 0 &&
	       same_ports(a, b) && same_sets(&a->targets, &b->targets);
}

static void merge(struct sighting *into, struct slab *slab, const struct sighting *from)
{
	sighting_merge(into, slab, from, NULL, NULL);
}

/* a then b then c; c then b then a; a with what b and c became; and nothing with all of them. */
static bool obeys_laws(struct slab *slab, const struct sighting parts[static 3])
{
	static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {1, 0, 2}};
	struct sighting sums[5];
	for (size_t i = 0; i < 5; i++) {
		sums[i] = (struct sighting){.key = key};
		sighting_init(&sums[i]);
	}
	for (size_t i = 0; i < 4; i++)
		for (size_t part = 0; part < 3; part++)
			merge(&sums[i], slab, &parts[orders[i][part]]);
	struct sighting pair = {.key = key};
	sighting_init(&pair);
	merge(&pair, slab, &parts[1]);
	merge(&pair, slab, &parts[2]);
	merge(&sums[4], slab, &parts[0]);
	merge(&sums[4], slab, &pair);
	bool good = true;
	for (size_t i = 1; i < 5; i++)
		good = good && same(&sums[0], &sums[i]);
	for (size_t i = 0; i < 5; i++)
		sighting_clear(&sums[i], slab);
	sighting_clear(&pair, slab);
	return good;
}

static void test_laws(struct slab *slab, struct random *random)
{
	size_t broken = 0;
	for (int i = 0; i < CASES; i++) {
		struct sighting parts[3];
		for (size_t part = 0; part < 3; part++)
			draw(&parts[part], slab, random);
		broken += !obeys_laws(slab, parts);
		for (size_t part = 0; part < 3; part++)
			sighting_clear(&parts[part], slab);
	}
	OK(broken == 0, "10,000 times three sightings: the same in every order and grouping");
}

static void test_nothing(struct slab *slab)
{
	struct random random;
	random_init(&random, 3);
	struct sighting some;
	draw(&some, slab, &random);
	struct sighting nothing = {.key = key};
	sighting_init(&nothing);
	struct sighting sum = {.key = key};
	sighting_init(&sum);
	merge(&sum, slab, &some);
	OK(same(&sum, &some), "merged into nothing it is itself");
	merge(&sum, slab, &nothing);
	OK(same(&sum, &some), "and merging nothing changes nothing");
	sighting_clear(&sum, slab);
	sighting_clear(&some, slab);
}

/* The eight ports met first, by the plainest way: all first times, sorted. */
static bool is_earliest(const struct sighting *sighting, const int64_t first_of[16])
{
	size_t distinct = 0;
	for (uint16_t port = 0; port < 16; port++)
		distinct += first_of[port] != INT64_MAX;
	size_t expected = distinct < SIGHTING_PORTS_MAX ? distinct : SIGHTING_PORTS_MAX;
	if (sighting->source_port_count != expected ||
	    sighting->more_source_ports != (distinct > SIGHTING_PORTS_MAX))
		return false;
	for (size_t i = 0; i < expected; i++) {
		const struct sighting_port *kept = &sighting->source_ports[i];
		size_t earlier = 0;
		for (uint16_t port = 0; port < 16; port++)
			earlier += first_of[port] < kept->first_us ||
				   (port < kept->port && first_of[port] == kept->first_us);
		if (earlier != i || first_of[kept->port] != kept->first_us)
			return false;
	}
	return true;
}

static void test_ports(struct random *random)
{
	size_t wrong = 0;
	for (int i = 0; i < PORT_CASES; i++) {
		struct sighting sighting = {.key = key};
		int64_t first_of[16];
		for (size_t port = 0; port < 16; port++)
			first_of[port] = INT64_MAX;
		for (uint64_t n = random_below(random, 40); n > 0; n--) {
			uint16_t port = (uint16_t)random_below(random, 16);
			int64_t time = (int64_t)random_below(random, 30) - 10;
			sighting_note_source_port(&sighting, port, time);
			if (time < first_of[port])
				first_of[port] = time;
		}
		wrong += !is_earliest(&sighting, first_of);
	}
	OK(wrong == 0, "of many source ports the eight earliest stay, in order of time");
}

static void test_keys(void)
{
	struct sighting_key keys[6];
	for (size_t i = 0; i < 6; i++)
		keys[i] = key;
	keys[0].subject.bytes[15]++;
	keys[1].kind = SIGHTING_REPLY;
	keys[2].protocol = 17;
	keys[3].port = 446;
	keys[4].variant = VARIANT_NULL;
	keys[5].drill = 1;
	static const char *const names[] = {"another subject", "another kind", "another protocol",
	    "another port", "another variant", "a drill"};
	OK(sighting_key_compare(&key, &key) == 0, "a key equals itself");
	for (size_t i = 0; i < 6; i++)
		OK(sighting_key_compare(&key, &keys[i]) < 0 &&
			sighting_key_compare(&keys[i], &key) > 0 &&
			sighting_key_hash(&key, 1) != sighting_key_hash(&keys[i], 1),
		    names[i]);
	struct sighting_key low = key;
	struct sighting_key high = key;
	low.port = 0x00ff;
	high.port = 0x0100;
	OK(sighting_key_compare(&low, &high) < 0, "ports are ordered as numbers, not as bytes");
	OK(sighting_key_hash(&key, 1) != sighting_key_hash(&key, 2), "the hash has a seed");
}

static void test_tools(void)
{
	static const char *const expected[] = {"mirai", "zmap", "masscan", "nmap", "unicornscan"};
	bool all = sizeof expected / sizeof expected[0] == TOOL_COUNT;
	for (int tool = 0; tool < TOOL_COUNT; tool++)
		all = all && strcmp(tool_name((enum tool)tool), expected[tool]) == 0;
	OK(all, "every tool has its name");
}

int main(void)
{
	struct random random;
	random_init(&random, 20260216);
	struct slab *slab = slab_new(SLAB_BYTES, &slab_sizes_address_set);
	test_laws(slab, &random);
	test_nothing(slab);
	test_ports(&random);
	test_keys();
	test_tools();
	slab_free(slab);
	return test_done();
}
