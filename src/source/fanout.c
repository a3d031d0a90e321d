/*
 * fanout.c - the program that the kernel runs for each packet to choose a socket.
 *
 * Classic BPF, since any packet socket may load it. The bytes that it sees begin at the network
 * header of a packet that arrives, and at the Ethernet header of one that leaves. So the program
 * finds the network header first, which X then points to while A has the type of what stands there.
 * A load from outside the packet ends it with 0.
 */
#include "source/fanout.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stddef.h>
#include <sys/socket.h>

enum {
	INSTRUCTIONS_MAX = 160,
	TAGS_MAX = 2,
	TAG_BYTES = 4,
	OLD_TAG = 0x9100, /* stacked tags before 802.1ad */
	V4_AT_FRAGMENT = 6,
	V4_AT_PROTOCOL = 9,
	V4_AT_SOURCE = 12,
	V4_AT_TARGET = 16,
	V6_AT_PROTOCOL = 6,
	V6_AT_SOURCE = 8,
	V6_AT_PAYLOAD = 40,
	ICMP_HEADER_BYTES = 8,
	PROTOCOL_ICMP = 1,
	PROTOCOL_ICMP6 = 58,
	LATER_FRAGMENT = 0x1fff,
	ND_FIRST = 133, /* router solicitation to redirect (RFC 4861) */
	ND_LAST = 137,
	V6_ERROR_LAST = 4,
	/* Where the program keeps things. */
	M_TYPE = 0,
	M_START = 1,
	M_SUM = 2,
};

#define MIXER 0x9e3779b1U /* the golden ratio, odd: Knuth, The Art of Computer Programming, 6.4 */

/* ICMP errors of IPv4 (RFC 792). */
static const uint32_t v4_errors[] = {3, 4, 5, 11, 12};

struct program {
	unsigned short count;
	struct sock_filter code[INSTRUCTIONS_MAX];
};

static size_t add(struct program *program, unsigned code, uint32_t k)
{
	assert(program->count < INSTRUCTIONS_MAX);
	program->code[program->count] = (struct sock_filter){.code = (uint16_t)code, .k = k};
	return program->count++;
}

/* Goes on behind the jump; where it goes otherwise is said by one of the next two. */
static size_t add_test(struct program *program, unsigned test, uint32_t k)
{
	return add(program, BPF_JMP | test | BPF_K, k);
}

static size_t steps_from(const struct program *program, size_t at)
{
	size_t steps = program->count - at - 1;
	assert(steps <= UINT8_MAX);
	return steps;
}

/* The test or jump at `at` goes to what is added next, where it is false or where it is true. */
static void land_false(struct program *program, size_t at)
{
	program->code[at].jf = (uint8_t)steps_from(program, at);
}

static void land_true(struct program *program, size_t at)
{
	program->code[at].jt = (uint8_t)steps_from(program, at);
}

static void land_jump(struct program *program, size_t at)
{
	program->code[at].k = (uint32_t)steps_from(program, at);
}

static void add_x(struct program *program, uint32_t bytes)
{
	add(program, BPF_MISC | BPF_TXA, 0);
	add(program, BPF_ALU | BPF_ADD | BPF_K, bytes);
	add(program, BPF_MISC | BPF_TAX, 0);
}

/* X: the network header, A: its type. */
static void find_network_header(struct program *program, bool has_ethernet)
{
	size_t behind = 0;
	if (has_ethernet) {
		add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
		size_t leaves = add_test(program, BPF_JEQ, PACKET_OUTGOING);
		add(program, BPF_LDX | BPF_W | BPF_IMM, ETH_HLEN);
		add(program, BPF_LD | BPF_H | BPF_ABS, 2 * ETH_ALEN);
		behind = add(program, BPF_JMP | BPF_JA, 0);
		land_false(program, leaves);
	}
	add(program, BPF_LDX | BPF_W | BPF_IMM, 0);
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	if (has_ethernet)
		land_jump(program, behind);
}

static void skip_tag(struct program *program)
{
	static const uint32_t types[] = {ETH_P_8021Q, ETH_P_8021AD, OLD_TAG};
	enum {
		TYPES = sizeof types / sizeof types[0]
	};
	size_t tests[TYPES];
	for (size_t i = 0; i < TYPES; i++)
		tests[i] = add_test(program, BPF_JEQ, types[i]);
	size_t no_tag = tests[TYPES - 1];
	for (size_t i = 0; i + 1 < TYPES; i++)
		land_true(program, tests[i]);
	add(program, BPF_LD | BPF_H | BPF_IND, TAG_BYTES - 2);
	add(program, BPF_ST, M_TYPE);
	add_x(program, TAG_BYTES);
	add(program, BPF_LD | BPF_MEM, M_TYPE);
	land_false(program, no_tag);
}

