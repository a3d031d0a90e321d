/* darknet_internal.h - shared by darknet.c, darknet_deeds.c and darknet_room.c; not for other
 * folders. */
#ifndef OBSERVE_DARKNET_INTERNAL_H
#define OBSERVE_DARKNET_INTERNAL_H

#include "observe/darknet.h"
#include "observe/line_arena.h"

/* Bits of stranger.state; 0: free, and of.v4.source is the number of the next free one. */
enum {
	STRANGER_V4 = 1 << 0,
	STRANGER_V6 = 1 << 1,
	STRANGER_SYN = 1 << 2,   /* of.v4 remembers a SYN */
	STRANGER_DRILL = 1 << 3, /* its packets come from a drill; hashed with the seed inverted */
};

/* An index slot: the upper 6 bits of the hash, and the number of a record's line; 0 where empty. */
enum {
	SLOT_NUMBER_BITS = 26,
	SLOT_NUMBER_MASK = (1 << SLOT_NUMBER_BITS) - 1,
	SLOT_HASH_SHIFT = 64 - (32 - SLOT_NUMBER_BITS),
};

enum {
	KEY_WITHOUT_PORT = 0xffff, /* of dark_key(): with port 0, which also stands for "other" */
};

/*
 * A line holds a stranger or the second line of one; pieces of the arena hold one or the other.
 * They are known by their number in the arena; 0: none.
 */
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
	/* What every event needs comes first, in one cache line: there are many darknets. */
	_Alignas(LINE_BYTES) union darknet_line *lines; /* by number; 0 is free for ever */
	uint32_t *slots;
	size_t slot_mask;             /* their count, a power of two, less one */
	struct dark_details *details; /* NULL where strangers are only counted */
	struct darknet_counts counts;
	struct line_arena *arena;
	struct line_arena *own_arena; /* NULL where it is borrowed */
	size_t line_count;            /* at most so many lines, of both kinds */
	struct line_list strangers;
	size_t count;        /* of them in use */
	uint32_t free_first; /* number of the record that the next stranger gets; 0: a new one */
	struct line_list deeds;
	uint32_t deeds_free;
	uint64_t seed;
	struct sums *sums;
	uint8_t *admission;       /* how often replies were met of those without a record */
	size_t admission_count;   /* bytes, a power of two */
	size_t admission_refused; /* since it was cleared */
	struct slab *hosts_slab;
	struct address_set hosts; /* of those without a record, until darknet_hosts() */
};

/* The lines of a list by their place in it, the same whoever else takes pieces of the arena. */
static inline union darknet_line *line_at(const struct line_list *list, size_t place)
{
	return &list->pieces[place / PIECE_LINES][place % PIECE_LINES];
}

static inline struct stranger *darknet_stranger_at(const struct darknet *darknet, size_t place)
{
	return &line_at(&darknet->strangers, place)->stranger;
}

static inline uint32_t darknet_number(const struct darknet *darknet, const void *line)
{
	return (uint32_t)((const union darknet_line *)line - darknet->lines);
}

static inline struct stranger *darknet_stranger(const struct darknet *darknet, uint32_t number)
{
	return &darknet->lines[number].stranger;
}

static inline struct deeds *darknet_deeds(const struct darknet *darknet, uint32_t number)
{
	return &darknet->lines[number].deeds;
}

/* True when neither list may grow. */
static inline bool darknet_is_full(const struct darknet *darknet)
{
	return darknet->strangers.count + darknet->deeds.count >= darknet->line_count;
}

/* One line more; NULL when the arena has none. */
union darknet_line *darknet_grow(struct darknet *darknet, struct line_list *list);

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
