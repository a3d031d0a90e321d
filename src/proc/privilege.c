#include "proc/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	/* More than a kernel has; it says where its own end. */
	CAPABILITY_END = 64,
};

int privilege_find(const char *user, struct privilege *ret_privilege, struct complaint *complaint)
{
	errno = 0;
	const struct passwd *entry = getpwnam(user);
	if (entry == NULL)
		return complain(complaint, errno == 0 ? -ENOENT : -errno,
		    "%s: %s, expected a user of this system", user,
		    errno == 0 ? "not known" : strerror(errno));
	*ret_privilege = (struct privilege){.uid = entry->pw_uid, .gid = entry->pw_gid};
	return 0;
}

static bool is_effective(
    const struct __user_cap_data_struct data[static _LINUX_CAPABILITY_U32S_3], unsigned capability)
{
	return (data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0;
}

int privilege_check(const struct privilege *to, struct complaint *complaint)
{
	static const struct {
		const char *name;
		unsigned number;
		bool is_for_user; /* only to become another one */
	} needed[] = {
	    {"CAP_SETPCAP", CAP_SETPCAP, false},
	    {"CAP_SETUID", CAP_SETUID, true},
	    {"CAP_SETGID", CAP_SETGID, true},
	};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	if (geteuid() != 0)
		return 0;
	if (syscall(SYS_capget, &header, data) != 0)
		return complain(complaint, -errno, "capabilities: %s", strerror(errno));
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if ((to != NULL || !needed[i].is_for_user) && !is_effective(data, needed[i].number))
			return complain(complaint, -EPERM,
			    "rights: root without the capability %s cannot give them up; expected "
			    "root with it, or another user with CAP_NET_RAW alone",
			    needed[i].name);
	return 0;
}

static int drop_ids(const struct privilege *to, struct complaint *complaint)
{
	if (setgroups(0, NULL) != 0 || setresgid(to->gid, to->gid, to->gid) != 0 ||
	    setresuid(to->uid, to->uid, to->uid) != 0)
		return complain(complaint, -errno, "user %u, group %u: %s, expected to become them",
		    (unsigned)to->uid, (unsigned)to->gid, strerror(errno));
	return 0;
}

/* What an exec may bring back. Without the right to change it there is nothing to bring back. */
static void drop_bounds(void)
{
	for (unsigned long i = 0; i < CAPABILITY_END; i++)
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);       /* read back below */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* likewise */
}

static int drop_capabilities(struct complaint *complaint)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	if (syscall(SYS_capset, &header, none) != 0)
		return complain(
		    complaint, -errno, "capabilities: %s, expected to drop them", strerror(errno));
	return 0;
}

static bool has_capability(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	if (syscall(SYS_capget, &header, data) != 0)
		return true;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if ((data[i].effective | data[i].permitted | data[i].inheritable) != 0)
			return true;
	return false;
}

static bool has_bounds(void)
{
	for (unsigned long i = 0; i < CAPABILITY_END; i++)
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			return true;
	return false;
}

static bool is(const struct privilege *wanted)
{
	uid_t uids[3];
	gid_t gids[3];
	if (getresuid(&uids[0], &uids[1], &uids[2]) != 0 ||
	    getresgid(&gids[0], &gids[1], &gids[2]) != 0 || getgroups(0, NULL) != 0)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (uids[i] != wanted->uid || gids[i] != wanted->gid)
			return false;
	return wanted->uid == 0 || setresuid(0, 0, 0) != 0;
}

int privilege_drop(const struct privilege *to, struct complaint *complaint)
{
	bool was_root = geteuid() == 0;
	drop_bounds();
	int error = to != NULL && was_root ? drop_ids(to, complaint) : 0;
	if (error == 0)
		error = drop_capabilities(complaint);
	if (error != 0)
		return error;
	if ((to != NULL && was_root && !is(to)) || has_capability() || (was_root && has_bounds()))
		return complain(complaint, -EPERM,
		    "rights: some are still there after they were dropped, expected none");
	return 0;
}
