#include "cmd/station/outbox.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/outbox_internal.h"
#include "notify/mail.h"
#include "notify/webhook.h"

int outbox_new(const struct outbox_options *options, struct outbox **ret_outbox)
{
	struct outbox *outbox = calloc(1, sizeof *outbox);
	if (outbox == NULL)
		return -ENOMEM;
	outbox->options = *options;
	outbox->station = strdup(options->station);
	outbox->from = strdup(options->from);
	outbox->desk = strdup(options->desk);
	outbox->host = strdup(options->host);
	outbox->identity = strdup(options->identity);
	if (outbox->station == NULL || outbox->from == NULL || outbox->desk == NULL ||
	    outbox->host == NULL || outbox->identity == NULL) {
		outbox_free(outbox);
		return -ENOMEM;
	}
	*ret_outbox = outbox;
	return 0;
}

void outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	free(outbox->station);
	free(outbox->from);
	free(outbox->desk);
	free(outbox->host);
	free(outbox->identity);
	free(outbox->told);
	for (size_t i = 0; i < outbox->result_count; i++)
		free(outbox->results[i].reply);
	free(outbox->results);
	free(outbox);
}

/* A letter on its way into the store. */
struct draft {
	const struct roster_contact *contact;
	const struct letter *letter;
	enum notice_kind kind;
	const char *id;     /* its Message-ID */
	const char *thread; /* of the first about the same; NULL for a first */
	int64_t incident;
	uint64_t canary;
	const struct finding *finding; /* NULL: none */
	const char *member;            /* of the finding */
	bool is_drill;
	int64_t wall_us;
};

/* Of one that is about no incident. */
struct plain {
	enum notice_kind kind;
	int64_t wall_us;
	struct complaint *complaint;
};

static const char *kind_name(enum notice_kind kind)
{
	static const char *const names[] = {
	    [NOTICE_FIRST] = "first",
	    [NOTICE_UPDATE] = "update",
	    [NOTICE_QUIET] = "quiet",
	    [NOTICE_RELAPSE] = "relapse",
	    [NOTICE_RETRACTION] = "retraction",
	    [NOTICE_VERIFY] = "verify",
	    [NOTICE_DIGEST] = "digest",
	    [NOTICE_CANARY] = "canary",
	    [NOTICE_ALARM] = "alarm",
	};
	return names[kind];
}

static int make_mail(const struct outbox *outbox, const struct draft *draft, char **ret_bytes,
    size_t *ret_length, struct complaint *complaint)
{
	const struct mail mail = {
	    .from_name = outbox->station[0] != '\0' ? outbox->station : NULL,
	    .from_address = outbox->from,
	    .to_address = draft->contact->address,
	    .subject = draft->letter->subject,
	    .body = draft->letter->body,
	    .date_us = draft->wall_us,
	    .id = draft->id,
	    .thread_id = draft->thread,
	    .incident = draft->incident,
	    .canary = draft->canary,
	    .is_drill = draft->is_drill,
	    .is_bulk = draft->kind == NOTICE_DIGEST || draft->kind == NOTICE_CANARY,
	    .attachment = draft->letter->finding,
	    .attachment_name = "finding.json",
	    .attachment_type = "application/json",
	};
	return mail_write(&mail, ret_bytes, ret_length, complaint);
}

static int make_hook(const struct outbox *outbox, const struct draft *draft, char **ret_bytes,
    size_t *ret_length, struct complaint *complaint)
{
	const struct webhook_notice notice = {
	    .event = draft->id,
	    .kind = kind_name(draft->kind),
	    .at_us = draft->wall_us,
	    .station = outbox->station[0] != '\0' ? outbox->station : NULL,
	    .incident = draft->incident,
	    .canary = draft->canary,
	    .is_drill = draft->is_drill,
	    .letter = draft->letter,
	    .finding = draft->finding,
	    .member = draft->member,
	    .language = draft->contact->language,
	};
	int result = webhook_write(&notice, ret_bytes, ret_length);
	return result == 0 ? 0 : complain(complaint, result, "out of memory for a notice");
}

