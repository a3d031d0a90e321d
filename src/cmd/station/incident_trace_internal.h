/* incident_trace_internal.h - what a trace holds; for incident_trace.c and incident_trace_write.c.
 */
#ifndef CMD_STATION_INCIDENT_TRACE_INTERNAL_H
#define CMD_STATION_INCIDENT_TRACE_INTERNAL_H

#include "cmd/station/incident_trace.h"
#include "detect/finding.h"
#include "observe/address_set.h"

struct slab;
struct table;

struct trace_minute {
	int64_t minute; /* the key: since 1970 */
	uint64_t packets;
};

struct trace_target {
	struct address address; /* the key */
	int64_t first_us;
	uint64_t packets;
	bool is_dark; /* declared so when it was touched */
};

struct trace_port {
	uint16_t port;
	uint8_t protocol;
};

/* When nothing was seen. */
struct trace_gap {
	int64_t from_us;
	int64_t to_us;
};

enum trace_part {
	TRACE_ALL,
	TRACE_PORTS,
	TRACE_PROTOCOLS, /* of the ports */
};

struct incident_trace {
	int64_t id;
	int64_t opened_us;
	struct address subject;
	uint8_t drill;
	enum rule rule;
	unsigned kinds; /* bits (1 << enum sighting_kind) */
	enum trace_part part;
	struct trace_port ports[FINDING_PORTS_MAX];
	size_t port_count;
	int64_t first_us; /* of the incident: the minute of it */
	int64_t last_us;
	int64_t told_targets;
	bool is_open;
	bool is_live;      /* its batches were received when they were observed */
	int64_t cursor_us; /* batches received until then were read */
	int64_t oldest_us; /* the window of the first batch that is there; INT64_MAX: none is */
	struct trace_gap gaps[INCIDENT_TRACE_GAPS_MAX];
	size_t gap_count;
	struct table *minutes;
	struct table *targets;
	struct slab *slab;
	struct address_set set;
	uint64_t packets;
	uint64_t damaged;
	bool has_overflown; /* there were more minutes */
	bool is_complete;
};

#endif
