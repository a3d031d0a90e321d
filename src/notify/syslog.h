/*
 * syslog.h - a notice for a collector of logs: one message of syslog (RFC 5424), which goes by TLS
 * (RFC 5425).
 *
 * rfc5424: what programs look for is structured data, [hinomi@32473 ...]; the text is the subject
 * and, where there is no finding, the letter in one line (that to confirm an address holds its
 * code). cef: the text is an event of the Common Event Format, version 0, and there is no
 * structured data.
 *
 * Names are others' words: what is hidden in them is made visible, so that no message has a line
 * end, and what ends a value is escaped.
 */
#ifndef NOTIFY_SYSLOG_H
#define NOTIFY_SYSLOG_H

#include <stddef.h>

#include "base/endpoint.h"
#include "notify/notice_style.h"
#include "notify/webhook.h"

enum {
	SYSLOG_PORT = 6514,       /* RFC 5425 section 4.1 */
	SYSLOG_BYTES_MAX = 8192,  /* that a receiver should take (section 4.3.1) */
	SYSLOG_TEXT_BYTES = 2048, /* of them for the text, in bytes; cut at a whole character */
};

/*
 * "syslog+tls://HOST[:PORT]", an IPv6 address in brackets. Returns 0, or -EINVAL with a complaint.
 */
int syslog_parse_address(
    const char *address, struct endpoint *ret_endpoint, struct complaint *complaint);

/*
 * Gives the message, without the frame around it, to be freed by the caller. `host` is how this
 * machine is called. Returns 0 or -ENOMEM.
 */
int syslog_write(enum notice_style style, const struct webhook_notice *notice, const char *host,
    char **ret_bytes, size_t *ret_length);

#endif
