/*
 * Making tables, and bringing those of earlier versions up to date.
 *
 * A new database is made from columns.c. One of an earlier schema goes through the list below, each
 * step in a transaction of its own. Steps are text, and stay as they are once they were released:
 * columns.c goes on, and they must not go with it. tests/unit/schemas holds each earlier schema.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/sqlite.h"

struct migration {
	int schema; /* that it leads to, from the one before */
	const char *sql;
};

/* Schema 1 was made, not migrated to. */
static const struct migration migrations[] = {
    {.schema = 2,
	.sql = "CREATE TABLE heard (address BLOB NOT NULL, first_us INTEGER NOT NULL,"
	       " last_us INTEGER NOT NULL, two_way INTEGER NOT NULL, PRIMARY KEY (address))"
	       " STRICT, WITHOUT ROWID;"
	       "CREATE TABLE stat_2 (period_s INTEGER NOT NULL, start_us INTEGER NOT NULL,"
	       " kind TEXT NOT NULL, protocol INTEGER NOT NULL, port INTEGER NOT NULL,"
	       " country TEXT NOT NULL, network INTEGER NOT NULL, packets INTEGER NOT NULL,"
	       " bytes INTEGER NOT NULL, sources INTEGER NOT NULL,"
	       " PRIMARY KEY (period_s, start_us, kind, protocol, port, country, network))"
	       " STRICT, WITHOUT ROWID;"
	       "INSERT INTO stat_2 SELECT period_s, start_us, kind, protocol, port, '', 0,"
	       " packets, bytes, sources FROM stat;"
	       "DROP TABLE stat;"
	       "ALTER TABLE stat_2 RENAME TO stat;"},
    /* What was told is known as far as the letters themselves tell it. */
    {.schema = 3,
	.sql = "ALTER TABLE incident ADD COLUMN opened_wall_us INTEGER;"
	       "ALTER TABLE incident ADD COLUMN state_us INTEGER;"
	       "ALTER TABLE incident ADD COLUMN rested_us INTEGER;"
	       "ALTER TABLE incident ADD COLUMN told_letters INTEGER;"
	       "ALTER TABLE incident ADD COLUMN told_named TEXT;"
	       "ALTER TABLE incident ADD COLUMN owed TEXT;"
	       "ALTER TABLE incident ADD COLUMN retraction TEXT;"
	       "ALTER TABLE notice ADD COLUMN unknown INTEGER;"
	       "UPDATE incident SET opened_wall_us = nullif(opened_us, 0),"
	       " state_us = nullif(ifnull(quiet_us, changed_us), 0);"
	       "UPDATE incident SET told_letters = max(1, (SELECT count(DISTINCT created_us)"
	       " FROM notice WHERE incident_id = incident.id AND kind IN"
	       " ('first', 'update', 'quiet', 'relapse', 'retraction', 'canary')))"
	       " WHERE told_us IS NOT NULL;"},
    {.schema = 4,
	.sql = "ALTER TABLE member ADD COLUMN country TEXT;"
	       "ALTER TABLE member ADD COLUMN hours TEXT;"
	       "ALTER TABLE member ADD COLUMN egress TEXT;"
	       "ALTER TABLE contact ADD COLUMN tier INTEGER;"
	       "ALTER TABLE contact ADD COLUMN rules TEXT;"
	       "ALTER TABLE contact ADD COLUMN hours TEXT;"
	       "ALTER TABLE contact ADD COLUMN attach TEXT;"
	       "ALTER TABLE contact ADD COLUMN certificate BLOB;"
	       "ALTER TABLE contact ADD COLUMN certificate_until_us INTEGER;"
	       "ALTER TABLE contact ADD COLUMN style TEXT;"
	       "ALTER TABLE contact ADD COLUMN secret TEXT;"
	       "ALTER TABLE contact ADD COLUMN bounced_us INTEGER;"
	       "ALTER TABLE contact ADD COLUMN bounce TEXT;"
	       "ALTER TABLE incident ADD COLUMN reminders INTEGER;"
	       "ALTER TABLE incident ADD COLUMN reminded_us INTEGER;"},
    {.schema = 5,
	.sql = "CREATE TABLE account (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
	       " role TEXT NOT NULL,"
	       " member_id INTEGER REFERENCES member (id) ON DELETE CASCADE,"
	       " password_hash TEXT, language TEXT NOT NULL, created_us INTEGER NOT NULL,"
	       " changed_us INTEGER NOT NULL, failures INTEGER NOT NULL,"
	       " locked_until_us INTEGER, disabled INTEGER NOT NULL) STRICT;"
	       "CREATE UNIQUE INDEX account_name ON account (name);"
	       "CREATE INDEX account_member_id ON account (member_id);"
	       "CREATE TABLE session (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	       " account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
	       " token_hash TEXT NOT NULL, kind TEXT NOT NULL, created_us INTEGER NOT NULL,"
	       " until_us INTEGER NOT NULL, \"from\" TEXT NOT NULL) STRICT;"
	       "CREATE INDEX session_account_id ON session (account_id);"
	       "CREATE UNIQUE INDEX session_token_hash ON session (token_hash);"
	       "CREATE INDEX session_until_us ON session (until_us);"
	       "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	       " at_us INTEGER NOT NULL, by TEXT NOT NULL, \"from\" TEXT NOT NULL,"
	       " what TEXT NOT NULL, \"on\" TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;"
	       "CREATE INDEX audit_at_us ON audit (at_us);"
	       "CREATE TABLE frame (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	       " incident_id INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,"
	       " at_us INTEGER NOT NULL, source TEXT NOT NULL, wire_bytes INTEGER NOT NULL,"
	       " link_type INTEGER NOT NULL, data BLOB NOT NULL, drill INTEGER NOT NULL) STRICT;"
	       "CREATE INDEX frame_incident_id ON frame (incident_id);"
	       "CREATE INDEX incident_first_us ON incident (first_us);"
	       "CREATE INDEX incident_state_severity_changed_us"
	       " ON incident (state, severity, changed_us);"
	       "CREATE INDEX incident_member_id_state_severity_changed_us"
	       " ON incident (member_id, state, severity, changed_us);"
	       "CREATE INDEX incident_member_id_changed_us ON incident (member_id, changed_us);"
	       "CREATE INDEX incident_drill_state ON incident (drill, state);"
	       "DROP INDEX notice_contact_id;"
	       "CREATE INDEX notice_contact_id_created_us ON notice (contact_id, created_us);"},
};

