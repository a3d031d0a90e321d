/*
 * xdp.c - reading AF_XDP sockets, one for each receive queue.
 *
 * A frame's memory goes from the fill ring, by which we lend it to the kernel, through the receive
 * ring, by which the kernel says what it wrote where, to a batch, and at the next read but one that
 * gives frames back to the fill ring. Nothing is copied. What the kernel wrote into a ring is read
 * once, and held against the bounds of the memory.
 */
#include "source/xdp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <xdp/xsk.h>

#include "source/live.h"

enum {
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	/* Of a queue's memory so much is given by one read: two of them leave most to the kernel.
	 */
	GIVEN_SHARE = 8,
	STEP_BITS = 20,
};

/* Where frames are that a read gave. */
struct given {
	size_t count;
	uint64_t at[FRAME_BATCH_MAX];
};

struct mapping {
	void *bytes;
	size_t length;
};

struct queue {
	int fd;
	uint8_t *memory;
	struct xsk_ring_cons received;
	struct xsk_ring_prod fill;
	struct mapping received_map;
	struct mapping fill_map;
	struct given *given; /* by the last read that gave frames */
	struct given *given_before;
};

struct xdp {
	struct live live;
	struct mapping memory;
	struct mapping passed;  /* the program's counter */
	uint64_t passed_before; /* while there were no sockets yet */
	size_t queue_bytes;
	size_t turn;        /* the queue that is looked at first */
	int64_t stamped_us; /* the time that was given last */
	uint64_t broken;
	size_t queue_count;
	struct queue queues[SOURCE_QUEUES_MAX];
};

static int64_t now_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* it exists */
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

static uint64_t count_passed(const struct xdp *xdp)
{
	return __atomic_load_n((const uint64_t *)xdp->passed.bytes, __ATOMIC_RELAXED);
}

/*
 * Lends the memory of those frames to the kernel again. There is always room, also while the kernel
 * has not said yet that it took what it gave last: the ring is as long as there are frames.
 */
static void give_back(struct xdp *xdp, struct queue *queue, struct given *given)
{
	uint32_t at = 0;
	const uint32_t count = (uint32_t)given->count;
	given->count = 0;
	if (count == 0)
		return;
	if (xsk_ring_prod__reserve(&queue->fill, count, &at) != count) {
		xdp->broken += count; /* no kernel is that far behind */
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		*xsk_ring_prod__fill_addr(&queue->fill, at + i) = given->at[i];
	xsk_ring_prod__submit(&queue->fill, count);
	if (xsk_ring_prod__needs_wakeup(&queue->fill)) {
		struct pollfd waking = {.fd = queue->fd, .events = POLLIN};
		(void)poll(&waking, 1, 0); /* the call itself wakes the driver */
	}
}

/* This read gives frames: those that the last one but one gave are done with. */
static void begin_giving(struct xdp *xdp)
{
	for (size_t i = 0; i < xdp->queue_count; i++) {
		struct queue *queue = &xdp->queues[i];
		struct given *given = queue->given_before;
		give_back(xdp, queue, given);
		queue->given_before = queue->given;
		queue->given = given;
	}
}

static bool has_any(struct xdp *xdp)
{
	bool has = false;
	for (size_t i = 0; i < xdp->queue_count && !has; i++)
		has = xsk_cons_nb_avail(&xdp->queues[i].received, 1) > 0;
	return has;
}

/*
 * Frames taken at once came since those before them, in this order: their times tell both, and none
 * is earlier than one that was given. No more than the reader rests is made of a pause.
 */
struct stamps {
	int64_t first_us;
	uint64_t step; /* from each to the next: microseconds, STEP_BITS behind the point */
};

static struct stamps find_stamps(struct xdp *xdp, uint32_t count)
{
	const int64_t last_us = now_us();
	int64_t first_us = last_us - LIVE_REST_US;
	if (xdp->stamped_us > first_us)
		first_us = xdp->stamped_us < last_us ? xdp->stamped_us : last_us;
	xdp->stamped_us = last_us;
	return (struct stamps){first_us, ((uint64_t)(last_us - first_us) << STEP_BITS) / count};
}

static int64_t stamp_of(const struct stamps *stamps, uint32_t number)
{
	return stamps->first_us + (int64_t)((number + 1) * stamps->step >> STEP_BITS);
}

static void take_frames(struct xdp *xdp, struct queue *queue, struct frame_batch *batch, size_t max)
{
	uint32_t at = 0;
	const size_t share = xdp->live.grant.units / GIVEN_SHARE;
	const size_t room = max - batch->count < share ? max - batch->count : share;
	const uint32_t count = xsk_ring_cons__peek(&queue->received, (uint32_t)room, &at);
	const struct stamps stamps = count > 0 ? find_stamps(xdp, count) : (struct stamps){0};
	for (uint32_t i = 0; i < count; i++) {
		const struct xdp_desc *shared = xsk_ring_cons__rx_desc(&queue->received, at + i);
		const uint64_t start = __atomic_load_n(&shared->addr, __ATOMIC_RELAXED);
		const uint32_t bytes = __atomic_load_n(&shared->len, __ATOMIC_RELAXED);
		if (start >= xdp->queue_bytes || bytes > xdp->queue_bytes - start) {
			xdp->broken++; /* no kernel gave that */
			continue;
		}
		queue->given->at[queue->given->count++] = start;
		batch->frames[batch->count++] = (struct frame){
		    .bytes = queue->memory + start,
		    .captured_bytes = bytes,
		    .wire_bytes = bytes,
		    .time_us = stamp_of(&stamps, i),
		    .link_type = LINK_ETHERNET,
		};
	}
	xsk_ring_cons__release(&queue->received, count);
}

static int xdp_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct xdp *xdp = (struct xdp *)source;
	if (xdp->live.has_ended)
		return 0;
	while (batch->count == 0) {
		if (!has_any(xdp)) {
			int result = live_await(&xdp->live, complaint);
			if (result != LIVE_LOOK)
				return result;
			continue;
		}
		begin_giving(xdp);
		for (size_t i = 0; i < xdp->queue_count && batch->count < max; i++)
			take_frames(
			    xdp, &xdp->queues[(xdp->turn + i) % xdp->queue_count], batch, max);
		xdp->turn++;
	}
	live_give(&xdp->live, batch);
	return 1;
}

