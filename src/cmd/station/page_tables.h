/*
 * page_tables.h - answers of the API as tables (CSV), of which large ones are made in steps.
 *
 * One thread answers everybody, so nobody's table may hold it: a step is a page of the list, some
 * milliseconds, and between two of them the loop does what else there is. All steps of a table see
 * one moment of the database, by a connection of its own, which is closed with the last: as long as
 * it is there the keeper cannot take in its log whole. One table is made at a time, others wait.
 *
 * A table of one step is answered at once.
 */
#ifndef CMD_STATION_PAGE_TABLES_H
#define CMD_STATION_PAGE_TABLES_H

#include "cmd/station/page_api.h"

enum {
	PAGE_TABLES_MAX = 4,  /* at once, which all are there within the patience of HTTP */
	PAGE_TABLE_STEP = 50, /* rows: some 3 ms */
	PAGE_FILENAME_BYTES = ROUTE_SEGMENTS_MAX * PAGE_TEXT_BYTES + 128,
};

struct page_tables;

int page_tables_new(struct page *page, struct page_tables **ret_tables); /* 0 or -ENOMEM */
void page_tables_free(struct page_tables *tables); /* whoever waits is gone; NULL is allowed */

/*
 * The first step, by the question's own store. 200 and all of it, to be freed; or 200 and
 * *ret_bytes NULL: there is more than one step, for page_tables_add(). Else the answer's problem.
 */
unsigned page_tables_first(const struct page_question *question, struct page_answer *answer,
    char **ret_bytes, size_t *ret_count);

/* Answers the request when all of it is there. Copies the question. */
void page_tables_add(
    struct page_tables *tables, struct http_request *request, const struct page_question *question);

/* "hinomi-incidents-12-events.csv" of what is under /api/v1/incidents/12 */
void page_tables_name(const struct page_question *question, char out[static PAGE_FILENAME_BYTES]);

extern const char page_tables_type[]; /* as HTTP has it */

#endif