static int put_draft(struct outbox *outbox, const struct draft *draft, struct complaint *complaint)
{
	char *bytes = NULL;
	size_t length = 0;
	const bool is_mail = draft->contact->kind == CONTACT_MAIL;
	int result = is_mail ? make_mail(outbox, draft, &bytes, &length, complaint)
			     : make_hook(outbox, draft, &bytes, &length, complaint);
	if (result != 0)
		return result;
	struct store_notice notice = {
	    .incident_id = draft->incident,
	    .contact_id = draft->contact->id,
	    .kind = draft->kind,
	    .message_id = draft->id,
	    .subject = draft->letter->subject,
	    .body = {bytes, length},
	    .state = NOTICE_WAITING,
	    .next_us = draft->wall_us,
	    .reply = "",
	    .created_us = draft->wall_us,
	};
	result = store_put(outbox->options.store, STORE_RECORD(&notice), STORE_REPLACE, complaint);
	free(bytes);
	outbox->written += result == 0;
	return result;
}

static struct letter_setting setting_of(
    const struct outbox *outbox, const struct roster *roster, const struct roster_contact *contact)
{
	const struct roster_member *member = roster_find_member(roster, contact->member_id);
	return (struct letter_setting){
	    .language = contact->language,
	    .zone = member != NULL ? member->zone : roster->zone,
	    .station = outbox->station[0] != '\0' ? outbox->station : NULL,
	    .desk = outbox->desk[0] != '\0' ? outbox->desk : NULL,
	};
}

/* Without a server no mail is sent; the operator hears of that from `hinomi check`. */
static bool can_reach(const struct outbox *outbox, const struct roster_contact *contact)
{
	const bool is_ready =
	    contact->state == CONTACT_VERIFIED || contact->state == CONTACT_FAILING;
	return is_ready && (contact->kind != CONTACT_MAIL || outbox->from[0] != '\0');
}

static bool takes_canary(const struct outbox *outbox, const struct roster_contact *contact)
{
	return contact->kind == CONTACT_MAIL ? outbox->options.canary_by_mail
					     : outbox->options.canary_by_webhook;
}

static bool is_for(const struct outbox *outbox, const struct roster_contact *contact,
    int64_t member_id, enum severity severity)
{
	return contact->member_id == member_id && can_reach(outbox, contact) &&
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
		    can_reach(outbox, &roster->contacts[i]))
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
		return LETTER_QUIET;
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

static int make_letter(const struct telling *telling, const struct roster_contact *contact,
    const struct finding *finding, struct letter *ret_letter)
{
	const struct incident *incident = telling->incident;
	const struct letter_setting setting = setting_of(telling->outbox, telling->roster, contact);
	const struct letter_incident about = {
	    .id = incident->id,
	    .kind = letter_kind_of(telling->news),
	    .registry = telling->roster->registry,
	    .told = {incident->told.severity, incident->told.extent, incident->told.port_count,
		incident->told.at_us},
	    .quiet_us = incident->state_us,
	    .relapses = incident->relapses,
	};
	return letter_about_incident(&setting, &about, finding, ret_letter);
}

static int make_canary(
    const struct telling *telling, const struct roster_contact *contact, struct letter *ret_letter)
{
	const struct letter_setting setting = setting_of(telling->outbox, telling->roster, contact);
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
	result = put_draft(telling->outbox, &draft, telling->complaint);
	letter_release(&letter);
	return result;
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
	const enum severity severity = is_canary ? SEVERITY_CRITICAL : finding.severity;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (is_for(telling->outbox, contact, reader, severity) &&
		    (!is_canary || takes_canary(telling->outbox, contact)))
			result = tell_contact(telling, contact, &finding);
	}
	return result;
}

/* How many letters a member got in this hour; NULL when too many members are counted. */
static struct hour *hour_of(struct outbox *outbox, int64_t member_id, int64_t wall_us)
{
	struct hour *oldest = NULL;
	for (size_t i = 0; i < outbox->hour_count; i++) {
		struct hour *hour = &outbox->hours[i];
		if (hour->member_id == member_id)
			return hour;
		if (oldest == NULL || hour->began_us < oldest->began_us)
			oldest = hour;
	}
	if (outbox->hour_count < OUTBOX_MEMBERS_MAX)
		oldest = &outbox->hours[outbox->hour_count++];
	*oldest = (struct hour){.member_id = member_id, .began_us = wall_us};
	return oldest;
}

/* False: it waits for the next hour. */
static bool may_tell(struct outbox *outbox, const struct incident *incident, int64_t wall_us)
{
	if (outbox->options.cap == 0 || incident->member_id == ROSTER_CANARY_ID)
		return true;
	struct hour *hour = hour_of(outbox, incident->member_id, wall_us);
	if (wall_us - hour->began_us >= WHEN_HOUR_US || wall_us < hour->began_us)
		*hour = (struct hour){.member_id = incident->member_id, .began_us = wall_us};
	if (hour->count >= outbox->options.cap) {
		hour->held++;
		return false;
	}
	hour->count++;
	return true;
}

