/* exception.c - `hinomi exception`: what is known and wanted. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/quantity.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "cmd/station/record_json.h"

static const char usage[] =
    "usage: hinomi exception add RANGE --reason TEXT (--until TIME | --for DURATION)\n"
    "                        [--member NAME] [--rule RULE] [--port PORT] [--by WHO]\n"
    "       hinomi exception list\n"
    "       hinomi exception remove ID\n"
    "\n"
    "What machines of RANGE do is known and wanted, such as the scanner of an audit: it is\n"
    "not reported while the exception lasts, and what is open of it is closed at once.\n"
    "\n"
    "  --reason TEXT    why it is wanted, for whoever asks later\n"
    "  --until TIME     2026-12-31, or 2026-12-31T18:00; --for 30d, 12h\n"
    "  --member NAME    only as far as it is this member's\n"
    "  --rule RULE      only what this rule finds, such as scan.dark (hinomi-read(1))\n"
    "  --port PORT      only where nothing but this port is searched for\n"
    "  --by WHO         who says so (SUDO_USER, else USER)\n"
    "  --station DIR    the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT  text or json\n"
    "  --lang ja|en     language of what is said (that of the locale)\n";

enum {
	PORT_MAX = 65535,
	NUMBER_BYTES = 24,
};

/* ---- Changes ---- */

static void tell_added(const struct manage *manage, const struct json_node *record)
{
	char until[MANAGE_MINUTE_BYTES] = "";
	int64_t until_us = 0;
	if (when_parse(manage_text_of(record, "until"), &until_us) == 0)
		manage_minute(until_us, until);
	const struct value values[] = {{.number = manage_number_of(record, "id")},
	    value_of_text(manage_text_of(record, "subject")),
	    value_of_text(until[0] != '\0' ? until : manage_word(manage->language, TERM_FOR_EVER))};
	manage_say(manage, SAY_EXCEPTION_ADDED, values, 3);
}

static int take_port(const struct manage *manage, int64_t *ret_port)
{
	const char *text = manage_value(manage, "port");
	char *end = NULL;
	*ret_port = -1;
	if (text == NULL)
		return 0;
	long number = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || number > PORT_MAX)
		return cmd_fail("--port %s: expected a number from 0 to %d", text, PORT_MAX);
	*ret_port = number;
	return 0;
}

/* When it ends. */
static int take_end(const struct manage *manage, int64_t *ret_us)
{
	const char *until = manage_value(manage, "until");
	const char *lasting = manage_value(manage, "for");
	int64_t for_us;
	if ((until == NULL) == (lasting == NULL))
		return cmd_fail("exception add: expected --until TIME or --for DURATION");
	if (until != NULL && when_parse(until, ret_us) != 0)
		return cmd_fail("--until %s: expected a time such as 2026-12-31T18:00", until);
	if (until != NULL)
		return 0;
	if (duration_parse(lasting, &for_us) != 0 || for_us == 0)
		return cmd_fail("--for %s: expected a duration such as 30d or 12h", lasting);
	*ret_us = (int64_t)time(NULL) * WHEN_SECOND_US + for_us;
	return 0;
}

static int run_add(struct manage *manage)
{
	struct manage_request request;
	char until[WHEN_TEXT_BYTES];
	int64_t port = -1;
	int64_t until_us = 0;
	if (!manage_has(manage, "reason"))
		return cmd_fail("exception add: expected --reason TEXT");
	int status = take_end(manage, &until_us);
	if (status == 0)
		status = take_port(manage, &port);
	if (status == 0)
		status = manage_begin(&request, "exception.add");
	if (status != 0)
		return status;
	when_format_utc(until_us, until);
	json_string(&request.json, "subject", manage->words[0]);
	if (manage_has(manage, "member"))
		json_string(&request.json, "member", manage_value(manage, "member"));
	if (manage_has(manage, "rule"))
		json_string(&request.json, "rule", manage_value(manage, "rule"));
	if (port >= 0)
		json_signed(&request.json, "port", port);
	json_string(&request.json, "reason", manage_value(manage, "reason"));
	json_string(&request.json, "until", until);
	return manage_send(manage, &request, tell_added);
}

static int run_remove(struct manage *manage)
{
	struct manage_request request;
	int64_t id = 0;
	int status = manage_id(manage, 0, &id);
	if (status == 0)
		status = manage_begin(&request, "exception.remove");
	if (status != 0)
		return status;
	json_signed(&request.json, "exception", id);
	status = manage_send(manage, &request, NULL);
	const struct value number = {.number = id};
	if (status == 0 && manage->format == MANAGE_TEXT)
		manage_say(manage, SAY_EXCEPTION_REMOVED, &number, 1);
	return status;
}

/* ---- The list ---- */

static int visit_exception(void *context, const void *record)
{
	struct manage *manage = context;
	const struct store_exception *exception = record;
	const enum language language = manage->language;
	char member[MANAGE_NAME_BYTES];
	char number[NUMBER_BYTES];
	char port[NUMBER_BYTES] = "";
	char until[MANAGE_MINUTE_BYTES];
	if (manage_member_name(manage, exception->member_id, member) != 0)
		return -ECANCELED;
	if (manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		record_write_exception(&json, exception, exception->member_id == 0 ? NULL : member);
		fputc('\n', stdout);
		return 0;
	}
	(void)snprintf(number, sizeof number, "%" PRId64, exception->id);
	if (exception->port >= 0)
		(void)snprintf(port, sizeof port, "%" PRId64, exception->port);
	manage_minute(exception->until_us, until);
	const char *any = manage_word(language, TERM_ANY);
	const char *const cells[] = {number, exception->member_id == 0 ? any : member,
	    exception->subject, exception->rule[0] != '\0' ? exception->rule : any,
	    port[0] != '\0' ? port : any,
	    until[0] != '\0' ? until : manage_word(language, TERM_FOR_EVER), exception->by,
	    exception->reason};
	return columns_add(manage->context, cells);
}

static int run_list(struct manage *manage)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_ID), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_MEMBER), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_MACHINE), false, COLUMN_LATE},
	    {manage_word(language, HEAD_RULE), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_PORT), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_UNTIL), false, COLUMN_LATE},
	    {manage_word(language, HEAD_BY), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_REASON), false, COLUMN_FIRST},
	};
	const struct store_query all = {.kind = STORE_EXCEPTION};
	int status = manage_open_store(manage);
	if (status != 0)
		return status;
	struct columns *table = columns_new(heads, sizeof heads / sizeof heads[0]);
	if (table == NULL)
		return cmd_fail("out of memory");
	manage->context = table;
	status = manage_each(manage, &all, visit_exception, manage);
	if (status == 0)
		manage_print_table(manage, table);
	columns_free(table);
	return status;
}

static const char *const add_options[] = {
    "reason=", "until=", "for=", "member=", "rule=", "port=", "by=", NULL};
static const char *const no_options[] = {NULL};

static const struct manage_verb verbs[] = {
    {"add", add_options, 1, 1, "a range or an address", run_add, false},
    {"list", no_options, 0, 0, "nothing more", run_list, false},
    {"remove", no_options, 1, 1, "the number of an exception", run_remove, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_exception(int argc, char **argv)
{
	static const struct manage_command command = {"exception", usage, verbs};
	return manage_run(&command, argc, argv);
}
