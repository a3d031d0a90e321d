#include "cmd/station/keeper.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/archive.h"
#include "cmd/station/keeper_internal.h"

/* ---- What comes in ---- */

void keeper_log(const struct keeper *keeper, const char *event, const char *text)
{
	keeper->options.io.log(keeper->options.io.context, event, text);
}

/* A copy that waits to be written. */
static void on_batch(void *context, size_t source, const struct sightings_batch *batch,
    const struct sightings_bytes *bytes)
{
	struct keeper *keeper = context;
	struct pending *pending = malloc(sizeof *pending + bytes->count);
	keeper->counts.batches++;
	if (batch->has_window)
		keeper_note_window(keeper, source, batch->window_us);
	if (pending == NULL) {
		keeper_log(keeper, "memory", "a batch is not kept: after a restart it is missing");
		return;
	}
	*pending = (struct pending){
	    .epoch = batch->epoch,
	    .sequence = batch->sequence > INT64_MAX ? INT64_MAX : (int64_t)batch->sequence,
	    .window_us = batch->has_window ? batch->window_us : 0,
	    .number = keeper->counts.batches,
	    .bytes = bytes->count,
	};
	(void)snprintf(pending->sensor, sizeof pending->sensor, "%s", batch->sensor);
	memcpy(pending->body, bytes->data, bytes->count);
	*keeper->pending_end = pending;
	keeper->pending_end = &pending->next;
	keeper->counts.pending_bytes += sizeof *pending + bytes->count;
}

void keeper_set_present(struct keeper *keeper, size_t source, bool is_present)
{
	intake_set_present(keeper->intake, source, is_present);
}

void keeper_set_live(struct keeper *keeper, size_t source)
{
	assert(source < keeper->source_count);
	keeper->is_live[source] = true;
}

/* ---- What is written ---- */

static int write_batches(struct keeper *keeper, int64_t wall_us, struct complaint *complaint)
{
	int result = 0;
	for (struct pending *pending = keeper->pending; pending != NULL && result == 0;
	     pending = pending->next) {
		struct store_batch record = {
		    .sensor = pending->sensor,
		    .epoch = pending->epoch,
		    .sequence = pending->sequence,
		    .window_us = pending->window_us,
		    .received_us = keeper_order_us(keeper, wall_us),
		    .body = {pending->body, pending->bytes},
		};
		if (pending->number <= keeper->sealed_batches)
			keeper->sealed_us = record.received_us;
		result = store_put(
		    keeper->options.store, STORE_RECORD(&record), STORE_REPLACE, complaint);
	}
	return result;
}

/* Batches are read again in the order in which they came: the clock alone might repeat itself. */
int64_t keeper_order_us(struct keeper *keeper, int64_t wall_us)
{
	keeper->order_us = wall_us > keeper->order_us ? wall_us : keeper->order_us + 1;
	return keeper->order_us;
}

static int send_canary(void *context, uint16_t number)
{
	const struct keeper *keeper = context;
	return keeper->options.io.send_canary(keeper->options.io.context, number);
}

/* The operator hears of a canary that did not come, and of the next that did. */
static void raise_canary(void *context, bool is_late, const struct canary_flight *flight)
{
	struct keeper *keeper = context;
	const struct alarm_report report = {
	    .alarm = ALARM_CANARY_LATE,
	    .is_on = is_late,
	    .since_us = flight->begun_us,
	    .number = flight->number,
	};
	keeper_raise(keeper, &report, keeper->wall_us);
}

int keeper_write_all(struct keeper *keeper, const struct keeper_clock *clock, bool grown,
    struct complaint *complaint)
{
	const struct casebook_clocks clocks = {
	    .observed_us = keeper_now_us(keeper, clock->wall_us),
	    .wall_us = clock->wall_us,
	};
	/* results first: they move incidents, which are written then */
	int result = outbox_write_results(keeper->outbox, clocks.observed_us, complaint);
	if (result == 0)
		result = keeper_mend_times(keeper, clock, complaint);
	if (result == 0)
		result = archive_write(keeper->archive, grown, clocks.observed_us, complaint);
	if (result == 0)
		result = keeper_write_letters(keeper, &clocks, complaint);
	if (result == 0)
		result = write_batches(keeper, clock->wall_us, complaint);
	if (result == 0)
		result = keeper_write_gaps(keeper, complaint);
	if (result == 0)
		result = keeper_write_reports(keeper, clock, complaint);
	if (result == 0)
		result = keeper_write_beside(keeper, clock, complaint);
	return result;
}

