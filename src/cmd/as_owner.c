#include "cmd/as_owner.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/privilege.h"

/* How it went, told by a pipe: a few hundred bytes, written at once. */
struct outcome {
	int result;
	struct complaint complaint;
};

static _Noreturn void become(const struct privilege *owner,
    int (*work)(void *context, struct complaint *complaint), void *context, int report_fd,
    pid_t parent)
{
	struct outcome outcome = {.complaint = {""}};
	outcome.result = privilege_drop(owner, &outcome.complaint);
	/* Who is killed shall not go on in here. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
		_exit(1);
	if (outcome.result == 0)
		outcome.result = work(context, &outcome.complaint);
	bool is_told = write(report_fd, &outcome, sizeof outcome) == sizeof outcome;
	_exit(is_told ? 0 : 1);
}

static int await(pid_t pid, int report_fd, struct complaint *complaint)
{
	struct outcome outcome = {.complaint = {""}};
	ssize_t got = read(report_fd, &outcome, sizeof outcome);
	while (got < 0 && errno == EINTR)
		got = read(report_fd, &outcome, sizeof outcome);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (got != sizeof outcome)
		return complain(complaint, -EIO, "a process that was started for it died");
	if (complaint != NULL)
		*complaint = outcome.complaint;
	return outcome.result;
}

int as_owner(const struct station_dir *dir, int (*work)(void *context, struct complaint *complaint),
    void *context, struct complaint *complaint)
{
	struct stat status;
	int fds[2];
	if (geteuid() != 0)
		return work(context, complaint);
	if (fstat(dir->fd, &status) != 0)
		return complain(complaint, -errno, "%s: %s", dir->path, strerror(errno));
	if (pipe(fds) != 0)
		return complain(complaint, -errno, "%s: %s", dir->path, strerror(errno));
	const struct privilege owner = {.uid = status.st_uid, .gid = status.st_gid};
	const pid_t parent = getpid();
	const pid_t pid = fork();
	if (pid == 0) {
		(void)close(fds[0]); /* the other's */
		become(&owner, work, context, fds[1], parent);
	}
	const int error = errno;
	(void)close(fds[1]); /* the other's; so its death ends our reading */
	int result = pid < 0 ? complain(complaint, -error, "%s: %s", dir->path, strerror(error))
			     : await(pid, fds[0], complaint);
	(void)close(fds[0]); /* only read from */
	return result;
}
