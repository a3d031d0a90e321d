/* Office hours: their text, whether it is now, when they begin, how much of a time they are. */
#include "base/hours.h"

#include <errno.h>
#include <string.h>

#include "base/when.h"
#include "test.h"

static struct hours_place tokyo;

/* In Japan, unless a zone is written. */
static int64_t at(const char *text)
{
	char whole[64];
	int64_t time_us = 0;
	(void)snprintf(whole, sizeof whole, "%s:00+09:00", text);
	if (when_parse(whole, &time_us) != 0)
		printf("# %s\n", text);
	return time_us;
}

static struct hours hours_of(const char *text)
{
	struct hours hours;
	struct complaint complaint;
	if (hours_parse(text, &hours, &complaint) != 0)
		printf("# %s: %s\n", text, complaint.text);
	return hours;
}

static bool contains(const char *text, const char *time)
{
	const struct hours hours = hours_of(text);
	return hours_contain(&hours, &tokyo, at(time));
}

static bool next_is(const char *text, const char *from, const char *expected)
{
	const struct hours hours = hours_of(text);
	return hours_next(&hours, &tokyo, at(from)) == at(expected);
}

static int64_t minutes(const char *text, const char *from, const char *to)
{
	const struct hours hours = hours_of(text);
	return hours_between(&hours, &tokyo, at(from), at(to)) / WHEN_MINUTE_US;
}

static void test_text(void)
{
	static const char *const wrong[] = {"business", "08:30-17:15", "monday 08:00-09:00",
	    "mon 8:30-17:15", "mon 08:30-25:00", "mon 08:60-09:00", "mon 24:00-08:00",
	    "mon 08:30-17:15,", ",", "mon-xyz 08:30-17:15", "mon 08:30-17:15 x",
	    "always, mon 00:00-24:00"};
	struct hours hours;
	struct complaint complaint;
	int refused = 0;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		refused += hours_parse(wrong[i], &hours, &complaint) == -EINVAL &&
			   strstr(complaint.text, "expected") != NULL;
	OK(refused == sizeof wrong / sizeof wrong[0], "what is none is refused");
	OK(hours_parse("", &hours, NULL) == 0 && hours.count == 0 &&
		hours_parse("Always", &hours, NULL) == 0 && hours.count == 0,
	    "always");
	static const char span[] = "mon 08:00-09:00,";
	char many[HOURS_TEXT_BYTES * 2];
	for (size_t i = 0; i <= HOURS_SPANS_MAX; i++)
		memcpy(many + i * (sizeof span - 1), span, sizeof span - 1);
	many[(HOURS_SPANS_MAX + 1) * (sizeof span - 1) - 1] = '\0';
	OK(hours_parse(many, &hours, &complaint) == -EINVAL, "no more than eight spans");
	many[HOURS_SPANS_MAX * (sizeof span - 1) - 1] = '\0';
	OK(hours_parse(many, &hours, &complaint) == 0 && hours.count == HOURS_SPANS_MAX,
	    "and eight");
	memset(many, 'a', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	OK(hours_parse(many, &hours, &complaint) == -EINVAL, "nor endless words");
	hours = hours_of("fri-mon 09:00-12:00");
	OK(hours.spans[0].weekdays == 0x71, "days over the weekend");
}

static void test_within(void)
{
	OK(contains("business 08:30-17:15", "2026-11-27T08:30") &&
		contains("business 08:30-17:15", "2026-11-27T17:14") &&
		!contains("business 08:30-17:15", "2026-11-27T17:15") &&
		!contains("business 08:30-17:15", "2026-11-27T08:29"),
	    "from the first minute to before the last");
	OK(!contains("business 08:30-17:15", "2026-11-23T10:00") &&
		contains("mon-fri 08:30-17:15", "2026-11-23T10:00") &&
		contains("holidays 00:00-24:00", "2026-11-23T23:59"),
	    "a holiday is no business day");
	OK(contains("business 17:15-08:30", "2026-11-28T03:00") &&
		!contains("business 17:15-08:30", "2026-11-29T03:00") &&
		!contains("business 17:15-08:30", "2026-11-28T08:30"),
	    "a night belongs to the day on which it begins");
	OK(contains("always", "2026-11-28T03:00"), "always");
}

static void test_next(void)
{
	OK(next_is("business 08:30-17:15", "2026-11-27T20:00", "2026-11-30T08:30"),
	    "after Friday comes Monday");
	OK(next_is("business 08:30-17:15", "2026-12-28T18:00", "2027-01-04T08:30"),
	    "and after the end of the year the fourth of January");
	OK(next_is("business 08:30-17:15", "2026-11-27T10:00", "2026-11-27T10:00"), "now is now");
	OK(next_is("mon 13:00-14:00, mon 09:00-10:00", "2026-11-28T00:00", "2026-11-30T09:00"),
	    "the earliest of a day");
	OK(next_is("mon 09:00-10:00", "2026-11-30T10:00", "2026-12-07T09:00"), "a week later");
}

static void test_between(void)
{
	OK(minutes("business 08:30-17:15", "2026-11-27T00:00", "2026-12-01T00:00") == 2 * 525,
	    "two business days around a weekend");
	OK(minutes("business 08:30-17:15", "2026-11-27T17:00", "2026-11-30T08:45") == 30,
	    "the end of one and the beginning of the next");
	OK(minutes("mon 08:00-12:00, mon 10:00-14:00", "2026-11-30T00:00", "2026-12-01T00:00") ==
		360,
	    "what two spans name counts once");
	OK(minutes("daily 20:00-06:00", "2026-11-27T03:00", "2026-11-27T21:00") == 180 + 60,
	    "nights");
	OK(minutes("always", "2026-11-27T00:00", "2026-11-27T00:10") == 10 &&
		minutes("always", "2026-11-27T00:10", "2026-11-27T00:00") == 0,
	    "always, and never backwards");
	const struct hours hours = hours_of("daily 00:00-12:00");
	OK(hours_between(&hours, &tokyo, 0, at("2026-11-27T00:00")) <=
		HOURS_LOOK_DAYS * WHEN_DAY_US / 2 + WHEN_DAY_US,
	    "of decades only the last year counts");
}

int main(void)
{
	struct zone *zone = NULL;
	if (zone_open("Asia/Tokyo", &zone, NULL) != 0)
		return 1;
	tokyo = (struct hours_place){.zone = zone, .calendar = {.has_japan = true}};
	test_text();
	test_within();
	test_next();
	test_between();
	zone_free(zone);
	return test_done();
}
