/*
 * export_stix.c - a bundle of STIX 2.1 (OASIS): for each incident an indicator, what was observed,
 * and that it was sighted; the station and the member as identities.
 *
 * Identifiers of what was observed follow section 2.9 of the specification (version 5 of a UUID, of
 * the properties that contribute, as canonical JSON); those of other objects are made of the
 * station's identity, so that an incident that is exported again is the same object, with a later
 * `modified`.
 */
#include <inttypes.h>
#include <string.h>

#include "notify/export_internal.h"
#include "notify/text.h"

enum {
	ID_BYTES = 24 + EXPORT_UUID_BYTES, /* "marking-definition--" is the longest */
	OBSERVED_MAX = 999999999,          /* section 4.14 */
	PATTERN_BYTES = 192,
	CONTRIBUTING_BYTES = 512,
	REFS_MAX = FINDING_PORTS_MAX + 1,
};

#define VERSION "2.1"
/* Of what is observed: section 2.9. */
#define OBSERVED_SPACE "00abedb4-aa42-466c-9c01-fed23315a9b7"
/* Identities do not change; what changes in them makes another one. */
#define IDENTITY_MADE "2026-01-01T00:00:00.000Z"
/* The extension by which STIX 2.1 knows version 2.0 of the protocol. */
#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

static const char *const tlp_ids[EXPORT_TLP_COUNT] = {
    [EXPORT_TLP_CLEAR] = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    [EXPORT_TLP_GREEN] = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    [EXPORT_TLP_AMBER] = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    [EXPORT_TLP_AMBER_STRICT] = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    [EXPORT_TLP_RED] = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
};

static const char *const tlp_titles[EXPORT_TLP_COUNT] = {
    [EXPORT_TLP_CLEAR] = "TLP:CLEAR",
    [EXPORT_TLP_GREEN] = "TLP:GREEN",
    [EXPORT_TLP_AMBER] = "TLP:AMBER",
    [EXPORT_TLP_AMBER_STRICT] = "TLP:AMBER+STRICT",
    [EXPORT_TLP_RED] = "TLP:RED",
};

/* The objects of one incident. */
struct objects {
	char indicator[ID_BYTES];
	char observed[ID_BYTES];
	char sighting[ID_BYTES];
	char refs[REFS_MAX][ID_BYTES]; /* what was observed: the address, then traffic */
	size_t ref_count;
};

static void make_id(char out[static ID_BYTES], const char *type, const char *uuid)
{
	(void)snprintf(out, ID_BYTES, "%.24s--%s", type, uuid); /* it fits */
}

static void make_own_id(
    const struct export *export, const char *type, int64_t number, char out[static ID_BYTES])
{
	char uuid[EXPORT_UUID_BYTES];
	export_uuid_of(export, type, number, uuid);
	make_id(out, type, uuid);
}

/* Of a name; the station's own where that is NULL. */
static void identity_id(const struct export *export, const char *name, char out[static ID_BYTES])
{
	char space[EXPORT_UUID_BYTES];
	char uuid[EXPORT_UUID_BYTES];
	export_uuid_of(export, name == NULL ? "station" : "member", 0, space);
	export_uuid(space, name == NULL ? export->station : name, 5, uuid);
	make_id(out, "identity", uuid);
}

static void open_object(struct export *export, const char *type, const char *id)
{
	struct json *json = &export->json;
	json_open_object(json, NULL);
	json_string(json, "type", type);
	json_string(json, "spec_version", VERSION);
	json_string(json, "id", id);
}

static void put_one(struct json *json, const char *key, const char *value)
{
	json_open_array(json, key);
	json_string(json, NULL, value);
	json_close_array(json);
}

static void put_marking(struct export *export)
{
	put_one(&export->json, "object_marking_refs", tlp_ids[export->setting.tlp]);
}

/* What each object about an incident says of itself. */
static void open_about(
    struct export *export, const struct export_facts *facts, const char *type, const char *id)
{
	struct json *json = &export->json;
	char station[ID_BYTES];
	identity_id(export, NULL, station);
	open_object(export, type, id);
	json_string(json, "created_by_ref", station);
	json_string(json, "created", facts->opened);
	json_string(json, "modified", facts->changed);
	json_open_array(json, "labels");
	json_string(json, NULL, rule_name(facts->finding->rule));
	json_string(json, NULL, severity_name(facts->finding->severity));
	if (facts->incident->is_drill)
		json_string(json, NULL, "drill");
	json_close_array(json);
	if (facts->confidence >= 0)
		json_unsigned(json, "confidence", (uint64_t)(facts->confidence * 100));
	json_string(json, "lang", export->setting.language == LANGUAGE_JA ? "ja" : "en");
	put_marking(export);
}

