/* Link-layer addresses that carry the answers of others, and those that only have many of their
 * own. */
#include "observe/carrier.h"

#include <string.h>

#include "ledger_help.h"
#include "test.h"

enum {
	TEXTS_MAX = 6
};

/*
 * The host 192.0.2.5 holds its address; it also holds `held`; answers came through it from
 * `answers`.
 */
static const struct {
	const char *name;
	const char *held[TEXTS_MAX];
	const char *answers[TEXTS_MAX];
	bool routes;
} rows[] = {
    {"no answer", {NULL}, {NULL}, false},
    {"its own", {NULL}, {"192.0.2.5"}, false},
    {"two others", {NULL}, {"203.0.113.1", "203.0.113.2"}, false},
    {"three others are a router's", {NULL}, {"203.0.113.1", "203.0.113.2", "203.0.113.3"}, true},
    {"of three networks as well", {NULL}, {"203.0.113.1", "198.51.100.1", "10.0.0.1"}, true},
    {"the same again is not another", {NULL},
	{"203.0.113.1", "203.0.113.2", "203.0.113.1", "203.0.113.2"}, false},
    {"of its own /24: a machine with several addresses", {NULL},
	{"192.0.2.6", "192.0.2.7", "192.0.2.8", "192.0.2.9"}, false},
    {"of a /24 in which it holds an address", {"203.0.113.9"},
	{"203.0.113.1", "203.0.113.2", "203.0.113.3"}, false},
    {"of which one is not such", {"203.0.113.9"},
	{"203.0.113.1", "203.0.113.2", "10.0.0.1", "10.0.0.2"}, false},
    {"of which three are not", {"203.0.113.9"}, {"203.0.113.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"},
	true},
    {"aliases in several networks, each held on the wire",
	{"203.0.113.1", "198.51.100.1", "10.0.0.1"},
	{"203.0.113.1", "198.51.100.1", "10.0.0.1", "192.0.2.5"}, false},
    {"many addresses of one /64 are one machine's", {NULL},
	{"2001:db8:1::1", "2001:db8:1::2", "2001:db8:1::3", "2001:db8:1::4"}, false},
    {"of three /64 they are not", {NULL}, {"2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1"},
	true},
    {"of two /64 and a link-local one they are", {NULL},
	{"2001:db8:1::1", "2001:db8:2::1", "fe80::5", "169.254.3.4"}, false},
};

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 5};

static struct address parse(const char *text)
{
	struct address address;
	if (address_parse(text, &address) != 0)
		abort();
	return address;
}

static void hold(struct desk *desk, const char *text)
{
	struct host host = {.address = parse(text), .flags = HOST_SENT | HOST_HELD};
	memcpy(host.mac, mac, sizeof mac);
	ledger_add_host(desk->ledger, &host);
}

/* Each answer in a shard of its own, or all in one; before the hosts are known, or after. */
static bool routes(size_t row, bool apart, bool hosts_first)
{
	struct desk desk;
	open_desk(&desk);
	struct carrier carrier = {.changes = 0};
	memcpy(carrier.mac, mac, sizeof mac);
	for (int turn = 0; turn < 2; turn++) {
		if ((turn == 0) == hosts_first) {
			hold(&desk, "192.0.2.5");
			for (size_t i = 0; i < TEXTS_MAX && rows[row].held[i] != NULL; i++)
				hold(&desk, rows[row].held[i]);
			continue;
		}
		for (size_t i = 0; i < TEXTS_MAX && rows[row].answers[i] != NULL; i++) {
			const struct address source = parse(rows[row].answers[i]);
			carrier_note(&carrier, &source);
			if (!apart)
				continue;
			ledger_add_carrier(desk.ledger, &carrier);
			carrier = (struct carrier){.changes = 0};
			memcpy(carrier.mac, mac, sizeof mac);
		}
		ledger_add_carrier(desk.ledger, &carrier);
	}
	ledger_finish(desk.ledger);
	const struct address subject = parse("192.0.2.5");
	bool found = (ledger_host_flags(desk.ledger, &subject) & HOST_ROUTER) != 0;
	close_desk(&desk);
	return found;
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool right = true;
		for (int ways = 0; ways < 4; ways++)
			right = right && routes(i, ways & 1, ways & 2) == rows[i].routes;
		OK(right, rows[i].name);
	}
}

static void test_limits(void)
{
	struct carrier carrier = {.changes = 0};
	for (uint32_t n = 0; n < 20; n++) {
		const struct address source = address_from_v4_u32(0x0a000000 + n);
		carrier_note(&carrier, &source);
	}
	OK(carrier.place_count == CARRIER_NETWORK_MAX && carrier.changes == CARRIER_NETWORK_MAX,
	    "one network fills three places at most");
	for (uint32_t n = 0; n < 20; n++) {
		const struct address source = address_from_v4_u32(0x0b000000 + (n << 8));
		carrier_note(&carrier, &source);
	}
	OK(carrier.place_count == CARRIER_PLACES_MAX, "all together eight");
}

/* What is not known of some host is not known of any address. */
static void test_missing(void)
{
	struct desk desk;
	open_desk(&desk);
	const struct address silent = parse("192.0.2.77");
	bool inferred;
	OK(ledger_is_dark(desk.ledger, &silent, &inferred), "a member's silent address is dark");
	const struct host missing = {.flags = HOST_MISSING};
	ledger_add_host(desk.ledger, &missing);
	OK(!ledger_is_dark(desk.ledger, &silent, &inferred),
	    "not when a shard had no room for some host");
	OK(ledger_host_count(desk.ledger) == 0, "which is no host itself");
	close_desk(&desk);
}

int main(void)
{
	test_rows();
	test_limits();
	test_missing();
	return test_done();
}
