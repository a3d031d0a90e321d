/* outbox_news.c - letters about incidents: what is due, to whom, the most urgent first. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/station/outbox_internal.h"

static bool takes_canary(const struct outbox *outbox, const struct roster_contact *contact)
{
	return contact->kind == CONTACT_MAIL ? outbox->options.canary_by_mail
					     : outbox->options.canary_by_webhook;
}

static bool is_for(const struct outbox *outbox, const struct roster_contact *contact,
    int64_t member_id, enum severity severity)
{
	return contact->member_id == member_id && outbox_can_reach(outbox, contact) &&
	       severity >= contact->severity_min;
}

/* A member whom nobody looks after is looked after by the operator. */
static int64_t who_reads(
    const struct outbox *outbox, const struct roster *roster, const struct incident *incident)
{
	if (incident->member_id == ROSTER_CANARY_ID)
		return 0;
	for (size_t i = 0; i < roster->contact_count; i++)
		if (roster->contacts[i].member_id == incident->member_id &&
		    outbox_can_reach(outbox, &roster->contacts[i]))
			return incident->member_id;
	return 0;
}

/* About one incident, to one contact. */
struct telling {
	struct outbox *outbox;
	const struct roster *roster;
	const struct incident *incident;
	enum news news;
	const struct casebook_clocks *clocks;
	struct complaint *complaint;
};

