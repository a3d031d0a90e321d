#include "detect/spoof_member/senders.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOM_MIN = 256,
};

/* What one address sent, without a hole. */
struct activity {
	int64_t first_us;
	int64_t last_us;
	uint32_t number; /* of the address, in `listed` */
};

struct senders {
	const struct subject **listed; /* of all members; by member once one is chosen */
	size_t listed_count;
	size_t listed_max;
	bool is_sorted;
	int member; /* whose index it is; MEMBER_NONE: of none */
	struct activity *all;
	size_t count;
	size_t max;
	/* The latest end under each node: of node n the children are 2n and 2n + 1, leaves last. */
	int64_t *tree;
	size_t tree_max;
	size_t leaves;   /* a power of two */
	uint32_t *asked; /* by address: the last question in which it was counted */
	uint32_t question;
};

struct senders *senders_new(void)
{
	struct senders *senders = calloc(1, sizeof *senders);
	if (senders != NULL)
		senders->member = MEMBER_NONE;
	return senders;
}

void senders_free(struct senders *senders)
{
	if (senders == NULL)
		return;
	free(senders->listed);
	free(senders->all);
	free(senders->tree);
	free(senders->asked);
	free(senders);
}

int senders_add(struct senders *senders, const struct subject *subject)
{
	if (senders->listed_count == senders->listed_max) {
		const size_t more = senders->listed_max == 0 ? ROOM_MIN : senders->listed_max * 2;
		const struct subject **listed = reallocarray(senders->listed, more, sizeof *listed);
		if (listed == NULL)
			return -ENOMEM;
		senders->listed = listed;
		senders->listed_max = more;
	}
	senders->listed[senders->listed_count++] = subject;
	return 0;
}

/* ---- The index ---- */

static int compare_members(const void *a, const void *b)
{
	const struct subject *x = *(const struct subject *const *)a;
	const struct subject *y = *(const struct subject *const *)b;
	return x->member < y->member ? -1 : x->member > y->member;
}

static int compare_begins(const void *a, const void *b)
{
	const struct activity *x = a;
	const struct activity *y = b;
	return x->first_us < y->first_us ? -1 : x->first_us > y->first_us;
}

static int add_activity(struct senders *senders, const struct activity *activity)
{
	if (senders->count == senders->max) {
		const size_t more = senders->max == 0 ? ROOM_MIN : senders->max * 2;
		struct activity *all = reallocarray(senders->all, more, sizeof *all);
		if (all == NULL)
			return -ENOMEM;
		senders->all = all;
		senders->max = more;
	}
	senders->all[senders->count++] = *activity;
	return 0;
}

/* What one address sent, from `start` on, joined where it overlaps. */
static void join(struct senders *senders, size_t start)
{
	size_t kept = start;
	if (senders->count == start)
		return;
	qsort(&senders->all[start], senders->count - start, sizeof *senders->all, compare_begins);
	for (size_t i = start + 1; i < senders->count; i++) {
		const struct activity *next = &senders->all[i];
		struct activity *last = &senders->all[kept];
		if (next->first_us > last->last_us)
			senders->all[++kept] = *next;
		else if (next->last_us > last->last_us)
			last->last_us = next->last_us;
	}
	senders->count = kept + 1;
}

static int add_subject(struct senders *senders, size_t number)
{
	const struct subject *subject = senders->listed[number];
	const size_t start = senders->count;
	int result = 0;
	for (const struct track *track = subject->tracks; track != NULL; track = track->next) {
		if (track->sum.key.kind >= SIGHTING_FLOODED)
			continue; /* what it received */
		for (size_t i = 0; i < track->interval_count && result == 0; i++) {
			const struct activity activity = {.first_us = track->intervals[i].first_us,
			    .last_us = track->intervals[i].last_us,
			    .number = (uint32_t)number};
			result = add_activity(senders, &activity);
		}
	}
	join(senders, start);
	return result;
}

static int make_tree(struct senders *senders)
{
	senders->leaves = 1;
	while (senders->leaves < senders->count)
		senders->leaves *= 2;
	if (senders->leaves * 2 > senders->tree_max) {
		int64_t *tree =
		    reallocarray(senders->tree, senders->leaves * 2, sizeof *senders->tree);
		if (tree == NULL)
			return -ENOMEM;
		senders->tree = tree;
		senders->tree_max = senders->leaves * 2;
	}
	for (size_t i = 0; i < senders->leaves; i++)
		senders->tree[senders->leaves + i] =
		    i < senders->count ? senders->all[i].last_us : INT64_MIN;
	for (size_t node = senders->leaves - 1; node > 0; node--) {
		const int64_t left = senders->tree[node * 2];
		const int64_t right = senders->tree[node * 2 + 1];
		senders->tree[node] = left > right ? left : right;
	}
	return 0;
}

/* The first that is listed of a member, or of one after it. */
static size_t find_member(const struct senders *senders, int member)
{
	size_t first = 0;
	size_t end = senders->listed_count;
	while (first < end) {
		const size_t middle = first + (end - first) / 2;
		if (senders->listed[middle]->member < member)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static int prepare(struct senders *senders)
{
	if (senders->is_sorted)
		return 0;
	senders->asked = calloc(senders->listed_count + 1, sizeof *senders->asked);
	if (senders->asked == NULL)
		return -ENOMEM;
	if (senders->listed_count > 0)
		qsort(senders->listed, senders->listed_count, sizeof(struct subject *),
		    compare_members);
	senders->is_sorted = true;
	return 0;
}

int senders_choose(struct senders *senders, int member)
{
	if (senders->member == member && member != MEMBER_NONE)
		return 0;
	int result = prepare(senders);
	senders->member = MEMBER_NONE;
	senders->count = 0;
	for (size_t i = result == 0 ? find_member(senders, member) : senders->listed_count;
	     i < senders->listed_count && senders->listed[i]->member == member && result == 0; i++)
		result = add_subject(senders, i);
	if (senders->count > 0 && result == 0)
		qsort(senders->all, senders->count, sizeof *senders->all, compare_begins);
	if (result == 0)
		result = make_tree(senders);
	if (result == 0)
		senders->member = member;
	return result;
}

/* ---- Questions ---- */

/* The first at or after `from` that ends at this time or later; `leaves` where there is none. */
static size_t next_until(const struct senders *senders, size_t from, int64_t time_us)
{
	size_t node = senders->leaves + from;
	if (from >= senders->leaves)
		return senders->leaves;
	while (senders->tree[node] < time_us) {
		while ((node & 1) != 0) /* all under its parent was looked at */
			node /= 2;
		if (node == 0)
			return senders->leaves;
		node++;
	}
	while (node < senders->leaves) {
		node *= 2;
		node += senders->tree[node] < time_us;
	}
	return node - senders->leaves;
}

uint64_t senders_count(struct senders *senders, int64_t first_us, int64_t last_us, uint64_t enough)
{
	uint64_t counted = 0;
	if (++senders->question == 0) { /* after four thousand million of them */
		memset(senders->asked, 0, senders->listed_count * sizeof *senders->asked);
		senders->question = 1;
	}
	for (size_t i = next_until(senders, 0, first_us); i < senders->count && counted < enough;
	     i = next_until(senders, i + 1, first_us)) {
		const struct activity *activity = &senders->all[i];
		if (activity->first_us > last_us)
			break;
		if (senders->asked[activity->number] == senders->question)
			continue;
		senders->asked[activity->number] = senders->question;
		counted++;
	}
	return counted;
}
