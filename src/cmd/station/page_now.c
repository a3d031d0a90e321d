#include "cmd/station/page_now.h"

#include <string.h>

#include "alert/incident.h"
#include "base/when.h"
#include "cmd/station/alarms.h"
#include "cmd/station/page_incidents.h"
#include "cmd/station/record_json.h"
#include "cmd/station/roster.h"
#include "notify/text.h"

enum level {
	LEVEL_OK,
	LEVEL_ATTENTION,
	LEVEL_ALARM,
};

static const char *const level_names[] = {
    [LEVEL_OK] = "ok", [LEVEL_ATTENTION] = "attention", [LEVEL_ALARM] = "alarm"};

enum {
	REASON_BYTES = 512,
	REASONS_MAX = 24,  /* each is a line that a person reads */
	DRILLS_MAX = 9999, /* counted, as far as anybody wants to know */
};

/* ---- What is known ---- */

struct situation {
	const struct page_question *question;
	struct page_answer *answer;
	int64_t open[SEVERITY_COUNT];
	int64_t unseen[SEVERITY_COUNT]; /* of these nobody has acknowledged */
	int64_t drills;                 /* of these */
	int64_t contacts_failing;
	int64_t notices_waiting;
	int64_t notices_failed; /* within a day */
	int64_t members;
	uint64_t addresses; /* IPv4, of members */
	uint64_t dark;      /* declared ones */
	enum level level;
	size_t reasons;
};

static bool is_unseen(enum incident_state state)
{
	return state == INCIDENT_NEW || state == INCIDENT_RELAPSED || state == INCIDENT_NOTIFIED;
}

/* Of one state and severity, as an index has them. */
static int count_incidents(
    struct situation *situation, enum incident_state state, enum severity severity)
{
	const struct page_question *question = situation->question;
	struct store_query query = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .text = incident_state_name(state)},
		{.column = "severity", .text = severity_name(severity)}}};
	size_t at = 2;
	int64_t count = 0;
	page_scope(question, "member_id", query.conditions, &at);
	const int result =
	    store_count(question->store, &query, &count, &situation->answer->complaint);
	situation->open[severity] += count;
	if (is_unseen(state))
		situation->unseen[severity] += count;
	return result;
}

/* The station's own tests of the whole way, which are no incidents of anybody: taken off again. */
static int visit_canary(void *context, const void *record)
{
	struct situation *situation = context;
	const struct store_incident *incident = record;
	const int severity = severity_find(incident->severity);
	const int state = incident_state_find(incident->state);
	if (severity < 0 || state < 0 || !incident_is_open((enum incident_state)state))
		return 0;
	situation->open[severity]--;
	if (is_unseen((enum incident_state)state))
		situation->unseen[severity]--;
	return 0;
}

static size_t open_states(const char *out[static INCIDENT_STATE_COUNT])
{
	size_t count = 0;
	for (int state = 0; state < INCIDENT_STATE_COUNT; state++)
		if (incident_is_open((enum incident_state)state))
			out[count++] = incident_state_name((enum incident_state)state);
	return count;
}

static int count_apart(struct situation *situation)
{
	const struct page_question *question = situation->question;
	const char *states[INCIDENT_STATE_COUNT];
	const size_t count = open_states(states);
	const struct store_query canaries = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "member_id", .number = ROSTER_CANARY_ID},
		{.column = "state", .test = STORE_IN, .texts = states, .count = count}}};
	struct store_query drills = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "drill", .number = 1},
		{.column = "state", .test = STORE_IN, .texts = states, .count = count},
		{.column = "member_id", .test = STORE_NOT, .number = ROSTER_CANARY_ID}},
	    .limit = DRILLS_MAX};
	size_t at = 3;
	int result = 0;
	page_scope(question, "member_id", drills.conditions, &at);
	if (question->who->role != PAGE_MEMBER)
		result = store_each(question->store, &canaries, visit_canary, situation,
		    &situation->answer->complaint);
	if (result == 0)
		result = store_count(
		    question->store, &drills, &situation->drills, &situation->answer->complaint);
	return result;
}

static int count_all_incidents(struct situation *situation)
{
	int result = 0;
	for (int state = 0; state < INCIDENT_STATE_COUNT; state++)
		for (int severity = 0; severity < SEVERITY_COUNT; severity++)
			if (result == 0 && incident_is_open((enum incident_state)state))
				result = count_incidents(
				    situation, (enum incident_state)state, (enum severity)severity);
	return result == 0 ? count_apart(situation) : result;
}

static int visit_contact(void *context, const void *record)
{
	const struct store_contact *contact = record;
	struct situation *situation = context;
	situation->contacts_failing +=
	    contact->state == CONTACT_FAILING || contact->bounced_us != 0;
	return 0;
}

