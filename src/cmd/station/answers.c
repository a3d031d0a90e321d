#include "cmd/station/answers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cmd/station/answer_record.h"
#include "cmd/station/finding_record.h"
#include "notify/glyph.h"
#include "notify/text.h"

enum {
	WHAT_BYTES = MEMBER_NAME_BYTES + ADDRESS_TEXT_BYTES + 64,
};

/* Whether a link is right is told by 0; why not by one of these. */
#define FAILED (-1)

/* A question under way. */
struct asked {
	const struct answers *answers;
	const struct wire_question *question;
	struct keeper_clock clock;
	struct answer_link link;
	const struct roster_contact *contact;
	const struct roster_member *member; /* of the incident */
	struct store_incident *record;      /* a copy */
	struct answer_history history;
	struct complaint complaint;
	enum answer_trouble trouble;
};

static int refuse(struct asked *asked, enum answer_trouble trouble)
{
	asked->trouble = trouble;
	return FAILED;
}

static struct store *store_of(const struct asked *asked)
{
	return keeper_store(asked->answers->keeper);
}

/* ---- Whose link it is ---- */

static const struct roster_contact *find_contact(const struct roster *roster, int64_t id)
{
	for (size_t i = 0; i < roster->contact_count; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		const bool gets_letters =
		    contact->state == CONTACT_VERIFIED || contact->state == CONTACT_FAILING;
		if (contact->id == id && gets_letters)
			return contact;
	}
	return NULL;
}

static int visit_incident(void *context, const void *record)
{
	struct store_incident **copy = context;
	*copy = store_record_copy(STORE_INCIDENT, record);
	return *copy == NULL ? -ENOMEM : 0;
}

static int read_record(struct asked *asked)
{
	const struct store_query query = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = asked->link.incident}},
	};
	int result =
	    store_each(store_of(asked), &query, visit_incident, &asked->record, &asked->complaint);
	if (result == 0 && asked->record != NULL)
		result = answer_record_read(store_of(asked), asked->link.incident,
		    asked->link.contact, &asked->history, &asked->complaint);
	return result == 0 ? 0 : refuse(asked, ANSWER_AWAY);
}

/* Of the member's own contacts, or of the operator's, who reads for those that have none. */
static bool is_reader(const struct asked *asked)
{
	return asked->contact->member_id == 0 ||
	       asked->contact->member_id == asked->record->member_id;
}

static int find_link(struct asked *asked)
{
	const struct answers *answers = asked->answers;
	const struct roster *roster = keeper_roster(answers->keeper);
	if (!answers->key->is_there || answer_link_read(answers->key, asked->question->token,
					   asked->clock.wall_us, &asked->link) != 0)
		return refuse(asked, ANSWER_NO_LINK);
	asked->contact = find_contact(roster, asked->link.contact);
	if (asked->contact == NULL)
		return refuse(asked, ANSWER_NO_LINK);
	if (store_is_suspect(store_of(asked)) || keeper_is_lost(answers->keeper))
		return refuse(asked, ANSWER_AWAY);
	if (read_record(asked) != 0)
		return FAILED;
	if (asked->record == NULL || !is_reader(asked) ||
	    asked->record->member_id == ROSTER_CANARY_ID)
		return refuse(asked, ANSWER_NO_LINK);
	asked->member = roster_find_member(roster, asked->record->member_id);
	return asked->member != NULL ? 0 : refuse(asked, ANSWER_NO_LINK);
}

/* ---- What an answer does ---- */

static const struct effect {
	enum incident_event event;
	enum close_reason reason;
	enum incident_state state; /* in which it stands */
	bool tells_operator;
	enum alarm alarm;
} effects[ANSWER_COUNT] = {
    [ANSWER_ON_IT] = {.event = INCIDENT_WORK, .state = INCIDENT_IN_PROGRESS},
    [ANSWER_FIXED] = {.event = INCIDENT_CLOSE, .reason = CLOSE_FIXED, .state = INCIDENT_CLOSED},
    [ANSWER_NOT_OURS] = {.event = INCIDENT_CLOSE,
	.reason = CLOSE_NOT_OURS,
	.state = INCIDENT_CLOSED,
	.tells_operator = true,
	.alarm = ALARM_ANSWERED_NOT_OURS},
    [ANSWER_HARMLESS] = {.event = INCIDENT_CLOSE,
	.reason = CLOSE_HARMLESS,
	.state = INCIDENT_CLOSED,
	.tells_operator = true,
	.alarm = ALARM_ANSWERED_HARMLESS},
    [ANSWER_STOP] = {.event = INCIDENT_ACK, .state = INCIDENT_ACKNOWLEDGED},
};

static bool is_state(const char *name, enum incident_state state)
{
	return strcmp(name, incident_state_name(state)) == 0;
}

