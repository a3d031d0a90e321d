#include "notify/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The names of mail, and what iconv calls the set that is really meant. */
static const struct {
	const char *name;
	const char *from;
} sets[] = {
    {"iso-2022-jp", "ISO-2022-JP-3"},
    {"shift_jis", "CP932"},
    {"windows-31j", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"iso-8859-1", "CP1252"},
    {"windows-1252", "CP1252"},
    {"iso-8859-15", "ISO-8859-15"},
    {"gb2312", "GB18030"},
    {"euc-kr", "EUC-KR"},
};

enum {
	SETS = sizeof sets / sizeof sets[0],
};

struct charsets {
	iconv_t converters[SETS];
};

static iconv_t none(void)
{
	return (iconv_t)-1; /* as iconv_open() gives it */
}

int charsets_open(struct charsets **ret_charsets)
{
	struct charsets *charsets = malloc(sizeof *charsets);
	if (charsets == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < SETS; i++)
		charsets->converters[i] = iconv_open("UTF-8", sets[i].from);
	*ret_charsets = charsets;
	return 0;
}

void charsets_close(struct charsets *charsets)
{
	if (charsets == NULL)
		return;
	for (size_t i = 0; i < SETS; i++)
		if (charsets->converters[i] != none())
			(void)iconv_close(charsets->converters[i]); /* memory only */
	free(charsets);
}

static iconv_t find(const struct charsets *charsets, const char *name)
{
	for (size_t i = 0; charsets != NULL && i < SETS; i++)
		if (strcmp(sets[i].name, name) == 0)
			return charsets->converters[i];
	return none();
}

static size_t copy(const char *text, size_t length, const struct charset_room *out)
{
	const size_t taken = length < out->room - 1 ? length : out->room - 1;
	memcpy(out->bytes, text, taken);
	out->bytes[taken] = '\0';
	return taken;
}

size_t charsets_convert(struct charsets *charsets, const char *name, const char *text,
    size_t length, struct charset_room *out)
{
	const iconv_t converter = find(charsets, name);
	char *in = (char *)(uintptr_t)text; /* iconv() does not write there */
	char *to = out->bytes;
	size_t left = out->room - 1;
	if (converter == none())
		return copy(text, length, out);
	(void)iconv(converter, NULL, NULL, NULL, NULL); /* from the beginning */
	while (length > 0 && left > 0) {
		if (iconv(converter, &in, &length, &to, &left) != (size_t)-1 || errno == E2BIG)
			break;
		if (length == 0)
			break;
		*to++ = '?';
		left--;
		in++;
		length--;
	}
	*to = '\0';
	return (size_t)(to - out->bytes);
}
