/*
 * figures_text.c - every metric there is, with its name and what it means.
 * docs/man/hinomi-metrics.7 lists them; a test holds that it lists all.
 */
#include "cmd/station/figures_text.h"

#include <string.h>

#include "web/metrics.h"

/* How a field is written. */
enum form {
	FORM_COUNT,   /* uint64_t */
	FORM_FLAG,    /* uint8_t */
	FORM_SECONDS, /* int64_t, of microseconds */
	FORM_TIME,    /* the same, since 1970; left out where there is none */
};

struct row {
	const char *name;
	enum metric_kind kind;
	enum form form;
	size_t offset;
	const char *help;
};

#define SOURCE(field)  offsetof(struct figures_source, field)
#define STATION(field) offsetof(struct figures_station, field)
#define ALL(field)     offsetof(struct figures, field)

static const struct row source_rows[] = {
    {"hinomi_source_up", METRIC_GAUGE, FORM_FLAG, SOURCE(is_up),
	"Whether frames may come: its process runs, its interface is there and has a carrier."},
    {"hinomi_source_packets_total", METRIC_COUNTER, FORM_COUNT, SOURCE(packets),
	"Packets that were looked at."},
    {"hinomi_source_bytes_total", METRIC_COUNTER, FORM_COUNT, SOURCE(bytes),
	"Bytes of these packets, as they were on the wire."},
    {"hinomi_source_dropped_packets_total", METRIC_COUNTER, FORM_COUNT, SOURCE(dropped),
	"Packets that the kernel dropped, since they came too fast."},
    {"hinomi_source_refused_frames_total", METRIC_COUNTER, FORM_COUNT, SOURCE(refused),
	"Frames that could not be taken for another reason."},
    {"hinomi_source_lost_batches_total", METRIC_COUNTER, FORM_COUNT, SOURCE(lost_batches),
	"Batches of sightings that found no room on their way to the keeper."},
    {"hinomi_source_backlog_bytes", METRIC_GAUGE, FORM_COUNT, SOURCE(backlog_bytes),
	"What waits on its way to the keeper."},
    {"hinomi_source_evictions_total", METRIC_COUNTER, FORM_COUNT, SOURCE(evicted),
	"Records that made room for others in the tables of what is observed."},
    {"hinomi_source_last_packet_timestamp_seconds", METRIC_GAUGE, FORM_TIME, SOURCE(last_us),
	"Time of the latest packet."},
};

static const struct row all_rows[] = {
    {"hinomi_observed_timestamp_seconds", METRIC_GAUGE, FORM_TIME, ALL(observed_us),
	"How far what is observed has come, by the time of packets."},
    {"hinomi_batches_total", METRIC_COUNTER, FORM_COUNT, ALL(batches),
	"Batches of sightings that the keeper took."},
    {"hinomi_sightings_total", METRIC_COUNTER, FORM_COUNT, ALL(sightings), "Sightings in them."},
    {"hinomi_hosts", METRIC_GAUGE, FORM_COUNT, ALL(hosts), "Hosts that are known."},
    {"hinomi_subjects_judged_total", METRIC_COUNTER, FORM_COUNT, ALL(judged),
	"Machines that were judged, each time."},
    {"hinomi_ledger_evictions_total", METRIC_COUNTER, FORM_COUNT, ALL(ledger_evicted),
	"Records that made room for others in the memory of a day."},
    {"hinomi_gaps_total", METRIC_COUNTER, FORM_COUNT, ALL(gaps),
	"Times in which something was not observed."},
    {"hinomi_incidents_refused_total", METRIC_COUNTER, FORM_COUNT, ALL(incidents_refused),
	"Findings that found no room among the incidents."},
    {"hinomi_notices_written_total", METRIC_COUNTER, FORM_COUNT, ALL(notices_written),
	"Notices that were written."},
    {"hinomi_notices_delivered_total", METRIC_COUNTER, FORM_COUNT, ALL(notices_delivered),
	"Notices that a server or web hook has taken."},
    {"hinomi_notices_failed_total", METRIC_COUNTER, FORM_COUNT, ALL(notices_failed),
	"Notices that were given up."},
    {"hinomi_notice_attempts_failed_total", METRIC_COUNTER, FORM_COUNT, ALL(attempts_failed),
	"Attempts to deliver that failed, those that are tried again included."},
    {"hinomi_notices_oldest_waiting_seconds", METRIC_GAUGE, FORM_SECONDS, ALL(oldest_waiting_us),
	"For how long the oldest undelivered notice has waited; 0 when none waits."},
    {"hinomi_commits_total", METRIC_COUNTER, FORM_COUNT, ALL(commits),
	"Transactions that were committed."},
    {"hinomi_commit_failures_total", METRIC_COUNTER, FORM_COUNT, ALL(commits_failed),
	"Transactions that failed; what was in them is written again."},
    {"hinomi_last_commit_timestamp_seconds", METRIC_GAUGE, FORM_TIME, ALL(committed_us),
	"When something was committed last."},
    {"hinomi_pending_bytes", METRIC_GAUGE, FORM_COUNT, ALL(pending_bytes),
	"What waits to be written to the database."},
};

