/*
 * slab.h - blocks of a few fixed sizes from a fixed budget.
 *
 * The cold parts of what we know about a source (its targets, its sketch) come from here: no call
 * to the system on the packet path but for a whole chunk now and then, and never more than the
 * budget. Blocks of all classes are cut from the same chunks as they are asked for, so a class
 * that is not used costs nothing; what is given back serves its own class again.
 *
 * When the last block has been given back all memory can be cut anew.
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
	/*
	 * What is taken from the system at once. A small budget takes less, so that the last chunk
	 * does not leave much of it unused, but always whole pages that hold the largest block.
	 */
	size_t chunk_bytes;
	size_t count;                   /* of classes */
	size_t bytes[SLAB_CLASSES_MAX]; /* of a block of each class; multiples of SLAB_ALIGNMENT */
};

struct slab;

/*
 * For whom blocks are taken from now on: lower ranks leave a part of the budget to higher ones
 * (observe/rank.h). At first all have the highest.
 */
void slab_set_rank(struct slab *slab, enum rank rank);

/*
 * `budget_bytes` bounds what is taken from the system for blocks. `sizes` is borrowed until
 * slab_free. NULL when memory is out.
 */
struct slab *slab_new(size_t budget_bytes, const struct slab_sizes *sizes);
void slab_free(struct slab *slab); /* with all its blocks; NULL is allowed */

/*
 * A block with undefined contents, or NULL when the budget is used up. It is aligned to
 * SLAB_ALIGNMENT; to a cache line where all sizes of the table are multiples of one.
 */
void *slab_take(struct slab *slab, size_t class);
void slab_give(struct slab *slab, size_t class, void *block); /* NULL is allowed */

size_t slab_block_bytes(const struct slab *slab, size_t class);
/* All that was taken from the system for blocks, used or not. */
size_t slab_bytes(const struct slab *slab);
size_t slab_used_bytes(const struct slab *slab); /* of blocks that were not given back */
uint64_t slab_refused(const struct slab *slab);  /* blocks for which there was no room */

#endif
