/* http_answer.c - what an answer is: its headers, its bytes as whoever asked takes them. */
#define ZLIB_CONST /* it reads what it is given */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/json.h"
#include "web/http_internal.h"

enum {
	STATUS_OK = 200,
	STATUS_NO_CONTENT = 204,
	STATUS_SEE_OTHER = 303,
	STATUS_NOT_MODIFIED = 304,
	STATUS_NO_MEMORY = 503,
	SECONDS_BYTES = 16,         /* of a number */
	DISPOSITION_BYTES = 1024,   /* a name of 255 bytes, each up to %XX, and once more plain */
	FILENAME_MAX_BYTES = 255,   /* of most file systems */
	LEVEL = 2,                  /* of zlib: a list of 50 in less than a millisecond */
	GZIP_BITS = 15 + 16,        /* of zlib: gzip's frame, the whole window */
	PLAIN_MAX_BYTES = 16 << 20, /* of what was compressed before: our own, and smaller */
};

/* A browser makes nothing of an answer but what it is, and shows none inside others. */
static const char *const header_rows[][2] = {
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
};

static const char no_policy[] = "default-src 'none'; frame-ancestors 'none'";
static const char no_store[] = "no-store";

/* ---- Heads ---- */

/* NULL is a header that is not there. */
static bool add_header(struct MHD_Response *response, const char *name, const char *value)
{
	return value == NULL || MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_head(struct MHD_Response *response, const struct http_head *head)
{
	bool is_whole =
	    add_header(response, "Content-Type", head->type) &&
	    add_header(response, "Content-Security-Policy",
		head->policy != NULL ? head->policy : no_policy) &&
	    add_header(response, "Cache-Control", head->caching != NULL ? head->caching : no_store);
	for (size_t i = 0; is_whole && i < HTTP_HEADERS_MAX && head->headers[i].name != NULL; i++)
		is_whole = add_header(response, head->headers[i].name, head->headers[i].value);
	for (size_t i = 0; is_whole && i < sizeof header_rows / sizeof header_rows[0]; i++)
		is_whole = add_header(response, header_rows[i][0], header_rows[i][1]);
	return is_whole;
}

void http_head_give(
    struct http_request *request, const struct http_head *head, struct MHD_Response *response)
{
	assert(request->response == NULL && request->status == 0); /* once */
	if (response != NULL && !add_head(response, head)) {
		MHD_destroy_response(response);
		response = NULL;
	}
	request->status = head->status;
	request->response = response;
	if (!request->is_waiting)
		return;
	request->is_waiting = false;
	MHD_resume_connection(request->connection);
	http_run_soon(request->http);
}

void http_head_answer(
    struct http_request *request, const struct http_head *head, const void *bytes, size_t count)
{
	/* libmicrohttpd takes what is not const, and copies it */
	union {
		const void *bytes;
		void *copied;
	} source = {.bytes = count > 0 ? bytes : ""};
	http_head_give(request, head,
	    MHD_create_response_from_buffer(count, source.copied, MHD_RESPMEM_MUST_COPY));
}

/* ---- Short answers ---- */

void http_answer(struct http_request *request, unsigned status, const char *type, const void *bytes,
    size_t count)
{
	const struct http_head head = {.status = status, .type = type};
	http_head_answer(request, &head, bytes, count);
}

void http_show(struct http_request *request, unsigned status, const char *policy, const void *bytes,
    size_t count)
{
	const struct http_head head = {.status = status,
	    .type = "text/html; charset=utf-8",
	    .policy = policy,
	    .headers = {{"X-Robots-Tag", "noindex, nofollow"}}};
	http_head_answer(request, &head, bytes, count);
}

void http_redirect(struct http_request *request, const char *where)
{
	const struct http_head head = {
	    .status = STATUS_SEE_OTHER, .headers = {{"Location", where}}};
	http_head_answer(request, &head, NULL, 0);
}

void http_accept(struct http_request *request)
{
	http_answer(request, STATUS_NO_CONTENT, NULL, NULL, 0);
}

void http_refuse(struct http_request *request, unsigned status, const char *why)
{
	char line[HTTP_WHY_BYTES];
	int length = snprintf(line, sizeof line, "%s\n", why);
	assert(length > 0 && (size_t)length < sizeof line); /* our own words */
	http_answer(request, status, "text/plain; charset=utf-8", line, (size_t)length);
}

/* ---- Problems ---- */

static const char *title_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *title;
	} titles[] = {
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {406, "Not Acceptable"},
	    {409, "Conflict"},
	    {410, "Gone"},
	    {411, "Length Required"},
	    {412, "Precondition Failed"},
	    {413, "Content Too Large"},
	    {415, "Unsupported Media Type"},
	    {421, "Misdirected Request"},
	    {422, "Unprocessable Content"},
	    {429, "Too Many Requests"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	};
	for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
		if (titles[i].status == status)
			return titles[i].title;
	return status < 500 ? "Refused" : "Trouble";
}

