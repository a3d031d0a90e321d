/*
 * fuzz_script.c - any text is a script or gets a complaint that names its line; any script gives
 * frames of lawful length in time order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "drill/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	FRAMES_MAX = 500 /* a script may ask for millions */
};

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

static void play(struct stage *stage)
{
	const struct packet *packet = NULL;
	int64_t time_us = 0, last_us = INT64_MIN;
	for (int i = 0; i < FRAMES_MAX && stage_next(stage, &packet, &time_us) == 1; i++) {
		uint8_t *bytes = malloc(FRAME_BYTES_MAX);
		require(bytes != NULL, "there is memory");
		size_t count = frame_build(packet, bytes);
		require(count > 0 && count <= FRAME_BYTES_MAX, "a frame has a lawful length");
		require(time_us >= last_us, "time does not go back");
		last_us = time_us;
		struct frame frame = {
		    .bytes = bytes,
		    .captured_bytes = (uint32_t)count,
		    .wire_bytes = (uint32_t)count,
		    .time_us = time_us,
		    .link_type = LINK_ETHERNET,
		};
		struct facts facts;
		(void)decode_frame(&frame, &facts); /* raw frames may be anything */
		free(bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct stage stage;
	struct complaint complaint = {""};
	if (data_bytes > SCRIPT_BYTES_MAX)
		return 0;
	/* A block of just its size, so that reading past its end is seen. */
	char *text = malloc(data_bytes > 0 ? data_bytes : 1);
	require(text != NULL, "there is memory");
	if (data_bytes > 0)
		memcpy(text, data, data_bytes);
	int error = script_parse("S", text, data_bytes, &stage, &complaint);
	free(text);
	if (error != 0) {
		unsigned line = 0;
		require(sscanf(complaint.text, "S:%u: ", &line) == 1 && line > 0,
		    "a complaint names the line");
		return 0;
	}
	play(&stage);
	stage_release(&stage);
	return 0;
}
