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
	bool dressed = (facts->tcp_options == TCP_OPTIONS_WINDOWS) |
		       (facts->tcp_options == TCP_OPTIONS_LINUX) |
		       (facts->tcp_options == TCP_OPTIONS_BSD);
	if (!(dressed & (facts->window == ZMAP_WINDOW) & (facts->ttl <= ZMAP_TTL)))
		return false;
	if (facts->tcp_options == TCP_OPTIONS_WINDOWS)
		return true;
	int64_t off = (int64_t)facts->tcp_tsval - facts->time_us / WHEN_SECOND_US;
	return off >= -ZMAP_CLOCK_SLACK_S && off <= ZMAP_CLOCK_SLACK_S;
}

static bool is_nmap_pair(const struct marks_memory *now, const struct marks_memory *before)
{
	uint32_t x = now->seq ^ before->seq;
	return (x != 0) & (x >> 16 == (x & 0xffff));
}

static bool is_unicornscan_pair(const struct marks_memory *now, const struct marks_memory *before)
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

unsigned marks_of_packet(const struct facts *facts)
{
	if (!marks_is_syn(facts))
		return 0;
	uint32_t target = address_low32(&facts->target);
	unsigned mirai = facts->seq == target;
	unsigned zmap = (facts->ip_id == ZMAP_ID) | is_new_zmap(facts);
	unsigned masscan = is_masscan(facts, target);
	return mirai << TOOL_MIRAI | zmap << TOOL_ZMAP | masscan << TOOL_MASSCAN;
}

unsigned marks_of_pair(const struct marks_memory *now, const struct marks_memory *before)
{
	/* without branches: on the path of every packet of a telescope */
	unsigned nmap = is_nmap_pair(now, before);
	/* seq == dip with a fixed source port is constant under Unicornscan's relation as well */
	unsigned unicornscan = (now->seq != now->target) & is_unicornscan_pair(now, before);
	unsigned marks = nmap << TOOL_NMAP | unicornscan << TOOL_UNICORNSCAN;
	return before->known != 0 ? marks : 0;
}

unsigned marks_of(const struct facts *facts, struct marks_memory *memory)
{
	if (!marks_is_syn(facts))
		return 0;
	const struct marks_memory now = {
	    .seq = facts->seq,
	    .target = address_low32(&facts->target),
	    .ports = (uint32_t)facts->target_port << 16 | facts->source_port,
	    .known = 1,
	};
	unsigned marks = marks_of_packet(facts) | marks_of_pair(&now, memory);
	*memory = now;
	return marks;
}
