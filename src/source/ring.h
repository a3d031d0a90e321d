/*
 * ring.h - what the kernel tells of a live source besides frames.
 */
#ifndef SOURCE_RING_H
#define SOURCE_RING_H

#include <stdint.h>

#include "source/source.h"

/*
 * ring:IFACE. Live frames of an interface, in promiscuous mode, until it is stopped or the
 * interface is removed; one that goes down is waited for. Tags of VLANs that the card or the kernel
 * took off are put back where they were. Needs CAP_NET_RAW while it is opened, and later only
 * poll(2) and getsockopt(2). A read waits until there is something.
 */
extern const struct source_kind source_ring;

/*
 * Asks all live sources of this process to end: their reads give 0 within RING_STOP_MS. May be
 * called by a signal handler.
 */
void ring_stop(void);

enum {
	RING_STOP_MS = 200
};

#endif
