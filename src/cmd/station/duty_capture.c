/*
 * duty_capture.c - the duty that holds a source of frames and nothing else: it parses what anybody
 * sends, and can open no file and no socket.
 *
 * Frames become batches of sightings, which go to the keeper by a relay. Files and exercises are
 * opened before the sandbox is entered; interfaces are opened by the parent, which sends what it
 * opened, again whenever one was lost.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/station/clock_watch.h"
#include "cmd/station/duties.h"
#include "cmd/station/greynet.h"
#include "cmd/station/presence.h"
#include "cmd/station/watcher.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_frames.h"
#include "drill/canary.h"
#include "drill/scenario.h"
#include "link/sightings.h"
#include "proc/duty_self.h"

enum {
	READS_AT_ONCE = 16, /* batches, between which others have their turn */
	PACE_US = 10000,
	/* Of the relay: what is replayed as fast as can be waits for the keeper. */
	BACKLOG_MAX_BYTES = 2 << 20,
};

#define FLUSH_US     (100 * 1000)
#define REPORT_US    WHEN_SECOND_US
#define STRANGERS_US (5 * WHEN_MINUTE_US)
/* A frame may lie in the kernel's ring for so long before it is seen (source/ring.c). */
#define SLACK_US (100 * 1000)
/* Who is told to end reads what came before, and does not wait for a flood to end. */
#define LAST_US (500 * 1000)

/* Since the capture began. */
struct losses {
	uint64_t dropped;
	uint64_t refused;
	uint64_t batches;
};

struct capture {
	struct duty_self *self;
	struct loop *loop;
	struct channel *reports; /* NULL: the keeper is not there */
	struct relay *relay;
	struct wire_orders orders;
	struct registry *registry;
	struct watcher *watcher;
	struct source *source; /* NULL: there is none now */
	uint64_t source_watch;
	struct source_grant grant;
	uint32_t granted; /* descriptors of it that have come */
	struct frame_batch batch;
	size_t paced; /* frames of the batch that were taken */
	bool has_ended;
	int64_t pace_begin_us;    /* monotonic, when the first frame was due */
	int64_t pace_first_us;    /* its time */
	int64_t replay_us;        /* of the last frame that was taken */
	struct presence presence; /* of a live source */
	bool has_finished;        /* all was told, nothing more comes */
	int64_t strangers_at; /* the five minutes in which strangers were told of last; 0: none */
	int64_t hosts_at;     /* likewise, of how often hosts are told again */
	uint64_t refused;     /* batches that found no room */
	uint64_t told_refused;
	struct clock_watch clock;
	struct wire_report report;
	struct losses before; /* of sources that are gone */
	struct losses told;
	struct {
		uint64_t packets;
		uint64_t bytes;
	} canaries; /* that were watched among the packets, and are none of the wire's */
};

static const struct source_kind *const kinds[] = {
    &source_ring, &source_xdp, &source_pcap, &source_drill, NULL};

static int give(void *context, const uint8_t *batch, size_t bytes)
{
	struct capture *capture = context;
	int result = relay_write(capture->relay, batch, bytes);
	capture->refused += result != 0;
	return result;
}

static bool is_live(const struct capture *capture)
{
	return station_source_is_live(&capture->orders.source);
}

/* What was lost of each kind so far. */
static struct losses find_losses(const struct capture *capture, const struct source_state *state)
{
	struct losses lost = capture->before;
	lost.dropped += state->dropped + state->passed;
	lost.refused += state->refused;
	lost.batches = capture->refused;
	return lost;
}

static void ask_source(const struct capture *capture, struct source_state *ret_state)
{
	*ret_state = (struct source_state){.interface = ""};
	if (capture->source != NULL && is_live(capture))
		source_get_state(capture->source, ret_state);
}

