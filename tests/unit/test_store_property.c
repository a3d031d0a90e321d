/*
 * Random sequences of everything that a store does, on SQLite and in memory: the same answers, the
 * same ids, the same records in the same order. Values come from small pools, so that records meet.
 */
#include "base/random.h"
#include "store_help.h"

enum {
	SEEDS = 20,
	SEEDS_SOAK = 1000,
	STEPS = 500,
	POOL = 4, /* values of a column */
};

static char folder[FOLDER_BYTES];
static struct random random_state;
static struct store *stores[2]; /* sqlite, memory */
static bool in_transaction;

/* What happened, so that a test that does nothing is seen. */
static struct {
	int64_t taken;
	int64_t taken_value; /* -EEXIST */
	int64_t dangling;    /* -ENOENT */
	int64_t refused_changes;
	int64_t removed;
	int64_t changed;
	int64_t found;
} tally;

static uint64_t below(uint64_t bound)
{
	return random_below(&random_state, bound);
}

static const char *const texts[POOL] = {"", "a", "ab", "\xe7\x81\xab"};
static const int64_t numbers[POOL] = {0, 1, 7, INT64_MAX};
static const uint64_t bits[POOL] = {0, 1, UINT64_MAX, UINT64_C(1) << 63};
static const struct address addresses[POOL] = {{{0}}, {{1}}, {{0, 1}}, {{0xff, 0xff, 0xff, 0xff}}};

static int64_t random_number(const struct column *column)
{
	if ((column->flags & (COLUMN_ID | COLUMN_REFERS)) != 0)
		return (int64_t)below(6);
	if (column->type == COLUMN_BOOL)
		return (int64_t)below(2);
	if (column->type == COLUMN_BITS)
		return (int64_t)bits[below(POOL)];
	int64_t number = numbers[below(POOL)];
	return (column->flags & COLUMN_UNSIGNED) == 0 && below(4) == 0 ? -number : number;
}

static unsigned random_name(const struct column *column)
{
	unsigned count = 0;
	while (column->names[count] != NULL)
		count++;
	return (unsigned)below(count);
}

static void set_random(const struct column *column, void *record)
{
	struct value value = {.type = VALUE_NUMBER};
	switch (column->type) {
	case COLUMN_NAME:
		value.type = VALUE_TEXT;
		value.bytes = column->names[random_name(column)];
		break;
	case COLUMN_TEXT:
		value.type = VALUE_TEXT;
		value.bytes = texts[below(POOL)];
		break;
	case COLUMN_BLOB:
		value.type = VALUE_BYTES;
		value.bytes = texts[below(POOL)];
		break;
	case COLUMN_ADDRESS:
		value.type = VALUE_BYTES;
		value.bytes = addresses[below(POOL)].bytes;
		value.length = ADDRESS_BYTES;
		break;
	case COLUMN_NUMBER:
	case COLUMN_BITS:
	case COLUMN_BOOL:
		value.number = random_number(column);
		break;
	}
	if (value.bytes != NULL && value.length == 0)
		value.length = strlen(value.bytes);
	(void)column_set(column, record, &value); /* of its own pool */
}

static struct store_condition random_condition(const struct record_kind *kind)
{
	static const int64_t list[] = {0, 1, 2, 3};
	const struct column *column = &kind->columns[below(kind->column_count)];
	struct store_condition condition = {
	    .column = column->name, .test = (enum store_test)below(4)};
	if (column->type == COLUMN_BLOB)
		return (struct store_condition){.column = NULL};
	if (column->type == COLUMN_ADDRESS && condition.test == STORE_IN)
		condition.test = STORE_FROM;
	condition.text = texts[below(POOL)];
	condition.texts = texts;
	condition.address = &addresses[below(POOL)];
	condition.numbers = list;
	condition.count = below(POOL + 1);
	condition.number =
	    column->type == COLUMN_NAME ? (int64_t)random_name(column) : random_number(column);
	return condition;
}

static struct store_query random_query(void)
{
	/* Not the last, which is STORE_META: its record of commits differs. */
	struct store_query query = {.kind = (enum store_kind)below(STORE_META)};
	const struct record_kind *kind = record_kind(query.kind);
	size_t conditions = below(3);
	for (size_t i = 0; i < conditions; i++)
		query.conditions[i] = random_condition(kind);
	if (below(2) == 0)
		query.order = kind->columns[below(kind->column_count)].name;
	query.descending = below(2) == 0;
	query.limit = below(3) == 0 ? (int64_t)below(4) : 0;
	return query;
}

/* The same call on both stores has the same result. */
static bool same(int a, int b, const char *what)
{
	if (a != b)
		printf("# %s: sqlite %d, memory %d\n", what, a, b);
	return a == b;
}

static bool step_put(void)
{
	/* What others refer to comes more often, so that it is there. */
	static const enum store_kind parents[] = {STORE_MEMBER, STORE_INCIDENT, STORE_ACCOUNT};
	enum store_kind number =
	    below(3) == 0 ? parents[below(3)] : (enum store_kind)below(STORE_KIND_COUNT);
	const struct record_kind *kind = record_kind(number);
	union store_any records[2];
	memset(records, 0, sizeof records);
	for (size_t i = 0; i < kind->column_count; i++)
		set_random(&kind->columns[i], &records[0]);
	records[1] = records[0];
	enum store_put_mode mode = record_has_id(kind) || below(2) == 0 ? STORE_REPLACE : STORE_ADD;
	int errors[2];
	for (size_t i = 0; i < 2; i++)
		errors[i] = store_put(stores[i],
		    (struct store_record){.kind = number, .fields = &records[i]}, mode, NULL);
	tally.taken += errors[0] == 0;
	tally.taken_value += errors[0] == -EEXIST;
	tally.dangling += errors[0] == -ENOENT;
	return same(errors[0], errors[1], kind->name) &&
	       (!record_has_id(kind) || records[0].member.id == records[1].member.id);
}

