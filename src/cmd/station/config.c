/* config.c - reading station.yaml by the table of its keys. */
#include "cmd/station/config.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/quantity.h"
#include "cmd/station/config_key.h"
#include "cmd/station/paths.h"

static void *field_of(const struct station_key *key, struct station_config *config)
{
	return (char *)config + key->offset;
}

void station_config_init(struct station_config *ret_config)
{
	memset(ret_config, 0, sizeof *ret_config);
	for (size_t i = 0; i < station_key_count; i++) {
		const struct station_key *key = &station_keys[i];
		if (key->initial[0] == '\0')
			continue;
		int error = key->type->parse(key, key->initial, field_of(key, ret_config), NULL);
		assert(error == 0); /* our own table */
		(void)error;
	}
	thresholds_init(&ret_config->thresholds);
}

int station_refuse(const struct station_reading *reading, const char *path, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int bytes = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (bytes < 0)
		return complain(reading->complaint, -ENOMEM, "out of memory");
	const int number = station_key_find(path);
	const struct config_node *node = reading->set_by[number];
	int error = node != NULL ? config_refuse(reading->set_in[number], node, reading->complaint,
				       "%s: %s", path, text)
				 : config_refuse(reading->base, config_top(reading->base),
				       reading->complaint, "%s: %s", path, text);
	free(text);
	return error;
}

/* The first part of a key after this section's path; false where the key is not inside. */
static bool child_name(
    const char *key, const char *section, char out[static STATION_KEY_PATH_BYTES])
{
	size_t bytes = strlen(section);
	if (bytes > 0 && (strncmp(key, section, bytes) != 0 || key[bytes] != '.'))
		return false;
	key += bytes > 0 ? bytes + 1 : 0;
	(void)snprintf(out, STATION_KEY_PATH_BYTES, "%.*s", (int)strcspn(key, "."), key);
	return true;
}

/* A key that stands elsewhere under this very name, or NULL. */
static const char *find_elsewhere(const char *name)
{
	for (size_t i = 0; i < station_key_count; i++) {
		const char *dot = strrchr(station_keys[i].path, '.');
		if (dot != NULL && strcmp(dot + 1, name) == 0)
			return station_keys[i].path;
	}
	return NULL;
}

static int refuse_unknown(
    const struct station_reading *reading, const struct config_node *node, const char *section)
{
	char names[STATION_KEYS_MAX][STATION_KEY_PATH_BYTES];
	const char *pointers[STATION_KEYS_MAX];
	char known[COMPLAINT_BYTES * 2] = "";
	size_t count = 0, used = 0;
	for (size_t i = 0; i < station_key_count; i++) {
		if (!child_name(station_keys[i].path, section, names[count]) ||
		    (count > 0 && strcmp(names[count], names[count - 1]) == 0))
			continue;
		pointers[count] = names[count];
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
		    count == 0 ? "" : ", ", names[count]);
		count++;
	}
	assert(used < sizeof known && count > 0); /* our own names */

	const char *meant = find_elsewhere(node->key);
	if (meant == NULL)
		meant = nearest_name(node->key, pointers, count);
	return config_refuse(reading->config, node, reading->complaint,
	    "\"%s\" is not known%s%s, did you mean \"%s\"? Expected one of: %s", node->key,
	    section[0] == '\0' ? "" : " under ", section, meant, known);
}

/* "2 is out of range, expected 1m to 1d, or 0". */
static int refuse_range(const struct station_reading *reading, const struct config_node *node,
    const struct station_key *key)
{
	return config_refuse(reading->config, node, reading->complaint,
	    "%s: %s is out of range, expected %s to %s%s", key->path, node->text, key->min,
	    key->max, key->or_zero ? ", or 0" : "");
}

static int read_text(
    struct station_reading *reading, const struct config_node *node, const struct station_key *key)
{
	if (node->kind != CONFIG_TEXT)
		return config_refuse(reading->config, node, reading->complaint, "%s: found %s, %s",
		    key->path, config_kind_name(node), key->type->expected);

	struct complaint why = {""};
	int error = key->type->parse(key, node->text, field_of(key, reading->into), &why);
	if (error == -ERANGE)
		return refuse_range(reading, node, key);
	if (error != 0)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: found \"%s\", %s", key->path, node->text, why.text);
	return 0;
}

/* What the file lists takes the place of the default. */
static int read_list(
    struct station_reading *reading, const struct config_node *node, const struct station_key *key)
{
	memset(field_of(key, reading->into), 0, key->bytes);
	if (node->kind != CONFIG_LIST)
		return read_text(reading, node, key);
	int error = 0;
	for (const struct config_node *item = node->first; error == 0 && item != NULL;
	     item = item->next) {
		bool is_auto = item->kind == CONFIG_TEXT && strcmp(item->text, "auto") == 0;
		error = is_auto ? config_refuse(reading->config, item, reading->complaint,
				      "%s: found auto in a list, expected it alone", key->path)
				: read_text(reading, item, key);
	}
	return error;
}

