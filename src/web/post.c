#include "web/post.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/glyph.h"

enum {
	SOCKETS_MAX = 16, /* libcurl tries several addresses side by side, and has a pipe */
	LINE_BYTES = 512, /* of a header */
	BODY_KEPT = 200,  /* of an answer */
};

/* A descriptor of libcurl's that is waited for. */
struct waited {
	struct post *post;
	curl_socket_t fd;
	uint64_t watch; /* 0: free */
};

struct post {
	struct post_options options;
	char *url;
	CURLM *multi;
	CURL *easy; /* on its way; NULL: nothing is */
	struct curl_slist *headers;
	char *body;
	uint64_t timer;
	struct waited waited[SOCKETS_MAX];
	size_t heard; /* bytes of the answer */
	char answer[BODY_KEPT + 1];
	size_t answer_bytes;
	char error[CURL_ERROR_SIZE];
};

/* ---- What libcurl hears ---- */

static size_t hear(struct post *post, const char *bytes, size_t count, bool is_body)
{
	const size_t room = is_body ? BODY_KEPT - post->answer_bytes : 0;
	const size_t kept = count < room ? count : room;
	for (size_t i = 0; i < kept; i++)
		post->answer[post->answer_bytes++] = bytes[i] != '\0' ? bytes[i] : '?';
	post->answer[post->answer_bytes] = '\0';
	post->heard += count;
	return post->heard <= POST_ANSWER_MAX_BYTES ? count : 0;
}

static size_t hear_header(char *bytes, size_t size, size_t count, void *context)
{
	return hear(context, bytes, size * count, false);
}

static size_t hear_body(char *bytes, size_t size, size_t count, void *context)
{
	return hear(context, bytes, size * count, true);
}

/* ---- The end of one ---- */

static void drop(struct post *post)
{
	if (post->easy == NULL)
		return;
	(void)curl_multi_remove_handle(post->multi, post->easy); /* it is one of these */
	curl_easy_cleanup(post->easy);
	curl_slist_free_all(post->headers);
	free(post->body);
	post->easy = NULL;
	post->headers = NULL;
	post->body = NULL;
}

static void tell(struct post *post, CURLcode code, const char *why)
{
	struct post_result result = {.status = 0};
	char line[POST_REPLY_BYTES * 2];
	if (post->easy != NULL &&
	    curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &result.status) != CURLE_OK)
		result.status = 0;
	result.is_taken = code == CURLE_OK && result.status >= 200 && result.status < 300;
	if (code == CURLE_OK)
		(void)snprintf(line, sizeof line, "HTTP %ld %s", result.status, post->answer);
	else
		(void)snprintf(line, sizeof line, "%s", why);
	line[strcspn(line, "\r\n")] = '\0';
	glyph_copy_visible(line, result.reply, sizeof result.reply);
	drop(post);
	post->options.on_result(post->options.context, &result);
}

static void take_results(struct post *post)
{
	int left;
	const CURLMsg *message;
	while ((message = curl_multi_info_read(post->multi, &left)) != NULL) {
		const CURLcode code = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		tell(post, code, post->error[0] != '\0' ? post->error : curl_easy_strerror(code));
	}
}

/* ---- Libcurl in the loop ---- */

static void act(struct post *post, curl_socket_t fd, int what)
{
	int running;
	(void)curl_multi_socket_action(post->multi, fd, what, &running); /* its results tell */
	take_results(post);
}

static void on_socket(void *context, uint32_t what)
{
	const struct waited *waited = context;
	int events = 0;
	if ((what & EPOLLIN) != 0)
		events |= CURL_CSELECT_IN;
	if ((what & EPOLLOUT) != 0)
		events |= CURL_CSELECT_OUT;
	if ((what & (EPOLLERR | EPOLLHUP)) != 0)
		events |= CURL_CSELECT_ERR;
	act(waited->post, waited->fd, events);
}

static struct waited *find_waited(struct post *post, curl_socket_t fd)
{
	for (size_t i = 0; i < SOCKETS_MAX; i++)
		if (post->waited[i].watch != 0 && post->waited[i].fd == fd)
			return &post->waited[i];
	for (size_t i = 0; i < SOCKETS_MAX; i++)
		if (post->waited[i].watch == 0)
			return &post->waited[i];
	return NULL;
}

static int wait_for(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
	struct post *post = context;
	struct waited *waited = find_waited(post, fd);
	const uint32_t events = ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0U) |
				((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0U);
	(void)easy;
	(void)socket_context;
	if (waited == NULL)
		return -1; /* the transfer ends: such a crowd is not ours */
	if (what == CURL_POLL_REMOVE) {
		loop_remove(post->options.loop, waited->watch);
		waited->watch = 0;
		return 0;
	}
	if (waited->watch != 0)
		return loop_change_watch(post->options.loop, waited->watch, events) == 0 ? 0 : -1;
	*waited = (struct waited){.post = post, .fd = fd};
	const struct loop_call call = {on_socket, waited};
	return loop_add_watch(post->options.loop, (int)fd, events, call, &waited->watch) == 0 ? 0
											      : -1;
}

static void on_timer(void *context, uint32_t what)
{
	struct post *post = context;
	(void)what;
	post->timer = 0;
	act(post, CURL_SOCKET_TIMEOUT, 0);
}

