#include "cmd/station/message_tag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#define SECRET_KEY "message.secret"

enum {
	HEX_BYTES = 2 * MESSAGE_SECRET_BYTES + 1,
	DIGEST_BYTES = 32,
};

static void put_hex(const uint8_t *bytes, size_t count, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < count; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * count] = '\0';
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct finding {
	struct message_secret *secret;
	bool is_found;
};

/* What is no secret is as none: another is made. */
static int visit_secret(void *context, const void *record)
{
	struct finding *finding = context;
	const struct store_meta *meta = record;
	if (strlen(meta->value) != HEX_BYTES - 1)
		return 0;
	for (size_t i = 0; i < MESSAGE_SECRET_BYTES; i++) {
		const int high = digit_of(meta->value[2 * i]);
		const int low = digit_of(meta->value[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		finding->secret->bytes[i] = (uint8_t)(high * 16 + low);
	}
	finding->is_found = true;
	return 0;
}

static int make_secret(
    struct store *store, struct message_secret *secret, struct complaint *complaint)
{
	char text[HEX_BYTES];
	struct store_meta meta = {.key = SECRET_KEY, .value = text};
	if (RAND_bytes(secret->bytes, sizeof secret->bytes) != 1)
		return complain(complaint, -EIO, "no random numbers can be had");
	put_hex(secret->bytes, sizeof secret->bytes, text);
	int result = store_begin(store, complaint);
	if (result == 0)
		result = store_put(store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
	if (result != 0) {
		store_rollback(store);
		return result;
	}
	return store_commit(store, complaint);
}

int message_secret_find(
    struct store *store, struct message_secret *ret_secret, struct complaint *complaint)
{
	struct finding finding = {.secret = ret_secret};
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = SECRET_KEY}},
	};
	int result = store_each(store, &query, visit_secret, &finding, complaint);
	if (result != 0 || finding.is_found)
		return result;
	return make_secret(store, ret_secret, complaint);
}

void message_tag_put(const struct message_secret *secret, const char *id, char *out, size_t room)
{
	unsigned char digest[DIGEST_BYTES];
	char tag[2 * MESSAGE_TAG_BYTES + 1];
	size_t made = 0;
	const char *at = strrchr(id, '@');
	if (secret == NULL || at == NULL ||
	    EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret->bytes, sizeof secret->bytes,
		(const unsigned char *)id, strlen(id), digest, sizeof digest, &made) == NULL) {
		(void)snprintf(out, room, "%s", id);
		return;
	}
	put_hex(digest, MESSAGE_TAG_BYTES, tag);
	(void)snprintf(out, room, "%.*s.%s%s", (int)(at - id), id, tag, at);
}
