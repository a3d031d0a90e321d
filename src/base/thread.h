/*
 * thread.h - a thread for what waits or works long, so that the loop of its process need not.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

/*
 * Starts run(context) with a stack of `stack_bytes` (the default of 8 MiB counts as memory of the
 * process). It gets no signals: those are the loop's matter, and a pipe that broke is told by its
 * error. To be joined by pthread_join(). 0, or a negative errno.
 */
int thread_start(
    size_t stack_bytes, void *(*run)(void *context), void *context, pthread_t *ret_thread);

/* Of a plain mutex, which fails only where it is used wrongly. */
void thread_lock(pthread_mutex_t *lock);
void thread_unlock(pthread_mutex_t *lock);
/* Waits for a thread that is joined here alone. */
void thread_join(pthread_t thread);

#endif
