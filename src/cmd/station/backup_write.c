/* Writing a backup. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/backup_internal.h"

enum {
	FILE_MODE = 0640,
	KEY_MODE = 0600,
};

struct backup_writer {
	const char *name;
	int fd;
	int64_t written;
	size_t key_count;
	size_t file_count;
	struct backup_sums sums;
	uint8_t piece[BACKUP_PIECE_BYTES];
};

int backup_writer_new(const char *name, int fd, struct backup_writer **ret_writer)
{
	struct backup_writer *writer = calloc(1, sizeof *writer);
	if (writer == NULL || backup_sums_init(&writer->sums) != 0) {
		free(writer);
		return -ENOMEM;
	}
	writer->name = name;
	writer->fd = fd;
	*ret_writer = writer;
	return 0;
}

void backup_writer_free(struct backup_writer *writer)
{
	if (writer == NULL)
		return;
	backup_sums_release(&writer->sums);
	explicit_bzero(writer->piece, sizeof writer->piece); /* it may hold a key */
	free(writer);
}

static int put(
    struct backup_writer *writer, const void *bytes, size_t count, struct complaint *complaint)
{
	const uint8_t *at = bytes;
	while (count > 0) {
		ssize_t wrote = write(writer->fd, at, count);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return complain(complaint, -errno, "%s: cannot be written (%s)",
			    writer->name, strerror(errno));
		at += wrote;
		count -= (size_t)wrote;
		writer->written += wrote;
	}
	return 0;
}

static int put_nothing(struct backup_writer *writer, size_t count, struct complaint *complaint)
{
	static const uint8_t nothing[TAR_BLOCK_BYTES];
	int result = 0;
	while (count > 0 && result == 0) {
		size_t part = count < sizeof nothing ? count : sizeof nothing;
		result = put(writer, nothing, part, complaint);
		count -= part;
	}
	return result;
}

static int put_header(struct backup_writer *writer, const char *name, const struct stat *status,
    struct complaint *complaint)
{
	uint8_t block[TAR_BLOCK_BYTES];
	const bool is_key = strncmp(name, BACKUP_KEYS, strlen(BACKUP_KEYS)) == 0;
	struct tar_header header = {
	    .mode = is_key ? KEY_MODE : FILE_MODE,
	    .bytes = status->st_size,
	    .time_s = status->st_mtime,
	};
	if (is_key && !backup_name_is_valid(name + strlen(BACKUP_KEYS)))
		return complain(complaint, -EINVAL,
		    "%s: expected a name of letters, digits and . _ - that begins with one of the "
		    "first two",
		    name);
	if (is_key && writer->key_count++ == BACKUP_KEYS_MAX)
		return complain(
		    complaint, -ENOSPC, "%s: expected at most %d keys", name, BACKUP_KEYS_MAX);
	if (!is_key && backup_place_of(name) != NULL && writer->file_count++ == BACKUP_FILES_MAX)
		return complain(
		    complaint, -ENOSPC, "%s: expected at most %d files", name, BACKUP_FILES_MAX);
	(void)snprintf(header.name, sizeof header.name, "%s", name); /* was looked at */
	tar_header_write(&header, block);
	return put(writer, block, sizeof block, complaint);
}

int backup_writer_add_text(struct backup_writer *writer, const char *name, const void *bytes,
    size_t count, struct complaint *complaint)
{
	const struct stat status = {.st_size = (off_t)count};
	if (count > BACKUP_TEXT_MAX_BYTES)
		return complain(complaint, -EFBIG, "%s: %zu bytes, expected at most %d", name,
		    count, BACKUP_TEXT_MAX_BYTES);
	int result = put_header(writer, name, &status, complaint);
	if (result != 0)
		return result;
	backup_sums_begin(&writer->sums);
	backup_sums_add(&writer->sums, bytes, count);
	backup_sums_end(&writer->sums, name);
	result = put(writer, bytes, count, complaint);
	return result != 0 ? result : put_nothing(writer, tar_padding(status.st_size), complaint);
}

int backup_writer_add_head(
    struct backup_writer *writer, const struct backup_head *head, struct complaint *complaint)
{
	char text[BACKUP_HEAD_BYTES];
	int bytes = snprintf(text, sizeof text, "%s %d\nmade %s\nprogram %s\nkeys %s\n",
	    BACKUP_HEAD, BACKUP_VERSION, head->made, head->program,
	    head->has_keys ? "yes" : "no"); /* fits: both texts are short */
	return backup_writer_add_text(writer, BACKUP_HEAD, text, (size_t)bytes, complaint);
}

/* As many bytes as were promised. */
static int put_file(struct backup_writer *writer, const char *name, int fd, int64_t left,
    struct complaint *complaint)
{
	while (left > 0) {
		size_t part = left < BACKUP_PIECE_BYTES ? (size_t)left : BACKUP_PIECE_BYTES;
		ssize_t got = read(fd, writer->piece, part);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return complain(
			    complaint, -errno, "%s: cannot be read (%s)", name, strerror(errno));
		if (got == 0)
			return complain(complaint, -EAGAIN,
			    "%s: became shorter while it was read: try again", name);
		backup_sums_add(&writer->sums, writer->piece, (size_t)got);
		int result = put(writer, writer->piece, (size_t)got, complaint);
		if (result != 0)
			return result;
		left -= got;
	}
	ssize_t more = read(fd, writer->piece, 1);
	return more == 0
		   ? 0
		   : complain(complaint, -EAGAIN, "%s: changed while it was read: try again", name);
}

static int64_t bytes_max_of(const char *name)
{
	const struct backup_place *place = backup_place_of(name);
	if (place != NULL)
		return place->bytes_max;
	return strncmp(name, BACKUP_KEYS, strlen(BACKUP_KEYS)) == 0 ? BACKUP_TEXT_MAX_BYTES
								    : INT64_MAX;
}

int backup_writer_add_file(
    struct backup_writer *writer, const char *name, int fd, struct complaint *complaint)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return complain(
		    complaint, -errno, "%s: cannot be read (%s)", name, strerror(errno));
	if (status.st_size > bytes_max_of(name))
		return complain(complaint, -EFBIG, "%s: %lld bytes, expected at most %lld", name,
		    (long long)status.st_size, (long long)bytes_max_of(name));
	int result = put_header(writer, name, &status, complaint);
	backup_sums_begin(&writer->sums);
	if (result == 0)
		result = put_file(writer, name, fd, status.st_size, complaint);
	if (result == 0)
		result = put_nothing(writer, tar_padding(status.st_size), complaint);
	if (result == 0)
		backup_sums_end(&writer->sums, name);
	return result;
}

int backup_writer_finish(struct backup_writer *writer, struct complaint *complaint)
{
	int result = backup_writer_add_text(
	    writer, BACKUP_CHECKSUMS, writer->sums.text, writer->sums.used, complaint);
	if (result == 0)
		result = put_nothing(writer, (size_t)2 * TAR_BLOCK_BYTES, complaint);
	const size_t over = (size_t)(writer->written % BACKUP_RECORD_BYTES);
	if (result == 0 && over > 0)
		result = put_nothing(writer, BACKUP_RECORD_BYTES - over, complaint);
	if (result == 0 && fsync(writer->fd) != 0)
		result = complain(
		    complaint, -errno, "%s: cannot be written (%s)", writer->name, strerror(errno));
	return result;
}
