/*
 * interface_use.c - asks the kernel by rtnetlink(7) what lies on an interface.
 *
 * The kernel's answers are trusted as far as their lengths, which are checked as its macros do.
 */
#include "source/interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* More than any one answer: the kernel fills at most 32 KiB for a dump. */
	ANSWER_BYTES = 65536,
};

/* What is looked for, and found. */
struct search {
	int fd;
	int index;
	int result; /* -EBUSY: found */
	unsigned queues;
	struct complaint *use;
};

static int complain_use(struct search *search, const char *text, const char *name)
{
	search->result = complain(search->use, -EBUSY, "%s%s", text, name);
	return search->result;
}

/* NLMSG_DATA() and RTA_DATA(), which take const away. */
static const void *body_of(const struct nlmsghdr *message)
{
	return (const char *)message + NLMSG_HDRLEN;
}

static const void *value_of(const struct rtattr *attribute)
{
	return (const char *)attribute + RTA_LENGTH(0);
}

static const struct rtattr *find_attribute(
    const struct nlmsghdr *message, size_t skipped, unsigned short type)
{
	const struct rtattr *at =
	    (const void *)((const char *)body_of(message) + NLMSG_ALIGN(skipped));
	size_t left = message->nlmsg_len - NLMSG_SPACE(skipped);
	if (message->nlmsg_len < NLMSG_SPACE(skipped))
		return NULL;
	while (left >= sizeof *at && at->rta_len >= sizeof *at && at->rta_len <= left) {
		size_t step = RTA_ALIGN(at->rta_len);
		if ((at->rta_type & NLA_TYPE_MASK) == type)
			return at;
		if (step > left)
			break;
		left -= step;
		at = (const struct rtattr *)(const void *)((const char *)at + step);
	}
	return NULL;
}

static uint32_t number_of(const struct rtattr *attribute)
{
	uint32_t value = 0;
	if (attribute != NULL && RTA_PAYLOAD(attribute) >= sizeof value)
		memcpy(&value, value_of(attribute), sizeof value);
	return value;
}

/* Every machine with IPv6 gives each interface a link-local address: that says nothing. */
static void see_address(struct search *search, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *about = body_of(message);
	char text[INET6_ADDRSTRLEN] = "?";
	if (about->ifa_index != (uint32_t)search->index ||
	    (about->ifa_family == AF_INET6 && about->ifa_scope == RT_SCOPE_LINK))
		return;
	const struct rtattr *address = find_attribute(message, sizeof *about, IFA_LOCAL);
	if (address == NULL)
		address = find_attribute(message, sizeof *about, IFA_ADDRESS);
	const size_t bytes =
	    about->ifa_family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	if (address != NULL && RTA_PAYLOAD(address) >= bytes)
		(void)inet_ntop(about->ifa_family, value_of(address), text, sizeof text);
	complain_use(search, "it has the address ", text);
}

static bool leaves_by(const struct rtattr *hops, int index)
{
	const struct rtnexthop *hop = value_of(hops);
	size_t left = RTA_PAYLOAD(hops);
	while (left >= sizeof *hop && hop->rtnh_len >= sizeof *hop && hop->rtnh_len <= left) {
		if (hop->rtnh_ifindex == index)
			return true;
		size_t step = (size_t)RTNH_ALIGN((int)hop->rtnh_len);
		if (step > left)
			break;
		left -= step;
		hop = (const struct rtnexthop *)(const void *)((const char *)hop + step);
	}
	return false;
}

static void see_route(struct search *search, const struct nlmsghdr *message)
{
	const struct rtmsg *about = body_of(message);
	if (about->rtm_dst_len != 0 || about->rtm_type != RTN_UNICAST)
		return;
	const struct rtattr *hops = find_attribute(message, sizeof *about, RTA_MULTIPATH);
	uint32_t out = number_of(find_attribute(message, sizeof *about, RTA_OIF));
	if (out == (uint32_t)search->index || (hops != NULL && leaves_by(hops, search->index)))
		complain_use(search, "a default route leaves by it", "");
}

/* A wire's other end is named as that on which it lies, too. */
static bool is_wire(const struct nlmsghdr *message)
{
	const struct rtattr *info =
	    find_attribute(message, sizeof(struct ifinfomsg), IFLA_LINKINFO);
	static const char veth[] = "veth";
	return info != NULL && memmem(value_of(info), RTA_PAYLOAD(info), veth, sizeof veth) != NULL;
}

