/* ddos.victim: backscatter from an address under attack. Why and when: ddos.victim.md beside this.
 */
#include "base/when.h"
#include "detect/confidence.h"
#include "detect/ddos_reflector/amplifiers.h"
#include "detect/detector.h"

enum {
	VECTOR_TRACKS_MAX =
	    1024, /* ports of one vector; a flood of all ports is counted by these */
	PROTOCOL_UDP = 17,
	CONVERSATION_PERCENT =
	    20, /* above this share of receivers in real conversation: a server */
};

/* One vector: TCP, UDP and ICMP apart. */
struct vector {
	struct track *tracks[VECTOR_TRACKS_MAX];
	size_t count;
	uint64_t packets;
	uint64_t receivers; /* most of one port, or the sum where each port has its own few */
	uint64_t conversations;
	const struct track
	    *fullest; /* the port that meets the criterion of Moore et al., or NULL */
	uint32_t peak_60s;
};

/* Packets of UDP services that are abused as reflectors belong to ddos.reflector. */
static bool belongs(const struct track *track, uint8_t protocol)
{
	if (track->sum.key.protocol != protocol)
		return false;
	return protocol != PROTOCOL_UDP || !amplifier_is_port(track->sum.key.port);
}

static bool meets_moore(const struct track *track, const struct thresholds_ddos_victim *limits)
{
	if (track->peak_60s < limits->peak_packets)
		return false;
	for (size_t i = 0; i < track->interval_count; i++) {
		const struct interval *interval = &track->intervals[i];
		if (interval->packets >= limits->packets &&
		    interval->last_us - interval->first_us >= limits->duration_s * WHEN_SECOND_US)
			return true;
	}
	return false;
}

static void add_track(
    struct vector *vector, struct track *track, const struct thresholds_ddos_victim *limits)
{
	if (vector->count < VECTOR_TRACKS_MAX)
		vector->tracks[vector->count++] = track;
	vector->packets += track->sum.packets;
	vector->receivers += address_set_distinct(&track->sum.targets);
	for (size_t i = 0; i < track->sum.targets.count; i++)
		vector->conversations += (track->sum.targets.items[i].flags & ITEM_EXCHANGED) != 0;
	if (track->peak_60s > vector->peak_60s)
		vector->peak_60s = track->peak_60s;
	if (meets_moore(track, limits) &&
	    (vector->fullest == NULL || track->sum.packets > vector->fullest->sum.packets))
		vector->fullest = track;
}

static bool is_flooded(const struct vector *vector, const struct thresholds_ddos_victim *limits)
{
	if (vector->conversations * 100 > vector->receivers * CONVERSATION_PERCENT)
		return false;
	if (vector->fullest != NULL)
		return true;
	return vector->packets >= limits->many_packets && vector->receivers >= limits->many_targets;
}

static void gather(const struct dossier *dossier, uint8_t protocol, struct vector *ret_vector)
{
	*ret_vector = (struct vector){.count = 0};
	size_t count;
	struct track *const *tracks = dossier_tracks(dossier, SIGHTING_REPLY, &count);
	for (size_t i = 0; i < count; i++)
		if (belongs(tracks[i], protocol))
			add_track(ret_vector, tracks[i], &dossier->thresholds->ddos_victim);
}

static void explain(
    const struct dossier *dossier, const struct vector *vector, struct finding *finding)
{
	int64_t seconds = (finding->last_us - finding->first_us) / WHEN_SECOND_US;
	if (vector->fullest != NULL)
		finding_add_reason(finding, REASON_BACKSCATTER, (int64_t)vector->packets, seconds,
		    vector->peak_60s);
	else
		finding_add_reason(finding, REASON_BACKSCATTER_WIDE, (int64_t)vector->packets,
		    (int64_t)vector->receivers, 0);
	uint64_t dark = registry_dark_v4_count(ledger_registry(dossier->ledger));
	if (dark > 0 && address_is_v4(&dossier->subject->address)) {
		double real = finding->packets_per_s * 4294967296.0 / (double)dark;
		finding_add_reason(finding, REASON_REAL_RATE, (int64_t)real, (int64_t)dark, 0);
	}
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	static const uint8_t protocols[] = {6, PROTOCOL_UDP, 1, 58};
	struct vector vector;
	bool found = false;
	dossier_begin_finding(dossier, RULE_DDOS_VICTIM, ROLE_VICTIM, ret_finding);
	for (size_t i = 0; i < sizeof protocols; i++) {
		gather(dossier, protocols[i], &vector);
		if (!is_flooded(&vector, &dossier->thresholds->ddos_victim))
			continue;
		found = true;
		dossier_describe_tracks(dossier, vector.tracks, vector.count, ret_finding);
		ret_finding->targets += vector.receivers;
		double rate = vector.peak_60s / 60.0;
		if (rate > ret_finding->packets_per_s)
			ret_finding->packets_per_s = rate;
		explain(dossier, &vector, ret_finding);
		double confidence =
		    confidence_of(vector.packets, dossier->thresholds->ddos_victim.packets);
		if (confidence > ret_finding->confidence)
			ret_finding->confidence = confidence;
	}
	return found;
}

const struct detector detect_ddos_victim = {
    .rule = RULE_DDOS_VICTIM,
    .judge = judge,
};
