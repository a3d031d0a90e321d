#include "notify/returned.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "notify/glyph.h"
#include "notify/mail.h"
#include "notify/mime.h"
#include "notify/returned_internal.h"

enum {
	DECODED_BYTES = 64 << 10, /* of a part; headers and reports have less */
};

/* ---- Words of strangers ---- */

void returned_copy(const char *text, char *out, size_t room)
{
	char cut[RETURNED_TEXT_BYTES];
	char visible[RETURNED_TEXT_BYTES * GLYPH_VISIBLE_GROWTH + 1];
	size_t length = strlen(text);
	if (length > sizeof cut - 1)
		length = sizeof cut - 1;
	memcpy(cut, text, length);
	cut[length] = '\0';
	for (char *at = cut; *at != '\0'; at++)
		if (*at == '\n' || *at == '\r' || *at == '\t')
			*at = ' ';
	glyph_copy_visible(cut, visible, sizeof visible);
	length = strlen(visible);
	if (length > room - 1)
		length = room - 1;
	/* at a whole character */
	while (length > 0 && length < strlen(visible) &&
	       ((unsigned char)visible[length] & 0xc0U) == 0x80U)
		length--;
	while (length > 0 && visible[length - 1] == ' ')
		length--;
	memcpy(out, visible, length);
	out[length] = '\0';
}

/* "Name <a@b>" and "a@b" are a@b. */
static void copy_address(const char *value, char *out, size_t room)
{
	char bare[RETURNED_WORD_BYTES];
	const char *open = strrchr(value, '<');
	const char *begin = open != NULL ? open + 1 : value + strspn(value, " ");
	size_t length = strcspn(begin, open != NULL ? ">" : " ,;(");
	if (length > sizeof bare - 1)
		length = sizeof bare - 1;
	memcpy(bare, begin, length);
	bare[length] = '\0';
	returned_copy(bare, out, room);
}

/* ---- Message-IDs ---- */

/* The first in angle brackets, from `at` on; returns where it ends, NULL where there is none. */
static const char *take_id(struct returned *returned, const char *at)
{
	const char *open = strchr(at, '<');
	const char *close = open == NULL ? NULL : strchr(open, '>');
	if (close == NULL)
		return NULL;
	const size_t length = (size_t)(close - open) - 1;
	if (returned->id_count >= RETURNED_IDS_MAX || length == 0 || length >= RETURNED_ID_BYTES)
		return close + 1;
	char *id = returned->ids[returned->id_count];
	memcpy(id, open + 1, length);
	id[length] = '\0';
	returned->id_count += mail_check_id(id, NULL) == 0;
	return close + 1;
}

static void take_ids(struct returned *returned, const char *value)
{
	for (const char *at = value; at != NULL && returned->id_count < RETURNED_IDS_MAX;)
		at = take_id(returned, at);
}

/* Of references the last ones: what was answered stands at the end. */
static void take_references(struct returned *returned, const char *value)
{
	const char *at = value + strlen(value);
	for (int i = 0; i < RETURNED_IDS_MAX && at > value;) {
		at--;
		if (*at != '<')
			continue;
		(void)take_id(returned, at); /* where it ends is of no use: backwards */
		i++;
	}
}

/* ---- Reports on delivery ---- */

