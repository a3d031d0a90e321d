/* shard_outcome.c - how contacts end, and what an answer proves about both sides. */
#include "base/hash.h"
#include "base/table.h"
#include "observe/classify.h"
#include "observe/shard_internal.h"

#include <string.h>

enum {
	PROTOCOL_UDP = 17,
	PROTOCOL_TCP = 6
};

static struct sighting_key key_of_contact(const struct contact *contact)
{
	return (struct sighting_key){
	    .subject = contact->key.source,
	    .port = contact->key.port,
	    .kind = contact->variant == VARIANT_NONE ? SIGHTING_REQUEST : SIGHTING_PROBE,
	    .protocol = contact->key.protocol,
	    .variant = contact->variant,
	    .drill = contact->key.drill,
	};
}

static const uint32_t item_flag_of[] = {
    [CONTACT_PENDING] = 0,
    [CONTACT_ANSWERED] = ITEM_ANSWERED,
    [CONTACT_REFUSED] = ITEM_REFUSED,
    [CONTACT_SILENT] = ITEM_SILENT,
    [CONTACT_NEUTRAL] = 0,
};

void shard_conclude(struct shard *shard, struct contact *contact, enum contact_outcome outcome)
{
	contact->outcome = (uint8_t)outcome;
	if (outcome == CONTACT_NEUTRAL)
		return;
	const struct sighting_key key = key_of_contact(contact);
	struct sighting *sighting = shard_get_sighting(shard, &key);
	if (sighting == NULL)
		return;
	if (outcome == CONTACT_ANSWERED)
		sighting->answers++;
	else if (outcome == CONTACT_REFUSED)
		sighting->refusals++;
	else
		sighting->silences++;
	const struct address_touch touch = {
	    .first_us = contact->first_us,
	    .last_us = contact->last_us,
	    .packets = 0,
	    .flags = item_flag_of[outcome],
	};
	/* a target beyond the sample of a sketch stays unmarked: the sample speaks for it */
	shard_touch(shard, sighting, &contact->key.target, &touch);
	if (outcome == CONTACT_REFUSED)
		shard_tell_early(shard, sighting);
}

void shard_judge_silent(void *context, struct contact *contact)
{
	struct shard *shard = context;
	bool says_nothing = contact->variant == VARIANT_ACK || contact->variant == VARIANT_FLAGS ||
			    classify_is_traceroute_port(contact->key.protocol, contact->key.port);
	shard_conclude(shard, contact, says_nothing ? CONTACT_NEUTRAL : CONTACT_SILENT);
}

static void note_host(struct shard *shard, const struct address *address, uint32_t flags)
{
	struct host *host = shard_get_host(shard, address);
	if (host != NULL)
		shard_note_host(shard, host, flags);
}

/* An answer that came through this link-layer address: it may be a router's. */
static void note_carrier(struct shard *shard, const struct facts *facts)
{
	if ((facts->flags & FACTS_HAS_MAC) == 0)
		return;
	uint64_t hash = hash_bytes(facts->source_mac, 6, shard->context->hash_seed);
	struct carrier *carrier = table_find(shard->carriers, facts->source_mac, hash);
	if (carrier == NULL)
		carrier = table_insert(shard->carriers, facts->source_mac, hash);
	if (carrier != NULL)
		carrier_note(carrier, &facts->source);
}

/* UDP peers that answer at one local port: what peer-to-peer looks like and a scanner does not. */
static void note_udp_exchange(struct shard *shard, const struct contact *contact, int64_t time_us)
{
	const struct sighting_key key = {
	    .subject = contact->key.source,
	    .port = contact->source_port,
	    .kind = SIGHTING_EXCHANGE,
	    .protocol = contact->key.protocol,
	    .drill = contact->key.drill,
	};
	struct sighting *sighting = shard_get_sighting(shard, &key);
	if (sighting == NULL)
		return;
	if (time_us < sighting->first_us)
		sighting->first_us = time_us;
	if (time_us > sighting->last_us)
		sighting->last_us = time_us;
	sighting->packets++;
	const struct address_touch touch = {
	    .first_us = time_us, .last_us = time_us, .packets = 1, .flags = ITEM_ANSWERED};
	shard_touch(shard, sighting, &contact->key.target, &touch);
}

