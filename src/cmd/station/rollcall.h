/*
 * rollcall.h - which processes a station has, as its parent sees them: whether each works, how
 * often it was started again, how much memory it has.
 */
#ifndef CMD_STATION_ROLLCALL_H
#define CMD_STATION_ROLLCALL_H

#include "cmd/station/figures.h"
#include "proc/duties.h"

struct rollcall {
	const struct duty_table *table; /* borrowed */
	int64_t started_us;
	struct {
		pid_t pid; /* 0: none now */
		bool is_ready;
		uint64_t starts;
	} duties[DUTIES_MAX];
};

/* `started_us` is wall time. */
void rollcall_init(struct rollcall *rollcall, const struct duty_table *table, int64_t started_us);
void rollcall_note(struct rollcall *rollcall, const struct duty_event *event);
/* With the memory that each has now: reads /proc. */
void rollcall_fill(const struct rollcall *rollcall, struct roll *ret_roll);

#endif
