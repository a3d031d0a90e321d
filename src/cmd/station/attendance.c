#include "cmd/station/attendance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	KEY_BYTES = ATTENDANCE_SOURCE_BYTES + 16,
	VALUE_BYTES = 96, /* four numbers */
};

const char *absence_name(enum absence absence)
{
	static const char *const names[ABSENCE_COUNT] = {
	    [ABSENCE_NONE] = "",
	    [ABSENCE_STATION] = "station-stopped",
	    [ABSENCE_CAPTURE] = "capture-ended",
	    [ABSENCE_SOURCE] = "source-lost",
	};
	return names[absence];
}

static void format_key(const struct attendance *attendance, char out[static KEY_BYTES])
{
	(void)snprintf(out, KEY_BYTES, "watched.%s", attendance->source);
}

static int see(void *context, const void *record)
{
	struct attendance *attendance = context;
	struct attendance_state state;
	const struct store_meta *meta = record;
	int end = 0;
	/* what is none of ours is as good as nothing: the next report writes it anew */
	if (sscanf(meta->value, "%" SCNx64 " %" SCNu64 " %" SCNd64 " %" SCNd64 "%n", &state.epoch,
		&state.sequence, &state.since_us, &state.until_us, &end) == 4 &&
	    meta->value[end] == '\0')
		attendance->stored = state;
	return 0;
}

int attendance_read(struct attendance *attendance, struct store *store, const char *source,
    int64_t station_began_us, struct complaint *complaint)
{
	char key[KEY_BYTES];
	*attendance = (struct attendance){.station_began_us = station_began_us};
	(void)snprintf(attendance->source, sizeof attendance->source, "%s", source);
	format_key(attendance, key);
	const struct store_query query = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = key}}};
	int result = store_each(store, &query, see, attendance, complaint);
	attendance->now = attendance->stored;
	return result;
}

static enum absence why_absent(
    const struct attendance *attendance, const struct attendance_state *report)
{
	const struct attendance_state *now = &attendance->now;
	if (now->epoch == 0 || (report->epoch == now->epoch && report->since_us == now->since_us))
		return ABSENCE_NONE;
	if (report->epoch == now->epoch)
		return ABSENCE_SOURCE;
	return now->until_us < attendance->station_began_us ? ABSENCE_STATION : ABSENCE_CAPTURE;
}

bool attendance_take(struct attendance *attendance, const struct attendance_state *report,
    struct attendance_gap *ret_gap)
{
	struct attendance_state *now = &attendance->now;
	*ret_gap = (struct attendance_gap){.absence = ABSENCE_NONE};
	if (report->since_us == 0)
		return true; /* it has had no source yet */
	if (report->epoch == now->epoch && report->sequence <= now->sequence)
		return false;
	const enum absence absence = why_absent(attendance, report);
	if (absence != ABSENCE_NONE)
		*ret_gap = (struct attendance_gap){
		    .absence = absence,
		    /* a clock that was set back must not make a gap that ends before it begins */
		    .from_us = now->until_us < report->since_us ? now->until_us : report->since_us,
		    .to_us = report->since_us,
		};
	*now = *report;
	return true;
}

void attendance_note_clock(struct attendance *attendance, int64_t by_us)
{
	attendance->station_began_us += by_us;
}

bool attendance_is_changed(const struct attendance *attendance)
{
	return attendance->now.epoch != attendance->stored.epoch ||
	       attendance->now.sequence != attendance->stored.sequence;
}

bool attendance_is_new(const struct attendance *attendance)
{
	return attendance->now.epoch != attendance->stored.epoch;
}

int attendance_write(
    const struct attendance *attendance, struct store *store, struct complaint *complaint)
{
	char key[KEY_BYTES];
	char value[VALUE_BYTES];
	const struct attendance_state *now = &attendance->now;
	if (!attendance_is_changed(attendance))
		return 0;
	format_key(attendance, key);
	(void)snprintf(value, sizeof value, "%" PRIx64 " %" PRIu64 " %" PRId64 " %" PRId64,
	    now->epoch, now->sequence, now->since_us, now->until_us);
	struct store_meta meta = {.key = key, .value = value};
	return store_put(store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

void attendance_commit(struct attendance *attendance)
{
	attendance->stored = attendance->now;
}
