/*
 * The laws of merging, over whole records: the same in every order and grouping, nothing changes
 * nothing, counts stop at the largest number. Parts are random and hostile: full of the largest
 * numbers, of sketches, of sets that lost addresses for want of memory, of windows far apart.
 */
#include "observe/sighting.h"

#include "set_help.h"
#include "test.h"

enum {
	CASES = 10000,
	PARTS = 4,
	/* Sets of the parts come from here, so that some find no room. */
	POOR_BYTES = 12 * 1024,
	RICH_BYTES = 64 * 1024 * 1024,
	TARGETS = 600, /* so that sets of several hundred overlap */
};

static const struct sighting_key key = {
    .subject = {{[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1}},
    .port = 445,
    .kind = SIGHTING_REQUEST,
    .protocol = 6,
};

/* A number of any size, often one at an end of what there is. */
static uint64_t draw_count(struct random *random)
{
	switch (random_below(random, 4)) {
	case 0:
		return random_below(random, 5);
	case 1:
		return UINT64_MAX - random_below(random, 3);
	default:
		return random_u64(random) >> random_below(random, 64);
	}
}

static int64_t draw_window(struct random *random)
{
	static const int64_t windows[] = {INT64_MIN, INT64_MAX, 0, 60000000, 120000000, -60000000};
	return windows[random_below(random, sizeof windows / sizeof windows[0])];
}

/* Few, some hundred, or so many that they are a sketch. */
static void draw_targets(struct address_set *set, struct slab *slab, struct random *random)
{
	static const size_t counts[] = {0, 1, 3, 10, 40, 200, 280, 900};
	const struct touches touches = {
	    counts[random_below(random, sizeof counts / sizeof counts[0])],
	    (uint32_t)random_below(random, TARGETS),
	    1 + (uint32_t)random_below(random, TARGETS),
	};
	fill_set(set, slab, random, &touches);
	if (set->count > 0 && random_below(random, 8) == 0)
		set->items[random_below(random, set->count)].packets = UINT32_MAX;
}

/* What came from somebody with more memory: a sketch that had no room for all of its sample. */
static void draw_poor_sketch(
    struct address_set *set, struct slab *poor, struct slab *rich, struct random *random)
{
	struct address_set large = {0};
	const struct touches touches = {900, 0, TARGETS};
	fill_set(&large, rich, random, &touches);
	address_set_merge(set, poor, &large, NULL, NULL);
	address_set_clear(&large, rich);
}

static void draw(struct sighting *sighting, struct slab *slab, struct random *random)
{
	*sighting = (struct sighting){.key = key};
	sighting_init(sighting);
	draw_targets(&sighting->targets, slab, random);
	sighting->window_us = draw_window(random);
	uint64_t *const counts[] = {&sighting->packets, &sighting->bytes, &sighting->dark_packets,
	    &sighting->answers, &sighting->refusals, &sighting->silences};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		*counts[i] = draw_count(random);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		sighting->marks[i] = draw_count(random);
	for (size_t i = 0; i < SIGHTING_BINS; i++)
		sighting->bins[i] = (uint32_t)draw_count(random);
	if (random_below(random, 8) != 0) {
		sighting->first_us = (int64_t)random_u64(random);
		sighting->last_us = (int64_t)random_u64(random);
		sighting->ttl_min = (uint8_t)random_below(random, 256);
		sighting->ttl_max = (uint8_t)random_below(random, 256);
	}
	for (uint64_t i = random_below(random, 14); i > 0; i--)
		sighting_note_source_port(
		    sighting, (uint16_t)random_below(random, 20), (int64_t)random_below(random, 6));
	sighting->more_source_ports |= random_below(random, 4) == 0;
	sighting->seen = (uint8_t)random_below(random, 4);
}

static bool same_ports(const struct sighting *a, const struct sighting *b)
{
	bool same = a->source_port_count == b->source_port_count &&
		    a->more_source_ports == b->more_source_ports;
	for (size_t i = 0; same && i < a->source_port_count; i++)
		same = a->source_ports[i].port == b->source_ports[i].port &&
		       a->source_ports[i].first_us == b->source_ports[i].first_us;
	return same;
}

/* All that a sighting says. */
static bool same(const struct sighting *a, const struct sighting *b)
{
	return sighting_key_compare(&a->key, &b->key) == 0 && a->first_us == b->first_us &&
	       a->last_us == b->last_us && a->packets == b->packets && a->bytes == b->bytes &&
	       a->dark_packets == b->dark_packets && a->answers == b->answers &&
	       a->refusals == b->refusals && a->silences == b->silences &&
	       memcmp(a->marks, b->marks, sizeof a->marks) == 0 && a->ttl_min == b->ttl_min &&
	       a->ttl_max == b->ttl_max && a->seen == b->seen && a->window_us == b->window_us &&
	       memcmp(a->bins, b->bins, sizeof a->bins) == 0 && same_ports(a, b) &&
	       same_sets(&a->targets, &b->targets) &&
	       address_set_distinct(&a->targets) == address_set_distinct(&b->targets);
}

static void begin(struct sighting *sum)
{
	*sum = (struct sighting){.key = key};
	sighting_init(sum);
}

static void merge(struct sighting *into, struct slab *slab, const struct sighting *from)
{
	sighting_merge(into, slab, from, NULL, NULL);
}

/* The parts one after the other, in the order of these numbers. */
static void merge_in_order(struct sighting *sum, struct slab *slab, const struct sighting *parts,
    const size_t order[static PARTS])
{
	begin(sum);
	for (size_t i = 0; i < PARTS; i++)
		merge(sum, slab, &parts[order[i]]);
}

/* (a b) (c d), and a (b (c d)). */
static void merge_in_groups(
    struct sighting sums[static 2], struct slab *slab, const struct sighting *parts)
{
	struct sighting pair;
	begin(&sums[0]);
	begin(&sums[1]);
	begin(&pair);
	merge(&pair, slab, &parts[2]);
	merge(&pair, slab, &parts[3]);
	merge(&sums[0], slab, &parts[0]);
	merge(&sums[0], slab, &parts[1]);
	merge(&sums[0], slab, &pair);
	merge(&sums[1], slab, &parts[1]);
	merge(&sums[1], slab, &pair);
	sighting_clear(&pair, slab);
	begin(&pair);
	merge(&pair, slab, &parts[0]);
	merge(&pair, slab, &sums[1]);
	sighting_clear(&sums[1], slab);
	sums[1] = pair;
}

static bool obeys_laws(struct slab *slab, const struct sighting parts[static PARTS])
{
	static const size_t orders[][PARTS] = {
	    {0, 1, 2, 3}, {3, 2, 1, 0}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 0, 1, 2}};
	enum {
		ORDERS = sizeof orders / sizeof orders[0],
		SUMS = ORDERS + 2
	};
	struct sighting sums[SUMS];
	for (size_t i = 0; i < ORDERS; i++)
		merge_in_order(&sums[i], slab, parts, orders[i]);
	merge_in_groups(&sums[ORDERS], slab, parts);
	bool good = true;
	for (size_t i = 1; i < SUMS; i++)
		good = good && same(&sums[0], &sums[i]);
	for (size_t i = 0; i < SUMS; i++)
		sighting_clear(&sums[i], slab);
	return good;
}

