/*
 * charset.h - text in the character sets in which people answer, as UTF-8. Converters are opened
 * once, before a sandbox in which their files could not be found.
 */
#ifndef NOTIFY_CHARSET_H
#define NOTIFY_CHARSET_H

#include <stddef.h>

struct charsets;

/* Where converted text goes. */
struct charset_room {
	char *bytes;
	size_t room; /* 1 and more */
};

/* Returns 0 or -ENOMEM. What this machine cannot convert is left out. */
int charsets_open(struct charsets **ret_charsets);
void charsets_close(struct charsets *charsets); /* NULL is allowed */

/*
 * Text of this set (a name of MIME in small letters; "" is UTF-8), terminated and cut to fit. A set
 * that is not known stays as it is; what cannot be converted becomes "?". Returns the length.
 */
size_t charsets_convert(struct charsets *charsets, const char *name, const char *text,
    size_t length, struct charset_room *out);

#endif
