/*
 * fuzz_analysis.c - whatever packets come, in whatever order and at whatever times, the analysis
 * comes to its end.
 *
 * An input is one byte of options and one of memory, then steps of STEP_BYTES: what kind of packet
 * between whom, with which ports and flags, when, and how often with what changing. Frames are well
 * formed, so that what lies behind the decoder is reached; fuzz_decode looks after the others.
 */
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/analysis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	STEP_BYTES = 13,
	FRAME_BYTES_MAX = 160,
	BATCH_FRAMES = 64,
	FRAMES_MAX = 6000, /* the smallest tables overflow, and it takes little time */
};

enum kind {
	KIND_TCP,
	KIND_UDP,
	KIND_ICMP,
	KIND_ICMP_ERROR, /* quotes a packet of its receiver */
	KIND_PROTOCOL,
	KIND_ARP,
	KIND_NEIGHBOUR,
	KIND_FRAGMENT,
	KIND_GARBAGE,
	KIND_COUNT
};

/* One step of the input, as read. */
struct step {
	enum kind kind;
	bool is_v6;
	uint8_t link; /* Ethernet, raw, or unknown */
	bool drill;
	uint16_t source; /* the low byte as read; what moves past it goes on to other networks */
	uint16_t target;
	uint16_t source_port;
	uint16_t target_port;
	uint8_t flags;
	uint8_t sequence;
	int64_t step_us;
	size_t times;
	uint8_t stride;
	uint8_t moves; /* bits: source, target, source port, target port */
};

struct fuzzing {
	struct analysis *analysis;
	int64_t now_us;
	size_t frames;
	struct frame_batch *batch;
	uint8_t bytes[BATCH_FRAMES][FRAME_BYTES_MAX];
};

static const uint16_t ports[] = {0, 17, 19, 22, 23, 53, 67, 68, 69, 80, 111, 123, 137, 161, 389,
    427, 443, 445, 500, 520, 623, 1434, 1604, 1900, 3283, 3389, 3478, 3702, 4500, 5060, 5093, 5351,
    5353, 5683, 10001, 11211, 27015, 27960, 32414, 33434, 37810, 47808, 49152, 65535};

/*
 * A small pool, so that packets meet: ours, strangers', dark ones, and those that are no host's.
 * Past it come as many as moving brings.
 */
static void draw_v4(uint16_t index, uint8_t out[4])
{
	static const uint8_t special[8][4] = {{0, 0, 0, 0}, {255, 255, 255, 255}, {224, 0, 0, 1},
	    {239, 1, 2, 3}, {127, 0, 0, 1}, {169, 254, 1, 1}, {192, 168, 1, 255}, {1, 1, 1, 1}};
	static const uint8_t networks[4][3] = {
	    {192, 168, 1}, {198, 18, 0}, {203, 0, 113}, {10, 0, 0}};
	if (index >= 248 && index < 256) {
		memcpy(out, special[index - 248], 4);
		return;
	}
	memcpy(out, networks[index / 64 % 4], 3);
	out[2] = (uint8_t)(out[2] + index / 256);
	out[3] = (uint8_t)index;
}

static void draw_v6(uint16_t index, uint8_t out[16])
{
	static const uint8_t starts[4][4] = {
	    {0xfd, 0, 0, 1}, {0x20, 0x01, 0x0d, 0xb8}, {0x26, 0, 0, 1}, {0xfe, 0x80, 0, 0}};
	memset(out, 0, 16);
	if (index == 248)
		return;
	memcpy(out, starts[index / 64 % 4], 4);
	if (index > 248 && index < 256)
		out[0] = 0xff;
	out[14] = (uint8_t)(index >> 8);
	out[15] = (uint8_t)index;
}

static size_t put16(uint8_t *out, size_t at, uint32_t value)
{
	out[at] = (uint8_t)(value >> 8);
	out[at + 1] = (uint8_t)value;
	return at + 2;
}

