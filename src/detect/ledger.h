/*
 * ledger.h - what is known of every subject over a day and more: sightings of all windows, merged.
 *
 * A track is a sighting over its whole life with what only the order of windows shows: the
 * threshold random walk, the peak within a sliding minute, the intervals of activity. A subject is
 * an address with its tracks. Hosts are what is known of addresses as machines: who sent, who
 * answered, who routes.
 *
 * Windows come in order, and within one window sightings in any order. A single sighting may come
 * later than its window (what a stranger did over hours may be told at its end, as one sighting):
 * it joins the intervals where it belongs, its fullest minute is measured by itself, and what is
 * fresh of the current window stays whole. When a window ends that is earlier than the one that
 * ended before, the clock has fallen back, and everything goes on from there. All limits follow
 * from the memory given; when it is used up, strangers' lightest and oldest tracks go first
 * (counted).
 */
#ifndef DETECT_LEDGER_H
#define DETECT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/thresholds.h"
#include "observe/observer.h"
#include "observe/shard.h"
#include "observe/sighting.h"
#include "registry/registry.h"

/*
 * The threshold random walk of Jung et al. 2004 in steps of one: with theta0 = 0.8, theta1 = 0.2 a
 * failure multiplies the likelihood ratio by 4 and a success divides it by 4, so the walk counts
 * net failures. It never falls below 0 and starts again after 24 h without a failure. A window's
 * failures and successes are set off before they move it, so that shards and sensors cannot change
 * the result.
 */
struct walk {
	uint32_t fresh_failures; /* of the current window: first contacts with new addresses */
	uint32_t fresh_answers;
	uint32_t at;
	uint32_t peak;
	int64_t peak_us; /* the window in which it was reached */
	int64_t last_failure_us;
};

struct interval {
	int64_t first_us;
	int64_t last_us;
	uint64_t packets;
};

/*
 * So many ports are told apart of what one subject received or replied; more are counted only in
 * the track over all ports. (What it asked for is told apart by every port.)
 */
enum {
	SUBJECT_RECEIVED_MAX = 256
};

/*
 * Answers from so many places (observe/carrier.h) make a link-layer address a router's, where it
 * holds no address of their networks itself: a machine with several addresses is none.
 */
enum {
	CARRIER_PLACES = 3
};

/* To boot, after somebody asked. Whoever asks for what nobody uses, slowly, is no hurry. */
#define LEDGER_SPEAK_US (5 * 60 * INT64_C(1000000))

enum {
	/* Of one port; a finding joins those of all its ports. No more than track.forged has bits.
	 */
	TRACK_INTERVALS_MAX = 6
};

/* Packets in each 10 s of one window. */
struct minute {
	int64_t window_us;
	uint32_t bins[SIGHTING_BINS];
};

struct track {
	struct sighting sum; /* starts with its key */
	struct subject *subject;
	struct track *next;   /* of the same subject */
	struct walk walk;     /* what is fresh is of the window of sum.bins */
	struct minute before; /* the window before that of sum.bins */
	struct minute late;   /* the earlier window of which anything came last */
	uint32_t clock;       /* how often the clock had fallen back when sum.bins began */
	uint32_t peak_60s;    /* packets in the fullest 60 s, sliding by 10 s */
	/* ALL_FLOODED and ALL_REFLECTED: distinct senders within ddos_incoming.window_s */
	struct address_set crowd;        /* of the current span of windows */
	struct address_set crowd_before; /* of the span before */
	int64_t crowd_us;                /* when the current span began */
	uint64_t crowd_peak;
	uint32_t crowd_peak_exchanged; /* percent of them that went on to an exchange */
	struct interval intervals[TRACK_INTERVALS_MAX]; /* in order of time */
	uint8_t interval_count;
	/*
	 * Bit n: intervals[n] is of a crowd that bears its member's addresses falsely
	 * (detect/spoof_member).
	 */
	uint8_t forged;
};

/* A stranger that touched no more than so many addresses is the first to be forgotten. */
enum {
	LEDGER_LIGHT_TARGETS = 2
};

/* A place in a list of subjects; of one that is in none `before` is NULL. */
struct subject_link {
	struct subject *next;
	struct subject **before; /* what points to it */
};

struct subject {
	struct address address;
	int member; /* or MEMBER_NONE */
	struct track *tracks;
	size_t track_count;
	size_t received_count; /* of them, per port of what it received or replied */
	uint64_t marks;        /* packets with a strong mark */
	uint32_t clock;        /* how often the clock had fallen back in the window of the walk */
	int64_t window_us;
	struct walk walk; /* over all ports */
	int64_t first_us;
	int64_t last_us;
	uint64_t packets;  /* that it sent */
	uint64_t received; /* that others sent it */
	bool touched_many; /* more than LEDGER_LIGHT_TARGETS on some port, or was touched by so many
			    */
	struct subject_link changed; /* of a ledger that goes on: since it was taken last */
	struct subject_link fresh;   /* likewise: in the window that has not ended */
};

