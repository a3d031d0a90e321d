/* mailbox_maildir.c - a Maildir (https://cr.yp.to/proto/maildir.html), of which nothing is moved.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "cmd/station/mailbox_internal.h"

static const char *const folders[] = {"new", "cur"};

enum {
	FOLDERS = sizeof folders / sizeof folders[0],
	PATH_BYTES = 4096,
};

struct maildir {
	char path[PATH_BYTES];
	DIR *dir;   /* that is being read; NULL: none */
	int folder; /* which one */
	int failed; /* a negative errno: the first folder that could not be read */
};

static void release(struct mailbox *mailbox)
{
	struct maildir *maildir = mailbox->own;
	if (maildir->dir != NULL)
		(void)closedir(maildir->dir); /* only read */
	free(maildir);
}

/* The next folder; false at the end of all. */
static bool open_folder(struct maildir *maildir)
{
	char path[PATH_BYTES + 8];
	while (maildir->dir == NULL && maildir->folder < FOLDERS) {
		(void)snprintf(path, sizeof path, "%s/%s", maildir->path,
		    folders[maildir->folder++]); /* fits */
		maildir->dir = opendir(path);
		if (maildir->dir == NULL && maildir->failed == 0)
			maildir->failed = -errno;
	}
	return maildir->dir != NULL;
}

/* Programs that read mail move it from new to cur, and add flags behind a colon. */
static uint64_t mark_of(const char *name)
{
	return hash_bytes(name, strcspn(name, ":"), HASH_SEED_FIXED);
}

/* The first bytes of a file that is none too old; -1 where it is not to be read. */
static ssize_t read_file(struct mailbox *mailbox, const char *name, int64_t wall_us)
{
	struct maildir *maildir = mailbox->own;
	struct stat status;
	int fd = openat(
	    dirfd(maildir->dir), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	ssize_t got = -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_mtime >= (wall_us - MAILBOX_AGE_US) / WHEN_SECOND_US)
		got = read(fd, mailbox->bytes, sizeof mailbox->bytes);
	(void)close(fd); /* only read */
	return got;
}

/* What cannot be read is not tried again: it would be for ever. */
static bool take(
    struct mailbox *mailbox, const char *name, int64_t wall_us, struct mailbox_message *ret_message)
{
	const uint64_t mark = mark_of(name);
	if (name[0] == '.' || mailbox_is_settled(mailbox, mark))
		return false;
	const ssize_t got = read_file(mailbox, name, wall_us);
	if (got <= 0) {
		mailbox_settle(mailbox, mark);
		return false;
	}
	*ret_message = (struct mailbox_message){mark, mailbox->bytes, (size_t)got};
	return true;
}

static int next(struct mailbox *mailbox, int64_t wall_us, struct mailbox_message *ret_message,
    struct complaint *complaint)
{
	struct maildir *maildir = mailbox->own;
	while (open_folder(maildir)) {
		const struct dirent *entry;
		while ((entry = readdir(maildir->dir)) != NULL)
			if (take(mailbox, entry->d_name, wall_us, ret_message))
				return 1;
		(void)closedir(maildir->dir); /* only read */
		maildir->dir = NULL;
	}
	const int failed = maildir->failed;
	maildir->folder = 0;
	maildir->failed = 0;
	return failed == 0 ? 0
			   : complain(complaint, failed, "mail.bounces: %s: %s", maildir->path,
				 strerror(-failed));
}

int mailbox_new_maildir(const char *path, struct mailbox **ret_mailbox)
{
	static const struct mailbox_kind kind = {next, release};
	struct maildir *maildir = calloc(1, sizeof *maildir);
	if (maildir == NULL)
		return -ENOMEM;
	(void)snprintf(maildir->path, sizeof maildir->path, "%s", path); /* fits: config.h */
	return mailbox_new(&kind, maildir, ret_mailbox);
}
