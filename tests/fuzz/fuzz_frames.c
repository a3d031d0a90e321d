/*
 * fuzz_frames.c - first frames on their way from a capture to whoever reads them.
 *
 * Byte 0: bit 0 makes of the rest a question for frames, else it is an answer, as a record of a
 * relay. What was read must, written again, give the very bytes; each frame of an answer is told in
 * words and as JSON.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_frames.h"
#include "notify/frame_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool is_utf8(const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		const size_t length = utf8_step(text, left);
		if (length == 0)
			return false;
		text += length;
		left -= length;
	}
	return true;
}

static void tell(const struct frame *frame)
{
	char line[FRAME_WORDS_BYTES];
	char *written = NULL;
	size_t length = 0;
	struct text text;
	struct json json;
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		text_init(&text, line, sizeof line);
		frame_words_add(&text, (enum language)language, frame);
		require(line[0] != '\0' && !text.cut && is_utf8(line));
	}
	text_init(&text, line, FRAME_SUMMARY_BYTES);
	frame_words_add_summary(&text, frame);
	require(line[0] != '\0' && !text.cut);
	FILE *out = open_memstream(&written, &length);
	if (out == NULL)
		return;
	json_init(&json, out);
	json_open_object(&json, NULL);
	frame_words_write(&json, frame);
	json_close_object(&json);
	(void)fclose(out);
	require(length > 0);
	free(written);
}

static void try_answer(const uint8_t *data, size_t bytes)
{
	static uint8_t again[WIRE_FRAMES_BYTES];
	static struct wire_frames frames;
	if (!wire_read_frames(data, bytes, &frames))
		return;
	require(wire_is_frames(data, bytes) && !wire_is_report(data, bytes) &&
		frames.count <= WIRE_FRAMES_MAX);
	require(wire_write_frames(&frames, again) == bytes && memcmp(again, data, bytes) == 0);
	for (size_t i = 0; i < frames.count; i++)
		tell(&frames.frames[i]);
}

static void try_question(const uint8_t *data, size_t bytes)
{
	struct wire_wanted_frames wanted;
	const struct message message = {
	    .type = WIRE_FRAMES_WANTED, .payload = data, .payload_bytes = bytes, .fd = -1};
	if (!wire_read_wanted_frames(&message, &wanted))
		return;
	struct frame found[FIRST_FRAMES_SHELF];
	struct first_frames *frames = first_frames_new(FIRST_FRAMES_MEMORY_MIN_BYTES, 1);
	require(wanted.wish.port_count <= FIRST_FRAMES_PORTS_MAX);
	if (frames != NULL)
		require(first_frames_find(frames, &wanted.wish, found) == 0);
	first_frames_free(frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	if (data_bytes == 0)
		return 0;
	if ((data[0] & 1) != 0)
		try_question(data + 1, data_bytes - 1);
	else
		try_answer(data + 1, data_bytes - 1);
	return 0;
}
