/* parent_table.c - the table of a station's duties, and what each is given. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/station/answer_key.h"
#include "cmd/station/duties.h"
#include "cmd/station/parent_internal.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"
#include "cmd/station/wording_files.h"
#include "link/sightings.h"

enum {
	KEEPER_PERCENT = 35,        /* of the memory for tables; the captures share the rest */
	RELAY_ROOM_BYTES = 8 << 20, /* a minute of a busy network, while the keeper is away */
	CAPTURE_MEMORY_MIN_BYTES = 16 << 20,
	SECRET_MAX_BYTES = 1024, /* of a password, or what stations share */
};

/* The keeper reads a day of sightings when it starts. */
#define KEEPER_SILENT_US (120 * WHEN_SECOND_US)
/* A server of IMAP may take its time (MAILBOX_STEP_US). */
#define MAILROOM_SILENT_US (90 * WHEN_SECOND_US)

static const char *const capture_arguments[] = {"hinomi", "duty", "capture", NULL};
static const char *const keeper_arguments[] = {"hinomi", "duty", "keeper", NULL};
static const char *const web_arguments[] = {"hinomi", "duty", "web", NULL};
static const char *const mailroom_arguments[] = {"hinomi", "duty", "mailroom", NULL};
static const char *const signer_arguments[] = {"hinomi", "duty", "signer", NULL};
static const char *const courier_arguments[] = {"hinomi", "duty", "courier", NULL};

/* Of the courier, without and with a directory for files. */
static const char may_send[] = "connect to mail servers, webhooks and collectors; no database";
static const char may_write[] = "connect to servers and collectors, write into notices.files";

/* ---- Rows ---- */

static const char *user_of_duties(void)
{
	uid_t user;
	gid_t group;
	return geteuid() == 0 && station_user_find(&user, &group) == 0 ? STATION_USER : NULL;
}

static void make_captures(struct parent *parent, const char *user)
{
	for (size_t i = 0; i < STATION_SOURCES_MAX; i++)
		parent->rows[i] = (struct duty){
		    .name = duty_capture_name(i),
		    .may = "parse frames; no files, no network",
		    .user = user,
		    .arguments = capture_arguments,
		    .profile = {.may_listen = true},
		    .is_mute = true,
		    .is_reserve = true,
		};
}

/* What SQLite opens of a database. */
static void name_database(struct parent *parent)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[STATION_DIR_PATH_BYTES];
	station_dir_path(parent->options.dir, STATION_DATABASE, path);
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		(void)snprintf(parent->database_files[i], sizeof parent->database_files[i], "%s%s",
		    path, suffixes[i]); /* there is room for it */
		parent->web_reads[i] = parent->database_files[i];
	}
}

static void make_rows(struct parent *parent)
{
	name_database(parent);
	const char *user = user_of_duties();
	make_captures(parent, user);
	parent->rows[PARENT_KEEPER] = (struct duty){
	    .name = "keeper",
	    .may = "its database; no network",
	    .user = user,
	    .arguments = keeper_arguments,
	    .profile = {.keep_dir = parent->options.dir->path,
		.read_paths = parent->keeper_reads,
		.may_make_memory = true,
		.may_serve = true},
	    .stop_stage = 1,
	    .silent_us = KEEPER_SILENT_US,
	    .stop_us = KEEPER_SILENT_US,
	};
	parent->rows[PARENT_COURIER] = (struct duty){
	    .name = "courier",
	    .may = may_send,
	    .user = user,
	    .arguments = courier_arguments,
	    .profile = {.may_connect = true, .may_thread = true},
	    .stop_stage = 2,
	};
	parent->rows[PARENT_SIGNER] = (struct duty){
	    .name = "signer",
	    .may = "sign with its key; no files, no network",
	    .user = user,
	    .arguments = signer_arguments,
	    .stop_stage = 2, /* the keeper's last letters are signed */
	    .is_reserve = true,
	};
	parent->rows[PARENT_MAILROOM] = (struct duty){
	    .name = "mailroom",
	    .user = user,
	    .arguments = mailroom_arguments,
	    .silent_us = MAILROOM_SILENT_US,
	    .is_reserve = true,
	};
	parent->rows[PARENT_WEB] = (struct duty){
	    .name = "web",
	    .may = "answer whoever connects to metrics.listen or web.listen; read the database, "
		   "no other file",
	    .user = user,
	    .arguments = web_arguments,
	    .profile = {.read_paths = parent->web_reads, .may_serve = true, .may_thread = true},
	};
	parent->table.duties = parent->rows;
	parent->table.duty_count = PARENT_WEB + parent->has_web;
}

