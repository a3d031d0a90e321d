#include "observe/chunk.h"

#include <endian.h>

#include "base/table.h"
#include "decode/tcp_syn.h"
#include "observe/marks.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_ICMP6 = 58,
	ICMP_ECHO = 8,
	ICMP6_ECHO = 128,
	WIRE_BYTES_MAX = 1024 * 1024, /* a dark_record's counter takes no more at once */
};

#define TIME_LIMIT_US (INT64_C(1) << 61)

void chunk_clear(struct chunk *chunk, uint64_t first)
{
	chunk->first = first;
	chunk->count = 0;
	chunk->earliest_us = INT64_MAX;
	chunk->latest_us = INT64_MIN;
	chunk->forged_sources = 0;
	chunk->dark_count = 0;
	chunk->live_count = 0;
	chunk->asker_count = 0;
	chunk->last_source = (struct prefix_range){0};
	chunk->last_target = (struct prefix_range){0};
}

/* Multicast, broadcast, loopback. */
static bool is_no_source_v4(uint32_t v4)
{
	return v4 >> 28 == 0xe || v4 >> 24 == 0x7f || v4 == UINT32_MAX;
}

static bool is_no_source(const struct address *source)
{
	if (address_is_v4(source))
		return is_no_source_v4(address_low32(source));
	return address_is_multicast_or_broadcast(source) || address_is_loopback(source);
}

static bool is_unspecified(const struct address *source)
{
	if (address_is_v4(source))
		return address_low32(source) == 0;
	return address_is_unspecified(source);
}

static bool is_icmp(const struct facts *facts)
{
	return facts->protocol == PROTOCOL_ICMP || facts->protocol == PROTOCOL_ICMP6;
}

static uint32_t request_key(const struct facts *facts, enum sighting_variant variant)
{
	uint16_t port = is_icmp(facts) ? facts->icmp_type : facts->target_port;
	enum sighting_kind kind = variant == VARIANT_NONE ? SIGHTING_REQUEST : SIGHTING_PROBE;
	return dark_key(kind, variant, facts->protocol, port);
}

static uint32_t reply_key(const struct facts *facts)
{
	uint16_t port = is_icmp(facts) ? facts->icmp_type : facts->source_port;
	return dark_key(SIGHTING_REPLY, VARIANT_NONE, facts->protocol, port);
}

/* What the packet is counted as when its receiver is dark and its sender a stranger. */
static uint32_t key_of(const struct facts *facts, enum packet_class class)
{
	switch (class) {
	case PACKET_REQUEST:
		return request_key(facts, VARIANT_NONE);
	case PACKET_REPLY:
		return reply_key(facts);
	case PACKET_DATAGRAM:
		return classify_is_udp_reply(facts) ? reply_key(facts)
						    : request_key(facts, VARIANT_NONE);
	case PACKET_SEGMENT:
	case PACKET_PROBE:
		return request_key(facts, classify_variant(facts));
	case PACKET_ERROR:
	case PACKET_NOTHING:
	case PACKET_ASK:
	case PACKET_TELL:
		break;
	}
	return 0;
}

static uint32_t error_key(const struct facts *facts)
{
	bool echo =
	    facts->inner_protocol == PROTOCOL_ICMP || facts->inner_protocol == PROTOCOL_ICMP6;
	return dark_key(SIGHTING_REPLY, VARIANT_NONE, facts->inner_protocol,
	    echo ? 0 : facts->inner_target_port);
}

uint8_t chunk_darknet_of(const struct address *subject)
{
	uint64_t halves[2];
	memcpy(halves, subject->bytes, sizeof halves);
	uint64_t mixed = le64toh(halves[0] ^ halves[1]) * UINT64_C(0x9e3779b97f4a7c15);
	static_assert(DARKNETS == 64, "six bits");
	return (uint8_t)((mixed ^ mixed << 29) >> 58);
}

