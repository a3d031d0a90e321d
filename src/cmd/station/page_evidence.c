#include "cmd/station/page_evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cmd/station/config.h"
#include "cmd/station/duties.h"
#include "cmd/station/incident_file.h"
#include "cmd/station/incident_frames.h"
#include "cmd/station/incident_trace.h"
#include "cmd/station/page_api.h"
#include "cmd/station/page_incidents.h"

enum {
	RANGES_MAX = 64, /* declared dark ranges that are drawn */
};

/* ---- Whose it is ---- */

static int copy_incident(void *context, const void *record)
{
	struct store_incident **incident = context;
	*incident = store_record_copy(STORE_INCIDENT, record);
	return *incident == NULL ? -ENOMEM : 0;
}

/* 200 and a copy, to be freed; else a status. What is another's is not there. */
static unsigned find_incident(const struct page_question *question, struct page_answer *answer,
    struct store_incident **ret_incident)
{
	const struct store_query which = {
	    .kind = STORE_INCIDENT,
	    .conditions = {{.column = "id", .number = page_segment_id(question, 0)}},
	};
	struct store_incident *incident = NULL;
	if (store_each(question->store, &which, copy_incident, &incident, &answer->complaint) != 0)
		return page_broken(answer);
	if (incident == NULL || !page_may_see(question, incident->member_id)) {
		free(incident);
		return page_missing(answer, "incident");
	}
	*ret_incident = incident;
	return 200;
}

/* ---- First frames ---- */

static unsigned read_frames(const struct page_question *question, struct page_answer *answer)
{
	static struct incident_frames frames; /* large */
	struct store_incident *incident;
	const unsigned status = find_incident(question, answer, &incident);
	if (status != 200)
		return status;
	const int result =
	    incident_frames_read(question->store, incident->id, &frames, &answer->complaint);
	free(incident);
	if (result != 0)
		return page_broken(answer);
	json_open_object(&answer->json, NULL);
	incident_frames_write(&frames, "items", &answer->json);
	json_unsigned(&answer->json, "total", frames.count);
	json_close_object(&answer->json);
	return 200;
}

/* ---- Traces ---- */

/* Those that were asked for last; the one that was not asked for longest makes room. */
static struct {
	struct incident_trace *trace;
	uint64_t used;
} traces[PAGE_TRACES_MAX];
static uint64_t uses;

void page_evidence_release(void)
{
	for (size_t i = 0; i < PAGE_TRACES_MAX; i++) {
		incident_trace_free(traces[i].trace);
		traces[i].trace = NULL;
		traces[i].used = 0;
	}
}

/* NULL where there can be none. */
static struct incident_trace *get_trace(const struct store_incident *incident)
{
	size_t oldest = 0;
	struct incident_trace *made = NULL;
	for (size_t i = 0; i < PAGE_TRACES_MAX; i++) {
		if (traces[i].trace != NULL && incident_trace_is_of(traces[i].trace, incident)) {
			traces[i].used = ++uses;
			return traces[i].trace;
		}
		if (traces[i].used < traces[oldest].used)
			oldest = i;
	}
	if (incident_trace_new(incident, &made) != 0)
		return NULL;
	incident_trace_free(traces[oldest].trace);
	traces[oldest].trace = made;
	traces[oldest].used = ++uses;
	return made;
}

/* Reads on, and gives what is there so far. */
static unsigned follow(const struct page_question *question, struct page_answer *answer,
    struct incident_trace **ret_trace)
{
	struct store_incident *incident;
	const unsigned status = find_incident(question, answer, &incident);
	if (status != 200)
		return status;
	*ret_trace = get_trace(incident);
	const int result = *ret_trace == NULL ? -ENOMEM
					      : incident_trace_step(*ret_trace, question->store,
						    incident, &answer->complaint);
	free(incident);
	if (*ret_trace == NULL)
		return page_missing(answer, "trace of this incident");
	return result >= 0 ? 200 : page_broken(answer);
}

static unsigned read_timeline(const struct page_question *question, struct page_answer *answer)
{
	struct incident_trace *trace;
	const unsigned status = follow(question, answer, &trace);
	if (status != 200)
		return status;
	json_open_object(&answer->json, NULL);
	if (question->is_table)
		incident_trace_write_minutes(trace, &answer->json);
	else
		incident_trace_write_timeline(trace, &answer->json);
	json_close_object(&answer->json);
	return 200;
}

struct ranges {
	struct prefix list[RANGES_MAX];
	size_t count;
};

static int visit_prefix(void *context, const void *record)
{
	struct ranges *ranges = context;
	const struct store_prefix *stored = record;
	const char *why;
	if (ranges->count < RANGES_MAX &&
	    prefix_parse(stored->prefix, &ranges->list[ranges->count], &why) == 0)
		ranges->count++;
	return 0;
}

/* What the station declares dark, and members do: of an account of a member its own ranges. */
static int find_ranges(
    const struct page_question *question, struct page_answer *answer, struct ranges *ret_ranges)
{
	const struct station_config *config = question->world->config;
	struct store_query query = {
	    .kind = STORE_PREFIX,
	    .conditions = {{.column = "dark", .number = 1}},
	    .limit = RANGES_MAX,
	};
	if (question->who->role == PAGE_MEMBER)
		query.conditions[1] = (struct store_condition){
		    .column = "member_id", .number = question->who->member_id};
	ret_ranges->count = 0;
	for (size_t i = 0; config != NULL && i < config->dark.count && i < RANGES_MAX; i++)
		ret_ranges->list[ret_ranges->count++] = config->dark.list[i];
	return store_each(question->store, &query, visit_prefix, ret_ranges, &answer->complaint);
}

