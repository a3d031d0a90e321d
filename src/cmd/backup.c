/* backup.c - `hinomi backup`: a station in one file. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/quantity.h"
#include "cmd/backup_copy.h"
#include "cmd/cmd.h"
#include "cmd/station/backup_file.h"
#include "cmd/station/words.h"

enum {
	ARCHIVE_MODE = 0600, /* whoever reads it knows whom the station warns, and of what */
	LINE_BYTES = 2048,
};

struct backing {
	const char *path; /* of the archive */
	const char *station;
	bool with_keys;
	bool wants_help;
	enum language language;
	struct station_dir dir;
	int copy_fd; /* of the database */
	char *part;  /* PATH.part */
	int part_fd;
	char *keys[BACKUP_KEYS_MAX];
	size_t key_count;
	char *files[BACKUP_FILES_MAX]; /* "wording/ja.yaml", in order of their places */
	size_t file_count;
};

static void print_usage(FILE *out)
{
	fputs(
	    "usage: hinomi backup FILE [--with-keys] [--station DIR] [--lang ja|en]\n"
	    "\n"
	    "Writes all that a station knows into one file, also while it runs: its database, its\n"
	    "configuration with words and holidays of its own, and where asked for its keys. "
	    "`hinomi restore` puts it back.\n"
	    "\n"
	    "  --with-keys    what is in keys/ as well: keep the file as safe as those\n"
	    "  --station DIR  the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
	    "  --lang ja|en   language of what is said (that of the locale)\n",
	    out);
}