/* Whether what the answer leads to is so, by the record. */
static bool stands(const struct asked *asked, enum answer answer)
{
	const struct effect *effect = &effects[answer];
	const struct store_incident *record = asked->record;
	if (answer == ANSWER_STOP)
		return true; /* whatever becomes of the incident */
	/* silence moves on what is in progress, and that stays as it is */
	if (effect->event == INCIDENT_WORK && is_state(record->state, INCIDENT_QUIET))
		return true;
	return is_state(record->state, effect->state) &&
	       strcmp(record->close_reason, close_reason_name(effect->reason)) == 0;
}

/* As it is kept: one line, with what is hidden in it made visible. */
static void clean_note(const char *raw, char out[static ANSWER_NOTE_BYTES])
{
	char line[ANSWER_NOTE_RAW_BYTES];
	size_t length = 0;
	for (; *raw != '\0' && length + 1 < sizeof line; raw++) {
		const bool is_blank = *raw == ' ' || *raw == '\n' || *raw == '\r' || *raw == '\t';
		if (is_blank && (length == 0 || line[length - 1] == ' '))
			continue;
		line[length++] = is_blank ? ' ' : *raw;
	}
	while (length > 0 && line[length - 1] == ' ')
		length--;
	line[length] = '\0';
	glyph_copy_visible(line, out, ANSWER_NOTE_BYTES);
}

/* An answer on its way into the store. */
struct answering {
	struct asked *asked;
	char by[CASEBOOK_BY_BYTES];
	char note[ANSWER_NOTE_BYTES];
	int64_t at_us;
};

static int put_answer(void *context, struct complaint *complaint)
{
	const struct answering *answering = context;
	const struct asked *asked = answering->asked;
	const struct answer_record record = {
	    .incident = asked->link.incident,
	    .state = asked->record->state,
	    .by = answering->by,
	    .answer = asked->question->answer,
	    .note = answering->note,
	    .at_us = answering->at_us,
	};
	return answer_record_put(store_of(asked), &record, complaint);
}

/* Who registered the wrong addresses, or is to enter an exception. */
static int tell_operator(void *context, const struct roster *roster, struct complaint *complaint)
{
	const struct answering *answering = context;
	const struct asked *asked = answering->asked;
	const struct store_incident *record = asked->record;
	char what[WHAT_BYTES];
	(void)snprintf(what, sizeof what, "#%" PRId64 " %s %s", record->id, record->subject,
	    record->member); /* cut where long */
	const struct letter_alarm alarm = {
	    .alarm = effects[asked->question->answer].alarm,
	    .what = what,
	    .detail = answering->note[0] != '\0' ? answering->note : NULL,
	    .since_us = asked->clock.wall_us,
	};
	return outbox_write_alarm(
	    keeper_outbox(asked->answers->keeper), roster, &alarm, asked->clock.wall_us, complaint);
}

/* Its finding, for one that was closed and goes on; NULL where there is none, or no memory. */
static struct finding *read_finding(const struct asked *asked)
{
	struct finding *finding = malloc(sizeof *finding);
	if (finding != NULL && finding_record_read(asked->record->finding, finding, NULL) == 0)
		return finding;
	free(finding);
	return NULL;
}

/* What cannot be moved (any more) stays as it is, and the answer is kept all the same. */
static void move_incident(const struct answering *answering)
{
	const struct asked *asked = answering->asked;
	const struct effect *effect = &effects[asked->question->answer];
	struct casebook *casebook = keeper_casebook(asked->answers->keeper);
	struct incident *incident = casebook_find(casebook, asked->link.incident);
	const struct incident_deed deed = {
	    .event = effect->event, .reason = effect->reason, .by = answering->by, .note = ""};
	if (incident == NULL || stands(asked, asked->question->answer))
		return;
	if (incident->state != INCIDENT_CLOSED) {
		(void)casebook_do(casebook, incident, &deed, answering->at_us);
		return;
	}
	struct finding *finding = read_finding(asked);
	(void)casebook_amend(casebook, incident, &deed, finding, answering->at_us);
	free(finding);
}

/* Who wants to be told no more has not seen to it for others: what is in work stays so. */
static void acknowledge(const struct answering *answering)
{
	const struct asked *asked = answering->asked;
	struct casebook *casebook = keeper_casebook(asked->answers->keeper);
	struct incident *incident = casebook_find(casebook, asked->link.incident);
	const struct incident_deed deed = {.event = INCIDENT_ACK, .by = answering->by, .note = ""};
	if (incident != NULL && incident_is_open(incident->state) &&
	    incident->state != INCIDENT_ACKNOWLEDGED && incident->state != INCIDENT_IN_PROGRESS)
		(void)casebook_do(casebook, incident, &deed, answering->at_us);
}

/* Of what is refused nothing: anybody could fill the log. */
static void log_answer(const struct answering *answering)
{
	struct log_line line;
	log_begin(&line, LOG_LEVEL_NOTICE, "answer");
	log_signed(&line, "incident", answering->asked->link.incident);
	log_signed(&line, "contact", answering->asked->link.contact);
	log_text(&line, "what", answer_name(answering->asked->question->answer));
	log_end(&line);
}