static void drop_pending(struct keeper *keeper)
{
	while (keeper->pending != NULL) {
		struct pending *next = keeper->pending->next;
		free(keeper->pending);
		keeper->pending = next;
	}
	keeper->pending_end = &keeper->pending;
	keeper->counts.pending_bytes = 0;
}

void keeper_note_commit(struct keeper *keeper, const struct keeper_clock *clock, bool grown)
{
	evidence_note_steps(keeper->evidence); /* which are gone in a moment */
	archive_commit(keeper->archive);
	keeper_commit_letters(keeper);
	keeper_commit_beside(keeper);
	drop_pending(keeper);
	keeper->times_mended = true;
	keeper_commit_gaps(keeper);
	keeper_tell_success(keeper, clock);
	keeper->counts.commits++;
	keeper->counts.committed_us = clock->wall_us;
	if (grown)
		keeper->grown_us = clock->monotonic_us;
	for (size_t i = 0; i < keeper->source_count; i++)
		if (intake_is_empty(keeper->intake, i))
			keeper->options.io.take(keeper->options.io.context, i);
}

void keeper_note_failure(
    struct keeper *keeper, const struct keeper_clock *clock, const struct complaint *complaint)
{
	archive_forget(keeper->archive);
	keeper_forget_letters(keeper);
	keeper_forget_beside(keeper);
	keeper->counts.failed_commits++;
	keeper->retry_us = clock->monotonic_us + KEEPER_RETRY_US;
	keeper_tell_failure(keeper, clock, complaint);
}

static bool is_due(const struct keeper *keeper, const struct keeper_clock *clock, bool *ret_grown)
{
	const struct casebook_clocks clocks = {
	    .observed_us = keeper_now_us(keeper, clock->wall_us),
	    .wall_us = clock->wall_us,
	};
	size_t position = 0;
	size_t steps;
	struct incident *incident;
	bool is_due = !keeper->times_mended || keeper->pending != NULL || keeper->gap_count > 0 ||
		      keeper->has_losses || outbox_has_results(keeper->outbox) ||
		      archive_is_due(keeper->archive);
	*ret_grown = clock->monotonic_us - keeper->grown_us >= KEEPER_GROWN_US;
	(void)casebook_steps(correlator_casebook(keeper->correlator), &steps);
	is_due |= steps > 0 || keeper_attends(keeper, *ret_grown) ||
		  keeper_is_beside_due(keeper, clock) || keeper_owes_letters(keeper, clock) ||
		  outbox_owes_reminders(keeper->outbox, &clocks);
	while (!is_due && (incident = casebook_next(
			       correlator_casebook(keeper->correlator), &position)) != NULL) {
		unsigned changes;
		is_due = incident->is_changed || (*ret_grown && incident->is_grown) ||
			 casebook_news(correlator_casebook(keeper->correlator), incident, &clocks,
			     &changes) != NEWS_NONE;
	}
	return is_due;
}

int keeper_reopen_store(struct keeper *keeper, struct complaint *complaint)
{
	if (!store_is_suspect(keeper->options.store))
		return 0;
	int result = store_reopen(keeper->options.store, complaint);
	if (result == 0)
		result = keeper_recover_beside(keeper, complaint);
	if (result == 0)
		keeper_log(keeper, "store", "opened again after a failure, and found in order");
	return result;
}

int keeper_commit(struct keeper *keeper, struct complaint *complaint)
{
	struct complaint why;
	int result = store_commit(keeper->options.store, complaint);
	if (result != -EIO)
		return result;
	if (keeper_reopen_store(keeper, &why) == 0)
		return store_was_committed(keeper->options.store) ? 0 : result;
	keeper->is_lost = true;
	keeper_log(keeper, "store.lost",
	    "nobody knows what of the last change was kept: "
	    "the keeper begins anew from what is on the disk");
	return result;
}

