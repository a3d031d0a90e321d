/*
 * config.h - a configuration file as a tree that remembers its lines.
 *
 * The file is YAML without its surprises: one document of mappings, lists and scalars in UTF-8. A
 * duplicate key, an alias, an anchor, a tag, a second document, a key that is not a scalar, a NUL,
 * deep nesting or a large file is refused, with the line and what was expected. What the values
 * mean is for the reader of each section, who refuses what it does not know with config_refuse().
 *
 * Built on libyaml's events. libcyaml was tried and left: it takes "5k" for 5, ignores all after
 * the first document, and has no line for a syntax error.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	CONFIG_BYTES_MAX =
	    1024 * 1024,         /* a full station has some 10 KiB: more is a mistaken file */
	CONFIG_NODES_MAX = 4096, /* keys are compared with all of their siblings */
	CONFIG_DEPTH_MAX = 8,    /* twice what any section needs */
};

enum config_kind {
	CONFIG_NOTHING, /* a key with no value after it, or an empty file */
	CONFIG_TEXT,
	CONFIG_LIST,
	CONFIG_MAPPING,
};

struct config_node {
	enum config_kind kind;
	bool is_quoted;
	unsigned line;    /* from 1; of its key, or of itself where it has none */
	const char *key;  /* NULL for the top and inside lists */
	const char *text; /* CONFIG_TEXT only */
	const struct config_node *first;
	const struct config_node *next; /* in the file's order */
};

struct config;

/*
 * Reads a file. Returns 0 and gives *ret_config, or a negative errno with a complaint: what opening
 * or reading gave, -EFBIG, -ENOMEM, or -EINVAL for its content.
 */
int config_read(const char *path, struct config **ret_config, struct complaint *complaint);
/* The same from an open file, read to its end; `name` stands in complaints for it. */
int config_read_open(
    const char *name, int fd, struct config **ret_config, struct complaint *complaint);
/* The same from memory, borrowed for the call; `name` stands in complaints for the file. */
int config_parse(const char *name, const char *text, size_t length, struct config **ret_config,
    struct complaint *complaint);
void config_free(struct config *config); /* NULL is allowed */

/* The whole: CONFIG_MAPPING, or CONFIG_NOTHING for a file that is empty or all comments. */
const struct config_node *config_top(const struct config *config);
/* What a node is, for complaints: "nothing", "text", "a list", "a mapping". */
const char *config_kind_name(const struct config_node *node);
/*
 * Reads a whole number in decimal digits, without quotes, sign or leading zeros. Returns 0, -EINVAL
 * when it is none, -ERANGE past UINT64_MAX.
 */
int config_unsigned(const struct config_node *node, uint64_t *ret_value);
/* Complains as "NAME:LINE: ...". Returns -EINVAL. */
__attribute__((format(printf, 4, 5))) int config_refuse(const struct config *config,
    const struct config_node *node, struct complaint *complaint, const char *format, ...);

#endif
