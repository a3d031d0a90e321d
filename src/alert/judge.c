#include "alert/judge.h"

#include <errno.h>
#include <stdlib.h>

#include "alert/attribution.h"
#include "alert/severity.h"
#include "detect/detector.h"
#include "detect/spoof_member/spoof_member.h"

static const struct detector *const detectors[] = {
    &detect_scan_dark,
    &detect_scan_live,
    &detect_scan_sweep,
    &detect_ddos_victim,
    &detect_ddos_incoming,
    &detect_ddos_reflector,
    &detect_config_stray,
};

enum {
	DETECTOR_COUNT = sizeof detectors / sizeof detectors[0]
};

/*
 * What one subject did is said once: scan.live steps back behind scan.dark, unless scan.dark has
 * only a watch where scan.live has an alarm; a watch steps back behind the misconfiguration that
 * explains it.
 */
static void settle(struct finding *found[RULE_COUNT])
{
	struct finding *dark = found[RULE_SCAN_DARK];
	struct finding *live = found[RULE_SCAN_LIVE];
	if (dark != NULL && live != NULL) {
		bool dark_speaks = !dark->watch || live->watch;
		if (dark_speaks && dark->inferred_only && !live->watch)
			dark->inferred_only = false; /* ten net failures bear it out */
		found[dark_speaks ? RULE_SCAN_LIVE : RULE_SCAN_DARK] = NULL;
	}
	bool stray = found[RULE_CONFIG_STRAY] != NULL;
	if (stray && found[RULE_SCAN_DARK] != NULL && found[RULE_SCAN_DARK]->watch)
		found[RULE_SCAN_DARK] = NULL;
}

static int judge_dossier(const struct dossier *dossier, struct findings *findings)
{
	static _Thread_local struct finding verdicts[DETECTOR_COUNT];
	struct finding *found[RULE_COUNT] = {NULL};
	for (size_t i = 0; i < DETECTOR_COUNT; i++)
		if (detectors[i]->judge(dossier, &verdicts[i]))
			found[detectors[i]->rule] = &verdicts[i];
	settle(found);
	for (size_t rule = 0; rule < RULE_COUNT; rule++) {
		if (found[rule] == NULL)
			continue;
		attribution_set(dossier, found[rule]);
		found[rule]->severity = severity_of(found[rule]);
		int result = findings_add(findings, found[rule]);
		if (result != 0)
			return result;
	}
	return 0;
}

struct giving {
	struct findings *findings;
	int result;
};

static void give_spoof(void *context, const struct finding *finding)
{
	struct giving *giving = context;
	struct finding complete = *finding;
	attribution_set(NULL, &complete);
	complete.severity = severity_of(&complete);
	if (giving->result == 0)
		giving->result = findings_add(giving->findings, &complete);
}

static int judge_subjects(struct ledger *ledger, bool members_only, bool drill,
    struct dossier_maker *maker, struct findings *findings)
{
	size_t position = 0;
	const struct subject *subject;
	while ((subject = ledger_next_subject(ledger, &position)) != NULL) {
		if (members_only && subject->member == MEMBER_NONE)
			continue;
		struct dossier dossier;
		int result = dossier_open(maker, subject, drill, &dossier);
		if (result == 1)
			result = judge_dossier(&dossier, findings);
		if (result < 0)
			return result;
	}
	return 0;
}

int judge_ledger(struct ledger *ledger, bool members_only, struct findings *ret_findings)
{
	struct findings findings;
	struct giving giving = {.findings = &findings};
	int result = -ENOMEM;
	findings_init(&findings, ledger_findings_bytes(ledger));
	struct dossier_maker *maker = dossier_maker_new(ledger);
	if (maker == NULL)
		goto out;
	result = 0;
	for (int drill = 0; drill <= 1 && result == 0; drill++) {
		result = spoof_member_judge(ledger, drill != 0, give_spoof, &giving);
		if (result == 0)
			result = giving.result;
		if (result == 0)
			result = judge_subjects(ledger, members_only, drill != 0, maker, &findings);
	}
	if (result != 0)
		goto out;
	severity_raise_spread(findings.all, findings.count);
	findings_sort(&findings);
	*ret_findings = findings;
	findings = (struct findings){0};
out:
	findings_release(&findings);
	dossier_maker_free(maker);
	return result;
}
