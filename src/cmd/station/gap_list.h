/*
 * gap_list.h - what could not be observed, out of the store: one line for each source and kind.
 */
#ifndef CMD_STATION_GAP_LIST_H
#define CMD_STATION_GAP_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "store/store.h"

enum {
	GAP_LIST_MAX = 64, /* a source has half a dozen kinds; more are counted together */
	GAP_NAME_BYTES = 64,
};

struct gap_line {
	char source[GAP_NAME_BYTES]; /* "" with `kind` "": all that found no line of their own */
	char kind[GAP_NAME_BYTES];
	int64_t first_us;
	int64_t last_us;
	uint64_t times;
	uint64_t lost; /* of what is known */
};

struct gap_list {
	struct gap_line lines[GAP_LIST_MAX + 1];
	size_t count;
};

/* Those that ended since then. Returns 0, or what the store gave, with a complaint. */
int gap_list_read(
    struct store *store, int64_t since_us, struct gap_list *ret_list, struct complaint *complaint);

#endif
