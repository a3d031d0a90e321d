#include "base/zone.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "base/zone_rule.h"
#include "test.h"

#define FOLDER "/usr/share/zoneinfo/"

enum {
	TIMES_OF_ZONE = 300,
	FILE_BYTES_MAX = 8192,
};

/* Zones that the C library reads from the same files: its localtime_r() is the other opinion. */
static unsigned zones_compared;
static unsigned times_compared;
static unsigned times_different;

static void compare_at(const struct zone *zone, const char *name, int64_t time_s)
{
	struct tm tm;
	time_t t = (time_t)time_s;
	struct zone_clock clock = zone_clock_at(zone, time_s * WHEN_SECOND_US);
	if (localtime_r(&t, &tm) == NULL)
		return;
	times_compared++;
	if (tm.tm_gmtoff == clock.offset_s && strcmp(tm.tm_zone, clock.abbreviation) == 0)
		return;
	if (times_different++ < 10)
		printf("# %s at %lld: %d %s, the C library %ld %s\n", name, (long long)time_s,
		    (int)clock.offset_s, clock.abbreviation, tm.tm_gmtoff, tm.tm_zone);
}

static int compare_zone(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	static const char *const apart[] = {"right/", "posix/"};
	const char *name = path + strlen(FOLDER);
	struct zone *zone;
	struct random random;
	(void)status;
	(void)place;
	for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
		if (strncmp(name, apart[i], strlen(apart[i])) == 0)
			return 0;
	}
	if (kind != FTW_F || zone_open(name, &zone, NULL) != 0)
		return 0;
	zones_compared++;
	(void)setenv("TZ", name, 1); /* a test's environment */
	tzset();
	random_init(&random, 1);
	for (int i = 0; i < TIMES_OF_ZONE; i++) /* 1850 to 2450 */
		compare_at(zone, name,
		    (int64_t)random_below(&random, 600ULL * 31556952) - 120LL * 31556952);
	/* Around each change of the years that letters are written in. */
	int32_t before = zone_clock_at(zone, INT64_C(1700000000000000)).offset_s;
	for (int64_t t = 1700000000; t < 1900000000; t += 1800) {
		int32_t offset = zone_clock_at(zone, t * WHEN_SECOND_US).offset_s;
		if (offset == before)
			continue;
		for (int64_t close = t - 1801; close <= t + 1; close += 1)
			compare_at(zone, name, close);
		before = offset;
	}
	zone_free(zone);
	return 0;
}

static void test_as_the_c_library(void)
{
	(void)nftw(FOLDER, compare_zone, 16, FTW_PHYS);
	(void)setenv("TZ", "UTC", 1);
	tzset();
	printf("# %u zones, %u times\n", zones_compared, times_compared);
	OK(zones_compared > 300, "the zones of tzdata are read");
	OK(times_compared > 100000 && times_different == 0,
	    "each shows at any time what the C library shows there");
}

static void test_format(void)
{
	char text[WHEN_TEXT_BYTES];
	struct zone *zone = NULL;
	OK(zone_open("Asia/Tokyo", &zone, NULL) == 0, "Asia/Tokyo is read");
	zone_format(zone, INT64_C(1769903999000001), text);
	OK(strcmp(text, "2026-02-01 08:59:59.000 JST") == 0, "a time in Japan");
	zone_format(zone, INT64_MIN, text);
	OK(strncmp(text, "0001-01-01 ", 11) == 0, "the first time there is");
	zone_format(zone, INT64_MAX, text);
	OK(strcmp(text, "9999-12-31 23:59:59.999 JST") == 0, "the last");
	zone_free(zone);
	zone_format(NULL, INT64_C(1769903999123456), text);
	OK(strcmp(text, "2026-01-31 23:59:59.123 UTC") == 0, "no zone is UTC");
}

