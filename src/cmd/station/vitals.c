#include "cmd/station/vitals.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/station/duties.h"
#include "cmd/station/peers.h"
#include "cmd/station/rollcall.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"
#include "proc/message.h"
#include "store/upkeep.h"

#define TICK_US WHEN_SECOND_US

/* The watcher outside, to whom signs of life go. */
struct watcher_outside {
	char host[HOST_BYTES]; /* "": there is none */
	int64_t next_us;       /* when the next is due; monotonic, as taken_us */
	int64_t taken_us;      /* one was taken last, or the start */
	int64_t began_wall_us; /* the same by the wall */
	int64_t taken_wall_us; /* 0: none was yet */
	unsigned untaken;      /* in a row, that was sent or should have been */
	uint64_t sequence;
	uint64_t taken;
	uint64_t failed;
	uint64_t packets; /* that were told of */

	char reply[POST_REPLY_BYTES];
};

struct vitals {
	struct vitals_options options;
	struct channel *web;     /* NULL: it is not there */
	struct channel *courier; /* likewise */
	uint64_t timer;
	struct peers *peers;
	struct watcher_outside outside;
	int64_t canary_took_us; /* the last one that came home */
	int64_t watched_us;     /* monotonic: somebody looks at sparks until then, */
	int64_t sparks_us;      /* and was told of some */
};

static struct peers_clock clock_of(const struct vitals *vitals)
{
	return (struct peers_clock){
	    .wall_us = loop_wall_us(vitals->options.loop),
	    .monotonic_us = loop_monotonic_us(vitals->options.loop),
	};
}

/* ---- Figures ---- */

static void count_incidents(struct keeper *keeper, struct figures *figures)
{
	struct casebook *casebook = keeper_casebook(keeper);
	struct casebook_counts counts;
	const struct incident *incident;
	size_t position = 0;
	while ((incident = casebook_next(casebook, &position)) != NULL)
		figures->incidents[incident->drill][incident->state][incident->severity]++;
	casebook_get_counts(casebook, &counts);
	figures->incidents_refused = counts.refused;
}

static void fill_sources(const struct vitals *vitals, struct figures *figures)
{
	const struct station_config_sources *sources = &vitals->options.config->sources;
	figures->source_count = (uint32_t)sources->count;
	for (size_t i = 0; i < sources->count; i++) {
		struct figures_source *source = &figures->sources[i];
		vitals->options.get_source(vitals->options.context, i, source);
		(void)snprintf(source->name, sizeof source->name, "%s", sources->list[i].address);
	}
}

static void fill_stations(const struct vitals *vitals, struct figures *figures)
{
	figures->station_count = (uint32_t)peers_count(vitals->peers);
	for (size_t i = 0; i < figures->station_count; i++) {
		const struct peer *peer = peers_get(vitals->peers, i);
		struct figures_station *station = &figures->stations[i];
		(void)snprintf(station->name, sizeof station->name, "%s", peer->name);
		station->is_silent = peer->is_silent;
		station->heard_us = peer->heard_us;
	}
}

static void count_alarms(struct keeper *keeper, struct figures *figures)
{
	struct alarm_standing standing;
	size_t position = 0;
	while (alarms_next(keeper_alarms(keeper), &position, &standing))
		figures->alarms[standing.alarm]++;
}

/* What is asked of the store; a store that is in trouble is left alone. */
static void fill_stored(const struct vitals *vitals, struct figures *figures)
{
	struct keeper *keeper = vitals->options.keeper;
	struct store *store = keeper_store(keeper);
	const int64_t now_us = loop_wall_us(vitals->options.loop);
	struct outbox_counts outbox;
	struct store_health health;
	if (store_is_suspect(store))
		return;
	if (outbox_measure(keeper_outbox(keeper), &outbox, NULL) == 0) {
		figures->notices_waiting = (uint64_t)outbox.waiting;
		figures->notices_sending = outbox.sending;
		figures->notices_written = outbox.written;
		figures->notices_delivered = outbox.delivered;
		figures->notices_failed = outbox.failed;
		figures->attempts_failed = outbox.attempts_failed;
		figures->oldest_waiting_us = outbox.oldest_us == 0 || outbox.oldest_us > now_us
						 ? 0
						 : now_us - outbox.oldest_us;
	}
	if (store_measure(store, &health, NULL) != 0)
		return;
	figures->has_store = true;
	figures->database_bytes = (uint64_t)health.bytes;
	figures->database_log_bytes = (uint64_t)health.log_bytes;
	figures->disk_free_bytes = (uint64_t)health.disk_bytes;
}

