/*
 * sandbox.h - giving up rights before the first hostile byte is parsed.
 *
 * Landlock (by system call: Debian 12's header stops at ABI 2; the kernel is asked for its ABI)
 * takes away the file system and, where the ABI has it, TCP; seccomp leaves only the system calls
 * of the profile. Both are irreversible and inherited. What the kernel cannot do is reported, never
 * silently skipped.
 */
#ifndef PROC_SANDBOX_H
#define PROC_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	SANDBOX_TEXT_BYTES = 256,
};

/* What a process may still do after sandbox_enter(). Nothing set is the least. */
struct sandbox_profile {
	/*
	 * The one directory in which files may be made, written, renamed and removed, or NULL. Not
	 * read, and nothing but files: no directories, links, sockets.
	 */
	const char *write_dir;
	/*
	 * The one directory in which files may be renamed and removed, or NULL. None may be opened
	 * there: what is renamed was opened before.
	 */
	const char *rename_dir;
	/*
	 * The one directory under which files may be made, read, written, locked, mapped, renamed
	 * and removed, as a database does, or NULL. No directories are made.
	 */
	const char *keep_dir;
	/*
	 * Files and directories that may be read, locked and mapped, or NULL; NULL ends the list.
	 * What is not there when the sandbox is entered is left out.
	 */
	const char *const *read_paths;
	/*
	 * Where not NULL: nothing may be written or sent but by these descriptors (by write(2) and
	 * sendmsg(2)), standard error, and what may_serve and may_connect allow. So who holds a
	 * packet socket cannot send by it.
	 */
	const int *write_fds;
	size_t write_fd_count;

	bool may_thread; /* may start threads */
	bool may_listen; /* may wait for live sources, adopt them, ask for their state (source.h) */
	bool may_message;     /* waits by epoll; sends and takes messages, with descriptors */
	bool may_serve;       /* takes connections by open sockets, and talks to who is connected */
	bool may_make_memory; /* makes memory that can be passed on, also to several */
	/*
	 * Looks names up, connects by TCP, sends and receives UDP; reads what that needs: /etc, and
	 * where certificates and resolver settings are. Look one name up before the sandbox is
	 * entered: it loads modules, which it could not later. Accepts nothing.
	 */
	bool may_connect;
	/*
	 * The ports that TCP may connect to, besides 53 for names; none: any. Needs may_connect.
	 */
	const uint16_t *connect_ports;
	size_t connect_port_count;
};

/* What a profile would forbid and this kernel cannot. */
enum {
	SANDBOX_LACKS_CALLS = 1, /* there is no seccomp: every system call is there */
	SANDBOX_LACKS_FILES = 2, /* files elsewhere can be opened or renamed in the same way */
	SANDBOX_LACKS_PORTS = 4, /* TCP can connect to any port */
};

struct sandbox_state {
	int landlock_abi; /* 0 when the kernel has none */
	bool landlocked;
	bool seccomped;
	bool no_new_privs;
	unsigned lacks; /* of SANDBOX_LACKS_... */
};

/*
 * Enters the sandbox: reading and writing descriptors that are open, memory (but none executable),
 * time, exit, and what the profile adds. Opening files, sockets, exec, ptrace, new processes are
 * refused with EPERM or EACCES (not a signal, so that libraries that probe go on). Returns 0 and
 * *ret_state even when the kernel lacks a feature (the caller decides whether that is fatal);
 * negative errno when a feature that is there failed: -EBUSY when other threads run already, which
 * Landlock would leave outside. After a failure the process may be half inside: end it.
 *
 * Whatever opens files later on its own must have done so before: the time zone (done here),
 * message catalogues, character conversion, locales. Without Landlock a profile with a write_dir
 * may make and write files anywhere that the user may; they still cannot be read.
 *
 * A build with AddressSanitizer also keeps what its reports and the leak check at exit need:
 * reading /proc and the program's own file, and one tracing helper that shares all memory.
 */
int sandbox_enter(const struct sandbox_profile *profile, struct sandbox_state *ret_state,
    struct complaint *complaint);

/* What entering would give on this kernel, without doing so. */
void sandbox_expect(const struct sandbox_profile *profile, struct sandbox_state *ret_state);
/* "Landlock 7, seccomp", or what is there and what is not enforced. */
void sandbox_describe(const struct sandbox_state *state, char out[static SANDBOX_TEXT_BYTES]);

#endif
