/* What shows that an incident was so, by the API: for whom, in which forms, and within its bounds.
 */
#include "cmd/station/page_evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/config.h"
#include "cmd/station/incident_file.h"
#include "source/frame.h"
#include "test.h"

enum {
	TOWN = 1,
	HOSPITAL = 2,
};

#define BEGIN_US (INT64_C(1775001600) * WHEN_SECOND_US)

static struct store *store;
static struct station_config config;
static struct page_world world = {.config = &config, .now_us = BEGIN_US};
static struct page_question question;
static struct page_answer answer;
static char *text;

static const struct page_route *find_row(const char *end)
{
	for (const struct page_route *row = page_evidence_routes; row->path != NULL; row++)
		if (strcmp(row->path + strlen(row->path) - strlen(end), end) == 0)
			return row;
	return NULL;
}

/* Asks as an account of this role and member. */
static unsigned ask(const char *row, const char *id, enum page_role role, int64_t member)
{
	static struct page_who who;
	size_t length = 0;
	free(text);
	text = NULL;
	who = (struct page_who){.role = role, .member_id = member, .language = "ja"};
	memset(&question, 0, sizeof question);
	memset(&answer, 0, sizeof answer);
	question.route = find_row(row);
	question.store = store;
	question.who = &who;
	question.world = &world;
	question.segments[0] = id;
	if (page_may(question.route, role) != 200)
		return page_may(question.route, role);
	answer.out = open_memstream(&text, &length);
	json_init(&answer.json, answer.out);
	const unsigned status = question.route->read(&question, &answer);
	(void)fclose(answer.out);
	return status;
}

static int64_t put_incident(int64_t member, const char *subject)
{
	struct store_incident record = {.member_id = member,
	    .member = "town",
	    .subject = subject,
	    .rule = "scan.dark",
	    .state = "new",
	    .close_reason = "",
	    .severity = "high",
	    .first_us = BEGIN_US,
	    .last_us = BEGIN_US + WHEN_MINUTE_US,
	    .opened_us = BEGIN_US,
	    .opened_wall_us = BEGIN_US,
	    .told_severity = "",
	    .finding = "{}",
	    .told_named = "",
	    .owed = "",
	    .retraction = ""};
	(void)store_put(store, STORE_RECORD(&record), STORE_REPLACE, NULL);
	return record.id;
}

static void begin(void)
{
	static const uint8_t syn[] = {0x45, 0, 0, 40, 0, 0, 0, 0, 57, 6, 0, 0, 198, 51, 100, 7, 198,
	    18, 0, 9, 0xc0, 0, 0, 23, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 2, 4, 0, 0, 0, 0, 0};
	const struct store_options memory = {.engine = "memory"};
	station_config_init(&config);
	(void)snprintf(config.station.name, sizeof config.station.name, "tower");
	(void)store_open(&memory, &store, NULL);
	(void)store_begin(store, NULL);
	(void)put_incident(TOWN, "198.51.100.7");
	(void)put_incident(HOSPITAL, "203.0.113.9");
	(void)put_incident(0, "192.0.2.1");
	struct store_frame frame = {.incident_id = 1,
	    .at_us = BEGIN_US,
	    .source = "ring:eth0",
	    .wire_bytes = sizeof syn,
	    .link_type = LINK_RAW,
	    .data = {syn, sizeof syn}};
	(void)store_put(store, STORE_RECORD(&frame), STORE_REPLACE, NULL);
	(void)store_commit(store, NULL);
}

static void test_who(void)
{
	static const char *const rows[] = {"/frames", "/timeline", "/targets"};
	bool own = true;
	bool others = false;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		own = own && ask(rows[i], "1", PAGE_OPERATOR, 0) == 200 &&
		      ask(rows[i], "1", PAGE_MEMBER, TOWN) == 200;
		others = others || ask(rows[i], "2", PAGE_MEMBER, TOWN) != 404 ||
			 ask(rows[i], "3", PAGE_MEMBER, TOWN) != 404 ||
			 ask(rows[i], "3", PAGE_MEMBER, 0) != 404 ||
			 ask(rows[i], "4", PAGE_OPERATOR, 0) != 404 ||
			 ask(rows[i], "1x", PAGE_OPERATOR, 0) != 404 ||
			 ask(rows[i], "", PAGE_OPERATOR, 0) != 404 ||
			 ask(rows[i], "1", PAGE_NOBODY, 0) != 401;
	}
	OK(own, "operator and member see what is theirs");
	OK(!others, "what is another's, or is not there, is not there for anybody else");
	OK(ask("/frames", "1", PAGE_VIEWER, 0) == 403 &&
		ask("/targets", "1", PAGE_VIEWER, 0) == 403,
	    "a screen on a wall shows no addresses");
	OK(ask("/timeline", "1", PAGE_VIEWER, 0) == 200, "but how much came when");
}

