/* What findings become; how all of it keeps within its room is in casebook_room.c. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/casebook_internal.h"
#include "alert/severity.h"
#include "base/hash.h"

enum {
	STEPS_MIN = 64,
	REST_SHARE = 4,    /* of what may be open, for what is not */
	STEPS_MAX = 65536, /* more are not kept while nothing can be written: 25 MB */
};

static const char *const news_names[NEWS_COUNT] = {
    [NEWS_NONE] = "",
    [NEWS_FIRST] = "first",
    [NEWS_UPDATE] = "update",
    [NEWS_QUIET] = "quiet",
    [NEWS_RELAPSE] = "relapse",
    [NEWS_RETRACTION] = "retraction",
};

const char *news_name(enum news news)
{
	assert(news >= 0 && news < NEWS_COUNT);
	return news_names[news];
}

int news_find(const char *name)
{
	for (int i = 0; i < NEWS_COUNT; i++)
		if (strcmp(news_names[i], name) == 0)
			return i;
	return -1;
}

int casebook_new(const struct casebook_rules *rules, struct casebook **ret_casebook)
{
	struct casebook *casebook = calloc(1, sizeof *casebook);
	if (casebook == NULL)
		return -ENOMEM;
	casebook->rules = *rules;
	casebook->seed = hash_seed_random();
	casebook->entries = table_new(sizeof(struct key), sizeof(struct entry),
	    rules->incidents_max + rules->incidents_max / REST_SHARE);
	if (casebook->entries == NULL) {
		casebook_free(casebook);
		return -ENOMEM;
	}
	*ret_casebook = casebook;
	return 0;
}

void casebook_free(struct casebook *casebook)
{
	if (casebook == NULL)
		return;
	size_t position = 0;
	struct entry *entry;
	while (
	    casebook->entries != NULL && (entry = casebook_next_entry(casebook, &position)) != NULL)
		free(entry->incident.finding);
	table_free(casebook->entries);
	free(casebook->steps);
	free(casebook->exceptions);
	free(casebook);
}

/*
 * A crowd of forged addresses is one thing, whichever of them is named. A scan is one thing as well
 * before and after dark addresses have borne it out.
 */
static struct key key_of(
    int64_t member_id, const struct address *subject, enum rule rule, bool drill)
{
	const enum rule group = rule == RULE_SCAN_LIVE ? RULE_SCAN_DARK : rule;
	struct key key = {.member_id = member_id, .rule = (uint8_t)group, .drill = drill};
	if (rule != RULE_SPOOF_MEMBER)
		key.subject = *subject;
	return key;
}

static struct entry *find_entry(const struct casebook *casebook, const struct key *key)
{
	return table_find(casebook->entries, key, hash_bytes(key, sizeof *key, casebook->seed));
}

int casebook_load(struct casebook *casebook, const struct incident *incident)
{
	const struct key key =
	    key_of(incident->member_id, &incident->subject, incident->rule, incident->drill);
	struct entry *entry = find_entry(casebook, &key);
	if (entry == NULL)
		entry = casebook_add_entry(casebook, &key);
	else
		casebook->open -= incident_is_open(entry->incident.state);
	if (entry == NULL)
		return table_count(casebook->entries) == table_max(casebook->entries) ? -ENOSPC
										      : -ENOMEM;
	casebook->open += incident_is_open(incident->state);
	entry->incident.state = incident->state; /* as it is counted, whatever fails now */
	struct finding *finding = NULL;
	if (incident->finding != NULL) {
		finding = malloc(sizeof *finding);
		if (finding == NULL)
			return -ENOMEM;
		*finding = *incident->finding;
	}
	free(entry->incident.finding);
	entry->incident = *incident;
	entry->incident.finding = finding;
	return 0;
}

int casebook_set_exceptions(
    struct casebook *casebook, const struct exception *exceptions, size_t count)
{
	struct exception *copy = calloc(count + 1, sizeof *copy);
	if (copy == NULL)
		return -ENOMEM;
	if (count > 0)
		memcpy(copy, exceptions, count * sizeof *copy);
	free(casebook->exceptions);
	casebook->exceptions = copy;
	casebook->exception_count = count;
	return 0;
}

/* The finding is about this port and no other, as far as what it searched for goes. */
static bool is_about_port(const struct finding *finding, int port)
{
	bool found = false;
	for (size_t i = 0; i < finding->ports_listed; i++) {
		if (!finding->ports[i].searched)
			continue;
		if (finding->ports[i].port != port)
			return false;
		found = true;
	}
	return found;
}

