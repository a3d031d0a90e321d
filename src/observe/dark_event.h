/*
 * dark_event.h - one packet from a stranger to a declared dark address, cut down to what is counted
 * of it: one cache line, so that batches of them are sorted by shard and prefetched.
 */
#ifndef OBSERVE_DARK_EVENT_H
#define OBSERVE_DARK_EVENT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/hash.h"
#include "observe/sighting.h"

/* Bits of dark_event.marks above those of the tools (1 << enum tool). */
enum {
	DARK_EVENT_DRILL = 1 << 5, /* a drill made it: counted apart from all else */
	DARK_EVENT_V4 = 1 << 6,    /* the subject is an IPv4 address */
	DARK_EVENT_SYN = 1 << 7, /* an IPv4 SYN: it may bear a mark together with the one before */
};

struct dark_event {
	int64_t time_us;
	uint64_t hash; /* dark_hash of the subject, with the process's seed; of drills ~seed */
	struct address subject; /* the sender; of an ICMP error the target of the quoted packet */
	struct address target;  /* the dark address */
	uint32_t key;           /* dark_key() */
	uint32_t seq;
	uint32_t wire_bytes;
	uint16_t source_port;
	uint8_t ttl;
	uint8_t marks; /* that the packet bears by itself, and DARK_EVENT_... */
};

static_assert(sizeof(struct dark_event) == 64, "one cache line");

/* Of IPv4, as nearly all are, only what differs is hashed. */
static inline uint64_t dark_hash(const struct address *subject, bool is_v4, uint64_t seed)
{
	return is_v4 ? hash_u32(address_low32(subject), seed) : hash_address(subject, seed);
}

/*
 * What a stranger did, of one kind, on one port: the part of a sighting's key beside its subject.
 * A drill's deeds have DARK_KEY_DRILL besides.
 */
enum {
	DARK_KEY_VARIANT = 0x7,
	DARK_KEY_DRILL = 0x8
};

static inline uint32_t dark_key(
    enum sighting_kind kind, enum sighting_variant variant, uint8_t protocol, uint16_t port)
{
	static_assert(VARIANT_COUNT <= DARK_KEY_VARIANT + 1, "three bits hold them");
	return (uint32_t)port << 16 | (uint32_t)protocol << 8 | (uint32_t)kind << 4 |
	       (uint32_t)variant;
}

static inline struct sighting_key dark_key_open(const struct address *subject, uint32_t key)
{
	return (struct sighting_key){
	    .subject = *subject,
	    .port = (uint16_t)(key >> 16),
	    .kind = key >> 4 & 0xf,
	    .protocol = (uint8_t)(key >> 8),
	    .variant = key & DARK_KEY_VARIANT,
	    .drill = (key & DARK_KEY_DRILL) != 0,
	};
}

#endif
