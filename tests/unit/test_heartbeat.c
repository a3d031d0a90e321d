#include "web/heartbeat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "test.h"

#define NOW_US INT64_C(1775001600000000) /* 2026-04-01T00:00:00Z */
#define BODY                                                                                       \
	"{\"type\":\"heartbeat\",\"name\":\"north\",\"time\":\"2026-04-01T00:00:00.000000Z\","     \
	"\"observed\":null,\"packets\":7,\"waiting\":2,\"version\":\"0.1.0\",\"sequence\":3}\n"

static const char secret_text[] = "0123456789abcdef0123456789abcdef\n";
static struct heartbeat_secret secret;

/* ---- What it says ---- */

static void test_write(void)
{
	const struct heartbeat heartbeat = {.name = "north",
	    .time_us = NOW_US,
	    .observed_us = HEARTBEAT_NOTHING_OBSERVED,
	    .packets = 7,
	    .waiting = 2,
	    .version = "0.1.0",
	    .sequence = 3};
	struct heartbeat read;
	char *text = NULL;
	size_t length = 0;
	OK(heartbeat_write(&heartbeat, &text, &length) == 0 && strcmp(text, BODY) == 0,
	    "a sign of life as JSON");
	OK(heartbeat_read(text, length, &read) == 0 && strcmp(read.name, "north") == 0 &&
		strcmp(read.version, "0.1.0") == 0 && read.packets == 7 && read.waiting == 2 &&
		read.sequence == 3,
	    "and read again");
	free(text);
}

/* The longest that can be made is taken. */
static void test_longest(void)
{
	struct heartbeat heartbeat = {.time_us = INT64_MAX,
	    .observed_us = INT64_MAX,
	    .packets = INT64_MAX,
	    .waiting = INT64_MAX,
	    .sequence = INT64_MAX};
	struct heartbeat read;
	char *text = NULL;
	size_t length = 0;
	memset(heartbeat.name, '\x01', HEARTBEAT_NAME_BYTES - 1);
	memset(heartbeat.version, '\x01', HEARTBEAT_VERSION_BYTES - 1);
	OK(heartbeat_write(&heartbeat, &text, &length) == 0 && length < HEARTBEAT_BODY_MAX_BYTES,
	    "the longest has room");
	OK(heartbeat_read(text, length, &read) == 0 && strcmp(read.name, heartbeat.name) == 0,
	    "and is read");
	free(text);
}

#define FIELDS   "\"packets\":1,\"waiting\":0,\"version\":\"1\",\"sequence\":1"
#define START    "{\"type\":\"heartbeat\",\"time\":\"t\",\"observed\":\"t\","
#define NAME     "\"name\":\"n\","
#define LONG_32  "01234567890123456789012345678901"
#define LONG_128 LONG_32 LONG_32 LONG_32 LONG_32

static const struct {
	const char *name;
	const char *body;
	int result;
} bodies[] = {
    {"the least", START NAME FIELDS "}", 0},
    {"more than is known", START NAME FIELDS ",\"more\":[1,{}]}", 0},
    {"in another order",
	"{" FIELDS "," NAME "\"observed\":null,\"time\":\"\",\"type\":\"heartbeat\"}", 0},
    {"the longest name",
	START "\"name\":\"" LONG_32 LONG_32 LONG_32 "0123456789012345678901234567890\"," FIELDS "}",
	0},
    {"one byte more", START "\"name\":\"" LONG_128 "\"," FIELDS "}", -EINVAL},
    {"a version one byte too long",
	START NAME "\"packets\":1,\"waiting\":0,\"version\":\"" LONG_32 "\",\"sequence\":1}",
	-EINVAL},
    {"nothing", "", -EINVAL},
    {"no object", "[]", -EINVAL},
    {"a number", "1", -EINVAL},
    {"no JSON", "{type: heartbeat}", -EINVAL},
    {"half", START NAME FIELDS, -EINVAL},
    {"two", START NAME FIELDS "}{}", -EINVAL},
    {"a key twice", START NAME "\"name\":\"m\"," FIELDS "}", -EINVAL},
    {"no name", START FIELDS "}", -EINVAL},
    {"a name that is a number", START "\"name\":1," FIELDS "}", -EINVAL},
    {"a name with a NUL", START "\"name\":\"a\\u0000b\"," FIELDS "}", -EINVAL},
    {"no UTF-8", START "\"name\":\"\xff\"," FIELDS "}", -EINVAL},
    {"another type", "{\"type\":\"notice\",\"time\":\"t\",\"observed\":\"t\"," NAME FIELDS "}",
	-EINVAL},
    {"no type", "{\"time\":\"t\",\"observed\":\"t\"," NAME FIELDS "}", -EINVAL},
    {"no time", "{\"type\":\"heartbeat\",\"observed\":\"t\"," NAME FIELDS "}", -EINVAL},
    {"no observed clock", "{\"type\":\"heartbeat\",\"time\":\"t\"," NAME FIELDS "}", -EINVAL},
    {"fewer than no packets",
	START NAME "\"packets\":-1,\"waiting\":0,\"version\":\"1\",\"sequence\":1}", -EINVAL},
    {"half a packet", START NAME "\"packets\":0.5,\"waiting\":0,\"version\":\"1\",\"sequence\":1}",
	-EINVAL},
    {"more packets than there are numbers",
	START NAME
	"\"packets\":9223372036854775808,\"waiting\":0,\"version\":\"1\",\"sequence\":1}",
	-EINVAL},
    {"packets in words",
	START NAME "\"packets\":\"1\",\"waiting\":0,\"version\":\"1\",\"sequence\":1}", -EINVAL},
};

