/* courier_copy.c - which jobs are taken, and a job's own copies. */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/courier_internal.h"
#include "notify/files.h"
#include "notify/mail.h"
#include "notify/syslog.h"

static bool is_loopback_name(const char *host)
{
	struct address address;
	if (strcmp(host, "localhost") == 0)
		return true;
	return address_parse(host, &address) == 0 && address_is_loopback(&address);
}

static bool is_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			return false;
	}
	return true;
}

/* What is wrong with a server; NULL when nothing is. */
static const char *server_fault(const struct courier_server *server)
{
	struct address address;
	if (address_parse(server->host, &address) != 0 &&
	    mail_check_domain(server->host, NULL) != 0)
		return "expected a host's name or address";
	if (server->port == 0)
		return "expected a port from 1 to 65535";
	if ((server->user == NULL) != (server->password == NULL))
		return "expected a user together with a password";
	if (server->user != NULL && (!is_text(server->user) || !is_text(server->password)))
		return "expected no control characters in user and password";
	if (server->hello != NULL && mail_check_domain(server->hello, NULL) != 0)
		return "expected a name for EHLO such as station.example.jp";
	if (server->tls == COURIER_CLEAR && !is_loopback_name(server->host))
		return "expected TLS: without it mail goes only to this machine (localhost)";
	return NULL;
}

int courier_check_server(const struct courier_server *server, struct complaint *complaint)
{
	const char *fault = server_fault(server);
	if (fault != NULL)
		return complain(complaint, -EINVAL, "mail server %.200s: %s", server->host, fault);
	return 0;
}

