/*
 * xdp.h - live frames of an interface by AF_XDP (the kernel's networking/af_xdp.rst).
 *
 * xdp:IFACE[?OPTIONS]. A program in the driver hands every frame that arrives to a socket of its
 * queue, before the host's own network sees it: for ports that a mirror or tap feeds, and for
 * nothing else. So an interface on which the host lives (interface.h) is refused unless take=yes.
 * What leaves is not seen. Where AF_XDP cannot be had, ring: is opened instead, with a notice that
 * says why, unless fallback=no.
 *
 * Each queue has memory of its own (UMEM) in one memfd, in which the parent has put all frames into
 * the fill rings, so that nothing is lost before the reader adopts it. Program, sockets and
 * promiscuous mode go when the last process that holds their descriptors ends, however it ends.
 *
 * The kernel stamps nothing here. Frames that are taken from the ring together share the time since
 * those before them evenly, in their order: a frame's time is off by up to a millisecond, since
 * while frames come the reader is woken each half a millisecond instead of for each (live_pace()),
 * and late by what it lags behind, at most what the ring holds (`frames` divided by the packet
 * rate). Tags that the card took off are not seen. A
 * frame longer than XDP_ROOM_BYTES is refused by the kernel, and counted. Queues that are made
 * later have no socket: what comes by them is left to the host, and counted by the program where
 * the driver runs it for them.
 */
#ifndef SOURCE_XDP_H
#define SOURCE_XDP_H

#include "source/source.h"

/* For those of its folder: what both halves must agree on. */
enum {
	XDP_UNIT_BYTES = 2048,       /* of memory for a frame; the kernel takes no less */
	XDP_ROOM_BYTES = 2048 - 256, /* of them for its bytes: the kernel's headroom comes first */
	XDP_QUEUE_FRAMES_MIN = 1024, /* of a queue, where many share `frames` */
	/* Where the grant's descriptors are. */
	XDP_AT_CONTROL = 0,
	XDP_AT_MEMORY,
	XDP_AT_LINK,
	XDP_AT_PASSED,
	XDP_AT_TIMER,
	XDP_AT_QUEUES,
};

int xdp_prepare(const char *rest, struct source_grant *ret_grant, struct complaint *complaint);

/* xdp_program.c: the program in the driver, and what it shares with us. -1 where there is none. */
struct xdp_program {
	int sockets; /* a map from queues to sockets */
	int passed; /* a map of one counter: frames by a queue without a socket, left to the host */
	int program;
	int link; /* keeps the program on the interface */
};

/*
 * Loads the program. Returns 0 or a negative errno; to be released in either case. *ret_step then
 * says what failed.
 */
int xdp_program_load(unsigned queues, struct xdp_program *ret_program, const char **ret_step);
/* `flags` are XDP_FLAGS_DRV_MODE or XDP_FLAGS_SKB_MODE of linux/if_link.h. */
int xdp_program_attach(struct xdp_program *program, int index, unsigned flags);
int xdp_program_set_socket(const struct xdp_program *program, unsigned queue, int fd);
void xdp_program_release(struct xdp_program *program);

#endif
