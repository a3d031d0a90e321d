/*
 * keeper.h - the keeper's work without its process: what was observed becomes incidents, letters
 * and records, in turns, each written in one transaction.
 *
 * Nothing leaves before it is written: a source's batches are taken, and letters sent, after the
 * transaction that holds them was committed. What cannot be written waits, whole, for the next
 * turn. After a start what is known is made anew from the batches of the last day.
 */
#ifndef CMD_STATION_KEEPER_H
#define CMD_STATION_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/alarms.h"
#include "cmd/station/attendance.h"
#include "cmd/station/canary.h"
#include "cmd/station/config.h"
#include "cmd/station/correlator.h"
#include "cmd/station/digest.h"
#include "cmd/station/evidence.h"
#include "cmd/station/geo.h"
#include "cmd/station/greynet.h"
#include "cmd/station/intake.h"
#include "cmd/station/outbox.h"
#include "cmd/station/postwatch.h"
#include "cmd/station/roster.h"
#include "cmd/station/sparks.h"
#include "cmd/station/statistics.h"
#include "cmd/station/upkeep.h"
#include "store/store.h"

struct keeper;

struct keeper_clock {
	int64_t wall_us;
	int64_t monotonic_us;
};

/* What it needs of its process. */
struct keeper_io {
	void *context;
	/* A letter for the courier: 0, or a negative errno when it has no room now. */
	int (*send)(void *context, const struct outbox_parcel *parcel);
	/* What was read of this source is safe: it may forget it. */
	void (*take)(void *context, size_t source);
	/* Who are members has changed: for those who capture (roster_parse_registry). */
	void (*tell_registry)(void *context, const char *text, size_t length);
	/* Asks a capture for a canary: 0, or -ENOTCONN when none can send one. */
	int (*send_canary)(void *context, uint16_t number);
	/*
	 * Asks all captures for a machine's first frames; how many there are. NULL: nobody asks.
	 */
	size_t (*ask_frames)(void *context, const struct wire_wanted_frames *wanted);
	/* Signs mail, as mail_seal.sign; NULL: nobody does. */
	int (*sign)(
	    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature);
	/* Something that whoever runs the station should see; one line. */
	void (*log)(void *context, const char *event, const char *text);
};

struct keeper_options {
	struct store *store; /* borrowed, as all that is pointed to */
	struct roster_options roster;
	struct correlator_options correlator;
	struct outbox_options outbox; /* without store and casebook */
	struct canary_rules canary;
	struct {
		bool is_on;
		struct weekday_time at; /* in the station's zone (roster.zone) */
	} digest;
	const struct certificate_facts *signing; /* of mail.sign; NULL, or until_us is 0: none */
	struct post_limits posts;                /* of interfaces that are down or silent */
	int64_t rest_us;                         /* of alarms; 0: ALARM_REST_US */
	int64_t began_us;                        /* the station, with all its duties; wall */
	int64_t settle_us;  /* after the start: not all hosts were heard of yet (watch.settle) */
	int64_t batches_us; /* so much is judged anew at the start (store.retention.batches) */
	uint32_t frames;    /* of each incident that are kept (evidence.frames) */
	struct greynet_options greynet;      /* without store, context and log */
	struct geo *geo;                     /* NULL: no countries, no networks */
	bool is_exercise;                    /* there is nothing but drills to observe */
	const struct station_config *config; /* retention, low_disk, batches_max */
	const char *directory; /* of the database; NULL: how full the disk is is not known */
	struct keeper_io io;
};

enum {
	KEEPER_TURN_US = 200000, /* a quarter of a second, with what a turn takes */
};

/*
 * A capture that is in other hands may say any time; of one that lies far ahead all that is open
 * would become quiet at once. A clock that was set back by an hour while no keeper looked is none.
 */
#define KEEPER_AHEAD_US (2 * WHEN_HOUR_US)

/*
 * Reads what the store has, and judges the last day anew. Returns 0, or a negative errno with a
 * complaint.
 */
int keeper_new(const struct keeper_options *options, const struct keeper_clock *clock,
    struct keeper **ret_keeper, struct complaint *complaint);
void keeper_free(struct keeper *keeper); /* NULL is allowed */

/*
 * As intake_add(); `name` is its address (ring:eth0), by which it is known after a restart. Returns
 * 0, or a negative errno with a complaint.
 */
int keeper_add_source(struct keeper *keeper, const char *name, const struct intake_source *source,
    size_t *ret_number, struct complaint *complaint);
/* Finds out how far this source, whose batches are of this sensor, was observed before the start.
 */
int keeper_read_reached(
    struct keeper *keeper, size_t source, const char *sensor, struct complaint *complaint);
/* The end of the last window of which anything came from it; INT64_MIN where none did. */
int64_t keeper_reached_us(const struct keeper *keeper, size_t source);
void keeper_set_present(struct keeper *keeper, size_t source, bool is_present);
/* What the capture of a source answers to io.ask_frames. */
void keeper_note_frames(struct keeper *keeper, size_t source, const struct wire_frames *frames,
    const struct keeper_clock *clock);
/* Whether an answer may come still that is worth waiting for, though nothing more is observed. */
bool keeper_awaits_frames(struct keeper *keeper, const struct keeper_clock *clock);
/* Its frames bear the time of this machine: what is KEEPER_AHEAD_US after that is damaged. */
void keeper_set_live(struct keeper *keeper, size_t source);

