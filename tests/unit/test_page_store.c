/*
 * The station's database as the web duty reads it: in its sandbox, beside who writes. A process in
 * the sandbox is asked by a socket what it sees.
 */
#include "cmd/station/page_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "proc/sandbox.h"
#include "store/upkeep.h"
#include "store_help.h"

struct sight {
	int result;
	int64_t members;
	uint64_t version;
	bool is_lost;
	bool opens_other; /* another file of the directory */
	int64_t beside;   /* members, by the connection besides; -1: there is none */
};

/* In place of a time. */
enum {
	OPEN_BESIDE = -1,
	CLOSE_BESIDE = -2,
};

static char folder[FOLDER_BYTES];
static char path[PATH_BYTES];
static int64_t now_us;

/* ---- In the sandbox ---- */

static struct store *beside;

static struct sight turn_beside(struct page_store *pages, int64_t what)
{
	struct sight sight = {.members = -1, .beside = -1};
	struct complaint complaint = {""};
	if (what == OPEN_BESIDE) {
		sight.result = page_store_open_beside(pages, &beside, &complaint);
		return sight;
	}
	page_store_close_beside(pages, beside);
	beside = NULL;
	return sight;
}

static struct sight look(struct page_store *pages, int64_t at_us)
{
	struct sight sight = {.members = -1, .beside = -1};
	struct store *store;
	struct complaint complaint = {""};
	const struct store_query all = {.kind = STORE_MEMBER};
	sight.result = page_store_begin(pages, at_us, &store, &complaint);
	if (sight.result == 0 && (page_store_version(pages, &sight.version, &complaint) != 0 ||
				     store_count(store, &all, &sight.members, &complaint) != 0))
		sight.result = -EIO;
	page_store_end(pages);
	if (beside != NULL && store_count(beside, &all, &sight.beside, &complaint) != 0)
		sight.beside = -1;
	sight.is_lost = page_store_is_lost(pages);
	const int fd = open(in_folder(folder, "secret"), O_RDONLY | O_CLOEXEC);
	sight.opens_other = fd >= 0;
	return sight;
}

static void serve(int fd, bool is_boxed)
{
	char wal[PATH_BYTES + 8];
	char shm[PATH_BYTES + 8];
	struct page_store *pages = NULL;
	struct sandbox_state state;
	int64_t at_us;
	(void)snprintf(wal, sizeof wal, "%s-wal", path);
	(void)snprintf(shm, sizeof shm, "%s-shm", path);
	const char *const reads[] = {path, wal, shm, NULL};
	const struct sandbox_profile profile = {.read_paths = reads, .may_serve = true};
	if (page_store_new(path, &pages) != 0 ||
	    (is_boxed && sandbox_enter(&profile, &state, NULL) != 0))
		_exit(1);
	while (read(fd, &at_us, sizeof at_us) == (ssize_t)sizeof at_us) {
		const struct sight sight =
		    at_us < 0 ? turn_beside(pages, at_us) : look(pages, at_us);
		if (write(fd, &sight, sizeof sight) != (ssize_t)sizeof sight)
			_exit(1);
	}
	page_store_close_beside(pages, beside);
	page_store_free(pages);
	_exit(0);
}

/* ---- Outside ---- */

static pid_t reader;
static int reader_fd;

static void start(bool is_boxed)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		exit(1);
	(void)fflush(stdout);
	reader = fork();
	if (reader == 0) {
		(void)close(fds[0]); /* the other's */
		serve(fds[1], is_boxed);
	}
	(void)close(fds[1]); /* the other's */
	reader_fd = fds[0];
}

static int stop(void)
{
	int status = -1;
	(void)close(reader_fd); /* which ends it */
	(void)waitpid(reader, &status, 0);
	return status;
}

static struct sight send_time(int64_t at_us)
{
	struct sight sight = {.result = -EPIPE};
	if (write(reader_fd, &at_us, sizeof at_us) != (ssize_t)sizeof at_us ||
	    read(reader_fd, &sight, sizeof sight) != (ssize_t)sizeof sight)
		sight.result = -EPIPE;
	return sight;
}

/* Some seconds later. */
static struct sight ask(void)
{
	now_us += 2000000;
	return send_time(now_us);
}

static bool add_member(struct store *store, const char *name)
{
	struct complaint complaint = {""};
	struct store_member member = sample_member(name);
	return store_begin(store, &complaint) == 0 &&
	       store_put(store, STORE_RECORD(&member), STORE_REPLACE, &complaint) == 0 &&
	       store_commit(store, &complaint) == 0;
}

static void test_beside_a_writer(void)
{
	struct complaint complaint = {""};
	struct store_health health;
	struct store *store = open_store("sqlite", path, false);
	OK(store != NULL && add_member(store, "first"), "a station has a database");
	store_close(store);
	start(true); /* who is forked has no lock of ours */
	store = open_store("sqlite", path, false);
	struct sight sight = ask();
	OK(sight.result == 0 && sight.members == 1, "which is read in the sandbox");
	OK(!sight.opens_other && !sight.is_lost, "where nothing else can be opened");
	const uint64_t version = sight.version;
	OK(ask().version == version, "its version stays");
	OK(add_member(store, "second"), "until something is committed");
	sight = ask();
	OK(sight.members == 2 && sight.version != version, "which is seen at once");
	OK(store_shrink(store, 0, &complaint) == 0 &&
		store_measure(store, &health, &complaint) == 0 && health.log_bytes == 0,
	    "the reader is in nobody's way when the log is taken in");
	OK(ask().members == 2, "and still reads then");
	store_close(store);
	OK(ask().members == 2, "also while no station runs");
	store = open_store("sqlite", path, false);
	OK(store != NULL && add_member(store, "third") && ask().members == 3, "and the next one");
	store_close(store);
	OK(stop() == 0, "it has no trouble");
}

