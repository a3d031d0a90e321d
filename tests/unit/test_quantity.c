#include "base/quantity.h"

#include <errno.h>
#include <string.h>

#include "test.h"

static const struct {
	const char *text;
	int error;
	int64_t us;
	const char *again; /* as it is written; NULL: as it was given */
} durations[] = {
    {"0", 0, 0, NULL},
    {"0s", 0, 0, "0"},
    {"1ms", 0, 1000, NULL},
    {"1500ms", 0, 1500000, NULL},
    {"1000ms", 0, WHEN_SECOND_US, "1s"},
    {"10s", 0, 10 * WHEN_SECOND_US, NULL},
    {"90s", 0, 90 * WHEN_SECOND_US, NULL},
    {"15m", 0, 15 * WHEN_MINUTE_US, NULL},
    {"60m", 0, WHEN_HOUR_US, "1h"},
    {"25h", 0, 25 * WHEN_HOUR_US, NULL},
    {"24h", 0, WHEN_DAY_US, "1d"},
    {"7d", 0, 7 * WHEN_DAY_US, "1w"},
    {"10d", 0, 10 * WHEN_DAY_US, NULL},
    {"2w", 0, 14 * WHEN_DAY_US, NULL},
    {"5y", 0, 5 * 365 * WHEN_DAY_US, NULL},
    {"007d", 0, 7 * WHEN_DAY_US, "1w"},
    {"100y", 0, DURATION_MAX_US, NULL},
    {"101y", -ERANGE, 0, NULL},
    {"36501d", -ERANGE, 0, NULL},
    {"18446744073709551616s", -ERANGE, 0, NULL},
    {"99999999999999999999999999y", -ERANGE, 0, NULL},
    {"", -EINVAL, 0, NULL},
    {"1", -EINVAL, 0, NULL},
    {"00", -EINVAL, 0, NULL},
    {"s", -EINVAL, 0, NULL},
    {"-1s", -EINVAL, 0, NULL},
    {"+1s", -EINVAL, 0, NULL},
    {" 1s", -EINVAL, 0, NULL},
    {"1 s", -EINVAL, 0, NULL},
    {"1s ", -EINVAL, 0, NULL},
    {"1.5h", -EINVAL, 0, NULL},
    {"1h30m", -EINVAL, 0, NULL},
    {"1S", -EINVAL, 0, NULL},
    {"1M", -EINVAL, 0, NULL},
    {"1min", -EINVAL, 0, NULL},
    {"0x1s", -EINVAL, 0, NULL},
};

static void test_durations(void)
{
	for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
		int64_t us = 0;
		char again[QUANTITY_TEXT_BYTES] = "";
		int error = duration_parse(durations[i].text, &us);
		bool good = error == durations[i].error && us == durations[i].us;
		if (good && error == 0) {
			duration_format(us, again);
			good = strcmp(again, durations[i].again != NULL ? durations[i].again
									: durations[i].text) == 0;
		}
		if (!good)
			printf("# \"%s\": %d, %lld us, \"%s\"\n", durations[i].text, error,
			    (long long)us, again);
		OK(good, durations[i].text[0] == '\0' ? "no duration" : durations[i].text);
	}
	char text[QUANTITY_TEXT_BYTES];
	duration_format(INT64_MAX, text);
	OK(strcmp(text, "9223372036854775ms") == 0, "the longest that 64 bits hold");
	duration_format(999, text);
	OK(strcmp(text, "0") == 0, "less than can be written");
}

static const struct {
	const char *text;
	int error;
	uint64_t bytes;
	const char *again;
} sizes[] = {
    {"0", 0, 0, NULL},
    {"1023", 0, 1023, NULL},
    {"1024", 0, 1024, "1K"},
    {"64K", 0, 65536, NULL},
    {"256M", 0, UINT64_C(256) << 20, NULL},
    {"2G", 0, UINT64_C(2) << 30, NULL},
    {"1536M", 0, UINT64_C(1536) << 20, NULL},
    {"1048576T", 0, SIZE_BYTES_MAX, NULL},
    {"1152921504606846976", 0, SIZE_BYTES_MAX, "1048576T"},
    {"1152921504606846977", -ERANGE, 0, NULL},
    {"1048577T", -ERANGE, 0, NULL},
    {"18446744073709551616", -ERANGE, 0, NULL},
    {"18014398509481985K", -ERANGE, 0, NULL},
    {"", -EINVAL, 0, NULL},
    {"M", -EINVAL, 0, NULL},
    {"256m", -EINVAL, 0, NULL},
    {"256MB", -EINVAL, 0, NULL},
    {"256 M", -EINVAL, 0, NULL},
    {"-1M", -EINVAL, 0, NULL},
    {"1.5G", -EINVAL, 0, NULL},
    {"1P", -EINVAL, 0, NULL},
};

static void test_sizes(void)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint64_t bytes = 0;
		char again[QUANTITY_TEXT_BYTES] = "";
		int error = size_parse(sizes[i].text, &bytes);
		bool good = error == sizes[i].error && bytes == sizes[i].bytes;
		if (good && error == 0) {
			size_format(bytes, again);
			good = strcmp(again,
				   sizes[i].again != NULL ? sizes[i].again : sizes[i].text) == 0;
		}
		if (!good)
			printf("# \"%s\": %d, %llu bytes, \"%s\"\n", sizes[i].text, error,
			    (unsigned long long)bytes, again);
		OK(good, sizes[i].text[0] == '\0' ? "no size" : sizes[i].text);
	}
	char text[QUANTITY_TEXT_BYTES];
	size_format(UINT64_MAX, text);
	OK(strcmp(text, "18446744073709551615") == 0, "the largest that 64 bits hold");
}

static void test_percents(void)
{
	unsigned percent = 7;
	OK(percent_parse("0%", &percent) == 0 && percent == 0, "0 %");
	OK(percent_parse("5%", &percent) == 0 && percent == 5, "5 %");
	OK(percent_parse("100%", &percent) == 0 && percent == 100, "100 %");
	OK(percent_parse("101%", &percent) == -ERANGE && percent == 100, "101 %");
	OK(percent_parse("5", &percent) == -EINVAL && percent_parse("5 %", &percent) == -EINVAL &&
		percent_parse("%", &percent) == -EINVAL && percent_parse("", &percent) == -EINVAL &&
		percent_parse("5%%", &percent) == -EINVAL,
	    "what is no share");
}

int main(void)
{
	test_durations();
	test_sizes();
	test_percents();
	return test_done();
}
