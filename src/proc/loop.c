/*
 * loop.c - entries in an array, timers in a heap of their indexes.
 *
 * A number is an entry's index and how often that entry was used: an event that the kernel tells of
 * an entry that was removed, or used anew, no longer finds its number.
 */
#include "proc/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS_MAX = 64, /* taken from the kernel in one turn; the others wait for the next */
	SIGNALS_MAX = 16,
	US_PER_MS = 1000,
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	INDEX_BITS = 16, /* of a number; LOOP_ENTRIES_MAX fits */
	NO_INDEX = UINT16_MAX,
};

enum kind {
	KIND_FREE = 0,
	KIND_WATCH,
	KIND_TIMER,
	KIND_SIGNAL,
};

struct entry {
	enum kind kind;
	uint64_t uses; /* how often this entry was taken; 0 is no use yet */
	struct loop_call call;
	int what; /* the descriptor or the signal */
	uint16_t next_free;
	uint16_t place; /* of a timer in the heap */
	int64_t due_us;
	int64_t every_us;
	uint64_t order; /* of timers that are due at the same time */
};

struct loop {
	const struct loop_clock *clock;
	int epoll;
	int signals; /* the descriptor that tells of signals, or -1 */
	sigset_t taken;
	sigset_t mask_before;
	bool is_stopped;
	uint16_t first_free;
	uint16_t timer_count;
	uint64_t next_order;
	uint16_t heap[LOOP_ENTRIES_MAX]; /* indexes of timers, the next one first */
	struct entry entries[LOOP_ENTRIES_MAX];
};

/* The number that the descriptor of signals has for epoll: no entry has it. */
#define SIGNALS_NUMBER UINT64_MAX

static int64_t us_of(clockid_t clock)
{
	struct timespec now = {0};
	(void)clock_gettime(clock, &now); /* cannot fail for these clocks */
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

static int64_t system_monotonic_us(void *context)
{
	(void)context;
	return us_of(CLOCK_MONOTONIC);
}

static int64_t system_wall_us(void *context)
{
	(void)context;
	return us_of(CLOCK_REALTIME);
}

/* Rounded up, since a wait that ends too early would only be followed by another. */
static int whole_ms(int64_t wait_us)
{
	const int64_t longest_us = INT64_C(3600) * US_PER_S; /* may return earlier */
	if (wait_us == LOOP_FOR_EVER)
		return -1;
	if (wait_us > longest_us)
		wait_us = longest_us;
	return wait_us <= 0 ? 0 : (int)((wait_us + US_PER_MS - 1) / US_PER_MS);
}

static int system_wait(
    void *context, int epoll, struct epoll_event *events, int events_max, int64_t wait_us)
{
	(void)context;
	int count = epoll_wait(epoll, events, events_max, whole_ms(wait_us));
	return count < 0 ? -errno : count;
}

const struct loop_clock loop_clock_system = {
    .monotonic_us = system_monotonic_us,
    .wall_us = system_wall_us,
    .wait = system_wait,
};

int64_t loop_monotonic_us(const struct loop *loop)
{
	return loop->clock->monotonic_us(loop->clock->context);
}

int64_t loop_wall_us(const struct loop *loop)
{
	return loop->clock->wall_us(loop->clock->context);
}

int loop_new(const struct loop_clock *clock, struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof *loop);
	if (loop == NULL)
		return -ENOMEM;
	loop->clock = clock;
	loop->signals = -1;
	(void)sigemptyset(&loop->taken); /* cannot fail */
	for (uint16_t i = 0; i < LOOP_ENTRIES_MAX; i++)
		loop->entries[i].next_free =
		    i + 1 < LOOP_ENTRIES_MAX ? (uint16_t)(i + 1) : NO_INDEX;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		int error = -errno;
		free(loop);
		return error;
	}
	*ret_loop = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	if (loop->signals >= 0) {
		(void)close(loop->signals); /* nothing is written through it */
		(void)sigprocmask(SIG_SETMASK, &loop->mask_before, NULL); /* was valid before */
	}
	(void)close(loop->epoll); /* likewise */
	free(loop);
}

static uint64_t number_of(const struct loop *loop, const struct entry *entry)
{
	return entry->uses << INDEX_BITS | (uint64_t)(entry - loop->entries);
}

/* NULL when that number's entry is gone. */
static struct entry *find_entry(struct loop *loop, uint64_t number)
{
	uint64_t index = number & ((UINT64_C(1) << INDEX_BITS) - 1);
	if (index >= LOOP_ENTRIES_MAX)
		return NULL;
	struct entry *entry = &loop->entries[index];
	return entry->kind != KIND_FREE && entry->uses == number >> INDEX_BITS ? entry : NULL;
}

