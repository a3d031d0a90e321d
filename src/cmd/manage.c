#include "cmd/manage.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/when.h"
#include "cmd/cmd.h"
#include "notify/glyph.h"
#include "notify/screen.h"
#include "proc/privilege.h"

enum {
	OPTIONS_MAX = 24, /* of a verb, the common ones among them */
	NAMES_BYTES = 256,
	SENTENCE_BYTES = 4096,
	LABEL_COLUMN = 14,
	NAME_BYTES = 64, /* as the history has room for */
};

/* Every verb has them. */
static const char *const common_options[] = {"station=", "format=", "json", "lang=", "help", NULL};

/* ---- The command line ---- */

static bool takes_value(const char *option)
{
	return option[strlen(option) - 1] == '=';
}

/* The option's name alone, in `names` behind one another. */
struct option_list {
	struct option options[OPTIONS_MAX + 1];
	char names[OPTIONS_MAX][32];
	size_t count;
};

static void add_options(struct option_list *list, const char *const *options)
{
	for (; options != NULL && *options != NULL; options++) {
		char *name = list->names[list->count];
		size_t bytes = strcspn(*options, "=");
		assert(list->count < OPTIONS_MAX && bytes < sizeof list->names[0]); /* our own */
		memcpy(name, *options, bytes);
		name[bytes] = '\0';
		list->options[list->count] = (struct option){
		    .name = name,
		    .has_arg = takes_value(*options) ? required_argument : no_argument,
		    .val = (int)list->count + 1,
		};
		list->count++;
	}
}

static int take_format(struct manage *manage, const char *text)
{
	static const char *const names[] = {
	    [MANAGE_TEXT] = "text",
	    [MANAGE_JSON] = "json",
	    [MANAGE_CSV] = "csv",
	    [MANAGE_HTML] = "html",
	    [MANAGE_MAIL] = "mail",
	};
	static_assert(sizeof names / sizeof names[0] == MANAGE_FORMATS, "a name for each");
	const unsigned formats = manage->verb->formats | 1U << MANAGE_TEXT | 1U << MANAGE_JSON;
	char known[NAMES_BYTES] = "";
	size_t used = 0;
	int last = MANAGE_FORMATS - 1;
	while ((formats & 1U << last) == 0)
		last--;
	for (int i = 0; i <= last; i++) {
		if ((formats & 1U << i) == 0)
			continue;
		if (strcmp(names[i], text) == 0) {
			manage->format = (enum manage_format)i;
			return 0;
		}
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
		    i == 0      ? ""
		    : i == last ? " or "
				: ", ",
		    names[i]); /* our own names fit */
	}
	return cmd_fail("--format %s: expected %s", text, known);
}

static int take_common(struct manage *manage, const char *name, const char *text)
{
	int language;
	if (strcmp(name, "station") == 0) {
		manage->station = text;
		return text[0] != '\0' ? 0
				       : cmd_fail("--station: expected the directory of a station");
	}
	if (strcmp(name, "format") == 0)
		return take_format(manage, text);
	if (strcmp(name, "json") == 0)
		manage->format = MANAGE_JSON;
	else if (strcmp(name, "help") == 0)
		manage->wants_help = true;
	else {
		language = language_find(text);
		if (language < 0)
			return cmd_fail("--lang %s: expected ja or en", text);
		manage->language = (enum language)language;
	}
	return 0;
}

static bool is_common(const char *name)
{
	for (const char *const *option = common_options; *option != NULL; option++) {
		size_t bytes = strcspn(*option, "=");
		if (strlen(name) == bytes && strncmp(*option, name, bytes) == 0)
			return true;
	}
	return false;
}

static int take_option(struct manage *manage, const char *name, const char *text)
{
	if (is_common(name))
		return take_common(manage, name, text);
	if (manage->value_count == MANAGE_VALUES_MAX)
		return cmd_fail("--%s: expected at most %d options", name, MANAGE_VALUES_MAX);
	for (const char *const *option = manage->verb->options; *option != NULL; option++) {
		size_t bytes = strcspn(*option, "=");
		if (strlen(name) == bytes && strncmp(*option, name, bytes) == 0)
			manage->values[manage->value_count++] =
			    (struct manage_value){*option, text};
	}
	return 0;
}

