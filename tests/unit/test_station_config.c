#include "cmd/station/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "cmd/station/config_key.h"
#include "test.h"

#define TOP                                                                                        \
	"station, sources, dark, watch, memory, workers, operator, mail, webhook, notices, "       \
	"answers, canary, alarms, heartbeat, metrics, web, evidence, store, geo, thresholds"
#define LABEL_64 "0123456789012345678901234567890123456789012345678901234567890123"
#define MAIL     "mail: {server: \"mail.example.jp:587\"}\n"

/* Every complaint in full; that of the wrong key is what a user sees first. */
static const struct {
	const char *name;
	const char *text;
	const char *complaint; /* NULL when it is taken */
} rows[] = {
    {"an empty file", "", NULL},
    {"only comments", "# dark: 198.18.0.0/16\n", NULL},
    {"sections without keys", "station:\nmail:\nstore:\n  retention:\nthresholds:\n", NULL},
    {"lists without items", "sources:\ndark:\nheartbeat:\n  expect:\n", NULL},
    {"darknet mode is one line", "dark: [198.18.0.0/16]\n", NULL},
    {"one range needs no list", "dark: 198.18.0.0/16\n", NULL},
    {"mirror mode is one line", "watch: {ranges: [192.0.2.0/24, 2001:db8::/32]}\n", NULL},
    {"nothing to be learned", "watch: {ranges: []}\n", NULL},
    {"a mailbox on this machine",
	"operator: {mail: root@localhost}\nmail: {server: \"127.0.0.1:25\", security: none}\n",
	NULL},
    {"a canary that is off may have any deadline", "canary: {every: 0, deadline: 1h}\n", NULL},
    {"thresholds as elsewhere", "thresholds: {scan.dark: {targets: 5}}\n", NULL},

    {"an unknown section", "\nmial:\n  server: a\n",
	"f:2: \"mial\" is not known, did you mean \"mail\"? Expected one of: " TOP},
    {"a key without its section", "maildir: /x\n",
	"f:1: \"maildir\" is not known, did you mean \"canary.maildir\"? Expected one of: " TOP},
    {"an unknown key", "mail:\n  sever: a\n",
	"f:2: \"sever\" is not known under mail, did you mean \"server\"? Expected one of: server, "
	"security, user, password_file, from, ca_file, helo, sign, bounces"},
    {"an unknown key two levels down", "store:\n  retention:\n    incident: 1y\n",
	"f:3: \"incident\" is not known under store.retention, did you mean \"incidents\"? "
	"Expected "
	"one of: incidents, notices, events, batches, statistics_5m, statistics_hour, "
	"statistics_day, gaps, audit"},
    {"a key in a wrong section", "mail:\n  every: 5m\n",
	"f:2: \"every\" is not known under mail, did you mean \"canary.every\"? Expected one of: "
	"server, security, user, password_file, from, ca_file, helo, sign, bounces"},
    {"a path for a key", "mail.server: a\n",
	"f:1: \"mail.server\" is not known, did you mean \"mail\"? Expected one of: " TOP},
    {"a key of nothing", "\"\": 1\n",
	"f:1: \"\" is not known, did you mean \"web\"? Expected one of: " TOP},
    {"a key longer than any", LABEL_64 ": 1\n",
	"f:1: \"" LABEL_64 "\" is not known, did you mean \"station\"? Expected one of: " TOP},
    {"members are elsewhere", "members: {}\n",
	"f:1: \"members\" is not known, did you mean \"memory\"? Expected one of: " TOP},
    {"an unknown rule", "thresholds: {scan.drak: {}}\n",
	"f:1: rule \"scan.drak\" is not known, did you mean \"scan.dark\"? Expected one of: "
	"scan.dark, scan.sweep, scan.live, ddos.victim, ddos.incoming, ddos.reflector, "
	"config.stray, spoof.member"},
    {"a threshold out of range", "thresholds:\n  scan.dark:\n    targets: 0\n",
	"f:3: scan.dark: targets: 0 is out of range, expected 1 to 1000000 (addresses)"},

    {"a section of text", "mail: on\n",
	"f:1: mail: found text, expected lines such as \"key: value\" under it"},
    {"a section of a list", "store:\n  retention: [1y]\n",
	"f:2: store.retention: found a list, expected lines such as \"key: value\" under it"},
    {"a value that is missing", "mail:\n  server:\n",
	"f:2: mail.server: found nothing, expected HOST:PORT, such as mail.example.jp:587"},
    {"a value that is a list", "memory: [256M]\n",
	"f:1: memory: found a list, expected a size such as 256M or 2G"},
    {"a value that is a mapping", "memory: {size: 256M}\n",
	"f:1: memory: found a mapping, expected a size such as 256M or 2G"},
    {"a list in a list", "dark: [[198.18.0.0/16]]\n",
	"f:1: dark: found a list, expected a list of ranges such as 198.18.0.0/16"},
    {"an item that is missing", "dark:\n  -\n",
	"f:2: dark: found nothing, expected a list of ranges such as 198.18.0.0/16"},

    {"a name with a comma", "station: {name: \"a,b\"}\n",
	"f:1: station.name: found \"a,b\", expected a name of 1 to 127 bytes of UTF-8 without "
	"comma, "
	"= and control characters"},
    {"a name of nothing", "station: {name: \"\"}\n",
	"f:1: station.name: found \"\", expected a name of 1 to 127 bytes of UTF-8 without comma, "
	"= "
	"and control characters"},
    {"a language", "station: {language: fr}\n",
	"f:1: station.language: found \"fr\", expected ja, en or auto"},
    {"a zone that is none", "station: {zone: Asia/Edo}\n",
	"f:1: station.zone: found \"Asia/Edo\", expected a time zone such as Asia/Tokyo (a file "
	"below "
	"/usr/share/zoneinfo), or auto"},
    {"a zone that leads elsewhere", "station: {zone: ../../../etc/passwd}\n",
	"f:1: station.zone: found \"../../../etc/passwd\", expected a time zone such as Asia/Tokyo "
	"(a file below /usr/share/zoneinfo), or auto"},
    {"a folder of zones", "station: {zone: Asia}\n",
	"f:1: station.zone: found \"Asia\", expected a time zone such as Asia/Tokyo (a file below "
	"/usr/share/zoneinfo), or auto"},

    {"a source without a kind", "sources: [eth0]\n",
	"f:1: sources: found \"eth0\", expected KIND:NAME, such as ring:eth0 or drill:demo-day"},
    {"a source of an unknown kind", "sources:\n  - ring:eth0\n  - rnig:eth1\n",
	"f:3: sources: found \"rnig:eth1\", kind \"rnig\" is not known, did you mean \"ring\"? "
	"Expected ring:INTERFACE, xdp:INTERFACE, drill:EXERCISE or pcap:FILE"},
    {"no source", "sources: []\n", "f:1: sources: found an empty list, expected a source, or auto"},
    {"auto among others", "sources: [auto, ring:eth0]\n",
	"f:1: sources: found auto in a list, expected it alone"},
    {"a source twice", "sources: [ring:eth0, ring:eth0]\n",
	"f:1: sources: found \"ring:eth0\", expected each source once"},
    {"an interface twice", "sources: [ring:eth0, xdp:eth0]\n",
	"f:1: sources: found ring:eth0 and xdp:eth0, expected each interface once"},
    {"a name no interface has", "sources: ring:0123456789abcdef\n",
	"f:1: sources: found \"ring:0123456789abcdef\", expected the name of an interface of 1 to "
	"15 "
	"characters after the colon, such as eth0"},
    {"an unknown exercise's option", "sources: drill:demo-day?sped=3\n",
	"f:1: sources: found \"drill:demo-day?sped=3\", there is no option \"sped\", expected "
	"seed, "
	"start, days, packets, sources or seconds"},
    {"a speed of nothing", "sources: drill:demo-day?speed=0\n",
	"f:1: sources: found \"drill:demo-day?speed=0\", expected speed=N with N from 1 to "
	"1000000, "
	"or speed=max"},

    {"a range with bits past its length", "dark: 198.18.0.1/16\n",
	"f:1: dark: found \"198.18.0.1/16\", bits are set past the length, expected the range's "
	"first address such as 192.0.2.0/24"},
    {"half of the internet", "dark: 0.0.0.0/1\n",
	"f:1: dark: found \"0.0.0.0/1\", expected a range that one can hold: a length of 8 or "
	"more"},
    {"one bit more than can be held", "dark: 10.0.0.0/7\n",
	"f:1: dark: found \"10.0.0.0/7\", expected a range that one can hold: a length of 8 or "
	"more"},
    {"the same of IPv6", "watch: {ranges: [\"2000::/15\"]}\n",
	"f:1: watch.ranges: found \"2000::/15\", expected a range that one can hold: a length of "
	"16 "
	"or more"},
    {"a range of groups", "dark: 224.0.0.0/8\n",
	"f:1: dark: found \"224.0.0.0/8\", expected addresses of machines, not of groups or of the "
	"machine itself"},
    {"a range twice", "dark: [198.18.0.0/16, 198.18.0.0/16]\n",
	"f:1: dark: found \"198.18.0.0/16\", expected each range once"},
    {"nothing is dark by itself", "dark: auto\n",
	"f:1: dark: found \"auto\", expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or "
	"2001:db8::/32"},

    {"a duration without a unit", "watch: {quiet: 7}\n",
	"f:1: watch.quiet: found \"7\", expected a duration such as 10s, 15m, 25h, 7d or 5y"},
    {"one second below the shortest", "watch: {quiet: 59s}\n",
	"f:1: watch.quiet: 59s is out of range, expected 1m to 1y"},
    {"one day past the longest", "watch: {quiet: 366d}\n",
	"f:1: watch.quiet: 366d is out of range, expected 1m to 1y"},
    {"zero where it has no meaning", "watch: {quiet: 0}\n",
	"f:1: watch.quiet: 0 is out of range, expected 1m to 1y"},
    {"zero where it has one, but below", "canary: {every: 9s, deadline: 5s}\n",
	"f:1: canary.every: 9s is out of range, expected 10s to 1d, or 0"},
    {"longer than 64 bits hold", "watch: {quiet: 99999999999999999999d}\n",
	"f:1: watch.quiet: 99999999999999999999d is out of range, expected 1m to 1y"},
    {"a size without room", "memory: 31M\n",
	"f:1: memory: 31M is out of range, expected 32M to 1T"},
    {"a size past the largest", "memory: 1025G\n",
	"f:1: memory: 1025G is out of range, expected 32M to 1T"},
    {"a size that is none", "memory: lots\n",
	"f:1: memory: found \"lots\", expected a size such as 256M or 2G"},
    {"no worker", "workers: 0\n", "f:1: workers: 0 is out of range, expected 1 to 16"},
    {"too many workers", "workers: 17\n", "f:1: workers: 17 is out of range, expected 1 to 16"},
    {"past 32 bits, by which it would be 1", "workers: 4294967297\n",
	"f:1: workers: 4294967297 is out of range, expected 1 to 16"},
    {"a worker and a half", "workers: 1.5\n",
	"f:1: workers: found \"1.5\", expected a whole number"},
    {"a worker by octal", "workers: 01\n", "f:1: workers: found \"01\", expected a whole number"},

    {"a mailbox without a server", "operator: {mail: a@example.jp}\n",
	"f:1: operator.mail: found a mailbox and no mail.server, expected both or neither"},
    {"a mailbox with a second line", "operator: {mail: \"a@example.jp\\r\\nRCPT TO: b\"}\n" MAIL,
	"f:1: operator.mail: found \"a@example.jp\\x0d\\x0aRCPT TO: b\", expected a mail address "
	"such "
	"as operator@example.jp, without name or <>"},
    {"a server without a port", "mail: {server: mail.example.jp}\n",
	"f:1: mail.server: found \"mail.example.jp\", expected HOST:PORT, such as "
	"mail.example.jp:587 "
	"or [2001:db8::1]:25"},
    {"plain text to elsewhere", "mail:\n  server: mail.example.jp:25\n  security: none\n",
	"f:3: mail.security: found none with the server mail.example.jp, expected starttls or tls: "
	"only a server on this machine (127.0.0.1, ::1, localhost) may get notices in the clear"},
    {"a kind of security", "mail: {security: ssl}\n",
	"f:1: mail.security: found \"ssl\", expected one of: starttls, tls, none"},
    {"a user without a password", "mail: {user: hinomi}\n",
	"f:1: mail.user: found a user and no mail.password_file, expected both or neither"},
    {"a password without a user", "mail: {password_file: p}\n",
	"f:1: mail.password_file: found a password and no mail.user, expected both or neither"},
    {"a host's name", "mail: {helo: 192.0.2.1}\n",
	"f:1: mail.helo: found \"192.0.2.1\", expected the name of a host, such as "
	"mail.example.jp"},

    {"a web hook in the clear", "operator: {webhook: \"http://example.jp/\"}\n",
	"f:1: operator.webhook: found \"http://example.jp/\", expected https and a public host, or "
	"webhook.allow_private: true"},
    {"a web hook to ourselves", "operator: {webhook: \"https://[::1]/\"}\n",
	"f:1: operator.webhook: found \"https://[::1]/\", expected https and a public host, or "
	"webhook.allow_private: true"},
    {"a web hook to a private address", "operator: {webhook: \"https://192.168.0.1/\"}\n",
	"f:1: operator.webhook: found \"https://192.168.0.1/\", expected https and a public host, "
	"or "
	"webhook.allow_private: true"},
    {"the same where it is allowed",
	"operator: {webhook: \"http://192.168.0.1/\"}\nwebhook: {allow_private: true}\n", NULL},
    {"a web hook that is none", "operator: {webhook: example.jp}\n",
	"f:1: operator.webhook: found \"example.jp\", expected a web address, such as "
	"https://example.jp/path"},
    {"neither true nor false", "webhook: {allow_private: yes}\n",
	"f:1: webhook.allow_private: found \"yes\", expected true or false"},
    {"a heartbeat in the clear", "heartbeat: {url: \"http://example.jp/\"}\n",
	"f:1: heartbeat.url: found \"http://example.jp/\", expected https, since others could read "
	"and "
	"forge it"},
    {"a heartbeat in the house", "heartbeat: {url: \"http://10.0.0.1:9464/alive\"}\n", NULL},

    {"a time of the week", "notices: {digest: monday}\n",
	"f:1: notices.digest: found \"monday\", expected a day and a time, such as Mon 08:00 or "
	"daily 08:00, or off"},
    {"a time of each day", "notices: {digest: daily 07:30}\n", NULL},
    {"neither each week nor each day", "notices: {digest: monthly 07:30}\n",
	"f:1: notices.digest: found \"monthly 07:30\", expected a day and a time, such as Mon "
	"08:00 or daily 08:00, or off"},
    {"no notice at all", "notices: {cap: 0}\n",
	"f:1: notices.cap: 0 is out of range, expected 1 to 1000"},
    {"more notices than anybody reads", "notices: {cap: 1001}\n",
	"f:1: notices.cap: 1001 is out of range, expected 1 to 1000"},

    {"a deadline past the next canary", "canary:\n  every: 1m\n  deadline: 90s\n",
	"f:3: canary.deadline: the deadline (90s) is longer than from one canary to the next (1m), "
	"expected at most that"},
    {"the same by the other key", "canary:\n  every: 1m\n",
	"f:2: canary.every: the deadline (2m) is longer than from one canary to the next (1m), "
	"expected at most that"},
    {"a canary to a mailbox that is not there", "canary: {to: mail}\n",
	"f:1: canary.to: found mail, expected operator.mail and mail.server with it"},
    {"a canary to a web hook that is not there",
	"canary: {to: both}\noperator: {mail: a@b.jp}\n" MAIL,
	"f:1: canary.to: found webhook, expected operator.webhook with it"},
    {"a canary to anybody", "canary: {to: everybody}\n",
	"f:1: canary.to: found \"everybody\", expected one of: auto, mail, webhook, both"},
    {"a mailbox to which nothing goes", "canary: {maildir: /var/mail/x}\n",
	"f:1: canary.maildir: found a mailbox and no mail to it, expected operator.mail and "
	"mail.server"},

    {"stations in a list", "heartbeat: {expect: [a, b]}\n",
	"f:1: heartbeat.expect: found a list, expected lines such as \"other-station: 5m\" under "
	"it"},
    {"a station without a deadline", "heartbeat:\n  expect:\n    a:\n",
	"f:3: heartbeat.expect: a: found nothing, expected a duration such as 5m"},
    {"a station with a short deadline", "heartbeat: {expect: {a: 9s}}\n",
	"f:1: heartbeat.expect: 9s is out of range, expected 10s to 7d"},
    {"a station with a wrong deadline", "heartbeat: {expect: {a: soon}}\n",
	"f:1: heartbeat.expect: found \"a: soon\", expected lines such as \"other-station: 5m\" "
	"under "
	"it"},
    {"a station with a wrong name", "heartbeat: {expect: {\"a=b\": 5m}}\n",
	"f:1: heartbeat.expect: found \"a=b: 5m\", expected a name of 1 to 127 bytes of UTF-8 "
	"without "
	"comma, = and control characters"},
    {"stations whom anybody could speak for", "heartbeat:\n  expect: {a: 5m}\n",
	"f:2: heartbeat.expect: found stations and no heartbeat.secret_file, expected both, since "
	"anybody could say that they are alive"},
    {"stations who cannot report",
	"metrics: {listen: off}\nheartbeat: {expect: {a: 5m}, secret_file: s}\n",
	"f:2: heartbeat.expect: found stations and metrics.listen: off, expected an address to "
	"which "
	"they report"},
    {"stations with a secret", "heartbeat: {expect: {a: 5m}, secret_file: keys/s}\n", NULL},
    {"a secret for what is sent",
	"heartbeat: {url: \"http://127.0.0.1:9464/heartbeat/a\", secret_file: keys/s}\n", NULL},
    {"half open", "metrics: {open: half}\n",
	"f:1: metrics.open: found \"half\", expected true or false"},
    {"a name to listen on", "metrics: {listen: \"localhost:9464\"}\n",
	"f:1: metrics.listen: found \"localhost:9464\", expected ADDRESS:PORT, such as "
	"127.0.0.1:9464 "
	"or [::1]:9464, or off"},

    {"links and their page", "web: {url: \"https://h.example.jp\", listen: \"127.0.0.1:8480\"}\n",
	NULL},
    {"links with a path, and TLS of our own",
	"web: {url: \"https://example.jp:8443/hinomi/\", listen: \"0.0.0.0:8443\", "
	"certificate: c.pem, key: keys/k.pem}\n",
	NULL},
    {"links with the page where it is", "web: {url: \"https://h.example.jp\"}\n", NULL},
    {"links without a page", "web: {url: \"https://h.example.jp\", listen: off}\n",
	"f:1: web.url: found an address and web.listen: off, expected both or neither"},
    {"a page without links", "web: {listen: \"0.0.0.0:8480\"}\n", NULL},
    {"no page", "web: {listen: off}\n", NULL},
    {"numbers where the page would be", "metrics: {listen: \"127.0.0.1:8480\"}\n", NULL},
    {"a page by name", "web: {url: \"https://h.example.jp\", listen: \"localhost:8480\"}\n",
	"f:1: web.listen: found \"localhost:8480\", expected ADDRESS:PORT, such as "
	"127.0.0.1:9464 or [::1]:9464, or off"},
    {"a page where the numbers are",
	"metrics: {listen: \"127.0.0.1:9464\"}\n"
	"web: {url: \"https://h.example.jp\", listen: \"127.0.0.1:9464\"}\n",
	"f:2: web.listen: found the address of metrics.listen, expected one of its own"},
    {"links in the clear", "web: {url: \"http://h.example.jp\", listen: \"127.0.0.1:8480\"}\n",
	"f:1: web.url: found \"http://h.example.jp\", expected https, since others could read the "
	"links and answer by them, or web.allow_http: true"},
    {"the same where it is allowed",
	"web: {url: \"http://h.example.jp\", listen: \"127.0.0.1:8480\", allow_http: true}\n",
	NULL},
    {"links to this machine", "web: {url: \"http://127.0.0.1:8480\", listen: \"127.0.0.1:8480\"}\n",
	NULL},
    {"links that are none", "web: {url: h.example.jp, listen: \"127.0.0.1:8480\"}\n",
	"f:1: web.url: found \"h.example.jp\", expected a web address, such as "
	"https://example.jp/path"},
    {"links with a query", "web: {url: \"https://h.example.jp/?x=\", listen: \"127.0.0.1:8480\"}\n",
	"f:1: web.url: found \"https://h.example.jp/?x=\", expected no ? in it"},
    {"links as long as they may be",
	"web: {url: \"https://h.example.jp/" LABEL_64 LABEL_64
	"012345678901234567890123456789012345678901234567890\", listen: \"127.0.0.1:8480\"}\n",
	NULL},
    {"links one letter longer",
	"web: {url: \"https://h.example.jp/" LABEL_64 LABEL_64
	"0123456789012345678901234567890123456789012345678901\", listen: \"127.0.0.1:8480\"}\n",
	"f:1: web.url: found 201 characters, expected at most 200: links must stay short"},
    {"a certificate without a key",
	"web: {url: \"https://h.example.jp\", listen: \"0.0.0.0:443\", certificate: c.pem}\n",
	"f:1: web.certificate: found a certificate and no web.key, expected both or neither"},
    {"a key without a certificate",
	"web: {url: \"https://h.example.jp\", listen: \"0.0.0.0:443\", key: k.pem}\n",
	"f:1: web.key: found a key and no web.certificate, expected both or neither"},
    {"links that end at once", "answers: {valid: 59m}\n",
	"f:1: answers.valid: 59m is out of range, expected 1h to 1y"},
    {"links for ever", "answers: {valid: 2y}\n",
	"f:1: answers.valid: 2y is out of range, expected 1h to 1y"},

    {"an engine", "store: {engine: oracle}\n",
	"f:1: store.engine: found \"oracle\", expected one of: sqlite"},
    {"no low disk", "store: {low_disk: 0%}\n",
	"f:1: store.low_disk: 0% is out of range, expected 1% to 50%"},
    {"most of the disk", "store: {low_disk: 51%}\n",
	"f:1: store.low_disk: 51% is out of range, expected 1% to 50%"},
    {"more than the disk", "store: {low_disk: 101%}\n",
	"f:1: store.low_disk: 101% is out of range, expected 1% to 50%"},
    {"no bytes", "store: {low_disk: 0}\n",
	"f:1: store.low_disk: 0 is out of range, expected 1% to 50%"},
    {"neither share nor size", "store: {low_disk: little}\n",
	"f:1: store.low_disk: found \"little\", expected a share of the disk such as 5%, or a size "
	"such "
	"as 2G"},
    {"a path of nothing", "geo: {country: \"\"}\n",
	"f:1: geo.country: found \"\", expected a path of 1 to 511 bytes without control "
	"characters"},
    {"a path with a newline", "geo: {country: \"a\\nb\"}\n",
	"f:1: geo.country: found \"a\\x0ab\", expected a path of 1 to 511 bytes without control "
	"characters"},
};

