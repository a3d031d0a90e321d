/* Row by row: which packets leave for the darknets, as what, and which stay live. */
#include "observe/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/table.h"
#include "test.h"

enum {
	ICMP = 1,
	IGMP = 2,
	TCP = 6,
	UDP = 17,
	ESP = 50,
	ICMP6 = 58,
	WIRE_BYTES_MAX = 1024 * 1024,
	SEED = 7,
};

#define S     FACTS_SYN
#define A     FACTS_ACK
#define R     FACTS_RST
#define T     FACTS_TRANSPORT
#define ERROR (FACTS_TRANSPORT | FACTS_ICMP_ERROR | FACTS_INNER_PORTS)

/* Members 192.0.2.0/24 and 2001:db8:1::/48; dark: the second half of the one, and what follows. */
static const char STRANGER[] = "203.0.113.5";
static const char DARK[] = "198.18.0.1";
static const char MEMBER[] = "192.0.2.5";
static const char MEMBERS_DARK[] = "192.0.2.200";
static const char STRANGER6[] = "2001:db8:9::5";
static const char DARK6[] = "2001:db8:dead::1";

enum outcome {
	LIVE,
	EVENT,
	GONE
};

struct row {
	const char *name;
	const char *source; /* NULL: STRANGER */
	const char *target; /* NULL: DARK */
	const char *inner_source;
	const char *inner_target;
	uint8_t net; /* 0: FACTS_V4 */
	uint8_t protocol;
	uint16_t flags;
	uint8_t tcp_flags;
	uint8_t icmp_type;
	uint8_t inner_protocol;
	uint16_t source_port;
	uint16_t target_port;
	uint16_t inner_target_port;
	uint32_t wire_bytes;
	uint32_t drill;
	enum outcome outcome;
	uint32_t key;        /* of the event */
	const char *subject; /* NULL: the source */
	bool forged;         /* counted as a forged source */
	bool asks;           /* the source becomes an asker */
	bool live_if_judged; /* live where only requests leave */
};

static struct address address(const char *text)
{
	struct address parsed = {{0}};
	if (text != NULL && address_parse(text, &parsed) != 0)
		abort();
	return parsed;
}

static struct facts facts_of(const struct row *row)
{
	return (struct facts){
	    .net = row->net != 0 ? row->net : FACTS_V4,
	    .source = address(row->source != NULL ? row->source : STRANGER),
	    .target = address(row->target != NULL ? row->target : DARK),
	    .inner_source = address(row->inner_source),
	    .inner_target = address(row->inner_target),
	    .protocol = row->protocol,
	    .flags = row->flags,
	    .tcp_flags = row->tcp_flags,
	    .icmp_type = row->icmp_type,
	    .inner_protocol = row->inner_protocol,
	    .source_port = row->source_port,
	    .target_port = row->target_port,
	    .inner_target_port = row->inner_target_port,
	    .wire_bytes = row->wire_bytes,
	    .drill = row->drill,
	    .seq = 99,
	    .ttl = 55,
	};
}

/* As dark_key() makes them. */
#define KEY(kind, variant, protocol, port)                                                         \
	((uint32_t)(port) << 16 | (uint32_t)(protocol) << 8 | (uint32_t)(kind) << 4 |              \
	    (uint32_t)(variant))
#define REQUEST(protocol, port)        KEY(SIGHTING_REQUEST, VARIANT_NONE, protocol, port)
#define REPLY(protocol, port)          KEY(SIGHTING_REPLY, VARIANT_NONE, protocol, port)
#define PROBE(variant, protocol, port) KEY(SIGHTING_PROBE, variant, protocol, port)

