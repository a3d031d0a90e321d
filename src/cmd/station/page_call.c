#include "cmd/station/page_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json_read.h"
#include "base/nearest.h"
#include "base/when.h"
#include "web/rate.h"

/* As of an answer to a letter: longer than a keeper on a slow disk takes, shorter than patience. */
#define ANSWER_US (6 * WHEN_SECOND_US)
/* A session is prolonged no more often than this. */
#define TOUCH_US (10 * WHEN_MINUTE_US)
/* Until what the keeper wrote is seen, others ask for the same. */
#define TOUCH_PAUSE_US (WHEN_SECOND_US / 5)

/* A person who works off a list answers some in a second; a script waits. */
static const struct rate_limit one_account = {.burst = 60, .every_us = WHEN_SECOND_US / 2};
/* What a keeper bears beside its work: each is a commit. */
static const struct rate_limit all_accounts = {.burst = 200, .every_us = WHEN_SECOND_US / 20};

/* Each try is 30 ms of Argon2id: people mistype some times, whoever guesses is slow. */
static const struct rate_limit one_door = {.burst = 10, .every_us = 6 * WHEN_SECOND_US};
static const struct rate_limit all_doors = {.burst = 30, .every_us = WHEN_SECOND_US / 3};
static const struct rate_limit one_name = {.burst = 10, .every_us = 30 * WHEN_SECOND_US};
static const struct rate_limit all_names = {.burst = 1000, .every_us = 1};

enum {
	FORWARDED_BYTES = 128, /* of the last address that a proxy names */
	FIELD_BYTES = 32,
	CALL_AGAIN_S = 1, /* then an account may do two things more */
	TRY_AGAIN_S = 30, /* then one of its name may try once more */
};

/* A request that waits for the keeper. */
struct waiting {
	struct http_request *request; /* NULL: free */
	uint64_t number;
	int64_t until_us; /* monotonic */
	void (*answer)(struct http_request *request, const struct page_called *called);
	char secret[TOKEN_TEXT_BYTES];
};

struct page_calls {
	struct page *page;
	uint64_t number;
	struct rate rate;   /* of changes, by account */
	struct rate doors;  /* of signing in, by address, */
	struct rate names;  /* and by name */
	uint64_t seed;      /* of the hashes of those */
	int64_t touched_us; /* monotonic: a session was prolonged */
	struct waiting list[PAGE_CALLS_WAITING_MAX];
};

/* ---- Who asks ---- */

/* The last of a list of addresses: whom our own proxy saw. */
static bool read_forwarded(const char *list, struct address *ret_address)
{
	char text[FORWARDED_BYTES];
	const char *comma = strrchr(list, ',');
	const char *last = comma != NULL ? comma + 1 : list;
	last += strspn(last, " ");
	const size_t length = strcspn(last, " ");
	if (length >= sizeof text)
		return false;
	memcpy(text, last, length);
	text[length] = '\0';
	return address_parse(text, ret_address) == 0;
}

struct address page_call_asker(const struct http_request *request)
{
	struct address address = *http_request_peer(request);
	const char *list = http_request_header(request, "X-Forwarded-For");
	struct address forwarded;
	if (address_is_loopback(&address) && list != NULL && read_forwarded(list, &forwarded))
		address = forwarded;
	return address;
}

/* ---- Answers ---- */

static const struct {
	int result;
	unsigned status;
} statuses[] = {
    {-EINVAL, 400},
    {-ENOKEY, 401},
    {-EKEYREJECTED, 401},
    {-EACCES, 403},
    {-E2BIG, 409},
    {-EAGAIN, 429},
    {-ENOENT, 404},
    {-EEXIST, 409},
    {-EPERM, 409},
    {-EMSGSIZE, 413},
    {-EUSERS, 429},
};

static unsigned status_of(int result)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i].result == result)
			return statuses[i].status;
	return 503; /* the keeper cannot write now */
}

