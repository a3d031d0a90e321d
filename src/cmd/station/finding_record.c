#include "cmd/station/finding_record.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/when.h"
#include "notify/finding_json.h"
#include "registry/registry.h"

/* Names, as those of the other enumerations: a number would mean another thing in a later program.
 */
static const char *const reason_names[] = {
    [REASON_DARK_TARGETS] = "dark-targets",
    [REASON_DARK_WATCH] = "dark-watch",
    [REASON_MARK] = "mark",
    [REASON_NET_FAILURES] = "net-failures",
    [REASON_NET_FAILURES_ALL] = "net-failures-all",
    [REASON_WATCH_FAILURES] = "watch-failures",
    [REASON_PORTS_OF_TARGET] = "ports-of-target",
    [REASON_PROTOCOLS] = "protocols",
    [REASON_ADDRESS_ORDER] = "address-order",
    [REASON_DENSITY] = "density",
    [REASON_PEER_TO_PEER] = "peer-to-peer",
    [REASON_WEB_CLIENT] = "web-client",
    [REASON_RETRIES] = "retries",
    [REASON_INFERRED] = "inferred",
    [REASON_UNHELD] = "unheld",
    [REASON_ROUTER] = "router",
    [REASON_BACKSCATTER] = "backscatter",
    [REASON_BACKSCATTER_WIDE] = "backscatter-wide",
    [REASON_REAL_RATE] = "real-rate",
    [REASON_FORGED_NETWORKS] = "forged-networks",
    [REASON_FLOOD_SENDERS] = "flood-senders",
    [REASON_FLOOD_REPLIES] = "flood-replies",
    [REASON_REFLECTED_DARK] = "reflected-dark",
    [REASON_STRAY] = "stray",
    [REASON_MEMBER_CROWD] = "member-crowd",
    [REASON_EXTRAPOLATED_RATE] = "extrapolated-rate",
};
static_assert(sizeof reason_names / sizeof reason_names[0] == REASON_COUNT, "a name for each");

static const char *const spoof_reason_names[] = {
    [SPOOF_HANDSHAKE_SEEN] = "handshake-seen",
    [SPOOF_TWO_WAY_SEEN] = "two-way-seen",
    [SPOOF_TTL_STEADY] = "ttl-steady",
    [SPOOF_TTL_SPREAD] = "ttl-spread",
    [SPOOF_MANY_PACKETS] = "many-packets",
    [SPOOF_FEW_PACKETS] = "few-packets",
    [SPOOF_CROWD_OF_MEMBER] = "crowd-of-member",
    [SPOOF_TOOL_NEEDS_REPLY] = "tool-needs-reply",
};
static_assert(sizeof spoof_reason_names / sizeof spoof_reason_names[0] == SPOOF_REASON_COUNT,
    "a name for each");

#define RATE_MAX 1e15 /* packets/s; no wire carries them */

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* ---- Writing ---- */

static void put_code(struct json *json, const char *name, const int64_t *numbers, size_t count)
{
	json_open_array(json, NULL);
	json_string(json, NULL, name);
	for (size_t i = 0; i < count; i++)
		json_signed(json, NULL, numbers[i]);
	json_close_array(json);
}

static void put_codes(struct json *json, const struct finding *finding)
{
	json_open_object(json, "codes");
	json_open_array(json, "reasons");
	for (size_t i = 0; i < finding->reason_count; i++)
		put_code(json, reason_names[finding->reasons[i].reason],
		    finding->reasons[i].numbers, COUNT(finding->reasons[i].numbers));
	json_close_array(json);
	json_open_array(json, "spoof");
	for (size_t i = 0; i < finding->spoof_reason_count; i++)
		put_code(json, spoof_reason_names[finding->spoof_reasons[i].reason],
		    finding->spoof_reasons[i].numbers, COUNT(finding->spoof_reasons[i].numbers));
	json_close_array(json);
	json_open_array(json, "searched"); /* of the ports, by their place in the list */
	for (size_t i = 0; i < finding->ports_listed; i++)
		if (finding->ports[i].searched)
			json_unsigned(json, NULL, i);
	json_close_array(json);
	json_bool(json, "lateral", finding->lateral);
	json_bool(json, "inferred_only", finding->inferred_only);
	json_close_object(json);
}

