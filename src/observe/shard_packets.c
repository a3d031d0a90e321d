/* shard_packets.c - what each kind of packet adds to what is known. */
#include "observe/shard_internal.h"

#include <string.h>

#include "observe/classify.h"
#include "observe/slab.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	ICMP_ECHO = 8,
	ICMP_ECHO_REPLY = 0,
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129,
};

static bool is_icmp(const struct facts *facts)
{
	return facts->protocol == PROTOCOL_ICMP || facts->protocol == PROTOCOL_ICMP6;
}

/* The port of a request's key: what was asked for. */
static uint16_t asked_port(const struct facts *facts)
{
	return is_icmp(facts) ? facts->icmp_type : facts->target_port;
}

/* The port of the request that this packet would answer. */
static uint16_t answered_port(const struct facts *facts)
{
	if (!is_icmp(facts))
		return facts->source_port;
	if (facts->protocol == PROTOCOL_ICMP6)
		return ICMP6_ECHO;
	/* ICMP's replies are numbered one above their requests, but for the oldest pair */
	return facts->icmp_type == ICMP_ECHO_REPLY ? ICMP_ECHO : (uint16_t)(facts->icmp_type - 1);
}

static uint8_t is_drill(const struct facts *facts)
{
	return facts->drill != 0;
}

/* The contact that this packet answers. */
static struct contact *find_answered(struct shard *shard, const struct facts *facts)
{
	const struct contact_key key = {
	    .source = facts->target,
	    .target = facts->source,
	    .port = answered_port(facts),
	    .protocol = facts->protocol,
	    .drill = is_drill(facts),
	};
	return contacts_find(shard->contacts, &key);
}

/* The key of the contact to which this packet belongs as one of its source's. */
static struct contact_key key_of_own(const struct facts *facts)
{
	return (struct contact_key){
	    .source = facts->source,
	    .target = facts->target,
	    .port = asked_port(facts),
	    .protocol = facts->protocol,
	    .drill = is_drill(facts),
	};
}

static struct contact *find_own(struct shard *shard, const struct facts *facts)
{
	const struct contact_key key = key_of_own(facts);
	return contacts_find(shard->contacts, &key);
}

static bool is_group(const struct facts *facts)
{
	return address_is_multicast_or_broadcast(&facts->target) ||
	       (facts->flags & FACTS_LINK_BROADCAST) != 0;
}

static uint32_t dark_flag(const struct arrival *arrival)
{
	return arrival->dark ? ITEM_DARK : 0;
}

/* Counts the packet for the source: it asked `target` for `port`. */
static void count_asking(struct shard *shard, const struct arrival *arrival,
    enum sighting_variant variant, uint32_t item_flags)
{
	const struct facts *facts = arrival->facts;
	const struct sighting_key key = {
	    .subject = facts->source,
	    .port = asked_port(facts),
	    .kind = variant == VARIANT_NONE ? SIGHTING_REQUEST : SIGHTING_PROBE,
	    .protocol = facts->protocol,
	    .variant = (uint8_t)variant,
	    .drill = is_drill(facts),
	};
	struct sighting *sighting = shard_get_sighting(shard, &key);
	if (sighting == NULL)
		return;
	const struct observed observed = {arrival, &facts->target, item_flags};
	shard_count_packet(shard, sighting, &observed);
	for (unsigned tool = 0; tool < TOOL_COUNT; tool++)
		sighting->marks[tool] += arrival->marks >> tool & 1U;
	shard_tell_early(shard, sighting);
}

/* Counts the packet for the one that received it, with the sender among its `targets`. */
static void count_receiving(
    struct shard *shard, const struct arrival *arrival, enum sighting_kind kind, uint16_t port)
{
	const struct facts *facts = arrival->facts;
	if (shard->context->members_only && arrival->to_stranger)
		return;
	const struct sighting_key key = {
	    .subject = facts->target,
	    .port = port,
	    .kind = (uint8_t)kind,
	    .protocol = facts->protocol,
	    .drill = is_drill(facts),
	};
	struct sighting *sighting = shard_get_sighting(shard, &key);
	if (sighting == NULL)
		return;
	const struct observed observed = {arrival, &facts->source, 0};
	shard_count_packet(shard, sighting, &observed);
}

