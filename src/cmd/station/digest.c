#include "cmd/station/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/digest_facts.h"

#define MARK_KEY "digest"
/* In place of a reader: all have theirs. */
#define NOBODY INT64_MAX

enum {
	MARK_BYTES = 7 * 24,
	READERS_AT_ONCE = 1024, /* in one turn, without a contact */
};

/* How far it has come. */
struct mark {
	int64_t due_us;  /* when the last one was to be written, */
	int64_t from_us; /* what time it tells of, */
	int64_t to_us;
	int64_t reader; /* whose turn it is: 0, the operator, then members by their ids */
	struct tally_station station;
};

struct digest {
	struct digest_options options;
	bool has_mark;
	struct mark mark;
	bool has_new; /* by what is written now */
	bool has_no_mark;
	struct mark new_mark;
	struct digest_facts *facts; /* of the report that is being written */
	uint64_t learned;           /* unused addresses, likewise */
	struct digest_lines open;
	struct digest_lines small;
	bool has_window;
	int64_t began_us; /* monotonic */
};

static int visit_mark(void *context, const void *record)
{
	struct digest *digest = context;
	const struct store_meta *meta = record;
	struct mark *mark = &digest->mark;
	int64_t *const fields[] = {&mark->due_us, &mark->from_us, &mark->to_us, &mark->reader};
	uint64_t *const counts[] = {
	    &mark->station.packets, &mark->station.canaries_sent, &mark->station.canaries_arrived};
	char *copy = strdup(meta->value);
	char *at = copy;
	if (copy == NULL)
		return -ENOMEM;
	/* what is not there is 0: a report of too long a time, rather than none */
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		*fields[i] = strtoll(at, &at, 10);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		*counts[i] = strtoull(at, &at, 10);
	free(copy);
	digest->has_mark = true;
	return 0;
}

int digest_new(const struct digest_options *options, const struct digest_clock *clock,
    struct digest **ret_digest, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = MARK_KEY}}};
	struct digest *digest = calloc(1, sizeof *digest);
	if (digest == NULL)
		return complain(complaint, -ENOMEM, "out of memory for reports");
	digest->options = *options;
	digest->began_us = clock->monotonic_us;
	int result = store_each(options->store, &query, visit_mark, digest, complaint);
	if (result == -ENOMEM)
		result = complain(complaint, result, "out of memory for reports");
	if (result != 0)
		digest_free(digest);
	else
		*ret_digest = digest;
	return result;
}

void digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	digest_facts_free(digest->facts);
	free(digest);
}

void digest_note_window(struct digest *digest)
{
	digest->has_window = true;
}

/* ---- When ---- */

static int64_t period_us(const struct digest *digest)
{
	return weekday_period_days(&digest->options.at) * WHEN_DAY_US;
}

static int64_t last_due_us(
    const struct digest *digest, const struct roster *roster, int64_t wall_us)
{
	return weekday_last(&digest->options.at, roster->zone, wall_us);
}

/* The clock was far ahead when the last one was written: it counts from now on. */
static bool is_ahead(const struct digest *digest, int64_t due_us)
{
	return digest->mark.due_us > due_us + period_us(digest);
}

/* Soon after the last one, since another time or zone was set, there is none. */
static bool is_time(const struct digest *digest, int64_t due_us, const struct digest_clock *clock)
{
	const bool is_rested =
	    digest->has_window || clock->monotonic_us - digest->began_us >= DIGEST_REST_US;
	return is_rested && due_us - digest->mark.due_us >= DIGEST_APART_US &&
	       clock->wall_us > digest->mark.to_us;
}

bool digest_is_due(
    const struct digest *digest, const struct roster *roster, const struct digest_clock *clock)
{
	if (!digest->options.is_on)
		return digest->has_mark;
	if (!digest->has_mark || digest->mark.reader != NOBODY)
		return true;
	const int64_t due_us = last_due_us(digest, roster, clock->wall_us);
	return is_ahead(digest, due_us) || is_time(digest, due_us, clock);
}

/* ---- One letter ---- */

static int write_letter(struct digest *digest, const struct roster *roster,
    const struct roster_contact *contact, int64_t wall_us, struct complaint *complaint)
{
	const struct mark *mark = &digest->new_mark;
	const struct roster_member *member = roster_find_member(roster, contact->member_id);
	const struct digest_reader reader = {roster, contact->member_id, contact->severity_min};
	struct letter_digest letter = {
	    .member = contact->member_id == 0 || member == NULL ? NULL : member->name,
	    .registry = roster->registry,
	    .from_us = mark->from_us,
	    .to_us = mark->to_us,
	    .days = weekday_period_days(&digest->options.at),
	    .packets = mark->station.packets,
	    .packets_judged = tally_member(digest->options.tally, contact->member_id),
	    .dark_addresses = registry_dark_v4_count(roster->registry) + digest->learned,
	    .canaries_sent = mark->station.canaries_sent,
	    .canaries_arrived = mark->station.canaries_arrived,
	};
	digest_facts_count(digest->facts, &reader, &letter);
	int result =
	    digest_facts_list(digest->facts, &reader, DIGEST_OPEN, &digest->open, complaint);
	if (result == 0)
		result = digest_facts_list(
		    digest->facts, &reader, DIGEST_SMALL, &digest->small, complaint);
	if (result != 0)
		return result;
	letter.open = digest->open.lines;
	letter.open_listed = digest->open.listed;
	letter.open_count = digest->open.count;
	letter.small = digest->small.lines;
	letter.small_listed = digest->small.listed;
	letter.small_count = digest->small.count;
	const struct outbox_digest written = {contact, &letter, mark->due_us};
	return outbox_write_digest(digest->options.outbox, roster, &written, wall_us, complaint);
}

