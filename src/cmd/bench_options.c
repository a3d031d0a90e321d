#include "cmd/bench_options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "cmd/analysis.h"
#include "cmd/cmd.h"

#define PACKETS_DEFAULT UINT64_C(20000000)
#define PACKETS_MAX     UINT64_C(1000000000)    /* 90 GB of capture */
#define SECONDS_MAX     (UINT64_C(366) * 86400) /* as the drill */
#define MEMORY_DEFAULT  ((size_t)512 << 20)     /* as `hinomi read` */
#define MEMORY_MAX      ((uint64_t)1 << 40)

enum {
	REPEATS_DEFAULT = 3,
	WORKERS_MAX = CREW_MAX,
	LIST_BYTES = 160,
};

struct parsing {
	struct bench_options *options;
	struct complaint *complaint;
};

/* A whole number with K, M or G after it, which stand for powers of `unit`. */
static int parse_number(const char *value, uint64_t unit, uint64_t *ret_number)
{
	static const char letters[] = "KMG";
	char *end;
	errno = 0;
	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	uintmax_t number = strtoumax(value, &end, 10);
	const char *letter = *end == '\0' ? NULL : strchr(letters, *end);
	if (errno != 0 || (*end != '\0' && (letter == NULL || end[1] != '\0')))
		return -EINVAL;
	for (ptrdiff_t i = letter == NULL ? -1 : letter - letters; i >= 0; i--)
		if (__builtin_mul_overflow(number, unit, &number))
			return -EINVAL;
	*ret_number = number;
	return 0;
}

static int set_count(
    struct parsing *parsing, const char *name, const char *value, uint64_t max, uint64_t *ret_count)
{
	uint64_t count;
	if (parse_number(value, 1000, &count) == 0 && count >= 1 && count <= max) {
		*ret_count = count;
		return 0;
	}
	return complain(parsing->complaint, -EINVAL,
	    "--%s %s: expected a whole number from 1 to %" PRIu64, name, value, max);
}

static int set_packets(struct parsing *parsing, const char *value)
{
	return set_count(parsing, "packets", value, PACKETS_MAX, &parsing->options->packets);
}

static int set_sources(struct parsing *parsing, const char *value)
{
	return set_count(parsing, "sources", value, PACKETS_MAX, &parsing->options->sources);
}

static int set_seed(struct parsing *parsing, const char *value)
{
	return set_count(parsing, "seed", value, UINT64_MAX, &parsing->options->seed);
}

static int set_seconds(struct parsing *parsing, const char *value)
{
	return set_count(parsing, "seconds", value, SECONDS_MAX, &parsing->options->seconds);
}

static int set_repeat(struct parsing *parsing, const char *value)
{
	uint64_t repeats = 0;
	int result = set_count(parsing, "repeat", value, BENCH_REPEATS_MAX, &repeats);
	parsing->options->repeats = (unsigned)repeats;
	return result;
}

static int set_workers(struct parsing *parsing, const char *value)
{
	uint64_t workers = 0;
	int result = set_count(parsing, "workers", value, WORKERS_MAX, &workers);
	parsing->options->workers = (unsigned)workers;
	return result;
}

static int set_memory(struct parsing *parsing, const char *value)
{
	uint64_t bytes;
	if (parse_number(value, 1024, &bytes) != 0 || bytes < ANALYSIS_MEMORY_MIN ||
	    bytes > MEMORY_MAX)
		return complain(parsing->complaint, -EINVAL,
		    "--memory %s: expected a size such as 512M or 2G, at least %dM", value,
		    ANALYSIS_MEMORY_MIN >> 20);
	parsing->options->memory_bytes = (size_t)bytes;
	return 0;
}

static int set_traffic(struct parsing *parsing, const char *value)
{
	char list[LIST_BYTES] = "";
	parsing->options->traffic = bench_traffic_find(value);
	if (parsing->options->traffic != NULL)
		return 0;
	size_t used = 0;
	for (size_t i = 0; bench_traffic_get(i) != NULL && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
		    i == 0 ? "" : ", ", bench_traffic_get(i)->name);
	return complain(
	    parsing->complaint, -EINVAL, "--traffic %s: expected one of %s", value, list);
}