static void fill_report(struct capture *capture, const struct source_state *state)
{
	struct wire_report *report = &capture->report;
	struct watcher_counts counts = {.last_us = INT64_MIN};
	if (capture->watcher != NULL)
		watcher_get_counts(capture->watcher, &counts);
	report->number = capture->orders.source_number;
	report->flags = (capture->source != NULL ? WIRE_HAS_SOURCE : 0U) |
			(capture->has_ended ? WIRE_HAS_ENDED : 0U) |
			(state->is_up || !is_live(capture) ? WIRE_IS_UP : 0U);
	report->packets = counts.packets - capture->canaries.packets;
	report->bytes = counts.bytes - capture->canaries.bytes;
	report->truncated = counts.verdicts[DECODE_TRUNCATED];
	report->malformed = counts.verdicts[DECODE_MALFORMED];
	report->unsupported = counts.verdicts[DECODE_UNSUPPORTED];
	report->evicted = counts.observer.evicted;
	report->last_us = counts.last_us;
	memcpy(report->interface, state->interface, sizeof report->interface);
}

/* Whether anything can come of it now; says so where that has changed. */
static void look_at_source(struct capture *capture, const struct source_state *state)
{
	const struct presence_look look = {
	    .is_open = capture->source != NULL,
	    .is_up = state->is_up,
	    .frames = state->frames,
	    .now_us = loop_wall_us(capture->loop),
	};
	const enum presence_news news = presence_look(&capture->presence, &look);
	if (news == PRESENCE_SAME || !look.is_open || state->is_removed)
		return; /* of a source that was lost it is said why */
	struct log_line line;
	const bool is_up = news == PRESENCE_BEGAN;
	log_begin(
	    &line, is_up ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, is_up ? "source.up" : "source.down");
	log_text(&line, "source", capture->orders.source.address);
	log_text(&line, "interface", state->interface);
	if (!is_up)
		log_text(&line, "why", "switched off or without a carrier: nothing is seen of it");
	log_end(&line);
}

static int64_t find_until(const struct capture *capture)
{
	const int64_t now_us = loop_wall_us(capture->loop);
	if (capture->has_finished && capture->presence.is_watching)
		return now_us - SLACK_US;
	return presence_until(&capture->presence, now_us, SLACK_US);
}

static void send_report(struct capture *capture)
{
	uint8_t record[WIRE_REPORT_BYTES];
	struct wire_report *report = &capture->report;
	struct source_state state;
	ask_source(capture, &state);
	look_at_source(capture, &state);
	fill_report(capture, &state);
	const struct losses lost = find_losses(capture, &state);
	report->dropped = lost.dropped - capture->told.dropped;
	report->refused = lost.refused - capture->told.refused;
	report->lost_batches = lost.batches - capture->told.batches;
	report->sequence++;
	report->since_us = capture->presence.since_us;
	report->until_us = find_until(capture);
	/* what finds no room is told by the next one */
	if (relay_write(capture->relay, record, wire_write_report(report, record)) == 0)
		capture->told = lost;
}

/* Asks the parent for the source, which only it can open. */
static void want_source(struct capture *capture)
{
	const struct message message = {.type = WIRE_WANTED, .fd = -1};
	(void)duty_send(capture->self, &message); /* where that fails we are soon no more */
}

/* What an interface gave as long as it was open. */
static void say_closed(const struct capture *capture, const struct source_state *state)
{
	struct log_line line;
	if (capture->source == NULL || !is_live(capture))
		return;
	log_begin(&line, LOG_LEVEL_INFO, "source.closed");
	log_text(&line, "source", capture->orders.source.address);
	log_unsigned(&line, "frames", state->frames);
	log_unsigned(&line, "bytes", state->bytes);
	log_unsigned(&line, "dropped", state->dropped + state->passed);
	log_unsigned(&line, "refused", state->refused);
	log_end(&line);
}

static void drop_source(struct capture *capture)
{
	struct source_state state;
	ask_source(capture, &state);
	say_closed(capture, &state);
	capture->before = find_losses(capture, &state);
	loop_remove(capture->loop, capture->source_watch);
	capture->source_watch = 0;
	source_close(capture->source);
	capture->source = NULL;
	state = (struct source_state){.interface = ""};
	look_at_source(capture, &state);
}

static void end_source(struct capture *capture)
{
	drop_source(capture);
	if (is_live(capture))
		return;
	capture->has_ended = true;
	if (watcher_finish(capture->watcher) != 0)
		say(LOG_LEVEL_WARNING, "capture.lost", "what", "the last batch found no room");
	send_report(capture);
}