/* To all contacts of whose turn it is. Counts the letters. */
static int write_reader(struct digest *digest, const struct roster *roster, int64_t wall_us,
    size_t *letters, struct complaint *complaint)
{
	const int64_t reader = digest->new_mark.reader;
	int result = 0;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (contact->member_id != reader ||
		    !outbox_can_reach(digest->options.outbox, contact))
			continue;
		result = write_letter(digest, roster, contact, wall_us, complaint);
		(*letters)++;
	}
	tally_reset_member(digest->options.tally, reader);
	return result;
}

/* The member after this one by its id; NOBODY when there is none. */
static int64_t next_reader(const struct roster *roster, int64_t reader)
{
	int64_t next = NOBODY;
	for (size_t i = 0; i < roster->member_count; i++) {
		const int64_t id = roster->members[i].id;
		if (id > reader && id < next && id != ROSTER_CANARY_ID)
			next = id;
	}
	return next;
}

/* ---- A turn ---- */

static int put_mark(struct digest *digest, struct complaint *complaint)
{
	const struct mark *mark = &digest->new_mark;
	char value[MARK_BYTES];
	struct store_meta meta = {.key = MARK_KEY, .value = value};
	(void)snprintf(value, sizeof value,
	    "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
	    mark->due_us, mark->from_us, mark->to_us, mark->reader, mark->station.packets,
	    mark->station.canaries_sent, mark->station.canaries_arrived); /* it fits */
	digest->has_new = true;
	return store_put(digest->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

/* None is wanted: one that will be begins anew. */
static int remove_mark(struct digest *digest, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = MARK_KEY}}};
	digest->has_no_mark = true;
	return store_remove(digest->options.store, &query, NULL, complaint);
}

static void begin_report(struct digest *digest, int64_t due_us, int64_t wall_us)
{
	struct mark *mark = &digest->new_mark;
	*mark = (struct mark){
	    .due_us = due_us,
	    .from_us = digest->mark.to_us,
	    .to_us = wall_us,
	    .reader = 0,
	};
	tally_get_station(digest->options.tally, &mark->station);
	tally_reset_station(digest->options.tally);
	digest_facts_free(digest->facts);
	digest->facts = NULL;
}

/* Once for all readers. */
static int read_facts(
    struct digest *digest, const struct digest_span *span, struct complaint *complaint)
{
	const struct digest_options *options = &digest->options;
	digest->learned =
	    options->count_learned == NULL ? 0 : options->count_learned(options->context);
	return digest_facts_read(options->store, span, DIGEST_ITEMS_MAX, &digest->facts, complaint);
}

static int write_readers(struct digest *digest, const struct roster *roster, int64_t wall_us,
    struct complaint *complaint)
{
	struct mark *mark = &digest->new_mark;
	const struct digest_span span = {mark->from_us, mark->to_us};
	size_t letters = 0;
	int result = 0;
	if (digest->facts == NULL)
		result = read_facts(digest, &span, complaint);
	for (size_t i = 0; i < READERS_AT_ONCE && letters < DIGEST_LETTERS_AT_ONCE &&
			   mark->reader != NOBODY && result == 0;
	     i++) {
		result = write_reader(digest, roster, wall_us, &letters, complaint);
		mark->reader = next_reader(roster, mark->reader);
	}
	return result;
}

int digest_write(struct digest *digest, const struct roster *roster,
    const struct digest_clock *clock, struct complaint *complaint)
{
	const int64_t due_us = last_due_us(digest, roster, clock->wall_us);
	digest->has_new = false;
	digest->has_no_mark = false;
	if (!digest_is_due(digest, roster, clock))
		return 0;
	if (!digest->options.is_on)
		return remove_mark(digest, complaint);
	digest->new_mark = digest->mark;
	if (!digest->has_mark) {
		/* what was counted before is told with the first one as well */
		digest->new_mark = (struct mark){.due_us = due_us,
		    .from_us = clock->wall_us,
		    .to_us = clock->wall_us,
		    .reader = NOBODY};
	} else if (digest->mark.reader == NOBODY && is_ahead(digest, due_us)) {
		digest->new_mark.due_us = due_us;
		digest->new_mark.to_us = clock->wall_us;
	} else {
		if (digest->mark.reader == NOBODY)
			begin_report(digest, due_us, clock->wall_us);
		int result = write_readers(digest, roster, clock->wall_us, complaint);
		if (result != 0)
			return result;
	}
	return put_mark(digest, complaint);
}

void digest_commit(struct digest *digest)
{
	if (digest->has_no_mark)
		digest->has_mark = false;
	if (digest->has_new) {
		digest->has_mark = true;
		digest->mark = digest->new_mark;
	}
	digest_forget(digest);
	if (digest->mark.reader != NOBODY)
		return;
	digest_facts_free(digest->facts);
	digest->facts = NULL;
}

void digest_forget(struct digest *digest)
{
	digest->has_new = false;
	digest->has_no_mark = false;
}
