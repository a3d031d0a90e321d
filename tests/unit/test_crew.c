/* Each task once, by whoever is free; and each step sees all of the one before. */
#include "base/crew.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

enum {
	WORKERS_MAX = 8,
	TASKS_MAX = 1000,
	CELLS = 64,
	TEXT_BYTES = 128,
	STEPS = 1500,
	STEPS_OF_MANY = 200, /* with more workers than a small machine has processors */
};

/* NULL when there is no such crew. */
static struct crew *start_crew(size_t workers)
{
	struct crew *crew = NULL;
	if (crew_new(workers, &crew) != 0)
		return NULL;
	if (crew_start(crew) == 0)
		return crew;
	crew_free(crew);
	return NULL;
}

struct counting {
	atomic_uint done[TASKS_MAX];
	atomic_uint beyond; /* calls with a number that is no task's */
	size_t tasks;
};

static void count_task(void *context, size_t task)
{
	struct counting *counting = context;
	if (task < counting->tasks)
		atomic_fetch_add(&counting->done[task], 1);
	else
		atomic_fetch_add(&counting->beyond, 1);
}

static bool runs_each_once(struct crew *crew, size_t tasks)
{
	struct counting *counting = calloc(1, sizeof *counting);
	if (counting == NULL)
		return false;
	counting->tasks = tasks;
	crew_run(crew, tasks, count_task, counting);
	bool once = atomic_load(&counting->beyond) == 0;
	for (size_t task = 0; task < TASKS_MAX; task++)
		once = once && atomic_load(&counting->done[task]) == (task < tasks ? 1 : 0);
	free(counting);
	return once;
}

static const struct {
	const char *name;
	size_t tasks;
} task_rows[] = {
    {"no task", 0},
    {"one task", 1},
    {"fewer tasks than workers", 2},
    {"as many tasks as workers", WORKERS_MAX},
    {"one more than workers", WORKERS_MAX + 1},
    {"a thousand tasks", TASKS_MAX},
};

static void test_tasks(struct crew *crew)
{
	for (size_t i = 0; i < sizeof task_rows / sizeof task_rows[0]; i++) {
		char name[TEXT_BYTES];
		(void)snprintf(name, sizeof name, "%s, %zu workers: each is done once",
		    task_rows[i].name, crew_workers(crew));
		OK(runs_each_once(crew, task_rows[i].tasks), name);
	}
}

/*
 * Plain memory, no atomics: cell n of one row is made from three cells of the other, which other
 * workers wrote in the step before.
 */
struct relay {
	uint64_t rows[2][CELLS];
	unsigned from;
};

static void mix_cell(void *context, size_t task)
{
	struct relay *relay = context;
	const uint64_t *from = relay->rows[relay->from];
	uint64_t *into = relay->rows[1 - relay->from];
	into[task] = from[task] * 3 + from[(task + 1) % CELLS] + from[(task + CELLS / 2) % CELLS];
}

/* Steps of few tasks and of many in turn, so that workers also wait while others work. */
static void run_relay(struct crew *crew, struct relay *relay, size_t steps)
{
	*relay = (struct relay){.rows = {{1, 2, 3}}};
	for (size_t step = 0; step < steps; step++) {
		size_t tasks = step % 3 == 0 ? CELLS : step % 3 == 1 ? 2 : step % CELLS;
		memcpy(
		    relay->rows[1 - relay->from], relay->rows[relay->from], sizeof relay->rows[0]);
		crew_run(crew, tasks, mix_cell, relay);
		relay->from = 1 - relay->from;
	}
}

static void test_steps(struct crew *crew, size_t steps)
{
	static struct relay alone;
	static struct relay shared;
	struct crew *one = start_crew(1);
	if (one != NULL)
		run_relay(one, &alone, steps);
	crew_free(one);
	run_relay(crew, &shared, steps);
	char name[TEXT_BYTES];
	(void)snprintf(name, sizeof name, "%zu short steps, %zu workers: each sees all of the last",
	    steps, crew_workers(crew));
	OK(memcmp(&shared, &alone, sizeof shared) == 0, name);
}

/* Crews that never start, never work, or work once, and end. */
static void test_short_lives(void)
{
	bool all = true;
	for (size_t i = 0; i < 200 && all; i++) {
		struct crew *crew = NULL;
		all = crew_new(1 + i % WORKERS_MAX, &crew) == 0;
		if (all && i % 4 > 0)
			all = crew_start(crew) == 0;
		if (all && i % 3 == 0)
			all = runs_each_once(crew, i % 5);
		crew_free(crew);
	}
	OK(all, "200 crews begin and end, started or not, with work or without");
	crew_free(NULL);
}

static void test_not_started(void)
{
	struct crew *crew = NULL;
	OK(crew_new(WORKERS_MAX, &crew) == 0 && crew_workers(crew) == 1,
	    "before it starts a crew is its caller");
	OK(crew != NULL && runs_each_once(crew, TASKS_MAX), "who does all the work");
	crew_free(crew);
}

static void test_most(void)
{
	struct crew *crew = start_crew(CREW_MAX);
	OK(crew != NULL && crew_workers(crew) == CREW_MAX, "as many workers as there may be");
	OK(crew != NULL && runs_each_once(crew, TASKS_MAX), "they share a thousand tasks");
	crew_free(crew);
}

int main(void)
{
	for (size_t workers = 1; workers <= WORKERS_MAX; workers++) {
		struct crew *crew = start_crew(workers);
		OK(crew != NULL && crew_workers(crew) == workers, "a crew as large as asked for");
		if (crew == NULL)
			continue;
		test_tasks(crew);
		test_steps(crew, workers <= 2 ? STEPS : STEPS_OF_MANY);
		crew_free(crew);
	}
	test_not_started();
	test_short_lives();
	test_most();
	return test_done();
}