/* Reads a batch. False when there is none now. */
static bool read_batch(struct capture *capture)
{
	struct complaint complaint;
	capture->batch.count = 0;
	capture->paced = 0;
	int result = source_read(capture->source, &capture->batch, FRAME_BATCH_MAX, &complaint);
	if (result < 0)
		say(LOG_LEVEL_WARNING, is_live(capture) ? "source.lost" : "source.failed", "why",
		    complaint.text);
	if (result < 0 && is_live(capture)) {
		drop_source(capture);
		want_source(capture);
		return false;
	}
	if (result == 0)
		end_source(capture);
	return capture->batch.count > 0;
}

static void on_frames(void *context, uint32_t what)
{
	struct capture *capture = context;
	(void)what;
	for (int i = 0; i < READS_AT_ONCE && capture->source != NULL; i++) {
		if (!read_batch(capture))
			return;
		watcher_take(capture->watcher, &capture->batch);
	}
}

/* How far a replay may have come by now. */
static int64_t due_us(const struct capture *capture)
{
	if (capture->orders.source.speed == 0)
		return INT64_MAX;
	int64_t passed_us = loop_monotonic_us(capture->loop) - capture->pace_begin_us;
	return capture->pace_first_us + passed_us * capture->orders.source.speed;
}

static void begin_pace(struct capture *capture, int64_t first_us)
{
	if (capture->pace_begin_us != 0)
		return;
	capture->pace_begin_us = loop_monotonic_us(capture->loop);
	capture->pace_first_us = first_us;
}

/* The time of what is observed: of a replay that of its frames, else the wall's. */
static int64_t observed_us(const struct capture *capture)
{
	if (is_live(capture))
		return loop_wall_us(capture->loop) - SLACK_US;
	return capture->replay_us;
}

/* True when `*at` was another part of time, of this length. */
static bool enter(int64_t *at, int64_t now_us, int64_t length_us)
{
	const int64_t before = *at;
	*at = now_us / length_us;
	return before != 0 && *at != before;
}

/*
 * What is told now and then, by the time of what is observed: strangers when five minutes end, of
 * which statistics are made, and again who is there, so that nobody is taken for silent.
 */
static void follow_clock(struct capture *capture)
{
	const int64_t now_us = observed_us(capture);
	const int64_t tell_us = greynet_tell_us(capture->orders.config.watch.quiet_us);
	if (now_us == 0)
		return; /* of a replay nothing was taken yet */
	if (enter(&capture->strangers_at, now_us, STRANGERS_US) &&
	    watcher_give_strangers(capture->watcher) != 0)
		say(LOG_LEVEL_WARNING, "capture.memory", "what", "strangers are told of later");
	if (enter(&capture->hosts_at, now_us, tell_us))
		watcher_tell_hosts_again(capture->watcher);
}

/*
 * Takes of the batch what is due, up to the end of its five minutes. False when nothing is, or no
 * more.
 */
static bool take_due(struct capture *capture)
{
	static struct frame_batch due;
	const struct frame *frames = capture->batch.frames;
	due.count = 0;
	if (capture->paced == capture->batch.count)
		return false;
	const int64_t first_us = frames[capture->paced].time_us;
	begin_pace(capture, first_us);
	const int64_t until_us = due_us(capture);
	if (first_us > until_us)
		return false;
	capture->replay_us = first_us;
	follow_clock(capture);
	const int64_t end_us = (first_us / STRANGERS_US + 1) * STRANGERS_US;
	while (capture->paced < capture->batch.count &&
	       frames[capture->paced].time_us <= until_us &&
	       frames[capture->paced].time_us < end_us)
		due.frames[due.count++] = frames[capture->paced++];
	if (due.count == 0)
		due.frames[due.count++] = frames[capture->paced++]; /* of a time before 1970 */
	capture->replay_us = due.frames[due.count - 1].time_us;
	watcher_take(capture->watcher, &due);
	return true;
}

static bool keeper_is_behind(const struct capture *capture)
{
	struct relay_counts counts;
	relay_get_counts(capture->relay, &counts);
	return counts.backlog_bytes > BACKLOG_MAX_BYTES;
}