/* From the verb on. */
static int take_arguments(struct manage *manage, int argc, char **argv)
{
	struct option_list list = {.count = 0};
	int status = 0;
	add_options(&list, common_options);
	add_options(&list, manage->verb->options);
	opterr = 0;
	optind = 1;
	while (status == 0) {
		char letter[CMD_LETTER_BYTES];
		int option = getopt_long(argc, argv, ":h", list.options, NULL);
		if (option == -1)
			break;
		if (option == 'h')
			option = (int)(sizeof common_options / sizeof common_options[0]) - 1;
		if (option == ':' || option == '?')
			return cmd_fail("%s: %s; see `hinomi %s --help`",
			    cmd_refused_option(argv, (int)list.count, letter),
			    option == ':' ? "a value is missing" : "unknown option",
			    manage->command->name);
		status = take_option(manage, list.options[option - 1].name, optarg);
	}
	manage->words = argv + optind;
	manage->word_count = (size_t)(argc - optind);
	return status;
}

static const struct manage_verb *find_verb(const struct manage_command *command, const char *name)
{
	char names[NAMES_BYTES] = "";
	size_t used = 0;
	for (const struct manage_verb *verb = command->verbs; verb->run != NULL; verb++) {
		if (name != NULL && strcmp(verb->name, name) == 0)
			return verb;
		used += (size_t)snprintf(
		    names + used, sizeof names - used, "%s%s", used == 0 ? "" : ", ", verb->name);
		assert(used < sizeof names); /* our own names */
	}
	if (name == NULL)
		(void)cmd_fail("%s: expected one of %s", command->name, names);
	else
		(void)cmd_fail("%s %s: unknown; expected one of %s", command->name, name, names);
	return NULL;
}

static int run_verb(struct manage *manage)
{
	const struct manage_verb *verb = manage->verb;
	if (manage->word_count < verb->words_min || manage->word_count > verb->words_max)
		return cmd_fail("%s %s: expected %s; see `hinomi %s --help`", manage->command->name,
		    verb->name, verb->expected, manage->command->name);
	int status = verb->run(manage);
	station_client_close(manage->client);
	store_close(manage->store);
	station_dir_close(&manage->dir);
	const int flushed = cmd_flush_output();
	return flushed != 0 ? flushed : status;
}

int manage_run(const struct manage_command *command, int argc, char **argv)
{
	static struct manage manage; /* large */
	const bool asks_help =
	    argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
	manage = (struct manage){
	    .command = command, .language = language_of_environment(), .dir = {.fd = -1}};
	if (asks_help) {
		fputs(command->usage, stdout);
		return cmd_flush_output();
	}
	manage.verb = find_verb(command, argc > 1 ? argv[1] : NULL);
	if (manage.verb == NULL)
		return EXIT_TROUBLE;
	int status = take_arguments(&manage, argc - 1, argv + 1);
	if (status != 0)
		return status;
	if (manage.wants_help) {
		fputs(command->usage, stdout);
		return cmd_flush_output();
	}
	(void)manage_by(&manage); /* before we become somebody else */
	return run_verb(&manage);
}

static const struct manage_value *find_value(const struct manage *manage, const char *name)
{
	const struct manage_value *found = NULL;
	for (size_t i = 0; i < manage->value_count; i++) {
		size_t bytes = strcspn(manage->values[i].option, "=");
		if (strlen(name) == bytes && strncmp(manage->values[i].option, name, bytes) == 0)
			found = &manage->values[i];
	}
	return found;
}

const char *manage_value(const struct manage *manage, const char *option)
{
	const struct manage_value *value = find_value(manage, option);
	return value == NULL ? NULL : value->text;
}

bool manage_has(const struct manage *manage, const char *option)
{
	return find_value(manage, option) != NULL;
}

