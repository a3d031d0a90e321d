#include "cmd/station/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cmd/station/config_key.h"
#include "cmd/station/config_show.h"

#define STAGED STATION_SETTINGS ".new"

static const char *const headings[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] =
	"Settings that were changed by the station's page or by `hinomi setting`, which write this "
	"file: what else is written here does not stay.\n"
	"What stands here wins over station.yaml. `hinomi setting reset KEY` undoes one of it, and "
	"so does removing its line, or this file, and `systemctl reload hinomi`.\n",
    [LANGUAGE_JA] =
	"観測所の画面か `hinomi setting` で変えた設定です。このファイルはそれらが書き直すので、"
	"ほかに書いたことは残りません。\n"
	"station.yaml より、ここに書かれた値が優先します。元に戻すには `hinomi setting reset KEY` "
	"を"
	"使うか、その行（またはこのファイル）を消して `systemctl reload hinomi` を実行します。\n",
};

/* ---- What is asked ---- */

static int refuse_key(const char *name, struct complaint *complaint)
{
	const char *names[STATION_KEYS_MAX];
	for (size_t i = 0; i < station_key_count; i++)
		names[i] = station_keys[i].path;
	return complain(complaint, -ENOENT, "key %s: there is none, is it %s?", name,
	    nearest_name(name, names, station_key_count));
}

/* Its number, or a negative errno. */
static int find_key(const char *name, struct complaint *complaint)
{
	const int number = station_key_find(name);
	if (number < 0)
		return refuse_key(name, complaint);
	if (station_keys[number].change == NULL)
		return complain(complaint, -EPERM,
		    "key %s: is changed in station.yaml alone, expected one that `hinomi setting "
		    "list` shows",
		    name);
	return number;
}

static int check_value(
    const struct station_key *key, const char *value, struct complaint *complaint)
{
	char expected[CONFIG_EXPECTED_BYTES];
	char field[STATION_CHANGE_BYTES];
	if (value == NULL || station_key_take_change(key, value, field) == 0)
		return 0;
	station_key_expect_change(key, LANGUAGE_EN, expected);
	return complain(complaint, -EINVAL, "value %s: expected %s", value, expected);
}

/* ---- What comes of it ---- */

static void show(const struct station_config *config, size_t number, char *out)
{
	static struct config_shown shown; /* large */
	(void)config_show(config, number, &shown);
	(void)snprintf(out, STATION_CHANGE_BYTES, "%.*s", STATION_CHANGE_BYTES - 1, shown.value);
}

static int write_text(
    const struct station_changes *changes, enum language language, struct settings_plan *plan)
{
	struct station_setting settings[STATION_KEYS_MAX];
	struct station_draft draft = {
	    .language = language, .heading = headings[language], .settings = settings};
	for (size_t i = 0; i < station_key_count; i++)
		if (changes->texts[i][0] != '\0')
			settings[draft.count++] =
			    (struct station_setting){station_keys[i].path, changes->texts[i]};
	FILE *out = open_memstream(&plan->text, &plan->length);
	if (out == NULL)
		return -ENOMEM;
	station_config_write_changes(out, &draft);
	const bool failed = ferror(out) != 0;
	return fclose(out) != 0 || failed ? -ENOMEM : 0;
}

/* "DIR/settings.yaml:12: " before what is said of a file that nobody wrote yet. */
static const char *skip_place(const struct station_dir *dir, const char *text)
{
	char path[STATION_DIR_PATH_BYTES];
	station_dir_path(dir, STATION_SETTINGS, path);
	const size_t bytes = strlen(path);
	if (strncmp(text, path, bytes) != 0 || text[bytes] != ':')
		return text;
	const size_t digits = strspn(text + bytes + 1, "0123456789");
	return strncmp(text + bytes + 1 + digits, ": ", 2) == 0 ? text + bytes + 3 + digits : text;
}

/* The whole, as the station will read it. */
static int try_plan(const struct station_dir *dir, const struct settings_change *change,
    struct settings_plan *plan, struct complaint *complaint)
{
	struct complaint why;
	const int result = station_config_try(dir, plan->text, plan->length, plan->config, &why);
	if (result == -EINVAL)
		return complain(complaint, result, "value %s: %s",
		    change->value == NULL ? "of station.yaml" : change->value,
		    skip_place(dir, why.text));
	return result == 0 ? 0 : complain(complaint, result, "%s", why.text);
}

