/*
 * capture_sound.h - what must hold for any bytes given to the readers of captures.
 *
 * The bytes are read through the whole reader twice, with large and with tiny blocks and batches,
 * and, where they are a plain capture, parsed once more from windows of just their size, so that
 * AddressSanitizer sees a parser look past what it was shown. All must give the same frames.
 */
#ifndef CAPTURE_SOUND_H
#define CAPTURE_SOUND_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "source/capture.h"
#include "source/codec.h"
#include "source/source.h"

static inline void sound_require(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "unsound: %s\n", what);
	abort();
}

/* What reading gave, in short. */
struct sound_sum {
	uint64_t frames;
	uint64_t hash;
	int result; /* of the first failure, or 0 */
	struct complaint complaint;
};

static inline void sound_add_frame(struct sound_sum *sum, const struct frame *frame)
{
	uint64_t fields[] = {sum->hash, frame->captured_bytes, frame->wire_bytes,
	    (uint64_t)frame->time_us, frame->link_type, frame->drill};
	sound_require(frame->captured_bytes <= CAPTURE_FRAME_MAX_BYTES, "a frame is too large");
	sound_require(frame->time_us >= FRAME_TIME_MIN_US && frame->time_us <= FRAME_TIME_MAX_US,
	    "a time is out of range");
	sum->hash = hash_bytes(fields, sizeof fields, 0);
	sum->hash = hash_bytes(frame->bytes, frame->captured_bytes, sum->hash);
	sum->frames++;
}

/* One descriptor for all runs: making one each time would be most of the work. */
static inline int sound_file(const uint8_t *data, size_t data_bytes)
{
	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	bool is_written = fd >= 0 && ftruncate(fd, 0) == 0 &&
			  pwrite(fd, data, data_bytes, 0) == (ssize_t)data_bytes &&
			  lseek(fd, 0, SEEK_SET) == 0;
	sound_require(is_written, "no memory file");
	int copy = dup(fd);
	sound_require(copy >= 0, "no descriptor");
	return copy;
}

static inline struct sound_sum sound_read(
    const uint8_t *data, size_t data_bytes, size_t block_bytes, size_t batch_max)
{
	static struct frame_batch batches[2];
	struct frame_batch *batch = &batches[0];
	struct frame_batch *before = &batches[1];
	struct sound_sum sum = {0};
	struct source *source = NULL;
	int result = capture_open_fd(
	    sound_file(data, data_bytes), "FILE", block_bytes, &source, &sum.complaint);
	sound_require(result == 0, "opening failed");

	int64_t first_us = 0;
	bool knows_first = source_pcap.find_first_time(source, &first_us);
	before->count = 0;
	for (;;) {
		batch->count = 0;
		struct complaint complaint = {0};
		result = source_read(source, batch, batch_max, &complaint);
		sound_require(batch->count <= batch_max, "a batch is too large");
		if (sum.frames == 0 && before->count == 0 && batch->count > 0)
			sound_require(knows_first && first_us == batch->frames[0].time_us,
			    "another first time than was found before");
		/* Looked at only now, as the contract allows. */
		for (size_t i = 0; i < before->count; i++)
			sound_add_frame(&sum, &before->frames[i]);
		struct frame_batch *looked_at = before;
		before = batch;
		batch = looked_at;
		if (result == 1)
			continue;
		sound_require(
		    (result < 0) == (complaint.text[0] != '\0'), "a failure has no words");
		if (result == 0)
			break;
		sound_require(sum.result == 0, "a source failed twice");
		sum.result = result;
		sum.complaint = complaint;
	}
	source_close(source);
	return sum;
}

