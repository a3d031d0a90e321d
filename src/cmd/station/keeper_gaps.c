/*
 * keeper_gaps.c - when was not observed: what intake misses, what captures report, and what is
 * found when a source is watched again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/station/keeper_internal.h"

void keeper_on_gap(void *context, const struct intake_gap *gap)
{
	struct keeper *keeper = context;
	const struct keeper_gap record = {
	    .source = keeper->attendances[gap->source].source,
	    .kind = gap->is_damaged ? "damaged" : "missing",
	    .from_us = gap->from_us,
	    .to_us = gap->to_us,
	    .count = gap->batches,
	    .detail = "",
	};
	keeper_note_gap(keeper, &record);
}

static void keep_gap(struct keeper *keeper, const struct keeper_gap *gap, int64_t id)
{
	if (keeper->gap_count == KEEPER_GAPS_MAX) {
		keeper->gaps_lost++;
		return;
	}
	struct kept_gap *kept = &keeper->gaps[keeper->gap_count++];
	*kept = (struct kept_gap){
	    .id = id,
	    .from_us = gap->from_us,
	    .to_us = gap->to_us,
	    .count = gap->count > INT64_MAX ? INT64_MAX : (int64_t)gap->count,
	};
	(void)snprintf(kept->source, sizeof kept->source, "%s", gap->source);
	(void)snprintf(kept->kind, sizeof kept->kind, "%s", gap->kind);
	(void)snprintf(kept->detail, sizeof kept->detail, "%s", gap->detail);
}

static void tell_gap(struct keeper *keeper, const struct keeper_gap *gap)
{
	char text[COMPLAINT_BYTES];
	keeper->counts.gaps++;
	(void)snprintf(text, sizeof text, "%s: %s, %" PRIu64 " lost: %s", gap->source, gap->kind,
	    gap->count, gap->detail);
	keeper_log(keeper, "gap", text);
}

void keeper_note_gap(struct keeper *keeper, const struct keeper_gap *gap)
{
	tell_gap(keeper, gap);
	keep_gap(keeper, gap, 0);
}

/* ---- What is lost while a source is watched ---- */

static struct keeper_gap gap_of(const struct keeper *keeper, size_t source, enum keeper_loss loss)
{
	static const char *const names[LOSS_COUNT] = {
	    [LOSS_DROPPED] = "dropped",
	    [LOSS_REFUSED] = "refused",
	    [LOSS_RELAY_FULL] = "relay-full",
	};
	const struct kept_loss *kept = &keeper->losses[source][loss];
	return (struct keeper_gap){
	    .source = keeper->attendances[source].source,
	    .kind = names[loss],
	    .from_us = kept->from_us,
	    .to_us = kept->to_us,
	    .count = kept->count,
	    .detail = "",
	};
}

void keeper_note_loss(
    struct keeper *keeper, size_t source, enum keeper_loss loss, const struct keeper_lost *lost)
{
	struct kept_loss *kept = &keeper->losses[source][loss];
	const bool goes_on = kept->count > 0 && lost->to_us >= kept->to_us &&
			     lost->from_us - kept->to_us <= KEEPER_LOSS_PAUSE_US &&
			     lost->to_us - kept->from_us <= KEEPER_LOSS_MAX_US;
	if (!goes_on && kept->is_changed) {
		const struct keeper_gap before = gap_of(keeper, source, loss);
		keep_gap(keeper, &before, kept->id);
	}
	if (!goes_on)
		*kept = (struct kept_loss){.from_us = lost->from_us};
	kept->to_us = lost->to_us;
	kept->count += lost->count; /* of packets: it would take a million years */
	kept->is_changed = true;
	keeper->has_losses = true;
	if (goes_on)
		return;
	const struct keeper_gap begun = gap_of(keeper, source, loss);
	tell_gap(keeper, &begun);
}

static int write_loss(
    struct keeper *keeper, size_t source, enum keeper_loss loss, struct complaint *complaint)
{
	struct kept_loss *kept = &keeper->losses[source][loss];
	if (!kept->is_changed)
		return 0;
	const struct keeper_gap gap = gap_of(keeper, source, loss);
	struct store_gap record = {
	    .id = kept->id,
	    .source = gap.source,
	    .from_us = gap.from_us,
	    .to_us = gap.to_us,
	    .kind = gap.kind,
	    .count = gap.count > INT64_MAX ? INT64_MAX : (int64_t)gap.count,
	    .detail = gap.detail,
	};
	int result =
	    store_put(keeper->options.store, STORE_RECORD(&record), STORE_REPLACE, complaint);
	kept->written_id = record.id;
	return result;
}

static int write_losses(struct keeper *keeper, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < keeper->source_count && keeper->has_losses; i++)
		for (int loss = 0; loss < LOSS_COUNT && result == 0; loss++)
			result = write_loss(keeper, i, (enum keeper_loss)loss, complaint);
	return result;
}

