/* export.c - `hinomi export`: incidents in the formats that others' systems read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/quantity.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "cmd/manage.h"
#include "cmd/manage_lists.h"
#include "cmd/station/config.h"
#include "cmd/station/finding_record.h"
#include "cmd/station/roster.h"
#include "notify/export.h"

static const char usage[] =
    "usage: hinomi export FORMAT [OPTIONS]\n"
    "\n"
    "Writes incidents in a format that other systems read. The exit status is 0, also where\n"
    "there are none, and 2 where it could not be done.\n"
    "\n"
    "  iodef            IODEF version 2, XML (RFC 7970)\n"
    "  iodef-json       the same as JSON (RFC 8727)\n"
    "  stix             STIX 2.1, a bundle\n"
    "  idea             IDEA 0, a line for each incident\n"
    "  xarf             X-ARF version 4, a line for each incident\n"
    "  misp             events of MISP, JSON\n"
    "  shadowserver     the columns of Shadowserver's darknet report, CSV\n"
    "  eve              alerts as in Suricata's log, a line for each incident\n"
    "\n"
    "  --since TIME     seen since then: 2026-04-01, 2026-04-01T09:00, or 12h, 7d\n"
    "  --until TIME     begun before then, likewise\n"
    "  --member NAME    of this member (repeatable)\n"
    "  --incident ID    this one (repeatable)\n"
    "  --tlp LEVEL      with whom it may be shared: clear, green, amber (as without it),\n"
    "                   amber+strict, red\n"
    "  --output FILE    into this file, whole or not at all\n"
    "  --station DIR    the station ($HINOMI_STATION, else /var/lib/hinomi)\n"
    "  --lang ja|en     language of what is said for people (that of the locale)\n";

enum {
	IDENTITY_BYTES = 64,
};

/* What is asked for, and where it goes. */
struct exporting {
	struct manage *manage;
	int64_t members[STORE_LIST_MAX];
	size_t member_count;
	int64_t incidents[STORE_LIST_MAX];
	size_t incident_count;
	int64_t since_us;
	int64_t until_us;
	bool has_since;
	bool has_until;
	enum export_tlp tlp;
	struct station_config config;
	char identity[IDENTITY_BYTES];
	const char *path; /* NULL: standard output */
	char *part;       /* its name until it is whole; NULL: there is none */
	FILE *out;
	struct export *export;
	size_t unreadable;
};

/* ---- The command line ---- */

static int take_members(struct exporting *exporting)
{
	const struct manage *manage = exporting->manage;
	size_t position = 0;
	const char *name;
	int status = 0;
	while (status == 0 && (name = manage_next(manage, "member", &position)) != NULL) {
		if (exporting->member_count == STORE_LIST_MAX)
			return cmd_fail("--member %s: expected at most %d", name, STORE_LIST_MAX);
		status =
		    manage_member_id(manage, name, &exporting->members[exporting->member_count++]);
	}
	return status;
}

static int take_incidents(struct exporting *exporting)
{
	size_t position = 0;
	const char *text;
	while ((text = manage_next(exporting->manage, "incident", &position)) != NULL) {
		char *end = NULL;
		errno = 0;
		const long long number = strtoll(text, &end, 10);
		if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || number < 1)
			return cmd_fail("--incident %s: expected the number of one that `hinomi "
					"incident list` shows",
			    text);
		if (exporting->incident_count == STORE_LIST_MAX)
			return cmd_fail("--incident %s: expected at most %d", text, STORE_LIST_MAX);
		exporting->incidents[exporting->incident_count++] = number;
	}
	return 0;
}

/* A time, or how long ago. */
static int take_time(
    const struct manage *manage, const char *option, bool *ret_has, int64_t *ret_us)
{
	const char *text = manage_value(manage, option);
	int64_t ago_us;
	if (text == NULL)
		return 0;
	*ret_has = true;
	if (when_parse(text, ret_us) == 0)
		return 0;
	if (duration_parse(text, &ago_us) != 0)
		return cmd_fail(
		    "--%s %s: expected a time such as 2026-04-01T09:00, or 12h, 7d", option, text);
	*ret_us = (int64_t)time(NULL) * WHEN_SECOND_US - ago_us;
	return 0;
}

