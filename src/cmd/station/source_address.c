#include "cmd/station/source_address.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "drill/scenario.h"
#include "link/sightings.h"

enum {
	SPEED_DIGITS_MAX = 7
};

static const char *const kinds[STATION_SOURCE_KINDS] = {
    [STATION_SOURCE_RING] = "ring",
    [STATION_SOURCE_XDP] = "xdp",
    [STATION_SOURCE_DRILL] = "drill",
    [STATION_SOURCE_PCAP] = "pcap",
};

static_assert((int)STATION_SENSOR_BYTES == SIGHTINGS_SENSOR_BYTES, "what a batch can hold");

static const char speed_key[] = "speed=";
static const char speed_max[] = "max";

const char *station_source_kind_name(enum station_source_kind kind)
{
	assert((unsigned)kind < STATION_SOURCE_KINDS);
	return kinds[kind];
}

const char *station_source_rest(const struct station_source *source)
{
	return source->address + strlen(kinds[source->kind]) + 1;
}

void station_source_sensor(
    const struct station_source *source, const char *station, char out[static STATION_SENSOR_BYTES])
{
	(void)snprintf(out, STATION_SENSOR_BYTES, "%.64s %.60s", station,
	    station_source_rest(source)); /* fits by its widths */
	if (!sightings_sensor_is_valid(out))
		(void)snprintf(out, STATION_SENSOR_BYTES, "sensor"); /* fits */
}

void station_source_interface(
    const struct station_source *source, char out[static STATION_INTERFACE_BYTES])
{
	const char *rest = station_source_rest(source);
	(void)snprintf(out, STATION_INTERFACE_BYTES, "%.*s", (int)strcspn(rest, "?"), rest);
}

bool station_source_is_live(const struct station_source *source)
{
	return source->kind == STATION_SOURCE_RING || source->kind == STATION_SOURCE_XDP;
}

/* As the kernel takes them (dev_valid_name). */
static bool is_interface_name(const char *name)
{
	size_t bytes = strlen(name);
	if (bytes == 0 || bytes >= IF_NAMESIZE || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (; *name != '\0'; name++)
		if (*name == '/' || *name == ':' || isspace((unsigned char)*name) ||
		    iscntrl((unsigned char)*name))
			return false;
	return true;
}

static int parse_kind(const char *text, enum station_source_kind *ret_kind)
{
	for (int kind = 0; kind < STATION_SOURCE_KINDS; kind++) {
		size_t bytes = strlen(kinds[kind]);
		if (strncmp(text, kinds[kind], bytes) == 0 && text[bytes] == ':') {
			*ret_kind = (enum station_source_kind)kind;
			return 0;
		}
	}
	return -EINVAL;
}

static int refuse_kind(const char *text, struct complaint *complaint)
{
	char kind[IF_NAMESIZE];
	if (strchr(text, ':') == NULL)
		return complain(
		    complaint, -EINVAL, "expected KIND:NAME, such as ring:eth0 or drill:demo-day");
	(void)snprintf(kind, sizeof kind, "%.*s", (int)strcspn(text, ":"), text); /* a hint */
	return complain(complaint, -EINVAL,
	    "kind \"%s\" is not known, did you mean \"%s\"? Expected ring:INTERFACE, "
	    "xdp:INTERFACE, drill:EXERCISE or pcap:FILE",
	    kind, nearest_name(kind, kinds, STATION_SOURCE_KINDS));
}

/* Reads N or max, of so many bytes. */
static int parse_speed(const char *value, size_t bytes, uint32_t *ret_speed)
{
	if (bytes == strlen(speed_max) && strncmp(value, speed_max, bytes) == 0) {
		*ret_speed = 0;
		return 0;
	}
	if (bytes == 0 || bytes > SPEED_DIGITS_MAX || strspn(value, "0123456789") != bytes)
		return -EINVAL;
	unsigned long speed = strtoul(value, NULL, 10);
	if (speed < 1 || speed > STATION_SPEED_MAX)
		return -EINVAL;
	*ret_speed = (uint32_t)speed;
	return 0;
}

/*
 * Takes "speed=N" out of the address, with the sign before it. It may be any option of an exercise;
 * of a file it is the only one, since names of files may hold anything.
 */
static int take_speed(struct station_source *source)
{
	bool is_file = source->kind == STATION_SOURCE_PCAP;
	char *query = is_file ? strrchr(source->address, '?') : strchr(source->address, '?');
	char *option = query;
	while (option != NULL && strncmp(option + 1, speed_key, strlen(speed_key)) != 0)
		option = is_file ? NULL : strchr(option + 1, '&');
	if (option == NULL)
		return 0;

	const char *value = option + 1 + strlen(speed_key);
	size_t bytes = is_file ? strlen(value) : strcspn(value, "&");
	int error = parse_speed(value, bytes, &source->speed);
	if (error != 0)
		return error;
	const char *rest = value + bytes;
	size_t room = strlen(option);
	if (option == query && rest[0] == '&') { /* what follows becomes the first option */
		option++;
		rest++;
		room--;
	}
	size_t rest_bytes = strlen(rest);
	memmove(option, rest, rest_bytes);
	memset(option + rest_bytes, 0, room - rest_bytes); /* every byte is set */
	return 0;
}

static int check_rest(const struct station_source *source, struct complaint *complaint)
{
	const char *rest = station_source_rest(source);
	const struct scenario *scenario;
	struct scenario_options options;
	switch (source->kind) {
	case STATION_SOURCE_RING:
	case STATION_SOURCE_XDP:
		if (is_interface_name(rest))
			return 0;
		return complain(complaint, -EINVAL,
		    "expected the name of an interface of 1 to %d characters after the colon, such "
		    "as eth0",
		    IF_NAMESIZE - 1);
	case STATION_SOURCE_DRILL:
		return scenario_parse(rest, &scenario, &options, complaint);
	case STATION_SOURCE_PCAP:
		if (rest[0] != '\0' && strcmp(rest, "-") != 0)
			return 0;
		return complain(complaint, -EINVAL, "expected the name of a file after the colon");
	case STATION_SOURCE_KINDS:
	default:
		assert(false); /* parse_kind() gives none */
		return -EINVAL;
	}
}

int station_source_parse(
    const char *text, struct station_source *ret_source, struct complaint *complaint)
{
	struct station_source source;
	memset(&source, 0, sizeof source);
	size_t bytes = strlen(text);
	if (bytes >= sizeof source.address)
		return complain(
		    complaint, -EINVAL, "expected at most %d bytes", STATION_SOURCE_BYTES - 1);
	if (parse_kind(text, &source.kind) != 0)
		return refuse_kind(text, complaint);
	memcpy(source.address, text, bytes);
	source.speed = 1;
	if (!station_source_is_live(&source) && take_speed(&source) != 0)
		return complain(complaint, -EINVAL,
		    "expected speed=N with N from 1 to %d, or speed=max", STATION_SPEED_MAX);
	int error = check_rest(&source, complaint);
	if (error == 0)
		memcpy(ret_source, &source, sizeof source);
	return error;
}
