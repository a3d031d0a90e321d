/* config_rules.c - what must hold between keys, and of the files that they name. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/quantity.h"
#include "cmd/station/config_key.h"
#include "cmd/station/paths.h"
#include "notify/mail_key.h"

static int check_sources(const struct station_reading *reading)
{
	const struct station_config_sources *sources = &reading->into->sources;
	if (!sources->is_auto && sources->count == 0)
		return station_refuse(
		    reading, "sources", "found an empty list, expected a source, or auto");
	for (size_t i = 0; i < sources->count; i++)
		for (size_t j = 0; j < i; j++)
			if (station_source_is_live(&sources->list[i]) &&
			    station_source_is_live(&sources->list[j]) &&
			    strcmp(station_source_rest(&sources->list[i]),
				station_source_rest(&sources->list[j])) == 0)
				return station_refuse(reading, "sources",
				    "found %s and %s, expected each interface once",
				    sources->list[j].address, sources->list[i].address);
	return 0;
}

static int check_mail(const struct station_reading *reading)
{
	const struct station_config *config = reading->into;
	const struct station_config_mail *mail = &config->mail;
	bool has_server = mail->server.port != 0;
	if (config->operator.mail[0] != '\0' && !has_server)
		return station_refuse(reading, "operator.mail",
		    "found a mailbox and no mail.server, expected both or neither");
	if (has_server && mail->security == STATION_MAIL_NONE &&
	    !endpoint_is_loopback(&mail->server))
		return station_refuse(reading, "mail.security",
		    "found none with the server %s, expected starttls or tls: only a server on "
		    "this machine (127.0.0.1, ::1, localhost) may get notices in the clear",
		    mail->server.host);
	if (mail->user[0] != '\0' && mail->password_file[0] == '\0')
		return station_refuse(reading, "mail.user",
		    "found a user and no mail.password_file, expected both or neither");
	if (mail->user[0] == '\0' && mail->password_file[0] != '\0')
		return station_refuse(reading, "mail.password_file",
		    "found a password and no mail.user, expected both or neither");
	if (mail->sign.key[0] != '\0' && mail->sign.certificate[0] == '\0')
		return station_refuse(reading, "mail.sign.key",
		    "found a key and no mail.sign.certificate, expected both or neither");
	if (mail->sign.key[0] == '\0' && mail->sign.certificate[0] != '\0')
		return station_refuse(reading, "mail.sign.certificate",
		    "found a certificate and no mail.sign.key, expected both or neither");
	return 0;
}

static int check_bounces(const struct station_reading *reading)
{
	const struct station_config_bounces *bounces = &reading->into->mail.bounces;
	const bool has_user = bounces->user[0] != '\0';
	const bool has_password = bounces->password_file[0] != '\0';
	if (station_config_has_imap(reading->into))
		return has_user && has_password
			   ? 0
			   : station_refuse(reading, "mail.bounces.mailbox",
				 "found no mail.bounces.user or no mail.bounces.password_file, "
				 "expected both");
	if (!has_user && !has_password)
		return 0;
	return station_refuse(reading,
	    has_user ? "mail.bounces.user" : "mail.bounces.password_file",
	    "found no mail.bounces.mailbox by IMAP, expected one");
}

/* As far as the address itself tells; what a name leads to is seen when it is used. */
static bool is_private(const struct url *url)
{
	return endpoint_is_loopback(&url->endpoint) ||
	       (url->endpoint.is_address && address_is_private(&url->endpoint.address));
}

static int check_urls(const struct station_reading *reading)
{
	const struct station_config *config = reading->into;
	struct url url;
	const char *why;
	if (config->operator.webhook[0] != '\0' && !config->webhook.allow_private) {
		int error = url_parse(config->operator.webhook, &url, &why);
		assert(error == 0); /* it was taken before */
		(void)error;
		if (!url.is_tls || is_private(&url))
			return station_refuse(reading, "operator.webhook",
			    "found \"%s\", expected https and a public host, or "
			    "webhook.allow_private: true",
			    config->operator.webhook);
	}
	if (config->heartbeat.url[0] != '\0') {
		int error = url_parse(config->heartbeat.url, &url, &why);
		assert(error == 0);
		(void)error;
		if (!url.is_tls && !is_private(&url))
			return station_refuse(reading, "heartbeat.url",
			    "found \"%s\", expected https, since others could read and forge it",
			    config->heartbeat.url);
	}
	return 0;
}

