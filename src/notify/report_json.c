/* report_json.c - JSON Lines: a record for each finding, then one of what was read. */
#include <stdint.h>

#include "base/json.h"
#include "base/when.h"
#include "notify/finding_json.h"
#include "notify/report_internal.h"

enum {
	SECONDS_DECIMALS = 6,
};

static void put_time(struct json *json, const char *key, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_utc(time_us, text);
	json_string(json, key, text);
}

static void put_finding(const struct report *report, const struct finding *finding)
{
	struct json json;
	json_init(&json, report->out);
	finding_json_write(&json, NULL, report->language, report_member(report, finding), finding);
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
