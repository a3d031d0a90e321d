/* export_iodef_json.c - IODEF version 2 as JSON (RFC 8727): the same classes as the XML's. */
#include <inttypes.h>
#include <stdlib.h>

#include "notify/export_iodef.h"

enum {
	CONFIDENCE_DECIMALS = 3,
};

static void begin(struct export *export)
{
	struct json *json = &export->json;
	json_open_object(json, NULL);
	json_string(json, "version", "2.0");
	json_string(json, "lang", iodef_language(export));
	json_open_array(json, "Incident");
}

static void end(struct export *export)
{
	json_close_array(&export->json);
	json_close_object(&export->json);
	fputc('\n', export->out);
}

/* A class of which there may be several, with one. */
static void open_only(struct json *json, const char *key)
{
	json_open_array(json, key);
	json_open_object(json, NULL);
}

static void close_only(struct json *json)
{
	json_close_object(json);
	json_close_array(json);
}

static void put_list(struct json *json, const char *key, const char *text)
{
	json_open_array(json, key);
	json_string(json, NULL, text);
	json_close_array(json);
}

static void put_additional(struct json *json, const char *type, const char *name, const char *text)
{
	json_open_object(json, NULL);
	json_string(json, "value", text);
	json_string(json, "name", name);
	json_string(json, "dtype", type);
	json_close_object(json);
}

static void put_contact(struct json *json, const char *role, const char *name, const char *address)
{
	json_open_object(json, NULL);
	json_string(json, "role", role);
	json_string(json, "type", "organization");
	put_list(json, "ContactName", name);
	if (address[0] != '\0') {
		open_only(json, "Email");
		json_string(json, "EmailTo", address);
		close_only(json);
	}
	json_close_object(json);
}

static void put_assessment(struct json *json, const struct export_facts *facts)
{
	open_only(json, "Assessment");
	json_string(json, "occurrence", iodef_occurrence(facts));
	put_list(json, "IncidentCategory", rule_name(facts->finding->rule));
	open_only(json, "Impact");
	json_open_object(json, "SystemImpact");
	if (iodef_severity(facts) != NULL)
		json_string(json, "severity", iodef_severity(facts));
	json_string(json, "type", iodef_impact(facts));
	json_close_object(json);
	close_only(json);
	if (facts->confidence >= 0) {
		json_open_object(json, "Confidence");
		json_decimal(json, "value", facts->confidence, CONFIDENCE_DECIMALS);
		json_string(json, "rating", "numeric");
		json_close_object(json);
	}
	close_only(json);
}

static void put_counter(struct json *json, const char *unit, uint64_t count)
{
	json_open_object(json, NULL);
	json_unsigned(json, "value", count);
	json_string(json, "type", "count");
	json_string(json, "unit", unit);
	json_close_object(json);
}