struct ledger_options {
	const struct registry *registry;     /* borrowed */
	const struct thresholds *thresholds; /* borrowed */
	struct samples *samples;             /* borrowed; NULL when no evidence is kept */
	/*
	 * Borrowed; knows what strangers asked that were only counted. NULL: none were.
	 */
	const struct observer *observer;
	/* Borrowed; is told what the ledger learns from there, as if it had been observed. Or NULL.
	 */
	const struct observer_sink *tap;
	size_t memory_bytes;
	bool infer_dark;
	/*
	 * Says of members' addresses that are not declared dark whether nobody uses them, as was
	 * learned by listening; they count as inferred. NULL: none are known so. For a ledger that
	 * goes on.
	 */
	bool (*is_learned_dark)(const void *learned, const struct address *address);
	const void *learned; /* borrowed */
	/* It goes on for months: what follows ledger_finish() below is for it. */
	bool is_live;
};

struct ledger;

/*
 * The silence that ends a stranger's scan: T = ln(1000) * 2^32 / (r * D), never below five minutes
 * nor above a day.
 */
int64_t ledger_strangers_gap_us(
    const struct registry *registry, const struct thresholds *thresholds);

int ledger_new(const struct ledger_options *options, struct ledger **ret_ledger);
void ledger_free(struct ledger *ledger); /* NULL is allowed */

void ledger_add_sighting(struct ledger *ledger, const struct sighting *sighting);
void ledger_add_host(struct ledger *ledger, const struct host *host);
void ledger_add_carrier(struct ledger *ledger, const struct carrier *carrier);
void ledger_end_window(struct ledger *ledger, int64_t window_us);
/* After the last window: folds what is fresh, so that walks and peaks are final. */
void ledger_finish(struct ledger *ledger);

/*
 * For a ledger that is judged while it grows (ledger_live.c). Only members' subjects are listed.
 *
 * A walk or a peak of a window is known when the window is over; everything else at once. So what
 * is judged in the middle of a window rests on what cannot be taken back by what is to come in it.
 *
 * Gives a subject of which something is new, once for each time; NULL when there is none.
 */
struct subject *ledger_take_changed(struct ledger *ledger);
/* It is to be judged again, though nothing came of it. Does nothing for what is not listed. */
void ledger_mark_changed(struct ledger *ledger, struct subject *subject);
/* The same of every member's subject: what was learned of others may change what they did. */
void ledger_mark_all_changed(struct ledger *ledger);
/* All sensors have told of the window that ended: folds what was fresh of it. */
void ledger_settle(struct ledger *ledger);
/*
 * Forgets subjects that were not seen since this time, and takes hosts that were not heard of since
 * for silent. Not counted as evicted.
 */
void ledger_forget_before(struct ledger *ledger, int64_t time_us);
/* The time of the last call; INT64_MIN before. */
int64_t ledger_forgotten_us(const struct ledger *ledger);
/* Members changed. The registry is borrowed from now on, the one before no more. */
void ledger_set_registry(struct ledger *ledger, const struct registry *registry);
/* What is known of a host otherwise: HOST_... bits. It stays known. */
void ledger_know_host(struct ledger *ledger, const struct address *address, uint32_t flags);
/*
 * Before this time not all hosts were heard of yet, so that an address asked for on the wire is
 * only believed to be nobody's where it was asked for again and again. INT64_MIN: always all were.
 */
void ledger_set_settled(struct ledger *ledger, int64_t time_us);
int64_t ledger_settled_us(const struct ledger *ledger);

/* Walks the subjects; `*position` starts at 0; NULL at the end. */
struct subject *ledger_next_subject(const struct ledger *ledger, size_t *position);

/*
 * HOST_... bits, with HOST_ROUTER also for addresses whose link-layer address carries others; that
 * is known after ledger_finish.
 */
uint32_t ledger_host_flags(const struct ledger *ledger, const struct address *address);

/*
 * Dark: declared, and no two-way evidence against it; or, where darkness is inferred, an address of
 * the members' (or private) ranges that never sent. Groups and broadcasts are never dark.
 * *ret_inferred says which. Nothing is inferred once the table of hosts has overflowed. What was
 * learned to be dark (is_learned_dark) is inferred as well, unless it was heard.
 */
bool ledger_is_dark(const struct ledger *ledger, const struct address *address, bool *ret_inferred);

/*
 * Whether what is inferred of an address that was touched then may be believed: whoever is there
 * had LEDGER_SPEAK_US to speak, and all windows of that time have ended, with which hosts are told
 * of. A machine that was just plugged in is none that nobody uses. Always, where darkness is
 * decided at the end of the input.
 */
bool ledger_had_time(const struct ledger *ledger, int64_t touched_us);

/*
 * The most packets of a track that came within any stretch of this length, as far as its intervals
 * tell: of an interval that is longer, the part that falls to the stretch on average, or the
 * fullest minute.
 */
uint64_t ledger_most_packets(const struct track *track, int64_t stretch_us);

uint64_t ledger_host_count(const struct ledger *ledger);
uint64_t ledger_evicted(const struct ledger *ledger);
/* The share of its memory that is left to the findings made from it. */
size_t ledger_findings_bytes(const struct ledger *ledger);
struct slab *ledger_slab(struct ledger *ledger);
const struct registry *ledger_registry(const struct ledger *ledger);
const struct thresholds *ledger_thresholds(const struct ledger *ledger);

/*
 * The gap that ends an event: for a stranger's scan T = ln(1000) * 2^32 / (r *
 * D), for a flooded victim ddos_victim.end_s, else half an hour; never below five minutes nor above
 * a day.
 */
int64_t ledger_event_gap_us(const struct ledger *ledger, const struct track *track);

#endif
