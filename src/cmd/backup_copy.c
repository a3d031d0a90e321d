#include "cmd/backup_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json_read.h"
#include "cmd/as_owner.h"
#include "cmd/station/client.h"
#include "store/backup.h"

enum {
	PATH_BYTES = 64, /* "spool/copy-NUMBER.db" */
	POLL_MS = 100,
	/* Another command is at work, or the station is about to start or to end. */
	PATIENCE_S = 15,
	TRIES = PATIENCE_S * 1000 / POLL_MS,
};

#define BEGIN "{\"do\":\"copy.begin\"}"
#define STATE "{\"do\":\"copy.state\"}"

static void pause_briefly(void)
{
	const struct timespec time = {.tv_nsec = POLL_MS * 1000000L};
	(void)nanosleep(&time, NULL); /* a shorter one does no harm */
}

/* The copy is ours as soon as it is open, and has no name any more. */
static int take(
    const struct station_dir *dir, const char *path, int *ret_fd, struct complaint *complaint)
{
	int result = station_dir_open_file(dir, path, ret_fd, complaint);
	(void)unlinkat(dir->fd, path, 0); /* or it is not there */
	return result;
}

/* ---- Of a station that runs ---- */

/* What it says of the copy. */
struct told {
	bool is_known;
	int64_t number;
	char path[PATH_BYTES];
	char state[16];
	struct complaint why;
};

static void read_text(const struct json_node *record, const char *name, char *out, size_t room)
{
	const char *text = "";
	(void)json_read_text(json_read_member(record, name), &text); /* or it stays empty */
	(void)snprintf(out, room, "%s", text);                       /* what is too long is wrong */
}

static int on_record(void *context, const char *line)
{
	struct told *told = context;
	struct json_node *record = NULL;
	if (json_read(line, strlen(line), &record, NULL) != 0)
		return 0; /* then there is no answer */
	told->is_known = json_read_whole(json_read_member(record, "number"), &told->number);
	read_text(record, "path", told->path, sizeof told->path);
	read_text(record, "state", told->state, sizeof told->state);
	read_text(record, "why", told->why.text, sizeof told->why.text);
	json_read_free(record);
	return 0;
}

static int ask(struct station_client *client, const char *request, struct told *told,
    struct complaint *complaint)
{
	told->is_known = false;
	int result = station_client_ask(client, request, strlen(request), on_record, told);
	if (result != 0)
		return complain(complaint, result, "%s", station_client_complaint(client)->text);
	return told->is_known
		   ? 0
		   : complain(complaint, -EPROTO, "the station does not say what it copies");
}

static int have_copied(
    struct station_client *client, struct told *told, struct complaint *complaint)
{
	int result = ask(client, BEGIN, told, complaint);
	const int64_t number = told->number;
	while (result == 0 && strcmp(told->state, "going-on") == 0) {
		pause_briefly();
		result = ask(client, STATE, told, complaint);
	}
	if (result != 0)
		return result;
	if (told->number != number)
		return complain(complaint, -EAGAIN,
		    "another copy was begun meanwhile, expected one at a time: try again");
	return strcmp(told->state, "done") == 0
		   ? 0
		   : complain(complaint, -EIO, "the database was not copied: %s",
			 told->why.text[0] != '\0' ? told->why.text : "it is not said why");
}

/* -ENOENT where none runs. */
static int copy_running(const struct station_dir *dir, int *ret_fd, struct complaint *complaint)
{
	struct station_client *client = NULL;
	struct told told = {.path = ""};
	int result = station_client_reach(dir, &client, complaint);
	if (result != 0)
		return result;
	result = have_copied(client, &told, complaint);
	station_client_close(client);
	if (result == 0)
		return take(dir, told.path, ret_fd, complaint);
	return result == -ENOENT ? -EIO : result; /* that it runs is known */
}

/* ---- Of one that does not ---- */

struct copying_alone {
	const struct station_dir *dir;
	char path[PATH_BYTES];
};

/* As the owner of the station. */
static int copy_database(void *context, struct complaint *complaint)
{
	const struct copying_alone *alone = context;
	char from[STATION_DIR_PATH_BYTES];
	char to[STATION_DIR_PATH_BYTES];
	char lock[STATION_DIR_PATH_BYTES + sizeof "-lock"];
	station_dir_path(alone->dir, STATION_DATABASE, from);
	station_dir_path(alone->dir, alone->path, to);
	int result = store_restore(from, to, complaint);
	(void)snprintf(lock, sizeof lock, "%s-lock", to); /* fits by its size */
	(void)unlink(lock);                               /* nobody opens the copy for writing */
	return result;
}

static int copy_alone(const struct station_dir *dir, int *ret_fd, struct complaint *complaint)
{
	struct copying_alone alone = {.dir = dir};
	int lock = -1;
	int result = station_dir_lock(dir, &lock, complaint);
	if (result != 0)
		return result;
	(void)snprintf(alone.path, sizeof alone.path, STATION_SPOOL "/copy-of-%d.db",
	    (int)getpid()); /* fits */
	result = as_owner(dir, copy_database, &alone, complaint);
	if (result == 0)
		result = take(dir, alone.path, ret_fd, complaint);
	(void)close(lock); /* its number matters to nobody any more */
	return result;
}

int backup_copy(const struct station_dir *dir, int *ret_fd, struct complaint *complaint)
{
	int result = -EWOULDBLOCK;
	for (int i = 0; i < TRIES && result == -EWOULDBLOCK; i++) {
		if (i > 0)
			pause_briefly();
		result = copy_running(dir, ret_fd, complaint);
		if (result == -ENOENT)
			result = copy_alone(dir, ret_fd, complaint);
	}
	return result;
}
