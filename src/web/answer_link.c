#include "web/answer_link.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

#include "base/when.h"

enum {
	TAG_BYTES = 12,
	FIELDS_BYTES = 12,
	INCIDENT_BYTES = 5,
	CONTACT_BYTES = 4,
	HOURS_BYTES = 3,
	LINK_BYTES = TAG_BYTES + FIELDS_BYTES,
	FORM_BYTES = 12,
	DIGEST_BYTES = 32,
	PURPOSE_BYTES = 16,
	LETTERS_AND_DIGITS = 62, /* of the alphabet, before - and _ */
};

/* What one key signs for one purpose is nothing for another. */
static const char link_purpose[] = "answer link 1";
static const char form_purpose[] = "answer form 1";

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* ---- Keys ---- */

int answer_key_make(struct answer_key *ret_key)
{
	struct answer_key key = {.is_there = true};
	const ssize_t got = getrandom(key.bytes, sizeof key.bytes, 0);
	if (got != (ssize_t)sizeof key.bytes)
		return got < 0 ? -errno : -EIO;
	*ret_key = key;
	OPENSSL_cleanse(&key, sizeof key);
	return 0;
}

void answer_key_format(const struct answer_key *key, char out[static ANSWER_KEY_TEXT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < ANSWER_KEY_BYTES; i++) {
		out[2 * i] = digits[key->bytes[i] >> 4];
		out[2 * i + 1] = digits[key->bytes[i] & 15];
	}
	out[ANSWER_KEY_TEXT_BYTES - 1] = '\0';
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int answer_key_read(
    const char *text, size_t length, struct answer_key *ret_key, struct complaint *complaint)
{
	struct answer_key key = {.is_there = true};
	const size_t digits = ANSWER_KEY_TEXT_BYTES - 1;
	bool is_whole = length == digits || (length == digits + 1 && text[digits] == '\n');
	for (size_t i = 0; is_whole && i < ANSWER_KEY_BYTES; i++) {
		const int high = hex_of(text[2 * i]);
		const int low = hex_of(text[2 * i + 1]);
		is_whole = high >= 0 && low >= 0;
		key.bytes[i] = is_whole ? (uint8_t)(high * 16 + low) : 0;
	}
	if (is_whole)
		*ret_key = key;
	OPENSSL_cleanse(&key, sizeof key);
	return is_whole ? 0
			: complain(complaint, -EINVAL,
			      "expected %zu hexadecimal digits; remove the file, and a new key is "
			      "made, with which the links of earlier letters end",
			      digits);
}

/* ---- Tags ---- */

/* HMAC-SHA256 over the purpose, a NUL and the bytes, cut to `tag_bytes`. */
static int make_tag(const struct answer_key *key, const char *purpose, const void *bytes,
    size_t count, uint8_t ret_tag[static TAG_BYTES])
{
	uint8_t all[PURPOSE_BYTES + ANSWER_TOKEN_LETTERS] = {0};
	uint8_t digest[DIGEST_BYTES];
	const size_t purpose_bytes = strlen(purpose) + 1;
	size_t made = 0;
	memcpy(all, purpose, purpose_bytes);
	memcpy(all + purpose_bytes, bytes, count);
	const unsigned char *result = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key->bytes,
	    sizeof key->bytes, all, purpose_bytes + count, digest, sizeof digest, &made);
	if (result == NULL || made != sizeof digest)
		return -ENOMEM;
	memcpy(ret_tag, digest, TAG_BYTES);
	return 0;
}

int answer_link_prepare(void)
{
	static const struct answer_key key = {.is_there = true};
	uint8_t tag[TAG_BYTES];
	return make_tag(&key, link_purpose, "", 0, tag) == 0 ? 0 : -ENOSYS;
}

/* ---- Base64 of whole groups ---- */

