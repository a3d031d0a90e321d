#include "drill/stage.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
	/* The office day, the fullest, holds some 1,500 packets at once. */
	PLANNED_MAX = 16384,
	ACTORS_MAX = 1024,
	EVENTS_MAX = PLANNED_MAX + ACTORS_MAX,
	/* Actors, hosts and the background's tables; a script's lines are the most. */
	ARENA_BYTES = 1 << 21,
	ARENA_ALIGNMENT = 16,
};

int stage_init(struct stage *stage, uint64_t seed, int64_t start_us)
{
	*stage = (struct stage){.start_us = start_us, .now_us = start_us, .end_us = STAGE_NEVER};
	random_init(&stage->random, seed);
	stage->events = calloc(EVENTS_MAX, sizeof *stage->events);
	stage->planned = calloc(PLANNED_MAX, sizeof *stage->planned);
	stage->unused = calloc(PLANNED_MAX, sizeof *stage->unused);
	stage->arena = calloc(1, ARENA_BYTES);
	if (stage->events == NULL || stage->planned == NULL || stage->unused == NULL ||
	    stage->arena == NULL) {
		stage_release(stage);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < PLANNED_MAX; i++)
		stage->unused[i] = PLANNED_MAX - 1 - i; /* low places first: they stay in cache */
	stage->unused_count = PLANNED_MAX;
	return 0;
}

void stage_release(struct stage *stage)
{
	free(stage->events);
	free(stage->planned);
	free(stage->unused);
	free(stage->arena);
	*stage = (struct stage){0};
}

static bool is_before(const struct event *a, const struct event *b)
{
	if (a->time_us != b->time_us)
		return a->time_us < b->time_us;
	return a->order < b->order;
}

static void sift_up(struct event *events, size_t at, struct event moving)
{
	while (at > 0) {
		size_t parent = (at - 1) / 2;
		if (!is_before(&moving, &events[parent]))
			break;
		events[at] = events[parent];
		at = parent;
	}
	events[at] = moving;
}

static void sift_down(struct event *events, size_t count, struct event moving)
{
	size_t at = 0;
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= count)
			break;
		if (child + 1 < count && is_before(&events[child + 1], &events[child]))
			child++;
		if (!is_before(&events[child], &moving))
			break;
		events[at] = events[child];
		at = child;
	}
	events[at] = moving;
}

static void add_event(struct stage *stage, struct event event)
{
	assert(stage->event_count < EVENTS_MAX);
	event.order = stage->order++;
	sift_up(stage->events, stage->event_count++, event);
}

static void remove_first_event(struct stage *stage)
{
	stage->event_count--;
	if (stage->event_count > 0)
		sift_down(stage->events, stage->event_count, stage->events[stage->event_count]);
}

void *stage_get_memory(struct stage *stage, size_t bytes)
{
	size_t rounded = (bytes + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
	assert(rounded <= ARENA_BYTES - stage->arena_used);
	void *memory = stage->arena + stage->arena_used;
	stage->arena_used += rounded;
	return memory;
}

void *stage_add_actor(struct stage *stage, size_t bytes,
    int64_t (*step)(struct stage *stage, struct actor *actor), int64_t first_us)
{
	assert(bytes >= sizeof(struct actor));
	struct actor *actor = stage_get_memory(stage, bytes);
	actor->step = step;
	add_event(stage, (struct event){.time_us = first_us, .actor = actor});
	return actor;
}

struct packet *stage_plan(struct stage *stage, int64_t time_us)
{
	if (stage->unused_count == 0) {
		stage->overflowed = true;
		packet_clear(&stage->sudden);
		return &stage->sudden;
	}
	uint32_t place = stage->unused[--stage->unused_count];
	if (time_us < stage->now_us)
		time_us = stage->now_us;
	add_event(stage, (struct event){.time_us = time_us, .planned = place});
	packet_clear(&stage->planned[place]);
	return &stage->planned[place];
}

struct packet *stage_send(struct stage *stage)
{
	assert(!stage->has_sudden);
	stage->has_sudden = true;
	packet_clear(&stage->sudden);
	return &stage->sudden;
}

/*
 * Lets the first event's actor act. It stays first meanwhile: whatever it plans is not earlier and
 * of a higher order.
 */
static void act(struct stage *stage)
{
	struct event first = stage->events[0];
	int64_t next_us = STAGE_NEVER;
	if (first.time_us < stage->end_us)
		next_us = first.actor->step(stage, first.actor);
	if (next_us == STAGE_NEVER) {
		remove_first_event(stage);
		return;
	}
	first.time_us = next_us < stage->now_us ? stage->now_us : next_us;
	first.order = stage->order++;
	sift_down(stage->events, stage->event_count, first);
}

int stage_next(struct stage *stage, const struct packet **ret_packet, int64_t *ret_time_us)
{
	if (stage->has_leaving)
		stage->unused[stage->unused_count++] = stage->leaving;
	stage->has_leaving = false;

	while (stage->event_count > 0) {
		struct event *first = &stage->events[0];
		if (first->time_us > stage->now_us)
			stage->now_us = first->time_us;
		*ret_time_us = stage->now_us;
		if (first->actor == NULL) {
			stage->leaving = first->planned;
			stage->has_leaving = true;
			remove_first_event(stage);
			*ret_packet = &stage->planned[stage->leaving];
			return 1;
		}
		act(stage);
		if (stage->overflowed)
			return -ENOBUFS;
		if (stage->has_sudden) {
			stage->has_sudden = false;
			*ret_packet = &stage->sudden;
			return 1;
		}
	}
	return 0;
}
