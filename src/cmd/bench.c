/* bench.c - `hinomi bench`: how fast each stage is, and all of them, beside a bare loop. */
#include <errno.h>
#include <fcntl.h>
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
#include "cmd/bench_options.h"
#include "cmd/bench_report.h"
#include "cmd/bench_traffic.h"
#include "cmd/cmd.h"
#include "drill/scenario.h"

enum {
	OUT_BUFFER_BYTES = 1 << 20
};

struct bench {
	struct bench_options options;
	struct bench_input input;
	struct bench_results *results;
	struct shared *shared;
	int memory_fd; /* -1: the capture is a file */
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
    {1 << BENCH_PLAIN, bench_run_plain},
    {1 << BENCH_PREFETCHED, bench_run_prefetched},
};

/* Runs it in a process of its own. Returns 0 or EXIT_TROUBLE; the figures lie in bench->shared. */
static int run_process(struct bench *bench, bench_run *run, unsigned stages)
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
		bool is_apart = (1U << stage & BENCH_STAGES_APART) != 0;
		if (!is_apart && figures->peak_bytes > results->peak_bytes[stage])
			results->peak_bytes[stage] = figures->peak_bytes;
	}
	results->cpu_ns += figures->cpu_ns;
	results->wall_ns += figures->wall_ns;
	if ((stages & 1U << BENCH_WHOLE) != 0) {
		results->findings = figures->findings;
		results->evicted = figures->evicted;
	}
}

static int run_all(struct bench *bench)
{
	for (unsigned repeat = 0; repeat < bench->options.repeats; repeat++) {
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
			unsigned stages = kinds[i].stages & bench->options.stages;
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
	if (stat(bench->input.path, &about) != 0)
		return cmd_fail("%s: %s", bench->input.path, strerror(errno));
	bench->input.file_bytes = (uint64_t)about.st_size;
	int status = run_process(bench, bench_run_count, 0);
	if (status != 0)
		return status;
	bench->input.packets = bench->shared->figures.packets;
	bench->input.sources = bench->shared->figures.sources;
	if (bench->input.packets == 0)
		return cmd_fail("%s: no packets", bench->input.path);
	return 0;
}

/* Writes the traffic; takes `fd` also on failure. */
static int make_capture(struct bench *bench, int fd, const char *name)
{
	const struct bench_options *options = &bench->options;
	const struct bench_traffic_size size = {options->packets, options->sources, options->seed};
	struct complaint complaint;
	FILE *out = fdopen(fd, "wb");
	if (out == NULL) {
		(void)close(fd); /* nothing was written */
		return cmd_fail("%s: %s", name, strerror(errno));
	}
	(void)setvbuf(out, NULL, _IOFBF, OUT_BUFFER_BYTES); /* only slower without */
	int result = bench_traffic_write(options->traffic, &size, out, &complaint);
	if (fclose(out) != 0 && result == 0)
		result = complain(&complaint, -errno, "%s", strerror(errno));
	return result == 0 ? 0 : cmd_fail("%s: %s", name, complaint.text);
}

static int open_memory(struct bench *bench)
{
	bench->memory_fd = memfd_create("hinomi-bench", MFD_CLOEXEC);
	int writing = bench->memory_fd < 0 ? -1 : fcntl(bench->memory_fd, F_DUPFD_CLOEXEC, 0);
	if (writing < 0)
		return cmd_fail("no file in memory: %s; try --file", strerror(errno));
	(void)snprintf(bench->input.path, sizeof bench->input.path, "/proc/self/fd/%d",
	    bench->memory_fd); /* some twenty bytes */
	return make_capture(bench, writing, "the capture in memory");
}

/* A capture that is there is measured as it is. One that could not be made whole is removed. */
static int open_file(struct bench *bench)
{
	const char *path = bench->options.path;
	(void)snprintf(bench->input.path, sizeof bench->input.path, "%s", path); /* was checked */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0)
		return cmd_fail(
		    "%s: %s; expected a capture, or a place to make one", path, strerror(errno));
	int status = make_capture(bench, fd, path);
	if (status != 0)
		(void)unlink(path); /* half a capture would be measured next time */
	return status;
}

static const struct scenario *find_scenario(const char *name)
{
	for (size_t i = 0; i < scenario_count(); i++)
		if (strcmp(scenario_get(i)->name, name) == 0)
			return scenario_get(i);
	return NULL;
}

/* Members and dark ranges are those of the traffic, as `hinomi drill list` shows them. */
static int fill_registry(struct bench *bench, struct complaint *complaint)
{
	struct registry *registry = bench->input.registry;
	const struct scenario *scenario = find_scenario(bench->options.traffic->scenario);
	if (scenario == NULL)
		return complain(complaint, -EINVAL, "%s: there is no such traffic yet",
		    bench->options.traffic->name);
	int result = 0;
	for (const char *const *dark = scenario->dark; *dark != NULL && result == 0; dark++)
		result = registry_add_dark(registry, *dark, complaint);
	for (const char *const *member = scenario->members; *member != NULL && result == 0;
	     member++) {
		char name[MEMBER_NAME_BYTES];
		const char *equals = strchr(*member, '=');
		(void)snprintf(
		    name, sizeof name, "%.*s", (int)(equals - *member), *member); /* ours: short */
		result = registry_add_member(registry, name, equals + 1, complaint);
	}
	bench->input.members_only = scenario->members[0] != NULL;
	bench->input.infer_dark = scenario->dark[0] == NULL;
	if (result == 0 && !bench->input.members_only)
		result = registry_add_local(registry, complaint);
	return result == 0 ? registry_seal(registry, complaint) : result;
}

static int open_bench(struct bench *bench)
{
	struct complaint complaint;
	bench->input.memory_bytes = bench->options.memory_bytes;
	thresholds_init(&bench->input.thresholds);
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
	int status = bench->options.path == NULL ? open_memory(bench) : open_file(bench);
	return status == 0 ? count_capture(bench) : status;
}

static void close_bench(struct bench *bench)
{
	if (bench->memory_fd >= 0)
		(void)close(bench->memory_fd); /* its content goes with it */
	if (bench->shared != NULL)
		(void)munmap(bench->shared, sizeof *bench->shared); /* ours: cannot fail */
	registry_free(bench->input.registry);
	free(bench->results);
}

int cmd_bench(int argc, char **argv)
{
	struct bench bench = {.memory_fd = -1};
	struct complaint complaint;
	if (bench_options_parse(argc, argv, &bench.options, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	if (bench.options.help) {
		bench_options_print_help();
		return cmd_flush_output();
	}
	int status = open_bench(&bench);
	if (status == 0)
		status = run_all(&bench);
	if (status == 0 && bench.options.json)
		bench_report_json(&bench.options, &bench.input, bench.results);
	else if (status == 0)
		bench_report_text(&bench.options, &bench.input, bench.results);
	close_bench(&bench);
	return status == 0 ? cmd_flush_output() : status;
}
