/*
 * duty_courier.c - the duty that speaks to mail servers, webhooks and collectors of logs, writes
 * notices as files where that is configured, and holds nothing else: no database, no capture. It
 * gets finished messages and answers what came of each.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/station/duties.h"
#include "cmd/station/lifeline.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"
#include "notify/courier.h"
#include "proc/duty_self.h"

enum {
	PASSWORD_MAX_BYTES = 1024,
};

struct carrier_of_letters {
	struct duty_self *self;
	struct loop *loop;
	struct channel *letters;   /* NULL: the keeper is not there */
	struct lifeline *lifeline; /* NULL: no signs of life are sent */
	struct courier *courier;
	struct wire_orders orders;
	char *password; /* NULL: none */
};

/* ---- Jobs ---- */

static void answer(struct carrier_of_letters *carrier, const struct outbox_result *result)
{
	/* where that fails the keeper knows nothing of it, and sends it again */
	if (carrier->letters != NULL && wire_send_result(carrier->letters, result) != 0)
		say(LOG_LEVEL_WARNING, "courier.answer", "what", "the keeper does not listen");
}

static void refuse(struct carrier_of_letters *carrier, int64_t notice, enum courier_outcome outcome,
    const char *why)
{
	const struct outbox_result result = {
	    .notice = notice,
	    .outcome = outcome,
	    .reply = why,
	    .at_us = loop_wall_us(carrier->loop),
	};
	answer(carrier, &result);
}

static enum courier_tls tls_of(const struct station_config_mail *mail)
{
	switch (mail->security) {
	case STATION_MAIL_TLS:
		return COURIER_TLS;
	case STATION_MAIL_NONE:
		return COURIER_CLEAR;
	case STATION_MAIL_STARTTLS:
		break;
	}
	return COURIER_STARTTLS;
}

static int submit(struct carrier_of_letters *carrier, const struct wire_parcel *parcel,
    struct complaint *complaint)
{
	const struct station_config_mail *mail = &carrier->orders.config.mail;
	const struct courier_server server = {
	    .host = mail->server.host,
	    .port = mail->server.port,
	    .tls = tls_of(mail),
	    .user = mail->user[0] != '\0' ? mail->user : NULL,
	    .password = mail->user[0] != '\0' ? carrier->password : NULL,
	    .ca_file = mail->ca_file[0] != '\0' ? mail->ca_file : NULL,
	    .hello = mail->helo[0] != '\0' ? mail->helo : NULL,
	};
	static const enum courier_kind kinds[] = {
	    [CONTACT_MAIL] = COURIER_MAIL,
	    [CONTACT_WEBHOOK] = COURIER_WEBHOOK,
	    [CONTACT_SYSLOG] = COURIER_SYSLOG,
	    [CONTACT_FILES] = COURIER_FILE,
	};
	const bool is_mail = parcel->kind == CONTACT_MAIL;
	/* a letter from before: nothing is wrong with it, and the file may be set right */
	if (is_mail && mail->server.port == 0)
		return complain(complaint, -ENOTCONN, "station.yaml names no mail server");
	const struct courier_job job = {
	    .id = (uint64_t)parcel->notice,
	    .kind = kinds[parcel->kind],
	    .server = &server,
	    .sender = mail->from,
	    .recipient = parcel->address,
	    .url = parcel->address,
	    .event = parcel->message_id,
	    .media_type = parcel->media_type,
	    .signature = parcel->signature[0] != '\0' ? parcel->signature : NULL,
	    .bytes = (const char *)parcel->body,
	    .length = parcel->length,
	};
	return courier_submit(carrier->courier, &job, complaint);
}

static void on_keeper(void *context, struct message *message)
{
	struct carrier_of_letters *carrier = context;
	static struct wire_parcel parcel;
	struct complaint complaint = {.text = ""};
	if (message->type != WIRE_PARCEL || !wire_read_parcel(message, &parcel))
		return;
	int result = submit(carrier, &parcel, &complaint);
	if (result == -EINVAL || result == -EMSGSIZE)
		refuse(carrier, parcel.notice, COURIER_PERMANENT, complaint.text);
	else if (result != 0)
		refuse(carrier, parcel.notice, COURIER_TEMPORARY,
		    complaint.text[0] != '\0'               ? complaint.text
		    : result == -EBUSY || result == -EAGAIN ? "too many letters at once"
							    : strerror(-result));
}

static void on_results(void *context, uint32_t what)
{
	struct carrier_of_letters *carrier = context;
	struct courier_result got;
	(void)what;
	while (courier_collect(carrier->courier, &got)) {
		const struct outbox_result result = {
		    .notice = (int64_t)got.id,
		    .outcome = got.outcome,
		    .reply = got.reply,
		    .at_us = loop_wall_us(carrier->loop),
		};
		struct log_line line;
		log_begin(&line,
		    got.outcome == COURIER_DELIVERED ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
		    "letter.sent");
		log_unsigned(&line, "notice", got.id);
		log_text(&line, "outcome", courier_outcome_name(got.outcome));
		log_signed(&line, "code", got.code);
		log_text(&line, "reply", got.reply);
		log_signed(&line, "took_us", got.took_us);
		log_end(&line);
		answer(carrier, &result);
	}
}

/* ---- The process ---- */

static void on_keeper_gone(void *context, int error)
{
	struct carrier_of_letters *carrier = context;
	(void)error;
	channel_free(carrier->letters);
	carrier->letters = NULL;
}

static void open_letters(struct carrier_of_letters *carrier, int fd)
{
	const struct channel_handler handler = {
	    .context = carrier, .on_message = on_keeper, .on_closed = on_keeper_gone};
	channel_free(carrier->letters);
	carrier->letters = NULL;
	if (channel_new(carrier->loop, fd, &handler, &carrier->letters) != 0)
		(void)close(fd); /* it cannot be waited for */
}

