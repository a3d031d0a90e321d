/*
 * sqlite.h - the parts of the engine sqlite. Included by src/store/sqlite*.c and backup.c only.
 *
 *   sqlite.c          the engine: opening and closing, transactions, the log
 *   sqlite_open.c     whether a file is ours, whole, and writable
 *   sqlite_migrate.c  making tables, and bringing earlier ones up to date
 *   sqlite_rows.c     putting, finding, changing, removing
 *   sqlite_cache.c    statements kept for the next time
 *   sqlite_copy.c     a copy of a database that is in use
 *   sqlite_room.c     size, reserve, shrinking
 *   sqlite_error.c    what its results mean to us
 *
 * Durability rests on: a write-ahead log with synchronous=FULL, so each commit is synced; one
 * connection that writes and takes the log in, since SQLite 3.40 can lose a page where two do;
 * readers that do neither.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/sql.h"

enum {
	DATABASE_APPLICATION = 0x48696e6f, /* "Hino", in the header of the file */
	DATABASE_SCHEMA = 5,               /* its version, that of the last migration */
	/* Questions of a keeper, each once; more are prepared again. */
	DATABASE_STATEMENTS = 48,
	/* 4 MiB: the log is taken in when it has as many; that takes some 10 ms. */
	DATABASE_LOG_PAGES = 1024,
	/* What is kept of the log's file once it was taken in; more was a rare flood. */
	DATABASE_LOG_KEPT_BYTES = 16 << 20,
	/* Of the database in memory. */
	DATABASE_CACHE_KIB = 8 << 10,
	/* Somebody who reads may put the log in order when we open; that takes milliseconds. */
	DATABASE_OPEN_WAIT_MS = 5000,
};

/* How a record is put: a statement each. */
enum sqlite_put {
	PUT_NEW, /* the id is given */
	PUT_REPLACE,
	PUT_ADD,
	PUT_COUNT
};

/* Statements that turn a transaction; prepared at the start, since rolling back must not need
   memory. */
enum sqlite_turn {
	TURN_BEGIN,
	TURN_COMMIT,
	TURN_ROLLBACK,
	TURN_COUNT
};

struct sqlite_cached {
	char *sql;
	sqlite3_stmt *statement;
	uint64_t used; /* when last, by sqlite.clock */
	bool is_busy;
};

struct sqlite {
	sqlite3 *db; /* NULL: not open, after a reopening that failed */
	char *path;  /* never taken for a URI */
	int lock_fd; /* -1: read-only */
	sqlite3_stmt *turns[TURN_COUNT];
	sqlite3_stmt *puts[STORE_KIND_COUNT][PUT_COUNT];
	struct sqlite_cached cache[DATABASE_STATEMENTS];
	uint64_t clock;
	struct sqlite_copy *copy; /* that is being made of it, or NULL */
	struct sql sql;           /* in which statements are written */
	int log_pages;            /* after the last commit */
	int log_error;            /* of taking it in */
	bool was_suspect;         /* the next opening is after an error */
	bool is_read_only;        /* asked for */
	bool is_new;              /* had no tables */
	int64_t file_bytes;       /* at the last look */
};

static inline struct sqlite *sqlite_of(const struct store *store)
{
	return (struct sqlite *)store->state;
}

/* sqlite_error.c */

/* The negative errno for a result of SQLite; `db` (or NULL) knows the system's. */
int sqlite_errno(sqlite3 *db, int result);
/* That, with a complaint "PATH: <what>: <why>"; the store becomes suspect where it has to. */
int sqlite_fail(struct store *store, int result, const char *what, struct complaint *complaint);
/* The same where there is no store yet. */
int sqlite_complain(
    sqlite3 *db, int result, const char *path, const char *what, struct complaint *complaint);
/* Whether after this result nothing should be asked of the disk again. */
bool sqlite_is_grave(sqlite3 *db, int result);
/* Runs statements without parameters or rows. The result of SQLite. */
int sqlite_run(sqlite3 *db, const char *sql);
/* The first number that a question gives, else SQLite's result. */
int sqlite_ask(sqlite3 *db, const char *sql, int64_t *ret_number);

/* sqlite_open.c */

/* Everything but the lock: opens sqlite->path, and makes or migrates it. On failure it is closed.
 */
int sqlite_connect(struct sqlite *sqlite, struct complaint *complaint);
/* Opens a database of ours only to be read; one of an earlier schema where that `may_be_old`. */
int sqlite_connect_reader(
    const char *path, bool may_be_old, sqlite3 **ret_db, struct complaint *complaint);
