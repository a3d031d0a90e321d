#include "base/utf8.h"

/* RFC 3629 section 4: the first byte gives the length and narrows the second. */
static const struct form {
	uint8_t first_low;
	uint8_t first_high;
	uint8_t length;
	uint8_t second_low;
	uint8_t second_high;
} forms[] = {
    {0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf},                              /* below: overlong */
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, /* above: surrogates */
    {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf}, /* below: overlong */
    {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f}, /* above: past U+10FFFF */
};

static const struct form *find_form(uint8_t first)
{
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (first >= forms[i].first_low && first <= forms[i].first_high)
			return &forms[i];
	}
	return NULL;
}

size_t utf8_step(const char *text, size_t left)
{
	if (left == 0)
		return 0;
	const struct form *form = find_form((uint8_t)text[0]);
	if (form == NULL || form->length > left)
		return 0;
	if (form->length == 1)
		return 1;

	uint8_t second = (uint8_t)text[1];
	if (second < form->second_low || second > form->second_high)
		return 0;
	for (size_t i = 2; i < form->length; i++) {
		if (((uint8_t)text[i] & 0xc0U) != 0x80U)
			return 0;
	}
	return form->length;
}

bool utf8_is_control(const char *text, size_t length)
{
	uint8_t first = (uint8_t)text[0];
	if (length == 1)
		return first < 0x20 || first == 0x7f;
	return length == 2 && first == 0xc2 && (uint8_t)text[1] < 0xa0;
}
