/* bench_runs.c - the kinds of runs but for the stages apart: the whole path, the bare loops. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/analysis.h"
#include "cmd/bench.h"
#include "cmd/bench_reference.h"
#include "source/source.h"

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

void bench_fill_analysis_options(
    const struct bench_input *input, size_t workers, struct analysis_options *ret_options)
{
	*ret_options = (struct analysis_options){
	    .registry = input->registry,
	    .thresholds = &input->thresholds,
	    .memory_bytes = input->memory_bytes,
	    .workers = workers,
	    .infer_dark = input->infer_dark,
	    .members_only = input->members_only,
	};
}

/* A batch, and what reading it came to. */
struct step {
	struct source *source;
	size_t batch_frames;
	struct frame_batch batch;
	struct complaint complaint;
	int got; /* as from source_read */
};

static void read_step(void *context)
{
	struct step *step = context;
	step->batch.count = 0;
	step->got = source_read(step->source, &step->batch, step->batch_frames, &step->complaint);
}

/* With several workers one of them reads the next batch while the others work on this one. */
static int read_steps(struct step *step, struct step *next, struct analysis *analysis,
    struct bench_figures *figures, struct complaint *complaint)
{
	read_step(step);
	while (step->got > 0) {
		const struct analysis_meanwhile ahead = {read_step, next};
		figures->packets += step->batch.count;
		analysis_add(analysis, &step->batch, next == step ? NULL : &ahead);
		if (next == step)
			read_step(step);
		struct step *swapped = step;
		step = next;
		next = swapped;
	}
	*complaint = step->complaint;
	return step->got;
}

static int read_whole(const struct bench_input *input, size_t workers, struct analysis *analysis,
    struct bench_figures *figures, struct complaint *complaint)
{
	struct source *source = NULL;
	struct step *steps = calloc(2, sizeof *steps);
	if (steps == NULL)
		return complain(complaint, -ENOMEM, "no memory for frames");
	int result = source_open(kinds, input->path, &source, complaint);
	for (size_t i = 0; i < 2; i++) {
		steps[i].source = source;
		steps[i].batch_frames = analysis_batch_frames(workers);
	}
	if (result == 0)
		result = read_steps(
		    &steps[0], &steps[workers > 1 ? 1 : 0], analysis, figures, complaint);
	source_close(source);
	free(steps);
	return result;
}

static bool is_expected(
    const struct bench_input *input, const struct finding *finding, unsigned *found)
{
	for (size_t i = 0; i < input->expected_count; i++) {
		const struct bench_expected *expected = &input->expected[i];
		if (!address_equal(&finding->subject, &expected->subject) ||
		    strcmp(rule_name(finding->rule), expected->rule) != 0)
			continue;
		*found |= 1U << i;
		return true;
	}
	return false;
}

static void check_findings(
    const struct bench_input *input, const struct findings *findings, struct bench_figures *figures)
{
	figures->findings = findings->count;
	figures->others = findings->omitted;
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->all[i];
		if (finding->severity == SEVERITY_INFO)
			figures->notes++;
		else if (!is_expected(input, finding, &figures->found))
			figures->others++;
	}
}

static void take_counts(const struct analysis *analysis, struct bench_figures *figures)
{
	struct report_summary summary;
	analysis_get_summary(analysis, &summary);
	figures->evicted = summary.evicted;
	figures->sources = summary.hosts;
	for (size_t i = 0; i < DARKNETS; i++) {
		struct darknet_counts counts = {0};
		const struct darknet *darknet = observer_darknet(analysis_observer(analysis), i);
		if (darknet != NULL)
			darknet_get_counts(darknet, &counts);
		figures->kept += counts.strangers;
		figures->folded += counts.folded;
		figures->refused += counts.refused;
	}
}

/* Threads' processor time is summed up, so that it tells what sharing the work costs. */
static int run_whole(const struct bench_input *input, size_t workers, struct bench_figures *figures,
    struct complaint *complaint)
{
	struct analysis_options options;
	struct analysis *analysis = NULL;
	struct findings findings = {0};
	bench_fill_analysis_options(input, workers, &options);
	uint64_t wall_ns = bench_now_ns();
	uint64_t cpu_ns = bench_cpu_ns();
	int result = analysis_new(&options, &analysis);
	if (result != 0)
		return complain(complaint, result, "out of memory: --memory asks for too much");
	if (workers > 1 && (result = analysis_start(analysis)) != 0)
		(void)complain(complaint, result, "%s: --workers %zu cannot be started",
		    strerror(-result), workers);
	if (result == 0)
		result = read_whole(input, workers, analysis, figures, complaint);
	if (result == 0 && analysis_finish(analysis, &findings) != 0)
		result = complain(complaint, -ENOMEM, "out of memory while judging");
	figures->cpu_ns = bench_cpu_ns() - cpu_ns;
	figures->wall_ns = bench_now_ns() - wall_ns;
	check_findings(input, &findings, figures);
	take_counts(analysis, figures);
	findings_release(&findings);
	analysis_free(analysis);
	return result;
}

int bench_run_whole(const struct bench_input *input, unsigned stages, struct bench_figures *figures,
    struct complaint *complaint)
{
	(void)stages;
	int result = run_whole(input, 1, figures, complaint);
	figures->ns[BENCH_WHOLE] = figures->cpu_ns;
	return result;
}

int bench_run_workers(const struct bench_input *input, unsigned stages,
    struct bench_figures *figures, struct complaint *complaint)
{
	(void)stages;
	int result = run_whole(input, input->workers, figures, complaint);
	figures->ns[BENCH_WORKERS] = figures->wall_ns;
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