/* clang-format off */
static const struct row rows[] = {
    {"SYN", .protocol = TCP, .flags = T, .tcp_flags = S, .source_port = 4000, .target_port = 445,
	.outcome = EVENT, .key = REQUEST(TCP, 445)},
    {"SYN ACK", .protocol = TCP, .flags = T, .tcp_flags = S | A, .source_port = 80,
	.target_port = 4000, .outcome = EVENT, .key = REPLY(TCP, 80), .live_if_judged = true},
    {"RST", .protocol = TCP, .flags = T, .tcp_flags = R, .source_port = 81,
	.outcome = EVENT, .key = REPLY(TCP, 81), .live_if_judged = true},
    {"ACK", .protocol = TCP, .flags = T, .tcp_flags = A, .target_port = 443,
	.outcome = EVENT, .key = PROBE(VARIANT_ACK, TCP, 443), .live_if_judged = true},
    {"no flags", .protocol = TCP, .flags = T, .target_port = 22,
	.outcome = EVENT, .key = PROBE(VARIANT_NULL, TCP, 22)},
    {"FIN", .protocol = TCP, .flags = T, .tcp_flags = FACTS_FIN, .target_port = 22,
	.outcome = EVENT, .key = PROBE(VARIANT_FIN, TCP, 22)},
    {"SYN RST says nothing", .protocol = TCP, .flags = T, .tcp_flags = S | R,
	.outcome = GONE, .live_if_judged = true},
    {"TCP whose header is not there", .protocol = TCP, .tcp_flags = S,
	.outcome = GONE, .live_if_judged = true},
    {"a later fragment", .protocol = TCP, .flags = FACTS_FRAGMENT | FACTS_LATER_FRAGMENT,
	.outcome = GONE, .live_if_judged = true},
    {"datagram that asks", .protocol = UDP, .flags = T, .source_port = 4000, .target_port = 53,
	.outcome = EVENT, .key = REQUEST(UDP, 53)},
    {"datagram that replies", .protocol = UDP, .flags = T, .source_port = 53,
	.target_port = 4000, .outcome = EVENT, .key = REPLY(UDP, 53), .live_if_judged = true},
    {"datagram between two resolvers", .protocol = UDP, .flags = T, .source_port = 53,
	.target_port = 53, .outcome = EVENT, .key = REQUEST(UDP, 53)},
    {"echo", .protocol = ICMP, .flags = T, .icmp_type = 8,
	.outcome = EVENT, .key = REQUEST(ICMP, 8)},
    {"timestamp request", .protocol = ICMP, .flags = T, .icmp_type = 13,
	.outcome = EVENT, .key = REQUEST(ICMP, 13)},
    {"echo reply", .protocol = ICMP, .flags = T, .icmp_type = 0,
	.outcome = EVENT, .key = REPLY(ICMP, 0), .live_if_judged = true},
    {"ICMP of another type", .protocol = ICMP, .flags = T, .icmp_type = 9,
	.outcome = GONE, .live_if_judged = true},
    {"IGMP", .protocol = IGMP, .outcome = GONE, .live_if_judged = true},
    {"bare protocol", .protocol = ESP, .outcome = EVENT, .key = PROBE(VARIANT_PROTOCOL, ESP, 0)},
    {"protocol 0", .protocol = 0, .outcome = EVENT, .key = PROBE(VARIANT_PROTOCOL, 0, 0)},

    {"IPv6: SYN", .source = STRANGER6, .target = DARK6, .net = FACTS_V6, .protocol = TCP,
	.flags = T, .tcp_flags = S, .target_port = 22, .outcome = EVENT, .key = REQUEST(TCP, 22)},
    {"IPv6: echo", .source = STRANGER6, .target = DARK6, .net = FACTS_V6, .protocol = ICMP6,
	.flags = T, .icmp_type = 128, .outcome = EVENT, .key = REQUEST(ICMP6, 128)},
    {"IPv6: echo reply", .source = STRANGER6, .target = DARK6, .net = FACTS_V6,
	.protocol = ICMP6, .flags = T, .icmp_type = 129, .outcome = EVENT,
	.key = REPLY(ICMP6, 129), .live_if_judged = true},
    {"IPv6: neighbour solicitation", .source = "fe80::1", .target = DARK6, .net = FACTS_V6,
	.protocol = ICMP6, .flags = T | FACTS_ND_SOLICIT, .icmp_type = 135, .outcome = LIVE},
    {"IPv6: neighbour advertisement", .source = STRANGER6, .target = DARK6, .net = FACTS_V6,
	.protocol = ICMP6, .flags = T | FACTS_ND_ADVERT, .icmp_type = 136, .outcome = LIVE},
    {"IPv6: router advertisement", .source = "fe80::1", .target = DARK6, .net = FACTS_V6,
	.protocol = ICMP6, .flags = T | FACTS_ROUTER_ADVERT, .icmp_type = 134, .outcome = LIVE},
    {"IPv6: multicast source", .source = "ff02::1", .target = DARK6, .net = FACTS_V6,
	.protocol = TCP, .flags = T, .tcp_flags = S, .outcome = GONE, .forged = true},
    {"IPv6: loopback source", .source = "::1", .target = DARK6, .net = FACTS_V6,
	.protocol = TCP, .flags = T, .tcp_flags = S, .outcome = GONE, .forged = true},
    {"IPv6: no source", .source = "::", .target = DARK6, .net = FACTS_V6,
	.protocol = TCP, .flags = T, .tcp_flags = S, .outcome = LIVE},

    {"ARP request", .net = FACTS_ARP, .flags = FACTS_ARP_REQUEST, .outcome = LIVE},
    {"ARP reply", .net = FACTS_ARP, .flags = FACTS_ARP_REPLY, .outcome = LIVE},
    {"drill", .protocol = TCP, .flags = T, .tcp_flags = S, .target_port = 445, .drill = 3,
	.outcome = EVENT, .key = REQUEST(TCP, 445) | DARK_KEY_DRILL},
    {"drill's error", .inner_source = DARK, .inner_target = "203.0.113.9", .protocol = ICMP,
	.flags = ERROR, .icmp_type = 3, .inner_protocol = TCP, .inner_target_port = 80, .drill = 1,
	.outcome = EVENT, .key = REPLY(TCP, 80) | DARK_KEY_DRILL, .subject = "203.0.113.9",
	.live_if_judged = true},
    {"drill from a forged source", .source = "127.0.0.1", .protocol = TCP, .flags = T,
	.tcp_flags = S, .drill = 1, .outcome = GONE, .forged = true},
    {"frame for all of the link", .protocol = TCP, .flags = T | FACTS_LINK_BROADCAST,
	.tcp_flags = S, .outcome = LIVE},
    {"no source", .source = "0.0.0.0", .protocol = TCP, .flags = T, .tcp_flags = S,
	.outcome = LIVE},
    {"source beside it", .source = "0.0.0.1", .protocol = TCP, .flags = T, .tcp_flags = S,
	.target_port = 1, .outcome = EVENT, .key = REQUEST(TCP, 1)},
    {"multicast source", .source = "224.0.0.1", .protocol = TCP, .flags = T, .tcp_flags = S,
	.outcome = GONE, .forged = true},
    {"last multicast source", .source = "239.255.255.255", .protocol = TCP, .flags = T,
	.tcp_flags = S, .outcome = GONE, .forged = true},
    {"source past multicast", .source = "240.0.0.1", .protocol = TCP, .flags = T,
	.tcp_flags = S, .target_port = 1, .outcome = EVENT, .key = REQUEST(TCP, 1)},
    {"broadcast source", .source = "255.255.255.255", .protocol = TCP, .flags = T,
	.tcp_flags = S, .outcome = GONE, .forged = true},
    {"loopback source", .source = "127.9.9.9", .protocol = TCP, .flags = T, .tcp_flags = S,
	.outcome = GONE, .forged = true},
    {"forged source, of no class", .source = "127.9.9.9", .protocol = IGMP,
	.outcome = GONE, .forged = true},
    {"as many bytes as are counted", .protocol = TCP, .flags = T, .tcp_flags = S,
	.target_port = 1, .wire_bytes = WIRE_BYTES_MAX, .outcome = EVENT, .key = REQUEST(TCP, 1)},
    {"a byte more", .protocol = TCP, .flags = T, .tcp_flags = S,
	.wire_bytes = WIRE_BYTES_MAX + 1, .outcome = LIVE},

    {"error about a stranger", .target = DARK, .inner_source = DARK, .inner_target = "203.0.113.9",
	.protocol = ICMP, .flags = ERROR, .icmp_type = 3, .inner_protocol = TCP,
	.inner_target_port = 80, .outcome = EVENT, .key = REPLY(TCP, 80),
	.subject = "203.0.113.9", .live_if_judged = true},
    {"error about an echo", .inner_source = DARK, .inner_target = "203.0.113.9",
	.protocol = ICMP, .flags = ERROR, .icmp_type = 3, .inner_protocol = ICMP,
	.inner_target_port = 80, .outcome = EVENT, .key = REPLY(ICMP, 0),
	.subject = "203.0.113.9", .live_if_judged = true},
    {"error about another's packet", .inner_source = "198.18.0.2", .inner_target = "203.0.113.9",
	.protocol = ICMP, .flags = ERROR, .inner_protocol = TCP, .outcome = LIVE},
    {"error about a member", .inner_source = DARK, .inner_target = MEMBER, .protocol = ICMP,
	.flags = ERROR, .inner_protocol = TCP, .outcome = LIVE},
    {"error about a dark address", .inner_source = DARK, .inner_target = "198.18.7.7",
	.protocol = ICMP, .flags = ERROR, .inner_protocol = TCP, .outcome = LIVE},
    {"error about a group", .inner_source = DARK, .inner_target = "224.0.0.1", .protocol = ICMP,
	.flags = ERROR, .inner_protocol = UDP, .outcome = LIVE},
    {"error about loopback", .inner_source = DARK, .inner_target = "127.0.0.1",
	.protocol = ICMP, .flags = ERROR, .inner_protocol = UDP, .outcome = LIVE},
    {"IPv6: error about a stranger", .source = STRANGER6, .target = DARK6, .inner_source = DARK6,
	.inner_target = "2001:db8:9::9", .net = FACTS_V6, .protocol = ICMP6, .flags = ERROR,
	.icmp_type = 1, .inner_protocol = UDP, .inner_target_port = 53, .outcome = EVENT,
	.key = REPLY(UDP, 53), .subject = "2001:db8:9::9", .live_if_judged = true},

    {"to a member", .target = MEMBER, .protocol = TCP, .flags = T, .tcp_flags = S,
	.outcome = LIVE},
    {"to a stranger", .target = "203.0.113.6", .protocol = TCP, .flags = T, .tcp_flags = S,
	.outcome = LIVE},
    {"to a member's dark address", .target = MEMBERS_DARK, .protocol = TCP, .flags = T,
	.tcp_flags = S, .target_port = 23, .outcome = EVENT, .key = REQUEST(TCP, 23)},
    {"to a group", .target = "224.0.0.1", .protocol = UDP, .flags = T, .outcome = LIVE},
    {"from a member", .source = MEMBER, .protocol = TCP, .flags = T, .tcp_flags = S,
	.outcome = LIVE},
    {"SYN from dark to dark", .source = "198.18.0.2", .protocol = TCP, .flags = T,
	.tcp_flags = S, .outcome = LIVE},
    {"SYN from a member's dark address to dark", .source = MEMBERS_DARK, .protocol = TCP,
	.flags = T, .tcp_flags = S, .outcome = LIVE},
    {"SYN from dark to a stranger", .source = DARK, .target = STRANGER, .protocol = TCP,
	.flags = T, .tcp_flags = S, .outcome = LIVE, .asks = true},
    {"datagram from dark", .source = DARK, .target = STRANGER, .protocol = UDP, .flags = T,
	.outcome = LIVE, .asks = true},
    {"segment from dark", .source = DARK, .target = STRANGER, .protocol = TCP, .flags = T,
	.tcp_flags = A, .outcome = LIVE, .asks = true},
    {"probe from dark", .source = DARK, .target = STRANGER, .protocol = ESP,
	.outcome = LIVE, .asks = true},
    {"SYN ACK from dark asks nothing", .source = DARK, .target = STRANGER, .protocol = TCP,
	.flags = T, .tcp_flags = S | A, .outcome = LIVE},
    {"error from dark asks nothing", .source = DARK, .target = STRANGER, .protocol = ICMP,
	.inner_source = STRANGER, .inner_target = DARK, .flags = ERROR, .outcome = LIVE},
    {"later fragment from dark asks nothing", .source = DARK, .target = STRANGER,
	.protocol = UDP, .flags = FACTS_LATER_FRAGMENT, .outcome = LIVE},
    {"ARP for dark asks nothing of strangers", .source = DARK, .target = MEMBER,
	.net = FACTS_ARP, .flags = FACTS_ARP_REQUEST, .outcome = LIVE},
};
/* clang-format on */

