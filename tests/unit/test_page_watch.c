/* What was observed in a length of time, beside the one before, and what of it is new. */
#include "cmd/station/page_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/when.h"
#include "cmd/station/statistics.h"
#include "cmd/station/talkers.h"
#include "store_help.h"
#include "test.h"

/* 2026-04-01 12:00 */
#define NOON (INT64_C(1775044800) * WHEN_SECOND_US)
#define SLOT (5 * WHEN_MINUTE_US)

enum {
	PERIOD_5M,
	PERIOD_HOUR,
	PERIOD_DAY,
};

static struct store *store;
static char *text;
static size_t text_bytes;
static int64_t now_us = NOON;

static void count(
    int64_t period_s, int64_t start_us, int64_t port, const char *country, int64_t packets)
{
	struct store_stat stat = {.period_s = period_s,
	    .start_us = start_us,
	    .kind = "request",
	    .protocol = 6,
	    .port = port,
	    .country = country,
	    .packets = packets,
	    .bytes = packets * 60,
	    .sources = 2};
	if (store_put(store, STORE_RECORD(&stat), STORE_ADD, NULL) != 0)
		exit(1);
}

static void add_incident(const char *tool, bool drill, int64_t last_us)
{
	char finding[256];
	struct store_incident incident = {.member = "",
	    .subject = "203.0.113.9",
	    .rule = "scan.dark",
	    .drill = drill,
	    .state = "new",
	    .severity = "high",
	    .last_us = last_us,
	    .finding = finding};
	(void)snprintf(
	    finding, sizeof finding, "{\"tool\":{\"name\":\"%s\",\"packets\":12}}", tool);
	if (store_put(store, STORE_RECORD(&incident), STORE_REPLACE, NULL) != 0)
		exit(1);
}

static void fill(void)
{
	struct store_meta talkers = {.key = TALKERS_KEY,
	    .value =
		"{\"5m\":{\"from\":\"2026-04-01T11:50:00Z\",\"list\":[[\"8.8.8.8\",\"US\",6,23,"
		"90],[\"162.142.125.9\",null,6,443,70],[\"9.9.9.9\",null,17,53,7]]}}"};
	if (store_begin(store, NULL) != 0 ||
	    store_put(store, STORE_RECORD(&talkers), STORE_REPLACE, NULL) != 0)
		exit(1);
	/* the latest five minutes, those before, and earlier days */
	count(300, NOON, 23, "CN", 100);
	count(300, NOON, 22, "", 300);
	count(300, NOON, 52869, "FJ", 5);
	count(300, NOON - SLOT, 23, "CN", 50);
	count(300, NOON - 11 * SLOT, 445, "US", 7);
	count(86400, NOON - NOON % WHEN_DAY_US - WHEN_DAY_US, 23, "CN", 1000);
	count(86400, NOON - NOON % WHEN_DAY_US - WHEN_DAY_US, 22, "US", 1000);
	count(86400, NOON - NOON % WHEN_DAY_US, 52869, "FJ", 5); /* of today itself */
	add_incident("mirai", false, NOON);
	add_incident("zmap", true, NOON);
	add_incident("masscan", false, NOON - WHEN_DAY_US);
	if (store_commit(store, NULL) != 0)
		exit(1);
}

static struct json_node *ask(size_t route, const char *table, int period, enum page_role role)
{
	static struct station_config config;
	const struct page_world world = {.config = &config, .now_us = now_us};
	const struct page_who who = {.role = role};
	struct page_question question = {.route = &page_watch_routes[route],
	    .store = store,
	    .who = &who,
	    .world = &world,
	    .segments = {table}};
	const char *const names[] = {"5m", "hour", "day"};
	struct page_answer answer = {.problem = {.status = 0}};
	struct json_node *root = NULL;
	free(text);
	text = NULL;
	answer.out = open_memstream(&text, &text_bytes);
	json_init(&answer.json, answer.out);
	if (answer.out == NULL || !page_take(&question, "period", names[period], &answer.problem))
		exit(1);
	const unsigned status = page_watch_routes[route].read(&question, &answer);
	if (fclose(answer.out) != 0)
		exit(1);
	if (status == 200 && json_read(text, text_bytes, &root, NULL) != 0)
		printf("# no JSON: %s\n", text);
	now_us += WHEN_MINUTE_US; /* whoever asks next gets another answer */
	return root;
}

static int64_t number(const struct json_node *object, const char *name)
{
	int64_t value = -1;
	(void)json_read_whole(json_read_member(object, name), &value);
	return value;
}

static bool is(const struct json_node *object, const char *name, const char *wanted)
{
	const char *value = "";
	(void)json_read_text(json_read_member(object, name), &value);
	return strcmp(value, wanted) == 0;
}

static const struct json_node *row(const struct json_node *root, const char *list, size_t i)
{
	return json_read_item(json_read_member(root, list), i);
}

static size_t length_of(const struct json_node *root, const char *list)
{
	return json_read_count(json_read_member(root, list));
}