static void fill_keeper(const struct vitals *vitals, struct figures *figures)
{
	struct keeper_counts counts;
	keeper_get_counts(vitals->options.keeper, &counts);
	figures->observed_us = keeper_observed_us(vitals->options.keeper);
	figures->batches = counts.batches;
	figures->sightings = counts.correlator.sightings;
	figures->hosts = counts.correlator.hosts;
	figures->judged = counts.correlator.judged;
	figures->ledger_evicted = counts.correlator.evicted;
	figures->gaps = counts.gaps;
	figures->commits = counts.commits;
	figures->commits_failed = counts.failed_commits;
	figures->committed_us = counts.committed_us;
	figures->pending_bytes = counts.pending_bytes;
}

static void fill_figures(const struct vitals *vitals, struct figures *figures)
{
	const struct watcher_outside *outside = &vitals->outside;
	memset(figures, 0, sizeof *figures);
	figures->bytes = sizeof *figures;
	fill_sources(vitals, figures);
	fill_stations(vitals, figures);
	fill_keeper(vitals, figures);
	count_incidents(vitals->options.keeper, figures);
	count_alarms(vitals->options.keeper, figures);
	fill_stored(vitals, figures);
	figures->canary_arrived_us = canary_home_us(keeper_canary(vitals->options.keeper));
	figures->canary_took_us = vitals->canary_took_us;
	figures->canary_is_late =
	    canary_last(keeper_canary(vitals->options.keeper))->state == CANARY_IS_LATE;
	figures->sends_heartbeats = outside->host[0] != '\0';
	figures->heartbeats_taken = outside->taken;
	figures->heartbeats_failed = outside->failed;
	figures->heartbeat_taken_us = outside->taken_wall_us;
}

/* Of the last one that came home, since the next may be on its way when somebody asks. */
static void look_at_canary(struct vitals *vitals)
{
	const struct canary_flight *flight = canary_last(keeper_canary(vitals->options.keeper));
	if (flight->state == CANARY_IS_HOME)
		vitals->canary_took_us = flight->at_us[CANARY_ARRIVED] - flight->begun_us;
}

/* ---- Signs of life of others ---- */

static enum wire_note note_heard(struct vitals *vitals, const struct heartbeat *heartbeat)
{
	const struct peers_clock clock = clock_of(vitals);
	switch (peers_hear(vitals->peers, heartbeat, &clock)) {
	case 0:
		return WIRE_NOTE_TAKEN;
	case -EALREADY:
		return WIRE_NOTE_AGAIN;
	case -EBUSY:
		return WIRE_NOTE_MANY;
	default:
		return WIRE_NOTE_UNKNOWN;
	}
}

static void report_peer(struct vitals *vitals, size_t number)
{
	const struct peer *peer = peers_get(vitals->peers, number);
	const int64_t now_us = loop_wall_us(vitals->options.loop);
	const struct alarm_report report = {
	    .alarm = ALARM_PEER_SILENT,
	    .what = peer->name,
	    .is_on = peer->is_silent,
	    .since_us = now_us - peer->silent_us,
	};
	if (peer->is_known)
		keeper_raise(vitals->options.keeper, &report, now_us);
}

static void look_at_peers(struct vitals *vitals)
{
	const struct peers_clock clock = clock_of(vitals);
	peers_tick(vitals->peers, &clock);
	for (size_t i = 0; i < peers_count(vitals->peers); i++)
		report_peer(vitals, i);
}

/* ---- The web duty ---- */

/* Whoever waits is told that in time where nothing is sent. */
static void answer_call(struct vitals *vitals, const struct wire_call *call)
{
	struct wire_answered answered = {.number = call->number};
	char *text = NULL;
	FILE *out = open_memstream(&text, &answered.length);
	if (out == NULL)
		return;
	answered.result = vitals->options.decide(vitals->options.context, call, out);
	const bool failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed && vitals->web != NULL) {
		answered.text = text;
		(void)wire_send_answered(vitals->web, &answered); /* as above */
	}
	free(text);
}

