/*
 * checks.h - what `hinomi check` looks at: a table of checks, each of which says how it went and,
 * where something is wrong, what to do.
 *
 * To add one: a row in checks.c, a function, a name and phrases in words.h.
 */
#ifndef CMD_STATION_CHECKS_H
#define CMD_STATION_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/station/config.h"
#include "cmd/station/discover.h"
#include "cmd/station/paths.h"
#include "cmd/station/words.h"

enum check_level {
	CHECK_OK,
	CHECK_WARNING, /* the station runs, but not as it should */
	CHECK_WRONG,   /* it would not start, or not do its work */
	CHECK_LEVELS
};

/* What is known so far: checks fill it in for those after them. */
struct checking {
	enum language language;
	const char *path; /* of the directory, as it was asked for */
	bool has_dir;
	struct station_dir dir;
	bool has_config;
	struct station_config config;
	bool has_facts;
	struct station_facts facts;

	/* Where results go. */
	void (*tell)(
	    void *context, enum check_level level, enum station_word check, const char *text);
	void *context;
	enum station_word current; /* the check that is running */
	size_t counts[CHECK_LEVELS];
};

/*
 * Runs all checks. What a check needs and an earlier one did not find is not checked: the earlier
 * one has said why. Takes seconds at most, also where nothing answers.
 */
void checks_run(struct checking *checking);

enum {
	CHECK_NEEDS_DIR = 1,
	CHECK_NEEDS_CONFIG = 2,
	CHECK_NEEDS_FACTS = 4,
};

struct check {
	enum station_word name;
	unsigned needs;
	/* Says at least one thing, by check_say(), or that was said by one before. */
	void (*run)(struct checking *checking);
};

void check_say(struct checking *checking, enum check_level level, enum station_word word,
    const struct value *values, size_t count);

/* The checks that look outside: checks_world.c. */
void check_sources(struct checking *checking);
void check_listen(struct checking *checking);
void check_dark(struct checking *checking);
void check_mail(struct checking *checking);
void check_clock(struct checking *checking);
void check_signing(struct checking *checking); /* checks_signing.c */
void check_page(struct checking *checking);    /* checks_page.c */
void check_alarms(struct checking *checking);  /* checks_alarms.c */

/*
 * Whether a clock is right, as far as a file's time of change tells: that has passed, and so has
 * the day this was written. Times in microseconds.
 */
bool check_clock_is_behind(int64_t now_us, int64_t changed_us, int64_t *ret_passed_us);

#endif
