/*
 * report.h - findings written for people and programs: text, JSON Lines, CSV (hinomi-read(1)).
 */
#ifndef NOTIFY_REPORT_H
#define NOTIFY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "detect/finding.h"
#include "notify/wording.h"
#include "observe/strangers.h"
#include "registry/registry.h"

/* What was read, for the last record. */
struct report_summary {
	uint64_t files;
	uint64_t packets;
	uint64_t bytes;    /* on the wire */
	uint64_t filtered; /* packets that the capture filter kept out */
	uint64_t decoded;  /* verdict ok */
	uint64_t truncated;
	uint64_t malformed;
	uint64_t unsupported;
	uint64_t hosts;            /* distinct addresses seen to send */
	uint64_t dropped;          /* packets lost before they were judged */
	uint64_t evicted;          /* records that made room */
	uint64_t findings_omitted; /* found, but there was no room to tell of them */
	uint64_t forged_sources;
	uint64_t clock_steps;
	uint64_t inner_mismatch;
	int64_t first_us; /* INT64_MAX when no packet was read */
	int64_t last_us;
	uint64_t dark_addresses; /* declared dark IPv4 addresses, D */
	bool dark_inferred;
	double seconds;                 /* wall time of the run */
	uint32_t unsupported_link_type; /* the first one met, and how often any was */
	uint64_t unsupported_links;
	struct strangers strangers; /* at dark addresses, where they were only counted */
};

struct report {
	FILE *out; /* borrowed */
	enum language language;
	const struct registry *registry; /* names of members */
	bool all; /* text: all in full, not strangers up to `low` in a table of the largest */
};

struct report_format {
	const char *name; /* "text", "json", "csv" */
	/*
	 * Writes all findings (sorted by finding_compare) and the summary. `findings` may be empty.
	 * Returns 0, or -EIO when writing failed.
	 */
	int (*write)(const struct report *report, const struct finding *findings, size_t count,
	    const struct report_summary *summary);
};

/* One finding in full, as the text format tells it, and nothing besides. Returns as above. */
int report_write_finding(const struct report *report, const struct finding *finding);

/* NULL when there is none of that name. */
const struct report_format *report_format_find(const char *name);
/* "text, json, csv": for messages. */
const char *report_format_names(void);

#endif
