#include "cmd/station/mail_desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/station/returns.h"
#include "cmd/station/signatory.h"
#include "cmd/station/wire.h"

struct mail_desk {
	struct mail_desk_options options;
	struct keeper *keeper; /* borrowed */
	struct signatory *signatory;
	struct channel *mailroom; /* NULL: it is not there */
};

int mail_desk_new(const struct mail_desk_options *options, struct mail_desk **ret_desk)
{
	struct mail_desk *desk = calloc(1, sizeof *desk);
	if (desk == NULL)
		return -ENOMEM;
	desk->options = *options;
	int result = signatory_new(options->signing, &desk->signatory);
	if (result != 0)
		mail_desk_free(desk);
	else
		*ret_desk = desk;
	return result;
}

void mail_desk_free(struct mail_desk *desk)
{
	if (desk == NULL)
		return;
	channel_free(desk->mailroom);
	signatory_free(desk->signatory);
	free(desk);
}

/* ---- Signatures ---- */

int mail_desk_sign(
    struct mail_desk *desk, const char *bytes, size_t length, struct mail_signature *ret_signature)
{
	return signatory_sign(desk->signatory, bytes, length, ret_signature);
}

void mail_desk_begin_turn(struct mail_desk *desk, const struct keeper_clock *clock)
{
	signatory_look(desk->signatory, clock->wall_us, clock->monotonic_us);
}

/* Letters that went out unsigned, which the operator hears of, and that it is over. */
void mail_desk_end_turn(struct mail_desk *desk, const struct keeper_clock *clock)
{
	struct signatory_trouble trouble = {.why = NULL};
	const bool is_on = signatory_get_trouble(desk->signatory, &trouble);
	const struct alarm_report report = {
	    .alarm = ALARM_MAIL_UNSIGNED,
	    .detail = trouble.why,
	    .is_on = is_on,
	    .since_us = trouble.since_us,
	    .number = trouble.letters,
	};
	keeper_raise(desk->keeper, &report, clock->wall_us);
}

/* ---- What comes back ---- */

static void note_returned(const struct returned *returned, enum returns_verdict verdict)
{
	static const char *const kinds[] = {[RETURNED_FAILED] = "letter.bounced",
	    [RETURNED_DELAYED] = "letter.late",
	    [RETURNED_REPLY] = "letter.answered"};
	struct log_line line;
	/* of what speaks of nothing that we know anybody may send as much as he likes */
	if (verdict != RETURNS_TAKEN || returned->kind == RETURNED_NOTHING)
		return;
	log_begin(&line, LOG_LEVEL_NOTICE, kinds[returned->kind]);
	log_text(&line, "from", returned->from);
	log_text(&line, "reason", returned->reason);
	log_end(&line);
}

static void on_returned(void *context, struct message *message)
{
	struct mail_desk *desk = context;
	static struct returned returned; /* large */
	struct returns_message taken = {.returned = &returned};
	enum returns_verdict verdict = RETURNS_UNKNOWN;
	struct complaint complaint;
	const struct keeper_clock clock = {
	    .wall_us = loop_wall_us(desk->options.loop),
	    .monotonic_us = loop_monotonic_us(desk->options.loop),
	};
	if (message->type != WIRE_RETURNED || !wire_read_returned(message, &taken.mark, &returned))
		return;
	int result = returns_take(desk->keeper, &clock, &taken, &verdict, &complaint);
	if (result == 0)
		note_returned(&returned, verdict);
	/* where that fails it comes again, and is known then */
	(void)wire_send_noted_return(desk->mailroom, taken.mark, result != 0);
	if (result == 0)
		desk->options.on_taken(desk->options.context);
}

static void on_mailroom_gone(void *context, int error)
{
	struct mail_desk *desk = context;
	(void)error;
	channel_free(desk->mailroom);
	desk->mailroom = NULL;
}

static void open_mailroom(struct mail_desk *desk, int fd)
{
	const struct channel_handler handler = {
	    .context = desk, .on_message = on_returned, .on_closed = on_mailroom_gone};
	on_mailroom_gone(desk, 0);
	if (channel_new(desk->options.loop, fd, &handler, &desk->mailroom) != 0)
		(void)close(fd); /* it cannot be waited for */
}

/* ---- Channels ---- */

bool mail_desk_open(struct mail_desk *desk, const char *link, int fd)
{
	if (strcmp(link, WIRE_SIGNING) == 0)
		signatory_open(desk->signatory, fd);
	else if (strcmp(link, WIRE_RETURNS) == 0)
		open_mailroom(desk, fd);
	else
		return false;
	return true;
}

void mail_desk_begin(struct mail_desk *desk, struct keeper *keeper, struct duty_self *self)
{
	static const char *const links[] = {WIRE_SIGNING, WIRE_RETURNS};
	desk->keeper = keeper;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		const int fd = duty_take_channel(self, links[i]);
		if (fd >= 0)
			(void)mail_desk_open(desk, links[i], fd); /* it is ours */
	}
}
