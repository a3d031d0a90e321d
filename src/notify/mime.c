#include "notify/mime.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- Lines ---- */

/* Where the line that begins at `at` ends, without its end; *ret_next is where the next begins. */
static const char *line_end(const char *at, const char *end, const char **ret_next)
{
	const char *feed = memchr(at, '\n', (size_t)(end - at));
	*ret_next = feed == NULL ? end : feed + 1;
	if (feed == NULL)
		return end;
	return feed > at && feed[-1] == '\r' ? feed - 1 : feed;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- Headers ---- */

/* Adds to a value, cut where it is full; of blanks in a row one. */
static size_t add(char *out, size_t used, size_t room, const char *from, const char *to)
{
	for (; from < to && used + 1 < room; from++) {
		const char c = is_blank(*from) || *from == '\0' ? ' ' : *from;
		if (c == ' ' && (used == 0 || out[used - 1] == ' '))
			continue;
		out[used++] = c;
	}
	return used;
}

/* The value that begins at `at`, over the lines that go on. */
static void unfold(const char *at, const char *end, char *out, size_t room)
{
	const char *next;
	const char *stop = line_end(at, end, &next);
	size_t used = add(out, 0, room, at, stop);
	while (next < end && is_blank(*next)) {
		at = next;
		stop = line_end(at, end, &next);
		used = add(out, used, room, at, stop);
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
}

bool mime_field(const char *text, size_t length, const char *name, char *out, size_t room)
{
	const char *end = text + length;
	const size_t bytes = strlen(name);
	const char *next;
	out[0] = '\0';
	for (const char *at = text; at < end; at = next) {
		const char *stop = line_end(at, end, &next);
		if ((size_t)(stop - at) <= bytes || strncasecmp(at, name, bytes) != 0)
			continue;
		const char *colon = at + bytes;
		while (colon < stop && is_blank(*colon))
			colon++;
		if (colon == stop || *colon != ':')
			continue;
		unfold(colon + 1, end, out, room);
		return true;
	}
	return false;
}

bool mime_header(const struct mime *mime, const char *name, char *out, size_t room)
{
	return mime_field(mime->headers, mime->headers_length, name, out, room);
}

/* ---- What a part is ---- */

static void lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* A value that may stand in quotation marks; returns where it ends. */
static const char *take_value(const char *at, char *out, size_t room)
{
	size_t used = 0;
	const bool is_quoted = *at == '"';
	at += is_quoted;
	for (; *at != '\0' && *at != (is_quoted ? '"' : ';'); at++) {
		if (is_quoted && *at == '\\' && at[1] != '\0')
			at++;
		if (!is_quoted && is_blank(*at))
			continue;
		if (used + 1 < room)
			out[used++] = *at;
	}
	out[used] = '\0';
	return at;
}

/* A parameter of a header's value (RFC 2045 section 5.1); "" where it is not there. */
static void take_parameter(const char *value, const char *name, char *out, size_t room)
{
	const size_t bytes = strlen(name);
	char skipped[2];
	out[0] = '\0';
	const char *at = strchr(value, ';');
	while (at != NULL && *at != '\0') {
		at += strspn(at, "; \t");
		const char *equals = at + strcspn(at, "=;");
		if (*equals != '=') {
			at = *equals == ';' ? equals : NULL;
			continue;
		}
		size_t named = (size_t)(equals - at);
		while (named > 0 && is_blank(at[named - 1]))
			named--;
		const bool is_it = named == bytes && strncasecmp(at, name, bytes) == 0;
		equals++;
		equals += strspn(equals, " \t");
		if (is_it) {
			(void)take_value(equals, out, room);
			return;
		}
		at = take_value(equals, skipped, sizeof skipped);
		at = strchr(at, ';');
	}
}

static void read_type(struct mime *mime)
{
	char value[MIME_VALUE_BYTES];
	if (!mime_header(mime, "Content-Type", value, sizeof value) || strchr(value, '/') == NULL) {
		memcpy(mime->type, "text/plain", sizeof "text/plain");
		return;
	}
	(void)take_value(value, mime->type, sizeof mime->type);
	lower(mime->type);
	take_parameter(value, "charset", mime->charset, sizeof mime->charset);
	lower(mime->charset);
	if (strncmp(mime->type, "multipart/", 10) == 0)
		take_parameter(value, "boundary", mime->boundary, sizeof mime->boundary);
}

static void read_encoding(struct mime *mime)
{
	char value[MIME_TYPE_BYTES];
	(void)mime_header(mime, "Content-Transfer-Encoding", value, sizeof value); /* or "" */
	if (strcasecmp(value, "base64") == 0)
		mime->encoding = MIME_BASE64;
	else if (strcasecmp(value, "quoted-printable") == 0)
		mime->encoding = MIME_QUOTED;
}

/* Headers end at the first empty line; without one all of it is headers. */
void mime_read(const char *bytes, size_t length, struct mime *ret_mime)
{
	const char *end = bytes + (length < MIME_BYTES_MAX ? length : MIME_BYTES_MAX);
	const char *at = bytes;
	const char *next = bytes;
	*ret_mime = (struct mime){.headers = bytes, .encoding = MIME_PLAIN};
	while (at < end && line_end(at, end, &next) > at)
		at = next;
	ret_mime->headers_length = (size_t)(at - bytes);
	ret_mime->body = at < end ? next : end;
	ret_mime->body_length = (size_t)(end - ret_mime->body);
	read_type(ret_mime);
	read_encoding(ret_mime);
}

/* ---- Parts ---- */

enum delimiter {
	NO_DELIMITER,
	DELIMITER,
	LAST_DELIMITER,
};

static enum delimiter delimiter_of(const struct mime *mime, const char *at, const char *stop)
{
	const size_t bytes = strlen(mime->boundary);
	if ((size_t)(stop - at) < bytes + 2 || at[0] != '-' || at[1] != '-' ||
	    memcmp(at + 2, mime->boundary, bytes) != 0)
		return NO_DELIMITER;
	at += bytes + 2;
	const bool is_last = stop - at >= 2 && at[0] == '-' && at[1] == '-';
	at += is_last ? 2 : 0;
	while (at < stop && is_blank(*at))
		at++;
	if (at < stop)
		return NO_DELIMITER; /* a longer boundary, of another level */
	return is_last ? LAST_DELIMITER : DELIMITER;
}

/* The next line that parts, from `at` on; NULL where there is none. */
static const char *find_delimiter(
    const struct mime *mime, const char *at, const char **ret_next, enum delimiter *ret_which)
{
	const char *end = mime->body + mime->body_length;
	for (; at < end; at = *ret_next) {
		const char *stop = line_end(at, end, ret_next);
		*ret_which = delimiter_of(mime, at, stop);
		if (*ret_which != NO_DELIMITER)
			return at;
	}
	return NULL;
}

/* `*position` counts from 1 on the byte after the line that parts. */
bool mime_next(const struct mime *mime, size_t *position, struct mime *ret_part)
{
	const char *end = mime->body + mime->body_length;
	const char *begin = mime->body + *position;
	const char *next = begin;
	enum delimiter which = NO_DELIMITER;
	if (mime->boundary[0] == '\0' || *position > mime->body_length)
		return false;
	if (*position == 0) {
		if (find_delimiter(mime, begin, &next, &which) == NULL || which == LAST_DELIMITER)
			return false;
		begin = next;
	}
	const char *stop = find_delimiter(mime, begin, &next, &which);
	if (stop == NULL || which == LAST_DELIMITER)
		*position = mime->body_length + 1; /* it was the last, or is cut */
	else
		*position = (size_t)(next - mime->body);
	if (stop == NULL)
		stop = end;
	/* the line's end before it is the delimiter's */
	if (stop > begin && stop[-1] == '\n')
		stop--;
	if (stop > begin && stop[-1] == '\r')
		stop--;
	mime_read(begin, (size_t)(stop - begin), ret_part);
	return true;
}

/* ---- Encodings ---- */

static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static size_t decode_base64(const struct mime *mime, char *out, size_t room)
{
	uint32_t group = 0;
	int bits = 0;
	size_t used = 0;
	for (size_t i = 0; i < mime->body_length && used < room; i++) {
		const int digit = digit_of(mime->body[i]);
		if (digit < 0)
			continue;
		group = group << 6 | (uint32_t)digit;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		out[used++] = (char)(group >> bits & 0xffU);
	}
	return used;
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t decode_quoted(const struct mime *mime, char *out, size_t room)
{
	const char *at = mime->body;
	const char *end = at + mime->body_length;
	size_t used = 0;
	while (at < end && used < room) {
		if (*at != '=') {
			out[used++] = *at++;
			continue;
		}
		const int high = end - at > 2 ? hex_of(at[1]) : -1;
		const int low = end - at > 2 ? hex_of(at[2]) : -1;
		if (high >= 0 && low >= 0) {
			out[used++] = (char)(high * 16 + low);
			at += 3;
			continue;
		}
		const char *next;
		const char *stop = line_end(at, end, &next);
		if (stop == at + 1) { /* a line that goes on */
			at = next;
			continue;
		}
		out[used++] = *at++;
	}
	return used;
}

size_t mime_decode(const struct mime *mime, char *out, size_t room)
{
	if (mime->encoding == MIME_BASE64)
		return decode_base64(mime, out, room);
	if (mime->encoding == MIME_QUOTED)
		return decode_quoted(mime, out, room);
	const size_t length = mime->body_length < room ? mime->body_length : room;
	memcpy(out, mime->body, length);
	return length;
}