static bool is_untouched(const struct station_config *config)
{
	const unsigned char *bytes = (const unsigned char *)config;
	for (size_t i = 0; i < sizeof *config; i++)
		if (bytes[i] != 0x5a)
			return false;
	return true;
}

static bool is_answered(const char *text, const char *expected)
{
	struct station_config *config = malloc(sizeof *config);
	struct complaint complaint = {""};
	if (config == NULL)
		return false;
	memset(config, 0x5a, sizeof *config);
	int error = station_config_parse("f", text, strlen(text), config, &complaint);
	bool right = expected == NULL ? error == 0 && complaint.text[0] == '\0'
				      : error == -EINVAL && is_untouched(config) &&
					    strcmp(complaint.text, expected) == 0;
	if (!right)
		printf("# %d: %s\n", error, complaint.text);
	free(config);
	return right;
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		OK(is_answered(rows[i].text, rows[i].complaint), rows[i].name);
}

static int parse(const char *text, struct station_config *ret_config)
{
	struct complaint complaint = {""};
	int error = station_config_parse("f", text, strlen(text), ret_config, &complaint);
	if (error != 0)
		printf("# %s\n", complaint.text);
	return error;
}

static void test_defaults(struct station_config *config)
{
	OK(parse("", config) == 0 && config->sources.is_auto && config->sources.count == 0 &&
		config->watch.ranges.is_auto && !config->dark.is_auto && config->dark.count == 0,
	    "defaults: what is chosen at the start");
	OK(config->station.name[0] == '\0' && config->station.zone[0] == '\0' &&
		config->station.language == -1 && config->operator.language == - 1,
	    "defaults: names of the machine come later");
	OK(config->watch.quiet_us == 7 * WHEN_DAY_US && config->watch.settle_us == WHEN_HOUR_US &&
		config->memory == UINT64_C(256) << 20 && config->workers == 1,
	    "defaults: watch, memory, workers");
	OK(config->mail.server.port == 0 && config->mail.security == STATION_MAIL_STARTTLS &&
		!station_config_has_mail(config) && !station_config_has_webhook(config) &&
		!config->webhook.allow_private,
	    "defaults: nothing is sent");
	OK(config->notices.settle_us == WHEN_SECOND_US && config->notices.cap == 20 &&
		config->notices.digest.is_on && config->notices.digest.at.day == 0 &&
		config->notices.digest.at.minute == 480,
	    "defaults: notices");
	OK(config->canary.every_us == 15 * WHEN_MINUTE_US &&
		config->canary.deadline_us == 2 * WHEN_MINUTE_US &&
		config->canary.to == STATION_CHANNEL_AUTO &&
		config->heartbeat.every_us == WHEN_MINUTE_US && config->heartbeat.url[0] == '\0',
	    "defaults: canary and heartbeat");
	OK(config->alarms.down_us == WHEN_MINUTE_US &&
		config->alarms.silent_us == 10 * WHEN_MINUTE_US &&
		config->alarms.rest_us == 2 * WHEN_MINUTE_US,
	    "defaults: alarms");
	OK(config->metrics.listen.port == 9464 && endpoint_is_loopback(&config->metrics.listen) &&
		!config->metrics.open && !config->metrics.was_chosen,
	    "defaults: metrics on this machine only");
	OK(config->web.url[0] == '\0' && config->web.listen.port == 8480 &&
		address_is_loopback(&config->web.listen.address) && !config->web.was_chosen &&
		config->web.certificate[0] == '\0' && !config->web.allow_http &&
		config->answers.valid_us == 30 * WHEN_DAY_US,
	    "defaults: a page for this machine, and letters without links");
	OK(config->store.engine == STATION_STORE_SQLITE && config->store.low_disk.percent == 5 &&
		config->store.low_disk.bytes == 0 &&
		config->store.retention.incidents_us == 5 * 365 * WHEN_DAY_US &&
		config->store.retention.batches_us == 25 * WHEN_HOUR_US &&
		config->store.retention.statistics_5m_us == 30 * WHEN_DAY_US,
	    "defaults: store");
	struct thresholds thresholds;
	thresholds_init(&thresholds);
	OK(memcmp(&thresholds, &config->thresholds, sizeof thresholds) == 0,
	    "defaults: thresholds");
}

