/* Days off: those of Japan against the lists that its Cabinet Office published, and tables. */
#include "base/calendar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* Month and day of every holiday of a year. */
struct year {
	int year;
	int days[24];
};

/* As the Cabinet Office has them (syukujitsu.csv). */
static const struct year years[] = {
    {2022, {101, 110, 211, 223, 321, 429, 503, 504, 505, 718, 811, 919, 923, 1010, 1103, 1123}},
    {2023,
	{101, 102, 109, 211, 223, 321, 429, 503, 504, 505, 717, 811, 918, 923, 1009, 1103, 1123}},
    {2024, {101, 108, 211, 212, 223, 320, 429, 503, 504, 505, 506, 715, 811, 812, 916, 922, 923,
	       1014, 1103, 1104, 1123}},
    {2025, {101, 113, 211, 223, 224, 320, 429, 503, 504, 505, 506, 721, 811, 915, 923, 1013, 1103,
	       1123, 1124}},
    {2026, {101, 112, 211, 223, 320, 429, 503, 504, 505, 506, 720, 811, 921, 922, 923, 1012, 1103,
	       1123}},
    {2027,
	{101, 111, 211, 223, 321, 322, 429, 503, 504, 505, 719, 811, 920, 923, 1011, 1103, 1123}},
};

static bool is_listed(const struct year *year, const struct calendar_date *date)
{
	const int number = (int)(date->month * 100 + date->day);
	for (size_t i = 0; i < sizeof year->days / sizeof year->days[0]; i++)
		if (year->days[i] == number)
			return true;
	return false;
}

static int64_t day(int year, unsigned month, unsigned of_month)
{
	return calendar_day_of(&(struct calendar_date){year, month, of_month});
}

static void test_japan(void)
{
	for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
		int wrong = 0;
		const int64_t end = day(years[i].year + 1, 1, 1);
		for (int64_t at = day(years[i].year, 1, 1); at < end; at++) {
			const struct calendar_date date = calendar_date_of(at);
			if (calendar_is_japanese_holiday(at) != is_listed(&years[i], &date)) {
				printf("# %d-%02u-%02u\n", date.year, date.month, date.day);
				wrong++;
			}
		}
		OK(wrong == 0, "each holiday of a year in Japan, and no other");
	}
	OK(calendar_is_japanese_holiday(day(2032, 9, 21)),
	    "a day between two holidays is one (2032, when both autumn ones are two days apart)");
}

static void test_dates(void)
{
	int wrong = 0;
	int64_t last = day(-9999, 1, 1) - 1;
	for (int year = -9999; year <= 9999; year += year == 1899 || year > 1899 ? 1 : 7) {
		const int64_t first = day(year, 1, 1);
		const struct calendar_date date = calendar_date_of(first);
		wrong += date.year != year || date.month != 1 || date.day != 1 || first <= last;
		last = first;
	}
	OK(wrong == 0 && day(1970, 1, 1) == 0 && day(2000, 3, 1) == 11017,
	    "days and dates are each other's");
	OK(calendar_weekday(0) == 3 && calendar_weekday(-4) == 6 &&
		calendar_weekday(day(2026, 11, 28)) == 5,
	    "and have their days of the week");
}

static void test_workdays(void)
{
	const struct calendar japan = {.has_japan = true};
	const struct calendar none = {.has_japan = false};
	const struct calendar_day listed[] = {{0, 12, 24}, {2026, 12, 25}};
	const struct calendar table = {.days = listed, .count = 2};
	OK(calendar_is_workday(&none, day(2026, 11, 23)) &&
		!calendar_is_workday(&japan, day(2026, 11, 23)),
	    "a holiday of Japan is one in Japan");
	OK(!calendar_is_workday(&none, day(2026, 11, 28)) &&
		!calendar_is_workday(&none, day(2026, 11, 29)) &&
		calendar_is_workday(&none, day(2026, 11, 27)),
	    "weekends are everywhere");
	OK(calendar_is_workday(&japan, day(2026, 12, 28)) &&
		!calendar_is_workday(&japan, day(2026, 12, 29)) &&
		!calendar_is_workday(&japan, day(2027, 1, 1)) &&
		calendar_is_workday(&japan, day(2027, 1, 4)),
	    "town halls are closed from 29 December to 3 January");
	OK(!calendar_is_workday(&table, day(2027, 12, 24)) &&
		!calendar_is_workday(&table, day(2026, 12, 25)) &&
		calendar_is_workday(&table, day(2028, 12, 25)),
	    "a table has days of every year and of one");
}

static int parse(const char *text, size_t *ret_count)
{
	struct calendar_day *days = NULL;
	struct complaint complaint = {""};
	int result = calendar_parse("holidays/XX", text, &days, ret_count, &complaint);
	if (result == -EINVAL && strstr(complaint.text, "holidays/XX:2: expected a date") == NULL)
		printf("# %s\n", complaint.text);
	free(days);
	return result;
}

static void test_tables(void)
{
	size_t count = 0;
	OK(parse("# a comment\n\n  2026-04-06 Easter Monday\r\n12-25 Christmas # x\n02-29",
	       &count) == 0 &&
		count == 3,
	    "comments, blanks, names; the last line without an end");
	OK(parse("", &count) == 0 && count == 0, "none");
	static const char *const wrong[] = {"1-1 x", "2026-13-01", "2026-02-29", "02-30",
	    "0000-01-01", "2026/04/06", "-1-01", "2026-04-6", "tomorrow", "2026-04-060"};
	int refused = 0;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char text[64];
		(void)snprintf(text, sizeof text, "12-25 x\n%s\n", wrong[i]);
		refused += parse(text, &count) == -EINVAL;
	}
	OK(refused == sizeof wrong / sizeof wrong[0], "what is no date is refused with its line");
	char *many = malloc((CALENDAR_DAYS_MAX + 1) * 6 + 1);
	for (int i = 0; i <= CALENDAR_DAYS_MAX; i++)
		memcpy(many + i * 6, "12-25\n", 7);
	OK(parse(many, &count) == -E2BIG, "more days than anybody has off");
	many[CALENDAR_DAYS_MAX * 6] = '\0';
	OK(parse(many, &count) == 0 && count == CALENDAR_DAYS_MAX, "and one less");
	free(many);
}

int main(void)
{
	test_dates();
	test_japan();
	test_workdays();
	test_tables();
	return test_done();
}
