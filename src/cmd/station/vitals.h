/*
 * vitals.h - whether the station is alive, told by its keeper: its figures to the web duty that
 * asks for them, signs of life to an outside watcher by the courier; and whether other stations
 * that report to this one are alive.
 *
 * When nobody took a sign of life for VITALS_LOST_INTERVALS times their interval, or another
 * station is silent for longer than it may be, the operator is told, and again when that is over.
 */
#ifndef CMD_STATION_VITALS_H
#define CMD_STATION_VITALS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/figures.h"
#include "cmd/station/keeper.h"
#include "cmd/station/wire_answer.h"
#include "cmd/station/wire_call.h"
#include "proc/loop.h"

struct vitals;

enum {
	/* One that fails says little: it was restarted, or a name was not found. Five in a row do.
	 */
	VITALS_LOST_INTERVALS = 5,
};

struct vitals_options {
	struct loop *loop;                   /* borrowed, as all */
	const struct station_config *config; /* completed, with the sources that are watched */
	struct keeper *keeper;
	/* What the process knows of a source, beside its name. */
	void (*get_source)(void *context, size_t number, struct figures_source *ret_source);
	/* Web asks for a page behind a link, or brings an answer. */
	void (*answer)(
	    void *context, const struct wire_question *question, struct wire_leaf *ret_leaf);
	/* Somebody asks for something by the page: as authority_answer(). */
	int (*decide)(void *context, const struct wire_call *call, FILE *out);
	void *context;
};

/* 0, or -ENOMEM with a complaint. */
int vitals_new(
    const struct vitals_options *options, struct vitals **ret_vitals, struct complaint *complaint);
void vitals_free(struct vitals *vitals); /* NULL is allowed */

/* Takes a new end of the channel to the web duty, or to the courier (station/wire_web.h). */
void vitals_open_web(struct vitals *vitals, int fd);
void vitals_open_courier(struct vitals *vitals, int fd);

/* After a turn: what came with it, to web, where somebody watches (station/sparks.h). */
void vitals_tell_sparks(struct vitals *vitals);

/* What the parent says of the station's processes. */
void vitals_take_roll(struct vitals *vitals, const struct roll *roll);

#endif
