/* account.c - `hinomi account`: who may use the page. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "cmd/password_read.h"
#include "cmd/station/page_who.h"
#include "cmd/station/record_json.h"

static const char usage[] =
    "usage: hinomi account add NAME --role ROLE [--member NAME] [--language ja|en]\n"
    "                          [--password | --password-file FILE] [--by WHO]\n"
    "       hinomi account list\n"
    "       hinomi account change NAME [--rename NAME] [--role ROLE] [--member NAME]\n"
    "                          [--language ja|en] [--disable | --enable] [--by WHO]\n"
    "       hinomi account password NAME [--password-file FILE] [--by WHO]\n"
    "       hinomi account link NAME [--by WHO]\n"
    "       hinomi account remove NAME [--by WHO]\n"
    "\n"
    "Who may use the station's page. `link` prints a link that signs in once, within 24\n"
    "hours. A new password, another role or member, and --disable sign out who is in.\n"
    "\n"
    "  --role ROLE           operator: everything; member: what is one member's;\n"
    "                        viewer: looks only, as a screen on a wall does\n"
    "  --member NAME         whose it is; with the role member\n"
    "  --language ja|en      in which the page begins (that of the station)\n"
    "  --password            asks for a password, without showing it\n"
    "  --password-file FILE  its first line; - for standard input\n"
    "  --disable, --enable   nobody signs in with it, or again\n"
    "  --by WHO              who does it (SUDO_USER, else USER)\n"
    "  --station DIR         the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT       text or json\n"
    "  --lang ja|en          language of what is said (that of the locale)\n";

/* ---- Changes ---- */

static void say_name(const struct manage *manage, enum manage_word word)
{
	const struct value name = value_of_text(manage->words[0]);
	if (manage->format == MANAGE_TEXT)
		manage_say(manage, word, &name, 1);
}