static const char whole[] = "station:\n"
			    "  name: 火の見\n"
			    "  language: ja\n"
			    "  zone: UTC\n"
			    "sources:\n"
			    "  - ring:eth0\n"
			    "  - xdp:eth1\n"
			    "  - drill:demo-day?seed=7&speed=60\n"
			    "  - pcap:/tmp/a.pcap?speed=max\n"
			    "dark: [198.18.0.0/16, \"2001:db8:dead::/48\"]\n"
			    "watch: {ranges: 192.0.2.0/24, quiet: 1m, settle: 0}\n"
			    "memory: 1G\n"
			    "workers: 4\n"
			    "operator:\n"
			    "  mail: operator@example.jp\n"
			    "  webhook: https://example.jp/hook\n"
			    "  language: en\n"
			    "mail:\n"
			    "  server: \"[2001:db8::25]:465\"\n"
			    "  security: tls\n"
			    "  user: hinomi\n"
			    "  password_file: keys/mail.password\n"
			    "  from: hinomi@example.jp\n"
			    "  ca_file: ca.pem\n"
			    "  helo: station.example.jp\n"
			    "notices: {settle: 0, digest: off, cap: 1000}\n"
			    "canary: {every: 10s, deadline: 10s, to: both, maildir: /var/mail/x}\n"
			    "heartbeat:\n"
			    "  url: https://example.jp/alive\n"
			    "  every: 5s\n"
			    "  expect:\n"
			    "    north: 10s\n"
			    "    北の塔: 7d\n"
			    "  secret_file: keys/heartbeat.secret\n"
			    "metrics: {listen: \"0.0.0.0:9000\", open: true}\n"
			    "alarms: {down: 0, silent: 5s, rest: 1d}\n"
			    "store:\n"
			    "  low_disk: 2G\n"
			    "  batches_max: 1M\n"
			    "  retention: {incidents: 100y, gaps: 1d}\n"
			    "geo: {country: c.mmdb, network: n.mmdb}\n"
			    "thresholds: {scan.dark: {targets: 9}}\n";

