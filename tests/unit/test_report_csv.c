#include <math.h>

#include "report_case.h"
#include "test.h"

enum {
	COLUMNS = 19,
	CELL_BYTES = 4096,
	SEVERITY = 0,
	MEMBER = 2,
	SUBJECT = 3,
	ROLE = 4,
	FIRST = 5,
	PACKETS = 7,
	SOURCES = 9,
	PORTS = 11,
	SOURCE_PORTS = 12,
	TOOL = 13,
	CONFIDENCE = 16,
	WHY = 17,
	DRILL = 18,
};

static struct registry *registry;

/* One record as RFC 4180 has it, read by the letter. */
struct record {
	char cells[COLUMNS][CELL_BYTES];
	size_t count; /* cells met; past COLUMNS they are only counted */
};

/* Reads a cell; `*at` then stands on what ended it. */
static bool read_cell(const char **at, char *ret_cell)
{
	const char *from = *at;
	size_t length = 0;
	bool quoted = *from == '"';
	from += quoted;
	for (; *from != '\0' && length < CELL_BYTES - 1; from++) {
		if (quoted && from[0] == '"' && from[1] != '"')
			break;
		if (quoted && from[0] == '"')
			from++;
		else if (!quoted && strchr(",\r\n\"", *from) != NULL)
			break;
		ret_cell[length++] = *from;
	}
	ret_cell[length] = '\0';
	if (quoted && *from++ != '"')
		return false;
	*at = from;
	return *from == ',' || (from[0] == '\r' && from[1] == '\n');
}

static bool read_record(const char **at, struct record *ret_record)
{
	static char surplus[CELL_BYTES];
	ret_record->count = 0;
	for (;;) {
		size_t cell = ret_record->count++;
		if (!read_cell(at, cell < COLUMNS ? ret_record->cells[cell] : surplus))
			return false;
		if (**at == '\r')
			break;
		++*at;
	}
	*at += 2;
	return true;
}

/* The record of one finding; the header before it is read over, and nothing may follow. */
static const struct record *record_of(enum language language, const struct finding *finding)
{
	static struct record record;
	const struct report report = {.language = language, .registry = registry};
	const struct report_summary summary = case_summary();
	char *text = case_write("csv", &report, finding, 1, &summary);
	const char *at = text;
	bool right = read_record(&at, &record) && record.count == COLUMNS;
	right = right && read_record(&at, &record) && record.count == COLUMNS && *at == '\0';
	free(text);
	if (!right)
		abort();
	return &record;
}

static bool is(const struct record *record, int column, const char *expected)
{
	if (strcmp(record->cells[column], expected) == 0)
		return true;
	printf("# column %d: %s\n", column, record->cells[column]);
	return false;
}

static void test_whole(void)
{
	static const char expected[] =
	    "severity,rule,member,subject,role,first,last,packets,targets,sources,port_count,ports,"
	    "source_ports,tool,attribution,spoof,confidence,why,drill\r\n"
	    "high,scan.dark,\"example-town\",192.0.2.77,actor,2026-01-31T23:59:59.000001Z,"
	    "2026-02-01T00:04:12.500001Z,4120,4118,,2,tcp/23 tcp/2323,40001,mirai,one-way,unlikely,"
	    "0.980,\"4,120 packets bear the mark of the Mirai family of malware; by chance one "
	    "packet in 4 billion would. Packets went to 4,100 addresses that nobody uses (dark "
	    "addresses), where nothing legitimate is sent.\",false\r\n";
	const struct report report = {.language = LANGUAGE_EN, .registry = registry};
	const struct report_summary summary = case_summary();
	const struct finding finding = case_mirai();
	char *text = case_write("csv", &report, &finding, 1, &summary);
	OK(strcmp(text, expected) == 0, "header and one finding");
	free(text);
	text = case_write("csv", &report, NULL, 0, &summary);
	OK(strchr(text, '\n') == text + strlen(text) - 1, "no finding, only the header");
	free(text);
}

static const struct {
	const char *name;
	struct finding (*make)(void);
} rules[] = {
    {"scan.dark", case_scan_dark},
    {"scan.sweep", case_sweep},
    {"scan.live", case_scan_live},
    {"ddos.victim", case_victim},
    {"ddos.incoming", case_incoming},
    {"ddos.reflector", case_reflector},
    {"config.stray", case_stray},
    {"spoof.member", case_spoof_member},
};

