/*
 * loop.h - one thread that waits for many things and does them one after the other.
 *
 * Descriptors (epoll), timers and signals (signalfd) are added with a call; whatever was added has
 * a number, by which it is removed. All memory is taken when the loop is made: an event allocates
 * nothing, and what finds no room is refused. Numbers are never used again, so removing what is
 * gone already does nothing.
 *
 * In any call everything may be added and removed, the very thing that called too: what was removed
 * is not called any more, even where its event was met in the same turn.
 *
 * Time comes from a clock that the maker gives, with the wait itself, so that whole systems can
 * run in made-up time.
 */
#ifndef PROC_LOOP_H
#define PROC_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

enum {
	/*
	 * Watches, timers and signals at once. A duty has some dozens; crowds of strangers have
	 * limits of their own, well below.
	 */
	LOOP_ENTRIES_MAX = 1024,
};

#define LOOP_FOR_EVER INT64_MAX

struct loop;

struct loop_clock {
	void *context;
	int64_t (*monotonic_us)(void *context);
	int64_t (*wall_us)(void *context); /* since 1970-01-01 UTC; may jump */
	/*
	 * As epoll_wait(2) of this descriptor: returns how many events it wrote, at most
	 * `events_max`, or a negative errno (-EINTR is no failure). Waits at most `wait_us`, or
	 * LOOP_FOR_EVER; may return earlier. Made-up time passes in here.
	 */
	int (*wait)(
	    void *context, int epoll, struct epoll_event *events, int events_max, int64_t wait_us);
};

/* The kernel's. */
extern const struct loop_clock loop_clock_system;

/*
 * What is to be called. `what` is: of a watch the epoll events that were met (EPOLLERR and EPOLLHUP
 * always count), of a timer how many of its times have come, of a signal its number.
 */
struct loop_call {
	void (*run)(void *context, uint32_t what);
	void *context;
};

/* Borrows `clock`. 0 or a negative errno. */
int loop_new(const struct loop_clock *clock, struct loop **ret_loop);
/* NULL is allowed; not in a call. Closes no watched descriptor; signals are what they were. */
void loop_free(struct loop *loop);

/*
 * Watches a descriptor for EPOLLIN, EPOLLOUT, both or nothing (but errors), as long as it is so
 * (level-triggered); once only each, and remove it before it is closed. Borrows `fd`. 0, or a
 * negative errno: -ENOSPC at LOOP_ENTRIES_MAX, -EEXIST, -EPERM for a file, which is always ready.
 */
int loop_add_watch(
    struct loop *loop, int fd, uint32_t events, struct loop_call call, uint64_t *ret_number);
/* Watches for other events. 0 or a negative errno. */
int loop_change_watch(struct loop *loop, uint64_t number, uint32_t events);
/*
 * Calls after `first_us`, then every `every_us`, or only once where that is 0. After 0 us means
 * soon: in the next turn, in the order of adding. Who is late by several times is called once.
 * 0 or -ENOSPC.
 */
int loop_add_timer(struct loop *loop, int64_t first_us, int64_t every_us, struct loop_call call,
    uint64_t *ret_number);
/*
 * Takes a signal from the whole process: it is blocked, and the call comes instead. Before other
 * threads start, since they inherit what is blocked. 0, or a negative errno: -EEXIST when it is
 * taken already.
 */
int loop_add_signal(struct loop *loop, int signal, struct loop_call call, uint64_t *ret_number);
/* Whatever it is; 0 and numbers of what is gone are allowed. */
void loop_remove(struct loop *loop, uint64_t number);

/*
 * Waits at most `wait_us` for something to do, and does what there is: what was met now, once.
 * 0, or the negative errno of a failed wait.
 */
int loop_turn(struct loop *loop, int64_t wait_us);
/* Turns until it is stopped: 0 then, or the negative errno of a failed wait. */
int loop_run(struct loop *loop);
/* Nothing more is called in this turn, and loop_run returns. What was met waits for the next. */
void loop_stop(struct loop *loop);

/* Its clock's times, now. */
int64_t loop_monotonic_us(const struct loop *loop);
int64_t loop_wall_us(const struct loop *loop);

#endif
