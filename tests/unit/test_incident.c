/* The life of an incident as a table, and what is worth another letter. */
#include "alert/incident.h"

#include <string.h>

#include "base/when.h"
#include "test.h"

#define AT_US (INT64_C(1700000000) * WHEN_SECOND_US)

static void test_table(void)
{
	bool good = true;
	for (int state = 0; state < INCIDENT_STATE_COUNT; state++)
		for (int event = 0; event < INCIDENT_EVENT_COUNT; event++) {
			int next = incident_next_state(
			    (enum incident_state)state, (enum incident_event)event);
			good = good && next >= -1 && next < INCIDENT_STATE_COUNT &&
			       next != (state == INCIDENT_NEW ? -1 : INCIDENT_NEW);
		}
	OK(good, "each state knows each event, and nothing leads back to new");
}

static const struct {
	const char *name;
	enum incident_event events[8];
	size_t count;
	int state; /* -1: refused */
} lives[] = {
    {"told", {INCIDENT_DELIVERED}, 1, INCIDENT_NOTIFIED},
    {"told, seen, worked on, closed",
	{INCIDENT_DELIVERED, INCIDENT_ACK, INCIDENT_WORK, INCIDENT_CLOSE}, 4, INCIDENT_CLOSED},
    {"what is worked on stays so while it goes on",
	{INCIDENT_DELIVERED, INCIDENT_WORK, INCIDENT_FOUND, INCIDENT_DELIVERED, INCIDENT_ACK}, 5,
	INCIDENT_IN_PROGRESS},
    {"silence makes it quiet", {INCIDENT_DELIVERED, INCIDENT_SILENCE}, 2, INCIDENT_QUIET},
    {"quiet, and back", {INCIDENT_DELIVERED, INCIDENT_SILENCE, INCIDENT_FOUND}, 3,
	INCIDENT_RELAPSED},
    {"closed, and back", {INCIDENT_CLOSE, INCIDENT_FOUND}, 2, INCIDENT_RELAPSED},
    {"back, and told", {INCIDENT_CLOSE, INCIDENT_FOUND, INCIDENT_DELIVERED}, 3, INCIDENT_NOTIFIED},
    {"a late delivery opens nothing", {INCIDENT_CLOSE, INCIDENT_DELIVERED}, 2, INCIDENT_CLOSED},
    {"what is closed cannot be acknowledged", {INCIDENT_CLOSE, INCIDENT_ACK}, 2, -1},
    {"nor closed again", {INCIDENT_CLOSE, INCIDENT_CLOSE}, 2, -1},
};

static void test_lives(void)
{
	for (size_t i = 0; i < sizeof lives / sizeof lives[0]; i++) {
		int state = INCIDENT_NEW;
		for (size_t e = 0; e < lives[i].count && state >= 0; e++)
			state = incident_next_state((enum incident_state)state, lives[i].events[e]);
		OK(state == lives[i].state, lives[i].name);
	}
}

static void test_names(void)
{
	bool good = true;
	for (int state = 0; state < INCIDENT_STATE_COUNT; state++)
		good = good && incident_state_find(
				   incident_state_name((enum incident_state)state)) == state;
	for (int reason = 0; reason < CLOSE_REASON_COUNT; reason++)
		good = good &&
		       close_reason_find(close_reason_name((enum close_reason)reason)) == reason;
	for (int event = 0; event < INCIDENT_EVENT_COUNT; event++)
		good = good && strlen(incident_event_name((enum incident_event)event)) > 0;
	for (int why = 0; why < RETRACTION_COUNT; why++)
		good = good && retraction_find(retraction_name((enum retraction)why)) == why;
	OK(good && incident_state_find("news") == -1 && close_reason_find("fix") == -1 &&
		retraction_find("late") == -1,
	    "every name is found again, others are not");
}

static struct finding scan_of(uint64_t targets, size_t ports)
{
	struct finding finding = {
	    .rule = RULE_SCAN_DARK,
	    .severity = SEVERITY_MEDIUM,
	    .first_us = AT_US,
	    .last_us = AT_US,
	    .targets = targets,
	    .port_count = ports,
	    .ports_listed = ports < FINDING_PORTS_MAX ? ports : FINDING_PORTS_MAX,
	};
	for (size_t i = 0; i < finding.ports_listed; i++)
		finding.ports[i] = (struct finding_port){
		    .port = (uint16_t)(23 + i), .protocol = 6, .searched = true};
	return finding;
}

static void test_changes(void)
{
	struct incident_told told = {.at_us = 0};
	struct finding finding = scan_of(3, 1);
	OK(incident_changes(&told, &finding) == 0, "where nothing was told nothing changed");
	incident_note_told(&told, &finding, AT_US);
	OK(incident_changes(&told, &finding) == 0, "the same is no news");
	finding.targets = 29;
	OK(incident_changes(&told, &finding) == 0, "nine times as far is not");
	finding.targets = 30;
	OK(incident_changes(&told, &finding) == CHANGE_EXTENT, "ten times is");
	finding = scan_of(3, 1);
	finding.severity = SEVERITY_HIGH;
	OK(incident_changes(&told, &finding) == CHANGE_SEVERITY, "graver is");
	finding.severity = SEVERITY_LOW;
	OK(incident_changes(&told, &finding) == 0, "less grave is not");
	finding = scan_of(3, 2);
	OK(incident_changes(&told, &finding) == CHANGE_PORTS, "a port that was not named is");
	finding.ports[1].searched = false;
	OK(incident_changes(&told, &finding) == 0, "one that is used besides is not");
	finding = scan_of(3, 1);
	finding.last_us = AT_US + WHEN_DAY_US - 1;
	OK(incident_changes(&told, &finding) == 0, "nor is going on for less than a day");
	finding.last_us = AT_US + WHEN_DAY_US;
	OK(incident_changes(&told, &finding) == CHANGE_GOING_ON, "for a day it is");
	incident_note_told(&told, &finding, AT_US + WHEN_DAY_US);
	finding.last_us = AT_US + 8 * WHEN_DAY_US - 1;
	OK(incident_changes(&told, &finding) == 0, "after that only");
	finding.last_us = AT_US + 8 * WHEN_DAY_US;
	OK(incident_changes(&told, &finding) == CHANGE_GOING_ON, "after a week");
}

static void test_many_ports(void)
{
	struct incident_told told = {.at_us = 0};
	struct finding finding = scan_of(1, 9);
	incident_note_told(&told, &finding, AT_US);
	finding = scan_of(1, 89);
	OK(incident_changes(&told, &finding) == 0,
	    "a scan of many ports finds new ones all the time");
	finding = scan_of(1, 90);
	OK(incident_changes(&told, &finding) == CHANGE_PORTS, "ten times as many are news");
}

static void test_victims(void)
{
	struct finding finding = {.role = ROLE_VICTIM, .targets = 7, .sources = 500};
	OK(incident_extent(&finding) == 500, "a victim's extent is who sends to it");
	finding.role = ROLE_ACTOR;
	OK(incident_extent(&finding) == 7, "a sender's is whom it reaches");
}

int main(void)
{
	test_table();
	test_lives();
	test_names();
	test_changes();
	test_many_ports();
	test_victims();
	return test_done();
}
