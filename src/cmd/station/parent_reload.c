/*
 * parent_reload.c - the configuration is read again, without a packet lost: captures go on, and
 * what they tell lies in their relays, while the others are stopped in order and started with what
 * is new. Only a capture that is itself told otherwise begins anew.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/when.h"
#include "cmd/station/duties.h"
#include "cmd/station/parent_internal.h"

/* What is changed together is read together, and whoever changed it has his answer by then. */
#define WISH_GATHER_US WHEN_SECOND_US
/* Between two that the keeper asks for: a station that begins anew all the time warns nobody. */
#define WISH_REST_US (5 * WHEN_SECOND_US)

/* Who ends after whom: what one has told the next must still be taken. */
enum step {
	STEP_CAPTURES, /* that are to go, or begin anew */
	STEP_COURIER,  /* letters on their way arrive, and what came of them is told */
	STEP_KEEPER,   /* all of that is written, and signed */
	STEP_SIGNER,
	STEP_START, /* of all that ended, and of new ones */
};

static enum step step_of(size_t duty)
{
	if (duty == PARENT_KEEPER)
		return STEP_KEEPER;
	if (duty == PARENT_SIGNER)
		return STEP_SIGNER;
	return duty < STATION_SOURCES_MAX ? STEP_CAPTURES : STEP_COURIER;
}

/* ---- The plan ---- */

static bool is_same_source(const struct station_source *a, const struct station_source *b)
{
	return memcmp(a, b, sizeof *a) == 0; /* every byte is set (source_address.h) */
}

/* What captures go by (duty_capture.c), but for memory and sources. */
static bool tells_captures_else(const struct station_config *a, const struct station_config *b)
{
	return strcmp(a->station.name, b->station.name) != 0 ||
	       a->watch.quiet_us != b->watch.quiet_us || a->evidence.frames != b->evidence.frames ||
	       a->thresholds.scan_live.answer_timeout_s != b->thresholds.scan_live.answer_timeout_s;
}

/* `auto`: what is watched may be down for a moment, and stays. */
static void keep_sources(const struct station_config *before, struct station_config *config)
{
	struct station_config_sources *sources = &config->sources;
	if (!sources->is_auto || config->workers != before->workers)
		return; /* other workers share what was one's */
	for (size_t i = 0; i < before->sources.count; i++) {
		size_t at = 0;
		while (at < sources->count &&
		       !is_same_source(&sources->list[at], &before->sources.list[i]))
			at++;
		if (at == sources->count && sources->count < STATION_SOURCES_MAX)
			sources->list[sources->count++] = before->sources.list[i];
	}
}

/* What cannot be changed while duties run stays as it is, and is named. */
static void keep_rest(const struct parent *parent, struct station_config *config)
{
	const struct station_config *before = &parent->plan.config;
	if (config->memory != before->memory)
		say(LOG_LEVEL_WARNING, "reload.later", "key", "memory");
	if (memcmp(&config->metrics.listen, &before->metrics.listen,
		sizeof before->metrics.listen) != 0)
		say(LOG_LEVEL_WARNING, "reload.later", "key", "metrics.listen");
	if (memcmp(&config->web.listen, &before->web.listen, sizeof before->web.listen) != 0)
		say(LOG_LEVEL_WARNING, "reload.later", "key", "web.listen");
	if (config->heartbeat.expect.count > 0 && !parent->has_figures)
		say(LOG_LEVEL_WARNING, "reload.later", "key", "heartbeat.expect");
	config->memory = before->memory;
	config->metrics.listen = before->metrics.listen;
	/* without a page there is nothing that links could lead to */
	if (!parent->has_page) {
		if (strcmp(config->web.url, before->web.url) != 0)
			say(LOG_LEVEL_WARNING, "reload.later", "key", "web.url");
		config->web = before->web;
	}
	config->web.listen = before->web.listen;
}

/* A row that was never used, since another's last words may lie in its relay; else any. */
static uint32_t find_row(const struct parent *parent, const bool taken[static STATION_SOURCES_MAX])
{
	uint32_t any = 0;
	for (uint32_t row = 0; row < STATION_SOURCES_MAX; row++) {
		if (taken[row])
			continue;
		any = row;
		if (parent->starts[row] == 0)
			break;
	}
	return any;
}

