/*
 * slab.h - blocks of a few fixed sizes from a fixed budget.
 *
 * The cold parts of what we know about a source (its targets, its sketch) come from here: no call
 * to the system on the packet path, and never more than the budget. The budget is one reserved row
 * of addresses, of which the system gives pages as they are first written: a slab costs what was
 * cut from it at most at one time, not what it may cost. Blocks of all classes are cut one behind
 * the other as they are asked for; what is given back serves its own class again, and smaller
 * ones where there is nothing else. When the last block has been given back all memory can be cut
 * anew.
 *
 * A slab is used by one thread at a time.
 */
#ifndef OBSERVE_SLAB_H
#define OBSERVE_SLAB_H

#include <stddef.h>
#include <stdint.h>

#include "observe/rank.h"

enum {
	SLAB_CLASSES_MAX = 12,
	SLAB_ALIGNMENT = 16,
};

/* The sizes that a slab serves: one table for each user, a constant. */
struct slab_sizes {
	size_t count;                   /* of classes */
	size_t bytes[SLAB_CLASSES_MAX]; /* of a block of each; multiples of SLAB_ALIGNMENT */
};

struct slab;

/*
 * `budget_bytes` bounds what is taken from the system for blocks; it is rounded down to whole
 * pages. `sizes` is borrowed until slab_free. NULL when the system will not reserve so much.
 */
struct slab *slab_new(size_t budget_bytes, const struct slab_sizes *sizes);
void slab_free(struct slab *slab); /* with all its blocks; NULL is allowed */

/*
 * For whom blocks are taken from now on: lower ranks leave a part of the budget to higher ones
 * (observe/rank.h). At first all have the highest.
 */
void slab_set_rank(struct slab *slab, enum rank rank);

/*
 * A block with undefined contents, or NULL when the budget is used up. It is aligned to
 * SLAB_ALIGNMENT; to a cache line where all sizes of the table are multiples of one.
 */
void *slab_take(struct slab *slab, size_t class);
void slab_give(struct slab *slab, size_t class, void *block); /* NULL is allowed */

size_t slab_block_bytes(const struct slab *slab, size_t class);
/* What the system gave for blocks until now, used or given back, in whole pages. */
size_t slab_bytes(const struct slab *slab);
size_t slab_used_bytes(const struct slab *slab); /* of blocks that were not given back */
uint64_t slab_refused(const struct slab *slab);  /* blocks for which there was no room */

#endif
