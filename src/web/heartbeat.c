#include "web/heartbeat.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/when.h"

enum {
	DIGEST_BYTES = 32,
	TIME_DIGITS_MAX = 18, /* of microseconds: past the year 33000 */
};

/* ---- What it says ---- */

static void put_time(struct json *json, const char *key, int64_t time_us)
{
	char text[WHEN_TEXT_BYTES];
	when_format_utc(time_us, text);
	json_string(json, key, time_us == HEARTBEAT_NOTHING_OBSERVED ? NULL : text);
}

static void put_all(FILE *out, const struct heartbeat *heartbeat)
{
	struct json json;
	json_init(&json, out);
	json_open_object(&json, NULL);
	json_string(&json, "type", "heartbeat");
	json_string(&json, "name", heartbeat->name);
	put_time(&json, "time", heartbeat->time_us);
	put_time(&json, "observed", heartbeat->observed_us);
	json_unsigned(&json, "packets", heartbeat->packets);
	json_unsigned(&json, "waiting", heartbeat->waiting);
	json_string(&json, "version", heartbeat->version);
	json_unsigned(&json, "sequence", heartbeat->sequence);
	json_close_object(&json);
	fputc('\n', out);
}

int heartbeat_write(const struct heartbeat *heartbeat, char **ret_text, size_t *ret_length)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL)
		return -ENOMEM;
	put_all(out, heartbeat);
	const bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}

/* A text that fits; NUL in it is refused by the reader already. */
static bool get_text(const struct json_node *object, const char *key, char *out, size_t room)
{
	const char *text;
	if (!json_read_text(json_read_member(object, key), &text) || strlen(text) >= room)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool get_count(const struct json_node *object, const char *key, uint64_t *ret_count)
{
	int64_t number;
	if (!json_read_whole(json_read_member(object, key), &number) || number < 0)
		return false;
	*ret_count = (uint64_t)number;
	return true;
}

static bool get_all(const struct json_node *object, struct heartbeat *ret_heartbeat)
{
	const char *text;
	return json_read_text(json_read_member(object, "type"), &text) &&
	       strcmp(text, "heartbeat") == 0 &&
	       json_read_text(json_read_member(object, "time"), &text) &&
	       json_read_member(object, "observed") != NULL &&
	       get_text(object, "name", ret_heartbeat->name, sizeof ret_heartbeat->name) &&
	       get_text(object, "version", ret_heartbeat->version, sizeof ret_heartbeat->version) &&
	       get_count(object, "packets", &ret_heartbeat->packets) &&
	       get_count(object, "waiting", &ret_heartbeat->waiting) &&
	       get_count(object, "sequence", &ret_heartbeat->sequence);
}

int heartbeat_read(const void *bytes, size_t count, struct heartbeat *ret_heartbeat)
{
	struct heartbeat read = {.time_us = 0};
	struct json_node *object = NULL;
	if (count > HEARTBEAT_BODY_MAX_BYTES || json_read(bytes, count, &object, NULL) != 0)
		return -EINVAL;
	const bool is_whole = get_all(object, &read);
	json_read_free(object);
	if (!is_whole)
		return -EINVAL;
	*ret_heartbeat = read;
	return 0;
}

/* ---- Who says it ---- */

int heartbeat_secret_read(const char *text, size_t length, struct heartbeat_secret *ret_secret,
    struct complaint *complaint)
{
	size_t used = 0;
	while (used < length && text[used] != '\n' && text[used] != '\r')
		used++;
	if (used < HEARTBEAT_SECRET_MIN_BYTES || used > HEARTBEAT_SECRET_MAX_BYTES)
		return complain(complaint, -EINVAL,
		    "its first line has %zu bytes; expected a secret of %d to %d, such as `openssl "
		    "rand -hex 32` makes",
		    used, HEARTBEAT_SECRET_MIN_BYTES, HEARTBEAT_SECRET_MAX_BYTES);
	memset(ret_secret, 0, sizeof *ret_secret);
	memcpy(ret_secret->bytes, text, used);
	ret_secret->length = used;
	return 0;
}

int heartbeat_prepare(void)
{
	static const struct heartbeat_secret secret = {.length = HEARTBEAT_SECRET_MIN_BYTES};
	struct heartbeat_proof proof;
	struct heartbeat heartbeat;
	(void)heartbeat_read("{}", 2, &heartbeat); /* it is none */
	return heartbeat_sign(&secret, 0, "", 0, &proof) == 0 ? 0 : -ENOSYS;
}

/* HMAC-SHA256 over the time, a line feed and the body. */
static int make_digest(const struct heartbeat_secret *secret, const char *time, const void *body,
    size_t count, uint8_t out[static DIGEST_BYTES])
{
	uint8_t signed_bytes[HEARTBEAT_TIME_BYTES + 1 + HEARTBEAT_BODY_MAX_BYTES];
	const size_t time_bytes = strlen(time);
	size_t made = 0;
	assert(secret->length > 0 && time_bytes < HEARTBEAT_TIME_BYTES &&
	       count <= HEARTBEAT_BODY_MAX_BYTES);
	memcpy(signed_bytes, time, time_bytes);
	signed_bytes[time_bytes] = '\n';
	if (count > 0)
		memcpy(signed_bytes + time_bytes + 1, body, count);
	const unsigned char *result = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret->bytes,
	    secret->length, signed_bytes, time_bytes + 1 + count, out, DIGEST_BYTES, &made);
	return result != NULL && made == DIGEST_BYTES ? 0 : -ENOMEM;
}

