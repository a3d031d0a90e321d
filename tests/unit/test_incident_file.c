/* An incident as files: each of every format, with a safe name, whatever lies in the store. */
#include "cmd/station/incident_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/finding_record.h"
#include "cmd/station/incident_frames.h"
#include "source/source.h"
#include "test.h"

enum {
	FRAMES = 3,
	EVENTS = 70,
};

#define BEGIN_US (INT64_C(1775001600) * WHEN_SECOND_US)

static struct store *store;
static char *finding_text;
static struct store_incident incident;
static struct incident_frames frames;
static const struct export_setting setting = {
    .station = "=cmd()\n<script>",
    .address = "hinomi@example.jp",
    .tlp = EXPORT_TLP_AMBER,
    .language = LANGUAGE_JA,
    .now_us = BEGIN_US,
};

/* A SYN of 198.51.100.7 to 198.18.0.9, port 23. */
static const uint8_t syn[] = {0x45, 0, 0, 40, 0, 0, 0, 0, 57, 6, 0, 0, 198, 51, 100, 7, 198, 18, 0,
    9, 0xc0, 0, 0, 23, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 2, 4, 0, 0, 0, 0, 0};

static void put_frame(int64_t at_us, const void *data, size_t length)
{
	struct store_frame record = {
	    .incident_id = incident.id,
	    .at_us = at_us,
	    .source = "ring:eth0",
	    .wire_bytes = (int64_t)length,
	    .link_type = LINK_RAW,
	    .data = {data, length},
	    .drill = true,
	};
	(void)store_put(store, STORE_RECORD(&record), STORE_REPLACE, NULL);
}

static void begin(void)
{
	const struct store_options memory = {.engine = "memory"};
	const struct finding finding = {
	    .rule = RULE_SCAN_DARK,
	    .subject = address_from_v4_u32(0xc6336407),
	    .drill = true,
	    .first_us = BEGIN_US,
	    .last_us = BEGIN_US + WHEN_MINUTE_US,
	    .packets = 100,
	    .targets = 100,
	    .tool = -1,
	    .severity = SEVERITY_HIGH,
	    .port_count = 1,
	    .ports = {{.port = 23, .protocol = 6, .searched = true, .packets = 100}},
	    .ports_listed = 1,
	    .confidence = 0.98,
	};
	(void)finding_record_write(&finding, "town\"<b>", &finding_text);
	(void)store_open(&memory, &store, NULL);
	(void)store_begin(store, NULL);
	incident = (struct store_incident){.member = "town\"<b>",
	    .subject = "198.51.100.7",
	    .rule = "scan.dark",
	    .drill = true,
	    .state = "new",
	    .close_reason = "",
	    .severity = "high",
	    .first_us = BEGIN_US,
	    .last_us = BEGIN_US + WHEN_MINUTE_US,
	    .opened_us = BEGIN_US,
	    .changed_us = BEGIN_US,
	    .packets = 100,
	    .targets = 100,
	    .port_count = 1,
	    .told_severity = "",
	    .finding = finding_text,
	    .told_named = "",
	    .owed = "",
	    .retraction = ""};
	(void)store_put(store, STORE_RECORD(&incident), STORE_REPLACE, NULL);
	struct store_meta identity = {"identity", "ab54a98c-0000-4000-8000-000000000000"};
	(void)store_put(store, STORE_RECORD(&identity), STORE_REPLACE, NULL);
	for (int i = 0; i < EVENTS; i++) {
		struct store_event event = {.incident_id = incident.id,
		    .at_us = BEGIN_US + i,
		    .from_state = "new",
		    .to_state = "acknowledged",
		    .what = "ack",
		    .by = "somebody",
		    .note = "a secret"};
		(void)store_put(store, STORE_RECORD(&event), STORE_REPLACE, NULL);
	}
	for (int i = FRAMES; i > 0; i--) /* the last first */
		put_frame(BEGIN_US + i, syn, sizeof syn);
	(void)store_commit(store, NULL);
}

static void end(void)
{
	store_close(store);
	free(finding_text);
}

static int make_as(const char *format, struct incident_file *ret_file, struct complaint *complaint)
{
	const struct incident_file_form form = {format, &setting};
	return incident_file_make(store, &incident, &form, ret_file, complaint);
}

static bool make(const char *format, struct incident_file *ret_file)
{
	struct complaint complaint;
	return make_as(format, ret_file, &complaint) == 0;
}

static bool is_safe(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
			return false;
	return name[0] == 'i' && strstr(name, "..") == NULL;
}

static void test_frames(void)
{
	OK(incident_frames_read(store, incident.id, &frames, NULL) == 0 && frames.count == FRAMES &&
		frames.list[0].frame.time_us == BEGIN_US + 1 &&
		frames.list[2].frame.time_us == BEGIN_US + 3,
	    "the frames of an incident come by their time");
	OK(frames.list[1].frame.bytes == frames.list[1].bytes &&
		memcmp(frames.list[1].bytes, syn, sizeof syn) == 0 &&
		frames.list[1].frame.drill != 0 && strcmp(frames.list[1].source, "ring:eth0") == 0,
	    "with their bytes, their source, and the mark of a drill");
	OK(incident_frames_read(store, incident.id + 1, &frames, NULL) == 0 && frames.count == 0,
	    "another has none of them");
}

