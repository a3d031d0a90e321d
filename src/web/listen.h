/* listen.h - a listening socket, opened by whoever may, for a process that may not. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"

/*
 * Listens by TCP on this address and port, and there only: :: takes IPv4 as well, as [::] is meant
 * where it is written. Non-blocking, close-on-exec. Returns 0, or a negative errno with a complaint
 * that begins with `key`, the key of the configuration: -EADDRINUSE, -EADDRNOTAVAIL, -EACCES ...
 */
int web_listen(const char *key, const struct address *address, uint16_t port, int *ret_fd,
    struct complaint *complaint);

#endif
