#include "cmd/sample.h"

#include <assert.h>
#include <string.h>

#include "alert/severity.h"
#include "base/when.h"

enum {
	TCP = 6,
	UDP = 17,
	GROWTH = 10,
};

/* 2026-04-01T00:12:07.250000Z, and for so long. */
#define FIRST_US   INT64_C(1775002327250000)
#define LASTING_US (4 * WHEN_MINUTE_US + INT64_C(13500000))

bool sample_has_tool(enum rule rule)
{
	return rule == RULE_SCAN_DARK || rule == RULE_SCAN_LIVE;
}

bool sample_has_port(enum rule rule)
{
	return rule != RULE_SCAN_SWEEP;
}

static struct address address_of(const char *text)
{
	struct address address;
	int result = address_parse(text, &address);
	assert(result == 0); /* our own */
	(void)result;
	return address;
}

static void set_port(struct finding *finding, int protocol, int port)
{
	finding->ports[0] = (struct finding_port){.protocol = (uint8_t)protocol,
	    .port = (uint16_t)port,
	    .searched = true,
	    .packets = finding->packets,
	    .targets = finding->role == ROLE_ACTOR ? finding->targets : 0};
	finding->ports_listed = 1;
	finding->port_count = 1;
}

static void add_source_ports(struct finding *finding)
{
	finding->source_ports[finding->source_port_count++] = 49152;
	finding->source_ports[finding->source_port_count++] = 51873;
}

/* ---- Rules ---- */

static void make_scan_dark(struct finding *finding)
{
	finding->subject = address_of("192.0.2.77");
	finding->shape = SHAPE_HORIZONTAL;
	finding->packets = 254;
	finding->targets = 254;
	finding->dark_targets = 254;
	set_port(finding, TCP, 445);
	add_source_ports(finding);
	finding_add_reason(finding, REASON_DARK_TARGETS, 254, 0, 0);
	finding_add_reason(finding, REASON_ADDRESS_ORDER, 97, 0, 0);
}

static void make_scan_sweep(struct finding *finding)
{
	finding->subject = address_of("192.0.2.31");
	finding->packets = 254;
	finding->targets = 254;
	finding->ports[0] =
	    (struct finding_port){.neighbour = true, .packets = 254, .targets = 254};
	finding->ports_listed = 1;
	finding->port_count = 1;
	finding->lateral = true;
	finding_add_reason(finding, REASON_UNHELD, 231, 4, 0);
}

static void make_scan_live(struct finding *finding)
{
	finding->subject = address_of("192.0.2.17");
	finding->shape = SHAPE_HORIZONTAL;
	finding->packets = 612;
	finding->targets = 598;
	set_port(finding, TCP, 22);
	add_source_ports(finding);
	finding_add_reason(finding, REASON_NET_FAILURES, 571, 584, 14);
}

static void make_victim(struct finding *finding)
{
	finding->subject = address_of("192.0.2.80");
	finding->role = ROLE_VICTIM;
	finding->packets = 12000;
	finding->targets = 11000;
	finding->packets_per_s = 47.3;
	set_port(finding, TCP, 443);
	finding_add_reason(finding, REASON_BACKSCATTER, 12000, 253, 2835);
	finding_add_reason(finding, REASON_REAL_RATE, 3096000, 65536, 0);
	finding_add_reason(finding, REASON_FORGED_NETWORKS, 256, 0, 0);
}

static void make_incoming(struct finding *finding)
{
	finding->subject = address_of("192.0.2.81");
	finding->role = ROLE_VICTIM;
	finding->packets = 253500;
	finding->sources = 5000;
	finding->packets_per_s = 1000;
	set_port(finding, TCP, 443);
	finding_add_reason(finding, REASON_FLOOD_SENDERS, 5000, 1, 1000);
}

static void make_reflector(struct finding *finding)
{
	finding->subject = address_of("192.0.2.53");
	finding->packets = 40;
	finding->targets = 5;
	finding->dark_targets = 5;
	set_port(finding, UDP, 53);
	finding_add_reason(finding, REASON_REFLECTED_DARK, 40, 5, 90);
}

static void make_stray(struct finding *finding)
{
	finding->subject = address_of("192.0.2.20");
	finding->last_us = finding->first_us + 2 * WHEN_HOUR_US + WHEN_MINUTE_US;
	finding->packets = 24;
	finding->targets = 1;
	finding->dark_targets = 1;
	set_port(finding, TCP, 9100);
	add_source_ports(finding);
	finding_add_reason(finding, REASON_STRAY, 1, 24, 7260);
}

static void make_spoof_member(struct finding *finding)
{
	finding->subject = address_of("192.0.2.1");
	finding->packets = 90;
	finding->targets = 60;
	set_port(finding, TCP, 80);
	finding_add_reason(finding, REASON_MEMBER_CROWD, 60, 95, 0);
}

