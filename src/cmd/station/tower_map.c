#include "cmd/station/tower_map.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/watched_time.h"

enum {
	GROW_MIN = 16,
	CELL_BITS = 5, /* TOWER_CELLS_MAX */
	FEW_RANGES = 4,
	SOME_CELL_BITS = 3, /* of each range where there are more */
	DIGIT_MAX = 9,
};

#define RANGE_KEY "greynet.range."
#define CLOCK_KEY "greynet.clock"

static_assert(1 << CELL_BITS == TOWER_CELLS_MAX, "cells are parts of a prefix");

struct list {
	struct prefix *list;
	size_t count;
	size_t room;
};

/* What gathers while the store is read. */
struct making {
	struct tower_map *map;
	const struct tower_options *options;
	struct complaint *complaint;
	size_t member_room;
	size_t range_room;
	struct list dark;
	struct list listened; /* ranges that are watched, */
	struct list watched;  /* and, of these, for long enough; since when each was, */
	int64_t *since;
	size_t since_room;
	struct watched_time clock;
	int64_t quiet_from_us; /* who was not heard since then is silent */
};

static int no_memory(const struct making *making)
{
	return complain(making->complaint, -ENOMEM, "out of memory for the picture of members");
}

static void *make_room(void *array, size_t count, size_t *room, size_t item_bytes)
{
	if (count < *room)
		return array;
	const size_t more = *room == 0 ? GROW_MIN : *room * 2;
	void *grown = reallocarray(array, more, item_bytes);
	if (grown != NULL)
		*room = more;
	return grown;
}

static int add_prefix(const struct making *making, struct list *list, const struct prefix *prefix)
{
	void *grown = make_room(list->list, list->count, &list->room, sizeof *list->list);
	if (grown == NULL)
		return no_memory(making);
	list->list = grown;
	list->list[list->count++] = *prefix;
	return 0;
}

/* ---- Reading ---- */

static int visit_member(void *context, const void *record)
{
	struct making *making = context;
	struct tower_map *map = making->map;
	const struct store_member *member = record;
	void *grown =
	    make_room(map->members, map->member_count, &making->member_room, sizeof *map->members);
	if (grown == NULL)
		return no_memory(making);
	map->members = grown;
	struct tower_member *kept = &map->members[map->member_count++];
	*kept = (struct tower_member){.id = member->id};
	(void)snprintf(kept->name, sizeof kept->name, "%s", member->name);
	return 0;
}

static int add_range(struct making *making, const struct prefix *prefix, int64_t member)
{
	struct tower_map *map = making->map;
	void *grown =
	    make_room(map->ranges, map->range_count, &making->range_room, sizeof *map->ranges);
	if (grown == NULL)
		return no_memory(making);
	map->ranges = grown;
	map->ranges[map->range_count++] =
	    (struct tower_range){.prefix = *prefix, .member = member, .size = prefix_size(prefix)};
	return 0;
}

static int visit_prefix(void *context, const void *record)
{
	struct making *making = context;
	const struct store_prefix *stored = record;
	struct prefix prefix;
	const char *why;
	if (prefix_parse(stored->prefix, &prefix, &why) != 0)
		return 0; /* of a newer program */
	const int result = add_range(making, &prefix, stored->member_id);
	return result != 0 || !stored->dark ? result : add_prefix(making, &making->dark, &prefix);
}

static int add_watched(struct making *making, const char *text, const char *since)
{
	struct prefix prefix;
	const char *why;
	char *end;
	const long long since_us = strtoll(since, &end, 10);
	if (*end != '\0' || end == since || prefix_parse(text, &prefix, &why) != 0)
		return 0; /* likewise */
	void *grown =
	    make_room(making->since, making->watched.count, &making->since_room, sizeof(int64_t));
	if (grown == NULL)
		return no_memory(making);
	making->since = grown;
	making->since[making->watched.count] = since_us;
	const int result = add_prefix(making, &making->listened, &prefix);
	return result != 0 ? result : add_prefix(making, &making->watched, &prefix);
}

static int visit_meta(void *context, const void *record)
{
	struct making *making = context;
	const struct store_meta *meta = record;
	struct watched_time clock;
	if (strcmp(meta->key, CLOCK_KEY) == 0 && watched_parse(meta->value, &clock) == 0)
		making->clock = clock;
	else if (strncmp(meta->key, RANGE_KEY, strlen(RANGE_KEY)) == 0)
		return add_watched(making, meta->key + strlen(RANGE_KEY), meta->value);
	return 0;
}

