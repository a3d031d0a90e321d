#include "base/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#define EIGHT_LEVELS "a: [[[[[[["

/* Every complaint in full: the line and what was expected are the point. */
static const struct {
	const char *name;
	const char *text;
	const char *complaint; /* NULL when it is taken */
} rows[] = {
    {"an empty file", "", NULL},
    {"only comments", "# nothing\n\n# here\n", NULL},
    {"a document that holds nothing", "---\n", NULL},
    {"a byte order mark",
	"\xef\xbb\xbf"
	"a: 1\n",
	NULL},
    {"lines ended by CR LF", "a: 1\r\nb: 2\r\n", NULL},
    {"Japanese", "町: 例\n", NULL},
    {"as deep as may be", EIGHT_LEVELS "]]]]]]]\n", NULL},

    {"one level deeper", "# deep\n" EIGHT_LEVELS "[]]]]]]]]\n",
	"f:2: nested deeper than 8 levels, expected fewer"},
    {"text alone", "hello there\n", "f:1: found text, expected lines such as \"key: value\""},
    {"a list at the top", "\n- a\n", "f:2: found a list, expected lines such as \"key: value\""},
    {"a duplicate key", "a: 1\nb: 2\na: 3\n",
	"f:3: \"a\" was given in line 1 already, expected it once"},
    {"a duplicate of a mapping", "a:\n  b: 2\na:\n  b: 3\n",
	"f:3: \"a\" was given in line 1 already, expected it once"},
    {"the same key in two mappings", "a:\n  b: 2\nc:\n  b: 3\n", NULL},
    {"an anchor", "a: &x 1\n", "f:1: an anchor (&) or alias (*), expected none here"},
    {"an alias", "a: 1\nb: *x\n", "f:2: an anchor (&) or alias (*), expected none here"},
    {"an anchor on a mapping", "a: &x\n  b: 1\n",
	"f:1: an anchor (&) or alias (*), expected none here"},
    {"a tag", "a: !!int 1\n", "f:1: a tag (!), expected none here"},
    {"a tag on a list", "a: !x [1]\n", "f:1: a tag (!), expected none here"},
    {"a second document", "a: 1\n---\nb: 2\n", "f:2: a second document begins, expected one"},
    {"a list for a key", "? [a, b]\n: 1\n", "f:1: a key is a list or mapping, expected text"},
    {"a mapping for a key", "{a: 1}: 1\n", "f:1: a key is a list or mapping, expected text"},
    {"a NUL in a key", "\"a\\0b\": 1\n", "f:1: a key holds a NUL byte, expected text"},
    {"a NUL in a value", "a: \"1\\0\"\n", "f:1: a value holds a NUL byte, expected text"},
    {"tabs for blanks", "a:\n\tb: 1\n",
	"f:2: not YAML (found character that cannot start any token), expected lines such as "
	"\"key: value\""},
    {"an open bracket", "a: [1,\n",
	"f:2: not YAML (did not find expected node content), expected lines such as \"key: "
	"value\""},
    {"a value after a value", "a: b: c\n",
	"f:1: not YAML (mapping values are not allowed in this context), expected lines such as "
	"\"key: value\""},
    {"binary garbage",
	"a: 1\n\x7f"
	"ELF\x02\x01\x01",
	"f:2: not YAML (control characters are not allowed), expected lines such as \"key: "
	"value\""},
    {"not UTF-8", "a: 1\nb: \xff\n",
	"f:2: not YAML (invalid leading UTF-8 octet), expected lines such as \"key: value\""},
    {"UTF-16",
	"\xff\xfe"
	"a\0:\0",
	"f:1: not YAML (invalid leading UTF-8 octet), expected lines "
	"such as \"key: value\""},
};

static bool is_answered(const char *text, size_t length, const char *expected)
{
	struct complaint complaint = {""};
	struct config *config = NULL;
	int error = config_parse("f", text, length, &config, &complaint);
	bool right = expected == NULL ? error == 0 && config != NULL
				      : error == -EINVAL && config == NULL &&
					    strcmp(complaint.text, expected) == 0;
	if (!right)
		printf("# %d: %s\n", error, complaint.text);
	config_free(config);
	return right;
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		OK(is_answered(rows[i].text, strlen(rows[i].text), rows[i].complaint),
		    rows[i].name);
	OK(is_answered("a: 1\n\0\0\0", 8,
	       "f:2: not YAML (control characters are not allowed), expected lines such as \"key: "
	       "value\""),
	    "NUL bytes");
}

static void test_tree(void)
{
	static const char text[] = "a: 1\n"
				   "b:\n"
				   "  c: \"2\"\n"
				   "  d:\n"
				   "list: [x,\n"
				   "  y]\n";
	struct config *config = NULL;
	bool good = config_parse("f", text, strlen(text), &config, NULL) == 0;
	const struct config_node *a = good ? config_top(config)->first : NULL;
	OK(good && config_top(config)->kind == CONFIG_MAPPING && config_top(config)->key == NULL,
	    "the top");
	OK(good && strcmp(a->key, "a") == 0 && a->kind == CONFIG_TEXT && !a->is_quoted &&
		strcmp(a->text, "1") == 0 && a->line == 1,
	    "plain text");
	const struct config_node *b = good ? a->next : NULL;
	OK(good && b->kind == CONFIG_MAPPING && b->line == 2 && b->first->is_quoted,
	    "a mapping, whose line is its key's");
	OK(good && b->first->next->kind == CONFIG_NOTHING && b->first->next->line == 4 &&
		b->first->next->next == NULL,
	    "a key without a value");
	const struct config_node *list = good ? b->next : NULL;
	OK(good && list->kind == CONFIG_LIST && list->first->key == NULL &&
		strcmp(list->first->next->text, "y") == 0 && list->first->next->line == 6 &&
		list->next == NULL,
	    "a list");
	struct complaint complaint = {""};
	OK(good && config_refuse(config, list, &complaint, "%s", "no") == -EINVAL &&
		strcmp(complaint.text, "f:5: no") == 0,
	    "a reader's own refusal");
	config_free(config);
	config_free(NULL);
}

