/* member.c - `hinomi member`: who is watched for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "cmd/member_file.h"
#include "cmd/station/record_json.h"
#include "cmd/station/roster.h"

static const char usage[] =
    "usage: hinomi member add NAME PREFIX... [--dark PREFIX]... [--language ja|en]\n"
    "                     [--zone ZONE] [--country CC] [--hours HOURS] [--egress LOG]\n"
    "                     [--note TEXT]\n"
    "       hinomi member list\n"
    "       hinomi member show NAME\n"
    "       hinomi member change NAME [--rename NAME] [--add PREFIX]... [--remove PREFIX]...\n"
    "                     [--dark PREFIX]... [--language ja|en] [--zone ZONE] [--country CC]\n"
    "                     [--hours HOURS] [--egress LOG] [--note TEXT]\n"
    "       hinomi member remove NAME [--by WHO]\n"
    "       hinomi member import FILE\n"
    "       hinomi member export [--format csv|json]\n"
    "\n"
    "Whom the station watches for: organisations and their address ranges. What is changed\n"
    "holds at once; a running station loses no packet over it. A range belongs to one\n"
    "member: what overlaps another's is refused.\n"
    "\n"
    "  --dark PREFIX    a range of the member that nobody uses\n"
    "  --language       of its notices and pages (the station's)\n"
    "  --zone           of its times, such as Asia/Tokyo (the station's)\n"
    "  --country        whose holidays it keeps, such as JP; none for weekends alone (the\n"
    "                   station's)\n"
    "  --hours          when somebody is there, such as \"business 08:30-17:15\": what is not\n"
    "                   answered is reminded of by these (the station's)\n"
    "  --egress LOG     several organisations share its addresses, and LOG tells which of\n"
    "                   them it was, such as \"the proxy's access log\"; none: nobody does\n"
    "  --station DIR    the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT  text or json; of an export csv (as well without it) or json\n"
    "  --lang ja|en     language of what is said (that of the locale)\n"
    "\n"
    "FILE is what an export writes, CSV or JSON Lines, or - for standard input. Members\n"
    "that are there already get the ranges of the file in place of theirs.\n";

/* ---- Changes ---- */

static void put_text(struct manage_request *request, const struct manage *manage, const char *name)
{
	if (manage_has(manage, name))
		json_string(&request->json, name, manage_value(manage, name));
}

static void put_list(struct manage_request *request, const struct manage *manage,
    const char *option, const char *name)
{
	size_t position = 0;
	const char *text;
	json_open_array(&request->json, name);
	while ((text = manage_next(manage, option, &position)) != NULL)
		json_string(&request->json, NULL, text);
	json_close_array(&request->json);
}

static void put_words(struct manage_request *request, const struct manage *manage)
{
	put_text(request, manage, "language");
	put_text(request, manage, "zone");
	put_text(request, manage, "country");
	put_text(request, manage, "hours");
	put_text(request, manage, "egress");
	put_text(request, manage, "note");
}

static void say_name(
    const struct manage *manage, const struct json_node *record, enum manage_word word)
{
	const struct value name = value_of_text(manage_text_of(record, "name"));
	manage_say(manage, word, &name, 1);
}

static void tell_added(const struct manage *manage, const struct json_node *record)
{
	say_name(manage, record, SAY_MEMBER_ADDED);
}

static void tell_changed(const struct manage *manage, const struct json_node *record)
{
	say_name(manage, record, SAY_MEMBER_CHANGED);
}

static int run_add(struct manage *manage)
{
	struct manage_request request;
	int status = manage_begin(&request, "member.add");
	if (status != 0)
		return status;
	json_string(&request.json, "name", manage->words[0]);
	json_open_array(&request.json, "prefixes");
	for (size_t i = 1; i < manage->word_count; i++)
		json_string(&request.json, NULL, manage->words[i]);
	json_close_array(&request.json);
	put_list(&request, manage, "dark", "dark");
	put_words(&request, manage);
	return manage_send(manage, &request, tell_added);
}