static inline void sound_compare(const struct sound_sum *a, const struct sound_sum *b)
{
	if (a->frames != b->frames || strcmp(a->complaint.text, b->complaint.text) != 0)
		(void)fprintf(stderr, "%llu frames, %s\n%llu frames, %s\n",
		    (unsigned long long)a->frames, a->complaint.text, (unsigned long long)b->frames,
		    b->complaint.text);
	sound_require(a->frames == b->frames, "another number of frames");
	sound_require(a->hash == b->hash, "other frames");
	sound_require(a->result == b->result, "another result");
	sound_require(strcmp(a->complaint.text, b->complaint.text) == 0, "another complaint");
}

/* Lets the parser see one window, in an allocation of its size. Returns how far it has come. */
static inline struct parse sound_parse_window(const struct capture_format *format, void *state,
    const uint8_t *data, struct parse window, struct sound_sum *sum)
{
	static struct frame frames[FRAME_BATCH_MAX];
	uint8_t *copy = malloc(window.left > 0 ? window.left : 1);
	sound_require(copy != NULL, "no memory");
	memcpy(copy, data, window.left);
	window.bytes = copy;
	window.frames = frames;
	sound_require(format->parse(state, &window) == 0, "the parser ran out of memory");
	sound_require(window.used <= window.left, "the parser used more than there is");
	sound_require(window.frame_count <= window.frames_max, "more frames than room");
	for (size_t i = 0; i < window.frame_count; i++) {
		sound_require(frames[i].bytes >= copy &&
				  frames[i].bytes + frames[i].captured_bytes <= copy + window.used,
		    "a frame lies outside what was used");
		sound_add_frame(sum, &frames[i]);
	}
	bool goes_on = window.is_damaged || window.skip > 0 || window.frame_count > 0 ||
		       window.want > window.left - window.used;
	sound_require(goes_on, "the parser neither goes on nor wants anything");
	free(copy);
	return window;
}

/* Parses a plain capture from windows that start at `window_bytes` and grow as wanted. */
static inline struct sound_sum sound_parse(const struct capture_format *format, const uint8_t *data,
    size_t data_bytes, size_t window_bytes)
{
	struct sound_sum sum = {0};
	void *state = format->open();
	sound_require(state != NULL, "no memory");
	size_t at = 0;
	size_t want = window_bytes;
	for (;;) {
		size_t left = data_bytes - at;
		struct parse window = {.left = want < left ? want : left, .frames_max = 5};
		window.is_last = window.left == left && window.left < want;
		window = sound_parse_window(format, state, data + at, window, &sum);
		at += window.used;
		if (window.is_damaged || window.skip > data_bytes - at)
			break;
		at += (size_t)window.skip;
		if (window.is_last && window.want > 0)
			break;
		want = window.want > window_bytes ? window.want : window_bytes;
	}
	format->close(state);
	return sum;
}

static inline const struct capture_format *sound_find_format(const uint8_t *data, size_t data_bytes)
{
	static const struct capture_format *const formats[] = {&capture_pcap, &capture_pcapng};
	for (size_t i = 0; i < 2 && data_bytes >= CAPTURE_MAGIC_BYTES; i++)
		if (formats[i]->recognises(data))
			return formats[i];
	return NULL;
}

static inline void sound_check(const uint8_t *data, size_t data_bytes)
{
	struct sound_sum large = sound_read(data, data_bytes, 0, FRAME_BATCH_MAX);
	struct sound_sum small = sound_read(data, data_bytes, 5, 3);
	/*
	 * What zstd had unpacked in the very call in which it saw the damage is lost, and where its
	 * calls begin depends on the blocks: of damaged zstd the last bytes may differ.
	 */
	bool is_zstd = data_bytes >= CODEC_MAGIC_BYTES && codec_zstd.recognises(data);
	if (!is_zstd || large.result == 0 || small.result == 0)
		sound_compare(&large, &small);

	const struct capture_format *format = sound_find_format(data, data_bytes);
	if (format == NULL)
		return;
	struct sound_sum parsed = sound_parse(format, data, data_bytes, 100);
	sound_require(parsed.frames == large.frames && parsed.hash == large.hash,
	    "windows give other frames than the reader");
}

#endif
