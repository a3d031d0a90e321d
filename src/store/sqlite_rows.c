/*
 * Records in and out.
 */
#include <errno.h>
#include <string.h>

#include "store/sqlite.h"

static int bind_value(sqlite3_stmt *statement, int at, const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		return sqlite3_bind_null(statement, at);
	case VALUE_NUMBER:
		return sqlite3_bind_int64(statement, at, value->number);
	case VALUE_TEXT:
		return sqlite3_bind_text(
		    statement, at, value->bytes, (int)value->length, SQLITE_STATIC);
	case VALUE_BYTES:
		break;
	}
	return sqlite3_bind_blob(statement, at, value->bytes, (int)value->length, SQLITE_STATIC);
}

/* Binds what a question compares with, from the parameter `at` on; then its limit. */
static int bind_conditions(
    sqlite3_stmt *statement, const struct bound_query *query, int at, bool has_limit)
{
	int result = SQLITE_OK;
	for (size_t i = 0; i < query->condition_count; i++) {
		const struct bound_condition *condition = &query->conditions[i];
		for (size_t j = 0; j < condition->count && result == SQLITE_OK; j++) {
			struct value value = bound_value(condition, j);
			result = bind_value(statement, at++, &value);
		}
	}
	if (query->after.id != 0 && !sql_is_by_key(query) && result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, at++, query->after.number);
	if (query->after.id != 0 && result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, at++, query->after.id);
	if (has_limit && result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, at, query->limit);
	return result;
}

static enum sqlite_put put_of(struct store_record record, enum store_put_mode mode)
{
	const struct record_kind *kind = record_kind(record.kind);
	if (mode == STORE_ADD)
		return PUT_ADD;
	if (record_has_id(kind) && column_get(&kind->columns[0], record.fields).number == 0)
		return PUT_NEW;
	return PUT_REPLACE;
}

int sqlite_put(struct store *store, struct store_record record, enum store_put_mode mode,
    struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	const struct record_kind *kind = record_kind(record.kind);
	enum sqlite_put put = put_of(record, mode);
	sqlite3_stmt *statement = NULL;
	int result = sqlite_take_put(sqlite, record.kind, put, &statement);
	if (result != SQLITE_OK)
		return sqlite_fail(store, result, kind->name, complaint);
	int at = 1;
	for (size_t i = put == PUT_NEW ? 1 : 0; i < kind->column_count; i++) {
		struct value value = column_get(&kind->columns[i], record.fields);
		result = result == SQLITE_OK ? bind_value(statement, at++, &value) : result;
	}
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	int error = 0;
	if (result != SQLITE_DONE) /* before it is reset: the message is gone then */
		error = sqlite_fail(store, result, kind->name, complaint);
	(void)sqlite3_reset(statement);          /* gives the error of its last step */
	(void)sqlite3_clear_bindings(statement); /* cannot fail */
	if (error == 0 && put == PUT_NEW) {
		const struct value id = {
		    .type = VALUE_NUMBER, .number = sqlite3_last_insert_rowid(sqlite->db)};
		(void)column_set(&kind->columns[0], record.fields, &id); /* a number it is */
	}
	return error;
}

/* Runs what sqlite->sql says, which gives no rows. */
static int run(struct store *store, const struct bound_query *query,
    const struct bound_changes *changes, int64_t *ret_count, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = NULL;
	struct sqlite_cached *cached = NULL;
	int result = sqlite_take(sqlite, &statement, &cached);
	if (result != SQLITE_OK)
		return sqlite_fail(store, result, query->kind->name, complaint);
	int at = 1;
	for (size_t i = 0; changes != NULL && i < changes->count && result == SQLITE_OK; i++)
		result = bind_value(statement, at++, &changes->values[i]);
	if (result == SQLITE_OK)
		result = bind_conditions(statement, query, at, query->limit >= 0);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	int error = 0;
	if (result == SQLITE_DONE)
		*ret_count = sqlite3_changes64(sqlite->db);
	else
		error = sqlite_fail(store, result, query->kind->name, complaint);
	sqlite_give(statement, cached);
	return error;
}

int sqlite_remove(struct store *store, const struct bound_query *query, int64_t *ret_count,
    struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	sql_clear(&sqlite->sql);
	sql_remove(&sqlite->sql, query);
	return run(store, query, NULL, ret_count, complaint);
}

