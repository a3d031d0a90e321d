/* ddos.incoming: a flood arriving at a live address. Why and when: ddos.incoming.md beside this. */
#include "base/when.h"
#include "detect/confidence.h"
#include "detect/detector.h"

/* Groups that whole networks speak to by design (RFC 5771 local control, RFC 2365, RFC 4291). */
static bool is_common_group(const struct address *address)
{
	static const struct prefix groups[] = {
	    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 224, 0, 0, 0}}, 96 + 24},
	    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 239, 0, 0, 0}}, 96 + 8},
	    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 255, 255, 255, 255}}, 128},
	    {{{0xff}}, 8},
	};
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		if (prefix_contains(&groups[i], address))
			return true;
	return false;
}

static bool is_flood(const struct dossier *dossier, const struct track *track)
{
	const struct thresholds_ddos_incoming *limits = &dossier->thresholds->ddos_incoming;
	return track->crowd_peak >= limits->sources &&
	       track->crowd_peak_exchanged <= limits->exchange_percent;
}

static void add_vector(
    const struct dossier *dossier, struct track *const *track, struct finding *finding)
{
	dossier_describe_tracks(dossier, track, 1, finding);
	uint64_t sources = address_set_distinct(&(*track)->sum.targets);
	double rate = (*track)->peak_60s / 60.0;
	if (sources > finding->sources)
		finding->sources = sources;
	if (rate > finding->packets_per_s)
		finding->packets_per_s = rate;
	bool asked = (*track)->sum.key.kind == SIGHTING_FLOODED;
	if (asked)
		finding_add_reason(finding, REASON_FLOOD_SENDERS, (int64_t)(*track)->crowd_peak,
		    (*track)->crowd_peak_exchanged, (int64_t)rate);
	else
		finding_add_reason(
		    finding, REASON_FLOOD_REPLIES, (int64_t)(*track)->crowd_peak, (int64_t)rate, 0);
	double confidence =
	    confidence_of((*track)->crowd_peak, dossier->thresholds->ddos_incoming.sources);
	if (confidence > finding->confidence)
		finding->confidence = confidence;
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	static const enum sighting_kind kinds[] = {SIGHTING_FLOODED, SIGHTING_REFLECTED};
	if (is_common_group(&dossier->subject->address))
		return false;
	bool found = false;
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		size_t count;
		struct track *const *tracks = dossier_tracks(dossier, kinds[k], &count);
		for (size_t i = 0; i < count; i++) {
			if (!is_flood(dossier, tracks[i]))
				continue;
			if (!found)
				dossier_begin_finding(
				    dossier, RULE_DDOS_INCOMING, ROLE_VICTIM, ret_finding);
			found = true;
			add_vector(dossier, &tracks[i], ret_finding);
		}
	}
	if (found) {
		ret_finding->targets = 1;
		ret_finding->port_count = ret_finding->ports_listed;
	}
	return found;
}

const struct detector detect_ddos_incoming = {
    .rule = RULE_DDOS_INCOMING,
    .judge = judge,
};
