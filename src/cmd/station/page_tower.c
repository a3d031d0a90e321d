#include "cmd/station/page_tower.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/incident.h"
#include "alert/severity.h"
#include "base/json.h"
#include "base/when.h"
#include "cmd/station/config.h"
#include "cmd/station/wire_web.h"

enum {
	/* Of a stranger so much is where in the internet he is, and no machine. */
	REGION_V4_BITS = ADDRESS_V4_BITS + 16,
	REGION_V6_BITS = 32,
};

/* A map is no older. */
#define PAGE_TOWER_US (10 * WHEN_SECOND_US)

/* ---- Incidents ---- */

struct trouble {
	int64_t member;
	uint32_t open[SEVERITY_COUNT];
	uint32_t drills[SEVERITY_COUNT];
};

struct troubles {
	struct trouble *list; /* in order of ids */
	size_t count;
};

static int compare_members(const void *a, const void *b)
{
	const struct trouble *one = a;
	const struct trouble *other = b;
	return (one->member > other->member) - (one->member < other->member);
}

static int visit_incident(void *context, const void *record)
{
	const struct troubles *troubles = context;
	const struct store_incident *incident = record;
	const struct trouble key = {.member = incident->member_id};
	const int severity = severity_find(incident->severity);
	struct trouble *trouble =
	    bsearch(&key, troubles->list, troubles->count, sizeof key, compare_members);
	if (trouble == NULL || severity < 0)
		return 0;
	if (incident->drill)
		trouble->drills[severity]++;
	else
		trouble->open[severity]++;
	return 0;
}

/* Counts what is open of each member. The list is the caller's to free. */
static int count_incidents(const struct tower_map *map, struct store *store,
    struct troubles *ret_troubles, struct complaint *complaint)
{
	const char *states[INCIDENT_STATE_COUNT];
	size_t count = 0;
	for (int i = 0; i < INCIDENT_STATE_COUNT; i++)
		if (incident_is_open((enum incident_state)i))
			states[count++] = incident_state_name((enum incident_state)i);
	const struct store_query open = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .test = STORE_IN, .texts = states, .count = count}},
	};
	struct troubles troubles = {calloc(map->member_count + 1, sizeof(struct trouble)), 0};
	if (troubles.list == NULL)
		return complain(complaint, -ENOMEM, "out of memory for the picture of members");
	for (size_t i = 0; i < map->member_count; i++)
		troubles.list[troubles.count++].member = map->members[i].id;
	qsort(troubles.list, troubles.count, sizeof *troubles.list, compare_members);
	const int result = store_each(store, &open, visit_incident, &troubles, complaint);
	if (result != 0)
		free(troubles.list);
	else
		*ret_troubles = troubles;
	return result;
}

/* ---- Members ---- */

static void write_prefix(
    struct json *json, const struct tower_viewer *viewer, const struct prefix *prefix)
{
	char text[PREFIX_TEXT_BYTES];
	prefix_format(prefix, text);
	json_string(json, "prefix", viewer->sight == TOWER_SEES_NAMES ? NULL : text);
}

/* Where nobody listens, nobody knows. */
static void put_live(struct json *json, bool is_known, uint64_t live)
{
	if (is_known)
		json_unsigned(json, "live", live);
	else
		json_string(json, "live", NULL);
}

static void write_range(
    struct json *json, const struct tower_viewer *viewer, const struct tower_range *range)
{
	char cells[TOWER_CELLS_MAX + 1] = "";
	for (size_t i = 0; i < range->cell_count; i++)
		cells[i] = tower_cell_sign(range, i);
	json_open_object(json, NULL);
	write_prefix(json, viewer, &range->prefix);
	json_bool(json, "v6", !prefix_is_v4(&range->prefix));
	json_unsigned(json, "addresses", range->size);
	put_live(json, range->is_listened, range->live);
	json_unsigned(json, "dark", range->declared + tower_range_learned(range));
	json_string(json, "cells", cells);
	json_close_object(json);
}

static uint64_t add_up(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Addresses are those of IPv4: of IPv6 there are more than mean something. */
static void write_ranges(struct json *json, const struct tower_map *map,
    const struct tower_viewer *viewer, const struct tower_member *member)
{
	uint64_t addresses = 0;
	uint64_t live = 0;
	uint64_t dark = 0;
	size_t shown = 0;
	size_t v6 = 0;
	bool is_known = false;
	json_open_array(json, "ranges");
	for (size_t i = 0; i < member->ranges; i++) {
		const struct tower_range *range = &map->ranges[member->first + i];
		live = add_up(live, range->live);
		is_known = is_known || range->is_listened;
		if (prefix_is_v4(&range->prefix)) {
			addresses = add_up(addresses, range->size);
			dark = add_up(dark, add_up(range->declared, tower_range_learned(range)));
		} else {
			v6++;
		}
		if (range->is_shown && !viewer->is_for_tables)
			write_range(json, viewer, range);
		shown += range->is_shown;
	}
	json_close_array(json);
	json_unsigned(json, "more", member->ranges - shown);
	json_unsigned(json, "v6", v6);
	json_unsigned(json, "addresses", addresses);
	put_live(json, is_known, live);
	json_unsigned(json, "dark", dark);
}

static void write_counts(struct json *json, const char *name, const char *worst_name,
    const uint32_t counts[static SEVERITY_COUNT])
{
	const char *worst = NULL;
	json_open_object(json, name);
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		json_unsigned(json, severity_name((enum severity)i), counts[i]);
		if (counts[i] > 0)
			worst = severity_name((enum severity)i);
	}
	json_close_object(json);
	json_string(json, worst_name, worst);
}

