/*
 * duty_mailroom.c - the duty that reads what comes back to the sender of notices, which anybody may
 * write: it has the mailbox, by files or by IMAP, and a channel to the keeper, and nothing else. Of
 * each message it makes a few words (notify/returned.h); what they are worth the keeper decides.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/station/duties.h"
#include "cmd/station/mailbox.h"
#include "cmd/station/wire.h"
#include "notify/returned.h"
#include "proc/duty_self.h"

enum {
	PASSWORD_MAX_BYTES = 1024,
	OPEN_MAX = 16,    /* told to the keeper, without an answer yet */
	AT_ONCE_MAX = 32, /* messages of a moment, before others have their turn */
};

/* Bounces are shown within a minute; who asks a server every quarter of one is no burden. */
#define LOOK_US (15 * WHEN_SECOND_US)
/* To look into a directory of this machine costs nothing. */
#define LOOK_FILES_US (3 * WHEN_SECOND_US)
/* More of a mailbox that was not read to its end. */
#define SOON_US (10 * 1000)
/* A keeper that does not answer so long is asked again. */
#define ANSWER_US WHEN_MINUTE_US

struct mailroom {
	struct duty_self *self;
	struct loop *loop;
	struct wire_orders orders;
	struct channel *keeper; /* NULL: it is not there */
	struct charsets *charsets;
	struct mailbox *mailbox;
	uint64_t open[OPEN_MAX]; /* marks */
	size_t open_count;
	int64_t opened_us; /* monotonic: the last of them was told */
	uint64_t timer;    /* 0: none */
	bool was_refused;  /* the mailbox could not be read, which was logged */
	char *password;    /* NULL: none */
};

static void look(void *context, uint32_t what);

static void plan_look(struct mailroom *room, int64_t after_us)
{
	const struct loop_call call = {look, room};
	loop_remove(room->loop, room->timer);
	room->timer = 0;
	if (loop_add_timer(room->loop, after_us, 0, call, &room->timer) != 0)
		say(LOG_LEVEL_ERROR, "mailroom.timer", "what", "no look can be planned");
}

/* ---- Messages ---- */

/* What is nothing to us is settled at once; of what is, when the keeper has it. */
static void read_message(struct mailroom *room, const struct mailbox_message *message)
{
	static struct returned returned; /* large */
	returned_read(message->bytes, message->length, room->charsets, &returned);
	if (returned.kind == RETURNED_NOTHING) {
		mailbox_settle(room->mailbox, message->mark);
		return;
	}
	const int result = wire_send_returned(room->keeper, message->mark, &returned);
	if (result == -EMSGSIZE)
		mailbox_settle(room->mailbox, message->mark); /* nor would it be later */
	if (result != 0)
		return;
	room->open[room->open_count++] = message->mark;
	room->opened_us = loop_monotonic_us(room->loop);
}

static void note_trouble(struct mailroom *room, int result, const struct complaint *complaint)
{
	if (result < 0 && !room->was_refused)
		say(LOG_LEVEL_ERROR, "mailroom.refused", "why", complaint->text);
	if (result >= 0 && room->was_refused)
		say(LOG_LEVEL_NOTICE, "mailroom.read", "what", "the mailbox can be read again");
	room->was_refused = result < 0;
}

/* By files many at once; by IMAP one, which may take long. */
static void look(void *context, uint32_t what)
{
	struct mailroom *room = context;
	const bool is_slow = station_config_has_imap(&room->orders.config);
	struct mailbox_message message;
	struct complaint complaint;
	int result = 1;
	(void)what;
	room->timer = 0;
	if (room->keeper == NULL)
		return; /* it is begun with when it is back */
	if (room->open_count > 0 && loop_monotonic_us(room->loop) - room->opened_us >= ANSWER_US)
		room->open_count = 0;
	for (int i = 0;
	     result > 0 && i < (is_slow ? 1 : AT_ONCE_MAX) && room->open_count < OPEN_MAX; i++) {
		result =
		    mailbox_next(room->mailbox, loop_wall_us(room->loop), &message, &complaint);
		if (result > 0)
			read_message(room, &message);
		note_trouble(room, result, &complaint);
	}
	const int64_t pause_us = is_slow ? LOOK_US : LOOK_FILES_US;
	plan_look(room, result > 0 && room->open_count < OPEN_MAX ? SOON_US : pause_us);
}

static void on_noted(struct mailroom *room, uint64_t mark, bool is_to_come_again)
{
	size_t kept = 0;
	const bool was_full = room->open_count == OPEN_MAX;
	if (!is_to_come_again)
		mailbox_settle(room->mailbox, mark);
	for (size_t i = 0; i < room->open_count; i++)
		if (room->open[i] != mark)
			room->open[kept++] = room->open[i];
	room->open_count = kept;
	if (was_full)
		plan_look(room, SOON_US);
}