static void encode(const uint8_t *bytes, size_t count, char *out)
{
	for (size_t i = 0; i < count; i += 3) {
		const uint32_t group =
		    (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | (uint32_t)bytes[i + 2];
		*out++ = alphabet[group >> 18];
		*out++ = alphabet[group >> 12 & 63];
		*out++ = alphabet[group >> 6 & 63];
		*out++ = alphabet[group & 63];
	}
	*out = '\0';
}

static int digit_of(char c)
{
	const char *found = c == '\0' ? NULL : strchr(alphabet, c);
	return found == NULL ? -1 : (int)(found - alphabet);
}

/* False unless there are exactly so many letters, and all of the alphabet. */
static bool decode(const char *text, size_t letters, uint8_t *out)
{
	uint32_t group = 0;
	for (size_t i = 0; i < letters; i++) {
		const int digit = digit_of(text[i]);
		if (digit < 0)
			return false; /* or it is too short */
		group = group << 6 | (uint32_t)digit;
		if (i % 4 != 3)
			continue;
		*out++ = (uint8_t)(group >> 16);
		*out++ = (uint8_t)(group >> 8);
		*out++ = (uint8_t)group;
		group = 0;
	}
	return text[letters] == '\0';
}

/* ---- Links ---- */

static uint8_t *put_number(uint8_t *at, uint64_t number, size_t bytes)
{
	for (size_t i = bytes; i-- > 0;) {
		at[i] = (uint8_t)number;
		number >>= 8;
	}
	return at + bytes;
}

static const uint8_t *get_number(const uint8_t *at, size_t bytes, int64_t *ret_number)
{
	*ret_number = 0;
	for (size_t i = 0; i < bytes; i++)
		*ret_number = *ret_number << 8 | at[i];
	return at + bytes;
}

int answer_link_write(const struct answer_key *key, const struct answer_link *link,
    char ret_token[static ANSWER_TOKEN_BYTES])
{
	uint8_t bytes[LINK_BYTES];
	uint8_t *at = bytes + TAG_BYTES;
	int64_t hours = link->until_us / WHEN_HOUR_US + (link->until_us % WHEN_HOUR_US > 0);
	while (hours % 64 >= LETTERS_AND_DIGITS)
		hours++;
	if (link->incident <= 0 || link->incident > ANSWER_INCIDENT_MAX || link->contact <= 0 ||
	    link->contact > ANSWER_CONTACT_MAX || hours < 0 || hours >> (8 * HOURS_BYTES) != 0)
		return -ERANGE;
	at = put_number(at, (uint64_t)link->incident, INCIDENT_BYTES);
	at = put_number(at, (uint64_t)link->contact, CONTACT_BYTES);
	(void)put_number(at, (uint64_t)hours, HOURS_BYTES);
	const int result = make_tag(key, link_purpose, bytes + TAG_BYTES, FIELDS_BYTES, bytes);
	if (result == 0)
		encode(bytes, sizeof bytes, ret_token);
	return result;
}

int answer_link_read(
    const struct answer_key *key, const char *token, int64_t now_us, struct answer_link *ret_link)
{
	uint8_t bytes[LINK_BYTES];
	uint8_t tag[TAG_BYTES];
	struct answer_link link;
	int64_t hours;
	if (!decode(token, ANSWER_TOKEN_LETTERS, bytes))
		return -EINVAL;
	const int result = make_tag(key, link_purpose, bytes + TAG_BYTES, FIELDS_BYTES, tag);
	if (result != 0)
		return result;
	if (CRYPTO_memcmp(tag, bytes, TAG_BYTES) != 0)
		return -EINVAL;
	const uint8_t *at = get_number(bytes + TAG_BYTES, INCIDENT_BYTES, &link.incident);
	at = get_number(at, CONTACT_BYTES, &link.contact);
	(void)get_number(at, HOURS_BYTES, &hours);
	link.until_us = hours * WHEN_HOUR_US;
	*ret_link = link;
	return now_us < link.until_us ? 0 : -ETIME;
}

bool answer_link_looks_right(const char *token)
{
	uint8_t bytes[LINK_BYTES];
	return decode(token, ANSWER_TOKEN_LETTERS, bytes);
}

/* ---- Forms ---- */

int answer_form_write(
    const struct answer_key *key, const char *token, char ret_form[static ANSWER_FORM_BYTES])
{
	uint8_t tag[TAG_BYTES];
	const int result = make_tag(key, form_purpose, token, strlen(token), tag);
	if (result == 0)
		encode(tag, FORM_BYTES, ret_form);
	return result;
}

bool answer_form_check(const struct answer_key *key, const char *token, const char *form)
{
	char expected[ANSWER_FORM_BYTES];
	return strlen(form) == ANSWER_FORM_LETTERS && strlen(token) == ANSWER_TOKEN_LETTERS &&
	       answer_form_write(key, token, expected) == 0 &&
	       CRYPTO_memcmp(expected, form, ANSWER_FORM_LETTERS) == 0;
}
