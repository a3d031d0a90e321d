/*
 * What the batches in a store show of an incident is what its packets were: real drills go through
 * a watcher into a store, and each of their packets is counted beside.
 */
#include "cmd/station/incident_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/finding_record.h"
#include "cmd/station/watcher.h"
#include "drill/scenario.h"
#include "link/sightings_writer.h"
#include "observe/slab.h"
#include "source/source.h"
#include "store/store.h"
#include "test.h"

enum {
	TEXT_BYTES = 1 << 20,
	MEMORY_BYTES = 64 << 20,
	BATCHES_AT_ONCE = 64, /* of frames, between two looks */
	MINUTES = 24 * 60,
	ADDRESSES = 4096,
};

struct touched {
	struct address address;
	int64_t first_us;
	uint64_t packets;
};

/* A station's store, and what went into it. */
struct scene {
	struct store *store;
	struct registry *registry;
	struct watcher *watcher;
	int64_t sequence;
	int64_t received_us;
	int64_t window_us; /* of what is given; 0: that of the first packet */
	struct address subject;
	bool counts_dark; /* what goes to dark addresses; else SYNs */
	uint64_t packets; /* of the subject */
	int64_t first_us;
	int64_t last_us;
	uint64_t minutes[MINUTES]; /* from its first one on */
	struct touched touched[ADDRESSES];
	size_t touched_count;
};

static struct scene scene;
static char text[TEXT_BYTES];

static int give(void *context, const uint8_t *batch, size_t bytes)
{
	struct store_batch record = {
	    .sensor = "sensor",
	    .epoch = 1,
	    .sequence = ++scene.sequence,
	    .received_us = ++scene.received_us,
	    .body = {batch, bytes},
	};
	(void)context;
	record.window_us = scene.window_us != 0 ? scene.window_us
						: scene.first_us / WHEN_MINUTE_US * WHEN_MINUTE_US;
	return store_put(scene.store, STORE_RECORD(&record), STORE_REPLACE, NULL);
}

static void count_touch(const struct facts *facts)
{
	for (size_t i = 0; i < scene.touched_count; i++)
		if (address_equal(&scene.touched[i].address, &facts->target)) {
			scene.touched[i].packets++;
			return;
		}
	if (scene.touched_count < ADDRESSES)
		scene.touched[scene.touched_count++] =
		    (struct touched){facts->target, facts->time_us, 1};
}

static void count_frame(const struct frame *frame)
{
	struct facts facts;
	(void)decode_frame(frame, &facts);
	if (facts.net != FACTS_V4 || !address_equal(&facts.source, &scene.subject))
		return;
	const bool is_asking =
	    facts.protocol == 6 && (facts.tcp_flags & (FACTS_SYN | FACTS_ACK)) == FACTS_SYN;
	if (scene.counts_dark ? !registry_is_dark(scene.registry, &facts.target) : !is_asking)
		return;
	if (scene.packets++ == 0)
		scene.first_us = facts.time_us;
	scene.last_us = facts.time_us;
	const int64_t minute = facts.time_us / WHEN_MINUTE_US - scene.first_us / WHEN_MINUTE_US;
	scene.minutes[minute]++;
	count_touch(&facts);
}

/* Plays a drill into the store. */
static bool play(const char *drill, const char *subject, bool counts_dark)
{
	static const struct source_kind *const kinds[] = {&source_drill, NULL};
	static struct frame_batch batch;
	struct source *source;
	struct complaint complaint;
	const struct store_options memory = {.engine = "memory"};
	scene = (struct scene){.received_us = 1, .counts_dark = counts_dark};
	const bool is_ready =
	    address_parse(subject, &scene.subject) == 0 &&
	    store_open(&memory, &scene.store, &complaint) == 0 &&
	    store_begin(scene.store, &complaint) == 0 && registry_new(&scene.registry) == 0 &&
	    registry_add_member(scene.registry, "sakura-town", "198.51.100.0/24", &complaint) ==
		0 &&
	    registry_add_dark(scene.registry, "198.18.0.0/16", &complaint) == 0 &&
	    registry_seal(scene.registry, &complaint) == 0 &&
	    source_open(kinds, drill, &source, &complaint) == 0;
	const struct watcher_options options = {
	    .registry = scene.registry,
	    .memory_bytes = MEMORY_BYTES,
	    .answer_timeout_s = 3,
	    .first_frames = 8,
	    .sensor = "sensor",
	    .epoch = 1,
	    .give = give,
	};
	if (!is_ready || watcher_new(&options, &scene.watcher) != 0)
		return false;
	while (source_read(source, &batch, FRAME_BATCH_MAX, &complaint) > 0) {
		for (size_t i = 0; i < batch.count; i++)
			count_frame(&batch.frames[i]);
		watcher_take(scene.watcher, &batch);
		(void)watcher_flush(scene.watcher);
		batch.count = 0;
	}
	(void)watcher_finish(scene.watcher);
	source_close(source);
	return store_commit(scene.store, &complaint) == 0;
}

