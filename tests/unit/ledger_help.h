/* ledger_help.h - a ledger with one member, one dark range, and sightings made by hand. */
#ifndef LEDGER_HELP_H
#define LEDGER_HELP_H

#include <stdlib.h>

#include "base/when.h"
#include "detect/ledger.h"
#include "observe/slab.h"

#define BASE_US (INT64_C(1700000000) / 60 * 60 * WHEN_SECOND_US)

#define MEMBER_NET   UINT32_C(0xc0000200) /* 192.0.2.0/24 is the member's */
#define STRANGER_NET UINT32_C(0xcb007100) /* 203.0.113.0/24 is nobody's */
#define DARK_NET     UINT32_C(0xc6120000) /* 198.18.0.0/24 is dark */

enum {
	TCP = 6,
	UDP = 17,
};

struct desk {
	struct registry *registry;
	struct thresholds thresholds;
	struct ledger *ledger;
	struct slab *slab; /* of the sightings made here */
};

static inline void open_desk_with(
    struct desk *desk, const char *member, const char *dark, size_t memory_bytes)
{
	struct complaint complaint;
	thresholds_init(&desk->thresholds);
	int result = registry_new(&desk->registry);
	if (result == 0)
		result = registry_add_member(desk->registry, "town", member, &complaint);
	if (result == 0 && dark != NULL)
		result = registry_add_dark(desk->registry, dark, &complaint);
	if (result == 0)
		result = registry_seal(desk->registry, &complaint);
	const struct ledger_options options = {
	    .registry = desk->registry,
	    .thresholds = &desk->thresholds,
	    .memory_bytes = memory_bytes,
	    .infer_dark = true,
	};
	desk->slab = slab_new((size_t)16 << 20, &slab_sizes_address_set);
	if (result != 0 || desk->slab == NULL || ledger_new(&options, &desk->ledger) != 0)
		abort();
}

static inline void open_desk(struct desk *desk)
{
	open_desk_with(desk, "192.0.2.0/24,2001:db8::/32", "198.18.0.0/24", (size_t)64 << 20);
}

/* One that is judged while it grows, and asks `is_learned`, which may be NULL, what is dark. */
static inline void open_live_desk(
    struct desk *desk, bool (*is_learned)(const void *learned, const struct address *address))
{
	open_desk(desk);
	const struct ledger_options options = {
	    .registry = desk->registry,
	    .thresholds = &desk->thresholds,
	    .memory_bytes = (size_t)64 << 20,
	    .is_learned_dark = is_learned,
	    .is_live = true,
	};
	ledger_free(desk->ledger);
	if (ledger_new(&options, &desk->ledger) != 0)
		abort();
}

static inline void close_desk(struct desk *desk)
{
	ledger_free(desk->ledger);
	registry_free(desk->registry);
	slab_free(desk->slab);
}

/* A sighting of nothing yet, in the n-th window. */
static inline struct sighting make_sighting(
    uint32_t subject, enum sighting_kind kind, uint8_t protocol, int64_t window)
{
	struct sighting sighting = {
	    .key = {.subject = address_from_v4_u32(subject),
		.port = 445,
		.kind = (uint8_t)kind,
		.protocol = protocol},
	};
	sighting_init(&sighting);
	sighting.window_us = BASE_US + window * SIGHTING_WINDOW_US;
	return sighting;
}

/* `packets` in the bin that the time falls in. */
static inline void add_packets(struct sighting *sighting, int64_t time_us, uint32_t packets)
{
	if (time_us < sighting->first_us)
		sighting->first_us = time_us;
	if (time_us > sighting->last_us)
		sighting->last_us = time_us;
	sighting->packets += packets;
	sighting->bins[(time_us - sighting->window_us) / SIGHTING_BIN_US] += packets;
}

static inline void add_target(
    struct desk *desk, struct sighting *sighting, uint32_t target, uint32_t flags)
{
	const struct address address = address_from_v4_u32(target);
	const struct address_touch touch = {sighting->window_us, sighting->window_us, 1, flags};
	(void)address_set_touch(&sighting->targets, desk->slab, &address, &touch);
}

/* Hands the sighting over, and frees what it held. */
static inline void hand_over(struct desk *desk, struct sighting *sighting)
{
	ledger_add_sighting(desk->ledger, sighting);
	sighting_clear(sighting, desk->slab);
}

static inline struct subject *find_subject(const struct desk *desk, uint32_t address)
{
	const struct address wanted = address_from_v4_u32(address);
	size_t position = 0;
	struct subject *subject;
	while ((subject = ledger_next_subject(desk->ledger, &position)) != NULL)
		if (address_equal(&subject->address, &wanted))
			return subject;
	return NULL;
}

#endif