static void test_whole(struct station_config *config)
{
	OK(parse(whole, config) == 0, "every key at once");
	const struct station_config_sources *sources = &config->sources;
	OK(strcmp(config->station.name, "火の見") == 0 && config->station.language == LANGUAGE_JA &&
		strcmp(config->station.zone, "UTC") == 0,
	    "the station");
	OK(!sources->is_auto && sources->count == 4 &&
		sources->list[1].kind == STATION_SOURCE_XDP &&
		strcmp(sources->list[2].address, "drill:demo-day?seed=7") == 0 &&
		sources->list[2].speed == 60 && sources->list[3].speed == 0 &&
		strcmp(sources->list[3].address, "pcap:/tmp/a.pcap") == 0,
	    "its sources");
	OK(config->dark.count == 2 && !config->watch.ranges.is_auto &&
		config->watch.ranges.count == 1 && config->watch.settle_us == 0 &&
		config->memory == UINT64_C(1) << 30 && config->workers == 4,
	    "ranges, memory, workers");
	OK(station_config_has_mail(config) && station_config_has_webhook(config) &&
		config->operator.language == LANGUAGE_EN && config->mail.server.port == 465 &&
		    strcmp(config->mail.server.host, "2001:db8::25") == 0 &&
		config->mail.security == STATION_MAIL_TLS &&
		strcmp(config->mail.password_file, "keys/mail.password") == 0,
	    "operator and mail");
	OK(config->notices.settle_us == 0 && !config->notices.digest.is_on &&
		config->canary.to == STATION_CHANNEL_BOTH &&
		config->canary.every_us == 10 * WHEN_SECOND_US,
	    "notices and canary");
	OK(config->alarms.down_us == 0 && config->alarms.silent_us == 5 * WHEN_SECOND_US &&
		config->alarms.rest_us == WHEN_DAY_US,
	    "alarms");
	OK(config->heartbeat.expect.count == 2 &&
		strcmp(config->heartbeat.expect.list[1].name, "北の塔") == 0 &&
		config->heartbeat.expect.list[1].deadline_us == 7 * WHEN_DAY_US &&
		strcmp(config->heartbeat.secret_file, "keys/heartbeat.secret") == 0,
	    "stations that are expected");
	OK(config->metrics.listen.port == 9000 && config->metrics.open &&
		config->metrics.was_chosen && config->store.low_disk.percent == 0 &&
		station_config_low_disk(config, UINT64_C(1) << 40) == UINT64_C(2) << 30 &&
		config->store.retention.incidents_us == DURATION_MAX_US &&
		config->thresholds.scan_dark.targets == 9,
	    "metrics, store, thresholds");

	struct station_config *again = malloc(sizeof *again);
	if (again == NULL)
		return;
	memset(again, 0x5a, sizeof *again);
	OK(parse(whole, again) == 0 && memcmp(config, again, sizeof *again) == 0,
	    "the same file gives the same bytes");
	free(again);
}

