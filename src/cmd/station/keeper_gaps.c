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

void keeper_note_gap(struct keeper *keeper, const struct keeper_gap *gap)
{
	keeper->counts.gaps++;
	if (keeper->gap_count == KEEPER_GAPS_MAX) {
		keeper->gaps_lost++;
		return;
	}
	struct kept_gap *kept = &keeper->gaps[keeper->gap_count++];
	*kept = (struct kept_gap){
	    .from_us = gap->from_us,
	    .to_us = gap->to_us,
	    .count = gap->count > INT64_MAX ? INT64_MAX : (int64_t)gap->count,
	};
	(void)snprintf(kept->source, sizeof kept->source, "%s", gap->source);
	(void)snprintf(kept->kind, sizeof kept->kind, "%s", gap->kind);
	(void)snprintf(kept->detail, sizeof kept->detail, "%s", gap->detail);
	char text[COMPLAINT_BYTES];
	(void)snprintf(text, sizeof text, "%s: %s, %" PRIu64 " lost: %s", gap->source, gap->kind,
	    gap->count, gap->detail);
	keeper_log(keeper, "gap", text);
}

int keeper_add_source(struct keeper *keeper, const char *name, const struct intake_source *source,
    size_t *ret_number, struct complaint *complaint)
{
	int result = intake_add(keeper->intake, source, ret_number);
	if (result != 0)
		return complain(complaint, result, "%s: out of memory", name);
	keeper->source_count = *ret_number + 1;
	return attendance_read(&keeper->attendances[*ret_number], keeper->options.store, name,
	    keeper->options.began_us, complaint);
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
	return true;
}

bool keeper_attends(const struct keeper *keeper)
{
	bool is_changed = false;
	for (size_t i = 0; i < keeper->source_count; i++)
		is_changed |= attendance_is_changed(&keeper->attendances[i]);
	return is_changed;
}

int keeper_write_gaps(struct keeper *keeper, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < keeper->gap_count && result == 0; i++) {
		const struct kept_gap *kept = &keeper->gaps[i];
		struct store_gap record = {
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
	for (size_t i = 0; i < keeper->source_count && result == 0; i++)
		result =
		    attendance_write(&keeper->attendances[i], keeper->options.store, complaint);
	return result;
}

void keeper_commit_gaps(struct keeper *keeper)
{
	keeper->gap_count = 0;
	if (keeper->gaps_lost > 0)
		keeper_log(keeper, "gap", "there were more gaps than could be written");
	keeper->gaps_lost = 0;
	for (size_t i = 0; i < keeper->source_count; i++)
		attendance_commit(&keeper->attendances[i]);
}
