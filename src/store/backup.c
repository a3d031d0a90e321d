#include "store/backup.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"

enum {
	PAGE_BYTES = 4096, /* as they are made (sqlite_open.c) */
	STEP_PAGES = STORE_BACKUP_STEP_BYTES / PAGE_BYTES,
};

struct store_backup {
	struct store *store; /* used only while the copy is its own */
	struct sqlite_copy *copy;
};

int store_backup_open(struct store *store, const char *path, struct store_backup **ret_backup,
    struct complaint *complaint)
{
	if (store->engine != &store_sqlite)
		return complain(complaint, -ENOTSUP, "a store of the kind %s has no file to copy",
		    store->engine->name);
	if (store->is_suspect)
		return complain(complaint, -EIO,
		    "%s: not copied after an error of the disk; it has to be opened anew",
		    store->path);
	struct sqlite *sqlite = sqlite_of(store);
	if (sqlite->copy != NULL)
		return complain(complaint, -EBUSY, "%s: is being copied already", store->path);
	struct store_backup *backup = calloc(1, sizeof *backup);
	if (backup == NULL)
		return complain(complaint, -ENOMEM, "%s: memory is out", store->path);
	backup->store = store;
	int error = sqlite_copy_open(sqlite->db, path, &backup->copy, complaint);
	if (error != 0) {
		free(backup);
		return error;
	}
	sqlite->copy = backup->copy;
	*ret_backup = backup;
	return 0;
}

int store_backup_step(
    struct store_backup *backup, int64_t *ret_left_bytes, struct complaint *complaint)
{
	int left = 0;
	int error = sqlite_copy_step(backup->copy, STEP_PAGES, &left, complaint);
	if (error == 0)
		*ret_left_bytes = (int64_t)left * PAGE_BYTES;
	return error;
}

/* From now on the copy is not told when the store is closed. */
static void let_go(struct store_backup *backup)
{
	if (!sqlite_copy_is_detached(backup->copy))
		sqlite_of(backup->store)->copy = NULL;
}

int store_backup_finish(struct store_backup *backup, struct complaint *complaint)
{
	let_go(backup);
	int error = sqlite_copy_seal(backup->copy, complaint);
	return error != 0 ? error : sqlite_copy_place(backup->copy, complaint);
}

void store_backup_close(struct store_backup *backup)
{
	if (backup == NULL)
		return;
	let_go(backup);
	sqlite_copy_free(backup->copy);
	free(backup);
}

static int fail_errno(const char *path, const char *what, struct complaint *complaint)
{
	int error = errno;
	return complain(complaint, -error, "%s: %s (%s)", path, what, strerror(error));
}

/* Nothing but tables of ours, of which each reference leads somewhere. */
static int check_copy(sqlite3 *from, const char *path, struct complaint *complaint)
{
	int64_t others = 0;
	int64_t dangling = 0;
	int result = sqlite_ask(from,
	    "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')", &others);
	if (result == SQLITE_OK)
		result =
		    sqlite_ask(from, "SELECT count(*) FROM pragma_foreign_key_check", &dangling);
	if (result != SQLITE_OK)
		return sqlite_complain(from, result, path, "cannot be checked", complaint);
	if (others != 0 || dangling != 0)
		return complain(complaint, -EUCLEAN,
		    "%s: is damaged or was tampered with, expected a copy as Hinomi makes it",
		    path);
	return 0;
}

/* Takes the log of a database into it, so that one file is all of it. One that is damaged keeps
   its log. */
static void take_log(const char *path)
{
	sqlite3 *db = NULL;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
		(void)sqlite3_wal_checkpoint_v2(
		    db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL); /* as said above */
	(void)sqlite3_close(db); /* has no statements: cannot be busy */
}

/* Renames PATH<ending> where there is one; `is_kept`: its old name stays as well. */
static int move_aside(
    const char *path, const char *ending, bool is_kept, struct complaint *complaint)
{
	char *from = NULL;
	char *to = NULL;
	int error = 0;
	if (asprintf(&from, "%s%s", path, ending) < 0)
		from = NULL;
	if (asprintf(&to, "%s.replaced%s", path, ending) < 0)
		to = NULL;
	if (from == NULL || to == NULL)
		error = complain(complaint, -ENOMEM, "%s: memory is out", path);
	else if (unlink(to) != 0 && errno != ENOENT)
		error = fail_errno(to, "cannot be removed", complaint);
	else if ((is_kept ? link(from, to) : rename(from, to)) != 0 && errno != ENOENT)
		error = fail_errno(from, "cannot be set aside", complaint);
	free(from);
	free(to);
	return error;
}

/*
 * The old database keeps its name until the copy takes it, so that there is always one. Its log
 * must be gone before: it would be taken into the copy. It is empty but for a damaged database. So
 * must be the journal of a database whose making was broken off: the copy would be rolled back.
 */
static int set_aside(const char *path, struct complaint *complaint)
{
	struct stat status;
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
		take_log(path);
	int error = move_aside(path, "", true, complaint);
	if (error == 0)
		error = move_aside(path, "-wal", false, complaint);
	if (error == 0)
		error = move_aside(path, "-shm", false, complaint);
	if (error == 0)
		error = move_aside(path, "-journal", false, complaint);
	return error == 0 ? sqlite_sync_directory(path, complaint) : error;
}

static int put_back(sqlite3 *from, const char *path, struct complaint *complaint)
{
	struct sqlite_copy *copy = NULL;
	int left = 0;
	int error = sqlite_copy_open(from, path, &copy, complaint);
	if (error == 0)
		error = sqlite_copy_step(copy, -1, &left, complaint);
	if (error == 0)
		error = sqlite_copy_seal(copy, complaint);
	if (error == 0)
		error = set_aside(path, complaint);
	if (error == 0)
		error = sqlite_copy_place(copy, complaint);
	sqlite_copy_free(copy);
	return error;
}

int store_restore(const char *copy, const char *path, struct complaint *complaint)
{
	char *from_path = sqlite_path(copy);
	char *to_path = sqlite_path(path);
	sqlite3 *from = NULL;
	int lock_fd = -1;
	int error = 0;
	if (from_path == NULL || to_path == NULL)
		error = complain(complaint, -ENOMEM, "%s: memory is out", path);
	if (error == 0)
		error = sqlite_lock(to_path, &lock_fd, complaint);
	if (error == 0)
		error = sqlite_connect_reader(from_path, true, &from, complaint);
	if (error == 0)
		error = check_copy(from, from_path, complaint);
	if (error == 0)
		error = put_back(from, to_path, complaint);
	(void)sqlite3_close(from); /* has no statements: cannot be busy */
	if (lock_fd >= 0)
		(void)close(lock_fd); /* nothing was written */
	free(from_path);
	free(to_path);
	return error;
}
