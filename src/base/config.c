#include "base/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <yaml.h>

struct config {
	char *name;
	struct config_node *nodes; /* CONFIG_NODES_MAX, so that pointers to them last */
	size_t node_count;
	struct config_node *top; /* NULL until the document begins */
};

/* A tree in the making: the nodes that are open, from the top, and a key that waits for its value.
 */
struct builder {
	struct config *config; /* borrowed, as is the complaint */
	struct complaint *complaint;
	struct {
		struct config_node *node;
		struct config_node *last; /* its last child yet, NULL when it has none */
	} open[CONFIG_DEPTH_MAX];
	int depth;
	char *key; /* NULL where none waits */
	unsigned key_line;
	bool is_over; /* the document has ended */
};

__attribute__((format(printf, 4, 0))) static int refuse_line(const char *name, unsigned line,
    struct complaint *complaint, const char *format, va_list arguments)
{
	char *text = NULL;
	if (vasprintf(&text, format, arguments) < 0)
		return complain(complaint, -ENOMEM, "%s: out of memory", name);
	int error = complain(complaint, -EINVAL, "%s:%u: %s", name, line, text);
	free(text);
	return error;
}

__attribute__((format(printf, 3, 4))) static int refuse(
    const struct builder *builder, unsigned line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int error = refuse_line(builder->config->name, line, builder->complaint, format, arguments);
	va_end(arguments);
	return error;
}

static int no_memory(const struct builder *builder)
{
	return complain(builder->complaint, -ENOMEM, "%s: out of memory", builder->config->name);
}

static bool expects_key(const struct builder *builder)
{
	return builder->depth > 0 && builder->key == NULL &&
	       builder->open[builder->depth - 1].node->kind == CONFIG_MAPPING;
}

static int take_key(struct builder *builder, const yaml_event_t *event, unsigned line)
{
	const char *key = (const char *)event->data.scalar.value;
	if (strlen(key) != event->data.scalar.length)
		return refuse(builder, line, "a key holds a NUL byte, expected text");

	const struct config_node *sibling = builder->open[builder->depth - 1].node->first;
	for (; sibling != NULL; sibling = sibling->next) {
		if (strcmp(sibling->key, key) == 0)
			return refuse(builder, line,
			    "\"%s\" was given in line %u already, expected it once", key,
			    sibling->line);
	}
	builder->key = strdup(key);
	builder->key_line = line;
	return builder->key == NULL ? no_memory(builder) : 0;
}

/* Puts a new node where the document has come to. The waiting key becomes its own. */
static int add_node(
    struct builder *builder, enum config_kind kind, unsigned line, struct config_node **ret_node)
{
	struct config *config = builder->config;
	if (config->node_count >= CONFIG_NODES_MAX)
		return refuse(builder, line, "more than %d values, expected a configuration file",
		    CONFIG_NODES_MAX);

	if (builder->key != NULL)
		line = builder->key_line;
	struct config_node *node = &config->nodes[config->node_count++];
	*node = (struct config_node){.kind = kind, .line = line, .key = builder->key};
	builder->key = NULL;
	if (builder->depth == 0) {
		config->top = node;
	} else if (builder->open[builder->depth - 1].last == NULL) {
		builder->open[builder->depth - 1].node->first = node;
		builder->open[builder->depth - 1].last = node;
	} else {
		builder->open[builder->depth - 1].last->next = node;
		builder->open[builder->depth - 1].last = node;
	}
	*ret_node = node;
	return 0;
}

static int open_node(struct builder *builder, enum config_kind kind, unsigned line)
{
	if (expects_key(builder))
		return refuse(builder, line, "a key is a list or mapping, expected text");
	if (builder->depth == CONFIG_DEPTH_MAX)
		return refuse(builder, line, "nested deeper than %d levels, expected fewer",
		    CONFIG_DEPTH_MAX);

	struct config_node *node = NULL;
	int error = add_node(builder, kind, line, &node);
	if (error != 0)
		return error;
	builder->open[builder->depth].node = node;
	builder->open[builder->depth].last = NULL;
	builder->depth++;
	return 0;
}

static int take_scalar(struct builder *builder, const yaml_event_t *event, unsigned line)
{
	if (expects_key(builder))
		return take_key(builder, event, line);

	const char *text = (const char *)event->data.scalar.value;
	bool is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	bool is_nothing = event->data.scalar.length == 0 && !is_quoted;
	if (strlen(text) != event->data.scalar.length)
		return refuse(builder, line, "a value holds a NUL byte, expected text");

	struct config_node *node = NULL;
	int error = add_node(builder, is_nothing ? CONFIG_NOTHING : CONFIG_TEXT, line, &node);
	if (error != 0 || is_nothing)
		return error;
	node->is_quoted = is_quoted;
	node->text = strdup(text);
	return node->text == NULL ? no_memory(builder) : 0;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.anchor;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return event->data.sequence_start.anchor;
	return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.anchor : NULL;
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.tag;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return event->data.sequence_start.tag;
	return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.tag : NULL;
}

static int take_event(struct builder *builder, const yaml_event_t *event)
{
	unsigned line = (unsigned)event->start_mark.line + 1;
	if (event->type == YAML_ALIAS_EVENT || anchor_of(event) != NULL)
		return refuse(builder, line, "an anchor (&) or alias (*), expected none here");
	if (tag_of(event) != NULL)
		return refuse(builder, line, "a tag (!), expected none here");

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return builder->is_over
			   ? refuse(builder, line, "a second document begins, expected one")
			   : 0;
	case YAML_DOCUMENT_END_EVENT:
		builder->is_over = true;
		return 0;
	case YAML_SCALAR_EVENT:
		return take_scalar(builder, event, line);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(builder, CONFIG_LIST, line);
	case YAML_MAPPING_START_EVENT:
		return open_node(builder, CONFIG_MAPPING, line);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		assert(builder->depth > 0); /* libyaml pairs them */
		builder->depth--;
		return 0;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_ALIAS_EVENT:
	default:
		return 0;
	}
}