static size_t put32(uint8_t *out, size_t at, uint32_t value)
{
	return put16(out, put16(out, at, value >> 16), value & 0xffff);
}

static uint8_t protocol_of(const struct step *step)
{
	switch (step->kind) {
	case KIND_TCP:
	case KIND_FRAGMENT:
		return 6;
	case KIND_UDP:
		return 17;
	case KIND_ICMP:
	case KIND_ICMP_ERROR:
		return step->is_v6 ? 58 : 1;
	case KIND_NEIGHBOUR:
		return 58;
	case KIND_PROTOCOL:
	case KIND_ARP:
	case KIND_GARBAGE:
	case KIND_COUNT:
		break;
	}
	return step->flags;
}

static size_t put_ip(uint8_t *out, const struct step *step, size_t payload_bytes)
{
	uint8_t hops = step->kind == KIND_NEIGHBOUR ? 255 : (uint8_t)(step->stride | 32);
	if (step->is_v6) {
		put32(out, 0, 0x60000000);
		put16(out, 4, (uint32_t)payload_bytes);
		out[6] = protocol_of(step);
		out[7] = hops;
		draw_v6(step->source, out + 8);
		draw_v6(step->target, out + 24);
		return 40;
	}
	put16(out, 0, 0x4500);
	put16(out, 2, (uint32_t)(20 + payload_bytes));
	put16(out, 4, step->sequence == 1 ? 54321 : step->sequence);
	put16(out, 6, step->kind == KIND_FRAGMENT ? 0x2000U | step->sequence : 0);
	out[8] = hops;
	out[9] = protocol_of(step);
	put16(out, 10, 0);
	draw_v4(step->source, out + 12);
	draw_v4(step->target, out + 16);
	return 20;
}

static size_t put_tcp(uint8_t *out, const struct step *step)
{
	uint8_t target[16];
	draw_v4(step->target, target);
	uint32_t address = (uint32_t)target[0] << 24 | (uint32_t)target[1] << 16 |
			   (uint32_t)target[2] << 8 | target[3];
	uint32_t joined = (uint32_t)step->target_port << 16 | step->source_port;
	uint32_t sequence = step->sequence * UINT32_C(0x01010101);
	if (step->sequence == 2)
		sequence = address;
	else if (step->sequence == 3)
		sequence = address ^ joined;
	put16(out, 0, step->source_port);
	put16(out, 2, step->target_port);
	put32(out, 4, sequence);
	put32(out, 8, step->sequence * UINT32_C(0x01010101) + 1);
	put16(out, 12, 0x5000U | step->flags);
	put16(out, 14, 65535);
	put32(out, 16, 0);
	return 20;
}

static size_t put_datagram(uint8_t *out, const struct step *step)
{
	put16(out, 0, step->source_port);
	put16(out, 2, step->target_port);
	put16(out, 4, 8);
	put16(out, 6, 0);
	return 8;
}

static size_t put_icmp(uint8_t *out, const struct step *step)
{
	out[0] = step->flags;
	out[1] = 0;
	put16(out, 2, 0);
	put32(out, 4, step->sequence);
	return 8;
}

/* What the receiver of the error sent, or, with an odd sequence, what somebody else did. */
static size_t put_icmp_error(uint8_t *out, const struct step *step)
{
	struct step quoted = *step;
	quoted.kind = (step->flags & 1) != 0 ? KIND_TCP : KIND_UDP;
	quoted.source = step->sequence % 2 == 0 ? step->target : step->sequence;
	quoted.target = (step->flags & 2) != 0 ? step->source : (uint16_t)(step->source + 1);
	quoted.flags = FACTS_SYN;
	out[0] = step->is_v6 ? 1 : 3;
	out[1] = 3;
	put16(out, 2, 0);
	put32(out, 4, 0);
	size_t at = 8 + put_ip(out + 8, &quoted, 20);
	at +=
	    quoted.kind == KIND_TCP ? put_tcp(out + at, &quoted) : put_datagram(out + at, &quoted);
	return at;
}

