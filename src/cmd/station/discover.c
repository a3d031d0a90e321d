#include "cmd/station/discover.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ANSWER_BYTES = 64 * 1024, /* the kernel sends at most half of it at a time */
	ANSWER_S = 5,             /* it answers at once */
	TRIES_MAX = 5,            /* a list that changed while it was sent is asked for again */
	KIND_BYTES = 16,
	V4_BYTES = 4,
};

/* What is left of an answer, a message, or an attribute's inside. */
struct span {
	const uint8_t *bytes;
	size_t count;
};

struct message {
	uint16_t type;
	struct span body; /* after its header */
};

struct attribute {
	uint16_t type;
	struct span value;
};

static void skip(struct span *span, size_t count)
{
	count = count < span->count ? count : span->count;
	span->bytes += count;
	span->count -= count;
}

/* The next message, or false where no whole one is left. */
static bool next_message(struct span *left, struct message *ret_message)
{
	struct nlmsghdr header;
	if (left->count < sizeof header)
		return false;
	memcpy(&header, left->bytes, sizeof header);
	if (header.nlmsg_len < sizeof header || header.nlmsg_len > left->count)
		return false;
	*ret_message = (struct message){
	    .type = header.nlmsg_type,
	    .body = {left->bytes + sizeof header, header.nlmsg_len - sizeof header},
	};
	skip(left, NLMSG_ALIGN(header.nlmsg_len));
	return true;
}

static bool next_attribute(struct span *left, struct attribute *ret_attribute)
{
	struct rtattr header;
	if (left->count < sizeof header)
		return false;
	memcpy(&header, left->bytes, sizeof header);
	if (header.rta_len < sizeof header || header.rta_len > left->count)
		return false;
	*ret_attribute = (struct attribute){
	    .type = (uint16_t)(header.rta_type & (unsigned)NLA_TYPE_MASK),
	    .value = {left->bytes + sizeof header, header.rta_len - sizeof header},
	};
	skip(left, RTA_ALIGN(header.rta_len));
	return true;
}

/* The first attribute of a type; false where there is none. */
static bool find_attribute(struct span left, uint16_t type, struct span *ret_value)
{
	struct attribute attribute;
	while (next_attribute(&left, &attribute)) {
		if (attribute.type == type) {
			*ret_value = attribute.value;
			return true;
		}
	}
	return false;
}

/* The fixed start of a body, of `bytes`; false where it is shorter. Attributes follow. */
static bool take_header(struct span *body, void *header, size_t bytes)
{
	if (body->count < bytes)
		return false;
	memcpy(header, body->bytes, bytes);
	skip(body, NLMSG_ALIGN(bytes));
	return true;
}

static bool take_text(struct span value, char *out, size_t out_bytes)
{
	const uint8_t *end = memchr(value.bytes, '\0', value.count);
	size_t bytes = end != NULL ? (size_t)(end - value.bytes) : value.count;
	if (bytes == 0 || bytes >= out_bytes)
		return false;
	memcpy(out, value.bytes, bytes);
	out[bytes] = '\0';
	return true;
}

static bool take_address(int family, struct span value, struct address *ret_address)
{
	if (family == AF_INET && value.count == V4_BYTES)
		*ret_address = address_from_v4(value.bytes);
	else if (family == AF_INET6 && value.count == ADDRESS_BYTES)
		memcpy(ret_address->bytes, value.bytes, ADDRESS_BYTES);
	else
		return false;
	return true;
}

static enum station_interface_kind kind_of(const struct ifinfomsg *link, struct span attributes)
{
	/* A card has no kind; ports of a switch that is built in have one, and are cards too. */
	static const char *const wires[] = {"veth", "macvlan", "ipvlan"};
	char kind[KIND_BYTES] = "";
	struct span info, value;
	if ((link->ifi_flags & IFF_LOOPBACK) != 0)
		return STATION_INTERFACE_LOOPBACK;
	if (link->ifi_type != ARPHRD_ETHER)
		return STATION_INTERFACE_OTHER;
	bool has_kind = find_attribute(attributes, IFLA_LINKINFO, &info) &&
			find_attribute(info, IFLA_INFO_KIND, &value);
	if (!has_kind)
		return STATION_INTERFACE_ETHERNET;
	if (!take_text(value, kind, sizeof kind))
		return STATION_INTERFACE_VIRTUAL;
	if (strcmp(kind, "dsa") == 0)
		return STATION_INTERFACE_ETHERNET;
	bool leads_out = find_attribute(attributes, IFLA_LINK_NETNSID, &value);
	for (size_t i = 0; leads_out && i < sizeof wires / sizeof wires[0]; i++)
		if (strcmp(kind, wires[i]) == 0)
			return STATION_INTERFACE_GUEST;
	return STATION_INTERFACE_VIRTUAL;
}

