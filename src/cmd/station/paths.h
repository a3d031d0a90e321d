/*
 * paths.h - a station's directory: which one, what lies in it, opening it safely, its lock.
 *
 * What lies in it decides what a privileged program does, so nothing there is believed because of
 * its name alone. Files are opened from the directory's descriptor, never through a symbolic link,
 * and must belong to someone who may decide for us: root, the user `hinomi`, or whoever runs us.
 * What is wrong is said in one line with what to do.
 */
#ifndef CMD_STATION_PATHS_H
#define CMD_STATION_PATHS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/complaint.h"

#define STATION_DIR_DEFAULT  "/var/lib/hinomi"
#define STATION_DIR_VARIABLE "HINOMI_STATION"
#define STATION_USER         "hinomi"

#define STATION_FILE     "station.yaml"
#define STATION_SETTINGS "settings.yaml" /* what was changed by the page */
#define STATION_DATABASE "station.db"
#define STATION_LOCK     "lock"
#define STATION_SOCKET   "control.sock"
#define STATION_KEYS     "keys"
#define STATION_EVIDENCE "evidence"
#define STATION_SPOOL    "spool"
#define STATION_WORDING  "wording"
#define STATION_HOLIDAYS "holidays"

enum {
	/* DIR/control.sock must fit the address of a socket: 108 bytes with its NUL (unix(7)). */
	STATION_DIR_BYTES = 108 - (int)sizeof(STATION_SOCKET),
	STATION_DIR_PATH_BYTES = 1024, /* DIR/NAME, NAME of at most STATION_PATH_BYTES */
	STATION_DIR_MODE = 0750,
	STATION_FILE_MODE = 0640,
	STATION_SECRET_DIR_MODE = 0700,
};

struct station_dir {
	int fd;
	char path[STATION_DIR_BYTES]; /* absolute, without symbolic links */
};

/* What --station said, or where that is NULL the environment, or the default. Never empty. */
const char *station_dir_find(const char *option);

/*
 * Opens a directory whose owner is trusted and to which nobody else may write. Returns 0, or a
 * negative errno with a complaint: what opening gave, -EPERM for owner or mode, -ENAMETOOLONG.
 */
int station_dir_open(const char *path, struct station_dir *ret_dir, struct complaint *complaint);
void station_dir_close(struct station_dir *dir); /* fd -1 is allowed */

/* DIR/NAME for messages and for what must have a path; NAME alone where it is absolute. */
void station_dir_path(
    const struct station_dir *dir, const char *name, char out[static STATION_DIR_PATH_BYTES]);

/*
 * Opens a file for reading: regular, of a trusted owner, to which nobody else may write. `name` is
 * relative to the directory, and no part of it a symbolic link, or absolute. Close-on-exec.
 */
int station_dir_open_file(
    const struct station_dir *dir, const char *name, int *ret_fd, struct complaint *complaint);
/* The same, and nobody else may read it. */
int station_dir_open_secret(
    const struct station_dir *dir, const char *name, int *ret_fd, struct complaint *complaint);

/*
 * Takes the lock that says that one process works on this station, and writes our number into it.
 * Where root does, the file belongs to whom the directory belongs to.
 * It is held until *ret_fd and all copies of it are closed. -EWOULDBLOCK when another has it, whose
 * number is told.
 */
int station_dir_lock(const struct station_dir *dir, int *ret_fd, struct complaint *complaint);

/* Root, the user `hinomi` where there is one, whoever runs us. */
bool station_owner_is_trusted(uid_t owner);
/* The user `hinomi`: 0, or -ENOENT. */
int station_user_find(uid_t *ret_user, gid_t *ret_group);

#endif
