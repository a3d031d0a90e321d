/*
 * export_eve.c - alerts in the form of Suricata's log (EVE), a line for each incident: what reads
 * that log reads these. All that EVE has no place for stands in `hinomi`.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "notify/export_internal.h"
#include "notify/finding_json.h"

enum {
	/* Numbers of rules from 1000000 on are for anybody's own. */
	SIGNATURE_FIRST = 1641230,
	PROTOCOL_BYTES = 16,
	STAMP_BYTES = WHEN_TEXT_BYTES + 8,
};

/* 1 is the gravest of its four. */
static unsigned severity_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_CRITICAL:
	case SEVERITY_HIGH:
		return 1;
	case SEVERITY_MEDIUM:
		return 2;
	case SEVERITY_LOW:
		return 3;
	case SEVERITY_INFO:
	case SEVERITY_COUNT:
		break;
	}
	return 4;
}

/* As in Suricata's classification.config. */
static const char *const categories[RULE_COUNT] = {
    [RULE_SCAN_DARK] = "Detection of a Network Scan",
    [RULE_SCAN_SWEEP] = "Detection of a Network Scan",
    [RULE_SCAN_LIVE] = "Detection of a Network Scan",
    [RULE_DDOS_VICTIM] = "Detection of a Denial of Service Attack",
    [RULE_DDOS_INCOMING] = "Detection of a Denial of Service Attack",
    [RULE_DDOS_REFLECTOR] = "Detection of a Denial of Service Attack",
    [RULE_CONFIG_STRAY] = "Misc activity",
    [RULE_SPOOF_MEMBER] = "Potentially Bad Traffic",
};

/* "2026-01-31T23:59:59.000001+0000" */
static void put_time(struct json *json, const char *key, const char *time)
{
	char stamp[STAMP_BYTES];
	(void)snprintf(stamp, sizeof stamp, "%.*s+0000", (int)strcspn(time, "Z"), time);
	json_string(json, key, stamp);
}

static void put_ends(struct json *json, const struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	const struct finding_port *most = finding->ports_listed > 0 ? &finding->ports[0] : NULL;
	const bool is_reflector = finding->rule == RULE_DDOS_REFLECTOR;
	const unsigned port = most != NULL ? export_port_of(most) : 0;
	const unsigned own = is_reflector ? port : export_source_port_of(finding);
	const char *name = most != NULL ? export_protocol_of(most) : NULL;
	char protocol[PROTOCOL_BYTES] = "";
	json_string(json, facts->is_victim ? "dest_ip" : "src_ip", facts->subject);
	if (own != 0 && !facts->is_victim)
		json_unsigned(json, "src_port", own);
	if (port != 0 && !is_reflector)
		json_unsigned(json, "dest_port", port);
	for (size_t i = 0; name != NULL && name[i] != '\0' && i < sizeof protocol - 1; i++)
		protocol[i] = (char)toupper((unsigned char)name[i]);
	if (strcmp(protocol, "ICMP6") == 0)
		(void)snprintf(protocol, sizeof protocol, "%s", "IPv6-ICMP");
	if (protocol[0] != '\0')
		json_string(json, "proto", protocol);
}

static void put_alert(struct json *json, const struct export_facts *facts)
{
	json_open_object(json, "alert");
	json_string(json, "action", "allowed");
	json_unsigned(json, "gid", 1);
	json_unsigned(json, "signature_id", SIGNATURE_FIRST + (unsigned)facts->finding->rule);
	json_unsigned(json, "rev", 1);
	json_string(json, "signature", facts->title);
	json_string(json, "category", categories[facts->finding->rule]);
	json_unsigned(json, "severity", severity_of(facts->finding->severity));
	json_close_object(json);
}

static void add(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	json_init(json, export->out);
	json_open_object(json, NULL);
	put_time(json, "timestamp", facts->last);
	json_string(json, "event_type", "alert");
	json_string(json, "host", export->station);
	put_ends(json, facts);
	put_alert(json, facts);
	json_open_object(json, "hinomi");
	json_signed(json, "incident", facts->incident->id);
	json_string(json, "state", facts->state);
	json_string(json, "changed", facts->changed);
	json_string(json, "tlp", export_tlp_name(export->setting.tlp));
	if (facts->incident->is_drill)
		json_bool(json, "drill", true);
	finding_json_write(json, "finding", export->setting.language,
	    facts->member[0] != '\0' ? facts->member : NULL, facts->finding);
	json_close_object(json);
	json_close_object(json);
	fputc('\n', export->out);
}

const struct export_format export_eve = {
    .name = "eve",
    .file = "incident.eve.json",
    .media_type = "application/json",
    .begin = export_frame_nothing,
    .add = add,
    .end = export_frame_nothing,
};
