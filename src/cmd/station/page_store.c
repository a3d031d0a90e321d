#include "cmd/station/page_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"

/* Between two tries to open a database that cannot be opened. */
#define AGAIN_US (WHEN_SECOND_US / 2)
/* Between two looks at whether it is still the same file. */
#define LOOK_US WHEN_SECOND_US

struct page_store {
	char *path;
	struct store *store; /* NULL: not open */
	dev_t device;        /* of what is open */
	ino_t inode;
	int64_t look_us; /* monotonic: when the file is looked at next, or tried to be opened */
	uint64_t openings;
	struct complaint complaint; /* why it is not open */
	int error;
	bool is_lost;
	size_t beside; /* connections besides */
};

static bool is_there(const char *path, const char *suffix)
{
	struct stat status;
	char name[PATH_MAX];
	const int length = snprintf(name, sizeof name, "%s%s", path, suffix);
	return length > 0 && (size_t)length < sizeof name && stat(name, &status) == 0 &&
	       (suffix[0] != '\0' || status.st_size > 0);
}

void page_store_wait(const char *path)
{
	static const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
	for (int64_t waited_us = 0; waited_us < PAGE_STORE_PATIENCE_US; waited_us += 50000) {
		if (is_there(path, "") && is_there(path, "-wal") && is_there(path, "-shm"))
			return;
		(void)nanosleep(&pause, NULL); /* a signal may shorten it */
	}
}

int page_store_new(const char *path, struct page_store **ret_store)
{
	struct page_store *store = calloc(1, sizeof *store);
	if (store == NULL)
		return -ENOMEM;
	store->path = strdup(path);
	if (store->path == NULL) {
		free(store);
		return -ENOMEM;
	}
	*ret_store = store;
	return 0;
}

void page_store_free(struct page_store *store)
{
	if (store == NULL)
		return;
	store_close(store->store);
	free(store->path);
	free(store);
}

static void drop(struct page_store *store)
{
	store_close(store->store);
	store->store = NULL;
	store->look_us = 0;
}

/* Whether another file stands there by now. */
static bool is_another(const struct page_store *store)
{
	struct stat status;
	return stat(store->path, &status) != 0 || status.st_dev != store->device ||
	       status.st_ino != store->inode;
}

/* Whether the files are there, and the sandbox is in the way of one. None of them may be open. */
static bool is_barred(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	bool is_barred = false;
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char name[PATH_MAX];
		const int length = snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		if (length < 0 || (size_t)length >= sizeof name || !is_there(path, suffixes[i]))
			return false;
		const int fd = open(name, O_RDONLY | O_CLOEXEC);
		is_barred = is_barred || (fd < 0 && (errno == EACCES || errno == EPERM));
		if (fd >= 0)
			(void)close(fd); /* nothing was read */
	}
	return is_barred;
}

static int open_now(struct page_store *store)
{
	const struct store_options options = {
	    .engine = "sqlite", .path = store->path, .read_only = true};
	struct stat status;
	if (stat(store->path, &status) != 0)
		status.st_ino = 0;
	store->error = store_open(&options, &store->store, &store->complaint);
	if (store->error == 0) {
		store->device = status.st_dev;
		store->inode = status.st_ino;
		store->openings++;
		return 0;
	}
	/* Looking would give up what the others hold of the files (POSIX locks): later, then. */
	store->is_lost = store->beside == 0 && is_barred(store->path);
	return store->error;
}

/* Opens what is due to be opened. */
static int settle(struct page_store *store, int64_t now_us)
{
	if (store->store != NULL && now_us >= store->look_us) {
		store->look_us = now_us + LOOK_US;
		if (is_another(store))
			drop(store);
	}
	if (store->store != NULL && store_is_suspect(store->store))
		drop(store);
	if (store->store != NULL)
		return 0;
	if (now_us < store->look_us && store->error != 0)
		return store->error;
	store->look_us = now_us + AGAIN_US;
	return open_now(store);
}

int page_store_begin(
    struct page_store *store, int64_t now_us, struct store **ret_store, struct complaint *complaint)
{
	int result = settle(store, now_us);
	if (result != 0) {
		*complaint = store->complaint;
		return result;
	}
	result = store_begin(store->store, complaint);
	if (result != 0) {
		drop(store); /* whatever it was, a new opening tells */
		return result;
	}
	*ret_store = store->store;
	return 0;
}

void page_store_end(struct page_store *store)
{
	if (store->store != NULL)
		store_rollback(store->store);
}

int page_store_open_beside(
    struct page_store *store, struct store **ret_store, struct complaint *complaint)
{
	const struct store_options options = {
	    .engine = "sqlite", .path = store->path, .read_only = true};
	struct store *beside = NULL;
	if (store->store == NULL || is_another(store))
		return complain(complaint, -ENOENT, "the database is not there now");
	int result = store_open(&options, &beside, complaint);
	if (result == 0)
		result = store_begin(beside, complaint);
	if (result != 0) {
		store_close(beside);
		return result;
	}
	store->beside++;
	*ret_store = beside;
	return 0;
}

void page_store_close_beside(struct page_store *store, struct store *beside)
{
	if (beside == NULL)
		return;
	store_close(beside);
	store->beside--;
}

int page_store_version(struct page_store *store, uint64_t *ret_version, struct complaint *complaint)
{
	uint64_t version = 0;
	const int result = store_version(store->store, &version, complaint);
	if (result == 0)
		*ret_version = version ^ store->openings << 40;
	return result;
}

bool page_store_is_lost(const struct page_store *store)
{
	return store->is_lost;
}