static void put_identity(
    struct export *export, const char *name, const char *what, const char *contact)
{
	struct json *json = &export->json;
	char id[ID_BYTES];
	identity_id(export, what == NULL ? NULL : name, id);
	if (!export_is_new(export, id))
		return;
	open_object(export, "identity", id);
	json_string(json, "created", IDENTITY_MADE);
	json_string(json, "modified", IDENTITY_MADE);
	json_string(json, "name", name);
	json_string(json, "identity_class", what == NULL ? "system" : what);
	if (contact[0] != '\0')
		json_string(json, "contact_information", contact);
	put_marking(export);
	json_close_object(json);
}

static void put_tlp(struct export *export)
{
	struct json *json = &export->json;
	const enum export_tlp tlp = export->setting.tlp;
	open_object(export, "marking-definition", tlp_ids[tlp]);
	json_string(json, "created", "2022-10-01T00:00:00.000Z");
	json_string(json, "name", tlp_titles[tlp]);
	json_open_object(json, "extensions");
	json_open_object(json, TLP_EXTENSION);
	json_string(json, "extension_type", "property-extension");
	json_string(json, "tlp_2_0", export_tlp_name(tlp));
	json_close_object(json);
	json_close_object(json);
	json_close_object(json);
}

static void begin(struct export *export)
{
	struct json *json = &export->json;
	json_open_object(json, NULL);
	json_string(json, "type", "bundle");
	json_open_array(json, "objects");
	put_tlp(export);
	put_identity(export, export->station, NULL, export->address);
}

/* The bundle's own identifier comes last, since it is made of all that is in it. */
static void end(struct export *export)
{
	char id[ID_BYTES];
	make_id(id, "bundle", export->chain);
	json_close_array(&export->json);
	json_string(&export->json, "id", id);
	json_close_object(&export->json);
	fputc('\n', export->out);
}

/* ---- What was observed ---- */

static void put_address(
    struct export *export, const struct export_facts *facts, struct objects *objects)
{
	const char *type = facts->is_v4 ? "ipv4-addr" : "ipv6-addr";
	char contributing[CONTRIBUTING_BYTES];
	char uuid[EXPORT_UUID_BYTES];
	char *id = objects->refs[objects->ref_count++];
	(void)snprintf(contributing, sizeof contributing, "{\"value\":\"%s\"}", facts->subject);
	export_uuid(OBSERVED_SPACE, contributing, 5, uuid);
	make_id(id, type, uuid);
	if (!export_is_new(export, id))
		return;
	open_object(export, type, id);
	json_string(&export->json, "value", facts->subject);
	put_marking(export);
	json_close_object(&export->json);
}

/* Traffic to one port, from or to the subject. */
static void put_traffic(struct export *export, const struct export_facts *facts,
    const struct finding_port *port, struct objects *objects)
{
	struct json *json = &export->json;
	const char *protocol = export_protocol_of(port);
	const char *below = port->neighbour && port->protocol == 0 ? "ethernet"
			    : facts->is_v4                         ? "ipv4"
								   : "ipv6";
	const char *end_of = facts->is_victim ? "dst_ref" : "src_ref";
	const unsigned number = export_port_of(port);
	char contributing[CONTRIBUTING_BYTES];
	char protocols[64];
	char port_text[32] = "";
	char uuid[EXPORT_UUID_BYTES];
	char *id = objects->refs[objects->ref_count];
	(void)snprintf(protocols, sizeof protocols,
	    protocol != NULL ? "[\"%s\",\"%s\"]" : "[\"%s\"]", below, protocol);
	if (number != 0)
		(void)snprintf(port_text, sizeof port_text, "\"dst_port\":%u,", number);
	/* sorted by name, as RFC 8785 has it: dst_port, dst_ref, protocols, src_ref */
	if (facts->is_victim)
		(void)snprintf(contributing, sizeof contributing,
		    "{%s\"dst_ref\":\"%s\",\"protocols\":%s}", port_text, objects->refs[0],
		    protocols);
	else
		(void)snprintf(contributing, sizeof contributing,
		    "{%s\"protocols\":%s,\"src_ref\":\"%s\"}", port_text, protocols,
		    objects->refs[0]);
	export_uuid(OBSERVED_SPACE, contributing, 5, uuid);
	make_id(id, "network-traffic", uuid);
	for (size_t i = 0; i < objects->ref_count; i++)
		if (strcmp(objects->refs[i], id) == 0)
			return; /* types of one ICMP: the same traffic */
	objects->ref_count++;
	if (!export_is_new(export, id))
		return;
	open_object(export, "network-traffic", id);
	json_string(json, end_of, objects->refs[0]);
	if (number != 0)
		json_unsigned(json, "dst_port", number);
	json_open_array(json, "protocols");
	json_string(json, NULL, below);
	if (protocol != NULL)
		json_string(json, NULL, protocol);
	json_close_array(json);
	put_marking(export);
	json_close_object(json);
}

