/* service_help.h - a keeper without sources on a store in memory, and requests to it. */
#ifndef SERVICE_HELP_H
#define SERVICE_HELP_H

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/finding_record.h"
#include "cmd/station/service.h"
#include "test.h"

#define NOW_US (INT64_C(1775000000) * WHEN_SECOND_US)

enum {
	DESK_LETTERS_MAX = 64,
};

struct desk {
	struct store *store;
	struct thresholds thresholds;
	struct keeper *keeper;
	struct service service;
	struct keeper_clock clock;
	size_t registries; /* told to captures */
	size_t letters;    /* given to the courier */
	int64_t notices[DESK_LETTERS_MAX];
	char *answer; /* to the last request */
	const char *from;
};

static inline int desk_send(void *context, const struct outbox_parcel *parcel)
{
	struct desk *desk = context;
	if (desk->letters == DESK_LETTERS_MAX)
		return -1;
	desk->notices[desk->letters++] = parcel->notice;
	return 0;
}

static inline int desk_send_canary(void *context, uint16_t number)
{
	(void)context;
	(void)number;
	return -1;
}

static inline void desk_take(void *context, size_t source)
{
	(void)context;
	(void)source;
}

static inline void desk_tell_registry(void *context, const char *text, size_t length)
{
	struct desk *desk = context;
	(void)text;
	desk->registries += length > 0;
}

static inline void desk_log(void *context, const char *event, const char *text)
{
	(void)context;
	(void)event;
	(void)text;
}

static inline void desk_open_keeper(struct desk *desk)
{
	struct complaint complaint;
	const struct keeper_options options = {
	    .store = desk->store,
	    .roster = {.language = LANGUAGE_JA, .zone = "Asia/Tokyo"},
	    .correlator = {.thresholds = &desk->thresholds,
		.memory_bytes = 32U << 20,
		.casebook = {.quiet_us = 6 * WHEN_HOUR_US,
		    .close_us = 14 * WHEN_DAY_US,
		    .settle_us = WHEN_SECOND_US,
		    .update_gap_us = 10 * WHEN_MINUTE_US,
		    .incidents_max = 1000}},
	    .outbox = {.station = "test",
		.from = desk->from,
		.desk = "",
		.host = "station.example",
		.identity = "0123456789abcdef"},
	    .canary = {.maildir = ""},
	    .io = {.context = desk,
		.send = desk_send,
		.send_canary = desk_send_canary,
		.take = desk_take,
		.tell_registry = desk_tell_registry,
		.log = desk_log},
	};
	if (keeper_new(&options, &desk->clock, &desk->keeper, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		abort();
	}
	desk->service =
	    (struct service){.keeper = desk->keeper, .language = LANGUAGE_JA, .zone = "Asia/Tokyo"};
}

static inline void desk_open(struct desk *desk)
{
	const struct store_options options = {.engine = "memory"};
	*desk = (struct desk){.clock = {NOW_US, 0}, .from = "hinomi@station.example"};
	thresholds_init(&desk->thresholds);
	if (store_open(&options, &desk->store, NULL) != 0)
		abort();
	desk_open_keeper(desk);
}

static inline void desk_restart(struct desk *desk)
{
	keeper_free(desk->keeper);
	desk_open_keeper(desk);
}

static inline void desk_close(struct desk *desk)
{
	keeper_free(desk->keeper);
	store_close(desk->store);
	free(desk->answer);
}

static inline void desk_pass(struct desk *desk, int64_t us)
{
	desk->clock.wall_us += us;
	desk->clock.monotonic_us += us;
	while (keeper_turn(desk->keeper, &desk->clock))
		;
}

/* Asks in JSON with ' in place of ". Whether it was done. */
static inline bool desk_ask(struct desk *desk, const char *request)
{
	size_t length = 0;
	char *text = strdup(request);
	if (text == NULL)
		abort();
	for (char *at = text; *at != '\0'; at++)
		*at = *at == '\'' ? '"' : *at;
	free(desk->answer);
	FILE *out = open_memstream(&desk->answer, &length);
	if (out == NULL)
		abort();
	int result = service_answer(&desk->service, &desk->clock, text, strlen(text), out);
	(void)fclose(out); /* memory; a lack of it shows in the text */
	free(text);
	return result == 0;
}

/* Whether it was refused with these words alone; who reads no English is told by a code. */
static inline bool desk_refuses(struct desk *desk, const char *request, const char *words)
{
	static const char code[] = ",\"code\":\"";
	char expected[1024];
	(void)snprintf(expected, sizeof expected, "{\"error\":\"%s\"", words);
	const size_t length = strlen(expected);
	bool same = !desk_ask(desk, request) && strncmp(desk->answer, expected, length) == 0;
	const char *rest = same ? desk->answer + length : "";
	same = same && (strcmp(rest, "}\n") == 0 || strncmp(rest, code, sizeof code - 1) == 0);
	if (!same)
		printf("# said     %s# expected %s", desk->answer, expected);
	return same;
}

static inline bool desk_says(const struct desk *desk, const char *part)
{
	bool said = strstr(desk->answer, part) != NULL;
	if (!said)
		printf("# said %s", desk->answer);
	return said;
}

static inline int64_t desk_count(struct desk *desk, enum store_kind kind)
{
	const struct store_query query = {.kind = kind};
	int64_t count = -1;
	if (store_count(desk->store, &query, &count, NULL) != 0)
		abort();
	return count;
}

static inline void desk_put(struct desk *desk, struct store_record record)
{
	struct complaint complaint;
	if (store_begin(desk->store, &complaint) == 0 &&
	    store_put(desk->store, record, STORE_REPLACE, &complaint) == 0 &&
	    store_commit(desk->store, &complaint) == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

/* An incident as an earlier keeper left it; its number. */
static inline int64_t desk_put_incident(
    struct desk *desk, int64_t member, const char *subject, const char *state)
{
	struct finding finding = {
	    .rule = RULE_SCAN_DARK,
	    .first_us = NOW_US - WHEN_HOUR_US,
	    .last_us = NOW_US - WHEN_MINUTE_US,
	    .packets = 99,
	    .targets = 99,
	    .port_count = 1,
	    .ports = {{.port = 445, .protocol = 6, .searched = true, .packets = 99, .targets = 99}},
	    .ports_listed = 1,
	    .tool = -1,
	    .severity = SEVERITY_HIGH,
	    .confidence = 0.9,
	};
	char *text = NULL;
	if (address_parse(subject, &finding.subject) != 0 ||
	    finding_record_write(&finding, "town", &text) != 0)
		abort();
	struct store_incident incident = {
	    .member_id = member,
	    .member = "town",
	    .subject = subject,
	    .rule = "scan.dark",
	    .state = state,
	    .close_reason = strcmp(state, "closed") == 0 ? "quiet" : "",
	    .severity = "high",
	    .first_us = finding.first_us,
	    .last_us = finding.last_us,
	    .opened_us = finding.first_us,
	    .changed_us = finding.last_us,
	    .packets = 99,
	    .targets = 99,
	    .port_count = 1,
	    .told_severity = "",
	    .finding = text,
	};
	desk_put(desk, STORE_RECORD(&incident));
	free(text);
	return incident.id;
}

#endif
