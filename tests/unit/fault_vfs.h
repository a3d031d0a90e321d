/*
 * fault_vfs.h - a disk that fails when told to, below SQLite: a VFS over the system's.
 *
 * It counts the calls that may fail and lets the N-th fail, or all from the N-th on. It also knows
 * what a power cut would leave: what was synced, and of what was not, any part. A sync that fails
 * forgets what it was to bring to the disk, as Linux does: the file reads as written, and another
 * sync brings nothing. Nothing is really synced, so a run takes a millisecond.
 */
#ifndef FAULT_VFS_H
#define FAULT_VFS_H

#include <assert.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"

enum {
	FAULT_FILES_MAX = 8,
	FAULT_NAME_BYTES = 192,
	FAULT_SECTOR_BYTES = 512, /* what a disk writes whole */
};

enum fault {
	FAULT_NONE,
	FAULT_IO,    /* EIO, of any call */
	FAULT_FULL,  /* ENOSPC, of calls that take room */
	FAULT_SHORT, /* half of it is written, then the disk is full */
	FAULT_TORN,  /* half of it is written, then EIO */
	FAULT_SYNC,  /* EIO, of syncs */
};

/* What a file has that the disk has not. */
struct fault_pending {
	int64_t at;
	int64_t length; /* of bytes; -1: the file was cut at `at` */
	uint8_t *bytes;
};

struct fault_disk_file {
	char name[FAULT_NAME_BYTES];
	uint8_t *durable;
	int64_t bytes;
	int64_t bytes_max;
	struct fault_pending *pending;
	size_t pending_count;
	size_t pending_max;
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	sqlite3_io_methods methods;
	enum fault fault;
	int64_t fail_at;   /* the call that fails, from 1; 0: none */
	bool fails_on;     /* and all after it */
	int64_t calls;     /* that could have failed so */
	int64_t failed;    /* that did */
	const char *where; /* the first that did */
	struct fault_disk_file files[FAULT_FILES_MAX];
	size_t file_count;
	bool remembers; /* what a power cut would leave */
} fault_disk;

struct fault_file {
	sqlite3_file base;
	struct fault_disk_file *disk; /* NULL: not on it (shared memory, copies) */
	sqlite3_file *real;
};

static inline sqlite3_file *fault_real(sqlite3_file *file)
{
	return ((struct fault_file *)(void *)file)->real;
}

static inline struct fault_disk_file *fault_disk_of(sqlite3_file *file)
{
	return ((struct fault_file *)(void *)file)->disk;
}

/* Whether this call fails; `concerns` says whether the fault set can hit it. */
static inline bool fault_hits(bool concerns, const char *where)
{
	if (!concerns || fault_disk.fault == FAULT_NONE)
		return false;
	fault_disk.calls++;
	bool hits = fault_disk.fail_at > 0 &&
		    (fault_disk.fails_on ? fault_disk.calls >= fault_disk.fail_at
					 : fault_disk.calls == fault_disk.fail_at);
	if (hits && fault_disk.failed++ == 0)
		fault_disk.where = where;
	return hits;
}

static inline bool fault_is(enum fault fault)
{
	return fault_disk.fault == fault;
}

static inline struct fault_disk_file *fault_find(const char *name)
{
	for (size_t i = 0; i < fault_disk.file_count; i++) {
		if (strcmp(fault_disk.files[i].name, name) == 0)
			return &fault_disk.files[i];
	}
	assert(fault_disk.file_count < FAULT_FILES_MAX);
	struct fault_disk_file *file = &fault_disk.files[fault_disk.file_count++];
	(void)snprintf(file->name, sizeof file->name, "%s", name);
	return file;
}

