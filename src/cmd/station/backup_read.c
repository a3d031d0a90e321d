/* Reading a backup: any bytes, of which nothing is believed before all of them were checked. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/station/backup_internal.h"
#include "cmd/station/paths.h"

/* Going through an archive. */
struct reading {
	const char *name;
	int fd;
	int database_fd;
	int64_t offset;
	struct backup *backup;
	struct backup_sums sums;
	struct complaint *complaint;
	uint8_t piece[BACKUP_PIECE_BYTES];
};

/* Of what was read last: `back` bytes before where we are now. */
static int fail(const struct reading *reading, int error, int64_t back, const char *what)
{
	return complain(reading->complaint, error, "%s:%" PRId64 ": %s", reading->name,
	    reading->offset - back, what);
}

/* Exactly so many. */
static int take(struct reading *reading, void *out, size_t count)
{
	uint8_t *at = out;
	while (count > 0) {
		ssize_t got = read(reading->fd, at, count);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(reading, -errno, 0, strerror(errno));
		if (got == 0)
			return fail(reading, -EBADMSG, 0,
			    "the file ends here, expected more: it is not whole");
		at += got;
		count -= (size_t)got;
		reading->offset += got;
	}
	return 0;
}

static bool is_nothing(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static int skip_padding(struct reading *reading, int64_t bytes)
{
	uint8_t padding[TAR_BLOCK_BYTES];
	const size_t count = tar_padding(bytes);
	int result = take(reading, padding, count);
	if (result == 0 && !is_nothing(padding, count))
		result =
		    fail(reading, -EBADMSG, (int64_t)count, "expected NUL bytes: it is damaged");
	return result;
}

static int take_header(struct reading *reading, struct tar_header *ret_header)
{
	uint8_t block[TAR_BLOCK_BYTES];
	struct complaint why = {""};
	int result = take(reading, block, sizeof block);
	if (result == 0 && tar_header_read(block, ret_header, &why) != 0)
		result = complain(reading->complaint, -EBADMSG,
		    "%s:%" PRId64 ": %s: expected a file that `hinomi backup` wrote, and whole",
		    reading->name, reading->offset - TAR_BLOCK_BYTES, why.text);
	return result;
}

static int expect_header(struct reading *reading, const char *name, struct tar_header *ret_header)
{
	int result = take_header(reading, ret_header);
	if (result == 0 && strcmp(ret_header->name, name) != 0)
		result = complain(reading->complaint, -EBADMSG,
		    "%s:%" PRId64 ": the file %s, expected %s", reading->name,
		    reading->offset - TAR_BLOCK_BYTES, ret_header->name, name);
	return result;
}

/* All of a file into memory. */
static int take_text(
    struct reading *reading, const struct tar_header *header, struct backup_text *ret_text)
{
	const struct backup_place *place = backup_place_of(header->name);
	const int64_t bytes_max = place != NULL ? place->bytes_max : BACKUP_TEXT_MAX_BYTES;
	if (header->bytes > bytes_max)
		return complain(reading->complaint, -EFBIG,
		    "%s:%" PRId64 ": %s: %" PRId64 " bytes, expected at most %" PRId64,
		    reading->name, reading->offset - TAR_BLOCK_BYTES, header->name, header->bytes,
		    bytes_max);
	const size_t count = (size_t)header->bytes;
	char *bytes = malloc(count + 1);
	if (bytes == NULL)
		return fail(reading, -ENOMEM, 0, "memory is out");
	int result = take(reading, bytes, count);
	if (result == 0)
		result = skip_padding(reading, header->bytes);
	if (result != 0) {
		free(bytes);
		return result;
	}
	bytes[count] = '\0';
	backup_sums_begin(&reading->sums);
	backup_sums_add(&reading->sums, bytes, count);
	*ret_text = (struct backup_text){.bytes = bytes, .count = count};
	return 0;
}

static int give(struct reading *reading, size_t count)
{
	size_t given = 0;
	while (reading->database_fd >= 0 && given < count) {
		ssize_t wrote = write(reading->database_fd, reading->piece + given, count - given);
		if (wrote < 0 && errno != EINTR)
			return complain(reading->complaint, -errno,
			    "%s: its database cannot be written (%s)", reading->name,
			    strerror(errno));
		given += wrote > 0 ? (size_t)wrote : 0;
	}
	return 0;
}

static int take_database(struct reading *reading)
{
	struct tar_header header;
	int result = expect_header(reading, STATION_DATABASE, &header);
	backup_sums_begin(&reading->sums);
	int64_t left = result == 0 ? header.bytes : 0;
	while (left > 0 && result == 0) {
		size_t part = left < BACKUP_PIECE_BYTES ? (size_t)left : BACKUP_PIECE_BYTES;
		result = take(reading, reading->piece, part);
		if (result == 0) {
			backup_sums_add(&reading->sums, reading->piece, part);
			result = give(reading, part);
		}
		left -= (int64_t)part;
	}
	if (result == 0)
		result = skip_padding(reading, header.bytes);
	if (result != 0)
		return result;
	backup_sums_end(&reading->sums, STATION_DATABASE);
	reading->backup->database_bytes = header.bytes;
	return 0;
}

/* ---- The head ---- */

/* "KEY VALUE\n" at *at, which goes on behind it. False where that is not there. */
static bool take_line(const char **at, const char *key, char *out, size_t out_bytes)
{
	const size_t key_bytes = strlen(key);
	const char *end = strchr(*at, '\n');
	if (end == NULL || strncmp(*at, key, key_bytes) != 0 || (*at)[key_bytes] != ' ')
		return false;
	const char *value = *at + key_bytes + 1;
	if (value >= end || (size_t)(end - value) >= out_bytes)
		return false;
	for (const char *each = value; each < end; each++)
		if (*each < '!' || *each > '~')
			return false;
	(void)snprintf(out, out_bytes, "%.*s", (int)(end - value), value); /* as was looked at */
	*at = end + 1;
	return true;
}

static bool is_number(const char *text)
{
	return strspn(text, "0123456789") == strlen(text);
}

/* 0 for one that this program does not know. */
static int version_of(const char *text)
{
	const int version = strlen(text) == 1 ? text[0] - '0' : 0;
	return version <= BACKUP_VERSION ? version : 0;
}

static int read_head(struct reading *reading, const struct backup_text *text)
{
	struct backup_head *head = &reading->backup->head;
	const char *at = text->bytes;
	char version[16];
	char keys[4];
	bool is_ours = take_line(&at, BACKUP_HEAD, version, sizeof version) && is_number(version);
	head->version = is_ours ? version_of(version) : 0;
	if (is_ours && head->version == 0)
		return complain(reading->complaint, -EPROTONOSUPPORT,
		    "%s: a backup of the form %s, this program knows %d: use the newer one",
		    reading->name, version, BACKUP_VERSION);
	is_ours = is_ours && take_line(&at, "made", head->made, sizeof head->made) &&
		  take_line(&at, "program", head->program, sizeof head->program) &&
		  take_line(&at, "keys", keys, sizeof keys) && *at == '\0' &&
		  at == text->bytes + text->count;
	head->has_keys = is_ours && strcmp(keys, "yes") == 0;
	if (!is_ours || (!head->has_keys && strcmp(keys, "no") != 0))
		return fail(reading, -EBADMSG, (int64_t)text->count,
		    "lines that no `hinomi backup` wrote: it is damaged");
	return 0;
}

static int take_head(struct reading *reading)
{
	struct tar_header header;
	struct backup_text text = {NULL, 0};
	int result = expect_header(reading, BACKUP_HEAD, &header);
	if (result == 0)
		result = take_text(reading, &header, &text);
	if (result == 0) {
		backup_sums_end(&reading->sums, BACKUP_HEAD);
		result = read_head(reading, &text);
	}
	free(text.bytes);
	return result;
}

/* ---- What people wrote, keys, and the end ---- */

static bool has_item(const struct backup_item *items, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(items[i].name, name) == 0)
			return true;
	return false;
}

