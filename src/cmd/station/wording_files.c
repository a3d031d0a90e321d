#include "cmd/station/wording_files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/wire.h"

const char *wording_file_name(enum language language)
{
	static const char *const names[] = {
	    [LANGUAGE_EN] = STATION_WORDING "/en.yaml",
	    [LANGUAGE_JA] = STATION_WORDING "/ja.yaml",
	};
	static_assert(sizeof names / sizeof names[0] == LANGUAGE_COUNT, "a file for each");
	assert((unsigned)language < LANGUAGE_COUNT);
	return names[language];
}

bool wording_file_is_there(const struct station_dir *dir, enum language language)
{
	struct stat status;
	return fstatat(dir->fd, wording_file_name(language), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* All of an open file, or -EFBIG. */
static int read_all(int fd, char **ret_text, size_t *ret_length)
{
	char *text = malloc(WORDING_FILE_BYTES_MAX + 1);
	size_t length = 0;
	if (text == NULL)
		return -ENOMEM;
	while (length <= WORDING_FILE_BYTES_MAX) {
		ssize_t got = read(fd, text + length, WORDING_FILE_BYTES_MAX + 1 - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int error = -errno;
			free(text);
			return error;
		}
		if (got == 0)
			break;
		length += (size_t)got;
	}
	if (length > WORDING_FILE_BYTES_MAX) {
		free(text);
		return -EFBIG;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}

/* The text alone. */
static int load(const struct station_dir *dir, enum language language, char **ret_text,
    size_t *ret_length, struct complaint *complaint)
{
	char path[STATION_DIR_PATH_BYTES];
	int fd = -1;
	if (!wording_file_is_there(dir, language)) {
		*ret_length = 0;
		*ret_text = calloc(1, 1);
		return *ret_text != NULL ? 0 : complain(complaint, -ENOMEM, "out of memory");
	}
	station_dir_path(dir, wording_file_name(language), path);
	int result = station_dir_open_file(dir, wording_file_name(language), &fd, complaint);
	if (result != 0)
		return result;
	result = read_all(fd, ret_text, ret_length);
	(void)close(fd); /* only read */
	if (result == -EFBIG)
		return complain(complaint, result, "%s: expected a file of at most %d bytes", path,
		    WORDING_FILE_BYTES_MAX);
	return result == 0 ? 0 : complain(complaint, result, "%s: %s", path, strerror(-result));
}

static int read_into(struct wording_set *set, const struct station_dir *dir, enum language language,
    struct complaint *complaint)
{
	char path[STATION_DIR_PATH_BYTES];
	char *text = NULL;
	size_t length = 0;
	int result = load(dir, language, &text, &length, complaint);
	station_dir_path(dir, wording_file_name(language), path);
	if (result == 0)
		result = wording_set_read(
		    set, language, &(struct wording_file){path, text, length}, complaint);
	free(text);
	return result;
}

int wording_file_read(const struct station_dir *dir, enum language language, char **ret_text,
    size_t *ret_length, struct complaint *complaint)
{
	struct wording_set *set = NULL;
	char path[STATION_DIR_PATH_BYTES];
	char *text = NULL;
	size_t length = 0;
	int result = load(dir, language, &text, &length, complaint);
	if (result != 0)
		return result;
	station_dir_path(dir, wording_file_name(language), path);
	result = wording_set_new(&set);
	if (result != 0)
		(void)complain(complaint, result, "out of memory");
	else
		result = wording_set_read(
		    set, language, &(struct wording_file){path, text, length}, complaint);
	wording_set_free(set);
	if (result != 0) {
		free(text);
		return result;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}

int wording_files_read(
    const struct station_dir *dir, struct wording_set **ret_set, struct complaint *complaint)
{
	struct wording_set *set = NULL;
	int result = wording_set_new(&set);
	if (result != 0)
		return complain(complaint, result, "out of memory");
	for (int i = 0; i < LANGUAGE_COUNT && result == 0; i++)
		result = read_into(set, dir, (enum language)i, complaint);
	if (result != 0) {
		wording_set_free(set);
		return result;
	}
	*ret_set = set;
	return 0;
}

/* The parent has found it right. */
static int take_into(
    struct wording_set *set, enum language language, int fd, struct complaint *complaint)
{
	const char *name = wording_file_name(language);
	struct wording_file file = {.name = name};
	char *text = NULL;
	int result = fd < 0 ? fd : wire_read_text(fd, WORDING_FILE_BYTES_MAX, &text, &file.length);
	if (result != 0)
		return complain(complaint, result, "%s: %s", name, strerror(-result));
	file.text = text;
	result = wording_set_read(set, language, &file, complaint);
	free(text);
	return result;
}

int wording_files_take(
    const int fds[static LANGUAGE_COUNT], struct wording_set **ret_set, struct complaint *complaint)
{
	struct wording_set *set = NULL;
	int result = wording_set_new(&set);
	if (result != 0)
		return complain(complaint, result, "out of memory");
	for (int i = 0; i < LANGUAGE_COUNT && result == 0; i++)
		result = take_into(set, (enum language)i, fds[i], complaint);
	if (result != 0) {
		wording_set_free(set);
		return result;
	}
	*ret_set = set;
	return 0;
}
