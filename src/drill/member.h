/*
 * member.h - the ordinary traffic of one member, as seen where its network meets the internet.
 *
 * People behind one address visit servers, others visit the member's servers; names are resolved,
 * mail comes and goes, clocks are set; a few servers are dead; strangers probe and are refused.
 */
#ifndef DRILL_MEMBER_H
#define DRILL_MEMBER_H

#include "drill/talk.h"

struct member_plan {
	uint32_t network;    /* a /24, host order */
	struct address v6;   /* its /48, or unspecified */
	int64_t mean_gap_us; /* between exchanges of some 4 to 20 packets */
};

struct member {
	struct actor actor;
	struct member_plan plan;
	struct host desks;   /* .10, all desks behind one address */
	struct host names;   /* .53 */
	struct host web;     /* .80 */
	struct host mail;    /* .25 */
	struct host outside; /* the router on the internet's side */
	uint64_t key;
};

/* Starts at now; the stage's memory holds what it gives. */
struct member *member_start(struct stage *stage, const struct member_plan *plan);

/* One more host of the member: its number in the /24. As seen behind one router of its own. */
struct host *member_add_host(
    struct stage *stage, const struct member *member, uint8_t number, enum stack stack);

#endif
