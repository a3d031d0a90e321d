/*
 * endpoint.h - where something listens: a host and a port; names of hosts, and addresses of
 * web pages that name one.
 *
 * Everything here is strict, since it ends up in commands of SMTP and HTTP: no control characters,
 * no blanks, no user names, names of hosts in ASCII (RFC 1123; international ones as xn--...).
 */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

enum {
	HOST_BYTES = 254,                             /* RFC 1035: 253 characters, and NUL */
	ENDPOINT_TEXT_BYTES = HOST_BYTES + 2 + 1 + 5, /* brackets, colon, port */
	URL_BYTES = 1024,                             /* no service of ours needs more */
};

struct endpoint {
	char host[HOST_BYTES]; /* without brackets */
	uint16_t port;         /* never 0 */
	bool is_address;       /* the host is an address: */
	struct address address;
};

/*
 * "mail.example.jp:587", "192.0.2.1:25", "[2001:db8::1]:25". Returns 0, or -EINVAL with *ret_why
 * set to a static English phrase of what was expected.
 */
int endpoint_parse(const char *text, struct endpoint *ret_endpoint, const char **ret_why);
void endpoint_format(const struct endpoint *endpoint, char out[static ENDPOINT_TEXT_BYTES]);
/* This machine: an address of 127.0.0.0/8, ::1, or the name localhost. */
bool endpoint_is_loopback(const struct endpoint *endpoint);

/* Labels of letters, digits and hyphens; not all of the last one digits. */
bool host_name_is_valid(const char *name);

struct url {
	bool is_tls;
	struct endpoint endpoint; /* the port of the scheme where none is named */
};

/*
 * "https://HOST[:PORT][/PATH]" or http. Everything past the host is visible ASCII without blanks,
 * quotes, angle brackets, backslash or #. Returns 0, or -EINVAL with *ret_why as above.
 */
int url_parse(const char *text, struct url *ret_url, const char **ret_why);

#endif
