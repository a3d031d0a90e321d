/* parent.c - starts the duties, opens what only it may open, watches, ends. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/station/control.h"
#include "cmd/station/duties.h"
#include "cmd/station/parent_internal.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"
#include "web/listen.h"

/* Between two openings of an interface, whether it cannot be had or its capture lost it. */
#define SOURCE_RETRY_US WHEN_SECOND_US

/* Between two looks at how much memory each duty has. */
#define ROLL_US (5 * WHEN_SECOND_US)

static const struct source_kind *const kinds[] = {&source_ring, &source_xdp, NULL};

/* A socket of web. */
struct listener {
	const char *key;
	const struct endpoint *at; /* port 0: off */
	bool is_wanted;            /* nobody who asked for it goes without */
	const char *event;         /* that it is off */
};

/* A port that is only the default is no reason not to watch. */
static int open_listener(const struct listener *listener, int *ret_fd, struct complaint *complaint)
{
	const struct endpoint *at = listener->at;
	struct complaint why;
	if (at->port == 0)
		return 0;
	const int result = web_listen(listener->key, &at->address, at->port, ret_fd, &why);
	if (result == 0)
		return 0;
	if (listener->is_wanted)
		return complain(complaint, result, "%s", why.text);
	say(LOG_LEVEL_WARNING, listener->event, "why", why.text);
	return 0;
}

/* Both sockets of web, which is there for either. */
struct listeners {
	int figures; /* -1: none */
	int pages;
};

static int open_listeners(
    struct parent *parent, struct listeners *ret_listeners, struct complaint *complaint)
{
	const struct station_config *config = &parent->plan.config;
	const struct listener figures = {"metrics.listen", &config->metrics.listen,
	    config->metrics.was_chosen || config->heartbeat.expect.count > 0, "metrics.off"};
	const struct listener pages = {"web.listen", &config->web.listen,
	    config->web.was_chosen || config->web.url[0] != '\0', "page.off"};
	struct listeners listeners = {-1, -1};
	int result = 0;
	if (parent->options.explains) {
		parent->has_web = figures.at->port != 0 || pages.at->port != 0;
	} else {
		result = open_listener(&figures, &listeners.figures, complaint);
		if (result == 0)
			result = open_listener(&pages, &listeners.pages, complaint);
		parent->has_figures = listeners.figures >= 0;
		parent->has_page = listeners.pages >= 0;
		parent->has_web = parent->has_figures || parent->has_page;
	}
	*ret_listeners = listeners;
	return result;
}

/* ---- What cannot be ---- */

static void stop(struct parent *parent)
{
	if (parent->is_stopping)
		return;
	parent->is_stopping = true;
	supervision_note_stop(parent->supervision);
	duties_stop(parent->duties);
}

/* The station ends, and says why. */
static void give_up(struct parent *parent, int error, const char *why)
{
	if (parent->is_stopping)
		return; /* it ends anyway */
	parent->failed = complain(&parent->complaint, error, "%s", why);
	stop(parent);
}

/*
 * A duty cannot do its work. One that never did will not the next time either; else it is started
 * again as after any other end.
 */
static void note_failure(struct parent *parent, size_t duty, const struct message *message)
{
	char why[COMPLAINT_BYTES];
	(void)snprintf(
	    why, sizeof why, "%.*s", (int)message->payload_bytes, (const char *)message->payload);
	if (parent->has_begun[duty] || parent->starts[duty] > 1 || parent->was_reloaded)
		say(LOG_LEVEL_ERROR, "duty.cannot", "why", why);
	else
		give_up(parent, -ECANCELED, why);
}

/* ---- Sources ---- */

/* Everything that was opened for it, one descriptor after the other. */
static int send_grant(struct parent *parent, size_t number, const struct source_grant *grant)
{
	const struct message first = {.type = WIRE_GRANT,
	    .payload = (const uint8_t *)grant,
	    .payload_bytes = sizeof *grant,
	    .fd = -1};
	int result = duties_send(parent->duties, number, &first);
	for (uint32_t i = 0; i < grant->descriptor_count && result == 0; i++) {
		const struct message next = {
		    .type = WIRE_DESCRIPTOR, .fd = dup(grant->descriptors[i])};
		result = next.fd < 0 ? -errno : duties_send(parent->duties, number, &next);
		if (result != 0 && next.fd >= 0)
			(void)close(next.fd); /* it was not taken */
	}
	return result;
}

