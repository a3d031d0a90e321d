#include "proc/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/random.h"
#include "base/when.h"
#include "test.h"

enum {
	DAY_TIMERS = 500,
	LOG_MAX = 64,
};

/* Made-up time: a wait takes no time, and as much of it as was asked for. */
struct made_up {
	int64_t now_us;
	int64_t jump_us; /* of the wall clock */
	int failure;     /* what the next wait gives */
};

static int64_t made_up_monotonic(void *context)
{
	return ((const struct made_up *)context)->now_us;
}

static int64_t made_up_wall(void *context)
{
	const struct made_up *time = context;
	return time->now_us + time->jump_us;
}

static int made_up_wait(
    void *context, int epoll, struct epoll_event *events, int events_max, int64_t wait_us)
{
	struct made_up *time = context;
	if (time->failure != 0)
		return time->failure;
	int count = epoll_wait(epoll, events, events_max, 0);
	if (count == 0 && wait_us != LOOP_FOR_EVER)
		time->now_us += wait_us;
	return count < 0 ? -errno : count;
}

/* What was called, in letters. */
struct story {
	struct loop *loop;
	struct made_up time;
	struct loop_clock clock;
	char text[LOG_MAX];
	size_t used;
};

struct part {
	struct story *story;
	char letter;
	uint64_t removes[2]; /* numbers that this call removes */
	int reads;           /* a descriptor that it empties, or -1 */
	bool stops;
	uint32_t what;
};

static void story_open(struct story *story)
{
	*story = (struct story){
	    .time = {.now_us = 1000},
	    .clock = {.monotonic_us = made_up_monotonic,
		.wall_us = made_up_wall,
		.wait = made_up_wait},
	};
	story->clock.context = &story->time;
	int error = loop_new(&story->clock, &story->loop);
	assert(error == 0);
}

static void run_part(void *context, uint32_t what)
{
	struct part *part = context;
	struct story *story = part->story;
	uint64_t ignored;
	if (story->used < LOG_MAX - 1)
		story->text[story->used++] = part->letter;
	part->what = what;
	if (part->reads >= 0)
		assert(read(part->reads, &ignored, sizeof ignored) == sizeof ignored);
	for (size_t i = 0; i < 2; i++)
		loop_remove(story->loop, part->removes[i]);
	if (part->stops)
		loop_stop(story->loop);
}

static struct loop_call call_of(struct part *part)
{
	return (struct loop_call){.run = run_part, .context = part};
}

static bool says(struct story *story, const char *expected)
{
	bool same = strcmp(story->text, expected) == 0;
	if (!same)
		printf("# %s, expected %s\n", story->text, expected);
	memset(story->text, 0, sizeof story->text);
	story->used = 0;
	return same;
}

static int ready_event(void)
{
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(fd >= 0);
	return fd;
}

static void test_timers(void)
{
	struct story story;
	story_open(&story);
	struct part a = {&story, 'a', {0, 0}, -1, false, 0};
	struct part b = {&story, 'b', {0, 0}, -1, false, 0};
	struct part c = {&story, 'c', {0, 0}, -1, false, 0};
	struct part z = {&story, 'z', {0, 0}, -1, true, 0};
	uint64_t number[4];
	OK(loop_add_timer(story.loop, 30, 0, call_of(&c), &number[0]) == 0 &&
		loop_add_timer(story.loop, 10, 0, call_of(&a), &number[1]) == 0 &&
		loop_add_timer(story.loop, 10, 0, call_of(&b), &number[2]) == 0 &&
		loop_add_timer(story.loop, 100, 0, call_of(&z), &number[3]) == 0,
	    "timers are added");
	OK(loop_run(story.loop) == 0 && says(&story, "abcz"),
	    "they come by time, then by the order of adding, and a stop ends the run");
	OK(story.time.now_us == 1100, "no time is lost between them");
	OK(loop_turn(story.loop, 50) == 0 && says(&story, "") && story.time.now_us == 1150,
	    "each comes once; a turn waits no longer than it may");

	int error = loop_add_timer(story.loop, 7, 20, call_of(&a), &number[0]);
	for (int i = 0; error == 0 && i < 3; i++)
		error = loop_turn(story.loop, LOOP_FOR_EVER);
	OK(error == 0 && says(&story, "aaa") && story.time.now_us == 1197 && a.what == 1,
	    "a repeating one comes first once, then every so often");
	story.time.now_us += 75;
	OK(loop_turn(story.loop, 0) == 0 && says(&story, "a") && a.what == 3,
	    "late by several times it is called once and told how many");
	OK(loop_turn(story.loop, LOOP_FOR_EVER) == 0 && says(&story, "a") &&
		story.time.now_us == 1277,
	    "and keeps its step");
	loop_remove(story.loop, number[0]);
	loop_remove(story.loop, number[0]);
	OK(loop_turn(story.loop, 1000) == 0 && says(&story, ""), "a removed one never comes");
	loop_free(story.loop);
}