static struct entry *take_entry(struct loop *loop, enum kind kind, struct loop_call call)
{
	if (loop->first_free == NO_INDEX)
		return NULL;
	struct entry *entry = &loop->entries[loop->first_free];
	loop->first_free = entry->next_free;
	entry->kind = kind;
	entry->uses++;
	entry->call = call;
	return entry;
}

static void give_back(struct loop *loop, struct entry *entry)
{
	entry->kind = KIND_FREE;
	entry->next_free = loop->first_free;
	loop->first_free = (uint16_t)(entry - loop->entries);
}

int loop_add_watch(
    struct loop *loop, int fd, uint32_t events, struct loop_call call, uint64_t *ret_number)
{
	struct entry *entry = take_entry(loop, KIND_WATCH, call);
	if (entry == NULL)
		return -ENOSPC;
	entry->what = fd;
	struct epoll_event event = {.events = events, .data.u64 = number_of(loop, entry)};
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		int error = -errno;
		give_back(loop, entry);
		return error;
	}
	*ret_number = number_of(loop, entry);
	return 0;
}

int loop_change_watch(struct loop *loop, uint64_t number, uint32_t events)
{
	struct entry *entry = find_entry(loop, number);
	if (entry == NULL || entry->kind != KIND_WATCH)
		return -ENOENT;
	struct epoll_event event = {.events = events, .data.u64 = number};
	return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, entry->what, &event) == 0 ? 0 : -errno;
}

static bool is_before(const struct loop *loop, uint16_t a, uint16_t b)
{
	const struct entry *one = &loop->entries[a];
	const struct entry *other = &loop->entries[b];
	return one->due_us != other->due_us ? one->due_us < other->due_us
					    : one->order < other->order;
}

static void put_in_heap(struct loop *loop, uint16_t place, uint16_t index)
{
	loop->heap[place] = index;
	loop->entries[index].place = place;
}

static void sift_up(struct loop *loop, uint16_t place)
{
	uint16_t index = loop->heap[place];
	while (place > 0) {
		uint16_t above = (uint16_t)((place - 1) / 2);
		if (!is_before(loop, index, loop->heap[above]))
			break;
		put_in_heap(loop, place, loop->heap[above]);
		place = above;
	}
	put_in_heap(loop, place, index);
}

static void sift_down(struct loop *loop, uint16_t place)
{
	uint16_t index = loop->heap[place];
	for (;;) {
		uint32_t below = 2U * place + 1;
		if (below >= loop->timer_count)
			break;
		if (below + 1 < loop->timer_count &&
		    is_before(loop, loop->heap[below + 1], loop->heap[below]))
			below++;
		if (!is_before(loop, loop->heap[below], index))
			break;
		put_in_heap(loop, place, loop->heap[below]);
		place = (uint16_t)below;
	}
	put_in_heap(loop, place, index);
}

static void remove_from_heap(struct loop *loop, const struct entry *entry)
{
	uint16_t place = entry->place;
	uint16_t last = loop->heap[--loop->timer_count];
	if (place == loop->timer_count)
		return;
	put_in_heap(loop, place, last);
	sift_down(loop, place);
	sift_up(loop, loop->entries[last].place);
}

/* Far times stop at the end of what can be counted. */
static int64_t add_us(int64_t time_us, int64_t more_us)
{
	int64_t sum;
	return __builtin_add_overflow(time_us, more_us, &sum) ? INT64_MAX : sum;
}

int loop_add_timer(struct loop *loop, int64_t first_us, int64_t every_us, struct loop_call call,
    uint64_t *ret_number)
{
	assert(every_us >= 0);
	struct entry *entry = take_entry(loop, KIND_TIMER, call);
	if (entry == NULL)
		return -ENOSPC;
	entry->due_us = add_us(loop_monotonic_us(loop), first_us > 0 ? first_us : 0);
	entry->every_us = every_us;
	entry->order = loop->next_order++;
	loop->heap[loop->timer_count] = (uint16_t)(entry - loop->entries);
	sift_up(loop, loop->timer_count++);
	*ret_number = number_of(loop, entry);
	return 0;
}

/* Makes the descriptor of signals the first time. */
static int tell_of(struct loop *loop, const sigset_t *signals)
{
	int fd = signalfd(loop->signals, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (loop->signals >= 0)
		return 0;
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = SIGNALS_NUMBER};
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0 ||
	    sigprocmask(SIG_BLOCK, NULL, &loop->mask_before) != 0) {
		int error = -errno;
		(void)close(fd); /* nothing is written through it */
		return error;
	}
	loop->signals = fd;
	return 0;
}

