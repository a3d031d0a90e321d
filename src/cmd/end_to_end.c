#include "cmd/end_to_end.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json_read.h"
#include "base/quantity.h"
#include "base/when.h"
#include "cmd/station/canary.h"

enum {
	POLL_MS = 100,
	PAUSE_MS = 1000,
	/* A station that has just started answers before its sources are open. */
	TRIES_MAX = 10,
	SOURCE_BYTES = 512,
	REPLY_BYTES = 1024,
	LINE_BYTES = 2048,
	WAYS_BYTES = 128,
};

/* The keeper says itself when one is late, unless it hangs. */
#define PATIENCE_US (30 * WHEN_SECOND_US)
/* Captures report once a second, also when they sent it; it may have arrived before. */
#define SENT_PATIENCE_US (3 * WHEN_SECOND_US)

#define BEGIN "{\"do\":\"canary.begin\"}"
#define STATE "{\"do\":\"canary.state\"}"

/* What the station says of it. */
struct told {
	bool is_known;
	int64_t number;
	char state[16];
	bool was_flying;
	bool has_reader;
	int64_t deadline_us;
	char source[SOURCE_BYTES];
	char maildir[STATION_PATH_BYTES];
	bool is_there[CANARY_STAGES];
	int64_t after_us[CANARY_STAGES];
	bool by_mail; /* ways that its letters take */
	bool by_webhook;
	bool is_refused; /* one of its letters, for good */
	int64_t attempts;
	char reply[REPLY_BYTES]; /* to the letter that is not delivered; "" */
};

struct flight {
	struct station_client *client;
	const struct end_to_end *order;
	struct told told;
	size_t stages_told;
	bool told_reply;
	char problem[LINE_BYTES]; /* what is wrong, for JSON; "" */
	struct complaint *complaint;
};

static const struct {
	enum station_word name;
	enum station_word was;
	enum station_word was_not;
} stage_words[CANARY_STAGES] = {
    [CANARY_SENT] = {WORD_STAGE_SENT, WORD_WAS_SENT, WORD_NOT_SENT},
    [CANARY_FOUND] = {WORD_STAGE_FOUND, WORD_WAS_FOUND, WORD_NOT_FOUND},
    [CANARY_WRITTEN] = {WORD_STAGE_WRITTEN, WORD_WAS_WRITTEN, WORD_NOT_WRITTEN},
    [CANARY_ACCEPTED] = {WORD_STAGE_ACCEPTED, WORD_WAS_ACCEPTED, WORD_NOT_ACCEPTED},
    [CANARY_ARRIVED] = {WORD_STAGE_ARRIVED, WORD_WAS_ARRIVED, WORD_NOT_ARRIVED},
};

static void pause_for(long ms)
{
	const struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
	(void)nanosleep(&time, NULL); /* a shorter one does no harm */
}

static int64_t monotonic_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* it is always there */
	return (int64_t)now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

/* ---- What the station says ---- */

static void read_text(const struct json_node *record, const char *name, char *out, size_t room)
{
	const char *text = "";
	(void)json_read_text(json_read_member(record, name), &text); /* or it stays empty */
	(void)snprintf(out, room, "%s", text);                       /* its end is not missed */
}

static void read_stages(const struct json_node *list, struct told *told)
{
	for (size_t i = 0; i < json_read_count(list); i++) {
		const struct json_node *item = json_read_item(list, i);
		const char *name = "";
		(void)json_read_text(json_read_member(item, "stage"), &name); /* or none */
		for (size_t stage = 0; stage < CANARY_STAGES; stage++)
			if (strcmp(name, canary_stage_name((enum canary_stage)stage)) == 0)
				told->is_there[stage] = json_read_whole(
				    json_read_member(item, "after_us"), &told->after_us[stage]);
	}
}

static void read_letters(const struct json_node *list, struct told *told)
{
	for (size_t i = 0; i < json_read_count(list); i++) {
		const struct json_node *item = json_read_item(list, i);
		const char *state = "";
		const char *kind = "";
		(void)json_read_text(json_read_member(item, "kind"), &kind); /* or none */
		told->by_mail = told->by_mail || strcmp(kind, "mail") == 0;
		told->by_webhook = told->by_webhook || strcmp(kind, "webhook") == 0;
		(void)json_read_text(json_read_member(item, "state"), &state); /* or none */
		if (strcmp(state, "delivered") == 0)
			continue;
		told->is_refused = told->is_refused || strcmp(state, "failed") == 0;
		(void)json_read_whole(
		    json_read_member(item, "attempts"), &told->attempts); /* or 0 */
		read_text(item, "reply", told->reply, sizeof told->reply);
	}
}

