#include "cmd/station/canary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/maildir.h"
#include "drill/canary.h"

/* The first comes soon after the start, so that what is wrong shows at once. */
#define FIRST_US (10 * WHEN_SECOND_US)
#define LOOK_US  WHEN_SECOND_US /* between two looks into a mailbox */

struct canary {
	struct canary_options options;
	char *maildir;
	struct canary_flight flight;
	uint16_t number;   /* of the last one */
	int64_t next_us;   /* when one is due; 0: not planned yet */
	int64_t barred_us; /* since when none can be sent for want of a source; 0: one could */
	int64_t looked_us; /* into the mailbox */
	int64_t home_us;
};

static const char *const stage_names[CANARY_STAGES] = {
    [CANARY_SENT] = "sent",
    [CANARY_FOUND] = "found",
    [CANARY_WRITTEN] = "written",
    [CANARY_ACCEPTED] = "accepted",
    [CANARY_ARRIVED] = "arrived",
};

static const char *const state_names[] = {
    [CANARY_NONE] = "none",
    [CANARY_FLIES] = "flying",
    [CANARY_IS_HOME] = "arrived",
    [CANARY_IS_LATE] = "late",
};

const char *canary_stage_name(enum canary_stage stage)
{
	return stage_names[stage];
}

const char *canary_state_name(enum canary_state state)
{
	return state_names[state];
}

int canary_new(const struct canary_options *options, struct canary **ret_canary)
{
	struct canary *canary = calloc(1, sizeof *canary);
	if (canary == NULL)
		return -ENOMEM;
	canary->options = *options;
	canary->maildir = strdup(options->rules.maildir);
	if (canary->maildir == NULL) {
		canary_free(canary);
		return -ENOMEM;
	}
	canary->options.rules.maildir = canary->maildir;
	*ret_canary = canary;
	return 0;
}

void canary_free(struct canary *canary)
{
	if (canary == NULL)
		return;
	free(canary->maildir);
	free(canary);
}

bool canary_can_fly(const struct canary *canary, const struct roster *roster)
{
	const struct canary_rules *rules = &canary->options.rules;
	for (size_t i = 0; i < roster->contact_count; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		const bool is_meant =
		    contact->kind == CONTACT_MAIL ? rules->by_mail : rules->by_webhook;
		if (contact->member_id == 0 && is_meant &&
		    (contact->state == CONTACT_VERIFIED || contact->state == CONTACT_FAILING))
			return true;
	}
	return false;
}

static bool is_known(const struct canary *canary, uint16_t number)
{
	const struct address address = canary_address(number);
	size_t position = 0;
	const struct incident *incident;
	while ((incident = casebook_next(canary->options.casebook, &position)) != NULL)
		if (incident->member_id == ROSTER_CANARY_ID &&
		    address_equal(&incident->subject, &address))
			return true;
	return false;
}

/*
 * Of the minute, so that none comes again for 45 days, after which its incident is known no more.
 * Where the clock was set back, or two fall into a minute, one is taken that is not known.
 */
static uint16_t choose_number(const struct canary *canary, int64_t wall_us)
{
	uint16_t number = (uint16_t)(wall_us / WHEN_MINUTE_US % UINT16_MAX + 1);
	for (int i = 0; i < UINT16_MAX && is_known(canary, number); i++)
		number++;
	return number == canary->number ? (uint16_t)(number + 1) : number;
}

int canary_begin(struct canary *canary, const struct roster *roster, int64_t wall_us)
{
	if (canary->flight.state == CANARY_FLIES)
		return -EALREADY;
	if (!canary_can_fly(canary, roster))
		return -ENODEV;
	canary->number = choose_number(canary, wall_us);
	int result = canary->options.send(canary->options.context, canary->number);
	if (result != 0)
		return result;
	canary->flight = (struct canary_flight){
	    .state = CANARY_FLIES, .number = canary->number, .begun_us = wall_us};
	/* one on demand stands for the next, so that it is home or late before that begins */
	if (canary->options.rules.every_us != 0)
		canary->next_us = wall_us + canary->options.rules.every_us;
	return 0;
}

static void note_stage(struct canary *canary, enum canary_stage stage, int64_t at_us)
{
	if (canary->flight.at_us[stage] == 0)
		canary->flight.at_us[stage] = at_us;
}

void canary_note_sent(struct canary *canary, uint16_t number, const char *source, int64_t wall_us)
{
	if (canary->flight.number != number)
		return;
	(void)snprintf(canary->flight.source, sizeof canary->flight.source, "%s",
	    source); /* its start tells */
	note_stage(canary, CANARY_SENT, wall_us);
}

/* Once it is written it is known by its id: a clock that is set changes nothing in that. */
static bool is_of_flight(const struct canary_flight *flight, const struct incident *incident)
{
	const struct address address = canary_address(flight->number);
	if (incident->member_id != ROSTER_CANARY_ID || !address_equal(&incident->subject, &address))
		return false;
	return flight->incident_id != 0 ? incident->id == flight->incident_id
					: incident->opened_wall_us >= flight->begun_us;
}

static struct incident *find_incident(const struct canary *canary)
{
	size_t position = 0;
	struct incident *incident;
	while ((incident = casebook_next(canary->options.casebook, &position)) != NULL)
		if (is_of_flight(&canary->flight, incident))
			return incident;
	return NULL;
}

/* Its letters. */
struct letters {
	struct canary *canary;
	size_t count;
	size_t delivered;
	size_t found; /* in the mailbox */
	bool looks;
	int64_t written_us;
	int64_t accepted_us;
};