static void on_channel(void *context, const char *link, int fd)
{
	struct carrier_of_letters *carrier = context;
	if (strcmp(link, WIRE_LETTERS) == 0)
		open_letters(carrier, fd);
	else if (carrier->lifeline != NULL)
		lifeline_open(carrier->lifeline, fd);
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
	struct carrier_of_letters *carrier = context;
	loop_stop(carrier->loop);
}

/* Loads what looking names up needs: it could not be loaded in the sandbox. */
static void look_a_name_up(void)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	if (getaddrinfo("localhost", "25", &hints, &found) == 0)
		freeaddrinfo(found);
}

static int read_password(struct carrier_of_letters *carrier, struct complaint *complaint)
{
	size_t length;
	int fd = duty_take_descriptor(carrier->self, WIRE_PASSWORD);
	if (fd < 0)
		return 0; /* there is none */
	int result = wire_read_text(fd, PASSWORD_MAX_BYTES, &carrier->password, &length);
	if (result != 0)
		return complain(complaint, result, "mail.password_file: %s", strerror(-result));
	carrier->password[strcspn(carrier->password, "\r\n")] = '\0';
	return 0;
}

static int open_all(struct carrier_of_letters *carrier, struct complaint *complaint)
{
	int result = duty_begin(&carrier->self, complaint);
	if (result != 0)
		return result;
	int orders = duty_take_descriptor(carrier->self, WIRE_ORDERS);
	if (orders < 0)
		return complain(complaint, orders, "courier: it has no orders");
	result = wire_read_orders(orders, &carrier->orders, complaint);
	if (result == 0)
		result = read_password(carrier, complaint);
	if (result != 0)
		return result;
	look_a_name_up();
	result = loop_new(&loop_clock_system, &carrier->loop);
	return result == 0 ? 0 : complain(complaint, result, "courier: %s", strerror(-result));
}

static int open_courier(struct carrier_of_letters *carrier, struct complaint *complaint)
{
	/* all of IPv6, all of IPv4 (base/address.h) */
	static const struct prefix everywhere[] = {
	    {.bits = 0}, {.address = {{[10] = 0xff, [11] = 0xff}}, .bits = 96}};
	const bool anywhere = carrier->orders.config.webhook.allow_private;
	const struct station_config_notices *notices = &carrier->orders.config.notices;
	const struct courier_options options = {
	    /* the keeper sends no more at once, so that nothing is refused for want of room */
	    .parallel = OUTBOX_SENDING_MAX,
	    .per_receiver = OUTBOX_SENDING_MAX,
	    .webhook_policy = {.may_loopback = anywhere,
		.allowed = anywhere ? everywhere : NULL,
		.allowed_count = anywhere ? sizeof everywhere / sizeof everywhere[0] : 0},
	    .syslog_ca_file = notices->ca_file[0] != '\0' ? notices->ca_file : NULL,
	    .files_dir = notices->files[0] != '\0' ? notices->files : NULL,
	};
	int result = courier_new(&options, &carrier->courier, complaint);
	if (result != 0)
		return result;
	uint64_t number;
	const struct loop_call call = {on_results, carrier};
	result =
	    loop_add_watch(carrier->loop, courier_fd(carrier->courier), EPOLLIN, call, &number);
	return result == 0 ? 0 : complain(complaint, result, "courier: %s", strerror(-result));
}

/* Of signs of life; what signing needs is loaded here, since it could not be in the sandbox. */
static int open_lifeline(struct carrier_of_letters *carrier, struct complaint *complaint)
{
	struct lifeline_options options = {
	    .loop = carrier->loop, .config = &carrier->orders.config.heartbeat};
	if (options.config->url[0] == '\0')
		return 0;
	int result = wire_take_secret(carrier->self, &options.secret, complaint);
	if (result == 0 && options.secret.length > 0 && heartbeat_prepare() != 0)
		result = complain(complaint, -ENOSYS, "OpenSSL has no HMAC with SHA-256");
	return result != 0 ? result : lifeline_new(&options, &carrier->lifeline, complaint);
}

static int begin(struct carrier_of_letters *carrier, struct complaint *complaint)
{
	const struct duty_self_handler handler = {
	    .context = carrier,
	    .on_message = on_message,
	    .on_channel = on_channel,
	    .on_stop = on_stop,
	};
	struct sandbox_state sandbox;
	int result = open_all(carrier, complaint);
	if (result == 0)
		result = open_lifeline(carrier, complaint);
	if (result == 0)
		result = duty_enter(carrier->self, carrier->loop, &handler, &sandbox, complaint);
	if (result == 0)
		result = open_courier(carrier, complaint);
	if (result != 0)
		return result;
	int fd = duty_take_channel(carrier->self, WIRE_LETTERS);
	if (fd >= 0)
		open_letters(carrier, fd);
	fd = duty_take_channel(carrier->self, WIRE_BEATS);
	if (fd >= 0 && carrier->lifeline != NULL)
		lifeline_open(carrier->lifeline, fd);
	return 0;
}

int duty_courier(void)
{
	static struct carrier_of_letters carrier;
	struct complaint complaint;
	int result = begin(&carrier, &complaint);
	duty_tell_begin(carrier.self, result, &complaint);
	if (result == 0)
		result = loop_run(carrier.loop);
	courier_free(carrier.courier);
	lifeline_free(carrier.lifeline);
	channel_free(carrier.letters);
	free(carrier.password);
	duty_end(carrier.self);
	loop_free(carrier.loop);
	return result == 0 ? 0 : EXIT_TROUBLE;
}
