/* dossier_count.c - outcomes per port and over all, from the sets of targets. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"
#include "base/when.h"
#include "detect/dossier_internal.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	PORT_EPHEMERAL =
	    32768, /* below: what servers listen on; above: what clients are given (Linux) */
	PORT_USER = 1024,
};

static const uint32_t item_failed = ITEM_REFUSED | ITEM_SILENT;

uint64_t dossier_scale(const struct address_set *set, uint64_t count)
{
	if (set->registers == NULL || set->count == 0)
		return count;
	double share = (double)count / set->count;
	return (uint64_t)(share * (double)address_set_distinct(set) + 0.5);
}

static bool has_failed(const struct address_item *item)
{
	return (item->flags & item_failed) != 0 && (item->flags & ITEM_ANSWERED) == 0;
}

bool dossier_is_dark(
    const struct dossier *dossier, const struct address_item *item, bool *ret_inferred)
{
	if (!ledger_is_dark(dossier->ledger, &item->address, ret_inferred))
		return false;
	return !*ret_inferred || ledger_had_time(dossier->ledger, item->first_us);
}

static bool is_dark_item(
    const struct dossier *dossier, const struct address_item *item, bool *ret_inferred)
{
	return dossier_is_dark(dossier, item, ret_inferred) && (!*ret_inferred || has_failed(item));
}

static void add_track(struct dossier *dossier, const struct track *track)
{
	const struct sighting *sum = &track->sum;
	dossier->packets += sum->packets;
	if (sum->packets > 0 && sum->first_us < dossier->first_us)
		dossier->first_us = sum->first_us;
	if (sum->packets > 0 && sum->last_us > dossier->last_us)
		dossier->last_us = sum->last_us;
	for (int tool = 0; tool < TOOL_COUNT; tool++)
		dossier->marks[tool] += sum->marks[tool];
	if (sum->key.kind == SIGHTING_REQUEST && sum->key.protocol == PROTOCOL_TCP)
		dossier->syns += sum->packets;
}

/*
 * Bare ACKs to high ports from a low one are a server's side of connections that began before the
 * capture; UDP to high ports likewise. Neither makes ports "of one target".
 */
static bool counts_for_depth(const struct track *track, const struct address_item *item)
{
	const struct sighting_key *key = &track->sum.key;
	if (key->protocol == PROTOCOL_ICMP || key->protocol == PROTOCOL_ICMP6)
		return false;
	if (key->variant == VARIANT_ACK)
		return (item->flags & ITEM_REFUSED) != 0 && key->port < PORT_EPHEMERAL &&
		       track->sum.source_port_count > 0 &&
		       track->sum.source_ports[0].port >= PORT_USER;
	if (key->protocol == PROTOCOL_UDP && (item->flags & ITEM_REFUSED) == 0)
		return key->port < PORT_EPHEMERAL;
	return true;
}

static struct depth *get_depth(struct dossier_maker *maker, const struct address *target)
{
	uint64_t hash = hash_address(target, maker->seed);
	struct depth *depth = table_find(maker->depths, target, hash);
	return depth != NULL ? depth : table_insert(maker->depths, target, hash);
}

static void add_depths(struct dossier_maker *maker, const struct asked_port *asked, uint32_t number)
{
	for (size_t t = 0; t < asked->track_count; t++) {
		const struct track *track = asked->tracks[t];
		for (size_t i = 0; i < track->sum.targets.count; i++) {
			const struct address_item *item = &track->sum.targets.items[i];
			bool counts =
			    asked->bare || (has_failed(item) && counts_for_depth(track, item));
			struct depth *depth = counts ? get_depth(maker, &item->address) : NULL;
			if (depth == NULL || depth->last_asked == number + 1)
				continue;
			depth->last_asked = number + 1;
			if (asked->bare)
				depth->protocols++;
			else
				depth->ports++;
		}
	}
}

static void unite(struct dossier_maker *maker, struct address_set *into,
    const struct asked_port *asked, uint32_t by)
{
	for (size_t t = 0; t < asked->track_count; t++) {
		const struct address_set *from = &asked->tracks[t]->sum.targets;
		address_set_merge(into, maker->slab, from, NULL, NULL);
		for (size_t i = 0; i < from->count && by != 0; i++) {
			struct address_item *item = address_set_find(into, &from->items[i].address);
			/* an answer to anything, or silence to more than UDP, counts in full */
			if (item != NULL)
				item->flags |= by;
		}
	}
}

