#include "cmd/read_options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "base/nearest.h"
#include "cmd/analysis.h"
#include "cmd/cmd.h"
#include "cmd/read_station.h"
#include "cmd/same_file.h"
#include "link/sightings.h"
#include "source/frame.h"

#define MEMORY_DEFAULT ((size_t)512 << 20)

/* State while the command line is read: the registry is open until all options are known. */
struct parsing {
	struct read_options *options;
	struct complaint *complaint;
	bool has_dark;
	bool wants_inference;
};

static int set_member(struct parsing *parsing, const char *value)
{
	const char *equals = strchr(value, '=');
	if (equals == NULL || equals == value)
		return complain(parsing->complaint, -EINVAL,
		    "--member %s: expected NAME=PREFIX[,PREFIX], such as "
		    "example-town=192.0.2.0/24,2001:db8::/32",
		    value);
	char name[MEMBER_NAME_BYTES];
	size_t length = (size_t)(equals - value);
	if (length >= sizeof name)
		return complain(parsing->complaint, -EINVAL,
		    "--member %.20s...: the name is longer than %d bytes", value,
		    MEMBER_NAME_BYTES - 1);
	memcpy(name, value, length);
	name[length] = '\0';
	parsing->options->has_members = true;
	return registry_add_member(
	    parsing->options->registry, name, equals + 1, parsing->complaint);
}

static int set_dark(struct parsing *parsing, const char *value)
{
	parsing->has_dark = true;
	return registry_add_dark(parsing->options->registry, value, parsing->complaint);
}

static int set_station(struct parsing *parsing, const char *value)
{
	struct read_station found;
	int result = read_station(value, parsing->options->registry, &parsing->options->thresholds,
	    &found, parsing->complaint);
	parsing->options->has_members |= found.has_members;
	parsing->has_dark |= found.has_dark;
	return result;
}

static int set_infer_dark(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->wants_inference = true;
	return 0;
}

static int set_all_hosts(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->all_hosts = true;
	return 0;
}

static int set_all(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->all_findings = true;
	return 0;
}

static int set_filter(struct parsing *parsing, const char *value)
{
	parsing->options->filter = value;
	return 0;
}

static int set_config(struct parsing *parsing, const char *value)
{
	return thresholds_read(value, &parsing->options->thresholds, parsing->complaint);
}

static int parse_size(const char *value, uint64_t *ret_bytes)
{
	char *end;
	errno = 0;
	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	uintmax_t number = strtoumax(value, &end, 10);
	unsigned shift = 0;
	if (*end == 'K' || *end == 'k')
		shift = 10;
	else if (*end == 'M' || *end == 'm')
		shift = 20;
	else if (*end == 'G' || *end == 'g')
		shift = 30;
	end += shift != 0;
	if (*end != '\0' || errno != 0 || number > UINT64_MAX >> 1 >> shift)
		return -EINVAL;
	*ret_bytes = (uint64_t)number << shift;
	return 0;
}

static int set_memory(struct parsing *parsing, const char *value)
{
	uint64_t bytes;
	if (parse_size(value, &bytes) != 0)
		return complain(parsing->complaint, -EINVAL,
		    "--memory %s: expected a size such as 256M or 2G", value);
	if (bytes < ANALYSIS_MEMORY_MIN)
		return complain(parsing->complaint, -EINVAL,
		    "--memory %s: too small; the least that works is %dM", value,
		    ANALYSIS_MEMORY_MIN >> 20);
	if (bytes > ANALYSIS_MEMORY_MAX)
		return complain(parsing->complaint, -EINVAL,
		    "--memory %s: too large; the most that can be used is %uG", value,
		    (unsigned)(ANALYSIS_MEMORY_MAX >> 30));
	parsing->options->memory_bytes = (size_t)bytes;
	return 0;
}

static int set_format(struct parsing *parsing, const char *value)
{
	parsing->options->format = report_format_find(value);
	if (parsing->options->format == NULL)
		return complain(parsing->complaint, -EINVAL, "--format %s: expected one of %s",
		    value, report_format_names());
	return 0;
}

