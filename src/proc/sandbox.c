#include "proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <seccomp.h>

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* Landlock beyond Debian 12's header; the numbers are the kernel's and will not change. */
enum {
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_TCP = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6,
};

#define FS_ABI_1    ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL    (UINT64_C(1) << 15)
#define NET_TCP     UINT64_C(3) /* bind, connect */
#define SCOPE_ALL   UINT64_C(3) /* abstract sockets and signals of processes outside */

/* The kernel takes a longer structure than it knows where the rest is zero. */
struct ruleset_attributes {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

#define FS_WRITE_DIR                                                                               \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE)
#define FS_RENAME_DIR (LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)

static int landlock_abi(void)
{
	long abi =
	    syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? (int)abi : 0; /* also where a container forbids to ask */
}

static struct ruleset_attributes attributes_of(int abi)
{
	struct ruleset_attributes attributes = {.fs = FS_ABI_1};
	if (abi >= ABI_REFER)
		attributes.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= ABI_TRUNCATE)
		attributes.fs |= FS_TRUNCATE;
	if (abi >= ABI_TCP)
		attributes.net = NET_TCP;
	if (abi >= ABI_IOCTL)
		attributes.fs |= FS_IOCTL;
	if (abi >= ABI_SCOPE)
		attributes.scope = SCOPE_ALL;
	return attributes;
}

/* Allows `access` to a file or to what lies under a directory. Returns 0 or a negative errno. */
static int allow_path(int ruleset, const char *path, uint64_t access)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
	int error = 0;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		error = -errno;
	(void)close(fd); /* a path only */
	return error;
}

static int add_paths(int ruleset, const struct sandbox_profile *profile, uint64_t handled,
    struct complaint *complaint)
{
	const char *dir = profile->write_dir;
	int error = dir == NULL ? 0 : allow_path(ruleset, dir, FS_WRITE_DIR & handled);
	if (error == 0 && profile->rename_dir != NULL) {
		dir = profile->rename_dir;
		error = allow_path(ruleset, dir, FS_RENAME_DIR & handled);
	}
	if (error != 0)
		return complain(complaint, error,
		    "%s: %s, expected a directory that can be written in", dir, strerror(-error));
	if (!IS_SANITIZED)
		return 0;

	error = allow_path(
	    ruleset, "/proc", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
	if (error == 0)
		error = allow_path(ruleset, "/proc/self/exe", LANDLOCK_ACCESS_FS_READ_FILE);
	return error == 0 ? 0
			  : complain(complaint, error, "sandbox: /proc: %s, expected it mounted",
				strerror(-error));
}

static int enter_landlock(
    const struct sandbox_profile *profile, int abi, struct complaint *complaint)
{
	struct ruleset_attributes attributes = attributes_of(abi);
	long made = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
	if (made < 0)
		return complain(complaint, -errno, "sandbox: Landlock: %s, expected a ruleset",
		    strerror(errno));

	int ruleset = (int)made;
	int error = add_paths(ruleset, profile, attributes.fs, complaint);
	if (error == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
		error = -errno;
		complain(complaint, error, "sandbox: Landlock: %s, expected to be restricted",
		    strerror(-error));
	}
	(void)close(ruleset); /* its rules stay */
	return error;
}

/* Allowed whatever the arguments: they act on open descriptors, own memory, time, or oneself. */
static const int plain_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pwrite64),
    SCMP_SYS(pwritev),
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

static const int rename_calls[] = {
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
};

static const int thread_calls[] = {SCMP_SYS(set_robust_list), SCMP_SYS(rseq)};

/* Allowed where `argument`, as far as `mask` shows it, is `value`. Rows of one call add up. */
struct guarded_call {
	int call;
	unsigned argument;
	uint64_t mask;
	uint64_t value;
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

static const struct guarded_call guarded_calls[] = {
    {SCMP_SYS(mmap), 2, PROT_EXEC, 0},
    {SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, TCGETS}, /* isatty() */
    {SCMP_SYS(ioctl), 1, UINT32_MAX, TIOCGWINSZ},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL}, /* fdopen() */
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFL},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFD},
    {SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFD},
    {SCMP_SYS(prlimit64), 2, UINT64_MAX, 0}, /* reads a limit, sets none */
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
};

