/*
 * outbox_summary.c - what finds no room in a reader's hour, told as one.
 *
 * A worm in a town, or a range that is wrongly called unused, makes thousands of incidents at once.
 * One by one nobody reads them. The first are told one by one, up to the cap; what waits is told
 * after a while in one letter, and counts as told: what changes of it later is news as ever.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "cmd/station/outbox_internal.h"

/* What one reader is to be told. */
struct gathering {
	struct letter_summary summary;
	struct letter_digest_line *lines;
	struct finding *findings;
	size_t room;
	enum severity gravest;
};

static void release(struct gathering *gathering)
{
	free(gathering->lines);
	free(gathering->findings);
}

static bool is_of(const struct told *due, int64_t reader)
{
	return due->is_held && due->reader == reader && due->news != NEWS_NONE;
}

static size_t count_held(const struct outbox *outbox, int64_t reader)
{
	size_t count = 0;
	for (size_t i = 0; i < outbox->told_count; i++)
		count += is_of(&outbox->told[i], reader);
	return count;
}

/* The list is in order: the most urgent first. */
static void gather(const struct outbox *outbox, const struct roster *roster, int64_t reader,
    struct gathering *gathering)
{
	struct letter_summary *summary = &gathering->summary;
	for (size_t i = 0; i < outbox->told_count && summary->count < gathering->room; i++) {
		const struct incident *incident = outbox->told[i].incident;
		struct finding *finding = &gathering->findings[summary->count];
		if (!is_of(&outbox->told[i], reader) ||
		    !outbox_finding_of(roster, incident, finding))
			continue;
		gathering->lines[summary->count++] =
		    (struct letter_digest_line){incident->id, finding};
		summary->by_severity[finding->severity]++;
		summary->by_rule[finding->rule]++;
		if (finding->severity > gathering->gravest)
			gathering->gravest = finding->severity;
	}
	summary->lines = gathering->lines;
	summary->listed = summary->count;
}

static int put_letter(struct outbox *outbox, const struct roster *roster,
    const struct roster_contact *contact, const struct gathering *gathering, int64_t wall_us)
{
	char id[OUTBOX_ID_BYTES];
	struct letter letter;
	struct complaint complaint;
	const struct letter_setting setting = outbox_setting_of(outbox, roster, contact);
	if (letter_summary(&setting, &gathering->summary, &letter) != 0)
		return -ENOMEM;
	(void)snprintf(id, sizeof id, "summary%" PRId64 ".c%" PRId64 ".%s@%s", wall_us, contact->id,
	    outbox->identity, outbox->host); /* it fits */
	const struct draft draft = {
	    .contact = contact,
	    .letter = &letter,
	    .kind = NOTICE_SUMMARY,
	    .id = id,
	    .member = gathering->summary.member,
	    .wall_us = wall_us,
	};
	int result = outbox_put_draft(outbox, &draft, &complaint);
	letter_release(&letter);
	return result == -EEXIST ? 0 : result;
}

static int tell_reader(struct outbox *outbox, const struct roster *roster, int64_t reader,
    const struct gathering *gathering, int64_t wall_us)
{
	int result = 0;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (contact->member_id == reader && contact->tier == 0 &&
		    outbox_takes_severity(outbox, contact, gathering->gravest))
			result = put_letter(outbox, roster, contact, gathering, wall_us);
	}
	return result;
}

static int sum_up(struct outbox *outbox, const struct roster *roster, struct hour *hour,
    const struct casebook_clocks *clocks)
{
	const struct roster_member *member =
	    hour->reader == 0 ? NULL : roster_find_member(roster, hour->reader);
	struct gathering gathering = {
	    .summary = {.member = member == NULL ? NULL : member->name,
		.registry = roster->registry,
		.since_us = hour->held_us,
		.sent = hour->now.count},
	    .room = count_held(outbox, hour->reader),
	};
	if (gathering.room == 0)
		return 0; /* reminders alone: they wait */
	gathering.lines = calloc(gathering.room, sizeof *gathering.lines);
	gathering.findings = calloc(gathering.room, sizeof *gathering.findings);
	int result = gathering.lines == NULL || gathering.findings == NULL ? -ENOMEM : 0;
	if (result == 0) {
		gather(outbox, roster, hour->reader, &gathering);
		if (gathering.summary.count > 0)
			result =
			    tell_reader(outbox, roster, hour->reader, &gathering, clocks->wall_us);
	}
	release(&gathering);
	if (result != 0)
		return result;
	for (size_t i = 0; i < outbox->told_count; i++)
		outbox->told[i].is_summed |= is_of(&outbox->told[i], hour->reader);
	hour->now.summed_us = clocks->wall_us;
	hour->held = 0;
	return 0;
}

int outbox_write_summaries(struct outbox *outbox, const struct roster *roster,
    const struct casebook_clocks *clocks, struct complaint *complaint)
{
	for (size_t i = 0; i < outbox->hour_count; i++) {
		struct hour *hour = &outbox->hours[i];
		if (!outbox_hour_sums(outbox, hour->reader, clocks->wall_us))
			continue;
		int result = sum_up(outbox, roster, hour, clocks);
		if (result != 0)
			return complain(complaint, result, "a summary cannot be written: %s",
			    result == -ENOMEM ? "out of memory" : "the store refused it");
	}
	return 0;
}
