/*
 * live_send.c - sends SYNs of many sources to dark addresses into an interface, at a rate.
 *
 *     live_send socket|bpf INTERFACE PACKETS RATE SOURCES
 *
 * Each packet has one of SOURCES (a power of two) addresses in 32.0.0.0/3 as its source, and any of
 * 198.18.0.0/16 as its target, both by chance. "socket" sends by AF_PACKET past the queueing
 * discipline, 64 packets a system call; "bpf" has the kernel run a program that redirects frames
 * into the interface (BPF_PROG_TEST_RUN with live frames), some thousand a system call; an
 * interface that gets these needs NAPI (a program, or GRO). RATE is packets/s, 0 for as many as can
 * be sent. Prints "PACKETS SECONDS" as sent.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/random.h"

enum {
	FRAME_BYTES = 60,
	AT_SOURCE = 26,
	AT_TARGET = 30,
	SENT_AT_ONCE = 64,
	/* Of a packet's turn: parts of a nanosecond, and looks at the clock until it comes. */
	TURN_SHIFT = 8,
	TURN_PARTS = 1 << TURN_SHIFT,
	LOOKS_MAX = 4000,
	NS_PER_S = 1000000000,
};

#define SOURCE_BASE 0x20000000U

/* TCP SYN from port 40000 to 23, without checksums: nobody looks at them. */
static const uint8_t frame_text[FRAME_BYTES] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0,
    0, 40, 0x12, 0x34, 0, 0, 52, 6, 0, 0, 32, 0, 0, 1, 198, 18, 0, 1, 0x9c, 0x40, 0, 23, 0x11, 0x22,
    0x33, 0x44, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0};

struct job {
	const char *interface;
	int index;
	uint64_t packets;
	uint64_t rate;
	uint32_t mask; /* of sources */
	uint64_t sent;
};

static uint64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* it exists */
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Until it is time for the next; spinning, since sleeping is not exact. */
static void await_turn(const struct job *job, uint64_t began_ns)
{
	if (job->rate == 0)
		return;
	const double due_ns = (double)job->sent * NS_PER_S / (double)job->rate;
	while ((double)(now_ns() - began_ns) < due_ns)
		;
}

static int fail(const char *what)
{
	(void)fprintf(stderr, "live_send: %s: %s\n", what, strerror(errno));
	return 1;
}

static void vary(uint8_t *frame, uint32_t mask, struct random *random)
{
	const uint64_t number = random_u64(random);
	const uint32_t source = htonl(SOURCE_BASE | ((uint32_t)number & mask));
	memcpy(frame + AT_SOURCE, &source, sizeof source);
	frame[AT_TARGET + 2] = (uint8_t)(number >> 32);
	frame[AT_TARGET + 3] = (uint8_t)(number >> 40);
}

static int open_socket(const struct job *job)
{
	const int on = 1;
	const struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = job->index};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0)
		return -1;
	return fd;
}

static int send_by_socket(struct job *job, uint64_t began_ns)
{
	static uint8_t frames[SENT_AT_ONCE][FRAME_BYTES];
	struct iovec parts[SENT_AT_ONCE];
	struct mmsghdr messages[SENT_AT_ONCE] = {0};
	struct random random;
	random_init(&random, 1);
	int fd = open_socket(job);
	if (fd < 0)
		return fail(job->interface);
	for (size_t i = 0; i < SENT_AT_ONCE; i++) {
		memcpy(frames[i], frame_text, FRAME_BYTES);
		parts[i] = (struct iovec){frames[i], FRAME_BYTES};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (job->sent < job->packets) {
		const uint64_t left = job->packets - job->sent;
		const unsigned count = left < SENT_AT_ONCE ? (unsigned)left : SENT_AT_ONCE;
		for (size_t i = 0; i < count; i++)
			vary(frames[i], job->mask, &random);
		await_turn(job, began_ns);
		int sent = sendmmsg(fd, messages, count, 0);
		if (sent < 0 && errno != ENOBUFS && errno != EAGAIN)
			return fail(job->interface);
		job->sent += sent > 0 ? (uint64_t)sent : 0;
	}
	return 0;
}

#define LOAD(size, to, from, at)                                                                   \
	{                                                                                          \
		.code = BPF_LDX | BPF_MEM | (size), .dst_reg = (to), .src_reg = (from),            \
		.off = (at)                                                                        \
	}
#define STORE(size, to, at, from)                                                                  \
	{                                                                                          \
		.code = BPF_STX | BPF_MEM | (size), .dst_reg = (to), .src_reg = (from),            \
		.off = (at)                                                                        \
	}
#define WITH(operation, to, number)                                                                \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_K | (operation), .dst_reg = (to), .imm = (int)(number)     \
	}
#define COPY(to, from)                                                                             \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from)            \
	}
#define SKIP(test, left, right, count)                                                             \
	{                                                                                          \
		.code = BPF_JMP | BPF_X | (test), .dst_reg = (left), .src_reg = (right),           \
		.off = (count)                                                                     \
	}
#define CALL(helper)                                                                               \
	{                                                                                          \
		.code = BPF_JMP | BPF_CALL, .imm = (helper)                                        \
	}

