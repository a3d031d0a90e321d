#include "notify/text.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

enum {
	NUMBER_TEXT_BYTES = 32, /* a sign, 19 digits, 6 commas */
};

void text_init(struct text *text, char *out, size_t room)
{
	assert(room > 0);
	*text = (struct text){.out = out, .room = room};
	out[0] = '\0';
}

/* How many of the `length` bytes are whole characters within `room`. */
static size_t whole_characters(const char *bytes, size_t length, size_t room)
{
	size_t taken = 0;
	while (taken < length) {
		size_t step = utf8_step(bytes + taken, length - taken);
		if (step == 0)
			step = 1; /* not UTF-8: byte by byte */
		if (taken + step > room)
			break;
		taken += step;
	}
	return taken;
}

static void add_bytes(struct text *text, const char *bytes, size_t length)
{
	if (text->cut)
		return;
	size_t room = text->room - 1 - text->length;
	if (length > room) {
		length = whole_characters(bytes, length, room);
		text->cut = true;
	}
	memcpy(text->out + text->length, bytes, length);
	text->length += length;
	text->out[text->length] = '\0';
}

void text_add(struct text *text, const char *added)
{
	add_bytes(text, added, strlen(added));
}

void text_add_number(struct text *text, int64_t number)
{
	char digits[NUMBER_TEXT_BYTES];
	size_t at = sizeof digits;
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	int written = 0;

	do {
		if (written > 0 && written % 3 == 0)
			digits[--at] = ',';
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
		written++;
	} while (rest > 0);
	if (number < 0)
		digits[--at] = '-';
	add_bytes(text, digits + at, sizeof digits - at);
}

/* `place` is what stands between the braces: "1" or "1:one|many". */
static void add_place(
    struct text *text, const char *place, const struct value *values, size_t value_count)
{
	size_t number = (size_t)(place[0] - '0');
	assert(number >= 1 && number <= value_count);
	const struct value *value = &values[number - 1];

	if (place[1] == ':') {
		const char *bar = strchr(place, '|');
		const char *end = strchr(place, '}');
		assert(bar != NULL && bar < end);
		if (value->text == NULL && value->number == 1)
			add_bytes(text, place + 2, (size_t)(bar - place - 2));
		else
			add_bytes(text, bar + 1, (size_t)(end - bar - 1));
		return;
	}
	assert(place[1] == '}');
	if (value->text != NULL)
		text_add(text, value->text);
	else
		text_add_number(text, value->number);
}

void text_add_phrase(
    struct text *text, const char *phrase, const struct value *values, size_t value_count)
{
	for (;;) {
		size_t plain = strcspn(phrase, "{");
		add_bytes(text, phrase, plain);
		phrase += plain;
		if (*phrase == '\0')
			return;
		add_place(text, phrase + 1, values, value_count);
		phrase = strchr(phrase, '}');
		assert(phrase != NULL);
		phrase++;
	}
}
