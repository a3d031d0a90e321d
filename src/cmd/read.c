/* read.c - `hinomi read`: captures in, findings out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd/analysis.h"
#include "cmd/cmd.h"
#include "cmd/evidence_out.h"
#include "cmd/progress.h"
#include "cmd/read_options.h"
#include "drill/scenario.h"
#include "proc/sandbox.h"
#include "source/filter.h"
#include "source/source.h"

/* Held back while files are opened: the sandbox, the zone's file and evidence want a few later. */
enum {
	SPARE_DESCRIPTORS = 8
};

struct reading {
	struct read_options options;
	struct source *source;
	struct filter *filter;
	struct analysis *analysis;
	struct evidence_out *evidence;
	struct progress progress;
	uint64_t packets;
	uint64_t filtered;
	bool damaged; /* something could not be read: the exit status says so */
};

static const struct source_kind *const source_kinds[] = {&source_pcap, &source_drill, NULL};

/* Opens every file that can be opened; the others are named, and count as damage. */
static size_t open_each(struct reading *reading, struct source **sources)
{
	size_t wanted = reading->options.file_count;
	size_t count = 0;
	int result = 0;
	for (size_t i = 0; i < wanted && result != -EMFILE; i++) {
		struct complaint complaint;
		result = source_open(
		    source_kinds, reading->options.files[i], &sources[count], &complaint);
		count += result == 0;
		reading->damaged = reading->damaged || result != 0;
		if (result == -EMFILE)
			(void)cmd_fail("%s; files left out: %zu", complaint.text, wanted - i);
		else if (result != 0)
			(void)cmd_fail("%s", complaint.text);
	}
	return count;
}

static int open_sources(struct reading *reading)
{
	struct source **sources = calloc(reading->options.file_count, sizeof(struct source *));
	struct complaint complaint;
	int spare[SPARE_DESCRIPTORS];
	if (sources == NULL)
		return cmd_fail("out of memory");
	for (size_t i = 0; i < SPARE_DESCRIPTORS; i++)
		spare[i] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	size_t count = open_each(reading, sources);
	for (size_t i = 0; i < SPARE_DESCRIPTORS; i++)
		if (spare[i] >= 0)
			(void)close(spare[i]); /* nothing was written through it */

	int status = 0;
	if (count == 0)
		status = EXIT_TROUBLE;
	else if (source_merge(sources, count, &reading->source, &complaint) != 0)
		status = cmd_fail("%s", complaint.text);
	free(sources);
	return status;
}

static int open_analysis(struct reading *reading)
{
	const struct read_options *options = &reading->options;
	const struct analysis_options analysis_options = {
	    .registry = options->registry,
	    .thresholds = &options->thresholds,
	    .memory_bytes = options->memory_bytes,
	    .workers = options->workers,
	    .infer_dark = options->infer_dark,
	    .members_only = options->has_members && !options->all_hosts,
	    .keep_evidence = options->pcapng_dir != NULL,
	};
	if (analysis_new(&analysis_options, &reading->analysis) != 0)
		return cmd_fail("out of memory: --memory asks for more than there is");
	return 0;
}

