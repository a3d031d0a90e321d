/*
 * page_search.h - everything by one word: GET /api/v1/search?q=. An address or a prefix, the number
 * of an incident, a member's or contact's name or a part of it, a port, a tool, a rule, a day.
 *
 * Each item has the kind of what it is, words for people, and where the page shows it ("href").
 */
#ifndef CMD_STATION_PAGE_SEARCH_H
#define CMD_STATION_PAGE_SEARCH_H

#include "cmd/station/page_routes.h"

extern const struct page_route page_search_routes[];

#endif
