/*
 * ledger_answers.c - declared dark addresses that answer after all.
 *
 * Requests to a declared dark address are not remembered as contacts, since nothing is to come
 * back. So when one does answer, its replies look like backscatter at first. Here both halves meet:
 * a reply to an address that had asked for just that port is an answer, and no sign of a flood; and
 * the address is not dark, unless all that it said was RST.
 */
#include "base/hash.h"
#include "base/table.h"
#include "detect/ledger_internal.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_ICMP6 = 58,
	ICMP_ECHO = 8,
	ICMP6_ECHO = 128,
};

/* ICMP's replies are numbered one above their requests, but for the oldest pair. */
static uint16_t asked_port(const struct sighting_key *reply)
{
	if (reply->protocol == PROTOCOL_ICMP6)
		return ICMP6_ECHO;
	if (reply->protocol == PROTOCOL_ICMP)
		return reply->port == 0 ? ICMP_ECHO : (uint16_t)(reply->port - 1);
	return reply->port;
}

static bool had_done(
    const struct ledger *ledger, const struct sighting_key *key, const struct address *target)
{
	const struct track *track =
	    table_find(ledger->tracks, key, sighting_key_hash(key, ledger->seed));
	if (track != NULL && address_set_find(&track->sum.targets, target) != NULL)
		return true;
	const struct observer *observer = ledger->options.observer;
	return observer != NULL && observer_was_asked(observer, key, target);
}

/* Of TCP also by segments that begin no connection: a machine answers each with RST. */
static bool had_asked(
    const struct ledger *ledger, const struct sighting_key *reply, const struct address *receiver)
{
	struct sighting_key key = *reply;
	key.subject = *receiver;
	key.kind = SIGHTING_REQUEST;
	key.port = asked_port(reply);
	if (had_done(ledger, &key, &reply->subject))
		return true;
	if (reply->protocol != PROTOCOL_TCP)
		return false;
	key.kind = SIGHTING_PROBE;
	for (key.variant = VARIANT_NULL; key.variant <= VARIANT_FLAGS; key.variant++)
		if (had_done(ledger, &key, &reply->subject))
			return true;
	return false;
}

/* The same receiver, where the replies of all ports are judged together. */
static void mark_over_all_ports(
    struct ledger *ledger, const struct sighting_key *reply, const struct address *receiver)
{
	struct sighting_key key = *reply;
	key.kind = SIGHTING_ALL_REPLIES;
	key.port = 0;
	struct track *track =
	    table_find(ledger->tracks, &key, sighting_key_hash(&key, ledger->seed));
	struct address_item *item =
	    track == NULL ? NULL : address_set_find(&track->sum.targets, receiver);
	if (item != NULL)
		item->flags |= ITEM_EXCHANGED;
}

static void note_answering(struct ledger *ledger, const struct address *address)
{
	const struct host host = {.address = *address, .flags = HOST_ANSWERED};
	ledger_add_host(ledger, &host);
}

/* True when it answered with what only a machine says: a RST may be a firewall's. */
static bool find_answers(struct ledger *ledger, struct track *track)
{
	bool answers = false;
	for (size_t i = 0; i < track->sum.targets.count; i++) {
		struct address_item *item = &track->sum.targets.items[i];
		if (!had_asked(ledger, &track->sum.key, &item->address))
			continue;
		item->flags |= ITEM_EXCHANGED;
		mark_over_all_ports(ledger, &track->sum.key, &item->address);
		answers |= (item->flags & ITEM_ANSWERED) != 0;
	}
	return answers;
}

static void note_answers(struct ledger *ledger, struct track *track)
{
	const struct sighting_key *key = &track->sum.key;
	if (key->kind == SIGHTING_REPLY &&
	    registry_is_dark(ledger->options.registry, &key->subject) &&
	    find_answers(ledger, track))
		note_answering(ledger, &key->subject);
}

void ledger_find_answers(struct ledger *ledger)
{
	size_t position = 0;
	struct track *track;
	while ((track = table_next(ledger->tracks, &position)) != NULL)
		note_answers(ledger, track);
}

void ledger_find_answers_of(struct ledger *ledger, struct subject *subject)
{
	for (struct track *track = subject->tracks; track != NULL; track = track->next)
		note_answers(ledger, track);
}
