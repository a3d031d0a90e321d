/* keeper_internal.h - what a keeper holds; for keeper.c and what it is split into. */
#ifndef CMD_STATION_KEEPER_INTERNAL_H
#define CMD_STATION_KEEPER_INTERNAL_H

#include "cmd/station/archive.h"
#include "cmd/station/keeper.h"

enum {
	KEEPER_GAPS_MAX = 256,   /* of one turn; more are one line in the log */
	KEEPER_CLOSED_DAYS = 30, /* so long what was closed may relapse */
	/* Past it what is observed waits in the relays, and then is lost and counted there. */
	KEEPER_PENDING_MAX_BYTES = 32 << 20,
};

#define KEEPER_WAIT_US       (2 * WHEN_SECOND_US) /* for a source that hangs */
#define KEEPER_RETRY_US      WHEN_SECOND_US       /* after a write that failed */
#define KEEPER_LOSS_PAUSE_US (5 * WHEN_SECOND_US) /* after which it is another */
#define KEEPER_LOSS_MAX_US   WHEN_HOUR_US
#define KEEPER_GROWN_US      (10 * WHEN_SECOND_US) /* between writing mere numbers */

/* A batch that waits to be written. */
struct pending {
	struct pending *next;
	char sensor[SIGHTINGS_SENSOR_BYTES];
	uint64_t epoch;
	int64_t sequence;
	int64_t window_us;
	size_t bytes;
	uint8_t body[];
};

struct kept_gap {
	int64_t id; /* 0: a new one */
	char source[ATTENDANCE_SOURCE_BYTES];
	char kind[32];
	char detail[128];
	int64_t from_us;
	int64_t to_us;
	int64_t count;
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
	bool canary_turned; /* it became late, or came home after it was late */
	bool canary_is_late;
	struct canary_flight canary_flight;
	struct attendance attendances[INTAKE_SOURCES_MAX];
	size_t source_count;
	struct pending *pending;
	struct pending **pending_end;
	struct kept_gap gaps[KEEPER_GAPS_MAX];
	size_t gap_count;
	uint64_t gaps_lost;
	struct kept_loss losses[INTAKE_SOURCES_MAX][LOSS_COUNT];
	bool has_losses;       /* that are not written yet */
	int64_t order_us;      /* of the batch written last */
	int64_t grown_us;      /* when mere numbers were written; monotonic, as those below */
	int64_t retry_us;      /* nothing is written before */
	int64_t complained_us; /* nor complained about memory */
	bool has_begun;
	struct keeper_counts counts;
};

/* As keeper_io.log. */
void keeper_log(const struct keeper *keeper, const char *event, const char *text);

/* Gaps (keeper_gaps.c): as intake_options.on_gap, */
void keeper_on_gap(void *context, const struct intake_gap *gap);
/* whether something is to be written but of no hurry, within a transaction, and after it. */
bool keeper_attends(const struct keeper *keeper);
int keeper_write_gaps(struct keeper *keeper, struct complaint *complaint);
void keeper_commit_gaps(struct keeper *keeper);

/* When a batch was received, in an order that never repeats. */
int64_t keeper_order_us(struct keeper *keeper, int64_t wall_us);

#endif
