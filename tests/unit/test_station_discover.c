/* What a machine tells about itself, from answers and files of machines that are made up. */
#include "cmd/station/discover.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/facts_text.h"
#include "test.h"

/* An answer of the kernel in the making. */
static struct {
	uint8_t bytes[8192];
	size_t count;
	size_t message; /* where the last one begins */
} answer;

static void put(const void *bytes, size_t count)
{
	memcpy(answer.bytes + answer.count, bytes, count);
	answer.count += count;
	while (answer.count % NLMSG_ALIGNTO != 0)
		answer.bytes[answer.count++] = 0;
	struct nlmsghdr header;
	memcpy(&header, answer.bytes + answer.message, sizeof header);
	header.nlmsg_len = (uint32_t)(answer.count - answer.message);
	memcpy(answer.bytes + answer.message, &header, sizeof header);
}

static void begin(uint16_t type, const void *body, size_t bytes)
{
	struct nlmsghdr header = {.nlmsg_type = type};
	answer.message = answer.count;
	put(&header, sizeof header);
	put(body, bytes);
}

static void attribute(uint16_t type, const void *value, size_t bytes)
{
	struct rtattr header = {.rta_len = (uint16_t)(sizeof header + bytes), .rta_type = type};
	memcpy(answer.bytes + answer.count, &header, sizeof header);
	answer.count += sizeof header;
	put(value, bytes);
}

/* `kind` is that of IFLA_INFO_KIND, NULL for a card. */
static void link_of(int index, const char *name, const char *kind, unsigned flags, bool leads_out)
{
	struct ifinfomsg body = {.ifi_index = index, .ifi_type = ARPHRD_ETHER, .ifi_flags = flags};
	uint8_t carrier = (flags & IFF_UP) != 0;
	int space = 0;
	begin(RTM_NEWLINK, &body, sizeof body);
	attribute(IFLA_IFNAME, name, strlen(name) + 1);
	attribute(IFLA_CARRIER, &carrier, sizeof carrier);
	if (kind != NULL) {
		struct {
			struct rtattr header;
			char kind[12];
		} info = {
		    .header = {.rta_len = (uint16_t)(sizeof(struct rtattr) + strlen(kind) + 1),
			.rta_type = IFLA_INFO_KIND}};
		(void)snprintf(info.kind, sizeof info.kind, "%s", kind);
		attribute(IFLA_LINKINFO | NLA_F_NESTED, &info, sizeof info);
	}
	if (leads_out)
		attribute(IFLA_LINK_NETNSID, &space, sizeof space);
}

static void address_of(int index, int family, const char *text, uint8_t bits)
{
	struct ifaddrmsg body = {
	    .ifa_family = (uint8_t)family, .ifa_prefixlen = bits, .ifa_index = (uint32_t)index};
	struct address address;
	(void)address_parse(text, &address); /* ours */
	begin(RTM_NEWADDR, &body, sizeof body);
	if (family == AF_INET)
		attribute(IFA_LOCAL, address.bytes + 12, 4);
	else
		attribute(IFA_ADDRESS, address.bytes, 16);
}

static void route_by(int index, int family, const char *gateway, uint8_t bits, uint8_t table)
{
	struct rtmsg body = {.rtm_family = (uint8_t)family,
	    .rtm_dst_len = bits,
	    .rtm_table = table,
	    .rtm_type = RTN_UNICAST};
	struct address address;
	(void)address_parse(gateway, &address);
	begin(RTM_NEWROUTE, &body, sizeof body);
	attribute(RTA_OIF, &index, sizeof index);
	if (family == AF_INET)
		attribute(RTA_GATEWAY, address.bytes + 12, 4);
	else
		attribute(RTA_GATEWAY, address.bytes, 16);
}

static void write_links(void)
{
	struct ifinfomsg tunnel = {.ifi_index = 9, .ifi_type = ARPHRD_NONE, .ifi_flags = IFF_UP};
	answer.count = 0;
	link_of(1, "lo", NULL, IFF_UP | IFF_LOOPBACK, false);
	link_of(3, "eth1", NULL, 0, false);
	link_of(2, "eth0", NULL, IFF_UP, false);
	link_of(4, "docker0", "bridge", IFF_UP, false);
	link_of(5, "veth5", "veth", IFF_UP, false);
	link_of(6, "veth6", "veth", IFF_UP, true);
	link_of(7, "br-out", "bridge", IFF_UP, true);
	link_of(8, "lan1", "dsa", IFF_UP, false);
	begin(RTM_NEWLINK, &tunnel, sizeof tunnel);
	attribute(IFLA_IFNAME, "tun0", 5);
}

