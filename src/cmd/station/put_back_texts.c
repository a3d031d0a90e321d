/* Of a backup what people write for a station, each file or folder beside what it replaces. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/put_back_internal.h"

/* Whose what we write is to be: of root's the directory's group, so that it can be read. */
struct owner {
	bool is_given;
	gid_t group;
};

static int find_owner(const struct station_dir *dir, struct owner *ret_owner)
{
	struct stat status;
	if (fstat(dir->fd, &status) != 0)
		return -1;
	*ret_owner = (struct owner){.is_given = geteuid() == 0, .group = status.st_gid};
	return 0;
}

static int give(int fd, const struct owner *owner)
{
	return owner->is_given ? fchown(fd, 0, owner->group) : 0;
}

/* ---- Folders ---- */

static int open_folder(const struct station_dir *dir, const char *name)
{
	return openat(dir->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* With all files in it; what is no folder of files stays. */
static void remove_folder(const struct station_dir *dir, const char *name)
{
	int fd = open_folder(dir, name);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	if (entries == NULL) {
		if (fd >= 0)
			(void)close(fd); /* only looked at */
		return;
	}
	for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
		(void)unlinkat(
		    dirfd(entries), entry->d_name, 0); /* also of "." and "..": refused */
	(void)closedir(entries);                       /* only read from */
	(void)unlinkat(dir->fd, name, AT_REMOVEDIR);   /* or something else is in it */
}

/* A file or a folder. */
static void remove_place(
    const struct station_dir *dir, const struct backup_place *place, const char *ending)
{
	char name[PUT_BACK_NAME_BYTES];
	(void)snprintf(name, sizeof name, "%s%s", place->name, ending); /* fits */
	if (place->has != NULL)
		remove_folder(dir, name);
	else
		(void)unlinkat(dir->fd, name, 0); /* it need not be there */
}

/* ---- Staging ---- */

static int stage_file(
    int folder, const char *name, const struct backup_text *text, const struct owner *owner)
{
	int fd = openat(
	    folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, STATION_FILE_MODE);
	if (fd < 0)
		return -1;
	int result = fchmod(fd, STATION_FILE_MODE) == 0 && give(fd, owner) == 0
			 ? put_back_write(fd, text)
			 : -1;
	(void)close(fd); /* it was synced */
	return result;
}

/* Whether a file of the backup is of this place. */
static bool is_of(const struct backup_item *file, const struct backup_place *place)
{
	return backup_place_of(file->name) == place;
}

static bool has_any(const struct backup *backup, const struct backup_place *place)
{
	for (size_t i = 0; i < backup->file_count; i++)
		if (is_of(&backup->files[i], place))
			return true;
	return false;
}

static int stage_folder(const struct station_dir *dir, const struct backup *backup,
    const struct backup_place *place, const struct owner *owner)
{
	char name[PUT_BACK_NAME_BYTES];
	(void)snprintf(name, sizeof name, "%s" PUT_BACK_NEW, place->name); /* fits */
	if (mkdirat(dir->fd, name, STATION_DIR_MODE) != 0)
		return -1;
	int folder = open_folder(dir, name);
	int result =
	    folder >= 0 && fchmod(folder, STATION_DIR_MODE) == 0 ? give(folder, owner) : -1;
	for (size_t i = 0; i < backup->file_count && result == 0; i++)
		if (is_of(&backup->files[i], place))
			result = stage_file(folder, backup->files[i].name + strlen(place->name) + 1,
			    &backup->files[i].text, owner);
	if (result == 0)
		result = fsync(folder);
	const int error = errno;
	if (folder >= 0)
		(void)close(folder); /* it was synced */
	errno = error;
	return result;
}

static int stage(const struct station_dir *dir, const struct backup *backup,
    const struct backup_place *place, const struct owner *owner)
{
	char name[PUT_BACK_NAME_BYTES];
	if (place->has != NULL)
		return stage_folder(dir, backup, place, owner);
	(void)snprintf(name, sizeof name, "%s" PUT_BACK_NEW, place->name); /* fits */
	return stage_file(dir->fd, name, backup_find(backup, place->name), owner);
}

int put_back_stage(
    const struct station_dir *dir, const struct backup *backup, struct complaint *complaint)
{
	size_t count;
	const struct backup_place *places = backup_places(&count);
	struct owner owner;
	put_back_texts_tidy(dir); /* of one that was not finished */
	if (find_owner(dir, &owner) != 0)
		return put_back_fail(dir, places[0].name, complaint);
	for (size_t i = 0; i < count; i++)
		if (has_any(backup, &places[i]) && stage(dir, backup, &places[i], &owner) != 0)
			return put_back_fail(dir, places[i].name, complaint);
	return 0;
}

/* ---- Taking the place ---- */

static bool is_there(const struct station_dir *dir, const char *name)
{
	return faccessat(dir->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What is there becomes NAME.replaced, of which there is one. */
static int put_aside(const struct station_dir *dir, const struct backup_place *place)
{
	char replaced[PUT_BACK_NAME_BYTES];
	(void)snprintf(replaced, sizeof replaced, "%s" PUT_BACK_REPLACED, place->name); /* fits */
	if (!is_there(dir, place->name))
		return 0;
	if (place->has != NULL)
		remove_folder(dir, replaced);
	return renameat(dir->fd, place->name, dir->fd, replaced);
}

static int swap(
    const struct station_dir *dir, const struct backup *backup, const struct backup_place *place)
{
	char staged[PUT_BACK_NAME_BYTES];
	(void)snprintf(staged, sizeof staged, "%s" PUT_BACK_NEW, place->name); /* fits */
	const bool has = has_any(backup, place);
	if (!has && backup->head.version < BACKUP_VERSION_OF_PLACES)
		return 0;
	if (put_aside(dir, place) != 0)
		return -1;
	return has ? renameat(dir->fd, staged, dir->fd, place->name) : 0;
}

int put_back_texts(
    const struct station_dir *dir, const struct backup *backup, struct complaint *complaint)
{
	size_t count;
	const struct backup_place *places = backup_places(&count);
	for (size_t i = 0; i < count; i++)
		if (swap(dir, backup, &places[i]) != 0)
			return put_back_fail(dir, places[i].name, complaint);
	return fsync(dir->fd) == 0 ? 0 : put_back_fail(dir, places[0].name, complaint);
}

void put_back_texts_tidy(const struct station_dir *dir)
{
	size_t count;
	const struct backup_place *places = backup_places(&count);
	for (size_t i = 0; i < count; i++)
		remove_place(dir, &places[i], PUT_BACK_NEW);
}

void put_back_texts_forget(const struct station_dir *dir)
{
	size_t count;
	const struct backup_place *places = backup_places(&count);
	put_back_texts_tidy(dir);
	for (size_t i = 0; i < count; i++)
		remove_place(dir, &places[i], "");
}
