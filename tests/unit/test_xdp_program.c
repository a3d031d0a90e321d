/* What runs in the driver for each frame: whom it gives it to. Needs root; the kernel runs it, on
 * no interface. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/xdp.h"
#include "test.h"

enum {
	FRAME_BYTES = 60
};

/* What the program says of a frame, or a negative errno. */
static int run(const struct xdp_program *program)
{
	char frame[FRAME_BYTES] = {0};
	struct bpf_test_run_opts how = {
	    .sz = sizeof how,
	    .data_in = frame,
	    .data_size_in = sizeof frame,
	    .repeat = 1,
	};
	int result = bpf_prog_test_run_opts(program->program, &how);
	return result == 0 ? (int)how.retval : -errno;
}

static void test_passing(void)
{
	struct xdp_program program;
	const char *step = "";
	int result = xdp_program_load(1, &program, &step);
	if (result == -EPERM) {
		printf("ok %d - the program # SKIP needs root\n", ++test_count);
		xdp_program_release(&program);
		return;
	}
	OK(result == 0, "the kernel takes the program");
	uint64_t *passed = mmap(NULL, sizeof *passed, PROT_READ, MAP_SHARED, program.passed, 0);
	OK(passed != MAP_FAILED && *passed == 0, "its counter can be read without a system call");
	OK(run(&program) == XDP_PASS, "a frame whose queue has no socket is left to the host");
	OK(run(&program) == XDP_PASS && *passed == 2, "and counted");
	OK(xdp_program_attach(&program, 1 << 30, 0) < 0 && program.link < 0,
	    "there is no such interface");
	OK(xdp_program_set_socket(&program, 0, STDIN_FILENO) < 0, "what is no socket is refused");
	OK(xdp_program_set_socket(&program, 1, STDIN_FILENO) < 0, "a queue beyond the last is too");
	(void)munmap(passed, sizeof *passed); /* the program ends */
	xdp_program_release(&program);
	OK(program.program == -1 && program.sockets == -1, "released");
	xdp_program_release(&program);
	OK(program.program == -1, "and again");
}

int main(void)
{
	test_passing();
	return test_done();
}
