/* incident.c - `hinomi incident`: what was found, and what is done about it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alert/incident.h"
#include "base/quantity.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "cmd/station/finding_record.h"
#include "cmd/station/incident_frames.h"
#include "cmd/station/record_json.h"
#include "notify/frame_words.h"
#include "notify/report.h"

static const char usage[] =
    "usage: hinomi incident list [--member NAME]... [--state STATE[,STATE]...]\n"
    "                       [--severity LEVEL] [--since TIME] [--all]\n"
    "       hinomi incident show ID\n"
    "       hinomi incident ack ID... [--note TEXT] [--by WHO]\n"
    "       hinomi incident work ID... [--note TEXT] [--by WHO]\n"
    "       hinomi incident close ID... --reason fixed|not-ours|harmless [--note TEXT]\n"
    "                       [--by WHO]\n"
    "       hinomi incident note ID TEXT [--by WHO]\n"
    "\n"
    "What was found about members' machines. A list leaves out what is closed, unless it\n"
    "is asked for; its exit status is 1 where there is anything in it, else 0.\n"
    "\n"
    "  --state STATE    new, notified, acknowledged, in-progress, quiet, closed, relapsed\n"
    "  --severity LEVEL the least: info, low, medium, high, critical\n"
    "  --since TIME     seen since then: 2026-04-01, 2026-04-01T09:00, or 12h, 7d\n"
    "  --all            closed ones too, and the station's tests of itself\n"
    "  --reason         fixed; not-ours (another's address); harmless (it does what it\n"
    "                   should; see hinomi-exception(1) for what comes again)\n"
    "  --by WHO         stands in the history (SUDO_USER, else USER)\n"
    "  --station DIR    the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --format FORMAT  text or json (--json)\n"
    "  --lang ja|en     language of what is said (that of the locale)\n";

enum {
	STATES_BYTES = 256,
	MEMBERS_MAX = STORE_LIST_MAX,
};

/* ---- Lists ---- */

/* What a list is asked for. */
struct wish {
	int64_t members[MEMBERS_MAX];
	size_t member_count;
	const char *states[INCIDENT_STATE_COUNT];
	size_t state_count;
	int severity_min;
	int64_t since_us;
	bool has_since;
};

static int take_state(struct wish *wish, const char *name, size_t bytes)
{
	char text[32];
	(void)snprintf(text, sizeof text, "%.*s", (int)bytes, name);
	int state = bytes < sizeof text ? incident_state_find(text) : -1;
	if (state < 0)
		return cmd_fail("--state %.*s: expected one of new, notified, acknowledged, "
				"in-progress, quiet, closed, relapsed",
		    (int)bytes, name);
	const char *known = incident_state_name((enum incident_state)state);
	for (size_t i = 0; i < wish->state_count; i++)
		if (wish->states[i] == known)
			return 0;
	wish->states[wish->state_count++] = known;
	return 0;
}

static int take_states(struct wish *wish, const struct manage *manage)
{
	size_t position = 0;
	const char *list;
	int status = 0;
	while (status == 0 && (list = manage_next(manage, "state", &position)) != NULL) {
		while (status == 0) {
			size_t bytes = strcspn(list, ",");
			status = take_state(wish, list, bytes);
			if (list[bytes] == '\0')
				break;
			list += bytes + 1;
		}
	}
	if (wish->state_count > 0 || manage_has(manage, "all"))
		return status;
	for (int state = 0; state < INCIDENT_STATE_COUNT; state++)
		if (state != INCIDENT_CLOSED)
			wish->states[wish->state_count++] =
			    incident_state_name((enum incident_state)state);
	return status;
}

static int take_members(struct wish *wish, const struct manage *manage)
{
	size_t position = 0;
	const char *name;
	int status = 0;
	while (status == 0 && (name = manage_next(manage, "member", &position)) != NULL) {
		if (wish->member_count == MEMBERS_MAX)
			return cmd_fail("--member %s: expected at most %d", name, MEMBERS_MAX);
		status = manage_member_id(manage, name, &wish->members[wish->member_count++]);
	}
	return status;
}