/* Puts members until it is killed. */
static pid_t start_writer(void)
{
	(void)fflush(stdout);
	const pid_t child = fork();
	if (child != 0)
		return child;
	struct store *store = open_store("sqlite", path, false);
	if (store == NULL)
		_exit(1);
	for (int i = 0;; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "%d-%d", (int)getpid(), i);
		(void)add_member(store, name); /* the reader counts them */
	}
}

static void test_killed_writers(void)
{
	int64_t before = 0;
	bool grows = true;
	int failures = 0;
	start(true);
	for (int i = 0; i < 12; i++) {
		const pid_t writer = start_writer();
		struct sight sight = {.members = -1};
		for (int tries = 0; tries < 10000 && sight.members <= before; tries++) {
			(void)usleep(1000); /* it checks the database first */
			sight = ask();
			failures += sight.result != 0;
		}
		grows = grows && sight.members > before;
		before = sight.members;
		(void)kill(writer, SIGKILL); /* it is there */
		(void)waitpid(writer, NULL, 0);
		sight = ask();
		grows = grows && sight.result == 0 && sight.members >= before;
		before = sight.members;
	}
	printf("# %d looks were refused meanwhile\n", failures);
	OK(grows, "whenever the keeper is killed, what was committed is read");
	OK(stop() == 0, "by the same process");
}

static void test_another_file(void)
{
	struct store *store = open_store("sqlite", in_folder(folder, "other.db"), false);
	OK(store != NULL && add_member(store, "only"), "a copy is made");
	store_close(store);
	start(true);
	OK(ask().members > 1, "the database is read");
	OK(rename(in_folder(folder, "other.db"), path) == 0 &&
		rename(in_folder(folder, "other.db-wal"), in_folder(folder, "station.db-wal")) ==
		    0 &&
		rename(in_folder(folder, "other.db-shm"), in_folder(folder, "station.db-shm")) == 0,
	    "and the copy put in its place");
	const struct sight sight = ask();
	OK(sight.result != 0 && sight.is_lost, "which only a new process can open");
	OK(stop() == 0, "and so it says");
	start(false);
	OK(ask().members == 1, "without a sandbox it is opened anew");
	OK(stop() == 0, "by whoever has one");
}

static void test_none(void)
{
	char none[PATH_BYTES];
	struct page_store *pages = NULL;
	struct store *store = NULL;
	struct complaint complaint = {""};
	(void)snprintf(none, sizeof none, "%s/none.db", folder);
	OK(page_store_new(none, &pages) == 0 &&
		page_store_begin(pages, 1, &store, &complaint) == -ENOENT &&
		!page_store_is_lost(pages),
	    "where there is no database yet, that is said");
	store = open_store("sqlite", none, false);
	OK(store != NULL && add_member(store, "first"), "when it is made");
	struct store *seen = NULL;
	OK(page_store_begin(pages, 2, &seen, &complaint) == -ENOENT,
	    "it is not looked for at once");
	OK(page_store_begin(pages, 1000000, &seen, &complaint) == 0 && seen != NULL,
	    "but soon opened");
	page_store_end(pages);
	page_store_free(pages);
	store_close(store);
	page_store_free(NULL);
	page_store_wait(none); /* returns at once: else the test takes seconds more */
}

/* What takes longer than one answer sees one moment, whatever is written and read meanwhile. */
static void test_moment(void)
{
	start(true); /* who is forked has no lock of ours */
	struct store *store = open_store("sqlite", path, false);
	OK(send_time(OPEN_BESIDE).result == -ENOENT,
	    "beside a store that is not open there is none");
	const int64_t before = ask().members;
	OK(before >= 0 && send_time(OPEN_BESIDE).result == 0 && ask().beside == before,
	    "a connection besides, in the sandbox");
	OK(add_member(store, "later"), "something is written");
	struct sight sight = ask();
	OK(sight.members == before + 1 && sight.beside == before,
	    "who asks sees it, and not whoever began before");
	(void)send_time(CLOSE_BESIDE);
	OK(send_time(OPEN_BESIDE).result == 0 && ask().beside == before + 1, "but the next one");
	OK(stop() == 0, "and it ends well");
	store_close(store);
}

int main(void)
{
	make_folder(folder);
	(void)snprintf(path, sizeof path, "%s/station.db", folder);
	FILE *secret = fopen(in_folder(folder, "secret"), "w");
	if (secret != NULL)
		(void)fclose(secret); /* it is there */
	test_beside_a_writer();
	test_killed_writers();
	test_another_file();
	test_none();
	test_moment();
	remove_folder(folder);
	return test_done();
}
