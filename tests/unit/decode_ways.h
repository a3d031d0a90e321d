/*
 * decode_ways.h - whether the short ways of decoding say exactly what the general one says; for
 * tests, tools and fuzzing.
 */
#ifndef DECODE_WAYS_H
#define DECODE_WAYS_H

#include <string.h>

#include "decode/internal.h"
#include "decode/tcp_syn.h"

/* Up to the padding at the end, which has no value. */
#define FACTS_BYTES (offsetof(struct facts, inner_target_port) + sizeof(uint16_t))

enum decode_ways {
	WAYS_GENERAL, /* the straight one leaves this frame alone */
	WAYS_SAME,
	WAYS_DIFFER,
};

static inline bool decode_ways_same_syn(
    const struct tcp_syn *syn, const struct facts *facts, enum decode_verdict verdict)
{
	return syn->source == address_low32(&facts->source) &&
	       syn->target == address_low32(&facts->target) && syn->seq == facts->seq &&
	       syn->tsval == facts->tcp_tsval && syn->source_port == facts->source_port &&
	       syn->target_port == facts->target_port && syn->ip_id == facts->ip_id &&
	       syn->window == facts->window && syn->ttl == facts->ttl &&
	       syn->options == facts->tcp_options && syn->verdict == verdict;
}

/* Whether tcp_syn_read() takes the frames it is to take, and no others, and says the same. */
static inline enum decode_ways decode_ways_compare_syn(const struct frame *frame)
{
	struct facts facts;
	struct facts straight;
	struct tcp_syn syn;
	const unsigned flags = FACTS_SYN | FACTS_ACK | FACTS_RST | FACTS_FIN;
	enum decode_verdict ignored;
	enum decode_verdict verdict = decode_general(frame, &facts);
	bool is_syn = decode_straight(frame, &straight, &ignored) && facts.net == FACTS_V4 &&
		      facts.protocol == PROTOCOL_TCP && (facts.tcp_flags & flags) == FACTS_SYN &&
		      (facts.flags & FACTS_LINK_BROADCAST) == 0;
	if (tcp_syn_read(frame, &syn) != is_syn)
		return WAYS_DIFFER;
	if (!is_syn)
		return WAYS_GENERAL;
	return decode_ways_same_syn(&syn, &facts, verdict) ? WAYS_SAME : WAYS_DIFFER;
}

static inline enum decode_ways decode_ways_compare(const struct frame *frame)
{
	if (decode_ways_compare_syn(frame) == WAYS_DIFFER)
		return WAYS_DIFFER;
	struct facts straight;
	struct facts general;
	memset(&straight, 0xa5, sizeof straight);
	memset(&general, 0xa5, sizeof general);
	enum decode_verdict straight_verdict;
	if (!decode_straight(frame, &straight, &straight_verdict))
		return WAYS_GENERAL;
	enum decode_verdict general_verdict = decode_general(frame, &general);
	/* Also what neither writes must be the same: the quoted packet. */
	bool is_same =
	    straight_verdict == general_verdict && memcmp(&straight, &general, FACTS_BYTES) == 0;
	return is_same ? WAYS_SAME : WAYS_DIFFER;
}

#endif
