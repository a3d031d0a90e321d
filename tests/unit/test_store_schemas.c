/*
 * Databases of every earlier schema, as tests/unit/schemas holds them: all that they held is there
 * afterwards, their tables are those of a new database, and a copy of what they were lies beside.
 */
#include <sqlite3.h>

#include "store/sqlite.h"
#include "store_help.h"

static char folder[FOLDER_BYTES];
static struct complaint complaint;

/* Makes a database of an earlier schema. */
static bool make_earlier(const char *path, int schema)
{
	char name[64];
	char *sql = NULL;
	size_t room = 0;
	sqlite3 *db = NULL;
	(void)snprintf(name, sizeof name, "tests/unit/schemas/%d.sql", schema);
	FILE *in = fopen(name, "re");
	if (in == NULL || getdelim(&sql, &room, '\0', in) <= 0) {
		printf("# %s cannot be read\n", name);
		return false;
	}
	(void)fclose(in); /* was read */
	int result = sqlite3_open(path, &db);
	if (result == SQLITE_OK)
		result = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (result != SQLITE_OK)
		printf("# %s: %s\n", name, sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	free(sql);
	return result == SQLITE_OK;
}

/* What a database answers, as text to be freed. */
static char *ask(const char *path, const char *question)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	(void)sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	if (sqlite3_prepare_v2(db, question, -1, &statement, NULL) != SQLITE_OK)
		(void)fprintf(out, "%s", sqlite3_errmsg(db));
	while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const unsigned char *value = sqlite3_column_text(statement, i);
			(void)fprintf(out, "%s|", value == NULL ? "-" : (const char *)value);
		}
		(void)fputc('\n', out);
	}
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	(void)fclose(out); /* memory */
	return text;
}

static bool answers(const char *path, const char *question, const char *expected)
{
	char *answer = ask(path, question);
	bool same = strcmp(answer, expected) == 0;
	if (!same)
		printf("# %s: %s", question, answer);
	free(answer);
	return same;
}

static const char COLUMNS[] =
    "SELECT t.name, t.type, t.wr, t.strict, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk"
    " FROM pragma_table_list AS t, pragma_table_info(t.name) AS c"
    " WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid";
static const char INDICES[] =
    "SELECT t.name, i.name, i.\"unique\", i.origin, c.seqno, c.name"
    " FROM pragma_table_list AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c"
    " WHERE t.schema = 'main' ORDER BY t.name, i.name, c.seqno";
static const char REFERENCES[] =
    "SELECT t.name, f.\"table\", f.\"from\", f.\"to\", f.on_delete"
    " FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f"
    " WHERE t.schema = 'main' ORDER BY t.name, f.\"from\"";

/* A new database and one that was brought up to date have the same tables. */
static void test_same_tables(const char *migrated)
{
	static const struct {
		const char *name;
		const char *question;
	} rows[] = {{"columns", COLUMNS}, {"indices", INDICES}, {"references", REFERENCES},
	    {"names of everything",
		"SELECT type, name, tbl_name FROM sqlite_schema ORDER BY type, name"}};
	const char *fresh = in_folder(folder, "fresh.db");
	store_close(open_store("sqlite", fresh, false));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *a = ask(fresh, rows[i].question);
		char *b = ask(migrated, rows[i].question);
		OK(strlen(a) > 100 && strcmp(a, b) == 0, rows[i].name);
		if (strcmp(a, b) != 0)
			printf("# %s\n# %s\n", a, b);
		free(a);
		free(b);
	}
}

static int see_notice(void *context, const void *record)
{
	const struct store_notice *notice = record;
	*(bool *)context = notice->id == 1 && notice->incident_id == 3 &&
			   notice->kind == NOTICE_FIRST && notice->state == NOTICE_WAITING &&
			   notice->body.length == 5 && notice->attempts == 1 &&
			   strcmp(notice->message_id, "<3.1@example.org>") == 0 &&
			   strcmp(notice->reply, "451 later") == 0 && notice->delivered_us == 0 &&
			   notice->unknown == 0;
	return 0;
}

struct told {
	int64_t letters[8]; /* by incident */
	bool same;
};

static int see_incident(void *context, const void *record)
{
	struct told *told = context;
	const struct store_incident *incident = record;
	told->letters[incident->id] = incident->told_letters;
	told->same = told->same && incident->opened_wall_us == 3 &&
		     incident->state_us == (incident->quiet_us != 0 ? 30 : 4) &&
		     incident->rested_us == 0 && incident->told_named[0] == '\0' &&
		     incident->owed[0] == '\0' && incident->retraction[0] == '\0';
	return 0;
}

/* What a keeper knows of incidents, as far as it was written down. */
static void test_told(struct store *store, int schema)
{
	struct told told = {.same = true};
	OK(store_each(store, &(struct store_query){.kind = STORE_INCIDENT}, see_incident, &told,
	       &complaint) == 0 &&
		told.same && told.letters[3] == 1,
	    "of what was told the number of letters is known");
	OK(schema < 2 || (told.letters[5] == 3 && told.letters[6] == 0),
	    "one to several contacts is one letter");
}