static const struct {
	const char *value;
	int error;
	uint64_t number;
} numbers[] = {
    {"0", 0, 0},
    {"7", 0, 7},
    {"18446744073709551615", 0, UINT64_MAX},
    {"18446744073709551616", -ERANGE, 0},
    {"99999999999999999999999999", -ERANGE, 0},
    {"\"7\"", -EINVAL, 0},
    {"'7'", -EINVAL, 0},
    {"", -EINVAL, 0},
    {"07", -EINVAL, 0},
    {"+7", -EINVAL, 0},
    {"-7", -EINVAL, 0},
    {"7.0", -EINVAL, 0},
    {"7e3", -EINVAL, 0},
    {"0x7", -EINVAL, 0},
    {"7k", -EINVAL, 0},
    {"7 8", -EINVAL, 0},
    {"1_000", -EINVAL, 0},
    {"[7]", -EINVAL, 0},
    {"{a: 7}", -EINVAL, 0},
    {"true", -EINVAL, 0},
};

static void test_numbers(void)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		char text[64];
		struct config *config = NULL;
		uint64_t number = 0;
		int bytes = snprintf(text, sizeof text, "a: %s\n", numbers[i].value);
		bool good = config_parse("f", text, (size_t)bytes, &config, NULL) == 0;
		OK(good &&
			config_unsigned(config_top(config)->first, &number) == numbers[i].error &&
			number == numbers[i].number,
		    numbers[i].value[0] == '\0' ? "nothing is no number" : numbers[i].value);
		config_free(config);
	}
}

/* A file of `count` keys, the top being one value more. */
static bool takes_keys(unsigned count)
{
	enum {
		KEY_BYTES = 12
	};
	char *text = calloc(count, KEY_BYTES);
	size_t used = 0;
	if (text == NULL)
		return false;
	for (unsigned i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, KEY_BYTES, "k%u: 1\n", i);
	struct config *config = NULL;
	int error = config_parse("f", text, used, &config, NULL);
	config_free(config);
	free(text);
	return error == 0;
}

static void test_limits(void)
{
	OK(takes_keys(CONFIG_NODES_MAX - 1), "as many values as may be");
	OK(!takes_keys(CONFIG_NODES_MAX), "one more is refused");

	char *text = malloc(CONFIG_BYTES_MAX + 1);
	if (text == NULL)
		return;
	memset(text, '#', CONFIG_BYTES_MAX + 1);
	struct config *config = NULL;
	struct complaint complaint = {""};
	OK(config_parse("f", text, CONFIG_BYTES_MAX, &config, NULL) == 0, "the largest file");
	config_free(config);
	config = NULL;
	OK(config_parse("f", text, CONFIG_BYTES_MAX + 1, &config, &complaint) == -EFBIG &&
		strcmp(complaint.text,
		    "f: larger than 1048576 bytes, expected a configuration file") == 0,
	    "one byte more is refused");

	memset(text, '[', CONFIG_BYTES_MAX);
	OK(config_parse("f", text, CONFIG_BYTES_MAX, &config, NULL) == -EINVAL,
	    "a megabyte of brackets");
	memset(text, 'x', CONFIG_BYTES_MAX);
	memcpy(text, "- ", 2);
	OK(config_parse("f", text, CONFIG_BYTES_MAX, &config, &complaint) == -EINVAL,
	    "a megabyte of text");
	free(text);
}

static void test_files(void)
{
	char path[] = "/tmp/hinomi-test-config-XXXXXX";
	struct config *config = NULL;
	struct complaint complaint = {""};
	int fd = mkstemp(path);
	OK(fd >= 0 && write(fd, "a: 1\n", 5) == 5 && config_read(path, &config, NULL) == 0 &&
		strcmp(config_top(config)->first->text, "1") == 0,
	    "a file");
	config_free(config);
	config = NULL;
	(void)close(fd); /* a test's file */
	(void)unlink(path);

	OK(config_read("/nonexistent/c.yaml", &config, &complaint) == -ENOENT &&
		strcmp(complaint.text, "/nonexistent/c.yaml: No such file or directory, expected a "
				       "configuration file") == 0,
	    "a missing file");
	OK(config_read("/", &config, &complaint) == -EISDIR &&
		strcmp(complaint.text, "/: Is a directory, expected a configuration file") == 0,
	    "a directory");
	OK(config_read("/dev/zero", &config, &complaint) == -EFBIG && config == NULL,
	    "a file without end");
}

int main(void)
{
	test_rows();
	test_tree();
	test_numbers();
	test_limits();
	test_files();
	return test_done();
}