static int count_contacts(struct situation *situation)
{
	struct store_query query = {.kind = STORE_CONTACT};
	size_t count = 0;
	page_scope(situation->question, "member_id", query.conditions, &count);
	return store_each(situation->question->store, &query, visit_contact, situation,
	    &situation->answer->complaint);
}

static int count_notices(struct situation *situation)
{
	const struct page_question *question = situation->question;
	const int64_t day_us = question->world->now_us - WHEN_DAY_US;
	const struct store_query waiting = {
	    .kind = STORE_NOTICE, .conditions = {{.column = "state", .number = NOTICE_WAITING}}};
	const struct store_query failed = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "state", .number = NOTICE_FAILED},
		{.column = "created_us", .test = STORE_FROM, .number = day_us}}};
	int result = store_count(
	    question->store, &waiting, &situation->notices_waiting, &situation->answer->complaint);
	if (result == 0)
		result = store_count(question->store, &failed, &situation->notices_failed,
		    &situation->answer->complaint);
	return result;
}

static void add_prefix(struct situation *situation, const struct prefix *prefix, bool dark)
{
	if (!prefix_is_v4(prefix))
		return;
	if (dark)
		situation->dark += prefix_size(prefix);
	else
		situation->addresses += prefix_size(prefix);
}

static int visit_prefix(void *context, const void *record)
{
	const struct store_prefix *stored = record;
	struct prefix prefix;
	const char *why;
	if (prefix_parse(stored->prefix, &prefix, &why) == 0)
		add_prefix(context, &prefix, stored->dark);
	return 0;
}

static int measure_ranges(struct situation *situation)
{
	const struct page_question *question = situation->question;
	const struct station_config_prefixes *dark = &question->world->config->dark;
	struct store_query prefixes = {.kind = STORE_PREFIX};
	struct store_query members = {.kind = STORE_MEMBER};
	size_t count = 0;
	page_scope(question, "member_id", prefixes.conditions, &count);
	count = 0;
	page_scope(question, "id", members.conditions, &count);
	for (size_t i = 0; question->who->role != PAGE_MEMBER && i < dark->count; i++)
		add_prefix(situation, &dark->list[i], true);
	int result = store_each(
	    question->store, &prefixes, visit_prefix, situation, &situation->answer->complaint);
	if (result == 0)
		result = store_count(
		    question->store, &members, &situation->members, &situation->answer->complaint);
	return result;
}

/* ---- Reasons ---- */

enum reason_code {
	NOW_UNSEEN,
	NOW_OPEN,
	NOW_CANARY_LATE,
	NOW_SOURCE_DOWN,
	NOW_CONTACTS,
	NOW_NOTICES,
	NOW_KEEPER,
	NOW_REASONS,
};

static const struct {
	const char *code;
	enum level level;
	const char *words[LANGUAGE_COUNT];
} reasons[NOW_REASONS] = {
    [NOW_UNSEEN] = {"incidents.unseen", LEVEL_ALARM,
	{[LANGUAGE_EN] = "{1} {1:incident|incidents} of severity high or above that nobody has "
			 "looked at yet",
	    [LANGUAGE_JA] = "重大度「高」以上で、まだ誰も確認していないインシデントが {1} 件"}},
    [NOW_OPEN] = {"incidents.open", LEVEL_ATTENTION,
	{[LANGUAGE_EN] = "{1} open {1:incident|incidents}",
	    [LANGUAGE_JA] = "対応中のインシデントが {1} 件"}},
    [NOW_CANARY_LATE] = {"canary.late", LEVEL_ALARM,
	{[LANGUAGE_EN] = "The last test of the whole way, from packet to mailbox, has not arrived "
			 "in time: warnings may not arrive",
	    [LANGUAGE_JA] = "パケットから受信箱までの通し試験が時間内に届いていません。"
			    "警告が届かないおそれがあります"}},
    [NOW_SOURCE_DOWN] = {"sources.down", LEVEL_ALARM,
	{[LANGUAGE_EN] = "{1} {1:source|sources} of packets cannot be watched now",
	    [LANGUAGE_JA] = "監視できていないパケット取得元が {1} 個"}},
    [NOW_CONTACTS] = {"contacts.failing", LEVEL_ATTENTION,
	{[LANGUAGE_EN] = "{1} {1:contact is|contacts are} not reached by letters",
	    [LANGUAGE_JA] = "通知が届いていない連絡先が {1} 件"}},
    [NOW_NOTICES] = {"notices.failed", LEVEL_ATTENTION,
	{[LANGUAGE_EN] = "{1} {1:letter was|letters were} given up within a day",
	    [LANGUAGE_JA] = "この 24 時間に配送を断念した通知が {1} 件"}},
    [NOW_KEEPER] = {"keeper.away", LEVEL_ATTENTION,
	{[LANGUAGE_EN] = "The keeper has not answered lately: numbers of this moment are missing",
	    [LANGUAGE_JA] = "keeper からの応答がありません。現在の数値は表示できません"}},
};

