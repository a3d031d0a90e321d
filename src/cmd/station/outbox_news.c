/* outbox_news.c - letters about incidents: what is due, to whom, the most urgent first. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "cmd/station/answer_record.h"
#include "cmd/station/outbox_internal.h"

static bool takes_canary(const struct outbox *outbox, const struct roster_contact *contact)
{
	return contact->kind == CONTACT_MAIL ? outbox->options.canary_by_mail
					     : outbox->options.canary_by_webhook;
}

bool outbox_takes_severity(
    const struct outbox *outbox, const struct roster_contact *contact, enum severity severity)
{
	return outbox_can_reach(outbox, contact) && severity >= contact->severity_min;
}

/* Who is told of an incident. */
struct readers {
	int64_t
	    member_id; /* 0: the operator, as a member whom nobody looks after is looked after */
	int tier;      /* up to this one */
	bool has_operator; /* as well */
};

/* A member whose only contacts are second ones has them first. */
static struct readers who_reads(
    const struct outbox *outbox, const struct roster *roster, const struct incident *incident)
{
	struct readers readers = {.member_id = 0, .tier = ROUTING_TIERS};
	if (incident->member_id == ROSTER_CANARY_ID)
		return readers;
	for (size_t i = 0; i < roster->contact_count; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (contact->member_id != incident->member_id || !outbox_can_reach(outbox, contact))
			continue;
		readers.member_id = incident->member_id;
		if (contact->tier < readers.tier)
			readers.tier = contact->tier;
	}
	if (incident->reminders >= ROUTING_SECOND)
		readers.tier = ROUTING_TIERS;
	readers.has_operator = incident->reminders >= ROUTING_OPERATOR && readers.member_id != 0;
	return readers;
}

static bool is_for(const struct outbox *outbox, const struct readers *readers,
    const struct roster_contact *contact, const struct finding *finding)
{
	const bool is_reader = contact->member_id == readers->member_id
				   ? contact->tier <= readers->tier
				   : readers->has_operator && contact->member_id == 0;
	return is_reader && outbox_takes_severity(outbox, contact, finding->severity) &&
	       routing_has_rule(contact->rules, finding->rule);
}

/* About one incident, to one contact. */
struct telling {
	struct outbox *outbox;
	const struct roster *roster;
	const struct incident *incident;
	enum news news;
	unsigned step; /* of a reminder; 0: it is none */
	const struct casebook_clocks *clocks;
	struct complaint *complaint;
};

static enum letter_kind letter_kind_of(const struct telling *telling)
{
	if (telling->step != 0)
		return telling->step == ROUTING_REMINDED ? LETTER_REMINDER : LETTER_ESCALATION;
	switch (telling->news) {
	case NEWS_UPDATE:
		return LETTER_UPDATE;
	case NEWS_QUIET:
		return LETTER_QUIET;
	case NEWS_RELAPSE:
		return LETTER_RELAPSE;
	case NEWS_RETRACTION:
		return LETTER_RETRACTION;
	case NEWS_NONE:
	case NEWS_FIRST:
	case NEWS_COUNT:
		break;
	}
	return LETTER_FIRST;
}

static enum notice_kind notice_kind_of(const struct telling *telling)
{
	if (telling->step != 0)
		return telling->step == ROUTING_REMINDED ? NOTICE_REMINDER : NOTICE_ESCALATION;
	switch (telling->news) {
	case NEWS_UPDATE:
		return NOTICE_UPDATE;
	case NEWS_QUIET:
		return NOTICE_QUIET;
	case NEWS_RELAPSE:
		return NOTICE_RELAPSE;
	case NEWS_RETRACTION:
		return NOTICE_RETRACTION;
	case NEWS_NONE:
	case NEWS_FIRST:
	case NEWS_COUNT:
		break;
	}
	return NOTICE_FIRST;
}

static int visit_note(void *context, const void *record)
{
	const struct store_exception *exception = record;
	(void)snprintf(context, OUTBOX_NOTE_BYTES, "%s", exception->reason); /* cut where long */
	return 0;
}

