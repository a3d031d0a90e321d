/*
 * A small disk becomes full: nothing acknowledged is lost, nothing is acknowledged that is not
 * there, removing works all the same and gives room back; a disk that grows needs no help.
 */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "store/upkeep.h"
#include "store_help.h"

enum {
	ROWS = 2000, /* of a transaction */
	TRANSACTIONS_MAX = 1000,
};

static const char LONG_KIND[] =
    "request of a kind whose name is long, so that fewer rows fill the disk: request of a kind "
    "whose name is long, so that fewer rows fill the disk: request of a kind whose name is long";

static char folder[FOLDER_BYTES];
static char database[PATH_BYTES];
static struct complaint complaint;
static int64_t acknowledged; /* rows */
static int64_t written;      /* transactions tried */

/* Statistics of one time: ROWS of them. */
static int commit_stats(struct store *store)
{
	int error = store_begin(store, &complaint);
	if (error != 0)
		return error;
	for (int i = 0; i < ROWS && error == 0; i++) {
		struct store_stat stat = sample_stat(written, i);
		stat.kind = LONG_KIND;
		error = store_put(store, STORE_RECORD(&stat), STORE_ADD, &complaint);
	}
	written++;
	if (error == 0)
		error = store_commit(store, &complaint);
	else
		store_rollback(store);
	acknowledged += error == 0 ? ROWS : 0;
	return error;
}

static int fill(struct store *store)
{
	int error = 0;
	for (int i = 0; i < TRANSACTIONS_MAX && error == 0; i++)
		error = commit_stats(store);
	return error;
}

static bool is_all_there(struct store *store)
{
	int64_t count = count_of(store, STORE_STAT);
	printf("# acknowledged %" PRId64 ", stored %" PRId64 "\n", acknowledged, count);
	return count == acknowledged;
}

static int remove_oldest(struct store *store, int64_t rows)
{
	int64_t removed = 0;
	const struct store_query oldest = {.kind = STORE_STAT, .order = "start_us", .limit = rows};
	int error = store_begin(store, &complaint);
	if (error != 0)
		return error;
	error = store_remove(store, &oldest, &removed, &complaint);
	if (error == 0)
		error = store_commit(store, &complaint);
	else
		store_rollback(store);
	acknowledged -= error == 0 ? removed : 0;
	return error;
}

static void tell(const char *when, const struct store_health *health)
{
	printf("# %s: database %" PRId64 " kB, free in it %" PRId64 ", log %" PRId64
	       ", reserve %" PRId64 ", disk %" PRId64 "\n",
	    when, health->bytes / 1024, health->free_bytes / 1024, health->log_bytes / 1024,
	    health->reserve_bytes / 1024, health->disk_bytes / 1024);
}

static void test_full(struct store *store)
{
	struct store_health full;
	struct store_health after;
	OK(fill(store) == -ENOSPC && strstr(complaint.text, "the disk is full") != NULL,
	    "the disk becomes full");
	printf("# %s\n", complaint.text);
	OK(!store_is_suspect(store) && is_all_there(store), "what was acknowledged is there");
	OK(commit_stats(store) == -ENOSPC && is_all_there(store), "there is no more room");
	OK(store_measure(store, &full, &complaint) == 0 &&
		full.reserve_bytes == STORE_RESERVE_BYTES,
	    "but for the reserve");
	tell("full", &full);
	store_use_reserve(store);
	int error = 0;
	for (int i = 0; i < 20 && error == 0; i++)
		error = remove_oldest(store, 4000);
	OK(error == 0 && is_all_there(store), "which lets the oldest be removed");
	OK(store_shrink(store, 64 << 20, &complaint) == 0 &&
		store_measure(store, &after, &complaint) == 0,
	    "what they leave is given back");
	tell("smaller", &after);
	OK(after.bytes < full.bytes && after.free_bytes == 0 && after.log_bytes == 0 &&
		after.disk_bytes + after.reserve_bytes > full.disk_bytes + full.reserve_bytes &&
		after.reserve_bytes == STORE_RESERVE_BYTES,
	    "to the disk, and to a new reserve");
	OK(commit_stats(store) == 0 && is_all_there(store), "and it goes on");
}

static bool fill_disk(const char *name)
{
	static char bytes[4096];
	int fd = open(in_folder(folder, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while (fd >= 0 && write(fd, bytes, sizeof bytes) > 0)
		;
	bool full = fd >= 0 && errno == ENOSPC;
	(void)close(fd); /* what was written means nothing */
	return full;
}

/* The log and its index went, as when a copy was put back: opening makes them. */
static void lose_log(void)
{
	(void)unlink(in_folder(folder, "station.db-wal"));
	(void)unlink(in_folder(folder, "station.db-shm"));
}

static void test_opening(void)
{
	struct store_health health;
	lose_log();
	OK(fill_disk("large"), "somebody else fills the disk");
	struct store *store = open_store("sqlite", database, false);
	OK(store != NULL && is_all_there(store), "a store can be opened");
	OK(store != NULL && store_measure(store, &health, &complaint) == 0 &&
		health.reserve_bytes == 0,
	    "by its reserve");
	OK(store != NULL && remove_oldest(store, 1000) == 0 && is_all_there(store),
	    "and records be removed");
	store_close(store);
	lose_log();
	OK(fill_disk("larger"), "all of it");
	const struct store_options options = {.engine = "sqlite", .path = database};
	complaint.text[0] = '\0';
	store = NULL;
	OK(store_open(&options, &store, &complaint) == -ENOSPC &&
		strstr(complaint.text, "make room") != NULL,
	    "without a reserve it says what to do");
	printf("# %s\n", complaint.text);
	store_close(store);
	(void)unlink(in_folder(folder, "large"));
	(void)unlink(in_folder(folder, "larger"));
}

static void test_grown(void)
{
	struct store *store = open_store("sqlite", database, false);
	OK(store != NULL && fill(store) == -ENOSPC && is_all_there(store), "full again");
	OK(mount("hinomi-test", folder, "tmpfs", MS_REMOUNT, "size=64m") == 0, "the disk grows");
	OK(store != NULL && commit_stats(store) == 0 && is_all_there(store),
	    "and it goes on by itself");
	store_close(store);
	store = open_store("sqlite", database, false);
	OK(store != NULL && is_all_there(store), "all of it is there afterwards");
	store_close(store);
}

int main(void)
{
	make_folder(folder);
	if (geteuid() != 0 || mount("hinomi-test", folder, "tmpfs", 0, "size=32m") != 0) {
		printf("ok %d - a full disk # SKIP needs root and mount, for a small disk\n",
		    ++test_count);
		remove_folder(folder);
		return test_done();
	}
	(void)snprintf(database, sizeof database, "%s", in_folder(folder, "station.db"));
	struct store *store = open_store("sqlite", database, false);
	test_full(store);
	store_close(store);
	test_opening();
	test_grown();
	(void)umount(folder);
	remove_folder(folder);
	return test_done();
}