/*
 * Where the kernel copies, it counts a frame that finds no memory both as dropped and as an empty
 * fill ring; what is dropped beyond that was too long. Drivers that write into our memory
 * themselves count what they lose in their own statistics (ethtool -S).
 */
static void add_statistics(struct source_state *state, const struct xdp_statistics *counts)
{
	const uint64_t empty = counts->rx_fill_ring_empty_descs;
	const uint64_t no_memory = empty < counts->rx_dropped ? empty : counts->rx_dropped;
	state->dropped += counts->rx_ring_full + no_memory;
	state->refused += counts->rx_dropped - no_memory + counts->rx_invalid_descs;
	state->stalls += empty;
}

static void xdp_get_state(struct source *source, struct source_state *ret_state)
{
	struct xdp *xdp = (struct xdp *)source;
	struct source_state *state = &xdp->live.state;
	live_refresh(&xdp->live);
	state->dropped = 0;
	state->refused = xdp->broken;
	state->stalls = 0;
	state->passed = count_passed(xdp) - xdp->passed_before;
	for (size_t i = 0; i < xdp->queue_count; i++) {
		struct xdp_statistics counts = {0};
		socklen_t bytes = sizeof counts;
		if (getsockopt(xdp->queues[i].fd, SOL_XDP, XDP_STATISTICS, &counts, &bytes) == 0)
			add_statistics(state, &counts);
	}
	*ret_state = *state;
}

static void unmap(struct mapping *mapping)
{
	if (mapping->bytes != NULL)
		munmap(mapping->bytes, mapping->length);
	*mapping = (struct mapping){0};
}

static void xdp_close(struct source *source)
{
	struct xdp *xdp = (struct xdp *)source;
	for (size_t i = 0; i < SOURCE_QUEUES_MAX; i++) {
		unmap(&xdp->queues[i].received_map);
		unmap(&xdp->queues[i].fill_map);
		free(xdp->queues[i].given);
		free(xdp->queues[i].given_before);
	}
	unmap(&xdp->memory);
	unmap(&xdp->passed);
	live_release(&xdp->live);
	free(xdp);
}

static int map(int fd, int rights, off_t at, size_t length, struct mapping *ret_mapping)
{
	void *bytes = mmap(NULL, length, rights, MAP_SHARED | MAP_POPULATE, fd, at);
	if (bytes == MAP_FAILED)
		return -errno;
	*ret_mapping = (struct mapping){bytes, length};
	return 0;
}

static uint32_t *word_at(const struct mapping *mapping, uint64_t offset)
{
	return (uint32_t *)(void *)((uint8_t *)mapping->bytes + offset);
}

static int map_received(struct queue *queue, const struct xdp_ring_offset *where, uint32_t size)
{
	int result = map(queue->fd, PROT_READ | PROT_WRITE, XDP_PGOFF_RX_RING,
	    where->desc + size * sizeof(struct xdp_desc), &queue->received_map);
	if (result != 0)
		return result;
	queue->received = (struct xsk_ring_cons){
	    .mask = size - 1,
	    .size = size,
	    .producer = word_at(&queue->received_map, where->producer),
	    .consumer = word_at(&queue->received_map, where->consumer),
	    .ring = (uint8_t *)queue->received_map.bytes + where->desc,
	    .flags = word_at(&queue->received_map, where->flags),
	};
	queue->received.cached_prod = *queue->received.producer;
	queue->received.cached_cons = *queue->received.consumer;
	return 0;
}