static void write_addresses(void)
{
	answer.count = 0;
	address_of(1, AF_INET, "127.0.0.1", 8);
	address_of(2, AF_INET, "192.0.2.77", 26);
	address_of(2, AF_INET6, "2001:db8::77", 64);
	address_of(2, AF_INET6, "fe80::77", 64);
	address_of(2, AF_INET, "198.51.100.1", 33);  /* no such length */
	address_of(42, AF_INET, "198.51.100.1", 24); /* no such interface */
}

static void write_routes(void)
{
	struct rtmsg body = {
	    .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST};
	struct {
		struct rtnexthop hop;
		struct rtattr header;
		uint8_t gateway[4];
	} ways[2] = {
	    {{.rtnh_len = sizeof ways[0], .rtnh_ifindex = 2}, {8, RTA_GATEWAY}, {192, 0, 2, 3}},
	    {{.rtnh_len = sizeof ways[0], .rtnh_ifindex = 3}, {8, RTA_GATEWAY}, {192, 0, 2, 4}},
	};
	struct {
		uint16_t family;
		uint8_t address[16];
	} via = {AF_INET6, {0xfe, 0x80, [15] = 9}};
	int index = 2;
	answer.count = 0;
	route_by(2, AF_INET, "192.0.2.65", 0, RT_TABLE_MAIN);
	route_by(2, AF_INET, "192.0.2.66", 8, RT_TABLE_MAIN);    /* not to everywhere */
	route_by(2, AF_INET, "192.0.2.67", 0, RT_TABLE_DEFAULT); /* of another table */
	route_by(42, AF_INET, "192.0.2.68", 0, RT_TABLE_MAIN);   /* of no interface */
	route_by(2, AF_INET6, "fe80::1", 0, RT_TABLE_MAIN);
	begin(RTM_NEWROUTE, &body, sizeof body);
	attribute(RTA_MULTIPATH, ways, sizeof ways);
	begin(RTM_NEWROUTE, &body, sizeof body);
	attribute(RTA_OIF, &index, sizeof index);
	attribute(RTA_VIA, &via, sizeof via);
}

static bool is_kind(
    const struct station_facts *facts, const char *name, enum station_interface_kind kind)
{
	const struct station_interface *interface = station_facts_find_interface(facts, name);
	return interface != NULL && interface->kind == kind;
}

static void test_links(struct station_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	write_links();
	station_facts_add_links(facts, answer.bytes, answer.count);
	OK(facts->interface_count == 9, "every link");
	bool is_ordered = true;
	for (size_t i = 0; i < facts->interface_count; i++)
		is_ordered = is_ordered && facts->interfaces[i].index == (int)i + 1;
	OK(is_ordered, "in the order of their indices");
	OK(is_kind(facts, "lo", STATION_INTERFACE_LOOPBACK), "loopback");
	OK(is_kind(facts, "eth0", STATION_INTERFACE_ETHERNET), "a card");
	OK(is_kind(facts, "lan1", STATION_INTERFACE_ETHERNET),
	    "a port of a switch that is built in");
	OK(is_kind(facts, "docker0", STATION_INTERFACE_VIRTUAL), "a bridge");
	OK(is_kind(facts, "veth5", STATION_INTERFACE_VIRTUAL), "a wire that stays inside");
	OK(is_kind(facts, "veth6", STATION_INTERFACE_GUEST), "a wire that leads out");
	OK(is_kind(facts, "br-out", STATION_INTERFACE_VIRTUAL), "a bridge leads nowhere");
	OK(is_kind(facts, "tun0", STATION_INTERFACE_OTHER), "a tunnel");
	OK(station_facts_find_interface(facts, "eth9") == NULL &&
		station_facts_find_index(facts, 42) == NULL,
	    "what is not there");
	OK(station_facts_find_index(facts, 2)->is_up &&
		station_facts_find_index(facts, 2)->has_carrier &&
		!station_facts_find_index(facts, 3)->is_up,
	    "up and down");
}