static int read_pair(
    struct station_reading *reading, const struct config_node *node, const struct station_key *key)
{
	if (node->kind != CONFIG_TEXT)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: %s: found %s, expected a duration such as 5m", key->path, node->key,
		    config_kind_name(node));
	struct complaint why = {""};
	int error = value_add_pair(key, node->key, node->text, field_of(key, reading->into), &why);
	if (error == -ERANGE)
		return refuse_range(reading, node, key);
	if (error != 0)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: found \"%s: %s\", %s", key->path, node->key, node->text, why.text);
	return 0;
}

static int read_pairs(
    struct station_reading *reading, const struct config_node *node, const struct station_key *key)
{
	if (node->kind != CONFIG_MAPPING)
		return config_refuse(reading->config, node, reading->complaint, "%s: found %s, %s",
		    key->path, config_kind_name(node), key->type->expected);
	int error = 0;
	for (const struct config_node *pair = node->first; error == 0 && pair != NULL;
	     pair = pair->next)
		error = read_pair(reading, pair, key);
	return error;
}

/* In settings.yaml. */
static int read_change(
    struct station_reading *reading, const struct config_node *node, const struct station_key *key)
{
	char expected[CONFIG_EXPECTED_BYTES];
	if (key->change == NULL)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: is changed in station.yaml alone, expected it there", key->path);
	station_key_expect_change(key, LANGUAGE_EN, expected);
	if (node->kind != CONFIG_TEXT)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: found %s, expected %s", key->path, config_kind_name(node), expected);
	if (station_key_take_change(key, node->text, field_of(key, reading->into)) != 0)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: found \"%s\", expected %s", key->path, node->text, expected);
	return 0;
}

static int read_value(
    struct station_reading *reading, const struct config_node *node, size_t number)
{
	const struct station_key *key = &station_keys[number];
	reading->set_by[number] = node;
	reading->set_in[number] = reading->config;
	reading->into->origins[number] = (uint8_t)reading->origin;
	if (reading->origin == STATION_ORIGIN_SETTINGS)
		return read_change(reading, node, key);
	/* A list whose items are all commented out is no mistake; a value that is missing is. */
	if (node->kind == CONFIG_NOTHING && key->type->shape != SHAPE_ONE)
		return 0;
	switch (key->type->shape) {
	case SHAPE_LIST:
		return read_list(reading, node, key);
	case SHAPE_PAIRS:
		return read_pairs(reading, node, key);
	case SHAPE_THRESHOLDS:
		return thresholds_overlay(
		    reading->config, node, &reading->into->thresholds, reading->complaint);
	case SHAPE_ONE:
	default:
		return read_text(reading, node, key);
	}
}

static bool is_section(const char *path)
{
	char name[STATION_KEY_PATH_BYTES];
	for (size_t i = 0; i < station_key_count; i++)
		if (child_name(station_keys[i].path, path, name))
			return true;
	return false;
}

/* `section` is its path, "" at the top. Sections are at most as deep as keys have dots. */
static int read_section(
    struct station_reading *reading, const struct config_node *node, const char *section)
{
	if (node->kind != CONFIG_MAPPING && node->kind != CONFIG_NOTHING)
		return config_refuse(reading->config, node, reading->complaint,
		    "%s: found %s, expected lines such as \"key: value\" under it", section,
		    config_kind_name(node));
	int error = 0;
	for (const struct config_node *child = node->first; error == 0 && child != NULL;
	     child = child->next) {
		char path[STATION_KEY_PATH_BYTES];
		int bytes = snprintf(path, sizeof path, "%s%s%s", section,
		    section[0] == '\0' ? "" : ".", child->key);
		bool fits = bytes > 0 && (size_t)bytes < sizeof path;
		bool is_plain = fits && strchr(child->key, '.') == NULL && child->key[0] != '\0';
		int number = is_plain ? station_key_find(path) : -1;
		if (number >= 0)
			error = read_value(reading, child, (size_t)number);
		else if (is_plain && is_section(path))
			error = read_section(reading, child, path);
		else
			error = refuse_unknown(reading, child, section);
	}
	return error;
}

/* Parsed, to be read one after the other. */
struct files {
	struct config *station;
	struct config *settings; /* NULL: there is none */
};

static void release_files(struct files *files)
{
	config_free(files->station);
	config_free(files->settings);
}

