/*
 * export_shadowserver.c - the columns of Shadowserver's darknet report (event4_honeypot_darknet),
 * a line for each port, so that who reads theirs reads ours. What we do not know stays empty.
 *
 * That report is about who sends. Of who is attacked, the address stands as the destination.
 */
#include <inttypes.h>
#include <string.h>

#include "notify/csv_cell.h"
#include "notify/export_internal.h"
#include "notify/text.h"

enum {
	STAMP_BYTES = 20,
	NUMBER_BYTES = 24,
	TAG_BYTES = 160,
	EVENT_BYTES = EXPORT_IDENTITY_BYTES + 24,
};

static const char *const columns[] = {"timestamp", "protocol", "src_ip", "src_port", "src_asn",
    "src_geo", "src_region", "src_city", "src_hostname", "src_naics", "src_sector", "device_vendor",
    "device_type", "device_model", "dst_ip", "dst_port", "dst_asn", "dst_geo", "dst_region",
    "dst_city", "dst_hostname", "dst_naics", "dst_sector", "public_source", "infection", "family",
    "tag", "application", "version", "event_id", "count"};

#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

/* What a line says, by the columns' names; NULL is empty. */
struct line {
	const char *name;
	const char *text;
	bool is_bare; /* a number: without quotes, as theirs */
};

static void begin(struct export *export)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		fprintf(export->out, "%s\"%s\"", i == 0 ? "" : ",", columns[i]);
	fputs("\r\n", export->out);
}

/* "2021-03-07 00:00:00": of a time of RFC 3339. */
static void put_stamp(const char *time, char out[static STAMP_BYTES])
{
	(void)snprintf(out, STAMP_BYTES, "%.19s", time); /* without its fraction */
	out[10] = ' ';
}

/* Words of ours, between semicolons as in theirs. */
static void write_tag(
    const struct export *export, const struct export_facts *facts, char out[static TAG_BYTES])
{
	const struct finding *finding = facts->finding;
	struct text text;
	text_init(&text, out, TAG_BYTES);
	if (facts->incident->is_drill)
		text_add(&text, "drill;");
	text_add(&text, rule_name(finding->rule));
	text_add(&text, ";severity-");
	text_add(&text, severity_name(finding->severity));
	text_add(&text, ";spoof-");
	text_add(&text, spoof_name(finding->spoof));
	text_add(&text, ";tlp-");
	text_add(&text, export_tlp_name(export->setting.tlp));
	if (finding->tool < 0)
		return;
	text_add(&text, ";");
	text_add(&text, tool_name((enum tool)finding->tool));
}

static void put_cells(FILE *out, const struct line *line, size_t count)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (i > 0)
			fputc(',', out);
		for (size_t j = 0; j < count; j++) {
			if (strcmp(line[j].name, columns[i]) != 0 || line[j].text == NULL)
				continue;
			if (line[j].is_bare)
				fputs(line[j].text, out);
			else
				csv_cell_put(out, line[j].text);
		}
	}
	fputs("\r\n", out);
}

/* Of a port; of all where `port` is NULL. */
static void put_line(
    struct export *export, const struct export_facts *facts, const struct finding_port *port)
{
	const struct finding *finding = facts->finding;
	const bool is_reflector = finding->rule == RULE_DDOS_REFLECTOR;
	const unsigned own =
	    port != NULL && is_reflector ? export_port_of(port) : export_source_port_of(finding);
	const unsigned asked = port != NULL && !is_reflector ? export_port_of(port) : 0;
	char stamp[STAMP_BYTES];
	char tag[TAG_BYTES];
	char event[EVENT_BYTES];
	char source_port[NUMBER_BYTES];
	char port_text[NUMBER_BYTES];
	char count[NUMBER_BYTES];
	put_stamp(facts->first, stamp);
	write_tag(export, facts, tag);
	(void)snprintf(event, sizeof event, "%s-%" PRId64, export->identity, facts->incident->id);
	(void)snprintf(source_port, sizeof source_port, "%u", own);
	(void)snprintf(port_text, sizeof port_text, "%u", asked);
	(void)snprintf(
	    count, sizeof count, "%" PRIu64, port != NULL ? port->packets : finding->packets);
	const struct line line[] = {
	    {"timestamp", stamp, false},
	    {"protocol", port != NULL ? export_protocol_of(port) : NULL, false},
	    {facts->is_victim ? "dst_ip" : "src_ip", facts->subject, false},
	    {"src_port", own != 0 && !facts->is_victim ? source_port : NULL, true},
	    {"dst_port", asked != 0 ? port_text : NULL, true},
	    {"infection", finding->tool == TOOL_MIRAI ? "mirai" : NULL, false},
	    {"tag", tag, false},
	    {"application", "hinomi", false},
	    {"event_id", event, false},
	    {"count", count, true},
	};
	put_cells(export->out, line, sizeof line / sizeof line[0]);
}

static void add(struct export *export, const struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	if (finding->ports_listed == 0)
		put_line(export, facts, NULL);
	for (size_t i = 0; i < finding->ports_listed; i++)
		put_line(export, facts, &finding->ports[i]);
}

const struct export_format export_shadowserver = {
    .name = "shadowserver",
    .file = "incident.csv",
    .media_type = "text/csv",
    .begin = begin,
    .add = add,
    .end = export_frame_nothing,
};
