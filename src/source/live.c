#include "source/live.h"

#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	/* Taken at once; more are told by the next call. */
	EVENTS = 16,
	NS_PER_US = 1000,
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
	    .timer = -1,
	    .state = {.index = grant->index, .is_shared = grant->is_shared != 0},
	};
	memcpy(live->state.interface, grant->interface, sizeof grant->interface);
	live->events = epoll_create1(EPOLL_CLOEXEC);
	return live->events < 0 ? live_fail(live, errno, "a descriptor to wait by", complaint) : 0;
}

int live_watch(struct live *live, int fd, struct complaint *complaint)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	if (live->watched_count == SOURCE_QUEUES_MAX ||
	    epoll_ctl(live->events, EPOLL_CTL_ADD, fd, &event) != 0)
		return live_fail(live, errno, "a socket that can be waited for", complaint);
	live->watched[live->watched_count++] = fd;
	return 0;
}

int live_pace(struct live *live, int timer, struct complaint *complaint)
{
	struct epoll_event event = {.events = EPOLLIN};
	if (epoll_ctl(live->events, EPOLL_CTL_ADD, timer, &event) != 0)
		return live_fail(live, errno, "a timer that can be waited for", complaint);
	live->timer = timer;
	return 0;
}

/* Looks anew at each whether it has something. */
static void watch_all(struct live *live, uint32_t events)
{
	struct epoll_event event = {.events = events};
	for (size_t i = 0; i < live->watched_count; i++)
		/* it was added, and so it can be changed */
		(void)epoll_ctl(live->events, EPOLL_CTL_MOD, live->watched[i], &event);
}

/*
 * Lets it rest when there were frames since it waited last, and be woken by the next frame when
 * there were none.
 */
static void rest(struct live *live)
{
	const bool had_frames = live->state.frames != live->frames_before;
	const struct itimerspec moment = {
	    .it_value = {.tv_nsec = had_frames ? LIVE_REST_US * NS_PER_US : 0}};
	live->frames_before = live->state.frames;
	if (live->timer < 0 || (!had_frames && !live->rests))
		return;
	if (timerfd_settime(live->timer, 0, &moment, NULL) != 0 || had_frames == live->rests)
		return;
	live->rests = had_frames;
	watch_all(live, had_frames ? 0 : EPOLLIN | EPOLLET);
}

/*
 * An event loop is to read once more, to be told: as nothing is ever sent, the socket can always be
 * written to.
 */
static void wake_for_removal(const struct live *live)
{
	const int fd = live->grant.descriptors[0];
	struct epoll_event event = {.events = EPOLLOUT};
	if (epoll_ctl(live->events, EPOLL_CTL_MOD, fd, &event) != 0)
		(void)epoll_ctl(live->events, EPOLL_CTL_ADD, fd, &event); /* one of both works */
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
		if (errno != ENODEV || live->state.is_removed)
			return;
		live->state.is_removed = true;
		wake_for_removal(live);
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
	if (live->is_last_look)
		return end(live, complain(complaint, -ENODEV,
				     "%s:%s: the interface was removed while it was listened on",
				     live->grant.kind, live->grant.interface));
	(void)poll(NULL, 0, SOURCE_HOLD_MS); /* a pause */
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
	rest(live);
	int count = epoll_wait(live->events, events, EVENTS, live->waits ? SOURCE_STOP_MS : 0);
	if (count < 0 && errno != EINTR)
		return end(live, live_fail(live, errno, "to wait for frames", complaint));
	live->was_woken = live->was_woken || count > 0;
	bool has_failed = false;
	for (int i = 0; i < count; i++)
		has_failed = has_failed || (events[i].events & EPOLLERR) != 0;
	/* it goes down before it is removed, and the kernel may tell of the first only */
	if (has_failed || (count == 0 && live->waits))
		live_refresh(live);
	return count <= 0 && !live->waits && !live->state.is_removed ? 1 : LIVE_LOOK;
}

void live_give(struct live *live, const struct frame_batch *batch)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < batch->count; i++)
		bytes += batch->frames[i].wire_bytes;
	live->state.frames += batch->count;
	live->state.bytes += bytes;
	if (live->was_woken && !live->waits && !live->rests)
		watch_all(live, EPOLLIN | EPOLLET);
	live->was_woken = false;
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