int sqlite_change(struct store *store, const struct bound_query *query,
    const struct bound_changes *changes, int64_t *ret_count, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	sql_clear(&sqlite->sql);
	sql_change(&sqlite->sql, query, changes);
	return run(store, query, changes, ret_count, complaint);
}

/* False when memory is out. */
static bool read_value(sqlite3_stmt *statement, int at, struct value *ret_value)
{
	*ret_value = (struct value){.type = VALUE_NULL};
	switch (sqlite3_column_type(statement, at)) {
	case SQLITE_INTEGER:
		ret_value->type = VALUE_NUMBER;
		ret_value->number = sqlite3_column_int64(statement, at);
		return true;
	case SQLITE_TEXT:
		ret_value->type = VALUE_TEXT;
		ret_value->bytes = sqlite3_column_text(statement, at);
		ret_value->length = (size_t)sqlite3_column_bytes(statement, at);
		return ret_value->bytes != NULL;
	case SQLITE_BLOB:
		ret_value->type = VALUE_BYTES;
		ret_value->bytes = sqlite3_column_blob(statement, at); /* NULL: no bytes */
		ret_value->length = (size_t)sqlite3_column_bytes(statement, at);
		return true;
	default:
		return true;
	}
}

static int read_row(struct store *store, const struct record_kind *kind, sqlite3_stmt *statement,
    union store_any *ret_record, struct complaint *complaint)
{
	memset(ret_record, 0, sizeof *ret_record);
	for (size_t i = 0; i < kind->column_count; i++) {
		struct value value;
		if (!read_value(statement, (int)i, &value))
			return sqlite_fail(store, SQLITE_NOMEM, kind->name, complaint);
		if (column_set(&kind->columns[i], ret_record, &value))
			continue;
		store->is_suspect = true;
		return complain(complaint, -EUCLEAN,
		    "%s: %s.%s holds what no Hinomi writes there: put back a copy", store->path,
		    kind->name, kind->columns[i].name);
	}
	return 0;
}

static int walk(struct store *store, const struct record_kind *kind, sqlite3_stmt *statement,
    struct visitor *visitor, struct complaint *complaint)
{
	union store_any record;
	int result;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		int error = read_row(store, kind, statement, &record, complaint);
		if (error != 0)
			return error;
		visitor->answer = visitor->visit(visitor->context, &record);
		if (visitor->answer != 0)
			return 0;
	}
	return result == SQLITE_DONE ? 0 : sqlite_fail(store, result, kind->name, complaint);
}

int sqlite_each(struct store *store, const struct bound_query *query, struct visitor *visitor,
    struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = NULL;
	struct sqlite_cached *cached = NULL;
	sql_clear(&sqlite->sql);
	sql_each(&sqlite->sql, query);
	int result = sqlite_take(sqlite, &statement, &cached);
	if (result != SQLITE_OK)
		return sqlite_fail(store, result, query->kind->name, complaint);
	result = bind_conditions(statement, query, 1, true);
	int error = result == SQLITE_OK ? walk(store, query->kind, statement, visitor, complaint)
					: sqlite_fail(store, result, query->kind->name, complaint);
	sqlite_give(statement, cached);
	return error;
}

int sqlite_count(struct store *store, const struct bound_query *query, int64_t *ret_count,
    struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = NULL;
	struct sqlite_cached *cached = NULL;
	sql_clear(&sqlite->sql);
	sql_count(&sqlite->sql, query);
	int result = sqlite_take(sqlite, &statement, &cached);
	if (result != SQLITE_OK)
		return sqlite_fail(store, result, query->kind->name, complaint);
	result = bind_conditions(statement, query, 1, true);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	int error = 0;
	if (result == SQLITE_ROW)
		*ret_count = sqlite3_column_int64(statement, 0);
	else
		error = sqlite_fail(store, result, query->kind->name, complaint);
	sqlite_give(statement, cached);
	return error;
}

int sqlite_version(struct store *store, int64_t *ret_version, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = NULL;
	struct sqlite_cached *cached = NULL;
	sql_clear(&sqlite->sql);
	sql_add(&sqlite->sql, "PRAGMA data_version");
	int result = sqlite_take(sqlite, &statement, &cached);
	if (result != SQLITE_OK)
		return sqlite_fail(store, result, "its version cannot be read", complaint);
	result = sqlite3_step(statement);
	int error = 0;
	if (result == SQLITE_ROW)
		*ret_version = sqlite3_column_int64(statement, 0);
	else
		error = sqlite_fail(store, result, "its version cannot be read", complaint);
	sqlite_give(statement, cached);
	return error;
}
