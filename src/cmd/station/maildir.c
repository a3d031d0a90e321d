#include "cmd/station/maildir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/when.h"

enum {
	/* File times are coarser than ours, and a server's clock may be another's. */
	SLACK_S = 60,
};

/* Whether one of the header's lines is this message's. */
static bool is_of(const char *header, const char *message_id)
{
	static const char field[] = "Message-ID:";
	const size_t length = strlen(message_id);
	for (const char *line = header; line != NULL && *line != '\n' && *line != '\r';) {
		if (strncasecmp(line, field, sizeof field - 1) == 0) {
			const char *id = strchr(line, '<');
			return id != NULL && strncmp(id + 1, message_id, length) == 0 &&
			       id[1 + length] == '>';
		}
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return false;
}

/* Only what may be it is opened: a mailbox may hold many others. */
static bool is_recent(int dir, const char *name, int64_t since_us)
{
	struct stat status;
	return fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
	       status.st_mtime >= since_us / WHEN_SECOND_US - SLACK_S;
}

static bool file_is_of(int dir, const char *name, const char *message_id)
{
	char header[MAILDIR_HEADER_BYTES + 1];
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	ssize_t count = read(fd, header, sizeof header - 1);
	(void)close(fd); /* only read */
	if (count <= 0)
		return false;
	header[count] = '\0';
	return is_of(header, message_id);
}

static bool dir_has(const char *path, const char *folder, const char *message_id, int64_t since_us)
{
	char whole[4096];
	const struct dirent *entry;
	bool found = false;
	int length = snprintf(whole, sizeof whole, "%s/%s", path, folder);
	DIR *dir = length > 0 && (size_t)length < sizeof whole ? opendir(whole) : NULL;
	if (dir == NULL)
		return false;
	for (int i = 0; i < MAILDIR_LOOK_MAX && !found && (entry = readdir(dir)) != NULL; i++)
		if (entry->d_name[0] != '.' && is_recent(dirfd(dir), entry->d_name, since_us))
			found = file_is_of(dirfd(dir), entry->d_name, message_id);
	(void)closedir(dir); /* only read */
	return found;
}

bool maildir_has(const char *path, const char *message_id, int64_t since_us)
{
	return dir_has(path, "new", message_id, since_us) ||
	       dir_has(path, "cur", message_id, since_us);
}
