/*
 * page_now.h - whether everything is all right, in one glance: GET /api/v1/now.
 *
 * `level` is the gravest of its reasons: "alarm" where somebody should act at once, "attention"
 * where something waits, else "ok". Whoever is a member's account sees its own incidents and
 * contacts in it, and of the station whether warnings arrive.
 */
#ifndef CMD_STATION_PAGE_NOW_H
#define CMD_STATION_PAGE_NOW_H

#include "cmd/station/page_routes.h"

extern const struct page_route page_now_routes[];

#endif
