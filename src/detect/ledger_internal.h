/* ledger_internal.h - shared by ledger.c and ledger_room.c; not for other folders. */
#ifndef DETECT_LEDGER_INTERNAL_H
#define DETECT_LEDGER_INTERNAL_H

#include "detect/ledger.h"
#include "observe/pool.h"

struct known_host {
	struct address address;
	uint32_t flags;
	uint32_t always;  /* of the flags, what does not end with silence */
	int64_t heard_us; /* the window in which it was told of last */
	uint8_t mac[6];
	uint8_t rank; /* enum rank */
};

enum {
	LEDGER_ROOM_COST = 48 /* for each subject while room is made: what it weighs, for sorting */
};

struct known_carrier {
	struct carrier of; /* starts with the key */
	uint8_t held;      /* bit n: it holds an address in the network of place n itself */
};

struct ledger {
	struct ledger_options options;
	struct table *tracks;
	struct table *subjects;
	struct pool hosts;
	size_t hosts_room;
	struct table *carriers; /* link-layer addresses of routers */
	struct slab *slab;
	struct address_set scratch;
	uint64_t seed;
	uint64_t evicted;
	int64_t ended_us;           /* the window that ended last; INT64_MIN before */
	uint32_t clock;             /* how often the clock has fallen back */
	int64_t strangers_gap_us;   /* that ends a stranger's event */
	uint64_t slab_refused;      /* blocks, until room was made last */
	size_t refusals_until_room; /* so many more before room is made again */
	bool hosts_overflowed;
	struct subject *changed; /* of a live one */
	struct subject *fresh;
	int64_t window_us;    /* the latest that anything came of; INT64_MIN before */
	int64_t settled_us;   /* before it not all hosts were heard of */
	int64_t forgotten_us; /* who was not seen since then was forgotten; INT64_MIN: nobody */
};

/* Of a live ledger: notes what is new of a subject, and forgets one that goes (ledger_live.c). */
void ledger_note_change(struct ledger *ledger, struct subject *subject);
void ledger_unlink(struct subject *subject);

/* What is fresh of a track, of a walk of this window, becomes part of what is known. */
void ledger_fold_track(struct ledger *ledger, struct track *track);
void ledger_fold_walk(struct walk *walk, int64_t window_us);
/* Forgets a subject with its tracks (ledger_room.c). */
void ledger_forget(struct ledger *ledger, struct subject *subject);

/* What the window just ended adds to peaks (ledger_peaks.c). */
void ledger_fold_peaks(struct ledger *ledger, struct track *track);
/* Measures what came of an earlier window than the current one by itself. */
void ledger_add_late_bins(struct track *track, const struct sighting *sighting);
/* Adds a sighting's time and packets to the track's intervals. */
void ledger_add_interval(
    const struct ledger *ledger, struct track *track, const struct sighting *sighting);

/* Which link-layer addresses are routers': once all hosts and carriers are known. */
void ledger_find_routers(struct ledger *ledger);
bool ledger_is_routers(const struct ledger *ledger, const uint8_t *mac);

/* Takes back darkness from addresses that answered (ledger_answers.c). */
void ledger_find_answers(struct ledger *ledger);
/* The same of one subject. */
void ledger_find_answers_of(struct ledger *ledger, struct subject *subject);

/* Frees room where a table or the slab is nearly used up (ledger_room.c). */
void ledger_make_room(struct ledger *ledger);
/* For whom a sighting under this key takes room. */
enum rank ledger_rank(
    const struct ledger *ledger, const struct sighting_key *key, const struct sighting *sighting);
/* May one of this rank have one more record of this table? */
bool ledger_has_room(const struct table *table, enum rank rank);

#endif
