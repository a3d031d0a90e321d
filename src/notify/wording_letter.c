#include "notify/wording_letter.h"

#include <assert.h>

const struct letter_vocabulary *wording_letter_get(enum language language)
{
	static const struct letter_vocabulary *const vocabularies[] = {
	    [LANGUAGE_EN] = &wording_letter_en,
	    [LANGUAGE_JA] = &wording_letter_ja,
	};
	static_assert(sizeof vocabularies / sizeof vocabularies[0] == LANGUAGE_COUNT,
	    "a vocabulary for each");

	assert((unsigned)language < LANGUAGE_COUNT);
	return vocabularies[language];
}

void wording_letter_add(struct text *text, enum language language, enum phrase phrase,
    const struct value *values, size_t value_count)
{
	assert((unsigned)phrase < PHRASE_COUNT);
	text_add_phrase(text, wording_letter_get(language)->phrases[phrase], values, value_count);
}