/* Whoever may say that another is alive can hide that it is not. */
static int check_expected(const struct station_reading *reading)
{
	const struct station_config *config = reading->into;
	if (config->heartbeat.expect.count == 0)
		return 0;
	if (config->heartbeat.secret_file[0] == '\0')
		return station_refuse(reading, "heartbeat.expect",
		    "found stations and no heartbeat.secret_file, expected both, since anybody "
		    "could say that they are alive");
	if (config->metrics.listen.port == 0)
		return station_refuse(reading, "heartbeat.expect",
		    "found stations and metrics.listen: off, expected an address to which they "
		    "report");
	return 0;
}

/* What a link begins with has room for the rest of it, and nothing behind its path. */
static int check_link_url(const struct station_reading *reading)
{
	const struct station_config_web *web = &reading->into->web;
	struct url url;
	const char *why;
	int error = url_parse(web->url, &url, &why);
	assert(error == 0); /* it was taken before */
	(void)error;
	if (strchr(web->url, '?') != NULL)
		return station_refuse(
		    reading, "web.url", "found \"%s\", expected no ? in it", web->url);
	if (strlen(web->url) > STATION_LINK_URL_BYTES_MAX)
		return station_refuse(reading, "web.url",
		    "found %zu characters, expected at most %d: links must stay short",
		    strlen(web->url), STATION_LINK_URL_BYTES_MAX);
	if (!url.is_tls && !web->allow_http && !endpoint_is_loopback(&url.endpoint))
		return station_refuse(reading, "web.url",
		    "found \"%s\", expected https, since others could read the links and answer "
		    "by them, or web.allow_http: true",
		    web->url);
	return 0;
}

static int check_web(const struct station_reading *reading)
{
	const struct station_config_web *web = &reading->into->web;
	const bool is_served = web->listen.port != 0;
	if (web->url[0] != '\0' && !is_served)
		return station_refuse(reading, "web.url",
		    "found an address and web.listen: off, expected both or neither");
	if (web->certificate[0] != '\0' && web->key[0] == '\0')
		return station_refuse(reading, "web.certificate",
		    "found a certificate and no web.key, expected both or neither");
	if (web->certificate[0] == '\0' && web->key[0] != '\0')
		return station_refuse(reading, "web.key",
		    "found a key and no web.certificate, expected both or neither");
	if (is_served && (web->was_chosen || web->url[0] != '\0') &&
	    memcmp(&web->listen, &reading->into->metrics.listen, sizeof web->listen) == 0)
		return station_refuse(reading, "web.listen",
		    "found the address of metrics.listen, expected one of its own");
	return web->url[0] != '\0' ? check_link_url(reading) : 0;
}

static int check_canary(const struct station_reading *reading)
{
	const struct station_config *config = reading->into;
	const struct station_config_canary *canary = &config->canary;
	bool to_mail = canary->to == STATION_CHANNEL_MAIL || canary->to == STATION_CHANNEL_BOTH;
	bool to_hook = canary->to == STATION_CHANNEL_WEBHOOK || canary->to == STATION_CHANNEL_BOTH;
	if (canary->every_us == 0)
		return 0;
	if (canary->deadline_us > canary->every_us) {
		char deadline[QUANTITY_TEXT_BYTES];
		char every[QUANTITY_TEXT_BYTES];
		duration_format(canary->deadline_us, deadline);
		duration_format(canary->every_us, every);
		return station_refuse(reading,
		    reading->set_by[station_key_find("canary.deadline")] != NULL ? "canary.deadline"
										 : "canary.every",
		    "the deadline (%s) is longer than from one canary to the next (%s), expected "
		    "at most that",
		    deadline, every);
	}
	if (to_mail && !station_config_has_mail(config))
		return station_refuse(reading, "canary.to",
		    "found mail, expected operator.mail and mail.server with it");
	if (to_hook && !station_config_has_webhook(config))
		return station_refuse(
		    reading, "canary.to", "found webhook, expected operator.webhook with it");
	if (canary->maildir[0] != '\0' &&
	    (!station_config_has_mail(config) || canary->to == STATION_CHANNEL_WEBHOOK))
		return station_refuse(reading, "canary.maildir",
		    "found a mailbox and no mail to it, expected operator.mail and mail.server");
	return 0;
}

static int refuse_file(
    const struct station_reading *reading, const char *key, const char *path, int error)
{
	return station_refuse(
	    reading, key, "found \"%s\" (%s), expected a file", path, strerror(error));
}

/* Whether it is there; what may not be seen from here is for whoever opens it. */
static int check_file(const struct station_reading *reading, const char *key, const char *path)
{
	struct stat status;
	if (path[0] == '\0')
		return 0;
	if (fstatat(reading->dir->fd, path, &status, 0) != 0)
		return errno == EACCES ? 0 : refuse_file(reading, key, path, errno);
	return S_ISREG(status.st_mode)
		   ? 0
		   : station_refuse(reading, key, "found \"%s\", expected a file", path);
}

