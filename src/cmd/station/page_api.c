#include "cmd/station/page_api.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/log.h"
#include "base/when.h"
#include "cmd/station/duties.h"
#include "cmd/station/hasher.h"
#include "cmd/station/page_cache.h"
#include "cmd/station/page_call.h"
#include "cmd/station/page_events.h"
#include "cmd/station/page_sparks.h"
#include "cmd/station/page_tables.h"
#include "cmd/station/token.h"
#include "notify/export.h"

enum {
	KNOWN_MAX = 64, /* sessions that ask again and again; others are looked up each time */
	KEY_BYTES = 64 + ROUTE_REST_BYTES * ROUTE_SEGMENTS_MAX + PAGE_PARAMETERS_MAX * 300,
};

/* What is wrong with the database is told no more often than this. */
#define TROUBLE_US (10 * WHEN_SECOND_US)
/* Figures that are older tell nothing of now. */
#define FIGURES_US (10 * WHEN_SECOND_US)

static const char json_type[] = "application/json";

/* Whose session has this hash, as long as the database is as it was. */
struct known {
	char hash[TOKEN_HASH_BYTES]; /* "": free */
	struct page_who who;
};

struct page {
	struct page_options options;
	struct page_world world;
	struct zone *zone;
	struct page_store *store;
	struct page_cache *cache;
	struct page_events *events;
	struct page_calls *calls;
	struct hasher *hasher;
	struct page_tables *tables;
	struct channel *keeper;
	struct figures figures;
	int64_t figures_us; /* monotonic; 0: none */
	struct roll roll;
	bool has_roll;
	struct known known[KNOWN_MAX];
	uint64_t known_version;
	size_t known_next; /* which goes next */
	int64_t trouble_us;
	char origin[URL_BYTES];
};

/* ---- The whole ---- */

/* "https://town.example:8443" of "https://town.example:8443/answers/" */
static void set_origin(struct page *page)
{
	const char *url = page->options.config->web.url;
	const char *host = strstr(url, "://");
	if (host == NULL)
		return;
	const size_t length = (size_t)(host - url) + 3 + strcspn(host + 3, "/");
	(void)snprintf(page->origin, sizeof page->origin, "%.*s", (int)length, url);
}

int page_new(
    const struct page_options *options, struct page **ret_page, struct complaint *complaint)
{
	struct page *page = calloc(1, sizeof *page);
	if (page == NULL)
		return complain(complaint, -ENOMEM, "page: out of memory");
	page->options = *options;
	/* without the zone's file: UTC */
	if (zone_open(options->config->station.zone, &page->zone, NULL) != 0)
		page->zone = NULL;
	page->world = (struct page_world){.config = options->config, .zone = page->zone};
	set_origin(page);
	int result = page_store_new(options->database, &page->store);
	if (result == 0)
		result = page_cache_new(&page->cache);
	if (result == 0)
		result = page_events_new(page, &page->events);
	if (result == 0)
		result = page_calls_new(page, &page->calls);
	if (result == 0)
		result = hasher_new(options->loop, &page->hasher);
	if (result == 0)
		result = page_tables_new(page, &page->tables);
	if (result == 0 && !token_prepare())
		result = -ENOSYS;
	/* loaded here, since it could not be in the sandbox */
	if (result == 0)
		result = export_prepare();
	if (result != 0) {
		page_free(page);
		return complain(complaint, result, "page: %s", strerror(-result));
	}
	*ret_page = page;
	return 0;
}

void page_free(struct page *page)
{
	if (page == NULL)
		return;
	hasher_free(page->hasher);
	page_tables_free(page->tables);
	page_calls_free(page->calls);
	page_events_free(page->events);
	page_cache_free(page->cache);
	page_store_free(page->store);
	zone_free(page->zone);
	free(page);
}

