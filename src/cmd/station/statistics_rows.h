/*
 * statistics_rows.h - rows of statistics in bounded memory, and which sources are new to a row.
 *
 * When there are more rows than room, the lightest half gives up its ports and joins the rest
 * (port -1) of its kind, protocol and country; rests give up their country, then their protocol. So
 * totals are never lost, and what is frequent keeps its name.
 */
#ifndef CMD_STATION_STATISTICS_ROWS_H
#define CMD_STATION_STATISTICS_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* What a row is kept under, in three lengths of time. */
enum statistics_period {
	STATISTICS_5M,
	STATISTICS_HOUR,
	STATISTICS_DAY,
	STATISTICS_PERIODS,
};

int64_t statistics_period_us(enum statistics_period period);
/* Where the period begins that holds this time. */
int64_t statistics_period_start(enum statistics_period period, int64_t time_us);

enum {
	STATISTICS_NO_PORT = -1,
	STATISTICS_LEVEL_MAX = 3, /* of coarseness */
};

struct statistics_key {
	int64_t start_us; /* of its five minutes; of a longer period where that is written */
	uint32_t network; /* 0: not known, or several */
	int32_t port;     /* STATISTICS_NO_PORT: none, or several */
	uint8_t kind;     /* enum sighting_kind */
	uint8_t protocol;
	char country[2];  /* zeros: not known, or several */
	uint32_t padding; /* 0, so that keys can be compared as bytes */
};

struct statistics_row {
	struct statistics_key key;
	uint64_t packets;
	uint64_t bytes;
	uint64_t sources[STATISTICS_PERIODS]; /* that the row of the period had not yet */
};

/* The key of the rest to which it belongs: 1 without port and network, 2 without country as well,
   3 without protocol. */
struct statistics_key statistics_coarsen(const struct statistics_key *key, int level);
int statistics_level(const struct statistics_key *key); /* the highest that changes nothing */

struct statistics_rows;

/* NULL when memory is out. At least STATISTICS_ROWS_LEAST. */
struct statistics_rows *statistics_rows_new(size_t rows_max);
void statistics_rows_free(struct statistics_rows *rows); /* NULL is allowed */
void statistics_rows_clear(struct statistics_rows *rows);

enum {
	STATISTICS_ROWS_LEAST = 64, /* every kind of some slots has a rest */
};

/* Adds up; counts stop at INT64_MAX, which is all that a store can hold. */
void statistics_rows_add(struct statistics_rows *rows, const struct statistics_row *row);
size_t statistics_rows_count(const struct statistics_rows *rows);
uint64_t statistics_rows_folded(const struct statistics_rows *rows); /* so far, into rests */
/* Rests that found no room themselves: of more times at once than any clock goes through; and rows
   for which there was no memory. */
uint64_t statistics_rows_lost(const struct statistics_rows *rows);
/* Walks in no order that means anything; `*position` starts at 0. NULL at the end. */
const struct statistics_row *statistics_rows_next(
    const struct statistics_rows *rows, size_t *position);

/*
 * Remembers for a day which sources a row has counted, in a fixed table: of a set of buckets the
 * one whose source was longest quiet is given to a new one, which then may count again.
 */
struct origins;

enum {
	ORIGINS_MAX = 128 * 1024, /* sources of rows, 3 MiB */
};

struct origins *origins_new(size_t origins_max); /* NULL when memory is out */
void origins_free(struct origins *origins);      /* NULL is allowed */

/*
 * `count` sources under this hash (of a row and of where they are) are there in the five minutes
 * that hold `time_us`. Gives how many of them are new to each period's row: none as long as no more
 * were there at once. A hash of several sources so gives the most at once, which is too few rather
 * than too many.
 */
void origins_note(struct origins *origins, uint64_t hash, int64_t time_us, uint64_t count,
    uint64_t ret_new[static STATISTICS_PERIODS]);

#endif