static int compare_names(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

/* A folder of the station, itself and not where a link leads. */
static int open_folder(
    const struct backing *backing, const char *name, DIR **ret_entries, struct complaint *complaint)
{
	int fd = openat(backing->dir.fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	*ret_entries = fd >= 0 ? fdopendir(fd) : NULL;
	if (*ret_entries != NULL)
		return 0;
	const int error = errno;
	if (fd >= 0)
		(void)close(fd); /* only looked at */
	return complain(complaint, -error, "%s/%s: %s, expected to read it", backing->dir.path,
	    name, strerror(error));
}

/* ---- Keys ---- */

/* Names in keys/, in order; what lies there and is no key is refused, since it would be missed. */
static int add_name(struct backing *backing, const char *name, struct complaint *complaint)
{
	if (!backup_name_is_valid(name))
		return complain(complaint, -EINVAL,
		    "%s/" STATION_KEYS "/%s: expected a name of letters, digits and . _ - that "
		    "begins with one of the first two",
		    backing->dir.path, name);
	if (backing->key_count == BACKUP_KEYS_MAX)
		return complain(complaint, -ENOSPC, "%s/" STATION_KEYS ": expected at most %d keys",
		    backing->dir.path, BACKUP_KEYS_MAX);
	char *copy = strdup(name);
	if (copy == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	backing->keys[backing->key_count++] = copy;
	return 0;
}

static int list_keys(struct backing *backing, struct complaint *complaint)
{
	DIR *entries = NULL;
	int result = open_folder(backing, STATION_KEYS, &entries, complaint);
	if (result != 0)
		return result;
	for (const struct dirent *entry = readdir(entries); result == 0 && entry != NULL;
	     entry = readdir(entries))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = add_name(backing, entry->d_name, complaint);
	(void)closedir(entries); /* only read from */
	qsort(backing->keys, backing->key_count, sizeof backing->keys[0], compare_names);
	return result;
}

/* ---- What people write ---- */

static int add_path(struct backing *backing, const struct backup_place *place, const char *name,
    struct complaint *complaint)
{
	char *path = NULL;
	if (asprintf(&path, "%s%s%s", place->name, name[0] != '\0' ? "/" : "", name) < 0)
		return complain(complaint, -ENOMEM, "out of memory");
	assert(backing->file_count < BACKUP_FILES_MAX); /* all places have room together */
	backing->files[backing->file_count++] = path;
	return 0;
}

/* What the station would not read is left out. */
static int list_folder(
    struct backing *backing, const struct backup_place *place, struct complaint *complaint)
{
	const size_t before = backing->file_count;
	DIR *entries = NULL;
	int result = open_folder(backing, place->name, &entries, complaint);
	if (result == -ENOENT)
		return 0;
	for (const struct dirent *entry = NULL;
	     result == 0 && (entry = readdir(entries)) != NULL;) {
		if (!place->has(entry->d_name))
			continue;
		result = backing->file_count - before < place->files_max
			     ? add_path(backing, place, entry->d_name, complaint)
			     : complain(complaint, -ENOSPC, "%s/%s: expected at most %zu files",
				   backing->dir.path, place->name, place->files_max);
	}
	if (entries != NULL)
		(void)closedir(entries); /* only read from */
	qsort(&backing->files[before], backing->file_count - before, sizeof backing->files[0],
	    compare_names);
	return result;
}

static bool is_there(const struct backing *backing, const struct backup_place *place)
{
	return place->is_needed ||
	       faccessat(backing->dir.fd, place->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int list_files(struct backing *backing, struct complaint *complaint)
{
	size_t count;
	const struct backup_place *places = backup_places(&count);
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++)
		if (places[i].has != NULL)
			result = list_folder(backing, &places[i], complaint);
		else if (is_there(backing, &places[i]))
			result = add_path(backing, &places[i], "", complaint);
	return result;
}

/* ---- The archive ---- */

/* FILE.part beside it, ours alone; FILE itself must not be there. */
static int open_part(struct backing *backing, struct complaint *complaint)
{
	struct stat status;
	if (lstat(backing->path, &status) == 0)
		return complain(complaint, -EEXIST,
		    "%s: is there already, expected the name of a new file", backing->path);
	if (asprintf(&backing->part, "%s.part", backing->path) < 0) {
		backing->part = NULL;
		return complain(complaint, -ENOMEM, "out of memory");
	}
	(void)unlink(backing->part); /* of one that was not finished */
	backing->part_fd =
	    open(backing->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, ARCHIVE_MODE);
	if (backing->part_fd >= 0 && fchmod(backing->part_fd, ARCHIVE_MODE) == 0)
		return 0;
	return complain(
	    complaint, -errno, "%s: cannot be made (%s)", backing->part, strerror(errno));
}

static int add_file(struct backing *backing, struct backup_writer *writer, const char *name,
    struct complaint *complaint)
{
	int fd = -1;
	const bool is_key = strncmp(name, BACKUP_KEYS, strlen(BACKUP_KEYS)) == 0;
	int result = is_key ? station_dir_open_secret(&backing->dir, name, &fd, complaint)
			    : station_dir_open_file(&backing->dir, name, &fd, complaint);
	if (result == 0)
		result = backup_writer_add_file(writer, name, fd, complaint);
	if (fd >= 0)
		(void)close(fd); /* only read from */
	return result;
}

static int add_keys(
    struct backing *backing, struct backup_writer *writer, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < backing->key_count && result == 0; i++) {
		char name[TAR_NAME_BYTES];
		(void)snprintf(
		    name, sizeof name, BACKUP_KEYS "%s", backing->keys[i]); /* was looked at */
		result = add_file(backing, writer, name, complaint);
	}
	return result;
}

static int write_archive(struct backing *backing, struct complaint *complaint)
{
	struct backup_writer *writer = NULL;
	struct backup_head head = {.program = HINOMI_VERSION, .has_keys = backing->with_keys};
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	when_format_utc((int64_t)now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000, head.made);
	if (backup_writer_new(backing->path, backing->part_fd, &writer) != 0)
		return complain(complaint, -ENOMEM, "out of memory");
	int result = backup_writer_add_head(writer, &head, complaint);
	if (result == 0)
		result = add_file(backing, writer, backing->files[0], complaint); /* station.yaml */
	if (result == 0)
		result =
		    backup_writer_add_file(writer, STATION_DATABASE, backing->copy_fd, complaint);
	for (size_t i = 1; i < backing->file_count && result == 0; i++)
		result = add_file(backing, writer, backing->files[i], complaint);
	if (result == 0 && backing->with_keys)
		result = add_keys(backing, writer, complaint);
	if (result == 0)
		result = backup_writer_finish(writer, complaint);
	backup_writer_free(writer);
	return result;
}

/* So that it is there after a power cut. */
static int sync_folder_of(const char *path)
{
	char *copy = strdup(path);
	int fd = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 || (fsync(fd) != 0 && errno != EINVAL) ? -errno : 0;
	if (fd >= 0)
		(void)close(fd); /* nothing was written through it */
	free(copy);
	return result;
}

/* Gives the archive its name, which nobody took meanwhile. */
static int place(struct backing *backing, struct complaint *complaint)
{
	int result = renameat2(AT_FDCWD, backing->part, AT_FDCWD, backing->path, RENAME_NOREPLACE);
	if (result != 0 && (errno == EINVAL || errno == ENOSYS)) /* not on every file system */
		result = rename(backing->part, backing->path);
	if (result == 0)
		result = sync_folder_of(backing->path) == 0 ? 0 : -1;
	return result == 0 ? 0
			   : complain(complaint, -errno, "%s: cannot be put in place (%s)",
				 backing->path, strerror(errno));
}

/* ---- The command ---- */

static void say(
    const struct backing *backing, enum station_word word, const struct value *values, size_t count)
{
	char line[LINE_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	station_words_add(&text, backing->language, word, values, count);
	puts(line);
}

static int tell(const struct backing *backing)
{
	struct stat status;
	char size[QUANTITY_TEXT_BYTES] = "?";
	if (fstat(backing->part_fd, &status) == 0)
		size_format((uint64_t)status.st_size / 1024 * 1024, size);
	say(backing, WORD_BACKED_UP,
	    VALUES(value_of_text(backing->dir.path), value_of_text(backing->path),
		value_of_text(size)));
	if (backing->with_keys && backing->key_count > 0)
		say(backing, WORD_BACKED_UP_KEYS, NULL, 0);
	else if (backing->key_count > 0)
		say(backing, WORD_BACKED_UP_NO_KEYS, NULL, 0);
	return cmd_flush_output();
}

static int back_up(struct backing *backing)
{
	struct complaint complaint = {""};
	int result =
	    station_dir_open(station_dir_find(backing->station), &backing->dir, &complaint);
	if (result == 0)
		result = list_keys(backing, &complaint);
	if (result == 0)
		result = list_files(backing, &complaint);
	if (result == 0)
		result = open_part(backing, &complaint);
	if (result == 0)
		result = backup_copy(&backing->dir, &backing->copy_fd, &complaint);
	if (result == 0)
		result = write_archive(backing, &complaint);
	if (result == 0)
		result = place(backing, &complaint);
	return result == 0 ? tell(backing) : cmd_fail("%s", complaint.text);
}

static void release(struct backing *backing)
{
	if (backing->part_fd >= 0)
		(void)unlink(backing->part); /* unless it got its name */
	int fds[] = {backing->part_fd, backing->copy_fd};
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]); /* what was written was synced */
	for (size_t i = 0; i < backing->key_count; i++)
		free(backing->keys[i]);
	for (size_t i = 0; i < backing->file_count; i++)
		free(backing->files[i]);
	free(backing->part);
	station_dir_close(&backing->dir);
}

/* From 1: getopt_long gives 0 and other letters a meaning of their own. */
enum backup_option {
	OPTION_STATION = 1,
	OPTION_WITH_KEYS,
	OPTION_LANG,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"station", required_argument, NULL, OPTION_STATION},
    {"with-keys", no_argument, NULL, OPTION_WITH_KEYS},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int take_options(struct backing *backing, int argc, char **argv)
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
			backing->station = optarg;
			break;
		case OPTION_WITH_KEYS:
			backing->with_keys = true;
			break;
		case OPTION_LANG:
			language = language_find(optarg);
			if (language < 0)
				return cmd_fail("--lang %s: expected ja or en", optarg);
			backing->language = (enum language)language;
			break;
		case OPTION_HELP:
		case 'h':
			backing->wants_help = true;
			break;
		default:
			return cmd_fail("%s: %s; see `hinomi backup --help`",
			    cmd_refused_option(argv, OPTION_HELP, letter),
			    option == ':' ? "a value is missing" : "unknown option");
		}
	}
}

int cmd_backup(int argc, char **argv)
{
	struct backing backing = {.dir = {.fd = -1}, .copy_fd = -1, .part_fd = -1};
	backing.language = language_of_environment();
	int status = take_options(&backing, argc, argv);
	if (status != 0)
		return status;
	if (backing.wants_help) {
		print_usage(stdout);
		return cmd_flush_output();
	}
	if (argc - optind != 1 || argv[optind][0] == '\0')
		return argc - optind > 1
			   ? cmd_fail("backup: %s: expected one file only", argv[optind + 1])
			   : cmd_fail("backup: expected the file to write");
	backing.path = argv[optind];
	status = back_up(&backing);
	release(&backing);
	return status;
}
