/*
 * Opening: whether there is a file to open, whose it is, and whether it is whole.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"

/* Tables of a database that was not made yet. */
enum {
	SCHEMA_NONE = 0,
};

static const char WRITER_SETTINGS[] = "PRAGMA temp_store = MEMORY;"
				      "PRAGMA foreign_keys = ON;"
				      "PRAGMA secure_delete = OFF;"
				      "PRAGMA synchronous = FULL;"
				      "PRAGMA wal_autocheckpoint = 0;";

char *sqlite_path(const char *path)
{
	char *plain = NULL;
	/* Debian's SQLite takes "file:..." for a URI. */
	if (asprintf(&plain, "%s%s", path[0] == '/' ? "" : "./", path) < 0)
		return NULL;
	return plain;
}

static int complain_errno(
    struct complaint *complaint, int error, const char *path, const char *what)
{
	return complain(complaint, -error, "%s: %s (%s)", path, what, strerror(error));
}

/* Whether the directory of a file is there, and can be written where it has to be. */
static int check_directory(const char *path, bool is_read_only, struct complaint *complaint)
{
	struct stat status;
	char *copy = strdup(path);
	if (copy == NULL)
		return complain(complaint, -ENOMEM, "%s: memory is out", path);
	const char *directory = dirname(copy);
	int error = 0;
	if (stat(directory, &status) != 0)
		error = complain_errno(complaint, errno, directory,
		    "cannot be entered: make this directory, or name another one");
	else if (!S_ISDIR(status.st_mode))
		error = complain(complaint, -ENOTDIR,
		    "%s: is no directory, expected that of a station", directory);
	else if (!is_read_only && faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) != 0)
		error = complain_errno(complaint, errno, directory,
		    "cannot be written, which a database needs: check owner and permissions "
		    "of this directory");
	free(copy);
	return error;
}

/* Whether the file, where there is one, can be opened as it has to be. */
static int check_file(
    const char *path, bool is_read_only, bool *ret_is_there, struct complaint *complaint)
{
	struct stat status;
	*ret_is_there = stat(path, &status) == 0;
	if (!*ret_is_there && errno != ENOENT)
		return complain_errno(complaint, errno, path, "cannot be opened");
	if (!*ret_is_there && is_read_only)
		return complain(
		    complaint, -ENOENT, "%s: there is no database; `hinomi init` makes one", path);
	if (!*ret_is_there)
		return 0;
	if (!S_ISREG(status.st_mode))
		return complain(
		    complaint, -EMEDIUMTYPE, "%s: is no file, expected a station's database", path);
	int mode = is_read_only ? R_OK : R_OK | W_OK;
	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0)
		return complain_errno(complaint, errno, path,
		    is_read_only ? "cannot be read: check its owner and permissions"
				 : "cannot be written: check its owner and permissions");
	return 0;
}

int sqlite_lock(const char *path, int *ret_fd, struct complaint *complaint)
{
	char *lock = NULL;
	int error = check_directory(path, false, complaint);
	if (error != 0)
		return error;
	if (asprintf(&lock, "%s-lock", path) < 0)
		return complain(complaint, -ENOMEM, "%s: memory is out", path);
	/* A file of its own: closing the database's file would lose the locks of SQLite on it. */
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		error = complain_errno(complaint, errno, lock, "cannot be made");
	else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		error = errno == EWOULDBLOCK
			    ? complain(complaint, -EBUSY,
				  "%s: another process has it open for writing: stop that one "
				  "first",
				  path)
			    : complain_errno(complaint, errno, lock, "cannot be locked");
	if (error == 0)
		*ret_fd = fd;
	else if (fd >= 0)
		(void)close(fd); /* nothing was written */
	free(lock);
	return error;
}

/* Makes the empty file, so that its mode is ours, and its name is on the disk. */
static int make_file(const char *path, struct complaint *complaint)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return complain_errno(complaint, errno, path, "cannot be made");
	(void)close(fd); /* nothing was written */
	return sqlite_sync_directory(path, complaint);
}

