#include "notify/syslog.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "notify/glyph.h"
#include "notify/report_internal.h"

#define SCHEME "syslog+tls://"

enum {
	FACILITY_AUTHPRIV = 10, /* security messages */
	HOST_SHOWN_MAX = 255,   /* RFC 5424 section 6 */
	MSGID_MAX = 32,
	VALUE_BYTES = 1024, /* of a value, all of it made visible */
	PORTS_BYTES = 512,
};

/* ---- Addresses ---- */

int syslog_parse_address(
    const char *address, struct endpoint *ret_endpoint, struct complaint *complaint)
{
	char text[ENDPOINT_TEXT_BYTES + 8];
	const char *why = NULL;
	if (strncmp(address, SCHEME, sizeof SCHEME - 1) != 0)
		return complain(
		    complaint, -EINVAL, "%.200s: expected syslog+tls://HOST[:PORT]", address);
	const char *rest = address + sizeof SCHEME - 1;
	const char *colon = strrchr(rest, ':');
	const bool has_port = colon != NULL && strchr(colon, ']') == NULL;
	const int length = has_port ? snprintf(text, sizeof text, "%s", rest)
				    : snprintf(text, sizeof text, "%s:%d", rest, SYSLOG_PORT);
	if (length < 0 || (size_t)length >= sizeof text)
		return complain(complaint, -EINVAL, "%.200s: expected a shorter name", address);
	if (endpoint_parse(text, ret_endpoint, &why) != 0)
		return complain(complaint, -EINVAL, "%.200s: %s", address, why);
	return 0;
}

/* ---- What both forms say ---- */

static enum severity severity_of(const struct webhook_notice *notice)
{
	if (notice->finding != NULL)
		return notice->finding->severity;
	return strcmp(notice->kind, "alarm") == 0 ? SEVERITY_MEDIUM : SEVERITY_INFO;
}

/* RFC 5424 section 6.2.1. */
static int priority_of(const struct webhook_notice *notice)
{
	static const int levels[SEVERITY_COUNT] = {
	    [SEVERITY_INFO] = 6,
	    [SEVERITY_LOW] = 5,
	    [SEVERITY_MEDIUM] = 4,
	    [SEVERITY_HIGH] = 3,
	    [SEVERITY_CRITICAL] = 2,
	};
	return FACILITY_AUTHPRIV * 8 + levels[severity_of(notice)];
}

/* Visible ASCII without blanks, or "-". */
static void put_token(FILE *out, const char *text, size_t bytes_max)
{
	size_t written = 0;
	for (; *text != '\0' && written < bytes_max; text++)
		if (*text > ' ' && *text <= '~') {
			fputc(*text, out);
			written++;
		}
	if (written == 0)
		fputc('-', out);
}

static void put_header(FILE *out, const struct webhook_notice *notice, const char *host)
{
	char at[WHEN_TEXT_BYTES];
	when_format_utc(notice->at_us, at);
	fprintf(out, "<%d>1 %s ", priority_of(notice), at);
	put_token(out, host, HOST_SHOWN_MAX);
	fputs(" hinomi - ", out);
	put_token(out, notice->kind, MSGID_MAX);
	fputc(' ', out);
}

/* "tcp/445 udp/53", the most used first. */
static void format_ports(const struct finding *finding, char out[static PORTS_BYTES])
{
	struct text text;
	text_init(&text, out, PORTS_BYTES);
	for (size_t i = 0; i < finding->ports_listed; i++) {
		const struct finding_port *port = &finding->ports[i];
		const char *name = report_protocol_name(port);
		char item[32];
		(void)snprintf(
		    item, sizeof item, "%s%s", i == 0 ? "" : " ", name != NULL ? name : "ip");
		text_add(&text, item);
		(void)snprintf(item, sizeof item, "/%u",
		    (unsigned)(name != NULL ? port->port : port->protocol));
		if (name == NULL || report_has_port(port))
			text_add(&text, item);
	}
}