static int set_lang(struct parsing *parsing, const char *value)
{
	int language = language_find(value);
	if (language < 0)
		return complain(parsing->complaint, -EINVAL, "--lang %s: expected ja or en", value);
	parsing->options->language = (enum language)language;
	return 0;
}

static int set_pcapng_out(struct parsing *parsing, const char *value)
{
	parsing->options->pcapng_dir = value;
	return 0;
}

static int set_sightings_out(struct parsing *parsing, const char *value)
{
	parsing->options->sightings_out = value;
	return 0;
}

static int set_sensor(struct parsing *parsing, const char *value)
{
	if (!sightings_sensor_is_valid(value))
		return complain(parsing->complaint, -EINVAL,
		    "--sensor %.20s: expected a name of 1 to %d bytes of UTF-8 without control "
		    "characters",
		    value, SIGHTINGS_SENSOR_BYTES - 1);
	parsing->options->sensor = value;
	return 0;
}

static int set_progress(struct parsing *parsing, const char *value)
{
	static const char *const wishes[] = {
	    [PROGRESS_AUTO] = "auto", [PROGRESS_ALWAYS] = "always", [PROGRESS_NEVER] = "never"};
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		if (strcmp(wishes[i], value) == 0) {
			parsing->options->progress = (enum progress_wish)i;
			return 0;
		}
	}
	return complain(
	    parsing->complaint, -EINVAL, "--progress %s: expected auto, always or never", value);
}

static int set_batch(struct parsing *parsing, const char *value)
{
	uint64_t frames;
	if (parse_size(value, &frames) != 0 || frames < 1 || frames > FRAME_BATCH_MAX)
		return complain(parsing->complaint, -EINVAL,
		    "--batch %s: expected a number of frames from 1 to %d", value, FRAME_BATCH_MAX);
	parsing->options->batch_frames = (size_t)frames;
	return 0;
}

static int set_workers(struct parsing *parsing, const char *value)
{
	uint64_t workers;
	if (parse_size(value, &workers) != 0 || workers < 1 || workers > CREW_MAX)
		return complain(parsing->complaint, -EINVAL,
		    "--workers %s: expected a number of threads from 1 to %d", value, CREW_MAX);
	parsing->options->workers = (size_t)workers;
	return 0;
}

static int set_explain(struct parsing *parsing, const char *value)
{
	if (strcmp(value, "thresholds") != 0)
		return complain(
		    parsing->complaint, -EINVAL, "--explain %s: expected thresholds", value);
	parsing->options->explain_thresholds = true;
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
    {"member", "NAME=PREFIX[,PREFIX]", "an organisation and its address ranges (repeatable)",
	set_member},
    {"dark", "PREFIX", "a range that nobody uses (repeatable)", set_dark},
    {"station", "DIR", "members, dark ranges and thresholds of this station", set_station},
    {"infer-dark", NULL,
	"addresses of the members' (or private) ranges that\n"
	"never sent are dark (default without --dark)",
	set_infer_dark},
    {"all-hosts", NULL, "judge addresses of no member as well", set_all_hosts},
    {"all", NULL, "text: list every stranger, not only the largest", set_all},
    {"filter", "EXPR", "read only what passes, in libpcap's language", set_filter},
    {"config", "FILE", "thresholds in YAML (--explain thresholds lists them)", set_config},
    {"memory", "SIZE", "at most so much for what is remembered (512M)", set_memory},
    {"format", "text|json|csv", "how findings are written (text)", set_format},
    {"lang", "ja|en", "language of texts (that of the locale)", set_lang},
    {"pcapng-out", "DIR", "write each finding's first frames to DIR", set_pcapng_out},
    {"sightings-out", "FILE", "write what was observed to FILE, to be read instead of captures",
	set_sightings_out},
    {"sensor", "NAME", "the name that --sightings-out gives the observer (the machine's)",
	set_sensor},
    {"progress", "auto|always|never", "a progress bar on standard error (auto)", set_progress},
    {"workers", "N", "threads that share the work (1); changes no finding", set_workers},
    {"batch", "N", "frames at a time (2048; 4096 for several workers); changes no finding",
	set_batch},
    {"explain", "thresholds", "print thresholds, their units and reasons", set_explain},
    {"help", NULL, "print this (-h as well)", set_help},
};

