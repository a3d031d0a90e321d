/*
 * darknet_room.c - which strangers are folded into sums when memory is used up, and which replies
 * get a record at all.
 *
 * First those that sent a few packets and bear no strong mark: the half of them that was quiet the
 * longest. When few such are left, all without a strong mark; then all. One pass makes room for a
 * great part of the table, so that it costs each new record little; where the half is, a quarter of
 * a large table tells.
 */
#include <string.h>

#include "observe/darknet_internal.h"

enum weight {
	WEIGHT_LIGHT,
	WEIGHT_HEAVY,
	WEIGHT_MARKED,
	WEIGHT_COUNT,
};

enum {
	LIGHT_PACKETS = 3,
	STRONG_MARKS = 2, /* so many packets with a mark of 2^-32 are no chance */
	WORTH_SHARE = 8,  /* a pass must be able to free an eighth of the records, or widens */
	BUCKETS = 4096,
	REFINEMENTS = 6,  /* 4096^6 is more than all of an int64_t */
	HALF_SLACK = 16,  /* the half may be off by this part of all: mostly one histogram does */
	SAMPLE_SHARE = 4, /* of all pieces these are looked at first */
	SAMPLE_MIN = 64 * PIECE_LINES, /* records of which a sample is worth it */
	SAMPLE_TRUST = 16,             /* what freed less than this part was no sample of all */
	ADMISSION_MET = 2,
	ADMISSION_SHARE = 8, /* with more refused than an eighth of its cells the sketch admits too
				many by chance */
};

static int64_t last_us(const struct stranger *stranger)
{
	return stranger->first_us + (int64_t)stranger->span_ms * 1000;
}

/* Of every record, again and again: without a look at its second line. */
static enum weight weigh(const struct stranger *stranger)
{
	if (stranger->strong >= STRONG_MARKS)
		return WEIGHT_MARKED;
	static_assert(STRANGER_DEEDS == 4, "all are added; those not in use are 0");
	unsigned packets = (unsigned)stranger->packets[0] + stranger->packets[1] +
			   stranger->packets[2] + stranger->packets[3];
	return stranger->deeds_more != 0 || packets > LIGHT_PACKETS ? WEIGHT_HEAVY : WEIGHT_LIGHT;
}

/* What a pass folds: records up to a weight that were last seen up to a time. */
struct pass {
	enum weight heaviest;
	int64_t first_us;
	int64_t last_us;
	size_t count; /* of records up to that weight, of those that were looked at */
	size_t share; /* only every so many pieces were */
};

/* The place of the record after this one, among every so many pieces. */
static size_t next_place(size_t place, size_t share)
{
	place++;
	return place % PIECE_LINES == 0 ? place + (share - 1) * PIECE_LINES : place;
}

static bool is_within(const struct stranger *stranger, enum weight heaviest)
{
	return stranger->state != 0 && weigh(stranger) <= heaviest;
}

static void note_record(struct pass *pass, int64_t time_us)
{
	pass->count++;
	if (time_us < pass->first_us)
		pass->first_us = time_us;
	if (time_us > pass->last_us)
		pass->last_us = time_us;
}

static void unite(struct pass *into, const struct pass *from)
{
	into->count += from->count;
	if (from->first_us < into->first_us)
		into->first_us = from->first_us;
	if (from->last_us > into->last_us)
		into->last_us = from->last_us;
}

/* The lightest records, and heavier ones as long as those are too few to be worth it. */
static struct pass measure(const struct darknet *darknet, size_t share)
{
	struct pass of[WEIGHT_COUNT];
	for (size_t i = 0; i < WEIGHT_COUNT; i++)
		of[i] = (struct pass){(enum weight)i, INT64_MAX, INT64_MIN, 0, share};
	for (size_t i = 0; i < darknet->strangers.count; i = next_place(i, share)) {
		const struct stranger *stranger = darknet_stranger_at(darknet, i);
		if (stranger->state != 0)
			note_record(&of[weigh(stranger)], last_us(stranger));
	}
	struct pass pass = of[WEIGHT_LIGHT];
	while (pass.count < darknet->strangers.count / share / WORTH_SHARE &&
	       pass.heaviest + 1 < WEIGHT_COUNT)
		unite(&pass, &of[++pass.heaviest]);
	return pass;
}