/* What was noted with the exception that covers the incident; "" where there is none. */
static int find_note(const struct telling *telling, char out[static OUTBOX_NOTE_BYTES])
{
	const struct incident *incident = telling->incident;
	const struct roster *roster = telling->roster;
	out[0] = '\0';
	for (size_t i = 0; i < roster->exception_count; i++) {
		if (!exception_covers(&roster->exceptions[i], incident->member_id,
			incident->finding, telling->clocks->observed_us))
			continue;
		const struct store_query query = {
		    .kind = STORE_EXCEPTION,
		    .conditions = {{.column = "id", .number = roster->exceptions[i].id}},
		};
		return store_each(
		    telling->outbox->options.store, &query, visit_note, out, telling->complaint);
	}
	return 0;
}

static const char *egress_of(const struct telling *telling)
{
	const struct roster_member *member =
	    roster_find_member(telling->roster, telling->incident->member_id);
	return member == NULL ? NULL : member->egress;
}

/* NULL where there is none: what is over has nothing to be answered. */
static const char *find_link(const struct telling *telling, const struct roster_contact *contact,
    char out[static OUTBOX_LINK_BYTES])
{
	const bool asks = telling->step != 0 || telling->news == NEWS_FIRST ||
			  telling->news == NEWS_UPDATE || telling->news == NEWS_RELAPSE;
	return asks && telling->incident->member_id != ROSTER_CANARY_ID &&
		       outbox_make_link(telling->outbox, telling->incident, contact,
			   telling->clocks->wall_us, out)
		   ? out
		   : NULL;
}

/* Whoever asked for no more letters about this gets none. */
static int ask_stopped(
    const struct telling *telling, const struct roster_contact *contact, bool *ret_stopped)
{
	*ret_stopped = false;
	if (telling->incident->told.letters == 0)
		return 0; /* nobody can have */
	return answer_record_is_stopped(telling->outbox->options.store, telling->incident->id,
	    contact->id, ret_stopped, telling->complaint);
}

static int make_letter(const struct telling *telling, const struct roster_contact *contact,
    const struct finding *finding, const char *answer_url, struct letter *ret_letter)
{
	const struct incident *incident = telling->incident;
	char note[OUTBOX_NOTE_BYTES] = "";
	int result = telling->news != NEWS_RETRACTION ? 0 : find_note(telling, note);
	if (result != 0)
		return result;
	const struct letter_setting setting =
	    outbox_setting_of(telling->outbox, telling->roster, contact);
	const struct letter_incident about = {
	    .id = incident->id,
	    .kind = letter_kind_of(telling),
	    .registry = telling->roster->registry,
	    .told = {incident->told.severity, incident->told.extent, incident->told.port_count,
		incident->told.at_us, incident->told.letters},
	    .quiet_us = incident->rested_us,
	    .relapses = incident->relapses,
	    .retraction = incident->retraction,
	    .instead = incident->retraction_rule,
	    .exception = note,
	    .egress = egress_of(telling),
	    .answer_url = answer_url,
	};
	return letter_about_incident(&setting, &about, finding, ret_letter);
}

static int make_canary(
    const struct telling *telling, const struct roster_contact *contact, struct letter *ret_letter)
{
	const struct letter_setting setting =
	    outbox_setting_of(telling->outbox, telling->roster, contact);
	const struct letter_canary canary = {
	    .number = outbox_canary_number(telling->incident),
	    .made_us = telling->incident->first_us,
	    .found_us = telling->incident->opened_wall_us,
	    .written_us = telling->clocks->wall_us,
	    .interval_us = telling->outbox->options.canary_every_us,
	};
	return letter_canary(&setting, &canary, ret_letter);
}

uint64_t outbox_canary_number(const struct incident *incident)
{
	const uint8_t *bytes = incident->subject.bytes + 12;
	return (uint64_t)bytes[2] << 8 | bytes[3];
}

static void format_id(const struct telling *telling, const struct roster_contact *contact,
    unsigned number, char out[static OUTBOX_ID_BYTES])
{
	char step[16] = "";
	if (number != 0 && telling->step != 0) /* none is a first letter */
		(void)snprintf(step, sizeof step, "r%u.", telling->step);
	(void)snprintf(out, OUTBOX_ID_BYTES, "i%" PRId64 ".c%" PRId64 ".%u.%s%s@%s",
	    telling->incident->id, contact->id, number, step, telling->outbox->identity,
	    telling->outbox->host);
}

