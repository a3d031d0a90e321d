/*
 * stats_words.h - what `hinomi stats` says to people, in each language, as phrases (notify/text.h).
 * A test holds that all languages have the same places.
 */
#ifndef CMD_STATION_STATS_WORDS_H
#define CMD_STATION_STATS_WORDS_H

#include "notify/wording.h"

enum stats_word {
	STATS_TITLE, /* 1 station, 2 length of a period, 3 from, 4 to */
	STATS_NOTHING,
	STATS_PERIOD_5M,
	STATS_PERIOD_HOUR,
	STATS_PERIOD_DAY,
	STATS_FILTERED, /* 1 what is shown */
	STATS_HEAD_TIME,
	STATS_HEAD_PORTS,
	STATS_HEAD_COUNTRIES,
	STATS_HEAD_NETWORKS,
	STATS_HEAD_KINDS,
	STATS_HEAD_GAPS,
	STATS_HEAD_COVERAGE,
	STATS_HEAD_KEPT,
	STATS_PACKETS,
	STATS_SHARE,
	STATS_BYTES,
	STATS_SOURCES,
	STATS_IN_ALL,
	STATS_SOURCES_MEANING, /* 1 length of a period */
	STATS_MORE,            /* 1 how many lines */
	STATS_LEFT_OUT,        /* 1 rows */
	STATS_OTHER_PORTS,     /* 1 protocol */
	STATS_NO_PORTS,
	STATS_UNKNOWN,
	STATS_NETWORK, /* 1 number */
	STATS_KIND_REQUEST,
	STATS_KIND_REPLY,
	STATS_KIND_NEIGHBOUR,
	STATS_KIND_PROBE,
	STATS_KIND_FLOODED,
	STATS_KIND_REFLECTED,
	STATS_NO_GAPS,
	STATS_GAP,      /* 1 source, 2 kind, 3 first, 4 last, 5 how often */
	STATS_GAP_LOST, /* as STATS_GAP, 6 of how much */
	STATS_DARK,     /* 1 in all, 2 declared, 3 learned */
	STATS_DARK_MORE,
	STATS_DARK_NONE,
	STATS_REACH,       /* 1 rate, 2 on average, 3 in 95 of 100 cases */
	STATS_V6,          /* 1 ranges, 2 machines */
	STATS_RANGE_READY, /* 1 range */
	STATS_RANGE_YOUNG, /* 1 range, 2 watched, 3 of */
	STATS_NO_RANGES,
	STATS_BLIND,
	STATS_REMEMBERS,     /* 1 time */
	STATS_REMOVED,       /* 1 class, 2 how many, 3 until */
	STATS_REMOVED_SPACE, /* the same, for want of room */
	STATS_CLASS_STATISTICS_5M,
	STATS_CLASS_STATISTICS_HOUR,
	STATS_CLASS_STATISTICS_DAY,
	STATS_CLASS_BATCHES,
	STATS_CLASS_GAPS,
	STATS_CLASS_NOTICES,
	STATS_CLASS_EVENTS,
	STATS_CLASS_INCIDENTS,
	STATS_CLASS_CANARIES,
	STATS_WORDS
};

const char *stats_word(enum language language, enum stats_word word);

#endif