static void put_services(struct json *json, const struct export_facts *facts)
{
	static const unsigned protocols[] = {6, 17};
	char lists[2][IODEF_PORTS_BYTES];
	for (size_t i = 0; i < 2; i++)
		iodef_own_ports(facts, protocols[i], lists[i], sizeof lists[i]);
	if (lists[0][0] == '\0' && lists[1][0] == '\0')
		return;
	json_open_array(json, "Service");
	for (size_t i = 0; i < 2; i++) {
		if (lists[i][0] == '\0')
			continue;
		json_open_object(json, NULL);
		json_unsigned(json, "ip-protocol", protocols[i]);
		json_string(json, "Portlist", lists[i]);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_system(struct json *json, const struct export_facts *facts)
{
	open_only(json, "System");
	json_string(json, "category", facts->is_victim ? "target" : "source");
	json_string(json, "spoofed", iodef_spoofed(facts));
	json_open_object(json, "Node");
	open_only(json, "Address");
	json_string(json, "value", facts->subject);
	json_string(json, "category", facts->is_v4 ? "ipv4-addr" : "ipv6-addr");
	close_only(json);
	json_close_object(json);
	put_services(json, facts);
	json_open_array(json, "Counter");
	put_counter(json, "packet", facts->finding->packets);
	put_counter(json, "host", iodef_hosts(facts));
	json_close_array(json);
	close_only(json);
}

static void put_event_data(struct json *json, const struct export_facts *facts)
{
	char tcp[IODEF_PORTS_BYTES];
	char udp[IODEF_PORTS_BYTES];
	iodef_asked_ports(facts, 6, tcp, sizeof tcp);
	iodef_asked_ports(facts, 17, udp, sizeof udp);
	open_only(json, "EventData");
	json_string(json, "StartTime", facts->first);
	json_string(json, "EndTime", facts->last);
	put_system(json, facts);
	open_only(json, "Expectation");
	json_string(json, "action", "investigate");
	close_only(json);
	if (tcp[0] != '\0' || udp[0] != '\0') {
		json_open_array(json, "AdditionalData");
		if (tcp[0] != '\0')
			put_additional(json, "portlist", "tcp-ports", tcp);
		if (udp[0] != '\0')
			put_additional(json, "portlist", "udp-ports", udp);
		json_close_array(json);
	}
	close_only(json);
}

static void put_history(struct json *json, const struct export_incident *incident)
{
	if (incident->event_count == 0)
		return;
	json_open_object(json, "History");
	json_open_array(json, "HistoryItem");
	for (size_t i = 0; i < incident->event_count; i++) {
		char at[WHEN_TEXT_BYTES];
		char what[IODEF_EVENT_BYTES];
		when_format_utc(incident->events[i].at_us, at);
		iodef_event(&incident->events[i], what, sizeof what);
		json_open_object(json, NULL);
		json_string(json, "action", "status-new-info");
		json_string(json, "DateTime", at);
		put_list(json, "Description", what);
		json_close_object(json);
	}
	json_close_array(json);
	json_close_object(json);
}

static void put_more(struct json *json, const struct export_facts *facts)
{
	if (!facts->incident->is_drill && facts->json == NULL)
		return;
	json_open_array(json, "AdditionalData");
	if (facts->incident->is_drill)
		put_additional(json, "boolean", "drill", "true");
	if (facts->json != NULL)
		put_additional(json, "json", "hinomi-finding", facts->json);
	json_close_array(json);
}

static void put_head(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	char number[24];
	const char *more = iodef_ext_restriction(export);
	(void)snprintf(number, sizeof number, "%" PRId64, facts->incident->id);
	json_string(json, "purpose", facts->incident->is_drill ? "ext-value" : "reporting");
	if (facts->incident->is_drill)
		json_string(json, "ext-purpose", IODEF_DRILL);
	json_string(json, "status", iodef_status(facts));
	json_string(json, "restriction", iodef_restriction(export));
	if (more != NULL)
		json_string(json, "ext-restriction", more);
	json_open_object(json, "IncidentID");
	json_string(json, "id", number);
	json_string(json, "name", export->identity);
	json_close_object(json);
	json_string(json, "DetectTime", facts->opened);
	json_string(json, "StartTime", facts->first);
	json_string(json, "EndTime", facts->last);
	json_string(json, "ReportTime", facts->changed);
	json_string(json, "GenerationTime", export->now);
}

static void add(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	json_open_object(json, NULL);
	put_head(export, facts);
	put_list(json, "Description", facts->title);
	open_only(json, "Discovery");
	json_string(json, "source", "nidps");
	close_only(json);
	put_assessment(json, facts);
	open_only(json, "Method");
	put_list(json, "Description", facts->why);
	close_only(json);
	json_open_array(json, "Contact");
	put_contact(json, "creator", export->station, export->address);
	if (facts->member[0] != '\0')
		put_contact(json, facts->is_victim ? "victim" : "admin", facts->member, "");
	json_close_array(json);
	put_event_data(json, facts);
	put_history(json, facts->incident);
	put_more(json, facts);
	json_close_object(json);
}

const struct export_format export_iodef_json = {
    .name = "iodef-json",
    .file = "incident.iodef.json",
    .media_type = "application/json",
    .wants_one = true,
    .begin = begin,
    .add = add,
    .end = end,
};