static void count_port(
    struct dossier_maker *maker, struct dossier *dossier, struct asked_port *asked)
{
	const struct address_set *set = &asked->tracks[0]->sum.targets;
	if (asked->track_count > 1) {
		address_set_clear(&maker->scratch, maker->slab);
		unite(maker, &maker->scratch, asked, 0);
		set = &maker->scratch;
	}
	uint64_t failed = 0;
	uint64_t answered = 0;
	uint64_t dark = 0;
	for (size_t i = 0; i < set->count; i++) {
		bool inferred;
		failed += has_failed(&set->items[i]);
		answered += (set->items[i].flags & ITEM_ANSWERED) != 0;
		dark += is_dark_item(dossier, &set->items[i], &inferred);
	}
	uint64_t distinct = address_set_distinct(set);
	asked->failed = dossier_scale(set, failed);
	asked->answered = dossier_scale(set, answered);
	asked->dark = dossier_scale(set, dark);
	for (size_t t = 0; t < asked->track_count; t++) {
		const struct track *track = asked->tracks[t];
		asked->packets += track->sum.packets;
		/* bare ACKs sweep many targets only from one port; else they are old connections */
		if (track->sum.key.variant == VARIANT_ACK && track->sum.source_port_count > 1)
			continue;
		if (track->walk.peak > asked->walk_peak)
			asked->walk_peak = track->walk.peak;
	}
	/* an estimate may come out above what is possible */
	asked->targets = distinct < asked->packets ? distinct : asked->packets;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* The most of `times` (which it sorts) that lie within any window of this length. */
static uint64_t most_within(int64_t *times, size_t count, int64_t window_us)
{
	qsort(times, count, sizeof *times, compare_times);
	size_t most = 0;
	for (size_t first = 0, end = 0; end < count; end++) {
		while (times[end] - times[first] > window_us)
			first++;
		if (end - first + 1 > most)
			most = end - first + 1;
	}
	return most;
}

uint64_t dossier_most_targets(const struct address_set *set, int64_t stretch_us)
{
	int64_t first[ADDRESS_SET_EXACT] = {0};
	int64_t last[ADDRESS_SET_EXACT] = {0};
	for (size_t i = 0; i < set->count; i++) {
		first[i] = set->items[i].first_us;
		last[i] = set->items[i].last_us;
	}
	uint64_t by_first = most_within(first, set->count, stretch_us);
	uint64_t by_last = most_within(last, set->count, stretch_us);
	return dossier_scale(set, by_first > by_last ? by_first : by_last);
}

/*
 * A sample of 256 says little of a few dark addresses among many thousand targets; the packets to
 * declared dark addresses were counted all, and as many of them met a new address as of the others.
 */
static uint64_t dark_by_packets(const struct dossier *dossier)
{
	if (dossier->targets.registers == NULL)
		return 0;
	double dark = 0;
	for (size_t i = 0; i < dossier->asked_count; i++) {
		const struct asked_port *asked = &dossier->asked[i];
		if (asked->packets == 0)
			continue;
		for (size_t t = 0; t < asked->track_count; t++)
			dark += (double)asked->tracks[t]->sum.dark_packets *
				(double)asked->targets / (double)asked->packets;
	}
	return (uint64_t)dark;
}

static void count_dark(struct dossier *dossier)
{
	const struct address_set *set = &dossier->targets;
	int64_t first[ADDRESS_SET_EXACT] = {0};
	int64_t last[ADDRESS_SET_EXACT] = {0};
	size_t count = 0;
	size_t weak = 0;
	size_t inferred_count = 0;
	for (size_t i = 0; i < set->count; i++) {
		bool inferred;
		if (!is_dark_item(dossier, &set->items[i], &inferred))
			continue;
		if (inferred && (set->items[i].flags & ITEM_BY_OTHER) == 0) {
			weak++;
			continue;
		}
		inferred_count += inferred;
		first[count] = set->items[i].first_us;
		last[count++] = set->items[i].last_us;
	}
	if (weak >= dossier->thresholds->scan_live.dark_failures) {
		/* silence of so many is no longer weak */
		for (size_t i = 0; i < weak && count < ADDRESS_SET_EXACT; i++, count++)
			first[count] = last[count] = dossier->last_us;
		inferred_count += weak;
	}
	int64_t window_us = dossier->thresholds->scan_dark.window_s * WHEN_SECOND_US;
	uint64_t by_first = most_within(first, count, window_us);
	uint64_t by_last = most_within(last, count, window_us);
	dossier->dark = dossier_scale(set, count);
	dossier->dark_inferred = dossier_scale(set, inferred_count);
	dossier->dark_most_in_window = dossier_scale(set, by_first > by_last ? by_first : by_last);
	uint64_t counted = dark_by_packets(dossier);
	if (dossier->dark < counted)
		dossier->dark = counted;
	if (dossier->dark_most_in_window < counted &&
	    dossier->last_us - dossier->first_us <= window_us)
		dossier->dark_most_in_window = counted;
}

/*
 * Where packets found no room but their outcomes did, no packet says when it was; the outcomes do.
 */
static void date_by_targets(struct dossier *dossier)
{
	const struct address_set *set = &dossier->targets;
	for (size_t i = 0; i < set->count && dossier->packets == 0; i++) {
		if (set->items[i].first_us < dossier->first_us)
			dossier->first_us = set->items[i].first_us;
		if (set->items[i].last_us > dossier->last_us)
			dossier->last_us = set->items[i].last_us;
	}
}

static void count_targets(struct dossier *dossier)
{
	const struct registry *registry = ledger_registry(dossier->ledger);
	const struct address_set *set = &dossier->targets;
	uint64_t failed = 0;
	uint64_t answered = 0;
	uint64_t inside = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct address_item *item = &set->items[i];
		failed += has_failed(item);
		answered += (item->flags & ITEM_ANSWERED) != 0;
		inside += registry_find_member(registry, &item->address) != MEMBER_NONE;
	}
	uint64_t distinct = address_set_distinct(set);
	dossier->target_count = distinct < dossier->packets ? distinct : dossier->packets;
	dossier->failed = dossier_scale(set, failed);
	dossier->answered = dossier_scale(set, answered);
	dossier->inside = dossier_scale(set, inside);
}

