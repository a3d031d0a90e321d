#include "cmd/station/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/finding_record.h"

struct archive {
	struct store *store;       /* borrowed */
	struct casebook *casebook; /* borrowed */
	struct incident **fresh;   /* that got their number in this transaction */
	size_t fresh_count;
	size_t fresh_room;
	bool wrote_grown;
	struct archive_counts counts;
	struct complaint *complaint; /* of the call under way */
};

int archive_new(struct store *store, struct casebook *casebook, struct archive **ret_archive)
{
	struct archive *archive = calloc(1, sizeof *archive);
	if (archive == NULL)
		return -ENOMEM;
	archive->store = store;
	archive->casebook = casebook;
	*ret_archive = archive;
	return 0;
}

void archive_free(struct archive *archive)
{
	if (archive == NULL)
		return;
	free(archive->fresh);
	free(archive);
}

static uint64_t count_of(int64_t stored)
{
	return stored < 0 ? 0 : (uint64_t)stored;
}

static int64_t stored_count(uint64_t count)
{
	return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

/* False for what a newer program wrote: it is left as it is. */
static bool read_incident(const struct store_incident *record, struct incident *ret_incident)
{
	int rule = rule_find(record->rule);
	int state = incident_state_find(record->state);
	int reason = close_reason_find(record->close_reason);
	int severity = severity_find(record->severity);
	int told = severity_find(record->told_severity);
	struct address subject;
	if (rule < 0 || state < 0 || reason < 0 || severity < 0 ||
	    address_parse(record->subject, &subject) != 0)
		return false;
	*ret_incident = (struct incident){
	    .id = record->id,
	    .member_id = record->member_id,
	    .subject = subject,
	    .rule = (enum rule)rule,
	    .drill = record->drill,
	    .state = (enum incident_state)state,
	    .reason = (enum close_reason)reason,
	    .severity = (enum severity)severity,
	    .opened_us = record->opened_us,
	    .opened_wall_us = record->opened_us,
	    .first_us = record->first_us,
	    .last_us = record->last_us,
	    .state_us = state == INCIDENT_QUIET ? record->quiet_us : record->changed_us,
	    .packets = count_of(record->packets),
	    .extent = count_of(record->targets),
	    .port_count = count_of(record->port_count),
	    .relapses = (uint32_t)count_of(record->relapses),
	    .told =
		{
		    .at_us = record->told_us,
		    .letters = record->told_us != 0,
		    .severity = told < 0 ? SEVERITY_INFO : (enum severity)told,
		    .extent = count_of(record->told_targets),
		    .port_count = count_of(record->told_ports),
		},
	};
	(void)snprintf(ret_incident->member, sizeof ret_incident->member, "%s", record->member);
	return true;
}

static int visit_incident(void *context, const void *record)
{
	struct archive *archive = context;
	struct incident incident;
	if (!read_incident(record, &incident)) {
		archive->counts.unreadable++;
		return 0;
	}
	int result = casebook_load(archive->casebook, &incident);
	if (result == 0)
		return 0;
	return complain(archive->complaint, result,
	    "more open incidents than there is room for; close some with hinomi incident close");
}

int archive_load(struct archive *archive, int64_t closed_since_us, struct complaint *complaint)
{
	const struct store_query closed = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .test = STORE_IS, .text = "closed"},
		{.column = "changed_us", .test = STORE_FROM, .number = closed_since_us}},
	};
	static const char *const states[] = {
	    "new", "notified", "acknowledged", "in-progress", "quiet", "relapsed"};
	const struct store_query others = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "state",
		.test = STORE_IN,
		.texts = states,
		.count = sizeof states / sizeof states[0]}},
	};
	archive->complaint = complaint;
	/* those that are open come last, so that they count where there are two of one key */
	int result = store_each(archive->store, &closed, visit_incident, archive, complaint);
	if (result == 0)
		result = store_each(archive->store, &others, visit_incident, archive, complaint);
	return result;
}

