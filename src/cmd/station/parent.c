#include "cmd/station/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/station/control.h"
#include "cmd/station/duties.h"
#include "cmd/station/geo.h"
#include "cmd/station/rollcall.h"
#include "cmd/station/supervision.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"
#include "link/sightings.h"
#include "proc/duties.h"
#include "proc/loop.h"
#include "web/listen.h"

enum {
	KEEPER_PERCENT = 35,        /* of the memory for tables; the captures share the rest */
	RELAY_ROOM_BYTES = 8 << 20, /* a minute of a busy network, while the keeper is away */
	DUTIES = STATION_SOURCES_MAX + 3,
	LINKS = 2 * STATION_SOURCES_MAX + 3,
	/* orders; a password, a secret twice, two sockets, databases */
	DESCRIPTORS = DUTIES + 5 + GEO_DATABASES,
	CAPTURE_MEMORY_MIN_BYTES = 16 << 20,
	SECRET_MAX_BYTES = 1024, /* of a password, or what stations share */
};

/* Between two openings of an interface, whether it cannot be had or its capture lost it. */
#define SOURCE_RETRY_US WHEN_SECOND_US
/* The keeper reads a day of sightings when it starts. */
#define KEEPER_SILENT_US (120 * WHEN_SECOND_US)

/* Between two looks at how much memory each duty has. */
#define ROLL_US (5 * WHEN_SECOND_US)

static const char *const capture_arguments[] = {"hinomi", "duty", "capture", NULL};
static const char *const keeper_arguments[] = {"hinomi", "duty", "keeper", NULL};
static const char *const web_arguments[] = {"hinomi", "duty", "web", NULL};
static const char *const courier_arguments[] = {"hinomi", "duty", "courier", NULL};

/* A source whose capture waits for it. */
struct wanted {
	struct parent *parent;
	size_t number;
	uint64_t timer;    /* 0: none */
	int64_t opened_us; /* monotonic: it was tried last */
	bool was_told;     /* that it cannot be had */
	bool was_tried;
};

struct parent {
	struct parent_options options;
	struct loop *loop;
	struct duties *duties;
	struct supervision *supervision; /* NULL: not running */
	struct duty rows[DUTIES];
	struct duty_link links[LINKS];
	struct duty_descriptor descriptors[DESCRIPTORS];
	struct duty_table table;
	const char *courier_reads[2];
	const char *keeper_reads[5];
	int fds[DESCRIPTORS]; /* ours: what the duties get */
	struct wanted wanted[STATION_SOURCES_MAX];
	int64_t began_us; /* wall */
	struct surroundings surroundings;
	struct rollcall rollcall;
	bool has_web;
	int listen_fd; /* of web */
	bool is_stopping;
	bool has_begun[DUTIES];     /* it did its work, at any time */
	uint64_t starts[DUTIES];    /* of each, so far */
	size_t missing;             /* interfaces that were not there when they were first tried */
	int failed;                 /* why nothing can be done at all; 0: it can */
	struct complaint complaint; /* of that */
};

static const struct source_kind *const kinds[] = {&source_ring, &source_xdp, NULL};

static size_t keeper_row(const struct parent *parent)
{
	return parent->options.source_count;
}

static size_t courier_row(const struct parent *parent)
{
	return parent->options.source_count + 1;
}

/* The last one, where there is one. */
static size_t web_row(const struct parent *parent)
{
	return parent->options.source_count + 2;
}

/* ---- The table ---- */

static const char *user_of_duties(void)
{
	uid_t user;
	gid_t group;
	return geteuid() == 0 && station_user_find(&user, &group) == 0 ? STATION_USER : NULL;
}

