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