enum {
	ROW_COUNT = sizeof rows / sizeof rows[0]
};

static void add(struct chunk *chunk, const struct chunk_rules *rules, const struct facts *facts)
{
	static const struct frame frame;
	*chunk_next_facts(chunk) = *facts;
	chunk_add(chunk, rules, &frame);
}

static bool is_event_of(const struct chunk *chunk, const struct row *row, const struct facts *facts)
{
	const struct dark_event *event = &chunk->dark[0];
	const struct address subject = row->subject != NULL ? address(row->subject) : facts->source;
	unsigned bits = 0;
	if (facts->net == FACTS_V4)
		bits |= DARK_EVENT_V4;
	if (facts->net == FACTS_V4 && row->protocol == TCP && row->tcp_flags == S)
		bits |= DARK_EVENT_SYN;
	if (row->drill != 0)
		bits |= DARK_EVENT_DRILL;
	return chunk->dark_count == 1 && event->key == row->key && event->key != 0 &&
	       address_equal(&event->subject, &subject) &&
	       address_equal(&event->target, &facts->target) &&
	       event->hash == dark_hash(&subject, address_is_v4(&subject),
				  row->drill != 0 ? ~(uint64_t)SEED : SEED) &&
	       event->seq == facts->seq && event->wire_bytes == facts->wire_bytes &&
	       event->ttl == facts->ttl && event->source_port == facts->source_port &&
	       event->time_us == facts->time_us &&
	       (event->marks & (DARK_EVENT_V4 | DARK_EVENT_SYN | DARK_EVENT_DRILL)) == bits &&
	       chunk->darknet[0] == chunk_darknet_of(&subject);
}

