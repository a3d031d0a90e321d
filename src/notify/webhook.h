/*
 * webhook.h - a notice as JSON for another program, and where such may be sent.
 *
 * A member chooses the URL, and the station asks it from inside the operator's network: so only
 * https is taken, and no address that leads into a network (private, link-local, loopback and the
 * like), unless the operator allowed it. What a name leads to is looked at when the connection is
 * made, not before, since it may change in between (DNS rebinding).
 */
#ifndef NOTIFY_WEBHOOK_H
#define NOTIFY_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"
#include "detect/finding.h"
#include "notify/letter.h"
#include "notify/wording.h"

enum {
	WEBHOOK_URL_BYTES_MAX = 2048, /* as most servers take */
};

/* What the operator allows beyond addresses that anybody can reach. Borrowed. */
struct webhook_policy {
	bool may_loopback; /* this machine itself, with plain http as well */
	const struct prefix *allowed;
	size_t allowed_count;
};

/*
 * Whether a URL is one: https, or http to this machine where that is allowed; printable ASCII, no
 * user or password (they would stand in logs), no fragment. Returns 0, or -EINVAL with a complaint,
 * which shows only the host of it.
 */
int webhook_check_url(
    const char *url, const struct webhook_policy *policy, struct complaint *complaint);
/* Whether an address may be connected to. */
bool webhook_may_reach(const struct webhook_policy *policy, const struct address *address);

/* Borrowed for the call. */
struct webhook_notice {
	const char *event; /* the same each time that this notice is sent */
	const char *kind;  /* "first", "update", ...: as in the store */
	int64_t at_us;
	const char *station; /* NULL where it has no name */
	int64_t incident;    /* 0: none */
	uint64_t canary;     /* its number; 0: none */
	bool is_drill;
	const struct letter *letter;   /* for people: subject and body */
	const struct finding *finding; /* NULL: none */
	const char *member;            /* of the finding */
	const char *answer_url;        /* where it can be answered; NULL: nowhere */
	enum language language;
};

/* Gives the JSON, to be freed by the caller. Returns 0, or -ENOMEM. */
int webhook_write(const struct webhook_notice *notice, char **ret_bytes, size_t *ret_length);

#endif