static const struct row store_rows[] = {
    {"hinomi_database_bytes", METRIC_GAUGE, FORM_COUNT, ALL(database_bytes),
	"Size of the database."},
    {"hinomi_database_log_bytes", METRIC_GAUGE, FORM_COUNT, ALL(database_log_bytes),
	"Size of its write-ahead log."},
    {"hinomi_disk_free_bytes", METRIC_GAUGE, FORM_COUNT, ALL(disk_free_bytes),
	"What the disk of the database has left for us."},
};

static const struct row canary_rows[] = {
    {"hinomi_canary_last_arrival_timestamp_seconds", METRIC_GAUGE, FORM_TIME,
	ALL(canary_arrived_us), "When a test of the whole way arrived last."},
    {"hinomi_canary_duration_seconds", METRIC_GAUGE, FORM_SECONDS, ALL(canary_took_us),
	"How long it took, from the source to the operator."},
    {"hinomi_canary_late", METRIC_GAUGE, FORM_FLAG, ALL(canary_is_late),
	"Whether the last one did not arrive in time."},
};

static const struct row heartbeat_rows[] = {
    {"hinomi_heartbeats_taken_total", METRIC_COUNTER, FORM_COUNT, ALL(heartbeats_taken),
	"Signs of life that the outside watcher has taken."},
    {"hinomi_heartbeats_failed_total", METRIC_COUNTER, FORM_COUNT, ALL(heartbeats_failed),
	"Signs of life that it has not."},
    {"hinomi_last_heartbeat_timestamp_seconds", METRIC_GAUGE, FORM_TIME, ALL(heartbeat_taken_us),
	"When it took one last."},
};

