/*
 * duty_web.c - the duty that anybody may talk to: it serves the station's figures, takes signs of
 * life of other stations, serves the page and all beside it (station/web_page.h),
 * and holds nothing but its sockets, what those stations share, the database to read,
 * and its key for TLS. What it serves it asks of the keeper; where that does not answer in time it
 * says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/station/duties.h"
#include "cmd/station/figures_text.h"
#include "cmd/station/page_store.h"
#include "cmd/station/web_page.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"
#include "cmd/station/wording_files.h"
#include "proc/duty_self.h"
#include "web/http.h"
#include "web/metrics.h"

enum {
	WAITING_MAX = 64, /* requests of a kind that wait for the keeper; then come refusals */
};

/* A turn of the keeper takes less; whoever asks for metrics usually waits for ten. */
#define ANSWER_US (2 * WHEN_SECOND_US)
/* Figures that are no older are asked for no second time. */
#define FRESH_US WHEN_SECOND_US
#define TICK_US  (WHEN_SECOND_US / 4)
/* So old may be what the page tells of now. */
#define PAGE_FIGURES_US (2 * WHEN_SECOND_US)
/* Who knocks wrongly is told of no more often than this. */
#define REFUSED_US (10 * WHEN_SECOND_US)

/* A request that waits for the keeper. */
struct waiting {
	struct http_request *request; /* NULL: free */
	uint64_t number;              /* of a sign of life */
	int64_t until_us;             /* monotonic */
};

struct gate {
	struct duty_self *self;
	struct loop *loop;
	struct wire_orders orders;
	struct heartbeat_secret secret;
	struct wording_set *wording; /* the station's own words, as its letters have them */
	struct http *http;           /* NULL: figures are not served */
	struct web_page *page;       /* NULL: it is not served */
	struct channel *keeper;      /* NULL: it is not there */
	uint64_t ticks;
	uint64_t number; /* of the last question */
	bool is_asked;   /* for figures, without an answer yet */
	struct waiting pages[WAITING_MAX];
	struct waiting beats[WAITING_MAX];
	struct figures figures;
	int64_t figures_us; /* when they came; 0: none are there */
	struct roll roll;
	uint64_t verdicts[HEARTBEAT_VERDICT_COUNT];
	uint64_t heard_before;
	uint64_t refused; /* signs of life since that was logged */
	int64_t refused_us;
};

static struct waiting *find_free(struct waiting list[static WAITING_MAX])
{
	for (size_t i = 0; i < WAITING_MAX; i++)
		if (list[i].request == NULL)
			return &list[i];
	return NULL;
}

/* ---- /metrics ---- */

static void answer_page(struct gate *gate, struct http_request *request, const char *why)
{
	struct http_counts counts;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	http_get_counts(gate->http, &counts);
	if (gate->page != NULL)
		web_page_add_counts(gate->page, &counts);
	const struct figures_page page = {
	    .figures = why == NULL ? &gate->figures : NULL,
	    .why = why,
	    .roll = &gate->roll,
	    .http = &counts,
	    .verdicts = gate->verdicts,
	    .heard_before = gate->heard_before,
	};
	if (out != NULL)
		figures_write(out, &page);
	const bool failed = out == NULL || ferror(out) != 0;
	if ((out != NULL && fclose(out) != 0) || failed)
		http_refuse(request, 503, "there is no memory now");
	else
		http_answer(request, 200, METRICS_TYPE, text, length);
	free(text);
}

static void answer_pages(struct gate *gate, const char *why)
{
	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct http_request *request = gate->pages[i].request;
		gate->pages[i].request = NULL;
		if (request != NULL)
			answer_page(gate, request, why);
	}
}

static bool is_fresh(const struct gate *gate)
{
	return gate->figures_us != 0 && loop_monotonic_us(gate->loop) - gate->figures_us < FRESH_US;
}

/* One question at a time, however many ask. */
static bool ask(struct gate *gate)
{
	if (gate->keeper == NULL)
		return false;
	if (!gate->is_asked)
		gate->is_asked = wire_send_ask(gate->keeper, ++gate->number) == 0;
	return gate->is_asked;
}

static bool may_read(const struct gate *gate, const struct http_request *request)
{
	return gate->orders.config.metrics.open ||
	       (address_is_loopback(http_request_peer(request)) && http_request_is_direct(request));
}

