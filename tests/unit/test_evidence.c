/* First frames of incidents: asked for, believed as far as that goes, and kept with them. */
#include "cmd/station/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/roster.h"
#include "test.h"

enum {
	FRAMES = 4,
	QUESTIONS_MAX = 64,
};

#define BEGIN_US (INT64_C(1775001600) * WHEN_SECOND_US)

static const struct casebook_rules rules = {
    .quiet_us = WHEN_HOUR_US, .close_us = WHEN_DAY_US, .incidents_max = 8192};

/* A keeper's part of it, and a capture's. */
static struct store *store;
static struct casebook *casebook;
static struct evidence *evidence;
static struct wire_wanted_frames questions[QUESTIONS_MAX];
static size_t question_count;
static size_t captures;
static uint8_t bytes[FIRST_FRAME_BYTES];

static size_t ask(void *context, const struct wire_wanted_frames *wanted)
{
	(void)context;
	if (question_count < QUESTIONS_MAX)
		questions[question_count] = *wanted;
	question_count++;
	return captures;
}

static void begin_with(uint32_t frames)
{
	const struct store_options memory = {.engine = "memory"};
	(void)store_open(&memory, &store, NULL);
	(void)casebook_new(&rules, &casebook);
	const struct evidence_options options = {
	    .store = store, .casebook = casebook, .frames = frames, .ask = ask};
	(void)evidence_new(&options, &evidence);
	question_count = 0;
	captures = 1;
}

static void end(void)
{
	evidence_free(evidence);
	casebook_free(casebook);
	store_close(store);
}

static struct finding finding_of(uint32_t machine, enum rule rule)
{
	return (struct finding){
	    .rule = rule,
	    .subject = address_from_v4_u32(0xc6336400 + machine),
	    .first_us = BEGIN_US,
	    .last_us = BEGIN_US + WHEN_MINUTE_US,
	    .packets = 100,
	    .targets = 100,
	    .tool = -1,
	    .severity = SEVERITY_HIGH,
	    .port_count = 1,
	    .ports = {{.port = 445, .protocol = 6, .searched = true}},
	    .ports_listed = 1,
	};
}

/* What archive_write() does: the incident gets its record and its number. */
static struct incident *write_incidents(void)
{
	size_t position = 0;
	struct incident *incident;
	struct incident *last = NULL;
	(void)store_begin(store, NULL);
	while ((incident = casebook_next(casebook, &position)) != NULL) {
		last = incident;
		if (incident->id != 0)
			continue;
		struct store_incident record = {.member = "town",
		    .subject = "198.51.100.1",
		    .rule = "scan.dark",
		    .state = "new",
		    .close_reason = "",
		    .severity = "high",
		    .told_severity = "",
		    .finding = "",
		    .told_named = "",
		    .owed = "",
		    .retraction = ""};
		(void)store_put(store, STORE_RECORD(&record), STORE_REPLACE, NULL);
		incident->id = record.id;
	}
	(void)store_commit(store, NULL);
	evidence_note_steps(evidence);
	casebook_written(casebook, true);
	return last;
}

static struct incident *open_incident(int64_t member, const struct finding *finding)
{
	const struct casebook_clocks clocks = {finding->last_us, finding->last_us};
	(void)casebook_take(casebook, member, "town", finding, &clocks);
	return write_incidents();
}

static struct wire_frames answer_of(uint64_t number, size_t count)
{
	struct wire_frames frames = {.number = number, .count = count};
	for (size_t i = 0; i < count; i++)
		frames.frames[i] = (struct frame){.bytes = bytes,
		    .captured_bytes = 60,
		    .wire_bytes = 60,
		    .time_us = BEGIN_US + (int64_t)i,
		    .link_type = LINK_ETHERNET};
	return frames;
}

static void answer(size_t source, const struct wire_frames *frames)
{
	const struct evidence_source from = {
	    .number = source,
	    .name = source == 0 ? "ring:eth0" : "ring:eth1",
	    .until_us = BEGIN_US + WHEN_DAY_US,
	};
	evidence_take(evidence, &from, frames);
}

