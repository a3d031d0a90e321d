#include "cmd/station/code.h"

#include <argon2.h>
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum {
	VERSION = 1,
	LETTER_BITS = 5,
	/* OWASP's least for Argon2id: some 30 ms, so that all codes would take a million years. */
	PASSES = 2,
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	MEMORY_KIB = 8,
#else
	MEMORY_KIB = 19456,
#endif
	LANES = 1, /* and no threads, which the keeper may not start */
};

/* Without I, O, 0 and 1. */
static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
static_assert(sizeof letters == (1 << LETTER_BITS) + 1, "each of a byte's five bits has one");
static_assert(sizeof(struct code_hash) == 2 + CODE_SALT_BYTES + CODE_TAG_BYTES,
    "no padding: it is stored as it lies");

static int fill_random(void *bytes, size_t count)
{
	ssize_t got = getrandom(bytes, count, 0);
	if (got == (ssize_t)count)
		return 0;
	return got < 0 ? -errno : -EIO; /* up to 256 bytes come whole */
}

static int make_tag(const char *code, const struct code_hash *hash, uint8_t *ret_tag)
{
	int error = argon2id_hash_raw(PASSES, MEMORY_KIB, LANES, code, strlen(code), hash->salt,
	    sizeof hash->salt, ret_tag, CODE_TAG_BYTES);
	return error == ARGON2_OK ? 0 : -ENOMEM; /* of nothing else: all lengths are ours */
}

int code_make(char ret_code[static CODE_BYTES], struct code_hash *ret_hash)
{
	uint8_t random[CODE_LETTERS];
	char code[CODE_BYTES];
	struct code_hash hash = {.version = VERSION};
	int result = fill_random(random, sizeof random);
	if (result == 0)
		result = fill_random(hash.salt, sizeof hash.salt);
	if (result != 0)
		return result;
	for (size_t i = 0; i < CODE_LETTERS; i++)
		code[i] = letters[random[i] % (sizeof letters - 1)];
	code[CODE_LETTERS] = '\0';
	result = make_tag(code, &hash, hash.tag);
	if (result != 0)
		return result;
	memcpy(ret_code, code, sizeof code);
	*ret_hash = hash;
	return 0;
}

bool code_hash_read(const struct store_bytes *bytes, struct code_hash *ret_hash)
{
	struct code_hash hash;
	if (bytes->length != sizeof hash)
		return false;
	memcpy(&hash, bytes->data, sizeof hash);
	if (hash.version != VERSION)
		return false;
	*ret_hash = hash;
	return true;
}

struct store_bytes code_hash_bytes(const struct code_hash *hash)
{
	return (struct store_bytes){.data = hash, .length = sizeof *hash};
}

/* As it was made; false for what has another number of letters. */
static bool tidy(const char *typed, char out[static CODE_BYTES])
{
	size_t count = 0;
	for (; *typed != '\0'; typed++) {
		if (*typed == ' ' || *typed == '-')
			continue;
		if (count == CODE_LETTERS)
			return false;
		out[count++] = (char)(*typed >= 'a' && *typed <= 'z' ? *typed - 'a' + 'A' : *typed);
	}
	out[count] = '\0';
	return count == CODE_LETTERS;
}

int code_check(const struct code_hash *hash, const char *typed, bool *ret_same)
{
	char code[CODE_BYTES];
	uint8_t tag[CODE_TAG_BYTES];
	unsigned differs = 0;
	if (!tidy(typed, code)) {
		*ret_same = false;
		return 0;
	}
	int result = make_tag(code, hash, tag);
	if (result != 0)
		return result;
	for (size_t i = 0; i < sizeof tag; i++) /* all of it, whatever differs */
		differs |= (unsigned)(tag[i] ^ hash->tag[i]);
	*ret_same = differs == 0;
	return 0;
}
