/*
 * sighting.h - what one source did, of one kind, on one port, during one window: the record that
 * crosses every boundary.
 *
 * Sightings merge: times widen, counts add (up to the largest number, never around it), sets
 * unite, marks add. The merge is commutative and associative, and a sighting of nothing changes
 * nothing, so shards, windows, files and sensors may be merged in any order.
 *
 * Bins follow the same laws, since what stays is decided by comparing windows and never by who came
 * first: of any number of sightings the bins of all those of the latest window, added.
 */
#ifndef OBSERVE_SIGHTING_H
#define OBSERVE_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "observe/address_set.h"

/* What a sighting's subject did, or had done to it. */
enum sighting_kind {
	SIGHTING_REQUEST,   /* asked; port = destination port, or the ICMP type */
	SIGHTING_REPLY,     /* replied to who never asked; port = its own (source) port */
	SIGHTING_NEIGHBOUR, /* asked on the wire who holds an address: ARP or neighbour solicitation
			     */
	SIGHTING_PROBE,     /* TCP probes other than SYN, and bare IP protocols: see `variant` */
	SIGHTING_EXCHANGE,  /* two-way UDP exchanges; port = its own local port; targets = its peers
			     */
	SIGHTING_FLOODED,   /* was asked by these; port = destination port; targets = the senders */
	SIGHTING_REFLECTED, /* got replies it never asked for; port = the senders' port */
	/* Made by the ledger only (detect/ledger.h): the three above over all ports of a protocol.
	 */
	SIGHTING_ALL_REPLIES,
	SIGHTING_ALL_FLOODED,
	SIGHTING_ALL_REFLECTED,
	SIGHTING_KIND_COUNT,
};

enum sighting_variant {
	VARIANT_NONE,
	VARIANT_NULL,
	VARIANT_FIN,
	VARIANT_XMAS,
	VARIANT_ACK,
	VARIANT_FLAGS,    /* any other combination that starts no connection */
	VARIANT_PROTOCOL, /* an IP protocol without ports: key.protocol says which */
	VARIANT_COUNT,
};

enum tool {
	TOOL_MIRAI,
	TOOL_ZMAP,
	TOOL_MASSCAN,
	TOOL_NMAP,
	TOOL_UNICORNSCAN,
	TOOL_COUNT
};

/* What was seen of the subject beyond packets bearing its address; bits of sighting.seen. */
enum {
	SEEN_HANDSHAKE = 1 << 0, /* it acknowledged a sequence number that only the target knew */
	SEEN_TWO_WAY = 1 << 1,   /* it answered, or went on after an answer */
};

struct sighting_key {
	struct address subject;
	uint16_t port;
	uint8_t kind;     /* enum sighting_kind */
	uint8_t protocol; /* IP protocol; NEIGHBOUR: 0 for ARP, 58 for neighbour discovery */
	uint8_t variant;  /* enum sighting_variant */
	uint8_t drill;    /* 1: made by a drill, so that drill and earnest never mix */
};

enum {
	SIGHTING_PORTS_MAX = 8, /* source ports kept: enough to find the machine in a NAT log */
	SIGHTING_BINS = 6,      /* of 10 s: one window of 60 s */
	SIGHTING_BIN_US = 10 * 1000 * 1000,
	SIGHTING_WINDOW_US = SIGHTING_BINS * SIGHTING_BIN_US,
};

struct sighting_port {
	int64_t first_us;
	uint16_t port;
};

struct sighting {
	struct sighting_key key;
	int64_t first_us; /* INT64_MAX while there is no packet */
	int64_t last_us;  /* INT64_MIN likewise */
	uint64_t packets;
	uint64_t bytes; /* on the wire */
	uint64_t dark_packets;
	uint64_t answers;  /* contacts that were answered */
	uint64_t refusals; /* contacts that met RST or an ICMP error */
	uint64_t silences; /* contacts that met nothing */
	struct address_set targets;
	uint64_t marks[TOOL_COUNT]; /* packets that agree with each tool's mark */
	struct sighting_port source_ports[SIGHTING_PORTS_MAX]; /* the earliest, in order of time */
	uint32_t
	    frames_first; /* evidence: number + 1 of the first kept frame (observe/samples.h) */
	uint8_t source_port_count;
	bool more_source_ports; /* there were others */
	uint8_t ttl_min;        /* 255 and 0 while there is no packet */
	uint8_t ttl_max;
	uint8_t seen;      /* SEEN_... */
	uint8_t rank;      /* enum rank: in whose room it lives; not merged */
	uint32_t told;     /* packets and refusals told early in this window; not merged */
	bool is_kept[2];   /* no more of its first frames are wanted, of live targets and of dark
			    * ones (observe/first_frames.h); not merged */
	int64_t window_us; /* start of the window that `bins` belong to */
	uint32_t bins[SIGHTING_BINS]; /* packets in each 10 s of it */
};

/* Nothing happened: no packet, no outcome. */
bool sighting_is_empty(const struct sighting *sighting);

/* A cleared record with this key, as table_insert leaves it, becomes a sighting of nothing. */
void sighting_init(struct sighting *sighting);
void sighting_clear(struct sighting *sighting, struct slab *slab);

/*
 * Notes one in a list of the earliest SIGHTING_PORTS_MAX, in order of time. True when there is no
 * room for it or for another.
 */
bool sighting_ports_note(struct sighting_port ports[static SIGHTING_PORTS_MAX], uint8_t *count,
    uint16_t port, int64_t first_us);
void sighting_note_source_port(struct sighting *sighting, uint16_t port, int64_t first_us);

/*
 * Adds `from` to `into`, which has the same key. Bins are added when both are of one window; else
 * those of the later window stay. `on_item` as in address_set_merge.
 */
void sighting_merge(struct sighting *into, struct slab *slab, const struct sighting *from,
    void (*on_item)(void *context, int flags_before, uint32_t flags_after), void *context);

uint64_t sighting_key_hash(const struct sighting_key *key, uint64_t seed);
/* By subject, kind, protocol, port, variant: an order for output. */
int sighting_key_compare(const struct sighting_key *a, const struct sighting_key *b);

const char *tool_name(enum tool tool); /* "mirai" ... */

#endif