static int take_tlp(struct exporting *exporting)
{
	const char *name = manage_value(exporting->manage, "tlp");
	const int tlp = name == NULL ? EXPORT_TLP_AMBER : export_tlp_find(name);
	if (tlp < 0)
		return cmd_fail(
		    "--tlp %s: expected one of clear, green, amber, amber+strict, red", name);
	exporting->tlp = (enum export_tlp)tlp;
	return 0;
}

static int take_wish(struct exporting *exporting)
{
	const struct manage *manage = exporting->manage;
	exporting->path = manage_value(manage, "output");
	if (manage->format != MANAGE_TEXT)
		return cmd_fail("export: expected the format as its first word, and no --format");
	if (exporting->path != NULL && exporting->path[0] == '\0')
		return cmd_fail("--output: expected the name of a file");
	int status = take_time(manage, "since", &exporting->has_since, &exporting->since_us);
	if (status == 0)
		status = take_time(manage, "until", &exporting->has_until, &exporting->until_us);
	if (status == 0)
		status = take_tlp(exporting);
	if (status == 0)
		status = take_incidents(exporting);
	return status == 0 ? take_members(exporting) : status;
}

static struct store_query query_of(const struct exporting *exporting)
{
	struct store_query query = {.kind = STORE_INCIDENT};
	struct store_condition *next = query.conditions;
	if (exporting->incident_count > 0)
		*next++ = (struct store_condition){.column = "id",
		    .test = STORE_IN,
		    .numbers = exporting->incidents,
		    .count = exporting->incident_count};
	if (exporting->member_count > 0)
		*next++ = (struct store_condition){.column = "member_id",
		    .test = STORE_IN,
		    .numbers = exporting->members,
		    .count = exporting->member_count};
	if (exporting->has_since)
		*next++ = (struct store_condition){
		    .column = "last_us", .test = STORE_FROM, .number = exporting->since_us};
	if (exporting->has_until)
		*next++ = (struct store_condition){
		    .column = "first_us", .test = STORE_BELOW, .number = exporting->until_us};
	return query;
}

/* ---- Out of the database ---- */

/* An incident's last steps, as they are told; the texts are one block. */
struct history {
	struct export_event events[EXPORT_EVENTS_MAX];
	void *records[EXPORT_EVENTS_MAX];
	size_t count;
};

/* Newest first. */
static int visit_event(void *context, const void *record)
{
	struct history *history = context;
	void *copy = store_record_copy(STORE_EVENT, record);
	if (copy == NULL)
		return -ENOMEM;
	history->records[history->count++] = copy;
	return 0;
}

static int read_history(const struct exporting *exporting, int64_t id, struct history *history)
{
	const struct store_query query = {
	    .kind = STORE_EVENT,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = id}},
	    .order = "id",
	    .descending = true,
	    .limit = EXPORT_EVENTS_MAX,
	};
	const int status = manage_each(exporting->manage, &query, visit_event, history);
	for (size_t i = 0; i < history->count; i++) {
		const struct store_event *event = history->records[history->count - 1 - i];
		history->events[i] =
		    (struct export_event){event->at_us, event->what, event->to_state};
	}
	return status;
}

static int visit_incident(void *context, const void *record)
{
	struct exporting *exporting = context;
	const struct store_incident *incident = record;
	struct finding finding;
	struct history history = {.count = 0};
	if (incident->member_id == ROSTER_CANARY_ID)
		return 0; /* the station's tests of itself are nobody's */
	if (finding_record_read(incident->finding, &finding, NULL) != 0) {
		exporting->unreadable++;
		(void)cmd_fail("incident %lld: its finding cannot be read; it is left out",
		    (long long)incident->id);
		return 0;
	}
	const int severity = severity_find(incident->severity);
	if (severity >= 0)
		finding.severity = (enum severity)severity;
	finding.drill |= incident->drill;
	const int status = read_history(exporting, incident->id, &history);
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
	if (status == 0)
		export_add(exporting->export, &told);
	for (size_t i = 0; i < history.count; i++)
		free(history.records[i]);
	return status == 0 ? 0 : -ECANCELED; /* what is wrong was said */
}

static int visit_identity(void *context, const void *record)
{
	const struct store_meta *meta = record;
	(void)snprintf(context, IDENTITY_BYTES, "%s", meta->value);
	return 0;
}

