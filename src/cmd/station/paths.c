#include "cmd/station/paths.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	PASSWD_BYTES = 4096, /* a line of passwd(5) */
	PID_BYTES = 16,
	OTHERS_MAY_WRITE = S_IWGRP | S_IWOTH,
	OTHERS_MAY_READ = S_IRGRP | S_IROTH,
	MODE_BITS = 07777,
};

const char *station_dir_find(const char *option)
{
	const char *variable = getenv(STATION_DIR_VARIABLE);
	if (option != NULL && option[0] != '\0')
		return option;
	return variable != NULL && variable[0] != '\0' ? variable : STATION_DIR_DEFAULT;
}

int station_user_find(uid_t *ret_user, gid_t *ret_group)
{
	struct passwd entry;
	struct passwd *found = NULL;
	char buffer[PASSWD_BYTES];
	if (getpwnam_r(STATION_USER, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
		return -ENOENT;
	*ret_user = entry.pw_uid;
	*ret_group = entry.pw_gid;
	return 0;
}

bool station_owner_is_trusted(uid_t owner)
{
	uid_t user;
	gid_t group;
	return owner == 0 || owner == geteuid() ||
	       (station_user_find(&user, &group) == 0 && owner == user);
}

static int complain_owner(const char *path, uid_t owner, struct complaint *complaint)
{
	return complain(complaint, -EPERM,
	    "%s: belongs to user %u, expected root, " STATION_USER
	    " or the user who runs this: chown it, or run this as its owner",
	    path, (unsigned)owner);
}

static int complain_mode(
    const char *path, mode_t mode, mode_t expected, struct complaint *complaint)
{
	return complain(complaint, -EPERM,
	    "%s: others may %s it (mode %04o), expected %04o: chmod %o %s", path,
	    (mode & OTHERS_MAY_WRITE) != 0 ? "change" : "read", mode & MODE_BITS, expected,
	    expected, path);
}

/* A link that a stranger made would lead us wherever he likes. */
static int check_link(const char *path, struct complaint *complaint)
{
	struct stat status;
	if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode) || status.st_uid == 0 ||
	    status.st_uid == geteuid())
		return 0; /* opening will tell what else is wrong */
	return complain(complaint, -EPERM,
	    "%s: is a symbolic link of user %u, expected the directory itself", path,
	    (unsigned)status.st_uid);
}

static int check_dir(int fd, const char *path, struct complaint *complaint)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return complain(complaint, -errno, "%s: %s", path, strerror(errno));
	if (!station_owner_is_trusted(status.st_uid))
		return complain_owner(path, status.st_uid, complaint);
	if ((status.st_mode & OTHERS_MAY_WRITE) != 0)
		return complain_mode(path, status.st_mode, STATION_DIR_MODE, complaint);
	return 0;
}

