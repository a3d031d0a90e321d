/* outbox_send.c - what is due goes to the courier, and what came of it into the store. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cmd/station/outbox_internal.h"
#include "cmd/station/returns.h"
#include "notify/glyph.h"
#include "notify/retry.h"

enum {
	MENDED_AT_ONCE = 256,
};

static const char not_wanted[] = "the contact was removed, or wants no letters";
static const char too_large[] = "it is larger than anything that can be sent";

static struct flight *find_flight(struct outbox *outbox, int64_t notice)
{
	for (size_t i = 0; i < OUTBOX_SENDING_MAX; i++)
		if (outbox->flights[i].notice == notice)
			return &outbox->flights[i];
	return NULL;
}

static const struct roster_contact *find_contact(const struct roster *roster, int64_t id)
{
	for (size_t i = 0; i < roster->contact_count; i++)
		if (roster->contacts[i].id == id)
			return &roster->contacts[i];
	return NULL;
}

/* Only the letter that asks for it goes to an address before somebody there gave its code. */
static bool may_send(const struct roster_contact *contact, enum notice_kind kind)
{
	return contact != NULL && contact->state != CONTACT_STOPPED &&
	       (contact->state != CONTACT_UNVERIFIED || kind == NOTICE_VERIFY);
}

struct dispatching {
	struct outbox *outbox;
	const struct roster *roster;
	const struct outbox_sender *sender;
	int64_t wall_us;
	int64_t chosen[OUTBOX_SENDING_MAX];
	size_t chosen_count;
	bool found_busy; /* a contact, or a way, that has as much as it may have */
};

static size_t count_flights(const struct outbox *outbox)
{
	size_t count = 0;
	for (size_t i = 0; i < OUTBOX_SENDING_MAX; i++)
		count += outbox->flights[i].notice != 0;
	return count;
}

static bool is_busy(const struct outbox *outbox, const struct roster_contact *contact)
{
	size_t to_contact = 0;
	size_t by_way = 0;
	for (size_t i = 0; i < OUTBOX_SENDING_MAX; i++) {
		const struct flight *flight = &outbox->flights[i];
		to_contact += flight->notice != 0 && flight->contact == contact->id;
		by_way += flight->notice != 0 && flight->way == contact->kind;
	}
	return to_contact >= OUTBOX_CONTACT_MAX || by_way >= OUTBOX_WAY_MAX;
}

/* There is room: nothing is sent without room for what comes of it. */
static void keep_result(
    struct outbox *outbox, const struct flight *flight, const struct outbox_result *result)
{
	assert(outbox->result_count < OUTBOX_RESULTS_MAX);
	struct kept_result *kept = &outbox->results[outbox->result_count++];
	*kept = (struct kept_result){
	    .flight = *flight,
	    .outcome = result->outcome,
	    .at_us = result->at_us,
	};
	/* the courier speaks with anybody: the store refuses what is no text */
	glyph_copy_visible(result->reply, kept->reply, sizeof kept->reply);
}

/* It never arrives. */
static void refuse(
    const struct dispatching *dispatching, const struct flight *flight, const char *why)
{
	const struct outbox_result result = {
	    .notice = flight->notice,
	    .outcome = COURIER_PERMANENT,
	    .reply = why,
	    .at_us = dispatching->wall_us,
	};
	keep_result(dispatching->outbox, flight, &result);
}

static bool has_result(const struct outbox *outbox, int64_t notice)
{
	for (size_t i = 0; i < outbox->result_count; i++)
		if (outbox->results[i].flight.notice == notice)
			return true;
	return false;
}

static struct flight flight_of(const struct store_notice *notice)
{
	return (struct flight){
	    .notice = notice->id,
	    .incident = notice->incident_id,
	    .contact = notice->contact_id,
	    .kind = notice->kind,
	    .attempts = (unsigned)notice->attempts,
	    .unknown = (unsigned)notice->unknown,
	};
}

static bool has_room(const struct outbox *outbox)
{
	const size_t flights = count_flights(outbox);
	return flights < OUTBOX_SENDING_MAX && flights + outbox->result_count < OUTBOX_RESULTS_MAX;
}