static void say_source(
    const struct parent *parent, size_t number, const char *event, const char *why)
{
	struct log_line line;
	log_begin(&line, LOG_LEVEL_WARNING, event);
	log_text(&line, "source", parent_source(&parent->plan, number)->address);
	log_text(&line, "why", why);
	log_end(&line);
}

/*
 * Whether it is a matter of how the station was set up, and not of time: then it is said and the
 * station ends. An interface that is missing may come, unless there is nothing else to watch.
 */
static bool is_hopeless(struct parent *parent, struct wanted *wanted, int error)
{
	const bool is_first = !wanted->was_tried;
	wanted->was_tried = true;
	if (parent->was_reloaded)
		return false; /* it worked before, and may again */
	if (!is_first || error != -ENODEV)
		return is_first;
	parent->missing++;
	return parent->missing == parent->plan.config.sources.count;
}

static void open_source(void *context, uint32_t what);

static void plan_opening(struct wanted *wanted, int64_t after_us)
{
	const struct loop_call call = {open_source, wanted};
	if (wanted->timer == 0 &&
	    loop_add_timer(wanted->parent->loop, after_us, 0, call, &wanted->timer) != 0)
		say_source(
		    wanted->parent, wanted->number, "source.wanted", "it is not tried again");
}

static void open_source(void *context, uint32_t what)
{
	struct wanted *wanted = context;
	struct parent *parent = wanted->parent;
	const struct station_source *source = parent_source(&parent->plan, wanted->number);
	struct source_grant grant;
	struct complaint complaint;
	(void)what;
	wanted->timer = 0;
	if (parent->is_stopping || source == NULL)
		return;
	wanted->opened_us = loop_monotonic_us(parent->loop);
	int result = source_prepare(kinds, source->address, &grant, &complaint);
	if (result == 0) {
		if (grant.notice[0] != '\0')
			say_source(parent, wanted->number, "source.other", grant.notice);
		/* a capture that is gone by now asks again when it is back */
		(void)send_grant(parent, wanted->number, &grant);
		source_grant_release(&grant);
		wanted->was_told = false;
		wanted->was_tried = true;
		parent_tell_roll(parent);
		return;
	}
	if (is_hopeless(parent, wanted, result)) {
		give_up(parent, result, complaint.text);
		return;
	}
	if (!wanted->was_told)
		say_source(parent, wanted->number, "source.wanted", complaint.text);
	wanted->was_told = true;
	plan_opening(wanted, SOURCE_RETRY_US);
}

/* At once, unless it was tried a moment ago: a capture that asks for ever costs nothing. */
static void want_source(struct wanted *wanted)
{
	const int64_t now_us = loop_monotonic_us(wanted->parent->loop);
	const int64_t next_us = wanted->opened_us + SOURCE_RETRY_US;
	if (wanted->opened_us == 0 || next_us <= now_us)
		plan_opening(wanted, 0);
	else
		plan_opening(wanted, next_us - now_us);
}

/* ---- Duties ---- */

/* Each duty does its work, and what may be missing of the sources is waited for. */
static bool has_all_begun(const struct parent *parent)
{
	for (size_t i = 0; i < parent->table.duty_count; i++) {
		const struct station_source *source = parent_source(&parent->plan, i);
		const bool is_live = source != NULL && station_source_is_live(source);
		if (!parent->table.duties[i].is_reserve && !parent->has_begun[i])
			return false;
		if (is_live && !parent->wanted[i].was_tried)
			return false;
	}
	return true;
}

/* Web serves what it was told last; the keeper raises alarms of who ends again and again. */
void parent_tell_roll(struct parent *parent)
{
	static struct roll roll;
	rollcall_fill(&parent->rollcall, loop_monotonic_us(parent->loop), &roll);
	roll.is_reloading = parent->reload.is_on;
	if (parent->refused_us != 0) {
		roll.refused_us = parent->refused_us;
		(void)snprintf(roll.refused, sizeof roll.refused, "%s", parent->refusal.text);
	}
	roll.serves_page = parent->has_page && !parent->is_stopping && has_all_begun(parent);
	const struct message message = wire_roll(&roll);
	/* whom it does not reach gets the next one */
	if (parent->has_web && parent->rollcall.duties[PARENT_WEB].is_ready)
		(void)duties_send(parent->duties, PARENT_WEB, &message);
	if (parent->rollcall.duties[PARENT_KEEPER].is_ready)
		(void)duties_send(parent->duties, PARENT_KEEPER, &message);
}

