/*
 * ring.c - reading AF_PACKET with TPACKET_V3 (the kernel's networking/packet_mmap.rst).
 *
 * The kernel writes frames into blocks of memory that we share with it, and hands a block over when
 * it is full or RING_RETIRE_MS old: no copy and no system call for each packet, and a lone one
 * waits for no other. A block that was read is given back at the next read but one that gives
 * frames.
 *
 * What the kernel wrote is copied out before it is looked at, and held against the block's bounds:
 * no offset or length of shared memory is read twice.
 */
#include "source/ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "source/live.h"

enum {
	VLAN_BYTES = 4,
	MACS_BYTES = 2 * ETH_ALEN,
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	/* The kernel puts the address that a frame came from behind its header. */
	AT_PACKET_TYPE = sizeof(struct tpacket3_hdr) + offsetof(struct sockaddr_ll, sll_pkttype),
};

struct ring {
	struct live live;
	uint8_t *blocks;
	size_t block_count;
	size_t current;   /* the block that is read */
	uint32_t left;    /* frames of it that were not given yet */
	uint32_t at;      /* where the first of them is in it; 0: the block is to be waited for */
	bool is_begun;    /* frames of it were given by a read before */
	size_t held;      /* a block that the last read that gave frames finished, or NO_BLOCK */
	size_t held_long; /* one that the read before it finished */
};

#define NO_BLOCK SIZE_MAX

static uint8_t *bytes_of(const struct ring *ring, size_t number)
{
	return ring->blocks + number % ring->block_count * RING_BLOCK_BYTES;
}

