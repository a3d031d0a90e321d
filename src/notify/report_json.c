/* report_json.c - JSON Lines: a record for each finding, then one of what was read. */
#include <stdint.h>

#include "base/json.h"
#include "base/when.h"
#include "notify/report_internal.h"

enum {
	CONFIDENCE_DECIMALS = 3,
	RATE_DECIMALS = 3,
	SECONDS_DECIMALS = 6,
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
static void put_finding(const struct report *report, const struct finding *finding)
{
	struct json json;
	char subject[ADDRESS_TEXT_BYTES];
	bool is_victim = finding->role == ROLE_VICTIM;

	json_init(&json, report->out);
	address_format(&finding->subject, subject);
	json_open_object(&json, NULL);
	json_string(&json, "type", "finding");
	json_string(&json, "rule", rule_name(finding->rule));
	json_string(&json, "member", report_member(report, finding));
	json_string(&json, "subject", subject);
	json_string(&json, "role", role_name(finding->role));
	put_time(&json, "first", finding->first_us);
	put_time(&json, "last", finding->last_us);
	json_unsigned(&json, "packets", finding->packets);
	json_unsigned(&json, "targets", finding->targets);
	if (is_victim && finding->sources > 0)
		json_unsigned(&json, "sources", finding->sources);
	json_unsigned(&json, "port_count", finding->port_count);
	if (shape_name(finding->shape) != NULL)
		json_string(&json, "shape", shape_name(finding->shape));
	put_ports(&json, finding);
	put_tool(&json, finding);
	put_judgement(&json, report->language, finding);

	put_events(&json, finding);
	if (finding->drill)
		json_bool(&json, "drill", true);
	json_unsigned(&json, "dark_targets", finding->dark_targets);
	if (is_victim && finding->packets_per_s > 0)
		json_decimal(&json, "packets_per_s", finding->packets_per_s, RATE_DECIMALS);
	json_bool(&json, "watch", finding->watch);
	json_close_object(&json);
	fputc('\n', report->out);
}

static void put_span(struct json *json, const struct report_summary *summary)
{
	if (summary->first_us == INT64_MAX) {
		json_string(json, "first", NULL);
		json_string(json, "last", NULL);
		return;
	}
	put_time(json, "first", summary->first_us);
	put_time(json, "last", summary->last_us);
}

/* Strangers are told of only where they were counted apart. */
static void put_strangers(struct json *json, const struct strangers *strangers)
{
	if (strangers->packets == 0)
		return;
	json_open_object(json, "strangers");
	json_unsigned(json, "packets", strangers->packets);
	json_unsigned(json, "kept", strangers->kept);
	json_unsigned(json, "folded", strangers->folded);
	json_unsigned(json, "refused", strangers->refused);
	json_open_array(json, "ports");
	for (size_t i = 0; i < strangers->port_count; i++) {
		const struct strangers_port *port = &strangers->ports[i];
		const struct finding_port named = {.port = port->port, .protocol = port->protocol};
		json_open_object(json, NULL);
		json_string(json, "proto", report_protocol_name(&named));
		json_unsigned(json, "port", port->port);
		json_unsigned(json, "packets", port->packets);
		json_unsigned(json, "sources", port->sources);
		json_close_object(json);
	}
	json_close_array(json);
	json_close_object(json);
}

static void put_summary(FILE *out, const struct report_summary *summary)
{
	struct json json;
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "type", "summary");
	json_unsigned(&json, "files", summary->files);
	json_unsigned(&json, "packets", summary->packets);
	json_unsigned(&json, "bytes", summary->bytes);
	json_unsigned(&json, "decoded", summary->decoded);
	json_open_object(&json, "verdicts");
	json_unsigned(&json, "truncated", summary->truncated);
	json_unsigned(&json, "malformed", summary->malformed);
	json_unsigned(&json, "unsupported", summary->unsupported);
	json_close_object(&json);
	json_unsigned(&json, "hosts", summary->hosts);
	json_unsigned(&json, "dropped", summary->dropped);
	put_span(&json, summary);
	json_unsigned(&json, "dark_addresses", summary->dark_addresses);
	json_decimal(&json, "seconds", summary->seconds, SECONDS_DECIMALS);

	json_unsigned(&json, "filtered", summary->filtered);
	json_unsigned(&json, "evicted", summary->evicted);
	json_unsigned(&json, "findings_omitted", summary->findings_omitted);
	json_unsigned(&json, "forged_sources", summary->forged_sources);
	json_unsigned(&json, "clock_steps", summary->clock_steps);
	json_unsigned(&json, "inner_mismatch", summary->inner_mismatch);
	json_bool(&json, "dark_inferred", summary->dark_inferred);
	json_unsigned(&json, "unsupported_links", summary->unsupported_links);
	if (summary->unsupported_links > 0)
		json_unsigned(&json, "unsupported_link_type", summary->unsupported_link_type);
	put_strangers(&json, &summary->strangers);
	json_close_object(&json);
	fputc('\n', out);
}

int report_write_json(const struct report *report, const struct finding *findings, size_t count,
    const struct report_summary *summary)
{
	for (size_t i = 0; i < count && ferror(report->out) == 0; i++)
		put_finding(report, &findings[i]);
	put_summary(report->out, summary);
	return report_finish(report->out);
}
