/*
 * replay_station.c - what a station finds in a capture, judged while it comes, piece by piece.
 *
 *     replay_station FRAMES JUDGEMENTS OPTIONS... FILE
 *
 * OPTIONS and FILE are those of `hinomi read`, whose findings these must be: frames go through a
 * watcher in batches of FRAMES, its sightings through an intake into a correlator, which judges
 * after every JUDGEMENTS batches. Prints the findings of the casebook, as `hinomi read` does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/inputs.h"
#include "cmd/read_options.h"
#include "cmd/station/correlator.h"
#include "cmd/station/intake.h"
#include "cmd/station/watcher.h"

enum {
	BATCHES_MAX = 1 << 16, /* between two looks */
};

/* Batches on their way from the watcher to the intake. */
struct pipe {
	struct sightings_bytes batches[BATCHES_MAX];
	size_t count;
	size_t next;
};

static struct pipe pipe_to_intake;
static struct frame_batch frames;

static int give(void *context, const uint8_t *batch, size_t bytes)
{
	struct pipe *pipe = context;
	uint8_t *copy = malloc(bytes);
	if (copy == NULL || pipe->count == BATCHES_MAX)
		abort();
	memcpy(copy, batch, bytes);
	pipe->batches[pipe->count].data = copy;
	pipe->batches[pipe->count++].count = bytes;
	return 0;
}

static int take(void *context, const uint8_t **ret_bytes, size_t *ret_count)
{
	struct pipe *pipe = context;
	if (pipe->next == pipe->count)
		return 0;
	*ret_bytes = pipe->batches[pipe->next].data;
	*ret_count = pipe->batches[pipe->next++].count;
	return 1;
}

static void empty(struct pipe *pipe)
{
	for (size_t i = 0; i < pipe->count; i++)
		free((void *)(uintptr_t)pipe->batches[i].data);
	pipe->count = pipe->next = 0;
}

static void on_batch(void *context, size_t source, const struct sightings_batch *batch,
    const struct sightings_bytes *bytes)
{
	(void)context;
	(void)source;
	(void)batch;
	(void)bytes;
}

static void on_gap(void *context, const struct intake_gap *gap)
{
	(void)context;
	fprintf(stderr, "replay_station: %ju batches are missing\n", (uintmax_t)gap->batches);
	abort();
}

/* Of the members that the options name; their ids are their numbers and one. */
static void make_roster(const struct read_options *options, struct roster *ret_roster)
{
	size_t count = registry_member_count(options->registry);
	*ret_roster = (struct roster){
	    .registry = options->registry,
	    .members = calloc(count + 1, sizeof *ret_roster->members),
	    .member_count = count,
	};
	if (ret_roster->members == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct roster_member *member = &ret_roster->members[i];
		member->id = (int64_t)i + 1;
		(void)snprintf(member->name, sizeof member->name, "%s",
		    registry_member_name(options->registry, (int)i));
	}
}

struct station {
	const struct read_options *options;
	struct watcher *watcher;
	struct intake *intake;
	struct correlator *correlator;
};

static void open_station(struct station *station, const struct roster *roster)
{
	const struct read_options *options = station->options;
	const struct watcher_options watcher = {
	    .registry = options->registry,
	    .memory_bytes = options->memory_bytes / 2,
	    .answer_timeout_s = options->thresholds.scan_live.answer_timeout_s,
	    .sensor = "here",
	    .epoch = 1,
	    .give = give,
	    .context = &pipe_to_intake,
	};
	const struct correlator_options correlator = {
	    .thresholds = &options->thresholds,
	    .memory_bytes = options->memory_bytes / 2,
	    .casebook = {.quiet_us = INT64_MAX, .close_us = INT64_MAX, .incidents_max = 10000},
	};
	const struct intake_source source = {.read = take, .context = &pipe_to_intake};
	size_t number;
	if (watcher_new(&watcher, &station->watcher) != 0 ||
	    correlator_new(&correlator, roster, &station->correlator) != 0)
		abort();
	const struct intake_options intake = {
	    .sink = *correlator_sink(station->correlator),
	    .on_batch = on_batch,
	    .on_gap = on_gap,
	};
	if (intake_new(&intake, &station->intake) != 0 ||
	    intake_add(station->intake, &source, &number) != 0)
		abort();
}

static void judge(struct station *station)
{
	struct watcher_counts counts;
	watcher_get_counts(station->watcher, &counts);
	if (counts.last_us == INT64_MIN)
		return;
	const struct casebook_clocks clocks = {counts.last_us, 0};
	while (intake_run(station->intake, 0))
		;
	empty(&pipe_to_intake);
	if (correlator_judge(station->correlator, &clocks) != 0)
		abort();
}

static void replay(struct station *station, struct source *source, size_t at_once, size_t looks)
{
	struct complaint complaint;
	int result = 1;
	for (size_t round = 1; result > 0; round++) {
		frames.count = 0;
		result = source_read(source, &frames, at_once, &complaint);
		watcher_take(station->watcher, &frames);
		if (watcher_flush(station->watcher) != 0)
			abort();
		if (round % looks == 0)
			judge(station);
	}
	if (watcher_finish(station->watcher) != 0)
		abort();
	judge(station);
	correlator_judge_all(station->correlator);
	judge(station);
}

static int compare(const void *a, const void *b)
{
	return finding_compare(a, b);
}

static int print(const struct station *station)
{
	const struct casebook *casebook = correlator_casebook(station->correlator);
	struct finding *all = calloc(10000, sizeof *all);
	size_t count = 0;
	size_t position = 0;
	const struct incident *incident;
	if (all == NULL)
		abort();
	while ((incident = casebook_next(casebook, &position)) != NULL)
		if (incident->finding != NULL)
			all[count++] = *incident->finding;
	qsort(all, count, sizeof *all, compare);
	const struct report report = {
	    .out = stdout,
	    .language = station->options->language,
	    .registry = station->options->registry,
	};
	const struct report_summary summary = {.first_us = INT64_MAX, .last_us = INT64_MIN};
	int result = station->options->format->write(&report, all, count, &summary);
	free(all);
	return result != 0 ? 2 : count > 0;
}

int main(int argc, char **argv)
{
	struct read_options options;
	struct complaint complaint;
	struct inputs inputs;
	struct roster roster;
	bool damaged = false;
	if (argc < 4 || read_options_parse(argc - 2, argv + 2, &options, &complaint) != 0) {
		fprintf(stderr, "replay_station: %s\n", argc < 4 ? "arguments" : complaint.text);
		return 2;
	}
	if (inputs_open(options.files, options.file_count, &inputs, &damaged) != 0 ||
	    inputs.capture_count != 1)
		return 2;
	struct station station = {.options = &options};
	make_roster(&options, &roster);
	open_station(&station, &roster);
	replay(
	    &station, inputs.captures[0], strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	int status = print(&station);
	intake_free(station.intake);
	correlator_free(station.correlator);
	watcher_free(station.watcher);
	free(roster.members);
	inputs_release(&inputs);
	read_options_release(&options);
	return status;
}
