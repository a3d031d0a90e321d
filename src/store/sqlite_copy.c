/*
 * A copy is written to PATH.part, checked, synced and only then named PATH: who finds PATH finds a
 * whole one. It is one file, without a log.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"

struct sqlite_copy {
	sqlite3 *to;
	sqlite3_backup *backup;
	char *path;
	char *part;
	bool is_whole;
	bool is_detached;
};

static int fail(const struct sqlite_copy *copy, int result, struct complaint *complaint)
{
	return sqlite_complain(copy->to, result, copy->part, "cannot be written", complaint);
}

static int fail_errno(const char *path, const char *what, struct complaint *complaint)
{
	int error = errno;
	return complain(complaint, -error, "%s: %s (%s)", path, what, strerror(error));
}

/* The unfinished file, and what SQLite may have left beside it. */
static void remove_part(const struct sqlite_copy *copy)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	char *name = NULL;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		if (asprintf(&name, "%s%s", copy->part, endings[i]) < 0)
			return;
		(void)unlink(name); /* may not be there */
		free(name);
	}
}

void sqlite_copy_free(struct sqlite_copy *copy)
{
	if (copy == NULL)
		return;
	(void)sqlite3_backup_finish(copy->backup); /* gives the result of its last step */
	(void)sqlite3_close(copy->to);             /* has no statements: cannot be busy */
	if (copy->part != NULL)
		remove_part(copy);
	free(copy->path);
	free(copy->part);
	free(copy);
}

/* An empty file that only we may read, since SQLite's mode would be the umask's. */
static int make_part(const struct sqlite_copy *copy, struct complaint *complaint)
{
	remove_part(copy); /* of a copy that was not finished */
	int fd = open(copy->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return fail_errno(copy->part, "cannot be made", complaint);
	(void)close(fd); /* nothing was written */
	return 0;
}

/* A copy onto itself would take the name from the database, and leave its log. */
static int check_place(sqlite3 *from, const char *path, struct complaint *complaint)
{
	struct stat there;
	struct stat here;
	if (stat(path, &there) != 0 || stat(sqlite3_db_filename(from, "main"), &here) != 0)
		return 0;
	if (S_ISREG(there.st_mode) && (there.st_dev != here.st_dev || there.st_ino != here.st_ino))
		return 0;
	return complain(
	    complaint, -EINVAL, "%s: no copy can be there, expected another file", path);
}

int sqlite_copy_open(
    sqlite3 *from, const char *path, struct sqlite_copy **ret_copy, struct complaint *complaint)
{
	struct sqlite_copy *copy = calloc(1, sizeof *copy);
	if (copy == NULL)
		return complain(complaint, -ENOMEM, "%s: memory is out", path);
	int error = 0;
	copy->path = sqlite_path(path);
	if (copy->path == NULL || asprintf(&copy->part, "%s.part", copy->path) < 0) {
		copy->part = NULL;
		error = complain(complaint, -ENOMEM, "%s: memory is out", path);
	}
	if (error == 0)
		error = check_place(from, copy->path, complaint);
	if (error == 0)
		error = make_part(copy, complaint);
	if (error == 0) {
		int result = sqlite3_open_v2(copy->part, &copy->to, SQLITE_OPEN_READWRITE, NULL);
		/* It is synced once, at the end. */
		if (result == SQLITE_OK)
			result = sqlite_run(
			    copy->to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
		if (result == SQLITE_OK) {
			copy->backup = sqlite3_backup_init(copy->to, "main", from, "main");
			result =
			    copy->backup != NULL ? SQLITE_OK : sqlite3_extended_errcode(copy->to);
		}
		if (result != SQLITE_OK)
			error = fail(copy, result, complaint);
	}
	if (error == 0)
		*ret_copy = copy;
	else
		sqlite_copy_free(copy);
	return error;
}

int sqlite_copy_step(
    struct sqlite_copy *copy, int pages, int *ret_left, struct complaint *complaint)
{
	if (copy->backup == NULL)
		return complain(complaint, -ECANCELED,
		    "%s: what was copied was closed: begin the copy again", copy->path);
	int result = sqlite3_backup_step(copy->backup, pages);
	copy->is_whole = result == SQLITE_DONE;
	*ret_left = copy->is_whole ? 0 : sqlite3_backup_remaining(copy->backup);
	if (!copy->is_whole && *ret_left == 0)
		*ret_left = 1; /* of a database that grew since */
	return result == SQLITE_OK || result == SQLITE_DONE
		   ? 0
		   : sqlite_complain(
			 copy->to, result, copy->part, "the copy cannot go on", complaint);
}

static int sync_file(const char *path, int flags, struct complaint *complaint)
{
	int fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(path, "cannot be opened", complaint);
	int error = fsync(fd) == 0 ? 0 : fail_errno(path, "cannot be synced", complaint);
	(void)close(fd); /* nothing was written through it */
	return error;
}

int sqlite_sync_directory(const char *path, struct complaint *complaint)
{
	char *copy = strdup(path);
	if (copy == NULL)
		return complain(complaint, -ENOMEM, "%s: memory is out", path);
	int error = sync_file(dirname(copy), O_RDONLY | O_DIRECTORY, complaint);
	free(copy);
	return error;
}

/* Ends the copying; what is there then is a file without a log, and whole. */
static int seal(struct sqlite_copy *copy, struct complaint *complaint)
{
	int result = sqlite3_backup_finish(copy->backup);
	copy->backup = NULL;
	if (result == SQLITE_OK)
		result = sqlite_run(
		    copy->to, "PRAGMA journal_mode = DELETE; PRAGMA temp_store = MEMORY");
	if (result != SQLITE_OK)
		return fail(copy, result, complaint);
	int error = sqlite_check(copy->to, copy->part, "integrity_check", complaint);
	(void)sqlite3_close(copy->to); /* has no statements: cannot be busy */
	copy->to = NULL;
	return error;
}

int sqlite_copy_seal(struct sqlite_copy *copy, struct complaint *complaint)
{
	if (!copy->is_whole)
		return complain(complaint, -ECANCELED, "%s: the copy is not whole", copy->path);
	int error = seal(copy, complaint);
	return error != 0 ? error : sync_file(copy->part, O_RDWR, complaint);
}

int sqlite_copy_place(struct sqlite_copy *copy, struct complaint *complaint)
{
	if (rename(copy->part, copy->path) != 0)
		return fail_errno(copy->path, "the copy cannot be put in place", complaint);
	return sqlite_sync_directory(copy->path, complaint);
}

void sqlite_copy_detach(struct sqlite_copy *copy)
{
	(void)sqlite3_backup_finish(copy->backup); /* gives the result of its last step */
	copy->backup = NULL;
	copy->is_whole = false;
	copy->is_detached = true;
}

bool sqlite_copy_is_detached(const struct sqlite_copy *copy)
{
	return copy->is_detached;
}

int sqlite_copy_all(sqlite3 *from, const char *path, struct complaint *complaint)
{
	struct sqlite_copy *copy = NULL;
	int left = 0;
	int error = sqlite_copy_open(from, path, &copy, complaint);
	if (error != 0)
		return error;
	error = sqlite_copy_step(copy, -1, &left, complaint);
	if (error == 0)
		error = sqlite_copy_seal(copy, complaint);
	if (error == 0)
		error = sqlite_copy_place(copy, complaint);
	sqlite_copy_free(copy);
	return error;
}
