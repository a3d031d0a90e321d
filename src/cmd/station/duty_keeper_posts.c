/* duty_keeper_posts.c - what comes from the captures into the keeper's process. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/station/duties.h"
#include "cmd/station/duty_keeper_internal.h"
#include "cmd/station/wire_frames.h"

enum {
	/* Read of a capture before others have their turn: it tells of itself once a second. */
	REPORTS_AT_ONCE_MAX = 256,
};

/* Captures report every second. */
#define UNHEARD_US (3 * WHEN_SECOND_US)

static const struct station_source *source_of(const struct post *post)
{
	return &post->desk->orders.config.sources.list[post - post->desk->posts];
}

static bool is_exercise(const struct post *post)
{
	return source_of(post)->kind == STATION_SOURCE_DRILL;
}

void desk_send_registry(const struct desk *desk, const struct post *post)
{
	if (post->reports == NULL || desk->registry_fd < 0 ||
	    (is_exercise(post) && !post->has_begun))
		return;
	struct message message = {
	    .type = WIRE_REGISTRY, .fd = fcntl(desk->registry_fd, F_DUPFD_CLOEXEC, 0)};
	if (message.fd < 0) {
		say(LOG_LEVEL_ERROR, "registry.memory", "why", strerror(errno));
		return;
	}
	if (channel_send(post->reports, &message) != 0)
		(void)close(message.fd); /* the capture is gone, and gets it when it is back */
}

void desk_begin_exercises(struct desk *desk)
{
	for (size_t i = 0; i < desk->post_count; i++) {
		struct post *post = &desk->posts[i];
		const int64_t reached_us = keeper_reached_us(desk->keeper, post->number);
		const struct message message = {.type = WIRE_REACHED,
		    .payload = (const uint8_t *)&reached_us,
		    .payload_bytes = sizeof reached_us,
		    .fd = -1};
		if (!is_exercise(post) || post->has_begun || post->reports == NULL ||
		    channel_send(post->reports, &message) != 0)
			continue;
		post->has_begun = true;
		desk_send_registry(desk, post);
	}
}

/* How interfaces stand. */
static void note_post(struct post *post, const struct post_news *news)
{
	const struct keeper_clock clock = desk_clock(post->desk);
	post->noted_us = clock.monotonic_us;
	if (station_source_is_live(source_of(post)))
		keeper_note_post(post->desk->keeper, post->number, news, &clock);
}

static void note_report(struct post *post)
{
	const uint64_t up = WIRE_HAS_SOURCE | WIRE_IS_UP;
	const struct post_news news = {
	    .is_up = (post->report.flags & up) == up,
	    .packets = post->report.packets,
	    .lost = post->report.dropped,
	};
	note_post(post, &news);
}

void desk_note_unheard(struct desk *desk)
{
	const int64_t now_us = loop_monotonic_us(desk->loop);
	for (size_t i = 0; i < desk->post_count; i++) {
		struct post *post = &desk->posts[i];
		struct relay_counts relay;
		if (now_us - post->noted_us < UNHEARD_US)
			continue;
		relay_get_counts(post->relay, &relay);
		if (relay.backlog_bytes == 0)
			note_post(post, NULL);
	}
}

/* Since the report before, which took a moment to get here. */
static void note_losses(const struct post *post, const struct wire_report *report)
{
	const int64_t now_us = loop_wall_us(post->desk->loop);
	const int64_t before_us = post->reported_us != 0 ? post->reported_us : now_us;
	const uint64_t counts[LOSS_COUNT] = {
	    [LOSS_DROPPED] = report->dropped,
	    [LOSS_REFUSED] = report->refused,
	    [LOSS_RELAY_FULL] = report->lost_batches,
	};
	for (int loss = 0; loss < LOSS_COUNT; loss++) {
		const struct keeper_lost lost = {
		    .from_us = (before_us < now_us ? before_us : now_us) - WHEN_SECOND_US,
		    .to_us = now_us,
		    .count = counts[loss],
		};
		if (lost.count > 0)
			keeper_note_loss(
			    post->desk->keeper, post->number, (enum keeper_loss)loss, &lost);
	}
}

static void set_present(struct post *post, bool is_present)
{
	keeper_set_present(post->desk->keeper, post->number, is_present);
}

static void take_report(struct post *post, const uint8_t *bytes, size_t count)
{
	struct wire_report report;
	if (!wire_read_report(bytes, count, &report))
		return; /* of a capture that has lost its way */
	const struct attendance_state state = {
	    .epoch = report.epoch,
	    .sequence = report.sequence,
	    .since_us = report.since_us,
	    .until_us = report.until_us,
	};
	if (!keeper_note_report(post->desk->keeper, post->number, &state))
		return;
	keeper_note_packets(post->desk->keeper, report.epoch, report.packets);
	note_losses(post, &report);
	if (report.canary != post->report.canary)
		canary_note_sent(keeper_canary(post->desk->keeper), (uint16_t)report.canary,
		    source_of(post)->address, report.canary_us);
	post->dropped += report.dropped;
	post->refused += report.refused;
	post->lost_batches += report.lost_batches;
	post->report = report;
	post->reported_us = loop_wall_us(post->desk->loop);
	post->was_heard = true;
	/* what was replayed to its end is not waited for; after it comes nothing of this capture */
	if ((report.flags & WIRE_HAS_ENDED) != 0)
		set_present(post, false);
	note_report(post);
}

