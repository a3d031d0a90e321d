/*
 * call_inside.c - tries system calls from inside another process, by its own hand: what a sandbox
 * refuses is seen where it matters, in the very process that has it.
 *
 *     call_inside PID SOCKET PARENT
 *
 * The process, which must be waiting in a system call, is stopped (ptrace(2), by root), makes each
 * call of the table below, and goes on as if nothing had been. SOCKET is a descriptor of it that is
 * a socket, PARENT another process. Prints a line for each: "NAME ERRNO", 0 where it was not
 * refused; what it made, it closes again. What is asked for harms nobody: files that are not there,
 * signal 0, descriptors that cannot be.
 *
 * For x86-64; elsewhere it says "none".
 */
#include <stdio.h>

#ifdef __x86_64__
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	ARGUMENTS = 6,
	SYSCALL_BYTES = 2, /* 0f 05 */
	/* Below the stack of whoever is stopped, and below what it may use without saying so. */
	ROOM_BELOW_BYTES = 4096,
	ATTEMPTS = 200,
	ATTEMPT_NS = 5000000,
	CALL_STOP = 0x80, /* PTRACE_O_TRACESYSGOOD */
};

/* What lies in the room. Text first, so that it can be pointed to. */
static const struct room {
	char passwd[16];
	char made[32];
	char nothing[16];
	char empty[8];
	struct sockaddr_in to;
	uint64_t zeros[32];
} contents = {
    .passwd = "/etc/passwd",
    .made = "/tmp/hinomi-made-inside",
    .nothing = "/no/such/file",
    .to = {.sin_family = AF_INET, .sin_port = 0x0900, .sin_addr = {0x0100007f}},
};

/* An argument that is no number. */
enum {
	ROOM = 1 << 30, /* and an offset: there in the room */
	SOCKET = ROOM + 0x10000,
	PARENT,
	ITSELF,
};
#define AT(member) (ROOM + (long)offsetof(struct room, member))

