/*
 * discover.h - what a machine tells about itself: its interfaces and their networks, its way out,
 * its names. `hinomi init` asks nothing that stands here.
 *
 * Links, addresses and routes come from the kernel (rtnetlink(7)), which answers for the very
 * namespace we are in, whatever is mounted on /sys. Each answer is read by a function of its own,
 * so that tests can give others.
 */
#ifndef CMD_STATION_DISCOVER_H
#define CMD_STATION_DISCOVER_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/complaint.h"
#include "cmd/station/names.h"

enum {
	STATION_INTERFACES_MAX = 64, /* a host of containers has more; they are counted */
	STATION_NETWORKS_MAX = 8,    /* of one interface */
	STATION_GATEWAYS_MAX = 8,
};

enum station_interface_kind {
	STATION_INTERFACE_OTHER, /* no Ethernet: a tunnel, a modem */
	STATION_INTERFACE_LOOPBACK,
	STATION_INTERFACE_ETHERNET, /* a card, wired or not, or what a virtual machine takes for it
				     */
	STATION_INTERFACE_GUEST,    /* a container's end of a wire that leads out of it */
	STATION_INTERFACE_VIRTUAL,  /* bridges, tags, taps, the host's ends of such wires */
	STATION_INTERFACE_KINDS
};

struct station_network {
	struct address address; /* ours in it */
	struct prefix prefix;
};

struct station_interface {
	char name[IF_NAMESIZE];
	int index;
	enum station_interface_kind kind;
	bool is_up; /* switched on; whether a cable is in is another matter: */
	bool has_carrier;
	size_t network_count;
	struct station_network networks[STATION_NETWORKS_MAX];
};

struct station_gateway {
	struct address address;
	int interface; /* its index */
};

struct station_facts {
	struct station_names names;
	size_t interface_count; /* in the order of their indices */
	struct station_interface interfaces[STATION_INTERFACES_MAX];
	size_t interfaces_left_out; /* for want of room */
	size_t gateway_count;       /* default routes; others are left out */
	struct station_gateway gateways[STATION_GATEWAYS_MAX];
};

/* All there is to know. Returns 0, or a negative errno with a complaint when the kernel is mute. */
int station_facts_find(struct station_facts *ret_facts, struct complaint *complaint);

/*
 * Take what the kernel answers to RTM_GETLINK, RTM_GETADDR and RTM_GETROUTE: any bytes, of which
 * what is not understood is left out. Addresses and routes belong to links that are known.
 */
void station_facts_add_links(struct station_facts *facts, const void *bytes, size_t count);
void station_facts_add_addresses(struct station_facts *facts, const void *bytes, size_t count);
void station_facts_add_routes(struct station_facts *facts, const void *bytes, size_t count);

/* NULL when there is none. */
const struct station_interface *station_facts_find_interface(
    const struct station_facts *facts, const char *name);
const struct station_interface *station_facts_find_index(
    const struct station_facts *facts, int index);

#endif