static void begin_reason(struct situation *situation, const char *code, enum level level)
{
	struct json *json = &situation->answer->json;
	if (level > situation->level)
		situation->level = level;
	situation->reasons++;
	json_open_object(json, NULL);
	json_string(json, "code", code);
	json_string(json, "severity", level_names[level]);
}

static void put_reason(struct situation *situation, enum reason_code code, int64_t number)
{
	static const char *const keys[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "text_en", [LANGUAGE_JA] = "text_ja"};
	const struct value value = {.number = number};
	begin_reason(situation, reasons[code].code, reasons[code].level);
	for (int i = 0; i < LANGUAGE_COUNT; i++) {
		char sentence[REASON_BYTES];
		struct text text;
		text_init(&text, sentence, sizeof sentence);
		text_add_phrase(&text, reasons[code].words[i], &value, 1);
		json_string(&situation->answer->json, keys[i], sentence);
	}
	json_close_object(&situation->answer->json);
}

/* What the operator was told and is not over. */
static void put_alarm(struct situation *situation, const struct alarm_standing *standing)
{
	char title[LETTER_SUBJECT_BYTES];
	/* Addresses of contacts are not for everybody. */
	const bool is_open = situation->question->who->role == PAGE_OPERATOR ||
			     standing->alarm != ALARM_DELIVERY_FAILING;
	const char *what = standing->what[0] != '\0' ? standing->what : NULL;
	begin_reason(situation, alarm_name(standing->alarm), LEVEL_ATTENTION);
	if (is_open) {
		letter_alarm_title(LANGUAGE_EN, standing->alarm, what, title);
		json_string(&situation->answer->json, "text_en", title);
		letter_alarm_title(LANGUAGE_JA, standing->alarm, what, title);
		json_string(&situation->answer->json, "text_ja", title);
	}
	record_put_time(&situation->answer->json, "since", standing->since_us);
	json_close_object(&situation->answer->json);
}

static int put_alarms(struct situation *situation)
{
	const struct alarms_options options = {.store = situation->question->store};
	struct alarm_standing standing;
	struct alarms *alarms = NULL;
	size_t position = 0;
	if (situation->question->who->role == PAGE_MEMBER)
		return 0;
	const int result = alarms_new(
	    &options, situation->question->world->now_us, &alarms, &situation->answer->complaint);
	while (result == 0 && situation->reasons < REASONS_MAX &&
	       alarms_next(alarms, &position, &standing))
		if (standing.alarm != ALARM_CANARY_LATE) /* which has words of its own */
			put_alarm(situation, &standing);
	alarms_free(alarms);
	return result;
}

/* Interfaces: a capture file has an end. */
static int64_t count_down(const struct figures *figures)
{
	int64_t count = 0;
	for (size_t i = 0; i < figures->source_count; i++) {
		const struct figures_source *source = &figures->sources[i];
		const bool is_live =
		    strncmp(source->name, "ring:", 5) == 0 || strncmp(source->name, "xdp:", 4) == 0;
		count += is_live && source->is_up == 0;
	}
	return count;
}

static int put_reasons(struct situation *situation)
{
	const struct figures *figures = situation->question->world->figures;
	int64_t open = 0;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		open += situation->open[i];
	const int64_t urgent =
	    situation->unseen[SEVERITY_HIGH] + situation->unseen[SEVERITY_CRITICAL];
	json_open_array(&situation->answer->json, "reasons");
	if (urgent > 0)
		put_reason(situation, NOW_UNSEEN, urgent);
	if (figures != NULL && figures->canary_is_late != 0)
		put_reason(situation, NOW_CANARY_LATE, 1);
	if (figures != NULL && count_down(figures) > 0)
		put_reason(situation, NOW_SOURCE_DOWN, count_down(figures));
	if (open > 0)
		put_reason(situation, NOW_OPEN, open);
	if (situation->contacts_failing > 0)
		put_reason(situation, NOW_CONTACTS, situation->contacts_failing);
	if (situation->question->who->role != PAGE_MEMBER && situation->notices_failed > 0)
		put_reason(situation, NOW_NOTICES, situation->notices_failed);
	if (figures == NULL)
		put_reason(situation, NOW_KEEPER, 1);
	const int result = put_alarms(situation);
	json_close_array(&situation->answer->json);
	return result;
}

