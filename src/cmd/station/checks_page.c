/* checks_page.c - where the page is served, and the certificate by which it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "cmd/station/checks.h"
#include "cmd/station/wire.h"
#include "notify/certificate.h"
#include "web/listen.h"

enum {
	SOON_DAYS = 30, /* as of the certificate for mail */
};

static const char end_of_first[] = "-----END CERTIFICATE-----";

/* Whether somebody takes connections at its control socket: then the port is its own. */
static bool is_running(const struct station_dir *dir)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char path[STATION_DIR_PATH_BYTES];
	station_dir_path(dir, STATION_SOCKET, path);
	const size_t length = strlen(path);
	if (length >= sizeof at.sun_path)
		return false; /* no station has one there */
	memcpy(at.sun_path, path, length + 1);
	const void *name = &at;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const bool is_there = fd >= 0 && connect(fd, name, sizeof at) == 0;
	if (fd >= 0)
		(void)close(fd); /* nothing was said */
	return is_there;
}

/* Says so where a station could not listen there. */
static bool check_address(struct checking *checking)
{
	const struct station_config_web *web = &checking->config.web;
	struct complaint why;
	int fd;
	if (is_running(&checking->dir))
		return true;
	const int result =
	    web_listen("web.listen", &web->listen.address, web->listen.port, &fd, &why);
	if (result == 0) {
		(void)close(fd); /* nobody came by it */
		return true;
	}
	const bool is_wanted = web->was_chosen || web->url[0] != '\0';
	check_say(checking, is_wanted ? CHECK_WRONG : CHECK_WARNING, WORD_SAYS,
	    VALUES(value_of_text(why.text)));
	return false;
}

/* The first of the file is the page's own; those that follow vouch for it. */
static int read_first(
    struct checking *checking, struct certificate **ret_certificate, struct complaint *complaint)
{
	const char *name = checking->config.web.certificate;
	char *text = NULL;
	size_t length = 0;
	int fd;
	int result = station_dir_open_file(&checking->dir, name, &fd, complaint);
	if (result != 0)
		return result;
	result = wire_read_text(fd, WIRE_PEM_MAX_BYTES, &text, &length);
	if (result != 0)
		return complain(complaint, result, "%s: %s", name, strerror(-result));
	const char *end = strstr(text, end_of_first);
	if (end != NULL)
		length = (size_t)(end - text) + sizeof end_of_first - 1;
	result = certificate_read(name, text, length, ret_certificate, complaint);
	free(text);
	return result;
}

static bool check_dates(struct checking *checking, const struct certificate_facts *facts)
{
	const char *name = checking->config.web.certificate;
	char until[WHEN_TEXT_BYTES];
	char from[WHEN_TEXT_BYTES];
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	const int64_t wall_us = (int64_t)now.tv_sec * WHEN_SECOND_US;
	when_format_utc(facts->until_us, until);
	when_format_utc(facts->from_us, from);
	if (wall_us >= facts->until_us)
		check_say(checking, CHECK_WRONG, WORD_PAGE_ENDED,
		    VALUES(value_of_text(name), value_of_text(until)));
	else if (wall_us < facts->from_us)
		check_say(checking, CHECK_WRONG, WORD_PAGE_LATER,
		    VALUES(value_of_text(name), value_of_text(from)));
	else if (facts->until_us - wall_us <= SOON_DAYS * WHEN_DAY_US)
		check_say(checking, CHECK_WARNING, WORD_PAGE_ENDS,
		    VALUES(value_of_text(name), value_of_text(until)));
	else
		return true;
	return false;
}

static bool check_certificate(struct checking *checking)
{
	struct certificate *certificate = NULL;
	struct certificate_facts facts;
	struct complaint complaint;
	if (checking->config.web.certificate[0] == '\0')
		return true;
	if (read_first(checking, &certificate, &complaint) != 0) {
		check_say(checking, CHECK_WRONG, WORD_SAYS, VALUES(value_of_text(complaint.text)));
		return false;
	}
	certificate_describe(certificate, &facts);
	certificate_free(certificate);
	return check_dates(checking, &facts);
}

void check_page(struct checking *checking)
{
	const struct station_config_web *web = &checking->config.web;
	char at[ENDPOINT_TEXT_BYTES];
	if (web->listen.port == 0) {
		check_say(checking, CHECK_OK, WORD_PAGE_OFF, NULL, 0);
		return;
	}
	endpoint_format(&web->listen, at);
	const bool is_free = check_address(checking);
	const bool is_good = check_certificate(checking);
	if (web->certificate[0] == '\0' && !endpoint_is_loopback(&web->listen))
		check_say(checking, CHECK_WARNING, WORD_PAGE_OPEN, VALUES(value_of_text(at)));
	else if (is_free && is_good)
		check_say(checking, CHECK_OK, WORD_PAGE_OK, VALUES(value_of_text(at)));
}
