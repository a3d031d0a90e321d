/*
 * duty_keeper.c - the duty that holds the database, and is the only one that writes it: the keeper
 * (station/keeper.h) in its process, with what comes from the captures and goes to the courier.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/station/answer_key.h"
#include "cmd/station/answers.h"
#include "cmd/station/authority.h"
#include "cmd/station/control.h"
#include "cmd/station/duties.h"
#include "cmd/station/duty_keeper_internal.h"
#include "cmd/station/keeper_setup.h"
#include "cmd/station/mail_desk.h"
#include "cmd/station/paths.h"
#include "cmd/station/vitals.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"
#include "cmd/station/wording_files.h"
#include "notify/export.h"
#include "notify/mail_key.h"
#include "proc/duty_self.h"

/* Between two turns that something woke; also how long what comes together may gather. */
#define TURN_MIN_US (50 * 1000)

struct keeper_clock desk_clock(const struct desk *desk)
{
	return (struct keeper_clock){
	    .wall_us = loop_wall_us(desk->loop),
	    .monotonic_us = loop_monotonic_us(desk->loop),
	};
}

/* ---- What the keeper wants of its process ---- */

static int send_parcel(void *context, const struct outbox_parcel *parcel)
{
	const struct desk *desk = context;
	return desk->letters == NULL ? -ENOTCONN : wire_send_parcel(desk->letters, parcel);
}

static void take(void *context, size_t source)
{
	const struct desk *desk = context;
	for (size_t i = 0; i < desk->post_count; i++)
		if (desk->posts[i].number == source)
			relay_take(desk->posts[i].relay);
}

static void tell_registry(void *context, const char *text, size_t length)
{
	struct desk *desk = context;
	int fd = wire_write_text(text, length);
	if (fd < 0) {
		say(LOG_LEVEL_ERROR, "registry.memory", "why", strerror(-fd));
		return;
	}
	if (desk->registry_fd >= 0)
		(void)close(desk->registry_fd); /* memory only */
	desk->registry_fd = fd;
	for (size_t i = 0; i < desk->post_count; i++)
		desk_send_registry(desk, &desk->posts[i]);
}

static int sign(
    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature)
{
	const struct desk *desk = context;
	return mail_desk_sign(desk->mail, bytes, length, ret_signature);
}

/* Each capture that has something to watch, in turn. */
static int send_canary(void *context, uint16_t number)
{
	struct desk *desk = context;
	const uint8_t payload[2] = {(uint8_t)(number >> 8), (uint8_t)number};
	const uint64_t wanted = WIRE_HAS_SOURCE;
	const struct message message = {
	    .type = WIRE_CANARY, .payload = payload, .payload_bytes = sizeof payload, .fd = -1};
	size_t ended = 0;
	for (size_t i = 0; i < desk->post_count; i++) {
		const size_t at = (desk->canary_post + i) % desk->post_count;
		const struct post *post = &desk->posts[at];
		ended += (post->report.flags & WIRE_HAS_ENDED) != 0;
		if (post->reports == NULL ||
		    (post->report.flags & (wanted | WIRE_HAS_ENDED)) != wanted ||
		    channel_send(post->reports, &message) != 0)
			continue;
		desk->canary_post = at + 1;
		return 0;
	}
	return ended == desk->post_count ? -ENODATA : -ENOTCONN;
}

static void log_event(void *context, const char *event, const char *text)
{
	(void)context;
	say(LOG_LEVEL_WARNING, event, "what", text);
}

/* ---- Turns ---- */

static void run_turn(struct desk *desk);

static void on_turn(void *context, uint32_t what)
{
	struct desk *desk = context;
	(void)what;
	desk->turn_timer = 0;
	run_turn(desk);
}

/* The next turn comes no later than this. */
static void plan_turn(struct desk *desk, int64_t after_us)
{
	const struct loop_call call = {on_turn, desk};
	loop_remove(desk->loop, desk->turn_timer);
	desk->turn_timer = 0;
	if (loop_add_timer(desk->loop, after_us, 0, call, &desk->turn_timer) != 0)
		say(LOG_LEVEL_ERROR, "keeper.timer", "what", "no turn can be planned");
}

static void listen_to_relays(struct desk *desk, bool wanted)
{
	for (size_t i = 0; i < desk->post_count; i++)
		(void)loop_change_watch(
		    desk->loop, desk->posts[i].relay_watch, wanted ? EPOLLIN : 0);
}