/* A mailbox of files needs no network, and one by IMAP no files. */
static void fit_mailroom(struct parent *parent)
{
	const struct station_config *config = &parent->plan.config;
	const bool is_remote = station_config_has_imap(config);
	struct duty *mailroom = &parent->rows[PARENT_MAILROOM];
	const char *path = is_remote ? config->mail.ca_file : config->mail.bounces.mailbox;
	mailroom->may = is_remote ? "connect to the server of mail.bounces; no database"
				  : "read the mailbox of mail.bounces; no network";
	mailroom->is_reserve = !station_config_has_mailbox(config);
	parent->mailroom_reads[0] = path[0] != '\0' ? path : NULL;
	mailroom->profile = (struct sandbox_profile){
	    .read_paths = parent->mailroom_reads,
	    .may_connect = is_remote,
	    .may_thread = is_remote,
	};
}

void parent_fit_rows(struct parent *parent)
{
	const struct station_config *config = &parent->plan.config;
	for (size_t i = 0; i < STATION_SOURCES_MAX; i++)
		parent->rows[i].is_reserve = true;
	for (size_t i = 0; i < config->sources.count; i++) {
		struct duty *capture = &parent->rows[parent->plan.rows[i]];
		capture->is_reserve = false;
		capture->drops_late = config->sources.list[i].kind == STATION_SOURCE_PCAP;
	}
	parent->rows[PARENT_SIGNER].is_reserve = parent->plan.signing.until_us == 0;
	fit_mailroom(parent);
	const char **reads = parent->keeper_reads;
	*reads++ = "/usr/share/zoneinfo";
	*reads++ = "/etc/localtime";
	*reads++ = "/etc/timezone";
	*reads = config->canary.maildir[0] != '\0' ? config->canary.maildir : NULL;
	struct sandbox_profile *courier = &parent->rows[PARENT_COURIER].profile;
	reads = parent->courier_reads;
	if (config->mail.ca_file[0] != '\0')
		*reads++ = config->mail.ca_file;
	if (config->notices.ca_file[0] != '\0')
		*reads++ = config->notices.ca_file;
	*reads = NULL;
	courier->read_paths = parent->courier_reads[0] != NULL ? parent->courier_reads : NULL;
	courier->write_dir = config->notices.files[0] != '\0' ? config->notices.files : NULL;
	parent->rows[PARENT_COURIER].may = courier->write_dir != NULL ? may_write : may_send;
}

const struct station_source *parent_source(const struct parent_plan *plan, size_t row)
{
	for (size_t i = 0; i < plan->config.sources.count; i++)
		if (plan->rows[i] == row)
			return &plan->config.sources.list[i];
	return NULL;
}

/* ---- Links ---- */