/* "role" of "role king: expected ..." and of "role: is missing". */
static bool read_field(const char *error, char out[static FIELD_BYTES])
{
	const size_t length = strspn(error, "abcdefghijklmnopqrstuvwxyz_");
	const char *colon = strchr(error, ':');
	if (length == 0 || length >= FIELD_BYTES || colon == NULL ||
	    (error[length] != ':' && error[length] != ' '))
		return false;
	(void)snprintf(out, FIELD_BYTES, "%.*s", (int)length, error); /* fits */
	return true;
}

void page_call_refuse(
    struct http_request *request, const struct page_called *called, const char *field)
{
	char found[FIELD_BYTES];
	const unsigned status = status_of(called->result);
	struct page_problem problem;
	if (field == NULL && status == 400 && read_field(called->error, found))
		field = found;
	(void)page_problem_set(&problem, PROBLEM(status, field, NULL), "%s", called->error);
	problem.refusal = called->refusal;
	problem.after_s = status == 429 ? TRY_AGAIN_S : 0;
	page_problem_give(request, &problem);
}

void page_call_reply(struct http_request *request, const struct page_called *called, bool is_new)
{
	if (called->result != 0) {
		page_call_refuse(request, called, NULL);
		return;
	}
	if (called->length == 0) {
		http_accept(request);
		return;
	}
	const struct http_reply reply = {.status = is_new ? 201 : 200,
	    .type = "application/json",
	    .bytes = called->record,
	    .count = called->length};
	http_reply(request, &reply);
}

static void reply_plainly(struct http_request *request, const struct page_called *called)
{
	page_call_reply(request, called, false);
}

/* A code that is longer than any of ours is none. */
static void take_refusal(const struct json_node *root, struct refusal *refusal)
{
	const struct json_node *values = json_read_member(root, "values");
	const char *text;
	if (!json_read_text(json_read_member(root, "code"), &text) ||
	    strlen(text) >= REFUSAL_CODE_BYTES)
		return;
	refusal_set(refusal, text, NULL);
	for (size_t i = 0; i < json_read_count(values); i++)
		if (json_read_text(json_read_item(values, i), &text))
			refusal_add(refusal, text);
}

/* The complaint of an answer that is one. */
static void take_error(const struct wire_answered *answered, struct page_called *called)
{
	struct json_node *root = NULL;
	const char *error = "the keeper said what is no answer";
	if (json_read(answered->text, answered->length, &root, NULL) == 0) {
		(void)json_read_text(json_read_member(root, "error"), &error);
		take_refusal(root, &called->refusal);
	}
	/* "nam: is no argument of this, is it name?": one that is near is what was expected */
	const char *near = strstr(error, ", is it ");
	if (near == NULL)
		(void)snprintf(called->error, sizeof called->error, "%s", error); /* cut: told */
	else
		(void)snprintf(called->error, sizeof called->error, "%.*s, expected %.*s",
		    (int)(near - error), error, (int)strcspn(near + 8, "?"), near + 8);
	json_read_free(root);
}

static void finish(struct page_calls *calls, struct waiting *waiting, struct page_called *called)
{
	struct http_request *request = waiting->request;
	char secret[TOKEN_TEXT_BYTES];
	memcpy(secret, waiting->secret, sizeof secret);
	explicit_bzero(waiting->secret, sizeof waiting->secret);
	waiting->request = NULL;
	called->secret = secret;
	called->page = calls->page;
	waiting->answer(request, called);
	explicit_bzero(secret, sizeof secret);
}

void page_calls_take(struct page_calls *calls, const struct message *message)
{
	struct wire_answered answered;
	struct page_called called = {.record = ""};
	if (!wire_read_answered(message, &answered))
		return;
	called.result = answered.result;
	if (called.result != 0) {
		take_error(&answered, &called);
	} else {
		/* lines: records, and at last {"ok":true} */
		const char *end = memchr(answered.text, '\n', answered.length);
		const size_t length = end != NULL ? (size_t)(end - answered.text) : 0;
		const bool has_record = length > 0 && length + 1 < answered.length;
		called.record = has_record ? answered.text : "";
		called.length = has_record ? length : 0;
	}
	for (size_t i = 0; i < PAGE_CALLS_WAITING_MAX; i++)
		if (calls->list[i].request != NULL && calls->list[i].number == answered.number)
			finish(calls, &calls->list[i], &called);
}

