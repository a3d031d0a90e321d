/*
 * page_incidents.h - incidents by the API: lists in the order of urgency or of time, each with its
 * finding, and one with its history, its letters, advice, and what may be done.
 */
#ifndef CMD_STATION_PAGE_INCIDENTS_H
#define CMD_STATION_PAGE_INCIDENTS_H

#include "cmd/station/page_routes.h"

extern const struct page_route page_incident_routes[];
/* page_incident.c */
extern const struct page_part page_incident_parts[];
unsigned page_incident_read(const struct page_question *question, struct page_answer *answer);

/* Names in the order of their enumerations, NULL at the end; tests hold them equal. */
extern const char *const page_states[];
extern const char *const page_severities[];
extern const char *const page_rules[];
extern const char *const page_tools[];

/*
 * Adds to the `*count` conditions that what is asked for is of who asks (`column` has the id of a
 * member). For others than accounts of a member nothing.
 */
void page_scope(const struct page_question *question, const char *column,
    struct store_condition conditions[static STORE_CONDITIONS_MAX], size_t *count);
/* Whether what is this member's is for whoever asks. */
bool page_may_see(const struct page_question *question, int64_t member_id);

/* The text range in which all addresses of a prefix lie, as they are written. False: there is none
   that is smaller than all. */
enum {
	PAGE_RANGE_BYTES = 48
};
bool page_subject_range(const struct prefix *prefix, char from[static PAGE_RANGE_BYTES],
    char below[static PAGE_RANGE_BYTES]);

#endif
