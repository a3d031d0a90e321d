/* Notices as chat services, collectors of logs and directories take them, and their signature. */
#include <errno.h>

#include "base/json_read.h"
#include "notify/chat.h"
#include "notify/files.h"
#include "notify/signature.h"
#include "notify/syslog.h"
#include "report_case.h"
#include "test.h"

enum {
	LONG_BYTES = 200000,
};

static char body[LONG_BYTES + 1];

static struct letter letter_of(const char *subject, const char *text)
{
	(void)snprintf(body, sizeof body, "%s", text);
	return (struct letter){.subject = (char *)(uintptr_t)subject, .body = body};
}

static struct webhook_notice notice_of(const struct letter *letter, const struct finding *finding)
{
	return (struct webhook_notice){
	    .event = "i42.c3.0.0123@station.example",
	    .kind = "first",
	    .at_us = CASE_LAST_US,
	    .station = "Kita \"Watch\"]",
	    .incident = 42,
	    .letter = letter,
	    .finding = finding,
	    .member = finding != NULL ? NAME_HOSTILE : NULL,
	};
}

/* ---- Chat ---- */

static char *chat(enum notice_style style, const struct letter *letter)
{
	char *bytes = NULL;
	size_t length = 0;
	const struct webhook_notice notice = notice_of(letter, NULL);
	if (chat_write(style, &notice, &bytes, &length) != 0 || strlen(bytes) != length)
		abort();
	return bytes;
}

static bool chat_is(enum notice_style style, const char *expected)
{
	const struct letter letter = letter_of("<a> & `b`", "@c *d*\n");
	char *bytes = chat(style, &letter);
	const bool same = strcmp(bytes, expected) == 0;
	if (!same)
		printf("# %s\n", bytes);
	free(bytes);
	return same;
}

static void test_chat(void)
{
	OK(chat_is(NOTICE_STYLE_SLACK,
	       "{\"text\":\"&lt;a&gt; &amp; `b`\\n\\n@c *d*\",\"mrkdwn\":false}\n"),
	    "slack");
	OK(chat_is(NOTICE_STYLE_MATTERMOST, "{\"text\":\"```\\n<a> & 'b'\\n\\n@c *d*\\n```\"}\n"),
	    "mattermost");
	OK(chat_is(NOTICE_STYLE_DISCORD, "{\"content\":\"```\\n<a> & 'b'\\n\\n@c *d*\\n```\","
					 "\"allowed_mentions\":{\"parse\":[]}}\n"),
	    "discord");
	OK(chat_is(NOTICE_STYLE_GOOGLE_CHAT, "{\"text\":\"```\\n\xe2\x80\xb9"
					     "a\xe2\x80\xba & 'b'\\n\\n@c *d*\\n```\"}\n"),
	    "google-chat");
	OK(chat_is(NOTICE_STYLE_PLAIN, "<a> & `b`\n\n@c *d*\n"), "plain");
	OK(chat_is(NOTICE_STYLE_TEAMS,
	       "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
	       "\"application/vnd.microsoft.card.adaptive\",\"content\":{\"$schema\":"
	       "\"http://adaptivecards.io/schemas/adaptive-card.json\",\"type\":"
	       "\"AdaptiveCard\",\"version\":\"1.4\",\"body\":["
	       "{\"type\":\"RichTextBlock\",\"spacing\":\"None\",\"inlines\":[{\"type\":"
	       "\"TextRun\",\"text\":\"<a> & `b`\",\"weight\":\"Bolder\"}]},"
	       "{\"type\":\"RichTextBlock\",\"spacing\":\"None\",\"inlines\":[{\"type\":"
	       "\"TextRun\",\"text\":\" \"}]},"
	       "{\"type\":\"RichTextBlock\",\"spacing\":\"None\",\"inlines\":[{\"type\":"
	       "\"TextRun\",\"text\":\"@c *d*\"}]}]}}]}\n"),
	    "teams");
}