static bool sorts_as(struct chunk *chunk, const struct chunk_rules *rules, const struct row *row,
    enum outcome outcome)
{
	const struct facts facts = facts_of(row);
	bool asks = row->asks && rules->darknets_until > 0;
	chunk_clear(chunk, 1000);
	add(chunk, rules, &facts);
	chunk_seal(chunk);
	if (chunk->count != 1 || chunk->live_count != (outcome == LIVE) ||
	    chunk->dark_count != (outcome == EVENT) ||
	    chunk->forged_sources != (outcome == GONE && row->forged) || chunk->asker_count != asks)
		return false;
	if (asks && (chunk->new_askers[0].since != 1000 ||
			!address_equal(&chunk->new_askers[0].address, &facts.source)))
		return false;
	return outcome != EVENT || is_event_of(chunk, row, &facts);
}

static void test_rows(struct chunk *chunk, const struct chunk_rules *rules)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		OK(sorts_as(chunk, rules, &rows[i], rows[i].outcome), rows[i].name);
}

static void test_rows_judged(struct chunk *chunk, const struct chunk_rules *rules)
{
	struct chunk_rules judged = *rules;
	judged.only_requests = true;
	bool all = true;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		enum outcome outcome = rows[i].live_if_judged ? LIVE : rows[i].outcome;
		if (sorts_as(chunk, &judged, &rows[i], outcome))
			continue;
		all = false;
		printf("# %s\n", rows[i].name);
	}
	OK(all, "where strangers are judged, only what they ask leaves");
}

