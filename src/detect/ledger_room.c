/*
 * ledger_room.c - which knowledge goes first when memory is used up.
 *
 * Subjects are forgotten whole. First strangers that touched one or two addresses and bear no mark,
 * the longest quiet first; then other strangers; members' subjects only when nothing else is left,
 * quiet ones first. What is forgotten is counted and shown.
 */
#include "detect/ledger_internal.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"
#include "observe/slab.h"

enum {
	FULL_PERCENT = 90,
	ROOMY_PERCENT = 80, /* so much is freed at once: sweeps walk everything, and must be rare */
	LIGHT_TARGETS = 2,
	SWEEP_SHARE = 4, /* a sweep frees at least a quarter of its class */
};

enum weight {
	WEIGHT_LIGHT,
	WEIGHT_STRANGER,
	WEIGHT_MEMBER,
	WEIGHT_COUNT
};

static enum weight weigh(const struct subject *subject)
{
	if (subject->member != MEMBER_NONE)
		return WEIGHT_MEMBER;
	for (const struct track *track = subject->tracks; track != NULL; track = track->next) {
		if (track->sum.marks[TOOL_MIRAI] + track->sum.marks[TOOL_UNICORNSCAN] > 0 ||
		    track->sum.targets.count > LIGHT_TARGETS || track->crowd_peak > 0)
			return WEIGHT_STRANGER;
	}
	return WEIGHT_LIGHT;
}

static void forget(struct ledger *ledger, struct subject *subject)
{
	for (struct track *track = subject->tracks; track != NULL;) {
		struct track *next = track->next;
		sighting_clear(&track->sum, ledger->slab);
		address_set_clear(&track->crowd, ledger->slab);
		address_set_clear(&track->crowd_before, ledger->slab);
		table_remove(ledger->tracks, track);
		ledger->evicted++;
		track = next;
	}
	table_remove(ledger->subjects, subject);
}

struct quiet {
	int64_t last_us;
	size_t tracks;
};

static int compare_quiet(const void *a, const void *b)
{
	int64_t x = ((const struct quiet *)a)->last_us;
	int64_t y = ((const struct quiet *)b)->last_us;
	return x < y ? -1 : x > y;
}

static size_t excess_of(const struct table *table)
{
	size_t roomy = table_max(table) / 100 * ROOMY_PERCENT;
	return table_count(table) > roomy ? table_count(table) - roomy : 0;
}

static bool has_excess(const struct ledger *ledger)
{
	return excess_of(ledger->tracks) > 0 || excess_of(ledger->subjects) > 0;
}

static size_t count_tracks(const struct subject *subject)
{
	size_t count = 0;
	for (const struct track *track = subject->tracks; track != NULL; track = track->next)
		count++;
	return count;
}

/* Until when those must have been quiet that go: a quarter of them, or as many as are too many. */
static int64_t find_limit(const struct ledger *ledger, const struct quiet *class, size_t count)
{
	size_t subjects = excess_of(ledger->subjects);
	size_t tracks = excess_of(ledger->tracks);
	size_t freed_tracks = 0;
	size_t least = (count - 1) / SWEEP_SHARE;
	size_t i = 0;
	for (;; i++) {
		freed_tracks += class[i].tracks;
		if (i + 1 == count || (i >= least && i + 1 >= subjects && freed_tracks >= tracks))
			return class[i].last_us;
	}
}

/* Forgets the longest quiet of one class. */
static void sweep(struct ledger *ledger, enum weight weight)
{
	struct quiet *class = malloc((table_count(ledger->subjects) + 1) * sizeof *class);
	if (class == NULL)
		return;
	size_t count = 0;
	size_t position = 0;
	struct subject *subject;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		if (weigh(subject) == weight)
			class[count++] = (struct quiet){subject->last_us, count_tracks(subject)};
	if (count > 0) {
		qsort(class, count, sizeof *class, compare_quiet);
		int64_t limit_us = find_limit(ledger, class, count);
		position = 0;
		while ((subject = table_next(ledger->subjects, &position)) != NULL)
			if (weigh(subject) == weight && subject->last_us <= limit_us)
				forget(ledger, subject);
	}
	free(class);
}

static bool is_nearly_full(const struct table *table)
{
	return table_count(table) >= table_max(table) / 100 * FULL_PERCENT;
}

static bool is_short_of_room(const struct ledger *ledger)
{
	return is_nearly_full(ledger->tracks) || is_nearly_full(ledger->subjects);
}

void ledger_make_room(struct ledger *ledger)
{
	if (!is_short_of_room(ledger))
		return;
	for (enum weight weight = WEIGHT_LIGHT; weight < WEIGHT_MEMBER; weight++)
		if (has_excess(ledger))
			sweep(ledger, weight);
	if (is_short_of_room(ledger))
		sweep(ledger, WEIGHT_MEMBER);
}
