/*
 * json_read.c - by jansson. This file alone includes its header, since its names are much like
 * those of base/json.h (and one is the same: json_string, which it does not call itself).
 */
#include "base/json_read.h"

#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static struct json_node *node_of(json_t *json)
{
	return (struct json_node *)json;
}

/* jansson asks for what it does not change without const. */
static json_t *json_of(const struct json_node *node)
{
	return (json_t *)(uintptr_t)node;
}

/* Deeper than JSON_READ_DEPTH_MAX: what stands in texts does not count. */
static bool is_too_deep(const char *text, size_t length)
{
	int depth = 0;
	bool in_text = false;
	for (size_t i = 0; i < length; i++) {
		if (in_text && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_text = !in_text;
		else if (!in_text && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!in_text && (text[i] == '}' || text[i] == ']'))
			depth--;
		if (depth > JSON_READ_DEPTH_MAX)
			return true;
	}
	return false;
}

/* Whatever was read may be a secret. */
static void wipe_and_free(void *memory)
{
	if (memory != NULL)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

/*
 * Names of objects are hashed; the seed comes from a file otherwise, which the sandbox keeps shut.
 */
static void prepare(void)
{
	static bool is_prepared;
	if (is_prepared)
		return;
	json_object_seed((size_t)hash_seed_random());
	json_set_alloc_funcs(malloc, wipe_and_free);
	is_prepared = true;
}

int json_read(
    const char *text, size_t length, struct json_node **ret_root, struct complaint *complaint)
{
	json_error_t error;
	prepare();
	if (is_too_deep(text, length))
		return complain(complaint, -EINVAL, "JSON of more than %d levels, expected fewer",
		    JSON_READ_DEPTH_MAX);
	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (root == NULL && json_error_code(&error) == json_error_out_of_memory)
		return complain(complaint, -ENOMEM, "out of memory for JSON");
	if (root == NULL)
		return complain(
		    complaint, -EINVAL, "no JSON: byte %d: %s", error.position, error.text);
	*ret_root = node_of(root);
	return 0;
}

void json_read_free(struct json_node *root)
{
	json_decref(json_of(root));
}

const struct json_node *json_read_member(const struct json_node *node, const char *name)
{
	return node_of(json_object_get(json_of(node), name));
}

int json_read_names(const struct json_node *node,
    int (*visit)(void *context, const char *name, const struct json_node *value), void *context)
{
	const char *name;
	json_t *value;
	json_object_foreach(json_of(node), name, value)
	{
		int result = visit(context, name, node_of(value));
		if (result != 0)
			return result;
	}
	return 0;
}

size_t json_read_count(const struct json_node *node)
{
	return json_array_size(json_of(node));
}

const struct json_node *json_read_item(const struct json_node *node, size_t index)
{
	return node_of(json_array_get(json_of(node), index));
}

bool json_read_is_object(const struct json_node *node)
{
	return json_is_object(json_of(node));
}

bool json_read_is_array(const struct json_node *node)
{
	return json_is_array(json_of(node));
}

bool json_read_is_null(const struct json_node *node)
{
	return node != NULL && json_is_null(json_of(node));
}

bool json_read_text(const struct json_node *node, const char **ret_text)
{
	const char *text = json_string_value(json_of(node));
	if (text == NULL)
		return false;
	*ret_text = text;
	return true;
}

bool json_read_whole(const struct json_node *node, int64_t *ret_number)
{
	if (!json_is_integer(json_of(node)))
		return false;
	*ret_number = json_integer_value(json_of(node));
	return true;
}

bool json_read_real(const struct json_node *node, double *ret_number)
{
	if (!json_is_number(json_of(node)))
		return false;
	*ret_number = json_number_value(json_of(node));
	return true;
}

bool json_read_flag(const struct json_node *node, bool *ret_flag)
{
	if (!json_is_boolean(json_of(node)))
		return false;
	*ret_flag = json_is_true(json_of(node));
	return true;
}
