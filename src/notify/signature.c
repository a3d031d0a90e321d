#include "notify/signature.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"

enum {
	TIME_BYTES = 24,
	DIGEST_BYTES = 32,
};

int signature_make(const char *secret, int64_t wall_us, const void *body, size_t length,
    char out[static SIGNATURE_TEXT_BYTES])
{
	char time[TIME_BYTES];
	uint8_t digest[DIGEST_BYTES];
	size_t made = 0;
	const int time_bytes =
	    snprintf(time, sizeof time, "%" PRId64 ".", wall_us / WHEN_SECOND_US);
	char *text = malloc((size_t)time_bytes + length);
	if (text == NULL)
		return -ENOMEM;
	memcpy(text, time, (size_t)time_bytes);
	if (length > 0)
		memcpy(text + time_bytes, body, length);
	const unsigned char *result = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret,
	    strlen(secret), (const unsigned char *)text, (size_t)time_bytes + length, digest,
	    sizeof digest, &made);
	free(text);
	if (result == NULL || made != DIGEST_BYTES)
		return -ENOSYS;
	int used =
	    snprintf(out, SIGNATURE_TEXT_BYTES, "t=%" PRId64 ",v1=", wall_us / WHEN_SECOND_US);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		used +=
		    snprintf(out + used, SIGNATURE_TEXT_BYTES - (size_t)used, "%02x", digest[i]);
	return 0;
}