static enum letter_kind letter_kind_of(enum news news)
{
	switch (news) {
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

static enum notice_kind notice_kind_of(enum news news)
{
	switch (news) {
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

static int make_letter(const struct telling *telling, const struct roster_contact *contact,
    const struct finding *finding, struct letter *ret_letter)
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
	    .kind = letter_kind_of(telling->news),
	    .registry = telling->roster->registry,
	    .told = {incident->told.severity, incident->told.extent, incident->told.port_count,
		incident->told.at_us, incident->told.letters},
	    .quiet_us = incident->rested_us,
	    .relapses = incident->relapses,
	    .retraction = incident->retraction,
	    .instead = incident->retraction_rule,
	    .exception = note,
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
	(void)snprintf(out, OUTBOX_ID_BYTES, "i%" PRId64 ".c%" PRId64 ".%u.%s@%s",
	    telling->incident->id, contact->id, number, telling->outbox->identity,
	    telling->outbox->host);
}

static int tell_contact(const struct telling *telling, const struct roster_contact *contact,
    const struct finding *finding)
{
	const struct incident *incident = telling->incident;
	const bool is_canary = incident->member_id == ROSTER_CANARY_ID;
	char id[OUTBOX_ID_BYTES];
	char thread[OUTBOX_ID_BYTES];
	struct letter letter;
	int result = is_canary ? make_canary(telling, contact, &letter)
			       : make_letter(telling, contact, finding, &letter);
	if (result != 0)
		return complain(telling->complaint, result, "out of memory for a letter");
	format_id(telling, contact, incident->told.letters, id);
	format_id(telling, contact, 0, thread);
	const struct draft draft = {
	    .contact = contact,
	    .letter = &letter,
	    .kind = is_canary ? NOTICE_CANARY : notice_kind_of(telling->news),
	    .id = id,
	    .thread = incident->told.letters > 0 ? thread : NULL,
	    .incident = incident->id,
	    .canary = is_canary ? outbox_canary_number(incident) : 0,
	    .finding = finding,
	    .member = incident->member,
	    .is_drill = incident->drill,
	    .wall_us = telling->clocks->wall_us,
	};
	result = outbox_put_draft(telling->outbox, &draft, telling->complaint);
	letter_release(&letter);
	/* One that is there already was told, whatever the incident knows of it: what is new to it
	   comes with the next. To insist would keep everybody's incidents from being written. */
	return result == -EEXIST ? 0 : result;
}

/* The finding with the number that its member has now. False when it is a member no more. */
static bool finding_of(const struct telling *telling, struct finding *ret_finding)
{
	const struct roster *roster = telling->roster;
	const struct roster_member *member =
	    roster_find_member(roster, telling->incident->member_id);
	*ret_finding = *telling->incident->finding;
	if (member == NULL ||
	    (size_t)(member - roster->members) >= registry_member_count(roster->registry))
		return false;
	ret_finding->member = (int)(member - roster->members);
	ret_finding->severity = telling->incident->severity;
	return true;
}

static int tell(const struct telling *telling)
{
	const struct roster *roster = telling->roster;
	const int64_t reader = who_reads(telling->outbox, roster, telling->incident);
	struct finding finding;
	int result = 0;
	if (!finding_of(telling, &finding))
		return 0;
	const bool is_canary = telling->incident->member_id == ROSTER_CANARY_ID;
	/* one that a restart cut short, or that was late, is no second letter when it rests */
	if (is_canary && telling->news != NEWS_FIRST)
		return 0;
	const enum severity severity = is_canary ? SEVERITY_CRITICAL : finding.severity;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (is_for(telling->outbox, contact, reader, severity) &&
		    (!is_canary || takes_canary(telling->outbox, contact)))
			result = tell_contact(telling, contact, &finding);
	}
	return result;
}

static int note_due(struct outbox *outbox, struct incident *incident, enum news news)
{
	if (outbox->told_count == outbox->told_room) {
		size_t room = outbox->told_room == 0 ? 64 : outbox->told_room * 2;
		struct told *grown = reallocarray(outbox->told, room, sizeof *grown);
		if (grown == NULL)
			return -ENOMEM;
		outbox->told = grown;
		outbox->told_room = room;
	}
	outbox->told[outbox->told_count++] = (struct told){incident, news};
	return 0;
}

static int gather_due(struct outbox *outbox, const struct casebook_clocks *clocks)
{
	size_t position = 0;
	struct incident *incident;
	int result = 0;
	while (result == 0 &&
	       (incident = casebook_next(outbox->options.casebook, &position)) != NULL) {
		unsigned changes;
		enum news news =
		    casebook_news(outbox->options.casebook, incident, clocks, &changes);
		if (news != NEWS_NONE)
			result = note_due(outbox, incident, news);
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

static bool may_tell(struct outbox *outbox, const struct incident *incident, int64_t wall_us)
{
	return outbox->options.cap == 0 || incident->member_id == ROSTER_CANARY_ID ||
	       outbox_hour_takes(outbox, incident->member_id, wall_us);
}

int outbox_write_news(struct outbox *outbox, const struct roster *roster,
    const struct casebook_clocks *clocks, struct complaint *complaint)
{
	size_t told = 0;
	outbox->told_count = 0;
	outbox->told_us = clocks->observed_us;
	outbox_begin_hours(outbox);
	if (gather_due(outbox, clocks) != 0)
		return complain(complaint, -ENOMEM, "out of memory for letters");
	if (outbox->told_count > 1)
		qsort(outbox->told, outbox->told_count, sizeof *outbox->told, compare_due);
	int result = 0;
	for (size_t i = 0; i < outbox->told_count && result == 0; i++) {
		const struct told due = outbox->told[i];
		const struct telling telling = {
		    outbox, roster, due.incident, due.news, clocks, complaint};
		if (!may_tell(outbox, due.incident, clocks->wall_us))
			continue;
		outbox->told[told++] = due;
		result = tell(&telling);
	}
	outbox->told_count = told;
	return result != 0 ? result : outbox_write_hours(outbox, complaint);
}

bool outbox_next_told(const struct outbox *outbox, size_t *position, struct incident *ret_told)
{
	if (*position >= outbox->told_count)
		return false;
	casebook_tell(outbox->told[(*position)++].incident, outbox->told_us, ret_told);
	return true;
}

void outbox_commit(struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->told_count; i++)
		casebook_told(outbox->options.casebook, outbox->told[i].incident, outbox->told_us);
	outbox->told_count = 0;
	outbox_commit_hours(outbox);
	outbox_commit_results(outbox);
}

void outbox_forget(struct outbox *outbox)
{
	outbox->told_count = 0;
}