static void add_dark(struct chunk *chunk, const struct chunk_rules *rules,
    const struct facts *facts, const struct address *subject, uint32_t key)
{
	unsigned marks = address_is_v4(subject) ? DARK_EVENT_V4 : 0;
	if (marks_is_syn(facts))
		marks |= marks_of_packet(facts) | DARK_EVENT_SYN;
	uint64_t seed = rules->seed;
	if (facts->drill != 0) {
		marks |= DARK_EVENT_DRILL;
		key |= DARK_KEY_DRILL;
		seed = ~seed;
	}
	chunk->darknet[chunk->dark_count] = chunk_darknet_of(subject);
	chunk->dark[chunk->dark_count++] = (struct dark_event){
	    .time_us = facts->time_us,
	    .hash = dark_hash(subject, (marks & DARK_EVENT_V4) != 0, seed),
	    .subject = *subject,
	    .target = facts->target,
	    .key = key,
	    .seq = facts->seq,
	    .wire_bytes = facts->wire_bytes,
	    .source_port = facts->source_port,
	    .ttl = facts->ttl,
	    .marks = (uint8_t)marks,
	};
}

static bool asks(const struct facts *facts, enum packet_class class)
{
	if (class == PACKET_DATAGRAM)
		return !classify_is_udp_reply(facts);
	return class == PACKET_REQUEST || class == PACKET_PROBE;
}

/* An ICMP error: the subject is whose answer was lost, when that is a stranger. */
static bool take_error(
    struct chunk *chunk, const struct chunk_rules *rules, const struct facts *facts)
{
	const struct address *subject = &facts->inner_target;
	if (!address_equal(&facts->inner_source, &facts->target))
		return false;
	const struct registry_place place =
	    registry_view_find(&rules->registry, subject, &chunk->last_source);
	if (place.member != MEMBER_NONE || place.is_dark || is_no_source(subject))
		return false;
	add_dark(chunk, rules, facts, subject, error_key(facts));
	return true;
}

/* What comes to this dark address now may be an answer. */
static bool is_asker(
    const struct chunk *chunk, const struct chunk_rules *rules, const struct address *target)
{
	if (rules->askers == NULL)
		return false;
	uint64_t hash = hash_address(target, rules->seed);
	const struct dark_asker *asker = table_find(rules->askers, target, hash);
	return asker != NULL && asker->since < chunk->first + chunk->count;
}

/* True when the packet left for a darknet, or says nothing. Who holds addresses is live. */
static bool take_dark(struct chunk *chunk, const struct chunk_rules *rules,
    const struct facts *facts, enum packet_class class)
{
	if (facts->net < FACTS_V4 || facts->wire_bytes > WIRE_BYTES_MAX || class == PACKET_ASK ||
	    class == PACKET_TELL || (facts->flags & FACTS_LINK_BROADCAST) != 0 ||
	    is_unspecified(&facts->source))
		return false;
	if (is_asker(chunk, rules, &facts->target))
		return false;
	if (is_no_source(&facts->source)) {
		chunk->forged_sources++;
		return true;
	}
	if (rules->only_requests && !asks(facts, class))
		return false;
	if (class == PACKET_ERROR)
		return take_error(chunk, rules, facts);
	if (class != PACKET_NOTHING)
		add_dark(chunk, rules, facts, &facts->source, key_of(facts, class));
	return true;
}

/* What a dark address sends may be answered, and then the answers are no backscatter. */
static void note_asker(struct chunk *chunk, const struct chunk_rules *rules,
    const struct facts *facts, enum packet_class class)
{
	if (class != PACKET_REQUEST && class != PACKET_DATAGRAM && class != PACKET_SEGMENT &&
	    class != PACKET_PROBE)
		return;
	uint64_t hash = hash_address(&facts->source, rules->seed);
	if (rules->askers != NULL && table_find(rules->askers, &facts->source, hash) != NULL)
		return;
	chunk->new_askers[chunk->asker_count++] =
	    (struct dark_asker){facts->source, chunk->first + chunk->count};
}

static void note_time(struct chunk *chunk, int64_t time_us)
{
	if (time_us < chunk->earliest_us)
		chunk->earliest_us = time_us;
	if (time_us > chunk->latest_us)
		chunk->latest_us = time_us;
	chunk->times_us[chunk->count] = time_us;
}

/*
 * The short way of what nearly all packets of a telescope are: a stranger's SYN. True when it left
 * for a darknet; else nothing was done.
 */