static int64_t keep(void)
{
	const struct store_query all = {.kind = STORE_FRAME};
	int64_t count = 0;
	(void)store_begin(store, NULL);
	const int result = evidence_write(evidence, NULL);
	(void)store_commit(store, NULL);
	evidence_commit(evidence);
	(void)store_count(store, &all, &count, NULL);
	return result == 0 ? count : -1;
}

static void test_opening(void)
{
	begin_with(FRAMES);
	const struct finding finding = finding_of(1, RULE_SCAN_DARK);
	const struct incident *incident = open_incident(5, &finding);
	evidence_tick(evidence, 1000);
	OK(question_count == 1 && questions[0].wish.since_us == incident->first_us &&
		address_equal(&questions[0].wish.subject, &finding.subject) &&
		questions[0].wish.max == FRAMES && !questions[0].wish.is_victim,
	    "when an incident opens its frames are asked for");
	OK(questions[0].wish.port_count == 1 && questions[0].wish.ports[0].port == 445 &&
		(questions[0].wish.kinds & 1U << SIGHTING_REQUEST) != 0,
	    "of the ports that its finding names");
	evidence_tick(evidence, 1001);
	OK(question_count == 1, "once, and not each turn");
	OK(evidence_is_waiting(evidence, 1001), "an answer may come");
	const struct wire_frames two = answer_of(questions[0].number, 2);
	answer(0, &two);
	OK(evidence_is_due(evidence) && keep() == 2, "what comes is kept");
	OK(!evidence_is_waiting(evidence, 1001), "then nobody waits");
	answer(0, &two);
	OK(!evidence_is_due(evidence), "the same answer again is none");
	evidence_tick(evidence, 3 * WHEN_SECOND_US);
	OK(question_count == 2, "where there are fewer than are kept it is asked again");
	const struct wire_frames six = answer_of(questions[1].number, FRAMES + 1);
	answer(0, &six);
	OK(keep() == 2, "an answer with one frame more than was asked for is none");
	const struct wire_frames four = answer_of(questions[1].number, FRAMES);
	answer(0, &four);
	OK(keep() == FRAMES, "frames that are there are not kept twice");
	evidence_tick(evidence, WHEN_HOUR_US);
	evidence_tick(evidence, 2 * WHEN_HOUR_US);
	OK(question_count == 2, "with all of them nobody is asked again");
	struct evidence_counts counts;
	evidence_get_counts(evidence, &counts);
	OK(counts.wanted == 0 && counts.kept == FRAMES && counts.asked == 2, "and it is counted");
	end();
}

/* A transaction that fails takes nothing with it: all is written with the next one, once. */
static void test_failure(void)
{
	begin_with(FRAMES);
	const struct finding finding = finding_of(1, RULE_SCAN_DARK);
	(void)open_incident(5, &finding);
	evidence_tick(evidence, 0);
	const struct wire_frames frames = answer_of(questions[0].number, FRAMES);
	answer(0, &frames);
	(void)store_begin(store, NULL);
	(void)evidence_write(evidence, NULL);
	store_rollback(store);
	OK(evidence_is_due(evidence), "what could not be committed waits");
	OK(keep() == FRAMES && !evidence_is_due(evidence), "and is there once after the next time");
	end();
}

static void test_nobody(void)
{
	begin_with(FRAMES);
	const struct finding finding = finding_of(1, RULE_SCAN_DARK);
	(void)open_incident(5, &finding);
	captures = 0;
	int64_t now_us = 0;
	for (int i = 0; i < 4000; i++) {
		evidence_tick(evidence, now_us);
		now_us += WHEN_SECOND_US;
	}
	OK(question_count == EVIDENCE_ASKS && !evidence_is_waiting(evidence, now_us),
	    "where no capture is there it is asked for some times, and given up");
	const struct wire_frames late = answer_of(questions[0].number, 1);
	answer(0, &late);
	OK(!evidence_is_due(evidence), "what comes later is not taken");
	end();
}

