/*
 * live_receive.c - the least that a receiver of live frames can do: walk over them and count.
 *
 *     live_receive ring|xdp INTERFACE
 *
 * Memory and rings are those of `hinomi read`: what it does besides counting is the difference.
 * Prints "PACKETS BYTES DROPPED" when it is interrupted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <xdp/xsk.h>

#include "source/xdp.h"

enum {
	BLOCK_BYTES = 1 << 20,
	BLOCKS = 32,
	FRAME_BYTES = 2048,
	RETIRE_MS = 20,
	FRAMES = 65536,
	AT_ONCE = 4096,
	SENT_FRAMES = 64,
	WAIT_MS = 200,
	TRIES = 100,
	NAP_NS = 500000,
};

struct counts {
	uint64_t packets;
	uint64_t bytes;
	uint64_t dropped;
};

static volatile sig_atomic_t is_stopped;

static void on_stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

static int fail(const char *what, int error)
{
	(void)fprintf(stderr, "live_receive: %s: %s\n", what, strerror(error));
	return 1;
}

static uint8_t *open_ring(int fd, int index)
{
	const int version = TPACKET_V3;
	const struct tpacket_req3 request = {
	    .tp_block_size = BLOCK_BYTES,
	    .tp_block_nr = BLOCKS,
	    .tp_frame_size = FRAME_BYTES,
	    .tp_frame_nr = BLOCKS * (BLOCK_BYTES / FRAME_BYTES),
	    .tp_retire_blk_tov = RETIRE_MS,
	};
	const struct sockaddr_ll address = {
	    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) != 0)
		return NULL;
	void *blocks =
	    mmap(NULL, (size_t)BLOCKS * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (blocks == MAP_FAILED ||
	    bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		return NULL;
	return blocks;
}

static void count_block(uint8_t *block, struct counts *counts)
{
	struct tpacket_hdr_v1 *about = &((struct tpacket_block_desc *)(void *)block)->hdr.bh1;
	const uint8_t *at = block + about->offset_to_first_pkt;
	for (uint32_t i = 0; i < about->num_pkts; i++) {
		const struct tpacket3_hdr *header = (const struct tpacket3_hdr *)(const void *)at;
		counts->packets++;
		counts->bytes += header->tp_len;
		at += header->tp_next_offset;
	}
	__atomic_store_n(&about->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

static int count_ring(int index, struct counts *counts)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	uint8_t *blocks = fd < 0 ? NULL : open_ring(fd, index);
	if (blocks == NULL)
		return fail("a ring", errno);
	for (size_t number = 0; !is_stopped;) {
		uint8_t *block = blocks + number % BLOCKS * BLOCK_BYTES;
		struct tpacket_block_desc *about = (struct tpacket_block_desc *)(void *)block;
		struct pollfd waiting = {.fd = fd, .events = POLLIN};
		if ((__atomic_load_n(&about->hdr.bh1.block_status, __ATOMIC_ACQUIRE) &
			TP_STATUS_USER) == 0) {
			(void)poll(&waiting, 1, WAIT_MS); /* whatever it gives */
			continue;
		}
		count_block(block, counts);
		number++;
	}
	struct tpacket_stats_v3 lost = {0};
	socklen_t bytes = sizeof lost;
	(void)getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &lost, &bytes); /* zeros else */
	counts->dropped = lost.tp_drops;
	return 0;
}

struct sockets {
	struct xsk_ring_prod fill;
	struct xsk_ring_cons done;
	struct xsk_ring_cons received;
	struct xsk_umem *memory;
	struct xsk_socket *socket;
	struct xdp_program program;
};

