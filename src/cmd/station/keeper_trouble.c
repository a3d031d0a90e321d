/*
 * keeper_trouble.c - a store that takes nothing is told of when it begins, when the reason changes,
 * and when it is over; in between once an hour, so that the log stays readable. Alarms are letters
 * in the store, so the one about the store goes past it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/keeper_internal.h"

#define AGAIN_US WHEN_HOUR_US
/* A moment of it is nobody's worry. */
#define ALARM_US WHEN_MINUTE_US
/* The letter goes out again, under the same Message-ID, until somebody has taken it. */
#define SEND_AGAIN_US (15 * WHEN_MINUTE_US)

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
	*trouble = (struct keeper_trouble){.text = ""};
	keeper_log(keeper, "store", text);
}

/* ---- Past the store ---- */

bool keeper_store_fails(const struct keeper *keeper, const struct keeper_clock *clock)
{
	const struct keeper_trouble *trouble = &keeper->trouble;
	return trouble->text[0] != '\0' && clock->monotonic_us - trouble->since_us >= ALARM_US;
}

static void begin_letter(struct keeper_trouble *trouble, const struct keeper_clock *clock)
{
	trouble->letter_us = clock->wall_us;
	trouble->letter_age_us = clock->monotonic_us - trouble->since_us;
	memcpy(trouble->letter_text, trouble->text, sizeof trouble->letter_text);
}

void keeper_tell_unstored(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct keeper_trouble *trouble = &keeper->trouble;
	const char *what = keeper->options.directory;
	const struct outbox_sender sender = {keeper->options.io.send, keeper->options.io.context};
	if (!keeper_store_fails(keeper, clock) || trouble->has_arrived ||
	    (trouble->sent_us != 0 && clock->monotonic_us - trouble->sent_us < SEND_AGAIN_US))
		return;
	if (trouble->letter_us == 0)
		begin_letter(trouble, clock);
	const struct letter_alarm letter = {
	    .alarm = ALARM_DISK_FULL,
	    .what = what,
	    .detail = trouble->letter_text,
	    .since_us = trouble->letter_us - trouble->letter_age_us,
	    .lasting_us = trouble->letter_age_us,
	};
	if (outbox_send_alarm(
		keeper->outbox, keeper->roster, &letter, trouble->letter_us, &sender) == 0)
		return; /* the courier has no room, or is not there: the next turn tries again */
	trouble->sent_us = clock->monotonic_us;
	alarms_note_told(keeper->alarms, letter.alarm, what, clock->wall_us);
}

void keeper_note_unstored(struct keeper *keeper, const struct outbox_result *result)
{
	keeper->trouble.has_arrived |= result->notice < 0 && result->outcome == COURIER_DELIVERED;
}
