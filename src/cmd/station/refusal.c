#include "cmd/station/refusal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONVERSIONS_BYTES = 128, /* of our own formats, which have few */
};

/* Between values. Foreign text may have it too: then a value is cut, and harms nobody. */
static const char BETWEEN = '\037';

/* "%s\037%d\037" of "%s: expected at most %d bytes" */
static void list_conversions(const char *format, char out[static CONVERSIONS_BYTES])
{
	size_t used = 0;
	for (const char *at = strchr(format, '%'); at != NULL; at = strchr(at, '%')) {
		const size_t length = 1 + strspn(at + 1, "-+ #0123456789.*hlzjt");
		if (at[length] == '%') {
			at += length + 1;
			continue;
		}
		assert(at[length] != '\0' && used + length + 3 <= CONVERSIONS_BYTES);
		memcpy(out + used, at, length + 1);
		used += length + 1;
		out[used++] = BETWEEN;
		at += length + 1;
	}
	out[used] = '\0';
}

static void set_code(struct refusal *refusal, const char *code)
{
	assert(strlen(code) < sizeof refusal->code); /* our own */
	(void)snprintf(refusal->code, sizeof refusal->code, "%s", code);
	refusal->count = 0;
}

static void split(struct refusal *refusal, const char *text)
{
	while (*text != '\0' && refusal->count < REFUSAL_VALUES_MAX) {
		const size_t length = strcspn(text, (const char[]){BETWEEN, '\0'});
		(void)complain(
		    &refusal->values[refusal->count++], 0, "%.*s", (int)length, text); /* room */
		text += length + (text[length] != '\0');
	}
}

void refusal_take(struct refusal *refusal, const char *code, const char *format, va_list arguments)
{
	char conversions[CONVERSIONS_BYTES];
	char *text = NULL;
	set_code(refusal, code);
	list_conversions(format, conversions);
	if (conversions[0] == '\0')
		return;
/* The same conversions as in `format`, which the compiler checked where it stands. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	const int length = vasprintf(&text, conversions, arguments);
#pragma GCC diagnostic pop
	if (length < 0)
		return; /* without memory: without values */
	split(refusal, text);
	free(text);
}

void refusal_set(struct refusal *refusal, const char *code, const char *value)
{
	set_code(refusal, code);
	if (value != NULL)
		refusal_add(refusal, value);
}

void refusal_add(struct refusal *refusal, const char *value)
{
	if (refusal->count < REFUSAL_VALUES_MAX)
		(void)complain(&refusal->values[refusal->count++], 0, "%s", value);
}