static const struct attempt {
	const char *name;
	long call;
	long arguments[ARGUMENTS];
	bool opens; /* what it gives is a descriptor */
} attempts[] = {
    {"getpid", SYS_getpid, {0}, false}, /* that calls can be made at all */
    {"open", SYS_open, {AT(passwd), O_RDONLY}, true},
    {"openat", SYS_openat, {AT_FDCWD, AT(passwd), O_RDONLY}, true},
    {"openat-make", SYS_openat, {AT_FDCWD, AT(made), O_WRONLY | O_CREAT, 0600}, true},
    {"creat", SYS_creat, {AT(made), 0600}, true},
    {"openat2", SYS_openat2, {AT_FDCWD, AT(passwd), AT(zeros), 24}, true},
    {"open_by_handle_at", SYS_open_by_handle_at, {-1, AT(zeros), 0}, true},
    {"mkdir", SYS_mkdir, {AT(nothing), 0700}, false},
    {"symlink", SYS_symlink, {AT(passwd), AT(nothing)}, false},
    {"link", SYS_link, {AT(nothing), AT(made)}, false},
    {"rename", SYS_rename, {AT(nothing), AT(made)}, false},
    {"unlink", SYS_unlink, {AT(nothing)}, false},
    {"chmod", SYS_chmod, {AT(nothing), 0600}, false},
    {"truncate", SYS_truncate, {AT(nothing), 0}, false},
    {"mknod", SYS_mknod, {AT(nothing), 0600, 0}, false},
    {"socket-tcp", SYS_socket, {AF_INET, SOCK_STREAM, 0}, true},
    {"socket-udp", SYS_socket, {AF_INET6, SOCK_DGRAM, 0}, true},
    {"socket-unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, true},
    {"socket-packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}, true},
    {"socket-netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}, true},
    {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, AT(zeros)}, false},
    {"connect", SYS_connect, {SOCKET, AT(to), sizeof(struct sockaddr_in)}, false},
    {"bind", SYS_bind, {SOCKET, AT(to), sizeof(struct sockaddr_in)}, false},
    {"listen", SYS_listen, {SOCKET, 1}, false},
    {"accept", SYS_accept, {SOCKET, 0, 0}, true},
    {"sendto", SYS_sendto, {SOCKET, AT(zeros), 60, MSG_DONTWAIT, 0, 0}, false},
    {"sendmsg", SYS_sendmsg, {SOCKET, AT(zeros), MSG_DONTWAIT}, false},
    {"write", SYS_write, {SOCKET, AT(zeros), 60}, false},
    {"setsockopt", SYS_setsockopt, {SOCKET, SOL_SOCKET, SO_RCVBUF, AT(zeros), 4}, false},
    {"execve", SYS_execve, {AT(nothing), 0, 0}, false},
    {"execveat", SYS_execveat, {AT_FDCWD, AT(nothing), 0, 0, 0}, false},
    {"fork", SYS_clone, {SIGCHLD, 0, 0, 0, 0}, false},
    {"clone3", SYS_clone3, {AT(zeros), 8}, false},
    {"ptrace", SYS_ptrace, {PTRACE_SEIZE, PARENT, 0, 0}, false},
    {"kill", SYS_kill, {PARENT, 0}, false},
    {"kill-itself", SYS_kill, {ITSELF, 0}, false},
    {"tgkill", SYS_tgkill, {PARENT, PARENT, 0}, false},
    {"pidfd_open", SYS_pidfd_open, {PARENT, 0}, true},
    {"process_vm_readv", SYS_process_vm_readv, {PARENT, AT(zeros), 0, AT(zeros), 0, 0}, false},
    {"mmap-exec", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0},
	false},
    {"mprotect-exec", SYS_mprotect, {0, 4096, PROT_READ | PROT_EXEC}, false},
    {"memfd_create", SYS_memfd_create, {AT(empty), 0}, true},
    {"unshare", SYS_unshare, {CLONE_FILES}, false},
    {"setns", SYS_setns, {-1, 0}, false},
    {"mount", SYS_mount, {AT(nothing), AT(nothing), AT(empty), 0, 0}, false},
    {"chroot", SYS_chroot, {AT(nothing)}, false},
    {"setuid", SYS_setuid, {-1}, false},
    {"capset", SYS_capset, {AT(zeros), 0}, false},
    {"bpf", SYS_bpf, {-1, AT(zeros), 0}, false},
    {"perf_event_open", SYS_perf_event_open, {AT(zeros), 0, -1, -1, 0}, true},
    {"io_uring_setup", SYS_io_uring_setup, {0, AT(zeros)}, true},
    {"userfaultfd", SYS_userfaultfd, {-1}, true},
    {"keyctl", SYS_keyctl, {-1, 0, 0, 0, 0}, false},
    {"reboot", SYS_reboot, {0, 0, 0, 0}, false},
    {"init_module", SYS_init_module, {0, 0, AT(empty)}, false},
};

struct inside {
	pid_t process;
	long socket;
	long parent;
	struct user_regs_struct before; /* where it was stopped: behind a system call */
	unsigned long long room;
};

static void fail(const char *what)
{
	fprintf(stderr, "call_inside: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* The signal that it stopped with. */
static int await_stop(const struct inside *inside)
{
	int status = 0;
	if (waitpid(inside->process, &status, __WALL) != inside->process)
		fail("waiting");
	if (!WIFSTOPPED(status)) {
		printf("gone %d\n", status);
		exit(1);
	}
	return WSTOPSIG(status);
}

/* To where it enters or leaves a system call; a signal on the way is lost. */
static void go_to_call(const struct inside *inside)
{
	do {
		if (ptrace(PTRACE_SYSCALL, inside->process, NULL, NULL) != 0)
			fail("going on");
	} while (await_stop(inside) != (SIGTRAP | CALL_STOP));
}

/* Until it is found in a system call, from which the bytes of one are known to be. */
static void stop_it(struct inside *inside)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		if (ptrace(PTRACE_SEIZE, inside->process, NULL, PTRACE_O_TRACESYSGOOD) != 0)
			fail("seizing");
		if (ptrace(PTRACE_INTERRUPT, inside->process, NULL, NULL) != 0)
			fail("stopping");
		(void)await_stop(inside);
		if (ptrace(PTRACE_GETREGS, inside->process, NULL, &inside->before) != 0)
			fail("registers");
		if ((long)inside->before.orig_rax >= 0)
			return;
		(void)ptrace(PTRACE_DETACH, inside->process, NULL, NULL); /* and try again */
		(void)nanosleep(&(struct timespec){.tv_nsec = ATTEMPT_NS}, NULL);
	}
	errno = ETIMEDOUT;
	fail("it waits in no system call");
}

static void fill_room(struct inside *inside)
{
	inside->room = (inside->before.rsp - ROOM_BELOW_BYTES) & ~15ULL;
	struct iovec ours = {(void *)(uintptr_t)&contents, sizeof contents};
	struct iovec theirs = {(void *)(uintptr_t)inside->room, sizeof contents};
	if (process_vm_writev(inside->process, &ours, 1, &theirs, 1, 0) != (ssize_t)sizeof contents)
		fail("writing");
}

static unsigned long long value_of(const struct inside *inside, long argument)
{
	switch (argument) {
	case SOCKET:
		return (unsigned long long)inside->socket;
	case PARENT:
		return (unsigned long long)inside->parent;
	case ITSELF:
		return (unsigned long long)inside->process;
	default:
		break;
	}
	if (argument >= ROOM && argument < SOCKET)
		return inside->room + (unsigned long long)(argument - ROOM);
	return (unsigned long long)argument;
}

/* What the call gave: a negative errno or not. */
static long call(const struct inside *inside, long number, const long *arguments)
{
	struct user_regs_struct registers = inside->before;
	registers.rip -= SYSCALL_BYTES;
	registers.orig_rax = (unsigned long long)-1;
	registers.rax = (unsigned long long)number;
	registers.rdi = value_of(inside, arguments[0]);
	registers.rsi = value_of(inside, arguments[1]);
	registers.rdx = value_of(inside, arguments[2]);
	registers.r10 = value_of(inside, arguments[3]);
	registers.r8 = value_of(inside, arguments[4]);
	registers.r9 = value_of(inside, arguments[5]);
	if (ptrace(PTRACE_SETREGS, inside->process, NULL, &registers) != 0)
		fail("registers");
	go_to_call(inside);
	go_to_call(inside);
	if (ptrace(PTRACE_GETREGS, inside->process, NULL, &registers) != 0)
		fail("registers");
	return (long)registers.rax;
}

static void try_all(const struct inside *inside)
{
	for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
		const struct attempt *attempt = &attempts[i];
		long result = call(inside, attempt->call, attempt->arguments);
		printf("%s %ld\n", attempt->name, result < 0 ? -result : 0);
		if (result > 0 && attempt->call == SYS_clone)
			(void)kill((pid_t)result, SIGKILL); /* a copy of it that nobody wants */
		if (result >= 0 && attempt->opens)
			(void)call(inside, SYS_close, (const long[ARGUMENTS]){result});
	}
}

/* What it was at is begun anew. */
static void let_go(const struct inside *inside)
{
	struct user_regs_struct registers = inside->before;
	registers.rip -= SYSCALL_BYTES;
	registers.rax = registers.orig_rax;
	registers.orig_rax = (unsigned long long)-1;
	if (ptrace(PTRACE_SETREGS, inside->process, NULL, &registers) != 0 ||
	    ptrace(PTRACE_DETACH, inside->process, NULL, NULL) != 0)
		fail("letting go");
}

int main(int argc, char **argv)
{
	struct inside inside = {0};
	if (argc != 4) {
		fputs("call_inside: expected PID SOCKET PARENT\n", stderr);
		return 2;
	}
	inside.process = (pid_t)strtol(argv[1], NULL, 10);
	inside.socket = strtol(argv[2], NULL, 10);
	inside.parent = strtol(argv[3], NULL, 10);
	stop_it(&inside);
	fill_room(&inside);
	try_all(&inside);
	let_go(&inside);
	(void)unlink(contents.made); /* where it could be made */
	return 0;
}
#else
int main(void)
{
	puts("none");
	return 0;
}
#endif
