#include "cmd/station/page_routes.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "base/when.h"
#include "cmd/station/page_call.h"
#include "cmd/station/page_evidence.h"
#include "cmd/station/page_events.h"
#include "cmd/station/page_incidents.h"
#include "cmd/station/page_now.h"
#include "cmd/station/page_operation.h"
#include "cmd/station/page_people.h"
#include "cmd/station/page_search.h"
#include "cmd/station/page_tower.h"
#include "cmd/station/page_watch.h"

/* ---- The table ---- */

/* Each ends with a row without a path. */
static const struct page_route *const blocks[] = {
    page_openapi_routes,
    page_evidence_routes,
    page_now_routes,
    page_incident_routes,
    page_member_routes,
    page_notice_routes,
    page_operation_routes,
    page_search_routes,
    page_event_routes,
    page_session_routes,
    page_account_routes,
    page_call_routes,
    page_tower_routes,
    page_watch_routes,
};

static const struct page_route *rows[PAGE_ROUTES_MAX];
static size_t row_count;

const struct page_route *const *page_routes(size_t *ret_count)
{
	const bool is_first = row_count == 0;
	for (size_t i = 0; is_first && i < sizeof blocks / sizeof blocks[0]; i++)
		for (const struct page_route *row = blocks[i]; row->path != NULL; row++) {
			assert(row_count < PAGE_ROUTES_MAX &&
			       (row->read == NULL) != (row->run == NULL));
			rows[row_count++] = row;
		}
	*ret_count = row_count;
	return rows;
}

/* ---- Parameters ---- */

static const char *const formats[] = {"json", "csv", NULL};

static const struct page_parameter list_parameters[] = {
    {"limit", PAGE_NUMBER, 1, PAGE_LIMIT_MAX, NULL, "how many items at most (50)"},
    {"after", PAGE_CURSOR, 1, PAGE_CURSOR_BYTES - 1, NULL, "the next of the page before"},
    {"format", PAGE_CHOICE, 0, 0, formats,
	"csv: a table of all columns, of up to 10000 rows without limit"},
    {.name = NULL},
};

static const struct page_parameter part_parameters[] = {
    {"format", PAGE_CHOICE, 0, 0, formats, "csv: one of the tables in it"},
    {"table", PAGE_PART, 0, 0, NULL, "which, with format=csv; where there is one, it is that"},
    {.name = NULL},
};

static size_t add_parameters(const struct page_parameter *list,
    const struct page_parameter *out[static PAGE_PARAMETERS_MAX], size_t count)
{
	for (; list != NULL && list->name != NULL; list++) {
		assert(count < PAGE_PARAMETERS_MAX);
		out[count++] = list;
	}
	return count;
}

size_t page_parameters(
    const struct page_route *route, const struct page_parameter *out[static PAGE_PARAMETERS_MAX])
{
	size_t count = add_parameters(route->parameters, out, 0);
	if (route->parts != NULL)
		count = add_parameters(part_parameters, out, count);
	return route->is_list ? add_parameters(list_parameters, out, count) : count;
}

static size_t find_parameter(
    const struct page_route *route, const char *name, const struct page_parameter **ret_parameter)
{
	const struct page_parameter *list[PAGE_PARAMETERS_MAX];
	const size_t count = page_parameters(route, list);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i]->name, name) != 0)
			continue;
		*ret_parameter = list[i];
		return i;
	}
	return PAGE_PARAMETERS_MAX;
}

/* A whole number, in its one spelling. */
static bool read_number(const char *text, int64_t *ret_number)
{
	char *end;
	const char *digits = text[0] == '-' ? text + 1 : text;
	if (digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && digits[1] != '\0'))
		return false;
	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	return *end == '\0' && errno == 0;
}

static int64_t find_choice(const char *const *choices, const char *text, size_t length)
{
	for (int64_t i = 0; choices[i] != NULL; i++)
		if (strlen(choices[i]) == length && strncmp(choices[i], text, length) == 0)
			return i;
	return -1;
}

static bool read_choices(const char *const *choices, const char *text, int64_t *ret_bits)
{
	*ret_bits = 0;
	for (;;) {
		const size_t length = strcspn(text, ",");
		const int64_t choice = find_choice(choices, text, length);
		if (choice < 0)
			return false;
		*ret_bits |= INT64_C(1) << choice;
		if (text[length] == '\0')
			return true;
		text += length + 1;
	}
}