static void write_signature(
    const uint8_t digest[static DIGEST_BYTES], char out[static HEARTBEAT_SIGNATURE_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	memcpy(out, "sha256=", 7);
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		out[7 + 2 * i] = digits[digest[i] >> 4];
		out[8 + 2 * i] = digits[digest[i] & 15];
	}
	out[HEARTBEAT_SIGNATURE_BYTES - 1] = '\0';
}

int heartbeat_sign(const struct heartbeat_secret *secret, int64_t time_us, const void *body,
    size_t count, struct heartbeat_proof *ret_proof)
{
	struct heartbeat_proof proof;
	uint8_t digest[DIGEST_BYTES];
	(void)snprintf(proof.time, sizeof proof.time, "%" PRId64, time_us);
	int result = make_digest(secret, proof.time, body, count, digest);
	if (result != 0)
		return result;
	write_signature(digest, proof.signature);
	*ret_proof = proof;
	return 0;
}

/* ---- Whether it is believed ---- */

const char *heartbeat_verdict_name(enum heartbeat_verdict verdict)
{
	static const char *const names[] = {
	    [HEARTBEAT_GOOD] = "good",
	    [HEARTBEAT_UNSIGNED] = "unsigned",
	    [HEARTBEAT_FORGED] = "forged",
	    [HEARTBEAT_UNTIMELY] = "untimely",
	    [HEARTBEAT_WRONG] = "wrong",
	};
	static_assert(sizeof names / sizeof names[0] == HEARTBEAT_VERDICT_COUNT, "a name for each");

	assert((unsigned)verdict < HEARTBEAT_VERDICT_COUNT);
	return names[verdict];
}

/* Nothing but digits, so that a time has one spelling. */
static bool read_time(const char *text, int64_t *ret_us)
{
	int64_t time_us = 0;
	size_t digits = 0;
	if (text == NULL || text[0] == '0')
		return false;
	for (; text[digits] >= '0' && text[digits] <= '9' && digits < TIME_DIGITS_MAX; digits++)
		time_us = time_us * 10 + (text[digits] - '0');
	*ret_us = time_us;
	return digits > 0 && text[digits] == '\0';
}

enum heartbeat_verdict heartbeat_check(const struct heartbeat_secret *secret,
    const struct heartbeat_post *post, int64_t now_us, struct heartbeat *ret_heartbeat)
{
	char expected[HEARTBEAT_SIGNATURE_BYTES];
	uint8_t digest[DIGEST_BYTES];
	struct heartbeat heartbeat;
	int64_t time_us;
	if (!read_time(post->time, &time_us) || post->signature == NULL ||
	    strlen(post->signature) != HEARTBEAT_SIGNATURE_BYTES - 1)
		return HEARTBEAT_UNSIGNED;
	if (secret->length == 0 || post->count > HEARTBEAT_BODY_MAX_BYTES ||
	    make_digest(secret, post->time, post->body, post->count, digest) != 0)
		return HEARTBEAT_FORGED;
	write_signature(digest, expected);
	if (CRYPTO_memcmp(expected, post->signature, HEARTBEAT_SIGNATURE_BYTES - 1) != 0)
		return HEARTBEAT_FORGED;
	if (time_us > now_us + HEARTBEAT_WINDOW_US || time_us < now_us - HEARTBEAT_WINDOW_US)
		return HEARTBEAT_UNTIMELY;
	if (heartbeat_read(post->body, post->count, &heartbeat) != 0 ||
	    strcmp(heartbeat.name, post->name) != 0)
		return HEARTBEAT_WRONG;
	heartbeat.time_us = time_us;
	*ret_heartbeat = heartbeat;
	return HEARTBEAT_GOOD;
}