static void put_observed(
    struct export *export, const struct export_facts *facts, const struct objects *objects)
{
	struct json *json = &export->json;
	const uint64_t packets = facts->finding->packets;
	open_about(export, facts, "observed-data", objects->observed);
	json_string(json, "first_observed", facts->first);
	json_string(json, "last_observed", facts->last);
	json_unsigned(json, "number_observed",
	    packets < 1              ? 1
	    : packets > OBSERVED_MAX ? OBSERVED_MAX
				     : packets);
	json_open_array(json, "object_refs");
	for (size_t i = 0; i < objects->ref_count; i++)
		json_string(json, NULL, objects->refs[i]);
	json_close_array(json);
	json_close_object(json);
}

/* ---- What it means ---- */

/* Of the vocabulary for it; never "malicious" for who is attacked, or may not have been it. */
static const char *indicator_type(const struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	const bool was_it = !facts->is_victim && finding->spoof == SPOOF_UNLIKELY;
	return was_it && finding->tool == TOOL_MIRAI ? "compromised" : "anomalous-activity";
}

static void put_reference(struct export *export, const struct export_facts *facts)
{
	struct json *json = &export->json;
	char number[EXPORT_IDENTITY_BYTES + 24];
	(void)snprintf(number, sizeof number, "%s/%" PRId64, export->identity, facts->incident->id);
	json_open_array(json, "external_references");
	json_open_object(json, NULL);
	json_string(json, "source_name", "hinomi");
	json_string(json, "external_id", number);
	json_close_object(json);
	json_close_array(json);
}

static void put_indicator(
    struct export *export, const struct export_facts *facts, const struct objects *objects)
{
	struct json *json = &export->json;
	char pattern[PATTERN_BYTES];
	const char *path = facts->is_victim ? "network-traffic:dst_ref.value"
			   : facts->is_v4   ? "ipv4-addr:value"
					    : "ipv6-addr:value";
	(void)snprintf(pattern, sizeof pattern, "[%s = '%s']", path, facts->subject);
	open_about(export, facts, "indicator", objects->indicator);
	json_string(json, "name", facts->title);
	json_string(json, "description", facts->why);
	put_one(json, "indicator_types", indicator_type(facts));
	json_string(json, "pattern", pattern);
	json_string(json, "pattern_type", "stix");
	json_string(json, "valid_from", facts->first);
	if (strcmp(facts->state, "closed") == 0 && facts->changed_us > facts->finding->first_us)
		json_string(json, "valid_until", facts->changed);
	put_reference(export, facts);
	json_close_object(json);
}

static void put_sighting(
    struct export *export, const struct export_facts *facts, const struct objects *objects)
{
	struct json *json = &export->json;
	char where[ID_BYTES];
	identity_id(export, facts->member[0] != '\0' ? facts->member : NULL, where);
	open_about(export, facts, "sighting", objects->sighting);
	json_string(json, "first_seen", facts->first);
	json_string(json, "last_seen", facts->last);
	json_unsigned(json, "count", 1);
	json_string(json, "sighting_of_ref", objects->indicator);
	put_one(json, "observed_data_refs", objects->observed);
	put_one(json, "where_sighted_refs", where);
	json_close_object(json);
}

static void add(struct export *export, const struct export_facts *facts)
{
	const struct finding *finding = facts->finding;
	struct objects objects = {.ref_count = 0};
	make_own_id(export, "indicator", facts->incident->id, objects.indicator);
	make_own_id(export, "observed-data", facts->incident->id, objects.observed);
	make_own_id(export, "sighting", facts->incident->id, objects.sighting);
	if (facts->member[0] != '\0')
		put_identity(export, facts->member, "organization", "");
	put_address(export, facts, &objects);
	for (size_t i = 0; i < finding->ports_listed; i++)
		put_traffic(export, facts, &finding->ports[i], &objects);
	put_indicator(export, facts, &objects);
	put_observed(export, facts, &objects);
	put_sighting(export, facts, &objects);
}

const struct export_format export_stix = {
    .name = "stix",
    .file = "incident.stix.json",
    .media_type = "application/json",
    .begin = begin,
    .add = add,
    .end = end,
};