static void see_link(struct search *search, const struct nlmsghdr *message)
{
	const struct ifinfomsg *about = body_of(message);
	char name[IF_NAMESIZE] = "?";
	if (about->ifi_index == search->index) {
		search->queues =
		    number_of(find_attribute(message, sizeof *about, IFLA_NUM_RX_QUEUES));
		uint32_t master = number_of(find_attribute(message, sizeof *about, IFLA_MASTER));
		(void)if_indextoname(master, name); /* else "?" */
		if (master != 0)
			complain_use(search, "it is part of ", name);
		return;
	}
	uint32_t below = number_of(find_attribute(message, sizeof *about, IFLA_LINK));
	bool is_elsewhere = find_attribute(message, sizeof *about, IFLA_LINK_NETNSID) != NULL;
	if (below == (uint32_t)search->index && !is_elsewhere && !is_wire(message)) {
		(void)if_indextoname((unsigned)about->ifi_index, name); /* else "?" */
		complain_use(search, "upon it lies ", name);
	}
}

static void see(struct search *search, const struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWADDR:
		if (message->nlmsg_len >= NLMSG_SPACE(sizeof(struct ifaddrmsg)))
			see_address(search, message);
		return;
	case RTM_NEWROUTE:
		if (message->nlmsg_len >= NLMSG_SPACE(sizeof(struct rtmsg)))
			see_route(search, message);
		return;
	case RTM_NEWLINK:
		if (message->nlmsg_len >= NLMSG_SPACE(sizeof(struct ifinfomsg)))
			see_link(search, message);
		return;
	default:
		return;
	}
}

/* Returns 1 when there is more to come, 0 at the end, or a negative errno. */
static int see_all(struct search *search, const char *answer, size_t bytes)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)answer;
	while (bytes >= sizeof *message && message->nlmsg_len >= sizeof *message &&
	       message->nlmsg_len <= bytes) {
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return -EPROTO;
		if (search->result == 0)
			see(search, message);
		size_t step = NLMSG_ALIGN(message->nlmsg_len);
		if (step > bytes)
			break;
		bytes -= step;
		message = (const struct nlmsghdr *)(const void *)((const char *)message + step);
	}
	return 1;
}

/* Asks for all of one kind of all interfaces. */
static int dump(struct search *search, uint16_t type)
{
	/* the longest of the three headers; the kernel takes it for each */
	struct {
		struct nlmsghdr header;
		struct ifinfomsg about;
	} request = {
	    .header = {.nlmsg_len = sizeof request,
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	};
	static _Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];
	if (send(search->fd, &request, sizeof request, 0) != (ssize_t)sizeof request)
		return -EIO;
	int result = 1;
	while (result > 0) {
		ssize_t bytes = recv(search->fd, answer, sizeof answer, 0);
		if (bytes <= 0)
			return bytes < 0 ? -errno : -EPROTO;
		result = see_all(search, answer, (size_t)bytes);
	}
	return result;
}

static int open_search(struct search *search)
{
	search->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	return search->fd < 0 ? -errno : 0;
}

int interface_find_use(int index, struct complaint *ret_use)
{
	static const uint16_t types[] = {RTM_GETADDR, RTM_GETROUTE, RTM_GETLINK};
	struct search search = {.index = index, .use = ret_use};
	int result = open_search(&search);
	for (size_t i = 0; i < sizeof types / sizeof types[0] && result == 0; i++)
		result = dump(&search, types[i]);
	if (search.fd >= 0)
		(void)close(search.fd); /* all was read */
	if (result != 0)
		return complain(ret_use, result, "the kernel does not tell what lies on it: %s",
		    strerror(-result));
	return search.result;
}

/* As the driver says; not all do. */
static unsigned ask_channels(int fd, int index)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq request = {.ifr_ifindex = index};
	if (ioctl(fd, SIOCGIFNAME, &request) != 0)
		return 0;
	request.ifr_data = (char *)&channels;
	return ioctl(fd, SIOCETHTOOL, &request) == 0 ? channels.rx_count + channels.combined_count
						     : 0;
}

int interface_count_queues(int index, unsigned *ret_count)
{
	struct complaint ignored;
	struct search search = {.index = index, .use = &ignored};
	int result = open_search(&search);
	if (result == 0)
		search.queues = ask_channels(search.fd, index);
	if (result == 0 && search.queues == 0)
		result = dump(&search, RTM_GETLINK);
	if (search.fd >= 0)
		(void)close(search.fd); /* all was read */
	if (result == 0)
		*ret_count = search.queues > 0 ? search.queues : 1;
	return result;
}
