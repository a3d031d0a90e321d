#include "notify/wording.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "notify/wording_internal.h"

enum {
	DURATION_BYTES = 128, /* "1,234 d 5 h" in any language */
};

static const char *const languages[] = {
    [LANGUAGE_EN] = "en",
    [LANGUAGE_JA] = "ja",
};
static_assert(sizeof languages / sizeof languages[0] == LANGUAGE_COUNT, "a name for each");

int language_find(const char *name)
{
	for (int i = 0; i < LANGUAGE_COUNT; i++) {
		if (strcmp(languages[i], name) == 0)
			return i;
	}
	return -1;
}

enum language language_of_environment(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		const char *locale = getenv(variables[i]);
		/* An empty one counts as unset; the first that is set decides. */
		if (locale != NULL && locale[0] != '\0')
			return strncmp(locale, "ja", 2) == 0 ? LANGUAGE_JA : LANGUAGE_EN;
	}
	return LANGUAGE_EN;
}

void wording_add(struct text *text, enum language language, enum message message,
    const struct value *values, size_t value_count)
{
	assert((unsigned)message < MESSAGE_COUNT);
	text_add_phrase(text, wording_get(language)->messages[message], values, value_count);
}

/* The larger unit with the next smaller one, where that is not 0: finer says nothing to a reader.
 */
void wording_add_duration(struct text *text, enum language language, int64_t duration_us)
{
	static const struct {
		int64_t large_us;
		int64_t small_us;
		enum message both;
		enum message even;
	} steps[] = {
	    {WHEN_DAY_US, WHEN_HOUR_US, MESSAGE_DAYS, MESSAGE_DAYS_EVEN},
	    {WHEN_HOUR_US, WHEN_MINUTE_US, MESSAGE_HOURS, MESSAGE_HOURS_EVEN},
	    {WHEN_MINUTE_US, WHEN_SECOND_US, MESSAGE_MINUTES, MESSAGE_MINUTES_EVEN},
	    {WHEN_SECOND_US, WHEN_SECOND_US, MESSAGE_SECONDS, MESSAGE_SECONDS},
	};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		if (duration_us < steps[i].large_us)
			continue;
		const struct value values[] = {{.number = duration_us / steps[i].large_us},
		    {.number = duration_us % steps[i].large_us / steps[i].small_us}};
		wording_add(text, language, values[1].number > 0 ? steps[i].both : steps[i].even,
		    values, 2);
		return;
	}
	wording_add(text, language, MESSAGE_NO_SECOND, NULL, 0);
}

void wording_add_span(struct text *text, enum language language, int64_t first_us, int64_t last_us)
{
	int64_t duration_us;
	if (__builtin_sub_overflow(last_us, first_us, &duration_us))
		duration_us = last_us > first_us ? INT64_MAX : 0;
	wording_add_duration(text, language, duration_us);
}

/* Which of a reason's numbers, 1 to 3, counts seconds; 0 for none. */
static int seconds_of(enum reason reason)
{
	switch ((int)reason) {
	case REASON_BACKSCATTER:
		return 2;
	case REASON_REFLECTED_DARK:
	case REASON_STRAY:
		return 3;
	default:
		return 0;
	}
}

/* Multiplying would overflow for numbers that no capture holds. */
static int64_t us_of_seconds(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds > INT64_MAX / WHEN_SECOND_US ? INT64_MAX : seconds * WHEN_SECOND_US;
}

void wording_add_reason(
    struct text *text, enum language language, const struct reason_given *reason)
{
	const struct vocabulary *vocabulary = wording_get(language);
	assert(reason->reason < REASON_COUNT);
	const char *phrase = vocabulary->reasons[reason->reason];
	struct value values[3];
	for (size_t i = 0; i < 3; i++)
		values[i] = (struct value){.number = reason->numbers[i]};

	char duration[DURATION_BYTES];
	int seconds = seconds_of((enum reason)reason->reason);
	if (seconds > 0) {
		struct text inner;
		text_init(&inner, duration, sizeof duration);
		wording_add_duration(&inner, language, us_of_seconds(reason->numbers[seconds - 1]));
		values[seconds - 1].text = duration;
	}
	if (reason->reason == REASON_MARK) {
		assert(reason->numbers[1] >= 0 && reason->numbers[1] < TOOL_COUNT);
		values[1].text = vocabulary->tools[reason->numbers[1]];
	}
	text_add_phrase(text, phrase, values, 3);
	/* Only where some of the darkness is inferred is that worth a sentence. */
	bool counts_dark =
	    reason->reason == REASON_DARK_TARGETS || reason->reason == REASON_DARK_WATCH;
	if (counts_dark && reason->numbers[1] > 0) {
		text_add(text, vocabulary->messages[MESSAGE_JOINT]);
		wording_add(text, language, MESSAGE_DARK_PARTLY_INFERRED, values, 2);
	}
}

void wording_why(enum language language, const struct finding *finding, char *out, size_t out_bytes)
{
	struct text text;
	text_init(&text, out, out_bytes);
	for (size_t i = 0; i < finding->reason_count; i++) {
		if (i > 0)
			text_add(&text, wording_get(language)->messages[MESSAGE_JOINT]);
		wording_add_reason(&text, language, &finding->reasons[i]);
	}
}

const char *wording_severity(enum language language, enum severity severity)
{
	return wording_get(language)->severities[severity];
}

void wording_spoof_reason(
    enum language language, const struct finding_spoof *reason, char *out, size_t out_bytes)
{
	assert(reason->reason < SPOOF_REASON_COUNT);
	const struct value values[] = {
	    {.number = reason->numbers[0]}, {.number = reason->numbers[1]}};
	const struct vocabulary *vocabulary = wording_get(language);
	const char *phrase = vocabulary->spoof_reasons[reason->reason];
	struct text text;
	if (reason->reason == SPOOF_TTL_STEADY && reason->numbers[0] == reason->numbers[1])
		phrase = vocabulary->messages[MESSAGE_TTL_ONE];
	text_init(&text, out, out_bytes);
	text_add_phrase(&text, phrase, values, 2);
}
