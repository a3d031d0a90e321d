/*
 * Each allocation of ours fails once, and all from each on; so do SQLite's, some of them, and in
 * the soak each. Every call says so and leaves nothing behind, what was committed is there, and
 * what comes after works.
 *
 * The linker sends the allocations of our code here (--wrap), SQLite its own by its configuration.
 * What is left behind in our code is found by the sanitizer at the end, in SQLite by its count.
 */
#include <sqlite3.h>
#include <stdarg.h>

#include "store/backup.h"
#include "store/upkeep.h"
#include "store_help.h"

enum owner {
	OWNER_HINOMI,
	OWNER_SQLITE,
};

enum {
	/* Of SQLite's some thousand allocations in a play, when not all are tried. */
	POINTS = 60,
};

static struct {
	bool is_on;
	enum owner owner; /* whose allocations fail */
	int64_t fail_at;  /* the one that fails, from 1; 0: none */
	bool fails_on;    /* and all after it */
	int64_t calls;
} memory;

static bool fails(enum owner owner)
{
	if (!memory.is_on || owner != memory.owner)
		return false;
	memory.calls++;
	if (memory.fail_at == 0)
		return false;
	return memory.fails_on ? memory.calls >= memory.fail_at : memory.calls == memory.fail_at;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void *__real_reallocarray(void *block, size_t count, size_t bytes);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void *__wrap_reallocarray(void *block, size_t count, size_t bytes);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **ret_text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int __real_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *__wrap_malloc(size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *block, size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_realloc(block, bytes);
}

void *__wrap_reallocarray(void *block, size_t count, size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_reallocarray(block, count, bytes);
}

char *__wrap_strdup(const char *text)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_strdup(text);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
{
	return fails(OWNER_HINOMI) ? -1 : __real_vasprintf(ret_text, format, arguments);
}

int __wrap_asprintf(char **ret_text, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = fails(OWNER_HINOMI) ? -1 : __real_vasprintf(ret_text, format, arguments);
	va_end(arguments);
	return length;
}

/* SQLite wants to know how large a block is. */
union block {
	int64_t bytes;
	max_align_t alignment;
};

static void *sqlite_malloc(int bytes)
{
	union block *block =
	    fails(OWNER_SQLITE) ? NULL : __real_malloc(sizeof *block + (size_t)bytes);
	if (block == NULL)
		return NULL;
	block->bytes = bytes;
	return block + 1;
}

static void sqlite_free(void *block)
{
	free((union block *)block - 1);
}

static void *sqlite_realloc(void *old, int bytes)
{
	union block *block = (union block *)old - 1;
	block = fails(OWNER_SQLITE) ? NULL : __real_realloc(block, sizeof *block + (size_t)bytes);
	if (block == NULL)
		return NULL;
	block->bytes = bytes;
	return block + 1;
}

static int sqlite_size(void *block)
{
	return block == NULL ? 0 : (int)((union block *)block - 1)->bytes;
}

static int sqlite_round(int bytes)
{
	return (bytes + 7) & ~7;
}

static int sqlite_begin(void *context)
{
	(void)context;
	return SQLITE_OK;
}

static void sqlite_end(void *context)
{
	(void)context;
}

static void install(void)
{
	static const sqlite3_mem_methods methods = {sqlite_malloc, sqlite_free, sqlite_realloc,
	    sqlite_size, sqlite_round, sqlite_begin, sqlite_end, NULL};
	int result = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
	if (result == SQLITE_OK)
		result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1);
	OK(result == SQLITE_OK && sqlite3_initialize() == SQLITE_OK, "memory is ours");
}

static char folder[FOLDER_BYTES];
static char database[PATH_BYTES];
static struct complaint complaint;
static const char *engine;
static int64_t acknowledged;
static bool is_wrong; /* something went otherwise than store.h says */

/* An error says why, and is one that may come of a lack of memory. */
static int look(int error)
{
	if (error == 0)
		return 0;
	if (complaint.text[0] == '\0' || (error != -ENOMEM && error != -EIO)) {
		is_wrong = true;
		printf("# %d: %s\n", error, complaint.text);
	}
	complaint.text[0] = '\0';
	return error;
}

static struct store *open_it(void)
{
	struct store *store = NULL;
	const struct store_options options = {.engine = engine, .path = database};
	return look(store_open(&options, &store, &complaint)) == 0 ? store : NULL;
}

