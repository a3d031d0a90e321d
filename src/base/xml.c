#include "base/xml.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"

/* What XML 1.0 has room for, of a character as found by utf8_step. */
static bool is_allowed(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	if (length == 0)
		return false;
	if (length == 1 && bytes[0] < ' ')
		return bytes[0] == '\t' || bytes[0] == '\n' || bytes[0] == '\r';
	/* U+FFFE and U+FFFF */
	return length != 3 || bytes[0] != 0xef || bytes[1] != 0xbf || bytes[2] < 0xbe;
}

/* White space in an attribute is a blank to its reader, and a lone CR a line feed anywhere, unless
 * they are written as numbers. */
static const char *find_escape(char byte, bool in_attribute)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\r':
		return "&#13;";
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void write_text(struct xml *xml, const char *text, bool in_attribute)
{
	size_t left = strlen(text);
	while (left > 0) {
		size_t length = utf8_step(text, left);
		const char *escape = find_escape(*text, in_attribute);
		if (escape != NULL)
			fputs(escape, xml->out);
		else if (is_allowed(text, length))
			fwrite(text, 1, length, xml->out);
		else
			fputs("\xef\xbf\xbd", xml->out); /* U+FFFD */
		length += length == 0;
		text += length;
		left -= length;
	}
}

static void end_tag(struct xml *xml)
{
	if (xml->in_tag)
		fputc('>', xml->out);
	xml->in_tag = false;
}

static void begin_line(struct xml *xml)
{
	fprintf(xml->out, "\n%*s", xml->depth, "");
}

void xml_init(struct xml *xml, FILE *out)
{
	*xml = (struct xml){.out = out};
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", out);
}

void xml_open(struct xml *xml, const char *name)
{
	assert(xml->depth < XML_DEPTH_MAX);
	end_tag(xml);
	begin_line(xml);
	fprintf(xml->out, "<%s", name);
	if (xml->depth > 0)
		xml->has_children[xml->depth - 1] = true;
	xml->names[xml->depth] = name;
	xml->has_children[xml->depth] = false;
	xml->depth++;
	xml->in_tag = true;
}

void xml_attribute(struct xml *xml, const char *name, const char *value)
{
	assert(xml->in_tag);
	fprintf(xml->out, " %s=\"", name);
	write_text(xml, value, true);
	fputc('"', xml->out);
}

void xml_text(struct xml *xml, const char *text)
{
	end_tag(xml);
	write_text(xml, text, false);
}

void xml_close(struct xml *xml)
{
	assert(xml->depth > 0);
	xml->depth--;
	if (xml->in_tag) {
		fputs("/>", xml->out);
	} else {
		if (xml->has_children[xml->depth])
			begin_line(xml);
		fprintf(xml->out, "</%s>", xml->names[xml->depth]);
	}
	xml->in_tag = false;
	if (xml->depth == 0)
		fputc('\n', xml->out);
}

void xml_element(struct xml *xml, const char *name, const char *text)
{
	xml_open(xml, name);
	xml_text(xml, text);
	xml_close(xml);
}
