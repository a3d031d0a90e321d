#include "cmd/analysis.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "decode/decode.h"
#include "observe/observer.h"
#include "observe/slab.h"

enum {
	/*
	 * Where strangers are only counted, their records get 60 % of the first 256 MB of --memory,
	 * of what goes beyond that 84 %; of the rest the observer gets 55 %, the ledger the others.
	 */
	DARKNET_SMALL_PERCENT = 60,
	DARKNET_LARGE_PERCENT = 84,
	DARKNET_JUDGED_PERCENT = 60, /* where they are judged, the ledger gets them in the end */
	OBSERVER_PERCENT = 55,
	TOLD_SUMS_BYTES = 16 * 1024 * 1024, /* of a quarter of a million sums */
	EVIDENCE_FRAMES = 50000,            /* 15 MB of copies, when evidence is wanted */
	WORTH_SHARING = 256,                /* frames */
	BATCH_ALONE = 2048,
	CHUNKS_MAX = (FRAME_BATCH_MAX + CHUNK_FRAMES - 1) / CHUNK_FRAMES,
};

#define SMALL_BYTES ((size_t)256 * 1024 * 1024)

/* What one task finds out: a chunk for the observer, and counts for the summary. */
struct part {
	struct chunk chunk;
	struct report_summary counts; /* of what is not in the two others */
	uint64_t verdicts[DECODE_VERDICT_COUNT];
};

/* The chunks of one batch. */
struct lot {
	size_t count;
	size_t dark_count; /* events in them */
	struct part *parts;
	struct chunk *chunks[CHUNKS_MAX];
};

struct analysis {
	struct analysis_options options;
	struct observer *observer;
	struct ledger *ledger;
	struct crew *crew;
	struct part *parts; /* of two lots */
	struct lot lots[2]; /* one thread needs the first only */
	struct lot *lot;    /* of the batch that is worked on */
	struct lot *before; /* which is to be taken in yet; NULL: none */
	uint64_t frames;    /* so far */
	struct report_summary summary;
};

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct analysis *analysis = context;
	const struct observer_sink *tap = analysis->options.tap;
	if (tap != NULL)
		tap->on_sighting(tap->context, sighting);
	ledger_add_sighting(analysis->ledger, sighting);
}

static void on_host(void *context, const struct host *host)
{
	struct analysis *analysis = context;
	const struct observer_sink *tap = analysis->options.tap;
	if (tap != NULL)
		tap->on_host(tap->context, host);
	ledger_add_host(analysis->ledger, host);
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	struct analysis *analysis = context;
	const struct observer_sink *tap = analysis->options.tap;
	if (tap != NULL)
		tap->on_carrier(tap->context, carrier);
	ledger_add_carrier(analysis->ledger, carrier);
}

static void on_window_end(void *context, int64_t window_us)
{
	struct analysis *analysis = context;
	const struct observer_sink *tap = analysis->options.tap;
	if (tap != NULL)
		tap->on_window_end(tap->context, window_us);
	ledger_end_window(analysis->ledger, window_us);
}

static void fill_sink(struct analysis *analysis, struct observer_sink *ret_sink)
{
	*ret_sink = (struct observer_sink){
	    .context = analysis,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	};
}

static size_t darknet_share(const struct analysis_options *options)
{
	if (!registry_has_dark(options->registry))
		return 0;
	if (!options->members_only) /* first frames of strangers are wanted as well: all are live */
		return options->keep_evidence
			   ? 0
			   : options->memory_bytes / 100 * DARKNET_JUDGED_PERCENT;
	size_t small = options->memory_bytes < SMALL_BYTES ? options->memory_bytes : SMALL_BYTES;
	size_t large = options->memory_bytes - small;
	return small / 100 * DARKNET_SMALL_PERCENT + large / 100 * DARKNET_LARGE_PERCENT;
}