/* Does all there is to do now. True when there may be more at once. */
bool keeper_turn(struct keeper *keeper, const struct keeper_clock *clock);
/*
 * A commit had an outcome that nobody knows, and the store cannot be opened again to look: what is
 * in memory may be ahead of the disk or behind it, and nothing is done any more. Free it, and begin
 * anew: the next one goes on from what the disk has, and from what was not taken yet.
 */
bool keeper_is_lost(const struct keeper *keeper);
/*
 * Before it is freed: sources have said all they had to say. Does all there is to do, waits for
 * none of them, and writes what might have waited.
 */
void keeper_finish(struct keeper *keeper, const struct keeper_clock *clock);

/* A result of the courier, and the end of a courier. */
void keeper_note_result(struct keeper *keeper, const struct outbox_result *result);
void keeper_lose_courier(struct keeper *keeper, const struct keeper_clock *clock);

/* Something was not observed. Written with the next turn. `kind` is a word, `detail` may be "". */
struct keeper_gap {
	const char *source;
	const char *kind;
	int64_t from_us;
	int64_t to_us;
	uint64_t count; /* of what was lost, where that is known */
	const char *detail;
};
void keeper_note_gap(struct keeper *keeper, const struct keeper_gap *gap);

/* What of a source was lost while it was watched. */
enum keeper_loss {
	LOSS_DROPPED,    /* "dropped": it came faster than it was read */
	LOSS_REFUSED,    /* "refused": by the kernel, for another reason */
	LOSS_RELAY_FULL, /* "relay-full": batches that the keeper did not take in time */
	LOSS_COUNT,
};
struct keeper_lost {
	int64_t from_us; /* wall: between these */
	int64_t to_us;
	uint64_t count;
};
/*
 * So much more was lost. What goes on is one gap that grows, and is said in the log once, so that a
 * network that is too fast for this machine fills neither disk nor log; an hour of it is a gap of
 * its own. Written with the next turn.
 */
void keeper_note_loss(
    struct keeper *keeper, size_t source, enum keeper_loss loss, const struct keeper_lost *lost);
/*
 * What the capture of a source reports (attendance.h); finds gaps by it. False for a report that
 * was taken in before.
 */
bool keeper_note_report(
    struct keeper *keeper, size_t source, const struct attendance_state *report);

/*
 * How the interface of a source stands (postwatch.h): what its capture reports, or nothing for long
 * (`news` NULL). Raises alarms.
 */
void keeper_note_post(struct keeper *keeper, size_t source, const struct post_news *news,
    const struct keeper_clock *clock);

/* The capture that has this epoch has read so many packets since its start. */
void keeper_note_packets(struct keeper *keeper, uint64_t epoch, uint64_t packets);

/* Members, contacts or exceptions in the store were changed: looks at them anew. */
int keeper_read_roster(struct keeper *keeper, struct complaint *complaint);

/* What somebody changes, from outside of what is observed. In each function NULL does nothing. */
struct keeper_change {
	void *context;
	/* Puts records into the store. */
	int (*put)(void *context, struct complaint *complaint);
	/* With the roster as it will be: writes letters, moves incidents. */
	int (*follow)(void *context, const struct roster *roster, struct complaint *complaint);
	bool changes_roster; /* members, contacts or exceptions are among what is put */
};

/*
 * Does it in one transaction with all that is due to be written, incidents that were moved before
 * the call as well. Returns 0 when that is committed; then everybody goes by the new roster. Else a
 * negative errno with a complaint: nothing was put. Where it was the store that failed, what was
 * done to incidents stands in memory and is written with one of the next turns (-EIO: also what was
 * put may be there).
 */
int keeper_change(struct keeper *keeper, const struct keeper_clock *clock,
    const struct keeper_change *change, struct complaint *complaint);

/*
 * How something of the station itself stands (alarms.h); may be called as often as it is looked at.
 * The operator gets a letter with one of the next turns when that changed, and a line is logged.
 */
void keeper_raise(struct keeper *keeper, const struct alarm_report *report, int64_t wall_us);

/* No more is coming: the next turns also write what else waits for its time. */
void keeper_end(struct keeper *keeper);

struct alarms *keeper_alarms(const struct keeper *keeper);
struct greynet *keeper_greynet(const struct keeper *keeper);
struct sparks *keeper_sparks(const struct keeper *keeper);

struct keeper_beside_counts {
	struct evidence_counts evidence;
	struct statistics_counts statistics;
	struct greynet_counts greynet;
	struct upkeep_counts upkeep;
};
void keeper_get_beside_counts(const struct keeper *keeper, struct keeper_beside_counts *ret_counts);

struct canary *keeper_canary(const struct keeper *keeper);
const struct roster *keeper_roster(const struct keeper *keeper);
struct casebook *keeper_casebook(const struct keeper *keeper);
struct outbox *keeper_outbox(const struct keeper *keeper);
struct store *keeper_store(const struct keeper *keeper);
int64_t keeper_observed_us(const struct keeper *keeper);
/* The same; before anything was observed, where it would stand by now. */
int64_t keeper_now_us(const struct keeper *keeper, int64_t wall_us);

struct keeper_counts {
	uint64_t batches;
	uint64_t commits;
	uint64_t failed_commits;
	uint64_t gaps;
	size_t pending_bytes; /* of batches that wait to be written */
	int64_t committed_us; /* wall time of the last one */
	struct correlator_counts correlator;
};
void keeper_get_counts(const struct keeper *keeper, struct keeper_counts *ret_counts);

#endif
