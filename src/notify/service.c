#include "notify/service.h"

#include <stdio.h>

#include "notify/wording_internal.h"

enum {
	ICMP = 1,
	TCP = 6,
	UDP = 17,
	ICMP6 = 58,
	SCTP = 132,
	ANY = 0, /* TCP and UDP alike */
	ECHO_REQUEST = 8,
	ECHO_REQUEST6 = 128,
};

/* The usual ones: those that lead in darknets, and those whose name tells a clerk something. */
static const struct usual {
	uint16_t port;
	uint8_t protocol;
	uint8_t service;
} usual[] = {
    {21, TCP, SERVICE_FTP},
    {22, TCP, SERVICE_SSH},
    {222, TCP, SERVICE_SSH},
    {2222, TCP, SERVICE_SSH},
    {22222, TCP, SERVICE_SSH},
    {23, TCP, SERVICE_TELNET},
    {2323, TCP, SERVICE_TELNET},
    {23231, TCP, SERVICE_TELNET},
    {26, TCP, SERVICE_TELNET},
    {25, TCP, SERVICE_MAIL},
    {110, TCP, SERVICE_MAIL},
    {143, TCP, SERVICE_MAIL},
    {465, TCP, SERVICE_MAIL},
    {587, TCP, SERVICE_MAIL},
    {993, TCP, SERVICE_MAIL},
    {995, TCP, SERVICE_MAIL},
    {53, ANY, SERVICE_DNS},
    {80, TCP, SERVICE_WEB},
    {81, TCP, SERVICE_WEB},
    {443, ANY, SERVICE_WEB},
    {8000, TCP, SERVICE_WEB},
    {8008, TCP, SERVICE_WEB},
    {8080, TCP, SERVICE_WEB},
    {8081, TCP, SERVICE_WEB},
    {8088, TCP, SERVICE_WEB},
    {8443, TCP, SERVICE_WEB},
    {8888, TCP, SERVICE_WEB},
    {123, UDP, SERVICE_NTP},
    {137, ANY, SERVICE_WINDOWS_NAME},
    {138, UDP, SERVICE_WINDOWS_NAME},
    {139, TCP, SERVICE_WINDOWS_SHARE},
    {445, TCP, SERVICE_WINDOWS_SHARE},
    {135, TCP, SERVICE_WINDOWS_REMOTE},
    {5985, TCP, SERVICE_WINDOWS_REMOTE},
    {5986, TCP, SERVICE_WINDOWS_REMOTE},
    {3389, ANY, SERVICE_REMOTE_DESKTOP},
    {5900, TCP, SERVICE_REMOTE_SCREEN},
    {5901, TCP, SERVICE_REMOTE_SCREEN},
    {161, UDP, SERVICE_SNMP},
    {162, UDP, SERVICE_SNMP},
    {514, UDP, SERVICE_SYSLOG},
    {6514, TCP, SERVICE_SYSLOG},
    {515, TCP, SERVICE_PRINTER},
    {631, ANY, SERVICE_PRINTER},
    {9100, TCP, SERVICE_PRINTER},
    {1433, TCP, SERVICE_DATABASE},
    {1434, UDP, SERVICE_DATABASE},
    {1521, TCP, SERVICE_DATABASE},
    {3306, TCP, SERVICE_DATABASE},
    {5432, TCP, SERVICE_DATABASE},
    {6379, TCP, SERVICE_DATABASE},
    {9200, TCP, SERVICE_DATABASE},
    {27017, TCP, SERVICE_DATABASE},
    {389, ANY, SERVICE_DIRECTORY},
    {636, TCP, SERVICE_DIRECTORY},
    {1900, UDP, SERVICE_SSDP},
    {3702, UDP, SERVICE_DISCOVERY},
    {5353, UDP, SERVICE_DISCOVERY},
    {5355, UDP, SERVICE_DISCOVERY},
    {5060, ANY, SERVICE_TELEPHONY},
    {5061, TCP, SERVICE_TELEPHONY},
    {5555, TCP, SERVICE_ANDROID},
    {5431, TCP, SERVICE_ROUTER},
    {7547, TCP, SERVICE_ROUTER},
    {8291, TCP, SERVICE_ROUTER},
    {37215, TCP, SERVICE_ROUTER},
    {52869, TCP, SERVICE_ROUTER},
    {53413, UDP, SERVICE_ROUTER},
    {11211, ANY, SERVICE_MEMCACHED},
    {102, TCP, SERVICE_INDUSTRY},
    {502, TCP, SERVICE_INDUSTRY},
    {20000, TCP, SERVICE_INDUSTRY},
    {44818, ANY, SERVICE_INDUSTRY},
    {47808, UDP, SERVICE_INDUSTRY},
    {1883, TCP, SERVICE_MQTT},
    {8883, TCP, SERVICE_MQTT},
    {2375, TCP, SERVICE_CONTAINER},
    {2376, TCP, SERVICE_CONTAINER},
    {6443, TCP, SERVICE_CONTAINER},
    {10250, TCP, SERVICE_CONTAINER},
    {500, UDP, SERVICE_VPN},
    {1194, UDP, SERVICE_VPN},
    {1723, TCP, SERVICE_VPN},
    {4500, UDP, SERVICE_VPN},
    {67, UDP, SERVICE_DHCP},
    {68, UDP, SERVICE_DHCP},
    {546, UDP, SERVICE_DHCP},
    {547, UDP, SERVICE_DHCP},
    {ECHO_REQUEST, ICMP, SERVICE_PING},
    {ECHO_REQUEST6, ICMP6, SERVICE_PING},
};

