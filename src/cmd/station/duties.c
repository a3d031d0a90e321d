#include "cmd/station/duties.h"

#include <assert.h>
#include <string.h>

#include "cmd/station/config.h"
#include "cmd/station/wire.h"

static const char *const captures[] = {"capture0", "capture1", "capture2", "capture3", "capture4",
    "capture5", "capture6", "capture7", "capture8", "capture9", "capture10", "capture11",
    "capture12", "capture13", "capture14", "capture15"};
static const char *const reports[] = {"reports0", "reports1", "reports2", "reports3", "reports4",
    "reports5", "reports6", "reports7", "reports8", "reports9", "reports10", "reports11",
    "reports12", "reports13", "reports14", "reports15"};
static const char *const relays[] = {"batches0", "batches1", "batches2", "batches3", "batches4",
    "batches5", "batches6", "batches7", "batches8", "batches9", "batches10", "batches11",
    "batches12", "batches13", "batches14", "batches15"};

static_assert(sizeof captures / sizeof captures[0] == STATION_SOURCES_MAX, "a name for each");
static_assert(sizeof reports / sizeof reports[0] == STATION_SOURCES_MAX, "a name for each");
static_assert(sizeof relays / sizeof relays[0] == STATION_SOURCES_MAX, "a name for each");

const char *duty_capture_name(size_t number)
{
	assert(number < STATION_SOURCES_MAX);
	return captures[number];
}

const char *duty_reports_name(size_t number)
{
	assert(number < STATION_SOURCES_MAX);
	return reports[number];
}

const char *duty_relay_name(size_t number)
{
	assert(number < STATION_SOURCES_MAX);
	return relays[number];
}

void duty_tell_begin(struct duty_self *self, int result, const struct complaint *complaint)
{
	const struct message message = {
	    .type = result == 0 ? WIRE_BEGUN : WIRE_CANNOT,
	    .payload = result == 0 ? NULL : (const uint8_t *)complaint->text,
	    .payload_bytes = result == 0 ? 0 : strlen(complaint->text),
	    .fd = -1,
	};
	if ((self == NULL || duty_send(self, &message) != 0) && result != 0)
		say(LOG_LEVEL_ERROR, "duty.failed", "why", complaint->text);
}

void say(enum log_level level, const char *event, const char *key, const char *value)
{
	struct log_line line;
	log_begin(&line, level, event);
	log_text(&line, key, value);
	log_end(&line);
}
