/*
 * write_letters.c - the letters of one case, for tests/letters/run.
 *
 *     write_letters              prints the names of all cases
 *     write_letters NAME en|ja   prints its letters, each after a line "===== TITLE"
 */
#include <inttypes.h>

#include "../unit/report_case.h"
#include "notify/letter.h"

enum {
	CASE_LETTERS_MAX = 2 * ALARM_COUNT,
	FEW_FINDINGS = 3,
	MANY_FINDINGS = LETTER_LINES_MAX + 1,
};

#define DAY_US  (24 * WHEN_HOUR_US)
#define DESK    "noc@example.jp, 0123-45-6789"
#define STATION "Kita Watch"

static struct registry *registry;
static struct letter_setting setting;

static void check(int result)
{
	if (result != 0)
		abort();
}

/* With the ends of lines that files here have. */
static void print_table(const char *table)
{
	printf("----- incidents.csv\n");
	for (; *table != '\0'; table++)
		if (*table != '\r')
			putchar(*table);
}

static void print(const char *title, struct letter *letter)
{
	printf("===== %s\nSubject: %s\n\n%s", title, letter->subject, letter->body);
	if (letter->finding != NULL)
		printf("----- finding.json\n%s", letter->finding);
	if (letter->table != NULL)
		print_table(letter->table);
	letter_release(letter);
}

/* The same finding a day later, grown. */
static struct finding grown(struct finding finding)
{
	finding.last_us += DAY_US;
	finding.packets *= 30;
	finding.targets *= 10;
	finding.sources *= 10;
	finding.port_count += 4;
	return finding;
}

static void print_incident(const struct finding *finding, const char *answer_url)
{
	static const char *const titles[] = {
	    "first", "update", "quiet", "relapse", "retraction", "reminder", "escalation"};
	static_assert(sizeof titles / sizeof titles[0] == LETTER_KIND_COUNT, "one for each");
	for (int kind = 0; kind < LETTER_KIND_COUNT; kind++) {
		struct letter letter;
		struct finding shown = kind == LETTER_FIRST ? *finding : grown(*finding);
		const struct letter_incident incident = {
		    .id = 1042,
		    .kind = (enum letter_kind)kind,
		    .registry = registry,
		    .told = {SEVERITY_MEDIUM, letter_spread(finding), finding->port_count,
			finding->last_us + WHEN_MINUTE_US, 1},
		    .quiet_us = finding->last_us + DAY_US,
		    .relapses = 1,
		    .retraction = RETRACTION_LATER,
		    .egress = kind == LETTER_ESCALATION ? "the proxy's access log" : NULL,
		    .answer_url = answer_url,
		};
		check(letter_about_incident(&setting, &incident, &shown, &letter));
		print(titles[kind], &letter);
	}
}

/* What can be answered has a link. */
static void print_answerable(void)
{
	const struct finding finding = case_scan_dark();
	print_incident(
	    &finding, "https://hinomi.town.example.lg.jp/a/BKxlbWvZoiGjKiR7AAAAAAMAAAABB598");
}

static void print_retraction(
    const char *title, enum retraction why, uint32_t letters, const char *exception)
{
	struct letter letter;
	const struct finding finding = case_sweep();
	const struct letter_incident incident = {
	    .id = 1042,
	    .kind = LETTER_RETRACTION,
	    .registry = registry,
	    .told = {finding.severity, letter_spread(&finding), finding.port_count,
		finding.last_us + WHEN_MINUTE_US, letters},
	    .retraction = why,
	    .instead = RULE_CONFIG_STRAY,
	    .exception = exception,
	};
	check(letter_about_incident(&setting, &incident, &finding, &letter));
	print(title, &letter);
}

static void print_retractions(void)
{
	char note[LETTER_NOTE_COLUMNS + 2];
	print_retraction("with all that came later", RETRACTION_LATER, 1, NULL);
	print_retraction("of several letters", RETRACTION_LATER, 2, NULL);
	print_retraction("forged addresses", RETRACTION_FORGED, 1, NULL);
	print_retraction("a router", RETRACTION_ROUTER, 1, NULL);
	print_retraction("another thing", RETRACTION_OTHER, 1, NULL);
	print_retraction("an exception", RETRACTION_EXCEPTION, 1, NULL);
	print_retraction("an exception with a note", RETRACTION_EXCEPTION, 1, "ABC 123\r\n\033[2J");
	memset(note, 'n', sizeof note - 1);
	note[LETTER_NOTE_COLUMNS] = '\0';
	print_retraction("a note as long as is shown", RETRACTION_EXCEPTION, 1, note);
	note[LETTER_NOTE_COLUMNS] = 'n';
	note[LETTER_NOTE_COLUMNS + 1] = '\0';
	print_retraction("a note of one more", RETRACTION_EXCEPTION, 1, note);
}