/* In the order of indices, in which the kernel mostly gives them. */
static void insert(struct station_facts *facts, const struct station_interface *interface)
{
	size_t at = facts->interface_count;
	if (at == STATION_INTERFACES_MAX) {
		facts->interfaces_left_out++;
		return;
	}
	for (; at > 0 && facts->interfaces[at - 1].index > interface->index; at--)
		facts->interfaces[at] = facts->interfaces[at - 1];
	facts->interfaces[at] = *interface;
	facts->interface_count++;
}

void station_facts_add_links(struct station_facts *facts, const void *bytes, size_t count)
{
	struct span left = {bytes, count};
	struct message message;
	while (next_message(&left, &message)) {
		struct ifinfomsg link;
		struct span name, carrier;
		struct station_interface interface = {0};
		if (message.type != RTM_NEWLINK ||
		    !take_header(&message.body, &link, sizeof link) ||
		    !find_attribute(message.body, IFLA_IFNAME, &name) ||
		    !take_text(name, interface.name, sizeof interface.name))
			continue;
		interface.index = link.ifi_index;
		interface.kind = kind_of(&link, message.body);
		interface.is_up = (link.ifi_flags & IFF_UP) != 0;
		interface.has_carrier = find_attribute(message.body, IFLA_CARRIER, &carrier) &&
					carrier.count > 0 && carrier.bytes[0] != 0;
		insert(facts, &interface);
	}
}

static struct prefix prefix_around(const struct address *address, unsigned bits)
{
	struct prefix prefix = {.address = *address, .bits = (uint8_t)bits};
	for (unsigned bit = bits; bit < ADDRESS_BITS; bit++)
		prefix.address.bytes[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
	return prefix;
}

static struct station_interface *find_index(struct station_facts *facts, int index)
{
	for (size_t i = 0; i < facts->interface_count; i++)
		if (facts->interfaces[i].index == index)
			return &facts->interfaces[i];
	return NULL;
}

void station_facts_add_addresses(struct station_facts *facts, const void *bytes, size_t count)
{
	struct span left = {bytes, count};
	struct message message;
	while (next_message(&left, &message)) {
		struct ifaddrmsg header;
		struct span value;
		struct station_network network;
		if (message.type != RTM_NEWADDR ||
		    !take_header(&message.body, &header, sizeof header))
			continue;
		/* Of a wire with two ends the local one is ours; IPv6 has it as its address. */
		if (!find_attribute(message.body, IFA_LOCAL, &value) &&
		    !find_attribute(message.body, IFA_ADDRESS, &value))
			continue;
		struct station_interface *interface = find_index(facts, (int)header.ifa_index);
		if (interface == NULL || interface->network_count == STATION_NETWORKS_MAX ||
		    !take_address(header.ifa_family, value, &network.address))
			continue;
		unsigned bits = header.ifa_family == AF_INET ? ADDRESS_V4_BITS : 0;
		bits += header.ifa_prefixlen;
		if (bits > ADDRESS_BITS)
			continue;
		network.prefix = prefix_around(&network.address, bits);
		interface->networks[interface->network_count++] = network;
	}
}

/* A gateway of the route's family, or of the other (RFC 5549). */
static void add_gateway(
    struct station_facts *facts, int family, struct span attributes, int interface)
{
	struct station_gateway gateway = {.interface = interface};
	struct span value;
	bool is_found = find_attribute(attributes, RTA_GATEWAY, &value) &&
			take_address(family, value, &gateway.address);
	sa_family_t via = 0;
	if (!is_found && find_attribute(attributes, RTA_VIA, &value) && value.count >= sizeof via) {
		memcpy(&via, value.bytes, sizeof via); /* struct rtvia */
		skip(&value, sizeof via);
		is_found = take_address(via, value, &gateway.address);
	}
	if (is_found && facts->gateway_count < STATION_GATEWAYS_MAX &&
	    find_index(facts, interface) != NULL)
		facts->gateways[facts->gateway_count++] = gateway;
}

/* Several ways at once: each with its interface and attributes of its own. */
static void add_ways(struct station_facts *facts, int family, struct span left)
{
	struct rtnexthop hop;
	while (left.count >= sizeof hop) {
		memcpy(&hop, left.bytes, sizeof hop);
		if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left.count)
			return;
		add_gateway(facts, family,
		    (struct span){left.bytes + sizeof hop, hop.rtnh_len - sizeof hop},
		    hop.rtnh_ifindex);
		skip(&left, RTNH_ALIGN(hop.rtnh_len));
	}
}

