/*
 * courier_syslog.c - one message of syslog to a collector, over a connection that stands: TLS, the
 * message in its frame (RFC 5425 section 4.3), and the end in order (section 4.4).
 *
 * The protocol has no answer that says "taken". What there is: the collector ends its side of TLS
 * when we have ended ours, which it does when it has read all. Only that counts as delivered; where
 * it does not come, the outcome is unknown, and the message goes out again.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "notify/courier_internal.h"
#include "notify/glyph.h"

enum {
	STEP_MS = 500, /* between looks at whether to stop */
	FRAME_BYTES = 16,
	READ_BYTES = 4096,
	REASON_BYTES = 300,
};

/* A conversation, and how far it came. */
struct talk {
	const struct courier_copy *copy;
	const struct courier_dial *dial;
	SSL_CTX *context;
	SSL *ssl;
	char *frame; /* length, blank, message */
	size_t frame_bytes;
	size_t sent;
	char reason[REASON_BYTES];
};

static void note_error(struct talk *talk, const char *stage)
{
	const long verify = talk->ssl != NULL ? SSL_get_verify_result(talk->ssl) : X509_V_OK;
	const unsigned long code = ERR_peek_last_error();
	const char *why = verify != X509_V_OK ? X509_verify_cert_error_string(verify)
			  : code != 0         ? ERR_reason_error_string(code)
			  : errno != 0        ? strerror(errno)
					      : "the connection broke";
	(void)snprintf(
	    talk->reason, sizeof talk->reason, "%s: %s", stage, why != NULL ? why : "TLS failed");
}

/* Until the socket can do it, within the time. */
static bool wait_for(struct talk *talk, short what)
{
	while (!atomic_load(talk->dial->stop)) {
		struct pollfd poll_fd = {.fd = talk->dial->fd, .events = what};
		const int64_t left_us = talk->dial->until_us - courier_now_us();
		if (left_us <= 0)
			break;
		const int64_t left_ms = left_us / 1000 + 1;
		const int ready = poll(&poll_fd, 1, left_ms < STEP_MS ? (int)left_ms : STEP_MS);
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
	errno = ETIMEDOUT;
	return false;
}

/* Whether what OpenSSL was asked for is to be asked again, once the socket can. */
static bool may_go_on(struct talk *talk, int result)
{
	switch (SSL_get_error(talk->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(talk, POLLIN);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(talk, POLLOUT);
	default:
		return false;
	}
}

static bool set_name(struct talk *talk)
{
	struct address address;
	char *host = talk->copy->host; /* OpenSSL would have it so; it only reads */
	if (address_parse(host, &address) == 0)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(talk->ssl), host) == 1;
	return SSL_set1_host(talk->ssl, host) == 1 &&
	       SSL_set_tlsext_host_name(talk->ssl, host) == 1;
}

static bool set_up(struct talk *talk)
{
	talk->context = SSL_CTX_new(TLS_client_method());
	if (talk->context == NULL ||
	    SSL_CTX_set_min_proto_version(talk->context, TLS1_2_VERSION) != 1)
		return false;
	const int loaded =
	    talk->copy->ca_file != NULL
		? SSL_CTX_load_verify_locations(talk->context, talk->copy->ca_file, NULL)
		: SSL_CTX_set_default_verify_paths(talk->context);
	if (loaded != 1)
		return false;
	SSL_CTX_set_verify(talk->context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_mode(
	    talk->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	talk->ssl = SSL_new(talk->context);
	return talk->ssl != NULL && set_name(talk) && SSL_set_fd(talk->ssl, talk->dial->fd) == 1;
}

static bool connect_tls(struct talk *talk)
{
	int result;
	do {
		ERR_clear_error();
		errno = 0;
		result = SSL_connect(talk->ssl);
	} while (result != 1 && may_go_on(talk, result));
	return result == 1;
}

static bool make_frame(struct talk *talk)
{
	const struct courier_copy *copy = talk->copy;
	talk->frame = malloc(copy->length + FRAME_BYTES);
	if (talk->frame == NULL)
		return false;
	const int head = snprintf(talk->frame, FRAME_BYTES, "%zu ", copy->length);
	memcpy(talk->frame + head, copy->bytes, copy->length);
	talk->frame_bytes = (size_t)head + copy->length;
	return true;
}

static bool send_frame(struct talk *talk)
{
	while (talk->sent < talk->frame_bytes) {
		size_t written = 0;
		ERR_clear_error();
		errno = 0;
		const int result = SSL_write_ex(
		    talk->ssl, talk->frame + talk->sent, talk->frame_bytes - talk->sent, &written);
		talk->sent += written;
		if (result != 1 && !may_go_on(talk, result))
			return false;
	}
	return true;
}

/* Our end of TLS. Where it does not leave, the other side is gone, in whatever order. */
static bool say_end(struct talk *talk)
{
	int result;
	do {
		ERR_clear_error();
		errno = 0;
		result = SSL_shutdown(talk->ssl);
	} while (result < 0 && may_go_on(talk, result));
	return result >= 0;
}

/* What the collector says after our end is not looked at, only that it ends. Returns OpenSSL's
 * error. */
static int hear_end(struct talk *talk)
{
	char unused[READ_BYTES];
	size_t heard = 0;
	int result;
	do {
		size_t read = 0;
		ERR_clear_error();
		errno = 0;
		result = SSL_read_ex(talk->ssl, unused, sizeof unused, &read);
		heard += read;
	} while (heard <= COURIER_ANSWER_BYTES_MAX && (result == 1 || may_go_on(talk, result)));
	return SSL_get_error(talk->ssl, result);
}

static enum courier_outcome end_in_order(struct talk *talk)
{
	if (!say_end(talk)) {
		note_error(talk, "after the message");
		return COURIER_UNKNOWN;
	}
	const int error = hear_end(talk);
	const bool is_cut =
	    ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
	if (error == SSL_ERROR_ZERO_RETURN || is_cut)
		return COURIER_DELIVERED; /* also where it closes without a word, having read all */
	if (error == SSL_ERROR_NONE)
		(void)snprintf(talk->reason, sizeof talk->reason, "%s",
		    "after the message: it goes on and on, which no collector does");
	else
		note_error(talk, "after the message");
	/* an alert: it did not want us after all, and reads nothing of it */
	return error == SSL_ERROR_SSL ? COURIER_TEMPORARY : COURIER_UNKNOWN;
}

static enum courier_outcome converse(struct talk *talk)
{
	errno = 0;
	if (!make_frame(talk) || !set_up(talk)) {
		note_error(talk, "TLS");
		return COURIER_TEMPORARY;
	}
	if (!connect_tls(talk)) {
		note_error(talk, "TLS");
		return COURIER_TEMPORARY;
	}
	if (!send_frame(talk)) {
		note_error(talk, "the message");
		return COURIER_TEMPORARY; /* without its end it is none */
	}
	return end_in_order(talk);
}

void courier_talk_syslog(
    const struct courier_copy *copy, const struct courier_dial *dial, struct courier_result *result)
{
	struct talk talk = {
	    .copy = copy, .dial = dial, .reason = "sent, and the connection ended in order"};
	result->outcome = converse(&talk);
	glyph_copy_visible(talk.reason, result->reply, sizeof result->reply);
	SSL_free(talk.ssl);
	SSL_CTX_free(talk.context);
	ERR_clear_error();
	free(talk.frame);
}
