/*
 * source_address.h - where a station's frames come from, as `sources` of station.yaml and
 * `--source` name it: KIND:REST[?speed=N].
 */
#ifndef CMD_STATION_SOURCE_ADDRESS_H
#define CMD_STATION_SOURCE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	STATION_SOURCES_MAX = 16, /* a capture process each; more cards than any machine has */
	STATION_SOURCE_BYTES = 512,
	/* A day in a tenth of a second: faster says nothing, and is what speed=max is for. */
	STATION_SPEED_MAX = 1000000,
};

enum station_source_kind {
	STATION_SOURCE_RING, /* an interface, by AF_PACKET */
	STATION_SOURCE_XDP,  /* an interface, by AF_XDP */
	STATION_SOURCE_DRILL,
	STATION_SOURCE_PCAP,
	STATION_SOURCE_KINDS
};

struct station_source {
	enum station_source_kind kind;
	uint32_t speed; /* times as fast as the clock; 0: as fast as can be; 1 where it is live */
	/* What source_open() takes: KIND:REST, without the speed. */
	char address[STATION_SOURCE_BYTES];
};

const char *station_source_kind_name(enum station_source_kind kind);
/* After the kind and its colon: the interface, the exercise, the file. */
const char *station_source_rest(const struct station_source *source);
bool station_source_is_live(const struct station_source *source);

enum {
	STATION_INTERFACE_BYTES = 16, /* IFNAMSIZ */
	STATION_SENSOR_BYTES = 128,   /* SIGHTINGS_SENSOR_BYTES */
};
/* Of a live one. */
void station_source_interface(
    const struct station_source *source, char out[static STATION_INTERFACE_BYTES]);

/* The name by which a station's batches of it are known (link/sightings.h). */
void station_source_sensor(const struct station_source *source, const char *station,
    char out[static STATION_SENSOR_BYTES]);

/*
 * Reads "ring:eth0", "xdp:eth1", "drill:demo-day?seed=7&speed=60", "pcap:FILE?speed=max". Whether
 * the interface or file is there is left to who opens it; an exercise must be known. Every byte of
 * *ret_source is set. Returns 0, or -EINVAL with a complaint that does not repeat the text.
 */
int station_source_parse(
    const char *text, struct station_source *ret_source, struct complaint *complaint);

#endif
