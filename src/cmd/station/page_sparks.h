/*
 * page_sparks.h - from the keeper to whoever has the picture open: while somebody wants sparks the
 * keeper is told so, and what it gives goes on as the event "sparks" (page_tower.h).
 */
#ifndef CMD_STATION_PAGE_SPARKS_H
#define CMD_STATION_PAGE_SPARKS_H

#include "cmd/station/page_api.h"

/* Several times a second. */
void page_sparks_tick(struct page *page);
/* A message of the keeper. False: it is none of sparks. */
bool page_sparks_take(struct page *page, const struct message *message);

#endif
