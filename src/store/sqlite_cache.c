#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"

/* The one with this text that is free, else the one used longest ago that is. */
static struct sqlite_cached *find(struct sqlite *sqlite, const char *sql)
{
	struct sqlite_cached *oldest = NULL;
	for (size_t i = 0; i < DATABASE_STATEMENTS; i++) {
		struct sqlite_cached *cached = &sqlite->cache[i];
		if (cached->is_busy)
			continue;
		if (cached->sql != NULL && strcmp(cached->sql, sql) == 0)
			return cached;
		if (oldest == NULL || cached->used < oldest->used)
			oldest = cached;
	}
	return oldest;
}

static void forget(struct sqlite_cached *cached)
{
	(void)sqlite3_finalize(cached->statement); /* gives the error of its last step */
	free(cached->sql);
	*cached = (struct sqlite_cached){0};
}

int sqlite_take(
    struct sqlite *sqlite, sqlite3_stmt **ret_statement, struct sqlite_cached **ret_cached)
{
	if (sqlite->sql.failed) {
		sql_release(&sqlite->sql);
		return SQLITE_NOMEM;
	}
	const char *sql = sqlite->sql.text;
	struct sqlite_cached *cached = find(sqlite, sql);
	if (cached != NULL && (cached->sql == NULL || strcmp(cached->sql, sql) != 0)) {
		forget(cached);
		cached->sql = strdup(sql);
		if (cached->sql == NULL)
			return SQLITE_NOMEM;
	}
	sqlite3_stmt *statement = cached == NULL ? NULL : cached->statement;
	if (statement == NULL) {
		int result = sqlite3_prepare_v3(sqlite->db, sql, -1,
		    cached == NULL ? 0 : SQLITE_PREPARE_PERSISTENT, &statement, NULL);
		if (result != SQLITE_OK) {
			if (cached != NULL)
				forget(cached);
			return result;
		}
	}
	if (cached != NULL) {
		cached->statement = statement;
		cached->used = ++sqlite->clock;
		cached->is_busy = true;
	}
	*ret_statement = statement;
	*ret_cached = cached;
	return SQLITE_OK;
}

void sqlite_give(sqlite3_stmt *statement, struct sqlite_cached *cached)
{
	if (cached == NULL) {
		(void)sqlite3_finalize(statement); /* gives the error of its last step */
		return;
	}
	assert(cached->statement == statement);
	(void)sqlite3_reset(statement);          /* likewise */
	(void)sqlite3_clear_bindings(statement); /* cannot fail */
	cached->is_busy = false;
}

int sqlite_take_put(
    struct sqlite *sqlite, enum store_kind kind, enum sqlite_put put, sqlite3_stmt **ret_statement)
{
	sqlite3_stmt **statement = &sqlite->puts[kind][put];
	*ret_statement = *statement;
	if (*statement != NULL)
		return SQLITE_OK;
	sql_clear(&sqlite->sql);
	sql_put(&sqlite->sql, record_kind(kind), put == PUT_ADD ? STORE_ADD : STORE_REPLACE,
	    put == PUT_NEW);
	if (sqlite->sql.failed) {
		sql_release(&sqlite->sql);
		return SQLITE_NOMEM;
	}
	int result = sqlite3_prepare_v3(
	    sqlite->db, sqlite->sql.text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
	*ret_statement = *statement;
	return result;
}

int sqlite_prepare_turns(struct sqlite *sqlite)
{
	const char *const turns[TURN_COUNT] = {
	    [TURN_BEGIN] = sqlite->is_read_only ? "BEGIN" : "BEGIN IMMEDIATE",
	    [TURN_COMMIT] = "COMMIT",
	    [TURN_ROLLBACK] = "ROLLBACK",
	};
	int result = SQLITE_OK;
	for (size_t i = 0; i < TURN_COUNT && result == SQLITE_OK; i++)
		result = sqlite3_prepare_v3(
		    sqlite->db, turns[i], -1, SQLITE_PREPARE_PERSISTENT, &sqlite->turns[i], NULL);
	return result;
}

int sqlite_turn(struct sqlite *sqlite, enum sqlite_turn turn)
{
	int result = sqlite3_step(sqlite->turns[turn]);
	(void)sqlite3_reset(sqlite->turns[turn]); /* gives the same */
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

void sqlite_forget_all(struct sqlite *sqlite)
{
	for (size_t i = 0; i < TURN_COUNT; i++) {
		(void)sqlite3_finalize(sqlite->turns[i]); /* as in forget */
		sqlite->turns[i] = NULL;
	}
	for (size_t i = 0; i < DATABASE_STATEMENTS; i++)
		forget(&sqlite->cache[i]);
	for (size_t kind = 0; kind < STORE_KIND_COUNT; kind++) {
		for (size_t put = 0; put < PUT_COUNT; put++) {
			(void)sqlite3_finalize(sqlite->puts[kind][put]); /* as in forget */
			sqlite->puts[kind][put] = NULL;
		}
	}
	sql_release(&sqlite->sql);
}