/* A call that adds itself anew for now, for ever. */
static void run_again(void *context, uint32_t what)
{
	struct part *part = context;
	uint64_t number;
	run_part(part, what);
	int error =
	    loop_add_timer(part->story->loop, 0, 0, (struct loop_call){run_again, part}, &number);
	assert(error == 0);
}

static void test_soon(void)
{
	struct story story;
	story_open(&story);
	struct part again = {&story, 'g', {0, 0}, -1, false, 0};
	struct part other = {&story, 'o', {0, 0}, -1, false, 0};
	uint64_t number;
	int error =
	    loop_add_timer(story.loop, 0, 0, (struct loop_call){run_again, &again}, &number);
	if (error == 0)
		error = loop_add_timer(story.loop, 0, 0, call_of(&other), &number);
	OK(error == 0 && loop_turn(story.loop, LOOP_FOR_EVER) == 0 && says(&story, "go"),
	    "what is added for soon in a call waits for the next turn");
	OK(loop_turn(story.loop, LOOP_FOR_EVER) == 0 && says(&story, "g") &&
		story.time.now_us == 1000,
	    "which does not wait");
	OK(loop_add_timer(story.loop, INT64_MAX, INT64_MAX, call_of(&other), &number) == 0 &&
		loop_add_timer(story.loop, -5, 0, call_of(&other), &number) == 0 &&
		loop_turn(story.loop, LOOP_FOR_EVER) == 0 && says(&story, "go"),
	    "the farthest time is never, one that has passed is soon");
	loop_free(story.loop);
}

static void test_watches(void)
{
	struct story story;
	story_open(&story);
	int fds[2] = {ready_event(), ready_event()};
	struct part a = {&story, 'a', {0, 0}, -1, false, 0};
	struct part b = {&story, 'b', {0, 0}, -1, false, 0};
	uint64_t number[2];
	OK(loop_add_watch(story.loop, fds[0], EPOLLIN, call_of(&a), &number[0]) == 0 &&
		loop_turn(story.loop, LOOP_FOR_EVER) == 0 && loop_turn(story.loop, 0) == 0 &&
		says(&story, "aa") && a.what == EPOLLIN,
	    "a ready descriptor is told of as long as it is");
	OK(loop_add_watch(story.loop, fds[0], EPOLLIN, call_of(&b), &number[1]) == -EEXIST,
	    "a descriptor is watched once");
	OK(loop_change_watch(story.loop, number[0], 0) == 0 && loop_turn(story.loop, 0) == 0 &&
		says(&story, "") && loop_change_watch(story.loop, number[0], EPOLLOUT) == 0 &&
		loop_turn(story.loop, 0) == 0 && says(&story, "a") && a.what == EPOLLOUT,
	    "what it is watched for may change");
	loop_remove(story.loop, number[0]);
	OK(loop_turn(story.loop, 0) == 0 && says(&story, "") &&
		loop_change_watch(story.loop, number[0], EPOLLIN) == -ENOENT,
	    "a removed watch is gone");

	int plain = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	OK(loop_add_watch(story.loop, plain, EPOLLIN, call_of(&a), &number[0]) == -EPERM &&
		loop_add_watch(story.loop, -1, EPOLLIN, call_of(&a), &number[0]) == -EBADF,
	    "a file is not watched, nor nothing");
	(void)close(plain); /* was only read */

	/* Whichever of the two comes first removes both. */
	int error = loop_add_watch(story.loop, fds[0], EPOLLIN, call_of(&a), &number[0]);
	if (error == 0)
		error = loop_add_watch(story.loop, fds[1], EPOLLIN, call_of(&b), &number[1]);
	memcpy(a.removes, number, sizeof number);
	memcpy(b.removes, number, sizeof number);
	OK(error == 0 && loop_turn(story.loop, 0) == 0 && story.used == 1 &&
		loop_turn(story.loop, 0) == 0 && story.used == 1,
	    "what was removed by another call of the same turn is not called");
	loop_free(story.loop);
	(void)close(fds[0]); /* memory only */
	(void)close(fds[1]); /* likewise */
}

/* Replaces the other's watch by one of the same entry and descriptor number. */
struct replacing {
	struct part part;
	uint64_t *mine;
	uint64_t *others;
	int *others_fd;
	struct part *fresh;
};