enum service service_of(const struct finding_port *port)
{
	if (port->neighbour || port->bare)
		return SERVICE_OTHER;
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
		bool either =
		    usual[i].protocol == ANY && (port->protocol == TCP || port->protocol == UDP);
		if (usual[i].port == port->port && (either || usual[i].protocol == port->protocol))
			return (enum service)usual[i].service;
	}
	return SERVICE_OTHER;
}

uint64_t service_port_total(const struct finding *finding)
{
	uint64_t total = finding->port_count;
	if (total < finding->ports_listed)
		total = finding->ports_listed;
	for (size_t i = 0; i < finding->reason_count; i++) {
		const struct reason_given *reason = &finding->reasons[i];
		if (reason->reason == REASON_PROTOCOLS && reason->numbers[0] > 0 &&
		    (uint64_t)reason->numbers[0] > total)
			total = (uint64_t)reason->numbers[0];
	}
	return total;
}

static size_t count_searched(const struct finding *finding)
{
	size_t count = 0;
	for (size_t i = 0; i < finding->ports_listed; i++)
		count += finding->ports[i].searched;
	return count;
}

/* Whether the ports that no longer fit the list were searched as those in it. */
static bool is_about_ports(const struct finding *finding)
{
	return finding->shape == SHAPE_VERTICAL || finding->shape == SHAPE_BLOCK ||
	       finding->shape == SHAPE_PROTOCOL;
}

struct service_lead service_lead(const struct finding *finding)
{
	size_t searched = count_searched(finding);
	struct service_lead lead = {.total = service_port_total(finding)};
	if (searched > 0 && is_about_ports(finding))
		lead.total -= finding->ports_listed - searched;
	else if (searched > 0)
		lead.total = searched;
	for (size_t i = 0; i < finding->ports_listed && lead.shown < SERVICE_PORTS_SHOWN; i++) {
		if (searched == 0 || finding->ports[i].searched)
			lead.ports[lead.shown++] = &finding->ports[i];
	}
	return lead;
}

enum service service_sought(const struct finding *finding)
{
	struct service_lead lead = service_lead(finding);
	if (lead.shown == 0)
		return SERVICE_OTHER;
	enum service service = service_of(lead.ports[0]);
	for (size_t i = 1; i < lead.shown; i++) {
		if (service_of(lead.ports[i]) != service)
			return SERVICE_OTHER;
	}
	return service;
}

