/*
 * keeper_trouble.c - a store that takes nothing is told of when it begins, when the reason changes,
 * and when it is over; in between once an hour, so that the log stays readable.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/keeper_internal.h"

#define AGAIN_US WHEN_HOUR_US

void keeper_tell_failure(
    struct keeper *keeper, const struct keeper_clock *clock, const struct complaint *complaint)
{
	struct keeper_trouble *trouble = &keeper->trouble;
	char text[COMPLAINT_BYTES + 64];
	if (trouble->text[0] == '\0')
		trouble->since_us = clock->monotonic_us;
	else if (strcmp(trouble->text, complaint->text) == 0 &&
		 clock->monotonic_us - trouble->told_us < AGAIN_US)
		return;
	(void)snprintf(trouble->text, sizeof trouble->text, "%s", complaint->text);
	trouble->told_us = clock->monotonic_us;
	(void)snprintf(text, sizeof text, "%s; until then what is new waits, unwritten and untold",
	    complaint->text);
	keeper_log(keeper, "store", text);
}

void keeper_tell_success(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct keeper_trouble *trouble = &keeper->trouble;
	char text[128];
	if (trouble->text[0] == '\0')
		return;
	(void)snprintf(text, sizeof text, "written again; what was new waited for %" PRId64 " s",
	    (clock->monotonic_us - trouble->since_us) / WHEN_SECOND_US);
	trouble->text[0] = '\0';
	keeper_log(keeper, "store", text);
}
