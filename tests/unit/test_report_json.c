#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "report_case.h"
#include "test.h"

static struct registry *registry;

/* The lines of a report, each parsed; NULL where one is not JSON. */
static json_t *parse_lines(char *text)
{
	json_t *lines = json_array();
	for (char *end = strchr(text, '\n'); end != NULL; end = strchr(text, '\n')) {
		json_error_t error;
		*end = '\0';
		json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, &error);
		if (line == NULL) {
			printf("# %s: %s\n", error.text, text);
			json_decref(lines);
			return NULL;
		}
		(void)json_array_append_new(lines, line);
		text = end + 1;
	}
	return lines;
}

static json_t *write_and_parse(enum language language, const struct finding *findings, size_t count,
    const struct report_summary *summary)
{
	const struct report report = {.language = language, .registry = registry};
	char *text = case_write("json", &report, findings, count, summary);
	json_t *lines = parse_lines(text);
	free(text);
	if (lines == NULL)
		abort();
	return lines;
}

/* One finding alone, in the language asked for. */
static json_t *record_of(enum language language, const struct finding *finding)
{
	const struct report_summary summary = case_summary();
	json_t *lines = write_and_parse(language, finding, 1, &summary);
	json_t *record = json_incref(json_array_get(lines, 0));
	json_decref(lines);
	return record;
}

static bool is_string(const json_t *record, const char *key, const char *expected)
{
	const char *value = json_string_value(json_object_get(record, key));
	return value != NULL && strcmp(value, expected) == 0;
}

static bool is_number(const json_t *record, const char *key, json_int_t expected)
{
	const json_t *value = json_object_get(record, key);
	return json_is_integer(value) && json_integer_value(value) == expected;
}

static bool is_absent(const json_t *record, const char *key)
{
	return json_object_get(record, key) == NULL;
}

/* The interface of hinomi-read(1), to the byte. */
static void test_example(void)
{
	static const char expected[] =
	    "{\"type\":\"finding\",\"rule\":\"scan.dark\",\"member\":\"example-town\","
	    "\"subject\":\"192.0.2.77\",\"role\":\"actor\","
	    "\"first\":\"2026-01-31T23:59:59.000001Z\",\"last\":\"2026-02-01T00:04:12.500001Z\","
	    "\"packets\":4120,\"targets\":4118,\"port_count\":2,\"shape\":\"horizontal\","
	    "\"ports\":[{\"proto\":\"tcp\",\"port\":23,\"packets\":60,\"targets\":50},"
	    "{\"proto\":\"tcp\",\"port\":2323,\"packets\":60,\"targets\":50}],"
	    "\"source_ports\":[40001],\"tool\":{\"name\":\"mirai\",\"packets\":4120},"
	    "\"attribution\":\"one-way\",\"spoof\":{\"estimate\":\"unlikely\",\"reasons\":["
	    "\"Its packets all came over nearly the same distance (TTL 52 to 53).\","
	    "\"It sent 4,120 packets, while forgers spread theirs over many addresses.\"]},"
	    "\"severity\":\"high\",\"confidence\":0.98,\"why\":\"4,120 packets bear the mark of "
	    "the Mirai family of malware; by chance one packet in 4 billion would. Packets went "
	    "to 4,100 addresses that nobody uses (dark addresses), where nothing legitimate is "
	    "sent.\",\"dark_targets\":4100,\"watch\":false}\n"
	    "{\"type\":\"summary\",\"files\":1,\"packets\":1000,\"bytes\":64000,\"decoded\":997,"
	    "\"verdicts\":{\"truncated\":1,\"malformed\":2,\"unsupported\":0},\"hosts\":12,"
	    "\"dropped\":0,\"first\":\"2026-01-31T23:59:59.000001Z\","
	    "\"last\":\"2026-02-01T00:04:12.500001Z\",\"dark_addresses\":65536,\"seconds\":0.01,"
	    "\"filtered\":0,\"evicted\":0,\"findings_omitted\":0,\"forged_sources\":0,\"clock_"
	    "steps\":0,"
	    "\"inner_mismatch\":0,\"dark_inferred\":false,\"unsupported_links\":0}\n";
	const struct report report = {.language = LANGUAGE_EN, .registry = registry};
	const struct finding finding = case_mirai();
	const struct report_summary summary = case_summary();
	char *text = case_write("json", &report, &finding, 1, &summary);
	OK(strcmp(text, expected) == 0, "a finding and the summary, field for field");
	free(text);
}

