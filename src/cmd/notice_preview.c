/* notice_preview.c - `hinomi notice preview` and `hinomi notice wording`. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/notice_verbs.h"
#include "cmd/sample.h"
#include "cmd/station/wording_files.h"
#include "notify/letter_html.h"
#include "notify/mail.h"

enum {
	TCP = 6,
	UDP = 17,
	PORT_MAX = 65535,
	NAMES_BYTES = 256,
};

#define SAMPLE_RANGES "192.0.2.0/24"

const char *const notice_preview_options[] = {
    "rule=", "tool=", "port=", "spoof=", "kind=", "severity=", "member=", "drill", NULL};
const char *const notice_wording_options[] = {NULL};

static const char *const kinds[] = {
    [LETTER_FIRST] = "first",
    [LETTER_UPDATE] = "update",
    [LETTER_QUIET] = "quiet",
    [LETTER_RELAPSE] = "relapse",
    [LETTER_RETRACTION] = "retraction",
    [LETTER_REMINDER] = "reminder",
    [LETTER_ESCALATION] = "escalation",
};
static_assert(sizeof kinds / sizeof kinds[0] == LETTER_KIND_COUNT, "a name for each");

static const char *kind_at(int index)
{
	return kinds[index];
}

static const char *rule_at(int index)
{
	return rule_name((enum rule)index);
}

static const char *tool_at(int index)
{
	return tool_name((enum tool)index);
}

static const char *spoof_at(int index)
{
	return spoof_name((enum spoof)index);
}

static const char *severity_at(int index)
{
	return severity_name((enum severity)index);
}

/* A name of a list; what is none is told with all that there are. */
static int take_name(const struct manage *manage, const char *option,
    const char *(*name_at)(int index), int count, int *ret_index)
{
	const char *text = manage_value(manage, option);
	char known[NAMES_BYTES] = "";
	size_t used = 0;
	if (text == NULL)
		return 0;
	for (int i = 0; i < count; i++) {
		if (strcmp(name_at(i), text) == 0) {
			*ret_index = i;
			return 0;
		}
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
		    i == 0 ? "" : ", ", name_at(i)); /* our own names fit */
	}
	return cmd_fail("--%s %s: expected one of %s", option, text, known);
}

/* "tcp/445" */
static int take_port(const struct manage *manage, struct sample_wish *wish)
{
	const char *text = manage_value(manage, "port");
	char *end = NULL;
	if (text == NULL)
		return 0;
	const bool is_tcp = strncmp(text, "tcp/", 4) == 0;
	const char *digits = is_tcp || strncmp(text, "udp/", 4) == 0 ? text + 4 : "";
	const unsigned long port = *digits >= '0' && *digits <= '9' ? strtoul(digits, &end, 10) : 0;
	if (end == NULL || *end != '\0' || port < 1 || port > PORT_MAX)
		return cmd_fail(
		    "--port %s: expected tcp/ or udp/ and a number from 1 to 65535, as tcp/445",
		    text);
	if (!sample_has_port(wish->rule))
		return cmd_fail("--port %s: expected none with %s, which asks by ARP", text,
		    rule_name(wish->rule));
	wish->protocol = is_tcp ? TCP : UDP;
	wish->port = (int)port;
	return 0;
}

static int take_wish(const struct manage *manage, struct sample_wish *wish, int *ret_kind)
{
	int rule = RULE_SCAN_DARK;
	*wish = (struct sample_wish){
	    .tool = -1, .protocol = -1, .port = -1, .spoof = -1, .severity = -1};
	*ret_kind = LETTER_FIRST;
	int status = take_name(manage, "rule", rule_at, RULE_COUNT, &rule);
	wish->rule = (enum rule)rule;
	wish->is_drill = manage_has(manage, "drill");
	if (status == 0)
		status = take_name(manage, "tool", tool_at, TOOL_COUNT, &wish->tool);
	if (status == 0)
		status = take_name(manage, "spoof", spoof_at, SPOOF_COUNT, &wish->spoof);
	if (status == 0)
		status =
		    take_name(manage, "severity", severity_at, SEVERITY_COUNT, &wish->severity);
	if (status == 0)
		status = take_name(manage, "kind", kind_at, LETTER_KIND_COUNT, ret_kind);
	if (status == 0)
		status = take_port(manage, wish);
	if (status == 0 && wish->tool >= 0 && !sample_has_tool(wish->rule))
		return cmd_fail("--tool %s: expected none with %s: only scan.dark and scan.live "
				"tell of one",
		    tool_at(wish->tool), rule_name(wish->rule));
	return status;
}

/* ---- For whom ---- */

/* What the letter is written with. */
struct preview {
	struct manage *manage;
	struct notice_station *station; /* NULL: made up as well */
	struct zone *zone;              /* where there is no station */
	struct letter_setting setting;
	struct registry *registry;
	char member[MEMBER_NAME_BYTES];
};

static int visit_member(void *context, const void *record)
{
	struct preview *preview = context;
	const struct store_member *member = record;
	(void)snprintf(preview->member, sizeof preview->member, "%s", member->name);
	return 0;
}

/* The first that the station has, where it has any. */
static int find_member(struct preview *preview)
{
	const struct store_query first = {.kind = STORE_MEMBER, .order = "id", .limit = 1};
	if (faccessat(preview->manage->dir.fd, STATION_DATABASE, F_OK, 0) != 0)
		return 0;
	int status = manage_open_store(preview->manage);
	return status == 0 ? manage_each(preview->manage, &first, visit_member, preview) : status;
}

