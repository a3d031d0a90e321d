/* export_iodef_words.c - our findings in the words of IODEF. */
#include <math.h>
#include <string.h>

#include "notify/export_iodef.h"
#include "notify/glyph.h"
#include "notify/text.h"

enum {
	PROTOCOL_TCP = 6,
};

const char *iodef_language(const struct export *export)
{
	return export->setting.language == LANGUAGE_JA ? "ja" : "en";
}

const char *iodef_status(const struct export_facts *facts)
{
	static const struct {
		const char *state;
		const char *status;
	} rows[] = {
	    {"new", "new"},
	    {"notified", "forwarded"},
	    {"acknowledged", "in-progress"},
	    {"in-progress", "in-progress"},
	    {"closed", "resolved"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].state, facts->state) == 0)
			return rows[i].status;
	return "new"; /* quiet or relapsed: it is open */
}

/* The colours of version 1 of the protocol, to which "white" is what is "clear" now. */
const char *iodef_restriction(const struct export *export)
{
	static const char *const names[EXPORT_TLP_COUNT] = {
	    [EXPORT_TLP_CLEAR] = "white",
	    [EXPORT_TLP_GREEN] = "green",
	    [EXPORT_TLP_AMBER] = "amber",
	    [EXPORT_TLP_AMBER_STRICT] = "ext-value",
	    [EXPORT_TLP_RED] = "red",
	};
	return names[export->setting.tlp];
}

const char *iodef_ext_restriction(const struct export *export)
{
	return export->setting.tlp == EXPORT_TLP_AMBER_STRICT ? "amber+strict" : NULL;
}

const char *iodef_occurrence(const struct export_facts *facts)
{
	return facts->finding->watch ? "potential" : "actual";
}

const char *iodef_severity(const struct export_facts *facts)
{
	static const char *const names[SEVERITY_COUNT] = {
	    [SEVERITY_INFO] = NULL,
	    [SEVERITY_LOW] = "low",
	    [SEVERITY_MEDIUM] = "medium",
	    [SEVERITY_HIGH] = "high",
	    [SEVERITY_CRITICAL] = "high",
	};
	return names[facts->finding->severity];
}

/* What was seen, and no more: a scan says nothing of what happened to the machine. */
const char *iodef_impact(const struct export_facts *facts)
{
	switch (facts->finding->rule) {
	case RULE_DDOS_VICTIM:
	case RULE_DDOS_INCOMING:
		return "availability-service";
	case RULE_CONFIG_STRAY:
	case RULE_DDOS_REFLECTOR:
		return "policy";
	case RULE_SCAN_DARK:
	case RULE_SCAN_SWEEP:
	case RULE_SCAN_LIVE:
	case RULE_SPOOF_MEMBER:
	case RULE_COUNT:
		break;
	}
	return "unknown";
}

const char *iodef_spoofed(const struct export_facts *facts)
{
	switch (facts->finding->spoof) {
	case SPOOF_LIKELY:
		return "yes";
	case SPOOF_POSSIBLE:
		return "unknown";
	case SPOOF_UNLIKELY:
	case SPOOF_COUNT:
		break;
	}
	return facts->finding->attribution == ATTRIBUTION_ONE_WAY ? "unknown" : "no";
}

uint64_t iodef_hosts(const struct export_facts *facts)
{
	return facts->is_victim && facts->finding->sources > 0 ? facts->finding->sources
							       : facts->finding->targets;
}

/* In thousandths, since a locale could write the point as a comma. */
void iodef_confidence(const struct export_facts *facts, char *out, size_t out_bytes)
{
	const unsigned thousandths = (unsigned)lround(facts->confidence * 1000);
	(void)snprintf(out, out_bytes, "%u.%03u", thousandths / 1000, thousandths % 1000);
}

void iodef_event(const struct export_event *event, char *out, size_t out_bytes)
{
	char what[IODEF_EVENT_BYTES];
	(void)snprintf(what, sizeof what, "%.100s: %.100s", event->what, event->state);
	glyph_copy_visible(what, out, out_bytes);
}

static void add_port(struct text *text, unsigned port)
{
	char number[16];
	(void)snprintf(number, sizeof number, "%s%u", text->length > 0 ? "," : "", port);
	text_add(text, number);
}

static void add_ports(struct text *text, const struct finding *finding, unsigned protocol)
{
	for (size_t i = 0; i < finding->ports_listed; i++) {
		const unsigned port = export_port_of(&finding->ports[i]);
		if (port != 0 && finding->ports[i].protocol == protocol)
			add_port(text, port);
	}
}

/* Who is attacked has the ports; who asks has only those from which it does, and of which
 * protocol they were is not kept: that of the port asked for most. */
void iodef_own_ports(
    const struct export_facts *facts, unsigned protocol, char *out, size_t out_bytes)
{
	const struct finding *finding = facts->finding;
	const unsigned most = finding->ports_listed > 0 ? finding->ports[0].protocol : PROTOCOL_TCP;
	struct text text;
	text_init(&text, out, out_bytes);
	if (facts->is_victim || finding->rule == RULE_DDOS_REFLECTOR) {
		add_ports(&text, finding, protocol);
		return;
	}
	for (size_t i = 0; i < finding->source_port_count && most == protocol; i++)
		if (finding->source_ports[i] != 0)
			add_port(&text, finding->source_ports[i]);
}

void iodef_asked_ports(
    const struct export_facts *facts, unsigned protocol, char *out, size_t out_bytes)
{
	struct text text;
	text_init(&text, out, out_bytes);
	if (!facts->is_victim && facts->finding->rule != RULE_DDOS_REFLECTOR)
		add_ports(&text, facts->finding, protocol);
}