bool exception_covers(const struct exception *exception, int64_t member_id,
    const struct finding *finding, int64_t observed_us)
{
	return observed_us < exception->until_us &&
	       (exception->member_id == 0 || exception->member_id == member_id) &&
	       (exception->rule < 0 || exception->rule == (int)finding->rule) &&
	       prefix_contains(&exception->subject, &finding->subject) &&
	       (exception->port < 0 || is_about_port(finding, exception->port));
}

static bool is_covered(const struct casebook *casebook, int64_t member_id,
    const struct finding *finding, int64_t observed_us)
{
	for (size_t i = 0; i < casebook->exception_count; i++)
		if (exception_covers(&casebook->exceptions[i], member_id, finding, observed_us))
			return true;
	return false;
}

/* Without room or memory the history has a hole, and the incident itself is right. */
static struct incident_step *add_step(struct casebook *casebook)
{
	static struct incident_step nowhere;
	if (casebook->step_count == casebook->step_room) {
		size_t room = casebook->step_room == 0 ? STEPS_MIN : casebook->step_room * 2;
		struct incident_step *steps =
		    room > STEPS_MAX ? NULL : reallocarray(casebook->steps, room, sizeof *steps);
		if (steps == NULL)
			return &nowhere;
		casebook->steps = steps;
		casebook->step_room = room;
	}
	return &casebook->steps[casebook->step_count++];
}

static void copy_text(char *out, size_t room, const char *text)
{
	size_t length = strnlen(text, room - 1);
	memcpy(out, text, length);
	out[length] = '\0';
}

static void drop_finding(struct incident *incident)
{
	free(incident->finding);
	incident->finding = NULL;
}

/*
 * What was told does not hold: whoever was told hears it. An exception says nothing of what was
 * over anyway.
 */
static bool must_retract(
    const struct incident *incident, enum incident_state from, enum close_reason reason)
{
	return incident->told.at_us != 0 && incident->owed != NEWS_FIRST &&
	       (reason == CLOSE_WITHDRAWN || (reason == CLOSE_EXCEPTION && incident_is_open(from)));
}

static void close_as(struct incident *incident, enum incident_state from, enum close_reason reason)
{
	const bool is_retracted = must_retract(incident, from, reason);
	incident->reason = reason;
	incident->owed = is_retracted ? NEWS_RETRACTION : NEWS_NONE;
	incident->retraction = RETRACTION_NONE;
	if (is_retracted)
		incident->retraction =
		    reason == CLOSE_EXCEPTION ? RETRACTION_EXCEPTION : RETRACTION_LATER;
	else
		drop_finding(incident);
}

static void move(struct casebook *casebook, struct incident *incident, enum incident_state to,
    const struct incident_deed *deed, int64_t at_us)
{
	const enum incident_state from = incident->state;
	struct incident_step *step = add_step(casebook);
	*step = (struct incident_step){
	    .incident = incident,
	    .at_us = at_us,
	    .from = from,
	    .to = to,
	    .event = deed->event,
	};
	copy_text(step->by, sizeof step->by, deed->by);
	copy_text(step->note, sizeof step->note, deed->note);
	casebook->open -= incident_is_open(from);
	casebook->open += incident_is_open(to);
	if (to != from)
		incident->state_us = at_us;
	incident->state = to;
	incident->is_changed = true;
	incident->reason = CLOSE_NONE;
	if (to == INCIDENT_CLOSED)
		close_as(incident, from, deed->reason);
}

int casebook_do(struct casebook *casebook, struct incident *incident,
    const struct incident_deed *deed, int64_t at_us)
{
	int to = incident_next_state(incident->state, deed->event);
	if (to < 0)
		return -EPERM;
	/* what Hinomi itself sees all the time is history only where it changes something */
	bool is_routine = deed->event == INCIDENT_FOUND || deed->event == INCIDENT_SILENCE ||
			  deed->event == INCIDENT_DELIVERED;
	if (to == (int)incident->state && is_routine)
		return 0;
	move(casebook, incident, (enum incident_state)to, deed, at_us);
	return 0;
}

static bool was_closed_by_people(const struct incident *incident)
{
	return incident->state == INCIDENT_CLOSED &&
	       (incident->reason == CLOSE_FIXED || incident->reason == CLOSE_NOT_OURS ||
		   incident->reason == CLOSE_HARMLESS);
}