const char *manage_next(const struct manage *manage, const char *option, size_t *position)
{
	while (*position < manage->value_count) {
		const struct manage_value *value = &manage->values[(*position)++];
		size_t bytes = strcspn(value->option, "=");
		if (strlen(option) == bytes && strncmp(value->option, option, bytes) == 0)
			return value->text;
	}
	return NULL;
}

/* Found out once: who runs it may become somebody else (become_owner). */
const char *manage_by(const struct manage *manage)
{
	static char found[NAME_BYTES];
	const char *by = manage_value(manage, "by");
	if (by != NULL || found[0] != '\0')
		return by != NULL ? by : found;
	by = getenv("SUDO_USER");
	if (by == NULL || by[0] == '\0')
		by = getenv("USER");
	const struct passwd *entry = by == NULL || by[0] == '\0' ? getpwuid(getuid()) : NULL;
	if (entry != NULL)
		by = entry->pw_name;
	if (by == NULL || by[0] == '\0')
		(void)snprintf(found, sizeof found, "user %u", (unsigned)getuid()); /* fits */
	else
		(void)snprintf(found, sizeof found, "%s", by); /* longer ones are cut */
	return found;
}

int manage_id(const struct manage *manage, size_t word, int64_t *ret_id)
{
	const char *text = manage->words[word];
	char *end = NULL;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || number < 1 ||
	    number > (INT64_C(1) << 53))
		return cmd_fail("%s %s %s: expected the number of one that `hinomi %s list` shows",
		    manage->command->name, manage->verb->name, text, manage->command->name);
	*ret_id = number;
	return 0;
}

/* ---- The station ---- */

/* What root makes there would be root's, and the station could not use it. */
static int become_owner(const struct station_dir *dir)
{
	struct stat status;
	struct complaint complaint;
	if (fstat(dir->fd, &status) != 0)
		return cmd_fail("%s: %s", dir->path, strerror(errno));
	const struct privilege owner = {.uid = status.st_uid, .gid = status.st_gid};
	if (geteuid() != 0 || owner.uid == 0)
		return 0;
	return privilege_drop(&owner, &complaint) == 0 ? 0 : cmd_fail("%s", complaint.text);
}