static const struct row station_rows[] = {
    {"hinomi_station_up", METRIC_GAUGE, FORM_FLAG, STATION(is_silent),
	"Whether another station reports to this one in time."},
    {"hinomi_station_last_heartbeat_timestamp_seconds", METRIC_GAUGE, FORM_TIME, STATION(heard_us),
	"When it did so last."},
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* ---- Rows ---- */

static uint64_t count_at(const void *from, size_t offset)
{
	uint64_t value;
	memcpy(&value, (const char *)from + offset, sizeof value);
	return value;
}

static int64_t time_at(const void *from, size_t offset)
{
	int64_t value;
	memcpy(&value, (const char *)from + offset, sizeof value);
	return value;
}

static void put_sample(struct metrics *metrics, const struct row *row, const void *from,
    const struct metric_label *label)
{
	const size_t count = label != NULL;
	const int64_t time_us = row->form >= FORM_SECONDS ? time_at(from, row->offset) : 0;
	switch (row->form) {
	case FORM_COUNT:
		metrics_unsigned(metrics, label, count, count_at(from, row->offset));
		break;
	case FORM_FLAG:
		metrics_bool(metrics, label, count, ((const uint8_t *)from)[row->offset] != 0);
		break;
	case FORM_TIME:
		if (time_us == 0 || time_us == INT64_MIN)
			break;
		metrics_seconds(metrics, label, count, time_us);
		break;
	case FORM_SECONDS:
		metrics_seconds(metrics, label, count, time_us);
		break;
	}
}

static void put_rows(
    struct metrics *metrics, const struct row *rows, size_t count, const void *from)
{
	for (size_t i = 0; i < count; i++) {
		metrics_begin(metrics, rows[i].name, rows[i].kind, rows[i].help);
		put_sample(metrics, &rows[i], from, NULL);
	}
}

/* ---- What has labels ---- */

static void put_verdicts(struct metrics *metrics, const struct figures *figures)
{
	metrics_begin(metrics, "hinomi_source_undecoded_packets_total", METRIC_COUNTER,
	    "Packets that could not be decoded wholly, by why.");
	for (size_t i = 0; i < figures->source_count; i++) {
		const struct figures_source *source = &figures->sources[i];
		const struct {
			const char *verdict;
			uint64_t count;
		} rows[] = {
		    {"truncated", source->truncated},
		    {"malformed", source->malformed},
		    {"unsupported", source->unsupported},
		};
		for (size_t j = 0; j < COUNT(rows); j++) {
			const struct metric_label labels[] = {
			    {"source", source->name}, {"verdict", rows[j].verdict}};
			metrics_unsigned(metrics, labels, COUNT(labels), rows[j].count);
		}
	}
}

static void put_sources(struct metrics *metrics, const struct figures *figures)
{
	for (size_t i = 0; i < COUNT(source_rows); i++) {
		const struct row *row = &source_rows[i];
		metrics_begin(metrics, row->name, row->kind, row->help);
		for (size_t j = 0; j < figures->source_count; j++) {
			const struct metric_label label = {"source", figures->sources[j].name};
			put_sample(metrics, row, &figures->sources[j], &label);
		}
	}
	put_verdicts(metrics, figures);
}

static void put_stations(struct metrics *metrics, const struct figures *figures)
{
	for (size_t i = 0; i < COUNT(station_rows); i++) {
		const struct row *row = &station_rows[i];
		metrics_begin(metrics, row->name, row->kind, row->help);
		for (size_t j = 0; j < figures->station_count; j++) {
			const struct metric_label label = {"station", figures->stations[j].name};
			if (row->form == FORM_FLAG) /* the field says the contrary */
				metrics_bool(
				    metrics, &label, 1, figures->stations[j].is_silent == 0);
			else
				put_sample(metrics, row, &figures->stations[j], &label);
		}
	}
}

static void put_incidents(struct metrics *metrics, const struct figures *figures)
{
	metrics_begin(metrics, "hinomi_incidents", METRIC_GAUGE,
	    "Incidents that are kept in memory, by state and severity; exercises apart.");
	for (size_t drill = 0; drill < 2; drill++)
		for (int state = 0; state < INCIDENT_STATE_COUNT; state++)
			for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
				const struct metric_label labels[] = {
				    {"state", incident_state_name((enum incident_state)state)},
				    {"severity", severity_name((enum severity)severity)},
				    {"drill", drill == 0 ? "no" : "yes"},
				};
				metrics_unsigned(metrics, labels, COUNT(labels),
				    figures->incidents[drill][state][severity]);
			}
}

static void put_notices(struct metrics *metrics, const struct figures *figures)
{
	const struct metric_label waiting = {"state", "waiting"};
	const struct metric_label sending = {"state", "sending"};
	metrics_begin(metrics, "hinomi_notices", METRIC_GAUGE,
	    "Notices that are not delivered yet, by whether they are on their way.");
	metrics_unsigned(metrics, &waiting, 1, figures->notices_waiting);
	metrics_unsigned(metrics, &sending, 1, figures->notices_sending);
}

static void put_alarms(struct metrics *metrics, const struct figures *figures)
{
	metrics_begin(metrics, "hinomi_alarms", METRIC_GAUGE,
	    "What is wrong with the station itself now, by alarm.");
	for (int i = 0; i < ALARM_COUNT; i++) {
		const struct metric_label label = {"alarm", alarm_name((enum alarm)i)};
		if (alarm_lasts((enum alarm)i))
			metrics_unsigned(metrics, &label, 1, figures->alarms[i]);
	}
}

static void put_keeper(struct metrics *metrics, const struct figures *figures)
{
	put_sources(metrics, figures);
	put_incidents(metrics, figures);
	put_notices(metrics, figures);
	put_alarms(metrics, figures);
	put_rows(metrics, all_rows, COUNT(all_rows), figures);
	if (figures->has_store)
		put_rows(metrics, store_rows, COUNT(store_rows), figures);
	if (figures->canary_arrived_us != 0 || figures->canary_is_late != 0)
		put_rows(metrics, canary_rows, COUNT(canary_rows), figures);
	if (figures->sends_heartbeats)
		put_rows(metrics, heartbeat_rows, COUNT(heartbeat_rows), figures);
	if (figures->station_count > 0)
		put_stations(metrics, figures);
}

/* ---- Processes ---- */