/* All sources have ended, and all that came of them is written and sent. */
static bool is_done(struct desk *desk)
{
	struct outbox_counts counts;
	struct complaint complaint;
	for (size_t i = 0; i < desk->post_count; i++)
		if ((desk->posts[i].report.flags & WIRE_HAS_ENDED) == 0)
			return false;
	const struct keeper_clock clock = desk_clock(desk);
	return outbox_measure(keeper_outbox(desk->keeper), &counts, &complaint) == 0 &&
	       counts.waiting == 0 && counts.sending == 0 &&
	       !keeper_awaits_frames(desk->keeper, &clock);
}

static void tell_when_done(struct desk *desk, bool more)
{
	const struct message message = {.type = WIRE_DONE, .fd = -1};
	if (!desk->orders.ends || desk->is_done || more || !is_done(desk))
		return;
	desk->is_done = true;
	(void)duty_send(desk->self, &message); /* where that fails we are soon no more */
}

/* Settings were changed, and whoever did was answered. */
static void tell_reload(struct desk *desk)
{
	const struct message message = {.type = WIRE_RELOAD, .fd = -1};
	if (desk->wants_reload && duty_send(desk->self, &message) == 0)
		desk->wants_reload = false;
}

static void run_turn(struct desk *desk)
{
	const struct keeper_clock clock = desk_clock(desk);
	mail_desk_begin_turn(desk->mail, &clock);
	bool more = keeper_turn(desk->keeper, &clock);
	mail_desk_end_turn(desk->mail, &clock);
	desk->turned_us = loop_monotonic_us(desk->loop);
	if (keeper_is_lost(desk->keeper)) {
		loop_stop(desk->loop);
		return;
	}
	if (desk->vitals != NULL)
		vitals_tell_sparks(desk->vitals);
	desk_note_unheard(desk);
	if (!more)
		desk_begin_exercises(desk);
	tell_when_done(desk, more);
	tell_reload(desk);
	more = copying_turn(desk->copying) || more;
	listen_to_relays(desk, true);
	plan_turn(desk, more ? 0 : KEEPER_TURN_US);
}

/* There is something in a relay: a turn soon, and no more calls until then. */
void desk_on_batches(void *context, uint32_t what)
{
	struct desk *desk = context;
	const int64_t passed_us = loop_monotonic_us(desk->loop) - desk->turned_us;
	(void)what;
	listen_to_relays(desk, false);
	plan_turn(desk, passed_us >= TURN_MIN_US ? 0 : TURN_MIN_US - passed_us);
}

/* ---- The courier ---- */

/* When a courier says that it was: a moment ago, or it has lost its way. */
static int64_t likely_us(int64_t told_us, int64_t now_us)
{
	return told_us > now_us || told_us < now_us - WHEN_HOUR_US ? now_us : told_us;
}

static void on_result(void *context, struct message *message)
{
	struct desk *desk = context;
	static struct wire_result result;
	if (message->type != WIRE_RESULT || !wire_read_result(message, &result))
		return;
	const struct outbox_result kept = {
	    .notice = result.notice,
	    .outcome = result.outcome,
	    .reply = result.reply,
	    .at_us = likely_us(result.at_us, loop_wall_us(desk->loop)),
	};
	keeper_note_result(desk->keeper, &kept);
	plan_turn(desk, 0);
}

static void on_courier_gone(void *context, int error)
{
	struct desk *desk = context;
	const struct keeper_clock clock = desk_clock(desk);
	(void)error;
	channel_free(desk->letters);
	desk->letters = NULL;
	keeper_lose_courier(desk->keeper, &clock);
}

static void open_letters(struct desk *desk, int fd)
{
	const struct channel_handler handler = {
	    .context = desk, .on_message = on_result, .on_closed = on_courier_gone};
	if (desk->letters != NULL)
		on_courier_gone(desk, 0);
	if (channel_new(desk->loop, fd, &handler, &desk->letters) != 0) {
		(void)close(fd); /* it cannot be waited for */
		desk->letters = NULL;
	}
}

/* ---- Answers to letters ---- */

static void take_answer(
    void *context, const struct wire_question *question, struct wire_leaf *ret_leaf)
{
	struct desk *desk = context;
	const struct keeper_clock clock = desk_clock(desk);
	answers_take(&desk->answers, question, &clock, ret_leaf);
	if (question->answer != ANSWER_NONE)
		plan_turn(desk, 0);
}

/* ---- The page ---- */

