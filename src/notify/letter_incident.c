/* letter_incident.c - letters about an incident: first, update, quiet, relapse, retraction. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "notify/advice.h"
#include "notify/finding_json.h"
#include "notify/headline.h"
#include "notify/letter_internal.h"
#include "notify/service.h"
#include "notify/wording_internal.h"

enum {
	EVENTS_SHOWN_MAX = 5, /* the rest is in the attachment */
	SOURCE_PORTS_BYTES = FINDING_SOURCE_PORTS_MAX * 8,
	TAG_BYTES = 64,
	NUMBER_BYTES = 24,
};

/* What all parts of one letter need. */
struct about {
	struct sheet sheet;
	const struct letter_incident *incident;
	const struct finding *finding;
	enum advice advice;
	char address[ADDRESS_TEXT_BYTES];
	char ports[SERVICE_PORTS_BYTES];
	char source_ports[SOURCE_PORTS_BYTES];
};

uint64_t letter_spread(const struct finding *finding)
{
	return finding->rule == RULE_DDOS_INCOMING ? finding->sources : finding->targets;
}

static const struct vocabulary *words_of(const struct about *about)
{
	return wording_get(about->sheet.language);
}

/* A number of an incident is a name: without commas. */
static void format_id(int64_t id, char out[static NUMBER_BYTES])
{
	(void)snprintf(out, NUMBER_BYTES, "%lld", (long long)id);
}

static void put_says(struct about *about)
{
	const struct finding *finding = about->finding;
	enum language language = about->sheet.language;
	char paragraph[TELLING_BYTES];
	struct text text;
	text_init(&text, paragraph, sizeof paragraph);
	const struct value severity = value_of_text(words_of(about)->severities[finding->severity]);
	wording_add(&text, language, MESSAGE_SEVERITY_TAG, &severity, 1);
	text_add(&text, words_of(about)->messages[MESSAGE_JOINT]);
	headline_add(&text, language, about->incident->registry, finding);
	sheet_paragraph(&about->sheet, paragraph);
}

static void put_drill_note(struct about *about)
{
	if (!about->finding->drill)
		return;
	sheet_paragraph(&about->sheet, words_of(about)->messages[MESSAGE_DRILL_NOTE]);
	sheet_gap(&about->sheet);
}

static void put_event(struct about *about, const struct finding_event *event)
{
	char line[TELLING_BYTES];
	char local[WHEN_TEXT_BYTES];
	char duration[TELLING_STAMP_BYTES];
	struct text text;
	zone_format(about->sheet.setting->zone, event->first_us, local);
	text_init(&text, duration, sizeof duration);
	wording_add_span(&text, about->sheet.language, event->first_us, event->last_us);
	const struct value values[] = {value_of_text(local), value_of_text(duration),
	    value_of_count(event->packets), value_of_count(event->targets)};
	text_init(&text, line, sizeof line);
	wording_add(&text, about->sheet.language, MESSAGE_EVENT, values, 4);
	sheet_paragraph(&about->sheet, line);
}

