/*
 * DIR/settings.yaml: what may stand in it, what wins, what it says of the whole; and how it is
 * changed: planned, staged, placed, or left as it was.
 */
#include "cmd/station/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/config_key.h"
#include "test.h"

#define ALONE "is changed in station.yaml alone, expected it there"

static struct station_config config; /* large */

/* ---- What may stand in it ---- */

/* Whole complaints; NULL where it is taken. */
static const struct {
	const char *name;
	const char *station;
	const char *settings;
	const char *complaint;
} rows[] = {
    {"nothing", "", "", NULL},
    {"comments alone", "", "# what this is\n", NULL},
    {"sections without keys", "", "notices:\ncanary:\n", NULL},
    {"each kind of value", "",
	"notices: {cap: 5, settle: 5m, digest: \"daily 07:00\", remind: 10m, hours: always, "
	"country: DE}\nstation: {language: ja}\n",
	NULL},
    {"a number in quotes is the number", "", "notices:\n  cap: \"40\"\n", NULL},

    {"whom it tells", "", "operator:\n  mail: a@example.jp\n",
	"settings.yaml:2: operator.mail: " ALONE},
    {"where it sends", "", "heartbeat: {url: \"https://example.jp/\"}\n",
	"settings.yaml:1: heartbeat.url: " ALONE},
    {"what it watches", "", "sources: [\"drill:demo-day\"]\n", "settings.yaml:1: sources: " ALONE},
    {"which rules it has", "", "thresholds: {scan.dark: {targets: 1000000}}\n",
	"settings.yaml:1: thresholds: " ALONE},
    {"what it keeps", "", "store: {retention: {incidents: 1d}}\n",
	"settings.yaml:1: store.retention.incidents: " ALONE},
    {"to whom it listens", "", "web: {listen: \"0.0.0.0:80\"}\n",
	"settings.yaml:1: web.listen: " ALONE},
    {"a path", "", "notices: {files: /etc}\n", "settings.yaml:1: notices.files: " ALONE},
    {"what captures go by", "", "watch: {quiet: 1m}\n", "settings.yaml:1: watch.quiet: " ALONE},
    {"evidence, of which captures are told at their start", "", "evidence: {frames: 16}\n",
	"settings.yaml:1: evidence.frames: " ALONE},
    {"a list without items", "", "dark:\n", "settings.yaml:1: dark: " ALONE},

    {"one below what a member gets", "", "notices: {cap: 4}\n",
	"settings.yaml:1: notices.cap: found \"4\", expected a whole number from 5 to 1000"},
    {"one past it", "", "notices: {cap: 1001}\n",
	"settings.yaml:1: notices.cap: found \"1001\", expected a whole number from 5 to 1000"},
    {"none at all", "", "notices: {cap: 0}\n",
	"settings.yaml:1: notices.cap: found \"0\", expected a whole number from 5 to 1000"},
    {"canaries that are off", "", "canary: {every: 0}\n",
	"settings.yaml:1: canary.every: found \"0\", expected a duration from 1m to 6h (s, m, h, "
	"d)"},
    {"a canary a day", "", "canary: {every: 1d}\n",
	"settings.yaml:1: canary.every: found \"1d\", expected a duration from 1m to 6h (s, m, h, "
	"d)"},
    {"one second past six hours", "", "canary: {every: 21601s}\n",
	"settings.yaml:1: canary.every: found \"21601s\", expected a duration from 1m to 6h (s, m, "
	"h, d)"},
    {"alarms that are off", "", "alarms: {silent: 0}\n",
	"settings.yaml:1: alarms.silent: found \"0\", expected a duration from 1m to 12h (s, m, h, "
	"d)"},
    {"no reminders", "", "notices: {remind: 0}\n",
	"settings.yaml:1: notices.remind: found \"0\", expected a duration from 10m to 1d (s, m, "
	"h, d)"},
    {"no report", "", "notices: {digest: \"off\"}\n",
	"settings.yaml:1: notices.digest: found \"off\", expected a day and a time, such as Mon "
	"08:00, or daily 08:00"},
    {"hours that hardly come", "", "notices: {hours: \"sun 03:00-12:59\"}\n",
	"settings.yaml:1: notices.hours: found \"sun 03:00-12:59\", expected hours such as "
	"business "
	"08:30-17:15, at least ten in a week, or always"},
    {"ten of them", "", "notices: {hours: \"sun 03:00-13:00\"}\n", NULL},
    {"holidays are no days of the week", "", "notices: {hours: \"holidays 00:00-04:59\"}\n",
	"settings.yaml:1: notices.hours: found \"holidays 00:00-04:59\", expected hours such as "
	"business 08:30-17:15, at least ten in a week, or always"},
    {"a language of the environment", "", "station: {language: auto}\n",
	"settings.yaml:1: station.language: found \"auto\", expected one of: ja, en"},

    {"a list for a value", "", "notices: {cap: [20]}\n",
	"settings.yaml:1: notices.cap: found a list, expected a whole number from 5 to 1000"},
    {"no value", "", "notices:\n  cap:\n",
	"settings.yaml:2: notices.cap: found nothing, expected a whole number from 5 to 1000"},
    {"what is no key", "", "notices: {cop: 20}\n",
	"settings.yaml:1: \"cop\" is not known under notices, did you mean \"cap\"? Expected one "
	"of: settle, digest, cap, remind, hours, country, files, ca_file"},
    {"a key twice", "", "notices: {cap: 20}\nnotices: {cap: 40}\n",
	"settings.yaml:2: \"notices\" was given in line 1 already, expected it once"},
    {"an alias", "", "notices: &a {cap: 20}\ncanary: *a\n",
	"settings.yaml:1: an anchor (&) or alias (*), expected none here"},
    {"no YAML", "", "notices: {cap: 20\n",
	"settings.yaml:2: not YAML (did not find expected ',' or '}'), expected lines such as "
	"\"key: value\""},

    {"what contradicts station.yaml is told of the one that says it", "canary: {deadline: 10m}\n",
	"canary: {every: 5m}\n",
	"station.yaml:1: canary.deadline: the deadline (10m) is longer than from one canary to the "
	"next (5m), expected at most that"},
    {"or of settings.yaml", "canary: {every: 5m}\n", "canary: {deadline: 10m}\n",
	"settings.yaml:1: canary.deadline: the deadline (10m) is longer than from one canary to "
	"the "
	"next (5m), expected at most that"},
    {"what is wrong in station.yaml is wrong first", "mial: {}\n", "notices: {cop: 20}\n",
	"station.yaml:1: \"mial\" is not known, did you mean \"mail\"? Expected one of: station, "
	"sources, dark, watch, memory, workers, operator, mail, webhook, notices, answers, canary, "
	"alarms, heartbeat, metrics, web, evidence, store, geo, thresholds"},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct complaint complaint = {""};
		const int result = station_config_parse_both(rows[i].station, rows[i].settings,
		    strlen(rows[i].settings), &config, &complaint);
		const bool is_right =
		    rows[i].complaint == NULL
			? result == 0
			: result == -EINVAL && strcmp(complaint.text, rows[i].complaint) == 0;
		if (!is_right)
			printf("# said %d %s\n", result, complaint.text);
		OK(is_right, rows[i].name);
	}
}