static void test_complete(struct station_config *config)
{
	struct station_names names = {
	    .host = "tower", .domain = "example.jp", .zone = "Asia/Tokyo", .language = LANGUAGE_JA};
	bool good = parse("", config) == 0;
	station_config_complete(config, &names);
	OK(good && strcmp(config->station.name, "tower") == 0 &&
		strcmp(config->station.zone, "Asia/Tokyo") == 0 &&
		strcmp(config->mail.from, "hinomi@tower.example.jp") == 0 &&
		strcmp(config->mail.helo, "tower.example.jp") == 0 &&
		config->station.language == LANGUAGE_JA && config->operator.language == LANGUAGE_JA,
	    "what the machine knows is put in");

	good = parse(whole, config) == 0;
	station_config_complete(config, &names);
	OK(good && strcmp(config->station.name, "火の見") == 0 &&
		strcmp(config->mail.from, "hinomi@example.jp") == 0 &&
		config->operator.language == LANGUAGE_EN,
	    "and what the file says stays");

	good = parse("", config) == 0;
	station_config_complete(config, &(struct station_names){.language = LANGUAGE_EN});
	OK(good && strcmp(config->station.name, "localhost") == 0 &&
		strcmp(config->station.zone, "UTC") == 0 &&
		strcmp(config->mail.from, "hinomi@localhost") == 0,
	    "a machine that knows nothing");

	memset(names.host, 'a', 60);
	memset(names.domain, 'b', sizeof names.domain - 1);
	names.domain[63] = names.domain[127] = names.domain[191] = '.';
	good = parse("", config) == 0;
	station_config_complete(config, &names);
	OK(good && strcmp(config->mail.helo, "localhost") == 0, "a name that is too long");
}