static inline void fault_note(
    struct fault_disk_file *file, int64_t at, const void *bytes, int64_t length)
{
	if (file == NULL || !fault_disk.remembers)
		return;
	if (file->pending_count == file->pending_max) {
		file->pending_max = 2 * file->pending_max + 64;
		file->pending =
		    reallocarray(file->pending, file->pending_max, sizeof *file->pending);
		assert(file->pending != NULL);
	}
	struct fault_pending pending = {.at = at, .length = length};
	if (length > 0) {
		pending.bytes = malloc((size_t)length);
		assert(pending.bytes != NULL);
		memcpy(pending.bytes, bytes, (size_t)length);
	}
	file->pending[file->pending_count++] = pending;
}

static inline void fault_resize(struct fault_disk_file *file, int64_t bytes)
{
	if (bytes > file->bytes_max) {
		file->bytes_max = 2 * bytes + (1 << 20);
		file->durable = realloc(file->durable, (size_t)file->bytes_max);
		assert(file->durable != NULL);
	}
	if (bytes > file->bytes)
		memset(file->durable + file->bytes, 0, (size_t)(bytes - file->bytes));
	file->bytes = bytes;
}

/* Brings one change to the disk; with `random`, any sectors of it. */
static inline void fault_apply(
    struct fault_disk_file *file, const struct fault_pending *pending, struct random *random)
{
	if (pending->length < 0) {
		if (random == NULL || random_below(random, 2) == 0)
			fault_resize(file, pending->at);
		return;
	}
	for (int64_t at = 0; at < pending->length;) {
		int64_t place = pending->at + at;
		int64_t length = FAULT_SECTOR_BYTES - place % FAULT_SECTOR_BYTES;
		if (length > pending->length - at)
			length = pending->length - at;
		if (random == NULL || random_below(random, 2) == 0) {
			if (place + length > file->bytes)
				fault_resize(file, place + length);
			memcpy(file->durable + place, pending->bytes + at, (size_t)length);
		}
		at += length;
	}
}

static inline void fault_forget(struct fault_disk_file *file)
{
	for (size_t i = 0; i < file->pending_count; i++)
		free(file->pending[i].bytes);
	file->pending_count = 0;
}

static inline int fault_close(sqlite3_file *file)
{
	return fault_real(file)->pMethods->xClose(fault_real(file));
}

static inline int fault_read(sqlite3_file *file, void *out, int bytes, sqlite3_int64 at)
{
	if (fault_hits(fault_is(FAULT_IO), "read"))
		return SQLITE_IOERR_READ;
	return fault_real(file)->pMethods->xRead(fault_real(file), out, bytes, at);
}

static inline int fault_write(sqlite3_file *file, const void *in, int bytes, sqlite3_int64 at)
{
	bool hits = fault_hits(!fault_is(FAULT_SYNC), "write");
	bool is_half = fault_is(FAULT_SHORT) || fault_is(FAULT_TORN);
	int written = !hits ? bytes : is_half ? bytes / 2 : 0;
	int result = SQLITE_OK;
	if (written > 0) {
		result = fault_real(file)->pMethods->xWrite(fault_real(file), in, written, at);
		fault_note(fault_disk_of(file), at, in, written);
	}
	if (!hits)
		return result;
	return fault_is(FAULT_IO) || fault_is(FAULT_TORN) ? SQLITE_IOERR_WRITE : SQLITE_FULL;
}

static inline int fault_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
	if (fault_hits(fault_is(FAULT_IO), "truncate"))
		return SQLITE_IOERR_TRUNCATE;
	fault_note(fault_disk_of(file), bytes, NULL, -1);
	return fault_real(file)->pMethods->xTruncate(fault_real(file), bytes);
}