static void on_keeper(void *context, struct message *message)
{
	uint64_t mark;
	bool is_to_come_again;
	if (message->type == WIRE_NOTED_RETURN &&
	    wire_read_noted_return(message, &mark, &is_to_come_again))
		on_noted(context, mark, is_to_come_again);
}

/* ---- The process ---- */

static void on_keeper_gone(void *context, int error)
{
	struct mailroom *room = context;
	(void)error;
	channel_free(room->keeper);
	room->keeper = NULL;
	room->open_count = 0;
}

static void open_keeper(struct mailroom *room, int fd)
{
	const struct channel_handler handler = {
	    .context = room, .on_message = on_keeper, .on_closed = on_keeper_gone};
	on_keeper_gone(room, 0);
	if (channel_new(room->loop, fd, &handler, &room->keeper) != 0)
		(void)close(fd); /* it cannot be waited for */
	else
		plan_look(room, 0);
}

static void on_channel(void *context, const char *link, int fd)
{
	if (strcmp(link, WIRE_RETURNS) == 0)
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
	struct mailroom *room = context;
	loop_stop(room->loop);
}

/* Loads what looking names up needs: it could not be loaded in the sandbox. */
static void look_a_name_up(void)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	if (getaddrinfo("localhost", "993", &hints, &found) == 0)
		freeaddrinfo(found);
}

static int open_imap(struct mailroom *room, struct complaint *complaint)
{
	const struct station_config_mail *mail = &room->orders.config.mail;
	size_t length;
	int fd = duty_take_descriptor(room->self, WIRE_PASSWORD);
	if (fd < 0)
		return complain(complaint, fd, "mailroom: it has no password");
	int result = wire_read_text(fd, PASSWORD_MAX_BYTES, &room->password, &length);
	if (result != 0)
		return complain(
		    complaint, result, "mail.bounces.password_file: %s", strerror(-result));
	room->password[strcspn(room->password, "\r\n")] = '\0';
	look_a_name_up();
	const struct mailbox_server server = {
	    .url = mail->bounces.mailbox,
	    .user = mail->bounces.user,
	    .password = room->password,
	    .ca_file = mail->ca_file[0] != '\0' ? mail->ca_file : NULL,
	};
	result = mailbox_new_imap(&server, &room->mailbox);
	return result == 0 ? 0 : complain(complaint, result, "mailroom: libcurl cannot be used");
}

static int open_mailbox(struct mailroom *room, struct complaint *complaint)
{
	const struct station_config *config = &room->orders.config;
	int result = charsets_open(&room->charsets);
	if (result == 0 && station_config_has_imap(config))
		return open_imap(room, complaint);
	if (result == 0)
		result = mailbox_new_maildir(config->mail.bounces.mailbox, &room->mailbox);
	return result == 0 ? 0 : complain(complaint, result, "mailroom: out of memory");
}

static int open_all(struct mailroom *room, struct complaint *complaint)
{
	int result = duty_begin(&room->self, complaint);
	if (result != 0)
		return result;
	int orders = duty_take_descriptor(room->self, WIRE_ORDERS);
	if (orders < 0)
		return complain(complaint, orders, "mailroom: it has no orders");
	result = wire_read_orders(orders, &room->orders, complaint);
	if (result == 0)
		result = open_mailbox(room, complaint);
	if (result != 0)
		return result;
	result = loop_new(&loop_clock_system, &room->loop);
	return result == 0 ? 0 : complain(complaint, result, "mailroom: %s", strerror(-result));
}

static int begin(struct mailroom *room, struct complaint *complaint)
{
	const struct duty_self_handler handler = {
	    .context = room,
	    .on_message = on_message,
	    .on_channel = on_channel,
	    .on_stop = on_stop,
	};
	struct sandbox_state sandbox;
	int result = open_all(room, complaint);
	if (result == 0)
		result = duty_enter(room->self, room->loop, &handler, &sandbox, complaint);
	if (result != 0)
		return result;
	int fd = duty_take_channel(room->self, WIRE_RETURNS);
	if (fd >= 0)
		open_keeper(room, fd);
	return 0;
}

int duty_mailroom(void)
{
	static struct mailroom room;
	struct complaint complaint;
	int result = begin(&room, &complaint);
	duty_tell_begin(room.self, result, &complaint);
	if (result == 0)
		result = loop_run(room.loop);
	channel_free(room.keeper);
	mailbox_free(room.mailbox);
	charsets_close(room.charsets);
	free(room.password);
	duty_end(room.self);
	loop_free(room.loop);
	return result == 0 ? 0 : EXIT_TROUBLE;
}
