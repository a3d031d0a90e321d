/*
 * page_evidence.h - what shows that an incident was so, by the API: its first frames, packets of
 * each minute, the addresses that were touched, and files to be handed on.
 */
#ifndef CMD_STATION_PAGE_EVIDENCE_H
#define CMD_STATION_PAGE_EVIDENCE_H

#include "cmd/station/incident_file.h"
#include "cmd/station/page_routes.h"

enum {
	/* Traces that are kept between two questions: so many incidents are looked at at a time. */
	PAGE_TRACES_MAX = 16,
};

extern const struct page_route page_evidence_routes[];

/* The file that is asked for: 200, and bytes to be freed; else a status, and the problem is set. */
unsigned page_evidence_make(const struct page_question *question, struct page_answer *answer,
    struct incident_file *ret_file);
/* Forgets all that was read; for tests, and the end. */
void page_evidence_release(void);

#endif
