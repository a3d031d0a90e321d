#include "base/json.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* What is written in memory; the caller ends it with written_is(). */
static char *text;
static size_t text_bytes;

static struct json start(void)
{
	struct json json;
	FILE *out = open_memstream(&text, &text_bytes);
	if (out == NULL)
		abort();
	json_init(&json, out);
	return json;
}

static void written_is(struct json *json, const char *expected, const char *name)
{
	(void)fclose(json->out); /* to memory */
	bool same = strcmp(text, expected) == 0;
	OK(same && json->depth == 0, name);
	if (!same)
		printf("# %s\n", text);
	free(text);
	text = NULL;
}

static const struct {
	const char *name;
	const char *value;
	const char *written;
} strings[] = {
    {"none", NULL, "null"},
    {"empty", "", "\"\""},
    {"quotes and backslash", "a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
    {"short escapes", "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
    {"other controls", "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
    {"C1", "\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\""},
    {"two, three, four bytes", "é火🔥", "\"é火🔥\""},
    {"a bad byte in the middle",
	"a\xff"
	"b",
	"\"a\xef\xbf\xbd"
	"b\""},
    {"two bad bytes", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {"cut at the end", "a\xe7\x81", "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
    {"a surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"overlong", "\xe0\x9f\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {"past the last", "\xf5\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
};

static const struct {
	const char *name;
	double value;
	int decimals;
	const char *written;
} decimals[] = {
    {"zero", 0, 3, "0"},
    {"minus zero", -0.0, 3, "0"},
    {"rounded to nothing below zero", -0.0001, 3, "0"},
    {"trailing zeros", 1.5, 6, "1.5"},
    {"a whole number", 100, 2, "100"},
    {"no decimals", 99.5, 0, "100"},
    {"no decimals, zeros kept", 1000, 0, "1000"},
    {"rounded", 0.98765, 2, "0.99"},
    {"negative", -2.25, 2, "-2.25"},
    {"small", 0.000001, 6, "0.000001"},
    {"all digits of a double", 0.1, 17, "0.10000000000000001"},
    {"not a number", NAN, 3, "null"},
    {"infinite", INFINITY, 3, "null"},
    {"minus infinite", -INFINITY, 3, "null"},
};

static void test_values(void)
{
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		struct json json = start();
		json_string(&json, NULL, strings[i].value);
		written_is(&json, strings[i].written, strings[i].name);
	}
	for (size_t i = 0; i < sizeof decimals / sizeof decimals[0]; i++) {
		struct json json = start();
		json_decimal(&json, NULL, decimals[i].value, decimals[i].decimals);
		written_is(&json, decimals[i].written, decimals[i].name);
	}
	struct json json = start();
	json_decimal(&json, NULL, -DBL_MAX, 17);
	(void)fclose(json.out); /* to memory */
	OK(text_bytes == 310 && strtod(text, NULL) == -DBL_MAX, "the largest double");
	free(text);
}

static void test_numbers(void)
{
	struct json json = start();
	json_open_array(&json, NULL);
	json_unsigned(&json, NULL, 0);
	json_unsigned(&json, NULL, UINT64_MAX);
	json_signed(&json, NULL, INT64_MIN);
	json_signed(&json, NULL, INT64_MAX);
	json_bool(&json, NULL, true);
	json_bool(&json, NULL, false);
	json_close_array(&json);
	written_is(&json,
	    "[0,18446744073709551615,-9223372036854775808,9223372036854775807,true,false]",
	    "numbers to their ends");
}

static void test_nesting(void)
{
	struct json json = start();
	json_open_object(&json, NULL);
	json_open_array(&json, "empty");
	json_close_array(&json);
	json_open_object(&json, "o");
	json_close_object(&json);
	json_open_array(&json, "list");
	json_open_object(&json, NULL);
	json_unsigned(&json, "a\n", 1);
	json_string(&json, "b", "x");
	json_close_object(&json);
	json_open_object(&json, NULL);
	json_close_object(&json);
	json_close_array(&json);
	json_bool(&json, "last", true);
	json_close_object(&json);
	written_is(&json,
	    "{\"empty\":[],\"o\":{},\"list\":[{\"a\\n\":1,\"b\":\"x\"},{}],\"last\":true}",
	    "commas and keys");

	json = start();
	for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
		json_open_array(&json, NULL);
	for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
		json_close_array(&json);
	written_is(&json, "[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]", "as deep as may be");

	json = start();
	for (unsigned i = 0; i < 2; i++) {
		json_open_object(&json, NULL);
		json_unsigned(&json, "n", i);
		json_close_object(&json);
		(void)fputc('\n', json.out); /* to memory */
	}
	written_is(&json, "{\"n\":0}\n{\"n\":1}\n", "one object after another: no comma");
}

/* Whatever the locale writes for a point, JSON has a point. */
static void test_locale(void)
{
	static const char *const names[] = {
	    "de_DE.UTF-8", "fr_FR.UTF-8", "ar_EG.UTF-8", "ps_AF.UTF-8"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (setlocale(LC_ALL, names[i]) == NULL) {
			printf("ok %d - %s # SKIP it is not installed\n", ++test_count, names[i]);
			continue;
		}
		struct json json = start();
		json_decimal(&json, NULL, 1234.5, 3);
		written_is(&json, "1234.5", names[i]);
	}
	(void)setlocale(LC_ALL, "C"); /* is always there */
}

int main(void)
{
	test_values();
	test_numbers();
	test_nesting();
	test_locale();
	return test_done();
}
