/* phrase_check.h - what must hold of the phrases of any vocabulary, in every language. */
#ifndef PHRASE_CHECK_H
#define PHRASE_CHECK_H

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

/* The numbers of the places, as bits; INT_MIN where a brace is out of order. */
static inline int places_of(const char *phrase)
{
	int places = 0;
	for (const char *at = strpbrk(phrase, "{}"); at != NULL; at = strpbrk(at, "{}")) {
		const char *end = strchr(at, '}');
		if (at[0] != '{' || at[1] < '1' || at[1] > '9' || end == NULL)
			return INT_MIN;
		const char *bar = strchr(at, '|');
		if (at[2] == ':' ? bar == NULL || bar > end : at[2] != '}')
			return INT_MIN;
		if (at[2] == '}') /* {1:one|many} chooses a word, which a language may not need */
			places |= 1 << (at[1] - '0');
		at = end + 1;
	}
	return places;
}

static inline bool is_clean(const char *string)
{
	for (size_t left = strlen(string); left > 0;) {
		size_t step = utf8_step(string, left);
		if (step == 0 || utf8_is_control(string, step))
			return false;
		string += step;
		left -= step;
	}
	return true;
}

static inline bool has_kana(const char *string)
{
	return strstr(string, "\xe3\x81") != NULL || strstr(string, "\xe3\x82") != NULL ||
	       strstr(string, "\xe3\x83") != NULL;
}

#endif