/* Nothing on either side. */
static bool keeps_identity(struct slab *slab, const struct sighting *part)
{
	struct sighting left;
	struct sighting nothing;
	struct sighting again;
	begin(&left);
	begin(&nothing);
	begin(&again);
	merge(&left, slab, part);
	merge(&again, slab, &left);
	merge(&again, slab, &nothing);
	bool good = same(&left, part) && same(&again, part);
	sighting_clear(&left, slab);
	sighting_clear(&again, slab);
	return good;
}

static void test_laws(struct slab *rich, struct slab *poor, struct random *random)
{
	size_t broken = 0;
	size_t changed = 0;
	size_t sketches = 0;
	size_t small = 0;
	size_t lost = 0;
	for (int i = 0; i < CASES; i++) {
		struct sighting parts[PARTS];
		struct slab *slabs[PARTS];
		for (size_t part = 0; part < PARTS; part++) {
			slabs[part] = random_below(random, 3) == 0 ? poor : rich;
			draw(&parts[part], slabs[part], random);
			if (slabs[part] == poor && random_below(random, 3) == 0)
				draw_poor_sketch(&parts[part].targets, poor, rich, random);
			sketches += parts[part].targets.registers != NULL;
			small += parts[part].targets.registers != NULL &&
				 parts[part].targets.count < ADDRESS_SET_EXACT;
			lost += parts[part].targets.lost != 0;
		}
		broken += !obeys_laws(rich, parts);
		changed += !keeps_identity(rich, &parts[0]);
		for (size_t part = 0; part < PARTS; part++)
			sighting_clear(&parts[part], slabs[part]);
	}
	printf("# %zu sketches, %zu of them with a small sample, %zu sets that lost addresses\n",
	    sketches, small, lost);
	OK(broken == 0, "10,000 times four sightings: the same in every order and grouping");
	OK(changed == 0, "10,000 times: with nothing on either side a sighting is what it was");
	OK(sketches > CASES / 4 && lost > CASES / 16 && small > CASES / 16,
	    "sketches and losses were among them");
}

int main(void)
{
	struct random random;
	random_init(&random, 20260402);
	struct slab *rich = slab_new(RICH_BYTES, &slab_sizes_address_set);
	struct slab *poor = slab_new(POOR_BYTES, &slab_sizes_address_set);
	test_laws(rich, poor, &random);
	slab_free(poor);
	slab_free(rich);
	return test_done();
}
