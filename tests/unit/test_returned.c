/* What comes back, as mail servers and people write it, and as nobody should. */
#include "notify/returned.h"

#include <stdlib.h>
#include <string.h>

#include "notify/mime.h"
#include "test.h"

static struct charsets *charsets;
static struct returned returned;

static enum returned_kind read_text(const char *text)
{
	/* exactly as many bytes as there are */
	const size_t length = strlen(text);
	char *copy = malloc(length + 1);
	if (copy == NULL)
		abort();
	memcpy(copy, text, length);
	char *exact = realloc(copy, length > 0 ? length : 1);
	returned_read(exact, length, charsets, &returned);
	free(exact);
	return returned.kind;
}

static bool is(const char *got, const char *expected)
{
	const bool same = strcmp(got, expected) == 0;
	if (!same)
		printf("# got %s\n# expected %s\n", got, expected);
	return same;
}

/* ---- Reports (RFC 3464) ---- */

#define REPORT_HEAD                                                                                \
	"From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n"                                \
	"To: hinomi@tower.example\r\n"                                                             \
	"Auto-Submitted: auto-replied\r\n"                                                         \
	"MIME-Version: 1.0\r\n"                                                                    \
	"Content-Type: multipart/report; report-type=delivery-status;\r\n"                         \
	"\tboundary=\"A.1/mx.example\"\r\n"                                                        \
	"\r\n"                                                                                     \
	"This is a MIME-encapsulated message.\r\n"                                                 \
	"\r\n"                                                                                     \
	"--A.1/mx.example\r\n"                                                                     \
	"Content-Type: text/plain; charset=us-ascii\r\n"                                           \
	"\r\n"                                                                                     \
	"I'm sorry to have to inform you ...\r\n"                                                  \
	"\r\n"                                                                                     \
	"--A.1/mx.example\r\n"                                                                     \
	"Content-Type: message/delivery-status\r\n"                                                \
	"\r\n"                                                                                     \
	"Reporting-MTA: dns; mx.example\r\n"                                                       \
	"Arrival-Date: Wed,  1 Apr 2026 09:00:00 +0900 (JST)\r\n"                                  \
	"\r\n"

#define REPORT_TAIL                                                                                \
	"\r\n"                                                                                     \
	"--A.1/mx.example\r\n"                                                                     \
	"Content-Type: text/rfc822-headers\r\n"                                                    \
	"\r\n"                                                                                     \
	"From: hinomi@tower.example\r\n"                                                           \
	"Message-ID:\r\n"                                                                          \
	" <i5.c2.0.0123@tower.example>\r\n"                                                        \
	"\r\n"                                                                                     \
	"--A.1/mx.example--\r\n"

