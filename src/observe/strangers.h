/*
 * strangers.h - what is known of strangers at dark addresses in the end, over all darknets.
 */
#ifndef OBSERVE_STRANGERS_H
#define OBSERVE_STRANGERS_H

#include <stddef.h>
#include <stdint.h>

#include "observe/observer.h"
#include "observe/sums.h"

enum {
	STRANGERS_PORTS = 10
};

/* How often strangers asked dark addresses for a port. */
struct strangers_port {
	uint64_t packets;
	uint64_t sources; /* of those folded and come back, each time */
	uint16_t port;
	uint8_t protocol; /* TCP or UDP */
};

struct strangers {
	uint64_t packets;
	uint64_t kept;    /* strangers with a record of their own */
	uint64_t folded;  /* that only sums know any more */
	uint64_t refused; /* replies that were only added to sums */
	size_t port_count;
	struct strangers_port ports[STRANGERS_PORTS]; /* the most packets first */
};

/* Returns 0 or -ENOMEM. Without darknets all is 0. */
int strangers_describe(const struct observer *observer, struct strangers *ret_strangers);

/*
 * Sums of all strangers, kept and folded, per prefix, kind and port, in order of sum_key_compare;
 * coarser where they need more than `budget_bytes`. Returns 0 or -ENOMEM.
 */
int strangers_each_sum(const struct observer *observer, size_t budget_bytes,
    void (*on_sum)(void *context, const struct sum *sum), void *context);

#endif
