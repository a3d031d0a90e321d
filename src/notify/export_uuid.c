/* export_uuid.c - identifiers and digests, by OpenSSL. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "notify/export_internal.h"

enum {
	UUID_BYTES = 16,
	SHA1_BYTES = 20,
	SHA256_BYTES = 32,
	NAME_MAX_BYTES = 2048, /* of what an identifier is made of: all of it ours or shortened */
};

/* The space of all identifiers of stations; drawn once. */
static const char hinomi_space[] = "6b0d5c0e-9b7e-4d0b-8a5e-0f2f5d2f7c31";

static bool digest(const char *algorithm, const void *bytes, size_t length, uint8_t *out)
{
	size_t got = 0;
	return EVP_Q_digest(NULL, algorithm, NULL, bytes, length, out, &got) == 1;
}

int export_prepare(void)
{
	uint8_t out[EVP_MAX_MD_SIZE];
	return digest("SHA1", "", 0, out) && digest("SHA256", "", 0, out) ? 0 : -ENOSYS;
}

static void parse(const char *text, uint8_t out[static UUID_BYTES])
{
	size_t count = 0;
	memset(out, 0, UUID_BYTES);
	for (; *text != '\0' && count < 2 * UUID_BYTES; text++) {
		static const char digits[] = "0123456789abcdef";
		const char *found = strchr(digits, *text);
		if (found == NULL)
			continue; /* the lines between */
		const unsigned value = (unsigned)(found - digits);
		out[count / 2] = (uint8_t)((unsigned)out[count / 2] << 4 | value);
		count++;
	}
}

static void format(const uint8_t bytes[static UUID_BYTES], char out[static EXPORT_UUID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0;
	for (size_t i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[used++] = '-';
		out[used++] = digits[bytes[i] >> 4];
		out[used++] = digits[bytes[i] & 15];
	}
	out[used] = '\0';
}

void export_uuid(
    const char *space, const char *name, unsigned version, char out[static EXPORT_UUID_BYTES])
{
	uint8_t bytes[UUID_BYTES + NAME_MAX_BYTES];
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	size_t length = strnlen(name, NAME_MAX_BYTES);
	parse(space, bytes);
	memcpy(bytes + UUID_BYTES, name, length);
	const bool done = digest("SHA1", bytes, UUID_BYTES + length, hash);
	assert(done); /* as export_prepare() saw */
	(void)done;
	hash[6] = (uint8_t)((hash[6] & 0x0f) | version << 4);
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	format(hash, out);
}

void export_uuid_of(const struct export *export, const char *what, int64_t number,
    char out[static EXPORT_UUID_BYTES])
{
	char name[NAME_MAX_BYTES];
	(void)snprintf(name, sizeof name, "%s/%s/%" PRId64, export->identity, what, number);
	export_uuid(hinomi_space, name, 5, out);
}

void export_uuid_of_state(const struct export *export, const char *what,
    const struct export_facts *facts, char out[static EXPORT_UUID_BYTES])
{
	char name[NAME_MAX_BYTES];
	(void)snprintf(name, sizeof name, "%s/%s/%" PRId64 "/%" PRId64, export->identity, what,
	    facts->incident->id, facts->changed_us);
	export_uuid(hinomi_space, name, 4, out);
}

char *export_base64(const char *bytes, size_t length)
{
	const size_t room = (length + 2) / 3 * 4 + 1;
	char *out = malloc(room);
	if (out == NULL)
		return NULL;
	assert(length < INT32_MAX);
	(void)EVP_EncodeBlock(
	    (unsigned char *)out, (const unsigned char *)bytes, (int)length); /* it fits */
	return out;
}

void export_sha256(const char *bytes, size_t length, char out[static EXPORT_SHA256_BYTES])
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};
	const bool done = digest("SHA256", bytes, length, hash);
	assert(done); /* likewise */
	(void)done;
	for (size_t i = 0; i < SHA256_BYTES; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}