/*
 * Waits for its turn, writes addresses into the frame and redirects it. The turn is kept in a map
 * of one number, and in 1/256 ns, since a packet's time is some hundred of them.
 */
static int load_redirect(const struct job *job, int turn)
{
	const uint64_t step = job->rate == 0 ? 0 : (uint64_t)NS_PER_S * TURN_PARTS / job->rate;
	const struct bpf_insn text[] = {
	    LOAD(BPF_W, BPF_REG_7, BPF_REG_1, offsetof(struct xdp_md, data)),
	    LOAD(BPF_W, BPF_REG_3, BPF_REG_1, offsetof(struct xdp_md, data_end)),
	    COPY(BPF_REG_2, BPF_REG_7),
	    WITH(BPF_ADD, BPF_REG_2, FRAME_BYTES),
	    SKIP(BPF_JGT, BPF_REG_2, BPF_REG_3, 25), /* to the end: too short */
	    /* over the waiting, where there is none */
	    WITH(BPF_MOV, BPF_REG_6, step == 0),
	    {.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_6, .imm = 0, .off = 11},
	    {.code = BPF_LD | BPF_DW | BPF_IMM,
		.dst_reg = BPF_REG_8,
		.src_reg = BPF_PSEUDO_MAP_VALUE,
		.imm = turn},
	    {.code = 0},
	    LOAD(BPF_DW, BPF_REG_9, BPF_REG_8, 0),
	    WITH(BPF_ADD, BPF_REG_9, step),
	    STORE(BPF_DW, BPF_REG_8, 0, BPF_REG_9),
	    WITH(BPF_MOV, BPF_REG_6, 0),
	    CALL(BPF_FUNC_ktime_get_ns), /* again and again until it is time */
	    WITH(BPF_LSH, BPF_REG_0, TURN_SHIFT),
	    SKIP(BPF_JGE, BPF_REG_0, BPF_REG_9, 2),
	    WITH(BPF_ADD, BPF_REG_6, 1),
	    {.code = BPF_JMP | BPF_JLT | BPF_K, .dst_reg = BPF_REG_6, .imm = LOOKS_MAX, .off = -5},
	    CALL(BPF_FUNC_get_prandom_u32),
	    COPY(BPF_REG_6, BPF_REG_0),
	    WITH(BPF_AND, BPF_REG_6, job->mask),
	    WITH(BPF_OR, BPF_REG_6, SOURCE_BASE),
	    {.code = BPF_ALU | BPF_END | BPF_TO_BE, .dst_reg = BPF_REG_6, .imm = 32},
	    STORE(BPF_W, BPF_REG_7, AT_SOURCE, BPF_REG_6),
	    WITH(BPF_RSH, BPF_REG_0, 16),
	    STORE(BPF_H, BPF_REG_7, AT_TARGET + 2, BPF_REG_0),
	    WITH(BPF_MOV, BPF_REG_1, job->index),
	    WITH(BPF_MOV, BPF_REG_2, 0),
	    CALL(BPF_FUNC_redirect),
	    {.code = BPF_JMP | BPF_EXIT},
	    WITH(BPF_MOV, BPF_REG_0, XDP_DROP),
	    {.code = BPF_JMP | BPF_EXIT},
	};
	return bpf_prog_load(
	    BPF_PROG_TYPE_XDP, "live_send", "GPL", text, sizeof text / sizeof text[0], NULL);
}

/* All by one call: each costs some 30 ms by itself. */
static int send_by_bpf(struct job *job, uint64_t began_ns)
{
	const uint64_t first_turn = job->rate == 0 ? 0 : began_ns * TURN_PARTS;
	const uint32_t key = 0;
	int turn =
	    bpf_map_create(BPF_MAP_TYPE_ARRAY, "turn", sizeof key, sizeof first_turn, 1, NULL);
	if (turn < 0 || bpf_map_update_elem(turn, &key, &first_turn, BPF_ANY) != 0)
		return fail("a map");
	int program = load_redirect(job, turn);
	if (program < 0)
		return fail("its program");
	struct bpf_test_run_opts how = {
	    .sz = sizeof how,
	    .data_in = frame_text,
	    .data_size_in = FRAME_BYTES,
	    .repeat = (int)job->packets,
	    .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
	};
	if (bpf_prog_test_run_opts(program, &how) != 0)
		return fail("live frames");
	job->sent = job->packets;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		(void)fprintf(stderr, "live_send: expected socket or bpf, INTERFACE, PACKETS, RATE "
				      "and SOURCES\n");
		return 2;
	}
	struct job job = {
	    .interface = argv[2],
	    .index = (int)if_nametoindex(argv[2]),
	    .packets = strtoull(argv[3], NULL, 10),
	    .rate = strtoull(argv[4], NULL, 10),
	    .mask = (uint32_t)strtoul(argv[5], NULL, 10) - 1,
	};
	if (job.index == 0)
		return fail(job.interface);
	const uint64_t began_ns = now_ns();
	int status = strcmp(argv[1], "bpf") == 0 ? send_by_bpf(&job, began_ns)
						 : send_by_socket(&job, began_ns);
	printf("%" PRIu64 " %.6f\n", job.sent, (double)(now_ns() - began_ns) / NS_PER_S);
	return status;
}
