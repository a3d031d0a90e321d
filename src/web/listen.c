#include "web/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/endpoint.h"

enum {
	BACKLOG = 128, /* newcomers that wait for one turn of the loop */
};

static socklen_t fill_v4(
    const struct address *address, uint16_t port, struct sockaddr_storage *ret_to)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	memcpy(&to.sin_addr, address->bytes + ADDRESS_V4_BITS / 8, sizeof to.sin_addr);
	memcpy(ret_to, &to, sizeof to);
	return sizeof to;
}

static socklen_t fill_v6(
    const struct address *address, uint16_t port, struct sockaddr_storage *ret_to)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	memcpy(&to.sin6_addr, address->bytes, sizeof to.sin6_addr);
	memcpy(ret_to, &to, sizeof to);
	return sizeof to;
}

/* Where another has just ended, its connections must not keep the port from us. */
static int set_options(int fd, const struct address *address)
{
	const int on = 1;
	const int off = 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		return -errno;
	/* whatever the system's default is */
	if (!address_is_v4(address) &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
		return -errno;
	return 0;
}

static int open_socket(const struct address *address, uint16_t port, int *ret_fd)
{
	struct sockaddr_storage to = {.ss_family = AF_UNSPEC};
	const bool is_v4 = address_is_v4(address);
	const socklen_t bytes = is_v4 ? fill_v4(address, port, &to) : fill_v6(address, port, &to);
	const void *name = &to;
	const int fd =
	    socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int result = set_options(fd, address);
	if (result == 0 && (bind(fd, name, bytes) != 0 || listen(fd, BACKLOG) != 0))
		result = -errno;
	if (result == 0)
		*ret_fd = fd;
	else
		(void)close(fd); /* nobody came by it */
	return result;
}

static const char *expectation(int error)
{
	switch (error) {
	case -EADDRINUSE:
		return "another program listens there; expected a free port: choose another, or "
		       "off";
	case -EADDRNOTAVAIL:
		return "no interface has this address; expected one of this machine, such as "
		       "127.0.0.1";
	case -EACCES:
		return "ports below 1024 are for root; expected a higher one";
	default:
		return strerror(-error);
	}
}

int web_listen(const char *key, const struct address *address, uint16_t port, int *ret_fd,
    struct complaint *complaint)
{
	struct endpoint endpoint = {.port = port, .is_address = true, .address = *address};
	char text[ENDPOINT_TEXT_BYTES];
	const int result = open_socket(address, port, ret_fd);
	if (result == 0)
		return 0;
	address_format(address, endpoint.host);
	endpoint_format(&endpoint, text);
	return complain(complaint, result, "%s: %s: %s", key, text, expectation(result));
}