static void count_depths(struct dossier_maker *maker, struct dossier *dossier)
{
	size_t position = 0;
	const struct depth *depth;
	while ((depth = table_next(maker->depths, &position)) != NULL) {
		if (depth->ports > dossier->ports_of_target)
			dossier->ports_of_target = depth->ports;
		if (depth->protocols > dossier->protocol_count)
			dossier->protocol_count = depth->protocols;
		dossier->deep_targets += depth->ports >= dossier->thresholds->scan_live.ports;
	}
}

static void count_peers(struct dossier *dossier)
{
	size_t count;
	struct track *const *tracks = dossier_tracks(dossier, SIGHTING_EXCHANGE, &count);
	for (size_t i = 0; i < count; i++) {
		uint64_t peers = address_set_distinct(&tracks[i]->sum.targets);
		if (peers > dossier->peers_at_one_port)
			dossier->peers_at_one_port = peers;
	}
}

static int compare_packets(const void *a, const void *b)
{
	const struct asked_port *x = a;
	const struct asked_port *y = b;
	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

void dossier_count(struct dossier_maker *maker, struct dossier *dossier)
{
	address_set_clear(&maker->targets, maker->slab);
	table_clear(maker->depths);
	for (size_t i = 0; i < dossier->asked_count; i++) {
		struct asked_port *asked = &maker->asked[i];
		for (size_t t = 0; t < asked->track_count; t++)
			add_track(dossier, asked->tracks[t]);
		unite(maker, &maker->targets, asked,
		    asked->protocol == PROTOCOL_UDP ? ITEM_BY_UDP : ITEM_BY_OTHER);
		add_depths(maker, asked, (uint32_t)i);
		dossier->port_count += !asked->bare;
	}
	dossier->targets = maker->targets;
	for (size_t i = 0; i < dossier->asked_count; i++)
		count_port(maker, dossier, &maker->asked[i]);
	date_by_targets(dossier);
	count_targets(dossier);
	count_dark(dossier);
	count_depths(maker, dossier);
	count_peers(dossier);
	dossier_lay_out(&dossier->targets, &dossier->layout);
	qsort(maker->asked, dossier->asked_count, sizeof *maker->asked, compare_packets);
}
