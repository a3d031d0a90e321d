#include "cmd/station/surroundings.h"

#include <string.h>

static const struct station_interface *interface_of(
    const struct station_facts *facts, const struct station_source *source)
{
	char name[STATION_INTERFACE_BYTES];
	if (!station_source_is_live(source))
		return NULL;
	station_source_interface(source, name);
	return station_facts_find_interface(facts, name);
}

static void add_networks(
    const struct station_interface *interface, struct surroundings *surroundings)
{
	for (size_t i = 0; i < interface->network_count; i++)
		if (surroundings->network_count < SURROUNDINGS_NETWORKS_MAX)
			surroundings->networks[surroundings->network_count++] =
			    interface->networks[i];
}

static void add_gateways(const struct station_facts *facts,
    const struct station_interface *interface, struct surroundings *surroundings)
{
	for (size_t i = 0; i < facts->gateway_count; i++)
		if (facts->gateways[i].interface == interface->index &&
		    surroundings->gateway_count < STATION_GATEWAYS_MAX)
			surroundings->gateways[surroundings->gateway_count++] =
			    facts->gateways[i].address;
}

void surroundings_choose(const struct station_facts *facts, const struct station_source *sources,
    size_t source_count, struct surroundings *ret_surroundings)
{
	memset(ret_surroundings, 0, sizeof *ret_surroundings);
	for (size_t i = 0; i < source_count; i++) {
		const struct station_interface *interface = interface_of(facts, &sources[i]);
		if (interface == NULL)
			continue;
		add_networks(interface, ret_surroundings);
		add_gateways(facts, interface, ret_surroundings);
	}
}
