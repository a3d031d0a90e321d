#include "alert/incident.h"

#include <assert.h>
#include <string.h>

#include "base/when.h"

enum {
	GROWTH = 10, /* so many times as much is worth another letter */
	/* Of fewer ports each new one is named; a scan of many finds new ones all the time. */
	PORTS_NAMED_MAX = 8,
};

static const char *const state_names[INCIDENT_STATE_COUNT] = {
    [INCIDENT_NEW] = "new",
    [INCIDENT_NOTIFIED] = "notified",
    [INCIDENT_ACKNOWLEDGED] = "acknowledged",
    [INCIDENT_IN_PROGRESS] = "in-progress",
    [INCIDENT_QUIET] = "quiet",
    [INCIDENT_CLOSED] = "closed",
    [INCIDENT_RELAPSED] = "relapsed",
};

static const char *const event_names[INCIDENT_EVENT_COUNT] = {
    [INCIDENT_FOUND] = "found",
    [INCIDENT_DELIVERED] = "delivered",
    [INCIDENT_ACK] = "ack",
    [INCIDENT_WORK] = "work",
    [INCIDENT_SILENCE] = "silence",
    [INCIDENT_CLOSE] = "close",
};

static const char *const reason_names[CLOSE_REASON_COUNT] = {
    [CLOSE_NONE] = "",
    [CLOSE_FIXED] = "fixed",
    [CLOSE_NOT_OURS] = "not-ours",
    [CLOSE_HARMLESS] = "harmless",
    [CLOSE_QUIET] = "quiet",
    [CLOSE_EXCEPTION] = "exception",
    [CLOSE_WITHDRAWN] = "withdrawn",
    [CLOSE_NO_ROOM] = "no-room",
};

static const char *const retraction_names[RETRACTION_COUNT] = {
    [RETRACTION_NONE] = "",
    [RETRACTION_LATER] = "later",
    [RETRACTION_FORGED] = "forged",
    [RETRACTION_ROUTER] = "router",
    [RETRACTION_OTHER] = "other",
    [RETRACTION_EXCEPTION] = "exception",
};

/* Of what leads nowhere: the state cannot have it happen. */
#define NO -1

/*
 * A row for each state. What is acknowledged stays so while it goes on; only silence, a closing or
 * a relapse moves it.
 */
static const int8_t next_states[INCIDENT_STATE_COUNT][INCIDENT_EVENT_COUNT] = {
    [INCIDENT_NEW] = {[INCIDENT_FOUND] = INCIDENT_NEW,
	[INCIDENT_DELIVERED] = INCIDENT_NOTIFIED,
	[INCIDENT_ACK] = INCIDENT_ACKNOWLEDGED,
	[INCIDENT_WORK] = INCIDENT_IN_PROGRESS,
	[INCIDENT_SILENCE] = INCIDENT_QUIET,
	[INCIDENT_CLOSE] = INCIDENT_CLOSED},
    [INCIDENT_NOTIFIED] = {[INCIDENT_FOUND] = INCIDENT_NOTIFIED,
	[INCIDENT_DELIVERED] = INCIDENT_NOTIFIED,
	[INCIDENT_ACK] = INCIDENT_ACKNOWLEDGED,
	[INCIDENT_WORK] = INCIDENT_IN_PROGRESS,
	[INCIDENT_SILENCE] = INCIDENT_QUIET,
	[INCIDENT_CLOSE] = INCIDENT_CLOSED},
    [INCIDENT_ACKNOWLEDGED] = {[INCIDENT_FOUND] = INCIDENT_ACKNOWLEDGED,
	[INCIDENT_DELIVERED] = INCIDENT_ACKNOWLEDGED,
	[INCIDENT_ACK] = INCIDENT_ACKNOWLEDGED,
	[INCIDENT_WORK] = INCIDENT_IN_PROGRESS,
	[INCIDENT_SILENCE] = INCIDENT_QUIET,
	[INCIDENT_CLOSE] = INCIDENT_CLOSED},
    [INCIDENT_IN_PROGRESS] = {[INCIDENT_FOUND] = INCIDENT_IN_PROGRESS,
	[INCIDENT_DELIVERED] = INCIDENT_IN_PROGRESS,
	[INCIDENT_ACK] = INCIDENT_IN_PROGRESS,
	[INCIDENT_WORK] = INCIDENT_IN_PROGRESS,
	[INCIDENT_SILENCE] = INCIDENT_QUIET,
	[INCIDENT_CLOSE] = INCIDENT_CLOSED},
    [INCIDENT_QUIET] = {[INCIDENT_FOUND] = INCIDENT_RELAPSED,
	[INCIDENT_DELIVERED] = INCIDENT_QUIET,
	[INCIDENT_ACK] = INCIDENT_QUIET,
	[INCIDENT_WORK] = INCIDENT_QUIET,
	[INCIDENT_SILENCE] = INCIDENT_QUIET,
	[INCIDENT_CLOSE] = INCIDENT_CLOSED},
    [INCIDENT_CLOSED] = {[INCIDENT_FOUND] = INCIDENT_RELAPSED,
	[INCIDENT_DELIVERED] = INCIDENT_CLOSED,
	[INCIDENT_ACK] = NO,
	[INCIDENT_WORK] = NO,
	[INCIDENT_SILENCE] = INCIDENT_CLOSED,
	[INCIDENT_CLOSE] = NO},
    [INCIDENT_RELAPSED] = {[INCIDENT_FOUND] = INCIDENT_RELAPSED,
	[INCIDENT_DELIVERED] = INCIDENT_NOTIFIED,
	[INCIDENT_ACK] = INCIDENT_ACKNOWLEDGED,
	[INCIDENT_WORK] = INCIDENT_IN_PROGRESS,
	[INCIDENT_SILENCE] = INCIDENT_QUIET,
	[INCIDENT_CLOSE] = INCIDENT_CLOSED},
};