/* A sentence of the report's vocabulary. */
static void say(
    struct about *about, enum message message, const struct value *values, size_t value_count)
{
	char line[TELLING_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	wording_add(&text, about->sheet.language, message, values, value_count);
	sheet_paragraph(&about->sheet, line);
}

static void put_events(struct about *about)
{
	const struct finding *finding = about->finding;
	if (finding->event_count < 2)
		return;
	const struct value count = value_of_count(finding->event_count);
	say(about, MESSAGE_WHEN_EVENTS, &count, 1);
	for (size_t i = 0; i < finding->event_count && i < EVENTS_SHOWN_MAX; i++)
		put_event(about, &finding->events[i]);
	if (finding->event_count > EVENTS_SHOWN_MAX) {
		const struct value more = value_of_count(finding->event_count - EVENTS_SHOWN_MAX);
		say(about, MESSAGE_EVENTS_MORE, &more, 1);
	}
}

static void put_times(struct about *about)
{
	const struct finding *finding = about->finding;
	if (finding->last_us <= finding->first_us) {
		sheet_say_time(&about->sheet, PHRASE_SEEN_ONCE, finding->first_us);
		return;
	}
	sheet_say_time(&about->sheet, PHRASE_SEEN_FIRST, finding->first_us);
	sheet_say_time(&about->sheet, PHRASE_SEEN_LAST, finding->last_us);
	put_events(about);
}

/* What to search for in logs, as far as a log would have it. False where none would. */
static bool add_logs(struct text *text, const struct about *about)
{
	const struct value values[] = {value_of_text(about->address), value_of_text(about->ports)};
	enum phrase phrase = PHRASE_LOGS_FROM;
	switch ((int)about->advice) {
	case ADVICE_SWEEP: /* ARP is in no log */
	case ADVICE_FORGED_MEMBER:
	case ADVICE_STRANGER:
	case ADVICE_COUNT:
		return false;
	case ADVICE_VICTIM:
	case ADVICE_FLOODED:
		phrase = PHRASE_LOGS_TO;
		break;
	case ADVICE_REFLECTED:
		phrase = PHRASE_LOGS_ANSWERS;
		break;
	case ADVICE_REFLECTOR:
	case ADVICE_REFLECTOR_DNS:
	case ADVICE_REFLECTOR_NTP:
	case ADVICE_REFLECTOR_MEMCACHED:
	case ADVICE_REFLECTOR_DEVICE:
		phrase = PHRASE_LOGS_SERVICE;
		break;
	default: /* who searches, or sends astray */
		break;
	}
	wording_letter_add(text, about->sheet.language, phrase, values, 2);
	return true;
}

/* Whose machine it is stands elsewhere. */
static void put_egress(struct about *about)
{
	char log[LETTER_NAME_BYTES];
	if (about->incident->egress == NULL)
		return;
	letter_visible(about->incident->egress, log);
	const struct value values[] = {value_of_text(about->address), value_of_text(log)};
	sheet_say(&about->sheet, PHRASE_EGRESS, values, 2);
}

static void put_machine(struct about *about)
{
	const struct finding *finding = about->finding;
	const struct value address = value_of_text(about->address);
	char line[TELLING_BYTES];
	struct text text;
	sheet_heading(&about->sheet, PHRASE_HEADING_MACHINE);
	sheet_say(&about->sheet,
	    finding->rule == RULE_SPOOF_MEMBER ? PHRASE_ADDRESS_NONE : PHRASE_ADDRESS, &address, 1);
	put_times(about);
	text_init(&text, line, sizeof line);
	if (add_logs(&text, about))
		sheet_paragraph(&about->sheet, line);
	if (finding->source_port_count > 0) {
		const struct value values[] = {
		    value_of_text(about->source_ports), value_of_count(finding->source_port_count)};
		say(about, MESSAGE_NUMBERS_SOURCE_PORTS, values, 2);
	}
	put_egress(about);
}

static void put_sure(struct about *about)
{
	char paragraph[TELLING_BYTES];
	struct text text;
	sheet_heading(&about->sheet, PHRASE_HEADING_SURE);
	text_init(&text, paragraph, sizeof paragraph);
	telling_add_sure(&text, about->sheet.language, about->finding);
	sheet_paragraph(&about->sheet, paragraph);
	text_init(&text, paragraph, sizeof paragraph);
	telling_add_attribution(&text, about->sheet.language, about->finding);
	sheet_paragraph(&about->sheet, paragraph);
}

static void put_steps(struct about *about)
{
	enum language language = about->sheet.language;
	size_t count = telling_step_count(language, about->finding);
	char local[WHEN_TEXT_BYTES];
	zone_format(about->sheet.setting->zone, about->finding->first_us, local);
	sheet_heading(&about->sheet, PHRASE_HEADING_STEPS);
	for (size_t i = 0; i < count; i++) {
		char step[TELLING_BYTES];
		struct text text;
		text_init(&text, step, sizeof step);
		telling_add_step(&text, language, about->finding, i, local);
		sheet_step(&about->sheet, i + 1, step);
	}
}

/* A sentence after another. */
static void join(struct text *text, const struct about *about)
{
	if (text->length > 0)
		text_add(text, words_of(about)->messages[MESSAGE_JOINT]);
}

static void join_phrase(struct text *text, const struct about *about, enum phrase phrase,
    const struct value *values, size_t value_count)
{
	join(text, about);
	wording_letter_add(text, about->sheet.language, phrase, values, value_count);
}

static void join_times(struct text *text, const struct about *about)
{
	const struct finding *finding = about->finding;
	char first[TELLING_STAMP_BYTES];
	char last[TELLING_STAMP_BYTES];
	sheet_stamp(&about->sheet, finding->first_us, first);
	sheet_stamp(&about->sheet, finding->last_us, last);
	const struct value values[] = {value_of_text(first), value_of_text(last)};
	if (finding->last_us <= finding->first_us)
		join_phrase(text, about, PHRASE_PASTE_ONCE, values, 1);
	else
		join_phrase(text, about, PHRASE_PASTE_TIMES, values, 2);
}

/* How sure, and by whom: in the words of the letter itself. */
static void join_doubt(struct text *text, const struct about *about)
{
	char part[TELLING_BYTES];
	struct text inner;
	text_init(&inner, part, sizeof part);
	telling_add_confidence(&inner, about->sheet.language, about->finding->confidence);
	if (inner.length > 0) {
		join(text, about);
		text_add(text, part);
	}
	text_init(&inner, part, sizeof part);
	telling_add_attribution(&inner, about->sheet.language, about->finding);
	if (inner.length > 0) {
		join(text, about);
		text_add(text, part);
	}
}

/*
 * To whom it was sent: what logs are searched for. Who is attacked, or forged, sent nothing; the
 * ports of a misused service are its own.
 */
static void join_destinations(struct text *text, const struct about *about)
{
	const struct finding *finding = about->finding;
	const struct value values[] = {
	    value_of_count(finding->targets), value_of_text(about->ports)};
	if (finding->role == ROLE_ACTOR && finding->rule != RULE_SPOOF_MEMBER &&
	    finding->rule != RULE_DDOS_REFLECTOR && finding->targets > 0)
		join_phrase(text, about, PHRASE_PASTE_DESTINATIONS, values, 2);
}

/* All that a vendor needs, in one paragraph. */
static void put_paste(struct about *about)
{
	const struct finding *finding = about->finding;
	const struct letter_vocabulary *words = wording_letter_get(about->sheet.language);
	char paragraph[LETTER_PARAGRAPH_BYTES];
	char station[LETTER_NAME_BYTES];
	char id[NUMBER_BYTES];
	struct text text;
	letter_station(about->sheet.setting, station);
	format_id(about->incident->id, id);
	const struct value name = value_of_text(station);
	const struct value reference = value_of_text(id);
	const struct value source_ports[] = {
	    value_of_text(about->source_ports), value_of_count(finding->source_port_count)};

	text_init(&text, paragraph, sizeof paragraph);
	if (finding->drill)
		text_add(&text, words_of(about)->messages[MESSAGE_DRILL_NOTE]);
	join_phrase(&text, about, PHRASE_PASTE_BEGIN, &name, 1);
	join(&text, about);
	headline_add(&text, about->sheet.language, about->incident->registry, finding);
	join_times(&text, about);
	if (finding->source_port_count > 0)
		join_phrase(&text, about, PHRASE_PASTE_SOURCE_PORTS, source_ports, 2);
	join_destinations(&text, about);
	join_doubt(&text, about);
	join(&text, about);
	text_add(&text, words->asks[about->advice]);
	join_phrase(&text, about, PHRASE_PASTE_REFERENCE, &reference, 1);
	sheet_paragraph(&about->sheet, paragraph);
}

static void put_whom(struct about *about)
{
	const struct letter_vocabulary *words = wording_letter_get(about->sheet.language);
	sheet_heading(&about->sheet, PHRASE_HEADING_WHOM);
	sheet_paragraph(&about->sheet, words->whom[about->advice]);
	sheet_say(&about->sheet, PHRASE_PASTE, NULL, 0);
	sheet_gap(&about->sheet);
	put_paste(about);
	sheet_heading(&about->sheet, PHRASE_HEADING_NEGLECT);
	sheet_paragraph(&about->sheet, words->neglects[about->advice]);
}

/* The link stands on a line of its own, and is never broken. */
static void put_answer(struct about *about)
{
	const char *url = about->incident->answer_url;
	if (url == NULL)
		return;
	sheet_heading(&about->sheet, PHRASE_HEADING_ANSWER);
	sheet_say(&about->sheet, PHRASE_ANSWER, NULL, 0);
	screen_put(&about->sheet.screen, STYLE_PLAIN, url);
	screen_end_line(&about->sheet.screen);
	sheet_say(&about->sheet, PHRASE_ANSWER_CHOICES, NULL, 0);
}

static void put_numbers(struct about *about)
{
	const struct finding *finding = about->finding;
	char line[TELLING_BYTES];
	struct text text;
	sheet_heading(&about->sheet, PHRASE_HEADING_NUMBERS);
	text_init(&text, line, sizeof line);
	telling_add_counts(&text, about->sheet.language, finding);
	sheet_paragraph(&about->sheet, line);
	size_t shown = finding->ports_listed < TELLING_PORTS_SHOWN ? finding->ports_listed
								   : TELLING_PORTS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		text_init(&text, line, sizeof line);
		telling_add_port(&text, about->sheet.language, &finding->ports[i]);
		sheet_paragraph(&about->sheet, line);
	}
	uint64_t total = service_port_total(finding);
	if (total > shown) {
		const struct value more = value_of_count(total - shown);
		say(about, MESSAGE_NUMBERS_PORTS_MORE, &more, 1);
	}
}

