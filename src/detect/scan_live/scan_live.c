/* scan.live: failures against successes on live networks. Why and when: scan.live.md beside this.
 */
#include "base/when.h"
#include "detect/confidence.h"
#include "detect/detector.h"
#include "detect/scan_live/scan_shape.h"

enum {
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PORT_HTTP = 80,
	PORT_HTTPS = 443,
	ANSWERED_PERCENT = 10, /* a scanner of random addresses is answered by far fewer */
	PEERS_MIN = 3,
	SPREAD_SHARE = 4,   /* distinct ports at least a quarter of distinct targets */
	RETRY_TARGETS = 25, /* a list of fallback servers is no longer than this */
	RETRY_PACE_S = 20,  /* one silent server after the other, each with its retransmissions */
};

/* The port on which the most first contacts failed, by what its protocol's silence is worth. */
struct worst {
	const struct asked_port *alarm; /* over its threshold; NULL when none is */
	const struct asked_port *watch;
};

/* Ports that software never tries at a list of strangers' servers; whoever does is searching. */
static bool is_hunted_port(const struct asked_port *asked)
{
	static const uint16_t hunted[] = {21, 22, 23, 135, 139, 445, 1433, 2222, 2323, 3306, 3389,
	    5432, 5555, 5900, 6379, 7547, 8291, 9527, 23231, 37215, 52869, 60001};
	for (size_t i = 0; i < sizeof hunted / sizeof hunted[0]; i++)
		if (asked->protocol == PROTOCOL_TCP && asked->port == hunted[i])
			return true;
	return false;
}

static bool is_web_port(const struct asked_port *asked)
{
	return asked->protocol == PROTOCOL_TCP &&
	       (asked->port == PORT_HTTP || asked->port == PORT_HTTPS);
}

static bool is_outside(const struct dossier *dossier)
{
	return dossier->inside * 2 <= dossier->target_count;
}

static bool has_layout(const struct dossier *dossier)
{
	return scan_is_ordered(dossier) || scan_is_dense(dossier);
}

static uint32_t alarm_at(const struct dossier *dossier, const struct asked_port *asked)
{
	const struct thresholds_scan_live *limits = &dossier->thresholds->scan_live;
	bool silent_udp = asked->protocol == PROTOCOL_UDP;
	if (silent_udp && asked->dark < limits->dark_failures && !scan_is_ordered(dossier))
		return limits->udp_failures;
	if (is_web_port(asked) && is_outside(dossier) && !has_layout(dossier))
		return limits->web_failures;
	return limits->failures;
}

static void find_worst(const struct dossier *dossier, struct worst *ret_worst)
{
	*ret_worst = (struct worst){0};
	for (size_t i = 0; i < dossier->asked_count; i++) {
		const struct asked_port *asked = &dossier->asked[i];
		if (asked->bare)
			continue;
		if (asked->walk_peak >= alarm_at(dossier, asked)) {
			if (ret_worst->alarm == NULL ||
			    asked->walk_peak > ret_worst->alarm->walk_peak)
				ret_worst->alarm = asked;
		} else if (asked->walk_peak >= dossier->thresholds->scan_live.watch_failures) {
			if (ret_worst->watch == NULL ||
			    asked->walk_peak > ret_worst->watch->walk_peak)
				ret_worst->watch = asked;
		}
	}
}

/*
 * Peer-to-peer: peers lists are fresh, so a good part answers; and either several peers answer at
 * one local port, or the contacted ports are as spread as the peers that chose them.
 */
static bool is_peer_to_peer(const struct dossier *dossier)
{
	uint64_t marks = dossier->marks[TOOL_MIRAI] + dossier->marks[TOOL_UNICORNSCAN];
	if (marks > 0 || has_layout(dossier) ||
	    dossier->ports_of_target >= dossier->thresholds->scan_live.ports)
		return false;
	if (dossier->answered * 100 < dossier->target_count * ANSWERED_PERCENT)
		return false;
	return dossier->peers_at_one_port >= PEERS_MIN ||
	       dossier->port_count * SPREAD_SHARE >= dossier->target_count;
}

/*
 * A client that goes through a list of servers, most of them dead: few, outside, in no order, and
 * one after the other. A scanner does not wait for the one before.
 */
static bool is_retrying_list(const struct dossier *dossier, const struct asked_port *asked)
{
	if (!is_outside(dossier) || has_layout(dossier) || asked->protocol != PROTOCOL_TCP ||
	    asked->failed >= RETRY_TARGETS || is_hunted_port(asked))
		return false;
	int64_t span_us = dossier->last_us - dossier->first_us;
	return span_us >= (int64_t)asked->failed * RETRY_PACE_S * WHEN_SECOND_US;
}

