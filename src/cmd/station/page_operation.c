#include "cmd/station/page_operation.h"

#include "base/when.h"
#include "cmd/station/alarms.h"
#include "cmd/station/config_show.h"
#include "cmd/station/gap_list.h"
#include "cmd/station/page_telling.h"
#include "cmd/station/record_json.h"

enum {
	CANARIES_MAX = 200, /* two days of one each quarter of an hour */
};

/* Gaps of so long are listed. */
#define GAPS_US (7 * WHEN_DAY_US)

/* ---- Processes and sources ---- */

static void put_duties(struct json *json, const struct roll *roll)
{
	json_open_array(json, "duties");
	for (size_t i = 0; roll != NULL && i < roll->count; i++) {
		const struct roll_duty *duty = &roll->duties[i];
		json_open_object(json, NULL);
		json_string(json, "name", duty->name);
		json_bool(json, "up", duty->is_up != 0);
		json_bool(json, "failing", duty->is_failing != 0);
		json_unsigned(json, "ends", duty->ends);
		json_unsigned(json, "restarts", duty->restarts);
		json_unsigned(json, "resident_bytes", duty->resident_bytes);
		json_string(json, "why", duty->why[0] != '\0' ? duty->why : NULL);
		json_close_object(json);
	}
	json_close_array(json);
	if (roll != NULL)
		record_put_time(json, "started", roll->started_us);
}

static void put_source(struct json *json, const struct figures_source *source)
{
	const struct {
		const char *name;
		uint64_t number;
	} counts[] = {
	    {"packets", source->packets},
	    {"bytes", source->bytes},
	    {"dropped", source->dropped},
	    {"refused", source->refused},
	    {"truncated", source->truncated},
	    {"malformed", source->malformed},
	    {"unsupported", source->unsupported},
	    {"evicted", source->evicted},
	    {"lost_batches", source->lost_batches},
	    {"backlog_bytes", source->backlog_bytes},
	};
	json_open_object(json, NULL);
	json_string(json, "name", source->name);
	json_bool(json, "up", source->is_up != 0);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		json_unsigned(json, counts[i].name, counts[i].number);
	if (source->last_us != INT64_MIN)
		record_put_time(json, "last", source->last_us);
	json_close_object(json);
}

static void put_stations(struct json *json, const struct figures *figures)
{
	json_open_array(json, "stations");
	for (size_t i = 0; i < figures->station_count; i++) {
		json_open_object(json, NULL);
		json_string(json, "name", figures->stations[i].name);
		json_bool(json, "silent", figures->stations[i].is_silent != 0);
		record_put_time(json, "heard", figures->stations[i].heard_us);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_queues(struct json *json, const struct figures *figures)
{
	json_open_object(json, "queues");
	json_unsigned(json, "notices_waiting", figures->notices_waiting);
	json_unsigned(json, "notices_sending", figures->notices_sending);
	json_signed(json, "oldest_waiting_s", figures->oldest_waiting_us / WHEN_SECOND_US);
	json_unsigned(json, "notices_written", figures->notices_written);
	json_unsigned(json, "notices_delivered", figures->notices_delivered);
	json_unsigned(json, "notices_failed", figures->notices_failed);
	json_unsigned(json, "attempts_failed", figures->attempts_failed);
	json_unsigned(json, "batches", figures->batches);
	json_unsigned(json, "sightings", figures->sightings);
	json_unsigned(json, "hosts", figures->hosts);
	json_unsigned(json, "evicted", figures->ledger_evicted);
	json_unsigned(json, "pending_bytes", figures->pending_bytes);
	json_close_object(json);
}

static void put_store(struct json *json, const struct figures *figures)
{
	json_open_object(json, "store");
	json_unsigned(json, "commits", figures->commits);
	json_unsigned(json, "commits_failed", figures->commits_failed);
	record_put_time(json, "committed", figures->committed_us);
	if (figures->has_store != 0) {
		json_unsigned(json, "bytes", figures->database_bytes);
		json_unsigned(json, "log_bytes", figures->database_log_bytes);
		json_unsigned(json, "disk_free_bytes", figures->disk_free_bytes);
	}
	json_close_object(json);
}

static void put_figures(struct json *json, const struct figures *figures)
{
	if (figures == NULL)
		return;
	json_open_array(json, "sources");
	for (size_t i = 0; i < figures->source_count; i++)
		put_source(json, &figures->sources[i]);
	json_close_array(json);
	put_stations(json, figures);
	put_queues(json, figures);
	put_store(json, figures);
	if (figures->observed_us != INT64_MIN)
		record_put_time(json, "observed", figures->observed_us);
}

/* ---- Canaries ---- */

static int write_canary(void *context, const void *record)
{
	struct json *json = context;
	const struct store_notice *notice = record;
	json_open_object(json, NULL);
	record_put_time(json, "at", notice->created_us);
	json_string(json, "state", record_notice_state(notice->state));
	record_put_time(json, "delivered", notice->delivered_us);
	if (notice->delivered_us > notice->created_us)
		json_signed(json, "letter_ms", (notice->delivered_us - notice->created_us) / 1000);
	json_signed(json, "attempts", notice->attempts);
	json_close_object(json);
	return 0;
}

static int put_canaries(const struct page_question *question, struct page_answer *answer)
{
	const struct store_query canaries = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "kind", .number = NOTICE_CANARY}},
	    .order = "created_us",
	    .descending = true,
	    .limit = CANARIES_MAX};
	const struct figures *figures = question->world->figures;
	struct json *json = &answer->json;
	json_open_object(json, "canary");
	if (figures != NULL) {
		record_put_time(json, "arrived", figures->canary_arrived_us);
		json_signed(json, "took_ms", figures->canary_took_us / 1000);
		json_bool(json, "late", figures->canary_is_late != 0);
	}
	json_signed(json, "every_s", question->world->config->canary.every_us / WHEN_SECOND_US);
	json_signed(
	    json, "deadline_s", question->world->config->canary.deadline_us / WHEN_SECOND_US);
	json_open_array(json, "history");
	const int result =
	    store_each(question->store, &canaries, write_canary, json, &answer->complaint);
	json_close_array(json);
	json_close_object(json);
	return result;
}

