/* ring_open.c - what of a ring needs privilege: its socket, and the memory that the kernel gives.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "source/fanout.h"
#include "source/interface.h"
#include "source/live.h"
#include "source/live_options.h"
#include "source/ring.h"

enum {
	FRAME_BYTES = 2048, /* a unit of the kernel's sums only: frames lie close in a block */
	VLAN_BYTES = 4,
	GROUP_MARK = 0x4869, /* so that interfaces' numbers make groups that others seldom have */
};

/* What is being opened, for complaints. */
struct opening {
	int fd;
	const struct live_options *options;
	struct source_grant *grant;
	struct complaint *complaint;
};

static int fail(const struct opening *opening, int error, const char *expected)
{
	return complain(opening->complaint, -error, "ring:%s: %s; expected %s",
	    opening->options->interface, strerror(error), expected);
}

/* Which frames it has. */
static int find_link(const struct opening *opening, unsigned arp)
{
	struct source_grant *grant = opening->grant;
	switch (arp) {
	case ARPHRD_LOOPBACK:
		grant->is_loopback = true;
		grant->link_type = LINK_ETHERNET;
		return 0;
	case ARPHRD_ETHER:
		grant->link_type = LINK_ETHERNET;
		return 0;
	case ARPHRD_NONE:
	case ARPHRD_PPP:
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
		grant->link_type = LINK_RAW;
		return 0;
	default:
		return complain(opening->complaint, -EPROTONOSUPPORT,
		    "ring:%s: is of a kind that is not read (ARPHRD %u); expected Ethernet or a "
		    "tunnel of IP",
		    opening->options->interface, arp);
	}
}

/* The kernel stamps frames where they arrive, not where they are copied, once for all who listen.
 */
static int stamp_early(const struct opening *opening)
{
	const int on = 1;
	if (setsockopt(opening->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0)
		return 0;
	return fail(opening, errno, "a kernel that stamps packets");
}

static int set(const struct opening *opening, int option, const void *value, socklen_t bytes)
{
	if (setsockopt(opening->fd, SOL_PACKET, option, value, bytes) == 0)
		return 0;
	return fail(opening, errno, "a kernel with TPACKET_V3 and memory for its ring");
}

static int make_ring(const struct opening *opening)
{
	const int version = TPACKET_V3;
	const int reserve = VLAN_BYTES; /* in front of each frame, for a tag that is put back */
	const struct tpacket_req3 request = {
	    .tp_block_size = RING_BLOCK_BYTES,
	    .tp_block_nr = opening->options->blocks,
	    .tp_frame_size = FRAME_BYTES,
	    .tp_frame_nr = opening->options->blocks * (RING_BLOCK_BYTES / FRAME_BYTES),
	    .tp_retire_blk_tov = RING_RETIRE_MS,
	};
	int result = set(opening, PACKET_VERSION, &version, sizeof version);
	if (result == 0)
		result = set(opening, PACKET_RESERVE, &reserve, sizeof reserve);
	return result == 0 ? set(opening, PACKET_RX_RING, &request, sizeof request) : result;
}

static int share(const struct opening *opening)
{
	const struct live_options *options = opening->options;
	const struct fanout fanout = {
	    .count = options->fanout_count,
	    .group = options->group != 0
			 ? options->group
			 : (((uint32_t)opening->grant->index ^ GROUP_MARK) & UINT16_MAX),
	    .has_ethernet = opening->grant->link_type == LINK_ETHERNET,
	};
	int result = fanout_join(opening->fd, &fanout);
	if (result == -ENOSPC)
		return complain(opening->complaint, result,
		    "ring:%s: %u sockets share it already; expected fanout= with a higher count, "
		    "or another group=",
		    options->interface, options->fanout_count);
	if (result == -EINVAL)
		return complain(opening->complaint, result,
		    "ring:%s: it cannot be shared in this group; expected an interface that is up, "
		    "the same count in each fanout=, or another group=",
		    options->interface);
	return result == 0 ? 0 : fail(opening, -result, "an interface that can be shared");
}

/*
 * Frames come from now on. A socket that is to share an interface gets all of it until it has
 * joined the others: so long nothing passes its filter, so that no frame is seen twice.
 */
static int listen_on(const struct opening *opening)
{
	const struct sockaddr_ll address = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = opening->grant->index,
	};
	const struct packet_mreq all = {
	    .mr_ifindex = opening->grant->index, .mr_type = PACKET_MR_PROMISC};
	struct sock_filter nothing[] = {{.code = BPF_RET | BPF_K, .k = 0}};
	const struct sock_fprog closed = {.len = 1, .filter = nothing};
	const bool shares = opening->options->fanout_count > 0;
	const int unused = 0;
	if (shares &&
	    setsockopt(opening->fd, SOL_SOCKET, SO_ATTACH_FILTER, &closed, sizeof closed) != 0)
		return fail(opening, errno, "a kernel with packet filters");
	if (bind(opening->fd, (const struct sockaddr *)&address, sizeof address) != 0)
		return fail(opening, errno, "an interface that can be listened on");
	int result = shares ? share(opening) : 0;
	if (shares && result == 0 &&
	    setsockopt(opening->fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) != 0)
		return fail(opening, errno, "a kernel with packet filters");
	if (result != 0 || !opening->options->is_promiscuous)
		return result;
	return set(opening, PACKET_ADD_MEMBERSHIP, &all, sizeof all);
}

static int open_socket(const struct opening *opening, unsigned arp)
{
	if (opening->fd < 0)
		return fail(opening, errno, "root, or the capability CAP_NET_RAW");
	int result = find_link(opening, arp);
	if (result == 0)
		result = stamp_early(opening);
	if (result == 0)
		result = make_ring(opening);
	return result == 0 ? listen_on(opening) : result;
}

int ring_prepare(const char *rest, struct source_grant *ret_grant, struct complaint *complaint)
{
	struct live_options options;
	struct interface_state state;
	int result = live_options_parse("ring", rest, &options, complaint);
	if (result != 0)
		return result;
	if (interface_look(options.interface, &state) != 0)
		return interface_complain_unknown("ring", rest, complaint);
	struct source_grant grant = {
	    .kind = "ring",
	    .index = state.index,
	    .is_shared = options.fanout_count > 0,
	    .unit_bytes = RING_BLOCK_BYTES,
	    .units = options.blocks,
	    .queues = 1,
	};
	memcpy(grant.interface, options.interface, sizeof grant.interface);
	const struct opening opening = {
	    /* no protocol yet: nothing comes before it is bound to the interface */
	    .fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0),
	    .options = &options,
	    .grant = &grant,
	    .complaint = complaint,
	};
	result = open_socket(&opening, state.arp);
	if (result == 0) {
		grant.descriptors[grant.descriptor_count++] = opening.fd;
		*ret_grant = grant;
	} else if (opening.fd >= 0) {
		(void)close(opening.fd); /* nothing was written through it */
	}
	return result;
}
