#include "notify/webhook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report_case.h"
#include "test.h"

static const struct {
	const char *url;
	bool outside;  /* taken where nothing is allowed */
	bool loopback; /* taken where this machine is */
} urls[] = {
    {"https://example.jp/hook", true, true},
    {"https://example.jp", true, true},
    {"https://example.jp:8443/a?b=c&d=%20", true, true},
    {"https://192.0.2.1/", true, true}, /* where it leads is asked when it is connected to */
    {"https://[2001:db8::1]/", true, true},
    {"HTTPS://EXAMPLE.JP/", true, true},
    {"http://example.jp/", false, false},
    {"http://localhost/", false, true},
    {"http://127.0.0.1:8080/x", false, true},
    {"http://[::1]:8080/x", false, true},
    {"http://127.0.0.1.example.jp/", false, false},
    {"http://localhost.example.jp/", false, false},
    {"http://192.168.1.1/", false, false},
    {"https://user@example.jp/", false, false},
    {"https://user:word@example.jp/", false, false},
    {"https://example.jp/#part", false, false},
    {"https://[fe80::1%25eth0]/", false, false},
    {"https://example.jp/a b", false, false},
    {"https://example.jp/\r\nHost: x", false, false},
    {"https://example.jp/\x7f", false, false},
    {"https://ex\xc3\xa4mple.jp/", false, false},
    {"ftp://example.jp/", false, false},
    {"file:///etc/passwd", false, false},
    {"smtp://example.jp/", false, false},
    {"javascript:alert(1)", false, false},
    {"https://", false, false},
    {"https://example.jp:99999/", false, false},
    {"", false, false},
    {"example", false, false},
};

static void test_urls(void)
{
	const struct webhook_policy outside = {.may_loopback = false};
	const struct webhook_policy loopback = {.may_loopback = true};
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		char name[128];
		struct complaint complaint = {""};
		bool taken = webhook_check_url(urls[i].url, &outside, &complaint) == 0;
		bool taken_here = webhook_check_url(urls[i].url, &loopback, NULL) == 0;
		bool explained = taken || strstr(complaint.text, "expected") != NULL;
		(void)snprintf(name, sizeof name, "URL %zu: %s", i,
		    urls[i].outside ? "taken" : "refused, and why");
		OK(taken == urls[i].outside && taken_here == urls[i].loopback && explained, name);
	}
	char url[WEBHOOK_URL_BYTES_MAX + 2];
	memset(url, 'a', sizeof url);
	memcpy(url, "https://example.jp/", 19);
	url[WEBHOOK_URL_BYTES_MAX] = '\0';
	OK(webhook_check_url(url, &outside, NULL) == 0, "a URL as long as may be");
	url[WEBHOOK_URL_BYTES_MAX] = 'a';
	url[WEBHOOK_URL_BYTES_MAX + 1] = '\0';
	OK(webhook_check_url(url, &outside, NULL) == -EINVAL, "one byte longer");
	struct complaint complaint = {""};
	(void)webhook_check_url("https://me:secret@example.jp/token?key=1", &outside, &complaint);
	OK(strstr(complaint.text, "secret") == NULL && strstr(complaint.text, "token") == NULL &&
		strstr(complaint.text, "example.jp") != NULL,
	    "a complaint shows no password and no path");
}