static void put_closing(struct about *about)
{
	const char *member =
	    registry_member_name(about->incident->registry, about->finding->member);
	char id[NUMBER_BYTES];
	format_id(about->incident->id, id);
	const struct value values[] = {
	    value_of_text(id), value_of_text(rule_name(about->finding->rule))};
	sheet_say(&about->sheet, PHRASE_INCIDENT, values, 2);
	sheet_heading(&about->sheet, PHRASE_HEADING_PROGRAMS);
	sheet_say(&about->sheet, PHRASE_ATTACHED, NULL, 0);
	letter_put_sender(&about->sheet, member);
}

static void put_change(struct about *about, enum phrase phrase, uint64_t now, uint64_t before)
{
	const struct value values[] = {value_of_count(now), value_of_count(before)};
	if (now != before)
		sheet_say(&about->sheet, phrase, values, 2);
}

static void put_changes(struct about *about)
{
	const struct letter_told *told = &about->incident->told;
	const struct finding *finding = about->finding;
	const struct vocabulary *vocabulary = words_of(about);
	char duration[TELLING_STAMP_BYTES];
	char local[WHEN_TEXT_BYTES];
	struct text text;
	sheet_heading(&about->sheet, PHRASE_HEADING_CHANGED);
	if (told->severity != finding->severity) {
		const struct value values[] = {
		    value_of_text(vocabulary->severities[finding->severity]),
		    value_of_text(vocabulary->severities[told->severity])};
		sheet_say(&about->sheet, PHRASE_CHANGED_SEVERITY, values, 2);
	}
	put_change(about, PHRASE_CHANGED_SPREAD, letter_spread(finding), told->spread);
	put_change(about, PHRASE_CHANGED_PORTS, finding->port_count, told->port_count);
	text_init(&text, duration, sizeof duration);
	wording_add_span(&text, about->sheet.language, finding->first_us, finding->last_us);
	const struct value lasting = value_of_text(duration);
	sheet_say(&about->sheet, PHRASE_CHANGED_LASTING, &lasting, 1);
	if (told->at_us == 0)
		return;
	zone_format(about->sheet.setting->zone, told->at_us, local);
	const struct value since = value_of_text(local);
	sheet_say(&about->sheet, PHRASE_CHANGED_SINCE, &since, 1);
}