static void test_low_disk(struct station_config *config)
{
	OK(parse("", config) == 0 && station_config_low_disk(config, UINT64_C(100) << 30) ==
					 (UINT64_C(100) << 30) / 100 * 5,
	    "a share of the disk");
	OK(station_config_low_disk(config, UINT64_C(1) << 30) == STATION_LOW_DISK_MIN_BYTES,
	    "never less than a database needs");
	OK(station_config_low_disk(config, UINT64_MAX) == UINT64_MAX / 100 * 5,
	    "a disk of all bytes");
}

/* `count` lines of a list, then what comes after it. */
static bool takes_many(const char *head, const char *format, unsigned count)
{
	enum {
		LINE_BYTES = 64
	};
	size_t room = (count + 2) * LINE_BYTES;
	char *text = malloc(room);
	struct station_config *config = malloc(sizeof *config);
	int error = -ENOMEM;
	if (text != NULL && config != NULL) {
		size_t used = (size_t)snprintf(text, room, "%s", head);
		for (unsigned i = 0; i < count; i++)
			used += (size_t)snprintf(text + used, room - used, "%s%u%s\n",
			    strcmp(format, "prefix") == 0   ? "  - 2001:db8:"
			    : strcmp(format, "source") == 0 ? "  - ring:eth"
							    : "    s",
			    i,
			    strcmp(format, "prefix") == 0   ? "::/48"
			    : strcmp(format, "source") == 0 ? ""
							    : ": 5m");
		struct complaint complaint = {""};
		error = station_config_parse("f", text, used, config, &complaint);
		if (error != 0)
			printf("# %s\n", complaint.text);
	}
	free(text);
	free(config);
	return error == 0;
}

