#include "cmd/station/alarms.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	VALUE_BYTES = 64,
	KEY_BYTES = 64 + ALARM_WHAT_BYTES,
};

/* The key of a store_meta: "alarm.disk-full./var/lib/hinomi"; its value: since, told. */
#define KEY_PREFIX "alarm."

#define LINES_US (10 * WHEN_MINUTE_US)

/* The letter that comes next. */
enum step {
	STEP_NONE,
	STEP_BEGUN,
	STEP_AGAIN,
	STEP_OVER,
};

struct standing {
	enum alarm alarm;
	char what[ALARM_WHAT_BYTES];
	char detail[ALARM_DETAIL_BYTES];
	bool is_on;       /* as it was reported last */
	bool is_reported; /* since the start */
	bool is_stored;
	int64_t since_us;
	int64_t lasting_us; /* as it was reported; 0: since it began */
	uint64_t number;
	int64_t off_us;   /* since when it is not on */
	int64_t lines_us; /* when the lines were begun that are counted now */
	unsigned lines;
	int64_t told_us;   /* when a letter said so; 0: none did */
	enum step written; /* in this transaction */
	int64_t written_us;
};

struct alarms {
	struct alarms_options options;
	struct standing all[ALARMS_MAX];
	size_t count;
	int64_t begun_us; /* this process */
	uint64_t refused;
};

/* ---- The beginning ---- */

static struct standing *add(struct alarms *alarms, enum alarm alarm, const char *what)
{
	if (alarms->count == ALARMS_MAX) {
		alarms->refused++;
		return NULL;
	}
	struct standing *standing = &alarms->all[alarms->count++];
	*standing = (struct standing){.alarm = alarm};
	(void)snprintf(standing->what, sizeof standing->what, "%s", what);
	return standing;
}

/* The rest of the key after the alarm's name; NULL when it is another. */
static const char *rest_of(const char *key, enum alarm alarm)
{
	const char *name = alarm_name(alarm);
	const size_t prefix = strlen(KEY_PREFIX);
	const size_t length = strlen(name);
	if (strncmp(key, KEY_PREFIX, prefix) != 0 || strncmp(key + prefix, name, length) != 0 ||
	    key[prefix + length] != '.')
		return NULL;
	return key + prefix + length + 1;
}

static int visit_meta(void *context, const void *record)
{
	struct alarms *alarms = context;
	const struct store_meta *meta = record;
	for (int i = 0; i < ALARM_COUNT; i++) {
		const char *what = rest_of(meta->key, (enum alarm)i);
		int64_t since_us;
		int64_t told_us;
		if (what == NULL ||
		    sscanf(meta->value, "%" SCNd64 " %" SCNd64, &since_us, &told_us) != 2)
			continue;
		struct standing *standing = add(alarms, (enum alarm)i, what);
		if (standing == NULL)
			return 0;
		standing->is_on = true;
		standing->is_stored = true;
		standing->since_us = since_us;
		standing->told_us = told_us;
	}
	return 0;
}

int alarms_new(const struct alarms_options *options, int64_t wall_us, struct alarms **ret_alarms,
    struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = KEY_PREFIX},
		/* the sign after the full stop */
		{.column = "key", .test = STORE_BELOW, .text = "alarm/"}},
	};
	struct alarms *alarms = calloc(1, sizeof *alarms);
	if (alarms == NULL)
		return complain(complaint, -ENOMEM, "out of memory for alarms");
	alarms->options = *options;
	alarms->begun_us = wall_us;
	int result = store_each(options->store, &query, visit_meta, alarms, complaint);
	if (result != 0)
		alarms_free(alarms);
	else
		*ret_alarms = alarms;
	return result;
}

void alarms_free(struct alarms *alarms)
{
	free(alarms);
}

/*
 * A clock that was set back must not keep a letter waiting for ever. What was reported within a
 * turn may be a moment younger than the turn is.
 */
