/*
 * code.h - the codes by which somebody shows that mail to an address, or a request to a web hook,
 * arrives there: made, kept, compared.
 *
 * A code has 50 random bits, is good for CODE_VALID_US and for CODE_TRIES_MAX wrong answers; who
 * reads the database has its hash alone (Argon2id, RFC 9106, as memory-hard as a keeper can
 * afford), and it would take him longer than the code is good.
 */
#ifndef CMD_STATION_CODE_H
#define CMD_STATION_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/when.h"
#include "store/records.h"

#define CODE_VALID_US (72 * WHEN_HOUR_US) /* a long weekend */

enum {
	CODE_LETTERS = 10,
	CODE_BYTES = CODE_LETTERS + 1,
	CODE_TRIES_MAX = 5, /* whoever copies it from a letter needs fewer */
	CODE_SALT_BYTES = 16,
	CODE_TAG_BYTES = 32,
};

/* As it lies in the store (code_hash of a contact). */
struct code_hash {
	uint8_t version;
	uint8_t tries; /* wrong ones so far */
	uint8_t salt[CODE_SALT_BYTES];
	uint8_t tag[CODE_TAG_BYTES];
};

/* Makes one: capital letters and digits that do not look like each other. 0 or a negative errno. */
int code_make(char ret_code[static CODE_BYTES], struct code_hash *ret_hash);

/* False when there are no bytes, or others than we wrote. */
bool code_hash_read(const struct store_bytes *bytes, struct code_hash *ret_hash);
/* Borrows. */
struct store_bytes code_hash_bytes(const struct code_hash *hash);

/*
 * Whether it is this code, as somebody typed it: small letters, blanks and hyphens do not matter.
 * 0, or -ENOMEM.
 */
int code_check(const struct code_hash *hash, const char *typed, bool *ret_same);

#endif
