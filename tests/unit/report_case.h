/*
 * report_case.h - findings as rows for the tests of notify/, one of each rule and more, and a
 * report written into memory.
 */
#ifndef REPORT_CASE_H
#define REPORT_CASE_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "notify/report.h"

enum {
	TCP = 6,
	UDP = 17,
	ICMP = 1,
	ICMP6 = 58,
};

/* 2026-01-31T23:59:59.000001Z: in Japan the next day, the next month. */
#define CASE_FIRST_US INT64_C(1769903999000001)
#define CASE_LAST_US  (CASE_FIRST_US + INT64_C(253500000))

#define NAME_HOSTILE "a\xe2\x80\xae\"b\" c" /* RIGHT-TO-LEFT OVERRIDE, quotes */
#define NAME_FORMULA "@cmd|' /C calc'!A0"
#define NAME_WIDE    "火の見市役所"

enum {
	MEMBER_TOWN,
	MEMBER_LOCAL,
	MEMBER_LONG,
	MEMBER_HOSTILE,
	MEMBER_FORMULA,
	MEMBER_WIDE,
	CASE_MEMBERS,
};

static inline struct registry *case_registry(void)
{
	struct registry *registry = NULL;
	char longest[MEMBER_NAME_BYTES];
	memset(longest, 'W', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	const char *const rows[CASE_MEMBERS][2] = {
	    [MEMBER_TOWN] = {"example-town", "192.0.2.0/24,2001:db8::/32"},
	    [MEMBER_LOCAL] = {"local", "10.0.0.0/8"},
	    [MEMBER_LONG] = {longest, "198.51.100.0/25"},
	    [MEMBER_HOSTILE] = {NAME_HOSTILE, "198.51.100.128/25"},
	    [MEMBER_FORMULA] = {NAME_FORMULA, "203.0.113.0/25"},
	    [MEMBER_WIDE] = {NAME_WIDE, "203.0.113.128/26"},
	};
	if (registry_new(&registry) != 0)
		abort();
	for (int i = 0; i < CASE_MEMBERS; i++) {
		if (registry_add_member(registry, rows[i][0], rows[i][1], NULL) != 0)
			abort();
	}
	if (registry_seal(registry, NULL) != 0)
		abort();
	return registry;
}

static inline struct address case_address(const char *text)
{
	struct address address;
	if (address_parse(text, &address) != 0)
		abort();
	return address;
}

/* A finding of a rule with what most have; the caller changes what its row is about. */
static inline struct finding case_finding(enum rule rule, const char *subject)
{
	return (struct finding){
	    .rule = rule,
	    .member = MEMBER_TOWN,
	    .subject = case_address(subject),
	    .first_us = CASE_FIRST_US,
	    .last_us = CASE_LAST_US,
	    .packets = 254,
	    .targets = 254,
	    .port_count = 1,
	    .ports = {{.port = 445, .protocol = TCP, .packets = 254, .targets = 254}},
	    .ports_listed = 1,
	    .tool = -1,
	    .severity = SEVERITY_HIGH,
	    .confidence = 0.98,
	    .attribution = ATTRIBUTION_TWO_WAY,
	};
}

/* Ports of one protocol, the first the most used; ends at 0. */
static inline void case_ports(struct finding *finding, uint8_t protocol, const uint16_t *ports)
{
	finding->ports_listed = 0;
	for (; *ports != 0; ports++)
		finding->ports[finding->ports_listed++] = (struct finding_port){
		    .port = *ports, .protocol = protocol, .packets = 60, .targets = 50};
	finding->port_count = finding->ports_listed;
}

static inline void case_spoof(
    struct finding *finding, enum spoof_reason reason, int64_t a, int64_t b)
{
	finding->spoof_reasons[finding->spoof_reason_count++] =
	    (struct finding_spoof){.reason = (uint8_t)reason, .numbers = {a, b}};
}

static inline struct finding case_scan_dark(void)
{
	struct finding finding = case_finding(RULE_SCAN_DARK, "192.0.2.5");
	finding.shape = SHAPE_HORIZONTAL;
	finding.dark_targets = 254;
	finding.source_ports[0] = 49152;
	finding.source_ports[1] = 49153;
	finding.source_port_count = 2;
	finding_add_reason(&finding, REASON_DARK_TARGETS, 254, 0, 0);
	finding_add_reason(&finding, REASON_ADDRESS_ORDER, 97, 0, 0);
	case_spoof(&finding, SPOOF_TWO_WAY_SEEN, 0, 0);
	case_spoof(&finding, SPOOF_TTL_STEADY, 127, 128);
	return finding;
}

static inline struct finding case_mirai(void)
{
	struct finding finding = case_finding(RULE_SCAN_DARK, "192.0.2.77");
	finding.attribution = ATTRIBUTION_ONE_WAY;
	finding.shape = SHAPE_HORIZONTAL;
	finding.packets = 4120;
	finding.targets = 4118;
	finding.dark_targets = 4100;
	case_ports(&finding, TCP, (const uint16_t[]){23, 2323, 0});
	finding.tool = TOOL_MIRAI;
	finding.tool_packets = 4120;
	finding.source_ports[0] = 40001;
	finding.source_port_count = 1;
	finding_add_reason(&finding, REASON_MARK, 4120, TOOL_MIRAI, 0);
	finding_add_reason(&finding, REASON_DARK_TARGETS, 4100, 0, 0);
	case_spoof(&finding, SPOOF_TTL_STEADY, 52, 53);
	case_spoof(&finding, SPOOF_MANY_PACKETS, 4120, 0);
	return finding;
}

static inline struct finding case_possibly_forged(void)
{
	struct finding finding = case_finding(RULE_SCAN_DARK, "192.0.2.9");
	finding.attribution = ATTRIBUTION_ONE_WAY;
	finding.spoof = SPOOF_POSSIBLE;
	finding.severity = SEVERITY_MEDIUM;
	finding.confidence = 0.61;
	finding.packets = 4;
	finding.targets = 4;
	finding.dark_targets = 4;
	case_ports(&finding, TCP, (const uint16_t[]){22, 0});
	finding_add_reason(&finding, REASON_DARK_TARGETS, 4, 1, 0);
	case_spoof(&finding, SPOOF_FEW_PACKETS, 4, 0);
	return finding;
}

static inline struct finding case_sweep(void)
{
	struct finding finding = case_finding(RULE_SCAN_SWEEP, "10.1.2.3");
	finding.member = MEMBER_LOCAL;
	finding.ports[0] =
	    (struct finding_port){.neighbour = true, .protocol = 0, .packets = 254, .targets = 254};
	finding.lateral = true;
	finding_add_reason(&finding, REASON_UNHELD, 231, 4, 0);
	case_spoof(&finding, SPOOF_TWO_WAY_SEEN, 0, 0);
	return finding;
}

static inline struct finding case_scan_live(void)
{
	struct finding finding = case_finding(RULE_SCAN_LIVE, "2001:db8::17");
	finding.shape = SHAPE_VERTICAL;
	finding.packets = 2004;
	finding.targets = 1;
	finding.port_count = 1000;
	finding.attribution = ATTRIBUTION_HANDSHAKE;
	finding.confidence = 0.85;
	case_ports(&finding, TCP, (const uint16_t[]){80, 1, 7, 9, 13, 21, 0});
	finding.port_count = 1000;
	finding_add_reason(&finding, REASON_PORTS_OF_TARGET, 993, 1, 0);
	case_spoof(&finding, SPOOF_HANDSHAKE_SEEN, 0, 0);
	return finding;
}

static inline struct finding case_victim(void)
{
	struct finding finding = case_finding(RULE_DDOS_VICTIM, "192.0.2.80");
	finding.role = ROLE_VICTIM;
	finding.packets = 12000;
	finding.targets = 11000;
	finding.packets_per_s = 47.25;
	finding.attribution = ATTRIBUTION_ONE_WAY;
	finding.confidence = 0.9;
	case_ports(&finding, TCP, (const uint16_t[]){443, 0});
	finding_add_reason(&finding, REASON_BACKSCATTER, 12000, 253, 2835);
	finding_add_reason(&finding, REASON_REAL_RATE, 3096000, 65536, 0);
	finding_add_reason(&finding, REASON_FORGED_NETWORKS, 256, 0, 0);
	case_spoof(&finding, SPOOF_MANY_PACKETS, 12000, 0);
	return finding;
}

static inline struct finding case_incoming(void)
{
	struct finding finding = case_finding(RULE_DDOS_INCOMING, "192.0.2.81");
	finding.role = ROLE_VICTIM;
	finding.packets = 60000;
	finding.targets = 0;
	finding.sources = 5000;
	finding.packets_per_s = 1000;
	finding.spoof = SPOOF_LIKELY; /* must not make the victim the one that is doubted */
	case_ports(&finding, TCP, (const uint16_t[]){443, 0});
	finding_add_reason(&finding, REASON_FLOOD_SENDERS, 5000, 1, 1000);
	return finding;
}

static inline struct finding case_reflected(void)
{
	struct finding finding = case_incoming();
	finding.subject = case_address("192.0.2.82");
	case_ports(&finding, UDP, (const uint16_t[]){53, 0});
	finding.reason_count = 0;
	finding_add_reason(&finding, REASON_FLOOD_REPLIES, 5000, 1000, 0);
	return finding;
}

static inline struct finding case_reflector(void)
{
	struct finding finding = case_finding(RULE_DDOS_REFLECTOR, "192.0.2.53");
	finding.attribution = ATTRIBUTION_ONE_WAY;
	finding.severity = SEVERITY_MEDIUM;
	finding.packets = 40;
	finding.targets = 5;
	finding.dark_targets = 5;
	case_ports(&finding, UDP, (const uint16_t[]){53, 0});
	finding_add_reason(&finding, REASON_REFLECTED_DARK, 40, 5, 90);
	case_spoof(&finding, SPOOF_MANY_PACKETS, 40, 0);
	return finding;
}

static inline struct finding case_stray(void)
{
	struct finding finding = case_finding(RULE_CONFIG_STRAY, "192.0.2.20");
	finding.severity = SEVERITY_LOW;
	finding.last_us = CASE_FIRST_US + INT64_C(7260000000);
	finding.packets = 24;
	finding.targets = 1;
	finding.dark_targets = 1;
	case_ports(&finding, TCP, (const uint16_t[]){9100, 0});
	finding_add_reason(&finding, REASON_STRAY, 1, 24, 7260);
	case_spoof(&finding, SPOOF_TTL_STEADY, 128, 128);
	return finding;
}

static inline struct finding case_spoof_member(void)
{
	struct finding finding = case_finding(RULE_SPOOF_MEMBER, "192.0.2.1");
	finding.severity = SEVERITY_LOW;
	finding.attribution = ATTRIBUTION_ONE_WAY;
	finding.spoof = SPOOF_LIKELY;
	finding.packets = 90;
	finding.targets = 60;
	case_ports(&finding, TCP, (const uint16_t[]){80, 0});
	finding_add_reason(&finding, REASON_MEMBER_CROWD, 60, 95, 0);
	case_spoof(&finding, SPOOF_CROWD_OF_MEMBER, 60, 0);
	return finding;
}

static inline struct finding case_watch(void)
{
	struct finding finding = case_finding(RULE_SCAN_DARK, "192.0.2.33");
	finding.severity = SEVERITY_INFO;
	finding.watch = true;
	finding.packets = 2;
	finding.targets = 2;
	finding_add_reason(&finding, REASON_DARK_WATCH, 2, 0, 0);
	return finding;
}

static inline struct finding case_stranger(const char *subject, uint64_t packets)
{
	struct finding finding = case_finding(RULE_SCAN_DARK, subject);
	finding.member = MEMBER_NONE;
	finding.severity = SEVERITY_LOW;
	finding.shape = SHAPE_HORIZONTAL;
	finding.attribution = ATTRIBUTION_ONE_WAY;
	finding.packets = packets;
	finding_add_reason(&finding, REASON_DARK_TARGETS, 254, 0, 0);
	return finding;
}

static inline struct report_summary case_summary(void)
{
	return (struct report_summary){
	    .files = 1,
	    .packets = 1000,
	    .bytes = 64000,
	    .decoded = 997,
	    .truncated = 1,
	    .malformed = 2,
	    .hosts = 12,
	    .first_us = CASE_FIRST_US,
	    .last_us = CASE_LAST_US,
	    .dark_addresses = 65536,
	    .seconds = 0.01,
	};
}

/* What a format writes; free() it. */
static inline char *case_write(const char *format, const struct report *report,
    const struct finding *findings, size_t count, const struct report_summary *summary)
{
	static char *text; /* the stream keeps their addresses, which gcc follows into the caller */
	static size_t bytes;
	struct report into_memory = *report;
	into_memory.out = open_memstream(&text, &bytes);
	if (into_memory.out == NULL)
		abort();
	if (report_format_find(format)->write(&into_memory, findings, count, summary) != 0)
		abort();
	(void)fclose(into_memory.out); /* its text is there since the flush above */
	return text;
}

#endif
