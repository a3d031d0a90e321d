#include "cmd/sightings_in.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "link/sightings_replay.h"
#include "observe/observer.h"

int sightings_in_read(struct inputs *inputs, struct analysis *analysis,
    struct sightings_reading *ret_reading, bool *ret_damaged)
{
	struct sightings_replay *replay;
	struct sightings_replay_counts counts;
	struct observer_sink sink;
	struct complaint complaint;
	size_t count = inputs->sightings_count;
	inputs->sightings_count = 0; /* they are taken */
	if (sightings_replay_new(inputs->sightings, count, &replay) != 0)
		return cmd_fail("out of memory");
	analysis_get_sink(analysis, &sink);
	int got;
	while ((got = sightings_replay_step(replay, &sink, &complaint)) != 0)
		if (got < 0)
			*ret_damaged = cmd_fail("%s", complaint.text) != 0;
	sightings_replay_get_reading(replay, ret_reading);
	sightings_replay_get_counts(replay, &counts);
	sightings_replay_free(replay);
	if (counts.again > 0)
		fprintf(stderr,
		    "hinomi: warning: %" PRIu64 " batches of sightings came again and count once\n",
		    counts.again);
	return 0;
}

void sightings_in_summarise(const struct sightings_reading *reading, struct report_summary *summary)
{
	summary->packets = reading->packets;
	summary->bytes = reading->bytes;
	summary->filtered = reading->filtered;
	summary->decoded = reading->decoded;
	summary->truncated = reading->truncated;
	summary->malformed = reading->malformed;
	summary->unsupported = reading->unsupported;
	summary->hosts = reading->hosts;
	summary->dropped = reading->dropped;
	summary->evicted += reading->evicted; /* there it is our ledger's */
	summary->forged_sources = reading->forged_sources;
	summary->clock_steps = reading->clock_steps;
	summary->inner_mismatch = reading->inner_mismatch;
	summary->first_us = reading->first_us;
	summary->last_us = reading->last_us;
	summary->unsupported_link_type = reading->unsupported_link_type;
	summary->unsupported_links = reading->unsupported_links;
	summary->strangers = reading->strangers;
}

void sightings_in_get_reading(const struct analysis *analysis, const struct report_summary *summary,
    struct sightings_reading *ret_reading)
{
	struct observer_counts counts;
	observer_get_counts(analysis_observer(analysis), &counts);
	*ret_reading = (struct sightings_reading){
	    .packets = summary->packets,
	    .bytes = summary->bytes,
	    .filtered = summary->filtered,
	    .decoded = summary->decoded,
	    .truncated = summary->truncated,
	    .malformed = summary->malformed,
	    .unsupported = summary->unsupported,
	    .first_us = summary->first_us,
	    .last_us = summary->last_us,
	    .hosts = summary->hosts,
	    .dropped = summary->dropped,
	    .evicted = counts.evicted,
	    .forged_sources = summary->forged_sources,
	    .clock_steps = summary->clock_steps,
	    .inner_mismatch = summary->inner_mismatch,
	    .unsupported_links = summary->unsupported_links,
	    .unsupported_link_type = summary->unsupported_link_type,
	    .strangers = summary->strangers,
	};
}
