/* page_openapi.c - the table of the API for programs: OpenAPI 3.1. */
#include <string.h>

#include "cmd/station/page_routes.h"

/* What may be in a segment: {id} is a number, all others are names. */
static void write_segment(struct json *json, const char *name, size_t length)
{
	char text[PAGE_TEXT_BYTES];
	(void)snprintf(text, sizeof text, "%.*s", (int)length, name);
	json_open_object(json, NULL);
	json_string(json, "name", text);
	json_string(json, "in", "path");
	json_bool(json, "required", true);
	json_open_object(json, "schema");
	json_string(json, "type", strcmp(text, "id") == 0 ? "integer" : "string");
	json_close_object(json);
	json_close_object(json);
}

static void write_segments(struct json *json, const char *path)
{
	for (const char *at = strchr(path, '{'); at != NULL; at = strchr(at + 1, '{'))
		write_segment(json, at + 1, strcspn(at + 1, "}"));
}

static void write_choices(struct json *json, const char *const *choices)
{
	json_open_array(json, "enum");
	for (; *choices != NULL; choices++)
		json_string(json, NULL, *choices);
	json_close_array(json);
}

static void write_parts(struct json *json, const struct page_part *parts)
{
	json_open_array(json, "enum");
	for (; parts->name != NULL; parts++)
		json_string(json, NULL, parts->name);
	json_close_array(json);
}

static void write_schema(
    struct json *json, const struct page_route *route, const struct page_parameter *parameter)
{
	static const char *const types[] = {
	    [PAGE_NUMBER] = "integer", [PAGE_FLAG] = "integer", [PAGE_CHOICES] = "array"};
	const char *type =
	    parameter->type < sizeof types / sizeof types[0] ? types[parameter->type] : NULL;
	const bool is_number = parameter->type == PAGE_NUMBER || parameter->type == PAGE_FLAG;
	json_open_object(json, "schema");
	json_string(json, "type", type != NULL ? type : "string");
	if (is_number) {
		json_signed(json, "minimum", parameter->type == PAGE_FLAG ? 0 : parameter->min);
		json_signed(json, "maximum", parameter->type == PAGE_FLAG ? 1 : parameter->max);
	} else if (parameter->type == PAGE_TEXT || parameter->type == PAGE_CURSOR) {
		json_signed(json, "minLength", parameter->min);
		json_signed(json, "maxLength", parameter->max);
	} else if (parameter->type == PAGE_TIME) {
		json_string(json, "format", "date-time");
	} else if (parameter->type == PAGE_CHOICE) {
		write_choices(json, parameter->choices);
	} else if (parameter->type == PAGE_PART) {
		write_parts(json, route->parts);
	} else if (parameter->type == PAGE_CHOICES) {
		json_open_object(json, "items");
		json_string(json, "type", "string");
		write_choices(json, parameter->choices);
		json_close_object(json);
	}
	json_close_object(json);
}

static void write_parameter(
    struct json *json, const struct page_route *route, const struct page_parameter *parameter)
{
	static const char *const kinds[] = {
	    [PAGE_TEXT] = "text",
	    [PAGE_NUMBER] = "number",
	    [PAGE_FLAG] = "flag",
	    [PAGE_CHOICE] = "choice",
	    [PAGE_CHOICES] = "choices",
	    [PAGE_TIME] = "time",
	    [PAGE_PREFIX] = "prefix",
	    [PAGE_CURSOR] = "cursor",
	    [PAGE_PART] = "choice",
	};
	json_open_object(json, NULL);
	json_string(json, "name", parameter->name);
	json_string(json, "in", "query");
	json_string(json, "description", parameter->help);
	if (parameter->type == PAGE_CHOICES) {
		json_string(json, "style", "form");
		json_bool(json, "explode", false);
	}
	json_string(json, "x-hinomi-type", kinds[parameter->type]);
	write_schema(json, route, parameter);
	json_close_object(json);
}

static void write_roles(struct json *json, unsigned roles)
{
	static const struct {
		enum page_role role;
		const char *name;
	} names[] = {{PAGE_NOBODY, "nobody"}, {PAGE_OPERATOR, "operator"}, {PAGE_MEMBER, "member"},
	    {PAGE_VIEWER, "viewer"}};
	json_open_array(json, "x-hinomi-roles");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((roles & names[i].role) != 0)
			json_string(json, NULL, names[i].name);
	json_close_array(json);
}

static void write_responses(struct json *json, const struct page_route *route)
{
	json_open_object(json, "responses");
	json_open_object(json, "200");
	json_string(json, "description", route->is_list ? "items, next, total" : "what was asked");
	json_close_object(json);
	json_open_object(json, "default");
	json_string(json, "description",
	    "application/problem+json (RFC 9457), with field, expected, code and "
	    "values where there are");
	json_close_object(json);
	json_close_object(json);
}

static const char *method_of(enum route_method method)
{
	switch (method) {
	case ROUTE_GET:
		return "get";
	case ROUTE_POST:
		return "post";
	case ROUTE_PATCH:
		return "patch";
	case ROUTE_DELETE:
		return "delete";
	}
	return "";
}

static void write_route(struct json *json, const struct page_route *route)
{
	const struct page_parameter *parameters[PAGE_PARAMETERS_MAX];
	const size_t count = page_parameters(route, parameters);
	json_open_object(json, method_of(route->method));
	json_string(json, "summary", route->summary);
	write_roles(json, route->roles);
	if (route->is_list)
		json_bool(json, "x-hinomi-list", true);
	if (route->body_max_bytes > 0)
		json_unsigned(json, "x-hinomi-body-max", route->body_max_bytes);
	json_open_array(json, "parameters");
	write_segments(json, route->path);
	for (size_t i = 0; i < count; i++)
		write_parameter(json, route, parameters[i]);
	json_close_array(json);
	write_responses(json, route);
	json_close_object(json);
}

/* Whether an earlier row has this path. */
static bool is_known(const struct page_route *const *routes, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(routes[i]->path, routes[at]->path) == 0)
			return true;
	return false;
}

static void write_path(
    struct json *json, const struct page_route *const *routes, size_t count, size_t at)
{
	json_open_object(json, routes[at]->path);
	for (size_t i = at; i < count; i++)
		if (strcmp(routes[i]->path, routes[at]->path) == 0)
			write_route(json, routes[i]);
	json_close_object(json);
}

static void write_all(struct json *json)
{
	size_t count;
	const struct page_route *const *routes = page_routes(&count);
	json_open_object(json, NULL);
	json_string(json, "openapi", "3.1.0");
	json_open_object(json, "info");
	json_string(json, "title", "Hinomi");
	json_string(json, "version", "1");
	json_close_object(json);
	json_open_object(json, "paths");
	for (size_t i = 0; i < count; i++)
		if (!is_known(routes, i))
			write_path(json, routes, count, i);
	json_close_object(json);
	json_close_object(json);
}

void page_openapi_write(FILE *out)
{
	struct json json;
	json_init(&json, out);
	write_all(&json);
}

static unsigned read_openapi(const struct page_question *question, struct page_answer *answer)
{
	(void)question;
	write_all(&answer->json);
	return 200;
}

const struct page_route page_openapi_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/openapi.json",
	.roles = PAGE_SIGNED_IN,
	.read = read_openapi,
	.summary = "This description: all routes, who may ask them, what they take"},
    {.path = NULL},
};
