/* The table of the API: whether its rows are sound, and how parameters are taken. */
#include "cmd/station/page_routes.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/when.h"
#include "test.h"

/* ---- Every row ---- */

static size_t count_braces(const char *path)
{
	size_t count = 0;
	for (; *path != '\0'; path++)
		count += *path == '{';
	return count;
}

static bool is_sound(const struct page_route *route)
{
	const struct page_parameter *list[PAGE_PARAMETERS_MAX];
	const size_t count = page_parameters(route, list);
	bool good = strncmp(route->path, "/api/v1/", 8) == 0 && route->roles != 0 &&
		    count_braces(route->path) <= ROUTE_SEGMENTS_MAX && route->summary != NULL &&
		    (route->method == ROUTE_GET || route->run != NULL) &&
		    route->is_list == (route->columns != NULL);
	for (size_t i = 0; i < count; i++) {
		const struct page_parameter *one = list[i];
		const bool has_choices = one->type == PAGE_CHOICE || one->type == PAGE_CHOICES;
		good = good && one->help != NULL && has_choices == (one->choices != NULL) &&
		       one->max < PAGE_TEXT_BYTES + (one->type == PAGE_NUMBER ? INT64_MAX / 2 : 0);
		for (size_t j = 0; j < i; j++)
			good = good && strcmp(list[j]->name, one->name) != 0;
	}
	return good;
}

static void test_rows(void)
{
	size_t count;
	const struct page_route *const *routes = page_routes(&count);
	for (size_t i = 0; i < count; i++) {
		bool is_one = true;
		for (size_t j = 0; j < i; j++)
			is_one = is_one && (routes[i]->method != routes[j]->method ||
					       strcmp(routes[i]->path, routes[j]->path) != 0);
		OK(is_one && is_sound(routes[i]), routes[i]->path);
	}
}

static void test_description(void)
{
	char *text = NULL;
	size_t length = 0;
	size_t count;
	struct json_node *root = NULL;
	struct complaint complaint = {""};
	FILE *out = open_memstream(&text, &length);
	page_openapi_write(out);
	OK(fclose(out) == 0 && json_read(text, length, &root, &complaint) == 0,
	    "the description is JSON");
	const struct page_route *const *routes = page_routes(&count);
	const struct json_node *paths = json_read_member(root, "paths");
	bool has_all = true;
	for (size_t i = 0; i < count; i++)
		has_all = has_all && json_read_is_object(json_read_member(paths, routes[i]->path));
	OK(has_all, "of all routes");
	json_read_free(root);
	free(text);
}

/* ---- Parameters ---- */

static const char *const colours[] = {"red", "green", "blue", NULL};
static const struct page_parameter parameters[] = {
    {"text", PAGE_TEXT, 1, 5, NULL, "x"},
    {"number", PAGE_NUMBER, 1, 500, NULL, "x"},
    {"flag", PAGE_FLAG, 0, 0, NULL, "x"},
    {"colour", PAGE_CHOICE, 0, 0, colours, "x"},
    {"colours", PAGE_CHOICES, 0, 0, colours, "x"},
    {"time", PAGE_TIME, 0, 0, NULL, "x"},
    {"prefix", PAGE_PREFIX, 0, 0, NULL, "x"},
    {.name = NULL},
};