int casebook_amend(struct casebook *casebook, struct incident *incident,
    const struct incident_deed *deed, const struct finding *finding, int64_t at_us)
{
	const bool goes_on = deed->event == INCIDENT_WORK;
	if (!was_closed_by_people(incident) || (!goes_on && deed->event != INCIDENT_CLOSE))
		return -EPERM;
	if (goes_on && finding != NULL && incident->finding == NULL) {
		incident->finding = malloc(sizeof *incident->finding);
		if (incident->finding == NULL)
			return -ENOMEM;
		*incident->finding = *finding;
	}
	move(casebook, incident, goes_on ? INCIDENT_IN_PROGRESS : INCIDENT_CLOSED, deed, at_us);
	return 0;
}

/* What Hinomi itself does. */
void casebook_happen(struct casebook *casebook, struct incident *incident,
    enum incident_event event, enum close_reason reason, int64_t at_us)
{
	const struct incident_deed deed = {.event = event, .reason = reason, .by = "", .note = ""};
	(void)casebook_do(casebook, incident, &deed, at_us); /* callers know that it can happen */
}

static bool are_same_reasons(const struct finding *was, const struct finding *is)
{
	for (size_t i = 0; i < is->reason_count; i++) {
		const struct reason_given *a = &was->reasons[i];
		const struct reason_given *b = &is->reasons[i];
		if (a->reason != b->reason ||
		    memcmp(a->numbers, b->numbers, sizeof a->numbers) != 0)
			return false;
	}
	for (size_t i = 0; i < is->spoof_reason_count; i++) {
		const struct finding_spoof *a = &was->spoof_reasons[i];
		const struct finding_spoof *b = &is->spoof_reasons[i];
		if (a->reason != b->reason ||
		    memcmp(a->numbers, b->numbers, sizeof a->numbers) != 0)
			return false;
	}
	return true;
}

/* Whether it gives the same reasons; its numbers are those of the incident. */
static bool says_the_same(const struct finding *was, const struct finding *is)
{
	return was->reason_count == is->reason_count &&
	       was->spoof_reason_count == is->spoof_reason_count &&
	       was->attribution == is->attribution && was->spoof == is->spoof &&
	       was->tool == is->tool && are_same_reasons(was, is);
}

static int keep_finding(struct incident *incident, const struct finding *finding)
{
	const bool is_first = incident->finding == NULL;
	if (is_first)
		incident->finding = malloc(sizeof *incident->finding);
	if (incident->finding == NULL)
		return -ENOMEM;
	/* its reasons may change while all that is counted stays: a late batch moves the walk */
	incident->is_grown |= is_first || !says_the_same(incident->finding, finding);
	*incident->finding = *finding;
	return 0;
}

static void widen(uint64_t *into, uint64_t count)
{
	if (count > *into)
		*into = count;
}

/*
 * What is known now may be less than what was: after a restart only a day of it comes back. So an
 * incident's own numbers never shrink.
 */
static void note_finding(
    struct incident *incident, const char *member, const struct finding *finding)
{
	const struct incident before = *incident;
	copy_text(incident->member, sizeof incident->member, member);
	incident->rule = finding->rule;
	if (finding->first_us < incident->first_us)
		incident->first_us = finding->first_us;
	if (finding->last_us > incident->last_us)
		incident->last_us = finding->last_us;
	if (finding->severity > incident->severity)
		incident->severity = finding->severity;
	widen(&incident->packets, finding->packets);
	widen(&incident->extent, incident_extent(finding));
	widen(&incident->port_count, finding->port_count);
	if (before.severity != incident->severity || before.rule != incident->rule)
		incident->is_changed = true;
	if (before.last_us != incident->last_us || before.packets != incident->packets ||
	    before.extent != incident->extent || before.first_us != incident->first_us ||
	    before.port_count != incident->port_count)
		incident->is_grown = true;
}

static void open_incident(struct casebook *casebook, struct entry *entry,
    const struct finding *finding, const struct casebook_clocks *clocks)
{
	entry->incident = (struct incident){
	    .member_id = entry->key.member_id,
	    .subject = finding->subject,
	    .rule = finding->rule,
	    .drill = finding->drill,
	    .severity = finding->severity,
	    .opened_us = clocks->observed_us,
	    .opened_wall_us = clocks->wall_us,
	    .first_us = INT64_MAX,
	    .last_us = INT64_MIN,
	    .state_us = clocks->observed_us,
	    .is_changed = true,
	};
	casebook->open++;
	const struct incident_deed deed = {.event = INCIDENT_FOUND, .by = "", .note = ""};
	move(casebook, &entry->incident, INCIDENT_NEW, &deed, clocks->observed_us);
}