static void run_replacing(void *context, uint32_t what)
{
	struct replacing *replacing = context;
	struct loop *loop = replacing->part.story->loop;
	run_part(&replacing->part, what);
	loop_remove(loop, *replacing->others);
	(void)close(*replacing->others_fd); /* memory only */
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(fd == *replacing->others_fd);
	uint64_t number;
	int error = loop_add_watch(loop, fd, EPOLLIN, call_of(replacing->fresh), &number);
	assert(error == 0 && number != *replacing->others);
	loop_remove(loop, *replacing->mine);
}

static void test_reuse(void)
{
	struct story story;
	story_open(&story);
	int fds[2] = {ready_event(), ready_event()};
	uint64_t number[2];
	struct part fresh = {&story, 'f', {0, 0}, -1, false, 0};
	struct replacing replacing[2];
	int error = 0;
	for (int i = 0; error == 0 && i < 2; i++) {
		replacing[i] = (struct replacing){{&story, 'r', {0, 0}, -1, false, 0}, &number[i],
		    &number[1 - i], &fds[1 - i], &fresh};
		error = loop_add_watch(story.loop, fds[i], EPOLLIN,
		    (struct loop_call){run_replacing, &replacing[i]}, &number[i]);
	}
	OK(error == 0 && loop_turn(story.loop, 0) == 0 && loop_turn(story.loop, 0) == 0 &&
		says(&story, "r"),
	    "an event of what was closed is not told to who has its number now");
	loop_free(story.loop);
	(void)close(fds[0]); /* memory only */
	(void)close(fds[1]); /* likewise */
}

static void test_full(void)
{
	struct story story;
	story_open(&story);
	struct part part = {&story, 'p', {0, 0}, -1, false, 0};
	uint64_t first;
	uint64_t number;
	int error = loop_add_timer(story.loop, 5, 0, call_of(&part), &first);
	for (int i = 1; error == 0 && i < LOOP_ENTRIES_MAX; i++)
		error = loop_add_timer(story.loop, 1000000 + i, 0, call_of(&part), &number);
	OK(error == 0, "as many as there may be are added");
	OK(loop_add_timer(story.loop, 1, 0, call_of(&part), &number) == -ENOSPC &&
		loop_add_watch(story.loop, 0, EPOLLIN, call_of(&part), &number) == -ENOSPC &&
		loop_add_signal(story.loop, SIGUSR1, call_of(&part), &number) == -ENOSPC,
	    "one more is refused");
	OK(loop_turn(story.loop, LOOP_FOR_EVER) == 0 && says(&story, "p") &&
		loop_add_timer(story.loop, 1, 0, call_of(&part), &number) == 0 && number != first,
	    "what came gives its room back, under a new number");
	loop_remove(story.loop, first);
	OK(loop_turn(story.loop, LOOP_FOR_EVER) == 0 && says(&story, "p"),
	    "the old number removes nobody");
	loop_free(story.loop);
	loop_free(NULL);
}

/* Many timers in any order, many removed: the rest comes in order. */
struct day {
	struct story story;
	int64_t due_us[DAY_TIMERS];
	uint64_t numbers[DAY_TIMERS];
	bool is_gone[DAY_TIMERS];
	int64_t last_us;
	int count;
	bool in_order;
};

static struct day day;

static void run_of_day(void *context, uint32_t what)
{
	const int64_t *due_us = context;
	day.in_order = day.in_order && what == 1 && *due_us >= day.last_us &&
		       *due_us == day.story.time.now_us && !day.is_gone[due_us - day.due_us];
	day.last_us = *due_us;
	day.count++;
}

static void test_heap(void)
{
	struct random random;
	int error = 0;
	int gone = 0;
	random_init(&random, 4);
	story_open(&day.story);
	day.in_order = true;
	for (int i = 0; error == 0 && i < DAY_TIMERS; i++) {
		day.due_us[i] = day.story.time.now_us + (int64_t)random_below(&random, 2000);
		error = loop_add_timer(day.story.loop, day.due_us[i] - day.story.time.now_us, 0,
		    (struct loop_call){run_of_day, &day.due_us[i]}, &day.numbers[i]);
	}
	for (int i = 0; i < DAY_TIMERS; i++) {
		if (random_below(&random, 3) != 0)
			continue;
		loop_remove(day.story.loop, day.numbers[i]);
		day.is_gone[i] = true;
		gone++;
	}
	for (int i = 0; error == 0 && i < DAY_TIMERS; i++)
		error = loop_turn(day.story.loop, 100);
	OK(error == 0 && day.in_order && day.count == DAY_TIMERS - gone,
	    "of many timers, a third removed, each other comes at its time");
	loop_free(day.story.loop);
}