static void write_turn(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct complaint complaint = {.text = ""};
	bool grown;
	if (clock->monotonic_us < keeper->retry_us || !is_due(keeper, clock, &grown))
		return;
	if (keeper_reopen_store(keeper, &complaint) != 0 ||
	    store_begin(keeper->options.store, &complaint) != 0) {
		keeper_note_failure(keeper, clock, &complaint);
		return;
	}
	keeper_seal_beside(keeper, clock);
	int result = keeper_write_all(keeper, clock, grown, &complaint);
	if (result != 0)
		store_rollback(keeper->options.store);
	else
		result = keeper_commit(keeper, &complaint);
	if (result != 0)
		keeper_fail_beside(keeper, result, clock);
	if (result != 0)
		keeper_note_failure(keeper, clock, &complaint);
	else
		keeper_note_commit(keeper, clock, grown);
}

/* ---- A turn ---- */

static void judge(struct keeper *keeper, const struct keeper_clock *clock)
{
	const int64_t observed_us = correlator_observed_us(keeper->correlator);
	if (observed_us == INT64_MIN)
		return; /* nothing was observed yet */
	if (!keeper->has_begun)
		keeper_begin(keeper, observed_us);
	const struct casebook_clocks clocks = {observed_us, clock->wall_us};
	if (correlator_judge(keeper->correlator, &clocks) != 0 &&
	    clock->monotonic_us >= keeper->complained_us) {
		keeper->complained_us = clock->monotonic_us + WHEN_MINUTE_US;
		keeper_log(keeper, "memory", "not everything could be judged for want of memory");
	}
}

static void dispatch(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct complaint complaint;
	if (store_is_suspect(keeper->options.store))
		return;
	const struct outbox_sender sender = {keeper->options.io.send, keeper->options.io.context};
	if (outbox_dispatch(keeper->outbox, keeper->roster, clock->wall_us, &sender, &complaint) !=
	    0)
		keeper_tell_failure(keeper, clock, &complaint);
}

static void fly_canary(struct keeper *keeper, const struct keeper_clock *clock)
{
	const int64_t observed_us = correlator_observed_us(keeper->correlator);
	const struct casebook_clocks clocks = {
	    observed_us != INT64_MIN ? observed_us : clock->wall_us, clock->wall_us};
	if (!store_is_suspect(keeper->options.store))
		canary_tick(keeper->canary, keeper->roster, &clocks);
}

bool keeper_turn(struct keeper *keeper, const struct keeper_clock *clock)
{
	bool more = false;
	if (keeper->is_lost)
		return false;
	keeper->wall_us = clock->wall_us;
	keeper_follow_clock(keeper, clock);
	/* where nothing can be written, what comes stays where it is until that is full */
	if (keeper->counts.pending_bytes < KEEPER_PENDING_MAX_BYTES)
		more = intake_run(keeper->intake, clock->monotonic_us);
	keeper_follow_greynet(keeper, clock);
	judge(keeper, clock);
	write_turn(keeper, clock);
	if (outbox_take_contacts_changed(keeper->outbox)) {
		struct complaint complaint;
		if (keeper_read_roster(keeper, &complaint) != 0)
			keeper_log(keeper, "roster", complaint.text);
	}
	evidence_tick(keeper->evidence, clock->monotonic_us);
	keeper_keep_up(keeper, clock);
	keeper_tell_unstored(keeper, clock);
	dispatch(keeper, clock);
	fly_canary(keeper, clock);
	keeper_follow_letters(keeper, clock);
	return more;
}

bool keeper_is_lost(const struct keeper *keeper)
{
	return keeper->is_lost;
}

void keeper_finish(struct keeper *keeper, const struct keeper_clock *clock)
{
	for (size_t i = 0; i < keeper->source_count; i++)
		intake_set_present(keeper->intake, i, false);
	keeper_end(keeper);
	while (keeper_turn(keeper, clock))
		;
	correlator_settle(keeper->correlator);
	/* mere numbers are due, and written in one turn more */
	keeper->grown_us = clock->monotonic_us - KEEPER_GROWN_US;
	(void)keeper_turn(keeper, clock);
}