/* The sender is no mere flooder: it went on with `target`. */
static void note_flood_exchange(struct shard *shard, const struct contact *contact)
{
	const struct sighting_key key = {
	    .subject = contact->key.target,
	    .port = contact->key.port,
	    .kind = SIGHTING_FLOODED,
	    .protocol = contact->key.protocol,
	    .drill = contact->key.drill,
	};
	struct sighting *sighting = shard_get_sighting(shard, &key);
	if (sighting == NULL)
		return;
	const struct address_touch touch = {
	    .first_us = contact->first_us, .last_us = contact->last_us, .flags = ITEM_EXCHANGED};
	shard_touch(shard, sighting, &contact->key.source, &touch);
}

static void note_seen(struct shard *shard, const struct contact *contact, uint8_t seen)
{
	const struct sighting_key key = key_of_contact(contact);
	struct sighting *sighting = shard_get_sighting(shard, &key);
	if (sighting != NULL)
		sighting->seen |= seen;
}

/* Strangers are forgotten together: they are soon known again. So are all, where they are too many.
 */
static void forget_answered(const struct shard *shard)
{
	struct table *answered = shard->context->answered;
	size_t position = 0;
	struct address *source;
	while ((source = table_next(answered, &position)) != NULL)
		if (registry_find_member(shard->context->registry, source) == MEMBER_NONE)
			table_remove(answered, source);
	if (table_count(answered) > table_max(answered) / 2)
		table_clear(answered);
}

/* An answer to this source was captured. */
static void note_answered(const struct shard *shard, const struct contact *contact)
{
	struct table *answered = shard->context->answered;
	const struct address *source = &contact->key.source;
	uint64_t hash = hash_address(source, shard->context->hash_seed);
	if (table_find(answered, source, hash) != NULL)
		return;
	size_t max = table_max(answered);
	if (table_count(answered) >= max - rank_leaves((enum rank)contact->rank, max))
		forget_answered(shard);
	(void)table_insert(answered, source, hash); /* without memory nothing is known of it */
}

void shard_note_answer(struct shard *shard, struct contact *contact, const struct facts *facts)
{
	note_host(shard, &facts->source, HOST_ANSWERED);
	note_answered(shard, contact);
	note_carrier(shard, facts);
	if (contact->outcome == CONTACT_ANSWERED)
		return;
	shard_conclude(shard, contact, CONTACT_ANSWERED);
	if (contact->key.protocol == PROTOCOL_UDP)
		note_udp_exchange(shard, contact, facts->time_us);
	/* a SYN+ACK goes to forged sources as well, an echo to whoever pings: neither is an
	 * exchange */
	bool exchange = contact->key.protocol == PROTOCOL_UDP ||
			(contact->key.protocol == PROTOCOL_TCP && contact->variant != VARIANT_NONE);
	if (exchange && !contact->exchanged) {
		contact->exchanged = true;
		note_flood_exchange(shard, contact);
	}
}

/*
 * In a capture of one direction only, going on is the proof of an answer. Where answers to this
 * source are captured it is none: a scanner could claim success for every target by sending a
 * second packet.
 */
static bool may_imply_answer(const struct shard *shard, const struct address *source)
{
	uint64_t hash = hash_address(source, shard->context->hash_seed);
	return table_find(shard->context->answered, source, hash) == NULL;
}

void shard_note_exchange(struct shard *shard, struct contact *contact, const struct facts *facts)
{
	if (contact->outcome != CONTACT_ANSWERED) {
		if (!may_imply_answer(shard, &facts->source))
			return;
		note_host(shard, &facts->target, HOST_IMPLIED);
		shard_conclude(shard, contact, CONTACT_ANSWERED);
	}
	bool handshake = contact->saw_synack && facts->ack == contact->expected_ack;
	if (!contact->exchanged) {
		contact->exchanged = true;
		note_flood_exchange(shard, contact);
		note_seen(shard, contact, handshake ? SEEN_HANDSHAKE | SEEN_TWO_WAY : SEEN_TWO_WAY);
		if (handshake)
			note_host(shard, &facts->source, HOST_HANDSHAKE);
	}
}