static void test_minutes(void)
{
	struct json_node *root = ask(0, "", PERIOD_5M, PAGE_OPERATOR);
	OK(is(root, "from", "2026-04-01T12:00:00.000000Z") &&
		is(root, "until", "2026-04-01T12:05:00.000000Z") &&
		number(root, "packets") == 405 && number(root, "before") == 50,
	    "the latest five minutes, and those before");
	OK(length_of(root, "ports") == 3 && number(row(root, "ports", 0), "port") == 22 &&
		number(row(root, "ports", 0), "before") == 0 &&
		number(row(root, "ports", 1), "before") == 50,
	    "ports, those with the most first");
	OK(length_of(root, "series") == 3 && number(row(root, "series", 2), "packets") == 405,
	    "over time, in its order");
	OK(length_of(root, "new") == 2 && is(row(root, "new", 0), "country", "FJ") &&
		number(row(root, "new", 1), "port") == 52869,
	    "new is what no day before today had");
	OK(length_of(root, "tools") == 1 && is(row(root, "tools", 0), "tool", "mirai") &&
		number(row(root, "tools", 0), "packets") == 12,
	    "tools of then, and none of an exercise");
	OK(length_of(root, "talkers") == 2 && is(row(root, "talkers", 0), "source", "8.8.8.8") &&
		length_of(root, "surveys") == 1 &&
		is(row(root, "surveys", 0), "survey", "Censys") &&
		is(root, "talkers_from", "2026-04-01T11:50:00Z"),
	    "who sends the most, and surveys apart");
	json_read_free(root);
}

static void test_lengths(void)
{
	struct json_node *root = ask(0, "", PERIOD_HOUR, PAGE_OPERATOR);
	OK(number(root, "packets") == 462 && length_of(root, "ports") == 4, "an hour");
	json_read_free(root);
	root = ask(0, "", PERIOD_DAY, PAGE_OPERATOR);
	OK(root != NULL && length_of(root, "talkers") == 0, "a day");
	json_read_free(root);
}

static void put_whole(const char *value)
{
	struct store_meta whole = {.key = STATISTICS_WHOLE, .value = (char *)(uintptr_t)value};
	if (store_begin(store, NULL) != 0 ||
	    store_put(store, STORE_RECORD(&whole), STORE_REPLACE, NULL) != 0 ||
	    store_commit(store, NULL) != 0)
		exit(1);
}

/* Of the last five minutes only the first is counted. */
static void test_parts(void)
{
	put_whole("1775044860000000");
	struct json_node *root = ask(0, "", PERIOD_5M, PAGE_OPERATOR);
	OK(is(root, "until", "2026-04-01T12:00:00.000000Z") && number(root, "packets") == 50 &&
		length_of(root, "series") == 2,
	    "five minutes of which a part is counted are not shown yet");
	json_read_free(root);
	put_whole("1775045400000000");
	root = ask(0, "", PERIOD_5M, PAGE_OPERATOR);
	OK(is(root, "until", "2026-04-01T12:05:00.000000Z") && number(root, "packets") == 405,
	    "and as soon as they are whole they are");
	json_read_free(root);
	put_whole("nonsense");
	root = ask(0, "", PERIOD_5M, PAGE_OPERATOR);
	OK(is(root, "until", "2026-04-01T12:05:00.000000Z"), "what is no time tells none");
	json_read_free(root);
}

static void test_viewer(void)
{
	struct json_node *root = ask(0, "", PERIOD_5M, PAGE_VIEWER);
	OK(root != NULL && strstr(text, "8.8.8.8") == NULL && strstr(text, "162.142") == NULL &&
		length_of(root, "ports") == 3,
	    "a wall screen sees all but addresses");
	json_read_free(root);
	root = ask(1, "talkers", PERIOD_5M, PAGE_VIEWER);
	OK(root == NULL, "nor has it their table");
	json_read_free(root);
}

static void test_tables(void)
{
	struct json_node *root = ask(1, "talkers", PERIOD_5M, PAGE_OPERATOR);
	OK(length_of(root, "items") == 2, "a table by itself");
	json_read_free(root);
	root = ask(1, "countries", PERIOD_5M, PAGE_VIEWER);
	OK(length_of(root, "items") == 3, "another");
	json_read_free(root);
	root = ask(1, "nothing", PERIOD_5M, PAGE_OPERATOR);
	OK(root == NULL, "one that is none");
	json_read_free(root);
}

static void test_nothing(void)
{
	store_close(store);
	store = open_store("memory", NULL, false);
	struct json_node *root = ask(0, "", PERIOD_HOUR, PAGE_OPERATOR);
	OK(root != NULL && number(root, "packets") == 0 && length_of(root, "new") == 0,
	    "before anything was observed there is nothing");
	json_read_free(root);
}

int main(void)
{
	store = open_store("memory", NULL, false);
	fill();
	test_minutes();
	test_lengths();
	test_parts();
	test_viewer();
	test_tables();
	test_nothing();
	store_close(store);
	free(text);
	return test_done();
}
