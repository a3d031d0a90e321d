#include "cmd/station/make.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/answer_key.h"
#include "cmd/station/config.h"

static const struct part {
	const char *name;
	mode_t mode;
} parts[] = {
    {STATION_KEYS, STATION_SECRET_DIR_MODE},
    {STATION_SPOOL, STATION_SECRET_DIR_MODE},
    {STATION_EVIDENCE, STATION_DIR_MODE},
};

enum {
	PARTS = sizeof parts / sizeof parts[0]
};

/* What was made so far, so that it can be removed. */
struct making {
	const struct station_order *order;
	struct complaint *complaint;
	struct station_dir dir;
	bool made_dir;
	bool was_empty; /* the directory, so that what is in it now is ours */
	bool has_owner; /* it is to belong to: */
	uid_t owner;
	gid_t group;
};

static int fail(const struct making *making, const char *name, int error)
{
	return complain(making->complaint, error, "%s%s%s: %s, expected to make it",
	    making->order->path, name[0] == '\0' ? "" : "/", name, strerror(-error));
}

/* Anything in a directory, `.` and `..` apart: 1, 0, or a negative errno. */
static int holds_anything(int dir, bool *ret_has_station)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
	if (entries == NULL) {
		int error = -errno;
		if (copy >= 0)
			(void)close(copy); /* only read from */
		return error;
	}
	int found = 0;
	for (const struct dirent *entry = readdir(entries); entry != NULL;
	     entry = readdir(entries)) {
		/* A disk of its own has this one from the beginning. */
		bool is_ours = strcmp(entry->d_name, ".") != 0 &&
			       strcmp(entry->d_name, "..") != 0 &&
			       strcmp(entry->d_name, "lost+found") != 0;
		found = found || is_ours;
		*ret_has_station = *ret_has_station || strcmp(entry->d_name, STATION_FILE) == 0;
	}
	(void)closedir(entries); /* only read from */
	return found;
}

static int refuse_full(const struct making *making, bool has_station)
{
	const char *path = making->order->path;
	if (has_station)
		return complain(making->complaint, -EEXIST,
		    "%s: a station is there already, expected a new directory; `hinomi check "
		    "--station %s` looks at it",
		    path, path);
	return complain(making->complaint, -EEXIST,
	    "%s: is not empty, expected a new directory or an empty one", path);
}

/* A directory that is there must be ours alone and empty. */
static int take_dir(struct making *making)
{
	bool has_station = false;
	int error = station_dir_open(making->order->path, &making->dir, making->complaint);
	if (error != 0)
		return error;
	int found = holds_anything(making->dir.fd, &has_station);
	if (found < 0)
		return fail(making, "", found);
	making->was_empty = found == 0;
	return found > 0 ? refuse_full(making, has_station) : 0;
}

static int make_dir(struct making *making)
{
	const char *path = making->order->path;
	if (mkdir(path, STATION_SECRET_DIR_MODE) == 0) {
		making->made_dir = true;
		making->was_empty = true;
		return station_dir_open(path, &making->dir, making->complaint);
	}
	int error = -errno;
	if (error == -EEXIST)
		return take_dir(making);
	if (error == -ENOENT)
		return complain(making->complaint, error,
		    "%s: the directory above it is not there, expected it to be", path);
	return fail(making, "", error);
}

