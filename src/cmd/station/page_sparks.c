#include "cmd/station/page_sparks.h"

#include "cmd/station/page_events.h"
#include "cmd/station/page_tower.h"
#include "cmd/station/wire.h"
#include "cmd/station/wire_web.h"

/* Told anew in time. */
#define TELL_US (WIRE_WATCHED_US / 3)

void page_sparks_tick(struct page *page)
{
	static int64_t told_us; /* monotonic */
	struct channel *keeper = page_keeper(page);
	const int64_t now_us = loop_monotonic_us(page_loop(page));
	if (keeper == NULL || !page_events_want_sparks(page_events(page))) {
		told_us = 0;
	} else if (told_us == 0 || now_us - told_us >= TELL_US) {
		told_us = now_us;
		(void)wire_send_watched(keeper); /* else soon again */
	}
}

static bool write_news(void *context, FILE *out, const struct page_who *who)
{
	const struct tower_viewer viewer = page_tower_viewer(who);
	return page_sparks_write(out, context, &viewer);
}

bool page_sparks_take(struct page *page, const struct message *message)
{
	static struct sparks_news news; /* large */
	if (message->type != WIRE_SPARKS)
		return false;
	if (wire_read_sparks(message, &news))
		page_events_send_sparks(page_events(page), "sparks", write_news, &news);
	return true;
}
