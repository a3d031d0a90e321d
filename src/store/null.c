/* Accepts and forgets, but for the ids that it gave. */
#include <errno.h>
#include <stdlib.h>

#include "store/engine.h"

struct null {
	int64_t ids[STORE_KIND_COUNT]; /* the last ones given */
};

static int open_null(struct store *store, struct complaint *complaint)
{
	store->state = calloc(1, sizeof(struct null));
	return store->state != NULL ? 0 : complain(complaint, -ENOMEM, "null: memory is out");
}

static void close_null(struct store *store)
{
	free(store->state);
}

static int agree(struct store *store, struct complaint *complaint)
{
	(void)store;
	(void)complaint;
	return 0;
}

static void forget(struct store *store)
{
	(void)store;
}

static int put_null(struct store *store, struct store_record record, enum store_put_mode mode,
    struct complaint *complaint)
{
	(void)mode;
	(void)complaint;
	const struct record_kind *kind = record_kind(record.kind);
	if (!record_has_id(kind) || column_get(&kind->columns[0], record.fields).number != 0)
		return 0;
	const struct value id = {
	    .type = VALUE_NUMBER, .number = ++((struct null *)store->state)->ids[record.kind]};
	(void)column_set(&kind->columns[0], record.fields, &id); /* a number it is */
	return 0;
}

static int count_null(struct store *store, const struct bound_query *query, int64_t *ret_count,
    struct complaint *complaint)
{
	(void)store;
	(void)query;
	(void)complaint;
	*ret_count = 0;
	return 0;
}

static int change_null(struct store *store, const struct bound_query *query,
    const struct bound_changes *changes, int64_t *ret_count, struct complaint *complaint)
{
	(void)changes;
	return count_null(store, query, ret_count, complaint);
}

static int each_null(struct store *store, const struct bound_query *query, struct visitor *visitor,
    struct complaint *complaint)
{
	(void)store;
	(void)query;
	(void)visitor;
	(void)complaint;
	return 0;
}

const struct store_engine store_null = {
    .name = "null",
    .open = open_null,
    .close = close_null,
    .begin = agree,
    .commit = agree,
    .rollback = forget,
    .put = put_null,
    .remove = count_null,
    .change = change_null,
    .each = each_null,
    .count = count_null,
};