static void make_links(struct parent *parent)
{
	struct duty_link *link = parent->links;
	for (size_t i = 0; i < STATION_SOURCES_MAX; i++) {
		*link++ = (struct duty_link){.name = duty_reports_name(i),
		    .kind = DUTY_CHANNEL,
		    .from = i,
		    .to = PARENT_KEEPER};
		*link++ = (struct duty_link){.name = duty_relay_name(i),
		    .kind = DUTY_RELAY,
		    .from = i,
		    .to = PARENT_KEEPER,
		    .room_bytes = RELAY_ROOM_BYTES,
		    .record_max_bytes = SIGHTINGS_FRAME_BYTES + SIGHTINGS_BATCH_MAX_BYTES};
	}
	*link++ = (struct duty_link){.name = WIRE_LETTERS,
	    .kind = DUTY_CHANNEL,
	    .from = PARENT_KEEPER,
	    .to = PARENT_COURIER};
	*link++ = (struct duty_link){
	    .name = WIRE_BEATS, .kind = DUTY_CHANNEL, .from = PARENT_KEEPER, .to = PARENT_COURIER};
	*link++ = (struct duty_link){
	    .name = WIRE_SIGNING, .kind = DUTY_CHANNEL, .from = PARENT_KEEPER, .to = PARENT_SIGNER};
	*link++ = (struct duty_link){.name = WIRE_RETURNS,
	    .kind = DUTY_CHANNEL,
	    .from = PARENT_KEEPER,
	    .to = PARENT_MAILROOM};
	if (parent->has_web)
		*link++ = (struct duty_link){.name = WIRE_FIGURES_LINK,
		    .kind = DUTY_CHANNEL,
		    .from = PARENT_WEB,
		    .to = PARENT_KEEPER};
	parent->table.links = parent->links;
	parent->table.link_count = (size_t)(link - parent->links);
}

/* ---- Places of descriptors ---- */

static void add_place(struct parent *parent, size_t duty, const char *name)
{
	const size_t at = parent->table.descriptor_count++;
	parent->descriptors[at] = (struct duty_descriptor){.duty = duty, .name = name, .fd = -1};
}

static void make_places(struct parent *parent)
{
	parent->table.descriptors = parent->descriptors;
	for (size_t i = 0; i < parent->table.duty_count; i++)
		add_place(parent, i, WIRE_ORDERS);
	for (int i = 0; i < GEO_DATABASES; i++)
		add_place(parent, PARENT_KEEPER, geo_database_name((enum geo_database)i));
	add_place(parent, PARENT_KEEPER, WIRE_WORDING_EN);
	add_place(parent, PARENT_KEEPER, WIRE_WORDING_JA);
	add_place(parent, PARENT_KEEPER, WIRE_CONTROL);
	add_place(parent, PARENT_KEEPER, WIRE_ANSWER_KEY);
	add_place(parent, PARENT_COURIER, WIRE_PASSWORD);
	add_place(parent, PARENT_COURIER, WIRE_SECRET);
	add_place(parent, PARENT_MAILROOM, WIRE_PASSWORD);
	add_place(parent, PARENT_SIGNER, WIRE_SIGN_KEY);
	add_place(parent, PARENT_SIGNER, WIRE_SIGN_CHAIN);
	if (!parent->has_web)
		return;
	add_place(parent, PARENT_WEB, WIRE_WORDING_EN);
	add_place(parent, PARENT_WEB, WIRE_WORDING_JA);
	add_place(parent, PARENT_WEB, WIRE_SECRET);
	add_place(parent, PARENT_WEB, WIRE_LISTEN);
	add_place(parent, PARENT_WEB, WIRE_PAGES);
	add_place(parent, PARENT_WEB, WIRE_CERTIFICATE);
	add_place(parent, PARENT_WEB, WIRE_KEY);
}

/* There is one: all that anybody is given stands in make_places(). */
static size_t find_place(const struct parent *parent, size_t duty, const char *name)
{
	size_t at = 0;
	while (
	    parent->descriptors[at].duty != duty || strcmp(parent->descriptors[at].name, name) != 0)
		at++;
	return at;
}

