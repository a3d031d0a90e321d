/*
 * duties.c - what the parent knows of each duty, and what it does when something happens.
 *
 * A duty is in one state, and one timer says how long it may stay there:
 *
 *     IDLE      not started yet, or gone for good after a stop
 *     WAITING   until it is started (again)
 *     STARTING  until it must be ready
 *     READY     and is asked every now and then
 *     STOPPING  until it must be gone
 *     KILLED    nothing is expected any more but its end
 *
 * When a process has ended, the end is judged one turn later: what it said last is heard first.
 */
#include "proc/duties.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/duties_internal.h"
#include "proc/duty_backoff.h"
#include "proc/duty_layout.h"
#include "proc/relay.h"

#define LOOK_MAX_US INT64_C(1000000)

static void stop_next_stage(struct duties *duties);
static void wait_to_start(struct process *process, struct duty_event event);

static int64_t or_default(int64_t us, int64_t default_us)
{
	return us > 0 ? us : default_us;
}

static void tell(struct process *process, struct duty_event event)
{
	const struct duties_handler *handler = &process->duties->handler;
	event.duty = process->row;
	event.pid = process->pid;
	event.starts = process->starts;
	handler->on_event(handler->context, &event);
}

static void clear_timer(struct process *process)
{
	loop_remove(process->duties->loop, process->timer);
	process->timer = 0;
}

/* After which `run` is called, instead of what was to be called. */
static void set_timer(struct process *process, int64_t us, void (*run)(void *, uint32_t))
{
	clear_timer(process);
	int error = loop_add_timer(
	    process->duties->loop, us, 0, (struct loop_call){run, process}, &process->timer);
	assert(error == 0); /* a parent watches little else, far below what a loop holds */
}

/* By its descriptor: its number may be another's already. */
static void send_kill(const struct process *process)
{
	(void)syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0); /* or it is gone */
}

