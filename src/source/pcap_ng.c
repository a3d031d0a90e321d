/*
 * pcap_ng.c - the pcapng file (draft-ietf-opsawg-pcapng).
 *
 * A file is a row of blocks: type, length, body, the length again. A section header sets the byte
 * order and forgets the interfaces; interface descriptions are numbered as they come; packets name
 * their interface, which tells the link type and what a tick of their clock is. Everything else
 * (names, statistics, secrets, private blocks) is stepped over without being held.
 *
 * A simple packet block has no time: it gets that of the packet before it, and the first one 0.
 */
#include "source/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "source/load.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OLD = 2,
	BLOCK_PACKET_SIMPLE = 3,
	BLOCK_PACKET = 6,
	BLOCK_CUSTOM = 0x00000bad,
	BLOCK_CUSTOM_LOCAL = 0x40000bad, /* not to be copied into other files */
};

enum {
	BLOCK_HEAD_BYTES = 8,
	BLOCK_TAIL_BYTES = 4,
	BLOCK_MIN_BYTES = 12,
	/* A block that we read is looked at whole up to this size, its second length too. */
	BLOCK_WHOLE_MAX_BYTES = 2 * CAPTURE_FRAME_MAX_BYTES,

	/* The captured bytes, the fields around them, and more options than anybody writes. */
	BLOCK_PACKET_MAX_BYTES = CAPTURE_RECORD_MAX_BYTES + BLOCK_WHOLE_MAX_BYTES,

	SECTION_MIN_BYTES = 28,
	INTERFACE_MIN_BYTES = 20,
	PACKET_MIN_BYTES = 32,
	PACKET_SIMPLE_MIN_BYTES = 16,
	CUSTOM_MIN_BYTES = 16, /* with the enterprise number */

	ORDER_MAGIC = 0x1a2b3c4d,
	VERSION_MAJOR = 1,

	OPTION_END = 0,
	OPTION_TICKS = 9,           /* if_tsresol */
	OPTION_OFFSET_SECONDS = 14, /* if_tsoffset */
	TICKS_BY_TWO = 0x80,
	TICKS_MICRO = 6,

	/* The interfaces of one section: 2 MiB of them. The largest real files have a few hundred.
	 */
	INTERFACES_MAX = 1 << 16,
};

__extension__ typedef unsigned __int128 uint128;

/* How ticks become microseconds. */
enum ticks {
	TICKS_MULTIPLY,
	TICKS_DIVIDE,
	TICKS_SHIFT
};

struct interface {
	uint32_t link_type;
	uint32_t snapshot_bytes; /* 0: no limit */
	enum ticks ticks;
	uint64_t factor; /* or divisor, or the number of bits */
	int64_t offset_us;
};

struct pcapng {
	bool is_big;
	uint32_t tail_due; /* not 0: the second length of a block that was stepped over */
	int64_t last_us;
	struct interface *interfaces;
	size_t interface_count;
	size_t interface_capacity;
};

/* A block of which `bytes` are at hand; `total` counts all of it. */
struct block {
	const uint8_t *bytes;
	uint32_t type;
	uint32_t total;
};

static bool pcapng_recognises(const uint8_t *bytes)
{
	return load_u32(bytes, false) == BLOCK_SECTION;
}

static void *pcapng_open(void)
{
	return calloc(1, sizeof(struct pcapng));
}

static void pcapng_close(void *state)
{
	struct pcapng *pcapng = state;
	free(pcapng->interfaces);
	free(pcapng);
}

static int64_t clamp_time(int64_t time_us)
{
	if (time_us < FRAME_TIME_MIN_US)
		return FRAME_TIME_MIN_US;
	return time_us < FRAME_TIME_MAX_US ? time_us : FRAME_TIME_MAX_US;
}

static int64_t to_time_us(const struct interface *interface, uint64_t ticks)
{
	uint128 micros = ticks;
	switch (interface->ticks) {
	case TICKS_MULTIPLY:
		micros *= interface->factor;
		break;
	case TICKS_DIVIDE:
		micros = ticks / interface->factor;
		break;
	case TICKS_SHIFT:
		micros = micros * 1000000 >> interface->factor;
		break;
	}
	/* Both addends lie far inside 64 bits then. */
	int64_t since_offset =
	    micros < (uint128)FRAME_TIME_MAX_US ? (int64_t)micros : FRAME_TIME_MAX_US;
	return clamp_time(interface->offset_us + since_offset);
}

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t power = 1;
	while (exponent-- > 0)
		power *= 10;
	return power;
}

