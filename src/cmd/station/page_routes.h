/*
 * page_routes.h - the API of the page as one table: every route with who may ask it, what it takes
 * and what it is for. Dispatch, the checks of parameters and roles, and the description that
 * programs read (/api/v1/openapi.json) are made of it.
 *
 * Each part of the API is a block: a list of rows in a file of its own, whose last row has no path,
 * and its line in page_routes.c.
 *
 * A row answers in one of two ways. `read` writes what the database says, at once, into an answer
 * that is kept as long as nothing in the database changes (page_cache.h): it must depend on nothing
 * but the question. `run` answers the request itself, now or later.
 */
#ifndef CMD_STATION_PAGE_ROUTES_H
#define CMD_STATION_PAGE_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/address.h"
#include "base/complaint.h"
#include "base/json.h"
#include "base/zone.h"
#include "cmd/station/figures.h"
#include "cmd/station/page_problem.h"
#include "cmd/station/page_who.h"
#include "store/store.h"
#include "web/http.h"

enum {
	PAGE_PARAMETERS_MAX = 20, /* of a route, those of lists included */
	PAGE_TEXT_BYTES = 256,    /* of a parameter's text, as of a segment */
	PAGE_ROUTES_MAX = 96,
	PAGE_PARTS_MAX = 12,     /* tables within one answer */
	PAGE_LIMIT_DEFAULT = 50, /* items of a list */
	PAGE_LIMIT_MAX = 500,
	PAGE_CSV_MAX = 10000, /* rows; a browser must hold the file, and we must make it */
	PAGE_CURSOR_BYTES = 64,
};

enum page_type {
	PAGE_TEXT,    /* `min` to `max` bytes of it */
	PAGE_NUMBER,  /* `min` to `max` */
	PAGE_FLAG,    /* 0 or 1 */
	PAGE_CHOICE,  /* its number in `choices` */
	PAGE_CHOICES, /* one or several, joined by commas: bits by those numbers */
	PAGE_TIME,    /* RFC 3339, with its zone */
	PAGE_PREFIX,  /* an address, or a prefix */
	PAGE_CURSOR,  /* what a list gave as `next` */
	PAGE_PART,    /* its number among the route's parts */
};

struct page_parameter {
	const char *name; /* NULL ends a list */
	enum page_type type;
	int64_t min;
	int64_t max;
	const char *const *choices; /* NULL ends them */
	const char *help;           /* for programmers: what it is */
};

/* A table within an answer that is no list. */
struct page_part {
	const char *name;           /* NULL ends them */
	const char *rows;           /* where they lie in the answer: "canary.history" */
	const char *const *columns; /* as those of a list */
	unsigned roles;             /* who may have it; 0: whoever may ask */
};

struct page_value {
	bool is_given;
	int64_t number; /* numbers, flags, choices; times in microseconds */
	char text[PAGE_TEXT_BYTES];
	struct prefix prefix;
};

/* What a station is, beside its database; borrowed. What is not known is NULL or 0. */
struct page_world {
	const struct station_config *config;
	const struct figures *figures; /* NULL: the keeper has told none lately */
	const struct roll *roll;
	const struct zone *zone; /* the station's; NULL is UTC */
	int64_t now_us;          /* wall */
};

/* Borrows everything. */
struct page_question {
	const struct page_route *route;
	struct store *store; /* of `read`: one moment of it */
	/* What is written becomes a table: only its columns matter, and each row is an object. */
	bool is_table;
	const struct page_who *who;
	const struct page_world *world;
	const char *segments[ROUTE_SEGMENTS_MAX]; /* of the path, decoded; "" where there is none */
	struct page_value values[PAGE_PARAMETERS_MAX];
};

struct page_answer {
	struct json json; /* on `out` */
	FILE *out;
	const char *const *columns; /* of this table, where the route has several */
	struct page_problem problem;
	/* Why the database failed: for the log alone, since it names paths. "": it did not. */
	struct complaint complaint;
};

struct page; /* page_api.h */

struct page_route {
	enum route_method method;
	const char *path; /* "/api/v1/incidents/{id}" */
	unsigned roles;   /* of enum page_role */
	/* 200, and JSON in the answer; else a status, and the problem is set. */
	unsigned (*read)(const struct page_question *question, struct page_answer *answer);
	/* The question and who asks are there for the call; its store is NULL. */
	void (*run)(
	    struct page *page, struct http_request *request, const struct page_question *question);
	size_t body_max_bytes; /* of what is posted */
	const char *summary;
	const struct page_parameter *parameters; /* NULL: none */
	bool is_list;               /* has `limit`, `after`, `format`, and can be a table */
	bool is_fresh;              /* tells of more than the database: never kept */
	const char *const *columns; /* of a list as a table: "id", "finding.why"; NULL ends them */
	/* Has `format` and `table`: what can be had as a table besides. NULL: nothing. */
	const struct page_part *parts;
};

/* All rows, in order; *ret_count of them. */
const struct page_route *const *page_routes(size_t *ret_count);

/* The parameters of a route, those of lists included. Returns how many. */
size_t page_parameters(
    const struct page_route *route, const struct page_parameter *out[static PAGE_PARAMETERS_MAX]);

/*
 * Takes a parameter's text, which is NULL when it is damaged. False, and what is wrong, when it is
 * not what the row says.
 */
bool page_take(struct page_question *question, const char *name, const char *text,
    struct page_problem *ret_problem);
/* What a route of this name has: NULL where it was not given. */
const struct page_value *page_value(const struct page_question *question, const char *name);
/* The number of one, else `otherwise`. */
int64_t page_number(const struct page_question *question, const char *name, int64_t otherwise);
/* The text of one, else NULL. */
const char *page_text(const struct page_question *question, const char *name);

/* Whether it asks for a table: `format` says csv. */
bool page_wants_table(const struct page_question *question);
/* Which of the route's parts that is; NULL of a list. */
const struct page_part *page_part(const struct page_question *question);
/*
 * Whether `format` and `table`, where the route has parts, belong together, and this role may have
 * that table: 200, or a status and the problem.
 */
unsigned page_check_part(const struct page_question *question, struct page_problem *ret_problem);

/* Whether this role may ask: 200, 401 or 403. */
unsigned page_may(const struct page_route *route, enum page_role role);

/* A segment as the id of a record; 0 when it is none, which no record has. */
int64_t page_segment_id(const struct page_question *question, size_t i);

/* Sets the answer's problem, as page_problem_set(), and returns its status. */
__attribute__((format(printf, 3, 4))) unsigned page_refuse(
    struct page_answer *answer, const struct page_reason *reason, const char *format, ...);
/* 404: nobody learns whether it is there and another's. */
unsigned page_missing(struct page_answer *answer, const char *what);
/* 503; what the store said is in the answer's complaint, and goes into the log. */
unsigned page_broken(struct page_answer *answer);

/* page_openapi.c: the table as OpenAPI 3.1, with x-hinomi-roles. */
void page_openapi_write(FILE *out);
extern const struct page_route page_openapi_routes[];

#endif
