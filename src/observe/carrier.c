#include "observe/carrier.h"

#include <string.h>

enum {
	V4_NETWORK_BYTES = 15, /* of ::ffff:a.b.c.d all but the last */
	V6_NETWORK_BYTES = 8,
};

bool carrier_same_network(const struct address *a, const struct address *b)
{
	if (address_is_v4(a) != address_is_v4(b))
		return false;
	size_t bytes = address_is_v4(a) ? V4_NETWORK_BYTES : V6_NETWORK_BYTES;
	return memcmp(a->bytes, b->bytes, bytes) == 0;
}

static struct address place_of(const struct address *source)
{
	struct address place = *source;
	if (!address_is_v4(source))
		memset(place.bytes + V6_NETWORK_BYTES, 0, ADDRESS_BYTES - V6_NETWORK_BYTES);
	return place;
}

static void add_place(struct carrier *carrier, const struct address *place)
{
	unsigned of_network = 0;
	for (size_t i = 0; i < carrier->place_count; i++) {
		if (address_equal(&carrier->places[i], place))
			return;
		of_network += carrier_same_network(&carrier->places[i], place);
	}
	if (carrier->place_count == CARRIER_PLACES_MAX || of_network == CARRIER_NETWORK_MAX)
		return;
	carrier->places[carrier->place_count++] = *place;
	carrier->changes++; /* at most CARRIER_PLACES_MAX */
}

void carrier_note(struct carrier *carrier, const struct address *source)
{
	if (address_is_link_local(source))
		return;
	const struct address place = place_of(source);
	add_place(carrier, &place);
}

void carrier_merge(struct carrier *into, const struct carrier *from)
{
	for (size_t i = 0; i < from->place_count; i++)
		add_place(into, &from->places[i]);
}
