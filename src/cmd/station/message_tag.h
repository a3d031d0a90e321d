/*
 * message_tag.h - Message-IDs that nobody can guess who did not get the message: so what comes back
 * under one comes from somebody to whom it was sent, or who saw it on the way.
 *
 * The tag follows from the rest of the Message-ID and a secret of the station, so that a keeper
 * that starts anew gives the same.
 */
#ifndef CMD_STATION_MESSAGE_TAG_H
#define CMD_STATION_MESSAGE_TAG_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "store/store.h"

enum {
	MESSAGE_SECRET_BYTES = 32,
	MESSAGE_TAG_BYTES = 8, /* of HMAC-SHA-256; guessing one takes 2^63 letters */
};

struct message_secret {
	uint8_t bytes[MESSAGE_SECRET_BYTES];
};

/* The station's, made where it has none yet. Returns 0, or a negative errno with a complaint. */
int message_secret_find(
    struct store *store, struct message_secret *ret_secret, struct complaint *complaint);

/*
 * "name@host" with its tag: "name.0123456789abcdef@host". Without a secret (NULL) it is as it was.
 * What does not fit, or cannot be tagged for want of memory, is cut: it is a mistake of the
 * caller's sizes, or goes untagged.
 */
void message_tag_put(const struct message_secret *secret, const char *id, char *out, size_t room);

#endif
