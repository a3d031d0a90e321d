/*
 * Copies while the store goes on, and putting them back.
 */
#include "store/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store_help.h"

static char folder[FOLDER_BYTES];
static struct complaint complaint;

static void fill(struct store *store, int64_t from, int64_t count)
{
	static char body[2000];
	int error = store_begin(store, NULL);
	for (int64_t i = from; i < from + count && error == 0; i++) {
		struct store_batch batch = sample_batch(1, i);
		memset(body, (int)(i % 251), sizeof body);
		batch.body = (struct store_bytes){body, sizeof body};
		error = store_put(store, STORE_RECORD(&batch), STORE_REPLACE, NULL);
	}
	OK(error == 0 && store_commit(store, NULL) == 0, "rows are committed");
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* How many steps a copy takes, with a commit before each. -1 on failure. */
static int copy_in_steps(struct store *store, const char *path)
{
	struct store_backup *backup = NULL;
	int64_t left = 1;
	int steps = 0;
	int error = store_backup_open(store, path, &backup, &complaint);
	for (; error == 0 && left > 0; steps++) {
		struct store_batch batch = sample_batch(2, steps);
		if (steps < 4)
			error = put_alone(store, STORE_RECORD(&batch));
		if (error == 0)
			error = store_backup_step(backup, &left, &complaint);
		OK(!exists(path), "nobody finds the copy before it is whole");
	}
	if (error == 0)
		error = store_backup_finish(backup, &complaint);
	store_backup_close(backup);
	return error == 0 ? steps : -1;
}

static void test_copy(struct store *store)
{
	const char *path = in_folder(folder, "copy.db");
	struct stat status = {0};
	int steps = copy_in_steps(store, path);
	OK(steps > 3, "a copy is made in several steps, with commits in between");
	if (steps <= 3)
		printf("# %d steps: %s\n", steps, complaint.text);
	OK(!exists(in_folder(folder, "copy.db.part")) &&
		!exists(in_folder(folder, "copy.db-wal")) && stat(path, &status) == 0 &&
		(status.st_mode & 0777 & ~0640U) == 0,
	    "it is one file, and not everybody's");
	struct store *copy = open_store("sqlite", path, true);
	OK(copy != NULL && same_stores(store, copy), "that holds all that was committed meanwhile");
	store_close(copy);
	int64_t left = 0;
	struct store_backup *backup = NULL;
	OK(store_backup_open(store, path, &backup, &complaint) == 0 &&
		store_backup_step(backup, &left, &complaint) == 0 && left > 0 &&
		store_backup_finish(backup, &complaint) == -ECANCELED,
	    "half a copy is not put in place");
	store_backup_close(backup);
	copy = open_store("sqlite", path, true);
	OK(copy != NULL && same_stores(store, copy), "the whole one from before stays");
	store_close(copy);
}

static void test_one_at_a_time(struct store *store)
{
	struct store_backup *backup = NULL;
	struct store_backup *other = NULL;
	int64_t left = 0;
	OK(store_backup_open(store, in_folder(folder, "one.db"), &backup, &complaint) == 0 &&
		store_backup_open(store, in_folder(folder, "two.db"), &other, &complaint) == -EBUSY,
	    "one copy at a time");
	OK(store_reopen(store, &complaint) == 0 &&
		store_backup_step(backup, &left, &complaint) == -ECANCELED &&
		store_backup_finish(backup, &complaint) == -ECANCELED,
	    "a copy ends when the store is reopened");
	store_backup_close(backup);
	OK(!exists(in_folder(folder, "one.db")) && !exists(in_folder(folder, "one.db.part")),
	    "and leaves nothing");
	OK(store_backup_open(store, in_folder(folder, "none/two.db"), &other, &complaint) ==
		    -ENOENT &&
		store_backup_open(store, in_folder(folder, "station.db"), &other, &complaint) ==
		    -EINVAL &&
		strstr(complaint.text, "another file") != NULL,
	    "there is no copy into nowhere, nor onto itself");
	OK(store_backup_open(store, in_folder(folder, "two.db"), &other, &complaint) == 0,
	    "another one can begin");
	store_backup_close(other);
	store_backup_close(NULL);
}

static void test_no_file(void)
{
	struct store *memory = open_store("memory", NULL, false);
	struct store_backup *backup = NULL;
	OK(store_backup_open(memory, in_folder(folder, "m.db"), &backup, &complaint) == -ENOTSUP,
	    "a store without a file is not copied");
	store_close(memory);
}

static int restore(const char *copy, const char *path)
{
	complaint.text[0] = '\0';
	return store_restore(in_folder(folder, copy), in_folder(folder, path), &complaint);
}

static void test_restore(void)
{
	struct store *store = open_store("sqlite", in_folder(folder, "station.db"), false);
	OK(restore("copy.db", "station.db") == -EBUSY &&
		strstr(complaint.text, "station.db: another process") != NULL,
	    "nothing is put in the place of a database that is open");
	char *before = dump_store(store);
	fill(store, 5000, 10);
	char *after = dump_store(store);
	store_close(store);

	OK(restore("copy.db", "station.db") == 0, "a copy is put back");
	printf("# %s\n", complaint.text);
	store = open_store("sqlite", in_folder(folder, "station.db"), false);
	char *restored = dump_store(store);
	OK(before != NULL && restored != NULL && strcmp(before, restored) == 0,
	    "the station is as it was then");
	fill(store, 6000, 1);
	store_close(store);
	store = open_store("sqlite", in_folder(folder, "station.db.replaced"), true);
	char *replaced = store == NULL ? NULL : dump_store(store);
	OK(after != NULL && replaced != NULL && strcmp(after, replaced) == 0,
	    "what it replaced is kept beside");
	store_close(store);
	free(before);
	free(after);
	free(restored);
	free(replaced);
	OK(restore("copy.db", "new.db") == 0 && exists(in_folder(folder, "new.db")),
	    "also where there was none");
	OK(restore("copy.db", "copy.db") == -EINVAL, "nothing takes its own place");
}

/* As a process leaves a database that it was killed in the middle of making. */
static void leave_half_made(const char *path)
{
	pid_t pid = fork();
	if (pid == 0) {
		sqlite3 *db = NULL;
		bool done = sqlite3_open(path, &db) == SQLITE_OK &&
			    sqlite3_exec(db,
				"PRAGMA cache_size = 1; BEGIN; CREATE TABLE a(b);"
				"INSERT INTO a SELECT zeroblob(9000) FROM sqlite_schema;"
				"INSERT INTO a SELECT b FROM a;",
				NULL, NULL, NULL) == SQLITE_OK;
		_exit(done ? 0 : 1);
	}
	int status = 1;
	OK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0,
	    "the making of a database was broken off");
}

