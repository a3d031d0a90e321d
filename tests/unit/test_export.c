#include "notify/export.h"

#include <errno.h>

#include "base/json_read.h"
#include "base/utf8.h"
#include "notify/export_internal.h"
#include "report_case.h"
#include "test.h"

enum {
	LONG_BYTES = 10240,
	PADDED_BYTES = 2000,
};

static const struct export_setting setting = {
    .station = "Kita Watch",
    .identity = "0123456789abcdef",
    .address = "noc@example.jp",
    .tlp = EXPORT_TLP_AMBER,
    .now_us = CASE_LAST_US + WHEN_SECOND_US,
};

/* Freed by the caller. */
static char *write_as(
    const char *format, const struct export_setting *by, const struct export_incident *incident)
{
	char *text = NULL;
	size_t length = 0;
	if (export_text(export_format_find(format), by, incident, &text, &length) != 0 ||
	    strlen(text) != length)
		abort();
	return text;
}

static struct export_incident incident_of(const struct finding *finding)
{
	return (struct export_incident){
	    .id = 42,
	    .member = "example-town",
	    .state = "new",
	    .opened_us = finding->first_us + WHEN_SECOND_US,
	    .changed_us = finding->last_us + WHEN_SECOND_US,
	    .is_drill = finding->drill,
	    .finding = finding,
	};
}

static bool holds(const char *format, const struct finding *finding, const char *part)
{
	const struct export_incident incident = incident_of(finding);
	char *text = write_as(format, &setting, &incident);
	const bool found = strstr(text, part) != NULL;
	if (!found)
		printf("# %s lacks %s: %s\n", format, part, text);
	free(text);
	return found;
}

static void test_names(void)
{
	OK(export_format_find("xml") == NULL && export_format_find("") == NULL,
	    "a format that there is not");
	OK(strcmp(export_format_names(),
	       "iodef, iodef-json, stix, idea, xarf, misp, shadowserver, eve") == 0,
	    "the names of all");
	size_t count = 0;
	bool sound = true;
	for (; export_format_at(count) != NULL; count++) {
		const struct export_format *format = export_format_at(count);
		sound &= export_format_find(export_format_name(format)) == format;
		sound &= strchr(export_format_file(format), '/') == NULL;
		sound &= strchr(export_format_media_type(format), '/') != NULL;
	}
	OK(sound && count == 8, "each is found by its name, and has a file's name and a type");
	OK(export_tlp_find("amber+strict") == EXPORT_TLP_AMBER_STRICT &&
		export_tlp_find("white") == -1 &&
		strcmp(export_tlp_name(EXPORT_TLP_CLEAR), "clear") == 0,
	    "levels by their names");
	OK(export_prepare() == 0, "OpenSSL has what is needed");
}

static void test_uuid(void)
{
	char uuid[EXPORT_UUID_BYTES];
	export_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com", 5, uuid);
	OK(strcmp(uuid, "2ed6657d-e927-568b-95e1-2665a8aea6a2") == 0,
	    "the example of RFC 9562, appendix A.4");
	export_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com", 4, uuid);
	OK(uuid[14] == '4', "with the form of another version");
	export_uuid(
	    "00abedb4-aa42-466c-9c01-fed23315a9b7", "{\"value\":\"198.51.100.3\"}", 5, uuid);
	OK(strcmp(uuid, "28bb3599-77cd-5a82-a950-b5bc3caf07c4") == 0, "of what STIX observes");
}

/* Each line, or all of it, is JSON. */
static bool is_json(const char *text, bool by_lines)
{
	while (*text != '\0') {
		struct json_node *node = NULL;
		const size_t length = by_lines ? strcspn(text, "\n") : strlen(text);
		if (json_read(text, length, &node, NULL) != 0)
			return false;
		json_read_free(node);
		text += length + (text[length] == '\n');
	}
	return true;
}

static bool is_sound(const char *name, const char *text)
{
	size_t left = strlen(text);
	for (const char *at = text; left > 0;) {
		const size_t step = utf8_step(at, left);
		if (step == 0 || (utf8_is_control(at, step) && *at != '\n' && *at != '\r'))
			return false;
		at += step;
		left -= step;
	}
	if (strcmp(name, "iodef") == 0)
		return strncmp(text, "<?xml", 5) == 0;
	if (strcmp(name, "shadowserver") == 0)
		return strncmp(text, "\"timestamp\"", 11) == 0;
	return is_json(text,
	    strcmp(name, "idea") == 0 || strcmp(name, "xarf") == 0 || strcmp(name, "eve") == 0);
}

