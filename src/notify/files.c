#include "notify/files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SCHEME "file://"

/* A name in which nothing leads elsewhere. */
static bool is_plain(const char *name, size_t length)
{
	if (length == 0 || name[0] == '.')
		return false;
	for (size_t i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)name[i];
		if (!isascii(c) || (!isalnum(c) && strchr("._-", c) == NULL))
			return false;
	}
	return true;
}

/* What stands behind the base: "" or "/NAME/NAME". */
static bool is_below(const char *rest)
{
	while (*rest == '/') {
		const size_t length = strcspn(rest + 1, "/");
		if (!is_plain(rest + 1, length))
			return false;
		rest += 1 + length;
	}
	return *rest == '\0';
}

int files_check_address(const char *address, const char *base, char *ret_path, size_t path_bytes,
    struct complaint *complaint)
{
	const char *path = address + sizeof SCHEME - 1;
	size_t base_bytes = strlen(base);
	if (base_bytes == 0)
		return complain(complaint, -ENOTCONN,
		    "no notices are written as files: station.yaml names no directory for them "
		    "(notices.files)");
	while (base_bytes > 1 && base[base_bytes - 1] == '/')
		base_bytes--;
	if (strncmp(address, SCHEME "/", sizeof SCHEME) != 0)
		return complain(complaint, -EINVAL, "%.200s: expected file:///DIR", address);
	if (strncmp(path, base, base_bytes) != 0 || !is_below(path + base_bytes))
		return complain(complaint, -EINVAL,
		    "%.200s: expected file://%.200s, or a directory below it whose names are "
		    "letters, digits, points, hyphens and underscores",
		    address, base);
	if (strlen(path) >= path_bytes)
		return complain(complaint, -EINVAL, "%.200s: expected a shorter path", address);
	if (ret_path != NULL)
		(void)snprintf(ret_path, path_bytes, "%s", path); /* it fits */
	return 0;
}

int files_name(const char *event, const char *media_type, char *out, size_t out_bytes)
{
	static const char *const endings[][2] = {
	    {"application/json", "json"},
	    {"application/xml", "xml"},
	    {"text/csv", "csv"},
	};
	const char *ending = "txt";
	const size_t length = strcspn(event, "@");
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (strcmp(endings[i][0], media_type) == 0)
			ending = endings[i][1];
	if (!is_plain(event, length))
		return -EINVAL;
	const int written = snprintf(out, out_bytes, "%.*s.%s", (int)length, event, ending);
	return written > 0 && (size_t)written < out_bytes ? 0 : -EINVAL;
}

static int write_bytes(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		const ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* Synced before, so that no half of it is ever in its place, and after, for its name. */
static int write_in_place(
    int fd, const char *part, const char *place, const char *bytes, size_t length)
{
	int result = write_bytes(fd, bytes, length);
	if (result == 0 && fsync(fd) != 0)
		result = -errno;
	if (result == 0 && rename(part, place) != 0)
		result = -errno;
	if (result == 0 && fsync(fd) != 0)
		result = -errno;
	return result;
}

int files_write(const char *path, const char *name, const char *bytes, size_t length)
{
	char place[FILES_PATH_BYTES];
	char part[FILES_PATH_BYTES];
	const int place_bytes = snprintf(place, sizeof place, "%s/%s", path, name);
	const int part_bytes = snprintf(part, sizeof part, "%s/.%s.part", path, name);
	if ((size_t)place_bytes >= sizeof place || (size_t)part_bytes >= sizeof part)
		return -ENAMETOOLONG;
	(void)unlink(part); /* of a try that was broken off */
	const int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILES_MODE);
	if (fd < 0)
		return -errno;
	int result = write_in_place(fd, part, place, bytes, length);
	if (close(fd) != 0 && result == 0)
		result = -errno;
	if (result != 0)
		(void)unlink(part); /* or it lies there until the next try */
	return result;
}
