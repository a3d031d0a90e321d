/* export_idea.c - IDEA 0, the Intrusion Detection Extensible Alert of CESNET: a line each. */
#include <inttypes.h>
#include <string.h>

#include "notify/export_internal.h"

enum {
	CONFIDENCE_DECIMALS = 3,
	NAME_BYTES = 16 + EXPORT_IDENTITY_BYTES + 24,
};

/* Of its taxonomy: what was seen, up to two. */
static const char *const categories[RULE_COUNT][2] = {
    [RULE_SCAN_DARK] = {"Recon.Scanning"},
    [RULE_SCAN_SWEEP] = {"Recon.Scanning"},
    [RULE_SCAN_LIVE] = {"Recon.Scanning"},
    [RULE_DDOS_VICTIM] = {"Availability.DDoS"},
    [RULE_DDOS_INCOMING] = {"Availability.DDoS"},
    [RULE_DDOS_REFLECTOR] = {"Availability.DDoS", "Vulnerable.Config"},
    [RULE_CONFIG_STRAY] = {"Anomaly.Traffic"},
    [RULE_SPOOF_MEMBER] = {"Anomaly.Traffic"},
};

static void put_category(struct json *json, const struct export_facts *facts)
{
	json_open_array(json, "Category");
	for (size_t i = 0; i < 2; i++)
		if (categories[facts->finding->rule][i] != NULL)
			json_string(json, NULL, categories[facts->finding->rule][i]);
	if (facts->incident->is_drill)
		json_string(json, NULL, "Test");
	json_close_array(json);
}

static void put_one(struct json *json, const char *key, const char *value)
{
	json_open_array(json, key);
	json_string(json, NULL, value);
	json_close_array(json);
}

/* Each protocol of the ports once, as the first has it. */
static void put_protocols(struct json *json, const struct finding *finding)
{
	if (finding->ports_listed == 0)
		return;
	json_open_array(json, "Proto");
	for (size_t i = 0; i < finding->ports_listed; i++) {
		const char *name = export_protocol_of(&finding->ports[i]);
		bool is_first = name != NULL;
		for (size_t j = 0; j < i && is_first; j++)
			is_first = export_protocol_of(&finding->ports[j]) != name;
		if (is_first)
			json_string(json, NULL, name);
	}
	json_close_array(json);
}

static void put_ports(struct json *json, const struct finding *finding)
{
	json_open_array(json, "Port");
	for (size_t i = 0; i < finding->ports_listed; i++)
		if (export_port_of(&finding->ports[i]) != 0)
			json_unsigned(json, NULL, export_port_of(&finding->ports[i]));
	json_close_array(json);
}

static void put_source_ports(struct json *json, const struct finding *finding)
{
	json_open_array(json, "Port");
	for (size_t i = 0; i < finding->source_port_count; i++)
		json_unsigned(json, NULL, finding->source_ports[i]);
	json_close_array(json);
}

static void put_machine(struct json *json, const struct export_facts *facts)
{
	put_one(json, facts->is_v4 ? "IP4" : "IP6", facts->subject);
	if (facts->finding->spoof == SPOOF_LIKELY)
		json_bool(json, "Spoofed", true);
}

/* The subject at its side; at the other, which may be many, only what was asked for is told. */
static void put_sides(struct json *json, const struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	json_open_array(json, facts->is_victim ? "Target" : "Source");
	json_open_object(json, NULL);
	put_machine(json, facts);
	put_protocols(json, finding);
	if (facts->is_victim || finding->rule == RULE_DDOS_REFLECTOR)
		put_ports(json, finding);
	else
		put_source_ports(json, finding);
	json_close_object(json);
	json_close_array(json);
	if (facts->is_victim || finding->rule == RULE_DDOS_REFLECTOR || finding->ports_listed == 0)
		return;
	json_open_array(json, "Target");
	json_open_object(json, NULL);
	put_protocols(json, finding);
	put_ports(json, finding);
	json_close_object(json);
	json_close_array(json);
}

static void put_node(struct export *export)
{
	struct json *json = &export->json;
	char name[NAME_BYTES];
	(void)snprintf(name, sizeof name, "hinomi.s%s", export->identity);
	json_open_array(json, "Node");
	json_open_object(json, NULL);
	json_string(json, "Name", name);
	put_one(json, "SW", "Hinomi");
	json_open_array(json, "Type");
	json_string(json, NULL, "Flow");
	json_string(json, NULL, "Blackhole");
	json_string(json, NULL, "Statistical");
	json_close_array(json);
	json_close_object(json);
	json_close_array(json);
}

static void add(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	char id[EXPORT_UUID_BYTES];
	char name[NAME_BYTES];
	export_uuid_of_state(export, "idea", facts, id);
	(void)snprintf(name, sizeof name, "%s/%" PRId64, export->identity, facts->incident->id);
	json_init(json, export->out);
	json_open_object(json, NULL);
	json_string(json, "Format", "IDEA0");
	json_string(json, "ID", id);
	put_one(json, "AltNames", name);
	json_string(json, "CreateTime", export->now);
	json_string(json, "DetectTime", facts->opened);
	json_string(json, "EventTime", facts->first);
	json_string(json, "CeaseTime", facts->last);
	put_category(json, facts);
	if (facts->confidence >= 0)
		json_decimal(json, "Confidence", facts->confidence, CONFIDENCE_DECIMALS);
	json_string(json, "Description", facts->title);
	json_string(json, "Note", facts->why);
	json_unsigned(json, "PacketCount", facts->finding->packets);
	put_sides(json, facts);
	put_node(export);
	json_close_object(json);
	fputc('\n', export->out);
}

const struct export_format export_idea = {
    .name = "idea",
    .file = "incident.idea.json",
    .media_type = "application/json",
    .begin = export_frame_nothing,
    .add = add,
    .end = export_frame_nothing,
};
