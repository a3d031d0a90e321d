#include "alert/severity.h"

#include <stdlib.h>

#include "base/random.h"
#include "base/when.h"
#include "registry/registry.h"
#include "test.h"

enum {
	TOWN = 0,
	SCHOOL = 1,
	FINDINGS_MAX = 8,
	RANDOM_CASES = 300,
	MANY = 60,
	VERY_MANY = 20000,
};

/* Where a row says nothing: a member's scan, surely its own, of a few outside addresses. */
static const struct {
	const char *name;
	struct finding finding;
	enum severity severity;
} rows[] = {
    {"a member's small scan", {.rule = RULE_SCAN_DARK, .targets = 3, .attribution = 1},
	SEVERITY_MEDIUM},
    {"29 targets", {.rule = RULE_SCAN_DARK, .targets = 29, .attribution = 1}, SEVERITY_MEDIUM},
    {"30 targets", {.rule = RULE_SCAN_DARK, .targets = 30, .attribution = 1}, SEVERITY_HIGH},
    {"30 targets of scan.live", {.rule = RULE_SCAN_LIVE, .targets = 30, .attribution = 1},
	SEVERITY_HIGH},
    {"29 ports of one target",
	{.rule = RULE_SCAN_LIVE, .targets = 1, .port_count = 29, .attribution = 1},
	SEVERITY_MEDIUM},
    {"30 ports of one target",
	{.rule = RULE_SCAN_LIVE, .targets = 1, .port_count = 30, .attribution = 1}, SEVERITY_HIGH},
    {"a watch", {.rule = RULE_SCAN_DARK, .watch = true, .targets = 1000, .attribution = 2},
	SEVERITY_INFO},
    {"a router's sweep", {.rule = RULE_SCAN_SWEEP, .watch = true, .attribution = 1}, SEVERITY_INFO},
    {"a stranger's watch", {.rule = RULE_SCAN_LIVE, .member = MEMBER_NONE, .watch = true},
	SEVERITY_INFO},

    {"a stranger's scan",
	{.rule = RULE_SCAN_DARK, .member = MEMBER_NONE, .targets = 1000, .attribution = 2},
	SEVERITY_LOW},
    {"a stranger's sweep", {.rule = RULE_SCAN_SWEEP, .member = MEMBER_NONE}, SEVERITY_LOW},
    {"a stranger's backscatter",
	{.rule = RULE_DDOS_VICTIM,
	    .member = MEMBER_NONE,
	    .role = ROLE_VICTIM,
	    .packets_per_s = 1000},
	SEVERITY_LOW},
    {"a stranger's reflector", {.rule = RULE_DDOS_REFLECTOR, .member = MEMBER_NONE}, SEVERITY_LOW},
    {"a flood arriving at a stranger",
	{.rule = RULE_DDOS_INCOMING,
	    .member = MEMBER_NONE,
	    .role = ROLE_VICTIM,
	    .packets_per_s = 1000},
	SEVERITY_HIGH},

    {"a stray", {.rule = RULE_CONFIG_STRAY, .targets = 1, .attribution = 1}, SEVERITY_LOW},
    {"a forged member", {.rule = RULE_SPOOF_MEMBER, .role = ROLE_VICTIM, .targets = 1000},
	SEVERITY_LOW},

    {"darkness only inferred",
	{.rule = RULE_SCAN_DARK, .inferred_only = true, .targets = 9, .attribution = 2},
	SEVERITY_LOW},
    {"one way, perhaps forged, however wide",
	{.rule = RULE_SCAN_DARK, .targets = 1000, .spoof = SPOOF_POSSIBLE}, SEVERITY_MEDIUM},
    {"one way, probably forged", {.rule = RULE_SCAN_DARK, .targets = 1000, .spoof = SPOOF_LIKELY},
	SEVERITY_MEDIUM},
    {"one way, hardly forged", {.rule = RULE_SCAN_DARK, .targets = 1000}, SEVERITY_HIGH},
    {"two-way, whatever its TTL",
	{.rule = RULE_SCAN_DARK, .targets = 30, .attribution = 1, .spoof = SPOOF_POSSIBLE},
	SEVERITY_HIGH},

    {"a sweep", {.rule = RULE_SCAN_SWEEP, .targets = 10, .attribution = 1}, SEVERITY_HIGH},
    {"a lateral scan", {.rule = RULE_SCAN_LIVE, .targets = 10, .lateral = true, .attribution = 1},
	SEVERITY_HIGH},
    {"a lateral scan, perhaps forged",
	{.rule = RULE_SCAN_LIVE, .targets = 10, .lateral = true, .spoof = SPOOF_POSSIBLE},
	SEVERITY_MEDIUM},

    {"a victim at 10 packets/s",
	{.rule = RULE_DDOS_VICTIM, .role = ROLE_VICTIM, .packets_per_s = 10}, SEVERITY_MEDIUM},
    {"a victim just above", {.rule = RULE_DDOS_VICTIM, .role = ROLE_VICTIM, .packets_per_s = 10.02},
	SEVERITY_HIGH},
    {"a flood arriving, slow",
	{.rule = RULE_DDOS_INCOMING, .role = ROLE_VICTIM, .packets_per_s = 9}, SEVERITY_MEDIUM},
    {"a reflector", {.rule = RULE_DDOS_REFLECTOR, .targets = 1000, .attribution = 1},
	SEVERITY_MEDIUM},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		OK(severity_of(&rows[i].finding) == rows[i].severity, rows[i].name);
}

