#include "cmd/station/greynet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "cmd/station/greynet_internal.h"

enum {
	V4_NETWORK_BITS = ADDRESS_V4_BITS + 24,
	V6_NETWORK_BITS = 64,
	V4_POINT_TO_POINT_BITS = 31, /* RFC 3021: such a range has no addresses of its own */
	RESERVED_ANYCAST = 0x80,     /* RFC 2526: the last 128 */
	LINES_MAX = 10,              /* of the log, in one window */
	ROOM_SHARE = 8,              /* so much must be free before learning begins anew */
};

#define TELL_MAX_US (6 * WHEN_HOUR_US)

static const uint32_t spoke = HOST_SENT | HOST_HELD | HOST_ANSWERED | HOST_HANDSHAKE | HOST_IMPLIED;

int64_t greynet_tell_us(int64_t quiet_us)
{
	const int64_t quarter_us = quiet_us / 4;
	if (quarter_us < WHEN_MINUTE_US)
		return WHEN_MINUTE_US;
	return quarter_us < TELL_MAX_US ? quarter_us : TELL_MAX_US;
}

/* ---- Ranges ---- */

static int find_range(const struct greynet *greynet, const struct address *address)
{
	if (greynet->by_address == NULL)
		return -1;
	return (int)prefix_table_find(greynet->by_address, address) - 1;
}

static int index_ranges(struct greynet *greynet)
{
	struct prefix_table *table;
	struct prefix_overlay *overlays = calloc(greynet->range_count + 1, sizeof *overlays);
	if (overlays == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < greynet->range_count; i++)
		overlays[i] = (struct prefix_overlay){.prefix = greynet->ranges[i].prefix,
		    .mask = PREFIX_TABLE_VALUE_MAX,
		    .value = (uint32_t)i + 1};
	int result = prefix_table_new(overlays, greynet->range_count, &table);
	free(overlays);
	if (result != 0)
		return result;
	prefix_table_free(greynet->by_address);
	greynet->by_address = table;
	return 0;
}

static bool has_range(const struct greynet *greynet, const struct prefix *prefix)
{
	for (size_t i = 0; i < greynet->range_count; i++)
		if (greynet->ranges[i].prefix.bits == prefix->bits &&
		    address_equal(&greynet->ranges[i].prefix.address, &prefix->address))
			return true;
	return false;
}

int greynet_add_range(struct greynet *greynet, const struct prefix *prefix, bool is_found)
{
	if (has_range(greynet, prefix))
		return 0;
	if (is_found && greynet->found_count == GREYNET_FOUND_MAX)
		return -ENOSPC;
	if (greynet->range_count == greynet->range_room) {
		const size_t room = greynet->range_room == 0 ? 16 : greynet->range_room * 2;
		struct grey_range *ranges = reallocarray(greynet->ranges, room, sizeof *ranges);
		if (ranges == NULL)
			return -ENOMEM;
		greynet->ranges = ranges;
		greynet->range_room = room;
	}
	greynet->ranges[greynet->range_count++] = (struct grey_range){.prefix = *prefix,
	    .is_found = is_found,
	    .since_us = greynet->watched.now_us,
	    .heard_us = greynet->watched.now_us};
	greynet->found_count += is_found;
	return index_ranges(greynet);
}

static void say_prefix(
    const struct greynet *greynet, const char *event, const struct prefix *prefix, const char *what)
{
	char text[PREFIX_TEXT_BYTES + 128];
	char written[PREFIX_TEXT_BYTES];
	prefix_format(prefix, written);
	(void)snprintf(text, sizeof text, "%s: %s", written, what);
	greynet->options.log(greynet->options.context, event, text);
}

/* ---- Networks on the wire ---- */

static struct prefix network_of(const struct address *address)
{
	struct prefix prefix = {.address = *address};
	prefix.bits = address_is_v4(address) ? V4_NETWORK_BITS : V6_NETWORK_BITS;
	memset(prefix.address.bytes + prefix.bits / 8, 0, ADDRESS_BYTES - prefix.bits / 8U);
	return prefix;
}

