/*
 * keeper_clock.c - somebody set the clock, or the network did. It is written down, and what was
 * planned by the clock moves with it: no letter waits for an hour that comes once more, and none
 * seems late that is not.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/when.h"
#include "cmd/station/keeper_internal.h"

/* Less is the clock being kept right. */
#define ALARM_STEP_US (10 * WHEN_SECOND_US)
/* Two masters set a clock to and fro: once in so long is enough. */
#define ALARM_PAUSE_US WHEN_HOUR_US

static void raise_step(struct keeper *keeper, const struct keeper_clock *clock, int64_t by_us)
{
	const int64_t step_us = by_us < 0 ? -by_us : by_us;
	const struct alarm_report report = {
	    .alarm = ALARM_CLOCK_STEPPED,
	    .is_on = true,
	    .since_us = clock->wall_us,
	    .lasting_us = step_us,
	};
	if (step_us < ALARM_STEP_US ||
	    (keeper->has_stepped && clock->monotonic_us - keeper->stepped_us < ALARM_PAUSE_US))
		return;
	keeper->has_stepped = true;
	keeper->stepped_us = clock->monotonic_us;
	keeper_raise(keeper, &report, clock->wall_us);
}

/* As a gap without length: what was seen before it and after it bears other times. */
static void tell(struct keeper *keeper, const struct keeper_clock *clock, int64_t by_us)
{
	char detail[KEEPER_DETAIL_BYTES];
	const int64_t ms = (by_us < 0 ? -by_us : by_us) / 1000;
	(void)snprintf(detail, sizeof detail, "the clock was set %s by %" PRId64 ".%03" PRId64 " s",
	    by_us < 0 ? "back" : "forward", ms / 1000, ms % 1000);
	const struct keeper_gap gap = {
	    .source = "",
	    .kind = "clock-set",
	    .from_us = clock->wall_us,
	    .to_us = clock->wall_us,
	    .detail = detail,
	};
	keeper_note_gap(keeper, &gap);
}

void keeper_follow_clock(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct clock_watch *watch = &keeper->clock;
	const int64_t by_us = clock_watch_look(watch, clock->wall_us, clock->monotonic_us);
	const int64_t fall_us = clock_watch_fall_us(watch, clock->monotonic_us);
	intake_set_clock_step(keeper->intake, fall_us);
	correlator_set_clock_step(keeper->correlator, fall_us);
	if (by_us == 0)
		return;
	tell(keeper, clock, by_us);
	raise_step(keeper, clock, by_us);
	casebook_note_clock(
	    correlator_casebook(keeper->correlator), clock->wall_us - by_us, clock->wall_us);
	canary_note_clock(keeper->canary, by_us);
	for (size_t i = 0; i < keeper->source_count; i++)
		attendance_note_clock(&keeper->attendances[i], by_us);
	keeper->times_mended = false;
}

int keeper_mend_times(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	return keeper->times_mended ? 0
				    : outbox_mend_times(keeper->outbox, clock->wall_us, complaint);
}
