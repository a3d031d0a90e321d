/*
 * office.h - a local network at work: its machines, and what they do all day.
 *
 * Seen by a mirror port, so that everything on the wire is there: unicast, broadcast, ARP.
 * Nothing that an office does here deserves an alarm, though much of it resembles what does:
 * machines that ask for absent ones, dead servers, a peer-to-peer client, a monitor that pings all.
 */
#ifndef DRILL_OFFICE_H
#define DRILL_OFFICE_H

#include "drill/talk.h"

enum {
	OFFICE_PCS_MAX = 32,
	OFFICE_PHONES_MAX = 16,
	/* Numbers of the machines in the /24. */
	OFFICE_ROUTER = 1,
	OFFICE_DHCP = 2,
	OFFICE_MONITOR = 3,
	OFFICE_NAS = 10,
	OFFICE_PRINTER = 20,
	OFFICE_PC_FIRST = 101,
	OFFICE_PHONE_FIRST = 171,
	OFFICE_ABSENT_SERVER = 250, /* gone, but still on the monitor's list */
	OFFICE_ABSENT_DRIVE = 251,  /* gone, but two PCs still have it as a drive */
};

struct office_plan {
	uint32_t network; /* a /24, host order */
	unsigned pcs;
	unsigned phones;
	int64_t desk_gap_us; /* mean time between what one PC does */
	bool has_extras;     /* monitor, video call, peer-to-peer client, traceroutes, old drives */
};

struct office {
	struct office_plan plan;
	struct host router;
	struct host dhcp;
	struct host monitor;
	struct host nas;
	struct host printer;
	struct host pcs[OFFICE_PCS_MAX];
	struct host phones[OFFICE_PHONES_MAX];
	uint64_t key; /* which sites this office visits */
};

/* Puts everybody on the stage, from its present time to its end. */
struct office *office_start(struct stage *stage, const struct office_plan *plan);

/* The machine of this address, or NULL. */
struct host *office_find_host(struct office *office, const struct address *address);

/* What a PC does when it has something to do: one of its habits, by their shares. */
void office_act(struct stage *stage, struct office *office, struct host *pc);

/* Puts monitor, call, peer-to-peer client, traceroutes and old drives on the stage. */
void office_start_extras(struct stage *stage, struct office *office);

#endif
