#include "base/xml.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static char *text;
static size_t text_bytes;

static struct xml start(void)
{
	struct xml xml;
	FILE *out = open_memstream(&text, &text_bytes);
	if (out == NULL)
		abort();
	xml_init(&xml, out);
	return xml;
}

static void written_is(struct xml *xml, const char *expected, const char *name)
{
	static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
	(void)fclose(xml->out); /* to memory */
	const bool begins = strncmp(text, declaration, sizeof declaration - 1) == 0;
	const bool same = begins && strcmp(text + sizeof declaration - 1, expected) == 0;
	OK(same && xml->depth == 0, name);
	if (!same)
		printf("# %s\n", text);
	free(text);
	text = NULL;
}

static const struct {
	const char *name;
	const char *value;
	const char *as_text;
	const char *as_attribute;
} rows[] = {
    {"empty", "", "", ""},
    {"what markup is made of", "<a b='c'>&\"]]>", "&lt;a b='c'&gt;&amp;&quot;]]&gt;",
	"&lt;a b='c'&gt;&amp;&quot;]]&gt;"},
    {"white space", "a\tb\nc\rd", "a\tb\nc&#13;d", "a&#9;b&#10;c&#13;d"},
    {"controls", "\x01\x08\x0b\x1f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"DEL and C1 are allowed", "\x7f\xc2\x80", "\x7f\xc2\x80", "\x7f\xc2\x80"},
    {"two, three, four bytes", "é火🔥", "é火🔥", "é火🔥"},
    {"U+FFFD, U+FFFE, U+FFFF", "\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf",
	"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"U+FDFF, U+EFBE are allowed", "\xef\xb7\xbf\xee\xbe\xbe", "\xef\xb7\xbf\xee\xbe\xbe",
	"\xef\xb7\xbf\xee\xbe\xbe"},
    {"a bad byte",
	"a\xff"
	"b",
	"a\xef\xbf\xbd"
	"b",
	"a\xef\xbf\xbd"
	"b"},
    {"a surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"cut at the end", "a\xe7\x81", "a\xef\xbf\xbd\xef\xbf\xbd", "a\xef\xbf\xbd\xef\xbf\xbd"},
};

static void test_escapes(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char expected[256];
		struct xml xml = start();
		xml_open(&xml, "e");
		xml_attribute(&xml, "a", rows[i].value);
		xml_text(&xml, rows[i].value);
		xml_close(&xml);
		(void)snprintf(expected, sizeof expected, "\n<e a=\"%s\">%s</e>\n",
		    rows[i].as_attribute, rows[i].as_text);
		written_is(&xml, expected, rows[i].name);
	}
}

static void test_tree(void)
{
	struct xml xml = start();
	xml_open(&xml, "a");
	xml_open(&xml, "b");
	xml_attribute(&xml, "x", "1");
	xml_attribute(&xml, "y", "2");
	xml_close(&xml);
	xml_element(&xml, "c", "text");
	xml_open(&xml, "d");
	xml_open(&xml, "e");
	xml_close(&xml);
	xml_close(&xml);
	xml_close(&xml);
	written_is(&xml, "\n<a>\n <b x=\"1\" y=\"2\"/>\n <c>text</c>\n <d>\n  <e/>\n </d>\n</a>\n",
	    "elements within others, each on a line");
}

static void test_depth(void)
{
	struct xml xml = start();
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		xml_open(&xml, "a");
	OK(xml.depth == XML_DEPTH_MAX, "as deep as it may be");
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		xml_close(&xml);
	OK(xml.depth == 0, "and closed again");
	(void)fclose(xml.out); /* to memory */
	free(text);
}

int main(void)
{
	test_escapes();
	test_tree();
	test_depth();
	return test_done();
}
