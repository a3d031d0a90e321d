#include "cmd/member_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/csv.h"
#include "cmd/member_row.h"
#include "cmd/station/names.h"
#include "cmd/station/routing.h"
#include "cmd/station/roster.h"
#include "cmd/station/service.h"
#include "registry/registry.h"

enum {
	READ_BYTES = 65536,
	/* A request's other bytes are fewer than what is left to its limit. */
	BATCH_BYTES_MAX = SERVICE_REQUEST_BYTES_MAX - 4096,
	RANGE_BYTES = PREFIX_TEXT_BYTES + 3, /* in JSON */
};

/* ---- Writing ---- */

struct writing {
	struct manage *manage;
	FILE *out;
	enum manage_format format;
	/* Of the member that is being written. */
	bool dark;
	size_t count;
	struct json json;
};

static int visit_range(void *context, const void *record)
{
	struct writing *writing = context;
	const struct store_prefix *prefix = record;
	if (prefix->dark != writing->dark)
		return 0;
	if (writing->format == MANAGE_JSON)
		json_string(&writing->json, NULL, prefix->prefix);
	else
		fprintf(writing->out, "%s%s", writing->count++ > 0 ? " " : "", prefix->prefix);
	return 0;
}

static int write_ranges(struct writing *writing, int64_t member, bool dark)
{
	const struct store_query ranges = {
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member}},
	};
	writing->dark = dark;
	writing->count = 0;
	return manage_each(writing->manage, &ranges, visit_range, writing);
}

static int write_json(struct writing *writing, const struct store_member *member)
{
	struct json *json = &writing->json;
	int status = 0;
	json_init(json, writing->out);
	json_open_object(json, NULL);
	json_string(json, "type", "member");
	json_string(json, "name", member->name);
	json_string(json, "language", member->language);
	json_string(json, "zone", member->zone);
	for (int dark = 0; dark <= 1 && status == 0; dark++) {
		json_open_array(json, dark == 1 ? "dark" : "prefixes");
		status = write_ranges(writing, member->id, dark == 1);
		json_close_array(json);
	}
	json_string(json, "note", member->note);
	json_string(json, "country", member->country);
	json_string(json, "hours", member->hours);
	json_string(json, "egress", member->egress);
	json_close_object(json);
	fputc('\n', writing->out);
	return status;
}

/* Ranges and languages hold neither commas nor quotes. */
static int write_csv(struct writing *writing, const struct store_member *member)
{
	csv_put(writing->out, member->name);
	fprintf(writing->out, ",%s,%s,", member->language, member->zone);
	int status = write_ranges(writing, member->id, false);
	fputc(',', writing->out);
	if (status == 0)
		status = write_ranges(writing, member->id, true);
	fputc(',', writing->out);
	csv_put(writing->out, member->note);
	fprintf(writing->out, ",%s,", member->country);
	csv_put(writing->out, member->hours);
	fputc(',', writing->out);
	csv_put(writing->out, member->egress);
	fputs("\r\n", writing->out);
	return status;
}

static int visit_written(void *context, const void *record)
{
	struct writing *writing = context;
	int status = writing->format == MANAGE_JSON ? write_json(writing, record)
						    : write_csv(writing, record);
	return status == 0 ? 0 : -ECANCELED; /* and it was said why */
}

int member_file_write(struct manage *manage, FILE *out, enum manage_format format)
{
	struct writing writing = {.manage = manage, .out = out, .format = format};
	const struct store_query all = {.kind = STORE_MEMBER, .order = "name"};
	if (format == MANAGE_CSV)
		fputs("name,language,zone,prefixes,dark,note,country,hours,egress\r\n", out);
	return manage_each(manage, &all, visit_written, &writing);
}

/* ---- Reading: whether all of it can be ---- */

static int read_all(int fd, const char *name, struct member_rows *rows)
{
	size_t room = READ_BYTES;
	rows->text = malloc(room + 1);
	for (;;) {
		if (rows->text == NULL)
			return cmd_fail("%s: out of memory", name);
		ssize_t got = read(fd, rows->text + rows->length, room - rows->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cmd_fail(
			    "%s: %s; expected a list of members", name, strerror(errno));
		rows->length += (size_t)got;
		rows->text[rows->length] = '\0';
		if (got == 0)
			return 0;
		if (rows->length > MEMBER_FILE_BYTES_MAX)
			return cmd_fail("%s: more than %d MiB, expected a list of members", name,
			    MEMBER_FILE_BYTES_MAX >> 20);
		if (rows->length == room) {
			char *grown = realloc(rows->text, 2 * room + 1);
			if (grown == NULL)
				return cmd_fail("%s: out of memory", name);
			rows->text = grown;
			room *= 2;
		}
	}
}

static int read_file(const char *path, const char *name, struct member_rows *rows)
{
	struct complaint complaint;
	const bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cmd_fail("%s: %s; expected a list of members", name, strerror(errno));
	int status = read_all(fd, name, rows);
	if (!is_input)
		(void)close(fd); /* only read from */
	if (status != 0)
		return status;
	if (memchr(rows->text, '\0', rows->length) != NULL)
		return cmd_fail("%s: is no text, expected a list of members", name);
	if (member_rows_parse(rows, &complaint) != 0)
		return cmd_fail("%s:%zu: %s", name, rows->line, complaint.text);
	return rows->count > 0 ? 0 : cmd_fail("%s: no members in it", name);
}

static const struct member_row *find_row(const struct member_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->rows[i].name, name) == 0)
			return &rows->rows[i];
	return NULL;
}

