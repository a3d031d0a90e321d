/*
 * darknet.h - what strangers did to declared dark addresses: one shard of it.
 *
 * A telescope's packets come from strangers by the hundred million, and hardly two belong together.
 * They need no contacts, since nothing comes back from a dark address, and no windows of a minute.
 * So here a stranger is one record of one cache line, found by one hash through an index that costs
 * 6 to 11 bytes more. It holds the first four ports of what (kind, protocol) it was first seen to
 * do; the few that do more get a second line. Batches pass four steps that run behind one another,
 * of which three only ask the memory for what the last needs, so that many waits overlap.
 *
 * Bounded: `memory_bytes` is never exceeded. When it is used up, the older half of the lightest
 * strangers is folded into sums per /24 (IPv6 /64), kind and port (observe/sums.h), so that nothing
 * is lost from the totals; those with a strong mark go last. From fifteen sixteenths on a stranger
 * that *replies* (backscatter of forged floods: tens of millions of sources a day) only gets a
 * record once a sketch has met it twice before; until then its packets go into the sums.
 *
 * What is kept depends on the packets alone and on their order within this shard, never on the hash
 * seed, the sizes of batches, or how many threads work.
 */
#ifndef OBSERVE_DARKNET_H
#define OBSERVE_DARKNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "observe/address_set.h"
#include "observe/dark_event.h"
#include "observe/sighting.h"
#include "observe/line_arena.h"
#include "observe/sums.h"

enum {
	STRANGER_DEEDS = 4, /* ports in the record itself, of what it did first */
	DEEDS_MORE = 8,     /* in the second line; what goes beyond is counted as port 0, "other" */
};

/* How often a stranger did one thing, unpacked. */
struct deed {
	uint32_t key; /* dark_key(); 0: none */
	uint32_t packets;
};

/* The second line of a stranger that did more than its record holds. */
struct deeds {
	uint32_t keys[DEEDS_MORE]; /* 0: none; in an unused line keys[0] names the next such */
	uint32_t packets[DEEDS_MORE];
};

/* One who sent to dark addresses. */
struct stranger {
	union {
		struct {
			uint32_t source; /* host order */
			uint32_t seq;    /* of its last SYN, as in struct marks_memory */
			uint32_t target;
			uint32_t ports;
		} v4;
		struct address v6;
	} of;
	int64_t first_us;
	uint32_t span_ms; /* until it was last seen, rounded down; at most 49 days */
	uint32_t bytes;
	/*
	 * Which targets, by linear counting (Whang et al. 1990): bit h(target) of 64. Exact to a
	 * few, within a fifth up to some 100; all bits set say "300 or more".
	 */
	uint64_t targets;
	uint16_t ports[STRANGER_DEEDS];   /* of the first so many deeds, all of one `what` */
	uint16_t packets[STRANGER_DEEDS]; /* before a counter wraps, all go into the sums */
	uint32_t deeds_more;              /* number of its second line; 0: none */
	uint16_t what;                    /* the deeds' key without the port */
	uint8_t state : 4;                /* of darknet.c */
	uint8_t deed_count : 4;           /* ports in use */
	uint8_t tools : TOOL_COUNT;       /* bits of those whose mark it bore */
	uint8_t strong : 3; /* packets with a mark that chance gives once in 2^32; at most 7 */
};

static_assert(sizeof(struct stranger) == 64 && sizeof(struct deeds) == 64, "one cache line");

struct darknet_options {
	size_t memory_bytes;      /* records, index, sums, details; DARKNET_MEMORY_MIN to _MAX */
	uint64_t seed;            /* of the hashes in the events */
	struct line_arena *arena; /* borrowed: of darknet_pieces() for each; NULL: one of its own */
	bool has_details; /* most of the memory is for what findings need (dark_details.h) */
	int64_t gap_us;   /* of details, as well as the next */
	uint64_t least_packets;
};

enum {
	DARKNET_MEMORY_MIN = 128 * 1024,
	/* Of each of 64 that share an arena, whose lines have numbers of 26 bits. */
	DARKNET_MEMORY_MAX = 64 * 1024 * 1024,
};

struct darknet_counts {
	uint64_t packets; /* all that came here: those of strangers and those of sums */
	uint64_t bytes;
	uint64_t strangers; /* with a record now */
	uint64_t folded;    /* strangers that went into the sums for want of room */
	uint64_t refused;   /* replies of strangers that the sketch did not admit */
	uint64_t lost;      /* details that found no room */
};

struct darknet;

/* How many pieces of an arena a darknet of so much memory takes at most. */
size_t darknet_pieces(size_t memory_bytes);

/* Returns 0 or -ENOMEM. Memory is reserved, and taken as strangers come. */
int darknet_new(const struct darknet_options *options, struct darknet **ret_darknet);
void darknet_free(struct darknet *darknet); /* NULL is allowed */

/* In order of the input. The events are borrowed for the call. */
void darknet_observe(struct darknet *darknet, const struct dark_event *const *events, size_t count);

/*
 * The same for events of several darknets, in order of the input: which[i] is the number in
 * `darknets` of that to which events[i] goes. No other thread may work on those at that time.
 */
void darknets_observe(struct darknet *const *darknets, const uint8_t *which,
    const struct dark_event *const *events, size_t count);

/*
 * Walks the strangers by the number of their record (those of folded ones are used again, low ones
 * first); `*position` starts at 0.
 */
const struct stranger *darknet_next(const struct darknet *darknet, size_t *position);
struct address stranger_source(const struct stranger *stranger);
/* About how many distinct dark addresses; 300 stands for more. */
uint64_t stranger_targets(const struct stranger *stranger);
uint64_t stranger_packets(const struct darknet *darknet, const struct stranger *stranger);
/* Its deeds, up to STRANGER_DEEDS + DEEDS_MORE of them. Returns how many. */
size_t stranger_deeds(const struct darknet *darknet, const struct stranger *stranger,
    struct deed ret_deeds[static STRANGER_DEEDS + DEEDS_MORE]);

/* The same as sums of one address, each with so many `sources`. Returns how many. */
size_t stranger_sums(const struct darknet *darknet, const struct stranger *stranger,
    unsigned sources, struct sum ret_sums[static STRANGER_DEEDS + DEEDS_MORE]);

/* The source sent so many packets, or one with a strong mark, or is not known any more. */
bool darknet_is_heavy(
    const struct darknet *darknet, const struct address *source, bool drill, uint64_t packets);

/* Where details are kept: hands them on (dark_details.h). */
void darknet_hand_on(const struct darknet *darknet,
    void (*on_sighting)(void *context, const struct sighting *sighting), void *context);

/* The source has done this, or the like on ports that were not told apart; the target's bit is set.
 */
bool darknet_has_asked(const struct darknet *darknet, const struct address *source, uint32_t key,
    const struct address *target);

void darknet_get_counts(const struct darknet *darknet, struct darknet_counts *ret_counts);
/*
 * All sources that were ever seen here, folded ones as well. Those that have a record are counted
 * by this call.
 */
const struct address_set *darknet_hosts(struct darknet *darknet);
const struct sums *darknet_sums(const struct darknet *darknet);
/* What is taken from the system now. */
size_t darknet_bytes(const struct darknet *darknet);

#endif
