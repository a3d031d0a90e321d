/*
 * source_help.h - for the tests of sources: files written as hex, and what a source gives as text.
 *
 * A frame becomes the line "SECONDS.MICROS lLINK CAPTURED/WIRE HEX", the end "end", an error its
 * complaint with '!' before it. So an expectation is a string, and two ways of reading are the
 * same when their texts are.
 */
#ifndef SOURCE_HELP_H
#define SOURCE_HELP_H

#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/capture.h"
#include "source/source.h"

enum {
	HELP_SHOWN_BYTES = 8
}; /* of a frame; longer ones end with "+" and a sum over all bytes */

static const struct source_kind *const help_kinds[] = {&source_pcap, NULL};

struct bytes {
	uint8_t *at;
	size_t count;
	size_t capacity;
};

static inline uint8_t help_digit(char c)
{
	assert((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Two digits a byte; blanks are for the reader. */
static inline struct bytes help_from_hex(const char *hex)
{
	size_t capacity = strlen(hex) / 2 + 1;
	struct bytes bytes = {.at = malloc(capacity), .capacity = capacity};
	assert(bytes.at != NULL);
	while (*hex != '\0') {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		bytes.at[bytes.count++] = (uint8_t)(help_digit(hex[0]) << 4 | help_digit(hex[1]));
		hex += 2;
	}
	return bytes;
}

static inline void help_append(struct bytes *bytes, const void *more, size_t count)
{
	if (bytes->count + count >= bytes->capacity) {
		bytes->capacity = 2 * (bytes->count + count) + 1;
		bytes->at = realloc(bytes->at, bytes->capacity);
		assert(bytes->at != NULL);
	}
	if (count > 0)
		memcpy(bytes->at + bytes->count, more, count);
	bytes->count += count;
}

static inline void help_append_hex(struct bytes *bytes, const char *hex)
{
	struct bytes more = help_from_hex(hex);
	help_append(bytes, more.at, more.count);
	free(more.at);
}

static inline void help_append_u32(struct bytes *bytes, uint32_t value)
{
	uint8_t little[] = {
	    (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
	help_append(bytes, little, sizeof little);
}

static inline int help_file(const uint8_t *bytes, size_t count)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	assert(fd >= 0);
	while (count > 0) {
		ssize_t written = write(fd, bytes, count);
		assert(written > 0);
		bytes += written;
		count -= (size_t)written;
	}
	off_t start = lseek(fd, 0, SEEK_SET);
	assert(start == 0);
	return fd;
}

static inline struct source *help_open(const uint8_t *bytes, size_t count, size_t block_bytes)
{
	struct source *source = NULL;
	struct complaint complaint;
	int result =
	    capture_open_fd(help_file(bytes, count), "FILE", block_bytes, &source, &complaint);
	assert(result == 0);
	return source;
}

static inline void help_print_frame(FILE *out, const struct frame *frame)
{
	(void)fprintf(out, "%" PRId64 ".%06" PRId64 " l%" PRIu32 " %" PRIu32 "/%" PRIu32 " ",
	    frame->time_us / 1000000, frame->time_us % 1000000, frame->link_type,
	    frame->captured_bytes, frame->wire_bytes);
	uint32_t sum = 0;
	for (uint32_t i = 0; i < frame->captured_bytes; i++) {
		sum = sum * 31 + frame->bytes[i];
		if (i < HELP_SHOWN_BYTES)
			(void)fprintf(out, "%02x", (unsigned)frame->bytes[i]);
	}
	if (frame->captured_bytes > HELP_SHOWN_BYTES)
		(void)fprintf(out, "+%08" PRIx32, sum);
	(void)fputc('\n', out);
}

/* What one call of source_read() gave. */
struct help_piece {
	int result;
	struct complaint complaint;
	struct frame_batch batch;
};

static inline bool help_is_good(const struct help_piece *piece, size_t max)
{
	bool is_good = piece->batch.count <= max && piece->result <= 1;
	is_good = is_good && (piece->result != 1 || piece->batch.count > 0);
	is_good = is_good && (piece->result != 0 || piece->batch.count == 0);
	return is_good && (piece->result < 0) == (piece->complaint.text[0] != '\0');
}

static inline void help_print_piece(FILE *out, const struct help_piece *piece)
{
	for (size_t i = 0; i < piece->batch.count; i++)
		help_print_frame(out, &piece->batch.frames[i]);
	if (piece->result < 0)
		(void)fprintf(out, "!%s\n", piece->complaint.text);
}

/*
 * Reads on until the end, `max` frames at a time, into `out`. Each batch is looked at only when the
 * next one has been read, as the contract allows. Returns false where the source breaks it.
 */
static inline bool help_read(FILE *out, struct source *source, size_t max)
{
	struct help_piece *pieces = calloc(2, sizeof *pieces);
	assert(pieces != NULL);
	bool is_good = true;
	size_t turn = 0;
	do {
		struct help_piece *piece = &pieces[turn % 2];
		*piece = (struct help_piece){0};
		piece->result = source_read(source, &piece->batch, max, &piece->complaint);
		is_good = is_good && help_is_good(piece, max);
		help_print_piece(out, &pieces[++turn % 2]);
	} while (pieces[(turn + 1) % 2].result != 0);

	struct frame_batch *batch = &pieces[0].batch;
	batch->count = 0;
	is_good = is_good && source_read(source, batch, max, NULL) == 0;
	free(pieces);
	return is_good;
}

/* What the source gives, as text that the caller frees. Closes it. */
static inline char *help_outcome(struct source *source, size_t max)
{
	char *text = NULL;
	size_t text_bytes = 0;
	FILE *out = open_memstream(&text, &text_bytes);
	assert(out != NULL);
	bool is_good = help_read(out, source, max);
	(void)fputs(is_good ? "end" : "broken contract", out);
	int closed = fclose(out);
	char *copy = strdup(text);
	assert(closed == 0 && copy != NULL);
	free(text);
	source_close(source);
	return copy;
}

static inline char *help_outcome_of(
    const uint8_t *bytes, size_t count, size_t block_bytes, size_t max)
{
	return help_outcome(help_open(bytes, count, block_bytes), max);
}

/* Whether every size of block and batch gives `expected`; large files are spared the tiny ones. */
static inline bool help_gives(const uint8_t *bytes, size_t count, const char *expected)
{
	static const size_t block_sizes[] = {0, 4096, 64, 7, 1};
	static const size_t batch_sizes[] = {1, 7, FRAME_BATCH_MAX};
	bool is_same = true;
	for (size_t i = 0; i < (count > 1 << 16 ? 2 : 5); i++)
		for (size_t j = 0; j < 3; j++) {
			char *text = help_outcome_of(bytes, count, block_sizes[i], batch_sizes[j]);
			if (is_same && strcmp(text, expected) != 0)
				printf("# blocks of %zu, batches of %zu\n# expected: %.1000s\n"
				       "# got: %.1000s\n",
				    block_sizes[i], batch_sizes[j], expected, text);
			is_same = is_same && strcmp(text, expected) == 0;
			free(text);
		}
	return is_same;
}

/*
 * Cuts a file, given as pieces that end with NULL, at every length. At the end of a piece it must
 * read as whole, anywhere else as damaged; the frames must be the first ones of the whole file.
 */
static inline bool help_survives_cuts(const char *const *pieces)
{
	struct bytes file = {0};
	bool *is_end = calloc(1 << 16, sizeof *is_end);
	assert(is_end != NULL);
	for (; *pieces != NULL; pieces++) {
		help_append_hex(&file, *pieces);
		is_end[file.count] = true;
	}
	char *whole = help_outcome_of(file.at, file.count, 0, FRAME_BATCH_MAX);
	bool is_good = strchr(whole, '!') == NULL;
	for (size_t count = 0; count < file.count; count++) {
		char *text = help_outcome_of(file.at, count, count % 2 == 0 ? 0 : 5, 1 + count % 3);
		char *damage = strchr(text, '!');
		size_t frames_bytes = damage != NULL ? (size_t)(damage - text) : strlen(text) - 3;
		bool is_right = (damage == NULL) == is_end[count] &&
				strncmp(text, whole, frames_bytes) == 0 &&
				strstr(text, "broken") == NULL;
		if (!is_right)
			printf("# cut at %zu: %s\n", count, text);
		is_good = is_good && is_right;
		free(text);
	}
	free(whole);
	free(is_end);
	free(file.at);
	return is_good;
}

#endif
