#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "store/engine.h"

enum {
	COMMIT_BYTES = 48, /* two numbers of 64 bits */
};

static const struct store_engine *const engines[] = {
    &store_sqlite,
    &store_memory,
    &store_null,
};

static const struct store_engine *find_engine(const char *name, struct complaint *complaint)
{
	char known[64] = "";
	size_t length = 0;
	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
		int more = snprintf(known + length, sizeof known - length, "%s%s",
		    i == 0 ? "" : ", ", engines[i]->name);
		assert(more > 0 && (size_t)more < sizeof known - length);
		length += (size_t)more;
	}
	(void)complain(complaint, -EINVAL, "no store of the kind %s, expected one of %s", name,
	    known); /* as given */
	return NULL;
}

int store_open(
    const struct store_options *options, struct store **ret_store, struct complaint *complaint)
{
	const struct store_engine *engine = find_engine(options->engine, complaint);
	if (engine == NULL)
		return -EINVAL;
	struct store *store = calloc(1, sizeof *store);
	if (store == NULL)
		return complain(complaint, -ENOMEM, "no memory for a store");
	store->engine = engine;
	store->read_only = options->read_only;
	store->run = hash_seed_random();
	store->is_committed = true; /* there was none */

	int error = 0;
	if (options->path != NULL && (store->path = strdup(options->path)) == NULL)
		error = complain(complaint, -ENOMEM, "no memory for a store");
	if (error == 0)
		error = engine->open(store, complaint);
	if (error != 0) {
		free(store->path);
		free(store);
		return error;
	}
	*ret_store = store;
	return 0;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_rollback(store);
	if (store->state != NULL)
		store->engine->close(store);
	free(store->path);
	free(store);
}

bool store_is_new(const struct store *store)
{
	return store->is_new;
}

bool store_is_suspect(const struct store *store)
{
	return store->is_suspect;
}

static int complain_suspect(const struct store *store, struct complaint *complaint)
{
	return complain(complaint, -EIO,
	    "%s: not used after an error of the disk; it has to be opened anew",
	    store->path != NULL ? store->path : store->engine->name);
}

/* Whether the engine may be asked at all; what it says then goes through `settle`. */
static int check(const struct store *store, struct complaint *complaint)
{
	if (store->is_suspect)
		return complain_suspect(store, complaint);
	if (store->broken != 0)
		return complain(complaint, store->broken,
		    "the transaction failed before, and can only be rolled back");
	return 0;
}

/* Notes what an engine's error means for the transaction. */
static int settle(struct store *store, int error)
{
	bool is_refusal = error == -EEXIST || error == -ENOENT;
	if (error != 0 && !is_refusal && store->in_transaction)
		store->broken = error;
	return error;
}

int store_begin(struct store *store, struct complaint *complaint)
{
	assert(!store->in_transaction && store->visiting == 0);
	int error = check(store, complaint);
	if (error != 0)
		return error;
	error = store->engine->begin(store, complaint);
	store->in_transaction = error == 0;
	store->has_written = false;
	return error;
}

/* What the last commit wrote, or was to write. */
static void format_commit(const struct store *store, char out[static COMMIT_BYTES])
{
	int bytes =
	    snprintf(out, COMMIT_BYTES, "%016" PRIx64 ".%" PRIu64, store->run, store->commits);
	assert(bytes > 0 && bytes < COMMIT_BYTES);
}

static int write_commit(struct store *store, struct complaint *complaint)
{
	char value[COMMIT_BYTES];
	struct store_meta meta = {.key = STORE_COMMIT_KEY, .value = value};
	format_commit(store, value);
	return store->engine->put(store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

static int see_commit(void *context, const void *record)
{
	char expected[COMMIT_BYTES];
	struct store *store = context;
	format_commit(store, expected);
	store->is_committed = strcmp(((const struct store_meta *)record)->value, expected) == 0;
	return 0;
}

/* Looks whether the last commit is there. */
static int look_for_commit(struct store *store, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = STORE_COMMIT_KEY}}};
	struct visitor visitor = {.visit = see_commit, .context = store};
	struct bound_query bound;
	int error = bind_query(&query, &bound, complaint);
	return error != 0 ? error : store->engine->each(store, &bound, &visitor, complaint);
}

int store_commit(struct store *store, struct complaint *complaint)
{
	assert(store->in_transaction && store->visiting == 0);
	store->commits++;
	store->is_committed = false;
	int error = check(store, complaint);
	if (error == 0 && store->has_written)
		error = write_commit(store, complaint);
	if (error != 0) {
		store_rollback(store);
		/* Nothing was asked to be kept, so this outcome is known. */
		return error == -EIO ? -ECANCELED : error;
	}
	error = store->engine->commit(store, complaint);
	assert(error != -EIO || store->is_suspect);
	store->in_transaction = false;
	store->is_committed = error == 0;
	return error;
}

bool store_was_committed(const struct store *store)
{
	return store->is_committed;
}

