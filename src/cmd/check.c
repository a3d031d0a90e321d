/* check.c - `hinomi check`: whether a station can do its work, and what to do where not. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/end_to_end.h"
#include "cmd/station/checks.h"
#include "notify/glyph.h"
#include "notify/screen.h"

enum {
	NAME_COLUMN = 9,  /* of what was checked: "warning" and blanks before it */
	TEXT_COLUMN = 24, /* of what is said */
	SUM_BYTES = 512,
	TEXT_BYTES = 8192,
};

struct check_order {
	enum language language;
	const char *station; /* NULL: as station_dir_find() finds it */
	bool wants_keys;
	bool wants_canary;
	bool is_json;
	bool wants_help;
};

static void print_usage(FILE *out)
{
	fputs(
	    "usage: hinomi check [--end-to-end] [--format text|json] [--station DIR] [--lang "
	    "ja|en]\n"
	    "       hinomi check --explain [--lang ja|en]\n"
	    "\n"
	    "Looks whether a station can do its work, a line for each check: its directory, its\n"
	    "configuration, permissions, disk, interfaces, the right to listen, dark ranges, whom\n"
	    "it tells, the mail server, the clock. Changes nothing, sends nothing. Exit status:\n"
	    "0 all is well, 1 warnings, 2 something is wrong.\n"
	    "\n"
	    "With --end-to-end then has the station that runs send a canary: a made-up attack, "
	    "which\n"
	    "must reach the operator; prints when it got to each stage. Exit status then: 0 it\n"
	    "arrived, 1 it did not, 2 it could not be tried, since no station runs.\n"
	    "\n"
	    "  --end-to-end   send a canary\n"
	    "  --explain      print all keys of station.yaml: type, range, default, what for\n"
	    "  --format text|json  lines for people (the default), or one object of JSON\n"
	    "  --station DIR  the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
	    "  --lang ja|en   language of what is said (that of the locale)\n",
	    out);
}

static const struct {
	enum station_word word;
	enum style style;
} levels[CHECK_LEVELS] = {
    [CHECK_OK] = {WORD_LEVEL_OK, STYLE_MILD},
    [CHECK_WARNING] = {WORD_LEVEL_WARNING, STYLE_WARNING},
    [CHECK_WRONG] = {WORD_LEVEL_WRONG, STYLE_ALARM},
};

struct report {
	enum language language;
	struct json json;
};

/* One line, however long: it is for people, and for programs that look for its first word. */
static void tell(void *context, enum check_level level, enum station_word check, const char *text)
{
	const struct report *report = context;
	char visible[TEXT_BYTES];
	struct screen screen;
	glyph_copy_visible(text, visible, sizeof visible); /* names of files may hold anything */
	screen_init(&screen, stdout);
	screen_put(
	    &screen, levels[level].style, station_word(report->language, levels[level].word));
	screen_go(&screen, NAME_COLUMN);
	screen_put(&screen, STYLE_PLAIN, station_word(report->language, check));
	screen_go(&screen, TEXT_COLUMN);
	screen_put(&screen, STYLE_PLAIN, visible);
	screen_end_line(&screen);
	(void)fflush(stdout); /* some checks take seconds; errors are seen at the end */
}

/* Names as in English, whatever the language of the text. */
static void write_check(
    void *context, enum check_level level, enum station_word check, const char *text)
{
	struct report *report = context;
	json_open_object(&report->json, NULL);
	json_string(&report->json, "check", station_word(LANGUAGE_EN, check));
	json_string(&report->json, "level", station_word(LANGUAGE_EN, levels[level].word));
	json_string(&report->json, "text", text);
	json_close_object(&report->json);
}

