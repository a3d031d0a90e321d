/*
 * page_operation.h - how the station itself works: GET /api/v1/operation. Processes and sources,
 * what waits, whether canaries arrive, the database, alarms that stand, times that were not
 * observed, and what the configuration says.
 *
 * A screen on a wall sees none of the configuration, and no contact's address.
 */
#ifndef CMD_STATION_PAGE_OPERATION_H
#define CMD_STATION_PAGE_OPERATION_H

#include "cmd/station/page_routes.h"

extern const struct page_route page_operation_routes[];

#endif
