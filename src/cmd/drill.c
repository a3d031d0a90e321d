/* drill.c - `hinomi drill`: lists exercises, and writes them as captures. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "drill/scenario.h"
#include "notify/wording.h"
#include "source/pcap_write.h"

enum {
	QUERY_BYTES = 256,              /* all options of a scenario at their longest */
	ADDRESS_BYTES_MAX = 4096 + 256, /* a path and these */
	NAME_WIDTH = 18,                /* of the longest scenario's name */
	OUT_BUFFER_BYTES = 1 << 18,
};

struct drill_order {
	enum language language;
	enum pcap_write_format format;
	bool has_format;
	bool wants_help;
	char query[QUERY_BYTES];         /* "?seed=7&packets=10" */
	char address[ADDRESS_BYTES_MAX]; /* "drill:NAME?seed=7", "script:FILE" */
	const char *path;
};

static void print_usage(FILE *out)
{
	fputs("usage: hinomi drill list [--lang ja|en]\n"
	      "       hinomi drill write NAME FILE [OPTIONS]\n"
	      "       hinomi drill script SCRIPT FILE [--format pcap|pcapng]\n"
	      "\n"
	      "Exercises: traffic made up from a name and a seed, to learn and to test with.\n"
	      "list shows the scenarios, and the options that `hinomi read` wants for each. write\n"
	      "makes a capture of one; FILE - is standard output. script makes a capture of the\n"
	      "packets described in SCRIPT; - is standard input. The same seed gives the same\n"
	      "bytes. `hinomi read drill:NAME?seed=N` reads a scenario without a file.\n"
	      "\n"
	      "  --seed N             another day of the same story (1)\n"
	      "  --start TIME         when it begins (2026-04-01T00:00:00Z)\n"
	      "  --days N             so often, each a day later (1)\n"
	      "  --format FORMAT      pcap or pcapng (as FILE ends; else pcap)\n"
	      "  --packets N, --sources N, --seconds N\n"
	      "                       size of darknet-background, forged-darknet,\n"
	      "                       national-telescope, campus-border and ipv6-darknet\n",
	    out);
}

/* What `hinomi read` needs to know for this scenario. */
static void print_options(const char *option, const char *const *values)
{
	for (; *values != NULL; values++)
		printf(" --%s %s", option, *values);
}

static int run_list(const struct drill_order *order)
{
	for (size_t i = 0; i < scenario_count(); i++) {
		const struct scenario *scenario = scenario_get(i);
		bool is_ja = order->language == LANGUAGE_JA;
		printf("%-*s  %s\n", NAME_WIDTH, scenario->name,
		    is_ja ? scenario->summary_ja : scenario->summary_en);
		printf("%-*s  hinomi read", NAME_WIDTH, "");
		print_options("member", scenario->members);
		print_options("dark", scenario->dark);
		printf(" drill:%s\n", scenario->name);
	}
	return cmd_flush_output();
}

/* Copies every frame. Returns 0 or a negative errno with a complaint. */
static int copy_frames(
    struct source *source, struct pcap_writer *writer, struct complaint *complaint)
{
	struct frame_batch *batch = malloc(sizeof *batch);
	if (batch == NULL)
		return complain(complaint, -ENOMEM, "no memory for frames");
	int status = 1;
	while (status > 0) {
		batch->count = 0;
		status = source_read(source, batch, FRAME_BATCH_MAX, complaint);
		for (size_t i = 0; status > 0 && i < batch->count; i++) {
			int error = pcap_writer_add(writer, &batch->frames[i], NULL, complaint);
			if (error != 0)
				status = error;
		}
	}
	free(batch);
	return status == 0 ? pcap_writer_finish(writer, complaint) : status;
}

static FILE *open_output(const char *path)
{
	if (strcmp(path, "-") != 0) {
		FILE *out = fopen(path, "wbe");
		if (out == NULL)
			(void)cmd_fail(
			    "%s: %s; expected a file that can be written", path, strerror(errno));
		return out;
	}
	if (isatty(STDOUT_FILENO)) {
		(void)cmd_fail("a capture is not for a terminal; expected a file, or a pipe");
		return NULL;
	}
	return stdout;
}

static int run_write(const struct drill_order *order)
{
	static const struct source_kind *const kinds[] = {&source_drill, &source_script, NULL};
	struct source *source = NULL;
	struct complaint complaint;
	if (source_open(kinds, order->address, &source, &complaint) != 0)
		return cmd_fail("%s", complaint.text);

	int status = EXIT_TROUBLE;
	FILE *out = open_output(order->path);
	if (out == NULL)
		goto out;
	(void)setvbuf(out, NULL, _IOFBF, OUT_BUFFER_BYTES); /* only slower without */
	struct pcap_writer writer;
	pcap_writer_init(&writer, out, order->format);
	status = copy_frames(source, &writer, &complaint);
	if (out != stdout && fclose(out) != 0 && status == 0)
		status = complain(&complaint, -errno, "%s", strerror(errno));
	if (status != 0)
		status = cmd_fail(
		    "%s: %s", out == stdout ? "standard output" : order->path, complaint.text);
out:
	source_close(source);
	return status;
}

