/*
 * Every call to the disk fails once, in a representative sequence, and the power is cut at each.
 *
 * Commits that were acknowledged are there afterwards, whole and once; those that were refused are
 * not; what is unknown is looked up after reopening and done again where it is missing. A keeper
 * goes on like this, so the sequence does.
 */
#include "fault_vfs.h"

#include "store/backup.h"
#include "store/upkeep.h"
#include "store_help.h"

enum {
	STEPS = 5,
	TRIES_MAX = 4, /* of one step: one fault, and what follows from it */
};

static char folder[FOLDER_BYTES];
static char database[PATH_BYTES];
static struct complaint complaint;

/* What is known of each step. */
struct known {
	bool acknowledged[STEPS];
	bool refused[STEPS];
	bool is_unknown; /* the last commit */
	int errors;
	bool is_broken; /* something went otherwise than store.h says */
};

static struct {
	int64_t runs;
	int64_t acknowledged;
	int64_t stored;
	int64_t missing;
	int64_t duplicate;
	int64_t unsound;
	int64_t unknown; /* outcomes, of which the store told what became */
} tally;

/* One step: rows in many tables, which are all there or none. */
static int write_step(struct store *store, int step)
{
	char message_id[16];
	static char body[5000];
	struct store_incident incident = sample_incident(0, "192.0.2.1");
	struct store_batch batch = sample_batch(1, step);
	struct store_stat stat = sample_stat(0, 1);
	batch.body = (struct store_bytes){body, sizeof body};
	(void)snprintf(message_id, sizeof message_id, "<%d>", step);
	int error = store_put(store, STORE_RECORD(&incident), STORE_REPLACE, &complaint);
	struct store_notice notice = sample_notice(incident.id, message_id);
	struct store_event event = sample_event(incident.id);
	if (error == 0)
		error = store_put(store, STORE_RECORD(&notice), STORE_REPLACE, &complaint);
	if (error == 0)
		error = store_put(store, STORE_RECORD(&event), STORE_REPLACE, &complaint);
	if (error == 0)
		error = store_put(store, STORE_RECORD(&batch), STORE_REPLACE, &complaint);
	if (error == 0)
		error = store_put(store, STORE_RECORD(&stat), STORE_ADD, &complaint);
	if (error == 0)
		error = store_change(store, &(struct store_query){.kind = STORE_INCIDENT},
		    (struct store_change[]){
			{.column = "changed_us", .number = step}, {.column = NULL}},
		    NULL, &complaint);
	return error;
}

/* What was removed in between makes room in the middle of the file. */
static int remove_much(struct store *store)
{
	return store_remove(store,
	    &(struct store_query){.kind = STORE_BATCH, .order = "sequence", .limit = 2}, NULL,
	    &complaint);
}

static int64_t count_step(struct store *store, int step)
{
	char message_id[16];
	int64_t count = -1;
	(void)snprintf(message_id, sizeof message_id, "<%d>", step);
	const struct store_query its = {
	    .kind = STORE_NOTICE, .conditions = {{.column = "message_id", .text = message_id}}};
	return store_count(store, &its, &count, &complaint) == 0 ? count : -1;
}

/* One transaction of a step. */
static int commit_step(struct store *store, int step, struct known *known)
{
	complaint.text[0] = '\0';
	int error = store_begin(store, &complaint);
	if (error != 0)
		return error;
	error = write_step(store, step);
	if (error == 0 && step == 3)
		error = remove_much(store);
	if (error != 0) {
		store_rollback(store);
		known->refused[step] = true;
		return error;
	}
	error = store_commit(store, &complaint);
	known->acknowledged[step] = error == 0;
	known->is_unknown = error == -EIO;
	known->refused[step] = error != 0 && error != -EIO;
	known->is_broken = known->is_broken || (error == -EIO && !store_is_suspect(store));
	return error;
}

/* After an error the store is usable, or is once it was reopened. */
static void recover(struct store *store, struct known *known)
{
	known->errors++;
	if (complaint.text[0] == '\0')
		known->is_broken = true;
	for (int i = 0; i < TRIES_MAX && store_is_suspect(store); i++)
		(void)store_reopen(store, &complaint); /* looked at in the next round */
}

/* Until it is there: as a keeper does it. */
static void do_step(struct store *store, int step, struct known *known)
{
	for (int i = 0; i < TRIES_MAX && !known->acknowledged[step]; i++) {
		int64_t count = count_step(store, step);
		/* What the store says of its last commit is so. */
		if (known->is_unknown && count >= 0 && store_was_committed(store) != (count > 0))
			known->is_broken = true;
		tally.unknown += known->is_unknown && count >= 0;
		if (count >= 0)
			known->is_unknown = false;
		if (count > 0) { /* unknown before, and there */
			known->acknowledged[step] = true;
			known->is_broken = known->is_broken || known->refused[step];
		} else if (count < 0 || commit_step(store, step, known) != 0) {
			recover(store, known);
		}
	}
}