static const struct {
	const char *rule;
	struct finding (*make)(void);
	const char *role;
} rules[] = {
    {"scan.dark", case_scan_dark, "actor"},
    {"scan.sweep", case_sweep, "actor"},
    {"scan.live", case_scan_live, "actor"},
    {"ddos.victim", case_victim, "victim"},
    {"ddos.incoming", case_incoming, "victim"},
    {"ddos.reflector", case_reflector, "actor"},
    {"config.stray", case_stray, "actor"},
    {"spoof.member", case_spoof_member, "actor"},
};

/* Every field of every rule, in both languages; only words differ between them. */
static void test_rules(void)
{
	static const char *const keys[] = {"type", "rule", "member", "subject", "role", "first",
	    "last", "packets", "targets", "port_count", "ports", "source_ports", "attribution",
	    "spoof", "severity", "confidence", "why", "dark_targets", "watch"};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const struct finding finding = rules[i].make();
		json_t *en = record_of(LANGUAGE_EN, &finding);
		json_t *ja = record_of(LANGUAGE_JA, &finding);
		bool right = is_string(en, "rule", rules[i].rule) &&
			     is_string(en, "role", rules[i].role) &&
			     is_string(en, "type", "finding");
		for (size_t j = 0; j < sizeof keys / sizeof keys[0]; j++)
			right = right && !is_absent(en, keys[j]);
		right =
		    right && !json_equal(json_object_get(en, "why"), json_object_get(ja, "why")) &&
		    (finding.spoof_reason_count == 0 ||
			!json_equal(json_object_get(en, "spoof"), json_object_get(ja, "spoof")));
		(void)json_object_del(en, "why");
		(void)json_object_del(ja, "why");
		(void)json_object_del(json_object_get(en, "spoof"), "reasons");
		(void)json_object_del(json_object_get(ja, "spoof"), "reasons");
		OK(right && json_equal(en, ja), rules[i].rule);
		json_decref(en);
		json_decref(ja);
	}
}

static void test_absence(void)
{
	struct finding finding = case_possibly_forged();
	json_t *record = record_of(LANGUAGE_EN, &finding);
	OK(is_absent(record, "tool"), "no mark, no tool");
	OK(is_absent(record, "shape"), "no shape, no field");
	OK(is_absent(record, "sources") && is_absent(record, "packets_per_s"),
	    "senders and rate are of victims only");
	OK(is_absent(record, "drill") && is_absent(record, "events"), "no drill, no events");
	OK(json_array_size(json_object_get(record, "source_ports")) == 0 &&
		json_is_array(json_object_get(record, "source_ports")),
	    "no source ports, an empty list");
	json_decref(record);

	finding = case_incoming();
	record = record_of(LANGUAGE_EN, &finding);
	OK(is_number(record, "sources", 5000), "a victim's senders");
	OK(json_number_value(json_object_get(record, "packets_per_s")) == 1000, "its rate");
	json_decref(record);

	finding = case_stranger("203.0.113.200", 5);
	finding.drill = true;
	finding.watch = true;
	finding.event_count = 1;
	record = record_of(LANGUAGE_EN, &finding);
	OK(json_is_null(json_object_get(record, "member")), "a stranger's member is null");
	OK(json_is_true(json_object_get(record, "drill")), "a drill is marked");
	OK(json_is_true(json_object_get(record, "watch")), "so is what is only watched");
	OK(is_absent(record, "events"), "one event says nothing new");
	json_decref(record);
}

