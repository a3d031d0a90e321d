/* scan.sweep: asking the wire for addresses nobody holds. Why and when: scan.sweep.md beside this.
 */
#include <stdlib.h>

#include "base/when.h"
#include "detect/confidence.h"
#include "detect/detector.h"

enum {
	UNHELD_MAX = 2 * ADDRESS_SET_EXACT
}; /* ARP and neighbour discovery of one subject */

#define RETRY_US_MAX (3 * WHEN_SECOND_US)

struct unheld {
	int64_t first_us[UNHELD_MAX];
	size_t count;
	size_t looked_at;
	uint64_t distinct; /* of all asked for, held or not */
};

/*
 * Who gets no answer asks again at once (RFC 1122 section 2.3.2.1: at most once a second; Linux and
 * Windows do three times); who got one, which we need not have heard, asks again when it has
 * forgotten it.
 */
static bool is_unanswered(const struct address_item *item)
{
	return item->packets >= 2 &&
	       item->last_us - item->first_us <= (item->packets - 1) * RETRY_US_MAX;
}

static bool counts(const struct dossier *dossier, const struct address_item *item)
{
	const uint32_t flags = ledger_host_flags(dossier->ledger, &item->address);
	if ((flags & (HOST_SENT | HOST_TWO_WAY)) != 0)
		return false;
	return item->first_us >= ledger_settled_us(dossier->ledger) || is_unanswered(item);
}

static void add_unheld(
    const struct dossier *dossier, const struct track *track, struct unheld *unheld)
{
	const struct address_set *set = &track->sum.targets;
	unheld->distinct += address_set_distinct(set);
	unheld->looked_at += set->count;
	for (size_t i = 0; i < set->count; i++)
		if (counts(dossier, &set->items[i]) && unheld->count < UNHELD_MAX)
			unheld->first_us[unheld->count++] = set->items[i].first_us;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* The most unheld addresses first asked for within the window; the times are sorted. */
static uint64_t most_within(const struct unheld *unheld, uint32_t window_s)
{
	size_t most = 0;
	for (size_t first = 0, end = 0; end < unheld->count; end++) {
		while (unheld->first_us[end] - unheld->first_us[first] > window_s * WHEN_SECOND_US)
			first++;
		if (end - first + 1 > most)
			most = end - first + 1;
	}
	if (most < unheld->looked_at && unheld->distinct > unheld->looked_at)
		return most * unheld->distinct / unheld->looked_at;
	return most == unheld->looked_at ? unheld->distinct : most;
}

static bool judge(const struct dossier *dossier, struct finding *ret_finding)
{
	const struct thresholds_scan_sweep *limits = &dossier->thresholds->scan_sweep;
	size_t count;
	struct track *const *tracks = dossier_tracks(dossier, SIGHTING_NEIGHBOUR, &count);
	if (count == 0)
		return false;
	struct unheld unheld = {.count = 0};
	for (size_t i = 0; i < count; i++)
		add_unheld(dossier, tracks[i], &unheld);
	qsort(unheld.first_us, unheld.count, sizeof unheld.first_us[0], compare_times);
	uint64_t fast = most_within(&unheld, limits->window_s);
	uint64_t slow = most_within(&unheld, limits->slow_window_s);
	if (fast < limits->targets && slow < limits->slow_targets)
		return false;

	dossier_begin_finding(dossier, RULE_SCAN_SWEEP, ROLE_ACTOR, ret_finding);
	bool is_fast = fast >= limits->targets;
	finding_add_reason(ret_finding, REASON_UNHELD, (int64_t)(is_fast ? fast : slow),
	    (is_fast ? limits->window_s : limits->slow_window_s) / 60, 0);
	ret_finding->confidence = is_fast ? confidence_of(fast, limits->targets)
					  : confidence_of(slow, limits->slow_targets);
	if ((dossier->host_flags & (HOST_ROUTER | HOST_DHCP_SERVER)) != 0) {
		ret_finding->watch = true;
		finding_add_reason(ret_finding, REASON_ROUTER, 0, 0, 0);
	}
	dossier_describe_tracks(dossier, tracks, count, ret_finding);
	ret_finding->targets = unheld.distinct;
	ret_finding->shape = SHAPE_HORIZONTAL;
	ret_finding->lateral = true;
	return true;
}

const struct detector detect_scan_sweep = {
    .rule = RULE_SCAN_SWEEP,
    .judge = judge,
};