static void test_frames(void)
{
	OK(ask("/frames", "1", PAGE_MEMBER, TOWN) == 200 &&
		strstr(text, "{\"items\":[{\"at\":\"2026-04-01T00:00:00.000000Z\","
			     "\"from\":\"198.51.100.7\"") == text &&
		strstr(text, "\"total\":1}") != NULL,
	    "frames are told");
	OK(ask("/frames", "2", PAGE_OPERATOR, 0) == 200 &&
		strcmp(text, "{\"items\":[],\"total\":0}") == 0,
	    "of an incident without any there are none");
}

static void test_traces(void)
{
	OK(ask("/timeline", "1", PAGE_OPERATOR, 0) == 200 &&
		strstr(text, "{\"step_s\":60,\"points\":[[1775001600,null],[1775001660,null]]") ==
		    text,
	    "where no batch is there nobody says that it was quiet");
	OK(ask("/targets", "1", PAGE_OPERATOR, 0) == 200 &&
		strstr(text, "\"targets\":[]") != NULL && strstr(text, "\"prefix\":null") != NULL,
	    "nor which addresses");
	(void)store_begin(store, NULL);
	char id[24] = "";
	for (int i = 0; i <= PAGE_TRACES_MAX; i++) {
		char subject[32];
		(void)snprintf(subject, sizeof subject, "10.0.0.%d", i);
		(void)snprintf(id, sizeof id, "%lld", (long long)put_incident(TOWN, subject));
	}
	(void)store_commit(store, NULL);
	bool are_told = true;
	for (long long i = 1; i <= strtoll(id, NULL, 10); i++) {
		char one[24];
		(void)snprintf(one, sizeof one, "%lld", i);
		are_told = are_told && ask("/timeline", one, PAGE_OPERATOR, 0) == 200;
	}
	OK(are_told && ask("/timeline", "1", PAGE_OPERATOR, 0) == 200,
	    "one more than are remembered is told as well, and the first anew");
	page_evidence_release();
}

static void test_wrong(void)
{
	(void)store_begin(store, NULL);
	char id[24];
	(void)snprintf(id, sizeof id, "%lld", (long long)put_incident(TOWN, "nobody"));
	(void)store_commit(store, NULL);
	OK(ask("/timeline", id, PAGE_OPERATOR, 0) == 404, "of a subject that is none is no trace");
}

/* As the route does it, for each of the formats that it takes. */
static void test_files(void)
{
	static const char *const told[] = {"pcapng", "json", "csv"};
	const struct page_parameter *parameter = find_row("/evidence")->parameters;
	size_t count = 0;
	char names[512] = "";
	for (; parameter->choices[count] != NULL; count++) {
		const size_t used = strlen(names);
		(void)snprintf(names + used, sizeof names - used, "%s%s", count > 0 ? ", " : "",
		    parameter->choices[count]);
	}
	OK(strcmp(names, incident_file_formats()) == 0, "all formats can be asked for");
	for (int i = 0; i < EXPORT_TLP_COUNT; i++)
		OK(strcmp(parameter[1].choices[i], export_tlp_name((enum export_tlp)i)) == 0,
		    parameter[1].choices[i]);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		struct incident_file file = {.bytes = NULL};
		(void)ask("/frames", "1", PAGE_MEMBER, TOWN);
		question.route = find_row("/evidence");
		struct page_problem problem;
		OK(page_take(&question, "format", told[i], &problem) &&
			page_evidence_make(&question, &answer, &file) == 200 && file.length > 0 &&
			strstr(file.name, "incident-1.") == file.name,
		    told[i]);
		free(file.bytes);
	}
	struct incident_file file = {.bytes = NULL};
	struct page_problem problem;
	(void)ask("/frames", "2", PAGE_MEMBER, TOWN);
	question.route = find_row("/evidence");
	OK(page_evidence_make(&question, &answer, &file) == 404, "of another's there is none");
	OK(!page_take(&question, "format", "exe", &problem), "nor in another format");
	(void)ask("/frames", "1", PAGE_OPERATOR, 0);
	question.route = find_row("/evidence");
	(void)page_take(&question, "format", "stix", &problem);
	OK(page_evidence_make(&question, &answer, &file) == 409 &&
		strcmp(answer.problem.field, "format") == 0,
	    "a finding that cannot be read is no export, and that is said");
	OK(page_may(find_row("/evidence"), PAGE_VIEWER) == 403,
	    "a screen on a wall gives no files");
}

int main(void)
{
	if (export_prepare() != 0)
		return 1;
	begin();
	test_who();
	test_frames();
	test_traces();
	test_wrong();
	test_files();
	page_evidence_release();
	free(text);
	store_close(store);
	return test_done();
}
