/* notice.c - `hinomi notice`: what was sent to whom, and whether it arrived. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "cmd/notice_verbs.h"
#include "cmd/station/message_text.h"
#include "cmd/station/record_json.h"
#include "notify/letter_html.h"

static const char usage[] =
    "usage: hinomi notice list [--state STATE] [--contact ID] [--all]\n"
    "       hinomi notice show ID [--raw]\n"
    "       hinomi notice resend ID...\n"
    "       hinomi notice preview [--rule RULE] [--tool TOOL] [--port PROTOCOL/PORT]\n"
    "              [--spoof ESTIMATE] [--kind KIND] [--severity SEVERITY] [--member NAME]\n"
    "              [--drill]\n"
    "       hinomi notice wording\n"
    "\n"
    "Letters and web hooks, and what became of them. A list has the latest 50, and below\n"
    "how it stands with each contact: one where notices do not arrive is failing. Its exit\n"
    "status is 1 where there is such a contact, or a notice in the list failed or bounced,\n"
    "else 0.\n"
    "Below S stands S for a signed letter, E for an encrypted one.\n"
    "\n"
    "  --state STATE    waiting, sending, delivered, failed, bounced\n"
    "  --contact ID     those to this contact\n"
    "  --all            not only the latest\n"
    "  --raw            the message as it is sent, byte for byte\n"
    "  --station DIR    the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT  text or json; of one letter html, a page for paper and fax; of a\n"
    "                   preview mail as well\n"
    "  --lang ja|en     language of what is said (that of the locale)\n"
    "\n"
    "What is sent again are the same bytes, so that programs know it for the same letter.\n"
    "\n"
    "A preview is a letter about a made-up finding, with a station's words and names where\n"
    "--station is given, else without any station. RULE is scan.dark, scan.sweep,\n"
    "scan.live, ddos.victim, ddos.incoming, ddos.reflector, config.stray or spoof.member;\n"
    "TOOL mirai, zmap, masscan, nmap or unicornscan; ESTIMATE unlikely, possible or likely;\n"
    "KIND first, update, quiet, relapse, retraction, reminder or escalation; a port is\n"
    "given as tcp/445.\n"
    "\n"
    "`wording` prints all words of letters in one language, as a file for DIR/wording.\n";

enum {
	LATEST = 50,
	NUMBER_BYTES = 24,
};

/* ---- Lists ---- */

static int take_state(const struct manage *manage, struct store_condition *ret_condition)
{
	const char *name = manage_value(manage, "state");
	for (int state = NOTICE_WAITING; state <= NOTICE_BOUNCED; state++) {
		if (strcmp(record_notice_state((enum notice_state)state), name) != 0)
			continue;
		*ret_condition =
		    (struct store_condition){.column = "state", .test = STORE_IS, .number = state};
		return 0;
	}
	return cmd_fail("--state %s: expected one of waiting, sending, delivered, failed, "
			"bounced",
	    name);
}

static int take_contact(const struct manage *manage, struct store_condition *ret_condition)
{
	const char *text = manage_value(manage, "contact");
	char *end = NULL;
	long long number = strtoll(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || number < 1)
		return cmd_fail("--contact %s: expected the number of one that `hinomi contact "
				"list` shows",
		    text);
	*ret_condition =
	    (struct store_condition){.column = "contact_id", .test = STORE_IS, .number = number};
	return 0;
}

/* How it stands with one contact. */
struct standing {
	struct manage *manage;
	struct columns *table;
	size_t failing;
};

static int count_notices(const struct manage *manage, int64_t contact, enum notice_state state,
    char out[static NUMBER_BYTES])
{
	/* what came back failed as well, only later */
	const int64_t states[] = {
	    state, state == NOTICE_FAILED ? (int64_t)NOTICE_BOUNCED : (int64_t)state};
	int64_t count = 0;
	const struct store_query which = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .test = STORE_IS, .number = contact},
		{.column = "state", .test = STORE_IN, .numbers = states, .count = 2}},
	};
	int status = manage_count(manage, &which, &count);
	(void)snprintf(out, NUMBER_BYTES, "%" PRId64, count);
	return status;
}

static int visit_standing(void *context, const void *record)
{
	struct standing *standing = context;
	const struct store_contact *contact = record;
	const struct manage *manage = standing->manage;
	char number[NUMBER_BYTES];
	char counts[3][NUMBER_BYTES];
	static const enum notice_state states[] = {NOTICE_DELIVERED, NOTICE_WAITING, NOTICE_FAILED};
	standing->failing += contact->state == CONTACT_FAILING;
	if (manage->format == MANAGE_JSON)
		return 0;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (count_notices(manage, contact->id, states[i], counts[i]) != 0)
			return -ECANCELED;
	(void)snprintf(number, sizeof number, "%" PRId64, contact->id);
	const char *const cells[] = {number, contact->address,
	    manage_term(manage->language, record_contact_state(contact->state)), counts[0],
	    counts[1], counts[2]};
	return columns_add(standing->table, cells);
}

