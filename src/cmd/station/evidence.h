/*
 * evidence.h - the first frames of incidents, for whoever has to believe them: the keeper asks its
 * captures for them (station/wire_frames.h) when an incident opens or relapses, and keeps them with
 * it.
 *
 * An incident may open at a machine's third frame. So it is asked again after some seconds, and
 * some minutes, as long as there are fewer than are kept (evidence.frames). A capture that is gone
 * has forgotten what it had; one that does not answer is not waited for. What a capture answers is
 * believed as far as what it observes is: frames of a time at which the incident was not, of drills
 * where it is earnest, more than were asked for, or that nobody asked for, are not taken.
 *
 * A keeper that starts asks for those of incidents that opened just before it.
 */
#ifndef CMD_STATION_EVIDENCE_H
#define CMD_STATION_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "alert/casebook.h"
#include "base/complaint.h"
#include "cmd/station/wire_frames.h"
#include "store/store.h"

struct evidence;

enum {
	/* Incidents whose frames are wanted at one time; of more than that nothing is asked. */
	EVIDENCE_WANTED_MAX = 4096,
	EVIDENCE_ASKS_AT_ONCE = 64, /* in one turn */
	EVIDENCE_ASKS = 4,          /* about one opening */
	/* That wait to be written: 300 KiB. Answers past it are not taken, and asked for again. */
	EVIDENCE_PENDING_MAX = 1024,
	EVIDENCE_INCIDENT_MAX = 64, /* of an incident, however often it relapses */
	EVIDENCE_SOURCES_MAX = 32,  /* captures that may be told apart */
};

struct evidence_options {
	struct store *store; /* borrowed, as all */
	struct casebook *casebook;
	uint32_t frames; /* of each opening and source; 0: none are asked for */
	void *context;
	/* Asks every capture that is there; returns how many there are. */
	size_t (*ask)(void *context, const struct wire_wanted_frames *wanted);
};

/* Returns 0 or -ENOMEM. */
int evidence_new(const struct evidence_options *options, struct evidence **ret_evidence);
void evidence_free(struct evidence *evidence); /* NULL is allowed */

/*
 * The incidents of the casebook that were loaded: those that opened since `since_us` (wall) and
 * have no frames are asked for.
 */
int evidence_resume(struct evidence *evidence, int64_t since_us, struct complaint *complaint);
/* The steps of the casebook were committed, and are still there. */
void evidence_note_steps(struct evidence *evidence);

/* Asks for what is due; monotonic time. */
void evidence_tick(struct evidence *evidence, int64_t now_us);
/* Nothing more is observed: each that is wanted is asked for once more, and no later. */
void evidence_finish(struct evidence *evidence);
/* Whether an answer may come still that is worth waiting for. */
bool evidence_is_waiting(const struct evidence *evidence, int64_t now_us);

/* An answer: by which source, and its name. Frames of after `until_us` are not taken. */
struct evidence_source {
	size_t number;
	const char *name;
	int64_t until_us;
};
void evidence_take(struct evidence *evidence, const struct evidence_source *source,
    const struct wire_frames *frames);

/* Whether there is something to be written; within a transaction, and after it. */
bool evidence_is_due(const struct evidence *evidence);
int evidence_write(struct evidence *evidence, struct complaint *complaint);
void evidence_commit(struct evidence *evidence);

struct evidence_counts {
	uint64_t asked;   /* times */
	uint64_t kept;    /* frames */
	uint64_t refused; /* frames, and answers that nobody asked for */
	uint64_t missed;  /* incidents past EVIDENCE_WANTED_MAX */
	size_t wanted;
};
void evidence_get_counts(const struct evidence *evidence, struct evidence_counts *ret_counts);

#endif
