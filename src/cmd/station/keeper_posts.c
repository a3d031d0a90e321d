/*
 * keeper_posts.c - interfaces that are down, that hear nothing, that lose packets: how each stands
 * becomes alarms, and what is usual there is kept, so that a mirror that was switched off over a
 * restart is missed after it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/station/keeper_internal.h"

enum {
	KEY_BYTES = ATTENDANCE_SOURCE_BYTES + 16,
	VALUE_BYTES = 64,
	PACKETS_DIGITS = 1000, /* thousandths of a packet */
};
/* More come by no wire. */
#define PACKETS_MAX (INT64_C(1) << 50)

/* ---- What is usual ---- */

static void format_key(const struct keeper *keeper, size_t source, char out[static KEY_BYTES])
{
	(void)snprintf(out, KEY_BYTES, "usual.%s", keeper->attendances[source].source);
}

/* What is none of ours is as good as nothing: it is learned anew. */
static int see(void *context, const void *record)
{
	struct post_usual *usual = context;
	const struct store_meta *meta = record;
	int64_t minutes;
	int64_t packets;
	int end = 0;
	if (sscanf(meta->value, "%" SCNd64 " %" SCNd64 "%n", &minutes, &packets, &end) == 2 &&
	    meta->value[end] == '\0' && minutes >= 0 && minutes <= POSTWATCH_MEMORY_MINUTES &&
	    packets >= 0 && packets <= PACKETS_MAX)
		*usual = (struct post_usual){
		    .minutes = (unsigned)minutes, .packets = (double)packets / PACKETS_DIGITS};
	return 0;
}

int keeper_read_usual(struct keeper *keeper, size_t source, struct complaint *complaint)
{
	char key[KEY_BYTES];
	struct postwatch *watch = &keeper->posts[source];
	format_key(keeper, source, key);
	const struct store_query query = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = key}}};
	*watch = (struct postwatch){.limits = keeper->options.posts};
	return store_each(keeper->options.store, &query, see, &watch->usual, complaint);
}

bool keeper_has_usual(const struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->source_count; i++)
		if (keeper->posts[i].usual_is_new)
			return true;
	return false;
}

int keeper_write_usual(struct keeper *keeper, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < keeper->source_count && result == 0; i++) {
		char key[KEY_BYTES];
		char value[VALUE_BYTES];
		const struct post_usual *usual = &keeper->posts[i].usual;
		struct store_meta meta = {.key = key, .value = value};
		if (!keeper->posts[i].usual_is_new)
			continue;
		format_key(keeper, i, key);
		(void)snprintf(value, sizeof value, "%u %" PRId64, usual->minutes,
		    (int64_t)(usual->packets * PACKETS_DIGITS)); /* fits */
		result =
		    store_put(keeper->options.store, STORE_RECORD(&meta), STORE_REPLACE, complaint);
	}
	return result;
}

void keeper_commit_usual(struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->source_count; i++)
		keeper->posts[i].usual_is_new = false;
}

/* ---- Alarms ---- */

/* "eth0" of "ring:eth0?threads=2". */
static void name_interface(const char *address, char out[static ATTENDANCE_SOURCE_BYTES])
{
	const char *colon = strchr(address, ':');
	const char *name = colon != NULL ? colon + 1 : address;
	(void)snprintf(
	    out, ATTENDANCE_SOURCE_BYTES, "%.*s", (int)strcspn(name, "?"), name); /* fits */
}

void keeper_note_post(struct keeper *keeper, size_t source, const struct post_news *news,
    const struct keeper_clock *clock)
{
	static const enum alarm alarms[POST_TROUBLES] = {
	    [POST_DOWN] = ALARM_INTERFACE_DOWN,
	    [POST_SILENT] = ALARM_INTERFACE_SILENT,
	    [POST_LOSES] = ALARM_PACKETS_LOST,
	};
	char interface[ATTENDANCE_SOURCE_BYTES];
	struct post_change change;
	postwatch_take(&keeper->posts[source], news, clock->monotonic_us, &change);
	name_interface(keeper->attendances[source].source, interface);
	for (int i = 0; i < POST_TROUBLES; i++) {
		const int64_t passed_us =
		    i == POST_LOSES ? POSTWATCH_LOST_US : clock->monotonic_us - change.since_us;
		const struct alarm_report report = {
		    .alarm = alarms[i],
		    .what = interface,
		    .is_on = change.is_on[i],
		    .since_us = clock->wall_us - passed_us,
		    .lasting_us = i == POST_LOSES ? POSTWATCH_LOST_US : 0,
		    .number = i == POST_LOSES ? change.lost : 0,
		};
		if (change.is_on[i] || change.is_well[i])
			keeper_raise(keeper, &report, clock->wall_us);
	}
}
