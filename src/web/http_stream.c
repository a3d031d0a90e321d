/* http_stream.c - answers without an end: events that wait for their reader, within bounds. */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "web/http_internal.h"

enum {
	STATUS_OK = 200,
	PIECE_BYTES = 4096, /* that libmicrohttpd takes at once: it has HTTP_MEMORY_BYTES for all */
	/* "event: \n", and the empty line that ends it. */
	EVENT_BYTES = 9,
	LINE_BYTES = 7, /* "data: \n" */
};

/* How soon a browser comes again, in ms: a station is started anew in less. */
static const char first_words[] = "retry: 2000\n\n";
static const char sign_of_life[] = ":\n\n";

struct http_stream {
	struct http_request *request;
	void (*on_gone)(void *context); /* NULL: nobody is to be told */
	void *context;
	char *bytes; /* used of them from `from` on */
	size_t room;
	size_t from;
	size_t used;
	bool is_over;      /* what is there is the last */
	bool is_suspended; /* until there is something */
	int64_t moved_us;  /* when something was taken last, or began to wait */
	int64_t said_us;
};

/* ---- What waits ---- */

static int64_t now_of(const struct http_stream *stream)
{
	return loop_monotonic_us(stream->request->http->options.loop);
}

/* Room for so many bytes more. */
static int make_room(struct http_stream *stream, size_t count)
{
	if (count > HTTP_STREAM_BYTES - stream->used)
		return -ENOBUFS;
	if (stream->from > 0) {
		memmove(stream->bytes, stream->bytes + stream->from, stream->used);
		stream->from = 0;
	}
	if (stream->used + count <= stream->room)
		return 0;
	size_t room = stream->room > 0 ? stream->room : PIECE_BYTES;
	while (room < stream->used + count)
		room *= 2;
	char *bytes = realloc(stream->bytes, room);
	if (bytes == NULL)
		return -ENOMEM;
	stream->bytes = bytes;
	stream->room = room;
	return 0;
}

/* There is room. */
static void put(struct http_stream *stream, const char *bytes, size_t count)
{
	if (count > 0)
		memcpy(stream->bytes + stream->from + stream->used, bytes, count);
	stream->used += count;
}

static void put_text(struct http_stream *stream, const char *text)
{
	put(stream, text, strlen(text));
}

/* Of the line that begins there: to its end, or that of all. */
static size_t line_length(const char *data, size_t length)
{
	size_t at = 0;
	while (at < length && data[at] != '\n' && data[at] != '\r')
		at++;
	return at;
}

static size_t count_lines(const char *data, size_t length)
{
	size_t lines = 1;
	for (size_t i = 0; i < length; i++)
		lines += data[i] == '\n' || data[i] == '\r';
	return lines;
}

static void put_lines(struct http_stream *stream, const char *data, size_t length)
{
	for (;;) {
		const size_t line = line_length(data, length);
		put_text(stream, "data: ");
		put(stream, data, line);
		put_text(stream, "\n");
		if (line == length)
			return;
		data += line + 1;
		length -= line + 1;
	}
}

static void wake(struct http_stream *stream)
{
	if (!stream->is_suspended)
		return;
	stream->is_suspended = false;
	MHD_resume_connection(stream->request->connection);
	http_run_soon(stream->request->http);
}

/* So many bytes were put. */
static void was_put(struct http_stream *stream, bool was_empty)
{
	stream->said_us = now_of(stream);
	if (was_empty)
		stream->moved_us = stream->said_us;
	wake(stream);
}

/* ---- The reader ---- */

/* Libmicrohttpd takes what there is. Where there is nothing it waits until it is woken. */
static ssize_t on_take(void *context, uint64_t position, char *out, size_t room)
{
	struct http_stream *stream = context;
	const size_t count = stream->used < room ? stream->used : room;
	(void)position;
	if (count == 0 && stream->is_over)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (count == 0) {
		stream->is_suspended = true;
		MHD_suspend_connection(stream->request->connection);
		return 0;
	}
	memcpy(out, stream->bytes + stream->from, count);
	stream->from += count;
	stream->used -= count;
	stream->moved_us = now_of(stream);
	return (ssize_t)count;
}

bool http_stream_tick(struct http_stream *stream, int64_t now_us)
{
	if (stream->used > 0)
		return now_us - stream->moved_us < HTTP_STREAM_STALL_US;
	if (now_us - stream->said_us < HTTP_STREAM_QUIET_US || stream->is_over)
		return true;
	if (make_room(stream, sizeof sign_of_life - 1) == 0) {
		put_text(stream, sign_of_life);
		was_put(stream, true);
	}
	return true;
}

void http_stream_stop(struct http_stream *stream)
{
	stream->is_over = true;
	wake(stream);
}

void http_stream_gone(struct http_stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->on_gone != NULL)
		stream->on_gone(stream->context);
	free(stream->bytes);
	free(stream);
}

/* ---- The writer ---- */

static int begin(struct http_stream *stream)
{
	static const struct http_head head = {.status = STATUS_OK,
	    .type = "text/event-stream; charset=utf-8",
	    .headers = {{"X-Accel-Buffering", "no"}}}; /* of a proxy that would keep it */
	const unsigned vanished_ms = (unsigned)(HTTP_STREAM_STALL_US / 1000);
	struct MHD_Response *response =
	    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, on_take, stream, NULL);
	int result = response == NULL ? -ENOMEM : make_room(stream, sizeof first_words - 1);
	if (result != 0) {
		if (response != NULL)
			MHD_destroy_response(response);
		return result;
	}
	put_text(stream, first_words);
	was_put(stream, true);
	stream->request->stream = stream;
	stream->request->slot->is_stream = true;
	/* without it whoever vanished has a quarter of an hour more; where it is refused, so be it
	 */
	(void)setsockopt(stream->request->slot->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &vanished_ms,
	    sizeof vanished_ms);
	http_head_give(stream->request, &head, response);
	return 0;
}

int http_stream_begin(struct http_request *request, void (*on_gone)(void *context), void *context,
    struct http_stream **ret_stream)
{
	if (!http_may_stream(request))
		return -EUSERS;
	struct http_stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL)
		return -ENOMEM;
	stream->request = request;
	stream->on_gone = on_gone;
	stream->context = context;
	const int result = begin(stream);
	if (result == 0) {
		*ret_stream = stream;
		return 0;
	}
	free(stream->bytes);
	free(stream);
	return result;
}

int http_stream_send(struct http_stream *stream, const char *event, const char *data, size_t length)
{
	const bool was_empty = stream->used == 0;
	assert(event[strcspn(event, "\r\n")] == '\0');
	if (length > HTTP_STREAM_BYTES)
		return -ENOBUFS;
	const int result = make_room(
	    stream, EVENT_BYTES + strlen(event) + count_lines(data, length) * LINE_BYTES + length);
	if (result != 0)
		return result;
	put_text(stream, "event: ");
	put_text(stream, event);
	put_text(stream, "\n");
	put_lines(stream, data, length);
	put_text(stream, "\n");
	was_put(stream, was_empty);
	return 0;
}

size_t http_stream_waiting(const struct http_stream *stream)
{
	return stream->used;
}

void http_stream_end(struct http_stream *stream)
{
	stream->on_gone = NULL;
	http_stream_stop(stream);
}
