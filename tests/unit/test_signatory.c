/* The keeper's end of the signer: answers, late ones, none; and that none of it takes long. */
#include "cmd/station/signatory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "cmd/station/wire.h"
#include "proc/message.h"
#include "proc/pack.h"
#include "test.h"

#define FROM_US  (100 * WHEN_DAY_US)
#define UNTIL_US (200 * WHEN_DAY_US)
#define NOW_US   (150 * WHEN_DAY_US)

static struct signatory *signatory;
static int signer = -1; /* the other end */
static struct mail_signature made;

static int64_t monotonic_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

static void connect_signer(void)
{
	int fds[2];
	if (channel_pair(fds) != 0)
		abort();
	if (signer >= 0)
		(void)close(signer);
	signer = fds[1];
	signatory_open(signatory, fds[0]);
}

/* Lies in the socket until it is read. */
static void answer(uint64_t number, const char *micalg, const char *bytes)
{
	uint8_t payload[256];
	struct pack pack = pack_over(payload, sizeof payload);
	pack_u64(&pack, number);
	pack_text(&pack, micalg);
	pack_bytes(&pack, bytes, strlen(bytes));
	const struct message message = {
	    .type = WIRE_SIGNED, .payload = payload, .payload_bytes = pack.used, .fd = -1};
	if (!pack_ok(&pack) || message_send(signer, &message) != 0)
		abort();
}

/* What was asked last; its number. */
static uint64_t take_question(void)
{
	static uint8_t packet[MESSAGE_MAX_BYTES];
	struct message message;
	struct wire_sign sign = {0};
	if (message_receive(signer, 0, packet, &message) != 0 || !wire_read_sign(&message, &sign))
		return 0;
	return sign.number;
}

static int ask(void)
{
	made = (struct mail_signature){.bytes = NULL};
	return signatory_sign(signatory, "letter", 6, &made);
}

static bool is_in_trouble(const char *why, uint64_t letters)
{
	struct signatory_trouble trouble;
	return signatory_get_trouble(signatory, &trouble) && strcmp(trouble.why, why) == 0 &&
	       trouble.letters == letters;
}

static bool is_well(void)
{
	struct signatory_trouble trouble;
	return !signatory_get_trouble(signatory, &trouble);
}

static void test_answers(void)
{
	OK(ask() == -ENOTCONN && is_in_trouble("the signer is not there", 1), "no signer");
	connect_signer();
	answer(2, "sha-256", "signature"); /* to the question that comes next */
	signatory_look(signatory, NOW_US, 1);
	OK(is_well(), "one that speaks is there");
}

/* As if it had just signed something. */
static void be_well(void)
{
	connect_signer();
	answer(0, "sha-256", "signature");
	signatory_look(signatory, NOW_US, 1);
}

static void test_waits_once(void)
{
	be_well();
	int64_t began_us = monotonic_us();
	OK(ask() == -ETIMEDOUT && is_in_trouble("the signer does not answer", 1),
	    "one that hangs is not waited for");
	int64_t took_us = monotonic_us() - began_us;
	OK(took_us >= SIGNATORY_WAIT_US && took_us < 2 * SIGNATORY_WAIT_US, "but so long");
	began_us = monotonic_us();
	for (int i = 0; i < 100; i++)
		(void)ask();
	OK(monotonic_us() - began_us < SIGNATORY_WAIT_US / 2 &&
		is_in_trouble("the signer does not answer", 101),
	    "the second time it is not waited for at all");
	answer(take_question(), "sha-256", "signature");
	OK(made.bytes == NULL && is_in_trouble("the signer does not answer", 101),
	    "then it wakes up");
	signatory_look(signatory, NOW_US, 2);
	OK(is_well(), "and all is well");
}

static void test_probes(void)
{
	connect_signer();
	(void)close(signer);
	signer = -1;
	OK(ask() != 0 && !is_well(), "one that has ended");
	signatory_look(signatory, NOW_US, 3);
	OK(!is_well(), "stays so");
	connect_signer();
	signatory_look(signatory, NOW_US, 4);
	const uint64_t probe = take_question();
	OK(probe != 0, "a new one is asked whether it can");
	signatory_look(signatory, NOW_US, 5);
	OK(take_question() == 0, "once");
	answer(probe, "", "");
	signatory_look(signatory, NOW_US, 6);
	OK(!is_well(), "it cannot");
	signatory_look(signatory, NOW_US, 5 + SIGNATORY_PROBE_US);
	answer(take_question(), "sha-384", "signature");
	signatory_look(signatory, NOW_US, 6 + SIGNATORY_PROBE_US);
	OK(is_well(), "later it can");
}

static void test_nonsense(void)
{
	connect_signer();
	const struct message other = {.type = WIRE_RESULT, .fd = -1};
	if (message_send(signer, &other) != 0)
		abort();
	OK(ask() == -ENOTCONN, "what is no answer ends it");
	connect_signer();
	if (write(signer, "x", 1) != 1)
		abort();
	OK(ask() == -ENOTCONN, "nor what is no message");
	connect_signer();
	static char large[MESSAGE_PAYLOAD_MAX_BYTES];
	OK(signatory_sign(signatory, large, sizeof large - 12, &made) == -ETIMEDOUT,
	    "a letter that is as large as can be asked for");
	be_well();
	OK(signatory_sign(signatory, large, sizeof large - 11, &made) == -EMSGSIZE &&
		is_in_trouble("a letter was too large to be signed", 1),
	    "and one that is larger");
}

static void test_dates(void)
{
	connect_signer();
	signatory_look(signatory, UNTIL_US - 1, 100 * WHEN_SECOND_US);
	answer(take_question(), "sha-256", "signature");
	signatory_look(signatory, UNTIL_US - 1, 101 * WHEN_SECOND_US);
	OK(is_well(), "until its end a certificate is good");
	signatory_look(signatory, UNTIL_US, 102 * WHEN_SECOND_US);
	OK(ask() == -ENOTCONN && is_in_trouble("the certificate of mail.sign has ended", 1),
	    "then nothing is signed");
	signatory_look(signatory, FROM_US - 1, 103 * WHEN_SECOND_US);
	OK(ask() == -ENOTCONN && is_in_trouble("the certificate of mail.sign begins only later", 2),
	    "nor before its beginning");
}

int main(void)
{
	const struct certificate_facts none = {.until_us = 0};
	const struct certificate_facts facts = {.from_us = FROM_US, .until_us = UNTIL_US};
	if (signatory_new(&none, &signatory) != 0)
		abort();
	OK(!signatory_is_wanted(signatory) && ask() == -ENOTSUP && is_well(),
	    "without a certificate nothing is signed, and nothing is wrong");
	signatory_free(signatory);
	if (signatory_new(&facts, &signatory) != 0)
		abort();
	signatory_look(signatory, NOW_US, 0);
	test_answers();
	test_waits_once();
	test_probes();
	test_nonsense();
	test_dates();
	signatory_free(signatory);
	(void)close(signer);
	return test_done();
}