static int find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *incident_state_name(enum incident_state state)
{
	assert(state >= 0 && state < INCIDENT_STATE_COUNT);
	return state_names[state];
}

const char *incident_event_name(enum incident_event event)
{
	assert(event >= 0 && event < INCIDENT_EVENT_COUNT);
	return event_names[event];
}

const char *close_reason_name(enum close_reason reason)
{
	assert(reason >= 0 && reason < CLOSE_REASON_COUNT);
	return reason_names[reason];
}

int incident_state_find(const char *name)
{
	return find_name(state_names, INCIDENT_STATE_COUNT, name);
}

int close_reason_find(const char *name)
{
	return find_name(reason_names, CLOSE_REASON_COUNT, name);
}

const char *retraction_name(enum retraction retraction)
{
	assert(retraction >= 0 && retraction < RETRACTION_COUNT);
	return retraction_names[retraction];
}

int retraction_find(const char *name)
{
	return find_name(retraction_names, RETRACTION_COUNT, name);
}

int incident_next_state(enum incident_state state, enum incident_event event)
{
	assert(state >= 0 && state < INCIDENT_STATE_COUNT);
	assert(event >= 0 && event < INCIDENT_EVENT_COUNT);
	return next_states[state][event];
}

uint64_t incident_extent(const struct finding *finding)
{
	return finding->role == ROLE_VICTIM && finding->sources > 0 ? finding->sources
								    : finding->targets;
}

void incident_note_told(
    struct incident_told *told, const struct finding *finding, int64_t observed_us)
{
	*told = (struct incident_told){
	    .at_us = observed_us,
	    .letters = told->letters + 1,
	    .severity = finding->severity,
	    .extent = incident_extent(finding),
	    .port_count = finding->port_count,
	    .ports_listed = finding->ports_listed,
	};
	for (size_t i = 0; i < finding->ports_listed; i++)
		told->ports[i] =
		    (struct incident_port){finding->ports[i].port, finding->ports[i].protocol};
}

static bool was_named(const struct incident_told *told, const struct finding_port *port)
{
	for (size_t i = 0; i < told->ports_listed; i++)
		if (told->ports[i].port == port->port && told->ports[i].protocol == port->protocol)
			return true;
	return false;
}

/* Ports that are merely used besides are no news. */
static bool has_new_port(const struct incident_told *told, const struct finding *finding)
{
	for (size_t i = 0; i < finding->ports_listed; i++)
		if (finding->ports[i].searched && !was_named(told, &finding->ports[i]))
			return true;
	return false;
}

static bool has_grown(uint64_t was, uint64_t is)
{
	return was > 0 && is / GROWTH >= was;
}

unsigned incident_changes(const struct incident_told *told, const struct finding *finding)
{
	unsigned changes = 0;
	if (told->at_us == 0)
		return 0;
	if (finding->severity > told->severity)
		changes |= CHANGE_SEVERITY;
	if (has_grown(told->extent, incident_extent(finding)))
		changes |= CHANGE_EXTENT;
	const bool are_few = told->port_count <= PORTS_NAMED_MAX;
	if (are_few ? finding->port_count > told->port_count && has_new_port(told, finding)
		    : has_grown(told->port_count, finding->port_count))
		changes |= CHANGE_PORTS;
	if (finding->last_us - told->at_us >= (told->letters > 1 ? 7 : 1) * WHEN_DAY_US)
		changes |= CHANGE_GOING_ON;
	return changes;
}