static bool is_digits(const char *text, size_t length)
{
	if (length == 0 || length > 3)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

/* "5.1.1" and what may stand behind it (RFC 3464 section 2.3.4). */
static bool take_status(const char *value, char out[static 16])
{
	const size_t length = strcspn(value, " (;");
	const char *first = memchr(value, '.', length);
	const char *second =
	    first == NULL ? NULL : memchr(first + 1, '.', length - (size_t)(first + 1 - value));
	if (second == NULL || length > 11 || first != value + 1 ||
	    (value[0] != '2' && value[0] != '4' && value[0] != '5') ||
	    !is_digits(first + 1, (size_t)(second - first) - 1) ||
	    !is_digits(second + 1, length - (size_t)(second + 1 - value)))
		return false;
	(void)snprintf(out, 16, "%.*s", (int)length, value); /* fits */
	return true;
}

static enum returned_kind kind_of(const char *action)
{
	if (strcasecmp(action, "failed") == 0)
		return RETURNED_FAILED;
	return strcasecmp(action, "delayed") == 0 ? RETURNED_DELAYED : RETURNED_NOTHING;
}

/* "smtp; 550 no" and "rfc822; a@b": what stands behind its kind. */
static const char *behind_kind(const char *value)
{
	const char *semicolon = strchr(value, ';');
	if (semicolon == NULL)
		return value;
	return semicolon + 1 + strspn(semicolon + 1, " ");
}

/* The fields of one recipient. What failed counts for more than what is late. */
static void read_recipient(struct returned *returned, const char *text, size_t length)
{
	char value[MIME_VALUE_BYTES];
	char status[16] = "";
	char reason[RETURNED_TEXT_BYTES];
	if (!mime_field(text, length, "Action", value, sizeof value))
		return;
	const enum returned_kind kind = kind_of(value);
	if (kind == RETURNED_NOTHING || returned->kind == RETURNED_FAILED || returned->kind == kind)
		return;
	returned->kind = kind;
	if (mime_field(text, length, "Original-Recipient", value, sizeof value) ||
	    mime_field(text, length, "Final-Recipient", value, sizeof value))
		copy_address(behind_kind(value), returned->from, sizeof returned->from);
	if (mime_field(text, length, "Status", value, sizeof value))
		(void)take_status(value, status); /* or there is none that is right */
	(void)mime_field(text, length, "Diagnostic-Code", value, sizeof value); /* or "" */
	(void)snprintf(reason, sizeof reason, "%s%s%.900s", status,
	    status[0] != '\0' && value[0] != '\0' ? ": " : "", behind_kind(value));
	returned_copy(reason, returned->reason, sizeof returned->reason);
}

/* Where the next empty line begins, and what follows it. */
static const char *next_block(const char *at, const char *end, const char **ret_next)
{
	for (const char *line = at; line < end;) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		if (*line == '\n' || (*line == '\r' && line + 1 < end && line[1] == '\n')) {
			*ret_next = feed + 1;
			return line;
		}
		if (feed == NULL)
			break;
		line = feed + 1;
	}
	*ret_next = end;
	return end;
}

static void read_report(struct returned *returned, const char *text, size_t length)
{
	const char *end = text + length;
	const char *next;
	for (const char *at = text; at < end; at = next) {
		const char *stop = next_block(at, end, &next);
		read_recipient(returned, at, (size_t)(stop - at));
	}
}

/* ---- Parts ---- */

/* What was found on the way through the parts. */
struct reading {
	struct returned *returned;
	struct charsets *charsets;
	char *decoded; /* DECODED_BYTES */
	bool has_report;
	bool has_text;
};

static bool is_original(const struct mime *part)
{
	static const char *const types[] = {"message/rfc822", "text/rfc822-headers",
	    "message/rfc822-headers", "message/global", "message/global-headers"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(part->type, types[i]) == 0)
			return true;
	return false;
}

/* Of the message that came back, whole or its headers alone. */
static void read_original(struct reading *reading, const struct mime *part)
{
	char value[MIME_VALUE_BYTES];
	const size_t length = mime_decode(part, reading->decoded, DECODED_BYTES);
	struct mime original;
	mime_read(reading->decoded, length, &original);
	if (mime_header(&original, "Message-ID", value, sizeof value))
		take_ids(reading->returned, value);
}

static void read_part(struct reading *reading, const struct mime *part, int depth);

static void read_parts(struct reading *reading, const struct mime *whole, int depth)
{
	size_t position = 0;
	struct mime part;
	for (int i = 0; i < MIME_PARTS_MAX && mime_next(whole, &position, &part); i++)
		read_part(reading, &part, depth + 1);
}

static void read_part(struct reading *reading, const struct mime *part, int depth)
{
	if (part->boundary[0] != '\0') {
		if (depth < MIME_DEPTH_MAX)
			read_parts(reading, part, depth);
		return;
	}
	if (strcmp(part->type, "message/delivery-status") == 0 ||
	    strcmp(part->type, "message/global-delivery-status") == 0) {
		reading->has_report = true;
		read_report(reading->returned, reading->decoded,
		    mime_decode(part, reading->decoded, DECODED_BYTES));
	} else if (is_original(part)) {
		if (reading->has_report)
			read_original(reading, part);
	} else if (strcmp(part->type, "text/plain") == 0 && !reading->has_text) {
		reading->has_text = true;
		const size_t length = mime_decode(part, reading->decoded, DECODED_BYTES);
		returned_read_text(reading->charsets, part->charset,
		    &(struct returned_bytes){reading->decoded, length}, reading->returned->text);
	}
}

/* ---- Before there were reports ---- */

/* The first line "Message-ID: <...>" of what stands below. */
static void find_id(struct returned *returned, const struct mime *mime)
{
	char value[MIME_VALUE_BYTES];
	if (mime_field(mime->body, mime->body_length, "Message-ID", value, sizeof value))
		take_ids(returned, value);
}

