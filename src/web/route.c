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
		return *at == '/' ? -1 : (unsigned char)*at;
	}
	const int high = digit_of(at[1]);
	const int low = high < 0 ? -1 : digit_of(at[2]);
	*text = at + 3;
	return low < 0 ? -1 : high * 16 + low;
}

static bool is_name(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		const size_t step = utf8_step(text + at, length - at);
		if (step == 0 || utf8_is_control(text + at, step))
			return false;
		at += step;
	}
	return length > 0;
}

bool route_decode(const char *segment, char out[static ROUTE_REST_BYTES])
{
	size_t length = 0;
	while (*segment != '\0') {
		const int byte = take_byte(&segment);
		if (byte < 0 || length + 1 == ROUTE_REST_BYTES)
			return false;
		out[length++] = (char)byte;
	}
	out[length] = '\0';
	return is_name(out, length);
}

static bool is_path_of(const struct route *route, const char *path, char *rest)
{
	rest[0] = '\0';
	if (!route->is_prefix)
		return strcmp(path, route->path) == 0;
	const size_t length = strlen(route->path);
	return strncmp(path, route->path, length) == 0 && route_decode(path + length, rest);
}

static unsigned method_of(const char *text)
{
	if (strcmp(text, "GET") == 0 || strcmp(text, "HEAD") == 0)
		return ROUTE_GET;
	return strcmp(text, "POST") == 0 ? ROUTE_POST : 0;
}

int route_find(const struct route *routes, size_t count, const char *method, const char *path,
    struct route_match *ret_match)
{
	const unsigned wanted = method_of(method);
	*ret_match = (struct route_match){.route = NULL};
	for (size_t i = 0; i < count; i++) {
		if (!is_path_of(&routes[i], path, ret_match->rest))
			continue;
		ret_match->methods |= routes[i].method;
		if (routes[i].method != wanted)
			continue;
		ret_match->route = &routes[i];
		return ROUTE_FOUND;
	}
	ret_match->rest[0] = '\0';
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