static struct finding drill(void)
{
	struct finding finding = case_scan_dark();
	finding.drill = true;
	return finding;
}

static struct finding once(void)
{
	struct finding finding = case_possibly_forged();
	finding.last_us = finding.first_us;
	finding.spoof = SPOOF_LIKELY;
	return finding;
}

static struct finding bouts(void)
{
	struct finding finding = case_scan_dark();
	finding.member = MEMBER_WIDE;
	finding.subject = case_address("203.0.113.130");
	finding.last_us = finding.first_us + 7 * WHEN_HOUR_US;
	finding.event_count = 7;
	for (int i = 0; i < 7; i++)
		finding.events[i] = (struct finding_event){
		    finding.first_us + i * WHEN_HOUR_US,
		    finding.first_us + i * WHEN_HOUR_US + WHEN_MINUTE_US,
		    36,
		    36,
		};
	return finding;
}

static struct finding hostile_name(void)
{
	struct finding finding = case_scan_dark();
	finding.member = MEMBER_HOSTILE;
	finding.subject = case_address("198.51.100.200");
	return finding;
}

static struct finding long_name(void)
{
	struct finding finding = case_mirai();
	finding.member = MEMBER_LONG;
	finding.subject = case_address("198.51.100.20");
	finding.severity = SEVERITY_CRITICAL;
	return finding;
}

static void print_verification(void)
{
	struct letter letter;
	struct letter_verification verification = {
	    .member = "example-town", .code = "4821-7730", .until_us = CASE_LAST_US + 3 * DAY_US};
	check(letter_verification(&setting, &verification, &letter));
	print("of a member", &letter);
	verification.member = NULL;
	check(letter_verification(&setting, &verification, &letter));
	print("of the operator", &letter);
	setting.station = NULL;
	setting.desk = NULL;
	setting.zone = NULL;
	verification.member = "local";
	check(letter_verification(&setting, &verification, &letter));
	print("of the local network, by a station without a name", &letter);
}

static void print_canary(void)
{
	struct letter letter;
	struct letter_canary canary = {
	    .number = 672,
	    .made_us = CASE_FIRST_US,
	    .found_us = CASE_FIRST_US + 1200000,
	    .written_us = CASE_FIRST_US + 1450000,
	    .interval_us = 15 * WHEN_MINUTE_US,
	};
	check(letter_canary(&setting, &canary, &letter));
	print("regular", &letter);
	canary.interval_us = 0;
	canary.found_us = 0;
	check(letter_canary(&setting, &canary, &letter));
	print("on demand, one time not known", &letter);
}