/* Where it can be answered: a link that can be followed, and room for it. */
static void test_chat_link(void)
{
	static char text[LONG_BYTES];
	memset(text, 'x', CHAT_DISCORD_MAX);
	const struct letter letter = letter_of("s", text);
	struct webhook_notice notice = notice_of(&letter, NULL);
	notice.answer_url = "https://h.example/a/abc";
	for (int style = NOTICE_STYLE_TEAMS; style <= NOTICE_STYLE_GOOGLE_CHAT; style++) {
		char *bytes = NULL;
		size_t length = 0;
		if (chat_write((enum notice_style)style, &notice, &bytes, &length) != 0)
			abort();
		const char *wanted = style == NOTICE_STYLE_TEAMS
					 ? "\"actions\":[{\"type\":\"Action.OpenUrl\",\"title\":"
					   "\"Answer\",\"url\":\"https://h.example/a/abc\"}]"
					 : "\\n```\\nhttps://h.example/a/abc\"";
		OK(strstr(bytes, wanted) != NULL, "a link where it can be followed");
		if (style == NOTICE_STYLE_DISCORD)
			OK(length <= CHAT_DISCORD_MAX + 80 &&
				strstr(bytes, "\xe2\x80\xa6\\n```") != NULL,
			    "which takes its room from the text");
		free(bytes);
	}
}

static size_t units_of(const char *text)
{
	size_t units = 0;
	for (; *text != '\0'; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			units += (unsigned char)*text >= 0xf0 ? 2 : 1;
	return units;
}

/* As long as may be, and one more, of characters of one, three and four bytes. */
static void test_chat_limits(void)
{
	static const struct {
		enum notice_style style;
		const char *key;
		size_t max;
		const char *around;
	} rows[] = {
	    {NOTICE_STYLE_SLACK, "text", CHAT_SLACK_MAX, ""},
	    {NOTICE_STYLE_MATTERMOST, "text", CHAT_MATTERMOST_MAX, "```\n\n```"},
	    {NOTICE_STYLE_DISCORD, "content", CHAT_DISCORD_MAX, "```\n\n```"},
	    {NOTICE_STYLE_GOOGLE_CHAT, "text", CHAT_GOOGLE_MAX, "```\n\n```"},
	};
	static const char *const characters[] = {"x", "火", "🔥"};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t j = 0; j < sizeof characters / sizeof characters[0]; j++) {
			static char text[LONG_BYTES];
			const size_t units = units_of(characters[j]);
			bool right = true;
			for (int more = 0; more <= 1; more++) {
				/* "s" and two line ends stand before it */
				size_t count = (rows[i].max - 3) / units + (size_t)more;
				text[0] = '\0';
				for (size_t k = 0, at = 0; k < count;
				     k++, at += strlen(characters[j]))
					memcpy(text + at, characters[j], strlen(characters[j]) + 1);
				const struct letter letter = letter_of("s", text);
				char *bytes = chat(rows[i].style, &letter);
				struct json_node *node = NULL;
				const char *shown = "";
				if (json_read(bytes, strlen(bytes), &node, NULL) != 0 ||
				    !json_read_text(json_read_member(node, rows[i].key), &shown))
					abort();
				const bool is_cut = strstr(shown, "\xe2\x80\xa6") != NULL;
				right &= is_cut == (more == 1) &&
					 units_of(shown) <= rows[i].max + strlen(rows[i].around);
				json_read_free(node);
				free(bytes);
			}
			OK(right, "as long as the service takes, and one more is cut");
		}
}

/* ---- Syslog ---- */

static char *log_of(enum notice_style style, const struct webhook_notice *notice, const char *host)
{
	char *bytes = NULL;
	size_t length = 0;
	if (syslog_write(style, notice, host, &bytes, &length) != 0 || length > SYSLOG_BYTES_MAX)
		abort();
	bytes[length] = '\0';
	return bytes;
}