/* The capture that watches it now; false where none does. */
static bool find_capture(
    const struct parent_plan *plan, const struct station_source *source, uint32_t *ret_row)
{
	for (size_t i = 0; i < plan->config.sources.count; i++) {
		*ret_row = plan->rows[i];
		if (is_same_source(&plan->config.sources.list[i], source))
			return true;
	}
	return false;
}

/* A source that is watched keeps its capture; those that go have gone when others come. */
static void choose_rows(const struct parent *parent, struct parent_plan *plan)
{
	const struct station_config_sources *sources = &plan->config.sources;
	bool taken[STATION_SOURCES_MAX] = {false};
	bool is_known[STATION_SOURCES_MAX] = {false};
	for (size_t i = 0; i < sources->count; i++) {
		is_known[i] = find_capture(&parent->plan, &sources->list[i], &plan->rows[i]);
		if (is_known[i])
			taken[plan->rows[i]] = true;
	}
	for (size_t i = 0; i < sources->count; i++) {
		if (is_known[i])
			continue;
		plan->rows[i] = find_row(parent, taken);
		taken[plan->rows[i]] = true;
	}
}

static int make_plan(struct parent *parent, struct parent_plan *plan, struct complaint *complaint)
{
	const struct station_config *before = &parent->plan.config;
	memset(plan, 0, sizeof *plan);
	int result = parent->options.read(parent->options.context, &plan->config, complaint);
	if (result != 0)
		return result;
	keep_sources(before, &plan->config);
	keep_rest(parent, &plan->config);
	choose_rows(parent, plan);
	parent_look_around(plan);
	return parent_read_signing(parent, plan, complaint);
}

/* ---- Who ends, and who begins ---- */

static void say_capture(const struct parent_plan *plan, size_t row, const char *event)
{
	say(LOG_LEVEL_NOTICE, event, "source", parent_source(plan, row)->address);
}

static void choose_capture(struct parent *parent, const struct parent_plan *next, size_t row)
{
	const struct station_source *before = parent_source(&parent->plan, row);
	const struct station_source *after = parent_source(next, row);
	const bool is_same = before != NULL && after != NULL && is_same_source(before, after);
	const bool goes_on = is_same && !tells_captures_else(&parent->plan.config, &next->config);
	parent->reload.is_awaited[row] = before != NULL && !goes_on;
	parent->reload.starts[row] = after != NULL && !goes_on;
	if (before != NULL && !goes_on)
		say_capture(&parent->plan, row, is_same ? "source.anew" : "source.removed");
	if (after != NULL && !is_same)
		say_capture(next, row, "source.added");
}

static void choose(struct parent *parent, const struct parent_plan *next)
{
	for (size_t row = 0; row < STATION_SOURCES_MAX; row++)
		choose_capture(parent, next, row);
	for (size_t row = PARENT_KEEPER; row < parent->table.duty_count; row++)
		parent->reload.is_awaited[row] = parent->reload.starts[row] = true;
	parent->reload.is_awaited[PARENT_SIGNER] = parent->plan.signing.until_us != 0;
	parent->reload.starts[PARENT_SIGNER] = next->signing.until_us != 0;
	parent->reload.is_awaited[PARENT_MAILROOM] =
	    station_config_has_mailbox(&parent->plan.config);
	parent->reload.starts[PARENT_MAILROOM] = station_config_has_mailbox(&next->config);
}

/* Asks those of the step to end. Whether anybody has to be awaited. */
static bool stop_step(struct parent *parent, enum step step)
{
	bool is_awaited = false;
	for (size_t row = 0; row < parent->table.duty_count; row++) {
		if (!parent->reload.is_awaited[row] || step_of(row) != step)
			continue;
		parent->reload.is_awaited[row] = duties_stop_one(parent->duties, row);
		is_awaited |= parent->reload.is_awaited[row];
	}
	return is_awaited;
}

static bool is_step_done(const struct parent *parent, enum step step)
{
	for (size_t row = 0; row < parent->table.duty_count; row++)
		if (parent->reload.is_awaited[row] && step_of(row) == step)
			return false;
	return true;
}

static void start_all(struct parent *parent)
{
	/* all are awaited before one is started: it may fail at once, and is not the last then */
	for (size_t row = 0; row < parent->table.duty_count; row++)
		parent->reload.is_awaited[row] = parent->reload.starts[row];
	for (size_t row = 0; row < parent->table.duty_count; row++)
		if (parent->reload.starts[row])
			duties_start_one(parent->duties, row);
}

