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

static bool is_flood(const struct dossier *dossier, const struct track *vector)
{
	const struct thresholds_ddos_incoming *limits = &dossier->thresholds->ddos_incoming;
	return vector->crowd_peak >= limits->sources &&
	       vector->crowd_peak_exchanged <= limits->exchange_percent;
}

/* The vector's ports: the tracks of its kind and protocol, which stand together. */
static struct track *const *find_ports(const struct dossier *dossier, const struct track *vector,
    enum sighting_kind kind, size_t *ret_count)
{
	size_t count;
	struct track *const *tracks = dossier_tracks(dossier, kind, &count);
	size_t first = 0;
	while (first < count && tracks[first]->sum.key.protocol != vector->sum.key.protocol)
		first++;
	size_t end = first;
	while (end < count && tracks[end]->sum.key.protocol == vector->sum.key.protocol)
		end++;
	*ret_count = end - first;
	return &tracks[first];
}

static void describe(const struct dossier *dossier, const struct track *vector,
    enum sighting_kind kind, struct finding *finding)
{
	size_t count;
	struct track *const *ports = find_ports(dossier, vector, kind, &count);
	uint64_t packets_before = finding->packets;
	dossier_describe_tracks(dossier, ports, count, finding);
	/* the vector knows all its packets, also those of ports that were not told apart */
	finding->packets = packets_before + vector->sum.packets;
	if (vector->sum.first_us < finding->first_us)
		finding->first_us = vector->sum.first_us;
	if (vector->sum.last_us > finding->last_us)
		finding->last_us = vector->sum.last_us;
	uint64_t sources = address_set_distinct(&vector->sum.targets);
	if (sources > vector->sum.packets)
		sources = vector->sum.packets;
	if (sources > finding->sources)
		finding->sources = sources;
	double rate = vector->peak_60s / 60.0;
	if (rate > finding->packets_per_s)
		finding->packets_per_s = rate;
	if (kind == SIGHTING_FLOODED)
		finding_add_reason(finding, REASON_FLOOD_SENDERS, (int64_t)vector->crowd_peak,
		    vector->crowd_peak_exchanged, (int64_t)rate);
	else
		finding_add_reason(
		    finding, REASON_FLOOD_REPLIES, (int64_t)vector->crowd_peak, (int64_t)rate, 0);
	double confidence =
	    confidence_of(vector->crowd_peak, dossier->thresholds->ddos_incoming.sources);
	if (confidence > finding->confidence)
		finding->confidence = confidence;
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	static const struct {
		enum sighting_kind all;
		enum sighting_kind port;
	} kinds[] = {
	    {SIGHTING_ALL_FLOODED, SIGHTING_FLOODED},
	    {SIGHTING_ALL_REFLECTED, SIGHTING_REFLECTED},
	};
	if (is_common_group(&dossier->subject->address))
		return false;
	bool found = false;
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		size_t count;
		struct track *const *vectors = dossier_tracks(dossier, kinds[k].all, &count);
		for (size_t i = 0; i < count; i++) {
			if (!is_flood(dossier, vectors[i]))
				continue;
			if (!found)
				dossier_begin_finding(
				    dossier, RULE_DDOS_INCOMING, ROLE_VICTIM, ret_finding);
			found = true;
			describe(dossier, vectors[i], kinds[k].port, ret_finding);
		}
	}
	if (found)
		ret_finding->targets = 1;
	return found;
}

const struct detector detect_ddos_incoming = {
    .rule = RULE_DDOS_INCOMING,
    .judge = judge,
};