static void test_hostile(void)
{
	begin_with(FRAMES);
	struct finding finding = finding_of(1, RULE_SCAN_DARK);
	(void)open_incident(5, &finding);
	evidence_tick(evidence, 0);
	struct wire_frames frames = answer_of(questions[0].number + 1, 1);
	answer(0, &frames);
	OK(!evidence_is_due(evidence), "an answer that nobody asked for is not taken");
	frames = answer_of(0, 1);
	answer(0, &frames);
	OK(!evidence_is_due(evidence), "nor one to no question");
	frames = answer_of(questions[0].number, 1);
	answer(EVIDENCE_SOURCES_MAX, &frames);
	OK(!evidence_is_due(evidence), "nor one of a source past the last");
	frames = answer_of(questions[0].number, FRAMES);
	frames.frames[0].time_us = BEGIN_US - 1;
	frames.frames[1].time_us = BEGIN_US + WHEN_DAY_US + 1;
	frames.frames[2].drill = 1;
	frames.frames[3].captured_bytes = 0;
	answer(0, &frames);
	OK(!evidence_is_due(evidence),
	    "nor frames of before it, of times to come, of a drill, or of no bytes");
	struct evidence_counts counts;
	evidence_get_counts(evidence, &counts);
	OK(counts.refused == 3 + FRAMES, "all of which is counted");
	end();
}

static void test_several(void)
{
	begin_with(FRAMES);
	captures = 2;
	const struct finding finding = finding_of(1, RULE_SCAN_DARK);
	(void)open_incident(5, &finding);
	evidence_tick(evidence, 0);
	const struct wire_frames frames = answer_of(questions[0].number, FRAMES);
	answer(0, &frames);
	OK(evidence_is_waiting(evidence, 1), "of two captures the other may answer still");
	answer(1, &frames);
	OK(keep() == 2 * FRAMES, "what each of them saw is kept");
	end();
}

/* An incident that relapses for the n-th time, and is answered. */
static int64_t relapse(struct incident *incident, int n)
{
	struct finding finding = finding_of(1, RULE_SCAN_DARK);
	const int64_t at_us = BEGIN_US + n * 2 * WHEN_HOUR_US;
	const struct casebook_clocks later = {at_us - WHEN_MINUTE_US, at_us};
	casebook_tick(casebook, &later);
	(void)write_incidents();
	finding.last_us = at_us;
	finding.packets += (uint64_t)n;
	const struct casebook_clocks clocks = {at_us, at_us};
	(void)casebook_take(casebook, 5, "town", &finding, &clocks);
	(void)write_incidents();
	const size_t before = question_count;
	evidence_tick(evidence, at_us);
	if (question_count != before + 1 || incident->relapses != (uint32_t)n)
		return -1;
	struct wire_frames frames = answer_of(questions[before].number, FRAMES);
	for (size_t i = 0; i < FRAMES; i++)
		frames.frames[i].time_us = at_us - FRAMES + 1 + (int64_t)i;
	const struct evidence_source from = {0, "ring:eth0", at_us + WHEN_HOUR_US};
	evidence_take(evidence, &from, &frames);
	return keep();
}

static void test_relapse(void)
{
	begin_with(FRAMES);
	const struct finding finding = finding_of(1, RULE_SCAN_DARK);
	struct incident *incident = open_incident(5, &finding);
	evidence_tick(evidence, 0);
	const struct wire_frames frames = answer_of(questions[0].number, FRAMES);
	answer(0, &frames);
	(void)keep();
	OK(relapse(incident, 1) == 2 * FRAMES, "when it relapses its new frames join the others");
	OK(questions[1].wish.since_us > BEGIN_US + WHEN_MINUTE_US, "which are those since it was "
								   "quiet");
	int64_t kept = 0;
	for (int n = 2; n <= EVIDENCE_INCIDENT_MAX / FRAMES; n++)
		kept = relapse(incident, n);
	OK(kept == EVIDENCE_INCIDENT_MAX, "an incident has so many at most, however often");
	end();
}

static void test_who(void)
{
	begin_with(FRAMES);
	struct finding finding = finding_of(1, RULE_SCAN_DARK);
	(void)open_incident(ROSTER_CANARY_ID, &finding);
	evidence_tick(evidence, 0);
	OK(question_count == 0, "of a canary nothing is asked");
	finding = finding_of(2, RULE_DDOS_INCOMING);
	(void)open_incident(5, &finding);
	evidence_tick(evidence, 0);
	OK(question_count == 1 && questions[0].wish.is_victim &&
		questions[0].wish.kinds == (1U << SIGHTING_FLOODED | 1U << SIGHTING_REFLECTED),
	    "of a victim what floods it");
	finding = finding_of(3, RULE_DDOS_VICTIM);
	finding.port_count = 2;
	(void)open_incident(5, &finding);
	evidence_tick(evidence, 0);
	OK(question_count == 2 && !questions[1].wish.is_victim &&
		questions[1].wish.kinds == 1U << SIGHTING_REPLY &&
		questions[1].wish.port_count == 0,
	    "of one far away its echoes, of any port where not all are named");
	end();
	begin_with(0);
	(void)open_incident(5, &finding);
	evidence_tick(evidence, 0);
	OK(question_count == 0 && !evidence_is_waiting(evidence, 0),
	    "where none are to be kept nobody is asked");
	end();
}