/* Whether a time ends with its zone: whoever leaves it out gets another one than he thinks. */
static bool has_zone(const char *text)
{
	const size_t length = strlen(text);
	return length > 0 &&
	       (text[length - 1] == 'Z' || (length > 6 && strchr("+-", text[length - 6]) != NULL &&
					       strchr(text, ':') != NULL));
}

static bool read_prefix(const char *text, struct prefix *ret_prefix)
{
	const char *why;
	struct address address;
	if (address_parse(text, &address) != 0)
		return prefix_parse(text, ret_prefix, &why) == 0;
	*ret_prefix = (struct prefix){.address = address, .bits = ADDRESS_BITS};
	return true;
}

static int64_t find_part(const struct page_part *parts, const char *text)
{
	for (int64_t i = 0; parts[i].name != NULL; i++)
		if (strcmp(parts[i].name, text) == 0)
			return i;
	return -1;
}

static bool read_value(const struct page_route *route, const struct page_parameter *parameter,
    const char *text, struct page_value *value)
{
	const int64_t length = (int64_t)strlen(text);
	switch (parameter->type) {
	case PAGE_TEXT:
	case PAGE_CURSOR:
		return length >= parameter->min && length <= parameter->max;
	case PAGE_NUMBER:
		return read_number(text, &value->number) && value->number >= parameter->min &&
		       value->number <= parameter->max;
	case PAGE_FLAG:
		return read_number(text, &value->number) && value->number >= 0 &&
		       value->number <= 1;
	case PAGE_CHOICE:
		value->number = find_choice(parameter->choices, text, (size_t)length);
		return value->number >= 0;
	case PAGE_CHOICES:
		return read_choices(parameter->choices, text, &value->number);
	case PAGE_TIME:
		return has_zone(text) && when_parse(text, &value->number) == 0;
	case PAGE_PREFIX:
		return read_prefix(text, &value->prefix);
	case PAGE_PART:
		value->number = find_part(route->parts, text);
		return value->number >= 0;
	}
	return false;
}

/* "one of new, closed". */
static void list_choices(const char *const *choices, char *out, size_t room)
{
	size_t length = 0;
	out[0] = '\0';
	for (size_t i = 0; choices[i] != NULL; i++) {
		const int more =
		    snprintf(out + length, room - length, "%s%s", i == 0 ? "" : ", ", choices[i]);
		assert(more >= 0 && (size_t)more < room - length); /* our own names are few */
		length += (size_t)more;
	}
}

static void list_parts(const struct page_part *parts, char *out, size_t room)
{
	const char *names[PAGE_PARTS_MAX + 1] = {NULL};
	for (size_t i = 0; parts[i].name != NULL; i++) {
		assert(i < PAGE_PARTS_MAX);
		names[i] = parts[i].name;
	}
	list_choices(names, out, room);
}

static void expect(const struct page_route *route, const struct page_parameter *parameter,
    struct page_problem *problem)
{
	char list[160];
	const char *name = parameter->name;
	const long long min = parameter->min;
	const long long max = parameter->max;
	switch (parameter->type) {
	case PAGE_TEXT:
		(void)page_problem_set(problem, PROBLEM(400, name, "parameter.text"),
		    "%s: expected %lld to %lld bytes of UTF-8 without control characters", name,
		    min, max);
		break;
	case PAGE_NUMBER:
		(void)page_problem_set(problem, PROBLEM(400, name, "parameter.number"),
		    "%s: expected a whole number from %lld to %lld", name, min, max);
		break;
	case PAGE_FLAG:
		(void)page_problem_set(
		    problem, PROBLEM(400, name, "parameter.flag"), "%s: expected 0 or 1", name);
		break;
	case PAGE_CHOICE:
	case PAGE_CHOICES:
		list_choices(parameter->choices, list, sizeof list);
		(void)page_problem_set(problem, PROBLEM(400, name, "parameter.choice"),
		    parameter->type == PAGE_CHOICE
			? "%s: expected one of %s"
			: "%s: expected one or several, with commas, of %s",
		    name, list);
		break;
	case PAGE_TIME:
		(void)page_problem_set(problem, PROBLEM(400, name, "parameter.time"),
		    "%s: expected a time with its zone, such as 2026-04-01T09:00:00Z", name);
		break;
	case PAGE_PREFIX:
		(void)page_problem_set(problem, PROBLEM(400, name, "parameter.prefix"),
		    "%s: expected an address or a prefix, such as 192.0.2.0/24", name);
		break;
	case PAGE_CURSOR:
		(void)page_problem_set(problem, PROBLEM(400, name, "parameter.cursor"),
		    "%s: expected what a list gave as next", name);
		break;
	case PAGE_PART:
		list_parts(route->parts, list, sizeof list);
		(void)page_problem_set(problem, PROBLEM(400, name, "parameter.choice"),
		    "%s: expected one of %s", name, list);
		break;
	}
}

