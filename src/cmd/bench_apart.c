/*
 * bench_apart.c - the stages apart, on the very path of the whole: the same batches, chunks, shares
 * of memory and calls, in the same order.
 *
 * Decoding and classifying go hand in hand there, packet by packet: facts are decoded to where they
 * are needed, which most of the time is the same place in the first-level cache. So decoding is
 * measured in a pass of its own over a chunk's frames, which fetches them into the cache, into one
 * place. Then the pass is repeated, and repeated once more with classification: what the third
 * takes more than the second is classification's.
 */
#include <errno.h>
#include <stdlib.h>

#include "cmd/analysis.h"
#include "cmd/bench.h"
#include "decode/decode.h"
#include "decode/tcp_syn.h"
#include "decode/tcp_syn.h"
#include "observe/observer.h"
#include "source/source.h"

enum {
	CHUNKS_MAX = FRAME_BATCH_MAX / CHUNK_FRAMES,
	CLOCK_READINGS = 100 * 1000 /* to learn what one costs */
};

static const struct source_kind *const kinds[] = {&source_pcap, NULL};

struct apart {
	const struct bench_input *input;
	unsigned stages;
	struct source *source;
	struct observer *observer; /* NULL: none of its stages is wanted */
	struct ledger *ledger;     /* likewise */
	struct frame_batch *batch;
	struct facts facts; /* what decoding alone gives */
	struct tcp_syn syn;
	struct chunk *chunks[CHUNKS_MAX];
	size_t chunk_count; /* of the batch */
	struct findings findings;
	uint64_t ns[BENCH_STAGE_COUNT];
	uint64_t again_ns; /* decoding once more, as a part of classifying */
	uint64_t bookings; /* calls of the ledger that were timed */
	uint64_t clock_ns; /* what a reading of the clock costs */
	uint64_t packets;
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

static int open_observer(struct apart *apart, const struct observer_options *options)
{
	const struct observer_sink sink = {
	    .context = apart,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	};
	return observer_new(options, &sink, &apart->observer);
}

static int open_ledger(struct apart *apart, size_t memory_bytes)
{
	const struct bench_input *input = apart->input;
	const struct ledger_options options = {
	    .registry = input->registry,
	    .thresholds = &input->thresholds,
	    .samples = observer_samples_mutable(apart->observer),
	    .observer = apart->observer,
	    .memory_bytes = memory_bytes,
	    .infer_dark = input->infer_dark,
	};
	return ledger_new(&options, &apart->ledger);
}

static int open_stages(struct apart *apart)
{
	struct analysis_options options;
	struct observer_options observer_options;
	bench_fill_analysis_options(apart->input, 1, &options);
	size_t ledger_bytes = analysis_plan(&options, &observer_options);
	int result = 0;
	if (wants(apart, BENCH_CLASSIFY) || wants(apart, BENCH_OBSERVE) ||
	    wants(apart, BENCH_DETECT))
		result = open_observer(apart, &observer_options);
	if (result == 0 && wants(apart, BENCH_DETECT))
		result = open_ledger(apart, ledger_bytes);
	return result;
}

static int open_apart(struct apart *apart, struct complaint *complaint)
{
	int result = open_stages(apart);
	apart->batch = malloc(sizeof *apart->batch);
	if (apart->batch == NULL)
		result = -ENOMEM;
	for (size_t i = 0; i < CHUNKS_MAX; i++) {
		apart->chunks[i] = aligned_alloc(_Alignof(struct chunk), sizeof *apart->chunks[i]);
		if (apart->chunks[i] == NULL)
			result = -ENOMEM;
	}
	if (result != 0)
		return complain(complaint, result, "out of memory: --memory asks for too much");
	return source_open(kinds, apart->input->path, &apart->source, complaint);
}

static void close_apart(struct apart *apart)
{
	findings_release(&apart->findings);
	source_close(apart->source);
	for (size_t i = 0; i < CHUNKS_MAX; i++)
		free(apart->chunks[i]);
	free(apart->batch);
	ledger_free(apart->ledger);
	observer_free(apart->observer);
}

/*
 * Each stage's work in a function of its own and never inlined, so that profilers name it:
 * callgrind's --toggle-collect=run_observe collects that stage alone.
 */
static __attribute__((noinline)) int run_read(struct apart *apart, struct complaint *complaint)
{
	uint64_t began_ns = bench_now_ns();
	apart->batch->count = 0;
	int got = source_read(apart->source, apart->batch, FRAME_BATCH_MAX, complaint);
	apart->ns[BENCH_READ] += bench_now_ns() - began_ns;
	apart->packets += apart->batch->count;
	return got;
}

/* Returns how long it took. */
static __attribute__((noinline)) uint64_t run_decode(struct apart *apart, size_t first, size_t end)
{
	uint64_t began_ns = bench_now_ns();
	for (size_t i = first; i < end; i++) { /* nobody wants verdicts */
		const struct frame *frame = &apart->batch->frames[i];
		if (!tcp_syn_read(frame, &apart->syn))
			(void)decode_frame(frame, &apart->facts);
	}
	return bench_now_ns() - began_ns;
}

static __attribute__((noinline)) void run_classify(
    struct apart *apart, size_t number, size_t first, size_t end)
{
	const struct chunk_rules *rules = observer_rules(apart->observer);
	struct chunk *chunk = apart->chunks[number];
	uint64_t began_ns = bench_now_ns();
	chunk_clear(chunk, apart->packets - apart->batch->count + first);
	for (size_t i = first; i < end; i++) {
		(void)chunk_take(chunk, rules, &apart->batch->frames[i]); /* chunks say all */
	}
	chunk_seal(chunk);
	apart->ns[BENCH_CLASSIFY] += bench_now_ns() - began_ns;
}

/* Decodes and classifies the batch, a chunk after the other. */
static void run_chunks(struct apart *apart)
{
	size_t count = apart->batch->count;
	apart->chunk_count = 0;
	for (size_t first = 0; first < count; first += CHUNK_FRAMES) {
		size_t end = count - first < CHUNK_FRAMES ? count : first + CHUNK_FRAMES;
		apart->ns[BENCH_DECODE] += run_decode(apart, first, end);
		if (apart->observer == NULL)
			continue;
		apart->again_ns += run_decode(apart, first, end);
		run_classify(apart, apart->chunk_count++, first, end);
	}
}

/* As analysis_add() does: rare, and booked on classification. */
static void learn_askers(struct apart *apart)
{
	while (observer_learn(apart->observer, apart->chunks, apart->chunk_count)) {
		for (size_t i = 0; i < apart->chunk_count; i++) {
			size_t first = i * CHUNK_FRAMES;
			run_classify(apart, i, first, first + apart->chunks[i]->count);
		}
	}
}

static __attribute__((noinline)) void run_observe(struct apart *apart)
{
	uint64_t detect_ns = apart->ns[BENCH_DETECT];
	uint64_t began_ns = bench_now_ns();
	observer_take(apart->observer, apart->chunks, apart->chunk_count);
	detect_ns = apart->ns[BENCH_DETECT] - detect_ns;
	apart->ns[BENCH_OBSERVE] += bench_now_ns() - began_ns - detect_ns;
}

/* What is left to do after the last frame. */
static __attribute__((noinline)) int run_end(struct apart *apart)
{
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
	int result = judge_ledger(apart->ledger, apart->input->members_only, &apart->findings);
	apart->ns[BENCH_DETECT] += bench_now_ns() - began_ns;
	return result;
}

static int run_batches(struct apart *apart, struct complaint *complaint)
{
	bool decodes = apart->stages != 1 << BENCH_READ;
	bool observes = wants(apart, BENCH_OBSERVE) || wants(apart, BENCH_DETECT);
	for (;;) {
		int got = run_read(apart, complaint);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		if (!decodes)
			continue;
		run_chunks(apart);
		if (observes) {
			learn_askers(apart);
			run_observe(apart);
		}
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

static void take_off(struct apart *apart, enum bench_stage stage, uint64_t ns)
{
	apart->ns[stage] = apart->ns[stage] > ns ? apart->ns[stage] - ns : 0;
}

static void fill_figures(
    struct apart *apart, uint64_t cpu_ns, uint64_t wall_ns, struct bench_figures *figures)
{
	/* One reading of the clock falls into each booked time, one beside it. */
	take_off(apart, BENCH_DETECT, apart->bookings * apart->clock_ns);
	take_off(apart, BENCH_OBSERVE, apart->bookings * apart->clock_ns);
	take_off(apart, BENCH_CLASSIFY, apart->again_ns);
	double share = (double)cpu_ns / (double)wall_ns;
	for (int stage = 0; stage < BENCH_STAGE_COUNT; stage++)
		if (wants(apart, (enum bench_stage)stage))
			figures->ns[stage] = (uint64_t)((double)apart->ns[stage] * share);
	figures->packets = apart->packets;
	figures->cpu_ns = cpu_ns;
	figures->wall_ns = wall_ns;
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
		fill_figures(&apart, cpu_ns, wall_ns, figures);
	}
	close_apart(&apart);
	return result;
}