static int write_rows(struct store *store)
{
	struct store_incident incident = sample_incident(0, "192.0.2.1");
	struct store_batch batch = sample_batch(1, acknowledged);
	struct store_stat stat = sample_stat(0, 1);
	int error = look(store_put(store, STORE_RECORD(&incident), STORE_REPLACE, &complaint));
	struct store_event event = sample_event(incident.id);
	if (error == 0)
		error = look(store_put(store, STORE_RECORD(&event), STORE_REPLACE, &complaint));
	if (error == 0)
		error = look(store_put(store, STORE_RECORD(&batch), STORE_REPLACE, &complaint));
	if (error == 0)
		error = look(store_put(store, STORE_RECORD(&stat), STORE_ADD, &complaint));
	return error;
}

static int ask_rows(struct store *store)
{
	const struct store_query new_ones = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .text = "new"},
		{.column = "packets", .test = STORE_FROM, .number = 1}},
	    .order = "changed_us",
	    .limit = 5};
	const struct store_change low[] = {{.column = "severity", .text = "low"}, {.column = NULL}};
	int visits = 0;
	int64_t count = 0;
	int error = look(store_each(store, &new_ones, count_visits, &visits, &complaint));
	if (error == 0)
		error = look(store_count(store, &new_ones, &count, &complaint));
	if (error == 0)
		error = look(store_change(store, &new_ones, low, NULL, &complaint));
	if (error == 0)
		error = look(store_remove(store, &new_ones, NULL, &complaint));
	return error;
}

/* A batch of each transaction that was acknowledged is there. */
static void write_all(struct store *store)
{
	int error = look(store_begin(store, &complaint));
	if (error != 0)
		return;
	error = write_rows(store);
	if (error == 0)
		error = ask_rows(store);
	if (error == 0)
		acknowledged += look(store_commit(store, &complaint)) == 0;
	else
		store_rollback(store);
}

static void play_open(void)
{
	memory.is_on = true;
	store_close(open_it());
}

static void play_read(void)
{
	struct store *store = NULL;
	const struct store_options options = {
	    .engine = "sqlite", .path = database, .read_only = true};
	memory.is_on = true;
	(void)look(store_open(&options, &store, &complaint));
	store_close(store);
}

static void play_write(void)
{
	struct store *store = open_it();
	memory.is_on = true;
	write_all(store);
	memory.is_on = false;
	if (store_is_suspect(store))
		(void)look(store_reopen(store, &complaint));
	write_all(store);
	store_close(store);
}

static void play_upkeep(void)
{
	struct store *store = open_it();
	struct store_health health;
	memory.is_on = true;
	(void)look(store_measure(store, &health, &complaint));
	store_use_reserve(store);
	if (!store_is_suspect(store))
		(void)look(store_shrink(store, 1 << 20, &complaint));
	memory.is_on = false;
	if (store_is_suspect(store))
		(void)look(store_reopen(store, &complaint));
	store_close(store);
}

static void play_reopen(void)
{
	struct store *store = open_it();
	write_all(store);
	memory.is_on = true;
	(void)look(store_reopen(store, &complaint));
	memory.is_on = false;
	(void)look(store_reopen(store, &complaint));
	write_all(store);
	store_close(store);
}

static void play_copy(void)
{
	struct store *store = open_it();
	struct store_backup *backup = NULL;
	int64_t left = 1;
	memory.is_on = true;
	int error =
	    look(store_backup_open(store, in_folder(folder, "copy.db"), &backup, &complaint));
	while (error == 0 && left > 0)
		error = look(store_backup_step(backup, &left, &complaint));
	if (error == 0)
		(void)look(store_backup_finish(backup, &complaint));
	store_backup_close(backup);
	memory.is_on = false;
	write_all(store);
	store_close(store);
}

static void play_restore(void)
{
	memory.is_on = true;
	(void)look(store_restore(
	    in_folder(folder, "template.db"), in_folder(folder, "restored.db"), &complaint));
}

/* Copies a file; what is not there becomes nothing. */
static void load(const char *name)
{
	static char bytes[1 << 20];
	FILE *in = fopen(in_folder(folder, name), "re");
	size_t count = in == NULL ? 0 : fread(bytes, 1, sizeof bytes, in);
	FILE *out = fopen(database, "we");
	bool good = out != NULL && fwrite(bytes, 1, count, out) == count;
	if (in != NULL)
		(void)fclose(in); /* was read */
	if (out == NULL || fclose(out) != 0 || !good)
		printf("# %s cannot be copied\n", name);
}