/* A time, or how long ago. */
static int take_since(struct wish *wish, const struct manage *manage)
{
	const char *text = manage_value(manage, "since");
	int64_t ago_us;
	if (text == NULL)
		return 0;
	wish->has_since = true;
	if (when_parse(text, &wish->since_us) == 0)
		return 0;
	if (duration_parse(text, &ago_us) != 0)
		return cmd_fail(
		    "--since %s: expected a time such as 2026-04-01T09:00, or 12h, 7d", text);
	wish->since_us = (int64_t)time(NULL) * WHEN_SECOND_US - ago_us;
	return 0;
}

static int take_wish(struct wish *wish, const struct manage *manage)
{
	const char *severity = manage_value(manage, "severity");
	*wish = (struct wish){.severity_min = severity == NULL ? -1 : severity_find(severity)};
	if (severity != NULL && wish->severity_min < 0)
		return cmd_fail(
		    "--severity %s: expected one of info, low, medium, high, critical", severity);
	int status = take_states(wish, manage);
	if (status == 0)
		status = take_since(wish, manage);
	return status == 0 ? take_members(wish, manage) : status;
}

static struct store_query query_of(const struct wish *wish)
{
	struct store_query query = {.kind = STORE_INCIDENT, .order = "last_us", .descending = true};
	struct store_condition *next = query.conditions;
	if (wish->state_count > 0)
		*next++ = (struct store_condition){.column = "state",
		    .test = STORE_IN,
		    .texts = wish->states,
		    .count = wish->state_count};
	if (wish->member_count > 0)
		*next++ = (struct store_condition){.column = "member_id",
		    .test = STORE_IN,
		    .numbers = wish->members,
		    .count = wish->member_count};
	if (wish->has_since)
		*next++ = (struct store_condition){
		    .column = "last_us", .test = STORE_FROM, .number = wish->since_us};
	return query;
}

static int run_list(struct manage *manage)
{
	struct wish wish;
	int status = manage_open_store(manage);
	if (status == 0)
		status = take_wish(&wish, manage);
	if (status != 0)
		return status;
	const struct store_query query = query_of(&wish);
	struct manage_incidents incidents = {
	    .query = &query,
	    .severity_min = wish.severity_min,
	    .has_canaries = manage_has(manage, "all"),
	};
	status = manage_list_incidents(manage, &incidents);
	if (status != 0)
		return status;
	return incidents.listed > 0 ? EXIT_FINDINGS : EXIT_NOTHING_FOUND;
}

/* ---- One of them ---- */

/* Whose machine it is, so that it is called by its name, though it may be gone. */
static struct registry *make_registry(const struct store_incident *incident)
{
	struct registry *registry = NULL;
	int result = registry_new(&registry);
	if (result == 0)
		result = incident->member_id == 0 ? registry_add_local(registry, NULL)
						  : registry_add_member(registry, incident->member,
							incident->subject, NULL);
	if (result == 0)
		result = registry_seal(registry, NULL);
	if (result == 0)
		return registry;
	registry_free(registry);
	return NULL;
}

static int show_finding(const struct manage *manage, const struct store_incident *incident)
{
	struct finding finding;
	if (finding_record_read(incident->finding, &finding, NULL) != 0) {
		manage_say(manage, SAY_UNREADABLE, NULL, 0);
		return 0;
	}
	struct registry *registry = make_registry(incident);
	if (registry == NULL)
		return cmd_fail("out of memory");
	const int severity = severity_find(incident->severity);
	const struct report report = {
	    .out = stdout, .language = manage->language, .registry = registry, .all = true};
	finding.member = 0;
	if (severity >= 0)
		finding.severity = (enum severity)severity;
	int result = report_write_finding(&report, &finding);
	registry_free(registry);
	return result == 0 ? 0 : cmd_fail_output(0);
}

