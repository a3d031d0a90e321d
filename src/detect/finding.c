#include "detect/finding.h"

#include <assert.h>
#include <string.h>

#include "registry/registry.h"

const char *rule_name(enum rule rule)
{
	static const char *const names[] = {
	    [RULE_SCAN_DARK] = "scan.dark",
	    [RULE_SCAN_SWEEP] = "scan.sweep",
	    [RULE_SCAN_LIVE] = "scan.live",
	    [RULE_DDOS_VICTIM] = "ddos.victim",
	    [RULE_DDOS_INCOMING] = "ddos.incoming",
	    [RULE_DDOS_REFLECTOR] = "ddos.reflector",
	    [RULE_CONFIG_STRAY] = "config.stray",
	    [RULE_SPOOF_MEMBER] = "spoof.member",
	};
	static_assert(sizeof names / sizeof names[0] == RULE_COUNT, "a name for each");

	assert((unsigned)rule < RULE_COUNT);
	return names[rule];
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
	    [SEVERITY_INFO] = "info",
	    [SEVERITY_LOW] = "low",
	    [SEVERITY_MEDIUM] = "medium",
	    [SEVERITY_HIGH] = "high",
	    [SEVERITY_CRITICAL] = "critical",
	};
	static_assert(sizeof names / sizeof names[0] == SEVERITY_COUNT, "a name for each");

	assert((unsigned)severity < SEVERITY_COUNT);
	return names[severity];
}

int rule_find(const char *name)
{
	for (int rule = 0; rule < RULE_COUNT; rule++)
		if (strcmp(rule_name((enum rule)rule), name) == 0)
			return rule;
	return -1;
}

int severity_find(const char *name)
{
	for (int severity = 0; severity < SEVERITY_COUNT; severity++)
		if (strcmp(severity_name((enum severity)severity), name) == 0)
			return severity;
	return -1;
}

const char *role_name(enum role role)
{
	static const char *const names[] = {
	    [ROLE_ACTOR] = "actor",
	    [ROLE_VICTIM] = "victim",
	};
	static_assert(sizeof names / sizeof names[0] == ROLE_COUNT, "a name for each");

	assert((unsigned)role < ROLE_COUNT);
	return names[role];
}

const char *shape_name(enum shape shape)
{
	static const char *const names[] = {
	    [SHAPE_NONE] = NULL,
	    [SHAPE_HORIZONTAL] = "horizontal",
	    [SHAPE_VERTICAL] = "vertical",
	    [SHAPE_BLOCK] = "block",
	    [SHAPE_PROTOCOL] = "protocol",
	};
	static_assert(sizeof names / sizeof names[0] == SHAPE_COUNT, "a name for each");

	assert((unsigned)shape < SHAPE_COUNT);
	return names[shape];
}

const char *attribution_name(enum attribution attribution)
{
	static const char *const names[] = {
	    [ATTRIBUTION_ONE_WAY] = "one-way",
	    [ATTRIBUTION_TWO_WAY] = "two-way",
	    [ATTRIBUTION_HANDSHAKE] = "handshake",
	};
	static_assert(sizeof names / sizeof names[0] == ATTRIBUTION_COUNT, "a name for each");

	assert((unsigned)attribution < ATTRIBUTION_COUNT);
	return names[attribution];
}

const char *spoof_name(enum spoof spoof)
{
	static const char *const names[] = {
	    [SPOOF_UNLIKELY] = "unlikely",
	    [SPOOF_POSSIBLE] = "possible",
	    [SPOOF_LIKELY] = "likely",
	};
	static_assert(sizeof names / sizeof names[0] == SPOOF_COUNT, "a name for each");

	assert((unsigned)spoof < SPOOF_COUNT);
	return names[spoof];
}

void finding_add_reason(
    struct finding *finding, enum reason reason, int64_t a, int64_t b, int64_t c)
{
	assert((unsigned)reason < REASON_COUNT);
	if (finding->reason_count == FINDING_REASONS_MAX)
		return;
	finding->reasons[finding->reason_count++] =
	    (struct reason_given){.reason = (uint8_t)reason, .numbers = {a, b, c}};
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Members in the order of their numbers, strangers after all of them. */
static int64_t member_rank(const struct finding *finding)
{
	return finding->member == MEMBER_NONE ? INT64_MAX : finding->member;
}

int finding_compare(const struct finding *a, const struct finding *b)
{
	int order = compare((int64_t)b->severity, (int64_t)a->severity);
	if (order == 0)
		order = compare(member_rank(a), member_rank(b));
	if (order == 0)
		order = compare((int64_t)a->rule, (int64_t)b->rule);
	if (order == 0)
		order = address_compare(&a->subject, &b->subject);
	if (order == 0)
		order = compare(a->drill, b->drill);
	/* One finding per subject and rule: what follows keeps the order whole should that change.
	 */
	if (order == 0)
		order = compare(a->first_us, b->first_us);
	return order;
}
