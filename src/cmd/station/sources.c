#include "cmd/station/sources.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool station_sources_is_candidate(
    const struct station_facts *facts, const struct station_interface *interface)
{
	bool has_card = false;
	for (size_t i = 0; i < facts->interface_count; i++)
		has_card = has_card || facts->interfaces[i].kind == STATION_INTERFACE_ETHERNET;
	return interface->kind == (has_card ? STATION_INTERFACE_ETHERNET : STATION_INTERFACE_GUEST);
}

size_t station_sources_choose(
    const struct station_facts *facts, struct station_source *out, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < facts->interface_count; i++) {
		const struct station_interface *interface = &facts->interfaces[i];
		if (!interface->is_up || !station_sources_is_candidate(facts, interface))
			continue;
		if (count < max) {
			struct station_source *source = &out[count];
			memset(source, 0, sizeof *source);
			source->kind = STATION_SOURCE_RING;
			source->speed = 1;
			int bytes = snprintf(source->address, sizeof source->address, "%s:%s",
			    station_source_kind_name(source->kind), interface->name);
			assert(bytes > 0 && (size_t)bytes < sizeof source->address);
			(void)bytes;
		}
		count++;
	}
	return count;
}

static void add_part(struct station_config_sources *sources, const struct station_source *whole,
    uint32_t workers, uint32_t number)
{
	struct station_source *part = &sources->list[sources->count++];
	*part = *whole;
	const size_t length = strlen(part->address);
	const int bytes = snprintf(part->address + length, sizeof part->address - length,
	    "?fanout=%" PRIu32 "/%" PRIu32, workers, number);
	assert(bytes > 0 && (size_t)bytes < sizeof part->address - length); /* names are short */
	(void)bytes;
}

int station_sources_share(
    struct station_config_sources *sources, uint32_t workers, struct complaint *complaint)
{
	const struct station_config_sources whole = *sources;
	size_t count = 0;
	for (size_t i = 0; i < whole.count; i++)
		count += whole.list[i].kind == STATION_SOURCE_RING ? workers : 1;
	if (count > STATION_SOURCES_MAX)
		return complain(complaint, -EINVAL,
		    "workers: found %" PRIu32 ", which makes %zu captures of %zu sources; expected "
		    "at most %d captures",
		    workers, count, whole.count, STATION_SOURCES_MAX);
	if (workers <= 1)
		return 0;
	memset(sources->list, 0, sizeof sources->list);
	sources->count = 0;
	for (size_t i = 0; i < whole.count; i++) {
		if (whole.list[i].kind != STATION_SOURCE_RING)
			sources->list[sources->count++] = whole.list[i];
		else
			for (uint32_t number = 0; number < workers; number++)
				add_part(sources, &whole.list[i], workers, number);
	}
	return 0;
}
