#include "notify/headline.h"

#include <string.h>

#include "notify/glyph.h"
#include "notify/service.h"
#include "notify/wording_internal.h"

enum {
	NAME_BYTES = MEMBER_NAME_BYTES * 4, /* with every byte made visible */
	WHO_BYTES = NAME_BYTES + 128,
	DOING_BYTES = 2048,
};

/* Everything a sentence may need, said once. */
struct parts {
	enum language language;
	const struct finding *finding;
	char who[WHO_BYTES];
	char ports[SERVICE_PORTS_BYTES];
	char doing[DOING_BYTES];
};

static void add(struct text *text, enum language language, enum message message, const char *first,
    const char *second)
{
	const struct value values[] = {value_of_text(first), value_of_text(second)};
	wording_add(text, language, message, values, 2);
}

bool headline_is_local(const struct registry *registry, int member)
{
	return strcmp(registry_member_name(registry, member), "local") == 0;
}

void headline_add_who(struct text *text, enum language language, const struct registry *registry,
    const struct finding *finding)
{
	char address[ADDRESS_TEXT_BYTES];
	address_format(&finding->subject, address);
	if (finding->member == MEMBER_NONE) {
		add(text, language, MESSAGE_WHO_STRANGER, address, "");
		return;
	}
	if (headline_is_local(registry, finding->member)) {
		add(text, language, MESSAGE_WHO_LOCAL, address, "");
		return;
	}
	char visible[NAME_BYTES];
	glyph_copy_visible(
	    registry_member_name(registry, finding->member), visible, sizeof visible);
	add(text, language, MESSAGE_WHO_MEMBER, address, visible);
}

/* A scan by its shape; without one, by what makes it one. */
static void add_doing_scan(struct text *text, const struct parts *parts)
{
	const struct finding *finding = parts->finding;
	const struct value ports = value_of_text(parts->ports);
	const struct value port_count = value_of_count(finding->port_count);
	const char *sought = wording_get(parts->language)->sought[service_sought(finding)];
	switch (finding->shape) {
	case SHAPE_HORIZONTAL:
		add(text, parts->language,
		    finding->lateral ? MESSAGE_DOING_SEARCH_INSIDE : MESSAGE_DOING_SEARCH, sought,
		    parts->ports);
		break;
	case SHAPE_VERTICAL:
		wording_add(text, parts->language, MESSAGE_DOING_VERTICAL,
		    (const struct value[]){port_count, ports}, 2);
		break;
	case SHAPE_BLOCK:
		wording_add(text, parts->language, MESSAGE_DOING_BLOCK,
		    (const struct value[]){port_count, value_of_count(finding->targets), ports}, 3);
		break;
	case SHAPE_PROTOCOL:
		wording_add(text, parts->language, MESSAGE_DOING_PROTOCOL,
		    (const struct value[]){value_of_count(service_port_total(finding))}, 1);
		break;
	case SHAPE_NONE:
	case SHAPE_COUNT:
		wording_add(text, parts->language,
		    finding->rule == RULE_SCAN_DARK ? MESSAGE_DOING_DARK : MESSAGE_DOING_LIVE,
		    &ports, 1);
		break;
	}
}

static void add_doing(struct text *text, const struct parts *parts)
{
	const struct value ports = value_of_text(parts->ports);
	switch (parts->finding->rule) {
	case RULE_SCAN_SWEEP:
		wording_add(text, parts->language, MESSAGE_DOING_SWEEP,
		    (const struct value[]){value_of_count(parts->finding->targets), ports}, 2);
		break;
	case RULE_DDOS_REFLECTOR:
		wording_add(text, parts->language, MESSAGE_DOING_REFLECT, &ports, 1);
		break;
	case RULE_CONFIG_STRAY:
		wording_add(text, parts->language, MESSAGE_DOING_STRAY, &ports, 1);
		break;
	case RULE_SCAN_DARK:
	case RULE_SCAN_LIVE:
	case RULE_DDOS_VICTIM:
	case RULE_DDOS_INCOMING:
	case RULE_SPOOF_MEMBER:
	case RULE_COUNT:
		add_doing_scan(text, parts);
		break;
	}
}

/* The wording follows the spoof estimate: who is named as the one that acts must have been seen. */
static enum message sayer_of(const struct finding *finding)
{
	switch (finding->spoof) {
	case SPOOF_LIKELY:
		return MESSAGE_SAYS_LIKELY_FORGED;
	case SPOOF_POSSIBLE:
		return MESSAGE_SAYS_POSSIBLY_FORGED;
	case SPOOF_UNLIKELY:
	case SPOOF_COUNT:
		break;
	}
	return finding->attribution == ATTRIBUTION_ONE_WAY ? MESSAGE_SAYS_ONE_WAY
							   : MESSAGE_SAYS_DIRECT;
}

static void add_actor(struct text *text, struct parts *parts)
{
	struct text doing;
	text_init(&doing, parts->doing, sizeof parts->doing);
	add_doing(&doing, parts);
	add(text, parts->language, sayer_of(parts->finding), parts->who, parts->doing);
}

/* About all of the member: how many addresses its reason tells. */
static void add_forged_crowd(
    struct text *text, const struct parts *parts, const struct registry *registry)
{
	const struct finding *finding = parts->finding;
	char visible[NAME_BYTES];
	const char *name = parts->who;
	if (finding->member != MEMBER_NONE && headline_is_local(registry, finding->member)) {
		name = wording_get(parts->language)->messages[MESSAGE_LOCAL];
	} else if (finding->member != MEMBER_NONE) {
		glyph_copy_visible(
		    registry_member_name(registry, finding->member), visible, sizeof visible);
		name = visible;
	}
	for (size_t i = 0; i < finding->reason_count; i++) {
		if (finding->reasons[i].reason != REASON_MEMBER_CROWD)
			continue;
		const struct value values[] = {
		    value_of_text(name), {.number = finding->reasons[i].numbers[0]}};
		wording_add(text, parts->language, MESSAGE_SAYS_FORGED_CROWD, values, 2);
		return;
	}
	add(text, parts->language, MESSAGE_SAYS_FORGED_UNCOUNTED, name, "");
}

void headline_add(struct text *text, enum language language, const struct registry *registry,
    const struct finding *finding)
{
	struct parts parts = {.language = language, .finding = finding};
	struct text inner;
	text_init(&inner, parts.who, sizeof parts.who);
	headline_add_who(&inner, language, registry, finding);
	text_init(&inner, parts.ports, sizeof parts.ports);
	service_add_ports(&inner, language, finding);

	switch (finding->rule) {
	case RULE_DDOS_VICTIM:
		add(text, language, MESSAGE_SAYS_VICTIM, parts.who, parts.ports);
		break;
	case RULE_DDOS_INCOMING:
		add(text, language,
		    advice_has_reason(finding, REASON_FLOOD_REPLIES) ? MESSAGE_SAYS_REFLECTED
								     : MESSAGE_SAYS_FLOODED,
		    parts.who, parts.ports);
		break;
	case RULE_SPOOF_MEMBER:
		add_forged_crowd(text, &parts, registry);
		break;
	case RULE_SCAN_DARK:
	case RULE_SCAN_SWEEP:
	case RULE_SCAN_LIVE:
	case RULE_DDOS_REFLECTOR:
	case RULE_CONFIG_STRAY:
	case RULE_COUNT:
		add_actor(text, &parts);
		break;
	}
}
