#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/sqlite.h"

enum {
	/* In one transaction: 4 MiB of pages that move. */
	SHRINK_PAGES = 1024,
	/* The header of a database: where it says how many pages there are. */
	HEADER_BYTES = 100,
	HEADER_PAGES_AT = 28,
};

/* Of a file beside the database; 0 when it is not there. */
static int64_t file_bytes(const char *path, const char *ending)
{
	struct stat status;
	char *name = NULL;
	if (asprintf(&name, "%s%s", path, ending) < 0)
		return 0;
	int64_t bytes = stat(name, &status) == 0 ? status.st_size : 0;
	free(name);
	return bytes;
}

static int64_t disk_bytes(const char *path)
{
	struct statvfs status;
	if (statvfs(path, &status) != 0)
		return 0;
	return (int64_t)(status.f_bavail * status.f_frsize);
}

int sqlite_measure(
    struct store *store, struct store_health *ret_health, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	int64_t pages = 0;
	int64_t free_pages = 0;
	int64_t page_bytes = 0;
	int result = sqlite_ask(sqlite->db, "PRAGMA page_count", &pages);
	if (result == SQLITE_OK)
		result = sqlite_ask(sqlite->db, "PRAGMA freelist_count", &free_pages);
	if (result == SQLITE_OK)
		result = sqlite_ask(sqlite->db, "PRAGMA page_size", &page_bytes);
	if (result != SQLITE_OK)
		return sqlite_fail(store, result, "cannot be measured", complaint);
	*ret_health = (struct store_health){
	    .bytes = pages * page_bytes,
	    .free_bytes = free_pages * page_bytes,
	    .log_bytes = file_bytes(sqlite->path, "-wal"),
	    .disk_bytes = disk_bytes(sqlite->path),
	    .reserve_bytes = file_bytes(sqlite->path, "-reserve"),
	    .log_error = sqlite->log_error,
	};
	return 0;
}

/*
 * What is wrong with the beginning and the length, or NULL. A log that was taken in halfway leaves
 * more pages promised than there are; but only who cuts the file makes it shorter at the same time.
 */
static const char *judge_file(struct sqlite *sqlite, sqlite3_file *file)
{
	static const char MAGIC[16] = "SQLite format 3";
	uint8_t header[HEADER_BYTES];
	sqlite3_int64 bytes = 0;
	int64_t page_bytes = 0;
	/* a disk that cannot be read is noticed by who wants something of it */
	if (file->pMethods->xFileSize(file, &bytes) != SQLITE_OK ||
	    sqlite_ask(sqlite->db, "PRAGMA page_size", &page_bytes) != SQLITE_OK)
		return NULL;
	if (bytes < HEADER_BYTES)
		return "was emptied";
	if (file->pMethods->xRead(file, header, HEADER_BYTES, 0) != SQLITE_OK)
		return NULL;
	if (memcmp(header, MAGIC, sizeof MAGIC) != 0)
		return "was written over";
	int64_t pages = 0;
	for (size_t i = 0; i < 4; i++)
		pages = pages << 8 | header[HEADER_PAGES_AT + i];
	const bool is_cut = bytes < sqlite->file_bytes && bytes < pages * page_bytes;
	if (is_cut)
		return "was cut short"; /* and stays so: its length of before is kept */
	sqlite->file_bytes = bytes;
	return NULL;
}

/* By SQLite's own descriptor: closing another of this file would lose its locks. */
int sqlite_look(struct store *store, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	sqlite3_file *file = NULL;
	int has_moved = 0;
	const char *what = NULL;
	int result = sqlite3_file_control(sqlite->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
	if (result == SQLITE_OK && has_moved != 0)
		what = "was removed or replaced";
	else if (sqlite3_file_control(sqlite->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) ==
		     SQLITE_OK &&
		 file != NULL && file->pMethods != NULL)
		what = judge_file(sqlite, file);
	if (what == NULL)
		return 0;
	return complain(complaint, -EUCLEAN,
	    "%s: %s while it is in use: make a copy with `hinomi backup` before the station is "
	    "stopped",
	    sqlite->path, what);
}

/* Of a reserve that cannot be had, store_measure tells. */
void sqlite_take_reserve(struct sqlite *sqlite)
{
	char *name = NULL;
	if (file_bytes(sqlite->path, "-reserve") == STORE_RESERVE_BYTES ||
	    disk_bytes(sqlite->path) < 2 * (int64_t)STORE_RESERVE_BYTES ||
	    asprintf(&name, "%s-reserve", sqlite->path) < 0)
		return;
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd >= 0 && posix_fallocate(fd, 0, STORE_RESERVE_BYTES) != 0)
		(void)unlink(name); /* a part of it is of no use */
	if (fd >= 0)
		(void)close(fd); /* holds nothing */
	free(name);
}

bool sqlite_drop_reserve(const struct sqlite *sqlite)
{
	char *name = NULL;
	if (sqlite->is_read_only || asprintf(&name, "%s-reserve", sqlite->path) < 0)
		return false;
	bool was_there = unlink(name) == 0;
	free(name);
	return was_there;
}

void sqlite_use_reserve(struct store *store)
{
	(void)sqlite_drop_reserve(sqlite_of(store)); /* may not be there */
}

int sqlite_shrink(struct store *store, int64_t bytes_max, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	char sql[64];
	int64_t free_pages = 0;
	int64_t page_bytes = 1;
	if (sqlite->is_read_only)
		return complain(complaint, -EROFS, "%s: opened for reading only", sqlite->path);
	int result = sqlite_ask(sqlite->db, "PRAGMA freelist_count", &free_pages);
	if (result == SQLITE_OK)
		result = sqlite_ask(sqlite->db, "PRAGMA page_size", &page_bytes);
	int64_t left = bytes_max / page_bytes < free_pages ? bytes_max / page_bytes : free_pages;
	for (; left > 0 && result == SQLITE_OK && !store->is_suspect; left -= SHRINK_PAGES) {
		int pages = left < SHRINK_PAGES ? (int)left : SHRINK_PAGES;
		(void)snprintf(
		    sql, sizeof sql, "PRAGMA incremental_vacuum(%d)", pages); /* a number fits */
		result = sqlite_run(sqlite->db, sql);
		if (result == SQLITE_OK)
			sqlite_take_log(store, SQLITE_CHECKPOINT_PASSIVE);
	}
	if (result != SQLITE_OK)
		return sqlite_fail(store, result, "cannot be made smaller", complaint);
	if (!store->is_suspect)
		sqlite_take_log(store, SQLITE_CHECKPOINT_TRUNCATE);
	if (store->is_suspect)
		return complain(complaint, -EIO, "%s: its log cannot be taken in", sqlite->path);
	sqlite_take_reserve(sqlite);
	return 0;
}
