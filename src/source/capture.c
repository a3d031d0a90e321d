/* capture.c - a capture file as a source: the format is told by content, damage by its place. */
#include "source/capture.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/stream.h"

#define EXPECTED "expected a pcap or pcapng capture"

static const struct capture_format *const formats[] = {
    &capture_pcap,
    &capture_pcapng,
};

struct capture {
	struct source source;
	struct stream *stream;
	const struct capture_format *format; /* NULL until the first bytes were seen */
	void *state;
	uint64_t skip; /* bytes to step over before the parser goes on */
	bool is_last;  /* the stream ends, or fails, after what is at hand */
	int stream_failed;
	bool is_done; /* the end or an error was reported */
	int failed;   /* the negative errno of going back to the start, or 0 */
};

void parse_damage(struct parse *parse, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(parse->wrong, sizeof parse->wrong, format, arguments);
	va_end(arguments);
	assert(length >= 0 && (size_t)length < sizeof parse->wrong);
	parse->is_damaged = true;
}

static void forget_format(struct capture *capture)
{
	if (capture->format != NULL)
		capture->format->close(capture->state);
	capture->format = NULL;
	capture->state = NULL;
	capture->skip = 0;
	capture->is_last = false;
}

static void capture_close(struct source *source)
{
	struct capture *capture = (struct capture *)source;
	forget_format(capture);
	stream_free(capture->stream);
	free(capture);
}

/* Gets as many of the first bytes as there are, up to `want`. Returns them, or a negative errno. */
static ssize_t probe(
    struct capture *capture, size_t want, const uint8_t **ret_bytes, struct complaint *complaint)
{
	int result = stream_fill(capture->stream, want, complaint);
	if (result < 0)
		return result;
	return (ssize_t)stream_get(capture->stream, ret_bytes);
}

static int complain_stranger(
    struct capture *capture, const uint8_t *bytes, size_t count, struct complaint *complaint)
{
	const char *name = stream_get_name(capture->stream);
	const char *packing = stream_get_packing(capture->stream);
	struct capture_stranger stranger = capture_describe(bytes, count);
	const char *advice = stranger.advice != NULL ? stranger.advice : EXPECTED;
	if (packing != NULL)
		return complain(complaint, -EPROTONOSUPPORT, "%s: after unpacking %s it %s; %s",
		    name, packing, stranger.what, advice);
	return complain(complaint, -EPROTONOSUPPORT, "%s: %s; %s", name, stranger.what, advice);
}

/* Tells the format from the first bytes. Returns 0 or a negative errno. */
static int recognise(struct capture *capture, struct complaint *complaint)
{
	const uint8_t *bytes;
	ssize_t count = probe(capture, CAPTURE_MAGIC_BYTES, &bytes, complaint);
	if (count < 0)
		return (int)count;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (count < CAPTURE_MAGIC_BYTES || !formats[i]->recognises(bytes))
			continue;
		capture->state = formats[i]->open();
		if (capture->state == NULL)
			return complain(complaint, -ENOMEM, "%s: out of memory",
			    stream_get_name(capture->stream));
		capture->format = formats[i];
		return 0;
	}
	count = probe(capture, CAPTURE_PROBE_BYTES, &bytes, complaint);
	if (count < 0)
		return (int)count;
	/* No more than asked for, so that the answer does not depend on the size of blocks. */
	if (count > CAPTURE_PROBE_BYTES)
		count = CAPTURE_PROBE_BYTES;
	return complain_stranger(capture, bytes, (size_t)count, complaint);
}

static int complain_cut(
    const struct capture *capture, const struct parse *parse, struct complaint *complaint)
{
	return stream_complain(capture->stream, complaint, stream_get_offset(capture->stream),
	    "the capture ends in the middle of %s: %zu bytes are left, expected at least %zu",
	    parse->unit, parse->left - parse->used, parse->want);
}

/* Steps over what the parser need not see. Returns 1, or a negative errno. */
static int step_over(struct capture *capture, struct complaint *complaint)
{
	while (capture->skip > 0) {
		int result = stream_fill(capture->stream, 1, complaint);
		if (result < 0)
			return result;
		if (result == 0)
			return stream_complain(capture->stream, complaint,
			    stream_get_offset(capture->stream),
			    "the capture ends in the middle of a block: expected %" PRIu64
			    " bytes more",
			    capture->skip);
		const uint8_t *bytes;
		size_t count = stream_get(capture->stream, &bytes);
		if (count > capture->skip)
			count = (size_t)capture->skip;
		stream_consume(capture->stream, count);
		capture->skip -= count;
	}
	return 1;
}