/* The parent knows that the keeper runs; that it answers is another matter. */
static bool is_up(const struct roll_duty *duty, bool keeper_answers)
{
	return duty->is_up != 0 && (keeper_answers || strcmp(duty->name, "keeper") != 0);
}

static void put_duties(struct metrics *metrics, const struct roll *roll, bool keeper_answers)
{
	metrics_begin(metrics, "hinomi_up", METRIC_GAUGE,
	    "Whether this process of the station works; of the keeper, whether it answers.");
	for (size_t i = 0; i < roll->count; i++) {
		const struct metric_label label = {"duty", roll->duties[i].name};
		metrics_bool(metrics, &label, 1, is_up(&roll->duties[i], keeper_answers));
	}
	metrics_begin(metrics, "hinomi_duty_restarts_total", METRIC_COUNTER,
	    "How often it was started again after it had ended by itself.");
	for (size_t i = 0; i < roll->count; i++) {
		const struct metric_label label = {"duty", roll->duties[i].name};
		metrics_unsigned(metrics, &label, 1, roll->duties[i].restarts);
	}
	metrics_begin(metrics, "hinomi_duty_resident_memory_bytes", METRIC_GAUGE,
	    "How much memory it has, what it shares with others included.");
	for (size_t i = 0; i < roll->count; i++) {
		const struct metric_label label = {"duty", roll->duties[i].name};
		if (roll->duties[i].resident_bytes > 0)
			metrics_unsigned(metrics, &label, 1, roll->duties[i].resident_bytes);
	}
	if (roll->started_us == 0)
		return; /* the parent has not told yet */
	metrics_begin(
	    metrics, "hinomi_start_time_seconds", METRIC_GAUGE, "When the station was started.");
	metrics_seconds(metrics, NULL, 0, roll->started_us);
}

static void put_http(struct metrics *metrics, const struct http_counts *counts)
{
	static const char *const classes[] = {NULL, NULL, "2xx", "3xx", "4xx", "5xx"};
	metrics_begin(
	    metrics, "hinomi_http_responses_total", METRIC_COUNTER, "Answers by HTTP, by status.");
	for (size_t i = 2; i < COUNT(classes); i++) {
		const struct metric_label label = {"status", classes[i]};
		metrics_unsigned(metrics, &label, 1, counts->answers[i]);
	}
	metrics_begin(metrics, "hinomi_http_open_connections", METRIC_GAUGE,
	    "Connections that are open now.");
	metrics_unsigned(metrics, NULL, 0, counts->connections);
	metrics_begin(metrics, "hinomi_http_connections_total", METRIC_COUNTER,
	    "Connections that were taken.");
	metrics_unsigned(metrics, NULL, 0, counts->accepted);
	metrics_begin(metrics, "hinomi_http_connections_ended_total", METRIC_COUNTER,
	    "Connections that we ended, by why: others needed their room, or they took too long.");
	const struct metric_label displaced = {"why", "room"};
	const struct metric_label expired = {"why", "time"};
	metrics_unsigned(metrics, &displaced, 1, counts->displaced);
	metrics_unsigned(metrics, &expired, 1, counts->expired);
}

static void put_heard(struct metrics *metrics, const struct figures_page *page)
{
	const struct metric_label again = {"verdict", "again"};
	metrics_begin(metrics, "hinomi_heartbeats_heard_total", METRIC_COUNTER,
	    "Signs of life that came from other stations, by whether they are believed.");
	for (int i = 0; i < HEARTBEAT_VERDICT_COUNT; i++) {
		const struct metric_label label = {
		    "verdict", heartbeat_verdict_name((enum heartbeat_verdict)i)};
		metrics_unsigned(metrics, &label, 1, page->verdicts[i]);
	}
	metrics_unsigned(metrics, &again, 1, page->heard_before);
}

void figures_write(FILE *out, const struct figures_page *page)
{
	const struct metric_label version = {"version", HINOMI_VERSION};
	struct metrics metrics;
	metrics_init(&metrics, out);
	metrics_begin(&metrics, "hinomi_build_info", METRIC_GAUGE, "Always 1; its label tells.");
	metrics_unsigned(&metrics, &version, 1, 1);
	put_duties(&metrics, page->roll, page->figures != NULL);
	put_http(&metrics, page->http);
	put_heard(&metrics, page);
	if (page->figures != NULL)
		put_keeper(&metrics, page->figures);
	else
		metrics_remark(&metrics, page->why);
}
