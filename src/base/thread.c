#include "base/thread.h"

#include <assert.h>
#include <signal.h>

int thread_start(
    size_t stack_bytes, void *(*run)(void *context), void *context, pthread_t *ret_thread)
{
	pthread_attr_t attributes;
	sigset_t all;
	sigset_t before;
	int error = pthread_attr_init(&attributes);
	if (error != 0)
		return -error;
	(void)sigfillset(&all);
	error = pthread_attr_setstacksize(&attributes, stack_bytes);
	if (error == 0)
		error = pthread_sigmask(SIG_BLOCK, &all, &before);
	if (error == 0) {
		error = pthread_create(ret_thread, &attributes, run, context);
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL); /* what was read just now */
	}
	(void)pthread_attr_destroy(&attributes);
	return -error;
}

void thread_lock(pthread_mutex_t *lock)
{
	int error = pthread_mutex_lock(lock);
	assert(error == 0);
	(void)error;
}

void thread_unlock(pthread_mutex_t *lock)
{
	int error = pthread_mutex_unlock(lock);
	assert(error == 0);
	(void)error;
}

void thread_join(pthread_t thread)
{
	int error = pthread_join(thread, NULL);
	assert(error == 0);
	(void)error;
}
