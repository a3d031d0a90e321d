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
#include "decode/tcp_syn.h"
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

/* The same of a SYN over IPv4 that came at this time. */
unsigned marks_of_syn(const struct tcp_syn *syn, int64_t time_us);

static inline bool marks_is_nmap_pair(
    const struct marks_memory *now, const struct marks_memory *before)
{
	uint32_t x = now->seq ^ before->seq;
	return (x != 0) & (x >> 16 == (x & 0xffff));
}

static inline bool marks_is_unicornscan_pair(
    const struct marks_memory *now, const struct marks_memory *before)
{
	uint32_t seq = now->seq ^ before->seq;
	uint32_t target = now->target ^ before->target;
	uint32_t ports = now->ports ^ before->ports;
	/*
	 * The same target and port again proves nothing: probes that raise sequence number and
	 * source port together, as Nmap's for operating systems, keep the relation as well.
	 * Targets and source ports that count up together keep it too, under a constant sequence
	 * number.
	 */
	bool proves = ((target | ports >> 16) != 0) & (seq != 0);
	return proves &
	       (((seq ^ target ^ ports) == 0) | ((seq ^ __builtin_bswap32(target) ^ ports) == 0));
}

/* Those that stand in the relation of a SYN to the one before from the same source. */
static inline unsigned marks_of_pair(
    const struct marks_memory *now, const struct marks_memory *before)
{
	/* without branches: on the path of every packet of a telescope */
	unsigned nmap = marks_is_nmap_pair(now, before);
	/* seq == dip with a fixed source port is constant under Unicornscan's relation as well */
	unsigned unicornscan = (now->seq != now->target) & marks_is_unicornscan_pair(now, before);
	unsigned marks = nmap << TOOL_NMAP | unicornscan << TOOL_UNICORNSCAN;
	return before->known != 0 ? marks : 0;
}

/* Both. Updates *memory. */
unsigned marks_of(const struct facts *facts, struct marks_memory *memory);

static inline bool marks_is_syn(const struct facts *facts)
{
	return facts->net == FACTS_V4 && (facts->tcp_flags & (FACTS_SYN | FACTS_ACK)) == FACTS_SYN;
}

#endif
