#include "cmd/station/delivery_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/when.h"

enum {
	WHAT_BYTES = ROSTER_ADDRESS_BYTES,
	REPLY_BYTES = LETTER_DETAIL_BYTES_MAX + 1,
};

/* What was wrong at the last look; by what it is called, since contacts may have one address. */
struct trouble {
	enum alarm alarm;
	char what[WHAT_BYTES];
	bool is_there; /* at this look */
};

struct delivery_watch {
	struct store *store; /* borrowed, as all */
	const struct outbox *outbox;
	struct trouble *troubles; /* twice DELIVERY_WATCH_MAX: of either alarm */
	size_t count;
	bool has_looked;
	int64_t looked_us;
};

int delivery_watch_new(
    struct store *store, const struct outbox *outbox, struct delivery_watch **ret_watch)
{
	struct delivery_watch *watch = calloc(1, sizeof *watch);
	if (watch == NULL)
		return -ENOMEM;
	watch->store = store;
	watch->outbox = outbox;
	watch->troubles = calloc((size_t)2 * DELIVERY_WATCH_MAX, sizeof *watch->troubles);
	if (watch->troubles == NULL) {
		delivery_watch_free(watch);
		return -ENOMEM;
	}
	*ret_watch = watch;
	return 0;
}

void delivery_watch_free(struct delivery_watch *watch)
{
	if (watch == NULL)
		return;
	free(watch->troubles);
	free(watch);
}

/* A look under way. */
struct look {
	struct delivery_watch *watch;
	const struct roster *roster;
	const struct delivery_reporter *reporter;
	struct complaint *complaint;
};

static struct trouble *find_trouble(
    struct delivery_watch *watch, enum alarm alarm, const char *what)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch->troubles[i].alarm == alarm && strcmp(watch->troubles[i].what, what) == 0)
			return &watch->troubles[i];
	return NULL;
}

static size_t count_troubles(const struct delivery_watch *watch, enum alarm alarm)
{
	size_t count = 0;
	for (size_t i = 0; i < watch->count; i++)
		count += watch->troubles[i].alarm == alarm;
	return count;
}

static void report_on(const struct look *look, struct delivery_report *report)
{
	struct delivery_watch *watch = look->watch;
	struct trouble *trouble = find_trouble(watch, report->alarm, report->what);
	report->is_on = true;
	report->is_new = trouble == NULL;
	if (trouble == NULL && count_troubles(watch, report->alarm) == DELIVERY_WATCH_MAX)
		return;
	if (trouble == NULL) {
		trouble = &watch->troubles[watch->count++];
		trouble->alarm = report->alarm;
		(void)snprintf(trouble->what, sizeof trouble->what, "%s", report->what);
	}
	trouble->is_there = true;
	look->reporter->report(look->reporter->context, report);
}

static void report_off(const struct look *look, enum alarm alarm, const char *what, bool is_new)
{
	const struct delivery_report report = {.alarm = alarm, .what = what, .is_new = is_new};
	look->reporter->report(look->reporter->context, &report);
}

/* ---- Contacts ---- */

/* Of a contact's letters, from the last one on, until one that arrived. */
struct letters {
	int64_t since_us;
	int64_t reply_us;
	char reply[REPLY_BYTES];
};

static int visit_letter(void *context, const void *record)
{
	struct letters *letters = context;
	const struct store_notice *notice = record;
	if (notice->state == NOTICE_DELIVERED)
		return 1;
	if (notice->attempts == 0)
		return 0;
	letters->since_us = notice->created_us;
	if (notice->last_us < letters->reply_us || notice->reply[0] == '\0')
		return 0;
	letters->reply_us = notice->last_us;
	(void)snprintf(letters->reply, sizeof letters->reply, "%s", notice->reply); /* or cut */
	return 0;
}

static int visit_bounce(void *context, const void *record)
{
	struct letters *letters = context;
	const struct store_contact *contact = record;
	if (letters->since_us == 0)
		letters->since_us = contact->bounced_us;
	if (letters->reply[0] == '\0')
		(void)snprintf(
		    letters->reply, sizeof letters->reply, "%s", contact->bounce); /* or cut */
	return 1;
}

/* A server may have taken a later one already, which comes back as well, only later. */
static int look_for_bounce(const struct look *look, int64_t contact, struct letters *letters)
{
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = contact}},
	};
	return store_each(look->watch->store, &which, visit_bounce, letters, look->complaint);
}

