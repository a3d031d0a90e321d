/* A finding as the store keeps it tells the same again: in every format, in every language. */
#include "cmd/station/finding_record.h"

#include <errno.h>

#include "report_case.h"
#include "test.h"

static struct registry *registry;

static char *in_format(const char *format, enum language language, const struct finding *finding)
{
	const struct report report = {.language = language, .registry = registry};
	const struct report_summary summary = {.first_us = INT64_MAX};
	return case_write(format, &report, finding, 1, &summary);
}

static bool is_told_alike(const struct finding *finding, const struct finding *again)
{
	static const char *const formats[] = {"text", "json", "csv"};
	bool same = true;
	for (size_t i = 0; i < 2 * sizeof formats / sizeof formats[0]; i++) {
		enum language language = i % 2 == 0 ? LANGUAGE_EN : LANGUAGE_JA;
		char *first = in_format(formats[i / 2], language, finding);
		char *second = in_format(formats[i / 2], language, again);
		if (strcmp(first, second) != 0)
			printf("# %s\n", formats[i / 2]);
		same &= strcmp(first, second) == 0;
		free(first);
		free(second);
	}
	return same;
}

static bool survives(const struct finding *finding)
{
	char *text = NULL;
	char *second = NULL;
	struct finding again;
	struct complaint complaint = {""};
	if (finding_record_write(finding, "example-town", &text) != 0)
		return false;
	bool is_read = finding_record_read(text, &again, &complaint) == 0;
	if (!is_read) {
		printf("# %s\n# %s\n", complaint.text, text);
		free(text);
		return false;
	}
	bool same = finding_record_write(&again, "example-town", &second) == 0 &&
		    strcmp(text, second) == 0 && again.member == MEMBER_NONE;
	again.member = finding->member;
	same &= is_told_alike(finding, &again);
	free(text);
	free(second);
	return same;
}

