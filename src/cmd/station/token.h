/*
 * token.h - the secrets by which somebody who signed in is known: made, written, and hashed.
 *
 * A token is 32 random bytes as base64url (RFC 4648). The database has its SHA-256 alone, so that
 * who reads a copy of it can sign in as nobody; a fast hash will do, since nobody guesses 256 bits.
 */
#ifndef CMD_STATION_TOKEN_H
#define CMD_STATION_TOKEN_H

#include <stdbool.h>

enum {
	TOKEN_RANDOM_BYTES = 32,
	TOKEN_TEXT_BYTES = 44, /* 43 characters, and the end */
	TOKEN_HASH_BYTES = 65, /* hexadecimal, and the end */
};

/* From the kernel. 0 or a negative errno. */
int token_make(char out[static TOKEN_TEXT_BYTES]);
/* Before a sandbox: OpenSSL loads what it needs. False where it has no SHA-256. */
bool token_prepare(void);
/* False for what is no token, whoever sent it. */
bool token_hash(const char *token, char out[static TOKEN_HASH_BYTES]);
/* Whether a text may be a token, and whether it may be such a hash. */
bool token_is_one(const char *text);
bool token_is_hash(const char *text);

#endif