static void clear(void)
{
	watcher_free(scene.watcher);
	registry_free(scene.registry);
	store_close(scene.store);
}

static struct store_incident incident_of(const char *subject, const char *rule)
{
	return (struct store_incident){
	    .id = 7,
	    .subject = subject,
	    .rule = rule,
	    .state = "closed",
	    .drill = true,
	    .first_us = scene.first_us,
	    .last_us = scene.last_us,
	    .opened_us = scene.first_us,
	    .opened_wall_us = scene.first_us + WHEN_DAY_US, /* a replay */
	    .packets = (int64_t)scene.packets,
	    .targets = (int64_t)scene.touched_count,
	    .finding = "",
	};
}

/* All of it, and in how many steps. */
static unsigned read_all(struct incident_trace *trace, const struct store_incident *incident)
{
	unsigned steps = 1;
	while (incident_trace_step(trace, scene.store, incident, NULL) == 1 && steps < 10000)
		steps++;
	return steps;
}

static const char *write(
    const struct incident_trace *trace, bool targets, const struct incident_trace_ranges *ranges)
{
	struct json json;
	FILE *out = fmemopen(text, sizeof text, "w");
	json_init(&json, out);
	json_open_object(&json, NULL);
	if (targets)
		incident_trace_write_targets(trace, ranges, &json);
	else
		incident_trace_write_timeline(trace, &json);
	json_close_object(&json);
	(void)fclose(out);
	return text;
}

/* Whether each minute stands there as it was counted. */
static bool has_minutes(const char *json)
{
	const int64_t first = scene.first_us / WHEN_MINUTE_US;
	bool are_there = true;
	for (int64_t i = 0; i < MINUTES; i++) {
		char point[64];
		if (scene.minutes[i] == 0)
			continue;
		(void)snprintf(point, sizeof point, "[%" PRId64 ",%" PRIu64 "]", (first + i) * 60,
		    scene.minutes[i]);
		are_there = are_there && strstr(json, point) != NULL;
	}
	return are_there;
}

static bool has_targets(const char *json)
{
	bool are_there = true;
	for (size_t i = 0; i < scene.touched_count; i++) {
		const struct touched *touched = &scene.touched[i];
		char address[ADDRESS_TEXT_BYTES];
		char first[WHEN_TEXT_BYTES];
		char entry[128];
		address_format(&touched->address, address);
		when_format_utc(touched->first_us, first);
		(void)snprintf(entry, sizeof entry, "[\"%s\",\"%s\",%" PRIu64 ",", address, first,
		    touched->packets);
		are_there = are_there && strstr(json, entry) != NULL;
	}
	return are_there;
}

