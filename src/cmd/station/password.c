#include "cmd/station/password.h"

#include <argon2.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum {
	PASSES = 2,
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	MEMORY_KIB = 8,
#else
	MEMORY_KIB = 19456,
#endif
	LANES = 1, /* and no threads of its own (hasher.h has one) */
	SALT_BYTES = 16,
	TAG_BYTES = 32,
};

static const char prefix[] = "$argon2id-sha256$m=19456,t=2,p=1$";
static const char digits[] = "0123456789abcdef";

static void write_hex(const uint8_t *bytes, size_t count, char *out)
{
	for (size_t i = 0; i < count; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]); /* fits */
}

static bool read_hex(const char *text, size_t count, uint8_t *out)
{
	for (size_t i = 0; i < 2 * count; i++) {
		const char *digit = text[i] == '\0' ? NULL : strchr(digits, text[i]);
		if (digit == NULL)
			return false;
		const uint8_t value = (uint8_t)(digit - digits);
		out[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : out[i / 2] | value);
	}
	return true;
}

/* What is kept, apart. */
struct kept {
	uint8_t salt[SALT_BYTES];
	uint8_t hash[TAG_BYTES];
};

static bool read_kept(const char *text, struct kept *ret_kept)
{
	const size_t start = sizeof prefix - 1;
	const size_t length = start + 2 * SALT_BYTES + 1 + 2 * TAG_BYTES;
	return strnlen(text, length + 1) == length && memcmp(text, prefix, start) == 0 &&
	       read_hex(text + start, SALT_BYTES, ret_kept->salt) &&
	       text[start + 2 * SALT_BYTES] == '$' &&
	       read_hex(text + start + 2 * SALT_BYTES + 1, TAG_BYTES, ret_kept->hash);
}

static int make_key(const char *password, size_t length, const uint8_t *salt, uint8_t *ret_key)
{
	int error = argon2id_hash_raw(
	    PASSES, MEMORY_KIB, LANES, password, length, salt, SALT_BYTES, ret_key, TAG_BYTES);
	return error == ARGON2_OK ? 0 : -ENOMEM; /* of nothing else: all lengths are bounded */
}

static bool hash_key(const uint8_t *key, uint8_t ret_hash[static TAG_BYTES])
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned count = 0;
	if (EVP_Digest(key, TAG_BYTES, hash, &count, EVP_sha256(), NULL) != 1 || count != TAG_BYTES)
		return false;
	memcpy(ret_hash, hash, TAG_BYTES);
	return true;
}

int password_keep(const char *password, size_t length, char ret_kept[static PASSWORD_KEPT_BYTES])
{
	struct kept kept;
	uint8_t key[TAG_BYTES];
	const ssize_t got = getrandom(kept.salt, sizeof kept.salt, 0);
	if (got != (ssize_t)sizeof kept.salt)
		return got < 0 ? -errno : -EIO; /* up to 256 bytes come whole */
	int result = make_key(password, length, kept.salt, key);
	if (result == 0 && !hash_key(key, kept.hash))
		result = -ENOMEM;
	explicit_bzero(key, sizeof key);
	if (result != 0)
		return result;
	char *end = ret_kept + snprintf(ret_kept, PASSWORD_KEPT_BYTES, "%s", prefix); /* fits */
	write_hex(kept.salt, sizeof kept.salt, end);
	end += 2 * SALT_BYTES;
	*end++ = '$';
	write_hex(kept.hash, sizeof kept.hash, end);
	return 0;
}

int password_key(
    const char *password, size_t length, const char *kept, char ret_key[static PASSWORD_KEY_BYTES])
{
	struct kept apart = {{0}, {0}};
	uint8_t key[TAG_BYTES];
	const bool is_there = read_kept(kept, &apart);
	int result = make_key(password, length, apart.salt, key);
	if (result == 0 && !is_there)
		memset(key, 0, sizeof key); /* it fits nothing that is kept */
	if (result == 0)
		write_hex(key, sizeof key, ret_key);
	explicit_bzero(key, sizeof key);
	return result;
}

bool password_is_key(const char *text, const char *key)
{
	struct kept kept;
	uint8_t bytes[TAG_BYTES];
	uint8_t hash[TAG_BYTES];
	if (!read_kept(text, &kept) || strnlen(key, PASSWORD_KEY_BYTES) != 2 * TAG_BYTES ||
	    !read_hex(key, TAG_BYTES, bytes) || !hash_key(bytes, hash))
		return false;
	return CRYPTO_memcmp(hash, kept.hash, TAG_BYTES) == 0;
}

bool password_is_kept(const char *text)
{
	struct kept kept;
	return read_kept(text, &kept);
}
