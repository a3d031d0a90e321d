/* restore.c - `hinomi restore`: puts a station back that `hinomi backup` wrote. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/as_owner.h"
#include "cmd/cmd.h"
#include "cmd/station/backup_file.h"
#include "cmd/station/config.h"
#include "cmd/station/holidays.h"
#include "cmd/station/make.h"
#include "cmd/station/put_back.h"
#include "cmd/station/wording_files.h"
#include "cmd/station/words.h"

enum {
	LINE_BYTES = 2048,
};

struct restoring {
	const char *path; /* of the archive */
	const char *station;
	bool may_replace;
	bool wants_help;
	enum language language;
	int archive_fd;
	struct backup *backup;
	struct station_dir dir;
	int lock;
	bool is_new;   /* the station; else it replaces one */
	bool made_dir; /* and its directory */
};

static void print_usage(FILE *out)
{
	fputs(
	    "usage: hinomi restore FILE [--replace] [--station DIR] [--lang ja|en]\n"
	    "\n"
	    "Puts back what `hinomi backup` wrote, after looking whether it is whole: into a new\n"
	    "or empty directory, or with --replace in the place of a station that is stopped.\n"
	    "\n"
	    "  --replace      in the place of the station that is there, which is kept beside\n"
	    "  --station DIR  where to ($HINOMI_STATION, else /var/lib/hinomi)\n"
	    "  --lang ja|en   language of what is said (that of the locale)\n",
	    out);
}