static void test_networks(struct station_facts *facts)
{
	char text[PREFIX_TEXT_BYTES];
	write_addresses();
	station_facts_add_addresses(facts, answer.bytes, answer.count);
	const struct station_interface *eth0 = station_facts_find_interface(facts, "eth0");
	OK(eth0->network_count == 3, "addresses of known interfaces, with lengths that are some");
	prefix_format(&eth0->networks[0].prefix, text);
	OK(strcmp(text, "192.0.2.64/26") == 0, "a network of IPv4");
	prefix_format(&eth0->networks[1].prefix, text);
	OK(strcmp(text, "2001:db8::/64") == 0, "a network of IPv6");

	write_routes();
	station_facts_add_routes(facts, answer.bytes, answer.count);
	static const char *const expected[] = {
	    "192.0.2.65", "fe80::1", "192.0.2.3", "192.0.2.4", "fe80::9"};
	bool good = facts->gateway_count == 5;
	for (size_t i = 0; good && i < 5; i++) {
		char address[ADDRESS_TEXT_BYTES];
		address_format(&facts->gateways[i].address, address);
		good = strcmp(address, expected[i]) == 0;
		if (!good)
			printf("# %s\n", address);
	}
	OK(good, "gateways: one, of IPv6, several ways, of the other family; no other routes");
}

static void test_text(struct station_facts *facts)
{
	char out[2048];
	struct text text;
	(void)snprintf(facts->names.zone, sizeof facts->names.zone, "Asia/Tokyo");
	(void)snprintf(facts->names.mail_domain, sizeof facts->names.mail_domain, "example.jp");
	text_init(&text, out, sizeof out);
	station_facts_add_list(&text, LANGUAGE_EN, facts);
	OK(strcmp(out, "eth0 (192.0.2.64/26, 2001:db8::/64), docker0 (no address), veth5 (no "
		       "address), veth6 (no address), 3 more interfaces, gateway 192.0.2.65 at "
		       "eth0, time zone Asia/Tokyo, mail domain example.jp") == 0,
	    "the list");
	text_init(&text, out, sizeof out);
	station_facts_add_lines(&text, LANGUAGE_JA, facts);
	OK(strstr(out, "  eth0：イーサネット、動作中、192.0.2.64/26、2001:db8::/64\n"
		       "  eth1：イーサネット、停止中、アドレスなし\n") == out,
	    "the lines, in Japanese");
	OK(strstr(out, "  ゲートウェイ 192.0.2.65（eth0）\n") != NULL &&
		strstr(out, "  メールのドメイン example.jp\n") != NULL &&
		strstr(out, "lo：") == NULL,
	    "gateways and names, and nothing of loopback");
}

/* Each answer, cut at every length and with every byte changed: read, and never past its end. */
static void test_cut(struct station_facts *facts)
{
	static void (*const write[])(void) = {write_links, write_addresses, write_routes};
	static void (*const add[])(struct station_facts *, const void *, size_t) = {
	    station_facts_add_links, station_facts_add_addresses, station_facts_add_routes};
	for (size_t i = 0; i < 3; i++) {
		write[i]();
		bool good = true;
		for (size_t count = 0; good && count < answer.count; count++) {
			uint8_t *exact = malloc(count + 1);
			if (exact == NULL)
				return;
			memcpy(exact, answer.bytes, count + 1);
			exact[count] ^= 0xff;
			struct station_facts *copy = malloc(sizeof *copy);
			if (copy != NULL) {
				*copy = *facts;
				add[i](copy, exact, count + 1);
				good = copy->interface_count <= STATION_INTERFACES_MAX &&
				       copy->gateway_count <= STATION_GATEWAYS_MAX;
			}
			free(copy);
			free(exact);
		}
		OK(good, "cut at every length, the last byte changed");
	}
}

static void test_limits(struct station_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	answer.count = 0;
	for (int i = 0; i <= STATION_INTERFACES_MAX; i++) {
		char name[IF_NAMESIZE];
		(void)snprintf(name, sizeof name, "e%d", i);
		link_of(i + 1, name, NULL, IFF_UP, false);
	}
	station_facts_add_links(facts, answer.bytes, answer.count);
	OK(facts->interface_count == STATION_INTERFACES_MAX && facts->interfaces_left_out == 1,
	    "one interface too many is counted");
	answer.count = 0;
	for (int i = 0; i <= STATION_NETWORKS_MAX; i++)
		address_of(1, AF_INET, "192.0.2.1", 24);
	station_facts_add_addresses(facts, answer.bytes, answer.count);
	OK(facts->interfaces[0].network_count == STATION_NETWORKS_MAX, "one network too many");
	answer.count = 0;
	for (int i = 0; i <= STATION_GATEWAYS_MAX; i++)
		route_by(1, AF_INET, "192.0.2.1", 0, RT_TABLE_MAIN);
	station_facts_add_routes(facts, answer.bytes, answer.count);
	OK(facts->gateway_count == STATION_GATEWAYS_MAX, "one gateway too many");
}

