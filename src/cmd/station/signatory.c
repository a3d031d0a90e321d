#include "cmd/station/signatory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "cmd/station/wire.h"
#include "proc/message.h"

enum {
	WHY_BYTES = 160,
	/* Answers that came late; there is one for each letter that was not waited for. */
	LATE_MAX = 64,
};

struct signatory {
	struct certificate_facts certificate;
	int fd; /* -1: the signer is not there */
	uint64_t number;
	bool is_out;      /* an answer did not come in time: none is waited for */
	int64_t wall_us;  /* of this turn */
	int64_t probe_us; /* monotonic: the next time it is asked whether it is well */
	char why[WHY_BYTES];
	int64_t since_us; /* 0: there is no trouble */
	uint64_t letters;
	uint8_t packet[MESSAGE_MAX_BYTES];
};

int signatory_new(const struct certificate_facts *certificate, struct signatory **ret_signatory)
{
	struct signatory *signatory = calloc(1, sizeof *signatory);
	if (signatory == NULL)
		return -ENOMEM;
	signatory->certificate = *certificate;
	signatory->fd = -1;
	*ret_signatory = signatory;
	return 0;
}

static void close_channel(struct signatory *signatory)
{
	if (signatory->fd >= 0)
		(void)close(signatory->fd); /* nothing more is wanted of it */
	signatory->fd = -1;
	signatory->is_out = false;
}

void signatory_free(struct signatory *signatory)
{
	if (signatory == NULL)
		return;
	close_channel(signatory);
	free(signatory);
}

bool signatory_is_wanted(const struct signatory *signatory)
{
	return signatory->certificate.until_us != 0;
}

void signatory_open(struct signatory *signatory, int fd)
{
	close_channel(signatory);
	signatory->fd = fd;
	signatory->probe_us = 0;
}

/* ---- Trouble ---- */

static int fail(struct signatory *signatory, int error, const char *why)
{
	(void)snprintf(signatory->why, sizeof signatory->why, "%s", why);
	if (signatory->since_us == 0)
		signatory->since_us = signatory->wall_us;
	signatory->letters++;
	return error;
}

static void be_well(struct signatory *signatory)
{
	signatory->is_out = false;
	signatory->since_us = 0;
	signatory->letters = 0;
}

bool signatory_get_trouble(const struct signatory *signatory, struct signatory_trouble *ret_trouble)
{
	if (signatory->since_us == 0)
		return false;
	*ret_trouble =
	    (struct signatory_trouble){signatory->why, signatory->since_us, signatory->letters};
	return true;
}

/* ---- Answers ---- */

/* The next one within this time: 0, -ETIMEDOUT, or another negative errno: the signer is gone. */
static int receive(struct signatory *signatory, int64_t wait_us, struct wire_signed *ret_signed)
{
	struct message message;
	int result = message_receive(signatory->fd, wait_us, signatory->packet, &message);
	if (result == -EINTR || result == -EAGAIN)
		return -ETIMEDOUT;
	if (result == 0 && message.fd >= 0)
		(void)close(message.fd); /* we want none */
	if (result == 0 && !wire_read_signed(&message, ret_signed))
		result = -EPROTO;
	if (result != 0 && result != -ETIMEDOUT)
		close_channel(signatory);
	return result;
}

/* What came late is of no use any more, but that it came. */
static void take_late(struct signatory *signatory)
{
	struct wire_signed late;
	for (int i = 0; i < LATE_MAX && signatory->fd >= 0; i++) {
		if (receive(signatory, 0, &late) != 0)
			return;
		if (late.length > 0)
			be_well(signatory);
	}
}

void signatory_look(struct signatory *signatory, int64_t wall_us, int64_t monotonic_us)
{
	static const char probe[] = "probe";
	signatory->wall_us = wall_us;
	if (signatory->fd < 0)
		return;
	take_late(signatory);
	if (signatory->since_us == 0 || signatory->fd < 0 || monotonic_us < signatory->probe_us ||
	    wall_us >= signatory->certificate.until_us || wall_us < signatory->certificate.from_us)
		return;
	signatory->probe_us = monotonic_us + SIGNATORY_PROBE_US;
	/* where that fails it is as it was */
	(void)wire_send_sign(signatory->fd, ++signatory->number, probe, sizeof probe - 1);
}

/* ---- Letters ---- */

static int take(const struct wire_signed *answer, struct mail_signature *ret_signature)
{
	unsigned char *bytes = malloc(answer->length);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, answer->bytes, answer->length);
	*ret_signature = (struct mail_signature){.bytes = bytes, .length = answer->length};
	(void)snprintf(ret_signature->micalg, sizeof ret_signature->micalg, "%s",
	    answer->micalg); /* fits by its size */
	return 0;
}

/* Waits for the answer to the last question, past late ones. */
static int await(struct signatory *signatory, struct mail_signature *ret_signature)
{
	struct wire_signed answer;
	for (int i = 0; i < LATE_MAX; i++) {
		int result = receive(signatory, SIGNATORY_WAIT_US, &answer);
		if (result == -ETIMEDOUT) {
			signatory->is_out = true;
			return fail(signatory, result, "the signer does not answer");
		}
		if (result != 0)
			return fail(signatory, result, "the signer ended");
		if (answer.number != signatory->number)
			continue;
		if (answer.length == 0)
			return fail(signatory, -EIO, "the signer could not sign");
		result = take(&answer, ret_signature);
		if (result != 0)
			return fail(signatory, result, "out of memory");
		be_well(signatory);
		return 0;
	}
	return fail(signatory, -EPROTO, "the signer answers what nobody asked");
}

/* A signature that readers show as invalid is worse than none. */
static const char *why_not_now(const struct signatory *signatory)
{
	if (signatory->wall_us >= signatory->certificate.until_us)
		return "the certificate of mail.sign has ended";
	if (signatory->wall_us < signatory->certificate.from_us)
		return "the certificate of mail.sign begins only later";
	if (signatory->fd < 0)
		return "the signer is not there";
	return signatory->is_out ? "the signer does not answer" : NULL;
}

int signatory_sign(
    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature)
{
	struct signatory *signatory = context;
	if (!signatory_is_wanted(signatory))
		return -ENOTSUP;
	if (signatory->fd >= 0)
		take_late(signatory);
	const char *why = why_not_now(signatory);
	if (why != NULL)
		return fail(signatory, -ENOTCONN, why);
	int result = wire_send_sign(signatory->fd, ++signatory->number, bytes, length);
	if (result == 0)
		return await(signatory, ret_signature);
	if (result == -EMSGSIZE)
		return fail(signatory, result, "a letter was too large to be signed");
	if (result != -EAGAIN)
		close_channel(signatory);
	return fail(signatory, result, "the signer does not listen");
}
