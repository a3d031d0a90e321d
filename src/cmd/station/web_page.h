/*
 * web_page.h - all that there is on web.listen, put together: the page (web/asset.h), its API
 * (page_api.h), and the pages behind the links in letters (web_answers.h), by one listener.
 */
#ifndef CMD_STATION_WEB_PAGE_H
#define CMD_STATION_WEB_PAGE_H

#include <stdbool.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/figures.h"
#include "proc/loop.h"
#include "proc/message.h"
#include "web/http.h"

struct web_page;

struct web_page_options {
	struct loop *loop;                   /* borrowed, as the next two */
	const struct station_config *config; /* where it was read and completed */
	const char *database;                /* its path */
	int listen_fd;                       /* taken, also on failure */
	const char *certificate;             /* as of http_options */
	const char *key;
};

/* Before the sandbox. 0, or a negative errno with a complaint. */
int web_page_new(const struct web_page_options *options, struct web_page **ret_page,
    struct complaint *complaint);
void web_page_free(struct web_page *page); /* NULL is allowed */

/* The keeper's channel, borrowed; NULL: it is gone, and whoever waits is told so. */
void web_page_set_keeper(struct web_page *page, struct channel *keeper);
/* What the keeper says to it; others are left alone. */
void web_page_take(struct web_page *page, const struct message *message);
void web_page_set_figures(struct web_page *page, const struct figures *figures); /* NULL: none */
void web_page_set_roll(struct web_page *page, const struct roll *roll);
/* Adds what it served to what others did. */
void web_page_add_counts(const struct web_page *page, struct http_counts *counts);
/*
 * Several times a second. False when the database is another one by now, which only a process that
 * enters its sandbox anew can open.
 */
bool web_page_tick(struct web_page *page);

#endif
