/*
 * incident_frames.h - the first frames of an incident out of the store (evidence.h keeps them), and
 * what is made of them for people and programs. Whatever lies in the store is read without harm.
 */
#ifndef CMD_STATION_INCIDENT_FRAMES_H
#define CMD_STATION_INCIDENT_FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/complaint.h"
#include "base/json.h"
#include "cmd/station/evidence.h"
#include "store/store.h"

enum {
	INCIDENT_FRAMES_MAX = EVIDENCE_INCIDENT_MAX,
	INCIDENT_FRAME_SOURCE_BYTES = 128, /* of its name; more is cut */
};

struct incident_frame {
	struct frame frame; /* its bytes are those below */
	char source[INCIDENT_FRAME_SOURCE_BYTES];
	uint8_t bytes[FIRST_FRAME_BYTES];
};

struct incident_frames {
	size_t count;
	struct incident_frame list[INCIDENT_FRAMES_MAX]; /* the earliest first */
	size_t refused; /* records that no keeper wrote: of no possible time, length or link */
};

/* Returns 0, or what the store gave, with a complaint. */
int incident_frames_read(struct store *store, int64_t incident, struct incident_frames *ret_frames,
    struct complaint *complaint);

/* The members of an object that is open: as frame_words_write(), source, link_type, and its bytes
   as hexadecimal. */
void incident_frame_put(struct json *json, const struct incident_frame *kept);
/* An array of them. */
void incident_frames_write(
    const struct incident_frames *frames, const char *key, struct json *json);

/*
 * As pcapng, with a comment on each frame: the source, and that it was made by a drill. `about`
 * (may be NULL) joins the first one's. Returns 0, or -EIO when writing failed.
 */
int incident_frames_write_pcapng(
    const struct incident_frames *frames, const char *about, FILE *out);

/* As a table, a line for each, under a line of names (RFC 4180; notify/csv_cell.h). */
void incident_frames_write_csv(const struct incident_frames *frames, FILE *out);

#endif
