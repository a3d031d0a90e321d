/* mailbox_imap.c - a folder by IMAP over TLS (RFC 3501), by libcurl. */
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/endpoint.h"
#include "base/hash.h"
#include "cmd/station/mailbox_internal.h"

enum {
	LISTED_BYTES_MAX = 1 << 20, /* of the answer to a search: some 100,000 messages */
	QUERY_BYTES = 64,
	FETCH_BYTES = URL_BYTES + 64,
	CONNECT_S = 15,
};

struct imap {
	CURL *curl;
	char url[URL_BYTES];
	uint64_t listed[MAILBOX_FETCHED_MAX]; /* the latest that are not settled */
	size_t listed_count;
	bool is_listed;
	char *answer; /* to a search */
	size_t answer_length;
	struct mailbox *mailbox; /* while it fetches */
	size_t fetched;
	char error[CURL_ERROR_SIZE];
};

#define SET(curl, result, option, value)                                                           \
	do {                                                                                       \
		if ((result) == CURLE_OK)                                                          \
			(result) = curl_easy_setopt((curl), (option), (value));                    \
	} while (0)

static void release(struct mailbox *mailbox)
{
	struct imap *imap = mailbox->own;
	curl_easy_cleanup(imap->curl);
	free(imap->answer);
	free(imap);
}

static int fail(struct imap *imap, CURLcode code, struct complaint *complaint)
{
	imap->is_listed = false;
	return complain(complaint, -EIO, "mail.bounces: %s: %.200s", imap->url,
	    imap->error[0] != '\0' ? imap->error : curl_easy_strerror(code));
}

/* ---- Which there are ---- */

static size_t hear_list(char *bytes, size_t size, size_t count, void *context)
{
	struct imap *imap = context;
	const size_t length = size * count;
	if (length > LISTED_BYTES_MAX - imap->answer_length)
		return 0;
	char *grown = realloc(imap->answer, imap->answer_length + length + 1);
	if (grown == NULL)
		return 0;
	imap->answer = grown;
	memcpy(grown + imap->answer_length, bytes, length);
	imap->answer_length += length;
	grown[imap->answer_length] = '\0';
	return length;
}

/* Day and month as IMAP names them. */
static void make_query(int64_t wall_us, char out[static QUERY_BYTES])
{
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const time_t seconds = (time_t)((wall_us - MAILBOX_AGE_US) / WHEN_SECOND_US);
	struct tm tm;
	if (gmtime_r(&seconds, &tm) == NULL)
		tm = (struct tm){.tm_mday = 1, .tm_year = 126};
	(void)snprintf(out, QUERY_BYTES, "UID SEARCH SINCE %d-%s-%04d", tm.tm_mday,
	    months[tm.tm_mon], tm.tm_year + 1900); /* fits */
}

/* Of what is new the latest: they come in ascending order, and are fetched from the end. */
static void note_listed(struct imap *imap, const struct mailbox *mailbox, uint64_t uid)
{
	if (uid == 0 || mailbox_is_settled(mailbox, uid))
		return;
	if (imap->listed_count == MAILBOX_FETCHED_MAX) {
		memmove(imap->listed, imap->listed + 1,
		    (MAILBOX_FETCHED_MAX - 1) * sizeof imap->listed[0]);
		imap->listed_count--;
	}
	imap->listed[imap->listed_count++] = uid;
}

static void read_list(struct imap *imap, const struct mailbox *mailbox)
{
	static const char mark[] = "* SEARCH";
	imap->listed_count = 0;
	const char *at = imap->answer == NULL ? NULL : strstr(imap->answer, mark);
	while (at != NULL) {
		at += sizeof mark - 1;
		while (*at == ' ' || (*at >= '0' && *at <= '9')) {
			char *end;
			const uint64_t uid = strtoull(at, &end, 10);
			if (end == at)
				break;
			note_listed(imap, mailbox, uid);
			at = end;
		}
		at = strstr(at, mark);
	}
}

static int list(
    struct imap *imap, const struct mailbox *mailbox, int64_t wall_us, struct complaint *complaint)
{
	char query[QUERY_BYTES];
	CURLcode code = CURLE_OK;
	free(imap->answer);
	imap->answer = NULL;
	imap->answer_length = 0;
	imap->error[0] = '\0';
	make_query(wall_us, query);
	SET(imap->curl, code, CURLOPT_URL, imap->url);
	SET(imap->curl, code, CURLOPT_CUSTOMREQUEST, query);
	SET(imap->curl, code, CURLOPT_WRITEFUNCTION, hear_list);
	SET(imap->curl, code, CURLOPT_WRITEDATA, imap);
	if (code == CURLE_OK)
		code = curl_easy_perform(imap->curl);
	if (code != CURLE_OK)
		return fail(imap, code, complaint);
	read_list(imap, mailbox);
	imap->is_listed = true;
	return 0;
}