/* Ends with the XOR of so many words at X, mixed: both directions of a pair have the same. */
static void end_with_words(struct program *program, uint32_t at, uint32_t words)
{
	add(program, BPF_STX, M_START);
	add(program, BPF_LD | BPF_W | BPF_IND, at);
	for (uint32_t i = 1; i < words; i++) {
		add(program, BPF_ST, M_SUM);
		add(program, BPF_LDX | BPF_MEM, M_START);
		add(program, BPF_LD | BPF_W | BPF_IND, at + i * 4);
		add(program, BPF_LDX | BPF_MEM, M_SUM);
		add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
	}
	add(program, BPF_ALU | BPF_MUL | BPF_K, MIXER);
	add(program, BPF_MISC | BPF_TAX, 0);
	add(program, BPF_ALU | BPF_RSH | BPF_K, 16);
	add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
	add(program, BPF_RET | BPF_A, 0);
}

/* X goes on to the packet that an ICMP error quotes. */
static void enter_v4_quote(struct program *program)
{
	enum {
		ERRORS = sizeof v4_errors / sizeof v4_errors[0]
	};
	size_t tests[ERRORS];
	add(program, BPF_LD | BPF_B | BPF_IND, V4_AT_PROTOCOL);
	size_t other = add_test(program, BPF_JEQ, PROTOCOL_ICMP);
	add(program, BPF_LD | BPF_H | BPF_IND, V4_AT_FRAGMENT);
	size_t later = add_test(program, BPF_JSET, LATER_FRAGMENT);
	size_t behind = add(program, BPF_JMP | BPF_JA, 0);
	land_false(program, later);
	add(program, BPF_STX, M_START);
	add(program, BPF_LD | BPF_B | BPF_IND, 0);
	add(program, BPF_ALU | BPF_AND | BPF_K, 0x0f);
	add(program, BPF_ALU | BPF_LSH | BPF_K, 2);
	add(program, BPF_ALU | BPF_ADD | BPF_X, 0);
	add(program, BPF_MISC | BPF_TAX, 0);
	add(program, BPF_LD | BPF_B | BPF_IND, 0);
	for (size_t i = 0; i < ERRORS; i++)
		tests[i] = add_test(program, BPF_JEQ, v4_errors[i]);
	for (size_t i = 0; i + 1 < ERRORS; i++)
		land_true(program, tests[i]);
	add_x(program, ICMP_HEADER_BYTES);
	size_t quoted = add(program, BPF_JMP | BPF_JA, 0);
	land_false(program, tests[ERRORS - 1]);
	add(program, BPF_LDX | BPF_MEM, M_START);
	land_jump(program, quoted);
	land_jump(program, behind);
	land_false(program, other);
}

static void enter_v6_quote(struct program *program)
{
	add(program, BPF_LD | BPF_B | BPF_IND, V6_AT_PROTOCOL);
	size_t other = add_test(program, BPF_JEQ, PROTOCOL_ICMP6);
	add(program, BPF_LD | BPF_B | BPF_IND, V6_AT_PAYLOAD);
	size_t before = add_test(program, BPF_JGE, ND_FIRST);
	size_t past = add_test(program, BPF_JGT, ND_LAST);
	size_t message = add(program, BPF_JMP | BPF_JA, 0);
	land_false(program, past);
	add(program, BPF_RET | BPF_K, 0); /* discovery: all of it in one place */
	land_false(program, before);
	land_jump(program, message);
	size_t message_type = add_test(program, BPF_JGT, V6_ERROR_LAST);
	size_t is_message = add(program, BPF_JMP | BPF_JA, 0);
	land_false(program, message_type);
	add_x(program, V6_AT_PAYLOAD + ICMP_HEADER_BYTES);
	land_jump(program, is_message);
	land_false(program, other);
}

static void write_program(struct program *program, bool has_ethernet)
{
	find_network_header(program, has_ethernet);
	for (size_t i = 0; has_ethernet && i < TAGS_MAX; i++)
		skip_tag(program);
	size_t v4 = add_test(program, BPF_JEQ, ETH_P_IP);
	enter_v4_quote(program);
	end_with_words(program, V4_AT_SOURCE, 2);
	land_false(program, v4);
	size_t v6 = add_test(program, BPF_JEQ, ETH_P_IPV6);
	enter_v6_quote(program);
	end_with_words(program, V6_AT_SOURCE, 8);
	land_false(program, v6);
	add(program, BPF_RET | BPF_K, 0);
}

int fanout_join(int fd, const struct fanout *fanout)
{
	struct program program = {.count = 0};
	const struct fanout_args join = {
	    .id = (uint16_t)fanout->group,
	    .type_flags = PACKET_FANOUT_CBPF,
	    .max_num_members = fanout->count,
	};
	write_program(&program, fanout->has_ethernet);
	const struct sock_fprog loaded = {.len = program.count, .filter = program.code};
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &join, sizeof join) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &loaded, sizeof loaded) != 0)
		return -errno;
	return 0;
}
