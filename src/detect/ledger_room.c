/*
 * ledger_room.c - which knowledge goes first when memory is used up.
 *
 * Subjects are forgotten whole. First strangers that touched one or two addresses, the longest
 * quiet first; then other strangers; then members that only received, those that received the
 * least first; then strangers with strong marks; members that did anything themselves only when
 * nothing else is left, quiet ones first. What is forgotten is counted and shown.
 *
 * Room is made before the tables are full, for a great part of them at once, so that it costs each
 * new record little. As anywhere, strangers leave an eighth to others (observe/rank.h).
 */
#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/table.h"
#include "detect/ledger_internal.h"
#include "observe/slab.h"

enum {
	FULL_PERCENT = 85, /* from here on room is made; strangers may have 87.5 */
	ROOM_PERCENT = 65, /* down to here, so that it is made rarely */
	SLAB_SHARE = 4,    /* of what is used this part is freed, when blocks were refused */
	REFUSALS_SHARE = 16,
	STRONG_MARKS = 2, /* so many packets with a mark of 2^-32 are no chance */
};

enum weight {
	WEIGHT_LIGHT,
	WEIGHT_STRANGER,
	WEIGHT_RECEIVER,
	WEIGHT_MARKED,
	WEIGHT_MEMBER,
};

struct candidate {
	struct subject *subject;
	int64_t order; /* of equal weight the lower goes first: when last seen, or packets */
	enum weight weight;
};

static_assert(2 * sizeof(struct candidate) <= LEDGER_ROOM_COST, "sorting takes as much again");

enum rank ledger_rank(
    const struct ledger *ledger, const struct sighting_key *key, const struct sighting *sighting)
{
	switch (key->kind) {
	case SIGHTING_FLOODED:
	case SIGHTING_REFLECTED:
	case SIGHTING_ALL_FLOODED:
	case SIGHTING_ALL_REFLECTED:
		return RANK_STRANGER; /* whoever floods a member could fill its room */
	default:
		break;
	}
	if (registry_find_member(ledger->options.registry, &key->subject) != MEMBER_NONE)
		return RANK_MEMBER;
	uint64_t marks = sighting->marks[TOOL_MIRAI] + sighting->marks[TOOL_UNICORNSCAN];
	return marks >= STRONG_MARKS ? RANK_MARKED : RANK_STRANGER;
}

bool ledger_has_room(const struct table *table, enum rank rank)
{
	return table_count(table) + rank_leaves(rank, table_max(table)) < table_max(table);
}

static bool received_only(const struct subject *subject)
{
	return subject->packets == 0 && subject->walk.peak == 0 &&
	       subject->walk.fresh_failures == 0;
}

static enum weight weigh(const struct subject *subject)
{
	if (subject->member != MEMBER_NONE)
		return received_only(subject) ? WEIGHT_RECEIVER : WEIGHT_MEMBER;
	if (subject->marks >= STRONG_MARKS)
		return WEIGHT_MARKED;
	if (subject->touched_many || subject->marks > 0)
		return WEIGHT_STRANGER;
	return WEIGHT_LIGHT;
}

static struct candidate make_candidate(struct subject *subject)
{
	enum weight weight = weigh(subject);
	return (struct candidate){
	    .subject = subject,
	    .order = weight == WEIGHT_RECEIVER ? (int64_t)subject->received : subject->last_us,
	    .weight = weight,
	};
}

void ledger_forget(struct ledger *ledger, struct subject *subject)
{
	ledger_unlink(subject);
	for (struct track *track = subject->tracks; track != NULL;) {
		struct track *next = track->next;
		sighting_clear(&track->sum, ledger->slab);
		address_set_clear(&track->crowd, ledger->slab);
		address_set_clear(&track->crowd_before, ledger->slab);
		table_remove(ledger->tracks, track);
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
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return address_compare(&x->subject->address, &y->subject->address);
}

static bool is_at(const struct table *table, size_t percent)
{
	return table_count(table) >= table_max(table) / 100 * percent;
}

static bool tables_are_at(const struct ledger *ledger, size_t percent)
{
	return is_at(ledger->tracks, percent) || is_at(ledger->subjects, percent);
}

static bool slab_refuses(const struct ledger *ledger)
{
	return slab_refused(ledger->slab) > ledger->slab_refused;
}

static void forget_least(struct ledger *ledger, const struct candidate *all, size_t count)
{
	size_t slab_goal = SIZE_MAX;
	if (slab_refuses(ledger))
		slab_goal = slab_used_bytes(ledger->slab) / SLAB_SHARE * (SLAB_SHARE - 1);
	/* the last one stays in any case: it alone may be what fills the table */
	for (size_t i = 0; i + 1 < count; i++) {
		if (!tables_are_at(ledger, ROOM_PERCENT) &&
		    slab_used_bytes(ledger->slab) <= slab_goal)
			break;
		ledger->evicted += all[i].subject->track_count;
		ledger_forget(ledger, all[i].subject);
	}
}

static void make_room(struct ledger *ledger)
{
	struct candidate *all = calloc(table_count(ledger->subjects), sizeof *all);
	if (all == NULL)
		return; /* what finds no room is counted where it is refused */
	size_t count = 0;
	size_t position = 0;
	struct subject *subject;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		all[count++] = make_candidate(subject);
	qsort(all, count, sizeof *all, compare_candidates);
	forget_least(ledger, all, count);
	free(all);
	/* blocks of another size may have come free: the walk must not come with each refusal */
	if (slab_refuses(ledger))
		ledger->refusals_until_room = table_count(ledger->subjects) / REFUSALS_SHARE;
	ledger->slab_refused = slab_refused(ledger->slab);
}

void ledger_make_room(struct ledger *ledger)
{
	bool refuses = slab_refuses(ledger);
	if (refuses && ledger->refusals_until_room > 0) {
		ledger->refusals_until_room--;
		ledger->slab_refused = slab_refused(ledger->slab);
		refuses = false;
	}
	if (refuses || tables_are_at(ledger, FULL_PERCENT))
		make_room(ledger);
}
