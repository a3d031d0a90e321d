/*
 * post.h - one POST at a time to one URL, by libcurl in our loop: for what is worth nothing any
 * more when the next one is there.
 *
 * Nothing waits and nothing is tried again: a new post ends the one before, if that is not done.
 * Redirects are not followed, proxies not used, certificates checked; who answers without end or
 * slowly is cut off. Names are looked up by a thread of libcurl's.
 */
#ifndef WEB_POST_H
#define WEB_POST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "proc/loop.h"

enum {
	POST_HEADERS_MAX = 4,
	POST_REPLY_BYTES = 256,           /* of what is kept of an answer */
	POST_ANSWER_MAX_BYTES = 64 << 10, /* more is no answer */
	POST_BODY_MAX_BYTES = 64 << 10,
};

struct post;

struct post_result {
	bool is_taken; /* 2xx */
	long status;   /* 0: there was no answer */
	/* What the answer, or libcurl, says: one line, made visible. Chosen by the other side. */
	char reply[POST_REPLY_BYTES];
};

struct post_options {
	struct loop *loop;   /* borrowed, as all but what is said otherwise */
	const char *url;     /* http or https; copied */
	const char *ca_file; /* NULL: the system's certificate authorities */
	unsigned seconds;    /* that one may take */
	/* Once for each post. It must not post itself. */
	void (*on_result)(void *context, const struct post_result *result);
	void *context;
};

struct post_header {
	const char *name;
	const char *value; /* without what ends a line */
};

/* 0, or -ENOMEM with a complaint. */
int post_new(
    const struct post_options *options, struct post **ret_post, struct complaint *complaint);
/* NULL is allowed; not in a result. What is on its way is not told any more. */
void post_free(struct post *post);

/*
 * Sends these bytes, copied, as JSON. One that is still on its way ends without being taken, which
 * is told first, within this call. 0, or -ENOMEM when nothing is sent: then nothing is told of it.
 */
int post_send(struct post *post, const void *bytes, size_t count, const struct post_header *headers,
    size_t header_count);

#endif
