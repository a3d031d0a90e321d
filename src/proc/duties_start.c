/*
 * duties_start.c - what a new process gets: its control channel, its ends of what it shares, what
 * it is given; and what happens to those of a process that is gone.
 */
#include <errno.h>
#include <unistd.h>

#include "proc/duties_internal.h"
#include "proc/duty_layout.h"
#include "proc/duty_spawn.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* memory, a socket or a process: nothing can be lost */
	*fd = -1;
}

int process_say(struct process *process, uint16_t type, const struct pack *pack, int fd)
{
	const struct message message = {
	    .type = type,
	    .payload = pack == NULL ? NULL : pack->bytes,
	    .payload_bytes = pack == NULL ? 0 : pack->used,
	    .fd = fd,
	};
	return channel_send(process->control, &message);
}

/* How many of a duty's links come before this one of the table. */
static uint16_t number_of_link(const struct duty_table *table, size_t duty, size_t link)
{
	uint16_t number = 0;
	for (size_t i = 0; i < link; i++)
		if (table->links[i].from == duty || table->links[i].to == duty)
			number++;
	return number;
}

/* Gives an end to the other side of a link, now or when it starts. */
static void give_end(struct duties *duties, size_t link, bool to_from, int fd)
{
	const struct duty_link *row = &duties->table.links[link];
	size_t duty = to_from ? row->from : row->to;
	struct process *process = &duties->processes[duty];
	if (!is_listening(process)) {
		int *waiting = &duties->shared[link][to_from ? 0 : 1];
		close_fd(waiting);
		*waiting = fd;
		return;
	}
	uint8_t number[sizeof(uint16_t)];
	struct pack pack = pack_over(number, sizeof number);
	pack_u16(&pack, number_of_link(&duties->table, duty, link));
	int error = process_say(process, DUTY_LINK, &pack, fd);
	if (error == 0)
		return;
	/* Who is gone gets a new one when it starts; who does not read must start again. */
	close_fd(&fd);
	if (error != -EPIPE)
		process_give_up(process);
}

/* The duty's own end of a channel, made anew unless one waits for it. Negative errno on failure. */
static int take_end(struct duties *duties, size_t link, bool is_from)
{
	int *waiting = &duties->shared[link][is_from ? 0 : 1];
	int fds[2];
	if (*waiting >= 0) {
		int fd = *waiting;
		*waiting = -1;
		return fd;
	}
	int error = channel_pair(fds);
	if (error != 0)
		return error;
	give_end(duties, link, !is_from, fds[1]);
	return fds[0];
}

/* What a new process gets. Those that are only for it are to be closed afterwards. */
struct gathered {
	int fds[DUTY_FDS_MAX];
	size_t count;
	int own[DUTY_LINKS_MAX + 1];
	size_t own_count;
};

static void release(struct gathered *gathered)
{
	for (size_t i = 0; i < gathered->own_count; i++)
		close_fd(&gathered->own[i]);
}

static void add_own(struct gathered *gathered, int fd)
{
	gathered->fds[gathered->count++] = fd;
	gathered->own[gathered->own_count++] = fd;
}

static int gather_links(struct process *process, struct gathered *gathered)
{
	struct duties *duties = process->duties;
	for (size_t i = 0; i < duties->table.link_count; i++) {
		const struct duty_link *link = &duties->table.links[i];
		if (link->from != process->row && link->to != process->row)
			continue;
		if (link->kind == DUTY_RELAY) {
			gathered->fds[gathered->count++] = duties->shared[i][0];
			gathered->fds[gathered->count++] = duties->shared[i][1];
			continue;
		}
		int fd = take_end(duties, i, link->from == process->row);
		if (fd < 0)
			return fd;
		add_own(gathered, fd);
	}
	return 0;
}

static void gather_descriptors(const struct process *process, struct gathered *gathered)
{
	const struct duty_table *table = &process->duties->table;
	for (size_t i = 0; i < table->descriptor_count; i++)
		if (table->descriptors[i].duty == process->row && table->descriptors[i].fd >= 0)
			gathered->fds[gathered->count++] = table->descriptors[i].fd;
}

static int open_control(
    struct process *process, const struct channel_handler *handler, struct gathered *gathered)
{
	int fds[2];
	int error = channel_pair(fds);
	if (error != 0)
		return error;
	add_own(gathered, fds[0]);
	error = channel_new(process->duties->loop, fds[1], handler, &process->control);
	if (error != 0)
		close_fd(&fds[1]);
	return error;
}

static int send_layout(struct process *process)
{
	struct duties *duties = process->duties;
	struct pack pack = pack_over(duties->payload, sizeof duties->payload);
	duty_layout_write(&pack, &duties->table, process->row, process->user);
	return pack_ok(&pack) ? process_say(process, DUTY_LAYOUT, &pack, -1) : -EMSGSIZE;
}

int process_run(struct process *process, const struct channel_handler *handler)
{
	struct gathered gathered = {.count = 0};
	int error = open_control(process, handler, &gathered);
	if (error == 0)
		error = gather_links(process, &gathered);
	if (error == 0)
		error = send_layout(process);
	if (error == 0) {
		gather_descriptors(process, &gathered);
		const struct duty_spawning spawning = {
		    row_of(process), process->user, gathered.fds, gathered.count};
		error = duty_spawn(&spawning, &process->pid, &process->pidfd);
	}
	release(&gathered);
	return error;
}

/* Ends that wait for others lead to a process that is gone. */
static void drop_ends(const struct process *process)
{
	struct duties *duties = process->duties;
	for (size_t i = 0; i < duties->table.link_count; i++) {
		const struct duty_link *link = &duties->table.links[i];
		if (link->kind == DUTY_CHANNEL && link->from == process->row)
			close_fd(&duties->shared[i][1]);
		if (link->kind == DUTY_CHANNEL && link->to == process->row)
			close_fd(&duties->shared[i][0]);
	}
}

void process_forget(struct process *process)
{
	loop_remove(process->duties->loop, process->exit_watch);
	loop_remove(process->duties->loop, process->looking);
	loop_remove(process->duties->loop, process->timer);
	process->timer = 0;
	close_fd(&process->pidfd);
	channel_free(process->control);
	process->control = NULL;
	drop_ends(process);
}