size_t page_fill_routes(struct route out[static PAGE_ROUTES_MAX],
    void (*run)(void *context, struct http_request *request))
{
	size_t count;
	const struct page_route *const *rows = page_routes(&count);
	for (size_t i = 0; i < count; i++)
		out[i] = (struct route){.path = rows[i]->path,
		    .method = rows[i]->method,
		    .body_max_bytes = rows[i]->body_max_bytes,
		    .run = run};
	return count;
}

void page_set_figures(struct page *page, const struct figures *figures)
{
	page->figures_us = 0;
	if (figures == NULL)
		return;
	page->figures = *figures;
	page->figures_us = loop_monotonic_us(page->options.loop);
}

void page_set_roll(struct page *page, const struct roll *roll)
{
	page->has_roll = roll != NULL;
	if (roll != NULL)
		page->roll = *roll;
}

void page_set_keeper(struct page *page, struct channel *keeper)
{
	page->keeper = keeper;
	if (keeper == NULL)
		page_calls_drop(page->calls);
}

struct channel *page_keeper(const struct page *page)
{
	return page->keeper;
}

struct page_store *page_database(struct page *page)
{
	return page->store;
}

struct loop *page_loop(const struct page *page)
{
	return page->options.loop;
}

const char *page_origin(const struct page *page)
{
	return page->origin;
}

bool page_is_secure(const struct page *page)
{
	return page->options.is_secure;
}

int64_t page_now_us(const struct page *page)
{
	return loop_wall_us(page->options.loop);
}

struct page_calls *page_calls(const struct page *page)
{
	return page->calls;
}

struct page_events *page_events(const struct page *page)
{
	return page->events;
}

struct hasher *page_hasher(const struct page *page)
{
	return page->hasher;
}

const struct page_world *page_world(struct page *page)
{
	const int64_t now_us = loop_monotonic_us(page->options.loop);
	const bool is_fresh = page->figures_us != 0 && now_us - page->figures_us < FIGURES_US;
	page->world.figures = is_fresh ? &page->figures : NULL;
	page->world.roll = page->has_roll ? &page->roll : NULL;
	page->world.now_us = page_now_us(page);
	return &page->world;
}

void page_tick(struct page *page)
{
	if (page_store_is_lost(page->store)) {
		say(LOG_LEVEL_NOTICE, "page.database.changed", "what",
		    "its files are others now: a process that begins anew can open them");
		loop_stop(page->options.loop);
		return;
	}
	page_calls_tick(page->calls);
	page_events_tick(page->events);
	page_sparks_tick(page);
}

/* ---- The database ---- */

void page_say_trouble(struct page *page, const struct complaint *complaint)
{
	const int64_t now_us = loop_monotonic_us(page->options.loop);
	if (page->trouble_us != 0 && now_us - page->trouble_us < TROUBLE_US)
		return;
	page->trouble_us = now_us;
	say(LOG_LEVEL_WARNING, "page.database", "why", complaint->text);
}

static unsigned refuse_database(struct page_problem *problem)
{
	return page_problem_set(
	    problem, PROBLEM(503, NULL, NULL), "the database cannot be read now");
}

/* One moment of it, and which. False, and what to answer, when it cannot be read. */
static bool begin(struct page *page, struct store **ret_store, uint64_t *ret_version,
    struct page_problem *problem)
{
	struct complaint complaint = {""};
	int result = page_store_begin(
	    page->store, loop_monotonic_us(page->options.loop), ret_store, &complaint);
	if (result == 0)
		result = page_store_version(page->store, ret_version, &complaint);
	if (result == 0)
		return true;
	page_store_end(page->store);
	page_say_trouble(page, &complaint);
	(void)refuse_database(problem);
	return false;
}

/* ---- Who asks ---- */

