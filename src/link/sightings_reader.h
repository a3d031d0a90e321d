/*
 * sightings_reader.h - batches of sightings out of one stream (link/sightings.h), a batch at a
 * time. Any bytes are read without harm: a batch is handed on only when all of it is right.
 */
#ifndef LINK_SIGHTINGS_READER_H
#define LINK_SIGHTINGS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "link/sightings_opener.h"
#include "observe/observer.h"
#include "source/stream.h"

struct sightings_reader;

/* Whether a file that begins so means to be one of sightings (it may be damaged or too new). */
bool sightings_recognise(const uint8_t *bytes, size_t count);

/* Takes the stream, also on failure. Reads nothing. Returns 0 or -ENOMEM. */
int sightings_reader_new(struct stream *stream, struct sightings_reader **ret_reader);
void sightings_reader_free(struct sightings_reader *reader); /* NULL is allowed */

/*
 * Reads one batch, which stays until the next call. Returns 1; 0 at the end of the file; or a
 * negative errno with a complaint that names the file and the byte, after which it gives 0: what
 * was read before is good.
 */
int sightings_reader_next(struct sightings_reader *reader, const struct sightings_batch **ret_batch,
    struct complaint *complaint);

/*
 * Hands on the records of the batch; sums only where the sink takes them. on_window_end is not
 * called: other files may have more.
 */
void sightings_reader_hand_on(
    const struct sightings_reader *reader, const struct observer_sink *sink);

/* Says something of the file at the batch read last; returns -EBADMSG. */
__attribute__((format(printf, 3, 4))) int sightings_reader_complain(
    const struct sightings_reader *reader, struct complaint *complaint, const char *format, ...);

#endif
