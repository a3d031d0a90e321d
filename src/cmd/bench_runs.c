/* bench_runs.c - the kinds of runs: the stages apart, the whole path, the bare loops. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/analysis.h"
#include "cmd/bench.h"
#include "cmd/bench_reference.h"
#include "decode/decode.h"
#include "observe/observer.h"
#include "source/source.h"

enum {
	BATCH_FRAMES = CHUNK_FRAMES,
	WHOLE_FRAMES = FRAME_BATCH_MAX, /* as `hinomi read` */
	OBSERVER_PERCENT = 55,          /* of --memory, as in analysis.c */
	CLOCK_READINGS = 100 * 1000     /* to learn what one costs */
};

static const struct source_kind *const kinds[] = {&source_pcap, NULL};

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t bench_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t bench_cpu_ns(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* State of the run of the stages apart. */
struct apart {
	const struct bench_input *input;
	unsigned stages;
	struct source *source;
	struct observer *observer;
	struct ledger *ledger;
	struct frame_batch *batch;
	struct facts *facts; /* of the batch */
	struct chunk *chunk;
	struct crew *crew;
	struct findings findings;
	uint64_t ns[BENCH_STAGE_COUNT];
	uint64_t bookings; /* calls of the ledger that were timed */
	uint64_t clock_ns; /* what a reading of the clock costs */
	uint64_t packets;
	uint64_t places; /* so that no compiler leaves the lookups out */
};

static bool wants(const struct apart *apart, enum bench_stage stage)
{
	return (apart->stages & 1U << stage) != 0;
}

/*
 * The ledger is called in the middle of the observer's work: what each call takes is booked on
 * detection here, and taken off observation by run_observe().
 */
static void book_detection(struct apart *apart, uint64_t began_ns)
{
	apart->ns[BENCH_DETECT] += bench_now_ns() - began_ns;
	apart->bookings++;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct apart *apart = context;
	if (apart->ledger == NULL)
		return;
	uint64_t began_ns = bench_now_ns();
	ledger_add_sighting(apart->ledger, sighting);
	book_detection(apart, began_ns);
}

static void on_host(void *context, const struct host *host)
{
	struct apart *apart = context;
	if (apart->ledger == NULL)
		return;
	uint64_t began_ns = bench_now_ns();
	ledger_add_host(apart->ledger, host);
	book_detection(apart, began_ns);
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	struct apart *apart = context;
	if (apart->ledger == NULL)
		return;
	uint64_t began_ns = bench_now_ns();
	ledger_add_carrier(apart->ledger, carrier);
	book_detection(apart, began_ns);
}

static void on_window_end(void *context, int64_t window_us)
{
	struct apart *apart = context;
	if (apart->ledger == NULL)
		return;
	uint64_t began_ns = bench_now_ns();
	ledger_end_window(apart->ledger, window_us);
	book_detection(apart, began_ns);
}

static int open_observer(struct apart *apart)
{
	const struct bench_input *input = apart->input;
	const struct observer_options options = {
	    .registry = input->registry,
	    .memory_bytes = input->memory_bytes / 100 * OBSERVER_PERCENT,
	    .answer_timeout_s = input->thresholds.scan_live.answer_timeout_s,
	};
	const struct observer_sink sink = {
	    .context = apart,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	};
	return observer_new(&options, &sink, &apart->observer);
}

static int open_ledger(struct apart *apart)
{
	const struct bench_input *input = apart->input;
	const struct ledger_options options = {
	    .registry = input->registry,
	    .thresholds = &input->thresholds,
	    .memory_bytes = input->memory_bytes - input->memory_bytes / 100 * OBSERVER_PERCENT,
	    .infer_dark = input->infer_dark,
	};
	return ledger_new(&options, &apart->ledger);
}

static int open_apart(struct apart *apart, struct complaint *complaint)
{
	apart->batch = malloc(sizeof *apart->batch);
	apart->facts = calloc(BATCH_FRAMES, sizeof *apart->facts);
	apart->chunk = malloc(sizeof *apart->chunk);
	int result = apart->batch == NULL || apart->facts == NULL || apart->chunk == NULL
			 ? -ENOMEM
			 : crew_new(1, &apart->crew);
	if (result == 0 && (wants(apart, BENCH_OBSERVE) || wants(apart, BENCH_DETECT)))
		result = open_observer(apart);
	if (result == 0 && wants(apart, BENCH_DETECT))
		result = open_ledger(apart);
	if (result != 0)
		return complain(complaint, result, "out of memory: --memory asks for too much");
	return source_open(kinds, apart->input->path, &apart->source, complaint);
}

static void close_apart(struct apart *apart)
{
	findings_release(&apart->findings);
	ledger_free(apart->ledger);
	observer_free(apart->observer);
	source_close(apart->source);
	crew_free(apart->crew);
	free(apart->chunk);
	free(apart->facts);
	free(apart->batch);
}

/*
 * Each stage's work on one batch, in a function of its own and never inlined, so that profilers
 * name it: callgrind's --toggle-collect=run_observe collects that stage alone.
 */
static __attribute__((noinline)) int run_read(struct apart *apart, struct complaint *complaint)
{
	uint64_t began_ns = bench_now_ns();
	apart->batch->count = 0;
	int got = source_read(apart->source, apart->batch, BATCH_FRAMES, complaint);
	apart->ns[BENCH_READ] += bench_now_ns() - began_ns;
	apart->packets += apart->batch->count;
	return got;
}

static __attribute__((noinline)) void run_decode(struct apart *apart)
{
	uint64_t began_ns = bench_now_ns();
	for (size_t i = 0; i < apart->batch->count; i++)
		(void)decode_frame(&apart->batch->frames[i], &apart->facts[i]); /* facts say all */
	apart->ns[BENCH_DECODE] += bench_now_ns() - began_ns;
}

static __attribute__((noinline)) void run_classify(struct apart *apart)
{
	const struct registry *registry = apart->input->registry;
	uint64_t began_ns = bench_now_ns();
	for (size_t i = 0; i < apart->batch->count; i++) {
		const struct facts *facts = &apart->facts[i];
		struct registry_place source = registry_find(registry, &facts->source);
		struct registry_place target = registry_find(registry, &facts->target);
		apart->places += (uint64_t)source.is_dark + target.is_dark +
				 (uint64_t)(source.member + 1) + (uint64_t)(target.member + 1);
	}
	apart->ns[BENCH_CLASSIFY] += bench_now_ns() - began_ns;
}

/* The facts are copied to where decoding would have put them: that costs some ns a packet. */
static __attribute__((noinline)) void run_observe(struct apart *apart)
{
	uint64_t detect_ns = apart->ns[BENCH_DETECT];
	uint64_t began_ns = bench_now_ns();
	struct chunk *chunk = apart->chunk;
	do {
		chunk_clear(chunk, apart->packets - apart->batch->count);
		for (size_t i = 0; i < apart->batch->count; i++) {
			*chunk_next_facts(chunk) = apart->facts[i];
			chunk_add(chunk, observer_rules(apart->observer), &apart->batch->frames[i]);
		}
		chunk_seal(chunk);
	} while (observer_learn(apart->observer, &chunk, 1));
	observer_take(apart->observer, &chunk, 1, apart->crew);
	detect_ns = apart->ns[BENCH_DETECT] - detect_ns;
	apart->ns[BENCH_OBSERVE] += bench_now_ns() - began_ns - detect_ns;
}

/* What is left to do after the last frame. */
static __attribute__((noinline)) int run_end(struct apart *apart)
{
	int result = 0;
	uint64_t detect_ns = apart->ns[BENCH_DETECT];
	uint64_t began_ns = bench_now_ns();
	if (apart->observer != NULL)
		observer_finish(apart->observer);
	detect_ns = apart->ns[BENCH_DETECT] - detect_ns;
	apart->ns[BENCH_OBSERVE] += bench_now_ns() - began_ns - detect_ns;
	if (apart->ledger == NULL)
		return 0;
	began_ns = bench_now_ns();
	ledger_finish(apart->ledger);
	result = judge_ledger(apart->ledger, apart->input->members_only, &apart->findings);
	apart->ns[BENCH_DETECT] += bench_now_ns() - began_ns;
	return result;
}

static int run_batches(struct apart *apart, struct complaint *complaint)
{
	bool observes = apart->observer != NULL;
	bool decodes = observes || wants(apart, BENCH_CLASSIFY) || wants(apart, BENCH_DECODE);
	for (;;) {
		int got = run_read(apart, complaint);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		if (decodes)
			run_decode(apart);
		if (wants(apart, BENCH_CLASSIFY))
			run_classify(apart);
		if (observes)
			run_observe(apart);
	}
	if (run_end(apart) != 0)
		return complain(complaint, -ENOMEM, "out of memory while judging");
	return 0;
}

static uint64_t measure_clock(void)
{
	uint64_t began_ns = bench_now_ns();
	for (int i = 0; i < CLOCK_READINGS; i++)
		(void)bench_now_ns();
	return (bench_now_ns() - began_ns) / CLOCK_READINGS;
}

/* One reading of the clock falls into each booked time, one beside it. */
static void take_clock_off(struct apart *apart, enum bench_stage stage)
{
	uint64_t clock_ns = apart->bookings * apart->clock_ns;
	apart->ns[stage] = apart->ns[stage] > clock_ns ? apart->ns[stage] - clock_ns : 0;
}

int bench_run_apart(const struct bench_input *input, unsigned stages, struct bench_figures *figures,
    struct complaint *complaint)
{
	struct apart apart = {.input = input, .stages = stages, .clock_ns = measure_clock()};
	int result = open_apart(&apart, complaint);
	if (result == 0) {
		uint64_t wall_ns = bench_now_ns();
		uint64_t cpu_ns = bench_cpu_ns();
		result = run_batches(&apart, complaint);
		cpu_ns = bench_cpu_ns() - cpu_ns;
		wall_ns = bench_now_ns() - wall_ns;
		take_clock_off(&apart, BENCH_DETECT);
		take_clock_off(&apart, BENCH_OBSERVE);
		double share = (double)cpu_ns / (double)wall_ns;
		for (int stage = 0; stage < BENCH_STAGE_COUNT; stage++)
			if (wants(&apart, (enum bench_stage)stage))
				figures->ns[stage] = (uint64_t)((double)apart.ns[stage] * share);
		figures->packets = apart.packets;
		figures->cpu_ns = cpu_ns;
		figures->wall_ns = wall_ns;
	}
	close_apart(&apart);
	return result;
}

static int read_whole(const struct bench_input *input, struct analysis *analysis,
    struct bench_figures *figures, struct complaint *complaint)
{
	struct source *source = NULL;
	struct frame_batch *batch = malloc(sizeof *batch);
	if (batch == NULL)
		return complain(complaint, -ENOMEM, "no memory for frames");
	int got = source_open(kinds, input->path, &source, complaint);
	if (got == 0)
		got = 1;
	while (got > 0) {
		batch->count = 0;
		got = source_read(source, batch, WHOLE_FRAMES, complaint);
		figures->packets += batch->count;
		analysis_add(analysis, batch, NULL);
	}
	source_close(source);
	free(batch);
	return got;
}

int bench_run_whole(const struct bench_input *input, unsigned stages, struct bench_figures *figures,
    struct complaint *complaint)
{
	(void)stages;
	const struct analysis_options options = {
	    .registry = input->registry,
	    .thresholds = &input->thresholds,
	    .memory_bytes = input->memory_bytes,
	    .workers = 1,
	    .infer_dark = input->infer_dark,
	    .members_only = input->members_only,
	};
	struct analysis *analysis = NULL;
	struct findings findings = {0};
	uint64_t wall_ns = bench_now_ns();
	uint64_t cpu_ns = bench_cpu_ns();
	int result = analysis_new(&options, &analysis);
	if (result != 0)
		return complain(complaint, result, "out of memory: --memory asks for too much");
	result = read_whole(input, analysis, figures, complaint);
	if (result == 0 && analysis_finish(analysis, &findings) != 0)
		result = complain(complaint, -ENOMEM, "out of memory while judging");
	figures->cpu_ns = bench_cpu_ns() - cpu_ns;
	figures->ns[BENCH_WHOLE] = figures->cpu_ns;
	figures->wall_ns = bench_now_ns() - wall_ns;

	struct report_summary summary;
	analysis_get_summary(analysis, &summary);
	figures->evicted = summary.evicted;
	figures->findings = findings.count;
	findings_release(&findings);
	analysis_free(analysis);
	return result;
}

static int run_reference(const struct bench_input *input, enum bench_stage stage,
    struct bench_figures *figures, struct complaint *complaint)
{
	const struct bench_reference_options options = {
	    .batch = stage == BENCH_PLAIN ? 1 : BENCH_REFERENCE_BATCH,
	    .sources_max = input->sources,
	};
	struct bench_reference_counts counts;
	uint64_t wall_ns = bench_now_ns();
	uint64_t cpu_ns = bench_cpu_ns();
	int result = bench_reference_read(input->path, &options, &counts, complaint);
	figures->cpu_ns = bench_cpu_ns() - cpu_ns;
	figures->ns[stage] = figures->cpu_ns;
	figures->wall_ns = bench_now_ns() - wall_ns;
	if (result == 0) {
		figures->packets = counts.packets;
		figures->sources = counts.sources;
	}
	return result;
}

int bench_run_plain(const struct bench_input *input, unsigned stages, struct bench_figures *figures,
    struct complaint *complaint)
{
	(void)stages;
	return run_reference(input, BENCH_PLAIN, figures, complaint);
}

int bench_run_prefetched(const struct bench_input *input, unsigned stages,
    struct bench_figures *figures, struct complaint *complaint)
{
	(void)stages;
	return run_reference(input, BENCH_PREFETCHED, figures, complaint);
}

int bench_run_count(const struct bench_input *input, unsigned stages, struct bench_figures *figures,
    struct complaint *complaint)
{
	(void)stages;
	return run_reference(input, BENCH_PREFETCHED, figures, complaint);
}
