#include "cmd/station/certificate_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"

/* The key of a store_meta: "certificate.12", of the contact 12, 0 for our own; its value: when the
 * certificate ends, and how many days before that was told. */
#define KEY_PREFIX "certificate."
#define LOOK_US    WHEN_MINUTE_US

enum {
	KEY_BYTES = 48,
	VALUE_BYTES = 48,
	OWN = 0, /* no contact has this number */
};

static const int stages[] = {0, 3, 14, 30};

/* What was told of one. */
struct told {
	int64_t contact;
	int64_t until_us;
	int stage;                /* so many days before its end */
	int64_t written_until_us; /* in this transaction, 0: nothing */
	int written_stage;
};

struct certificate_watch {
	struct certificate_watch_options options;
	struct told *told;
	size_t count;
	size_t room;
	int64_t looked_us; /* monotonic; INT64_MIN before the first time */
	bool is_due;
};

/* ---- What was told ---- */

static struct told *find(const struct certificate_watch *watch, int64_t contact)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch->told[i].contact == contact)
			return &watch->told[i];
	return NULL;
}

static struct told *add(struct certificate_watch *watch, int64_t contact)
{
	if (watch->count == watch->room) {
		const size_t room = watch->room == 0 ? 16 : watch->room * 2;
		struct told *grown = reallocarray(watch->told, room, sizeof *grown);
		if (grown == NULL)
			return NULL;
		watch->told = grown;
		watch->room = room;
	}
	struct told *told = &watch->told[watch->count++];
	*told = (struct told){.contact = contact};
	return told;
}

static int visit_meta(void *context, const void *record)
{
	struct certificate_watch *watch = context;
	const struct store_meta *meta = record;
	int64_t until_us;
	int stage;
	if (sscanf(meta->value, "%" SCNd64 " %d", &until_us, &stage) != 2)
		return 0; /* it is told again */
	struct told *told =
	    add(watch, strtoll(meta->key + sizeof KEY_PREFIX - 1, NULL, 10)); /* it begins so */
	if (told == NULL)
		return -ENOMEM;
	told->until_us = until_us;
	told->stage = stage;
	return 0;
}

int certificate_watch_new(const struct certificate_watch_options *options,
    struct certificate_watch **ret_watch, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = KEY_PREFIX},
		/* the sign after the full stop */
		{.column = "key", .test = STORE_BELOW, .text = "certificate/"}},
	};
	struct certificate_watch *watch = calloc(1, sizeof *watch);
	if (watch == NULL)
		return complain(complaint, -ENOMEM, "out of memory for the keeper");
	watch->options = *options;
	watch->looked_us = INT64_MIN;
	int result = store_each(options->store, &query, visit_meta, watch, complaint);
	if (result != 0)
		certificate_watch_free(watch);
	else
		*ret_watch = watch;
	return result;
}

void certificate_watch_free(struct certificate_watch *watch)
{
	if (watch == NULL)
		return;
	free(watch->told);
	free(watch);
}

/* ---- What is due ---- */

/* The last of the stages that has come; -1: none. */
static int stage_of(int64_t until_us, int64_t wall_us)
{
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		if (until_us - wall_us <= stages[i] * WHEN_DAY_US)
			return stages[i];
	return -1;
}

static bool is_due(
    const struct certificate_watch *watch, int64_t contact, int64_t until_us, int64_t wall_us)
{
	const int stage = stage_of(until_us, wall_us);
	const struct told *told = find(watch, contact);
	return stage >= 0 && (told == NULL || told->until_us != until_us || stage < told->stage);
}

static bool is_watched(const struct certificate_watch *watch, const struct roster_contact *contact)
{
	return contact->certificate != NULL && contact->kind == CONTACT_MAIL &&
	       outbox_can_reach(watch->options.outbox, contact);
}

static bool owns_one(const struct certificate_watch *watch)
{
	return watch->options.own != NULL && watch->options.own->until_us != 0;
}

static bool look(
    const struct certificate_watch *watch, const struct roster *roster, int64_t wall_us)
{
	if (owns_one(watch) && is_due(watch, OWN, watch->options.own->until_us, wall_us))
		return true;
	for (size_t i = 0; i < roster->contact_count; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (is_watched(watch, contact) &&
		    is_due(watch, contact->id, contact->certificate_until_us, wall_us))
			return true;
	}
	return false;
}

bool certificate_watch_is_due(struct certificate_watch *watch, const struct roster *roster,
    int64_t wall_us, int64_t monotonic_us)
{
	if (watch->looked_us == INT64_MIN || monotonic_us - watch->looked_us >= LOOK_US) {
		watch->looked_us = monotonic_us;
		watch->is_due = look(watch, roster, wall_us);
	}
	return watch->is_due;
}

