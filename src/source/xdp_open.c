/* xdp_open.c - what of AF_XDP needs privilege: sockets, their memory, the program in the driver. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <xdp/libxdp.h>
#include <xdp/xsk.h>

#include "source/interface.h"
#include "source/live_options.h"
#include "source/ring.h"
#include "source/xdp.h"

enum {
	SENT_FRAMES = 64, /* nothing is sent, but the kernel wants a ring for it */
	/* The kernel releases a queue a moment after its last socket was closed. */
	TRY_AGAIN_MS = 10,
	TRIES = 100,
};

/* A queue's memory, as the library has it. */
struct lent {
	struct xsk_umem *umem;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons done;
};

/* What is being opened. `step` is what was tried last, for the message. */
struct opening {
	const struct live_options *options;
	struct source_grant grant;
	struct xdp_program program;
	uint8_t *memory;
	size_t memory_bytes;
	uint16_t bind_flags;
	const char *step;
	struct lent lent[SOURCE_QUEUES_MAX];
};

static void keep(struct opening *opening, int fd)
{
	opening->grant.descriptors[opening->grant.descriptor_count++] = fd;
}

/* To ask the kernel by; the card is promiscuous as long as it is open. */
static int open_control(struct opening *opening)
{
	const struct packet_mreq all = {
	    .mr_ifindex = opening->grant.index, .mr_type = PACKET_MR_PROMISC};
	opening->step = "a packet socket";
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	keep(opening, fd);
	if (opening->options->is_promiscuous &&
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) != 0)
		return -errno;
	return 0;
}

/* All queues share it evenly, each by a power of two, as its rings are. */
static uint32_t frames_of_each(const struct opening *opening)
{
	uint32_t share = opening->options->frames / opening->grant.queues;
	uint32_t frames = XDP_QUEUE_FRAMES_MIN;
	while (frames <= share / 2)
		frames *= 2;
	return frames;
}