static bool step_remove(void)
{
	int64_t counts[2] = {0, 0};
	struct store_query query = random_query();
	int first = store_remove(stores[0], &query, &counts[0], NULL);
	int second = store_remove(stores[1], &query, &counts[1], NULL);
	tally.removed += counts[0];
	return same(first, second, "remove") && same((int)counts[0], (int)counts[1], "removed");
}

static bool step_change(void)
{
	int64_t counts[2] = {0, 0};
	struct store_query query = random_query();
	const struct record_kind *kind = record_kind(query.kind);
	const struct column *column = &kind->columns[below(kind->column_count)];
	struct store_change changes[2] = {{.column = column->name, .text = texts[below(POOL)]}};
	changes[0].number =
	    column->type == COLUMN_NAME ? (int64_t)random_name(column) : random_number(column);
	changes[0].bytes = (struct store_bytes){"x", below(2)};
	int first = store_change(stores[0], &query, changes, &counts[0], NULL);
	int second = store_change(stores[1], &query, changes, &counts[1], NULL);
	tally.changed += counts[0];
	tally.refused_changes += first == -EEXIST || first == -ENOENT;
	return same(first, second, "change") && same((int)counts[0], (int)counts[1], "changed");
}

static char *dump_query(struct store *store, const struct store_query *query)
{
	char *text = NULL;
	size_t bytes = 0;
	struct dump dump = {.out = open_memstream(&text, &bytes), .kind = record_kind(query->kind)};
	int error = store_each(store, query, dump_record, &dump, NULL);
	(void)fprintf(dump.out, "%d\n", error);
	(void)fclose(dump.out); /* memory */
	return text;
}

static bool step_ask(void)
{
	int64_t counts[2] = {0, 0};
	struct store_query query = random_query();
	char *first = dump_query(stores[0], &query);
	char *second = dump_query(stores[1], &query);
	bool good = strcmp(first, second) == 0;
	if (!good)
		printf("# %s by %s:\n# sqlite %s# memory %s", record_kind(query.kind)->name,
		    query.order == NULL ? "key" : query.order, first, second);
	free(first);
	free(second);
	int error = store_count(stores[0], &query, &counts[0], NULL);
	tally.found += counts[0];
	return same(error, store_count(stores[1], &query, &counts[1], NULL), "count") &&
	       same((int)counts[0], (int)counts[1], "counted") && good;
}

/* Begins or ends a transaction; now and then SQLite is opened anew. */
static bool step_turn(void)
{
	if (!in_transaction) {
		if (below(4) == 0) {
			store_close(stores[0]);
			stores[0] = open_store("sqlite", in_folder(folder, "p.db"), false);
		}
		in_transaction = stores[0] != NULL && store_begin(stores[0], NULL) == 0 &&
				 store_begin(stores[1], NULL) == 0;
		return in_transaction;
	}
	in_transaction = false;
	if (below(3) > 0)
		return store_commit(stores[0], NULL) == 0 && store_commit(stores[1], NULL) == 0;
	store_rollback(stores[0]);
	store_rollback(stores[1]);
	return true;
}

static bool step(void)
{
	uint64_t which = below(20);
	if (which < 2)
		return step_turn();
	if (which < 6 || !in_transaction)
		return step_ask();
	if (which < 15)
		return step_put();
	return which < 17 ? step_remove() : step_change();
}

static bool run(uint64_t seed)
{
	bool good = true;
	random_init(&random_state, seed);
	stores[0] = open_store("sqlite", in_folder(folder, "p.db"), false);
	stores[1] = open_store("memory", NULL, false);
	in_transaction = false;
	good = step_turn();
	for (int i = 0; i < STEPS && good; i++)
		good = step();
	good = good && same_stores(stores[0], stores[1]);
	if (!good)
		printf("# seed %" PRIu64 "\n", seed);
	store_close(stores[0]);
	store_close(stores[1]);
	(void)unlink(in_folder(folder, "p.db"));
	(void)unlink(in_folder(folder, "p.db-wal"));
	return good;
}

int main(void)
{
	uint64_t seeds = getenv("HINOMI_SOAK") != NULL ? SEEDS_SOAK : SEEDS;
	uint64_t good = 0;
	make_folder(folder);
	for (uint64_t seed = 1; seed <= seeds; seed++)
		good += run(seed);
	OK(good == seeds, "SQLite and memory agree on random sequences");
	printf("# %" PRIu64 " of %" PRIu64 " seeds, %d steps each\n", good, seeds, STEPS);
	printf("# records put %" PRId64 ", value taken %" PRId64 ", dangling %" PRId64
	       ", removed %" PRId64 ", changed %" PRId64 ", changes refused %" PRId64
	       ", found %" PRId64 "\n",
	    tally.taken, tally.taken_value, tally.dangling, tally.removed, tally.changed,
	    tally.refused_changes, tally.found);
	OK(tally.taken > 100 && tally.taken_value > 10 && tally.dangling > 10 &&
		tally.removed > 100 && tally.changed > 100 && tally.refused_changes > 0 &&
		tally.found > 100,
	    "in which everything happened");
	remove_folder(folder);
	return test_done();
}