static const struct {
	const char *address;
	bool outward;
} addresses[] = {
    {"93.184.216.34", true},
    {"1.1.1.1", true},
    {"9.255.255.255", true},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.128.0.0", true},
    {"172.15.255.255", true},
    {"172.32.0.0", true},
    {"223.255.255.255", true},
    {"2400::1", true},
    {"2001:200::1", true},
    {"64:ff9b::5db8:d822", true}, /* NAT64 to 93.184.216.34 */
    {"0.0.0.0", false},
    {"0.1.2.3", false},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"169.254.169.254", false},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"192.0.0.1", false},
    {"192.0.2.1", false},
    {"192.88.99.1", false},
    {"192.168.0.1", false},
    {"198.18.0.1", false},
    {"198.19.255.255", false},
    {"198.51.100.1", false},
    {"203.0.113.1", false},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"::", false},
    {"::1", false},
    {"::7f00:1", false},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::a00:1", false},
    {"64:ff9b:1::1", false},
    {"100::1", false},
    {"2001::1", false}, /* Teredo */
    {"2001:db8::1", false},
    {"2002:7f00:1::", false},
    {"3fff::1", false},
    {"fc00::1", false},
    {"fd00::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

static void test_addresses(void)
{
	const struct webhook_policy policy = {.may_loopback = false};
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		char name[96];
		struct address address = case_address(addresses[i].address);
		(void)snprintf(name, sizeof name, "%s may %sbe reached", addresses[i].address,
		    addresses[i].outward ? "" : "not ");
		OK(webhook_may_reach(&policy, &address) == addresses[i].outward, name);
	}
}

static void test_policy(void)
{
	struct prefix allowed[2];
	const char *why;
	if (prefix_parse("10.1.2.0/24", &allowed[0], &why) != 0 ||
	    prefix_parse("fd00:1::/64", &allowed[1], &why) != 0)
		abort();
	const struct webhook_policy policy = {.allowed = allowed, .allowed_count = 2};
	const struct address inside = case_address("10.1.2.3");
	const struct address inside_v6 = case_address("fd00:1::3");
	const struct address beside = case_address("10.1.3.3");
	const struct address loopback = case_address("127.0.0.1");
	OK(webhook_may_reach(&policy, &inside) && webhook_may_reach(&policy, &inside_v6),
	    "what the operator allows may be reached");
	OK(!webhook_may_reach(&policy, &beside) && !webhook_may_reach(&policy, &loopback),
	    "and nothing beside it");
	const struct webhook_policy here = {.may_loopback = true};
	OK(webhook_may_reach(&here, &loopback) && !webhook_may_reach(&here, &inside),
	    "this machine is one thing, its network another");
}

static void test_write(void)
{
	static char subject[] = "[hinomi] HIGH";
	static char body[] = "A line.\n\"\\\x1b\n";
	const struct letter letter = {.subject = subject, .body = body};
	struct finding finding = case_scan_dark();
	struct webhook_notice notice = {
	    .event = "42.1@station.example",
	    .kind = "first",
	    .at_us = CASE_FIRST_US,
	    .letter = &letter,
	};
	char *bytes = NULL;
	size_t length = 0;
	OK(webhook_write(&notice, &bytes, &length) == 0 && strlen(bytes) == length &&
		strcmp(bytes,
		    "{\"type\":\"notice\",\"event\":\"42.1@station.example\",\"kind\":\"first\","
		    "\"at\":\"2026-01-31T23:59:59.000001Z\",\"station\":null,"
		    "\"subject\":\"[hinomi] HIGH\",\"text\":\"A line.\\n\\\"\\\\\\u001b\\n\"}\n") ==
		    0,
	    "a notice without an incident");
	free(bytes);
	bytes = NULL;

	notice.incident = -7;
	notice.canary = 3;
	notice.is_drill = true;
	notice.station = "Kita Watch";
	notice.finding = &finding;
	notice.member = "example-town";
	OK(webhook_write(&notice, &bytes, &length) == 0 &&
		strstr(bytes, "\"station\":\"Kita Watch\",\"incident\":-7,\"canary\":3,"
			      "\"drill\":true,\"subject\"") != NULL &&
		strstr(bytes, "\"finding\":{\"type\":\"finding\",\"rule\":\"scan.dark\","
			      "\"member\":\"example-town\"") != NULL &&
		strcmp(bytes + length - 3, "}}\n") == 0,
	    "one with everything, the finding as `hinomi read` has it");
	free(bytes);
}

int main(void)
{
	test_urls();
	test_addresses();
	test_policy();
	test_write();
	return test_done();
}
