/*
 * control.h - the keeper's control socket: DIR/control.sock, by which commands ask a running
 * station to change something (service.h).
 *
 * A request is a line; its answer is lines, the last of which says how it went. Several may follow
 * each other on one connection, each answered before the next is looked at. Who connects is root,
 * the owner of the station's directory, or of its group: the socket's mode says so (0660), and the
 * kernel is asked whom it let in. Whatever they send, nobody else waits for long: there are bounds
 * to connections, to the length of a line, and to the time that a request, or the reading of its
 * answer, may take.
 */
#ifndef CMD_STATION_CONTROL_H
#define CMD_STATION_CONTROL_H

#include <stdint.h>
#include <sys/types.h>

#include "base/complaint.h"
#include "cmd/station/paths.h"
#include "cmd/station/service.h"
#include "proc/loop.h"

enum {
	CONTROL_CLIENTS_MAX = 32, /* more wait before the door, as many as the kernel keeps */
	CONTROL_BACKLOG = 128,
	CONTROL_SOCKET_MODE = 0660,
};

#define CONTROL_PATIENCE_US                                                                        \
	(30 * WHEN_SECOND_US) /* for a request, and for each part of it read                       \
			       */

/*
 * The socket, made by whoever holds the station's lock: one that is there was left by an earlier
 * process. It belongs to whom the directory belongs to. Returns 0 with the descriptor (which does
 * not block, and is closed on exec), or a negative errno with a complaint.
 */
int control_socket_make(const struct station_dir *dir, int *ret_fd, struct complaint *complaint);
/* At the end. What is no socket stays. */
void control_socket_remove(const struct station_dir *dir);

struct control;

struct control_options {
	struct loop *loop;             /* borrowed, as all */
	const struct service *service; /* its keeper may be another by the next request */
	uid_t owner;                   /* of the directory, */
	gid_t group;                   /* and its group */
	/* What time it is. */
	struct keeper_clock (*get_clock)(void *context);
	/* Somebody was answered: there may be something to send, or to write. */
	void (*on_answered)(void *context);
	void *context;
};

/* Takes `fd` when it returns 0. 0 or a negative errno. */
int control_new(const struct control_options *options, int fd, struct control **ret_control);
void control_free(struct control *control); /* NULL is allowed */

#endif