static size_t put_neighbour(uint8_t *out, const struct step *step)
{
	memset(out, 0, 24);
	out[0] = 133 + step->flags % 5;
	draw_v6(step->target, out + 8);
	return 24;
}

static size_t put_arp(uint8_t *out, const struct step *step)
{
	put16(out, 0, 1);
	put16(out, 2, 0x0800);
	put16(out, 4, 0x0604);
	put16(out, 6, 1 + step->flags % 2U);
	memset(out + 8, (uint8_t)step->source, 6);
	draw_v4(step->source, out + 14);
	memset(out + 18, 0, 6);
	draw_v4(step->target, out + 24);
	return 28;
}

static size_t put_transport(uint8_t *out, const struct step *step)
{
	switch (step->kind) {
	case KIND_TCP:
	case KIND_FRAGMENT:
		return put_tcp(out, step);
	case KIND_UDP:
		return put_datagram(out, step);
	case KIND_ICMP:
		return put_icmp(out, step);
	case KIND_ICMP_ERROR:
		return put_icmp_error(out, step);
	case KIND_NEIGHBOUR:
		return put_neighbour(out, step);
	case KIND_ARP:
	case KIND_PROTOCOL:
	case KIND_GARBAGE:
	case KIND_COUNT:
		break;
	}
	memset(out, step->sequence, 4);
	return 4;
}

static size_t put_network(uint8_t *out, const struct step *step)
{
	if (step->kind == KIND_ARP)
		return put_arp(out, step);
	uint8_t transport[FRAME_BYTES_MAX - 54];
	size_t bytes = put_transport(transport, step);
	size_t at = put_ip(out, step, bytes);
	memcpy(out + at, transport, bytes);
	return at + bytes;
}

static size_t put_frame(uint8_t *out, const struct step *step)
{
	if (step->link != 0)
		return put_network(out, step);
	uint32_t type = step->is_v6 ? 0x86dd : 0x0800;
	if (step->kind == KIND_ARP)
		type = 0x0806;
	else if (step->kind == KIND_GARBAGE)
		type = step->flags;
	memset(out, step->kind == KIND_ARP ? 0xff : 2, 6);
	memset(out + 6, step->source & 0xfe, 6);
	size_t at = put16(out, 12, type);
	return at + put_network(out + at, step);
}

static void flush(struct fuzzing *fuzzing)
{
	analysis_add(fuzzing->analysis, fuzzing->batch, NULL);
	fuzzing->batch->count = 0;
}

static void send(struct fuzzing *fuzzing, const struct step *step)
{
	static const uint32_t links[] = {LINK_ETHERNET, LINK_RAW, LINK_RAW, 147};
	struct frame_batch *batch = fuzzing->batch;
	uint8_t *bytes = fuzzing->bytes[batch->count];
	size_t length = put_frame(bytes, step);
	batch->frames[batch->count++] = (struct frame){
	    .bytes = bytes,
	    .captured_bytes = (uint32_t)length,
	    .wire_bytes = (uint32_t)length,
	    .time_us = fuzzing->now_us,
	    .link_type = links[step->link],
	    .drill = step->drill,
	};
	fuzzing->frames++;
	if (batch->count == BATCH_FRAMES)
		flush(fuzzing);
}

static void move(struct step *step)
{
	if ((step->moves & 1) != 0)
		step->source = (uint16_t)(step->source + step->stride);
	if ((step->moves & 2) != 0)
		step->target = (uint16_t)(step->target + step->stride);
	if ((step->moves & 4) != 0)
		step->source_port = (uint16_t)(step->source_port + step->stride);
	if ((step->moves & 8) != 0)
		step->target_port = (uint16_t)(step->target_port + step->stride);
}

static uint16_t read_port(uint8_t byte)
{
	const size_t known = sizeof ports / sizeof ports[0];
	return byte < known ? ports[byte] : (uint16_t)(byte * 257U);
}

