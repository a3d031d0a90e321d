/*
 * postwatch.h - what a canary cannot see of a source: a cable that was pulled, a mirror port that
 * somebody switched off, packets that come too fast to be read.
 *
 * A canary goes the whole way whether the wire brings anything or not. So each source is held
 * against what is usual there: the packets of a minute, averaged over some hours. Where that is
 * more than a few, ten minutes of nothing are no accident. A switch that mirrors no more still says
 * something of its own now and then, so next to nothing is nothing where much is usual.
 */
#ifndef CMD_STATION_POSTWATCH_H
#define CMD_STATION_POSTWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/when.h"

#define POSTWATCH_LOST_US (10 * WHEN_MINUTE_US)

enum {
	/* Fewer packets a minute than this are often none at all. */
	POSTWATCH_USUAL_MIN = 10,
	/* What is usual is known after so many minutes. */
	POSTWATCH_LEARN_MINUTES = 60,
	/* It follows within some hours: a day's beginning is no alarm, nor its end. */
	POSTWATCH_MEMORY_MINUTES = 180,
	/* Of so many packets in ten minutes one may be lost without an alarm; gaps tell each. */
	POSTWATCH_LOST_SHARE = 1000,
	/* Less than such a share of what is usual is a silence. */
	POSTWATCH_SILENT_SHARE = 1000,
};

/* After how long it is an alarm; 0: never. */
struct post_limits {
	int64_t down_us;
	int64_t silent_us;
};

enum post_trouble {
	POST_DOWN,   /* the interface is down, or gone */
	POST_SILENT, /* it is up, and nothing comes as usually does */
	POST_LOSES,  /* packets come faster than they are read */
	POST_TROUBLES,
};

/* What is usual, as it is kept over restarts. */
struct post_usual {
	unsigned minutes; /* that it was learned from */
	double packets;   /* in a minute */
};

/* Zeroed at first, but for its limits, and for what is usual where that is known. */
struct postwatch {
	struct post_limits limits;
	struct post_usual usual;
	bool usual_is_new; /* since somebody has set this to false */
	int64_t began_us;  /* of the minute that is counted; monotonic, as all; 0: none */
	uint64_t packets;  /* as they were reported last */
	uint64_t in_minute;
	int64_t heard_us; /* when enough came last */
	int64_t up_us;    /* when it was up last */
	int64_t lost_began_us;
	uint64_t lost;        /* in the ten minutes since then */
	uint64_t lost_of;     /* packets in these */
	uint64_t lost_before; /* in the ten minutes before */
	bool has_begun;
	bool is_up;      /* as it was said last */
	bool has_heard;  /* since it was begun or was down: enough came */
	bool has_judged; /* losses of ten minutes, at least once */
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
	/*
	 * It is known not to be: after a start what was wrong before may be still, until there is
	 * proof. Neither: nobody knows.
	 */
	bool is_well[POST_TROUBLES];
	uint64_t lost;    /* of POST_LOSES: in the last ten minutes that were judged */
	int64_t since_us; /* monotonic: when traffic or link was there last */
};

/* Takes in what a capture reported now, or nothing for long (`news` NULL). */
void postwatch_take(struct postwatch *watch, const struct post_news *news, int64_t now_us,
    struct post_change *ret_change);

#endif
