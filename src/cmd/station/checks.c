#include "cmd/station/checks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/quantity.h"
#include "cmd/station/config_show.h"
#include "cmd/station/holidays.h"
#include "cmd/station/wording_files.h"

enum {
	LINE_BYTES = 2048,
	MODE_BYTES = 8,
	OWNER_BYTES = 16,
	OTHERS = 07, /* the bits of a mode for those who are neither owner nor group */
	OTHERS_AND_GROUP = 077,
	GROUP_WRITE = 020,
};

/* A transaction and its log would not fit. */
#define DISK_FREE_MIN (UINT64_C(16) << 20)

void check_say(struct checking *checking, enum check_level level, enum station_word word,
    const struct value *values, size_t count)
{
	char line[LINE_BYTES];
	struct text text;
	text_init(&text, line, sizeof line);
	station_words_add(&text, checking->language, word, values, count);
	checking->counts[level]++;
	checking->tell(checking->context, level, checking->current, line);
}

static void say_complaint(struct checking *checking, const struct complaint *complaint)
{
	check_say(checking, CHECK_WRONG, WORD_SAYS, VALUES(value_of_text(complaint->text)));
}

static void say_mode(struct checking *checking, enum check_level level, const char *path,
    mode_t mode, mode_t expected)
{
	char is[MODE_BYTES];
	char should_be[MODE_BYTES];
	(void)snprintf(is, sizeof is, "%04o", (unsigned)mode & 07777U); /* four digits */
	(void)snprintf(should_be, sizeof should_be, "%03o", (unsigned)expected & 0777U);
	check_say(checking, level, WORD_FILE_MODE,
	    VALUES(value_of_text(path), value_of_text(is), value_of_text(should_be)));
}

static void check_directory(struct checking *checking)
{
	struct complaint complaint = {""};
	struct stat status;
	if (station_dir_open(checking->path, &checking->dir, &complaint) != 0) {
		say_complaint(checking, &complaint);
		return;
	}
	checking->has_dir = true;
	if (fstat(checking->dir.fd, &status) == 0 && (status.st_mode & OTHERS) != 0)
		say_mode(
		    checking, CHECK_WARNING, checking->dir.path, status.st_mode, STATION_DIR_MODE);
	else
		check_say(checking, CHECK_OK, WORD_SAYS, VALUES(value_of_text(checking->dir.path)));
}