static int visit_due(void *context, const void *record)
{
	struct dispatching *dispatching = context;
	struct outbox *outbox = dispatching->outbox;
	const struct store_notice *notice = record;
	if (find_flight(outbox, notice->id) != NULL || has_result(outbox, notice->id))
		return 0;
	if (!has_room(outbox))
		return 1;
	struct flight flight = flight_of(notice);
	const struct roster_contact *contact =
	    find_contact(dispatching->roster, notice->contact_id);
	if (!may_send(contact, notice->kind)) {
		refuse(dispatching, &flight, not_wanted);
		return 0;
	}
	if (is_busy(outbox, contact)) {
		dispatching->found_busy = true;
		return 0;
	}
	flight.way = contact->kind;
	dispatching->chosen[dispatching->chosen_count++] = notice->id;
	*find_flight(outbox, 0) = flight;
	return 0;
}

/* Behind many letters to somebody who is slow stand those to others: of some of them each time. */
static int choose_others(
    struct dispatching *dispatching, const struct store_query *due, struct complaint *complaint)
{
	struct outbox *outbox = dispatching->outbox;
	const struct roster *roster = dispatching->roster;
	int64_t others[STORE_LIST_MAX];
	size_t count = 0;
	for (size_t i = 0; i < roster->contact_count && count < STORE_LIST_MAX; i++) {
		const struct roster_contact *contact =
		    &roster->contacts[outbox->others++ % roster->contact_count];
		if (!is_busy(outbox, contact))
			others[count++] = contact->id;
	}
	if (count == 0)
		return 0;
	struct store_query query = *due;
	query.conditions[2] = (struct store_condition){
	    .column = "contact_id", .test = STORE_IN, .numbers = others, .count = count};
	return store_each(outbox->options.store, &query, visit_due, dispatching, complaint);
}

/* Chooses what is due; nothing has left yet. */
static int choose(struct dispatching *dispatching, struct complaint *complaint)
{
	const struct store_query due = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "state", .test = STORE_IS, .number = NOTICE_WAITING},
		{.column = "next_us", .test = STORE_BELOW, .number = dispatching->wall_us + 1}},
	    .order = "next_us",
	    /* those on their way, and with a result that is not written yet, may still be due in
	       the store */
	    .limit = OUTBOX_SENDING_MAX + OUTBOX_RESULTS_MAX,
	};
	int result =
	    store_each(dispatching->outbox->options.store, &due, visit_due, dispatching, complaint);
	if (result == 0 && dispatching->found_busy)
		result = choose_others(dispatching, &due, complaint);
	return result > 0 ? 0 : result;
}

static struct store_query query_chosen(const struct dispatching *dispatching)
{
	return (struct store_query){
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "id",
		.test = STORE_IN,
		.numbers = dispatching->chosen,
		.count = dispatching->chosen_count}},
	};
}

static void drop_chosen(struct dispatching *dispatching)
{
	for (size_t i = 0; i < dispatching->chosen_count; i++)
		*find_flight(dispatching->outbox, dispatching->chosen[i]) =
		    (struct flight){.notice = 0};
	dispatching->chosen_count = 0;
}

/*
 * Before any of it leaves: whoever finds it so after a crash knows that it may have left. Where
 * that cannot be written (a full disk), a letter that goes out uncounted is better than none.
 */
static int mark_chosen(struct dispatching *dispatching, struct complaint *complaint)
{
	struct store *store = dispatching->outbox->options.store;
	const struct store_query chosen = query_chosen(dispatching);
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = NOTICE_SENDING}};
	if (dispatching->chosen_count == 0)
		return 0;
	int result = store_begin(store, complaint);
	if (result == 0) {
		result = store_change(store, &chosen, changes, NULL, complaint);
		if (result != 0)
			store_rollback(store);
		else
			result = store_commit(store, complaint);
	}
	return result;
}

static int visit_chosen(void *context, const void *record)
{
	struct dispatching *dispatching = context;
	const struct store_notice *notice = record;
	struct flight *flight = find_flight(dispatching->outbox, notice->id);
	const struct roster_contact *contact =
	    find_contact(dispatching->roster, notice->contact_id);
	if (!may_send(contact, notice->kind)) {
		refuse(dispatching, flight, not_wanted);
		*flight = (struct flight){.notice = 0};
		return 0;
	}
	char signature[SIGNATURE_TEXT_BYTES];
	struct outbox_parcel parcel = {
	    .notice = notice->id,
	    .kind = contact->kind,
	    .address = contact->address,
	    .message_id = notice->message_id,
	    .body = notice->body,
	};
	outbox_dress(&parcel, contact, dispatching->wall_us, signature);
	int result = dispatching->sender->send(dispatching->sender->context, &parcel);
	if (result == -EMSGSIZE) { /* nor would it be later; those behind it wait for it */
		refuse(dispatching, flight, too_large);
		*flight = (struct flight){.notice = 0};
		return 0;
	}
	flight->is_given = result == 0;
	return result != 0;
}

