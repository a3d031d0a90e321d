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
	FULL_PERCENT = 90, /* from here on room is made ... */
	ROOM_PERCENT = 70, /* ... down to here, so that it is made rarely */
	LIGHT_TARGETS = 2,
};

enum weight {
	WEIGHT_LIGHT,
	WEIGHT_STRANGER,
	WEIGHT_MEMBER,
};

struct candidate {
	enum weight weight;
	int64_t last_us;
	struct subject *subject;
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

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a;
	const struct candidate *y = b;
	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	if (x->last_us != y->last_us)
		return x->last_us < y->last_us ? -1 : 1;
	return address_compare(&x->subject->address, &y->subject->address);
}

static bool is_at(const struct table *table, size_t percent)
{
	return table_count(table) >= table_max(table) / 100 * percent;
}

static bool lacks_room(const struct ledger *ledger, size_t percent)
{
	return is_at(ledger->tracks, percent) || is_at(ledger->subjects, percent);
}

void ledger_make_room(struct ledger *ledger)
{
	if (!lacks_room(ledger, FULL_PERCENT))
		return;
	struct candidate *all = calloc(table_count(ledger->subjects), sizeof *all);
	if (all == NULL)
		return; /* what finds no room is counted where it is refused */
	size_t count = 0;
	size_t position = 0;
	struct subject *subject;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		all[count++] = (struct candidate){weigh(subject), subject->last_us, subject};
	qsort(all, count, sizeof *all, compare_candidates);
	/* the last one stays in any case: it alone may be what fills the table */
	for (size_t i = 0; i + 1 < count && lacks_room(ledger, ROOM_PERCENT); i++)
		forget(ledger, all[i].subject);
	free(all);
}
