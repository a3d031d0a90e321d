/* What so many unused addresses can see, where a station stands, and the words for it. */
#include "cmd/station/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/stats_words.h"
#include "cmd/station/surroundings.h"
#include "phrase_check.h"
#include "test.h"

/* Within 95 of 100 cases, as RULES tells them for 100 packets a second. */
static const struct {
	const char *name;
	uint64_t dark;
	double hours;
} reaches[] = {
    {"a /24: 5.8 days", 256, 5.8 * 24},
    {"a /22: 35 hours", 1024, 35},
    {"a /20: 8.7 hours", 4096, 8.7},
    {"a /16: 33 minutes", 65536, 33.0 / 60},
    {"280,000 addresses: 7.7 minutes", 280000, 7.7 / 60},
    {"all of IPv4: at once", UINT64_C(1) << 32, 0.03 / 3600},
};

static void test_reach(void)
{
	for (size_t i = 0; i < sizeof reaches / sizeof reaches[0]; i++) {
		const struct coverage_reach reach = coverage_reach(reaches[i].dark);
		const double hours = (double)reach.most_us / (double)WHEN_HOUR_US;
		OK(hours > reaches[i].hours * 0.98 && hours < reaches[i].hours * 1.02,
		    reaches[i].name);
	}
	const struct coverage_reach one = coverage_reach(1);
	OK(one.mean_us == INT64_C(42949672) * WHEN_SECOND_US + 960000 &&
		one.most_us == 3 * one.mean_us,
	    "a single one: 497 days on average");
	OK(coverage_reach(0).mean_us == INT64_MAX, "none: never");
}

static struct address parse(const char *text)
{
	struct address address;
	if (address_parse(text, &address) != 0)
		abort();
	return address;
}

static void add_interface(struct station_facts *facts, const char *name, int index, int networks)
{
	struct station_interface *interface = &facts->interfaces[facts->interface_count++];
	(void)snprintf(interface->name, sizeof interface->name, "%s", name);
	interface->index = index;
	interface->network_count = (size_t)networks;
	for (int i = 0; i < networks; i++)
		interface->networks[i].address =
		    address_from_v4_u32(0x0a000000 + (uint32_t)(index * 256 + i));
}

static void test_surroundings(void)
{
	static struct station_facts facts;
	struct surroundings found;
	struct station_source sources[3] = {
	    {.kind = STATION_SOURCE_RING, .address = "ring:eth1"},
	    {.kind = STATION_SOURCE_PCAP, .address = "pcap:eth0"},
	    {.kind = STATION_SOURCE_XDP, .address = "xdp:gone0"},
	};
	add_interface(&facts, "eth0", 2, 1);
	add_interface(&facts, "eth1", 3, 2);
	facts.gateways[facts.gateway_count++] =
	    (struct station_gateway){parse("10.0.2.254"), .interface = 2};
	facts.gateways[facts.gateway_count++] =
	    (struct station_gateway){parse("10.0.3.254"), .interface = 3};
	surroundings_choose(&facts, sources, 3, &found);
	const struct address gateway = parse("10.0.3.254");
	OK(found.network_count == 2 && found.gateway_count == 1 &&
		address_equal(&found.gateways[0], &gateway),
	    "networks and gateways of the interfaces that are watched, and of no others");
	for (int i = 0; i < STATION_SOURCES_MAX; i++) {
		char name[16];
		(void)snprintf(name, sizeof name, "net%d", i);
		add_interface(&facts, name, 10 + i, STATION_NETWORKS_MAX);
	}
	struct station_source many[STATION_SOURCES_MAX];
	memset(many, 0, sizeof many);
	for (int i = 0; i < STATION_SOURCES_MAX; i++) {
		many[i].kind = STATION_SOURCE_RING;
		(void)snprintf(many[i].address, sizeof many[i].address, "ring:net%d", i);
	}
	surroundings_choose(&facts, many, STATION_SOURCES_MAX, &found);
	OK(found.network_count == SURROUNDINGS_NETWORKS_MAX, "no more than there is room for");
}

static void test_words(void)
{
	bool same = true;
	bool clean = true;
	bool japanese = true;
	for (int i = 0; i < STATS_WORDS; i++) {
		const char *en = stats_word(LANGUAGE_EN, (enum stats_word)i);
		const char *ja = stats_word(LANGUAGE_JA, (enum stats_word)i);
		if (en == NULL || ja == NULL || places_of(en) < 0 ||
		    places_of(en) != places_of(ja)) {
			printf("# word %d: %s\n", i, en == NULL ? "" : en);
			same = false;
			continue;
		}
		clean = clean && is_clean(en) && is_clean(ja);
		japanese = japanese && !has_kana(en);
	}
	OK(same, "every word in every language, with the same places");
	OK(clean && japanese, "without what no screen shows, each in its own");
}

int main(void)
{
	test_reach();
	test_surroundings();
	test_words();
	return test_done();
}
