#include "alert/attribution.h"

enum {
	STEADY_TTL_RANGE = 2,  /* routes change by a hop or two */
	SPREAD_TTL_RANGE = 32, /* no route changes by so much; Nmap alone varies it, by 22 */
	MANY_PACKETS = 20,     /* a forger who spreads over addresses has few for each */
	FEW_PACKETS = 3,
	PROTOCOL_TCP = 6,
};

static void add_reason(struct finding *finding, enum spoof_reason reason, int64_t a, int64_t b)
{
	const size_t max = sizeof finding->spoof_reasons / sizeof finding->spoof_reasons[0];
	if (finding->spoof_reason_count < max)
		finding->spoof_reasons[finding->spoof_reason_count++] =
		    (struct finding_spoof){.reason = (uint8_t)reason, .numbers = {a, b}};
}

static uint8_t seen_of(const struct dossier *dossier)
{
	uint8_t seen = 0;
	for (size_t i = 0; i < dossier->track_count; i++)
		if (dossier->tracks[i]->sum.key.kind == SIGHTING_REQUEST)
			seen |= dossier->tracks[i]->sum.seen;
	return seen;
}

static enum attribution attribute(const struct dossier *dossier)
{
	uint8_t seen = seen_of(dossier);
	if ((dossier->host_flags & HOST_HANDSHAKE) != 0 || (seen & SEEN_HANDSHAKE) != 0)
		return ATTRIBUTION_HANDSHAKE;
	if ((dossier->host_flags & HOST_TWO_WAY) != 0 || (seen & SEEN_TWO_WAY) != 0)
		return ATTRIBUTION_TWO_WAY;
	return ATTRIBUTION_ONE_WAY;
}

struct ttl {
	uint8_t min;
	uint8_t max;
	uint64_t packets;
};

/* Requests only: replies to many come by many routes, probes of tools may vary it on purpose. */
static struct ttl measure_ttl(const struct dossier *dossier)
{
	struct ttl ttl = {.min = UINT8_MAX};
	for (size_t i = 0; i < dossier->track_count; i++) {
		const struct sighting *sum = &dossier->tracks[i]->sum;
		if (sum->key.kind != SIGHTING_REQUEST || sum->packets == 0)
			continue;
		ttl.packets += sum->packets;
		if (sum->ttl_min < ttl.min)
			ttl.min = sum->ttl_min;
		if (sum->ttl_max > ttl.max)
			ttl.max = sum->ttl_max;
	}
	return ttl;
}

static void weigh_packets(const struct dossier *dossier, struct finding *finding)
{
	struct ttl ttl = measure_ttl(dossier);
	int weight = 0; /* positive: forged */
	if (ttl.packets > 1 && ttl.max - ttl.min <= STEADY_TTL_RANGE) {
		add_reason(finding, SPOOF_TTL_STEADY, ttl.min, ttl.max);
		weight--;
	} else if (ttl.packets > 1 && ttl.max - ttl.min >= SPREAD_TTL_RANGE) {
		add_reason(finding, SPOOF_TTL_SPREAD, ttl.min, ttl.max);
		weight += 2;
	}
	if (finding->packets >= MANY_PACKETS) {
		add_reason(finding, SPOOF_MANY_PACKETS, (int64_t)finding->packets, 0);
		weight--;
	} else if (finding->packets <= FEW_PACKETS) {
		add_reason(finding, SPOOF_FEW_PACKETS, (int64_t)finding->packets, 0);
		weight++;
	}
	if (finding->tool >= 0) {
		add_reason(finding, SPOOF_TOOL_NEEDS_REPLY, finding->tool, 0);
		weight--;
	}
	finding->spoof = weight < -1 ? SPOOF_UNLIKELY : weight > 1 ? SPOOF_LIKELY : SPOOF_POSSIBLE;
}

void attribution_set(const struct dossier *dossier, struct finding *finding)
{
	if (finding->rule == RULE_SPOOF_MEMBER) {
		finding->attribution = ATTRIBUTION_ONE_WAY;
		finding->spoof = SPOOF_LIKELY;
		add_reason(finding, SPOOF_CROWD_OF_MEMBER, (int64_t)finding->sources, 0);
		return;
	}
	finding->attribution = attribute(dossier);
	if (finding->attribution == ATTRIBUTION_HANDSHAKE) {
		finding->spoof = SPOOF_UNLIKELY;
		add_reason(finding, SPOOF_HANDSHAKE_SEEN, 0, 0);
	} else if (finding->attribution == ATTRIBUTION_TWO_WAY) {
		finding->spoof = SPOOF_UNLIKELY;
		add_reason(finding, SPOOF_TWO_WAY_SEEN, 0, 0);
	}
	if (finding->role == ROLE_VICTIM) {
		/* a victim is named by what reached it or came from it to many: nobody is accused
		 */
		if (finding->attribution == ATTRIBUTION_ONE_WAY)
			finding->spoof = SPOOF_POSSIBLE;
		return;
	}
	if (finding->attribution == ATTRIBUTION_ONE_WAY)
		weigh_packets(dossier, finding);
}