/* A replay goes on. */
static void on_pace(void *context, uint32_t what)
{
	struct capture *capture = context;
	(void)what;
	if (capture->watcher == NULL)
		return; /* who are members is not known yet */
	for (int i = 0; i < READS_AT_ONCE && capture->source != NULL; i++) {
		if (capture->paced == capture->batch.count &&
		    (keeper_is_behind(capture) || !read_batch(capture)))
			return;
		while (take_due(capture))
			;
		if (capture->paced < capture->batch.count)
			return;
		if (capture->orders.source.speed == 0 && watcher_flush(capture->watcher) != 0)
			say(LOG_LEVEL_WARNING, "capture.lost", "what", "a batch found no room");
	}
}

/* Where the clock was set back, what comes now is not late. */
static void settle_clock(struct capture *capture)
{
	const int64_t monotonic_us = loop_monotonic_us(capture->loop);
	(void)clock_watch_look(&capture->clock, loop_wall_us(capture->loop), monotonic_us);
	watcher_set_clock_step(
	    capture->watcher, clock_watch_fall_us(&capture->clock, monotonic_us));
}

static void on_flush(void *context, uint32_t what)
{
	struct capture *capture = context;
	(void)what;
	if (capture->watcher == NULL || capture->has_ended)
		return;
	if (is_live(capture)) {
		settle_clock(capture);
		watcher_tick(capture->watcher, observed_us(capture));
	}
	follow_clock(capture);
	(void)watcher_flush(capture->watcher); /* what found no room was counted */
	if (capture->refused > capture->told_refused)
		send_report(capture);
	capture->told_refused = capture->refused;
}

static void on_report(void *context, uint32_t what)
{
	(void)what;
	send_report(context);
}

static int watch_source(struct capture *capture)
{
	const struct loop_call call = {on_frames, capture};
	source_set_waiting(capture->source, false);
	return loop_add_watch(
	    capture->loop, source_get_fd(capture->source), EPOLLIN, call, &capture->source_watch);
}

/* Everything of the grant has come. */
static void adopt(struct capture *capture)
{
	struct complaint complaint;
	int result = source_adopt(kinds, &capture->grant, &capture->source, &complaint);
	capture->grant.descriptor_count = 0;
	if (result == 0 && watch_source(capture) != 0) {
		(void)complain(&complaint, -ENOMEM, "the source cannot be waited for");
		drop_source(capture);
	}
	if (capture->source == NULL) {
		say(LOG_LEVEL_WARNING, "source.failed", "why", complaint.text);
		want_source(capture);
		return;
	}
	say(LOG_LEVEL_INFO, "source.open", "source", capture->orders.source.address);
	send_report(capture);
}

static void take_grant(struct capture *capture, const struct message *message)
{
	if (message->payload_bytes != sizeof capture->grant || capture->source != NULL)
		return;
	source_grant_release(&capture->grant);
	memcpy(&capture->grant, message->payload, sizeof capture->grant);
	if (capture->grant.descriptor_count > SOURCE_DESCRIPTORS_MAX)
		capture->grant.descriptor_count = 0;
	for (size_t i = 0; i < SOURCE_DESCRIPTORS_MAX; i++)
		capture->grant.descriptors[i] = -1;
	capture->granted = 0;
}

static void take_descriptor(struct capture *capture, struct message *message)
{
	if (message->fd < 0 || capture->granted >= capture->grant.descriptor_count)
		return;
	capture->grant.descriptors[capture->granted++] = message->fd;
	message->fd = -1;
	if (capture->granted == capture->grant.descriptor_count)
		adopt(capture);
}

static void on_parent(void *context, struct message *message)
{
	struct capture *capture = context;
	if (message->type == WIRE_GRANT)
		take_grant(capture, message);
	else if (message->type == WIRE_DESCRIPTOR)
		take_descriptor(capture, message);
}

static int open_watcher(struct capture *capture)
{
	char sensor[STATION_SENSOR_BYTES];
	station_source_sensor(&capture->orders.source, capture->orders.config.station.name, sensor);
	const struct watcher_options options = {
	    .registry = capture->registry,
	    .memory_bytes = capture->orders.memory_bytes,
	    .answer_timeout_s = capture->orders.config.thresholds.scan_live.answer_timeout_s,
	    .first_frames = capture->orders.config.evidence.frames,
	    .sensor = sensor,
	    .epoch = hash_seed_random(),
	    .give = give,
	    .context = capture,
	};
	return watcher_new(&options, &capture->watcher);
}

