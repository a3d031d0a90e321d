/* control_socket.c - the socket of a station, as it lies in its directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/station/control.h"

/* Whether there is nothing of the name any more. */
static int remove_old(const struct station_dir *dir, struct complaint *complaint)
{
	struct stat status;
	if (fstatat(dir->fd, STATION_SOCKET, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0
				       : complain(complaint, -errno, "%s/" STATION_SOCKET ": %s",
					     dir->path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return complain(complaint, -EEXIST,
		    "%s/" STATION_SOCKET ": is no socket, expected to make one there: remove it",
		    dir->path);
	if (unlinkat(dir->fd, STATION_SOCKET, 0) != 0)
		return complain(
		    complaint, -errno, "%s/" STATION_SOCKET ": %s", dir->path, strerror(errno));
	return 0;
}

static int bind_path(const struct station_dir *dir, int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int bytes =
	    snprintf(address.sun_path, sizeof address.sun_path, "%s/" STATION_SOCKET, dir->path);
	if (bytes < 0 || (size_t)bytes >= sizeof address.sun_path)
		return -ENAMETOOLONG; /* STATION_DIR_BYTES keeps it from being so */
	mode_t before = umask(0777 & ~CONTROL_SOCKET_MODE);
	int error = bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ? -errno : 0;
	(void)umask(before);
	return error;
}

/* Where root makes it for somebody else. */
static int give_away(const struct station_dir *dir)
{
	struct stat status;
	if (fstat(dir->fd, &status) != 0)
		return -errno;
	if (geteuid() != 0)
		return 0;
	return fchownat(
		   dir->fd, STATION_SOCKET, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) != 0
		   ? -errno
		   : 0;
}

int control_socket_make(const struct station_dir *dir, int *ret_fd, struct complaint *complaint)
{
	int error = remove_old(dir, complaint);
	if (error != 0)
		return error;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	error = fd < 0 ? -errno : bind_path(dir, fd);
	if (error == 0)
		error = give_away(dir);
	if (error == 0 && listen(fd, CONTROL_BACKLOG) != 0)
		error = -errno;
	if (error == 0) {
		*ret_fd = fd;
		return 0;
	}
	if (fd >= 0)
		(void)close(fd); /* nobody connected to it */
	return complain(complaint, error, "%s/" STATION_SOCKET ": %s, expected to make a socket",
	    dir->path, strerror(-error));
}

void control_socket_remove(const struct station_dir *dir)
{
	(void)remove_old(dir, NULL); /* one that is left does no harm: nobody answers there */
}
