/* ddos.reflector: answers to dark addresses that never asked. See ddos.reflector.md beside this. */
#include "base/when.h"
#include "detect/confidence.h"
#include "detect/detector.h"
#include "observe/udp_services.h"

enum {
	PROTOCOL_UDP = 17
};

struct reflection {
	uint64_t packets; /* to dark addresses, in the fullest window */
	uint64_t targets; /* dark addresses reached in any window */
	int64_t seconds;
};

/* The dark receivers of a track. */
static size_t dark_receivers(const struct dossier *dossier, const struct track *track,
    struct address_item items[static ADDRESS_SET_EXACT])
{
	size_t count = 0;
	for (size_t i = 0; i < track->sum.targets.count; i++) {
		bool inferred;
		const struct address_item *item = &track->sum.targets.items[i];
		if (dossier_is_dark(dossier, item, &inferred))
			items[count++] = *item;
	}
	return count;
}

static void measure(
    const struct dossier *dossier, const struct track *track, struct reflection *ret_reflection)
{
	struct address_item items[ADDRESS_SET_EXACT];
	const struct address_set dark = {
	    .items = items, .count = (uint16_t)dark_receivers(dossier, track, items)};
	int64_t window_us = dossier->thresholds->ddos_reflector.window_s * WHEN_SECOND_US;
	int64_t length_us = track->sum.last_us - track->sum.first_us;
	*ret_reflection = (struct reflection){0};
	if (dark.count == 0)
		return;
	*ret_reflection = (struct reflection){
	    /* the dark ones' part of the fullest window */
	    .packets =
		ledger_most_packets(track, window_us) * dark.count / track->sum.targets.count,
	    .targets = dossier_most_targets(&dark, window_us),
	    .seconds = (length_us < window_us ? length_us : window_us) / WHEN_SECOND_US,
	};
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	const struct thresholds_ddos_reflector *limits = &dossier->thresholds->ddos_reflector;
	size_t count;
	struct track *const *tracks = dossier_tracks(dossier, SIGHTING_REPLY, &count);
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		const struct sighting_key *key = &tracks[i]->sum.key;
		if (key->protocol != PROTOCOL_UDP || !udp_service_is_amplifier(key->port))
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