static void test_signals(void)
{
	struct story story;
	story_open(&story);
	sigset_t mask;
	struct part one = {&story, '1', {0, 0}, -1, false, 0};
	struct part two = {&story, '2', {0, 0}, -1, true, 0};
	uint64_t number[2];
	uint64_t again;
	OK(loop_add_signal(story.loop, SIGUSR1, call_of(&one), &number[0]) == 0 &&
		loop_add_signal(story.loop, SIGUSR2, call_of(&two), &number[1]) == 0 &&
		raise(SIGUSR1) == 0 && loop_turn(story.loop, LOOP_FOR_EVER) == 0 &&
		says(&story, "1") && one.what == SIGUSR1,
	    "a signal is a call");
	OK(loop_add_signal(story.loop, SIGUSR1, call_of(&two), &again) == -EEXIST &&
		loop_add_signal(story.loop, 4242, call_of(&two), &again) == -EINVAL,
	    "once each, and only signals");
	OK(raise(SIGUSR2) == 0 && loop_run(story.loop) == 0 && says(&story, "2"), "each its own");
	loop_remove(story.loop, number[0]);
	OK(raise(SIGUSR1) == 0 && loop_turn(story.loop, 0) == 0 && says(&story, ""),
	    "a removed one is told to nobody");
	OK(loop_add_signal(story.loop, SIGUSR1, call_of(&two), &again) == 0 &&
		raise(SIGUSR1) == 0 && loop_run(story.loop) == 0 && says(&story, "2"),
	    "and may be taken again");
	loop_free(story.loop);
	OK(sigprocmask(SIG_BLOCK, NULL, &mask) == 0 && sigismember(&mask, SIGUSR1) == 0 &&
		sigismember(&mask, SIGUSR2) == 0,
	    "when the loop ends signals are what they were");
}

static void test_stop(void)
{
	struct story story;
	story_open(&story);
	struct part a = {&story, 'a', {0, 0}, -1, true, 0};
	struct part b = {&story, 'b', {0, 0}, ready_event(), false, 0};
	uint64_t number;
	int error = loop_add_timer(story.loop, 0, 0, call_of(&a), &number);
	if (error == 0)
		error = loop_add_watch(story.loop, b.reads, EPOLLIN, call_of(&b), &number);
	OK(error == 0 && loop_run(story.loop) == 0 && says(&story, "a"),
	    "after a stop nothing more is called");
	OK(loop_turn(story.loop, 0) == 0 && says(&story, "b"), "what was met then comes next time");
	story.time.failure = -EINTR;
	OK(loop_turn(story.loop, 0) == 0 && says(&story, ""), "an interrupted wait is none");
	story.time.failure = -EBADF;
	OK(loop_turn(story.loop, 0) == -EBADF && loop_run(story.loop) == -EBADF,
	    "a failed one is told");
	loop_free(story.loop);
	(void)close(b.reads); /* memory only */
}

static void test_clocks(void)
{
	struct story story;
	story_open(&story);
	story.time.jump_us = 5 * WHEN_HOUR_US;
	OK(loop_monotonic_us(story.loop) == 1000 &&
		loop_wall_us(story.loop) == 5 * WHEN_HOUR_US + 1000,
	    "times are the clock's");
	loop_free(story.loop);

	struct loop *loop;
	struct part part = {&story, 'p', {0, 0}, -1, false, 0};
	uint64_t number;
	story.text[0] = '\0';
	story.used = 0;
	int error = loop_new(&loop_clock_system, &loop);
	assert(error == 0);
	story.loop = loop;
	int64_t before_us = loop_monotonic_us(loop);
	OK(loop_add_timer(loop, 1500, 0, call_of(&part), &number) == 0 &&
		loop_turn(loop, LOOP_FOR_EVER) == 0 && says(&story, "p") &&
		loop_monotonic_us(loop) - before_us >= 1500,
	    "a real wait is not too short");
	before_us = loop_monotonic_us(loop);
	OK(loop_turn(loop, 2000) == 0 && loop_monotonic_us(loop) - before_us >= 2000 &&
		loop_wall_us(loop) > INT64_C(1700000000) * WHEN_SECOND_US,
	    "nor one for nothing");
	loop_free(loop);
}

int main(void)
{
	test_timers();
	test_soon();
	test_watches();
	test_reuse();
	test_full();
	test_heap();
	test_signals();
	test_stop();
	test_clocks();
	return test_done();
}