static void get_metrics(void *context, struct http_request *request)
{
	struct gate *gate = context;
	struct waiting *waiting = find_free(gate->pages);
	if (!may_read(gate, request))
		http_refuse(request, 403,
		    "only this machine may read them, by its address or as localhost "
		    "(metrics.open)");
	else if (is_fresh(gate))
		answer_page(gate, request, NULL);
	else if (waiting == NULL)
		http_refuse(request, 503, "too many ask at once");
	else if (!ask(gate))
		answer_page(gate, request, "keeper: it is not there, its figures are left out");
	else
		*waiting = (struct waiting){
		    .request = request, .until_us = loop_monotonic_us(gate->loop) + ANSWER_US};
}

/* ---- /heartbeat/NAME ---- */

static void say_refused(
    struct gate *gate, const struct http_request *request, const char *name, const char *why)
{
	const int64_t now_us = loop_monotonic_us(gate->loop);
	char peer[ADDRESS_TEXT_BYTES];
	struct log_line line;
	gate->refused++;
	if (gate->refused_us != 0 && now_us - gate->refused_us < REFUSED_US)
		return;
	address_format(http_request_peer(request), peer);
	log_begin(&line, LOG_LEVEL_WARNING, "heartbeat.refused");
	log_text(&line, "station", name);
	log_text(&line, "from", peer);
	log_text(&line, "why", why);
	log_unsigned(&line, "refused", gate->refused);
	log_end(&line);
	gate->refused = 0;
	gate->refused_us = now_us;
}

/* Whoever does not know the secret is told nothing by which to learn it. */
static void refuse_beat(
    struct gate *gate, struct http_request *request, enum heartbeat_verdict verdict)
{
	say_refused(gate, request, http_request_rest(request), heartbeat_verdict_name(verdict));
	if (verdict == HEARTBEAT_UNTIMELY)
		http_refuse(request, 403,
		    "its time is more than five minutes from ours: see the clocks of both");
	else if (verdict == HEARTBEAT_WRONG)
		http_refuse(request, 400, "it is signed, but no sign of life of this name");
	else
		http_refuse(request, 403, "it is not signed with the secret of this station");
}

static void take_beat(void *context, struct http_request *request)
{
	struct gate *gate = context;
	struct waiting *waiting = find_free(gate->beats);
	struct wire_heard heard;
	struct heartbeat_post post = {
	    .name = http_request_rest(request),
	    .time = http_request_header(request, HEARTBEAT_TIME_HEADER),
	    .signature = http_request_header(request, HEARTBEAT_SIGNATURE_HEADER),
	};
	post.body = http_request_body(request, &post.count);
	const enum heartbeat_verdict verdict =
	    heartbeat_check(&gate->secret, &post, loop_wall_us(gate->loop), &heard.heartbeat);
	gate->verdicts[verdict]++;
	if (verdict != HEARTBEAT_GOOD) {
		refuse_beat(gate, request, verdict);
		return;
	}
	heard.number = ++gate->number;
	if (waiting == NULL || gate->keeper == NULL || wire_send_heard(gate->keeper, &heard) != 0) {
		http_refuse(request, 503, "nobody is there to note it now");
		return;
	}
	*waiting = (struct waiting){.request = request,
	    .number = heard.number,
	    .until_us = loop_monotonic_us(gate->loop) + ANSWER_US};
}

static void answer_beat(struct gate *gate, struct http_request *request, enum wire_note note)
{
	static const struct {
		unsigned status;
		const char *why;
	} refusals[WIRE_NOTE_COUNT] = {
	    [WIRE_NOTE_AGAIN] = {409, "it was heard before"},
	    [WIRE_NOTE_UNKNOWN] = {403, "this station is not expected (heartbeat.expect)"},
	    [WIRE_NOTE_MANY] = {429, "there are more of them than anybody needs"},
	};
	gate->heard_before += note == WIRE_NOTE_AGAIN;
	if (refusals[note].why == NULL) {
		http_accept(request);
		return;
	}
	say_refused(gate, request, http_request_rest(request), refusals[note].why);
	http_refuse(request, refusals[note].status, refusals[note].why);
}

/* The keeper is gone, or too slow: whoever sent it must not believe that it was heard. */
static void give_up_beats(struct gate *gate, int64_t until_us)
{
	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct http_request *request = gate->beats[i].request;
		if (request == NULL || gate->beats[i].until_us > until_us)
			continue;
		gate->beats[i].request = NULL;
		http_refuse(request, 503, "nobody is there to note it now");
	}
}

/* ---- The keeper ---- */