static void test_rules(void)
{
	const struct finding cases[] = {
	    case_scan_dark(),
	    case_mirai(),
	    case_possibly_forged(),
	    case_sweep(),
	    case_scan_live(),
	    case_victim(),
	    case_incoming(),
	    case_reflected(),
	    case_reflector(),
	    case_stray(),
	    case_spoof_member(),
	    case_watch(),
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		OK(survives(&cases[i]), rule_name(cases[i].rule));
}

/* Everything that a finding can say at once. */
static struct finding largest(void)
{
	struct finding finding = case_finding(RULE_DDOS_VICTIM, "2001:db8::1");
	finding.role = ROLE_VICTIM;
	finding.drill = true;
	finding.watch = true;
	finding.lateral = true;
	finding.inferred_only = true;
	finding.packets = INT64_MAX;
	finding.sources = INT64_MAX;
	finding.port_count = UINT16_MAX;
	finding.shape = SHAPE_PROTOCOL;
	finding.tool = TOOL_COUNT - 1;
	finding.tool_packets = 12;
	finding.packets_per_s = 123456.5;
	finding.ports_listed = FINDING_PORTS_MAX;
	for (size_t i = 0; i < FINDING_PORTS_MAX; i++)
		finding.ports[i] = (struct finding_port){.port = (uint16_t)(i * 2000),
		    .protocol = TCP,
		    .searched = i % 3 == 0,
		    .packets = INT64_MAX,
		    .targets = INT64_MAX};
	finding.ports[1] = (struct finding_port){.neighbour = true, .packets = 1, .targets = 1};
	finding.ports[2] = (struct finding_port){.neighbour = true, .protocol = ICMP6};
	finding.ports[3] = (struct finding_port){.bare = true, .protocol = 132};
	finding.ports[4] = (struct finding_port){.port = 7, .protocol = 33};
	finding.ports[5] = (struct finding_port){.port = 8, .protocol = ICMP};
	finding.ports[6] = (struct finding_port){.port = 129, .protocol = ICMP6};
	finding.source_port_count = FINDING_SOURCE_PORTS_MAX;
	for (size_t i = 0; i < FINDING_SOURCE_PORTS_MAX; i++)
		finding.source_ports[i] = (uint16_t)(UINT16_MAX - i);
	finding.event_count = FINDING_EVENTS_MAX;
	for (size_t i = 0; i < FINDING_EVENTS_MAX; i++)
		finding.events[i] = (struct finding_event){
		    CASE_FIRST_US + (int64_t)i, CASE_LAST_US, INT64_MAX, INT64_MAX};
	return finding;
}

static void test_extremes(void)
{
	struct finding finding = largest();
	OK(survives(&finding), "as much as a finding can say");
	for (int reason = 0; reason < REASON_COUNT; reason++) {
		struct finding one = case_finding(RULE_SCAN_LIVE, "10.0.0.1");
		finding_add_reason(&one, (enum reason)reason, 1, 2, 3);
		case_spoof(&one, (enum spoof_reason)(reason % SPOOF_REASON_COUNT), 3, 4);
		OK(survives(&one), "each reason");
	}
	finding = case_finding(RULE_SCAN_LIVE, "10.0.0.1");
	finding.ports_listed = 0;
	OK(survives(&finding), "and as little");
	finding.confidence = -1;
	OK(survives(&finding), "a confidence that is none");
}

static const char good[] =
    "{\"type\":\"finding\",\"rule\":\"scan.dark\",\"subject\":\"192.0.2.5\",\"role\":\"actor\","
    "\"first\":\"2026-01-31T23:59:59.000001Z\",\"last\":\"2026-01-31T23:59:59.000001Z\","
    "\"packets\":254,\"targets\":254,\"port_count\":1,\"ports\":[],\"attribution\":\"one-way\","
    "\"spoof\":{\"estimate\":\"unlikely\"},\"severity\":\"high\",\"confidence\":0.9}";

/* The record with one place changed. */
static int read_changed(const char *from, const char *to, struct complaint *complaint)
{
	char text[8192];
	struct finding finding;
	const char *at = strstr(good, from);
	(void)snprintf(
	    text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	return finding_record_read(text, &finding, complaint);
}

static void add_port(char *list, size_t room)
{
	const size_t used = strlen(list);
	(void)snprintf(list + used, room - used, ",{\"proto\":\"tcp\",\"port\":1}");
}

static int read_ports(const char *list)
{
	char closed[4096];
	(void)snprintf(closed, sizeof closed, "%s]", list);
	return read_changed("\"ports\":[]", closed, NULL);
}

static void test_wrong(void)
{
	static const char *const rows[][2] = {
	    {"scan.dark", "scan.drak"},
	    {"192.0.2.5", "192.0.2"},
	    {"actor", "actress"},
	    {"2026", "26"},
	    {"\"packets\":254", "\"packets\":-1"},
	    {"\"packets\":254", "\"packets\":\"many\""},
	    {"\"ports\":[]", "\"ports\":{}"},
	    {"\"ports\":[]", "\"ports\":[1]"},
	    {"\"ports\":[]", "\"ports\":[{\"proto\":\"tpc\",\"port\":1}]"},
	    {"\"ports\":[]", "\"ports\":[{\"proto\":256}]"},
	    {"\"ports\":[]", "\"ports\":[{\"proto\":\"tcp\",\"port\":65536}]"},
	    {"\"ports\":[]", "\"ports\":[],\"source_ports\":[65536]"},
	    {"one-way", "no-way"},
	    {"unlikely", "hardly"},
	    {"high", "higher"},
	    {"\"spoof\"", "\"spoon\""},
	    {"0.9}", "0.9"},
	    {"\"confidence\"", "\"packets\""},
	};
	struct complaint complaint;
	OK(read_changed("high", "high", &complaint) == 0, "a record without codes is one");
	OK(read_changed("\"confidence\"",
	       "\"codes\":{\"reasons\":[[\"none\",1],[\"mark\",5,0,0],7],\"spoof\":[[1]],"
	       "\"searched\":[9,-1,\"x\"]},\"confidence\"",
	       &complaint) == 0,
	    "codes that are not known are left out");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		OK(read_changed(rows[i][0], rows[i][1], &complaint) == -EINVAL, rows[i][1]);
	OK(read_changed("scan.dark", "scan.drak", &complaint) == -EINVAL &&
		strstr(complaint.text, "rule") != NULL,
	    "what is wrong is named");
	char ports[64 * (FINDING_PORTS_MAX + 2)] = "\"ports\":[{\"proto\":\"tcp\",\"port\":1}";
	for (int i = 1; i < FINDING_PORTS_MAX; i++)
		add_port(ports, sizeof ports);
	OK(read_ports(ports) == 0, "as many ports as may be");
	add_port(ports, sizeof ports);
	OK(read_ports(ports) == -EINVAL, "one more");
}

static void test_long(void)
{
	char *text = malloc(FINDING_RECORD_BYTES_MAX + 2);
	struct finding finding;
	if (text == NULL)
		abort();
	memset(text, ' ', FINDING_RECORD_BYTES_MAX + 1);
	memcpy(text, good, sizeof good - 1);
	text[FINDING_RECORD_BYTES_MAX] = '\0';
	OK(finding_record_read(text, &finding, NULL) == 0, "a record as long as may be");
	text[FINDING_RECORD_BYTES_MAX] = ' ';
	text[FINDING_RECORD_BYTES_MAX + 1] = '\0';
	OK(finding_record_read(text, &finding, NULL) == -EINVAL, "one byte longer");
	free(text);
}

int main(void)
{
	registry = case_registry();
	test_rules();
	test_extremes();
	test_wrong();
	test_long();
	registry_free(registry);
	return test_done();
}
