/*
 * config_key.h - the keys of station.yaml as a table, and the types of their values. Included by
 * src/cmd/station/config*.c and their tests only.
 */
#ifndef CMD_STATION_CONFIG_KEY_H
#define CMD_STATION_CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "base/config.h"
#include "cmd/station/config.h"

enum {
	STATION_KEYS_MAX = 96,      /* a test holds that the table fits */
	STATION_KEY_PATH_BYTES = 64 /* "store.retention.statistics_hour" has 31 */
};

enum value_shape {
	SHAPE_ONE,
	SHAPE_LIST,       /* of what `parse` takes; one alone need not be in a list */
	SHAPE_PAIRS,      /* NAME: DURATION */
	SHAPE_THRESHOLDS, /* a section of its own (detect/thresholds.h) */
};

struct station_key;

struct value_type {
	const char *name; /* in lists of keys: "duration" */
	enum value_shape shape;
	const char *expected; /* "expected a duration such as 15m" */
	/*
	 * Writes to the key's field; of a list, it adds. Returns 0; -EINVAL with a complaint that
	 * holds only what was expected; -ERANGE, which needs none: the key has the range.
	 */
	int (*parse)(const struct station_key *key, const char *text, void *field,
	    struct complaint *complaint);
};

struct station_key {
	const char *path; /* "mail.server" */
	const struct value_type *type;
	size_t offset; /* in struct station_config */
	size_t bytes;
	const char
	    *initial; /* as in a file; "": nothing, which is the default of texts and lists */
	const char *example; /* for a file, where the default says too little; NULL */
	const char *min;     /* as in a file; NULL: the type has no range */
	const char *max;
	bool or_zero;             /* 0 is taken below min, and means off */
	const char *const *words; /* of a choice, in the order of its enum; NULL ends */
	const char *explanations[LANGUAGE_COUNT];
};

/* In the order of the file. */
extern const struct station_key station_keys[];
extern const size_t station_key_count;

/* What a section is for; a section without a row explains itself by its keys. */
struct station_section {
	const char *path;
	const char *explanations[LANGUAGE_COUNT];
};

extern const struct station_section station_sections[];
extern const size_t station_section_count;

extern const struct value_type value_name, value_language, value_zone, value_user, value_path;
extern const struct value_type value_mailbox_place, value_algorithm, value_host, value_mailbox,
    value_url, value_server, value_listen;
extern const struct value_type value_duration, value_size, value_space, value_count, value_flag;
extern const struct value_type value_choice, value_weekday, value_hours, value_country;
extern const struct value_type value_sources, value_prefixes, value_expect, value_thresholds;

/* Adds a pair to a field of SHAPE_PAIRS. As value_type.parse. */
int value_add_pair(const struct station_key *key, const char *name, const char *text, void *field,
    struct complaint *complaint);

/* The number of the key of this path, or -1. */
int station_key_find(const char *path);

/* A file that is being read: what it sets so far, and where. */
struct station_reading {
	const struct config *config;   /* borrowed, as all */
	const struct station_dir *dir; /* NULL: files that it names are not looked at */
	struct complaint *complaint;
	struct station_config *into;
	const struct config_node *set_by[STATION_KEYS_MAX]; /* NULL where the default stands */
};

/* "FILE:LINE: KEY: ...", at the line of that key. Returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int station_refuse(
    const struct station_reading *reading, const char *path, const char *format, ...);

/* What holds between keys, and of the files they name (config_rules.c). */
int station_rules_check(const struct station_reading *reading);

#endif