static const struct guarded_call write_guarded[] = {
    {SCMP_SYS(openat), 2, O_ACCMODE, O_WRONLY},
};

static const struct guarded_call thread_guarded[] = {
    {SCMP_SYS(clone), CLONE_FLAGS_ARGUMENT, CLONE_NAMESPACES | CLONE_THREAD | CLONE_VM,
	CLONE_THREAD | CLONE_VM},
};

/* A source waits by a descriptor of its own, also one that is adopted inside. */
static const int listen_calls[] = {
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait)};

static const struct guarded_call listen_guarded[] = {
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_SOCKET},
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_PACKET},
    {SCMP_SYS(getsockopt), 1, UINT32_MAX, SOL_XDP},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, SIOCGIFNAME},
    {SCMP_SYS(ioctl), 1, UINT32_MAX, SIOCGIFFLAGS},
};

/* AddressSanitizer's reports, and the leak check's helper, which stops all threads to look. */
static const int sanitizer_calls[] = {SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents),
    SCMP_SYS(getdents64), SCMP_SYS(ptrace), SCMP_SYS(wait4), SCMP_SYS(getppid)};

static const struct guarded_call sanitizer_guarded[] = {
    {SCMP_SYS(open), 1, O_ACCMODE, O_RDONLY}, /* Landlock leaves /proc */
    {SCMP_SYS(openat), 2, O_ACCMODE, O_RDONLY},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_GET_DUMPABLE},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_DUMPABLE},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_PTRACER},
    {SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_PDEATHSIG},
    {SCMP_SYS(clone), CLONE_FLAGS_ARGUMENT, CLONE_NAMESPACES | CLONE_UNTRACED | CLONE_VM,
	CLONE_UNTRACED | CLONE_VM},
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
static const struct call_set set_threads = SET(thread_calls, thread_guarded);
static const struct call_set set_listen = SET(listen_calls, listen_guarded);
static const struct call_set set_sanitizer = SET(sanitizer_calls, sanitizer_guarded);

static int allow_guarded(scmp_filter_ctx filter, const struct guarded_call *row)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, row->call, 1,
	    SCMP_CMP64(row->argument, SCMP_CMP_MASKED_EQ, row->mask, row->value));
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

static int fill_filter(scmp_filter_ctx filter, const struct sandbox_profile *profile)
{
	/* abort() signals its own process; nobody else's. */
	const struct guarded_call abort_row = {SCMP_SYS(tgkill), 0, UINT32_MAX, (uint32_t)getpid()};

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
	if (error == 0 && (profile->write_dir != NULL || profile->rename_dir != NULL))
		error = allow_set(filter, &set_rename);
	if (error == 0 && profile->write_dir != NULL)
		error = allow_set(filter, &set_write);
	if (error == 0 && profile->may_thread)
		error = allow_set(filter, &set_threads);
	if (error == 0 && profile->may_listen)
		error = allow_set(filter, &set_listen);
	if (error == 0 && IS_SANITIZED)
		error = allow_set(filter, &set_sanitizer);
	return error;
}

static bool has_seccomp(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static int enter_seccomp(const struct sandbox_profile *profile, struct complaint *complaint)
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

/* /proc/self/task has a link for itself, one for its parent and one for each thread. */
static bool is_alone(void)
{
	struct stat status;
	return stat("/proc/self/task", &status) != 0 || status.st_nlink <= 3;
}

int sandbox_enter(const struct sandbox_profile *profile, struct sandbox_state *ret_state,
    struct complaint *complaint)
{
	struct sandbox_state state = {.landlock_abi = landlock_abi()};
	if (!is_alone())
		return complain(complaint, -EBUSY,
		    "sandbox: other threads run already, expected to enter before they start");
	tzset(); /* reads a file, which it could not later */

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return complain(complaint, -errno, "sandbox: no_new_privs: %s, expected it set",
		    strerror(errno));
	state.no_new_privs = true;

	int error = 0;
	if (state.landlock_abi > 0) {
		error = enter_landlock(profile, state.landlock_abi, complaint);
		state.landlocked = error == 0;
	}
	if (error == 0 && has_seccomp()) {
		error = enter_seccomp(profile, complaint);
		state.seccomped = error == 0;
	}
	if (error == 0)
		*ret_state = state;
	return error;
}
