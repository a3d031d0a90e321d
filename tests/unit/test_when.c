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
	return test_done();
}
