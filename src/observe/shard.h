/*
 * shard.h - the part of the observation that one hash of two addresses sees.
 *
 * Both directions of a pair of addresses come to the same shard, so requests and answers meet
 * there. What one source does towards many is spread over shards, and merged before anything is
 * judged. Limits and evictions are per shard, so that results do not depend on how many workers
 * there are.
 */
#ifndef OBSERVE_SHARD_H
#define OBSERVE_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "observe/carrier.h"
#include "observe/classify.h"
#include "observe/contacts.h"
#include "observe/first_frames.h"
#include "observe/pool.h"
#include "observe/samples.h"
#include "observe/sighting.h"
#include "registry/registry.h"

struct slab;
struct table;

/* What is known of an address as a host; bits of host.flags. */
enum {
	HOST_SENT = 1 << 0,     /* a packet bore its address as source */
	HOST_HELD = 1 << 1,     /* it spoke for its address on the wire: ARP, neighbour discovery */
	HOST_ANSWERED = 1 << 2, /* it answered a request that was seen */
	HOST_HANDSHAKE = 1 << 3, /* it completed a handshake with an unguessable number */
	HOST_IMPLIED = 1 << 4,   /* somebody acknowledged or went on with what it must have sent */
	HOST_ROUTER = 1 << 5,    /* router advertisements */
	HOST_DHCP_SERVER = 1 << 6,
	/* Of no host: some host found no room, so that who is not known may have sent after all. */
	HOST_MISSING = 1 << 7,
};

/* Flags that a forger of source addresses cannot bring about. */
enum {
	HOST_TWO_WAY = HOST_HELD | HOST_ANSWERED | HOST_HANDSHAKE | HOST_IMPLIED
};

struct host {
	struct address address;
	uint32_t flags;
	bool queued;    /* among shard.news */
	int16_t member; /* or MEMBER_NONE */
	uint8_t mac[6]; /* of ARP and neighbour discovery; all zero when unknown */
};

/* Of all shards together. */
struct shard_limits {
	size_t hosts_max;
	size_t contacts_max;
	size_t sightings_max; /* of one window */
	size_t slab_bytes;
};

/*
 * What is left of the limits, shared by all shards: of hosts and contacts never to come back
 * (observe/pool.h), of sightings for the current window.
 */
struct shard_room {
	size_t hosts;
	size_t sightings;
	struct contacts_room contacts;
};

/* What every shard shares; all outlive the shards. */
struct shard_context {
	const struct registry *registry;
	bool members_only;                 /* nobody asks what strangers receive */
	struct samples *samples;           /* NULL: no evidence is kept */
	struct first_frames *first_frames; /* NULL: none are kept */
	uint64_t hash_seed;
	int64_t answer_timeout_us;
	struct shard_limits limits;
	struct shard_room *room;
	/* Takes what is told before its window ends; `early` is its context. */
	void (*on_early)(void *early, const struct sighting *sighting);
	void *early;
	struct slab *slab;      /* of all targets */
	struct table *answered; /* sources to whom an answer was captured, in any shard */
};

struct shard_counts {
	uint64_t lost_hosts;     /* not recorded for want of room */
	uint64_t lost_sightings; /* packets or targets that found no room in the window */
	uint64_t inner_mismatch; /* ICMP errors quoting a packet that its receiver did not send */
	uint64_t forged_sources; /* multicast, broadcast or loopback as source */
};

struct shard {
	const struct shard_context *context; /* borrowed */
	struct contacts *contacts;
	struct pool hosts;
	struct host **news; /* members' hosts and proven ones whose flags changed in this window */
	size_t news_count;
	size_t news_max;
	struct host missing; /* with HOST_MISSING, once it is news */
	struct table *carriers;
	struct table *sightings; /* of the current window */
	struct slab *slab;       /* the context's */
	int64_t window_us;       /* start of the current window */
	/* Of the packet at hand: whose it is. NULL: there is none, contacts are being judged. */
	const struct address *source;
	enum rank rank;
	struct shard_counts counts;
};

/* Returns 0 or -ENOMEM. */
int shard_open(struct shard *shard, const struct shard_context *context);
void shard_close(struct shard *shard); /* a zeroed shard is allowed */

/* A packet with what was found out about it once, before its shard was chosen. */
struct arrival {
	const struct facts *facts;
	const struct frame *frame; /* where the facts came from; kept as evidence when wanted */
	enum packet_class class;
	bool dark;          /* the target is declared dark */
	bool asks_dark;     /* ... and asked for something: nothing will come back */
	unsigned marks;     /* bits (1 << enum tool) of the tools whose mark it bears */
	bool from_stranger; /* the source is no member's */
	bool to_stranger;   /* neither is the target */
};

void shard_observe(struct shard *shard, const struct arrival *arrival);

/* Judges contacts without an answer; `everything` at the end of the input. */
void shard_expire(struct shard *shard, int64_t now_us, bool everything);

/* Forgets this window's sightings, which were handed on, and begins the next. */
void shard_begin_window(struct shard *shard, int64_t window_us);

#endif