static void check_configuration(struct checking *checking)
{
	struct complaint complaint = {""};
	struct stat status;
	char path[STATION_DIR_PATH_BYTES];
	station_dir_path(&checking->dir, STATION_FILE, path);
	if (station_config_read(&checking->dir, &checking->config, &complaint) != 0) {
		say_complaint(checking, &complaint);
		return;
	}
	checking->has_config = true;
	/* Addresses of web hooks are as good as passwords. */
	if (fstatat(checking->dir.fd, STATION_FILE, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (status.st_mode & OTHERS) != 0)
		say_mode(checking, CHECK_WARNING, path, status.st_mode, STATION_FILE_MODE);
	else
		check_say(checking, CHECK_OK, WORD_CONFIGURATION_OK, VALUES(value_of_text(path)));
}

/* Of each key that settings.yaml sets: so whoever edits station.yaml knows which of it counts. */
static void say_settings(struct checking *checking, const struct station_config *alone)
{
	static struct config_shown own; /* large, both */
	static struct config_shown other;
	char path[STATION_DIR_PATH_BYTES];
	size_t count = 0;
	station_dir_path(&checking->dir, STATION_SETTINGS, path);
	for (size_t i = 0; config_show(&checking->config, i, &own); i++) {
		if (checking->config.origins[i] != STATION_ORIGIN_SETTINGS)
			continue;
		(void)config_show(alone, i, &other); /* it is one */
		if (strcmp(own.value, other.value) == 0)
			check_say(checking, CHECK_OK, WORD_SETTINGS_SAME,
			    VALUES(value_of_text(own.key), value_of_text(own.value),
				value_of_text(path)));
		else
			check_say(checking, CHECK_OK, WORD_SETTINGS_DIFFERENT,
			    VALUES(value_of_text(own.key), value_of_text(own.value),
				value_of_text(other.value), value_of_text(path)));
		count++;
	}
	if (count == 0)
		check_say(checking, CHECK_OK, WORD_SETTINGS_NONE, NULL, 0);
}

static void check_settings(struct checking *checking)
{
	static struct station_config alone; /* large */
	struct complaint complaint = {""};
	if (station_config_try(&checking->dir, NULL, 0, &alone, &complaint) == 0)
		say_settings(checking, &alone);
	else
		check_say(checking, CHECK_WARNING, WORD_SETTINGS_ALONE,
		    VALUES(value_of_text(complaint.text), value_of_text(STATION_SETTINGS)));
}

static void check_wording(struct checking *checking)
{
	struct complaint complaint = {""};
	struct wording_set *set = NULL;
	char path[STATION_DIR_PATH_BYTES];
	size_t found = 0;
	if (wording_files_read(&checking->dir, &set, &complaint) != 0) {
		say_complaint(checking, &complaint);
		return;
	}
	wording_set_free(set);
	for (int i = 0; i < LANGUAGE_COUNT; i++) {
		if (!wording_file_is_there(&checking->dir, (enum language)i))
			continue;
		station_dir_path(&checking->dir, wording_file_name((enum language)i), path);
		check_say(checking, CHECK_OK, WORD_CONFIGURATION_OK, VALUES(value_of_text(path)));
		found++;
	}
	if (found == 0)
		check_say(checking, CHECK_OK, WORD_WORDING_BUILT_IN, NULL, 0);
}

/* What lies in the directory besides. */
static const struct content {
	const char *name;
	mode_t kind;
	mode_t mode;
	mode_t barred;
	bool is_needed; /* others come when the station runs */
} contents[] = {
    {STATION_KEYS, S_IFDIR, STATION_SECRET_DIR_MODE, OTHERS_AND_GROUP, true},
    {STATION_SPOOL, S_IFDIR, STATION_SECRET_DIR_MODE, OTHERS_AND_GROUP, true},
    {STATION_EVIDENCE, S_IFDIR, STATION_DIR_MODE, OTHERS | GROUP_WRITE, true},
    {STATION_SETTINGS, S_IFREG, STATION_FILE_MODE, OTHERS | GROUP_WRITE, false},
    {STATION_DATABASE, S_IFREG, STATION_FILE_MODE, OTHERS | GROUP_WRITE, false},
    {STATION_LOCK, S_IFREG, STATION_FILE_MODE, OTHERS | GROUP_WRITE, false},
};

static bool check_content(struct checking *checking, const struct content *content)
{
	struct stat status;
	char path[STATION_DIR_PATH_BYTES];
	char owner[OWNER_BYTES];
	station_dir_path(&checking->dir, content->name, path);
	if (fstatat(checking->dir.fd, content->name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT && !content->is_needed)
			return true;
		check_say(checking, CHECK_WRONG, WORD_FILE_MISSING, VALUES(value_of_text(path)));
	} else if ((status.st_mode & S_IFMT) != content->kind) {
		check_say(checking, CHECK_WRONG, WORD_FILE_KIND, VALUES(value_of_text(path)));
	} else if (!station_owner_is_trusted(status.st_uid)) {
		(void)snprintf(owner, sizeof owner, "%u", (unsigned)status.st_uid);
		check_say(checking, CHECK_WRONG, WORD_FILE_OWNER,
		    VALUES(value_of_text(path), value_of_text(owner)));
	} else if ((status.st_mode & content->barred) != 0) {
		say_mode(checking, CHECK_WRONG, path, status.st_mode, content->mode);
	} else {
		return true;
	}
	return false;
}

static void check_files(struct checking *checking)
{
	bool is_good = true;
	for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
		is_good = check_content(checking, &contents[i]) && is_good;
	if (is_good)
		check_say(checking, CHECK_OK, WORD_FILES_OK, NULL, 0);
}

/* For people: in the unit that leaves at most four digits. */
static void format_space(uint64_t bytes, char out[static QUANTITY_TEXT_BYTES])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;
	for (; bytes >= 10000 && unit + 1 < sizeof units / sizeof units[0]; unit++)
		bytes >>= 10;
	(void)snprintf(out, QUANTITY_TEXT_BYTES, "%" PRIu64 " %s", bytes, units[unit]);
}

static void check_disk(struct checking *checking)
{
	struct statvfs space;
	struct complaint complaint;
	char free_text[QUANTITY_TEXT_BYTES], other_text[QUANTITY_TEXT_BYTES];
	if (fstatvfs(checking->dir.fd, &space) != 0) {
		(void)complain(&complaint, 0, "%s: %s", checking->dir.path, strerror(errno));
		say_complaint(checking, &complaint);
		return;
	}
	uint64_t all = (uint64_t)space.f_blocks * space.f_frsize;
	uint64_t left = (uint64_t)space.f_bavail * space.f_frsize;
	uint64_t wanted = station_config_low_disk(&checking->config, all);
	bool is_low = left < wanted;
	format_space(left, free_text);
	format_space(is_low ? wanted : all, other_text);
	check_say(checking,
	    left < DISK_FREE_MIN ? CHECK_WRONG
	    : is_low             ? CHECK_WARNING
				 : CHECK_OK,
	    is_low ? WORD_DISK_LOW : WORD_DISK_OK,
	    VALUES(value_of_text(free_text), value_of_text(other_text)));
}