static void write_member(struct json *json, const struct tower_map *map,
    const struct tower_viewer *viewer, const struct tower_member *member,
    const struct trouble *trouble)
{
	json_open_object(json, NULL);
	json_signed(json, "id", member->id);
	json_string(json, "name", member->name);
	write_ranges(json, map, viewer, member);
	write_counts(json, "incidents", "severity", trouble->open);
	write_counts(json, "drills", "drill_severity", trouble->drills);
	json_close_object(json);
}

int page_tower_write(FILE *out, const struct tower_map *map, struct store *store,
    const struct tower_viewer *viewer, struct complaint *complaint)
{
	struct troubles troubles;
	struct json json;
	const int result = count_incidents(map, store, &troubles, complaint);
	if (result != 0)
		return result;
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_open_array(&json, "members");
	for (size_t i = 0; i < map->member_count; i++) {
		const struct trouble key = {.member = map->members[i].id};
		if (viewer->sight != TOWER_SEES_OWN || viewer->member == key.member)
			write_member(&json, map, viewer, &map->members[i],
			    bsearch(
				&key, troubles.list, troubles.count, sizeof key, compare_members));
	}
	json_close_array(&json);
	json_open_array(&json, "dark");
	for (size_t i = 0; i < map->dark_count && viewer->sight != TOWER_SEES_OWN; i++) {
		json_open_object(&json, NULL);
		write_prefix(&json, viewer, &map->dark[i]);
		json_bool(&json, "v6", !prefix_is_v4(&map->dark[i]));
		if (!viewer->is_for_tables || prefix_is_v4(&map->dark[i]))
			json_unsigned(&json, "addresses", prefix_size(&map->dark[i]));
		json_close_object(&json);
	}
	json_close_array(&json);
	json_close_object(&json);
	free(troubles.list);
	return 0;
}

/* ---- Sparks ---- */

/* One end of a spark. */
struct end {
	int64_t member;
	struct prefix at; /* of no bits: it is not known */
};

static struct prefix region_of(const struct prefix *at)
{
	const uint8_t most = prefix_is_v4(at) ? REGION_V4_BITS : REGION_V6_BITS;
	struct prefix region = {.bits = at->bits < most ? at->bits : most};
	for (unsigned i = 0; i < region.bits; i++)
		region.address.bytes[i / 8] |=
		    (uint8_t)(at->address.bytes[i / 8] & (0x80U >> (i % 8)));
	return region;
}

static void write_place(struct json *json, const struct prefix *at)
{
	char text[PREFIX_TEXT_BYTES];
	if (at->bits == ADDRESS_BITS)
		address_format(&at->address, text);
	else
		prefix_format(at, text);
	json_string(json, NULL, at->bits == 0 ? NULL : text);
}

static void write_end(struct json *json, const struct tower_viewer *viewer, struct end end)
{
	const bool is_stranger = end.member == SPARK_NOBODY;
	const bool is_hidden =
	    !is_stranger && viewer->sight == TOWER_SEES_OWN && viewer->member != end.member;
	if (is_hidden || (!is_stranger && viewer->sight == TOWER_SEES_NAMES))
		end.at.bits = 0;
	else if (viewer->sight == TOWER_SEES_NAMES)
		end.at = region_of(&end.at);
	if (is_stranger || is_hidden)
		json_string(json, NULL, NULL);
	else
		json_signed(json, NULL, end.member);
	write_place(json, &end.at);
}

static bool may_see(const struct tower_viewer *viewer, const struct spark *spark)
{
	return viewer->sight != TOWER_SEES_OWN || viewer->member == spark->from_member ||
	       viewer->member == spark->to_member;
}

static void write_spark(
    struct json *json, const struct tower_viewer *viewer, const struct spark *spark)
{
	const bool has_target = (spark->flags & SPARK_SUM) == 0;
	json_open_array(json, NULL);
	write_end(json, viewer, (struct end){spark->from_member, {spark->from, spark->from_bits}});
	write_end(json, viewer,
	    (struct end){spark->to_member, {spark->to, has_target ? ADDRESS_BITS : 0}});
	json_unsigned(json, NULL, spark->kind);
	json_unsigned(json, NULL, spark->protocol);
	json_unsigned(json, NULL, spark->port);
	json_unsigned(json, NULL, spark->packets);
	json_unsigned(json, NULL, spark->targets);
	json_unsigned(json, NULL, spark->flags);
	json_close_array(json);
}