/* The object of `hinomi read` up to its last brace, the codes, and the brace. */
static int write_with_codes(
    const struct finding *finding, const char *object, size_t length, char **ret_text)
{
	char *text = NULL;
	size_t bytes = 0;
	struct json json;
	FILE *out = open_memstream(&text, &bytes);
	assert(length > 2 && object[length - 1] == '}'); /* it has fields in any case */
	if (out == NULL)
		return -ENOMEM;
	fwrite(object, 1, length - 1, out);
	fputc(',', out);
	json_init(&json, out);
	put_codes(&json, finding);
	fputc('}', out);
	const bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return -ENOMEM; /* a stream into memory fails of nothing else */
	}
	*ret_text = text;
	return 0;
}

int finding_record_write(const struct finding *finding, const char *member, char **ret_text)
{
	char *object = NULL;
	size_t length = 0;
	struct json json;
	FILE *out = open_memstream(&object, &length);
	if (out == NULL)
		return -ENOMEM;
	json_init(&json, out);
	finding_json_write(&json, NULL, LANGUAGE_EN, member, finding);
	bool failed = ferror(out) != 0;
	failed |= fclose(out) != 0;
	int result = failed ? -ENOMEM : write_with_codes(finding, object, length, ret_text);
	free(object);
	return result;
}

/* ---- Reading ---- */

/* A record that is being read. What it lacks or has wrong is named, once. */
struct reading {
	const struct json_node *record;
	struct finding *finding;
	const char *wrong; /* the first field that is; NULL: none */
};

static void refuse(struct reading *reading, const char *field)
{
	if (reading->wrong == NULL)
		reading->wrong = field;
}

static const char *get_text(
    struct reading *reading, const struct json_node *object, const char *field)
{
	const char *text = "";
	if (!json_read_text(json_read_member(object, field), &text))
		refuse(reading, field);
	return text;
}

/* 0 where it is not there. */
static uint64_t get_count(
    struct reading *reading, const struct json_node *object, const char *field)
{
	int64_t number = 0;
	const struct json_node *value = json_read_member(object, field);
	if (value != NULL && (!json_read_whole(value, &number) || number < 0)) {
		refuse(reading, field);
		return 0;
	}
	return (uint64_t)number;
}

/* Likewise; -1 for what is not within its bounds: it was none. */
static double get_real(const struct reading *reading, const char *field, double max)
{
	double number = 0;
	(void)json_read_real(json_read_member(reading->record, field), &number); /* or 0 */
	return number >= 0 && number <= max ? number : -1;
}

static bool get_flag(const struct json_node *object, const char *field)
{
	bool flag = false;
	(void)json_read_flag(json_read_member(object, field), &flag); /* absent is false */
	return flag;
}

static int64_t get_time(struct reading *reading, const struct json_node *object, const char *field)
{
	int64_t us = 0;
	if (when_parse(get_text(reading, object, field), &us) != 0)
		refuse(reading, field);
	return us;
}

/* One of our names, by who knows them; the first of them where it is none. */
static int find_by(const char *text, int count, const char *(*name_of)(int number))
{
	for (int i = 0; i < count; i++) {
		const char *name = name_of(i);
		if (name != NULL && strcmp(name, text) == 0)
			return i;
	}
	return -1;
}

static int get_name(
    struct reading *reading, const char *field, int count, const char *(*name_of)(int number))
{
	int found = find_by(get_text(reading, reading->record, field), count, name_of);
	if (found < 0)
		refuse(reading, field);
	return found < 0 ? 0 : found;
}

static const char *role_of(int number)
{
	return role_name((enum role)number);
}

static const char *attribution_of(int number)
{
	return attribution_name((enum attribution)number);
}

static const char *severity_of(int number)
{
	return severity_name((enum severity)number);
}

static const char *rule_of(int number)
{
	return rule_name((enum rule)number);
}

static const char *spoof_of(int number)
{
	return spoof_name((enum spoof)number);
}

static const char *shape_of(int number)
{
	return shape_name((enum shape)number);
}

static const char *tool_of(int number)
{
	return tool_name((enum tool)number);
}

