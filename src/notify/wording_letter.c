#include "notify/wording_letter.h"

#include <assert.h>

void wording_letter_add(struct text *text, enum language language, enum phrase phrase,
    const struct value *values, size_t value_count)
{
	assert((unsigned)phrase < PHRASE_COUNT);
	text_add_phrase(text, wording_letter_get(language)->phrases[phrase], values, value_count);
}
