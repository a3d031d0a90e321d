#include "cmd/station/client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/when.h"
#include "cmd/station/answer_key.h"
#include "cmd/station/keeper_setup.h"
#include "cmd/station/service.h"
#include "cmd/station/wording_files.h"

enum {
	PATIENCE_S = 15,
	PAUSE_MS = 50,
	/* A station reads a day of observation when it starts, and answers after that. */
	ANSWER_S = 120,
	ANSWER_LINE_BYTES_MAX = 4 << 20, /* a member with 65,536 ranges */
	KEEPER_MEMORY_BYTES = 32 << 20,  /* it judges nothing */
};

struct station_client {
	FILE *stream; /* of the running station; NULL: there is none */
	/* Our own keeper, where none runs. */
	int lock; /* -1: not held */
	struct station_config *config;
	struct wording_set *wording;
	struct store *store;
	struct keeper *keeper;
	struct service service;
	struct answer_key answer_key; /* where letters have links */
	struct complaint complaint;
};

/* ---- A station that runs ---- */

static int connect_path(const struct station_dir *dir, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int bytes =
	    snprintf(address.sun_path, sizeof address.sun_path, "%s/" STATION_SOCKET, dir->path);
	assert(bytes > 0 && (size_t)bytes < sizeof address.sun_path); /* STATION_DIR_BYTES */
	(void)bytes;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		int error = -errno;
		(void)close(fd); /* nothing was said */
		return error;
	}
	*ret_fd = fd;
	return 0;
}

/* 0: connected; -ENOENT: nobody listens there; else a complaint. */
static int reach_station(
    struct station_client *client, const struct station_dir *dir, struct complaint *complaint)
{
	const struct timeval wait = {.tv_sec = ANSWER_S};
	int fd = -1;
	int error = connect_path(dir, &fd);
	if (error == -ENOENT || error == -ECONNREFUSED)
		return -ENOENT;
	if (error == -EACCES)
		return complain(complaint, error,
		    "%s/" STATION_SOCKET ": %s, expected to be root, the owner of the directory or "
		    "of its group",
		    dir->path, strerror(EACCES));
	if (error != 0)
		return complain(
		    complaint, error, "%s/" STATION_SOCKET ": %s", dir->path, strerror(-error));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait); /* else for ever */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	client->stream = fdopen(fd, "r");
	if (client->stream != NULL)
		return 0;
	(void)close(fd); /* nothing was said */
	return complain(complaint, -ENOMEM, "out of memory");
}

/* ---- None runs ---- */

static int send_nothing(void *context, const struct outbox_parcel *parcel)
{
	(void)context;
	(void)parcel;
	return -ENOTCONN; /* letters wait for the station */
}

static int send_no_canary(void *context, uint16_t number)
{
	(void)context;
	(void)number;
	return -ENOTCONN;
}

static void take_nothing(void *context, size_t source)
{
	(void)context;
	(void)source;
}

static void tell_nobody(void *context, const char *text, size_t length)
{
	(void)context;
	(void)text;
	(void)length;
}

/* What is wrong is in the complaint that the request gets. */
static void log_nothing(void *context, const char *event, const char *text)
{
	(void)context;
	(void)event;
	(void)text;
}

