/*
 * spread.c - the same scan from several places at once.
 *
 * Each alarm is compared with all others of its port that began or ended within an hour. Of the
 * sorted begins and ends of a group, those are counted that lie wholly before or wholly after; the
 * rest is near. So the time grows with n log n, however many alarms there are.
 */
#include "alert/severity.h"

#include <stdlib.h>

#include "base/when.h"
#include "registry/registry.h"

enum {
	SPREAD_MACHINES = 5, /* of one member, itself among them */
};

/* What, beside the port, the alarms of one group have in common. */
enum {
	BY_MEMBER = 1 << 0,
	BY_TOOL = 1 << 1,
};

/* An alarm, and how many alarms are near it that have the same in common; itself among them. */
struct alarm {
	struct finding *finding;
	size_t near[(BY_MEMBER | BY_TOOL) + 1];
};

struct alarms {
	struct alarm *all;
	struct alarm **by_first; /* by group and begin */
	struct alarm **by_last;  /* by group and end */
	size_t count;
};

static bool counts_for_spread(const struct finding *finding)
{
	return (finding->rule == RULE_SCAN_DARK || finding->rule == RULE_SCAN_LIVE) &&
	       finding->member != MEMBER_NONE && finding->severity >= SEVERITY_MEDIUM &&
	       finding->ports_listed > 0;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_groups(const struct finding *a, const struct finding *b, int in_common)
{
	int order = compare(a->drill, b->drill);
	if (order == 0)
		order = compare(a->ports[0].protocol, b->ports[0].protocol);
	if (order == 0)
		order = compare(a->ports[0].port, b->ports[0].port);
	if (order == 0 && (in_common & BY_MEMBER) != 0)
		order = compare(a->member, b->member);
	if (order == 0 && (in_common & BY_TOOL) != 0)
		order = compare(a->tool, b->tool);
	return order;
}

static int compare_firsts(const void *a, const void *b, void *in_common)
{
	const struct finding *x = (*(struct alarm *const *)a)->finding;
	const struct finding *y = (*(struct alarm *const *)b)->finding;
	int order = compare_groups(x, y, *(const int *)in_common);
	return order != 0 ? order : compare(x->first_us, y->first_us);
}

static int compare_lasts(const void *a, const void *b, void *in_common)
{
	const struct finding *x = (*(struct alarm *const *)a)->finding;
	const struct finding *y = (*(struct alarm *const *)b)->finding;
	int order = compare_groups(x, y, *(const int *)in_common);
	return order != 0 ? order : compare(x->last_us, y->last_us);
}

/* How many of a group, sorted by their end, ended before this time. */
static size_t count_ended(struct alarm *const *group, size_t count, int64_t time_us)
{
	size_t low = 0;
	for (size_t high = count; low < high;) {
		size_t middle = (low + high) / 2;
		if (group[middle]->finding->last_us < time_us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many of a group, sorted by their begin, had begun at this time. */
static size_t count_begun(struct alarm *const *group, size_t count, int64_t time_us)
{
	size_t low = 0;
	for (size_t high = count; low < high;) {
		size_t middle = (low + high) / 2;
		if (group[middle]->finding->first_us <= time_us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void count_near(struct alarms *alarms, int in_common)
{
	qsort_r(
	    alarms->by_first, alarms->count, sizeof(struct alarm *), compare_firsts, &in_common);
	qsort_r(alarms->by_last, alarms->count, sizeof(struct alarm *), compare_lasts, &in_common);
	for (size_t first = 0, end = 0; first < alarms->count; first = end) {
		const struct finding *of = alarms->by_first[first]->finding;
		while (end < alarms->count &&
		       compare_groups(of, alarms->by_first[end]->finding, in_common) == 0)
			end++;
		for (size_t i = first; i < end; i++) {
			struct alarm *alarm = alarms->by_first[i];
			size_t begun = count_begun(alarms->by_first + first, end - first,
			    alarm->finding->last_us + WHEN_HOUR_US);
			size_t ended = count_ended(alarms->by_last + first, end - first,
			    alarm->finding->first_us - WHEN_HOUR_US);
			alarm->near[in_common] = begun - ended;
		}
	}
}

static bool is_spread(const struct alarm *alarm)
{
	bool elsewhere =
	    alarm->finding->tool >= 0 && alarm->near[BY_TOOL] > alarm->near[BY_TOOL | BY_MEMBER];
	return elsewhere || alarm->near[BY_MEMBER] >= SPREAD_MACHINES;
}

static int gather(struct finding *findings, size_t count, struct alarms *alarms)
{
	size_t room = 0;
	for (size_t i = 0; i < count; i++)
		room += counts_for_spread(&findings[i]);
	if (room == 0)
		return 0;
	alarms->all = calloc(room, sizeof *alarms->all);
	alarms->by_first = calloc(room, sizeof(struct alarm *));
	alarms->by_last = calloc(room, sizeof(struct alarm *));
	if (alarms->all == NULL || alarms->by_first == NULL || alarms->by_last == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!counts_for_spread(&findings[i]))
			continue;
		struct alarm *alarm = &alarms->all[alarms->count];
		alarm->finding = &findings[i];
		alarms->by_first[alarms->count] = alarm;
		alarms->by_last[alarms->count++] = alarm;
	}
	return 0;
}

void severity_raise_spread(struct finding *findings, size_t count)
{
	struct alarms alarms = {.count = 0};
	/* without memory each keeps its own severity */
	if (gather(findings, count, &alarms) == 0 && alarms.count > 0) {
		count_near(&alarms, BY_MEMBER);
		count_near(&alarms, BY_TOOL);
		count_near(&alarms, BY_MEMBER | BY_TOOL);
		for (size_t i = 0; i < alarms.count; i++)
			if (is_spread(&alarms.all[i]))
				alarms.all[i].finding->severity = SEVERITY_CRITICAL;
	}
	free(alarms.all);
	free(alarms.by_first);
	free(alarms.by_last);
}
