/* What init and check say: all languages say it, with the same places. */
#include <string.h>

#include "cmd/station/words.h"
#include "test.h"

/* The places of a phrase as bits: {1} is bit 1. */
static unsigned places(const char *phrase)
{
	unsigned found = 0;
	for (const char *brace = strchr(phrase, '{'); brace != NULL; brace = strchr(brace + 1, '{'))
		found |= 1U << (brace[1] - '0');
	return found;
}

/* All that may be named, so that no place lacks its value. */
static bool can_be_said(enum language language, enum station_word word)
{
	char out[2048];
	struct text text;
	text_init(&text, out, sizeof out);
	station_words_add(&text, language, word,
	    VALUES(value_of_text("one"), value_of_text("two"), value_of_text("three"),
		value_of_text("four")));
	return out[0] != '\0' && !text.cut;
}

int main(void)
{
	bool has_all = true, same = true, said = true;
	for (int word = 0; word < STATION_WORDS; word++) {
		const char *en = station_word(LANGUAGE_EN, (enum station_word)word);
		const char *ja = station_word(LANGUAGE_JA, (enum station_word)word);
		if (en == NULL || ja == NULL) {
			printf("# word %d\n", word);
			has_all = false;
			continue;
		}
		if (places(en) != places(ja)) {
			printf("# %s\n# %s\n", en, ja);
			same = false;
		}
		said = said && can_be_said(LANGUAGE_EN, (enum station_word)word) &&
		       can_be_said(LANGUAGE_JA, (enum station_word)word);
	}
	OK(has_all, "every word in every language");
	OK(same, "with the same places");
	OK(said, "and values for all of them");
	return test_done();
}