static void test_bodies(void)
{
	struct heartbeat read;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		OK(heartbeat_read(bodies[i].body, strlen(bodies[i].body), &read) ==
			bodies[i].result,
		    bodies[i].name);
	bool was_taken = false;
	for (size_t length = 0; length + 2 < sizeof BODY; length++)
		was_taken = was_taken || heartbeat_read(BODY, length, &read) == 0;
	OK(!was_taken, "cut at any length it is none");

	static char deep[HEARTBEAT_BODY_MAX_BYTES + 2];
	memset(deep, '[', sizeof deep);
	OK(heartbeat_read(deep, HEARTBEAT_BODY_MAX_BYTES, &read) == -EINVAL, "as deep as can be");
	memset(deep, ' ', sizeof deep);
	memcpy(deep, BODY, sizeof BODY - 1);
	OK(heartbeat_read(deep, HEARTBEAT_BODY_MAX_BYTES, &read) == 0, "as long as may be");
	OK(heartbeat_read(deep, HEARTBEAT_BODY_MAX_BYTES + 1, &read) == -EINVAL, "and longer");
}

/* ---- Secrets ---- */

static void test_secrets(void)
{
	char text[HEARTBEAT_SECRET_MAX_BYTES + 2];
	struct heartbeat_secret read;
	struct complaint complaint;
	memset(text, 'a', sizeof text);
	OK(heartbeat_secret_read(text, HEARTBEAT_SECRET_MIN_BYTES, &read, &complaint) == 0 &&
		read.length == HEARTBEAT_SECRET_MIN_BYTES,
	    "the shortest secret");
	OK(heartbeat_secret_read(text, HEARTBEAT_SECRET_MIN_BYTES - 1, &read, &complaint) ==
		    -EINVAL &&
		strcmp(complaint.text,
		    "its first line has 15 bytes; expected a secret of 16 to 512, such as "
		    "`openssl rand -hex 32` makes") == 0,
	    "one byte shorter");
	OK(heartbeat_secret_read(text, HEARTBEAT_SECRET_MAX_BYTES, &read, &complaint) == 0,
	    "the longest");
	OK(heartbeat_secret_read(text, HEARTBEAT_SECRET_MAX_BYTES + 1, &read, &complaint) ==
		-EINVAL,
	    "one byte longer");
	OK(heartbeat_secret_read("", 0, &read, &complaint) == -EINVAL, "an empty file");
	OK(heartbeat_secret_read("0123456789abcdef\r\nrest\n", 23, &read, &complaint) == 0 &&
		read.length == 16,
	    "the first line counts");
}

/* ---- Proof ---- */

/* What is signed: the time, a line feed, the body. */
static void test_known(void)
{
	/* printf '1\nabc' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef */
	struct heartbeat_proof proof;
	OK(heartbeat_sign(&secret, 1, "abc", 3, &proof) == 0 && strcmp(proof.time, "1") == 0 &&
		strcmp(proof.signature,
		    "sha256=fc1b89ea47c43c0b075364fb61ac6d5f115d7ff70cd67e9561f4999fd2675be0") == 0,
	    "a signature as another program makes it");
}

static struct heartbeat_proof proof_of(int64_t time_us, const char *body)
{
	struct heartbeat_proof proof;
	memset(&proof, 0, sizeof proof);
	(void)heartbeat_sign(&secret, time_us, body, strlen(body), &proof);
	return proof;
}

static enum heartbeat_verdict check(const char *name, const struct heartbeat_proof *proof,
    const char *body, struct heartbeat *ret_heartbeat)
{
	const struct heartbeat_post post = {.name = name,
	    .time = proof->time,
	    .signature = proof->signature,
	    .body = (const uint8_t *)body,
	    .count = strlen(body)};
	return heartbeat_check(&secret, &post, NOW_US, ret_heartbeat);
}

