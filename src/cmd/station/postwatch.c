#include "cmd/station/postwatch.h"

#include <stddef.h>

enum {
	/* What is usual follows within some hours: a day's beginning is no alarm, nor its end. */
	MEMORY_MINUTES = 180,
	LOST_LEAST = 100,
};

static void learn(struct postwatch *watch)
{
	if (watch->minutes < MEMORY_MINUTES)
		watch->minutes++;
	watch->usual += ((double)watch->in_minute - watch->usual) / watch->minutes;
	watch->in_minute = 0;
}

static void count(struct postwatch *watch, const struct post_news *news, int64_t now_us)
{
	uint64_t more =
	    news->packets >= watch->packets ? news->packets - watch->packets : news->packets;
	watch->packets = news->packets;
	watch->in_minute += more;
	watch->lost += news->lost;
	watch->lost_of += more + news->lost;
	if (more > 0)
		watch->heard_us = now_us;
	if (news->is_up)
		watch->up_us = now_us;
}

/* A silence teaches nothing: else after some hours it would be usual. */
static void end_minutes(struct postwatch *watch, int64_t now_us)
{
	if (now_us - watch->began_us < WHEN_MINUTE_US)
		return;
	watch->began_us = now_us;
	if (watch->in_minute > 0 || watch->minutes < POSTWATCH_LEARN_MINUTES)
		learn(watch);
}

static bool loses_much(const struct postwatch *watch)
{
	return watch->lost >= LOST_LEAST && watch->lost > watch->lost_of / POSTWATCH_LOST_SHARE;
}

static void judge(struct postwatch *watch, int64_t now_us, bool on[static POST_TROUBLES])
{
	const bool knows_usual =
	    watch->minutes >= POSTWATCH_LEARN_MINUTES && watch->usual >= POSTWATCH_USUAL_MIN;
	on[POST_DOWN] = now_us - watch->up_us >= POSTWATCH_DOWN_US;
	on[POST_SILENT] =
	    !on[POST_DOWN] && knows_usual && now_us - watch->heard_us >= POSTWATCH_SILENT_US;
	on[POST_LOSES] = watch->is_on[POST_LOSES]; /* a share of ten minutes, at their end */
	if (now_us - watch->lost_began_us < POSTWATCH_LOST_US)
		return;
	on[POST_LOSES] = loses_much(watch);
	watch->lost_began_us = now_us;
	watch->lost = 0;
	watch->lost_of = 0;
}

void postwatch_take(struct postwatch *watch, const struct post_news *news, int64_t now_us,
    struct post_change *ret_change)
{
	bool on[POST_TROUBLES];
	if (!watch->has_begun) {
		*watch = (struct postwatch){.began_us = now_us,
		    .heard_us = now_us,
		    .up_us = now_us,
		    .lost_began_us = now_us,
		    .packets = news == NULL ? 0 : news->packets,
		    .has_begun = true};
	}
	if (news != NULL)
		count(watch, news, now_us);
	end_minutes(watch, now_us);
	*ret_change = (struct post_change){.lost = watch->lost};
	judge(watch, now_us, on);
	ret_change->since_us =
	    on[POST_DOWN] || watch->is_on[POST_DOWN] ? watch->up_us : watch->heard_us;
	for (int i = 0; i < POST_TROUBLES; i++) {
		ret_change->changed[i] = on[i] != watch->is_on[i];
		ret_change->is_on[i] = on[i];
		watch->is_on[i] = on[i];
	}
}