/* ---- Parts ---- */

static void put_counts(struct situation *situation)
{
	struct json *json = &situation->answer->json;
	int64_t open = 0;
	int64_t unseen = 0;
	json_open_object(json, "incidents");
	json_open_object(json, "by_severity");
	for (int i = SEVERITY_COUNT - 1; i >= 0; i--) {
		json_signed(json, severity_name((enum severity)i), situation->open[i]);
		open += situation->open[i];
		unseen += situation->unseen[i];
	}
	json_close_object(json);
	json_signed(json, "open", open);
	json_signed(json, "new", unseen);
	json_signed(json, "drills", situation->drills);
	json_close_object(json);
}

static void put_canary(const struct situation *situation)
{
	struct json *json = &situation->answer->json;
	const struct figures *figures = situation->question->world->figures;
	json_open_object(json, "canary");
	if (figures != NULL) {
		record_put_time(json, "arrived", figures->canary_arrived_us);
		if (figures->canary_took_us > 0)
			json_signed(json, "took_ms", figures->canary_took_us / 1000);
		json_bool(json, "late", figures->canary_is_late != 0);
	}
	json_signed(
	    json, "every_s", situation->question->world->config->canary.every_us / WHEN_SECOND_US);
	json_close_object(json);
}

static void put_source(struct json *json, const struct figures_source *source)
{
	json_open_object(json, NULL);
	json_string(json, "name", source->name);
	json_bool(json, "up", source->is_up != 0);
	json_unsigned(json, "packets", source->packets);
	json_unsigned(json, "bytes", source->bytes);
	json_unsigned(json, "dropped", source->dropped);
	if (source->last_us != INT64_MIN)
		record_put_time(json, "last", source->last_us);
	json_close_object(json);
}

/* What a member's account need not know: how the station is wired. */
static void put_station(const struct situation *situation)
{
	struct json *json = &situation->answer->json;
	const struct figures *figures = situation->question->world->figures;
	uint64_t totals[6] = {0};
	static const char *const names[] = {
	    "packets", "dropped", "refused", "truncated", "malformed", "lost_batches"};
	if (figures == NULL)
		return;
	json_open_array(json, "sources");
	for (size_t i = 0; i < figures->source_count; i++) {
		const struct figures_source *source = &figures->sources[i];
		const uint64_t parts[] = {source->packets, source->dropped, source->refused,
		    source->truncated, source->malformed, source->lost_batches};
		for (size_t j = 0; j < sizeof parts / sizeof parts[0]; j++)
			totals[j] += parts[j];
		put_source(json, source);
	}
	json_close_array(json);
	json_open_object(json, "drops");
	for (size_t j = 0; j < sizeof names / sizeof names[0]; j++)
		json_unsigned(json, names[j], totals[j]);
	json_close_object(json);
	json_open_object(json, "notices");
	json_signed(json, "waiting", situation->notices_waiting);
	json_signed(json, "failed", situation->notices_failed);
	json_signed(json, "oldest_waiting_s", figures->oldest_waiting_us / WHEN_SECOND_US);
	json_close_object(json);
}

static int put_all(struct situation *situation)
{
	struct json *json = &situation->answer->json;
	const struct page_world *world = situation->question->world;
	json_open_object(json, NULL);
	const int result = put_reasons(situation);
	json_string(json, "level", level_names[situation->level]);
	put_counts(situation);
	put_canary(situation);
	json_open_object(json, "coverage");
	json_unsigned(json, "addresses", situation->addresses);
	json_unsigned(json, "dark", situation->dark);
	json_close_object(json);
	if (situation->question->who->role != PAGE_MEMBER)
		put_station(situation);
	json_signed(json, "members", situation->members);
	json_signed(json, "contacts_failing", situation->contacts_failing);
	if (world->figures != NULL && world->figures->observed_us != INT64_MIN)
		record_put_time(json, "observed", world->figures->observed_us);
	json_close_object(json);
	return result;
}

static unsigned read_now(const struct page_question *question, struct page_answer *answer)
{
	struct situation situation = {.question = question, .answer = answer};
	int result = count_all_incidents(&situation);
	if (result == 0)
		result = count_contacts(&situation);
	if (result == 0)
		result = count_notices(&situation);
	if (result == 0)
		result = measure_ranges(&situation);
	if (result == 0)
		result = put_all(&situation);
	return result == 0 ? 200 : page_broken(answer);
}

const struct page_route page_now_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/now",
	.roles = PAGE_SIGNED_IN,
	.read = read_now,
	.summary = "Whether everything is all right, and why not",
	.is_fresh = true},
    {.path = NULL},
};