size_t analysis_plan(
    const struct analysis_options *options, struct observer_options *ret_observer_options)
{
	const struct thresholds *thresholds = options->thresholds;
	size_t darknet_bytes = darknet_share(options);
	size_t rest = options->memory_bytes - darknet_bytes;
	size_t observer_bytes = rest / 100 * OBSERVER_PERCENT;
	*ret_observer_options = (struct observer_options){
	    .registry = options->registry,
	    .memory_bytes = observer_bytes,
	    .darknet_bytes = darknet_bytes,
	    .members_only = options->members_only,
	    .stranger_packets = thresholds->scan_dark.stranger_targets,
	    .stranger_gap_us = ledger_strangers_gap_us(options->registry, thresholds),
	    .answer_timeout_s = thresholds->scan_live.answer_timeout_s,
	    .evidence_frames = options->keep_evidence ? EVIDENCE_FRAMES : 0,
	};
	return rest - observer_bytes;
}

static int open_all(struct analysis *analysis)
{
	const struct analysis_options *options = &analysis->options;
	struct observer_options observer_options;
	size_t ledger_bytes = analysis_plan(options, &observer_options);
	struct observer_sink sink;
	fill_sink(analysis, &sink);
	int result = observer_new(&observer_options, &sink, &analysis->observer);
	if (result != 0)
		return result;
	const struct ledger_options ledger_options = {
	    .registry = options->registry,
	    .thresholds = options->thresholds,
	    .samples = observer_samples_mutable(analysis->observer),
	    .observer = analysis->observer,
	    .tap = options->tap,
	    .memory_bytes = ledger_bytes,
	    .infer_dark = options->infer_dark,
	};
	result = ledger_new(&ledger_options, &analysis->ledger);
	if (result != 0)
		return result;
	const size_t parts_bytes = 2 * (size_t)CHUNKS_MAX * sizeof *analysis->parts;
	analysis->parts = aligned_alloc(_Alignof(struct part), parts_bytes);
	if (analysis->parts == NULL)
		return -ENOMEM;
	memset(analysis->parts, 0, parts_bytes);
	analysis->lot = &analysis->lots[0];
	for (size_t i = 0; i < 2 * (size_t)CHUNKS_MAX; i++) {
		struct lot *lot = &analysis->lots[i / CHUNKS_MAX];
		lot->parts = &analysis->parts[i / CHUNKS_MAX * CHUNKS_MAX];
		lot->chunks[i % CHUNKS_MAX] = &analysis->parts[i].chunk;
	}
	return crew_new(options->workers, &analysis->crew);
}

static void clear_counts(struct report_summary *counts)
{
	*counts = (struct report_summary){.first_us = INT64_MAX, .last_us = INT64_MIN};
}

int analysis_new(const struct analysis_options *options, struct analysis **ret_analysis)
{
	struct analysis *analysis = calloc(1, sizeof *analysis);
	if (analysis == NULL)
		return -ENOMEM;
	analysis->options = *options;
	clear_counts(&analysis->summary);
	int result = open_all(analysis);
	if (result != 0)
		analysis_free(analysis);
	else
		*ret_analysis = analysis;
	return result;
}

int analysis_start(struct analysis *analysis)
{
	return crew_start(analysis->crew);
}

void analysis_free(struct analysis *analysis)
{
	if (analysis == NULL)
		return;
	crew_free(analysis->crew);
	free(analysis->parts);
	ledger_free(analysis->ledger);
	observer_free(analysis->observer);
	free(analysis);
}

static void count_unsupported(struct report_summary *counts, const struct frame *frame)
{
	if (!decode_knows_link(frame->link_type) && counts->unsupported_links++ == 0)
		counts->unsupported_link_type = frame->link_type;
}

static void add_frame(struct part *part, const struct chunk_rules *rules, const struct frame *frame)
{
	if (frame->link_type == LINK_NONE) {
		part->verdicts[DECODE_UNSUPPORTED]++;
		return;
	}
	enum decode_verdict verdict = chunk_take(&part->chunk, rules, frame);
	part->verdicts[verdict]++;
	part->counts.bytes += frame->wire_bytes;
	if (verdict == DECODE_UNSUPPORTED)
		count_unsupported(&part->counts, frame);
}