static void give_at(struct parent *parent, size_t at, int fd)
{
	struct duty_descriptor *place = &parent->descriptors[at];
	if (place->fd >= 0)
		(void)close(place->fd); /* memory only; who has it keeps it */
	place->fd = fd;
	if (parent->duties != NULL)
		(void)duties_set_descriptor(parent->duties, place->duty, place->name, fd);
}

void parent_give_one(struct parent *parent, size_t duty, const char *name, int fd)
{
	give_at(parent, find_place(parent, duty, name), fd);
}

/* What is opened once, and stays. */
static bool is_socket(const char *name)
{
	return strcmp(name, WIRE_CONTROL) == 0 || strcmp(name, WIRE_LISTEN) == 0 ||
	       strcmp(name, WIRE_PAGES) == 0;
}

void parent_give(struct parent *parent, const struct parent_gifts *gifts)
{
	for (size_t at = 0; at < parent->table.descriptor_count; at++)
		if (!is_socket(parent->descriptors[at].name))
			give_at(parent, at, gifts->fds[at]);
}

void parent_make_table(struct parent *parent)
{
	make_rows(parent);
	make_links(parent);
	make_places(parent);
}

/* ---- Orders ---- */

/* Of a capture: its source, and how much of the memory is its own. */
static void address_orders(
    const struct parent_plan *plan, size_t duty, uint64_t left_bytes, struct wire_orders *orders)
{
	const struct station_source *source = parent_source(plan, duty);
	if (source == NULL)
		return;
	orders->source = *source;
	orders->source_number = (uint32_t)duty;
	orders->memory_bytes = left_bytes / plan->config.sources.count;
	if (orders->memory_bytes < CAPTURE_MEMORY_MIN_BYTES)
		orders->memory_bytes = CAPTURE_MEMORY_MIN_BYTES;
}

static int make_orders(struct parent *parent, const struct parent_plan *plan, size_t duty,
    int *ret_fd, struct complaint *complaint)
{
	static struct wire_orders orders; /* large */
	const struct station_dir *dir = parent->options.dir;
	const uint64_t keeper_bytes = plan->config.memory / 100 * KEEPER_PERCENT;
	struct stat status;
	memset(&orders, 0, sizeof orders);
	orders.bytes = sizeof orders;
	orders.config = plan->config;
	memcpy(orders.rows, plan->rows, sizeof orders.rows);
	orders.began_us = parent->began_us;
	orders.ends = parent->options.ends;
	orders.memory_bytes = keeper_bytes;
	if (duty < STATION_SOURCES_MAX)
		address_orders(plan, duty, plan->config.memory - keeper_bytes, &orders);
	orders.surroundings = plan->surroundings;
	orders.signing = plan->signing;
	station_dir_path(dir, STATION_DATABASE, orders.database);
	if (fstat(dir->fd, &status) != 0)
		return complain(complaint, -errno, "%s: %s", dir->path, strerror(errno));
	orders.dir_user = status.st_uid;
	orders.dir_group = status.st_gid;
	(void)snprintf(orders.directory, sizeof orders.directory, "%s", dir->path);
	*ret_fd = wire_write_orders(&orders, "", 0);
	return *ret_fd >= 0 ? 0 : complain(complaint, *ret_fd, "orders: %s", strerror(-*ret_fd));
}

void parent_look_around(struct parent_plan *plan)
{
	static struct station_facts facts; /* large */
	struct complaint complaint;
	if (station_facts_find(&facts, &complaint) != 0)
		say(LOG_LEVEL_WARNING, "surroundings.unknown", "why", complaint.text);
	else
		surroundings_choose(&facts, plan->config.sources.list, plan->config.sources.count,
		    &plan->surroundings);
}

/* ---- Files that duties may not open ---- */