static int take_item(struct reading *reading, const struct tar_header *header, const char *name,
    struct backup_item *item)
{
	int result = take_text(reading, header, &item->text);
	if (result != 0)
		return result;
	backup_sums_end(&reading->sums, header->name);
	(void)snprintf(item->name, sizeof item->name, "%s", name); /* no longer than the header's */
	return 0;
}

static int take_file(struct reading *reading, const struct tar_header *header)
{
	struct backup *backup = reading->backup;
	if (backup->file_count == BACKUP_FILES_MAX)
		return fail(reading, -EFBIG, TAR_BLOCK_BYTES, "more files than a station has");
	int result = take_item(reading, header, header->name, &backup->files[backup->file_count]);
	backup->file_count += result == 0;
	return result;
}

static int take_key(struct reading *reading, const struct tar_header *header)
{
	struct backup *backup = reading->backup;
	if (backup->key_count == BACKUP_KEYS_MAX)
		return fail(reading, -EFBIG, TAR_BLOCK_BYTES, "more keys than a station has");
	int result = take_item(
	    reading, header, header->name + strlen(BACKUP_KEYS), &backup->keys[backup->key_count]);
	backup->key_count += result == 0;
	return result;
}

static int take_station(struct reading *reading)
{
	struct tar_header header;
	int result = expect_header(reading, STATION_FILE, &header);
	return result == 0 ? take_file(reading, &header) : result;
}

