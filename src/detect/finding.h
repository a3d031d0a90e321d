/*
 * finding.h - a detector's verdict, with everything that is said of it.
 *
 * What is not set by a detector is set by alert/ (severity, spoof estimate, attribution). Reasons
 * are codes with numbers; words in each language are made where findings are written
 * (notify/wording.h).
 */
#ifndef DETECT_FINDING_H
#define DETECT_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "observe/sighting.h"

enum rule {
	RULE_SCAN_DARK,
	RULE_SCAN_SWEEP,
	RULE_SCAN_LIVE,
	RULE_DDOS_VICTIM,
	RULE_DDOS_INCOMING,
	RULE_DDOS_REFLECTOR,
	RULE_CONFIG_STRAY,
	RULE_SPOOF_MEMBER,
	RULE_COUNT,
};

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT,
};

enum role {
	ROLE_ACTOR,
	ROLE_VICTIM,
	ROLE_COUNT
};

enum shape {
	SHAPE_NONE,
	SHAPE_HORIZONTAL, /* few ports, many targets */
	SHAPE_VERTICAL,   /* many ports of one target */
	SHAPE_BLOCK,      /* many ports of several targets */
	SHAPE_PROTOCOL,   /* IP protocol numbers */
	SHAPE_COUNT,
};

enum attribution {
	ATTRIBUTION_ONE_WAY,   /* only packets bearing its address */
	ATTRIBUTION_TWO_WAY,   /* it was seen to answer, or to hold its address on the wire */
	ATTRIBUTION_HANDSHAKE, /* it completed one with an unguessable number */
	ATTRIBUTION_COUNT,
};

enum spoof {
	SPOOF_UNLIKELY,
	SPOOF_POSSIBLE,
	SPOOF_LIKELY,
	SPOOF_COUNT
};

enum spoof_reason {
	SPOOF_HANDSHAKE_SEEN, /* it completed a handshake */
	SPOOF_TWO_WAY_SEEN,   /* it answered, or held its address on the wire */
	SPOOF_TTL_STEADY, /* all packets came with (nearly) the same TTL: numbers lowest, highest */
	SPOOF_TTL_SPREAD, /* the TTL varied widely: lowest, highest */
	SPOOF_MANY_PACKETS,     /* forgers spread over sources; this one sent many: packets */
	SPOOF_FEW_PACKETS,      /* as each source of a forged flood: packets */
	SPOOF_CROWD_OF_MEMBER,  /* many addresses of the member did the same at once: addresses */
	SPOOF_TOOL_NEEDS_REPLY, /* a scanner without its true address learns nothing */
	SPOOF_REASON_COUNT,
};

/* Why: what a detector saw, each with up to three numbers (their meaning is in the comment). */
enum reason {
	REASON_DARK_TARGETS,     /* distinct dark addresses, how many of them inferred */
	REASON_DARK_WATCH,       /* the same, too few for an alarm */
	REASON_MARK,             /* packets with a 2^-32 mark, enum tool */
	REASON_NET_FAILURES,     /* net failures (walk peak), failed targets, answered targets */
	REASON_NET_FAILURES_ALL, /* the same over all ports */
	REASON_WATCH_FAILURES,   /* the same, too few for an alarm */
	REASON_PORTS_OF_TARGET,  /* ports of one target that were refused or silent, targets so
				    treated */
	REASON_PROTOCOLS,        /* IP protocols tried at one target */
	REASON_ADDRESS_ORDER,    /* targets followed each other in order: percent of steps */
	REASON_DENSITY,          /* targets lie close together: most in one network, of all */
	REASON_PEER_TO_PEER, /* looks like peer-to-peer: answered percent, peers at one local port
			      */
	REASON_WEB_CLIENT,   /* few dead web servers: failed targets */
	REASON_RETRIES,  /* the same few targets again and again, one at a time: failed targets */
	REASON_INFERRED, /* darkness was only inferred from this capture */
	REASON_UNHELD,   /* asked on the wire for addresses nobody holds: distinct, minutes */
	REASON_ROUTER,   /* it is a router or DHCP server, which ask on behalf of others */
	REASON_BACKSCATTER,      /* unsolicited replies: packets, seconds, most in 60 s */
	REASON_BACKSCATTER_WIDE, /* unsolicited replies: packets, distinct receivers */
	REASON_REAL_RATE,       /* estimated real rate, packets/s, from D dark addresses: rate, D */
	REASON_FORGED_NETWORKS, /* receivers (forged attackers) spread over so many /16: networks */
	REASON_FLOOD_SENDERS,   /* distinct senders within 60 s, percent that went on, packets/s */
	REASON_FLOOD_REPLIES,   /* distinct senders of replies never asked for, packets/s */
	REASON_REFLECTED_DARK,  /* replies to dark addresses: packets, distinct, within seconds */
	REASON_STRAY,           /* few dark targets again and again: targets, packets, seconds */
	REASON_MEMBER_CROWD,    /* addresses of the member with few packets: addresses, percent */
	REASON_EXTRAPOLATED_RATE, /* packets/s extrapolated to all IPv4: rate, D */
	REASON_COUNT,
};

