#include "cmd/station/holidays.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/paths.h"

#define FOLDER STATION_HOLIDAYS

enum {
	NAME_BYTES = sizeof FOLDER + 256, /* NAME_MAX */
};

struct table {
	char country[CALENDAR_COUNTRY_BYTES];
	struct calendar_day *days;
	size_t count;
};

struct holidays {
	struct table tables[HOLIDAYS_COUNTRIES_MAX];
	size_t count;
};

bool holidays_is_country(const char *name)
{
	return strlen(name) == CALENDAR_COUNTRY_BYTES - 1 && isupper((unsigned char)name[0]) &&
	       isupper((unsigned char)name[1]);
}

/* The whole file, to be freed. */
static int read_file(int folder, const char *name, char **ret_text, struct complaint *complaint)
{
	struct stat status;
	size_t got = 0;
	ssize_t step = 1;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return complain(complaint, -errno, FOLDER "/%s: %s", name, strerror(errno));
	char *text = malloc(CALENDAR_BYTES_MAX + 1);
	const bool is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	while (text != NULL && is_file && step > 0 && got < CALENDAR_BYTES_MAX) {
		step = read(fd, text + got, CALENDAR_BYTES_MAX - got);
		got += step > 0 ? (size_t)step : 0;
	}
	(void)close(fd); /* only read */
	if (text == NULL)
		return complain(complaint, -ENOMEM, "out of memory for holidays");
	text[got] = '\0';
	if (is_file && step == 0 && strlen(text) == got) {
		*ret_text = text;
		return 0;
	}
	free(text);
	return complain(complaint, -EINVAL,
	    FOLDER "/%s: expected a text file of fewer than %d bytes", name, CALENDAR_BYTES_MAX);
}

static int add_table(
    struct holidays *holidays, int folder, const char *country, struct complaint *complaint)
{
	char name[NAME_BYTES];
	char *text = NULL;
	if (holidays->count == HOLIDAYS_COUNTRIES_MAX)
		return complain(complaint, -E2BIG,
		    FOLDER ": expected tables of at most %d countries", HOLIDAYS_COUNTRIES_MAX);
	struct table *table = &holidays->tables[holidays->count];
	int result = read_file(folder, country, &text, complaint);
	if (result != 0)
		return result;
	(void)snprintf(name, sizeof name, FOLDER "/%s", country); /* fits */
	memcpy(table->country, country, sizeof table->country);   /* it was checked */
	result = calendar_parse(name, text, &table->days, &table->count, complaint);
	free(text);
	holidays->count += result == 0;
	return result;
}

static int read_folder(struct holidays *holidays, DIR *folder, struct complaint *complaint)
{
	const struct dirent *entry;
	int result = 0;
	while (result == 0 && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (holidays_is_country(entry->d_name))
			result = add_table(holidays, dirfd(folder), entry->d_name, complaint);
		else
			result = complain(complaint, -EINVAL,
			    FOLDER "/%s: expected files named by countries, such as KR",
			    entry->d_name);
	}
	return result;
}

/* NULL with errno. */
static DIR *open_folder(const char *directory)
{
	int above = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (above < 0)
		return NULL;
	int fd = openat(above, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	const int error = errno;
	(void)close(above); /* a path only */
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && folder == NULL)
		(void)close(fd); /* nothing was read */
	if (fd < 0)
		errno = error;
	return folder;
}

int holidays_read(
    const char *directory, struct holidays **ret_holidays, struct complaint *complaint)
{
	struct holidays *holidays = calloc(1, sizeof *holidays);
	int result = 0;
	if (holidays == NULL)
		return complain(complaint, -ENOMEM, "out of memory for holidays");
	DIR *folder = directory == NULL ? NULL : open_folder(directory);
	if (folder != NULL) {
		result = read_folder(holidays, folder, complaint);
		(void)closedir(folder); /* only read */
	} else if (directory != NULL && errno != ENOENT) {
		result = complain(complaint, -errno, FOLDER ": %s", strerror(errno));
	}
	if (result != 0) {
		holidays_free(holidays);
		return result;
	}
	*ret_holidays = holidays;
	return 0;
}

void holidays_free(struct holidays *holidays)
{
	if (holidays == NULL)
		return;
	for (size_t i = 0; i < holidays->count; i++)
		free(holidays->tables[i].days);
	free(holidays);
}

void holidays_find(
    const struct holidays *holidays, const char *country, struct calendar *ret_calendar)
{
	*ret_calendar = (struct calendar){.has_japan = strcmp(country, "JP") == 0};
	for (size_t i = 0; i < holidays->count; i++) {
		const struct table *table = &holidays->tables[i];
		if (strcmp(table->country, country) != 0)
			continue;
		ret_calendar->days = table->days;
		ret_calendar->count = table->count;
	}
}

bool holidays_has(const struct holidays *holidays, const char *country)
{
	struct calendar calendar;
	holidays_find(holidays, country, &calendar);
	return calendar.has_japan || calendar.days != NULL || strcmp(country, "none") == 0;
}
