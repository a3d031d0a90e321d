/*
 * duty_signer.c - the duty that holds the key with which mail is signed, and nothing else: no
 * files, no network. The keeper asks it for the signature of a letter, and waits for that a moment.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/station/duties.h"
#include "cmd/station/wire.h"
#include "notify/smime.h"
#include "proc/duty_self.h"

struct signing {
	struct duty_self *self;
	struct loop *loop;
	struct wire_orders orders;
	struct channel *keeper; /* NULL: it is not there */
	struct smime_signer *signer;
};

/* ---- What is asked ---- */

static void on_keeper(void *context, struct message *message)
{
	struct signing *signing = context;
	struct wire_sign asked;
	struct wire_signed made = {.length = 0};
	struct smime_made signature = {.bytes = NULL};
	if (message->type != WIRE_SIGN || !wire_read_sign(message, &asked))
		return;
	made.number = asked.number;
	if (smime_sign(signing->signer, asked.bytes, asked.length, &signature) == 0) {
		made.bytes = signature.bytes;
		made.length = signature.length;
		(void)snprintf(made.micalg, sizeof made.micalg, "%s",
		    smime_signer_micalg(signing->signer)); /* fits */
	} else {
		say(LOG_LEVEL_ERROR, "signer.failed", "what", "a letter could not be signed");
	}
	/* a keeper that is gone, or does not read, asks again when it is back */
	if (wire_send_signed(signing->keeper, &made) != 0)
		say(LOG_LEVEL_WARNING, "signer.answer", "what", "the keeper does not listen");
	free(signature.bytes);
}

static void on_keeper_gone(void *context, int error)
{
	struct signing *signing = context;
	(void)error;
	channel_free(signing->keeper);
	signing->keeper = NULL;
}

static void open_keeper(struct signing *signing, int fd)
{
	const struct channel_handler handler = {
	    .context = signing, .on_message = on_keeper, .on_closed = on_keeper_gone};
	channel_free(signing->keeper);
	signing->keeper = NULL;
	if (channel_new(signing->loop, fd, &handler, &signing->keeper) != 0)
		(void)close(fd); /* it cannot be waited for */
}

/* ---- The process ---- */

static void on_channel(void *context, const char *link, int fd)
{
	if (strcmp(link, WIRE_SIGNING) == 0)
		open_keeper(context, fd);
	else
		(void)close(fd); /* of a link that we do not know */
}

static void on_message(void *context, struct message *message)
{
	(void)context;
	(void)message; /* the parent has nothing to say */
}

static void on_stop(void *context)
{
	struct signing *signing = context;
	loop_stop(signing->loop);
}

static int read_text(struct signing *signing, const char *name, struct smime_files *files,
    struct complaint *complaint)
{
	char *text;
	size_t length;
	int fd = duty_take_descriptor(signing->self, name);
	if (fd < 0)
		return complain(complaint, fd, "signer: it has no %s", name);
	int result = wire_read_text(fd, SMIME_CHAIN_MAX_BYTES, &text, &length);
	if (result != 0)
		return complain(complaint, result, "signer: its %s: %s", name, strerror(-result));
	if (strcmp(name, WIRE_SIGN_KEY) == 0) {
		files->key = text;
		files->key_length = length;
	} else {
		files->chain = text;
		files->chain_length = length;
	}
	return 0;
}

static void release(const void *text, size_t length)
{
	char *bytes = (char *)(uintptr_t)text; /* it is ours */
	if (bytes != NULL)
		explicit_bzero(bytes, length);
	free(bytes);
}

/* Signs something, by which all that OpenSSL loads later is loaded before the sandbox. */
static int open_signer(struct signing *signing, struct complaint *complaint)
{
	const struct station_config_sign *sign = &signing->orders.config.mail.sign;
	struct smime_files files = {
	    .key_name = "mail.sign.key",
	    .chain_name = "mail.sign.certificate",
	    .algorithm = sign->algorithm,
	};
	int result = read_text(signing, WIRE_SIGN_KEY, &files, complaint);
	if (result == 0)
		result = read_text(signing, WIRE_SIGN_CHAIN, &files, complaint);
	if (result == 0)
		result = smime_signer_new(&files, &signing->signer, complaint);
	release(files.key, files.key_length);
	release(files.chain, files.chain_length);
	return result;
}

static int open_all(struct signing *signing, struct complaint *complaint)
{
	int result = duty_begin(&signing->self, complaint);
	if (result != 0)
		return result;
	int orders = duty_take_descriptor(signing->self, WIRE_ORDERS);
	if (orders < 0)
		return complain(complaint, orders, "signer: it has no orders");
	result = wire_read_orders(orders, &signing->orders, complaint);
	if (result == 0)
		result = open_signer(signing, complaint);
	if (result != 0)
		return result;
	result = loop_new(&loop_clock_system, &signing->loop);
	return result == 0 ? 0 : complain(complaint, result, "signer: %s", strerror(-result));
}

static int begin(struct signing *signing, struct complaint *complaint)
{
	const struct duty_self_handler handler = {
	    .context = signing,
	    .on_message = on_message,
	    .on_channel = on_channel,
	    .on_stop = on_stop,
	};
	struct sandbox_state sandbox;
	int result = open_all(signing, complaint);
	if (result == 0)
		result = duty_enter(signing->self, signing->loop, &handler, &sandbox, complaint);
	if (result != 0)
		return result;
	int fd = duty_take_channel(signing->self, WIRE_SIGNING);
	if (fd >= 0)
		open_keeper(signing, fd);
	return 0;
}

int duty_signer(void)
{
	static struct signing signing;
	struct complaint complaint;
	int result = begin(&signing, &complaint);
	duty_tell_begin(signing.self, result, &complaint);
	if (result == 0)
		result = loop_run(signing.loop);
	channel_free(signing.keeper);
	smime_signer_free(signing.signer);
	duty_end(signing.self);
	loop_free(signing.loop);
	return result == 0 ? 0 : EXIT_TROUBLE;
}