static bool is_equal(
    const struct station_key *key, const struct station_config *a, const struct station_config *b)
{
	return memcmp((const char *)a + key->offset, (const char *)b + key->offset, key->bytes) ==
	       0;
}

/* As the files are now; with `plan` how they would be. */
static int make_plan(const struct station_dir *dir, const struct settings_change *change,
    struct settings_plan *plan, struct complaint *complaint)
{
	const struct station_key *key = &station_keys[plan->key];
	struct station_config *now = malloc(sizeof *now);
	struct station_changes *changes = malloc(sizeof *changes);
	plan->config = malloc(sizeof *plan->config);
	int result = -ENOMEM;
	if (now == NULL || changes == NULL || plan->config == NULL) {
		(void)complain(complaint, result, "out of memory");
		goto out;
	}
	result = station_changes_read(dir, changes, complaint);
	if (result == 0)
		result = write_text(changes, change->language, plan);
	if (result == 0)
		result = station_config_try(dir, plan->text, plan->length, now, complaint);
	if (result != 0) {
		/* what is wrong already is no fault of the change */
		result = result == -EINVAL ? -EPERM : result;
		goto out;
	}
	free(plan->text);
	plan->text = NULL;
	(void)snprintf(changes->texts[plan->key], STATION_CHANGE_BYTES, "%s",
	    change->value == NULL ? "" : change->value); /* fits: it was checked */
	result = write_text(changes, change->language, plan);
	if (result == 0)
		result = try_plan(dir, change, plan, complaint);
	if (result != 0)
		goto out;
	show(now, plan->key, plan->before);
	show(plan->config, plan->key, plan->after);
	plan->is_same = change->value != NULL
			    ? is_equal(key, now, plan->config)
			    : now->origins[plan->key] == plan->config->origins[plan->key];
out:
	free(now);
	free(changes);
	return result;
}

int settings_plan(const struct station_dir *dir, const struct settings_change *change,
    struct settings_plan *ret_plan, struct complaint *complaint)
{
	const int number = find_key(change->key, complaint);
	*ret_plan = (struct settings_plan){.text = NULL};
	if (number < 0)
		return number;
	ret_plan->key = (size_t)number;
	int result = check_value(&station_keys[number], change->value, complaint);
	if (result == 0)
		result = make_plan(dir, change, ret_plan, complaint);
	if (result != 0)
		settings_plan_release(ret_plan);
	return result;
}

void settings_plan_release(struct settings_plan *plan)
{
	free(plan->config);
	free(plan->text);
	plan->config = NULL;
	plan->text = NULL;
}

bool settings_are_in(const struct settings_plan *plan, const struct station_config *in_force)
{
	const struct station_key *key = &station_keys[plan->key];
	if (plan->config->origins[plan->key] != in_force->origins[plan->key])
		return false;
	/* what is left to the machine was completed there */
	return is_equal(key, plan->config, in_force) || strcmp(plan->after, "auto") == 0;
}

/* ---- The file ---- */

static int fail(const struct station_dir *dir, int error, struct complaint *complaint)
{
	return complain(complaint, -error, "%s/" STATION_SETTINGS ": %s, expected to write it",
	    dir->path, strerror(error));
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		const ssize_t wrote = write(fd, text, length);
		if (wrote < 0 && errno != EINTR)
			return -errno;
		text += wrote > 0 ? wrote : 0;
		length -= wrote > 0 ? (size_t)wrote : 0;
	}
	/* whatever the umask is */
	return fchmod(fd, STATION_FILE_MODE) == 0 && fsync(fd) == 0 ? 0 : -errno;
}

void settings_unstage(const struct station_dir *dir)
{
	(void)unlinkat(dir->fd, STAGED, 0); /* or there is none */
}

int settings_stage(
    const struct station_dir *dir, const struct settings_plan *plan, struct complaint *complaint)
{
	settings_unstage(dir); /* of one that was not finished */
	int fd = openat(dir->fd, STAGED, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    STATION_FILE_MODE);
	if (fd < 0)
		return fail(dir, errno, complaint);
	int result = write_all(fd, plan->text, plan->length);
	if (close(fd) != 0 && result == 0)
		result = -errno;
	if (result == 0)
		return 0;
	settings_unstage(dir);
	return fail(dir, -result, complaint);
}

int settings_place(const struct station_dir *dir, struct complaint *complaint)
{
	if (renameat(dir->fd, STAGED, dir->fd, STATION_SETTINGS) == 0 && fsync(dir->fd) == 0)
		return 0;
	const int error = errno;
	settings_unstage(dir);
	return fail(dir, error, complaint);
}