void keeper_note_result(struct keeper *keeper, const struct outbox_result *result)
{
	keeper_note_unstored(keeper, result);
	outbox_note_result(keeper->outbox, result);
}

void keeper_lose_courier(struct keeper *keeper, const struct keeper_clock *clock)
{
	outbox_lose_courier(keeper->outbox, clock->wall_us);
}

/* ---- The beginning ---- */

int keeper_set_roster(struct keeper *keeper, struct roster *roster, struct complaint *complaint)
{
	int result = 0;
	const bool is_other = keeper->roster == NULL ||
			      keeper->roster->registry_bytes != roster->registry_bytes ||
			      memcmp(keeper->roster->registry_text, roster->registry_text,
				  roster->registry_bytes) != 0;
	if (keeper->correlator != NULL)
		result = correlator_set_roster(keeper->correlator, roster);
	if (keeper->sparks != NULL)
		sparks_set_roster(keeper->sparks, roster);
	if (keeper->talkers != NULL)
		talkers_set_roster(keeper->talkers, roster);
	roster_free(keeper->roster);
	keeper->roster = roster;
	if (is_other)
		keeper->options.io.tell_registry(
		    keeper->options.io.context, roster->registry_text, roster->registry_bytes);
	return result == 0 ? 0 : complain(complaint, result, "out of memory for members");
}

int keeper_read_roster(struct keeper *keeper, struct complaint *complaint)
{
	struct roster *roster;
	int result =
	    roster_read(keeper->options.store, &keeper->options.roster, &roster, complaint);
	return result != 0 ? result : keeper_set_roster(keeper, roster, complaint);
}

/* What was observed before the start, read again. */
struct replay {
	struct keeper *keeper;
	struct sightings_opener *opener;
	int64_t since_us; /* what is older is for statistics only, which did not have it */
	int64_t late_us;  /* windows that were told of since then are of the end */
	struct replay_windows windows;
	uint64_t damaged;
};

/* What is to take a batch: statistics only where it was not counted before the end. */
static const struct observer_sink *sink_of(
    const struct replay *replay, const struct store_batch *stored)
{
	struct keeper *keeper = replay->keeper;
	if (stored->received_us < replay->since_us)
		return statistics_sink(keeper->statistics);
	return stored->received_us > statistics_order_us(keeper->statistics)
		   ? &keeper->replayed.sink
		   : correlator_sink(keeper->correlator);
}

/* Members were looked at as a whole when the last window ended, not with what came after. */
static void end_replayed(struct replay *replay, const struct store_batch *stored, int64_t window_us)
{
	const struct observer_sink *sink = sink_of(replay, stored);
	sink->on_window_end(sink->context, window_us);
	if (stored->received_us >= replay->late_us)
		correlator_mark_members(replay->keeper->correlator);
}

static int replay_batch(void *context, const void *record)
{
	struct replay *replay = context;
	struct keeper *keeper = replay->keeper;
	const struct store_batch *stored = record;
	const struct observer_sink *sink = sink_of(replay, stored);
	struct sightings_message message;
	struct sightings_batch batch = {.number = 0};
	char words[SIGHTINGS_WORDS_BYTES];
	uint64_t checksum;
	int64_t ended_us;
	if (stored->received_us > keeper->order_us)
		keeper->order_us = stored->received_us;
	upkeep_note_batches(keeper->upkeep, stored->body.length);
	if (sightings_frame_check(stored->body.data, stored->body.length, &message, &checksum) !=
		0 ||
	    sightings_opener_open(replay->opener, &message, &batch, words) != 0) {
		replay->damaged++;
		return 0;
	}
	(void)intake_note_applied(keeper->intake, batch.sensor, batch.epoch, batch.sequence);
	if (replay_windows_enter(&replay->windows, &batch, &ended_us))
		end_replayed(replay, stored, ended_us);
	sightings_opener_hand_on(replay->opener, sink);
	if (stored->received_us > tally_order_us(keeper->tally))
		sightings_opener_hand_on(replay->opener, tally_sink(keeper->tally));
	if (replay_windows_leave(&replay->windows, &batch))
		end_replayed(replay, stored, replay->windows.window_us);
	return 0;
}

