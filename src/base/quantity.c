#include "base/quantity.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t size;
};

/* The smallest first; of those that fit, the last is written. */
static const struct unit durations[] = {
    {"ms", WHEN_SECOND_US / 1000},
    {"s", WHEN_SECOND_US},
    {"m", WHEN_MINUTE_US},
    {"h", WHEN_HOUR_US},
    {"d", WHEN_DAY_US},
    {"w", 7 * WHEN_DAY_US},
    {"y", 365 * WHEN_DAY_US},
    {NULL, 0},
};

static const struct unit sizes[] = {
    {"", 1},
    {"K", UINT64_C(1) << 10},
    {"M", UINT64_C(1) << 20},
    {"G", UINT64_C(1) << 30},
    {"T", UINT64_C(1) << 40},
    {NULL, 0},
};

static const struct unit shares[] = {
    {"%", 1},
    {NULL, 0},
};

static int parse(const char *text, const struct unit *units, uint64_t max, uint64_t *ret_value)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0)
		return -EINVAL;
	for (; units->name != NULL; units++) {
		if (strcmp(text + digits, units->name) != 0)
			continue;
		errno = 0;
		uintmax_t number = strtoumax(text, NULL, 10);
		if (errno != 0 || number > max / units->size)
			return -ERANGE;
		*ret_value = (uint64_t)number * units->size;
		return 0;
	}
	return -EINVAL;
}

static void format(uint64_t value, const struct unit *units, char out[static QUANTITY_TEXT_BYTES])
{
	const struct unit *unit = units;
	for (; units->name != NULL; units++)
		if (value != 0 && value % units->size == 0)
			unit = units;
	int bytes =
	    snprintf(out, QUANTITY_TEXT_BYTES, "%" PRIu64 "%s", value / unit->size, unit->name);
	assert(bytes > 0 && bytes < QUANTITY_TEXT_BYTES);
	(void)bytes;
}

int duration_parse(const char *text, int64_t *ret_us)
{
	uint64_t us = 0;
	int error =
	    strcmp(text, "0") == 0 ? 0 : parse(text, durations, (uint64_t)DURATION_MAX_US, &us);
	if (error == 0)
		*ret_us = (int64_t)us;
	return error;
}

void duration_format(int64_t us, char out[static QUANTITY_TEXT_BYTES])
{
	assert(us >= 0);
	int64_t ms_us = WHEN_SECOND_US / 1000;
	if (us < ms_us)
		memcpy(out, "0", sizeof "0");
	else
		format((uint64_t)(us - us % ms_us), durations, out);
}

int size_parse(const char *text, uint64_t *ret_bytes)
{
	return parse(text, sizes, SIZE_BYTES_MAX, ret_bytes);
}

void size_format(uint64_t bytes, char out[static QUANTITY_TEXT_BYTES])
{
	format(bytes, sizes, out);
}

int percent_parse(const char *text, unsigned *ret_percent)
{
	uint64_t percent = 0;
	int error = parse(text, shares, PERCENT_MAX, &percent);
	if (error == 0)
		*ret_percent = (unsigned)percent;
	return error;
}