/* What the registry will hold: members that the file does not name keep their ranges. */
struct checking {
	struct manage *manage;
	const struct member_rows *rows;
	struct registry *registry;
	const char *name; /* of the member whose ranges are added */
};

static int visit_kept_range(void *context, const void *record)
{
	const struct checking *checking = context;
	struct complaint complaint;
	return registry_add_member(checking->registry, checking->name,
		   ((const struct store_prefix *)record)->prefix, &complaint) == 0
		   ? 0
		   : (cmd_fail("%s", complaint.text), -ECANCELED);
}

static int visit_kept(void *context, const void *record)
{
	struct checking *checking = context;
	const struct store_member *member = record;
	const struct store_query ranges = {
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member->id}},
	};
	if (find_row(checking->rows, member->name) != NULL)
		return 0;
	checking->name = member->name;
	return manage_each(checking->manage, &ranges, visit_kept_range, checking) == 0 ? 0
										       : -ECANCELED;
}

static int check_ranges(struct registry *registry, const struct member_row *row,
    const char *const *ranges, size_t count, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++)
		result = registry_add_member(registry, row->name, ranges[i], complaint);
	return result;
}

static int check_more(const struct member_row *row, struct complaint *complaint)
{
	struct complaint why;
	struct hours hours;
	if (row->country != NULL && row->country[0] != '\0' &&
	    routing_check_country(row->country, complaint) != 0)
		return -EINVAL;
	if (row->hours == NULL || hours_parse(row->hours, &hours, &why) == 0)
		return 0;
	return complain(complaint, -EINVAL, "hours %s: %s", row->hours, why.text);
}

static int check_row(
    const struct checking *checking, const struct member_row *row, struct complaint *complaint)
{
	const struct member_row *first = find_row(checking->rows, row->name);
	if (first != row)
		return complain(complaint, -EINVAL, "member %s is there twice, first in line %zu",
		    row->name, first->line);
	if (row->language != NULL && language_find(row->language) < 0)
		return complain(
		    complaint, -EINVAL, "language %s: expected ja or en", row->language);
	if (row->zone != NULL && !station_zone_is_known(row->zone))
		return complain(complaint, -EINVAL,
		    "zone %s: there is none of this name, expected "
		    "one such as Asia/Tokyo",
		    row->zone);
	int result = check_more(row, complaint);
	if (result == 0)
		result = check_ranges(
		    checking->registry, row, row->prefixes, row->prefix_count, complaint);
	return result != 0
		   ? result
		   : check_ranges(checking->registry, row, row->dark, row->dark_count, complaint);
}

static int check_rows(struct manage *manage, const char *name, const struct member_rows *rows)
{
	struct checking checking = {.manage = manage, .rows = rows};
	const struct store_query all = {.kind = STORE_MEMBER};
	struct complaint complaint;
	if (registry_new(&checking.registry) != 0)
		return cmd_fail("out of memory");
	int status = manage_each(manage, &all, visit_kept, &checking);
	for (size_t i = 0; i < rows->count && status == 0; i++)
		if (check_row(&checking, &rows->rows[i], &complaint) != 0)
			status = cmd_fail("%s:%zu: %s", name, rows->rows[i].line, complaint.text);
	registry_free(checking.registry);
	return status;
}

/* ---- Reading: sending it ---- */

/* What came of it so far. */
struct sending {
	struct manage *manage;
	struct manage_request request;
	bool is_open; /* the request has rows */
	size_t bytes; /* of them, at most */
	int64_t added;
	int64_t changed;
};

static void count_answer(const struct manage *manage, const struct json_node *record)
{
	struct sending *sending = manage->context;
	sending->added += manage_number_of(record, "added");
	sending->changed += manage_number_of(record, "changed");
}

/* Sends the rows of the request that is open. */
static int flush(struct sending *sending)
{
	const enum manage_format format = sending->manage->format;
	if (!sending->is_open)
		return 0;
	sending->is_open = false;
	sending->bytes = 0;
	json_close_array(&sending->request.json);
	sending->manage->context = sending;
	sending->manage->format = MANAGE_TEXT; /* the sum is told at the end */
	int status = manage_send(sending->manage, &sending->request, count_answer);
	sending->manage->format = format;
	if (status != 0 && sending->added + sending->changed > 0)
		(void)cmd_fail("%lld members of the file were taken before that",
		    (long long)(sending->added + sending->changed));
	return status;
}

