/*
 * Copies of the database while the keeper works: a part with each turn.
 */
#include "cmd/station/copying.h"

#include <fcntl.h>

#include "store_help.h"

static char folder[FOLDER_BYTES];
static struct complaint complaint;

static void fill(struct store *store, int64_t from, int64_t count)
{
	static char body[2000];
	int error = store_begin(store, NULL);
	for (int64_t i = from; i < from + count && error == 0; i++) {
		struct store_batch batch = sample_batch(1, i);
		batch.body = (struct store_bytes){body, sizeof body};
		error = store_put(store, STORE_RECORD(&batch), STORE_REPLACE, NULL);
	}
	OK(error == 0 && store_commit(store, NULL) == 0, "rows are committed");
}

static struct copying_progress progress_of(const struct copying *copying)
{
	struct copying_progress progress;
	copying_get_progress(copying, &progress);
	return progress;
}

static bool exists(const char *name)
{
	return access(in_folder(folder, name), F_OK) == 0;
}

static void touch(const char *name)
{
	int fd = open(in_folder(folder, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	OK(fd >= 0 && close(fd) == 0, "a file is there");
}

static void test_copy(struct store *store)
{
	struct copying *copying = NULL;
	touch("copy-17.db");
	touch("copy-1.db.part");
	touch("letter");
	OK(copying_new(store, folder, &copying) == 0, "a keeper can copy");
	OK(!exists("copy-17.db") && !exists("copy-1.db.part") && exists("letter"),
	    "what nobody took is removed, and nothing else");
	OK(progress_of(copying).state == COPYING_NONE && progress_of(copying).number == 0 &&
		!copying_turn(copying),
	    "at first there is nothing to do");
	OK(copying_begin(copying, &complaint) == 0 &&
		progress_of(copying).state == COPYING_GOES_ON && progress_of(copying).number == 1,
	    "a copy is begun");
	OK(copying_begin(copying, &complaint) == -EBUSY &&
		strstr(complaint.text, "already") != NULL,
	    "one at a time");
	int turns = 1;
	for (; copying_turn(copying); turns++)
		if (turns < 3)
			fill(store, 10000 + turns * 10, 10);
	OK(turns > 3 && progress_of(copying).state == COPYING_DONE, "it takes several turns");
	printf("# %d turns\n", turns);
	struct store *copy = open_store("sqlite", in_folder(folder, "copy-1.db"), true);
	OK(copy != NULL && same_stores(store, copy), "and holds all that was committed meanwhile");
	store_close(copy);
	OK(copying_begin(copying, &complaint) == 0 && progress_of(copying).number == 2 &&
		!exists("copy-1.db"),
	    "the next one takes the place of one that nobody took");
	OK(store_reopen(store, &complaint) == 0 && !copying_turn(copying) &&
		progress_of(copying).state == COPYING_FAILED &&
		strstr(progress_of(copying).why, "begin the copy again") != NULL,
	    "one whose database was opened anew fails, and says so");
	OK(copying_begin(copying, &complaint) == 0 && copying_turn(copying), "another is begun");
	copying_free(copying);
	OK(!exists("copy-3.db") && !exists("copy-3.db.part"),
	    "and left at the end, without a trace");
}

static void test_nowhere(struct store *store)
{
	struct copying *copying = NULL;
	OK(copying_new(store, in_folder(folder, "none"), &copying) == 0 &&
		copying_begin(copying, &complaint) == -ENOENT &&
		progress_of(copying).state == COPYING_NONE,
	    "there is no copy into nowhere");
	copying_free(copying);
	struct store *memory = open_store("memory", NULL, false);
	OK(copying_new(memory, folder, &copying) == 0 &&
		copying_begin(copying, &complaint) == -ENOTSUP,
	    "nor of what has no file");
	copying_free(copying);
	copying_free(NULL);
	store_close(memory);
	OK(!copying_turn(NULL), "who cannot copy has nothing to do");
}

int main(void)
{
	make_folder(folder);
	struct store *store = open_store("sqlite", in_folder(folder, "station.db"), false);
	fill(store, 0, 2000);
	test_copy(store);
	test_nowhere(store);
	store_close(store);
	remove_folder(folder);
	return test_done();
}
