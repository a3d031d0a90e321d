#include "notify/smtp_dialogue.h"

#include <string.h>

static const struct {
	const char *verb;
	enum smtp_stage stage;
} verbs[] = {
    {"EHLO", SMTP_HELLO},
    {"HELO", SMTP_HELLO},
    {"STARTTLS", SMTP_STARTTLS},
    {"AUTH", SMTP_AUTH},
    {"MAIL", SMTP_SENDER},
    {"RCPT", SMTP_RECIPIENT},
    {"DATA", SMTP_DATA},
    {"QUIT", SMTP_QUIT},
};

void smtp_dialogue_init(struct smtp_dialogue *dialogue)
{
	*dialogue = (struct smtp_dialogue){.stage = SMTP_CONNECT};
}

void smtp_dialogue_sent(struct smtp_dialogue *dialogue, const char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		size_t verb_length = strlen(verbs[i].verb);
		if (length <= verb_length || memcmp(bytes, verbs[i].verb, verb_length) != 0)
			continue;
		/* A word of its own: what AUTH sends in base64 may begin like one. */
		if (bytes[verb_length] == ' ' || bytes[verb_length] == '\r')
			dialogue->stage = verbs[i].stage;
	}
}

void smtp_dialogue_message_ended(struct smtp_dialogue *dialogue)
{
	dialogue->stage = SMTP_MESSAGE;
	dialogue->message_ended = true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 5321 section 4.2: three digits; a hyphen after them says that more lines follow. */
static int code_of(const char *line, size_t length)
{
	if (length < 3 || line[0] < '1' || line[0] > '5' || !is_digit(line[1]) ||
	    !is_digit(line[2]))
		return 0;
	if (length > 3 && line[3] != ' ')
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static void keep_line(struct smtp_dialogue *dialogue, const char *bytes, size_t length)
{
	size_t kept = length < SMTP_LINE_KEPT ? length : SMTP_LINE_KEPT;
	for (size_t i = 0; i < kept; i++)
		dialogue->line[i] = bytes[i] != '\0' ? bytes[i] : '?';
	dialogue->line[kept] = '\0';
}

bool smtp_dialogue_heard(struct smtp_dialogue *dialogue, const char *bytes, size_t length)
{
	dialogue->heard += length;
	if (dialogue->heard > COURIER_ANSWER_BYTES_MAX)
		return false;
	if (dialogue->stage == SMTP_QUIT) /* what it says then changes nothing */
		return true;
	while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	int code = code_of(bytes, length);
	if (code == 0)
		return true;
	dialogue->code = code;
	dialogue->code_stage = dialogue->stage;
	keep_line(dialogue, bytes, length);
	return true;
}

/* With SIZE the length of a message is refused already where its sender is named (RFC 1870). */
static bool is_of_message_or_recipient(const struct smtp_dialogue *dialogue)
{
	return dialogue->code_stage >= SMTP_RECIPIENT ||
	       (dialogue->code_stage == SMTP_SENDER && dialogue->code == 552);
}

enum courier_outcome smtp_dialogue_outcome(const struct smtp_dialogue *dialogue, bool is_done)
{
	bool is_of_message = dialogue->code_stage == SMTP_MESSAGE;
	int kind = dialogue->code / 100;
	if (is_done || (is_of_message && kind == 2))
		return COURIER_DELIVERED;
	if (kind == 5)
		return is_of_message_or_recipient(dialogue) ? COURIER_PERMANENT : COURIER_TEMPORARY;
	if (kind == 4)
		return COURIER_TEMPORARY;
	return dialogue->message_ended ? COURIER_UNKNOWN : COURIER_TEMPORARY;
}
