/* The stage: time order, ties, the end, and what happens one past its room. */
#include <errno.h>
#include <string.h>

#include "drill/stage.h"
#include "test.h"

enum {
	PLANNED_ROOM = 16384
};

struct plan {
	struct actor actor;
	int64_t times[8];
	size_t count;
};

static int64_t plan_all(struct stage *stage, struct actor *actor)
{
	struct plan *plan = (struct plan *)actor;
	for (size_t i = 0; i < plan->count; i++)
		stage_plan(stage, plan->times[i])->icmp_seq = (uint16_t)i;
	return STAGE_NEVER;
}

/* The order in which packets leave, as digits. */
static void play(struct stage *stage, char *out, size_t out_bytes)
{
	const struct packet *packet = NULL;
	int64_t time_us = 0, last_us = INT64_MIN;
	size_t used = 0;
	while (used + 1 < out_bytes && stage_next(stage, &packet, &time_us) == 1) {
		out[used++] = (char)('0' + packet->icmp_seq);
		if (time_us < last_us)
			out[used - 1] = '!';
		last_us = time_us;
	}
	out[used] = '\0';
}

static void test_order(void)
{
	static const struct {
		const char *name;
		int64_t times[8];
		size_t count;
		const char *order;
	} rows[] = {
	    {"nothing", {0}, 0, ""},
	    {"as planned", {100, 200, 300}, 3, "012"},
	    {"the other way round", {300, 200, 100}, 3, "210"},
	    {"equal times leave as planned", {5, 5, 5, 5, 5, 5, 5, 5}, 8, "01234567"},
	    {"a mixture", {50, 10, 50, 10, 99, 10, 50, 1}, 8, "71350264"},
	    {"what is past leaves now", {-40, 3, INT64_MIN}, 3, "021"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct stage stage;
		char order[16];
		OK(stage_init(&stage, 1, 0) == 0, rows[i].name);
		struct plan *plan = stage_add_actor(&stage, sizeof *plan, plan_all, 0);
		memcpy(plan->times, rows[i].times, sizeof plan->times);
		plan->count = rows[i].count;
		play(&stage, order, sizeof order);
		OK(strcmp(order, rows[i].order) == 0, "in that order");
		stage_release(&stage);
	}
}

struct ticker {
	struct actor actor;
	uint16_t mark;
	int64_t gap_us;
};

static int64_t tick(struct stage *stage, struct actor *actor)
{
	struct ticker *ticker = (struct ticker *)actor;
	stage_send(stage)->icmp_seq = ticker->mark;
	stage_plan(stage, stage->now_us + 1)->icmp_seq = 9;
	return stage->now_us + ticker->gap_us;
}

static void test_actors(void)
{
	struct stage stage;
	char order[32];
	OK(stage_init(&stage, 1, 1000) == 0, "a stage");
	stage.end_us = 1006;
	struct ticker *one = stage_add_actor(&stage, sizeof *one, tick, 1000);
	struct ticker *two = stage_add_actor(&stage, sizeof *two, tick, 1002);
	one->mark = 1;
	one->gap_us = 3;
	two->mark = 2;
	two->gap_us = 4; /* its second step would be at the end: it is not made */
	play(&stage, order, sizeof order);
	OK(strcmp(order, "192199") == 0,
	    "actors take turns; what is planned is sent after the end");
	stage_release(&stage);
}

struct flood {
	struct actor actor;
	size_t count;
};

static int64_t plan_many(struct stage *stage, struct actor *actor)
{
	for (size_t i = 0; i < ((struct flood *)actor)->count; i++)
		stage_plan(stage, 10)->seq = 1;
	return STAGE_NEVER;
}

static void test_room(void)
{
	for (size_t over = 0; over <= 1; over++) {
		struct stage stage;
		const struct packet *packet = NULL;
		int64_t time_us = 0;
		size_t frames = 0;
		int status = 0;
		OK(stage_init(&stage, 1, 0) == 0, "a stage");
		struct flood *flood = stage_add_actor(&stage, sizeof *flood, plan_many, 0);
		flood->count = PLANNED_ROOM + over;
		while ((status = stage_next(&stage, &packet, &time_us)) == 1)
			frames++;
		if (over == 0)
			OK(status == 0 && frames == PLANNED_ROOM, "a full pool leaves whole");
		else
			OK(status == -ENOBUFS, "one more is an error, not a loss");
		stage_release(&stage);
	}
}

/* Places are used again: a long run needs no more room than what is under way at once. */
static int64_t plan_again(struct stage *stage, struct actor *actor)
{
	struct flood *flood = (struct flood *)actor;
	stage_plan(stage, stage->now_us + 50)->seq = 1;
	return --flood->count == 0 ? STAGE_NEVER : stage->now_us + 1;
}

static void test_reuse(void)
{
	struct stage stage;
	const struct packet *packet = NULL;
	int64_t time_us = 0;
	size_t frames = 0;
	OK(stage_init(&stage, 1, 0) == 0, "a stage");
	struct flood *flood = stage_add_actor(&stage, sizeof *flood, plan_again, 0);
	flood->count = 10 * PLANNED_ROOM;
	while (stage_next(&stage, &packet, &time_us) == 1)
		frames++;
	OK(frames == 10 * PLANNED_ROOM, "ten times its room passes through the pool");
	stage_release(&stage);
}

int main(void)
{
	test_order();
	test_actors();
	test_room();
	test_reuse();
	return test_done();
}
