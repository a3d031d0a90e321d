/*
 * slab.h - blocks of a few fixed sizes from a fixed budget.
 *
 * The cold parts of what we know about a source (its targets, its sketch) come from here: no call
 * to the allocator on the packet path but for a whole chunk now and then, and never more than the
 * budget.
 */
#ifndef OBSERVE_SLAB_H
#define OBSERVE_SLAB_H

#include <stddef.h>
#include <stdint.h>

enum slab_class {
	SLAB_ITEMS_1,
	SLAB_ITEMS_4,
	SLAB_ITEMS_16,
	SLAB_ITEMS_64,
	SLAB_ITEMS_256,
	SLAB_REGISTERS,
	SLAB_CLASS_COUNT,
};

struct slab;

/* `budget_bytes` bounds what is taken from the system. NULL when memory is out. */
struct slab *slab_new(size_t budget_bytes);
void slab_free(struct slab *slab); /* with all its blocks; NULL is allowed */

/* A block with undefined contents, or NULL when the budget is used up. */
void *slab_take(struct slab *slab, enum slab_class class);
void slab_give(struct slab *slab, enum slab_class class, void *block); /* NULL is allowed */

size_t slab_block_bytes(enum slab_class class);
size_t slab_bytes(const struct slab *slab);

#endif