static void add_failures(
    struct finding *finding, enum reason reason, const struct dossier *dossier, uint32_t net)
{
	finding_add_reason(
	    finding, reason, net, (int64_t)dossier->failed, (int64_t)dossier->answered);
}

/* Only to a watch: reasons that make an alarm by failures improbable. */
static void soften(
    const struct dossier *dossier, const struct asked_port *asked, struct finding *finding)
{
	if (is_peer_to_peer(dossier)) {
		uint64_t percent = dossier->answered * 100 / dossier->target_count;
		finding->watch = true;
		finding_add_reason(finding, REASON_PEER_TO_PEER, (int64_t)percent,
		    (int64_t)dossier->peers_at_one_port, 0);
	} else if (is_retrying_list(dossier, asked)) {
		finding->watch = true;
		finding_add_reason(finding, REASON_RETRIES, (int64_t)asked->failed, 0, 0);
	}
}

static const struct asked_port *most_failed(const struct dossier *dossier)
{
	const struct asked_port *most = NULL;
	for (size_t i = 0; i < dossier->asked_count; i++) {
		const struct asked_port *asked = &dossier->asked[i];
		if (!asked->bare && asked->failed > 0 &&
		    (most == NULL || asked->failed > most->failed))
			most = asked;
	}
	return most;
}

/* Net failures over all ports; when most of them are a few dead web servers they make no alarm. */
static bool judge_all_ports(const struct dossier *dossier, struct finding *finding)
{
	const struct thresholds_scan_live *limits = &dossier->thresholds->scan_live;
	/* one machine is one target, however many of its ports refuse */
	uint32_t net = dossier->subject->walk.peak;
	if (net > dossier->failed)
		net = (uint32_t)dossier->failed;
	const struct asked_port *most = most_failed(dossier);
	if (net < limits->failures || most == NULL)
		return false;
	add_failures(finding, REASON_NET_FAILURES_ALL, dossier, net);
	finding->confidence = confidence_of(net, limits->failures) * 0.9;
	if (net < limits->web_failures && is_web_port(most) && is_outside(dossier) &&
	    !has_layout(dossier)) {
		finding->watch = true;
		finding_add_reason(finding, REASON_WEB_CLIENT, (int64_t)most->failed, 0, 0);
		return true;
	}
	soften(dossier, most, finding);
	return true;
}

static bool judge_failures(const struct dossier *dossier, struct finding *finding)
{
	struct worst worst;
	find_worst(dossier, &worst);
	if (worst.alarm != NULL) {
		uint32_t net = worst.alarm->walk_peak;
		add_failures(finding, REASON_NET_FAILURES, dossier, net);
		finding->confidence = confidence_of(net, alarm_at(dossier, worst.alarm));
		soften(dossier, worst.alarm, finding);
		return true;
	}
	if (judge_all_ports(dossier, finding))
		return true;
	if (worst.watch == NULL)
		return false;
	finding->watch = true;
	add_failures(finding, REASON_WATCH_FAILURES, dossier, worst.watch->walk_peak);
	if (is_web_port(worst.watch))
		finding_add_reason(finding, REASON_WEB_CLIENT, (int64_t)worst.watch->failed, 0, 0);
	finding->confidence = confidence_of(worst.watch->walk_peak, alarm_at(dossier, worst.watch));
	return true;
}

static bool judge_depth(const struct dossier *dossier, struct finding *finding)
{
	const struct thresholds_scan_live *limits = &dossier->thresholds->scan_live;
	bool vertical = dossier->ports_of_target >= limits->ports;
	bool protocol = dossier->protocol_count >= limits->protocols;
	if (vertical)
		finding_add_reason(finding, REASON_PORTS_OF_TARGET,
		    (int64_t)dossier->ports_of_target, (int64_t)dossier->deep_targets, 0);
	if (protocol)
		finding_add_reason(
		    finding, REASON_PROTOCOLS, (int64_t)dossier->protocol_count, 0, 0);
	if (!vertical && !protocol)
		return false;
	finding->watch = false;
	double confidence = vertical ? confidence_of(dossier->ports_of_target, limits->ports)
				     : confidence_of(dossier->protocol_count, limits->protocols);
	if (confidence > finding->confidence)
		finding->confidence = confidence;
	return true;
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	if (dossier->asked_count == 0)
		return false;
	dossier_begin_finding(dossier, RULE_SCAN_LIVE, ROLE_ACTOR, ret_finding);
	bool deep = judge_depth(dossier, ret_finding);
	bool failing = !deep && judge_failures(dossier, ret_finding);
	if (!deep && !failing)
		return false;
	dossier_describe_asking(dossier, ret_finding);
	ret_finding->shape = scan_shape(dossier);
	scan_add_layout_reasons(dossier, ret_finding);
	return true;
}

const struct detector detect_scan_live = {
    .rule = RULE_SCAN_LIVE,
    .judge = judge,
};
