/* capture_open.c - from the name of a capture file to a descriptor. */
#include "source/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPECTED "expected a pcap or pcapng capture"

/* Allows as many open files as the administrator lets us. Returns whether that is more than before.
 */
static bool raise_file_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* Returns a descriptor or a negative errno. */
static int open_path(const char *path)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
	int fd = open(path, flags);
	if (fd < 0 && errno == EMFILE && raise_file_limit())
		fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

static int complain_open(const char *path, int error, struct complaint *complaint)
{
	if (error == -EMFILE)
		return complain(complaint, error,
		    "%s: too many open files, expected no more than the limit of this process "
		    "(ulimit -n)",
		    path);
	return complain(complaint, error, "%s: %s; %s", path[0] != '\0' ? path : "\"\"",
	    strerror(-error), EXPECTED);
}

static int check_kind(int fd, const char *name, struct complaint *complaint)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return complain(complaint, -errno, "%s: %s; %s", name, strerror(errno), EXPECTED);
	if (S_ISDIR(status.st_mode))
		return complain(complaint, -EISDIR, "%s: is a directory; %s", name, EXPECTED);
	if (S_ISCHR(status.st_mode) && isatty(fd))
		return complain(complaint, -ENOTTY, "%s: is a terminal; %s", name, EXPECTED);
	return 0;
}

int capture_open(const char *path, struct source **ret_source, struct complaint *complaint)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;
	int fd = is_stdin ? STDIN_FILENO : open_path(path);
	if (fd < 0)
		return complain_open(path, fd, complaint);
	int result = check_kind(fd, name, complaint);
	if (result < 0) {
		if (!is_stdin)
			(void)close(fd); /* only opened for reading */
		return result;
	}
	return capture_open_fd(fd, name, 0, ret_source, complaint);
}