static int list_standings(struct manage *manage, size_t *ret_failing)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_ID), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_ADDRESS), false, COLUMN_LATE},
	    {manage_word(language, HEAD_STATE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_DELIVERED), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_WAITING), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_FAILED), true, COLUMN_WHOLE},
	};
	const struct store_query all = {.kind = STORE_CONTACT};
	struct standing standing = {
	    .manage = manage, .table = columns_new(heads, sizeof heads / sizeof heads[0])};
	if (standing.table == NULL)
		return cmd_fail("out of memory");
	manage_print_title(manage, TITLE_CONTACTS);
	int status = manage_each(manage, &all, visit_standing, &standing);
	if (status == 0)
		manage_print_table(manage, standing.table);
	columns_free(standing.table);
	*ret_failing = standing.failing;
	return status;
}

static int run_list(struct manage *manage)
{
	struct store_query query = {.kind = STORE_NOTICE,
	    .order = "created_us",
	    .descending = true,
	    .limit = manage_has(manage, "all") ? 0 : LATEST};
	struct store_condition *next = query.conditions;
	struct manage_notices notices = {.query = &query};
	size_t failing = 0;
	int64_t count = 0;
	int status = manage_open_store(manage);
	if (status == 0 && manage_has(manage, "state"))
		status = take_state(manage, next++);
	if (status == 0 && manage_has(manage, "contact"))
		status = take_contact(manage, next++);
	if (status == 0)
		status = manage_list_notices(manage, &notices);
	if (status == 0)
		status = manage_count(manage, &query, &count);
	const struct value more = {.number = count - (int64_t)notices.listed};
	if (status == 0 && more.number > 0 && manage->format == MANAGE_TEXT)
		manage_say(manage, SAY_MORE, &more, 1);
	if (status == 0)
		status = list_standings(manage, &failing);
	if (status != 0)
		return status;
	return failing + notices.failed > 0 ? EXIT_FINDINGS : EXIT_NOTHING_FOUND;
}

/* ---- One of them ---- */

static int visit_address(void *context, const void *record)
{
	char **address = context;
	*address = strdup(((const struct store_contact *)record)->address);
	return *address == NULL ? -ENOMEM : 0;
}

/* NULL where it is gone. */
static int find_address(const struct manage *manage, int64_t contact, char **ret_address)
{
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = contact}},
	};
	*ret_address = NULL;
	return manage_each(manage, &which, visit_address, ret_address);
}

static void say_number(const struct manage *manage, enum manage_word label, int64_t number)
{
	char text[NUMBER_BYTES];
	(void)snprintf(text, sizeof text, "%" PRId64, number);
	if (number != 0)
		manage_say_field(manage, label, text);
}

static void say_time(const struct manage *manage, enum manage_word label, int64_t time_us)
{
	char text[MANAGE_MINUTE_BYTES];
	manage_minute(time_us, text);
	manage_say_field(manage, label, text);
}

static void show_text(
    const struct manage *manage, const struct store_notice *notice, const char *address)
{
	const enum language language = manage->language;
	manage_say_field(manage, LABEL_SUBJECT, notice->subject);
	manage_say_field(
	    manage, LABEL_CONTACT, address != NULL ? address : manage_word(language, TERM_NOBODY));
	say_number(manage, LABEL_INCIDENT, notice->incident_id);
	manage_say_field(
	    manage, LABEL_KIND, manage_term(language, record_notice_kind(notice->kind)));
	manage_say_field(
	    manage, LABEL_STATE, manage_term(language, record_notice_state(notice->state)));
	say_number(manage, LABEL_TRIES, notice->attempts);
	say_time(manage, LABEL_WRITTEN, notice->created_us);
	say_time(manage, LABEL_LAST_TRY, notice->last_us);
	say_time(manage, LABEL_NEXT_TRY,
	    notice->state == NOTICE_WAITING && notice->attempts > 0 ? notice->next_us : 0);
	say_time(manage, LABEL_DELIVERED, notice->delivered_us);
	manage_say_field(manage, LABEL_REPLY, notice->reply);
	const struct message_seal seal = message_seal(notice->body.data, notice->body.length);
	if (seal.is_letter)
		manage_say_field(manage, LABEL_SEAL,
		    manage_word(language, seal.is_signed ? TERM_SIGNED : TERM_UNSIGNED));
	manage_say_field(manage, LABEL_MESSAGE_ID, notice->message_id);
	if (notice->kind == NOTICE_VERIFY) {
		fputc('\n', stdout);
		manage_say(manage, SAY_HOLDS_CODE, NULL, 0);
		return;
	}
	if (seal.is_encrypted) {
		fputc('\n', stdout);
		manage_say(manage, SAY_ENCRYPTED, NULL, 0);
		return;
	}
	char *text = message_text(notice->body.data, notice->body.length);
	if (text != NULL) {
		fputc('\n', stdout);
		letter_print(stdout, text);
	}
	free(text);
}

