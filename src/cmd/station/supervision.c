#include "cmd/station/supervision.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "notify/text.h"
#include "proc/notify_socket.h"

enum {
	STATUS_BYTES = 512, /* a line of systemctl; what does not fit is left out */
	LINES_BYTES = STATUS_BYTES + 128,
	BEATS_PER_WATCHDOG = 3, /* two may be late before we are taken for dead */
};

/* Where there is no watchdog: what was not told, for whatever reason, is told again so soon. */
#define BEAT_US (10 * WHEN_SECOND_US)

struct supervision {
	struct loop *loop;
	const struct duty *rows;
	size_t count;
	struct notify_socket socket;
	uint64_t beat;
	bool runs[DUTIES_MAX];
	bool was_ready; /* all of them at once, ever */
	bool is_stopping;
	bool is_reloading;
};

static size_t count_running(const struct supervision *supervision)
{
	size_t running = 0;
	for (size_t i = 0; i < supervision->count; i++)
		running += supervision->runs[i];
	return running;
}

/* Those that are to run. */
static size_t count_wanted(const struct supervision *supervision)
{
	size_t wanted = 0;
	for (size_t i = 0; i < supervision->count; i++)
		wanted += !supervision->rows[i].is_reserve;
	return wanted;
}

/* "3 duties run", or "2 of 3 duties run; not courier". */
static void describe(const struct supervision *supervision, char out[static STATUS_BYTES])
{
	const size_t running = count_running(supervision);
	const size_t wanted = count_wanted(supervision);
	struct text text;
	text_init(&text, out, STATUS_BYTES);
	text_add_number(&text, (int64_t)running);
	if (running < wanted) {
		text_add(&text, " of ");
		text_add_number(&text, (int64_t)wanted);
	}
	text_add(&text, " duties run");
	const char *joint = "; not ";
	for (size_t i = 0; i < supervision->count; i++) {
		if (supervision->runs[i] || supervision->rows[i].is_reserve)
			continue;
		text_add(&text, joint);
		text_add(&text, supervision->rows[i].name);
		joint = ", ";
	}
}

/*
 * Everything at once and every time: it does not matter which of it was heard before. What is not
 * heard now is told with the next beat.
 */
static void tell(const struct supervision *supervision)
{
	char status[STATUS_BYTES];
	char lines[LINES_BYTES];
	const char *state = "";
	describe(supervision, status);
	if (supervision->is_stopping)
		state = "STOPPING=1\n";
	else if (supervision->is_reloading)
		state = "RELOADING=1\n";
	else if (supervision->was_ready)
		state = "READY=1\n";
	(void)snprintf(lines, sizeof lines, "%sWATCHDOG=1\nSTATUS=%s", state, status); /* fits */
	(void)notify_socket_tell(&supervision->socket, lines); /* see above */
}

static void on_beat(void *context, uint32_t what)
{
	(void)what;
	tell(context);
}

int supervision_new(struct loop *loop, const struct duty *rows, size_t count,
    struct supervision **ret_supervision, struct complaint *complaint)
{
	struct supervision *supervision = calloc(1, sizeof *supervision);
	if (supervision == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	supervision->loop = loop;
	supervision->rows = rows;
	supervision->count = count;
	supervision->socket.fd = -1;
	int result = count <= DUTIES_MAX ? notify_socket_open(&supervision->socket, complaint)
					 : complain(complaint, -EINVAL,
					       "supervision: at most %d duties", DUTIES_MAX);
	const int64_t watchdog_us = supervision->socket.watchdog_us / BEATS_PER_WATCHDOG;
	const int64_t beat_us = watchdog_us > 0 && watchdog_us < BEAT_US ? watchdog_us : BEAT_US;
	const struct loop_call call = {on_beat, supervision};
	if (result == 0) {
		result = loop_add_timer(loop, beat_us, beat_us, call, &supervision->beat);
		if (result != 0)
			(void)complain(complaint, result, "supervision: %s", strerror(-result));
	}
	if (result == 0)
		*ret_supervision = supervision;
	else
		supervision_free(supervision);
	return result;
}

void supervision_free(struct supervision *supervision)
{
	if (supervision == NULL)
		return;
	loop_remove(supervision->loop, supervision->beat);
	notify_socket_close(&supervision->socket);
	free(supervision);
}

static void set_runs(struct supervision *supervision, size_t duty, bool runs)
{
	if (supervision->runs[duty] == runs)
		return;
	supervision->runs[duty] = runs;
	supervision->was_ready =
	    supervision->was_ready || count_running(supervision) == count_wanted(supervision);
	tell(supervision);
}

void supervision_note_begun(struct supervision *supervision, size_t duty)
{
	set_runs(supervision, duty, true);
}

void supervision_note_event(struct supervision *supervision, const struct duty_event *event)
{
	if (event->kind == DUTY_DIED || event->kind == DUTY_STOPPED || event->kind == DUTY_FAILED)
		set_runs(supervision, event->duty, false);
}

void supervision_note_stop(struct supervision *supervision)
{
	supervision->is_stopping = true;
	tell(supervision);
}

void supervision_note_reload(struct supervision *supervision, bool is_reloading)
{
	supervision->is_reloading = is_reloading;
	tell(supervision);
}
