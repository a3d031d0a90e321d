/* Answers to letters, at the keeper: whose link is right, and what each answer does. */
#include "cmd/station/answers.h"

#include <inttypes.h>

#include "cmd/station/answer_record.h"
#include "service_help.h"

#define UNTIL_US (NOW_US + 30 * WHEN_DAY_US)

static struct answer_key key;
static struct answer_key other_key;
static struct wire_leaf leaf; /* the answer to the last question */

/* A town and a city with a contact each, another of the town, and an operator's. */
enum {
	TOWN_CONTACT = 1,
	CITY_CONTACT,
	TOWN_SECOND,
	OPERATOR_CONTACT,
	TOWN_STOPPED,
	TOWN_UNVERIFIED,
};

static void put_contact(
    struct desk *desk, int64_t member, const char *address, enum contact_state state)
{
	struct store_contact contact = {
	    .member_id = member,
	    .kind = address[0] == 'h' ? CONTACT_WEBHOOK : CONTACT_MAIL,
	    .address = address,
	    .language = "en",
	    .severity_min = "low",
	    .state = state,
	    .created_us = NOW_US,
	};
	desk_put(desk, STORE_RECORD(&contact));
}

static void open_town(struct desk *desk)
{
	desk_open(desk);
	if (!desk_ask(desk, "{'do':'member.add','name':'town','prefixes':['198.51.100.0/24']}") ||
	    !desk_ask(desk, "{'do':'member.add','name':'city','prefixes':['203.0.113.0/24']}"))
		abort();
	put_contact(desk, 1, "noc@town.example", CONTACT_VERIFIED);
	put_contact(desk, 2, "noc@city.example", CONTACT_VERIFIED);
	put_contact(desk, 1, "https://hooks.example/secret-part", CONTACT_FAILING);
	put_contact(desk, 0, "op@station.example", CONTACT_VERIFIED);
	put_contact(desk, 1, "gone@town.example", CONTACT_STOPPED);
	put_contact(desk, 1, "new@town.example", CONTACT_UNVERIFIED);
	if (desk_put_incident(desk, 1, "198.51.100.7", "notified") != 1 ||
	    desk_put_incident(desk, 2, "203.0.113.9", "notified") != 2 ||
	    desk_put_incident(desk, 1, "198.51.100.8", "closed") != 3)
		abort();
	desk_restart(desk);
}

static struct wire_question question_of(int64_t incident, int64_t contact)
{
	const struct answer_link link = {incident, contact, UNTIL_US};
	struct wire_question question = {.number = 7};
	if (answer_link_write(&key, &link, question.token) != 0 ||
	    answer_form_write(&key, question.token, question.form) != 0)
		abort();
	return question;
}

static bool ask(struct desk *desk, const struct wire_question *question)
{
	const struct answers answers = {
	    .keeper = desk->keeper, .key = &key, .station = "tower", .desk = "op@station.example"};
	answers_take(&answers, question, &desk->clock, &leaf);
	return leaf.number == question->number && leaf.has_page && answer_page_is_sound(&leaf.page);
}

static bool answer_with(struct desk *desk, int64_t contact, enum answer answer, const char *note)
{
	struct wire_question question = question_of(1, contact);
	question.answer = answer;
	(void)snprintf(question.note, sizeof question.note, "%s", note);
	return ask(desk, &question);
}

static bool answer(struct desk *desk, enum answer given)
{
	return answer_with(desk, TOWN_CONTACT, given, "");
}

static bool is_refused(struct desk *desk, const struct wire_question *question)
{
	return !ask(desk, question) && !leaf.has_page && leaf.trouble == ANSWER_NO_LINK;
}

static const struct incident *first(const struct desk *desk)
{
	return casebook_find(keeper_casebook(desk->keeper), 1);
}

static bool is_so(const struct desk *desk, enum incident_state state, enum close_reason reason)
{
	const struct incident *incident = first(desk);
	return incident->state == state && incident->reason == reason && leaf.page.state == state &&
	       leaf.page.reason == reason;
}

static int visit_event(void *context, const void *record)
{
	const struct store_event *event = record;
	char *text = context;
	(void)snprintf(text, ANSWER_RECORD_NOTE_BYTES + 200, "%s %s>%s %s: %s", event->what,
	    event->from_state, event->to_state, event->by, event->note);
	return 0;
}