static struct grey_candidate *get_candidate(struct greynet *greynet, const struct prefix *prefix)
{
	for (size_t i = 0; i < greynet->candidate_count; i++)
		if (greynet->candidates[i].prefix.bits == prefix->bits &&
		    address_equal(&greynet->candidates[i].prefix.address, &prefix->address))
			return &greynet->candidates[i];
	size_t at = greynet->candidate_count;
	if (at < GREYNET_CANDIDATES_MAX)
		greynet->candidate_count++;
	else
		at = greynet->candidate_next++ % GREYNET_CANDIDATES_MAX;
	greynet->candidates[at] = (struct grey_candidate){.prefix = *prefix};
	return &greynet->candidates[at];
}

/* Somebody speaks for an address on this wire, in a network that is not watched yet. */
static void note_holder(struct greynet *greynet, const struct address *address)
{
	const struct prefix prefix = network_of(address);
	if (address_is_link_local(address) || address_is_loopback(address) ||
	    address_is_multicast_or_broadcast(address) || address_is_unspecified(address))
		return;
	struct grey_candidate *candidate = get_candidate(greynet, &prefix);
	for (size_t i = 0; i < candidate->count; i++)
		if (address_equal(&candidate->holders[i], address))
			return;
	if (candidate->count < GREYNET_HOLDERS)
		candidate->holders[candidate->count++] = *address;
	if (candidate->count < GREYNET_HOLDERS || greynet_add_range(greynet, &prefix, true) != 0)
		return; /* with more networks than there is room for, the first ones stay */
	say_prefix(greynet, "greynet.range", &prefix,
	    "heard on the wire: its unused addresses are learned");
}

/* ---- Hosts ---- */

static bool is_ours(const struct greynet *greynet, const struct address *address)
{
	for (size_t i = 0; i < greynet->ours_count; i++)
		if (address_equal(&greynet->ours[i], address))
			return true;
	return false;
}

static bool is_blind(const struct greynet *greynet)
{
	return greynet->is_full || greynet->is_blind;
}

/* It may lie up to this long back that whoever speaks all the time was told of. */
static int64_t silence_us(const struct greynet *greynet)
{
	return greynet->options.quiet_us + 2 * greynet_tell_us(greynet->options.quiet_us);
}

static struct grey_host *find_host(const struct greynet *greynet, const struct address *address)
{
	return table_find(greynet->hosts, address, hash_address(address, greynet->seed));
}

/* A network that was found and is heard no more has moved away: nobody can be missed there. */
static bool has_moved(const struct greynet *greynet, const struct grey_range *range)
{
	return range->is_found && !range->is_own &&
	       watched_since(&greynet->watched, range->heard_us) > silence_us(greynet);
}

static bool is_range_ready(const struct greynet *greynet, const struct grey_range *range)
{
	if (has_moved(greynet, range))
		return false;
	return range->since_us != INT64_MIN &&
	       watched_since(&greynet->watched, range->since_us) >= greynet->options.quiet_us;
}

/* Addresses that somebody may use without ever speaking from them. */
static bool is_special_v4(const struct grey_range *range, const struct address *address)
{
	const unsigned bits = range->prefix.bits - ADDRESS_V4_BITS;
	const uint32_t at = address_low32(address);
	if (bits >= V4_POINT_TO_POINT_BITS)
		return false;
	const uint32_t hosts = UINT32_MAX >> bits;
	const bool may_be_cut = range->prefix.bits <= V4_NETWORK_BITS;
	return (at & hosts) == 0 || (at & hosts) == hosts ||
	       (may_be_cut && ((at & 0xff) == 0 || (at & 0xff) == 0xff));
}

