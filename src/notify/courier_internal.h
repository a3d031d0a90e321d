/* courier_internal.h - a job as it runs. Of src/notify/ only. */
#ifndef NOTIFY_COURIER_INTERNAL_H
#define NOTIFY_COURIER_INTERNAL_H

#include <stdatomic.h>

#include "notify/courier.h"

enum {
	COURIER_RECEIVER_BYTES = 300, /* a host's name, or what is as long, and a port */
};

/* A job's own copies of everything; what it has none of is NULL. */
struct courier_copy {
	uint64_t id;
	enum courier_kind kind;
	char receiver[COURIER_RECEIVER_BYTES]; /* "mail.example.jp:587" */
	char *host;                            /* of a mail server, from here on */
	uint16_t port;
	enum courier_tls tls;
	char *user;
	char *password;
	char *ca_file;
	char *hello;
	char *sender;
	char *recipient;
	char *url; /* of a webhook; of files the directory */
	char *event;
	char *media_type;
	char *signature; /* may be NULL */
	char *bytes;     /* of all */
	size_t length;
};

/* Checks a job and copies it. Returns as courier_submit. */
int courier_copy_new(const struct courier_job *job, const struct courier_options *options,
    struct courier_copy **ret_copy, struct complaint *complaint);
/* What is secret in it is wiped. NULL is allowed. */
void courier_copy_free(struct courier_copy *copy);

/*
 * Carries a job to its end, which may take as long as its options say. `stop` ends it early, within
 * some two seconds. Always gives a result.
 */
void courier_carry(const struct courier_copy *copy, const struct courier_options *options,
    const atomic_bool *stop, struct courier_result *ret_result);

/* A connection that stands, and until when it may be used (courier_now_us). */
struct courier_dial {
	int fd; /* borrowed; does not block */
	int64_t until_us;
	const atomic_bool *stop;
};

int64_t courier_now_us(void); /* a clock that is never set */
/* The message to a collector; fills outcome and reply. */
void courier_talk_syslog(const struct courier_copy *copy, const struct courier_dial *dial,
    struct courier_result *result);

#endif
