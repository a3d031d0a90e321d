/*
 * Any bytes as what was said between us and a mail server: lines that begin with '>' were sent by
 * us, '=' is the end of the message, everything else was heard. Whatever it was, the outcome is one
 * of four, and what is kept of an answer is bounded.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "notify/smtp_dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static void play(struct smtp_dialogue *dialogue, const char *line, size_t length)
{
	if (length > 0 && line[0] == '>')
		smtp_dialogue_sent(dialogue, line + 1, length - 1);
	else if (length > 0 && line[0] == '=')
		smtp_dialogue_message_ended(dialogue);
	else
		require(smtp_dialogue_heard(dialogue, line, length) ==
			(dialogue->heard <= COURIER_ANSWER_BYTES_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct smtp_dialogue dialogue;
	smtp_dialogue_init(&dialogue);
	for (size_t at = 0; at < data_bytes;) {
		const uint8_t *end = memchr(data + at, '\n', data_bytes - at);
		size_t length = end != NULL ? (size_t)(end - (data + at)) + 1 : data_bytes - at;
		play(&dialogue, (const char *)data + at, length);
		at += length;
	}
	require(strlen(dialogue.line) <= SMTP_LINE_KEPT);
	require(dialogue.code == 0 || (dialogue.code >= 100 && dialogue.code < 600));
	require((unsigned)smtp_dialogue_outcome(&dialogue, false) < COURIER_OUTCOME_COUNT);
	require(smtp_dialogue_outcome(&dialogue, true) == COURIER_DELIVERED);
	return 0;
}