static int on_record(void *context, const char *line)
{
	struct told *told = context;
	struct json_node *record = NULL;
	if (json_read(line, strlen(line), &record, NULL) != 0)
		return 0; /* then there is no answer */
	told->is_known =
	    json_read_whole(json_read_member(record, "number"), &told->number) &&
	    json_read_whole(json_read_member(record, "deadline_us"), &told->deadline_us) &&
	    json_read_flag(json_read_member(record, "was_flying"), &told->was_flying) &&
	    json_read_flag(json_read_member(record, "has_reader"), &told->has_reader);
	read_text(record, "state", told->state, sizeof told->state);
	read_text(record, "source", told->source, sizeof told->source);
	read_text(record, "maildir", told->maildir, sizeof told->maildir);
	read_stages(json_read_member(record, "stages"), told);
	read_letters(json_read_member(record, "letters"), told);
	json_read_free(record);
	return 0;
}

/* -EREMOTEIO: it says why not. */
static int ask(struct flight *flight, const char *request, struct told *ret_told)
{
	struct told told = {.state = ""};
	int result = station_client_ask(flight->client, request, strlen(request), on_record, &told);
	const char *why = station_client_complaint(flight->client)->text;
	if (result == -EREMOTEIO)
		return complain(flight->complaint, result, "%s", why);
	if (result != 0)
		return complain(flight->complaint, result,
		    "what became of the canary is not known: %s; try again once the station is "
		    "back",
		    why);
	if (!told.is_known)
		return complain(flight->complaint, -EPROTO,
		    "the station does not say how the canary fares; is it of the same version?");
	*ret_told = told;
	return 0;
}

/* ---- What is told of it ---- */