/* Of what was removed from the store meanwhile nothing is left to be sent. */
static void drop_removed(struct outbox *outbox)
{
	for (size_t i = 0; i < OUTBOX_SENDING_MAX; i++)
		if (!outbox->flights[i].is_given)
			outbox->flights[i] = (struct flight){.notice = 0};
}

/* What the sender has not got yet, in the order of their numbers. */
static int give(struct dispatching *dispatching, struct complaint *complaint)
{
	struct outbox *outbox = dispatching->outbox;
	dispatching->chosen_count = 0;
	for (size_t i = 0; i < OUTBOX_SENDING_MAX; i++)
		if (outbox->flights[i].notice != 0 && !outbox->flights[i].is_given)
			dispatching->chosen[dispatching->chosen_count++] =
			    outbox->flights[i].notice;
	if (dispatching->chosen_count == 0)
		return 0;
	const struct store_query chosen = query_chosen(dispatching);
	int result =
	    store_each(outbox->options.store, &chosen, visit_chosen, dispatching, complaint);
	if (result == 0)
		drop_removed(outbox); /* all that are there were given */
	return result > 0 ? 0 : result;
}

int outbox_dispatch(struct outbox *outbox, const struct roster *roster, int64_t wall_us,
    const struct outbox_sender *sender, struct complaint *complaint)
{
	struct dispatching dispatching = {
	    .outbox = outbox, .roster = roster, .sender = sender, .wall_us = wall_us};
	int result = choose(&dispatching, complaint);
	if (result != 0) {
		drop_chosen(&dispatching);
		return result;
	}
	struct complaint why = {""};
	const int marked = mark_chosen(&dispatching, &why);
	result = give(&dispatching, complaint);
	return result != 0 || marked == 0 ? result : complain(complaint, marked, "%s", why.text);
}

struct finding_flights {
	struct outbox *outbox;
	int64_t wall_us;
};

static int visit_sending(void *context, const void *record)
{
	const struct finding_flights *finding = context;
	const struct flight flight = flight_of(record);
	const struct outbox_result lost = {
	    .notice = flight.notice,
	    .outcome = COURIER_UNKNOWN,
	    .reply = "the station ended while it was sending",
	    .at_us = finding->wall_us,
	};
	keep_result(finding->outbox, &flight, &lost);
	return 0;
}

int outbox_load_flights(struct outbox *outbox, int64_t wall_us, struct complaint *complaint)
{
	struct finding_flights finding = {outbox, wall_us};
	const struct store_query sending = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "state", .test = STORE_IS, .number = NOTICE_SENDING}},
	    .limit = OUTBOX_RESULTS_MAX, /* there are never more */
	};
	return store_each(outbox->options.store, &sending, visit_sending, &finding, complaint);
}

void outbox_note_result(struct outbox *outbox, const struct outbox_result *result)
{
	struct flight *flight = find_flight(outbox, result->notice);
	if (flight == NULL || result->notice == 0 || !flight->is_given)
		return; /* of a courier that was lost */
	keep_result(outbox, flight, result);
	*flight = (struct flight){.notice = 0};
}

void outbox_lose_courier(struct outbox *outbox, int64_t wall_us)
{
	for (size_t i = 0; i < OUTBOX_SENDING_MAX; i++) {
		const struct outbox_result lost = {
		    .notice = outbox->flights[i].notice,
		    .outcome = COURIER_UNKNOWN,
		    .reply = "the courier ended while it was sending",
		    .at_us = wall_us,
		};
		outbox_note_result(outbox, &lost);
	}
}

/* Of the attempts, the last one included. */
static unsigned unknown_of(const struct kept_result *kept)
{
	return kept->flight.unknown + (kept->outcome == COURIER_UNKNOWN);
}

static int change_notice(struct outbox *outbox, const struct kept_result *kept,
    const struct retry_plan *plan, struct complaint *complaint)
{
	const bool is_delivered = plan->verdict == RETRY_DELIVERED;
	const bool held_code = kept->flight.kind == NOTICE_VERIFY && plan->verdict != RETRY_AGAIN;
	const struct store_query which = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = kept->flight.notice}},
	};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state",
		.number = is_delivered                    ? NOTICE_DELIVERED
			  : plan->verdict == RETRY_FAILED ? NOTICE_FAILED
							  : NOTICE_WAITING},
	    {.column = "attempts", .number = kept->flight.attempts + 1},
	    {.column = "unknown", .number = unknown_of(kept)},
	    {.column = "next_us", .number = plan->verdict == RETRY_AGAIN ? plan->next_us : 0},
	    {.column = "last_us", .number = kept->at_us},
	    {.column = "reply", .text = kept->reply},
	    {.column = "delivered_us", .number = is_delivered ? kept->at_us : 0},
	    {.column = held_code ? "body" : NULL,
		.bytes = {OUTBOX_NO_BODY, sizeof OUTBOX_NO_BODY - 1}},
	};
	return store_change(outbox->options.store, &which, changes, NULL, complaint);
}