static int add_stage(struct parsing *parsing, const char *name, size_t bytes)
{
	char list[LIST_BYTES] = "";
	size_t used = 0;
	for (int i = 0; i < BENCH_STAGE_COUNT; i++) {
		const char *known = bench_stage_name((enum bench_stage)i);
		if (strlen(known) == bytes && memcmp(known, name, bytes) == 0) {
			parsing->options->stages |= 1U << i;
			return 0;
		}
		used += (size_t)snprintf(
		    list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", known);
	}
	return complain(parsing->complaint, -EINVAL, "--stages %.*s: expected one of %s",
	    (int)(bytes < 64 ? bytes : 64), name, list);
}

static int set_stages(struct parsing *parsing, const char *value)
{
	parsing->options->stages = 0;
	for (;;) {
		size_t bytes = strcspn(value, ",");
		int result = add_stage(parsing, value, bytes);
		if (result != 0 || value[bytes] == '\0')
			return result;
		value += bytes + 1;
	}
}

static int set_format(struct parsing *parsing, const char *value)
{
	parsing->options->json = strcmp(value, "json") == 0;
	if (parsing->options->json || strcmp(value, "text") == 0)
		return 0;
	return complain(parsing->complaint, -EINVAL, "--format %s: expected text or json", value);
}

static int set_file(struct parsing *parsing, const char *value)
{
	parsing->options->path = value;
	if (value[0] != '\0' && strlen(value) < BENCH_PATH_BYTES)
		return 0;
	return complain(parsing->complaint, -EINVAL, "--file: expected a path of 1 to %d bytes",
	    BENCH_PATH_BYTES - 1);
}

static int set_stream(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->streams = true;
	return 0;
}

static int set_all_hosts(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->all_hosts = true;
	return 0;
}

static int set_help(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->help = true;
	return 0;
}

static const struct row {
	const char *name;
	const char *argument; /* as help shows it; NULL: takes none */
	const char *help;
	int (*set)(struct parsing *parsing, const char *value);
} rows[] = {
    {"traffic", "KIND", "telescope, forged, flows or ipv6 (telescope)", set_traffic},
    {"packets", "N", "how many; K, M and G are thousands (20M)", set_packets},
    {"sources", "N",
	"distinct sources, about (a fortieth of the packets;\n"
	"forged: as many as packets)",
	set_sources},
    {"seed", "N", "other traffic of the same kind (1)", set_seed},
    {"seconds", "N", "of the traffic's own time (a day; flows: by their rate)", set_seconds},
    {"file", "PATH",
	"measure this capture, made first where there is none\n"
	"(default: made in memory)",
	set_file},
    {"stream", NULL, "make it anew for each run, through a pipe, and keep it nowhere", set_stream},
    {"stages", "LIST",
	"read,decode,classify,observe,detect: each apart;\n"
	"whole: all as `hinomi read`; workers: the same by threads;\n"
	"plain,prefetched: bare loops for comparison (all)",
	set_stages},
    {"workers", "N", "threads of the run by workers (1: there is none)", set_workers},
    {"all-hosts", NULL, "judge strangers as well", set_all_hosts},
    {"memory", "SIZE", "as for `hinomi read` (512M)", set_memory},
    {"repeat", "N", "runs of each kind; medians are shown (3)", set_repeat},
    {"format", "text|json", "how figures are written (text)", set_format},
    {"help", NULL, "print this", set_help},
};

enum {
	ROW_COUNT = sizeof rows / sizeof rows[0]
};

void bench_options_print_help(void)
{
	fputs("usage: hinomi bench [OPTIONS]\n\n"
	      "Makes traffic, and measures how fast each stage and all of them handle it, beside\n"
	      "a bare loop that only remembers its sources.\n\n",
	    stdout);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		printf("  --%s%s%s\n", rows[i].name, rows[i].argument == NULL ? "" : " ",
		    rows[i].argument == NULL ? "" : rows[i].argument);
		fputs("        ", stdout);
		for (const char *c = rows[i].help; *c != '\0'; c++)
			fputs(*c == '\n' ? "\n        " : (char[]){*c, '\0'}, stdout);
		fputc('\n', stdout);
	}
}

static int take_options(int argc, char **argv, struct parsing *parsing)
{
	struct option options[ROW_COUNT + 1] = {0};
	for (int i = 0; i < ROW_COUNT; i++) {
		options[i].name = rows[i].name;
		options[i].has_arg = rows[i].argument == NULL ? no_argument : required_argument;
		options[i].val = i + 1;
	}
	opterr = 0;
	optind = 1;
	for (;;) {
		char letter[CMD_LETTER_BYTES];
		int value = getopt_long(argc, argv, ":h", options, NULL);
		if (value == -1)
			return 0;
		if (value == ':' || value == '?')
			return complain(parsing->complaint, -EINVAL,
			    "%s: %s; see `hinomi bench --help`",
			    cmd_refused_option(argv, ROW_COUNT, letter),
			    value == ':' ? "a value is missing" : "unknown option");
		int result =
		    value == 'h' ? set_help(parsing, NULL) : rows[value - 1].set(parsing, optarg);
		if (result != 0)
			return result;
	}
}

/* Waiting for a pipe would count as reading, so no stage is measured apart. */
static int check_stream(struct bench_options *options, struct complaint *complaint)
{
	if (!options->streams)
		return 0;
	if (options->path != NULL)
		return complain(complaint, -EINVAL, "--stream: expected without --file");
	options->stages &= ~(unsigned)BENCH_STAGES_APART;
	if (options->stages == 0)
		return complain(complaint, -EINVAL,
		    "--stream: expected one of whole, workers, plain, prefetched in --stages");
	return 0;
}

int bench_options_parse(
    int argc, char **argv, struct bench_options *ret_options, struct complaint *complaint)
{
	*ret_options = (struct bench_options){
	    .traffic = bench_traffic_get(0),
	    .packets = PACKETS_DEFAULT,
	    .seed = 1,
	    .memory_bytes = MEMORY_DEFAULT,
	    .stages = BENCH_STAGES_ALL,
	    .repeats = REPEATS_DEFAULT,
	    .workers = 1,
	};
	struct parsing parsing = {.options = ret_options, .complaint = complaint};
	int result = take_options(argc, argv, &parsing);
	if (result == 0 && optind < argc)
		result =
		    complain(complaint, -EINVAL, "bench: %s: expected options only", argv[optind]);
	if (result == 0)
		result = check_stream(ret_options, complaint);
	if (result == 0 && ret_options->sources == 0) {
		ret_options->sources =
		    ret_options->packets / ret_options->traffic->packets_per_source;
		ret_options->sources += ret_options->sources == 0;
	}
	return result;
}