static int record_answer(struct asked *asked)
{
	const enum answer answer = asked->question->answer;
	struct keeper *keeper = asked->answers->keeper;
	struct answering answering = {
	    .asked = asked, .at_us = keeper_now_us(keeper, asked->clock.wall_us)};
	answer_record_by(asked->contact, answering.by);
	clean_note(asked->question->note, answering.note);
	const bool is_same_note =
	    answering.note[0] == '\0' || strcmp(answering.note, asked->history.note) == 0;
	if (asked->history.last == answer && is_same_note && stands(asked, answer))
		return 0; /* once is enough */
	if (asked->history.count >= ANSWERS_MAX)
		return refuse(asked, ANSWER_MANY);
	if (answer == ANSWER_STOP)
		acknowledge(&answering);
	else
		move_incident(&answering);
	const struct keeper_change change = {
	    .context = &answering,
	    .put = put_answer,
	    .follow = effects[answer].tells_operator ? tell_operator : NULL,
	};
	if (keeper_change(keeper, &asked->clock, &change, &asked->complaint) != 0)
		return refuse(asked, ANSWER_AWAY); /* the keeper says why */
	log_answer(&answering);
	return 0;
}

/* The page shows what came of it. */
static int take_answer(struct asked *asked)
{
	const struct wire_question *question = asked->question;
	if (question->answer == ANSWER_NONE)
		return 0;
	if (!answer_form_check(asked->answers->key, question->token, question->form))
		return refuse(asked, ANSWER_FOREIGN);
	if (record_answer(asked) != 0)
		return FAILED;
	free(asked->record);
	asked->record = NULL;
	if (read_record(asked) != 0)
		return FAILED;
	return asked->record != NULL ? 0 : refuse(asked, ANSWER_NO_LINK);
}

/* ---- The page ---- */

static void fill_stamp(const struct asked *asked, enum language language, int64_t time_us,
    char out[static TELLING_STAMP_BYTES])
{
	const struct roster *roster = keeper_roster(asked->answers->keeper);
	const bool is_members = asked->contact->member_id != 0;
	char local[WHEN_TEXT_BYTES];
	struct text text;
	zone_format(is_members ? asked->member->zone : roster->zone, time_us, local);
	text_init(&text, out, TELLING_STAMP_BYTES);
	telling_add_stamp(&text, language, local, time_us);
}

/* Of an earlier program's record it says only which machine. */
static void fill_headline(const struct asked *asked, struct answer_page *page)
{
	const struct roster *roster = keeper_roster(asked->answers->keeper);
	struct finding *finding = read_finding(asked);
	struct text text;
	text_init(&text, page->headline, sizeof page->headline);
	if (finding == NULL) {
		text_add(&text, page->machine);
		return;
	}
	finding->member = (int)(asked->member - roster->members);
	headline_add(&text, page->language, roster->registry, finding);
	free(finding);
}

static int number_of(int found)
{
	return found >= 0 ? found : 0;
}

static void fill_page(const struct asked *asked, struct answer_page *page)
{
	const struct wire_question *question = asked->question;
	const struct store_incident *record = asked->record;
	const enum language language =
	    question->has_language ? question->language : asked->contact->language;
	page->language = language;
	page->incident = record->id;
	page->is_drill = record->drill;
	page->state = (enum incident_state)number_of(incident_state_find(record->state));
	page->reason = (enum close_reason)number_of(close_reason_find(record->close_reason));
	glyph_copy_visible(asked->answers->station, page->station, sizeof page->station);
	glyph_copy_visible(asked->answers->desk, page->desk, sizeof page->desk);
	glyph_copy_visible(asked->member->name, page->member, sizeof page->member);
	(void)snprintf(page->machine, sizeof page->machine, "%s", record->subject); /* it fits */
	(void)snprintf(page->severity, sizeof page->severity, "%s",
	    wording_severity(language, (enum severity)number_of(severity_find(record->severity))));
	fill_headline(asked, page);
	fill_stamp(asked, language, record->first_us, page->first);
	fill_stamp(asked, language, record->last_us, page->last);
	fill_stamp(asked, language, asked->link.until_us, page->until);
	page->answer = asked->history.last;
	if (page->answer != ANSWER_NONE)
		fill_stamp(asked, language, asked->history.at_us, page->answered);
	(void)snprintf(page->note, sizeof page->note, "%s", asked->history.note);
	(void)answer_form_write(asked->answers->key, question->token, page->form); /* else none */
}

void answers_take(const struct answers *answers, const struct wire_question *question,
    const struct keeper_clock *clock, struct wire_leaf *ret_leaf)
{
	struct asked asked = {.answers = answers, .question = question, .clock = *clock};
	memset(ret_leaf, 0, sizeof *ret_leaf);
	ret_leaf->number = question->number;
	if (find_link(&asked) == 0 && take_answer(&asked) == 0) {
		ret_leaf->has_page = true;
		fill_page(&asked, &ret_leaf->page);
	}
	ret_leaf->trouble = asked.trouble;
	free(asked.record);
}