static void make_rows(struct parent *parent)
{
	const struct parent_options *options = &parent->options;
	const char *user = user_of_duties();
	for (size_t i = 0; i < options->source_count; i++)
		parent->rows[i] = (struct duty){
		    .name = duty_capture_name(i),
		    .may = "parse frames; no files, no network",
		    .user = user,
		    .arguments = capture_arguments,
		    .profile = {.may_listen = true},
		    .is_mute = true,
		    .drops_late = options->sources[i].kind == STATION_SOURCE_PCAP,
		};
	const char **reads = parent->keeper_reads;
	*reads++ = "/usr/share/zoneinfo";
	*reads++ = "/etc/localtime";
	*reads++ = "/etc/timezone";
	if (options->config->canary.maildir[0] != '\0')
		*reads++ = options->config->canary.maildir;
	parent->rows[keeper_row(parent)] = (struct duty){
	    .name = "keeper",
	    .may = "its database; no network",
	    .user = user,
	    .arguments = keeper_arguments,
	    .profile = {.keep_dir = options->dir->path,
		.read_paths = parent->keeper_reads,
		.may_make_memory = true,
		.may_serve = true},
	    .stop_stage = 1,
	    .silent_us = KEEPER_SILENT_US,
	    .stop_us = KEEPER_SILENT_US,
	};
	if (options->config->mail.ca_file[0] != '\0')
		parent->courier_reads[0] = options->config->mail.ca_file;
	parent->rows[courier_row(parent)] = (struct duty){
	    .name = "courier",
	    .may = "connect to mail servers and webhooks; no database",
	    .user = user,
	    .arguments = courier_arguments,
	    .profile = {.may_connect = true,
		.may_thread = true,
		.read_paths = parent->courier_reads[0] != NULL ? parent->courier_reads : NULL},
	    .stop_stage = 2,
	};
	parent->rows[web_row(parent)] = (struct duty){
	    .name = "web",
	    .may = "answer whoever connects to metrics.listen; no files, no database",
	    .user = user,
	    .arguments = web_arguments,
	    .profile = {.may_serve = true},
	};
	parent->table.duty_count = web_row(parent) + parent->has_web;
}

static void make_links(struct parent *parent)
{
	struct duty_link *link = parent->links;
	for (size_t i = 0; i < parent->options.source_count; i++) {
		*link++ = (struct duty_link){.name = duty_reports_name(i),
		    .kind = DUTY_CHANNEL,
		    .from = i,
		    .to = keeper_row(parent)};
		*link++ = (struct duty_link){.name = duty_relay_name(i),
		    .kind = DUTY_RELAY,
		    .from = i,
		    .to = keeper_row(parent),
		    .room_bytes = RELAY_ROOM_BYTES,
		    .record_max_bytes = SIGHTINGS_FRAME_BYTES + SIGHTINGS_BATCH_MAX_BYTES};
	}
	*link++ = (struct duty_link){.name = WIRE_LETTERS,
	    .kind = DUTY_CHANNEL,
	    .from = keeper_row(parent),
	    .to = courier_row(parent)};
	*link++ = (struct duty_link){.name = WIRE_BEATS,
	    .kind = DUTY_CHANNEL,
	    .from = keeper_row(parent),
	    .to = courier_row(parent)};
	if (parent->has_web)
		*link++ = (struct duty_link){.name = WIRE_FIGURES_LINK,
		    .kind = DUTY_CHANNEL,
		    .from = web_row(parent),
		    .to = keeper_row(parent)};
	parent->table.link_count = (size_t)(link - parent->links);
}

static void give_descriptor(struct parent *parent, size_t duty, const char *name, int fd)
{
	const size_t at = parent->table.descriptor_count++;
	parent->fds[at] = fd;
	parent->descriptors[at] = (struct duty_descriptor){.duty = duty, .name = name, .fd = fd};
}

static int give_orders(struct parent *parent, size_t duty, struct complaint *complaint)
{
	const struct parent_options *options = &parent->options;
	const size_t captures = options->source_count;
	static struct wire_orders orders; /* large */
	memset(&orders, 0, sizeof orders);
	orders.bytes = sizeof orders;
	orders.config = *options->config;
	orders.source_count = (uint32_t)captures;
	orders.began_us = parent->began_us;
	orders.config.sources.count = captures;
	memcpy(orders.config.sources.list, options->sources,
	    captures * sizeof orders.config.sources.list[0]);
	orders.ends = options->ends;
	const uint64_t keeper_bytes = options->config->memory / 100 * KEEPER_PERCENT;
	orders.memory_bytes = keeper_bytes;
	if (duty < captures) {
		orders.source = options->sources[duty];
		orders.source_number = (uint32_t)duty;
		orders.memory_bytes = (options->config->memory - keeper_bytes) / captures;
		if (orders.memory_bytes < CAPTURE_MEMORY_MIN_BYTES)
			orders.memory_bytes = CAPTURE_MEMORY_MIN_BYTES;
	}
	orders.surroundings = parent->surroundings;
	station_dir_path(options->dir, STATION_DATABASE, orders.database);
	struct stat status;
	if (fstat(options->dir->fd, &status) != 0)
		return complain(complaint, -errno, "%s: %s", options->dir->path, strerror(errno));
	orders.dir_user = status.st_uid;
	orders.dir_group = status.st_gid;
	(void)snprintf(orders.directory, sizeof orders.directory, "%s", options->dir->path);
	int fd = wire_write_orders(&orders, "", 0);
	if (fd < 0)
		return complain(complaint, fd, "orders: %s", strerror(-fd));
	give_descriptor(parent, duty, WIRE_ORDERS, fd);
	return 0;
}

