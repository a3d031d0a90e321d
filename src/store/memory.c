/*
 * The rules of a database without one: rows in the order of their keys, and a list of what a
 * transaction did, to be undone. Questions look at every row, which simulations can afford.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/engine.h"

enum {
	LIST_MIN = 16,
};

/* One block: values, then the bytes that they borrow. */
struct row {
	size_t count;
	struct value values[];
};

struct row_list {
	struct row **rows;
	size_t count;
	size_t max;
};

/* A row that went, one that came, or one in place of the other. */
struct deed {
	enum store_kind kind;
	struct row *old;
	struct row *new;
};

struct memory {
	struct row_list kinds[STORE_KIND_COUNT]; /* by key */
	int64_t last_ids[STORE_KIND_COUNT];
	int64_t last_ids_before[STORE_KIND_COUNT]; /* the transaction */
	struct deed *deeds;
	size_t deed_count;
	size_t deed_max;
};

static struct memory *memory_of(const struct store *store)
{
	return (struct memory *)store->state;
}

/* Room for one more element; false without memory. */
static bool grow(void **list, size_t count, size_t *max, size_t element_bytes)
{
	if (count < *max)
		return true;
	size_t more = *max == 0 ? LIST_MIN : 2 * *max;
	void *grown = reallocarray(*list, more, element_bytes);
	if (grown == NULL)
		return false;
	*list = grown;
	*max = more;
	return true;
}

static bool grow_rows(struct row_list *list)
{
	void *rows = list->rows;
	bool has_room = grow(&rows, list->count, &list->max, sizeof *list->rows);
	list->rows = rows;
	return has_room;
}

static bool grow_deeds(struct memory *memory)
{
	void *deeds = memory->deeds;
	bool has_room = grow(&deeds, memory->deed_count, &memory->deed_max, sizeof *memory->deeds);
	memory->deeds = deeds;
	return has_room;
}

static struct row *new_row(const struct value *values, size_t count)
{
	size_t bytes = 0;
	for (size_t i = 0; i < count; i++)
		bytes += values[i].length + 1;
	struct row *row = malloc(sizeof *row + count * sizeof row->values[0] + bytes);
	if (row == NULL)
		return NULL;
	row->count = count;
	char *end = (char *)&row->values[count];
	for (size_t i = 0; i < count; i++) {
		row->values[i] = values[i];
		if (values[i].bytes == NULL)
			continue;
		memcpy(end, values[i].bytes, values[i].length);
		end[values[i].length] = '\0';
		row->values[i].bytes = end;
		end += values[i].length + 1;
	}
	return row;
}

static int compare_keys(
    const struct record_kind *kind, const struct value *a, const struct value *b)
{
	int order = 0;
	for (size_t i = 0; i < kind->column_count && order == 0; i++) {
		if (column_is_key(&kind->columns[i]))
			order = value_compare(&a[i], &b[i]);
	}
	return order;
}

