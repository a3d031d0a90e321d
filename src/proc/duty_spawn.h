/*
 * duty_spawn.h - a new process with nothing but what it is given. Used by proc/duties.c alone.
 */
#ifndef PROC_DUTY_SPAWN_H
#define PROC_DUTY_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "proc/duty.h"
#include "proc/privilege.h"

struct duty_spawning {
	const struct duty *row;
	const struct privilege *user; /* or NULL */
	const int *fds;               /* borrowed */
	size_t fd_count;
};

/*
 * Runs this program again with the row's arguments. Its descriptors are: standard input from
 * /dev/null, standard output and error as they are, `fds` from DUTY_FIRST_FD on in this order, and
 * no other. It is the leader of its own session, dies with its parent (SIGKILL), blocks no signal
 * and ignores only SIGPIPE; it has dropped its rights, becoming `user` where that is not NULL,
 * unless the row drops late. Only one thread may run here.
 *
 * 0, its number and a descriptor of it (pidfd, close-on-exec), or a negative errno. What fails
 * after that is told by its exit status (DUTY_EXIT_...).
 */
int duty_spawn(const struct duty_spawning *spawning, pid_t *ret_pid, int *ret_pidfd);

#endif
