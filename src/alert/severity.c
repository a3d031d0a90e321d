#include "alert/severity.h"

#include <stdbool.h>

#include "registry/registry.h"

enum {
	MANY_TARGETS = 30,
	VICTIM_RATE = 10, /* packets/s observed */
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
