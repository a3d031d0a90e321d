#include "cmd/station/figures_text.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static struct figures figures;
static struct roll roll;
static struct http_counts http;
static uint64_t verdicts[HEARTBEAT_VERDICT_COUNT];
static char *page_text;

static void fill(void)
{
	memset(&figures, 0, sizeof figures);
	figures.bytes = sizeof figures;
	figures.source_count = 2;
	(void)snprintf(figures.sources[0].name, sizeof figures.sources[0].name, "ring:eth0");
	(void)snprintf(figures.sources[1].name, sizeof figures.sources[1].name, "pcap:a\"b\\c\nd");
	figures.sources[0].is_up = 1;
	figures.sources[0].packets = 12;
	figures.sources[0].last_us = 1500000;
	figures.sources[1].last_us = INT64_MIN;
	figures.sources[1].malformed = 3;
	figures.observed_us = INT64_MIN;
	figures.incidents[0][INCIDENT_NEW][SEVERITY_HIGH] = 4;
	figures.incidents[1][INCIDENT_CLOSED][SEVERITY_INFO] = 5;
	figures.notices_waiting = 6;
	figures.oldest_waiting_us = 2500000;
	figures.alarms[ALARM_INTERFACE_DOWN] = 2;
	memset(&roll, 0, sizeof roll);
	roll.bytes = sizeof roll;
	roll.count = 2;
	roll.started_us = 1000000;
	(void)snprintf(roll.duties[0].name, sizeof roll.duties[0].name, "parent");
	(void)snprintf(roll.duties[1].name, sizeof roll.duties[1].name, "keeper");
	roll.duties[0].is_up = 1;
	roll.duties[1].is_up = 1;
	roll.duties[1].restarts = 7;
	roll.duties[1].resident_bytes = 4096;
}

/* Whether the page has this line, whole. */
static bool has(const char *line)
{
	const size_t length = strlen(line);
	for (const char *at = page_text; at != NULL; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, line, length) == 0 && (at[length] == '\n' || at[length] == '\0'))
			return true;
	}
	return false;
}

static void make_page(const char *why)
{
	size_t length = 0;
	const struct figures_page page = {
	    .figures = why == NULL ? &figures : NULL,
	    .why = why,
	    .roll = &roll,
	    .http = &http,
	    .verdicts = verdicts,
	    .heard_before = 8,
	};
	free(page_text);
	page_text = NULL;
	FILE *out = open_memstream(&page_text, &length);
	figures_write(out, &page);
	(void)fclose(out); /* in memory */
}

static void test_page(void)
{
	fill();
	make_page(NULL);
	OK(has("hinomi_source_packets_total{source=\"ring:eth0\"} 12") &&
		has("hinomi_source_up{source=\"ring:eth0\"} 1"),
	    "what a source says");
	OK(has("hinomi_source_undecoded_packets_total{source=\"pcap:a\\\"b\\\\c\\nd\",verdict="
	       "\"malformed\"} 3"),
	    "by whatever name");
	OK(has("hinomi_source_last_packet_timestamp_seconds{source=\"ring:eth0\"} 1.500000") &&
		strstr(page_text, "timestamp_seconds{source=\"pcap") == NULL &&
		strstr(page_text, "\nhinomi_observed_timestamp_seconds ") == NULL,
	    "a time that is not known is left out");
	OK(has("hinomi_incidents{state=\"new\",severity=\"high\",drill=\"no\"} 4") &&
		has("hinomi_incidents{state=\"closed\",severity=\"info\",drill=\"yes\"} 5") &&
		has("hinomi_incidents{state=\"new\",severity=\"high\",drill=\"yes\"} 0"),
	    "incidents, exercises apart");
	OK(has("hinomi_notices{state=\"waiting\"} 6") &&
		has("hinomi_notices_oldest_waiting_seconds 2.500000"),
	    "notices that wait");
	OK(has("hinomi_alarms{alarm=\"interface-down\"} 2") &&
		has("hinomi_alarms{alarm=\"disk-full\"} 0"),
	    "alarms, also those that are not on");
	OK(!has("answered-"), "but no answers to letters, which never last");
	OK(has("hinomi_up{duty=\"keeper\"} 1") &&
		has("hinomi_duty_restarts_total{duty=\"keeper\"} 7") &&
		has("hinomi_duty_resident_memory_bytes{duty=\"keeper\"} 4096") &&
		strstr(page_text, "memory_bytes{duty=\"parent\"") == NULL,
	    "processes; memory where it is known");
	OK(has("hinomi_heartbeats_heard_total{verdict=\"again\"} 8"), "signs of life");
	OK(strstr(page_text, "hinomi_database_bytes") == NULL &&
		strstr(page_text, "hinomi_canary") == NULL &&
		strstr(page_text, "hinomi_heartbeats_taken") == NULL &&
		strstr(page_text, "hinomi_station") == NULL,
	    "what there is nothing of is left out");
}