static void put_relapse(struct about *about)
{
	char local[WHEN_TEXT_BYTES];
	zone_format(about->sheet.setting->zone, about->incident->quiet_us, local);
	const struct value values[] = {
	    value_of_text(local), value_of_count(about->incident->relapses)};
	sheet_heading(&about->sheet, PHRASE_HEADING_CHANGED);
	sheet_say(&about->sheet, PHRASE_RELAPSE, values, 2);
	sheet_say(&about->sheet, PHRASE_RELAPSE_LOOK, NULL, 0);
}

static void put_unanswered(struct about *about)
{
	const struct letter_incident *incident = about->incident;
	char local[WHEN_TEXT_BYTES];
	char member[LETTER_NAME_BYTES];
	zone_format(about->sheet.setting->zone, incident->told.at_us, local);
	letter_member(about->sheet.language,
	    registry_member_name(incident->registry, about->finding->member),
	    LETTER_SUBJECT_NAME_COLUMNS, member);
	const struct value told = value_of_text(local);
	const struct value values[] = {value_of_text(member), told};
	sheet_heading(&about->sheet, PHRASE_HEADING_UNANSWERED);
	if (incident->kind == LETTER_REMINDER)
		sheet_say(&about->sheet, PHRASE_REMINDER, &told, 1);
	else
		sheet_say(&about->sheet, PHRASE_ESCALATION, values, 2);
}

