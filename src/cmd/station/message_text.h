/*
 * message_text.h - what a person reads of a finished message: of a letter (notify/mail.h) its text,
 * of a web hook's JSON (notify/webhook.h) that.
 *
 * It reads what we wrote, and nothing else: of other bytes it says nothing.
 */
#ifndef CMD_STATION_MESSAGE_TEXT_H
#define CMD_STATION_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The text with \n, to be freed, in which what acts on a terminal is made visible; NULL where there
 * is none, or no memory. */
char *message_text(const void *bytes, size_t length);

/* How a letter is closed (notify/mail.h); all false for what is no letter, or an open one. */
struct message_seal {
	bool is_letter;
	bool is_signed;
	bool is_encrypted; /* so that its text cannot be shown */
};
struct message_seal message_seal(const void *bytes, size_t length);

#endif