static int decide(void *context, const struct wire_call *call, FILE *out)
{
	struct desk *desk = context;
	const struct keeper_clock clock = desk_clock(desk);
	const int result = authority_answer(&desk->service, &clock, call, out);
	plan_turn(desk, 0);
	return result;
}

/* Whoever starts a station for the first time is told how to look at it, once there is a page. The
   token stands nowhere else. */
static void offer_link(struct desk *desk)
{
	const struct keeper_clock clock = desk_clock(desk);
	char token[TOKEN_TEXT_BYTES];
	char link[PAGE_LINK_BYTES];
	struct complaint complaint;
	desk->has_offered = true;
	if (desk->orders.ends)
		return;
	if (authority_make_first(&desk->service, &clock, token, &complaint) != 0) {
		say(LOG_LEVEL_ERROR, "account.first", "why", complaint.text);
		return;
	}
	if (token[0] == '\0')
		return;
	page_link_format(&desk->orders.config, token, link);
	(void)fprintf(stderr, "hinomi: sign in within 24 hours, once: %s\n", link);
	explicit_bzero(token, sizeof token);
	explicit_bzero(link, sizeof link);
}

/* ---- Whether we are alive ---- */

static int open_vitals(struct desk *desk, struct complaint *complaint)
{
	const struct vitals_options options = {
	    .loop = desk->loop,
	    .config = &desk->orders.config,
	    .keeper = desk->keeper,
	    .get_source = desk_get_source,
	    .answer = take_answer,
	    .decide = decide,
	    .context = desk,
	};
	desk->answers = (struct answers){
	    .keeper = desk->keeper,
	    .key = &desk->answer_key,
	    .station = desk->orders.config.station.name,
	    .desk = desk->orders.config.operator.mail,
	};
	int result = vitals_new(&options, &desk->vitals, complaint);
	if (result != 0)
		return result;
	int fd = duty_take_channel(desk->self, WIRE_FIGURES_LINK);
	if (fd >= 0)
		vitals_open_web(desk->vitals, fd);
	fd = duty_take_channel(desk->self, WIRE_BEATS);
	if (fd >= 0)
		vitals_open_courier(desk->vitals, fd);
	return 0;
}

/* ---- The process ---- */

static void on_channel(void *context, const char *link, int fd)
{
	struct desk *desk = context;
	if (strcmp(link, WIRE_FIGURES_LINK) == 0) {
		vitals_open_web(desk->vitals, fd);
		return;
	}
	if (strcmp(link, WIRE_BEATS) == 0) {
		vitals_open_courier(desk->vitals, fd);
		return;
	}
	if (strcmp(link, WIRE_LETTERS) == 0) {
		open_letters(desk, fd);
		return;
	}
	if (mail_desk_open(desk->mail, link, fd))
		return;
	for (size_t i = 0; i < desk->post_count; i++)
		if (strcmp(link, duty_reports_name(desk->orders.rows[i])) == 0) {
			desk_open_reports(&desk->posts[i], fd);
			return;
		}
	(void)close(fd); /* of a link that we do not know */
}

static void on_message(void *context, struct message *message)
{
	struct desk *desk = context;
	static struct roll roll; /* large */
	if (message->type != WIRE_ROLL || !wire_read_roll(message, &roll))
		return;
	if (desk->vitals != NULL)
		vitals_take_roll(desk->vitals, &roll);
	if (roll.serves_page != 0 && !desk->has_offered)
		offer_link(desk);
}

/* Captures were stopped before: what they told last is written now. */
static void on_stop(void *context)
{
	struct desk *desk = context;
	const struct keeper_clock clock = desk_clock(desk);
	keeper_finish(desk->keeper, &clock);
	loop_stop(desk->loop);
}

static void on_answered(void *context)
{
	plan_turn(context, 0);
}

static int open_mail(struct desk *desk, struct complaint *complaint)
{
	const struct mail_desk_options options = {
	    .loop = desk->loop,
	    .signing = &desk->orders.signing,
	    .on_taken = on_answered,
	    .context = desk,
	};
	int result = mail_desk_new(&options, &desk->mail);
	return result == 0 ? 0 : complain(complaint, result, "keeper: out of memory");
}

