/*
 * canary.h - the frames of a canary: a machine of nobody that asks addresses of nobody, so that
 * what is found of it shows that the whole way works.
 *
 * They look as those of any scanner do; that they are a canary's is told beside them (frame.drill),
 * never in them, so that nobody outside can make one.
 */
#ifndef DRILL_CANARY_H
#define DRILL_CANARY_H

#include <stdint.h>

#include "base/address.h"
#include "drill/frame_builder.h"
#include "source/frame.h"

enum {
	CANARY_FRAMES = 32,      /* each to another dark address: a scan that nobody could miss */
	CANARY_DRILL = 0x63616e, /* the number of the drill, as frames bear it */
	CANARY_PORT = 23,
};

/* What the frames lie in. */
struct canary_room {
	uint8_t frames[CANARY_FRAMES][FRAME_BYTES_MAX];
};

/* 100::ca:0:NUMBER (RFC 6666: nobody routes anything there). */
struct address canary_address(uint16_t number);

/* Fills the batch, whose frames lie in the room, with one canary's frames of that time. */
void canary_fill(
    uint16_t number, int64_t time_us, struct canary_room *room, struct frame_batch *ret_batch);

#endif