/* Exim names whom it could not reach in a header. */
static bool read_exim(struct returned *returned, const struct mime *mime)
{
	char value[MIME_VALUE_BYTES];
	if (!mime_header(mime, "X-Failed-Recipients", value, sizeof value))
		return false;
	returned->kind = RETURNED_FAILED;
	copy_address(value, returned->from, sizeof returned->from);
	(void)snprintf(returned->reason, sizeof returned->reason, "%s", returned->text);
	return true;
}

/* qmail begins so, and has a paragraph for each recipient (cr.yp.to/proto/qsbmf.txt). */
static bool read_qmail(struct returned *returned, const struct mime *mime)
{
	static const char mark[] = "Hi. This is the ";
	if (mime->body_length < sizeof mark - 1 || memcmp(mime->body, mark, sizeof mark - 1) != 0)
		return false;
	const char *end = mime->body + mime->body_length;
	const char *next;
	const char *first = next_block(mime->body, end, &next);
	const char *stop = first == end ? end : next_block(next, end, &first);
	if (stop == end || next >= end || *next != '<')
		return false;
	char paragraph[RETURNED_TEXT_BYTES];
	(void)snprintf(paragraph, sizeof paragraph, "%.*s", (int)(stop - next), next); /* or cut */
	const char *reason = strstr(paragraph, ">:");
	if (reason == NULL)
		return false;
	returned->kind = RETURNED_FAILED;
	copy_address(paragraph, returned->from, sizeof returned->from);
	returned_copy(
	    reason + 2 + strspn(reason + 2, "\r\n "), returned->reason, sizeof returned->reason);
	return true;
}

/* Only of who writes as mail servers do: with nobody to whom it could be returned. */
static bool is_from_server(const struct mime *mime)
{
	char value[MIME_VALUE_BYTES];
	if (mime_header(mime, "Return-Path", value, sizeof value) && strcmp(value, "<>") == 0)
		return true;
	return mime_header(mime, "From", value, sizeof value) &&
	       (strcasestr(value, "mailer-daemon") != NULL ||
		   strcasestr(value, "postmaster") != NULL);
}

static bool read_old(struct returned *returned, const struct mime *mime)
{
	if (!is_from_server(mime) || (!read_exim(returned, mime) && !read_qmail(returned, mime)))
		return false;
	find_id(returned, mime);
	return true;
}

/* ---- Answers ---- */

/* Holidays and lists, which nobody has to read (RFC 3834). */
static bool is_automatic(const struct mime *mime)
{
	char value[MIME_VALUE_BYTES];
	if (mime_header(mime, "Auto-Submitted", value, sizeof value) &&
	    strncasecmp(value, "no", 2) != 0)
		return true;
	if (mime_header(mime, "X-Autoreply", value, sizeof value) ||
	    mime_header(mime, "X-Auto-Response-Suppress", value, sizeof value))
		return true;
	return mime_header(mime, "Precedence", value, sizeof value) &&
	       (strcasecmp(value, "bulk") == 0 || strcasecmp(value, "junk") == 0 ||
		   strcasecmp(value, "auto_reply") == 0 || strcasecmp(value, "list") == 0);
}

static void read_reply(struct returned *returned, const struct mime *mime)
{
	char value[MIME_VALUE_BYTES];
	if (is_from_server(mime) || is_automatic(mime))
		return;
	if (mime_header(mime, "In-Reply-To", value, sizeof value))
		take_ids(returned, value);
	if (mime_header(mime, "References", value, sizeof value))
		take_references(returned, value);
	if (returned->id_count == 0 || !mime_header(mime, "From", value, sizeof value))
		return;
	copy_address(value, returned->from, sizeof returned->from);
	returned->kind = RETURNED_REPLY;
}

void returned_read(
    const char *bytes, size_t length, struct charsets *charsets, struct returned *ret_returned)
{
	struct mime whole;
	struct reading reading = {.returned = ret_returned, .charsets = charsets};
	*ret_returned = (struct returned){.kind = RETURNED_NOTHING};
	reading.decoded = malloc(DECODED_BYTES);
	if (reading.decoded == NULL)
		return; /* it is looked at again with the next start */
	mime_read(bytes, length, &whole);
	read_part(&reading, &whole, 0);
	free(reading.decoded);
	if (!reading.has_report && !read_old(ret_returned, &whole))
		read_reply(ret_returned, &whole);
	if (ret_returned->id_count == 0)
		ret_returned->kind = RETURNED_NOTHING;
	if (ret_returned->kind != RETURNED_REPLY)
		ret_returned->text[0] = '\0';
}