/* Whether there are commits that were not taken in: who wrote them did not close the database. */
static bool has_log(const char *path)
{
	struct stat status;
	char *log = NULL;
	if (asprintf(&log, "%s-wal", path) < 0)
		return true; /* a check too many does no harm */
	bool has = stat(log, &status) == 0 && status.st_size > 0;
	free(log);
	return has;
}

static int handle(sqlite3 *db, const char *path, int result, struct complaint *complaint)
{
	return result == SQLITE_OK
		   ? 0
		   : sqlite_complain(db, result, path, "cannot be opened", complaint);
}

/* Which schema of ours a database has; SCHEMA_NONE for an empty one. */
static int identify(sqlite3 *db, const char *path, int64_t *ret_schema, struct complaint *complaint)
{
	int64_t application = 0;
	int64_t schema = 0;
	int64_t tables = 0;
	int result = sqlite_ask(db, "PRAGMA application_id", &application);
	if (result == SQLITE_OK)
		result = sqlite_ask(db, "PRAGMA user_version", &schema);
	if (result == SQLITE_OK)
		result = sqlite_ask(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (result != SQLITE_OK)
		return handle(db, path, result, complaint);
	*ret_schema = SCHEMA_NONE;
	if (application == 0 && schema == 0 && tables == 0)
		return 0;
	if (application != DATABASE_APPLICATION)
		return complain(complaint, -EMEDIUMTYPE,
		    "%s: is another program's database: put the station's back", path);
	if (schema > DATABASE_SCHEMA)
		return complain(complaint, -EPROTONOSUPPORT,
		    "%s: has the schema %lld of a newer Hinomi, this one knows %d: install the "
		    "newer one, or put back a copy from before",
		    path, (long long)schema, DATABASE_SCHEMA);
	if (schema < 1)
		return complain(complaint, -EUCLEAN,
		    "%s: has the schema %lld, which never was: put back a copy", path,
		    (long long)schema);
	*ret_schema = schema;
	return 0;
}

/*
 * What a check says: the first line may be a title. It also speaks of damage where a page could not
 * be read for want of memory or by an error of the disk, and then tells SQLite's result.
 */
static int judge_check(sqlite3 *db, const char *path, const char *says, struct complaint *complaint)
{
	static const char CODE[] = "error code";
	if (strcmp(says, "ok") == 0)
		return 0;
	const char *line = strrchr(says, '\n');
	line = line == NULL ? says : line + 1;
	const char *code = strstr(line, CODE);
	long result =
	    code == NULL ? 0 : strtol(code + sizeof CODE, NULL, 10); /* after = or a space */
	bool is_read_error = (result & 0xff) == SQLITE_NOMEM || (result & 0xff) == SQLITE_IOERR;
	if (is_read_error)
		return sqlite_complain(db, (int)result, path, "cannot be checked", complaint);
	return complain(complaint, -EUCLEAN, "%s: is damaged, put back a copy (%s)", path, line);
}

int sqlite_check(sqlite3 *db, const char *path, const char *pragma, struct complaint *complaint)
{
	char sql[64];
	sqlite3_stmt *statement = NULL;
	(void)snprintf(sql, sizeof sql, "PRAGMA %s(1)", pragma); /* two names it can be */
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	const char *says = NULL;
	if (result == SQLITE_ROW)
		says = (const char *)sqlite3_column_text(statement, 0);
	else if (result == SQLITE_DONE)
		result = SQLITE_CORRUPT; /* it always says something */
	if (result == SQLITE_ROW && says == NULL)
		result = SQLITE_NOMEM;
	int error = says != NULL
			? judge_check(db, path, says, complaint)
			: sqlite_complain(db, result, path, "cannot be checked", complaint);
	(void)sqlite3_finalize(statement); /* gives the result of its step */
	return error;
}

/* Whether it has the tables and columns that its number promises. */
static int check_columns(sqlite3 *db, const char *path, struct complaint *complaint)
{
	struct sql sql = {0};
	int error = 0;
	for (unsigned i = 0; i < STORE_KIND_COUNT && error == 0; i++) {
		sqlite3_stmt *statement = NULL;
		const struct bound_query all = {.kind = record_kind((enum store_kind)i)};
		sql_clear(&sql);
		sql_each(&sql, &all);
		int result = sql.failed ? SQLITE_NOMEM
					: sqlite3_prepare_v2(db, sql.text, -1, &statement, NULL);
		if (result != SQLITE_OK)
			error =
			    sqlite_complain(db, result, path, "lacks tables or columns", complaint);
		(void)sqlite3_finalize(statement); /* never stepped */
	}
	sql_release(&sql);
	return error;
}

static int open_handle(const char *path, int flags, sqlite3 **ret_db, struct complaint *complaint)
{
	sqlite3 *db = NULL;
	/* A store is used by one thread. */
	int result = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_extended_result_codes(db, 1);
	if (result == SQLITE_OK)
		result = sqlite3_busy_timeout(db, DATABASE_OPEN_WAIT_MS);
	/* What a file from elsewhere could bring is not run. */
	if (result == SQLITE_OK)
		result = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (result == SQLITE_OK)
		result = sqlite_run(db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;");
	if (result == SQLITE_OK) {
		*ret_db = db;
		return 0;
	}
	int error = handle(db, path, result, complaint);
	(void)sqlite3_close(db); /* has no statements: cannot be busy */
	return error;
}

int sqlite_connect_reader(
    const char *path, bool may_be_old, sqlite3 **ret_db, struct complaint *complaint)
{
	bool is_there = false;
	sqlite3 *db = NULL;
	int64_t schema = 0;
	int error = check_directory(path, true, complaint);
	if (error == 0)
		error = check_file(path, true, &is_there, complaint);
	if (error == 0)
		error = open_handle(path, SQLITE_OPEN_READONLY, &db, complaint);
	if (error != 0)
		return error;
	/* Who only reads never takes the log in. */
	int result = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (result == SQLITE_OK)
		result = sqlite_run(db, "PRAGMA temp_store = MEMORY; PRAGMA query_only = ON;");
	error = handle(db, path, result, complaint);
	if (error == 0)
		error = identify(db, path, &schema, complaint);
	if (error == 0 && schema == SCHEMA_NONE)
		error = complain(
		    complaint, -ENOENT, "%s: is empty; `hinomi init` makes a database", path);
	else if (error == 0 && schema < DATABASE_SCHEMA && !may_be_old)
		error = complain(complaint, -EPROTONOSUPPORT,
		    "%s: has the schema %lld of an earlier Hinomi: start the station once, which "
		    "brings it to %d",
		    path, (long long)schema, DATABASE_SCHEMA);
	if (error == 0 && schema == DATABASE_SCHEMA)
		error = check_columns(db, path, complaint);
	if (error == 0)
		*ret_db = db;
	else
		(void)sqlite3_close(db); /* has no statements: cannot be busy */
	return error;
}

/* Whether there is a write-ahead log now. */
static int ask_log(sqlite3 *db, bool *ret_is_log)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		const char *mode = (const char *)sqlite3_column_text(statement, 0);
		*ret_is_log = mode != NULL && strcmp(mode, "wal") == 0;
		result = mode != NULL ? SQLITE_OK : SQLITE_NOMEM;
	}
	(void)sqlite3_finalize(statement); /* gives the result of its step */
	return result;
}

