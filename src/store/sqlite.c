#include "store/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int count_log_pages(void *state, sqlite3 *db, const char *name, int pages)
{
	(void)db;
	(void)name;
	((struct sqlite *)state)->log_pages = pages;
	return SQLITE_OK;
}

static void free_state(struct sqlite *sqlite)
{
	if (sqlite->lock_fd >= 0)
		(void)close(sqlite->lock_fd); /* nothing was written */
	free(sqlite->path);
	free(sqlite);
}

static int open_sqlite(struct store *store, struct complaint *complaint)
{
	if (store->path == NULL)
		return complain(complaint, -EINVAL, "sqlite: no path, expected that of a file");
	struct sqlite *sqlite = calloc(1, sizeof *sqlite);
	if (sqlite == NULL)
		return complain(complaint, -ENOMEM, "%s: memory is out", store->path);
	sqlite->lock_fd = -1;
	sqlite->is_read_only = store->read_only;
	sqlite->path = sqlite_path(store->path);
	int error = 0;
	if (sqlite->path == NULL)
		error = complain(complaint, -ENOMEM, "%s: memory is out", store->path);
	if (error == 0 && !sqlite->is_read_only)
		error = sqlite_lock(sqlite->path, &sqlite->lock_fd, complaint);
	if (error == 0)
		error = sqlite_connect(sqlite, complaint);
	/* On a full disk even opening needs a little room, and nobody could make any before. */
	if (error == -ENOSPC && sqlite_drop_reserve(sqlite))
		error = sqlite_connect(sqlite, complaint);
	if (error != 0) {
		free_state(sqlite);
		return error;
	}
	store->state = sqlite;
	store->is_new = sqlite->is_new;
	if (!sqlite->is_read_only) {
		(void)sqlite3_wal_hook(sqlite->db, count_log_pages, sqlite); /* no one before */
		sqlite_take_reserve(sqlite);
	}
	return 0;
}

/* Nothing is asked of the disk a second time: no log is taken in. */
static void disconnect_quietly(struct sqlite *sqlite)
{
	if (sqlite->db == NULL)
		return;
	int result = sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert(result == SQLITE_OK); /* a flag is set */
	sqlite_disconnect(sqlite);
}

static void close_sqlite(struct store *store)
{
	struct sqlite *sqlite = sqlite_of(store);
	if (store->is_suspect)
		disconnect_quietly(sqlite);
	else
		sqlite_disconnect(sqlite);
	free_state(sqlite);
}

/* Copies what stands in a file onto itself, in the parts in which it is written. */
static int write_again(sqlite3_file *file)
{
	static const int PART_BYTES = 64 << 10;
	sqlite3_int64 bytes = 0;
	char *part = malloc((size_t)PART_BYTES);
	int result = part == NULL ? SQLITE_NOMEM : file->pMethods->xFileSize(file, &bytes);
	for (sqlite3_int64 at = 0; at < bytes && result == SQLITE_OK; at += PART_BYTES) {
		int left = bytes - at < PART_BYTES ? (int)(bytes - at) : PART_BYTES;
		result = file->pMethods->xRead(file, part, left, at);
		if (result == SQLITE_OK)
			result = file->pMethods->xWrite(file, part, left, at);
	}
	if (result == SQLITE_OK)
		result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	free(part);
	return result;
}

/*
 * After fsync failed, the system may take pages for written that are not: another fsync says
 * nothing. So the log is written anew before anything in it is believed.
 */
static int renew_log(const struct sqlite *sqlite, struct complaint *complaint)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
	/* As sqlite3_create_filename tells: names given to a VFS are followed by two more. */
	char *log = sqlite3_mprintf("%s-wal%c%c%c", sqlite->path, 0, 0, 0);
	if (file == NULL || log == NULL) {
		free(file);
		sqlite3_free(log);
		return complain(complaint, -ENOMEM, "%s: memory is out", sqlite->path);
	}
	int exists = 0;
	int result = vfs->xAccess(vfs, log, SQLITE_ACCESS_EXISTS, &exists);
	if (result == SQLITE_OK && exists != 0) {
		result = vfs->xOpen(vfs, log, file, SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE, NULL);
		if (result == SQLITE_OK)
			result = write_again(file);
	}
	if (file->pMethods != NULL)
		(void)file->pMethods->xClose(file); /* what it wrote was synced */
	free(file);
	sqlite3_free(log);
	return result == SQLITE_OK ? 0
				   : sqlite_complain(NULL, result, sqlite->path,
					 "its log cannot be written anew", complaint);
}

