#include "cmd/station/intake.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/clock_watch.h"
#include "observe/sighting.h"

enum {
	KNOWN_MAX = 4096, /* sensors times epochs: each start of each capture is one */
	/* Of a source in one run, whatever they are: one that writes nonsense without end, as fast
	   as it is read, keeps nobody from his turn. */
	READS_MAX = 2 * INTAKE_RUN_MAX,
};

/* How far the numbering of one sensor's one life has come. */
struct numbering {
	char sensor[SIGHTINGS_SENSOR_BYTES];
	uint64_t epoch;
	uint64_t sequence;
	int64_t window_us; /* of that batch */
};

struct stall {
	bool is_present;
	struct intake_source from;
	struct sightings_opener *opener;
	bool has_batch;   /* opened, and waits */
	int reads;        /* in this run */
	uint64_t damaged; /* records that were read and not told of yet */
	struct sightings_batch batch;
	struct sightings_bytes bytes;
	int64_t ended_us; /* the window it ended last; INT64_MIN before */
	size_t numbering; /* of its last batch; SIZE_MAX before */
};

struct intake {
	struct intake_options options;
	struct stall stalls[INTAKE_SOURCES_MAX];
	size_t stall_count;
	bool is_open;      /* a window is */
	int64_t window_us; /* it, or the last one */
	int64_t ended_us;  /* the last that ended; INT64_MIN before */
	int64_t clock_step_us;
	int64_t blocked_us; /* since when somebody waits for others; INT64_MIN: nobody does */
	struct numbering *known;
	size_t known_count;
	size_t oldest; /* of the known, to be replaced next */
};

int intake_new(const struct intake_options *options, struct intake **ret_intake)
{
	struct intake *intake = calloc(1, sizeof *intake);
	if (intake == NULL)
		return -ENOMEM;
	intake->options = *options;
	intake->ended_us = INT64_MIN;
	intake->blocked_us = INT64_MIN;
	intake->clock_step_us = CLOCK_FALL_US;
	intake->known = calloc(KNOWN_MAX, sizeof *intake->known);
	if (intake->known == NULL) {
		intake_free(intake);
		return -ENOMEM;
	}
	*ret_intake = intake;
	return 0;
}

void intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	for (size_t i = 0; i < intake->stall_count; i++)
		sightings_opener_free(intake->stalls[i].opener);
	free(intake->known);
	free(intake);
}

int intake_add(struct intake *intake, const struct intake_source *source, size_t *ret_number)
{
	if (intake->stall_count == INTAKE_SOURCES_MAX)
		return -ENOSPC;
	struct stall *stall = &intake->stalls[intake->stall_count];
	*stall = (struct stall){
	    .is_present = true,
	    .from = *source,
	    .ended_us = INT64_MIN,
	    .numbering = SIZE_MAX,
	};
	int result = sightings_opener_new(&stall->opener);
	if (result == 0)
		*ret_number = intake->stall_count++;
	return result;
}

void intake_set_present(struct intake *intake, size_t number, bool is_present)
{
	assert(number < intake->stall_count);
	intake->stalls[number].is_present = is_present;
}

/* The place of this numbering, made when new; then its sequence is 0. */
static size_t find_numbering(struct intake *intake, const char *sensor, uint64_t epoch)
{
	for (size_t i = 0; i < intake->known_count; i++)
		if (intake->known[i].epoch == epoch && strcmp(intake->known[i].sensor, sensor) == 0)
			return i;
	size_t at = intake->known_count;
	if (at < KNOWN_MAX)
		intake->known_count++;
	else
		at = intake->oldest++ % KNOWN_MAX;
	struct numbering *made = &intake->known[at];
	*made = (struct numbering){.epoch = epoch, .window_us = INT64_MIN};
	memcpy(made->sensor, sensor, strlen(sensor) + 1); /* checked by who opened the batch */
	return at;
}

void intake_resume(struct intake *intake, int64_t window_us, bool is_open)
{
	intake->is_open = is_open;
	intake->window_us = window_us;
	intake->ended_us = is_open ? window_us - SIGHTING_WINDOW_US : window_us;
}

int intake_note_applied(
    struct intake *intake, const char *sensor, uint64_t epoch, uint64_t sequence)
{
	if (!sightings_sensor_is_valid(sensor))
		return -EINVAL;
	struct numbering *numbering = &intake->known[find_numbering(intake, sensor, epoch)];
	if (sequence > numbering->sequence)
		numbering->sequence = sequence;
	return 0;
}

static void tell_gap(struct intake *intake, const struct stall *stall, uint64_t batches,
    const int64_t around_us[static 2], bool is_damaged)
{
	const struct intake_gap gap = {
	    .source = (size_t)(stall - intake->stalls),
	    .batches = batches,
	    .from_us = around_us[0],
	    .to_us = around_us[1],
	    .is_damaged = is_damaged,
	};
	intake->options.on_gap(intake->options.context, &gap);
}

/* All that is wrong in a row is one gap. */
static void tell_damage(struct intake *intake, struct stall *stall)
{
	const int64_t here_us[2] = {intake->window_us, intake->window_us};
	if (stall->damaged > 0)
		tell_gap(intake, stall, stall->damaged, here_us, true);
	stall->damaged = 0;
}

/* False for a batch that came before. */
static bool is_next(struct intake *intake, struct stall *stall)
{
	const struct sightings_batch *batch = &stall->batch;
	size_t place = find_numbering(intake, batch->sensor, batch->epoch);
	struct numbering *numbering = &intake->known[place];
	if (batch->sequence <= numbering->sequence)
		return false;
	const int64_t now_us = batch->has_window ? batch->window_us : intake->window_us;
	uint64_t missing = batch->sequence - numbering->sequence - 1;
	if (missing > 0) {
		const bool is_known = numbering->window_us != INT64_MIN;
		const int64_t around_us[2] = {is_known ? numbering->window_us : now_us, now_us};
		tell_gap(intake, stall, missing, around_us, false);
	}
	stall->numbering = place;
	numbering->sequence = batch->sequence;
	numbering->window_us = now_us;
	return true;
}