/* What an earlier schema held, in the words of today. */
static void test_contents(struct store *store, int schema)
{
	static const struct {
		enum store_kind kind;
		int64_t counts[DATABASE_SCHEMA]; /* by schema, from 1 */
	} rows[] = {{STORE_MEMBER, {0, 2, 2, 2, 2}}, {STORE_PREFIX, {0, 2, 2, 2, 2}},
	    {STORE_CONTACT, {0, 2, 2, 2, 2}}, {STORE_EXCEPTION, {0, 1, 1, 1, 1}},
	    {STORE_INCIDENT, {0, 1, 3, 3, 3}}, {STORE_EVENT, {0, 1, 1, 1, 1}},
	    {STORE_NOTICE, {0, 1, 5, 5, 5}}, {STORE_ACCOUNT, {0}}, {STORE_SESSION, {0}},
	    {STORE_AUDIT, {0}}, {STORE_FRAME, {0}}, {STORE_GAP, {0, 1, 1, 1, 1}},
	    {STORE_BATCH, {0, 2, 2, 2, 2}}, {STORE_HEARD, {0, 0, 1, 1, 1}},
	    {STORE_STAT, {0, 2, 2, 2, 2}}, {STORE_META, {0, 1, 1, 1, 1}}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		OK(count_of(store, rows[i].kind) == rows[i].counts[schema],
		    record_kind(rows[i].kind)->name);
	test_told(store, schema);
	bool same = false;
	const struct store_query first = {
	    .kind = STORE_NOTICE, .conditions = {{.column = "id", .number = 1}}};
	OK(store_each(store, &first, see_notice, &same, &complaint) == 0 && same,
	    "a notice says what it said");
	int64_t count = 0;
	OK(store_count(store,
	       &(struct store_query){.kind = STORE_STAT,
		   .conditions = {{.column = "country", .text = ""},
		       {.column = "network", .number = 0}}},
	       &count, &complaint) == 0 &&
		count == 2,
	    "statistics know no country then");
	struct store_member member = sample_member("new");
	struct store_gap gap = {.source = "x", .kind = "down"};
	OK(put_alone(store, STORE_RECORD(&member)) == 0 && member.id == 8 &&
		put_alone(store, STORE_RECORD(&gap)) == 0 && gap.id == 5,
	    "ids go on");
	struct store_event event = sample_event(4);
	OK(put_alone(store, STORE_RECORD(&event)) == -ENOENT, "references are kept");
	int64_t removed = 0;
	OK(store_begin(store, NULL) == 0 &&
		store_remove(
		    store, &(struct store_query){.kind = STORE_INCIDENT}, &removed, NULL) == 0 &&
		removed > 0 && count_of(store, STORE_NOTICE) == 0,
	    "and followed");
	store_rollback(store);
}

static void test_schema(int schema)
{
	char name[32];
	char copy[PATH_BYTES];
	char version[16];
	(void)snprintf(name, sizeof name, "from-%d.db", schema);
	char *path = strdup(in_folder(folder, name));
	OK(make_earlier(path, schema), "a database of an earlier schema");
	char *before = ask(path, "SELECT * FROM stat");
	struct store *store = open_store("sqlite", path, false);
	OK(store != NULL, "is opened, and brought up to date");
	test_contents(store, schema);
	store_close(store);
	(void)snprintf(version, sizeof version, "%d|\n", DATABASE_SCHEMA);
	OK(answers(path, "PRAGMA user_version", version) &&
		answers(path, "PRAGMA integrity_check", "ok|\n") &&
		answers(path, "PRAGMA foreign_key_check", "") &&
		answers(path, "PRAGMA auto_vacuum", "2|\n"),
	    "it is sound");
	test_same_tables(path);

	(void)snprintf(copy, sizeof copy, "%s.before-%d", path, DATABASE_SCHEMA);
	(void)snprintf(version, sizeof version, "%d|\n", schema);
	OK(answers(copy, "PRAGMA user_version", version) &&
		answers(copy, "PRAGMA integrity_check", "ok|\n") &&
		answers(copy, "SELECT * FROM stat", before),
	    "what it was lies beside");
	free(before);
	free(path);
}

/* A step that fails leaves the database as it was. */
static void test_failing(void)
{
	const char *path = in_folder(folder, "failing.db");
	sqlite3 *db = NULL;
	OK(make_earlier(path, 1), "a database of schema 1");
	(void)sqlite3_open(path, &db);
	OK(sqlite3_exec(db, "CREATE TABLE stat_2 (a)", NULL, NULL, NULL) == SQLITE_OK,
	    "with a table in the way");
	(void)sqlite3_close(db);
	struct store *store = NULL;
	const struct store_options options = {.engine = "sqlite", .path = path};
	OK(store_open(&options, &store, &complaint) < 0 && store == NULL &&
		strstr(complaint.text, "and is as it was") != NULL,
	    "is not brought up to date");
	printf("# %s\n", complaint.text);
	OK(answers(path, "PRAGMA user_version", "1|\n") &&
		answers(path, "SELECT count(*) FROM stat", "2|\n") &&
		answers(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'heard'", "0|\n"),
	    "and is as it was");
	(void)sqlite3_open(path, &db);
	OK(sqlite3_exec(db, "DROP TABLE stat_2", NULL, NULL, NULL) == SQLITE_OK, "once it is away");
	(void)sqlite3_close(db);
	store = open_store("sqlite", path, false);
	OK(store != NULL, "it is");
	store_close(store);
}

int main(void)
{
	make_folder(folder);
	for (int schema = 1; schema < DATABASE_SCHEMA; schema++)
		test_schema(schema);
	test_failing();
	remove_folder(folder);
	return test_done();
}