/* The last event of this kind. */
static bool event_is(struct desk *desk, const char *what, const char *expected)
{
	static char text[ANSWER_RECORD_NOTE_BYTES + 200];
	const struct store_query query = {.kind = STORE_EVENT,
	    .conditions = {{.column = "what", .test = STORE_IS, .text = what}}};
	text[0] = '\0';
	if (store_each(desk->store, &query, visit_event, text, NULL) != 0)
		abort();
	if (strcmp(text, expected) != 0)
		printf("# %s\n", text);
	return strcmp(text, expected) == 0;
}

static int64_t notices_of(struct desk *desk, enum notice_kind kind)
{
	const struct store_query query = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "kind", .test = STORE_IS, .number = kind}}};
	int64_t count = -1;
	if (store_count(desk->store, &query, &count, NULL) != 0)
		abort();
	return count;
}

/* ---- Whose link it is ---- */

static void test_page(void)
{
	struct desk desk;
	struct wire_question question = question_of(1, TOWN_CONTACT);
	open_town(&desk);
	const int64_t events = desk_count(&desk, STORE_EVENT);
	OK(ask(&desk, &question), "a link leads to its page");
	const struct answer_page *page = &leaf.page;
	OK(page->language == LANGUAGE_EN && page->incident == 1 &&
		strcmp(page->member, "town") == 0 && strcmp(page->machine, "198.51.100.7") == 0 &&
		strstr(page->headline, "198.51.100.7") != NULL &&
		strcmp(page->station, "tower") == 0 && page->state == INCIDENT_NOTIFIED &&
		page->answer == ANSWER_NONE && strcmp(page->severity, "HIGH") == 0,
	    "which tells of the incident in the contact's language");
	question.has_language = true;
	question.language = LANGUAGE_JA;
	OK(ask(&desk, &question) && page->language == LANGUAGE_JA &&
		strstr(page->headline, "town") != NULL,
	    "or in another");
	for (int i = 0; i < 100; i++)
		(void)ask(&desk, &question);
	OK(desk_count(&desk, STORE_EVENT) == events && first(&desk)->state == INCIDENT_NOTIFIED,
	    "looking changes nothing, however often");
	question = question_of(1, OPERATOR_CONTACT);
	OK(ask(&desk, &question), "the operator may answer for whoever has nobody");
	question = question_of(1, TOWN_SECOND);
	OK(ask(&desk, &question), "one whose letters fail may as well, if he has it");
	desk_close(&desk);
}

static void test_wrong_links(void)
{
	static const struct {
		const char *name;
		int64_t incident;
		int64_t contact;
	} rows[] = {
	    {"another member's incident", 2, TOWN_CONTACT},
	    {"another member's contact", 1, CITY_CONTACT},
	    {"an incident that is gone", 99, TOWN_CONTACT},
	    {"a contact that is gone", 1, 99},
	    {"one who asked us to stop", 1, TOWN_STOPPED},
	    {"one who never gave back a code", 1, TOWN_UNVERIFIED},
	};
	struct desk desk;
	open_town(&desk);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wire_question question = question_of(rows[i].incident, rows[i].contact);
		OK(is_refused(&desk, &question), rows[i].name);
		question.answer = ANSWER_FIXED;
		OK(is_refused(&desk, &question), "nor is an answer taken");
	}
	struct wire_question question = question_of(1, TOWN_CONTACT);
	const struct answer_link link = {1, TOWN_CONTACT, UNTIL_US};
	if (answer_link_write(&other_key, &link, question.token) != 0)
		abort();
	OK(is_refused(&desk, &question), "another station's link");
	question.token[0] = '\0';
	OK(is_refused(&desk, &question), "no link at all");
	question = question_of(1, TOWN_CONTACT);
	desk.clock.wall_us = UNTIL_US + 4 * WHEN_HOUR_US;
	OK(is_refused(&desk, &question), "one that has ended");
	desk.clock.wall_us = NOW_US;
	OK(desk_ask(&desk, "{'do':'contact.remove','contact':1}") && is_refused(&desk, &question),
	    "one of a contact that was removed since");
	OK(first(&desk)->state == INCIDENT_NOTIFIED, "nothing of it did anything");
	desk_close(&desk);
}

/* ---- What answers do ---- */

static void test_forms(void)
{
	struct desk desk;
	open_town(&desk);
	struct wire_question question = question_of(1, TOWN_CONTACT);
	const struct wire_question second = question_of(3, TOWN_CONTACT);
	question.answer = ANSWER_FIXED;
	memcpy(question.form, second.form, sizeof question.form);
	OK(!ask(&desk, &question) && leaf.trouble == ANSWER_FOREIGN,
	    "the form of another link is not taken");
	question.form[0] = '\0';
	OK(!ask(&desk, &question) && leaf.trouble == ANSWER_FOREIGN, "nor none");
	OK(first(&desk)->state == INCIDENT_NOTIFIED, "and nothing is done");
	desk_close(&desk);
}

