/* init.c - `hinomi init`: a new station, with all that can be found out found out. */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/station/config.h"
#include "cmd/station/facts_text.h"
#include "cmd/station/make.h"
#include "cmd/station/sources.h"
#include "cmd/station/words.h"
#include "drill/scenario.h"

enum {
	SETTINGS_MAX = 32, /* what a demonstration sets, and some */
	HEADING_BYTES = 16384,
	LINE_BYTES = 2048,
	COMMAND_BYTES = STATION_DIR_BYTES + 64,
	DOWN_MAX = 2, /* interfaces that are down and told of: the output stays short */
};

#define DEMO_NAME        "demo"
#define DEMO_EXERCISE    "demo-day"
#define DEMO_SOURCE      "drill:" DEMO_EXERCISE "?speed=720" /* a day in two minutes */
#define DEMO_MAIL_SERVER "127.0.0.1:2525"

struct init_order {
	enum language language;
	bool is_demo;
	bool wants_help;
	const char *path;
	struct station_facts facts;
	char from[STATION_MAIL_BYTES]; /* "" where no domain was found */
	struct station_setting settings[SETTINGS_MAX];
	size_t setting_count;
};

static void print_usage(FILE *out)
{
	fputs(
	    "usage: hinomi init DIR [--demo] [--lang ja|en]\n"
	    "\n"
	    "Makes a new station in DIR, a new directory or an empty one: station.yaml with a\n"
	    "line of explanation for each line, and the directories that belong to it. Finds out\n"
	    "what can be found out and asks nothing. What is there already is never changed.\n"
	    "\n"
	    "  --demo         a station of three members that watches an exercise, and sends its\n"
	    "                 mail to port 2525 of this machine\n"
	    "  --lang ja|en   language of the explanations (that of the locale)\n",
	    out);
}

static void set(struct init_order *order, const char *key, const char *text)
{
	assert(order->setting_count < SETTINGS_MAX); /* our own settings */
	order->settings[order->setting_count++] = (struct station_setting){key, text};
}

static const struct scenario *demo_scenario(void)
{
	const struct scenario *scenario = NULL;
	struct scenario_options options;
	int error = scenario_parse(DEMO_EXERCISE, &scenario, &options, NULL);
	assert(error == 0); /* it is part of this program */
	(void)error;
	return scenario;
}

static void choose_settings(struct init_order *order)
{
	static const char *const languages[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "en", [LANGUAGE_JA] = "ja"};
	const struct station_names *names = &order->facts.names;
	if (order->is_demo)
		set(order, "station.name", DEMO_NAME);
	else if (names->host[0] != '\0')
		set(order, "station.name", names->host);
	set(order, "station.language", languages[order->language]);
	if (station_zone_is_known(names->zone))
		set(order, "station.zone", names->zone);
	if (order->is_demo) {
		const char *const *dark = demo_scenario()->dark;
		set(order, "sources", DEMO_SOURCE);
		for (; *dark != NULL; dark++)
			set(order, "dark", *dark);
		set(order, "operator.mail", "operator@localhost");
		set(order, "mail.server", DEMO_MAIL_SERVER);
		set(order, "mail.security", "none");
		set(order, "mail.from", "hinomi@localhost");
	} else if (names->mail_domain[0] != '\0') {
		int bytes =
		    snprintf(order->from, sizeof order->from, "hinomi@%s", names->mail_domain);
		if (bytes > 0 && (size_t)bytes < sizeof order->from)
			set(order, "mail.from", order->from);
	}
}

static void check_command(const struct init_order *order, char out[static COMMAND_BYTES])
{
	bool is_default = strcmp(order->path, STATION_DIR_DEFAULT) == 0;
	(void)snprintf(out, COMMAND_BYTES, "hinomi check%s%s", is_default ? "" : " --station ",
	    is_default ? "" : order->path); /* a longer path is refused later */
}

/* Gives all of station.yaml, to be freed, or NULL without memory. */
static char *draft_file(const struct init_order *order)
{
	char heading[HEADING_BYTES];
	char command[COMMAND_BYTES];
	char quoted[COMMAND_BYTES + 2];
	struct text text;
	const char *name = order->is_demo                       ? DEMO_NAME
			   : order->facts.names.host[0] != '\0' ? order->facts.names.host
								: "localhost";
	check_command(order, command);
	(void)snprintf(quoted, sizeof quoted, "`%s`", command); /* fits by its size */
	text_init(&text, heading, sizeof heading);
	station_words_add(&text, order->language, WORD_HEADING,
	    VALUES(value_of_text(name), value_of_text(quoted)));
	text_add(&text, "\n\n");
	text_add(&text, station_word(order->language, WORD_HEADING_FOUND));
	text_add(&text, "\n");
	station_facts_add_lines(&text, order->language, &order->facts);

	char *file = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&file, &bytes);
	if (out == NULL)
		return NULL;
	station_config_write(out, &(struct station_draft){.language = order->language,
				      .heading = heading,
				      .settings = order->settings,
				      .count = order->setting_count});
	if (fclose(out) == 0)
		return file;
	free(file);
	return NULL;
}

