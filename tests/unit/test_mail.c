#include "notify/mail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail_internal.h"
#include "test.h"

/* 2026-01-31T23:59:59.000001Z */
#define DATE_US INT64_C(1769903999000001)

static struct mail plain_mail(void)
{
	return (struct mail){
	    .from_name = "Kita Watch",
	    .from_address = "noc@example.jp",
	    .to_address = "soumu@town.example",
	    .subject = "[hinomi] HIGH: 火の見",
	    .body = "A line.\nAnother.\n",
	    .date_us = DATE_US,
	    .id = "42.1@station.example",
	};
}

/* What mail_write gives, ended with NUL; freed by the caller. */
static char *write_mail(const struct mail *mail)
{
	char *bytes = NULL;
	size_t length = 0;
	if (mail_write(mail, &bytes, &length, NULL) != 0 || strlen(bytes) != length)
		abort();
	return bytes;
}

static void test_plain(void)
{
	static const char expected[] = "Date: Sat, 31 Jan 2026 23:59:59 +0000\r\n"
				       "From: \"Kita Watch\"\r\n"
				       " <noc@example.jp>\r\n"
				       "To: <soumu@town.example>\r\n"
				       "Subject: [hinomi] HIGH: =?UTF-8?B?54Gr44Gu6KaL?=\r\n"
				       "Message-ID:\r\n"
				       " <42.1@station.example>\r\n"
				       "Auto-Submitted: auto-generated\r\n"
				       "X-Auto-Response-Suppress: OOF, AutoReply\r\n"
				       "MIME-Version: 1.0\r\n"
				       "Content-Type: text/plain; charset=UTF-8\r\n"
				       "Content-Transfer-Encoding: quoted-printable\r\n"
				       "\r\n"
				       "A line.\r\n"
				       "Another.\r\n";
	const struct mail mail = plain_mail();
	char *bytes = write_mail(&mail);
	OK(strcmp(bytes, expected) == 0, "a message with nothing beside its text");
	free(bytes);
}

static void test_whole(void)
{
	static const char expected[] =
	    "Date: Sat, 31 Jan 2026 23:59:59 +0000\r\n"
	    "From: =?UTF-8?B?54Gr44Gu6KaL?=\r\n"
	    " <noc@example.jp>\r\n"
	    "Reply-To: <desk@example.jp>\r\n"
	    "To: <soumu@town.example>\r\n"
	    "Subject: [hinomi] HIGH: =?UTF-8?B?54Gr44Gu6KaL?=\r\n"
	    "Message-ID:\r\n"
	    " <42.1@station.example>\r\n"
	    "In-Reply-To:\r\n"
	    " <42.0@station.example>\r\n"
	    "References:\r\n"
	    " <42.0@station.example>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "X-Auto-Response-Suppress: OOF, AutoReply\r\n"
	    "Precedence: bulk\r\n"
	    "X-Hinomi-Incident: 42\r\n"
	    "X-Hinomi-Canary: 7\r\n"
	    "X-Hinomi-Drill: yes\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed; boundary=\"=_hinomi_92812bfa5e316999\"\r\n"
	    "\r\n"
	    "--=_hinomi_92812bfa5e316999\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "\r\n"
	    "54Gr44Gu6KaLDQo=\r\n"
	    "\r\n"
	    "--=_hinomi_92812bfa5e316999\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Disposition: attachment;\r\n"
	    " filename=finding.json\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "\r\n"
	    "e30K\r\n"
	    "\r\n"
	    "--=_hinomi_92812bfa5e316999--\r\n";
	struct mail mail = plain_mail();
	mail.from_name = "火の見";
	mail.reply_to = "desk@example.jp";
	mail.body = "火の見\n";
	mail.thread_id = "42.0@station.example";
	mail.incident = 42;
	mail.canary = 7;
	mail.is_drill = true;
	mail.is_bulk = true;
	mail.attachment = "{}\n";
	mail.attachment_name = "finding.json";
	mail.attachment_type = "application/json";
	char *bytes = write_mail(&mail);
	OK(strcmp(bytes, expected) == 0, "a message with everything");
	char *again = write_mail(&mail);
	OK(strcmp(bytes, again) == 0, "made twice it is the same");
	free(bytes);
	free(again);
}