static unsigned read_targets(const struct page_question *question, struct page_answer *answer)
{
	static struct ranges ranges;
	struct incident_trace *trace;
	const unsigned status = follow(question, answer, &trace);
	if (status != 200)
		return status;
	if (find_ranges(question, answer, &ranges) != 0)
		return page_broken(answer);
	const struct incident_trace_ranges dark = {ranges.list, ranges.count};
	json_open_object(&answer->json, NULL);
	if (question->is_table)
		incident_trace_write_addresses(trace, &dark, &answer->json);
	else
		incident_trace_write_targets(trace, &dark, &answer->json);
	json_close_object(&answer->json);
	return 200;
}

/* ---- Files ---- */

/* As incident_file_formats() has them; a test holds them equal. */
static const char *const formats[] = {"pcapng", "json", "csv", "iodef", "iodef-json", "stix",
    "idea", "xarf", "misp", "shadowserver", "eve", NULL};

/* As export_tlp_name() has them, in their order. */
static const char *const levels[] = {"clear", "green", "amber", "amber+strict", "red", NULL};

static const struct page_parameter evidence_parameters[] = {
    {"format", PAGE_CHOICE, 0, 0, formats, "what it is to be (pcapng: the first frames)"},
    {"tlp", PAGE_CHOICE, 0, 0, levels, "with whom it may be shared (amber)"},
    {.name = NULL},
};

static struct export_setting setting_of(const struct page_question *question)
{
	const struct station_config *config = question->world->config;
	const int language = language_find(question->who->language);
	return (struct export_setting){
	    .station = config != NULL ? config->station.name : "",
	    .address = config != NULL ? config->mail.from : "",
	    .tlp = (enum export_tlp)page_number(question, "tlp", EXPORT_TLP_AMBER),
	    .language = language < 0 ? LANGUAGE_EN : (enum language)language,
	    .now_us = question->world->now_us,
	};
}

unsigned page_evidence_make(const struct page_question *question, struct page_answer *answer,
    struct incident_file *ret_file)
{
	struct store_incident *incident;
	const struct export_setting setting = setting_of(question);
	const struct incident_file_form form = {
	    .format = formats[page_number(question, "format", 0)], .setting = &setting};
	const unsigned status = find_incident(question, answer, &incident);
	if (status != 200)
		return status;
	const int result =
	    incident_file_make(question->store, incident, &form, ret_file, &answer->complaint);
	free(incident);
	if (result == -EINVAL)
		return page_refuse(answer, PROBLEM(409, "format", "evidence.unreadable"),
		    "what was found cannot be read; expected one of pcapng, json, csv");
	return result == 0 ? 200 : page_broken(answer);
}

static void run_evidence(
    struct page *page, struct http_request *request, const struct page_question *question)
{
	static struct page_answer answer; /* large, as the question */
	static struct page_question own;
	struct incident_file file = {.bytes = NULL};
	memset(&answer, 0, sizeof answer);
	own = *question;
	int result = page_store_begin(
	    page_database(page), loop_monotonic_us(page_loop(page)), &own.store, &answer.complaint);
	const unsigned status =
	    result == 0 ? page_evidence_make(&own, &answer, &file) : page_broken(&answer);
	if (result == 0)
		page_store_end(page_database(page));
	if (status >= 500)
		say(LOG_LEVEL_WARNING, "page.database", "why", answer.complaint.text);
	if (status != 200) {
		page_problem_give(request, &answer.problem);
		return;
	}
	const struct http_reply reply = {
	    .status = 200,
	    .type = file.type,
	    .bytes = file.bytes,
	    .count = file.length,
	    .caching = HTTP_NO_STORE,
	    .filename = file.name,
	};
	http_reply(request, &reply);
	free(file.bytes);
}

/* ---- Tables ---- */

static const char *const frame_columns[] = {"at", "from", "from_port", "to", "to_port", "protocol",
    "flags", "icmp_type", "icmp_code", "ttl", "payload", "tool", "length", "captured", "verdict",
    "drill", "tunnelled", "fragment", "source", "summary", "words.en", "words.ja", "bytes", NULL};
static const char *const minute_columns[] = {"at", "packets", NULL};
static const char *const target_columns[] = {"address", "dark", "first", "packets", NULL};

static const struct page_part frame_parts[] = {
    {"frames", "items", frame_columns, 0}, {.name = NULL}};
static const struct page_part timeline_parts[] = {
    {"minutes", "minutes", minute_columns, 0}, {.name = NULL}};
static const struct page_part target_parts[] = {
    {"addresses", "addresses", target_columns, 0}, {.name = NULL}};

const struct page_route page_evidence_routes[] = {
    {
	.method = ROUTE_GET,
	.path = "/api/v1/incidents/{id}/frames",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.read = read_frames,
	.summary = "its first frames, each decoded, in words and as bytes",
	.parts = frame_parts,
    },
    {
	.method = ROUTE_GET,
	.path = "/api/v1/incidents/{id}/timeline",
	.roles = PAGE_SIGNED_IN,
	.read = read_timeline,
	.summary = "packets of each minute; null where that is not known. Read in steps: where "
		   "complete is false, ask again for more",
	.is_fresh = true,
	.parts = timeline_parts,
    },
    {
	.method = ROUTE_GET,
	.path = "/api/v1/incidents/{id}/targets",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.read = read_targets,
	.summary = "the addresses that were touched, up to 4096, and the dark range they lie in. "
		   "Read in steps, as the timeline",
	.is_fresh = true,
	.parts = target_parts,
    },
    {
	.method = ROUTE_GET,
	.path = "/api/v1/incidents/{id}/evidence",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.run = run_evidence,
	.summary = "a file to be handed on: its first frames, all of it, or in a format of others",
	.parameters = evidence_parameters,
    },
    {.path = NULL},
};