static const struct {
	const char *name;
	int error;
	const char *why;
} wrong_names[] = {
    {"", -EINVAL, "no name"},
    {"../../../etc/passwd", -EINVAL, "a way up"},
    {"/etc/passwd", -EINVAL, "a path"},
    {"Asia/", -EINVAL, "a folder's name"},
    {"Asia//Tokyo", -EINVAL, "an empty part"},
    {"zone.tab", -EINVAL, "a dot"},
    {"Asia/Tokyo\n", -EINVAL, "a line end"},
    {"Asia/Tokio", -ENOENT, "no such zone"},
    {"Asia/Tokyo/City", -ENOENT, "below a file"},
    {"Asia", -EBADMSG, "a folder"},
    {"leapseconds", -EBADMSG, "another file"},
    {"right/Asia/Tokyo", -EBADMSG, "leap seconds"},
};

static void test_names(void)
{
	char longest[ZONE_NAME_BYTES + 1];
	struct zone *zone = NULL;
	struct complaint complaint;
	for (size_t i = 0; i < sizeof wrong_names / sizeof wrong_names[0]; i++) {
		complaint.text[0] = '\0';
		int error = zone_open(wrong_names[i].name, &zone, &complaint);
		/* Newer tzdata has no right/ unless it is asked for. */
		bool is_absent = error == -ENOENT && strncmp(wrong_names[i].name, "right", 5) == 0;
		OK((error == wrong_names[i].error || is_absent) && zone == NULL &&
			strstr(complaint.text, "expected") != NULL,
		    wrong_names[i].why);
	}
	memset(longest, 'a', sizeof longest);
	longest[ZONE_NAME_BYTES - 1] = '\0';
	OK(zone_open(longest, &zone, NULL) == -ENOENT, "a name as long as allowed");
	longest[ZONE_NAME_BYTES - 1] = 'a';
	longest[ZONE_NAME_BYTES] = '\0';
	OK(zone_open(longest, &zone, NULL) == -EINVAL, "one byte longer");
}

static size_t read_file(const char *path, uint8_t *bytes)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		abort();
	size_t length = fread(bytes, 1, FILE_BYTES_MAX, file);
	(void)fclose(file);
	return length;
}

static void test_damaged(void)
{
	uint8_t bytes[FILE_BYTES_MAX];
	size_t length = read_file(FOLDER "America/New_York", bytes);
	struct zone *zone = NULL;
	bool all_refused = true;
	for (size_t cut = 0; cut < length; cut++) {
		uint8_t *exact = malloc(cut + 1);
		if (exact == NULL)
			abort();
		memcpy(exact, bytes, cut);
		all_refused = all_refused && zone_parse("cut", exact, cut, &zone, NULL) == -EBADMSG;
		free(exact);
	}
	OK(length > 1000 && all_refused, "a file that was cut at any length is refused");

	/* Any byte changed: read or refused, never a crash, and what is read can be asked. */
	struct random random;
	random_init(&random, 2);
	unsigned read = 0;
	for (int i = 0; i < 20000; i++) {
		size_t at = random_below(&random, length);
		uint8_t was = bytes[at];
		bytes[at] = (uint8_t)random_below(&random, 256);
		if (zone_parse("changed", bytes, length, &zone, NULL) == 0) {
			(void)zone_clock_at(zone, (int64_t)random_u64(&random));
			zone_free(zone);
			read++;
		}
		bytes[at] = was;
	}
	OK(read > 0, "a file with a byte changed does no harm");
}

