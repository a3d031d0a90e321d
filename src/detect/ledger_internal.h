/* ledger_internal.h - shared by ledger.c and ledger_room.c; not for other folders. */
#ifndef DETECT_LEDGER_INTERNAL_H
#define DETECT_LEDGER_INTERNAL_H

#include "detect/ledger.h"

struct known_host {
	struct address address;
	uint32_t flags;
	uint8_t mac[6];
};

struct known_carrier {
	struct carrier of; /* starts with the key */
	uint8_t held;      /* bit n: it holds an address in the network of place n itself */
};

struct ledger {
	struct ledger_options options;
	struct table *tracks;
	struct table *subjects;
	struct table *hosts;
	struct table *carriers; /* link-layer addresses of routers */
	struct slab *slab;
	struct address_set scratch;
	uint64_t seed;
	uint64_t evicted;
	int64_t ended_us;         /* the window that ended last; INT64_MIN before */
	uint32_t clock;           /* how often the clock has fallen back */
	int64_t strangers_gap_us; /* that ends a stranger's event */
	bool hosts_overflowed;
};

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

/* Frees room while a table or the slab is nearly used up (ledger_room.c). */
void ledger_make_room(struct ledger *ledger);

#endif
