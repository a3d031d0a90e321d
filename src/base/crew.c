#include "base/crew.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/*
 * Steps take some hundred microseconds, and waking a sleeping thread takes ten: so who waits looks
 * again and again for a while before it sleeps, and now and then lets others have the processor,
 * since on a busy machine it may be the one for whom it waits.
 */
enum {
	LOOKS = 4000,
	LOOKS_TO_YIELD = 256,
};

/* Written by different threads: each on cache lines of its own. */
struct crew {
	size_t workers;
	pthread_t threads[CREW_MAX];
	size_t thread_count;
	void (*work)(void *context, size_t task);
	void *context;
	size_t tasks;
	_Alignas(128) atomic_size_t next;    /* task */
	_Alignas(128) atomic_uint step;      /* changes when a step begins */
	_Alignas(128) atomic_size_t resting; /* threads that are done with the step */
	_Alignas(128) pthread_mutex_t lock;
	pthread_cond_t begun;
	pthread_cond_t done;
	bool ends;
};

static void look_away(int looks)
{
	if (looks % LOOKS_TO_YIELD == LOOKS_TO_YIELD - 1)
		(void)sched_yield(); /* cannot fail on Linux */
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

static void take_tasks(struct crew *crew)
{
	for (;;) {
		size_t task = atomic_fetch_add_explicit(&crew->next, 1, memory_order_relaxed);
		if (task >= crew->tasks)
			return;
		crew->work(crew->context, task);
	}
}

/* Waits until `crew->step` is no longer `seen`. */
static unsigned await_step(struct crew *crew, unsigned seen)
{
	for (int i = 0; i < LOOKS; i++) {
		unsigned step = atomic_load_explicit(&crew->step, memory_order_acquire);
		if (step != seen)
			return step;
		look_away(i);
	}
	pthread_mutex_lock(&crew->lock);
	while (atomic_load_explicit(&crew->step, memory_order_acquire) == seen)
		pthread_cond_wait(&crew->begun, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	return atomic_load_explicit(&crew->step, memory_order_acquire);
}

static void *be_worker(void *argument)
{
	struct crew *crew = argument;
	unsigned seen = 0;
	for (;;) {
		seen = await_step(crew, seen);
		if (crew->ends)
			return NULL;
		take_tasks(crew);
		size_t resting =
		    atomic_fetch_add_explicit(&crew->resting, 1, memory_order_acq_rel) + 1;
		if (resting == crew->thread_count) {
			pthread_mutex_lock(&crew->lock);
			pthread_cond_signal(&crew->done);
			pthread_mutex_unlock(&crew->lock);
		}
	}
}

static void begin_step(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	atomic_fetch_add_explicit(&crew->step, 1, memory_order_acq_rel);
	pthread_cond_broadcast(&crew->begun);
	pthread_mutex_unlock(&crew->lock);
}

static bool all_rest(struct crew *crew)
{
	return atomic_load_explicit(&crew->resting, memory_order_acquire) == crew->thread_count;
}

static void await_rest(struct crew *crew)
{
	for (int i = 0; i < LOOKS; i++) {
		if (all_rest(crew))
			return;
		look_away(i);
	}
	pthread_mutex_lock(&crew->lock);
	while (!all_rest(crew))
		pthread_cond_wait(&crew->done, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
}

int crew_new(size_t workers, struct crew **ret_crew)
{
	assert(workers >= 1 && workers <= CREW_MAX);
	struct crew *crew = aligned_alloc(_Alignof(struct crew), sizeof *crew);
	if (crew == NULL)
		return -ENOMEM;
	*crew = (struct crew){
	    .workers = workers,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .begun = PTHREAD_COND_INITIALIZER,
	    .done = PTHREAD_COND_INITIALIZER,
	};
	*ret_crew = crew;
	return 0;
}

int crew_start(struct crew *crew)
{
	assert(crew->thread_count == 0);
	int error = 0;
	size_t started = 0;
	while (started < crew->workers - 1 && error == 0) {
		error = pthread_create(&crew->threads[started], NULL, be_worker, crew);
		started += error == 0;
	}
	crew->thread_count = started; /* none of them looks at it before the first step */
	return -error;
}

void crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	crew->ends = true;
	begin_step(crew);
	for (size_t i = 0; i < crew->thread_count; i++)
		pthread_join(crew->threads[i], NULL);
	free(crew);
}

size_t crew_workers(const struct crew *crew)
{
	return crew->thread_count + 1;
}

void crew_run(
    struct crew *crew, size_t tasks, void (*work)(void *context, size_t task), void *context)
{
	if (crew->thread_count == 0 || tasks <= 1) {
		for (size_t task = 0; task < tasks; task++)
			work(context, task);
		return;
	}
	crew->work = work;
	crew->context = context;
	crew->tasks = tasks;
	atomic_store_explicit(&crew->next, 0, memory_order_relaxed);
	atomic_store_explicit(&crew->resting, 0, memory_order_relaxed);
	begin_step(crew);
	take_tasks(crew);
	await_rest(crew);
}
