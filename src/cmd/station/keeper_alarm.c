/* keeper_alarm.c - what the operator must hear of the station itself, until it is written. */
#include <stdio.h>
#include <string.h>

#include "cmd/station/keeper.h"
#include "cmd/station/keeper_internal.h"

/* NULL stays NULL. */
static const char *copy(const char *text, char *room, size_t bytes)
{
	if (text == NULL)
		return NULL;
	(void)snprintf(room, bytes, "%s", text); /* what is longer is cut: it is for people */
	return room;
}

void keeper_note_alarm(struct keeper *keeper, const struct letter_alarm *alarm)
{
	if (keeper->alarm_count == KEEPER_ALARMS_MAX) {
		keeper->options.io.log(keeper->options.io.context, "alarm",
		    "there are more alarms than can be kept until they are written");
		return;
	}
	struct kept_alarm *kept = &keeper->alarms[keeper->alarm_count++];
	kept->alarm = *alarm;
	kept->alarm.what = copy(alarm->what, kept->what, sizeof kept->what);
	kept->alarm.detail = copy(alarm->detail, kept->detail, sizeof kept->detail);
}

int keeper_write_alarms(struct keeper *keeper, int64_t wall_us, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < keeper->alarm_count && result == 0; i++)
		result = outbox_write_alarm(
		    keeper->outbox, keeper->roster, &keeper->alarms[i].alarm, wall_us, complaint);
	return result;
}
