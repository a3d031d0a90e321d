/*
 * decode_ways.h - whether the straight way of decoding says exactly what the general one says; for
 * tests, tools and fuzzing.
 */
#ifndef DECODE_WAYS_H
#define DECODE_WAYS_H

#include <string.h>

#include "decode/internal.h"

/* Up to the padding at the end, which has no value. */
#define FACTS_BYTES (offsetof(struct facts, inner_target_port) + sizeof(uint16_t))

enum decode_ways {
	WAYS_GENERAL, /* the straight one leaves this frame alone */
	WAYS_SAME,
	WAYS_DIFFER,
};

static inline enum decode_ways decode_ways_compare(const struct frame *frame)
{
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
