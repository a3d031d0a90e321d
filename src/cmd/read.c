/* read.c - `hinomi read`: captures or sightings in, findings out. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd/analysis.h"
#include "cmd/cmd.h"
#include "cmd/evidence_out.h"
#include "cmd/inputs.h"
#include "cmd/progress.h"
#include "cmd/read_options.h"
#include "cmd/sightings_in.h"
#include "cmd/sightings_out.h"
#include "proc/sandbox.h"
#include "source/filter.h"
#include "source/source.h"

struct reading {
	struct read_options options;
	struct inputs inputs;
	struct source *source; /* all captures as one; NULL where sightings are read */
	struct filter *filter;
	struct analysis *analysis;
	struct evidence_out *evidence;
	struct sightings_out *sightings;
	struct sightings_reading sum; /* of the sightings read */
	struct progress progress;
	uint64_t packets;
	uint64_t filtered;
	bool damaged; /* something could not be read: the exit status says so */
};

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
	    .tap = reading->sightings == NULL ? NULL : sightings_out_sink(reading->sightings),
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
	if (options->sightings_out != NULL &&
	    sightings_out_open(
		options->sightings_out, options->sensor, &reading->sightings, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	int status =
	    inputs_open(options->files, options->file_count, &reading->inputs, &reading->damaged);
	if (status != 0)
		return status;
	tzset(); /* reads the zone's file while files may still be opened */
	bool on_terminal = isatty(STDERR_FILENO) == 1;
	progress_init(&reading->progress, options->progress == PROGRESS_ALWAYS ||
					      (options->progress == PROGRESS_AUTO && on_terminal));
	return open_analysis(reading);
}

static void on_stop(int signal)
{
	(void)signal;
	source_stop();
}

/* What is live has no end of its own: whoever started it ends it, and then gets the findings. */
static void end_by_signals(void)
{
	struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};
	(void)sigaction(SIGINT, &action, NULL); /* both exist */
	(void)sigaction(SIGTERM, &action, NULL);
}

/* From here on nothing can be opened but evidence files in their directory. */
static int give_up_rights(const struct reading *reading)
{
	const struct sandbox_profile profile = {
	    .write_dir = reading->options.pcapng_dir,
	    .rename_dir = reading->sightings == NULL ? NULL : sightings_out_dir(reading->sightings),
	    .may_thread = reading->options.workers > 1,
	    .may_listen = inputs_are_live(&reading->inputs),
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
	else if (!state.landlocked && profile.rename_dir != NULL)
		fputs("hinomi: warning: this kernel cannot confine writing to --sightings-out\n",
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

static int read_captures(struct reading *reading)
{
	if (inputs_are_live(&reading->inputs))
		end_by_signals();
	struct complaint complaint;
	size_t count = reading->inputs.capture_count;
	struct source **captures = reading->inputs.captures;
	int result = inputs_are_live(&reading->inputs)
			 ? source_merge_live(captures, count, &reading->source, &complaint)
			 : source_merge(captures, count, &reading->source, &complaint);
	reading->inputs.capture_count = 0; /* they are taken */
	if (result != 0)
		return cmd_fail("%s", complaint.text);
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

static int read_sightings(struct reading *reading)
{
	const struct read_options *options = &reading->options;
	if (reading->inputs.capture_count > 0)
		return cmd_fail(
		    "captures and sightings together: expected one or the other; write the "
		    "captures' sightings with --sightings-out, then read all sightings");
	if (options->filter != NULL)
		return cmd_fail(
		    "--filter %s: sightings hold no packets; expected captures", options->filter);
	if (options->pcapng_dir != NULL)
		return cmd_fail("--pcapng-out %s: sightings hold no packets; expected captures",
		    options->pcapng_dir);
	return sightings_in_read(
	    &reading->inputs, reading->analysis, &reading->sum, &reading->damaged);
}

/* Which of the files are sightings is told by their content, so not before the sandbox. */
static int read_all(struct reading *reading)
{
	int status = inputs_sort(&reading->inputs);
	if (status != 0)
		return status;
	return reading->inputs.sightings_count > 0 ? read_sightings(reading)
						   : read_captures(reading);
}

static void get_summary(struct reading *reading, struct report_summary *ret_summary)
{
	analysis_get_summary(reading->analysis, ret_summary);
	if (reading->source == NULL) {
		sightings_in_summarise(&reading->sum, ret_summary);
	} else {
		ret_summary->packets = reading->packets;
		ret_summary->filtered = reading->filtered;
		ret_summary->dropped = source_get_dropped(reading->source);
	}
	ret_summary->files = reading->options.file_count;
	ret_summary->seconds = (double)(progress_now_us() - reading->progress.began_us) / 1e6;
}

static int write_sightings(const struct reading *reading, const struct report_summary *summary)
{
	struct sightings_reading sum = reading->sum;
	struct complaint complaint;
	if (reading->source != NULL)
		sightings_in_get_reading(reading->analysis, summary, &sum);
	if (sightings_out_finish(reading->sightings, &sum, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	return 0;
}

static int write_all(struct reading *reading, const struct findings *findings)
{
	const struct read_options *options = &reading->options;
	struct report_summary summary;
	struct complaint complaint;
	get_summary(reading, &summary);
	summary.findings_omitted = findings->omitted;
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
	if (reading->sightings != NULL && write_sightings(reading, &summary) != 0)
		status = EXIT_TROUBLE;
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
	sightings_out_close(reading.sightings);
	evidence_out_close(reading.evidence);
	analysis_free(reading.analysis);
	filter_free(reading.filter);
	source_close(reading.source);
	inputs_release(&reading.inputs);
	read_options_release(&reading.options);
	return status;
}
