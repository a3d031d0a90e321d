/*
 * presence.h - since when, and until when, a capture watches its source.
 *
 * A source is watched while frames of it may come: it is open, and its interface is up and has a
 * carrier. What happens meanwhile on a wire that is down is observed as little as on an interface
 * that is gone; both make a gap when the source is watched again (attendance.h), which is told by
 * `since_us` being another.
 */
#ifndef CMD_STATION_PRESENCE_H
#define CMD_STATION_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed at first. */
struct presence {
	bool is_watching;
	unsigned downs;    /* so often in turn it was not up */
	int64_t since_us;  /* wall: it was watched from then on; 0: it never was */
	int64_t until_us;  /* of one that is watched no more */
	int64_t looked_us; /* when it was looked at last, and was watched */
	uint64_t frames;   /* that the source had given by then */
};

struct presence_look {
	bool is_open;
	bool is_up;
	uint64_t frames; /* since it was opened */
	int64_t now_us;  /* wall */
};

enum presence_news {
	PRESENCE_SAME,
	PRESENCE_BEGAN,
	PRESENCE_ENDED,
};

/*
 * Takes in how the source is now. It ended when it was last seen watching, or, where its wire is
 * down, a second earlier, as long as the kernel may take to say so: what came of it since then is
 * known, but not until when.
 */
enum presence_news presence_look(struct presence *presence, const struct presence_look *look);

/*
 * Until when all that came was told: what strangers did in a window is told at its end, and a frame
 * may lie in the kernel's ring for `slack_us` before it is seen. What a source brought before it
 * was lost is not lost.
 */
int64_t presence_until(const struct presence *presence, int64_t now_us, int64_t slack_us);

#endif
