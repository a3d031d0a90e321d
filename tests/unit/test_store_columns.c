/*
 * The columns of each kind of record, and the values between fields and databases.
 */
#include "store/columns.h"

#include "store_help.h"

static size_t field_bytes(enum column_type type)
{
	static const size_t bytes[] = {
	    [COLUMN_NUMBER] = sizeof(int64_t),
	    [COLUMN_BITS] = sizeof(uint64_t),
	    [COLUMN_BOOL] = sizeof(bool),
	    [COLUMN_NAME] = sizeof(enum contact_kind),
	    [COLUMN_TEXT] = sizeof(const char *),
	    [COLUMN_BLOB] = sizeof(struct store_bytes),
	    [COLUMN_ADDRESS] = sizeof(struct address),
	};
	return bytes[type];
}

/* The columns follow one another as the fields do, and leave out none: gaps are only padding. */
static bool covers(const struct record_kind *kind)
{
	size_t end = 0;
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct column *column = &kind->columns[i];
		if (column->offset < end || column->offset - end >= sizeof(int64_t))
			return false;
		end = column->offset + field_bytes(column->type);
	}
	return kind->record_bytes >= end && kind->record_bytes - end < sizeof(int64_t);
}

static bool has_key(const struct record_kind *kind)
{
	size_t keys = 0;
	size_t ids = 0;
	for (size_t i = 0; i < kind->column_count; i++) {
		keys += (kind->columns[i].flags & COLUMN_KEY) != 0;
		ids += (kind->columns[i].flags & COLUMN_ID) != 0;
	}
	return ids == 1 ? record_has_id(kind) && keys == 0 : keys > 0;
}

/* What sums is never negative; what is merged is never NULL; names have names; references lead to
   kinds with ids that stand before their own, so that they never lead in a circle (memory.c). */
static bool is_sound(const struct column *column, enum store_kind own)
{
	const unsigned flags = column->flags;
	if (column->merge == MERGE_SUM && (flags & COLUMN_UNSIGNED) == 0)
		return false;
	if (column->merge != MERGE_REPLACE && (flags & COLUMN_OPTIONAL) != 0)
		return false;
	if ((column->type == COLUMN_NAME) != (column->names != NULL))
		return false;
	if ((flags & COLUMN_REFERS) == 0)
		return true;
	return column->refers < own && record_has_id(record_kind(column->refers)) &&
	       (flags & COLUMN_INDEXED) != 0;
}

static void test_kinds(void)
{
	for (unsigned i = 0; i < STORE_KIND_COUNT; i++) {
		const struct record_kind *kind = record_kind((enum store_kind)i);
		bool sound = kind->column_count <= STORE_COLUMNS_MAX &&
			     kind->record_bytes <= sizeof(union store_any);
		for (size_t j = 0; j < kind->column_count; j++)
			sound = sound && is_sound(&kind->columns[j], (enum store_kind)i);
		OK(sound && covers(kind) && has_key(kind), kind->name);
	}
}

static const struct column *column_of(enum store_kind kind, const char *name)
{
	return record_column(record_kind(kind), name);
}

static void test_values(void)
{
	struct store_notice notice = sample_notice(0, "<1@x>");
	const struct column *state = column_of(STORE_NOTICE, "state");
	const struct column *reply = column_of(STORE_NOTICE, "reply");
	const struct column *body = column_of(STORE_NOTICE, "body");
	struct value value = column_get(state, &notice);
	OK(value.type == VALUE_TEXT && value.length == 7 && memcmp(value.bytes, "waiting", 7) == 0,
	    "an enumeration is a name");
	OK(column_get(reply, &notice).type == VALUE_NULL, "optional text that is missing is NULL");
	notice.reply = "";
	OK(column_get(reply, &notice).type == VALUE_NULL, "and so is empty text");
	notice.body = (struct store_bytes){NULL, 0};
	value = column_get(body, &notice);
	OK(value.type == VALUE_BYTES && value.bytes != NULL && value.length == 0,
	    "no bytes are bytes where they must be there");

	const struct value pigeon = {.type = VALUE_TEXT, .bytes = "pigeon", .length = 6};
	const struct value part = {.type = VALUE_TEXT, .bytes = "waitin", .length = 6};
	const struct value nul = {.type = VALUE_TEXT, .bytes = "a\0b", .length = 3};
	const struct value number = {.type = VALUE_NUMBER, .number = 1};
	const struct value none = {.type = VALUE_NULL};
	OK(!column_set(state, &notice, &pigeon) && !column_set(state, &notice, &part) &&
		!column_set(state, &notice, &number) && !column_set(state, &notice, &none) &&
		notice.state == NOTICE_WAITING,
	    "what is no name is refused");
	OK(!column_set(reply, &notice, &nul) && !column_set(reply, &notice, &number) &&
		!column_set(body, &notice, &nul) && !column_set(body, &notice, &none),
	    "so is text with an end inside, and what is of another type");
	OK(column_set(reply, &notice, &none) && strcmp(notice.reply, "") == 0,
	    "NULL is empty text");
	struct store_heard heard = {0};
	const struct value half = {.type = VALUE_BYTES, .bytes = "12345678", .length = 8};
	OK(!column_set(column_of(STORE_HEARD, "address"), &heard, &half), "half an address");
}

static void test_order(void)
{
	const struct value rows[] = {
	    {.type = VALUE_NULL},
	    {.type = VALUE_TEXT, .bytes = "", .length = 0},
	    {.type = VALUE_TEXT, .bytes = "a", .length = 1},
	    {.type = VALUE_TEXT, .bytes = "a\x01", .length = 2},
	    {.type = VALUE_TEXT, .bytes = "b", .length = 1},
	    {.type = VALUE_TEXT, .bytes = "\xe7", .length = 1},
	};
	bool good = true;
	for (int i = 0; i < 6; i++) {
		for (int j = 0; j < 6; j++) {
			int order = value_compare(&rows[i], &rows[j]);
			good = good && (order > 0) == (i > j) && (order < 0) == (i < j);
		}
	}
	OK(good, "values have one order");
}

static void test_copy(void)
{
	char reply[] = "250 ok";
	char body[] = "bytes";
	struct store_notice notice = sample_notice(3, "<1@x>");
	notice.reply = reply;
	notice.body = (struct store_bytes){body, sizeof body};
	struct store_notice *copy = store_record_copy(STORE_NOTICE, &notice);
	memset(reply, 'x', sizeof reply - 1);
	memset(body, 'x', sizeof body);
	OK(copy != NULL && strcmp(copy->reply, "250 ok") == 0 && copy->incident_id == 3 &&
		copy->body.length == sizeof body && memcmp(copy->body.data, "bytes", 6) == 0 &&
		copy->state == NOTICE_WAITING && strcmp(copy->message_id, "<1@x>") == 0,
	    "a copy lives on its own");
	free(copy);
	struct store_notice empty = sample_notice(0, "");
	empty.body.length = 0;
	empty.reply = NULL;
	copy = store_record_copy(STORE_NOTICE, &empty);
	OK(copy != NULL && copy->body.length == 0 && strcmp(copy->message_id, "") == 0,
	    "also of what says nothing");
	free(copy);
}

int main(void)
{
	test_kinds();
	test_values();
	test_order();
	test_copy();
	return test_done();
}