static int visit_event(void *context, const void *record)
{
	const struct store_event *event = record;
	struct manage *manage = context;
	const enum language language = manage->language;
	char at[MANAGE_MINUTE_BYTES];
	if (manage->format == MANAGE_JSON) {
		struct json json;
		json_init(&json, stdout);
		record_write_event(&json, event);
		fputc('\n', stdout);
		return 0;
	}
	manage_minute(event->at_us, at);
	const char *const cells[] = {at, manage_term(language, event->what),
	    manage_term(language, event->to_state),
	    event->by[0] != '\0' ? event->by : manage_word(language, TERM_STATION), event->note};
	return columns_add(manage->context, cells);
}

static int show_history(struct manage *manage, int64_t id)
{
	const enum language language = manage->language;
	const struct column_head heads[] = {
	    {manage_word(language, HEAD_WHEN), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_WHAT_HAPPENED), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_STATE), false, COLUMN_WHOLE},
	    {manage_word(language, HEAD_BY_WHOM), false, COLUMN_FIRST},
	    {manage_word(language, HEAD_NOTE), false, COLUMN_FIRST},
	};
	const struct store_query events = {
	    .kind = STORE_EVENT,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = id}},
	};
	struct columns *table = columns_new(heads, sizeof heads / sizeof heads[0]);
	if (table == NULL)
		return cmd_fail("out of memory");
	manage->context = table;
	if (manage->format == MANAGE_TEXT)
		manage_say(manage, TITLE_HISTORY, NULL, 0);
	int status = manage_each(manage, &events, visit_event, manage);
	if (status == 0)
		manage_print_table(manage, table);
	columns_free(table);
	return status;
}

static void print_frame_json(const struct incident_frame *kept)
{
	struct json json;
	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "type", "frame");
	incident_frame_put(&json, kept);
	json_close_object(&json);
	fputc('\n', stdout);
}

/* "2026-04-01 09:20:15.674711+09:00  198.51.100.7 asks 198.18.0.9 for ..." */
static void print_frame(enum language language, const struct frame *frame)
{
	char at[WHEN_TEXT_BYTES];
	char sentence[FRAME_WORDS_BYTES];
	struct text text;
	when_format_local(frame->time_us, at);
	text_init(&text, sentence, sizeof sentence);
	frame_words_add(&text, language, frame);
	printf("%s  %s\n", at, sentence);
}

static int show_frames(struct manage *manage, int64_t id)
{
	static struct incident_frames frames; /* large */
	struct complaint complaint;
	if (incident_frames_read(manage->store, id, &frames, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	if (frames.count > 0)
		manage_print_title(manage, TITLE_FRAMES);
	for (size_t i = 0; i < frames.count; i++) {
		if (manage->format == MANAGE_JSON)
			print_frame_json(&frames.list[i]);
		else
			print_frame(manage->language, &frames.list[i].frame);
	}
	if (frames.count > 0 && manage->format == MANAGE_TEXT)
		fputc('\n', stdout);
	return 0;
}

static int show_notices(struct manage *manage, int64_t id)
{
	const struct store_query query = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = id}},
	};
	struct manage_notices notices = {.query = &query};
	manage_print_title(manage, TITLE_NOTICES);
	return manage_list_notices(manage, &notices);
}

/* "closed (fixed), 2026-04-01 09:00" */
static void say_state(const struct manage *manage, const struct store_incident *incident)
{
	char state[STATES_BYTES];
	char number[24];
	char changed[MANAGE_MINUTE_BYTES];
	struct text text;
	const enum language language = manage->language;
	text_init(&text, state, sizeof state);
	manage_minute(incident->changed_us, changed);
	const struct value values[] = {value_of_text(manage_term(language, incident->state)),
	    value_of_text(manage_term(language, incident->close_reason))};
	if (incident->close_reason[0] != '\0')
		manage_words_add(&text, language, SAY_STATE_REASON, values, 2);
	else
		text_add(&text, values[0].text);
	text_add(&text, ", ");
	text_add(&text, changed);
	(void)snprintf(number, sizeof number, "%" PRId64, incident->id);
	manage_say_field(manage, LABEL_INCIDENT, number);
	manage_say_field(manage, LABEL_STATE, state);
}

