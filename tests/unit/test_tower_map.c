/* Who lives where: ranges of members, and what of them is used, dark, or not known. */
#include "cmd/station/tower_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/watched_time.h"
#include "store_help.h"
#include "test.h"

#define NOW   (INT64_C(1775001600) * WHEN_SECOND_US)
#define QUIET (7 * WHEN_DAY_US)

static struct store *store;
static struct tower_map *map;

static void put(struct store_record record)
{
	struct complaint complaint;
	const enum store_put_mode mode = record.kind == STORE_HEARD ? STORE_ADD : STORE_REPLACE;
	if (store_put(store, record, mode, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		exit(1);
	}
}

static int64_t add_member(const char *name)
{
	struct store_member member = {.name = name, .language = "ja", .zone = ""};
	put(STORE_RECORD(&member));
	return member.id;
}

static void add_prefix(int64_t member, const char *text, bool dark)
{
	struct store_prefix prefix = {.member_id = member, .prefix = text, .dark = dark};
	put(STORE_RECORD(&prefix));
}

static void hear(const char *text, int64_t ago_us)
{
	struct store_heard heard = {.first_us = NOW - ago_us, .last_us = NOW - ago_us};
	if (address_parse(text, &heard.address) != 0)
		exit(1);
	put(STORE_RECORD(&heard));
}

static void watch(const char *prefix, int64_t ago_us)
{
	struct watched_time clock;
	char text[WATCHED_TEXT_BYTES];
	char key[64];
	char since[32];
	watched_init(&clock);
	clock.now_us = NOW;
	clock.heard_us = NOW;
	watched_format(&clock, text);
	(void)snprintf(key, sizeof key, "greynet.range.%s", prefix);
	(void)snprintf(since, sizeof since, "%" PRId64, NOW - ago_us);
	struct store_meta now = {.key = "greynet.clock", .value = text};
	struct store_meta range = {.key = key, .value = since};
	put(STORE_RECORD(&now));
	put(STORE_RECORD(&range));
}

static void begin(void)
{
	store = open_store("memory", NULL, false);
	if (store_begin(store, NULL) != 0)
		exit(1);
}

static void read_map(const char *dark)
{
	struct complaint complaint;
	struct prefix prefix;
	const char *why;
	const struct tower_options options = {
	    .dark = &prefix, .dark_count = dark != NULL, .quiet_us = QUIET};
	if (store_commit(store, NULL) != 0 ||
	    (dark != NULL && prefix_parse(dark, &prefix, &why) != 0) ||
	    tower_map_read(store, &options, &map, &complaint) != 0)
		exit(1);
}

static void end(void)
{
	tower_map_free(map);
	store_close(store);
}

static const struct tower_range *range_of(const char *name, size_t number)
{
	for (size_t i = 0; i < map->member_count; i++)
		if (strcmp(map->members[i].name, name) == 0 && number < map->members[i].ranges)
			return &map->ranges[map->members[i].first + number];
	return NULL;
}

static bool looks(const struct tower_range *range, const char *cells)
{
	char text[TOWER_CELLS_MAX + 1] = "";
	if (range == NULL)
		return false;
	for (size_t i = 0; i < range->cell_count; i++)
		text[i] = tower_cell_sign(range, i);
	if (strcmp(text, cells) != 0)
		printf("# %s, expected %s\n", text, cells);
	return strcmp(text, cells) == 0;
}

static void test_members(void)
{
	begin();
	const int64_t west = add_member("west");
	const int64_t none = add_member("none");
	const int64_t east = add_member("east");
	add_prefix(west, "203.0.113.0/24", false);
	add_prefix(east, "198.51.100.0/24", false);
	add_prefix(east, "2001:db8:1::/48", false);
	add_prefix(west, "192.0.2.0/25", false);
	add_prefix(west, "192.0.2.64/26", true);
	read_map(NULL);
	OK(map->member_count == 3 && map->members[0].id == west && map->members[1].id == east &&
		map->members[2].id == none && map->members[2].ranges == 0,
	    "in the order of their first addresses, who has none last");
	OK(map->range_count == 4 && map->members[0].ranges == 2 && map->members[1].first == 2 &&
		map->members[1].ranges == 2,
	    "a range within another is part of it, and those of one member follow each other");
	OK(range_of("east", 1)->size == UINT64_MAX, "a range of IPv6 has more than are counted");
	OK(range_of("west", 0)->declared == 64 &&
		looks(range_of("west", 0), "................################"),
	    "its dark half is where it is");
	OK(!range_of("east", 0)->is_listened &&
		looks(range_of("east", 0), "................................"),
	    "of what was not watched nothing is said");
	end();
}

static void test_live(void)
{
	begin();
	const int64_t city = add_member("city");
	add_prefix(city, "203.0.113.0/24", false);
	add_prefix(city, "198.51.100.0/24", false);
	watch("203.0.113.0/24", 8 * WHEN_DAY_US);
	watch("198.51.100.0/24", 6 * WHEN_DAY_US);
	hear("203.0.113.0", WHEN_DAY_US);
	hear("203.0.113.1", WHEN_DAY_US);
	hear("203.0.113.255", WHEN_DAY_US);
	hear("203.0.113.100", 8 * WHEN_DAY_US); /* and never again */
	hear("198.51.100.9", WHEN_HOUR_US);
	hear("192.0.2.1", WHEN_HOUR_US); /* of no member */
	read_map("203.0.113.64/29");
	const struct tower_range *range = range_of("city", 1);
	OK(range != NULL && range->live == 3 && range->declared == 8 && range->watched == 256 &&
		tower_range_learned(range) == 245,
	    "used, declared dark, and dark as was learned: each address once");
	OK(looks(range, "30000000#00000000000000000000002"), "each where it is");
	OK(range->is_listened, "somebody listens there");
	range = range_of("city", 0);
	OK(range->is_listened && range->live == 1 && range->watched == 0 &&
		tower_range_learned(range) == 0 && looks(range, ".2.............................."),
	    "as long as a range was not watched for long enough, silence means nothing");
	OK(map->dark_count == 0, "a member's dark is no stranger's");
	end();
}

static void test_dark(void)
{
	begin();
	const int64_t city = add_member("city");
	add_prefix(city, "203.0.113.0/26", false);
	read_map("203.0.113.4/32");
	OK(looks(range_of("city", 0), "..+.............................") &&
		range_of("city", 0)->declared == 1,
	    "less than a cell");
	end();
	begin();
	const int64_t small = add_member("small");
	add_prefix(small, "203.0.113.4/31", false);
	add_prefix(small, "203.0.113.9/32", false);
	hear("203.0.113.9", WHEN_HOUR_US);
	read_map("203.0.113.0/24");
	OK(looks(range_of("small", 0), "##") && looks(range_of("small", 1), "#") &&
		range_of("small", 1)->declared == 1,
	    "ranges of one and two addresses, all of them dark");
	OK(map->dark_count == 1, "what is around a member's range is nobody's");
	end();
	begin();
	(void)add_member("other");
	read_map("10.0.0.0/8");
	OK(map->dark_count == 1 && map->range_count == 0, "a darknet of no member");
	end();
}

static void test_local(void)
{
	begin();
	watch("192.168.1.0/24", 8 * WHEN_DAY_US);
	hear("192.168.1.77", WHEN_HOUR_US);
	read_map(NULL);
	OK(map->member_count == 1 && map->members[0].id == 0 &&
		strcmp(map->members[0].name, "local") == 0 && map->range_count == 1 &&
		map->ranges[0].live == 1,
	    "without members, what is watched is the operator's own");
	end();
	begin();
	read_map(NULL);
	OK(map->member_count == 1 && map->range_count == 0, "even where nothing is yet");
	end();
}

static void test_many(void)
{
	char text[PREFIX_TEXT_BYTES];
	begin();
	const int64_t city = add_member("city");
	for (int i = 0; i < TOWER_RANGES_SHOWN + 1; i++) {
		(void)snprintf(text, sizeof text, "203.0.%d.0/24", i);
		add_prefix(city, text, false);
	}
	(void)snprintf(text, sizeof text, "203.0.%d.9", TOWER_RANGES_SHOWN);
	hear(text, WHEN_HOUR_US);
	read_map(NULL);
	const struct tower_range *last = range_of("city", TOWER_RANGES_SHOWN);
	OK(range_of("city", TOWER_RANGES_SHOWN - 1)->cell_count == 8, "fewer cells where many are");
	OK(last != NULL && !last->is_shown && last->cell_count == 0 && last->live == 1,
	    "one more range than are shown is counted all the same");
	end();
}

int main(void)
{
	test_members();
	test_live();
	test_dark();
	test_local();
	test_many();
	return test_done();
}
