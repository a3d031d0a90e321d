/*
 * duties.h - starting the duties of a table, watching them, starting them again, stopping them.
 *
 * Each duty must say that it is ready, and then answer a question every second; one that does not
 * is killed. One that ends for whatever reason is started again, after 0.1 s, then twice as long
 * each time up to 30 s, until it has lived for a minute: never given up, never in haste. What it
 * shared with others is made anew for both sides. When this process dies, all duties die.
 *
 * Duties are hostile: what they say is bounded and checked, and one that says what it may not is
 * killed.
 */
#ifndef PROC_DUTIES_H
#define PROC_DUTIES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc/duty.h"
#include "proc/loop.h"
#include "proc/message.h"

struct duties;

enum duty_event_kind {
	DUTY_STARTED,    /* its process is there */
	DUTY_READY,      /* it works, in its sandbox */
	DUTY_WAS_LATE,   /* it was not ready in time, and is killed */
	DUTY_WAS_SILENT, /* it left a question unanswered, and is killed */
	DUTY_WAS_WRONG,  /* it said what it may not, or closed its channel, and is killed */
	DUTY_WAS_STUCK,  /* it did not end when it was asked to, and is killed */
	DUTY_FAILED,     /* it could not be started: `error` */
	DUTY_DIED,       /* it ended by itself, or was killed */
	DUTY_STOPPED,    /* it ended as it was asked to */
};

struct duty_event {
	enum duty_event_kind kind;
	size_t duty; /* the row */
	pid_t pid;   /* of DUTY_FAILED 0 */
	int error;
	int exit_status;    /* of who ended by itself, else -1 */
	int signal;         /* of who was killed, else 0 */
	int64_t lived_us;   /* of who ended */
	int64_t restart_us; /* DIED, FAILED: it is started again after so long; -1: not any more */
	uint64_t starts;    /* of this duty so far */
	struct sandbox_state sandbox; /* READY: what it says of it */
};

/* In each everything may be done with the duties but free them. */
struct duties_handler {
	void *context;
	void (*on_event)(void *context, const struct duty_event *event);
	/* Of types from DUTY_TYPE_FIRST on; as in proc/message.h. */
	void (*on_message)(void *context, size_t duty, struct message *message);
	/* After duties_stop: all are gone. */
	void (*on_stopped)(void *context);
};

/*
 * Checks the table, looks users up (where this process is root), makes relays; starts nobody.
 * Borrows the table and all it names; takes nothing. 0, or a negative errno with a complaint.
 */
int duties_new(struct loop *loop, const struct duty_table *table,
    const struct duties_handler *handler, struct duties **ret_duties, struct complaint *complaint);
/* Kills and awaits who is left. NULL is allowed. */
void duties_free(struct duties *duties);

/* Starts all but reserves, in the order of the table; each that cannot be is tried again. */
void duties_start(struct duties *duties);
/* Asks all to end, stage by stage; kills who does not in time. Nobody is started again. */
void duties_stop(struct duties *duties);
/* Kills one, so that it is started again, such as after its descriptors were changed. */
void duties_kill(struct duties *duties, size_t duty);
/* Starts one that has ended, or was never started; else, and after duties_stop, does nothing. */
void duties_start_one(struct duties *duties, size_t duty);
/*
 * Asks one to end; it is not started again by itself. True: its DUTY_STOPPED, or DUTY_DIED with
 * restart_us -1, tells when it has. False: it does not run.
 */
bool duties_stop_one(struct duties *duties, size_t duty);

/*
 * To a duty that runs; as channel_send. -ENOTCONN when it does not run now: after its next
 * DUTY_STARTED it does.
 */
int duties_send(struct duties *duties, size_t duty, const struct message *message);
/* What it gets under that name from its next start on (borrowed; negative: nothing). */
int duties_set_descriptor(struct duties *duties, size_t duty, const char *name, int fd);

#endif
