/*
 * ledger_routers.c - which link-layer addresses are routers'.
 *
 * Both halves come in any order: the places whose answers a link-layer address carried, and the
 * addresses that it holds on the wire. A place in a network where it holds an address is its own,
 * or its neighbour's; what is left it carries for others.
 */
#include <assert.h>

#include "base/hash.h"
#include "base/table.h"
#include "detect/ledger_internal.h"

static_assert(CARRIER_PLACES_MAX <= 8, "a bit of known_carrier.held for each place");

static struct known_carrier *find_carrier(const struct ledger *ledger, const uint8_t *mac)
{
	return table_find(ledger->carriers, mac, hash_bytes(mac, 6, ledger->seed));
}

static void note_held(struct known_carrier *carrier, const struct address *held)
{
	for (size_t i = 0; i < carrier->of.place_count; i++)
		if (carrier_same_network(&carrier->of.places[i], held))
			carrier->held |= (uint8_t)(1U << i);
}

void ledger_find_routers(struct ledger *ledger)
{
	size_t position = 0;
	const struct known_host *host;
	while ((host = table_next(ledger->hosts.table, &position)) != NULL) {
		struct known_carrier *carrier = find_carrier(ledger, host->mac);
		if (carrier != NULL && (host->flags & HOST_HELD) != 0)
			note_held(carrier, &host->address);
	}
}

bool ledger_is_routers(const struct ledger *ledger, const uint8_t *mac)
{
	const struct known_carrier *carrier = find_carrier(ledger, mac);
	return carrier != NULL &&
	       carrier->of.place_count - __builtin_popcount(carrier->held) >= CARRIER_PLACES;
}