/* Options that are arguments of the same name. */
static void add_options(const struct manage *manage, struct json *json)
{
	static const char *const names[] = {"role", "member", "language", "rename"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (manage_has(manage, names[i]))
			json_string(json, names[i], manage_value(manage, names[i]));
	if (manage_has(manage, "disable") || manage_has(manage, "enable"))
		json_bool(json, "disabled", manage_has(manage, "disable"));
}

/* Begins a request about the account that is named. */
static int begin(struct manage *manage, struct manage_request *request, const char *name)
{
	int status = manage_begin(request, name);
	if (status == 0)
		json_string(&request->json, "name", manage->words[0]);
	return status;
}

/* As the station's file says. */
static int read_config(struct manage *manage, struct station_config *config)
{
	struct complaint complaint;
	int status = manage_open_dir(manage);
	if (status != 0)
		return status;
	if (station_config_read(&manage->dir, config, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	return 0;
}

/* What is kept of a new password for the account that is named. */
static int take_password(
    struct manage *manage, const char *path, char ret_kept[static PASSWORD_KEPT_BYTES])
{
	static struct station_config config; /* large */
	const struct password_about about = {
	    .station = config.station.name, .account = manage->words[0]};
	const int status = read_config(manage, &config);
	return status != 0 ? status : password_read(path, &about, ret_kept);
}

static int run_add(struct manage *manage)
{
	struct manage_request request;
	char kept[PASSWORD_KEPT_BYTES] = "";
	const char *path = manage_value(manage, "password-file");
	int status = 0;
	if (!manage_has(manage, "role"))
		return cmd_fail("account add: expected --role operator, member or viewer");
	if (manage_has(manage, "password") && path != NULL)
		return cmd_fail("account add: expected --password or --password-file, not both");
	if (manage_has(manage, "password") || path != NULL)
		status = take_password(manage, path, kept);
	if (status == 0)
		status = begin(manage, &request, "account.add");
	if (status != 0)
		return status;
	add_options(manage, &request.json);
	if (kept[0] != '\0')
		json_string(&request.json, "password", kept);
	status = manage_send(manage, &request, NULL);
	if (status == 0)
		say_name(manage, SAY_ACCOUNT_ADDED);
	if (status == 0 && kept[0] == '\0')
		say_name(manage, SAY_ACCOUNT_LINK);
	return status;
}

static int run_change(struct manage *manage)
{
	struct manage_request request;
	if (manage_has(manage, "disable") && manage_has(manage, "enable"))
		return cmd_fail("account change: expected --disable or --enable, not both");
	int status = begin(manage, &request, "account.change");
	if (status != 0)
		return status;
	add_options(manage, &request.json);
	status = manage_send(manage, &request, NULL);
	if (status == 0)
		say_name(manage, SAY_ACCOUNT_CHANGED);
	return status;
}

static int run_password(struct manage *manage)
{
	struct manage_request request;
	char kept[PASSWORD_KEPT_BYTES];
	int status = take_password(manage, manage_value(manage, "password-file"), kept);
	if (status == 0)
		status = begin(manage, &request, "account.change");
	if (status != 0)
		return status;
	json_string(&request.json, "password", kept);
	status = manage_send(manage, &request, NULL);
	if (status == 0)
		say_name(manage, SAY_ACCOUNT_CHANGED);
	return status;
}

static int run_remove(struct manage *manage)
{
	struct manage_request request;
	int status = begin(manage, &request, "account.remove");
	if (status == 0)
		status = manage_send(manage, &request, NULL);
	if (status == 0)
		say_name(manage, SAY_ACCOUNT_REMOVED);
	return status;
}

/* ---- Links ---- */

static void tell_link(const struct manage *manage, const char *link)
{
	struct json json;
	char until[WHEN_TEXT_BYTES];
	if (manage->format == MANAGE_TEXT) {
		puts(link);
		return;
	}
	when_format_utc((int64_t)time(NULL) * WHEN_SECOND_US + PAGE_LINK_US, until);
	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "type", "link");
	json_string(&json, "account", manage->words[0]);
	json_string(&json, "link", link);
	json_string(&json, "until", until);
	json_close_object(&json);
	fputc('\n', stdout);
}

static int run_link(struct manage *manage)
{
	static struct station_config config; /* large */
	struct manage_request request;
	char token[TOKEN_TEXT_BYTES];
	char hash[TOKEN_HASH_BYTES];
	char link[PAGE_LINK_BYTES];
	int status = read_config(manage, &config);
	if (status == 0 && config.web.listen.port == 0)
		status = cmd_fail("account link: this station has no page (web.listen: off)");
	if (status == 0 && (token_make(token) != 0 || !token_hash(token, hash)))
		status = cmd_fail("no random token can be had");
	if (status == 0)
		status = begin(manage, &request, "account.link");
	if (status != 0)
		return status;
	json_string(&request.json, "token", hash);
	status = manage_send(manage, &request, NULL);
	if (status != 0)
		return status;
	page_link_format(&config, token, link);
	tell_link(manage, link);
	return 0;
}

/* ---- The list ---- */

static int visit_account(void *context, const void *record)
{
	struct manage *manage = context;
	const struct store_account *account = record;
	char member[MANAGE_NAME_BYTES] = "";
	char changed[MANAGE_MINUTE_BYTES];
	if (account->member_id != 0 && manage_member_name(manage, account->member_id, member) != 0)
		return -ECANCELED;
	if (manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		record_write_account(&json, account, account->member_id == 0 ? NULL : member);
		fputc('\n', stdout);
		return 0;
	}
	manage_minute(account->changed_us, changed);
	const bool has_password = account->password_hash[0] != '\0';
	const char *const cells[] = {account->name,
	    manage_term(manage->language, record_account_role(account->role)), member,
	    account->language,
	    manage_word(manage->language, has_password ? TERM_PASSWORD : TERM_LINK_ONLY),
	    account->disabled ? manage_word(manage->language, TERM_DISABLED) : "", changed};
	return columns_add(manage->context, cells);
}

static int run_list(struct manage *manage)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_NAME), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_ROLE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_MEMBER), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_LANGUAGE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_SIGNS_IN), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_STATE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_CHANGED), false, COLUMN_LATE},
	};
	const struct store_query all = {.kind = STORE_ACCOUNT, .order = "name"};
	int status = manage_open_store(manage);
	if (status != 0)
		return status;
	struct columns *table = columns_new(heads, sizeof heads / sizeof heads[0]);
	if (table == NULL)
		return cmd_fail("out of memory");
	manage->context = table;
	status = manage_each(manage, &all, visit_account, manage);
	if (status == 0)
		manage_print_table(manage, table);
	columns_free(table);
	return status;
}

static const char *const add_verb_options[] = {
    "role=", "member=", "language=", "password", "password-file=", "by=", NULL};
static const char *const change_options[] = {
    "rename=", "role=", "member=", "language=", "disable", "enable", "by=", NULL};
static const char *const password_options[] = {"password-file=", "by=", NULL};
static const char *const by_options[] = {"by=", NULL};
static const char *const no_options[] = {NULL};

static const struct manage_verb verbs[] = {
    {"add", add_verb_options, 1, 1, "a name", run_add, false},
    {"list", no_options, 0, 0, "nothing more", run_list, false},
    {"change", change_options, 1, 1, "the name of an account", run_change, false},
    {"password", password_options, 1, 1, "the name of an account", run_password, false},
    {"link", by_options, 1, 1, "the name of an account", run_link, false},
    {"remove", by_options, 1, 1, "the name of an account", run_remove, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_account(int argc, char **argv)
{
	static const struct manage_command command = {"account", usage, verbs};
	return manage_run(&command, argc, argv);
}