/* Sets what each connection that writes needs, and reads back what could be refused. */
static int set_up(sqlite3 *db, const char *path, struct complaint *complaint)
{
	char sql[160];
	int64_t synchronous = 0;
	bool is_log = false;
	int on = 1;
	(void)snprintf(sql, sizeof sql,
	    "PRAGMA cache_size = -%d; PRAGMA journal_size_limit = %d;"
	    "PRAGMA journal_mode = WAL;",
	    DATABASE_CACHE_KIB, DATABASE_LOG_KEPT_BYTES); /* two numbers fit */
	int result = sqlite_run(db, WRITER_SETTINGS);
	if (result == SQLITE_OK)
		result = sqlite_run(db, sql);
	if (result == SQLITE_OK)
		result = sqlite_ask(db, "PRAGMA synchronous", &synchronous);
	if (result == SQLITE_OK)
		result = ask_log(db, &is_log);
	/* The log's files stay, so that those who may only read find them. */
	if (result == SQLITE_OK)
		result = sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	if (result != SQLITE_OK)
		return handle(db, path, result, complaint);
	if (!is_log || synchronous != 2)
		return complain(complaint, -ENOTSUP,
		    "%s: there can be no write-ahead log there, expected a local file system",
		    path);
	return 0;
}

/* Makes the tables or brings them up to date. */
static int prepare(struct sqlite *sqlite, bool was_closed, struct complaint *complaint)
{
	sqlite3 *db = sqlite->db;
	int64_t schema = 0;
	int error = identify(db, sqlite->path, &schema, complaint);
	/* Both are written with the first page, so before the log. */
	if (error == 0 && schema == SCHEMA_NONE)
		error = handle(db, sqlite->path,
		    sqlite_run(db, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL"),
		    complaint);
	if (error == 0)
		error = set_up(db, sqlite->path, complaint);
	if (error == 0 && !was_closed)
		error = sqlite_check(db, sqlite->path,
		    sqlite->was_suspect ? "integrity_check" : "quick_check", complaint);
	sqlite->is_new = schema == SCHEMA_NONE;
	if (error == 0 && schema == SCHEMA_NONE)
		error = sqlite_create(db, sqlite->path, complaint);
	else if (error == 0 && schema < DATABASE_SCHEMA)
		error = sqlite_migrate(db, sqlite->path, (int)schema, complaint);
	if (error == 0)
		error = check_columns(db, sqlite->path, complaint);
	return error;
}

/* With a handle that is good. */
static int finish(struct sqlite *sqlite, struct complaint *complaint)
{
	int error = handle(sqlite->db, sqlite->path, sqlite_prepare_turns(sqlite), complaint);
	if (error != 0)
		sqlite_disconnect(sqlite);
	return error;
}

int sqlite_connect(struct sqlite *sqlite, struct complaint *complaint)
{
	bool is_there = false;
	int error = 0;
	assert(sqlite->db == NULL);
	if (sqlite->is_read_only) {
		error = sqlite_connect_reader(sqlite->path, false, &sqlite->db, complaint);
		return error != 0 ? error : finish(sqlite, complaint);
	}
	error = check_file(sqlite->path, false, &is_there, complaint);
	if (error == 0 && !is_there)
		error = make_file(sqlite->path, complaint);
	if (error != 0)
		return error;
	bool was_closed = !sqlite->was_suspect && !has_log(sqlite->path);
	error = open_handle(sqlite->path, SQLITE_OPEN_READWRITE, &sqlite->db, complaint);
	if (error != 0)
		return error;
	error = prepare(sqlite, was_closed, complaint);
	if (error == 0)
		error = handle(
		    sqlite->db, sqlite->path, sqlite3_busy_timeout(sqlite->db, 0), complaint);
	if (error == 0)
		return finish(sqlite, complaint);
	/* What is damaged is left as it was found: its log may be what is sound of it. */
	(void)sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite_disconnect(sqlite);
	return error;
}

void sqlite_disconnect(struct sqlite *sqlite)
{
	sqlite_forget_all(sqlite);
	if (sqlite->copy != NULL)
		sqlite_copy_detach(sqlite->copy);
	sqlite->copy = NULL;
	int result = sqlite3_close(sqlite->db);
	assert(result == SQLITE_OK); /* all statements were ours */
	sqlite->db = NULL;
}
