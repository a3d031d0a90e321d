/*
 * duties_internal.h - what the two halves of proc/duties.h share: duties.c, which watches, and
 * duties_start.c, which gathers what a new process gets.
 */
#ifndef PROC_DUTIES_INTERNAL_H
#define PROC_DUTIES_INTERNAL_H

#include <signal.h>
#include <stdbool.h>

#include "proc/duties.h"
#include "proc/privilege.h"

enum state {
	IDLE,
	WAITING,
	STARTING,
	READY,
	STOPPING,
	KILLED,
};

struct process {
	struct duties *duties;
	size_t row;
	enum state state;
	const struct privilege *user; /* of `users`, or NULL */
	pid_t pid;
	int pidfd; /* -1 when there is no process */
	uint64_t exit_watch;
	uint64_t timer; /* of the state */
	uint64_t looking;
	struct channel *control;
	bool was_asked_to_stop;
	uint64_t starts;
	int64_t started_us;
	int64_t backoff_us;
	uint64_t question; /* the number of the last one */
	int64_t missed;    /* so often it was looked after since that, without an answer */
	siginfo_t end;
};

struct duties {
	struct loop *loop;
	struct duty_table table; /* its descriptors are those below */
	struct duties_handler handler;
	bool is_stopping;
	unsigned stop_stage;
	uint64_t stopped; /* the timer that tells that all are gone */
	struct privilege users[DUTIES_MAX];
	struct process processes[DUTIES_MAX];
	/*
	 * Of each link. Of a channel: ends that wait for their duty to start, -1 where none does.
	 * Of a relay: its descriptors, for ever.
	 */
	int shared[DUTY_LINKS_MAX][2];
	struct duty_descriptor descriptors[DUTIES_MAX * DUTY_DESCRIPTORS_MAX];
	uint8_t payload[MESSAGE_PAYLOAD_MAX_BYTES]; /* of a layout that is written */
};

static inline const struct duty *row_of(const struct process *process)
{
	return &process->duties->table.duties[process->row];
}

static inline bool is_running(const struct process *process)
{
	return process->pidfd >= 0;
}

/* A process that is to be spoken to. */
static inline bool is_listening(const struct process *process)
{
	return is_running(process) && (process->state == STARTING || process->state == READY);
}

struct pack;

/* Sends it a message of the mechanism; `pack` may be NULL. As channel_send. */
int process_say(struct process *process, uint16_t type, const struct pack *pack, int fd);
/* It does not take what it must get: it is killed, and that is told after the call. */
void process_give_up(struct process *process);

/*
 * Makes the channels of a process and starts it; its exit is not watched yet. 0 or a negative
 * errno, after which process_forget tidies up.
 */
int process_run(struct process *process, const struct channel_handler *handler);
/* Closes whatever leads to a process that is gone or never came to be. */
void process_forget(struct process *process);

#endif
