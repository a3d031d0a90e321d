/*
 * export_iodef.c - IODEF version 2 as XML (RFC 7970). The order of elements is the schema's.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "notify/export_internal.h"
#include "notify/export_iodef.h"

enum {
	NUMBER_BYTES = 32,
};

static void attribute(struct export *export, const char *name, const char *value)
{
	if (value != NULL)
		xml_attribute(&export->xml, name, value);
}

static void begin(struct export *export)
{
	struct xml *xml = &export->xml;
	xml_init(xml, export->out);
	xml_open(xml, "IODEF-Document");
	xml_attribute(xml, "version", "2.00");
	xml_attribute(xml, "xml:lang", iodef_language(export));
	xml_attribute(xml, "xmlns", "urn:ietf:params:xml:ns:iodef-2.0");
}

static void end(struct export *export)
{
	xml_close(&export->xml);
}

static void put_additional(
    struct export *export, const char *type, const char *name, const char *text)
{
	struct xml *xml = &export->xml;
	xml_open(xml, "AdditionalData");
	xml_attribute(xml, "dtype", type);
	xml_attribute(xml, "name", name);
	xml_text(xml, text);
	xml_close(xml);
}

static void put_contact(
    struct export *export, const char *role, const char *name, const char *address)
{
	struct xml *xml = &export->xml;
	xml_open(xml, "Contact");
	xml_attribute(xml, "role", role);
	xml_attribute(xml, "type", "organization");
	xml_element(xml, "ContactName", name);
	if (address[0] != '\0') {
		xml_open(xml, "Email");
		xml_element(xml, "EmailTo", address);
		xml_close(xml);
	}
	xml_close(xml);
}

static void put_confidence(struct export *export, const struct export_facts *facts)
{
	struct xml *xml = &export->xml;
	char number[NUMBER_BYTES];
	if (facts->confidence < 0)
		return;
	iodef_confidence(facts, number, sizeof number);
	xml_open(xml, "Confidence");
	xml_attribute(xml, "rating", "numeric");
	xml_text(xml, number);
	xml_close(xml);
}

static void put_counter(struct export *export, const char *unit, uint64_t count)
{
	struct xml *xml = &export->xml;
	char number[NUMBER_BYTES];
	(void)snprintf(number, sizeof number, "%" PRIu64, count);
	xml_open(xml, "Counter");
	xml_attribute(xml, "type", "count");
	xml_attribute(xml, "unit", unit);
	xml_text(xml, number);
	xml_close(xml);
}

static void put_assessment(struct export *export, const struct export_facts *facts)
{
	struct xml *xml = &export->xml;
	xml_open(xml, "Assessment");
	xml_attribute(xml, "occurrence", iodef_occurrence(facts));
	xml_element(xml, "IncidentCategory", rule_name(facts->finding->rule));
	xml_open(xml, "SystemImpact");
	attribute(export, "severity", iodef_severity(facts));
	xml_attribute(xml, "type", iodef_impact(facts));
	xml_close(xml);
	put_confidence(export, facts);
	xml_close(xml);
}

static void put_services(struct export *export, const struct export_facts *facts)
{
	struct xml *xml = &export->xml;
	static const unsigned protocols[] = {6, 17};
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		char list[IODEF_PORTS_BYTES];
		char number[NUMBER_BYTES];
		iodef_own_ports(facts, protocols[i], list, sizeof list);
		if (list[0] == '\0')
			continue;
		(void)snprintf(number, sizeof number, "%u", protocols[i]);
		xml_open(xml, "Service");
		xml_attribute(xml, "ip-protocol", number);
		xml_element(xml, "Portlist", list);
		xml_close(xml);
	}
}

static void put_system(struct export *export, const struct export_facts *facts)
{
	struct xml *xml = &export->xml;
	xml_open(xml, "System");
	xml_attribute(xml, "category", facts->is_victim ? "target" : "source");
	xml_attribute(xml, "spoofed", iodef_spoofed(facts));
	xml_open(xml, "Node");
	xml_open(xml, "Address");
	xml_attribute(xml, "category", facts->is_v4 ? "ipv4-addr" : "ipv6-addr");
	xml_text(xml, facts->subject);
	xml_close(xml);
	xml_close(xml);
	put_services(export, facts);
	put_counter(export, "packet", facts->finding->packets);
	put_counter(export, "host", iodef_hosts(facts));
	xml_close(xml);
}

static void put_asked(struct export *export, const struct export_facts *facts)
{
	char list[IODEF_PORTS_BYTES];
	iodef_asked_ports(facts, 6, list, sizeof list);
	if (list[0] != '\0')
		put_additional(export, "portlist", "tcp-ports", list);
	iodef_asked_ports(facts, 17, list, sizeof list);
	if (list[0] != '\0')
		put_additional(export, "portlist", "udp-ports", list);
}

static void put_event_data(struct export *export, const struct export_facts *facts)
{
	struct xml *xml = &export->xml;
	xml_open(xml, "EventData");
	xml_element(xml, "StartTime", facts->first);
	xml_element(xml, "EndTime", facts->last);
	xml_open(xml, "Flow");
	put_system(export, facts);
	xml_close(xml);
	xml_open(xml, "Expectation");
	xml_attribute(xml, "action", "investigate");
	xml_close(xml);
	put_asked(export, facts);
	xml_close(xml);
}

static void put_history(struct export *export, const struct export_facts *facts)
{
	struct xml *xml = &export->xml;
	const struct export_incident *incident = facts->incident;
	if (incident->event_count == 0)
		return;
	xml_open(xml, "History");
	for (size_t i = 0; i < incident->event_count; i++) {
		char at[WHEN_TEXT_BYTES];
		char what[IODEF_EVENT_BYTES];
		when_format_utc(incident->events[i].at_us, at);
		iodef_event(&incident->events[i], what, sizeof what);
		xml_open(xml, "HistoryItem");
		xml_attribute(xml, "action", "status-new-info");
		xml_element(xml, "DateTime", at);
		xml_element(xml, "Description", what);
		xml_close(xml);
	}
	xml_close(xml);
}

static void add(struct export *export, const struct export_facts *facts)
{
	struct xml *xml = &export->xml;
	char number[NUMBER_BYTES];
	(void)snprintf(number, sizeof number, "%" PRId64, facts->incident->id);
	xml_open(xml, "Incident");
	xml_attribute(xml, "purpose", facts->incident->is_drill ? "ext-value" : "reporting");
	attribute(export, "ext-purpose", facts->incident->is_drill ? IODEF_DRILL : NULL);
	xml_attribute(xml, "status", iodef_status(facts));
	xml_attribute(xml, "restriction", iodef_restriction(export));
	attribute(export, "ext-restriction", iodef_ext_restriction(export));
	xml_open(xml, "IncidentID");
	xml_attribute(xml, "name", export->identity);
	xml_text(xml, number);
	xml_close(xml);
	xml_element(xml, "DetectTime", facts->opened);
	xml_element(xml, "StartTime", facts->first);
	xml_element(xml, "EndTime", facts->last);
	xml_element(xml, "ReportTime", facts->changed);
	xml_element(xml, "GenerationTime", export->now);
	xml_element(xml, "Description", facts->title);
	xml_open(xml, "Discovery");
	xml_attribute(xml, "source", "nidps");
	xml_close(xml);
	put_assessment(export, facts);
	xml_open(xml, "Method");
	xml_element(xml, "Description", facts->why);
	xml_close(xml);
	put_contact(export, "creator", export->station, export->address);
	if (facts->member[0] != '\0')
		put_contact(export, facts->is_victim ? "victim" : "admin", facts->member, "");
	put_event_data(export, facts);
	put_history(export, facts);
	if (facts->incident->is_drill)
		put_additional(export, "boolean", "drill", "true");
	if (facts->json != NULL)
		put_additional(export, "json", "hinomi-finding", facts->json);
	xml_close(xml);
}

const struct export_format export_iodef = {
    .name = "iodef",
    .file = "incident.iodef.xml",
    .media_type = "application/xml",
    .wants_one = true,
    .begin = begin,
    .add = add,
    .end = end,
};