/* A member's alarm on port 23/tcp from 0 s to 60 s, where a row says nothing. */
struct alarm {
	int member;
	int tool; /* enum tool + 1; 0: none */
	int64_t begin_s;
	uint16_t port;    /* 0: 23 */
	uint8_t protocol; /* 0: 6 */
	uint8_t rule;     /* 0: RULE_SCAN_DARK */
	uint8_t severity; /* 0: high */
	bool drill;
};

#define MIRAI  (TOOL_MIRAI + 1)
#define ZMAP   (TOOL_ZMAP + 1)
#define HOUR_S 3600

static struct finding finding_of(const struct alarm *alarm)
{
	return (struct finding){
	    .rule = (enum rule)alarm->rule,
	    .member = alarm->member,
	    .tool = alarm->tool - 1,
	    .first_us = alarm->begin_s * WHEN_SECOND_US,
	    .last_us = (alarm->begin_s + 60) * WHEN_SECOND_US,
	    .severity = alarm->severity == 0 ? SEVERITY_HIGH : (enum severity)alarm->severity,
	    .ports = {{.port = alarm->port == 0 ? 23 : alarm->port,
		.protocol = alarm->protocol == 0 ? 6 : alarm->protocol}},
	    .ports_listed = 1,
	    .drill = alarm->drill,
	};
}

/* Of each row the first `critical` findings become so, and no other. */
static const struct {
	const char *name;
	struct alarm alarms[FINDINGS_MAX];
	size_t count;
	size_t critical;
} spreads[] = {
    {"nothing", {{0}}, 0, 0},
    {"one machine", {{.member = TOWN, .tool = MIRAI}}, 1, 0},
    {"two members with one mark and port",
	{{.member = TOWN, .tool = MIRAI}, {.member = SCHOOL, .tool = MIRAI}}, 2, 2},
    {"two machines of one member",
	{{.member = TOWN, .tool = MIRAI}, {.member = TOWN, .tool = MIRAI}}, 2, 0},
    {"without a mark", {{.member = TOWN}, {.member = SCHOOL}}, 2, 0},
    {"a mark of one of them", {{.member = TOWN, .tool = MIRAI}, {.member = SCHOOL}}, 2, 0},
    {"two marks", {{.member = TOWN, .tool = MIRAI}, {.member = SCHOOL, .tool = ZMAP}}, 2, 0},
    {"two ports",
	{{.member = TOWN, .tool = MIRAI}, {.member = SCHOOL, .tool = MIRAI, .port = 2323}}, 2, 0},
    {"two protocols",
	{{.member = TOWN, .tool = MIRAI}, {.member = SCHOOL, .tool = MIRAI, .protocol = 17}}, 2, 0},
    {"an hour after the end of the first",
	{{.member = TOWN, .tool = MIRAI},
	    {.member = SCHOOL, .tool = MIRAI, .begin_s = HOUR_S + 60}},
	2, 2},
    {"one second later",
	{{.member = TOWN, .tool = MIRAI},
	    {.member = SCHOOL, .tool = MIRAI, .begin_s = HOUR_S + 61}},
	2, 0},
    {"the later one first in the list",
	{{.member = SCHOOL, .tool = MIRAI, .begin_s = HOUR_S + 60},
	    {.member = TOWN, .tool = MIRAI}},
	2, 2},
    {"a drill beside earnest",
	{{.member = TOWN, .tool = MIRAI}, {.member = SCHOOL, .tool = MIRAI, .drill = true}}, 2, 0},
    {"a stranger does not count",
	{{.member = TOWN, .tool = MIRAI}, {.member = MEMBER_NONE, .tool = MIRAI}}, 2, 0},
    {"nor does a low finding",
	{{.member = TOWN, .tool = MIRAI},
	    {.member = SCHOOL, .tool = MIRAI, .severity = SEVERITY_LOW}},
	2, 0},
    {"a medium one does",
	{{.member = TOWN, .tool = MIRAI},
	    {.member = SCHOOL, .tool = MIRAI, .severity = SEVERITY_MEDIUM}},
	2, 2},
    {"nor does a flooded machine",
	{{.member = TOWN, .tool = MIRAI},
	    {.member = SCHOOL, .tool = MIRAI, .rule = RULE_DDOS_VICTIM}},
	2, 0},
    {"scan.live and scan.dark are both scans",
	{{.member = TOWN, .tool = MIRAI},
	    {.member = SCHOOL, .tool = MIRAI, .rule = RULE_SCAN_LIVE}},
	2, 2},
    {"four machines of one member",
	{{.member = TOWN}, {.member = TOWN}, {.member = TOWN}, {.member = TOWN}}, 4, 0},
    {"five machines of one member",
	{{.member = TOWN}, {.member = TOWN}, {.member = TOWN}, {.member = TOWN}, {.member = TOWN}},
	5, 5},
    {"five machines on two ports",
	{{.member = TOWN}, {.member = TOWN}, {.member = TOWN}, {.member = TOWN},
	    {.member = TOWN, .port = 22}},
	5, 0},
    {"five machines of two members",
	{{.member = TOWN}, {.member = TOWN}, {.member = TOWN}, {.member = TOWN},
	    {.member = SCHOOL}},
	5, 0},
    {"five sweepers are judged one by one",
	{{.member = TOWN, .rule = RULE_SCAN_SWEEP}, {.member = TOWN, .rule = RULE_SCAN_SWEEP},
	    {.member = TOWN, .rule = RULE_SCAN_SWEEP}, {.member = TOWN, .rule = RULE_SCAN_SWEEP},
	    {.member = TOWN, .rule = RULE_SCAN_SWEEP}},
	5, 0},
    {"five machines raise only their own",
	{{.member = TOWN}, {.member = TOWN}, {.member = TOWN}, {.member = TOWN}, {.member = TOWN},
	    {.member = SCHOOL}},
	6, 5},
};