/* The subject, and a letter that is about no finding in one line; visible throughout. */
static void format_text(const struct webhook_notice *notice, char out[static SYSLOG_TEXT_BYTES])
{
	char *joined = NULL;
	const struct letter *letter = notice->letter;
	if (notice->finding != NULL ||
	    asprintf(&joined, "%s: %s", letter->subject, letter->body) < 0)
		joined = strdup(letter->subject);
	if (joined == NULL)
		return; /* what programs look for says as much */
	for (char *at = joined; *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	glyph_copy_visible(joined, out, SYSLOG_TEXT_BYTES);
	free(joined);
}

/* ---- RFC 5424 ---- */

/* A value ends at a quote; a bracket and a backslash are escaped as well (section 6.3.3). */
static void put_value(FILE *out, const char *name, const char *value)
{
	char visible[VALUE_BYTES];
	glyph_copy_visible(value, visible, sizeof visible);
	fprintf(out, " %s=\"", name);
	for (const char *at = visible; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\' || *at == ']')
			fputc('\\', out);
		fputc(*at, out);
	}
	fputc('"', out);
}

static void put_count(FILE *out, const char *name, uint64_t count)
{
	fprintf(out, " %s=\"%" PRIu64 "\"", name, count);
}

static void put_time(FILE *out, const char *name, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_utc(time_us, text);
	put_value(out, name, text);
}

static void put_finding(FILE *out, const struct webhook_notice *notice)
{
	const struct finding *finding = notice->finding;
	char subject[ADDRESS_TEXT_BYTES];
	char ports[PORTS_BYTES];
	address_format(&finding->subject, subject);
	format_ports(finding, ports);
	put_value(out, "rule", rule_name(finding->rule));
	put_value(out, "severity", severity_name(finding->severity));
	put_value(out, "machine", subject);
	put_value(out, "role", role_name(finding->role));
	put_value(out, "spoof", spoof_name(finding->spoof));
	put_time(out, "first", finding->first_us);
	put_time(out, "last", finding->last_us);
	put_count(out, "packets", finding->packets);
	put_count(out, "targets", finding->targets);
	put_value(out, "ports", ports);
	if (finding->source_port_count > 0)
		put_count(out, "source_port", finding->source_ports[0]);
	if (finding->tool >= 0)
		put_value(out, "tool", tool_name((enum tool)finding->tool));
}

/*
 * 32473 is the number for examples (RFC 5612): we have no number of our own.
 */
static void put_data(FILE *out, const struct webhook_notice *notice)
{
	fputs("[hinomi@32473", out);
	put_value(out, "event", notice->event);
	put_value(out, "kind", notice->kind);
	if (notice->station != NULL)
		put_value(out, "station", notice->station);
	if (notice->incident != 0)
		put_count(out, "incident", (uint64_t)notice->incident);
	if (notice->canary != 0)
		put_count(out, "canary", notice->canary);
	if (notice->is_drill)
		put_value(out, "drill", "true");
	if (notice->member != NULL)
		put_value(out, "member", notice->member);
	if (notice->finding != NULL)
		put_finding(out, notice);
	fputc(']', out);
}

static void put_rfc5424(FILE *out, const struct webhook_notice *notice)
{
	char text[SYSLOG_TEXT_BYTES] = "";
	format_text(notice, text);
	put_data(out, notice);
	/* the mark that the text is UTF-8 (section 6.4) */
	fprintf(out, " \xef\xbb\xbf%s", text);
}

/* ---- The Common Event Format ---- */

/* In the header a bar ends a field, in the extension an equals sign begins a value. */
static void put_cef_text(FILE *out, const char *text, char special)
{
	char visible[SYSLOG_TEXT_BYTES];
	glyph_copy_visible(text, visible, sizeof visible);
	for (const char *at = visible; *at != '\0'; at++) {
		if (*at == '\\' || *at == special)
			fputc('\\', out);
		fputc(*at, out);
	}
}

static void put_extension(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=", name);
	put_cef_text(out, value, '=');
}

static void put_labelled(FILE *out, const char *name, const char *label, const char *value)
{
	fprintf(out, " %sLabel=%s", name, label);
	put_extension(out, name, value);
}

