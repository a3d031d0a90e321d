#include "cmd/station/incident_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/finding_record.h"
#include "cmd/station/incident_frames.h"
#include "cmd/station/record_json.h"
#include "notify/finding_json.h"

enum {
	IDENTITY_BYTES = 64,
	ABOUT_BYTES = 192,
};

/* What is asked for. */
struct making {
	struct store *store; /* borrowed, as all */
	const struct store_incident *incident;
	const struct export_setting *setting;
	struct complaint *complaint;
	FILE *out;
};

static int write_pcapng(const struct making *making)
{
	static struct incident_frames frames; /* large */
	char about[ABOUT_BYTES];
	int result =
	    incident_frames_read(making->store, making->incident->id, &frames, making->complaint);
	if (result != 0)
		return result;
	(void)snprintf(about, sizeof about, "incident %" PRId64 ": %s of %s", making->incident->id,
	    making->incident->rule, making->incident->subject);
	result = incident_frames_write_pcapng(&frames, about, making->out);
	return result == 0 ? 0 : complain(making->complaint, -ENOMEM, "out of memory for a file");
}

static int write_csv(const struct making *making)
{
	static struct incident_frames frames;
	int result =
	    incident_frames_read(making->store, making->incident->id, &frames, making->complaint);
	if (result == 0)
		incident_frames_write_csv(&frames, making->out);
	return result;
}

/* ---- JSON ---- */

/* The first of the last ones comes last. */
static int note_id(void *context, const void *record)
{
	const struct store_event *event = record;
	*(int64_t *)context = event->id;
	return 0;
}

static int visit_event(void *context, const void *record)
{
	record_write_event(context, record);
	return 0;
}

static int write_events(const struct making *making, struct json *json)
{
	const struct store_condition which = {
	    .column = "incident_id", .test = STORE_IS, .number = making->incident->id};
	const struct store_query last = {
	    .kind = STORE_EVENT,
	    .conditions = {which},
	    .order = "id",
	    .descending = true,
	    .limit = INCIDENT_FILE_EVENTS_MAX,
	};
	int64_t from = 0;
	int result = store_each(making->store, &last, note_id, &from, making->complaint);
	const struct store_query events = {
	    .kind = STORE_EVENT,
	    .conditions = {which, {.column = "id", .test = STORE_FROM, .number = from}},
	    .limit = INCIDENT_FILE_EVENTS_MAX,
	};
	json_open_array(json, "events");
	if (result == 0)
		result = store_each(making->store, &events, visit_event, json, making->complaint);
	json_close_array(json);
	return result;
}

static int write_json(const struct making *making)
{
	static struct incident_frames frames;
	struct finding finding;
	struct json json;
	json_init(&json, making->out);
	json_open_object(&json, NULL);
	json_string(&json, "type", "evidence");
	json_string(&json, "station", making->setting->station);
	json_string(&json, "identity", making->setting->identity);
	json_open_object(&json, "incident");
	record_put_incident(&json, making->incident);
	json_close_object(&json);
	if (finding_record_read(making->incident->finding, &finding, NULL) == 0)
		finding_json_write(&json, "finding", making->setting->language,
		    making->incident->member, &finding);
	int result = write_events(making, &json);
	if (result == 0)
		result = incident_frames_read(
		    making->store, making->incident->id, &frames, making->complaint);
	if (result == 0)
		incident_frames_write(&frames, "frames", &json);
	json_close_object(&json);
	(void)fputc('\n', making->out);
	return result;
}

/* ---- Others' formats ---- */

struct history {
	struct export_event events[EXPORT_EVENTS_MAX];
	void *records[EXPORT_EVENTS_MAX]; /* newest first */
	size_t count;
};

static int keep_event(void *context, const void *record)
{
	struct history *history = context;
	void *copy = store_record_copy(STORE_EVENT, record);
	if (copy == NULL)
		return -ENOMEM;
	history->records[history->count++] = copy;
	return 0;
}

static int read_history(const struct making *making, struct history *history)
{
	const struct store_query query = {
	    .kind = STORE_EVENT,
	    .conditions = {{.column = "incident_id",
		.test = STORE_IS,
		.number = making->incident->id}},
	    .order = "id",
	    .descending = true,
	    .limit = EXPORT_EVENTS_MAX,
	};
	const int result =
	    store_each(making->store, &query, keep_event, history, making->complaint);
	for (size_t i = 0; i < history->count; i++) {
		const struct store_event *event = history->records[history->count - 1 - i];
		history->events[i] =
		    (struct export_event){event->at_us, event->what, event->to_state};
	}
	return result;
}