/* ---- Alarms and gaps ---- */

static void put_alarm(
    const struct page_question *question, struct json *json, const struct alarm_standing *standing)
{
	char title[LETTER_SUBJECT_BYTES];
	const bool is_open =
	    question->who->role == PAGE_OPERATOR || standing->alarm != ALARM_DELIVERY_FAILING;
	const char *what = standing->what[0] != '\0' ? standing->what : NULL;
	json_open_object(json, NULL);
	json_string(json, "alarm", alarm_name(standing->alarm));
	record_put_time(json, "since", standing->since_us);
	json_bool(json, "told", standing->was_told);
	if (is_open) {
		json_string(json, "what", what);
		letter_alarm_title(LANGUAGE_EN, standing->alarm, what, title);
		json_string(json, "text_en", title);
		letter_alarm_title(LANGUAGE_JA, standing->alarm, what, title);
		json_string(json, "text_ja", title);
	}
	json_close_object(json);
}

static int put_alarms(const struct page_question *question, struct page_answer *answer)
{
	const struct alarms_options options = {.store = question->store};
	struct alarm_standing standing;
	struct alarms *alarms = NULL;
	size_t position = 0;
	const int result =
	    alarms_new(&options, question->world->now_us, &alarms, &answer->complaint);
	json_open_array(&answer->json, "alarms");
	while (result == 0 && alarms_next(alarms, &position, &standing))
		put_alarm(question, &answer->json, &standing);
	json_close_array(&answer->json);
	alarms_free(alarms);
	return result;
}

static int put_gaps(const struct page_question *question, struct page_answer *answer)
{
	static struct gap_list list; /* large */
	struct json *json = &answer->json;
	list.count = 0;
	const int result = gap_list_read(
	    question->store, question->world->now_us - GAPS_US, &list, &answer->complaint);
	json_open_array(json, "gaps");
	for (size_t i = 0; result == 0 && i < list.count; i++) {
		const struct gap_line *line = &list.lines[i];
		json_open_object(json, NULL);
		json_string(json, "source", line->source);
		json_string(json, "kind", line->kind);
		record_put_time(json, "first", line->first_us);
		record_put_time(json, "last", line->last_us);
		json_unsigned(json, "times", line->times);
		json_unsigned(json, "lost", line->lost);
		json_close_object(json);
	}
	json_close_array(json);
	return result;
}