bool page_token(
    const struct page *page, const struct http_request *request, char out[static TOKEN_TEXT_BYTES])
{
	static const char scheme[] = "Bearer ";
	const char *header = http_request_header(request, "Authorization");
	if (header != NULL && strncmp(header, scheme, sizeof scheme - 1) == 0 &&
	    strlen(header + sizeof scheme - 1) < TOKEN_TEXT_BYTES) {
		(void)snprintf(out, TOKEN_TEXT_BYTES, "%s", header + sizeof scheme - 1);
		return true;
	}
	return http_request_cookie(
	    request, page->options.is_secure ? "__Host-hinomi" : "hinomi", out, TOKEN_TEXT_BYTES);
}

static const struct known *find_known(struct page *page, uint64_t version, const char *hash)
{
	if (page->known_version != version)
		memset(page->known, 0, sizeof page->known);
	page->known_version = version;
	for (size_t i = 0; i < KNOWN_MAX; i++)
		if (strcmp(page->known[i].hash, hash) == 0)
			return &page->known[i];
	return NULL;
}

static int look_up(struct page *page, struct store *store, const char *hash,
    struct page_who *ret_who, struct complaint *complaint)
{
	const int result = page_who_find_hash(store, hash, page_now_us(page), ret_who, complaint);
	if (result != 0 || ret_who->role == PAGE_NOBODY)
		return result;
	struct known *known = &page->known[page->known_next];
	page->known_next = (page->known_next + 1) % KNOWN_MAX;
	known->who = *ret_who;
	(void)snprintf(known->hash, sizeof known->hash, "%s", hash);
	return 0;
}

static int identify(struct page *page, const struct http_request *request, struct store *store,
    uint64_t version, struct page_who *ret_who)
{
	char token[TOKEN_TEXT_BYTES];
	char hash[TOKEN_HASH_BYTES];
	struct complaint complaint = {""};
	*ret_who = page_nobody;
	if (!page_token(page, request, token) || !token_hash(token, hash))
		return 0;
	const struct known *known = find_known(page, version, hash);
	if (known == NULL) {
		const int result = look_up(page, store, hash, ret_who, &complaint);
		if (result != 0)
			page_say_trouble(page, &complaint);
		return result;
	}
	if (known->who.until_us > page_now_us(page))
		*ret_who = known->who;
	return 0;
}

/* ---- What is asked ---- */

static unsigned refuse_query(const char *name, struct page_problem *problem)
{
	char field[sizeof problem->field];
	(void)snprintf(field, sizeof field, "%.60s", name);
	return page_problem_set(problem, PROBLEM(400, field, "parameter.unknown"),
	    "%.60s: there is no such parameter, expected one of /api/v1/openapi.json", name);
}

static unsigned take_query(const struct http_request *request, struct page_question *question,
    struct page_problem *problem)
{
	const struct page_parameter *list[PAGE_PARAMETERS_MAX];
	const char *names[PAGE_PARAMETERS_MAX];
	const size_t count = page_parameters(question->route, list);
	for (size_t i = 0; i < count; i++)
		names[i] = list[i]->name;
	const char *other = http_request_query_other(request, names, count);
	if (other != NULL)
		return refuse_query(other, problem);
	for (size_t i = 0; i < count; i++) {
		char text[PAGE_TEXT_BYTES];
		const size_t times = http_request_query_count(request, names[i]);
		if (times == 0)
			continue;
		const bool is_whole =
		    times == 1 && http_request_query_text(request, names[i], text, sizeof text);
		if (!page_take(question, names[i], is_whole ? text : NULL, problem))
			return problem->status;
	}
	return 200;
}

static void take_path(const struct http_request *request, struct page_question *question)
{
	for (size_t i = 0; i < ROUTE_SEGMENTS_MAX; i++)
		question->segments[i] = http_request_segment(request, i);
}

