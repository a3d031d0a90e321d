#include "base/weekday.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static const struct {
	const char *text;
	const char *again; /* NULL where it is refused */
} rows[] = {
    {"Mon 00:00", "Mon 00:00"},
    {"Mon 08:30", "Mon 08:30"},
    {"sun 23:59", "Sun 23:59"},
    {"WEDNESDAY 07:05", "Wed 07:05"},
    {"Thursday 12:00", "Thu 12:00"},
    {"daily 08:00", "daily 08:00"},
    {"Daily 23:59", "daily 23:59"},
    {"day 08:00", NULL},
    {"dailys 08:00", NULL},
    {"daily 24:00", NULL},
    {"daily", NULL},
    {"Mon 24:00", NULL},
    {"Mon 23:60", NULL},
    {"Mon 8:30", NULL},
    {"Mon 08:3", NULL},
    {"Mon 08:300", NULL},
    {"Mon 08.30", NULL},
    {"Mon  08:30", NULL},
    {" Mon 08:30", NULL},
    {"Mon 08:30 ", NULL},
    {"Mon", NULL},
    {"08:30", NULL},
    {" 08:30", NULL},
    {"Mo 08:30", NULL},
    {"Mond 08:30", NULL},
    {"Mondays 08:30", NULL},
    {"Foo 08:30", NULL},
    {"Mon -8:30", NULL},
    {"Mon 08:-1", NULL},
    {"Mon\t08:30", NULL},
    {"", NULL},
};

/* Of the clocks of a zone. Seconds of UTC. */
static const struct {
	const char *name;
	const char *zone;
	const char *time;
	int64_t now_s;
	int64_t last_s;
} moments[] = {
    {"at that very moment", "Asia/Tokyo", "Mon 08:00", 1769986800, 1769986800},
    {"a second before, a week earlier", "Asia/Tokyo", "Mon 08:00", 1769986799,
	1769986800 - 7 * 86400},
    {"six days later", "Asia/Tokyo", "Mon 08:00", 1769986800 + 7 * 86400 - 1, 1769986800},
    {"each day", "Asia/Tokyo", "daily 08:00", 1769986800 + 3 * 86400 + 5, 1769986800 + 3 * 86400},
    {"each day, a second before", "Asia/Tokyo", "daily 08:00", 1769986800 + 3 * 86400 - 1,
	1769986800 + 2 * 86400},
    {"a time that was left out, an hour later", "America/New_York", "Sun 02:30", 1772955000,
	1772955000},
    {"and not before", "America/New_York", "Sun 02:30", 1772955000 - 1, 1772955000 - 7 * 86400},
    {"a time that comes twice: the first", "America/New_York", "Sun 01:30", 1793511000, 1793511000},
    {"also when it comes again", "America/New_York", "Sun 01:30", 1793514600, 1793511000},
    {"after the clocks were set forward, at the same hour", "America/New_York", "Mon 08:00",
	1773057600, 1773057600},
    {"the week before that was an hour longer", "America/New_York", "Mon 08:00", 1773057599,
	1772456400},
    {"clocks set back by half an hour", "Australia/Lord_Howe", "Sun 01:45", 1775313900 + 1800,
	1775313900},
    {"a day that was left out whole", "Pacific/Apia", "daily 08:00", 1325268000, 1325268000},
    {"before it", "Pacific/Apia", "daily 08:00", 1325267999, 1325181600},
    {"before 1970", NULL, "Thu 00:00", -1, -7 * 86400},
    {"in 1970", NULL, "Thu 00:00", 0, 0},
};

static void test_moments(void)
{
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		struct zone *zone = NULL;
		struct weekday_time time;
		if (weekday_parse(moments[i].time, &time) != 0 ||
		    (moments[i].zone != NULL && zone_open(moments[i].zone, &zone, NULL) != 0))
			abort();
		const int64_t last_us =
		    weekday_last(&time, zone, moments[i].now_s * WHEN_SECOND_US + 999999);
		OK(last_us == moments[i].last_s * WHEN_SECOND_US, moments[i].name);
		if (last_us != moments[i].last_s * WHEN_SECOND_US)
			printf("# %lld\n", (long long)(last_us / WHEN_SECOND_US));
		zone_free(zone);
	}
	const struct weekday_time monday = {0, 0};
	const struct weekday_time daily = {WEEKDAY_DAILY, 0};
	OK(weekday_period_days(&monday) == 7 && weekday_period_days(&daily) == 1,
	    "a week, and a day");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct weekday_time time = {9, 7};
		char again[WEEKDAY_TEXT_BYTES] = "";
		int error = weekday_parse(rows[i].text, &time);
		if (error == 0)
			weekday_format(&time, again);
		bool good = rows[i].again != NULL
				? error == 0 && strcmp(again, rows[i].again) == 0
				: error == -EINVAL && time.day == 9 && time.minute == 7;
		if (!good)
			printf("# %d: \"%s\"\n", error, again);
		OK(good, rows[i].text[0] == '\0' ? "nothing" : rows[i].text);
	}
	struct weekday_time time;
	OK(weekday_parse("Tuesday 01:02", &time) == 0 && time.day == 1 && time.minute == 62,
	    "days count from Monday, minutes from midnight");
	test_moments();
	return test_done();
}