int manage_open_dir(struct manage *manage)
{
	struct complaint complaint;
	if (manage->dir.fd >= 0)
		return 0;
	if (station_dir_open(station_dir_find(manage->station), &manage->dir, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	return become_owner(&manage->dir);
}

int manage_open_store(struct manage *manage)
{
	struct complaint complaint;
	char path[STATION_DIR_PATH_BYTES];
	const struct store_options options = {.engine = "sqlite", .path = path, .read_only = true};
	int status = manage_open_dir(manage);
	if (status != 0 || manage->store != NULL)
		return status;
	station_dir_path(&manage->dir, STATION_DATABASE, path);
	return store_open(&options, &manage->store, &complaint) == 0
		   ? 0
		   : cmd_fail("%s", complaint.text);
}

int manage_each(const struct manage *manage, const struct store_query *query,
    int (*visit)(void *context, const void *record), void *context)
{
	struct complaint complaint = {"out of memory"};
	int result = store_each(manage->store, query, visit, context, &complaint);
	if (result >= 0)
		return 0;
	return result == -ECANCELED ? EXIT_TROUBLE : cmd_fail("%s", complaint.text);
}

int manage_count(const struct manage *manage, const struct store_query *query, int64_t *ret_count)
{
	struct complaint complaint;
	return store_count(manage->store, query, ret_count, &complaint) == 0
		   ? 0
		   : cmd_fail("%s", complaint.text);
}

struct finding_one {
	enum store_kind kind;
	void *record;
};

static int visit_one(void *context, const void *record)
{
	struct finding_one *finding = context;
	finding->record = store_record_copy(finding->kind, record);
	return finding->record == NULL ? -ENOMEM : 1;
}

void *manage_find(const struct manage *manage, const struct store_query *query, const char *what,
    const char *which)
{
	struct finding_one finding = {.kind = query->kind};
	if (manage_each(manage, query, visit_one, &finding) == 0 && finding.record == NULL)
		(void)cmd_fail("%s %s: there is none, expected one that `hinomi %s list` shows",
		    what, which, what);
	return finding.record;
}

/* ---- Requests ---- */

int manage_begin(struct manage_request *request, const char *name)
{
	*request = (struct manage_request){.text = NULL};
	request->out = open_memstream(&request->text, &request->length);
	if (request->out == NULL)
		return cmd_fail("out of memory");
	json_init(&request->json, request->out);
	json_open_object(&request->json, NULL);
	json_string(&request->json, "do", name);
	return 0;
}

struct telling {
	const struct manage *manage;
	void (*tell)(const struct manage *manage, const struct json_node *record);
	size_t told;
};

static int on_record(void *context, const char *line)
{
	struct telling *telling = context;
	struct json_node *record = NULL;
	if (telling->manage->format == MANAGE_JSON) {
		puts(line);
		return 0;
	}
	if (telling->tell == NULL || json_read(line, strlen(line), &record, NULL) != 0)
		return 0; /* nothing to be told by it */
	telling->tell(telling->manage, record);
	json_read_free(record);
	return 0;
}

static int open_client(struct manage *manage)
{
	struct complaint complaint;
	int status = manage_open_dir(manage);
	if (status != 0 || manage->client != NULL)
		return status;
	return station_client_open(&manage->dir, &manage->client, &complaint) == 0
		   ? 0
		   : cmd_fail("%s", complaint.text);
}

int manage_send(struct manage *manage, struct manage_request *request,
    void (*tell)(const struct manage *manage, const struct json_node *record))
{
	struct telling telling = {.manage = manage, .tell = tell};
	json_string(&request->json, "by", manage_by(manage));
	json_close_object(&request->json);
	const bool failed = ferror(request->out) != 0;
	int status = fclose(request->out) != 0 || failed ? cmd_fail("out of memory") : 0;
	if (status == 0)
		status = open_client(manage);
	if (status == 0 && station_client_ask(manage->client, request->text, request->length,
			       on_record, &telling) != 0)
		status = cmd_fail("%s", station_client_complaint(manage->client)->text);
	free(request->text);
	return status;
}

void manage_drop(struct manage_request *request)
{
	(void)fclose(request->out); /* memory */
	free(request->text);
}

/* ---- Words ---- */

void manage_say(
    const struct manage *manage, enum manage_word word, const struct value *values, size_t count)
{
	char sentence[SENTENCE_BYTES];
	char visible[SENTENCE_BYTES];
	struct text text;
	struct screen screen;
	text_init(&text, sentence, sizeof sentence);
	manage_words_add(&text, manage->language, word, values, count);
	glyph_copy_visible(sentence, visible, sizeof visible);
	screen_init(&screen, stdout);
	screen_flow(&screen, 0, visible);
	screen_end_line(&screen);
}

void manage_say_field(const struct manage *manage, enum manage_word label, const char *text)
{
	struct screen screen;
	if (text[0] == '\0')
		return;
	const size_t room = strlen(text) * GLYPH_VISIBLE_GROWTH + 1;
	char *visible = malloc(room);
	if (visible == NULL) {
		(void)cmd_fail("out of memory");
		return;
	}
	glyph_copy_visible(text, visible, room);
	screen_init(&screen, stdout);
	screen_put(&screen, STYLE_LABEL, manage_word(manage->language, label));
	screen_go(&screen, LABEL_COLUMN);
	screen_flow(&screen, LABEL_COLUMN, visible);
	screen_end_line(&screen);
	free(visible);
}

void manage_minute(int64_t time_us, char out[static MANAGE_MINUTE_BYTES])
{
	char text[WHEN_TEXT_BYTES];
	when_format_local(time_us, text);
	(void)snprintf(out, MANAGE_MINUTE_BYTES, "%.*s", time_us == 0 ? 0 : 16, text);
}

const char *manage_text_of(const struct json_node *record, const char *name)
{
	const char *text = "";
	(void)json_read_text(json_read_member(record, name), &text); /* or it has none */
	return text;
}

int64_t manage_number_of(const struct json_node *record, const char *name)
{
	int64_t number = 0;
	(void)json_read_whole(json_read_member(record, name), &number); /* or it has none */
	return number;
}