/* Those who have waited until then. What they asked for may be done all the same, once. */
static void give_up(struct page_calls *calls, int64_t until_us)
{
	for (size_t i = 0; i < PAGE_CALLS_WAITING_MAX; i++) {
		struct page_called called = {.result = -EIO, .record = ""};
		if (calls->list[i].request == NULL || calls->list[i].until_us > until_us)
			continue;
		(void)snprintf(called.error, sizeof called.error,
		    "the station did not answer: look whether it was done before you try again");
		refusal_set(&called.refusal, "outcome.unanswered", NULL);
		finish(calls, &calls->list[i], &called);
	}
}

void page_calls_drop(struct page_calls *calls)
{
	give_up(calls, INT64_MAX);
}

void page_calls_tick(struct page_calls *calls)
{
	give_up(calls, loop_monotonic_us(page_loop(calls->page)));
}

/* ---- Calls ---- */

/* A bucket of somebody else than an address, as if it were one: of IPv6 eight bytes count. */
static struct address bucket_of(uint64_t number)
{
	struct address bucket = {{0}};
	for (size_t i = 0; i < sizeof number; i++)
		bucket.bytes[i] = (uint8_t)(number >> (8 * i));
	return bucket;
}

static bool may_call(struct page_calls *calls, const struct page_who *who)
{
	const struct address bucket = bucket_of((uint64_t)who->account_id);
	if (who->role == PAGE_NOBODY)
		return true; /* signing in has bounds of its own */
	return rate_take(&calls->rate, &bucket, loop_monotonic_us(page_loop(calls->page)));
}

bool page_calls_admit(struct page_calls *calls, struct http_request *request, const char *name)
{
	const int64_t now_us = loop_monotonic_us(page_loop(calls->page));
	const struct address peer = page_call_asker(request);
	bool may = rate_take(&calls->doors, &peer, now_us);
	if (may && name != NULL) {
		const struct address bucket =
		    bucket_of(hash_bytes(name, strlen(name), calls->seed));
		may = rate_take(&calls->names, &bucket, now_us);
	}
	if (!may)
		page_tell(request, BUSY(TRY_AGAIN_S, "tries.many"),
		    "too many tries: wait for half a minute");
	return may;
}

static struct waiting *find_free(struct page_calls *calls)
{
	for (size_t i = 0; i < PAGE_CALLS_WAITING_MAX; i++)
		if (calls->list[i].request == NULL)
			return &calls->list[i];
	return NULL;
}

static int send_call(struct page_calls *calls, const struct http_request *request,
    const struct page_who *who, const char *json, size_t length)
{
	struct channel *keeper = page_keeper(calls->page);
	struct wire_call wire = {.number = ++calls->number,
	    .peer = page_call_asker(request),
	    .request = json,
	    .length = length};
	if (who->role == PAGE_NOBODY || !page_token(calls->page, request, wire.token))
		wire.token[0] = '\0';
	const int result = keeper == NULL ? -ENOTCONN : wire_send_call(keeper, &wire);
	explicit_bzero(wire.token, sizeof wire.token);
	return result;
}

void page_call(struct page *page, const struct page_call *call)
{
	struct page_calls *calls = page_calls(page);
	struct waiting *waiting = calls == NULL ? NULL : find_free(calls);
	if (waiting == NULL) {
		page_tell(call->request, PROBLEM(503, NULL, NULL), "too many wait for the station");
		return;
	}
	if (!may_call(calls, call->who)) {
		page_tell(call->request, BUSY(CALL_AGAIN_S, "changes.many"),
		    "this account changes too much at once");
		return;
	}
	const int result = send_call(calls, call->request, call->who, call->json, call->length);
	if (result == -EMSGSIZE) {
		page_tell(call->request, PROBLEM(413, NULL, "body.long"),
		    "this is more than the station takes at once");
		return;
	}
	if (result != 0) {
		page_tell(call->request, PROBLEM(503, NULL, NULL),
		    "the station's keeper is not there now");
		return;
	}
	*waiting = (struct waiting){.request = call->request,
	    .number = calls->number,
	    .until_us = loop_monotonic_us(page_loop(page)) + ANSWER_US,
	    .answer = call->answer != NULL ? call->answer : reply_plainly};
	memcpy(waiting->secret, call->secret, sizeof waiting->secret);
}

