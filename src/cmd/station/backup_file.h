/*
 * backup_file.h - a copy of a station in one file: a tar archive (base/tar.h) in which each file
 * has its place, and each byte is checked.
 *
 *     hinomi-backup   lines "KEY VALUE": the form's version, when and by which program it was made,
 *                     and whether keys are in it
 *     station.yaml
 *     station.db      a whole database without a log (store/backup.h)
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

#define BACKUP_HEAD      "hinomi-backup"
#define BACKUP_CHECKSUMS "CHECKSUMS"
#define BACKUP_KEYS      "keys/"

enum {
	BACKUP_VERSION = 1,
	/* A station has some: a password, a certificate, those that sign. */
	BACKUP_KEYS_MAX = 64,
	/* All but the database is held in memory: text that people write, keys. */
	BACKUP_TEXT_MAX_BYTES = 1 << 20,
	BACKUP_PROGRAM_BYTES = 32, /* its version */
};

struct backup_head {
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
 * that is too long, -ENOSPC for one key too many, -EINVAL for a name that is none (letters, digits,
 * and . _ - but not first).
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

struct backup_key {
	char name[TAR_NAME_BYTES]; /* without "keys/" */
	struct backup_text text;
};

/* All of it but the database. */
struct backup {
	struct backup_head head;
	struct backup_text station;
	int64_t database_bytes;
	struct backup_key keys[BACKUP_KEYS_MAX];
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

/* Whether a key may have this name. */
bool backup_name_is_valid(const char *name);

#endif