int station_dir_open(const char *path, struct station_dir *ret_dir, struct complaint *complaint)
{
	char *whole = NULL;
	int fd = -1;
	int error = check_link(path, complaint);
	if (error != 0)
		goto out;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		error = -errno;
		if (error == -ENOENT)
			complain(complaint, error,
			    "%s: no such directory, expected a station: `hinomi init %s` makes one",
			    path, path);
		else if (error == -EACCES)
			complain(complaint, error,
			    "%s: %s, expected to be root or " STATION_USER ", or its owner", path,
			    strerror(EACCES));
		else
			complain(complaint, error, "%s: %s, expected a station's directory", path,
			    strerror(-error));
		goto out;
	}
	error = check_dir(fd, path, complaint);
	if (error != 0)
		goto out;
	whole = realpath(path, NULL);
	if (whole == NULL) {
		error = complain(complaint, -errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (strlen(whole) >= sizeof ret_dir->path) {
		error = complain(complaint, -ENAMETOOLONG,
		    "%s: longer than %zu bytes, expected a shorter path, since a socket must fit",
		    whole, sizeof ret_dir->path - 1);
		goto out;
	}
	memset(ret_dir->path, 0, sizeof ret_dir->path);
	memcpy(ret_dir->path, whole, strlen(whole));
	ret_dir->fd = fd;
	fd = -1;
out:
	if (fd >= 0)
		(void)close(fd); /* only looked at */
	free(whole);
	return error;
}

void station_dir_close(struct station_dir *dir)
{
	if (dir->fd >= 0)
		(void)close(dir->fd); /* only read from */
	dir->fd = -1;
}

void station_dir_path(
    const struct station_dir *dir, const char *name, char out[static STATION_DIR_PATH_BYTES])
{
	bool is_absolute = name[0] == '/';
	int bytes = snprintf(out, STATION_DIR_PATH_BYTES, "%s%s%s", is_absolute ? "" : dir->path,
	    is_absolute ? "" : "/", name);
	assert(bytes > 0 && bytes < STATION_DIR_PATH_BYTES); /* both have their limits */
	(void)bytes;
}

/* No part of a relative name may be a link, nor lead out; without openat2(2) not its last part. */
static int open_inside(const struct station_dir *dir, const char *name, int flags)
{
	flags |= O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	struct open_how how = {
	    .flags = (unsigned)flags,
	    .mode = (flags & O_CREAT) != 0 ? (unsigned)STATION_FILE_MODE : 0,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	if (name[0] != '/') {
		long fd = syscall(SYS_openat2, dir->fd, name, &how, sizeof how);
		/* Old containers refuse what they do not know with EPERM. */
		if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
			return (int)fd;
	}
	return openat(dir->fd, name, flags, STATION_FILE_MODE);
}

/* `barred` are the bits of the mode that nobody else may have. */
static int check_file(int fd, const char *path, mode_t barred, struct complaint *complaint)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return complain(complaint, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return complain(complaint, -EINVAL, "%s: is no regular file, expected one", path);
	if (!station_owner_is_trusted(status.st_uid))
		return complain_owner(path, status.st_uid, complaint);
	if ((status.st_mode & barred) != 0)
		return complain_mode(path, status.st_mode,
		    (barred & OTHERS_MAY_READ) != 0 ? 0600 : STATION_FILE_MODE, complaint);
	return 0;
}

static int open_checked(const struct station_dir *dir, const char *name, mode_t barred, int *ret_fd,
    struct complaint *complaint)
{
	char path[STATION_DIR_PATH_BYTES];
	station_dir_path(dir, name, path);
	int fd = open_inside(dir, name, O_RDONLY);
	if (fd < 0) {
		int error = -errno;
		if (error == -ELOOP)
			return complain(complaint, error,
			    "%s: is or lies behind a symbolic link, expected the file itself",
			    path);
		if (error == -EXDEV)
			return complain(complaint, error,
			    "%s: leads out of the directory, expected a name inside, or one that "
			    "begins with /",
			    path);
		bool is_station = error == -ENOENT && strcmp(name, STATION_FILE) == 0;
		return complain(complaint, error, "%s: %s, expected %s%s%s", path, strerror(-error),
		    is_station ? "a station: `hinomi init " : "a file that can be read",
		    is_station ? dir->path : "", is_station ? "` makes one" : "");
	}
	int error = check_file(fd, path, barred, complaint);
	if (error != 0) {
		(void)close(fd); /* only looked at */
		return error;
	}
	*ret_fd = fd;
	return 0;
}

int station_dir_open_file(
    const struct station_dir *dir, const char *name, int *ret_fd, struct complaint *complaint)
{
	return open_checked(dir, name, OTHERS_MAY_WRITE, ret_fd, complaint);
}

int station_dir_open_secret(
    const struct station_dir *dir, const char *name, int *ret_fd, struct complaint *complaint)
{
	return open_checked(dir, name, OTHERS_MAY_WRITE | OTHERS_MAY_READ, ret_fd, complaint);
}

/* What the holder wrote; "" when nothing that is a number. */
static void read_holder(int fd, char out[static PID_BYTES])
{
	ssize_t bytes = pread(fd, out, PID_BYTES - 1, 0);
	out[bytes > 0 ? bytes : 0] = '\0';
	out[strspn(out, "0123456789")] = '\0';
}

static int write_holder(int fd)
{
	char text[PID_BYTES];
	int bytes = snprintf(text, sizeof text, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0)
		return -errno;
	ssize_t written = pwrite(fd, text, (size_t)bytes, 0);
	if (written < 0)
		return -errno;
	return written == bytes ? 0 : -EIO;
}

/* A lock that root made must not lock the owner of the station out. */
static int give_lock(const struct station_dir *dir, int fd)
{
	struct stat status;
	if (geteuid() != 0)
		return 0;
	if (fstat(dir->fd, &status) != 0 || fchown(fd, status.st_uid, status.st_gid) != 0)
		return -errno;
	return 0;
}

int station_dir_lock(const struct station_dir *dir, int *ret_fd, struct complaint *complaint)
{
	char path[STATION_DIR_PATH_BYTES];
	char holder[PID_BYTES];
	station_dir_path(dir, STATION_LOCK, path);
	int fd = open_inside(dir, STATION_LOCK, O_RDWR | O_CREAT);
	if (fd < 0)
		return complain(complaint, -errno, "%s: %s, expected a file that can be written",
		    path, strerror(errno));
	int error = check_file(fd, path, OTHERS_MAY_WRITE, complaint);
	if (error != 0)
		goto out;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		error = -errno;
		read_holder(fd, holder);
		if (error == -EWOULDBLOCK)
			complain(complaint, error,
			    "%s: the station is in use by process %s, expected it to be stopped",
			    dir->path, holder[0] != '\0' ? holder : "(not told)");
		else
			complain(complaint, error, "%s: %s, expected to lock it", path,
			    strerror(-error));
		goto out;
	}
	error = give_lock(dir, fd);
	if (error == 0)
		error = write_holder(fd);
	if (error != 0) {
		complain(complaint, error, "%s: %s", path, strerror(-error));
		goto out;
	}
	*ret_fd = fd;
	fd = -1;
out:
	if (fd >= 0)
		(void)close(fd); /* a number that was not written matters to nobody */
	return error;
}