static int write_export(const struct making *making, const struct export_format *format)
{
	const struct store_incident *incident = making->incident;
	struct history history = {.count = 0};
	struct finding finding;
	struct export *export;
	if (finding_record_read(incident->finding, &finding, making->complaint) != 0)
		return -EINVAL;
	const int severity = severity_find(incident->severity);
	if (severity >= 0)
		finding.severity = (enum severity)severity;
	finding.drill |= incident->drill;
	int result = read_history(making, &history);
	if (result == 0)
		result = export_open(format, making->setting, making->out, &export);
	if (result == 0) {
		const struct export_incident told = {
		    .id = incident->id,
		    .member = incident->member,
		    .state = incident->state,
		    .opened_us = incident->opened_us,
		    .changed_us = incident->changed_us,
		    .is_drill = finding.drill,
		    .finding = &finding,
		    .events = history.events,
		    .event_count = history.count,
		};
		export_add(export, &told);
		result = export_close(export);
	}
	for (size_t i = 0; i < history.count; i++)
		free(history.records[i]);
	return result;
}

/* ---- All of them ---- */

static const struct own_format {
	const char *name;
	const char *type;
	int (*write)(const struct making *making);
} own_formats[] = {
    {"pcapng", "application/x-pcapng", write_pcapng},
    {"json", "application/json", write_json},
    {"csv", "text/csv; charset=utf-8", write_csv},
};

static const struct own_format *find_own(const char *name)
{
	for (size_t i = 0; i < sizeof own_formats / sizeof own_formats[0]; i++)
		if (strcmp(own_formats[i].name, name) == 0)
			return &own_formats[i];
	return NULL;
}

const char *incident_file_formats(void)
{
	static char names[256];
	if (names[0] == '\0')
		(void)snprintf(names, sizeof names, "pcapng, json, csv, %s", export_format_names());
	return names;
}

bool incident_file_has_format(const char *format)
{
	return find_own(format) != NULL || export_format_find(format) != NULL;
}

/* "incident-12.json", "incident-12-stix.json": what no system takes for anything else. */
static void name_file(struct incident_file *file, int64_t id, const char *format)
{
	const struct export_format *export = export_format_find(format);
	const char *end = export == NULL ? NULL : strrchr(export_format_file(export), '.');
	if (export == NULL)
		(void)snprintf(
		    file->name, sizeof file->name, "incident-%" PRId64 ".%s", id, format);
	else
		(void)snprintf(file->name, sizeof file->name, "incident-%" PRId64 "-%s%s", id,
		    format, end == NULL ? "" : end);
	file->type = export == NULL ? find_own(format)->type : export_format_media_type(export);
}

static int visit_identity(void *context, const void *record)
{
	const struct store_meta *meta = record;
	(void)snprintf(context, IDENTITY_BYTES, "%s", meta->value);
	return 0;
}

static int find_identity(
    struct store *store, char out[static IDENTITY_BYTES], struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = "identity"}},
	};
	return store_each(store, &query, visit_identity, out, complaint);
}

int incident_file_make(struct store *store, const struct store_incident *incident,
    const struct incident_file_form *form, struct incident_file *ret_file,
    struct complaint *complaint)
{
	char identity[IDENTITY_BYTES] = "";
	struct incident_file file = {.bytes = NULL};
	const char *format = form->format;
	struct export_setting own = *form->setting;
	const struct own_format *own_format = find_own(format);
	if (!incident_file_has_format(format))
		return complain(
		    complaint, -EINVAL, "%s: expected one of %s", format, incident_file_formats());
	int result = own.identity == NULL ? find_identity(store, identity, complaint) : 0;
	if (result != 0)
		return result;
	if (own.identity == NULL)
		own.identity = identity;
	struct making making = {
	    .store = store,
	    .incident = incident,
	    .setting = &own,
	    .complaint = complaint,
	    .out = open_memstream(&file.bytes, &file.length),
	};
	if (making.out == NULL)
		return complain(complaint, -ENOMEM, "out of memory for a file");
	result = own_format != NULL ? own_format->write(&making)
				    : write_export(&making, export_format_find(format));
	const bool was_cut = ferror(making.out) != 0;
	if ((fclose(making.out) != 0 || was_cut) && result == 0)
		result = complain(complaint, -ENOMEM, "out of memory for a file");
	if (result != 0) {
		free(file.bytes);
		return result;
	}
	name_file(&file, incident->id, format);
	*ret_file = file;
	return 0;
}
