#include "cmd/station/answer_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/wire.h"

#define NEW_NAME ANSWER_KEY_NAME ".new"

static int fail(const struct station_dir *dir, int error, struct complaint *complaint)
{
	return complain(complaint, error, "%s/" ANSWER_KEY_FILE ": %s, expected to make it",
	    dir->path, strerror(-error));
}

static int write_key(int fd)
{
	char text[ANSWER_KEY_TEXT_BYTES];
	struct answer_key key;
	int result = answer_key_make(&key);
	if (result != 0)
		return result;
	answer_key_format(&key, text);
	text[ANSWER_KEY_TEXT_BYTES - 1] = '\n';
	const ssize_t written = write(fd, text, sizeof text);
	if (written != (ssize_t)sizeof text)
		result = written < 0 ? -errno : -ENOSPC;
	explicit_bzero(&key, sizeof key);
	explicit_bzero(text, sizeof text);
	return result;
}

/* To whom the folder belongs; nobody else can have put anything into it. */
static int give(int folder, int fd)
{
	struct stat status;
	if (fstat(folder, &status) != 0)
		return -errno;
	if (geteuid() == 0 && fchown(fd, status.st_uid, status.st_gid) != 0)
		return -errno;
	return fsync(fd) == 0 ? 0 : -errno;
}

static int make_file(int folder)
{
	(void)unlinkat(folder, NEW_NAME, 0); /* of one that ended in the middle */
	const int fd = openat(folder, NEW_NAME,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -errno;
	int result = write_key(fd);
	if (result == 0)
		result = give(folder, fd);
	if (close(fd) != 0 && result == 0)
		result = -errno;
	if (result == 0 && linkat(folder, NEW_NAME, folder, ANSWER_KEY_NAME, 0) != 0)
		result = -errno;
	(void)unlinkat(folder, NEW_NAME, 0); /* the next one removes it else */
	if (result == 0 && fsync(folder) != 0)
		result = -errno;
	return result;
}

int station_answer_key_make(const struct station_dir *dir, struct complaint *complaint)
{
	const int folder =
	    openat(dir->fd, STATION_KEYS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return fail(dir, -errno, complaint);
	const int result = make_file(folder);
	(void)close(folder); /* it was synced */
	return result == 0 ? 0 : fail(dir, result, complaint);
}

int station_answer_key_read(
    const struct station_dir *dir, struct answer_key *ret_key, struct complaint *complaint)
{
	char text[ANSWER_KEY_TEXT_BYTES + 1]; /* one more than it may have */
	struct complaint why;
	int fd = -1;
	int result = station_dir_open_secret(dir, ANSWER_KEY_FILE, &fd, complaint);
	if (result != 0)
		return result;
	const ssize_t got = read(fd, text, sizeof text);
	result = got < 0 ? -errno : 0;
	(void)close(fd); /* only read */
	if (result != 0)
		return complain(
		    complaint, result, "%s/" ANSWER_KEY_FILE ": %s", dir->path, strerror(-result));
	result = answer_key_read(text, (size_t)got, ret_key, &why);
	explicit_bzero(text, sizeof text);
	return result == 0
		   ? 0
		   : complain(complaint, result, "%s/" ANSWER_KEY_FILE ": %s", dir->path, why.text);
}

int station_answer_key_get(
    const struct station_dir *dir, struct answer_key *ret_key, struct complaint *complaint)
{
	int result = station_answer_key_read(dir, ret_key, complaint);
	if (result != -ENOENT)
		return result;
	result = station_answer_key_make(dir, complaint);
	return result == 0 || result == -EEXIST ? station_answer_key_read(dir, ret_key, complaint)
						: result;
}

int station_answer_key_take(int fd, struct answer_key *ret_key, struct complaint *complaint)
{
	char *text;
	size_t length;
	struct complaint why;
	if (fd < 0)
		return 0; /* letters have no links */
	int result = wire_read_text(fd, ANSWER_KEY_TEXT_BYTES + 1, &text, &length);
	if (result != 0)
		return complain(complaint, result, "the key of links: %s", strerror(-result));
	result = answer_key_read(text, length, ret_key, &why);
	explicit_bzero(text, length);
	free(text);
	if (result != 0)
		return complain(complaint, result, "the key of links: %s", why.text);
	return answer_link_prepare() == 0
		   ? 0
		   : complain(complaint, -ENOSYS, "OpenSSL has no HMAC with SHA-256");
}
