/*
 * Between the fields of records and the values that databases hold.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/columns.h"

static_assert(sizeof(enum contact_kind) == sizeof(unsigned), "enumerations are read as such");

static unsigned get_unsigned(const void *field)
{
	unsigned number;
	memcpy(&number, field, sizeof number);
	return number;
}

static int64_t get_number(const void *field)
{
	int64_t number;
	memcpy(&number, field, sizeof number);
	return number;
}

static const char *get_text(const void *field)
{
	const char *text;
	memcpy(&text, field, sizeof text);
	return text;
}

static size_t count_names(const char *const *names)
{
	size_t count = 0;
	while (names[count] != NULL)
		count++;
	return count;
}

static struct value number_value(int64_t number)
{
	return (struct value){.type = VALUE_NUMBER, .number = number};
}

static struct value text_value(const char *text)
{
	if (text == NULL)
		return (struct value){.type = VALUE_NULL};
	return (struct value){.type = VALUE_TEXT, .bytes = text, .length = strlen(text)};
}

static struct value bytes_value(const void *bytes, size_t length)
{
	/* Databases take NULL for no value, even with the length 0. */
	return (struct value){
	    .type = VALUE_BYTES, .bytes = length == 0 ? "" : bytes, .length = length};
}

static struct value get_any(const struct column *column, const void *field)
{
	struct store_bytes bytes;
	switch (column->type) {
	case COLUMN_NUMBER:
	case COLUMN_BITS:
		return number_value(get_number(field));
	case COLUMN_BOOL:
		return number_value(*(const bool *)field ? 1 : 0);
	case COLUMN_NAME:
		return text_value(column->names[get_unsigned(field)]);
	case COLUMN_TEXT:
		return text_value(get_text(field));
	case COLUMN_BLOB:
		memcpy(&bytes, field, sizeof bytes);
		return bytes_value(bytes.data, bytes.length);
	case COLUMN_ADDRESS:
		return bytes_value(field, ADDRESS_BYTES);
	}
	return (struct value){.type = VALUE_NULL};
}

struct value column_get(const struct column *column, const void *record)
{
	struct value value = get_any(column, (const char *)record + column->offset);
	bool says_none =
	    value.type == VALUE_NUMBER ? value.number == 0 : value.length == 0; /* VALUE_NULL too */
	if ((column->flags & COLUMN_OPTIONAL) != 0 && says_none)
		return (struct value){.type = VALUE_NULL};
	return value;
}

static bool set_number(const struct column *column, void *field, const struct value *value)
{
	if (value->type != VALUE_NUMBER)
		return false;
	if (column->type == COLUMN_BOOL)
		*(bool *)field = value->number != 0;
	else
		memcpy(field, &value->number, sizeof value->number);
	return true;
}

static bool set_name(const struct column *column, void *field, const struct value *value)
{
	if (value->type != VALUE_TEXT)
		return false;
	for (unsigned i = 0; column->names[i] != NULL; i++) {
		if (strlen(column->names[i]) != value->length ||
		    memcmp(column->names[i], value->bytes, value->length) != 0)
			continue;
		memcpy(field, &i, sizeof i);
		return true;
	}
	return false;
}

static bool set_text(void *field, const struct value *value)
{
	const char *text = value->bytes;
	if (value->type != VALUE_TEXT || memchr(text, '\0', value->length) != NULL)
		return false;
	memcpy(field, &text, sizeof text);
	return true;
}

static bool set_bytes(const struct column *column, void *field, const struct value *value)
{
	struct store_bytes bytes = {.data = value->bytes, .length = value->length};
	if (value->type != VALUE_BYTES)
		return false;
	if (column->type == COLUMN_BLOB) {
		memcpy(field, &bytes, sizeof bytes);
		return true;
	}
	if (value->length != ADDRESS_BYTES)
		return false;
	memcpy(field, value->bytes, ADDRESS_BYTES);
	return true;
}

/* What an optional field says for "none"; false where it must say something. */
static bool set_none(const struct column *column, void *field)
{
	static const struct store_bytes no_bytes;
	static const char *const no_text = "";
	static const int64_t zero = 0;
	if ((column->flags & COLUMN_OPTIONAL) == 0)
		return false;
	if (column->type == COLUMN_TEXT)
		memcpy(field, &no_text, sizeof no_text);
	else if (column->type == COLUMN_BLOB)
		memcpy(field, &no_bytes, sizeof no_bytes);
	else
		memcpy(field, &zero, sizeof zero);
	return true;
}