static void test_rows_without(struct chunk *chunk, const struct chunk_rules *rules)
{
	struct chunk_rules none = *rules;
	none.darknets_until = 0;
	bool all = true;
	for (size_t i = 0; i < ROW_COUNT; i++)
		all = all && sorts_as(chunk, &none, &rows[i], LIVE);
	OK(all, "without darknets all packets are live, and nobody asks");
}

static struct facts syn(const char *source, const char *target)
{
	return facts_of(&(struct row){.source = source,
	    .target = target,
	    .protocol = TCP,
	    .flags = T,
	    .tcp_flags = S,
	    .target_port = 80});
}

/* Frames 1000 to 1003 go to the dark address that asked with frame `since`. */
static void test_askers(struct chunk *chunk, const struct chunk_rules *rules)
{
	static const struct {
		const char *name;
		uint64_t since;
		size_t live;
	} askers[] = {
	    {"asked long before: all are live", 5, 4},
	    {"asked with the frame before: all are live", 999, 4},
	    {"asked with the first frame: the next are live", 1000, 3},
	    {"asked with the third: the fourth is live", 1002, 1},
	    {"asked with the fourth: none is live", 1003, 0},
	    {"will ask later: none is live", 2000, 0},
	};
	const struct facts facts = syn(STRANGER, DARK);
	for (size_t i = 0; i < sizeof askers / sizeof askers[0]; i++) {
		struct table *table =
		    table_new(sizeof(struct address), sizeof(struct dark_asker), 16);
		struct dark_asker *asker =
		    table_insert(table, &facts.target, hash_address(&facts.target, SEED));
		struct chunk_rules with = *rules;
		with.askers = table;
		asker->since = askers[i].since;
		chunk_clear(chunk, 1000);
		for (size_t n = 0; n < 4; n++)
			add(chunk, &with, &facts);
		OK(chunk->live_count == askers[i].live && chunk->dark_count == 4 - askers[i].live &&
			(chunk->live_count == 0 || chunk->live[0].at == 4 - askers[i].live),
		    askers[i].name);
		const struct facts asks = syn(DARK, STRANGER);
		add(chunk, &with, &asks);
		OK(chunk->asker_count == 0, "who is known to ask is not told again");
		table_free(table);
	}
}

