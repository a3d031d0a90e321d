/*
 * coverage.h - what a station can see: how many addresses that nobody uses it watches, and what
 * that means.
 *
 * Whoever tries addresses of all of IPv4 at random, `rate` a second, hits one of D addresses after
 * 2^32 / (rate * D) seconds on average, and with 95 % certainty after three times that (the time to
 * the first hit is exponential: 1 - e^-3 is 0.95). In IPv6 there is no such arithmetic: nobody
 * tries all addresses, so that only counts are told.
 */
#ifndef CMD_STATION_COVERAGE_H
#define CMD_STATION_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/greynet.h"
#include "cmd/station/roster.h"
#include "store/store.h"

enum {
	COVERAGE_RATE = 100, /* addresses a second: of a bot at a household's connection */
};

struct coverage_reach {
	int64_t mean_us; /* to the first hit; INT64_MAX: never */
	int64_t most_us; /* in 95 of 100 cases */
};

/* What so many IPv4 addresses can see. */
struct coverage_reach coverage_reach(uint64_t dark_v4);

struct coverage {
	uint64_t declared_v4;
	uint64_t learned_v4;
	bool is_whole;      /* false: more ranges than are counted, so `learned_v4` is too low */
	size_t declared_v6; /* ranges */
	uint64_t heard_v4;  /* machines in ranges that are learned */
	uint64_t heard_v6;
	bool is_blind; /* more machines than there is room for */
};

/* Where it stands; borrowed for the call. */
struct coverage_sources {
	struct store *store;
	const struct station_config *config;
	const struct roster *roster;
	const struct greynet *greynet;
};

/* Looks at every address that may have been learned. 0, or what the store gave. */
int coverage_measure(const struct coverage_sources *sources, struct coverage *ret_coverage,
    struct complaint *complaint);

#endif