static int run_change(struct manage *manage)
{
	struct manage_request request;
	if (manage->value_count == 0)
		return cmd_fail(
		    "member change: expected what is to be changed; see `hinomi member --help`");
	int status = manage_begin(&request, "member.change");
	if (status != 0)
		return status;
	json_string(&request.json, "name", manage->words[0]);
	put_text(&request, manage, "rename");
	put_list(&request, manage, "add", "add");
	put_list(&request, manage, "dark", "dark");
	put_list(&request, manage, "remove", "remove");
	put_words(&request, manage);
	return manage_send(manage, &request, tell_changed);
}

static int run_remove(struct manage *manage)
{
	struct manage_request request;
	int status = manage_begin(&request, "member.remove");
	if (status != 0)
		return status;
	json_string(&request.json, "name", manage->words[0]);
	status = manage_send(manage, &request, NULL);
	const struct value name = value_of_text(manage->words[0]);
	if (status == 0 && manage->format == MANAGE_TEXT)
		manage_say(manage, SAY_MEMBER_REMOVED, &name, 1);
	return status;
}

/* ---- Looking ---- */

struct listing {
	struct manage *manage;
	struct columns *table;
};

struct range_list {
	struct text text;
	bool dark;
};

static int visit_range(void *context, const void *record)
{
	struct range_list *list = context;
	const struct store_prefix *prefix = record;
	if (prefix->dark != list->dark)
		return 0;
	if (list->text.length > 0)
		text_add(&list->text, " ");
	text_add(&list->text, prefix->prefix);
	return 0;
}

enum {
	RANGES_BYTES = 16384, /* some 800; the rest is in JSON */
};

/* Of one kind, in a line. An exit status. */
static int list_ranges(
    const struct manage *manage, int64_t member, bool dark, char out[static RANGES_BYTES])
{
	struct range_list list = {.dark = dark};
	const struct store_query ranges = {
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member}},
	};
	text_init(&list.text, out, RANGES_BYTES);
	int status = manage_each(manage, &ranges, visit_range, &list);
	if (list.text.cut)
		(void)snprintf(out + RANGES_BYTES - 5, 5, " ...");
	return status;
}

static int count_contacts(const struct manage *manage, int64_t member, int64_t *ret_count)
{
	const struct store_query contacts = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member}},
	};
	return manage_count(manage, &contacts, ret_count);
}

static int count_open(const struct manage *manage, int64_t member, int64_t *ret_count)
{
	const struct store_query open = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = member},
		{.column = "state",
		    .test = STORE_IN,
		    .texts = manage_open_states,
		    .count = MANAGE_OPEN_STATES}},
	};
	return manage_count(manage, &open, ret_count);
}

static int print_member(const struct manage *manage, const struct store_member *member)
{
	struct complaint complaint;
	struct json json;
	json_init(&json, stdout);
	int result = record_write_member(&json, manage->store, member, &complaint);
	fputc('\n', stdout);
	return result == 0 ? 0 : cmd_fail("%s", complaint.text);
}

static int visit_member(void *context, const void *record)
{
	struct listing *listing = context;
	const struct store_member *member = record;
	struct manage *manage = listing->manage;
	char ranges[RANGES_BYTES];
	char contacts[24];
	char open[24];
	int64_t contact_count = 0;
	int64_t open_count = 0;
	if (manage->format == MANAGE_JSON)
		return print_member(manage, member) == 0 ? 0 : -ECANCELED;
	if (list_ranges(manage, member->id, false, ranges) != 0 ||
	    count_contacts(manage, member->id, &contact_count) != 0 ||
	    count_open(manage, member->id, &open_count) != 0)
		return -ECANCELED;
	(void)snprintf(contacts, sizeof contacts, "%lld", (long long)contact_count);
	(void)snprintf(open, sizeof open, "%lld", (long long)open_count);
	const char *const cells[] = {member->name, ranges, member->language, contacts, open};
	return columns_add(listing->table, cells);
}