/*
 * A batch on its way. Of the tasks of a step one takes in what is live of the batch before, one
 * reads ahead, each of some fills a part of this batch, and the others take in the dark events of
 * the batch before: so threads meet once a batch. The longest are begun first, so that none waits
 * long in the end.
 */
struct adding {
	struct analysis *analysis;
	const struct frame_batch *batch;
	const struct analysis_meanwhile *meanwhile; /* NULL: done, or nothing */
	const struct lot *live;                     /* the batch before; NULL: done, or none */
	size_t parts;
	struct observer_dark dark; /* of the batch before; tasks 0: done, or none */
};

static void fill_part(void *context, size_t number)
{
	const struct adding *adding = context;
	const struct frame_batch *batch = adding->batch;
	struct part *part = &adding->analysis->lot->parts[number];
	size_t first = number * CHUNK_FRAMES;
	size_t end = batch->count - first < CHUNK_FRAMES ? batch->count : first + CHUNK_FRAMES;
	clear_counts(&part->counts);
	memset(part->verdicts, 0, sizeof part->verdicts);
	chunk_clear(&part->chunk, adding->analysis->frames + first);
	for (size_t i = first; i < end; i++)
		add_frame(part, observer_rules(adding->analysis->observer), &batch->frames[i]);
	if (crew_workers(adding->analysis->crew) > 1)
		chunk_seal(&part->chunk); /* else the observer takes the events as they come */
}

static void take_live(const struct analysis *analysis, const struct lot *lot)
{
	observer_take_live(analysis->observer, lot->chunks, lot->count);
}

static void do_task(void *context, size_t task)
{
	const struct adding *adding = context;
	const size_t meanwhile = adding->meanwhile != NULL;
	const size_t live = adding->live != NULL;
	if (task < live)
		take_live(adding->analysis, adding->live);
	else if (task < live + meanwhile)
		adding->meanwhile->work(adding->meanwhile->context);
	else if (task < live + meanwhile + adding->parts)
		fill_part(context, task - live - meanwhile);
	else
		observer_take_dark(&adding->dark, task - live - meanwhile - adding->parts);
}

/* For a few frames a meeting of threads takes longer than the work. */
static void run(struct adding *adding)
{
	size_t tasks = adding->parts + (adding->live != NULL) + (adding->meanwhile != NULL) +
		       adding->dark.tasks;
	size_t work = adding->batch->count;
	if (adding->dark.tasks > 0)
		work += adding->analysis->before->dark_count;
	if (work >= WORTH_SHARING) {
		crew_run(adding->analysis->crew, tasks, do_task, adding);
		return;
	}
	for (size_t task = 0; task < tasks; task++)
		do_task(adding, task);
}

static void add_counts(struct report_summary *summary, const struct part *part)
{
	summary->bytes += part->counts.bytes;
	summary->decoded += part->verdicts[DECODE_OK];
	summary->truncated += part->verdicts[DECODE_TRUNCATED];
	summary->malformed += part->verdicts[DECODE_MALFORMED];
	summary->unsupported += part->verdicts[DECODE_UNSUPPORTED];
	for (size_t i = 0; i < DECODE_VERDICT_COUNT; i++)
		summary->packets += part->verdicts[i];
	if (summary->unsupported_links == 0)
		summary->unsupported_link_type = part->counts.unsupported_link_type;
	summary->unsupported_links += part->counts.unsupported_links;
	if (part->chunk.earliest_us < summary->first_us)
		summary->first_us = part->chunk.earliest_us;
	if (part->chunk.latest_us > summary->last_us)
		summary->last_us = part->chunk.latest_us;
}

static struct observer_dark dark_of(const struct analysis *analysis, const struct lot *lot)
{
	struct observer_dark dark = {.observer = analysis->observer};
	if (lot != NULL && lot->dark_count > 0) {
		dark.chunks = lot->chunks;
		dark.count = lot->count;
		dark.tasks = observer_dark_tasks(crew_workers(analysis->crew));
	}
	return dark;
}

static void count_lot(struct analysis *analysis, struct lot *lot, size_t parts)
{
	lot->count = parts;
	lot->dark_count = 0;
	for (size_t i = 0; i < parts; i++) {
		add_counts(&analysis->summary, &lot->parts[i]);
		lot->dark_count += lot->chunks[i]->dark_count;
	}
}

