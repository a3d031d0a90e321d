/*
 * interface.h - what the kernel knows of a network interface that is not listened on yet.
 */
#ifndef SOURCE_INTERFACE_H
#define SOURCE_INTERFACE_H

#include <stdbool.h>

#include "base/complaint.h"

struct interface_state {
	int index;    /* another one each time an interface of this name is made */
	bool is_up;   /* by the administrator, and with a carrier */
	unsigned arp; /* ARPHRD_ of linux/if_arp.h: what its frames look like */
};

/*
 * For whoever waits for an interface to come (back): some system calls and no privilege. Returns 0
 * and *ret_state, -ENODEV when there is none of this name, or another negative errno.
 */
int interface_look(const char *name, struct interface_state *ret_state);

/*
 * Fills the complaint for an interface that there is not, with the names of those that there are;
 * returns -ENODEV. `name` goes up to its end or a '?'.
 */
int interface_complain_unknown(const char *kind, const char *name, struct complaint *complaint);

/*
 * Whether the host itself lives on it: it has an address other than IPv6's own link-local one, a
 * default route leaves by it, it is part of a bridge or bond, or a VLAN or the like lies on it.
 * Returns 0 when it has nothing of the kind, -EBUSY with *ret_use saying what ("it has the address
 * 192.0.2.1"), or another negative errno with why it is not known.
 */
int interface_find_use(int index, struct complaint *ret_use);

/* How many receive queues it may have at most; at least 1. Returns 0 or a negative errno. */
int interface_count_queues(int index, unsigned *ret_count);

#endif