static bool has_passed(int64_t since_us, int64_t length_us, int64_t wall_us)
{
	return wall_us - since_us >= length_us || wall_us < since_us - WHEN_SECOND_US;
}

/* It happened, and does not last: when it was told there is nothing more to say. */
static bool is_event(enum alarm alarm)
{
	return alarm == ALARM_STATION_DOWN || alarm == ALARM_CLOCK_STEPPED;
}

/* ---- What is reported ---- */

static struct standing *find(struct alarms *alarms, enum alarm alarm, const char *what)
{
	for (size_t i = 0; i < alarms->count; i++)
		if (alarms->all[i].alarm == alarm && strcmp(alarms->all[i].what, what) == 0)
			return &alarms->all[i];
	return NULL;
}

static void take(struct standing *standing, const struct alarm_report *report)
{
	standing->lasting_us = report->lasting_us;
	standing->number = report->number;
	(void)snprintf(standing->detail, sizeof standing->detail, "%s",
	    report->detail != NULL ? report->detail : "");
}

/* Not more often than so many times. */
static bool may_say(struct standing *standing, int64_t wall_us)
{
	if (has_passed(standing->lines_us, LINES_US, wall_us)) {
		standing->lines_us = wall_us;
		standing->lines = 0;
	}
	return standing->lines++ < ALARM_LINES_MAX;
}

bool alarms_report(struct alarms *alarms, const struct alarm_report *report, int64_t wall_us)
{
	char what[ALARM_WHAT_BYTES]; /* as long as it is kept, so that it is found again */
	assert((unsigned)report->alarm < ALARM_COUNT);
	(void)snprintf(what, sizeof what, "%s", report->what != NULL ? report->what : "");
	struct standing *standing = find(alarms, report->alarm, what);
	if (standing == NULL && !report->is_on)
		return false;
	if (standing == NULL) {
		standing = add(alarms, report->alarm, what);
		if (standing == NULL)
			return false;
		standing->since_us = report->since_us != 0 ? report->since_us : wall_us;
	}
	const bool was_on = standing->is_on;
	standing->is_reported = true;
	standing->is_on = report->is_on;
	if (report->is_on)
		take(standing, report);
	else if (was_on)
		standing->off_us = wall_us;
	return was_on != report->is_on && may_say(standing, wall_us);
}

bool alarms_is_on(const struct alarms *alarms, enum alarm alarm, const char *what)
{
	for (size_t i = 0; i < alarms->count; i++)
		if (alarms->all[i].alarm == alarm && alarms->all[i].is_on &&
		    strcmp(alarms->all[i].what, what) == 0)
			return true;
	return false;
}

void alarms_note_told(struct alarms *alarms, enum alarm alarm, const char *what, int64_t wall_us)
{
	struct standing *standing = find(alarms, alarm, what != NULL ? what : "");
	if (standing != NULL && standing->is_on)
		standing->told_us = wall_us;
}

/* ---- Letters ---- */

static enum step step_of(
    const struct alarms *alarms, const struct standing *standing, int64_t wall_us)
{
	const bool is_forgotten =
	    !standing->is_reported && has_passed(alarms->begun_us, ALARM_FORGET_US, wall_us);
	if (is_forgotten ||
	    (!standing->is_on && has_passed(standing->off_us, alarms->options.rest_us, wall_us)))
		return STEP_OVER;
	if (!standing->is_on || !standing->is_reported)
		return STEP_NONE;
	if (standing->told_us == 0)
		return STEP_BEGUN;
	return has_passed(standing->told_us, ALARM_AGAIN_US, wall_us) ? STEP_AGAIN : STEP_NONE;
}

bool alarms_are_due(const struct alarms *alarms, int64_t wall_us)
{
	for (size_t i = 0; i < alarms->count; i++)
		if (step_of(alarms, &alarms->all[i], wall_us) != STEP_NONE)
			return true;
	return false;
}