static void test_reports(void)
{
	OK(read_text(
	       REPORT_HEAD "Final-Recipient: rfc822; kacho@town.example\r\n"
			   "Original-Recipient: rfc822;soumu@town.example\r\n"
			   "Action: failed\r\n"
			   "Status: 5.1.1\r\n"
			   "Remote-MTA: dns; mail.town.example\r\n"
			   "Diagnostic-Code: smtp; 550 5.1.1 <kacho@town.example>: Recipient\r\n"
			   "    address rejected\r\n" REPORT_TAIL) == RETURNED_FAILED,
	    "Postfix: it failed");
	OK(returned.id_count == 1 && is(returned.ids[0], "i5.c2.0.0123@tower.example"),
	    "which one, by a header that is folded");
	OK(is(returned.from, "soumu@town.example") &&
		is(returned.reason,
		    "5.1.1: 550 5.1.1 <kacho@town.example>: Recipient address rejected"),
	    "for whom, and why");
	OK(read_text(
	       REPORT_HEAD "Final-Recipient: rfc822; a@b.example\r\nAction: delayed\r\n"
			   "Status: 4.4.1\r\nDiagnostic-Code: X-Postfix; timed out\r\n"
			   "Will-Retry-Until: Fri, 3 Apr 2026 09:00:00 +0900\r\n" REPORT_TAIL) ==
		    RETURNED_DELAYED &&
		is(returned.reason, "4.4.1: timed out"),
	    "it is late");
	OK(read_text(REPORT_HEAD "Final-Recipient: rfc822; a@b.example\r\nAction: delivered\r\n"
				 "Status: 2.0.0\r\n" REPORT_TAIL) == RETURNED_NOTHING,
	    "it arrived: nobody asked");
	OK(read_text(REPORT_HEAD "Final-Recipient: rfc822; a@b.example\r\nAction: delayed\r\n\r\n"
				 "Final-Recipient: rfc822; c@d.example\r\nAction: failed\r\n"
				 "Status: 5.2.2 (full)\r\n" REPORT_TAIL) == RETURNED_FAILED &&
		is(returned.from, "c@d.example") && is(returned.reason, "5.2.2"),
	    "of two the worse one counts");
	OK(read_text(REPORT_HEAD "Final-Recipient: rfc822; a@b.example\r\nAction: Failed\r\n"
				 "Status: 9.1.1\r\nDiagnostic-Code: \x1b[2J\xff\r\n" REPORT_TAIL) ==
		    RETURNED_FAILED &&
		is(returned.reason, "\\u{1b}[2J\\xff"),
	    "what is no status is none, and what acts on a terminal is made visible");
	OK(read_text(REPORT_HEAD "Action: failed\r\n") == RETURNED_NOTHING,
	    "one that names no message speaks of none");
}

/* A report whose parts are in base64, with lines that end with \n alone. */
static void test_encoded(void)
{
	OK(read_text(
	       "Content-Type: multipart/report; boundary=b\n\n--b\n"
	       "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
	       "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYi5leGFtcGxlCkFjdGlvbjogZmFpbGVk\n"
	       "ClN0YXR1czogNS40LjQK\n--b\n"
	       "Content-Type: message/rfc822\n\nMessage-ID: <x@y.example>\n\nbody\n--b--\n") ==
		    RETURNED_FAILED &&
		is(returned.ids[0], "x@y.example") && is(returned.reason, "5.4.4"),
	    "Exchange: parts in base64");
}

/* ---- Before there were reports ---- */

static void test_old(void)
{
	OK(read_text(
	       "Return-Path: <>\nX-Failed-Recipients: soumu@town.example\n"
	       "From: Mail Delivery System <Mailer-Daemon@mx.example>\n"
	       "Subject: Mail delivery failed: returning message to sender\n\n"
	       "A message that you sent could not be delivered.\n\n"
	       "------ This is a copy of the message, including all the headers. ------\n\n"
	       "Message-ID: <i1.c1@tower.example>\nSubject: x\n\nbody\n") == RETURNED_FAILED &&
		is(returned.from, "soumu@town.example") &&
		is(returned.ids[0], "i1.c1@tower.example"),
	    "Exim, as it was");
	OK(read_text("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n"
		     "Hi. This is the qmail-send program at mx.example.\n"
		     "I'm afraid I wasn't able to deliver your message.\n\n"
		     "<soumu@town.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
		     "--- Below this line is a copy of the message.\n\n"
		     "Message-ID:\n <i1.c2@tower.example>\n\nbody\n") == RETURNED_FAILED &&
		is(returned.from, "soumu@town.example") &&
		is(returned.reason, "Sorry, no mailbox here by that name. (#5.1.1)") &&
		is(returned.ids[0], "i1.c2@tower.example"),
	    "qmail");
	OK(read_text("From: Hanako <hanako@town.example>\nX-Failed-Recipients: a@b.example\n\n"
		     "Message-ID: <i1.c1@tower.example>\n") == RETURNED_NOTHING,
	    "not of a person who writes like one");
	OK(read_text("From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n"
		     "Message-ID: <i1.c1@tower.example>\n") == RETURNED_NOTHING,
	    "a server that says nothing that we understand says nothing");
}

/* ---- Answers ---- */

