#include "base/when.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test.h"

static const struct {
	int64_t time_us;
	const char *utc;
} rows[] = {
    {0, "1970-01-01T00:00:00.000000Z"},
    {1, "1970-01-01T00:00:00.000001Z"},
    {999999, "1970-01-01T00:00:00.999999Z"},
    {-1, "1969-12-31T23:59:59.999999Z"},
    {-1000000, "1969-12-31T23:59:59.000000Z"},
    {-1000001, "1969-12-31T23:59:58.999999Z"},
    {INT64_C(1769903999000001), "2026-01-31T23:59:59.000001Z"},
    {INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z"},   /* leap: by 400 */
    {INT64_C(1709164800000000), "2024-02-29T00:00:00.000000Z"},  /* leap: by 4 */
    {INT64_C(4107542400000000), "2100-03-01T00:00:00.000000Z"},  /* by 100, no leap */
    {INT64_C(-2203891200000000), "1900-03-01T00:00:00.000000Z"}, /* nor this */
    {INT64_C(2147483647999999), "2038-01-19T03:14:07.999999Z"},  /* 2^31 s */
    {INT64_C(2147483648000000), "2038-01-19T03:14:08.000000Z"},
    {INT64_C(4294967296000000), "2106-02-07T06:28:16.000000Z"}, /* 2^32 s */
    {INT64_C(-62135596800000000), "0001-01-01T00:00:00.000000Z"},
    {INT64_C(-62135596800000001), "0001-01-01T00:00:00.000000Z"},
    {INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
    {INT64_C(253402300800000000), "9999-12-31T23:59:59.999999Z"},
    {INT64_MIN, "0001-01-01T00:00:00.000000Z"},
    {INT64_MAX, "9999-12-31T23:59:59.999999Z"},
};

static const struct {
	const char *zone;
	int64_t time_us;
	const char *local;
} locals[] = {
    {"JST-9", INT64_C(1769903999000001), "2026-02-01 08:59:59.000 JST"},
    {"JST-9", -1, "1970-01-01 08:59:59.999 JST"},
    {"UTC0", INT64_C(1769903999123456), "2026-01-31 23:59:59.123 UTC"},
    {"<-0330>3:30", 0, "1969-12-31 20:30:00.000 -0330"},
    {"CET-1CEST,M3.5.0,M10.5.0/3", INT64_C(1751328000000000), "2025-07-01 02:00:00.000 CEST"},
    {"CET-1CEST,M3.5.0,M10.5.0/3", INT64_C(1767225600000000), "2026-01-01 01:00:00.000 CET"},
    {"JST-9", INT64_MAX, "9999-12-31 23:59:59.999 JST"},
    {"JST-9", INT64_MIN, "0001-01-01 09:00:00.000 JST"},
    {"EST5", INT64_MIN, "0001-01-01 00:00:00.000 EST"},
    {"EST5", INT64_MAX, "9999-12-31 18:59:59.999 EST"},
    {"AVERYLONGNAMEOFAZONETHATNOBODYHAS0", 0, "1970-01-01 00:00:00.000 AVERYLONGNAMEOF"},
};

static const struct {
	const char *text;
	int64_t time_us;
} written[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:00.000001Z", 1},
    {"1969-12-31T23:59:59.999999Z", -1},
    {"1970-01-01T09:00:00+09:00", 0},
    {"1969-12-31T20:30:00-03:30", 0},
    {"2000-02-29T00:00:00.5Z", INT64_C(951782400500000)},
    {"2026-01-31T23:59:59.000001Z", INT64_C(1769903999000001)},
    /* in a zone of nine hours east */
    {"1970-01-01", INT64_C(-32400000000)},
    {"1970-01-01 09:00", 0},
    {"1970-01-01T09:00:01", 1000000},
};

static const char *const unwritten[] = {"", "1", "now", "2026-1-31", "2026-13-01", "2026-00-01",
    "2026-02-30", "2025-02-29", "2026-01-32", "0000-01-01", "2026-01-31T24:00:00Z",
    "2026-01-31T23:60:00Z", "2026-01-31T23:59:60Z", "2026-01-31T", "2026-01-31T23",
    "2026-01-31T23:59:5Z", "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59.0000001Z",
    "2026-01-31T23:59:59z", "2026-01-31T23:59:59+9", "2026-01-31T23:59:59+24:00", "2026-01-31Z ",
    " 2026-01-31", "2026-01-31x", "+026-01-31", "2026-01-31T23:59:59Z\n"};

static void test_parse(void)
{
	(void)setenv("TZ", "JST-9", 1); /* a test's environment */
	tzset();
	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		int64_t us = 42;
		OK(when_parse(written[i].text, &us) == 0 && us == written[i].time_us,
		    written[i].text);
	}
	for (size_t i = 0; i < sizeof unwritten / sizeof unwritten[0]; i++) {
		int64_t us = 42;
		OK(when_parse(unwritten[i], &us) != 0 && us == 42, "no time");
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[WHEN_TEXT_BYTES];
		int64_t us;
		when_format_utc(rows[i].time_us, text);
		bool is_read = when_parse(text, &us) == 0;
		when_format_utc(us, text);
		OK(is_read && strcmp(text, rows[i].utc) == 0, "what was written is read again");
	}
}

static void test_local(void)
{
	for (size_t i = 0; i < sizeof locals / sizeof locals[0]; i++) {
		char text[WHEN_TEXT_BYTES];
		(void)setenv("TZ", locals[i].zone, 1); /* a test's environment */
		tzset();
		when_format_local(locals[i].time_us, text);
		OK(strcmp(text, locals[i].local) == 0, locals[i].local);
		if (strcmp(text, locals[i].local) != 0)
			printf("# %s\n", text);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[WHEN_TEXT_BYTES];
		when_format_utc(rows[i].time_us, text);
		OK(strcmp(text, rows[i].utc) == 0, rows[i].utc);
	}
	test_local();
	test_parse();
	return test_done();
}