static void commit_losses(struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->source_count && keeper->has_losses; i++)
		for (int loss = 0; loss < LOSS_COUNT; loss++) {
			struct kept_loss *kept = &keeper->losses[i][loss];
			if (kept->is_changed)
				kept->id = kept->written_id;
			kept->is_changed = false;
		}
	keeper->has_losses = false;
}

/* ---- Sources ---- */

int keeper_add_source(struct keeper *keeper, const char *name, const struct intake_source *source,
    size_t *ret_number, struct complaint *complaint)
{
	int result = intake_add(keeper->intake, source, ret_number);
	if (result != 0)
		return complain(complaint, result, "%s: out of memory", name);
	keeper->source_count = *ret_number + 1;
	keeper->reached_us[*ret_number] = INT64_MIN;
	result = attendance_read(&keeper->attendances[*ret_number], keeper->options.store, name,
	    keeper->options.began_us, complaint);
	return result != 0 ? result : keeper_read_usual(keeper, *ret_number, complaint);
}

void keeper_note_window(struct keeper *keeper, size_t source, int64_t window_us)
{
	if (window_us + SIGHTING_WINDOW_US > keeper->reached_us[source])
		keeper->reached_us[source] = window_us + SIGHTING_WINDOW_US;
}

struct reached {
	struct keeper *keeper;
	size_t source;
};

static int visit_reached(void *context, const void *record)
{
	const struct reached *reached = context;
	const struct store_batch *batch = record;
	keeper_note_window(reached->keeper, reached->source, batch->window_us);
	return 0;
}

int keeper_read_reached(
    struct keeper *keeper, size_t source, const char *sensor, struct complaint *complaint)
{
	struct reached reached = {.keeper = keeper, .source = source};
	const struct store_query last = {.kind = STORE_BATCH,
	    .conditions = {{.column = "sensor", .test = STORE_IS, .text = sensor}},
	    .order = "window_us",
	    .descending = true,
	    .limit = 1};
	return store_each(keeper->options.store, &last, visit_reached, &reached, complaint);
}

int64_t keeper_reached_us(const struct keeper *keeper, size_t source)
{
	return keeper->reached_us[source];
}

/* Whoever restarts it knows that. */
#define ALARM_DOWN_US (5 * WHEN_MINUTE_US)

/* Power that failed, or somebody who forgot to switch it on again. */
static void raise_down(struct keeper *keeper, const struct attendance_gap *gap)
{
	const struct alarm_report report = {
	    .alarm = ALARM_STATION_DOWN,
	    .is_on = true,
	    .since_us = gap->from_us,
	    .lasting_us = gap->to_us - gap->from_us,
	};
	if (gap->absence == ABSENCE_STATION && report.lasting_us >= ALARM_DOWN_US)
		keeper_raise(keeper, &report, keeper->wall_us);
}

bool keeper_note_report(struct keeper *keeper, size_t source, const struct attendance_state *report)
{
	struct attendance *attendance = &keeper->attendances[source];
	struct attendance_gap found;
	if (!attendance_take(attendance, report, &found))
		return false;
	if (found.absence == ABSENCE_NONE)
		return true;
	const struct keeper_gap gap = {
	    .source = attendance->source,
	    .kind = absence_name(found.absence),
	    .from_us = found.from_us,
	    .to_us = found.to_us,
	    .detail = "",
	};
	keeper_note_gap(keeper, &gap);
	raise_down(keeper, &found);
	return true;
}

bool keeper_attends(const struct keeper *keeper, bool grown)
{
	bool is_due = grown && keeper_has_usual(keeper);
	for (size_t i = 0; i < keeper->source_count; i++)
		is_due |= attendance_is_new(&keeper->attendances[i]) ||
			  (grown && attendance_is_changed(&keeper->attendances[i]));
	return is_due;
}

int keeper_write_gaps(struct keeper *keeper, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < keeper->gap_count && result == 0; i++) {
		const struct kept_gap *kept = &keeper->gaps[i];
		struct store_gap record = {
		    .id = kept->id,
		    .source = kept->source,
		    .from_us = kept->from_us,
		    .to_us = kept->to_us,
		    .kind = kept->kind,
		    .count = kept->count,
		    .detail = kept->detail,
		};
		result = store_put(
		    keeper->options.store, STORE_RECORD(&record), STORE_REPLACE, complaint);
	}
	if (result == 0)
		result = write_losses(keeper, complaint);
	for (size_t i = 0; i < keeper->source_count && result == 0; i++)
		result =
		    attendance_write(&keeper->attendances[i], keeper->options.store, complaint);
	return result != 0 ? result : keeper_write_usual(keeper, complaint);
}

void keeper_commit_gaps(struct keeper *keeper)
{
	keeper->gap_count = 0;
	commit_losses(keeper);
	if (keeper->gaps_lost > 0)
		keeper_log(keeper, "gap", "there were more gaps than could be written");
	keeper->gaps_lost = 0;
	for (size_t i = 0; i < keeper->source_count; i++)
		attendance_commit(&keeper->attendances[i]);
	keeper_commit_usual(keeper);
}