static int wake_after(CURLM *multi, long wait_ms, void *context)
{
	struct post *post = context;
	const struct loop_call call = {on_timer, post};
	(void)multi;
	loop_remove(post->options.loop, post->timer);
	post->timer = 0;
	if (wait_ms < 0)
		return 0;
	return loop_add_timer(post->options.loop, wait_ms * INT64_C(1000), 0, call, &post->timer) ==
		       0
		   ? 0
		   : -1;
}

/* ---- The beginning of one ---- */

/* Sets an option unless one before could not be set. */
#define SET(curl, result, option, value)                                                           \
	do {                                                                                       \
		if ((result) == CURLE_OK)                                                          \
			(result) = curl_easy_setopt((curl), (option), (value));                    \
	} while (0)

static CURLcode set_all(const struct post *post, size_t count)
{
	CURL *easy = post->easy;
	CURLcode result = CURLE_OK;
	SET(easy, result, CURLOPT_URL, post->url);
	SET(easy, result, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(easy, result, CURLOPT_ERRORBUFFER, post->error);
	SET(easy, result, CURLOPT_NOSIGNAL, 1L);
	SET(easy, result, CURLOPT_PROXY, ""); /* none, whatever the environment says */
	SET(easy, result, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, result, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(easy, result, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(easy, result, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(easy, result, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(easy, result, CURLOPT_FORBID_REUSE, 1L);
	SET(easy, result, CURLOPT_QUICK_EXIT, 1L);
	SET(easy, result, CURLOPT_USERAGENT, "Hinomi/" HINOMI_VERSION);
	SET(easy, result, CURLOPT_HTTPHEADER, post->headers);
	SET(easy, result, CURLOPT_POST, 1L);
	SET(easy, result, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
	SET(easy, result, CURLOPT_POSTFIELDS, post->body);
	SET(easy, result, CURLOPT_HEADERFUNCTION, hear_header);
	SET(easy, result, CURLOPT_HEADERDATA, post);
	SET(easy, result, CURLOPT_WRITEFUNCTION, hear_body);
	SET(easy, result, CURLOPT_WRITEDATA, post);
	SET(easy, result, CURLOPT_TIMEOUT, (long)post->options.seconds);
	if (post->options.ca_file != NULL)
		SET(easy, result, CURLOPT_CAINFO, post->options.ca_file);
	return result;
}

static bool add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer == NULL)
		return false;
	*list = longer;
	return true;
}

static struct curl_slist *make_headers(const struct post_header *headers, size_t count)
{
	struct curl_slist *list = NULL;
	char line[LINE_BYTES];
	bool is_whole = add_line(&list, "Content-Type: application/json") &&
			add_line(&list, "Expect:"); /* nobody is asked before */
	assert(count <= POST_HEADERS_MAX);
	for (size_t i = 0; is_whole && i < count; i++) {
		int length =
		    snprintf(line, sizeof line, "%s: %s", headers[i].name, headers[i].value);
		is_whole = length > 0 && (size_t)length < sizeof line && add_line(&list, line);
	}
	if (is_whole)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

int post_send(struct post *post, const void *bytes, size_t count, const struct post_header *headers,
    size_t header_count)
{
	assert(count <= POST_BODY_MAX_BYTES);
	if (post->easy != NULL)
		tell(post, CURLE_OPERATION_TIMEDOUT, "it was not taken before the next one");
	post->easy = curl_easy_init();
	post->headers = make_headers(headers, header_count);
	post->body = malloc(count + 1);
	post->heard = 0;
	post->answer_bytes = 0;
	post->answer[0] = '\0';
	post->error[0] = '\0';
	if (post->easy == NULL || post->headers == NULL || post->body == NULL)
		goto out;
	memcpy(post->body, bytes, count);
	if (set_all(post, count) == CURLE_OK &&
	    curl_multi_add_handle(post->multi, post->easy) == CURLM_OK)
		return 0; /* its timer has begun */
out:
	curl_easy_cleanup(post->easy);
	curl_slist_free_all(post->headers);
	free(post->body);
	post->easy = NULL;
	post->headers = NULL;
	post->body = NULL;
	return -ENOMEM;
}

/* ---- The whole ---- */

static bool set_multi(struct post *post)
{
	CURLM *multi = post->multi;
	return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, wait_for) == CURLM_OK &&
	       curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, post) == CURLM_OK &&
	       curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, wake_after) == CURLM_OK &&
	       curl_multi_setopt(multi, CURLMOPT_TIMERDATA, post) == CURLM_OK;
}

int post_new(
    const struct post_options *options, struct post **ret_post, struct complaint *complaint)
{
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) /* counts how often it is called */
		return complain(complaint, -ENOMEM, "libcurl cannot be started");
	struct post *post = calloc(1, sizeof *post);
	if (post == NULL) {
		curl_global_cleanup();
		return complain(complaint, -ENOMEM, "out of memory");
	}
	post->options = *options;
	post->url = strdup(options->url);
	post->multi = curl_multi_init();
	if (post->url == NULL || post->multi == NULL || !set_multi(post)) {
		post_free(post);
		return complain(complaint, -ENOMEM, "out of memory");
	}
	*ret_post = post;
	return 0;
}

void post_free(struct post *post)
{
	if (post == NULL)
		return;
	drop(post);
	(void)curl_multi_cleanup(post->multi); /* of none that is on its way */
	loop_remove(post->options.loop, post->timer);
	for (size_t i = 0; i < SOCKETS_MAX; i++)
		loop_remove(post->options.loop, post->waited[i].watch);
	free(post->url);
	free(post);
	curl_global_cleanup();
}