static void on_web(void *context, struct message *message)
{
	struct vitals *vitals = context;
	static struct figures figures; /* large */
	static struct wire_heard heard;
	static struct wire_question question;
	static struct wire_leaf leaf; /* large */
	struct wire_call call;
	uint64_t number;
	if (message->type == WIRE_ASK && wire_read_ask(message, &number)) {
		fill_figures(vitals, &figures);
		figures.number = number;
		(void)wire_send_figures(vitals->web, &figures); /* it asks again */
	} else if (message->type == WIRE_HEARD && wire_read_heard(message, &heard)) {
		const struct wire_noted noted = {
		    .number = heard.number, .note = note_heard(vitals, &heard.heartbeat)};
		(void)wire_send_noted(vitals->web, &noted); /* the other station sends again */
	} else if (message->type == WIRE_CALL && wire_read_call(message, &call)) {
		answer_call(vitals, &call);
	} else if (wire_read_watched(message)) {
		vitals->watched_us = loop_monotonic_us(vitals->options.loop) + WIRE_WATCHED_US;
	} else if (message->type == WIRE_QUESTION && wire_read_question(message, &question)) {
		vitals->options.answer(vitals->options.context, &question, &leaf);
		(void)wire_send_leaf(vitals->web, &leaf); /* whoever waits is told that in time */
	}
}

void vitals_tell_sparks(struct vitals *vitals)
{
	static struct sparks_news news; /* large */
	struct sparks *sparks = keeper_sparks(vitals->options.keeper);
	const int64_t now_us = loop_monotonic_us(vitals->options.loop);
	const bool is_watched = vitals->web != NULL && now_us < vitals->watched_us;
	sparks_set_watched(sparks, is_watched);
	if (!is_watched || now_us - vitals->sparks_us < WIRE_SPARKS_US ||
	    !sparks_take(sparks, &news))
		return;
	vitals->sparks_us = now_us;
	(void)wire_send_sparks(vitals->web, &news); /* the next ones come soon */
}

static void set_listening(struct vitals *vitals, bool is_listening)
{
	const struct peers_clock clock = clock_of(vitals);
	peers_set_listening(vitals->peers, is_listening, &clock);
}

static void on_web_gone(void *context, int error)
{
	struct vitals *vitals = context;
	(void)error;
	channel_free(vitals->web);
	vitals->web = NULL;
	set_listening(vitals, false);
}

void vitals_open_web(struct vitals *vitals, int fd)
{
	const struct channel_handler handler = {
	    .context = vitals, .on_message = on_web, .on_closed = on_web_gone};
	channel_free(vitals->web);
	vitals->web = NULL;
	if (channel_new(vitals->options.loop, fd, &handler, &vitals->web) != 0) {
		(void)close(fd); /* it cannot be waited for */
		vitals->web = NULL;
	}
	set_listening(vitals, vitals->web != NULL);
}

/* ---- Signs of life of ours ---- */

static uint64_t count_packets(const struct vitals *vitals)
{
	uint64_t packets = 0;
	for (size_t i = 0; i < vitals->options.config->sources.count; i++) {
		struct figures_source source = {.packets = 0};
		vitals->options.get_source(vitals->options.context, i, &source);
		packets += source.packets;
	}
	return packets;
}

static void beat(struct vitals *vitals)
{
	struct watcher_outside *outside = &vitals->outside;
	struct keeper *keeper = vitals->options.keeper;
	const uint64_t packets = count_packets(vitals);
	struct outbox_counts counts = {.waiting = 0};
	struct heartbeat heartbeat = {
	    .time_us = loop_wall_us(vitals->options.loop),
	    .observed_us = keeper_observed_us(keeper),
	    /* a capture that was started anew begins at 0 */
	    .packets = packets >= outside->packets ? packets - outside->packets : packets,
	    .version = HINOMI_VERSION,
	    .sequence = ++outside->sequence,
	};
	char *text;
	size_t length;
	(void)snprintf(
	    heartbeat.name, sizeof heartbeat.name, "%s", vitals->options.config->station.name);
	if (!store_is_suspect(keeper_store(keeper)) &&
	    outbox_measure(keeper_outbox(keeper), &counts, NULL) == 0)
		heartbeat.waiting = (uint64_t)counts.waiting + counts.sending;
	outside->packets = packets;
	/* without memory, or a courier, this one is not sent: the watcher is there for that */
	if (vitals->courier == NULL || heartbeat_write(&heartbeat, &text, &length) != 0)
		return;
	(void)wire_send_beat(vitals->courier, text, length);
	free(text);
}

/* It is known once it has taken one, or should have. */
static void report_outside(struct vitals *vitals)
{
	const struct watcher_outside *outside = &vitals->outside;
	/* the last one that was sent may be on its way yet */
	const bool is_lost = outside->untaken > VITALS_LOST_INTERVALS;
	if (!is_lost && outside->taken_wall_us == 0)
		return;
	const struct alarm_report report = {
	    .alarm = ALARM_WATCHER_LOST,
	    .what = outside->host,
	    .detail = outside->reply[0] != '\0' && is_lost ? outside->reply : NULL,
	    .is_on = is_lost,
	    .since_us = outside->began_wall_us,
	};
	keeper_raise(vitals->options.keeper, &report, loop_wall_us(vitals->options.loop));
}