void store_rollback(struct store *store)
{
	assert(store->visiting == 0);
	if (store->in_transaction && store->state != NULL)
		store->engine->rollback(store);
	store->in_transaction = false;
	store->broken = 0;
}

int store_reopen(struct store *store, struct complaint *complaint)
{
	assert(store->visiting == 0);
	store_rollback(store);
	if (store->engine->reopen == NULL)
		return 0;
	store->is_suspect = false;
	int error = store->engine->reopen(store, complaint);
	if (error == 0 && !store->is_committed)
		error = look_for_commit(store, complaint);
	store->is_suspect = error != 0;
	return error;
}

/* Whether this may be written now. */
static int check_writing(const struct store *store, struct complaint *complaint)
{
	assert(store->in_transaction && store->visiting == 0);
	if (store->read_only)
		return complain(complaint, -EROFS, "%s: opened for reading only",
		    store->path != NULL ? store->path : store->engine->name);
	return check(store, complaint);
}

int store_put(struct store *store, struct store_record record, enum store_put_mode mode,
    struct complaint *complaint)
{
	const struct record_kind *kind = record_kind(record.kind);
	assert(mode == STORE_REPLACE || !record_has_id(kind));
	int error = check_writing(store, complaint);
	if (error != 0)
		return error;
	const struct column *column = NULL;
	const char *wrong = record_check(kind, record.fields, &column);
	if (wrong != NULL)
		return complain(complaint, -EINVAL, "%s.%s %s", kind->name, column->name, wrong);
	store->has_written = true;
	return settle(store, store->engine->put(store, record, mode, complaint));
}

int store_remove(struct store *store, const struct store_query *query, int64_t *ret_count,
    struct complaint *complaint)
{
	struct bound_query bound;
	int64_t count = 0;
	int error = check_writing(store, complaint);
	if (error == 0)
		error = bind_query(query, &bound, complaint);
	if (error != 0)
		return error;
	store->has_written = true;
	error = settle(store, store->engine->remove(store, &bound, &count, complaint));
	if (error == 0 && ret_count != NULL)
		*ret_count = count;
	return error;
}

int store_change(struct store *store, const struct store_query *query,
    const struct store_change *changes, int64_t *ret_count, struct complaint *complaint)
{
	struct bound_query bound;
	struct bound_changes bound_changes;
	int64_t count = 0;
	int error = check_writing(store, complaint);
	if (error == 0)
		error = bind_query(query, &bound, complaint);
	if (error == 0)
		error = bind_changes(bound.kind, changes, &bound_changes, complaint);
	if (error != 0)
		return error;
	store->has_written = true;
	error =
	    settle(store, store->engine->change(store, &bound, &bound_changes, &count, complaint));
	if (error == 0 && ret_count != NULL)
		*ret_count = count;
	return error;
}

int store_each(struct store *store, const struct store_query *query,
    int (*visit)(void *context, const void *record), void *context, struct complaint *complaint)
{
	struct bound_query bound;
	struct visitor visitor = {.visit = visit, .context = context};
	int error = check(store, complaint);
	if (error == 0)
		error = bind_query(query, &bound, complaint);
	if (error != 0)
		return error;
	store->visiting++;
	error = store->engine->each(store, &bound, &visitor, complaint);
	store->visiting--;
	if (error != 0)
		return settle(store, error);
	return visitor.answer;
}

int store_count(struct store *store, const struct store_query *query, int64_t *ret_count,
    struct complaint *complaint)
{
	struct bound_query bound;
	int error = check(store, complaint);
	if (error == 0)
		error = bind_query(query, &bound, complaint);
	if (error != 0)
		return error;
	return settle(store, store->engine->count(store, &bound, ret_count, complaint));
}

int store_version(struct store *store, uint64_t *ret_version, struct complaint *complaint)
{
	int64_t others = 0;
	int error = check(store, complaint);
	if (error == 0 && store->engine->version != NULL)
		error = settle(store, store->engine->version(store, &others, complaint));
	if (error == 0)
		*ret_version = (store->commits << 32) + (uint64_t)others;
	return error;
}

int store_measure(struct store *store, struct store_health *ret_health, struct complaint *complaint)
{
	int error = check(store, complaint);
	if (error != 0)
		return error;
	*ret_health = (struct store_health){0};
	if (store->engine->measure == NULL)
		return 0;
	return settle(store, store->engine->measure(store, ret_health, complaint));
}

int store_look(struct store *store, struct complaint *complaint)
{
	int error = check(store, complaint);
	if (error != 0 || store->engine->look == NULL)
		return error;
	return store->engine->look(store, complaint);
}

void store_use_reserve(struct store *store)
{
	if (store->engine->use_reserve != NULL && store->state != NULL)
		store->engine->use_reserve(store);
}

int store_shrink(struct store *store, int64_t bytes_max, struct complaint *complaint)
{
	assert(!store->in_transaction && store->visiting == 0 && bytes_max >= 0);
	int error = check(store, complaint);
	if (error != 0 || store->engine->shrink == NULL)
		return error;
	return store->engine->shrink(store, bytes_max, complaint);
}