/* What a capture answers to desk_ask_frames(). */
static void take_frames(struct post *post, const uint8_t *bytes, size_t count)
{
	static struct wire_frames frames;
	const struct keeper_clock clock = desk_clock(post->desk);
	if (wire_read_frames(bytes, count, &frames)) /* else of one that has lost its way */
		keeper_note_frames(post->desk->keeper, post->number, &frames, &clock);
}

size_t desk_ask_frames(void *context, const struct wire_wanted_frames *wanted)
{
	const struct desk *desk = context;
	size_t asked = 0;
	for (size_t i = 0; i < desk->post_count; i++)
		asked += desk->posts[i].reports != NULL &&
			 wire_send_wanted_frames(desk->posts[i].reports, wanted) == 0;
	return asked;
}

/* The next batch; reports are among them. After many the relay still wakes us for the rest. */
static int read_relay(void *context, const uint8_t **ret_bytes, size_t *ret_count)
{
	struct post *post = context;
	for (int i = 0; i < REPORTS_AT_ONCE_MAX; i++) {
		int result = relay_read(post->relay, ret_bytes, ret_count);
		if (result > 0 && wire_is_report(*ret_bytes, *ret_count))
			take_report(post, *ret_bytes, *ret_count);
		else if (result > 0 && wire_is_frames(*ret_bytes, *ret_count))
			take_frames(post, *ret_bytes, *ret_count);
		else
			return result;
	}
	return 0;
}

static void on_said(void *context, struct message *message)
{
	(void)context;
	(void)message; /* a capture says nothing here: it could not */
}

static void on_capture_gone(void *context, int error)
{
	struct post *post = context;
	(void)error;
	channel_free(post->reports);
	post->reports = NULL;
	post->has_begun = false;
	set_present(post, false);
	/* of an interface the gap is found when it is watched again */
	if (!post->was_heard || (post->report.flags & WIRE_HAS_ENDED) != 0 ||
	    station_source_is_live(source_of(post)))
		return;
	const int64_t now_us = loop_wall_us(post->desk->loop);
	const struct keeper_gap gap = {
	    .source = source_of(post)->address,
	    .kind = "capture-ended",
	    .from_us = now_us,
	    .to_us = now_us,
	    .detail = "what it had not told yet is lost",
	};
	keeper_note_gap(post->desk->keeper, &gap);
	post->was_heard = false;
}

void desk_open_reports(struct post *post, int fd)
{
	const struct channel_handler handler = {
	    .context = post, .on_message = on_said, .on_closed = on_capture_gone};
	channel_free(post->reports);
	post->reports = NULL;
	if (channel_new(post->desk->loop, fd, &handler, &post->reports) != 0) {
		(void)close(fd); /* it cannot be waited for */
		return;
	}
	post->has_begun = false;
	set_present(post, true);
	desk_send_registry(post->desk, post);
}

/* What an exercise told before the start. */
static int know_sensor(const struct post *post, struct complaint *complaint)
{
	char sensor[STATION_SENSOR_BYTES];
	station_source_sensor(source_of(post), post->desk->orders.config.station.name, sensor);
	return keeper_read_reached(post->desk->keeper, post->number, sensor, complaint);
}

int desk_open_post(struct desk *desk, size_t number, struct complaint *complaint)
{
	struct post *post = &desk->posts[number];
	const struct intake_source source = {.read = read_relay, .context = post};
	const struct loop_call call = {desk_on_batches, desk};
	post->desk = desk;
	int result =
	    duty_take_relay(desk->self, duty_relay_name(desk->orders.rows[number]), &post->relay);
	if (result != 0)
		return complain(complaint, result, "keeper: a relay: %s", strerror(-result));
	result = keeper_add_source(
	    desk->keeper, source_of(post)->address, &source, &post->number, complaint);
	if (result == 0 && is_exercise(post))
		result = know_sensor(post, complaint);
	if (result != 0)
		return result;
	result = loop_add_watch(
	    desk->loop, relay_wake_fd(post->relay), EPOLLIN, call, &post->relay_watch);
	if (result != 0)
		return complain(complaint, result, "keeper: a relay: %s", strerror(-result));
	desk->post_count = number + 1;
	set_present(post, false);
	if (station_source_is_live(source_of(post)))
		keeper_set_live(desk->keeper, post->number);
	int fd = duty_take_channel(desk->self, duty_reports_name(desk->orders.rows[number]));
	if (fd >= 0)
		desk_open_reports(post, fd);
	return 0;
}

void desk_get_source(void *context, size_t number, struct figures_source *ret_source)
{
	const struct desk *desk = context;
	const struct post *post = &desk->posts[number];
	const struct wire_report *report = &post->report;
	struct relay_counts relay;
	if (number >= desk->post_count)
		return; /* not open yet */
	relay_get_counts(post->relay, &relay);
	*ret_source = (struct figures_source){
	    .is_up = post->reports != NULL && (report->flags & WIRE_HAS_SOURCE) != 0 &&
		     (report->flags & WIRE_IS_UP) != 0,
	    .packets = report->packets,
	    .bytes = report->bytes,
	    .dropped = post->dropped,
	    .refused = post->refused,
	    .truncated = report->truncated,
	    .malformed = report->malformed,
	    .unsupported = report->unsupported,
	    .evicted = report->evicted,
	    .lost_batches = post->lost_batches,
	    .backlog_bytes = relay.backlog_bytes,
	    .last_us = post->was_heard ? report->last_us : INT64_MIN,
	};
}