static int set_format(struct drill_order *order, const char *name)
{
	order->has_format = true;
	if (strcmp(name, "pcap") == 0)
		order->format = PCAP_WRITE_CLASSIC;
	else if (strcmp(name, "pcapng") == 0)
		order->format = PCAP_WRITE_NG;
	else
		return cmd_fail("--format %s: expected pcap or pcapng", name);
	return 0;
}

static int set_language(struct drill_order *order, const char *name)
{
	int language = language_find(name);
	if (language < 0)
		return cmd_fail("--lang %s: expected ja or en", name);
	order->language = (enum language)language;
	return 0;
}

/* From 1: getopt_long gives 0 and other letters a meaning of their own. */
enum drill_option {
	OPTION_SEED = 1,
	OPTION_START,
	OPTION_DAYS,
	OPTION_PACKETS,
	OPTION_SOURCES,
	OPTION_SECONDS,
	OPTION_FORMAT,
	OPTION_LANG,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"seed", required_argument, NULL, OPTION_SEED},
    {"start", required_argument, NULL, OPTION_START},
    {"days", required_argument, NULL, OPTION_DAYS},
    {"packets", required_argument, NULL, OPTION_PACKETS},
    {"sources", required_argument, NULL, OPTION_SOURCES},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* Options of a scenario become part of its address: ?KEY=VALUE&KEY=VALUE. */
static int add_to_address(struct drill_order *order, const char *key, const char *value)
{
	size_t used = strlen(order->query);
	int bytes = snprintf(order->query + used, sizeof order->query - used, "%c%s=%s",
	    used == 0 ? '?' : '&', key, value);
	if (bytes < 0 || (size_t)bytes >= sizeof order->query - used)
		return cmd_fail("--%s %s: too long", key, value);
	return 0;
}

static int take_option(struct drill_order *order, int option)
{
	switch (option) {
	case OPTION_FORMAT:
		return set_format(order, optarg);
	case OPTION_LANG:
		return set_language(order, optarg);
	case OPTION_HELP:
		order->wants_help = true;
		return 0;
	default:
		return add_to_address(order, long_options[option - OPTION_SEED].name, optarg);
	}
}

static int take_options(struct drill_order *order, int argc, char **argv)
{
	opterr = 0;
	optind = 1;
	for (;;) {
		char letter[CMD_LETTER_BYTES];
		int option = getopt_long(argc, argv, ":h", long_options, NULL);
		if (option == -1)
			return 0;
		if (option == 'h')
			option = OPTION_HELP;
		if (option == ':' || option == '?')
			return cmd_fail("%s: %s; see `hinomi drill --help`",
			    cmd_refused_option(argv, OPTION_HELP, letter),
			    option == ':' ? "a value is missing" : "unknown option");
		int status = take_option(order, option);
		if (status != 0)
			return status;
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t text_bytes = strlen(text), end_bytes = strlen(end);
	return text_bytes >= end_bytes && strcmp(text + text_bytes - end_bytes, end) == 0;
}

/* `kind` is drill or script. */
static int write_from(struct drill_order *order, const char *kind, const char *name)
{
	if (!order->has_format && ends_with(order->path, ".pcapng"))
		order->format = PCAP_WRITE_NG;
	bool has_query = order->query[0] != '\0' && strchr(name, '?') != NULL;
	if (has_query)
		order->query[0] = '&'; /* the name brings options of its own */
	int bytes =
	    snprintf(order->address, sizeof order->address, "%s:%s%s", kind, name, order->query);
	if (bytes < 0 || (size_t)bytes >= sizeof order->address)
		return cmd_fail("%s: the name is too long", name);
	return run_write(order);
}

int cmd_drill(int argc, char **argv)
{
	struct drill_order order = {.language = language_of_environment()};
	int status = take_options(&order, argc, argv);
	if (status != 0)
		return status;
	char **words = argv + optind;
	int count = argc - optind;
	if (order.wants_help) {
		print_usage(stdout);
		return cmd_flush_output();
	}
	if (count == 1 && strcmp(words[0], "list") == 0)
		return run_list(&order);
	bool is_write = count > 0 && strcmp(words[0], "write") == 0;
	bool is_script = count > 0 && strcmp(words[0], "script") == 0;
	if (count == 3 && (is_write || (is_script && order.query[0] == '\0'))) {
		order.path = words[2];
		return write_from(&order, is_write ? "drill" : "script", words[1]);
	}
	if (count > 1 && strcmp(words[0], "list") == 0)
		return cmd_fail("drill list: %s: expected nothing more", words[1]);
	if (count == 0)
		(void)cmd_fail("drill: expected list, write or script");
	else if (is_write || is_script)
		(void)cmd_fail("drill %s: expected %s and a file to write", words[0],
		    is_write ? "a scenario" : "a script, no options of scenarios,");
	else
		(void)cmd_fail("drill %s: expected list, write or script", words[0]);
	print_usage(stderr);
	return EXIT_TROUBLE;
}