/* Mail, web hook, signs of life: when one fails, somebody must hear of it by another. */
/* A table of holidays that is wrong keeps a station from starting. */
static bool has_holidays(struct checking *checking)
{
	struct complaint complaint = {""};
	struct holidays *holidays = NULL;
	if (holidays_read(checking->dir.path, &holidays, &complaint) != 0) {
		say_complaint(checking, &complaint);
		return false;
	}
	holidays_free(holidays);
	return true;
}

static void check_notices(struct checking *checking)
{
	const struct station_config *config = &checking->config;
	const struct {
		bool is_there;
		const char *key;
	} ways[] = {
	    {station_config_has_mail(config), "operator.mail"},
	    {station_config_has_webhook(config), "operator.webhook"},
	    {config->heartbeat.url[0] != '\0', "heartbeat.url"},
	};
	char list[LINE_BYTES];
	struct text text;
	size_t count = 0;
	if (!has_holidays(checking))
		return;
	text_init(&text, list, sizeof list);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (!ways[i].is_there)
			continue;
		if (count++ > 0)
			text_add(&text, station_word(checking->language, WORD_JOINT));
		text_add(&text, ways[i].key);
	}
	bool has_operator = station_config_has_mail(config) || station_config_has_webhook(config);
	if (!has_operator)
		check_say(checking, CHECK_WARNING, WORD_NOTICES_NOBODY, NULL, 0);
	else if (count < 2)
		check_say(
		    checking, CHECK_WARNING, WORD_NOTICES_ONE_WAY, VALUES(value_of_text(list)));
	else
		check_say(checking, CHECK_OK, WORD_NOTICES_OK, VALUES(value_of_text(list)));

	const char *at = strchr(config->mail.from, '@');
	if (config->mail.server.port != 0 && !endpoint_is_loopback(&config->mail.server) &&
	    (at == NULL || strchr(at, '.') == NULL))
		check_say(checking, CHECK_WARNING, WORD_NOTICES_SENDER,
		    VALUES(value_of_text(config->mail.from)));
}

static const struct check checks[] = {
    {WORD_CHECK_DIRECTORY, 0, check_directory},
    {WORD_CHECK_CONFIGURATION, CHECK_NEEDS_DIR, check_configuration},
    {WORD_CHECK_SETTINGS, CHECK_NEEDS_DIR | CHECK_NEEDS_CONFIG, check_settings},
    {WORD_CHECK_WORDING, CHECK_NEEDS_DIR, check_wording},
    {WORD_CHECK_FILES, CHECK_NEEDS_DIR, check_files},
    {WORD_CHECK_DISK, CHECK_NEEDS_DIR | CHECK_NEEDS_CONFIG, check_disk},
    {WORD_CHECK_SOURCES, CHECK_NEEDS_CONFIG | CHECK_NEEDS_FACTS, check_sources},
    {WORD_CHECK_LISTEN, CHECK_NEEDS_CONFIG, check_listen},
    {WORD_CHECK_DARK, CHECK_NEEDS_CONFIG | CHECK_NEEDS_FACTS, check_dark},
    {WORD_CHECK_NOTICES, CHECK_NEEDS_CONFIG, check_notices},
    {WORD_CHECK_MAIL, CHECK_NEEDS_CONFIG, check_mail},
    {WORD_CHECK_SIGNING, CHECK_NEEDS_DIR | CHECK_NEEDS_CONFIG, check_signing},
    {WORD_CHECK_PAGE, CHECK_NEEDS_DIR | CHECK_NEEDS_CONFIG, check_page},
    {WORD_CHECK_CLOCK, CHECK_NEEDS_DIR, check_clock},
    {WORD_CHECK_ALARMS, CHECK_NEEDS_DIR | CHECK_NEEDS_CONFIG, check_alarms},
};

/* Asked for once, before the first check that needs it. */
static void find_facts(struct checking *checking)
{
	struct complaint complaint = {""};
	if (station_facts_find(&checking->facts, &complaint) == 0)
		checking->has_facts = true;
	else
		say_complaint(checking, &complaint);
}

void checks_run(struct checking *checking)
{
	bool asked = false;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		const struct check *check = &checks[i];
		bool needs_facts = (check->needs & CHECK_NEEDS_FACTS) != 0;
		checking->current = check->name;
		if (((check->needs & CHECK_NEEDS_DIR) != 0 && !checking->has_dir) ||
		    ((check->needs & CHECK_NEEDS_CONFIG) != 0 && !checking->has_config))
			continue;
		if (needs_facts && !asked)
			find_facts(checking);
		asked = asked || needs_facts;
		if (!needs_facts || checking->has_facts)
			check->run(checking);
	}
	if (checking->has_dir)
		station_dir_close(&checking->dir);
}