/* Without it statistics know no countries or no networks; nothing else depends on it. */
static int open_database(struct parent *parent, const char *path)
{
	struct complaint complaint;
	int fd = -1;
	if (path[0] == '\0')
		return -1;
	int copy = station_dir_open_file(parent->options.dir, path, &fd, &complaint);
	if (copy == 0) {
		copy = geo_copy(fd);
		(void)close(fd); /* only read */
		if (copy < 0)
			(void)complain(&complaint, copy, "%s: %s", path, strerror(-copy));
	}
	if (copy < 0)
		say(LOG_LEVEL_WARNING, "geo.refused", "why", complaint.text);
	return copy < 0 ? -1 : copy;
}

/* What would be found wrong by a duty is found here already, before anything starts. */
static int check_shared(
    const char *name, const char *text, size_t length, struct complaint *complaint)
{
	struct heartbeat_secret secret;
	struct complaint why;
	int result = heartbeat_secret_read(text, length, &secret, &why);
	explicit_bzero(&secret, sizeof secret);
	return result == 0 ? 0 : complain(complaint, result, "%s: %s", name, why.text);
}

/* A file's text. *ret_fd is -1 where none is named. */
static int read_secret(struct parent *parent, const char *descriptor, const char *name, int *ret_fd,
    struct complaint *complaint)
{
	char text[SECRET_MAX_BYTES];
	int fd;
	*ret_fd = -1;
	if (name[0] == '\0')
		return 0;
	int result = station_dir_open_secret(parent->options.dir, name, &fd, complaint);
	if (result != 0)
		return result;
	ssize_t got = read(fd, text, sizeof text);
	(void)close(fd); /* only read */
	if (got <= 0 || (size_t)got == sizeof text)
		return complain(complaint, -EINVAL, "%s: expected a secret of 1 to %zu bytes", name,
		    sizeof text - 1);
	if (strcmp(descriptor, WIRE_SECRET) == 0)
		result = check_shared(name, text, (size_t)got, complaint);
	fd = result == 0 ? wire_write_text(text, (size_t)got) : result;
	explicit_bzero(text, sizeof text);
	if (result != 0)
		return result;
	if (fd < 0)
		return complain(complaint, fd, "%s: %s", name, strerror(-fd));
	*ret_fd = fd;
	return 0;
}

/* Files for TLS. *ret_fd is -1 where none is named. */
static int read_pem(struct parent *parent, const char *descriptor, const char *name, int *ret_fd,
    struct complaint *complaint)
{
	const struct station_dir *dir = parent->options.dir;
	const bool is_secret = strcmp(descriptor, WIRE_KEY) == 0;
	size_t length = 0;
	char *text = NULL;
	int fd;
	*ret_fd = -1;
	if (name[0] == '\0')
		return 0;
	int result = is_secret ? station_dir_open_secret(dir, name, &fd, complaint)
			       : station_dir_open_file(dir, name, &fd, complaint);
	if (result != 0)
		return result;
	result = wire_read_text(fd, WIRE_PEM_MAX_BYTES, &text, &length);
	if (result == 0 && strstr(text, "-----BEGIN ") == NULL)
		result = complain(complaint, -EINVAL, "%s: expected PEM: -----BEGIN ...", name);
	else if (result != 0)
		result = complain(complaint, result, "%s: %s", name, strerror(-result));
	if (result == 0)
		*ret_fd = wire_write_text(text, length);
	if (result == 0 && *ret_fd < 0)
		result = complain(complaint, *ret_fd, "%s: %s", name, strerror(-*ret_fd));
	if (text != NULL)
		explicit_bzero(text, length);
	free(text);
	return result;
}

/* A station that was made by an earlier program gets one when its letters have links. */
static int read_answer_key(struct parent *parent, const struct station_config *config, int *ret_fd,
    struct complaint *complaint)
{
	char text[ANSWER_KEY_TEXT_BYTES];
	struct answer_key key;
	*ret_fd = -1;
	if (config->web.url[0] == '\0' || parent->options.explains)
		return 0;
	const int result = station_answer_key_get(parent->options.dir, &key, complaint);
	if (result != 0)
		return result;
	answer_key_format(&key, text);
	*ret_fd = wire_write_text(text, sizeof text - 1);
	explicit_bzero(&key, sizeof key);
	explicit_bzero(text, sizeof text);
	return *ret_fd >= 0
		   ? 0
		   : complain(complaint, *ret_fd, ANSWER_KEY_FILE ": %s", strerror(-*ret_fd));
}