static void test_answers(void)
{
	struct desk desk;
	open_town(&desk);
	OK(answer(&desk, ANSWER_ON_IT) && is_so(&desk, INCIDENT_IN_PROGRESS, CLOSE_NONE) &&
		leaf.page.answer == ANSWER_ON_IT && leaf.page.answered[0] != '\0',
	    "on it: in progress");
	OK(event_is(
	       &desk, "answer", "answer notified>notified noc@town.example (contact 1): on-it") &&
		event_is(&desk, "work", "work notified>in-progress noc@town.example (contact 1): "),
	    "and the history says who");
	const int64_t events = desk_count(&desk, STORE_EVENT);
	OK(answer(&desk, ANSWER_ON_IT) && desk_count(&desk, STORE_EVENT) == events &&
		leaf.page.answer == ANSWER_ON_IT,
	    "the same again changes nothing, and shows the same");
	OK(answer_with(&desk, TOWN_SECOND, ANSWER_FIXED, "") &&
		is_so(&desk, INCIDENT_CLOSED, CLOSE_FIXED) &&
		event_is(&desk, "answer",
		    "answer in-progress>in-progress hooks.example (contact 3): fixed"),
	    "fixed, says another contact, of whom only the host is told: closed");
	OK(answer(&desk, ANSWER_NONE) && leaf.page.answer == ANSWER_ON_IT,
	    "each sees his own answer, and the state of both");
	OK(notices_of(&desk, NOTICE_ALARM) == 0, "of none of it the operator must hear");
	OK(answer(&desk, ANSWER_NOT_OURS) && is_so(&desk, INCIDENT_CLOSED, CLOSE_NOT_OURS) &&
		notices_of(&desk, NOTICE_ALARM) == 1,
	    "not ours after all: closed so, and the operator is told");
	OK(answer(&desk, ANSWER_NOT_OURS) && notices_of(&desk, NOTICE_ALARM) == 1,
	    "once for each time that it is said");
	OK(answer(&desk, ANSWER_HARMLESS) && is_so(&desk, INCIDENT_CLOSED, CLOSE_HARMLESS) &&
		notices_of(&desk, NOTICE_ALARM) == 2,
	    "harmless: likewise");
	OK(answer(&desk, ANSWER_ON_IT) && is_so(&desk, INCIDENT_IN_PROGRESS, CLOSE_NONE) &&
		first(&desk)->finding != NULL,
	    "on it, in the end: it goes on, with what was found");
	desk_restart(&desk);
	OK(answer(&desk, ANSWER_NONE) && is_so(&desk, INCIDENT_IN_PROGRESS, CLOSE_NONE) &&
		leaf.page.answer == ANSWER_ON_IT,
	    "all of it is kept");
	desk_close(&desk);
}

static void test_stop(void)
{
	struct desk desk;
	bool is_stopped = false;
	open_town(&desk);
	OK(answer(&desk, ANSWER_STOP) && is_so(&desk, INCIDENT_ACKNOWLEDGED, CLOSE_NONE),
	    "stop: somebody has seen it");
	OK(answer_record_is_stopped(desk.store, 1, TOWN_CONTACT, &is_stopped, NULL) == 0 &&
		is_stopped,
	    "and wants no more of it");
	OK(answer_record_is_stopped(desk.store, 1, TOWN_SECOND, &is_stopped, NULL) == 0 &&
		!is_stopped &&
		answer_record_is_stopped(desk.store, 2, TOWN_CONTACT, &is_stopped, NULL) == 0 &&
		!is_stopped,
	    "others do, and of others");
	OK(answer_with(&desk, TOWN_SECOND, ANSWER_ON_IT, "") && answer(&desk, ANSWER_STOP) &&
		is_so(&desk, INCIDENT_IN_PROGRESS, CLOSE_NONE),
	    "what is in work stays so");
	OK(answer(&desk, ANSWER_FIXED) &&
		answer_record_is_stopped(desk.store, 1, TOWN_CONTACT, &is_stopped, NULL) == 0 &&
		!is_stopped,
	    "who answers otherwise later gets letters again");
	desk_close(&desk);
}

/* Of one that Hinomi has closed by itself, or that was put aside, only the answer is kept. */
static void test_ended(void)
{
	struct desk desk;
	open_town(&desk);
	struct wire_question question = question_of(3, TOWN_CONTACT);
	question.answer = ANSWER_FIXED;
	OK(ask(&desk, &question) && leaf.page.state == INCIDENT_CLOSED &&
		leaf.page.reason == CLOSE_QUIET && leaf.page.answer == ANSWER_FIXED,
	    "it stays closed as it was");
	desk_close(&desk);
}

