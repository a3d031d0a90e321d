/* darknet_internal.h - shared by darknet.c, darknet_deeds.c and darknet_room.c; not for other
 * folders. */
#ifndef OBSERVE_DARKNET_INTERNAL_H
#define OBSERVE_DARKNET_INTERNAL_H

#include "observe/darknet.h"
#include "observe/line_arena.h"

/*
 * Bits of stranger.state; 0: free, and of.v4.source is the number + 1 of the next free one.
 */
enum {
	STRANGER_V4 = 1 << 0,
	STRANGER_V6 = 1 << 1,
	STRANGER_SYN = 1 << 2,   /* of.v4 remembers a SYN */
	STRANGER_DRILL = 1 << 3, /* its packets come from a drill; hashed with the seed inverted */
};

/* An index slot: the upper 8 bits of the hash, and a record's number + 1; 0 where empty. */
enum {
	SLOT_NUMBER_BITS = 24,
	SLOT_NUMBER_MASK = (1 << SLOT_NUMBER_BITS) - 1,
};

enum {
	KEY_WITHOUT_PORT = 0xffff, /* of dark_key(): with port 0, which also stands for "other" */
};

/* A line holds a stranger or the second line of one; pieces of the arena hold one or the other. */
union darknet_line {
	struct stranger stranger;
	struct deeds deeds;
};

static_assert(sizeof(union darknet_line) == LINE_BYTES, "what the arena gives");

/* A list of lines that grows by pieces, so that no line ever moves. */
struct line_list {
	union darknet_line **pieces;
	size_t count; /* lines ever used; those of the last piece are zeroed */
};

struct darknet {
	struct stranger nobody; /* free for ever: what a guess at an empty slot gives */
	struct line_arena *arena;
	struct line_arena *own_arena; /* NULL where it is borrowed */
	size_t line_count;            /* at most so many lines, of both kinds */
	struct line_list strangers;
	size_t count;        /* of them in use */
	uint32_t free_first; /* number + 1 */
	struct line_list deeds;
	uint32_t deeds_free; /* number + 1 */
	uint32_t *slots;
	size_t slot_count; /* a power of two */
	uint64_t seed;
	struct sums *sums;
	uint8_t *admission;           /* how often replies were met of those without a record */
	size_t admission_count;       /* bytes, a power of two */
	size_t admission_refused;     /* since it was cleared */
	struct dark_details *details; /* NULL where strangers are only counted */
	struct slab *hosts_slab;
	struct address_set hosts; /* of those without a record, until darknet_hosts() */
	struct darknet_counts counts;
};

static inline union darknet_line *line_at(const struct line_list *list, size_t number)
{
	return &list->pieces[number / PIECE_LINES][number % PIECE_LINES];
}

static inline struct stranger *darknet_stranger(const struct darknet *darknet, size_t number)
{
	return &line_at(&darknet->strangers, number)->stranger;
}

static inline struct deeds *darknet_deeds(const struct darknet *darknet, uint32_t number_plus_1)
{
	return &line_at(&darknet->deeds, number_plus_1 - 1)->deeds;
}

/* True when neither list may grow. */
static inline bool darknet_is_full(const struct darknet *darknet)
{
	return darknet->strangers.count + darknet->deeds.count >= darknet->line_count;
}

/* One line more; false when the arena has none. */
bool darknet_grow(struct darknet *darknet, struct line_list *list);

/*
 * Counts one packet of this key, when it is none of the record's own (darknet_deeds.c). True when a
 * counter is full.
 */
bool darknet_count_deed(struct darknet *darknet, struct stranger *stranger, uint32_t key);
/* Gives back its second line. */
void darknet_drop_deeds(struct darknet *darknet, struct stranger *stranger);

/* Puts every stranger into the index, which holds none. */
void darknet_fill_index(struct darknet *darknet);

/* Folds the least informative strangers into the sums, so that there is room for more. */
void darknet_make_room(struct darknet *darknet);

/* True when one who replies may get a record: the sketch has met it before. */
bool darknet_admits(struct darknet *darknet, const struct dark_event *event);

/* Remembers that the source was there, when it has no record (any more). */
void darknet_note_host(struct darknet *darknet, const struct address *source, int64_t time_us);

/* Moves what was counted of a stranger to the sums; `sources` is 0 when it stays. */
void darknet_fold(struct darknet *darknet, struct stranger *stranger, unsigned sources);
/* Adds what this deed counted to the sums; its bytes and the source itself stay. */
void darknet_fold_deed(
    struct darknet *darknet, const struct stranger *stranger, const struct deed *deed);
void darknet_fold_event(struct darknet *darknet, const struct dark_event *event);

#endif
