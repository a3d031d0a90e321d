/*
 * form.h - what a browser posts from a form: application/x-www-form-urlencoded (WHATWG URL
 * section 5). Bytes of a stranger: read within their count, and given only as whole UTF-8.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a Content-Type is that of a form, whatever its parameters are; NULL is none. */
bool form_is_type(const char *type);

/*
 * The value of the field of this name: `out` of `room` bytes, ended with NUL. False, and "", when
 * there is none or more than one of it, or it is damaged, no UTF-8, has a NUL in it, or does not
 * fit.
 */
bool form_get(const uint8_t *bytes, size_t count, const char *name, char *out, size_t room);

#endif
