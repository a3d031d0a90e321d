#include "proc/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#include "proc/sandbox_internal.h"

/* /proc/self/task has a link for itself, one for its parent and one for each thread. */
static bool is_alone(void)
{
	struct stat status;
	return stat("/proc/self/task", &status) != 0 || status.st_nlink <= 3;
}

/* Whether the profile has rights that only paths bound. */
static bool names_files(const struct sandbox_profile *profile)
{
	return profile->write_dir != NULL || profile->rename_dir != NULL ||
	       profile->keep_dir != NULL || profile->read_paths != NULL || profile->may_connect;
}

static unsigned lacks_of(const struct sandbox_profile *profile, const struct sandbox_state *state)
{
	unsigned lacks = 0;
	if (!state->seccomped)
		lacks |= SANDBOX_LACKS_CALLS;
	if (!state->landlocked && (names_files(profile) || !state->seccomped))
		lacks |= SANDBOX_LACKS_FILES;
	bool ports = state->landlocked && landlock_has_ports(state->landlock_abi);
	bool wants_ports =
	    profile->may_connect ? profile->connect_port_count > 0 : !state->seccomped;
	if (wants_ports && !ports)
		lacks |= SANDBOX_LACKS_PORTS;
	return lacks;
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
		error = landlock_enter(profile, state.landlock_abi, complaint);
		state.landlocked = error == 0;
	}
	if (error == 0 && seccomp_is_there()) {
		error = seccomp_enter(profile, complaint);
		state.seccomped = error == 0;
	}
	state.lacks = lacks_of(profile, &state);
	if (error == 0)
		*ret_state = state;
	return error;
}

void sandbox_expect(const struct sandbox_profile *profile, struct sandbox_state *ret_state)
{
	struct sandbox_state state = {
	    .landlock_abi = landlock_abi(),
	    .seccomped = seccomp_is_there(),
	    .no_new_privs = true,
	};
	state.landlocked = state.landlock_abi > 0;
	state.lacks = lacks_of(profile, &state);
	*ret_state = state;
}

static const struct {
	unsigned lack;
	const char *words;
} lacking[] = {
    {SANDBOX_LACKS_CALLS, "every system call"},
    {SANDBOX_LACKS_FILES, "files elsewhere"},
    {SANDBOX_LACKS_PORTS, "TCP to any port"},
};

void sandbox_describe(const struct sandbox_state *state, char out[static SANDBOX_TEXT_BYTES])
{
	char landlock[32] = "no Landlock";
	if (state->landlocked)
		(void)snprintf(landlock, sizeof landlock, "Landlock %d", state->landlock_abi);
	int used = snprintf(out, SANDBOX_TEXT_BYTES, "%s, %s", landlock,
	    state->seccomped ? "seccomp" : "no seccomp");
	const char *before = "; not kept from: ";
	for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
		if ((state->lacks & lacking[i].lack) == 0)
			continue;
		used += snprintf(out + used, SANDBOX_TEXT_BYTES - (size_t)used, "%s%s", before,
		    lacking[i].words);
		before = ", ";
	}
	assert(used < SANDBOX_TEXT_BYTES); /* our own words */
}
