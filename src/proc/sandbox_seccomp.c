/*
 * sandbox_seccomp.c - which system calls, with which arguments, by seccomp (seccomp(2)).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "proc/sandbox_internal.h"

#ifndef SOL_XDP
#define SOL_XDP 283
#endif

/* Allowed whatever the arguments: they act on open descriptors, own memory, time, or oneself. */
static const int plain_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fadvise64),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    /* fstat() of glibc. It can also name a path: that tells sizes and times, never content. */
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstatat64),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo), /* qsort() asks how much memory there is */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* By any descriptor, unless the profile names some (write_fds). */
static const int write_calls[] = {
    SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(pwritev)};

static const int rename_calls[] = {
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
};

/* What goes with files by path; Landlock says which. They tell of any path whether it is there. */
static const int read_calls[] = {
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(geteuid),
};

static const int keep_calls[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(fallocate),
    SCMP_SYS(flock),
    SCMP_SYS(fchmod),
};

static const int thread_calls[] = {SCMP_SYS(set_robust_list), SCMP_SYS(rseq)};

static const int message_calls[] = {
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(recvmsg),
};

static const int serve_calls[] = {
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(recvfrom),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
};

static const int memory_calls[] = {SCMP_SYS(memfd_create)};

static const int connect_calls[] = {
    SCMP_SYS(connect),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(uname), /* resolvers ask how this machine is named */
    SCMP_SYS(getuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(eventfd2), /* threads that look up names wake those that wait */
    SCMP_SYS(pipe2),
};

/*
 * Allowed where `argument`, as far as `mask` shows it, is `value`; and the second one too where its
 * mask shows anything. Rows of one call add up.
 */
struct guarded_call {
	int call;
	unsigned argument;
	uint64_t mask;
	uint64_t value;
	unsigned second_argument;
	uint64_t second_mask;
	uint64_t second_value;
};

#ifdef __s390x__
enum {
	CLONE_FLAGS_ARGUMENT = 1
}; /* the stack comes first there */
#else
enum {
	CLONE_FLAGS_ARGUMENT = 0
};
#endif
#define CLONE_NAMESPACES                                                                           \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	    CLONE_NEWPID | CLONE_NEWNET)

#define SOCKET_TYPE UINT64_C(0xf) /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
/* To make or to empty a file would pass as reading too. */
#define READING (O_ACCMODE | O_CREAT | O_TRUNC)

static const struct guarded_call guarded_calls[] = {
    {SCMP_SYS(mmap), 2, PROT_EXEC, 0, 0, 0, 0},
    {SCMP_SYS(mprotect), 2, PROT_EXEC, 0, 0, 0, 0},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, TCGETS, 0, 0, 0}, /* isatty() */
    {SCMP_SYS(ioctl), 1, UINT32_MAX, TIOCGWINSZ, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL, 0, 0, 0}, /* fdopen() */
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFL, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFD, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFD, 0, 0, 0},
    {SCMP_SYS(prlimit64), 2, UINT64_MAX, 0, 0, 0, 0}, /* reads a limit, sets none */
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME, 0, 0, 0},
};

static const struct guarded_call write_guarded[] = {
    {SCMP_SYS(openat), 2, O_ACCMODE, O_WRONLY, 0, 0, 0},
};

static const struct guarded_call read_guarded[] = {
    {SCMP_SYS(open), 1, READING, O_RDONLY, 0, 0, 0},
    {SCMP_SYS(openat), 2, READING, O_RDONLY, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETLK, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETLK, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETLKW, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_OFD_GETLK, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_OFD_SETLK, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_OFD_SETLKW, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD_CLOEXEC, 0, 0, 0},
};

static const struct guarded_call thread_guarded[] = {
    {SCMP_SYS(clone), CLONE_FLAGS_ARGUMENT, CLONE_NAMESPACES | CLONE_THREAD | CLONE_VM,
	CLONE_THREAD | CLONE_VM, 0, 0, 0},
};

/* A source waits by a descriptor of its own, also one that is adopted inside. */
static const int listen_calls[] = {SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(timerfd_settime)};

static const struct guarded_call listen_guarded[] = {
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_SOCKET, 0, 0, 0},
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_PACKET, 0, 0, 0},
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_XDP, 0, 0, 0},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, SIOCGIFNAME, 0, 0, 0},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, SIOCGIFFLAGS, 0, 0, 0},
};

