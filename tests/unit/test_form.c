/* What browsers post, and what nobody should. */
#include "web/form.h"

#include <string.h>

#include "test.h"

enum {
	ROOM = 8,
};

static const struct {
	const char *name;
	const char *body;
	size_t count; /* 0: the whole text */
	bool is_good;
	const char *value; /* of the field "a" */
} rows[] = {
    {"one field", "a=b", 0, true, "b"},
    {"between others", "x=1&a=b&y=2", 0, true, "b"},
    {"empty", "a=", 0, true, ""},
    {"empty before another", "a=&b=c", 0, true, ""},
    {"none of its name", "b=c", 0, false, ""},
    {"a name that begins the same", "ab=c", 0, false, ""},
    {"a name without a value", "a", 0, false, ""},
    {"nothing", "", 0, false, ""},
    {"two of its name", "a=b&a=c", 0, false, ""},
    {"blanks", "a=b+c%20d", 0, true, "b c d"},
    {"a plus", "a=%2B", 0, true, "+"},
    {"an equals sign", "a=b=c", 0, true, "b=c"},
    {"as long as there is room", "a=1234567", 0, true, "1234567"},
    {"one byte longer", "a=12345678", 0, false, ""},
    {"UTF-8", "a=%E7%81%AB", 0, true, "\xe7\x81\xab"},
    {"no UTF-8", "a=%E7%81", 0, false, ""},
    {"raw bytes that are none", "a=\xff", 0, false, ""},
    {"cut in the middle of %", "a=b%4", 0, false, ""},
    {"cut after %", "a=b%", 0, false, ""},
    {"no digits", "a=%4g", 0, false, ""},
    {"a NUL in letters", "a=b%00c", 0, false, ""},
    {"a NUL in bytes", "a=b\0c", 5, false, ""},
    {"only ands", "&&&&", 0, false, ""},
    {"what lies behind its count", "a=bcdef", 4, true, "bc"},
};

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const size_t count = rows[i].count > 0 ? rows[i].count : strlen(rows[i].body);
		char out[ROOM] = "before";
		const bool is_good =
		    form_get((const uint8_t *)rows[i].body, count, "a", out, sizeof out);
		OK(is_good == rows[i].is_good && strcmp(out, rows[i].value) == 0, rows[i].name);
	}
	OK(form_is_type("application/x-www-form-urlencoded") &&
		form_is_type("Application/X-WWW-Form-Urlencoded; charset=UTF-8"),
	    "the type of a form");
	OK(!form_is_type(NULL) && !form_is_type("") && !form_is_type("text/plain") &&
		!form_is_type("multipart/form-data; boundary=x") &&
		!form_is_type("application/x-www-form-urlencodedx"),
	    "other types");
	return test_done();
}