/* ---- One of them ---- */

/* What is longer is cut: the transfer goes on to its end, so that the connection stays usable. */
static size_t hear_message(char *bytes, size_t size, size_t count, void *context)
{
	struct imap *imap = context;
	const size_t length = size * count;
	const size_t room = sizeof imap->mailbox->bytes - imap->fetched;
	const size_t taken = length < room ? length : room;
	memcpy(imap->mailbox->bytes + imap->fetched, bytes, taken);
	imap->fetched += taken;
	return length;
}

static int fetch(struct mailbox *mailbox, uint64_t uid, struct mailbox_message *ret_message,
    struct complaint *complaint)
{
	struct imap *imap = mailbox->own;
	char url[FETCH_BYTES];
	CURLcode code = CURLE_OK;
	imap->mailbox = mailbox;
	imap->fetched = 0;
	imap->error[0] = '\0';
	(void)snprintf(url, sizeof url, "%s/;UID=%" PRIu64 "/;PARTIAL=0.%d", imap->url, uid,
	    (int)MIME_BYTES_MAX); /* fits */
	SET(imap->curl, code, CURLOPT_URL, url);
	SET(imap->curl, code, CURLOPT_CUSTOMREQUEST, NULL);
	SET(imap->curl, code, CURLOPT_WRITEFUNCTION, hear_message);
	SET(imap->curl, code, CURLOPT_WRITEDATA, imap);
	if (code == CURLE_OK)
		code = curl_easy_perform(imap->curl);
	if (code == CURLE_REMOTE_FILE_NOT_FOUND) { /* it was removed meanwhile */
		mailbox_settle(mailbox, uid);
		return 0;
	}
	if (code != CURLE_OK)
		return fail(imap, code, complaint);
	*ret_message = (struct mailbox_message){uid, mailbox->bytes, imap->fetched};
	return 1;
}

static int next(struct mailbox *mailbox, int64_t wall_us, struct mailbox_message *ret_message,
    struct complaint *complaint)
{
	struct imap *imap = mailbox->own;
	int result = imap->is_listed ? 0 : list(imap, mailbox, wall_us, complaint);
	while (result == 0 && imap->listed_count > 0)
		result = fetch(mailbox, imap->listed[--imap->listed_count], ret_message, complaint);
	if (result == 0)
		imap->is_listed = false;
	return result;
}

/* ---- The beginning ---- */

static CURLcode set_up(struct imap *imap, const struct mailbox_server *server)
{
	CURLcode code = CURLE_OK;
	SET(imap->curl, code, CURLOPT_ERRORBUFFER, imap->error);
	SET(imap->curl, code, CURLOPT_NOSIGNAL, 1L);
	SET(imap->curl, code, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	SET(imap->curl, code, CURLOPT_PROTOCOLS_STR, "imaps");
	SET(imap->curl, code, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(imap->curl, code, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(imap->curl, code, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(imap->curl, code, CURLOPT_USERNAME, server->user);
	SET(imap->curl, code, CURLOPT_PASSWORD, server->password);
	SET(imap->curl, code, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	SET(imap->curl, code, CURLOPT_TIMEOUT, (long)(MAILBOX_STEP_US / WHEN_SECOND_US));
	if (server->ca_file != NULL)
		SET(imap->curl, code, CURLOPT_CAINFO, server->ca_file);
	return code;
}

int mailbox_new_imap(const struct mailbox_server *server, struct mailbox **ret_mailbox)
{
	static const struct mailbox_kind kind = {next, release};
	struct imap *imap = calloc(1, sizeof *imap);
	if (imap == NULL)
		return -ENOMEM;
	(void)snprintf(imap->url, sizeof imap->url, "%s", server->url); /* fits: config.h */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		imap->curl = curl_easy_init();
	if (imap->curl == NULL || set_up(imap, server) != CURLE_OK) {
		curl_easy_cleanup(imap->curl);
		free(imap);
		return -EIO;
	}
	return mailbox_new(&kind, imap, ret_mailbox);
}
