/* greynet_internal.h - shared by greynet.c and greynet_store.c. */
#ifndef CMD_STATION_GREYNET_INTERNAL_H
#define CMD_STATION_GREYNET_INTERNAL_H

#include "base/table.h"
#include "cmd/station/greynet.h"
#include "cmd/station/watched_time.h"
#include "registry/prefix_table.h"

enum {
	/* Candidates for ranges: on one wire there are a few. */
	GREYNET_CANDIDATES_MAX = 256,
};

struct grey_range {
	struct prefix prefix;
	bool is_found;
	bool is_own; /* of this machine's, now */
	bool is_stored;
	int64_t since_us; /* it is watched; INT64_MIN: since the clock begins */
	int64_t heard_us; /* when anybody there was */
};

/* A network that may become a range: who spoke for an address there. */
struct grey_candidate {
	struct prefix prefix;
	struct address holders[GREYNET_HOLDERS];
	size_t count;
};

struct grey_host {
	struct address address; /* its key */
	int64_t first_us;
	int64_t last_us;
	int64_t stored_us; /* last_us as the store has it; INT64_MIN: not there */
	bool two_way;
	bool is_two_way_stored;
	bool is_dirty;
	bool is_written; /* in this transaction */
};

struct greynet {
	struct greynet_options options; /* its lists are not used: ours follow */
	struct observer_sink sink;
	struct grey_range *ranges;
	size_t range_count;
	size_t range_room;
	size_t found_count;
	struct prefix_table *by_address; /* value: number of the range, and 1; NULL: to be made */
	struct address ours[GREYNET_OURS_MAX];
	size_t ours_count;
	struct grey_candidate candidates[GREYNET_CANDIDATES_MAX];
	size_t candidate_count;
	size_t candidate_next; /* to be given up for a new one */
	struct table *hosts;
	uint64_t seed;
	struct watched_time watched;
	int64_t told_us;    /* the latest time of anything told; INT64_MIN before */
	bool is_full;       /* a host found no room */
	bool is_blind;      /* with a capture: for good */
	bool has_changed;   /* a dark address spoke */
	bool has_untimed;   /* hosts whose time is not known yet */
	size_t dirty;       /* hosts to be written */
	size_t written;     /* of them, in this transaction */
	int64_t written_us; /* when numbers were written; monotonic, as the next */
	int64_t purged_us;
	int64_t attempted_us;
	bool clock_is_written;
	bool is_ending;
	unsigned lines; /* of the log, in this window */
	uint64_t returned;
};

/* Reads everything. Returns 0, or what the store gave, with a complaint. */
int greynet_load(struct greynet *greynet, struct complaint *complaint);
/* Adds a range, unless it is there or there is no room: -ENOSPC, -ENOMEM. */
int greynet_add_range(struct greynet *greynet, const struct prefix *prefix, bool is_found);
/* Somebody was heard there. */
void greynet_note_range(struct greynet *greynet, const struct address *address, int64_t time_us);
struct grey_host *greynet_get_host(struct greynet *greynet, const struct address *address);
/* Sets in order what has become of the table of hosts: room was made, learning begins anew. */
void greynet_begin_anew(struct greynet *greynet);

#endif
