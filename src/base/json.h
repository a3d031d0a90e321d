/*
 * json.h - a small streaming JSON writer (RFC 8259) on a stdio stream.
 *
 * The caller opens and closes objects and arrays in order; commas and escapes are done here.
 * Text that is not UTF-8 has each bad byte replaced by U+FFFD; control characters are escaped.
 * Write errors are left to ferror() on the stream.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
	JSON_DEPTH_MAX = 16
};

struct json {
	FILE *out; /* borrowed */
	int depth;
	bool has_item[JSON_DEPTH_MAX];
};

void json_init(struct json *json, FILE *out);
/* `key` is NULL inside an array and at the top. */
void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);
void json_string(struct json *json, const char *key, const char *value); /* NULL writes null */
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);
/* At most `decimals` digits after the point, trailing zeros dropped; not finite writes null. */
void json_decimal(struct json *json, const char *key, double value, int decimals);
void json_bool(struct json *json, const char *key, bool value);
/* What is one whole value of JSON already. */
void json_raw(struct json *json, const char *key, const char *value);

#endif