/* From a microsecond to beyond all time, forwards and backwards. */
static int64_t read_time(uint8_t mantissa, uint8_t exponent)
{
	int64_t step_us = (int64_t)((uint64_t)(mantissa & 0x7f) << exponent % 63 & INT64_MAX);
	return (mantissa & 0x80) != 0 ? -step_us : step_us;
}

static void read_step(const uint8_t *data, struct step *ret_step)
{
	*ret_step = (struct step){
	    .kind = (enum kind)(data[0] % KIND_COUNT),
	    .is_v6 = (data[1] & 1) != 0,
	    .drill = (data[1] & 2) != 0,
	    .link = data[1] >> 2 & 3,
	    .moves = data[1] >> 4,
	    .source = data[2],
	    .target = data[3],
	    .source_port = read_port(data[4]),
	    .target_port = read_port(data[5]),
	    .flags = data[6],
	    .sequence = data[7],
	    .step_us = read_time(data[8], data[9]),
	    .times = 1 + (size_t)data[10] * (data[11] % 4 == 0 ? 16 : 1),
	    .stride = data[12],
	};
	if (ret_step->kind == KIND_NEIGHBOUR)
		ret_step->is_v6 = true;
}

static void play(struct fuzzing *fuzzing, const uint8_t *data, size_t data_bytes)
{
	for (; data_bytes >= STEP_BYTES; data += STEP_BYTES, data_bytes -= STEP_BYTES) {
		struct step step;
		read_step(data, &step);
		for (size_t i = 0; i < step.times && fuzzing->frames < FRAMES_MAX; i++) {
			send(fuzzing, &step);
			move(&step);
			if (__builtin_add_overflow(fuzzing->now_us, step.step_us, &fuzzing->now_us))
				fuzzing->now_us = step.step_us;
		}
	}
	flush(fuzzing);
}

static struct registry *make_registry(uint8_t options)
{
	struct registry *registry = NULL;
	struct complaint complaint;
	int result = registry_new(&registry);
	if (result == 0 && (options & 1) != 0)
		result = registry_add_member(
		    registry, "town", "192.168.1.0/24,2001:db8::/32", &complaint);
	else if (result == 0)
		result = registry_add_local(registry, &complaint);
	if (result == 0 && (options & 2) != 0)
		result = registry_add_dark(registry, "198.18.0.0/24,fd00:1::/64", &complaint);
	if (result == 0)
		result = registry_seal(registry, &complaint);
	if (result != 0)
		abort();
	return registry;
}

static void judge(struct fuzzing *fuzzing)
{
	struct findings findings = {0};
	struct report_summary summary;
	if (analysis_finish(fuzzing->analysis, &findings) != 0)
		abort();
	analysis_get_summary(fuzzing->analysis, &summary);
	findings_release(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	static struct frame_batch batch;
	/* the least that tables take, the least that may be asked for, and the usual */
	static const size_t memory[] = {1 << 20, ANALYSIS_MEMORY_MIN, 64 << 20, 512 << 20};
	if (data_bytes < 2)
		return 0;
	struct registry *registry = make_registry(data[0]);
	struct thresholds thresholds;
	thresholds_init(&thresholds);
	const struct analysis_options options = {
	    .registry = registry,
	    .thresholds = &thresholds,
	    .memory_bytes = memory[data[1] % 4],
	    .workers = 1,
	    .infer_dark = (data[0] & 4) != 0,
	    .members_only = (data[0] & 8) != 0,
	    .keep_evidence = (data[0] & 0xf0) == 0xf0, /* seldom: it is 15 MB */
	};
	struct fuzzing fuzzing = {.now_us = INT64_C(1700000000) * WHEN_SECOND_US, .batch = &batch};
	batch.count = 0;
	if (analysis_new(&options, &fuzzing.analysis) != 0)
		abort();
	play(&fuzzing, data + 2, data_bytes - 2);
	judge(&fuzzing);
	analysis_free(fuzzing.analysis);
	registry_free(registry);
	return 0;
}
