#include "base/endpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define LABEL_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
/* 63 + 1 + 63 + 1 + 63 + 1 + 61 = 253 */
#define HOST_253                                                                                   \
	LABEL_63 "." LABEL_63 "." LABEL_63 "."                                                     \
		 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi"

#define ENDPOINT "expected HOST:PORT, such as mail.example.jp:587 or [2001:db8::1]:25"
#define PORT     "expected a port from 1 to 65535 after the colon"
#define HOST     "expected the name of a host, such as mail.example.jp, or an address"
#define URL      "expected a web address, such as https://example.jp/path"
#define PATH                                                                                       \
	"expected letters, digits and signs of a web address after the host, no blanks or quotes"

static const struct {
	const char *text;
	const char *why; /* NULL when it is taken, and written again so */
} endpoints[] = {
    {"mail.example.jp:587", NULL},
    {"localhost:1", NULL},
    {"192.0.2.1:25", NULL},
    {"[2001:db8::1]:65535", NULL},
    {"xn--wgv71a119e.jp:25", NULL},
    {"1a.2b:25", NULL},
    {LABEL_63 ".jp:25", NULL},
    {HOST_253 ":65535", NULL},
    {HOST_253 "j:25", HOST},
    {LABEL_63 "l.jp:25", HOST},
    {"", ENDPOINT},
    {"mail.example.jp", ENDPOINT},
    {"2001:db8::1", ENDPOINT},
    {"2001:db8::1:25", ENDPOINT},
    {"[2001:db8::1]", ENDPOINT},
    {"[2001:db8::1", HOST},
    {"mail.example.jp:", PORT},
    {"mail.example.jp:0", PORT},
    {"mail.example.jp:025", PORT},
    {"mail.example.jp:65536", PORT},
    {"mail.example.jp:655350", PORT},
    {"mail.example.jp:-1", PORT},
    {"mail.example.jp:smtp", PORT},
    {"mail.example.jp:25 ", PORT},
    {":25", HOST},
    {"[]:25", HOST},
    {"[192.0.2.1]:25", HOST},
    {"[mail.example.jp]:25", HOST},
    {"[2001:db8::1:25", HOST},
    {"192.0.2:25", HOST},
    {"192.0.2.256:25", HOST},
    {"-a.jp:25", HOST},
    {"a-.jp:25", HOST},
    {"a..jp:25", HOST},
    {".jp:25", HOST},
    {"a.jp.:25", HOST},
    {"a_b.jp:25", HOST},
    {"a b.jp:25", HOST},
    {"a.jp\r\nRCPT:25", HOST},
    {"\xe7\x94\xba.jp:25", HOST},
    {"user@a.jp:25", HOST},
};

static void test_endpoints(void)
{
	for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
		struct endpoint endpoint;
		char again[ENDPOINT_TEXT_BYTES] = "";
		const char *why = "";
		int error = endpoint_parse(endpoints[i].text, &endpoint, &why);
		if (error == 0)
			endpoint_format(&endpoint, again);
		bool good = endpoints[i].why == NULL
				? error == 0 && strcmp(again, endpoints[i].text) == 0
				: error == -EINVAL && strcmp(why, endpoints[i].why) == 0;
		if (!good)
			printf("# %d: %s: %s\n", error, again, why);
		OK(good, strlen(endpoints[i].text) < 32 && strpbrk(endpoints[i].text, "\r") == NULL
			     ? endpoints[i].text
			     : "one of many bytes");
	}
}

static void test_loopback(void)
{
	static const struct {
		const char *text;
		bool is_loopback;
	} rows[] = {
	    {"127.0.0.1:25", true},
	    {"127.9.9.9:25", true},
	    {"[::1]:25", true},
	    {"localhost:25", true},
	    {"LOCALHOST:25", true},
	    {"128.0.0.1:25", false},
	    {"[::2]:25", false},
	    {"localhost.example.jp:25", false},
	    {"127.0.0.1.example.jp:25", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct endpoint endpoint;
		const char *why;
		OK(endpoint_parse(rows[i].text, &endpoint, &why) == 0 &&
			endpoint_is_loopback(&endpoint) == rows[i].is_loopback,
		    rows[i].text);
	}
}

static const struct {
	const char *text;
	const char *why; /* NULL when it is taken as: */
	bool is_tls;
	const char *endpoint;
} urls[] = {
    {"https://example.jp", NULL, true, "example.jp:443"},
    {"HTTPS://example.jp/", NULL, true, "example.jp:443"},
    {"http://example.jp/a/b?c=d&e=%20", NULL, false, "example.jp:80"},
    {"https://example.jp:8443/x", NULL, true, "example.jp:8443"},
    {"https://[2001:db8::1]/x", NULL, true, "[2001:db8::1]:443"},
    {"https://[2001:db8::1]:8443", NULL, true, "[2001:db8::1]:8443"},
    {"http://127.0.0.1:80?x", NULL, false, "127.0.0.1:80"},
    {"", URL, false, NULL},
    {"example.jp", URL, false, NULL},
    {"ftp://example.jp", URL, false, NULL},
    {"file:///etc/passwd", URL, false, NULL},
    {"https:/example.jp", URL, false, NULL},
    {"https://", HOST, false, NULL},
    {"https:///x", HOST, false, NULL},
    {"https://user:secret@example.jp/", HOST, false, NULL},
    {"https://example.jp:/", PORT, false, NULL},
    {"https://example.jp:0/", PORT, false, NULL},
    {"https://example.jp:65536/", PORT, false, NULL},
    {"https://example.jp:000443/", PORT, false, NULL},
    {"https://2001:db8::1/", HOST, false, NULL},
    {"https://exa mple.jp/", HOST, false, NULL},
    {"https://example.jp/a b", PATH, false, NULL},
    {"https://example.jp/\r\nHost: x", PATH, false, NULL},
    {"https://example.jp/#x", PATH, false, NULL},
    {"https://example.jp/\"x", PATH, false, NULL},
    {"https://example.jp/\xe7\x94\xba", PATH, false, NULL},
    {"https://example.jp/\x7f", PATH, false, NULL},
};

static void test_urls(void)
{
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct url url;
		char endpoint[ENDPOINT_TEXT_BYTES] = "";
		const char *why = "";
		int error = url_parse(urls[i].text, &url, &why);
		if (error == 0)
			endpoint_format(&url.endpoint, endpoint);
		bool good = urls[i].why == NULL ? error == 0 && url.is_tls == urls[i].is_tls &&
						      strcmp(endpoint, urls[i].endpoint) == 0
						: error == -EINVAL && strcmp(why, urls[i].why) == 0;
		char name[64];
		(void)snprintf(name, sizeof name, "web address %zu is %s", i,
		    urls[i].why == NULL ? "taken" : "refused");
		if (!good)
			printf("# %s: %d: %s: %s\n", urls[i].text, error, endpoint, why);
		OK(good, name);
	}

	char text[URL_BYTES + 1];
	struct url url;
	const char *why = "";
	memset(text, 'x', sizeof text);
	memcpy(text, "https://a/", strlen("https://a/"));
	text[URL_BYTES - 1] = '\0';
	OK(url_parse(text, &url, &why) == 0, "the longest web address");
	text[URL_BYTES - 1] = 'x';
	text[URL_BYTES] = '\0';
	OK(url_parse(text, &url, &why) == -EINVAL && strcmp(why, URL) == 0, "one byte more");
}

int main(void)
{
	test_endpoints();
	test_loopback();
	test_urls();
	return test_done();
}
