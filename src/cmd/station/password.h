/*
 * password.h - passwords of accounts: what of one is kept, and how it is checked without anybody
 * who could use what is kept.
 *
 * Who has the password makes a key of it (Argon2id, RFC 9106, with the parameters that OWASP's
 * Password Storage Cheat Sheet names: 19 MiB, two passes, one lane), some 30 ms of work, which a
 * thread of the web duty (hasher.h) or a command does, never the keeper. What is kept is the
 * SHA-256 of that key, with its salt and parameters, as text:
 *
 *     $argon2id-sha256$m=19456,t=2,p=1$SALT$HASH      (hexadecimal)
 *
 * The keeper is given the key and hashes it. So a copy of the database opens nothing: neither does
 * it hold a password, nor a key, and to try passwords costs as much as ever. A web duty that was
 * broken into reads what is kept, and can make no key of it.
 */
#ifndef CMD_STATION_PASSWORD_H
#define CMD_STATION_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"

enum {
	PASSWORD_MIN_CHARACTERS = 12,
	PASSWORD_MAX_BYTES = 1024,  /* hashing a longer one is somebody else's pleasure */
	PASSWORD_DIFFERENT_MIN = 5, /* "aaaaaaaaaaaa" is none */
	PASSWORD_KEY_BYTES = 65,    /* hexadecimal, and the end */
	PASSWORD_KEPT_BYTES = 160,
};

/* What whoever guesses would try first; NULL: it is not known. Borrowed. */
struct password_about {
	const char *station; /* its name */
	const char *account; /* likewise */
};

/*
 * Whether it may become somebody's password: UTF-8, of any characters, and nothing that is guessed
 * easily. Whoever hashes it must ask, since nobody can later. Takes 0.1 ms, of the worst 10. 0, or
 * -EINVAL with a complaint.
 */
int password_check(const char *password, size_t length, const struct password_about *about,
    struct complaint *complaint);

/* What is kept of a new password, with a salt of its own. 0 or a negative errno. */
int password_keep(const char *password, size_t length, char ret_kept[static PASSWORD_KEPT_BYTES]);

/*
 * The key that a password gives with the salt of what is kept; where that is "" or damaged, with
 * one that fits nothing, in the same time. 0 or -ENOMEM.
 */
int password_key(
    const char *password, size_t length, const char *kept, char ret_key[static PASSWORD_KEY_BYTES]);

/* Whether it is the key of the password that this is kept of: quick. */
bool password_is_key(const char *kept, const char *key);
/* Whether a text may be what is kept. */
bool password_is_kept(const char *text);

#endif