static void write_code(struct json *json, const struct http_trouble *trouble)
{
	json_string(json, "code", trouble->code);
	json_open_array(json, "values");
	for (size_t i = 0; i < trouble->value_count; i++)
		json_string(json, NULL, trouble->values[i]);
	json_close_array(json);
}

static void write_problem(FILE *out, const struct http_trouble *trouble)
{
	static const char expected[] = "expected ";
	const char *wanted = strstr(trouble->detail, expected);
	struct json json;
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "type", "about:blank");
	json_string(&json, "title", title_of(trouble->status));
	json_unsigned(&json, "status", trouble->status);
	json_string(&json, "detail", trouble->detail);
	if (trouble->field != NULL)
		json_string(&json, "field", trouble->field);
	if (wanted != NULL)
		json_string(&json, "expected", wanted + sizeof expected - 1);
	if (trouble->code != NULL && trouble->code[0] != '\0')
		write_code(&json, trouble);
	json_close_object(&json);
}

/* Adds one to those that are there. NULL is a header that is not there. */
static void put_header(struct http_head *head, const char *name, const char *value)
{
	size_t i = 0;
	while (head->headers[i].name != NULL)
		i++;
	assert(i < HTTP_HEADERS_MAX - 1);
	if (value == NULL)
		return;
	head->headers[i].name = name;
	head->headers[i].value = value;
}

static const char problem_type[] = "application/problem+json";

void http_tell(struct http_request *request, const struct http_trouble *trouble)
{
	struct http_head head = {.status = trouble->status, .type = problem_type};
	char after[SECONDS_BYTES];
	char *text = NULL;
	size_t length = 0;
	(void)snprintf(after, sizeof after, "%u", trouble->after_s); /* fits */
	if (trouble->after_s > 0)
		put_header(&head, "Retry-After", after);
	FILE *out = open_memstream(&text, &length);
	if (out != NULL)
		write_problem(out, trouble);
	const bool failed = out == NULL || ferror(out) != 0;
	if ((out != NULL && fclose(out) != 0) || failed)
		http_refuse(request, STATUS_NO_MEMORY, "there is no memory now");
	else
		http_head_answer(request, &head, text, length);
	free(text);
}

void http_problem(
    struct http_request *request, unsigned status, const char *field, const char *detail)
{
	const struct http_trouble trouble = {.status = status, .field = field, .detail = detail};
	http_tell(request, &trouble);
}

/* ---- Compression ---- */

static bool is_text(const char *type)
{
	static const char *const parts[] = {"text/", "json", "javascript", "xml"};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strstr(type, parts[i]) != NULL)
			return true;
	return false;
}

/* Whether one entry of Accept-Encoding (RFC 9110 section 12.5.3) is that, and not at weight 0. */
static bool is_wanted(const char *entry, size_t length)
{
	static const char name[] = "gzip";
	while (length > 0 && (*entry == ' ' || *entry == '\t')) {
		entry++;
		length--;
	}
	const size_t name_bytes = sizeof name - 1;
	if (length < name_bytes || strncasecmp(entry, name, name_bytes) != 0)
		return false;
	entry += name_bytes;
	length -= name_bytes;
	if (length > 0 && strchr(" \t;", *entry) == NULL)
		return false; /* a longer name */
	for (size_t i = 0; i + 1 < length; i++)
		if (entry[i] == '=')
			return strspn(entry + i + 1, "0. \t") < length - i - 1;
	return true;
}

static bool takes_gzip(const struct http_request *request)
{
	const char *list = http_request_header(request, "Accept-Encoding");
	while (list != NULL) {
		if (is_wanted(list, strcspn(list, ",")))
			return true;
		const char *comma = strchr(list, ',');
		list = comma != NULL ? comma + 1 : NULL;
	}
	return false;
}

