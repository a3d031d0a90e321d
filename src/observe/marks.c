#include "observe/marks.h"

#include <stdbool.h>

#include "base/when.h"

enum {
	ZMAP_ID = 54321,
	ZMAP_WINDOW = 65535,
	ZMAP_TTL = 64, /* at the sender; a real Windows starts at 128 */
	ZMAP_CLOCK_SLACK_S = 5,
};

static bool is_masscan(const struct tcp_syn *syn)
{
	return syn->ip_id == (uint16_t)(syn->target ^ syn->target_port ^ syn->seq);
}

/*
 * ZMap from 4.1 wears an operating system's options. The Windows ones come with a TTL that no
 * Windows has; in the Linux ones the timestamp is the wall clock in seconds.
 */
static bool is_new_zmap(const struct tcp_syn *syn, int64_t time_us)
{
	bool dressed = (syn->options == TCP_OPTIONS_WINDOWS) | (syn->options == TCP_OPTIONS_LINUX) |
		       (syn->options == TCP_OPTIONS_BSD);
	if (!(dressed & (syn->window == ZMAP_WINDOW) & (syn->ttl <= ZMAP_TTL)))
		return false;
	if (syn->options == TCP_OPTIONS_WINDOWS)
		return true;
	int64_t off = (int64_t)syn->tsval - time_us / WHEN_SECOND_US;
	return off >= -ZMAP_CLOCK_SLACK_S && off <= ZMAP_CLOCK_SLACK_S;
}

unsigned marks_of_syn(const struct tcp_syn *syn, int64_t time_us)
{
	unsigned mirai = syn->seq == syn->target;
	unsigned zmap = (syn->ip_id == ZMAP_ID) | is_new_zmap(syn, time_us);
	unsigned masscan = is_masscan(syn);
	return mirai << TOOL_MIRAI | zmap << TOOL_ZMAP | masscan << TOOL_MASSCAN;
}

unsigned marks_of_packet(const struct facts *facts)
{
	if (!marks_is_syn(facts))
		return 0;
	const struct tcp_syn syn = {
	    .target = address_low32(&facts->target),
	    .seq = facts->seq,
	    .tsval = facts->tcp_tsval,
	    .target_port = facts->target_port,
	    .ip_id = facts->ip_id,
	    .window = facts->window,
	    .ttl = facts->ttl,
	    .options = facts->tcp_options,
	};
	return marks_of_syn(&syn, facts->time_us);
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
