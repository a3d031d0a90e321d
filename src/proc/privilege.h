/*
 * privilege.h - becoming somebody who may nothing, for good.
 */
#ifndef PROC_PRIVILEGE_H
#define PROC_PRIVILEGE_H

#include <sys/types.h>

#include "base/complaint.h"

/* Whose files and processes a process may touch. */
struct privilege {
	uid_t uid;
	gid_t gid;
};

/* Of a user by name. 0, or a negative errno with a complaint: -ENOENT when there is none. */
int privilege_find(const char *user, struct privilege *ret_privilege, struct complaint *complaint);

/*
 * Whether privilege_drop() will have the rights that it takes, so that who starts processes that
 * drop theirs says so once, and before. 0, or -EPERM with a complaint. Asks nothing of those who
 * are not root.
 */
int privilege_check(const struct privilege *to, struct complaint *complaint);

/*
 * Where the process is root: drops all groups, becomes `to`. In any case: drops every capability,
 * also those that an exec would bring back. Then reads back that it is so. `to` may be NULL: only
 * capabilities are dropped. 0, or a negative errno with a complaint, after which the process must
 * end.
 */
int privilege_drop(const struct privilege *to, struct complaint *complaint);

#endif
