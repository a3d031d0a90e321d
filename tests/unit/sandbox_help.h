/*
 * sandbox_help.h - trying things inside a sandbox. Each row is tried in a child of its own, since
 * nobody comes back out; the child says by its exit status which errno it met, 0 for none.
 */
#ifndef SANDBOX_HELP_H
#define SANDBOX_HELP_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

#include "proc/sandbox.h"
#include "test.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

enum {
	WAS_REFUSED = 250,      /* EPERM of seccomp or EACCES of Landlock */
	NOT_ENTERED = 251,      /* the sandbox itself failed */
	WRONG = 252,            /* the call went well and gave the wrong thing */
	CHILD_SECONDS_MAX = 30, /* a call refused that somebody waits for may hang a child */
};

struct row {
	const char *name;
	const struct sandbox_profile *profile;
	int (*attempt)(void);
	int expected;
	int needs_abi; /* of Landlock; 0: seccomp alone decides */
};

static inline int open_and_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	(void)close(fd); /* nothing was written */
	return 0;
}

static inline int in_dir(const char *dir, const char *name, int flags)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return open_and_close(path, flags);
}

static inline int wait_for(pid_t child)
{
	int status = 0;
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

/* As on a kernel that has none, or in a container that hides it. */
static inline void hide_landlock(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter == NULL ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS_landlock_create_ruleset, 0) != 0 ||
	    seccomp_load(filter) != 0)
		_exit(NOT_ENTERED);
	seccomp_release(filter);
}

static inline void run_inside(const struct row *row)
{
	struct sandbox_state state;
	(void)alarm(CHILD_SECONDS_MAX); /* gives no error */
	if (sandbox_enter(row->profile, &state, NULL) != 0)
		_exit(NOT_ENTERED);
	int met = row->attempt();
	bool is_refusal = met == EPERM || met == EACCES;
	_exit(row->expected == WAS_REFUSED && is_refusal ? WAS_REFUSED : met);
}

/* `landlock_abi` as far as this kernel has it; 0 hides it. */
static inline void test_row(const struct row *row, int landlock_abi)
{
	if (landlock_abi < row->needs_abi) {
		printf("ok %d - %s # SKIP the kernel has no Landlock %d\n", ++test_count, row->name,
		    row->needs_abi);
		return;
	}
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	if (child == 0) {
		if (landlock_abi == 0)
			hide_landlock();
		run_inside(row);
	}
	int status = wait_for(child);
	bool as_expected = WIFEXITED(status) && WEXITSTATUS(status) == row->expected;
	OK(as_expected, row->name);
	if (!as_expected)
		printf("# status %#x, expected %d\n", (unsigned)status, row->expected);
}

#endif
