/*
 * Any bytes as station.yaml, and as settings.yaml: taken, or refused with one line that can be
 * shown. What is taken lies in its limits and is taken again with the same bytes; what is refused
 * leaves the result alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "base/utf8.h"
#include "cmd/station/config_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
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

/* What becomes part of a command of SMTP or HTTP, or of a path. */
static void require_plain(const char *text, size_t room)
{
	require(memchr(text, '\0', room) != NULL);
	for (; *text != '\0'; text++)
		require((unsigned char)*text >= ' ' && *text != '\x7f');
}

static void require_sound(const struct station_config *config)
{
	require(config->sources.is_auto == (config->sources.count == 0));
	require(config->sources.count <= STATION_SOURCES_MAX);
	for (size_t i = 0; i < config->sources.count; i++)
		require(config->sources.list[i].speed <= STATION_SPEED_MAX);
	require(config->dark.count <= STATION_PREFIXES_MAX);
	require(config->watch.ranges.count <= STATION_PREFIXES_MAX);
	require(config->heartbeat.expect.count <= STATION_EXPECT_MAX);
	require(config->workers >= 1 && config->workers <= 64);
	require(config->watch.quiet_us >= WHEN_MINUTE_US);
	require(
	    config->canary.every_us == 0 || config->canary.deadline_us <= config->canary.every_us);
	require(config->store.retention.incidents_us <= DURATION_MAX_US);
	require((config->store.low_disk.bytes == 0) == (config->store.low_disk.percent != 0));
	require_plain(config->operator.mail, sizeof config->operator.mail);
	require_plain(config->operator.webhook, sizeof config->operator.webhook);
	require_plain(config->mail.server.host, sizeof config->mail.server.host);
	require_plain(config->mail.user, sizeof config->mail.user);
	require_plain(config->mail.from, sizeof config->mail.from);
	require_plain(config->mail.helo, sizeof config->mail.helo);
	require_plain(config->heartbeat.url, sizeof config->heartbeat.url);
	require(config->operator.mail[0] == '\0' || config->mail.server.port != 0);
	require(config->mail.security != STATION_MAIL_NONE || config->mail.server.port == 0 ||
		endpoint_is_loopback(&config->mail.server));
}

/* The same bytes as settings.yaml: whatever they say, they change nothing that they may not. */
static void try_settings(const char *data, size_t data_bytes)
{
	static struct station_config before, after;
	struct complaint complaint = {""};
	station_config_init(&before);
	memcpy(&after, &before, sizeof after);
	if (station_config_parse_both("", data, data_bytes, &after, &complaint) != 0) {
		require(is_one_line(complaint.text));
		require(strncmp(complaint.text, "settings.yaml:", strlen("settings.yaml:")) == 0);
		require(memcmp(&before, &after, sizeof after) == 0);
		return;
	}
	require_sound(&after);
	for (size_t i = 0; i < station_key_count; i++) {
		const struct station_key *key = &station_keys[i];
		const bool is_set = after.origins[i] != STATION_ORIGIN_DEFAULT;
		require(after.origins[i] != STATION_ORIGIN_FILE);
		require(!is_set || key->change != NULL);
		require(is_set || memcmp((const char *)&before + key->offset,
				      (const char *)&after + key->offset, key->bytes) == 0);
	}
	require(after.canary.every_us > 0 && after.notices.cap >= 5 && after.notices.digest.is_on);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	static struct station_config before, after, again;
	static const struct station_names names = {
	    .host = "tower", .domain = "example.jp", .zone = "UTC", .language = LANGUAGE_JA};
	struct complaint complaint = {""};
	memset(&before, 0x5a, sizeof before);
	memcpy(&after, &before, sizeof after);
	try_settings((const char *)data, data_bytes);

	int error =
	    station_config_parse("fuzz.yaml", (const char *)data, data_bytes, &after, &complaint);
	if (error != 0) {
		require(is_one_line(complaint.text));
		require(strncmp(complaint.text, "fuzz.yaml:", strlen("fuzz.yaml:")) == 0);
		require(memcmp(&before, &after, sizeof after) == 0);
		return 0;
	}
	require(complaint.text[0] == '\0');
	require_sound(&after);
	memset(&again, 0xa5, sizeof again);
	require(
	    station_config_parse("fuzz.yaml", (const char *)data, data_bytes, &again, NULL) == 0);
	require(memcmp(&after, &again, sizeof after) == 0);
	station_config_complete(&after, &names);
	require_sound(&after);
	return 0;
}
