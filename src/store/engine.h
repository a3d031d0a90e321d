/*
 * engine.h - what an engine implements. Included by src/store/ only.
 *
 * store.c checks everything first: an engine is only asked for what is good, in order (writing only
 * within a transaction, nothing when suspect). Errors are those of store.h.
 */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store/columns.h"
#include "store/store.h"
#include "store/upkeep.h"

/* A condition whose column was found. */
struct bound_condition {
	const struct column *column;
	enum store_test test;
	size_t count; /* of values: 1 but for STORE_IN */
	const struct store_condition *source;
};

struct bound_query {
	const struct record_kind *kind;
	enum store_kind kind_number;
	struct bound_condition conditions[STORE_CONDITIONS_MAX];
	size_t condition_count;
	const struct column *order; /* NULL: by key */
	bool descending;
	struct store_after after;
	int64_t limit; /* -1: none */
};

struct bound_changes {
	const struct column *columns[STORE_CHANGES_MAX];
	struct value values[STORE_CHANGES_MAX];
	size_t count;
};

struct visitor {
	int (*visit)(void *context, const void *record);
	void *context;
	int answer; /* what ended the walk */
};

struct store_engine {
	const char *name;
	int (*open)(struct store *store, struct complaint *complaint); /* sets store->state */
	void (*close)(struct store *store);                            /* after open, once */
	/* NULL: nothing of this engine can become suspect. After a failure, only reopen and close
	   come. */
	int (*reopen)(struct store *store, struct complaint *complaint);
	int (*begin)(struct store *store, struct complaint *complaint);
	int (*commit)(struct store *store, struct complaint *complaint);
	void (*rollback)(struct store *store);
	int (*put)(struct store *store, struct store_record record, enum store_put_mode mode,
	    struct complaint *complaint);
	int (*remove)(struct store *store, const struct bound_query *query, int64_t *ret_count,
	    struct complaint *complaint);
	int (*change)(struct store *store, const struct bound_query *query,
	    const struct bound_changes *changes, int64_t *ret_count, struct complaint *complaint);
	/* 0 at the end or when the visitor's answer is not 0. */
	int (*each)(struct store *store, const struct bound_query *query, struct visitor *visitor,
	    struct complaint *complaint);
	int (*count)(struct store *store, const struct bound_query *query, int64_t *ret_count,
	    struct complaint *complaint);
	/* Another number when another process has committed; NULL: none can. */
	int (*version)(struct store *store, int64_t *ret_version, struct complaint *complaint);
	/* NULL where there is no file. */
	int (*measure)(
	    struct store *store, struct store_health *ret_health, struct complaint *complaint);
	int (*look)(struct store *store, struct complaint *complaint);
	void (*use_reserve)(struct store *store);
	int (*shrink)(struct store *store, int64_t bytes_max, struct complaint *complaint);
};

struct store {
	const struct store_engine *engine;
	void *state;
	char *path; /* NULL: none was given */
	bool read_only;
	bool in_transaction;
	bool is_suspect;
	bool has_written;  /* in this transaction */
	bool is_committed; /* the last one */
	bool is_new;
	uint64_t run;      /* this opening, by chance */
	uint64_t commits;  /* tried in it */
	int broken;        /* why the transaction can only be rolled back; 0: it can go on */
	unsigned visiting; /* walks under way */
};

extern const struct store_engine store_sqlite;
extern const struct store_engine store_memory;
extern const struct store_engine store_null;

/* The value of a condition; of a list the i-th. */
struct value bound_value(const struct bound_condition *condition, size_t i);

/* store/query.c: finds the columns. -EINVAL says which there are. */
int bind_query(
    const struct store_query *query, struct bound_query *ret_bound, struct complaint *complaint);
int bind_changes(const struct record_kind *kind, const struct store_change *changes,
    struct bound_changes *ret_bound, struct complaint *complaint);

#endif
