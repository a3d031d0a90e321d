#include "web/route.h"

#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/utf8.h"

/* The value of a hexadecimal digit, or -1. */
static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that begins at `*text`, which is moved behind it; -1 when there is none. */
static int take_byte(const char **text)
{
	const char *at = *text;
	if (*at != '%') {
		*text = at + 1;
		return (unsigned char)*at;
	}
	const int high = digit_of(at[1]);
	const int low = high < 0 ? -1 : digit_of(at[2]);
	*text = at + 3;
	return low < 0 ? -1 : high * 16 + low;
}

static bool is_shown(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		const size_t step = utf8_step(text + at, length - at);
		if (step == 0 || utf8_is_control(text + at, step))
			return false;
		at += step;
	}
	return true;
}

/* Of what stands before `end`, a part of the text. */
static bool decode(const char *text, const char *end, char *out, size_t room)
{
	size_t length = 0;
	out[0] = '\0';
	while (text < end) {
		const int byte = take_byte(&text);
		if (byte < 0 || text > end || length + 1 == room) {
			out[0] = '\0';
			return false;
		}
		out[length++] = (char)byte;
	}
	out[length] = '\0';
	if (!is_shown(out, length))
		out[0] = '\0';
	return length == 0 || out[0] != '\0';
}

bool route_decode_value(const char *value, char *out, size_t room)
{
	return decode(value, value + strlen(value), out, room);
}

/* One that is open has a name. */
static bool decode_segment(const char *text, const char *end, char out[static ROUTE_REST_BYTES])
{
	out[0] = '\0';
	return text < end && decode(text, end, out, ROUTE_REST_BYTES);
}

bool route_decode(const char *segment, char out[static ROUTE_REST_BYTES])
{
	out[0] = '\0';
	return strchr(segment, '/') == NULL &&
	       decode_segment(segment, segment + strlen(segment), out);
}

/* Compares up to the next open segment of the pattern, and takes that one. */
static bool take_open(const char **pattern, const char **path, char out[static ROUTE_REST_BYTES])
{
	const char *open = strchr(*pattern, '{');
	const char *close = open != NULL ? strchr(open, '}') : NULL;
	const size_t before = open != NULL ? (size_t)(open - *pattern) : 0;
	if (close == NULL || strncmp(*pattern, *path, before) != 0)
		return false;
	const char *segment = *path + before;
	const char *end = segment + strcspn(segment, "/");
	*pattern = close + 1;
	*path = end;
	return decode_segment(segment, end, out);
}

static void forget_segments(struct route_match *match)
{
	for (size_t i = 0; i < ROUTE_SEGMENTS_MAX; i++)
		match->segments[i][0] = '\0';
}

static bool is_path_of(const struct route *route, const char *path, struct route_match *match)
{
	const char *pattern = route->path;
	forget_segments(match);
	if (route->is_prefix) {
		const size_t length = strlen(pattern);
		return strncmp(path, pattern, length) == 0 &&
		       route_decode(path + length, match->segments[0]);
	}
	for (size_t i = 0; i < ROUTE_SEGMENTS_MAX && strchr(pattern, '{') != NULL; i++)
		if (!take_open(&pattern, &path, match->segments[i]))
			return false;
	return strcmp(path, pattern) == 0;
}

static unsigned method_of(const char *text)
{
	static const struct {
		const char *text;
		enum route_method method;
	} names[] = {{"GET", ROUTE_GET}, {"HEAD", ROUTE_GET}, {"POST", ROUTE_POST},
	    {"PATCH", ROUTE_PATCH}, {"DELETE", ROUTE_DELETE}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(text, names[i].text) == 0)
			return names[i].method;
	return 0;
}

int route_find(const struct route *routes, size_t count, const char *method, const char *path,
    struct route_match *ret_match)
{
	const unsigned wanted = method_of(method);
	*ret_match = (struct route_match){.route = NULL};
	for (size_t i = 0; i < count; i++) {
		if (!is_path_of(&routes[i], path, ret_match))
			continue;
		ret_match->methods |= routes[i].method;
		if (routes[i].method != wanted)
			continue;
		ret_match->route = &routes[i];
		return ROUTE_FOUND;
	}
	forget_segments(ret_match);
	return ret_match->methods != 0 ? ROUTE_WRONG_METHOD : ROUTE_NOT_FOUND;
}

/* ":9464", or nothing. */
static bool is_port(const char *text)
{
	return *text == '\0' || (*text == ':' && text[1] != '\0' &&
				    text[1 + strspn(text + 1, "0123456789")] == '\0');
}

bool route_is_direct(const char *host)
{
	char name[ADDRESS_TEXT_BYTES];
	struct address address;
	const bool is_v6 = *host == '[';
	const char *end = is_v6 ? strchr(host, ']') : host + strcspn(host, ":");
	host += is_v6;
	if (end == NULL || (size_t)(end - host) >= sizeof name || !is_port(end + is_v6))
		return false;
	memcpy(name, host, (size_t)(end - host));
	name[end - host] = '\0';
	return (!is_v6 && strcasecmp(name, "localhost") == 0) ||
	       (address_parse(name, &address) == 0 && is_v6 == (strchr(name, ':') != NULL));
}
