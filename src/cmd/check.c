/* check.c - `hinomi check`: whether a station can do its work, and what to do where not. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/station/checks.h"
#include "notify/glyph.h"
#include "notify/screen.h"

enum {
	NAME_COLUMN = 9,  /* of what was checked: "warning" and blanks before it */
	TEXT_COLUMN = 24, /* of what is said */
	SUM_BYTES = 256,
	TEXT_BYTES = 8192,
};

struct check_order {
	enum language language;
	const char *station; /* NULL: as station_dir_find() finds it */
	bool wants_keys;
	bool wants_help;
};

static void print_usage(FILE *out)
{
	fputs(
	    "usage: hinomi check [--station DIR] [--lang ja|en]\n"
	    "       hinomi check --explain [--lang ja|en]\n"
	    "\n"
	    "Looks whether a station can do its work, a line for each check: its directory, its\n"
	    "configuration, permissions, disk, interfaces, the right to listen, dark ranges, whom\n"
	    "it tells, the mail server, the clock. Changes nothing, sends nothing. Exit status:\n"
	    "0 all is well, 1 warnings, 2 something is wrong.\n"
	    "\n"
	    "  --station DIR  the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
	    "  --explain      print all keys of station.yaml: type, range, default, what for\n"
	    "  --lang ja|en   language of what is said (that of the locale)\n",
	    out);
}

/* One line, however long: it is for people, and for programs that look for its first word. */
static void tell(void *context, enum check_level level, enum station_word check, const char *text)
{
	static const struct {
		enum station_word word;
		enum style style;
	} levels[CHECK_LEVELS] = {
	    [CHECK_OK] = {WORD_LEVEL_OK, STYLE_MILD},
	    [CHECK_WARNING] = {WORD_LEVEL_WARNING, STYLE_WARNING},
	    [CHECK_WRONG] = {WORD_LEVEL_WRONG, STYLE_ALARM},
	};
	const struct checking *checking = context;
	char visible[TEXT_BYTES];
	struct screen screen;
	glyph_copy_visible(text, visible, sizeof visible); /* names of files may hold anything */
	screen_init(&screen, stdout);
	screen_put(
	    &screen, levels[level].style, station_word(checking->language, levels[level].word));
	screen_go(&screen, NAME_COLUMN);
	screen_put(&screen, STYLE_PLAIN, station_word(checking->language, check));
	screen_go(&screen, TEXT_COLUMN);
	screen_put(&screen, STYLE_PLAIN, visible);
	screen_end_line(&screen);
	(void)fflush(stdout); /* some checks take seconds; errors are seen at the end */
}

static int run_checks(const struct check_order *order)
{
	struct checking *checking = calloc(1, sizeof *checking); /* large for a stack */
	if (checking == NULL)
		return cmd_fail("out of memory");
	checking->language = order->language;
	checking->path = station_dir_find(order->station);
	checking->tell = tell;
	checking->context = checking;
	checks_run(checking);

	size_t warnings = checking->counts[CHECK_WARNING];
	size_t wrong = checking->counts[CHECK_WRONG];
	char line[SUM_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	if (warnings + wrong == 0)
		text_add(&text, station_word(order->language, WORD_SUM_OK));
	else
		station_words_add(&text, order->language, WORD_SUM,
		    VALUES(value_of_count(warnings), value_of_count(wrong)));
	puts(line);
	free(checking);
	if (cmd_flush_output() != 0)
		return EXIT_TROUBLE;
	return wrong > 0 ? EXIT_TROUBLE : (warnings > 0 ? EXIT_FINDINGS : EXIT_NOTHING_FOUND);
}

/* From 1: getopt_long gives 0 and other letters a meaning of their own. */
enum check_option {
	OPTION_STATION = 1,
	OPTION_EXPLAIN,
	OPTION_LANG,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"station", required_argument, NULL, OPTION_STATION},
    {"explain", no_argument, NULL, OPTION_EXPLAIN},
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
	if (order.wants_keys) {
		station_config_explain(stdout, order.language);
		return cmd_flush_output();
	}
	return run_checks(&order);
}
