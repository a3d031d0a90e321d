#include "cmd/station/names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/zone.h"

enum {
	FILE_BYTES = 4096, /* of these files; what is longer is cut */
};

static const char zone_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789_+-/";

bool station_zone_is_known(const char *name)
{
	struct zone *zone = NULL;
	if (strcmp(name, "UTC") == 0)
		return true;
	bool is_known = strlen(name) < STATION_ZONE_BYTES && zone_open(name, &zone, NULL) == 0;
	zone_free(zone);
	return is_known;
}

/* The start of a file, as text; "" where there is none. */
static void read_start(const char *root, const char *path, char out[static FILE_BYTES])
{
	char whole[PATH_MAX];
	size_t used = 0;
	out[0] = '\0';
	int bytes = snprintf(whole, sizeof whole, "%s%s", root, path);
	if (bytes < 0 || (size_t)bytes >= sizeof whole)
		return;
	int fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	ssize_t got = 1;
	while (got > 0 && used < FILE_BYTES - 1) {
		got = read(fd, out + used, FILE_BYTES - 1 - used);
		used += got > 0 ? (size_t)got : 0;
	}
	(void)close(fd); /* only read from */
	out[used] = '\0';
}

/* A word of some bytes, where it is the name of a host. */
static void take_host(const char *word, size_t bytes, char out[static HOST_BYTES])
{
	char name[HOST_BYTES];
	if (bytes == 0 || bytes >= sizeof name)
		return;
	memcpy(name, word, bytes);
	name[bytes] = '\0';
	if (host_name_is_valid(name))
		memcpy(out, name, bytes + 1);
}

static void take_line(const char *root, const char *path, char out[static HOST_BYTES])
{
	char text[FILE_BYTES];
	read_start(root, path, text);
	take_host(text, strcspn(text, " \t\r\n"), out);
}

/* resolv.conf(5): of `domain` and `search` the last line counts. */
static void take_search(const char *root, char out[static HOST_BYTES])
{
	static const char blanks[] = " \t";
	char text[FILE_BYTES];
	read_start(root, "/etc/resolv.conf", text);
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
		size_t key = strcspn(line, blanks);
		if (key != strlen("domain") || /* as long as "search" */
		    (strncmp(line, "domain", key) != 0 && strncmp(line, "search", key) != 0))
			continue;
		const char *word = line + key + strspn(line + key, blanks);
		take_host(word, strcspn(word, " \t\r"), out);
	}
}

static void take_zone(const char *name, char out[static STATION_ZONE_BYTES])
{
	size_t bytes = strspn(name, zone_letters);
	bool is_end = name[bytes] == '\0' || name[bytes] == '\n';
	if (bytes == 0 || bytes >= STATION_ZONE_BYTES || !is_end || name[0] == '/')
		return;
	memcpy(out, name, bytes);
	out[bytes] = '\0';
}

/* localtime(5): a link to the zone's file, whose path below zoneinfo is its name. */
static void find_zone(const char *root, char out[static STATION_ZONE_BYTES])
{
	static const char folder[] = "/zoneinfo/";
	char path[PATH_MAX];
	char target[PATH_MAX];
	int bytes = snprintf(path, sizeof path, "%s/etc/localtime", root);
	if (bytes > 0 && (size_t)bytes < sizeof path) {
		ssize_t length = readlink(path, target, sizeof target - 1);
		target[length > 0 ? length : 0] = '\0';
		const char *below = strstr(target, folder);
		if (below != NULL)
			take_zone(below + strlen(folder), out);
	}
	if (out[0] == '\0') { /* a copy of the file: Debian writes the name down as well */
		char text[FILE_BYTES];
		read_start(root, "/etc/timezone", text);
		take_zone(text, out);
	}
}

void station_names_find(const char *root, struct station_names *ret_names)
{
	memset(ret_names, 0, sizeof *ret_names);
	take_line(root, "/proc/sys/kernel/hostname", ret_names->host);
	const char *dot = strchr(ret_names->host, '.');
	if (dot != NULL)
		take_host(dot + 1, strlen(dot + 1), ret_names->domain);
	else
		take_search(root, ret_names->domain);
	take_line(root, "/etc/mailname", ret_names->mail_domain);
	if (strchr(ret_names->mail_domain, '.') == NULL)
		memset(ret_names->mail_domain, 0, sizeof ret_names->mail_domain);
	if (ret_names->mail_domain[0] == '\0' && strchr(ret_names->domain, '.') != NULL)
		memcpy(ret_names->mail_domain, ret_names->domain, sizeof ret_names->mail_domain);
	find_zone(root, ret_names->zone);
	ret_names->language = language_of_environment();
}

const char *station_language_name(enum language language)
{
	static const char *const names[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "en", [LANGUAGE_JA] = "ja"};
	return names[language];
}
