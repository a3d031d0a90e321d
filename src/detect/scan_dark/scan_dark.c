/* scan.dark: requests to addresses that nobody uses. Why and when: scan.dark.md beside this file.
 */
#include "base/when.h"
#include "detect/confidence.h"
#include "detect/detector.h"
#include "detect/scan_live/scan_shape.h"

/* Two or more packets with a mark that chance makes once in 2^32, to whatever address. */
static bool add_mark_reason(const struct dossier *dossier, struct finding *finding)
{
	static const enum tool strong[] = {TOOL_MIRAI, TOOL_UNICORNSCAN};
	bool marked = false;
	for (size_t i = 0; i < sizeof strong / sizeof strong[0]; i++) {
		uint64_t packets = dossier->marks[strong[i]];
		if (packets < dossier->thresholds->scan_dark.marked_packets)
			continue;
		finding_add_reason(finding, REASON_MARK, (int64_t)packets, (int64_t)strong[i], 0);
		marked = true;
	}
	return marked;
}

/* For strangers: packets/s extrapolated from D dark addresses to all of IPv4; 0 where D is 0. */
static double extrapolate(const struct dossier *dossier)
{
	uint64_t dark = registry_dark_v4_count(ledger_registry(dossier->ledger));
	if (dark == 0 || !address_is_v4(&dossier->subject->address))
		return 0;
	uint64_t packets = 0;
	for (size_t i = 0; i < dossier->track_count; i++)
		packets += dossier->tracks[i]->sum.dark_packets;
	double seconds = (double)(dossier->last_us - dossier->first_us) / 1e6;
	if (seconds < 1)
		seconds = 1; /* a burst without duration is no infinite rate */
	return (double)packets * 4294967296.0 / (double)dark / seconds;
}

static bool is_stranger_scan(const struct dossier *dossier, struct finding *finding)
{
	const struct thresholds_scan_dark *limits = &dossier->thresholds->scan_dark;
	if (dossier->dark < limits->stranger_targets)
		return false;
	uint64_t dark = registry_dark_v4_count(ledger_registry(dossier->ledger));
	double rate = extrapolate(dossier);
	if (dark > 0 && address_is_v4(&dossier->subject->address)) {
		if (rate < limits->stranger_rate)
			return false;
		finding_add_reason(
		    finding, REASON_EXTRAPOLATED_RATE, (int64_t)rate, (int64_t)dark, 0);
	}
	return true;
}

/*
 * Darkness that was only inferred from silence in this capture is a weaker witness than a declared
 * range: one or two such addresses are everyday life (a printer that is off), and below the ten net
 * failures of scan.live they make no alarm.
 */
static void judge_members_targets(const struct dossier *dossier, struct finding *finding)
{
	const struct thresholds *limits = &dossier->thresholds[0];
	bool enough = dossier->dark_most_in_window >= limits->scan_dark.targets;
	finding->watch = !enough;
	finding_add_reason(finding, enough ? REASON_DARK_TARGETS : REASON_DARK_WATCH,
	    (int64_t)dossier->dark, (int64_t)dossier->dark_inferred, 0);
	uint64_t declared = dossier->dark - dossier->dark_inferred;
	if (enough && declared < limits->scan_dark.targets &&
	    dossier->dark < limits->scan_live.failures) {
		finding->inferred_only = true;
		finding_add_reason(finding, REASON_INFERRED, 0, 0, 0);
	}
}

static bool is_worth_watching(const struct dossier *dossier)
{
	enum {
		INFERRED_WATCH = 2
	};
	uint64_t declared = dossier->dark - dossier->dark_inferred;
	return declared > 0 || dossier->dark_inferred >= INFERRED_WATCH;
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	if (dossier->asked_count == 0)
		return false;
	dossier_begin_finding(dossier, RULE_SCAN_DARK, ROLE_ACTOR, ret_finding);
	bool marked = add_mark_reason(dossier, ret_finding);
	bool is_member = dossier->subject->member != MEMBER_NONE;
	bool found = marked;
	if (is_member && dossier->dark > 0 && (marked || is_worth_watching(dossier))) {
		judge_members_targets(dossier, ret_finding);
		found = true;
	} else if (!is_member && is_stranger_scan(dossier, ret_finding)) {
		finding_add_reason(ret_finding, REASON_DARK_TARGETS, (int64_t)dossier->dark,
		    (int64_t)dossier->dark_inferred, 0);
		found = true;
	}
	if (!found)
		return false;
	if (marked) {
		ret_finding->watch = false;
		ret_finding->inferred_only = false;
	}
	dossier_describe_asking(dossier, ret_finding);
	ret_finding->shape = scan_shape(dossier);
	scan_add_layout_reasons(dossier, ret_finding);
	ret_finding->confidence =
	    marked ? 0.99 : confidence_of(dossier->dark, dossier->thresholds->scan_dark.targets);
	if (ret_finding->inferred_only)
		ret_finding->confidence *= 0.7;
	return true;
}

const struct detector detect_scan_dark = {
    .rule = RULE_SCAN_DARK,
    .judge = judge,
};
