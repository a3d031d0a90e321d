#include "cmd/station/hasher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/thread.h"

enum {
	STACK_BYTES = 256 << 10, /* what Argon2id works in is none of it */
};

struct slot {
	struct hasher_call call;
	bool has_password;
	bool has_new;
	char password[PASSWORD_MAX_BYTES + 1];
	char new_password[PASSWORD_MAX_BYTES + 1];
	char salt[PASSWORD_KEPT_BYTES]; /* in what is kept of the password */
	struct hasher_done done;
};

/*
 * A ring. From `first` on there are `done` works that are done, then those that wait, of which the
 * thread takes one after the other. A slot is the thread's as long as it is the first of these.
 */
struct hasher {
	struct loop *loop;
	uint64_t watch;
	int event_fd;
	pthread_t thread;
	bool is_started;
	pthread_mutex_t lock; /* of all below, but for what is in slots */
	pthread_cond_t changed;
	bool ends;
	size_t first;
	size_t count;
	size_t done;
	struct slot slots[HASHER_WORKS_MAX];
};

/* ---- The thread ---- */

static void work_on(struct slot *slot)
{
	struct hasher_done *done = &slot->done;
	if (slot->has_password)
		done->result =
		    password_key(slot->password, strlen(slot->password), slot->salt, done->key);
	if (done->result == 0 && slot->has_new)
		done->result =
		    password_keep(slot->new_password, strlen(slot->new_password), done->kept);
	explicit_bzero(slot->password, sizeof slot->password);
	explicit_bzero(slot->new_password, sizeof slot->new_password);
}

/* NULL: it is to end. */
static struct slot *await_work(struct hasher *hasher)
{
	struct slot *slot = NULL;
	thread_lock(&hasher->lock);
	while (!hasher->ends && hasher->done == hasher->count)
		(void)pthread_cond_wait(&hasher->changed, &hasher->lock); /* never fails */
	if (!hasher->ends)
		slot = &hasher->slots[(hasher->first + hasher->done) % HASHER_WORKS_MAX];
	thread_unlock(&hasher->lock);
	return slot;
}

static void *be_hasher(void *context)
{
	struct hasher *hasher = context;
	struct slot *slot = await_work(hasher);
	while (slot != NULL) {
		work_on(slot);
		thread_lock(&hasher->lock);
		hasher->done++;
		thread_unlock(&hasher->lock);
		(void)eventfd_write(hasher->event_fd, 1); /* full only where it is readable */
		slot = await_work(hasher);
	}
	return NULL;
}

/* ---- The loop ---- */

/* The first that is done, which is taken out. */
static bool take(struct hasher *hasher, struct slot *out)
{
	thread_lock(&hasher->lock);
	struct slot *slot = &hasher->slots[hasher->first];
	const bool is_done = hasher->done > 0;
	if (is_done) {
		*out = *slot;
		explicit_bzero(slot, sizeof *slot);
		hasher->first = (hasher->first + 1) % HASHER_WORKS_MAX;
		hasher->count--;
		hasher->done--;
	}
	thread_unlock(&hasher->lock);
	return is_done;
}

static void on_done(void *context, uint32_t what)
{
	struct hasher *hasher = context;
	struct slot slot;
	eventfd_t rung;
	(void)what;
	(void)eventfd_read(hasher->event_fd, &rung); /* nothing to read: nobody rang */
	while (take(hasher, &slot))
		slot.call.run(slot.call.context, &slot.done);
	explicit_bzero(&slot, sizeof slot);
}

static bool is_too_long(const char *text, size_t bytes)
{
	return text != NULL && strlen(text) >= bytes;
}

/* Of a slot that is empty. */
static void fill(struct slot *slot, const struct hasher_work *work, const struct hasher_call *call)
{
	slot->call = *call;
	slot->has_password = work->password != NULL;
	slot->has_new = work->new_password != NULL;
	if (slot->has_password) {
		memcpy(slot->password, work->password, strlen(work->password) + 1);
		memcpy(slot->salt, work->kept, strlen(work->kept) + 1);
	}
	if (slot->has_new)
		memcpy(slot->new_password, work->new_password, strlen(work->new_password) + 1);
}

int hasher_add(
    struct hasher *hasher, const struct hasher_work *work, const struct hasher_call *call)
{
	int result = 0;
	if (is_too_long(work->password, sizeof hasher->slots->password) ||
	    is_too_long(work->new_password, sizeof hasher->slots->new_password) ||
	    (work->password != NULL && is_too_long(work->kept, sizeof hasher->slots->salt)))
		return -EMSGSIZE;
	if (!hasher->is_started) {
		result = thread_start(STACK_BYTES, be_hasher, hasher, &hasher->thread);
		hasher->is_started = result == 0;
	}
	if (result != 0)
		return result;
	thread_lock(&hasher->lock);
	if (hasher->count == HASHER_WORKS_MAX) {
		result = -ENOBUFS;
	} else {
		fill(
		    &hasher->slots[(hasher->first + hasher->count) % HASHER_WORKS_MAX], work, call);
		hasher->count++;
		(void)pthread_cond_signal(&hasher->changed); /* never fails */
	}
	thread_unlock(&hasher->lock);
	return result;
}

/* ---- The whole ---- */

int hasher_new(struct loop *loop, struct hasher **ret_hasher)
{
	struct hasher *hasher = calloc(1, sizeof *hasher);
	if (hasher == NULL)
		return -ENOMEM;
	hasher->loop = loop;
	hasher->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	hasher->changed = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	hasher->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	const struct loop_call call = {on_done, hasher};
	int result = hasher->event_fd < 0
			 ? -errno
			 : loop_add_watch(loop, hasher->event_fd, EPOLLIN, call, &hasher->watch);
	if (result == 0)
		*ret_hasher = hasher;
	else
		hasher_free(hasher);
	return result;
}

void hasher_free(struct hasher *hasher)
{
	if (hasher == NULL)
		return;
	if (hasher->is_started) {
		thread_lock(&hasher->lock);
		hasher->ends = true;
		(void)pthread_cond_signal(&hasher->changed); /* never fails */
		thread_unlock(&hasher->lock);
		thread_join(hasher->thread);
	}
	for (size_t i = 0; i < hasher->count; i++) {
		const struct slot *slot = &hasher->slots[(hasher->first + i) % HASHER_WORKS_MAX];
		slot->call.run(slot->call.context, NULL);
	}
	loop_remove(hasher->loop, hasher->watch);
	if (hasher->event_fd >= 0)
		(void)close(hasher->event_fd);
	(void)pthread_cond_destroy(&hasher->changed); /* nobody waits any more */
	(void)pthread_mutex_destroy(&hasher->lock);
	explicit_bzero(hasher, sizeof *hasher);
	free(hasher);
}
