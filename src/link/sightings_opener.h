/*
 * sightings_opener.h - one message of a batch (link/sightings.h), unpacked and checked, wherever it
 * came from. Any bytes are opened without harm: a batch is handed on only when all of it is right.
 */
#ifndef LINK_SIGHTINGS_OPENER_H
#define LINK_SIGHTINGS_OPENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/sightings.h"
#include "observe/observer.h"

/* A batch that was read and checked. */
struct sightings_batch {
	const char *sensor; /* as all here valid until the next batch is opened */
	uint64_t epoch;
	uint64_t sequence;
	uint64_t checksum; /* as its frame says */
	uint64_t offset;   /* in the file, where it begins */
	uint64_t number;   /* 1 for the first one of the file */
	int64_t window_us;
	int64_t latest_us; /* of all times in it; INT64_MIN where there is none */
	bool has_window;   /* false: only hosts, carriers and sums, which belong to none */
	bool ends_window;
	bool is_last;
	struct sightings_reading reading; /* of a last batch; else nothing */
};

enum {
	SIGHTINGS_WORDS_BYTES = 160, /* what is wrong with a batch */
};

/* A batch with its frame, as it lies in memory; borrowed. */
struct sightings_bytes {
	const uint8_t *data;
	size_t count;
};

struct sightings_opener;

int sightings_opener_new(struct sightings_opener **ret_opener); /* 0 or -ENOMEM */
void sightings_opener_free(struct sightings_opener *opener);    /* NULL is allowed */

/*
 * Opens a message of a file of this version. Its frame was checked (sightings_frame_check). The
 * fields of *batch that only a file gives stay as they are. Returns 0; or -EBADMSG and what is
 * wrong, completing "batch 7 ...".
 */
struct sightings_message {
	const uint8_t *bytes;
	size_t count;
	uint32_t version;
};
int sightings_opener_open(struct sightings_opener *opener, const struct sightings_message *message,
    struct sightings_batch *batch, char ret_words[static SIGHTINGS_WORDS_BYTES]);

/*
 * Hands on the records of the batch opened last; sums only where the sink takes them. on_window_end
 * is not called: other sensors may have more.
 */
void sightings_opener_hand_on(
    const struct sightings_opener *opener, const struct observer_sink *sink);

/*
 * A batch with its frame, in memory: 0 with its message (of SIGHTINGS_VERSION) and its checksum, or
 * -EBADMSG when length or checksum are wrong.
 */
int sightings_frame_check(const uint8_t *frame, size_t bytes, struct sightings_message *ret_message,
    uint64_t *ret_checksum);

#endif
