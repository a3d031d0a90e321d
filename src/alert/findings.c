#include "alert/findings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "registry/registry.h"

enum {
	/* With its place in the heap, and what sorting and the comparison of alarms need. */
	FINDING_COST = sizeof(struct finding) + 96
};

void findings_init(struct findings *findings, size_t bytes)
{
	size_t room = bytes / FINDING_COST;
	if (room > UINT32_MAX)
		room = UINT32_MAX;
	*findings = (struct findings){.room = room == 0 ? 1 : room};
}

void findings_release(struct findings *findings)
{
	if (findings->all != NULL) /* fails for none of ours */
		(void)munmap(findings->all, findings->room * sizeof *findings->all);
	free(findings->least);
	*findings = (struct findings){0};
}

/* The address space for all at once; the system gives memory as it is filled. */
static int reserve(struct findings *findings)
{
	void *memory = mmap(NULL, findings->room * sizeof *findings->all, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return -ENOMEM;
	findings->all = memory;
	return 0;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Below 0: `a` weighs less than `b`. */
static int weigh(const struct finding *a, const struct finding *b)
{
	int order = compare(a->member != MEMBER_NONE, b->member != MEMBER_NONE);
	if (order == 0)
		order = compare((uint64_t)a->severity, (uint64_t)b->severity);
	if (order == 0)
		order = compare(a->packets, b->packets);
	return order != 0 ? order : finding_compare(b, a);
}

static int weigh_numbers(const struct findings *findings, uint32_t a, uint32_t b)
{
	return weigh(&findings->all[a], &findings->all[b]);
}

static void sift_down(const struct findings *findings, size_t at)
{
	uint32_t *heap = findings->least;
	for (;;) {
		size_t lightest = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < findings->count;
		     child++)
			if (weigh_numbers(findings, heap[child], heap[lightest]) < 0)
				lightest = child;
		if (lightest == at)
			return;
		uint32_t moved = heap[at];
		heap[at] = heap[lightest];
		heap[lightest] = moved;
		at = lightest;
	}
}

static int make_heap(struct findings *findings)
{
	findings->least = calloc(findings->count, sizeof *findings->least);
	if (findings->least == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < findings->count; i++)
		findings->least[i] = (uint32_t)i;
	for (size_t i = findings->count / 2; i > 0; i--)
		sift_down(findings, i - 1);
	return 0;
}

static int replace_least(struct findings *findings, const struct finding *finding)
{
	if (findings->least == NULL && make_heap(findings) != 0)
		return -ENOMEM;
	findings->omitted++;
	struct finding *least = &findings->all[findings->least[0]];
	if (weigh(finding, least) > 0) {
		*least = *finding;
		sift_down(findings, 0);
	}
	return 0;
}

int findings_add(struct findings *findings, const struct finding *finding)
{
	if (findings->all == NULL && reserve(findings) != 0)
		return -ENOMEM;
	if (findings->count == findings->room)
		return replace_least(findings, finding);
	findings->all[findings->count++] = *finding;
	return 0;
}

static int compare_findings(const void *a, const void *b)
{
	return finding_compare(a, b);
}

void findings_sort(struct findings *findings)
{
	free(findings->least);
	findings->least = NULL;
	if (findings->count > 1)
		qsort(findings->all, findings->count, sizeof *findings->all, compare_findings);
}