enum {
	SYN_BYTES = 54
};

static void make_syn(uint8_t bytes[static SYN_BYTES], const char *source, const char *target)
{
	static const uint8_t plain[SYN_BYTES] = {[0] = 2,
	    [6] = 2,
	    [12] = 8,
	    [14] = 0x45,
	    [17] = 40,
	    [18] = 0x12,
	    [19] = 0x34,
	    [22] = 47,
	    [23] = TCP,
	    [34] = 0xc0,
	    [36] = 0,
	    [37] = 23,
	    [38] = 1,
	    [39] = 2,
	    [40] = 3,
	    [41] = 4,
	    [46] = 0x50,
	    [47] = S,
	    [48] = 4};
	memcpy(bytes, plain, SYN_BYTES);
	const struct address from = address(source);
	const struct address to = address(target);
	memcpy(bytes + 26, from.bytes + 12, 4);
	memcpy(bytes + 30, to.bytes + 12, 4);
}

static bool is_same(const struct chunk *a, const struct chunk *b)
{
	return a->count == b->count && a->earliest_us == b->earliest_us &&
	       a->latest_us == b->latest_us && a->times_us[0] == b->times_us[0] &&
	       a->forged_sources == b->forged_sources && a->dark_count == b->dark_count &&
	       a->live_count == b->live_count && a->asker_count == b->asker_count &&
	       (a->dark_count == 0 || (memcmp(a->dark, b->dark, sizeof a->dark[0]) == 0 &&
					  a->darknet[0] == b->darknet[0]));
}