/* Of the stage that is to be told of next. */
static void tell(struct flight *flight, enum check_level level, enum station_word word,
    const struct value *values, size_t count)
{
	const size_t stage =
	    flight->stages_told < CANARY_STAGES ? flight->stages_told : CANARY_ARRIVED;
	char line[LINE_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	station_words_add(&text, flight->order->language, word, values, count);
	if (level == CHECK_WRONG)
		(void)snprintf(flight->problem, sizeof flight->problem, "%s", line); /* fits */
	if (flight->order->json == NULL)
		flight->order->tell(flight->order->context, level, stage_words[stage].name, line);
}

void end_to_end_format(int64_t us, char out[static END_TO_END_SECONDS_BYTES])
{
	const int64_t ms = (us > 0 ? us : 0) / 1000; /* a clock may be set back meanwhile */
	(void)snprintf(
	    out, END_TO_END_SECONDS_BYTES, "%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000);
}

static void list_ways(const struct flight *flight, char *out, size_t room)
{
	const struct told *told = &flight->told;
	const enum language language = flight->order->language;
	struct text text;
	text_init(&text, out, room);
	if (told->by_mail)
		text_add(&text, station_word(language, WORD_BY_MAIL));
	if (told->by_mail && told->by_webhook)
		text_add(&text, station_word(language, WORD_JOINT));
	if (told->by_webhook)
		text_add(&text, station_word(language, WORD_BY_WEBHOOK));
}

/* What the phrase of a stage names. */
static const char *object_of(const struct flight *flight, enum canary_stage stage, char *ways)
{
	if (stage == CANARY_SENT)
		return flight->told.source;
	return stage == CANARY_ACCEPTED ? ways : flight->told.maildir;
}

static void tell_stage(struct flight *flight, enum canary_stage stage)
{
	const struct told *told = &flight->told;
	const bool is_blind = stage == CANARY_ARRIVED && told->maildir[0] == '\0';
	char seconds[END_TO_END_SECONDS_BYTES];
	char ways[WAYS_BYTES];
	list_ways(flight, ways, sizeof ways);
	end_to_end_format(told->after_us[stage], seconds);
	tell(flight, CHECK_OK, is_blind ? WORD_WAS_ARRIVED_BLIND : stage_words[stage].was,
	    VALUES(value_of_text(seconds), value_of_text(object_of(flight, stage, ways))));
}

static bool is_passed(const struct told *told, size_t stage)
{
	for (size_t later = stage; later < CANARY_STAGES; later++)
		if (told->is_there[later])
			return true;
	return false;
}

/* In their order. One that is passed, and not known of yet, is waited for, but not in the end. */
static void tell_stages(struct flight *flight, bool is_end)
{
	const struct told *told = &flight->told;
	for (; flight->stages_told < CANARY_STAGES; flight->stages_told++) {
		const size_t stage = flight->stages_told;
		if (told->is_there[stage])
			tell_stage(flight, (enum canary_stage)stage);
		else if (!is_end || !is_passed(told, stage))
			break;
	}
	if (flight->stages_told != CANARY_ACCEPTED || told->reply[0] == '\0' || told->is_refused ||
	    flight->told_reply)
		return;
	flight->told_reply = true;
	tell(flight, CHECK_WARNING, WORD_NOT_YET, VALUES(value_of_text(told->reply)));
}

static void tell_end(struct flight *flight)
{
	const struct told *told = &flight->told;
	const enum canary_stage stage = flight->stages_told < CANARY_STAGES
					    ? (enum canary_stage)flight->stages_told
					    : CANARY_ARRIVED;
	char deadline[QUANTITY_TEXT_BYTES];
	duration_format(told->deadline_us, deadline);
	enum station_word word = stage_words[stage].was_not;
	if (stage == CANARY_ACCEPTED && told->is_refused) {
		tell(flight, CHECK_WRONG, WORD_REFUSED, VALUES(value_of_text(told->reply)));
		return;
	}
	if (stage == CANARY_ACCEPTED && told->reply[0] == '\0')
		word = WORD_NOT_ANSWERED;
	tell(flight, CHECK_WRONG, word,
	    VALUES(value_of_text(deadline),
		value_of_text(stage == CANARY_ACCEPTED ? told->reply : told->maildir)));
}

static void write_canary(const struct flight *flight, bool arrived)
{
	const struct told *told = &flight->told;
	struct json *json = flight->order->json;
	json_open_object(json, "canary");
	json_bool(json, "arrived", arrived);
	json_signed(json, "number", told->number);
	if (told->source[0] != '\0')
		json_string(json, "source", told->source);
	json_open_array(json, "stages");
	for (size_t stage = 0; stage < CANARY_STAGES; stage++) {
		json_open_object(json, NULL);
		json_string(json, "stage", canary_stage_name((enum canary_stage)stage));
		json_bool(json, "reached", told->is_there[stage]);
		if (told->is_there[stage])
			json_decimal(json, "after_s", (double)told->after_us[stage] / 1e6, 6);
		json_close_object(json);
	}
	json_close_array(json);
	if (told->reply[0] != '\0')
		json_string(json, "reply", told->reply);
	if (flight->problem[0] != '\0')
		json_string(json, "problem", flight->problem);
	json_close_object(json);
}

/* ---- Its flight ---- */

/* 1: it flies; 0: it does not, which was told. */
static int begin(struct flight *flight)
{
	for (int i = 1;; i++) {
		int result = ask(flight, BEGIN, &flight->told);
		if (result == 0)
			return 1;
		if (result != -EREMOTEIO)
			return result;
		const struct complaint why = *flight->complaint;
		result = ask(flight, STATE, &flight->told);
		if (result != 0)
			return result;
		if (i == TRIES_MAX || !flight->told.has_reader) {
			flight->told = (struct told){.state = ""}; /* of another one */
			tell(flight, CHECK_WRONG, WORD_SAYS, VALUES(value_of_text(why.text)));
			return 0;
		}
		pause_for(PAUSE_MS);
	}
}

static bool has_arrived(const struct told *told)
{
	return strcmp(told->state, "arrived") == 0;
}

/* Until it is known how it ended. */
static int follow(struct flight *flight)
{
	const int64_t number = flight->told.number;
	const int64_t until_us = monotonic_us() + flight->told.deadline_us + PATIENCE_US;
	int64_t arrived_us = 0;
	for (;;) {
		tell_stages(flight, false);
		const struct told *told = &flight->told;
		if (has_arrived(told) && arrived_us == 0)
			arrived_us = monotonic_us();
		if (strcmp(told->state, "late") == 0 || told->is_refused ||
		    monotonic_us() >= until_us ||
		    (has_arrived(told) && (told->is_there[CANARY_SENT] ||
					      monotonic_us() - arrived_us >= SENT_PATIENCE_US)))
			return 0;
		pause_for(POLL_MS);
		struct told next = {.state = ""};
		int result = ask(flight, STATE, &next);
		if (result != 0)
			return result;
		if (next.number != number)
			return 0; /* the next one was due: this one is late */
		flight->told = next;
	}
}

int end_to_end_run(struct station_client *client, const struct end_to_end *order,
    int64_t *ret_took_us, struct complaint *complaint)
{
	struct flight flight = {.client = client, .order = order, .complaint = complaint};
	int result = begin(&flight);
	const bool flies = result == 1;
	if (flies && flight.told.was_flying && order->json == NULL)
		puts(station_word(order->language, WORD_WAS_FLYING));
	if (flies)
		result = follow(&flight);
	if (result < 0)
		return result;
	const bool arrived = has_arrived(&flight.told);
	tell_stages(&flight, true);
	if (flies && !arrived)
		tell_end(&flight);
	if (order->json != NULL)
		write_canary(&flight, arrived);
	if (arrived)
		*ret_took_us = flight.told.after_us[CANARY_ARRIVED];
	return arrived;
}
