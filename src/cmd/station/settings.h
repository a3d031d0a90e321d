/*
 * settings.h - DIR/settings.yaml: settings that were changed by the page or by `hinomi setting`. It
 * has the form of station.yaml, holds only keys that the table lets be changed so (config_keys.c),
 * and what it says wins. Only these write it; who removes a line of it, or all of it, undoes that.
 *
 * A change is planned first: nothing is written before the whole configuration was read with it,
 * as the station will read it. Whoever plans and writes is alone: the keeper, or a command under
 * the station's lock.
 */
#ifndef CMD_STATION_SETTINGS_H
#define CMD_STATION_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/paths.h"

struct settings_change {
	const char *key;
	const char *value;      /* NULL: what station.yaml says */
	enum language language; /* of what the file says about itself */
};

struct settings_plan {
	size_t key;                        /* its number */
	bool is_same;                      /* as it is now: there is nothing to be written */
	char before[STATION_CHANGE_BYTES]; /* as a file would have it */
	char after[STATION_CHANGE_BYTES];
	struct station_config *config; /* how all will be; not completed */
	char *text;                    /* of the file */
	size_t length;
};

/*
 * Returns 0, or a negative errno with a complaint that begins with "key" or "value" where that is
 * wrong: -ENOENT, no such key; -EPERM, it is not changed here, or the files are wrong as they are;
 * -EINVAL, the value is wrong, or contradicts other keys; or what reading gave.
 */
int settings_plan(const struct station_dir *dir, const struct settings_change *change,
    struct settings_plan *ret_plan, struct complaint *complaint);
void settings_plan_release(struct settings_plan *plan);

/* Whether what is planned is what this configuration, which is completed, does already. */
bool settings_are_in(const struct settings_plan *plan, const struct station_config *in_force);

/*
 * The file beside its place, on the disk (`settings_stage`), and in it (`settings_place`), whole or
 * not at all. 0, or a negative errno with a complaint.
 */
int settings_stage(
    const struct station_dir *dir, const struct settings_plan *plan, struct complaint *complaint);
int settings_place(const struct station_dir *dir, struct complaint *complaint);
/* What was staged is not wanted after all. */
void settings_unstage(const struct station_dir *dir);

#endif