static struct finding (*const cases[])(void) = {
    case_scan_dark,
    case_possibly_forged,
    case_sweep,
    case_scan_live,
    case_victim,
    case_incoming,
    case_reflected,
    case_reflector,
    case_stray,
    case_spoof_member,
    case_watch,
};

static void test_cases(void)
{
	for (size_t number = 0; export_format_at(number) != NULL; number++) {
		const char *name = export_format_name(export_format_at(number));
		char title[64];
		bool sound = true;
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			const struct finding finding = cases[i]();
			const struct export_incident incident = incident_of(&finding);
			char *first = write_as(name, &setting, &incident);
			char *second = write_as(name, &setting, &incident);
			sound &= is_sound(name, first) && strcmp(first, second) == 0;
			free(first);
			free(second);
		}
		(void)snprintf(title, sizeof title, "%s: each case, the same each time", name);
		OK(sound, title);
	}
}

/* Names as others chose them, and more than there is room for. */
static void test_hostile(void)
{
	char longest[LONG_BYTES + 1];
	memset(longest, 'n', LONG_BYTES);
	longest[LONG_BYTES] = '\0';
	const char *const names[] = {NAME_HOSTILE, NAME_FORMULA, NAME_WIDE, longest,
	    "\xff\xfe\xed\xa0\x80", "a\r\nb\x1b[2J", "</ContactName><x/>", "\"}],\"x\":[{\"",
	    "=1+1", "{{7*7}}${x}%n", "\xef\xbf\xbe\xef\xbf\xbf\xe2\x80\x8b\xef\xbb\xbf"};
	const struct finding finding = case_scan_dark();
	for (size_t number = 0; export_format_at(number) != NULL; number++) {
		const char *name = export_format_name(export_format_at(number));
		char title[64];
		bool sound = true;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			struct export_incident incident = incident_of(&finding);
			struct export_setting by = setting;
			const struct export_event event = {1, names[i], names[i]};
			incident.member = names[i];
			incident.state = names[i];
			incident.events = &event;
			incident.event_count = 1;
			by.station = names[i];
			by.identity = names[i];
			by.address = names[i];
			char *text = write_as(name, &by, &incident);
			sound &= is_sound(name, text);
			sound &= strstr(text, "\xe2\x80\xae") == NULL &&
				 (strcmp(name, "iodef") != 0 || strstr(text, "<x/>") == NULL);
			sound &= strlen(text) < (size_t)LONG_BYTES * 4;
			free(text);
		}
		(void)snprintf(title, sizeof title, "%s: names that were made to do harm", name);
		OK(sound, title);
	}
}

static void test_name_limit(void)
{
	char name[PADDED_BYTES];
	const struct finding finding = case_scan_dark();
	struct export_incident incident = incident_of(&finding);
	incident.member = name;
	for (size_t length = EXPORT_NAME_BYTES - 1; length <= EXPORT_NAME_BYTES; length++) {
		memset(name, 'W', length);
		name[length] = '\0';
		char *text = write_as("eve", &setting, &incident);
		const char *found = strstr(text, "\"member\":\"W");
		const size_t shown = found == NULL ? 0 : strspn(found + 10, "W");
		OK(shown == EXPORT_NAME_BYTES - 1, length < EXPORT_NAME_BYTES
						       ? "a name as long as is shown"
						       : "a name of one more is cut");
		free(text);
	}
}

static void test_drill(void)
{
	static const char *const rows[][2] = {
	    {"iodef", "ext-purpose=\"exercise\""},
	    {"iodef-json", "\"ext-purpose\":\"exercise\""},
	    {"stix", "\"drill\"]"},
	    {"idea", "\"Test\"]"},
	    {"xarf", "\"hinomi:drill\"]"},
	    {"misp", "{\"name\":\"hinomi:drill\"}"},
	    {"shadowserver", "\"drill;scan.dark;"},
	    {"eve", "\"drill\":true"},
	};
	struct finding finding = case_scan_dark();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct export_incident incident = incident_of(&finding);
		char *text = write_as(rows[i][0], &setting, &incident);
		const bool was_there = strstr(text, rows[i][1]) != NULL;
		char title[64];
		free(text);
		incident.is_drill = true;
		text = write_as(rows[i][0], &setting, &incident);
		(void)snprintf(title, sizeof title, "%s: an exercise is marked", rows[i][0]);
		OK(!was_there && strstr(text, rows[i][1]) != NULL, title);
		free(text);
	}
}