/* What would be found wrong by a duty is found here already, before anything starts. */
static int check_shared(
    const char *name, const char *text, size_t length, struct complaint *complaint)
{
	struct heartbeat_secret secret;
	struct complaint why;
	int result = heartbeat_secret_read(text, length, &secret, &why);
	explicit_bzero(&secret, sizeof secret);
	return result == 0 ? 0 : complain(complaint, result, "%s: %s", name, why.text);
}

/* A file's text for a duty that may not open it. */
static int read_secret(struct parent *parent, const char *descriptor, const char *name, int *ret_fd,
    struct complaint *complaint)
{
	char text[SECRET_MAX_BYTES];
	int fd;
	int result = station_dir_open_secret(parent->options.dir, name, &fd, complaint);
	if (result != 0)
		return result;
	ssize_t got = read(fd, text, sizeof text);
	(void)close(fd); /* only read */
	if (got <= 0 || (size_t)got == sizeof text)
		return complain(complaint, -EINVAL, "%s: expected a secret of 1 to %zu bytes", name,
		    sizeof text - 1);
	if (strcmp(descriptor, WIRE_SECRET) == 0)
		result = check_shared(name, text, (size_t)got, complaint);
	fd = result == 0 ? wire_write_text(text, (size_t)got) : result;
	explicit_bzero(text, sizeof text);
	if (result != 0)
		return result;
	if (fd < 0)
		return complain(complaint, fd, "%s: %s", name, strerror(-fd));
	*ret_fd = fd;
	return 0;
}

static int give_secret(struct parent *parent, size_t duty, const char *descriptor, const char *name,
    struct complaint *complaint)
{
	int fd;
	if (name[0] == '\0')
		return 0;
	int result = read_secret(parent, descriptor, name, &fd, complaint);
	if (result == 0)
		give_descriptor(parent, duty, descriptor, fd);
	return result;
}

/* What the station has that only some may know. */
static int give_secrets(struct parent *parent, struct complaint *complaint)
{
	const struct station_config *config = parent->options.config;
	const char *shared = config->heartbeat.secret_file;
	int result = give_secret(
	    parent, courier_row(parent), WIRE_PASSWORD, config->mail.password_file, complaint);
	if (result == 0)
		result = give_secret(parent, courier_row(parent), WIRE_SECRET, shared, complaint);
	if (result == 0 && parent->has_web)
		result = give_secret(parent, web_row(parent), WIRE_SECRET, shared, complaint);
	return result;
}

/*
 * The socket of web. Nobody who asked for it goes without; but a port that is only the default is
 * no reason not to watch.
 */
static int open_listener(struct parent *parent, struct complaint *complaint)
{
	const struct station_config *config = parent->options.config;
	const struct endpoint *listen = &config->metrics.listen;
	const bool is_wanted = config->metrics.was_chosen || config->heartbeat.expect.count > 0;
	struct complaint why;
	parent->has_web = listen->port != 0;
	if (!parent->has_web || parent->options.explains)
		return 0;
	int result =
	    web_listen("metrics.listen", &listen->address, listen->port, &parent->listen_fd, &why);
	if (result == 0)
		return 0;
	parent->has_web = false;
	if (is_wanted)
		return complain(complaint, result, "%s", why.text);
	say(LOG_LEVEL_WARNING, "metrics.off", "why", why.text);
	return 0;
}

/* Without it statistics know no countries or no networks; nothing else depends on it. */
static void give_database(struct parent *parent, enum geo_database database, const char *path)
{
	struct complaint complaint;
	int fd = -1;
	if (path[0] == '\0')
		return;
	int copy = station_dir_open_file(parent->options.dir, path, &fd, &complaint);
	if (copy == 0) {
		copy = geo_copy(fd);
		(void)close(fd); /* only read */
		if (copy < 0)
			(void)complain(&complaint, copy, "%s: %s", path, strerror(-copy));
	}
	if (copy < 0)
		say(LOG_LEVEL_WARNING, "geo.refused", "why", complaint.text);
	else
		give_descriptor(parent, keeper_row(parent), geo_database_name(database), copy);
}