static inline int fault_sync(sqlite3_file *file, int flags)
{
	struct fault_disk_file *disk = fault_disk_of(file);
	(void)flags;
	bool hits = fault_hits(fault_is(FAULT_IO) || fault_is(FAULT_SYNC), "sync");
	for (size_t i = 0; disk != NULL && !hits && i < disk->pending_count; i++)
		fault_apply(disk, &disk->pending[i], NULL);
	if (disk != NULL)
		fault_forget(disk);
	return hits ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static inline int fault_file_size(sqlite3_file *file, sqlite3_int64 *ret_bytes)
{
	if (fault_hits(fault_is(FAULT_IO), "size"))
		return SQLITE_IOERR_FSTAT;
	return fault_real(file)->pMethods->xFileSize(fault_real(file), ret_bytes);
}

static inline int fault_lock(sqlite3_file *file, int level)
{
	if (fault_hits(fault_is(FAULT_IO), "lock"))
		return SQLITE_IOERR_LOCK;
	return fault_real(file)->pMethods->xLock(fault_real(file), level);
}

static inline int fault_unlock(sqlite3_file *file, int level)
{
	return fault_real(file)->pMethods->xUnlock(fault_real(file), level);
}

static inline int fault_check_lock(sqlite3_file *file, int *ret_locked)
{
	return fault_real(file)->pMethods->xCheckReservedLock(fault_real(file), ret_locked);
}

static inline int fault_control(sqlite3_file *file, int operation, void *argument)
{
	return fault_real(file)->pMethods->xFileControl(fault_real(file), operation, argument);
}

static inline int fault_sector(sqlite3_file *file)
{
	return fault_real(file)->pMethods->xSectorSize(fault_real(file));
}

static inline int fault_device(sqlite3_file *file)
{
	return fault_real(file)->pMethods->xDeviceCharacteristics(fault_real(file));
}

static inline int fault_shm_map(
    sqlite3_file *file, int page, int bytes, int extend, void volatile **ret_map)
{
	if (fault_hits(fault_is(FAULT_IO) || fault_is(FAULT_FULL), "shared memory"))
		return fault_is(FAULT_FULL) ? SQLITE_FULL : SQLITE_IOERR_SHMMAP;
	return fault_real(file)->pMethods->xShmMap(fault_real(file), page, bytes, extend, ret_map);
}

static inline int fault_shm_lock(sqlite3_file *file, int first, int count, int flags)
{
	if (fault_hits(fault_is(FAULT_IO) && (flags & SQLITE_SHM_LOCK) != 0, "shared lock"))
		return SQLITE_IOERR_SHMLOCK;
	return fault_real(file)->pMethods->xShmLock(fault_real(file), first, count, flags);
}

static inline void fault_shm_barrier(sqlite3_file *file)
{
	fault_real(file)->pMethods->xShmBarrier(fault_real(file));
}

static inline int fault_shm_unmap(sqlite3_file *file, int is_deleted)
{
	return fault_real(file)->pMethods->xShmUnmap(fault_real(file), is_deleted);
}

static inline bool fault_is_watched(int flags)
{
	return (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
}

static inline int fault_open(
    sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct fault_file *own = (struct fault_file *)(void *)file;
	(void)vfs;
	file->pMethods = NULL;
	if (fault_hits(fault_is(FAULT_IO) || fault_is(FAULT_FULL), "open"))
		return SQLITE_CANTOPEN;
	own->disk = name != NULL && fault_is_watched(flags) ? fault_find(name) : NULL;
	own->real = (sqlite3_file *)(void *)(own + 1);
	int result = fault_disk.real->xOpen(fault_disk.real, name, own->real, flags, ret_flags);
	if (result == SQLITE_OK)
		file->pMethods = &fault_disk.methods;
	return result;
}

static inline int fault_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
	(void)vfs;
	(void)is_synced;
	if (fault_hits(fault_is(FAULT_IO), "delete"))
		return SQLITE_IOERR_DELETE;
	return fault_disk.real->xDelete(fault_disk.real, name, 0);
}

static inline int fault_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_answer)
{
	(void)vfs;
	if (fault_hits(fault_is(FAULT_IO), "access"))
		return SQLITE_IOERR_ACCESS;
	return fault_disk.real->xAccess(fault_disk.real, name, flags, ret_answer);
}

