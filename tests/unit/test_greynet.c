/* Addresses that nobody uses, learned by listening: when they are dark, and when not. */
#include "cmd/station/greynet.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/roster.h"
#include "test.h"

#define START (INT64_C(1775001600) * WHEN_SECOND_US)
#define QUIET (2 * WHEN_HOUR_US)

static struct store *store;
static struct greynet *greynet;
static struct greynet_options options;
static struct prefix ranges[4];
static int64_t now_us;
static char told[1024]; /* the log's last line */
static size_t lines;

static void log_event(void *context, const char *event, const char *text)
{
	(void)context;
	lines++;
	(void)snprintf(told, sizeof told, "%s: %s", event, text);
}

static struct address parse(const char *text)
{
	struct address address;
	if (address_parse(text, &address) != 0)
		abort();
	return address;
}

static struct prefix parse_prefix(const char *text)
{
	struct prefix prefix;
	const char *why;
	if (prefix_parse(text, &prefix, &why) != 0)
		abort();
	return prefix;
}

static void open_greynet(void)
{
	struct complaint complaint;
	options.store = store;
	options.log = log_event;
	if (greynet_new(&options, &greynet, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		exit(1);
	}
}

/* With one range, which is named. */
static void begin(const char *range)
{
	const struct store_options memory = {.engine = "memory"};
	if (store_open(&memory, &store, NULL) != 0)
		exit(1);
	now_us = START;
	lines = 0;
	options = (struct greynet_options){.ranges = ranges, .quiet_us = QUIET};
	if (range != NULL)
		ranges[options.range_count++] = parse_prefix(range);
	else
		options.is_auto = true;
	open_greynet();
}

static void end(void)
{
	greynet_free(greynet);
	store_close(store);
}

static void write_all(void)
{
	if (store_begin(store, NULL) != 0 || greynet_write(greynet, now_us, NULL) != 0 ||
	    store_commit(store, NULL) != 0)
		exit(1);
	greynet_commit(greynet);
}

static void hear(const char *address, uint32_t flags)
{
	const struct observer_sink *sink = greynet_sink(greynet);
	const struct host host = {.address = parse(address), .flags = flags};
	sink->on_host(sink->context, &host);
}

/* Somebody speaks for an address on this wire. */
static void hold(const char *address)
{
	const struct observer_sink *sink = greynet_sink(greynet);
	const struct host host = {
	    .address = parse(address), .flags = HOST_HELD, .mac = {2, 0, 0, 0, 0, 1}};
	sink->on_host(sink->context, &host);
}

static void ask(const char *address)
{
	const struct observer_sink *sink = greynet_sink(greynet);
	struct sighting sighting = {.key = {.subject = parse(address), .protocol = 6, .port = 80}};
	sighting_init(&sighting);
	sighting.packets = 1;
	sighting.window_us = now_us;
	sighting.first_us = sighting.last_us = now_us + 1;
	sink->on_sighting(sink->context, &sighting);
}

/* Time passes, minute by minute; one machine speaks all the time and is told of now and then. */
static void pass(int64_t length_us)
{
	const struct observer_sink *sink = greynet_sink(greynet);
	const int64_t until_us = now_us + length_us;
	for (; now_us < until_us; now_us += WHEN_MINUTE_US) {
		if (now_us / WHEN_MINUTE_US % (greynet_tell_us(QUIET) / WHEN_MINUTE_US) == 0)
			hear("192.0.2.5", HOST_SENT | HOST_ANSWERED);
		ask("192.0.2.6");
		sink->on_window_end(sink->context, now_us);
	}
}

static bool is_dark(const char *address)
{
	const struct address parsed = parse(address);
	return greynet_is_dark(greynet, &parsed);
}

static void test_learning(void)
{
	begin("192.0.2.0/24");
	OK(!is_dark("192.0.2.77"), "nothing is believed before anything was watched");
	pass(QUIET - WHEN_MINUTE_US);
	OK(!is_dark("192.0.2.77"), "nor before the range was watched for long enough");
	pass(2 * WHEN_MINUTE_US);
	OK(is_dark("192.0.2.77"), "then an address that was never heard is dark");
	OK(!is_dark("192.0.2.5") && !is_dark("192.0.2.6"), "one that speaks is not");
	OK(!is_dark("198.51.100.77"), "outside of the range nothing is");
	pass(10 * QUIET);
	OK(!is_dark("192.0.2.5") && !is_dark("192.0.2.6"),
	    "however long it goes on: who speaks all the time is told of again");
	end();
}

static void test_evidence(void)
{
	static const struct {
		const char *name;
		uint32_t flags;
		bool ends;
	} kinds[] = {
	    {"a packet that bears the address", HOST_SENT, true},
	    {"speaking for it on the wire", HOST_HELD, true},
	    {"an answer", HOST_ANSWERED, true},
	    {"a handshake", HOST_HANDSHAKE, true},
	    {"somebody who acknowledges what it must have sent", HOST_IMPLIED, true},
	    {"what is only said of it", HOST_ROUTER | HOST_DHCP_SERVER, false},
	};
	begin("192.0.2.0/24");
	pass(QUIET + WHEN_MINUTE_US);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char address[32];
		(void)snprintf(address, sizeof address, "192.0.2.%zu", 100 + i);
		const bool was_dark = is_dark(address);
		hear(address, kinds[i].flags);
		OK(was_dark && is_dark(address) != kinds[i].ends, kinds[i].name);
	}
	OK(greynet_take_changed(greynet) && !greynet_take_changed(greynet),
	    "that somebody was heard is told once");
	hear("192.0.2.77", HOST_ANSWERED);
	OK(strstr(told, "greynet.in-use: 192.0.2.77") == told, "and logged");
	struct greynet_counts counts;
	greynet_get_counts(greynet, &counts);
	OK(counts.returned == 6, "and counted");
	ask("192.0.2.78");
	OK(!is_dark("192.0.2.78"), "a sighting tells at once as well");
	end();
}