/*
 * An empty commit: it takes the place of one that failed halfway, which the log may still hold, so
 * that what is seen now stays so; and it shows that the disk takes commits again.
 */
static int settle(struct sqlite *sqlite, struct complaint *complaint)
{
	char sql[80];
	(void)snprintf(sql, sizeof sql, "BEGIN IMMEDIATE; PRAGMA user_version = %d; COMMIT",
	    DATABASE_SCHEMA); /* a number fits */
	int result = sqlite_run(sqlite->db, sql);
	return result == SQLITE_OK ? 0
				   : sqlite_complain(sqlite->db, result, sqlite->path,
					 "takes no commits", complaint);
}

static int reopen_sqlite(struct store *store, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	disconnect_quietly(sqlite);
	sqlite->was_suspect = true;
	int error = sqlite->is_read_only ? 0 : renew_log(sqlite, complaint);
	if (error == 0)
		error = sqlite_connect(sqlite, complaint);
	if (error != 0 || sqlite->is_read_only)
		return error;
	(void)sqlite3_wal_hook(sqlite->db, count_log_pages, sqlite); /* no one before */
	error = settle(sqlite, complaint);
	if (error != 0) {
		disconnect_quietly(sqlite);
		return error;
	}
	sqlite->was_suspect = false;
	sqlite->log_error = 0;
	return 0;
}

static int begin_sqlite(struct store *store, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	int result = sqlite_turn(sqlite, TURN_BEGIN);
	return result == SQLITE_OK
		   ? 0
		   : sqlite_fail(store, result, "a transaction cannot begin", complaint);
}

static void rollback_sqlite(struct store *store)
{
	struct sqlite *sqlite = sqlite_of(store);
	/* An error may have rolled back already. */
	if (sqlite->db != NULL && sqlite3_get_autocommit(sqlite->db) == 0 &&
	    sqlite_turn(sqlite, TURN_ROLLBACK) != SQLITE_OK)
		store->is_suspect = true;
}

void sqlite_take_log(struct store *store, int mode)
{
	struct sqlite *sqlite = sqlite_of(store);
	int result = sqlite3_wal_checkpoint_v2(sqlite->db, "main", mode, NULL, NULL);
	if (result == SQLITE_BUSY) /* somebody reads what would be overwritten: next time */
		result = SQLITE_OK;
	sqlite->log_error = sqlite_errno(sqlite->db, result);
	if (result != SQLITE_OK && sqlite_is_grave(sqlite->db, result))
		store->is_suspect = true;
}

static int commit_sqlite(struct store *store, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	int result = sqlite_turn(sqlite, TURN_COMMIT);
	if (result == SQLITE_OK) {
		if (sqlite->log_pages >= DATABASE_LOG_PAGES)
			sqlite_take_log(store, SQLITE_CHECKPOINT_PASSIVE);
		return 0;
	}
	/* SQLite writes the frame that commits last: when there was no room, it is not there. */
	bool is_unknown = result != SQLITE_FULL && !sqlite->is_read_only;
	int error = sqlite_fail(store, result,
	    is_unknown ? "a commit failed, and may be there all the same" : "a commit failed",
	    complaint);
	if (is_unknown) {
		store->is_suspect = true;
		error = -EIO;
	}
	rollback_sqlite(store);
	return error;
}

const struct store_engine store_sqlite = {
    .name = "sqlite",
    .open = open_sqlite,
    .close = close_sqlite,
    .reopen = reopen_sqlite,
    .begin = begin_sqlite,
    .commit = commit_sqlite,
    .rollback = rollback_sqlite,
    .put = sqlite_put,
    .remove = sqlite_remove,
    .change = sqlite_change,
    .each = sqlite_each,
    .count = sqlite_count,
    .version = sqlite_version,
    .measure = sqlite_measure,
    .look = sqlite_look,
    .use_reserve = sqlite_use_reserve,
    .shrink = sqlite_shrink,
};