struct play {
	const char *name;
	void (*run)(void);
	const char *engine;
	const char *begins_with; /* a database */
	int64_t calls_min;       /* so that a play that tries nothing is seen */
};

/* Afterwards there is memory, and everything that was acknowledged. */
static bool is_good(const struct play *play)
{
	if (strcmp(play->engine, "sqlite") != 0)
		return !is_wrong;
	struct store *store = open_it();
	bool good = store != NULL && count_of(store, STORE_BATCH) >= acknowledged;
	if (store != NULL)
		write_all(store);
	store_close(store);
	return good && !is_wrong;
}

/* One run with the n-th allocation failing (0: none). */
static bool run_once(const struct play *play, int64_t n, bool fails_on)
{
	static const char *const logs[] = {"station.db-wal", "station.db-shm"};
	engine = play->engine;
	acknowledged = 0;
	is_wrong = false;
	complaint.text[0] = '\0';
	for (size_t i = 0; i < 2; i++)
		(void)unlink(in_folder(folder, logs[i]));
	load(play->begins_with);
	int64_t used = sqlite3_memory_used();
	memory.fail_at = n;
	memory.fails_on = fails_on;
	memory.calls = 0;
	play->run();
	memory.is_on = false;
	bool good = is_good(play) && sqlite3_memory_used() == used;
	if (!good)
		printf("# %s: %s allocation %" PRId64 "%s; SQLite holds %" PRId64 " more\n",
		    play->name, memory.owner == OWNER_SQLITE ? "SQLite's" : "our", n,
		    fails_on ? " and all after it" : "", (int64_t)sqlite3_memory_used() - used);
	return good;
}

/* Those of one owner: each, or some of them. */
static int64_t run_points(const struct play *play, enum owner owner, bool all, int64_t *bad)
{
	memory.owner = owner;
	*bad += !run_once(play, 0, false);
	int64_t total = memory.calls;
	int64_t step = all || total < POINTS ? 1 : total / POINTS;
	for (int64_t n = 1; n <= total && *bad < 5; n += step) {
		*bad += !run_once(play, n, false);
		*bad += !run_once(play, n, true);
	}
	return total;
}

static void run_play(const struct play *play)
{
	bool is_soak = getenv("HINOMI_SOAK") != NULL;
	int64_t bad = 0;
	int64_t ours = run_points(play, OWNER_HINOMI, true, &bad);
	int64_t sqlites = run_points(play, OWNER_SQLITE, is_soak, &bad);
	OK(bad == 0 && ours + sqlites >= play->calls_min, play->name);
	printf("# %" PRId64 " allocations of ours, each; %" PRId64 " of SQLite, %s\n", ours,
	    sqlites, is_soak ? "each" : "some");
}

/* A database of schema 1, made by its text. */
static void make_earlier(void)
{
	static char sql[64 << 10];
	sqlite3 *db = NULL;
	FILE *in = fopen("tests/unit/schemas/1.sql", "re");
	size_t count = in == NULL ? 0 : fread(sql, 1, sizeof sql - 1, in);
	(void)sqlite3_open(in_folder(folder, "earlier.db"), &db);
	OK(count > 0 && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "a database of an earlier schema");
	(void)sqlite3_close(db);
	if (in != NULL)
		(void)fclose(in); /* was read */
}

static const struct play plays[] = {
    {"opening", play_open, "sqlite", "template.db", 300},
    {"making", play_open, "sqlite", "nothing", 300},
    {"upgrading", play_open, "sqlite", "earlier.db", 300},
    {"reading", play_read, "sqlite", "template.db", 300},
    {"writing and asking", play_write, "sqlite", "template.db", 50},
    {"keeping it small", play_upkeep, "sqlite", "template.db", 20},
    {"reopening", play_reopen, "sqlite", "template.db", 300},
    {"copying", play_copy, "sqlite", "template.db", 100},
    {"putting a copy back", play_restore, "sqlite", "template.db", 300},
    {"writing and asking in memory", play_write, "memory", "nothing", 10},
    {"writing to nowhere", play_write, "null", "nothing", 0},
    {"a store in memory", play_open, "memory", "nothing", 1},
};

int main(void)
{
	install();
	make_folder_in_memory(folder);
	(void)snprintf(database, sizeof database, "%s", in_folder(folder, "station.db"));
	store_close(open_store("sqlite", in_folder(folder, "template.db"), false));
	make_earlier();
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++)
		run_play(&plays[i]);
	remove_folder(folder);
	return test_done();
}
