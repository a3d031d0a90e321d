/*
 * sql.h - the SQL of tables and statements, made of the columns of a kind.
 *
 * Everything foreign is a parameter: only names of columns.c, and numbers, become text. Parameters
 * stand in the order of columns or conditions; limits come last. It is SQL as SQLite has it, and
 * but for the words at the end of CREATE TABLE and IS also PostgreSQL's.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/engine.h"

/* Text that grows. Zeroed at first; `failed` when memory was out, and then stays so. */
struct sql {
	char *text;
	size_t length;
	size_t max;
	bool failed;
};

__attribute__((format(printf, 2, 3))) void sql_add(struct sql *sql, const char *format, ...);
/* Empties it; the memory is kept. */
void sql_clear(struct sql *sql);
void sql_release(struct sql *sql);

/* All statements that make the tables and indices of a kind. */
void sql_create(struct sql *sql, const struct record_kind *kind);
/* INSERT ... ON CONFLICT with all columns; `is_new`: the id is left out, and given. */
void sql_put(
    struct sql *sql, const struct record_kind *kind, enum store_put_mode mode, bool is_new);
/* Whether the place in its order is the key alone. */
bool sql_is_by_key(const struct bound_query *query);
void sql_each(struct sql *sql, const struct bound_query *query);
void sql_count(struct sql *sql, const struct bound_query *query);
void sql_remove(struct sql *sql, const struct bound_query *query);
void sql_change(
    struct sql *sql, const struct bound_query *query, const struct bound_changes *changes);

#endif