/* A wrong one is found here already. */
static int read_wording(
    struct parent *parent, enum language language, int *ret_fd, struct complaint *complaint)
{
	char *text = NULL;
	size_t length = 0;
	int result = wording_file_read(parent->options.dir, language, &text, &length, complaint);
	if (result != 0)
		return result;
	*ret_fd = wire_write_text(text, length);
	free(text);
	return *ret_fd >= 0 ? 0
			    : complain(complaint, *ret_fd, "%s: %s", wording_file_name(language),
				  strerror(-*ret_fd));
}

/* ---- All of it ---- */

static int make_gift(struct parent *parent, const struct parent_plan *plan, size_t at, int *ret_fd,
    struct complaint *complaint)
{
	const struct duty_descriptor *place = &parent->descriptors[at];
	const struct station_config *config = &plan->config;
	if (strcmp(place->name, WIRE_ORDERS) == 0)
		return make_orders(parent, plan, place->duty, ret_fd, complaint);
	if (strcmp(place->name, WIRE_PASSWORD) == 0)
		return read_secret(parent, place->name,
		    place->duty == PARENT_MAILROOM ? config->mail.bounces.password_file
						   : config->mail.password_file,
		    ret_fd, complaint);
	if (strcmp(place->name, WIRE_SECRET) == 0)
		return read_secret(
		    parent, place->name, config->heartbeat.secret_file, ret_fd, complaint);
	if (strcmp(place->name, WIRE_CERTIFICATE) == 0)
		return read_pem(parent, place->name, config->web.certificate, ret_fd, complaint);
	if (strcmp(place->name, WIRE_KEY) == 0)
		return read_pem(parent, place->name, config->web.key, ret_fd, complaint);
	if (strcmp(place->name, WIRE_ANSWER_KEY) == 0)
		return read_answer_key(parent, config, ret_fd, complaint);
	if (strcmp(place->name, WIRE_WORDING_EN) == 0)
		return read_wording(parent, LANGUAGE_EN, ret_fd, complaint);
	if (strcmp(place->name, WIRE_WORDING_JA) == 0)
		return read_wording(parent, LANGUAGE_JA, ret_fd, complaint);
	if (strcmp(place->name, WIRE_SIGN_KEY) == 0)
		return parent_open_key_file(parent, config->mail.sign.key, true, ret_fd, complaint);
	if (strcmp(place->name, WIRE_SIGN_CHAIN) == 0)
		return parent_open_key_file(
		    parent, config->mail.sign.certificate, false, ret_fd, complaint);
	if (strcmp(place->name, geo_database_name(GEO_COUNTRY)) == 0)
		*ret_fd = open_database(parent, config->geo.country);
	else if (strcmp(place->name, geo_database_name(GEO_NETWORK)) == 0)
		*ret_fd = open_database(parent, config->geo.network);
	return 0;
}

int parent_make_gifts(struct parent *parent, const struct parent_plan *plan,
    struct parent_gifts *ret_gifts, struct complaint *complaint)
{
	int result = 0;
	for (size_t at = 0; at < PARENT_DESCRIPTORS; at++)
		ret_gifts->fds[at] = -1;
	for (size_t at = 0; at < parent->table.descriptor_count && result == 0; at++)
		result = make_gift(parent, plan, at, &ret_gifts->fds[at], complaint);
	for (size_t at = 0; at < PARENT_DESCRIPTORS && result != 0; at++)
		if (ret_gifts->fds[at] >= 0)
			(void)close(ret_gifts->fds[at]); /* memory only */
	return result;
}
