/*
 * xml.h - a small streaming XML 1.0 writer on a stdio stream, as json.h is one of JSON.
 *
 * The caller opens and closes elements in order; escapes are done here. Text that XML cannot hold
 * in any form (section 2.2: most control characters, U+FFFE, U+FFFF, and what is no UTF-8) has each
 * such character replaced by U+FFFD. Names of elements and attributes are ours, and written as they
 * are. Write errors are left to ferror() on the stream.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stdbool.h>
#include <stdio.h>

enum {
	XML_DEPTH_MAX = 16
};

struct xml {
	FILE *out; /* borrowed */
	int depth;
	const char *names[XML_DEPTH_MAX]; /* of open elements; borrowed until they are closed */
	bool has_children[XML_DEPTH_MAX];
	bool in_tag; /* the last element's start tag may still get attributes */
};

/* Writes the declaration: UTF-8. */
void xml_init(struct xml *xml, FILE *out);
void xml_open(struct xml *xml, const char *name);
/* Right after xml_open() only. */
void xml_attribute(struct xml *xml, const char *name, const char *value);
void xml_text(struct xml *xml, const char *text);
void xml_close(struct xml *xml);
/* An element that holds a text and nothing besides. */
void xml_element(struct xml *xml, const char *name, const char *text);

#endif
