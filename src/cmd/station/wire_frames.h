/*
 * wire_frames.h - how the keeper asks captures for the first frames of a machine (observe/
 * first_frames.h), and how they answer; as station/wire.h.
 *
 * The question goes by the capture's channel: WIRE_FRAMES_WANTED. A capture may write nowhere but
 * into its relay, so the answer is a record there, as its reports are. It may be hostile: what is
 * read here is within the limits below, and nothing more is known of it.
 */
#ifndef CMD_STATION_WIRE_FRAMES_H
#define CMD_STATION_WIRE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "observe/first_frames.h"
#include "proc/message.h"

/* WIRE_FRAMES_WANTED. `number` comes back with the answer. */
struct wire_wanted_frames {
	uint64_t number;
	struct first_frames_wish wish;
};
int wire_send_wanted_frames(struct channel *channel, const struct wire_wanted_frames *wanted);
bool wire_read_wanted_frames(const struct message *message, struct wire_wanted_frames *ret_wanted);

enum {
	WIRE_FRAMES_MARK = 0xfe, /* the first byte, as WIRE_REPORT_MARK */
	WIRE_FRAMES_MAX = FIRST_FRAMES_SHELF,
	/* What a frame has beside its bytes. */
	WIRE_FRAME_COST = 32,
	WIRE_FRAMES_BYTES = 16 + WIRE_FRAMES_MAX * (FIRST_FRAME_BYTES + WIRE_FRAME_COST),
};

struct wire_frames {
	uint64_t number;
	size_t count;
	struct frame frames[WIRE_FRAMES_MAX];
};

/*
 * An answer as a record of a relay; returns its length. Frames have at most FIRST_FRAME_BYTES each.
 */
size_t wire_write_frames(const struct wire_frames *frames, uint8_t out[static WIRE_FRAMES_BYTES]);
/* Whether a record means to be one, and whether it is; its frames point into it. */
bool wire_is_frames(const uint8_t *bytes, size_t count);
bool wire_read_frames(const uint8_t *bytes, size_t count, struct wire_frames *ret_frames);

#endif