static struct tpacket_hdr_v1 *block_at(const struct ring *ring, size_t number)
{
	return &((struct tpacket_block_desc *)(void *)bytes_of(ring, number))->hdr.bh1;
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

static bool enter_block(struct ring *ring)
{
	struct tpacket_hdr_v1 *block = block_at(ring, ring->current);
	if (!is_ours(block))
		return false;
	ring->left = __atomic_load_n(&block->num_pkts, __ATOMIC_RELAXED);
	ring->at = __atomic_load_n(&block->offset_to_first_pkt, __ATOMIC_RELAXED);
	ring->is_begun = false;
	return true;
}

/* This read gives frames: those that the last one but one gave are done with. */
static void begin_giving(struct ring *ring)
{
	give_back(ring, ring->held_long);
	ring->held_long = ring->held;
	ring->held = NO_BLOCK;
}

/* The block is done with, and so is its memory unless frames of it were given. */
static void leave_block(struct ring *ring, bool gives)
{
	if (gives || ring->is_begun)
		ring->held = ring->current;
	else
		give_back(ring, ring->current);
	ring->at = 0;
	ring->current++;
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

static void fill_frame(
    const struct ring *ring, uint8_t *bytes, const struct tpacket3_hdr *header, struct frame *frame)
{
	uint32_t added = 0;
	if ((header->tp_status & TP_STATUS_VLAN_VALID) != 0 &&
	    ring->live.grant.link_type == LINK_ETHERNET && header->tp_snaplen >= MACS_BYTES) {
		bytes = put_tag_back(bytes, header);
		added = VLAN_BYTES;
	}
	*frame = (struct frame){
	    .bytes = bytes,
	    .captured_bytes = header->tp_snaplen + added,
	    .wire_bytes = header->tp_len + added,
	    .time_us = (int64_t)header->tp_sec * US_PER_S + header->tp_nsec / NS_PER_US,
	    .link_type = ring->live.grant.link_type,
	};
}

/* Takes the next frame of the block. False where it does not lie within it. */
static bool take_frame(struct ring *ring, struct frame_batch *batch)
{
	uint8_t *block = bytes_of(ring, ring->current);
	const size_t room = RING_BLOCK_BYTES - (size_t)ring->at;
	struct tpacket3_hdr header;
	if (ring->at >= RING_BLOCK_BYTES || room < AT_PACKET_TYPE + 1)
		return false;
	memcpy(&header, block + ring->at, sizeof header);
	if (header.tp_mac < sizeof header || header.tp_mac > room ||
	    header.tp_snaplen > room - header.tp_mac || header.tp_next_offset > room)
		return false;
	if (ring->live.grant.is_loopback == 0 ||
	    block[ring->at + AT_PACKET_TYPE] != PACKET_OUTGOING)
		fill_frame(ring, block + ring->at + header.tp_mac, &header,
		    &batch->frames[batch->count++]);
	ring->at += header.tp_next_offset;
	ring->left--;
	return true;
}

static void take_frames(struct ring *ring, struct frame_batch *batch, size_t max)
{
	while (ring->left > 0 && batch->count < max) {
		if (take_frame(ring, batch))
			continue;
		ring->live.state.refused += ring->left; /* no kernel gave such a block */
		ring->left = 0;
	}
}

static int ring_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	struct ring *ring = (struct ring *)source;
	if (ring->live.has_ended)
		return 0;
	while (batch->count == 0) {
		if (ring->at == 0 && !enter_block(ring)) {
			int result = live_await(&ring->live, complaint);
			if (result != LIVE_LOOK)
				return result;
			continue;
		}
		take_frames(ring, batch, max);
		if (batch->count > 0)
			begin_giving(ring);
		if (ring->left == 0)
			leave_block(ring, batch->count > 0);
		else
			ring->is_begun = true;
	}
	live_give(&ring->live, batch);
	return 1;
}

/* The kernel tells what it dropped since it was asked last. */
static void ring_get_state(struct source *source, struct source_state *ret_state)
{
	struct ring *ring = (struct ring *)source;
	struct source_state *state = &ring->live.state;
	struct tpacket_stats_v3 counts = {0};
	socklen_t bytes = sizeof counts;
	live_refresh(&ring->live);
	if (getsockopt(ring->live.grant.descriptors[0], SOL_PACKET, PACKET_STATISTICS, &counts,
		&bytes) == 0) {
		state->dropped += counts.tp_drops;
		state->stalls += counts.tp_freeze_q_cnt;
	}
	*ret_state = *state;
}

static void ring_close(struct source *source)
{
	struct ring *ring = (struct ring *)source;
	if (ring->blocks != NULL)
		munmap(ring->blocks, ring->block_count * RING_BLOCK_BYTES);
	live_release(&ring->live);
	free(ring);
}

static int map_blocks(struct ring *ring, struct complaint *complaint)
{
	const struct source_grant *grant = &ring->live.grant;
	if (grant->descriptor_count != 1 || grant->unit_bytes != RING_BLOCK_BYTES)
		return live_fail(&ring->live, EINVAL, "a ring that was prepared", complaint);
	ring->block_count = grant->units;
	void *blocks = mmap(NULL, ring->block_count * RING_BLOCK_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED, grant->descriptors[0], 0);
	if (blocks == MAP_FAILED)
		return live_fail(&ring->live, errno, "memory for its ring", complaint);
	ring->blocks = blocks;
	return live_watch(&ring->live, grant->descriptors[0], complaint);
}

static int ring_adopt(
    const struct source_grant *grant, struct source **ret_source, struct complaint *complaint)
{
	struct ring *ring = calloc(1, sizeof *ring);
	if (ring == NULL) {
		struct source_grant given = *grant;
		source_grant_release(&given);
		return complain(complaint, -ENOMEM, "ring:%s: out of memory", grant->interface);
	}
	ring->held = NO_BLOCK;
	ring->held_long = NO_BLOCK;
	int result = live_init(&ring->live, &source_ring, grant, complaint);
	if (result == 0)
		result = map_blocks(ring, complaint);
	if (result != 0)
		ring_close(&ring->live.source);
	else
		*ret_source = &ring->live.source;
	return result;
}

static int ring_open(const char *rest, struct source **ret_source, struct complaint *complaint)
{
	return live_open(&source_ring, rest, ret_source, complaint);
}

static const struct source_live ring_live = {
    .prepare = ring_prepare,
    .adopt = ring_adopt,
    .get_fd = live_get_fd,
    .set_waiting = live_set_waiting,
    .get_state = ring_get_state,
    .get_notice = live_get_notice,
};

const struct source_kind source_ring = {
    .name = "ring",
    .open = ring_open,
    .read = ring_read,
    .get_progress = live_get_progress,
    .close = ring_close,
    .live = &ring_live,
};
