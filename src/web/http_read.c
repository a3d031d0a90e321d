/* http_read.c - what handlers read of a request. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "web/http_internal.h"

enum {
	ORIGIN_BYTES = 512, /* a host has 253 at most */
};

static const char json_type[] = "application/json";

/* ---- By name ---- */

static enum MHD_Result visit(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct http_search *search = context;
	const bool is_query = kind == MHD_GET_ARGUMENT_KIND;
	if ((is_query ? strcmp(name, search->name) : strcasecmp(name, search->name)) != 0)
		return MHD_YES;
	search->value = value;
	search->count++;
	return MHD_YES;
}

struct http_search http_find(
    const struct http_request *request, enum MHD_ValueKind kind, const char *name)
{
	struct http_search search = {.name = name};
	(void)MHD_get_connection_values(
	    request->connection, kind, visit, &search); /* how many: not needed */
	return search;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	const struct http_search search = http_find(request, MHD_HEADER_KIND, name);
	return search.count == 1 ? search.value : NULL;
}

/* ---- The path ---- */

const char *http_request_segment(const struct http_request *request, size_t i)
{
	return i < ROUTE_SEGMENTS_MAX ? request->match.segments[i] : "";
}

const char *http_request_rest(const struct http_request *request)
{
	return http_request_segment(request, 0);
}

const struct route *http_request_route(const struct http_request *request)
{
	return request->route;
}

const char *http_request_path(const struct http_request *request)
{
	return request->path;
}

/* ---- The query ---- */

const char *http_request_query(const struct http_request *request, const char *name)
{
	const struct http_search search = http_find(request, MHD_GET_ARGUMENT_KIND, name);
	return search.count == 1 ? search.value : NULL;
}

size_t http_request_query_count(const struct http_request *request, const char *name)
{
	return http_find(request, MHD_GET_ARGUMENT_KIND, name).count;
}

bool http_request_query_text(
    const struct http_request *request, const char *name, char *out, size_t room)
{
	const char *value = http_request_query(request, name);
	out[0] = '\0';
	return value != NULL && route_decode_value(value, out, room);
}

struct names {
	const char *const *names;
	size_t count;
	const char *other;
};

static enum MHD_Result visit_name(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct names *names = context;
	(void)kind;
	(void)value;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(name, names->names[i]) == 0)
			return MHD_YES;
	names->other = name;
	return MHD_NO; /* the first is enough */
}

const char *http_request_query_other(
    const struct http_request *request, const char *const *names, size_t count)
{
	struct names search = {.names = names, .count = count};
	(void)MHD_get_connection_values(
	    request->connection, MHD_GET_ARGUMENT_KIND, visit_name, &search);
	return search.other;
}

/* ---- Cookies ---- */

/* RFC 6265 section 4.1.1: cookie-octet. */
static bool is_cookie_value(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (value[i] <= ' ' || value[i] > '~' || strchr("\",;\\", value[i]) != NULL)
			return false;
	return true;
}

/* What follows "name=" in this pair; NULL: it is another. */
static const char *value_of(const char *pair, size_t length, const char *name)
{
	const size_t name_bytes = strlen(name);
	return length > name_bytes && pair[name_bytes] == '=' && memcmp(pair, name, name_bytes) == 0
		   ? pair + name_bytes + 1
		   : NULL;
}

bool http_request_cookie(
    const struct http_request *request, const char *name, char *out, size_t room)
{
	const char *list = http_request_header(request, "Cookie");
	const char *found = NULL;
	size_t length = 0;
	out[0] = '\0';
	while (list != NULL && *list != '\0') {
		list += strspn(list, " \t;");
		const size_t pair = strcspn(list, ";");
		const char *value = value_of(list, pair, name);
		if (value != NULL && found != NULL)
			return false;
		found = value != NULL ? value : found;
		length = value != NULL ? (size_t)(list + pair - value) : length;
		list += pair;
	}
	if (found == NULL || length >= room || !is_cookie_value(found, length))
		return false;
	memcpy(out, found, length);
	out[length] = '\0';
	return true;
}

/* ---- Who asks, and whom ---- */

const struct address *http_request_peer(const struct http_request *request)
{
	return &request->slot->peer;
}

bool http_request_is_direct(const struct http_request *request)
{
	const struct http_search host = http_find(request, MHD_HEADER_KIND, "Host");
	return host.count == 0 || (host.count == 1 && route_is_direct(host.value));
}

bool http_request_is_for(const struct http_request *request, const char *origin)
{
	const char *host = http_request_header(request, "Host");
	const char *own = strstr(origin, "://");
	return http_request_is_direct(request) ||
	       (host != NULL && own != NULL && strcasecmp(host, own + 3) == 0);
}

bool http_request_is_from_elsewhere(const struct http_request *request, const char *origin)
{
	const struct http_search site = http_find(request, MHD_HEADER_KIND, "Sec-Fetch-Site");
	const struct http_search from = http_find(request, MHD_HEADER_KIND, "Origin");
	const char *host = http_request_header(request, "Host");
	char own[ORIGIN_BYTES];
	if (site.count > 1 || from.count > 1)
		return true;
	if (site.count == 1 && strcmp(site.value, "same-origin") != 0 &&
	    strcmp(site.value, "none") != 0)
		return true;
	if (from.count == 0 || strcmp(from.value, "null") == 0 || strcmp(from.value, origin) == 0)
		return false;
	/* by the address that this machine was asked by */
	const bool is_tls = request->http->options.certificate != NULL;
	const int length = snprintf(own, sizeof own, "%s://%s", is_tls ? "https" : "http",
	    host != NULL && route_is_direct(host) ? host : "");
	return length < 0 || (size_t)length >= sizeof own || strcasecmp(from.value, own) != 0;
}

/* ---- The body ---- */

const uint8_t *http_request_body(const struct http_request *request, size_t *ret_count)
{
	*ret_count = request->body_bytes;
	return request->body;
}

bool http_request_is_json(const struct http_request *request)
{
	const char *type = http_request_header(request, "Content-Type");
	const size_t length = sizeof json_type - 1;
	return type != NULL && strncasecmp(type, json_type, length) == 0 &&
	       type[length + strspn(type + length, " \t")] ==
		   (strchr(type, ';') != NULL ? ';' : '\0');
}