static void take_registry(struct capture *capture, struct message *message)
{
	char *text;
	size_t length;
	struct registry *registry;
	struct complaint complaint;
	int result = wire_read_text(message->fd, WIRE_TEXT_MAX_BYTES, &text, &length);
	message->fd = -1;
	if (result == 0) {
		result = roster_parse_registry(text, length, &registry, &complaint);
		free(text);
	}
	if (result != 0) {
		say(LOG_LEVEL_ERROR, "registry.refused", "why", strerror(-result));
		return;
	}
	struct registry *before = capture->registry;
	capture->registry = registry;
	if (capture->watcher != NULL)
		watcher_set_registry(capture->watcher, registry);
	registry_free(before);
	if (capture->watcher == NULL && open_watcher(capture) != 0) {
		say(LOG_LEVEL_ERROR, "capture.memory", "what",
		    "memory asks for more than there is");
		loop_stop(capture->loop);
		return;
	}
	if (capture->source == NULL && is_live(capture) && before == NULL)
		want_source(capture);
}

static void send_canary(struct capture *capture, uint16_t number)
{
	static struct canary_room room;
	static struct frame_batch batch;
	if (capture->watcher == NULL || capture->has_ended)
		return;
	int64_t time_us = observed_us(capture);
	if (!is_live(capture) && time_us == 0)
		time_us = loop_wall_us(capture->loop);
	canary_fill(number, time_us, &room, &batch);
	capture->report.canary = number;
	capture->report.canary_us = loop_wall_us(capture->loop);
	struct watcher_counts before;
	struct watcher_counts after;
	watcher_get_counts(capture->watcher, &before);
	watcher_set_keeping(capture->watcher, false);
	watcher_take(capture->watcher, &batch);
	watcher_set_keeping(capture->watcher, true);
	watcher_get_counts(capture->watcher, &after);
	capture->canaries.packets += after.packets - before.packets;
	capture->canaries.bytes += after.bytes - before.bytes;
	on_flush(capture, 1);
	send_report(capture);
}

/* Also where there are none: then nobody waits for them. */
static void send_frames(struct capture *capture, const struct message *message)
{
	static uint8_t record[WIRE_FRAMES_BYTES];
	struct wire_wanted_frames wanted;
	if (!wire_read_wanted_frames(message, &wanted))
		return;
	struct wire_frames frames = {.number = wanted.number};
	if (capture->watcher != NULL)
		frames.count = watcher_find_frames(capture->watcher, &wanted.wish, frames.frames);
	/* where it finds no room it is asked for once more */
	(void)relay_write(capture->relay, record, wire_write_frames(&frames, record));
}

/* An exercise that was played before goes on from there. */
static void go_on(struct capture *capture, const struct message *message)
{
	struct complaint complaint;
	char text[WHEN_TEXT_BYTES];
	int64_t reached_us;
	if (message->payload_bytes != sizeof reached_us || capture->watcher != NULL ||
	    capture->source == NULL || capture->orders.source.kind != STATION_SOURCE_DRILL)
		return; /* it is under way */
	memcpy(&reached_us, message->payload, sizeof reached_us);
	if (reached_us == INT64_MIN)
		return; /* it was not played yet */
	when_format_utc(reached_us, text);
	if (drill_go_on(capture->source, reached_us, &complaint) != 0) {
		say(LOG_LEVEL_ERROR, "source.failed", "why", complaint.text);
		loop_stop(capture->loop); /* the parent starts another */
		return;
	}
	say(LOG_LEVEL_INFO, "source.goes-on", "from", text);
}

static void on_keeper(void *context, struct message *message)
{
	struct capture *capture = context;
	if (message->type == WIRE_REGISTRY && message->fd >= 0)
		take_registry(capture, message);
	else if (message->type == WIRE_CANARY && message->payload_bytes == 2)
		send_canary(capture, be16(message->payload));
	else if (message->type == WIRE_REACHED)
		go_on(capture, message);
	else if (message->type == WIRE_FRAMES_WANTED)
		send_frames(capture, message);
}

static void on_keeper_gone(void *context, int error)
{
	struct capture *capture = context;
	(void)error;
	channel_free(capture->reports);
	capture->reports = NULL; /* the parent gives another end when there is one */
}

