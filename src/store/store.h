/*
 * store.h - where a station keeps its records: one interface, several engines.
 *
 *   sqlite  a file on this machine; what was committed survives crashes and power cuts
 *   memory  the same rules, and gone at the end: for simulations
 *   null    accepts and forgets: what does the rest cost?
 *
 * All pass the same tests. One process at a time opens a file for writing, and only one connection
 * in it; any number may read beside it. A store is used by one thread.
 *
 * Everything returns 0 or a negative errno and then says why in the complaint (which may be NULL):
 *
 *   -EINVAL   the record or question is wrong: which column, and what was expected
 *   -EEXIST   another record has this unique value      } the record is refused, and the
 *   -ENOENT   it refers to a record that is not there   } transaction goes on
 *   -ENOSPC   the disk is full                          }
 *   -ENOMEM   memory is out                             } the transaction can only be rolled back
 *   -EIO      the disk does not do what it should       }
 *   -EUCLEAN  the database is damaged                   }
 *   -EBUSY    another process has it open for writing
 *   -EROFS, -EACCES, -ENOTDIR ...  it cannot be opened like this
 *   -EMEDIUMTYPE     it is another program's database, or none
 *   -EPROTONOSUPPORT its schema is another version's
 *
 * After -EIO and -EUCLEAN the store is suspect: every call but store_close and store_reopen
 * returns -EIO.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/complaint.h"
#include "store/records.h"

struct store;

enum {
	/* Of a question. More is a sign that a record lacks an index or a column. */
	STORE_CONDITIONS_MAX = 12,
	/* In one list (STORE_IN): the members or states that a person names. */
	STORE_LIST_MAX = 64,
	/* Columns in one change, with the end. Who changes more puts the record anew. */
	STORE_CHANGES_MAX = 12,
};

struct store_options {
	const char *engine; /* "sqlite", "memory", "null" */
	/* Of the file; unused by others than sqlite. Beside it lie PATH-wal and PATH-shm, which
	   belong to it, PATH-lock, and PATH-reserve (store/upkeep.h). */
	const char *path;
	bool read_only; /* sqlite: never writes, and beside whoever does */
};

/*
 * Opens a store, or makes it where there is none (read_only: -ENOENT). A database of an earlier
 * schema is copied to PATH.before-N and brought up to date (read_only: -EPROTONOSUPPORT). One that
 * was not closed is checked.
 */
int store_open(
    const struct store_options *options, struct store **ret_store, struct complaint *complaint);
/* Whether opening made it: there was none, or an empty file. */
bool store_is_new(const struct store *store);
/* Rolls back what is open. NULL is allowed. */
void store_close(struct store *store);

/*
 * Everything is written within a transaction, and seen by others when it was committed. Reading
 * within one gives one moment; it is the only thing a read-only store does there.
 *
 * store_commit returns 0 when all of it is kept, for good. -EIO: **the outcome is unknown** and the
 * store suspect; after store_reopen, store_was_committed tells it. Every other error: nothing of it
 * is there. The transaction has ended in any case.
 */
int store_begin(struct store *store, struct complaint *complaint);
int store_commit(struct store *store, struct complaint *complaint);
void store_rollback(struct store *store);

/*
 * Closes and opens a store that is suspect (or any that is in no transaction), without asking the
 * disk a second time for what it failed to do: what stands in the log is written anew. The whole
 * database is checked. On failure the store stays suspect, and can be reopened again.
 */
int store_reopen(struct store *store, struct complaint *complaint);
bool store_is_suspect(const struct store *store);

/*
 * Whether the last commit is there: one whose outcome was unknown, once the store was reopened. It
 * stays so, whatever comes. To know it, each transaction that writes sets the record of the kind
 * STORE_META whose key is STORE_COMMIT_KEY to a value of its own.
 */
bool store_was_committed(const struct store *store);
#define STORE_COMMIT_KEY "store.commit"

enum store_put_mode {
	/* In place of the record with this key; a record whose id is 0 is a new one. */
	STORE_REPLACE,
	/* Joined with the record of this key: store/records.h says how. For kinds without id. */
	STORE_ADD,
};

/* Keeps a copy of a record: store_put(store, STORE_RECORD(&member), STORE_REPLACE, complaint).
   A new record's id is set in it. */
int store_put(struct store *store, struct store_record record, enum store_put_mode mode,
    struct complaint *complaint);

enum store_test {
	STORE_IS,    /* the column is the value; an optional one that says "none" is 0 or "" */
	STORE_NOT,   /* anything else */
	STORE_BELOW, /* less than it. What says "none" is neither less nor more than anything. */
	STORE_FROM,  /* it or more */
	STORE_IN,    /* one of `count` numbers or texts */
};

/* `number` serves numbers, booleans and enumerations. Times: `number`. Bytes cannot be asked for.
 */
struct store_condition {
	const char *column; /* a field's name */
	enum store_test test;
	int64_t number;
	const char *text;
	const struct address *address;
	const int64_t *numbers;
	const char *const *texts;
	size_t count;
};

/*
 * Where a walk goes on: behind the record with this id, and this number in the column of the order.
 * That record need not be there any more. Of kinds with an id, whose order is by that or by a
 * number that is always there.
 */
struct store_after {
	int64_t id; /* 0: from the beginning */
	int64_t number;
};

/*
 * Borrows everything. The notices whose time has come, ten at most, the longest waiting first:
 *
 *     {.kind = STORE_NOTICE,
 *         .conditions = {{.column = "state", .number = NOTICE_WAITING},
 *             {.column = "next_us", .test = STORE_BELOW, .number = now_us}},
 *         .order = "next_us", .limit = 10}
 */
struct store_query {
	enum store_kind kind;
	/* All must hold. The first without a column ends them. */
	struct store_condition conditions[STORE_CONDITIONS_MAX];
	const char *order; /* a column; NULL: by key. Of equals, by key. */
	bool descending;
	struct store_after after;
	int64_t limit; /* the first so many of this order; 0: all */
};

/*
 * Gives each record that is asked for to `visit`, which borrows it for the call, may ask more of
 * the store, and must not write. What it returns other than 0 ends the walk and is returned.
 */
int store_each(struct store *store, const struct store_query *query,
    int (*visit)(void *context, const void *record), void *context, struct complaint *complaint);
int store_count(struct store *store, const struct store_query *query, int64_t *ret_count,
    struct complaint *complaint);

/*
 * A number that is another one when anything was committed since, by whomever; of this opening of
 * the store. Within a transaction it is that of what is read there.
 */
int store_version(struct store *store, uint64_t *ret_version, struct complaint *complaint);

/* Removes what is asked for, and what refers to it (COLUMN_REFERS). Counts the former.
   ret_count may be NULL. */
int store_remove(struct store *store, const struct store_query *query, int64_t *ret_count,
    struct complaint *complaint);

/* One column's new value: `number`, `text` or `bytes`, by its type. */
struct store_change {
	const char *column; /* of no key */
	int64_t number;
	const char *text;
	struct store_bytes bytes;
};

/* Sets columns of all records that are asked for. A change without a column ends them, within the
   first STORE_CHANGES_MAX. */
int store_change(struct store *store, const struct store_query *query,
    const struct store_change *changes, int64_t *ret_count, struct complaint *complaint);

#endif