static int visit_bounced(void *context, const void *record)
{
	const struct store_contact *contact = record;
	*(int64_t *)context = contact->bounced_us;
	return 0;
}

/* Servers take letters first, and give them back later (returns.h). */
static int came_back_lately(const struct outbox *outbox, const struct kept_result *kept,
    bool *ret_did, struct complaint *complaint)
{
	int64_t bounced_us = 0;
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = kept->flight.contact}},
	};
	int result =
	    store_each(outbox->options.store, &which, visit_bounced, &bounced_us, complaint);
	*ret_did = bounced_us != 0 && kept->at_us < bounced_us + RETURNS_AMBER_US;
	return result;
}

/* A contact is amber as long as letters do not arrive there. */
static int change_contact(struct outbox *outbox, const struct kept_result *kept,
    const struct retry_plan *plan, struct complaint *complaint)
{
	const bool arrives = plan->verdict == RETRY_DELIVERED;
	bool stays_amber = false;
	if (kept->flight.kind == NOTICE_VERIFY || (!arrives && !plan->is_amber))
		return 0;
	int result = !arrives ? 0 : came_back_lately(outbox, kept, &stays_amber, complaint);
	if (result != 0 || stays_amber)
		return result;
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = kept->flight.contact},
		{.column = "state",
		    .test = STORE_IS,
		    .number = arrives ? CONTACT_FAILING : CONTACT_VERIFIED}},
	};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = arrives ? CONTACT_VERIFIED : CONTACT_FAILING},
	    {.column = "failures", .number = arrives ? 0 : kept->flight.attempts + 1},
	    /* where it arrives again nothing comes back any more */
	    {.column = arrives ? "bounced_us" : NULL, .number = 0},
	    {.column = "bounce", .text = ""},
	};
	int64_t count = 0;
	result = store_change(outbox->options.store, &which, changes, &count, complaint);
	outbox->contacts_changed |= count > 0;
	return result;
}

static void note_delivery(
    struct outbox *outbox, const struct kept_result *kept, int64_t observed_us)
{
	struct incident *incident =
	    kept->flight.incident == 0
		? NULL
		: casebook_find(outbox->options.casebook, kept->flight.incident);
	const struct incident_deed delivered = {.event = INCIDENT_DELIVERED, .by = "", .note = ""};
	if (incident != NULL) /* it can happen in every state */
		(void)casebook_do(outbox->options.casebook, incident, &delivered, observed_us);
}

static int write_result(
    struct outbox *outbox, const struct kept_result *kept, struct complaint *complaint)
{
	const struct retry_history history = {
	    .attempts = kept->flight.attempts + 1,
	    .unknown = unknown_of(kept),
	};
	struct retry_plan plan =
	    retry_plan(&history, kept->outcome, (uint64_t)kept->flight.notice, kept->at_us);
	/* a week of them would bury whoever reads them when they come at last */
	if (kept->flight.kind == NOTICE_CANARY && history.attempts >= OUTBOX_CANARY_ATTEMPTS &&
	    plan.verdict == RETRY_AGAIN)
		plan.verdict = RETRY_FAILED;
	outbox->delivered += plan.verdict == RETRY_DELIVERED;
	outbox->attempts_failed += plan.verdict != RETRY_DELIVERED;
	outbox->failed += plan.verdict == RETRY_FAILED;
	int result = change_notice(outbox, kept, &plan, complaint);
	return result != 0 ? result : change_contact(outbox, kept, &plan, complaint);
}

int outbox_write_results(struct outbox *outbox, int64_t observed_us, struct complaint *complaint)
{
	int result = 0;
	outbox->results_written = 0;
	for (size_t i = 0; i < outbox->result_count && result == 0; i++) {
		const struct kept_result *kept = &outbox->results[i];
		result = write_result(outbox, kept, complaint);
		if (result == 0 && kept->outcome == COURIER_DELIVERED)
			note_delivery(outbox, kept, observed_us);
		outbox->results_written += result == 0;
	}
	return result;
}