void station_facts_add_routes(struct station_facts *facts, const void *bytes, size_t count)
{
	struct span left = {bytes, count};
	struct message message;
	while (next_message(&left, &message)) {
		struct rtmsg route;
		struct span value;
		int interface = 0;
		if (message.type != RTM_NEWROUTE ||
		    !take_header(&message.body, &route, sizeof route) || route.rtm_dst_len != 0 ||
		    route.rtm_type != RTN_UNICAST || route.rtm_table != RT_TABLE_MAIN)
			continue;
		if (find_attribute(message.body, RTA_OIF, &value) &&
		    value.count == sizeof interface)
			memcpy(&interface, value.bytes, sizeof interface);
		if (find_attribute(message.body, RTA_MULTIPATH, &value))
			add_ways(facts, route.rtm_family, value);
		else
			add_gateway(facts, route.rtm_family, message.body, interface);
	}
}

const struct station_interface *station_facts_find_interface(
    const struct station_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->interface_count; i++)
		if (strcmp(facts->interfaces[i].name, name) == 0)
			return &facts->interfaces[i];
	return NULL;
}

const struct station_interface *station_facts_find_index(
    const struct station_facts *facts, int index)
{
	for (size_t i = 0; i < facts->interface_count; i++)
		if (facts->interfaces[i].index == index)
			return &facts->interfaces[i];
	return NULL;
}

/* What to ask for, and who reads the answer. */
struct question {
	uint16_t type;
	void (*add)(struct station_facts *facts, const void *bytes, size_t count);
};

static int ask(int fd, uint16_t type)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg body; /* the longest of the three; zeros ask for all */
	} request = {
	    .header =
		{
		    .nlmsg_len = sizeof request,
		    .nlmsg_type = type,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent =
	    sendto(fd, &request, sizeof request, 0, (struct sockaddr *)&kernel, sizeof kernel);
	return sent == (ssize_t)sizeof request ? 0 : -errno;
}

/* How an answer goes on: 1 there is more, 0 it was the last, or a negative errno. */
static int state_of(const uint8_t *bytes, size_t count)
{
	struct span left = {bytes, count};
	struct message message;
	while (next_message(&left, &message)) {
		struct nlmsgerr error;
		if (message.type == NLMSG_DONE)
			return 0;
		if (message.type == NLMSG_ERROR)
			return take_header(&message.body, &error, sizeof error) && error.error < 0
				   ? error.error
				   : -EPROTO;
	}
	return 1;
}

static bool was_interrupted(const uint8_t *bytes, size_t count)
{
	struct nlmsghdr header;
	if (count < sizeof header)
		return false;
	memcpy(&header, bytes, sizeof header);
	return (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
}

/* One whole answer. -EAGAIN when the list changed meanwhile. */
static int listen_to(
    int fd, const struct question *question, uint8_t *buffer, struct station_facts *facts)
{
	bool is_torn = false;
	int state = 1;
	while (state > 0) {
		struct sockaddr_nl sender = {0};
		socklen_t sender_bytes = sizeof sender;
		ssize_t got = recvfrom(
		    fd, buffer, ANSWER_BYTES, MSG_TRUNC, (struct sockaddr *)&sender, &sender_bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (got == 0 || got > ANSWER_BYTES)
			return -EMSGSIZE;
		if (sender.nl_pid != 0)
			continue; /* another process, not the kernel */
		is_torn = is_torn || was_interrupted(buffer, (size_t)got);
		question->add(facts, buffer, (size_t)got);
		state = state_of(buffer, (size_t)got);
	}
	return state == 0 && is_torn ? -EAGAIN : state;
}

static int open_route_socket(void)
{
	struct timeval patience = {.tv_sec = ANSWER_S};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
		int error = -errno;
		(void)close(fd); /* nothing was sent */
		return error;
	}
	return fd;
}

static int ask_all(uint8_t *buffer, struct station_facts *facts)
{
	static const struct question questions[] = {
	    {RTM_GETLINK, station_facts_add_links},
	    {RTM_GETADDR, station_facts_add_addresses},
	    {RTM_GETROUTE, station_facts_add_routes},
	};
	int fd = open_route_socket();
	int error = fd < 0 ? fd : 0;
	for (size_t i = 0; error == 0 && i < sizeof questions / sizeof questions[0]; i++) {
		error = ask(fd, questions[i].type);
		if (error == 0)
			error = listen_to(fd, &questions[i], buffer, facts);
	}
	if (fd >= 0)
		(void)close(fd); /* all was read, or does not matter */
	return error;
}

int station_facts_find(struct station_facts *ret_facts, struct complaint *complaint)
{
	uint8_t *buffer = malloc(ANSWER_BYTES);
	int error = buffer == NULL ? -ENOMEM : -EAGAIN;
	for (int tries = 0; error == -EAGAIN && tries < TRIES_MAX; tries++) {
		memset(ret_facts, 0, sizeof *ret_facts);
		error = ask_all(buffer, ret_facts);
	}
	free(buffer);
	if (error != 0)
		return complain(complaint, error,
		    "the kernel does not tell of its interfaces: %s, expected an answer of "
		    "rtnetlink(7)",
		    strerror(-error));
	station_names_find("", &ret_facts->names);
	return 0;
}