static void test_limits(void)
{
	OK(takes_many("dark:\n", "prefix", STATION_PREFIXES_MAX), "as many ranges as may be");
	OK(!takes_many("dark:\n", "prefix", STATION_PREFIXES_MAX + 1), "one more is refused");
	OK(takes_many("sources:\n", "source", STATION_SOURCES_MAX), "as many sources as may be");
	OK(!takes_many("sources:\n", "source", STATION_SOURCES_MAX + 1), "one more is refused");
	OK(takes_many("heartbeat:\n  secret_file: s\n  expect:\n", "pair", STATION_EXPECT_MAX),
	    "as many stations as may be");
	OK(!takes_many("heartbeat:\n  secret_file: s\n  expect:\n", "pair", STATION_EXPECT_MAX + 1),
	    "one more is refused");

	static const struct {
		const char *name;
		const char *key;
		size_t bytes; /* the longest value */
	} texts[] = {
	    {"name", "station: {name: ", STATION_NAME_BYTES - 1},
	    {"path", "geo: {country: ", STATION_PATH_BYTES - 1},
	    {"user", "mail: {password_file: p, user: ", STATION_USER_BYTES - 1},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char text[1024], longest[STATION_PATH_BYTES];
		memset(longest, 'x', texts[i].bytes);
		longest[texts[i].bytes] = '\0';
		(void)snprintf(text, sizeof text, "%s%s}\n", texts[i].key, longest);
		OK(is_answered(text, NULL), texts[i].name);
		(void)snprintf(text, sizeof text, "%s%sx}\n", texts[i].key, longest);
		struct station_config *config = malloc(sizeof *config);
		OK(config != NULL &&
			station_config_parse("f", text, strlen(text), config, NULL) == -EINVAL,
		    "one byte more is refused");
		free(config);
	}
}