static void set_ticks(struct interface *interface, uint8_t value)
{
	unsigned exponent = value & (TICKS_BY_TWO - 1);
	if ((value & TICKS_BY_TWO) != 0) {
		interface->ticks = TICKS_SHIFT;
		interface->factor = exponent;
	} else if (exponent <= TICKS_MICRO) {
		interface->ticks = TICKS_MULTIPLY;
		interface->factor = power_of_ten(TICKS_MICRO - exponent);
	} else {
		/* 10^19 is the largest that 64 bits hold: with finer ticks every time is 0 anyway.
		 */
		unsigned digits = exponent - TICKS_MICRO;
		interface->ticks = TICKS_DIVIDE;
		interface->factor = power_of_ten(digits < 19 ? digits : 19);
	}
}

static void set_offset(struct interface *interface, int64_t seconds)
{
	int64_t limit = FRAME_TIME_MAX_US / 1000000;
	if (seconds > limit)
		seconds = limit;
	if (seconds < -limit)
		seconds = -limit;
	interface->offset_us = seconds * 1000000;
}

static size_t round_up(size_t bytes)
{
	return (bytes + 3) & ~(size_t)3;
}

/* Reads the options of an interface description. Returns false after parse_damage(). */
static bool parse_interface_options(
    struct parse *parse, const struct block *block, bool is_big, struct interface *interface)
{
	const uint8_t *at = block->bytes + INTERFACE_MIN_BYTES - BLOCK_TAIL_BYTES;
	size_t left = block->total - INTERFACE_MIN_BYTES;
	while (left >= 4) {
		uint16_t code = load_u16(at, is_big);
		uint16_t bytes = load_u16(at + 2, is_big);
		if (code == OPTION_END)
			break;
		if (round_up(bytes) > left - 4) {
			parse_damage(parse,
			    "an interface option of %u bytes where its block has %zu left", bytes,
			    left - 4);
			return false;
		}
		if (code == OPTION_TICKS && bytes == 1)
			set_ticks(interface, at[4]);
		if (code == OPTION_OFFSET_SECONDS && bytes == 8)
			set_offset(interface, (int64_t)load_u64(at + 4, is_big));
		at += 4 + round_up(bytes);
		left -= 4 + round_up(bytes);
	}
	return true;
}

static struct interface *add_interface(struct pcapng *pcapng)
{
	if (pcapng->interface_count == pcapng->interface_capacity) {
		size_t capacity =
		    pcapng->interface_capacity == 0 ? 4 : 2 * pcapng->interface_capacity;
		struct interface *interfaces =
		    reallocarray(pcapng->interfaces, capacity, sizeof *interfaces);
		if (interfaces == NULL)
			return NULL;
		pcapng->interfaces = interfaces;
		pcapng->interface_capacity = capacity;
	}
	return &pcapng->interfaces[pcapng->interface_count++];
}

static int parse_interface(struct pcapng *pcapng, struct parse *parse, const struct block *block)
{
	if (pcapng->interface_count == INTERFACES_MAX) {
		parse_damage(
		    parse, "more interfaces than the %d that one section may have", INTERFACES_MAX);
		return 0;
	}
	struct interface interface = {
	    .link_type = load_u16(block->bytes + 8, pcapng->is_big),
	    .snapshot_bytes = load_u32(block->bytes + 12, pcapng->is_big),
	};
	set_ticks(&interface, TICKS_MICRO);
	if (!parse_interface_options(parse, block, pcapng->is_big, &interface))
		return 0;
	struct interface *place = add_interface(pcapng);
	if (place == NULL)
		return -ENOMEM;
	*place = interface;
	return 0;
}

/* What the three packet blocks have in common, once their fields are read. */
struct packet {
	uint32_t interface;
	uint32_t captured;
	uint32_t wire;
	size_t at; /* where the frame begins in the block */
	bool has_ticks;
	uint64_t ticks;
};

static void give_frame(struct pcapng *pcapng, struct parse *parse, const struct block *block,
    const struct packet *packet)
{
	if (packet->interface >= pcapng->interface_count) {
		parse_damage(parse, "a packet of interface %u where the section has described %zu",
		    packet->interface, pcapng->interface_count);
		return;
	}
	size_t room = block->total - BLOCK_TAIL_BYTES - packet->at;
	if (packet->captured > room) {
		parse_damage(parse, "a packet of %u bytes in a block that has room for %zu",
		    packet->captured, room);
		return;
	}
	const struct interface *interface = &pcapng->interfaces[packet->interface];
	if (packet->has_ticks)
		pcapng->last_us = to_time_us(interface, packet->ticks);
	uint32_t captured =
	    packet->captured < CAPTURE_FRAME_MAX_BYTES ? packet->captured : CAPTURE_FRAME_MAX_BYTES;
	parse->frames[parse->frame_count++] = (struct frame){
	    .bytes = block->bytes + packet->at,
	    .captured_bytes = captured,
	    .wire_bytes = packet->wire,
	    .time_us = pcapng->last_us,
	    .link_type = interface->link_type,
	};
}