static struct contact *open_contact(
    struct shard *shard, const struct facts *facts, enum sighting_variant variant)
{
	const struct contact_key key = key_of_own(facts);
	bool is_new;
	struct contact *contact = contacts_get(shard->contacts, &key, &is_new);
	if (contact == NULL)
		return NULL;
	if (is_new) {
		contact->first_us = facts->time_us;
		contact->variant = (uint8_t)variant;
	}
	contact->last_us = facts->time_us;
	contact->source_port = facts->source_port;
	return contact;
}

/* A request to an address that may be alive: its outcome is awaited, its receiver may be flooded.
 */
static void ask_live(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	bool invited = contacts_has_sent(shard->contacts, &facts->target, &facts->source, true);
	contacts_note_pair(shard->contacts, &facts->source, &facts->target, true, facts->time_us);
	struct contact *contact = open_contact(shard, facts, VARIANT_NONE);
	if (contact == NULL)
		return;
	if (!invited)
		count_receiving(shard, arrival, SIGHTING_FLOODED, asked_port(facts));
}

void shard_on_request(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	if (is_group(facts)) {
		/* a group's address in a frame for one machine: an anonymised victim, no multicast
		 */
		if ((facts->flags & FACTS_LINK_BROADCAST) == 0)
			count_receiving(shard, arrival, SIGHTING_FLOODED, asked_port(facts));
		return;
	}
	uint32_t dark = dark_flag(arrival);
	count_asking(shard, arrival, VARIANT_NONE, dark);
	if (dark == 0 && !address_equal(&facts->source, &facts->target))
		ask_live(shard, arrival);
}

/*
 * A sender whose address cannot be one (multicast, broadcast, loopback) did nothing that could be
 * held against it; but the one who received it may be flooded.
 */
void shard_on_forged(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	enum packet_class class = arrival->class;
	bool datagram = class == PACKET_DATAGRAM;
	bool reply = class == PACKET_REPLY || (datagram && classify_is_udp_reply(facts));
	if ((class != PACKET_REQUEST && !reply && !datagram) ||
	    (facts->flags & FACTS_LINK_BROADCAST) != 0 || arrival->dark)
		return;
	if (reply)
		count_receiving(shard, arrival, SIGHTING_REFLECTED,
		    is_icmp(facts) ? facts->icmp_type : facts->source_port);
	else
		count_receiving(shard, arrival, SIGHTING_FLOODED, asked_port(facts));
}

static bool is_reset(const struct facts *facts)
{
	return facts->protocol == PROTOCOL_TCP && (facts->tcp_flags & FACTS_RST) != 0;
}

/* Counts an unasked reply for its sender (who is flooded by forgers) and its receiver. */
static void count_unasked(struct shard *shard, const struct arrival *arrival,
    const struct sighting_key *key, uint32_t item_flags)
{
	const struct facts *facts = arrival->facts;
	uint32_t dark = dark_flag(arrival);
	struct sighting *sighting = shard_get_sighting(shard, key);
	if (sighting != NULL) {
		const struct observed observed = {arrival, &facts->target, dark | item_flags};
		shard_count_packet(shard, sighting, &observed);
	}
	if (dark == 0)
		count_receiving(shard, arrival, SIGHTING_REFLECTED, key->port);
}

static void on_unasked_reply(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	const struct sighting_key key = {
	    .subject = facts->source,
	    .port = is_icmp(facts) ? facts->icmp_type : facts->source_port,
	    .kind = SIGHTING_REPLY,
	    .protocol = facts->protocol,
	    .drill = is_drill(facts),
	};
	/* a RST may be a firewall's; only what a machine itself says speaks for its being there */
	count_unasked(shard, arrival, &key, is_reset(facts) ? 0 : ITEM_ANSWERED);
}

static void on_synack(struct shard *shard, struct contact *contact, const struct facts *facts)
{
	contact->saw_synack = true;
	contact->expected_ack = facts->seq + 1;
	shard_note_answer(shard, contact, facts);
}

/* True when the reply belongs to something that its receiver began. */
static bool take_answer(struct shard *shard, const struct facts *facts)
{
	struct contact *contact = find_answered(shard, facts);
	if (contact == NULL)
		return false;
	if (!is_reset(facts)) {
		if (facts->protocol == PROTOCOL_TCP)
			on_synack(shard, contact, facts);
		else
			shard_note_answer(shard, contact, facts);
	} else if (contact->outcome == CONTACT_PENDING || contact->outcome == CONTACT_SILENT) {
		shard_conclude(shard, contact, CONTACT_REFUSED);
	}
	return true;
}