static void test_log_limit(void)
{
	begin("192.0.2.0/24");
	pass(QUIET + WHEN_MINUTE_US);
	const size_t before = lines;
	for (int i = 100; i < 200; i++) {
		char address[32];
		(void)snprintf(address, sizeof address, "192.0.2.%d", i);
		hear(address, HOST_SENT);
	}
	OK(lines == before + 10, "of a hundred at once ten are logged");
	pass(WHEN_MINUTE_US);
	OK(lines == before + 11, "and that there were more");
	end();
}

static void test_forgetting(void)
{
	begin("192.0.2.0/24");
	hear("192.0.2.5", HOST_SENT);
	pass(WHEN_MINUTE_US);
	hear("192.0.2.200", HOST_ANSWERED);
	pass(QUIET + WHEN_MINUTE_US);
	OK(!is_dark("192.0.2.200"),
	    "who speaks all the time is told of now and then only: silence must be longer");
	pass(2 * greynet_tell_us(QUIET));
	OK(is_dark("192.0.2.200"), "a machine that was silent for long has gone");
	hear("192.0.2.200", HOST_SENT);
	OK(!is_dark("192.0.2.200"), "and may come back");
	end();
}

static void test_special(void)
{
	static const struct {
		const char *range;
		const char *address;
		bool dark;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.0", false},   /* its network */
	    {"192.0.2.0/24", "192.0.2.255", false}, /* its broadcast */
	    {"192.0.2.0/24", "192.0.2.1", true},
	    {"192.0.2.0/24", "192.0.2.254", true},
	    {"192.0.2.128/26", "192.0.2.128", false},
	    {"192.0.2.128/26", "192.0.2.191", false},
	    {"192.0.2.128/26", "192.0.2.190", true},
	    {"10.0.0.0/16", "10.0.7.0", false}, /* of a network inside, perhaps */
	    {"10.0.0.0/16", "10.0.7.255", false},
	    {"10.0.0.0/16", "10.0.7.128", true},
	    {"192.0.2.128/31", "192.0.2.128", true}, /* RFC 3021 */
	    {"192.0.2.128/32", "192.0.2.128", true},
	    {"224.0.0.0/8", "224.0.0.9", false},        /* a group */
	    {"169.254.0.0/16", "169.254.3.4", false},   /* link-local */
	    {"2001:db8:1::/64", "2001:db8:1::", false}, /* RFC 4291: routers */
	    {"2001:db8:1::/64", "2001:db8:1::1", true},
	    {"2001:db8:1::/64", "2001:db8:1::ffff:ffff:ffff:ff7f", true},
	    {"2001:db8:1::/64", "2001:db8:1:0:ffff:ffff:ffff:ff80", false}, /* RFC 2526 */
	    {"2001:db8:1::/64", "2001:db8:1:0:fdff:ffff:ffff:ff80", false},
	    {"fe80::/64", "fe80::77", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(cases[i].range);
		pass(QUIET + WHEN_MINUTE_US);
		OK(is_dark(cases[i].address) == cases[i].dark, cases[i].address);
		end();
	}
}

static void test_ours(void)
{
	const struct station_network network = {
	    parse("198.51.100.7"), parse_prefix("198.51.100.0/24")};
	const struct address gateway = parse("198.51.100.1");
	const struct store_options memory = {.engine = "memory"};
	if (store_open(&memory, &store, NULL) != 0)
		exit(1);
	now_us = START;
	options = (struct greynet_options){.is_auto = true,
	    .networks = &network,
	    .network_count = 1,
	    .gateways = &gateway,
	    .gateway_count = 1,
	    .quiet_us = QUIET};
	open_greynet();
	pass(QUIET + WHEN_MINUTE_US);
	OK(greynet_range_count(greynet) == 1 && is_dark("198.51.100.77"),
	    "the network of this machine is watched by itself");
	OK(!is_dark("198.51.100.7") && !is_dark("198.51.100.1"),
	    "its own address and its gateway are used, though never heard");
	end();
}

static void test_wire(void)
{
	begin(NULL);
	pass(WHEN_MINUTE_US);
	OK(greynet_range_count(greynet) == 0, "at first there is no range");
	hold("10.1.2.3");
	hold("10.1.2.3");
	hold("10.1.2.4");
	hear("10.1.2.5", HOST_SENT | HOST_ANSWERED); /* by way of a router, perhaps */
	hold("10.1.3.5");
	OK(greynet_range_count(greynet) == 0, "two machines make no network");
	hold("10.1.2.6");
	struct greynet_range range;
	greynet_get_range(greynet, 0, &range);
	char text[PREFIX_TEXT_BYTES];
	prefix_format(&range.prefix, text);
	OK(greynet_range_count(greynet) == 1 && strcmp(text, "10.1.2.0/24") == 0 &&
		range.is_found && !range.is_ready,
	    "three do: their /24");
	hold("fe80::1");
	hold("fe80::2");
	hold("fe80::3");
	hold("2001:db8:7::1");
	hold("2001:db8:7::2");
	hold("2001:db8:7::3");
	OK(greynet_range_count(greynet) == 2, "of IPv6 their /64, but not what is link-local");
	for (int i = 0; i < (int)(QUIET / WHEN_MINUTE_US) + 2; i++) {
		hold("10.1.2.3");
		hold("10.1.2.4");
		pass(WHEN_MINUTE_US);
	}
	OK(is_dark("10.1.2.77") && !is_dark("10.1.2.3"), "then its unused addresses are learned");
	pass(QUIET + 3 * greynet_tell_us(QUIET));
	greynet_get_range(greynet, 0, &range);
	OK(!range.is_ready && !is_dark("10.1.2.77"),
	    "a network of which nothing is heard any more has moved: nobody is missed there");
	end();
}

static void test_wire_limit(void)
{
	begin(NULL);
	pass(WHEN_MINUTE_US);
	for (int network = 0; network < 1000; network++) {
		for (int i = 1; i <= GREYNET_HOLDERS; i++) {
			char address[32];
			(void)snprintf(address, sizeof address, "10.%d.%d.%d", network / 256,
			    network % 256, i);
			hold(address);
		}
	}
	OK(greynet_range_count(greynet) == GREYNET_FOUND_MAX,
	    "a thousand networks on one wire: the first ones are watched");
	end();
}

static void test_restart(void)
{
	begin("192.0.2.0/24");
	hear("192.0.2.5", HOST_SENT);
	pass(WHEN_HOUR_US);
	hear("192.0.2.200", HOST_ANSWERED);
	pass(WHEN_HOUR_US - WHEN_MINUTE_US);
	write_all();
	greynet_free(greynet);
	now_us += 7 * WHEN_DAY_US; /* the station was off */
	open_greynet();
	pass(WHEN_MINUTE_US);
	OK(!is_dark("192.0.2.77") && !is_dark("192.0.2.200"),
	    "what was not watched does not count as silence");
	pass(5 * WHEN_MINUTE_US);
	OK(is_dark("192.0.2.77"), "learning goes on where it was");
	OK(!is_dark("192.0.2.200") && !is_dark("192.0.2.6"), "and who was heard is remembered");
	pass(QUIET + 2 * greynet_tell_us(QUIET));
	OK(is_dark("192.0.2.200") && !is_dark("192.0.2.6"), "until he was silent for long");
	struct greynet_counts counts;
	greynet_get_counts(greynet, &counts);
	OK(counts.hosts == 3, "three machines");
	end();
}

static void test_rollback(void)
{
	begin("192.0.2.0/24");
	pass(WHEN_MINUTE_US);
	OK(greynet_is_due(greynet, now_us), "who is new is written at once");
	if (store_begin(store, NULL) != 0 || greynet_write(greynet, now_us, NULL) != 0)
		exit(1);
	store_rollback(store);
	greynet_forget(greynet);
	write_all();
	int64_t heard = 0;
	(void)store_count(store, &(struct store_query){.kind = STORE_HEARD}, &heard, NULL);
	OK(heard == 2, "what was rolled back is written again");
	OK(!greynet_is_due(greynet, now_us + WHEN_SECOND_US) &&
		greynet_is_due(greynet, now_us + WHEN_MINUTE_US),
	    "then only the clock, once a minute");
	greynet_end(greynet);
	OK(greynet_is_due(greynet, now_us + WHEN_SECOND_US), "or at the end");
	write_all();
	OK(!greynet_is_due(greynet, now_us + WHEN_SECOND_US), "once");
	end();
}

static void test_blind(void)
{
	begin("10.0.0.0/8");
	pass(QUIET + WHEN_MINUTE_US);
	OK(is_dark("10.77.0.1"), "dark");
	for (uint32_t i = 0; i < GREYNET_HOSTS_MAX; i++) {
		const struct observer_sink *sink = greynet_sink(greynet);
		const struct host host = {
		    .address = address_from_v4_u32(0x0a000001 + i), .flags = HOST_SENT};
		sink->on_host(sink->context, &host);
	}
	struct greynet_counts counts;
	greynet_get_counts(greynet, &counts);
	OK(!counts.is_blind && is_dark("10.77.0.1"), "as many machines as there is room for");
	hear("10.88.0.1", HOST_SENT);
	greynet_get_counts(greynet, &counts);
	OK(counts.is_blind && !is_dark("10.77.0.1"),
	    "one more: nobody knows any more who is silent");
	write_all();
	pass(8 * QUIET);
	now_us += 1; /* an hour later by the other clock */
	for (int i = 0; i < 200; i++)
		write_all();
	now_us += WHEN_HOUR_US;
	write_all();
	greynet_get_counts(greynet, &counts);
	OK(!counts.is_blind && !is_dark("10.77.0.1"),
	    "when there is room again learning begins anew");
	pass(QUIET + WHEN_MINUTE_US);
	OK(is_dark("10.77.0.1"), "and comes to its end");
	hear("::", HOST_MISSING);
	greynet_get_counts(greynet, &counts);
	OK(counts.is_blind && !is_dark("10.77.0.1"), "where a capture has no room, it is over");
	end();
}

static void test_pulled_cable(void)
{
	begin("192.0.2.0/24");
	pass(WHEN_HOUR_US);
	const struct observer_sink *sink = greynet_sink(greynet);
	for (int i = 0; i < 24 * 60; i++, now_us += WHEN_MINUTE_US)
		sink->on_window_end(sink->context, now_us);
	OK(!is_dark("192.0.2.5") && !is_dark("192.0.2.77"),
	    "a day without a word is a pulled cable, and nobody's silence");
	pass(WHEN_HOUR_US + 2 * WHEN_MINUTE_US);
	OK(is_dark("192.0.2.77") && !is_dark("192.0.2.5"), "when it is back, learning goes on");
	end();
}

static void test_counting(void)
{
	begin("192.0.2.0/24");
	struct registry *registry;
	bool is_whole;
	if (registry_new(&registry) != 0 ||
	    registry_add_member(registry, "town", "192.0.2.0/25", NULL) != 0 ||
	    registry_add_dark(registry, "192.0.2.64/26", NULL) != 0 ||
	    registry_seal(registry, NULL) != 0)
		exit(1);
	OK(greynet_count_dark(greynet, registry, &is_whole) == 0 && is_whole,
	    "nothing is learned yet");
	pass(QUIET + WHEN_MINUTE_US);
	/* of .1 to .63, two speak; .64 to .127 are declared, .128 and more are nobody's */
	OK(greynet_count_dark(greynet, registry, &is_whole) == 61 && is_whole,
	    "of members' addresses, those that are not declared are counted");
	end();
	begin("10.0.0.0/8");
	pass(QUIET + WHEN_MINUTE_US);
	(void)greynet_count_dark(greynet, registry, &is_whole);
	OK(!is_whole, "of a wide range not all are looked at");
	registry_free(registry);
	end();
}

static void test_intervals(void)
{
	OK(greynet_tell_us(7 * WHEN_DAY_US) == 6 * WHEN_HOUR_US, "a week: every six hours");
	OK(greynet_tell_us(WHEN_HOUR_US) == 15 * WHEN_MINUTE_US, "an hour: a quarter of it");
	OK(greynet_tell_us(WHEN_MINUTE_US) == WHEN_MINUTE_US, "never more often than each minute");
}

int main(void)
{
	test_learning();
	test_evidence();
	test_log_limit();
	test_forgetting();
	test_special();
	test_ours();
	test_wire();
	test_wire_limit();
	test_restart();
	test_rollback();
	test_blind();
	test_pulled_cable();
	test_counting();
	test_intervals();
	return test_done();
}
