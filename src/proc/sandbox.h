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

#include "base/complaint.h"

/* What a process may still do after sandbox_enter(). */
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
	bool may_thread; /* may start threads */
	bool may_listen; /* may wait for live sources, adopt them, ask for their state (source.h) */
};

struct sandbox_state {
	int landlock_abi; /* 0 when the kernel has none */
	bool landlocked;
	bool seccomped;
	bool no_new_privs;
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

#endif
