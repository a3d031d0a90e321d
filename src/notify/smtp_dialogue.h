/*
 * smtp_dialogue.h - what was said between us and a mail server, followed line by line, for what it
 * means: how far it came, what the server answered last, and what became of the message.
 *
 * libcurl speaks; it tells only its own verdict in the end. That a 550 was about the recipient and
 * not about our password, or that the connection broke after the end of the message, is seen here.
 */
#ifndef NOTIFY_SMTP_DIALOGUE_H
#define NOTIFY_SMTP_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "notify/courier.h"

enum smtp_stage {
	SMTP_CONNECT,
	SMTP_HELLO,
	SMTP_STARTTLS,
	SMTP_AUTH,
	SMTP_SENDER,
	SMTP_RECIPIENT,
	SMTP_DATA,
	SMTP_MESSAGE, /* all of it was handed over; its end may have been sent */
	SMTP_QUIT,
};

enum {
	SMTP_LINE_KEPT = 200, /* bytes of the last answer */
};

struct smtp_dialogue {
	enum smtp_stage stage;
	int code;                      /* of the last answer; 0: none yet */
	enum smtp_stage code_stage;    /* what it was an answer to */
	char line[SMTP_LINE_KEPT + 1]; /* of the last answer, its last line, without line ends */
	bool message_ended;
	size_t heard; /* bytes */
};

void smtp_dialogue_init(struct smtp_dialogue *dialogue);
/* A command as it was sent; what is none (AUTH goes on) changes nothing. */
void smtp_dialogue_sent(struct smtp_dialogue *dialogue, const char *bytes, size_t length);
/* The whole message was handed over. */
void smtp_dialogue_message_ended(struct smtp_dialogue *dialogue);
/* A line of an answer. False when the server has said more than anybody needs to. */
bool smtp_dialogue_heard(struct smtp_dialogue *dialogue, const char *bytes, size_t length);

/*
 * What became of the message, when the connection is over. `is_done` is libcurl's verdict.
 *
 * A refusal (5xx) of recipient or message is permanent. One of anything before is about us or the
 * server, not about them: a password that ran out must not make every notice fail for good, so it
 * is temporary.
 */
enum courier_outcome smtp_dialogue_outcome(const struct smtp_dialogue *dialogue, bool is_done);

#endif
