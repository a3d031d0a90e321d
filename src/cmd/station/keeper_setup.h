/*
 * keeper_setup.h - a keeper as a station's configuration wants it: for the duty that runs all the
 * time, and for a command that changes something while none runs.
 */
#ifndef CMD_STATION_KEEPER_SETUP_H
#define CMD_STATION_KEEPER_SETUP_H

#include "cmd/station/config.h"
#include "cmd/station/keeper.h"
#include "cmd/station/surroundings.h"

struct keeper_setup {
	/* Completed; borrowed as long as the keeper is there, as the store. */
	const struct station_config *config;
	struct store *store;
	size_t memory_bytes; /* of its tables */
	int64_t began_us;    /* as in keeper_options; of no use without sources */
	int64_t batches_us;  /* so much is judged anew; 0: it is not to judge anything */
	/* Where it stands, and what it knows of countries; NULL: nothing is known. */
	const struct surroundings *surroundings;
	struct geo *geo;
	const struct certificate_facts *signing; /* as in keeper_options */
	const char *directory;                   /* as in keeper_options */
	const struct answer_key *answer_key;     /* of the links in letters; NULL: there are none */
	struct keeper_io io;
};

/*
 * Gives the station its identity where it has none yet, brings the operator's contacts in line
 * (operator.h), and makes the keeper. Returns 0 or a negative errno with a complaint.
 */
int keeper_set_up(const struct keeper_setup *setup, const struct keeper_clock *clock,
    struct keeper **ret_keeper, struct complaint *complaint);

#endif
