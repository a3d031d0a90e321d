#include "observe/sighting.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"

static_assert(sizeof(struct sighting_key) == 22, "no padding: keys are compared as bytes");

void sighting_init(struct sighting *sighting)
{
	sighting->first_us = INT64_MAX;
	sighting->last_us = INT64_MIN;
	sighting->ttl_min = UINT8_MAX;
	sighting->window_us = INT64_MIN;
}

bool sighting_is_empty(const struct sighting *sighting)
{
	return sighting->packets == 0 && sighting->targets.count == 0 &&
	       sighting->targets.lost == 0 && sighting->answers == 0 && sighting->refusals == 0 &&
	       sighting->silences == 0 && sighting->seen == 0;
}

void sighting_clear(struct sighting *sighting, struct slab *slab)
{
	address_set_clear(&sighting->targets, slab);
}

static bool port_before(const struct sighting_port *a, const struct sighting_port *b)
{
	return a->first_us != b->first_us ? a->first_us < b->first_us : a->port < b->port;
}

static void remove_port(struct sighting_port *ports, uint8_t *count, size_t at)
{
	--*count;
	memmove(&ports[at], &ports[at + 1], (*count - at) * sizeof *ports);
}

bool sighting_ports_note(struct sighting_port ports[static SIGHTING_PORTS_MAX], uint8_t *count,
    uint16_t port, int64_t first_us)
{
	const struct sighting_port noted = {.first_us = first_us, .port = port};
	for (size_t i = 0; i < *count; i++) {
		if (ports[i].port != port)
			continue;
		if (ports[i].first_us <= first_us)
			return false;
		remove_port(ports, count, i);
		break;
	}
	size_t at = *count;
	while (at > 0 && port_before(&noted, &ports[at - 1]))
		at--;
	bool is_full = *count == SIGHTING_PORTS_MAX;
	if (at == SIGHTING_PORTS_MAX)
		return true;
	*count = (uint8_t)(*count - is_full);
	memmove(&ports[at + 1], &ports[at], (*count - at) * sizeof *ports);
	ports[at] = noted;
	++*count;
	return is_full;
}

void sighting_note_source_port(struct sighting *sighting, uint16_t port, int64_t first_us)
{
	if (sighting_ports_note(
		sighting->source_ports, &sighting->source_port_count, port, first_us))
		sighting->more_source_ports = true;
}

/* Sums that stop at the largest number are still associative; sums that wrap would lie. */
static void add(uint64_t *into, uint64_t count)
{
	if (__builtin_add_overflow(*into, count, into))
		*into = UINT64_MAX;
}

static void merge_bins(struct sighting *into, const struct sighting *from)
{
	if (from->window_us > into->window_us) {
		into->window_us = from->window_us;
		memcpy(into->bins, from->bins, sizeof into->bins);
	} else if (from->window_us == into->window_us) {
		for (size_t i = 0; i < SIGHTING_BINS; i++)
			if (__builtin_add_overflow(into->bins[i], from->bins[i], &into->bins[i]))
				into->bins[i] = UINT32_MAX;
	}
}

void sighting_merge(struct sighting *into, struct slab *slab, const struct sighting *from,
    void (*on_item)(void *context, int flags_before, uint32_t flags_after), void *context)
{
	if (from->first_us < into->first_us)
		into->first_us = from->first_us;
	if (from->last_us > into->last_us)
		into->last_us = from->last_us;
	add(&into->packets, from->packets);
	add(&into->bytes, from->bytes);
	add(&into->dark_packets, from->dark_packets);
	add(&into->answers, from->answers);
	add(&into->refusals, from->refusals);
	add(&into->silences, from->silences);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		add(&into->marks[i], from->marks[i]);
	for (size_t i = 0; i < from->source_port_count; i++)
		sighting_note_source_port(
		    into, from->source_ports[i].port, from->source_ports[i].first_us);
	into->more_source_ports |= from->more_source_ports;
	if (from->ttl_min < into->ttl_min)
		into->ttl_min = from->ttl_min;
	if (from->ttl_max > into->ttl_max)
		into->ttl_max = from->ttl_max;
	into->seen |= from->seen;
	merge_bins(into, from);
	address_set_merge(&into->targets, slab, &from->targets, on_item, context);
}

uint64_t sighting_key_hash(const struct sighting_key *key, uint64_t seed)
{
	uint64_t rest = (uint64_t)key->port << 32 | (uint64_t)key->kind << 24 |
			(uint64_t)key->protocol << 16 | (uint64_t)key->variant << 8 | key->drill;
	uint64_t hash = hash_address(&key->subject, seed ^ rest * UINT64_C(0x9e3779b97f4a7c15));
	return hash;
}

int sighting_key_compare(const struct sighting_key *a, const struct sighting_key *b)
{
	int order = address_compare(&a->subject, &b->subject);
	if (order != 0)
		return order;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->protocol != b->protocol)
		return a->protocol < b->protocol ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return memcmp(a, b, sizeof *a);
}

const char *tool_name(enum tool tool)
{
	static const char *const names[TOOL_COUNT] = {
	    [TOOL_MIRAI] = "mirai",
	    [TOOL_ZMAP] = "zmap",
	    [TOOL_MASSCAN] = "masscan",
	    [TOOL_NMAP] = "nmap",
	    [TOOL_UNICORNSCAN] = "unicornscan",
	};
	assert(tool >= 0 && tool < TOOL_COUNT);
	return names[tool];
}
