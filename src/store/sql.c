#include "store/sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TEXT_MIN_BYTES = 1024,
};

void sql_add(struct sql *sql, const char *format, ...)
{
	va_list arguments;
	va_list again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	size_t needed = sql->length + (size_t)(length < 0 ? 0 : length) + 1;
	if (!sql->failed && needed > sql->max) {
		size_t max = needed < TEXT_MIN_BYTES ? TEXT_MIN_BYTES : 2 * needed;
		char *text = realloc(sql->text, max);
		sql->failed = text == NULL;
		if (text != NULL) {
			sql->text = text;
			sql->max = max;
		}
	}
	sql->failed = sql->failed || length < 0;
	if (!sql->failed) {
		(void)vsnprintf(sql->text + sql->length, sql->max - sql->length, format, again);
		sql->length += (size_t)length;
	}
	va_end(again);
}

void sql_clear(struct sql *sql)
{
	sql->length = 0;
}

void sql_release(struct sql *sql)
{
	free(sql->text);
	*sql = (struct sql){0};
}

/* "a", "b" of the columns that have one of these flags (0: all). */
static void add_columns(struct sql *sql, const struct record_kind *kind, unsigned flags)
{
	const char *comma = "";
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct column *column = &kind->columns[i];
		if (flags != 0 && (column->flags & flags) == 0)
			continue;
		sql_add(sql, "%s\"%s\"", comma, column->name);
		comma = ", ";
	}
}

static const char *type_of(const struct column *column)
{
	switch (column->type) {
	case COLUMN_NUMBER:
	case COLUMN_BITS:
	case COLUMN_BOOL:
		return "INTEGER";
	case COLUMN_NAME:
	case COLUMN_TEXT:
		return "TEXT";
	case COLUMN_BLOB:
	case COLUMN_ADDRESS:
		break;
	}
	return "BLOB";
}

static void add_column(struct sql *sql, const struct column *column)
{
	sql_add(sql, "\"%s\" %s", column->name, type_of(column));
	if ((column->flags & COLUMN_ID) != 0)
		sql_add(sql, " PRIMARY KEY AUTOINCREMENT");
	else if ((column->flags & COLUMN_OPTIONAL) == 0)
		sql_add(sql, " NOT NULL");
	if ((column->flags & COLUMN_REFERS) != 0)
		sql_add(sql, " REFERENCES \"%s\" (\"id\") ON DELETE CASCADE",
		    record_kind(column->refers)->name);
}

/* "kind_a_b" on ("a", "b"). */
static void add_index(struct sql *sql, const struct record_kind *kind, const char *const *columns)
{
	sql_add(sql, "CREATE INDEX \"%s", kind->name);
	for (size_t i = 0; i < RECORD_INDEX_COLUMNS && columns[i] != NULL; i++)
		sql_add(sql, "_%s", columns[i]);
	sql_add(sql, "\" ON \"%s\" (", kind->name);
	for (size_t i = 0; i < RECORD_INDEX_COLUMNS && columns[i] != NULL; i++)
		sql_add(sql, "%s\"%s\"", i == 0 ? "" : ", ", columns[i]);
	sql_add(sql, ");\n");
}

void sql_create(struct sql *sql, const struct record_kind *kind)
{
	sql_add(sql, "CREATE TABLE \"%s\" (", kind->name);
	for (size_t i = 0; i < kind->column_count; i++) {
		sql_add(sql, "%s", i == 0 ? "" : ", ");
		add_column(sql, &kind->columns[i]);
	}
	if (!record_has_id(kind)) {
		sql_add(sql, ", PRIMARY KEY (");
		add_columns(sql, kind, COLUMN_KEY);
		sql_add(sql, ")");
	}
	sql_add(sql, ") STRICT%s;\n", kind->is_small ? ", WITHOUT ROWID" : "");
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct column *column = &kind->columns[i];
		if ((column->flags & (COLUMN_INDEXED | COLUMN_UNIQUE)) != 0)
			sql_add(sql, "CREATE %sINDEX \"%s_%s\" ON \"%s\" (\"%s\");\n",
			    (column->flags & COLUMN_UNIQUE) != 0 ? "UNIQUE " : "", kind->name,
			    column->name, kind->name, column->name);
	}
	for (size_t i = 0; i < kind->index_count; i++)
		add_index(sql, kind, kind->indexes[i]);
}

/* What a column becomes where its record is there already. */
static void add_merged(struct sql *sql, const struct record_kind *kind, const struct column *column)
{
	const char *name = column->name;
	const char *function = column->merge == MERGE_MIN ? "min" : "max";
	switch (column->merge) {
	case MERGE_REPLACE:
		sql_add(sql, "excluded.\"%s\"", name);
		return;
	case MERGE_SUM:
		sql_add(sql,
		    "CASE WHEN \"%s\".\"%s\" > 9223372036854775807 - excluded.\"%s\""
		    " THEN 9223372036854775807 ELSE \"%s\".\"%s\" + excluded.\"%s\" END",
		    kind->name, name, name, kind->name, name, name);
		return;
	case MERGE_MIN:
	case MERGE_MAX:
		sql_add(
		    sql, "%s(\"%s\".\"%s\", excluded.\"%s\")", function, kind->name, name, name);
		return;
	}
}