static void test_syslog(void)
{
	const struct letter letter = letter_of("[hinomi] a|b=c\\", "two\nlines\n");
	const struct finding finding = case_scan_dark();
	struct webhook_notice notice = notice_of(&letter, &finding);
	char *bytes = log_of(NOTICE_STYLE_OWN, &notice, "host.example");
	OK(strcmp(bytes,
	       "<83>1 2026-02-01T00:04:12.500001Z host.example hinomi - first "
	       "[hinomi@32473 event=\"i42.c3.0.0123@station.example\" kind=\"first\" "
	       "station=\"Kita \\\"Watch\\\"\\]\" incident=\"42\" "
	       "member=\"a\\\\u{202e}\\\"b\\\" c\" rule=\"scan.dark\" severity=\"high\" "
	       "machine=\"192.0.2.5\" role=\"actor\" spoof=\"unlikely\" "
	       "first=\"2026-01-31T23:59:59.000001Z\" last=\"2026-02-01T00:04:12.500001Z\" "
	       "packets=\"254\" targets=\"254\" ports=\"tcp/445\" source_port=\"49152\"] "
	       "\xef\xbb\xbf[hinomi] a|b=c\\") == 0,
	    "a finding as RFC 5424");
	free(bytes);
	notice.is_drill = true;
	bytes = log_of(NOTICE_STYLE_CEF, &notice, "a b\n\x80");
	OK(strcmp(bytes,
	       "<83>1 2026-02-01T00:04:12.500001Z ab hinomi - first - "
	       "CEF:0|Hinomi|Hinomi|" HINOMI_VERSION "|scan.dark|[hinomi] a\\|b=c\\\\|8|"
	       "rt=1769904252500 externalId=42 cs1Label=member cs1=a\\\\u{202e}\"b\" c "
	       "cs2Label=event cs2=i42.c3.0.0123@station.example cat=scan.dark src=192.0.2.5 "
	       "spt=49152 dpt=445 proto=TCP start=1769903999000 end=1769904252500 cnt=254 "
	       "cs3Label=spoof cs3=unlikely cs5Label=drill cs5=true "
	       "msg=[hinomi] a|b\\=c\\\\") == 0,
	    "and of the Common Event Format");
	free(bytes);
	notice = notice_of(&letter, NULL);
	notice.kind = "verify";
	notice.station = NULL;
	bytes = log_of(NOTICE_STYLE_RFC5424, &notice, "");
	OK(strcmp(bytes, "<86>1 2026-02-01T00:04:12.500001Z - hinomi - verify [hinomi@32473 "
			 "event=\"i42.c3.0.0123@station.example\" kind=\"verify\" incident=\"42\"] "
			 "\xef\xbb\xbf[hinomi] a|b=c\\: two lines ") == 0,
	    "a letter without a finding in one line");
	free(bytes);
}

static void test_syslog_limits(void)
{
	static char longest[LONG_BYTES];
	memset(longest, ']', sizeof longest - 1);
	const struct letter letter = letter_of(longest, "火");
	const struct finding finding = case_scan_live();
	struct webhook_notice notice = notice_of(&letter, &finding);
	notice.member = longest;
	notice.station = longest;
	for (int style = NOTICE_STYLE_RFC5424; style <= NOTICE_STYLE_CEF; style++) {
		char *bytes = log_of((enum notice_style)style, &notice, longest);
		OK(strlen(bytes) <= SYSLOG_BYTES_MAX && strchr(bytes, '\n') == NULL,
		    "names without end: no more than a receiver takes");
		free(bytes);
	}
}

static void test_syslog_addresses(void)
{
	static const char *const wrong[] = {"", "syslog+tls://", "syslog://a", "syslog+tls://a/b",
	    "syslog+tls://a:0", "syslog+tls://a:65536", "syslog+tls://u@a", "syslog+tls://a b",
	    "syslog+tls://2001:db8::1", "syslog+tls://[2001:db8::1", "syslog+tls://a:"};
	struct endpoint endpoint;
	bool refused = true;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct complaint complaint = {""};
		const int result = syslog_parse_address(wrong[i], &endpoint, &complaint);
		refused &= result == -EINVAL && complaint.text[0] != '\0';
		if (result == 0)
			printf("# %s\n", wrong[i]);
	}
	OK(refused, "addresses that are none");
	OK(syslog_parse_address("syslog+tls://logs.example", &endpoint, NULL) == 0 &&
		endpoint.port == SYSLOG_PORT && strcmp(endpoint.host, "logs.example") == 0,
	    "a name, at the usual port");
	OK(syslog_parse_address("syslog+tls://[2001:db8::1]:99", &endpoint, NULL) == 0 &&
		endpoint.port == 99 && strcmp(endpoint.host, "2001:db8::1") == 0,
	    "an address and a port");
	OK(syslog_parse_address("syslog+tls://[2001:db8::1]", &endpoint, NULL) == 0 &&
		endpoint.port == SYSLOG_PORT,
	    "an address alone");
}