static int visit_letter(void *context, const void *record)
{
	struct letters *letters = context;
	const struct store_notice *notice = record;
	letters->count++;
	letters->written_us = notice->created_us;
	if (notice->state == NOTICE_DELIVERED) {
		letters->delivered++;
		if (notice->delivered_us > letters->accepted_us)
			letters->accepted_us = notice->delivered_us;
	}
	if (letters->looks &&
	    maildir_has(letters->canary->maildir, notice->message_id, notice->created_us))
		letters->found++;
	return 0;
}

static void come_home(
    struct canary *canary, struct incident *incident, const struct casebook_clocks *clocks)
{
	const struct incident_deed home = {.event = INCIDENT_CLOSE,
	    .reason = CLOSE_FIXED,
	    .by = "hinomi",
	    .note = "the canary came home"};
	(void)casebook_do(
	    canary->options.casebook, incident, &home, clocks->observed_us); /* it is open */
	canary->flight.state = CANARY_IS_HOME;
	canary->home_us = clocks->wall_us;
	canary->options.raise(canary->options.context, false, &canary->flight);
}

static void look_at_letters(
    struct canary *canary, struct incident *incident, const struct casebook_clocks *clocks)
{
	struct letters letters = {.canary = canary};
	const struct store_query query = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = incident->id}}};
	const bool has_mailbox = canary->maildir[0] != '\0';
	letters.looks = has_mailbox && clocks->wall_us - canary->looked_us >= LOOK_US;
	if (letters.looks)
		canary->looked_us = clocks->wall_us;
	if (store_each(canary->options.store, &query, visit_letter, &letters, NULL) != 0 ||
	    letters.count == 0)
		return;
	note_stage(canary, CANARY_WRITTEN, letters.written_us);
	if (letters.delivered < letters.count)
		return;
	note_stage(canary, CANARY_ACCEPTED, letters.accepted_us);
	if (has_mailbox && letters.found == 0)
		return;
	note_stage(canary, CANARY_ARRIVED, has_mailbox ? clocks->wall_us : letters.accepted_us);
	come_home(canary, incident, clocks);
}

/* One that is late when the next one flies is no more waited for. */
static void give_up(struct canary *canary, const struct casebook_clocks *clocks)
{
	const struct incident_deed deed = {.event = INCIDENT_CLOSE,
	    .reason = CLOSE_QUIET,
	    .by = "hinomi",
	    .note = "the canary did not come home"};
	struct incident *incident =
	    canary->flight.state == CANARY_IS_LATE ? find_incident(canary) : NULL;
	if (incident != NULL && incident->state != INCIDENT_CLOSED)
		(void)casebook_do(canary->options.casebook, incident, &deed, clocks->observed_us);
}

static void follow(struct canary *canary, const struct casebook_clocks *clocks)
{
	struct incident *incident = find_incident(canary);
	if (incident != NULL) {
		note_stage(canary, CANARY_FOUND, incident->opened_wall_us);
		canary->flight.incident_id = incident->id;
		if (incident->id != 0)
			look_at_letters(canary, incident, clocks);
	}
	if (canary->flight.state != CANARY_FLIES ||
	    clocks->wall_us - canary->flight.begun_us < canary->options.rules.deadline_us)
		return;
	canary->flight.state = CANARY_IS_LATE;
	canary->options.raise(canary->options.context, true, &canary->flight);
}

/* Without a source none flies, so none would be late: what watches nothing must not be silent. */
static void note_barred(struct canary *canary, int result, int64_t wall_us)
{
	if (result != -ENOTCONN) {
		canary->barred_us = 0;
		return;
	}
	if (canary->barred_us == 0)
		canary->barred_us = wall_us;
	if (wall_us - canary->barred_us < canary->options.rules.deadline_us)
		return;
	canary->flight =
	    (struct canary_flight){.state = CANARY_IS_LATE, .begun_us = canary->barred_us};
	canary->options.raise(canary->options.context, true, &canary->flight);
}

void canary_tick(
    struct canary *canary, const struct roster *roster, const struct casebook_clocks *clocks)
{
	const struct canary_rules *rules = &canary->options.rules;
	/* one that is late may come yet: then it is known how late */
	if (canary->flight.state == CANARY_FLIES || canary->flight.state == CANARY_IS_LATE)
		follow(canary, clocks);
	if (rules->every_us == 0)
		return;
	/* also where the clock was set back by more than a flight takes */
	if (canary->next_us == 0 || canary->next_us > clocks->wall_us + rules->every_us)
		canary->next_us = clocks->wall_us + FIRST_US;
	if (clocks->wall_us < canary->next_us || canary->flight.state == CANARY_FLIES)
		return;
	give_up(canary, clocks);
	int result = canary_begin(canary, roster, clocks->wall_us);
	note_barred(canary, result, clocks->wall_us);
	canary->next_us = clocks->wall_us + (result == -ENOTCONN ? LOOK_US : rules->every_us);
}

void canary_note_clock(struct canary *canary, int64_t by_us)
{
	struct canary_flight *flight = &canary->flight;
	flight->begun_us += by_us;
	for (size_t i = 0; i < CANARY_STAGES; i++)
		if (flight->at_us[i] != 0)
			flight->at_us[i] += by_us;
	if (canary->next_us != 0)
		canary->next_us += by_us;
	if (canary->barred_us != 0)
		canary->barred_us += by_us;
	canary->looked_us += by_us;
}

const struct canary_rules *canary_get_rules(const struct canary *canary)
{
	return &canary->options.rules;
}

const struct canary_flight *canary_last(const struct canary *canary)
{
	return &canary->flight;
}

int64_t canary_home_us(const struct canary *canary)
{
	return canary->home_us;
}