static int run_list(struct manage *manage)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_NAME), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_RANGES), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_LANGUAGE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_CONTACTS), true, COLUMN_WHOLE},
	    {manage_word(language, HEAD_OPEN), true, COLUMN_WHOLE},
	};
	struct listing listing = {
	    .manage = manage, .table = columns_new(heads, sizeof heads / sizeof heads[0])};
	const struct store_query all = {.kind = STORE_MEMBER, .order = "name"};
	if (listing.table == NULL)
		return cmd_fail("out of memory");
	int status = manage_open_store(manage);
	if (status == 0)
		status = manage_each(manage, &all, visit_member, &listing);
	if (status == 0)
		manage_print_table(manage, listing.table);
	columns_free(listing.table);
	return status;
}

static int show_text(struct manage *manage, const struct store_member *member)
{
	char ranges[RANGES_BYTES];
	char dark[RANGES_BYTES];
	char since[MANAGE_MINUTE_BYTES];
	int status = list_ranges(manage, member->id, false, ranges);
	if (status == 0)
		status = list_ranges(manage, member->id, true, dark);
	if (status != 0)
		return status;
	manage_minute(member->created_us, since);
	manage_say_field(manage, LABEL_MEMBER, member->name);
	manage_say_field(manage, LABEL_RANGES, ranges);
	manage_say_field(manage, LABEL_DARK, dark);
	manage_say_field(manage, LABEL_LANGUAGE, member->language);
	manage_say_field(manage, LABEL_ZONE, member->zone);
	manage_say_field(manage, LABEL_COUNTRY, member->country);
	manage_say_field(manage, LABEL_HOURS, member->hours);
	manage_say_field(manage, LABEL_EGRESS, member->egress);
	manage_say_field(manage, LABEL_NOTE, member->note);
	manage_say_field(manage, LABEL_SINCE, since);
	return 0;
}

static int run_show(struct manage *manage)
{
	const struct store_query which = {
	    .kind = STORE_MEMBER,
	    .conditions = {{.column = "name", .test = STORE_IS, .text = manage->words[0]}},
	};
	int status = manage_open_store(manage);
	if (status != 0)
		return status;
	struct store_member *member = manage_find(manage, &which, "member", manage->words[0]);
	if (member == NULL)
		return EXIT_TROUBLE;
	status = manage->format == MANAGE_JSON ? print_member(manage, member)
					       : show_text(manage, member);
	if (status == 0)
		status = manage_list_contacts(manage, &member->id, TITLE_CONTACTS);
	if (status == 0)
		status = manage_list_open(manage, member->id);
	free(member);
	return status;
}

/* ---- Files ---- */

static int run_export(struct manage *manage)
{
	int status = manage_open_store(manage);
	if (status != 0)
		return status;
	return member_file_write(
	    manage, stdout, manage->format == MANAGE_JSON ? MANAGE_JSON : MANAGE_CSV);
}

static int run_import(struct manage *manage)
{
	return member_file_read(manage, manage->words[0]);
}

/* ---- The table ---- */

static const char *const add_options[] = {
    "dark=", "language=", "zone=", "country=", "hours=", "egress=", "note=", NULL};
static const char *const change_options[] = {"rename=", "add=", "remove=", "dark=", "language=",
    "zone=", "country=", "hours=", "egress=", "note=", NULL};
static const char *const by_options[] = {"by=", NULL};
static const char *const no_options[] = {NULL};

static const struct manage_verb verbs[] = {
    {"add", add_options, 2, SIZE_MAX, "a name and its ranges", run_add, false},
    {"list", no_options, 0, 0, "nothing more", run_list, false},
    {"show", no_options, 1, 1, "the name of a member", run_show, false},
    {"change", change_options, 1, 1, "the name of a member", run_change, false},
    {"remove", by_options, 1, 1, "the name of a member", run_remove, false},
    {"import", no_options, 1, 1, "a file, or - for standard input", run_import, false},
    {"export", no_options, 0, 0, "nothing more", run_export, MANAGE_HAS_CSV},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_member(int argc, char **argv)
{
	static const struct manage_command command = {"member", usage, verbs};
	return manage_run(&command, argc, argv);
}
