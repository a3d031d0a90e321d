/* report_csv.c - RFC 4180: one header line, then one line for each finding. */
#include <inttypes.h>
#include <math.h>

#include "base/when.h"
#include "notify/csv_cell.h"
#include "notify/glyph.h"
#include "notify/report_internal.h"

enum {
	NAME_BYTES = MEMBER_NAME_BYTES * 4, /* with every byte made visible */
};

static const char header[] = "severity,rule,member,subject,role,first,last,packets,targets,sources,"
			     "port_count,ports,source_ports,tool,attribution,spoof,confidence,why,"
			     "drill";

static void put_text(FILE *out, const char *cell)
{
	fputc(',', out);
	csv_cell_put(out, cell);
}

/* Words of ours: no commas, no quotes. */
static void put_word(FILE *out, const char *word)
{
	fprintf(out, ",%s", word);
}

static void put_number(FILE *out, uint64_t number)
{
	fprintf(out, ",%" PRIu64, number);
}

static void put_time(FILE *out, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_utc(time_us, text);
	put_word(out, text);
}

static void put_ports(FILE *out, const struct finding *finding)
{
	fputc(',', out);
	for (size_t i = 0; i < finding->ports_listed; i++) {
		const struct finding_port *port = &finding->ports[i];
		const char *name = report_protocol_name(port);
		if (i > 0)
			fputc(' ', out);
		if (name != NULL)
			fputs(name, out);
		else
			fprintf(out, "ip/%u", (unsigned)port->protocol);
		if (report_has_port(port))
			fprintf(out, "/%u", (unsigned)port->port);
	}
	fputc(',', out);
	for (size_t i = 0; i < finding->source_port_count; i++)
		fprintf(out, i > 0 ? " %u" : "%u", (unsigned)finding->source_ports[i]);
}

/* In thousandths, since a locale could write the point as a comma. */
static void put_confidence(FILE *out, double confidence)
{
	if (!isfinite(confidence) || confidence < 0 || confidence > 1) {
		fputc(',', out);
		return;
	}
	unsigned thousandths = (unsigned)lround(confidence * 1000);
	fprintf(out, ",%u.%03u", thousandths / 1000, thousandths % 1000);
}

static void put_finding(const struct report *report, const struct finding *finding)
{
	FILE *out = report->out;
	char subject[ADDRESS_TEXT_BYTES];
	char name[NAME_BYTES] = "";
	char why[WORDING_WHY_BYTES];

	address_format(&finding->subject, subject);
	if (finding->member != MEMBER_NONE)
		glyph_copy_visible(report_member(report, finding), name, sizeof name);
	wording_why(report->language, finding, why, sizeof why);

	fputs(severity_name(finding->severity), out);
	put_word(out, rule_name(finding->rule));
	put_text(out, name);
	put_word(out, subject);
	put_word(out, role_name(finding->role));
	put_time(out, finding->first_us);
	put_time(out, finding->last_us);
	put_number(out, finding->packets);
	put_number(out, finding->targets);
	if (finding->role == ROLE_VICTIM && finding->sources > 0)
		put_number(out, finding->sources);
	else
		put_word(out, "");
	put_number(out, finding->port_count);
	put_ports(out, finding);
	put_word(out, finding->tool < 0 ? "" : tool_name((enum tool)finding->tool));
	put_word(out, attribution_name(finding->attribution));
	put_word(out, spoof_name(finding->spoof));
	put_confidence(out, finding->confidence);
	put_text(out, why);
	put_word(out, finding->drill ? "true" : "false");
	fputs("\r\n", out);
}

int report_write_csv(const struct report *report, const struct finding *findings, size_t count,
    const struct report_summary *summary)
{
	(void)summary; /* a table of findings only */
	fprintf(report->out, "%s\r\n", header);
	for (size_t i = 0; i < count && ferror(report->out) == 0; i++)
		put_finding(report, &findings[i]);
	return report_finish(report->out);
}