/* The first row whose key is not before that of `values`. */
static size_t find(
    const struct memory *memory, enum store_kind kind, const struct value *values, bool *ret_same)
{
	const struct row_list *list = &memory->kinds[kind];
	size_t low = 0;
	size_t high = list->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (compare_keys(record_kind(kind), list->rows[middle]->values, values) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_same = low < list->count &&
		    compare_keys(record_kind(kind), list->rows[low]->values, values) == 0;
	return low;
}

static void insert_at(struct row_list *list, size_t at, struct row *row)
{
	assert(list->count < list->max);
	memmove(&list->rows[at + 1], &list->rows[at], (list->count - at) * sizeof *list->rows);
	list->rows[at] = row;
	list->count++;
}

static void remove_at(struct row_list *list, size_t at)
{
	list->count--;
	memmove(&list->rows[at], &list->rows[at + 1], (list->count - at) * sizeof *list->rows);
}

/* Does a deed; its rows are the transaction's from then on. False without memory. */
static bool act(struct memory *memory, struct deed deed)
{
	struct row_list *list = &memory->kinds[deed.kind];
	if (!grow_deeds(memory) || !grow_rows(list))
		return false;
	bool is_there = false;
	size_t at =
	    find(memory, deed.kind, (deed.old != NULL ? deed.old : deed.new)->values, &is_there);
	assert(is_there == (deed.old != NULL));
	if (deed.old != NULL && deed.new != NULL)
		list->rows[at] = deed.new;
	else if (deed.old != NULL)
		remove_at(list, at);
	else
		insert_at(list, at, deed.new);
	memory->deeds[memory->deed_count++] = deed;
	return true;
}

/* Undoes the deeds after the first `kept`. Needs no memory: there were as many rows before. */
static void undo(struct memory *memory, size_t kept)
{
	while (memory->deed_count > kept) {
		struct deed deed = memory->deeds[--memory->deed_count];
		struct row_list *list = &memory->kinds[deed.kind];
		bool is_there = false;
		size_t at = find(
		    memory, deed.kind, (deed.new != NULL ? deed.new : deed.old)->values, &is_there);
		if (deed.old != NULL && deed.new != NULL)
			list->rows[at] = deed.old;
		else if (deed.new != NULL)
			remove_at(list, at);
		else
			insert_at(list, at, deed.old);
		free(deed.new);
	}
}

static int open_memory(struct store *store, struct complaint *complaint)
{
	store->state = calloc(1, sizeof(struct memory));
	return store->state != NULL ? 0 : complain(complaint, -ENOMEM, "memory is out");
}

static void close_memory(struct store *store)
{
	struct memory *memory = memory_of(store);
	for (size_t kind = 0; kind < STORE_KIND_COUNT; kind++) {
		for (size_t i = 0; i < memory->kinds[kind].count; i++)
			free(memory->kinds[kind].rows[i]);
		free(memory->kinds[kind].rows);
	}
	free(memory->deeds);
	free(memory);
}

static int begin_memory(struct store *store, struct complaint *complaint)
{
	struct memory *memory = memory_of(store);
	(void)complaint;
	memcpy(memory->last_ids_before, memory->last_ids, sizeof memory->last_ids);
	return 0;
}

static int commit_memory(struct store *store, struct complaint *complaint)
{
	struct memory *memory = memory_of(store);
	(void)complaint;
	while (memory->deed_count > 0)
		free(memory->deeds[--memory->deed_count].old);
	return 0;
}

static void rollback_memory(struct store *store)
{
	struct memory *memory = memory_of(store);
	undo(memory, 0);
	memcpy(memory->last_ids, memory->last_ids_before, sizeof memory->last_ids);
}

static int no_memory(const struct record_kind *kind, struct complaint *complaint)
{
	return complain(complaint, -ENOMEM, "%s: memory is out", kind->name);
}

/* Whether another row has a value that only one may have. */
static bool is_taken(const struct memory *memory, enum store_kind kind, const struct value *values)
{
	const struct record_kind *record = record_kind(kind);
	const struct row_list *list = &memory->kinds[kind];
	for (size_t c = 0; c < record->column_count; c++) {
		if ((record->columns[c].flags & COLUMN_UNIQUE) == 0)
			continue;
		for (size_t i = 0; i < list->count; i++) {
			if (value_compare(&list->rows[i]->values[c], &values[c]) == 0 &&
			    compare_keys(record, list->rows[i]->values, values) != 0)
				return true;
		}
	}
	return false;
}

/* Whether a value refers to a record that is not there. */
static bool is_dangling(
    const struct memory *memory, const struct column *column, const struct value *value)
{
	bool is_there = true;
	if ((column->flags & COLUMN_REFERS) != 0 && value->type != VALUE_NULL)
		(void)find(memory, column->refers, value, &is_there); /* the id comes first */
	return !is_there;
}

static int check(const struct memory *memory, enum store_kind kind, const struct value *values,
    struct complaint *complaint)
{
	const struct record_kind *record = record_kind(kind);
	if (is_taken(memory, kind, values))
		return complain(complaint, -EEXIST,
		    "%s: another record has this value, which only one may have", record->name);
	for (size_t i = 0; i < record->column_count; i++) {
		if (is_dangling(memory, &record->columns[i], &values[i]))
			return complain(complaint, -ENOENT,
			    "%s: it refers to a record that is not there", record->name);
	}
	return 0;
}

static int put_values(struct memory *memory, enum store_kind kind, const struct value *values,
    struct complaint *complaint)
{
	bool is_there = false;
	int error = check(memory, kind, values, complaint);
	if (error != 0)
		return error;
	size_t at = find(memory, kind, values, &is_there);
	struct row *row = new_row(values, record_kind(kind)->column_count);
	struct deed deed = {
	    .kind = kind, .old = is_there ? memory->kinds[kind].rows[at] : NULL, .new = row};
	if (row != NULL && act(memory, deed))
		return 0;
	free(row);
	return no_memory(record_kind(kind), complaint);
}

static int put_memory(struct store *store, struct store_record record, enum store_put_mode mode,
    struct complaint *complaint)
{
	struct memory *memory = memory_of(store);
	const struct record_kind *kind = record_kind(record.kind);
	struct value values[STORE_COLUMNS_MAX] = {{0}};
	for (size_t i = 0; i < kind->column_count; i++)
		values[i] = column_get(&kind->columns[i], record.fields);
	bool is_new = record_has_id(kind) && values[0].number == 0;
	if (is_new)
		values[0].number = memory->last_ids[record.kind] + 1;
	bool is_there = false;
	size_t at = find(memory, record.kind, values, &is_there);
	for (size_t i = 0; mode == STORE_ADD && is_there && i < kind->column_count; i++)
		values[i] = value_merge(kind->columns[i].merge,
		    &memory->kinds[record.kind].rows[at]->values[i], &values[i]);
	int error = put_values(memory, record.kind, values, complaint);
	if (error != 0)
		return error;
	if (record_has_id(kind) && values[0].number > memory->last_ids[record.kind])
		memory->last_ids[record.kind] = values[0].number;
	if (is_new)
		(void)column_set(&kind->columns[0], record.fields, &values[0]); /* a number */
	return 0;
}

static bool meets(const struct row *row, size_t at, const struct bound_condition *condition)
{
	const struct value *value = &row->values[at];
	for (size_t i = 0; i < condition->count; i++) {
		struct value wanted = bound_value(condition, i);
		int order = value_compare(value, &wanted);
		bool is_null = value->type == VALUE_NULL;
		if (condition->test == STORE_NOT)
			return order != 0;
		if (condition->test == STORE_BELOW)
			return !is_null && order < 0;
		if (condition->test == STORE_FROM)
			return !is_null && order >= 0;
		if (order == 0)
			return true;
	}
	return false;
}

/* Whether it comes later than where the walk goes on. */
static bool is_behind(const struct row *row, const struct bound_query *query)
{
	int64_t at = row->values[0].number;
	int64_t mark = query->after.id;
	if (query->order != NULL) {
		const int64_t number = row->values[query->order - query->kind->columns].number;
		if (number != query->after.number && !column_is_key(query->order)) {
			at = number;
			mark = query->after.number;
		}
	}
	return query->descending ? at < mark : at > mark;
}

static bool meets_all(const struct row *row, const struct bound_query *query)
{
	for (size_t i = 0; i < query->condition_count; i++) {
		size_t at = (size_t)(query->conditions[i].column - query->kind->columns);
		if (!meets(row, at, &query->conditions[i]))
			return false;
	}
	return query->after.id == 0 || is_behind(row, query);
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct row *first = *(struct row *const *)a;
	const struct row *second = *(struct row *const *)b;
	const struct bound_query *query = context;
	int order = 0;
	if (query->order != NULL) {
		size_t at = (size_t)(query->order - query->kind->columns);
		order = value_compare(&first->values[at], &second->values[at]);
	}
	if (order == 0)
		order = compare_keys(query->kind, first->values, second->values);
	return query->descending ? -order : order;
}

/* The rows that are asked for, in their order; the list is to be freed. */
static int collect(const struct memory *memory, const struct bound_query *query,
    struct row_list *ret_list, struct complaint *complaint)
{
	const struct row_list *all = &memory->kinds[query->kind_number];
	struct row_list list = {0};
	for (size_t i = 0; i < all->count; i++) {
		if (!meets_all(all->rows[i], query))
			continue;
		if (!grow_rows(&list)) {
			free(list.rows);
			return no_memory(query->kind, complaint);
		}
		list.rows[list.count++] = all->rows[i];
	}
	struct bound_query copy = *query; /* which qsort_r takes without const */
	if (list.count > 1 && (query->order != NULL || query->descending))
		qsort_r(list.rows, list.count, sizeof *list.rows, compare_rows, &copy);
	if (query->limit >= 0 && list.count > (size_t)query->limit)
		list.count = (size_t)query->limit;
	*ret_list = list;
	return 0;
}

/* References lead to kinds that stand before (test_store_columns), so this comes to an end. */
static bool remove_row(struct memory *memory, enum store_kind kind, struct row *row);

/* Those of one kind that refer to a record. */
static bool remove_children(
    struct memory *memory, enum store_kind child, size_t column, const struct value *id)
{
	const struct row_list *list = &memory->kinds[child];
	for (size_t i = list->count; i-- > 0;) {
		const struct value *value = &list->rows[i]->values[column];
		if (value->type == VALUE_NULL || value_compare(value, id) != 0)
			continue;
		if (!remove_row(memory, child, list->rows[i]))
			return false;
	}
	return true;
}

/* One row, and what refers to it. */
static bool remove_row(struct memory *memory, enum store_kind kind, struct row *row)
{
	for (unsigned child = 0; child < STORE_KIND_COUNT; child++) {
		const struct record_kind *record = record_kind((enum store_kind)child);
		for (size_t i = 0; i < record->column_count; i++) {
			const struct column *column = &record->columns[i];
			if ((column->flags & COLUMN_REFERS) != 0 && column->refers == kind &&
			    !remove_children(memory, (enum store_kind)child, i, &row->values[0]))
				return false;
		}
	}
	return act(memory, (struct deed){.kind = kind, .old = row});
}

static int remove_memory(struct store *store, const struct bound_query *query, int64_t *ret_count,
    struct complaint *complaint)
{
	struct memory *memory = memory_of(store);
	struct row_list list;
	int error = collect(memory, query, &list, complaint);
	if (error != 0)
		return error;
	for (size_t i = 0; i < list.count && error == 0; i++) {
		if (!remove_row(memory, query->kind_number, list.rows[i]))
			error = no_memory(query->kind, complaint);
	}
	*ret_count = (int64_t)list.count;
	free(list.rows);
	return error;
}

static int change_memory(struct store *store, const struct bound_query *query,
    const struct bound_changes *changes, int64_t *ret_count, struct complaint *complaint)
{
	struct memory *memory = memory_of(store);
	size_t deeds_before = memory->deed_count;
	struct row_list list;
	int error = collect(memory, query, &list, complaint);
	if (error != 0)
		return error;
	for (size_t i = 0; i < list.count && error == 0; i++) {
		struct value values[STORE_COLUMNS_MAX];
		memcpy(values, list.rows[i]->values, list.rows[i]->count * sizeof values[0]);
		for (size_t j = 0; j < changes->count; j++)
			values[changes->columns[j] - query->kind->columns] = changes->values[j];
		error = put_values(memory, query->kind_number, values, complaint);
	}
	if (error != 0)
		undo(memory, deeds_before); /* all of them or none */
	*ret_count = (int64_t)list.count;
	free(list.rows);
	return error;
}

static int each_memory(struct store *store, const struct bound_query *query,
    struct visitor *visitor, struct complaint *complaint)
{
	struct row_list list;
	int error = collect(memory_of(store), query, &list, complaint);
	if (error != 0)
		return error;
	for (size_t i = 0; i < list.count && visitor->answer == 0; i++) {
		union store_any record = {0};
		for (size_t j = 0; j < query->kind->column_count; j++) {
			bool is_set =
			    column_set(&query->kind->columns[j], &record, &list.rows[i]->values[j]);
			assert(is_set); /* it came from a record */
		}
		visitor->answer = visitor->visit(visitor->context, &record);
	}
	free(list.rows);
	return 0;
}

static int count_memory(struct store *store, const struct bound_query *query, int64_t *ret_count,
    struct complaint *complaint)
{
	struct row_list list;
	int error = collect(memory_of(store), query, &list, complaint);
	if (error != 0)
		return error;
	*ret_count = (int64_t)list.count;
	free(list.rows);
	return 0;
}

const struct store_engine store_memory = {
    .name = "memory",
    .open = open_memory,
    .close = close_memory,
    .begin = begin_memory,
    .commit = commit_memory,
    .rollback = rollback_memory,
    .put = put_memory,
    .remove = remove_memory,
    .change = change_memory,
    .each = each_memory,
    .count = count_memory,
};
