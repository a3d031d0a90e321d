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
	LIGHT_TARGETS = 2,
	SWEEP_SHARE = 4, /* a sweep frees at least a quarter of its class, so that it is rare */
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

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* Forgets the longest quiet quarter of one class; false when there was nothing. */
static bool sweep(struct ledger *ledger, enum weight weight)
{
	int64_t *times = malloc((table_count(ledger->subjects) + 1) * sizeof *times);
	if (times == NULL)
		return false;
	size_t count = 0;
	size_t position = 0;
	struct subject *subject;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		if (weigh(subject) == weight)
			times[count++] = subject->last_us;
	if (count == 0) {
		free(times);
		return false;
	}
	qsort(times, count, sizeof *times, compare_times);
	int64_t limit = times[(count - 1) / SWEEP_SHARE];
	free(times);
	position = 0;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		if (weigh(subject) == weight && subject->last_us <= limit)
			forget(ledger, subject);
	return true;
}

static bool is_nearly_full(const struct table *table)
{
	return table_count(table) >= table_max(table) / 100 * FULL_PERCENT;
}

void ledger_make_room(struct ledger *ledger)
{
	for (enum weight weight = WEIGHT_LIGHT; weight < WEIGHT_COUNT;) {
		if (!is_nearly_full(ledger->tracks) && !is_nearly_full(ledger->subjects))
			return;
		if (!sweep(ledger, weight))
			weight++;
	}
}