/* Every row of the table is whole, and its limits are what its type reads. */
static void test_table(struct station_config *config)
{
	size_t end = 0;
	for (size_t i = 0; i < station_key_count; i++) {
		const struct station_key *key = &station_keys[i];
		bool is_one = key->type->shape == SHAPE_ONE;
		bool good = strlen(key->path) < STATION_KEY_PATH_BYTES &&
			    station_key_find(key->path) == (int)i &&
			    (key->initial[0] != '\0' || key->example != NULL) &&
			    (key->min == NULL) == (key->max == NULL) &&
			    (is_one || key->type->shape == SHAPE_LIST || key->type->parse == NULL);
		for (int language = 0; language < LANGUAGE_COUNT; language++)
			good = good && key->explanations[language] != NULL &&
			       key->explanations[language][0] != '\0';
		station_config_init(config);
		void *field = (char *)config + key->offset;
		if (is_one && key->min != NULL)
			good = good && key->type->parse(key, key->min, field, NULL) == 0 &&
			       key->type->parse(key, key->max, field, NULL) == 0;
		if (is_one && key->example != NULL)
			good = good && key->type->parse(key, key->example, field, NULL) == 0;
		end = key->offset + key->bytes > end ? key->offset + key->bytes : end;
		OK(good, key->path);
	}
	const size_t all = offsetof(struct station_config, origins);
	OK(end <= all && end + sizeof(int64_t) > all,
	    "the table reaches the end of the configuration");
	OK(station_key_find("mail") == -1 && station_key_find("") == -1, "what is no key");
}

/* What init writes is what is read: as it stands, and with each suggestion taken. */
static void test_draft(struct station_config *config)
{
	static const struct station_setting settings[] = {
	    {"station.name", "tower: \"east\" \\ 1"},
	    {"sources", "ring:eth0"},
	    {"sources", "ring:eth1"},
	    {"dark", "2001:db8:dead::/48"},
	    {"metrics.listen", "[::1]:9464"},
	    {"watch.ranges", "auto"},
	};
	static const char heading[] = "A station.\n\nTwo lines.";
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		struct station_draft draft = {.language = (enum language)language,
		    .heading = heading,
		    .settings = settings,
		    .count = sizeof settings / sizeof settings[0]};
		char *text = NULL;
		size_t bytes = 0;
		FILE *out = open_memstream(&text, &bytes);
		if (out == NULL)
			return;
		station_config_write(out, &draft);
		(void)fclose(out); /* in memory */
		OK(parse(text, config) == 0 &&
			strcmp(config->station.name, "tower: \"east\" \\ 1") == 0 &&
			config->sources.count == 2 && config->dark.count == 1 &&
			config->metrics.listen.port == 9464 && config->watch.ranges.is_auto,
		    "what was written is read again");
		OK(strncmp(text, "# A station.\n#\n# Two lines.\n", 28) == 0,
		    "the heading is first");

		/* "#key: value" becomes "key: value"; explanations begin with "# ". */
		char *taken = calloc(1, bytes + 1);
		size_t used = 0;
		for (size_t i = 0; taken != NULL && i < bytes; i++)
			if (text[i] != '#' || text[i + 1] == ' ' || text[i + 1] == '\n')
				taken[used++] = text[i];
		bool good = taken != NULL && parse(taken, config) == 0;
		for (size_t i = 0; good && i < station_key_count; i++) {
			const char *dot = strrchr(station_keys[i].path, '.');
			char line[STATION_KEY_PATH_BYTES + 4];
			(void)snprintf(line, sizeof line,
			    " %s:", dot != NULL ? dot + 1 : station_keys[i].path);
			line[0] = dot != NULL ? ' ' : '\n';
			good = strstr(taken, line) != NULL;
			if (!good)
				printf("# %s\n", station_keys[i].path);
		}
		OK(good, "every suggestion can be taken as it stands, and no key is left out");
		free(taken);
		free(text);
	}
}

int main(void)
{
	struct station_config *config = malloc(sizeof *config);
	if (config == NULL)
		return 1;
	test_rows();
	test_defaults(config);
	test_whole(config);
	test_complete(config);
	test_low_disk(config);
	test_limits();
	test_table(config);
	test_draft(config);
	free(config);
	return test_done();
}
