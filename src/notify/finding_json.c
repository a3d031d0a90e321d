#include "notify/finding_json.h"

#include <stddef.h>

#include "base/when.h"
#include "notify/report_internal.h"

enum {
	CONFIDENCE_DECIMALS = 3,
	RATE_DECIMALS = 3,
};

static void put_time(struct json *json, const char *key, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_utc(time_us, text);
	json_string(json, key, text);
}

static void put_ports(struct json *json, const struct finding *finding)
{
	json_open_array(json, "ports");
	for (size_t i = 0; i < finding->ports_listed; i++) {
		const struct finding_port *port = &finding->ports[i];
		const char *name = report_protocol_name(port);
		json_open_object(json, NULL);
		if (name != NULL)
			json_string(json, "proto", name);
		else
			json_unsigned(json, "proto", port->protocol);
		if (report_has_port(port))
			json_unsigned(json, "port", port->port);
		json_unsigned(json, "packets", port->packets);
		json_unsigned(json, "targets", port->targets);
		json_close_object(json);
	}
	json_close_array(json);

	json_open_array(json, "source_ports");
	for (size_t i = 0; i < finding->source_port_count; i++)
		json_unsigned(json, NULL, finding->source_ports[i]);
	json_close_array(json);
}

static void put_tool(struct json *json, const struct finding *finding)
{
	if (finding->tool < 0)
		return;
	json_open_object(json, "tool");
	json_string(json, "name", tool_name((enum tool)finding->tool));
	json_unsigned(json, "packets", finding->tool_packets);
	json_close_object(json);
}

static void put_judgement(struct json *json, enum language language, const struct finding *finding)
{
	char sentence[WORDING_SPOOF_REASON_BYTES];
	char why[WORDING_WHY_BYTES];

	json_string(json, "attribution", attribution_name(finding->attribution));
	json_open_object(json, "spoof");
	json_string(json, "estimate", spoof_name(finding->spoof));
	json_open_array(json, "reasons");
	for (size_t i = 0; i < finding->spoof_reason_count; i++) {
		wording_spoof_reason(
		    language, &finding->spoof_reasons[i], sentence, sizeof sentence);
		json_string(json, NULL, sentence);
	}
	json_close_array(json);
	json_close_object(json);

	json_string(json, "severity", severity_name(finding->severity));
	json_decimal(json, "confidence", finding->confidence, CONFIDENCE_DECIMALS);
	wording_why(language, finding, why, sizeof why);
	json_string(json, "why", why);
}

static void put_events(struct json *json, const struct finding *finding)
{
	if (finding->event_count < 2)
		return;
	json_open_array(json, "events");
	for (size_t i = 0; i < finding->event_count; i++) {
		const struct finding_event *event = &finding->events[i];
		json_open_object(json, NULL);
		put_time(json, "first", event->first_us);
		put_time(json, "last", event->last_us);
		json_unsigned(json, "packets", event->packets);
		json_unsigned(json, "targets", event->targets);
		json_close_object(json);
	}
	json_close_array(json);
}

/* Fields in the order of hinomi-read(1). */
void finding_json_write(struct json *json, const char *key, enum language language,
    const char *member, const struct finding *finding)
{
	char subject[ADDRESS_TEXT_BYTES];
	bool is_victim = finding->role == ROLE_VICTIM;

	address_format(&finding->subject, subject);
	json_open_object(json, key);
	json_string(json, "type", "finding");
	json_string(json, "rule", rule_name(finding->rule));
	json_string(json, "member", member);
	json_string(json, "subject", subject);
	json_string(json, "role", role_name(finding->role));
	put_time(json, "first", finding->first_us);
	put_time(json, "last", finding->last_us);
	json_unsigned(json, "packets", finding->packets);
	json_unsigned(json, "targets", finding->targets);
	if (is_victim && finding->sources > 0)
		json_unsigned(json, "sources", finding->sources);
	json_unsigned(json, "port_count", finding->port_count);
	if (shape_name(finding->shape) != NULL)
		json_string(json, "shape", shape_name(finding->shape));
	put_ports(json, finding);
	put_tool(json, finding);
	put_judgement(json, language, finding);

	put_events(json, finding);
	if (finding->drill)
		json_bool(json, "drill", true);
	json_unsigned(json, "dark_targets", finding->dark_targets);
	if (is_victim && finding->packets_per_s > 0)
		json_decimal(json, "packets_per_s", finding->packets_per_s, RATE_DECIMALS);
	json_bool(json, "watch", finding->watch);
	json_close_object(json);
}