static int map_fill(struct queue *queue, const struct xdp_ring_offset *where, uint32_t size)
{
	int result = map(queue->fd, PROT_READ | PROT_WRITE, (off_t)XDP_UMEM_PGOFF_FILL_RING,
	    where->desc + size * sizeof(uint64_t), &queue->fill_map);
	if (result != 0)
		return result;
	queue->fill = (struct xsk_ring_prod){
	    .mask = size - 1,
	    .size = size,
	    .producer = word_at(&queue->fill_map, where->producer),
	    .consumer = word_at(&queue->fill_map, where->consumer),
	    .ring = (uint8_t *)queue->fill_map.bytes + where->desc,
	    .flags = word_at(&queue->fill_map, where->flags),
	};
	queue->fill.cached_prod = *queue->fill.producer;
	/* the library's way to save an addition */
	queue->fill.cached_cons = *queue->fill.consumer + size;
	return 0;
}

static int adopt_queue(struct xdp *xdp, size_t number)
{
	struct queue *queue = &xdp->queues[number];
	struct xdp_mmap_offsets offsets;
	socklen_t bytes = sizeof offsets;
	queue->fd = xdp->live.grant.descriptors[XDP_AT_QUEUES + number];
	queue->memory = (uint8_t *)xdp->memory.bytes + number * xdp->queue_bytes;
	queue->given = malloc(sizeof *queue->given);
	queue->given_before = malloc(sizeof *queue->given_before);
	if (queue->given == NULL || queue->given_before == NULL)
		return -ENOMEM;
	queue->given->count = queue->given_before->count = 0;
	if (getsockopt(queue->fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &bytes) != 0)
		return -errno;
	if (bytes != sizeof offsets)
		return -EPROTO; /* a kernel before 5.4 */
	int result = map_received(queue, &offsets.rx, xdp->live.grant.units);
	return result == 0 ? map_fill(queue, &offsets.fr, xdp->live.grant.units) : result;
}

static int map_all(struct xdp *xdp)
{
	const struct source_grant *grant = &xdp->live.grant;
	if (grant->queues == 0 || grant->queues > SOURCE_QUEUES_MAX ||
	    grant->descriptor_count != XDP_AT_QUEUES + grant->queues ||
	    grant->unit_bytes != XDP_UNIT_BYTES || grant->units < XDP_QUEUE_FRAMES_MIN ||
	    (grant->units & (grant->units - 1)) != 0)
		return -EINVAL; /* rings are powers of two */
	xdp->queue_count = grant->queues;
	xdp->queue_bytes = (size_t)grant->units * XDP_UNIT_BYTES;
	int result = map(grant->descriptors[XDP_AT_MEMORY], PROT_READ, 0,
	    xdp->queue_count * xdp->queue_bytes, &xdp->memory);
	if (result == 0)
		result = map(grant->descriptors[XDP_AT_PASSED], PROT_READ, 0, sizeof(uint64_t),
		    &xdp->passed);
	if (result == 0)
		xdp->passed_before = count_passed(xdp);
	for (size_t i = 0; i < xdp->queue_count && result == 0; i++)
		result = adopt_queue(xdp, i);
	return result;
}

static int xdp_adopt(
    const struct source_grant *grant, struct source **ret_source, struct complaint *complaint)
{
	struct xdp *xdp = calloc(1, sizeof *xdp);
	if (xdp == NULL) {
		struct source_grant given = *grant;
		source_grant_release(&given);
		return complain(complaint, -ENOMEM, "xdp:%s: out of memory", grant->interface);
	}
	int result = live_init(&xdp->live, &source_xdp, grant, complaint);
	if (result == 0) {
		result = map_all(xdp);
		if (result != 0)
			live_fail(&xdp->live, -result, "sockets that were prepared", complaint);
	}
	for (size_t i = 0; i < xdp->queue_count && result == 0; i++)
		result = live_watch(&xdp->live, xdp->queues[i].fd, complaint);
	if (result == 0)
		result =
		    live_pace(&xdp->live, xdp->live.grant.descriptors[XDP_AT_TIMER], complaint);
	if (result != 0)
		xdp_close(&xdp->live.source);
	else
		*ret_source = &xdp->live.source;
	return result;
}

static int xdp_open(const char *rest, struct source **ret_source, struct complaint *complaint)
{
	return live_open(&source_xdp, rest, ret_source, complaint);
}

static const struct source_live xdp_live = {
    .prepare = xdp_prepare,
    .adopt = xdp_adopt,
    .get_fd = live_get_fd,
    .set_waiting = live_set_waiting,
    .get_state = xdp_get_state,
    .get_notice = live_get_notice,
};

const struct source_kind source_xdp = {
    .name = "xdp",
    .open = xdp_open,
    .read = xdp_read,
    .get_progress = live_get_progress,
    .close = xdp_close,
    .live = &xdp_live,
};
