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
	(void)source;
	keeper->counts.batches++;
	if (pending == NULL) {
		keeper_log(keeper, "memory", "a batch is not kept: after a restart it is missing");
		return;
	}
	*pending = (struct pending){
	    .epoch = batch->epoch,
	    .sequence = batch->sequence > INT64_MAX ? INT64_MAX : (int64_t)batch->sequence,
	    .window_us = batch->has_window ? batch->window_us : 0,
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

/* The operator hears of a canary that did not come, and of the next that did. */
static int write_canary(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	const struct canary_flight *flight = &keeper->canary_flight;
	if (!keeper->canary_turned)
		return 0;
	const struct letter_alarm alarm = {
	    .alarm = ALARM_CANARY_LATE,
	    .is_over = !keeper->canary_is_late,
	    .since_us = flight->begun_us,
	    .lasting_us = clock->wall_us - flight->begun_us,
	    .number = flight->number,
	};
	return outbox_write_alarm(
	    keeper->outbox, keeper->roster, &alarm, clock->wall_us, complaint);
}

static int send_canary(void *context, uint16_t number)
{
	const struct keeper *keeper = context;
	return keeper->options.io.send_canary(keeper->options.io.context, number);
}

static void raise_canary(void *context, bool is_late, const struct canary_flight *flight)
{
	struct keeper *keeper = context;
	keeper->canary_turned = true;
	keeper->canary_is_late = is_late;
	keeper->canary_flight = *flight;
	keeper_log(keeper, is_late ? "canary.late" : "canary.home",
	    is_late ? "a test of the whole way did not arrive in time"
		    : "a test of the whole way arrived again");
}

/* Everything that came of this turn. In a transaction. */
static int write_all(struct keeper *keeper, const struct keeper_clock *clock, bool grown,
    struct complaint *complaint)
{
	const struct casebook_clocks clocks = {
	    .observed_us = correlator_observed_us(keeper->correlator),
	    .wall_us = clock->wall_us,
	};
	/* results first: they move incidents, which are written then */
	int result = outbox_write_results(keeper->outbox, clocks.observed_us, complaint);
	if (result == 0)
		result = archive_write(keeper->archive, grown, clocks.observed_us, complaint);
	if (result == 0)
		result = outbox_write_news(keeper->outbox, keeper->roster, &clocks, complaint);
	if (result == 0)
		result = write_batches(keeper, clock->wall_us, complaint);
	if (result == 0)
		result = keeper_write_gaps(keeper, complaint);
	if (result == 0)
		result = write_canary(keeper, clock, complaint);
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

/* All of it is there: now others may know. */
static void note_commit(struct keeper *keeper, const struct keeper_clock *clock, bool grown)
{
	archive_commit(keeper->archive);
	outbox_commit(keeper->outbox);
	drop_pending(keeper);
	keeper->canary_turned = false;
	keeper_commit_gaps(keeper);
	keeper->counts.commits++;
	keeper->counts.committed_us = clock->wall_us;
	if (grown)
		keeper->grown_us = clock->monotonic_us;
	for (size_t i = 0; i < keeper->source_count; i++)
		if (intake_is_empty(keeper->intake, i))
			keeper->options.io.take(keeper->options.io.context, i);
}

/* Nothing of it is there, or nobody knows: all is written again, with what comes until then. */
static void note_failure(
    struct keeper *keeper, const struct keeper_clock *clock, const struct complaint *complaint)
{
	archive_forget(keeper->archive);
	outbox_forget(keeper->outbox);
	keeper->counts.failed_commits++;
	keeper->retry_us = clock->monotonic_us + KEEPER_RETRY_US;
	keeper_log(keeper, "store", complaint->text);
}

static bool is_due(const struct keeper *keeper, const struct keeper_clock *clock, bool *ret_grown)
{
	const struct casebook_clocks clocks = {
	    .observed_us = correlator_observed_us(keeper->correlator),
	    .wall_us = clock->wall_us,
	};
	size_t position = 0;
	size_t steps;
	struct incident *incident;
	bool is_due = keeper->pending != NULL || keeper->gap_count > 0 || keeper->has_losses ||
		      keeper->canary_turned || outbox_has_results(keeper->outbox);
	*ret_grown = clock->monotonic_us - keeper->grown_us >= KEEPER_GROWN_US;
	(void)casebook_steps(correlator_casebook(keeper->correlator), &steps);
	is_due |= steps > 0 || (*ret_grown && keeper_attends(keeper));
	while (!is_due && (incident = casebook_next(
			       correlator_casebook(keeper->correlator), &position)) != NULL) {
		unsigned changes;
		is_due = incident->is_changed || (*ret_grown && incident->is_grown) ||
			 casebook_news(correlator_casebook(keeper->correlator), incident, &clocks,
			     &changes) != NEWS_NONE;
	}
	return is_due;
}

/* A store that failed in a way that leaves open what it holds. */
static bool reopen(struct keeper *keeper, struct complaint *complaint)
{
	if (!store_is_suspect(keeper->options.store))
		return true;
	if (store_reopen(keeper->options.store, complaint) != 0)
		return false;
	keeper_log(keeper, "store", "opened again after a failure, and found in order");
	return true;
}

static void write_turn(struct keeper *keeper, const struct keeper_clock *clock)
{
	struct complaint complaint = {.text = ""};
	bool grown;
	if (clock->monotonic_us < keeper->retry_us || !is_due(keeper, clock, &grown))
		return;
	if (!reopen(keeper, &complaint) || store_begin(keeper->options.store, &complaint) != 0) {
		note_failure(keeper, clock, &complaint);
		return;
	}
	int result = write_all(keeper, clock, grown, &complaint);
	if (result != 0)
		store_rollback(keeper->options.store);
	else
		result = store_commit(keeper->options.store, &complaint);
	if (result != 0)
		note_failure(keeper, clock, &complaint);
	else
		note_commit(keeper, clock, grown);
}

/* ---- A turn ---- */

static void judge(struct keeper *keeper, const struct keeper_clock *clock)
{
	const int64_t observed_us = correlator_observed_us(keeper->correlator);
	if (observed_us == INT64_MIN)
		return; /* nothing was observed yet */
	if (!keeper->has_begun) {
		keeper->has_begun = true;
		correlator_set_settled(keeper->correlator, observed_us + keeper->options.settle_us);
	}
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
		keeper_log(keeper, "store", complaint.text);
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
	/* where nothing can be written, what comes stays where it is until that is full */
	if (keeper->counts.pending_bytes < KEEPER_PENDING_MAX_BYTES)
		more = intake_run(keeper->intake, clock->monotonic_us);
	judge(keeper, clock);
	write_turn(keeper, clock);
	if (outbox_take_contacts_changed(keeper->outbox)) {
		struct complaint complaint;
		if (keeper_read_roster(keeper, &complaint) != 0)
			keeper_log(keeper, "roster", complaint.text);
	}
	dispatch(keeper, clock);
	fly_canary(keeper, clock);
	return more;
}

void keeper_finish(struct keeper *keeper, const struct keeper_clock *clock)
{
	for (size_t i = 0; i < keeper->source_count; i++)
		intake_set_present(keeper->intake, i, false);
	while (keeper_turn(keeper, clock))
		;
	/* mere numbers are due, and written in one turn more */
	keeper->grown_us = clock->monotonic_us - KEEPER_GROWN_US;
	(void)keeper_turn(keeper, clock);
}

void keeper_note_result(struct keeper *keeper, const struct outbox_result *result)
{
	/* without memory for it the letter counts as on its way, until the courier is new */
	if (outbox_note_result(keeper->outbox, result) != 0)
		keeper_log(keeper, "memory", "what came of a letter could not be kept");
}

void keeper_lose_courier(struct keeper *keeper, const struct keeper_clock *clock)
{
	outbox_lose_courier(keeper->outbox, clock->wall_us);
}

/* ---- The beginning ---- */

int keeper_read_roster(struct keeper *keeper, struct complaint *complaint)
{
	struct roster *roster;
	int result =
	    roster_read(keeper->options.store, &keeper->options.roster, &roster, complaint);
	if (result != 0)
		return result;
	const bool is_other = keeper->roster == NULL ||
			      keeper->roster->registry_bytes != roster->registry_bytes ||
			      memcmp(keeper->roster->registry_text, roster->registry_text,
				  roster->registry_bytes) != 0;
	if (keeper->correlator != NULL)
		result = correlator_set_roster(keeper->correlator, roster);
	roster_free(keeper->roster);
	keeper->roster = roster;
	if (is_other)
		keeper->options.io.tell_registry(
		    keeper->options.io.context, roster->registry_text, roster->registry_bytes);
	return result;
}

/* What was observed before the start, read again. */
struct replay {
	struct keeper *keeper;
	struct sightings_opener *opener;
	int64_t window_us; /* that is open; INT64_MIN: none */
	uint64_t damaged;
};

static int replay_batch(void *context, const void *record)
{
	struct replay *replay = context;
	struct keeper *keeper = replay->keeper;
	const struct observer_sink *sink = correlator_sink(keeper->correlator);
	const struct store_batch *stored = record;
	struct sightings_message message;
	struct sightings_batch batch = {.number = 0};
	char words[SIGHTINGS_WORDS_BYTES];
	uint64_t checksum;
	if (stored->received_us > keeper->order_us)
		keeper->order_us = stored->received_us;
	if (sightings_frame_check(stored->body.data, stored->body.length, &message, &checksum) !=
		0 ||
	    sightings_opener_open(replay->opener, &message, &batch, words) != 0) {
		replay->damaged++;
		return 0;
	}
	(void)intake_note_applied(keeper->intake, batch.sensor, batch.epoch, batch.sequence);
	if (batch.has_window && replay->window_us != INT64_MIN &&
	    batch.window_us > replay->window_us)
		sink->on_window_end(sink->context, replay->window_us);
	if (batch.has_window && batch.window_us > replay->window_us)
		replay->window_us = batch.window_us;
	sightings_opener_hand_on(replay->opener, sink);
	return 0;
}

static int replay_batches(struct keeper *keeper, int64_t since_us, struct complaint *complaint)
{
	struct replay replay = {.keeper = keeper, .window_us = INT64_MIN};
	const struct store_query query = {
	    .kind = STORE_BATCH,
	    .conditions = {{.column = "received_us", .test = STORE_FROM, .number = since_us}},
	    .order = "received_us",
	};
	if (sightings_opener_new(&replay.opener) != 0)
		return complain(complaint, -ENOMEM, "out of memory for what was observed before");
	int result = store_each(keeper->options.store, &query, replay_batch, &replay, complaint);
	const struct observer_sink *sink = correlator_sink(keeper->correlator);
	if (result == 0 && replay.window_us != INT64_MIN)
		sink->on_window_end(sink->context, replay.window_us);
	sightings_opener_free(replay.opener);
	if (replay.damaged > 0)
		keeper_log(keeper, "store", "some of what was observed before cannot be read");
	keeper->has_begun = replay.window_us != INT64_MIN; /* hosts were heard of before */
	return result;
}

static int open_all(
    struct keeper *keeper, const struct keeper_clock *clock, struct complaint *complaint)
{
	const struct keeper_options *options = &keeper->options;
	int result = keeper_read_roster(keeper, complaint);
	if (result != 0)
		return result;
	result = correlator_new(&options->correlator, keeper->roster, &keeper->correlator);
	if (result != 0)
		return complain(
		    complaint, result, "out of memory: memory asks for more than there is");
	struct outbox_options outbox = options->outbox;
	outbox.store = options->store;
	outbox.casebook = correlator_casebook(keeper->correlator);
	const struct intake_options intake = {
	    .sink = *correlator_sink(keeper->correlator),
	    .on_batch = on_batch,
	    .on_gap = keeper_on_gap,
	    .context = keeper,
	    .wait_us = KEEPER_WAIT_US,
	};
	result = outbox_new(&outbox, &keeper->outbox);
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
	result = archive_load(
	    keeper->archive, clock->wall_us - KEEPER_CLOSED_DAYS * WHEN_DAY_US, complaint);
	return result != 0
		   ? result
		   : replay_batches(keeper, clock->wall_us - options->batches_us, complaint);
}

int keeper_new(const struct keeper_options *options, const struct keeper_clock *clock,
    struct keeper **ret_keeper, struct complaint *complaint)
{
	struct keeper *keeper = calloc(1, sizeof *keeper);
	if (keeper == NULL)
		return complain(complaint, -ENOMEM, "out of memory for the keeper");
	keeper->options = *options;
	keeper->pending_end = &keeper->pending;
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
	outbox_free(keeper->outbox);
	correlator_free(keeper->correlator);
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

void keeper_get_counts(const struct keeper *keeper, struct keeper_counts *ret_counts)
{
	*ret_counts = keeper->counts;
	correlator_get_counts(keeper->correlator, &ret_counts->correlator);
}