void sqlite_disconnect(struct sqlite *sqlite);
/* Takes the lock of the one process that writes. */
int sqlite_lock(const char *path, int *ret_fd, struct complaint *complaint);
/* The path as SQLite takes it for a path; to be freed. */
char *sqlite_path(const char *path);
/* Whether all of a database is sound: "quick_check" or "integrity_check". */
int sqlite_check(sqlite3 *db, const char *path, const char *pragma, struct complaint *complaint);

/* sqlite_migrate.c */

int sqlite_create(sqlite3 *db, const char *path, struct complaint *complaint);
/* From this earlier schema, which is copied beside it first. */
int sqlite_migrate(sqlite3 *db, const char *path, int schema, struct complaint *complaint);

/* sqlite_rows.c */

int sqlite_put(struct store *store, struct store_record record, enum store_put_mode mode,
    struct complaint *complaint);
int sqlite_remove(struct store *store, const struct bound_query *query, int64_t *ret_count,
    struct complaint *complaint);
int sqlite_change(struct store *store, const struct bound_query *query,
    const struct bound_changes *changes, int64_t *ret_count, struct complaint *complaint);
int sqlite_each(struct store *store, const struct bound_query *query, struct visitor *visitor,
    struct complaint *complaint);
int sqlite_count(struct store *store, const struct bound_query *query, int64_t *ret_count,
    struct complaint *complaint);

int sqlite_version(struct store *store, int64_t *ret_version, struct complaint *complaint);

/* sqlite_cache.c */

/* A statement for sqlite->sql, to be given back; *ret_cached is NULL when it is not kept. The
   result of SQLite. */
int sqlite_take(
    struct sqlite *sqlite, sqlite3_stmt **ret_statement, struct sqlite_cached **ret_cached);
void sqlite_give(sqlite3_stmt *statement, struct sqlite_cached *cached);
/* One for putting, kept for ever. */
int sqlite_take_put(
    struct sqlite *sqlite, enum store_kind kind, enum sqlite_put put, sqlite3_stmt **ret_statement);
/* Prepares the turns. */
int sqlite_prepare_turns(struct sqlite *sqlite);
int sqlite_turn(struct sqlite *sqlite, enum sqlite_turn turn);
void sqlite_forget_all(struct sqlite *sqlite);

/* sqlite_copy.c */

struct sqlite_copy;

/* Begins a copy at `path`, which appears there only once it is whole, checked and on the disk. */
int sqlite_copy_open(
    sqlite3 *from, const char *path, struct sqlite_copy **ret_copy, struct complaint *complaint);
/* Copies so many pages (negative: all). *ret_left: how many are left. */
int sqlite_copy_step(
    struct sqlite_copy *copy, int pages, int *ret_left, struct complaint *complaint);
/* Checks a whole copy and brings it to the disk. */
int sqlite_copy_seal(struct sqlite_copy *copy, struct complaint *complaint);
/* Gives a sealed copy its name. */
int sqlite_copy_place(struct sqlite_copy *copy, struct complaint *complaint);
/* What it copies is about to be closed: it cannot go on. */
void sqlite_copy_detach(struct sqlite_copy *copy);
bool sqlite_copy_is_detached(const struct sqlite_copy *copy);
/* Removes what is not in place. NULL is allowed. */
void sqlite_copy_free(struct sqlite_copy *copy);
/* All of the above at once. */
int sqlite_copy_all(sqlite3 *from, const char *path, struct complaint *complaint);
/* Makes sure that names in the directory of `path` survive a power cut. */
int sqlite_sync_directory(const char *path, struct complaint *complaint);

/* sqlite_room.c */

int sqlite_measure(
    struct store *store, struct store_health *ret_health, struct complaint *complaint);
int sqlite_look(struct store *store, struct complaint *complaint);
void sqlite_take_reserve(struct sqlite *sqlite);
/* Whether there was one. */
bool sqlite_drop_reserve(const struct sqlite *sqlite);
void sqlite_use_reserve(struct store *store);
int sqlite_shrink(struct store *store, int64_t bytes_max, struct complaint *complaint);

/* sqlite.c */

/* Takes the log into the database; `mode` as of sqlite3_wal_checkpoint_v2. */
void sqlite_take_log(struct store *store, int mode);

#endif