static void note_begun(struct parent *parent, size_t duty)
{
	parent->has_begun[duty] = true;
	supervision_note_begun(parent->supervision, duty);
	parent_follow_begun(parent, duty);
	if (has_all_begun(parent))
		parent_tell_roll(parent);
}

static void on_message(void *context, size_t duty, struct message *message)
{
	struct parent *parent = context;
	const struct station_source *source = parent_source(&parent->plan, duty);
	if (message->type == WIRE_BEGUN)
		note_begun(parent, duty);
	else if (message->type == WIRE_CANNOT)
		note_failure(parent, duty, message);
	else if (message->type == WIRE_WANTED && source != NULL && station_source_is_live(source))
		want_source(&parent->wanted[duty]);
	else if (message->type == WIRE_RELOAD && duty == PARENT_KEEPER)
		parent_wish_reload(parent);
	else if (message->type == WIRE_DONE && duty == PARENT_KEEPER && parent->options.ends)
		stop(parent);
}

static void on_roll(void *context, uint32_t what)
{
	(void)what;
	parent_tell_roll(context);
}

static const char *const event_names[] = {
    [DUTY_STARTED] = "duty.started",
    [DUTY_READY] = "duty.ready",
    [DUTY_WAS_LATE] = "duty.late",
    [DUTY_WAS_SILENT] = "duty.silent",
    [DUTY_WAS_WRONG] = "duty.wrong",
    [DUTY_WAS_STUCK] = "duty.stuck",
    [DUTY_FAILED] = "duty.failed",
    [DUTY_DIED] = "duty.died",
    [DUTY_STOPPED] = "duty.stopped",
};

/* A new capture asks when it is ready for its source: what the one before asked for is nobody's. */
static void forget_wanted(struct wanted *wanted)
{
	loop_remove(wanted->parent->loop, wanted->timer);
	wanted->timer = 0;
	wanted->opened_us = 0;
}

static void on_event(void *context, const struct duty_event *event)
{
	struct parent *parent = context;
	const bool is_usual =
	    event->kind == DUTY_STARTED || event->kind == DUTY_READY || event->kind == DUTY_STOPPED;
	struct log_line line;
	parent->starts[event->duty] = event->starts;
	if (event->kind == DUTY_STARTED && event->duty < STATION_SOURCES_MAX)
		forget_wanted(&parent->wanted[event->duty]);
	log_begin(&line, is_usual ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, event_names[event->kind]);
	log_text(&line, "duty", parent->rows[event->duty].name);
	log_signed(&line, "pid", event->pid);
	if (event->kind == DUTY_READY) {
		char sandbox[SANDBOX_TEXT_BYTES];
		sandbox_describe(&event->sandbox, sandbox);
		log_text(&line, "sandbox", sandbox);
	}
	if (event->kind == DUTY_FAILED)
		log_text(&line, "why", strerror(-event->error));
	if (event->kind == DUTY_DIED) {
		log_signed(&line, "status", event->exit_status);
		log_signed(&line, "signal", event->signal);
	}
	if (event->kind == DUTY_DIED || event->kind == DUTY_FAILED)
		log_signed(&line, "again_in_ms", event->restart_us / 1000);
	log_end(&line);
	supervision_note_event(parent->supervision, event);
	rollcall_note(&parent->rollcall, event, loop_monotonic_us(parent->loop));
	parent_tell_roll(parent);
	parent_follow(parent, event);
}

static void on_stopped(void *context)
{
	struct parent *parent = context;
	loop_stop(parent->loop);
}

static void on_signal(void *context, uint32_t what)
{
	(void)what;
	stop(context);
}

static void on_hangup(void *context, uint32_t what)
{
	(void)what;
	parent_reload(context);
}

/* ---- The whole ---- */

static int make_table(struct parent *parent, struct complaint *complaint)
{
	static struct parent_gifts gifts;
	struct listeners listeners = {.figures = -1, .pages = -1};
	int result = parent_read_signing(parent, &parent->plan, complaint);
	if (result == 0)
		result = open_listeners(parent, &listeners, complaint);
	if (result != 0) {
		if (listeners.figures >= 0)
			(void)close(listeners.figures); /* nobody came by it */
		return result;
	}
	parent_look_around(&parent->plan);
	parent_make_table(parent);
	parent_fit_rows(parent);
	if (parent->has_web) {
		parent_give_one(parent, PARENT_WEB, WIRE_LISTEN, listeners.figures);
		parent_give_one(parent, PARENT_WEB, WIRE_PAGES, listeners.pages);
	}
	result = parent_make_gifts(parent, &parent->plan, &gifts, complaint);
	if (result == 0)
		parent_give(parent, &gifts);
	return result;
}