static int choose_setting(struct preview *preview)
{
	struct complaint complaint;
	if (preview->manage->station != NULL) {
		int status = notice_station_open(preview->manage, &preview->station);
		if (status == 0)
			preview->setting = *notice_station_setting(preview->station);
		return status != 0 ? status : find_member(preview);
	}
	if (zone_open("Asia/Tokyo", &preview->zone, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	preview->setting = (struct letter_setting){.language = preview->manage->language,
	    .zone = preview->zone,
	    .station = "Hinomi",
	    .desk = "noc@example.jp, 0123-45-6789"};
	return 0;
}

static int choose_member(struct preview *preview)
{
	const char *wanted = manage_value(preview->manage, "member");
	struct complaint complaint;
	const bool is_ja = preview->setting.language == LANGUAGE_JA;
	if (wanted != NULL && strlen(wanted) >= sizeof preview->member)
		return cmd_fail(
		    "--member: expected a name of at most %d bytes", MEMBER_NAME_BYTES - 1);
	if (wanted != NULL)
		(void)snprintf(preview->member, sizeof preview->member, "%s", wanted);
	else if (preview->member[0] == '\0')
		(void)snprintf(preview->member, sizeof preview->member, "%s",
		    is_ja ? "火の見町役場" : "example-town");
	if (registry_new(&preview->registry) != 0)
		return cmd_fail("out of memory");
	if (registry_add_member(preview->registry, preview->member, SAMPLE_RANGES, &complaint) !=
		0 ||
	    registry_seal(preview->registry, &complaint) != 0)
		return cmd_fail("--member: %s", complaint.text);
	return 0;
}

static void close_preview(struct preview *preview)
{
	registry_free(preview->registry);
	notice_station_close(preview->station);
	zone_free(preview->zone);
}

/* ---- As it would be ---- */

static int64_t written_at(const struct finding *finding)
{
	return finding->last_us + WHEN_SECOND_US;
}

static int print_mail(
    const struct preview *preview, const struct letter *letter, const struct finding *finding)
{
	struct complaint complaint;
	char *bytes = NULL;
	size_t length = 0;
	const char *from =
	    preview->station != NULL ? notice_station_from(preview->station) : "hinomi@example.jp";
	const struct mail mail = {
	    .from_name = preview->setting.station,
	    .from_address = from,
	    .to_address = "contact@example.jp",
	    .subject = letter->subject,
	    .body = letter->body,
	    .date_us = written_at(finding),
	    .id = "preview.1042@hinomi.invalid",
	    .incident = SAMPLE_INCIDENT,
	    .is_drill = finding->drill,
	    .attachment = letter->finding,
	    .attachment_name = "finding.json",
	    .attachment_type = "application/json",
	};
	if (mail_write(&mail, &bytes, &length, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	fwrite(bytes, 1, length, stdout);
	free(bytes);
	return 0;
}

static void print_json(const struct letter *letter)
{
	struct json json;
	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "type", "letter");
	json_string(&json, "subject", letter->subject);
	json_string(&json, "body", letter->body);
	json_string(&json, "finding", letter->finding);
	json_close_object(&json);
	fputc('\n', stdout);
}

static int print(
    const struct preview *preview, const struct letter *letter, const struct finding *finding)
{
	const struct letter_print page = {.subject = letter->subject,
	    .body = letter->body,
	    .incident = SAMPLE_INCIDENT,
	    .written_us = written_at(finding)};
	switch ((int)preview->manage->format) {
	case MANAGE_MAIL:
		return print_mail(preview, letter, finding);
	case MANAGE_HTML:
		letter_html_write(stdout, &preview->setting, &page);
		return 0;
	case MANAGE_JSON:
		print_json(letter);
		return 0;
	default:
		printf("%s\n\n", letter->subject);
		letter_print(stdout, letter->body);
		return 0;
	}
}

static int write_letter(const struct preview *preview, const struct sample_wish *wish, int kind)
{
	struct finding first, shown;
	struct letter letter;
	sample_finding(wish, &first);
	shown = first;
	if (kind != LETTER_FIRST)
		sample_grow(&shown);
	const struct letter_incident incident = {
	    .id = SAMPLE_INCIDENT,
	    .kind = (enum letter_kind)kind,
	    .registry = preview->registry,
	    .told = {first.severity, letter_spread(&first), first.port_count, written_at(&first),
		1},
	    .quiet_us = first.last_us + 6 * WHEN_HOUR_US,
	    .relapses = 1,
	    .retraction = RETRACTION_LATER,
	};
	if (letter_about_incident(&preview->setting, &incident, &shown, &letter) != 0)
		return cmd_fail("out of memory");
	int status = print(preview, &letter, &shown);
	letter_release(&letter);
	return status;
}

int notice_preview(struct manage *manage)
{
	struct preview preview = {.manage = manage};
	struct sample_wish wish;
	int kind;
	int status = take_wish(manage, &wish, &kind);
	if (status == 0)
		status = choose_setting(&preview);
	if (status == 0)
		status = choose_member(&preview);
	if (status == 0)
		status = write_letter(&preview, &wish, kind);
	close_preview(&preview);
	return status;
}

int notice_wording(struct manage *manage)
{
	wording_write(manage->language, stdout);
	return 0;
}
