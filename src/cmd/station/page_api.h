/*
 * page_api.h - the API of the page, as the web duty serves it: requests come in, are looked up in
 * the table (page_routes.h), checked, and answered.
 *
 * What is only looked at is read from the database, in one transaction per answer, and kept until
 * anything there changes (page_cache.h). Who asks is looked up for each request, so that a session
 * that ended ends at once.
 */
#ifndef CMD_STATION_PAGE_API_H
#define CMD_STATION_PAGE_API_H

#include "base/complaint.h"
#include "cmd/station/page_routes.h"
#include "cmd/station/page_store.h"
#include "proc/loop.h"
#include "proc/message.h"

struct page;
struct page_calls;  /* changes on their way to the keeper: page_call.h */
struct page_events; /* who listens: page_events.h */
struct hasher;      /* of passwords: hasher.h */

struct page_options {
	struct loop *loop;                   /* borrowed, as all */
	const struct station_config *config; /* where it was read and completed */
	const char *database;                /* its path */
	bool is_secure;                      /* browsers come by TLS */
};

/* Before the sandbox. 0, or a negative errno with a complaint. */
int page_new(
    const struct page_options *options, struct page **ret_page, struct complaint *complaint);
void page_free(struct page *page); /* NULL is allowed */

/*
 * A row for each route, which `run` is to hand on to page_run() with the page. Returns how many; at
 * most PAGE_ROUTES_MAX.
 */
size_t page_fill_routes(struct route out[static PAGE_ROUTES_MAX],
    void (*run)(void *context, struct http_request *request));
void page_run(struct page *page, struct http_request *request);

/* What the keeper and the parent tell; NULL: it is not known any more. Copied. */
void page_set_figures(struct page *page, const struct figures *figures);
void page_set_roll(struct page *page, const struct roll *roll);
/* The keeper's channel, borrowed; NULL: it is gone. */
void page_set_keeper(struct page *page, struct channel *keeper);
/* Several times a second. */
void page_tick(struct page *page);

/* ---- For rows that answer by themselves ---- */

struct channel *page_keeper(const struct page *page); /* NULL: it is not there */
struct page_store *page_database(struct page *page);
struct loop *page_loop(const struct page *page);
const struct page_world *page_world(struct page *page); /* as it is now */
const char *page_origin(const struct page *page);       /* of web.url; "" where there is none */
bool page_is_secure(const struct page *page);
/* What somebody shows to be known by, as a cookie or a bearer's token. False: nothing. */
bool page_token(
    const struct page *page, const struct http_request *request, char out[static TOKEN_TEXT_BYTES]);
int64_t page_now_us(const struct page *page); /* wall */
struct page_calls *page_calls(const struct page *page);
struct page_events *page_events(const struct page *page);
struct hasher *page_hasher(const struct page *page);

/* What the row reads, by the question's store: bytes to be freed. 200, or the answer's problem. */
unsigned page_read_row(const struct page_question *question, struct page_answer *answer,
    char **ret_bytes, size_t *ret_count);
/* What is wrong with the database goes into the log, now and then. */
void page_say_trouble(struct page *page, const struct complaint *complaint);

/*
 * What the row says of this question, as it is written to whoever asks: bytes to be freed. Gives
 * the status; where it is not 200 the problem is set.
 */
unsigned page_ask(struct page *page, const struct page_question *question,
    struct page_problem *ret_problem, char **ret_bytes, size_t *ret_count);

#endif
