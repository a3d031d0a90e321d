#include "notify/smtp_dialogue.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

enum {
	LINES_MAX = 24,
};

/*
 * A conversation: "> " what we sent, "< " what was heard, "=" the message was handed over; and
 * what became of the message when the connection broke then.
 */
static const struct {
	const char *name;
	const char *lines[LINES_MAX];
	enum courier_outcome outcome;
	int code;
} rows[] = {
    {"nothing was heard", {"="}, COURIER_UNKNOWN, 0},
    {"nobody answers", {NULL}, COURIER_TEMPORARY, 0},
    {"a greeting that refuses", {"< 554 no"}, COURIER_TEMPORARY, 554},
    {"too busy", {"< 421 busy"}, COURIER_TEMPORARY, 421},
    {"EHLO refused", {"< 220 hi", "> EHLO x", "< 550 no"}, COURIER_TEMPORARY, 550},
    {"a password refused",
	{"< 220 hi", "> EHLO x", "< 250-x", "< 250 AUTH PLAIN", "> AUTH PLAIN", "< 334 ",
	    "> REFUQQ==", "< 535 5.7.8 wrong"},
	COURIER_TEMPORARY, 535},
    {"a sender refused", {"< 220 hi", "> EHLO x", "< 250 x", "> MAIL FROM:<a@b>", "< 550 no"},
	COURIER_TEMPORARY, 550},
    {"too large", {"< 220 hi", "> EHLO x", "< 250 x", "> MAIL FROM:<a@b> SIZE=9", "< 552 large"},
	COURIER_PERMANENT, 552},
    {"a recipient refused",
	{"< 250 x", "> MAIL FROM:<a@b>", "< 250 ok", "> RCPT TO:<c@d>", "< 550-5.1.1",
	    "< 550 5.1.1 nobody"},
	COURIER_PERMANENT, 550},
    {"a recipient put off", {"> RCPT TO:<c@d>", "< 450 4.2.0 greylisted"}, COURIER_TEMPORARY, 450},
    {"DATA refused", {"> RCPT TO:<c@d>", "< 250 ok", "> DATA", "< 554 no"}, COURIER_PERMANENT, 554},
    {"a message that was not sent whole", {"> DATA", "< 354 go on"}, COURIER_TEMPORARY, 354},
    {"no answer to the message", {"> DATA", "< 354 go on", "="}, COURIER_UNKNOWN, 354},
    {"the message refused", {"> DATA", "< 354 go on", "=", "< 550 spam"}, COURIER_PERMANENT, 550},
    {"the message put off", {"> DATA", "< 354 go on", "=", "< 451 later"}, COURIER_TEMPORARY, 451},
    {"the message taken", {"> DATA", "< 354 go on", "=", "< 250-a", "< 250 taken"},
	COURIER_DELIVERED, 250},
    {"the beginning of an answer", {"> DATA", "< 354 go on", "=", "< 250-a"}, COURIER_UNKNOWN, 354},
    {"taken, and a strange farewell",
	{"> DATA", "< 354 go on", "=", "< 250 taken", "> QUIT", "< 554 no"}, COURIER_DELIVERED,
	250},
    {"broken off when we had left", {"> RCPT TO:<c@d>", "< 550 no", "> QUIT"}, COURIER_PERMANENT,
	550},
    {"lines that are no answers",
	{"> RCPT TO:<c@d>", "< 250 ok", "< 55", "< abc", "< 999 x", "< 5500 x", "< 550-x",
	    "<  550 x"},
	COURIER_TEMPORARY, 250},
    {"a password that reads like a command",
	{"> AUTH LOGIN", "< 334 x", "> DATA+x==", "< 334 y", "> MAILabc=", "< 535 no"},
	COURIER_TEMPORARY, 535},
};

static void play(struct smtp_dialogue *dialogue, const char *line)
{
	char bytes[128];
	if (line[0] == '=') {
		smtp_dialogue_message_ended(dialogue);
		return;
	}
	int length = snprintf(bytes, sizeof bytes, "%s\r\n", line + 2);
	if (line[0] == '>')
		smtp_dialogue_sent(dialogue, bytes, (size_t)length);
	else if (!smtp_dialogue_heard(dialogue, bytes, (size_t)length))
		abort();
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smtp_dialogue dialogue;
		smtp_dialogue_init(&dialogue);
		for (size_t line = 0; line < LINES_MAX && rows[i].lines[line] != NULL; line++)
			play(&dialogue, rows[i].lines[line]);
		enum courier_outcome outcome = smtp_dialogue_outcome(&dialogue, false);
		OK(outcome == rows[i].outcome && dialogue.code == rows[i].code, rows[i].name);
		if (outcome != rows[i].outcome || dialogue.code != rows[i].code)
			printf("# %s %d\n", courier_outcome_name(outcome), dialogue.code);
	}
}

static void test_verdict_of_libcurl(void)
{
	struct smtp_dialogue dialogue;
	smtp_dialogue_init(&dialogue);
	OK(smtp_dialogue_outcome(&dialogue, true) == COURIER_DELIVERED,
	    "what libcurl saw to its end is delivered");
}

/* Answers of a length around what is kept, and of all lengths around what is heard. */
static void test_limits(void)
{
	struct smtp_dialogue dialogue;
	char line[SMTP_LINE_KEPT + 3] = "250 ";
	smtp_dialogue_init(&dialogue);
	memset(line + 4, 'x', sizeof line - 4);
	(void)smtp_dialogue_heard(&dialogue, line, SMTP_LINE_KEPT);
	OK(strlen(dialogue.line) == SMTP_LINE_KEPT, "a line as long as is kept");
	(void)smtp_dialogue_heard(&dialogue, line, SMTP_LINE_KEPT + 1);
	OK(strlen(dialogue.line) == SMTP_LINE_KEPT, "one byte more is cut");
	OK(smtp_dialogue_heard(&dialogue, "250 \0x\r\n", 8) && strcmp(dialogue.line, "250 ?x") == 0,
	    "a NUL does not end it");

	smtp_dialogue_init(&dialogue);
	bool heard = true;
	while (dialogue.heard < COURIER_ANSWER_BYTES_MAX)
		heard = heard && smtp_dialogue_heard(&dialogue, "250-more", 8);
	OK(heard && dialogue.heard == COURIER_ANSWER_BYTES_MAX, "as much as is listened to");
	OK(!smtp_dialogue_heard(&dialogue, "\n", 1), "and one byte more");
}

int main(void)
{
	test_rows();
	test_verdict_of_libcurl();
	test_limits();
	return test_done();
}
