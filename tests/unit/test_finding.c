#include "detect/finding.h"

#include <stdlib.h>
#include <string.h>

#include "registry/registry.h"
#include "test.h"

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, list[i]) == 0)
			return true;
	}
	return false;
}

/* The names are an interface (hinomi-read(1)): others write them down. */
static void test_names(void)
{
	static const char *const rules[] = {"scan.dark", "scan.sweep", "scan.live", "ddos.victim",
	    "ddos.incoming", "ddos.reflector", "config.stray", "spoof.member"};
	bool right = true;
	for (int i = 0; i < RULE_COUNT; i++)
		right = right && strcmp(rule_name((enum rule)i), rules[i]) == 0;
	OK(right && RULE_COUNT == 8, "rules");

	static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
	right = true;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		right = right && strcmp(severity_name((enum severity)i), severities[i]) == 0;
	OK(right && SEVERITY_COUNT == 5, "severities");

	OK(strcmp(role_name(ROLE_ACTOR), "actor") == 0, "actor");
	OK(strcmp(role_name(ROLE_VICTIM), "victim") == 0, "victim");

	static const char *const shapes[] = {"horizontal", "vertical", "block", "protocol"};
	OK(shape_name(SHAPE_NONE) == NULL, "no shape has no name");
	right = true;
	for (int i = SHAPE_NONE + 1; i < SHAPE_COUNT; i++)
		right = right && is_one_of(shape_name((enum shape)i), shapes, 4);
	OK(right, "shapes");
	OK(strcmp(attribution_name(ATTRIBUTION_ONE_WAY), "one-way") == 0, "one-way");
	OK(strcmp(attribution_name(ATTRIBUTION_TWO_WAY), "two-way") == 0, "two-way");
	OK(strcmp(attribution_name(ATTRIBUTION_HANDSHAKE), "handshake") == 0, "handshake");
	OK(strcmp(spoof_name(SPOOF_UNLIKELY), "unlikely") == 0, "unlikely");
	OK(strcmp(spoof_name(SPOOF_POSSIBLE), "possible") == 0, "possible");
	OK(strcmp(spoof_name(SPOOF_LIKELY), "likely") == 0, "likely");
}

static void test_reasons(void)
{
	struct finding finding = {0};
	for (int64_t i = 0; i < FINDING_REASONS_MAX + 1; i++)
		finding_add_reason(&finding, REASON_STRAY, i, -i, i * i);
	OK(finding.reason_count == FINDING_REASONS_MAX, "one reason past the last is dropped");
	bool right = true;
	for (int64_t i = 0; i < FINDING_REASONS_MAX; i++) {
		const struct reason_given *reason = &finding.reasons[i];
		right = right && reason->reason == REASON_STRAY && reason->numbers[0] == i &&
			reason->numbers[1] == -i && reason->numbers[2] == i * i;
	}
	OK(right, "those before keep their order and numbers");
}

/* Rows in the order in which they must come out. */
static const struct row {
	enum severity severity;
	int member;
	enum rule rule;
	const char *subject;
	bool drill;
} rows[] = {
    {SEVERITY_CRITICAL, 3, RULE_SPOOF_MEMBER, "192.0.2.9", false},
    {SEVERITY_HIGH, 0, RULE_SCAN_DARK, "192.0.2.1", false},
    {SEVERITY_HIGH, 0, RULE_SCAN_DARK, "192.0.2.1", true},
    {SEVERITY_HIGH, 0, RULE_SCAN_DARK, "192.0.2.2", false},
    {SEVERITY_HIGH, 0, RULE_SCAN_DARK, "2001:db8::1", false},
    {SEVERITY_HIGH, 0, RULE_DDOS_VICTIM, "192.0.2.1", false},
    {SEVERITY_HIGH, 1, RULE_SCAN_DARK, "10.0.0.1", false},
    {SEVERITY_HIGH, MEMBER_NONE, RULE_SCAN_DARK, "10.0.0.0", false},
    {SEVERITY_LOW, 0, RULE_SCAN_DARK, "10.0.0.0", false},
    {SEVERITY_INFO, MEMBER_NONE, RULE_SCAN_DARK, "10.0.0.0", false},
};

enum {
	ROWS = sizeof rows / sizeof rows[0]
};

static struct finding finding_of(const struct row *row)
{
	struct finding finding = {.severity = row->severity,
	    .member = row->member,
	    .rule = row->rule,
	    .drill = row->drill};
	if (address_parse(row->subject, &finding.subject) != 0)
		abort();
	return finding;
}

static void test_order(void)
{
	bool right = true;
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t j = 0; j < ROWS; j++) {
			struct finding a = finding_of(&rows[i]);
			struct finding b = finding_of(&rows[j]);
			int order = finding_compare(&a, &b);
			int expected = (i > j) - (i < j);
			right = right && (order > 0) - (order < 0) == expected;
		}
	}
	OK(right, "severity, member (strangers last), rule, subject, drill; each pair, both ways");
}

int main(void)
{
	test_names();
	test_reasons();
	test_order();
	return test_done();
}