/* A range of times: `low` and `low + width - 1` belong to it. */
struct range {
	uint64_t low;
	uint64_t width;
};

/* Orders times of either sign as unsigned numbers. */
static uint64_t ordered(int64_t time_us)
{
	return (uint64_t)time_us ^ UINT64_C(1) << 63;
}

/*
 * Narrows the range to the one bucket in which the record lies before which `wanted` others do;
 * lowers `wanted` by those in the buckets before it. Returns how many are in that bucket.
 */
static size_t narrow(
    const struct darknet *darknet, const struct pass *pass, struct range *range, size_t *wanted)
{
	uint32_t buckets[BUCKETS] = {0};
	uint64_t each = range->width / BUCKETS + 1;
	for (size_t i = 0; i < darknet->strangers.count; i = next_place(i, pass->share)) {
		const struct stranger *stranger = darknet_stranger_at(darknet, i);
		uint64_t at = ordered(last_us(stranger)) - range->low;
		if (is_within(stranger, pass->heaviest) && at < range->width)
			buckets[at / each]++;
	}
	size_t bucket = 0;
	while (bucket < BUCKETS - 1 && *wanted >= buckets[bucket])
		*wanted -= buckets[bucket++];
	range->low += bucket * each;
	range->width = each;
	return buckets[bucket];
}

/* The time that parts the older half from the younger, by histograms of ever finer buckets. */
static void find_half(const struct darknet *darknet, struct pass *pass)
{
	struct range range = {
	    .low = ordered(pass->first_us),
	    .width = ordered(pass->last_us) - ordered(pass->first_us) + 1,
	};
	size_t wanted = (pass->count - 1) / 2;
	size_t unsure = pass->count;
	for (int i = 0; i < REFINEMENTS && range.width > 1 && unsure > pass->count / HALF_SLACK;
	     i++)
		unsure = narrow(darknet, pass, &range, &wanted);
	pass->last_us = (int64_t)((range.low + range.width - 1) ^ UINT64_C(1) << 63);
}

static struct sum sum_of(const struct stranger *stranger, const struct deed *deed)
{
	const struct address source = stranger_source(stranger);
	const struct sighting_key key = dark_key_open(&source, deed->key);
	return (struct sum){
	    .key = {.address = source,
		.bits = ADDRESS_BITS,
		.kind = key.kind,
		.protocol = key.protocol,
		.variant = key.variant,
		.port = key.port,
		.drill = key.drill},
	    .first_us = stranger->first_us,
	    .last_us = last_us(stranger),
	    .packets = deed->packets,
	    .tools = stranger->tools,
	};
}

/* How many bytes each deed took is not known: all are told with the first. */
size_t stranger_sums(const struct darknet *darknet, const struct stranger *stranger,
    unsigned sources, struct sum ret_sums[static STRANGER_DEEDS + DEEDS_MORE])
{
	struct deed deeds[STRANGER_DEEDS + DEEDS_MORE];
	size_t count = stranger_deeds(darknet, stranger, deeds);
	for (size_t i = 0; i < count; i++) {
		ret_sums[i] = sum_of(stranger, &deeds[i]);
		ret_sums[i].bytes = i == 0 ? stranger->bytes : 0;
		ret_sums[i].sources = sources;
	}
	return count;
}

void darknet_fold_deed(
    struct darknet *darknet, const struct stranger *stranger, const struct deed *deed)
{
	const struct sum sum = sum_of(stranger, deed);
	sums_add(darknet->sums, &sum);
}

void darknet_fold(struct darknet *darknet, struct stranger *stranger, unsigned sources)
{
	if (stranger->deed_count == 1 && stranger->deeds_more == 0) { /* nearly all in a flood */
		const struct deed only = {
		    (uint32_t)stranger->ports[0] << 16 | stranger->what, stranger->packets[0]};
		struct sum sum = sum_of(stranger, &only);
		sum.bytes = stranger->bytes;
		sum.sources = sources;
		sums_add(darknet->sums, &sum);
		stranger->bytes = 0;
		stranger->packets[0] = 0;
		return;
	}
	struct sum sums[STRANGER_DEEDS + DEEDS_MORE];
	size_t count = stranger_sums(darknet, stranger, sources, sums);
	for (size_t i = 0; i < count; i++)
		sums_add(darknet->sums, &sums[i]);
	stranger->bytes = 0;
	memset(stranger->packets, 0, sizeof stranger->packets);
	if (stranger->deeds_more != 0) {
		struct deeds *second = darknet_deeds(darknet, stranger->deeds_more);
		memset(second->packets, 0, sizeof second->packets);
	}
}