static void put_cef_port(FILE *out, const struct finding *finding)
{
	const struct finding_port *most = finding->ports_listed > 0 ? &finding->ports[0] : NULL;
	const char *name = most != NULL ? report_protocol_name(most) : NULL;
	const bool has_port =
	    most != NULL && (most->protocol == 6 || most->protocol == 17) && report_has_port(most);
	if (finding->source_port_count > 0)
		fprintf(out, " spt=%u", (unsigned)finding->source_ports[0]);
	if (has_port)
		fprintf(out, " dpt=%u", (unsigned)most->port);
	if (name == NULL)
		return;
	fputs(" proto=", out);
	for (; *name != '\0'; name++)
		fputc(toupper((unsigned char)*name), out);
}

static void put_cef_finding(FILE *out, const struct webhook_notice *notice)
{
	const struct finding *finding = notice->finding;
	const bool is_v4 = address_is_v4(&finding->subject);
	const bool is_victim = finding->role == ROLE_VICTIM;
	char subject[ADDRESS_TEXT_BYTES];
	address_format(&finding->subject, subject);
	put_extension(out, "cat", rule_name(finding->rule));
	if (is_v4)
		put_extension(out, is_victim ? "dst" : "src", subject);
	else
		put_labelled(out, is_victim ? "c6a3" : "c6a2",
		    is_victim ? "Destination IPv6 Address" : "Source IPv6 Address", subject);
	put_cef_port(out, finding);
	fprintf(out, " start=%" PRId64 " end=%" PRId64 " cnt=%" PRIu64, finding->first_us / 1000,
	    finding->last_us / 1000, finding->packets);
	put_labelled(out, "cs3", "spoof", spoof_name(finding->spoof));
	if (finding->tool >= 0)
		put_labelled(out, "cs4", "tool", tool_name((enum tool)finding->tool));
}

static void put_cef(FILE *out, const struct webhook_notice *notice)
{
	static const int levels[SEVERITY_COUNT] = {
	    [SEVERITY_INFO] = 1,
	    [SEVERITY_LOW] = 3,
	    [SEVERITY_MEDIUM] = 5,
	    [SEVERITY_HIGH] = 8,
	    [SEVERITY_CRITICAL] = 10,
	};
	char text[SYSLOG_TEXT_BYTES] = "";
	const bool has_finding = notice->finding != NULL;
	format_text(notice, text);
	fputs("- CEF:0|Hinomi|Hinomi|" HINOMI_VERSION "|", out);
	put_cef_text(out, has_finding ? rule_name(notice->finding->rule) : notice->kind, '|');
	fputc('|', out);
	put_cef_text(out, notice->letter->subject, '|');
	fprintf(out, "|%d|rt=%" PRId64, levels[severity_of(notice)], notice->at_us / 1000);
	if (notice->incident != 0)
		fprintf(out, " externalId=%" PRId64, notice->incident);
	if (notice->member != NULL)
		put_labelled(out, "cs1", "member", notice->member);
	put_labelled(out, "cs2", "event", notice->event);
	if (has_finding)
		put_cef_finding(out, notice);
	if (notice->is_drill)
		put_labelled(out, "cs5", "drill", "true");
	put_extension(out, "msg", text);
}

/* ---- Both ---- */

/* At a whole character, so that a receiver that takes no more takes this. */
static size_t cut(const char *bytes, size_t length)
{
	size_t kept = length < SYSLOG_BYTES_MAX ? length : SYSLOG_BYTES_MAX;
	while (kept < length && kept > 0 && ((unsigned char)bytes[kept] & 0xc0) == 0x80)
		kept--;
	return kept;
}

int syslog_write(enum notice_style style, const struct webhook_notice *notice, const char *host,
    char **ret_bytes, size_t *ret_length)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);
	if (out == NULL)
		return -ENOMEM;
	put_header(out, notice, host);
	if (style == NOTICE_STYLE_CEF)
		put_cef(out, notice);
	else
		put_rfc5424(out, notice);
	const bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(bytes);
		return -ENOMEM;
	}
	*ret_bytes = bytes;
	*ret_length = cut(bytes, length);
	return 0;
}