static void test_dates(void)
{
	static const struct {
		int64_t time_us;
		const char *date;
	} rows[] = {
	    {0, "Date: Thu, 01 Jan 1970 00:00:00 +0000"},
	    {-1, "Date: Wed, 31 Dec 1969 23:59:59 +0000"},
	    {INT64_C(2147483648000000), "Date: Tue, 19 Jan 2038 03:14:08 +0000"},
	    {INT64_C(1709164800000000), "Date: Thu, 29 Feb 2024 00:00:00 +0000"},
	    {INT64_MAX, "Date: "},
	    {INT64_MIN, "Date: "},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mail mail = plain_mail();
		mail.date_us = rows[i].time_us;
		char *bytes = write_mail(&mail);
		OK(strncmp(bytes, rows[i].date, strlen(rows[i].date)) == 0, rows[i].date);
		free(bytes);
	}
}

static void test_domains(void)
{
	char domain[MAIL_DOMAIN_BYTES_MAX + 2];
	memset(domain, 'd', sizeof domain);
	for (size_t i = MAIL_LABEL_BYTES_MAX; i < sizeof domain; i += MAIL_LABEL_BYTES_MAX + 1)
		domain[i] = '.';
	domain[MAIL_DOMAIN_BYTES_MAX] = '\0';
	OK(mail_check_domain(domain, NULL) == 0, "a domain as long as can be");
	domain[MAIL_DOMAIN_BYTES_MAX] = 'd';
	domain[MAIL_DOMAIN_BYTES_MAX + 1] = '\0';
	OK(mail_check_domain(domain, NULL) == -EINVAL, "one byte longer");
	struct complaint complaint;
	OK(mail_check_domain("例え.jp", &complaint) == -EINVAL &&
		strstr(complaint.text, "xn--") != NULL,
	    "a domain of other letters is refused with what to write instead");
}

static void test_refused(void)
{
	struct mail mail = plain_mail();
	struct complaint complaint = {""};
	char *bytes = NULL;
	size_t length = 0;
	mail.to_address = "soumu@town.example\r\nBcc: x@example.com";
	OK(mail_write(&mail, &bytes, &length, &complaint) == -EINVAL && bytes == NULL &&
		strstr(complaint.text, "expected") != NULL &&
		strpbrk(complaint.text, "\r\n") == NULL,
	    "a line end in an address is refused, and shown as no line end");
}

/* Lines of quoted-printable have 75 bytes and the "=" that goes on. */
static void test_long_lines(void)
{
	char line[80];
	struct mail mail = plain_mail();
	memset(line, 'x', sizeof line);
	memcpy(line + 75, "\n", 2);
	mail.body = line;
	char *bytes = write_mail(&mail);
	OK(strstr(strstr(bytes, "\r\n\r\n"), "=\r\n") == NULL, "75 bytes are a line");
	free(bytes);
	memcpy(line + 75, "x\n", 3);
	bytes = write_mail(&mail);
	OK(strstr(bytes, "=\r\nx\r\n") != NULL, "76 are two");
	free(bytes);
	mail.body = ".\n..\nFrom here\nto there \nx=y";
	bytes = write_mail(&mail);
	OK(strstr(bytes, "\r\n=2E\r\n=2E.\r\n=46rom here\r\nto there=20\r\nx=3Dy=\r\n") != NULL,
	    "dots, From and blanks at the ends of lines are escaped");
	free(bytes);
}

int main(void)
{
	test_plain();
	test_whole();
	test_dates();
	test_domains();
	test_refused();
	test_long_lines();
	return test_done();
}
