/*
 * sample.h - a made-up finding of any rule, as realistic as one that was seen: what letters about
 * it look like can be shown before there is any.
 */
#ifndef CMD_SAMPLE_H
#define CMD_SAMPLE_H

#include "detect/finding.h"

enum {
	SAMPLE_INCIDENT = 1042,
};

/* What is wanted; -1 where it is left to the rule. */
struct sample_wish {
	enum rule rule;
	int tool;     /* enum tool: of scan.dark and scan.live only */
	int protocol; /* IP protocol, and */
	int port;     /* its port; not of scan.sweep, which asks by ARP */
	int spoof;    /* enum spoof */
	int severity; /* enum severity */
	bool is_drill;
};

/* Its member is the first of a registry; its addresses are of 192.0.2.0/24. */
void sample_finding(const struct sample_wish *wish, struct finding *ret_finding);
/* The same a day later, grown: what an update is about. */
void sample_grow(struct finding *finding);

/* Whether findings of a rule can bear a tool's mark, and have a port to choose. */
bool sample_has_tool(enum rule rule);
bool sample_has_port(enum rule rule);

#endif