static void look_outside(struct vitals *vitals)
{
	struct watcher_outside *outside = &vitals->outside;
	const int64_t every_us = vitals->options.config->heartbeat.every_us;
	const int64_t now_us = loop_monotonic_us(vitals->options.loop);
	if (outside->host[0] == '\0' || now_us < outside->next_us)
		return;
	outside->next_us = now_us + every_us;
	beat(vitals);
	outside->untaken++; /* so that time in which we did not run does not count */
	report_outside(vitals);
}

static void on_courier(void *context, struct message *message)
{
	struct vitals *vitals = context;
	struct watcher_outside *outside = &vitals->outside;
	struct wire_beaten beaten;
	if (message->type != WIRE_BEATEN || !wire_read_beaten(message, &beaten))
		return;
	memcpy(outside->reply, beaten.reply, sizeof outside->reply);
	if (!beaten.is_taken) {
		outside->failed++;
		return;
	}
	outside->taken++;
	outside->untaken = 0;
	outside->taken_wall_us = loop_wall_us(vitals->options.loop);
	report_outside(vitals);
	outside->taken_us = loop_monotonic_us(vitals->options.loop);
	outside->began_wall_us = outside->taken_wall_us;
}

static void on_courier_gone(void *context, int error)
{
	struct vitals *vitals = context;
	(void)error;
	channel_free(vitals->courier);
	vitals->courier = NULL;
}

void vitals_open_courier(struct vitals *vitals, int fd)
{
	const struct channel_handler handler = {
	    .context = vitals, .on_message = on_courier, .on_closed = on_courier_gone};
	channel_free(vitals->courier);
	vitals->courier = NULL;
	if (channel_new(vitals->options.loop, fd, &handler, &vitals->courier) != 0) {
		(void)close(fd); /* it cannot be waited for */
		vitals->courier = NULL;
	}
}

/* ---- Processes ---- */

void vitals_take_roll(struct vitals *vitals, const struct roll *roll)
{
	const int64_t now_us = loop_wall_us(vitals->options.loop);
	for (size_t i = 0; i < roll->count; i++) {
		const struct roll_duty *duty = &roll->duties[i];
		const struct alarm_report report = {
		    .alarm = ALARM_DUTY_FAILING,
		    .what = duty->name,
		    .detail = duty->why[0] != '\0' ? duty->why : NULL,
		    .is_on = duty->is_failing != 0,
		    .since_us = now_us - ROLLCALL_WITHIN_US,
		    .lasting_us = ROLLCALL_WITHIN_US,
		    .number = duty->ends,
		};
		keeper_raise(vitals->options.keeper, &report, now_us);
	}
}

/* ---- The whole ---- */

static void on_tick(void *context, uint32_t what)
{
	struct vitals *vitals = context;
	(void)what;
	look_at_canary(vitals);
	look_at_peers(vitals);
	look_outside(vitals);
}

static void open_outside(struct vitals *vitals)
{
	struct watcher_outside *outside = &vitals->outside;
	struct url url;
	const char *why;
	if (url_parse(vitals->options.config->heartbeat.url, &url, &why) != 0)
		return; /* "": there is none */
	memcpy(outside->host, url.endpoint.host, sizeof outside->host);
	outside->taken_us = loop_monotonic_us(vitals->options.loop);
	outside->began_wall_us = loop_wall_us(vitals->options.loop);
}

int vitals_new(
    const struct vitals_options *options, struct vitals **ret_vitals, struct complaint *complaint)
{
	struct vitals *vitals = calloc(1, sizeof *vitals);
	if (vitals == NULL)
		return complain(complaint, -ENOMEM, "out of memory for signs of life");
	vitals->options = *options;
	const struct peers_clock clock = clock_of(vitals);
	const struct loop_call call = {on_tick, vitals};
	int result = peers_new(&options->config->heartbeat.expect, &clock, &vitals->peers);
	if (result == 0)
		result = loop_add_timer(options->loop, TICK_US, TICK_US, call, &vitals->timer);
	if (result != 0) {
		vitals_free(vitals);
		return complain(complaint, result, "signs of life: %s", strerror(-result));
	}
	open_outside(vitals);
	*ret_vitals = vitals;
	return 0;
}

void vitals_free(struct vitals *vitals)
{
	if (vitals == NULL)
		return;
	loop_remove(vitals->options.loop, vitals->timer);
	channel_free(vitals->web);
	channel_free(vitals->courier);
	peers_free(vitals->peers);
	free(vitals);
}