/* Letters that were planned in the future: when, as it should be. */
struct mended {
	int64_t notice;
	int64_t next_us;
	int64_t created_us;
	int64_t last_us;
};

struct mending {
	int64_t wall_us;
	struct mended list[MENDED_AT_ONCE];
	size_t count;
	int64_t after; /* the last one that was looked at */
};

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int visit_planned(void *context, const void *record)
{
	struct mending *mending = context;
	const struct store_notice *notice = record;
	const int64_t planned_us =
	    notice->last_us > notice->created_us ? notice->last_us : notice->created_us;
	mending->after = notice->id;
	if (planned_us > mending->wall_us)
		mending->list[mending->count++] = (struct mended){
		    .notice = notice->id,
		    .next_us = notice->next_us - (planned_us - mending->wall_us),
		    .created_us = earlier(notice->created_us, mending->wall_us),
		    .last_us = earlier(notice->last_us, mending->wall_us),
		};
	return mending->count == MENDED_AT_ONCE;
}

static int mend(struct outbox *outbox, const struct mending *mending, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < mending->count && result == 0; i++) {
		const struct store_query which = {
		    .kind = STORE_NOTICE,
		    .conditions = {{.column = "id",
			.test = STORE_IS,
			.number = mending->list[i].notice}},
		};
		/* so that it is seen no more that it was planned in the future */
		const struct store_change changes[STORE_CHANGES_MAX] = {
		    {.column = "next_us", .number = mending->list[i].next_us},
		    {.column = "created_us", .number = mending->list[i].created_us},
		    {.column = "last_us", .number = mending->list[i].last_us},
		};
		result = store_change(outbox->options.store, &which, changes, NULL, complaint);
	}
	return result;
}

int outbox_mend_times(struct outbox *outbox, int64_t wall_us, struct complaint *complaint)
{
	struct mending mending = {.wall_us = wall_us, .after = 0};
	int result = 1;
	while (result > 0) {
		const struct store_query waiting = {
		    .kind = STORE_NOTICE,
		    .conditions = {{.column = "state", .test = STORE_IS, .number = NOTICE_WAITING},
			{.column = "next_us", .test = STORE_FROM, .number = wall_us},
			{.column = "id", .test = STORE_FROM, .number = mending.after + 1}},
		};
		mending.count = 0;
		result =
		    store_each(outbox->options.store, &waiting, visit_planned, &mending, complaint);
		const int mended = mend(outbox, &mending, complaint);
		if (mended != 0)
			result = mended;
	}
	return result;
}

bool outbox_has_results(const struct outbox *outbox)
{
	return outbox->result_count > 0;
}

void outbox_commit_results(struct outbox *outbox)
{
	const size_t written = outbox->results_written;
	if (written == 0)
		return;
	memmove(outbox->results, outbox->results + written,
	    (outbox->result_count - written) * sizeof *outbox->results);
	outbox->result_count -= written;
	outbox->results_written = 0;
}

bool outbox_take_contacts_changed(struct outbox *outbox)
{
	bool changed = outbox->contacts_changed;
	outbox->contacts_changed = false;
	return changed;
}

struct measuring {
	int64_t count;
	int64_t oldest_us;
};

static int visit_waiting(void *context, const void *record)
{
	struct measuring *measuring = context;
	const struct store_notice *notice = record;
	if (measuring->count++ == 0)
		measuring->oldest_us = notice->created_us;
	return 1; /* the first is the oldest */
}

int outbox_measure(
    struct outbox *outbox, struct outbox_counts *ret_counts, struct complaint *complaint)
{
	static const int64_t states[] = {NOTICE_WAITING, NOTICE_SENDING};
	struct measuring measuring = {0};
	struct store_query waiting = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "state", .test = STORE_IN, .numbers = states, .count = 2}},
	    .order = "created_us",
	    .limit = 1,
	};
	*ret_counts = (struct outbox_counts){
	    .written = outbox->written,
	    .delivered = outbox->delivered,
	    .attempts_failed = outbox->attempts_failed,
	    .failed = outbox->failed,
	};
	for (size_t i = 0; i < outbox->hour_count; i++)
		ret_counts->held += outbox->hours[i].held;
	ret_counts->sending = count_flights(outbox);
	int result =
	    store_each(outbox->options.store, &waiting, visit_waiting, &measuring, complaint);
	ret_counts->oldest_us = measuring.oldest_us;
	waiting.limit = 0;
	waiting.order = NULL;
	if (result >= 0)
		result =
		    store_count(outbox->options.store, &waiting, &ret_counts->waiting, complaint);
	return result > 0 ? 0 : result;
}
