/*
 * outbox_hours.c - how much news each reader gets in an hour, kept with the letters themselves. The
 * reader is a member, or the operator (0), who reads for all members that nobody looks after.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/when.h"
#include "cmd/station/outbox_internal.h"

#define KEY_PREFIX "notices.hour."
#define KEY_END    "notices.hour/" /* behind all that begin so */

enum {
	KEY_BYTES = sizeof KEY_PREFIX + 20,
	VALUE_BYTES = 40,
};

/* Made where there is none; where too many members are counted, in place of the oldest. */
static struct hour *hour_of(struct outbox *outbox, int64_t reader)
{
	struct hour *oldest = NULL;
	for (size_t i = 0; i < outbox->hour_count; i++) {
		struct hour *hour = &outbox->hours[i];
		if (hour->reader == reader)
			return hour;
		if (oldest == NULL || hour->kept.began_us < oldest->kept.began_us)
			oldest = hour;
	}
	if (outbox->hour_count < OUTBOX_MEMBERS_MAX)
		oldest = &outbox->hours[outbox->hour_count++];
	*oldest = (struct hour){.reader = reader};
	return oldest;
}

static int visit_hour(void *context, const void *record)
{
	struct outbox *outbox = context;
	const struct store_meta *meta = record;
	int64_t reader;
	struct hour_count count = {0};
	if (sscanf(meta->key, KEY_PREFIX "%" SCNd64, &reader) == 1 &&
	    sscanf(meta->value, "%" SCNd64 " %u", &count.began_us, &count.count) == 2)
		hour_of(outbox, reader)->kept = count;
	return 0;
}

int outbox_load_hours(struct outbox *outbox, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = KEY_PREFIX},
		{.column = "key", .test = STORE_BELOW, .text = KEY_END}},
	};
	return store_each(outbox->options.store, &query, visit_hour, outbox, complaint);
}

void outbox_begin_hours(struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->hour_count; i++) {
		outbox->hours[i].now = outbox->hours[i].kept;
		outbox->hours[i].held = 0;
	}
}

bool outbox_hour_takes(struct outbox *outbox, int64_t reader, int64_t wall_us)
{
	struct hour *hour = hour_of(outbox, reader);
	struct hour_count *now = &hour->now;
	/* also where the clock was set back */
	if (wall_us - now->began_us >= WHEN_HOUR_US || wall_us < now->began_us)
		*now = (struct hour_count){.began_us = wall_us};
	if (now->count < outbox->options.cap) {
		now->count++;
		return true;
	}
	hour->held++;
	if (hour->held_us == 0 || hour->held_us > wall_us)
		hour->held_us = wall_us;
	return false;
}

/*
 * Soon after the first, so that nothing grave lies for an hour; and then once the hour is over, so
 * that many do not become many summaries: what comes with the next hour finds its own room.
 */
bool outbox_hour_sums(struct outbox *outbox, int64_t reader, int64_t wall_us)
{
	const struct hour *hour = hour_of(outbox, reader);
	return hour->held > 0 && hour->now.summed_us == 0 && hour->held_us != 0 &&
	       wall_us - hour->held_us >= OUTBOX_SUMMARY_US;
}

int outbox_write_hours(struct outbox *outbox, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < outbox->hour_count && result == 0; i++) {
		const struct hour *hour = &outbox->hours[i];
		char key[KEY_BYTES];
		char value[VALUE_BYTES];
		if (hour->now.began_us == hour->kept.began_us &&
		    hour->now.count == hour->kept.count)
			continue;
		(void)snprintf(key, sizeof key, KEY_PREFIX "%" PRId64, hour->reader);
		(void)snprintf(value, sizeof value, "%" PRId64 " %u", hour->now.began_us,
		    hour->now.count); /* both fit */
		struct store_meta meta = {.key = key, .value = value};
		result =
		    store_put(outbox->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
	}
	return result;
}

void outbox_commit_hours(struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->hour_count; i++) {
		struct hour *hour = &outbox->hours[i];
		hour->kept = hour->now;
		if (hour->held == 0)
			hour->held_us = 0;
	}
}

bool outbox_next_held(const struct outbox *outbox, size_t *position, struct outbox_held *ret_held)
{
	while (*position < outbox->hour_count) {
		const struct hour *hour = &outbox->hours[(*position)++];
		if (hour->held == 0)
			continue;
		*ret_held = (struct outbox_held){
		    hour->reader, hour->held, hour->kept.count, hour->kept.began_us};
		return true;
	}
	return false;
}
