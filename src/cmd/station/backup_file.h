/*
 * backup_file.h - a copy of a station in one file: a tar archive (base/tar.h) in which each file
 * has its place, and each byte is checked.
 *
 *     hinomi-backup   lines "KEY VALUE": the form's version, when and by which program it was made,
 *                     and whether keys are in it
 *     station.yaml
 *     station.db      a whole database without a log (store/backup.h)
 *     wording/ja.yaml and what else people write for a station themselves (backup_places.h); a form
 *                     of version 1 holds none of it
 *     keys/NAME       any number, where keys are in it
 *     CHECKSUMS       of all before: lines of 32 hexadecimal digits (XXH3, 128 bits), two blanks
 *                     and a name, as xxh128sum(1) reads them
 *
 * It is written and read from its beginning to its end, so memory does not depend on its size. What
 * protects it is against accidents: whoever can change it can change the checksums as well.
 */
#ifndef CMD_STATION_BACKUP_FILE_H
#define CMD_STATION_BACKUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/tar.h"
#include "base/when.h"
#include "cmd/station/backup_places.h"

#define BACKUP_HEAD      "hinomi-backup"
#define BACKUP_CHECKSUMS "CHECKSUMS"
#define BACKUP_KEYS      "keys/"

enum {
	BACKUP_VERSION = 2,           /* what this program writes; it reads those before as well */
	BACKUP_VERSION_OF_PLACES = 2, /* from here on more than station.yaml is in it */
	/* A station has some: a password, a certificate, those that sign. */
	BACKUP_KEYS_MAX = 64,
	/* All but the database is held in memory: text that people write, keys. */
	BACKUP_TEXT_MAX_BYTES = 1 << 20,
	BACKUP_PROGRAM_BYTES = 32, /* its version */
};

struct backup_head {
	int version;                /* as it was read; writing takes its own */
	char made[WHEN_TEXT_BYTES]; /* when, as when_format_utc() writes it */
	char program[BACKUP_PROGRAM_BYTES];
	bool has_keys;
};

/* ---- Writing ---- */

struct backup_writer;

/* `name` stands in complaints; `fd` is borrowed, and written from where it is. 0 or -ENOMEM. */
int backup_writer_new(const char *name, int fd, struct backup_writer **ret_writer);
void backup_writer_free(struct backup_writer *writer); /* NULL is allowed */

/*
 * Each in its turn. 0, or a negative errno with a complaint: what writing gave, -EFBIG for a text
 * that is too long, -ENOSPC for one key or file too many, -EINVAL for a key whose name is none
 * (letters, digits, and . _ - but not first).
 */
int backup_writer_add_head(
    struct backup_writer *writer, const struct backup_head *head, struct complaint *complaint);
int backup_writer_add_text(struct backup_writer *writer, const char *name, const void *bytes,
    size_t count, struct complaint *complaint);
/* All of an open file, which must not change meanwhile (-EAGAIN). */
int backup_writer_add_file(
    struct backup_writer *writer, const char *name, int fd, struct complaint *complaint);
/* The checksums and the end; what was written is on the disk then. */
int backup_writer_finish(struct backup_writer *writer, struct complaint *complaint);

/* ---- Reading ---- */

struct backup_text {
	char *bytes; /* ends with a NUL that is not counted */
	size_t count;
};

struct backup_item {
	char name[TAR_NAME_BYTES];
	struct backup_text text;
};

/* All of it but the database. */
struct backup {
	struct backup_head head;
	int64_t database_bytes;
	struct backup_item files[BACKUP_FILES_MAX]; /* "wording/ja.yaml"; station.yaml is first */
	size_t file_count;
	struct backup_item keys[BACKUP_KEYS_MAX]; /* without "keys/" */
	size_t key_count;
};

/*
 * Reads a whole archive from its beginning and checks all of it. The database goes to
 * `database_fd`, where that is not negative; it is nothing worth before this returned 0. On failure
 * a negative errno with a complaint "NAME:OFFSET: what is wrong": -EBADMSG for the content, -EFBIG
 * for more than is taken, -EPROTONOSUPPORT for a later form, or what reading and writing gave.
 */
int backup_read(const char *name, int fd, int database_fd, struct backup **ret_backup,
    struct complaint *complaint);
void backup_free(struct backup *backup); /* NULL is allowed; forgets keys before */
/* The text of a file; NULL where it is not in it. */
const struct backup_text *backup_find(const struct backup *backup, const char *name);

/* Whether a key may have this name. */
bool backup_name_is_valid(const char *name);

#endif
