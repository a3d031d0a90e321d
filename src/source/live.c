#include "source/live.h"

#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	/* Taken at once; more are told by the next call. */
	EVENTS = 16,
	/* What a read of AF_XDP may be late by; its least ring lasts for four at two million
	 * packets/s. */
	NAP_NS = 500000,
};

static_assert(SOURCE_INTERFACE_BYTES == IF_NAMESIZE, "names are copied whole");

static volatile sig_atomic_t is_stopped;

void source_stop(void)
{
	is_stopped = 1;
}

int live_fail(const struct live *live, int error, const char *expected, struct complaint *complaint)
{
	return complain(complaint, -error, "%s:%s: %s; expected %s", live->grant.kind,
	    live->grant.interface, strerror(error), expected);
}

int live_init(struct live *live, const struct source_kind *kind, const struct source_grant *grant,
    struct complaint *complaint)
{
	*live = (struct live){
	    .source = {kind},
	    .grant = *grant,
	    .waits = true,
	    .state = {.index = grant->index, .is_shared = grant->is_shared != 0},
	};
	memcpy(live->state.interface, grant->interface, sizeof grant->interface);
	live->events = epoll_create1(EPOLL_CLOEXEC);
	return live->events < 0 ? live_fail(live, errno, "a descriptor to wait by", complaint) : 0;
}

int live_watch(struct live *live, int fd, struct complaint *complaint)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	if (epoll_ctl(live->events, EPOLL_CTL_ADD, fd, &event) != 0)
		return live_fail(live, errno, "a socket that can be waited for", complaint);
	return 0;
}

void live_release(struct live *live)
{
	if (live->events >= 0)
		(void)close(live->events); /* nothing is written through it */
	live->events = -1;
	source_grant_release(&live->grant);
}

void live_refresh(struct live *live)
{
	const int fd = live->grant.descriptors[0];
	struct ifreq request = {.ifr_ifindex = live->grant.index};
	int error;
	socklen_t bytes = sizeof error;
	/* takes the error away, which says only that it is down */
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
	live->state.is_up = false;
	if (ioctl(fd, SIOCGIFNAME, &request) != 0) {
		live->state.is_removed = live->state.is_removed || errno == ENODEV;
		return;
	}
	memcpy(live->state.interface, request.ifr_name, sizeof live->state.interface);
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		live->state.is_up =
		    (request.ifr_flags & IFF_UP) != 0 && (request.ifr_flags & IFF_RUNNING) != 0;
}

static int end(struct live *live, int result)
{
	live->has_ended = true;
	return result;
}

/* The kernel hands over what it had begun; then there is nothing more. */
static int await_last(struct live *live, struct complaint *complaint)
{
	struct epoll_event events[EVENTS];
	if (live->is_last_look)
		return end(live, complain(complaint, -ENODEV,
				     "%s:%s: the interface was removed while it was listened on",
				     live->grant.kind, live->grant.interface));
	(void)epoll_wait(live->events, events, EVENTS, SOURCE_HOLD_MS); /* whatever it gives */
	live->is_last_look = true;
	return LIVE_LOOK;
}

int live_await(struct live *live, struct complaint *complaint)
{
	struct epoll_event events[EVENTS];
	if (is_stopped)
		return end(live, 0);
	if (live->state.is_removed)
		return await_last(live, complaint);
	if (live->naps && live->waits && live->state.frames != live->frames_before) {
		const struct timespec moment = {.tv_nsec = NAP_NS};
		live->frames_before = live->state.frames;
		(void)nanosleep(&moment, NULL); /* shorter where a signal comes */
		return LIVE_LOOK;
	}
	int count = epoll_wait(live->events, events, EVENTS, live->waits ? SOURCE_STOP_MS : 0);
	if (count < 0 && errno != EINTR)
		return end(live, live_fail(live, errno, "to wait for frames", complaint));
	bool has_failed = false;
	for (int i = 0; i < count; i++)
		has_failed = has_failed || (events[i].events & EPOLLERR) != 0;
	/* it goes down before it is removed, and the kernel may tell of the first only */
	if (has_failed || (count == 0 && live->waits))
		live_refresh(live);
	return count <= 0 && !live->waits && !live->state.is_removed ? 1 : LIVE_LOOK;
}

void live_count(struct live *live, const struct frame_batch *batch, size_t first)
{
	uint64_t bytes = 0;
	for (size_t i = first; i < batch->count; i++)
		bytes += batch->frames[i].wire_bytes;
	live->state.frames += batch->count - first;
	live->state.bytes += bytes;
}

int live_open(const struct source_kind *kind, const char *rest, struct source **ret_source,
    struct complaint *complaint)
{
	const struct source_kind *const kinds[] = {kind, &source_ring, NULL};
	struct source_grant grant;
	int result = kind->live->prepare(rest, &grant, complaint);
	return result == 0 ? source_adopt(kinds, &grant, ret_source, complaint) : result;
}

int live_get_fd(const struct source *source)
{
	return ((const struct live *)source)->events;
}

void live_set_waiting(struct source *source, bool waits)
{
	((struct live *)source)->waits = waits;
}

const char *live_get_notice(const struct source *source)
{
	const struct live *live = (const struct live *)source;
	return live->grant.notice[0] == '\0' ? NULL : live->grant.notice;
}

/* How much is still to come is not known, nor of how much. */
void live_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	(void)source;
	*ret_progress = (struct source_progress){0};
}
