/*
 * wire_answer.h - what the web duty and the keeper say to each other about answers to letters; as
 * station/wire.h. Web has neither the key nor the database: it hands on what came, and shows what
 * it is told.
 */
#ifndef CMD_STATION_WIRE_ANSWER_H
#define CMD_STATION_WIRE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "proc/message.h"
#include "web/answer_page.h"

/* WIRE_QUESTION: what is behind a link; or with an answer, which is to be recorded first. */
struct wire_question {
	uint64_t number;
	char token[ANSWER_TOKEN_BYTES];
	bool has_language; /* else the contact's */
	enum language language;
	enum answer answer; /* ANSWER_NONE: nothing is recorded */
	char form[ANSWER_FORM_BYTES];
	char note[ANSWER_NOTE_RAW_BYTES];
};
int wire_send_question(struct channel *channel, const struct wire_question *question);
bool wire_read_question(const struct message *message, struct wire_question *ret_question);

/* WIRE_LEAF: the page, or why there is none. */
struct wire_leaf {
	uint64_t number;
	bool has_page;
	enum answer_trouble trouble;
	struct answer_page page;
};
int wire_send_leaf(struct channel *channel, const struct wire_leaf *leaf);
bool wire_read_leaf(const struct message *message, struct wire_leaf *ret_leaf);

#endif
