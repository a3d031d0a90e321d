#include "web/form.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

static const char type_name[] = "application/x-www-form-urlencoded";

bool form_is_type(const char *type)
{
	const size_t length = sizeof type_name - 1;
	return type != NULL && strncasecmp(type, type_name, length) == 0 &&
	       (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

static int hex_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at `*at`, which is moved behind it; -1 when there is none. */
static int take_byte(const uint8_t *bytes, size_t count, size_t *at)
{
	const uint8_t byte = bytes[*at];
	if (byte != '%') {
		(*at)++;
		return byte == '+' ? ' ' : byte;
	}
	if (count - *at < 3)
		return -1;
	const int high = hex_of(bytes[*at + 1]);
	const int low = hex_of(bytes[*at + 2]);
	*at += 3;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool is_text(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		const size_t step = utf8_step(text + at, length - at);
		if (step == 0 || text[at] == '\0')
			return false;
		at += step;
	}
	return true;
}

static bool decode(const uint8_t *bytes, size_t count, char *out, size_t room)
{
	size_t length = 0;
	for (size_t at = 0; at < count;) {
		const int byte = take_byte(bytes, count, &at);
		if (byte < 0 || length + 1 >= room)
			return false;
		out[length++] = (char)byte;
	}
	out[length] = '\0';
	return is_text(out, length);
}

/* The end of the field that begins there. */
static size_t end_of(const uint8_t *bytes, size_t count, size_t at)
{
	while (at < count && bytes[at] != '&')
		at++;
	return at;
}

bool form_get(const uint8_t *bytes, size_t count, const char *name, char *out, size_t room)
{
	const size_t name_bytes = strlen(name);
	size_t found = 0;
	bool is_good = false;
	out[0] = '\0';
	for (size_t at = 0; at < count;) {
		const size_t end = end_of(bytes, count, at);
		const bool is_it = end - at > name_bytes && bytes[at + name_bytes] == '=' &&
				   memcmp(bytes + at, name, name_bytes) == 0;
		if (is_it && ++found == 1)
			is_good = decode(
			    bytes + at + name_bytes + 1, end - at - name_bytes - 1, out, room);
		at = end + 1;
	}
	if (found == 1 && is_good)
		return true;
	out[0] = '\0';
	return false;
}