/* Where there are no members, what is watched is the operator's own. */
static int add_local(struct making *making)
{
	struct store_member local = {.name = "local"};
	int result = 0;
	if (making->map->member_count > 0)
		return 0;
	result = visit_member(making, &local);
	for (size_t i = 0; i < making->watched.count && result == 0; i++)
		result = add_range(making, &making->watched.list[i], 0);
	return result;
}

static int read_all(struct making *making, struct store *store)
{
	const struct store_query members = {.kind = STORE_MEMBER};
	const struct store_query prefixes = {.kind = STORE_PREFIX};
	const struct store_query metas = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = "greynet."},
		{.column = "key", .test = STORE_BELOW, .text = "greynet/"}},
	};
	struct complaint *complaint = making->complaint;
	int result = store_each(store, &members, visit_member, making, complaint);
	if (result == 0)
		result = store_each(store, &prefixes, visit_prefix, making, complaint);
	if (result == 0)
		result = store_each(store, &metas, visit_meta, making, complaint);
	for (size_t i = 0; i < making->options->dark_count && result == 0; i++)
		result = add_prefix(making, &making->dark, &making->options->dark[i]);
	return result != 0 ? result : add_local(making);
}

/* ---- Sorting ---- */

/* Larger ones come before what lies in them. */
static int compare_prefixes(const void *a, const void *b)
{
	const struct prefix *one = a;
	const struct prefix *other = b;
	const int order = address_compare(&one->address, &other->address);
	return order != 0 ? order : (one->bits > other->bits) - (one->bits < other->bits);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct tower_range *one = a;
	const struct tower_range *other = b;
	return compare_prefixes(&one->prefix, &other->prefix);
}

static bool holds(const struct prefix *outer, const struct prefix *inner)
{
	return outer->bits <= inner->bits && prefix_contains(outer, &inner->address);
}

/* Leaves none that lies within another. */
static void settle_list(struct list *list)
{
	size_t kept = 0;
	if (list->count == 0)
		return;
	qsort(list->list, list->count, sizeof *list->list, compare_prefixes);
	for (size_t i = 1; i < list->count; i++)
		if (!holds(&list->list[kept], &list->list[i]))
			list->list[++kept] = list->list[i];
	list->count = kept + 1;
}

static void settle_ranges(struct tower_map *map)
{
	size_t kept = 0;
	if (map->range_count == 0)
		return;
	qsort(map->ranges, map->range_count, sizeof *map->ranges, compare_ranges);
	for (size_t i = 1; i < map->range_count; i++)
		if (!holds(&map->ranges[kept].prefix, &map->ranges[i].prefix))
			map->ranges[++kept] = map->ranges[i];
	map->range_count = kept + 1;
}

/* ---- What is in a range ---- */

/* The last of a sorted list that does not begin after the address; the count where there is none.
 */
static size_t find_last(
    const void *list, size_t count, size_t item_bytes, const struct address *address)
{
	size_t from = 0;
	size_t until = count;
	while (from < until) {
		const size_t middle = from + (until - from) / 2;
		const struct prefix *prefix =
		    (const void *)((const char *)list + middle * item_bytes);
		if (address_compare(&prefix->address, address) <= 0)
			from = middle + 1;
		else
			until = middle;
	}
	return from == 0 ? count : from - 1;
}

static_assert(offsetof(struct tower_range, prefix) == 0, "as find_last() takes them");

/* Which part of so many equal ones an address is in. */
static size_t part_of(const struct prefix *prefix, const struct address *address, unsigned bits)
{
	size_t part = 0;
	for (unsigned i = 0; i < bits; i++) {
		const unsigned at = prefix->bits + i;
		part = part << 1 | (address->bytes[at / 8] >> (7 - at % 8) & 1);
	}
	return part;
}

static unsigned cell_bits(const struct tower_range *range)
{
	return (unsigned)__builtin_ctz(range->cell_count);
}

