/*
 * refusal.h - what was refused, so that it can be told in any language: a code, and the values that
 * belong into its sentence. A complaint has the same as a line of English, for terminals and
 * programs; it goes with it everywhere, and neither is made of the other.
 *
 * The sentences are the page's (web/src/words/refusals.js), which has one for each code that stands
 * in a source, in each language (tests/web holds it). Codes are "thing.what-is-wrong", and stay.
 */
#ifndef CMD_STATION_REFUSAL_H
#define CMD_STATION_REFUSAL_H

#include <stdarg.h>
#include <stddef.h>

#include "base/complaint.h"

enum {
	REFUSAL_CODE_BYTES = 48,
	REFUSAL_VALUES_MAX = 4, /* what a sentence has room for */
};

struct refusal {
	char code[REFUSAL_CODE_BYTES]; /* "": there is none */
	size_t count;
	struct complaint values[REFUSAL_VALUES_MAX]; /* fit to be shown */
};

/*
 * Takes the code, and as values what the conversions of `format` give, one by one: of "%s: expected
 * at most %d bytes" the thing and the number. Those past REFUSAL_VALUES_MAX are left out.
 */
__attribute__((format(printf, 3, 0))) void refusal_take(
    struct refusal *refusal, const char *code, const char *format, va_list arguments);

/* Takes the code with one value; NULL: with none. */
void refusal_set(struct refusal *refusal, const char *code, const char *value);
/* One value more, where there is room. */
void refusal_add(struct refusal *refusal, const char *value);

#endif
