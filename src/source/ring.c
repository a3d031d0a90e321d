/*
 * ring.c - AF_PACKET with TPACKET_V3 (packet(7); the kernel's networking/packet_mmap.rst).
 *
 * The kernel writes frames into blocks of memory that we share with it, and hands a block over when
 * it is full or RETIRE_MS old: no copy and no system call for each packet, and a lone one waits for
 * no other. A block that was read is given back at the next read but one.
 */
#include "source/ring.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BLOCK_BYTES = 1 << 20,
	BLOCKS = 32,        /* a million packets/s of 100 bytes for a third of a second */
	FRAME_BYTES = 2048, /* a unit of the kernel's sums only: frames lie close in a block */
	RETIRE_MS = 20,
	HELD_MS = 5,
	VLAN_BYTES = 4,
	MACS_BYTES = 2 * ETH_ALEN,
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	NAMES_BYTES = 256,
};

struct ring {
	struct source source;
	int fd;
	int index; /* of the interface */
	char name[IF_NAMESIZE];
	uint32_t link_type;
	bool is_loopback; /* it gives each packet twice: as sent, and as received */
	uint8_t *blocks;
	size_t current;   /* the block that is read */
	uint32_t left;    /* frames of it that were not given yet */
	uint8_t *next;    /* the first of them; NULL: the block is to be waited for */
	size_t held;      /* a block that the last read finished, or NO_BLOCK */
	size_t held_long; /* one that the read before finished */
	bool has_ended;
	uint64_t dropped;
};

#define NO_BLOCK SIZE_MAX

static volatile sig_atomic_t is_stopped;

void ring_stop(void)
{
	is_stopped = 1;
}

static struct tpacket_hdr_v1 *block_at(const struct ring *ring, size_t number)
{
	uint8_t *bytes = ring->blocks + number % BLOCKS * BLOCK_BYTES;
	return &((struct tpacket_block_desc *)(void *)bytes)->hdr.bh1;
}