static int note_told(struct outbox *outbox, struct incident *incident, enum news news)
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

int outbox_write_news(struct outbox *outbox, const struct roster *roster,
    const struct casebook_clocks *clocks, struct complaint *complaint)
{
	size_t position = 0;
	struct incident *incident;
	int result = 0;
	outbox->told_count = 0;
	outbox->told_us = clocks->observed_us;
	for (size_t i = 0; i < outbox->hour_count; i++)
		outbox->hours[i].held = 0;
	while (result == 0 &&
	       (incident = casebook_next(outbox->options.casebook, &position)) != NULL) {
		unsigned changes;
		enum news news =
		    casebook_news(outbox->options.casebook, incident, clocks, &changes);
		if (news == NEWS_NONE || !may_tell(outbox, incident, clocks->wall_us))
			continue;
		const struct telling telling = {outbox, roster, incident, news, clocks, complaint};
		result = tell(&telling);
		if (result == 0 && note_told(outbox, incident, news) != 0)
			result = complain(complaint, -ENOMEM, "out of memory for letters");
	}
	return result;
}

/* A letter that is about no incident; it is released. */
static int put_plain(struct outbox *outbox, const struct roster_contact *contact,
    struct letter *letter, const struct plain *plain)
{
	char id[OUTBOX_ID_BYTES];
	(void)snprintf(id, sizeof id, "%s%" PRId64 ".%" PRIu64 ".c%" PRId64 ".%s@%s",
	    kind_name(plain->kind), plain->wall_us, outbox->plain_count++, contact->id,
	    outbox->identity, outbox->host);
	const struct draft draft = {.contact = contact,
	    .letter = letter,
	    .kind = plain->kind,
	    .id = id,
	    .wall_us = plain->wall_us};
	int result = put_draft(outbox, &draft, plain->complaint);
	letter_release(letter);
	return result;
}

int outbox_write_alarm(struct outbox *outbox, const struct roster *roster,
    const struct letter_alarm *alarm, int64_t wall_us, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		struct letter letter;
		if (contact->member_id != 0 || !can_reach(outbox, contact))
			continue;
		const struct letter_setting setting = setting_of(outbox, roster, contact);
		if (letter_alarm(&setting, alarm, &letter) != 0)
			return complain(complaint, -ENOMEM, "out of memory for a letter");
		const struct plain plain = {NOTICE_ALARM, wall_us, complaint};
		result = put_plain(outbox, contact, &letter, &plain);
	}
	return result;
}

int outbox_write_verification(struct outbox *outbox, const struct roster *roster,
    const struct outbox_verification *verification, int64_t wall_us, struct complaint *complaint)
{
	const struct roster_contact *contact = NULL;
	struct letter letter;
	for (size_t i = 0; i < roster->contact_count; i++)
		if (roster->contacts[i].id == verification->contact)
			contact = &roster->contacts[i];
	if (contact == NULL)
		return complain(complaint, -ENOENT, "there is no such contact");
	if (contact->kind == CONTACT_MAIL && outbox->from[0] == '\0')
		return complain(complaint, -EINVAL,
		    "no mail can be sent: station.yaml names no mail server (mail.server)");
	const struct roster_member *member = roster_find_member(roster, contact->member_id);
	const struct letter_setting setting = setting_of(outbox, roster, contact);
	const struct letter_verification words = {
	    .member = contact->member_id == 0 || member == NULL ? NULL : member->name,
	    .code = verification->code,
	    .until_us = verification->until_us,
	};
	if (letter_verification(&setting, &words, &letter) != 0)
		return complain(complaint, -ENOMEM, "out of memory for a letter");
	const struct plain plain = {NOTICE_VERIFY, wall_us, complaint};
	return put_plain(outbox, contact, &letter, &plain);
}

void outbox_commit(struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->told_count; i++)
		casebook_told(outbox->options.casebook, outbox->told[i].incident,
		    outbox->told[i].news, outbox->told_us);
	outbox->told_count = 0;
	outbox_commit_results(outbox);
}

void outbox_forget(struct outbox *outbox)
{
	outbox->told_count = 0;
}

uint64_t outbox_take_held(struct outbox *outbox, int64_t *ret_member_id)
{
	for (size_t i = 0; i < outbox->hour_count; i++) {
		uint64_t held = outbox->hours[i].held;
		if (held == 0 || outbox->hours[i].is_held_told)
			continue;
		outbox->hours[i].is_held_told = true;
		*ret_member_id = outbox->hours[i].member_id;
		return held;
	}
	return 0;
}