/* Where the machine does not tell, all is learned from the wire. */
static void look_around(struct parent *parent)
{
	static struct station_facts facts; /* large */
	struct complaint complaint;
	if (station_facts_find(&facts, &complaint) != 0)
		say(LOG_LEVEL_WARNING, "surroundings.unknown", "why", complaint.text);
	else
		surroundings_choose(&facts, parent->options.sources, parent->options.source_count,
		    &parent->surroundings);
}

static int make_table(struct parent *parent, struct complaint *complaint)
{
	int result = 0;
	look_around(parent);
	make_rows(parent);
	make_links(parent);
	parent->table.duties = parent->rows;
	parent->table.links = parent->links;
	parent->table.descriptors = parent->descriptors;
	if (parent->has_web && !parent->options.explains)
		give_descriptor(parent, web_row(parent), WIRE_LISTEN, parent->listen_fd);
	for (size_t i = 0; i < parent->table.duty_count && result == 0; i++)
		result = give_orders(parent, i, complaint);
	if (result != 0)
		return result;
	give_database(parent, GEO_COUNTRY, parent->options.config->geo.country);
	give_database(parent, GEO_NETWORK, parent->options.config->geo.network);
	return give_secrets(parent, complaint);
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
	if (parent->has_begun[duty] || parent->starts[duty] > 1)
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
	log_text(&line, "source", parent->options.sources[number].address);
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
	if (!is_first || error != -ENODEV)
		return is_first;
	parent->missing++;
	return parent->missing == parent->options.source_count;
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
	struct source_grant grant;
	struct complaint complaint;
	(void)what;
	wanted->timer = 0;
	if (parent->is_stopping)
		return;
	wanted->opened_us = loop_monotonic_us(parent->loop);
	int result = source_prepare(
	    kinds, parent->options.sources[wanted->number].address, &grant, &complaint);
	if (result == 0) {
		if (grant.notice[0] != '\0')
			say_source(parent, wanted->number, "source.other", grant.notice);
		/* a capture that is gone by now asks again when it is back */
		(void)send_grant(parent, wanted->number, &grant);
		source_grant_release(&grant);
		wanted->was_told = false;
		wanted->was_tried = true;
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

static void on_message(void *context, size_t duty, struct message *message)
{
	struct parent *parent = context;
	const bool is_capture = duty < parent->options.source_count;
	if (message->type == WIRE_BEGUN)
		parent->has_begun[duty] = true;
	else if (message->type == WIRE_CANNOT)
		note_failure(parent, duty, message);
	else if (message->type == WIRE_WANTED && is_capture &&
		 station_source_is_live(&parent->options.sources[duty]))
		want_source(&parent->wanted[duty]);
	else if (message->type == WIRE_DONE && duty == keeper_row(parent))
		stop(parent);
}

/* Web serves what it was told last. */
static void tell_web(struct parent *parent)
{
	static struct roll roll;
	if (!parent->has_web || !parent->rollcall.duties[web_row(parent)].is_ready)
		return;
	rollcall_fill(&parent->rollcall, &roll);
	const struct message message = wire_roll(&roll);
	(void)duties_send(parent->duties, web_row(parent), &message); /* the next tells more */
}

static void on_roll(void *context, uint32_t what)
{
	(void)what;
	tell_web(context);
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
	if (event->kind == DUTY_STARTED && event->duty < parent->options.source_count)
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
	rollcall_note(&parent->rollcall, event);
	tell_web(parent);
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

/* ---- The whole ---- */

int parent_new(
    const struct parent_options *options, struct parent **ret_parent, struct complaint *complaint)
{
	struct parent *parent = calloc(1, sizeof *parent);
	if (parent == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	parent->options = *options;
	parent->began_us = loop_clock_system.wall_us(loop_clock_system.context);
	for (size_t i = 0; i < STATION_SOURCES_MAX; i++)
		parent->wanted[i] = (struct wanted){.parent = parent, .number = i};
	rollcall_init(&parent->rollcall, &parent->table, parent->began_us);
	int result = open_listener(parent, complaint);
	if (result == 0)
		result = make_table(parent, complaint);
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
		(void)close(parent->fds[i]); /* memory only */
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
		give_descriptor(parent, keeper_row(parent), WIRE_CONTROL, fd);
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
	const struct loop_call roll = {on_roll, parent};
	uint64_t number;
	int result = loop_new(&loop_clock_system, &parent->loop);
	if (result == 0)
		result = loop_add_signal(parent->loop, SIGTERM, ending, &number);
	if (result == 0)
		result = loop_add_signal(parent->loop, SIGINT, ending, &number);
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