static const struct guarded_call serve_guarded[] = {
    {SCMP_SYS(sendto), 4, UINT64_MAX, 0, 0, 0, 0}, /* to who is connected, nobody else */
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_SOCKET, 0, 0, 0},
    {SCMP_SYS(setsockopt), 1, UINT32_MAX, IPPROTO_TCP, 0, 0, 0},
};

static const struct guarded_call memory_guarded[] = {
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_ADD_SEALS, 0, 0, 0},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_GET_SEALS, 0, 0, 0},
    /* what goes to several is passed on as often */
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD_CLOEXEC, 0, 0, 0},
};

static const struct guarded_call connect_guarded[] = {
    {SCMP_SYS(socket), 0, UINT32_MAX, AF_INET, 1, SOCKET_TYPE, SOCK_STREAM},
    {SCMP_SYS(socket), 0, UINT32_MAX, AF_INET, 1, SOCKET_TYPE, SOCK_DGRAM},
    {SCMP_SYS(socket), 0, UINT32_MAX, AF_INET6, 1, SOCKET_TYPE, SOCK_STREAM},
    {SCMP_SYS(socket), 0, UINT32_MAX, AF_INET6, 1, SOCKET_TYPE, SOCK_DGRAM},
    /* getaddrinfo() asks by it which addresses this machine has. */
    {SCMP_SYS(socket), 0, UINT32_MAX, AF_NETLINK, 2, UINT32_MAX, NETLINK_ROUTE},
    /* ... and binds it, which nothing else needs: only an address of that size. */
    {SCMP_SYS(bind), 2, UINT32_MAX, sizeof(struct sockaddr_nl), 0, 0, 0},
    /* Of a kind that is connected once: it cannot be turned to another peer. */
    {SCMP_SYS(socketpair), 0, UINT32_MAX, AF_UNIX, 1, SOCKET_TYPE, SOCK_STREAM},
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_SOCKET, 0, 0, 0},
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, IPPROTO_TCP, 0, 0, 0},
    {SCMP_SYS(setsockopt), 1, UINT32_MAX, SOL_SOCKET, 0, 0, 0},
    {SCMP_SYS(setsockopt), 1, UINT32_MAX, IPPROTO_TCP, 0, 0, 0},
    {SCMP_SYS(setsockopt), 1, UINT32_MAX, IPPROTO_IP, 0, 0, 0},
    {SCMP_SYS(setsockopt), 1, UINT32_MAX, IPPROTO_IPV6, 0, 0, 0},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, FIONBIO, 0, 0, 0},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, FIONREAD, 0, 0, 0},
};

/* AddressSanitizer's reports, and the leak check's helper, which stops all threads to look. */
static const int sanitizer_calls[] = {SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents),
    SCMP_SYS(getdents64), SCMP_SYS(ptrace), SCMP_SYS(wait4), SCMP_SYS(getppid)};

static const struct guarded_call sanitizer_guarded[] = {
    {SCMP_SYS(open), 1, READING, O_RDONLY, 0, 0, 0}, /* Landlock leaves /proc */
    {SCMP_SYS(openat), 2, READING, O_RDONLY, 0, 0, 0},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_GET_DUMPABLE, 0, 0, 0},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_DUMPABLE, 0, 0, 0},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_PTRACER, 0, 0, 0},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_PDEATHSIG, 0, 0, 0},
    {SCMP_SYS(clone), CLONE_FLAGS_ARGUMENT, CLONE_NAMESPACES | CLONE_UNTRACED | CLONE_VM,
	CLONE_UNTRACED | CLONE_VM, 0, 0, 0},
};

