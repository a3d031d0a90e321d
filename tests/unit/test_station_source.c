/* Where a station's frames come from: as it is written, and as it is chosen. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/source_address.h"
#include "cmd/station/sources.h"
#include "test.h"

static const struct {
	const char *text;
	const char *address; /* NULL when it is refused */
	uint32_t speed;
} rows[] = {
    {"ring:eth0", "ring:eth0", 1},
    {"xdp:enp0s31f6.100", "xdp:enp0s31f6.100", 1},
    {"ring:0123456789abcde", "ring:0123456789abcde", 1},
    {"ring:eth0?speed=3", "ring:eth0?speed=3", 1}, /* a name like any other */
    {"drill:demo-day", "drill:demo-day", 1},
    {"drill:demo-day?speed=60", "drill:demo-day", 60},
    {"drill:demo-day?speed=60&seed=7", "drill:demo-day?seed=7", 60},
    {"drill:demo-day?seed=7&speed=60", "drill:demo-day?seed=7", 60},
    {"drill:demo-day?seed=7&speed=60&start=2026-04-01T00:00:00Z",
	"drill:demo-day?seed=7&start=2026-04-01T00:00:00Z", 60},
    {"drill:demo-day?speed=max", "drill:demo-day", 0},
    {"drill:demo-day?speed=1", "drill:demo-day", 1},
    {"drill:demo-day?speed=1000000", "drill:demo-day", 1000000},
    {"pcap:a.pcap", "pcap:a.pcap", 1},
    {"pcap:a.pcap?speed=10", "pcap:a.pcap", 10},
    {"pcap:a?b&speed=3.pcap", "pcap:a?b&speed=3.pcap", 1},
    {"pcap:a?speed=3.pcap?speed=4", "pcap:a?speed=3.pcap", 4},
    {"drill:demo-day?speed=1000001", NULL, 0},
    {"drill:demo-day?speed=0", NULL, 0},
    {"drill:demo-day?speed=", NULL, 0},
    {"drill:demo-day?speed=-1", NULL, 0},
    {"drill:demo-day?speed=1.5", NULL, 0},
    {"drill:demo-day?speed=maximum", NULL, 0},
    {"drill:demo-day?speed=00000001", NULL, 0},
    {"drill:demo-day?speed=1&speed=2", NULL, 0},
    {"drill:demo-day?speed=1&", NULL, 0},
    {"drill:demo-dya", NULL, 0},
    {"drill:", NULL, 0},
    {"pcap:", NULL, 0},
    {"pcap:-", NULL, 0},
    {"pcap:a?speed=3x", NULL, 0},
    {"ring:", NULL, 0},
    {"ring:0123456789abcdef", NULL, 0},
    {"ring:..", NULL, 0},
    {"ring:a/b", NULL, 0},
    {"ring:a:b", NULL, 0},
    {"ring:a b", NULL, 0},
    {"ring:a\x1b", NULL, 0},
    {"eth0", NULL, 0},
    {"Ring:eth0", NULL, 0},
    {"script:x", NULL, 0},
    {"", NULL, 0},
    {":", NULL, 0},
};

static void test_addresses(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct station_source source, again;
		struct complaint complaint = {""};
		memset(&source, 0x5a, sizeof source);
		memset(&again, 0xa5, sizeof again);
		int error = station_source_parse(rows[i].text, &source, &complaint);
		bool good = rows[i].address == NULL
				? error == -EINVAL && complaint.text[0] != '\0'
				: error == 0 && strcmp(source.address, rows[i].address) == 0 &&
				      source.speed == rows[i].speed &&
				      station_source_parse(rows[i].text, &again, NULL) == 0 &&
				      memcmp(&source, &again, sizeof again) == 0;
		if (!good)
			printf("# %d: %s\n", error, complaint.text);
		OK(good, rows[i].text[0] == '\0' ? "nothing" : rows[i].text);
	}
	struct station_source source;
	char text[STATION_SOURCE_BYTES + 1];
	memset(text, 'x', sizeof text);
	memcpy(text, "pcap:", strlen("pcap:"));
	text[STATION_SOURCE_BYTES - 1] = '\0';
	OK(station_source_parse(text, &source, NULL) == 0 &&
		strcmp(station_source_rest(&source), text + strlen("pcap:")) == 0,
	    "the longest");
	text[STATION_SOURCE_BYTES - 1] = 'x';
	text[STATION_SOURCE_BYTES] = '\0';
	OK(station_source_parse(text, &source, NULL) == -EINVAL, "one byte more");
	OK(station_source_parse("xdp:a", &source, NULL) == 0 && station_source_is_live(&source),
	    "an interface is live");
	OK(station_source_parse("drill:demo-day", &source, NULL) == 0 &&
		!station_source_is_live(&source),
	    "an exercise is not");
}