static int open_memory(struct opening *opening)
{
	opening->grant.units = frames_of_each(opening);
	opening->memory_bytes =
	    (size_t)opening->grant.queues * opening->grant.units * XDP_UNIT_BYTES;
	opening->step = "memory";
	int fd = memfd_create("hinomi-xdp", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	keep(opening, fd);
	if (ftruncate(fd, (off_t)opening->memory_bytes) != 0)
		return -errno;
	void *memory = mmap(NULL, opening->memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	opening->memory = memory;
	return 0;
}

/* By another program: in the same mode, or in another. */
static bool is_taken(int result)
{
	return result == -EBUSY || result == -EEXIST;
}

static int open_program(struct opening *opening)
{
	const uint32_t mode = opening->options->mode;
	int result = xdp_program_load(opening->grant.queues, &opening->program, &opening->step);
	if (result != 0)
		return result;
	opening->step = "a driver with XDP, and no other program on it";
	result = mode == LIVE_MODE_GENERIC ? -EOPNOTSUPP
					   : xdp_program_attach(&opening->program,
						 opening->grant.index, XDP_FLAGS_DRV_MODE);
	if (result != 0 && !is_taken(result) && mode != LIVE_MODE_NATIVE) {
		/* the kernel's own copy of each frame: no driver may hand out its memory */
		opening->bind_flags |= XDP_COPY;
		result =
		    xdp_program_attach(&opening->program, opening->grant.index, XDP_FLAGS_SKB_MODE);
	}
	if (result != 0)
		return result;
	keep(opening, opening->program.link);
	keep(opening, opening->program.passed);
	opening->program.link = opening->program.passed = -1;
	return 0;
}

static int open_timer(struct opening *opening)
{
	opening->step = "a timer";
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	keep(opening, fd);
	return 0;
}

/* All frames of a queue are the kernel's to fill. */
static void give_all(struct xsk_ring_prod *fill, uint32_t frames)
{
	uint32_t at = 0;
	if (xsk_ring_prod__reserve(fill, frames, &at) != frames)
		return; /* cannot be: it is as long as that, and new */
	for (uint32_t i = 0; i < frames; i++)
		*xsk_ring_prod__fill_addr(fill, at + i) = (uint64_t)i * XDP_UNIT_BYTES;
	xsk_ring_prod__submit(fill, frames);
}

/* Memory and ring are of one size, so that what is lost for want of room is lost for want of
 * memory.
 */
static int lend_memory(struct opening *opening, unsigned queue)
{
	const uint32_t frames = opening->grant.units;
	const size_t bytes = (size_t)frames * XDP_UNIT_BYTES;
	struct lent *lent = &opening->lent[queue];
	const struct xsk_umem_config config = {
	    .fill_size = frames,
	    .comp_size = SENT_FRAMES,
	    .frame_size = XDP_UNIT_BYTES,
	};
	opening->step = "memory for a socket";
	int result = xsk_umem__create(
	    &lent->umem, opening->memory + queue * bytes, bytes, &lent->fill, &lent->done, &config);
	if (result == 0)
		give_all(&lent->fill, frames);
	return result;
}

/* Made by the library, of which only the socket is kept: whoever reads maps its rings anew. */
static int open_queue(struct opening *opening, unsigned queue)
{
	const struct xsk_socket_config config = {
	    .rx_size = opening->grant.units,
	    .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
	    .bind_flags = opening->bind_flags,
	};
	struct xsk_ring_cons received;
	struct xsk_socket *made = NULL;
	opening->step = "a socket for each queue";
	int result = -EBUSY;
	for (int i = 0; i < TRIES && result == -EBUSY; i++) {
		if (i > 0)
			(void)poll(NULL, 0, TRY_AGAIN_MS); /* a pause */
		result = xsk_socket__create(&made, opening->grant.interface, queue,
		    opening->lent[queue].umem, &received, NULL, &config);
	}
	if (result != 0)
		return result;
	int fd = fcntl(xsk_socket__fd(made), F_DUPFD_CLOEXEC, 0);
	result = fd < 0 ? -errno : 0;
	if (result == 0) {
		keep(opening, fd);
		result = xdp_program_set_socket(&opening->program, queue, fd);
	}
	xsk_socket__delete(made);
	return result;
}

static int open_all(struct opening *opening)
{
	unsigned queues = 0;
	opening->step = "to be told of its queues";
	int result = interface_count_queues(opening->grant.index, &queues);
	opening->grant.queues = queues;
	if (result == 0 && queues > SOURCE_QUEUES_MAX) {
		opening->step = "at most 64 queues (ethtool -L)";
		return -E2BIG;
	}
	if (result == 0)
		result = open_control(opening);
	if (result == 0)
		result = open_memory(opening);
	for (unsigned queue = 0; queue < queues && result == 0; queue++)
		result = lend_memory(opening, queue); /* first, since it takes long */
	if (result == 0)
		result = open_program(opening);
	if (result == 0)
		result = open_timer(opening);
	for (unsigned queue = 0; queue < queues && result == 0; queue++)
		result = open_queue(opening, queue);
	return result;
}

/* The other way to the same frames, and why it is taken. */
static int fall_back(const struct opening *opening, int error, struct source_grant *ret_grant,
    struct complaint *complaint)
{
	const struct live_options *options = opening->options;
	char rest[SOURCE_INTERFACE_BYTES + sizeof "?promiscuous=no"];
	if (!options->falls_back)
		return complain(complaint, error, "xdp:%s: %s; expected %s", options->interface,
		    strerror(-error), opening->step);
	(void)snprintf(rest, sizeof rest, "%s%s", options->interface,
	    options->is_promiscuous ? "" : "?promiscuous=no"); /* it fits */
	int result = ring_prepare(rest, ret_grant, complaint);
	if (result != 0)
		return result;
	struct complaint notice;
	complain(&notice, 0, "xdp:%s: %s (expected %s): ring:%s is read instead",
	    options->interface, strerror(-error), opening->step, options->interface);
	memcpy(ret_grant->notice, notice.text, sizeof ret_grant->notice);
	return 0;
}

/* Whether it may be taken from the host. */
static int check_use(const struct live_options *options, int index, struct complaint *complaint)
{
	struct complaint use;
	if (options->takes_all)
		return 0;
	int result = interface_find_use(index, &use);
	if (result == 0)
		return 0;
	return complain(complaint, result,
	    "xdp:%s: takes all packets away from this host, and %s; expected a port that only a "
	    "mirror or tap feeds, or ring:%s, or xdp:%s?take=yes",
	    options->interface, use.text, options->interface, options->interface);
}

/* The sockets that are kept have their own hold on memory and program. */
static void release(struct opening *opening, int result)
{
	for (size_t i = 0; i < SOURCE_QUEUES_MAX; i++)
		if (opening->lent[i].umem != NULL)
			(void)xsk_umem__delete(opening->lent[i].umem); /* no socket of it is left */
	if (opening->memory != NULL)
		(void)munmap(opening->memory, opening->memory_bytes); /* the memfd keeps it */
	xdp_program_release(&opening->program);
	if (result != 0)
		source_grant_release(&opening->grant);
}

int xdp_prepare(const char *rest, struct source_grant *ret_grant, struct complaint *complaint)
{
	struct live_options options;
	struct interface_state state;
	int result = live_options_parse("xdp", rest, &options, complaint);
	if (result != 0)
		return result;
	if (interface_look(options.interface, &state) != 0)
		return interface_complain_unknown("xdp", rest, complaint);
	result = check_use(&options, state.index, complaint);
	if (result != 0)
		return result;
	struct opening opening = {
	    .options = &options,
	    .grant = {.kind = "xdp",
		.index = state.index,
		.link_type = LINK_ETHERNET,
		.unit_bytes = XDP_UNIT_BYTES},
	    .program = {-1, -1, -1, -1},
	    .bind_flags = XDP_USE_NEED_WAKEUP,
	    .step = "Ethernet",
	};
	memcpy(opening.grant.interface, options.interface, sizeof options.interface);
	(void)libbpf_set_print(NULL); /* what they would print is in our message */
	(void)libxdp_set_print(NULL);
	result = state.arp == ARPHRD_ETHER ? open_all(&opening) : -EPROTONOSUPPORT;
	release(&opening, result);
	if (result != 0)
		return fall_back(&opening, result, ret_grant, complaint);
	*ret_grant = opening.grant;
	return 0;
}
