/* dossier_internal.h - shared by the files that prepare dossiers; not for other folders. */
#ifndef DETECT_DOSSIER_INTERNAL_H
#define DETECT_DOSSIER_INTERNAL_H

#include "detect/dossier.h"

/* Per target: how many of its ports failed, how many bare protocols were tried. */
struct depth {
	struct address target;
	uint32_t ports;
	uint32_t protocols;
	uint32_t last_asked; /* number + 1 of the port counted last, so that each counts once */
};

/*
 * So many tracks of one subject are looked at without what was sent in crowds: an address that
 * counts for one has sent less packets than that (detect/spoof_member).
 */
enum {
	DOSSIER_RESTS_MAX = 32
};

struct dossier_maker {
	struct ledger *ledger;
	struct track **tracks;
	size_t tracks_max;
	struct asked_port *asked;
	size_t asked_max;
	struct interval *intervals;
	size_t intervals_max;
	struct table *depths;
	struct track rests[DOSSIER_RESTS_MAX]; /* what is left; their targets are ours */
	size_t rest_count;
	struct slab *slab;          /* of those, and of the two sets below */
	struct address_set targets; /* of the dossier that is open */
	struct address_set scratch;
	uint64_t seed;
};

/* `count` of the items of a set, made good for the part that its sample leaves out. */
uint64_t dossier_scale(const struct address_set *set, uint64_t count);

/* Unites targets and counts outcomes per port and over all (dossier_count.c). */
void dossier_count(struct dossier_maker *maker, struct dossier *dossier);
/* Order and density of the united targets (dossier_layout.c). */
void dossier_lay_out(const struct address_set *targets, struct layout *ret_layout);

#endif