static enum station_origin origin_of(const char *path)
{
	return (enum station_origin)config.origins[station_key_find(path)];
}

static void test_origins(void)
{
	static const char settings[] = "notices: {cap: 40}\n";
	OK(station_config_parse_both("notices: {cap: 30, settle: 2s}\n", settings,
	       sizeof settings - 1, &config, NULL) == 0 &&
		config.notices.cap == 40 && config.notices.settle_us == 2000000,
	    "what settings.yaml says wins");
	OK(origin_of("notices.cap") == STATION_ORIGIN_SETTINGS &&
		origin_of("notices.settle") == STATION_ORIGIN_FILE &&
		origin_of("notices.remind") == STATION_ORIGIN_DEFAULT,
	    "and where each value comes from is known");
}

/* Each key that may be changed takes what it had at the start, and not what would be off. */
static void test_keys(void)
{
	static const char *const off[] = {"0", "off", "", "auto\n", "1000000000d", "-1"};
	size_t count = 0;
	for (size_t i = 0; i < station_key_count; i++) {
		const struct station_key *key = &station_keys[i];
		char field[STATION_CHANGE_BYTES], before[STATION_CHANGE_BYTES];
		char expected[LANGUAGE_COUNT][CONFIG_EXPECTED_BYTES];
		const bool is_language = key->type == &value_language;
		if (key->change == NULL)
			continue;
		count++;
		memset(field, 0x5a, sizeof field);
		memcpy(before, field, sizeof before);
		bool is_good =
		    station_key_take_change(key, is_language ? "ja" : key->initial, field) == 0;
		memcpy(field, before, sizeof field);
		for (size_t j = 0; j < sizeof off / sizeof off[0]; j++)
			is_good = station_key_take_change(key, off[j], field) == -EINVAL &&
				  memcmp(field, before, sizeof field) == 0 && is_good;
		for (int language = 0; language < LANGUAGE_COUNT; language++)
			station_key_expect_change(key, (enum language)language, expected[language]);
		is_good = is_good && strlen(expected[LANGUAGE_EN]) > 3 &&
			  strcmp(expected[LANGUAGE_EN], expected[LANGUAGE_JA]) != 0;
		OK(is_good, key->path);
	}
	OK(count == 16, "that is all that may be changed");
}

