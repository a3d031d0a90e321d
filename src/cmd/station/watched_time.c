#include "cmd/station/watched_time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void watched_init(struct watched_time *watched)
{
	*watched = (struct watched_time){.now_us = INT64_MIN, .heard_us = INT64_MIN};
}

static void join_oldest(struct watched_time *watched)
{
	watched->pauses[0].to_us = watched->pauses[1].to_us;
	watched->count--;
	memmove(&watched->pauses[1], &watched->pauses[2],
	    (watched->count - 1) * sizeof watched->pauses[0]);
}

static void add_pause(struct watched_time *watched, int64_t from_us, int64_t to_us)
{
	struct watched_pause *last =
	    watched->count == 0 ? NULL : &watched->pauses[watched->count - 1];
	if (last != NULL && from_us <= last->to_us) {
		if (to_us > last->to_us)
			last->to_us = to_us;
		return;
	}
	if (watched->count == WATCHED_PAUSES_MAX)
		join_oldest(watched);
	watched->pauses[watched->count++] = (struct watched_pause){from_us, to_us};
}

void watched_note(struct watched_time *watched, int64_t time_us)
{
	if (time_us > watched->heard_us)
		watched->heard_us = time_us;
}

void watched_advance(struct watched_time *watched, int64_t time_us)
{
	const int64_t before_us = watched->now_us;
	watched->now_us = time_us;
	if (before_us == INT64_MIN || watched->heard_us == INT64_MIN || time_us < before_us) {
		/* also a clock that was set back: silence begins anew */
		watched->heard_us = watched->heard_us > time_us || watched->heard_us == INT64_MIN
					? time_us
					: watched->heard_us;
		return;
	}
	if (time_us - before_us > WATCHED_JUMP_US)
		add_pause(watched, before_us, time_us);
	if (time_us - watched->heard_us > WATCHED_SILENT_US)
		add_pause(watched, watched->heard_us, time_us);
}

int64_t watched_since(const struct watched_time *watched, int64_t time_us)
{
	if (watched->now_us == INT64_MIN || time_us >= watched->now_us)
		return 0;
	if (time_us == INT64_MIN)
		return INT64_MAX; /* since ever */
	int64_t passed_us = watched->now_us - time_us;
	for (size_t i = watched->count; i > 0 && watched->pauses[i - 1].to_us > time_us; i--) {
		const struct watched_pause *pause = &watched->pauses[i - 1];
		const int64_t from_us = pause->from_us > time_us ? pause->from_us : time_us;
		const int64_t to_us =
		    pause->to_us < watched->now_us ? pause->to_us : watched->now_us;
		if (to_us > from_us)
			passed_us -= to_us - from_us;
	}
	return passed_us > 0 ? passed_us : 0;
}

int64_t watched_before(const struct watched_time *watched, int64_t length_us)
{
	if (watched->now_us == INT64_MIN)
		return INT64_MIN;
	int64_t time_us = watched->now_us - length_us;
	for (size_t i = watched->count; i > 0; i--) {
		const struct watched_pause *pause = &watched->pauses[i - 1];
		if (pause->to_us <= time_us)
			break;
		time_us -= pause->to_us - pause->from_us;
	}
	return time_us;
}

void watched_forget(struct watched_time *watched, int64_t length_us)
{
	size_t old = 0;
	while (
	    old < watched->count && watched_since(watched, watched->pauses[old].to_us) > length_us)
		old++;
	watched->count -= old;
	memmove(watched->pauses, watched->pauses + old, watched->count * sizeof watched->pauses[0]);
}

void watched_format(const struct watched_time *watched, char out[static WATCHED_TEXT_BYTES])
{
	size_t used = (size_t)snprintf(out, WATCHED_TEXT_BYTES, "%" PRId64, watched->now_us);
	for (size_t i = 0; i < watched->count; i++)
		used += (size_t)snprintf(out + used, WATCHED_TEXT_BYTES - used,
		    " %" PRId64 ":%" PRId64, watched->pauses[i].from_us, watched->pauses[i].to_us);
}

/* A number, and the sign after it. */
static int read_number(const char **text, char end, int64_t *ret_number)
{
	char *after;
	errno = 0;
	const long long number = strtoll(*text, &after, 10);
	if (after == *text || errno != 0 || (*after != end && *after != '\0'))
		return -EINVAL;
	*ret_number = number;
	*text = after + (*after != '\0');
	return 0;
}

int watched_parse(const char *text, struct watched_time *ret_watched)
{
	struct watched_time read;
	watched_init(&read);
	if (read_number(&text, ' ', &read.now_us) != 0)
		return -EINVAL;
	while (*text != '\0') {
		struct watched_pause pause;
		if (read.count == WATCHED_PAUSES_MAX ||
		    read_number(&text, ':', &pause.from_us) != 0 ||
		    read_number(&text, ' ', &pause.to_us) != 0 || pause.to_us < pause.from_us ||
		    (read.count > 0 && pause.from_us < read.pauses[read.count - 1].to_us))
			return -EINVAL;
		read.pauses[read.count++] = pause;
	}
	read.heard_us = read.now_us;
	*ret_watched = read;
	return 0;
}