static void read_protocol(
    struct reading *reading, const struct json_node *proto, struct finding_port *port)
{
	static const struct {
		const char *name;
		uint8_t protocol;
		bool neighbour;
	} protocols[] = {
	    {"tcp", 6, false},
	    {"udp", 17, false},
	    {"icmp", 1, false},
	    {"icmp6", 58, false},
	    {"arp", 0, true},
	    {"nd", 58, true},
	};
	int64_t number;
	const char *name = "";
	if (json_read_whole(proto, &number) && number >= 0 && number <= UINT8_MAX) {
		port->protocol = (uint8_t)number;
		return;
	}
	(void)json_read_text(proto, &name); /* "" is none of them */
	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (strcmp(name, protocols[i].name) != 0)
			continue;
		port->protocol = protocols[i].protocol;
		port->neighbour = protocols[i].neighbour;
		return;
	}
	refuse(reading, "ports");
}

static void read_ports(struct reading *reading)
{
	struct finding *finding = reading->finding;
	const struct json_node *ports = json_read_member(reading->record, "ports");
	size_t count = json_read_count(ports);
	if (!json_read_is_array(ports) || count > FINDING_PORTS_MAX) {
		refuse(reading, "ports");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct json_node *item = json_read_item(ports, i);
		struct finding_port *port = &finding->ports[finding->ports_listed++];
		read_protocol(reading, json_read_member(item, "proto"), port);
		uint64_t number = get_count(reading, item, "port");
		if (number > UINT16_MAX)
			refuse(reading, "ports");
		port->port = (uint16_t)number;
		port->bare = json_read_member(item, "port") == NULL && !port->neighbour;
		port->packets = get_count(reading, item, "packets");
		port->targets = get_count(reading, item, "targets");
	}
}

static void read_source_ports(struct reading *reading)
{
	struct finding *finding = reading->finding;
	const struct json_node *ports = json_read_member(reading->record, "source_ports");
	for (size_t i = 0; i < json_read_count(ports) && i < FINDING_SOURCE_PORTS_MAX; i++) {
		int64_t port = -1;
		(void)json_read_whole(json_read_item(ports, i), &port); /* -1 is refused */
		if (port < 0 || port > UINT16_MAX)
			refuse(reading, "source_ports");
		finding->source_ports[finding->source_port_count++] = (uint16_t)port;
	}
}

static void read_tool(struct reading *reading)
{
	const struct json_node *tool = json_read_member(reading->record, "tool");
	if (tool == NULL)
		return;
	/* of a later program's tool nothing is said */
	reading->finding->tool = find_by(get_text(reading, tool, "name"), TOOL_COUNT, tool_of);
	reading->finding->tool_packets = get_count(reading, tool, "packets");
}

static void read_events(struct reading *reading)
{
	struct finding *finding = reading->finding;
	const struct json_node *events = json_read_member(reading->record, "events");
	for (size_t i = 0; i < json_read_count(events) && i < FINDING_EVENTS_MAX; i++) {
		const struct json_node *item = json_read_item(events, i);
		finding->events[finding->event_count++] = (struct finding_event){
		    .first_us = get_time(reading, item, "first"),
		    .last_us = get_time(reading, item, "last"),
		    .packets = get_count(reading, item, "packets"),
		    .targets = get_count(reading, item, "targets"),
		};
	}
}

