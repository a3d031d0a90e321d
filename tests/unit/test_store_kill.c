/*
 * A process that commits is killed at random moments, 50 times (in the soak 500 times): every row
 * that it acknowledged is there, once, with all that was committed with it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>

#include "base/hash.h"
#include "base/random.h"
#include "store/upkeep.h"
#include "store_help.h"

enum {
	ROUNDS = 50,
	ROUNDS_SOAK = 500,
	KILL_US_MAX = 60000, /* some hundred commits */
	BODY_BYTES = 12000,  /* so that the log is taken in every few hundred commits */
	KEPT = 400,          /* rows; older ones are removed, and the file shrinks now and then */
};

static char folder[FOLDER_BYTES];
static char database[PATH_BYTES];

/* Row `n` in three tables, and one of those before it less. */
static int commit_row(struct store *store, int64_t n)
{
	static char body[BODY_BYTES];
	struct store_batch batch = sample_batch(1, n);
	struct store_gap gap = {.source = "kill", .kind = "test", .from_us = n, .to_us = n};
	struct store_stat stat = sample_stat(0, 1);
	batch.body = (struct store_bytes){body, 1 + (size_t)(n * 7919 % BODY_BYTES)};
	int error = store_begin(store, NULL);
	if (error == 0)
		error = store_put(store, STORE_RECORD(&batch), STORE_REPLACE, NULL);
	if (error == 0)
		error = store_put(store, STORE_RECORD(&gap), STORE_REPLACE, NULL);
	if (error == 0)
		error = store_put(store, STORE_RECORD(&stat), STORE_ADD, NULL);
	if (error == 0)
		error = store_remove(store,
		    &(struct store_query){.kind = STORE_BATCH,
			.conditions = {{.column = "sequence",
			    .test = STORE_BELOW,
			    .number = n - KEPT}}},
		    NULL, NULL);
	return error == 0 ? store_commit(store, NULL) : error;
}

/* The child: acknowledges each row through the pipe, until it is killed. */
static void commit_for_ever(int64_t first, int out)
{
	struct store *store = open_store("sqlite", database, false);
	for (int64_t n = first; store != NULL; n++) {
		if (commit_row(store, n) != 0 || write(out, &n, sizeof n) != sizeof n)
			break;
		if (n % 100 == 0 && store_shrink(store, 1 << 20, NULL) != 0)
			break;
	}
	_exit(1);
}

/* The last row that the child acknowledged, of those after `last`. */
static int64_t read_acknowledged(int in, int64_t last)
{
	int64_t n;
	while (read(in, &n, sizeof n) == sizeof n)
		last = n;
	return last;
}

static void wait_us(uint64_t duration_us)
{
	const struct timespec duration = {.tv_nsec = (long)(duration_us * 1000)};
	(void)nanosleep(&duration, NULL); /* a signal makes it shorter, which does no harm */
}

/* Runs a child and kills it; gives the last row acknowledged, -1 on failure. */
static int64_t run_child(int64_t last, uint64_t life_us)
{
	int ends[2];
	int status = 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		commit_for_ever(last + 1, ends[1]);
	}
	(void)close(ends[1]);
	/* A life begins with its first row, or it would often end before. */
	struct pollfd begun = {.fd = ends[0], .events = POLLIN};
	if (life_us % 8 != 0)
		(void)poll(&begun, 1, 10000); /* what failed is seen in the rows */
	wait_us(life_us);
	(void)kill(child, SIGKILL); /* may have ended */
	int64_t acknowledged = read_acknowledged(ends[0], last);
	(void)close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		return -1;
	return acknowledged;
}

struct found {
	int64_t last;
	int64_t rows;
	int64_t duplicate;
	int64_t packets;
};

static int see_gap(void *context, const void *record)
{
	struct found *found = context;
	const struct store_gap *gap = record;
	found->rows++;
	found->duplicate += gap->from_us <= found->last;
	found->last = gap->from_us;
	return 0;
}

static int see_stat(void *context, const void *record)
{
	((struct found *)context)->packets += ((const struct store_stat *)record)->packets;
	return 0;
}

static bool is_sound(void)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	bool sound =
	    sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return sound;
}

/* Everything that is there after a kill. */
static bool look(struct found *ret_found)
{
	*ret_found = (struct found){0};
	struct store *store = open_store("sqlite", database, false);
	if (store == NULL)
		return false;
	const struct store_query gaps = {.kind = STORE_GAP, .order = "from_us"};
	int error = store_each(store, &gaps, see_gap, ret_found, NULL);
	if (error == 0)
		error = store_each(
		    store, &(struct store_query){.kind = STORE_STAT}, see_stat, ret_found, NULL);
	int64_t batches = count_of(store, STORE_BATCH);
	store_close(store);
	int64_t kept = ret_found->rows < KEPT + 1 ? ret_found->rows : KEPT + 1;
	return error == 0 && batches == kept && ret_found->packets == ret_found->rows;
}

int main(void)
{
	int rounds = getenv("HINOMI_SOAK") != NULL ? ROUNDS_SOAK : ROUNDS;
	const char *chosen = getenv("HINOMI_SEED");
	uint64_t seed = chosen != NULL ? strtoull(chosen, NULL, 10) : hash_seed_random();
	struct random random;
	struct found found = {0};
	int64_t acknowledged = 0;
	int64_t missing = 0;
	bool whole = true;
	bool sound = true;
	random_init(&random, seed);
	make_folder(folder);
	(void)snprintf(database, sizeof database, "%s", in_folder(folder, "station.db"));
	for (int i = 0; i < rounds && whole; i++) {
		int64_t last = run_child(found.last, random_below(&random, KILL_US_MAX));
		whole = last >= 0 && look(&found);
		missing += last > found.last ? last - found.last : 0;
		missing += found.last - found.rows; /* in between */
		acknowledged += whole && last > acknowledged ? last - acknowledged : 0;
		sound = sound && is_sound();
	}
	printf("# seed %" PRIu64 ", rounds %d, acknowledged %" PRId64 ", stored %" PRId64
	       ", missing %" PRId64 ", duplicate %" PRId64 "\n",
	    seed, rounds, acknowledged, found.rows, missing, found.duplicate);
	OK(whole && missing == 0 && acknowledged > rounds, "every row acknowledged is there");
	OK(found.duplicate == 0, "once");
	OK(sound, "and the database is sound");
	remove_folder(folder);
	return test_done();
}
