/*
 * rank.h - whose knowledge goes first when memory is used up.
 *
 * What strangers do is known in bounded memory as well, and whoever forges senders can make as many
 * strangers as he likes. So strangers leave an eighth of all room to others: to members, and, up to
 * half of it, to strangers that bear a strong mark (of 2^-32; it can be forged as well). And none
 * makes room at the cost of a higher rank.
 */
#ifndef OBSERVE_RANK_H
#define OBSERVE_RANK_H

#include <stddef.h>

enum rank {
	RANK_STRANGER,
	RANK_MARKED,
	RANK_MEMBER,
	RANK_COUNT,
};

/* What this rank must leave of so much room. */
static inline size_t rank_leaves(enum rank rank, size_t room)
{
	switch (rank) {
	case RANK_STRANGER:
		return room / 8;
	case RANK_MARKED:
		return room / 16;
	case RANK_MEMBER:
	case RANK_COUNT:
		break;
	}
	return 0;
}

#endif
