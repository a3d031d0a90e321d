/* greynet_store.c - what was learned of unused addresses, in the store. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "cmd/station/greynet_internal.h"

enum {
	PURGE_MAX = 1024, /* hosts at once */
	NUMBER_BYTES = 24,
	KEY_BYTES = 32 + PREFIX_TEXT_BYTES,
};

#define CLOCK_KEY    "greynet.clock"  /* how far it has come, and its pauses */
#define RANGE_PREFIX "greynet.range." /* "greynet.range.192.0.2.0/24": since when */
#define NUMBERS_US   WHEN_MINUTE_US
#define PURGE_US     WHEN_HOUR_US
/* Silent for so many times watch.quiet: it is as if it had never been heard. */
#define PURGE_TIMES 3

/* ---- Reading ---- */

static void load_range(struct greynet *greynet, const char *text, const char *since)
{
	struct prefix prefix;
	const char *why;
	char *end;
	const long long since_us = strtoll(since, &end, 10);
	if (*end != '\0' || end == since || prefix_parse(text, &prefix, &why) != 0)
		return; /* of a newer program */
	if (greynet->options.is_auto)
		(void)greynet_add_range(greynet, &prefix, true); /* as far as there is room */
	for (size_t i = 0; i < greynet->range_count; i++) {
		struct grey_range *range = &greynet->ranges[i];
		if (range->prefix.bits != prefix.bits ||
		    !address_equal(&range->prefix.address, &prefix.address))
			continue;
		range->since_us = since_us;
		range->is_stored = true;
	}
}

static int visit_meta(void *context, const void *record)
{
	struct greynet *greynet = context;
	const struct store_meta *meta = record;
	if (strcmp(meta->key, CLOCK_KEY) == 0) {
		struct watched_time watched;
		if (watched_parse(meta->value, &watched) == 0)
			greynet->watched = watched;
	} else if (strncmp(meta->key, RANGE_PREFIX, strlen(RANGE_PREFIX)) == 0) {
		load_range(greynet, meta->key + strlen(RANGE_PREFIX), meta->value);
	}
	return 0;
}

static int visit_heard(void *context, const void *record)
{
	struct greynet *greynet = context;
	const struct store_heard *heard = record;
	struct grey_host *host = greynet_get_host(greynet, &heard->address);
	if (host == NULL) {
		greynet->is_full = true;
		return 0;
	}
	host->first_us = heard->first_us;
	host->last_us = heard->last_us;
	host->stored_us = heard->last_us;
	host->two_way = heard->two_way;
	host->is_two_way_stored = heard->two_way;
	greynet_note_range(greynet, &heard->address, heard->last_us);
	return 0;
}

int greynet_load(struct greynet *greynet, struct complaint *complaint)
{
	const struct store_query metas = {
	    .kind = STORE_META,
	    .conditions = {{.column = "key", .test = STORE_FROM, .text = "greynet."},
		/* the sign after the full stop */
		{.column = "key", .test = STORE_BELOW, .text = "greynet/"}},
	};
	const struct store_query heard = {.kind = STORE_HEARD};
	int result = store_each(greynet->options.store, &metas, visit_meta, greynet, complaint);
	greynet->told_us = greynet->watched.now_us;
	return result != 0
		   ? result
		   : store_each(greynet->options.store, &heard, visit_heard, greynet, complaint);
}

/* ---- Writing ---- */

static bool has_new_range(const struct greynet *greynet)
{
	for (size_t i = 0; i < greynet->range_count; i++)
		if (!greynet->ranges[i].is_stored && greynet->ranges[i].since_us != INT64_MIN)
			return true;
	return false;
}

bool greynet_is_due(const struct greynet *greynet, int64_t monotonic_us)
{
	if (greynet->watched.now_us == INT64_MIN)
		return false;
	return greynet->dirty > 0 || has_new_range(greynet) || greynet->is_ending ||
	       monotonic_us - greynet->written_us >= NUMBERS_US;
}

void greynet_end(struct greynet *greynet)
{
	greynet->is_ending = true;
}

static int put_host(
    struct greynet *greynet, const struct grey_host *host, struct complaint *complaint)
{
	struct store_heard heard = {
	    .address = host->address,
	    .first_us = host->first_us,
	    .last_us = host->last_us,
	    .two_way = host->two_way,
	};
	return store_put(greynet->options.store, STORE_RECORD(&heard), STORE_ADD, complaint);
}