static enum message message_for(const struct finding_port *port)
{
	if (port->neighbour)
		return port->protocol == ICMP6 ? MESSAGE_PORT_ND : MESSAGE_PORT_ARP;
	if (port->bare)
		return MESSAGE_PORT_BARE;
	switch (port->protocol) {
	case TCP:
		return MESSAGE_PORT_TCP;
	case UDP:
		return MESSAGE_PORT_UDP;
	case SCTP:
		return MESSAGE_PORT_SCTP;
	case ICMP:
		return port->port == ECHO_REQUEST ? MESSAGE_PORT_PING : MESSAGE_PORT_ICMP;
	case ICMP6:
		return port->port == ECHO_REQUEST6 ? MESSAGE_PORT_PING6 : MESSAGE_PORT_ICMP6;
	default:
		return MESSAGE_PORT_OTHER;
	}
}

static void add_plain(struct text *text, enum language language, const struct finding_port *port)
{
	enum message message = message_for(port);
	uint64_t first = message == MESSAGE_PORT_BARE ? port->protocol : port->port;
	char number[8];
	char protocol[8];
	/* Not as numbers: a port has no commas. */
	(void)snprintf(number, sizeof number, "%u", (unsigned)first);
	(void)snprintf(protocol, sizeof protocol, "%u", (unsigned)port->protocol);
	const struct value values[] = {value_of_text(number), value_of_text(protocol)};
	wording_add(text, language, message, values, 2);
}

void service_add_port(
    struct text *text, enum language language, const struct finding_port *port, bool named)
{
	enum service service = service_of(port);
	/* A ping is its own service: "ICMP echo (ping)" says it. */
	if (!named || service == SERVICE_OTHER || service == SERVICE_PING) {
		add_plain(text, language, port);
		return;
	}
	char plain[SERVICE_PORT_BYTES];
	struct text inner;
	text_init(&inner, plain, sizeof plain);
	add_plain(&inner, language, port);
	const struct value values[] = {
	    value_of_text(plain), value_of_text(wording_get(language)->services[service])};
	wording_add(text, language, MESSAGE_PORT_NAMED, values, 2);
}

/* "TCP 23, 2323": what two neighbours share is said once. */
static bool shares_name(const struct finding_port *a, const struct finding_port *b)
{
	enum message message = message_for(a);
	return message == message_for(b) &&
	       (message == MESSAGE_PORT_TCP || message == MESSAGE_PORT_UDP);
}

static void add_list(struct text *text, enum language language, const struct service_lead *lead)
{
	for (size_t i = 0; i < lead->shown; i++) {
		if (i > 0)
			text_add(text, wording_get(language)->messages[MESSAGE_ITEM_JOINT]);
		if (i > 0 && shares_name(lead->ports[i - 1], lead->ports[i])) {
			char number[8];
			(void)snprintf(number, sizeof number, "%u", (unsigned)lead->ports[i]->port);
			text_add(text, number);
		} else {
			add_plain(text, language, lead->ports[i]);
		}
	}
}

void service_add_ports(struct text *text, enum language language, const struct finding *finding)
{
	struct service_lead lead = service_lead(finding);
	if (lead.shown == 0) {
		wording_add(text, language, MESSAGE_PORTS_NONE, NULL, 0);
		return;
	}
	if (lead.total <= lead.shown) {
		add_list(text, language, &lead);
		return;
	}
	char list[SERVICE_PORTS_BYTES];
	struct text inner;
	text_init(&inner, list, sizeof list);
	add_list(&inner, language, &lead);
	const struct value values[] = {
	    value_of_text(list), value_of_count(lead.total - lead.shown)};
	wording_add(text, language, MESSAGE_PORTS_MORE, values, 2);
}