static int read_station(struct exporting *exporting)
{
	struct complaint complaint;
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = "identity"}},
	};
	int status = manage_open_store(exporting->manage);
	if (status == 0 &&
	    station_config_read(&exporting->manage->dir, &exporting->config, &complaint) != 0)
		status = cmd_fail("%s", complaint.text);
	if (status == 0)
		status =
		    manage_each(exporting->manage, &query, visit_identity, exporting->identity);
	return status;
}

/* ---- Into a file ---- */

static int open_output(struct exporting *exporting)
{
	exporting->out = stdout;
	if (exporting->path == NULL)
		return 0;
	const size_t room = strlen(exporting->path) + sizeof ".XXXXXX";
	exporting->part = malloc(room);
	if (exporting->part == NULL)
		return cmd_fail("out of memory");
	(void)snprintf(exporting->part, room, "%s.XXXXXX", exporting->path); /* it fits */
	const int fd = mkstemp(exporting->part);
	exporting->out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (exporting->out != NULL)
		return 0;
	const int status = cmd_fail("--output %s: %s", exporting->path, strerror(errno));
	if (fd >= 0)
		(void)unlink(exporting->part);
	free(exporting->part);
	exporting->part = NULL;
	return status;
}

/* The file is there when it is whole, and on the disk. */
static int close_output(struct exporting *exporting, int status)
{
	if (exporting->part == NULL)
		return status;
	if (status == 0 && (fflush(exporting->out) != 0 || fsync(fileno(exporting->out)) != 0))
		status = cmd_fail("--output %s: %s", exporting->path, strerror(errno));
	if (fclose(exporting->out) != 0 && status == 0)
		status = cmd_fail("--output %s: %s", exporting->path, strerror(errno));
	if (status == 0 && rename(exporting->part, exporting->path) != 0)
		status = cmd_fail("--output %s: %s", exporting->path, strerror(errno));
	if (status != 0)
		(void)unlink(exporting->part);
	free(exporting->part);
	return status;
}

static int write_all(struct exporting *exporting)
{
	const struct manage *manage = exporting->manage;
	const struct store_query query = query_of(exporting);
	const struct export_setting setting = {
	    .station = exporting->config.station.name,
	    .identity = exporting->identity,
	    .address = exporting->config.mail.from,
	    .tlp = exporting->tlp,
	    .language = manage->language,
	    .now_us = (int64_t)time(NULL) * WHEN_SECOND_US,
	};
	const struct export_format *format = export_format_find(manage->verb->name);
	if (export_open(format, &setting, exporting->out, &exporting->export) != 0)
		return cmd_fail("out of memory");
	int status = manage_each(manage, &query, visit_incident, exporting);
	if (export_close(exporting->export) != 0 && status == 0)
		status = exporting->path != NULL
			     ? cmd_fail("--output %s: %s", exporting->path, strerror(errno))
			     : cmd_fail_output(errno);
	return status;
}

static int run_export(struct manage *manage)
{
	static struct exporting exporting; /* large */
	exporting = (struct exporting){.manage = manage};
	int status = read_station(&exporting);
	if (status == 0)
		status = take_wish(&exporting);
	if (status == 0)
		status = open_output(&exporting);
	if (status != 0)
		return status;
	status = write_all(&exporting);
	status = close_output(&exporting, status);
	return status == 0 && exporting.unreadable > 0 ? EXIT_TROUBLE : status;
}

static const char *const options[] = {
    "member=", "incident=", "since=", "until=", "tlp=", "output=", NULL};

static const struct manage_verb verbs[] = {
    {"iodef", options, 0, 0, "nothing more", run_export, false},
    {"iodef-json", options, 0, 0, "nothing more", run_export, false},
    {"stix", options, 0, 0, "nothing more", run_export, false},
    {"idea", options, 0, 0, "nothing more", run_export, false},
    {"xarf", options, 0, 0, "nothing more", run_export, false},
    {"misp", options, 0, 0, "nothing more", run_export, false},
    {"shadowserver", options, 0, 0, "nothing more", run_export, false},
    {"eve", options, 0, 0, "nothing more", run_export, false},
    {NULL, NULL, 0, 0, NULL, NULL, false},
};

int cmd_export(int argc, char **argv)
{
	static const struct manage_command command = {"export", usage, verbs};
	return manage_run(&command, argc, argv);
}