bool page_sparks_write(FILE *out, const struct sparks_news *news, const struct tower_viewer *viewer)
{
	struct json json;
	char text[WHEN_TEXT_BYTES];
	size_t count = 0;
	for (uint32_t i = 0; i < news->count; i++)
		count += may_see(viewer, &news->list[i]);
	if (count == 0 && (viewer->sight == TOWER_SEES_OWN || news->left == 0))
		return false;
	json_init(&json, out);
	json_open_object(&json, NULL);
	when_format_utc(news->at_us, text);
	json_string(&json, "at", text);
	json_unsigned(&json, "over_ms", WIRE_SPARKS_US / 1000);
	json_open_array(&json, "list");
	for (uint32_t i = 0; i < news->count; i++)
		if (may_see(viewer, &news->list[i]))
			write_spark(&json, viewer, &news->list[i]);
	json_close_array(&json);
	if (viewer->sight != TOWER_SEES_OWN) {
		json_open_object(&json, "left");
		json_unsigned(&json, "sightings", news->left);
		json_unsigned(&json, "packets", news->left_packets);
		json_close_object(&json);
	}
	json_close_object(&json);
	return true;
}

/* ---- The route ---- */

struct tower_viewer page_tower_viewer(const struct page_who *who)
{
	switch (who->role) {
	case PAGE_OPERATOR:
		return (struct tower_viewer){.sight = TOWER_SEES_ALL};
	case PAGE_VIEWER:
		return (struct tower_viewer){.sight = TOWER_SEES_NAMES};
	case PAGE_MEMBER:
	case PAGE_NOBODY:
	default:
		return (struct tower_viewer){.sight = TOWER_SEES_OWN, .member = who->member_id};
	}
}

/* All that was heard is looked through for a map: that of some seconds ago serves, unless somebody
 * came, went or moved since. */
struct kept_map {
	struct tower_map *map; /* NULL: there is none */
	int64_t made_us;
	int64_t members;
	int64_t prefixes;
};

static int count_records(struct store *store, struct kept_map *counts, struct complaint *complaint)
{
	const struct store_query members = {.kind = STORE_MEMBER};
	const struct store_query prefixes = {.kind = STORE_PREFIX};
	const int result = store_count(store, &members, &counts->members, complaint);
	return result != 0 ? result : store_count(store, &prefixes, &counts->prefixes, complaint);
}

static int find_map(const struct page_question *question, const struct tower_map **ret_map,
    struct complaint *complaint)
{
	static struct kept_map kept; /* of the process, as long as it lives */
	const struct page_world *world = question->world;
	const struct tower_options options = {.dark = world->config->dark.list,
	    .dark_count = world->config->dark.count,
	    .quiet_us = world->config->watch.quiet_us};
	struct kept_map found = {.made_us = world->now_us};
	int result = count_records(question->store, &found, complaint);
	const int64_t age_us = world->now_us - kept.made_us;
	const bool is_good = kept.map != NULL && kept.members == found.members &&
			     kept.prefixes == found.prefixes && age_us >= 0 &&
			     age_us < PAGE_TOWER_US;
	if (result == 0 && !is_good)
		result = tower_map_read(question->store, &options, &found.map, complaint);
	if (result != 0)
		return result;
	if (!is_good) {
		tower_map_free(kept.map);
		kept = found;
	}
	*ret_map = kept.map;
	return 0;
}

static unsigned read_tower(const struct page_question *question, struct page_answer *answer)
{
	struct tower_viewer viewer = page_tower_viewer(question->who);
	const struct tower_map *map;
	viewer.is_for_tables = question->is_table;
	int result = find_map(question, &map, &answer->complaint);
	if (result == 0)
		result = page_tower_write(
		    answer->out, map, question->store, &viewer, &answer->complaint);
	return result == 0 ? 200 : page_broken(answer);
}

static const char *const member_columns[] = {"id", "name", "severity", "incidents.critical",
    "incidents.high", "incidents.medium", "incidents.low", "incidents.info", "addresses", "live",
    "dark", "v6", "drill_severity", "drills.critical", "drills.high", "drills.medium", "drills.low",
    "drills.info", NULL};
static const char *const dark_columns[] = {"prefix", "v6", "addresses", NULL};

static const struct page_part parts[] = {
    {"members", "members", member_columns, 0},
    {"dark", "dark", dark_columns, PAGE_OPERATOR | PAGE_VIEWER},
    {.name = NULL},
};

const struct page_route page_tower_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/tower",
	.roles = PAGE_SIGNED_IN,
	.read = read_tower,
	.summary = "Members with their ranges, what of these is used and dark, and what is open",
	.parts = parts},
    {.path = NULL},
};