/* Somebody said that this is as it should be: only what is graver opens it again. */
static bool stays_closed(const struct incident *incident, const struct finding *finding)
{
	return incident->state == INCIDENT_CLOSED &&
	       (incident->reason == CLOSE_HARMLESS || incident->reason == CLOSE_NOT_OURS) &&
	       finding->severity <= incident->severity;
}

/* Where its end was not told, going on is no news either; what was taken back is told anew. */
static enum news news_of_relapse(const struct incident *incident)
{
	if (incident->owed == NEWS_QUIET || incident->owed == NEWS_RETRACTION)
		return NEWS_NONE;
	return incident->retraction == RETRACTION_NONE ? NEWS_RELAPSE : NEWS_FIRST;
}

static void relapse(
    struct casebook *casebook, struct incident *incident, const struct finding *finding)
{
	const enum news news = news_of_relapse(incident);
	casebook_happen(casebook, incident, INCIDENT_FOUND, CLOSE_NONE, finding->last_us);
	incident->severity = finding->severity;
	incident->relapses++;
	incident->reminders = 0;
	incident->reminded_us = 0;
	incident->rested_us = incident->last_us;
	incident->retraction = RETRACTION_NONE;
	incident->owed = incident->told.at_us == 0 ? NEWS_NONE : news;
}

static int go_on(struct casebook *casebook, struct incident *incident, const char *member,
    const struct finding *finding)
{
	if (!incident_is_open(incident->state)) {
		if (finding->last_us <= incident->state_us || stays_closed(incident, finding))
			return 0; /* of the time before, judged once more */
		if (incident->reason == CLOSE_NO_ROOM &&
		    casebook->open >= casebook->rules.incidents_max) {
			casebook->counts.refused++;
			return -ENOSPC;
		}
		relapse(casebook, incident, finding);
	}
	note_finding(incident, member, finding);
	return keep_finding(incident, finding);
}

int casebook_take(struct casebook *casebook, int64_t member_id, const char *member,
    const struct finding *finding, const struct casebook_clocks *clocks)
{
	const struct key key = key_of(member_id, &finding->subject, finding->rule, finding->drill);
	struct entry *entry = find_entry(casebook, &key);
	if (is_covered(casebook, member_id, finding, clocks->observed_us)) {
		casebook->counts.covered++;
		if (entry != NULL && entry->incident.state != INCIDENT_CLOSED)
			casebook_happen(casebook, &entry->incident, INCIDENT_CLOSE, CLOSE_EXCEPTION,
			    clocks->observed_us);
		return 0;
	}
	if (entry == NULL) {
		const bool has_room = casebook_make_room(casebook, finding, clocks->observed_us);
		if (has_room)
			entry = casebook_add_entry(casebook, &key);
		if (entry == NULL) {
			casebook->counts.refused++;
			return has_room ? -ENOMEM : -ENOSPC;
		}
		open_incident(casebook, entry, finding, clocks);
	}
	return go_on(casebook, &entry->incident, member, finding);
}

void casebook_withdraw(struct casebook *casebook, int64_t member_id,
    const struct casebook_withdrawal *withdrawal, const struct casebook_clocks *clocks)
{
	const struct key key =
	    key_of(member_id, &withdrawal->subject, withdrawal->rule, withdrawal->drill);
	struct entry *entry = find_entry(casebook, &key);
	if (entry == NULL || entry->incident.finding == NULL ||
	    entry->incident.state == INCIDENT_CLOSED ||
	    entry->incident.finding->first_us < withdrawal->known_us)
		return;
	casebook_happen(
	    casebook, &entry->incident, INCIDENT_CLOSE, CLOSE_WITHDRAWN, clocks->observed_us);
	if (entry->incident.owed != NEWS_RETRACTION)
		return;
	entry->incident.retraction = withdrawal->why;
	if (withdrawal->why == RETRACTION_OTHER)
		entry->incident.retraction_rule = withdrawal->other;
}