static void test_rules(void)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const struct finding finding = rules[i].make();
		char en[CELL_BYTES];
		const struct record *record = record_of(LANGUAGE_EN, &finding);
		memcpy(en, record->cells[WHY], sizeof en);
		bool right = is(record, 1, rules[i].name) && en[0] != '\0' &&
			     is(record, FIRST, "2026-01-31T23:59:59.000001Z");
		record = record_of(LANGUAGE_JA, &finding);
		OK(right && strcmp(en, record->cells[WHY]) != 0, rules[i].name);
	}
	const struct finding incoming = case_incoming();
	const struct record *record = record_of(LANGUAGE_JA, &incoming);
	OK(is(record, SOURCES, "5000") && is(record, ROLE, "victim"), "a victim's senders");
	const struct finding stranger = case_stranger("203.0.113.200", 5);
	record = record_of(LANGUAGE_JA, &stranger);
	OK(is(record, MEMBER, "") && is(record, SEVERITY, "low") && is(record, PACKETS, "5") &&
		is(record, SUBJECT, "203.0.113.200"),
	    "a stranger has no member");
}

static void test_cells(void)
{
	struct finding finding = case_scan_dark();
	finding.drill = true;
	finding.tool = TOOL_ZMAP;
	finding.confidence = 1;
	finding.ports_listed = 6;
	finding.ports[1] = (struct finding_port){.protocol = ICMP6, .port = 128};
	finding.ports[2] = (struct finding_port){.protocol = 132, .port = 5060};
	finding.ports[3] = (struct finding_port){.protocol = 47, .bare = true};
	finding.ports[4] = (struct finding_port){.protocol = 0, .neighbour = true};
	finding.ports[5] = (struct finding_port){.protocol = 58, .neighbour = true};
	const struct record *record = record_of(LANGUAGE_EN, &finding);
	OK(is(record, PORTS, "tcp/445 icmp6/128 ip/132/5060 ip/47 arp nd"), "ports of all kinds");
	OK(is(record, SOURCE_PORTS, "49152 49153"), "source ports");
	OK(is(record, TOOL, "zmap") && is(record, DRILL, "true"), "tool and drill");
	OK(is(record, CONFIDENCE, "1.000"), "certainty");
	finding.confidence = (double)NAN;
	finding.ports_listed = 0;
	finding.source_port_count = 0;
	finding.tool = -1;
	record = record_of(LANGUAGE_EN, &finding);
	OK(is(record, CONFIDENCE, "") && is(record, PORTS, "") && is(record, SOURCE_PORTS, "") &&
		is(record, TOOL, ""),
	    "what is not there is empty");
}

static const struct {
	const char *name;
	const char *member;
	const char *cell;
} names[] = {
    {"a quote is doubled and comes back", "the \"old\" town", "the \"old\" town"},
    {"only quotes", "\"\"", "\"\""},
    {"a formula: at sign", "@SUM(1)", "'@SUM(1)"},
    {"a formula: plus", "+1", "'+1"},
    {"a formula: minus", "-1", "'-1"},
    {"a sign inside is none", "a+b", "a+b"},
    {"Japanese", NAME_WIDE, NAME_WIDE},
    {"a direction override is made visible",
	"a\xe2\x80\xae"
	"b",
	"a\\u{202e}b"},
};

/* Names as the registry takes them; it refuses commas, '=' and control characters. */
static void test_names(void)
{
	struct registry *kept = registry;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct finding finding = case_scan_dark();
		finding.member = 0;
		if (registry_new(&registry) != 0 ||
		    registry_add_member(registry, names[i].member, "192.0.2.0/24", NULL) != 0 ||
		    registry_seal(registry, NULL) != 0)
			abort();
		OK(is(record_of(LANGUAGE_EN, &finding), MEMBER, names[i].cell), names[i].name);
		registry_free(registry);
	}
	registry = kept;
	struct finding finding = case_scan_dark();
	finding.member = MEMBER_LONG;
	OK(strlen(record_of(LANGUAGE_EN, &finding)->cells[MEMBER]) == MEMBER_NAME_BYTES - 1,
	    "127 bytes");
}

int main(void)
{
	registry = case_registry();
	test_whole();
	test_rules();
	test_cells();
	test_names();
	registry_free(registry);
	return test_done();
}
