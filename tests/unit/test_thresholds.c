#include "detect/thresholds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "test.h"

#define SCAN_DARK_KEYS                                                                             \
	"targets, window_s, marked_packets, stranger_targets, stranger_rate, scan_rate"
#define RULES                                                                                      \
	"scan.dark, scan.sweep, scan.live, ddos.victim, ddos.incoming, ddos.reflector, "           \
	"config.stray, spoof.member"

static const struct {
	const char *name;
	const char *text;
	const char *complaint; /* NULL when it is taken */
} rows[] = {
    {"an empty file", "", NULL},
    {"a section without rules", "thresholds:\n", NULL},
    {"a rule without thresholds", "thresholds:\n  scan.dark:\n", NULL},
    {"one threshold", "thresholds:\n  scan.dark:\n    targets: 5\n", NULL},
    {"the smallest", "thresholds:\n  scan.dark:\n    targets: 1\n", NULL},
    {"the largest", "thresholds:\n  scan.dark:\n    targets: 1000000\n", NULL},
    {"several rules on one line", "thresholds: {scan.dark: {targets: 5}, scan.live: {ports: 9}}",
	NULL},
    {"none of those who go on", "thresholds: {ddos.incoming: {exchange_percent: 0}}", NULL},

    {"one below the smallest", "thresholds:\n  scan.dark:\n    targets: 0\n",
	"f:3: scan.dark: targets: 0 is out of range, expected 1 to 1000000 (addresses)"},
    {"one past the largest", "thresholds:\n  scan.dark:\n    targets: 1000001\n",
	"f:3: scan.dark: targets: 1000001 is out of range, expected 1 to 1000000 (addresses)"},
    {"past 32 bits, by which it would be 5", "thresholds:\n  scan.dark:\n    targets: 4294967301\n",
	"f:3: scan.dark: targets: 4294967301 is out of range, expected 1 to 1000000 (addresses)"},
    {"past 64 bits", "thresholds:\n  scan.dark:\n    window_s: 99999999999999999999\n",
	"f:3: scan.dark: window_s: 99999999999999999999 is out of range, expected 60 to 604800 "
	"(s)"},
    {"a share above all", "thresholds: {spoof.member: {share_percent: 101}}",
	"f:1: spoof.member: share_percent: 101 is out of range, expected 1 to 100 (%)"},
    {"text for a number", "thresholds:\n  scan.dark:\n    targets: many\n",
	"f:3: scan.dark: targets: found \"many\", expected a whole number from 1 to 1000000 "
	"(addresses)"},
    {"a number with its unit", "thresholds:\n  scan.dark:\n    window_s: 1d\n",
	"f:3: scan.dark: window_s: found \"1d\", expected a whole number from 60 to 604800 (s)"},
    {"a negative number", "thresholds:\n  scan.dark:\n    targets: -3\n",
	"f:3: scan.dark: targets: found \"-3\", expected a whole number from 1 to 1000000 "
	"(addresses)"},
    {"a number in quotes", "thresholds:\n  scan.dark:\n    targets: \"3\"\n",
	"f:3: scan.dark: targets: found \"3\" in quotes, expected a whole number from 1 to 1000000 "
	"(addresses)"},
    {"a list for a number", "thresholds:\n  scan.dark:\n    targets: [3]\n",
	"f:3: scan.dark: targets: found a list, expected a whole number from 1 to 1000000 "
	"(addresses)"},
    {"nothing for a number", "thresholds:\n  scan.dark:\n    targets:\n",
	"f:3: scan.dark: targets: found nothing, expected a whole number from 1 to 1000000 "
	"(addresses)"},
    {"a bell", "thresholds:\n  scan.dark:\n    targets: \"\\a\"\n",
	"f:3: scan.dark: targets: found \"\\x07\" in quotes, expected a whole number from 1 to "
	"1000000 (addresses)"},
    {"an unknown threshold", "thresholds:\n  scan.dark:\n    target: 3\n",
	"f:3: threshold \"target\" is not known, did you mean \"targets\"? Expected one "
	"of: " SCAN_DARK_KEYS},
    {"another rule's threshold", "thresholds:\n  scan.dark:\n    ports: 3\n",
	"f:3: threshold \"ports\" is not known, did you mean \"targets\"? Expected one "
	"of: " SCAN_DARK_KEYS},
    {"an unknown rule", "thresholds:\n\n  scan.dork:\n    targets: 3\n",
	"f:3: rule \"scan.dork\" is not known, did you mean \"scan.dark\"? Expected one "
	"of: " RULES},
    {"an unknown section", "# later\nmembers:\n  a: 10.0.0.0/8\n",
	"f:2: section \"members\" is not known, expected \"thresholds\""},
    {"a threshold without its rule", "thresholds:\n  targets: 3\n",
	"f:2: rule \"targets\" is not known, did you mean \"scan.dark\"? Expected one of: " RULES},
    {"a merge key", "thresholds:\n  <<: {}\n",
	"f:2: rule \"<<\" is not known, did you mean \"scan.dark\"? Expected one of: " RULES},
    {"a section of text", "thresholds: strict\n",
	"f:1: thresholds: found text, expected rules such as \"scan.dark:\" under it"},
    {"a list of rules", "thresholds:\n- scan.dark\n",
	"f:1: thresholds: found a list, expected rules such as \"scan.dark:\" under it"},
    {"a rule switched by a word", "thresholds:\n  scan.dark: off\n",
	"f:2: scan.dark: found text, expected lines such as \"targets: 3\" under it"},
    {"a threshold twice", "thresholds:\n  scan.dark:\n    targets: 3\n    targets: 4\n",
	"f:4: \"targets\" was given in line 3 already, expected it once"},
    {"a rule twice", "thresholds:\n  scan.dark:\n    targets: 3\n  scan.dark:\n    window_s: 60\n",
	"f:4: \"scan.dark\" was given in line 2 already, expected it once"},
    {"too deep", "thresholds: {scan.dark: {targets: {a: {b: {c: {d: {e: {f: 1}}}}}}}}",
	"f:1: nested deeper than 8 levels, expected fewer"},
    {"a watch that never begins", "thresholds:\n  scan.live:\n    watch_failures: 11\n",
	"f:3: scan.live: watch_failures (11) is above failures (10), expected at most that"},
    {"the same by the other threshold", "thresholds:\n  scan.live:\n    failures: 6\n",
	"f:3: scan.live: watch_failures (7) is above failures (6), expected at most that"},
    {"a slow window shorter than the fast", "thresholds: {scan.sweep: {slow_window_s: 299}}",
	"f:1: scan.sweep: window_s (300) is above slow_window_s (299), expected at most that"},
};

