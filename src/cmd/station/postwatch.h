/*
 * postwatch.h - what a canary cannot see of a source: a cable that was pulled, a mirror port that
 * somebody switched off, packets that come too fast to be read.
 *
 * A canary goes the whole way whether the wire brings anything or not. So each source is held
 * against what is usual there: the packets of a minute, averaged over some hours. Where that is
 * more than a few, ten minutes of nothing are no accident.
 */
#ifndef CMD_STATION_POSTWATCH_H
#define CMD_STATION_POSTWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/when.h"

#define POSTWATCH_DOWN_US   WHEN_MINUTE_US
#define POSTWATCH_SILENT_US (10 * WHEN_MINUTE_US)
#define POSTWATCH_LOST_US   (10 * WHEN_MINUTE_US)

enum {
	/* Fewer packets a minute than this are often none at all. */
	POSTWATCH_USUAL_MIN = 10,
	/* What is usual is known after so many minutes. */
	POSTWATCH_LEARN_MINUTES = 60,
	/* Of so many packets in ten minutes one may be lost without an alarm; gaps tell each. */
	POSTWATCH_LOST_SHARE = 1000,
};

enum post_trouble {
	POST_DOWN,   /* the interface is down, or gone */
	POST_SILENT, /* it is up, and nothing comes as usually does */
	POST_LOSES,  /* packets come faster than they are read */
	POST_TROUBLES,
};

/* Zeroed at first. */
struct postwatch {
	int64_t began_us; /* of the minute that is counted; monotonic, as all; 0: none */
	uint64_t packets; /* as they were reported last */
	uint64_t in_minute;
	double usual;     /* packets a minute */
	unsigned minutes; /* that it was learned from */
	int64_t heard_us; /* when a packet came last */
	int64_t up_us;    /* when it was up last */
	int64_t lost_began_us;
	uint64_t lost;    /* in the ten minutes since then */
	uint64_t lost_of; /* packets in these */
	bool has_begun;
	bool is_on[POST_TROUBLES];
};

struct post_news {
	bool is_up;
	uint64_t packets; /* since the capture began; less than before when it began anew */
	uint64_t lost;    /* since the last news */
};

struct post_change {
	bool changed[POST_TROUBLES]; /* it began or ended */
	bool is_on[POST_TROUBLES];
	uint64_t lost;    /* of POST_LOSES */
	int64_t since_us; /* monotonic: when traffic or link was there last */
};

/* Takes in what a capture reported now, or nothing for long (`news` NULL). */
void postwatch_take(struct postwatch *watch, const struct post_news *news, int64_t now_us,
    struct post_change *ret_change);

#endif