static void test_accusing(void)
{
	struct finding finding = case_scan_dark();
	OK(holds("xarf", &finding, "\"type\":\"port_scan\",\"source_port\":49152"),
	    "xarf: a scan with its source port");
	finding.source_port_count = 0;
	OK(holds("xarf", &finding, "\"type\":\"threat_intelligence\""),
	    "xarf: without one it accuses nobody");
	finding = case_scan_dark();
	finding.spoof = SPOOF_LIKELY;
	OK(holds("xarf", &finding, "\"type\":\"threat_intelligence\"") &&
		holds("idea", &finding, "\"Spoofed\":true") &&
		holds("iodef", &finding, "spoofed=\"yes\"") &&
		holds("misp", &finding, "\"to_ids\":false,\"distribution\":\"5\""),
	    "an address that is likely forged accuses nobody");
	finding = case_victim();
	OK(holds("xarf", &finding, "\"type\":\"threat_intelligence\"") &&
		holds("idea", &finding, "\"Target\":[{\"IP4\":[\"192.0.2.80\"]") &&
		holds("iodef", &finding, "category=\"target\"") &&
		holds("misp", &finding, "\"type\":\"ip-dst\"") &&
		holds("eve", &finding, "\"dest_ip\":\"192.0.2.80\"") &&
		holds("stix", &finding, "[network-traffic:dst_ref.value = '192.0.2.80']"),
	    "who is attacked is the target");
	finding = case_reflector();
	OK(holds("xarf", &finding, "\"type\":\"ddos\",\"source_port\":53"),
	    "xarf: a reflector takes part, from the port that is misused");
	finding = case_scan_dark();
	finding.tool = TOOL_MIRAI;
	OK(holds("stix", &finding, "\"indicator_types\":[\"compromised\"]") &&
		holds("shadowserver", &finding, ",\"mirai\","),
	    "a machine with a mark of Mirai");
}

/* Numbers out of any bounds, times turned around. */
static void test_ends(void)
{
	struct finding finding = case_scan_dark();
	finding.confidence = -1;

	finding.packets = UINT64_MAX;
	finding.first_us = INT64_MAX - WHEN_SECOND_US;
	finding.last_us = INT64_MIN;
	finding.ports_listed = 0;
	OK(holds("stix", &finding, "\"number_observed\":999999999"), "stix: its largest number");
	finding.packets = 0;
	OK(holds("stix", &finding, "\"number_observed\":1,"), "stix: its smallest");
	OK(holds("stix", &finding,
	       "\"first_observed\":\"9999-12-31T23:59:59.999999Z\",\"last_observed\":\"9999-"),
	    "the last time is never before the first");
	OK(holds("shadowserver", &finding, "\"9999-12-31 23:59:59\",,\"192.0.2.5\",49152,"),
	    "shadowserver: a line where no port is known");
}

static void test_empty(void)
{
	static const char *const written[][2] = {
	    {"iodef", ""},
	    {"iodef-json", ""},
	    {"idea", ""},
	    {"xarf", ""},
	    {"eve", ""},
	    {"misp", "{\"response\":[]}\n"},
	};
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		struct export *export = NULL;
		char *text = NULL;
		size_t length = 0;
		char title[64];
		FILE *out = open_memstream(&text, &length);
		if (out == NULL ||
		    export_open(export_format_find(written[i][0]), &setting, out, &export) != 0 ||
		    export_close(export) != 0)
			abort();
		(void)fclose(out); /* to memory */
		(void)snprintf(title, sizeof title, "%s: without incidents", written[i][0]);
		OK(strcmp(text, written[i][1]) == 0, title);
		free(text);
	}
}

static void test_failed_write(void)
{
	struct export *export = NULL;
	const struct finding finding = case_scan_dark();
	const struct export_incident incident = incident_of(&finding);
	FILE *out = fopen("/dev/full", "w");
	if (out == NULL || export_open(export_format_find("stix"), &setting, out, &export) != 0)
		abort();
	export_add(export, &incident);
	OK(export_close(export) == -EIO, "what could not be written is told");
	(void)fclose(out); /* it is full */
}

int main(void)
{
	test_names();
	test_uuid();
	test_cases();
	test_hostile();
	test_name_limit();
	test_drill();
	test_accusing();
	test_ends();
	test_empty();
	test_failed_write();
	return test_done();
}
