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

/*
 * Vectors of one protocol, asked or replied: mostly one port; but a flood may be spread over ports,
 * its own or those of many reflected services, so senders are summed over them.
 */
struct vector {
	struct track *const *tracks;
	size_t count;
	uint64_t crowd;     /* distinct senders within 60 s, summed over ports */
	uint64_t exchanged; /* of them */
	uint64_t sources;   /* distinct, over the whole time */
	uint64_t peak_60s;
};

static void add_track(struct vector *vector, const struct track *track)
{
	vector->count++;
	vector->crowd += track->crowd_peak;
	vector->exchanged += track->crowd_peak * track->crowd_peak_exchanged / 100;
	vector->sources += address_set_distinct(&track->sum.targets);
	vector->peak_60s += track->peak_60s;
}

static bool is_flood(const struct dossier *dossier, const struct vector *vector)
{
	const struct thresholds_ddos_incoming *limits = &dossier->thresholds->ddos_incoming;
	return vector->crowd >= limits->sources &&
	       vector->exchanged * 100 <= vector->crowd * limits->exchange_percent;
}

static void describe(
    const struct dossier *dossier, const struct vector *vector, struct finding *finding)
{
	dossier_describe_tracks(dossier, vector->tracks, vector->count, finding);
	double rate = (double)vector->peak_60s / 60;
	if (vector->sources > finding->sources)
		finding->sources = vector->sources;
	if (rate > finding->packets_per_s)
		finding->packets_per_s = rate;
	if (vector->tracks[0]->sum.key.kind == SIGHTING_FLOODED)
		finding_add_reason(finding, REASON_FLOOD_SENDERS, (int64_t)vector->crowd,
		    (int64_t)(vector->exchanged * 100 / vector->crowd), (int64_t)rate);
	else
		finding_add_reason(
		    finding, REASON_FLOOD_REPLIES, (int64_t)vector->crowd, (int64_t)rate, 0);
	double confidence =
	    confidence_of(vector->crowd, dossier->thresholds->ddos_incoming.sources);
	if (confidence > finding->confidence)
		finding->confidence = confidence;
}

/* Takes the tracks of one protocol from the front of `tracks`, which are sorted by it. */
static struct vector take_vector(struct track *const *tracks, size_t count)
{
	struct vector vector = {.tracks = tracks};
	while (vector.count < count &&
	       tracks[vector.count]->sum.key.protocol == tracks[0]->sum.key.protocol)
		add_track(&vector, tracks[vector.count]);
	return vector;
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
		for (size_t first = 0; first < count;) {
			struct vector vector = take_vector(&tracks[first], count - first);
			first += vector.count;
			if (!is_flood(dossier, &vector))
				continue;
			if (!found)
				dossier_begin_finding(
				    dossier, RULE_DDOS_INCOMING, ROLE_VICTIM, ret_finding);
			found = true;
			describe(dossier, &vector, ret_finding);
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
