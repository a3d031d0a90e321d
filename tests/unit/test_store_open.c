/*
 * What is no database of ours, or cannot be opened: each gets one line that says what to do.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/store.h"
#include "store/upkeep.h"
#include "store_help.h"

static char folder[FOLDER_BYTES];
static struct complaint complaint;

static int try_open(const char *path, bool read_only)
{
	struct store *store = NULL;
	const struct store_options options = {
	    .engine = "sqlite", .path = path, .read_only = read_only};
	complaint.text[0] = '\0';
	int error = store_open(&options, &store, &complaint);
	store_close(store);
	return error;
}

/* One line, with the words that matter. */
static bool says(const char *words)
{
	bool good = strstr(complaint.text, words) != NULL && strchr(complaint.text, '\n') == NULL;
	printf("# %s\n", complaint.text);
	return good;
}

static void write_file(const char *name, const char *text)
{
	int fd = open(in_folder(folder, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		printf("# %s cannot be written\n", name);
	(void)close(fd);
}

static void run_sql(const char *name, const char *sql)
{
	sqlite3 *db = NULL;
	int result = sqlite3_open(in_folder(folder, name), &db);
	if (result == SQLITE_OK)
		result = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (result != SQLITE_OK)
		printf("# %s: %s\n", name, sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

static void test_places(void)
{
	write_file("file", "x");
	OK(try_open(in_folder(folder, "none/station.db"), false) == -ENOENT &&
		says("none: cannot be entered: make this directory"),
	    "a directory that is not there");
	OK(try_open(in_folder(folder, "none/station.db"), true) == -ENOENT &&
		says("make this directory"),
	    "also for reading");
	OK(try_open(in_folder(folder, "file/station.db"), false) == -ENOTDIR,
	    "a file in its place");
	OK(try_open(in_folder(folder, "station.db"), true) == -ENOENT && says("hinomi init"),
	    "reading a database that is not there");
	OK(access(in_folder(folder, "station.db"), F_OK) != 0, "makes none");
	(void)mkdir(in_folder(folder, "sub"), 0700);
	(void)mkdir(in_folder(folder, "sub/station.db"), 0700);
	OK(try_open(in_folder(folder, "sub/station.db"), false) == -EMEDIUMTYPE &&
		says("is no file"),
	    "a directory in place of the database");
	(void)mkfifo(in_folder(folder, "fifo"), 0600);
	OK(try_open(in_folder(folder, "fifo"), true) == -EMEDIUMTYPE,
	    "a pipe, which is not waited for");
	OK(try_open(NULL, false) == -EINVAL && says("no path"), "no path");
}

static void test_foreign(void)
{
	write_file(
	    "text.db", "This is a text of some length, and no database, as everybody sees.\n");
	OK(try_open(in_folder(folder, "text.db"), false) == -EMEDIUMTYPE &&
		says("it is no database"),
	    "a text");
	run_sql("foreign.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	OK(try_open(in_folder(folder, "foreign.db"), false) == -EMEDIUMTYPE &&
		says("another program's database"),
	    "another program's database");
	run_sql("foreign.db", "PRAGMA application_id = 7");
	OK(try_open(in_folder(folder, "foreign.db"), false) == -EMEDIUMTYPE, "with its number");
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	(void)sqlite3_open(in_folder(folder, "foreign.db"), &db);
	(void)sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL);
	OK(sqlite3_step(statement) == SQLITE_ROW &&
		strcmp((const char *)sqlite3_column_text(statement, 0), "delete") == 0,
	    "is left as it was");
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	write_file("empty.db", "");
	OK(try_open(in_folder(folder, "empty.db"), true) == -ENOENT && says("is empty"),
	    "an empty file cannot be read");
	OK(try_open(in_folder(folder, "empty.db"), false) == 0 &&
		try_open(in_folder(folder, "empty.db"), true) == 0,
	    "but become a database");
}

static void test_schemas(void)
{
	const char *path = in_folder(folder, "schema.db");
	OK(try_open(path, false) == 0, "a new one");
	run_sql("schema.db", "PRAGMA user_version = 6");
	OK(try_open(path, false) == -EPROTONOSUPPORT && says("schema 6 of a newer Hinomi"),
	    "a newer schema");
	OK(try_open(path, true) == -EPROTONOSUPPORT, "also for reading");
	run_sql("schema.db", "PRAGMA user_version = 1");
	OK(try_open(path, true) == -EPROTONOSUPPORT && says("start the station once"),
	    "an earlier one, for reading");
	run_sql("schema.db", "PRAGMA user_version = -1");
	OK(try_open(path, false) == -EUCLEAN && says("which never was"), "one that never was");
	run_sql("schema.db", "PRAGMA user_version = 5; DROP TABLE notice");
	OK(try_open(path, false) == -EUCLEAN && says("lacks tables"), "a table that is missing");
}

/* Cut in the middle, with a log beside it: its last writer was killed. */
static void test_damaged(void)
{
	struct store *store = open_store("sqlite", in_folder(folder, "damaged.db"), false);
	for (int i = 0; i < 200; i++) {
		struct store_batch batch = sample_batch(1, i);
		static char body[3000];
		batch.body = (struct store_bytes){body, sizeof body};
		(void)put_alone(store, STORE_RECORD(&batch));
	}
	store_close(store);
	int fd = open(in_folder(folder, "damaged.db"), O_WRONLY | O_CLOEXEC);
	char junk[4096];
	memset(junk, 0xa5, sizeof junk);
	for (off_t page = 60; page < 80; page++)
		(void)!pwrite(fd, junk, sizeof junk, page * (off_t)sizeof junk);
	(void)close(fd);
	OK(try_open(in_folder(folder, "damaged.db"), false) == 0,
	    "after it was closed, a database is not searched for damage");
	write_file("damaged.db-wal", "left by a writer that was killed");
	OK(try_open(in_folder(folder, "damaged.db"), false) == -EUCLEAN && says("is damaged") &&
		says("put back a copy"),
	    "damage is found where the last writer was killed");

	OK(truncate(in_folder(folder, "damaged.db-wal"), 0) == 0, "no log");
	store = open_store("sqlite", in_folder(folder, "damaged.db"), false);
	int visits = 0;
	const struct store_query all = {.kind = STORE_BATCH};
	OK(store_each(store, &all, count_visits, &visits, &complaint) == -EUCLEAN &&
		says("put back a copy") && store_is_suspect(store),
	    "or when it is read");
	OK(store_begin(store, &complaint) == -EIO && says("opened anew"), "nothing goes on then");
	OK(store_reopen(store, &complaint) == -EUCLEAN && store_is_suspect(store),
	    "reopening does not help");
	OK(store_reopen(store, &complaint) == -EUCLEAN && store_begin(store, NULL) == -EIO,
	    "nor a second time");
	store_close(store);
}

static int look(struct store *store)
{
	return store_look(store, &complaint);
}

/* Somebody does something to the file that is open. */
static void test_look(void)
{
	const char *path = strdup(in_folder(folder, "look.db"));
	struct store *store = open_store("sqlite", path, false);
	OK(store_is_new(store) && look(store) == 0, "one that was made just now is in order");
	for (int i = 0; i < 200; i++) {
		struct store_batch batch = sample_batch(1, i);
		static char body[3000];
		batch.body = (struct store_bytes){body, sizeof body};
		(void)put_alone(store, STORE_RECORD(&batch));
	}
	OK(store_shrink(store, 1 << 20, &complaint) == 0 && look(store) == 0, "and one that grew");
	const struct store_query most = {.kind = STORE_BATCH, .limit = 190};
	OK(store_begin(store, NULL) == 0 && store_remove(store, &most, NULL, NULL) == 0 &&
		store_commit(store, NULL) == 0 && store_shrink(store, 1 << 20, NULL) == 0 &&
		look(store) == 0,
	    "and one that the station made smaller itself");
	struct stat status;
	OK(stat(path, &status) == 0 && truncate(path, status.st_size - 4096) == 0 &&
		look(store) == -EUCLEAN && says("look.db: was cut short") && says("hinomi backup"),
	    "one that was cut short by a page is not");
	OK(look(store) == -EUCLEAN && !store_is_suspect(store), "nor later; and it can be used");
	OK(truncate(path, 99) == 0 && look(store) == -EUCLEAN && says("was emptied"),
	    "an empty one");
	write_file("look.db", "Something else, and quite long: a hundred bytes of it are read, "
			      "and these are more, by as many as it takes to say so.");
	OK(look(store) == -EUCLEAN && says("was written over"), "one that was written over");
	OK(unlink(path) == 0 && look(store) == -EUCLEAN && says("was removed or replaced"),
	    "one that was removed");
	write_file("look.db", "in its place");
	OK(look(store) == -EUCLEAN && says("was removed or replaced"), "or replaced");
	store_close(store);
	free((char *)(uintptr_t)path);
	store = open_store("memory", NULL, false);
	OK(look(store) == 0 && !store_is_new(store), "what is in memory has no file");
	store_close(store);
}

static int count_notes(void *context, const void *record)
{
	(void)record;
	(*(int *)context)++;
	return 0;
}

static void test_strange_values(void)
{
	const char *path = in_folder(folder, "strange.db");
	int visits = 0;
	OK(try_open(path, false) == 0, "a new one");
	run_sql("strange.db", "INSERT INTO contact (kind, address, language, severity_min, state, "
			      "failures, created_us) VALUES ('pigeon', 'a', 'en', 'low', "
			      "'verified', 0, 0)");
	struct store *store = open_store("sqlite", path, true);
	OK(store_each(store, &(struct store_query){.kind = STORE_CONTACT}, count_notes, &visits,
	       &complaint) == -EUCLEAN &&
		visits == 0 && says("contact.kind holds what no Hinomi writes there"),
	    "a value that no Hinomi writes");
	store_close(store);
}

static void test_two_processes(void)
{
	const char *path = in_folder(folder, "station.db");
	struct store *store = open_store("sqlite", path, false);
	OK(try_open(path, false) == -EBUSY && says("another process has it open"),
	    "a second writer is refused");
	struct store *reader = open_store("sqlite", path, true);
	struct store_member member = sample_member("seen");
	OK(put_alone(store, STORE_RECORD(&member)) == 0 && count_of(reader, STORE_MEMBER) == 1,
	    "a reader beside it sees what was committed");
	OK(store_begin(reader, NULL) == 0 && count_of(reader, STORE_MEMBER) == 1,
	    "it looks at a moment");
	struct store_member later = sample_member("later");
	OK(put_alone(store, STORE_RECORD(&later)) == 0 && count_of(reader, STORE_MEMBER) == 1 &&
		store_commit(reader, NULL) == 0 && count_of(reader, STORE_MEMBER) == 2,
	    "which others do not change");
	OK(store_begin(reader, NULL) == 0 &&
		store_put(reader, STORE_RECORD(&later), STORE_REPLACE, &complaint) == -EROFS &&
		store_remove(reader, &(struct store_query){.kind = STORE_MEMBER}, NULL,
		    &complaint) == -EROFS &&
		says("for reading only"),
	    "a reader writes nothing");
	store_close(store);
	OK(count_of(reader, STORE_MEMBER) == 2, "and reads on when the writer has gone");
	store_close(reader);
	store = open_store("sqlite", path, false);
	OK(store != NULL, "then another one may write");
	store_close(store);
}

/* Tries as somebody who may not do everything; gives the negated errno, and prints the line. */
static int try_as_nobody(const char *path, bool read_only)
{
	(void)fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(255);
		int error = try_open(path, read_only);
		printf("# %s\n", complaint.text);
		(void)fflush(stdout);
		_exit(-error & 0x7f);
	}
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_permissions(void)
{
	if (geteuid() != 0) {
		printf("ok %d - permissions # SKIP needs root to become somebody else\n",
		    ++test_count);
		return;
	}
	OK(chmod(folder, 0755) == 0, "a directory of somebody else's");
	OK(try_as_nobody(in_folder(folder, "new.db"), false) == EACCES,
	    "a directory that cannot be written");
	OK(try_as_nobody(in_folder(folder, "station.db"), true) == EACCES,
	    "a database that cannot be read");
	(void)chmod(in_folder(folder, "station.db"), 0644);
	(void)chmod(in_folder(folder, "station.db-wal"), 0644);
	(void)chmod(in_folder(folder, "station.db-shm"), 0644);
	OK(try_as_nobody(in_folder(folder, "station.db"), true) == 0,
	    "reading needs no right to write");
	OK(chmod(folder, 0777) == 0 && chmod(in_folder(folder, "station.db-lock"), 0666) == 0 &&
		try_as_nobody(in_folder(folder, "station.db"), false) == EACCES,
	    "a database that cannot be written");
	(void)chmod(folder, 0700);
}

static void test_read_only_disk(void)
{
	const char *place = in_folder(folder, "disk");
	(void)mkdir(place, 0700);
	if (geteuid() != 0 || mount("hinomi-test", place, "tmpfs", 0, "size=32m") != 0) {
		printf("ok %d - a read-only disk # SKIP needs root and mount\n", ++test_count);
		return;
	}
	OK(try_open(in_folder(folder, "disk/station.db"), false) == 0,
	    "a database on a small disk");
	OK(mount("hinomi-test", place, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=32m") == 0,
	    "which becomes read-only");
	OK(try_open(in_folder(folder, "disk/station.db"), false) == -EROFS &&
		says("disk: cannot be written"),
	    "cannot be opened to be written");
	OK(try_open(in_folder(folder, "disk/station.db"), true) == 0, "but to be read");
	(void)umount(in_folder(folder, "disk"));
}

/* A name that SQLite would take for a URI. */
static void test_names(void)
{
	char here[PATH_BYTES];
	OK(getcwd(here, sizeof here) != NULL && chdir(folder) == 0, "in another directory");
	OK(try_open("file:a?mode=memory", false) == 0 && access("file:a?mode=memory", F_OK) == 0,
	    "a name is a name, whatever it looks like");
	OK(try_open("\xe7\x81\xab .db", false) == 0 && access("\xe7\x81\xab .db", F_OK) == 0,
	    "also one in Japanese");
	OK(chdir(here) == 0, "back again");
}

int main(void)
{
	make_folder(folder);
	test_places();
	test_foreign();
	test_schemas();
	test_damaged();
	test_look();
	test_strange_values();
	test_two_processes();
	test_permissions();
	test_read_only_disk();
	test_names();
	remove_folder(folder);
	return test_done();
}