static void take_copy(struct store *store, struct known *known)
{
	struct store_backup *backup = NULL;
	int64_t left = 1;
	complaint.text[0] = '\0';
	int error = store_backup_open(store, in_folder(folder, "copy.db"), &backup, &complaint);
	while (error == 0 && left > 0)
		error = store_backup_step(backup, &left, &complaint);
	if (error == 0)
		error = store_backup_finish(backup, &complaint);
	store_backup_close(backup);
	if (error != 0)
		recover(store, known);
}

static struct store *open_again(struct known *known)
{
	struct store *store = NULL;
	const struct store_options options = {.engine = "sqlite", .path = database};
	for (int i = 0; i < TRIES_MAX && store == NULL; i++) {
		complaint.text[0] = '\0';
		int error = store_open(&options, &store, &complaint);
		known->errors += error != 0;
		known->is_broken = known->is_broken || (error != 0 && complaint.text[0] == '\0');
	}
	return store;
}

/* What a run does. */
struct play {
	bool is_new; /* the database is made in it */
	int steps;
	bool with_copy;
	bool is_closed; /* at the end and in between */
};

static const struct play making = {.is_new = true, .steps = 1, .is_closed = true};
static const struct play living = {.steps = STEPS, .with_copy = true, .is_closed = true};
static const struct play dying = {.steps = STEPS};