/* Where nothing of it is to be heard any more. */
static void end_now(const struct process *process)
{
	if (!is_running(process))
		return;
	send_kill(process);
	while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void kill_process(struct process *process)
{
	process->state = KILLED;
	clear_timer(process);
	send_kill(process);
}

static void kill_for(struct process *process, enum duty_event_kind kind)
{
	if (!is_running(process) || process->state == KILLED)
		return;
	kill_process(process);
	tell(process, (struct duty_event){.kind = kind, .exit_status = -1});
}

static int64_t silent_us(const struct process *process)
{
	return or_default(row_of(process)->silent_us, DUTY_SILENT_US);
}

/* How often a duty is looked after: several times while it may be silent. */
static int64_t look_us(const struct process *process)
{
	int64_t us = silent_us(process) / 4;
	return us < LOOK_MAX_US ? us : LOOK_MAX_US;
}

/* Asks, where the last question was answered; else waits, but not for ever. */
static void look_after(void *context, uint32_t what)
{
	struct process *process = context;
	uint8_t number[sizeof(uint64_t)];
	(void)what; /* who was late itself does not hold it against others */
	if (process->missed * look_us(process) >= silent_us(process)) {
		kill_for(process, DUTY_WAS_SILENT);
		return;
	}
	if (process->missed++ > 0)
		return;
	struct pack pack = pack_over(number, sizeof number);
	pack_u64(&pack, ++process->question);
	(void)process_say(process, DUTY_PING, &pack, -1); /* a failure is a missed answer */
}

static void tell_given_up(void *context, uint32_t what)
{
	(void)what;
	tell(context, (struct duty_event){.kind = DUTY_WAS_SILENT, .exit_status = -1});
}

void process_give_up(struct process *process)
{
	kill_process(process);
	set_timer(process, 0, tell_given_up);
}

static void take_ready(struct process *process, struct cursor *cursor)
{
	struct duty_event event = {.kind = DUTY_READY, .exit_status = -1};
	if (process->state == STOPPING)
		return; /* it was asked to end before it was ready */
	if (process->state != STARTING || !duty_ready_read(cursor, &event.sandbox)) {
		kill_for(process, DUTY_WAS_WRONG);
		return;
	}
	process->state = READY;
	clear_timer(process);
	int error = loop_add_timer(process->duties->loop, 0, look_us(process),
	    (struct loop_call){look_after, process}, &process->looking);
	assert(error == 0); /* as above */
	tell(process, event);
}

static void take_answer(struct process *process, struct cursor *cursor)
{
	uint64_t number = unpack_u64(cursor);
	if (!unpack_is_whole(cursor) || number > process->question)
		kill_for(process, DUTY_WAS_WRONG);
	else if (number == process->question)
		process->missed = 0;
}

static void on_message(void *context, struct message *message)
{
	struct process *process = context;
	const struct duties_handler *handler = &process->duties->handler;
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	if (process->state == KILLED)
		return;
	if (message->type >= DUTY_TYPE_FIRST)
		handler->on_message(handler->context, process->row, message);
	else if (!is_running(process))
		return; /* its last words are heard, no more is done with it */
	else if (message->type == DUTY_IS_READY)
		take_ready(process, &cursor);
	else if (message->type == DUTY_PONG)
		take_answer(process, &cursor);
	else
		kill_for(process, DUTY_WAS_WRONG);
}

/* Who only closes it will be late, mute or stuck, unless it has ended, which is told next. */
static void on_closed(void *context, int error)
{
	if (error != 0)
		kill_for(context, DUTY_WAS_WRONG);
}

static void judge_end(void *context, uint32_t what)
{
	struct process *process = context;
	struct duties *duties = process->duties;
	bool was_killed = process->end.si_code != CLD_EXITED;
	struct duty_event event = {
	    .kind = DUTY_DIED,
	    .exit_status = was_killed ? -1 : process->end.si_status,
	    .signal = was_killed ? process->end.si_status : 0,
	    .lived_us = loop_monotonic_us(duties->loop) - process->started_us,
	    .restart_us = -1,
	};
	(void)what;
	process_forget(process);
	bool is_last = process->was_asked_to_stop ||
		       (duties->is_stopping && row_of(process)->stop_stage <= duties->stop_stage);
	if (!is_last) {
		wait_to_start(process, event);
		return;
	}
	process->state = IDLE;
	if (process->was_asked_to_stop && event.exit_status == 0)
		event.kind = DUTY_STOPPED;
	tell(process, event);
	stop_next_stage(duties);
}

static void on_exit_of(void *context, uint32_t what)
{
	struct process *process = context;
	(void)what;
	process->end = (siginfo_t){0};
	int error = 0;
	if (waitid(P_PIDFD, (id_t)process->pidfd, &process->end, WEXITED | WNOHANG) != 0)
		error = errno;
	if (error == EINTR || (error == 0 && process->end.si_pid == 0))
		return; /* not yet */
	if (error != 0) /* somebody else took it */
		process->end = (siginfo_t){.si_code = CLD_EXITED, .si_status = EXIT_FAILURE};
	loop_remove(process->duties->loop, process->exit_watch);
	loop_remove(process->duties->loop, process->looking);
	(void)close(process->pidfd); /* of a process that has ended */
	process->pidfd = -1;
	set_timer(process, 0, judge_end);
}

/* What it said is still unread where this process itself was late: one turn more. */
static void on_really_late(void *context, uint32_t what)
{
	(void)what;
	kill_for(context, DUTY_WAS_LATE);
}

static void on_late(void *context, uint32_t what)
{
	(void)what;
	set_timer(context, 0, on_really_late);
}

static void start(void *context, uint32_t what)
{
	struct process *process = context;
	struct loop *loop = process->duties->loop;
	const struct channel_handler handler = {process, on_message, on_closed, NULL};
	(void)what;
	process->pid = 0;
	process->missed = 0;
	process->question = 0;
	process->was_asked_to_stop = false;
	process->started_us = loop_monotonic_us(loop);
	process->starts++;
	int error = process_run(process, &handler);
	if (error == 0)
		error = loop_add_watch(loop, process->pidfd, EPOLLIN,
		    (struct loop_call){on_exit_of, process}, &process->exit_watch);
	if (error != 0) {
		end_now(process);
		process->pid = 0;
		process_forget(process);
		wait_to_start(process,
		    (struct duty_event){.kind = DUTY_FAILED, .error = error, .exit_status = -1});
		return;
	}
	process->state = STARTING;
	set_timer(process, or_default(row_of(process)->ready_us, DUTY_READY_US), on_late);
	tell(process, (struct duty_event){.kind = DUTY_STARTED, .exit_status = -1});
}

static void wait_to_start(struct process *process, struct duty_event event)
{
	process->backoff_us = duty_backoff_us(process->backoff_us, event.lived_us);
	event.restart_us = process->backoff_us;
	process->state = WAITING;
	set_timer(process, process->backoff_us, start);
	tell(process, event);
}

static void on_stuck(void *context, uint32_t what)
{
	(void)what;
	kill_for(context, DUTY_WAS_STUCK);
}

static void stop(struct process *process)
{
	process->was_asked_to_stop = true;
	if (process->state == WAITING) {
		process->state = IDLE;
		clear_timer(process);
		return;
	}
	if (!is_listening(process))
		return; /* ends by itself, or has */
	loop_remove(process->duties->loop, process->looking);
	process->state = STOPPING;
	set_timer(process, or_default(row_of(process)->stop_us, DUTY_STOP_US), on_stuck);
	(void)process_say(process, DUTY_STOP, NULL, -1); /* who does not hear it is stuck */
}

static void tell_stopped(void *context, uint32_t what)
{
	struct duties *duties = context;
	(void)what;
	duties->stopped = 0;
	duties->handler.on_stopped(duties->handler.context);
}

/* The lowest stage of which somebody is still there. False when nobody is. */
static bool find_stage(const struct duties *duties, unsigned *ret_stage)
{
	bool is_found = false;
	for (size_t i = 0; i < duties->table.duty_count; i++) {
		unsigned stage = duties->table.duties[i].stop_stage;
		if (duties->processes[i].state == IDLE || (is_found && stage >= *ret_stage))
			continue;
		*ret_stage = stage;
		is_found = true;
	}
	return is_found;
}

static void stop_next_stage(struct duties *duties)
{
	if (!duties->is_stopping || duties->stopped != 0)
		return;
	unsigned stage = 0;
	while (find_stage(duties, &stage)) {
		duties->stop_stage = stage;
		bool is_awaited = false;
		for (size_t i = 0; i < duties->table.duty_count; i++) {
			struct process *process = &duties->processes[i];
			if (duties->table.duties[i].stop_stage != stage || process->state == IDLE)
				continue;
			if (!process->was_asked_to_stop)
				stop(process);
			is_awaited = is_awaited || process->state != IDLE;
		}
		if (is_awaited)
			return;
	}
	int error = loop_add_timer(
	    duties->loop, 0, 0, (struct loop_call){tell_stopped, duties}, &duties->stopped);
	assert(error == 0); /* as above */
}

static int look_users_up(struct duties *duties, struct complaint *complaint)
{
	if (geteuid() != 0)
		return 0; /* nobody can become somebody else */
	for (size_t i = 0; i < duties->table.duty_count; i++) {
		const char *user = duties->table.duties[i].user;
		struct privilege *becomes = user != NULL ? &duties->users[i] : NULL;
		int error = user != NULL ? privilege_find(user, becomes, complaint) : 0;
		if (error == 0)
			error = privilege_check(becomes, complaint);
		if (error != 0)
			return error;
		duties->processes[i].user = becomes;
	}
	return 0;
}

static int make_relays(struct duties *duties, struct complaint *complaint)
{
	for (size_t i = 0; i < duties->table.link_count; i++) {
		const struct duty_link *link = &duties->table.links[i];
		if (link->kind != DUTY_RELAY)
			continue;
		int error = relay_make(link->room_bytes, duties->shared[i]);
		if (error != 0)
			return complain(complaint, error,
			    "relay %s of %zu bytes: %s, expected memory", link->name,
			    link->room_bytes, strerror(-error));
	}
	return 0;
}

int duties_new(struct loop *loop, const struct duty_table *table,
    const struct duties_handler *handler, struct duties **ret_duties, struct complaint *complaint)
{
	int error = duty_table_check(table, complaint);
	if (error != 0)
		return error;
	struct duties *duties = calloc(1, sizeof *duties);
	if (duties == NULL)
		return complain(complaint, -ENOMEM, "duties: out of memory");
	duties->loop = loop;
	duties->table = *table;
	duties->handler = *handler;
	if (table->descriptor_count > 0)
		memcpy(duties->descriptors, table->descriptors,
		    table->descriptor_count * sizeof table->descriptors[0]);
	duties->table.descriptors = duties->descriptors;
	for (size_t i = 0; i < DUTIES_MAX; i++) {
		duties->processes[i].duties = duties;
		duties->processes[i].row = i;
		duties->processes[i].pidfd = -1;
	}
	for (size_t i = 0; i < DUTY_LINKS_MAX; i++)
		duties->shared[i][0] = duties->shared[i][1] = -1;

	error = look_users_up(duties, complaint);
	if (error == 0)
		error = make_relays(duties, complaint);
	if (error != 0) {
		duties_free(duties);
		return error;
	}
	*ret_duties = duties;
	return 0;
}

void duties_free(struct duties *duties)
{
	if (duties == NULL)
		return;
	for (size_t i = 0; i < DUTIES_MAX; i++) {
		end_now(&duties->processes[i]);
		process_forget(&duties->processes[i]);
	}
	for (size_t i = 0; i < DUTY_LINKS_MAX; i++)
		for (size_t side = 0; side < 2; side++)
			if (duties->shared[i][side] >= 0)
				(void)close(duties->shared[i][side]); /* memory or a socket */
	loop_remove(duties->loop, duties->stopped);
	free(duties);
}

void duties_start(struct duties *duties)
{
	for (size_t i = 0; i < duties->table.duty_count; i++)
		if (!duties->table.duties[i].is_reserve)
			duties_start_one(duties, i);
}

void duties_start_one(struct duties *duties, size_t duty)
{
	struct process *process = &duties->processes[duty];
	if (process->state != IDLE || duties->is_stopping)
		return;
	process->backoff_us = 0;
	start(process, 0);
}

bool duties_stop_one(struct duties *duties, size_t duty)
{
	struct process *process = &duties->processes[duty];
	if (process->state != IDLE && !process->was_asked_to_stop)
		stop(process);
	return process->state != IDLE;
}

void duties_stop(struct duties *duties)
{
	if (duties->is_stopping)
		return;
	duties->is_stopping = true;
	stop_next_stage(duties);
}

void duties_kill(struct duties *duties, size_t duty)
{
	struct process *process = &duties->processes[duty];
	if (is_running(process) && process->state != KILLED)
		kill_process(process);
}

int duties_send(struct duties *duties, size_t duty, const struct message *message)
{
	struct process *process = &duties->processes[duty];
	assert(message->type >= DUTY_TYPE_FIRST);
	return is_listening(process) ? channel_send(process->control, message) : -ENOTCONN;
}

int duties_set_descriptor(struct duties *duties, size_t duty, const char *name, int fd)
{
	for (size_t i = 0; i < duties->table.descriptor_count; i++) {
		struct duty_descriptor *given = &duties->descriptors[i];
		if (given->duty != duty || strcmp(given->name, name) != 0)
			continue;
		given->fd = fd;
		return 0;
	}
	return -ENOENT;
}