/* ---- Settings ---- */

static void put_choices(struct json *json, const char *const *choices)
{
	if (choices == NULL)
		return;
	json_open_array(json, "choices");
	for (; *choices != NULL; choices++)
		json_string(json, NULL, *choices);
	json_close_array(json);
}

/* What is in force is what this process was started with: the configuration is read anew when any
   of it is changed, and then this process is another one. */
static void put_settings(struct json *json, const struct station_config *config)
{
	static struct config_shown shown; /* large */
	json_open_array(json, "settings");
	for (size_t i = 0; config_show(config, i, &shown); i++) {
		json_open_object(json, NULL);
		json_string(json, "key", shown.key);
		json_string(json, "value", shown.value[0] != '\0' ? shown.value : NULL);
		json_bool(json, "default", shown.is_default);
		json_string(json, "from", shown.from);
		json_bool(json, "changeable", shown.is_changeable);
		json_string(json, "explain_en", shown.explanations[LANGUAGE_EN]);
		json_string(json, "explain_ja", shown.explanations[LANGUAGE_JA]);
		if (shown.is_changeable) {
			json_string(json, "expected_en", shown.expected[LANGUAGE_EN]);
			json_string(json, "expected_ja", shown.expected[LANGUAGE_JA]);
			put_choices(json, shown.choices);
		}
		json_close_object(json);
	}
	json_close_array(json);
}

/* Whether all do what the files said last: that it could not be put in force is told until it is.
 */
static void put_reload(struct json *json, const struct roll *roll)
{
	if (roll == NULL)
		return;
	json_bool(json, "reloading", roll->is_reloading != 0);
	if (roll->refused_us == 0)
		return;
	json_open_object(json, "refused");
	record_put_time(json, "at", roll->refused_us);
	json_string(json, "why", roll->refused);
	json_close_object(json);
}

static unsigned read_operation(const struct page_question *question, struct page_answer *answer)
{
	struct json *json = &answer->json;
	json_open_object(json, NULL);
	json_string(json, "version", HINOMI_VERSION);
	put_duties(json, question->world->roll);
	put_figures(json, question->world->figures);
	int result = put_canaries(question, answer);
	if (result == 0)
		result = put_alarms(question, answer);
	if (result == 0)
		result = put_gaps(question, answer);
	if (question->who->role == PAGE_OPERATOR) {
		put_reload(json, question->world->roll);
		put_settings(json, question->world->config);
	}
	json_close_object(json);
	return result == 0 ? 200 : page_broken(answer);
}

/* ---- Tables ---- */

static const char *const duty_columns[] = {
    "name", "up", "failing", "ends", "restarts", "resident_bytes", "why", NULL};
static const char *const source_columns[] = {"name", "up", "packets", "bytes", "dropped", "refused",
    "truncated", "malformed", "unsupported", "evicted", "lost_batches", "backlog_bytes", "last",
    NULL};
static const char *const station_columns[] = {"name", "silent", "heard", NULL};
static const char *const canary_columns[] = {
    "at", "state", "delivered", "letter_ms", "attempts", NULL};
static const char *const alarm_columns[] = {
    "alarm", "since", "told", "what", "text_en", "text_ja", NULL};
static const char *const gap_columns[] = {"source", "kind", "first", "last", "times", "lost", NULL};
static const char *const setting_columns[] = {
    "key", "value", "default", "from", "changeable", "explain_en", "explain_ja", NULL};

static const struct page_part parts[] = {
    {"duties", "duties", duty_columns, 0},
    {"sources", "sources", source_columns, 0},
    {"stations", "stations", station_columns, 0},
    {"canaries", "canary.history", canary_columns, 0},
    {"alarms", "alarms", alarm_columns, 0},
    {"gaps", "gaps", gap_columns, 0},
    {"settings", "settings", setting_columns, PAGE_OPERATOR},
    {.name = NULL},
};

const struct page_route page_operation_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/operation",
	.roles = PAGE_OPERATOR | PAGE_VIEWER,
	.read = read_operation,
	.summary = "How the station itself works: processes, queues, canaries, alarms, settings",
	.is_fresh = true,
	.parts = parts},
    {.path = NULL},
};
