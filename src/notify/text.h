/*
 * text.h - building bounded text, and phrases with numbered places.
 *
 * What does not fit is cut at a whole character and nothing is added after a cut, so that a text
 * never goes on in the middle of a sentence. It always ends with NUL.
 *
 * In a phrase {1} is replaced by the first value, {2} by the second, in whatever order the language
 * wants them; {1:address|addresses} by the first word when the first value is 1, else by the
 * second. Phrases hold no other braces. They are never printf formats.
 */
#ifndef NOTIFY_TEXT_H
#define NOTIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *out; /* borrowed */
	size_t room;
	size_t length;
	bool cut;
};

/* A text, or where that is NULL a number. */
struct value {
	const char *text; /* borrowed */
	int64_t number;
};

/* `room` counts the NUL and is at least 1. */
void text_init(struct text *text, char *out, size_t room);
void text_add(struct text *text, const char *added);
/* With commas: 12,345. */
void text_add_number(struct text *text, int64_t number);
/* A place without its value is a mistake of ours. */
void text_add_phrase(
    struct text *text, const char *phrase, const struct value *values, size_t value_count);

/* Counters can be larger than what a value holds. */
static inline struct value value_of_count(uint64_t count)
{
	return (struct value){.number = count > INT64_MAX ? INT64_MAX : (int64_t)count};
}

static inline struct value value_of_text(const char *text)
{
	return (struct value){.text = text};
}

#endif