/* ---- How it is changed ---- */

static char folder[] = "/tmp/hinomi-settings-XXXXXX";
static struct station_dir dir = {.fd = -1};

static void put_file(const char *name, const char *text)
{
	(void)unlinkat(dir.fd, name, 0);
	int fd = openat(dir.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	(void)close(fd);
}

/* The whole file, "" where there is none. */
static const char *get_file(const char *name)
{
	static char text[4096];
	int fd = openat(dir.fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	text[got > 0 ? got : 0] = '\0';
	if (fd >= 0)
		(void)close(fd);
	return text;
}

/* Its lines that are no comments. */
static bool holds(const char *lines)
{
	char text[4096];
	char *rest = text;
	size_t used = 0;
	char kept[4096] = "";
	(void)snprintf(text, sizeof text, "%s", get_file(STATION_SETTINGS));
	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
		if (line[0] != '#' && line[0] != '\0')
			used += (size_t)snprintf(
			    kept + used, sizeof kept - used, "%s\n", line); /* shorter than all */
	if (strcmp(kept, lines) != 0)
		printf("# holds %s", kept);
	return strcmp(kept, lines) == 0;
}

static struct complaint complaint;

static int plan(const char *key, const char *value, struct settings_plan *ret_plan)
{
	const struct settings_change change = {.key = key, .value = value, .language = LANGUAGE_EN};
	complaint.text[0] = '\0';
	return settings_plan(&dir, &change, ret_plan, &complaint);
}

/* Whether it was changed, and to what. */
static bool changes(const char *key, const char *value, const char *before, const char *after)
{
	struct settings_plan made;
	if (plan(key, value, &made) != 0) {
		printf("# %s\n", complaint.text);
		return false;
	}
	bool is_done =
	    !made.is_same && strcmp(made.before, before) == 0 && strcmp(made.after, after) == 0 &&
	    settings_stage(&dir, &made, &complaint) == 0 && settings_place(&dir, &complaint) == 0;
	if (!is_done)
		printf("# same %d, %s to %s, %s\n", made.is_same, made.before, made.after,
		    complaint.text);
	settings_plan_release(&made);
	return is_done;
}

static bool is_same(const char *key, const char *value)
{
	struct settings_plan made;
	if (plan(key, value, &made) != 0)
		return false;
	const bool same = made.is_same;
	settings_plan_release(&made);
	return same;
}

static bool refuses(const char *key, const char *value, int error, const char *words)
{
	struct settings_plan made;
	const int result = plan(key, value, &made);
	if (result == 0)
		settings_plan_release(&made);
	if (result != error || strstr(complaint.text, words) == NULL)
		printf("# %d %s\n", result, complaint.text);
	return result == error && strstr(complaint.text, words) != NULL;
}

static void test_changes(void)
{
	struct stat status;
	put_file(STATION_FILE, "notices: {cap: 30}\ncanary: {every: 15m, deadline: 2m}\n");
	OK(changes("notices.cap", "40", "30", "40") && holds("notices:\n  cap: 40\n"),
	    "the first change makes the file");
	OK(fstatat(dir.fd, STATION_SETTINGS, &status, 0) == 0 &&
		(status.st_mode & 07777) == STATION_FILE_MODE,
	    "which has the mode of station.yaml");
	OK(strncmp(get_file(STATION_SETTINGS), "# Settings that were changed by", 31) == 0 &&
		strstr(get_file(STATION_SETTINGS), "hinomi setting reset KEY") != NULL,
	    "and says what it is, and how it is undone");
	OK(changes("notices.digest", "Fri 17:00", "Mon 08:00", "Fri 17:00") &&
		changes("canary.every", "1h", "15m", "1h") &&
		holds("notices:\n  digest: \"Fri 17:00\"\n  cap: 40\ncanary:\n  every: 1h\n"),
	    "others join it, in the order of the table");
	OK(station_config_read(&dir, &config, &complaint) == 0 && config.notices.cap == 40 &&
		config.notices.digest.at.day == 4 && config.canary.every_us == INT64_C(3600000000),
	    "the station reads all of them");
	OK(is_same("notices.cap", "40") && is_same("canary.every", "60m"),
	    "what it is already changes nothing, however it is written");
	OK(is_same("notices.remind", NULL) && is_same("notices.remind", "8h"),
	    "nor does what nobody changed");
	OK(changes("notices.cap", NULL, "40", "30") &&
		holds("notices:\n  digest: \"Fri 17:00\"\ncanary:\n  every: 1h\n"),
	    "it goes back to what station.yaml says");
	OK(changes("station.language", "en", "auto", "en") &&
		changes("station.language", NULL, "en", "auto"),
	    "or to what the machine says");
	OK(changes("canary.every", NULL, "1h", "15m") &&
		changes("notices.digest", NULL, "Fri 17:00", "Mon 08:00") && holds(""),
	    "at last nothing is left but what the file is");
}

static void test_refusals(void)
{
	put_file(STATION_FILE, "notices: {cap: 30}\ncanary: {every: 15m, deadline: 2m}\n");
	put_file(STATION_SETTINGS, "notices: {cap: 40}\n");
	OK(refuses(
	       "notices.cop", "40", -ENOENT, "key notices.cop: there is none, is it notices.cap?"),
	    "what is no key");
	OK(refuses("", "40", -ENOENT, "key : there is none"), "nothing");
	OK(refuses("mail.server", "mail.example.jp:25", -EPERM, "is changed in station.yaml alone"),
	    "what is not changed so");
	OK(refuses("notices.cap", "4", -EINVAL, "value 4: expected a whole number from 5 to 1000"),
	    "a value out of range");
	OK(refuses("notices.cap", "40\nmemory: 1T", -EINVAL, "value 40\\x0amemory: 1T: expected"),
	    "a value that would be lines of its own");
	OK(refuses("notices.country", "\"", -EINVAL, "value \""), "one that would end its quotes");
	OK(refuses("canary.every", "1m", -EINVAL, "value 1m: ") &&
		strstr(complaint.text, "canary.deadline: the deadline (2m) is longer") != NULL,
	    "one that contradicts another key");
	OK(changes("canary.deadline", "1m", "2m", "1m") &&
		changes("canary.every", "1m", "15m", "1m"),
	    "one after the other they fit");
	OK(refuses("canary.deadline", NULL, -EINVAL, "value of station.yaml: ") &&
		strstr(complaint.text, "(2m) is longer") != NULL,
	    "and going back may contradict as well");
	OK(holds("notices:\n  cap: 40\ncanary:\n  every: 1m\n  deadline: 1m\n"),
	    "what was refused left no trace");

	put_file(STATION_FILE, "wacth: {}\n");
	OK(refuses("notices.cap", "50", -EPERM, "station.yaml:1: \"wacth\" is not known"),
	    "a station.yaml that is wrong is told, and is not the value's fault");
	(void)unlinkat(dir.fd, STATION_FILE, 0);
	OK(refuses("notices.cap", "50", -ENOENT, "station.yaml: No such file"), "one that is gone");
}

/* What somebody else left in the place of the file, or beside it. */
static void test_hostile(void)
{
	struct settings_plan made;
	struct stat status;
	put_file(STATION_FILE, "");
	put_file(STATION_SETTINGS, "operator: {mail: thief@example.com}\n");
	OK(refuses("notices.cap", "50", -EPERM, "settings.yaml:1: operator.mail: " ALONE),
	    "what may not be in it is told");
	OK(station_config_read(&dir, &config, &complaint) == -EINVAL &&
		strstr(complaint.text, "settings.yaml:1: operator.mail: " ALONE) != NULL,
	    "and the station does not start with it");

	put_file(STATION_SETTINGS, "");
	OK(fchmodat(dir.fd, STATION_SETTINGS, 0666, 0) == 0 &&
		station_config_read(&dir, &config, &complaint) == -EPERM &&
		strstr(complaint.text, "others may change it (mode 0666)") != NULL,
	    "nor with a file that others may change");

	(void)unlinkat(dir.fd, STATION_SETTINGS, 0);
	put_file("elsewhere", "notices: {cap: 99}\n");
	OK(symlinkat("elsewhere", dir.fd, STATION_SETTINGS) == 0 &&
		station_config_read(&dir, &config, &complaint) == -ELOOP,
	    "nor with a link");
	OK(refuses("notices.cap", "50", -ELOOP, "symbolic link"), "which is not changed either");
	(void)unlinkat(dir.fd, STATION_SETTINGS, 0);

	OK(symlinkat("elsewhere", dir.fd, STATION_SETTINGS ".new") == 0 &&
		changes("notices.cap", "50", "20", "50") &&
		strcmp(get_file("elsewhere"), "notices: {cap: 99}\n") == 0 &&
		fstatat(dir.fd, STATION_SETTINGS, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISREG(status.st_mode),
	    "a link in the place where it is written leads nowhere");

	OK(plan("notices.cap", "60", &made) == 0 && settings_stage(&dir, &made, &complaint) == 0 &&
		holds("notices:\n  cap: 50\n"),
	    "what is staged is not in force");
	settings_unstage(&dir);
	OK(settings_place(&dir, &complaint) == -ENOENT && holds("notices:\n  cap: 50\n") &&
		strstr(complaint.text, "settings.yaml: No such file") != NULL,
	    "and what is not staged cannot be");
	settings_plan_release(&made);

	OK(plan("notices.cap", "60", &made) == 0 &&
		mkdirat(dir.fd, STATION_SETTINGS ".new", 0700) == 0 &&
		settings_stage(&dir, &made, &complaint) == -EEXIST &&
		holds("notices:\n  cap: 50\n"),
	    "where it cannot be written, it stays as it was");
	(void)unlinkat(dir.fd, STATION_SETTINGS ".new", AT_REMOVEDIR);
	settings_plan_release(&made);
}

static void test_in_force(void)
{
	struct settings_plan made;
	put_file(STATION_FILE, "notices: {cap: 30}\n");
	put_file(STATION_SETTINGS, "notices: {cap: 40}\n");
	OK(station_config_read(&dir, &config, &complaint) == 0 &&
		plan("notices.cap", "40", &made) == 0 && made.is_same &&
		settings_are_in(&made, &config),
	    "what the station does is in force");
	settings_plan_release(&made);
	OK(plan("notices.cap", "50", &made) == 0 && !settings_are_in(&made, &config),
	    "another value is not");
	settings_plan_release(&made);
	put_file(STATION_FILE, "notices: {cap: 40}\n");
	OK(plan("notices.cap", NULL, &made) == 0 && !made.is_same &&
		!settings_are_in(&made, &config),
	    "nor is the same from elsewhere: it ends with what it comes from");
	settings_plan_release(&made);
	put_file(STATION_SETTINGS, "");
	OK(station_config_read(&dir, &config, &complaint) == 0 &&
		plan("station.language", NULL, &made) == 0 && settings_are_in(&made, &config),
	    "what was left to the machine is in force as it turned out");
	settings_plan_release(&made);
}

int main(void)
{
	test_rows();
	test_origins();
	test_keys();
	if (mkdtemp(folder) == NULL || station_dir_open(folder, &dir, &complaint) != 0) {
		printf("Bail out! %s\n", complaint.text);
		return 1;
	}
	test_changes();
	test_refusals();
	test_hostile();
	test_in_force();
	static const char *const files[] = {STATION_FILE, STATION_SETTINGS, "elsewhere"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		(void)unlinkat(dir.fd, files[i], 0); /* or they are not there */
	station_dir_close(&dir);
	OK(rmdir(folder) == 0, "nothing else was left");
	return test_done();
}