bool page_take(struct page_question *question, const char *name, const char *text,
    struct page_problem *ret_problem)
{
	const struct page_parameter *parameter = NULL;
	const size_t at = find_parameter(question->route, name, &parameter);
	assert(parameter != NULL);
	struct page_value *value = &question->values[at];
	if (text != NULL && strlen(text) < sizeof value->text &&
	    read_value(question->route, parameter, text, value)) {
		value->is_given = true;
		(void)snprintf(value->text, sizeof value->text, "%s", text);
		return true;
	}
	*value = (struct page_value){.is_given = false};
	expect(question->route, parameter, ret_problem);
	return false;
}

const struct page_value *page_value(const struct page_question *question, const char *name)
{
	const struct page_parameter *parameter = NULL;
	const size_t at = find_parameter(question->route, name, &parameter);
	assert(parameter != NULL); /* a handler asks for what its row has */
	return question->values[at].is_given ? &question->values[at] : NULL;
}

int64_t page_number(const struct page_question *question, const char *name, int64_t otherwise)
{
	const struct page_value *value = page_value(question, name);
	return value != NULL ? value->number : otherwise;
}

const char *page_text(const struct page_question *question, const char *name)
{
	const struct page_value *value = page_value(question, name);
	return value != NULL ? value->text : NULL;
}

/* ---- Tables ---- */

bool page_wants_table(const struct page_question *question)
{
	const struct page_route *route = question->route;
	const struct page_parameter *parameter = NULL;
	if (!route->is_list && route->parts == NULL)
		return false;
	const size_t at = find_parameter(route, "format", &parameter);
	assert(parameter != NULL && parameter->choices == formats);
	return question->values[at].is_given && question->values[at].number == 1;
}

const struct page_part *page_part(const struct page_question *question)
{
	const struct page_part *parts = question->route->parts;
	return parts == NULL ? NULL : &parts[page_number(question, "table", 0)];
}

/* Where there is but one, it need not be named. */
static bool is_named(const struct page_question *question)
{
	return question->route->parts[1].name == NULL || page_value(question, "table") != NULL;
}

unsigned page_check_part(const struct page_question *question, struct page_problem *ret_problem)
{
	const bool wants_table = page_wants_table(question);
	const struct page_parameter *table = NULL;
	ret_problem->status = 200;
	if (question->route->parts == NULL)
		return 200;
	const unsigned roles = page_part(question)->roles;
	if (wants_table && roles != 0 && (roles & question->who->role) == 0)
		return page_problem_set(
		    ret_problem, PROBLEM(404, NULL, "missing"), "there is no such %s", "table");
	if (wants_table && !is_named(question)) {
		(void)find_parameter(question->route, "table", &table);
		assert(table != NULL);
		expect(question->route, table, ret_problem);
	} else if (!wants_table && page_value(question, "table") != NULL) {
		(void)page_problem_set(ret_problem, PROBLEM(400, "table", "parameter.table"),
		    "table: expected with format=csv alone");
	}
	return ret_problem->status;
}

/* ---- Roles and refusals ---- */

unsigned page_may(const struct page_route *route, enum page_role role)
{
	if ((route->roles & role) != 0)
		return 200;
	return role == PAGE_NOBODY ? 401 : 403;
}

int64_t page_segment_id(const struct page_question *question, size_t i)
{
	int64_t id;
	return read_number(question->segments[i], &id) && id > 0 && id <= INT64_C(1) << 53 ? id : 0;
}

unsigned page_refuse(
    struct page_answer *answer, const struct page_reason *reason, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	(void)page_problem_take(&answer->problem, reason, format, arguments);
	va_end(arguments);
	return reason->status;
}

unsigned page_missing(struct page_answer *answer, const char *what)
{
	return page_refuse(answer, PROBLEM(404, NULL, "missing"), "there is no such %s", what);
}

unsigned page_broken(struct page_answer *answer)
{
	return page_refuse(answer, PROBLEM(503, NULL, NULL), "the database cannot be read now");
}