static_assert(sizeof migrations / sizeof migrations[0] == DATABASE_SCHEMA - 1,
    "a migration leads to each schema");

int sqlite_create(sqlite3 *db, const char *path, struct complaint *complaint)
{
	struct sql sql = {0};
	sql_add(&sql, "BEGIN IMMEDIATE;\n");
	for (unsigned i = 0; i < STORE_KIND_COUNT; i++)
		sql_create(&sql, record_kind((enum store_kind)i));
	sql_add(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
	    DATABASE_APPLICATION, DATABASE_SCHEMA);
	int result = sql.failed ? SQLITE_NOMEM : sqlite_run(db, sql.text);
	sql_release(&sql);
	return result == SQLITE_OK ? 0
				   : sqlite_complain(db, result, path, "cannot be made", complaint);
}

/* One step; on failure the database is as before it. */
static int step(sqlite3 *db, const struct migration *migration)
{
	struct sql sql = {0};
	int64_t offences = 0;
	sql_add(&sql, "BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;", migration->sql,
	    migration->schema);
	int result = sql.failed ? SQLITE_NOMEM : sqlite_run(db, sql.text);
	if (result == SQLITE_OK)
		result = sqlite_ask(db, "SELECT count(*) FROM pragma_foreign_key_check", &offences);
	if (result == SQLITE_OK && offences > 0)
		result = SQLITE_CORRUPT;
	if (result == SQLITE_OK)
		result = sqlite_run(db, "COMMIT");
	sql_release(&sql);
	return result;
}

int sqlite_migrate(sqlite3 *db, const char *path, int schema, struct complaint *complaint)
{
	char *copy = NULL;
	if (asprintf(&copy, "%s.before-%d", path, DATABASE_SCHEMA) < 0)
		return complain(complaint, -ENOMEM, "%s: memory is out", path);
	int error = sqlite_copy_all(db, copy, complaint);
	free(copy);
	if (error != 0)
		return error;
	/* A table that is made anew would take with it what refers to it. */
	int result = sqlite_run(db, "PRAGMA foreign_keys = OFF");
	for (size_t i = 0; i < sizeof migrations / sizeof migrations[0]; i++) {
		if (migrations[i].schema > schema && result == SQLITE_OK)
			result = step(db, &migrations[i]);
	}
	if (result == SQLITE_OK)
		result = sqlite_run(db, "PRAGMA foreign_keys = ON");
	if (result == SQLITE_OK)
		return 0;
	error = sqlite_complain(db, result, path,
	    "cannot be brought to the schema of this Hinomi, and is as it was", complaint);
	if (sqlite3_get_autocommit(db) == 0)
		(void)sqlite_run(db, "ROLLBACK"); /* closing does it as well */
	return error;
}
