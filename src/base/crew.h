/*
 * crew.h - a few threads that share the tasks of one step, and meet when it is done.
 *
 * For work in steps: everything within a step may run side by side, and the next step sees all of
 * it. A crew of one starts no thread and costs a loop.
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include <stddef.h>

enum {
	CREW_MAX = 64
};

struct crew;

/* A crew of `workers` (1 to CREW_MAX), the caller of crew_run among them. 0 or -ENOMEM. */
int crew_new(size_t workers, struct crew **ret_crew);
/*
 * Starts its threads; until then all work is the caller's. Returns 0, or a negative errno of
 * pthread_create(): then the crew goes on with those that did start.
 */
int crew_start(struct crew *crew);
void crew_free(struct crew *crew); /* NULL is allowed */

/* How many there are now. */
size_t crew_workers(const struct crew *crew);

/*
 * Calls work(context, task) once for each task from 0 to `tasks` - 1, each on any worker, the first
 * ones first; returns when all are done. Only one thread may call this.
 */
void crew_run(
    struct crew *crew, size_t tasks, void (*work)(void *context, size_t task), void *context);

#endif
