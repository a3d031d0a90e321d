/*
 * sparks.h - a sample of what is observed at this moment, for a picture of it (the page's tower).
 *
 * Only while somebody watches. What one sender did to one member by one kind, protocol and port
 * since the last taking is one spark. Room is bounded and fair: sparks wait in lanes, one for each
 * member and kind, where there is no more room the longest gives some, and all are told in turn, so
 * that neither a flood nor a busy member leaves the others out; what finds no place is counted.
 * Targets of a sighting are told by a uniform sample of them (address_set.h).
 *
 * What members do is told as it happens. What strangers do comes when its minute has ended, and is
 * given out little by little over the next; to addresses that are declared dark it comes as sums,
 * which do not tell to which of them. Nothing of the canary is told.
 */
#ifndef CMD_STATION_SPARKS_H
#define CMD_STATION_SPARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "cmd/station/roster.h"
#include "observe/observer.h"

enum {
	SPARKS_LANES = 256, /* more members and kinds at once share them */
	SPARKS_ROOM = 4096, /* in all lanes: as much as is told in a busy minute */
	SPARKS_MAX = 256, /* of one taking: more than an eye can follow in a quarter of a second */
	SPARKS_TARGETS_MAX = 32, /* of a sighting that are looked at */
	SPARKS_PLACES_MAX = 4,   /* members at which the targets of one are told apart */
	/* What is told of a minute at its end comes in so many parts: within fifty seconds. */
	SPARKS_PAST_TAKINGS = 200,
	/* Looked at between two takings; more are only counted, so that a flood costs no turn. */
	SPARKS_SIGHTINGS_MAX = 8192,
};

/* What is no older than the latest by so much is of this moment. */
#define SPARKS_NOW_US   INT64_C(3000000)
#define SPARKS_CLOCK_US INT64_C(600000000)

/* The picture tells these apart. */
enum spark_kind {
	SPARK_REQUEST, /* somebody asked */
	SPARK_REPLY,   /* an answer that nobody asked for: an echo of an attack elsewhere */
	SPARK_PROBE,   /* a packet by which one finds out what is there */
	SPARK_FLOOD,   /* one of very many to the same machine */
	SPARK_KIND_COUNT,
};

/* Bits of spark.flags. */
enum {
	SPARK_DARK = 1 << 0,  /* nobody uses the target, by declaration or as was learned */
	SPARK_DRILL = 1 << 1, /* an exercise */
	SPARK_SUM = 1 << 2,   /* sender and target are no single addresses */
	SPARK_PAST = 1 << 3,  /* it was told when its minute had ended */
	SPARK_FLAGS_ALL = SPARK_DARK | SPARK_DRILL | SPARK_SUM | SPARK_PAST,
};

#define SPARK_NOBODY INT64_C(-1) /* of no member */

/* As it lies in memory between duties (station/wire_sparks.h): no holes. */
struct spark {
	struct address from; /* of SPARK_SUM: the start of its prefix */
	struct address to;   /* one of the targets; of SPARK_SUM unspecified */
	int64_t from_member; /* its id, 0 for `local`; SPARK_NOBODY */
	int64_t to_member;
	uint64_t packets;
	uint32_t targets; /* distinct; an estimate where there are many; 0: not known */
	uint16_t port;
	uint8_t kind; /* enum spark_kind */
	uint8_t protocol;
	uint8_t flags;
	uint8_t from_bits; /* as in struct prefix */
	uint8_t unused[6]; /* 0 */
};

struct sparks_news {
	uint32_t bytes; /* of this structure */
	uint32_t count;
	int64_t at_us; /* by the clock of packets: of the latest; INT64_MIN: there is none */
	uint64_t left; /* sightings that are in no spark, */
	uint64_t left_packets; /* and their packets */
	struct spark list[SPARKS_MAX];
};

/* For who is given one by another process. */
bool sparks_news_is_sound(const struct sparks_news *news);

struct sparks;

/* Whether nobody uses an address that is not declared dark; NULL: that is never known. */
struct sparks_options {
	bool (*is_learned_dark)(const void *context, const struct address *address);
	const void *context;
};

/* 0 or -ENOMEM. */
int sparks_new(const struct sparks_options *options, struct sparks **ret_sparks);
void sparks_free(struct sparks *sparks); /* NULL is allowed */

/* Borrowed until another comes; what was gathered under the one before is dropped. */
void sparks_set_roster(struct sparks *sparks, const struct roster *roster);
/* Without, nothing is gathered, and that costs nothing. */
void sparks_set_watched(struct sparks *sparks, bool is_watched);
const struct observer_sink *sparks_sink(struct sparks *sparks);

/* Gives what came since the last call, and forgets it. False when that is nothing. */
bool sparks_take(struct sparks *sparks, struct sparks_news *ret_news);

#endif