static int visit_last(void *context, const void *record)
{
	const struct store_batch *batch = record;
	*(int64_t *)context = batch->received_us - KEEPER_LATE_US;
	return 0;
}

static int replay_batches(struct keeper *keeper, int64_t since_us, struct complaint *complaint)
{
	const int64_t counted_us = statistics_order_us(keeper->statistics);
	struct replay replay = {.keeper = keeper, .since_us = since_us};
	const struct store_query last = {
	    .kind = STORE_BATCH, .order = "received_us", .descending = true, .limit = 1};
	const struct store_query query = {
	    .kind = STORE_BATCH,
	    .conditions = {{.column = "received_us",
		.test = STORE_FROM,
		.number =
		    counted_us != INT64_MIN && counted_us < since_us ? counted_us + 1 : since_us}},
	    .order = "received_us",
	};
	if (sightings_opener_new(&replay.opener) != 0)
		return complain(complaint, -ENOMEM, "out of memory for what was observed before");
	replay_windows_init(&replay.windows);
	int result =
	    store_each(keeper->options.store, &last, visit_last, &replay.late_us, complaint);
	if (result == 0)
		result =
		    store_each(keeper->options.store, &query, replay_batch, &replay, complaint);
	sightings_opener_free(replay.opener);
	if (replay.damaged > 0)
		keeper_log(keeper, "store", "some of what was observed before cannot be read");
	if (replay.windows.window_us == INT64_MIN)
		return result;
	/* hosts were heard of before */
	intake_resume(keeper->intake, replay.windows.window_us, replay.windows.is_open);
	return result != 0 ? result : keeper_resume(keeper, complaint);
}

static int visit_last_batch(void *context, const void *record)
{
	struct keeper *keeper = context;
	const struct store_batch *batch = record;
	const int64_t lag_us = batch->received_us - batch->window_us - SIGHTING_WINDOW_US;
	/* what is live comes within minutes */
	if (lag_us > KEEPER_LIVE_US || lag_us < -KEEPER_LIVE_US)
		keeper->lag_us = lag_us;
	return 0;
}

/* How far behind the wall what was observed last was: a replay is of another time. */
static int find_lag(struct keeper *keeper, struct complaint *complaint)
{
	const struct store_query last = {
	    .kind = STORE_BATCH, .order = "received_us", .descending = true, .limit = 1};
	return store_each(keeper->options.store, &last, visit_last_batch, keeper, complaint);
}

static void tell_left(struct keeper *keeper)
{
	struct archive_counts counts;
	char text[128];
	archive_get_counts(keeper->archive, &counts);
	if (counts.left == 0)
		return;
	(void)snprintf(text, sizeof text,
	    "%" PRIu64 " open incidents more than the %zu that there is room for: the least "
	    "urgent are closed",
	    counts.left, casebook_open_max(correlator_casebook(keeper->correlator))); /* fits */
	keeper_log(keeper, "incidents.room", text);
}

/* What the keeper before knew of incidents and letters. */
static int load_all(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	int result = archive_load(keeper->archive, keeper->roster,
	    clock->wall_us - KEEPER_CLOSED_DAYS * WHEN_DAY_US, complaint);
	if (result == 0)
		tell_left(keeper);
	if (result == 0)
		result = keeper_resume_evidence(keeper, clock, complaint);
	if (result == 0)
		result = outbox_load(keeper->outbox, clock->wall_us, complaint);
	return result == 0 ? find_lag(keeper, complaint) : result;
}

