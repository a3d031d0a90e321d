#include "cmd/station/rollcall.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	STATM_BYTES = 256, /* seven numbers (proc(5)) */
	PATH_BYTES = 64,
};

void rollcall_init(struct rollcall *rollcall, const struct duty_table *table, int64_t started_us)
{
	*rollcall = (struct rollcall){.table = table, .started_us = started_us};
}

/* What the event is for whoever reads a letter; NULL: nothing is wrong. */
static const char *cause_of(enum duty_event_kind kind)
{
	switch (kind) {
	case DUTY_WAS_LATE:
		return "it was not ready in time";
	case DUTY_WAS_SILENT:
		return "it gave no answer";
	case DUTY_WAS_WRONG:
		return "it said what it may not";
	case DUTY_WAS_STUCK:
		return "it did not end when it was asked to";
	case DUTY_STARTED:
	case DUTY_READY:
	case DUTY_FAILED:
	case DUTY_DIED:
	case DUTY_STOPPED:
		break;
	}
	return NULL;
}

/* Of who was killed by us, the cause was told before. */
static void describe_end(const struct duty_event *event, char why[static ROLL_WHY_BYTES])
{
	if (event->kind == DUTY_FAILED)
		(void)snprintf(why, ROLL_WHY_BYTES, "%s", strerror(-event->error));
	else if (event->signal != 0 && why[0] == '\0')
		(void)snprintf(why, ROLL_WHY_BYTES, "signal %d", event->signal);
	else if (event->signal == 0)
		(void)snprintf(why, ROLL_WHY_BYTES, "exit status %d", event->exit_status);
}

/* It ended, and is started again: nobody asked it to. */
static void note_end(
    struct rollcall *rollcall, const struct duty_event *event, int64_t monotonic_us)
{
	struct rollcall_duty *duty = &rollcall->duties[event->duty];
	const char *cause = cause_of(event->kind);
	if (event->kind == DUTY_STARTED)
		duty->cause[0] = '\0';
	if (cause != NULL)
		(void)snprintf(duty->cause, sizeof duty->cause, "%s", cause);
	if ((event->kind != DUTY_DIED && event->kind != DUTY_FAILED) || event->restart_us < 0)
		return;
	duty->ends_us[duty->ends++ % ROLLCALL_ENDS_MAX] = monotonic_us;
	describe_end(event, duty->cause);
	memcpy(duty->why, duty->cause, sizeof duty->why);
}

void rollcall_note(struct rollcall *rollcall, const struct duty_event *event, int64_t monotonic_us)
{
	note_end(rollcall, event, monotonic_us);
	const bool is_there = event->kind == DUTY_STARTED || event->kind == DUTY_READY;
	rollcall->duties[event->duty].pid = is_there ? event->pid : 0;
	rollcall->duties[event->duty].is_ready = event->kind == DUTY_READY;
	rollcall->duties[event->duty].starts = event->starts;
}

/* The resident pages of a process stand second in its statm. 0 where it is gone. */
static uint64_t resident_bytes(pid_t pid)
{
	char path[PATH_BYTES];
	char text[STATM_BYTES];
	if (pid == 0)
		return 0;
	(void)snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t got = read(fd, text, sizeof text - 1);
	(void)close(fd); /* only read from */
	text[got > 0 ? got : 0] = '\0';
	const char *second = strchr(text, ' ');
	return second == NULL ? 0 : strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint32_t count_ends(const struct rollcall_duty *duty, int64_t monotonic_us)
{
	uint32_t count = 0;
	for (size_t i = 0; i < duty->ends && i < ROLLCALL_ENDS_MAX; i++)
		count += monotonic_us - duty->ends_us[i] < ROLLCALL_WITHIN_US;
	return count;
}

void rollcall_fill(const struct rollcall *rollcall, int64_t monotonic_us, struct roll *ret_roll)
{
	memset(ret_roll, 0, sizeof *ret_roll);
	ret_roll->bytes = sizeof *ret_roll;
	ret_roll->started_us = rollcall->started_us;
	ret_roll->count = 1;
	struct roll_duty *duty = ret_roll->duties;
	(void)snprintf(duty->name, sizeof duty->name, "parent");
	duty->is_up = true;
	duty->resident_bytes = resident_bytes(getpid());
	for (size_t i = 0; i < rollcall->table->duty_count; i++) {
		const uint64_t starts = rollcall->duties[i].starts;
		if (rollcall->table->duties[i].is_reserve)
			continue;
		ret_roll->count++;
		duty++;
		(void)snprintf(
		    duty->name, sizeof duty->name, "%s", rollcall->table->duties[i].name);
		duty->is_up = rollcall->duties[i].is_ready;
		duty->ends = count_ends(&rollcall->duties[i], monotonic_us);
		duty->is_failing = duty->ends >= ROLLCALL_ENDS_FAILING;
		memcpy(duty->why, rollcall->duties[i].why, sizeof duty->why);
		duty->restarts = starts > 0 ? starts - 1 : 0;
		duty->resident_bytes = resident_bytes(rollcall->duties[i].pid);
	}
}