/* Before SQLite is used. */
static inline void fault_install(void)
{
	fault_disk.real = sqlite3_vfs_find(NULL);
	fault_disk.methods = (sqlite3_io_methods){.iVersion = 2,
	    .xClose = fault_close,
	    .xRead = fault_read,
	    .xWrite = fault_write,
	    .xTruncate = fault_truncate,
	    .xSync = fault_sync,
	    .xFileSize = fault_file_size,
	    .xLock = fault_lock,
	    .xUnlock = fault_unlock,
	    .xCheckReservedLock = fault_check_lock,
	    .xFileControl = fault_control,
	    .xSectorSize = fault_sector,
	    .xDeviceCharacteristics = fault_device,
	    .xShmMap = fault_shm_map,
	    .xShmLock = fault_shm_lock,
	    .xShmBarrier = fault_shm_barrier,
	    .xShmUnmap = fault_shm_unmap};
	fault_disk.vfs = *fault_disk.real;
	fault_disk.vfs.zName = "fault";
	fault_disk.vfs.pNext = NULL;
	fault_disk.vfs.szOsFile = (int)sizeof(struct fault_file) + fault_disk.real->szOsFile;
	fault_disk.vfs.xOpen = fault_open;
	fault_disk.vfs.xDelete = fault_delete;
	fault_disk.vfs.xAccess = fault_access;
	int result = sqlite3_vfs_register(&fault_disk.vfs, 1);
	assert(result == SQLITE_OK);
}

/* From now on this fault, at the N-th call that it concerns. */
static inline void fault_set(enum fault fault, int64_t fail_at, bool fails_on)
{
	fault_disk.fault = fault;
	fault_disk.fail_at = fail_at;
	fault_disk.fails_on = fails_on;
	fault_disk.calls = 0;
	fault_disk.failed = 0;
	fault_disk.where = "";
}

/* Gives the memory back. */
static inline void fault_release(void)
{
	for (size_t i = 0; i < fault_disk.file_count; i++) {
		fault_forget(&fault_disk.files[i]);
		free(fault_disk.files[i].pending);
		free(fault_disk.files[i].durable);
	}
	fault_disk.file_count = 0;
}

/* A disk on which nothing is. */
static inline void fault_clear(void)
{
	for (size_t i = 0; i < fault_disk.file_count; i++) {
		fault_forget(&fault_disk.files[i]);
		fault_disk.files[i].bytes = 0;
	}
	fault_set(FAULT_NONE, 0, false);
}

/* A file that is on the disk already. */
static inline void fault_put_file(const char *name, const void *bytes, size_t count)
{
	struct fault_disk_file *file = fault_find(name);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t written = write(fd, bytes, count);
	assert(fd >= 0 && written == (ssize_t)count);
	(void)close(fd);
	fault_resize(file, (int64_t)count);
	memcpy(file->durable, bytes, count);
}

enum fault_survivors {
	FAULT_SYNCED, /* what was synced */
	FAULT_ALL,    /* all that was written */
	FAULT_ANY,    /* any sectors of what was not synced, by chance */
};

/* The power is cut: files are what the disk has. Nothing may have them open. */
static inline void fault_cut_power(enum fault_survivors survivors, struct random *random)
{
	for (size_t i = 0; i < fault_disk.file_count; i++) {
		struct fault_disk_file *file = &fault_disk.files[i];
		char name[FAULT_NAME_BYTES + 8];
		for (size_t j = 0; survivors != FAULT_SYNCED && j < file->pending_count; j++)
			fault_apply(
			    file, &file->pending[j], survivors == FAULT_ANY ? random : NULL);
		fault_forget(file);
		int fd = open(file->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		ssize_t written = write(fd, file->durable, (size_t)file->bytes);
		assert(fd >= 0 && written == file->bytes);
		(void)close(fd);
		(void)snprintf(name, sizeof name, "%s-shm", file->name);
		(void)unlink(name); /* it is memory */
	}
}

#endif
