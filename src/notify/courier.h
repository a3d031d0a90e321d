/*
 * courier.h - carries finished messages to mail servers, webhooks, collectors of logs and
 * directories, side by side.
 *
 * No queue: what waits, and when it is tried again, is the outbox's matter (notify/retry.h). A job
 * is taken or refused at once; its result comes later. One file descriptor says when, so that it
 * fits into any event loop.
 *
 * Each job has a thread of its own while it runs. libcurl's "multi" interface was tried, which
 * drives many transfers on one thread: for SMTP it blocks all of them while one server thinks
 * about the end of a message, and again until QUIT is answered (libcurl 7.88.1, measured: five
 * seconds of one delayed the other by five). So a slow receiver holds up nobody but itself; what
 * one receiver may hold is bounded, and each job ends within its time.
 *
 * What a process that gives up rights must keep for it: threads, connecting sockets, and reading
 * certificate authorities (/etc/ssl/certs, a server's ca_file) and what names are resolved by
 * (/etc/resolv.conf, hosts, nsswitch.conf, gai.conf, host.conf, services, and libraries of name
 * services that nsswitch.conf names). courier_new opens what OpenSSL is set up by.
 *
 * Mail is never sent in the clear: a server that does not offer STARTTLS, or has no certificate
 * that is valid for its name, gets nothing, except one on this machine that is configured so.
 */
#ifndef NOTIFY_COURIER_H
#define NOTIFY_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "notify/webhook.h"

enum {
	COURIER_PARALLEL_MAX = 64,
	COURIER_REPLY_BYTES = 512,                    /* what is kept of an answer, made visible */
	COURIER_ANSWER_BYTES_MAX = 65536,             /* more is no answer: the connection is cut */
	COURIER_MESSAGE_BYTES_MAX = 10 * 1024 * 1024, /* servers refuse more; a letter has 20 KiB */
};

enum courier_outcome {
	COURIER_DELIVERED, /* the other side has taken it over */
	COURIER_TEMPORARY, /* it was not taken; may be, later */
	COURIER_PERMANENT, /* it was refused for good */
	COURIER_UNKNOWN,   /* the connection broke when all was sent: perhaps it was taken */
	COURIER_OUTCOME_COUNT,
};

const char *courier_outcome_name(enum courier_outcome outcome); /* "delivered" */

enum courier_tls {
	COURIER_STARTTLS, /* usual for ports 25 and 587 */
	COURIER_TLS,      /* from the first byte: port 465 */
	COURIER_CLEAR,    /* only to this machine */
};

/* A mail server. */
struct courier_server {
	const char *host; /* a name, or an address */
	uint16_t port;
	enum courier_tls tls;
	const char *user;     /* NULL: without authentication */
	const char *password; /* with a user only */
	const char *ca_file;  /* NULL: the system's certificate authorities */
	const char *hello;    /* how we are called, for EHLO; NULL: localhost */
};

/* Returns 0, or -EINVAL with a complaint. */
int courier_check_server(const struct courier_server *server, struct complaint *complaint);

enum courier_kind {
	COURIER_MAIL,
	COURIER_WEBHOOK,
	COURIER_SYSLOG, /* by TLS; what is delivered: courier_syslog.c */
	COURIER_FILE,   /* into a directory (notify/files.h) */
};

/* Copied by courier_submit. */
struct courier_job {
	uint64_t id;
	enum courier_kind kind;
	const struct courier_server *server; /* COURIER_MAIL */
	const char *sender;                  /* COURIER_MAIL: addresses of the envelope */
	const char *recipient;
	const char *url;        /* of all others: https://, syslog+tls://, file:// */
	const char *event;      /* with a URL: a Message-ID, the same on each try */
	const char *media_type; /* of a webhook's body or a file; NULL: application/json */
	const char *signature;  /* COURIER_WEBHOOK (notify/signature.h); NULL: none */
	const char *bytes;
	size_t length;
};

struct courier_result {
	uint64_t id;
	enum courier_outcome outcome;
	int code; /* of the answer that decided, SMTP or HTTP; 0 where none did */
	/*
	 * That answer, or what libcurl says is wrong; cut and made visible. It was chosen by
	 * the other side: not for subjects.
	 */
	char reply[COURIER_REPLY_BYTES];
	int64_t took_us;
};

/* Zeros are the defaults in brackets. */
struct courier_options {
	unsigned parallel;       /* jobs at once, up to COURIER_PARALLEL_MAX (16) */
	unsigned per_receiver;   /* of them to one host and port (8) */
	unsigned mail_connect_s; /* until a server has greeted and let us in (60) */
	unsigned mail_total_s;   /* RFC 5321 allows 10 minutes after the end of a message (300) */
	unsigned webhook_connect_s;           /* (15); of collectors, too */
	unsigned webhook_total_s;             /* (60); likewise */
	struct webhook_policy webhook_policy; /* likewise; its prefixes are borrowed */
	const char *webhook_ca_file;          /* NULL: the system's */
	const char *syslog_ca_file;           /* likewise */
	const char *files_dir;                /* where files may be written; NULL: nowhere */
};

struct courier;

/* Returns 0 and gives *ret_courier, or -ENOMEM, -EINVAL (options), or what the system said. */
int courier_new(const struct courier_options *options, struct courier **ret_courier,
    struct complaint *complaint);
/* Ends what is running, within some two seconds; its results are lost. NULL is allowed. */
void courier_free(struct courier *courier);

/*
 * Starts a job. Returns 0; -EAGAIN when as many as may are running, -EBUSY when as many as may are
 * running to its receiver (a job to another may be taken); -EINVAL or -EMSGSIZE with a complaint
 * when it can never be sent; -ENOMEM, or what starting a thread gave.
 */
int courier_submit(
    struct courier *courier, const struct courier_job *job, struct complaint *complaint);

/* Readable when courier_collect has something. Borrowed: only to be waited for. */
int courier_fd(const struct courier *courier);
/* The next result; false when there is none now. */
bool courier_collect(struct courier *courier, struct courier_result *ret_result);

#endif