struct call_set {
	const int *plain;
	size_t plain_count;
	const struct guarded_call *guarded;
	size_t guarded_count;
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define SET(plain, guarded)                                                                        \
	{                                                                                          \
		plain, COUNT(plain), guarded, COUNT(guarded)                                       \
	}

static const struct call_set set_always = SET(plain_calls, guarded_calls);
static const struct call_set set_rename = {rename_calls, COUNT(rename_calls), NULL, 0};
static const struct call_set set_write = {NULL, 0, write_guarded, COUNT(write_guarded)};
static const struct call_set set_read = SET(read_calls, read_guarded);
static const struct call_set set_keep = {keep_calls, COUNT(keep_calls), NULL, 0};
static const struct call_set set_threads = SET(thread_calls, thread_guarded);
static const struct call_set set_listen = SET(listen_calls, listen_guarded);
static const struct call_set set_message = {message_calls, COUNT(message_calls), NULL, 0};
static const struct call_set set_serve = SET(serve_calls, serve_guarded);
static const struct call_set set_memory = SET(memory_calls, memory_guarded);
static const struct call_set set_connect = SET(connect_calls, connect_guarded);
static const struct call_set set_sanitizer = SET(sanitizer_calls, sanitizer_guarded);

static int allow_guarded(scmp_filter_ctx filter, const struct guarded_call *row)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, row->call, row->second_mask != 0 ? 2 : 1,
	    SCMP_CMP64(row->argument, SCMP_CMP_MASKED_EQ, row->mask, row->value),
	    SCMP_CMP64(
		row->second_argument, SCMP_CMP_MASKED_EQ, row->second_mask, row->second_value));
}

static int allow_set(scmp_filter_ctx filter, const struct call_set *set)
{
	int error = 0;
	for (size_t i = 0; error == 0 && i < set->plain_count; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, set->plain[i], 0);
	for (size_t i = 0; error == 0 && i < set->guarded_count; i++)
		error = allow_guarded(filter, &set->guarded[i]);
	return error;
}

/* Whatever the descriptor, or only by one of the profile's. */
static int allow_by_descriptor(
    scmp_filter_ctx filter, const struct sandbox_profile *profile, int call)
{
	if (profile->write_fds == NULL)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
	struct guarded_call row = {call, 0, UINT32_MAX, STDERR_FILENO, 0, 0, 0};
	int error = allow_guarded(filter, &row);
	for (size_t i = 0; error == 0 && i < profile->write_fd_count; i++) {
		row.value = (uint32_t)profile->write_fds[i];
		error = allow_guarded(filter, &row);
	}
	return error;
}

static int allow_writing(scmp_filter_ctx filter, const struct sandbox_profile *profile)
{
	int error = 0;
	for (size_t i = 0; error == 0 && i < COUNT(write_calls); i++)
		error = allow_by_descriptor(filter, profile, write_calls[i]);
	if (error == 0 && (profile->may_message || profile->may_connect))
		error = allow_by_descriptor(filter, profile, SCMP_SYS(sendmsg));
	return error;
}

static int allow_profile(scmp_filter_ctx filter, const struct sandbox_profile *profile)
{
	bool keeps = profile->keep_dir != NULL;
	const struct {
		bool is_wanted;
		const struct call_set *set;
	} parts[] = {
	    {profile->write_dir != NULL || profile->rename_dir != NULL || keeps, &set_rename},
	    {profile->write_dir != NULL, &set_write},
	    {profile->read_paths != NULL || profile->may_connect || keeps, &set_read},
	    {keeps, &set_keep},
	    {profile->may_thread, &set_threads},
	    {profile->may_listen, &set_listen},
	    {profile->may_message, &set_message},
	    {profile->may_serve, &set_serve},
	    {profile->may_make_memory, &set_memory},
	    {profile->may_connect, &set_connect},
	    {IS_SANITIZED, &set_sanitizer},
	};
	int error = allow_writing(filter, profile);
	for (size_t i = 0; error == 0 && i < COUNT(parts); i++)
		if (parts[i].is_wanted)
			error = allow_set(filter, parts[i].set);
	return error;
}

static int fill_filter(scmp_filter_ctx filter, const struct sandbox_profile *profile)
{
	/* abort() signals its own process; nobody else's. */
	const struct guarded_call abort_row = {
	    SCMP_SYS(tgkill), 0, UINT32_MAX, (uint32_t)getpid(), 0, 0, 0};

	int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0); /* done before, and told */
	if (error == 0)
		error = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	if (error == 0)
		error = allow_set(filter, &set_always);
	if (error == 0)
		error = allow_guarded(filter, &abort_row);
	/* clone3() hides its flags from any filter; on ENOSYS alone glibc takes clone() instead. */
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return error == 0 ? allow_profile(filter, profile) : error;
}

bool seccomp_is_there(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int seccomp_enter(const struct sandbox_profile *profile, struct complaint *complaint)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return complain(complaint, -ENOMEM, "sandbox: seccomp: out of memory");
	int error = fill_filter(filter, profile);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error == 0 ? 0
			  : complain(complaint, error, "sandbox: seccomp: %s, expected a filter",
				strerror(-error));
}