/* The line of a byte, for errors of encoding, which libyaml places by byte only. */
static unsigned line_at(const char *text, size_t length, size_t offset)
{
	unsigned line = 1;
	for (size_t i = 0; i < length && i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static int refuse_syntax(
    const struct builder *builder, const yaml_parser_t *parser, const char *text, size_t length)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return no_memory(builder);
	unsigned line = parser->error == YAML_READER_ERROR
			    ? line_at(text, length, parser->problem_offset)
			    : (unsigned)parser->problem_mark.line + 1;
	return refuse(builder, line, "not YAML (%s), expected lines such as \"key: value\"",
	    parser->problem != NULL ? parser->problem : "no reason given");
}

static int build(struct builder *builder, const char *text, size_t length)
{
	yaml_parser_t parser;
	if (yaml_parser_initialize(&parser) == 0)
		return no_memory(builder);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);

	int error = 0;
	bool is_end = false;
	while (error == 0 && !is_end) {
		yaml_event_t event;
		if (yaml_parser_parse(&parser, &event) == 0) {
			error = refuse_syntax(builder, &parser, text, length);
			break;
		}
		is_end = event.type == YAML_STREAM_END_EVENT;
		error = take_event(builder, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return error;
}

/* Whatever is no mapping at the top is no configuration. */
static int settle_top(struct builder *builder)
{
	struct config *config = builder->config;
	if (config->top == NULL) {
		struct config_node *node = NULL;
		return add_node(builder, CONFIG_NOTHING, 1, &node);
	}
	if (config->top->kind == CONFIG_NOTHING || config->top->kind == CONFIG_MAPPING)
		return 0;
	return refuse(builder, config->top->line, "found %s, expected lines such as \"key: value\"",
	    config_kind_name(config->top));
}

int config_parse(const char *name, const char *text, size_t length, struct config **ret_config,
    struct complaint *complaint)
{
	if (length > CONFIG_BYTES_MAX)
		return complain(complaint, -EFBIG,
		    "%s: larger than %d bytes, expected a configuration file", name,
		    CONFIG_BYTES_MAX);

	int error = -ENOMEM;
	struct config *config = calloc(1, sizeof *config);
	if (config == NULL)
		return complain(complaint, error, "%s: out of memory", name);
	struct builder builder = {.config = config, .complaint = complaint};
	config->name = strdup(name);
	config->nodes = calloc(CONFIG_NODES_MAX, sizeof *config->nodes);
	if (config->name == NULL || config->nodes == NULL) {
		complain(complaint, error, "%s: out of memory", name);
		goto out;
	}

	error = build(&builder, text, length);
	if (error == 0)
		error = settle_top(&builder);
	if (error == 0) {
		*ret_config = config;
		config = NULL;
	}
out:
	free(builder.key);
	config_free(config);
	return error;
}

/* One byte more than allowed is enough to know. */
static int read_all(int fd, char *text, size_t room, size_t *ret_length)
{
	size_t length = 0;
	while (length < room) {
		ssize_t got = read(fd, text + length, room - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	*ret_length = length;
	return 0;
}

int config_read_open(
    const char *name, int fd, struct config **ret_config, struct complaint *complaint)
{
	size_t length = 0;
	char *text = malloc(CONFIG_BYTES_MAX + 1);
	if (text == NULL)
		return complain(complaint, -ENOMEM, "%s: out of memory", name);
	int error = read_all(fd, text, CONFIG_BYTES_MAX + 1, &length);
	if (error != 0)
		complain(complaint, error, "%s: %s, expected a configuration file", name,
		    strerror(-error));
	else
		error = config_parse(name, text, length, ret_config, complaint);
	free(text);
	return error;
}

int config_read(const char *path, struct config **ret_config, struct complaint *complaint)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int error = -errno;
		return complain(complaint, error, "%s: %s, expected a configuration file", path,
		    strerror(-error));
	}
	int error = config_read_open(path, fd, ret_config, complaint);
	(void)close(fd); /* only read from */
	return error;
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->node_count; i++) {
		free((char *)(uintptr_t)config->nodes[i].key);
		free((char *)(uintptr_t)config->nodes[i].text);
	}
	free(config->nodes);
	free(config->name);
	free(config);
}

const struct config_node *config_top(const struct config *config)
{
	return config->top;
}

const char *config_kind_name(const struct config_node *node)
{
	static const char *const names[] = {
	    [CONFIG_NOTHING] = "nothing",
	    [CONFIG_TEXT] = "text",
	    [CONFIG_LIST] = "a list",
	    [CONFIG_MAPPING] = "a mapping",
	};
	return names[node->kind];
}

int config_unsigned(const struct config_node *node, uint64_t *ret_value)
{
	if (node->kind != CONFIG_TEXT || node->is_quoted)
		return -EINVAL;
	size_t digits = strspn(node->text, "0123456789");
	if (digits == 0 || node->text[digits] != '\0' || (digits > 1 && node->text[0] == '0'))
		return -EINVAL;

	errno = 0;
	unsigned long long value = strtoull(node->text, NULL, 10);
	if (errno == ERANGE)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int config_refuse(const struct config *config, const struct config_node *node,
    struct complaint *complaint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int error = refuse_line(config->name, node->line, complaint, format, arguments);
	va_end(arguments);
	return error;
}