/*
 * A crew's batch waits for the next, whose parts then take the other lot; but its frames do not
 * stay as long as that, so that evidence is taken at once.
 */
static void take_lot(struct analysis *analysis, struct lot *lot)
{
	if (crew_workers(analysis->crew) == 1) {
		observer_take(analysis->observer, lot->chunks, lot->count);
		return;
	}
	if (analysis->options.keep_evidence)
		take_live(analysis, lot);
	analysis->before = lot;
	analysis->lot = lot == &analysis->lots[0] ? &analysis->lots[1] : &analysis->lots[0];
}

size_t analysis_batch_frames(size_t workers)
{
	return workers > 1 ? FRAME_BATCH_MAX : BATCH_ALONE;
}

void analysis_add(struct analysis *analysis, const struct frame_batch *batch,
    const struct analysis_meanwhile *meanwhile)
{
	struct lot *lot = analysis->lot;
	const size_t parts = (batch->count + CHUNK_FRAMES - 1) / CHUNK_FRAMES;
	struct adding adding = {
	    .analysis = analysis,
	    .batch = batch,
	    .meanwhile = meanwhile,
	    .live = analysis->options.keep_evidence ? NULL : analysis->before,
	    .parts = parts,
	    .dark = dark_of(analysis, analysis->before),
	};
	run(&adding);
	analysis->before = NULL;
	adding.meanwhile = NULL;
	adding.live = NULL;
	adding.dark.tasks = 0;
	while (observer_learn(analysis->observer, lot->chunks, parts))
		run(&adding);
	count_lot(analysis, lot, parts);
	take_lot(analysis, lot);
	analysis->frames += batch->count;
}

/* What still waits for a next batch. */
static void take_rest(struct analysis *analysis)
{
	const struct observer_dark dark = dark_of(analysis, analysis->before);
	if (analysis->before != NULL && !analysis->options.keep_evidence)
		take_live(analysis, analysis->before);
	for (size_t task = 0; task < dark.tasks; task++)
		observer_take_dark(&dark, task);
	analysis->before = NULL;
}

void analysis_get_sink(struct analysis *analysis, struct observer_sink *ret_sink)
{
	fill_sink(analysis, ret_sink);
}

static int tell_sums(const struct analysis *analysis)
{
	const struct observer_sink *tap = analysis->options.tap;
	if (tap == NULL || tap->on_sum == NULL)
		return 0;
	return strangers_each_sum(analysis->observer, TOLD_SUMS_BYTES, tap->on_sum, tap->context);
}

int analysis_finish(struct analysis *analysis, struct findings *ret_findings)
{
	take_rest(analysis);
	observer_finish(analysis->observer);
	if (tell_sums(analysis) != 0)
		return -ENOMEM;
	ledger_finish(analysis->ledger);
	/* where strangers are judged, darknets know only what they asked */
	if (analysis->options.members_only &&
	    strangers_describe(analysis->observer, &analysis->summary.strangers) != 0)
		return -ENOMEM;
	return judge_ledger(analysis->ledger, analysis->options.members_only, ret_findings);
}

void analysis_get_summary(const struct analysis *analysis, struct report_summary *ret_summary)
{
	struct observer_counts counts;
	observer_get_counts(analysis->observer, &counts);
	*ret_summary = analysis->summary;
	ret_summary->hosts = observer_host_count(analysis->observer);
	ret_summary->evicted = counts.evicted + ledger_evicted(analysis->ledger);
	ret_summary->forged_sources = counts.forged_sources;
	ret_summary->inner_mismatch = counts.inner_mismatch;
	ret_summary->clock_steps = counts.clock_steps;
	ret_summary->dark_addresses = registry_dark_v4_count(analysis->options.registry);
	ret_summary->dark_inferred = analysis->options.infer_dark;
}

const struct observer *analysis_observer(const struct analysis *analysis)
{
	return analysis->observer;
}

const struct samples *analysis_samples(const struct analysis *analysis)
{
	return observer_samples(analysis->observer);
}
