#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

enum {
	DECIMALS_MAX = 17,        /* more digits than a double holds say nothing */
	DECIMAL_TEXT_BYTES = 340, /* -, 309 digits of DBL_MAX, the point, DECIMALS_MAX */
};

static void write_text(struct json *json, const char *value)
{
	static const char short_escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: byte, letter */
	FILE *out = json->out;
	size_t left = strlen(value);

	fputc('"', out);
	while (left > 0) {
		size_t length = utf8_step(value, left);
		const char *pair = short_escapes;
		while (*pair != '\0' && *pair != *value)
			pair += 2;

		if (*pair != '\0')
			fprintf(out, "\\%c", pair[1]);
		else if (length == 0)
			fputs("\xef\xbf\xbd", out); /* U+FFFD */
		else if (utf8_is_control(value, length))
			fprintf(out, "\\u%04x", (unsigned)(uint8_t)value[length - 1]);
		else
			fwrite(value, 1, length, out);

		length += length == 0;
		value += length;
		left -= length;
	}
	fputc('"', out);
}

/* What stands before every value: a comma but for the first, and the key. */
static void begin_value(struct json *json, const char *key)
{
	bool *has_item = &json->has_item[json->depth];
	if (*has_item && json->depth > 0)
		fputc(',', json->out);
	*has_item = true;
	if (key != NULL) {
		write_text(json, key);
		fputc(':', json->out);
	}
}

static void open_level(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	fputc(bracket, json->out);
	json->depth++;
	assert(json->depth < JSON_DEPTH_MAX);
	json->has_item[json->depth] = false;
}

static void close_level(struct json *json, char bracket)
{
	assert(json->depth > 0);
	json->depth--;
	fputc(bracket, json->out);
}

void json_init(struct json *json, FILE *out)
{
	*json = (struct json){.out = out};
}

void json_open_object(struct json *json, const char *key)
{
	open_level(json, key, '{');
}

void json_close_object(struct json *json)
{
	close_level(json, '}');
}

void json_open_array(struct json *json, const char *key)
{
	open_level(json, key, '[');
}

void json_close_array(struct json *json)
{
	close_level(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	if (value == NULL)
		fputs("null", json->out);
	else
		write_text(json, value);
}

void json_unsigned(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%llu", (unsigned long long)value);
}

void json_signed(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%lld", (long long)value);
}

/* Makes the locale's decimal sign (one byte or several) a point and drops trailing zeros. */
static void tidy_decimal(char *text)
{
	char *sign = text + strspn(text, "-0123456789");
	if (*sign != '\0') {
		char *fraction = sign + strcspn(sign, "0123456789");
		size_t digits = strlen(fraction);
		while (digits > 0 && fraction[digits - 1] == '0')
			digits--;
		memmove(sign + 1, fraction, digits);
		*sign = '.';
		sign[digits == 0 ? 0 : digits + 1] = '\0';
	}
	if (strcmp(text, "-0") == 0)
		memcpy(text, "0", sizeof "0");
}

void json_decimal(struct json *json, const char *key, double value, int decimals)
{
	char text[DECIMAL_TEXT_BYTES];
	assert(decimals >= 0 && decimals <= DECIMALS_MAX);

	begin_value(json, key);
	if (!isfinite(value)) {
		fputs("null", json->out);
		return;
	}
	int bytes = snprintf(text, sizeof text, "%.*f", decimals, value);
	assert(bytes > 0 && (size_t)bytes < sizeof text);
	(void)bytes;
	tidy_decimal(text);
	fputs(text, json->out);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_raw(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	fputs(value, json->out);
}