static void test_notes(void)
{
	static const struct {
		const char *name;
		const char *raw;
		const char *kept;
	} rows[] = {
	    {"a plain note", "the camera", "fixed: the camera"},
	    {"lines become one", " a\r\n\r\nb\tc  ", "fixed: a b c"},
	    {"a colon", "a: b", "fixed: a: b"},
	    {"what turns text around",
		"a\xe2\x80\xae"
		"b",
		"fixed: a\\u{202e}b"},
	    {"what acts on a terminal", "a\x1b[2J", "fixed: a\\u{1b}[2J"},
	    {"HTML", "<b>", "fixed: <b>"},
	    {"Japanese", "修理", "fixed: 修理"},
	};
	struct desk desk;
	open_town(&desk);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char expected[200];
		const char *state = i == 0 ? "notified" : "closed";
		(void)snprintf(expected, sizeof expected,
		    "answer %s>%s noc@town.example (contact 1): %s", state, state, rows[i].kept);
		OK(answer_with(&desk, TOWN_CONTACT, ANSWER_FIXED, rows[i].raw) &&
			event_is(&desk, "answer", expected) &&
			strcmp(leaf.page.note, rows[i].kept + 7) == 0,
		    rows[i].name);
	}
	char longest[ANSWER_NOTE_RAW_BYTES];
	memset(longest, '\x01', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	OK(answer_with(&desk, TOWN_CONTACT, ANSWER_FIXED, longest) &&
		strlen(leaf.page.note) > 1000 && answer_page_is_sound(&leaf.page),
	    "the longest, of what has to be made visible, is kept");
	desk_close(&desk);
}

static void test_many(void)
{
	struct desk desk;
	bool all = true;
	open_town(&desk);
	for (int i = 0; i < ANSWERS_MAX; i++)
		all = all && answer(&desk, i % 2 == 0 ? ANSWER_ON_IT : ANSWER_FIXED);
	OK(all, "as many answers as anybody needs");
	OK(!answer(&desk, ANSWER_ON_IT) && leaf.trouble == ANSWER_MANY &&
		first(&desk)->state == INCIDENT_CLOSED,
	    "one more is refused");
	OK(answer(&desk, ANSWER_FIXED) && leaf.page.answer == ANSWER_FIXED,
	    "the last one again is no more");
	OK(answer_with(&desk, TOWN_SECOND, ANSWER_ON_IT, ""), "others may still");
	desk_close(&desk);
}

/* A letter that would be due: the incident is graver than what was told. */
static int64_t letters_of_graver(struct desk *desk)
{
	const struct store_query query = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = 1}}};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "told_severity", .text = "low"},
	    {.column = "told_us", .number = NOW_US - WHEN_HOUR_US},
	    {.column = "told_letters", .number = 1},
	    {.column = "opened_wall_us", .number = NOW_US - WHEN_HOUR_US},
	};
	if (store_begin(desk->store, NULL) != 0 ||
	    store_change(desk->store, &query, changes, NULL, NULL) != 0 ||
	    store_commit(desk->store, NULL) != 0)
		abort();
	desk_restart(desk);
	desk_pass(desk, WHEN_MINUTE_US);
	return notices_of(desk, NOTICE_UPDATE);
}

static void test_silence(void)
{
	struct desk desk;
	open_town(&desk);
	OK(letters_of_graver(&desk) == 2, "news of an incident go to both contacts of the town");
	desk_close(&desk);
	open_town(&desk);
	OK(answer(&desk, ANSWER_STOP) && letters_of_graver(&desk) == 1,
	    "whoever wants no more gets none, and the other does");
	desk_close(&desk);
}

static void test_by(void)
{
	struct roster_contact contact = {.id = 12, .kind = CONTACT_MAIL};
	char by[CASEBOOK_BY_BYTES];
	memset(contact.address, 'a', 200);
	answer_record_by(&contact, by);
	OK(strlen(by) == CASEBOOK_BY_BYTES - 1 && strstr(by, "aaa... (contact 12)") != NULL,
	    "a long address is cut, and its number is told");
}

int main(void)
{
	if (answer_key_make(&key) != 0 || answer_key_make(&other_key) != 0)
		abort();
	test_page();
	test_wrong_links();
	test_forms();
	test_answers();
	test_stop();
	test_ended();
	test_notes();
	test_many();
	test_silence();
	test_by();
	return test_done();
}
