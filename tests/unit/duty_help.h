/*
 * duty_help.h - duties that are toys, and a parent that writes down what happens to them.
 *
 * The test program is its own duties: it runs itself again with the argument "duty" and what to be.
 * What a toy does is told by its parent, in messages of a word and a number.
 */
#ifndef DUTY_HELP_H
#define DUTY_HELP_H

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/duties.h"
#include "proc/duty_self.h"
#include "proc/pack.h"
#include "test.h"

enum {
	TYPE_ORDER = DUTY_TYPE_FIRST, /* to a toy: a word, a number */
	TYPE_REPORT,                  /* from a toy: the same */
	TYPE_TALK,                    /* between toys: a number */
	EVENTS_MAX = 4096,
	TOYS_MAX = 4,
	WORD_BYTES = 32,
	TOY_FAILED = 77, /* exit status of a toy that could not even begin */
	PATIENCE_S = 20, /* for what must happen, on a busy machine */
};

/* The toys' side. */

struct toy {
	struct loop *loop;
	struct duty_self *self;
	struct channel *peer; /* of the link "talk" */
	struct relay *relay;  /* of the link "records" */
	bool is_stubborn;
	int given; /* the descriptor "given", or -ENOENT */
};

static inline int64_t toy_send(
    struct toy *toy, struct channel *to, const char *word, int64_t number)
{
	uint8_t bytes[64];
	struct pack pack = pack_over(bytes, sizeof bytes);
	if (to == NULL)
		pack_text(&pack, word);
	pack_i64(&pack, number);
	assert(pack_ok(&pack));
	const struct message message = {to == NULL ? TYPE_REPORT : TYPE_TALK, bytes, pack.used, -1};
	return to == NULL ? duty_send(toy->self, &message) : channel_send(to, &message);
}

static inline void toy_report(struct toy *toy, const char *word, int64_t number)
{
	if (toy_send(toy, NULL, word, number) != 0)
		_exit(TOY_FAILED);
}

/* From the other toy: what it said is told to the parent. */
static inline void toy_on_talk(void *context, struct message *message)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	toy_report(context, "heard", unpack_i64(&cursor));
}

static inline void toy_on_silence(void *context, int error)
{
	struct toy *toy = context;
	(void)error; /* a new end will come */
	channel_free(toy->peer);
	toy->peer = NULL;
}

static inline void toy_meet(struct toy *toy, int fd)
{
	const struct channel_handler handler = {toy, toy_on_talk, toy_on_silence, NULL};
	channel_free(toy->peer);
	toy->peer = NULL;
	if (channel_new(toy->loop, fd, &handler, &toy->peer) != 0)
		_exit(TOY_FAILED);
}

static inline void toy_on_channel(void *context, const char *link, int fd)
{
	assert(strcmp(link, "talk") == 0);
	toy_meet(context, fd);
}

static inline void toy_on_stop(void *context)
{
	struct toy *toy = context;
	if (!toy->is_stubborn)
		loop_stop(toy->loop);
}

static inline void toy_read_relay(struct toy *toy)
{
	const uint8_t *bytes;
	size_t count;
	int64_t number;
	while (relay_read(toy->relay, &bytes, &count) == 1) {
		assert(count == sizeof number);
		memcpy(&number, bytes, sizeof number);
		relay_take(toy->relay);
		toy_report(toy, "record", number);
	}
}

static inline int64_t errno_of(int64_t result)
{
	return result < 0 ? errno : 0;
}

