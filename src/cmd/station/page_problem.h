/*
 * page_problem.h - what is wrong with a question to the API, as programs are told it (RFC 9457) and
 * as the page tells it in a language (station/refusal.h).
 *
 * A status under 500 is something that whoever asks can mend, or must know: it has a code. One of
 * 500 and more may be known by its status alone (code NULL).
 */
#ifndef CMD_STATION_PAGE_PROBLEM_H
#define CMD_STATION_PAGE_PROBLEM_H

#include "cmd/station/refusal.h"
#include "web/http.h"

struct page_problem {
	unsigned status;
	char field[64]; /* "": of none */
	char detail[HTTP_WHY_BYTES];
	struct refusal refusal;
	unsigned after_s; /* when it is worth trying again; 0: not told */
};

/* What it is, besides its words. */
struct page_reason {
	unsigned status;
	const char *field; /* NULL: of none */
	const char *code;
	unsigned after_s; /* likewise */
};
#define PROBLEM(its_status, its_field, its_code)                                                   \
	&(const struct page_reason)                                                                \
	{                                                                                          \
		.status = (its_status), .field = (its_field), .code = (its_code)                   \
	}
/* 429 */
#define BUSY(its_after_s, its_code)                                                                \
	&(const struct page_reason)                                                                \
	{                                                                                          \
		.status = 429, .code = (its_code), .after_s = (its_after_s)                        \
	}

/* Sets all of it, the values of its sentence by `format`. The status. */
__attribute__((format(printf, 3, 4))) unsigned page_problem_set(
    struct page_problem *problem, const struct page_reason *reason, const char *format, ...);
__attribute__((format(printf, 3, 0))) unsigned page_problem_take(struct page_problem *problem,
    const struct page_reason *reason, const char *format, va_list arguments);

/* Answers a request with it. */
void page_problem_give(struct http_request *request, const struct page_problem *problem);
/* Both. */
__attribute__((format(printf, 3, 4))) void page_tell(
    struct http_request *request, const struct page_reason *reason, const char *format, ...);

#endif