static void say(const struct init_order *order, enum station_word word, const struct value *values,
    size_t count)
{
	char line[LINE_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	station_words_add(&text, order->language, word, values, count);
	puts(line);
}

static void say_sources(const struct init_order *order)
{
	struct station_source sources[STATION_SOURCES_MAX];
	char line[LINE_BYTES];
	struct text list;
	size_t count = station_sources_choose(&order->facts, sources, STATION_SOURCES_MAX);
	text_init(&list, line, sizeof line);
	for (size_t i = 0; i < count && i < STATION_SOURCES_MAX; i++) {
		if (i > 0)
			text_add(&list, station_word(order->language, WORD_JOINT));
		text_add(&list, station_source_rest(&sources[i]));
	}
	if (count > 0)
		say(order, WORD_WATCHES, VALUES(value_of_text(line)));
	else
		say(order, WORD_WATCHES_NONE, NULL, 0);

	int down = 0;
	for (size_t i = 0; i < order->facts.interface_count && down < DOWN_MAX; i++) {
		const struct station_interface *interface = &order->facts.interfaces[i];
		if (interface->is_up || !station_sources_is_candidate(&order->facts, interface))
			continue;
		say(order, WORD_IS_DOWN, VALUES(value_of_text(interface->name)));
		down++;
	}
}

static void say_demo(const struct init_order *order)
{
	char line[LINE_BYTES];
	struct text list;
	text_init(&list, line, sizeof line);
	for (const char *const *member = demo_scenario()->members; *member != NULL; member++) {
		if (list.length > 0)
			text_add(&list, station_word(order->language, WORD_JOINT));
		text_add(&list, *member);
	}
	say(order, WORD_DEMO, VALUES(value_of_text(line), value_of_text(DEMO_MAIL_SERVER)));
}

/* At most ten lines. */
static int tell(const struct init_order *order, const struct station_dir *dir)
{
	char line[LINE_BYTES];
	char path[STATION_DIR_PATH_BYTES];
	char command[COMMAND_BYTES];
	struct text list;
	text_init(&list, line, sizeof line);
	station_facts_add_list(&list, order->language, &order->facts);
	if (list.length == 0)
		text_add(&list, station_word(order->language, WORD_FOUND_NOTHING));
	station_dir_path(dir, STATION_FILE, path);
	check_command(order, command);

	say(order, WORD_MADE, VALUES(value_of_text(dir->path)));
	say(order, WORD_FOUND, VALUES(value_of_text(line)));
	if (order->is_demo) {
		say_demo(order);
	} else {
		say_sources(order);
		say(order, WORD_TELLS_NOBODY, VALUES(value_of_text(path)));
	}
	say(order, WORD_NEXT, VALUES(value_of_text(command)));
	return cmd_flush_output();
}

static int make(struct init_order *order)
{
	struct station_dir dir = {.fd = -1};
	struct complaint complaint = {""};
	if (station_facts_find(&order->facts, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	choose_settings(order);
	char *file = draft_file(order);
	if (file == NULL)
		return cmd_fail("out of memory");
	struct station_seed seed = {
	    .members = demo_scenario()->members,
	    .language = order->language,
	    .zone =
		station_zone_is_known(order->facts.names.zone) ? order->facts.names.zone : "UTC",
	};
	struct station_order made = {
	    .path = order->path, .text = file, .seed = order->is_demo ? &seed : NULL};
	int status = 0;
	if (station_make(&made, &dir, &complaint) != 0)
		status = cmd_fail("%s", complaint.text);
	else
		status = tell(order, &dir);
	station_dir_close(&dir);
	free(file);
	return status;
}

/* From 1: getopt_long gives 0 and other letters a meaning of their own. */
enum init_option {
	OPTION_DEMO = 1,
	OPTION_LANG,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"demo", no_argument, NULL, OPTION_DEMO},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int take_options(struct init_order *order, int argc, char **argv)
{
	opterr = 0;
	optind = 1;
	for (;;) {
		char letter[CMD_LETTER_BYTES];
		int language;
		int option = getopt_long(argc, argv, ":h", long_options, NULL);
		switch (option) {
		case -1:
			return 0;
		case OPTION_DEMO:
			order->is_demo = true;
			break;
		case OPTION_LANG:
			language = language_find(optarg);
			if (language < 0)
				return cmd_fail("--lang %s: expected ja or en", optarg);
			order->language = (enum language)language;
			break;
		case OPTION_HELP:
		case 'h':
			order->wants_help = true;
			break;
		default:
			return cmd_fail("%s: %s; see `hinomi init --help`",
			    cmd_refused_option(argv, OPTION_HELP, letter),
			    option == ':' ? "a value is missing" : "unknown option");
		}
	}
}

int cmd_init(int argc, char **argv)
{
	struct init_order *order = calloc(1, sizeof *order); /* large for a stack */
	if (order == NULL)
		return cmd_fail("out of memory");
	order->language = language_of_environment();
	int status = take_options(order, argc, argv);
	char **words = argv + optind;
	int count = argc - optind;
	if (status != 0)
		goto out;
	if (order->wants_help) {
		print_usage(stdout);
		status = cmd_flush_output();
	} else if (count == 0 || words[0][0] == '\0') {
		status = cmd_fail(
		    "init: no directory, expected one to make, such as %s", STATION_DIR_DEFAULT);
	} else if (count > 1) {
		status = cmd_fail("init: %s: expected one directory only", words[1]);
	} else {
		order->path = words[0];
		status = make(order);
	}
out:
	free(order);
	return status;
}