enum {
	ROW_COUNT = sizeof rows / sizeof rows[0]
};

void read_options_print_help(void)
{
	fputs("usage: hinomi read [OPTIONS] FILE...\n\n"
	      "Analyses captures (pcap, pcapng; plain, gzip or zstd; - is standard input; "
	      "drill:NAME\n"
	      "an exercise; ring:INTERFACE what arrives there until it is interrupted), or "
	      "sightings\n"
	      "written before, and prints what was found. Exit status: 0 nothing found, 1 "
	      "findings,\n"
	      "2 error.\n\n",
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

/* `word` is what getopt_long did not take: a letter, or a long option with or without a value. */
static int refuse_option(struct parsing *parsing, const char *word)
{
	const char *names[ROW_COUNT];
	const char *name = word + strspn(word, "-");
	size_t bytes = strcspn(name, "=");
	size_t begun = 0; /* options that begin so */
	bool exact = false;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		bool begins = strncmp(rows[i].name, name, bytes) == 0;
		names[i] = rows[i].name;
		begun += begins;
		exact = exact || (begins && rows[i].name[bytes] == '\0');
	}
	if (strncmp(word, "--", 2) != 0)
		return complain(parsing->complaint, -EINVAL,
		    "%s: unknown option; see `hinomi read --help`", word);
	if (exact || begun == 1)
		return complain(
		    parsing->complaint, -EINVAL, "%s: expected no value with this option", word);
	if (begun > 1)
		return complain(parsing->complaint, -EINVAL,
		    "%s: %zu options begin so, expected more of the name; see `hinomi read --help`",
		    word, begun);
	return complain(parsing->complaint, -EINVAL,
	    "%s: unknown option, did you mean --%s? See `hinomi read --help`", word,
	    nearest_name(name, names, ROW_COUNT));
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
		if (value == ':')
			return complain(parsing->complaint, -EINVAL,
			    "%s: a value is missing; see `hinomi read --help`",
			    cmd_refused_option(argv, ROW_COUNT, letter));
		if (value == '?')
			return refuse_option(parsing, cmd_refused_option(argv, ROW_COUNT, letter));
		int result =
		    value == 'h' ? set_help(parsing, NULL) : rows[value - 1].set(parsing, optarg);
		if (result != 0)
			return result;
	}
}

/* What follows from all options together. */
static int complete(int argc, char **argv, struct parsing *parsing)
{
	struct read_options *options = parsing->options;
	options->files = argv + optind;
	options->file_count = (size_t)(argc - optind);
	if (options->help || options->explain_thresholds)
		return 0;
	if (options->sensor != NULL && options->sightings_out == NULL)
		return complain(parsing->complaint, -EINVAL,
		    "--sensor %s: expected with --sightings-out only", options->sensor);
	if (options->file_count == 0)
		return complain(parsing->complaint, -EINVAL,
		    "no file: expected captures to read, or - for standard input");
	options->infer_dark = parsing->wants_inference || !parsing->has_dark;
	int result = same_file_refuse(options->files, options->file_count, parsing->complaint);
	if (result == 0 && !options->has_members)
		result = registry_add_local(options->registry, parsing->complaint);
	if (options->batch_frames == 0)
		options->batch_frames = analysis_batch_frames(options->workers);
	return result == 0 ? registry_seal(options->registry, parsing->complaint) : result;
}

int read_options_parse(
    int argc, char **argv, struct read_options *ret_options, struct complaint *complaint)
{
	*ret_options = (struct read_options){
	    .format = report_format_find("text"),
	    .language = language_of_environment(),
	    .memory_bytes = MEMORY_DEFAULT,
	    .workers = 1,
	};
	thresholds_init(&ret_options->thresholds);
	if (registry_new(&ret_options->registry) != 0)
		return complain(complaint, -ENOMEM, "out of memory");
	struct parsing parsing = {.options = ret_options, .complaint = complaint};
	int result = take_options(argc, argv, &parsing);
	return result == 0 ? complete(argc, argv, &parsing) : result;
}

void read_options_release(struct read_options *options)
{
	registry_free(options->registry);
	options->registry = NULL;
}
