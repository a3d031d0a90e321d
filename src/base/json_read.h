/*
 * json_read.h - JSON (RFC 8259) from anybody, as a tree that is only looked at.
 *
 * Read by jansson, which is strict: UTF-8 throughout, no bytes after the end; of one name only one
 * value, no NUL in a text. Here the depth is bounded besides, and the length, so that any bytes
 * cost what they are long. Whole numbers are those of 64 bits.
 *
 * Nodes belong to their root. Where a node is NULL or of another kind, what is in it is not there.
 * What is freed is overwritten first, since it may be a secret.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	JSON_READ_DEPTH_MAX = 16, /* as deep as we write (base/json.h) */
};

struct json_node;

/* One value. Returns 0, or -EINVAL with a complaint that says where, or -ENOMEM. */
int json_read(
    const char *text, size_t length, struct json_node **ret_root, struct complaint *complaint);
void json_read_free(struct json_node *root); /* NULL is allowed */

/* Of an object. */
const struct json_node *json_read_member(const struct json_node *node, const char *name);
/* Names, in no order: calls `visit` until it returns other than 0, and returns that. */
int json_read_names(const struct json_node *node,
    int (*visit)(void *context, const char *name, const struct json_node *value), void *context);

/* Of an array. */
size_t json_read_count(const struct json_node *node);
const struct json_node *json_read_item(const struct json_node *node, size_t index);

bool json_read_is_object(const struct json_node *node);
bool json_read_is_array(const struct json_node *node);
bool json_read_is_null(const struct json_node *node); /* of JSON: it is there, and says nothing */
/* Each: whether it is one; only then written. Text is valid as long as the root. */
bool json_read_text(const struct json_node *node, const char **ret_text);
bool json_read_whole(const struct json_node *node, int64_t *ret_number);
bool json_read_real(const struct json_node *node, double *ret_number); /* a whole one too */
bool json_read_flag(const struct json_node *node, bool *ret_flag);

#endif
