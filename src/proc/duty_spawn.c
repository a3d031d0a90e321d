#include "proc/duty_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/duty_layout.h"

/* The number above all that a new process gets. */
static int end_of(size_t fd_count)
{
	return DUTY_FIRST_FD + (int)fd_count;
}

/* Puts `fds` in their places; all first out of the way of all. */
static bool lay_out(const int *fds, size_t fd_count)
{
	int aside[DUTY_FDS_MAX];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null < 0 || fd_count > DUTY_FDS_MAX)
		return false;
	for (size_t i = 0; i < fd_count; i++) {
		aside[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, end_of(fd_count));
		if (aside[i] < 0)
			return false;
	}
	if (dup2(null, STDIN_FILENO) != STDIN_FILENO)
		return false;
	for (size_t i = 0; i < fd_count; i++) {
		int place = DUTY_FIRST_FD + (int)i;
		if (dup2(aside[i], place) != place)
			return false;
	}
	return syscall(SYS_close_range, (unsigned)end_of(fd_count), UINT32_MAX, 0) == 0;
}

/* As after an exec from a shell, but that who writes to a closed pipe learns it by errno. */
static void reset_signals(void)
{
	sigset_t none;
	(void)sigemptyset(&none); /* cannot fail */
	for (int signal_number = 1; signal_number <= SIGRTMAX; signal_number++)
		(void)signal(signal_number, SIG_DFL); /* not for all may it be set */
	(void)signal(SIGPIPE, SIG_IGN);               /* is a signal */
	(void)sigprocmask(SIG_SETMASK, &none, NULL);  /* cannot fail */
}

/* Both before and after rights change, which takes it back. */
static bool die_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
}

static _Noreturn void become(const struct duty_spawning *spawning, pid_t parent)
{
	reset_signals();
	(void)setsid(); /* of a new child it cannot fail */
	if (!die_with(parent))
		_exit(DUTY_EXIT_ORPHAN);
	if (!lay_out(spawning->fds, spawning->fd_count))
		_exit(DUTY_EXIT_LAYOUT);
	if (!spawning->row->drops_late && privilege_drop(spawning->user, NULL) != 0)
		_exit(DUTY_EXIT_RIGHTS);
	if (!die_with(parent))
		_exit(DUTY_EXIT_ORPHAN);
	/* execv() does not change them. */
	(void)execv("/proc/self/exe", (char *const *)(uintptr_t)spawning->row->arguments);
	_exit(DUTY_EXIT_EXEC);
}

int duty_spawn(const struct duty_spawning *spawning, pid_t *ret_pid, int *ret_pidfd)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(spawning, parent);

	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		int error = -errno;
		(void)kill(pid, SIGKILL);    /* it is ours, and not awaited yet */
		(void)waitpid(pid, NULL, 0); /* however it ended */
		return error;
	}
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}
