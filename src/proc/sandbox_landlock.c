/*
 * sandbox_landlock.c - which files and ports, by Landlock (landlock(7)).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc/sandbox_internal.h"

/* Landlock beyond Debian 12's header; the numbers are the kernel's and will not change. */
enum {
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_TCP = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6,
	RULE_NET_PORT = 2,
	PORT_OF_NAMES = 53, /* an answer that UDP cannot hold comes by TCP */
};

#define FS_ABI_1    ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL    (UINT64_C(1) << 15)
#define NET_BIND    UINT64_C(1) /* TCP */
#define NET_CONNECT UINT64_C(2)
#define SCOPE_ALL   UINT64_C(3) /* abstract sockets and signals of processes outside */

/* The kernel takes a longer structure than it knows where the rest is zero. */
struct ruleset_attributes {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

struct port_attributes {
	uint64_t access;
	uint64_t port;
};

#define FS_WRITE_DIR                                                                               \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE)
#define FS_RENAME_DIR (LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define FS_READ_FILE  LANDLOCK_ACCESS_FS_READ_FILE
#define FS_READ_DIR   (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_KEEP_DIR   (FS_READ_DIR | FS_WRITE_DIR | LANDLOCK_ACCESS_FS_REFER)

/*
 * What looking names up and TLS read: settings and certificates, some of them by links to where
 * they are really kept.
 */
static const char *const connect_paths[] = {
    "/etc",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    NULL,
};

int landlock_abi(void)
{
	long abi =
	    syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? (int)abi : 0;
}

bool landlock_has_ports(int abi)
{
	return abi >= ABI_TCP;
}

static struct ruleset_attributes attributes_of(int abi, const struct sandbox_profile *profile)
{
	struct ruleset_attributes attributes = {.fs = FS_ABI_1};
	if (abi >= ABI_REFER)
		attributes.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= ABI_TRUNCATE)
		attributes.fs |= FS_TRUNCATE;
	if (abi >= ABI_TCP)
		attributes.net = NET_BIND | NET_CONNECT;
	if (profile->may_connect && profile->connect_port_count == 0)
		attributes.net &= ~NET_CONNECT; /* what is not handled is allowed */
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

static int allow_dirs(int ruleset, const struct sandbox_profile *profile, uint64_t handled,
    struct complaint *complaint)
{
	const struct {
		const char *path;
		uint64_t access;
	} dirs[] = {
	    {profile->write_dir, FS_WRITE_DIR},
	    {profile->rename_dir, FS_RENAME_DIR},
	    {profile->keep_dir, FS_KEEP_DIR},
	};
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		if (dirs[i].path == NULL)
			continue;
		int error = allow_path(ruleset, dirs[i].path, dirs[i].access & handled);
		if (error != 0)
			return complain(complaint, error,
			    "%s: %s, expected a directory that can be written in", dirs[i].path,
			    strerror(-error));
	}
	return 0;
}

static int allow_reading(int ruleset, const char *const *paths, struct complaint *complaint)
{
	for (; paths != NULL && *paths != NULL; paths++) {
		struct stat status;
		int error = stat(*paths, &status) == 0 ? 0 : -errno;
		if (error == -ENOENT || error == -ENOTDIR)
			continue;
		if (error == 0)
			error = allow_path(
			    ruleset, *paths, S_ISDIR(status.st_mode) ? FS_READ_DIR : FS_READ_FILE);
		if (error != 0)
			return complain(complaint, error, "%s: %s, expected to read it", *paths,
			    strerror(-error));
	}
	return 0;
}

static int allow_port(int ruleset, uint16_t port)
{
	struct port_attributes rule = {.access = NET_CONNECT, .port = port};
	return syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) == 0 ? 0 : -errno;
}

static int allow_ports(
    int ruleset, const struct sandbox_profile *profile, struct complaint *complaint)
{
	int error = allow_port(ruleset, PORT_OF_NAMES);
	for (size_t i = 0; error == 0 && i < profile->connect_port_count; i++)
		error = allow_port(ruleset, profile->connect_ports[i]);
	return error == 0 ? 0
			  : complain(complaint, error, "sandbox: Landlock: %s, expected a port",
				strerror(-error));
}

static int allow_sanitizer(int ruleset, struct complaint *complaint)
{
	int error = allow_path(ruleset, "/proc", FS_READ_DIR);
	if (error == 0)
		error = allow_path(ruleset, "/proc/self/exe", FS_READ_FILE);
	return error == 0 ? 0
			  : complain(complaint, error, "sandbox: /proc: %s, expected it mounted",
				strerror(-error));
}

static int add_rules(int ruleset, const struct sandbox_profile *profile,
    const struct ruleset_attributes *attributes, struct complaint *complaint)
{
	int error = allow_dirs(ruleset, profile, attributes->fs, complaint);
	if (error == 0)
		error = allow_reading(ruleset, profile->read_paths, complaint);
	if (error == 0 && profile->may_connect)
		error = allow_reading(ruleset, connect_paths, complaint);
	if (error == 0 && profile->may_connect && (attributes->net & NET_CONNECT) != 0)
		error = allow_ports(ruleset, profile, complaint);
	if (error == 0 && IS_SANITIZED)
		error = allow_sanitizer(ruleset, complaint);
	return error;
}

int landlock_enter(const struct sandbox_profile *profile, int abi, struct complaint *complaint)
{
	struct ruleset_attributes attributes = attributes_of(abi, profile);
	long made = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
	if (made < 0)
		return complain(complaint, -errno, "sandbox: Landlock: %s, expected a ruleset",
		    strerror(errno));

	int ruleset = (int)made;
	int error = add_rules(ruleset, profile, &attributes, complaint);
	if (error == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
		error = -errno;
		complain(complaint, error, "sandbox: Landlock: %s, expected to be restricted",
		    strerror(-error));
	}
	(void)close(ruleset); /* its rules stay */
	return error;
}
