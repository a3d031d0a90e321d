/* export_misp.c - events of MISP, as its own export gives them: {"response":[{"Event":...}]}. */
#include <inttypes.h>
#include <string.h>

#include "notify/export_internal.h"
#include "notify/text.h"

enum {
	NUMBER_BYTES = 24,
	DATE_BYTES = 11,
	TAG_BYTES = 64,
};

static void begin(struct export *export)
{
	json_open_object(&export->json, NULL);
	json_open_array(&export->json, "response");
}

static void end(struct export *export)
{
	json_close_array(&export->json);
	json_close_object(&export->json);
	fputc('\n', export->out);
}

/* Its numbers are texts. */
static void put_number(struct json *json, const char *key, int64_t number)
{
	char text[NUMBER_BYTES];
	(void)snprintf(text, sizeof text, "%" PRId64, number);
	json_string(json, key, text);
}

static int threat_level(enum severity severity)
{
	switch (severity) {
	case SEVERITY_CRITICAL:
	case SEVERITY_HIGH:
		return 1;
	case SEVERITY_MEDIUM:
		return 2;
	case SEVERITY_LOW:
		return 3;
	case SEVERITY_INFO:
	case SEVERITY_COUNT:
		break;
	}
	return 4; /* undefined */
}

/* 0 initial, 1 ongoing, 2 completed. */
static int analysis(const char *state)
{
	if (strcmp(state, "closed") == 0)
		return 2;
	return strcmp(state, "acknowledged") == 0 || strcmp(state, "in-progress") == 0;
}

static void put_tag(struct json *json, const char *prefix, const char *value, const char *suffix)
{
	char tag[TAG_BYTES];
	(void)snprintf(tag, sizeof tag, "%s%s%s", prefix, value, suffix);
	json_open_object(json, NULL);
	json_string(json, "name", tag);
	json_close_object(json);
}

static void put_tags(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	json_open_array(json, "Tag");
	put_tag(json, "tlp:", export_tlp_name(export->setting.tlp), "");
	put_tag(json, "hinomi:rule=\"", rule_name(facts->finding->rule), "\"");
	put_tag(json, "hinomi:spoof=\"", spoof_name(facts->finding->spoof), "\"");
	if (facts->incident->is_drill)
		put_tag(json, "hinomi:", "drill", "");
	json_close_array(json);
}

/* An attribute of its event. */
struct entry {
	const char *type;
	const char *category;
	const char *value;
	const char *comment;
	bool to_ids;          /* for detection: whoever has it did it */
	const char *protocol; /* of a port, so that it differs from the same one of another */
};

static void put_entry(
    struct export *export, const struct export_facts *facts, const struct entry *entry)
{
	struct json *json = &export->json;
	char space[EXPORT_UUID_BYTES];
	char inner[EXPORT_UUID_BYTES];
	char uuid[EXPORT_UUID_BYTES];
	export_uuid_of(export, "misp", facts->incident->id, space);
	export_uuid(space, entry->type, 5, inner);
	if (entry->protocol != NULL)
		export_uuid(inner, entry->protocol, 5, inner);
	export_uuid(inner, entry->value, 5, uuid);
	json_open_object(json, NULL);
	json_string(json, "uuid", uuid);
	json_string(json, "type", entry->type);
	json_string(json, "category", entry->category);
	json_string(json, "value", entry->value);
	json_string(json, "comment", entry->comment);
	json_bool(json, "to_ids", entry->to_ids);
	json_string(json, "distribution", "5"); /* as the event */
	put_number(json, "timestamp", facts->changed_us / WHEN_SECOND_US);
	json_string(json, "first_seen", facts->first);
	json_string(json, "last_seen", facts->last);
	json_close_object(json);
}

static void put_port(
    struct export *export, const struct export_facts *facts, const struct finding_port *port)
{
	char number[NUMBER_BYTES];
	char comment[TAG_BYTES];
	(void)snprintf(number, sizeof number, "%u", export_port_of(port));
	(void)snprintf(comment, sizeof comment, "%s, %" PRIu64 " packets", export_protocol_of(port),
	    port->packets);
	const struct entry entry = {
	    "port", "Network activity", number, comment, false, export_protocol_of(port)};
	put_entry(export, facts, &entry);
}

static void put_entries(struct export *export, const struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	const bool was_it =
	    !facts->is_victim && finding->spoof == SPOOF_UNLIKELY && !facts->incident->is_drill;
	const struct entry machine = {facts->is_victim ? "ip-dst" : "ip-src", "Network activity",
	    facts->subject, facts->title, was_it, NULL};
	const struct entry why = {"comment", "Other", facts->why, "", false, NULL};
	json_open_array(&export->json, "Attribute");
	put_entry(export, facts, &machine);
	for (size_t i = 0; i < finding->ports_listed; i++)
		if (export_port_of(&finding->ports[i]) != 0)
			put_port(export, facts, &finding->ports[i]);
	put_entry(export, facts, &why);
	json_close_array(&export->json);
}

static void put_organisation(struct export *export)
{
	char space[EXPORT_UUID_BYTES];
	export_uuid_of(export, "station", 0, space);
	json_open_object(&export->json, "Orgc");
	json_string(&export->json, "name", export->station);
	json_string(&export->json, "uuid", space);
	json_close_object(&export->json);
}

static void add(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	char uuid[EXPORT_UUID_BYTES];
	char date[DATE_BYTES];
	export_uuid_of(export, "misp", facts->incident->id, uuid);
	(void)snprintf(date, sizeof date, "%.10s", facts->first);
	json_open_object(json, NULL);
	json_open_object(json, "Event");
	json_string(json, "uuid", uuid);
	json_string(json, "info", facts->title);
	json_string(json, "date", date);
	put_number(json, "timestamp", facts->changed_us / WHEN_SECOND_US);
	put_number(json, "threat_level_id", threat_level(facts->finding->severity));
	put_number(json, "analysis", analysis(facts->state));
	json_string(json, "distribution", "0"); /* who takes it in decides who else sees it */
	json_bool(json, "published", false);
	put_organisation(export);
	put_tags(export, facts);
	put_entries(export, facts);
	json_close_object(json);
	json_close_object(json);
}

const struct export_format export_misp = {
    .name = "misp",
    .file = "incident.misp.json",
    .media_type = "application/json",
    .begin = begin,
    .add = add,
    .end = end,
};
