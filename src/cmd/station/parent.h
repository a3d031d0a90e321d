/*
 * parent.h - the process that starts a station's duties, opens what only it may open, and lets
 * nothing else near its rights.
 */
#ifndef CMD_STATION_PARENT_H
#define CMD_STATION_PARENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/paths.h"

struct parent;

struct parent_options {
	const struct station_dir *dir; /* borrowed, as all; opened and locked by the caller */
	/* completed; its sources are those to watch, 1 to STATION_SOURCES_MAX. Copied. */
	const struct station_config *config;
	/* The same anew, on SIGHUP: 0, or a negative errno with a complaint. */
	int (*read)(void *context, struct station_config *ret_config, struct complaint *complaint);
	void *context;
	bool ends;     /* when the sources end, and all that came of them is sent */
	bool explains; /* parent_explain() only: what is open elsewhere is left alone */
};

/* Makes the table of duties and their orders; starts nobody. 0 or a negative errno. */
int parent_new(
    const struct parent_options *options, struct parent **ret_parent, struct complaint *complaint);
void parent_free(struct parent *parent); /* NULL is allowed */

/* A line for each duty: whom it becomes, what it may, what this kernel really enforces. */
void parent_explain(const struct parent *parent);

/*
 * Runs until SIGTERM or SIGINT, or the end (`ends`). SIGHUP reads the configuration again. Returns
 * 0 or a negative errno.
 */
int parent_run(struct parent *parent, struct complaint *complaint);

#endif
