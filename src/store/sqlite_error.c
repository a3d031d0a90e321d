#include <errno.h>
#include <string.h>

#include "store/sqlite.h"

static bool is_memory(int result)
{
	return (result & 0xff) == SQLITE_NOMEM || result == SQLITE_IOERR_NOMEM;
}

/* Full, also where SQLite only says that it could not grow a file. */
static bool is_full(sqlite3 *db, int result)
{
	if ((result & 0xff) == SQLITE_FULL)
		return true;
	bool is_growing = result == SQLITE_IOERR_SHMSIZE || (result & 0xff) == SQLITE_CANTOPEN;
	int error = db == NULL ? 0 : sqlite3_system_errno(db);
	return is_growing && (error == ENOSPC || error == EDQUOT);
}

int sqlite_errno(sqlite3 *db, int result)
{
	if (is_memory(result))
		return -ENOMEM;
	if (is_full(db, result))
		return -ENOSPC;
	switch (result) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return -EEXIST;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return -ENOENT;
	default:
		break;
	}
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_ERROR: /* our statements are good, so its tables are not ours */
		return -EUCLEAN;
	case SQLITE_NOTADB:
		return -EMEDIUMTYPE;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_TOOBIG:
		return -EFBIG;
	default:
		return -EIO;
	}
}

bool sqlite_is_grave(sqlite3 *db, int result)
{
	int error = sqlite_errno(db, result);
	return error == -EIO || error == -EUCLEAN || error == -EMEDIUMTYPE || error == -EROFS;
}

static const char *advice(int error)
{
	switch (error) {
	case -ENOMEM:
		return "memory is out";
	case -ENOSPC:
		return "the disk is full: make room on it";
	case -EBUSY:
		return "another process has it open for writing: stop that one first";
	case -EUCLEAN:
		return "it is damaged: put back a copy";
	case -EMEDIUMTYPE:
		return "it is no database, or damaged at its start: name another file, or put back "
		       "a copy";
	case -EROFS:
	case -EACCES:
		return "it cannot be written: check its permissions, and those of its directory";
	case -EEXIST:
		return "another record has this value, which only one may have";
	case -ENOENT:
		return "it refers to a record that is not there";
	default:
		return "the disk does not do what it should";
	}
}

int sqlite_complain(
    sqlite3 *db, int result, const char *path, const char *what, struct complaint *complaint)
{
	int error = sqlite_errno(db, result);
	int system = db == NULL ? 0 : sqlite3_system_errno(db);
	bool is_plain = error == -EEXIST || error == -ENOENT || error == -ENOMEM;
	if (is_plain)
		return complain(complaint, error, "%s: %s: %s", path, what, advice(error));
	return complain(complaint, error, "%s: %s: %s (%s%s%s)", path, what, advice(error),
	    db == NULL ? sqlite3_errstr(result) : sqlite3_errmsg(db), system == 0 ? "" : ", ",
	    system == 0 ? "" : strerror(system));
}

int sqlite_fail(struct store *store, int result, const char *what, struct complaint *complaint)
{
	struct sqlite *sqlite = sqlite_of(store);
	int error = sqlite_complain(sqlite->db, result, sqlite->path, what, complaint);
	if (!sqlite_is_grave(sqlite->db, result))
		return error;
	store->is_suspect = true;
	return error == -EUCLEAN || error == -EMEDIUMTYPE ? -EUCLEAN : -EIO;
}

int sqlite_run(sqlite3 *db, const char *sql)
{
	int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
	return result == SQLITE_OK ? SQLITE_OK : sqlite3_extended_errcode(db);
}

int sqlite_ask(sqlite3 *db, const char *sql, int64_t *ret_number)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		*ret_number = sqlite3_column_int64(statement, 0);
		result = SQLITE_OK;
	} else if (result == SQLITE_DONE) {
		result = SQLITE_CORRUPT; /* these questions have an answer */
	}
	(void)sqlite3_finalize(statement); /* gives the result that step gave */
	return result;
}
