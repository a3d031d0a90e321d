#include "registry/prefix_table.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	INDEX_BITS_MIN = 10, /* 4 KiB: an eighth of the smallest first-level cache in use */
	INDEX_BITS_MAX = 16, /* 256 KiB: an eighth of a usual second-level cache */
	BUCKET_AIM = 4,      /* two steps of search, in one or two cache lines */
	/* So many more may be crowded for a smaller index: at worst five steps of search for them.
	 */
	CROWD_SLACK = 32,
	HEAD_BITS = 32,
	NESTING_MAX = ADDRESS_BITS + 1, /* one prefix of each length, 0 to 128 */
};

#define CELL_BUCKET UINT32_C(0x80000000)

__extension__ typedef unsigned __int128 wide; /* an address as a number */

/* The interval starting at starts[n] and ending before starts[n + 1] has values[n]. */
struct intervals {
	wide *starts;
	uint32_t *values;
	uint32_t count;
};

struct bucket {
	uint32_t first; /* the interval that holds the cell's first address */
	uint32_t count;
};

struct family_index {
	uint32_t *cells; /* a value, or CELL_BUCKET and a bucket's number */
	struct bucket *buckets;
	uint32_t bucket_count;
	unsigned bits;
	unsigned shift; /* from a head to its cell */
};

struct prefix_table {
	struct family_index v4;
	struct family_index v6;
	struct intervals intervals;
};

static wide wide_from(const struct address *address)
{
	uint64_t halves[2];
	memcpy(halves, address->bytes, sizeof halves);
	return (wide)be64toh(halves[0]) << 64 | be64toh(halves[1]);
}

static wide v4_start(void)
{
	return (wide)0xffff << 32;
}

static bool wide_is_v4(wide key)
{
	return key >> 32 == 0xffff;
}

/* The last address of a prefix. */
static wide last_of(const struct prefix *prefix)
{
	unsigned host_bits = (unsigned)ADDRESS_BITS - prefix->bits;
	wide hosts = host_bits == ADDRESS_BITS ? ~(wide)0 : ((wide)1 << host_bits) - 1;
	return wide_from(&prefix->address) | hosts;
}

/* Shorter prefixes before the longer ones that start with them. */
static int compare_overlays(const void *a, const void *b)
{
	const struct prefix *left = &((const struct prefix_overlay *)a)->prefix;
	const struct prefix *right = &((const struct prefix_overlay *)b)->prefix;
	int order = address_compare(&left->address, &right->address);
	return order != 0 ? order : left->bits - right->bits;
}

/* A merge sort, so that equal prefixes stay in the order in which they were given. */
static void sort_overlays(struct prefix_overlay *list, struct prefix_overlay *scratch, size_t count)
{
	if (count < 2)
		return;
	size_t half = count / 2;
	sort_overlays(list, scratch, half);
	sort_overlays(list + half, scratch, count - half);
	memcpy(scratch, list, half * sizeof *list);

	size_t left = 0;
	size_t right = half;
	for (size_t at = 0; left < half; at++) {
		bool take_right =
		    right < count && compare_overlays(&list[right], &scratch[left]) < 0;
		list[at] = take_right ? list[right++] : scratch[left++];
	}
}

static uint32_t overlay(uint32_t below, uint32_t mask, uint32_t value)
{
	return (below & ~mask) | (value & mask);
}

/* Makes one of those for the same prefix. Returns how many are left. */
static size_t merge_equal(struct prefix_overlay *list, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct prefix_overlay *last = kept > 0 ? &list[kept - 1] : NULL;
		if (last != NULL && compare_overlays(last, &list[i]) == 0) {
			last->value = overlay(last->value, list[i].mask, list[i].value);
			last->mask |= list[i].mask;
		} else {
			list[kept++] = list[i];
		}
	}
	return kept;
}

/* From `start` on the value is this one, until the next call says otherwise. */
static void cut(struct intervals *intervals, wide start, uint32_t value)
{
	uint32_t count = intervals->count;
	if (count > 0 && intervals->starts[count - 1] == start)
		count--; /* it had no address */
	if (count == 0 || intervals->values[count - 1] != value) {
		intervals->starts[count] = start;
		intervals->values[count] = value;
		count++;
	}
	intervals->count = count;
}

/* The prefixes around the place that the sweep has come to, the longest on top. */
struct nesting {
	struct {
		wide last;
		uint32_t value;
	} levels[NESTING_MAX + 1]; /* level 0: all addresses, value 0 */
	int depth;
};

/* Leaves the prefixes that end before `start`. */
static void leave(struct nesting *nesting, struct intervals *intervals, wide start)
{
	while (nesting->depth > 0 && nesting->levels[nesting->depth].last < start) {
		wide after = nesting->levels[nesting->depth].last + 1;
		nesting->depth--;
		cut(intervals, after, nesting->levels[nesting->depth].value);
	}
}