/* Its own clocks, and its member's days. */
static const struct hours_place *place_of(
    const struct roster *roster, const struct roster_contact *contact)
{
	const struct roster_member *member = roster_find_member(roster, contact->member_id);
	return member != NULL ? &member->place : &roster->place;
}

static bool is_in_hours(const struct telling *telling, const struct roster_contact *contact)
{
	return hours_contain(
	    &contact->hours, place_of(telling->roster, contact), telling->clocks->wall_us);
}

/* A letter on its way; `waits`: for the hours of its reader. */
static int tell_contact(const struct telling *telling, const struct roster_contact *contact,
    const struct finding *finding, bool waits)
{
	const struct incident *incident = telling->incident;
	const bool is_canary = incident->member_id == ROSTER_CANARY_ID;
	char id[OUTBOX_ID_BYTES];
	char thread[OUTBOX_ID_BYTES];
	char link[OUTBOX_LINK_BYTES];
	const char *answer_url = find_link(telling, contact, link);
	struct letter letter;
	bool is_stopped;
	int result = ask_stopped(telling, contact, &is_stopped);
	if (result != 0 || is_stopped)
		return result;
	result = is_canary ? make_canary(telling, contact, &letter)
			   : make_letter(telling, contact, finding, answer_url, &letter);
	if (result != 0)
		return complain(telling->complaint, result, "out of memory for a letter");
	format_id(telling, contact, incident->told.letters, id);
	format_id(telling, contact, 0, thread);
	struct draft draft = {
	    .contact = contact,
	    .letter = &letter,
	    .kind = is_canary ? NOTICE_CANARY : notice_kind_of(telling),
	    .id = id,
	    .thread = incident->told.letters > 0 ? thread : NULL,
	    .incident = incident->id,
	    .canary = is_canary ? outbox_canary_number(incident) : 0,
	    .finding = finding,
	    .member = incident->member,
	    .answer_url = answer_url,
	    .is_drill = incident->drill,
	    .wall_us = telling->clocks->wall_us,
	    .about = incident,
	    .observed_us = telling->clocks->observed_us,
	};
	if (waits)
		draft.not_before_us = hours_next(
		    &contact->hours, place_of(telling->roster, contact), telling->clocks->wall_us);
	result = outbox_put_draft(telling->outbox, &draft, telling->complaint);
	letter_release(&letter);
	/* One that is there already was told, whatever the incident knows of it: what is new to it
	   comes with the next. To insist would keep everybody's incidents from being written. */
	return result == -EEXIST ? 0 : result;
}

bool outbox_finding_of(
    const struct roster *roster, const struct incident *incident, struct finding *ret_finding)
{
	const struct roster_member *member = roster_find_member(roster, incident->member_id);
	*ret_finding = *incident->finding;
	if (member == NULL ||
	    (size_t)(member - roster->members) >= registry_member_count(roster->registry))
		return false;
	ret_finding->member = (int)(member - roster->members);
	ret_finding->severity = incident->severity;
	return true;
}

static int tell_canary(const struct telling *telling, const struct finding *finding)
{
	const struct roster *roster = telling->roster;
	int result = 0;
	/* one that a restart cut short, or that was late, is no second letter when it rests */
	if (telling->news != NEWS_FIRST)
		return 0;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (contact->member_id == 0 && takes_canary(telling->outbox, contact) &&
		    outbox_can_reach(telling->outbox, contact))
			result = tell_contact(telling, contact, finding, false);
	}
	return result;
}

/* So many of them are there now. */
static size_t count_present(
    const struct telling *telling, const struct readers *readers, const struct finding *finding)
{
	const struct roster *roster = telling->roster;
	size_t count = 0;
	for (size_t i = 0; i < roster->contact_count; i++)
		count += is_for(telling->outbox, readers, &roster->contacts[i], finding) &&
			 is_in_hours(telling, &roster->contacts[i]);
	return count;
}

