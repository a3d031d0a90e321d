/* config_change.c - what of a key may be changed by the page and `hinomi setting`. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/hours.h"
#include "cmd/station/config_key.h"

enum {
	FIELD_BYTES_MAX = 256, /* of keys that may be changed: hours have as many */
};
static_assert((int)STATION_CHANGE_BYTES >= (int)HOURS_TEXT_BYTES, "each of their texts fits");

static const char *min_of(const struct station_key *key)
{
	return key->change->min != NULL ? key->change->min : key->min;
}

static const char *max_of(const struct station_key *key)
{
	return key->change->max != NULL ? key->change->max : key->max;
}

int station_key_take_change(const struct station_key *key, const char *text, void *field)
{
	_Alignas(max_align_t) char taken[FIELD_BYTES_MAX];
	struct station_key narrow = *key;
	struct complaint complaint;
	assert(key->change != NULL && key->type->shape == SHAPE_ONE && key->bytes <= sizeof taken);
	narrow.min = min_of(key);
	narrow.max = max_of(key);
	narrow.or_zero = false;
	if (!key->change->has_auto)
		narrow.initial = "";
	memset(taken, 0, sizeof taken);
	if (text[0] == '\0' || strlen(text) >= STATION_CHANGE_BYTES ||
	    key->type->parse(&narrow, text, taken, &complaint) != 0)
		return -EINVAL;
	if (key->change->is_right != NULL && !key->change->is_right(taken))
		return -EINVAL;
	memcpy(field, taken, key->bytes);
	return 0;
}

const char *const *station_key_choices(const struct station_key *key)
{
	static const char *const languages[] = {"ja", "en", NULL};
	static const char *const flags[] = {"true", "false", NULL};
	if (key->type == &value_language)
		return languages;
	if (key->type == &value_flag)
		return flags;
	return key->type == &value_choice ? key->words : NULL;
}

/* "ja, en" */
static void list_choices(const char *const *choices, char *out, size_t room)
{
	size_t used = 0;
	for (const char *const *word = choices; *word != NULL && used < room; word++)
		used += (size_t)snprintf(
		    out + used, room - used, "%s%s", word == choices ? "" : ", ", *word);
	assert(used < room); /* our own words */
}

void station_key_expect_change(
    const struct station_key *key, enum language language, char out[static CONFIG_EXPECTED_BYTES])
{
	const char *const *choices = station_key_choices(key);
	const char *own = key->change->expected[language];
	const bool is_japanese = language == LANGUAGE_JA;
	char words[CONFIG_EXPECTED_BYTES / 2];
	int bytes;
	if (own != NULL) {
		bytes = snprintf(out, CONFIG_EXPECTED_BYTES, "%s", own);
	} else if (choices != NULL) {
		list_choices(choices, words, sizeof words);
		bytes = snprintf(out, CONFIG_EXPECTED_BYTES,
		    is_japanese ? "次のどれか：%s" : "one of: %s", words);
	} else if (key->type == &value_duration) {
		bytes = snprintf(out, CONFIG_EXPECTED_BYTES,
		    is_japanese ? "%s から %s までの時間（s 秒、m 分、h 時間、d 日）"
				: "a duration from %s to %s (s, m, h, d)",
		    min_of(key), max_of(key));
	} else {
		assert(key->type == &value_count);
		bytes = snprintf(out, CONFIG_EXPECTED_BYTES,
		    is_japanese ? "%s から %s までの整数" : "a whole number from %s to %s",
		    min_of(key), max_of(key));
	}
	assert(bytes > 0 && bytes < CONFIG_EXPECTED_BYTES); /* our own words */
	(void)bytes;
}