/* Goes along all addresses once. `list` is sorted and has each prefix once. */
static void sweep(struct intervals *intervals, const struct prefix_overlay *list, size_t count)
{
	struct nesting nesting = {.levels = {[0] = {.last = ~(wide)0}}};
	cut(intervals, 0, 0);
	for (size_t i = 0; i < count; i++) {
		wide start = wide_from(&list[i].prefix.address);
		leave(&nesting, intervals, start);
		uint32_t value =
		    overlay(nesting.levels[nesting.depth].value, list[i].mask, list[i].value);
		cut(intervals, start, value);
		nesting.depth++;
		assert(nesting.depth <= NESTING_MAX);
		nesting.levels[nesting.depth].last = last_of(&list[i].prefix);
		nesting.levels[nesting.depth].value = value;
	}
	while (nesting.depth > 0) {
		wide last = nesting.levels[nesting.depth].last;
		nesting.depth--;
		if (last != ~(wide)0)
			cut(intervals, last + 1, nesting.levels[nesting.depth].value);
	}
}

/* ::/0 and what is like it would take IPv4 in by its number: a family ends where the other begins.
 */
static const struct prefix_overlay v4_apart = {
    .prefix = {.address = {.bytes = {[10] = 0xff, [11] = 0xff}}, .bits = ADDRESS_V4_BITS},
    .mask = PREFIX_TABLE_VALUE_MAX,
};

static int build_intervals(
    const struct prefix_overlay *overlays, size_t count, struct intervals *ret_intervals)
{
	int error = -ENOMEM;
	struct intervals intervals = {0};
	struct prefix_overlay *list = calloc(count + 1, sizeof *list);
	struct prefix_overlay *scratch = calloc(count + 1, sizeof *scratch);
	intervals.starts = calloc(2 * count + 3, sizeof *intervals.starts);
	intervals.values = calloc(2 * count + 3, sizeof *intervals.values);
	if (list == NULL || scratch == NULL || intervals.starts == NULL || intervals.values == NULL)
		goto out;

	list[0] = v4_apart;
	if (count > 0)
		memcpy(list + 1, overlays, count * sizeof *list);
	sort_overlays(list, scratch, count + 1);
	sweep(&intervals, list, merge_equal(list, count + 1));
	*ret_intervals = intervals;
	intervals = (struct intervals){0};
	error = 0;
out:
	free(intervals.starts);
	free(intervals.values);
	free(scratch);
	free(list);
	return error;
}

/* The interval that holds this address, among those from `low` up to but not including `high`. */
static inline uint32_t search(const wide *starts, uint32_t low, uint32_t count, wide key)
{
	while (count > 1) {
		uint32_t half = count / 2;
		low = starts[low + half] <= key ? low + half : low;
		count -= half;
	}
	return low;
}

/* The bits that choose the cell. */
static uint32_t head_of(wide key, bool is_v4)
{
	return (uint32_t)(is_v4 ? key : key >> (ADDRESS_BITS - HEAD_BITS));
}

static wide first_of_cell(uint32_t cell, unsigned shift, bool is_v4)
{
	wide head = (wide)cell << shift;
	return is_v4 ? v4_start() | head : head << (ADDRESS_BITS - HEAD_BITS);
}

/* How many boundaries of the family lie in cells with more of them than we aim at. */
static uint32_t crowded(const struct intervals *intervals, unsigned bits, bool is_v4)
{
	uint32_t sum = 0;
	uint32_t run = 0;
	uint32_t run_cell = 0;
	for (uint32_t i = 0; i < intervals->count; i++) {
		wide key = intervals->starts[i];
		if (wide_is_v4(key) != is_v4)
			continue;
		uint32_t cell = head_of(key, is_v4) >> (HEAD_BITS - bits);
		run = cell == run_cell ? run + 1 : 1;
		run_cell = cell;
		if (run == BUCKET_AIM)
			sum += run;
		else if (run > BUCKET_AIM)
			sum++;
	}
	return sum;
}

/* The fewest bits that do about as well as the most would. */
static unsigned choose_bits(const struct intervals *intervals, bool is_v4)
{
	unsigned bits = INDEX_BITS_MIN;
	uint32_t enough = crowded(intervals, INDEX_BITS_MAX, is_v4) + CROWD_SLACK;
	while (bits < INDEX_BITS_MAX && crowded(intervals, bits, is_v4) > enough)
		bits++;
	return bits;
}