static void say(
    const struct report *report, enum station_word word, const struct value *values, size_t count)
{
	char line[SUM_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	station_words_add(&text, report->language, word, values, count);
	puts(line);
}

/* ---- The checks ---- */

static int run_checks(const struct check_order *order, struct report *report)
{
	struct checking *checking = calloc(1, sizeof *checking); /* large for a stack */
	if (checking == NULL)
		return cmd_fail("out of memory");
	checking->language = order->language;
	checking->path = station_dir_find(order->station);
	checking->tell = order->is_json ? write_check : tell;
	checking->context = report;
	if (order->is_json)
		json_open_array(&report->json, "checks");
	checks_run(checking);

	size_t warnings = checking->counts[CHECK_WARNING];
	size_t wrong = checking->counts[CHECK_WRONG];
	free(checking);
	if (order->is_json) {
		json_close_array(&report->json);
		json_unsigned(&report->json, "warnings", warnings);
		json_unsigned(&report->json, "wrong", wrong);
	} else if (warnings + wrong == 0) {
		say(report, WORD_SUM_OK, NULL, 0);
	} else {
		say(report, WORD_SUM, VALUES(value_of_count(warnings), value_of_count(wrong)));
	}
	return wrong > 0 ? EXIT_TROUBLE : (warnings > 0 ? EXIT_FINDINGS : EXIT_NOTHING_FOUND);
}

/* ---- The canary ---- */

static int reach(
    const char *station, struct station_client **ret_client, struct complaint *complaint)
{
	struct station_dir dir = {.fd = -1};
	int result = station_dir_open(station_dir_find(station), &dir, complaint);
	if (result == 0) {
		result = station_client_reach(&dir, ret_client, complaint);
		if (result == -ENOENT)
			(void)complain(complaint, result,
			    "%s: no station runs there, which a canary needs: `systemctl start "
			    "hinomi`, or `hinomi run --station %s`",
			    dir.path, dir.path);
	}
	station_dir_close(&dir);
	return result;
}

static int run_canary(const struct check_order *order, struct report *report)
{
	const struct end_to_end flight = {
	    .language = order->language,
	    .tell = tell,
	    .context = report,
	    .json = order->is_json ? &report->json : NULL,
	};
	struct station_client *client = NULL;
	struct complaint complaint = {""};
	int64_t took_us = 0;
	(void)fflush(stdout); /* before standard error; errors are seen at the end */
	int result = reach(order->station, &client, &complaint);
	if (result == 0 && !order->is_json)
		putchar('\n'); /* what follows is something else */
	if (result == 0)
		result = end_to_end_run(client, &flight, &took_us, &complaint);
	station_client_close(client);
	if (result < 0)
		return cmd_fail("%s", complaint.text);
	char seconds[END_TO_END_SECONDS_BYTES];
	end_to_end_format(took_us, seconds);
	if (!order->is_json && result > 0)
		say(report, WORD_ARRIVES, VALUES(value_of_text(seconds)));
	else if (!order->is_json)
		say(report, WORD_ARRIVES_NOT, NULL, 0);
	return result > 0 ? EXIT_NOTHING_FOUND : EXIT_FINDINGS;
}

/* ---- The command ---- */

static int run(const struct check_order *order)
{
	struct report report = {.language = order->language};
	if (order->is_json) {
		json_init(&report.json, stdout);
		json_open_object(&report.json, NULL);
	}
	int status = run_checks(order, &report);
	if (order->wants_canary)
		status = run_canary(order, &report);
	if (order->is_json) {
		json_close_object(&report.json);
		putchar('\n');
	}
	return cmd_flush_output() != 0 ? EXIT_TROUBLE : status;
}

/* From 1: getopt_long gives 0 and other letters a meaning of their own. */
enum check_option {
	OPTION_STATION = 1,
	OPTION_EXPLAIN,
	OPTION_END_TO_END,
	OPTION_FORMAT,
	OPTION_LANG,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"station", required_argument, NULL, OPTION_STATION},
    {"explain", no_argument, NULL, OPTION_EXPLAIN},
    {"end-to-end", no_argument, NULL, OPTION_END_TO_END},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int take_option(struct check_order *order, int option)
{
	int language;
	switch (option) {
	case OPTION_STATION:
		if (optarg[0] == '\0')
			return cmd_fail("--station: expected the directory of a station");
		order->station = optarg;
		return 0;
	case OPTION_EXPLAIN:
		order->wants_keys = true;
		return 0;
	case OPTION_END_TO_END:
		order->wants_canary = true;
		return 0;
	case OPTION_FORMAT:
		order->is_json = strcmp(optarg, "json") == 0;
		if (!order->is_json && strcmp(optarg, "text") != 0)
			return cmd_fail("--format %s: expected text or json", optarg);
		return 0;
	case OPTION_LANG:
		language = language_find(optarg);
		if (language < 0)
			return cmd_fail("--lang %s: expected ja or en", optarg);
		order->language = (enum language)language;
		return 0;
	default:
		order->wants_help = true;
		return 0;
	}
}

static int take_options(struct check_order *order, int argc, char **argv)
{
	opterr = 0;
	optind = 1;
	for (;;) {
		char letter[CMD_LETTER_BYTES];
		int option = getopt_long(argc, argv, ":h", long_options, NULL);
		if (option == -1)
			return 0;
		if (option == ':' || option == '?')
			return cmd_fail("%s: %s; see `hinomi check --help`",
			    cmd_refused_option(argv, OPTION_HELP, letter),
			    option == ':' ? "a value is missing" : "unknown option");
		int status = take_option(order, option);
		if (status != 0)
			return status;
	}
}

int cmd_check(int argc, char **argv)
{
	struct check_order order = {.language = language_of_environment()};
	int status = take_options(&order, argc, argv);
	if (status != 0)
		return status;
	if (order.wants_help) {
		print_usage(stdout);
		return cmd_flush_output();
	}
	if (optind < argc)
		return cmd_fail("check: %s: expected nothing more; a station is named by --station",
		    argv[optind]);
	if (order.wants_keys && (order.wants_canary || order.is_json))
		return cmd_fail("check: --explain: expected no %s with it",
		    order.wants_canary ? "--end-to-end" : "--format");
	if (order.wants_keys) {
		station_config_explain(stdout, order.language);
		return cmd_flush_output();
	}
	return run(&order);
}