static inline void toy_obey(struct toy *toy, const char *word, int64_t number)
{
	if (strcmp(word, "echo") == 0)
		toy_report(toy, "echo", number);
	else if (strcmp(word, "exit") == 0)
		_exit((int)number);
	else if (strcmp(word, "last") == 0) {
		toy_report(toy, "last", number);
		_exit(0);
	} else if (strcmp(word, "abort") == 0)
		abort();
	else if (strcmp(word, "hang") == 0)
		for (;;)
			(void)poll(NULL, 0, 1000); /* as if at work */
	else if (strcmp(word, "stubborn") == 0)
		toy->is_stubborn = true;
	else if (strcmp(word, "open") == 0)
		toy_report(toy, "open", errno_of(open("/usr/bin/env", O_RDONLY | O_CLOEXEC)));
	else if (strcmp(word, "write") == 0)
		toy_report(toy, "write", errno_of(write((int)number, "x", 1)));
	else if (strcmp(word, "given") == 0) {
		char byte = '-';
		ssize_t got = toy->given >= 0 ? pread(toy->given, &byte, 1, 0) : 0;
		toy_report(toy, "given", got == 1 ? byte : toy->given);
	} else if (strcmp(word, "talk") == 0)
		toy_report(toy, "talked",
		    toy->peer == NULL ? -EPIPE : toy_send(toy, toy->peer, NULL, number));
	else if (strcmp(word, "put") == 0)
		toy_report(toy, "put", relay_write(toy->relay, &number, sizeof number));
	else
		_exit(TOY_FAILED);
}

static inline void toy_on_order(void *context, struct message *message)
{
	char word[WORD_BYTES];
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	unpack_text(&cursor, word, sizeof word);
	int64_t number = unpack_i64(&cursor);
	assert(unpack_is_whole(&cursor));
	toy_obey(context, word, number);
}

static inline void toy_on_wake(void *context, uint32_t what)
{
	(void)what;
	toy_read_relay(context);
}

/* Opens what it was given; whether it reads the relay. */
static inline bool toy_take(struct toy *toy)
{
	bool reads = false;
	uint64_t watch;
	int fd = duty_take_channel(toy->self, "talk");
	if (fd >= 0)
		toy_meet(toy, fd);
	toy->given = duty_take_descriptor(toy->self, "given");
	if (duty_take_relay(toy->self, "records", &toy->relay) != 0)
		return false;
	reads = strcmp(duty_get_name(toy->self), "second") == 0;
	if (reads && loop_add_watch(toy->loop, relay_wake_fd(toy->relay), EPOLLIN,
			 (struct loop_call){toy_on_wake, toy}, &watch) != 0)
		_exit(TOY_FAILED);
	return reads;
}

/* What is said before being ready, by those who do not come so far. */
static inline void toy_misbehave(const char *kind)
{
	static uint8_t bytes[16] = {0, 1, 0, 3, 0, 0, 0, 0};
	if (strcmp(kind, "late") == 0)
		for (;;)
			(void)poll(NULL, 0, 1000); /* never ready */
	if (strcmp(kind, "wrong") == 0) {
		(void)send(3, bytes, 3, 0); /* no message at all */
		(void)poll(NULL, 0, -1);    /* until it is killed */
	}
	if (strcmp(kind, "early") == 0) {
		bytes[3] = 4;               /* an answer that nobody asked for */
		(void)send(3, bytes, 8, 0); /* and that is none */
		(void)poll(NULL, 0, -1);    /* until it is killed */
	}
}

static inline int toy_run(const char *kind)
{
	static struct toy toy;
	struct complaint complaint = {""};
	struct sandbox_state state;
	const struct duty_self_handler handler = {&toy, toy_on_order, toy_on_channel, toy_on_stop};
	if (duty_begin(&toy.self, &complaint) != 0 ||
	    loop_new(&loop_clock_system, &toy.loop) != 0) {
		(void)fprintf(stderr, "%s\n", complaint.text);
		return TOY_FAILED;
	}
	toy_misbehave(kind);
	(void)toy_take(&toy); /* watches the relay where it reads it */
	if (strcmp(kind, "unable") == 0) {
		toy_report(&toy, kind, 7);
		_exit(3);
	}
	if (strcmp(kind, "opener") == 0 && open("/etc/shadow", O_RDONLY | O_CLOEXEC) < 0)
		return TOY_FAILED;
	if (duty_enter(toy.self, toy.loop, &handler, &state, &complaint) != 0) {
		(void)fprintf(stderr, "# %s\n", complaint.text);
		return TOY_FAILED;
	}
	int error = loop_run(toy.loop);
	channel_free(toy.peer);
	relay_close(toy.relay);
	duty_end(toy.self);
	loop_free(toy.loop);
	return error == 0 ? 0 : TOY_FAILED;
}

/* The parent's side. */

