#include "cmd/station/postwatch.h"

#include <stddef.h>

enum {
	LOST_LEAST = 100,
};

static void learn(struct postwatch *watch)
{
	struct post_usual *usual = &watch->usual;
	if (usual->minutes < POSTWATCH_MEMORY_MINUTES)
		usual->minutes++;
	usual->packets += ((double)watch->in_minute - usual->packets) / usual->minutes;
	watch->usual_is_new = true;
}

static bool knows_usual(const struct postwatch *watch)
{
	return watch->usual.minutes >= POSTWATCH_LEARN_MINUTES;
}

/* Whether so many in a minute are no silence. */
static bool is_enough(const struct postwatch *watch)
{
	return watch->in_minute > 0 &&
	       (!knows_usual(watch) ||
		   (double)watch->in_minute * POSTWATCH_SILENT_SHARE >= watch->usual.packets);
}

/* It begins to be watched: what came before, and while it was down, is no measure. */
static void note_up(struct postwatch *watch, bool is_up, int64_t now_us)
{
	if (is_up && !watch->is_up) {
		watch->heard_us = now_us;
		watch->has_heard = false;
	}
	if (is_up)
		watch->up_us = now_us;
	watch->is_up = is_up;
}

static void count(struct postwatch *watch, const struct post_news *news, int64_t now_us)
{
	uint64_t more =
	    news->packets >= watch->packets ? news->packets - watch->packets : news->packets;
	watch->packets = news->packets;
	watch->in_minute += more;
	watch->lost += news->lost;
	watch->lost_of += more + news->lost;
	note_up(watch, news->is_up, now_us);
	if (more == 0 || !is_enough(watch))
		return;
	watch->heard_us = now_us;
	watch->has_heard = true;
}

/* A silence teaches nothing: else after some hours it would be usual. */
static void end_minutes(struct postwatch *watch, int64_t now_us)
{
	if (now_us - watch->began_us < WHEN_MINUTE_US)
		return;
	watch->began_us = now_us;
	if (is_enough(watch) || !knows_usual(watch))
		learn(watch);
	watch->in_minute = 0;
}

static bool loses_much(const struct postwatch *watch)
{
	return watch->lost >= LOST_LEAST && watch->lost > watch->lost_of / POSTWATCH_LOST_SHARE;
}

static bool has_passed(int64_t limit_us, int64_t since_us, int64_t now_us)
{
	return limit_us != 0 && now_us - since_us >= limit_us;
}

/* A share of ten minutes, at their end. */
static void judge_losses(struct postwatch *watch, int64_t now_us, struct post_change *change)
{
	change->is_on[POST_LOSES] = watch->is_on[POST_LOSES];
	change->lost = watch->lost_before;
	if (now_us - watch->lost_began_us < POSTWATCH_LOST_US)
		return;
	change->is_on[POST_LOSES] = loses_much(watch);
	change->lost = watch->lost;
	watch->lost_before = watch->lost;
	watch->lost_began_us = now_us;
	watch->lost = 0;
	watch->lost_of = 0;
	watch->has_judged = true;
}

static void judge(struct postwatch *watch, int64_t now_us, struct post_change *change)
{
	const struct post_limits *limits = &watch->limits;
	bool *on = change->is_on;
	const bool expects_some = knows_usual(watch) && watch->usual.packets >= POSTWATCH_USUAL_MIN;
	on[POST_DOWN] = has_passed(limits->down_us, watch->up_us, now_us);
	on[POST_SILENT] = !on[POST_DOWN] && watch->is_up && expects_some &&
			  has_passed(limits->silent_us, watch->heard_us, now_us);
	judge_losses(watch, now_us, change);
	change->is_well[POST_DOWN] = !on[POST_DOWN] && watch->is_up;
	change->is_well[POST_SILENT] = !on[POST_SILENT] && watch->has_heard;
	change->is_well[POST_LOSES] = !on[POST_LOSES] && watch->has_judged;
}

static void begin(struct postwatch *watch, const struct post_news *news, int64_t now_us)
{
	*watch = (struct postwatch){
	    .limits = watch->limits,
	    .usual = watch->usual,
	    .began_us = now_us,
	    .heard_us = now_us,
	    .up_us = now_us,
	    .lost_began_us = now_us,
	    .packets = news == NULL ? 0 : news->packets,
	    .has_begun = true,
	};
}

void postwatch_take(struct postwatch *watch, const struct post_news *news, int64_t now_us,
    struct post_change *ret_change)
{
	struct post_change change = {.lost = 0};
	if (!watch->has_begun)
		begin(watch, news, now_us);
	if (news != NULL)
		count(watch, news, now_us);
	end_minutes(watch, now_us);
	judge(watch, now_us, &change);
	change.since_us =
	    change.is_on[POST_DOWN] || watch->is_on[POST_DOWN] ? watch->up_us : watch->heard_us;
	for (int i = 0; i < POST_TROUBLES; i++) {
		change.changed[i] = change.is_on[i] != watch->is_on[i];
		watch->is_on[i] = change.is_on[i];
	}
	*ret_change = change;
}
