/* checks_world.c - the checks that look outside the directory. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "cmd/station/checks.h"
#include "cmd/station/sources.h"

enum {
	NAMES_BYTES = 1024,
	CONNECT_MS = 5000, /* for all of a server's addresses; who needs longer is not well */
	PORT_BYTES = 8,
};

/* 2026-04-01: before this version no clock can have been right. */
#define WRITTEN_US (INT64_C(1775001600) * WHEN_SECOND_US)
/* Files of another machine's clock, by network or by hand. */
#define CLOCK_SLACK_US WHEN_MINUTE_US

static void list_interfaces(const struct checking *checking, char *out, size_t out_bytes)
{
	struct text text;
	text_init(&text, out, out_bytes);
	for (size_t i = 0; i < checking->facts.interface_count; i++) {
		if (i > 0)
			text_add(&text, station_word(checking->language, WORD_JOINT));
		text_add(&text, checking->facts.interfaces[i].name);
	}
}

/* Whether frames can come from there; says so where not. */
static bool check_interface(struct checking *checking, const char *name)
{
	const struct station_interface *interface =
	    station_facts_find_interface(&checking->facts, name);
	char names[NAMES_BYTES];
	if (interface == NULL) {
		list_interfaces(checking, names, sizeof names);
		check_say(checking, CHECK_WRONG, WORD_SOURCE_MISSING,
		    VALUES(value_of_text(name), value_of_text(names)));
	} else if (!interface->is_up) {
		check_say(checking, CHECK_WARNING, WORD_SOURCE_DOWN, VALUES(value_of_text(name)));
	} else if (!interface->has_carrier) {
		check_say(
		    checking, CHECK_WARNING, WORD_SOURCE_NO_CARRIER, VALUES(value_of_text(name)));
	} else {
		return true;
	}
	return false;
}

static bool check_source(struct checking *checking, const struct station_source *source)
{
	const char *rest = station_source_rest(source);
	if (station_source_is_live(source))
		return check_interface(checking, rest);
	if (source->kind != STATION_SOURCE_PCAP)
		return true;
	int fd = open(rest, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		check_say(checking, CHECK_WRONG, WORD_SOURCE_FILE,
		    VALUES(value_of_text(rest), value_of_text(strerror(errno))));
		return false;
	}
	(void)close(fd); /* only opened to see whether it can be */
	return true;
}

void check_sources(struct checking *checking)
{
	const struct station_config_sources *sources = &checking->config.sources;
	struct station_source chosen[STATION_SOURCES_MAX];
	const struct station_source *list = sources->list;
	size_t count = sources->count;
	bool is_good = true;
	char names[NAMES_BYTES];
	struct text text;
	if (sources->is_auto) {
		list = chosen;
		count = station_sources_choose(&checking->facts, chosen, STATION_SOURCES_MAX);
		count = count < STATION_SOURCES_MAX ? count : STATION_SOURCES_MAX;
	}
	text_init(&text, names, sizeof names);
	for (size_t i = 0; i < count; i++) {
		is_good = check_source(checking, &list[i]) && is_good;
		if (i > 0)
			text_add(&text, station_word(checking->language, WORD_JOINT));
		text_add(&text, list[i].address);
	}
	if (count == 0)
		check_say(checking, CHECK_WRONG, WORD_SOURCES_NONE, NULL, 0);
	else if (is_good)
		check_say(checking, CHECK_OK, WORD_SOURCES_OK, VALUES(value_of_text(names)));
}

/* What the kernel says of a socket that would get nothing. */
void check_listen(struct checking *checking)
{
	const struct station_config_sources *sources = &checking->config.sources;
	bool is_needed = sources->is_auto;
	for (size_t i = 0; i < sources->count; i++)
		is_needed = is_needed || station_source_is_live(&sources->list[i]);
	if (!is_needed) {
		check_say(checking, CHECK_OK, WORD_LISTEN_UNNEEDED, NULL, 0);
		return;
	}
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		check_say(checking, CHECK_WRONG, WORD_LISTEN_REFUSED,
		    VALUES(value_of_text(strerror(errno))));
		return;
	}
	(void)close(fd); /* nothing was read from it */
	check_say(checking, CHECK_OK, WORD_LISTEN_OK, NULL, 0);
}

/* Who declares his own address dark would be told of himself. */
static bool check_own(struct checking *checking, const struct station_interface *interface,
    const struct address *address)
{
	const struct station_config_prefixes *dark = &checking->config.dark;
	for (size_t i = 0; i < dark->count; i++) {
		char text[ADDRESS_TEXT_BYTES], range[PREFIX_TEXT_BYTES];
		if (!prefix_contains(&dark->list[i], address))
			continue;
		address_format(address, text);
		prefix_format(&dark->list[i], range);
		check_say(checking, CHECK_WRONG, WORD_DARK_OURS,
		    VALUES(
			value_of_text(text), value_of_text(interface->name), value_of_text(range)));
		return false;
	}
	return true;
}

