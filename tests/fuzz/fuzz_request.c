/*
 * Any lines as requests to a station's keeper: each is answered by lines of JSON of which the last,
 * and only that, says how it went; what was refused changed nothing that captures are told of.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/utf8.h"
#include "base/when.h"
#include "cmd/station/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

#define NOW_US (INT64_C(1775000000) * WHEN_SECOND_US)

enum {
	LINES_MAX = 16, /* of one input: each may be a transaction */
};

static size_t registries;

static void require(int condition)
{
	if (!condition)
		abort();
}

static int send_nothing(void *context, const struct outbox_parcel *parcel)
{
	(void)context;
	(void)parcel;
	return -1;
}

static int send_no_canary(void *context, uint16_t number)
{
	(void)context;
	(void)number;
	return -1;
}

static void take(void *context, size_t source)
{
	(void)context;
	(void)source;
}

static void tell_registry(void *context, const char *text, size_t length)
{
	struct registry *registry = NULL;
	(void)context;
	registries++;
	require(roster_parse_registry(text, length, &registry, NULL) == 0);
	registry_free(registry);
}

static void log_event(void *context, const char *event, const char *text)
{
	(void)context;
	(void)event;
	(void)text;
}

static struct keeper *open_keeper(struct store *store)
{
	static struct thresholds thresholds;
	const struct keeper_clock clock = {NOW_US, 0};
	struct keeper *keeper = NULL;
	thresholds_init(&thresholds);
	const struct keeper_options options = {
	    .store = store,
	    .roster = {.language = LANGUAGE_EN, .zone = ""},
	    .correlator = {.thresholds = &thresholds,
		.memory_bytes = 4U << 20,
		.casebook = {.incidents_max = 16}},
	    .outbox = {.station = "fuzz",
		.from = "hinomi@station.example",
		.desk = "",
		.host = "station.example",
		.identity = "0123456789abcdef"},
	    .canary = {.maildir = ""},
	    .io = {.send = send_nothing,
		.send_canary = send_no_canary,
		.take = take,
		.tell_registry = tell_registry,
		.log = log_event},
	};
	require(keeper_new(&options, &clock, &keeper, NULL) == 0);
	return keeper;
}

static int is_one_line(const char *text)
{
	size_t left = strlen(text);
	int is_shown = left > 0 && left < COMPLAINT_BYTES;
	while (is_shown && left > 0) {
		size_t length = utf8_step(text, left);
		is_shown = length > 0 && !utf8_is_control(text, length);
		text += length;
		left -= length;
	}
	return is_shown;
}

/* A line of an answer; whether it is the last. */
static bool check_line(const char *line, size_t length, bool was_done)
{
	struct json_node *record = NULL;
	const char *text = NULL;
	bool flag = false;
	require(json_read(line, length, &record, NULL) == 0 && json_read_is_object(record));
	bool is_ok = json_read_flag(json_read_member(record, "ok"), &flag);
	bool is_error = json_read_text(json_read_member(record, "error"), &text);
	require(!is_ok || (flag && was_done));
	require(!is_error || (is_one_line(text) && !was_done));
	require(is_ok || is_error || json_read_text(json_read_member(record, "type"), &text));
	json_read_free(record);
	return is_ok || is_error;
}

static void check_answer(const char *answer, size_t bytes, bool was_done)
{
	bool is_last = false;
	require(bytes > 0 && answer[bytes - 1] == '\n');
	for (const char *line = answer; line < answer + bytes;) {
		const char *end = memchr(line, '\n', (size_t)(answer + bytes - line));
		require(end != NULL && !is_last);
		is_last = check_line(line, (size_t)(end - line), was_done);
		line = end + 1;
	}
	require(is_last);
}

static void ask(const struct service *service, const char *line, size_t length)
{
	const struct keeper_clock clock = {NOW_US + WHEN_SECOND_US, WHEN_SECOND_US};
	char *answer = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&answer, &bytes);
	require(out != NULL);
	const size_t told = registries;
	int result = service_answer(service, &clock, line, length, out);
	require(fclose(out) == 0);
	require(result == 0 || registries == told);
	check_answer(answer, bytes, result == 0);
	free(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	const struct store_options memory = {.engine = "memory"};
	struct store *store = NULL;
	const char *line = (const char *)data;
	size_t left = data_bytes;
	require(store_open(&memory, &store, NULL) == 0);
	struct keeper *keeper = open_keeper(store);
	const struct service service = {.keeper = keeper, .zone = "UTC", .files = "/srv/notices"};
	for (int i = 0; i < LINES_MAX && left > 0; i++) {
		const char *end = memchr(line, '\n', left);
		size_t length = end == NULL ? left : (size_t)(end - line);
		ask(&service, line, length);
		left -= end == NULL ? length : length + 1;
		line += length + 1;
	}
	keeper_free(keeper);
	store_close(store);
	return 0;
}
