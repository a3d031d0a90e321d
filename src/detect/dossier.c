#include "detect/dossier.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"
#include "detect/dossier_internal.h"
#include "observe/slab.h"

enum {
	DEPTHS_MAX = 1 << 16, /* targets of one subject whose ports are counted one by one */
	GROW_MIN = 64,
	SCRATCH_BYTES = 2 * 1024 * 1024, /* a chunk of each class for two sets, and what is left */
};

struct dossier_maker *dossier_maker_new(struct ledger *ledger)
{
	struct dossier_maker *maker = calloc(1, sizeof *maker);
	if (maker == NULL)
		return NULL;
	maker->ledger = ledger;
	maker->seed = hash_seed_random();
	maker->depths = table_new(sizeof(struct address), sizeof(struct depth), DEPTHS_MAX);
	maker->slab = slab_new(SCRATCH_BYTES, &slab_sizes_address_set);
	if (maker->depths == NULL || maker->slab == NULL) {
		dossier_maker_free(maker);
		return NULL;
	}
	return maker;
}

void dossier_maker_free(struct dossier_maker *maker)
{
	if (maker == NULL)
		return;
	slab_free(maker->slab);
	table_free(maker->depths);
	free(maker->tracks);
	free(maker->asked);
	free(maker->intervals);
	free(maker);
}

/* Makes room for `wanted` entries in a scratch array. */
static int reserve(void **array, size_t *max, size_t wanted, size_t entry_bytes)
{
	if (wanted <= *max)
		return 0;
	size_t more = *max < GROW_MIN ? GROW_MIN : *max;
	while (more < wanted)
		more *= 2;
	void *grown = reallocarray(*array, more, entry_bytes);
	if (grown == NULL)
		return -ENOMEM;
	*array = grown;
	*max = more;
	return 0;
}

static bool was_forged(const struct track *track, int64_t first_us, int64_t last_us)
{
	for (size_t i = 0; i < track->interval_count; i++)
		if ((track->forged & 1U << i) != 0 && first_us >= track->intervals[i].first_us &&
		    last_us <= track->intervals[i].last_us)
			return true;
	return false;
}

/* Returns its packets. */
static uint64_t leave_intervals(const struct track *track, struct track *left)
{
	uint64_t packets = 0;
	left->forged = 0;
	left->interval_count = 0;
	for (size_t i = 0; i < track->interval_count; i++) {
		if ((track->forged & 1U << i) != 0)
			continue;
		packets += track->intervals[i].packets;
		left->intervals[left->interval_count++] = track->intervals[i];
	}
	if (left->interval_count == 0)
		return 0;
	left->sum.first_us = left->intervals[0].first_us;
	left->sum.last_us = INT64_MIN;
	for (size_t i = 0; i < left->interval_count; i++)
		if (left->intervals[i].last_us > left->sum.last_us)
			left->sum.last_us = left->intervals[i].last_us;
	return packets;
}

static void leave_source_ports(const struct track *track, struct sighting *left)
{
	left->source_port_count = 0;
	for (size_t i = 0; i < track->sum.source_port_count; i++) {
		const struct sighting_port *port = &track->sum.source_ports[i];
		if (!was_forged(track, port->first_us, port->first_us))
			left->source_ports[left->source_port_count++] = *port;
	}
}

static bool leave_targets(
    const struct track *track, struct slab *slab, struct address_set *ret_targets)
{
	const struct address_set *all = &track->sum.targets;
	size_t count = 0;
	*ret_targets = (struct address_set){0};
	for (size_t i = 0; i < all->count; i++) {
		const struct address_item *item = &all->items[i];
		const struct address_touch touch = {
		    item->first_us, item->last_us, item->packets, item->flags};
		if (was_forged(track, item->first_us, item->last_us))
			continue;
		(void)address_set_touch(ret_targets, slab, &item->address, &touch);
		count++;
	}
	return ret_targets->count == count && ret_targets->registers == NULL;
}

static void leave_at_most(uint64_t *counted, uint64_t most)
{
	if (*counted > most)
		*counted = most;
}

/*
 * What is left of a track without what was sent in crowds; of what is not known by time no more
 * than it can be. The track itself where not all that it asked is known: there a crowd's few
 * packets say nothing. NULL where nothing is left.
 */
static struct track *leave_rest(struct dossier_maker *maker, struct track *track)
{
	if (maker->rest_count == DOSSIER_RESTS_MAX || track->sum.targets.registers != NULL)
		return track;
	struct track *left = &maker->rests[maker->rest_count];
	*left = *track;
	left->sum.packets = leave_intervals(track, left);
	if (left->sum.packets == 0)
		return NULL;
	const bool is_whole = leave_targets(track, maker->slab, &left->sum.targets);
	maker->rest_count++;
	if (!is_whole)
		return track;
	leave_source_ports(track, &left->sum);
	leave_at_most(&left->sum.dark_packets, left->sum.packets);
	leave_at_most(&left->sum.refusals, left->sum.targets.count);
	leave_at_most(&left->sum.silences, left->sum.targets.count);
	for (int tool = 0; tool < TOOL_COUNT; tool++)
		leave_at_most(&left->sum.marks[tool], left->sum.packets);
	if (left->walk.peak > left->sum.targets.count)
		left->walk.peak = left->sum.targets.count;
	return left;
}

