/* What a person reads of a finished message is what was written into it. */
#include "cmd/station/message_text.h"

#include <stdlib.h>
#include <string.h>

#include "notify/mail.h"
#include "notify/webhook.h"
#include "test.h"

static bool reads(const char *body, const char *attachment)
{
	const struct mail mail = {
	    .from_address = "hinomi@tower.example",
	    .to_address = "soc@town.example",
	    .subject = "a subject",
	    .body = body,
	    .id = "x@tower.example",
	    .attachment = attachment,
	    .attachment_name = "finding.json",
	    .attachment_type = "application/json",
	};
	char *bytes = NULL;
	size_t length = 0;
	if (mail_write(&mail, &bytes, &length, NULL) != 0)
		abort();
	char *text = message_text(bytes, length);
	bool same = text != NULL && strncmp(text, body, strlen(body)) == 0 &&
		    strspn(text + strlen(body), "\n") == strlen(text + strlen(body));
	if (!same)
		printf("# %s\n", text != NULL ? text : "nothing");
	free(text);
	free(bytes);
	return same;
}

static void test_mail(void)
{
	static const char long_line[] =
	    "a line that is so long that it has to be broken for its way, since it is longer than "
	    "76 = 4 * 19 columns, and --=_hinomi_ in it\nand another\n";
	for (int attached = 0; attached <= 1; attached++) {
		const char *attachment = attached == 1 ? "{\"a\":1}\n" : NULL;
		OK(reads("plain\n", attachment), "plain text");
		OK(reads(long_line, attachment), "long lines");
		OK(reads("caf\xc3\xa9 = 1\n\n--\n.\n", attachment), "some letters of others");
		OK(reads("火の見町の 192.0.2.5 が\n探しています。\n", attachment), "many of them");
	}
}

static void test_hook(void)
{
	struct letter letter = {.subject = strdup("s"), .body = strdup("火の見\nline\n")};
	const struct webhook_notice notice = {.event = "x", .kind = "first", .letter = &letter};
	char *bytes = NULL;
	size_t length = 0;
	if (letter.subject == NULL || letter.body == NULL ||
	    webhook_write(&notice, &bytes, &length) != 0)
		abort();
	char *text = message_text(bytes, length);
	OK(text != NULL && strcmp(text, "火の見\nline\n") == 0, "a web hook's text");
	free(text);
	free(bytes);
	letter_release(&letter);
}

static void test_others(void)
{
	static const char hostile[] =
	    "\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: "
	    "quoted-printable\r\n\r\n=1B[31mred=0D=0A=ZZ=\r\n=4";
	char *text = message_text(hostile, sizeof hostile - 1);
	OK(text != NULL && strchr(text, '\x1b') == NULL && strstr(text, "[31mred") != NULL,
	    "what acts on a terminal is made visible");
	free(text);
	static const char *const none[] = {"", "{", "{}", "{\"text\":7}", "Subject: x\r\n\r\nbody",
	    "\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n"};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		OK(message_text(none[i], strlen(none[i])) == NULL, "of others nothing is said");
}

int main(void)
{
	test_mail();
	test_hook();
	test_others();
	return test_done();
}
