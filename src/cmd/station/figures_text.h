/* figures_text.h - the figures of a station as metrics for Prometheus (web/metrics.h). */
#ifndef CMD_STATION_FIGURES_TEXT_H
#define CMD_STATION_FIGURES_TEXT_H

#include <stdio.h>

#include "cmd/station/figures.h"
#include "web/heartbeat.h"
#include "web/http.h"

struct figures_page {
	const struct figures *figures; /* NULL: the keeper did not answer */
	const char *why;               /* it did not: a few words */
	const struct roll *roll;
	const struct http_counts *http;
	/* Signs of life that were sent to us, by what became of them. */
	const uint64_t *verdicts; /* HEARTBEAT_VERDICT_COUNT of them */
	uint64_t heard_before;    /* good ones that were no news */
};

/* Write errors are left to ferror(). */
void figures_write(FILE *out, const struct figures_page *page);

#endif
