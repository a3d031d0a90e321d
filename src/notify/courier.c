/* courier.c - the threads of the courier: one for each job that runs. */
#include "notify/courier.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/thread.h"
#include "notify/courier_internal.h"

enum {
	PARALLEL = 16,
	PER_RECEIVER = 8,
	MAIL_CONNECT_S = 60,
	MAIL_TOTAL_S = 300,
	WEBHOOK_CONNECT_S = 15,
	WEBHOOK_TOTAL_S = 60,
	/* TLS and name service need some 100 KiB; the default of 8 MiB counts as memory of the
	 * station.
	 */
	STACK_BYTES = 1024 * 1024,
};

enum slot_state {
	SLOT_FREE,
	SLOT_RUNNING,
	SLOT_DONE, /* its thread has nothing more to do than to end */
};

struct slot {
	enum slot_state state; /* under the courier's lock */
	struct courier *courier;
	pthread_t thread;
	struct courier_copy *copy;
	struct courier_result result;
};

struct courier {
	struct courier_options options; /* without zeros */
	pthread_mutex_t lock;
	atomic_bool stop;
	int event_fd;
	size_t slot_count;
	struct slot slots[COURIER_PARALLEL_MAX];
};

const char *courier_outcome_name(enum courier_outcome outcome)
{
	static const char *const names[] = {
	    [COURIER_DELIVERED] = "delivered",
	    [COURIER_TEMPORARY] = "temporary",
	    [COURIER_PERMANENT] = "permanent",
	    [COURIER_UNKNOWN] = "unknown",
	};
	static_assert(sizeof names / sizeof names[0] == COURIER_OUTCOME_COUNT, "a name for each");

	assert((unsigned)outcome < COURIER_OUTCOME_COUNT);
	return names[outcome];
}

static pthread_once_t libcurl_once = PTHREAD_ONCE_INIT;
static CURLcode libcurl_result;

static void init_libcurl(void)
{
	libcurl_result = curl_global_init(CURL_GLOBAL_ALL);
}

static void fill_default(unsigned *value, unsigned otherwise)
{
	if (*value == 0)
		*value = otherwise;
}

int courier_new(const struct courier_options *options, struct courier **ret_courier,
    struct complaint *complaint)
{
	if (options->parallel > COURIER_PARALLEL_MAX)
		return complain(complaint, -EINVAL, "courier: %u jobs at once, expected at most %d",
		    options->parallel, COURIER_PARALLEL_MAX);
	(void)pthread_once(&libcurl_once, init_libcurl); /* fails only for a wrong argument */
	if (libcurl_result != CURLE_OK)
		return complain(complaint, -ENOMEM, "courier: libcurl cannot be started: %s",
		    curl_easy_strerror(libcurl_result));
	struct courier *courier = calloc(1, sizeof *courier);
	if (courier == NULL)
		return complain(complaint, -ENOMEM, "courier: out of memory");
	courier->options = *options;
	fill_default(&courier->options.parallel, PARALLEL);
	fill_default(&courier->options.per_receiver, PER_RECEIVER);
	fill_default(&courier->options.mail_connect_s, MAIL_CONNECT_S);
	fill_default(&courier->options.mail_total_s, MAIL_TOTAL_S);
	fill_default(&courier->options.webhook_connect_s, WEBHOOK_CONNECT_S);
	fill_default(&courier->options.webhook_total_s, WEBHOOK_TOTAL_S);
	courier->slot_count = courier->options.parallel;
	courier->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = pthread_mutex_init(&courier->lock, NULL);
	if (courier->event_fd < 0 || error != 0) {
		int result = error != 0 ? -error : -errno;
		if (courier->event_fd >= 0)
			(void)close(courier->event_fd);
		free(courier);
		return complain(complaint, result, "courier: %s", strerror(-result));
	}
	for (size_t i = 0; i < courier->slot_count; i++)
		courier->slots[i].courier = courier;
	*ret_courier = courier;
	return 0;
}

