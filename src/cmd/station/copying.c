#include "cmd/station/copying.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/backup.h"

#define NAME_BEGIN "copy-"

struct copying {
	struct store *store;
	char *folder;
	struct store_backup *backup; /* NULL: none is made now */
	struct copying_progress progress;
	struct complaint complaint;
};

void copying_name(uint64_t number, char out[static COPYING_NAME_BYTES])
{
	(void)snprintf(out, COPYING_NAME_BYTES, NAME_BEGIN "%" PRIu64 ".db", number); /* fits */
}

/* Copies that nobody took, and what was not finished. */
static void remove_copies(const struct copying *copying)
{
	DIR *entries = opendir(copying->folder);
	if (entries == NULL)
		return; /* making one will say why */
	for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
		if (strncmp(entry->d_name, NAME_BEGIN, strlen(NAME_BEGIN)) == 0)
			(void)unlinkat(dirfd(entries), entry->d_name, 0); /* or it is in the way */
	(void)closedir(entries);                                          /* only read from */
}

int copying_new(struct store *store, const char *folder, struct copying **ret_copying)
{
	struct copying *copying = calloc(1, sizeof *copying);
	char *copy = strdup(folder);
	if (copying == NULL || copy == NULL) {
		free(copying);
		free(copy);
		return -ENOMEM;
	}
	copying->store = store;
	copying->folder = copy;
	remove_copies(copying);
	*ret_copying = copying;
	return 0;
}

void copying_free(struct copying *copying)
{
	if (copying == NULL)
		return;
	store_backup_close(copying->backup);
	free(copying->folder);
	free(copying);
}

static void end(struct copying *copying, enum copying_state state)
{
	store_backup_close(copying->backup);
	copying->backup = NULL;
	copying->progress.state = state;
	copying->progress.left_bytes = 0;
	copying->progress.why = state == COPYING_FAILED ? copying->complaint.text : NULL;
}

int copying_begin(struct copying *copying, struct complaint *complaint)
{
	char name[COPYING_NAME_BYTES];
	char *path = NULL;
	if (copying->backup != NULL)
		return complain(complaint, -EBUSY,
		    "the database is being copied already, expected one copy at a time");
	remove_copies(copying);
	copying_name(copying->progress.number + 1, name);
	if (asprintf(&path, "%s/%s", copying->folder, name) < 0)
		return complain(complaint, -ENOMEM, "out of memory");
	int result = store_backup_open(copying->store, path, &copying->backup, complaint);
	free(path);
	if (result != 0)
		return result;
	copying->progress = (struct copying_progress){
	    .state = COPYING_GOES_ON, .number = copying->progress.number + 1};
	return 0;
}

bool copying_turn(struct copying *copying)
{
	if (copying == NULL || copying->backup == NULL)
		return false;
	int64_t left = 0;
	int result = store_backup_step(copying->backup, &left, &copying->complaint);
	copying->progress.left_bytes = left;
	if (result == 0 && left > 0)
		return true;
	if (result == 0)
		result = store_backup_finish(copying->backup, &copying->complaint);
	end(copying, result == 0 ? COPYING_DONE : COPYING_FAILED);
	return false;
}

void copying_get_progress(const struct copying *copying, struct copying_progress *ret_progress)
{
	*ret_progress = copying->progress;
}