/* The record, and what was found as the database has it. */
static void print_json(const struct store_incident *incident)
{
	struct json json;
	json_init(&json, stdout);
	record_write_incident(&json, incident);
	printf("\n%s\n", incident->finding);
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
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = id}},
	};
	struct store_incident *incident = manage_find(manage, &which, "incident", manage->words[0]);
	if (incident == NULL)
		return EXIT_TROUBLE;
	if (manage->format == MANAGE_JSON) {
		print_json(incident);
	} else {
		say_state(manage, incident);
		fputc('\n', stdout);
		status = show_finding(manage, incident);
	}
	free(incident);
	if (status == 0)
		status = show_frames(manage, id);
	if (status == 0)
		status = show_history(manage, id);
	return status == 0 ? show_notices(manage, id) : status;
}

/* ---- Changes ---- */

static void tell_state(const struct manage *manage, const struct json_node *record)
{
	const struct value values[] = {{.number = manage_number_of(record, "id")},
	    value_of_text(manage_term(manage->language, manage_text_of(record, "state")))};
	manage_say(manage, SAY_INCIDENT, values, 2);
}

static void tell_noted(const struct manage *manage, const struct json_node *record)
{
	const struct value number = {.number = manage_number_of(record, "id")};
	manage_say(manage, SAY_NOTED, &number, 1);
}

/* Begins a request about the incident of a word. */
static int begin(
    struct manage *manage, size_t word, struct manage_request *request, const char *name)
{
	int64_t id = 0;
	int status = manage_id(manage, word, &id);
	if (status == 0)
		status = manage_begin(request, name);
	if (status != 0)
		return status;
	json_signed(&request->json, "incident", id);
	return 0;
}

/* To each of the words; one that fails does not keep others from it. */
static int do_deeds(struct manage *manage, const char *name)
{
	int status = 0;
	for (size_t i = 0; i < manage->word_count; i++) {
		struct manage_request request;
		int result = begin(manage, i, &request, name);
		if (result == 0 && manage_has(manage, "note"))
			json_string(&request.json, "note", manage_value(manage, "note"));
		if (result == 0 && manage_has(manage, "reason"))
			json_string(&request.json, "reason", manage_value(manage, "reason"));
		if (result == 0)
			result = manage_send(manage, &request, tell_state);
		if (result != 0)
			status = result;
	}
	return status;
}

static int run_ack(struct manage *manage)
{
	return do_deeds(manage, "incident.ack");
}

static int run_work(struct manage *manage)
{
	return do_deeds(manage, "incident.work");
}

static int run_close(struct manage *manage)
{
	if (!manage_has(manage, "reason"))
		return cmd_fail("incident close: expected --reason fixed, not-ours or harmless");
	return do_deeds(manage, "incident.close");
}

static int run_note(struct manage *manage)
{
	struct manage_request request;
	int status = begin(manage, 0, &request, "incident.note");
	if (status != 0)
		return status;
	json_string(&request.json, "note", manage->words[1]);
	return manage_send(manage, &request, tell_noted);
}

static const char *const list_options[] = {"member=", "state=", "severity=", "since=", "all", NULL};
static const char *const deed_options[] = {"note=", "by=", NULL};
static const char *const close_options[] = {"reason=", "note=", "by=", NULL};
static const char *const by_options[] = {"by=", NULL};
static const char *const no_options[] = {NULL};

static const struct manage_verb verbs[] = {
    {"list", list_options, 0, 0, "nothing more", run_list, false},
    {"show", no_options, 1, 1, "the number of an incident", run_show, false},
    {"ack", deed_options, 1, SIZE_MAX, "numbers of incidents", run_ack, false},
    {"work", deed_options, 1, SIZE_MAX, "numbers of incidents", run_work, false},
    {"close", close_options, 1, SIZE_MAX, "numbers of incidents", run_close, false},
    {"note", by_options, 2, 2, "the number of an incident and a text", run_note, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_incident(int argc, char **argv)
{
	static const struct manage_command command = {"incident", usage, verbs};
	return manage_run(&command, argc, argv);
}