static const struct {
	const char *name;
	struct finding_port port;
	const char *proto; /* NULL: a number */
	json_int_t number;
	json_int_t port_number; /* -1: absent */
} protocols[] = {
    {"TCP", {.protocol = 6, .port = 445}, "tcp", 0, 445},
    {"UDP, port 0", {.protocol = 17, .port = 0}, "udp", 0, 0},
    {"ICMP has its type as port", {.protocol = 1, .port = 8}, "icmp", 0, 8},
    {"ICMPv6", {.protocol = 58, .port = 128}, "icmp6", 0, 128},
    {"SCTP is a number", {.protocol = 132, .port = 5060}, NULL, 132, 5060},
    {"ARP has no port", {.protocol = 0, .neighbour = true}, "arp", 0, -1},
    {"neighbour discovery", {.protocol = 58, .neighbour = true}, "nd", 0, -1},
    {"a bare protocol", {.protocol = 47, .bare = true}, NULL, 47, -1},
    {"a bare TCP", {.protocol = 6, .bare = true}, NULL, 6, -1},
};

static void test_protocols(void)
{
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
		struct finding finding = case_scan_dark();
		finding.ports[0] = protocols[i].port;
		json_t *record = record_of(LANGUAGE_EN, &finding);
		const json_t *port = json_array_get(json_object_get(record, "ports"), 0);
		bool right = protocols[i].proto == NULL
				 ? is_number(port, "proto", protocols[i].number)
				 : is_string(port, "proto", protocols[i].proto);
		right = right && (protocols[i].port_number < 0
					 ? is_absent(port, "port")
					 : is_number(port, "port", protocols[i].port_number));
		OK(right, protocols[i].name);
		json_decref(record);
	}
}

static void test_limits(void)
{
	struct finding finding = case_victim();
	finding.packets = (uint64_t)INT64_MAX;
	finding.confidence = (double)NAN;
	finding.packets_per_s = (double)INFINITY;
	finding.ports_listed = FINDING_PORTS_MAX;
	finding.port_count = 65536;
	finding.source_port_count = FINDING_SOURCE_PORTS_MAX;
	finding.event_count = FINDING_EVENTS_MAX;
	json_t *record = record_of(LANGUAGE_JA, &finding);
	OK(is_number(record, "packets", INT64_MAX), "the largest count that a reader holds");
	OK(json_is_null(json_object_get(record, "confidence")), "no number, null");
	OK(json_is_null(json_object_get(record, "packets_per_s")), "infinity, null");
	OK(json_array_size(json_object_get(record, "ports")) == FINDING_PORTS_MAX &&
		json_array_size(json_object_get(record, "source_ports")) ==
		    FINDING_SOURCE_PORTS_MAX &&
		json_array_size(json_object_get(record, "events")) == FINDING_EVENTS_MAX,
	    "full lists");
	json_decref(record);
}

static void test_names(void)
{
	static const struct {
		const char *name;
		int member;
		const char *expected;
	} rows[] = {
	    {"quotes and a direction override come back as they were", MEMBER_HOSTILE,
		NAME_HOSTILE},
	    {"a formula is only text here", MEMBER_FORMULA, NAME_FORMULA},
	    {"Japanese", MEMBER_WIDE, NAME_WIDE},
	    {"the member made for private addresses", MEMBER_LOCAL, "local"},
	};
	struct finding finding = case_scan_dark();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		finding.member = rows[i].member;
		json_t *record = record_of(LANGUAGE_EN, &finding);
		OK(is_string(record, "member", rows[i].expected), rows[i].name);
		json_decref(record);
	}
	finding.member = MEMBER_LONG;
	json_t *record = record_of(LANGUAGE_EN, &finding);
	OK(json_string_length(json_object_get(record, "member")) == MEMBER_NAME_BYTES - 1,
	    "127 bytes");
	json_decref(record);
}