static int open_keeper(struct desk *desk, struct complaint *complaint)
{
	const struct keeper_clock clock = desk_clock(desk);
	const struct keeper_setup setup = {
	    .config = &desk->orders.config,
	    .store = desk->store,
	    .memory_bytes = (size_t)desk->orders.memory_bytes,
	    .batches_us = desk->orders.config.store.retention.batches_us,
	    .began_us = desk->orders.began_us,
	    .surroundings = &desk->orders.surroundings,
	    .geo = desk->geo,
	    .signing = &desk->orders.signing,
	    .directory = desk->orders.directory,
	    .answer_key = &desk->answer_key,
	    .io = {.context = desk,
		.send = send_parcel,
		.send_canary = send_canary,
		.ask_frames = desk_ask_frames,
		.take = take,
		.sign = sign,
		.tell_registry = tell_registry,
		.log = log_event},
	};
	return keeper_set_up(&setup, &clock, &desk->keeper, complaint);
}

/* ---- Commands ---- */

static struct keeper_clock get_clock(void *context)
{
	return desk_clock(context);
}

/* Who changed something stands in the log. */
static void note_request(
    void *context, const struct service_asker *asker, const char *request, const char *error)
{
	struct log_line line;
	(void)context;
	log_begin(&line, LOG_LEVEL_NOTICE, asker->name == NULL ? "control" : "page");
	log_text(&line, "do", request);
	if (asker->name == NULL) {
		log_unsigned(&line, "user", asker->user);
	} else {
		log_text(&line, "account", asker->name);
		log_text(&line, "from", asker->from);
	}
	if (error != NULL)
		log_text(&line, "error", error);
	log_end(&line);
}

/* The answer goes out before the next turn begins. */
static void want_reload(void *context)
{
	struct desk *desk = context;
	desk->wants_reload = true;
}

/* Copies go where the station keeps what is on its way. */
static int open_copying(struct desk *desk, struct complaint *complaint)
{
	char folder[sizeof desk->orders.database + sizeof STATION_SPOOL];
	const char *end = strrchr(desk->orders.database, '/');
	const int bytes = end == NULL ? 0 : (int)(end - desk->orders.database);
	(void)snprintf(folder, sizeof folder, "%.*s/" STATION_SPOOL, bytes,
	    desk->orders.database); /* fits by its size */
	int result = copying_new(desk->store, folder, &desk->copying);
	return result == 0 ? 0 : complain(complaint, result, "keeper: out of memory");
}

static int open_control(struct desk *desk, struct complaint *complaint)
{
	const struct station_config *config = &desk->orders.config;
	const struct control_options options = {
	    .loop = desk->loop,
	    .service = &desk->service,
	    .owner = desk->orders.dir_user,
	    .group = desk->orders.dir_group,
	    .get_clock = get_clock,
	    .on_answered = on_answered,
	    .context = desk,
	};
	service_init_doors(&desk->doors);
	desk->service = (struct service){
	    .keeper = desk->keeper,
	    .copying = desk->copying,
	    .language = (enum language)config->station.language,
	    .zone = config->station.zone,
	    .files = config->notices.files,
	    .may_reach_anywhere = config->webhook.allow_private,
	    .doors = &desk->doors,
	    .directory = desk->orders.directory,
	    .config = config,
	    .on_settings = want_reload,
	    .note = note_request,
	    .context = desk,
	};
	int fd = duty_take_descriptor(desk->self, WIRE_CONTROL);
	if (fd < 0)
		return complain(complaint, fd, "keeper: it has no control socket");
	int result = control_new(&options, fd, &desk->control);
	if (result == 0)
		return 0;
	(void)close(fd); /* the parent has it as well */
	return complain(complaint, result, "keeper: the control socket: %s", strerror(-result));
}

/* Before the sandbox. What is wrong with a database is told once, and statistics do without. */
static void open_geo(struct desk *desk)
{
	struct complaint complaint;
	if (geo_new(&desk->geo) != 0) {
		say(LOG_LEVEL_ERROR, "geo.memory", "what", "no countries in statistics");
		return;
	}
	for (int i = 0; i < GEO_DATABASES; i++) {
		const enum geo_database database = (enum geo_database)i;
		int fd = duty_take_descriptor(desk->self, geo_database_name(database));
		if (fd >= 0 && geo_add(desk->geo, database, fd, &complaint) != 0)
			say(LOG_LEVEL_WARNING, "geo.refused", "why", complaint.text);
	}
}

