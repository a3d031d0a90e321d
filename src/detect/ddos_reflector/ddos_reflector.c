/* ddos.reflector: answers to dark addresses that never asked. See ddos.reflector.md beside this. */
#include <stdlib.h>

#include "base/when.h"
#include "detect/confidence.h"
#include "detect/ddos_reflector/amplifiers.h"
#include "detect/detector.h"

enum {
	PROTOCOL_UDP = 17
};

struct reflection {
	uint64_t packets;
	uint64_t targets;
	int64_t seconds;
};

static int compare_items(const void *a, const void *b)
{
	const struct address_item *x = a;
	const struct address_item *y = b;
	return x->first_us < y->first_us ? -1 : x->first_us > y->first_us;
}

/* The dark receivers of a track, copied out and sorted by time. */
static size_t dark_receivers(const struct dossier *dossier, const struct track *track,
    struct address_item items[static ADDRESS_SET_EXACT])
{
	size_t count = 0;
	for (size_t i = 0; i < track->sum.targets.count; i++) {
		bool inferred;
		const struct address_item *item = &track->sum.targets.items[i];
		if (ledger_is_dark(dossier->ledger, &item->address, &inferred))
			items[count++] = *item;
	}
	qsort(items, count, sizeof *items, compare_items);
	return count;
}

/* The window with the most dark receivers; packets to each count where it was first touched. */
static void measure(
    const struct dossier *dossier, const struct track *track, struct reflection *ret_reflection)
{
	struct address_item items[ADDRESS_SET_EXACT];
	size_t count = dark_receivers(dossier, track, items);
	int64_t window_us = dossier->thresholds->ddos_reflector.window_s * WHEN_SECOND_US;
	*ret_reflection = (struct reflection){0};
	uint64_t packets = 0;
	for (size_t first = 0, end = 0; end < count; end++) {
		packets += items[end].packets;
		while (items[end].first_us - items[first].first_us > window_us)
			packets -= items[first++].packets;
		if (packets < ret_reflection->packets)
			continue;
		*ret_reflection = (struct reflection){
		    .packets = packets,
		    .targets = end - first + 1,
		    .seconds = (items[end].first_us - items[first].first_us) / WHEN_SECOND_US,
		};
	}
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	const struct thresholds_ddos_reflector *limits = &dossier->thresholds->ddos_reflector;
	size_t count;
	struct track *const *tracks = dossier_tracks(dossier, SIGHTING_REPLY, &count);
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		const struct sighting_key *key = &tracks[i]->sum.key;
		if (key->protocol != PROTOCOL_UDP || !amplifier_is_port(key->port))
			continue;
		struct reflection reflection;
		measure(dossier, tracks[i], &reflection);
		if (reflection.packets < limits->packets || reflection.targets < limits->targets)
			continue;
		if (!found)
			dossier_begin_finding(
			    dossier, RULE_DDOS_REFLECTOR, ROLE_ACTOR, ret_finding);
		found = true;
		dossier_describe_tracks(dossier, &tracks[i], 1, ret_finding);
		ret_finding->targets += address_set_distinct(&tracks[i]->sum.targets);
		ret_finding->dark_targets += reflection.targets;
		finding_add_reason(ret_finding, REASON_REFLECTED_DARK, (int64_t)reflection.packets,
		    (int64_t)reflection.targets, reflection.seconds);
		double confidence = confidence_of(reflection.packets, limits->packets);
		if (confidence > ret_finding->confidence)
			ret_finding->confidence = confidence;
	}
	return found;
}

const struct detector detect_ddos_reflector = {
    .rule = RULE_DDOS_REFLECTOR,
    .judge = judge,
};
