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
#include "cmd/station/config_show.h"

enum {
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

/*
 * What the page and `hinomi setting` may make of a key (station/settings.h): narrower than what a
 * file may, where a value at the end of its range would silence warnings. Neither 0 nor off is
 * among it.
 */
struct station_key_change {
	const char *min; /* NULL: as the key's, as is: */
	const char *max;
	bool has_auto; /* auto is among it */
	/* What else must hold of the field; NULL: nothing. */
	bool (*is_right)(const void *field);
	/* Without "expected"; NULL: by type and range. */
	const char *expected[LANGUAGE_COUNT];
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
	const struct station_key_change *change; /* NULL: it is changed in station.yaml alone */
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

/* config_change.c: what of a key may be changed (station_key.change is not NULL). */

/* Writes to the field what the text says: 0, or -EINVAL, and then the field is as it was. */
int station_key_take_change(const struct station_key *key, const char *text, void *field);

/* "a whole number from 5 to 1000". */
void station_key_expect_change(
    const struct station_key *key, enum language language, char out[static CONFIG_EXPECTED_BYTES]);
/* The few words it can be, where there are only those, NULL at the end; else NULL. */
const char *const *station_key_choices(const struct station_key *key);

/* Files that are being read: what they set so far, and where. */
struct station_reading {
	const struct config *config;   /* which is read now; borrowed, as all */
	const struct config *base;     /* station.yaml */
	enum station_origin origin;    /* of what is read now */
	const struct station_dir *dir; /* NULL: files that it names are not looked at */
	struct complaint *complaint;
	struct station_config *into;
	const struct config_node *set_by[STATION_KEYS_MAX]; /* NULL where the default stands */
	const struct config *set_in[STATION_KEYS_MAX];      /* in which of them */
};

/* "FILE:LINE: KEY: ...", at the line of that key. Returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int station_refuse(
    const struct station_reading *reading, const char *path, const char *format, ...);

/* What holds between keys, and of the files they name (config_rules.c). */
int station_rules_check(const struct station_reading *reading);

#endif