/* Files of a machine below a root of our own. */
static void put_file(const char *root, const char *path, const char *text)
{
	char whole[256];
	(void)snprintf(whole, sizeof whole, "%s%s", root, path);
	for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(whole, 0700);
		*slash = '/';
	}
	FILE *file = fopen(whole, "we");
	if (file == NULL)
		return;
	(void)fputs(text, file);
	(void)fclose(file); /* the tests see what is missing */
}

static void link_zone(const char *root, const char *target)
{
	char whole[256];
	(void)snprintf(whole, sizeof whole, "%s/etc/localtime", root);
	(void)unlink(whole);
	if (target != NULL && symlink(target, whole) != 0)
		perror(whole); /* the tests see what is missing */
}

#define HOSTNAME "/proc/sys/kernel/hostname"
#define RESOLV   "/etc/resolv.conf"
#define MAILNAME "/etc/mailname"

static void test_names(const char *root)
{
	struct station_names names;
	station_names_find(root, &names);
	OK(names.host[0] == '\0' && names.domain[0] == '\0' && names.mail_domain[0] == '\0' &&
		names.zone[0] == '\0',
	    "a machine without files");

	put_file(root, HOSTNAME, "tower\n");
	put_file(root, RESOLV, "# by DHCP\nnameserver 192.0.2.1\nsearch office.example.jp lan\n");
	link_zone(root, "/usr/share/zoneinfo/Asia/Tokyo");
	station_names_find(root, &names);
	OK(strcmp(names.host, "tower") == 0 && strcmp(names.domain, "office.example.jp") == 0 &&
		strcmp(names.mail_domain, "office.example.jp") == 0 &&
		strcmp(names.zone, "Asia/Tokyo") == 0,
	    "an ordinary machine");

	put_file(root, RESOLV, "domain a.example\nsearch\tb.example c.example\r\n");
	put_file(root, MAILNAME, "mail.example.jp\n");
	link_zone(root, "../usr/share/zoneinfo/America/Argentina/Buenos_Aires");
	station_names_find(root, &names);
	OK(strcmp(names.domain, "b.example") == 0, "the last of domain and search counts");
	OK(strcmp(names.mail_domain, "mail.example.jp") == 0, "the name of mail comes first");
	OK(strcmp(names.zone, "America/Argentina/Buenos_Aires") == 0, "a relative link");

	put_file(root, HOSTNAME, "tower.town.example\n");
	put_file(root, MAILNAME, "localhost\n");
	link_zone(root, NULL);
	put_file(root, "/etc/timezone", "Europe/Berlin\n");
	put_file(root, "/etc/localtime", "TZif2");
	station_names_find(root, &names);
	OK(strcmp(names.domain, "town.example") == 0, "the host's own domain comes first");
	OK(strcmp(names.mail_domain, "town.example") == 0, "a name without a dot takes no mail");
	OK(strcmp(names.zone, "Europe/Berlin") == 0, "a copy of the zone's file");

	static const char *const wrong[] = {
	    "a\x1b[31m.example", "a b", "-a.example", "a..b", "example.jp\x80", "192.0.2.1", "."};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char text[64];
		put_file(root, HOSTNAME, "tower\n");
		(void)snprintf(text, sizeof text, "search %s\n", wrong[i]);
		put_file(root, RESOLV, text);
		put_file(root, MAILNAME, wrong[i]);
		station_names_find(root, &names);
		bool is_word = strcmp(wrong[i], "a b") == 0; /* its first word is a name */
		OK(strcmp(names.domain, is_word ? "a" : "") == 0 && names.mail_domain[0] == '\0',
		    "a domain that is none is not believed");
	}
	static const char *const zones[] = {
	    "/usr/share/zoneinfo//etc/passwd", "/usr/share/zoneinfo/A\nB: c", "/etc/passwd"};
	put_file(root, "/etc/timezone", "/etc/passwd\n");
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		link_zone(root, zones[i]);
		station_names_find(root, &names);
		OK(names.zone[0] == '\0' || strcmp(names.zone, "A") == 0,
		    "a zone that is none is not believed");
	}
}

int main(void)
{
	char root[] = "/tmp/hinomi-test-discover-XXXXXX";
	char command[128];
	struct station_facts *facts = calloc(1, sizeof *facts);
	if (facts == NULL || mkdtemp(root) == NULL)
		return 1;
	test_links(facts);
	test_networks(facts);
	test_text(facts);
	test_cut(facts);
	test_limits(facts);
	test_names(root);

	struct complaint complaint = {""};
	OK(station_facts_find(facts, &complaint) == 0 &&
		station_facts_find_interface(facts, "lo") != NULL,
	    "this machine tells of itself");
	free(facts);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", root);
	return system(command) == 0 ? test_done() : 1;
}