static void finish(struct parent *parent)
{
	for (size_t row = 0; row < parent->table.duty_count; row++)
		if (parent->reload.is_awaited[row])
			return;
	parent->reload.is_on = false;
	say(LOG_LEVEL_NOTICE, "reload.done", "what",
	    "what the station's files say now is in force");
	parent_tell_roll(parent);
	supervision_note_reload(parent->supervision, false);
	if (parent->reload.is_wanted_again)
		parent_reload(parent);
}

static void go_on(struct parent *parent)
{
	struct reload *reload = &parent->reload;
	while (is_step_done(parent, (enum step)reload->step)) {
		reload->step++;
		if (reload->step == STEP_START) {
			start_all(parent);
			return;
		}
		if (stop_step(parent, (enum step)reload->step))
			return;
	}
}

/* Whether what is awaited of a duty has come. One that cannot begin is told of by itself. */
static bool is_answer(const struct parent *parent, const struct duty_event *event)
{
	const bool has_ended = event->kind == DUTY_STOPPED || event->kind == DUTY_DIED;
	if (parent->reload.step == STEP_START)
		return event->kind == DUTY_FAILED || has_ended; /* else parent_follow_begun() */
	return has_ended && event->restart_us <= 0;
}

void parent_follow(struct parent *parent, const struct duty_event *event)
{
	struct reload *reload = &parent->reload;
	if (!reload->is_on || parent->is_stopping || !reload->is_awaited[event->duty] ||
	    !is_answer(parent, event))
		return;
	reload->is_awaited[event->duty] = false;
	if (reload->step == STEP_START)
		finish(parent);
	else
		go_on(parent);
}

/* Ready is who reads in its sandbox; only then the keeper opens its database, and finds contacts.
 */
void parent_follow_begun(struct parent *parent, size_t duty)
{
	struct reload *reload = &parent->reload;
	if (!reload->is_on || parent->is_stopping || reload->step != STEP_START ||
	    !reload->is_awaited[duty])
		return;
	reload->is_awaited[duty] = false;
	finish(parent);
}

static void refuse(struct parent *parent, const struct complaint *complaint)
{
	say(LOG_LEVEL_ERROR, "reload.refused", "why", complaint->text);
	say(LOG_LEVEL_ERROR, "reload.refused", "what", "the station goes on as before");
	parent->refusal = *complaint;
	parent->refused_us = loop_wall_us(parent->loop);
	parent_tell_roll(parent);
	supervision_note_reload(parent->supervision, false);
}

void parent_reload(struct parent *parent)
{
	static struct parent_plan next; /* large */
	static struct parent_gifts gifts;
	struct complaint complaint;
	if (parent->is_stopping)
		return;
	parent->reload.is_wanted_again = parent->reload.is_on;
	if (parent->reload.is_on)
		return;
	supervision_note_reload(parent->supervision, true);
	int result = make_plan(parent, &next, &complaint);
	if (result == 0)
		result = parent_make_gifts(parent, &next, &gifts, &complaint);
	if (result != 0) {
		refuse(parent, &complaint);
		return;
	}
	parent->reload = (struct reload){.is_on = true};
	parent->refused_us = 0;
	parent->was_reloaded = true;
	choose(parent, &next);
	parent->plan = next;
	parent_fit_rows(parent);
	parent_give(parent, &gifts);
	parent->reload.step = STEP_CAPTURES;
	if (!stop_step(parent, STEP_CAPTURES))
		go_on(parent);
}

static void on_wish(void *context, uint32_t what)
{
	struct parent *parent = context;
	(void)what;
	parent->wish.timer = 0;
	parent->wish.done_us = loop_monotonic_us(parent->loop);
	parent_reload(parent);
}

void parent_wish_reload(struct parent *parent)
{
	struct reload_wish *wish = &parent->wish;
	const int64_t now_us = loop_monotonic_us(parent->loop);
	const int64_t rested_us = wish->done_us + WISH_REST_US;
	const bool must_rest = wish->done_us != 0 && rested_us > now_us + WISH_GATHER_US;
	const struct loop_call call = {on_wish, parent};
	if (wish->timer != 0)
		return;
	if (loop_add_timer(parent->loop, must_rest ? rested_us - now_us : WISH_GATHER_US, 0, call,
		&wish->timer) != 0)
		say(LOG_LEVEL_ERROR, "reload.refused", "why", "no time can be waited for");
}
