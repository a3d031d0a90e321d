/*
 * keeper_beside.c - what a keeper does beside incidents and letters about them: statistics, unused
 * addresses, alarms of the station itself, room on the disk, and a picture of what happens now.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "cmd/station/keeper_internal.h"
#include "cmd/station/paths.h"

enum {
	ALARM_TEXT_BYTES = ALARM_WHAT_BYTES + ALARM_DETAIL_BYTES + 64,
};

/* Judging everybody anew, since an address is in use after all, comes no more often. */
#define JUDGE_ALL_US (10 * WHEN_SECOND_US)
/* Somebody may remove the database under us: as long it takes to be noticed. */
#define LOOK_US (5 * WHEN_SECOND_US)
/* The keeper before may not have asked yet for the frames of what opened so long ago. */
#define EVIDENCE_RESUME_US (10 * WHEN_MINUTE_US)

static void on_log(void *context, const char *event, const char *text)
{
	keeper_log(context, event, text);
}

static bool may_remove(void *context, int64_t incident)
{
	const struct keeper *keeper = context;
	return casebook_forget(correlator_casebook(keeper->correlator), incident);
}

/* As it passes within a turn, in whatever time the rest of the keeper lives. */
static int64_t monotonic_us(void *context)
{
	struct timespec now;
	(void)context;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* there is one */
	return now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

static struct upkeep_clock upkeep_clock_of(
    const struct keeper *keeper, const struct keeper_clock *clock)
{
	return (struct upkeep_clock){
	    clock->wall_us, clock->monotonic_us, correlator_observed_us(keeper->correlator)};
}

/* ---- The beginning and the end ---- */

static int open_upkeep(struct keeper *keeper, struct complaint *complaint)
{
	const struct upkeep_options options = {
	    .store = keeper->options.store,
	    .config = keeper->options.config,
	    .path = keeper->options.directory,
	    .context = keeper,
	    .may_remove = may_remove,
	    .log = on_log,
	    .monotonic_us = monotonic_us,
	};
	return upkeep_new(&options, &keeper->upkeep, complaint);
}

static int open_lookout(struct keeper *keeper, struct complaint *complaint)
{
	const struct sparks_options options = {
	    .is_learned_dark = greynet_is_dark, .context = keeper->greynet};
	if (sparks_new(&options, &keeper->sparks) != 0)
		return complain(complaint, -ENOMEM, "out of memory for the keeper");
	sparks_set_roster(keeper->sparks, keeper->roster);
	if (talkers_new(keeper->options.store, keeper->options.geo, &keeper->talkers) != 0)
		return complain(complaint, -ENOMEM, "out of memory for the keeper");
	talkers_set_roster(keeper->talkers, keeper->roster);
	return 0;
}

int keeper_open_beside(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	const struct statistics_options statistics = {.geo = keeper->options.geo,
	    .store = keeper->options.store,
	    .counts_drills = keeper->options.is_exercise};
	const struct alarms_options alarms = {.store = keeper->options.store,
	    .rest_us = keeper->options.rest_us != 0 ? keeper->options.rest_us : ALARM_REST_US};
	struct greynet_options greynet = keeper->options.greynet;
	greynet.store = keeper->options.store;
	greynet.context = keeper;
	greynet.log = on_log;
	keeper->judged_all_us = INT64_MIN;
	int result = statistics_new(&statistics, &keeper->statistics, complaint);
	if (result == 0)
		result = greynet_new(&greynet, &keeper->greynet, complaint);
	if (result == 0)
		result = alarms_new(&alarms, clock->wall_us, &keeper->alarms, complaint);
	if (result == 0)
		result = open_lookout(keeper, complaint);
	return result != 0 ? result : open_upkeep(keeper, complaint);
}

int keeper_open_evidence(struct keeper *keeper, struct complaint *complaint)
{
	const struct evidence_options options = {
	    .store = keeper->options.store,
	    .casebook = correlator_casebook(keeper->correlator),
	    .frames = keeper->options.io.ask_frames == NULL ? 0 : keeper->options.frames,
	    .context = keeper->options.io.context,
	    .ask = keeper->options.io.ask_frames,
	};
	int result = evidence_new(&options, &keeper->evidence);
	return result == 0 ? 0 : complain(complaint, result, "out of memory for first frames");
}

int keeper_resume_evidence(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	return evidence_resume(keeper->evidence, clock->wall_us - EVIDENCE_RESUME_US, complaint);
}

void keeper_close_beside(struct keeper *keeper)
{
	evidence_free(keeper->evidence);
	statistics_free(keeper->statistics);
	greynet_free(keeper->greynet);
	free(keeper->own);
	alarms_free(keeper->alarms);
	sparks_free(keeper->sparks);
	talkers_free(keeper->talkers);
	upkeep_free(keeper->upkeep);
}

void keeper_join_sinks(struct keeper *keeper)
{
	fanout_init(&keeper->observed);
	fanout_add(&keeper->observed, correlator_sink(keeper->correlator));
	fanout_add(&keeper->observed, statistics_sink(keeper->statistics));
	fanout_add(&keeper->observed, greynet_sink(keeper->greynet));
	fanout_add(&keeper->observed, tally_sink(keeper->tally));
	fanout_add(&keeper->observed, sparks_sink(keeper->sparks));
	fanout_add(&keeper->observed, talkers_sink(keeper->talkers));
	/* what was learned of addresses before the start lies in the store */
	fanout_init(&keeper->replayed);
	fanout_add(&keeper->replayed, correlator_sink(keeper->correlator));
	fanout_add(&keeper->replayed, statistics_sink(keeper->statistics));
	for (size_t i = 0; i < keeper->options.greynet.gateway_count; i++)
		correlator_know_router(keeper->correlator, &keeper->options.greynet.gateways[i]);
}

void keeper_end(struct keeper *keeper)
{
	statistics_end(keeper->statistics);
	greynet_end(keeper->greynet);
	tally_end(keeper->tally);
}

/* ---- Writing ---- */

bool keeper_is_beside_due(const struct keeper *keeper, const struct keeper_clock *clock)
{
	return statistics_is_due(keeper->statistics, clock->monotonic_us) ||
	       greynet_is_due(keeper->greynet, clock->monotonic_us) ||
	       talkers_are_due(keeper->talkers) || alarms_are_due(keeper->alarms, clock->wall_us) ||
	       evidence_is_due(keeper->evidence);
}

void keeper_seal_beside(struct keeper *keeper, const struct keeper_clock *clock)
{
	if (!statistics_is_due(keeper->statistics, clock->monotonic_us) ||
	    !statistics_seal(keeper->statistics))
		return;
	/* all that was handed on so far is in it */
	keeper->sealed_batches = keeper->counts.batches;
	keeper->sealed_us = keeper->order_us;
}

int keeper_write_beside(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	int result = statistics_write(keeper->statistics, keeper->sealed_us, complaint);
	if (result == 0)
		result = greynet_write(keeper->greynet, clock->monotonic_us, complaint);
	if (result == 0)
		result = talkers_write(keeper->talkers, complaint);
	if (result == 0)
		result = alarms_write(
		    keeper->alarms, keeper->outbox, keeper->roster, clock->wall_us, complaint);
	return result == 0 ? evidence_write(keeper->evidence, complaint) : result;
}

void keeper_commit_beside(struct keeper *keeper)
{
	bool was_full;
	statistics_commit(keeper->statistics);
	talkers_commit(keeper->talkers);
	greynet_commit(keeper->greynet);
	alarms_commit(keeper->alarms);
	evidence_commit(keeper->evidence);
	for (const struct pending *pending = keeper->pending; pending != NULL;
	     pending = pending->next)
		upkeep_note_batches(keeper->upkeep, pending->bytes);
	upkeep_note_commit(keeper->upkeep, &was_full);
	if (was_full)
		keeper_log(
		    keeper, "store", "there is room on the disk again: all that waited is written");
}

void keeper_forget_beside(struct keeper *keeper)
{
	greynet_forget(keeper->greynet);
	alarms_forget(keeper->alarms);
}

void keeper_fail_beside(struct keeper *keeper, int error, const struct keeper_clock *clock)
{
	const struct upkeep_clock now = upkeep_clock_of(keeper, clock);
	if (error == -ENOSPC)
		upkeep_note_full(keeper->upkeep, &now);
}

int keeper_recover_beside(struct keeper *keeper, struct complaint *complaint)
{
	return statistics_recover(keeper->statistics, complaint);
}

/* ---- A turn ---- */

int keeper_follow_ranges(struct keeper *keeper, struct complaint *complaint)
{
	const size_t count = greynet_range_count(keeper->greynet);
	if (count == keeper->own_count)
		return 0; /* none ever goes */
	struct prefix *own = greynet_copy_prefixes(keeper->greynet);
	if (own == NULL)
		return complain(complaint, -ENOMEM, "out of memory for ranges");
	free(keeper->own);
	keeper->own = own;
	keeper->options.roster.own = own;
	keeper->options.roster.own_count = count;
	const int result = keeper->roster->is_local ? keeper_read_roster(keeper, complaint) : 0;
	if (result == 0)
		keeper->own_count = count;
	return result;
}

void keeper_follow_greynet(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct complaint complaint;
	if (!store_is_suspect(keeper->options.store) &&
	    keeper_follow_ranges(keeper, &complaint) != 0)
		keeper_log(keeper, "roster", complaint.text);
	keeper->greynet_changed |= greynet_take_changed(keeper->greynet);
	if (!keeper->greynet_changed ||
	    (keeper->judged_all_us != INT64_MIN &&
		clock->monotonic_us - keeper->judged_all_us < JUDGE_ALL_US))
		return;
	keeper->greynet_changed = false;
	keeper->judged_all_us = clock->monotonic_us;
	correlator_judge_all(keeper->correlator);
}

void keeper_raise(struct keeper *keeper, const struct alarm_report *report, int64_t wall_us)
{
	char text[ALARM_TEXT_BYTES];
	if (!alarms_report(keeper->alarms, report, wall_us))
		return;
	(void)snprintf(text, sizeof text, "%s%s%s%s%s", alarm_name(report->alarm),
	    report->what != NULL ? " " : "", report->what != NULL ? report->what : "",
	    report->detail != NULL ? ": " : "", report->detail != NULL ? report->detail : "");
	keeper_log(keeper, report->is_on ? "alarm" : "alarm.off", text);
}

static void raise_disk(struct keeper *keeper, int64_t wall_us)
{
	struct upkeep_disk disk;
	upkeep_get_disk(keeper->upkeep, &disk);
	const struct alarm_report report = {
	    .alarm = ALARM_DISK_FILLING,
	    .what = keeper->options.directory,
	    .is_on = disk.is_low,
	    .number = disk.percent,
	};
	keeper_raise(keeper, &report, wall_us);
}

/* For want of room, or since the disk fails. */
static void raise_store(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct upkeep_disk disk;
	const struct keeper_trouble *trouble = &keeper->trouble;
	const bool fails = keeper_store_fails(keeper, clock);
	upkeep_get_disk(keeper->upkeep, &disk);
	const struct alarm_report report = {
	    .alarm = ALARM_DISK_FULL,
	    .what = keeper->options.directory,
	    .detail = fails ? trouble->text : NULL,
	    .is_on = disk.is_full || fails,
	    .since_us = disk.is_full ? disk.full_us
			: fails      ? clock->wall_us - (clock->monotonic_us - trouble->since_us)
				     : 0,
	};
	keeper_raise(keeper, &report, clock->wall_us);
}

/* That there is hardly any room for more is told before there is none. */
static void look_at_incidents(struct keeper *keeper, const struct keeper_clock *clock)
{
	const struct casebook *casebook = correlator_casebook(keeper->correlator);
	const size_t max = casebook_open_max(casebook);
	struct casebook_counts counts;
	casebook_get_counts(casebook, &counts);
	const struct alarm_report report = {
	    .alarm = ALARM_INCIDENTS_MANY,
	    .is_on = counts.open >= max - max / 8,
	    .number = counts.open,
	};
	keeper_raise(keeper, &report, clock->wall_us);
}

/* Whether the database is still the one that was opened. */
static void look_at_store(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct complaint complaint;
	if (clock->monotonic_us - keeper->looked_us < LOOK_US)
		return;
	keeper->looked_us = clock->monotonic_us;
	const bool is_damaged = store_look(keeper->options.store, &complaint) == -EUCLEAN;
	const struct alarm_report report = {
	    .alarm = ALARM_STORE_DAMAGED,
	    .what = STATION_DATABASE,
	    .detail = is_damaged ? complaint.text : NULL,
	    .is_on = is_damaged,
	};
	keeper_raise(keeper, &report, clock->wall_us);
	look_at_incidents(keeper, clock);
}

void keeper_keep_up(struct keeper *keeper, const struct keeper_clock *clock)
{
	const struct upkeep_clock now = upkeep_clock_of(keeper, clock);
	struct complaint complaint;
	if (geo_take_failure(keeper->options.geo, &complaint))
		keeper_log(keeper, "geo.damaged", complaint.text);
	raise_store(keeper, clock);
	if (store_is_suspect(keeper->options.store))
		return;
	(void)upkeep_run(keeper->upkeep, &now); /* a step a turn is enough */
	raise_disk(keeper, clock->wall_us);
	look_at_store(keeper, clock);
}

/* Of an interface no time is believed that lies far ahead; of a replay what was observed counts. */
void keeper_note_frames(struct keeper *keeper, size_t source, const struct wire_frames *frames,
    const struct keeper_clock *clock)
{
	const int64_t now_us =
	    keeper->is_live[source] ? clock->wall_us : keeper_now_us(keeper, clock->wall_us);
	const struct evidence_source from = {
	    .number = source,
	    .name = keeper->attendances[source].source,
	    .until_us = now_us + KEEPER_AHEAD_US,
	};
	evidence_take(keeper->evidence, &from, frames);
}

bool keeper_awaits_frames(struct keeper *keeper, const struct keeper_clock *clock)
{
	evidence_finish(keeper->evidence);
	return evidence_is_waiting(keeper->evidence, clock->monotonic_us);
}

struct alarms *keeper_alarms(const struct keeper *keeper)
{
	return keeper->alarms;
}

struct greynet *keeper_greynet(const struct keeper *keeper)
{
	return keeper->greynet;
}

struct sparks *keeper_sparks(const struct keeper *keeper)
{
	return keeper->sparks;
}

void keeper_get_beside_counts(const struct keeper *keeper, struct keeper_beside_counts *ret_counts)
{
	statistics_get_counts(keeper->statistics, &ret_counts->statistics);
	greynet_get_counts(keeper->greynet, &ret_counts->greynet);
	upkeep_get_counts(keeper->upkeep, &ret_counts->upkeep);
	evidence_get_counts(keeper->evidence, &ret_counts->evidence);
}