static void test_pcapng(void)
{
	static const struct source_kind *const kinds[] = {&source_pcap, NULL};
	static struct frame_batch batch;
	char path[] = "/tmp/hinomi-test-file-XXXXXX";
	struct incident_file file = {.bytes = NULL};
	struct source *source;
	struct complaint complaint;
	OK(make("pcapng", &file) && strcmp(file.type, "application/x-pcapng") == 0 &&
		is_safe(file.name),
	    "as a capture");
	const int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");
	(void)fwrite(file.bytes, 1, file.length, out);
	(void)fclose(out);
	const bool is_open = source_open(kinds, path, &source, &complaint) == 0;
	OK(is_open && source_read(source, &batch, FRAME_BATCH_MAX, &complaint) > 0 &&
		batch.count == FRAMES && batch.frames[0].time_us == BEGIN_US + 1 &&
		memcmp(batch.frames[0].bytes, syn, sizeof syn) == 0,
	    "that is read as one, with each byte");
	OK(memmem(file.bytes, file.length, "scan.dark of 198.51.100.7", 25) != NULL &&
		memmem(file.bytes, file.length, "drill", 5) != NULL,
	    "and tells what it is about");
	source_close(source);
	(void)remove(path);
	free(file.bytes);
}

static size_t count_words(const char *text, const char *word)
{
	size_t count = 0;
	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		count++;
	return count;
}

static void test_json(void)
{
	struct incident_file file = {.bytes = NULL};
	OK(make("json", &file) && strcmp(file.name, "incident-1.json") == 0, "as JSON");
	OK(count_words(file.bytes, "\"summary\":") == FRAMES &&
		count_words(file.bytes, "\"what\":\"ack\"") == EVENTS,
	    "it has the frames and the history");
	OK(count_words(file.bytes, "\"to\":\"198.18.0.9\"") == FRAMES &&
		count_words(file.bytes, "\"bytes\":\"45000028") == FRAMES,
	    "each decoded, with its bytes");
	OK(strstr(file.bytes, "\"station\":\"=cmd()\\n<script>\"") != NULL &&
		strstr(file.bytes, "\"incident\":{\"type\":\"incident\",\"id\":1,") != NULL &&
		strstr(file.bytes, "\"finding\":{") != NULL,
	    "and the incident, of this station");
	free(file.bytes);
}

static void test_others(void)
{
	struct incident_file file = {.bytes = NULL};
	OK(make("csv", &file) && memmem(file.bytes, file.length, "\r\n", 2) != NULL &&
		strstr(file.type, "text/csv") == file.type,
	    "as a table");
	free(file.bytes);
	bool are_made = true;
	bool tell = false;
	for (size_t i = 0; export_format_at(i) != NULL; i++) {
		const char *name = export_format_name(export_format_at(i));
		file = (struct incident_file){.bytes = NULL};
		are_made = are_made && make(name, &file) && file.length > 0 && is_safe(file.name) &&
			   incident_file_has_format(name);
		tell = tell || memmem(file.bytes, file.length, "a secret", 8) != NULL ||
		       (strcmp(name, "iodef") == 0 &&
			   memmem(file.bytes, file.length, "<script>", 8) != NULL);
		free(file.bytes);
	}
	OK(are_made, "in each format of others, under a name of letters");
	OK(!tell, "none tells what somebody noted, or has others' markup");
	struct complaint complaint;
	OK(make_as("exe", &file, &complaint) == -EINVAL &&
		strstr(complaint.text, "pcapng") != NULL && !incident_file_has_format("exe"),
	    "an unknown one is refused, and those that are known are named");
}

/* What no keeper wrote. */
static void test_hostile(void)
{
	static uint8_t large[FIRST_FRAME_BYTES + 1];
	struct incident_file file = {.bytes = NULL};
	(void)store_begin(store, NULL);
	put_frame(BEGIN_US, large, sizeof large);
	put_frame(FRAME_TIME_MAX_US + 1, syn, sizeof syn);
	put_frame(FRAME_TIME_MIN_US - 1, syn, sizeof syn);
	(void)store_commit(store, NULL);
	OK(incident_frames_read(store, incident.id, &frames, NULL) == 0 && frames.count == FRAMES &&
		frames.refused == 3,
	    "a frame one byte too long, or of no time, is left out");
	(void)store_begin(store, NULL);
	for (int i = 0; i < INCIDENT_FRAMES_MAX; i++)
		put_frame(BEGIN_US + 10 + i, syn, sizeof syn);
	(void)store_commit(store, NULL);
	OK(incident_frames_read(store, incident.id, &frames, NULL) == 0 &&
		frames.count + frames.refused == INCIDENT_FRAMES_MAX,
	    "of more than an incident may have the first are read");
	incident.finding = "{\"type\":";
	struct complaint complaint;
	OK(make_as("stix", &file, &complaint) == -EINVAL,
	    "of a finding that cannot be read there is no export");
	struct incident_file capture = {.bytes = NULL};
	OK(make("json", &file) && make("pcapng", &capture), "but its frames");
	free(file.bytes);
	free(capture.bytes);
	incident.finding = finding_text;
}

int main(void)
{
	if (export_prepare() != 0)
		return 1;
	begin();
	test_frames();
	test_pcapng();
	test_json();
	test_others();
	test_hostile();
	end();
	return test_done();
}
