/*
 * page_call.h - what is changed by the API goes to the keeper, who decides whether it may be
 * (station/authority.h), and comes back as an answer.
 *
 * Bounded: what one account and one address may ask, what wait for the keeper, and how long.
 */
#ifndef CMD_STATION_PAGE_CALL_H
#define CMD_STATION_PAGE_CALL_H

#include "cmd/station/page_api.h"
#include "cmd/station/password.h"
#include "cmd/station/wire_call.h"

struct page_calls;

enum {
	PAGE_CALLS_WAITING_MAX = 64,     /* for the keeper; then come refusals */
	PAGE_CALL_BODY_BYTES = 60 << 10, /* a request to the keeper, but for what we add */
};

/* 0 or a negative errno. */
int page_calls_new(struct page *page, struct page_calls **ret_calls);
void page_calls_free(struct page_calls *calls); /* NULL is allowed */

/* WIRE_ANSWERED. */
void page_calls_take(struct page_calls *calls, const struct message *message);
/* The keeper is gone: whoever waits is told so. */
void page_calls_drop(struct page_calls *calls);
/* Several times a second. */
void page_calls_tick(struct page_calls *calls);

/* Somebody uses his session: the keeper is told so now and then, so that it goes on. */
void page_calls_touch(
    struct page_calls *calls, const struct http_request *request, const struct page_who *who);

/*
 * Whether somebody may try to sign in from this address, by this name (NULL: by a link), which is
 * the same for names that nobody has. False after it was refused.
 */
bool page_calls_admit(struct page_calls *calls, struct http_request *request, const char *name);

/* What came of a call. */
struct page_called {
	int result; /* as service_answer() has it */
	const char
	    *record; /* the first record of the answer: a JSON object; "" where it has none */
	size_t length;
	char error[HTTP_WHY_BYTES]; /* of a result other than 0 */
	struct refusal refusal;     /* likewise, where it has a code */
	const char *secret;         /* that went with the call; "" for none */
	struct page *page;
};

struct page_call {
	struct http_request *request;
	const struct page_who *who;
	const char *json; /* for service.h; copied */
	size_t length;
	/* What whoever asked is told by, and the keeper is not: the token of a new session. */
	char secret[TOKEN_TEXT_BYTES];
	/* Answers the request. NULL: by page_call_reply(). */
	void (*answer)(struct http_request *request, const struct page_called *called);
};
void page_call(struct page *page, const struct page_call *call);

/* The record, with 200 (201 where `is_new`), or 204 without one; else the problem. */
void page_call_reply(struct http_request *request, const struct page_called *called, bool is_new);
/* The problem alone; `field` NULL: as the complaint begins, where that is a word. */
void page_call_refuse(
    struct http_request *request, const struct page_called *called, const char *field);

/*
 * The body as an object of these names alone; NULL after it was refused. None at all is an empty
 * one. To be freed.
 */
struct json_node *page_call_body(
    struct http_request *request, const char *const *names, size_t count);
/* A text of it, NULL where there is none; false after it was refused. */
bool page_call_text(struct http_request *request, const struct json_node *body, const char *name,
    const char **ret_text);

/* Whether it may be somebody's password; false after it was refused. */
bool page_call_password(
    struct http_request *request, const char *password, const struct password_about *about);

/* Who asks: by a proxy of this machine, whom that names. */
struct address page_call_asker(const struct http_request *request);

extern const struct page_route page_call_routes[];    /* page_deeds.c */
extern const struct page_route page_session_routes[]; /* page_session.c */
extern const struct page_route page_account_routes[]; /* page_accounts.c */

#endif
