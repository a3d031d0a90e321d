#include "cmd/station/sources.h"

#include <assert.h>
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
