#include "cmd/station/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "cmd/station/roster.h"

enum {
	SOURCE_NAME_BYTES = 256,
};

/* After each time it was asked; after the last, answers are waited for no longer. */
static const int64_t pauses_us[EVIDENCE_ASKS] = {
    2 * WHEN_SECOND_US, 15 * WHEN_SECOND_US, 2 * WHEN_MINUTE_US, 2 * WHEN_SECOND_US};

#define ANSWER_US (2 * WHEN_SECOND_US)

/* An incident whose frames are wanted. */
struct wanted {
	int64_t incident;
	uint64_t number;  /* of the question asked last; 0: none was */
	int64_t since_us; /* observed */
	int64_t next_us;  /* monotonic: it is asked again, or given up */
	int64_t asked_us;
	size_t expected;   /* captures that were asked */
	uint32_t answered; /* bits: those that answered this question */
	unsigned asks;
};

/* A frame that waits to be written. */
struct pending {
	int64_t incident;
	char source[SOURCE_NAME_BYTES];
	struct frame frame;
	uint8_t bytes[FIRST_FRAME_BYTES];
};

struct evidence {
	struct evidence_options options;
	struct wanted wanted[EVIDENCE_WANTED_MAX];
	size_t wanted_count;
	struct pending pending[EVIDENCE_PENDING_MAX];
	size_t pending_count;
	uint64_t number; /* of the next question: by chance at first, so that no other keeper's
			  * answers are taken for ours */
	bool is_last;
	struct evidence_counts counts;
};

int evidence_new(const struct evidence_options *options, struct evidence **ret_evidence)
{
	struct evidence *evidence = calloc(1, sizeof *evidence);
	if (evidence == NULL)
		return -ENOMEM;
	evidence->options = *options;
	evidence->number = hash_seed_random() | 1;
	*ret_evidence = evidence;
	return 0;
}

void evidence_free(struct evidence *evidence)
{
	free(evidence);
}

/* ---- What is wanted ---- */

static void want(struct evidence *evidence, const struct incident *incident, int64_t since_us)
{
	if (evidence->options.frames == 0 || incident->member_id == ROSTER_CANARY_ID ||
	    incident->id == 0)
		return;
	for (size_t i = 0; i < evidence->wanted_count; i++)
		if (evidence->wanted[i].incident == incident->id) {
			evidence->wanted[i] =
			    (struct wanted){.incident = incident->id, .since_us = since_us};
			return;
		}
	if (evidence->wanted_count == EVIDENCE_WANTED_MAX) {
		evidence->counts.missed++;
		return;
	}
	evidence->wanted[evidence->wanted_count++] =
	    (struct wanted){.incident = incident->id, .since_us = since_us};
}

void evidence_note_steps(struct evidence *evidence)
{
	size_t count;
	const struct incident_step *steps = casebook_steps(evidence->options.casebook, &count);
	for (size_t i = 0; i < count; i++) {
		const struct incident *incident = steps[i].incident;
		if (steps[i].event != INCIDENT_FOUND)
			continue;
		/* of a relapse what came since it was quiet; its other frames are there */
		const bool is_relapse = steps[i].to == INCIDENT_RELAPSED;
		want(evidence, incident,
		    is_relapse && incident->rested_us != 0 ? incident->rested_us + 1
							   : incident->first_us);
	}
}

static int note_any(void *context, const void *record)
{
	(void)record;
	*(bool *)context = true;
	return 0;
}

int evidence_resume(struct evidence *evidence, int64_t since_us, struct complaint *complaint)
{
	size_t position = 0;
	const struct incident *incident;
	int result = 0;
	while (result == 0 &&
	       (incident = casebook_next(evidence->options.casebook, &position)) != NULL) {
		if (incident->opened_wall_us < since_us || !incident_is_open(incident->state))
			continue;
		bool has_frames = false;
		const struct store_query query = {
		    .kind = STORE_FRAME,
		    .conditions = {{.column = "incident_id", .number = incident->id}},
		    .limit = 1,
		};
		result =
		    store_each(evidence->options.store, &query, note_any, &has_frames, complaint);
		if (result == 0 && !has_frames)
			want(evidence, incident, incident->first_us);
	}
	return result;
}

/* ---- Asking ---- */

static unsigned kinds_of(enum rule rule)
{
	const unsigned asking =
	    1U << SIGHTING_REQUEST | 1U << SIGHTING_PROBE | 1U << SIGHTING_NEIGHBOUR;
	switch (rule) {
	case RULE_DDOS_VICTIM:
	case RULE_DDOS_REFLECTOR:
		return 1U << SIGHTING_REPLY;
	case RULE_DDOS_INCOMING:
		return 1U << SIGHTING_FLOODED | 1U << SIGHTING_REFLECTED;
	case RULE_SCAN_DARK:
	case RULE_SCAN_SWEEP:
	case RULE_SCAN_LIVE:
	case RULE_CONFIG_STRAY:
		return asking;
	case RULE_SPOOF_MEMBER:
	case RULE_COUNT:
		break;
	}
	return asking | 1U << SIGHTING_REPLY;
}