/* First, update, relapse, and what nobody answered: the whole letter. */
static void put_active(struct about *about)
{
	put_drill_note(about);
	put_says(about);
	if (about->incident->kind == LETTER_UPDATE)
		put_changes(about);
	if (about->incident->kind == LETTER_RELAPSE)
		put_relapse(about);
	if (about->incident->kind == LETTER_REMINDER || about->incident->kind == LETTER_ESCALATION)
		put_unanswered(about);
	put_machine(about);
	put_sure(about);
	put_steps(about);
	put_whom(about);
	put_answer(about);
	put_numbers(about);
	put_closing(about);
}

/* What the quiet may mean and what is left to do: by whom it is about. */
enum quiet {
	QUIET_ACTOR,
	QUIET_VICTIM,
	QUIET_FORGED,
};

static const struct {
	enum phrase means;
	enum phrase steps[2];
	size_t step_count;
} quiets[] = {
    [QUIET_ACTOR] = {PHRASE_QUIET_ACTOR_MEANS, {PHRASE_QUIET_ACTOR_MENDED, PHRASE_QUIET_ACTOR_OPEN},
	2},
    [QUIET_VICTIM] = {PHRASE_QUIET_VICTIM_MEANS, {PHRASE_QUIET_VICTIM_STEP}, 1},
    [QUIET_FORGED] = {PHRASE_QUIET_FORGED_MEANS, {PHRASE_QUIET_FORGED_STEP}, 1},
};

static enum quiet quiet_of(const struct finding *finding)
{
	if (finding->rule == RULE_SPOOF_MEMBER)
		return QUIET_FORGED;
	return finding->role == ROLE_VICTIM ? QUIET_VICTIM : QUIET_ACTOR;
}

static void put_quiet(struct about *about)
{
	const struct letter_vocabulary *words = wording_letter_get(about->sheet.language);
	enum quiet quiet = quiet_of(about->finding);
	size_t step_count = quiets[quiet].step_count;
	put_drill_note(about);
	sheet_say_time(&about->sheet, PHRASE_QUIET, about->finding->last_us);
	sheet_gap(&about->sheet);
	sheet_say(&about->sheet, PHRASE_QUIET_ABOUT, NULL, 0);
	put_says(about);
	put_machine(about);
	sheet_heading(&about->sheet, PHRASE_HEADING_MEANING);
	sheet_say(&about->sheet, quiets[quiet].means, NULL, 0);
	sheet_heading(&about->sheet, PHRASE_HEADING_STEPS);
	for (size_t i = 0; i < step_count; i++)
		sheet_step(&about->sheet, i + 1, words->phrases[quiets[quiet].steps[i]]);
	sheet_step(&about->sheet, step_count + 1, words->phrases[PHRASE_QUIET_AGAIN]);
	put_numbers(about);
	put_closing(about);
}

