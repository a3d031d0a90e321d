#include "cmd/station/web_answers.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/when.h"
#include "cmd/station/wire_answer.h"
#include "web/form.h"
#include "web/http.h"
#include "web/rate.h"

/* A keeper that writes to a slow disk may take so long; HTTP_PATIENCE_US is longer. */
#define ANSWER_US (6 * WHEN_SECOND_US)

/* A person opens a page and answers: with what comes with a page, and reading it twice, few. */
static const struct rate_limit one_address = {.burst = 30, .every_us = WHEN_SECOND_US};
/* What a keeper bears beside its work. */
static const struct rate_limit all_addresses = {.burst = 300, .every_us = WHEN_SECOND_US / 30};

enum {
	/* The token and "?lang=en". */
	PLACE_BYTES = ANSWER_TOKEN_BYTES + 16,
	FORWARDED_BYTES = 128, /* of the last address that a proxy names */
};

/* A request that waits for the keeper. */
struct waiting {
	struct http_request *request; /* NULL: free */
	uint64_t number;
	int64_t until_us;        /* monotonic */
	char place[PLACE_BYTES]; /* to which an answer leads back; "": it was a look */
};

struct web_answers {
	struct loop *loop;
	struct channel *keeper; /* NULL: it is not there */
	char origin[URL_BYTES]; /* of the links: scheme, host and port */
	uint64_t number;
	struct rate rate;
	struct waiting list[WEB_ANSWERS_WAITING_MAX];
};

/* ---- Answers to browsers ---- */

static const unsigned statuses[ANSWER_TROUBLE_COUNT] = {
    [ANSWER_NO_LINK] = 404,
    [ANSWER_FOREIGN] = 403,
    [ANSWER_MANY] = 429,
    [ANSWER_TOO_FAST] = 429,
    [ANSWER_AWAY] = 503,
};

/* `page` NULL: there is none, because of this. */
static void show(
    struct http_request *request, const struct answer_page *page, enum answer_trouble trouble)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (out != NULL && page != NULL)
		answer_page_write(out, page);
	else if (out != NULL)
		answer_trouble_write(out, trouble);
	const bool failed = out == NULL || ferror(out) != 0;
	if ((out != NULL && fclose(out) != 0) || failed)
		http_refuse(request, 503, "there is no memory now");
	else
		http_show(request, page != NULL ? 200 : statuses[trouble], ANSWER_PAGE_POLICY, text,
		    length);
	free(text);
}

static void refuse(struct http_request *request, enum answer_trouble trouble)
{
	show(request, NULL, trouble);
}

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

/* What a proxy of this machine says counts; whoever comes from elsewhere may say anything. */
static struct address asker_of(const struct http_request *request)
{
	struct address address = *http_request_peer(request);
	const char *list = http_request_header(request, "X-Forwarded-For");
	struct address forwarded;
	if (address_is_loopback(&address) && list != NULL && read_forwarded(list, &forwarded))
		address = forwarded;
	return address;
}

/* Whether it may ask, and its link is none that need not be asked for; else it was answered. */
static bool is_admitted(struct web_answers *answers, struct http_request *request)
{
	const struct address asker = asker_of(request);
	if (!rate_take(&answers->rate, &asker, loop_monotonic_us(answers->loop)))
		refuse(request, ANSWER_TOO_FAST);
	else if (!answer_link_looks_right(http_request_rest(request)))
		refuse(request, ANSWER_NO_LINK);
	else
		return true;
	return false;
}

/* ---- Questions to the keeper ---- */

static struct waiting *find_free(struct web_answers *answers)
{
	for (size_t i = 0; i < WEB_ANSWERS_WAITING_MAX; i++)
		if (answers->list[i].request == NULL)
			return &answers->list[i];
	return NULL;
}

static void begin_question(const struct http_request *request, struct wire_question *ret_question)
{
	const char *language = http_request_query(request, "lang");
	const int found = language == NULL ? -1 : language_find(language);
	*ret_question = (struct wire_question){
	    .has_language = found >= 0, .language = found >= 0 ? (enum language)found : 0};
	(void)snprintf(ret_question->token, sizeof ret_question->token, "%s",
	    http_request_rest(request)); /* it looks right */
}

static void ask(struct web_answers *answers, struct http_request *request,
    struct wire_question *question, const char *place)
{
	struct waiting *waiting = find_free(answers);
	question->number = ++answers->number;
	if (waiting == NULL || answers->keeper == NULL ||
	    wire_send_question(answers->keeper, question) != 0) {
		refuse(request, ANSWER_AWAY);
		return;
	}
	*waiting = (struct waiting){.request = request,
	    .number = question->number,
	    .until_us = loop_monotonic_us(answers->loop) + ANSWER_US};
	(void)snprintf(waiting->place, sizeof waiting->place, "%s", place); /* it fits */
}