static int build_index(
    const struct intervals *intervals, bool is_v4, struct family_index *ret_index)
{
	struct family_index index = {.bits = choose_bits(intervals, is_v4)};
	index.shift = HEAD_BITS - index.bits;
	uint32_t cell_count = UINT32_C(1) << index.bits;
	/* A cell without a boundary inside needs no bucket. */
	uint32_t bucket_max = intervals->count < cell_count ? intervals->count : cell_count;
	index.cells = calloc(cell_count, sizeof *index.cells);
	index.buckets = calloc(bucket_max, sizeof *index.buckets);
	if (index.cells == NULL || index.buckets == NULL) {
		free(index.cells);
		free(index.buckets);
		return -ENOMEM;
	}

	for (uint32_t cell = 0; cell < cell_count; cell++) {
		wide start = first_of_cell(cell, index.shift, is_v4);
		unsigned width = index.shift + (is_v4 ? 0U : (unsigned)(ADDRESS_BITS - HEAD_BITS));
		wide last = start | (((wide)1 << width) - 1);
		uint32_t first = search(intervals->starts, 0, intervals->count, start);
		uint32_t end = search(intervals->starts, 0, intervals->count, last);
		if (first == end) {
			index.cells[cell] = intervals->values[first];
			continue;
		}
		assert(index.bucket_count < bucket_max);
		index.buckets[index.bucket_count] = (struct bucket){first, end - first + 1};
		index.cells[cell] = CELL_BUCKET | index.bucket_count++;
	}
	*ret_index = index;
	return 0;
}

int prefix_table_new(
    const struct prefix_overlay *overlays, size_t count, struct prefix_table **ret_table)
{
	/* Interval numbers have 31 bits and there are two intervals to a prefix. */
	assert(count < PREFIX_TABLE_VALUE_MAX / 2 - 2);

	struct prefix_table *table = calloc(1, sizeof *table);
	if (table == NULL)
		return -ENOMEM;
	int error = build_intervals(overlays, count, &table->intervals);
	if (error == 0)
		error = build_index(&table->intervals, true, &table->v4);
	if (error == 0)
		error = build_index(&table->intervals, false, &table->v6);
	if (error != 0) {
		prefix_table_free(table);
		return error;
	}
	*ret_table = table;
	return 0;
}

void prefix_table_free(struct prefix_table *table)
{
	if (table == NULL)
		return;
	free(table->v4.cells);
	free(table->v4.buckets);
	free(table->v6.cells);
	free(table->v6.buckets);
	free(table->intervals.starts);
	free(table->intervals.values);
	free(table);
}

static uint32_t find_in_bucket(
    const struct prefix_table *table, const struct bucket *bucket, const struct address *address)
{
	const struct intervals *intervals = &table->intervals;
	return intervals
	    ->values[search(intervals->starts, bucket->first, bucket->count, wide_from(address))];
}

uint32_t prefix_table_find(const struct prefix_table *table, const struct address *address)
{
	const struct family_index *index = &table->v4;
	uint32_t head = address_low32(address);
	if (!address_is_v4(address)) {
		index = &table->v6;
		memcpy(&head, address->bytes, sizeof head);
		head = be32toh(head);
	}

	uint32_t cell = index->cells[head >> index->shift];
	if ((cell & CELL_BUCKET) == 0)
		return cell;
	return find_in_bucket(table, &index->buckets[cell & ~CELL_BUCKET], address);
}

struct prefix_range prefix_table_find_range(const struct prefix_table *table, uint32_t v4)
{
	const struct intervals *intervals = &table->intervals;
	wide at = v4_start() + v4;
	uint32_t number = search(intervals->starts, 0, intervals->count, at);
	wide first = intervals->starts[number];
	wide end = number + 1 < intervals->count ? intervals->starts[number + 1]
						 : v4_start() + UINT32_MAX + 1;
	return (struct prefix_range){
	    .first = first < v4_start() ? 0 : (uint32_t)(first - v4_start()),
	    .last = end - v4_start() > UINT32_MAX ? UINT32_MAX : (uint32_t)(end - v4_start()) - 1,
	    .value = intervals->values[number],
	};
}

struct prefix_table_view prefix_table_view(const struct prefix_table *table)
{
	return (struct prefix_table_view){table, table->v4.cells, table->v4.shift};
}

uint64_t prefix_table_count_v4(const struct prefix_table *table, uint32_t mask)
{
	const struct intervals *intervals = &table->intervals;
	wide v4_end = v4_start() + (UINT64_C(1) << 32);
	uint64_t sum = 0;
	for (uint32_t i = 0; i < intervals->count; i++) {
		wide start = intervals->starts[i];
		wide end = i + 1 < intervals->count ? intervals->starts[i + 1] : v4_end;
		start = start < v4_start() ? v4_start() : start;
		end = end > v4_end ? v4_end : end;
		if (start < end && (intervals->values[i] & mask) != 0)
			sum += (uint64_t)(end - start);
	}
	return sum;
}

static size_t index_bytes(const struct family_index *index)
{
	return (sizeof *index->cells << index->bits) + index->bucket_count * sizeof *index->buckets;
}

size_t prefix_table_bytes(const struct prefix_table *table)
{
	size_t interval_bytes = sizeof *table->intervals.starts + sizeof *table->intervals.values;
	return sizeof *table + index_bytes(&table->v4) + index_bytes(&table->v6) +
	       table->intervals.count * interval_bytes;
}