static int open_xdp(const char *interface, int index, struct sockets *sockets)
{
	static uint8_t *memory;
	const struct xsk_umem_config memory_config = {
	    .fill_size = FRAMES, .comp_size = SENT_FRAMES, .frame_size = FRAME_BYTES};
	const struct xsk_socket_config config = {
	    .rx_size = FRAMES,
	    .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
	    .bind_flags = XDP_USE_NEED_WAKEUP,
	};
	const char *step;
	memory = mmap(NULL, (size_t)FRAMES * FRAME_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int result = memory == MAP_FAILED
			 ? -errno
			 : xsk_umem__create(&sockets->memory, memory, (size_t)FRAMES * FRAME_BYTES,
			       &sockets->fill, &sockets->done, &memory_config);
	uint32_t at = 0;
	if (result == 0 && xsk_ring_prod__reserve(&sockets->fill, FRAMES, &at) == FRAMES) {
		for (uint32_t i = 0; i < FRAMES; i++)
			*xsk_ring_prod__fill_addr(&sockets->fill, at + i) =
			    (uint64_t)i * FRAME_BYTES;
		xsk_ring_prod__submit(&sockets->fill, FRAMES);
	}
	if (result == 0)
		result = xdp_program_load(1, &sockets->program, &step);
	for (int i = 0; i < TRIES && (result == 0 || result == -EBUSY); i++) {
		result = xsk_socket__create(&sockets->socket, interface, 0, sockets->memory,
		    &sockets->received, NULL, &config);
		if (result == 0)
			break;
		(void)poll(NULL, 0, 10); /* the last one's is still being released */
	}
	if (result == 0)
		result =
		    xdp_program_set_socket(&sockets->program, 0, xsk_socket__fd(sockets->socket));
	return result == 0 ? xdp_program_attach(&sockets->program, index, XDP_FLAGS_DRV_MODE)
			   : result;
}

static uint32_t count_batch(struct sockets *sockets, struct counts *counts)
{
	uint32_t from = 0, to = 0;
	uint32_t count = xsk_ring_cons__peek(&sockets->received, AT_ONCE, &from);
	if (count == 0)
		return 0;
	while (xsk_ring_prod__reserve(&sockets->fill, count, &to) != count)
		; /* the kernel says a moment later that it took them */
	for (uint32_t i = 0; i < count; i++) {
		const struct xdp_desc *about = xsk_ring_cons__rx_desc(&sockets->received, from + i);
		counts->bytes += about->len;
		*xsk_ring_prod__fill_addr(&sockets->fill, to + i) = about->addr;
	}
	xsk_ring_cons__release(&sockets->received, count);
	xsk_ring_prod__submit(&sockets->fill, count);
	counts->packets += count;
	return count;
}

static int count_xdp(const char *interface, int index, struct counts *counts)
{
	static struct sockets sockets;
	int result = open_xdp(interface, index, &sockets);
	if (result != 0)
		return fail("AF_XDP", -result);
	struct pollfd waiting = {.fd = xsk_socket__fd(sockets.socket), .events = POLLIN};
	const struct timespec moment = {.tv_nsec = NAP_NS};
	for (uint64_t before = 0; !is_stopped;) {
		if (count_batch(&sockets, counts) > 0)
			continue;
		/* as `hinomi read` does: while frames come it is not woken for each few */
		if (counts->packets != before)
			(void)nanosleep(&moment, NULL);
		else
			(void)poll(&waiting, 1, WAIT_MS); /* whatever it gives */
		before = counts->packets;
	}
	struct xdp_statistics lost = {0};
	socklen_t bytes = sizeof lost;
	(void)getsockopt(waiting.fd, SOL_XDP, XDP_STATISTICS, &lost, &bytes); /* zeros else */
	counts->dropped = lost.rx_dropped + lost.rx_ring_full;
	return 0;
}

int main(int argc, char **argv)
{
	struct counts counts = {0};
	struct sigaction action = {.sa_handler = on_stop};
	int index = argc == 3 ? (int)if_nametoindex(argv[2]) : 0;
	if (index == 0) {
		(void)fprintf(stderr, "live_receive: expected ring or xdp, and an INTERFACE\n");
		return 2;
	}
	(void)sigaction(SIGINT, &action, NULL); /* it exists */
	int status = strcmp(argv[1], "xdp") == 0 ? count_xdp(argv[2], index, &counts)
						 : count_ring(index, &counts);
	printf(
	    "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", counts.packets, counts.bytes, counts.dropped);
	return status;
}
