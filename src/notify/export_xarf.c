/*
 * export_xarf.c - X-ARF version 4: a report for each incident, a line each.
 *
 * A report accuses who sent it something; so those who are attacked, and whose address was used by
 * others, are told of as intelligence, not as the source of abuse. The types about connections want
 * a source port: without one (ICMP) it is intelligence as well.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "notify/export_internal.h"
#include "notify/text.h"

enum {
	CONFIDENCE_DECIMALS = 3,
	DESCRIPTION_BYTES = 1000 + 1, /* characters, of which each has a byte or more */
	ORGANISATION_BYTES = 200 + 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP = 1,
	PROTOCOL_ICMP6 = 58,
	PROTOCOL_SCTP = 132,
};

#define VERSION "4.2.0"
/* RFC 2606: a name that is nobody's, where the station has no address. */
#define NO_DOMAIN  "hinomi.invalid"
#define NO_ADDRESS "noreply@hinomi.invalid"

enum report_type {
	REPORT_INTELLIGENCE,
	REPORT_SCAN,
	REPORT_FLOOD, /* that it takes part in */
};

static const char *protocol_of(const struct finding *finding)
{
	if (finding->ports_listed == 0 || finding->ports[0].neighbour)
		return NULL;
	switch (finding->ports[0].protocol) {
	case PROTOCOL_TCP:
		return "tcp";
	case PROTOCOL_UDP:
		return "udp";
	case PROTOCOL_ICMP:
	case PROTOCOL_ICMP6:
		return "icmp";
	case PROTOCOL_SCTP:
		return "sctp";
	default:
		return NULL;
	}
}

/* A reflector answers from the port that is misused. */
static unsigned source_port_of(const struct finding *finding)
{
	if (finding->rule == RULE_DDOS_REFLECTOR && finding->ports_listed > 0)
		return export_port_of(&finding->ports[0]);
	return export_source_port_of(finding);
}

static enum report_type type_of(const struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	if (facts->is_victim || finding->spoof == SPOOF_LIKELY || protocol_of(finding) == NULL ||
	    source_port_of(finding) == 0)
		return REPORT_INTELLIGENCE;
	switch (finding->rule) {
	case RULE_SCAN_DARK:
	case RULE_SCAN_SWEEP:
	case RULE_SCAN_LIVE:
		return REPORT_SCAN;
	case RULE_DDOS_REFLECTOR:
		return REPORT_FLOOD;
	case RULE_DDOS_VICTIM:
	case RULE_DDOS_INCOMING:
	case RULE_CONFIG_STRAY:
	case RULE_SPOOF_MEMBER:
	case RULE_COUNT:
		break;
	}
	return REPORT_INTELLIGENCE;
}

static void put_organisation(struct export *export, const char *key)
{
	struct json *json = &export->json;
	const char *at = strchr(export->address, '@');
	char name[ORGANISATION_BYTES];
	struct text text;
	text_init(&text, name, sizeof name);
	text_add(&text, export->station); /* cut at a whole character */
	json_open_object(json, key);
	json_string(json, "org", name);
	json_string(json, "contact", at != NULL ? export->address : NO_ADDRESS);
	json_string(json, "domain", at != NULL ? at + 1 : NO_DOMAIN);
	json_close_object(json);
}

static void put_connection(
    struct json *json, const struct export_facts *facts, enum report_type type)
{
	const struct finding *finding = facts->finding;
	const unsigned port = export_port_of(&finding->ports[0]);
	json_string(json, "category", "connection");
	json_string(json, "type", type == REPORT_SCAN ? "port_scan" : "ddos");
	json_unsigned(json, "source_port", source_port_of(finding));
	json_string(json, "protocol", protocol_of(finding));
	if (type == REPORT_SCAN && port != 0)
		json_unsigned(json, "destination_port", port);
	if (type == REPORT_FLOOD)
		json_string(json, "attack_vector", "amplification");
	json_string(json, "first_seen", facts->first);
	json_string(json, "last_seen", facts->last);
}

static void put_type(struct json *json, const struct export_facts *facts)
{
	const enum report_type type = type_of(facts);
	if (type != REPORT_INTELLIGENCE) {
		put_connection(json, facts, type);
		return;
	}
	json_string(json, "category", "reputation");
	json_string(json, "type", "threat_intelligence");
	json_string(json, "threat_type", rule_name(facts->finding->rule));
}

/* "namespace:predicate", of small letters, digits, _ + -. */
static void put_tags(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	const struct finding *finding = facts->finding;
	const char *const rows[][2] = {
	    {"severity", severity_name(finding->severity)},
	    {"role", role_name(finding->role)},
	    {"spoof", spoof_name(finding->spoof)},
	    {"tlp", export_tlp_name(export->setting.tlp)},
	    {"tool", finding->tool >= 0 ? tool_name((enum tool)finding->tool) : NULL},
	    {"hinomi", facts->incident->is_drill ? "drill" : NULL},
	};
	json_open_array(json, "tags");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char tag[64];
		(void)snprintf(
		    tag, sizeof tag, "%s:%s", rows[i][0], rows[i][1] != NULL ? rows[i][1] : "");
		if (rows[i][1] != NULL)
			json_string(json, NULL, tag);
	}
	json_close_array(json);
}

static void put_evidence(struct json *json, const struct export_facts *facts)
{
	const size_t length = facts->json != NULL ? strlen(facts->json) : 0;
	char hash[7 + EXPORT_SHA256_BYTES] = "sha256:";
	char *payload = length > 0 ? export_base64(facts->json, length) : NULL;
	if (payload == NULL)
		return; /* the report holds without it */
	export_sha256(facts->json, length, hash + 7);
	json_open_array(json, "evidence");
	json_open_object(json, NULL);
	json_string(json, "content_type", "application/json");
	json_string(json, "description", "the finding with all its numbers");
	json_string(json, "payload", payload);
	json_string(json, "hash", hash);
	json_unsigned(json, "size", length);
	json_close_object(json);
	json_close_array(json);
	free(payload);
}

static void put_description(struct json *json, const struct export_facts *facts)
{
	char description[DESCRIPTION_BYTES];
	struct text text;
	text_init(&text, description, sizeof description);
	text_add(&text, facts->title);
	text_add(&text, "\n");
	text_add(&text, facts->why);
	json_string(json, "description", description);
}

static void add(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	char id[EXPORT_UUID_BYTES];
	export_uuid_of_state(export, "xarf", facts, id);
	json_init(json, export->out);
	json_open_object(json, NULL);
	json_string(json, "xarf_version", VERSION);
	json_string(json, "report_id", id);
	json_string(json, "timestamp", facts->last);
	put_organisation(export, "reporter");
	put_organisation(export, "sender");
	json_string(json, "source_identifier", facts->subject);
	put_type(json, facts);
	json_string(json, "evidence_source", "traffic_monitoring");
	if (facts->confidence >= 0)
		json_decimal(json, "confidence", facts->confidence, CONFIDENCE_DECIMALS);
	put_description(json, facts);
	put_tags(export, facts);
	put_evidence(json, facts);
	json_close_object(json);
	fputc('\n', export->out);
}

const struct export_format export_xarf = {
    .name = "xarf",
    .file = "xarf.json",
    .media_type = "application/json",
    .begin = export_frame_nothing,
    .add = add,
    .end = export_frame_nothing,
};