struct reason_given {
	uint8_t reason; /* enum reason */
	int64_t numbers[3];
};

enum {
	FINDING_PORTS_MAX = 32,
	FINDING_SOURCE_PORTS_MAX = 16,
	FINDING_EVENTS_MAX = 32,
	FINDING_REASONS_MAX = 8,
	FINDING_FRAMES_MAX = 64,
};

struct finding_port {
	uint16_t port;    /* or the ICMP type */
	uint8_t protocol; /* IP protocol; see `neighbour` */
	bool neighbour;   /* ARP (protocol 0) or neighbour discovery (58) */
	bool searched;    /* some of it failed or went to dark addresses: part of what is told */
	bool bare;        /* an IP protocol without ports: written as a number, port 0 */
	uint64_t packets;
	uint64_t targets;
};

struct finding_event {
	int64_t first_us;
	int64_t last_us;
	uint64_t packets;
	uint64_t targets;
};

struct finding_spoof {
	uint8_t reason; /* enum spoof_reason */
	int64_t numbers[2];
};

struct finding {
	enum rule rule;
	int member; /* or MEMBER_NONE */
	struct address subject;
	enum role role;
	bool drill;
	int64_t first_us;
	int64_t last_us;
	uint64_t packets;
	uint64_t targets; /* actors: distinct addresses */
	uint64_t sources; /* victims: distinct senders; 0 where not counted */
	uint64_t port_count;
	enum shape shape;
	struct finding_port ports[FINDING_PORTS_MAX];
	size_t ports_listed;
	uint16_t source_ports[FINDING_SOURCE_PORTS_MAX];
	size_t source_port_count;
	int tool; /* enum tool, or -1 */
	uint64_t tool_packets;
	struct finding_event events[FINDING_EVENTS_MAX];
	size_t event_count; /* 0 or 1: acted once */
	struct reason_given reasons[FINDING_REASONS_MAX];
	size_t reason_count;
	enum severity severity;
	double confidence;
	enum attribution attribution;
	enum spoof spoof;
	struct finding_spoof spoof_reasons[4];
	size_t spoof_reason_count;
	/* What severity is made from (alert/severity.c). */
	bool watch;         /* below the alarm: at most `info` */
	bool lateral;       /* most targets are addresses of members (inside) */
	bool inferred_only; /* rests on few addresses whose darkness is only inferred */
	uint64_t dark_targets;
	double packets_per_s;                /* victims: observed, in the fullest minute */
	uint32_t frames[FINDING_FRAMES_MAX]; /* evidence: first frames of each track, chains of
						observe/samples.h */
	size_t frame_chains;
};

const char *rule_name(enum rule rule); /* "scan.dark" */
const char *severity_name(enum severity severity);
/* -1 for an unknown name. */
int rule_find(const char *name);
int severity_find(const char *name);
const char *role_name(enum role role);
const char *shape_name(enum shape shape); /* NULL for SHAPE_NONE */
const char *attribution_name(enum attribution attribution);
const char *spoof_name(enum spoof spoof);

/* Adds a reason; past FINDING_REASONS_MAX the least important, the last, are dropped. */
void finding_add_reason(
    struct finding *finding, enum reason reason, int64_t a, int64_t b, int64_t c);

/* By severity (highest first), member, rule, subject: the order of output. */
int finding_compare(const struct finding *a, const struct finding *b);

#endif