int casebook_raise_spread(struct casebook *casebook)
{
	size_t count = 0;
	size_t position = 0;
	struct entry *entry;
	struct finding *all = calloc(table_count(casebook->entries) + 1, sizeof *all);
	struct incident **of =
	    calloc(table_count(casebook->entries) + 1, sizeof(struct incident *));
	int result = all == NULL || of == NULL ? -ENOMEM : 0;
	while (result == 0 && (entry = casebook_next_entry(casebook, &position)) != NULL) {
		if (entry->incident.finding == NULL)
			continue;
		of[count] = &entry->incident;
		all[count++] = *entry->incident.finding;
	}
	severity_raise_spread(all, count);
	for (size_t i = 0; i < count; i++) {
		if (all[i].severity <= of[i]->severity)
			continue;
		of[i]->severity = all[i].severity;
		of[i]->finding->severity = all[i].severity;
		of[i]->is_changed = true;
	}
	free(all);
	free(of);
	return result;
}

static void tick_incident(
    struct casebook *casebook, struct incident *incident, const struct casebook_clocks *clocks)
{
	const int64_t observed_us = clocks->observed_us;
	if (incident->finding != NULL && incident->state != INCIDENT_CLOSED &&
	    is_covered(casebook, incident->member_id, incident->finding, observed_us)) {
		casebook_happen(casebook, incident, INCIDENT_CLOSE, CLOSE_EXCEPTION, observed_us);
		return;
	}
	if (incident_is_open(incident->state) &&
	    observed_us - incident->last_us >= casebook->rules.quiet_us) {
		casebook_happen(casebook, incident, INCIDENT_SILENCE, CLOSE_NONE, observed_us);
		incident->owed = incident->told.at_us != 0 && incident->owed == NEWS_NONE
				     ? NEWS_QUIET
				     : NEWS_NONE;
	}
	if (incident->state == INCIDENT_QUIET &&
	    observed_us - incident->state_us >= casebook->rules.close_us)
		casebook_happen(casebook, incident, INCIDENT_CLOSE, CLOSE_QUIET, observed_us);
}

static bool is_forgotten(
    const struct casebook_rules *rules, const struct incident *incident, int64_t observed_us)
{
	return rules->forget_us > 0 && casebook_may_go(incident, INCIDENT_CLOSED) &&
	       observed_us - incident->state_us >= rules->forget_us;
}

void casebook_tick(struct casebook *casebook, const struct casebook_clocks *clocks)
{
	size_t position = 0;
	struct entry *entry;
	while ((entry = casebook_next_entry(casebook, &position)) != NULL) {
		tick_incident(casebook, &entry->incident, clocks);
		if (!is_forgotten(&casebook->rules, &entry->incident, clocks->observed_us))
			continue;
		free(entry->incident.finding);
		table_remove(casebook->entries, entry);
	}
	casebook_thin_out(casebook, clocks->observed_us);
}

/* A time of the hour that comes once more. True where it was one. */
static bool set_right(int64_t *time_us, int64_t from_us, int64_t to_us)
{
	if (*time_us <= to_us || *time_us > from_us)
		return false;
	*time_us = to_us;
	return true;
}

void casebook_note_clock(struct casebook *casebook, int64_t from_us, int64_t to_us)
{
	size_t position = 0;
	struct entry *entry;
	while ((entry = casebook_next_entry(casebook, &position)) != NULL) {
		struct incident *incident = &entry->incident;
		if (incident->told.at_us == 0)
			incident->opened_wall_us += to_us - from_us;
		if (set_right(&incident->state_us, from_us, to_us))
			incident->is_changed = true;
		if (set_right(&incident->last_us, from_us, to_us))
			incident->is_grown = true;
		if (set_right(&incident->opened_us, from_us, to_us))
			incident->is_grown = true;
		(void)set_right(&incident->told.at_us, from_us, to_us);
		(void)set_right(&incident->reminded_us, from_us, to_us);
	}
}

static struct entry *find_id(const struct casebook *casebook, int64_t id)
{
	size_t position = 0;
	struct entry *entry;
	while ((entry = casebook_next_entry(casebook, &position)) != NULL)
		if (entry->incident.id == id)
			return entry;
	return NULL;
}

bool casebook_forget(struct casebook *casebook, int64_t id)
{
	struct entry *entry = find_id(casebook, id);
	if (entry == NULL)
		return true;
	if (!casebook_may_go(&entry->incident, INCIDENT_CLOSED))
		return false;
	free(entry->incident.finding);
	table_remove(casebook->entries, entry);
	return true;
}

struct incident *casebook_find(const struct casebook *casebook, int64_t id)
{
	struct entry *entry = find_id(casebook, id);
	return entry == NULL ? NULL : &entry->incident;
}

struct incident *casebook_next(const struct casebook *casebook, size_t *position)
{
	struct entry *entry = casebook_next_entry(casebook, position);
	return entry == NULL ? NULL : &entry->incident;
}

