#include "alert/severity.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/when.h"
#include "registry/registry.h"

enum {
	MANY_TARGETS = 30,
	VICTIM_RATE = 10, /* packets/s observed */
	SPREAD_MACHINES = 5,
	SPREAD_MEMBERS = 2,
};

static bool is_scan(const struct finding *finding)
{
	return finding->rule == RULE_SCAN_DARK || finding->rule == RULE_SCAN_LIVE ||
	       finding->rule == RULE_SCAN_SWEEP;
}

static bool is_watch(const struct finding *finding)
{
	return finding->watch;
}

static bool is_strangers_scan(const struct finding *finding)
{
	return finding->member == MEMBER_NONE && is_scan(finding);
}

static bool is_strangers_other(const struct finding *finding)
{
	return finding->member == MEMBER_NONE && finding->rule != RULE_DDOS_INCOMING;
}

static bool is_small_matter(const struct finding *finding)
{
	return finding->rule == RULE_CONFIG_STRAY || finding->rule == RULE_SPOOF_MEMBER;
}

static bool is_scan_inferred(const struct finding *finding)
{
	return is_scan(finding) && finding->inferred_only;
}

static bool is_scan_doubtful(const struct finding *finding)
{
	return is_scan(finding) && finding->spoof != SPOOF_UNLIKELY &&
	       finding->attribution == ATTRIBUTION_ONE_WAY;
}

static bool is_inside(const struct finding *finding)
{
	return finding->rule == RULE_SCAN_SWEEP || (is_scan(finding) && finding->lateral);
}

static bool is_wide_scan(const struct finding *finding)
{
	return is_scan(finding) &&
	       (finding->targets >= MANY_TARGETS || finding->port_count >= MANY_TARGETS);
}

static bool is_strong_flood(const struct finding *finding)
{
	return finding->role == ROLE_VICTIM && finding->packets_per_s > VICTIM_RATE;
}

static bool always(const struct finding *finding)
{
	(void)finding;
	return true;
}

/* The first row that applies decides. */
static const struct {
	bool (*applies)(const struct finding *finding);
	enum severity severity;
} rows[] = {
    {is_watch, SEVERITY_INFO},           /* below the alarm: weekly digest only */
    {is_strangers_scan, SEVERITY_LOW},   /* a stranger's scan of us */
    {is_strangers_other, SEVERITY_LOW},  /* backscatter of a stranger: not ours to mend */
    {is_small_matter, SEVERITY_LOW},     /* misconfiguration, forged addresses of a member */
    {is_scan_inferred, SEVERITY_LOW},    /* a few addresses only inferred to be dark */
    {is_scan_doubtful, SEVERITY_MEDIUM}, /* may accuse an innocent machine */
    {is_inside, SEVERITY_HIGH},          /* a sweep, or a scan among members' machines */
    {is_wide_scan, SEVERITY_HIGH},       /* 30 targets or ports and more */
    {is_strong_flood, SEVERITY_HIGH},    /* more than 10 packets/s observed */
    {always, SEVERITY_MEDIUM},
};

enum severity severity_of(const struct finding *finding)
{
	size_t i = 0;
	while (!rows[i].applies(finding))
		i++;
	return rows[i].severity;
}

static bool counts_for_spread(const struct finding *finding)
{
	return is_scan(finding) && finding->rule != RULE_SCAN_SWEEP &&
	       finding->member != MEMBER_NONE && finding->severity >= SEVERITY_MEDIUM &&
	       finding->ports_listed > 0;
}

static bool same_port(const struct finding *a, const struct finding *b)
{
	return a->ports[0].protocol == b->ports[0].protocol &&
	       a->ports[0].port == b->ports[0].port && a->drill == b->drill;
}

static bool within_an_hour(const struct finding *a, const struct finding *b)
{
	return a->first_us - b->last_us <= WHEN_HOUR_US && b->first_us - a->last_us <= WHEN_HOUR_US;
}

/* Candidates are few (members' alarms), so each is compared with each. */
static bool is_spread(struct finding *const *candidates, size_t count, const struct finding *of)
{
	size_t machines = 0;
	size_t members = 1;
	for (size_t i = 0; i < count; i++) {
		const struct finding *other = candidates[i];
		if (!same_port(of, other) || !within_an_hour(of, other))
			continue;
		machines += other->member == of->member;
		members += other->member != of->member && of->tool >= 0 && other->tool == of->tool;
	}
	return machines >= SPREAD_MACHINES || members >= SPREAD_MEMBERS;
}

void severity_raise_spread(struct finding *findings, size_t count)
{
	struct finding **candidates = calloc(count == 0 ? 1 : count, sizeof(struct finding *));
	bool *raised = calloc(count == 0 ? 1 : count, sizeof *raised);
	size_t candidate_count = 0;
	if (candidates == NULL || raised == NULL)
		goto out; /* what was found keeps its own severity */
	for (size_t i = 0; i < count; i++)
		if (counts_for_spread(&findings[i]))
			candidates[candidate_count++] = &findings[i];
	for (size_t i = 0; i < candidate_count; i++)
		raised[i] = is_spread(candidates, candidate_count, candidates[i]);
	for (size_t i = 0; i < candidate_count; i++)
		if (raised[i])
			candidates[i]->severity = SEVERITY_CRITICAL;
out:
	free(raised);
	free(candidates);
}
