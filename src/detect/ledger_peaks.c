/*
 * ledger_peaks.c - the fullest minute of a track, in packets and in senders; its intervals of
 * activity.
 *
 * Minutes slide: a flood that begins at the end of a window is counted whole, and one of two
 * minutes is not taken for one of half the length.
 */
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "detect/ledger_internal.h"
#include "observe/slab.h"

/* The most packets in 60 s, sliding by 10 s, that end within the window of `sum.bins`. */
static uint32_t measure_packets(const struct track *track)
{
	uint32_t both[2 * SIGHTING_BINS] = {0};
	uint32_t most = 0;
	if (track->before.window_us == track->sum.window_us - SIGHTING_WINDOW_US)
		memcpy(both, track->before.bins, sizeof track->before.bins);
	memcpy(both + SIGHTING_BINS, track->sum.bins, sizeof track->sum.bins);
	for (size_t last = SIGHTING_BINS; last < 2 * SIGHTING_BINS; last++) {
		uint32_t sum = 0;
		for (size_t i = last + 1 - SIGHTING_BINS; i <= last; i++)
			sum += both[i];
		if (sum > most)
			most = sum;
	}
	return most;
}

void ledger_add_late_bins(struct track *track, const struct sighting *sighting)
{
	struct minute *minute = &track->late;
	if (sighting->window_us == track->before.window_us)
		minute = &track->before;
	else if (sighting->window_us != minute->window_us)
		*minute = (struct minute){.window_us = sighting->window_us};
	uint32_t sum = 0;
	for (size_t i = 0; i < SIGHTING_BINS; i++) {
		minute->bins[i] += sighting->bins[i];
		sum += minute->bins[i];
	}
	if (sum > track->peak_60s)
		track->peak_60s = sum;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static size_t most_within(int64_t *times, size_t count, int64_t stretch_us)
{
	qsort(times, count, sizeof *times, compare_times);
	size_t most = 0;
	for (size_t first = 0, end = 0; end < count; end++) {
		while (times[end] - times[first] > stretch_us)
			first++;
		if (end - first + 1 > most)
			most = end - first + 1;
	}
	return most;
}

/* Distinct senders of the fullest stretch among those of two spans. */
static uint64_t measure_senders(const struct address_set *crowd, int64_t stretch_us)
{
	int64_t first[ADDRESS_SET_EXACT] = {0};
	int64_t last[ADDRESS_SET_EXACT] = {0};
	for (size_t i = 0; i < crowd->count; i++) {
		first[i] = crowd->items[i].first_us;
		last[i] = crowd->items[i].last_us;
	}
	size_t by_first = most_within(first, crowd->count, stretch_us);
	size_t by_last = most_within(last, crowd->count, stretch_us);
	uint64_t most = by_first > by_last ? by_first : by_last;
	return most * address_set_distinct(crowd) / crowd->count;
}

static uint32_t exchanged_percent(const struct address_set *crowd)
{
	uint32_t exchanged = 0;
	for (size_t i = 0; i < crowd->count; i++)
		exchanged += (crowd->items[i].flags & ITEM_EXCHANGED) != 0;
	return exchanged * 100 / crowd->count;
}

static void measure_crowd(struct ledger *ledger, struct track *track, int64_t stretch_us)
{
	struct address_set *both = &ledger->scratch;
	address_set_clear(both, ledger->slab);
	address_set_merge(both, ledger->slab, &track->crowd_before, NULL, NULL);
	address_set_merge(both, ledger->slab, &track->crowd, NULL, NULL);
	if (both->count == 0)
		return;
	uint64_t senders = measure_senders(both, stretch_us);
	/* an estimate may exceed what is possible: no more senders than packets */
	uint64_t packets = stretch_us <= SIGHTING_WINDOW_US ? track->peak_60s : track->sum.packets;
	if (senders > packets)
		senders = packets;
	if (senders >= track->crowd_peak) { /* as many again may have gone on since */
		track->crowd_peak = senders;
		track->crowd_peak_exchanged = exchanged_percent(both);
	}
}

/*
 * Two spans, each as long as the stretch and made of whole windows, hold every stretch between
 * them. The older goes when the younger is full.
 */
static void fold_crowd(struct ledger *ledger, struct track *track)
{
	int64_t stretch_us = ledger->options.thresholds->ddos_incoming.window_s * WHEN_SECOND_US;
	int64_t end_us = track->sum.window_us + SIGHTING_WINDOW_US;
	measure_crowd(ledger, track, stretch_us);
	if (end_us - track->crowd_us < stretch_us)
		return;
	address_set_clear(&track->crowd_before, ledger->slab);
	track->crowd_before = track->crowd;
	track->crowd = (struct address_set){0};
	track->crowd_us = end_us;
}

void ledger_fold_peaks(struct ledger *ledger, struct track *track)
{
	uint32_t packets = measure_packets(track);
	if (packets > track->peak_60s)
		track->peak_60s = packets;
	if (track->crowd.count > 0 || track->crowd_before.count > 0)
		fold_crowd(ledger, track);
}

/* Intervals that are being put together: one more than a track keeps. */
struct row {
	struct interval all[TRACK_INTERVALS_MAX + 1];
	bool forged[TRACK_INTERVALS_MAX + 1];
	size_t count;
};

static void join_with_next(struct row *row, size_t at)
{
	struct interval *into = &row->all[at];
	const struct interval *from = into + 1;
	if (from->last_us > into->last_us)
		into->last_us = from->last_us;
	into->packets += from->packets;
	row->forged[at] |= row->forged[at + 1]; /* until crowds are looked for again */
	row->count--;
	const size_t after = row->count - at - 1;
	memmove(into + 1, into + 2, after * sizeof *into);
	memmove(&row->forged[at + 1], &row->forged[at + 2], after * sizeof row->forged[0]);
}

/* Returns where the new one stands. */
static size_t insert_interval(struct row *row, const struct interval *interval)
{
	size_t at = row->count;
	while (at > 0 && row->all[at - 1].first_us > interval->first_us)
		at--;
	memmove(&row->all[at + 1], &row->all[at], (row->count - at) * sizeof *interval);
	memmove(&row->forged[at + 1], &row->forged[at], (row->count - at) * sizeof row->forged[0]);
	row->all[at] = *interval;
	row->forged[at] = false;
	row->count++;
	return at;
}

static int64_t gap_after(const struct row *row, size_t at)
{
	return row->all[at + 1].first_us - row->all[at].last_us;
}

/* Joins the two neighbours with the smallest gap between them. */
static void join_nearest(struct row *row)
{
	size_t nearest = 0;
	for (size_t i = 1; i + 1 < row->count; i++)
		if (gap_after(row, i) < gap_after(row, nearest))
			nearest = i;
	join_with_next(row, nearest);
}

static void open_row(const struct track *track, struct row *ret_row)
{
	*ret_row = (struct row){.count = track->interval_count};
	memcpy(ret_row->all, track->intervals, ret_row->count * sizeof ret_row->all[0]);
	for (size_t i = 0; i < ret_row->count; i++)
		ret_row->forged[i] = (track->forged & 1U << i) != 0;
}

static void keep_row(struct track *track, const struct row *row)
{
	memcpy(track->intervals, row->all, row->count * sizeof row->all[0]);
	track->interval_count = (uint8_t)row->count;
	track->forged = 0;
	for (size_t i = 0; i < row->count; i++)
		track->forged |= (uint8_t)((unsigned)row->forged[i] << i);
}

/*
 * The intervals are those of the united times, whatever order they come in, as long as there are
 * not too many of them: a late one may begin before all others, lie between two, or bridge many.
 */
void ledger_add_interval(
    const struct ledger *ledger, struct track *track, const struct sighting *sighting)
{
	const struct interval added = {
	    .first_us = sighting->first_us,
	    .last_us = sighting->last_us,
	    .packets = sighting->packets,
	};
	int64_t gap_us = ledger_event_gap_us(ledger, track);
	struct row row;
	open_row(track, &row);
	size_t at = insert_interval(&row, &added);
	if (at > 0 && gap_after(&row, at - 1) <= gap_us)
		join_with_next(&row, --at);
	while (at + 1 < row.count && gap_after(&row, at) <= gap_us)
		join_with_next(&row, at);
	if (row.count > TRACK_INTERVALS_MAX)
		join_nearest(&row);
	keep_row(track, &row);
}

/* What of an interval falls to a stretch: all, or as much as its even spread gives. */
static uint64_t share_of(const struct interval *interval, int64_t stretch_us)
{
	int64_t length_us = interval->last_us - interval->first_us;
	if (length_us <= stretch_us)
		return interval->packets;
	return (uint64_t)((double)interval->packets * (double)stretch_us / (double)length_us);
}

uint64_t ledger_most_packets(const struct track *track, int64_t stretch_us)
{
	uint64_t most = stretch_us >= (int64_t)SIGHTING_WINDOW_US ? track->peak_60s : 0;
	for (size_t first = 0; first < track->interval_count; first++) {
		uint64_t sum = share_of(&track->intervals[first], stretch_us);
		for (size_t i = first + 1; i < track->interval_count; i++) {
			if (track->intervals[i].last_us - track->intervals[first].first_us >
			    stretch_us)
				break;
			sum += track->intervals[i].packets;
		}
		if (sum > most)
			most = sum;
	}
	return most;
}
