#include "link/sightings.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"

#define CHECKSUM_SEED UINT64_C(0x48696e6f6d695342)

const uint8_t sightings_magic[SIGHTINGS_MAGIC_BYTES] = {0x89, 'H', 'N', 'M', 'S', 0x0d, 0x0a, 0x1a};

uint64_t sightings_checksum(const uint8_t *message, size_t bytes)
{
	return hash_bytes(message, bytes, CHECKSUM_SEED ^ bytes);
}

void sightings_reading_init(struct sightings_reading *reading)
{
	*reading = (struct sightings_reading){.first_us = INT64_MAX, .last_us = INT64_MIN};
}

static void add(uint64_t *into, uint64_t count)
{
	if (__builtin_add_overflow(*into, count, into))
		*into = UINT64_MAX;
}

static bool same_port(const struct strangers_port *a, const struct strangers_port *b)
{
	return a->port == b->port && a->protocol == b->protocol;
}

/* The most packets first; of equal ones the lower number. */
static int compare_ports(const void *a, const void *b)
{
	const struct strangers_port *x = a;
	const struct strangers_port *y = b;
	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

static void add_ports(struct strangers *into, const struct strangers *from)
{
	struct strangers_port all[2 * STRANGERS_PORTS];
	size_t count = into->port_count;
	memcpy(all, into->ports, sizeof into->ports);
	for (size_t i = 0; i < from->port_count; i++) {
		size_t at = 0;
		while (at < count && !same_port(&all[at], &from->ports[i]))
			at++;
		if (at == count) {
			all[count++] = from->ports[i];
			continue;
		}
		add(&all[at].packets, from->ports[i].packets);
		add(&all[at].sources, from->ports[i].sources);
	}
	qsort(all, count, sizeof all[0], compare_ports);
	into->port_count = count < STRANGERS_PORTS ? count : STRANGERS_PORTS;
	memcpy(into->ports, all, into->port_count * sizeof all[0]);
}

void sightings_reading_add(struct sightings_reading *into, const struct sightings_reading *from)
{
	add(&into->packets, from->packets);
	add(&into->bytes, from->bytes);
	add(&into->filtered, from->filtered);
	add(&into->decoded, from->decoded);
	add(&into->truncated, from->truncated);
	add(&into->malformed, from->malformed);
	add(&into->unsupported, from->unsupported);
	if (from->first_us < into->first_us)
		into->first_us = from->first_us;
	if (from->last_us > into->last_us)
		into->last_us = from->last_us;
	add(&into->hosts, from->hosts);
	add(&into->dropped, from->dropped);
	add(&into->evicted, from->evicted);
	add(&into->forged_sources, from->forged_sources);
	add(&into->clock_steps, from->clock_steps);
	add(&into->inner_mismatch, from->inner_mismatch);
	if (into->unsupported_links == 0)
		into->unsupported_link_type = from->unsupported_link_type;
	add(&into->unsupported_links, from->unsupported_links);
	add(&into->strangers.packets, from->strangers.packets);
	add(&into->strangers.kept, from->strangers.kept);
	add(&into->strangers.folded, from->strangers.folded);
	add(&into->strangers.refused, from->strangers.refused);
	add_ports(&into->strangers, &from->strangers);
}

bool sightings_sensor_is_valid(const char *name)
{
	size_t bytes = strnlen(name, SIGHTINGS_SENSOR_BYTES);
	if (bytes == 0 || bytes == SIGHTINGS_SENSOR_BYTES)
		return false;
	for (size_t at = 0; at < bytes;) {
		size_t step = utf8_step(name + at, bytes - at);
		if (step == 0 || utf8_is_control(name + at, step))
			return false;
		at += step;
	}
	return true;
}