static void test_summary(void)
{
	struct report_summary summary = {.first_us = INT64_MAX,
	    .last_us = INT64_MIN,
	    .unsupported_links = 3,
	    .unsupported_link_type = 147,
	    .dark_inferred = true,
	    .filtered = 1,
	    .evicted = 2,
	    .findings_omitted = 7,
	    .forged_sources = 4,
	    .clock_steps = 5,
	    .inner_mismatch = 6};
	json_t *lines = write_and_parse(LANGUAGE_EN, NULL, 0, &summary);
	const json_t *record = json_array_get(lines, 0);
	OK(json_array_size(lines) == 1, "no finding, only the summary");
	OK(json_is_null(json_object_get(record, "first")) &&
		json_is_null(json_object_get(record, "last")),
	    "no packet, no time");
	OK(is_number(record, "unsupported_links", 3) &&
		is_number(record, "unsupported_link_type", 147) &&
		is_number(record, "filtered", 1) && is_number(record, "evicted", 2) &&
		is_number(record, "findings_omitted", 7) &&
		is_number(record, "forged_sources", 4) && is_number(record, "clock_steps", 5) &&
		is_number(record, "inner_mismatch", 6) &&
		json_is_true(json_object_get(record, "dark_inferred")),
	    "each counter under its name");
	json_decref(lines);
}

/* So many ports; and one that the array holds, but the count does not. */
static void test_strangers(void)
{
	static const size_t counts[] = {0, 1, STRANGERS_PORTS - 1, STRANGERS_PORTS};
	struct report_summary summary = case_summary();
	summary.strangers.kept = 1;
	json_t *lines = write_and_parse(LANGUAGE_EN, NULL, 0, &summary);
	OK(is_absent(json_array_get(lines, 0), "strangers"), "no packet of strangers, no field");
	json_decref(lines);
	summary.strangers = (struct strangers){
	    .packets = (uint64_t)INT64_MAX, .kept = 2, .folded = 3, .refused = 4};
	for (size_t i = 0; i < STRANGERS_PORTS; i++)
		summary.strangers.ports[i] = (struct strangers_port){.packets = 100 - i,
		    .sources = 50 - i,
		    .port = (uint16_t)(65535 - i),
		    .protocol = i % 2 == 0 ? UDP : TCP};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		summary.strangers.port_count = counts[i];
		lines = write_and_parse(LANGUAGE_JA, NULL, 0, &summary);
		const json_t *strangers = json_object_get(json_array_get(lines, 0), "strangers");
		const json_t *ports = json_object_get(strangers, "ports");
		bool right = is_number(strangers, "packets", INT64_MAX) &&
			     is_number(strangers, "kept", 2) && is_number(strangers, "folded", 3) &&
			     is_number(strangers, "refused", 4) && json_is_array(ports) &&
			     json_array_size(ports) == counts[i];
		for (size_t j = 0; j < counts[i]; j++) {
			const json_t *port = json_array_get(ports, j);
			right = right && is_string(port, "proto", j % 2 == 0 ? "udp" : "tcp") &&
				is_number(port, "port", 65535 - (json_int_t)j) &&
				is_number(port, "packets", 100 - (json_int_t)j) &&
				is_number(port, "sources", 50 - (json_int_t)j);
		}
		OK(right, "strangers, each number under its name, ports in their order");
		json_decref(lines);
	}
}

static void test_many(void)
{
	enum {
		MANY = 10000
	};
	struct finding *findings = calloc(MANY, sizeof *findings);
	if (findings == NULL)
		abort();
	for (size_t i = 0; i < MANY; i++)
		findings[i] = rules[i % (sizeof rules / sizeof rules[0])].make();
	const struct report_summary summary = case_summary();
	json_t *lines = write_and_parse(LANGUAGE_JA, findings, MANY, &summary);
	OK(json_array_size(lines) == MANY + 1, "10,000 findings are 10,001 lines");
	json_decref(lines);
	free(findings);
}

int main(void)
{
	registry = case_registry();
	test_example();
	test_rules();
	test_absence();
	test_protocols();
	test_limits();
	test_names();
	test_summary();
	test_strangers();
	test_many();
	registry_free(registry);
	return test_done();
}
