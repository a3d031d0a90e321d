/* bench.c - `hinomi bench`: how fast each stage is, and all of them, beside a bare loop. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/bench.h"
#include "cmd/bench_capture.h"
#include "cmd/bench_options.h"
#include "cmd/bench_report.h"
#include "cmd/bench_traffic.h"
#include "cmd/cmd.h"
#include "drill/scenario.h"

enum {
	EXIT_ERRED = 1 /* something was not found that is in the traffic, or found that is not */
};

struct bench {
	struct bench_options options;
	struct bench_input input;
	struct bench_capture capture;
	struct bench_results *results;
	struct shared *shared;
};

/* Where a run leaves what its parent wants to know. */
struct shared {
	struct bench_figures figures;
	struct complaint complaint;
	int result;
};

static const struct kind {
	unsigned stages; /* that it can measure */
	bench_run *run;
} kinds[] = {
    {BENCH_STAGES_APART, bench_run_apart},
    {1 << BENCH_WHOLE, bench_run_whole},
    {1 << BENCH_WORKERS, bench_run_workers},
    {1 << BENCH_PLAIN, bench_run_plain},
    {1 << BENCH_PREFETCHED, bench_run_prefetched},
};

/* Runs it in a process of its own. Returns 0 or EXIT_TROUBLE; the figures lie in bench->shared. */
static int run_child(struct bench *bench, bench_run *run, unsigned stages)
{
	struct shared *shared = bench->shared;
	*shared = (struct shared){.result = -ECANCELED};
	pid_t pid = fork();
	if (pid < 0)
		return cmd_fail("bench: no process for a run: %s", strerror(errno));
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* cannot fail */
		shared->result = run(&bench->input, stages, &shared->figures, &shared->complaint);
		_exit(0); /* what is buffered belongs to the parent */
	}
	int status;
	struct rusage usage;
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return cmd_fail("bench: a run was lost: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return cmd_fail("bench: a run was ended (signal %d); perhaps memory was out",
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	if (shared->result != 0)
		return cmd_fail("%s", shared->complaint.text);
	shared->figures.peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
	return 0;
}

static int run_process(struct bench *bench, bench_run *run, unsigned stages)
{
	int status = bench_capture_begin(&bench->capture);
	if (status != 0)
		return status;
	(void)snprintf(bench->input.path, sizeof bench->input.path, "%s",
	    bench->capture.path); /* as long as this one */
	status = run_child(bench, run, stages);
	int made = bench_capture_end(&bench->capture);
	return status != 0 ? status : made;
}

/* What was found once must be found each time. */
static void take_findings(struct bench *bench)
{
	const struct bench_figures *figures = &bench->shared->figures;
	struct bench_results *results = bench->results;
	unsigned found = results->has_findings ? results->findings.found : UINT_MAX;
	uint64_t others = results->has_findings ? results->findings.others : 0;
	results->findings = *figures;
	results->findings.found &= found;
	if (results->findings.others < others)
		results->findings.others = others;
	results->has_findings = true;
}

static void take_figures(struct bench *bench, unsigned stages)
{
	const struct bench_figures *figures = &bench->shared->figures;
	struct bench_results *results = bench->results;
	double packets = figures->packets > 0 ? (double)figures->packets : 1;
	for (int stage = 0; stage < BENCH_STAGE_COUNT; stage++) {
		if ((stages & 1U << stage) == 0)
			continue;
		size_t at = results->counts[stage]++;
		results->ns_per_packet[stage][at] = (double)figures->ns[stage] / packets;
		results->wall_per_packet[stage][at] = (double)figures->wall_ns / packets;
		bool is_apart = (1U << stage & BENCH_STAGES_APART) != 0;
		if (!is_apart && figures->peak_bytes > results->peak_bytes[stage])
			results->peak_bytes[stage] = figures->peak_bytes;
	}
	if ((stages & 1U << BENCH_WORKERS) == 0) {
		results->cpu_ns += figures->cpu_ns;
		results->wall_ns += figures->wall_ns;
	}
	if ((stages & BENCH_STAGES_FINDING) != 0)
		take_findings(bench);
	if (bench->input.packets == 0)
		bench->input.packets = figures->packets;
}

static int run_all(struct bench *bench)
{
	unsigned wanted = bench->options.stages;
	if (bench->options.workers == 1)
		wanted &= ~(1U << BENCH_WORKERS);
	for (unsigned repeat = 0; repeat < bench->options.repeats; repeat++) {
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
			unsigned stages = kinds[i].stages & wanted;
			if (stages == 0)
				continue;
			int status = run_process(bench, kinds[i].run, stages);
			if (status != 0)
				return status;
			take_figures(bench, stages);
		}
	}
	return 0;
}