static void get_page(void *context, struct http_request *request)
{
	struct web_answers *answers = context;
	struct wire_question question;
	if (!is_admitted(answers, request))
		return;
	begin_question(request, &question);
	ask(answers, request, &question, "");
}

/* False where it is no form of ours. */
static bool read_form(const struct http_request *request, struct wire_question *question)
{
	size_t count;
	const uint8_t *body = http_request_body(request, &count);
	char name[16];
	if (!form_is_type(http_request_header(request, "Content-Type")) ||
	    !form_get(body, count, "form", question->form, sizeof question->form) ||
	    !form_get(body, count, "note", question->note, sizeof question->note) ||
	    !form_get(body, count, "answer", name, sizeof name))
		return false;
	const int answer = answer_find(name);
	question->answer = answer < 0 ? ANSWER_NONE : (enum answer)answer;
	return answer >= 0;
}

static void post_answer(void *context, struct http_request *request)
{
	struct web_answers *answers = context;
	struct wire_question question;
	char place[PLACE_BYTES];
	if (!is_admitted(answers, request))
		return;
	begin_question(request, &question);
	if (http_request_is_from_elsewhere(request, answers->origin) ||
	    !read_form(request, &question)) {
		refuse(request, ANSWER_FOREIGN);
		return;
	}
	const char *language = question.language == LANGUAGE_JA ? "ja" : "en";
	(void)snprintf(place, sizeof place, "%s%s%s", question.token,
	    question.has_language ? "?lang=" : "",
	    question.has_language ? language : ""); /* it fits */
	ask(answers, request, &question, place);
}

/* ---- The keeper ---- */

static void answer(struct waiting *waiting, const struct wire_leaf *leaf)
{
	struct http_request *request = waiting->request;
	waiting->request = NULL;
	if (!leaf->has_page)
		refuse(request, leaf->trouble);
	else if (waiting->place[0] != '\0')
		http_redirect(request, waiting->place);
	else
		show(request, &leaf->page, ANSWER_NO_LINK);
}

void web_answers_take_leaf(struct web_answers *answers, const struct message *message)
{
	static struct wire_leaf leaf; /* large */
	if (!wire_read_leaf(message, &leaf))
		return;
	for (size_t i = 0; i < WEB_ANSWERS_WAITING_MAX; i++)
		if (answers->list[i].request != NULL && answers->list[i].number == leaf.number)
			answer(&answers->list[i], &leaf);
}

/* Those who have waited until then. What was asked may be recorded all the same, once. */
static void give_up(struct web_answers *answers, int64_t until_us)
{
	for (size_t i = 0; i < WEB_ANSWERS_WAITING_MAX; i++) {
		struct http_request *request = answers->list[i].request;
		if (request == NULL || answers->list[i].until_us > until_us)
			continue;
		answers->list[i].request = NULL;
		refuse(request, ANSWER_AWAY);
	}
}

void web_answers_set_keeper(struct web_answers *answers, struct channel *keeper)
{
	answers->keeper = keeper;
	if (keeper == NULL)
		give_up(answers, INT64_MAX);
}

void web_answers_tick(struct web_answers *answers)
{
	give_up(answers, loop_monotonic_us(answers->loop));
}

/* ---- The whole ---- */

static const struct route routes[] = {
    {.path = "/a/", .is_prefix = true, .method = ROUTE_GET, .run = get_page},
    {.path = "/a/",
	.is_prefix = true,
	.method = ROUTE_POST,
	.body_max_bytes = WEB_ANSWERS_BODY_BYTES,
	.run = post_answer},
};

/* "https://host:8443" of "https://host:8443/path". */
static void copy_origin(const char *url, char out[static URL_BYTES])
{
	const char *host = strstr(url, "://");
	const size_t length = host == NULL ? 0 : (size_t)(host - url) + 3 + strcspn(host + 3, "/");
	(void)snprintf(out, URL_BYTES, "%.*s", (int)length, url); /* it fits */
}

int web_answers_new(struct loop *loop, const char *url, struct web_answers **ret_answers,
    struct complaint *complaint)
{
	struct web_answers *answers = calloc(1, sizeof *answers);
	if (answers == NULL)
		return complain(complaint, -ENOMEM, "web: out of memory");
	answers->loop = loop;
	copy_origin(url, answers->origin);
	rate_init(&answers->rate, &one_address, &all_addresses);
	*ret_answers = answers;
	return 0;
}

void web_answers_free(struct web_answers *answers)
{
	free(answers);
}

void web_answers_fill_routes(struct web_answers *answers, struct route out[WEB_ANSWERS_ROUTES])
{
	static_assert(sizeof routes / sizeof routes[0] == WEB_ANSWERS_ROUTES, "all of them");
	for (size_t i = 0; i < WEB_ANSWERS_ROUTES; i++) {
		out[i] = routes[i];
		out[i].context = answers;
	}
}
