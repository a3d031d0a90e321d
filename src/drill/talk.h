/*
 * talk.h - hosts, and the ordinary exchanges between them, planned on a stage as a whole.
 *
 * Each function plans every packet of one exchange from `when_us` on and returns the time of the
 * last. Sequence numbers, acknowledgements, IP ids and ports go on as those of real stacks do.
 */
#ifndef DRILL_TALK_H
#define DRILL_TALK_H

#include "drill/stage.h"

/* A machine as it looks where the capture is taken. */
struct host {
	struct address v4;
	struct address v6;       /* unspecified where it has none */
	struct address v6_local; /* fe80::, likewise */
	uint8_t mac[MAC_BYTES];
	uint8_t ttl;
	uint8_t options; /* enum packet_options of its SYN */
	uint16_t next_port;
	uint16_t next_id;
	uint32_t boot; /* its time stamps count milliseconds, and this */
};

enum stack {
	STACK_WINDOWS,
	STACK_LINUX,
	STACK_DEVICE, /* printers, recorders, old phones: MSS only */
};

/* A host of this address, seen without a router in between. */
void host_init(struct host *host, struct stage *stage, struct address v4, enum stack stack);

/*
 * A host of the internet behind `router`: address, distance and stack follow from `key`, so that
 * the same key is the same host. Global addresses only, none of documentation or test networks.
 */
void host_init_far(struct host *host, const struct host *router, uint64_t key);

/* The address of host_init_far. */
struct address address_far(uint64_t key);
struct address address_far_v6(uint64_t key);

enum talk_end {
	TALK_END_FIN,
	TALK_END_RESET, /* the client resets, as browsers do */
	TALK_END_OPEN,
};

struct talk {
	struct host *client;
	struct host *server;
	int64_t round_trip_us;
	uint32_t up_bytes; /* TCP: of the request; UDP: of each datagram */
	uint32_t down_bytes;
	uint16_t client_port; /* 0: the client's next */
	uint16_t server_port;
	bool v6;
	bool lossy;  /* one segment is sent twice */
	uint8_t end; /* enum talk_end */
};

/* Handshake, request, answer, end. */
int64_t talk_tcp(struct stage *stage, int64_t when_us, const struct talk *talk);
/* A SYN that meets RST and ACK. */
int64_t talk_tcp_refused(struct stage *stage, int64_t when_us, const struct talk *talk);
/* A SYN that meets nothing, repeated after 1, 3 and 7 s. */
int64_t talk_tcp_silent(struct stage *stage, int64_t when_us, const struct talk *talk);
/* A datagram and, unless down_bytes is 0, its answer. */
int64_t talk_udp(struct stage *stage, int64_t when_us, const struct talk *talk);
/* A name asked and answered: `name` is any number, `answer` what it resolves to. */
int64_t talk_dns(struct stage *stage, int64_t when_us, const struct talk *talk, uint64_t name);
/* Echo request and, unless down_bytes is 0, its reply; `id` tells runs apart. */
int64_t talk_ping(struct stage *stage, int64_t when_us, const struct talk *talk, uint16_t id);
/* Who-has and is-at; NULL `owner` asks three times for `address`, which nobody has. */
int64_t talk_arp(struct stage *stage, int64_t when_us, const struct host *asker,
    const struct host *owner, struct address address);
/* Neighbour solicitation and advertisement between link-local addresses. */
int64_t talk_nd(
    struct stage *stage, int64_t when_us, const struct host *asker, const struct host *owner);

/* One packet from `source` to `target`: addresses, MACs, TTL, id. The rest is the caller's. */
struct packet *talk_packet(
    struct stage *stage, int64_t when_us, struct host *source, const struct host *target, bool v6);
/* The same to an address beyond `router`. */
struct packet *talk_packet_to(struct stage *stage, int64_t when_us, struct host *source,
    const struct host *router, struct address target);
/* One datagram to a group or broadcast address. */
struct packet *talk_shout(
    struct stage *stage, int64_t when_us, struct host *source, struct address group, uint16_t port);

uint16_t host_take_port(struct host *host);

#endif
