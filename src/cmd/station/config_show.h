/*
 * config_show.h - what a station is told, key by key, for people who look: as a file would have it.
 *
 * Web addresses may hold a secret in their path, as those of chat services do: of them only the
 * scheme and the host are shown. Files with secrets are named, never opened.
 */
#ifndef CMD_STATION_CONFIG_SHOW_H
#define CMD_STATION_CONFIG_SHOW_H

#include <stdbool.h>

#include "cmd/station/config.h"

enum {
	CONFIG_SHOWN_BYTES = 2048, /* long lists are cut, and end with "..." */
	CONFIG_EXPECTED_BYTES = 160,
};

/* Borrows static texts. */
struct config_shown {
	const char *key;
	char value[CONFIG_SHOWN_BYTES]; /* "": nothing is set */
	bool is_default;
	const char *from; /* "default", "station.yaml" or "page" (settings.yaml) */
	const char *explanations[LANGUAGE_COUNT];
	bool is_changeable; /* by the page and `hinomi setting`; then as is: */
	char expected[LANGUAGE_COUNT][CONFIG_EXPECTED_BYTES];
	const char *const *choices; /* the words it can be, NULL at the end; NULL: others too */
};

/* The i-th key in the order of the file; false behind the last. */
bool config_show(const struct station_config *config, size_t i, struct config_shown *ret_shown);

#endif
