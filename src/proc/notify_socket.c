#include "proc/notify_socket.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	VALUE_BYTES = 256, /* of a variable; an address of a socket is shorter */
};

/* Copies a variable and removes it. False where it is not set; what is too long comes as "?". */
static bool take_variable(const char *name, char out[static VALUE_BYTES])
{
	const char *value = getenv(name);
	if (value == NULL)
		return false;
	size_t bytes = strlen(value);
	if (bytes < VALUE_BYTES)
		memcpy(out, value, bytes + 1);
	else
		memcpy(out, "?", 2);
	(void)unsetenv(name); /* our own name of it is right */
	return true;
}

static bool parse_number(const char *text, int64_t *ret_number)
{
	char *end = NULL;
	errno = 0;
	intmax_t number = strtoimax(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number <= 0 || number > INT64_MAX)
		return false;
	*ret_number = number;
	return true;
}

/* A path, or "@" and a name that is in no file system (unix(7)). */
static int read_address(struct notify_socket *socket, const char *name, struct complaint *complaint)
{
	const size_t bytes = strlen(name);
	if ((name[0] != '/' && name[0] != '@') || bytes < 2 ||
	    bytes >= sizeof socket->address.sun_path)
		return complain(complaint, -EINVAL,
		    "NOTIFY_SOCKET=%s: expected a path, or @ and a name, of 2 to %zu bytes", name,
		    sizeof socket->address.sun_path - 1);
	socket->address.sun_family = AF_UNIX;
	memcpy(socket->address.sun_path, name, bytes);
	if (name[0] == '@')
		socket->address.sun_path[0] = '\0';
	socket->address_bytes =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes + (name[0] != '@'));
	return 0;
}

/* For whom the watchdog is meant: an unset WATCHDOG_PID is for anybody. */
static int read_watchdog(struct notify_socket *socket, struct complaint *complaint)
{
	char text[VALUE_BYTES];
	int64_t pid = getpid();
	int64_t us = 0;
	const bool has_pid = take_variable("WATCHDOG_PID", text);
	if (has_pid && !parse_number(text, &pid))
		pid = 0; /* nobody's: another process's number may be anything */
	if (!take_variable("WATCHDOG_USEC", text) || pid != getpid())
		return 0;
	if (!parse_number(text, &us))
		return complain(
		    complaint, -EINVAL, "WATCHDOG_USEC=%s: expected microseconds", text);
	socket->watchdog_us = us;
	return 0;
}

int notify_socket_open(struct notify_socket *ret_socket, struct complaint *complaint)
{
	char name[VALUE_BYTES];
	*ret_socket = (struct notify_socket){.fd = -1};
	const bool is_supervised = take_variable("NOTIFY_SOCKET", name);
	int result = read_watchdog(ret_socket, complaint);
	if (!is_supervised) {
		ret_socket->watchdog_us = 0; /* there is nobody to tell */
		return 0;
	}
	int address = read_address(ret_socket, name, complaint);
	if (address != 0)
		return address;
	ret_socket->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ret_socket->fd < 0)
		return complain(
		    complaint, -errno, "NOTIFY_SOCKET: %s, expected a socket", strerror(errno));
	return result;
}

void notify_socket_close(struct notify_socket *socket)
{
	if (socket->fd >= 0)
		(void)close(socket->fd); /* what was told has left it */
	socket->fd = -1;
}

int notify_socket_tell(const struct notify_socket *socket, const char *lines)
{
	const size_t bytes = strlen(lines);
	if (bytes > NOTIFY_TEXT_MAX_BYTES)
		return -EMSGSIZE;
	if (socket->fd < 0)
		return 0;
	ssize_t sent = sendto(socket->fd, lines, bytes, MSG_NOSIGNAL,
	    (const struct sockaddr *)&socket->address, socket->address_bytes);
	return sent < 0 ? -errno : 0;
}