/* ---- What is wanted of it ---- */

/* Cameras search for cameras. */
static void set_tool(struct finding *finding, const struct sample_wish *wish)
{
	finding->tool = wish->tool;
	if (wish->tool < 0)
		return;
	if (wish->tool == TOOL_MIRAI && wish->port < 0)
		set_port(finding, TCP, 23);
	finding->tool_packets = finding->packets;
	memmove(finding->reasons + 1, finding->reasons,
	    finding->reason_count * sizeof finding->reasons[0]); /* it is what says most */
	finding->reason_count++;
	finding->reasons[0] = (struct reason_given){
	    .reason = REASON_MARK, .numbers = {(int64_t)finding->packets, wish->tool, 0}};
}

/* Answers that nobody asked for come from such services. */
static void set_wished_port(struct finding *finding, const struct sample_wish *wish)
{
	if (wish->port < 0)
		return;
	set_port(finding, wish->protocol, wish->port);
	if (finding->rule == RULE_DDOS_INCOMING && wish->protocol == UDP) {
		finding->reason_count = 0;
		finding_add_reason(finding, REASON_FLOOD_REPLIES, 5000, 1000, 0);
	}
}

static void add_spoof_reason(
    struct finding *finding, enum spoof_reason reason, int64_t a, int64_t b)
{
	finding->spoof_reasons[finding->spoof_reason_count++] =
	    (struct finding_spoof){.reason = (uint8_t)reason, .numbers = {a, b}};
}

static void set_spoof(struct finding *finding, int wished)
{
	const bool is_crowd = finding->rule == RULE_SPOOF_MEMBER;
	finding->spoof = wished >= 0 ? (enum spoof)wished
			 : is_crowd  ? SPOOF_LIKELY
				     : SPOOF_UNLIKELY;
	finding->attribution = ATTRIBUTION_ONE_WAY;
	switch (finding->spoof) {
	case SPOOF_LIKELY:
		add_spoof_reason(finding, SPOOF_TTL_SPREAD, 41, 203);
		if (is_crowd)
			add_spoof_reason(finding, SPOOF_CROWD_OF_MEMBER, 60, 0);
		break;
	case SPOOF_POSSIBLE:
		add_spoof_reason(finding, SPOOF_TTL_STEADY, 52, 53);
		break;
	case SPOOF_UNLIKELY:
	case SPOOF_COUNT:
		if (finding->rule == RULE_SCAN_DARK || finding->rule == RULE_SCAN_SWEEP) {
			finding->attribution = ATTRIBUTION_TWO_WAY;
			add_spoof_reason(finding, SPOOF_TWO_WAY_SEEN, 0, 0);
		} else if (finding->rule == RULE_SCAN_LIVE) {
			finding->attribution = ATTRIBUTION_HANDSHAKE;
			add_spoof_reason(finding, SPOOF_HANDSHAKE_SEEN, 0, 0);
		}
		add_spoof_reason(finding, SPOOF_TTL_STEADY, 127, 128);
		break;
	}
}

void sample_finding(const struct sample_wish *wish, struct finding *ret_finding)
{
	static void (*const makers[])(struct finding * finding) = {
	    [RULE_SCAN_DARK] = make_scan_dark,
	    [RULE_SCAN_SWEEP] = make_scan_sweep,
	    [RULE_SCAN_LIVE] = make_scan_live,
	    [RULE_DDOS_VICTIM] = make_victim,
	    [RULE_DDOS_INCOMING] = make_incoming,
	    [RULE_DDOS_REFLECTOR] = make_reflector,
	    [RULE_CONFIG_STRAY] = make_stray,
	    [RULE_SPOOF_MEMBER] = make_spoof_member,
	};
	static_assert(sizeof makers / sizeof makers[0] == RULE_COUNT, "a sample of each");
	assert((unsigned)wish->rule < RULE_COUNT);
	*ret_finding = (struct finding){.rule = wish->rule,
	    .first_us = FIRST_US,
	    .last_us = FIRST_US + LASTING_US,
	    .tool = -1,
	    .confidence = 0.98,
	    .drill = wish->is_drill};
	makers[wish->rule](ret_finding);
	set_wished_port(ret_finding, wish);
	set_tool(ret_finding, wish);
	set_spoof(ret_finding, wish->spoof);
	ret_finding->severity =
	    wish->severity >= 0 ? (enum severity)wish->severity : severity_of(ret_finding);
}

void sample_grow(struct finding *finding)
{
	finding->last_us += WHEN_DAY_US;
	finding->packets *= GROWTH;
	finding->targets *= GROWTH;
	finding->sources *= GROWTH;
	finding->ports[0].packets *= GROWTH;
	finding->ports[0].targets *= GROWTH;
}
