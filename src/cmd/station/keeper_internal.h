/* keeper_internal.h - what a keeper holds; for keeper.c and what it is split into. */
#ifndef CMD_STATION_KEEPER_INTERNAL_H
#define CMD_STATION_KEEPER_INTERNAL_H

#include "base/endpoint.h"
#include "cmd/station/archive.h"
#include "cmd/station/certificate_watch.h"
#include "cmd/station/clock_watch.h"
#include "cmd/station/delivery_watch.h"
#include "cmd/station/fanout.h"
#include "cmd/station/keeper.h"
#include "cmd/station/replay_windows.h"
#include "cmd/station/sparks.h"
#include "cmd/station/talkers.h"

enum {
	KEEPER_GAPS_MAX = 256, /* of one turn; more are one line in the log */
	KEEPER_DETAIL_BYTES = 128,
	KEEPER_CLOSED_DAYS = 30, /* so long what was closed may relapse */
	/* Past it what is observed waits in the relays, and then is lost and counted there. */
	KEEPER_PENDING_MAX_BYTES = 32 << 20,
};

#define KEEPER_WAIT_US       (2 * WHEN_SECOND_US) /* for a source that hangs */
#define KEEPER_RETRY_US      WHEN_SECOND_US       /* after a write that failed */
#define KEEPER_LOSS_PAUSE_US (5 * WHEN_SECOND_US) /* after which it is another */
#define KEEPER_LOSS_MAX_US   WHEN_HOUR_US
#define KEEPER_LATE_US                                                                             \
	(5 * WHEN_MINUTE_US) /* the last window before the start ended within this                 \
			      */
#define KEEPER_GROWN_US (10 * WHEN_SECOND_US) /* between writing mere numbers */
#define KEEPER_LIVE_US  (10 * WHEN_MINUTE_US) /* more is no delay, but a replay */

/* A batch that waits to be written. */
struct pending {
	struct pending *next;
	char sensor[SIGHTINGS_SENSOR_BYTES];
	uint64_t epoch;
	int64_t sequence;
	int64_t window_us;
	uint64_t number; /* of all that came since the start */
	size_t bytes;
	uint8_t body[];
};

struct kept_gap {
	int64_t id; /* 0: a new one */
	char source[ATTENDANCE_SOURCE_BYTES];
	char kind[32];
	char detail[KEEPER_DETAIL_BYTES];
	int64_t from_us;
	int64_t to_us;
	int64_t count;
};

/* Why nothing can be written. */
struct keeper_trouble {
	char text[COMPLAINT_BYTES]; /* "": it can be */
	int64_t since_us;           /* monotonic, as all */
	int64_t told_us;
	/* The letter that goes past the store. */
	int64_t letter_us;     /* wall: its time; 0: there is none yet */
	int64_t letter_age_us; /* of the trouble then */
	int64_t sent_us;
	bool has_arrived;
	char letter_text[COMPLAINT_BYTES];
};

/* A gap that may still grow. */
struct kept_loss {
	int64_t id; /* of its record; 0: it has none yet */
	int64_t written_id;
	int64_t from_us;
	int64_t to_us;
	uint64_t count;
	bool is_changed;
};