struct world {
	struct loop *loop;
	struct duties *duties;
	struct duty_event events[EVENTS_MAX];
	size_t event_count;
	char word[TOYS_MAX][WORD_BYTES]; /* the last report of each */
	int64_t number[TOYS_MAX];
	size_t reports[TOYS_MAX];
	int stopped;
};

static struct world world;

static inline void world_on_event(void *context, const struct duty_event *event)
{
	struct world *here = context;
	assert(here->event_count < EVENTS_MAX);
	here->events[here->event_count++] = *event;
}

static inline void world_on_message(void *context, size_t duty, struct message *message)
{
	struct world *here = context;
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	unpack_text(&cursor, here->word[duty], WORD_BYTES);
	here->number[duty] = unpack_i64(&cursor);
	assert(message->type == TYPE_REPORT && unpack_is_whole(&cursor));
	here->reports[duty]++;
}

static inline void world_on_stopped(void *context)
{
	((struct world *)context)->stopped++;
}

static inline void world_open(const struct duty_table *table)
{
	const struct duties_handler handler = {
	    &world, world_on_event, world_on_message, world_on_stopped};
	struct complaint complaint = {""};
	memset(&world, 0, sizeof world);
	int error = loop_new(&loop_clock_system, &world.loop);
	if (error == 0)
		error = duties_new(world.loop, table, &handler, &world.duties, &complaint);
	if (error != 0)
		printf("# %s\n", complaint.text);
	assert(error == 0);
	duties_start(world.duties);
}

static inline void world_close(void)
{
	duties_free(world.duties);
	loop_free(world.loop);
}

/* Turns until it holds; false when it does not in time. */
static inline bool world_until(bool (*holds)(const void *), const void *context)
{
	int64_t end_us = loop_monotonic_us(world.loop) + PATIENCE_S * INT64_C(1000000);
	while (!holds(context)) {
		if (loop_monotonic_us(world.loop) > end_us || loop_turn(world.loop, 100000) != 0)
			return false;
	}
	return true;
}

static inline void world_pass(int64_t us)
{
	int64_t end_us = loop_monotonic_us(world.loop) + us;
	while (loop_monotonic_us(world.loop) < end_us)
		if (loop_turn(world.loop, end_us - loop_monotonic_us(world.loop)) != 0)
			return;
}

/* The last event of that kind and duty at or after `from`; NULL when there is none. */
static inline const struct duty_event *world_find(
    enum duty_event_kind kind, size_t duty, size_t from)
{
	for (size_t i = world.event_count; i > from; i--)
		if (world.events[i - 1].kind == kind && world.events[i - 1].duty == duty)
			return &world.events[i - 1];
	return NULL;
}

struct awaited {
	enum duty_event_kind kind;
	size_t duty;
	size_t from;
};

static inline bool world_has(const void *context)
{
	const struct awaited *awaited = context;
	return world_find(awaited->kind, awaited->duty, awaited->from) != NULL;
}

/* Awaits that event; NULL when it does not come in time. */
static inline const struct duty_event *world_await(
    enum duty_event_kind kind, size_t duty, size_t from)
{
	const struct awaited awaited = {kind, duty, from};
	return world_until(world_has, &awaited) ? world_find(kind, duty, from) : NULL;
}

static inline int world_order(size_t duty, const char *word, int64_t number)
{
	uint8_t bytes[64];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_text(&pack, word);
	pack_i64(&pack, number);
	return duties_send(world.duties, duty, &(struct message){TYPE_ORDER, bytes, pack.used, -1});
}

struct report {
	size_t duty;
	size_t more_than;
};

static inline bool world_has_report(const void *context)
{
	const struct report *report = context;
	return world.reports[report->duty] > report->more_than;
}

/* Orders, and awaits the next report; whether it has that word and number. */
static inline bool world_ask(
    size_t duty, const char *word, int64_t number, const char *answer, int64_t answer_number)
{
	const struct report report = {duty, world.reports[duty]};
	return world_order(duty, word, number) == 0 && world_until(world_has_report, &report) &&
	       strcmp(world.word[duty], answer) == 0 && world.number[duty] == answer_number;
}

static inline bool world_is_stopped(const void *context)
{
	(void)context;
	return world.stopped > 0;
}

#endif
