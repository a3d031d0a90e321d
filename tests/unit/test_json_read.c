/* JSON from anybody: what is taken, what is refused, and what a node says of itself. */
#include "base/json_read.h"

#include <errno.h>
#include <string.h>

#include "test.h"

static bool is_taken(const char *text, size_t length)
{
	struct json_node *root = NULL;
	struct complaint complaint = {""};
	int result = json_read(text, length, &root, &complaint);
	json_read_free(root);
	if ((result == 0) != (complaint.text[0] == '\0') || (result == 0) != (root != NULL))
		printf("# %d: %s\n", result, complaint.text);
	return result == 0 && complaint.text[0] == '\0';
}

#define TAKEN(text) is_taken(text, sizeof(text) - 1)

static void test_refusals(void)
{
	static const char *const wrong[] = {"", " ", "{", "}", "{\"a\":1,\"a\":2}", "[1,]", "nul",
	    "\"\\u0000\"", "\"\xff\"", "\"a\nb\"", "01", "1 2", "{}x", "'a'", "9223372036854775808",
	    "1e999", "[NaN]", "\"\\ud800\"", "{\"\\u0000a\":1}"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		OK(!is_taken(wrong[i], strlen(wrong[i])), "refused, with a reason");
	OK(!is_taken("{}\0", 3), "a NUL after the end");
	OK(TAKEN("{}") && TAKEN("[]") && TAKEN(" 1 ") && TAKEN("\"\"") && TAKEN("null"),
	    "any value is one");
}

static void test_depth(void)
{
	char deep[2 * (JSON_READ_DEPTH_MAX + 1)];
	memset(deep, '[', JSON_READ_DEPTH_MAX);
	memset(deep + JSON_READ_DEPTH_MAX, ']', JSON_READ_DEPTH_MAX);
	OK(is_taken(deep, 2 * (size_t)JSON_READ_DEPTH_MAX), "as deep as may be");
	memset(deep, '[', JSON_READ_DEPTH_MAX + 1);
	memset(deep + JSON_READ_DEPTH_MAX + 1, ']', JSON_READ_DEPTH_MAX + 1);
	OK(!is_taken(deep, sizeof deep), "one deeper");
	OK(TAKEN("\"[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\""), "brackets in a text are none");
}

static int count_name(void *context, const char *name, const struct json_node *value)
{
	int64_t number;
	size_t *found = context;
	*found += strlen(name) == 1 && json_read_whole(value, &number);
	return *found == 2 ? 7 : 0;
}

static void test_nodes(void)
{
	static const char text[] =
	    "{\"t\":\"caf\xc3\xa9\",\"w\":-9223372036854775808,\"r\":1.5,\"f\":true,\"l\":[1,[2]],"
	    "\"n\":null}";
	struct json_node *root = NULL;
	const char *string = NULL;
	int64_t whole = 0;
	double real = 0;
	bool flag = false;
	OK(json_read(text, sizeof text - 1, &root, NULL) == 0, "an object");
	OK(json_read_is_object(root) && !json_read_is_array(root), "is one");
	OK(json_read_text(json_read_member(root, "t"), &string) &&
		strcmp(string, "caf\xc3\xa9") == 0,
	    "a text");
	OK(json_read_whole(json_read_member(root, "w"), &whole) && whole == INT64_MIN,
	    "a whole number");
	OK(json_read_real(json_read_member(root, "r"), &real) && real > 1.4 && real < 1.6,
	    "a real number");
	OK(!json_read_whole(json_read_member(root, "r"), &whole), "which is not whole");
	OK(json_read_flag(json_read_member(root, "f"), &flag) && flag, "a flag");
	OK(!json_read_flag(json_read_member(root, "n"), &flag) &&
		!json_read_text(json_read_member(root, "n"), &string),
	    "null is none of these");
	const struct json_node *list = json_read_member(root, "l");
	OK(json_read_is_array(list) && json_read_count(list) == 2, "a list of two");
	OK(json_read_whole(json_read_item(json_read_item(list, 1), 0), &whole) && whole == 2,
	    "and what is in it");
	OK(json_read_item(list, 2) == NULL && json_read_member(list, "t") == NULL &&
		json_read_member(NULL, "t") == NULL && json_read_count(root) == 0 &&
		json_read_count(NULL) == 0,
	    "what is not there is not there");
	size_t found = 0;
	OK(json_read_names(root, count_name, &found) == 0 && found == 1, "names are walked");
	json_read_free(root);
}

int main(void)
{
	test_refusals();
	test_depth();
	test_nodes();
	return test_done();
}