const struct incident_step *casebook_steps(const struct casebook *casebook, size_t *ret_count)
{
	*ret_count = casebook->step_count;
	return casebook->steps;
}

void casebook_written(struct casebook *casebook, bool grown)
{
	size_t position = 0;
	struct entry *entry;
	casebook->step_count = 0;
	while ((entry = casebook_next_entry(casebook, &position)) != NULL) {
		struct incident *incident = &entry->incident;
		if (incident->is_changed || grown)
			incident->is_grown = false;
		incident->is_changed = false;
	}
}

static bool is_doubtful(const struct casebook_rules *rules, const struct finding *finding)
{
	const uint64_t ports = finding->port_count > 0 ? finding->port_count : 1;
	return finding->attribution == ATTRIBUTION_ONE_WAY && finding->role == ROLE_ACTOR &&
	       finding->spoof != SPOOF_UNLIKELY && finding->packets <= ports * rules->doubt_packets;
}

/* Either clock will do: frames that come faster than they were sent do not wait. */
static bool has_settled(const struct casebook *casebook, const struct incident *incident,
    const struct casebook_clocks *clocks)
{
	const struct casebook_rules *rules = &casebook->rules;
	const int64_t wait_us =
	    is_doubtful(rules, incident->finding) ? rules->doubt_us : rules->settle_us;
	return clocks->observed_us - incident->opened_us >= wait_us ||
	       clocks->wall_us - incident->opened_wall_us >= wait_us;
}

enum news casebook_news(const struct casebook *casebook, const struct incident *incident,
    const struct casebook_clocks *clocks, unsigned *ret_changes)
{
	const struct incident_told *told = &incident->told;
	*ret_changes = 0;
	/* watches are for the digest; without a finding there is nothing to tell it from */
	if (incident->finding == NULL || incident->severity == SEVERITY_INFO)
		return NEWS_NONE;
	if (incident->state == INCIDENT_CLOSED)
		return incident->owed == NEWS_RETRACTION ? NEWS_RETRACTION : NEWS_NONE;
	if (told->at_us == 0)
		return has_settled(casebook, incident, clocks) ? NEWS_FIRST : NEWS_NONE;
	if (incident->owed != NEWS_NONE)
		return incident->owed;
	unsigned changes = incident_changes(told, incident->finding);
	bool may_wait = (changes & CHANGE_SEVERITY) == 0 &&
			clocks->observed_us - told->at_us < casebook->rules.update_gap_us;
	if (!incident_is_open(incident->state) || changes == 0 || may_wait)
		return NEWS_NONE;
	*ret_changes = changes;
	return NEWS_UPDATE;
}

void casebook_tell(const struct incident *incident, int64_t observed_us, struct incident *ret_told)
{
	assert(incident->finding != NULL);
	*ret_told = *incident;
	/* updates leave the wait for an answer as it is: who goes on must not put it off */
	if (incident->told.at_us == 0 || incident->owed == NEWS_FIRST ||
	    incident->owed == NEWS_RELAPSE) {
		ret_told->reminders = 0;
		ret_told->reminded_us = observed_us;
	}
	incident_note_told(&ret_told->told, incident->finding, observed_us);
	ret_told->told.severity = incident->severity;
	ret_told->owed = NEWS_NONE;
}

void casebook_told(struct casebook *casebook, struct incident *incident, int64_t observed_us)
{
	struct incident told;
	(void)casebook;
	casebook_tell(incident, observed_us, &told);
	*incident = told;
	if (incident->state == INCIDENT_CLOSED)
		drop_finding(incident);
}

void casebook_remind(const struct incident *incident, uint32_t reminders, int64_t observed_us,
    struct incident *ret_told)
{
	*ret_told = *incident;
	ret_told->reminders = reminders;
	ret_told->reminded_us = observed_us;
}

void casebook_reminded(
    struct casebook *casebook, struct incident *incident, uint32_t reminders, int64_t observed_us)
{
	(void)casebook;
	incident->reminders = reminders;
	incident->reminded_us = observed_us;
}

void casebook_get_counts(const struct casebook *casebook, struct casebook_counts *ret_counts)
{
	size_t position = 0;
	struct entry *entry;
	*ret_counts = casebook->counts;
	ret_counts->incidents = table_count(casebook->entries);
	ret_counts->open = 0;
	while ((entry = casebook_next_entry(casebook, &position)) != NULL)
		ret_counts->open += incident_is_open(entry->incident.state);
}