static void test_scan(void)
{
	const char *subject = "198.51.100.77";
	struct incident_trace *trace = NULL;
	OK(play("drill:mirai-recorder", subject, false) && scene.packets > 10000,
	    "a drill is played");
	const struct store_incident incident = incident_of(subject, "scan.dark");
	OK(incident_trace_new(&incident, &trace) == 0, "its trace is begun");
	OK(incident_trace_packets(trace) == 0, "nothing is known yet");
	(void)read_all(trace, &incident);
	OK(incident_trace_packets(trace) == scene.packets, "all of its packets are found");
	OK(has_minutes(write(trace, false, NULL)), "and in the minutes in which they were");
	OK(strstr(text, "\"unknown\":[],\"complete\":true") != NULL, "of which all are known");
	(void)read_all(trace, &incident);
	OK(incident_trace_packets(trace) == scene.packets, "asked again nothing is counted twice");
	struct prefix dark;
	const char *why;
	(void)prefix_parse("198.18.0.0/16", &dark, &why);
	const struct incident_trace_ranges ranges = {&dark, 1};
	(void)write(trace, true, &ranges);
	OK(strstr(text, "\"prefix\":\"198.18.0.0/16\"") != NULL &&
		strstr(text, "\"are\":\"targets\"") != NULL,
	    "the dark range is the one with most of them");
	incident_trace_free(trace);
	struct store_incident other = incident;
	other.drill = false;
	OK(incident_trace_new(&other, &trace) == 0, "the same in earnest");
	(void)read_all(trace, &other);
	OK(incident_trace_packets(trace) == 0, "has nothing of the drill");
	incident_trace_free(trace);
	clear();
}

static void test_few(void)
{
	const char *subject = "198.51.100.20";
	struct incident_trace *trace = NULL;
	OK(play("drill:lost-printer", subject, true) && scene.packets > 20 &&
		scene.touched_count < ADDRESSES,
	    "a quiet drill is played");
	const struct store_incident incident = incident_of(subject, "config.stray");
	(void)incident_trace_new(&incident, &trace);
	(void)read_all(trace, &incident);
	const struct incident_trace_ranges none = {NULL, 0};
	OK(incident_trace_packets(trace) == scene.packets &&
		incident_trace_targets(trace) == scene.touched_count,
	    "its packets and addresses are counted");
	OK(has_minutes(write(trace, false, NULL)), "in their minutes");
	OK(has_targets(write(trace, true, &none)),
	    "each address is there with its first time and its packets");
	incident_trace_free(trace);
	clear();
}

static void test_removed(void)
{
	const char *subject = "198.51.100.77";
	struct incident_trace *trace = NULL;
	(void)play("drill:mirai-recorder", subject, false);
	struct store_incident incident = incident_of(subject, "scan.dark");
	incident.first_us -= 3 * WHEN_HOUR_US;
	(void)incident_trace_new(&incident, &trace);
	(void)read_all(trace, &incident);
	(void)write(trace, false, NULL);
	char point[64];
	(void)snprintf(point, sizeof point, "\"points\":[[%" PRId64 ",null]",
	    incident.first_us / WHEN_MINUTE_US * 60);
	OK(strstr(text, point) != NULL && strstr(text, "\"why\":\"removed\"") != NULL,
	    "what was before the first batch is unknown, and not nothing");
	incident_trace_free(trace);
	clear();
	const struct store_options memory = {.engine = "memory"};
	(void)store_open(&memory, &scene.store, NULL);
	(void)incident_trace_new(&incident, &trace);
	OK(incident_trace_step(trace, scene.store, &incident, NULL) == 0 &&
		strstr(write(trace, false, NULL), ",0]") == NULL && strstr(text, ",null]") != NULL,
	    "where no batch is there nothing is known");
	incident_trace_free(trace);
	store_close(scene.store);
}

/* Batches that are none, and more of them than a step reads. */
static void test_hostile(void)
{
	struct incident_trace *trace = NULL;
	const struct store_options memory = {.engine = "memory"};
	static const uint8_t junk[] = {0, 0, 0, 9, 1, 2, 3, 0x0a, 4, 198, 51, 100, 77, 1};
	scene = (struct scene){.first_us = INT64_C(1775001600) * WHEN_SECOND_US};
	scene.last_us = scene.first_us + WHEN_HOUR_US;
	(void)store_open(&memory, &scene.store, NULL);
	(void)store_begin(scene.store, NULL);
	for (int64_t i = 1; i <= INCIDENT_TRACE_ROWS + 1; i++) {
		struct store_batch record = {.sensor = "sensor",
		    .epoch = 1,
		    .sequence = i,
		    .window_us = scene.first_us,
		    .received_us = i,
		    .body = {junk, sizeof junk}};
		(void)store_put(scene.store, STORE_RECORD(&record), STORE_REPLACE, NULL);
	}
	(void)store_commit(scene.store, NULL);
	const struct store_incident incident = incident_of("198.51.100.77", "scan.dark");
	(void)incident_trace_new(&incident, &trace);
	OK(read_all(trace, &incident) >= 2, "one batch past what a step reads is for the next");
	(void)write(trace, false, NULL);
	OK(strstr(text, "\"damaged\":4097") != NULL && incident_trace_packets(trace) == 0,
	    "batches that are none are counted");
	incident_trace_free(trace);
	store_close(scene.store);
	struct store_incident wrong = incident;
	wrong.subject = "nobody";
	OK(incident_trace_new(&wrong, &trace) == -EINVAL, "a subject that is none has no trace");
	wrong = incident;
	wrong.rule = "scan.unheard-of";
	OK(incident_trace_new(&wrong, &trace) == -EINVAL, "nor has an unknown rule");
}