static struct store_incident make_record(
    const struct incident *incident, const char *subject, int64_t now_us)
{
	const bool was_told = incident->told.at_us != 0;
	const bool is_settled =
	    incident->state == INCIDENT_CLOSED || incident->state == INCIDENT_QUIET;
	return (struct store_incident){
	    .id = incident->id,
	    .member_id = incident->member_id,
	    .member = incident->member,
	    .subject = subject,
	    .rule = rule_name(incident->rule),
	    .drill = incident->drill,
	    .state = incident_state_name(incident->state),
	    .close_reason = close_reason_name(incident->reason),
	    .severity = severity_name(incident->severity),
	    .first_us = incident->first_us,
	    .last_us = incident->last_us,
	    .opened_us = incident->opened_us,
	    .changed_us = is_settled ? incident->state_us : now_us,
	    .quiet_us = incident->state == INCIDENT_QUIET ? incident->state_us : 0,
	    .packets = stored_count(incident->packets),
	    .targets = stored_count(incident->extent),
	    .port_count = stored_count(incident->port_count),
	    .relapses = incident->relapses,
	    .told_severity = was_told ? severity_name(incident->told.severity) : "",
	    .told_targets = stored_count(incident->told.extent),
	    .told_ports = stored_count(incident->told.port_count),
	    .told_us = incident->told.at_us,
	    .finding = "",
	};
}

static bool note_fresh(struct archive *archive, struct incident *incident)
{
	if (archive->fresh_count == archive->fresh_room) {
		size_t room = archive->fresh_room == 0 ? 64 : archive->fresh_room * 2;
		struct incident **grown =
		    reallocarray(archive->fresh, room, sizeof(struct incident *));
		if (grown == NULL)
			return false;
		archive->fresh = grown;
		archive->fresh_room = room;
	}
	archive->fresh[archive->fresh_count++] = incident;
	return true;
}

/* Of one without a finding in memory the store keeps the one it has. */
static int change_without_finding(struct archive *archive, const struct store_incident *record)
{
	const struct store_query which = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = record->id}},
	};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .text = record->state},
	    {.column = "close_reason", .text = record->close_reason},
	    {.column = "severity", .text = record->severity},
	    {.column = "changed_us", .number = record->changed_us},
	    {.column = "quiet_us", .number = record->quiet_us},
	    {.column = "told_us", .number = record->told_us},
	};
	return store_change(archive->store, &which, changes, NULL, archive->complaint);
}

static int write_incident(struct archive *archive, struct incident *incident, int64_t now_us)
{
	char subject[ADDRESS_TEXT_BYTES];
	address_format(&incident->subject, subject);
	struct store_incident record = make_record(incident, subject, now_us);
	archive->counts.incidents++;
	if (incident->finding == NULL)
		return change_without_finding(archive, &record);
	char *finding = NULL;
	if (finding_record_write(incident->finding, incident->member, &finding) != 0)
		return complain(archive->complaint, -ENOMEM, "out of memory for an incident");
	record.finding = finding;
	int result =
	    store_put(archive->store, STORE_RECORD(&record), STORE_REPLACE, archive->complaint);
	free(finding);
	if (result != 0 || incident->id != 0)
		return result;
	if (!note_fresh(archive, incident))
		return complain(archive->complaint, -ENOMEM, "out of memory for incidents");
	incident->id = record.id;
	return 0;
}

static int write_step(struct archive *archive, const struct incident_step *step)
{
	struct store_event record = {
	    .incident_id = step->incident->id,
	    .at_us = step->at_us,
	    .from_state = incident_state_name(step->from),
	    .to_state = incident_state_name(step->to),
	    .what = incident_event_name(step->event),
	    .by = step->by,
	    .note = step->note,
	};
	archive->counts.steps++;
	return store_put(archive->store, STORE_RECORD(&record), STORE_REPLACE, archive->complaint);
}

int archive_write(struct archive *archive, bool grown, int64_t now_us, struct complaint *complaint)
{
	size_t position = 0;
	size_t step_count;
	struct incident *incident;
	int result = 0;
	archive->complaint = complaint;
	archive->fresh_count = 0;
	archive->wrote_grown = grown;
	while (result == 0 && (incident = casebook_next(archive->casebook, &position)) != NULL)
		if (incident->is_changed || (grown && incident->is_grown))
			result = write_incident(archive, incident, now_us);
	const struct incident_step *steps = casebook_steps(archive->casebook, &step_count);
	for (size_t i = 0; i < step_count && result == 0; i++)
		result = write_step(archive, &steps[i]);
	return result;
}

void archive_commit(struct archive *archive)
{
	archive->fresh_count = 0;
	casebook_written(archive->casebook, archive->wrote_grown);
}

void archive_forget(struct archive *archive)
{
	for (size_t i = 0; i < archive->fresh_count; i++)
		archive->fresh[i]->id = 0;
	archive->fresh_count = 0;
}

void archive_get_counts(const struct archive *archive, struct archive_counts *ret_counts)
{
	*ret_counts = archive->counts;
}