static int put_meta(struct alarms *alarms, const struct standing *standing, int64_t wall_us,
    struct complaint *complaint)
{
	char key[KEY_BYTES];
	char value[VALUE_BYTES];
	(void)snprintf(
	    key, sizeof key, KEY_PREFIX "%s.%s", alarm_name(standing->alarm), standing->what);
	(void)snprintf(value, sizeof value, "%" PRId64 " %" PRId64, standing->since_us, wall_us);
	const struct store_query which = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = key}},
	};
	struct store_meta meta = {.key = key, .value = value};
	return standing->written == STEP_OVER
		   ? store_remove(alarms->options.store, &which, NULL, complaint)
		   : store_put(
			 alarms->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

static int write_letter(const struct standing *standing, struct outbox *outbox,
    const struct roster *roster, int64_t wall_us, struct complaint *complaint)
{
	const bool is_over = standing->written == STEP_OVER;
	const int64_t until_us = is_over && !standing->is_on ? standing->off_us : wall_us;
	const struct letter_alarm letter = {
	    .alarm = standing->alarm,
	    .is_over = is_over,
	    .what = standing->what[0] != '\0' ? standing->what : NULL,
	    .detail = standing->detail[0] != '\0' && !is_over ? standing->detail : NULL,
	    .since_us = standing->since_us,
	    .lasting_us = standing->lasting_us != 0 && !is_over
			      ? standing->lasting_us
			      : (until_us > standing->since_us ? until_us - standing->since_us : 0),
	    .number = standing->number,
	};
	return outbox_write_alarm(outbox, roster, &letter, wall_us, complaint);
}

int alarms_write(struct alarms *alarms, struct outbox *outbox, const struct roster *roster,
    int64_t wall_us, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < alarms->count && result == 0; i++) {
		struct standing *standing = &alarms->all[i];
		standing->written = step_of(alarms, standing, wall_us);
		standing->written_us = wall_us;
		const bool was_told = standing->told_us != 0;
		/* of what nobody was told, and of what nobody watches any more, nothing is over */
		if (standing->written == STEP_NONE ||
		    (standing->written == STEP_OVER &&
			(!was_told || standing->is_on || is_event(standing->alarm))))
			result = standing->written == STEP_OVER && standing->is_stored
				     ? put_meta(alarms, standing, wall_us, complaint)
				     : 0;
		else if ((result = write_letter(standing, outbox, roster, wall_us, complaint)) ==
			     0 &&
			 !is_event(standing->alarm))
			result = put_meta(alarms, standing, wall_us, complaint);
	}
	return result;
}

void alarms_commit(struct alarms *alarms)
{
	size_t kept = 0;
	for (size_t i = 0; i < alarms->count; i++) {
		struct standing *standing = &alarms->all[i];
		if (standing->written == STEP_OVER)
			continue;
		if (standing->written != STEP_NONE) {
			standing->told_us = standing->written_us;
			standing->is_stored = !is_event(standing->alarm);
			if (is_event(standing->alarm)) {
				standing->is_on = false;
				standing->off_us = standing->written_us;
			}
		}
		standing->written = STEP_NONE;
		if (kept != i)
			alarms->all[kept] = *standing;
		kept++;
	}
	alarms->count = kept;
}

void alarms_forget(struct alarms *alarms)
{
	for (size_t i = 0; i < alarms->count; i++)
		alarms->all[i].written = STEP_NONE;
}

bool alarms_next(const struct alarms *alarms, size_t *position, struct alarm_standing *ret_standing)
{
	while (*position < alarms->count) {
		const struct standing *standing = &alarms->all[(*position)++];
		if (!standing->is_on)
			continue;
		*ret_standing = (struct alarm_standing){
		    .alarm = standing->alarm,
		    .what = standing->what,
		    .since_us = standing->since_us,
		    .was_told = standing->told_us != 0,
		};
		return true;
	}
	return false;
}

uint64_t alarms_refused(const struct alarms *alarms)
{
	return alarms->refused;
}
