/*
 * sources.h - where a station looks when nobody chose: `sources: auto`.
 */
#ifndef CMD_STATION_SOURCES_H
#define CMD_STATION_SOURCES_H

#include <stddef.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/discover.h"
#include "cmd/station/source_address.h"

/*
 * Every Ethernet interface that is up. Where a machine has no card at all, as in a container, the
 * ends of wires that lead out of it, which are all it has. Never loopback, bridges, tags or taps:
 * what passes there passes a card as well, and would count twice. Writes at most `max`, in the
 * order of their indices; returns how many there are.
 */
size_t station_sources_choose(
    const struct station_facts *facts, struct station_source *out, size_t max);

/*
 * Where each is to be shared by so many workers: in place of an interface by ring as many, each of
 * which gets its part of all pairs of addresses (source/fanout.h). Returns 0, or -EINVAL with a
 * complaint where that would be more than there can be; then nothing is changed.
 */
int station_sources_share(
    struct station_config_sources *sources, uint32_t workers, struct complaint *complaint);

/* Whether `auto` would take it if it were up. */
bool station_sources_is_candidate(
    const struct station_facts *facts, const struct station_interface *interface);

#endif
