#include "cmd/station/web_page.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/station/page_api.h"
#include "cmd/station/page_call.h"
#include "cmd/station/page_sparks.h"
#include "cmd/station/web_answers.h"
#include "cmd/station/wire.h"
#include "web/asset.h"

enum {
	FILES = 4, /* places of the page's own files */
	ROUTES_MAX = FILES + WEB_ANSWERS_ROUTES + PAGE_ROUTES_MAX,
};

struct web_page {
	struct http *http;
	struct page *page;
	struct web_answers *answers; /* NULL: letters have no links */
	struct route routes[ROUTES_MAX];
	size_t route_count;
};

/* ---- Routes ---- */

static const struct route files[FILES] = {
    {.path = "/", .method = ROUTE_GET, .run = asset_answer},
    {.path = "/assets/", .is_prefix = true, .method = ROUTE_GET, .run = asset_answer},
    {.path = "/favicon.svg", .method = ROUTE_GET, .run = asset_answer},
    {.path = "/licenses.txt", .method = ROUTE_GET, .run = asset_answer},
};

static void add_routes(struct web_page *page, const struct route *rows, size_t count)
{
	assert(count <= ROUTES_MAX - page->route_count);
	memcpy(page->routes + page->route_count, rows, count * sizeof *rows);
	page->route_count += count;
}

static void run_api(void *context, struct http_request *request)
{
	const struct web_page *page = context;
	page_run(page->page, request);
}

static void gather_routes(struct web_page *page)
{
	struct route api[PAGE_ROUTES_MAX] = {0};
	struct route answers[WEB_ANSWERS_ROUTES];
	add_routes(page, files, FILES);
	const size_t count = page_fill_routes(api, run_api);
	add_routes(page, api, count);
	if (page->answers == NULL)
		return;
	web_answers_fill_routes(page->answers, answers);
	add_routes(page, answers, WEB_ANSWERS_ROUTES);
}

/* ---- The whole ---- */

static int open_parts(
    struct web_page *page, const struct web_page_options *options, struct complaint *complaint)
{
	const struct station_config *config = options->config;
	const bool is_secure = options->certificate != NULL ||
			       strncmp(config->web.url, "https:", sizeof "https:" - 1) == 0;
	const struct page_options with = {.loop = options->loop,
	    .config = config,
	    .database = options->database,
	    .is_secure = is_secure};
	const int result = page_new(&with, &page->page, complaint);
	if (result != 0 || config->web.url[0] == '\0')
		return result;
	return web_answers_new(options->loop, config->web.url, &page->answers, complaint);
}

int web_page_new(
    const struct web_page_options *options, struct web_page **ret_page, struct complaint *complaint)
{
	struct web_page *page = calloc(1, sizeof *page);
	int result = page == NULL ? complain(complaint, -ENOMEM, "page: out of memory")
				  : open_parts(page, options, complaint);
	if (result != 0) {
		(void)close(options->listen_fd); /* nobody came by it */
		web_page_free(page);
		return result;
	}
	gather_routes(page);
	const struct http_options http = {.loop = options->loop,
	    .routes = page->routes,
	    .route_count = page->route_count,
	    .context = page,
	    .problems_under = "/api/",
	    .certificate = options->certificate,
	    .key = options->key};
	result = http_new(&http, options->listen_fd, &page->http, complaint);
	if (result == 0)
		*ret_page = page;
	else
		web_page_free(page);
	return result;
}

void web_page_free(struct web_page *page)
{
	if (page == NULL)
		return;
	http_free(page->http);
	web_answers_free(page->answers);
	page_free(page->page);
	free(page);
}

/* ---- What is told ---- */

void web_page_set_keeper(struct web_page *page, struct channel *keeper)
{
	page_set_keeper(page->page, keeper);
	if (page->answers != NULL)
		web_answers_set_keeper(page->answers, keeper);
}

void web_page_take(struct web_page *page, const struct message *message)
{
	if (message->type == WIRE_LEAF && page->answers != NULL)
		web_answers_take_leaf(page->answers, message);
	else if (message->type == WIRE_ANSWERED)
		page_calls_take(page_calls(page->page), message);
	else
		(void)page_sparks_take(page->page, message);
}

void web_page_set_figures(struct web_page *page, const struct figures *figures)
{
	page_set_figures(page->page, figures);
}

void web_page_set_roll(struct web_page *page, const struct roll *roll)
{
	page_set_roll(page->page, roll);
}

void web_page_add_counts(const struct web_page *page, struct http_counts *counts)
{
	struct http_counts more;
	http_get_counts(page->http, &more);
	counts->connections += more.connections;
	counts->streams += more.streams;
	counts->accepted += more.accepted;
	counts->displaced += more.displaced;
	counts->expired += more.expired;
	for (size_t i = 0; i < sizeof counts->answers / sizeof counts->answers[0]; i++)
		counts->answers[i] += more.answers[i];
}

bool web_page_tick(struct web_page *page)
{
	page_tick(page->page);
	if (page->answers != NULL)
		web_answers_tick(page->answers);
	return !page_store_is_lost(page_database(page->page));
}