/* The ports that the finding names, unless there are others as well. */
static void choose_ports(const struct finding *finding, struct first_frames_wish *wish)
{
	if (finding == NULL || finding->port_count > finding->ports_listed ||
	    finding->ports_listed > FIRST_FRAMES_PORTS_MAX)
		return;
	for (size_t i = 0; i < finding->ports_listed; i++) {
		const struct finding_port *port = &finding->ports[i];
		wish->ports[wish->port_count].protocol = port->protocol;
		wish->ports[wish->port_count++].port = port->port;
	}
}

static void ask(struct evidence *evidence, struct wanted *wanted, const struct incident *incident,
    int64_t now_us)
{
	struct wire_wanted_frames question = {
	    .number = evidence->number++,
	    .wish =
		{
		    .subject = incident->subject,
		    .drill = incident->drill,
		    .is_victim = incident->rule == RULE_DDOS_INCOMING,
		    .kinds = kinds_of(incident->rule),
		    .since_us = wanted->since_us,
		    .max = evidence->options.frames,
		},
	};
	choose_ports(incident->finding, &question.wish);
	wanted->number = question.number;
	wanted->asked_us = now_us;
	wanted->answered = 0;
	wanted->expected = evidence->options.ask(evidence->options.context, &question);
	wanted->next_us = now_us + pauses_us[wanted->asks];
	wanted->asks = evidence->is_last ? EVIDENCE_ASKS : wanted->asks + 1;
	if (evidence->is_last)
		wanted->next_us = now_us + ANSWER_US;
	evidence->counts.asked++;
}

void evidence_tick(struct evidence *evidence, int64_t now_us)
{
	unsigned asked = 0;
	for (size_t i = 0; i < evidence->wanted_count && asked < EVIDENCE_ASKS_AT_ONCE;) {
		struct wanted *wanted = &evidence->wanted[i];
		const struct incident *incident =
		    casebook_find(evidence->options.casebook, wanted->incident);
		const bool is_due = now_us >= wanted->next_us;
		if (incident == NULL || (is_due && wanted->asks == EVIDENCE_ASKS)) {
			*wanted = evidence->wanted[--evidence->wanted_count];
			continue;
		}
		if (is_due) {
			ask(evidence, wanted, incident, now_us);
			asked++;
		}
		i++;
	}
}

void evidence_finish(struct evidence *evidence)
{
	if (evidence->is_last)
		return;
	evidence->is_last = true;
	for (size_t i = 0; i < evidence->wanted_count; i++) {
		evidence->wanted[i].next_us = 0;
		evidence->wanted[i].asks = 0;
	}
}

static size_t count_answers(const struct wanted *wanted)
{
	return (size_t)__builtin_popcount(wanted->answered);
}

bool evidence_is_waiting(const struct evidence *evidence, int64_t now_us)
{
	for (size_t i = 0; i < evidence->wanted_count; i++) {
		const struct wanted *wanted = &evidence->wanted[i];
		if (wanted->number == 0 || wanted->next_us == 0 ||
		    (count_answers(wanted) < wanted->expected &&
			now_us - wanted->asked_us < ANSWER_US))
			return true;
	}
	return evidence->pending_count > 0;
}

/* ---- Answers ---- */

/* The frames that an incident has: in the store, and on the way there. */
struct had {
	const struct evidence_source *source;
	const struct frame *frame; /* whether this one is among them */
	int64_t since_us;
	size_t count;   /* in all */
	size_t opening; /* of this opening, by this source */
	bool has_frame;
};

static void count_had(struct had *had, const char *source, const struct frame *frame)
{
	const bool is_same = strcmp(source, had->source->name) == 0;
	had->count++;
	had->opening += is_same && frame->time_us >= had->since_us;
	had->has_frame = had->has_frame ||
			 (is_same && frame->time_us == had->frame->time_us &&
			     frame->wire_bytes == had->frame->wire_bytes &&
			     frame->captured_bytes == had->frame->captured_bytes &&
			     (frame->captured_bytes == 0 || memcmp(frame->bytes, had->frame->bytes,
								frame->captured_bytes) == 0));
}

static int visit_had(void *context, const void *record)
{
	const struct store_frame *stored = record;
	const struct frame frame = {
	    .bytes = stored->data.data,
	    .captured_bytes = (uint32_t)stored->data.length,
	    .wire_bytes = (uint32_t)stored->wire_bytes,
	    .time_us = stored->at_us,
	};
	count_had(context, stored->source, &frame);
	return 0;
}