static void test_answers(void)
{
	OK(read_text("From: =?ISO-2022-JP?B?GyRCMlYbKEI=?= <hanako@town.example>\n"
		     "In-Reply-To: <b@x.example>\nReferences: <a@x.example>\n <b@x.example>\n"
		     "Content-Type: text/plain; charset=\"Shift_JIS\"\n\n"
		     "\x91\xce\x89\x9e\x82\xb5\x82\xdc\x82\xb5\x82\xbd\x81\x42\n\n"
		     "> what you wrote\nMore\n--\nname\n") == RETURNED_REPLY &&
		is(returned.from, "hanako@town.example") &&
		is(returned.text, "対応しました。 / More"),
	    "an answer, in the sets that people use");
	OK(returned.id_count == 3 && is(returned.ids[0], "b@x.example") &&
		is(returned.ids[1], "b@x.example") && is(returned.ids[2], "a@x.example"),
	    "to what");
	OK(read_text("From: a@b.example\nIn-Reply-To: <b@x.example>\n"
		     "Content-Type: multipart/alternative; boundary=x\n\n--x\n"
		     "Content-Type: text/plain; charset=utf-8\n"
		     "Content-Transfer-Encoding: quoted-printable\n\n=E5=AF=BE=\n=E5=BF=9C\n--x\n"
		     "Content-Type: text/html\n\n<b>no</b>\n--x--\n") == RETURNED_REPLY &&
		is(returned.text, "対応"),
	    "its plain text");
	OK(read_text("From: a@b.example\nIn-Reply-To: <b@x.example>\n"
		     "Content-Type: text/html\n\n<b>yes</b>\n") == RETURNED_REPLY &&
		is(returned.text, ""),
	    "or none");
	static const char *const automatic[] = {"Auto-Submitted: auto-replied", "Precedence: bulk",
	    "X-Autoreply: yes", "Precedence: auto_reply", "Auto-Submitted: auto-generated"};
	bool is_left = true;
	for (size_t i = 0; i < sizeof automatic / sizeof automatic[0]; i++) {
		char text[256];
		(void)snprintf(text, sizeof text,
		    "From: a@b.example\nIn-Reply-To: <b@x.example>\n%s\n\naway\n", automatic[i]);
		is_left &= read_text(text) == RETURNED_NOTHING;
	}
	OK(is_left, "what machines answer is no answer");
	OK(read_text("From: a@b.example\nIn-Reply-To: <b@x.example>\nAuto-Submitted: no\n\nx\n") ==
		RETURNED_REPLY,
	    "but who says that he is none");
	OK(read_text("From: a@b.example\nSubject: hello\n\nx\n") == RETURNED_NOTHING,
	    "mail about something else");
	OK(read_text("From: a@b.example\nReferences: <1@x.example> <2@x.example> <3@x.example> "
		     "<4@x.example> <5@x.example> <6@x.example>\n\nx\n") == RETURNED_REPLY &&
		returned.id_count == RETURNED_IDS_MAX && is(returned.ids[0], "6@x.example") &&
		is(returned.ids[3], "3@x.example"),
	    "of many references the last");
}

/* ---- Limits ---- */

/* The head, so many times the unit, and the tail; to be freed. */
static char *repeat(const char *head, const char *unit, size_t count, const char *tail)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out == NULL)
		abort();
	fputs(head, out);
	for (size_t i = 0; i < count; i++)
		fputs(unit, out);
	fputs(tail, out);
	if (fclose(out) != 0)
		abort();
	return text;
}