/* ---- Files ---- */

static void test_files(void)
{
	static const char *const wrong[] = {"", "file://", "file:///srv", "file:///srv/noticesx",
	    "file:///srv/notices/..", "file:///srv/notices/", "file:///srv/notices//a",
	    "file:///srv/notices/.a", "file:///srv/notices/a b", "file://h/srv/notices",
	    "/srv/notices", "file:///srv/notices/\xe7\x81\xab"};
	char path[FILES_PATH_BYTES];
	char name[FILES_PATH_BYTES];
	bool refused = true;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		refused &= files_check_address(wrong[i], "/srv/notices", path, sizeof path, NULL) ==
			   -EINVAL;
	OK(refused, "directories that are not below the one that is allowed");
	OK(files_check_address("file:///srv/notices", "", NULL, 0, NULL) == -ENOTCONN,
	    "where none is allowed");
	OK(files_check_address(
	       "file:///srv/notices/a-b/c.d", "/srv/notices/", path, sizeof path, NULL) == 0 &&
		strcmp(path, "/srv/notices/a-b/c.d") == 0,
	    "one below it");
	OK(files_check_address("file:///srv/notices", "/srv/notices", path, 13, NULL) == 0 &&
		files_check_address("file:///srv/notices", "/srv/notices", path, 12, NULL) ==
		    -EINVAL,
	    "as long as there is room, and one more");
	OK(files_name("i42.c3.0.ab@h", "text/csv", name, sizeof name) == 0 &&
		strcmp(name, "i42.c3.0.ab.csv") == 0,
	    "a name of ours");
	OK(files_name("../x@h", "text/csv", name, sizeof name) == -EINVAL &&
		files_name("@h", "text/csv", name, sizeof name) == -EINVAL &&
		files_name("a/b@h", "text/csv", name, sizeof name) == -EINVAL &&
		files_name("ab@h", "text/csv", name, 6) == -EINVAL &&
		files_name("ab@h", "text/csv", name, 7) == 0,
	    "and none of others, nor longer than there is room");
}

/* ---- The signature ---- */

static void test_signature(void)
{
	char text[SIGNATURE_TEXT_BYTES];
	OK(signature_make("0123456789abcdef", INT64_C(1769903999000001), "{}", 2, text) == 0 &&
		strcmp(text,
		    "t=1769903999,v1="
		    "e12dfb7e11c172a3f55443da5f709024b19e262b5721804f72822e25d83f78ec") == 0,
	    "as others make it");
	OK(signature_make("0123456789abcdef", 0, "", 0, text) == 0 &&
		strncmp(text, "t=0,v1=", 7) == 0,
	    "of nothing");
}

static void test_styles(void)
{
	OK(notice_style_find("", NOTICE_STYLE_OF_SYSLOG) == NOTICE_STYLE_OWN &&
		notice_style_find("cef", NOTICE_STYLE_OF_SYSLOG) == NOTICE_STYLE_CEF &&
		notice_style_find("cef", NOTICE_STYLE_OF_WEBHOOK) == -1 &&
		notice_style_find("slack", NOTICE_STYLE_OF_WEBHOOK) == NOTICE_STYLE_SLACK &&
		notice_style_find("irc", NOTICE_STYLE_OF_WEBHOOK) == -1,
	    "styles by their names, each of its channel");
}

int main(void)
{
	test_chat();
	test_chat_link();
	test_chat_limits();
	test_syslog();
	test_syslog_limits();
	test_syslog_addresses();
	test_files();
	test_signature();
	test_styles();
	return test_done();
}