/* With `dir` the files that they name are looked at. */
static int read_trees(const struct files *files, const struct station_dir *dir,
    struct station_config *into, struct complaint *complaint)
{
	struct station_reading reading = {.config = files->station,
	    .base = files->station,
	    .origin = STATION_ORIGIN_FILE,
	    .dir = dir,
	    .complaint = complaint,
	    .into = into};
	station_config_init(into);
	int error = read_section(&reading, config_top(files->station), "");
	if (error == 0 && files->settings != NULL) {
		reading.config = files->settings;
		reading.origin = STATION_ORIGIN_SETTINGS;
		error = read_section(&reading, config_top(files->settings), "");
	}
	into->metrics.was_chosen = reading.set_by[station_key_find("metrics.listen")] != NULL;
	into->web.was_chosen = reading.set_by[station_key_find("web.listen")] != NULL;
	return error == 0 ? station_rules_check(&reading) : error;
}

/* Takes the files. */
static int read_files(struct files *files, const struct station_dir *dir,
    struct station_config *ret_config, struct complaint *complaint)
{
	struct station_config *into = malloc(sizeof *into); /* large for a stack */
	int error = into == NULL ? complain(complaint, -ENOMEM, "out of memory")
				 : read_trees(files, dir, into, complaint);
	if (error == 0)
		memcpy(ret_config, into, sizeof *into);
	free(into);
	release_files(files);
	return error;
}

int station_config_parse(const char *name, const char *text, size_t length,
    struct station_config *ret_config, struct complaint *complaint)
{
	struct files files = {NULL, NULL};
	int error = config_parse(name, text, length, &files.station, complaint);
	return error != 0 ? error : read_files(&files, NULL, ret_config, complaint);
}

int station_config_parse_both(const char *text, const char *settings, size_t settings_bytes,
    struct station_config *ret_config, struct complaint *complaint)
{
	struct files files = {NULL, NULL};
	int error = config_parse(STATION_FILE, text, strlen(text), &files.station, complaint);
	if (error == 0)
		error = config_parse(
		    STATION_SETTINGS, settings, settings_bytes, &files.settings, complaint);
	if (error == 0)
		return read_files(&files, NULL, ret_config, complaint);
	release_files(&files);
	return error;
}

/* Who opens it is another process, which may be anywhere. */
static int make_absolute(const struct station_dir *dir, const char *key,
    char path[static STATION_PATH_BYTES], struct complaint *complaint)
{
	char full[STATION_DIR_PATH_BYTES];
	if (path[0] == '\0')
		return 0;
	station_dir_path(dir, path, full);
	size_t bytes = strlen(full) + 1;
	if (bytes > STATION_PATH_BYTES)
		return complain(complaint, -ENAMETOOLONG,
		    "%s: has %zu bytes with the directory before it, expected at most %d: name a "
		    "shorter path",
		    key, bytes - 1, STATION_PATH_BYTES - 1);
	memcpy(path, full, bytes);
	return 0;
}

static int make_all_absolute(
    const struct station_dir *dir, struct station_config *config, struct complaint *complaint)
{
	int error = make_absolute(dir, "mail.ca_file", config->mail.ca_file, complaint);
	if (error == 0)
		error = make_absolute(dir, "notices.files", config->notices.files, complaint);
	if (error == 0)
		error = make_absolute(dir, "notices.ca_file", config->notices.ca_file, complaint);
	if (error == 0 && !station_config_has_imap(config))
		error = make_absolute(
		    dir, "mail.bounces.mailbox", config->mail.bounces.mailbox, complaint);
	return error != 0 ? error
			  : make_absolute(dir, "canary.maildir", config->canary.maildir, complaint);
}

static int open_file(const struct station_dir *dir, const char *name, struct config **ret_config,
    struct complaint *complaint)
{
	char path[STATION_DIR_PATH_BYTES];
	int fd = -1;
	station_dir_path(dir, name, path);
	int error = station_dir_open_file(dir, name, &fd, complaint);
	if (error == 0)
		error = config_read_open(path, fd, ret_config, complaint);
	if (fd >= 0)
		(void)close(fd); /* only read from */
	return error;
}

/* Most stations have none. */
static int open_settings(
    const struct station_dir *dir, struct config **ret_config, struct complaint *complaint)
{
	struct complaint why;
	const int error = open_file(dir, STATION_SETTINGS, ret_config, &why);
	return error == 0 || error == -ENOENT ? 0 : complain(complaint, error, "%s", why.text);
}

int station_config_read(
    const struct station_dir *dir, struct station_config *ret_config, struct complaint *complaint)
{
	struct files files = {NULL, NULL};
	struct station_names names;
	int error = open_file(dir, STATION_FILE, &files.station, complaint);
	if (error == 0)
		error = open_settings(dir, &files.settings, complaint);
	if (error != 0) {
		release_files(&files);
		return error;
	}
	struct station_config *into = malloc(sizeof *into);
	if (into == NULL) {
		release_files(&files);
		return complain(complaint, -ENOMEM, "out of memory");
	}
	error = read_files(&files, dir, into, complaint);
	if (error == 0)
		error = make_all_absolute(dir, into, complaint);
	if (error == 0) {
		station_names_find("", &names);
		station_config_complete(into, &names);
		memcpy(ret_config, into, sizeof *into);
	}
	free(into);
	return error;
}

