/* What hinomi check says of clocks; the rest of it is tried by tests/station-config. */
#include "cmd/station/checks.h"

#include "base/when.h"
#include "test.h"

/* 2026-04-01T00:00:00Z, when this version was written. */
#define WRITTEN_US (INT64_C(1775001600) * WHEN_SECOND_US)

static const struct {
	const char *name;
	int64_t now_us;
	int64_t changed_us;
	bool is_behind;
	int64_t passed_us; /* what is told to have passed */
} rows[] = {
    {"an hour after the last change", WRITTEN_US + WHEN_DAY_US, WRITTEN_US + 23 * WHEN_HOUR_US,
	false, WRITTEN_US + 23 * WHEN_HOUR_US},
    {"the moment of the last change", WRITTEN_US + WHEN_DAY_US, WRITTEN_US + WHEN_DAY_US, false,
	WRITTEN_US + WHEN_DAY_US},
    {"a minute before it, as by another clock", WRITTEN_US + WHEN_DAY_US,
	WRITTEN_US + WHEN_DAY_US + WHEN_MINUTE_US, false,
	WRITTEN_US + WHEN_DAY_US + WHEN_MINUTE_US},
    {"a microsecond more", WRITTEN_US + WHEN_DAY_US, WRITTEN_US + WHEN_DAY_US + WHEN_MINUTE_US + 1,
	true, WRITTEN_US + WHEN_DAY_US + WHEN_MINUTE_US + 1},
    {"no file at all", WRITTEN_US, 0, false, WRITTEN_US},
    {"before this was written", WRITTEN_US - 1, 0, true, WRITTEN_US},
    {"1970", 0, 0, true, WRITTEN_US},
    {"before 1970", -WHEN_DAY_US, -WHEN_DAY_US, true, WRITTEN_US},
    {"2038", INT64_C(2147483648) * WHEN_SECOND_US, WRITTEN_US + WHEN_DAY_US, false,
	WRITTEN_US + WHEN_DAY_US},
};

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t passed_us = -1;
		bool is_behind =
		    check_clock_is_behind(rows[i].now_us, rows[i].changed_us, &passed_us);
		OK(is_behind == rows[i].is_behind && passed_us == rows[i].passed_us, rows[i].name);
	}
	return test_done();
}