/* Whoever changes something comes from our page, or from no page. */
static unsigned check_sender(
    const struct page *page, const struct http_request *request, struct page_problem *problem)
{
	size_t count;
	(void)http_request_body(request, &count);
	if (!http_request_is_for(request, page->origin))
		return page_problem_set(problem, PROBLEM(421, NULL, "sender.host"),
		    "Host: expected an address, localhost, or that of web.url");
	if (http_request_route(request)->method == ROUTE_GET)
		return 200;
	if (http_request_is_from_elsewhere(request, page->origin))
		return page_problem_set(problem, PROBLEM(403, NULL, "sender.origin"),
		    "Origin: expected this station's own page");
	if (count > 0 && !http_request_is_json(request))
		return page_problem_set(problem, PROBLEM(415, NULL, "sender.type"),
		    "Content-Type: expected application/json");
	return 200;
}

/* ---- Answers ---- */

struct bytes {
	char *text;
	size_t count;
};

unsigned page_read_row(const struct page_question *question, struct page_answer *answer,
    char **ret_bytes, size_t *ret_count)
{
	struct bytes bytes = {NULL, 0};
	*ret_bytes = NULL;
	*ret_count = 0;
	answer->out = open_memstream(&bytes.text, &bytes.count);
	if (answer->out == NULL)
		return page_refuse(answer, PROBLEM(503, NULL, NULL), "there is no memory now");
	json_init(&answer->json, answer->out);
	unsigned status = question->route->read(question, answer);
	const bool failed = ferror(answer->out) != 0;
	if ((fclose(answer->out) != 0 || failed) && status == 200)
		status = page_refuse(answer, PROBLEM(503, NULL, NULL), "there is no memory now");
	if (status != 200) {
		free(bytes.text);
		return status;
	}
	*ret_bytes = bytes.text;
	*ret_count = bytes.count;
	return 200;
}

/* What a question comes to; `is_csv`, and no bytes with 200: it takes longer (page_tables.h). */
static unsigned read_any(struct page *page, const struct page_question *question, bool is_csv,
    struct page_problem *ret_problem, struct bytes *ret_bytes)
{
	static struct page_answer answer; /* large */
	memset(&answer, 0, sizeof answer);
	const unsigned status =
	    is_csv ? page_tables_first(question, &answer, &ret_bytes->text, &ret_bytes->count)
		   : page_read_row(question, &answer, &ret_bytes->text, &ret_bytes->count);
	if (answer.complaint.text[0] != '\0' && status != 200)
		page_say_trouble(page, &answer.complaint);
	*ret_problem = answer.problem;
	return status;
}

unsigned page_ask(struct page *page, const struct page_question *question,
    struct page_problem *ret_problem, char **ret_bytes, size_t *ret_count)
{
	static struct page_question copy; /* large */
	struct bytes bytes = {NULL, 0};
	uint64_t version;
	copy = *question;
	if (!begin(page, &copy.store, &version, ret_problem))
		return ret_problem->status;
	const unsigned status = read_any(page, &copy, false, ret_problem, &bytes);
	page_store_end(page->store);
	*ret_bytes = bytes.text;
	*ret_count = bytes.count;
	return status;
}

/* Who may see it, and what is asked, in one spelling. False where it is too long to be kept. */
static bool write_key(const struct http_request *request, const struct page_question *question,
    char out[static KEY_BYTES])
{
	const struct page_parameter *list[PAGE_PARAMETERS_MAX];
	const size_t count = page_parameters(question->route, list);
	int length = snprintf(out, KEY_BYTES, "%d:%lld %s", (int)question->who->role,
	    (long long)question->who->member_id, http_request_path(request));
	for (size_t i = 0; i < count && length > 0 && length < KEY_BYTES; i++)
		if (question->values[i].is_given)
			length += snprintf(out + length, (size_t)(KEY_BYTES - length), " %s=%s",
			    list[i]->name, question->values[i].text);
	return length > 0 && length < KEY_BYTES;
}