static int parse_packet(struct pcapng *pcapng, struct parse *parse, const struct block *block)
{
	bool is_big = pcapng->is_big;
	const uint8_t *body = block->bytes + BLOCK_HEAD_BYTES;
	uint64_t high = load_u32(body + 4, is_big);
	struct packet packet = {
	    .captured = load_u32(body + 12, is_big),
	    .wire = load_u32(body + 16, is_big),
	    .at = PACKET_MIN_BYTES - BLOCK_TAIL_BYTES,
	    .has_ticks = true,
	    .ticks = high << 32 | load_u32(body + 8, is_big),
	};
	/* The old block has a count of drops in the upper half. */
	packet.interface =
	    block->type == BLOCK_PACKET ? load_u32(body, is_big) : load_u16(body, is_big);
	give_frame(pcapng, parse, block, &packet);
	return 0;
}

static int parse_simple(struct pcapng *pcapng, struct parse *parse, const struct block *block)
{
	struct packet packet = {
	    .wire = load_u32(block->bytes + BLOCK_HEAD_BYTES, pcapng->is_big),
	    .at = PACKET_SIMPLE_MIN_BYTES - BLOCK_TAIL_BYTES,
	};
	packet.captured = packet.wire;
	if (pcapng->interface_count > 0) {
		uint32_t snapshot_bytes = pcapng->interfaces[0].snapshot_bytes;
		if (snapshot_bytes != 0 && packet.captured > snapshot_bytes)
			packet.captured = snapshot_bytes;
	}
	give_frame(pcapng, parse, block, &packet);
	return 0;
}

/* Not a packet, but a record: capinfos and tshark count it among the packets, and so do we. */
static int parse_custom(struct pcapng *pcapng, struct parse *parse, const struct block *block)
{
	parse->frames[parse->frame_count++] = (struct frame){
	    .bytes = block->bytes,
	    .time_us = pcapng->last_us,
	    .link_type = LINK_NONE,
	};
	return 0;
}

static int parse_section(struct pcapng *pcapng, struct parse *parse, const struct block *block)
{
	uint16_t major = load_u16(block->bytes + 12, pcapng->is_big);
	uint16_t minor = load_u16(block->bytes + 14, pcapng->is_big);
	if (major != VERSION_MAJOR) {
		parse_damage(parse, "pcapng version %u.%u, expected 1.x", major, minor);
		return 0;
	}
	pcapng->interface_count = 0;
	return 0;
}

/* The blocks that we know. All others are stepped over. */
struct block_kind {
	uint32_t type;
	uint32_t min_bytes; /* of the whole block */
	uint32_t max_bytes;
	const char *name;
	int (*parse)(struct pcapng *pcapng, struct parse *parse, const struct block *block);
};

static const struct block_kind block_kinds[] = {
    {BLOCK_PACKET, PACKET_MIN_BYTES, BLOCK_PACKET_MAX_BYTES, "a packet block", parse_packet},
    {BLOCK_PACKET_OLD, PACKET_MIN_BYTES, BLOCK_PACKET_MAX_BYTES, "a packet block", parse_packet},
    {BLOCK_PACKET_SIMPLE, PACKET_SIMPLE_MIN_BYTES, BLOCK_PACKET_MAX_BYTES, "a packet block",
	parse_simple},
    {BLOCK_INTERFACE, INTERFACE_MIN_BYTES, BLOCK_WHOLE_MAX_BYTES, "an interface block",
	parse_interface},
    {BLOCK_CUSTOM, CUSTOM_MIN_BYTES, UINT32_MAX, "a custom block", parse_custom},
    {BLOCK_CUSTOM_LOCAL, CUSTOM_MIN_BYTES, UINT32_MAX, "a custom block", parse_custom},
    {BLOCK_SECTION, SECTION_MIN_BYTES, UINT32_MAX, "a section header", parse_section},
};

static const struct block_kind *find_kind(uint32_t type)
{
	for (size_t i = 0; i < sizeof block_kinds / sizeof block_kinds[0]; i++)
		if (block_kinds[i].type == type)
			return &block_kinds[i];
	return NULL;
}