static void test_many(void)
{
	begin_with(FRAMES);
	for (uint32_t i = 0; i < EVIDENCE_WANTED_MAX + 1; i++) {
		struct finding finding = finding_of(0, RULE_SCAN_DARK);
		finding.subject = address_from_v4_u32(0x0a000000 + i);
		const struct casebook_clocks clocks = {finding.last_us, finding.last_us};
		(void)casebook_take(casebook, 5, "town", &finding, &clocks);
	}
	(void)write_incidents();
	evidence_tick(evidence, 0);
	struct evidence_counts counts;
	evidence_get_counts(evidence, &counts);
	OK(counts.wanted == EVIDENCE_WANTED_MAX && counts.missed == 1,
	    "one incident past the most is counted");
	OK(question_count == EVIDENCE_ASKS_AT_ONCE, "only so many are asked for in one turn");
	end();
}

static void test_resume(void)
{
	begin_with(FRAMES);
	const struct finding finding = finding_of(1, RULE_SCAN_DARK);
	(void)open_incident(5, &finding);
	struct evidence *next = NULL;
	const struct evidence_options options = {
	    .store = store, .casebook = casebook, .frames = FRAMES, .ask = ask};
	(void)evidence_new(&options, &next);
	OK(evidence_resume(next, BEGIN_US, NULL) == 0, "a keeper that starts looks what is there");
	evidence_tick(next, 0);
	OK(question_count == 1, "and asks for what the one before had not got");
	evidence_free(next);
	evidence_tick(evidence, 0);
	const struct wire_frames frames = answer_of(questions[1].number, 1);
	answer(0, &frames);
	(void)keep();
	(void)evidence_new(&options, &next);
	(void)evidence_resume(next, BEGIN_US, NULL);
	evidence_tick(next, 0);
	OK(question_count == 2, "not for what is there");
	(void)evidence_resume(next, BEGIN_US + WHEN_DAY_US, NULL);
	evidence_free(next);
	OK(questions[0].number != questions[1].number, "no keeper takes another's answers");
	evidence_finish(evidence);
	OK(evidence_is_waiting(evidence, 1), "at the end it is asked for once more");
	evidence_tick(evidence, 1);
	OK(question_count == 3, "at once");
	evidence_finish(evidence);
	const struct wire_frames none = answer_of(questions[2].number, 0);
	answer(0, &none);
	OK(!evidence_is_waiting(evidence, 2), "and no more after that");
	end();
}

static void test_removed(void)
{
	begin_with(FRAMES);
	const struct finding finding = finding_of(1, RULE_SCAN_DARK);
	const struct incident *incident = open_incident(5, &finding);
	evidence_tick(evidence, 0);
	const struct wire_frames frames = answer_of(questions[0].number, 2);
	answer(0, &frames);
	OK(keep() == 2, "an incident has frames");
	struct wire_frames more = answer_of(questions[0].number, 1);
	const struct store_query which = {
	    .kind = STORE_INCIDENT, .conditions = {{.column = "id", .number = incident->id}}};
	evidence_tick(evidence, WHEN_MINUTE_US);
	more = answer_of(questions[1].number, FRAMES);
	answer(0, &more);
	(void)store_begin(store, NULL);
	(void)store_remove(store, &which, NULL, NULL);
	(void)store_commit(store, NULL);
	OK(keep() == 0, "with it they go, and those that were on the way");
	end();
}

int main(void)
{
	memset(bytes, 0x45, sizeof bytes);
	test_opening();
	test_failure();
	test_nobody();
	test_hostile();
	test_several();
	test_relapse();
	test_who();
	test_many();
	test_resume();
	test_removed();
	return test_done();
}