static int read_orders(struct desk *desk, struct complaint *complaint)
{
	int result = duty_begin(&desk->self, complaint);
	if (result != 0)
		return result;
	int orders = duty_take_descriptor(desk->self, WIRE_ORDERS);
	if (orders < 0)
		return complain(complaint, orders, "keeper: it has no orders");
	result = wire_read_orders(orders, &desk->orders, complaint);
	if (result != 0)
		return result;
	result = loop_new(&loop_clock_system, &desk->loop);
	return result == 0 ? 0 : complain(complaint, result, "keeper: %s", strerror(-result));
}

static int open_wording(struct desk *desk, struct complaint *complaint)
{
	const int fds[] = {
	    [LANGUAGE_EN] = duty_take_descriptor(desk->self, WIRE_WORDING_EN),
	    [LANGUAGE_JA] = duty_take_descriptor(desk->self, WIRE_WORDING_JA),
	};
	int result = wording_files_take(fds, &desk->wording, complaint);
	if (result == 0)
		wording_use(desk->wording);
	return result;
}

static int open_store(struct desk *desk, struct complaint *complaint)
{
	const struct store_options options = {.engine = "sqlite", .path = desk->orders.database};
	int result = store_open(&options, &desk->store, complaint);
	if (result == 0 && store_is_new(desk->store))
		say(LOG_LEVEL_WARNING, "store.new", "what",
		    "there was no database, or an empty one: a new one was made, without members "
		    "and incidents; where one is missed, stop the station and put a copy back "
		    "(hinomi restore --replace)");
	return result;
}

static int begin(struct desk *desk, struct complaint *complaint)
{
	const struct duty_self_handler handler = {
	    .context = desk,
	    .on_message = on_message,
	    .on_channel = on_channel,
	    .on_stop = on_stop,
	};
	struct sandbox_state sandbox;
	int result = read_orders(desk, complaint);
	if (result == 0)
		result = station_answer_key_take(duty_take_descriptor(desk->self, WIRE_ANSWER_KEY),
		    &desk->answer_key, complaint);
	if (result == 0)
		open_geo(desk);
	/* loaded here, since it could not be in the sandbox */
	if (result == 0 && export_prepare() != 0)
		result = complain(complaint, -ENOSYS, "OpenSSL has no SHA-1 or no SHA-256");
	if (result == 0 && !token_prepare())
		result = complain(complaint, -ENOSYS, "OpenSSL has no SHA-256");
	if (result == 0 && mail_key_prepare() != 0)
		say(LOG_LEVEL_ERROR, "keeper.openssl", "what", "no letter can be encrypted");
	if (result == 0)
		result = duty_enter(desk->self, desk->loop, &handler, &sandbox, complaint);
	if (result == 0)
		result = open_wording(desk, complaint);
	if (result == 0)
		result = open_store(desk, complaint);
	if (result == 0)
		result = open_mail(desk, complaint);
	if (result == 0)
		result = open_keeper(desk, complaint);
	if (result == 0)
		result = open_copying(desk, complaint);
	if (result == 0)
		result = open_control(desk, complaint);
	for (size_t i = 0; i < desk->orders.config.sources.count && result == 0; i++)
		result = desk_open_post(desk, i, complaint);
	if (result == 0)
		result = open_vitals(desk, complaint);
	if (result != 0)
		return result;
	int fd = duty_take_channel(desk->self, WIRE_LETTERS);
	if (fd >= 0)
		open_letters(desk, fd);
	mail_desk_begin(desk->mail, desk->keeper, desk->self);
	plan_turn(desk, 0);
	return 0;
}

static void end(struct desk *desk)
{
	for (size_t i = 0; i < desk->post_count; i++) {
		channel_free(desk->posts[i].reports);
		relay_close(desk->posts[i].relay);
	}
	channel_free(desk->letters);
	control_free(desk->control);
	copying_free(desk->copying);
	vitals_free(desk->vitals);
	keeper_free(desk->keeper);
	mail_desk_free(desk->mail);
	wording_use(NULL);
	wording_set_free(desk->wording);
	geo_free(desk->geo);
	store_close(desk->store);
	if (desk->registry_fd >= 0)
		(void)close(desk->registry_fd); /* memory only */
	duty_end(desk->self);
	loop_free(desk->loop);
}

int duty_keeper(void)
{
	static struct desk desk = {.registry_fd = -1};
	struct complaint complaint;
	int result = begin(&desk, &complaint);
	duty_tell_begin(desk.self, result, &complaint);
	if (result == 0)
		result = loop_run(desk.loop);
	if (result == 0 && keeper_is_lost(desk.keeper))
		result = -EIO;
	end(&desk);
	return result == 0 ? 0 : EXIT_TROUBLE;
}