static void check_tail(struct parse *parse, const uint8_t *tail, uint32_t total, bool is_big)
{
	uint32_t again = load_u32(tail, is_big);
	if (again != total)
		parse_damage(
		    parse, "a block of %u bytes that ends with the length %u", total, again);
}

/* The tail of a block that was stepped over. */
static void parse_tail(struct pcapng *pcapng, struct parse *parse)
{
	if (parse->left - parse->used < BLOCK_TAIL_BYTES) {
		parse->want = BLOCK_TAIL_BYTES;
		parse->is_inside = true;
		return;
	}
	check_tail(parse, parse->bytes + parse->used, pcapng->tail_due, pcapng->is_big);
	if (parse->is_damaged)
		return;
	parse->used += BLOCK_TAIL_BYTES;
	pcapng->tail_due = 0;
}

/* Reads type and length of the next block. Returns false when it is not at hand, or damaged. */
static bool parse_head(struct pcapng *pcapng, struct parse *parse, struct block *ret_block)
{
	const uint8_t *bytes = parse->bytes + parse->used;
	if (parse->left - parse->used < BLOCK_MIN_BYTES) {
		parse->want = BLOCK_MIN_BYTES;
		return false;
	}
	uint32_t type = load_u32(bytes, pcapng->is_big);
	if (type == BLOCK_SECTION) {
		pcapng->is_big = load_u32(bytes + BLOCK_HEAD_BYTES, true) == ORDER_MAGIC;
		if (load_u32(bytes + BLOCK_HEAD_BYTES, pcapng->is_big) != ORDER_MAGIC) {
			parse_damage(parse, "a section header without a mark of its byte order");
			return false;
		}
	}
	uint32_t total = load_u32(bytes + 4, pcapng->is_big);
	if (total < BLOCK_MIN_BYTES || total % 4 != 0) {
		parse_damage(
		    parse, "a block of %u bytes, expected a multiple of 4 from 12 on", total);
		return false;
	}
	*ret_block = (struct block){.bytes = bytes, .type = type, .total = total};
	return true;
}

/* Steps over the block, of which `seen` bytes were looked at. */
static void pass_block(
    struct pcapng *pcapng, struct parse *parse, const struct block *block, uint32_t seen)
{
	parse->used += seen;
	if (seen == block->total)
		return;
	parse->skip = block->total - BLOCK_TAIL_BYTES - seen;
	pcapng->tail_due = block->total;
}

static int parse_known(struct pcapng *pcapng, struct parse *parse, const struct block *block,
    const struct block_kind *kind)
{
	if (block->total < kind->min_bytes || block->total > kind->max_bytes) {
		parse_damage(parse, "%s of %u bytes, expected %u to %u", kind->name, block->total,
		    kind->min_bytes, kind->max_bytes);
		return 0;
	}
	uint32_t seen = block->total < BLOCK_WHOLE_MAX_BYTES ? block->total : BLOCK_WHOLE_MAX_BYTES;
	if (parse->left - parse->used < seen) {
		parse->want = seen;
		return 0;
	}
	if (seen == block->total)
		check_tail(
		    parse, block->bytes + seen - BLOCK_TAIL_BYTES, block->total, pcapng->is_big);
	if (parse->is_damaged)
		return 0;
	int result = kind->parse(pcapng, parse, block);
	if (result == 0 && !parse->is_damaged)
		pass_block(pcapng, parse, block, seen);
	return result;
}

static int parse_block(struct pcapng *pcapng, struct parse *parse)
{
	struct block block;
	if (!parse_head(pcapng, parse, &block))
		return 0;
	const struct block_kind *kind = find_kind(block.type);
	if (kind != NULL)
		return parse_known(pcapng, parse, &block, kind);
	pass_block(pcapng, parse, &block, BLOCK_HEAD_BYTES);
	return 0;
}

static int pcapng_parse(void *state, struct parse *parse)
{
	struct pcapng *pcapng = state;
	parse->unit = "a block";
	int result = 0;
	while (result == 0 && parse->want == 0 && !parse->is_damaged && parse->skip == 0 &&
	       parse->frame_count < parse->frames_max) {
		if (pcapng->tail_due != 0)
			parse_tail(pcapng, parse);
		else
			result = parse_block(pcapng, parse);
	}
	return result;
}

const struct capture_format capture_pcapng = {
    .name = "pcapng",
    .recognises = pcapng_recognises,
    .open = pcapng_open,
    .parse = pcapng_parse,
    .close = pcapng_close,
};
