/*
 * source.h - where frames come from.
 *
 * A source is opened from an address "KIND:REST" (pcap:FILE, drill:NAME?seed=7); an address without
 * a known kind and colon is a file name. "-" is standard input. Kinds are registered by source_kind
 * tables, so that cmd can add those of other layers (drill). One suite of tests runs over all
 * kinds.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "source/frame.h"

struct source; /* opaque to callers; implementations embed it first */

struct source_progress {
	uint64_t bytes_done;  /* of the file as it lies on disk, compressed or not */
	uint64_t bytes_total; /* 0 when unknown (a pipe) */
};

struct source_kind {
	const char *name; /* the part before the colon: "pcap" */
	/*
	 * Opens and reads no further than needed to know that it is there; descriptors that are
	 * needed later are open when it returns (afterwards the process may lose the right to open
	 * anything). Returns 0 and gives a source, or a negative errno with a complaint.
	 */
	int (*open)(const char *rest, struct source **ret_source, struct complaint *complaint);
	/*
	 * Appends at most `max` frames to `batch` (whose count the caller set to 0). Their bytes
	 * stay valid until the next read but one of this source begins, or its close: so one batch
	 * can be worked on, also by another thread, while the next is read. Returns 1 when it gave
	 * at least one frame, 0 at the end, or a negative errno with a complaint, in which case
	 * batch->count frames before the damage are good; after an error or the end every later
	 * read gives 0.
	 */
	int (*read)(struct source *source, struct frame_batch *batch, size_t max,
	    struct complaint *complaint);
	void (*get_progress)(const struct source *source, struct source_progress *ret_progress);
	void (*close)(struct source *source);
	/*
	 * May be NULL. Finds the time of the first frame when nothing was read yet, and holds no
	 * memory for it, so that thousands of sources can be merged. False when it cannot be known
	 * so (a pipe, damage before the first frame): then only reading tells.
	 */
	bool (*find_first_time)(struct source *source, int64_t *ret_time_us);
	bool is_live; /* a read may wait for ever, and nothing can be merged with it */
	/* May be NULL: how many frames were lost before they could be read, since it was opened. */
	uint64_t (*get_dropped)(struct source *source);
};

struct source {
	const struct source_kind *kind;
};

/* `kinds` ends with NULL. */
int source_open(const struct source_kind *const *kinds, const char *address,
    struct source **ret_source, struct complaint *complaint);
int source_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint);
void source_get_progress(const struct source *source, struct source_progress *ret_progress);
uint64_t source_get_dropped(struct source *source);
bool source_is_live(const struct source *source);
void source_close(struct source *source); /* NULL is allowed */

/* Capture files: pcap and pcapng, plain, gzip or zstd, told apart by content (source/pcap_*.c). */
extern const struct source_kind source_pcap;

/*
 * Several sources as one, merged by packet time: at each step the source whose clock (the highest
 * time it has given so far, or that of its next frame) is lowest goes on; equal clocks go by order
 * of `sources`. A single source passes through unchanged, backward times and all. Takes ownership
 * of the sources (also on failure). A source that fails is reported once through source_read's
 * error, and the others are read on by calling source_read again: with several sources an error is
 * not the end; 0 is.
 */
int source_merge(
    struct source **sources, size_t count, struct source **ret_source, struct complaint *complaint);

#endif