static void test_limits(void)
{
	static const char part[] = "--b\nContent-Type: text/x-other\n\nx\n";
	static const char report[] =
	    "--b\nContent-Type: message/delivery-status\n\nAction: failed\n"
	    "--b\nContent-Type: message/rfc822\n\nMessage-ID: <a@b.c>\n--b--\n";
	static const char head[] = "Content-Type: multipart/report; boundary=b\n\n";
	char *text = repeat(head, part, MIME_PARTS_MAX - 2, report);
	OK(read_text(text) == RETURNED_FAILED, "as many parts as are looked at");
	free(text);
	text = repeat(head, part, MIME_PARTS_MAX - 1, report);
	OK(read_text(text) == RETURNED_NOTHING, "one more");
	free(text);
	text = repeat("From: a@b.example\nIn-Reply-To: <b@x.example>\n\n", "line\n",
	    RETURNED_LINES_MAX + 1, "");
	OK(read_text(text) == RETURNED_REPLY && strlen(returned.text) == RETURNED_LINES_MAX * 7 - 3,
	    "as many lines as are kept, and one more");
	free(text);
	text = repeat("From: a@b.example\nIn-Reply-To: <b@x.example>\n\n", "あ", 5000, "\n");
	OK(read_text(text) == RETURNED_REPLY && strlen(returned.text) % 3 == 0 &&
		strlen(returned.text) < RETURNED_TEXT_BYTES,
	    "a long line is cut at a whole character");
	free(text);
	text =
	    repeat("From: a@b.example\nIn-Reply-To: <", "x", RETURNED_ID_BYTES - 6, "@b.c>\n\nx\n");
	OK(read_text(text) == RETURNED_NOTHING || strlen(returned.ids[0]) < RETURNED_ID_BYTES,
	    "a Message-ID that is longer than any of ours");
	free(text);
	OK(read_text("") == RETURNED_NOTHING && read_text("\n") == RETURNED_NOTHING &&
		read_text(":") == RETURNED_NOTHING && read_text("--\n") == RETURNED_NOTHING,
	    "what is nothing");
}

/* Cut at every length it is read without harm, and says no more than it does whole. */
static void test_cut(void)
{
	static const char whole[] = REPORT_HEAD "Final-Recipient: rfc822; a@b.example\r\nAction: "
						"failed\r\nStatus: 5.1.1\r\n" REPORT_TAIL;
	char text[sizeof whole];
	bool holds = true;
	for (size_t cut = 0; cut < sizeof whole - 1; cut++) {
		memcpy(text, whole, cut);
		text[cut] = '\0';
		const enum returned_kind kind = read_text(text);
		holds &= kind == RETURNED_NOTHING || kind == RETURNED_FAILED;
	}
	OK(holds, "cut anywhere");
}

static void test_mime(void)
{
	struct mime mime;
	struct mime part;
	size_t position = 0;
	char value[16];
	static const char text[] =
	    "A:  one \r\n\ttwo\r\nB : x\r\n"
	    "Content-Type: Multipart/Mixed; foo=\"a;boundary=no\" ; "
	    "Boundary = \"x\\\"y\"\r\n\r\npre\r\n--x\"y\r\n\r\nfirst\r\n--x\"y \r\n"
	    "C: d\r\n\r\nsecond\r\n--x\"yz\r\n--x\"y--\r\nafter\r\n--x\"y\r\n";
	mime_read(text, sizeof text - 1, &mime);
	OK(mime_header(&mime, "a", value, sizeof value) && is(value, "one two") &&
		mime_header(&mime, "B", value, sizeof value) && is(value, "x") &&
		!mime_header(&mime, "C", value, sizeof value),
	    "headers, folded, whatever their case");
	OK(is(mime.type, "multipart/mixed") && is(mime.boundary, "x\"y"), "parameters, quoted");
	OK(mime_next(&mime, &position, &part) && part.body_length == 5 &&
		memcmp(part.body, "first", 5) == 0 && mime_next(&mime, &position, &part) &&
		part.body_length == 14 && memcmp(part.body, "second\r\n--x\"yz", 14) == 0 &&
		!mime_next(&mime, &position, &part),
	    "its parts, between lines that are nothing else");
}

int main(void)
{
	if (charsets_open(&charsets) != 0)
		abort();
	test_reports();
	test_encoded();
	test_old();
	test_answers();
	test_limits();
	test_cut();
	test_mime();
	charsets_close(charsets);
	return test_done();
}