/* Lets the parser see what is at hand, once. */
static int parse_once(struct capture *capture, struct parse *parse, struct complaint *complaint)
{
	parse->left = stream_get(capture->stream, &parse->bytes);
	parse->is_last = capture->is_last;
	int result = capture->format->parse(capture->state, parse);
	stream_consume(capture->stream, parse->used);
	capture->skip = parse->skip;
	if (result < 0)
		return complain(
		    complaint, result, "%s: out of memory", stream_get_name(capture->stream));
	if (parse->is_damaged)
		return stream_complain(capture->stream, complaint,
		    stream_get_offset(capture->stream), "%s", parse->wrong);
	return 1;
}

/*
 * Gets the bytes that the parser wants. Returns 1, 0 at the end, or a negative errno. When the
 * stream ends or fails, the parser looks once more at what is left, knowing that it is the last.
 */
static int get_more(struct capture *capture, const struct parse *parse, struct complaint *complaint)
{
	if (!capture->is_last) {
		capture->stream_failed = stream_fill(capture->stream, parse->want, NULL);
		capture->is_last = capture->stream_failed <= 0;
		return 1;
	}
	if (capture->stream_failed < 0)
		return stream_fill(capture->stream, parse->want, complaint); /* says it again */
	if (parse->left - parse->used > 0 || parse->is_inside)
		return complain_cut(capture, parse, complaint);
	return 0;
}

/* As the read of a source, into any room for frames. */
static int read_frames(struct capture *capture, struct frame *frames, size_t max, size_t *ret_count,
    struct complaint *complaint)
{
	*ret_count = 0;
	if (capture->format == NULL) {
		int result = recognise(capture, complaint);
		if (result < 0)
			return result;
	}
	for (;;) {
		int result = step_over(capture, complaint);
		if (result < 0)
			return result;
		struct parse parse = {.frames = frames, .frames_max = max};
		result = parse_once(capture, &parse, complaint);
		*ret_count = parse.frame_count;
		if (result < 0 || parse.frame_count > 0)
			return result;
		if (parse.want == 0)
			continue;
		result = get_more(capture, &parse, complaint);
		if (result <= 0)
			return result;
	}
}

static int capture_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct capture *capture = (struct capture *)source;
	batch->count = 0;
	if (capture->is_done)
		return 0;
	stream_hold(capture->stream); /* the frames given last lie in what is at hand now */
	int result = capture->failed;
	if (result < 0)
		complain(complaint, result, "%s: cannot be read from its start again: %s",
		    stream_get_name(capture->stream), strerror(-result));
	else
		result = read_frames(capture, batch->frames, max, &batch->count, complaint);
	capture->is_done = result <= 0;
	return result;
}

static bool capture_find_first_time(struct source *source, int64_t *ret_time_us)
{
	struct capture *capture = (struct capture *)source;
	if (!stream_can_rewind(capture->stream))
		return false;

	struct frame frame = {0};
	size_t count = 0;
	(void)read_frames(capture, &frame, 1, &count, NULL); /* reading will say what is wrong */
	forget_format(capture);
	capture->failed = stream_rewind(capture->stream);
	if (count == 0)
		return false;
	*ret_time_us = frame.time_us;
	return true;
}

static void capture_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	const struct capture *capture = (const struct capture *)source;
	stream_get_progress(capture->stream, ret_progress);
}

int capture_open_fd(int fd, const char *name, size_t block_bytes, struct source **ret_source,
    struct complaint *complaint)
{
	struct stream *stream = NULL;
	int result = stream_new(fd, name, block_bytes, &stream);
	struct capture *capture = result == 0 ? calloc(1, sizeof *capture) : NULL;
	if (capture == NULL) {
		stream_free(stream);
		return complain(complaint, -ENOMEM, "%s: out of memory", name);
	}
	capture->source.kind = &source_pcap;
	capture->stream = stream;
	*ret_source = &capture->source;
	return 0;
}

const struct source_kind source_pcap = {
    .name = "pcap",
    .open = capture_open,
    .read = capture_read,
    .get_progress = capture_get_progress,
    .close = capture_close,
    .find_first_time = capture_find_first_time,
};

struct stream *capture_get_stream(const struct source *source)
{
	return source->kind == &source_pcap ? ((const struct capture *)source)->stream : NULL;
}

struct stream *capture_take_stream(struct source *source)
{
	struct capture *capture = (struct capture *)source;
	struct stream *stream = capture->stream;
	assert(source->kind == &source_pcap && capture->format == NULL);
	free(capture);
	return stream;
}