/* Windows of a minute each, in each of which a new address is asked once. */
static void put_windows(size_t count)
{
	const struct sightings_writer_options options = {
	    .give = give, .name = "store", .sensor = "sensor", .epoch = 1};
	struct sightings_writer *writer;
	struct slab *slab = slab_new(1 << 20, &slab_sizes_address_set);
	(void)sightings_writer_new(&options, &writer);
	const struct observer_sink *sink = sightings_writer_sink(writer);
	for (size_t i = 0; i < count; i++) {
		const int64_t at_us = scene.first_us + (int64_t)i * WHEN_MINUTE_US;
		const struct address target = address_from_v4_u32((uint32_t)(0xc6120000 + i));
		const struct address_touch touch = {at_us, at_us, 1, ITEM_DARK};
		scene.window_us = at_us;
		struct sighting sighting = {.key = {.subject = scene.subject,
						.kind = SIGHTING_REQUEST,
						.protocol = 6,
						.port = 23,
						.drill = 1}};
		sighting_init(&sighting);
		sighting.window_us = at_us;
		sighting.first_us = sighting.last_us = at_us;
		sighting.packets = sighting.dark_packets = 1;
		sighting.bytes = 40;
		(void)address_set_touch(&sighting.targets, slab, &target, &touch);
		sink->on_sighting(sink->context, &sighting);
		sink->on_window_end(sink->context, at_us);
		sighting_clear(&sighting, slab);
	}
	(void)sightings_writer_flush(writer);
	sightings_writer_free(writer);
	slab_free(slab);
}

static struct incident_trace *trace_windows(size_t count, unsigned *ret_steps)
{
	const struct store_options memory = {.engine = "memory"};
	struct incident_trace *trace = NULL;
	scene = (struct scene){.first_us = INT64_C(1775001600) * WHEN_SECOND_US};
	scene.last_us = scene.first_us + (int64_t)count * WHEN_MINUTE_US - 1;
	(void)address_parse("198.51.100.77", &scene.subject);
	(void)store_open(&memory, &scene.store, NULL);
	(void)store_begin(scene.store, NULL);
	put_windows(count);
	(void)store_commit(scene.store, NULL);
	struct store_incident incident = incident_of("198.51.100.77", "scan.dark");
	incident.targets = (int64_t)count;
	(void)incident_trace_new(&incident, &trace);
	*ret_steps = read_all(trace, &incident);
	return trace;
}

/* A week of minutes and as many addresses as a page can draw, and one more of each. */
static void test_limits(void)
{
	const struct incident_trace_ranges none = {NULL, 0};
	unsigned steps;
	struct incident_trace *trace = trace_windows(INCIDENT_TRACE_MINUTES_MAX, &steps);
	OK(strstr(write(trace, false, NULL), "\"cut\"") == NULL &&
		incident_trace_packets(trace) == INCIDENT_TRACE_MINUTES_MAX,
	    "a week of minutes is told whole");
	OK(steps > 1, "in several steps");
	(void)write(trace, true, &none);
	OK(strstr(text, "\"listed\":4096,") != NULL && strstr(text, "\"total\":10080,") != NULL &&
		strstr(text, "\"dark\":4096,") != NULL,
	    "of more addresses than can be drawn the first are named, and how many there are");
	incident_trace_free(trace);
	store_close(scene.store);
	trace = trace_windows(INCIDENT_TRACE_MINUTES_MAX + 1, &steps);
	OK(strstr(write(trace, false, NULL), "\"cut\":true") != NULL &&
		incident_trace_packets(trace) == INCIDENT_TRACE_MINUTES_MAX + 1,
	    "one minute more is counted, and it is said that it is not told apart");
	incident_trace_free(trace);
	store_close(scene.store);
	trace = trace_windows(INCIDENT_TRACE_TARGETS_MAX, &steps);
	(void)write(trace, true, &none);
	OK(strstr(text, "\"listed\":4096,") != NULL && strstr(text, "\"total\":4096,") != NULL,
	    "as many as can be drawn are all there");
	incident_trace_free(trace);
	store_close(scene.store);
}