/* NULL: there is no memory. */
static void *compress_bytes(const void *bytes, size_t count, size_t *ret_count)
{
	z_stream stream = {.next_in = bytes, .avail_in = (uInt)count};
	if (count > UINT32_MAX / 2 ||
	    deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	const uLong room = deflateBound(&stream, (uLong)count);
	uint8_t *out = malloc(room);
	stream.next_out = out;
	stream.avail_out = (uInt)room;
	const bool is_whole = out != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END;
	*ret_count = stream.total_out;
	(void)deflateEnd(&stream); /* says only that not all was read */
	if (is_whole)
		return out;
	free(out);
	return NULL;
}

/* NULL: there is no memory, or it is no gzip of ours. */
static void *expand_bytes(const void *bytes, size_t count, size_t *ret_count)
{
	z_stream stream = {.next_in = bytes, .avail_in = (uInt)count};
	uint8_t *out = NULL;
	size_t room = 0;
	int result = count > PLAIN_MAX_BYTES ? Z_BUF_ERROR : inflateInit2(&stream, GZIP_BITS);
	if (result != Z_OK)
		return NULL;
	while (result == Z_OK && room < PLAIN_MAX_BYTES) {
		const size_t more = room == 0 ? 4 * count + 64 : room;
		uint8_t *larger = realloc(out, room + more);
		if (larger == NULL)
			break;
		out = larger;
		stream.next_out = out + room;
		stream.avail_out = (uInt)more;
		room += more;
		result = inflate(&stream, Z_NO_FLUSH);
	}
	*ret_count = stream.total_out;
	(void)inflateEnd(&stream); /* it cannot fail */
	if (result == Z_STREAM_END)
		return out;
	free(out);
	return NULL;
}

/* ---- Replies ---- */

static bool has_it(const struct http_request *request, const char *quoted)
{
	const char *list = http_request_header(request, "If-None-Match");
	return list != NULL && (strcmp(list, "*") == 0 || strstr(list, quoted) != NULL);
}

/* RFC 6266: the name in ASCII for the old, and in UTF-8 (RFC 8187). */
static void write_disposition(const char *name, char out[static DISPOSITION_BYTES])
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   ".-_";
	size_t used = (size_t)snprintf(out, DISPOSITION_BYTES, "attachment; filename=\"");
	size_t count = strlen(name);
	count = count > FILENAME_MAX_BYTES ? FILENAME_MAX_BYTES : count;
	for (size_t i = 0; i < count; i++)
		out[used++] = strchr(safe, name[i]) != NULL ? name[i] : '_';
	used += (size_t)snprintf(out + used, DISPOSITION_BYTES - used, "\"; filename*=UTF-8''");
	for (size_t i = 0; i < count && used + 4 < DISPOSITION_BYTES; i++)
		used += (size_t)(strchr(safe, name[i]) != NULL
				     ? snprintf(out + used, DISPOSITION_BYTES - used, "%c", name[i])
				     : snprintf(out + used, DISPOSITION_BYTES - used, "%%%02X",
					   (unsigned)(unsigned char)name[i]));
	out[used] = '\0';
}

static void give_compressed(
    struct http_request *request, const struct http_reply *reply, const struct http_head *head)
{
	struct http *http = request->http;
	size_t count = 0;
	const void *kept = http_packed_find(http, reply->etag, reply->count, &count);
	if (kept != NULL) {
		http_head_answer(request, head, kept, count);
		return;
	}
	void *bytes = compress_bytes(reply->bytes, reply->count, &count);
	if (bytes == NULL) {
		http_refuse(request, STATUS_NO_MEMORY, "there is no memory now");
		return;
	}
	http_head_answer(request, head, bytes, count);
	if (!http_packed_keep(http, reply->etag, reply->count, bytes, count))
		free(bytes);
}

/* As bytes that whoever asked takes. */
static void give_bytes(
    struct http_request *request, const struct http_reply *reply, struct http_head *head)
{
	const bool is_long = reply->count >= HTTP_COMPRESSED_MIN_BYTES;
	const bool may_change =
	    reply->is_gzip || (is_long && is_text(reply->type) && !reply->is_plain);
	const bool wants = may_change && takes_gzip(request);
	size_t count = 0;
	if (may_change)
		put_header(head, "Vary", "Accept-Encoding");
	if (wants)
		put_header(head, "Content-Encoding", "gzip");
	if (!may_change || wants == reply->is_gzip) {
		http_head_answer(request, head, reply->bytes, reply->count);
		return;
	}
	if (wants) {
		give_compressed(request, reply, head);
		return;
	}
	void *bytes = expand_bytes(reply->bytes, reply->count, &count);
	if (bytes == NULL)
		http_refuse(request, STATUS_NO_MEMORY, "there is no memory now");
	else
		http_head_answer(request, head, bytes, count);
	free(bytes);
}

void http_reply(struct http_request *request, const struct http_reply *reply)
{
	static const char *const caching[] = {
	    [HTTP_NO_STORE] = no_store,
	    [HTTP_REVALIDATE] = "private, no-cache",
	    [HTTP_IMMUTABLE] = "public, max-age=31536000, immutable",
	};
	char etag[HTTP_ETAG_BYTES];
	char disposition[DISPOSITION_BYTES];
	struct http_head head = {.status = reply->status,
	    .type = reply->type,
	    .policy = reply->policy,
	    .caching = caching[reply->caching]};
	put_header(&head, "Set-Cookie", reply->set_cookie);
	if (reply->filename != NULL) {
		write_disposition(reply->filename, disposition);
		put_header(&head, "Content-Disposition", disposition);
	}
	if (reply->etag != NULL) {
		/* weak: compressed or not, it says the same */
		const int length = snprintf(etag, sizeof etag, "W/\"%s\"", reply->etag);
		assert(length > 0 && (size_t)length < sizeof etag);
		put_header(&head, "ETag", etag);
	}
	if (reply->etag != NULL && reply->status == STATUS_OK &&
	    request->route->method == ROUTE_GET && has_it(request, etag + 2)) {
		head.status = STATUS_NOT_MODIFIED;
		head.type = NULL;
		http_head_answer(request, &head, NULL, 0);
		return;
	}
	give_bytes(request, reply, &head);
}
