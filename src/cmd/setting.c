/* setting.c - `hinomi setting`: settings that can be changed without station.yaml. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "cmd/station/config_show.h"

static const char usage[] =
    "usage: hinomi setting list [--all]\n"
    "       hinomi setting set KEY VALUE [--by WHO]\n"
    "       hinomi setting reset KEY [--by WHO]\n"
    "\n"
    "Changes a setting as the page does: it is written into DIR/settings.yaml, which wins over\n"
    "station.yaml, and a running station takes it over within seconds. Only settings that cannot\n"
    "silence the station or open it to others can be changed so; `list` shows them.\n"
    "\n"
    "  list             those, with what the files say; with --all every setting\n"
    "  set              changes one: hinomi setting set notices.cap 40\n"
    "  reset            back to what station.yaml says\n"
    "  --by WHO         who says so (SUDO_USER, else USER)\n"
    "  --station DIR    the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT  text or json\n"
    "  --lang ja|en     language of what is said (that of the locale)\n";

/* ---- Changes ---- */

static void tell_change(const struct manage *manage, const struct json_node *record)
{
	const char *time = manage_text_of(record, "in_force");
	const struct value values[] = {value_of_text(manage_text_of(record, "key")),
	    value_of_text(manage_text_of(record, "value")),
	    value_of_text(manage_text_of(record, "before"))};
	bool is_changed = false;
	(void)json_read_flag(json_read_member(record, "changed"), &is_changed); /* it is there */
	manage_say(manage, is_changed ? SAY_SETTING_CHANGED : SAY_SETTING_SAME, values, 3);
	if (strcmp(time, "soon") == 0)
		manage_say(manage, SAY_SETTING_SOON, NULL, 0);
	else if (is_changed)
		manage_say(manage, SAY_SETTING_START, NULL, 0);
}

static int send_change(struct manage *manage, const char *value)
{
	struct manage_request request;
	const int status = manage_begin(&request, "setting.change");
	if (status != 0)
		return status;
	json_string(&request.json, "key", manage->words[0]);
	json_string(&request.json, "value", value); /* NULL is null */
	return manage_send(manage, &request, tell_change);
}

static int run_set(struct manage *manage)
{
	return send_change(manage, manage->words[1]);
}

static int run_reset(struct manage *manage)
{
	return send_change(manage, NULL);
}

/* ---- The list ---- */

static void print_json(const struct config_shown *shown)
{
	struct json json;
	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "key", shown->key);
	json_string(&json, "value", shown->value[0] != '\0' ? shown->value : NULL);
	json_string(&json, "from", shown->from);
	json_bool(&json, "changeable", shown->is_changeable);
	if (shown->is_changeable)
		json_string(&json, "expected", shown->expected[LANGUAGE_EN]);
	json_close_object(&json);
	fputc('\n', stdout);
}

static int add_row(
    const struct manage *manage, struct columns *table, const struct config_shown *shown)
{
	const char *from =
	    strcmp(shown->from, "page") == 0      ? manage_word(manage->language, TERM_SETTINGS)
	    : strcmp(shown->from, "default") == 0 ? manage_word(manage->language, TERM_DEFAULT)
						  : shown->from;
	const char *const cells[] = {shown->key, shown->value, from,
	    shown->is_changeable ? shown->expected[manage->language] : ""};
	return columns_add(table, cells);
}

static int list(const struct manage *manage, const struct station_config *config)
{
	static struct config_shown shown; /* large */
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_KEY), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_VALUE), false, COLUMN_LATE},
	    {manage_word(language, HEAD_COMES_FROM), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_MAY_BE), false, COLUMN_FIRST},
	};
	struct columns *table = columns_new(heads, sizeof heads / sizeof heads[0]);
	int result = table == NULL ? -1 : 0;
	for (size_t i = 0; result == 0 && config_show(config, i, &shown); i++) {
		if (!shown.is_changeable && !manage_has(manage, "all"))
			continue;
		if (manage->format == MANAGE_JSON)
			print_json(&shown);
		else
			result = add_row(manage, table, &shown);
	}
	if (result == 0)
		manage_print_table(manage, table);
	columns_free(table);
	return result == 0 ? 0 : cmd_fail("out of memory");
}

/* What the files say. That a running station does the same, `hinomi check` and the page tell. */
static int run_list(struct manage *manage)
{
	struct complaint complaint = {""};
	int status = manage_open_dir(manage);
	if (status != 0)
		return status;
	struct station_config *config = malloc(sizeof *config); /* large */
	if (config == NULL)
		return cmd_fail("out of memory");
	status = station_config_read(&manage->dir, config, &complaint) == 0
		     ? list(manage, config)
		     : cmd_fail("%s", complaint.text);
	free(config);
	return status;
}

static const char *const list_options[] = {"all", NULL};
static const char *const change_options[] = {"by=", NULL};

static const struct manage_verb verbs[] = {
    {"list", list_options, 0, 0, "nothing more", run_list, false},
    {"set", change_options, 2, 2, "a key and a value", run_set, false},
    {"reset", change_options, 1, 1, "a key", run_reset, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_setting(int argc, char **argv)
{
	static const struct manage_command command = {"setting", usage, verbs};
	return manage_run(&command, argc, argv);
}