static void print_alarms(void)
{
	static const struct {
		const char *what;
		const char *detail;
		uint64_t number;
	} abouts[] = {
	    [ALARM_CANARY_LATE] = {NULL, NULL, 0},
	    [ALARM_DELIVERY_FAILING] = {"soumu@town.example.jp",
		"550 5.1.1 <soumu@town.example.jp>: Recipient address rejected:\r\nSubject: "
		"\033[2J",
		4},
	    [ALARM_INTERFACE_SILENT] = {"eth1", NULL, 0},
	    [ALARM_INTERFACE_DOWN] = {"eth1", NULL, 0},
	    [ALARM_PACKETS_LOST] = {"eth1", NULL, 12345},
	    [ALARM_DISK_FILLING] = {"/var/lib/hinomi", NULL, 8},
	    [ALARM_DISK_FULL] = {"/var/lib/hinomi", "No space left on device", 0},
	    [ALARM_STORE_DAMAGED] = {"/var/lib/hinomi/station.db",
		"database disk image is malformed", 0},
	    [ALARM_DUTY_FAILING] = {"courier", "signal 11", 1},
	    [ALARM_STATION_DOWN] = {NULL, NULL, 0},
	    [ALARM_CLOCK_STEPPED] = {NULL, NULL, 0},
	    [ALARM_WATCHER_LOST] = {"watch.example.jp", "Connection timed out", 0},
	    [ALARM_NOTICES_HELD] = {"example-town", NULL, 61},
	    [ALARM_PEER_SILENT] = {"minato-watch", NULL, 0},
	    [ALARM_ANSWERED_NOT_OURS] = {"#1042 192.0.2.5 example-town", NULL, 0},
	    [ALARM_ANSWERED_HARMLESS] = {"#1042 192.0.2.5 example-town", "scanner 3\n<b>audit</b>",
		0},
	    [ALARM_MAIL_UNSIGNED] = {NULL, "the signer does not answer", 2},
	    [ALARM_INCIDENTS_MANY] = {NULL, NULL, 14336},
	};
	static_assert(sizeof abouts / sizeof abouts[0] == ALARM_COUNT, "one of each");
	for (int i = 0; i < ALARM_COUNT; i++) {
		struct letter letter;
		const struct letter_alarm alarm = {
		    .alarm = (enum alarm)i,
		    .what = abouts[i].what,
		    .detail = abouts[i].detail,
		    .since_us = CASE_FIRST_US,
		    .lasting_us = 47 * WHEN_MINUTE_US,
		    .number = abouts[i].number,
		};
		check(letter_alarm(&setting, &alarm, &letter));
		print(alarm_name(alarm.alarm), &letter);
	}
	const struct letter_alarm over = {
	    .alarm = ALARM_INTERFACE_SILENT,
	    .is_over = true,
	    .what = "eth1",
	    .since_us = CASE_FIRST_US,
	    .lasting_us = 3 * WHEN_HOUR_US,
	};
	struct letter letter;
	check(letter_alarm(&setting, &over, &letter));
	print("over", &letter);
}

static void print_summaries(void)
{
	struct finding findings[FEW_FINDINGS] = {
	    case_mirai(), case_stray(), case_possibly_forged()};
	struct letter_digest_line lines[FEW_FINDINGS];
	struct letter letter;
	for (size_t i = 0; i < FEW_FINDINGS; i++)
		lines[i] = (struct letter_digest_line){1042 + (int64_t)i, &findings[i]};
	struct letter_summary summary = {
	    .member = "example-town",
	    .registry = registry,
	    .since_us = CASE_FIRST_US,
	    .sent = 20,
	    .by_severity = {[SEVERITY_MEDIUM] = 2, [SEVERITY_HIGH] = 1},
	    .by_rule = {[RULE_SCAN_DARK] = 2, [RULE_CONFIG_STRAY] = 1},
	    .lines = lines,
	    .listed = FEW_FINDINGS,
	    .count = FEW_FINDINGS,
	};
	check(letter_summary(&setting, &summary, &letter));
	print("of a member", &letter);
	summary.member = NULL;
	check(letter_summary(&setting, &summary, &letter));
	print("of the whole station", &letter);
}

static void print_certificates(void)
{
	static const char *const names[] = {
	    [LETTER_CERTIFICATE_OWN] = "the station's own",
	    [LETTER_CERTIFICATE_YOURS] = "the reader's",
	    [LETTER_CERTIFICATE_CONTACT] = "a contact's, to the operator",
	};
	static const unsigned days[] = {30, 1, 0};
	for (size_t i = 0; i < LETTER_CERTIFICATE_KINDS * 3; i++) {
		const enum letter_certificate_kind kind = (enum letter_certificate_kind)(i / 3);
		struct letter letter;
		const struct letter_certificate certificate = {
		    .kind = kind,
		    .address = kind == LETTER_CERTIFICATE_OWN ? "hinomi@example.jp"
							      : "soumu@town.example.jp",
		    .contact = 1234,
		    .member = kind == LETTER_CERTIFICATE_OWN ? NULL : "example-town",
		    .until_us = CASE_FIRST_US,
		    .days = days[i % 3],
		};
		check(letter_certificate(&setting, &certificate, &letter));
		print(names[kind], &letter);
	}
}