/* "host:port" of a URL that was checked. */
static int receiver_of_url(const char *url, char out[static COURIER_RECEIVER_BYTES])
{
	char *host = NULL;
	char *port = NULL;
	CURLU *handle = curl_url();
	int result = -ENOMEM;
	if (handle != NULL && curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(handle, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
		/* Of a longer name what fits: two such share what one receiver may have. */
		(void)snprintf(out, COURIER_RECEIVER_BYTES, "%.280s:%s", host, port);
		result = 0;
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(handle);
	return result;
}

static int check_mail(const struct courier_job *job, struct complaint *complaint)
{
	int result = courier_check_server(job->server, complaint);
	if (result == 0)
		result = mail_check_address(job->sender, complaint);
	if (result == 0)
		result = mail_check_address(job->recipient, complaint);
	return result;
}

static int check_url(const struct courier_job *job, const struct courier_options *options,
    struct complaint *complaint)
{
	struct endpoint endpoint;
	const char *dir = options->files_dir != NULL ? options->files_dir : "";
	switch (job->kind) {
	case COURIER_WEBHOOK:
		return webhook_check_url(job->url, &options->webhook_policy, complaint);
	case COURIER_SYSLOG:
		return syslog_parse_address(job->url, &endpoint, complaint);
	case COURIER_FILE:
		return files_check_address(job->url, dir, NULL, FILES_PATH_BYTES, complaint);
	case COURIER_MAIL:
		break;
	}
	return -EINVAL;
}

static int check(const struct courier_job *job, const struct courier_options *options,
    struct complaint *complaint)
{
	if (job->length > COURIER_MESSAGE_BYTES_MAX)
		return complain(complaint, -EMSGSIZE, "message of %zu bytes: expected at most %d",
		    job->length, COURIER_MESSAGE_BYTES_MAX);
	if (job->kind == COURIER_MAIL)
		return check_mail(job, complaint);
	int result = check_url(job, options, complaint);
	if (result == 0)
		result = mail_check_id(job->event, complaint);
	if (result == 0 && job->signature != NULL && !is_text(job->signature))
		result = complain(complaint, -EINVAL, "a signature with control characters");
	return result;
}

/* NULL stays NULL. */
static bool copy_text(const char *text, char **ret_copy)
{
	*ret_copy = text != NULL ? strdup(text) : NULL;
	return text == NULL || *ret_copy != NULL;
}

static bool copy_mail(const struct courier_job *job, struct courier_copy *copy)
{
	const struct courier_server *server = job->server;
	copy->port = server->port;
	copy->tls = server->tls;
	(void)snprintf(copy->receiver, sizeof copy->receiver, "%.280s:%u", server->host,
	    (unsigned)server->port); /* names have at most 253 bytes */
	return copy_text(server->host, &copy->host) && copy_text(server->user, &copy->user) &&
	       copy_text(server->password, &copy->password) &&
	       copy_text(server->ca_file, &copy->ca_file) &&
	       copy_text(server->hello, &copy->hello) && copy_text(job->sender, &copy->sender) &&
	       copy_text(job->recipient, &copy->recipient);
}

static bool copy_webhook(const struct courier_job *job, struct courier_copy *copy)
{
	return copy_text(job->url, &copy->url) && copy_text(job->signature, &copy->signature) &&
	       receiver_of_url(job->url, copy->receiver) == 0;
}

static bool copy_collector(
    const struct courier_job *job, const struct courier_options *options, struct courier_copy *copy)
{
	struct endpoint endpoint;
	if (syslog_parse_address(job->url, &endpoint, NULL) != 0)
		return false; /* it was checked */
	copy->port = endpoint.port;
	(void)snprintf(copy->receiver, sizeof copy->receiver, "%.253s:%u", endpoint.host,
	    (unsigned)endpoint.port);
	return copy_text(endpoint.host, &copy->host) &&
	       copy_text(options->syslog_ca_file, &copy->ca_file);
}

/* All of one directory wait for the same disk. */
static bool copy_directory(
    const struct courier_job *job, const struct courier_options *options, struct courier_copy *copy)
{
	char path[FILES_PATH_BYTES];
	(void)snprintf(copy->receiver, sizeof copy->receiver, "%s", "files");
	return files_check_address(job->url, options->files_dir, path, sizeof path, NULL) == 0 &&
	       copy_text(path, &copy->url);
}

static bool copy_job(
    const struct courier_job *job, const struct courier_options *options, struct courier_copy *copy)
{
	copy->id = job->id;
	copy->kind = job->kind;
	copy->length = job->length;
	copy->bytes = malloc(job->length + 1); /* also where there are none */
	if (copy->bytes == NULL)
		return false;
	memcpy(copy->bytes, job->bytes, job->length);
	if (!copy_text(job->event, &copy->event) ||
	    !copy_text(
		job->media_type != NULL ? job->media_type : "application/json", &copy->media_type))
		return false;
	switch (job->kind) {
	case COURIER_WEBHOOK:
		return copy_webhook(job, copy);
	case COURIER_SYSLOG:
		return copy_collector(job, options, copy);
	case COURIER_FILE:
		return copy_directory(job, options, copy);
	case COURIER_MAIL:
		break;
	}
	return copy_mail(job, copy);
}

int courier_copy_new(const struct courier_job *job, const struct courier_options *options,
    struct courier_copy **ret_copy, struct complaint *complaint)
{
	int result = check(job, options, complaint);
	if (result != 0)
		return result;
	struct courier_copy *copy = calloc(1, sizeof *copy);
	if (copy == NULL || !copy_job(job, options, copy)) {
		courier_copy_free(copy);
		return complain(complaint, -ENOMEM, "courier: out of memory");
	}
	*ret_copy = copy;
	return 0;
}

void courier_copy_free(struct courier_copy *copy)
{
	if (copy == NULL)
		return;
	if (copy->password != NULL)
		explicit_bzero(copy->password, strlen(copy->password));
	free(copy->host);
	free(copy->user);
	free(copy->password);
	free(copy->ca_file);
	free(copy->hello);
	free(copy->sender);
	free(copy->recipient);
	free(copy->url);
	free(copy->event);
	free(copy->media_type);
	free(copy->signature);
	free(copy->bytes);
	free(copy);
}
