/* What was refused, as a code and the values of its sentence. */
#include "cmd/station/refusal.h"

#include <inttypes.h>
#include <string.h>

#include "test.h"

/* Every value in brackets. */
static const char *list(const struct refusal *refusal)
{
	static char out[2048];
	size_t used = (size_t)snprintf(out, sizeof out, "%s", refusal->code);
	for (size_t i = 0; i < refusal->count; i++)
		used += (size_t)snprintf(
		    out + used, sizeof out - used, "[%s]", refusal->values[i].text);
	return out;
}

__attribute__((format(printf, 1, 2))) static const char *take(const char *format, ...)
{
	static struct refusal refusal;
	va_list arguments;
	va_start(arguments, format);
	refusal_take(&refusal, "a.code", format, arguments);
	va_end(arguments);
	return list(&refusal);
}

static void try_values(void)
{
	OK(strcmp(take("nothing is said"), "a.code") == 0, "no conversion, no value");
	OK(strcmp(take("100 %% of %s, 5 %%", "all"), "a.code[all]") == 0, "a percent sign is none");
	OK(strcmp(
	       take("%s: has %zu bytes, expected at most %" PRId64, "name", (size_t)9, (int64_t)8),
	       "a.code[name][9][8]") == 0,
	    "each conversion is a value");
	OK(strcmp(take("%.3s and %-5d|%%|%.*s", "abcdef", 7, 2, "xyz"), "a.code[abc][7    ][xy]") ==
		0,
	    "as it is written");
	OK(strcmp(take("%s", ""), "a.code[]") == 0, "one of no bytes is a value as well");
	OK(strcmp(take("%s%s", "", "b"), "a.code[][b]") == 0, "and keeps its place");
}

static void try_limits(void)
{
	OK(strcmp(take("%d %d %d %d", 1, 2, 3, 4), "a.code[1][2][3][4]") == 0,
	    "as many as there is room for");
	OK(strcmp(take("%d %d %d %d %d", 1, 2, 3, 4, 5), "a.code[1][2][3][4]") == 0,
	    "one more is left out");
	struct refusal refusal;
	refusal_set(&refusal, "a.code", "1");
	for (int i = 0; i < REFUSAL_VALUES_MAX; i++)
		refusal_add(&refusal, "x");
	OK(strcmp(list(&refusal), "a.code[1][x][x][x]") == 0, "nor is one added");
	refusal_set(&refusal, "another", NULL);
	OK(strcmp(list(&refusal), "another") == 0, "another code has none of them");
}

static void try_foreign(void)
{
	char text[2000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	OK(strcmp(take("%s: %d",
		      "a\x1f"
		      "b\n\x1b[1m",
		      5),
	       "a.code[a][b\\x0a\\x1b[1m][5]") == 0,
	    "what is foreign is fit to be shown, and moves values at worst");
	struct refusal refusal;
	refusal_set(&refusal, "a.code", text);
	OK(strlen(refusal.values[0].text) < COMPLAINT_BYTES, "and no longer than a complaint");
}

int main(void)
{
	try_values();
	try_limits();
	try_foreign();
	return test_done();
}
