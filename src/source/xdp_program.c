/* xdp_program.c - what runs in the driver for each frame, as the kernel's instructions (bpf(2)). */
#include "source/xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <stddef.h>
#include <unistd.h>

enum {
	AT_QUEUE = -4,  /* on the program's stack */
	TO_PASSING = 6, /* instructions skipped where the queue has no socket */
};

#define LOAD(to, from, at)                                                                         \
	{                                                                                          \
		.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (to), .src_reg = (from), .off = (at) \
	}
#define STORE(to, at, from)                                                                        \
	{                                                                                          \
		.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = (to), .src_reg = (from), .off = (at) \
	}
#define SET(to, number)                                                                            \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (to), .imm = (number)              \
	}
#define COPY(to, from)                                                                             \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from)            \
	}
#define ADD(to, number)                                                                            \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (to), .imm = (number)              \
	}
/* The address of a map, or of its first value: two instructions. */
#define SET_MAP(to, kind, fd)                                                                      \
	{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = (to), .src_reg = (kind), .imm = (fd)},      \
	{                                                                                          \
		.code = 0                                                                          \
	}
#define CALL(helper)                                                                               \
	{                                                                                          \
		.code = BPF_JMP | BPF_CALL, .imm = (helper)                                        \
	}
#define SKIP_IF_ZERO(tested, count)                                                                \
	{                                                                                          \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (tested), .off = (count)             \
	}
#define ADD_ATOMICALLY(to, from)                                                                   \
	{                                                                                          \
		.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = (to), .src_reg = (from),         \
		.imm = BPF_ADD                                                                     \
	}
#define EXIT                                                                                       \
	{                                                                                          \
		.code = BPF_JMP | BPF_EXIT                                                         \
	}

/*
 * Where the frame's queue has a socket, it gets the frame: bpf_redirect_map(sockets, queue,
 * XDP_PASS). Else the frame is counted and left to the host.
 */
static int load_text(const struct xdp_program *program)
{
	const struct bpf_insn text[] = {
	    LOAD(BPF_REG_2, BPF_REG_1, offsetof(struct xdp_md, rx_queue_index)),
	    STORE(BPF_REG_10, AT_QUEUE, BPF_REG_2),
	    COPY(BPF_REG_2, BPF_REG_10),
	    ADD(BPF_REG_2, AT_QUEUE),
	    SET_MAP(BPF_REG_1, BPF_PSEUDO_MAP_FD, program->sockets),
	    CALL(BPF_FUNC_map_lookup_elem),
	    SKIP_IF_ZERO(BPF_REG_0, TO_PASSING),
	    SET_MAP(BPF_REG_1, BPF_PSEUDO_MAP_FD, program->sockets),
	    LOAD(BPF_REG_2, BPF_REG_10, AT_QUEUE),
	    SET(BPF_REG_3, XDP_PASS),
	    CALL(BPF_FUNC_redirect_map),
	    EXIT,
	    SET_MAP(BPF_REG_1, BPF_PSEUDO_MAP_VALUE, program->passed),
	    SET(BPF_REG_2, 1),
	    ADD_ATOMICALLY(BPF_REG_1, BPF_REG_2),
	    SET(BPF_REG_0, XDP_PASS),
	    EXIT,
	};
	return bpf_prog_load(
	    BPF_PROG_TYPE_XDP, "hinomi", "Apache-2.0", text, sizeof text / sizeof text[0], NULL);
}

int xdp_program_load(unsigned queues, struct xdp_program *ret_program, const char **ret_step)
{
	const struct bpf_map_create_opts shared = {
	    .sz = sizeof shared, .map_flags = BPF_F_MMAPABLE};
	*ret_program = (struct xdp_program){-1, -1, -1, -1};
	*ret_step = "its table of sockets";
	ret_program->sockets = bpf_map_create(
	    BPF_MAP_TYPE_XSKMAP, "hinomi_sockets", sizeof(int), sizeof(int), queues, NULL);
	if (ret_program->sockets < 0)
		return -errno;
	*ret_step = "its counter";
	ret_program->passed = bpf_map_create(
	    BPF_MAP_TYPE_ARRAY, "hinomi_passed", sizeof(int), sizeof(uint64_t), 1, &shared);
	if (ret_program->passed < 0)
		return -errno;
	*ret_step = "its program";
	ret_program->program = load_text(ret_program);
	return ret_program->program < 0 ? -errno : 0;
}

int xdp_program_attach(struct xdp_program *program, int index, unsigned flags)
{
	const struct bpf_link_create_opts how = {.sz = sizeof how, .flags = flags};
	program->link = bpf_link_create(program->program, index, BPF_XDP, &how);
	return program->link < 0 ? -errno : 0;
}

int xdp_program_set_socket(const struct xdp_program *program, unsigned queue, int fd)
{
	return bpf_map_update_elem(program->sockets, &queue, &fd, BPF_ANY) != 0 ? -errno : 0;
}

void xdp_program_release(struct xdp_program *program)
{
	const int all[] = {program->sockets, program->passed, program->program, program->link};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i] >= 0)
			(void)close(all[i]); /* nothing is written through it */
	*program = (struct xdp_program){-1, -1, -1, -1};
}