/* ---- Letters ---- */

struct writing {
	struct certificate_watch *watch;
	const struct roster *roster;
	int64_t wall_us;
	struct complaint *complaint;
};

/* What is left of it, in days that have begun. */
static unsigned days_left(int64_t until_us, int64_t wall_us)
{
	return until_us <= wall_us
		   ? 0
		   : (unsigned)((until_us - wall_us + WHEN_DAY_US - 1) / WHEN_DAY_US);
}

static int note(const struct writing *writing, int64_t contact, int64_t until_us)
{
	struct certificate_watch *watch = writing->watch;
	char key[KEY_BYTES];
	char value[VALUE_BYTES];
	struct told *told = find(watch, contact);
	if (told == NULL)
		told = add(watch, contact);
	if (told == NULL)
		return complain(writing->complaint, -ENOMEM, "out of memory for the keeper");
	told->written_until_us = until_us;
	told->written_stage = stage_of(until_us, writing->wall_us);
	(void)snprintf(key, sizeof key, KEY_PREFIX "%" PRId64, contact); /* fits, as the next */
	(void)snprintf(value, sizeof value, "%" PRId64 " %d", until_us, told->written_stage);
	struct store_meta meta = {.key = key, .value = value};
	return store_put(
	    watch->options.store, STORE_RECORD(&meta), STORE_REPLACE, writing->complaint);
}

static int tell(const struct writing *writing, const struct roster_contact *reader,
    const struct letter_certificate *letter)
{
	const struct outbox_certificate certificate = {reader, letter};
	return outbox_write_certificate(writing->watch->options.outbox, writing->roster,
	    &certificate, writing->wall_us, writing->complaint);
}

static int tell_operator(const struct writing *writing, const struct letter_certificate *letter)
{
	int result = 0;
	for (size_t i = 0; i < writing->roster->contact_count && result == 0; i++) {
		const struct roster_contact *reader = &writing->roster->contacts[i];
		if (reader->member_id == 0 &&
		    outbox_can_reach(writing->watch->options.outbox, reader))
			result = tell(writing, reader, letter);
	}
	return result;
}

static int write_own(const struct writing *writing)
{
	const struct certificate_watch_options *options = &writing->watch->options;
	const struct letter_certificate letter = {
	    .kind = LETTER_CERTIFICATE_OWN,
	    .address = options->address,
	    .until_us = options->own->until_us,
	    .days = days_left(options->own->until_us, writing->wall_us),
	};
	int result = tell_operator(writing, &letter);
	return result != 0 ? result : note(writing, OWN, options->own->until_us);
}

static int write_contact(const struct writing *writing, const struct roster_contact *contact)
{
	const struct roster_member *member =
	    contact->member_id == 0 ? NULL
				    : roster_find_member(writing->roster, contact->member_id);
	struct letter_certificate letter = {
	    .kind = LETTER_CERTIFICATE_YOURS,
	    .address = contact->address,
	    .contact = contact->id,
	    .member = member == NULL ? NULL : member->name,
	    .until_us = contact->certificate_until_us,
	    .days = days_left(contact->certificate_until_us, writing->wall_us),
	};
	int result = contact->member_id == 0 ? 0 : tell(writing, contact, &letter);
	letter.kind = LETTER_CERTIFICATE_CONTACT;
	if (result == 0)
		result = tell_operator(writing, &letter);
	return result != 0 ? result : note(writing, contact->id, contact->certificate_until_us);
}

int certificate_watch_write(struct certificate_watch *watch, const struct roster *roster,
    int64_t wall_us, struct complaint *complaint)
{
	const struct writing writing = {watch, roster, wall_us, complaint};
	int result = 0;
	if (!watch->is_due)
		return 0;
	if (owns_one(watch) && is_due(watch, OWN, watch->options.own->until_us, wall_us))
		result = write_own(&writing);
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		if (is_watched(watch, contact) &&
		    is_due(watch, contact->id, contact->certificate_until_us, wall_us))
			result = write_contact(&writing, contact);
	}
	return result;
}

void certificate_watch_commit(struct certificate_watch *watch)
{
	watch->is_due = false;
	for (size_t i = 0; i < watch->count; i++) {
		struct told *told = &watch->told[i];
		if (told->written_until_us == 0)
			continue;
		told->until_us = told->written_until_us;
		told->stage = told->written_stage;
		told->written_until_us = 0;
	}
}

void certificate_watch_forget(struct certificate_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		watch->told[i].written_until_us = 0;
}
