/* courier_carry.c - one job from its first byte to its result: by libcurl, and what connects by it.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "notify/courier_internal.h"
#include "notify/files.h"
#include "notify/glyph.h"
#include "notify/smtp_dialogue.h"

enum {
	URL_BYTES = 640,        /* host and name for EHLO, 253 bytes each */
	BODY_KEPT = 200,        /* of a webhook's answer */
	RAW_BYTES_MAX = 524288, /* received on a connection, certificates and all */
	SLOW_S = 20,            /* a webhook that gets or gives no byte for so long */
	DISCONNECTED = -1,
};

/* What the callbacks of one transfer know. */
struct carrying {
	const struct courier_copy *copy;
	const struct courier_options *options;
	const atomic_bool *stop;
	CURL *curl;
	int socket_fd;    /* the one that is open, or DISCONNECTED */
	size_t given;     /* bytes of the message, to libcurl */
	bool was_refused; /* an address that may not be reached */
	struct smtp_dialogue dialogue;
	size_t heard; /* bytes of a webhook's answer, headers and all */
	size_t body_length;
	char body[BODY_KEPT + 1];
	char error[CURL_ERROR_SIZE];
};

static const char refused_address[] =
    "it leads to an address inside a network, which the configuration does not allow";

/* Sets an option unless one before could not be set. */
#define SET(curl, result, option, value)                                                           \
	do {                                                                                       \
		if ((result) == CURLE_OK)                                                          \
			(result) = curl_easy_setopt((curl), (option), (value));                    \
	} while (0)

static bool address_of(const struct curl_sockaddr *from, struct address *ret_address)
{
	const void *at = &from->addr;
	if (from->family == AF_INET) {
		struct sockaddr_in v4;
		uint8_t bytes[4];
		memcpy(&v4, at, sizeof v4);
		memcpy(bytes, &v4.sin_addr, sizeof bytes);
		*ret_address = address_from_v4(bytes);
		return true;
	}
	if (from->family == AF_INET6) {
		struct sockaddr_in6 v6;
		/* libcurl has room for any kind of address there. */
		memcpy(&v6, at, sizeof v6);
		memcpy(ret_address->bytes, &v6.sin6_addr, sizeof ret_address->bytes);
		return true;
	}
	return false;
}

static bool may_connect(const struct carrying *carrying, const struct curl_sockaddr *to)
{
	struct address address;
	if (!address_of(to, &address))
		return false;
	if (carrying->copy->kind != COURIER_MAIL)
		return webhook_may_reach(&carrying->options->webhook_policy, &address);
	/* Whatever "localhost" leads to: in the clear only what stays on this machine. */
	return carrying->copy->tls != COURIER_CLEAR || address_is_loopback(&address);
}

/* Each address that libcurl tries, after it was resolved. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct carrying *carrying = context;
	(void)purpose;
	if (!may_connect(carrying, address)) {
		carrying->was_refused = true;
		return CURL_SOCKET_BAD;
	}
	carrying->socket_fd =
	    socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	return carrying->socket_fd < 0 ? CURL_SOCKET_BAD : carrying->socket_fd;
}

/* From then on its number may be that of another's. */
static int close_socket(void *context, curl_socket_t socket_fd)
{
	struct carrying *carrying = context;
	if (carrying->socket_fd == socket_fd)
		carrying->socket_fd = DISCONNECTED;
	return close(socket_fd);
}