static struct store *run_play(const struct play *play, struct known *known)
{
	struct store *store = open_again(known);
	for (int step = 0; store != NULL && step < play->steps; step++) {
		do_step(store, step, known);
		if (step == 1 || step == 3) {
			complaint.text[0] = '\0';
			if (store_shrink(store, 1 << 20, &complaint) != 0)
				recover(store, known);
		}
		if (step == 2 && play->with_copy)
			take_copy(store, known);
		if (step == 3 && play->is_closed) {
			store_close(store);
			store = open_again(known);
		}
	}
	return store;
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

static int sum_packets(void *context, const void *record)
{
	*(int64_t *)context += ((const struct store_stat *)record)->packets;
	return 0;
}

/* Steps that are there: whole, once, and all that were acknowledged. */
static bool check_steps(struct store *store, const struct known *known, int steps_done)
{
	int64_t stored = 0;
	int64_t packets = 0;
	bool good = true;
	for (int step = 0; step < STEPS; step++) {
		int64_t count = count_step(store, step);
		stored += count > 0;
		tally.acknowledged += known->acknowledged[step];
		tally.missing += known->acknowledged[step] && count < 1;
		tally.duplicate += count > 1;
		good = good && count >= (known->acknowledged[step] ? 1 : 0) && count <= 1 &&
		       (step >= steps_done || count == 1);
	}
	tally.stored += stored;
	good = good && store_each(store, &(struct store_query){.kind = STORE_STAT}, sum_packets,
			   &packets, NULL) == 0;
	return good && packets == stored && count_of(store, STORE_INCIDENT) == stored &&
	       count_of(store, STORE_EVENT) == stored;
}

/* The disk is well again. `steps_done`: all that must be there, whatever happened. */
static bool check(const struct known *known, int steps_done)
{
	struct store *store = open_store("sqlite", database, false);
	bool good = store != NULL && check_steps(store, known, steps_done);
	store_close(store);
	bool sound = is_sound();
	tally.runs++;
	tally.unsound += !sound;
	return good && sound && !known->is_broken;
}

/* A database without records, made once. */
static uint8_t made[1 << 20];
static size_t made_bytes;

static void load_made(void)
{
	store_close(open_store("sqlite", database, false));
	FILE *in = fopen(database, "re");
	made_bytes = in == NULL ? 0 : fread(made, 1, sizeof made, in);
	OK(made_bytes > 0 && made_bytes < sizeof made, "a database is made");
	(void)fclose(in); /* was read */
}

static void prepare(const struct play *play)
{
	static const char *const names[] = {"station.db", "station.db-wal", "station.db-shm",
	    "station.db-journal", "copy.db", "copy.db.part", "copy.db.part-wal", "copy.db.part-shm",
	    "copy.db.part-journal"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlink(in_folder(folder, names[i]));
	fault_clear();
	if (!play->is_new)
		fault_put_file(database, made, made_bytes);
}

static void tell(const char *name, int64_t points)
{
	printf("# %s: %" PRId64 " points; acknowledged %" PRId64 ", stored %" PRId64
	       ", missing %" PRId64 ", duplicate %" PRId64 ", unsound %" PRId64
	       ", unknown at first %" PRId64 "\n",
	    name, points, tally.acknowledged, tally.stored, tally.missing, tally.duplicate,
	    tally.unsound, tally.unknown);
	memset(&tally, 0, sizeof tally);
}

struct trial {
	const char *name;
	const struct play *play;
	enum fault fault;
	int points_min;              /* so that a trial that tries nothing is seen */
	bool fails_on;               /* all calls from the N-th on */
	bool is_cut;                 /* the power, at the end */
	enum fault_survivors remain; /* then */
};

/* One run with a fault at the N-th call; whether there was an N-th call. */
static bool run_trial(const struct trial *trial, int64_t n, int64_t *bad)
{
	struct known known = {0};
	struct random random;
	random_init(&random, (uint64_t)n);
	prepare(trial->play);
	fault_set(trial->fault, n, trial->fails_on);
	struct store *store = run_play(trial->play, &known);
	bool was_hit = fault_disk.failed > 0;
	const char *where = fault_disk.where;
	if (trial->is_cut)
		fault_set(FAULT_IO, 1, true); /* closing brings nothing to the disk */
	store_close(store);
	fault_set(FAULT_NONE, 0, false);
	if (trial->is_cut)
		fault_cut_power(trial->remain, &random);
	/* After one fault everything gets done; a disk that fails on lets nothing be done. */
	bool good = check(&known, trial->fails_on ? 0 : trial->play->steps);
	if (!good && (*bad)++ < 5)
		printf("# %s at call %" PRId64 ", %s: %s\n", trial->name, n, where, complaint.text);
	return was_hit;
}

/* For all N. */
static void run_trials(const struct trial *trial)
{
	int64_t bad = 0;
	int64_t n = 1;
	fault_disk.remembers = trial->is_cut;
	while (run_trial(trial, n, &bad))
		n++;
	OK(bad == 0 && n > trial->points_min, trial->name);
	tell(trial->name, n - 1);
}

static const struct trial trials[] = {
    {"EIO while it is made", &making, FAULT_IO, 100, false, false, FAULT_ALL},
    {"ENOSPC while it is made", &making, FAULT_FULL, 40, false, false, FAULT_ALL},
    {"EIO", &living, FAULT_IO, 200, false, false, FAULT_ALL},
    {"ENOSPC", &living, FAULT_FULL, 100, false, false, FAULT_ALL},
    {"short writes, then ENOSPC", &living, FAULT_SHORT, 100, false, false, FAULT_ALL},
    {"short writes, then EIO", &living, FAULT_TORN, 100, false, false, FAULT_ALL},
    {"no power while it is made", &making, FAULT_IO, 100, true, true, FAULT_ANY},
    {"no power, what was synced remains", &dying, FAULT_IO, 100, true, true, FAULT_SYNCED},
    {"no power, all remains that was written", &dying, FAULT_IO, 100, true, true, FAULT_ALL},
    {"no power, any of it remains", &dying, FAULT_IO, 100, true, true, FAULT_ANY},
    {"a sync fails, later the power", &dying, FAULT_SYNC, 5, false, true, FAULT_SYNCED},
};

static bool copy_file(const char *from, const char *to)
{
	static uint8_t bytes[4 << 20];
	FILE *in = fopen(from, "re");
	FILE *out = fopen(to, "we");
	size_t count = in == NULL ? 0 : fread(bytes, 1, sizeof bytes, in);
	bool good = out != NULL && count > 0 && fwrite(bytes, 1, count, out) == count;
	if (in != NULL)
		(void)fclose(in); /* was read */
	return out != NULL && fclose(out) == 0 && good;
}

/*
 * While somebody reads, what the log holds of a failed commit is not seen after reopening. So it
 * must not come back when the station is killed then.
 */
static void test_outcome_stays(void)
{
	struct known known = {0};
	fault_disk.remembers = false;
	prepare(&living);
	struct store *store = open_again(&known);
	struct store *reader = open_store("sqlite", database, true);
	OK(commit_step(store, 0, &known) == 0 && count_step(reader, 0) == 1, "somebody reads");
	fault_set(FAULT_SYNC, 1, false);
	OK(commit_step(store, 1, &known) == -EIO && store_is_suspect(store),
	    "a commit whose outcome is unknown");
	fault_set(FAULT_NONE, 0, false);
	OK(store_reopen(store, &complaint) == 0, "the store is reopened");
	int64_t seen = count_step(store, 1);
	OK(store_was_committed(store) == (seen > 0), "and tells what became of it");
	const char *killed = in_folder(folder, "killed.db");
	OK(copy_file(database, killed) &&
		copy_file(in_folder(folder, "station.db-wal"), in_folder(folder, "killed.db-wal")),
	    "it is killed");
	struct store *next = open_store("sqlite", killed, false);
	OK(seen >= 0 && next != NULL && count_step(next, 0) == 1 && count_step(next, 1) == seen,
	    "what was seen after reopening stays so");
	printf("# seen %" PRId64 "\n", seen);
	store_close(next);
	store_close(reader);
	store_close(store);
}

int main(void)
{
	fault_install();
	make_folder_in_memory(folder);
	(void)snprintf(database, sizeof database, "%s", in_folder(folder, "station.db"));
	load_made();
	for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++)
		run_trials(&trials[i]);
	test_outcome_stays();
	fault_release();
	remove_folder(folder);
	return test_done();
}
