#include "cmd/station/facts_text.h"

#include <assert.h>

#include "cmd/station/words.h"
#include "notify/glyph.h"

enum {
	LISTED_MAX = 4, /* interfaces in one line: of a host of many the first are enough */
	NAME_BYTES = IF_NAMESIZE * 8,
	NETWORKS_BYTES = 512,
};

static void add_joint(struct text *text, enum language language, bool *is_first)
{
	if (!*is_first)
		text_add(text, station_word(language, WORD_JOINT));
	*is_first = false;
}

/* Link-local networks are everywhere, and say nothing. */
static void add_networks(
    struct text *text, enum language language, const struct station_interface *interface)
{
	bool is_first = true;
	for (size_t i = 0; i < interface->network_count; i++) {
		const struct station_network *network = &interface->networks[i];
		char prefix[PREFIX_TEXT_BYTES];
		if (address_is_link_local(&network->address))
			continue;
		prefix_format(&network->prefix, prefix);
		add_joint(text, language, &is_first);
		text_add(text, prefix);
	}
	if (is_first)
		text_add(text, station_word(language, WORD_NO_NETWORK));
}

static enum station_word kind_word(enum station_interface_kind kind)
{
	static const enum station_word words[STATION_INTERFACE_KINDS] = {
	    [STATION_INTERFACE_OTHER] = WORD_KIND_OTHER,
	    [STATION_INTERFACE_LOOPBACK] = WORD_KIND_LOOPBACK,
	    [STATION_INTERFACE_ETHERNET] = WORD_KIND_ETHERNET,
	    [STATION_INTERFACE_GUEST] = WORD_KIND_GUEST,
	    [STATION_INTERFACE_VIRTUAL] = WORD_KIND_VIRTUAL,
	};
	assert((unsigned)kind < STATION_INTERFACE_KINDS);
	return words[kind];
}

static enum station_word state_word(const struct station_interface *interface)
{
	if (!interface->is_up)
		return WORD_STATE_DOWN;
	return interface->has_carrier ? WORD_STATE_UP : WORD_STATE_NO_CARRIER;
}

static void add_interface(
    struct text *text, enum language language, const struct station_interface *interface)
{
	char name[NAME_BYTES];
	char networks[NETWORKS_BYTES];
	struct text list;
	glyph_copy_visible(interface->name, name, sizeof name);
	text_init(&list, networks, sizeof networks);
	add_networks(&list, language, interface);
	station_words_add(text, language, WORD_INTERFACE,
	    VALUES(value_of_text(name),
		value_of_text(station_word(language, kind_word(interface->kind))),
		value_of_text(station_word(language, state_word(interface))),
		value_of_text(networks)));
}

static void add_gateway(struct text *text, enum language language,
    const struct station_facts *facts, const struct station_gateway *gateway)
{
	const struct station_interface *interface =
	    station_facts_find_index(facts, gateway->interface);
	char address[ADDRESS_TEXT_BYTES];
	char name[NAME_BYTES] = "";
	address_format(&gateway->address, address);
	if (interface != NULL)
		glyph_copy_visible(interface->name, name, sizeof name);
	station_words_add(
	    text, language, WORD_GATEWAY, VALUES(value_of_text(address), value_of_text(name)));
}

void station_facts_add_lines(
    struct text *text, enum language language, const struct station_facts *facts)
{
	static const char begin[] = "  ", end[] = "\n";
	for (size_t i = 0; i < facts->interface_count; i++) {
		if (facts->interfaces[i].kind == STATION_INTERFACE_LOOPBACK)
			continue;
		text_add(text, begin);
		add_interface(text, language, &facts->interfaces[i]);
		text_add(text, end);
	}
	if (facts->interfaces_left_out > 0) {
		text_add(text, begin);
		station_words_add(text, language, WORD_MORE_INTERFACES,
		    VALUES(value_of_count(facts->interfaces_left_out)));
		text_add(text, end);
	}
	for (size_t i = 0; i < facts->gateway_count; i++) {
		text_add(text, begin);
		add_gateway(text, language, facts, &facts->gateways[i]);
		text_add(text, end);
	}
	if (facts->names.zone[0] != '\0') {
		text_add(text, begin);
		station_words_add(
		    text, language, WORD_ZONE, VALUES(value_of_text(facts->names.zone)));
		text_add(text, end);
	}
	if (facts->names.mail_domain[0] != '\0') {
		text_add(text, begin);
		station_words_add(text, language, WORD_MAIL_DOMAIN,
		    VALUES(value_of_text(facts->names.mail_domain)));
		text_add(text, end);
	}
}

static void list_interfaces(
    struct text *text, enum language language, const struct station_facts *facts, bool *is_first)
{
	size_t left_out = facts->interfaces_left_out;
	size_t listed = 0;
	for (size_t i = 0; i < facts->interface_count; i++) {
		const struct station_interface *interface = &facts->interfaces[i];
		char name[NAME_BYTES];
		if (!interface->is_up || interface->kind == STATION_INTERFACE_LOOPBACK)
			continue;
		if (listed == LISTED_MAX) {
			left_out++;
			continue;
		}
		listed++;
		add_joint(text, language, is_first);
		glyph_copy_visible(interface->name, name, sizeof name);
		text_add(text, name);
		text_add(text, " (");
		add_networks(text, language, interface);
		text_add(text, ")");
	}
	if (left_out > 0) {
		add_joint(text, language, is_first);
		station_words_add(
		    text, language, WORD_MORE_INTERFACES, VALUES(value_of_count(left_out)));
	}
}

void station_facts_add_list(
    struct text *text, enum language language, const struct station_facts *facts)
{
	bool is_first = true;
	list_interfaces(text, language, facts, &is_first);
	if (facts->gateway_count > 0) {
		add_joint(text, language, &is_first);
		add_gateway(text, language, facts, &facts->gateways[0]);
	}
	if (facts->names.zone[0] != '\0') {
		add_joint(text, language, &is_first);
		station_words_add(
		    text, language, WORD_ZONE, VALUES(value_of_text(facts->names.zone)));
	}
	if (facts->names.mail_domain[0] != '\0') {
		add_joint(text, language, &is_first);
		station_words_add(text, language, WORD_MAIL_DOMAIN,
		    VALUES(value_of_text(facts->names.mail_domain)));
	}
}