void shard_on_reply(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	if (take_answer(shard, facts))
		return;
	bool reset = is_reset(facts);
	if (reset && find_own(shard, facts) != NULL)
		return; /* it ends what it began itself */
	bool dark = arrival->dark;
	bool asked =
	    !dark && contacts_has_sent(shard->contacts, &facts->target, &facts->source, !reset);
	/* a RST proves nothing about its sender: whoever gets backscatter sends one */
	if (!dark && !reset)
		contacts_note_pair(
		    shard->contacts, &facts->source, &facts->target, false, facts->time_us);
	if (!asked)
		on_unasked_reply(shard, arrival);
}

/*
 * The quoted packet's sender is told that something is wrong with the quoted target. If the quoted
 * sender did ask, its contact has failed; if not, the target is being flooded by forgers.
 */
void shard_on_error(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	if (!address_equal(&facts->inner_source, &facts->target)) {
		shard->counts.inner_mismatch++;
		return;
	}
	/* of a dark address it only says that nobody is there */
	if (registry_is_dark(shard->context->registry, &facts->inner_target))
		return;
	bool echo =
	    facts->inner_protocol == PROTOCOL_ICMP || facts->inner_protocol == PROTOCOL_ICMP6;
	uint16_t port = facts->inner_target_port;
	if (echo)
		port = facts->inner_protocol == PROTOCOL_ICMP ? ICMP_ECHO : ICMP6_ECHO;
	const struct contact_key quoted = {
	    .source = facts->inner_source,
	    .target = facts->inner_target,
	    .port = port,
	    .protocol = facts->inner_protocol,
	    .drill = is_drill(facts),
	};
	struct contact *contact = contacts_find(shard->contacts, &quoted);
	if (contact != NULL) {
		bool traced = classify_is_traceroute_port(facts->inner_protocol, port);
		if (contact->outcome == CONTACT_PENDING || contact->outcome == CONTACT_SILENT)
			shard_conclude(shard, contact, traced ? CONTACT_NEUTRAL : CONTACT_REFUSED);
		return;
	}
	bool dark = arrival->dark;
	if (!dark &&
	    contacts_has_sent(shard->contacts, &facts->inner_source, &facts->inner_target, false))
		return;
	const struct sighting_key key = {
	    .subject = facts->inner_target,
	    .port = echo ? 0 : facts->inner_target_port,
	    .kind = SIGHTING_REPLY,
	    .protocol = facts->inner_protocol,
	    .drill = is_drill(facts),
	};
	if (!address_is_multicast_or_broadcast(&key.subject))
		count_unasked(shard, arrival, &key, 0);
}

/* Probes that no connection explains; of bare ACKs only those without data, that RST may answer. */
static void probe_live(
    struct shard *shard, const struct arrival *arrival, enum sighting_variant variant)
{
	const struct facts *facts = arrival->facts;
	uint32_t dark = dark_flag(arrival);
	if (variant == VARIANT_ACK && dark == 0 &&
	    (facts->payload_bytes > 0 ||
		contacts_has_sent(shard->contacts, &facts->target, &facts->source, false)))
		return;
	count_asking(shard, arrival, variant, dark);
	if (dark == 0 && open_contact(shard, facts, variant) != NULL)
		count_receiving(shard, arrival, SIGHTING_FLOODED, facts->target_port);
}

static void mark_exchanged(
    struct shard *shard, const struct sighting_key *key, const struct address *other)
{
	struct sighting *sighting = shard_find_sighting(shard, key);
	struct address_item *item =
	    sighting == NULL ? NULL : address_set_find(&sighting->targets, other);
	if (item != NULL)
		item->flags |= ITEM_EXCHANGED;
}

/*
 * What looked like backscatter, or like the answer of a misused reflector, was a server's answer
 * after all, in a capture of one direction: the conversation goes on, and no forged one gets that
 * far.
 */
static void note_conversation(struct shard *shard, const struct facts *facts)
{
	struct sighting_key key = {
	    .subject = facts->source,
	    .port = facts->source_port,
	    .kind = SIGHTING_REPLY,
	    .protocol = facts->protocol,
	    .drill = is_drill(facts),
	};
	mark_exchanged(shard, &key, &facts->target);
	key.subject = facts->target;
	key.kind = SIGHTING_REFLECTED;
	mark_exchanged(shard, &key, &facts->source);
}