static void test_spreads(void)
{
	for (size_t i = 0; i < sizeof spreads / sizeof spreads[0]; i++) {
		static struct finding findings[FINDINGS_MAX];
		for (size_t n = 0; n < spreads[i].count; n++)
			findings[n] = finding_of(&spreads[i].alarms[n]);
		severity_raise_spread(findings, spreads[i].count);
		bool right = true;
		for (size_t n = 0; n < spreads[i].count; n++)
			right = right && (findings[n].severity == SEVERITY_CRITICAL) ==
					     (n < spreads[i].critical);
		OK(right, spreads[i].name);
	}
}

static bool is_near(const struct finding *a, const struct finding *b)
{
	return a->ports[0].port == b->ports[0].port && a->drill == b->drill &&
	       a->first_us - b->last_us <= HOUR_S * WHEN_SECOND_US &&
	       b->first_us - a->last_us <= HOUR_S * WHEN_SECOND_US;
}

/* The plainest way: each with each. */
static bool is_spread_plainly(const struct finding *all, size_t count, const struct finding *of)
{
	size_t machines = 0;
	size_t elsewhere = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_near(of, &all[i]))
			continue;
		machines += all[i].member == of->member;
		elsewhere +=
		    all[i].member != of->member && of->tool >= 0 && all[i].tool == of->tool;
	}
	return machines >= 5 || elsewhere > 0;
}

static void test_random_spreads(struct random *random)
{
	bool right = true;
	for (int i = 0; i < RANDOM_CASES; i++) {
		static struct finding findings[MANY];
		bool expected[MANY];
		size_t count = random_below(random, MANY + 1);
		int64_t hours = 1 + (int64_t)random_below(random, 30);
		for (size_t n = 0; n < count; n++) {
			const struct alarm alarm = {
			    .member = (int)random_below(random, 4),
			    .tool = (int)random_below(random, 3),
			    .begin_s = (int64_t)random_below(random, (uint64_t)(hours * HOUR_S)),
			    .port = (uint16_t)(22 + random_below(random, 3)),
			    .drill = random_below(random, 8) == 0,
			};
			findings[n] = finding_of(&alarm);
			findings[n].last_us =
			    findings[n].first_us +
			    (int64_t)random_below(random, 5 * HOUR_S) * WHEN_SECOND_US;
		}
		for (size_t n = 0; n < count; n++)
			expected[n] = is_spread_plainly(findings, count, &findings[n]);
		severity_raise_spread(findings, count);
		for (size_t n = 0; n < count; n++)
			right = right && (findings[n].severity == SEVERITY_CRITICAL) == expected[n];
	}
	OK(right, "as comparing each with each would tell");
}

/* Comparing each with each would take seconds. */
static void test_many_spreads(void)
{
	struct finding *findings = calloc(VERY_MANY, sizeof *findings);
	if (findings == NULL)
		abort();
	for (size_t i = 0; i < VERY_MANY; i++) {
		const struct alarm alarm = {.member = TOWN, .begin_s = (int64_t)i};
		findings[i] = finding_of(&alarm);
	}
	severity_raise_spread(findings, VERY_MANY);
	bool right = true;
	for (size_t i = 0; i < VERY_MANY; i++)
		right = right && findings[i].severity == SEVERITY_CRITICAL;
	OK(right, "twenty thousand alarms");
	free(findings);
}

int main(void)
{
	struct random random;
	random_init(&random, 20260304);
	test_rows();
	test_spreads();
	test_random_spreads(&random);
	test_many_spreads();
	return test_done();
}