int station_config_try(const struct station_dir *dir, const char *settings, size_t length,
    struct station_config *ret_config, struct complaint *complaint)
{
	char path[STATION_DIR_PATH_BYTES];
	struct files files = {NULL, NULL};
	station_dir_path(dir, STATION_SETTINGS, path);
	int error = open_file(dir, STATION_FILE, &files.station, complaint);
	if (error == 0 && settings != NULL)
		error = config_parse(path, settings, length, &files.settings, complaint);
	if (error == 0)
		return read_files(&files, dir, ret_config, complaint);
	release_files(&files);
	return error;
}

static int list_changes(const struct config *settings, struct station_config *scratch,
    struct station_changes *changes, struct complaint *complaint)
{
	struct station_reading reading = {.config = settings,
	    .base = settings,
	    .origin = STATION_ORIGIN_SETTINGS,
	    .complaint = complaint,
	    .into = scratch};
	station_config_init(scratch);
	const int error = read_section(&reading, config_top(settings), "");
	for (size_t i = 0; error == 0 && i < station_key_count; i++)
		if (reading.set_by[i] != NULL)
			(void)snprintf(changes->texts[i], sizeof changes->texts[i], "%s",
			    reading.set_by[i]->text); /* fits: what is longer was refused */
	return error;
}

int station_changes_read(
    const struct station_dir *dir, struct station_changes *ret_changes, struct complaint *complaint)
{
	struct config *settings = NULL;
	memset(ret_changes, 0, sizeof *ret_changes);
	int error = open_settings(dir, &settings, complaint);
	if (error != 0 || settings == NULL)
		return error;
	struct station_config *scratch = malloc(sizeof *scratch);
	error = scratch == NULL ? complain(complaint, -ENOMEM, "out of memory")
				: list_changes(settings, scratch, ret_changes, complaint);
	free(scratch);
	config_free(settings);
	return error;
}

static void fill(char *out, size_t out_bytes, const char *text)
{
	size_t bytes = strnlen(text, out_bytes - 1);
	if (out[0] == '\0')
		memcpy(out, text, bytes); /* the rest is zeros already */
}

void station_config_complete(struct station_config *config, const struct station_names *names)
{
	const char *host = names->host[0] != '\0' ? names->host : "localhost";
	char full[HOST_BYTES];
	char from[STATION_MAIL_BYTES];
	bool has_domain = strchr(host, '.') != NULL || names->domain[0] == '\0';
	int bytes = snprintf(full, sizeof full, "%s%s%s", host, has_domain ? "" : ".",
	    has_domain ? "" : names->domain);
	if (bytes < 0 || (size_t)bytes >= sizeof full || !host_name_is_valid(full))
		memcpy(full, "localhost", sizeof "localhost");
	bytes = snprintf(from, sizeof from, "hinomi@%s", full);
	if (bytes < 0 || (size_t)bytes >= sizeof from)
		memcpy(from, "hinomi@localhost", sizeof "hinomi@localhost");

	fill(config->station.name, sizeof config->station.name, host);
	fill(config->station.zone, sizeof config->station.zone,
	    names->zone[0] != '\0' ? names->zone : "UTC");
	fill(config->mail.helo, sizeof config->mail.helo, full);
	fill(config->mail.from, sizeof config->mail.from, from);
	if (config->station.language < 0)
		config->station.language = (int)names->language;
	if (config->operator.language<0)
		config->operator.language = config->station.language;
}

bool station_config_has_mailbox(const struct station_config *config)
{
	return config->mail.bounces.mailbox[0] != '\0';
}

bool station_config_has_imap(const struct station_config *config)
{
	return strncmp(config->mail.bounces.mailbox, "imaps://", 8) == 0;
}

bool station_config_has_mail(const struct station_config *config)
{
	return config->operator.mail[0] != '\0' && config->mail.server.port != 0;
}

bool station_config_is_exercise(const struct station_config *config)
{
	for (size_t i = 0; i < config->sources.count; i++)
		if (config->sources.list[i].kind != STATION_SOURCE_DRILL)
			return false;
	return config->sources.count > 0;
}

bool station_config_has_webhook(const struct station_config *config)
{
	return config->operator.webhook[0] != '\0';
}

uint64_t station_config_low_disk(const struct station_config *config, uint64_t disk_bytes)
{
	const struct station_config_low_disk *low = &config->store.low_disk;
	if (low->bytes != 0)
		return low->bytes;
	uint64_t share = disk_bytes / PERCENT_MAX * low->percent;
	return share > STATION_LOW_DISK_MIN_BYTES ? share : STATION_LOW_DISK_MIN_BYTES;
}
