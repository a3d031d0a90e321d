#include "observe/marks.h"

#include <stdbool.h>

#include "base/when.h"

enum {
	ZMAP_ID = 54321,
	ZMAP_WINDOW = 65535,
	ZMAP_TTL = 64, /* at the sender; a real Windows starts at 128 */
	ZMAP_CLOCK_SLACK_S = 5,
};

static bool is_masscan(const struct facts *facts, uint32_t target)
{
	return facts->ip_id == (uint16_t)(target ^ facts->target_port ^ facts->seq);
}

/*
 * ZMap from 4.1 wears an operating system's options. The Windows ones come with a TTL that no
 * Windows has; in the Linux ones the timestamp is the wall clock in seconds.
 */
static bool is_new_zmap(const struct facts *facts)
{
	if (facts->window != ZMAP_WINDOW || facts->ttl > ZMAP_TTL)
		return false;
	if (facts->tcp_options == TCP_OPTIONS_WINDOWS)
		return true;
	if (facts->tcp_options != TCP_OPTIONS_LINUX && facts->tcp_options != TCP_OPTIONS_BSD)
		return false;
	int64_t off = (int64_t)facts->tcp_tsval - facts->time_us / WHEN_SECOND_US;
	return off >= -ZMAP_CLOCK_SLACK_S && off <= ZMAP_CLOCK_SLACK_S;
}

static bool is_nmap_pair(const struct facts *facts, const struct marks_memory *before)
{
	uint32_t x = facts->seq ^ before->seq;
	return x != 0 && x >> 16 == (x & 0xffff);
}

static bool is_unicornscan_pair(
    uint32_t seq, uint32_t target, uint32_t ports, const struct marks_memory *before)
{
	/*
	 * The same target and port again proves nothing: probes that raise sequence number and
	 * source port together, as Nmap's for operating systems, keep the relation as well.
	 */
	if (target == before->target && ports >> 16 == before->ports >> 16)
		return false;
	/* Targets and source ports that count up together keep it too, under a constant sequence
	 * number. */
	if (seq == before->seq)
		return false;
	uint32_t plain = seq ^ target ^ ports;
	uint32_t plain_before = before->seq ^ before->target ^ before->ports;
	uint32_t turned = seq ^ __builtin_bswap32(target) ^ ports;
	uint32_t turned_before = before->seq ^ __builtin_bswap32(before->target) ^ before->ports;
	return plain == plain_before || turned == turned_before;
}

unsigned marks_of(const struct facts *facts, struct marks_memory *memory)
{
	if (facts->net != FACTS_V4 || (facts->tcp_flags & (FACTS_SYN | FACTS_ACK)) != FACTS_SYN)
		return 0;
	uint32_t target = address_low32(&facts->target);
	uint32_t ports = (uint32_t)facts->target_port << 16 | facts->source_port;
	unsigned marks = 0;

	bool is_mirai = facts->seq == target;
	if (is_mirai)
		marks |= 1U << TOOL_MIRAI;
	if (facts->ip_id == ZMAP_ID || is_new_zmap(facts))
		marks |= 1U << TOOL_ZMAP;
	if (is_masscan(facts, target))
		marks |= 1U << TOOL_MASSCAN;
	if (memory->known != 0 && is_nmap_pair(facts, memory))
		marks |= 1U << TOOL_NMAP;
	/* seq == dip with a fixed source port is constant under Unicornscan's relation as well */
	if (memory->known != 0 && !is_mirai &&
	    is_unicornscan_pair(facts->seq, target, ports, memory))
		marks |= 1U << TOOL_UNICORNSCAN;

	*memory =
	    (struct marks_memory){.seq = facts->seq, .target = target, .ports = ports, .known = 1};
	return marks;
}
