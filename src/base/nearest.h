/*
 * nearest.h - which of the known names a mistyped one was probably meant to be.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/*
 * The name with the smallest edit distance (Levenshtein: insert, remove, replace) to `text`, the
 * first of equals; NULL when `count` is 0. Only the first 64 bytes of each are compared.
 */
const char *nearest_name(const char *text, const char *const names[], size_t count);

#endif
