/*
 * page_events.h - who listens to what changes: GET /api/v1/events, a stream of server-sent events.
 *
 *   change  {"incidents":[ids],"at":...}: these may be asked for again; several times a second at
 *           most, and only those that whoever listens may see
 *   now     the body of /api/v1/now, when it is another one, and at first
 *
 * and what others send (page_events_send). What changed is seen in the database alone: by the
 * records that changed last, and by what was added to histories. Of very many changes at once only
 * PAGE_CHANGES_MAX are named, and "more" is true.
 *
 * Whoever is too slow misses events, and is told so by `change` with "more". A stream ends with the
 * session that it was asked for by.
 */
#ifndef CMD_STATION_PAGE_EVENTS_H
#define CMD_STATION_PAGE_EVENTS_H

#include "cmd/station/page_routes.h"

struct page_events;

enum {
	PAGE_CHANGES_MAX = 64,
};

extern const struct page_route page_event_routes[];

int page_events_new(struct page *page, struct page_events **ret_events); /* 0 or -ENOMEM */
void page_events_free(struct page_events *events);                       /* NULL is allowed */
/* Several times a second. */
void page_events_tick(struct page_events *events);

/* Whether anybody wants what is sampled of traffic (?sparks=1). */
bool page_events_want_sparks(const struct page_events *events);
/*
 * Sends an event of this name to each who wants sparks; `write` is called once for all who may see
 * the same, and returns false where there is nothing for them.
 */
void page_events_send_sparks(struct page_events *events, const char *name,
    bool (*write)(void *context, FILE *out, const struct page_who *who), void *context);

#endif