static void put_taken_back(struct about *about)
{
	const struct letter_told *told = &about->incident->told;
	char local[WHEN_TEXT_BYTES];
	char id[NUMBER_BYTES];
	zone_format(about->sheet.setting->zone, told->at_us, local);
	format_id(about->incident->id, id);
	const struct value values[] = {value_of_text(local), value_of_text(id)};
	sheet_say(&about->sheet, told->letters > 1 ? PHRASE_RETRACTION_ALL : PHRASE_RETRACTION,
	    values, 2);
	sheet_say(&about->sheet, PHRASE_RETRACTION_SORRY, NULL, 0);
}

static void put_why_taken_back(struct about *about)
{
	static const enum phrase phrases[] = {
	    [RETRACTION_NONE] = PHRASE_RETRACTION_LATER,
	    [RETRACTION_LATER] = PHRASE_RETRACTION_LATER,
	    [RETRACTION_FORGED] = PHRASE_RETRACTION_FORGED,
	    [RETRACTION_ROUTER] = PHRASE_RETRACTION_ROUTER,
	    [RETRACTION_OTHER] = PHRASE_RETRACTION_OTHER,
	    [RETRACTION_EXCEPTION] = PHRASE_RETRACTION_EXCEPTION,
	};
	static_assert(sizeof phrases / sizeof phrases[0] == RETRACTION_COUNT, "one for each");
	const struct letter_incident *incident = about->incident;
	const struct letter_vocabulary *words = wording_letter_get(about->sheet.language);
	char note[LETTER_NAME_BYTES];
	const bool is_noted = incident->retraction == RETRACTION_EXCEPTION &&
			      incident->exception != NULL && incident->exception[0] != '\0';
	letter_shorten(is_noted ? incident->exception : "", LETTER_NOTE_COLUMNS, note);
	const struct value value = value_of_text(is_noted ? note : words->whats[incident->instead]);
	sheet_heading(&about->sheet, PHRASE_HEADING_RETRACTION);
	sheet_say(&about->sheet, is_noted ? PHRASE_RETRACTION_NOTE : phrases[incident->retraction],
	    &value, 1);
}

static void put_retraction(struct about *about)
{
	const char *member =
	    registry_member_name(about->incident->registry, about->finding->member);
	const struct letter_vocabulary *words = wording_letter_get(about->sheet.language);
	char desk[LETTER_NAME_BYTES];
	char step[TELLING_BYTES];
	struct text text;
	put_drill_note(about);
	put_taken_back(about);
	sheet_gap(&about->sheet);
	sheet_say(&about->sheet, PHRASE_QUIET_ABOUT, NULL, 0);
	put_says(about);
	put_why_taken_back(about);
	letter_desk(about->sheet.setting, desk);
	const struct value value = value_of_text(desk);
	text_init(&text, step, sizeof step);
	wording_letter_add(&text, about->sheet.language, PHRASE_RETRACTION_DONE, &value, 1);
	sheet_heading(&about->sheet, PHRASE_HEADING_STEPS);
	sheet_step(&about->sheet, 1, words->phrases[PHRASE_RETRACTION_NOTHING]);
	sheet_step(&about->sheet, 2, step);
	letter_put_sender(&about->sheet, member);
}

static void add_tag(struct text *text, enum language language, enum letter_kind kind)
{
	static const enum phrase tags[LETTER_KIND_COUNT] = {
	    [LETTER_UPDATE] = PHRASE_TAG_UPDATE,
	    [LETTER_RELAPSE] = PHRASE_TAG_RELAPSE,
	    [LETTER_REMINDER] = PHRASE_TAG_REMINDER,
	    [LETTER_ESCALATION] = PHRASE_TAG_ESCALATION,
	};
	if (tags[kind] != 0) /* that of a drill is another's */
		wording_letter_add(text, language, tags[kind], NULL, 0);
}

