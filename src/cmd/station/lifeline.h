/*
 * lifeline.h - signs of life on their way to the outside watcher: what the courier does with what
 * the keeper gives it (station/vitals.h). Signed, where there is a secret, with the time at which
 * they leave. None waits, none is tried again: only the latest says anything.
 */
#ifndef CMD_STATION_LIFELINE_H
#define CMD_STATION_LIFELINE_H

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "proc/loop.h"
#include "web/heartbeat.h"

struct lifeline;

struct lifeline_options {
	struct loop *loop;                             /* borrowed */
	const struct station_config_heartbeat *config; /* borrowed; with a url */
	struct heartbeat_secret secret;                /* its length is 0 where there is none */
};

/* 0, or a negative errno with a complaint. */
int lifeline_new(const struct lifeline_options *options, struct lifeline **ret_lifeline,
    struct complaint *complaint);
void lifeline_free(struct lifeline *lifeline); /* NULL is allowed */

/* Takes a new end of the channel to the keeper. */
void lifeline_open(struct lifeline *lifeline, int fd);

#endif