static size_t collect_tracks(struct dossier_maker *maker, const struct subject *subject, bool drill)
{
	size_t count = 0;
	while (maker->rest_count > 0)
		address_set_clear(&maker->rests[--maker->rest_count].sum.targets, maker->slab);
	for (struct track *track = subject->tracks; track != NULL; track = track->next) {
		if ((track->sum.key.drill != 0) != drill)
			continue;
		struct track *left = track->forged == 0 ? track : leave_rest(maker, track);
		if (left != NULL)
			maker->tracks[count++] = left;
	}
	return count;
}

static bool is_asking(const struct track *track)
{
	return track->sum.key.kind == SIGHTING_REQUEST || track->sum.key.kind == SIGHTING_PROBE;
}

/* REQUEST tracks of a port first, then its PROBE variants: sorted so that they stand together. */
static int compare_asking(const void *a, const void *b)
{
	const struct sighting_key *x = &(*(struct track *const *)a)->sum.key;
	const struct sighting_key *y = &(*(struct track *const *)b)->sum.key;
	bool x_asks = x->kind == SIGHTING_REQUEST || x->kind == SIGHTING_PROBE;
	bool y_asks = y->kind == SIGHTING_REQUEST || y->kind == SIGHTING_PROBE;
	if (x_asks != y_asks)
		return x_asks ? -1 : 1;
	if (!x_asks)
		return sighting_key_compare(x, y);
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return sighting_key_compare(x, y);
}

static bool same_port(const struct track *a, const struct track *b)
{
	return a->sum.key.protocol == b->sum.key.protocol && a->sum.key.port == b->sum.key.port &&
	       (a->sum.key.variant == VARIANT_PROTOCOL) == (b->sum.key.variant == VARIANT_PROTOCOL);
}

static int group_ports(struct dossier_maker *maker, struct dossier *dossier)
{
	int result = reserve(
	    (void **)&maker->asked, &maker->asked_max, dossier->track_count, sizeof *maker->asked);
	if (result != 0)
		return result;
	dossier->asked = maker->asked;
	for (size_t i = 0; i < dossier->track_count && is_asking(dossier->tracks[i]); i++) {
		struct asked_port *last =
		    dossier->asked_count > 0 ? &maker->asked[dossier->asked_count - 1] : NULL;
		if (last != NULL && same_port(last->tracks[0], dossier->tracks[i])) {
			last->track_count++;
			continue;
		}
		const struct sighting_key *key = &dossier->tracks[i]->sum.key;
		maker->asked[dossier->asked_count++] = (struct asked_port){
		    .tracks = &dossier->tracks[i],
		    .track_count = 1,
		    .port = key->port,
		    .protocol = key->protocol,
		    .bare = key->variant == VARIANT_PROTOCOL,
		};
	}
	return 0;
}

int dossier_open(struct dossier_maker *maker, const struct subject *subject, bool drill,
    struct dossier *ret_dossier)
{
	int result = reserve((void **)&maker->tracks, &maker->tracks_max, subject->track_count,
	    sizeof(struct track *));
	if (result != 0)
		return result;
	*ret_dossier = (struct dossier){
	    .ledger = maker->ledger,
	    .thresholds = ledger_thresholds(maker->ledger),
	    .subject = subject,
	    .drill = drill,
	    .tracks = maker->tracks,
	    .first_us = INT64_MAX,
	    .last_us = INT64_MIN,
	};
	ret_dossier->track_count = collect_tracks(maker, subject, drill);
	if (ret_dossier->track_count == 0)
		return 0;
	qsort(maker->tracks, ret_dossier->track_count, sizeof(struct track *), compare_asking);
	result = group_ports(maker, ret_dossier);
	if (result != 0)
		return result;
	ret_dossier->host_flags = ledger_host_flags(maker->ledger, &subject->address);
	dossier_count(maker, ret_dossier);
	return 1;
}

struct track *const *dossier_tracks(
    const struct dossier *dossier, enum sighting_kind kind, size_t *ret_count)
{
	size_t first = 0;
	while (first < dossier->track_count && dossier->tracks[first]->sum.key.kind != kind)
		first++;
	size_t end = first;
	while (end < dossier->track_count && dossier->tracks[end]->sum.key.kind == kind)
		end++;
	*ret_count = end - first;
	return &dossier->tracks[first];
}

int dossier_tool(const struct dossier *dossier, uint64_t *ret_packets)
{
	/* a 2^-16 mark needs a quarter of the SYNs behind it; a 2^-32 mark two packets */
	enum {
		STRONG_MIN = 2,
		WEAK_MIN = 2,
		WEAK_SHARE = 4
	};
	static const bool strong[TOOL_COUNT] = {[TOOL_MIRAI] = true, [TOOL_UNICORNSCAN] = true};
	int best = -1;
	for (int tool = 0; tool < TOOL_COUNT; tool++) {
		uint64_t marks = dossier->marks[tool];
		bool enough = strong[tool]
				  ? marks >= STRONG_MIN
				  : marks >= WEAK_MIN && marks * WEAK_SHARE >= dossier->syns;
		if (enough && (best < 0 || marks > dossier->marks[best]))
			best = tool;
	}
	*ret_packets = best < 0 ? 0 : dossier->marks[best];
	return best;
}