static void take_note(struct gate *gate, const struct wire_noted *noted)
{
	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct http_request *request = gate->beats[i].request;
		if (request == NULL || gate->beats[i].number != noted->number)
			continue;
		gate->beats[i].request = NULL;
		answer_beat(gate, request, noted->note);
	}
}

static void on_keeper(void *context, struct message *message)
{
	struct gate *gate = context;
	static struct figures figures; /* large */
	struct wire_noted noted;
	if (message->type == WIRE_FIGURES && wire_read_figures(message, &figures)) {
		gate->is_asked = false;
		gate->figures = figures;
		gate->figures_us = loop_monotonic_us(gate->loop);
		answer_pages(gate, NULL);
		if (gate->page != NULL)
			web_page_set_figures(gate->page, &gate->figures);
	} else if (message->type == WIRE_NOTED && wire_read_noted(message, &noted)) {
		take_note(gate, &noted);
	} else if (gate->page != NULL) {
		web_page_take(gate->page, message);
	}
}

static void drop_keeper(struct gate *gate)
{
	channel_free(gate->keeper);
	gate->keeper = NULL;
	gate->is_asked = false;
	gate->figures_us = 0;
	answer_pages(gate, "keeper: it has just ended, its figures are left out");
	give_up_beats(gate, INT64_MAX);
	if (gate->page == NULL)
		return;
	web_page_set_keeper(gate->page, NULL);
	web_page_set_figures(gate->page, NULL);
}

static void on_keeper_gone(void *context, int error)
{
	(void)error;
	drop_keeper(context);
}

static void open_keeper(struct gate *gate, int fd)
{
	const struct channel_handler handler = {
	    .context = gate, .on_message = on_keeper, .on_closed = on_keeper_gone};
	drop_keeper(gate);
	if (channel_new(gate->loop, fd, &handler, &gate->keeper) != 0) {
		(void)close(fd); /* it cannot be waited for */
		gate->keeper = NULL;
	}
	if (gate->page != NULL)
		web_page_set_keeper(gate->page, gate->keeper);
}

/* The page tells how all is now, also where nobody asks for metrics. */
static void tick_page(struct gate *gate, int64_t now_us)
{
	struct log_line line;
	if (gate->keeper != NULL && now_us - gate->figures_us >= PAGE_FIGURES_US)
		(void)ask(gate); /* next time, where it cannot be told now */
	if (web_page_tick(gate->page))
		return;
	log_begin(&line, LOG_LEVEL_NOTICE, "page.anew");
	log_text(
	    &line, "why", "the database is another one: this duty is started again to open it");
	log_end(&line);
	loop_stop(gate->loop);
}

/* Whoever waits for long enough is answered without it. */
static void on_tick(void *context, uint32_t what)
{
	struct gate *gate = context;
	const int64_t now_us = loop_monotonic_us(gate->loop);
	(void)what;
	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct http_request *request = gate->pages[i].request;
		if (request == NULL || gate->pages[i].until_us > now_us)
			continue;
		gate->pages[i].request = NULL;
		answer_page(gate, request,
		    "keeper: it did not answer within 2 s, its figures are left out");
	}
	give_up_beats(gate, now_us);
	if (gate->page != NULL)
		tick_page(gate, now_us);
}

/* ---- The process ---- */

static const struct route routes[] = {
    {.path = "/metrics", .method = ROUTE_GET, .run = get_metrics},
    {.path = "/heartbeat/",
	.is_prefix = true,
	.method = ROUTE_POST,
	.body_max_bytes = HEARTBEAT_BODY_MAX_BYTES,
	.run = take_beat},
};

static void on_channel(void *context, const char *link, int fd)
{
	(void)link; /* there is only one */
	open_keeper(context, fd);
}

static void on_message(void *context, struct message *message)
{
	struct gate *gate = context;
	static struct roll roll;
	if (!wire_read_roll(message, &roll))
		return;
	gate->roll = roll;
	if (gate->page != NULL)
		web_page_set_roll(gate->page, &gate->roll);
}

static void on_stop(void *context)
{
	const struct gate *gate = context;
	loop_stop(gate->loop);
}

/* Figures and signs of life. */
static int open_figures(struct gate *gate, struct complaint *complaint)
{
	const struct http_options options = {.loop = gate->loop,
	    .routes = routes,
	    .route_count = sizeof routes / sizeof routes[0],
	    .context = gate};
	const int fd = duty_take_descriptor(gate->self, WIRE_LISTEN);
	return fd < 0 ? 0 : http_new(&options, fd, &gate->http, complaint);
}

