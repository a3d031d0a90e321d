/* keeper_letters.c - what a keeper keeps so that the one after it writes the same letters. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/station/keeper_internal.h"

#define SETTLED_KEY "keeper.settled"

/* ---- Since when all hosts were heard of ---- */

void keeper_begin(struct keeper *keeper, int64_t observed_us)
{
	keeper->has_begun = true;
	keeper->settled_us = observed_us + keeper->options.settle_us;
	keeper->settled_is_new = true;
	correlator_set_settled(keeper->correlator, keeper->settled_us);
}

static int visit_settled(void *context, const void *record)
{
	const struct store_meta *meta = record;
	*(int64_t *)context = strtoll(meta->value, NULL, 10); /* 0 for what is none: long ago */
	return 0;
}

int keeper_resume(struct keeper *keeper, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_IS, .text = SETTLED_KEY}},
	};
	int result = store_each(
	    keeper->options.store, &query, visit_settled, &keeper->settled_us, complaint);
	keeper->has_begun = true;
	correlator_set_settled(keeper->correlator, keeper->settled_us);
	return result;
}

static int write_settled(struct keeper *keeper, struct complaint *complaint)
{
	char value[24];
	struct store_meta meta = {.key = SETTLED_KEY, .value = value};
	if (!keeper->settled_is_new)
		return 0;
	(void)snprintf(value, sizeof value, "%" PRId64, keeper->settled_us); /* fits */
	return store_put(keeper->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

/* ---- Writing ---- */

int keeper_write_letters(
    struct keeper *keeper, const struct casebook_clocks *clocks, struct complaint *complaint)
{
	size_t position = 0;
	struct incident told;
	int result = outbox_write_news(keeper->outbox, keeper->roster, clocks, complaint);
	while (result == 0 && outbox_next_told(keeper->outbox, &position, &told))
		result = archive_write_told(keeper->archive, &told, complaint);
	return result != 0 ? result : write_settled(keeper, complaint);
}

void keeper_commit_letters(struct keeper *keeper)
{
	outbox_commit(keeper->outbox);
	keeper->settled_is_new = false;
}
