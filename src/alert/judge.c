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

struct judge {
	struct ledger *ledger;
	struct dossier_maker *maker;
};

int judge_new(struct ledger *ledger, struct judge **ret_judge)
{
	struct judge *judge = calloc(1, sizeof *judge);
	if (judge == NULL)
		return -ENOMEM;
	judge->ledger = ledger;
	judge->maker = dossier_maker_new(ledger);
	if (judge->maker == NULL) {
		judge_free(judge);
		return -ENOMEM;
	}
	*ret_judge = judge;
	return 0;
}

void judge_free(struct judge *judge)
{
	if (judge == NULL)
		return;
	dossier_maker_free(judge->maker);
	free(judge);
}

static int judge_half(
    struct judge *judge, const struct subject *subject, bool drill, struct findings *findings)
{
	struct dossier dossier;
	int result = dossier_open(judge->maker, subject, drill, &dossier);
	return result == 1 ? judge_dossier(&dossier, findings) : result;
}

int judge_subject(struct judge *judge, const struct subject *subject, struct findings *findings)
{
	int result = judge_half(judge, subject, false, findings);
	return result != 0 ? result : judge_half(judge, subject, true, findings);
}

static int judge_members_half(struct judge *judge, bool drill, struct findings *findings)
{
	struct giving giving = {.findings = findings};
	int result = spoof_member_judge(judge->ledger, drill, give_spoof, &giving);
	return result != 0 ? result : giving.result;
}

int judge_members(struct judge *judge, struct findings *findings)
{
	int result = judge_members_half(judge, false, findings);
	return result != 0 ? result : judge_members_half(judge, true, findings);
}

static int judge_subjects(
    struct judge *judge, bool members_only, bool drill, struct findings *findings)
{
	size_t position = 0;
	const struct subject *subject;
	int result = 0;
	while (result == 0 && (subject = ledger_next_subject(judge->ledger, &position)) != NULL)
		if (!members_only || subject->member != MEMBER_NONE)
			result = judge_half(judge, subject, drill, findings);
	return result;
}

int judge_ledger(struct ledger *ledger, bool members_only, struct findings *ret_findings)
{
	struct findings findings;
	struct judge *judge = NULL;
	findings_init(&findings, ledger_findings_bytes(ledger));
	int result = judge_new(ledger, &judge);
	for (int drill = 0; drill <= 1 && result == 0; drill++) {
		result = judge_members_half(judge, drill != 0, &findings);
		if (result == 0)
			result = judge_subjects(judge, members_only, drill != 0, &findings);
	}
	if (result != 0)
		goto out;
	severity_raise_spread(findings.all, findings.count);
	findings_sort(&findings);
	*ret_findings = findings;
	findings = (struct findings){0};
out:
	findings_release(&findings);
	judge_free(judge);
	return result;
}
