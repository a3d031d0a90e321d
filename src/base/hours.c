#include "base/hours.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	DAY_MINUTES = 24 * 60,
	DAY_S = DAY_MINUTES * 60,
	WEEKDAYS = 7,
	ALL_WEEKDAYS = (1 << WEEKDAYS) - 1,
	WORD_BYTES = 16,
};

static const char expected[] =
    "expected always, or days and times such as \"business 08:30-17:15\", "
    "\"mon-fri 09:00-17:00, sat 09:00-12:00\" or \"holidays 00:00-24:00\"";

/* ---- Text ---- */

static int find_weekday(const char *text, size_t length)
{
	static const char *const names[WEEKDAYS] = {
	    "mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	for (int i = 0; i < WEEKDAYS; i++)
		if (length == strlen(names[i]) && strncasecmp(text, names[i], length) == 0)
			return i;
	return -1;
}

/* "mon-fri": also over the end of the week. */
static bool parse_weekdays(const char *word, struct hours_span *span)
{
	const size_t length = strcspn(word, "-");
	const int first = find_weekday(word, length);
	const int last = word[length] == '-'
			     ? find_weekday(word + length + 1, strlen(word + length + 1))
			     : first;
	if (first < 0 || last < 0)
		return false;
	for (int day = first; day != (last + 1) % WEEKDAYS || span->weekdays == 0;
	     day = (day + 1) % WEEKDAYS)
		span->weekdays |= (uint8_t)(1U << day);
	return true;
}

static bool parse_days(const char *word, struct hours_span *span)
{
	span->weekdays = ALL_WEEKDAYS;
	if (strcasecmp(word, "daily") == 0)
		return true;
	span->days = HOURS_BUSINESS;
	if (strcasecmp(word, "business") == 0)
		return true;
	span->days = HOURS_HOLIDAYS;
	if (strcasecmp(word, "holidays") == 0)
		return true;
	span->days = HOURS_ANY_DAY;
	span->weekdays = 0;
	return parse_weekdays(word, span);
}

/* "HH:MM", up to 24:00; -1 for what is none. */
static int parse_clock(const char *text)
{
	if (strspn(text, "0123456789") != 2 || text[2] != ':' ||
	    strspn(text + 3, "0123456789") != 2)
		return -1;
	const int hour = (text[0] - '0') * 10 + (text[1] - '0');
	const int minute = (text[3] - '0') * 10 + (text[4] - '0');
	const int sum = hour * 60 + minute;
	return minute < 60 && sum <= DAY_MINUTES ? sum : -1;
}

static bool parse_span(const char *text, struct hours_span *ret_span)
{
	char days[WORD_BYTES];
	char times[WORD_BYTES];
	int end = 0;
	*ret_span = (struct hours_span){.weekdays = 0};
	if (sscanf(text, " %15[a-zA-Z-] %15[0-9:-] %n", days, times, &end) != 2 ||
	    text[end] != '\0' || strlen(times) != strlen("08:30-17:15") || times[5] != '-' ||
	    !parse_days(days, ret_span))
		return false;
	const int from = parse_clock(times);
	const int to = parse_clock(times + 6);
	if (from < 0 || from == DAY_MINUTES || to < 0)
		return false;
	ret_span->from = (uint16_t)from;
	ret_span->to = (uint16_t)(to > from ? to : to + DAY_MINUTES);
	return true;
}

int hours_parse(const char *text, struct hours *ret_hours, struct complaint *complaint)
{
	*ret_hours = (struct hours){.count = 0};
	if (text[0] == '\0' || strcasecmp(text, "always") == 0)
		return 0;
	for (const char *at = text; at != NULL; at = *at == ',' ? at + 1 : NULL) {
		char span[HOURS_TEXT_BYTES];
		const size_t length = strcspn(at, ",");
		if (length >= sizeof span)
			return complain(complaint, -EINVAL, "%s", expected);
		memcpy(span, at, length);
		span[length] = '\0';
		if (ret_hours->count == HOURS_SPANS_MAX)
			return complain(
			    complaint, -EINVAL, "expected at most %d spans", HOURS_SPANS_MAX);
		if (!parse_span(span, &ret_hours->spans[ret_hours->count]))
			return complain(complaint, -EINVAL, "%s", expected);
		ret_hours->count++;
		at += length;
	}
	return 0;
}

/* ---- Time ---- */

static int64_t day_of(const struct hours_place *place, int64_t time_us)
{
	const int64_t shown = zone_shown_s(place->zone, time_us);
	return shown / DAY_S - (shown % DAY_S < 0);
}

static bool is_on(const struct hours_span *span, const struct hours_place *place, int64_t day)
{
	const bool is_workday = calendar_is_workday(&place->calendar, day);
	switch (span->days) {
	case HOURS_BUSINESS:
		return is_workday;
	case HOURS_HOLIDAYS:
		return !is_workday;
	case HOURS_ANY_DAY:
		break;
	}
	return (span->weekdays & 1U << calendar_weekday(day)) != 0;
}

struct moments {
	int64_t from_us;
	int64_t to_us;
};

static struct moments moments_of(
    const struct hours_span *span, const struct hours_place *place, int64_t day)
{
	return (struct moments){
	    zone_moment_us(place->zone, day * DAY_S + span->from * 60),
	    zone_moment_us(place->zone, day * DAY_S + span->to * 60),
	};
}

bool hours_contain(const struct hours *hours, const struct hours_place *place, int64_t time_us)
{
	return hours->count == 0 || hours_between(hours, place, time_us, time_us + 1) > 0;
}

int64_t hours_next(const struct hours *hours, const struct hours_place *place, int64_t time_us)
{
	if (hours_contain(hours, place, time_us))
		return time_us;
	const int64_t today = day_of(place, time_us);
	int64_t best_us = INT64_MAX;
	/* of the first day that has any, the earliest */
	for (int64_t day = today; best_us == INT64_MAX && day <= today + HOURS_LOOK_DAYS; day++) {
		for (size_t i = 0; i < hours->count; i++) {
			if (!is_on(&hours->spans[i], place, day))
				continue;
			const struct moments moments = moments_of(&hours->spans[i], place, day);
			if (moments.from_us >= time_us && moments.from_us < best_us)
				best_us = moments.from_us;
		}
	}
	return best_us == INT64_MAX ? time_us : best_us;
}

/* Of the moments that touch what is asked for, the one that begins first. */
static bool find_first(const struct hours *hours, const struct hours_place *place,
    const struct moments *asked, struct moments *ret_first)
{
	const int64_t last_day = day_of(place, asked->to_us);
	int64_t day = day_of(place, asked->from_us) - 1; /* one may go on from yesterday */
	bool is_found = false;
	/* what begins on a later day begins later; of yesterday's one may end today */
	for (int64_t until = day + 1; day <= last_day && (!is_found || day <= until); day++) {
		for (size_t i = 0; i < hours->count; i++) {
			if (!is_on(&hours->spans[i], place, day))
				continue;
			const struct moments moments = moments_of(&hours->spans[i], place, day);
			if (moments.to_us <= asked->from_us || moments.from_us >= asked->to_us ||
			    (is_found && moments.from_us >= ret_first->from_us))
				continue;
			*ret_first = moments;
			is_found = true;
		}
	}
	return is_found;
}

int64_t hours_between(
    const struct hours *hours, const struct hours_place *place, int64_t from_us, int64_t to_us)
{
	const int64_t most_us = HOURS_LOOK_DAYS * WHEN_DAY_US;
	struct moments asked = {from_us, to_us};
	struct moments first = {0};
	int64_t sum_us = 0;
	if (hours->count == 0)
		return to_us > from_us ? to_us - from_us : 0;
	if (to_us > from_us && to_us - from_us > most_us)
		asked.from_us = to_us - most_us;
	while (asked.from_us < asked.to_us && find_first(hours, place, &asked, &first)) {
		const int64_t begin_us =
		    first.from_us > asked.from_us ? first.from_us : asked.from_us;
		const int64_t end_us = first.to_us < asked.to_us ? first.to_us : asked.to_us;
		sum_us += end_us - begin_us;
		asked.from_us = end_us;
	}
	return sum_us;
}