/* An incident that goes on, and of which more is known later. */
static void test_growing(void)
{
	unsigned steps;
	struct incident_trace *trace = trace_windows(30, &steps);
	incident_trace_free(trace);
	struct store_incident incident = incident_of("198.51.100.77", "scan.dark");
	incident.state = "notified";
	incident.last_us = scene.first_us + 10 * WHEN_MINUTE_US - 1;
	(void)incident_trace_new(&incident, &trace);
	(void)read_all(trace, &incident);
	OK(incident_trace_packets(trace) == 10,
	    "of one that goes on as much is told as its record knows");
	incident.last_us = scene.last_us;
	(void)read_all(trace, &incident);
	OK(incident_trace_packets(trace) == 30, "and the rest once that knows it");
	incident.first_us -= WHEN_HOUR_US;
	(void)read_all(trace, &incident);
	OK(incident_trace_packets(trace) == 30, "one that began earlier is read anew");
	incident_trace_free(trace);
	const struct finding other = {.rule = RULE_CONFIG_STRAY,
	    .subject = scene.subject,
	    .tool = -1,
	    .port_count = 1,
	    .ports = {{.port = 80, .protocol = 6}},
	    .ports_listed = 1};
	char *finding = NULL;
	(void)finding_record_write(&other, "town", &finding);
	incident.rule = "config.stray";
	incident.finding = finding;
	(void)incident_trace_new(&incident, &trace);
	(void)read_all(trace, &incident);
	const bool is_none = incident_trace_packets(trace) == 0;
	incident.finding = "";
	free(finding);
	(void)read_all(trace, &incident);
	OK(is_none && incident_trace_packets(trace) == 30, "so is one with other ports");
	incident_trace_free(trace);
	store_close(scene.store);
}

/* When nothing was seen nobody knows whether there was anything. */
static void test_gap(void)
{
	unsigned steps;
	struct incident_trace *trace = trace_windows(3, &steps);
	incident_trace_free(trace);
	scene.last_us = scene.first_us + WHEN_HOUR_US;
	struct store_gap gap = {.source = "ring:eth0",
	    .from_us = scene.first_us + 10 * WHEN_MINUTE_US,
	    .to_us = scene.first_us + 20 * WHEN_MINUTE_US,
	    .kind = "capture-ended",
	    .detail = ""};
	(void)store_begin(scene.store, NULL);
	(void)store_put(scene.store, STORE_RECORD(&gap), STORE_REPLACE, NULL);
	(void)store_commit(scene.store, NULL);
	const struct store_incident incident = incident_of("198.51.100.77", "scan.dark");
	(void)incident_trace_new(&incident, &trace);
	(void)read_all(trace, &incident);
	(void)write(trace, false, NULL);
	char points[256];
	const int64_t first = scene.first_us / WHEN_SECOND_US;
	(void)snprintf(points, sizeof points,
	    "[%" PRId64 ",1],[%" PRId64 ",0],[%" PRId64 ",0],[%" PRId64 ",null],[%" PRId64
	    ",null],[%" PRId64 ",0],[%" PRId64 ",0]]",
	    first + 120, first + 180, first + 540, first + 600, first + 1140, first + 1200,
	    first + 3600);
	OK(strstr(text, points) != NULL && strstr(text, "\"why\":\"gap\"") != NULL,
	    "a gap between quiet minutes is unknown");
	incident_trace_free(trace);
	store_close(scene.store);
}

int main(void)
{
	test_scan();
	test_few();
	test_removed();
	test_hostile();
	test_limits();
	test_growing();
	test_gap();
	return test_done();
}
