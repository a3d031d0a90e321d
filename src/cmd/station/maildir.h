/* maildir.h - whether a message has arrived in a mailbox (https://cr.yp.to/proto/maildir.html). */
#ifndef CMD_STATION_MAILDIR_H
#define CMD_STATION_MAILDIR_H

#include <stdbool.h>
#include <stdint.h>

enum {
	MAILDIR_LOOK_MAX = 65536,     /* files of one look; no mailbox of a canary has so many */
	MAILDIR_HEADER_BYTES = 16384, /* the Message-ID stands in front of these */
};

/*
 * Whether a message of this Message-ID (without angle brackets) lies in new/ or cur/ of the
 * mailbox. Files from before `since_us` are not opened. False also where it cannot be read.
 */
bool maildir_has(const char *path, const char *message_id, int64_t since_us);

#endif