static void open_reports(struct capture *capture, int fd)
{
	const struct channel_handler handler = {
	    .context = capture, .on_message = on_keeper, .on_closed = on_keeper_gone};
	channel_free(capture->reports);
	capture->reports = NULL;
	if (channel_new(capture->loop, fd, &handler, &capture->reports) != 0) {
		(void)close(fd); /* it cannot be waited for */
		capture->reports = NULL;
	}
}

static void on_channel(void *context, const char *link, int fd)
{
	(void)link; /* there is only one */
	open_reports(context, fd);
}

/* What lies in the kernel's memory still. */
static void read_last(struct capture *capture)
{
	const int64_t until_us = loop_monotonic_us(capture->loop) + LAST_US;
	while (capture->watcher != NULL && capture->source != NULL && is_live(capture) &&
	       loop_monotonic_us(capture->loop) < until_us && read_batch(capture))
		watcher_take(capture->watcher, &capture->batch);
}

static void on_stop(void *context)
{
	struct capture *capture = context;
	struct source_state state;
	read_last(capture);
	if (capture->watcher != NULL && !capture->has_ended &&
	    watcher_finish(capture->watcher) != 0)
		say(LOG_LEVEL_WARNING, "capture.lost", "what", "the last batch found no room");
	capture->has_finished = true;
	send_report(capture);
	ask_source(capture, &state);
	say_closed(capture, &state);
	loop_stop(capture->loop);
}

static int add_timers(struct capture *capture)
{
	const struct {
		int64_t every_us;
		void (*run)(void *context, uint32_t what);
	} timers[] = {
	    {FLUSH_US, on_flush},
	    {REPORT_US, on_report},
	};
	uint64_t number;
	int result = 0;
	for (size_t i = 0; i < sizeof timers / sizeof timers[0] && result == 0; i++) {
		const struct loop_call call = {timers[i].run, capture};
		result = loop_add_timer(
		    capture->loop, timers[i].every_us, timers[i].every_us, call, &number);
	}
	const struct loop_call pace = {on_pace, capture};
	if (result == 0 && !is_live(capture))
		result = loop_add_timer(capture->loop, PACE_US, PACE_US, pace, &number);
	return result;
}

/* What needs rights that are gone in a moment. */
static int open_all(struct capture *capture, struct complaint *complaint)
{
	int result = duty_begin(&capture->self, complaint);
	if (result != 0)
		return result;
	int orders = duty_take_descriptor(capture->self, WIRE_ORDERS);
	if (orders < 0)
		return complain(complaint, orders, "capture: it has no orders");
	result = wire_read_orders(orders, &capture->orders, complaint);
	if (result != 0)
		return result;
	result = duty_take_relay(
	    capture->self, duty_relay_name(capture->orders.source_number), &capture->relay);
	if (result == 0)
		result = loop_new(&loop_clock_system, &capture->loop);
	if (result != 0)
		return complain(complaint, result, "capture: %s", strerror(-result));
	if (is_live(capture))
		return 0;
	return source_open(kinds, capture->orders.source.address, &capture->source, complaint);
}

static int begin(struct capture *capture, struct complaint *complaint)
{
	const struct duty_self_handler handler = {
	    .context = capture,
	    .on_message = on_parent,
	    .on_channel = on_channel,
	    .on_stop = on_stop,
	};
	struct sandbox_state sandbox;
	int result = open_all(capture, complaint);
	if (result == 0)
		result = duty_enter(capture->self, capture->loop, &handler, &sandbox, complaint);
	if (result != 0)
		return result;
	int fd = duty_take_channel(capture->self, duty_reports_name(capture->orders.source_number));
	if (fd >= 0)
		open_reports(capture, fd);
	capture->report.epoch = hash_seed_random();
	result = add_timers(capture);
	return result == 0 ? 0 : complain(complaint, result, "capture: %s", strerror(-result));
}

int duty_capture(void)
{
	static struct capture capture;
	struct complaint complaint;
	int result = begin(&capture, &complaint);
	duty_tell_begin(capture.self, result, &complaint);
	if (result == 0)
		result = loop_run(capture.loop);
	source_close(capture.source);
	channel_free(capture.reports);
	watcher_free(capture.watcher);
	registry_free(capture.registry);
	relay_close(capture.relay);
	duty_end(capture.self);
	loop_free(capture.loop);
	return result == 0 ? 0 : EXIT_TROUBLE;
}
