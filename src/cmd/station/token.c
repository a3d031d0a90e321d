#include "cmd/station/token.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int token_make(char out[static TOKEN_TEXT_BYTES])
{
	uint8_t bytes[TOKEN_RANDOM_BYTES + 1] = {0}; /* a zero, so that groups of three are whole */
	const ssize_t got = getrandom(bytes, TOKEN_RANDOM_BYTES, 0);
	if (got != TOKEN_RANDOM_BYTES)
		return got < 0 ? -errno : -EIO; /* up to 256 bytes come whole */
	for (size_t i = 0; i < TOKEN_TEXT_BYTES - 1; i++) {
		const size_t at = i / 4 * 3;
		const uint32_t group = (uint32_t)bytes[at] << 16 | (uint32_t)bytes[at + 1] << 8 |
				       (uint32_t)bytes[at + 2];
		out[i] = letters[group >> (18 - 6 * (i % 4)) & 63];
	}
	out[TOKEN_TEXT_BYTES - 1] = '\0';
	explicit_bzero(bytes, sizeof bytes);
	return 0;
}

/* False without memory, or without OpenSSL's own algorithms. */
static bool sha256(const char *bytes, size_t length, char out[static TOKEN_HASH_BYTES])
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned count = 0;
	if (EVP_Digest(bytes, length, hash, &count, EVP_sha256(), NULL) != 1 ||
	    count != TOKEN_RANDOM_BYTES)
		return false;
	for (size_t i = 0; i < count; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", hash[i]); /* fits */
	return true;
}

bool token_hash(const char *token, char out[static TOKEN_HASH_BYTES])
{
	return token_is_one(token) && sha256(token, TOKEN_TEXT_BYTES - 1, out);
}

bool token_prepare(void)
{
	char hash[TOKEN_HASH_BYTES];
	return sha256("", 0, hash);
}

bool token_is_one(const char *text)
{
	const size_t length = strnlen(text, TOKEN_TEXT_BYTES);
	return length == TOKEN_TEXT_BYTES - 1 && strspn(text, letters) == length;
}

bool token_is_hash(const char *text)
{
	const size_t length = strnlen(text, TOKEN_HASH_BYTES);
	return length == TOKEN_HASH_BYTES - 1 && strspn(text, "0123456789abcdef") == length;
}