/* Of a web hook only the host: the rest of its address may be a secret. */
static void name_contact(const struct roster_contact *contact, char out[static WHAT_BYTES])
{
	struct url url;
	const char *why;
	const bool is_hook =
	    contact->kind == CONTACT_WEBHOOK && url_parse(contact->address, &url, &why) == 0;
	(void)snprintf(out, WHAT_BYTES, "%s", is_hook ? url.endpoint.host : contact->address);
}

static int report_contact(const struct look *look, const struct roster_contact *contact)
{
	char what[WHAT_BYTES];
	static const int64_t waiting[] = {NOTICE_WAITING, NOTICE_SENDING};
	const struct store_query last = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .number = contact->id}},
	    .order = "id",
	    .descending = true,
	    .limit = DELIVERY_LETTERS_MAX,
	};
	const struct store_query open = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .number = contact->id},
		{.column = "state", .test = STORE_IN, .numbers = waiting, .count = 2}},
	};
	struct letters letters = {.since_us = 0};
	int64_t count = 0;
	int result = store_each(look->watch->store, &last, visit_letter, &letters, look->complaint);
	if (result >= 0)
		result = look_for_bounce(look, contact->id, &letters);
	if (result >= 0)
		result = store_count(look->watch->store, &open, &count, look->complaint);
	if (result < 0)
		return result;
	name_contact(contact, what);
	struct delivery_report report = {
	    .alarm = ALARM_DELIVERY_FAILING,
	    .what = what,
	    .detail = letters.reply[0] != '\0' ? letters.reply : NULL,
	    .since_us = letters.since_us,
	    .number = (uint64_t)count,
	};
	report_on(look, &report);
	return 0;
}

static int look_at_contacts(const struct look *look)
{
	const struct roster *roster = look->roster;
	int result = 0;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++)
		if (roster->contacts[i].state == CONTACT_FAILING)
			result = report_contact(look, &roster->contacts[i]);
	return result;
}

/* ---- Members ---- */

static const char *name_of(const struct roster *roster, int64_t member_id)
{
	const struct roster_member *member = roster_find_member(roster, member_id);
	return member == NULL ? NULL : member->name;
}

static void look_at_held(const struct look *look)
{
	size_t position = 0;
	struct outbox_held held;
	while (outbox_next_held(look->watch->outbox, &position, &held)) {
		struct delivery_report report = {
		    .alarm = ALARM_NOTICES_HELD,
		    .what = name_of(look->roster, held.reader),
		    .since_us = held.since_us,
		    .number = held.count + held.told,
		};
		if (report.what != NULL) /* else it is a member no more */
			report_on(look, &report);
	}
}

/* ---- What is over ---- */

static void report_over(const struct look *look)
{
	struct delivery_watch *watch = look->watch;
	size_t kept = 0;
	for (size_t i = 0; i < watch->count; i++) {
		struct trouble *trouble = &watch->troubles[i];
		if (!trouble->is_there) {
			report_off(look, trouble->alarm, trouble->what, true);
			continue;
		}
		trouble->is_there = false;
		if (kept != i)
			watch->troubles[kept] = *trouble;
		kept++;
	}
	watch->count = kept;
}

/* Of all that is well: an alarm of before the start ends so. */
static void report_well(const struct look *look)
{
	const struct roster *roster = look->roster;
	for (size_t i = 0; i < roster->contact_count; i++) {
		char what[WHAT_BYTES];
		name_contact(&roster->contacts[i], what);
		if (find_trouble(look->watch, ALARM_DELIVERY_FAILING, what) == NULL)
			report_off(look, ALARM_DELIVERY_FAILING, what, false);
	}
	for (size_t i = 0; i < roster->member_count; i++) {
		const char *name = roster->members[i].name;
		if (find_trouble(look->watch, ALARM_NOTICES_HELD, name) == NULL)
			report_off(look, ALARM_NOTICES_HELD, name, false);
	}
}

int delivery_watch_look(struct delivery_watch *watch, const struct roster *roster,
    int64_t monotonic_us, const struct delivery_reporter *reporter, struct complaint *complaint)
{
	const struct look look = {watch, roster, reporter, complaint};
	if (watch->has_looked && monotonic_us - watch->looked_us < DELIVERY_LOOK_US)
		return 0;
	watch->looked_us = monotonic_us;
	int result = look_at_contacts(&look);
	if (result != 0)
		return result; /* the next look tells what is over */
	look_at_held(&look);
	report_over(&look);
	if (!watch->has_looked)
		report_well(&look);
	watch->has_looked = true;
	return 0;
}