static int check_secret(const struct station_reading *reading, const char *key, const char *path)
{
	struct complaint why = {""};
	int fd = -1;
	if (path[0] == '\0')
		return 0;
	int error = station_dir_open_secret(reading->dir, path, &fd, &why);
	if (error == -EACCES)
		return 0;
	if (error != 0)
		return station_refuse(reading, key, "%s", why.text);
	(void)close(fd); /* only looked at */
	return 0;
}

static int check_maildir(const struct station_reading *reading, const char *key, const char *path)
{
	static const char *const parts[] = {"", "/new", "/cur"};
	for (size_t i = 0; path[0] != '\0' && i < sizeof parts / sizeof parts[0]; i++) {
		char part[STATION_PATH_BYTES + sizeof "/new"];
		struct stat status;
		(void)snprintf(part, sizeof part, "%s%s", path, parts[i]); /* fits by its size */
		if (fstatat(reading->dir->fd, part, &status, 0) != 0 && errno == EACCES)
			return 0;
		if (fstatat(reading->dir->fd, part, &status, 0) != 0 || !S_ISDIR(status.st_mode))
			return station_refuse(reading, key,
			    "found \"%s\" without a directory %s, expected a Maildir with new and "
			    "cur",
			    path, part);
	}
	return 0;
}

/* It is the courier's to write in; here it is only there, and not the station's own. */
static int check_directory(const struct station_reading *reading, const char *key, const char *path)
{
	struct stat status;
	struct stat own;
	if (path[0] == '\0')
		return 0;
	if (fstatat(reading->dir->fd, path, &status, 0) != 0 && errno == EACCES)
		return 0;
	if (fstatat(reading->dir->fd, path, &status, 0) != 0 || !S_ISDIR(status.st_mode))
		return station_refuse(
		    reading, key, "found \"%s\", expected a directory that is there", path);
	if (fstat(reading->dir->fd, &own) == 0 && own.st_dev == status.st_dev &&
	    own.st_ino == status.st_ino)
		return station_refuse(reading, key,
		    "found \"%s\", expected another than the station's own, whose files are not "
		    "notices",
		    path);
	return 0;
}

/* It is tried, which takes a moment: of what is read from memory nobody makes a key. */
static int check_algorithm(const struct station_reading *reading)
{
	const char *algorithm = reading->into->mail.sign.algorithm;
	struct complaint why;
	if (algorithm[0] == '\0' || mail_key_check(algorithm, &why) == 0)
		return 0;
	return station_refuse(reading, "mail.sign.algorithm", "%s", why.text);
}

static int check_files(const struct station_reading *reading)
{
	const struct station_config *config = reading->into;
	if (reading->dir == NULL)
		return 0;
	int error = check_secret(reading, "mail.password_file", config->mail.password_file);
	if (error == 0)
		error =
		    check_secret(reading, "heartbeat.secret_file", config->heartbeat.secret_file);
	if (error == 0)
		error = check_secret(reading, "web.key", config->web.key);
	if (error == 0)
		error = check_file(reading, "web.certificate", config->web.certificate);
	if (error == 0)
		error = check_secret(reading, "mail.sign.key", config->mail.sign.key);
	if (error == 0)
		error = check_file(reading, "mail.sign.certificate", config->mail.sign.certificate);
	if (error == 0)
		error = check_file(reading, "mail.ca_file", config->mail.ca_file);
	if (error == 0)
		error = check_file(reading, "notices.ca_file", config->notices.ca_file);
	if (error == 0)
		error = check_directory(reading, "notices.files", config->notices.files);
	if (error == 0)
		error = check_file(reading, "geo.country", config->geo.country);
	if (error == 0)
		error = check_file(reading, "geo.network", config->geo.network);
	if (error == 0)
		error = check_algorithm(reading);
	if (error == 0)
		error = check_secret(
		    reading, "mail.bounces.password_file", config->mail.bounces.password_file);
	if (error == 0 && !station_config_has_imap(config))
		error =
		    check_maildir(reading, "mail.bounces.mailbox", config->mail.bounces.mailbox);
	return error == 0 ? check_maildir(reading, "canary.maildir", config->canary.maildir)
			  : error;
}

int station_rules_check(const struct station_reading *reading)
{
	static int (*const checks[])(const struct station_reading *reading) = {check_sources,
	    check_mail, check_bounces, check_urls, check_expected, check_web, check_canary,
	    check_files};
	int error = 0;
	for (size_t i = 0; error == 0 && i < sizeof checks / sizeof checks[0]; i++)
		error = checks[i](reading);
	return error;
}