static bool is_special(const struct grey_range *range, const struct address *address)
{
	static const uint8_t zeros[8];
	static const uint8_t ones[7] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t universal[7] = {0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const uint8_t *low = address->bytes + 8;
	if (address_is_v4(address))
		return is_special_v4(range, address);
	return memcmp(low, zeros, sizeof zeros) == 0 ||
	       (low[7] >= RESERVED_ANYCAST && (memcmp(low, ones, sizeof ones) == 0 ||
						  memcmp(low, universal, sizeof universal) == 0));
}

static bool is_silent(const struct greynet *greynet, const struct grey_host *host)
{
	return host == NULL ||
	       watched_since(&greynet->watched, host->last_us) > silence_us(greynet);
}

/* The range is that of the address. */
static bool is_dark_in(
    const struct greynet *greynet, const struct grey_range *range, const struct address *address)
{
	return is_range_ready(greynet, range) && !is_special(range, address) &&
	       is_silent(greynet, find_host(greynet, address));
}

bool greynet_is_dark(const void *context, const struct address *address)
{
	const struct greynet *greynet = context;
	if (is_blind(greynet) || address_is_multicast_or_broadcast(address) ||
	    address_is_link_local(address))
		return false;
	const int range = find_range(greynet, address);
	return range >= 0 && is_dark_in(greynet, &greynet->ranges[range], address) &&
	       !is_ours(greynet, address);
}

struct grey_host *greynet_get_host(struct greynet *greynet, const struct address *address)
{
	const uint64_t hash = hash_address(address, greynet->seed);
	struct grey_host *host = table_find(greynet->hosts, address, hash);
	if (host != NULL)
		return host;
	host = table_insert(greynet->hosts, address, hash);
	if (host == NULL)
		return NULL;
	host->first_us = INT64_MAX;
	host->last_us = INT64_MIN;
	host->stored_us = INT64_MIN;
	return host;
}

static void go_blind(struct greynet *greynet, bool for_good)
{
	if (!is_blind(greynet))
		greynet->options.log(greynet->options.context, "greynet.blind",
		    for_good ? "a capture has no room for all machines: unused addresses are not "
			       "learned any more (memory)"
			     : "more machines than there is room for: no address is taken for "
			       "unused until some are forgotten");
	if (for_good)
		greynet->is_blind = true;
	else
		greynet->is_full = true;
}

void greynet_begin_anew(struct greynet *greynet)
{
	if (!greynet->is_full ||
	    table_count(greynet->hosts) > GREYNET_HOSTS_MAX - GREYNET_HOSTS_MAX / ROOM_SHARE)
		return;
	greynet->is_full = false;
	for (size_t i = 0; i < greynet->range_count; i++) {
		greynet->ranges[i].since_us = greynet->watched.now_us;
		greynet->ranges[i].is_stored = false;
	}
	greynet->options.log(greynet->options.context, "greynet.anew",
	    "there is room for machines again: learning of unused addresses begins anew");
}

static void tell_return(struct greynet *greynet, const struct address *address, bool two_way)
{
	char text[ADDRESS_TEXT_BYTES + 96];
	char written[ADDRESS_TEXT_BYTES];
	greynet->returned++;
	greynet->has_changed = true;
	if (greynet->lines++ >= LINES_MAX)
		return;
	address_format(address, written);
	(void)snprintf(text, sizeof text, "%s was taken for unused, and %s", written,
	    two_way ? "somebody answers there" : "sends");
	greynet->options.log(greynet->options.context, "greynet.in-use", text);
}

void greynet_note_range(struct greynet *greynet, const struct address *address, int64_t time_us)
{
	const int range = find_range(greynet, address);
	if (range >= 0 && time_us > greynet->ranges[range].heard_us)
		greynet->ranges[range].heard_us = time_us;
}

static void mark_dirty(struct greynet *greynet, struct grey_host *host)
{
	const bool is_new = host->stored_us == INT64_MIN;
	const bool is_later = !is_new && host->last_us - host->stored_us >=
					     greynet_tell_us(greynet->options.quiet_us) / 2;
	if (host->is_dirty || (!is_new && !is_later && host->two_way == host->is_two_way_stored))
		return;
	host->is_dirty = true;
	greynet->dirty++;
}

static void note_heard(
    struct greynet *greynet, const struct address *address, int64_t time_us, bool two_way)
{
	const bool was_dark = greynet_is_dark(greynet, address);
	struct grey_host *host = greynet_get_host(greynet, address);
	watched_note(&greynet->watched, time_us);
	if (host == NULL) {
		go_blind(greynet, false);
		return;
	}
	if (time_us < host->first_us)
		host->first_us = time_us;
	if (time_us > host->last_us)
		host->last_us = time_us;
	host->two_way |= two_way;
	greynet_note_range(greynet, address, time_us);
	mark_dirty(greynet, host);
	if (was_dark)
		tell_return(greynet, address, two_way);
}

/* ---- What is observed ---- */

/* What of a subject's says that it sent; a reply may be told of by whoever quotes it. */
static bool is_sent_by_subject(const struct sighting *sighting)
{
	switch ((enum sighting_kind)sighting->key.kind) {
	case SIGHTING_REQUEST:
	case SIGHTING_NEIGHBOUR:
	case SIGHTING_PROBE:
	case SIGHTING_EXCHANGE:
		return sighting->packets > 0;
	case SIGHTING_REPLY:
	case SIGHTING_FLOODED:
	case SIGHTING_REFLECTED:
	case SIGHTING_ALL_REPLIES:
	case SIGHTING_ALL_FLOODED:
	case SIGHTING_ALL_REFLECTED:
	case SIGHTING_KIND_COUNT:
		break;
	}
	return false;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct greynet *greynet = context;
	if (sighting->key.drill != 0 || sighting->packets == 0)
		return;
	if (sighting->last_us > greynet->told_us)
		greynet->told_us = sighting->last_us;
	watched_note(&greynet->watched, sighting->last_us);
	if (is_sent_by_subject(sighting) && find_range(greynet, &sighting->key.subject) >= 0)
		note_heard(greynet, &sighting->key.subject, sighting->last_us, false);
}

/* A host has no time of its own: it is told of in the window in which it spoke. */
static void on_host(void *context, const struct host *host)
{
	static const uint8_t none[6];
	struct greynet *greynet = context;
	if ((host->flags & HOST_MISSING) != 0) {
		go_blind(greynet, true);
		return;
	}
	if ((host->flags & spoke) == 0)
		return;
	greynet->has_untimed |= greynet->told_us == INT64_MIN;
	if (find_range(greynet, &host->address) >= 0)
		note_heard(
		    greynet, &host->address, greynet->told_us, (host->flags & HOST_TWO_WAY) != 0);
	else if (greynet->options.is_auto && (host->flags & HOST_HELD) != 0 &&
		 memcmp(host->mac, none, sizeof none) != 0)
		note_holder(greynet, &host->address);
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

/* Hosts that were told of before any time was known. */
static void date_hosts(struct greynet *greynet, int64_t time_us)
{
	size_t position = 0;
	struct grey_host *host;
	greynet->has_untimed = false;
	while ((host = table_next(greynet->hosts, &position)) != NULL)
		if (host->last_us == INT64_MIN)
			host->first_us = host->last_us = time_us;
}

static void on_window_end(void *context, int64_t window_us)
{
	struct greynet *greynet = context;
	const int64_t end_us = window_us + SIGHTING_WINDOW_US;
	if (greynet->has_untimed)
		date_hosts(greynet, end_us);
	watched_advance(&greynet->watched, end_us);
	watched_forget(&greynet->watched, 4 * silence_us(greynet));
	greynet->told_us = end_us;
	for (size_t i = 0; i < greynet->range_count; i++)
		if (greynet->ranges[i].since_us == INT64_MIN)
			greynet->ranges[i].since_us = end_us;
	if (greynet->lines > LINES_MAX)
		greynet->options.log(greynet->options.context, "greynet.in-use",
		    "and more addresses that were taken for unused");
	greynet->lines = 0;
}

/* ---- The beginning ---- */

static void mark_own(struct greynet *greynet, const struct prefix *prefix)
{
	for (size_t i = 0; i < greynet->range_count; i++)
		greynet->ranges[i].is_own |=
		    greynet->ranges[i].prefix.bits == prefix->bits &&
		    address_equal(&greynet->ranges[i].prefix.address, &prefix->address);
}

static void add_ours(struct greynet *greynet, const struct address *address)
{
	if (greynet->ours_count < GREYNET_OURS_MAX)
		greynet->ours[greynet->ours_count++] = *address;
}

static int take_options(struct greynet *greynet, const struct greynet_options *options)
{
	int result = 0;
	for (size_t i = 0; i < options->range_count && result == 0; i++)
		result = greynet_add_range(greynet, &options->ranges[i], false);
	for (size_t i = 0; i < options->network_count && result == 0; i++) {
		add_ours(greynet, &options->networks[i].address);
		if (options->is_auto && !address_is_link_local(&options->networks[i].address))
			result = greynet_add_range(greynet, &options->networks[i].prefix, true);
		if (result == -ENOSPC)
			result = 0;
		mark_own(greynet, &options->networks[i].prefix);
	}
	for (size_t i = 0; i < options->gateway_count; i++)
		add_ours(greynet, &options->gateways[i]);
	return result;
}

int greynet_new(const struct greynet_options *options, struct greynet **ret_greynet,
    struct complaint *complaint)
{
	struct greynet *greynet = calloc(1, sizeof *greynet);
	if (greynet == NULL)
		return complain(complaint, -ENOMEM, "out of memory for unused addresses");
	greynet->options = *options;
	greynet->seed = hash_seed_random();
	greynet->told_us = INT64_MIN;
	watched_init(&greynet->watched);
	greynet->sink = (struct observer_sink){
	    .context = greynet,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	};
	greynet->hosts =
	    table_new(sizeof(struct address), sizeof(struct grey_host), GREYNET_HOSTS_MAX);
	int result = greynet->hosts == NULL ? -ENOMEM : take_options(greynet, options);
	if (result != 0)
		(void)complain(complaint, result, "out of memory for unused addresses");
	else
		result = greynet_load(greynet, complaint);
	if (result != 0)
		greynet_free(greynet);
	else
		*ret_greynet = greynet;
	return result;
}

void greynet_free(struct greynet *greynet)
{
	if (greynet == NULL)
		return;
	free(greynet->ranges);
	prefix_table_free(greynet->by_address);
	table_free(greynet->hosts);
	free(greynet);
}

const struct observer_sink *greynet_sink(struct greynet *greynet)
{
	return &greynet->sink;
}

bool greynet_take_changed(struct greynet *greynet)
{
	const bool has_changed = greynet->has_changed;
	greynet->has_changed = false;
	return has_changed;
}

/* ---- What is asked ---- */

size_t greynet_range_count(const struct greynet *greynet)
{
	return greynet->range_count;
}

void greynet_get_range(
    const struct greynet *greynet, size_t number, struct greynet_range *ret_range)
{
	const struct grey_range *range = &greynet->ranges[number];
	*ret_range = (struct greynet_range){
	    .prefix = range->prefix,
	    .is_found = range->is_found,
	    .watched_us = range->since_us == INT64_MIN
			      ? 0
			      : watched_since(&greynet->watched, range->since_us),
	    .is_ready = is_range_ready(greynet, range) && !is_blind(greynet),
	};
}

struct prefix *greynet_copy_prefixes(const struct greynet *greynet)
{
	struct prefix *prefixes = calloc(greynet->range_count + 1, sizeof *prefixes);
	for (size_t i = 0; prefixes != NULL && i < greynet->range_count; i++)
		prefixes[i] = greynet->ranges[i].prefix;
	return prefixes;
}

void greynet_get_counts(const struct greynet *greynet, struct greynet_counts *ret_counts)
{
	*ret_counts = (struct greynet_counts){
	    .hosts = table_count(greynet->hosts),
	    .returned = greynet->returned,
	    .is_blind = is_blind(greynet),
	};
}

/* A range inside another is counted there only. */
static uint64_t count_range(const struct greynet *greynet, size_t number,
    const struct registry *registry, uint64_t addresses)
{
	const uint32_t first = address_low32(&greynet->ranges[number].prefix.address);
	uint64_t dark = 0;
	for (uint64_t i = 0; i < addresses; i++) {
		const struct address address = address_from_v4_u32(first + (uint32_t)i);
		const struct registry_place place = registry_find(registry, &address);
		dark += place.member != MEMBER_NONE && !place.is_dark &&
			find_range(greynet, &address) == (int)number &&
			greynet_is_dark(greynet, &address);
	}
	return dark;
}

uint64_t greynet_count_dark(
    const struct greynet *greynet, const struct registry *registry, bool *ret_is_whole)
{
	uint64_t left = GREYNET_COUNT_MAX;
	uint64_t dark = 0;
	*ret_is_whole = true;
	for (size_t i = 0; i < greynet->range_count && !is_blind(greynet); i++) {
		const struct grey_range *range = &greynet->ranges[i];
		if (!prefix_is_v4(&range->prefix) || !is_range_ready(greynet, range))
			continue;
		const uint64_t size = prefix_size(&range->prefix);
		const uint64_t addresses = size < left ? size : left;
		*ret_is_whole &= addresses == size;
		dark += count_range(greynet, i, registry, addresses);
		left -= addresses;
	}
	return dark;
}