/* Reads the capture once, so that it is counted and lies in the page cache. */
static int count_capture(struct bench *bench)
{
	struct stat about;
	bench->input.sources = bench->options.sources;
	if (bench->options.streams)
		return 0; /* the first run tells how many packets there are */
	if (stat(bench->capture.path, &about) != 0)
		return cmd_fail("%s: %s", bench->capture.path, strerror(errno));
	bench->input.file_bytes = (uint64_t)about.st_size;
	int status = run_process(bench, bench_run_count, 0);
	if (status != 0)
		return status;
	bench->input.packets = bench->shared->figures.packets;
	bench->input.sources = bench->shared->figures.sources;
	if (bench->input.packets == 0)
		return cmd_fail("%s: no packets", bench->capture.path);
	return 0;
}

static const struct scenario *find_scenario(const char *name)
{
	for (size_t i = 0; i < scenario_count(); i++)
		if (strcmp(scenario_get(i)->name, name) == 0)
			return scenario_get(i);
	return NULL;
}

static int add_members(
    struct registry *registry, const char *const *members, struct complaint *complaint)
{
	int result = 0;
	for (; *members != NULL && result == 0; members++) {
		char name[MEMBER_NAME_BYTES];
		const char *equals = strchr(*members, '=');
		(void)snprintf(name, sizeof name, "%.*s", (int)(equals - *members),
		    *members); /* ours: short */
		result = registry_add_member(registry, name, equals + 1, complaint);
	}
	return result;
}

/* Dark ranges, and members where the traffic names none, are those `hinomi drill list` shows. */
static int fill_registry(struct bench *bench, struct complaint *complaint)
{
	struct registry *registry = bench->input.registry;
	const struct bench_traffic *traffic = bench->options.traffic;
	const struct scenario *scenario = find_scenario(traffic->scenario);
	if (scenario == NULL)
		return complain(
		    complaint, -EINVAL, "%s: there is no such traffic yet", traffic->name);
	const char *const *members =
	    traffic->members[0] != NULL ? traffic->members : scenario->members;
	int result = 0;
	for (const char *const *dark = scenario->dark; *dark != NULL && result == 0; dark++)
		result = registry_add_dark(registry, *dark, complaint);
	if (result == 0)
		result = add_members(registry, members, complaint);
	bool has_members = members[0] != NULL;
	bench->input.members_only = has_members && !bench->options.all_hosts;
	bench->input.infer_dark = scenario->dark[0] == NULL;
	if (result == 0 && !has_members)
		result = registry_add_local(registry, complaint);
	return result == 0 ? registry_seal(registry, complaint) : result;
}

static void fill_input(struct bench *bench)
{
	struct bench_input *input = &bench->input;
	const struct bench_traffic *traffic = bench->options.traffic;
	input->memory_bytes = bench->options.memory_bytes;
	input->workers = bench->options.workers;
	thresholds_init(&input->thresholds);
	for (size_t i = 0; i < BENCH_EXPECTED_MAX && traffic->expected[i].rule != NULL; i++) {
		struct bench_expected *expected = &input->expected[input->expected_count++];
		expected->rule = traffic->expected[i].rule;
		(void)address_parse(traffic->expected[i].subject, &expected->subject); /* ours */
	}
}

static int open_bench(struct bench *bench)
{
	struct complaint complaint;
	fill_input(bench);
	bench->results = calloc(1, sizeof *bench->results);
	void *shared = mmap(
	    NULL, sizeof *bench->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared != MAP_FAILED)
		bench->shared = shared;
	if (bench->results == NULL || bench->shared == NULL ||
	    registry_new(&bench->input.registry) != 0)
		return cmd_fail("out of memory");
	if (fill_registry(bench, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	int status = bench_capture_open(&bench->capture, &bench->options);
	return status == 0 ? count_capture(bench) : status;
}

static void close_bench(struct bench *bench)
{
	bench_capture_close(&bench->capture);
	if (bench->shared != NULL)
		(void)munmap(bench->shared, sizeof *bench->shared); /* ours: cannot fail */
	registry_free(bench->input.registry);
	free(bench->results);
}

/*
 * Whether a finding is missing, or a member accused that did nothing. A capture that was there may
 * hold anything.
 */
static bool has_erred(const struct bench *bench)
{
	const struct bench_figures *findings = &bench->results->findings;
	unsigned all = (1U << bench->input.expected_count) - 1;
	if (!bench->results->has_findings || bench->capture.was_there)
		return false;
	return (findings->found & all) != all ||
	       (bench->input.members_only && findings->others > 0);
}

static int report(struct bench *bench)
{
	bench->results->made_ns = bench->capture.made_ns;
	if (bench->options.json)
		bench_report_json(&bench->options, &bench->input, bench->results);
	else
		bench_report_text(&bench->options, &bench->input, bench->results);
	int status = cmd_flush_output();
	return status == 0 && has_erred(bench) ? EXIT_ERRED : status;
}

int cmd_bench(int argc, char **argv)
{
	struct bench bench = {.capture = {.fd = -1, .maker = -1}};
	struct complaint complaint;
	bench.capture.options = &bench.options;
	if (bench_options_parse(argc, argv, &bench.options, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	if (bench.options.help) {
		bench_options_print_help();
		return cmd_flush_output();
	}
	int status = open_bench(&bench);
	if (status == 0)
		status = run_all(&bench);
	if (status == 0)
		status = report(&bench);
	close_bench(&bench);
	return status;
}