static int open_all(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	const struct keeper_options *options = &keeper->options;
	int result = keeper_read_roster(keeper, complaint);
	if (result != 0)
		return result;
	result = keeper_open_beside(keeper, clock, complaint);
	if (result == 0)
		result = keeper_follow_ranges(keeper, complaint);
	if (result != 0)
		return result;
	struct correlator_options correlator = options->correlator;
	correlator.is_learned_dark = greynet_is_dark;
	correlator.learned = keeper->greynet;
	/* as archive_load() below: a keeper that starts knows what one that goes on knows */
	correlator.casebook.forget_us = KEEPER_CLOSED_DAYS * WHEN_DAY_US;
	result = correlator_new(&correlator, keeper->roster, &keeper->correlator);
	if (result != 0)
		return complain(
		    complaint, result, "out of memory: memory asks for more than there is");
	struct outbox_options outbox = options->outbox;
	outbox.store = options->store;
	outbox.casebook = correlator_casebook(keeper->correlator);
	outbox.sign = options->io.sign;
	outbox.sign_context = options->io.context;
	result = outbox_new(&outbox, &keeper->outbox);
	if (result != 0)
		return complain(complaint, result, "out of memory for the keeper");
	result = keeper_open_letters(keeper, clock, complaint);
	if (result != 0)
		return result;
	keeper_join_sinks(keeper);
	keeper->order_us = statistics_order_us(keeper->statistics);
	const struct intake_options intake = {
	    .sink = keeper->observed.sink,
	    .on_batch = on_batch,
	    .on_gap = keeper_on_gap,
	    .context = keeper,
	    .wait_us = KEEPER_WAIT_US,
	};
	result = keeper_open_evidence(keeper, complaint);
	if (result == 0)
		result = archive_new(options->store, outbox.casebook, &keeper->archive);
	if (result == 0)
		result = intake_new(&intake, &keeper->intake);
	const struct canary_options canary = {
	    .rules = options->canary,
	    .store = options->store,
	    .casebook = outbox.casebook,
	    .send = send_canary,
	    .raise = raise_canary,
	    .context = keeper,
	};
	if (result == 0)
		result = canary_new(&canary, &keeper->canary);
	if (result != 0)
		return complain(complaint, result, "out of memory for the keeper");
	result = load_all(keeper, clock, complaint);
	if (result != 0 || options->batches_us == 0)
		return result;
	result = replay_batches(keeper, clock->wall_us - options->batches_us, complaint);
	/* what was found before is known before more comes, which may speak against it */
	if (result == 0)
		judge(keeper, clock);
	return result;
}

int keeper_new(const struct keeper_options *options, const struct keeper_clock *clock,
    struct keeper **ret_keeper, struct complaint *complaint)
{
	struct keeper *keeper = calloc(1, sizeof *keeper);
	if (keeper == NULL)
		return complain(complaint, -ENOMEM, "out of memory for the keeper");
	keeper->options = *options;
	keeper->pending_end = &keeper->pending;
	keeper->ended_us = INT64_MAX;
	int result = open_all(keeper, clock, complaint);
	if (result != 0)
		keeper_free(keeper);
	else
		*ret_keeper = keeper;
	return result;
}

void keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	drop_pending(keeper);
	intake_free(keeper->intake);
	canary_free(keeper->canary);
	archive_free(keeper->archive);
	keeper_close_letters(keeper);
	outbox_free(keeper->outbox);
	correlator_free(keeper->correlator);
	keeper_close_beside(keeper);
	roster_free(keeper->roster);
	free(keeper);
}

struct canary *keeper_canary(const struct keeper *keeper)
{
	return keeper->canary;
}

const struct roster *keeper_roster(const struct keeper *keeper)
{
	return keeper->roster;
}

struct casebook *keeper_casebook(const struct keeper *keeper)
{
	return correlator_casebook(keeper->correlator);
}

struct outbox *keeper_outbox(const struct keeper *keeper)
{
	return keeper->outbox;
}

struct store *keeper_store(const struct keeper *keeper)
{
	return keeper->options.store;
}

int64_t keeper_observed_us(const struct keeper *keeper)
{
	return correlator_observed_us(keeper->correlator);
}

int64_t keeper_now_us(const struct keeper *keeper, int64_t wall_us)
{
	const int64_t observed_us = keeper_observed_us(keeper);
	return observed_us != INT64_MIN ? observed_us : wall_us - keeper->lag_us;
}

void keeper_get_counts(const struct keeper *keeper, struct keeper_counts *ret_counts)
{
	*ret_counts = keeper->counts;
	correlator_get_counts(keeper->correlator, &ret_counts->correlator);
}