void darknet_fold_event(struct darknet *darknet, const struct dark_event *event)
{
	const struct sighting_key key = dark_key_open(&event->subject, event->key);
	struct sum sum = {
	    .key = {.address = event->subject,
		.bits = ADDRESS_BITS,
		.port = key.port,
		.kind = key.kind,
		.protocol = key.protocol,
		.variant = key.variant,
		.drill = key.drill},
	    .first_us = event->time_us,
	    .last_us = event->time_us,
	    .packets = 1,
	    .bytes = event->wire_bytes,
	    .sources = 1,
	};
	darknet_note_host(darknet, &event->subject, event->time_us);
	sums_add(darknet->sums, &sum);
	darknet->counts.refused++;
}

/* A quarter stays in any case: where all were last seen at one time, the first numbers. */
static size_t fold_all(struct darknet *darknet, const struct pass *pass)
{
	const size_t most = (pass->count - pass->count / 4) * pass->share;
	size_t left = most;
	/* from the end, so that low numbers are taken first by who comes next */
	for (size_t i = darknet->strangers.count; i-- > 0 && left > 0;) {
		struct stranger *stranger = darknet_stranger_at(darknet, i);
		if (!is_within(stranger, pass->heaviest) || last_us(stranger) > pass->last_us)
			continue;
		const struct address source = stranger_source(stranger);
		darknet_note_host(darknet, &source, stranger->first_us);
		darknet_fold(darknet, stranger, 1);
		darknet_drop_deeds(darknet, stranger);
		stranger->state = 0;
		stranger->of.v4.source = darknet->free_first;
		darknet->free_first = darknet_number(darknet, stranger);
		darknet->count--;
		darknet->counts.folded++;
		left--;
	}
	return most - left;
}

static void clear_admission(struct darknet *darknet)
{
	memset(darknet->admission, 0, darknet->admission_count);
	darknet->admission_refused = 0;
}

/* Returns how many records were freed. */
static size_t fold_half(struct darknet *darknet, struct pass *pass)
{
	if (pass->count == 0)
		return 0;
	find_half(darknet, pass);
	return fold_all(darknet, pass);
}

/*
 * Whoever sends in a certain order decides what the sample holds. So it is believed only while it
 * has light records enough, and only when what it says frees enough.
 */
void darknet_make_room(struct darknet *darknet)
{
	size_t freed = 0;
	if (darknet->strangers.count >= SAMPLE_MIN) {
		struct pass sample = measure(darknet, SAMPLE_SHARE);
		if (sample.heaviest == WEIGHT_LIGHT)
			freed = fold_half(darknet, &sample);
	}
	if (freed < darknet->strangers.count / SAMPLE_TRUST || freed == 0) {
		struct pass all = measure(darknet, 1);
		(void)fold_half(darknet, &all);
	}
	memset(darknet->slots, 0, (darknet->slot_mask + 1) * sizeof *darknet->slots);
	darknet_fill_index(darknet);
	clear_admission(darknet);
}

/*
 * A counting sketch of two rows in one array (Cormode and Muthukrishnan 2005, with conservative
 * counting): it never says less than what was met since it was cleared. It is before so many were
 * met that strangers stand for each other. Its hash has the fixed seed, since it decides what is
 * kept.
 */
bool darknet_admits(struct darknet *darknet, const struct dark_event *event)
{
	uint64_t hash = hash_address(&event->subject, HASH_SEED_FIXED);
	size_t mask = darknet->admission_count - 1;
	uint8_t *first = &darknet->admission[hash & mask];
	uint8_t *second = &darknet->admission[hash >> 32 & mask];
	uint8_t met = *first < *second ? *first : *second;
	if (met >= ADMISSION_MET)
		return true;
	if (*first == met)
		++*first;
	if (second != first && *second == met)
		++*second;
	if (++darknet->admission_refused > darknet->admission_count / ADMISSION_SHARE)
		clear_admission(darknet);
	return false;
}