/* An answer without end need not have lines or headers that are counted elsewhere. */
static bool has_heard_too_much(const struct carrying *carrying)
{
	struct tcp_info info;
	socklen_t length = sizeof info;
	memset(&info, 0, sizeof info);
	if (carrying->socket_fd < 0 ||
	    getsockopt(carrying->socket_fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		return false;
	return info.tcpi_bytes_received > RAW_BYTES_MAX;
}

/*
 * About once a second, or as data comes. Not 0 ends the transfer, which must be while libcurl waits
 * for the answer to QUIT: nobody needs it, and it might never come.
 */
static int go_on(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
    curl_off_t up) /* NOLINT: as libcurl has it */
{
	struct carrying *carrying = context;
	(void)down_total;
	(void)down;
	(void)up_total;
	(void)up;
	return atomic_load(carrying->stop) || carrying->dialogue.stage == SMTP_QUIT ||
	       has_heard_too_much(carrying);
}

static size_t give_message(char *buffer, size_t size, size_t count, void *context)
{
	struct carrying *carrying = context;
	size_t room = size * count;
	size_t left = carrying->copy->length - carrying->given;
	size_t given = left < room ? left : room;
	memcpy(buffer, carrying->copy->bytes + carrying->given, given);
	carrying->given += given;
	if (given == 0)
		smtp_dialogue_message_ended(&carrying->dialogue);
	return given;
}

static int follow(CURL *curl, curl_infotype type, char *bytes, size_t length, void *context)
{
	struct carrying *carrying = context;
	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		smtp_dialogue_sent(&carrying->dialogue, bytes, length);
	return 0;
}

static size_t hear_line(char *bytes, size_t size, size_t count, void *context)
{
	struct carrying *carrying = context;
	size_t length = size * count;
	return smtp_dialogue_heard(&carrying->dialogue, bytes, length) ? length : 0;
}

/* A webhook's headers and body are counted together. */
static bool is_within(struct carrying *carrying, size_t length)
{
	carrying->heard += length;
	return carrying->heard <= COURIER_ANSWER_BYTES_MAX;
}

static size_t hear_header(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes;
	return is_within(context, size * count) ? size * count : 0;
}

static size_t hear_body(char *bytes, size_t size, size_t count, void *context)
{
	struct carrying *carrying = context;
	size_t length = size * count;
	size_t room = BODY_KEPT - carrying->body_length;
	size_t kept = length < room ? length : room;
	for (size_t i = 0; i < kept; i++)
		carrying->body[carrying->body_length++] = bytes[i] != '\0' ? bytes[i] : '?';
	return is_within(carrying, length) ? length : 0;
}

static CURLcode set_common(struct carrying *carrying)
{
	CURL *curl = carrying->curl;
	CURLcode result = CURLE_OK;
	SET(curl, result, CURLOPT_ERRORBUFFER, carrying->error);
	SET(curl, result, CURLOPT_NOSIGNAL, 1L);
	SET(curl, result, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	SET(curl, result, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(curl, result, CURLOPT_OPENSOCKETDATA, carrying);
	SET(curl, result, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	SET(curl, result, CURLOPT_CLOSESOCKETDATA, carrying);
	SET(curl, result, CURLOPT_NOPROGRESS, 0L);
	SET(curl, result, CURLOPT_XFERINFOFUNCTION, go_on);
	SET(curl, result, CURLOPT_XFERINFODATA, carrying);
	SET(curl, result, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(curl, result, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(curl, result, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(curl, result, CURLOPT_FORBID_REUSE, 1L);
	/* A name server that does not answer must not hold the thread past its time. */
	SET(curl, result, CURLOPT_QUICK_EXIT, 1L);
	return result;
}

static CURLcode set_times(CURL *curl, unsigned connect_s, unsigned total_s)
{
	CURLcode result = CURLE_OK;
	SET(curl, result, CURLOPT_CONNECTTIMEOUT, (long)connect_s);
	SET(curl, result, CURLOPT_TIMEOUT, (long)total_s);
	SET(curl, result, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)total_s);
	return result;
}

static void format_mail_url(const struct courier_copy *copy, char out[static URL_BYTES])
{
	bool is_v6 = strchr(copy->host, ':') != NULL;
	/* Both names were checked: nothing in them has a meaning in a URL. */
	(void)snprintf(out, URL_BYTES, "%s://%s%s%s:%u/%s",
	    copy->tls == COURIER_TLS ? "smtps" : "smtp", is_v6 ? "[" : "", copy->host,
	    is_v6 ? "]" : "", (unsigned)copy->port,
	    copy->hello != NULL ? copy->hello : "localhost");
}

static CURLcode set_mail_path(struct carrying *carrying, const char *url)
{
	const struct courier_copy *copy = carrying->copy;
	CURL *curl = carrying->curl;
	CURLcode result = CURLE_OK;
	SET(curl, result, CURLOPT_URL, url);
	SET(curl, result, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(curl, result, CURLOPT_USE_SSL,
	    (long)(copy->tls == COURIER_CLEAR ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	if (copy->ca_file != NULL)
		SET(curl, result, CURLOPT_CAINFO, copy->ca_file);
	if (copy->user != NULL) {
		SET(curl, result, CURLOPT_USERNAME, copy->user);
		SET(curl, result, CURLOPT_PASSWORD, copy->password);
		/* Over TLS the others protect nothing more, and are much code. */
		SET(curl, result, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
	}
	return result;
}

static CURLcode set_mail(
    struct carrying *carrying, const char *sender, struct curl_slist *recipients)
{
	CURL *curl = carrying->curl;
	char url[URL_BYTES];
	format_mail_url(carrying->copy, url);
	CURLcode result = set_mail_path(carrying, url);
	SET(curl, result, CURLOPT_MAIL_FROM, sender);
	SET(curl, result, CURLOPT_MAIL_RCPT, recipients);
	SET(curl, result, CURLOPT_UPLOAD, 1L);
	SET(curl, result, CURLOPT_INFILESIZE_LARGE, (curl_off_t)carrying->copy->length);
	SET(curl, result, CURLOPT_READFUNCTION, give_message);
	SET(curl, result, CURLOPT_READDATA, carrying);
	SET(curl, result, CURLOPT_HEADERFUNCTION, hear_line);
	SET(curl, result, CURLOPT_HEADERDATA, carrying);
	SET(curl, result, CURLOPT_VERBOSE, 1L);
	SET(curl, result, CURLOPT_DEBUGFUNCTION, follow);
	SET(curl, result, CURLOPT_DEBUGDATA, carrying);
	if (result == CURLE_OK)
		result = set_times(
		    curl, carrying->options->mail_connect_s, carrying->options->mail_total_s);
	return result;
}

static CURLcode set_webhook(struct carrying *carrying, struct curl_slist *headers)
{
	const struct courier_copy *copy = carrying->copy;
	const struct courier_options *options = carrying->options;
	CURL *curl = carrying->curl;
	CURLcode result = CURLE_OK;
	SET(curl, result, CURLOPT_URL, copy->url);
	SET(curl, result, CURLOPT_PROTOCOLS_STR,
	    options->webhook_policy.may_loopback ? "https,http" : "https");
	SET(curl, result, CURLOPT_FOLLOWLOCATION, 0L);
	SET(curl, result, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(curl, result, CURLOPT_USERAGENT, "Hinomi/" HINOMI_VERSION);
	SET(curl, result, CURLOPT_HTTPHEADER, headers);
	SET(curl, result, CURLOPT_POST, 1L);
	SET(curl, result, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)copy->length);
	SET(curl, result, CURLOPT_POSTFIELDS, copy->bytes);
	SET(curl, result, CURLOPT_HEADERFUNCTION, hear_header);
	SET(curl, result, CURLOPT_HEADERDATA, carrying);
	SET(curl, result, CURLOPT_WRITEFUNCTION, hear_body);
	SET(curl, result, CURLOPT_WRITEDATA, carrying);
	SET(curl, result, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(curl, result, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	if (options->webhook_ca_file != NULL)
		SET(curl, result, CURLOPT_CAINFO, options->webhook_ca_file);
	if (result == CURLE_OK)
		result = set_times(curl, options->webhook_connect_s, options->webhook_total_s);
	return result;
}

/* What libcurl says is wrong: in detail where it has it. */
static const char *error_of(const struct carrying *carrying, CURLcode code)
{
	return carrying->error[0] != '\0' ? carrying->error : curl_easy_strerror(code);
}

static void carry_mail(struct carrying *carrying, struct courier_result *result)
{
	char sender[COURIER_RECEIVER_BYTES];
	char recipient[COURIER_RECEIVER_BYTES];
	/* Addresses have at most 254 bytes. */
	(void)snprintf(sender, sizeof sender, "<%.280s>", carrying->copy->sender);
	(void)snprintf(recipient, sizeof recipient, "<%.280s>", carrying->copy->recipient);
	struct curl_slist *recipients = curl_slist_append(NULL, recipient);
	CURLcode code =
	    recipients == NULL ? CURLE_OUT_OF_MEMORY : set_mail(carrying, sender, recipients);
	smtp_dialogue_init(&carrying->dialogue);
	if (code == CURLE_OK)
		code = curl_easy_perform(carrying->curl);
	curl_slist_free_all(recipients);

	const struct smtp_dialogue *dialogue = &carrying->dialogue;
	result->outcome = smtp_dialogue_outcome(dialogue, code == CURLE_OK);
	bool is_answer = result->outcome == COURIER_DELIVERED || dialogue->code >= 400;
	result->code = is_answer ? dialogue->code : 0;
	glyph_copy_visible(is_answer ? dialogue->line : error_of(carrying, code), result->reply,
	    sizeof result->reply);
}

/* 2xx took it; of the others these may pass (RFC 9110, 6585, 8470). */
static enum courier_outcome outcome_of_status(long status)
{
	if (status >= 200 && status < 300)
		return COURIER_DELIVERED;
	if (status >= 500 || status == 408 || status == 425 || status == 429)
		return COURIER_TEMPORARY;
	return COURIER_PERMANENT;
}

/* No answer came. */
static enum courier_outcome outcome_of_silence(const struct carrying *carrying)
{
	curl_off_t sent = 0;
	if (carrying->was_refused)
		return COURIER_PERMANENT;
	if (curl_easy_getinfo(carrying->curl, CURLINFO_SIZE_UPLOAD_T, &sent) != CURLE_OK)
		return COURIER_UNKNOWN;
	return sent > 0 && (size_t)sent >= carrying->copy->length ? COURIER_UNKNOWN
								  : COURIER_TEMPORARY;
}

static void tell_webhook(
    const struct carrying *carrying, CURLcode code, long status, struct courier_result *result)
{
	char raw[CURL_ERROR_SIZE + BODY_KEPT + 64];
	result->code = (int)status;
	if (status == 0 && carrying->was_refused)
		(void)snprintf(raw, sizeof raw, "%s", refused_address);
	else if (status == 0)
		(void)snprintf(raw, sizeof raw, "%s", error_of(carrying, code));
	else if (status >= 300 && status < 400)
		(void)snprintf(raw, sizeof raw, "HTTP %ld: redirects are not followed", status);
	else
		(void)snprintf(raw, sizeof raw, "HTTP %ld %s", status, carrying->body);
	glyph_copy_visible(raw, result->reply, sizeof result->reply);
}

static struct curl_slist *make_headers(const struct courier_copy *copy)
{
	char type[COURIER_RECEIVER_BYTES];
	char event[COURIER_RECEIVER_BYTES];
	char signature[COURIER_RECEIVER_BYTES];
	/* Ids have at most 200 bytes, signatures less; none of them ends a line. */
	(void)snprintf(type, sizeof type, "Content-Type: %.200s", copy->media_type);
	(void)snprintf(event, sizeof event, "X-Hinomi-Event: %.200s", copy->event);
	(void)snprintf(signature, sizeof signature, "Hinomi-Signature: %.200s",
	    copy->signature != NULL ? copy->signature : "");
	const char *const lines[] = {
	    type, event, "Expect:", copy->signature != NULL ? signature : NULL};
	struct curl_slist *headers = NULL;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (lines[i] == NULL)
			continue;
		struct curl_slist *longer = curl_slist_append(headers, lines[i]);
		if (longer == NULL) {
			curl_slist_free_all(headers);
			return NULL;
		}
		headers = longer;
	}
	return headers;
}

static void carry_webhook(struct carrying *carrying, struct courier_result *result)
{
	long status = 0;
	struct curl_slist *headers = make_headers(carrying->copy);
	CURLcode code = headers == NULL ? CURLE_OUT_OF_MEMORY : set_webhook(carrying, headers);
	if (code == CURLE_OK)
		code = curl_easy_perform(carrying->curl);
	if (curl_easy_getinfo(carrying->curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		status = 0;
	curl_slist_free_all(headers);
	/* An interim answer (1xx) is none. */
	if (status < 200)
		status = 0;
	result->outcome = status > 0 ? outcome_of_status(status) : outcome_of_silence(carrying);
	tell_webhook(carrying, code, status, result);
}

int64_t courier_now_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* is always there */
	return now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

/* A bare connection: libcurl finds the address, and asks whether it may be reached. */
static CURLcode dial(struct carrying *carrying)
{
	const struct courier_copy *copy = carrying->copy;
	CURL *curl = carrying->curl;
	char url[URL_BYTES];
	const bool is_v6 = strchr(copy->host, ':') != NULL;
	(void)snprintf(url, sizeof url, "http://%s%s%s:%u/", is_v6 ? "[" : "", copy->host,
	    is_v6 ? "]" : "", (unsigned)copy->port); /* the name was checked */
	CURLcode result = CURLE_OK;
	SET(curl, result, CURLOPT_URL, url);
	SET(curl, result, CURLOPT_PROTOCOLS_STR, "http");
	SET(curl, result, CURLOPT_CONNECT_ONLY, 1L);
	SET(curl, result, CURLOPT_FORBID_REUSE, 0L); /* it stays open until libcurl is ended */
	if (result == CURLE_OK)
		result = set_times(
		    curl, carrying->options->webhook_connect_s, carrying->options->webhook_total_s);
	return result == CURLE_OK ? curl_easy_perform(curl) : result;
}

static void carry_syslog(struct carrying *carrying, struct courier_result *result)
{
	const int64_t until_us =
	    courier_now_us() + carrying->options->webhook_total_s * WHEN_SECOND_US;
	const CURLcode code = dial(carrying);
	if (code == CURLE_OK && carrying->socket_fd >= 0) {
		const struct courier_dial connection = {
		    carrying->socket_fd, until_us, carrying->stop};
		courier_talk_syslog(carrying->copy, &connection, result);
		return;
	}
	result->outcome = carrying->was_refused ? COURIER_PERMANENT : COURIER_TEMPORARY;
	glyph_copy_visible(carrying->was_refused ? refused_address : error_of(carrying, code),
	    result->reply, sizeof result->reply);
}

/* What a disk refuses it may take later. */
static void carry_file(const struct courier_copy *copy, struct courier_result *result)
{
	char name[FILES_PATH_BYTES];
	int error = files_name(copy->event, copy->media_type, name, sizeof name);
	result->outcome = COURIER_PERMANENT;
	if (error == 0) {
		error = files_write(copy->url, name, copy->bytes, copy->length);
		result->outcome = error == 0 ? COURIER_DELIVERED : COURIER_TEMPORARY;
	}
	char raw[COURIER_REPLY_BYTES];
	if (error == 0)
		(void)snprintf(raw, sizeof raw, "written as %.200s", name);
	else
		(void)snprintf(raw, sizeof raw, "%.300s: %s", copy->url, strerror(-error));
	glyph_copy_visible(raw, result->reply, sizeof result->reply);
}

static void carry_by_curl(struct carrying *carrying, struct courier_result *result)
{
	carrying->curl = curl_easy_init();
	if (carrying->curl == NULL || set_common(carrying) != CURLE_OK)
		(void)snprintf(result->reply, sizeof result->reply, "%s", "out of memory");
	else if (carrying->copy->kind == COURIER_MAIL)
		carry_mail(carrying, result);
	else if (carrying->copy->kind == COURIER_SYSLOG)
		carry_syslog(carrying, result);
	else
		carry_webhook(carrying, result);
	curl_easy_cleanup(carrying->curl);
}

void courier_carry(const struct courier_copy *copy, const struct courier_options *options,
    const atomic_bool *stop, struct courier_result *ret_result)
{
	struct carrying carrying = {
	    .copy = copy,
	    .options = options,
	    .stop = stop,
	    .socket_fd = DISCONNECTED,
	};
	struct courier_result result = {.id = copy->id, .outcome = COURIER_TEMPORARY};
	int64_t began_us = courier_now_us();
	if (copy->kind == COURIER_FILE)
		carry_file(copy, &result);
	else
		carry_by_curl(&carrying, &result);
	result.took_us = courier_now_us() - began_us;
	*ret_result = result;
}
