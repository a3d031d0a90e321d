/*
 * columns.h - the columns of each kind of record, from which the engines work: the SQL of tables
 * and statements is made of them, and the engine in memory compares by them.
 *
 * A column's type is that of its field (columns.c takes it from there), so a kind of record is
 * declared twice at most: its struct in records.h, and a row for each field in columns.c. What an
 * engine moves about is a value: a field as it stands in a database. An optional field that says
 * "none" is the value NULL.
 */
#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include "store/records.h"

enum {
	/* Of a record. More is a sign that a kind holds two things. */
	STORE_COLUMNS_MAX = 32,
	RECORD_INDEX_COLUMNS = 4, /* of an index; NULL where it has fewer */
	/* A finding of a subject with everything about it is some ten kilobytes. */
	STORE_TEXT_MAX_BYTES = 1 << 20,
	/* A batch of sightings is at most 1 MiB (link/sightings.h), a message with attachments a
	   few. A record is held in memory whole. */
	STORE_BLOB_MAX_BYTES = 16 << 20,
};

/* Numbers that JSON holds exactly; an id is counted up from 1, so nobody comes there. */
#define STORE_ID_MAX (INT64_C(1) << 53)

enum column_type {
	COLUMN_NUMBER,  /* int64_t */
	COLUMN_BITS,    /* uint64_t: its 64 bits as a number, so only equality means something */
	COLUMN_BOOL,    /* bool: 0 or 1 */
	COLUMN_NAME,    /* an enumeration: the text of its value */
	COLUMN_TEXT,    /* const char * */
	COLUMN_BLOB,    /* struct store_bytes */
	COLUMN_ADDRESS, /* struct address: its 16 bytes */
};

enum column_flag {
	COLUMN_ID = 1,        /* the key, given by the store */
	COLUMN_KEY = 2,       /* part of the key */
	COLUMN_OPTIONAL = 4,  /* "none" is NULL */
	COLUMN_INDEXED = 8,   /* looked for often */
	COLUMN_UNIQUE = 16,   /* of two records one is refused */
	COLUMN_REFERS = 32,   /* the id of a record of the kind `refers`: goes with it */
	COLUMN_UNSIGNED = 64, /* a number that is never negative */
};

/* What adding (STORE_ADD) makes of the value that is there and the new one. */
enum column_merge {
	MERGE_REPLACE,
	MERGE_SUM, /* at most INT64_MAX; such a column is COLUMN_UNSIGNED */
	MERGE_MIN,
	MERGE_MAX,
};

struct column {
	const char *name;
	enum column_type type;
	unsigned flags;
	size_t offset;
	const char *const *names; /* COLUMN_NAME: of the values from 0, NULL at the end */
	enum store_kind refers;
	enum column_merge merge;
};

struct record_kind {
	const char *name; /* of its table */
	const struct column *columns;
	size_t column_count;
	size_t record_bytes;
	/* What is looked for often by several columns at once, besides COLUMN_INDEXED. */
	const char *const (*indexes)[RECORD_INDEX_COLUMNS];
	size_t index_count;
	bool is_small; /* its rows are: kept in the key's own tree (WITHOUT ROWID) */
};

enum value_type {
	VALUE_NULL,
	VALUE_NUMBER,
	VALUE_TEXT,
	VALUE_BYTES,
};

/* Borrows. */
struct value {
	enum value_type type;
	int64_t number;
	const void *bytes; /* text as well: not terminated */
	size_t length;
};

const struct record_kind *record_kind(enum store_kind kind);
/* NULL where the kind has no such column. */
const struct column *record_column(const struct record_kind *kind, const char *name);
/* Whether it is the key or part of it. */
bool column_is_key(const struct column *column);
/* Whether ids of this kind are given by the store: then the first column is the id. */
bool record_has_id(const struct record_kind *kind);

/* The value of a record's field, which must be good (record_check). */
struct value column_get(const struct column *column, const void *record);
/*
 * Sets a record's field, which borrows from the value. False for a value that cannot stand in this
 * column: another type, an unknown name, text with a NUL inside. Text must be terminated, as that
 * of databases is.
 */
bool column_set(const struct column *column, void *record, const struct value *value);

/* NULL goes first, then by number or by bytes, as databases do without a collation. */
int value_compare(const struct value *a, const struct value *b);
/* What stands there after adding; neither is NULL. */
struct value value_merge(enum column_merge merge, const struct value *old, const struct value *new);

/* Names the column and what is wrong with the record, or gives NULL when it can be kept. */
const char *record_check(
    const struct record_kind *kind, const void *record, const struct column **ret_column);

/* What is wrong with text or bytes of this length for a column; NULL: nothing. */
const char *value_check(const struct column *column, const struct value *value);

#endif