static void put_list(struct json *json, const char *name, const char *const *ranges, size_t count)
{
	json_open_array(json, name);
	for (size_t i = 0; i < count; i++)
		json_string(json, NULL, ranges[i]);
	json_close_array(json);
}

/* Texts in JSON are at most six times as long. */
static size_t words_bytes(const struct member_row *row)
{
	const char *const words[] = {
	    row->name, row->language, row->zone, row->note, row->country, row->hours, row->egress};
	size_t bytes = 128;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		bytes += words[i] == NULL ? 0 : 6 * strlen(words[i]);
	return bytes;
}

static void put_more(struct json *json, const struct member_row *row)
{
	if (row->country != NULL && row->country[0] != '\0')
		json_string(json, "country", row->country);
	if (row->hours != NULL && row->hours[0] != '\0')
		json_string(json, "hours", row->hours);
	if (row->egress != NULL && row->egress[0] != '\0')
		json_string(json, "egress", row->egress);
}

static int put_row(
    struct sending *sending, const struct member_row *row, size_t prefixes, size_t dark)
{
	struct json *json = &sending->request.json;
	const size_t bytes = words_bytes(row) + (prefixes + dark) * RANGE_BYTES;
	int status = 0;
	if (sending->bytes + bytes > BATCH_BYTES_MAX)
		status = flush(sending);
	if (status == 0 && !sending->is_open) {
		status = manage_begin(&sending->request, "member.import");
		if (status != 0)
			return status;
		json_open_array(json, "members");
		sending->is_open = true;
	}
	if (status != 0)
		return status;
	sending->bytes += bytes;
	json_open_object(json, NULL);
	json_string(json, "name", row->name);
	if (row->language != NULL)
		json_string(json, "language", row->language);
	if (row->zone != NULL)
		json_string(json, "zone", row->zone);
	if (row->note != NULL)
		json_string(json, "note", row->note);
	put_more(json, row);
	put_list(json, "prefixes", row->prefixes, prefixes);
	put_list(json, "dark", row->dark, dark);
	json_close_object(json);
	return 0;
}

/* What of a member with very many ranges did not go into one request. */
static int put_rest(struct sending *sending, const struct member_row *row, const char *name,
    const char *const *ranges, size_t count)
{
	const size_t at_once = BATCH_BYTES_MAX / 2 / RANGE_BYTES;
	int status = count > 0 ? flush(sending) : 0;
	for (size_t done = 0; done < count && status == 0; done += at_once) {
		struct manage_request request;
		status = manage_begin(&request, "member.change");
		if (status != 0)
			return status;
		json_string(&request.json, "name", row->name);
		put_list(&request.json, name, ranges + done,
		    count - done < at_once ? count - done : at_once);
		const enum manage_format format = sending->manage->format;
		sending->manage->format = MANAGE_TEXT;
		status = manage_send(sending->manage, &request, NULL);
		sending->manage->format = format;
	}
	return status;
}

static int send_row(struct sending *sending, const struct member_row *row)
{
	const size_t most = BATCH_BYTES_MAX / 4 / RANGE_BYTES;
	const size_t prefixes = row->prefix_count < most ? row->prefix_count : most;
	const size_t dark = row->dark_count < most ? row->dark_count : most;
	int status = put_row(sending, row, prefixes, dark);
	if (status == 0)
		status = put_rest(
		    sending, row, "add", row->prefixes + prefixes, row->prefix_count - prefixes);
	if (status == 0)
		status = put_rest(sending, row, "dark", row->dark + dark, row->dark_count - dark);
	return status;
}

static void tell_sum(const struct manage *manage, const struct sending *sending)
{
	if (manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		json_open_object(&json, NULL);
		json_string(&json, "type", "imported");
		json_signed(&json, "added", sending->added);
		json_signed(&json, "changed", sending->changed);
		json_close_object(&json);
		fputc('\n', stdout);
		return;
	}
	const struct value values[] = {{.number = sending->added}, {.number = sending->changed}};
	manage_say(manage, SAY_IMPORTED, values, 2);
}

static int send_rows(struct manage *manage, const struct member_rows *rows)
{
	struct sending sending = {.manage = manage};
	int status = 0;
	for (size_t i = 0; i < rows->count && status == 0; i++)
		status = send_row(&sending, &rows->rows[i]);
	if (status == 0)
		status = flush(&sending);
	else if (sending.is_open)
		manage_drop(&sending.request);
	if (status == 0)
		tell_sum(manage, &sending);
	return status;
}

int member_file_read(struct manage *manage, const char *path)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	struct member_rows rows = {.text = NULL};
	int status = read_file(path, name, &rows); /* before root becomes somebody else */
	if (status == 0)
		status = manage_open_store(manage);
	if (status == 0)
		status = check_rows(manage, name, &rows);
	if (status == 0)
		status = send_rows(manage, &rows);
	member_rows_release(&rows);
	return status;
}
