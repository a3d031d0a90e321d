/* ddos.victim: backscatter from an address under attack. Why and when: ddos.victim.md beside this.
 */
#include "base/when.h"
#include "detect/confidence.h"
#include "detect/detector.h"
#include "observe/udp_services.h"

enum {
	PROTOCOL_UDP = 17,
	CONVERSATION_PERCENT =
	    20, /* above this share of receivers in real conversation: a server */
	UDP_PER_RECEIVER =
	    3, /* a server seen in one direction sends on; an echo comes once or twice */
};

static bool meets_moore(const struct track *vector, const struct thresholds_ddos_victim *limits)
{
	if (vector->peak_60s < limits->peak_packets)
		return false;
	for (size_t i = 0; i < vector->interval_count; i++) {
		const struct interval *interval = &vector->intervals[i];
		if (interval->packets >= limits->packets &&
		    interval->last_us - interval->first_us >= limits->duration_s * WHEN_SECOND_US)
			return true;
	}
	return false;
}

/* Unsolicited replies to many within a day, as soon as reached. */
static bool meets_many(const struct track *vector, const struct thresholds_ddos_victim *limits)
{
	return ledger_most_packets(vector, WHEN_DAY_US) >= limits->many_packets &&
	       dossier_most_targets(&vector->sum.targets, WHEN_DAY_US) >= limits->many_targets;
}

static bool is_conversation(const struct track *vector)
{
	const struct address_set *receivers = &vector->sum.targets;
	uint64_t exchanged = 0;
	uint64_t dark = 0;
	for (size_t i = 0; i < receivers->count; i++) {
		exchanged += (receivers->items[i].flags & ITEM_EXCHANGED) != 0;
		dark += (receivers->items[i].flags & ITEM_DARK) != 0;
	}
	if (exchanged * 100 > (uint64_t)receivers->count * CONVERSATION_PERCENT)
		return true;
	return vector->sum.key.protocol == PROTOCOL_UDP && dark * 2 < receivers->count &&
	       vector->sum.packets > UDP_PER_RECEIVER * address_set_distinct(receivers);
}

enum {
	PORTS_GATHERED = 4096
}; /* of one vector; a flood of all ports is described by these */

/* The ports of one vector; amplifiers are ddos.reflector's. */
static size_t gather_ports(const struct dossier *dossier, const struct track *vector,
    struct track *ports[static PORTS_GATHERED])
{
	size_t count;
	size_t kept = 0;
	struct track *const *tracks = dossier_tracks(dossier, SIGHTING_REPLY, &count);
	for (size_t i = 0; i < count && kept < PORTS_GATHERED; i++) {
		const struct sighting_key *key = &tracks[i]->sum.key;
		if (key->protocol == vector->sum.key.protocol &&
		    (key->protocol != PROTOCOL_UDP || !udp_service_is_amplifier(key->port)))
			ports[kept++] = tracks[i];
	}
	return kept;
}

static void explain(
    const struct dossier *dossier, const struct track *vector, bool moore, struct finding *finding)
{
	const struct sighting *sum = &vector->sum;
	if (moore)
		finding_add_reason(finding, REASON_BACKSCATTER, (int64_t)sum->packets,
		    (sum->last_us - sum->first_us) / WHEN_SECOND_US, vector->peak_60s);
	else
		finding_add_reason(finding, REASON_BACKSCATTER_WIDE, (int64_t)sum->packets,
		    (int64_t)address_set_distinct(&sum->targets), 0);
	uint64_t dark = registry_dark_v4_count(ledger_registry(dossier->ledger));
	if (dark > 0 && address_is_v4(&dossier->subject->address)) {
		double real = vector->peak_60s / 60.0 * 4294967296.0 / (double)dark;
		finding_add_reason(finding, REASON_REAL_RATE, (int64_t)real, (int64_t)dark, 0);
	}
}

static void add_vector(
    const struct dossier *dossier, const struct track *vector, bool moore, struct finding *finding)
{
	struct track *ports[PORTS_GATHERED];
	size_t count = gather_ports(dossier, vector, ports);
	uint64_t packets_before = finding->packets;
	dossier_describe_tracks(dossier, ports, count, finding);
	/* the vector knows all its packets, also those of ports that were not gathered */
	finding->packets = packets_before + vector->sum.packets;
	uint64_t receivers = address_set_distinct(&vector->sum.targets);
	finding->targets += receivers < vector->sum.packets ? receivers : vector->sum.packets;
	double rate = vector->peak_60s / 60.0;
	if (rate > finding->packets_per_s)
		finding->packets_per_s = rate;
	explain(dossier, vector, moore, finding);
	double confidence =
	    confidence_of(vector->sum.packets, dossier->thresholds->ddos_victim.packets);
	if (confidence > finding->confidence)
		finding->confidence = confidence;
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	const struct thresholds_ddos_victim *limits = &dossier->thresholds->ddos_victim;
	size_t count;
	struct track *const *vectors = dossier_tracks(dossier, SIGHTING_ALL_REPLIES, &count);
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		bool moore = meets_moore(vectors[i], limits);
		if ((!moore && !meets_many(vectors[i], limits)) || is_conversation(vectors[i]))
			continue;
		if (!found)
			dossier_begin_finding(dossier, RULE_DDOS_VICTIM, ROLE_VICTIM, ret_finding);
		found = true;
		add_vector(dossier, vectors[i], moore, ret_finding);
	}
	return found;
}

const struct detector detect_ddos_victim = {
    .rule = RULE_DDOS_VICTIM,
    .judge = judge,
};