static void ring(struct courier *courier)
{
	/* It is full only when it is readable anyway. */
	(void)eventfd_write(courier->event_fd, 1);
}

static void *run(void *context)
{
	struct slot *slot = context;
	struct courier *courier = slot->courier;
	struct courier_result result;
	courier_carry(slot->copy, &courier->options, &courier->stop, &result);
	thread_lock(&courier->lock);
	slot->result = result;
	slot->state = SLOT_DONE;
	thread_unlock(&courier->lock);
	ring(courier);
	return NULL;
}

/* A free slot, when the receiver may have one more. Under the lock. */
static int find_slot(struct courier *courier, const char *receiver, struct slot **ret_slot)
{
	struct slot *free_slot = NULL;
	unsigned to_receiver = 0;
	for (size_t i = 0; i < courier->slot_count; i++) {
		struct slot *slot = &courier->slots[i];
		if (slot->state == SLOT_FREE)
			free_slot = slot;
		else if (strcmp(slot->copy->receiver, receiver) == 0)
			to_receiver++;
	}
	if (free_slot == NULL)
		return -EAGAIN;
	if (to_receiver >= courier->options.per_receiver)
		return -EBUSY;
	*ret_slot = free_slot;
	return 0;
}

int courier_submit(
    struct courier *courier, const struct courier_job *job, struct complaint *complaint)
{
	struct courier_copy *copy = NULL;
	struct slot *slot = NULL;
	int result = courier_copy_new(job, &courier->options, &copy, complaint);
	if (result != 0)
		return result;
	thread_lock(&courier->lock);
	result = find_slot(courier, copy->receiver, &slot);
	if (result == 0) {
		slot->copy = copy;
		slot->state = SLOT_RUNNING;
	}
	thread_unlock(&courier->lock);
	if (result == 0) {
		result = thread_start(STACK_BYTES, run, slot, &slot->thread);
		if (result != 0) {
			thread_lock(&courier->lock);
			slot->copy = NULL;
			slot->state = SLOT_FREE;
			thread_unlock(&courier->lock);
		}
	}
	if (result != 0)
		courier_copy_free(copy);
	return result;
}

int courier_fd(const struct courier *courier)
{
	return courier->event_fd;
}

static struct slot *find_done(struct courier *courier)
{
	struct slot *done = NULL;
	thread_lock(&courier->lock);
	for (size_t i = 0; i < courier->slot_count && done == NULL; i++) {
		if (courier->slots[i].state == SLOT_DONE)
			done = &courier->slots[i];
	}
	thread_unlock(&courier->lock);
	return done;
}

/* Waits for the thread, which is at its end or soon will be. */
static void empty_slot(struct slot *slot)
{
	thread_join(slot->thread);
	courier_copy_free(slot->copy);
	thread_lock(&slot->courier->lock);
	slot->copy = NULL;
	slot->state = SLOT_FREE;
	thread_unlock(&slot->courier->lock);
}

bool courier_collect(struct courier *courier, struct courier_result *ret_result)
{
	eventfd_t rung;
	(void)eventfd_read(courier->event_fd, &rung); /* nothing to read: then nobody rang */
	struct slot *slot = find_done(courier);
	if (slot == NULL)
		return false;
	*ret_result = slot->result;
	empty_slot(slot);
	ring(courier); /* there may be more: readable until nothing was found */
	return true;
}

void courier_free(struct courier *courier)
{
	if (courier == NULL)
		return;
	atomic_store(&courier->stop, true);
	for (size_t i = 0; i < courier->slot_count; i++) {
		/* Only this thread makes a slot free or not. */
		if (courier->slots[i].copy != NULL)
			empty_slot(&courier->slots[i]);
	}
	(void)close(courier->event_fd);
	(void)pthread_mutex_destroy(&courier->lock); /* nobody holds it any more */
	free(courier);
}
