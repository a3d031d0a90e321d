/* drill_source.c - plays scenarios and scripts as sources of frames. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "drill/scenario.h"
#include "drill/script.h"
#include "drill/stage.h"

enum {
	/* A full batch of the usual short frames; large ones make the batch smaller. */
	BUFFER_BYTES = FRAME_BATCH_MAX * 128,
	BUFFERS = 2,
};

/* A thousand years: who says more has lost its way. */
#define DRILL_PASSED_MAX_US (INT64_C(365250) * WHEN_DAY_US)

struct drill {
	struct source source;
	struct stage stage;
	const struct scenario *scenario; /* NULL: a script */
	struct scenario_options options; /* of the day that is played */
	uint64_t days;                   /* of the whole story */
	int64_t after_us;                /* what was before is left out */
	uint64_t bytes_given;
	bool has_ended;
	unsigned turn; /* of the buffer that the next read fills: the other was given last */
	uint8_t buffers[BUFFERS][BUFFER_BYTES];
};

static int new_drill(
    const struct source_kind *kind, struct drill **ret_drill, struct complaint *complaint)
{
	struct drill *drill = malloc(sizeof *drill);
	if (drill == NULL)
		return complain(complaint, -ENOMEM, "no memory for a drill");
	drill->source.kind = kind;
	drill->stage = (struct stage){0};
	drill->scenario = NULL;
	drill->after_us = INT64_MIN;
	drill->bytes_given = 0;
	drill->has_ended = false;
	drill->turn = 0;
	*ret_drill = drill;
	return 0;
}

static void drill_close(struct source *source)
{
	struct drill *drill = (struct drill *)source;
	stage_release(&drill->stage);
	free(drill);
}

static int begin_day(struct drill *drill, struct complaint *complaint)
{
	const struct scenario_options *options = &drill->options;
	if (stage_init(&drill->stage, options->seed, options->start_us) != 0)
		return complain(complaint, -ENOMEM, "no memory for a drill");
	drill->scenario->start(&drill->stage, options);
	return 0;
}

/* So many days later, of which this one is the first of so many that are left. */
static int begin_later(
    struct drill *drill, uint64_t days, uint64_t days_left, struct complaint *complaint)
{
	drill->options.days = days_left;
	drill->options.seed += days;
	drill->options.start_us += (int64_t)days * WHEN_DAY_US;
	stage_release(&drill->stage);
	drill->stage = (struct stage){0};
	return begin_day(drill, complaint);
}

/* Days from its beginning to this time, of which it is in the last. */
static uint64_t days_until(const struct drill *drill, int64_t time_us)
{
	return (uint64_t)((time_us - drill->options.start_us) / WHEN_DAY_US);
}

/* Whether there is another day: it begins a day after this one did. 1, 0 or a negative errno. */
static int next_day(struct drill *drill, struct complaint *complaint)
{
	/* a story that was over before it was to go on is told once more */
	const bool was_over = drill->after_us != INT64_MIN && drill->bytes_given == 0;
	if (drill->scenario == NULL || (drill->options.days <= 1 && !was_over))
		return 0;
	const int error = drill->options.days > 1
			      ? begin_later(drill, 1, drill->options.days - 1, complaint)
			      : begin_later(drill, days_until(drill, drill->after_us) + 1,
				    drill->days, complaint);
	return error != 0 ? error : 1;
}

int drill_go_on(struct source *source, int64_t after_us, struct complaint *complaint)
{
	struct drill *drill = (struct drill *)source;
	assert(source->kind == &source_drill && drill->bytes_given == 0);
	if (after_us < drill->options.start_us ||
	    after_us - drill->options.start_us > DRILL_PASSED_MAX_US)
		return 0;
	drill->after_us = after_us;
	if (drill->scenario->takes_size)
		return 0; /* it is one piece, of any length */
	const uint64_t days = days_until(drill, after_us);
	return begin_later(
	    drill, days, days < drill->days ? drill->days - days : drill->days, complaint);
}

static int drill_open(const char *rest, struct source **ret_source, struct complaint *complaint)
{
	const struct scenario *scenario = NULL;
	struct scenario_options options;
	struct drill *drill = NULL;
	int error = scenario_parse(rest, &scenario, &options, complaint);
	if (error == 0)
		error = new_drill(&source_drill, &drill, complaint);
	if (error != 0)
		return error;
	drill->scenario = scenario;
	drill->options = options;
	drill->days = options.days;
	error = begin_day(drill, complaint);
	if (error != 0) {
		drill_close(&drill->source);
		return error;
	}
	*ret_source = &drill->source;
	return 0;
}

static int script_open(const char *rest, struct source **ret_source, struct complaint *complaint)
{
	struct drill *drill = NULL;
	int error = new_drill(&source_script, &drill, complaint);
	if (error != 0)
		return error;
	error = script_read(rest, &drill->stage, complaint);
	if (error != 0) {
		drill_close(&drill->source);
		return error;
	}
	*ret_source = &drill->source;
	return 0;
}

/* Returns how many bytes the frame takes. */
static size_t add_frame(
    uint8_t *at, struct frame_batch *batch, const struct packet *packet, int64_t time_us)
{
	size_t bytes = frame_build(packet, at);
	batch->frames[batch->count++] = (struct frame){
	    .bytes = at,
	    .captured_bytes = (uint32_t)bytes,
	    .wire_bytes = (uint32_t)bytes,
	    .time_us = time_us,
	    .link_type = LINK_ETHERNET,
	    .drill = DRILL_NUMBER_DEFAULT,
	};
	return bytes;
}

static int drill_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct drill *drill = (struct drill *)source;
	uint8_t *buffer = drill->buffers[drill->turn];
	size_t used = 0;
	drill->turn = (drill->turn + 1) % BUFFERS;
	while (!drill->has_ended && batch->count < max && used <= BUFFER_BYTES - FRAME_BYTES_MAX) {
		const struct packet *packet = NULL;
		int64_t time_us = 0;
		int status = stage_next(&drill->stage, &packet, &time_us);
		if (status < 0)
			complain(complaint, status,
			    "more packets are under way at once than a drill can hold");
		const bool is_over = status == 0;
		if (is_over)
			status = next_day(drill, complaint);
		if (status <= 0)
			drill->has_ended = true;
		if (status < 0)
			return status;
		if (is_over || time_us < drill->after_us)
			continue;
		const size_t bytes = add_frame(buffer + used, batch, packet, time_us);
		used += bytes;
		drill->bytes_given += bytes;
	}
	return batch->count > 0 ? 1 : 0;
}

/* How much is still to come is not known. */
static void drill_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	const struct drill *drill = (const struct drill *)source;
	*ret_progress = (struct source_progress){.bytes_done = drill->bytes_given};
}

const struct source_kind source_drill = {
    .name = "drill",
    .open = drill_open,
    .read = drill_read,
    .get_progress = drill_get_progress,
    .close = drill_close,
};

const struct source_kind source_script = {
    .name = "script",
    .open = script_open,
    .read = drill_read,
    .get_progress = drill_get_progress,
    .close = drill_close,
};
