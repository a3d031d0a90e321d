/*
 * ledger_answers.c - declared dark addresses that answer after all.
 *
 * Requests to a declared dark address are not remembered as contacts, since nothing is to come
 * back. So when one does answer, its replies look like backscatter at first. Here both halves meet:
 * a reply to an address that had asked for just that port is an answer, the address is not dark,
 * and its replies are no sign of a flood.
 */
#include "base/hash.h"
#include "base/table.h"
#include "detect/ledger_internal.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_ICMP6 = 58,
	ICMP_ECHO = 8,
	ICMP6_ECHO = 128,
};

static struct sighting_key request_of(
    const struct sighting_key *reply, const struct address *receiver)
{
	struct sighting_key key = *reply;
	key.subject = *receiver;
	key.kind = SIGHTING_REQUEST;
	if (reply->protocol == PROTOCOL_ICMP)
		key.port = ICMP_ECHO;
	else if (reply->protocol == PROTOCOL_ICMP6)
		key.port = ICMP6_ECHO;
	return key;
}

/* Tells the tap of the request in question, so that whoever listens comes to the same end. */
static void tell_request(
    struct ledger *ledger, const struct sighting_key *request, const struct track *answer)
{
	const struct observer_sink *tap = ledger->options.tap;
	if (tap == NULL)
		return;
	const struct sighting *sum = &answer->sum;
	const struct address_touch touch = {
	    .first_us = sum->first_us, .last_us = sum->first_us, .flags = ITEM_DARK};
	struct sighting sighting = {.key = *request};
	sighting_init(&sighting);
	sighting.first_us = sum->first_us;
	sighting.last_us = sum->first_us;
	sighting.window_us = sum->window_us;
	(void)address_set_touch(&sighting.targets, ledger->slab, &sum->key.subject, &touch);
	tap->on_sighting(tap->context, &sighting);
	sighting_clear(&sighting, ledger->slab);
}

static bool had_asked(
    struct ledger *ledger, const struct track *answer, const struct address *receiver)
{
	const struct sighting_key *reply = &answer->sum.key;
	const struct sighting_key key = request_of(reply, receiver);
	const struct track *track =
	    table_find(ledger->tracks, &key, sighting_key_hash(&key, ledger->seed));
	if (track != NULL && address_set_find(&track->sum.targets, &reply->subject) != NULL)
		return true;
	const struct observer *observer = ledger->options.observer;
	if (observer == NULL || !observer_was_asked(observer, &key, &reply->subject))
		return false;
	tell_request(ledger, &key, answer);
	return true;
}

static void note_answering(struct ledger *ledger, const struct address *address)
{
	const struct host host = {.address = *address, .flags = HOST_ANSWERED};
	ledger_add_host(ledger, &host);
}

void ledger_find_answers(struct ledger *ledger)
{
	size_t position = 0;
	struct track *track;
	while ((track = table_next(ledger->tracks, &position)) != NULL) {
		const struct sighting_key *key = &track->sum.key;
		if (key->kind != SIGHTING_REPLY ||
		    !registry_is_dark(ledger->options.registry, &key->subject))
			continue;
		bool answers = false;
		for (size_t i = 0; i < track->sum.targets.count; i++) {
			struct address_item *item = &track->sum.targets.items[i];
			if ((item->flags & ITEM_ANSWERED) == 0 ||
			    !had_asked(ledger, track, &item->address))
				continue;
			item->flags |= ITEM_EXCHANGED;
			answers = true;
		}
		if (answers)
			note_answering(ledger, &key->subject);
	}
}