static int give_subject(const struct about *about, char **ret_subject)
{
	const struct finding *finding = about->finding;
	enum language language = about->sheet.language;
	enum letter_kind kind = about->incident->kind;
	char who[LETTER_NAME_BYTES * 2];
	char what[LETTER_NAME_BYTES];
	char tags[TAG_BYTES];
	char subject[LETTER_SUBJECT_BYTES];
	struct text text;
	text_init(&text, who, sizeof who);
	letter_add_who(&text, language, about->incident->registry, finding);
	text_init(&text, what, sizeof what);
	letter_add_what(&text, language, finding);
	text_init(&text, tags, sizeof tags);
	add_tag(&text, language, kind);

	text_init(&text, subject, sizeof subject);
	if (kind == LETTER_QUIET || kind == LETTER_RETRACTION) {
		const struct value values[] = {value_of_text(who), value_of_text(what)};
		wording_letter_add(&text, language,
		    kind == LETTER_QUIET ? PHRASE_SUBJECT_QUIET : PHRASE_SUBJECT_RETRACTION, values,
		    2);
	} else {
		const struct value values[] = {value_of_text(tags),
		    value_of_text(words_of(about)->severities[finding->severity]),
		    value_of_text(wording_letter_get(language)->urgencies[finding->severity]),
		    value_of_text(who), value_of_text(what)};
		wording_letter_add(&text, language, PHRASE_SUBJECT, values, 5);
	}
	return letter_give_subject(about->sheet.setting, finding->drill, subject, ret_subject);
}

/* As a line of `hinomi read --format json`. */
static int give_finding(const struct about *about, char **ret_finding)
{
	char *bytes = NULL;
	size_t length = 0;
	struct json json;
	FILE *file = open_memstream(&bytes, &length);
	if (file == NULL)
		return -ENOMEM;
	json_init(&json, file);
	finding_json_write(&json, NULL, about->sheet.language,
	    registry_member_name(about->incident->registry, about->finding->member),
	    about->finding);
	fputc('\n', file);
	bool failed = ferror(file) != 0;
	if (fclose(file) != 0 || failed) {
		free(bytes);
		return -ENOMEM;
	}
	*ret_finding = bytes;
	return 0;
}

/* What its parts share, and an empty sheet. Returns 0, or -ENOMEM. */
static int begin(struct about *about, const struct letter_setting *setting)
{
	struct text text;
	about->advice = advice_for(about->finding);
	address_format(&about->finding->subject, about->address);
	text_init(&text, about->ports, sizeof about->ports);
	service_add_ports(&text, setting->language, about->finding);
	text_init(&text, about->source_ports, sizeof about->source_ports);
	telling_add_source_port_list(&text, about->finding);
	return sheet_open(&about->sheet, setting);
}

int letter_call(const struct letter_setting *setting, const struct letter_incident *incident,
    const struct finding *finding, struct letter_call *ret_call)
{
	const struct letter_vocabulary *words = wording_letter_get(setting->language);
	struct about about = {.incident = incident, .finding = finding};
	char *paste = NULL;
	int result = begin(&about, setting);
	if (result != 0)
		return result;
	put_paste(&about);
	result = sheet_close(&about.sheet, &paste);
	if (result == 0)
		*ret_call = (struct letter_call){
		    words->whom[about.advice], paste, words->neglects[about.advice]};
	return result;
}

int letter_about_incident(const struct letter_setting *setting,
    const struct letter_incident *incident, const struct finding *finding,
    struct letter *ret_letter)
{
	struct letter letter = {.subject = NULL};
	struct about about = {.incident = incident, .finding = finding};
	assert((unsigned)incident->kind < LETTER_KIND_COUNT);
	assert((unsigned)incident->retraction < RETRACTION_COUNT);
	assert(finding->member != MEMBER_NONE); /* nobody's letter */
	int result = begin(&about, setting);
	if (result != 0)
		return result;
	if (incident->kind == LETTER_QUIET)
		put_quiet(&about);
	else if (incident->kind == LETTER_RETRACTION)
		put_retraction(&about);
	else
		put_active(&about);
	result = sheet_close(&about.sheet, &letter.body);
	if (result == 0)
		result = give_subject(&about, &letter.subject);
	if (result == 0 && incident->kind != LETTER_RETRACTION)
		result = give_finding(&about, &letter.finding);
	if (result != 0) {
		letter_release(&letter);
		return result;
	}
	*ret_letter = letter;
	return 0;
}
