/*
 * web_answers.h - the pages behind the links in letters, as the web duty serves them beside the
 * station's page, asking the keeper for each.
 *
 * A GET changes nothing, however often: mail scanners follow links. What is posted must come from
 * the page (its form token, which the keeper checks, and what the browser says of where it came
 * from), and leads back to the page by 303. Bounded: requests of an address and of all, those that
 * wait for the keeper, and how long they wait.
 */
#ifndef CMD_STATION_WEB_ANSWERS_H
#define CMD_STATION_WEB_ANSWERS_H

#include <stdbool.h>

#include "base/complaint.h"
#include "proc/loop.h"
#include "proc/message.h"
#include "web/route.h"

struct web_answers;

enum {
	/* The five fields of a form, each byte of a note as %XX. */
	WEB_ANSWERS_BODY_BYTES = 4096,
	WEB_ANSWERS_WAITING_MAX = 64, /* for the keeper; then come refusals */
	WEB_ANSWERS_ROUTES = 2,
};

/* `url` is what links begin with; copied. The loop is borrowed. 0, or -ENOMEM with a complaint. */
int web_answers_new(struct loop *loop, const char *url, struct web_answers **ret_answers,
    struct complaint *complaint);
void web_answers_free(struct web_answers *answers); /* NULL is allowed */

/* What it serves: rows for the table of an http that ends before it. */
void web_answers_fill_routes(struct web_answers *answers, struct route out[WEB_ANSWERS_ROUTES]);

/* The keeper's channel, borrowed; NULL: it is gone, and whoever waits is told so. */
void web_answers_set_keeper(struct web_answers *answers, struct channel *keeper);
/* WIRE_LEAF. */
void web_answers_take_leaf(struct web_answers *answers, const struct message *message);
/* Several times a second. */
void web_answers_tick(struct web_answers *answers);

#endif