/* A file of version 2 with this many transitions, all to the one clock "UTC". */
static int parse_made(uint32_t transitions, struct zone **ret_zone)
{
	uint8_t *bytes = NULL;
	size_t length = 0;
	char *text = NULL;
	FILE *file = open_memstream(&text, &length);
	if (file == NULL)
		abort();
	for (int block = 0; block < 2; block++) {
		uint32_t count = block == 0 ? 0 : transitions;
		uint8_t header[44] = "TZif2";
		header[34] = (uint8_t)(count >> 8);
		header[35] = (uint8_t)count;
		header[39] = 1;
		header[43] = 4;
		(void)fwrite(header, 1, sizeof header, file);
		for (uint32_t i = 0; i < count; i++) {
			const uint8_t time[8] = {
			    [5] = (uint8_t)(i >> 16), [6] = (uint8_t)(i >> 8), [7] = (uint8_t)i};
			(void)fwrite(time, 1, sizeof time, file);
		}
		for (uint32_t i = 0; i < count; i++)
			(void)fputc(0, file);
		(void)fwrite("\0\0\0\0\0\0UTC", 1, 10, file);
	}
	(void)fputs("\nUTC0\n", file);
	(void)fclose(file);
	bytes = (uint8_t *)text;
	int result = zone_parse("made", bytes, length, ret_zone, NULL);
	free(text);
	return result;
}

static void test_limits(void)
{
	struct zone *zone = NULL;
	OK(parse_made(ZONE_TRANSITIONS_MAX, &zone) == 0, "as many transitions as allowed");
	zone_free(zone);
	zone = NULL;
	OK(parse_made(ZONE_TRANSITIONS_MAX + 1, &zone) == -EBADMSG && zone == NULL, "one more");
}

static const struct {
	const char *text;
	bool is_rule;
} rules[] = {
    {"JST-9", true},
    {"<+0330>-3:30", true},
    {"EST5EDT,M3.2.0,M11.1.0", true},
    {"CET-1CEST,M3.5.0,M10.5.0/3", true},
    {"IST-2IDT,M3.4.4/26,M10.5.0", true},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true},
    {"ABC3EDT4,0/0,J365/23", true},
    {"ABCDEFGHIJKLMNO0", true},
    {"ABCDEFGHIJKLMNOP0", false}, /* a letter more than is shown */
    {"", false},
    {"JS-9", false},
    {"JST", false},
    {"JST-25", false},
    {"JST-9:60", false},
    {"JST-9 ", false},
    {"<+03-3", false},
    {"EST5EDT", false},
    {"EST5EDT,M3.2.0", false},
    {"EST5EDT,M13.2.0,M11.1.0", false},
    {"EST5EDT,M3.6.0,M11.1.0", false},
    {"EST5EDT,M3.2.7,M11.1.0", false},
    {"EST5EDT,M3.2.0/168,M11.1.0", false},
    {"EST5EDT,M3.2.0/167,M11.1.0", true},
    {"EST5EDT,366,M11.1.0", false},
    {"EST5EDT,J0,M11.1.0", false},
    {"EST5EDT,J366,M11.1.0", false},
    {"EST5EDT,M3.2.0,M11.1.0,", false},
};

static void test_rules(void)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		char name[64];
		struct zone_rule rule;
		int result = zone_rule_parse(rules[i].text, &rule);
		(void)snprintf(name, sizeof name, "rule \"%s\" is %s", rules[i].text,
		    rules[i].is_rule ? "read" : "refused");
		OK((result == 0) == rules[i].is_rule, name);
	}
	struct zone_rule rule;
	OK(zone_rule_parse("ABC3EDT4,J60/0,J61/0", &rule) == 0 &&
		/* 1 March, also in a leap year: 2024-03-01 12:00 and 2024-02-29 12:00 UTC */
		strcmp(zone_rule_at(&rule, 1709294400)->abbreviation, "EDT") == 0 &&
		strcmp(zone_rule_at(&rule, 1709208000)->abbreviation, "ABC") == 0,
	    "Jn does not count 29 February");
	OK(zone_rule_parse("ABC0EDT,59/0,60/0", &rule) == 0 &&
		strcmp(zone_rule_at(&rule, 1709208000)->abbreviation, "EDT") == 0 &&
		strcmp(zone_rule_at(&rule, 1709294400)->abbreviation, "ABC") == 0,
	    "n does");
}

int main(void)
{
	test_as_the_c_library();
	test_format();
	test_names();
	test_damaged();
	test_limits();
	test_rules();
	return test_done();
}