static bool is_untouched(const struct thresholds *thresholds)
{
	struct thresholds marked;
	memset(&marked, 0x5a, sizeof marked);
	return memcmp(thresholds, &marked, sizeof marked) == 0;
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct complaint complaint = {""};
		struct thresholds thresholds;
		memset(&thresholds, 0x5a, sizeof thresholds);
		int error = thresholds_parse(
		    "f", rows[i].text, strlen(rows[i].text), &thresholds, &complaint);
		bool right = rows[i].complaint == NULL
				 ? error == 0 && complaint.text[0] == '\0'
				 : error == -EINVAL && is_untouched(&thresholds) &&
				       strcmp(complaint.text, rows[i].complaint) == 0;
		OK(right, rows[i].name);
		if (!right)
			printf("# %d: %s\n", error, complaint.text);
	}
}

static void test_overlay(void)
{
	static const char text[] = "thresholds:\n"
				   "  scan.dark: {targets: 5, scan_rate: 50}\n"
				   "  spoof.member:\n"
				   "    share_percent: 90\n";
	struct thresholds expected;
	struct thresholds found;
	thresholds_init(&expected);
	expected.scan_dark.targets = 5;
	expected.scan_dark.scan_rate = 50;
	expected.spoof_member.share_percent = 90;
	OK(thresholds_parse("f", text, strlen(text), &found, NULL) == 0 &&
		memcmp(&expected, &found, sizeof found) == 0,
	    "what is named is set, all else keeps its default");
}

/* The contract's comments, written once more. */
static void test_defaults(void)
{
	static const struct thresholds contract = {
	    .scan_dark = {3, 86400, 2, 10, 10, 100},
	    .scan_sweep = {10, 300, 50, 86400},
	    .scan_live = {7, 10, 30, 10, 15, 15, 5, 25},
	    .ddos_victim = {25, 60, 30, 100, 50, 300},
	    .ddos_incoming = {500, 60, 20},
	    .ddos_reflector = {10, 3, 600},
	    .config_stray = {2, 6, 3600},
	    .spoof_member = {20, 3, 600, 80},
	};
	struct thresholds defaults;
	thresholds_init(&defaults);
	OK(memcmp(&defaults, &contract, sizeof defaults) == 0, "the defaults of the contract");
}

static bool explains(const char *text, const char *start, const char *end)
{
	const char *line = strstr(text, start);
	const char *stop = line == NULL ? NULL : strchr(line, '\n');
	const char *found = line == NULL ? NULL : strstr(line, end);
	return found != NULL && found < stop;
}

static void test_explain(void)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);
	if (out == NULL)
		return;
	thresholds_explain(out);
	(void)fclose(out); /* to memory */

	size_t lines = 0;
	for (size_t i = 0; i < bytes; i++)
		lines += text[i] == '\n';
	OK(lines == 1 + sizeof(struct thresholds) / sizeof(uint32_t), "a line for each threshold");
	OK(explains(text, "scan.dark: window_s ", " 86400         60     604800  s "),
	    "default, smallest, largest and unit");
	OK(explains(text, "ddos.incoming: exchange_percent ", "a crowd, not a flood"),
	    "and the reason");
	free(text);
}

static void test_read(void)
{
	char path[] = "/tmp/hinomi-test-thresholds-XXXXXX";
	struct thresholds thresholds;
	struct complaint complaint = {""};
	static const char text[] = "thresholds:\n  scan.dark:\n    targets: 4\n";
	int fd = mkstemp(path);
	OK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
		thresholds_read(path, &thresholds, NULL) == 0 && thresholds.scan_dark.targets == 4,
	    "from a file");
	(void)close(fd); /* a test's file */
	(void)unlink(path);
	OK(thresholds_read(path, &thresholds, &complaint) == -ENOENT &&
		strstr(complaint.text, "No such file or directory, expected") != NULL,
	    "a missing file");
	OK(thresholds_read("/dev/zero", &thresholds, &complaint) == -EFBIG, "a huge one");
}

int main(void)
{
	test_rows();
	test_overlay();
	test_defaults();
	test_explain();
	test_read();
	return test_done();
}