static bool is_file_to_take(const struct backup *backup, const char *name)
{
	return backup->head.version >= BACKUP_VERSION_OF_PLACES && backup_place_of(name) != NULL &&
	       !has_item(backup->files, backup->file_count, name);
}

static bool is_key_to_take(const struct backup *backup, const char *path)
{
	const char *name = path + strlen(BACKUP_KEYS);
	return backup->head.has_keys && strncmp(path, BACKUP_KEYS, strlen(BACKUP_KEYS)) == 0 &&
	       backup_name_is_valid(name) && !has_item(backup->keys, backup->key_count, name);
}

static int take_next(struct reading *reading, const struct tar_header *header)
{
	const struct backup *backup = reading->backup;
	if (is_file_to_take(backup, header->name))
		return take_file(reading, header);
	if (is_key_to_take(backup, header->name))
		return take_key(reading, header);
	return complain(reading->complaint, -EBADMSG,
	    "%s:%" PRId64 ": the file %s, expected %s%s" BACKUP_CHECKSUMS, reading->name,
	    reading->offset - TAR_BLOCK_BYTES, header->name,
	    backup->head.version >= BACKUP_VERSION_OF_PLACES
		? "what people write for a station, each once, "
		: "",
	    backup->head.has_keys ? "keys, each once, " : "");
}

static int compare_sums(struct reading *reading, const struct tar_header *header)
{
	struct backup_text text = {NULL, 0};
	int result = take_text(reading, header, &text);
	if (result == 0 && (text.count != reading->sums.used ||
			       memcmp(text.bytes, reading->sums.text, text.count) != 0))
		result = complain(reading->complaint, -EBADMSG,
		    "%s: what is in it does not have the checksums that it had: it is damaged",
		    reading->name);
	free(text.bytes);
	return result;
}

static int take_rest(struct reading *reading)
{
	struct tar_header header;
	for (;;) {
		int result = take_header(reading, &header);
		if (result == 0 && strcmp(header.name, BACKUP_CHECKSUMS) == 0)
			return compare_sums(reading, &header);
		if (result == 0)
			result = take_next(reading, &header);
		if (result != 0)
			return result;
	}
}

/* Two empty blocks, and as many as fill the last record. */
static int take_end(struct reading *reading)
{
	const int64_t begun = reading->offset;
	int result = take(reading, reading->piece, (size_t)2 * TAR_BLOCK_BYTES);
	if (result != 0)
		return result;
	size_t count = (size_t)2 * TAR_BLOCK_BYTES;
	const size_t over = (size_t)(reading->offset % BACKUP_RECORD_BYTES);
	if (over > 0)
		result = take(reading, reading->piece + count, BACKUP_RECORD_BYTES - over);
	if (result != 0)
		return result;
	count = (size_t)(reading->offset - begun);
	if (!is_nothing(reading->piece, count))
		return fail(reading, -EBADMSG, (int64_t)count, "expected NUL bytes to the end");
	ssize_t more = read(reading->fd, reading->piece, 1);
	if (more < 0)
		return fail(reading, -errno, 0, strerror(errno));
	return more == 0 ? 0 : fail(reading, -EBADMSG, 0, "expected the end of the file");
}

int backup_read(const char *name, int fd, int database_fd, struct backup **ret_backup,
    struct complaint *complaint)
{
	struct reading *reading = calloc(1, sizeof *reading);
	struct backup *backup = calloc(1, sizeof *backup);
	int result = -ENOMEM;
	if (reading == NULL || backup == NULL || backup_sums_init(&reading->sums) != 0) {
		(void)complain(complaint, result, "%s: memory is out", name);
		goto out;
	}
	reading->name = name;
	reading->fd = fd;
	reading->database_fd = database_fd;
	reading->backup = backup;
	reading->complaint = complaint;
	result = take_head(reading);
	if (result == 0)
		result = take_station(reading);
	if (result == 0)
		result = take_database(reading);
	if (result == 0)
		result = take_rest(reading);
	if (result == 0)
		result = take_end(reading);
	backup_sums_release(&reading->sums);
	if (result == 0) {
		*ret_backup = backup;
		backup = NULL;
	}
out:
	backup_free(backup);
	if (reading != NULL)
		explicit_bzero(reading->piece, sizeof reading->piece);
	free(reading);
	return result;
}