int loop_add_signal(struct loop *loop, int signal, struct loop_call call, uint64_t *ret_number)
{
	sigset_t one;
	sigset_t more = loop->taken;
	if (sigismember(&loop->taken, signal) == 1)
		return -EEXIST;
	if (sigemptyset(&one) != 0 || sigaddset(&one, signal) != 0 || sigaddset(&more, signal) != 0)
		return -EINVAL;
	struct entry *entry = take_entry(loop, KIND_SIGNAL, call);
	if (entry == NULL)
		return -ENOSPC;
	int error = tell_of(loop, &more);
	if (error == 0 && sigprocmask(SIG_BLOCK, &one, NULL) != 0)
		error = -errno;
	if (error != 0) {
		give_back(loop, entry);
		return error;
	}
	loop->taken = more;
	entry->what = signal;
	*ret_number = number_of(loop, entry);
	return 0;
}

void loop_remove(struct loop *loop, uint64_t number)
{
	struct entry *entry = find_entry(loop, number);
	if (entry == NULL)
		return;
	if (entry->kind == KIND_TIMER)
		remove_from_heap(loop, entry);
	else if (entry->kind == KIND_WATCH)
		/* Where it was closed before, against the contract, the kernel knows no more. */
		(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, entry->what, NULL);
	else
		/* It stays blocked, and is told to nobody, until the loop ends or takes it again.
		 */
		(void)sigdelset(&loop->taken, entry->what); /* was added once */
	give_back(loop, entry);
}

static void run_signal(struct loop *loop, int signal)
{
	for (size_t i = 0; i < LOOP_ENTRIES_MAX; i++) {
		const struct entry *entry = &loop->entries[i];
		if (entry->kind == KIND_SIGNAL && entry->what == signal) {
			entry->call.run(entry->call.context, (uint32_t)signal);
			return;
		}
	}
}

static void run_signals(struct loop *loop)
{
	struct signalfd_siginfo told;
	for (int i = 0; i < SIGNALS_MAX && !loop->is_stopped; i++) {
		if (read(loop->signals, &told, sizeof told) != (ssize_t)sizeof told)
			return; /* no more */
		run_signal(loop, (int)told.ssi_signo);
	}
}

static void run_watches(struct loop *loop, const struct epoll_event *events, int count)
{
	for (int i = 0; i < count && !loop->is_stopped; i++) {
		if (events[i].data.u64 == SIGNALS_NUMBER) {
			run_signals(loop);
			continue;
		}
		const struct entry *entry = find_entry(loop, events[i].data.u64);
		if (entry != NULL)
			entry->call.run(entry->call.context, events[i].events);
	}
}

/* How many of its times have come, and sets the next one or removes it. */
static uint32_t pass(struct loop *loop, struct entry *entry, int64_t now_us)
{
	if (entry->every_us == 0) {
		remove_from_heap(loop, entry);
		give_back(loop, entry);
		return 1;
	}
	int64_t times = (now_us - entry->due_us) / entry->every_us + 1;
	entry->due_us = add_us(entry->due_us, times * entry->every_us);
	entry->order = loop->next_order++;
	sift_down(loop, entry->place);
	return times < UINT32_MAX ? (uint32_t)times : UINT32_MAX;
}

/* Those that are due now; what is added meanwhile waits for the next turn, even when due. */
static void run_timers(struct loop *loop)
{
	int64_t now_us = loop_monotonic_us(loop);
	uint64_t end = loop->next_order;
	while (loop->timer_count > 0 && !loop->is_stopped) {
		struct entry *entry = &loop->entries[loop->heap[0]];
		if (entry->due_us > now_us || entry->order >= end)
			return;
		const struct loop_call call = entry->call;
		uint32_t times = pass(loop, entry, now_us);
		call.run(call.context, times);
	}
}

static int64_t until_next_timer(const struct loop *loop)
{
	if (loop->timer_count == 0)
		return LOOP_FOR_EVER;
	int64_t wait_us = loop->entries[loop->heap[0]].due_us - loop_monotonic_us(loop);
	return wait_us > 0 ? wait_us : 0;
}

int loop_turn(struct loop *loop, int64_t wait_us)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t timer_us = until_next_timer(loop);
	loop->is_stopped = false;
	int count = loop->clock->wait(loop->clock->context, loop->epoll, events, EVENTS_MAX,
	    timer_us < wait_us ? timer_us : wait_us);
	if (count < 0 && count != -EINTR)
		return count;
	run_timers(loop);
	run_watches(loop, events, count);
	return 0;
}

int loop_run(struct loop *loop)
{
	int error = 0;
	do
		error = loop_turn(loop, LOOP_FOR_EVER);
	while (error == 0 && !loop->is_stopped);
	return error;
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}
