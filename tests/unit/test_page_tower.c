/* The picture as JSON: each sees what is his to see, and not a word more. */
#include "cmd/station/page_tower.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "store_help.h"
#include "test.h"

static struct store *store;
static struct tower_map *map;
static int64_t city;
static int64_t clinic;
static char *text;
static size_t text_bytes;

static void put(struct store_record record)
{
	struct complaint complaint;
	if (store_put(store, record, STORE_REPLACE, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		exit(1);
	}
}

static int64_t add_member(const char *name, const char *prefix)
{
	struct store_member member = {.name = name, .language = "ja", .zone = ""};
	put(STORE_RECORD(&member));
	struct store_prefix range = {.member_id = member.id, .prefix = prefix};
	put(STORE_RECORD(&range));
	return member.id;
}

static void add_incident(int64_t member, const char *state, const char *severity, bool drill)
{
	struct store_incident incident = {.member_id = member,
	    .member = "",
	    .subject = "203.0.113.9",
	    .rule = "scan.dark",
	    .drill = drill,
	    .state = state,
	    .severity = severity,
	    .finding = "{}"};
	put(STORE_RECORD(&incident));
}

static void begin(void)
{
	struct complaint complaint;
	struct prefix dark;
	const char *why;
	const struct tower_options options = {
	    .dark = &dark, .dark_count = 1, .quiet_us = INT64_C(1000000)};
	store = open_store("memory", NULL, false);
	if (store_begin(store, NULL) != 0 || prefix_parse("10.9.0.0/16", &dark, &why) != 0)
		exit(1);
	city = add_member("city \"<b>\"", "203.0.113.0/24");
	clinic = add_member("clinic", "198.51.100.0/24");
	add_incident(city, "new", "low", false);
	add_incident(city, "relapsed", "critical", false);
	add_incident(city, "closed", "critical", false);
	add_incident(city, "quiet", "high", false);
	add_incident(clinic, "in-progress", "medium", true);
	add_incident(0, "new", "high", false); /* of no member */
	if (store_commit(store, NULL) != 0 ||
	    tower_map_read(store, &options, &map, &complaint) != 0)
		exit(1);
}

static void end(void)
{
	tower_map_free(map);
	store_close(store);
}

static void drop_text(void)
{
	free(text);
	text = NULL;
}

static struct json_node *tower_of(enum tower_sight sight, int64_t member)
{
	const struct tower_viewer viewer = {.sight = sight, .member = member};
	FILE *out = open_memstream(&text, &text_bytes);
	if (out == NULL || page_tower_write(out, map, store, &viewer, NULL) != 0 ||
	    fclose(out) != 0)
		exit(1);
	struct json_node *tower = NULL;
	if (json_read(text, text_bytes, &tower, NULL) != 0)
		printf("# no JSON: %s\n", text);
	return tower;
}

static void done(struct json_node *json)
{
	json_read_free(json);
	drop_text();
}

static int64_t number(const struct json_node *object, const char *name)
{
	int64_t value = -1;
	(void)json_read_whole(json_read_member(object, name), &value);
	return value;
}

static const struct json_node *member_at(const struct json_node *tower, size_t i)
{
	return json_read_item(json_read_member(tower, "members"), i);
}

static size_t list_length(const struct json_node *tower, const char *list)
{
	return json_read_count(json_read_member(tower, list));
}

static const char *string(const struct json_node *object, const char *name)
{
	const char *value = "";
	(void)json_read_text(json_read_member(object, name), &value);
	return value;
}

static void test_tower(void)
{
	begin();
	struct json_node *tower = tower_of(TOWER_SEES_ALL, 0);
	const struct json_node *second = member_at(tower, 1);
	const struct json_node *incidents = json_read_member(second, "incidents");
	OK(number(second, "id") == city && strcmp(string(second, "name"), "city \"<b>\"") == 0 &&
		number(second, "addresses") == 256,
	    "a member with its addresses");
	OK(number(incidents, "critical") == 1 && number(incidents, "low") == 1 &&
		number(incidents, "high") == 0 &&
		strcmp(string(second, "severity"), "critical") == 0,
	    "what is open of it, and the worst of that");
	OK(number(json_read_member(member_at(tower, 0), "drills"), "medium") == 1 &&
		strcmp(string(member_at(tower, 0), "drill_severity"), "medium") == 0 &&
		string(member_at(tower, 0), "severity")[0] == '\0',
	    "an exercise is counted apart and alarms nobody");
	OK(number(second, "live") == -1, "how much of it is in use nobody knows: nobody listens");
	const struct json_node *range = json_read_item(json_read_member(second, "ranges"), 0);
	OK(strcmp(string(range, "prefix"), "203.0.113.0/24") == 0 &&
		strlen(string(range, "cells")) == 32,
	    "its range in cells");
	OK(list_length(tower, "dark") == 1, "and dark ranges of nobody");
	done(tower);
	tower = tower_of(TOWER_SEES_NAMES, 0);
	OK(list_length(tower, "members") == 2 && strstr(text, "203.") == NULL &&
		strstr(text, "10.9") == NULL && strstr(text, "clinic") != NULL,
	    "a wall screen: names, and no addresses");
	done(tower);
	tower = tower_of(TOWER_SEES_OWN, clinic);
	OK(list_length(tower, "members") == 1 && strstr(text, "city") == NULL &&
		strstr(text, "203.") == NULL && strstr(text, "10.9") == NULL &&
		strstr(text, "198.51.100.0/24") != NULL,
	    "a member: its own, and nobody else");
	done(tower);
	tower = tower_of(TOWER_SEES_OWN, 999);
	OK(list_length(tower, "members") == 0, "of a member that is gone: nothing");
	done(tower);
	end();
}

static struct spark make_spark(uint32_t from, int64_t from_member, uint32_t to, int64_t to_member)
{
	return (struct spark){.from = address_from_v4_u32(from),
	    .to = address_from_v4_u32(to),
	    .from_member = from_member,
	    .to_member = to_member,
	    .packets = 5,
	    .targets = 2,
	    .port = 445,
	    .protocol = 6,
	    .from_bits = ADDRESS_BITS};
}

static bool write_sparks(const struct sparks_news *news, enum tower_sight sight, int64_t member)
{
	const struct tower_viewer viewer = {.sight = sight, .member = member};
	FILE *out = open_memstream(&text, &text_bytes);
	const bool has_any = out != NULL && page_sparks_write(out, news, &viewer);
	if (out == NULL || fclose(out) != 0)
		exit(1);
	return has_any;
}

static bool says(const char *list)
{
	const bool found = strstr(text, list) != NULL;
	if (!found)
		printf("# %s\n", text);
	return found;
}

/* A range to which somebody listens. */
static void test_live(void)
{
	begin();
	map->ranges[0].is_listened = true;
	map->ranges[0].live = 7;
	struct json_node *tower = tower_of(TOWER_SEES_ALL, 0);
	const struct json_node *first = member_at(tower, 0);
	OK(number(first, "live") == 7 &&
		number(json_read_item(json_read_member(first, "ranges"), 0), "live") == 7,
	    "where somebody listens, how many are heard");
	done(tower);
	end();
}

static void test_sparks(void)
{
	static struct sparks_news news = {
	    .bytes = sizeof news, .count = 3, .left = 4, .left_packets = 9};
	news.list[0] = make_spark(0xcb007101, 1, 0xc6336402, 2);
	news.list[0].flags = SPARK_DARK;
	news.list[1] = make_spark(0x08080404, SPARK_NOBODY, 0xcb007103, 1);
	news.list[2] = make_spark(0x09090900, SPARK_NOBODY, 0, SPARK_NOBODY);
	news.list[2].from_bits = ADDRESS_V4_BITS + 24;
	news.list[2].flags = SPARK_SUM | SPARK_DARK;
	OK(write_sparks(&news, TOWER_SEES_ALL, 0) &&
		says("[[1,\"203.0.113.1\",2,\"198.51.100.2\",0,6,445,5,2,1],"
		     "[null,\"8.8.4.4\",1,\"203.0.113.3\",0,6,445,5,2,0],"
		     "[null,\"9.9.9.0/24\",null,null,0,6,445,5,2,5]]") &&
		says("\"left\":{\"sightings\":4,\"packets\":9}"),
	    "an operator sees all");
	drop_text();
	OK(write_sparks(&news, TOWER_SEES_NAMES, 0) &&
		says("[[1,null,2,null,0,6,445,5,2,1],[null,\"8.8.0.0/16\",1,null,0,6,445,5,2,0],"
		     "[null,\"9.9.0.0/16\",null,null,0,6,445,5,2,5]]"),
	    "a wall screen sees members, and where in the internet strangers are");
	drop_text();
	OK(write_sparks(&news, TOWER_SEES_OWN, 1) &&
		says("[[1,\"203.0.113.1\",null,null,0,6,445,5,2,1],"
		     "[null,\"8.8.4.4\",1,\"203.0.113.3\",0,6,445,5,2,0]]") &&
		strstr(text, "left") == NULL,
	    "a member sees its own ends, and of another member's not that it is one");
	drop_text();
	OK(write_sparks(&news, TOWER_SEES_OWN, 2) &&
		says("[[null,null,2,\"198.51.100.2\",0,6,445,5,2,1]]"),
	    "nor who of the others knocked");
	drop_text();
	OK(!write_sparks(&news, TOWER_SEES_OWN, 3) && text_bytes == 0,
	    "where nothing is its own there is nothing");
	drop_text();
}

/* As the table of routes asks. */
static size_t ask(enum page_role role, int64_t member, int64_t now_us)
{
	static struct station_config config;
	const struct page_world world = {.config = &config, .now_us = now_us};
	const struct page_who who = {.role = role, .member_id = member};
	const struct page_question question = {
	    .route = page_tower_routes, .store = store, .who = &who, .world = &world};
	struct page_answer answer = {.problem = {.status = 0}};
	answer.out = open_memstream(&text, &text_bytes);
	if (answer.out == NULL)
		exit(1);
	const unsigned status = page_tower_routes[0].read(&question, &answer);
	if (fclose(answer.out) != 0 || status != 200)
		return 0;
	struct json_node *tower = NULL;
	if (json_read(text, text_bytes, &tower, NULL) != 0)
		return 0;
	const size_t members = list_length(tower, "members");
	json_read_free(tower);
	drop_text();
	return members;
}

static void test_route(void)
{
	begin();
	OK(ask(PAGE_OPERATOR, 0, 1000) == 2 && ask(PAGE_VIEWER, 0, 1000) == 2 &&
		ask(PAGE_MEMBER, city, 1000) == 1 && ask(PAGE_MEMBER, 0, 1000) == 0,
	    "each role has its sight");
	if (store_begin(store, NULL) != 0)
		exit(1);
	(void)add_member("new", "192.0.2.0/24");
	if (store_commit(store, NULL) != 0)
		exit(1);
	OK(ask(PAGE_OPERATOR, 0, 2000) == 3, "who is entered is there at once");
	end();
}

int main(void)
{
	test_tower();
	test_live();
	test_route();
	test_sparks();
	return test_done();
}