static void give(struct http_request *request, const struct page_question *question,
    const struct page_cached *cached)
{
	char filename[PAGE_FILENAME_BYTES];
	const bool is_csv = cached->type == page_tables_type;
	page_tables_name(question, filename);
	const struct http_reply reply = {.status = 200,
	    .type = cached->type,
	    .bytes = cached->bytes,
	    .count = cached->count,
	    .etag = cached->etag,
	    .caching = HTTP_REVALIDATE,
	    .filename = is_csv ? filename : NULL};
	http_reply(request, &reply);
}

static unsigned answer_from_store(struct page *page, struct http_request *request,
    struct page_question *question, uint64_t version, struct page_problem *problem)
{
	static char key[KEY_BYTES];
	struct bytes bytes = {NULL, 0};
	const bool is_kept = !question->route->is_fresh && write_key(request, question, key);
	const struct page_cached *cached =
	    is_kept ? page_cache_find(page->cache, version, key) : NULL;
	if (cached != NULL) {
		give(request, question, cached);
		return 200;
	}
	const bool is_csv = page_wants_table(question);
	const unsigned status = read_any(page, question, is_csv, problem, &bytes);
	if (status != 200)
		return status;
	if (is_csv && bytes.text == NULL) {
		page_tables_add(page->tables, request, question);
		return 200;
	}
	struct page_cached made = {.key = key,
	    .type = is_csv ? page_tables_type : json_type,
	    .bytes = bytes.text,
	    .count = bytes.count};
	page_etag(bytes.text, bytes.count, made.etag);
	if (is_kept)
		page_cache_add(page->cache, version, &made);
	give(request, question, &made);
	free(bytes.text);
	return 200;
}

/* ---- A request ---- */

/* The rows are made of the table's: a path is one and the same text. */
static const struct page_route *row_of(const struct http_request *request)
{
	size_t count;
	const struct route *route = http_request_route(request);
	const struct page_route *const *rows = page_routes(&count);
	size_t at = 0;
	while (at < count && (rows[at]->path != route->path || rows[at]->method != route->method))
		at++;
	assert(at < count);
	return rows[at];
}

static void refuse_role(unsigned status, struct page_problem *problem)
{
	if (status == 401)
		(void)page_problem_set(problem, PROBLEM(status, NULL, "session.none"),
		    "nobody is signed in, expected a session");
	else
		(void)page_problem_set(
		    problem, PROBLEM(status, NULL, "role"), "this account may not ask for it");
}

/* 200: it was answered, or will be. */
static unsigned run(struct page *page, struct http_request *request, struct page_question *question,
    uint64_t version, struct page_problem *problem)
{
	const unsigned may = page_may(question->route, question->who->role);
	if (may != 200) {
		refuse_role(may, problem);
		return may;
	}
	if (question->who->role != PAGE_NOBODY)
		page_calls_touch(page->calls, request, question->who);
	unsigned status = take_query(request, question, problem);
	if (status == 200)
		status = page_check_part(question, problem);
	if (status != 200)
		return status;
	if (question->route->read != NULL)
		return answer_from_store(page, request, question, version, problem);
	page_store_end(page->store);
	question->store = NULL;
	question->route->run(page, request, question);
	return 200;
}

void page_run(struct page *page, struct http_request *request)
{
	static struct page_question question; /* large */
	struct page_problem problem = {.status = 200};
	struct page_who who = page_nobody;
	uint64_t version = 0;
	memset(&question, 0, sizeof question);
	question.route = row_of(request);
	question.who = &who;
	question.world = page_world(page);
	take_path(request, &question);
	unsigned status = check_sender(page, request, &problem);
	if (status == 200 && !begin(page, &question.store, &version, &problem))
		status = problem.status;
	if (status == 200 && identify(page, request, question.store, version, &who) != 0)
		status = refuse_database(&problem);
	else if (status == 200)
		status = run(page, request, &question, version, &problem);
	page_store_end(page->store);
	if (status != 200)
		page_problem_give(request, &problem);
}
