/* The table is held against the plainest one that could be right: a list of keys. */
#include "base/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "test.h"

enum {
	KEYS = 700, /* drawn from; a table of fewer records overflows, one of more grows */
	KEY_BYTES_MAX = 36,
	OPERATIONS = 60000,
	CHECK_EVERY = 500,
};

struct record {
	uint8_t key[KEY_BYTES_MAX];
	uint64_t value;
};

/* What the table should hold. */
struct model {
	struct record *at[KEYS]; /* where the key's record is, or NULL */
	uint64_t value[KEYS];
	size_t count;
};

enum hash_kind {
	HASH_GOOD,
	HASH_ONE,   /* all keys collide */
	HASH_FEW,   /* seven values */
	HASH_UPPER, /* differ only in bits that a mask of the low ones would not see */
	HASH_WRAP,  /* all belong to the last slots of the index, so that probing wraps */
};

struct trial {
	const char *name;
	size_t key_bytes;
	size_t records_max;
	enum hash_kind hash;
	unsigned insert_percent; /* the rest is divided between finding and removing */
};

static const struct trial trials[] = {
    {"good hashes", 16, 1000, HASH_GOOD, 40},
    {"a key of one byte's width more than eight", 9, 1000, HASH_GOOD, 40},
    {"the longest key in use", 36, 1000, HASH_GOOD, 40},
    {"mostly inserting: full", 16, 300, HASH_GOOD, 80},
    {"mostly removing", 16, 300, HASH_GOOD, 20},
    {"room for one", 16, 1, HASH_GOOD, 50},
    {"room for none", 16, 0, HASH_GOOD, 50},
    {"all hashes collide", 16, 400, HASH_ONE, 40},
    {"seven hashes", 16, 1000, HASH_FEW, 40},
    {"hashes that differ in upper bits", 16, 1000, HASH_UPPER, 40},
    {"hashes at the end of the index", 16, 1000, HASH_WRAP, 40},
};

static void make_key(size_t number, uint8_t key[static KEY_BYTES_MAX])
{
	memset(key, 0x5a, KEY_BYTES_MAX);
	key[0] = (uint8_t)number;
	key[8] = (uint8_t)(number >> 8);
}

static uint64_t hash_of(const struct trial *trial, size_t number)
{
	uint8_t key[KEY_BYTES_MAX];
	make_key(number, key);
	switch (trial->hash) {
	case HASH_GOOD:
		return hash_bytes(key, trial->key_bytes, HASH_SEED_FIXED);
	case HASH_ONE:
		return UINT64_C(0x123456789abcdef0);
	case HASH_FEW:
		return number % 7;
	case HASH_UPPER:
		return (uint64_t)number << 52;
	case HASH_WRAP:
		return UINT32_MAX - number % 3;
	}
	return 0;
}

static void *find(const struct trial *trial, const struct table *table, size_t number)
{
	uint8_t key[KEY_BYTES_MAX];
	make_key(number, key);
	return table_find(table, key, hash_of(trial, number));
}

/* Everything that the model knows is found where it was, and walking gives just that. */
static bool agrees(const struct trial *trial, const struct table *table, const struct model *model)
{
	if (table_count(table) != model->count)
		return false;
	for (size_t i = 0; i < KEYS; i++) {
		const struct record *record = find(trial, table, i);
		if (record != model->at[i] || (record != NULL && record->value != model->value[i]))
			return false;
	}
	size_t walked = 0;
	size_t position = 0;
	const struct record *record;
	while ((record = table_next(table, &position)) != NULL) {
		size_t number = record->key[0] | (size_t)record->key[8] << 8;
		if (number >= KEYS || model->at[number] != record)
			return false;
		walked++;
	}
	return walked == model->count;
}

static bool insert(const struct trial *trial, struct table *table, struct model *model, size_t i)
{
	uint8_t key[KEY_BYTES_MAX];
	make_key(i, key);
	struct record *record = table_insert(table, key, hash_of(trial, i));
	if (model->count == trial->records_max)
		return record == NULL;
	if (record == NULL || memcmp(record->key, key, trial->key_bytes) != 0 ||
	    (uintptr_t)record % 8 != 0)
		return false;
	const uint8_t *rest = (const uint8_t *)record + trial->key_bytes;
	for (size_t byte = 0; byte < sizeof *record - trial->key_bytes; byte++)
		if (rest[byte] != 0)
			return false;
	memset((uint8_t *)record + trial->key_bytes, 0xee, sizeof *record - trial->key_bytes);
	memcpy(record->key, key, KEY_BYTES_MAX);
	record->value = model->value[i] += 1;
	model->at[i] = record;
	model->count++;
	return true;
}

static void forget(struct table *table, struct model *model, size_t i)
{
	table_remove(table, model->at[i]);
	model->at[i] = NULL;
	model->count--;
}

static bool run_trial(const struct trial *trial, struct random *random)
{
	struct model model = {.count = 0};
	struct table *table =
	    table_new(trial->key_bytes, sizeof(struct record), trial->records_max);
	bool good = table != NULL && table_max(table) == trial->records_max;
	for (int n = 0; good && n < OPERATIONS; n++) {
		size_t i = random_below(random, KEYS);
		bool inserts = random_below(random, 100) < trial->insert_percent;
		if (n == OPERATIONS / 2) {
			table_clear(table);
			model = (struct model){.count = 0};
		}
		if (model.at[i] == NULL && inserts)
			good = insert(trial, table, &model, i);
		else if (model.at[i] != NULL && !inserts)
			forget(table, &model, i);
		else
			good = find(trial, table, i) == (void *)model.at[i];
		if (n % CHECK_EVERY == 0)
			good = good && agrees(trial, table, &model);
	}
	good = good && agrees(trial, table, &model);
	table_free(table);
	return good;
}