/* ["name", number, ...]: its place in the list of names; -1 for what is none of ours. */
static int read_code(const struct json_node *code, const char *const *names, size_t name_count,
    int64_t *ret_numbers, size_t number_count)
{
	const char *name = "";
	(void)json_read_text(json_read_item(code, 0), &name); /* "" is none of them */
	for (size_t i = 0; i < number_count; i++) {
		ret_numbers[i] = 0;
		(void)json_read_whole(json_read_item(code, i + 1), &ret_numbers[i]); /* or 0 */
	}
	for (size_t i = 0; i < name_count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static void read_reasons(const struct json_node *codes, struct finding *finding)
{
	const struct json_node *reasons = json_read_member(codes, "reasons");
	for (size_t i = 0; i < json_read_count(reasons) && i < FINDING_REASONS_MAX; i++) {
		int64_t numbers[3];
		int reason = read_code(json_read_item(reasons, i), reason_names, REASON_COUNT,
		    numbers, COUNT(numbers));
		if (reason >= 0)
			finding_add_reason(
			    finding, (enum reason)reason, numbers[0], numbers[1], numbers[2]);
	}
}

static void read_spoof_reasons(const struct json_node *codes, struct finding *finding)
{
	const struct json_node *reasons = json_read_member(codes, "spoof");
	for (size_t i = 0; i < json_read_count(reasons) && i < COUNT(finding->spoof_reasons); i++) {
		struct finding_spoof *spoof = &finding->spoof_reasons[finding->spoof_reason_count];
		int reason = read_code(json_read_item(reasons, i), spoof_reason_names,
		    SPOOF_REASON_COUNT, spoof->numbers, COUNT(spoof->numbers));
		spoof->reason = (uint8_t)(reason < 0 ? 0 : reason);
		finding->spoof_reason_count += reason >= 0;
	}
}

static void read_codes(const struct reading *reading)
{
	struct finding *finding = reading->finding;
	const struct json_node *codes = json_read_member(reading->record, "codes");
	const struct json_node *searched = json_read_member(codes, "searched");
	read_reasons(codes, finding);
	read_spoof_reasons(codes, finding);
	for (size_t i = 0; i < json_read_count(searched); i++) {
		int64_t place = -1;
		(void)json_read_whole(json_read_item(searched, i), &place); /* -1 is none */
		if (place >= 0 && (size_t)place < finding->ports_listed)
			finding->ports[place].searched = true;
	}
	finding->lateral = get_flag(codes, "lateral");
	finding->inferred_only = get_flag(codes, "inferred_only");
}

static void read_judgement(struct reading *reading)
{
	struct finding *finding = reading->finding;
	const struct json_node *record = reading->record;
	const char *shape = "";
	int spoof = find_by(get_text(reading, json_read_member(record, "spoof"), "estimate"),
	    SPOOF_COUNT, spoof_of);
	if (spoof < 0)
		refuse(reading, "spoof");
	finding->spoof = spoof < 0 ? SPOOF_UNLIKELY : (enum spoof)spoof;
	(void)json_read_text(json_read_member(record, "shape"), &shape); /* or it has none */
	int found = find_by(shape, SHAPE_COUNT, shape_of);
	finding->shape = found < 0 ? SHAPE_NONE : (enum shape)found;
	finding->attribution =
	    (enum attribution)get_name(reading, "attribution", ATTRIBUTION_COUNT, attribution_of);
	finding->severity =
	    (enum severity)get_name(reading, "severity", SEVERITY_COUNT, severity_of);
	finding->confidence = get_real(reading, "confidence", 1);
	finding->watch = get_flag(record, "watch");
	finding->drill = get_flag(record, "drill");
}

static void read_fields(struct reading *reading)
{
	const struct json_node *record = reading->record;
	struct finding *finding = reading->finding;
	finding->rule = (enum rule)get_name(reading, "rule", RULE_COUNT, rule_of);
	finding->member = MEMBER_NONE;
	if (address_parse(get_text(reading, record, "subject"), &finding->subject) != 0)
		refuse(reading, "subject");
	finding->role = (enum role)get_name(reading, "role", ROLE_COUNT, role_of);
	finding->first_us = get_time(reading, record, "first");
	finding->last_us = get_time(reading, record, "last");
	finding->packets = get_count(reading, record, "packets");
	finding->targets = get_count(reading, record, "targets");
	finding->sources = get_count(reading, record, "sources");
	finding->port_count = get_count(reading, record, "port_count");
	finding->dark_targets = get_count(reading, record, "dark_targets");
	finding->packets_per_s = get_real(reading, "packets_per_s", RATE_MAX);
	read_ports(reading);
	read_source_ports(reading);
	read_tool(reading);
	read_judgement(reading);
	read_events(reading);
	read_codes(reading);
}

int finding_record_read(const char *text, struct finding *ret_finding, struct complaint *complaint)
{
	struct json_node *record = NULL;
	struct finding finding = {.tool = -1};
	const size_t length = strnlen(text, FINDING_RECORD_BYTES_MAX + 1);
	if (length > FINDING_RECORD_BYTES_MAX)
		return complain(complaint, -EINVAL, "a finding of more than %d bytes",
		    FINDING_RECORD_BYTES_MAX);
	int result = json_read(text, length, &record, complaint);
	if (result != 0)
		return result;
	struct reading reading = {.record = record, .finding = &finding};
	read_fields(&reading);
	json_read_free(record);
	if (reading.wrong != NULL)
		return complain(complaint, -EINVAL,
		    "a finding whose %s is not there, or not what it should be", reading.wrong);
	*ret_finding = finding;
	return 0;
}
