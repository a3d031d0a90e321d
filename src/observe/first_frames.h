/*
 * first_frames.h - the first frames of what members' machines do, and of what floods them, for
 * whoever has to believe a warning: kept while it is not known yet whether there will be one.
 *
 * A machine has shelves: of what it sends and of what is sent to it, of drills and of earnest
 * apart. What it sends that is telling by itself (to declared dark addresses, replies that nobody
 * asked for, odd probes, asking the wire for others) lies apart from its ordinary requests, and has
 * half of all room: so neither a busy machine nor strangers that flood it displace what shows a
 * scan.
 *
 * On a shelf lie the first `each` frames of each kind, protocol and port, FIRST_FRAMES_SHELF in
 * all, cut to FIRST_FRAME_BYTES. The first stay: what comes later finds no room, until what is
 * there is old (FIRST_FRAMES_TELLING_US, FIRST_FRAMES_ORDINARY_US, FIRST_FRAMES_FLOOD_US); then it
 * begins anew. When all room is taken, the frames that lie there longest go, whose they may be.
 *
 * One thread. Times are those of the frames. Memory is taken from the system as it is first used.
 */
#ifndef OBSERVE_FIRST_FRAMES_H
#define OBSERVE_FIRST_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "observe/sighting.h"
#include "source/frame.h"

enum {
	/* Headers of tunnels and options, and the first bytes of a payload: privacy and room. */
	FIRST_FRAME_BYTES = 256,
	/* Of one kind, protocol and port. */
	FIRST_FRAMES_EACH_MAX = 16,
	/* Of a shelf: who tries 65,536 ports takes no more room than who tries four. */
	FIRST_FRAMES_SHELF = 32,
	FIRST_FRAMES_PORTS_MAX = 32, /* of a wish: as many as a finding names */
	/* Least room that is worth anything: some hundred frames. */
	FIRST_FRAMES_MEMORY_MIN_BYTES = 256 << 10,
};

/* So long a scan may take, since it is judged over a day; */
#define FIRST_FRAMES_TELLING_US (INT64_C(24) * 3600 * 1000000)
/* what is asked of live machines is judged by failures, which come within minutes; */
#define FIRST_FRAMES_ORDINARY_US (INT64_C(10) * 60 * 1000000)
/* a flood by its fullest minute, and is told of when that has ended. */
#define FIRST_FRAMES_FLOOD_US (INT64_C(2) * 60 * 1000000)
/* What is ordinary or floods displaces nothing that is younger: a part of it is enough. */
#define FIRST_FRAMES_TURN_US (INT64_C(60) * 1000000)

struct first_frames;

/*
 * At most `each` frames (1 to FIRST_FRAMES_EACH_MAX) of a kind and port, in so much memory. NULL
 * when there is none.
 */
struct first_frames *first_frames_new(size_t memory_bytes, unsigned each);
void first_frames_free(struct first_frames *frames); /* NULL is allowed */

/* Whether frames are kept now: not while a canary flies. At first they are. */
void first_frames_set_keeping(struct first_frames *frames, bool keeps);

/*
 * Keeps a copy of a frame that counts into the sighting of this key. Returns how many more of it
 * would find room now: 0 says that there is no need to ask again for some time (a window).
 */
unsigned first_frames_keep(struct first_frames *frames, const struct sighting_key *key,
    bool is_dark, const struct frame *frame);

/* What is wanted of a machine. */
struct first_frames_wish {
	struct address subject;
	bool drill;
	bool is_victim; /* what was sent to it */
	unsigned kinds; /* bits (1 << enum sighting_kind); 0: whatever the kind */
	int64_t since_us;
	size_t port_count; /* 0: whatever the port */
	struct {
		uint16_t port;
		uint8_t protocol;
	} ports[FIRST_FRAMES_PORTS_MAX];
	size_t max; /* so many at most */
};

/*
 * Gives the first frames that are wanted, the earliest first: telling ones before ordinary ones
 * where not all fit. At most FIRST_FRAMES_SHELF, and as many as `max` allows; they point into the
 * store until the next frame is kept. Returns their number.
 */
size_t first_frames_find(const struct first_frames *frames, const struct first_frames_wish *wish,
    struct frame ret_frames[static FIRST_FRAMES_SHELF]);

struct first_frames_counts {
	uint64_t kept;      /* since the beginning */
	uint64_t displaced; /* of them, for want of room */
	size_t held;
};
void first_frames_get_counts(
    const struct first_frames *frames, struct first_frames_counts *ret_counts);

#endif
