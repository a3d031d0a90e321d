#include "source/live_options.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND_RING 1U
#define KIND_XDP  2U

enum {
	WORDS_MAX = 3,
	KEY_BYTES = 32,
	VALUE_BYTES = 32,
	KEYS_BYTES = 128,
};

struct option {
	const char *key;
	unsigned kinds;
	const char *expected;
	size_t offset; /* of a uint32_t in the options */
	uint32_t min;
	uint32_t max;                 /* 0: one of the words, by its number */
	const char *words[WORDS_MAX]; /* none and no maximum: "COUNT/NUMBER" of a fanout */
};

#define AT(member)        offsetof(struct live_options, member)
#define TEXT_OF(number)   #number
#define NUMBERS(min, max) "a whole number from " TEXT_OF(min) " to " TEXT_OF(max)

static const struct option options[] = {
    {"promiscuous", KIND_RING | KIND_XDP, "yes or no", AT(is_promiscuous), 0, 0, {"no", "yes"}},
    {"blocks", KIND_RING, "the ring's MiB, " NUMBERS(4, 2048), AT(blocks), LIVE_BLOCKS_MIN,
	LIVE_BLOCKS_MAX, {NULL}},
    {"fanout", KIND_RING, "COUNT/NUMBER, such as 2/0 and 2/1 for two that share it; at most 64 may",
	AT(fanout_count), 0, 0, {NULL}},
    {"group", KIND_RING, NUMBERS(1, 65535), AT(group), 1, LIVE_GROUP_MAX, {NULL}},
    {"take", KIND_XDP, "yes or no", AT(takes_all), 0, 0, {"no", "yes"}},
    {"fallback", KIND_XDP, "yes or no", AT(falls_back), 0, 0, {"no", "yes"}},
    {"mode", KIND_XDP, "auto, native or generic", AT(mode), 0, 0, {"auto", "native", "generic"}},
    {"frames", KIND_XDP, NUMBERS(4096, 1048576), AT(frames), LIVE_FRAMES_MIN, LIVE_FRAMES_MAX,
	{NULL}},
};

enum {
	OPTIONS = sizeof options / sizeof options[0]
};

/* What is being read, for complaints. */
struct parsing {
	const char *kind;
	unsigned kind_bit;
	const char *rest;
	struct live_options *options;
	struct complaint *complaint;
};

static int complain_unknown(const struct parsing *parsing, const char *key)
{
	char known[KEYS_BYTES] = "";
	size_t used = 0;
	for (size_t i = 0; i < OPTIONS; i++) {
		if ((options[i].kinds & parsing->kind_bit) == 0)
			continue;
		int length = snprintf(known + used, sizeof known - used, "%s%s",
		    used > 0 ? ", " : "", options[i].key);
		assert(length > 0 && (size_t)length < sizeof known - used);
		used += (size_t)length;
	}
	return complain(parsing->complaint, -EINVAL,
	    "%s:%s: there is no option \"%s\"; expected one of %s", parsing->kind, parsing->rest,
	    key, known);
}

/* Gives where the number ends, or NULL. */
static const char *read_number(const char *text, uint32_t max, uint32_t *ret_number)
{
	char *end = NULL;
	if (text[0] < '0' || text[0] > '9')
		return NULL;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (errno != 0 || value > max)
		return NULL;
	*ret_number = (uint32_t)value;
	return end;
}

static bool read_fanout(const char *value, struct live_options *ret_options)
{
	uint32_t count = 0, number = 0;
	const char *end = read_number(value, LIVE_FANOUT_MAX, &count);
	if (end == NULL || *end != '/')
		return false;
	end = read_number(end + 1, LIVE_FANOUT_MAX, &number);
	if (end == NULL || *end != '\0' || number >= count)
		return false;
	ret_options->fanout_count = count;
	ret_options->fanout_number = number;
	return true;
}

static bool read_value(const struct option *option, const char *value, struct live_options *ret)
{
	uint32_t *number = (uint32_t *)(void *)((char *)ret + option->offset);
	if (option->max > 0) {
		const char *end = read_number(value, option->max, number);
		return end != NULL && *end == '\0' && *number >= option->min;
	}
	if (option->words[0] == NULL)
		return read_fanout(value, ret);
	for (uint32_t i = 0; i < WORDS_MAX && option->words[i] != NULL; i++) {
		if (strcmp(option->words[i], value) == 0) {
			*number = i;
			return true;
		}
	}
	return false;
}

static int set_option(const struct parsing *parsing, const char *key, const char *value)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *option = &options[i];
		if ((option->kinds & parsing->kind_bit) == 0 || strcmp(option->key, key) != 0)
			continue;
		if (read_value(option, value, parsing->options))
			return 0;
		return complain(parsing->complaint, -EINVAL, "%s:%s: %s=%s: expected %s",
		    parsing->kind, parsing->rest, key, value, option->expected);
	}
	return complain_unknown(parsing, key);
}

/* One "key=value" of so many bytes. */
static int read_option(const struct parsing *parsing, const char *text, size_t bytes)
{
	char key[KEY_BYTES], value[VALUE_BYTES];
	const char *equals = memchr(text, '=', bytes);
	size_t key_bytes = equals != NULL ? (size_t)(equals - text) : 0;
	if (equals == NULL || key_bytes >= sizeof key || bytes - key_bytes > sizeof value)
		return complain(parsing->complaint, -EINVAL,
		    "%s:%s: expected KEY=VALUE after ? and &, such as %s:eth0?promiscuous=no",
		    parsing->kind, parsing->rest, parsing->kind);
	memcpy(key, text, key_bytes);
	key[key_bytes] = '\0';
	memcpy(value, equals + 1, bytes - key_bytes - 1);
	value[bytes - key_bytes - 1] = '\0';
	return set_option(parsing, key, value);
}

int live_options_parse(const char *kind, const char *rest, struct live_options *ret_options,
    struct complaint *complaint)
{
	struct live_options read = {
	    .is_promiscuous = true,
	    .blocks = LIVE_BLOCKS_DEFAULT,
	    .falls_back = true,
	    .frames = LIVE_FRAMES_DEFAULT,
	};
	const struct parsing parsing = {
	    .kind = kind,
	    .kind_bit = strcmp(kind, "xdp") == 0 ? KIND_XDP : KIND_RING,
	    .rest = rest,
	    .options = &read,
	    .complaint = complaint,
	};
	size_t bytes = strcspn(rest, "?");
	if (bytes < sizeof read.interface)
		memcpy(read.interface, rest, bytes); /* else none: the name of no interface */
	for (const char *at = rest + bytes; *at != '\0'; at += bytes) {
		at++; /* over ? or & */
		bytes = strcspn(at, "&");
		int result = read_option(&parsing, at, bytes);
		if (result != 0)
			return result;
	}
	if (read.group != 0 && read.fanout_count == 0)
		return complain(complaint, -EINVAL,
		    "%s:%s: group= names those that share an interface; expected fanout= as well",
		    kind, rest);
	*ret_options = read;
	return 0;
}