/* The kernel and we both write this word: whoever sees it change sees what came before. */
static bool is_ours(struct tpacket_hdr_v1 *block)
{
	return (__atomic_load_n(&block->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}

static void give_back(const struct ring *ring, size_t number)
{
	if (number != NO_BLOCK)
		__atomic_store_n(
		    &block_at(ring, number)->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

static int fail(
    const struct ring *ring, int error, const char *expected, struct complaint *complaint)
{
	return complain(
	    complaint, -error, "ring:%s: %s; expected %s", ring->name, strerror(error), expected);
}

/* Names the interfaces that there are. */
static int complain_unknown(const char *name, struct complaint *complaint)
{
	char names[NAMES_BYTES] = "";
	struct if_nameindex *all = if_nameindex();
	size_t used = 0;
	for (size_t i = 0; all != NULL && all[i].if_index != 0; i++) {
		int length = snprintf(names + used, sizeof names - used, "%s%s",
		    used > 0 ? ", " : "", all[i].if_name);
		assert(length >= 0);
		used += (size_t)length;
		if (used >= sizeof names)
			break; /* cut, and that is enough of them */
	}
	if_freenameindex(all);
	return complain(
	    complaint, -ENODEV, "ring:%s: no such interface; expected one of: %s", name, names);
}

/* Which frames it has. */
static int find_link(struct ring *ring, struct complaint *complaint)
{
	struct ifreq request = {0};
	memcpy(request.ifr_name, ring->name, sizeof ring->name);
	if (ioctl(ring->fd, SIOCGIFHWADDR, &request) != 0)
		return fail(ring, errno, "an interface that can be asked", complaint);
	switch (request.ifr_hwaddr.sa_family) {
	case ARPHRD_LOOPBACK:
		ring->is_loopback = true;
		ring->link_type = LINK_ETHERNET;
		return 0;
	case ARPHRD_ETHER:
		ring->link_type = LINK_ETHERNET;
		return 0;
	case ARPHRD_NONE:
	case ARPHRD_PPP:
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
		ring->link_type = LINK_RAW;
		return 0;
	default:
		return complain(complaint, -EPROTONOSUPPORT,
		    "ring:%s: is of a kind that is not read (ARPHRD %u); expected Ethernet or a "
		    "tunnel of IP",
		    ring->name, (unsigned)request.ifr_hwaddr.sa_family);
	}
}

/* The kernel stamps frames where they arrive, not where they are copied, once for all who listen.
 */
static int stamp_early(const struct ring *ring, struct complaint *complaint)
{
	const int on = 1;
	if (setsockopt(ring->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0)
		return 0;
	return fail(ring, errno, "a kernel that stamps packets", complaint);
}

static int set(const struct ring *ring, int option, const void *value, socklen_t bytes,
    struct complaint *complaint)
{
	if (setsockopt(ring->fd, SOL_PACKET, option, value, bytes) == 0)
		return 0;
	return fail(ring, errno, "a kernel with TPACKET_V3 and memory for its ring", complaint);
}

static int map_blocks(struct ring *ring, struct complaint *complaint)
{
	const int version = TPACKET_V3;
	const int reserve = VLAN_BYTES; /* in front of each frame, for a tag that is put back */
	const struct tpacket_req3 request = {
	    .tp_block_size = BLOCK_BYTES,
	    .tp_block_nr = BLOCKS,
	    .tp_frame_size = FRAME_BYTES,
	    .tp_frame_nr = BLOCKS * (BLOCK_BYTES / FRAME_BYTES),
	    .tp_retire_blk_tov = RETIRE_MS,
	};
	int result = set(ring, PACKET_VERSION, &version, sizeof version, complaint);
	if (result == 0)
		result = set(ring, PACKET_RESERVE, &reserve, sizeof reserve, complaint);
	if (result == 0)
		result = set(ring, PACKET_RX_RING, &request, sizeof request, complaint);
	if (result != 0)
		return result;
	void *blocks = mmap(
	    NULL, (size_t)BLOCKS * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (blocks == MAP_FAILED)
		return fail(ring, errno, "memory for its ring", complaint);
	ring->blocks = blocks;
	return 0;
}

/* Frames come from now on. */
static int listen_on(struct ring *ring, struct complaint *complaint)
{
	const struct sockaddr_ll address = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = ring->index,
	};
	const struct packet_mreq all = {.mr_ifindex = ring->index, .mr_type = PACKET_MR_PROMISC};
	if (bind(ring->fd, (const struct sockaddr *)&address, sizeof address) != 0)
		return fail(ring, errno, "an interface that can be listened on", complaint);
	return set(ring, PACKET_ADD_MEMBERSHIP, &all, sizeof all, complaint);
}

static int open_ring(struct ring *ring, const char *name, struct complaint *complaint)
{
	unsigned index = strlen(name) < sizeof ring->name ? if_nametoindex(name) : 0;
	if (index == 0)
		return complain_unknown(name, complaint);
	ring->index = (int)index;
	memcpy(ring->name, name, strlen(name) + 1);
	/* no protocol yet: nothing comes before it is bound to the interface */
	ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (ring->fd < 0)
		return fail(ring, errno, "root, or the capability CAP_NET_RAW", complaint);
	int result = find_link(ring, complaint);
	if (result == 0)
		result = stamp_early(ring, complaint);
	if (result == 0)
		result = map_blocks(ring, complaint);
	return result == 0 ? listen_on(ring, complaint) : result;
}

static void ring_close(struct source *source)
{
	struct ring *ring = (struct ring *)source;
	if (ring->blocks != NULL)
		munmap(ring->blocks, (size_t)BLOCKS * BLOCK_BYTES);
	if (ring->fd >= 0)
		(void)close(ring->fd); /* only read from */
	free(ring);
}

static int ring_open(const char *name, struct source **ret_source, struct complaint *complaint)
{
	struct ring *ring = calloc(1, sizeof *ring);
	if (ring == NULL)
		return complain(complaint, -ENOMEM, "ring:%s: out of memory", name);
	ring->source.kind = &source_ring;
	ring->fd = -1;
	ring->held = NO_BLOCK;
	ring->held_long = NO_BLOCK;
	int result = open_ring(ring, name, complaint);
	if (result != 0)
		ring_close(&ring->source);
	else
		*ret_source = &ring->source;
	return result;
}

/* Takes the error away as well, which says only that it is down. */
static bool is_removed(const struct ring *ring)
{
	int error;
	socklen_t bytes = sizeof error;
	(void)getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	struct ifreq request = {.ifr_ifindex = ring->index};
	return ioctl(ring->fd, SIOCGIFNAME, &request) != 0 && errno == ENODEV;
}

/*
 * Waits for the current block. Returns 1, 0 when asked to stop, or a negative errno. An interface
 * that is down gives an error once, and frames again when it is up.
 */
static int await_block(struct ring *ring, struct complaint *complaint)
{
	int unheard_ms = 0;
	while (!is_ours(block_at(ring, ring->current))) {
		if (is_stopped)
			return 0;
		/* while we hold the block before this one, the kernel says that it is ready */
		const bool holds = ring->held != NO_BLOCK || ring->held_long != NO_BLOCK;
		const int wait_ms = holds ? HELD_MS : RING_STOP_MS;
		struct pollfd waiting = {.fd = ring->fd, .events = POLLIN};
		int ready = poll(&waiting, holds ? 0 : 1, wait_ms);
		if (ready < 0 && errno != EINTR)
			return fail(ring, errno, "to wait for frames", complaint);
		unheard_ms += wait_ms;
		/* it goes down before it is removed, and the kernel may tell of the first only */
		const bool has_failed = ready > 0 && (waiting.revents & POLLERR) != 0;
		if (!has_failed && unheard_ms < RING_STOP_MS)
			continue;
		unheard_ms = 0;
		if (is_removed(ring))
			return complain(complaint, -ENODEV,
			    "ring:%s: the interface was removed while it was listened on",
			    ring->name);
	}
	return 1;
}

/* In front of what follows the two addresses, which move into the room that is kept there. */
static uint8_t *put_tag_back(uint8_t *bytes, const struct tpacket3_hdr *header)
{
	const bool has_type = (header->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
	const uint16_t type = has_type ? header->hv1.tp_vlan_tpid : ETH_P_8021Q;
	const uint16_t tag[] = {htons(type), htons((uint16_t)header->hv1.tp_vlan_tci)};
	uint8_t *moved = bytes - VLAN_BYTES;
	memmove(moved, bytes, MACS_BYTES);
	memcpy(moved + MACS_BYTES, tag, sizeof tag);
	return moved;
}

static bool is_wanted(const struct ring *ring, const struct tpacket3_hdr *header)
{
	static_assert(sizeof *header % TPACKET_ALIGNMENT == 0, "the address follows at once");
	const struct sockaddr_ll *from = (const struct sockaddr_ll *)(header + 1);
	return !ring->is_loopback || from->sll_pkttype != PACKET_OUTGOING;
}

static void take_frame(const struct ring *ring, struct tpacket3_hdr *header, struct frame *frame)
{
	uint8_t *bytes = (uint8_t *)header + header->tp_mac;
	uint32_t added = 0;
	if ((header->tp_status & TP_STATUS_VLAN_VALID) != 0 && ring->link_type == LINK_ETHERNET &&
	    header->tp_snaplen >= MACS_BYTES) {
		bytes = put_tag_back(bytes, header);
		added = VLAN_BYTES;
	}
	*frame = (struct frame){
	    .bytes = bytes,
	    .captured_bytes = header->tp_snaplen + added,
	    .wire_bytes = header->tp_len + added,
	    .time_us = (int64_t)header->tp_sec * US_PER_S + header->tp_nsec / NS_PER_US,
	    .link_type = ring->link_type,
	};
}

static void take_frames(struct ring *ring, struct frame_batch *batch, size_t max)
{
	while (ring->left > 0 && batch->count < max) {
		struct tpacket3_hdr *header = (struct tpacket3_hdr *)(void *)ring->next;
		if (is_wanted(ring, header))
			take_frame(ring, header, &batch->frames[batch->count++]);
		ring->next += header->tp_next_offset;
		ring->left--;
	}
}

/* The block is done with, and so is its memory when no frame of it was given by this read. */
static void leave_block(struct ring *ring, bool is_used)
{
	if (is_used)
		ring->held = ring->current;
	else
		give_back(ring, ring->current);
	ring->next = NULL;
	ring->current++;
}

static void enter_block(struct ring *ring)
{
	const struct tpacket_hdr_v1 *block = block_at(ring, ring->current);
	ring->left = block->num_pkts;
	ring->next =
	    ring->blocks + ring->current % BLOCKS * BLOCK_BYTES + block->offset_to_first_pkt;
}

static int ring_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct ring *ring = (struct ring *)source;
	if (ring->has_ended)
		return 0;
	give_back(ring, ring->held_long); /* finished by the read before the last */
	ring->held_long = ring->held;
	ring->held = NO_BLOCK;
	while (batch->count == 0) {
		if (ring->next == NULL) {
			int result = await_block(ring, complaint);
			ring->has_ended = result <= 0;
			if (result <= 0)
				return result;
			enter_block(ring);
		}
		const bool is_new = ring->left == block_at(ring, ring->current)->num_pkts;
		take_frames(ring, batch, max);
		if (ring->left == 0)
			leave_block(ring, batch->count > 0 || !is_new);
	}
	return 1;
}

static void ring_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	(void)source;
	*ret_progress = (struct source_progress){0};
}

/* The kernel tells what it dropped since it was asked last. */
static uint64_t ring_get_dropped(struct source *source)
{
	struct ring *ring = (struct ring *)source;
	struct tpacket_stats_v3 counts = {0};
	socklen_t bytes = sizeof counts;
	if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &counts, &bytes) == 0)
		ring->dropped += counts.tp_drops;
	return ring->dropped;
}

const struct source_kind source_ring = {
    .name = "ring",
    .open = ring_open,
    .read = ring_read,
    .get_progress = ring_get_progress,
    .close = ring_close,
    .is_live = true,
    .get_dropped = ring_get_dropped,
};