/* All of the archive is looked at before anything is changed. */
static int check_archive(struct restoring *restoring, struct complaint *complaint)
{
	struct stat status;
	restoring->archive_fd = open(restoring->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (restoring->archive_fd < 0 || fstat(restoring->archive_fd, &status) != 0)
		return complain(complaint, -errno, "%s: %s, expected a file of `hinomi backup`",
		    restoring->path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return complain(complaint, -EINVAL,
		    "%s: is no regular file, expected one, since it is read twice",
		    restoring->path);
	return backup_read(
	    restoring->path, restoring->archive_fd, -1, &restoring->backup, complaint);
}

/* ---- The directory ---- */

/* Also one of which the making was broken off: keys/ comes first. */
static bool is_station(const struct station_dir *dir)
{
	static const char *const parts[] = {STATION_FILE, STATION_DATABASE, STATION_KEYS};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (faccessat(dir->fd, parts[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return false;
}

static int take_station(struct restoring *restoring, const char *path, struct complaint *complaint)
{
	int result = station_dir_open(path, &restoring->dir, complaint);
	if (result != 0)
		return result;
	if (!is_station(&restoring->dir))
		return complain(complaint, -EEXIST,
		    "%s: is not empty, and no station; expected a new or empty directory, or a "
		    "station",
		    path);
	if (!restoring->may_replace)
		return complain(complaint, -EEXIST,
		    "%s: a station is there; expected a new or empty directory, or --replace",
		    path);
	return 0;
}

static int find_place(struct restoring *restoring, struct complaint *complaint)
{
	const char *path = station_dir_find(restoring->station);
	const struct station_order order = {.path = path,
	    .text = backup_find(restoring->backup, STATION_FILE)->bytes,
	    .is_restored = true};
	struct stat status;
	restoring->made_dir = lstat(path, &status) != 0;
	int result = station_make(&order, &restoring->dir, complaint);
	restoring->is_new = result == 0;
	if (result == -EEXIST)
		result = take_station(restoring, path, complaint);
	if (result == 0)
		result = station_dir_lock(&restoring->dir, &restoring->lock, complaint);
	return result;
}

/* ---- Putting back ---- */

static int put(void *context, struct complaint *complaint)
{
	const struct restoring *restoring = context;
	return put_back(&restoring->dir, restoring->backup, complaint);
}

/* Read again: it may be another since it was checked. */
static int stage(struct restoring *restoring, struct complaint *complaint)
{
	backup_free(restoring->backup);
	restoring->backup = NULL;
	if (lseek(restoring->archive_fd, 0, SEEK_SET) != 0)
		return complain(complaint, -errno, "%s: %s", restoring->path, strerror(errno));
	int fd = -1;
	int result = put_back_open(&restoring->dir, &fd, complaint);
	if (result == 0)
		result = backup_read(
		    restoring->path, restoring->archive_fd, fd, &restoring->backup, complaint);
	if (fd >= 0)
		(void)close(fd); /* what it holds is copied, and that is synced */
	return result;
}

static int change(struct restoring *restoring, struct complaint *complaint)
{
	int result = find_place(restoring, complaint);
	if (result == 0)
		result = stage(restoring, complaint);
	if (result == 0)
		result = put_back_stage(&restoring->dir, restoring->backup, complaint);
	if (result == 0)
		result = as_owner(&restoring->dir, put, restoring, complaint);
	if (result == 0)
		result = put_back_texts(&restoring->dir, restoring->backup, complaint);
	if (restoring->dir.fd >= 0)
		put_back_tidy(&restoring->dir, restoring->is_new);
	if (result != 0 && restoring->is_new) {
		put_back_forget(&restoring->dir, restoring->backup);
		station_unmake(&restoring->dir, restoring->made_dir);
	}
	return result;
}

/* Signals that end us wait meanwhile, so that nothing is left half made. */
static int change_in_peace(struct restoring *restoring, struct complaint *complaint)
{
	sigset_t waiting, before;
	(void)sigemptyset(&waiting); /* these cannot fail with signals that exist */
	(void)sigaddset(&waiting, SIGINT);
	(void)sigaddset(&waiting, SIGTERM);
	(void)sigaddset(&waiting, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &waiting, &before);
	int result = change(restoring, complaint);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

/* ---- The command ---- */

static void say(const struct restoring *restoring, enum station_word word,
    const struct value *values, size_t count)
{
	char line[LINE_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	station_words_add(&text, restoring->language, word, values, count);
	puts(line);
}

/* Whether all that people wrote for it is right: a station is not kept from coming back by that. */
static bool is_right(const struct station_dir *dir, struct complaint *complaint)
{
	struct station_config *config = malloc(sizeof *config); /* large for a stack */
	struct wording_set *wording = NULL;
	struct holidays *holidays = NULL;
	int result = config == NULL ? complain(complaint, -ENOMEM, "out of memory")
				    : station_config_read(dir, config, complaint);
	if (result == 0)
		result = wording_files_read(dir, &wording, complaint);
	if (result == 0)
		result = holidays_read(dir->path, &holidays, complaint);
	holidays_free(holidays);
	wording_set_free(wording);
	free(config);
	return result == 0;
}

/* A configuration may name files that were not in the archive, or say what a new program refuses.
 */
static int tell(const struct restoring *restoring)
{
	char command[STATION_DIR_PATH_BYTES];
	struct complaint complaint = {""};
	const bool is_default = strcmp(restoring->dir.path, STATION_DIR_DEFAULT) == 0;
	const bool is_whole = is_right(&restoring->dir, &complaint);
	say(restoring, WORD_RESTORED,
	    VALUES(
		value_of_text(restoring->dir.path), value_of_text(restoring->backup->head.made)));
	if (!restoring->is_new)
		say(restoring, WORD_RESTORED_BESIDE, NULL, 0);
	if (!is_whole)
		say(restoring, WORD_RESTORED_LACKS, VALUES(value_of_text(complaint.text)));
	(void)snprintf(command, sizeof command, "hinomi check%s%s", is_default ? "" : " --station ",
	    is_default ? "" : restoring->dir.path); /* fits */
	say(restoring, WORD_NEXT, VALUES(value_of_text(command)));
	int status = cmd_flush_output();
	return status != 0 || is_whole ? status : EXIT_FINDINGS;
}

static int restore(struct restoring *restoring)
{
	struct complaint complaint = {""};
	int result = check_archive(restoring, &complaint);
	if (result == 0)
		result = change_in_peace(restoring, &complaint);
	return result == 0 ? tell(restoring) : cmd_fail("%s", complaint.text);
}

/* From 1: getopt_long gives 0 and other letters a meaning of their own. */
enum restore_option {
	OPTION_STATION = 1,
	OPTION_REPLACE,
	OPTION_LANG,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"station", required_argument, NULL, OPTION_STATION},
    {"replace", no_argument, NULL, OPTION_REPLACE},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int take_options(struct restoring *restoring, int argc, char **argv)
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
		case OPTION_STATION:
			restoring->station = optarg;
			break;
		case OPTION_REPLACE:
			restoring->may_replace = true;
			break;
		case OPTION_LANG:
			language = language_find(optarg);
			if (language < 0)
				return cmd_fail("--lang %s: expected ja or en", optarg);
			restoring->language = (enum language)language;
			break;
		case OPTION_HELP:
		case 'h':
			restoring->wants_help = true;
			break;
		default:
			return cmd_fail("%s: %s; see `hinomi restore --help`",
			    cmd_refused_option(argv, OPTION_HELP, letter),
			    option == ':' ? "a value is missing" : "unknown option");
		}
	}
}

int cmd_restore(int argc, char **argv)
{
	struct restoring restoring = {.dir = {.fd = -1}, .lock = -1, .archive_fd = -1};
	restoring.language = language_of_environment();
	int status = take_options(&restoring, argc, argv);
	if (status != 0)
		return status;
	if (restoring.wants_help) {
		print_usage(stdout);
		return cmd_flush_output();
	}
	if (argc - optind != 1 || argv[optind][0] == '\0')
		return argc - optind > 1
			   ? cmd_fail("restore: %s: expected one file only", argv[optind + 1])
			   : cmd_fail("restore: expected a file that `hinomi backup` wrote");
	restoring.path = argv[optind];
	status = restore(&restoring);
	backup_free(restoring.backup);
	if (restoring.archive_fd >= 0)
		(void)close(restoring.archive_fd); /* only read from */
	if (restoring.lock >= 0)
		(void)close(restoring.lock); /* its number matters to nobody any more */
	station_dir_close(&restoring.dir);
	return status;
}