/* For paper and fax. */
static int show_page(struct manage *manage, const struct store_notice *notice)
{
	struct notice_station *station = NULL;
	if (notice->kind == NOTICE_VERIFY)
		return cmd_fail(
		    "notice %" PRId64 ": holds a code, which is for its reader alone", notice->id);
	char *text = message_text(notice->body.data, notice->body.length);
	if (text == NULL)
		return cmd_fail("notice %" PRId64 ": has no text to be printed", notice->id);
	int status = notice_station_open(manage, &station);
	const struct letter_print page = {.subject = notice->subject,
	    .body = text,
	    .incident = notice->incident_id,
	    .written_us = notice->created_us};
	if (status == 0)
		letter_html_write(stdout, notice_station_setting(station), &page);
	notice_station_close(station);
	free(text);
	return status;
}

static int show(struct manage *manage, const struct store_notice *notice)
{
	char *address = NULL;
	int status = find_address(manage, notice->contact_id, &address);
	if (status == 0 && manage_has(manage, "raw")) {
		fwrite(notice->body.data, 1, notice->body.length, stdout);
	} else if (status == 0 && manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		record_write_notice(&json, notice, address);
		fputc('\n', stdout);
	} else if (status == 0 && manage->format == MANAGE_HTML) {
		status = show_page(manage, notice);
	} else if (status == 0) {
		show_text(manage, notice, address);
	}
	free(address);
	return status;
}

static int run_show(struct manage *manage)
{
	int64_t id = 0;
	int status = manage_id(manage, 0, &id);
	if (status == 0)
		status = manage_open_store(manage);
	if (status != 0)
		return status;
	const struct store_query which = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = id}},
	};
	struct store_notice *notice = manage_find(manage, &which, "notice", manage->words[0]);
	if (notice == NULL)
		return EXIT_TROUBLE;
	if (notice->kind == NOTICE_VERIFY && manage_has(manage, "raw"))
		status = cmd_fail(
		    "notice %s: holds a code, which is for its reader alone", manage->words[0]);
	else
		status = show(manage, notice);
	free(notice);
	return status;
}

/* ---- Again ---- */

static void tell_resent(const struct manage *manage, const struct json_node *record)
{
	const struct value values[] = {{.number = manage_number_of(record, "id")},
	    value_of_text(manage_text_of(record, "address"))};
	manage_say(manage, SAY_RESENT, values, 2);
	if (!station_client_has_station(manage->client))
		manage_say(manage, SAY_WAITS, NULL, 0);
}

static int run_resend(struct manage *manage)
{
	int status = 0;
	for (size_t i = 0; i < manage->word_count; i++) {
		struct manage_request request;
		int64_t id = 0;
		int result = manage_id(manage, i, &id);
		if (result == 0)
			result = manage_begin(&request, "notice.resend");
		if (result == 0) {
			json_signed(&request.json, "notice", id);
			result = manage_send(manage, &request, tell_resent);
		}
		if (result != 0)
			status = result;
	}
	return status;
}

static const char *const list_options[] = {"state=", "contact=", "all", NULL};
static const char *const show_options[] = {"raw", NULL};
static const char *const no_options[] = {NULL};

static const struct manage_verb verbs[] = {
    {"list", list_options, 0, 0, "nothing more", run_list, false},
    {"show", show_options, 1, 1, "the number of a notice", run_show, MANAGE_HAS_HTML},
    {"resend", no_options, 1, SIZE_MAX, "numbers of notices", run_resend, false},
    {"preview", notice_preview_options, 0, 0, "no words beside options", notice_preview,
	MANAGE_HAS_HTML | MANAGE_HAS_MAIL},
    {"wording", notice_wording_options, 0, 0, "no words beside options", notice_wording, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_notice(int argc, char **argv)
{
	static const struct manage_command command = {"notice", usage, verbs};
	return manage_run(&command, argc, argv);
}
