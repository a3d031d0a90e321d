/*
 * figures.h - a station in numbers: what its keeper and its parent tell the web duty.
 *
 * Plain values without pointers, sent from process to process as they lie in memory; flags are
 * bytes, of which any value but 0 is yes. Whoever gets some from another process asks
 * figures_are_sound() or roll_is_sound() before anything is read.
 */
#ifndef CMD_STATION_FIGURES_H
#define CMD_STATION_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/incident.h"
#include "cmd/station/config.h"
#include "detect/finding.h"
#include "notify/letter.h"
#include "proc/duty.h"
#include "store/records.h"

/* Counters of what a capture sees begin at 0 when it is started anew. */
struct figures_source {
	char name[STATION_SOURCE_BYTES]; /* "ring:eth0" */
	uint8_t is_up;                   /* frames may come: the capture runs, and has its source */
	uint64_t packets;
	uint64_t bytes;
	uint64_t dropped; /* by the kernel */
	uint64_t refused; /* frames, for another reason */
	uint64_t truncated;
	uint64_t malformed;
	uint64_t unsupported;
	uint64_t evicted;       /* from the observer's tables */
	uint64_t lost_batches;  /* that found no room in the relay */
	uint64_t backlog_bytes; /* in the relay */
	int64_t last_us;        /* time of a packet; INT64_MIN: none yet */
};

/* Another station, that reports to this one. */
struct figures_station {
	char name[STATION_NAME_BYTES];
	uint8_t is_silent;
	int64_t heard_us; /* 0: not yet */
};

struct figures {
	uint32_t bytes;  /* of this structure: another program's would differ */
	uint64_t number; /* of the question that this answers */
	uint32_t source_count;
	uint32_t station_count;
	struct figures_source sources[STATION_SOURCES_MAX];
	struct figures_station stations[STATION_EXPECT_MAX];
	int64_t observed_us; /* INT64_MIN: nothing was observed yet */
	/* What comes in. */
	uint64_t batches;
	uint64_t sightings;
	uint64_t hosts;
	uint64_t judged;
	uint64_t ledger_evicted;
	uint64_t gaps;
	/* What comes of it; [1] are exercises. */
	uint64_t incidents[2][INCIDENT_STATE_COUNT][SEVERITY_COUNT];
	uint64_t incidents_refused;
	uint64_t notices_waiting;
	uint64_t notices_sending;
	uint64_t notices_written;
	uint64_t notices_delivered;
	uint64_t notices_failed;
	uint64_t attempts_failed;
	int64_t oldest_waiting_us; /* for how long; 0: none waits */
	/* What is kept. */
	uint64_t commits;
	uint64_t commits_failed;
	int64_t committed_us; /* wall; 0: not since the keeper started */
	uint64_t pending_bytes;
	uint32_t alarms[ALARM_COUNT]; /* of each kind, that are on */
	uint8_t has_store;            /* what follows is known */
	uint64_t database_bytes;
	uint64_t database_log_bytes;
	uint64_t disk_free_bytes;
	/* Whether a warning would arrive. */
	int64_t canary_arrived_us; /* wall; 0: none did yet */
	int64_t canary_took_us;
	uint8_t canary_is_late; /* the last one */
	uint8_t sends_heartbeats;
	uint64_t heartbeats_taken;
	uint64_t heartbeats_failed;
	int64_t heartbeat_taken_us; /* wall; 0: none was yet */
};

bool figures_are_sound(const struct figures *figures);

enum {
	ROLL_WHY_BYTES = 64,
	ROLL_REFUSED_BYTES = 512, /* a complaint */
};

/* A process, as the parent knows it. */
struct roll_duty {
	char name[DUTY_NAME_BYTES];
	uint8_t is_up;
	uint8_t is_failing;       /* it ended too often (rollcall.h) */
	uint32_t ends;            /* within ROLLCALL_WITHIN_US, without being asked to */
	char why[ROLL_WHY_BYTES]; /* how it ended last; "": it did not */
	uint64_t restarts;
	uint64_t resident_bytes; /* 0: not known */
};

struct roll {
	uint32_t bytes;
	uint32_t count;
	int64_t started_us;   /* when the station started; wall */
	uint8_t serves_page;  /* it is there, and all duties do their work */
	uint8_t is_reloading; /* the configuration was read again, and not all do what it says */
	int64_t refused_us;   /* wall: the configuration was read again and
				 refused; 0: the last one was taken */
	char refused[ROLL_REFUSED_BYTES];        /* why */
	struct roll_duty duties[DUTIES_MAX + 1]; /* the parent itself, then its duties */
};

bool roll_is_sound(const struct roll *roll);

#endif
