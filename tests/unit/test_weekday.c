#include "base/weekday.h"

#include <errno.h>
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

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct weekday_time time = {7, 7};
		char again[WEEKDAY_TEXT_BYTES] = "";
		int error = weekday_parse(rows[i].text, &time);
		if (error == 0)
			weekday_format(&time, again);
		bool good = rows[i].again != NULL
				? error == 0 && strcmp(again, rows[i].again) == 0
				: error == -EINVAL && time.day == 7 && time.minute == 7;
		if (!good)
			printf("# %d: \"%s\"\n", error, again);
		OK(good, rows[i].text[0] == '\0' ? "nothing" : rows[i].text);
	}
	struct weekday_time time;
	OK(weekday_parse("Tuesday 01:02", &time) == 0 && time.day == 1 && time.minute == 62,
	    "days count from Monday, minutes from midnight");
	return test_done();
}
