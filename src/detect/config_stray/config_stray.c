/* config.stray: one machine, one or two dead addresses, for hours. See config.stray.md beside this.
 */
#include "base/when.h"
#include "detect/confidence.h"
#include "detect/detector.h"

struct stray {
	uint64_t targets;
	uint64_t packets;
	int64_t first_us;
	int64_t last_us;
};

static void measure(
    const struct dossier *dossier, const struct asked_port *asked, struct stray *ret_stray)
{
	*ret_stray = (struct stray){.first_us = INT64_MAX, .last_us = INT64_MIN};
	for (size_t t = 0; t < asked->track_count; t++) {
		const struct address_set *set = &asked->tracks[t]->sum.targets;
		for (size_t i = 0; i < set->count; i++) {
			const struct address_item *item = &set->items[i];
			bool inferred;
			if (!dossier_is_dark(dossier, item, &inferred))
				continue;
			ret_stray->targets++;
			ret_stray->packets += item->packets;
			if (item->first_us < ret_stray->first_us)
				ret_stray->first_us = item->first_us;
			if (item->last_us > ret_stray->last_us)
				ret_stray->last_us = item->last_us;
		}
	}
}

static bool is_stray(const struct thresholds_config_stray *limits, const struct stray *stray)
{
	return stray->targets > 0 && stray->targets <= limits->targets &&
	       stray->packets >= limits->packets &&
	       stray->last_us - stray->first_us >= limits->duration_s * WHEN_SECOND_US;
}

static void add_port(
    const struct asked_port *asked, const struct stray *stray, struct finding *finding)
{
	if (finding->ports_listed < FINDING_PORTS_MAX)
		finding->ports[finding->ports_listed++] = (struct finding_port){
		    .port = asked->port,
		    .protocol = asked->protocol,
		    .bare = asked->bare,
		    .packets = stray->packets,
		    .targets = stray->targets,
		};
	finding->port_count++;
	finding->packets += stray->packets;
	if (stray->first_us < finding->first_us)
		finding->first_us = stray->first_us;
	if (stray->last_us > finding->last_us)
		finding->last_us = stray->last_us;
	for (size_t t = 0; t < asked->track_count; t++) {
		const struct sighting *sum = &asked->tracks[t]->sum;
		for (size_t i = 0; i < sum->source_port_count; i++)
			if (finding->source_port_count < FINDING_SOURCE_PORTS_MAX)
				finding->source_ports[finding->source_port_count++] =
				    sum->source_ports[i].port;
		if (sum->frames_first != 0 &&
		    finding->frame_chains < sizeof finding->frames / sizeof finding->frames[0])
			finding->frames[finding->frame_chains++] = sum->frames_first;
	}
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	const struct thresholds_config_stray *limits = &dossier->thresholds->config_stray;
	if (dossier->subject->member == MEMBER_NONE || dossier->dark == 0 ||
	    dossier->dark > limits->targets)
		return false;
	dossier_begin_finding(dossier, RULE_CONFIG_STRAY, ROLE_ACTOR, ret_finding);
	for (size_t i = 0; i < dossier->asked_count; i++) {
		struct stray stray;
		measure(dossier, &dossier->asked[i], &stray);
		if (is_stray(limits, &stray))
			add_port(&dossier->asked[i], &stray, ret_finding);
	}
	if (ret_finding->ports_listed == 0)
		return false;
	ret_finding->targets = dossier->dark;
	ret_finding->dark_targets = dossier->dark;
	finding_add_reason(ret_finding, REASON_STRAY, (int64_t)dossier->dark,
	    (int64_t)ret_finding->packets,
	    (ret_finding->last_us - ret_finding->first_us) / WHEN_SECOND_US);
	ret_finding->confidence = confidence_of(ret_finding->packets, limits->packets);
	return true;
}

const struct detector detect_config_stray = {
    .rule = RULE_CONFIG_STRAY,
    .judge = judge,
};