static struct table *make_full(const struct trial *trial, struct model *model, size_t count)
{
	*model = (struct model){.count = 0};
	struct table *table =
	    table_new(trial->key_bytes, sizeof(struct record), trial->records_max);
	for (size_t i = 0; table != NULL && i < count; i++)
		if (!insert(trial, table, model, i))
			break;
	return table;
}

/* Each walk removes what its row says; every record is met once all the same. */
static bool removes_while_walking(const struct trial *trial, bool itself, size_t other)
{
	struct model model;
	struct table *table = make_full(trial, &model, KEYS);
	size_t met = 0;
	size_t position = 0;
	struct record *record;
	while (table != NULL && (record = table_next(table, &position)) != NULL) {
		size_t number = record->key[0] | (size_t)record->key[8] << 8;
		met++;
		if (other > 0 && number >= other && model.at[number - other] != NULL)
			forget(table, &model, number - other); /* walked past already */
		if (itself && model.at[number] != NULL)
			forget(table, &model, number);
	}
	bool good = table != NULL && met == KEYS && agrees(trial, table, &model);
	table_free(table);
	return good;
}

/* Removing what was not reached yet: it is not met. */
static bool removes_ahead(const struct trial *trial)
{
	struct model model;
	struct table *table = make_full(trial, &model, KEYS);
	size_t met = 0;
	size_t position = 0;
	struct record *record;
	while (table != NULL && (record = table_next(table, &position)) != NULL) {
		size_t number = record->key[0] | (size_t)record->key[8] << 8;
		met++;
		if (number % 2 == 0)
			forget(table, &model, number + 1);
	}
	bool good = table != NULL && met == KEYS / 2 && agrees(trial, table, &model);
	table_free(table);
	return good;
}

static void test_walking(void)
{
	static const struct trial good = {"", 16, 1000, HASH_GOOD, 0};
	static const struct trial few = {"", 16, 1000, HASH_FEW, 0};
	OK(removes_while_walking(&good, true, 0), "a walk that removes each record meets all");
	OK(removes_while_walking(&few, true, 0), "the same where hashes collide");
	OK(removes_while_walking(&good, false, 3), "a walk that removes what it passed meets all");
	OK(removes_while_walking(&few, true, 1), "a walk that removes both meets all");
	OK(removes_ahead(&good), "a walk does not meet what was removed ahead of it");
}

/* Numbers, hence the order of walking, follow from what was inserted and removed alone. */
static void test_order(void)
{
	static const struct trial by_hash[] = {{"", 16, 1000, HASH_GOOD, 0},
	    {"", 16, 1000, HASH_ONE, 0}, {"", 16, 1000, HASH_WRAP, 0}};
	uint8_t orders[3][KEYS];
	bool whole = true;
	for (size_t t = 0; t < 3; t++) {
		struct model model;
		struct table *table = make_full(&by_hash[t], &model, 100);
		for (size_t i = 0; i < 100; i += 3)
			forget(table, &model, i);
		for (size_t i = 200; i < 220; i++)
			(void)insert(&by_hash[t], table, &model, i);
		size_t position = 0;
		size_t count = 0;
		const struct record *record;
		while ((record = table_next(table, &position)) != NULL)
			orders[t][count++] = record->key[0];
		whole = whole && count == 100 - 34 + 20;
		table_free(table);
	}
	OK(whole, "walking after removals and insertions meets what is there");
	OK(memcmp(orders[0], orders[1], 86) == 0 && memcmp(orders[0], orders[2], 86) == 0,
	    "the order of walking does not follow from hashes");
	OK(orders[0][0] == 1 && orders[0][85] == 200,
	    "the number removed last is the first used again");
}

static void test_memory(void)
{
	static const struct trial trial = {"", 16, KEYS, HASH_GOOD, 0};
	struct model model;
	struct table *table = make_full(&trial, &model, KEYS);
	size_t full = table_bytes(table);
	for (size_t i = 0; i < KEYS; i++)
		forget(table, &model, i);
	for (size_t i = 0; i < KEYS; i++)
		(void)insert(&trial, table, &model, i);
	OK(table_count(table) == KEYS && table_bytes(table) == full,
	    "room of removed records is used again");
	table_clear(table);
	model = (struct model){.count = 0};
	OK(table_count(table) == 0 && find(&trial, table, 3) == NULL, "cleared: nothing is found");
	for (size_t i = KEYS; i-- > 0;)
		(void)insert(&trial, table, &model, i);
	OK(agrees(&trial, table, &model) && table_bytes(table) == full,
	    "cleared: the same memory serves again");
	uint8_t key[KEY_BYTES_MAX];
	make_key(KEYS, key);
	OK(table_insert(table, key, 1) == NULL && table_count(table) == KEYS,
	    "one past the most is refused");
	table_reset(table);
	model = (struct model){.count = 0};
	OK(table_count(table) == 0 && find(&trial, table, 3) == NULL && table_bytes(table) < 1024,
	    "reset: nothing is found, and the memory is given back");
	for (size_t i = 0; i < KEYS; i++)
		(void)insert(&trial, table, &model, i);
	OK(agrees(&trial, table, &model), "and it can be filled again");
	table_free(table);
	table_free(NULL);
}

int main(void)
{
	struct random random;
	random_init(&random, 20260214);
	for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++)
		OK(run_trial(&trials[i], &random), trials[i].name);
	test_walking();
	test_order();
	test_memory();
	return test_done();
}