int parent_new(
    const struct parent_options *options, struct parent **ret_parent, struct complaint *complaint)
{
	struct parent *parent = calloc(1, sizeof *parent);
	if (parent == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	parent->options = *options;
	parent->plan.config = *options->config;
	for (size_t i = 0; i < STATION_SOURCES_MAX; i++)
		parent->plan.rows[i] = (uint32_t)i;
	parent->began_us = loop_clock_system.wall_us(loop_clock_system.context);
	for (size_t i = 0; i < STATION_SOURCES_MAX; i++)
		parent->wanted[i] = (struct wanted){.parent = parent, .number = i};
	rollcall_init(&parent->rollcall, &parent->table, parent->began_us);
	int result = make_table(parent, complaint);
	if (result == 0)
		result = duty_table_check(&parent->table, complaint);
	if (result != 0)
		parent_free(parent);
	else
		*ret_parent = parent;
	return result;
}

void parent_free(struct parent *parent)
{
	if (parent == NULL)
		return;
	duties_free(parent->duties);
	supervision_free(parent->supervision);
	loop_free(parent->loop);
	for (size_t i = 0; i < parent->table.descriptor_count; i++)
		if (parent->descriptors[i].fd >= 0)
			(void)close(parent->descriptors[i].fd); /* memory, or a socket */
	free(parent);
}

void parent_explain(const struct parent *parent)
{
	duty_explain(stdout, &parent->table);
}

/* Commands can connect from now on; the keeper answers when it is there. */
static int open_control(struct parent *parent, struct complaint *complaint)
{
	int fd = -1;
	int result = control_socket_make(parent->options.dir, &fd, complaint);
	if (result == 0)
		parent_give_one(parent, PARENT_KEEPER, WIRE_CONTROL, fd);
	return result;
}

/* It is no reason not to watch; but whoever had a database should not find out by silence. */
static void look_for_database(const struct parent *parent)
{
	char why[STATION_DIR_PATH_BYTES + 128];
	char path[STATION_DIR_PATH_BYTES];
	if (faccessat(parent->options.dir->fd, STATION_DATABASE, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    errno != ENOENT)
		return;
	station_dir_path(parent->options.dir, STATION_DATABASE, path);
	(void)snprintf(why, sizeof why,
	    "%s: is not there: an empty one is made, which knows no members; put back a copy if "
	    "there was one",
	    path); /* fits by its sizes */
	say(LOG_LEVEL_WARNING, "store.missing", "why", why);
}

static int run_duties(struct parent *parent, struct complaint *complaint)
{
	const struct duties_handler handler = {.context = parent,
	    .on_event = on_event,
	    .on_message = on_message,
	    .on_stopped = on_stopped};
	const struct loop_call ending = {on_signal, parent};
	const struct loop_call hangup = {on_hangup, parent};
	const struct loop_call roll = {on_roll, parent};
	uint64_t number;
	int result = loop_new(&loop_clock_system, &parent->loop);
	if (result == 0)
		result = loop_add_signal(parent->loop, SIGTERM, ending, &number);
	if (result == 0)
		result = loop_add_signal(parent->loop, SIGINT, ending, &number);
	if (result == 0)
		result = loop_add_signal(parent->loop, SIGHUP, hangup, &number);
	if (result == 0)
		result = loop_add_timer(parent->loop, ROLL_US, ROLL_US, roll, &number);
	if (result != 0)
		return complain(complaint, result, "run: %s", strerror(-result));
	look_for_database(parent);
	result = open_control(parent, complaint);
	if (result == 0)
		result = supervision_new(parent->loop, parent->rows, parent->table.duty_count,
		    &parent->supervision, complaint);
	if (result != 0)
		return result;
	result = duties_new(parent->loop, &parent->table, &handler, &parent->duties, complaint);
	if (result != 0)
		return result;
	duties_start(parent->duties);
	result = loop_run(parent->loop);
	if (result != 0)
		return complain(complaint, result, "run: %s", strerror(-result));
	if (parent->failed != 0)
		*complaint = parent->complaint;
	return parent->failed;
}

int parent_run(struct parent *parent, struct complaint *complaint)
{
	int result = run_duties(parent, complaint);
	control_socket_remove(parent->options.dir);
	return result;
}