/* A file that the parent has read. *ret_text is NULL where it gave none. */
static int take_text(
    struct gate *gate, const char *name, char **ret_text, struct complaint *complaint)
{
	const int fd = duty_take_descriptor(gate->self, name);
	size_t length;
	*ret_text = NULL;
	if (fd < 0)
		return 0;
	const int result = wire_read_text(fd, WIRE_PEM_MAX_BYTES, ret_text, &length);
	return result == 0
		   ? 0
		   : complain(complaint, result, "web: its %s: %s", name, strerror(-result));
}

/* The page, its API, and the pages behind the links in letters. */
static int open_page(struct gate *gate, struct complaint *complaint)
{
	char *certificate = NULL;
	char *key = NULL;
	const int fd = duty_take_descriptor(gate->self, WIRE_PAGES);
	int result = take_text(gate, WIRE_CERTIFICATE, &certificate, complaint);
	if (result == 0)
		result = take_text(gate, WIRE_KEY, &key, complaint);
	const struct web_page_options options = {.loop = gate->loop,
	    .config = &gate->orders.config,
	    .database = gate->orders.database,
	    .listen_fd = fd,
	    .certificate = certificate,
	    .key = key};
	if (result == 0 && fd >= 0) {
		page_store_wait(options.database); /* the keeper makes it meanwhile */
		result = web_page_new(&options, &gate->page, complaint);
	} else if (fd >= 0) {
		(void)close(fd); /* nobody came by it */
	}
	if (key != NULL)
		explicit_bzero(key, strlen(key));
	free(key);
	free(certificate);
	return result;
}

/* What the page says of an incident, its letters say as well. */
static int open_wording(struct gate *gate, struct complaint *complaint)
{
	const int fds[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = duty_take_descriptor(gate->self, WIRE_WORDING_EN),
	    [LANGUAGE_JA] = duty_take_descriptor(gate->self, WIRE_WORDING_JA),
	};
	const int result = wording_files_take(fds, &gate->wording, complaint);
	if (result == 0)
		wording_use(gate->wording);
	return result;
}

/* Everything that could not be had in the sandbox. */
static int open_all(struct gate *gate, struct complaint *complaint)
{
	const struct loop_call tick = {on_tick, gate};
	int result = loop_new(&loop_clock_system, &gate->loop);
	if (result == 0)
		result = loop_add_timer(gate->loop, TICK_US, TICK_US, tick, &gate->ticks);
	if (result != 0)
		return complain(complaint, result, "web: %s", strerror(-result));
	if (heartbeat_prepare() != 0)
		return complain(complaint, -ENOSYS, "OpenSSL has no HMAC with SHA-256");
	result = wire_take_secret(gate->self, &gate->secret, complaint);
	if (result == 0)
		result = open_wording(gate, complaint);
	if (result != 0)
		return result;
	result = open_figures(gate, complaint);
	return result != 0 ? result : open_page(gate, complaint);
}

static int begin(struct gate *gate, struct complaint *complaint)
{
	const struct duty_self_handler handler = {
	    .context = gate,
	    .on_message = on_message,
	    .on_channel = on_channel,
	    .on_stop = on_stop,
	};
	struct sandbox_state sandbox;
	int result = duty_begin(&gate->self, complaint);
	if (result != 0)
		return result;
	int orders = duty_take_descriptor(gate->self, WIRE_ORDERS);
	if (orders < 0)
		return complain(complaint, orders, "web: it has no orders");
	result = wire_read_orders(orders, &gate->orders, complaint);
	if (result == 0)
		result = open_all(gate, complaint);
	if (result == 0)
		result = duty_enter(gate->self, gate->loop, &handler, &sandbox, complaint);
	if (result != 0)
		return result;
	int fd = duty_take_channel(gate->self, WIRE_FIGURES_LINK);
	if (fd >= 0)
		open_keeper(gate, fd);
	return 0;
}

int duty_web(void)
{
	static struct gate gate;
	struct complaint complaint;
	int result = begin(&gate, &complaint);
	duty_tell_begin(gate.self, result, &complaint);
	if (result == 0)
		result = loop_run(gate.loop);
	http_free(gate.http);
	web_page_free(gate.page);
	channel_free(gate.keeper);
	wording_use(NULL);
	wording_set_free(gate.wording);
	explicit_bzero(&gate.secret, sizeof gate.secret);
	duty_end(gate.self);
	loop_free(gate.loop);
	return result == 0 ? 0 : EXIT_TROUBLE;
}