static void test_restore_over_half_made(void)
{
	const char *path = in_folder(folder, "half.db");
	leave_half_made(path);
	OK(exists(in_folder(folder, "half.db-journal")), "which left its journal");
	OK(restore("copy.db", "half.db") == 0, "a copy is put in its place");
	struct store *store = open_store("sqlite", in_folder(folder, "half.db"), false);
	OK(store != NULL && count_of(store, STORE_BATCH) > 0, "and not rolled back by that");
	store_close(store);
}

/* Writes over a file: `text` at an offset, or cuts it there where text is NULL. */
static void damage(const char *path, off_t at, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && (text == NULL ? ftruncate(fd, at) == 0
					     : pwrite(fd, text, strlen(text), at) > 0);
	OK(done, "a file is damaged");
	(void)close(fd);
}

static void test_restore_refuses(void)
{
	OK(restore("copy.db", "x.db") == 0, "a copy of the copy");
	damage(in_folder(folder, "x.db"), 30000, "damage damage damage damage damage");
	damage(in_folder(folder, "x.db"), 4096L * 9, NULL);
	OK(restore("x.db", "station.db") == -EUCLEAN, "a damaged copy is not put back");
	printf("# %s\n", complaint.text);
	OK(restore("nowhere.db", "station.db") == -ENOENT, "nor one that is not there");
	OK(restore("station.db-reserve", "station.db") < 0, "nor what is no database");
	printf("# %s\n", complaint.text);
	struct store *store = open_store("sqlite", in_folder(folder, "station.db"), false);
	OK(store != NULL && count_of(store, STORE_BATCH) > 0, "the station is as it was");
	store_close(store);
}

static void test_restore_after_damage(void)
{
	struct store *store = NULL;
	const struct store_options options = {
	    .engine = "sqlite", .path = in_folder(folder, "station.db")};
	damage(in_folder(folder, "station.db"), 0, "no database at all");
	damage(in_folder(folder, "station.db-wal"), 0, "nor a log");
	OK(store_open(&options, &store, &complaint) == -EMEDIUMTYPE, "a damaged database is found");
	printf("# %s\n", complaint.text);
	OK(restore("copy.db", "station.db") == 0, "a copy is put in its place");
	store = open_store("sqlite", in_folder(folder, "station.db"), false);
	OK(store != NULL && count_of(store, STORE_BATCH) > 0, "and works");
	store_close(store);
	OK(exists(in_folder(folder, "station.db.replaced")), "the damaged one is kept");
	(void)unlink(in_folder(folder, "station.db"));
	damage(in_folder(folder, "station.db-wal"), 0, "a log without a database");
	OK(restore("copy.db", "station.db") == 0, "a log that lost its database");
	store = open_store("sqlite", in_folder(folder, "station.db"), false);
	OK(store != NULL && count_of(store, STORE_BATCH) > 0, "is not taken into the copy");
	store_close(store);
}

int main(void)
{
	make_folder(folder);
	struct store *store = open_store("sqlite", in_folder(folder, "station.db"), false);
	fill(store, 0, 2000);
	test_copy(store);
	test_one_at_a_time(store);
	store_close(store);
	test_no_file();
	test_restore();
	test_restore_refuses();
	test_restore_after_damage();
	test_restore_over_half_made();
	remove_folder(folder);
	return test_done();
}