/* Whether the frame is new, and there is room for it. */
static bool has_room(struct evidence *evidence, const struct wanted *wanted,
    const struct evidence_source *source, const struct frame *frame)
{
	const struct store_query query = {
	    .kind = STORE_FRAME,
	    .conditions = {{.column = "incident_id", .number = wanted->incident}},
	    .limit = EVIDENCE_INCIDENT_MAX,
	};
	struct had had = {.source = source, .frame = frame, .since_us = wanted->since_us};
	if (store_is_suspect(evidence->options.store) ||
	    store_each(evidence->options.store, &query, visit_had, &had, NULL) != 0)
		return false; /* it is asked for again */
	for (size_t i = 0; i < evidence->pending_count; i++)
		if (evidence->pending[i].incident == wanted->incident)
			count_had(&had, evidence->pending[i].source, &evidence->pending[i].frame);
	return !had.has_frame && had.count < EVIDENCE_INCIDENT_MAX &&
	       had.opening < evidence->options.frames &&
	       evidence->pending_count < EVIDENCE_PENDING_MAX;
}

static bool is_likely(const struct wanted *wanted, const struct incident *incident,
    const struct evidence_source *source, const struct frame *frame)
{
	return frame->time_us >= wanted->since_us && frame->time_us <= source->until_us &&
	       (frame->drill != 0) == incident->drill && frame->captured_bytes > 0 &&
	       frame->captured_bytes <= FIRST_FRAME_BYTES;
}

static void add_pending(struct evidence *evidence, int64_t incident,
    const struct evidence_source *source, const struct frame *frame)
{
	struct pending *pending = &evidence->pending[evidence->pending_count++];
	*pending = (struct pending){.incident = incident, .frame = *frame};
	(void)snprintf(pending->source, sizeof pending->source, "%s", source->name);
	memcpy(pending->bytes, frame->bytes, frame->captured_bytes);
	pending->frame.bytes = pending->bytes;
}

static struct wanted *find_wanted(struct evidence *evidence, uint64_t number)
{
	for (size_t i = 0; i < evidence->wanted_count; i++)
		if (evidence->wanted[i].number == number && number != 0)
			return &evidence->wanted[i];
	return NULL;
}

void evidence_take(struct evidence *evidence, const struct evidence_source *source,
    const struct wire_frames *frames)
{
	struct wanted *wanted = find_wanted(evidence, frames->number);
	const uint32_t bit = source->number < EVIDENCE_SOURCES_MAX ? 1U << source->number : 0;
	const struct incident *incident =
	    wanted == NULL ? NULL : casebook_find(evidence->options.casebook, wanted->incident);
	if (incident == NULL || bit == 0 || (wanted->answered & bit) != 0 ||
	    frames->count > evidence->options.frames) {
		evidence->counts.refused++;
		return;
	}
	wanted->answered |= bit;
	for (size_t i = 0; i < frames->count; i++) {
		const struct frame *frame = &frames->frames[i];
		if (!is_likely(wanted, incident, source, frame))
			evidence->counts.refused++;
		else if (has_room(evidence, wanted, source, frame))
			add_pending(evidence, wanted->incident, source, frame);
	}
	/* those are all that are kept: the others may answer still, and nobody is asked again */
	if (frames->count == evidence->options.frames &&
	    evidence->pending_count < EVIDENCE_PENDING_MAX && wanted->asks < EVIDENCE_ASKS) {
		wanted->asks = EVIDENCE_ASKS;
		wanted->next_us = wanted->asked_us + ANSWER_US;
	}
}

/* ---- Writing ---- */

bool evidence_is_due(const struct evidence *evidence)
{
	return evidence->pending_count > 0;
}

int evidence_write(struct evidence *evidence, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < evidence->pending_count && result == 0; i++) {
		const struct pending *pending = &evidence->pending[i];
		struct store_frame record = {
		    .incident_id = pending->incident,
		    .at_us = pending->frame.time_us,
		    .source = pending->source,
		    .wire_bytes = pending->frame.wire_bytes,
		    .link_type = pending->frame.link_type,
		    .data = {pending->bytes, pending->frame.captured_bytes},
		    .drill = pending->frame.drill != 0,
		};
		result = store_put(
		    evidence->options.store, STORE_RECORD(&record), STORE_REPLACE, complaint);
		if (result == -ENOENT)
			result = 0; /* its incident was removed meanwhile */
	}
	return result;
}

void evidence_commit(struct evidence *evidence)
{
	evidence->counts.kept += evidence->pending_count;
	evidence->pending_count = 0;
}

void evidence_get_counts(const struct evidence *evidence, struct evidence_counts *ret_counts)
{
	*ret_counts = evidence->counts;
	ret_counts->wanted = evidence->wanted_count;
}