static bool take_syn(struct chunk *chunk, const struct chunk_rules *rules,
    const struct tcp_syn *syn, const struct frame *frame, int64_t time_us)
{
	const struct registry_view *registry = &rules->registry;
	if (!registry_view_is_nobody(registry, syn->source, &chunk->last_source) ||
	    !registry_view_is_dark(registry, syn->target, &chunk->last_target) ||
	    chunk->first + chunk->count >= rules->darknets_until ||
	    frame->wire_bytes > WIRE_BYTES_MAX || frame->drill != 0 || syn->source == 0 ||
	    is_no_source_v4(syn->source))
		return false;
	const struct address target = address_from_v4_u32(syn->target);
	if (is_asker(chunk, rules, &target))
		return false;
	note_time(chunk, time_us);
	const struct address subject = address_from_v4_u32(syn->source);
	chunk->darknet[chunk->dark_count] = chunk_darknet_of(&subject);
	chunk->dark[chunk->dark_count++] = (struct dark_event){
	    .time_us = time_us,
	    .hash = hash_u32(syn->source, rules->seed), /* as dark_hash */
	    .subject = subject,
	    .target = target,
	    .key = dark_key(SIGHTING_REQUEST, VARIANT_NONE, PROTOCOL_TCP, syn->target_port),
	    .seq = syn->seq,
	    .wire_bytes = frame->wire_bytes,
	    .source_port = syn->source_port,
	    .ttl = syn->ttl,
	    .marks = (uint8_t)(marks_of_syn(syn, time_us) | DARK_EVENT_SYN | DARK_EVENT_V4),
	};
	chunk->count++;
	return true;
}

void chunk_add(struct chunk *chunk, const struct chunk_rules *rules, const struct frame *frame)
{
	struct chunk_live *live = &chunk->live[chunk->live_count];
	const struct facts *facts = &live->facts;
	note_time(chunk, facts->time_us);
	const enum packet_class class = classify(facts);
	const struct registry_place source =
	    registry_view_find(&rules->registry, &facts->source, &chunk->last_source);
	const struct registry_place target =
	    registry_view_find(&rules->registry, &facts->target, &chunk->last_target);
	bool from_stranger = source.member == MEMBER_NONE;
	bool has_darknets = chunk->first + chunk->count < rules->darknets_until;
	/* what a dark address answers to another comes from a dark one, and is live anyway */
	if (has_darknets && source.is_dark && !target.is_dark)
		note_asker(chunk, rules, facts, class);
	bool leaves = has_darknets && target.is_dark && from_stranger && !source.is_dark &&
		      take_dark(chunk, rules, facts, class);
	if (!leaves) {
		live->frame = frame;
		live->at = (uint16_t)chunk->count;
		live->class = (uint8_t) class;
		live->dark = target.is_dark;
		live->from_stranger = from_stranger;
		live->to_stranger = target.member == MEMBER_NONE;
		chunk->live_count++;
	}
	chunk->count++;
}

static int64_t bound_time(int64_t time_us)
{
	if (time_us > TIME_LIMIT_US)
		return TIME_LIMIT_US;
	return time_us < -TIME_LIMIT_US ? -TIME_LIMIT_US : time_us;
}

enum decode_verdict chunk_take(
    struct chunk *chunk, const struct chunk_rules *rules, const struct frame *frame)
{
	int64_t time_us = bound_time(frame->time_us);
	struct tcp_syn syn;
	if (tcp_syn_read(frame, &syn) && take_syn(chunk, rules, &syn, frame, time_us))
		return (enum decode_verdict)syn.verdict;
	struct facts *facts = chunk_next_facts(chunk);
	enum decode_verdict verdict = decode_frame(frame, facts);
	facts->time_us = time_us;
	chunk_add(chunk, rules, frame);
	return verdict;
}

void chunk_seal(struct chunk *chunk)
{
	uint16_t next[DARKNETS + 1] = {0};
	for (size_t i = 0; i < chunk->dark_count; i++)
		next[chunk->darknet[i] + 1]++;
	for (size_t i = 0; i < DARKNETS; i++)
		next[i + 1] = (uint16_t)(next[i + 1] + next[i]);
	memcpy(chunk->begin, next, sizeof next);
	for (size_t i = 0; i < chunk->dark_count; i++)
		chunk->sorted[next[chunk->darknet[i]]++] = &chunk->dark[i];
}