static void test_check(void)
{
	struct heartbeat heartbeat = {.name = ""};
	struct heartbeat_proof proof = proof_of(NOW_US, BODY);
	OK(check("north", &proof, BODY, &heartbeat) == HEARTBEAT_GOOD &&
		heartbeat.time_us == NOW_US && heartbeat.sequence == 3,
	    "a sign of life is believed");
	heartbeat.name[0] = '\0';
	OK(check("south", &proof, BODY, &heartbeat) == HEARTBEAT_WRONG && heartbeat.name[0] == '\0',
	    "not as another's");
	OK(check("north", &proof, BODY " ", &heartbeat) == HEARTBEAT_FORGED, "not with more");

	proof = proof_of(NOW_US - HEARTBEAT_WINDOW_US, BODY);
	OK(check("north", &proof, BODY, &heartbeat) == HEARTBEAT_GOOD, "five minutes old");
	proof = proof_of(NOW_US - HEARTBEAT_WINDOW_US - 1, BODY);
	OK(check("north", &proof, BODY, &heartbeat) == HEARTBEAT_UNTIMELY, "older");
	proof = proof_of(NOW_US + HEARTBEAT_WINDOW_US, BODY);
	OK(check("north", &proof, BODY, &heartbeat) == HEARTBEAT_GOOD, "five minutes early");
	proof = proof_of(NOW_US + HEARTBEAT_WINDOW_US + 1, BODY);
	OK(check("north", &proof, BODY, &heartbeat) == HEARTBEAT_UNTIMELY, "earlier");
	proof = proof_of(NOW_US, "{}");
	OK(check("north", &proof, "{}", &heartbeat) == HEARTBEAT_WRONG,
	    "signed, and no sign of life");

	proof = proof_of(NOW_US, BODY);
	proof.time[0] = '2';
	OK(check("north", &proof, BODY, &heartbeat) == HEARTBEAT_FORGED, "with another time");
	bool is_believed = false;
	for (size_t i = 0; i + 1 < HEARTBEAT_SIGNATURE_BYTES; i++) {
		proof = proof_of(NOW_US, BODY);
		proof.signature[i] ^= 1;
		is_believed =
		    is_believed || check("north", &proof, BODY, &heartbeat) == HEARTBEAT_GOOD;
	}
	OK(!is_believed, "with any letter of the signature changed");
}

static void test_headers(void)
{
	static const char *const times[] = {"", "0", "-1", "01", "1 ", " 1", "1e3", "0x1", "1\n2",
	    "1234567890123456789", "99999999999999999999999999999999"};
	struct heartbeat heartbeat;
	struct heartbeat_proof proof = proof_of(NOW_US, BODY);
	struct heartbeat_post post = {.name = "north",
	    .time = NULL,
	    .signature = proof.signature,
	    .body = (const uint8_t *)BODY,
	    .count = sizeof BODY - 1};
	OK(heartbeat_check(&secret, &post, NOW_US, &heartbeat) == HEARTBEAT_UNSIGNED, "no time");
	bool is_refused = true;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		post.time = times[i];
		is_refused = is_refused && heartbeat_check(&secret, &post, NOW_US, &heartbeat) ==
					       HEARTBEAT_UNSIGNED;
	}
	OK(is_refused, "times in any other spelling");
	post.time = proof.time;
	post.signature = NULL;
	OK(heartbeat_check(&secret, &post, NOW_US, &heartbeat) == HEARTBEAT_UNSIGNED,
	    "no signature");
	post.signature = "sha256=";
	OK(heartbeat_check(&secret, &post, NOW_US, &heartbeat) == HEARTBEAT_UNSIGNED, "half a one");
	post.signature = proof.signature;
	const struct heartbeat_secret none = {.length = 0};
	OK(heartbeat_check(&none, &post, NOW_US, &heartbeat) == HEARTBEAT_FORGED,
	    "without a secret nobody is believed");
	static uint8_t large[HEARTBEAT_BODY_MAX_BYTES + 1];
	post.body = large;
	post.count = sizeof large;
	OK(heartbeat_check(&secret, &post, NOW_US, &heartbeat) == HEARTBEAT_FORGED,
	    "a body larger than any");
}

int main(void)
{
	struct complaint complaint;
	OK(heartbeat_prepare() == 0, "what signing needs is there");
	OK(heartbeat_secret_read(secret_text, sizeof secret_text - 1, &secret, &complaint) == 0,
	    "a secret");
	test_write();
	test_longest();
	test_bodies();
	test_secrets();
	test_known();
	test_check();
	test_headers();
	return test_done();
}