static void test_more(void)
{
	fill();
	figures.has_store = 1;
	figures.database_bytes = 9;
	figures.canary_is_late = 1;
	figures.sends_heartbeats = 1;
	figures.heartbeats_failed = 10;
	figures.station_count = 2;
	(void)snprintf(figures.stations[0].name, sizeof figures.stations[0].name, "north");
	(void)snprintf(figures.stations[1].name, sizeof figures.stations[1].name, "火の見");
	figures.stations[0].is_silent = 1;
	figures.stations[1].heard_us = 3000000;
	make_page(NULL);
	OK(has("hinomi_database_bytes 9"), "the store, where it was measured");
	OK(has("hinomi_canary_late 1") &&
		strstr(page_text, "\nhinomi_canary_last_arrival_timestamp_seconds ") == NULL,
	    "a canary that never arrived");
	figures.canary_arrived_us = 2000000;
	figures.canary_took_us = 1250000;
	figures.canary_is_late = 0;
	OK(has("hinomi_heartbeats_failed_total 10"), "signs of life that failed");
	OK(has("hinomi_station_up{station=\"north\"} 0") &&
		has("hinomi_station_up{station=\"火の見\"} 1") &&
		has("hinomi_station_last_heartbeat_timestamp_seconds{station=\"火の見\"} 3.000000"),
	    "other stations");
	make_page(NULL);
	OK(has("hinomi_canary_last_arrival_timestamp_seconds 2.000000") &&
		has("hinomi_canary_duration_seconds 1.250000") && has("hinomi_canary_late 0"),
	    "a canary that arrived");
}

static void test_without_keeper(void)
{
	fill();
	make_page("keeper: it did not answer");
	OK(has("hinomi_up{duty=\"keeper\"} 0") && has("hinomi_up{duty=\"parent\"} 1"),
	    "a keeper that does not answer is not up, whatever the parent says");
	OK(has("# keeper: it did not answer"), "and that is said");
	OK(strstr(page_text, "hinomi_batches") == NULL && strstr(page_text, "ring:eth0") == NULL,
	    "nothing of it is told");
	roll.count = 0;
	roll.started_us = 0;
	make_page("keeper: it did not answer");
	OK(strstr(page_text, "hinomi_start_time_seconds") == NULL &&
		has("hinomi_build_info{version=\"" HINOMI_VERSION "\"} 1"),
	    "nor what the parent has not told yet");
}

static void test_sound(void)
{
	fill();
	OK(figures_are_sound(&figures) && roll_is_sound(&roll), "what we make is sound");
	figures.source_count = STATION_SOURCES_MAX;
	figures.station_count = STATION_EXPECT_MAX;
	roll.count = DUTIES_MAX + 1;
	OK(figures_are_sound(&figures) && roll_is_sound(&roll), "also as many as can be");
	figures.source_count++;
	OK(!figures_are_sound(&figures), "one source more");
	fill();
	figures.station_count = STATION_EXPECT_MAX + 1;
	OK(!figures_are_sound(&figures), "one station more");
	fill();
	memset(figures.sources[1].name, 'a', sizeof figures.sources[1].name);
	OK(!figures_are_sound(&figures), "a name that does not end");
	fill();
	figures.station_count = 1;
	memset(figures.stations[0].name, 'a', sizeof figures.stations[0].name);
	OK(!figures_are_sound(&figures), "a station's name that does not end");
	fill();
	figures.bytes--;
	OK(!figures_are_sound(&figures), "another program's");
	roll.count = DUTIES_MAX + 2;
	OK(!roll_is_sound(&roll), "one process more");
	fill();
	memset(roll.duties[1].name, 'a', sizeof roll.duties[1].name);
	OK(!roll_is_sound(&roll), "a process' name that does not end");
	fill();
	memset(roll.duties[1].why, 'a', sizeof roll.duties[1].why);
	OK(!roll_is_sound(&roll), "a reason that does not end");
	fill();
	roll.bytes = 0;
	OK(!roll_is_sound(&roll), "another program's processes");
}

/* Flags are bytes: whatever a damaged process puts there is yes or no. */
static void test_flags(void)
{
	fill();
	figures.sources[0].is_up = 200;
	roll.duties[0].is_up = 77;
	make_page(NULL);
	OK(has("hinomi_source_up{source=\"ring:eth0\"} 1") && has("hinomi_up{duty=\"parent\"} 1"),
	    "any byte but 0 is yes");
}

int main(void)
{
	test_page();
	test_more();
	test_without_keeper();
	test_sound();
	test_flags();
	free(page_text);
	return test_done();
}
