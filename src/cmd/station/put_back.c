/* Of a backup the database and the keys. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/put_back_internal.h"
#include "store/backup.h"
#include "store/store.h"

#define STAGED STATION_DATABASE ".restore"

enum {
	SECRET_MODE = 0600,
};

int put_back_fail(const struct station_dir *dir, const char *name, struct complaint *complaint)
{
	const int error = errno;
	return complain(
	    complaint, -error, "%s/%s: %s, expected to write it", dir->path, name, strerror(error));
}

/* ---- Files, each beside what it replaces ---- */

/* A new file NAME.new; what lies there was not finished. */
static int open_new(int folder, const char *name, mode_t mode)
{
	char beside[PUT_BACK_NAME_BYTES];
	(void)snprintf(beside, sizeof beside, "%s" PUT_BACK_NEW, name); /* names are shorter */
	(void)unlinkat(folder, beside, 0);                              /* or there is none */
	int fd = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0 && fchmod(fd, mode) != 0) { /* whatever the umask is */
		(void)close(fd);                /* nothing was written */
		return -1;
	}
	return fd;
}

int put_back_write(int fd, const struct backup_text *text)
{
	const char *at = text->bytes;
	size_t left = text->count;
	while (left > 0) {
		ssize_t wrote = write(fd, at, left);
		if (wrote < 0 && errno != EINTR)
			return -1;
		at += wrote > 0 ? wrote : 0;
		left -= wrote > 0 ? (size_t)wrote : 0;
	}
	return fsync(fd);
}

/* NAME.new becomes NAME, which becomes NAME.replaced. */
static int swap(int folder, const char *name)
{
	char beside[PUT_BACK_NAME_BYTES];
	char replaced[PUT_BACK_NAME_BYTES];
	(void)snprintf(beside, sizeof beside, "%s" PUT_BACK_NEW, name); /* names are shorter */
	(void)snprintf(replaced, sizeof replaced, "%s" PUT_BACK_REPLACED, name);
	if (renameat(folder, name, folder, replaced) != 0 && errno != ENOENT)
		return -1;
	return renameat(folder, beside, folder, name);
}

/* ---- The database ---- */

int put_back_open(const struct station_dir *dir, int *ret_fd, struct complaint *complaint)
{
	struct stat status;
	(void)unlinkat(dir->fd, STAGED, 0); /* of one that was not finished */
	int fd = openat(
	    dir->fd, STAGED, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, SECRET_MODE);
	if (fd >= 0 && fstat(dir->fd, &status) == 0 &&
	    (geteuid() != 0 || fchown(fd, status.st_uid, status.st_gid) == 0)) {
		*ret_fd = fd;
		return 0;
	}
	int result = put_back_fail(dir, STAGED, complaint);
	if (fd >= 0)
		(void)close(fd); /* nothing was written */
	return result;
}

/* Opened once, it comes to this program's schema. */
static int renew(const char *path, struct complaint *complaint)
{
	struct store *store = NULL;
	const struct store_options options = {.engine = "sqlite", .path = path};
	const struct store_query identity = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = "identity"}},
	};
	int result = store_open(&options, &store, complaint);
	if (result == 0)
		result = store_begin(store, complaint);
	if (result == 0)
		result = store_remove(store, &identity, NULL, complaint);
	/* who was signed in when the copy was made may have been signed out since */
	if (result == 0)
		result = store_remove(
		    store, &(struct store_query){.kind = STORE_SESSION}, NULL, complaint);
	if (result == 0)
		result = store_commit(store, complaint);
	store_close(store);
	return result;
}

static int put_database(const struct station_dir *dir, struct complaint *complaint)
{
	char from[STATION_DIR_PATH_BYTES];
	char to[STATION_DIR_PATH_BYTES];
	station_dir_path(dir, STAGED, from);
	station_dir_path(dir, STATION_DATABASE, to);
	int result = store_restore(from, to, complaint);
	return result != 0 ? result : renew(to, complaint);
}

/* ---- Keys ---- */

static int open_keys(const struct station_dir *dir, struct complaint *complaint)
{
	if (mkdirat(dir->fd, STATION_KEYS, STATION_SECRET_DIR_MODE) != 0 && errno != EEXIST)
		return put_back_fail(dir, STATION_KEYS, complaint);
	int fd = openat(dir->fd, STATION_KEYS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : put_back_fail(dir, STATION_KEYS, complaint);
}

static int write_keys(int folder, const struct station_dir *dir, const struct backup *backup,
    struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < backup->key_count && result == 0; i++) {
		const struct backup_item *key = &backup->keys[i];
		int fd = open_new(folder, key->name, SECRET_MODE);
		if (fd < 0 || put_back_write(fd, &key->text) != 0)
			result = put_back_fail(dir, key->name, complaint);
		if (fd >= 0)
			(void)close(fd); /* it was synced */
	}
	return result;
}

static int swap_keys(int folder, const struct station_dir *dir, const struct backup *backup,
    struct complaint *complaint)
{
	for (size_t i = 0; i < backup->key_count; i++)
		if (swap(folder, backup->keys[i].name) != 0)
			return put_back_fail(dir, backup->keys[i].name, complaint);
	return fsync(folder) == 0 ? 0 : put_back_fail(dir, STATION_KEYS, complaint);
}

int put_back(
    const struct station_dir *dir, const struct backup *backup, struct complaint *complaint)
{
	int folder = open_keys(dir, complaint);
	if (folder < 0)
		return folder;
	int result = write_keys(folder, dir, backup, complaint);
	if (result == 0)
		result = put_database(dir, complaint);
	if (result == 0)
		result = swap_keys(folder, dir, backup, complaint);
	(void)close(folder); /* it was synced */
	return result;
}

/* ---- The rest ---- */

void put_back_tidy(const struct station_dir *dir, bool is_new)
{
	static const char *const beside[] = {STATION_FILE PUT_BACK_REPLACED,
	    STATION_DATABASE ".replaced", STATION_DATABASE ".replaced-wal",
	    STATION_DATABASE ".replaced-shm", STATION_DATABASE ".replaced-journal"};
	put_back_texts_tidy(dir);
	(void)unlinkat(dir->fd, STAGED, 0); /* none of these need be there */
	for (size_t i = 0; i < sizeof beside / sizeof beside[0] && is_new; i++)
		(void)unlinkat(dir->fd, beside[i], 0);
}

void put_back_forget(const struct station_dir *dir, const struct backup *backup)
{
	put_back_texts_forget(dir);
	for (size_t i = 0; backup != NULL && i < backup->key_count; i++) {
		char name[PUT_BACK_NAME_BYTES + sizeof BACKUP_KEYS];
		(void)snprintf(
		    name, sizeof name, BACKUP_KEYS "%s" PUT_BACK_NEW, backup->keys[i].name);
		(void)unlinkat(dir->fd, name, 0); /* neither need be there */
		(void)snprintf(name, sizeof name, BACKUP_KEYS "%s", backup->keys[i].name);
		(void)unlinkat(dir->fd, name, 0);
	}
}