void check_dark(struct checking *checking)
{
	bool is_good = true;
	for (size_t i = 0; i < checking->facts.interface_count; i++) {
		const struct station_interface *interface = &checking->facts.interfaces[i];
		for (size_t n = 0; n < interface->network_count; n++)
			is_good = check_own(checking, interface, &interface->networks[n].address) &&
				  is_good;
	}
	if (checking->config.dark.count == 0)
		check_say(checking, CHECK_OK, WORD_DARK_LEARNED, NULL, 0);
	else if (is_good)
		check_say(checking, CHECK_OK, WORD_DARK_OK,
		    VALUES(value_of_count(checking->config.dark.count)));
}

/* Waits until a connection stands or `left_ms` have passed. 0 or a negative errno. */
static int await(int fd, int left_ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	int result;
	do {
		result = poll(&wait, 1, left_ms);
	} while (result < 0 && errno == EINTR);
	if (result <= 0)
		return result == 0 ? -ETIMEDOUT : -errno;
	int error = 0;
	socklen_t bytes = sizeof error;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) != 0)
		return -errno;
	return -error;
}

static int try_address(const struct addrinfo *info, int left_ms)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int error = connect(fd, info->ai_addr, info->ai_addrlen) == 0 ? 0 : -errno;
	if (error == -EINPROGRESS)
		error = await(fd, left_ms);
	(void)close(fd); /* nothing was said */
	return error;
}

static int left_ms(const struct timespec *began)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* it is always there */
	int64_t passed =
	    (int64_t)(now.tv_sec - began->tv_sec) * 1000 + (now.tv_nsec - began->tv_nsec) / 1000000;
	return passed < CONNECT_MS ? CONNECT_MS - (int)passed : 0;
}

/* Each address in turn; the last error counts where none answers. */
static void reach(struct checking *checking, const char *server, const struct addrinfo *list)
{
	struct timespec began;
	char address[NI_MAXHOST] = "";
	int error = -ETIMEDOUT;
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	for (; error != 0 && list != NULL && left_ms(&began) > 0; list = list->ai_next) {
		error = try_address(list, left_ms(&began));
		if (error == 0)
			(void)getnameinfo(list->ai_addr, list->ai_addrlen, address, sizeof address,
			    NULL, 0, NI_NUMERICHOST); /* for show */
	}
	if (error == 0)
		check_say(checking, CHECK_OK, WORD_MAIL_OK,
		    VALUES(value_of_text(server), value_of_text(address)));
	else
		check_say(checking, CHECK_WRONG, WORD_MAIL_UNREACHABLE,
		    VALUES(value_of_text(server), value_of_text(strerror(-error))));
}

void check_mail(struct checking *checking)
{
	const struct endpoint *endpoint = &checking->config.mail.server;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char server[ENDPOINT_TEXT_BYTES];
	char port[PORT_BYTES];
	if (endpoint->port == 0) {
		check_say(checking, CHECK_OK, WORD_MAIL_UNNEEDED, NULL, 0);
		return;
	}
	endpoint_format(endpoint, server);
	(void)snprintf(port, sizeof port, "%u", (unsigned)endpoint->port); /* five digits */
	/* resolv.conf(5): where no name server answers, give up in seconds. */
	(void)setenv("RES_OPTIONS", "timeout:2 attempts:1", 0);
	int result = getaddrinfo(endpoint->host, port, &hints, &list);
	if (result != 0) {
		check_say(checking, CHECK_WRONG, WORD_MAIL_UNKNOWN,
		    VALUES(value_of_text(server), value_of_text(gai_strerror(result))));
		return;
	}
	reach(checking, server, list);
	freeaddrinfo(list);
}

bool check_clock_is_behind(int64_t now_us, int64_t changed_us, int64_t *ret_passed_us)
{
	int64_t passed = changed_us - CLOCK_SLACK_US > WRITTEN_US ? changed_us : WRITTEN_US;
	*ret_passed_us = passed;
	return now_us < WRITTEN_US || now_us < changed_us - CLOCK_SLACK_US;
}

/* When the configuration or the database was changed last. */
static int64_t last_change(const struct station_dir *dir)
{
	static const char *const names[] = {STATION_FILE, STATION_DATABASE};
	int64_t last_us = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct stat status;
		if (fstatat(dir->fd, names[i], &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		int64_t us = (int64_t)status.st_mtim.tv_sec * WHEN_SECOND_US;
		last_us = us > last_us ? us : last_us;
	}
	return last_us;
}

void check_clock(struct checking *checking)
{
	char now_text[WHEN_TEXT_BYTES], passed_text[WHEN_TEXT_BYTES];
	struct timespec now;
	struct timex state = {0};
	int64_t passed_us = 0;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int64_t now_us = (int64_t)now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
	bool is_behind = check_clock_is_behind(now_us, last_change(&checking->dir), &passed_us);
	/* Only read: whoever keeps the clock tells the kernel how well he does. */
	bool is_kept = adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
	when_format_utc(now_us, now_text);
	when_format_utc(passed_us, passed_text);
	if (is_behind)
		check_say(checking, CHECK_WRONG, WORD_CLOCK_BEHIND,
		    VALUES(value_of_text(now_text), value_of_text(passed_text)));
	else
		check_say(checking, is_kept ? CHECK_OK : CHECK_WARNING,
		    is_kept ? WORD_CLOCK_OK : WORD_CLOCK_ALONE, VALUES(value_of_text(now_text)));
}
