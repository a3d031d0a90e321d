/*
 * From questions as callers put them to columns and values that engines work with.
 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "store/engine.h"

static const struct column *find_column(
    const struct record_kind *kind, const char *name, struct complaint *complaint)
{
	const struct column *column = record_column(kind, name);
	if (column != NULL)
		return column;
	const char *names[STORE_COLUMNS_MAX];
	for (size_t i = 0; i < kind->column_count; i++)
		names[i] = kind->columns[i].name;
	(void)complain(complaint, -EINVAL, "%s has no column %s, the nearest is %s", kind->name,
	    name, nearest_name(name, names, kind->column_count)); /* returns what it was given */
	return NULL;
}

static struct value number_or_name(const struct column *column, int64_t number)
{
	struct value value = {.type = VALUE_NUMBER, .number = number};
	if (column->type != COLUMN_NAME)
		return value;
	/* An enumeration's value that has no name is no value of any record. */
	static const char nothing[] = "";
	const char *name = nothing;
	for (int64_t i = 0; column->names[i] != NULL; i++) {
		if (i == number)
			name = column->names[i];
	}
	return (struct value){.type = VALUE_TEXT, .bytes = name, .length = strlen(name)};
}

static struct value text_value(const char *text)
{
	return (struct value){.type = VALUE_TEXT, .bytes = text, .length = strlen(text)};
}

struct value bound_value(const struct bound_condition *condition, size_t i)
{
	const struct store_condition *source = condition->source;
	struct value value;
	if (condition->column->type == COLUMN_TEXT)
		value = text_value(condition->test == STORE_IN ? source->texts[i] : source->text);
	else if (condition->column->type == COLUMN_ADDRESS)
		value = (struct value){
		    .type = VALUE_BYTES, .bytes = source->address->bytes, .length = ADDRESS_BYTES};
	else
		value = number_or_name(condition->column,
		    condition->test == STORE_IN ? source->numbers[i] : source->number);
	bool says_none = value.type == VALUE_NUMBER ? value.number == 0 : value.length == 0;
	if (says_none && (condition->test == STORE_IS || condition->test == STORE_NOT) &&
	    (condition->column->flags & COLUMN_OPTIONAL) != 0)
		value.type = VALUE_NULL;
	return value;
}

/* What is wrong with a condition for its column; NULL: nothing. */
static const char *check_condition(
    const struct column *column, const struct store_condition *condition)
{
	if (condition->test == STORE_IN && condition->count > STORE_LIST_MAX)
		return "is asked for in a list of more than 64";
	bool is_list = condition->test == STORE_IN;
	switch (column->type) {
	case COLUMN_TEXT:
		if (is_list ? condition->texts == NULL && condition->count > 0
			    : condition->text == NULL)
			return "is compared with no text";
		return NULL;
	case COLUMN_ADDRESS:
		return is_list || condition->address == NULL ? "is compared with no address" : NULL;
	case COLUMN_BLOB:
		return "holds bytes, which cannot be asked for";
	case COLUMN_NUMBER:
	case COLUMN_BITS:
	case COLUMN_BOOL:
	case COLUMN_NAME:
		break;
	}
	return is_list && condition->numbers == NULL && condition->count > 0
		   ? "is compared with no numbers"
		   : NULL;
}

/* Whether a place in its order is an id and at most a number. */
static bool can_go_on(const struct bound_query *bound)
{
	const struct column *order = bound->order;
	return record_has_id(bound->kind) &&
	       (order == NULL ||
		   (order->type == COLUMN_NUMBER && (order->flags & COLUMN_OPTIONAL) == 0));
}

int bind_query(
    const struct store_query *query, struct bound_query *ret_bound, struct complaint *complaint)
{
	if ((unsigned)query->kind >= STORE_KIND_COUNT)
		return complain(
		    complaint, -EINVAL, "no kind of record has the number %d", (int)query->kind);
	const struct record_kind *kind = record_kind(query->kind);
	*ret_bound = (struct bound_query){.kind = kind,
	    .kind_number = query->kind,
	    .descending = query->descending,
	    .limit = query->limit > 0 ? query->limit : -1};
	if (query->limit < 0)
		return complain(complaint, -EINVAL, "%s: a limit is 0 (none) or more", kind->name);
	for (size_t i = 0; i < STORE_CONDITIONS_MAX && query->conditions[i].column != NULL; i++) {
		const struct store_condition *source = &query->conditions[i];
		const struct column *column = find_column(kind, source->column, complaint);
		if (column == NULL)
			return -EINVAL;
		const char *wrong = check_condition(column, source);
		if (wrong != NULL)
			return complain(
			    complaint, -EINVAL, "%s.%s %s", kind->name, column->name, wrong);
		ret_bound->conditions[i] = (struct bound_condition){.column = column,
		    .test = source->test,
		    .count = source->test == STORE_IN ? source->count : 1,
		    .source = source};
		ret_bound->condition_count = i + 1;
	}
	if (query->order != NULL)
		ret_bound->order = find_column(kind, query->order, complaint);
	if (query->order != NULL && ret_bound->order == NULL)
		return -EINVAL;
	ret_bound->after = query->after;
	return query->after.id == 0 || can_go_on(ret_bound)
		   ? 0
		   : complain(complaint, -EINVAL,
			 "%s: a walk goes on where there are ids, in their order or that of "
			 "a number that is always there",
			 kind->name);
}

static struct value change_value(const struct column *column, const struct store_change *change)
{
	struct value value = {.type = VALUE_NULL};
	if (column->type == COLUMN_TEXT && change->text != NULL)
		value = text_value(change->text);
	else if (column->type == COLUMN_BLOB)
		value = (struct value){.type = VALUE_BYTES,
		    .bytes = change->bytes.length == 0 ? "" : change->bytes.data,
		    .length = change->bytes.length};
	else if (column->type != COLUMN_TEXT)
		value = number_or_name(column, change->number);
	bool says_none = value.type == VALUE_NUMBER ? value.number == 0 : value.length == 0;
	if (says_none && (column->flags & COLUMN_OPTIONAL) != 0)
		value.type = VALUE_NULL;
	return value;
}

int bind_changes(const struct record_kind *kind, const struct store_change *changes,
    struct bound_changes *ret_bound, struct complaint *complaint)
{
	ret_bound->count = 0;
	for (size_t i = 0; changes[i].column != NULL; i++) {
		const struct column *column = find_column(kind, changes[i].column, complaint);
		if (column == NULL)
			return -EINVAL;
		if (i + 1 == STORE_CHANGES_MAX) /* nothing is looked at after it */
			return complain(complaint, -EINVAL, "%s: a change of %d columns or more",
			    kind->name, STORE_CHANGES_MAX);
		struct value value = change_value(column, &changes[i]);
		const char *wrong = value_check(column, &value);
		if (column_is_key(column) || column->type == COLUMN_ADDRESS)
			wrong = "is what the record is known by, and is not changed";
		else if (column->type == COLUMN_NAME && value.length == 0)
			wrong = "is none of its names";
		if (wrong != NULL)
			return complain(
			    complaint, -EINVAL, "%s.%s %s", kind->name, column->name, wrong);
		ret_bound->columns[i] = column;
		ret_bound->values[i] = value;
		ret_bound->count = i + 1;
	}
	return ret_bound->count > 0
		   ? 0
		   : complain(complaint, -EINVAL, "%s: a change of no column", kind->name);
}
