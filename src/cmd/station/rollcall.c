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

void rollcall_note(struct rollcall *rollcall, const struct duty_event *event)
{
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

void rollcall_fill(const struct rollcall *rollcall, struct roll *ret_roll)
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
		duty->restarts = starts > 0 ? starts - 1 : 0;
		duty->resident_bytes = resident_bytes(rollcall->duties[i].pid);
	}
}