/* What is critical waits for nobody's hours; what is high does where somebody is there now. */
static int tell_readers(
    const struct telling *telling, const struct readers *readers, const struct finding *finding)
{
	const struct roster *roster = telling->roster;
	const bool may_wait =
	    finding->severity < SEVERITY_HIGH ||
	    (finding->severity == SEVERITY_HIGH && count_present(telling, readers, finding) > 0);
	int result = 0;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (is_for(telling->outbox, readers, contact, finding))
			result = tell_contact(
			    telling, contact, finding, may_wait && !is_in_hours(telling, contact));
	}
	return result;
}

/* The next in line, where there are such; the others have heard of it. */
static struct readers who_is_next(const struct telling *telling)
{
	struct readers readers = who_reads(telling->outbox, telling->roster, telling->incident);
	if (telling->step == ROUTING_OPERATOR)
		readers.member_id = 0;
	if (telling->step >= ROUTING_SECOND)
		readers.tier = ROUTING_TIERS;
	return readers;
}

static int tell(const struct telling *telling)
{
	struct finding finding;
	if (!outbox_finding_of(telling->roster, telling->incident, &finding))
		return 0;
	if (telling->incident->member_id == ROSTER_CANARY_ID)
		return tell_canary(telling, &finding);
	const struct readers readers = who_is_next(telling);
	return tell_readers(telling, &readers, &finding);
}

static bool has_passed(int64_t since_us, int64_t now_us)
{
	return now_us - since_us >= WHEN_MINUTE_US || now_us < since_us;
}

/* Hours are reckoned for those alone for which that may be. */
static bool may_remind(const struct outbox *outbox, const struct incident *incident,
    const struct casebook_clocks *clocks)
{
	const struct routing_wait wait = {
	    .incident = incident, .after_us = outbox->options.remind_us};
	return routing_may_be_due(&wait, clocks->observed_us);
}

static bool is_time_to_remind(const struct outbox *outbox, const struct casebook_clocks *clocks)
{
	return outbox->options.remind_us != 0 &&
	       (has_passed(outbox->reminded.wall_us, clocks->wall_us) ||
		   has_passed(outbox->reminded.observed_us, clocks->observed_us));
}

bool outbox_owes_reminders(const struct outbox *outbox, const struct casebook_clocks *clocks)
{
	size_t position = 0;
	const struct incident *incident;
	if (!is_time_to_remind(outbox, clocks))
		return false;
	while ((incident = casebook_next(outbox->options.casebook, &position)) != NULL)
		if (may_remind(outbox, incident, clocks))
			return true;
	return false;
}

/*
 * The reminder that is due of an incident, or 0. Where there are no second contacts the operator is
 * next; where the operator alone reads, he is reminded once.
 */
static unsigned step_of(const struct outbox *outbox, const struct roster *roster,
    const struct incident *incident, int64_t observed_us)
{
	const struct roster_member *member = roster_find_member(roster, incident->member_id);
	if (member == NULL || member->id == ROSTER_CANARY_ID || incident->finding == NULL)
		return 0;
	const struct routing_wait wait = {
	    .incident = incident,
	    .hours = &member->hours,
	    .place = &member->place,
	    .after_us = outbox->options.remind_us,
	};
	const unsigned step = routing_due(&wait, observed_us);
	if (step < ROUTING_SECOND)
		return step;
	const struct readers readers = who_reads(outbox, roster, incident);
	if (readers.member_id == 0)
		return 0;
	for (size_t i = 0; i < roster->contact_count && step == ROUTING_SECOND; i++)
		if (roster->contacts[i].member_id == readers.member_id &&
		    roster->contacts[i].tier > readers.tier &&
		    outbox_can_reach(outbox, &roster->contacts[i]))
			return step;
	return ROUTING_OPERATOR;
}

static int note_due(struct outbox *outbox, const struct told *due)
{
	if (outbox->told_count == outbox->told_room) {
		size_t room = outbox->told_room == 0 ? 64 : outbox->told_room * 2;
		struct told *grown = reallocarray(outbox->told, room, sizeof *grown);
		if (grown == NULL)
			return -ENOMEM;
		outbox->told = grown;
		outbox->told_room = room;
	}
	outbox->told[outbox->told_count++] = *due;
	return 0;
}