static int write_hosts(struct greynet *greynet, struct complaint *complaint)
{
	size_t position = 0;
	struct grey_host *host;
	int result = 0;
	greynet->written = 0;
	while (result == 0 && greynet->written < greynet->dirty &&
	       greynet->written < GREYNET_WRITES_MAX &&
	       (host = table_next(greynet->hosts, &position)) != NULL) {
		if (!host->is_dirty)
			continue;
		result = put_host(greynet, host, complaint);
		host->is_written = true;
		greynet->written++;
	}
	return result;
}

static int put_meta(
    struct greynet *greynet, const char *key, const char *value, struct complaint *complaint)
{
	struct store_meta meta = {.key = key, .value = value};
	return store_put(greynet->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
}

static int write_ranges(struct greynet *greynet, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < greynet->range_count && result == 0; i++) {
		const struct grey_range *range = &greynet->ranges[i];
		char key[KEY_BYTES] = RANGE_PREFIX;
		char value[NUMBER_BYTES];
		if (range->is_stored || range->since_us == INT64_MIN)
			continue;
		prefix_format(&range->prefix, key + strlen(RANGE_PREFIX));
		(void)snprintf(value, sizeof value, "%" PRId64, range->since_us);
		result = put_meta(greynet, key, value, complaint);
	}
	return result;
}

/* Hosts that were silent for very long go, here and in the store. */
static int purge(struct greynet *greynet, struct complaint *complaint)
{
	const int64_t before_us =
	    watched_before(&greynet->watched, PURGE_TIMES * greynet->options.quiet_us);
	const struct store_query query = {
	    .kind = STORE_HEARD,
	    .conditions = {{.column = "last_us", .test = STORE_BELOW, .number = before_us}},
	    .limit = PURGE_MAX,
	};
	return store_remove(greynet->options.store, &query, NULL, complaint);
}

static void forget_hosts(struct greynet *greynet)
{
	const int64_t before_us =
	    watched_before(&greynet->watched, PURGE_TIMES * greynet->options.quiet_us);
	size_t position = 0;
	struct grey_host *host;
	while ((host = table_next(greynet->hosts, &position)) != NULL)
		if (host->last_us < before_us && !host->is_dirty)
			table_remove(greynet->hosts, host);
	greynet_begin_anew(greynet);
}

int greynet_write(struct greynet *greynet, int64_t monotonic_us, struct complaint *complaint)
{
	static char clock[WATCHED_TEXT_BYTES];
	if (greynet->watched.now_us == INT64_MIN)
		return 0;
	greynet->attempted_us = monotonic_us;
	greynet->clock_is_written = monotonic_us - greynet->written_us >= NUMBERS_US ||
				    greynet->written_us == 0 || greynet->is_ending;
	int result = write_hosts(greynet, complaint);
	if (result == 0)
		result = write_ranges(greynet, complaint);
	if (result == 0 && greynet->clock_is_written) {
		watched_format(&greynet->watched, clock);
		result = put_meta(greynet, CLOCK_KEY, clock, complaint);
	}
	if (result == 0 && monotonic_us - greynet->purged_us >= PURGE_US)
		result = purge(greynet, complaint);
	return result;
}

static void settle_hosts(struct greynet *greynet, bool are_kept)
{
	size_t position = 0;
	struct grey_host *host;
	while (greynet->written > 0 && (host = table_next(greynet->hosts, &position)) != NULL) {
		if (!host->is_written)
			continue;
		host->is_written = false;
		greynet->written--;
		if (!are_kept)
			continue;
		host->is_dirty = false;
		host->stored_us = host->last_us;
		host->is_two_way_stored = host->two_way;
		greynet->dirty--;
	}
}

void greynet_commit(struct greynet *greynet)
{
	if (greynet->watched.now_us == INT64_MIN)
		return;
	settle_hosts(greynet, true);
	for (size_t i = 0; i < greynet->range_count; i++)
		greynet->ranges[i].is_stored = greynet->ranges[i].since_us != INT64_MIN;
	if (greynet->clock_is_written) {
		greynet->written_us = greynet->attempted_us;
		greynet->is_ending = false;
	}
	greynet->clock_is_written = false;
	if (greynet->attempted_us - greynet->purged_us >= PURGE_US) {
		greynet->purged_us = greynet->attempted_us;
		forget_hosts(greynet);
	}
}

void greynet_forget(struct greynet *greynet)
{
	settle_hosts(greynet, false);
	greynet->clock_is_written = false;
}