static const struct value_row {
	const char *name;
	const char *text;
	bool is_taken;
	int64_t number;
} value_rows[] = {
    {"text", "a", true, 0},
    {"text", "", false, 0},
    {"text", "12345", true, 0},
    {"text", "123456", false, 0},
    {"text", NULL, false, 0},
    {"number", "1", true, 1},
    {"number", "500", true, 500},
    {"number", "0", false, 0},
    {"number", "501", false, 0},
    {"number", "-1", false, 0},
    {"number", "01", false, 0},
    {"number", "+1", false, 0},
    {"number", " 1", false, 0},
    {"number", "1 ", false, 0},
    {"number", "1e1", false, 0},
    {"number", "", false, 0},
    {"number", "18446744073709551617", false, 0},
    {"flag", "0", true, 0},
    {"flag", "1", true, 1},
    {"flag", "2", false, 0},
    {"flag", "true", false, 0},
    {"colour", "blue", true, 2},
    {"colour", "Blue", false, 0},
    {"colour", "", false, 0},
    {"colour", "red,green", false, 0},
    {"colours", "red", true, 1},
    {"colours", "blue,red,blue", true, 5},
    {"colours", "red,", false, 0},
    {"colours", ",", false, 0},
    {"time", "1970-01-01T00:00:01Z", true, WHEN_SECOND_US},
    {"time", "1970-01-01T09:00:01+09:00", true, WHEN_SECOND_US},
    {"time", "1970-01-01T00:00:01", false, 0},
    {"time", "1970-01-01", false, 0},
    {"time", "yesterday", false, 0},
    {"time", "1d", false, 0},
    {"prefix", "192.0.2.5", true, 0},
    {"prefix", "192.0.2.0/24", true, 0},
    {"prefix", "2001:db8::/32", true, 0},
    {"prefix", "192.0.2.5/24", false, 0},
    {"prefix", "192.0.2", false, 0},
    {"prefix", "localhost", false, 0},
};

/* Whether it is taken, or refused with its name and what was expected. */
static bool is_as_told(const struct page_route *route, const struct value_row *row)
{
	static struct page_question question;
	struct page_problem problem = {0};
	question = (struct page_question){.route = route};
	if (page_take(&question, row->name, row->text, &problem) != row->is_taken)
		return false;
	if (row->is_taken)
		return page_number(&question, row->name, -1) == row->number &&
		       strcmp(page_text(&question, row->name), row->text) == 0;
	return problem.status == 400 && strcmp(problem.field, row->name) == 0 &&
	       strstr(problem.detail, ": expected ") != NULL &&
	       page_value(&question, row->name) == NULL;
}

static void test_values(void)
{
	const struct page_route route = {.path = "/api/v1/x", .parameters = parameters};
	for (size_t i = 0; i < sizeof value_rows / sizeof value_rows[0]; i++) {
		const struct value_row *row = &value_rows[i];
		char name[160];
		(void)snprintf(name, sizeof name, "%s=%s %s", row->name,
		    row->text != NULL ? row->text : "(damaged)",
		    row->is_taken ? "is taken" : "is refused");
		OK(is_as_told(&route, row), name);
	}
}

static void test_list(void)
{
	const struct page_parameter *list[PAGE_PARAMETERS_MAX];
	const struct page_route route = {
	    .path = "/api/v1/x", .parameters = parameters, .is_list = true};
	static struct page_question question;
	struct page_problem problem;
	question = (struct page_question){.route = &route};
	OK(page_parameters(&route, list) == 10, "a list has limit, after and format besides");
	OK(page_take(&question, "limit", "500", &problem) &&
		!page_take(&question, "limit", "501", &problem) &&
		!page_take(&question, "limit", "0", &problem),
	    "of so many items");
}

static void test_roles(void)
{
	const struct page_route route = {.roles = PAGE_OPERATOR | PAGE_VIEWER};
	OK(page_may(&route, PAGE_OPERATOR) == 200 && page_may(&route, PAGE_VIEWER) == 200,
	    "who may is let in");
	OK(page_may(&route, PAGE_MEMBER) == 403, "who may not is not");
	OK(page_may(&route, PAGE_NOBODY) == 401, "and nobody is asked to sign in");
	const struct page_route open = {.roles = PAGE_NOBODY};
	OK(page_may(&open, PAGE_NOBODY) == 200, "where that is needed");
}

static void test_segments(void)
{
	static const struct {
		const char *text;
		int64_t id;
	} rows[] = {{"1", 1}, {"9007199254740992", INT64_C(1) << 53}, {"9007199254740993", 0},
	    {"0", 0}, {"-1", 0}, {"x", 0}, {"", 0}, {"1x", 0}, {"007", 0},
	    {"99999999999999999999", 0}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct page_question question;
		question.segments[0] = rows[i].text;
		OK(page_segment_id(&question, 0) == rows[i].id, rows[i].text);
	}
}

int main(void)
{
	test_rows();
	test_description();
	test_values();
	test_list();
	test_roles();
	test_segments();
	return test_done();
}
