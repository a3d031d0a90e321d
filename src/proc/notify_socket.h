/*
 * notify_socket.h - telling whoever supervises this process how it is: the protocol of sd_notify(3)
 * over the socket that NOTIFY_SOCKET names, without a library.
 *
 * Where nobody supervises us, everything here does nothing.
 */
#ifndef PROC_NOTIFY_SOCKET_H
#define PROC_NOTIFY_SOCKET_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/complaint.h"

enum {
	/* Of what is told at once. A supervisor reads a page. */
	NOTIFY_TEXT_MAX_BYTES = 2048,
};

struct notify_socket {
	int fd;              /* -1: nobody wants to be told */
	int64_t watchdog_us; /* WATCHDOG=1 is expected so often; 0: never */
	socklen_t address_bytes;
	struct sockaddr_un address;
};

/*
 * Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment, so
 * that no process that we start speaks for us. Returns 0, or a negative errno with a complaint when
 * one of them makes no sense; *ret_socket is good for the calls below in any case.
 */
int notify_socket_open(struct notify_socket *ret_socket, struct complaint *complaint);
void notify_socket_close(struct notify_socket *socket);

/*
 * Sends lines such as "READY=1\nSTATUS=all is well". Never waits. 0, or a negative errno: it was
 * not told. -EMSGSIZE past NOTIFY_TEXT_MAX_BYTES.
 */
int notify_socket_tell(const struct notify_socket *socket, const char *lines);

#endif