/* What goes the short way comes to the same as decoding all and then sorting. */
static void test_taking(struct chunk *chunk, struct chunk *other, const struct chunk_rules *given)
{
	static const struct {
		const char *name;
		const char *source;
		const char *target;
		uint8_t first_byte;
		uint32_t wire_bytes;
		uint32_t drill;
		int64_t time_us;
		bool until, judged;
		enum outcome outcome;
	} frames[] = {
	    {"a SYN", STRANGER, DARK, 2, 60, 0, 5, false, false, EVENT},
	    {"to a member's dark address", STRANGER, MEMBERS_DARK, 2, 60, 0, 5, 0, 0, EVENT},
	    {"where strangers are judged", STRANGER, DARK, 2, 60, 0, 5, false, true, EVENT},
	    {"as long as is counted", STRANGER, DARK, 2, WIRE_BYTES_MAX, 0, 5, 0, 0, EVENT},
	    {"longer", STRANGER, DARK, 2, WIRE_BYTES_MAX + 1, 0, 5, 0, 0, LIVE},
	    {"a drill's", STRANGER, DARK, 2, 60, 9, 5, 0, 0, EVENT},
	    {"to a group on the wire", STRANGER, DARK, 3, 60, 0, 5, 0, 0, LIVE},
	    {"from a member", MEMBER, DARK, 2, 60, 0, 5, 0, 0, LIVE},
	    {"from a dark address", "198.18.7.7", DARK, 2, 60, 0, 5, 0, 0, LIVE},
	    {"to a member", STRANGER, MEMBER, 2, 60, 0, 5, 0, 0, LIVE},
	    {"from nowhere", "0.0.0.0", DARK, 2, 60, 0, 5, 0, 0, LIVE},
	    {"from a group", "224.0.0.9", DARK, 2, 60, 0, 5, 0, 0, GONE},
	    {"from loopback", "127.1.2.3", DARK, 2, 60, 0, 5, 0, 0, GONE},
	    {"from all", "255.255.255.255", DARK, 2, 60, 0, 5, 0, 0, GONE},
	    {"no darknets any more", STRANGER, DARK, 2, 60, 0, 5, true, 0, LIVE},
	    {"a time from damage", STRANGER, DARK, 2, 60, 0, INT64_MAX, 0, 0, EVENT},
	    {"and long before", STRANGER, DARK, 2, 60, 0, INT64_MIN, 0, 0, EVENT},
	};
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		uint8_t bytes[SYN_BYTES];
		make_syn(bytes, frames[i].source, frames[i].target);
		bytes[0] = frames[i].first_byte;
		struct frame frame = {.bytes = bytes,
		    .captured_bytes = SYN_BYTES,
		    .wire_bytes = frames[i].wire_bytes,
		    .time_us = frames[i].time_us,
		    .link_type = LINK_ETHERNET,
		    .drill = frames[i].drill};
		struct chunk_rules rules = *given;
		rules.only_requests = frames[i].judged;
		rules.darknets_until = frames[i].until ? 1000 : UINT64_MAX;
		chunk_clear(chunk, 1000);
		enum decode_verdict verdict = chunk_take(chunk, &rules, &frame);
		chunk_clear(other, 1000);
		struct facts *facts = chunk_next_facts(other);
		bool same = decode_frame(&frame, facts) == verdict;
		facts->time_us = chunk->times_us[0];
		chunk_add(other, &rules, &frame);
		OK(same && is_same(chunk, other) &&
			chunk->dark_count == (frames[i].outcome == EVENT) &&
			chunk->live_count == (frames[i].outcome == LIVE) &&
			chunk->times_us[0] <= INT64_C(1) << 61 &&
			chunk->times_us[0] >= -(INT64_C(1) << 61),
		    frames[i].name);
	}
}

static void test_full(struct chunk *chunk, const struct chunk_rules *rules)
{
	const struct facts dark = syn(STRANGER, DARK);
	const struct facts live = syn(MEMBER, DARK);
	const struct facts asks = syn(DARK, STRANGER);
	chunk_clear(chunk, 0);
	for (size_t i = 0; i < CHUNK_FRAMES; i++)
		add(chunk, rules, &dark);
	chunk_seal(chunk);
	OK(chunk->dark_count == CHUNK_FRAMES && chunk->begin[DARKNETS] == CHUNK_FRAMES,
	    "all of a chunk may be dark");
	chunk_clear(chunk, 0);
	for (size_t i = 0; i < CHUNK_FRAMES; i++)
		add(chunk, rules, &live);
	chunk_seal(chunk);
	OK(chunk->live_count == CHUNK_FRAMES && chunk->begin[DARKNETS] == 0 &&
		chunk->live[CHUNK_FRAMES - 1].at == CHUNK_FRAMES - 1,
	    "all of a chunk may be live");
	chunk_clear(chunk, 0);
	for (size_t i = 0; i < CHUNK_FRAMES; i++)
		add(chunk, rules, &asks);
	OK(chunk->asker_count == CHUNK_FRAMES, "all of a chunk may ask");
}

static void test_times(struct chunk *chunk, const struct chunk_rules *rules)
{
	static const int64_t times[] = {5, -3, FRAME_TIME_MAX_US, FRAME_TIME_MIN_US, 0};
	struct facts facts = syn(STRANGER, DARK);
	chunk_clear(chunk, 0);
	OK(chunk->earliest_us > chunk->latest_us, "an empty chunk has no times");
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		facts.time_us = times[i];
		add(chunk, rules, &facts);
	}
	OK(chunk->earliest_us == FRAME_TIME_MIN_US && chunk->latest_us == FRAME_TIME_MAX_US &&
		memcmp(chunk->times_us, times, sizeof times) == 0,
	    "the times of all frames, and the earliest and latest of them");
}