void page_calls_touch(
    struct page_calls *calls, const struct http_request *request, const struct page_who *who)
{
	static const char text[] = "{\"do\":\"session.touch\"}";
	const int64_t now_us = page_now_us(calls->page);
	const int64_t monotonic_us = loop_monotonic_us(page_loop(calls->page));
	if (page_session_until(who->role, who->created_us, now_us) - who->until_us < TOUCH_US ||
	    monotonic_us - calls->touched_us < TOUCH_PAUSE_US)
		return;
	calls->touched_us = monotonic_us;
	/* who is told so does not wait for the answer; where it is lost, the next one comes */
	(void)send_call(calls, request, who, text, sizeof text - 1);
}

/* ---- Bodies ---- */

struct naming {
	const char *const *names;
	size_t count;
	char other[FIELD_BYTES];
};

static int visit_name(void *context, const char *name, const struct json_node *value)
{
	struct naming *naming = context;
	(void)value;
	for (size_t i = 0; i < naming->count; i++)
		if (strcmp(naming->names[i], name) == 0)
			return 0;
	(void)snprintf(naming->other, sizeof naming->other, "%s", name); /* cut: only told */
	return 1;
}

struct json_node *page_call_body(
    struct http_request *request, const char *const *names, size_t count)
{
	struct naming naming = {names, count, ""};
	struct complaint complaint;
	struct json_node *body = NULL;
	size_t length;
	const uint8_t *bytes = http_request_body(request, &length);
	const char *text = length > 0 ? (const char *)bytes : "{}";
	if (json_read(text, length > 0 ? length : 2, &body, &complaint) != 0) {
		page_tell(request, PROBLEM(400, NULL, "body.form"),
		    "%.200s, expected an object of JSON", complaint.text);
		return NULL;
	}
	if (!json_read_is_object(body)) {
		page_tell(request, PROBLEM(400, NULL, "body.form"), "expected an object of JSON");
	} else if (json_read_names(body, visit_name, &naming) != 0) {
		page_tell(request, PROBLEM(400, naming.other, "argument.unknown"),
		    "%s: there is no such field, expected %s", naming.other,
		    nearest_name(naming.other, names, count));
	} else {
		return body;
	}
	json_read_free(body);
	return NULL;
}

bool page_call_text(struct http_request *request, const struct json_node *body, const char *name,
    const char **ret_text)
{
	const struct json_node *value = json_read_member(body, name);
	*ret_text = NULL;
	if (value == NULL || json_read_text(value, ret_text))
		return true;
	page_tell(request, PROBLEM(400, name, "argument.text"), "%s: expected a text", name);
	return false;
}

bool page_call_password(
    struct http_request *request, const char *password, const struct password_about *about)
{
	struct complaint complaint;
	struct page_problem problem;
	char number[16];
	if (password_check(password, strlen(password), about, &complaint) == 0)
		return true;
	(void)page_problem_set(&problem, PROBLEM(400, "password", NULL), "%s", complaint.text);
	(void)snprintf(number, sizeof number, "%d", PASSWORD_MIN_CHARACTERS);
	refusal_set(&problem.refusal, "password.weak", number);
	(void)snprintf(number, sizeof number, "%d", PASSWORD_DIFFERENT_MIN);
	refusal_add(&problem.refusal, number);
	page_problem_give(request, &problem);
	return false;
}

/* ---- The whole ---- */

int page_calls_new(struct page *page, struct page_calls **ret_calls)
{
	struct page_calls *calls = calloc(1, sizeof *calls);
	if (calls == NULL)
		return -ENOMEM;
	calls->page = page;
	calls->seed = hash_seed_random();
	rate_init(&calls->rate, &one_account, &all_accounts);
	rate_init(&calls->doors, &one_door, &all_doors);
	rate_init(&calls->names, &one_name, &all_names);
	*ret_calls = calls;
	return 0;
}

void page_calls_free(struct page_calls *calls)
{
	free(calls);
}
