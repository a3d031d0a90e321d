/*
 * incident.h - what a person handles: one member's one machine and one rule, from the first finding
 * to its closing, and after a relapse again.
 *
 * The life cycle is one table of transitions (incident.c). What is meaningful enough for another
 * letter is decided here as well, from what was told last (NOTICES: few, and only when something
 * changed).
 */
#ifndef ALERT_INCIDENT_H
#define ALERT_INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "detect/finding.h"

enum incident_state {
	INCIDENT_NEW,          /* nobody was told yet */
	INCIDENT_NOTIFIED,     /* a letter was delivered */
	INCIDENT_ACKNOWLEDGED, /* somebody has seen it */
	INCIDENT_IN_PROGRESS,  /* somebody works on it */
	INCIDENT_QUIET,        /* nothing more was seen for a time */
	INCIDENT_CLOSED,
	INCIDENT_RELAPSED, /* it came back after it was quiet or closed */
	INCIDENT_STATE_COUNT,
};

enum incident_event {
	INCIDENT_FOUND,     /* seen again */
	INCIDENT_DELIVERED, /* a letter about it arrived */
	INCIDENT_ACK,
	INCIDENT_WORK,
	INCIDENT_SILENCE, /* not seen for a time */
	INCIDENT_CLOSE,
	INCIDENT_EVENT_COUNT,
};

enum close_reason {
	CLOSE_NONE,      /* it is not closed */
	CLOSE_FIXED,     /* somebody says so */
	CLOSE_NOT_OURS,  /* the address is another's */
	CLOSE_HARMLESS,  /* a known machine that does what it should */
	CLOSE_QUIET,     /* nothing was seen for long */
	CLOSE_EXCEPTION, /* an exception covers it */
	CLOSE_WITHDRAWN, /* what came later speaks against it */
	CLOSE_NO_ROOM,   /* too many were open, and it was the least urgent */
	CLOSE_REASON_COUNT,
};

/* Why what was told does not hold. */
enum retraction {
	RETRACTION_NONE,
	RETRACTION_LATER,     /* with all that came later the signs are not enough any more */
	RETRACTION_FORGED,    /* its address was one of many that somebody else used falsely */
	RETRACTION_ROUTER,    /* it asks on behalf of others: that is its work */
	RETRACTION_OTHER,     /* it is something else, which another rule has found */
	RETRACTION_EXCEPTION, /* somebody entered it as known and wanted */
	RETRACTION_COUNT,
};

const char *incident_state_name(enum incident_state state); /* "new", "in-progress" ... */
const char *incident_event_name(enum incident_event event);
const char *close_reason_name(enum close_reason reason); /* "" for CLOSE_NONE */
const char *retraction_name(enum retraction retraction); /* "" for RETRACTION_NONE */
/* -1 for an unknown name. */
int incident_state_find(const char *name);
int close_reason_find(const char *name);
int retraction_find(const char *name);

/* Where the event leads; -1 where it cannot happen in this state. The state itself: no change. */
int incident_next_state(enum incident_state state, enum incident_event event);

static inline bool incident_is_open(enum incident_state state)
{
	return state != INCIDENT_QUIET && state != INCIDENT_CLOSED;
}

enum {
	/* Of port numbers told, for telling new ones; with more, only their count is compared. */
	INCIDENT_TOLD_PORTS = FINDING_PORTS_MAX,
};

struct incident_port {
	uint16_t port;
	uint8_t protocol;
};

/* What the last letter said. */
struct incident_told {
	int64_t at_us;    /* by the clock of what is observed; 0: there was none */
	uint32_t letters; /* so far */
	enum severity severity;
	uint64_t extent; /* targets, or senders where the subject is a victim */
	uint64_t port_count;
	struct incident_port ports[INCIDENT_TOLD_PORTS];
	size_t ports_listed;
};

/* What is new since then; bits. */
enum incident_change {
	CHANGE_SEVERITY = 1 << 0, /* it is graver */
	CHANGE_EXTENT = 1 << 1,   /* ten times as many */
	CHANGE_PORTS = 1 << 2,    /* a port that was not named, or ten times as many */
	CHANGE_GOING_ON = 1 << 3, /* a day later it still goes on; after that, a week later */
};

/* How far a finding reaches: targets, or senders where the subject is a victim. */
uint64_t incident_extent(const struct finding *finding);
void incident_note_told(
    struct incident_told *told, const struct finding *finding, int64_t observed_us);
/* CHANGE_... bits; 0 where nothing is worth a letter. */
unsigned incident_changes(const struct incident_told *told, const struct finding *finding);

#endif