struct keeper {
	struct keeper_options options;
	struct roster *roster;
	struct correlator *correlator;
	struct intake *intake;
	struct archive *archive;
	struct outbox *outbox;
	struct canary *canary;
	struct attendance attendances[INTAKE_SOURCES_MAX];
	int64_t reached_us[INTAKE_SOURCES_MAX]; /* the end of the last window of each */
	bool is_live[INTAKE_SOURCES_MAX];
	struct postwatch posts[INTAKE_SOURCES_MAX];
	size_t source_count;
	struct pending *pending;
	struct pending **pending_end;
	struct kept_gap gaps[KEEPER_GAPS_MAX];
	size_t gap_count;
	uint64_t gaps_lost;
	struct kept_loss losses[INTAKE_SOURCES_MAX][LOSS_COUNT];
	bool has_losses;       /* that are not written yet */
	int64_t lag_us;        /* of what was observed before the start, behind the wall */
	int64_t wall_us;       /* of this turn */
	int64_t order_us;      /* of the batch written last */
	int64_t grown_us;      /* when mere numbers were written; monotonic, as those below */
	int64_t retry_us;      /* nothing is written before */
	int64_t complained_us; /* nor complained about memory */
	bool has_begun;
	int64_t settled_us; /* observed: all hosts were heard of by then */
	bool settled_is_new;
	struct keeper_trouble trouble;
	bool is_lost; /* keeper_is_lost() */
	struct clock_watch clock;
	bool has_stepped;    /* by so much that the operator was told, */
	int64_t stepped_us;  /* then */
	bool times_mended;   /* of letters, since the start and since the clock was set */
	struct tally *tally; /* as what follows: keeper_letters.c */
	struct digest *digest;
	struct delivery_watch *delivery;
	struct certificate_watch *certificates;
	int64_t ended_us;   /* the window that ended last; INT64_MAX before the first turn */
	bool wrote_reports; /* in this transaction */
	struct keeper_counts counts;
	struct statistics *statistics; /* as what follows: keeper_beside.c */
	struct greynet *greynet;
	struct alarms *alarms;
	struct upkeep *upkeep;
	struct evidence *evidence;
	struct sparks *sparks;
	struct talkers *talkers;
	struct fanout observed;
	struct fanout replayed;  /* before the start */
	uint64_t sealed_batches; /* up to this one they are in the statistics that are written, */
	int64_t sealed_us;       /* and the last of them was received then */
	bool greynet_changed;
	struct prefix *own; /* ranges of the greynet, for the roster */
	size_t own_count;   /* that the roster has */
	int64_t judged_all_us;
	int64_t looked_us; /* at the database's file */
};

/* Where the store is suspect, opens it again. 0, or what that gave. */
int keeper_reopen_store(struct keeper *keeper, struct complaint *complaint);
/*
 * Ends the transaction. 0: all of it is kept. Where the store cannot tell, it is opened again and
 * asked at once, before anything else happens: what is noted of a commit is noted of this one.
 */
int keeper_commit(struct keeper *keeper, struct complaint *complaint);
/* Everything that came since the last commit, within a transaction; `grown` as archive_write(). */
int keeper_write_all(struct keeper *keeper, const struct keeper_clock *clock, bool grown,
    struct complaint *complaint);
/* It was committed: now others may know. */
void keeper_note_commit(struct keeper *keeper, const struct keeper_clock *clock, bool grown);
/* Nothing of it is there, or nobody knows: all is written again, with what comes until then. */
void keeper_note_failure(
    struct keeper *keeper, const struct keeper_clock *clock, const struct complaint *complaint);
/* Takes the roster: everybody goes by it from now on. 0 or -ENOMEM with a complaint. */
int keeper_set_roster(struct keeper *keeper, struct roster *roster, struct complaint *complaint);
/* As keeper_io.log. */
void keeper_log(const struct keeper *keeper, const char *event, const char *text);

/* Gaps (keeper_gaps.c): as intake_options.on_gap, */
void keeper_on_gap(void *context, const struct intake_gap *gap);
/* Something of this window came from a source. */
void keeper_note_window(struct keeper *keeper, size_t source, int64_t window_us);
/* Whether something is to be written, with `grown` also what is of no hurry; within a transaction,
   and after it. */
bool keeper_attends(const struct keeper *keeper, bool grown);
int keeper_write_gaps(struct keeper *keeper, struct complaint *complaint);
void keeper_commit_gaps(struct keeper *keeper);

/* Interfaces (keeper_posts.c): what is usual at a source is read; is there anew, and of no hurry;
 */
