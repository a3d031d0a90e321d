/*
 * manage.h - what the commands share that look after a station: member, contact, incident,
 * exception, notice. Each is a table of verbs (hinomi member add ...).
 *
 * Verbs that only look open the database for reading, which works whether the station runs or not.
 * Those that change something ask the station (station/client.h). Where root runs them, they are
 * done as the owner of the station's directory, so that no file of it becomes root's.
 */
#ifndef CMD_MANAGE_H
#define CMD_MANAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/json.h"
#include "base/json_read.h"
#include "cmd/columns.h"
#include "cmd/manage_words.h"
#include "cmd/station/client.h"
#include "store/store.h"

enum {
	MANAGE_VALUES_MAX = 512, /* options of one call */
};

enum manage_format {
	MANAGE_TEXT,
	MANAGE_JSON,
	MANAGE_CSV,
	MANAGE_HTML,
	MANAGE_MAIL,
	MANAGE_FORMATS,
};

/* Formats that a verb has beside text and JSON. */
enum {
	MANAGE_HAS_CSV = 1 << MANAGE_CSV,
	MANAGE_HAS_HTML = 1 << MANAGE_HTML,
	MANAGE_HAS_MAIL = 1 << MANAGE_MAIL,
};

struct manage;

struct manage_verb {
	const char *name;
	const char *const *options; /* "severity=" takes a value, "all" does not; NULL ends */
	size_t words_min;           /* that are no options */
	size_t words_max;
	const char *expected; /* where there are others: "a name and at least one range" */
	int (*run)(struct manage *manage);
	unsigned formats; /* MANAGE_HAS_... */
};

struct manage_command {
	const char *name;
	const char *usage;
	const struct manage_verb *verbs; /* run NULL ends */
};

struct manage_value {
	const char *option;
	const char *text; /* NULL: it takes none */
};

struct manage {
	const struct manage_command *command;
	const struct manage_verb *verb;
	enum language language;
	enum manage_format format;
	const char *station; /* NULL: as station_dir_find() finds it */
	char **words;        /* that are no options */
	size_t word_count;
	struct manage_value values[MANAGE_VALUES_MAX];
	size_t value_count;
	bool wants_help;
	struct station_dir dir;
	struct store *store;           /* for reading; NULL: not opened */
	struct station_client *client; /* NULL: not asked yet */
	void *context;                 /* the verb's own */
};

/* Runs a command line; argv[0] is the command. Returns an exit status. */
int manage_run(const struct manage_command *command, int argc, char **argv);

/* What was given for an option, the last; NULL where it was not. */
const char *manage_value(const struct manage *manage, const char *option);
bool manage_has(const struct manage *manage, const char *option);
/* Each of those given several times: `*position` starts at 0; NULL at the end. */
const char *manage_next(const struct manage *manage, const char *option, size_t *position);
/* Who does it: --by, SUDO_USER, USER, or the user's number. */
const char *manage_by(const struct manage *manage);
/* A word as a number of a record, 1 and more. An exit status. */
int manage_id(const struct manage *manage, size_t word, int64_t *ret_id);

/* Opens manage->dir, as its owner where root does. An exit status. */
int manage_open_dir(struct manage *manage);
/* Opens manage->store. The same. */
int manage_open_store(struct manage *manage);
/* As store_each(), which cannot fail but with a message. An exit status; visit gives 0,
 * -ENOMEM, or -ECANCELED after a message of its own. */
int manage_each(const struct manage *manage, const struct store_query *query,
    int (*visit)(void *context, const void *record), void *context);
int manage_count(const struct manage *manage, const struct store_query *query, int64_t *ret_count);
/* A copy of one record, to be freed, or NULL after a message. */
void *manage_find(const struct manage *manage, const struct store_query *query, const char *what,
    const char *which);

/* A request that is being put together. */
struct manage_request {
	char *text;
	size_t length;
	FILE *out;
	struct json json;
};

/* Begins {"do":NAME; the rest goes into `json`. An exit status. */
int manage_begin(struct manage_request *request, const char *name);
/*
 * Sends it, and tells what came of it: records as they come where JSON is wanted, else by `tell`
 * (NULL: nothing). Frees the request. An exit status.
 */
int manage_send(struct manage *manage, struct manage_request *request,
    void (*tell)(const struct manage *manage, const struct json_node *record));

/* One that is not sent after all. */
void manage_drop(struct manage_request *request);

/* A sentence, and a line of "label   text" (nothing where the text is empty). */
void manage_say(
    const struct manage *manage, enum manage_word word, const struct value *values, size_t count);
void manage_say_field(const struct manage *manage, enum manage_word label, const char *text);
/* "2026-02-01 08:59", as clocks show it here; "" for 0. */
enum {
	MANAGE_MINUTE_BYTES = 17
};
void manage_minute(int64_t time_us, char out[static MANAGE_MINUTE_BYTES]);
/* Text and number of a record of an answer; "" and 0 where it has none. */
const char *manage_text_of(const struct json_node *record, const char *name);
int64_t manage_number_of(const struct json_node *record, const char *name);

#endif