void sql_put(struct sql *sql, const struct record_kind *kind, enum store_put_mode mode, bool is_new)
{
	size_t first = is_new ? 1 : 0;
	sql_add(sql, "INSERT INTO \"%s\" (", kind->name);
	for (size_t i = first; i < kind->column_count; i++)
		sql_add(sql, "%s\"%s\"", i == first ? "" : ", ", kind->columns[i].name);
	sql_add(sql, ") VALUES (");
	for (size_t i = first; i < kind->column_count; i++)
		sql_add(sql, "%s", i == first ? "?" : ", ?");
	sql_add(sql, ")");
	if (is_new)
		return;
	sql_add(sql, " ON CONFLICT (");
	add_columns(sql, kind, COLUMN_ID | COLUMN_KEY);
	sql_add(sql, ") DO UPDATE SET ");
	const char *comma = "";
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct column *column = &kind->columns[i];
		if (column_is_key(column))
			continue;
		sql_add(sql, "%s\"%s\" = ", comma, column->name);
		if (mode == STORE_ADD)
			add_merged(sql, kind, column);
		else
			sql_add(sql, "excluded.\"%s\"", column->name);
		comma = ", ";
	}
}

static void add_condition(struct sql *sql, const struct bound_condition *condition)
{
	const char *name = condition->column->name;
	switch (condition->test) {
	case STORE_IS:
		sql_add(sql, "\"%s\" %s ?", name,
		    (condition->column->flags & COLUMN_OPTIONAL) != 0 ? "IS" : "=");
		return;
	case STORE_NOT:
		sql_add(sql, "\"%s\" IS NOT ?", name);
		return;
	case STORE_BELOW:
		sql_add(sql, "\"%s\" < ?", name);
		return;
	case STORE_FROM:
		sql_add(sql, "\"%s\" >= ?", name);
		return;
	case STORE_IN:
		sql_add(sql, "\"%s\" IN (", name);
		for (size_t i = 0; i < condition->count; i++)
			sql_add(sql, "%s", i == 0 ? "?" : ", ?");
		sql_add(sql, ")");
		return;
	}
}

bool sql_is_by_key(const struct bound_query *query)
{
	return query->order == NULL || column_is_key(query->order);
}

static void add_conditions(struct sql *sql, const struct bound_query *query)
{
	for (size_t i = 0; i < query->condition_count; i++) {
		sql_add(sql, "%s", i == 0 ? " WHERE " : " AND ");
		add_condition(sql, &query->conditions[i]);
	}
	if (query->after.id == 0)
		return;
	const char *test = query->descending ? "<" : ">";
	const char *key = query->kind->columns[0].name;
	sql_add(sql, "%s", query->condition_count == 0 ? " WHERE " : " AND ");
	if (sql_is_by_key(query))
		sql_add(sql, "\"%s\" %s ?", key, test);
	else
		sql_add(sql, "(\"%s\", \"%s\") %s (?, ?)", query->order->name, key, test);
}

static void add_order(struct sql *sql, const struct bound_query *query)
{
	const char *direction = query->descending ? " DESC" : "";
	const char *comma = "";
	sql_add(sql, " ORDER BY ");
	if (query->order != NULL) {
		sql_add(sql, "\"%s\"%s", query->order->name, direction);
		comma = ", ";
	}
	for (size_t i = 0; i < query->kind->column_count; i++) {
		const struct column *column = &query->kind->columns[i];
		if (!column_is_key(column) || column == query->order)
			continue;
		sql_add(sql, "%s\"%s\"%s", comma, column->name, direction);
		comma = ", ";
	}
	sql_add(sql, " LIMIT ?");
}

void sql_each(struct sql *sql, const struct bound_query *query)
{
	sql_add(sql, "SELECT ");
	add_columns(sql, query->kind, 0);
	sql_add(sql, " FROM \"%s\"", query->kind->name);
	add_conditions(sql, query);
	add_order(sql, query);
}

void sql_count(struct sql *sql, const struct bound_query *query)
{
	sql_add(sql, "SELECT count(*) FROM (SELECT 1 FROM \"%s\"", query->kind->name);
	add_conditions(sql, query);
	sql_add(sql, " LIMIT ?)");
}

/* The records asked for, by their keys where there is a limit. */
static void add_which(struct sql *sql, const struct bound_query *query)
{
	if (query->limit < 0) {
		add_conditions(sql, query);
		return;
	}
	sql_add(sql, " WHERE (");
	add_columns(sql, query->kind, COLUMN_ID | COLUMN_KEY);
	sql_add(sql, ") IN (SELECT ");
	add_columns(sql, query->kind, COLUMN_ID | COLUMN_KEY);
	sql_add(sql, " FROM \"%s\"", query->kind->name);
	add_conditions(sql, query);
	add_order(sql, query);
	sql_add(sql, ")");
}

void sql_remove(struct sql *sql, const struct bound_query *query)
{
	sql_add(sql, "DELETE FROM \"%s\"", query->kind->name);
	add_which(sql, query);
}

void sql_change(
    struct sql *sql, const struct bound_query *query, const struct bound_changes *changes)
{
	sql_add(sql, "UPDATE \"%s\" SET ", query->kind->name);
	for (size_t i = 0; i < changes->count; i++)
		sql_add(sql, "%s\"%s\" = ?", i == 0 ? "" : ", ", changes->columns[i]->name);
	add_which(sql, query);
}