/* Without following a link, which nobody but us can have put there. */
static int give(const struct making *making, const char *name, mode_t mode, uid_t owner)
{
	int fd =
	    openat(making->dir.fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	int error = 0;
	if (making->has_owner && fchown(fd, owner, making->group) != 0)
		error = -errno;
	if (error == 0 && fchmod(fd, mode) != 0) /* whatever the umask is */
		error = -errno;
	(void)close(fd); /* nothing was written through it */
	return error;
}

static int make_parts(const struct making *making)
{
	for (size_t i = 0; i < PARTS; i++) {
		int error = mkdirat(making->dir.fd, parts[i].name, parts[i].mode) == 0 ? 0 : -errno;
		if (error == 0)
			error = give(making, parts[i].name, parts[i].mode, making->owner);
		if (error != 0)
			return fail(making, parts[i].name, error);
	}
	return 0;
}

/* Calls for each file of the database: it keeps some beside. Stops at what is not 0. */
static int each_database_file(
    const struct making *making, int (*call)(const struct making *making, const char *name))
{
	int copy = openat(making->dir.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
	if (entries == NULL) {
		int error = -errno;
		if (copy >= 0)
			(void)close(copy); /* only read from */
		return error;
	}
	int error = 0;
	for (const struct dirent *entry = readdir(entries); error == 0 && entry != NULL;
	     entry = readdir(entries))
		if (strncmp(entry->d_name, STATION_DATABASE, strlen(STATION_DATABASE)) == 0)
			error = call(making, entry->d_name);
	(void)closedir(entries); /* only read from */
	return error;
}

static int give_file(const struct making *making, const char *name)
{
	int error = give(making, name, STATION_FILE_MODE, making->owner);
	return error == 0 ? 0 : fail(making, name, error);
}

/* What cannot be removed stays, and is seen the next time. */
static int remove_file(const struct making *making, const char *name)
{
	(void)unlinkat(making->dir.fd, name, 0);
	return 0;
}

static int make_database(const struct making *making)
{
	int error = station_store_create(&making->dir, making->order->seed, making->complaint);
	return error == 0 ? each_database_file(making, give_file) : error;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		ssize_t written = write(fd, text, left);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		left -= (size_t)written;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

static int write_file(const struct making *making)
{
	int error = 0;
	int fd = openat(making->dir.fd, STATION_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    STATION_SECRET_DIR_MODE & S_IRUSR);
	if (fd < 0)
		return fail(making, STATION_FILE, -errno);
	error = write_all(fd, making->order->text);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error == 0) /* who looks after a station is root there, and no duty may change it */
		error = give(making, STATION_FILE, STATION_FILE_MODE, 0);
	return error == 0 ? 0 : fail(making, STATION_FILE, error);
}

/* As it will be when it starts. */
static int read_again(const struct making *making)
{
	struct station_config *config = malloc(sizeof *config);
	if (config == NULL)
		return fail(making, STATION_FILE, -ENOMEM);
	int error = station_config_read(&making->dir, config, making->complaint);
	free(config);
	return error;
}

static int finish(const struct making *making)
{
	int error = give(making, ".", STATION_DIR_MODE, making->owner);
	if (error == 0 && fsync(making->dir.fd) != 0)
		error = -errno;
	return error == 0 ? 0 : fail(making, "", error);
}

static int make_all(struct making *making)
{
	int error = make_dir(making);
	if (error != 0)
		return error;
	error = make_parts(making);
	if (error == 0 && !making->order->is_restored) /* a copy may have its own */
		error = station_answer_key_make(&making->dir, making->complaint);
	if (error == 0)
		error = make_database(making);
	if (error == 0)
		error = write_file(making);
	if (error == 0 && !making->order->is_restored)
		error = read_again(making);
	return error == 0 ? finish(making) : error;
}

/* Of a directory that was empty. */
static void remove_all(const struct making *making)
{
	(void)remove_file(making, STATION_FILE);
	(void)remove_file(making, ANSWER_KEY_FILE);
	(void)each_database_file(making, remove_file);
	for (size_t i = 0; i < PARTS; i++)
		(void)unlinkat(making->dir.fd, parts[i].name, AT_REMOVEDIR); /* as above */
}

int station_make(
    const struct station_order *order, struct station_dir *ret_dir, struct complaint *complaint)
{
	struct making making = {.order = order, .complaint = complaint, .dir = {.fd = -1}};
	sigset_t waiting, before;
	making.has_owner = geteuid() == 0 && station_user_find(&making.owner, &making.group) == 0;
	(void)sigemptyset(&waiting); /* these cannot fail with signals that exist */
	(void)sigaddset(&waiting, SIGINT);
	(void)sigaddset(&waiting, SIGTERM);
	(void)sigaddset(&waiting, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &waiting, &before);

	int error = make_all(&making);
	if (error == 0) {
		*ret_dir = making.dir;
	} else {
		if (making.dir.fd >= 0 && making.was_empty)
			remove_all(&making);
		station_dir_close(&making.dir);
		if (making.made_dir)
			(void)rmdir(order->path); /* as above */
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

void station_unmake(const struct station_dir *dir, bool made_dir)
{
	const struct making making = {.dir = *dir};
	remove_all(&making);
	(void)unlinkat(dir->fd, STATION_LOCK, 0); /* may not be there */
	if (made_dir)
		(void)rmdir(dir->path); /* unless something else is in it */
}