bool column_set(const struct column *column, void *record, const struct value *value)
{
	void *field = (char *)record + column->offset;
	if (value->type == VALUE_NULL)
		return set_none(column, field);
	switch (column->type) {
	case COLUMN_NUMBER:
	case COLUMN_BITS:
	case COLUMN_BOOL:
		return set_number(column, field, value);
	case COLUMN_NAME:
		return set_name(column, field, value);
	case COLUMN_TEXT:
		return set_text(field, value);
	case COLUMN_BLOB:
	case COLUMN_ADDRESS:
		return set_bytes(column, field, value);
	}
	return false;
}

int value_compare(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_NULL || b->type == VALUE_NULL)
		return (b->type == VALUE_NULL) - (a->type == VALUE_NULL);
	if (a->type == VALUE_NUMBER)
		return (a->number > b->number) - (a->number < b->number);
	size_t shorter = a->length < b->length ? a->length : b->length;
	int order = shorter == 0 ? 0 : memcmp(a->bytes, b->bytes, shorter);
	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

struct value value_merge(enum column_merge merge, const struct value *old, const struct value *new)
{
	switch (merge) {
	case MERGE_REPLACE:
		break;
	case MERGE_SUM:
		return number_value(
		    old->number > INT64_MAX - new->number ? INT64_MAX : old->number + new->number);
	case MERGE_MIN:
		return value_compare(old, new) < 0 ? *old : *new;
	case MERGE_MAX:
		return value_compare(old, new) > 0 ? *old : *new;
	}
	return *new;
}

static bool is_utf8(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t step = utf8_step(text + at, length - at);
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

const char *value_check(const struct column *column, const struct value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		return (column->flags & COLUMN_OPTIONAL) != 0 ? NULL : "is missing";
	case VALUE_NUMBER:
		if ((column->flags & COLUMN_UNSIGNED) != 0 && value->number < 0)
			return "is negative, expected 0 or more";
		if ((column->flags & (COLUMN_ID | COLUMN_REFERS)) != 0 &&
		    (value->number < 0 || value->number > STORE_ID_MAX))
			return "is no id, expected 0 to 2^53";
		return NULL;
	case VALUE_TEXT:
		if (value->length > STORE_TEXT_MAX_BYTES)
			return "is too long, expected at most 1 MiB";
		return is_utf8(value->bytes, value->length) ? NULL : "is not UTF-8";
	case VALUE_BYTES:
		return value->length > STORE_BLOB_MAX_BYTES ? "is too long, expected at most 16 MiB"
							    : NULL;
	}
	return NULL;
}

const char *record_check(
    const struct record_kind *kind, const void *record, const struct column **ret_column)
{
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct column *column = &kind->columns[i];
		const void *field = (const char *)record + column->offset;
		const char *wrong = NULL;
		if (column->type == COLUMN_NAME &&
		    get_unsigned(field) >= count_names(column->names)) {
			wrong = "is none of its names";
		} else {
			struct value value = column_get(column, record);
			wrong = value_check(column, &value);
		}
		if (wrong != NULL) {
			*ret_column = column;
			return wrong;
		}
	}
	return NULL;
}

void *store_record_copy(enum store_kind number, const void *record)
{
	const struct record_kind *kind = record_kind(number);
	size_t bytes = kind->record_bytes;
	for (size_t i = 0; i < kind->column_count; i++)
		bytes += column_get(&kind->columns[i], record).length + 1;
	char *copy = malloc(bytes);
	if (copy == NULL)
		return NULL;
	memcpy(copy, record, kind->record_bytes);
	char *end = copy + kind->record_bytes;
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct column *column = &kind->columns[i];
		struct value value = column_get(column, record);
		bool borrows = column->type == COLUMN_TEXT || column->type == COLUMN_BLOB;
		if (!borrows || value.type == VALUE_NULL)
			continue;
		memcpy(end, value.bytes, value.length);
		end[value.length] = '\0';
		value.bytes = end;
		(void)column_set(column, copy, &value); /* it came from such a record */
		end += value.length + 1;
	}
	return copy;
}