static void darken(struct tower_range *range, const struct prefix *dark)
{
	const unsigned bits = cell_bits(range);
	if (holds(dark, &range->prefix)) {
		for (size_t i = 0; i < range->cell_count; i++)
			range->cells[i].dark = TOWER_DARK_WHOLE;
		return;
	}
	const size_t first = part_of(&range->prefix, &dark->address, bits);
	const unsigned own = range->prefix.bits + bits; /* of a cell */
	if (dark->bits > own) {
		if (range->cells[first].dark == TOWER_DARK_NONE)
			range->cells[first].dark = TOWER_DARK_PART;
		return;
	}
	for (size_t i = 0; i < (size_t)1 << (own - dark->bits); i++)
		range->cells[first + i].dark = TOWER_DARK_WHOLE;
}

static uint64_t add_up(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* How much of a range is in prefixes of a settled list; `each` is told of those. */
static uint64_t measure(struct tower_range *range, const struct list *list,
    void (*each)(struct tower_range *range, const struct prefix *prefix))
{
	uint64_t size = 0;
	size_t at = find_last(list->list, list->count, sizeof *list->list, &range->prefix.address);
	at = at == list->count ? 0 : at;
	for (; at < list->count; at++) {
		const struct prefix *prefix = &list->list[at];
		const bool is_around = holds(prefix, &range->prefix);
		if (!is_around && !holds(&range->prefix, prefix)) {
			if (address_compare(&prefix->address, &range->prefix.address) > 0)
				break;
			continue;
		}
		size = add_up(size, is_around ? range->size : prefix_size(prefix));
		if (each != NULL && range->cell_count > 0)
			each(range, prefix);
	}
	return size;
}

static int visit_heard(void *context, const void *record)
{
	struct making *making = context;
	const struct store_heard *heard = record;
	struct tower_map *map = making->map;
	const size_t at =
	    find_last(map->ranges, map->range_count, sizeof *map->ranges, &heard->address);
	if (at == map->range_count || heard->last_us < making->quiet_from_us)
		return 0;
	struct tower_range *range = &map->ranges[at];
	if (!prefix_contains(&range->prefix, &heard->address))
		return 0;
	range->live++;
	if (range->cell_count > 0)
		range->cells[part_of(&range->prefix, &heard->address, cell_bits(range))].live++;
	return 0;
}

/* Those of the ranges that were watched for long enough. */
static void keep_ready(struct making *making)
{
	size_t kept = 0;
	making->quiet_from_us = making->clock.now_us == INT64_MIN
				    ? INT64_MIN
				    : watched_before(&making->clock, making->options->quiet_us);
	for (size_t i = 0; i < making->watched.count; i++)
		if (making->clock.now_us != INT64_MIN && making->since[i] != INT64_MIN &&
		    watched_since(&making->clock, making->since[i]) >= making->options->quiet_us)
			making->watched.list[kept++] = making->watched.list[i];
	making->watched.count = kept;
	settle_list(&making->watched);
}

/* ---- Members ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct tower_member *one = a;
	const struct tower_member *other = b;
	return (one->id > other->id) - (one->id < other->id);
}

static int compare_firsts(const void *a, const void *b)
{
	const struct tower_member *one = a;
	const struct tower_member *other = b;
	if (one->first != other->first)
		return one->first < other->first ? -1 : 1;
	return compare_ids(a, b);
}

static int compare_homes(const void *a, const void *b)
{
	const struct tower_range *one = a;
	const struct tower_range *other = b;
	if (one->home != other->home)
		return one->home < other->home ? -1 : 1;
	return compare_ranges(a, b);
}

static struct tower_member *find_member(const struct tower_map *map, int64_t id)
{
	const struct tower_member key = {.id = id};
	return bsearch(&key, map->members, map->member_count, sizeof *map->members, compare_ids);
}

/* Members in order of their ids; ranges in that of addresses learn what their member has before. */
static void count_ranges(struct tower_map *map)
{
	size_t kept = 0;
	qsort(map->members, map->member_count, sizeof *map->members, compare_ids);
	for (size_t i = 0; i < map->range_count; i++) {
		struct tower_member *member = find_member(map, map->ranges[i].member);
		if (member == NULL)
			continue; /* it was removed while we read */
		if (member->ranges == 0)
			member->first = kept;
		map->ranges[kept] = map->ranges[i];
		map->ranges[kept].home = member->first;
		map->ranges[kept++].is_shown = member->ranges++ < TOWER_RANGES_SHOWN;
	}
	map->range_count = kept;
	for (size_t i = 0; i < kept; i++) {
		struct tower_range *range = &map->ranges[i];
		const size_t ranges = find_member(map, range->member)->ranges;
		const unsigned bits = ranges <= FEW_RANGES ? CELL_BITS : SOME_CELL_BITS;
		const unsigned host = ADDRESS_BITS - range->prefix.bits;
		if (range->is_shown)
			range->cell_count = UINT32_C(1) << (host < bits ? host : bits);
	}
}

/* Puts the ranges of each member together, and members in the order of their first addresses. */
static void gather_ranges(struct tower_map *map)
{
	if (map->range_count > 0)
		qsort(map->ranges, map->range_count, sizeof *map->ranges, compare_homes);
	for (size_t i = 0; i < map->member_count; i++)
		map->members[i].first = SIZE_MAX;
	for (size_t i = map->range_count; i-- > 0;)
		find_member(map, map->ranges[i].member)->first = i;
	qsort(map->members, map->member_count, sizeof *map->members, compare_firsts);
	for (size_t i = 0; i < map->member_count; i++)
		if (map->members[i].ranges == 0)
			map->members[i].first = 0;
}

/* ---- The whole ---- */

/* What is declared dark and no member's. */
static int keep_strange_dark(struct making *making)
{
	struct tower_map *map = making->map;
	map->dark = calloc(making->dark.count + 1, sizeof *map->dark);
	if (map->dark == NULL)
		return no_memory(making);
	for (size_t i = 0; i < making->dark.count; i++) {
		const struct prefix *dark = &making->dark.list[i];
		const size_t at =
		    find_last(map->ranges, map->range_count, sizeof *map->ranges, &dark->address);
		if (at == map->range_count || !holds(&map->ranges[at].prefix, dark))
			map->dark[map->dark_count++] = *dark;
	}
	return 0;
}

static int make(struct making *making, struct store *store)
{
	const struct store_query heard = {.kind = STORE_HEARD};
	struct tower_map *map = making->map;
	int result = read_all(making, store);
	if (result != 0)
		return result;
	settle_ranges(map);
	settle_list(&making->dark);
	settle_list(&making->listened);
	keep_ready(making);
	count_ranges(map);
	for (size_t i = 0; i < map->range_count; i++) {
		struct tower_range *range = &map->ranges[i];
		range->declared = measure(range, &making->dark, darken);
		range->watched = measure(range, &making->watched, NULL);
		range->is_listened = measure(range, &making->listened, NULL) > 0;
	}
	result = keep_strange_dark(making);
	if (result == 0)
		result = store_each(store, &heard, visit_heard, making, making->complaint);
	gather_ranges(map);
	return result;
}

int tower_map_read(struct store *store, const struct tower_options *options,
    struct tower_map **ret_map, struct complaint *complaint)
{
	struct making making = {.options = options, .complaint = complaint};
	watched_init(&making.clock);
	making.map = calloc(1, sizeof *making.map);
	int result = making.map == NULL ? no_memory(&making) : make(&making, store);
	free(making.dark.list);
	free(making.listened.list);
	free(making.watched.list);
	free(making.since);
	if (result != 0)
		tower_map_free(making.map);
	else
		*ret_map = making.map;
	return result;
}

void tower_map_free(struct tower_map *map)
{
	if (map == NULL)
		return;
	free(map->members);
	free(map->ranges);
	free(map->dark);
	free(map);
}

uint64_t tower_range_learned(const struct tower_range *range)
{
	const uint64_t other = add_up(range->declared, range->live);
	return !prefix_is_v4(&range->prefix) || range->watched <= other ? 0
									: range->watched - other;
}

char tower_cell_sign(const struct tower_range *range, size_t cell)
{
	const struct tower_cell *what = &range->cells[cell];
	uint64_t share = what->live;
	if (what->dark != TOWER_DARK_NONE)
		return what->dark == TOWER_DARK_WHOLE ? '#' : '+';
	if (what->live == 0)
		return range->watched > 0 ? '0' : '.';
	if (prefix_is_v4(&range->prefix)) {
		const uint64_t size = range->size / range->cell_count;
		share = (share * DIGIT_MAX + size - 1) / size;
	}
	return (char)('0' + (share > DIGIT_MAX ? DIGIT_MAX : share));
}