static int open_all(struct reading *reading)
{
	const struct read_options *options = &reading->options;
	struct complaint complaint;
	if (options->filter != NULL &&
	    filter_new(options->filter, &reading->filter, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	if (options->pcapng_dir != NULL &&
	    evidence_out_open(options->pcapng_dir, &reading->evidence, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	int status = open_sources(reading);
	if (status != 0)
		return status;
	tzset(); /* reads the zone's file while files may still be opened */
	bool on_terminal = isatty(STDERR_FILENO) == 1;
	progress_init(&reading->progress, options->progress == PROGRESS_ALWAYS ||
					      (options->progress == PROGRESS_AUTO && on_terminal));
	return open_analysis(reading);
}

/* From here on nothing can be opened but evidence files in their directory. */
static int give_up_rights(const struct reading *reading)
{
	const struct sandbox_profile profile = {
	    .write_dir = reading->options.pcapng_dir,
	    .may_thread = reading->options.workers > 1,
	};
	struct sandbox_state state;
	struct complaint complaint;
	if (sandbox_enter(&profile, &state, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	if (!state.seccomped)
		fputs("hinomi: warning: this kernel cannot confine the reading of captures\n",
		    stderr);
	else if (!state.landlocked && profile.write_dir != NULL)
		fputs("hinomi: warning: this kernel cannot confine writing to --pcapng-out\n",
		    stderr);
	return 0;
}

/* A batch, and what reading it came to. */
struct step {
	struct reading *reading;
	struct frame_batch batch;
	struct complaint complaint;
	int got; /* as from source_read */
	size_t filtered;
};

static void read_step(void *context)
{
	struct step *step = context;
	struct reading *reading = step->reading;
	step->batch.count = 0;
	step->got = source_read(
	    reading->source, &step->batch, reading->options.batch_frames, &step->complaint);
	step->filtered = step->batch.count;
	if (reading->filter != NULL)
		filter_batch(reading->filter, &step->batch);
	step->filtered -= step->batch.count;
}

/* Two batches in turn: while one is worked on, another thread may read the next. */
static void analyse_steps(struct reading *reading, struct step *step, struct step *next)
{
	bool shares = reading->options.workers > 1;
	read_step(step);
	for (;;) {
		const struct analysis_meanwhile ahead = {read_step, next};
		bool is_last = step->got <= 0;
		reading->packets += step->batch.count + step->filtered;
		reading->filtered += step->filtered;
		analysis_add(reading->analysis, &step->batch, shares && !is_last ? &ahead : NULL);
		if (step->got < 0) {
			progress_clear(&reading->progress);
			reading->damaged = cmd_fail("%s", step->complaint.text) != 0;
			is_last = false; /* what comes after the damage, of this file or the next */
			read_step(next);
		} else if (!shares && !is_last) {
			read_step(next);
		}
		if (is_last)
			return;
		progress_update(&reading->progress, reading->source, reading->packets);
		struct step *swapped = step;
		step = next;
		next = swapped;
	}
}

static int read_all(struct reading *reading)
{
	struct step *steps = calloc(2, sizeof *steps);
	if (steps == NULL)
		return cmd_fail("out of memory");
	steps[0].reading = reading;
	steps[1].reading = reading;
	if (analysis_start(reading->analysis) != 0)
		fputs("hinomi: warning: fewer threads than --workers could be started\n", stderr);
	analyse_steps(reading, &steps[0], &steps[1]);
	progress_clear(&reading->progress);
	free(steps);
	return 0;
}

static int write_all(struct reading *reading, const struct findings *findings)
{
	const struct read_options *options = &reading->options;
	struct report_summary summary;
	struct complaint complaint;
	analysis_get_summary(reading->analysis, &summary);
	summary.files = options->file_count;
	summary.packets = reading->packets;
	summary.filtered = reading->filtered;
	summary.findings_omitted = findings->omitted;
	summary.seconds = (double)(progress_now_us() - reading->progress.began_us) / 1e6;
	const struct report report = {
	    .out = stdout,
	    .language = options->language,
	    .registry = options->registry,
	    .all = options->all_findings,
	};
	int status = findings->count > 0 ? EXIT_FINDINGS : EXIT_NOTHING_FOUND;
	errno = 0;
	if (options->format->write(&report, findings->all, findings->count, &summary) != 0)
		status = cmd_fail_output(errno); /* the last that failed in there was a write */
	if (reading->evidence != NULL &&
	    evidence_out_write(reading->evidence, analysis_samples(reading->analysis),
		findings->all, findings->count, &complaint) != 0)
		status = cmd_fail("%s", complaint.text);
	return reading->damaged ? EXIT_TROUBLE : status;
}

static int run(struct reading *reading)
{
	int status = open_all(reading);
	if (status == 0)
		status = give_up_rights(reading);
	if (status == 0)
		status = read_all(reading);
	if (status != 0)
		return status;
	struct findings findings = {0};
	if (analysis_finish(reading->analysis, &findings) != 0)
		return cmd_fail(
		    "out of memory while judging; --memory may be larger than what is there");
	status = write_all(reading, &findings);
	findings_release(&findings);
	return status;
}

static int explain(const struct read_options *options)
{
	if (options->help)
		read_options_print_help();
	else
		thresholds_explain(stdout);
	return cmd_flush_output();
}

int cmd_read(int argc, char **argv)
{
	struct reading reading = {.damaged = false};
	struct complaint complaint;
	int status = 0;
	if (read_options_parse(argc, argv, &reading.options, &complaint) != 0)
		status = cmd_fail("%s", complaint.text);
	else if (reading.options.help || reading.options.explain_thresholds)
		status = explain(&reading.options);
	else
		status = run(&reading);
	evidence_out_close(reading.evidence);
	analysis_free(reading.analysis);
	filter_free(reading.filter);
	source_close(reading.source);
	read_options_release(&reading.options);
	return status;
}