/* By darknet, and in each of them in the order of their coming. */
static void test_seal(struct chunk *chunk, const struct chunk_rules *rules)
{
	struct random random;
	random_init(&random, 3);
	struct facts facts = syn(STRANGER, DARK);
	chunk_clear(chunk, 0);
	for (size_t i = 0; i < CHUNK_FRAMES; i++) {
		uint32_t source = UINT32_C(0x0b000000) + (uint32_t)random_below(&random, 200);
		facts.source = address_from_v4_u32(source);
		facts.seq = (uint32_t)i;
		add(chunk, rules, &facts);
	}
	chunk_seal(chunk);
	bool right = chunk->begin[0] == 0 && chunk->begin[DARKNETS] == chunk->dark_count;
	for (size_t n = 0; n < DARKNETS && right; n++) {
		for (size_t i = chunk->begin[n]; i < chunk->begin[n + 1]; i++) {
			const struct dark_event *event = chunk->sorted[i];
			right = right && chunk_darknet_of(&event->subject) == n &&
				(i == chunk->begin[n] || chunk->sorted[i - 1]->seq < event->seq);
		}
	}
	OK(right, "sealed: each darknet's events, in order");
}

/* How the addresses of a network fall on the darknets: `step` apart from the first one on. */
static const struct {
	const char *name;
	const char *first;
	uint64_t step; /* of the last 64 bits */
	size_t count;
	unsigned least; /* percent of the mean that each darknet has at least */
	unsigned most;
} nets[] = {
    {"the hosts of a /16", "198.51.0.0", 1, 65536, 75, 150},
    {"every second host of a /15", "198.50.0.0", 2, 65536, 75, 150},
    {"the first hosts of each /24 of a /8", "11.0.0.0", 256, 65536, 75, 150},
    {"one host of each /16", "0.0.0.1", 65536, 65536, 75, 150},
    {"one /24", "198.51.100.0", 1, 256, 0, 300},
    {"the hosts of a /64", "2001:db8::", 1, 65536, 75, 150},
    {"hosts of a /64, far apart", "2001:db8::", UINT64_C(1) << 40, 65536, 75, 150},
};

static void test_evenness(void)
{
	for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
		size_t of[DARKNETS] = {0};
		struct address at = address(nets[i].first);
		for (size_t n = 0; n < nets[i].count; n++) {
			of[chunk_darknet_of(&at)]++;
			uint64_t carry = nets[i].step;
			for (size_t byte = ADDRESS_BYTES; byte-- > 8; carry >>= 8) {
				carry += at.bytes[byte];
				at.bytes[byte] = (uint8_t)carry;
			}
		}
		size_t mean = nets[i].count / DARKNETS;
		bool even = true;
		for (size_t n = 0; n < DARKNETS; n++)
			even = even && of[n] * 100 >= mean * nets[i].least &&
			       of[n] * 100 <= mean * nets[i].most;
		OK(even, nets[i].name);
		for (size_t n = 0; n < DARKNETS && !even; n++)
			printf("# darknet %zu: %zu of %zu\n", n, of[n], nets[i].count);
	}
}

static struct registry *make_registry(void)
{
	struct registry *registry = NULL;
	struct complaint complaint;
	if (registry_new(&registry) != 0 ||
	    registry_add_member(registry, "m", "192.0.2.0/24,2001:db8:1::/48", &complaint) != 0 ||
	    registry_add_dark(
		registry, "198.18.0.0/16,192.0.2.128/25,2001:db8:dead::/48", &complaint) != 0 ||
	    registry_seal(registry, &complaint) != 0)
		abort();
	return registry;
}

int main(void)
{
	struct registry *registry = make_registry();
	struct chunk *chunk = aligned_alloc(_Alignof(struct chunk), sizeof *chunk);
	struct chunk *other = aligned_alloc(_Alignof(struct chunk), sizeof *other);
	if (chunk == NULL || other == NULL)
		abort();
	const struct chunk_rules rules = {
	    .registry = registry_view(registry),
	    .darknets_until = UINT64_MAX,
	    .seed = SEED,
	};
	test_rows(chunk, &rules);
	test_rows_judged(chunk, &rules);
	test_rows_without(chunk, &rules);
	test_askers(chunk, &rules);
	test_taking(chunk, other, &rules);
	test_full(chunk, &rules);
	test_times(chunk, &rules);
	test_seal(chunk, &rules);
	test_evenness();
	free(other);
	free(chunk);
	registry_free(registry);
	return test_done();
}