static struct keeper_clock clock_now(void)
{
	struct timespec wall;
	struct timespec monotonic;
	(void)clock_gettime(CLOCK_REALTIME, &wall); /* both are always there */
	(void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
	return (struct keeper_clock){
	    .wall_us = (int64_t)wall.tv_sec * WHEN_SECOND_US + wall.tv_nsec / 1000,
	    .monotonic_us = (int64_t)monotonic.tv_sec * WHEN_SECOND_US + monotonic.tv_nsec / 1000,
	};
}

static int open_keeper(
    struct station_client *client, const struct station_dir *dir, struct complaint *complaint)
{
	const struct keeper_clock clock = clock_now();
	char path[STATION_DIR_PATH_BYTES];
	station_dir_path(dir, STATION_DATABASE, path);
	const struct store_options options = {.engine = "sqlite", .path = path};
	client->config = malloc(sizeof *client->config); /* large */
	if (client->config == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	int result = station_config_read(dir, client->config, complaint);
	if (result == 0 && client->config->web.url[0] != '\0')
		result = station_answer_key_get(dir, &client->answer_key, complaint);
	if (result == 0)
		result = wording_files_read(dir, &client->wording, complaint);
	if (result == 0)
		wording_use(client->wording);
	if (result == 0)
		result = store_open(&options, &client->store, complaint);
	if (result != 0)
		return result;
	const struct keeper_setup setup = {
	    .config = client->config,
	    .store = client->store,
	    .memory_bytes = KEEPER_MEMORY_BYTES,
	    .answer_key = &client->answer_key,
	    .io = {.context = client,
		.send = send_nothing,
		.send_canary = send_no_canary,
		.take = take_nothing,
		.tell_registry = tell_nobody,
		.log = log_nothing},
	};
	result = keeper_set_up(&setup, &clock, &client->keeper, complaint);
	client->service = (struct service){
	    .keeper = client->keeper,
	    .language = (enum language)client->config->station.language,
	    .zone = client->config->station.zone,
	    .files = client->config->notices.files,
	    .may_reach_anywhere = client->config->webhook.allow_private,
	    .directory = dir->path,
	};
	return result;
}

/* ---- Either ---- */

/* 0, -EAGAIN where somebody else is at work, or another negative errno. */
static int try_open(
    struct station_client *client, const struct station_dir *dir, struct complaint *complaint)
{
	int result = reach_station(client, dir, complaint);
	if (result != -ENOENT)
		return result;
	result = station_dir_lock(dir, &client->lock, complaint);
	if (result == -EWOULDBLOCK)
		return -EAGAIN;
	return result != 0 ? result : open_keeper(client, dir, complaint);
}

int station_client_open(
    const struct station_dir *dir, struct station_client **ret_client, struct complaint *complaint)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	const int64_t until_us = clock_now().monotonic_us + PATIENCE_S * WHEN_SECOND_US;
	struct station_client *client = calloc(1, sizeof *client);
	if (client == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	client->lock = -1;
	int result = try_open(client, dir, complaint);
	while (result == -EAGAIN && clock_now().monotonic_us < until_us) {
		(void)nanosleep(&pause, NULL); /* a shorter one does no harm */
		result = try_open(client, dir, complaint);
	}
	if (result == 0)
		*ret_client = client;
	else
		station_client_close(client);
	return result;
}

int station_client_reach(
    const struct station_dir *dir, struct station_client **ret_client, struct complaint *complaint)
{
	struct station_client *client = calloc(1, sizeof *client);
	if (client == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	client->lock = -1;
	int result = reach_station(client, dir, complaint);
	if (result == 0)
		*ret_client = client;
	else
		station_client_close(client);
	return result;
}

void station_client_close(struct station_client *client)
{
	if (client == NULL)
		return;
	if (client->stream != NULL)
		(void)fclose(client->stream); /* only read from */
	keeper_free(client->keeper);
	store_close(client->store);
	wording_use(NULL);
	wording_set_free(client->wording);
	free(client->config);
	if (client->lock >= 0)
		(void)close(client->lock); /* last: somebody else may wait for it */
	free(client);
}

bool station_client_has_station(const struct station_client *client)
{
	return client->stream != NULL;
}

const struct complaint *station_client_complaint(const struct station_client *client)
{
	return &client->complaint;
}

/* ---- Asking ---- */

static int send_request(const struct station_client *client, const char *request, size_t length)
{
	const int fd = fileno(client->stream);
	while (length > 0) {
		ssize_t sent = send(fd, request, length, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		request += sent;
		length -= (size_t)sent;
	}
	return 0;
}

/* Whether a line is the last of an answer: then *ret_result is how it went. */
static bool take_last(struct station_client *client, const char *line, int *ret_result)
{
	struct json_node *record = NULL;
	const char *error = NULL;
	bool is_done = false;
	if (json_read(line, strlen(line), &record, NULL) != 0) {
		*ret_result =
		    complain(&client->complaint, -EPROTO, "the station answered what is no JSON");
		return true;
	}
	(void)json_read_flag(json_read_member(record, "ok"), &is_done);
	if (json_read_text(json_read_member(record, "error"), &error))
		*ret_result = complain(&client->complaint, -EREMOTEIO, "%s", error);
	else
		*ret_result = 0;
	json_read_free(record);
	return is_done || error != NULL;
}

/* Lines up to the last. */
static int read_answer(struct station_client *client, FILE *stream,
    int (*on_record)(void *context, const char *line), void *context)
{
	char *line = NULL;
	size_t room = 0;
	int result = 0;
	bool is_last = false;
	while (!is_last) {
		errno = 0;
		ssize_t bytes = getline(&line, &room, stream);
		if (bytes <= 0 || bytes > ANSWER_LINE_BYTES_MAX) {
			result = complain(&client->complaint, errno != 0 ? -errno : -EPIPE,
			    "the station did not answer (%s); look whether it was done before you "
			    "try again",
			    errno != 0 ? strerror(errno) : "it ended the connection");
			break;
		}
		line[strcspn(line, "\n")] = '\0';
		is_last = take_last(client, line, &result);
		if (!is_last && on_record != NULL)
			result = on_record(context, line);
		if (result != 0)
			break;
	}
	free(line);
	return result;
}

/* Our own keeper's answer. */
static int answer_alone(struct station_client *client, const char *request, size_t length,
    int (*on_record)(void *context, const char *line), void *context)
{
	const struct keeper_clock clock = clock_now();
	char *answer = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&answer, &bytes);
	if (out == NULL)
		return complain(&client->complaint, -ENOMEM, "out of memory");
	(void)service_answer(&client->service, &clock, request, length, out); /* it is in it */
	if (fclose(out) != 0 || bytes == 0) {
		free(answer);
		return complain(&client->complaint, -ENOMEM, "out of memory");
	}
	FILE *in = fmemopen(answer, bytes, "r");
	int result = in == NULL ? complain(&client->complaint, -ENOMEM, "out of memory")
				: read_answer(client, in, on_record, context);
	if (in != NULL)
		(void)fclose(in); /* memory */
	free(answer);
	return result;
}

int station_client_ask(struct station_client *client, const char *request, size_t length,
    int (*on_record)(void *context, const char *line), void *context)
{
	client->complaint.text[0] = '\0';
	if (client->stream == NULL)
		return answer_alone(client, request, length, on_record, context);
	int result = send_request(client, request, length);
	if (result == 0)
		result = send_request(client, "\n", 1);
	if (result != 0)
		return complain(&client->complaint, result, "the station cannot be asked: %s",
		    strerror(-result));
	return read_answer(client, client->stream, on_record, context);
}
