/*
 * marks.h - what scanning tools leave in their SYNs.
 *
 * Some marks stand in one packet, some in the relation of two; for those the last SYN of the source
 * is remembered. Marks are counted, never believed alone: by chance a 2^-16 mark agrees some 29,000
 * times a day at 22,000 packets/s.
 *
 * Sources: zmap packet.c and CHANGELOG; masscan templ-pkt.c; nmap scan_engine_raw.cc; Mirai
 * scanner.c; Ghiette et al. 2016 (Unicornscan, Nmap relations).
 */
#ifndef OBSERVE_MARKS_H
#define OBSERVE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"
#include "observe/sighting.h"

/* The last SYN of a source; all zero before the first. */
struct marks_memory {
	uint32_t seq;
	uint32_t target;
	uint32_t ports; /* destination << 16 | source */
	uint32_t known; /* 1 once there was a SYN */
};

/*
 * Bits (1 << enum tool) of the marks that this SYN carries by itself. Packets that are no SYN, and
 * IPv6, have none.
 */
unsigned marks_of_packet(const struct facts *facts);

/* Those that stand in the relation of a SYN to the one before from the same source. */
unsigned marks_of_pair(const struct marks_memory *now, const struct marks_memory *before);

/* Both. Updates *memory. */
unsigned marks_of(const struct facts *facts, struct marks_memory *memory);

static inline bool marks_is_syn(const struct facts *facts)
{
	return facts->net == FACTS_V4 && (facts->tcp_flags & (FACTS_SYN | FACTS_ACK)) == FACTS_SYN;
}

#endif
