/*
 * heartbeat.h - a station's signs of life: what they say, and how one believes them.
 *
 * A sign of life is a POST of a small JSON object. Where both sides have a secret, two headers
 * prove who made it and when:
 *
 *     X-Hinomi-Time       when it was signed, microseconds since 1970 UTC, in decimal digits
 *     X-Hinomi-Signature  "sha256=" and, in hexadecimal, HMAC-SHA256 (RFC 2104) with the secret
 *                         over that text, a line feed, and the body
 *
 * So what somebody overheard cannot be changed, is worth nothing when HEARTBEAT_WINDOW_US have
 * passed, and within them is known as heard before (cmd/station/peers.h). The body names the
 * station, so one cannot be told as another's.
 */
#ifndef WEB_HEARTBEAT_H
#define WEB_HEARTBEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

#define HEARTBEAT_TIME_HEADER      "X-Hinomi-Time"
#define HEARTBEAT_SIGNATURE_HEADER "X-Hinomi-Signature"
#define HEARTBEAT_WINDOW_US        INT64_C(300000000)

enum {
	HEARTBEAT_NAME_BYTES = 128, /* as a station's */
	HEARTBEAT_VERSION_BYTES = 32,
	/* A name whose every byte is escaped, twice over. */
	HEARTBEAT_BODY_MAX_BYTES = 2048,
	/* A secret of hexadecimal digits as long as what it keys is 64; shorter ones are guessed.
	 */
	HEARTBEAT_SECRET_MIN_BYTES = 16,
	HEARTBEAT_SECRET_MAX_BYTES = 512,
	HEARTBEAT_TIME_BYTES = 24,
	HEARTBEAT_SIGNATURE_BYTES = 7 + 64 + 1,
};

#define HEARTBEAT_NOTHING_OBSERVED INT64_MIN

struct heartbeat {
	char name[HEARTBEAT_NAME_BYTES];
	int64_t time_us;
	int64_t observed_us; /* the clock of what is observed, or HEARTBEAT_NOTHING_OBSERVED */
	uint64_t packets;    /* since the one before */
	uint64_t waiting;    /* notices that wait to be delivered */
	char version[HEARTBEAT_VERSION_BYTES];
	uint64_t sequence; /* 1 is the first since the station started */
};

/*
 * {"type":"heartbeat","name":"north","time":"...","observed":"..." or null,"packets":1234,
 *  "waiting":0,"version":"0.1.0","sequence":17}
 * Gives the text, to be freed. 0 or -ENOMEM.
 */
int heartbeat_write(const struct heartbeat *heartbeat, char **ret_text, size_t *ret_length);
/*
 * Reads a body: 0, or -EINVAL for whatever is not one. Times are for people: they are checked to be
 * there, and given as 0.
 */
int heartbeat_read(const void *bytes, size_t count, struct heartbeat *ret_heartbeat);

struct heartbeat_secret {
	size_t length; /* 0: there is none */
	uint8_t bytes[HEARTBEAT_SECRET_MAX_BYTES];
};

/* The first line of a file. 0, or -EINVAL with a complaint of what was expected of it. */
int heartbeat_secret_read(const char *text, size_t length, struct heartbeat_secret *ret_secret,
    struct complaint *complaint);

/* Loads what signing and reading need, before a sandbox is entered. 0, or -ENOSYS. */
int heartbeat_prepare(void);

/* The values of the two headers, as they are sent. */
struct heartbeat_proof {
	char time[HEARTBEAT_TIME_BYTES];
	char signature[HEARTBEAT_SIGNATURE_BYTES];
};
/* 0, or -ENOMEM. */
int heartbeat_sign(const struct heartbeat_secret *secret, int64_t time_us, const void *body,
    size_t count, struct heartbeat_proof *ret_proof);

/* What came, and to which name. Borrowed for the call. */
struct heartbeat_post {
	const char *name;
	const char *time;      /* of the header, or NULL */
	const char *signature; /* likewise */
	const uint8_t *body;
	size_t count;
};

enum heartbeat_verdict {
	HEARTBEAT_GOOD,
	HEARTBEAT_UNSIGNED, /* a header is missing, or is none of ours */
	HEARTBEAT_FORGED,   /* signed with another secret, or changed */
	HEARTBEAT_UNTIMELY, /* its time is not ours, by more than HEARTBEAT_WINDOW_US */
	HEARTBEAT_WRONG,    /* what is signed is no sign of life, or another station's */
	HEARTBEAT_VERDICT_COUNT,
};

const char *heartbeat_verdict_name(enum heartbeat_verdict verdict); /* "forged" ... */

/*
 * Nothing of the body is looked at before the signature was found right. *ret_heartbeat, with the
 * signed time, is written only when it is good.
 */
enum heartbeat_verdict heartbeat_check(const struct heartbeat_secret *secret,
    const struct heartbeat_post *post, int64_t now_us, struct heartbeat *ret_heartbeat);

#endif
