#include "cmd/analysis.h"

#include <errno.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "observe/observer.h"
#include "observe/slab.h"

enum {
	OBSERVER_PERCENT = 55,   /* of --memory; the rest is the ledger's */
	EVIDENCE_FRAMES = 50000, /* 15 MB of copies, when evidence is wanted */
	HOSTS_SLAB_BYTES = 1024 * 1024,
};

/* Times outside this range (some 73,000 years) come from damage, and would overflow differences. */
#define TIME_LIMIT_US (INT64_C(1) << 61)

struct analysis {
	struct analysis_options options;
	struct observer *observer;
	struct ledger *ledger;
	struct slab *hosts_slab;
	struct address_set hosts;
	struct address last_source;
	struct report_summary summary;
};

static void on_sighting(void *context, const struct sighting *sighting)
{
	ledger_add_sighting(((struct analysis *)context)->ledger, sighting);
}

static void on_host(void *context, const struct host *host)
{
	ledger_add_host(((struct analysis *)context)->ledger, host);
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	ledger_add_carrier(((struct analysis *)context)->ledger, carrier);
}

static void on_window_end(void *context, int64_t window_us)
{
	ledger_end_window(((struct analysis *)context)->ledger, window_us);
}

static int open_parts(struct analysis *analysis)
{
	const struct analysis_options *options = &analysis->options;
	size_t observer_bytes = options->memory_bytes / 100 * OBSERVER_PERCENT;
	const struct observer_options observer_options = {
	    .registry = options->registry,
	    .memory_bytes = observer_bytes,
	    .answer_timeout_s = options->thresholds->scan_live.answer_timeout_s,
	    .evidence_frames = options->keep_evidence ? EVIDENCE_FRAMES : 0,
	};
	const struct observer_sink sink = {
	    .context = analysis,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	};
	int result = observer_new(&observer_options, &sink, &analysis->observer);
	if (result != 0)
		return result;
	const struct ledger_options ledger_options = {
	    .registry = options->registry,
	    .thresholds = options->thresholds,
	    .samples = observer_samples_mutable(analysis->observer),
	    .memory_bytes = options->memory_bytes - observer_bytes,
	    .infer_dark = options->infer_dark,
	};
	return ledger_new(&ledger_options, &analysis->ledger);
}

int analysis_new(const struct analysis_options *options, struct analysis **ret_analysis)
{
	struct analysis *analysis = calloc(1, sizeof *analysis);
	if (analysis == NULL)
		return -ENOMEM;
	analysis->options = *options;
	analysis->summary.first_us = INT64_MAX;
	analysis->summary.last_us = INT64_MIN;
	int result = open_parts(analysis);
	if (result == 0) {
		analysis->hosts_slab = slab_new(HOSTS_SLAB_BYTES, &slab_sizes_address_set);
		result = analysis->hosts_slab == NULL ? -ENOMEM : 0;
	}
	if (result != 0)
		analysis_free(analysis);
	else
		*ret_analysis = analysis;
	return result;
}

void analysis_free(struct analysis *analysis)
{
	if (analysis == NULL)
		return;
	ledger_free(analysis->ledger);
	observer_free(analysis->observer);
	slab_free(analysis->hosts_slab);
	free(analysis);
}

static void count_verdict(struct report_summary *summary, const struct frame *frame,
    enum decode_verdict verdict, const struct facts *facts)
{
	switch (verdict) {
	case DECODE_OK:
		summary->decoded++;
		break;
	case DECODE_TRUNCATED:
		summary->truncated++;
		break;
	case DECODE_MALFORMED:
		summary->malformed++;
		break;
	case DECODE_UNSUPPORTED:
		if (!decode_knows_link(frame->link_type) && summary->unsupported_links++ == 0)
			summary->unsupported_link_type = frame->link_type;
		summary->unsupported++;
		break;
	case DECODE_VERDICT_COUNT:
		break;
	}
	summary->packets++;
	summary->bytes += frame->wire_bytes;
	if (facts->time_us < summary->first_us)
		summary->first_us = facts->time_us;
	if (facts->time_us > summary->last_us)
		summary->last_us = facts->time_us;
}

static void count_host(struct analysis *analysis, const struct facts *facts)
{
	if (facts->net == FACTS_NONE || address_equal(&facts->source, &analysis->last_source) ||
	    address_is_unspecified(&facts->source))
		return;
	analysis->last_source = facts->source;
	const struct address_touch touch = {facts->time_us, facts->time_us, 1, 0};
	(void)address_set_touch(&analysis->hosts, analysis->hosts_slab, &facts->source, &touch);
}

static int64_t bound_time(int64_t time_us)
{
	if (time_us > TIME_LIMIT_US)
		return TIME_LIMIT_US;
	return time_us < -TIME_LIMIT_US ? -TIME_LIMIT_US : time_us;
}

void analysis_add(struct analysis *analysis, const struct frame_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct frame *frame = &batch->frames[i];
		struct facts facts;
		if (frame->link_type == LINK_NONE) {
			analysis->summary.packets++;
			analysis->summary.unsupported++;
			continue;
		}
		enum decode_verdict verdict = decode_frame(frame, &facts);
		facts.time_us = bound_time(frame->time_us);
		count_verdict(&analysis->summary, frame, verdict, &facts);
		count_host(analysis, &facts);
		observer_observe(analysis->observer, &facts, frame);
	}
}

int analysis_finish(struct analysis *analysis, struct findings *ret_findings)
{
	observer_finish(analysis->observer);
	ledger_finish(analysis->ledger);
	return judge_ledger(analysis->ledger, analysis->options.members_only, ret_findings);
}

void analysis_get_summary(const struct analysis *analysis, struct report_summary *ret_summary)
{
	struct observer_counts counts;
	observer_get_counts(analysis->observer, &counts);
	*ret_summary = analysis->summary;
	ret_summary->hosts = address_set_distinct(&analysis->hosts);
	ret_summary->evicted = counts.evicted + ledger_evicted(analysis->ledger);
	ret_summary->forged_sources = counts.forged_sources;
	ret_summary->inner_mismatch = counts.inner_mismatch;
	ret_summary->clock_steps = counts.clock_steps;
	ret_summary->dark_addresses = registry_dark_v4_count(analysis->options.registry);
	ret_summary->dark_inferred = analysis->options.infer_dark;
}

const struct samples *analysis_samples(const struct analysis *analysis)
{
	return observer_samples(analysis->observer);
}