static bool open_batch(struct intake *intake, struct stall *stall)
{
	char words[SIGHTINGS_WORDS_BYTES];
	struct sightings_message message;
	int result = sightings_frame_check(
	    stall->bytes.data, stall->bytes.count, &message, &stall->batch.checksum);
	if (result == 0)
		result = sightings_opener_open(stall->opener, &message, &stall->batch, words);
	stall->damaged += result != 0;
	if (result == 0)
		tell_damage(intake, stall); /* it came before */
	return result == 0 && is_next(intake, stall);
}

/* Brings the source's next batch to hand. False when there is none now, or none in this run. */
static bool fetch(struct intake *intake, struct stall *stall)
{
	int result = 1;
	while (!stall->has_batch && result != 0 && stall->reads < READS_MAX) {
		stall->reads++;
		result =
		    stall->from.read(stall->from.context, &stall->bytes.data, &stall->bytes.count);
		stall->damaged += result < 0;
		if (result > 0)
			stall->has_batch = open_batch(intake, stall);
	}
	tell_damage(intake, stall);
	return stall->has_batch;
}

/* Somebody has had as much of this run as anybody may. */
static bool has_tired(const struct intake *intake)
{
	for (size_t i = 0; i < intake->stall_count; i++)
		if (intake->stalls[i].reads >= READS_MAX)
			return true;
	return false;
}

static void end_window(struct intake *intake)
{
	intake->options.sink.on_window_end(intake->options.sink.context, intake->window_us);
	intake->ended_us = intake->window_us;
	intake->is_open = false;
	intake->blocked_us = INT64_MIN;
}

/* All who are there have nothing more of it. */
static bool all_have_ended(const struct intake *intake)
{
	for (size_t i = 0; i < intake->stall_count; i++) {
		const struct stall *stall = &intake->stalls[i];
		if (stall->is_present && stall->ended_us < intake->window_us)
			return false;
	}
	return true;
}

/* A source's clock fell back by so much that what follows is another time. */
static bool fell_back(const struct intake *intake, const struct sightings_batch *batch)
{
	const int64_t latest_us = intake->is_open ? intake->window_us : intake->ended_us;
	return batch->has_window && latest_us != INT64_MIN &&
	       batch->window_us < latest_us - intake->clock_step_us;
}

static bool must_wait(const struct intake *intake, const struct sightings_batch *batch)
{
	return intake->is_open && batch->has_window && batch->window_us > intake->window_us;
}

static void enter_window(struct intake *intake, const struct sightings_batch *batch)
{
	if (fell_back(intake, batch)) {
		if (intake->is_open)
			end_window(intake);
		intake->ended_us = INT64_MIN;
		for (size_t i = 0; i < intake->stall_count; i++)
			intake->stalls[i].ended_us = INT64_MIN;
	}
	const bool is_new = batch->has_window && !intake->is_open &&
			    (intake->ended_us == INT64_MIN || batch->window_us > intake->ended_us);
	if (!is_new)
		return;
	intake->is_open = true;
	intake->window_us = batch->window_us;
}

static void hand_on(struct intake *intake, struct stall *stall)
{
	const struct sightings_batch *batch = &stall->batch;
	const struct intake_options *options = &intake->options;
	enter_window(intake, batch);
	options->on_batch(options->context, (size_t)(stall - intake->stalls), batch, &stall->bytes);
	sightings_opener_hand_on(stall->opener, &options->sink);
	if (batch->ends_window && batch->window_us > stall->ended_us)
		stall->ended_us = batch->window_us;
	stall->has_batch = false;
	if (intake->is_open && all_have_ended(intake))
		end_window(intake);
}

/* Returns how many batches were handed on; *ret_waiting when some wait for others. */
static size_t hand_on_some(struct intake *intake, bool *ret_waiting)
{
	size_t count = 0;
	*ret_waiting = false;
	for (size_t i = 0; i < intake->stall_count; i++) {
		struct stall *stall = &intake->stalls[i];
		if (!fetch(intake, stall))
			continue;
		if (must_wait(intake, &stall->batch)) {
			*ret_waiting = true;
			continue;
		}
		hand_on(intake, stall);
		count++;
	}
	return count;
}

bool intake_run(struct intake *intake, int64_t now_us)
{
	bool waiting = false;
	for (size_t i = 0; i < intake->stall_count; i++)
		intake->stalls[i].reads = 0;
	for (size_t count = 0; count < INTAKE_RUN_MAX;) {
		size_t handed = hand_on_some(intake, &waiting);
		count += handed;
		if (handed > 0)
			continue;
		if (!waiting)
			return has_tired(intake);
		if (intake->blocked_us == INT64_MIN)
			intake->blocked_us = now_us;
		/* also where who was waited for has gone */
		if (!all_have_ended(intake) &&
		    now_us - intake->blocked_us < intake->options.wait_us)
			return has_tired(intake);
		end_window(intake);
	}
	return true;
}

void intake_set_clock_step(struct intake *intake, int64_t step_us)
{
	intake->clock_step_us = step_us;
}

bool intake_is_empty(const struct intake *intake, size_t number)
{
	assert(number < intake->stall_count);
	return !intake->stalls[number].has_batch;
}

int64_t intake_ended_us(const struct intake *intake)
{
	return intake->ended_us;
}
