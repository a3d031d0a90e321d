/*
 * trouble.h - what goes wrong: the machines that the rules are there to find.
 *
 * Each function puts one actor on the stage. `from_us` and `until_us` are times of the stage.
 */
#ifndef DRILL_TROUBLE_H
#define DRILL_TROUBLE_H

#include "drill/talk.h"

struct trouble_span {
	int64_t from_us;
	int64_t until_us;
	int64_t mean_gap_us;
};

/* Scans the internet at random. Few targets answer. */
struct prober_plan {
	struct host *host;
	const struct host *outside;
	struct trouble_span span;
	struct prefix dark;
	/* One target in so many is dark: as if a short capture had seen weeks of a large darknet.
	 */
	uint64_t dark_one_in;
	uint16_t port;
	uint16_t second_port; /* of one probe in ten; 0: none */
	bool mirai;           /* seq is the target's address, one source port, no options */
	bool by_blocks;       /* 64 addresses of a /24 one after another, then another /24 */
};
void prober_start(struct stage *stage, const struct prober_plan *plan);

/* The answers of a flooded server to forged sources, as far as those are dark. */
struct victim_plan {
	struct host *host;
	const struct host *outside;
	struct prefix dark;
	uint16_t port;
	const struct trouble_span *phases; /* in time order; what lies between is silence */
	size_t phase_count;
};
void victim_start(struct stage *stage, const struct victim_plan *plan);

/* Large DNS answers of an open resolver to dark addresses in whose name others asked. */
struct reflector_plan {
	struct host *host;
	const struct host *outside;
	struct prefix dark;
	struct trouble_span span;
	uint32_t targets;
};
void reflector_start(struct stage *stage, const struct reflector_plan *plan);

/* A desk that looks for a printer where none is, again and again. */
struct seeker_plan {
	struct host *host;
	const struct host *outside;
	struct address printer;
	struct address second_printer;
	struct trouble_span span;
};
void seeker_start(struct stage *stage, const struct seeker_plan *plan);

/* Somebody elsewhere sends in the name of a member's addresses, 1 to 3 packets for each. */
struct forger_plan {
	const struct host *outside;
	uint32_t network; /* the member's /24 */
	uint32_t addresses;
	uint16_t port;
	struct prefix dark;
	struct trouble_span span; /* mean_gap_us: between addresses */
};
void forger_start(struct stage *stage, const struct forger_plan *plan);

/* A SYN flood from forged sources arrives at a live server. */
struct flood_plan {
	struct host *host;
	const struct host *outside;
	uint16_t port;
	struct trouble_span span;
};
void flood_start(struct stage *stage, const struct flood_plan *plan);

/* Answers of open resolvers that the server never asked arrive at it. */
struct amplification_plan {
	struct host *host;
	const struct host *outside;
	uint32_t resolvers;
	struct trouble_span span;
};
void amplification_start(struct stage *stage, const struct amplification_plan *plan);

#endif