/* Machines: their interfaces, and what is chosen. "" for nothing. */
static const struct {
	const char *name;
	struct {
		const char *name;
		enum station_interface_kind kind;
		bool is_up;
	} interfaces[6];
	const char *chosen;
} machines[] = {
    {"no interface", {{NULL, 0, false}}, ""},
    {"loopback alone", {{"lo", STATION_INTERFACE_LOOPBACK, true}}, ""},
    {"one card",
	{{"lo", STATION_INTERFACE_LOOPBACK, true}, {"eth0", STATION_INTERFACE_ETHERNET, true}},
	"ring:eth0 "},
    {"two cards, one of them down",
	{{"eth0", STATION_INTERFACE_ETHERNET, true}, {"eth1", STATION_INTERFACE_ETHERNET, false}},
	"ring:eth0 "},
    {"two cards",
	{{"eth0", STATION_INTERFACE_ETHERNET, true}, {"eth1", STATION_INTERFACE_ETHERNET, true}},
	"ring:eth0 ring:eth1 "},
    {"a host of containers",
	{{"eth0", STATION_INTERFACE_ETHERNET, true}, {"docker0", STATION_INTERFACE_VIRTUAL, true},
	    {"veth1", STATION_INTERFACE_GUEST, true}, {"tun0", STATION_INTERFACE_OTHER, true}},
	"ring:eth0 "},
    {"a container",
	{{"lo", STATION_INTERFACE_LOOPBACK, true}, {"eth0", STATION_INTERFACE_GUEST, true},
	    {"dummy0", STATION_INTERFACE_VIRTUAL, true}},
	"ring:eth0 "},
    {"a container that is down", {{"eth0", STATION_INTERFACE_GUEST, false}}, ""},
    {"a card that is down is not replaced by what is virtual",
	{{"eth0", STATION_INTERFACE_ETHERNET, false}, {"veth1", STATION_INTERFACE_GUEST, true}},
	""},
};

static void test_choice(void)
{
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
		struct station_facts facts = {0};
		struct station_source chosen[STATION_SOURCES_MAX];
		char text[256] = "";
		size_t used = 0;
		for (size_t n = 0; n < 6 && machines[i].interfaces[n].name != NULL; n++) {
			struct station_interface *interface = &facts.interfaces[n];
			(void)snprintf(interface->name, sizeof interface->name, "%s",
			    machines[i].interfaces[n].name);
			interface->kind = machines[i].interfaces[n].kind;
			interface->is_up = machines[i].interfaces[n].is_up;
			facts.interface_count++;
		}
		size_t count = station_sources_choose(&facts, chosen, STATION_SOURCES_MAX);
		for (size_t n = 0; n < count; n++)
			used += (size_t)snprintf(
			    text + used, sizeof text - used, "%s ", chosen[n].address);
		OK(strcmp(text, machines[i].chosen) == 0, machines[i].name);
	}

	struct station_facts many = {.interface_count = STATION_SOURCES_MAX + 1};
	struct station_source chosen[STATION_SOURCES_MAX + 1];
	memset(chosen, 0x5a, sizeof chosen);
	for (size_t i = 0; i < many.interface_count; i++) {
		many.interfaces[i].kind = STATION_INTERFACE_ETHERNET;
		many.interfaces[i].is_up = true;
		(void)snprintf(many.interfaces[i].name, IF_NAMESIZE, "eth%u", (unsigned)i & 31U);
	}
	OK(station_sources_choose(&many, chosen, STATION_SOURCES_MAX) == STATION_SOURCES_MAX + 1 &&
		chosen[STATION_SOURCES_MAX].address[0] == 0x5a &&
		strcmp(chosen[STATION_SOURCES_MAX - 1].address, "ring:eth15") == 0,
	    "more cards than can be watched are counted, and no more written than fit");
}

static void test_share(void)
{
	static struct station_config_sources sources;
	struct complaint complaint;
	char name[STATION_INTERFACE_BYTES];
	sources.count = 2;
	if (station_source_parse("ring:eth0", &sources.list[0], NULL) != 0 ||
	    station_source_parse("xdp:eth1", &sources.list[1], NULL) != 0)
		abort();
	OK(station_sources_share(&sources, 1, NULL) == 0 && sources.count == 2 &&
		strcmp(sources.list[0].address, "ring:eth0") == 0,
	    "one worker shares with nobody");
	OK(station_sources_share(&sources, 15, NULL) == 0 && sources.count == 16 &&
		strcmp(sources.list[0].address, "ring:eth0?fanout=15/0") == 0 &&
		strcmp(sources.list[14].address, "ring:eth0?fanout=15/14") == 0 &&
		strcmp(sources.list[15].address, "xdp:eth1") == 0,
	    "each worker has its part of a ring");
	station_source_interface(&sources.list[14], name);
	OK(strcmp(name, "eth0") == 0, "of the same interface");
	sources.count = 0;
	sources.list[sources.count++] = sources.list[15];
	if (station_source_parse("ring:eth0", &sources.list[sources.count++], NULL) != 0)
		abort();
	OK(station_sources_share(&sources, 16, &complaint) == -EINVAL && sources.count == 2 &&
		strstr(complaint.text, "17 captures of 2 sources") != NULL,
	    "more captures than there can be are refused");
}

int main(void)
{
	test_addresses();
	test_choice();
	test_share();
	return test_done();
}
