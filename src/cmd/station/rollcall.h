/*
 * rollcall.h - which processes a station has, as its parent sees them: whether each works, how
 * often it was started again, whether it ends again and again, how much memory it has.
 */
#ifndef CMD_STATION_ROLLCALL_H
#define CMD_STATION_ROLLCALL_H

#include "base/when.h"
#include "cmd/station/figures.h"
#include "proc/duties.h"

/*
 * One that ended so often within so long fails, as long as that is so: something is wrong that
 * starting it anew does not mend. Who is asked to end does not count.
 */
#define ROLLCALL_WITHIN_US (10 * WHEN_MINUTE_US)
enum {
	ROLLCALL_ENDS_FAILING = 3,
	/* That are remembered: more cannot be, since who is started anew waits up to 30 s. */
	ROLLCALL_ENDS_MAX = 64,
};

struct rollcall_duty {
	pid_t pid; /* 0: none now */
	bool is_ready;
	uint64_t starts;
	int64_t ends_us[ROLLCALL_ENDS_MAX]; /* a ring; monotonic */
	size_t ends;                        /* so far */
	char cause[ROLL_WHY_BYTES];         /* why this process is killed; "": not known */
	char why[ROLL_WHY_BYTES];           /* the one before ended */
};

struct rollcall {
	const struct duty_table *table; /* borrowed */
	int64_t started_us;
	struct rollcall_duty duties[DUTIES_MAX];
};

/* `started_us` is wall time. */
void rollcall_init(struct rollcall *rollcall, const struct duty_table *table, int64_t started_us);
void rollcall_note(struct rollcall *rollcall, const struct duty_event *event, int64_t monotonic_us);
/* With the memory that each has now: reads /proc. */
void rollcall_fill(const struct rollcall *rollcall, int64_t monotonic_us, struct roll *ret_roll);

#endif