void shard_on_segment(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	if (is_group(facts))
		return;
	note_conversation(shard, facts);
	struct contact *own = find_own(shard, facts);
	struct contact *answered = find_answered(shard, facts);
	enum sighting_variant variant = classify_variant(facts);
	if (answered != NULL)
		shard_note_answer(shard, answered, facts);
	else if (own != NULL && own->variant == VARIANT_NONE)
		shard_note_exchange(shard, own, facts);
	else if (own == NULL)
		probe_live(shard, arrival, variant);
	else if (variant == VARIANT_ACK && facts->payload_bytes == 0)
		count_asking(shard, arrival, variant, 0);
	contacts_note_pair(shard->contacts, &facts->source, &facts->target,
	    facts->payload_bytes > 0 || own != NULL || answered != NULL, facts->time_us);
}

void shard_on_probe(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	if (is_group(facts) || address_equal(&facts->source, &facts->target))
		return;
	struct contact *answered = find_answered(shard, facts);
	if (answered != NULL) {
		if (facts->protocol != PROTOCOL_TCP)
			shard_note_answer(shard, answered, facts);
		return;
	}
	uint32_t dark = dark_flag(arrival);
	count_asking(shard, arrival, classify_variant(facts), dark);
	if (dark != 0)
		return;
	contacts_note_pair(shard->contacts, &facts->source, &facts->target, true, facts->time_us);
	(void)open_contact(shard, facts, classify_variant(facts));
}

/* Both ends are of one member, and the target is not declared dark. */
static bool is_among_ours(const struct shard *shard, const struct facts *facts)
{
	const struct registry *registry = shard->context->registry;
	int member = registry_find_member(registry, &facts->source);
	return member != MEMBER_NONE && member == registry_find_member(registry, &facts->target) &&
	       !registry_is_dark(registry, &facts->target);
}

void shard_on_datagram(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	struct contact *answered = find_answered(shard, facts);
	if (answered != NULL && !is_group(facts)) {
		shard_note_answer(shard, answered, facts);
		contacts_note_pair(
		    shard->contacts, &facts->source, &facts->target, false, facts->time_us);
		return;
	}
	if (classify_is_group_answer(facts) && is_among_ours(shard, facts))
		return;
	bool is_reply = classify_is_udp_reply(facts) && find_own(shard, facts) == NULL;
	if (!is_reply) {
		shard_on_request(shard, arrival);
		return;
	}
	if ((facts->flags & FACTS_LINK_BROADCAST) != 0)
		return;
	bool dark = arrival->dark;
	if (!dark && contacts_has_sent(shard->contacts, &facts->target, &facts->source, true))
		return;
	if (!dark) /* so that the receiver's ICMP errors about it are no backscatter */
		contacts_note_pair(
		    shard->contacts, &facts->source, &facts->target, false, facts->time_us);
	on_unasked_reply(shard, arrival);
}

static void note_holder(struct shard *shard, const struct facts *facts, uint32_t flags)
{
	struct host *host = shard_get_host(shard, &facts->source);
	if (host == NULL)
		return;
	if ((facts->flags & FACTS_HAS_MAC) != 0)
		memcpy(host->mac, facts->source_mac, sizeof host->mac);
	shard_note_host(shard, host, flags);
}

void shard_on_ask(struct shard *shard, const struct arrival *arrival)
{
	const struct facts *facts = arrival->facts;
	note_holder(shard, facts, HOST_HELD);
	if (address_equal(&facts->source, &facts->target) ||
	    address_is_unspecified(&facts->target) ||
	    address_is_multicast_or_broadcast(&facts->target))
		return; /* an announcement */
	const struct sighting_key key = {
	    .subject = facts->source,
	    .kind = SIGHTING_NEIGHBOUR,
	    .protocol = facts->protocol,
	    .drill = is_drill(facts),
	};
	struct sighting *sighting = shard_get_sighting(shard, &key);
	if (sighting == NULL)
		return;
	const struct observed observed = {arrival, &facts->target, dark_flag(arrival)};
	shard_count_packet(shard, sighting, &observed);
	shard_tell_early(shard, sighting);
}

void shard_on_tell(struct shard *shard, const struct facts *facts)
{
	uint32_t flags = HOST_HELD;
	if ((facts->flags & FACTS_ROUTER_ADVERT) != 0)
		flags |= HOST_ROUTER;
	note_holder(shard, facts, flags);
}
