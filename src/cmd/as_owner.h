/*
 * as_owner.h - work on a station's files as who owns its directory, where root runs us: so no file
 * of it becomes root's, and nothing in it can lead root elsewhere.
 */
#ifndef CMD_AS_OWNER_H
#define CMD_AS_OWNER_H

#include "base/complaint.h"
#include "cmd/station/paths.h"

/*
 * Where we are root: runs `work` in a process of its own that has become the owner and has no other
 * right; what it changes in memory is lost. Else just runs it. Returns what it returned, with its
 * complaint, or a negative errno of our own: -EIO when that process died.
 */
int as_owner(const struct station_dir *dir, int (*work)(void *context, struct complaint *complaint),
    void *context, struct complaint *complaint);

#endif