int keeper_read_usual(struct keeper *keeper, size_t source, struct complaint *complaint);
bool keeper_has_usual(const struct keeper *keeper);
/* is written within a transaction, and was committed. */
int keeper_write_usual(struct keeper *keeper, struct complaint *complaint);
void keeper_commit_usual(struct keeper *keeper);

/* Beside incidents (keeper_beside.c): statistics, unused addresses, alarms, room on the disk. */
int keeper_open_beside(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint);
void keeper_close_beside(struct keeper *keeper);
/* When the casebook is there: first frames; and when it was loaded. */
int keeper_open_evidence(struct keeper *keeper, struct complaint *complaint);
int keeper_resume_evidence(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint);
/* When the correlator is there: who takes what was observed. */
void keeper_join_sinks(struct keeper *keeper);
bool keeper_is_beside_due(const struct keeper *keeper, const struct keeper_clock *clock);
/* Before a transaction: closes what is due. */
void keeper_seal_beside(struct keeper *keeper, const struct keeper_clock *clock);
/* Within it, after the batches. */
int keeper_write_beside(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint);
/* It was committed; before the pending batches are dropped. */
void keeper_commit_beside(struct keeper *keeper);
void keeper_forget_beside(struct keeper *keeper); /* it was not, */
void keeper_fail_beside(struct keeper *keeper, int error, const struct keeper_clock *clock);
/* The store was opened again after nobody knew. */
int keeper_recover_beside(struct keeper *keeper, struct complaint *complaint);
/* Before judging: an address that was taken for unused is in use. */
void keeper_follow_greynet(struct keeper *keeper, const struct keeper_clock *clock);
/* Whatever ranges the greynet has are `local` where there are no members. 0, or as the roster. */
int keeper_follow_ranges(struct keeper *keeper, struct complaint *complaint);
/* At the end of a turn: a step of upkeep, and how the disk is. */
void keeper_keep_up(struct keeper *keeper, const struct keeper_clock *clock);

/* What was observed begins; or goes on where a keeper before has left it (keeper_letters.c). */
void keeper_begin(struct keeper *keeper, int64_t observed_us);
int keeper_resume(struct keeper *keeper, struct complaint *complaint);
/* Letters about incidents, with all that must be known of them; within a transaction, and after. */
int keeper_write_letters(
    struct keeper *keeper, const struct casebook_clocks *clocks, struct complaint *complaint);
/* Regular reports, and what is counted for them; after the batches. */
int keeper_write_reports(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint);
void keeper_commit_letters(struct keeper *keeper);
void keeper_forget_letters(struct keeper *keeper);
/* When correlator and outbox are there; and in the end. */
int keeper_open_letters(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint);
void keeper_close_letters(struct keeper *keeper);
/* Each turn; and whether reports or counts are to be written. */
void keeper_follow_letters(struct keeper *keeper, const struct keeper_clock *clock);
bool keeper_owes_letters(const struct keeper *keeper, const struct keeper_clock *clock);

/* Writing failed, or went well: for the log (keeper_trouble.c). */
void keeper_tell_failure(
    struct keeper *keeper, const struct keeper_clock *clock, const struct complaint *complaint);
/* For so long that the operator must hear of it. */
bool keeper_store_fails(const struct keeper *keeper, const struct keeper_clock *clock);
/* He does, past the store; each turn, after the alarm was raised. */
void keeper_tell_unstored(struct keeper *keeper, const struct keeper_clock *clock);
void keeper_note_unstored(struct keeper *keeper, const struct outbox_result *result);
void keeper_tell_success(struct keeper *keeper, const struct keeper_clock *clock);

/* The clock (keeper_clock.c): looks whether it was set; and within a transaction. */
void keeper_follow_clock(struct keeper *keeper, const struct keeper_clock *clock);
int keeper_mend_times(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint);

/* When a batch was received, in an order that never repeats. */
int64_t keeper_order_us(struct keeper *keeper, int64_t wall_us);

#endif