static void print_digests(void)
{
	struct finding findings[FEW_FINDINGS] = {
	    case_mirai(), case_stray(), case_possibly_forged()};
	struct finding stray = case_stray();
	struct letter_digest_line open[1] = {{1042, &findings[0]}};
	struct letter_digest_line small[MANY_FINDINGS];
	struct letter letter;
	for (size_t i = 0; i < MANY_FINDINGS; i++)
		small[i] = (struct letter_digest_line){0, &stray};
	small[0].finding = &findings[2];
	struct letter_digest digest = {
	    .member = "example-town",
	    .registry = registry,
	    .from_us = CASE_FIRST_US - 7 * DAY_US,
	    .to_us = CASE_FIRST_US,
	    .days = 7,
	    .packets = 123456789,
	    .packets_judged = 4321,
	    .dark_addresses = 65536,
	    .canaries_sent = 672,
	    .canaries_arrived = 671,
	    .incidents_new = 2,
	    .incidents_closed = 1,
	    .open = open,
	    .open_listed = 1,
	    .open_count = 1,
	    .small = small,
	    .small_listed = 2,
	    .small_count = 2,
	    .gaps = 2,
	    .gaps_us = 200 * WHEN_SECOND_US,
	    .packets_lost = 1,
	};
	check(letter_digest(&setting, &digest, &letter));
	print("of a member", &letter);
	digest.small_listed = LETTER_LINES_MAX;
	digest.small_count = LETTER_LINES_MAX;
	check(letter_digest(&setting, &digest, &letter));
	print("with as many small findings as are shown", &letter);
	digest.small_listed = MANY_FINDINGS;
	digest.small_count = MANY_FINDINGS;
	check(letter_digest(&setting, &digest, &letter));
	print("with one more", &letter);
	const struct letter_digest calm = {
	    .member = "example-town",
	    .registry = registry,
	    .from_us = CASE_FIRST_US - 7 * DAY_US,
	    .to_us = CASE_FIRST_US,
	    .days = 7,
	    .packets = 1234,
	    .canaries_sent = 672,
	    .canaries_arrived = 672,
	};
	check(letter_digest(&setting, &calm, &letter));
	print("of a week in which nothing happened", &letter);
	digest.member = NULL;
	digest.small_listed = 1;
	digest.small_count = 1;
	check(letter_digest(&setting, &digest, &letter));
	print("of the whole station", &letter);
	const struct letter_digest blind = {
	    .registry = registry,
	    .from_us = CASE_FIRST_US - DAY_US,
	    .to_us = CASE_FIRST_US,
	    .days = 1,
	};
	check(letter_digest(&setting, &blind, &letter));
	print("of a station that saw nothing", &letter);
}

static const struct {
	const char *name;
	struct finding (*make)(void); /* or else: */
	void (*print)(void);
} cases[] = {
    {"scan-dark", case_scan_dark, NULL},
    {"scan-dark-mirai", case_mirai, NULL},
    {"scan-dark-maybe-forged", case_possibly_forged, NULL},
    {"scan-dark-once-probably-forged", once, NULL},
    {"scan-dark-bouts", bouts, NULL},
    {"scan-dark-drill", drill, NULL},
    {"scan-dark-hostile-name", hostile_name, NULL},
    {"scan-dark-long-name", long_name, NULL},
    {"scan-dark-answerable", NULL, print_answerable},
    {"scan-sweep", case_sweep, NULL},
    {"scan-live", case_scan_live, NULL},
    {"ddos-victim", case_victim, NULL},
    {"ddos-incoming", case_incoming, NULL},
    {"ddos-incoming-reflected", case_reflected, NULL},
    {"ddos-reflector", case_reflector, NULL},
    {"config-stray", case_stray, NULL},
    {"spoof-member", case_spoof_member, NULL},
    {"retraction", NULL, print_retractions},
    {"verification", NULL, print_verification},
    {"canary", NULL, print_canary},
    {"alarm", NULL, print_alarms},
    {"summary", NULL, print_summaries},
    {"certificate", NULL, print_certificates},
    {"digest", NULL, print_digests},
};

static void print_case(size_t i)
{
	if (cases[i].print != NULL) {
		cases[i].print();
		return;
	}
	struct finding finding = cases[i].make();
	print_incident(&finding, NULL);
}

int main(int argc, char **argv)
{
	size_t count = sizeof cases / sizeof cases[0];
	struct zone *zone = NULL;
	for (size_t i = 0; argc == 1 && i < count; i++)
		printf("%s\n", cases[i].name);
	if (argc != 3 || language_find(argv[2]) < 0)
		return argc == 1 ? 0 : 2;
	check(zone_open("Asia/Tokyo", &zone, NULL));
	registry = case_registry();
	setting = (struct letter_setting){
	    .language = (enum language)language_find(argv[2]),
	    .zone = zone,
	    .station = STATION,
	    .desk = DESK,
	};
	size_t at = 0;
	while (at < count && strcmp(cases[at].name, argv[1]) != 0)
		at++;
	if (at < count)
		print_case(at);
	registry_free(registry);
	zone_free(zone);
	return at < count ? 0 : 2;
}