static int gather_due(
    struct outbox *outbox, const struct roster *roster, const struct casebook_clocks *clocks)
{
	const bool reminds = is_time_to_remind(outbox, clocks);
	size_t position = 0;
	struct incident *incident;
	int result = 0;
	if (reminds)
		outbox->reminded = *clocks;
	while (result == 0 &&
	       (incident = casebook_next(outbox->options.casebook, &position)) != NULL) {
		unsigned changes;
		struct told due = {
		    .incident = incident,
		    .news = casebook_news(outbox->options.casebook, incident, clocks, &changes),
		};
		if (due.news == NEWS_NONE && reminds && may_remind(outbox, incident, clocks))
			due.step = step_of(outbox, roster, incident, clocks->observed_us);
		if (due.news != NEWS_NONE || due.step != 0)
			result = note_due(outbox, &due);
	}
	return result;
}

/* What must not wait first, where not all may be told; of equals the older one. */
static int compare_due(const void *a, const void *b)
{
	const struct incident *x = ((const struct told *)a)->incident;
	const struct incident *y = ((const struct told *)b)->incident;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Notes whose hour it is in, and whether that has room. */
static void count_due(
    struct outbox *outbox, const struct roster *roster, struct told *due, int64_t wall_us)
{
	due->reader = who_reads(outbox, roster, due->incident).member_id;
	due->is_held = outbox->options.cap != 0 && due->incident->member_id != ROSTER_CANARY_ID &&
		       !outbox_hour_takes(outbox, due->reader, wall_us);
}

/* Those that were told stay in the list. */
static void keep_told(struct outbox *outbox)
{
	size_t told = 0;
	for (size_t i = 0; i < outbox->told_count; i++)
		if (!outbox->told[i].is_held || outbox->told[i].is_summed)
			outbox->told[told++] = outbox->told[i];
	outbox->told_count = told;
}

int outbox_write_news(struct outbox *outbox, const struct roster *roster,
    const struct casebook_clocks *clocks, struct complaint *complaint)
{
	outbox->told_count = 0;
	outbox->told_us = clocks->observed_us;
	outbox_begin_hours(outbox);
	if (gather_due(outbox, roster, clocks) != 0)
		return complain(complaint, -ENOMEM, "out of memory for letters");
	if (outbox->told_count > 1)
		qsort(outbox->told, outbox->told_count, sizeof *outbox->told, compare_due);
	int result = 0;
	for (size_t i = 0; i < outbox->told_count && result == 0; i++) {
		struct told *due = &outbox->told[i];
		const struct telling telling = {
		    outbox, roster, due->incident, due->news, due->step, clocks, complaint};
		count_due(outbox, roster, due, clocks->wall_us);
		if (!due->is_held)
			result = tell(&telling);
	}
	if (result == 0)
		result = outbox_write_summaries(outbox, roster, clocks, complaint);
	keep_told(outbox);
	return result != 0 ? result : outbox_write_hours(outbox, complaint);
}

/* Of what is told as one of many nobody is reminded one by one. */
static unsigned reminders_after(const struct told *told)
{
	return told->is_summed ? ROUTING_OPERATOR : told->step;
}

bool outbox_next_told(const struct outbox *outbox, size_t *position, struct incident *ret_told)
{
	if (*position >= outbox->told_count)
		return false;
	const struct told *told = &outbox->told[(*position)++];
	struct incident before = *told->incident;
	if (told->news != NEWS_NONE)
		casebook_tell(told->incident, outbox->told_us, &before);
	*ret_told = before;
	if (reminders_after(told) != 0)
		casebook_remind(&before, reminders_after(told), outbox->told_us, ret_told);
	return true;
}

void outbox_commit(struct outbox *outbox)
{
	struct casebook *casebook = outbox->options.casebook;
	for (size_t i = 0; i < outbox->told_count; i++) {
		const struct told *told = &outbox->told[i];
		if (told->news != NEWS_NONE)
			casebook_told(casebook, told->incident, outbox->told_us);
		if (reminders_after(told) != 0)
			casebook_reminded(
			    casebook, told->incident, reminders_after(told), outbox->told_us);
	}
	outbox->told_count = 0;
	outbox_commit_hours(outbox);
	outbox_commit_results(outbox);
}

void outbox_forget(struct outbox *outbox)
{
	outbox->told_count = 0;
}
