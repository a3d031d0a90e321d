#include "cmd/station/sparks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static_assert(sizeof(struct spark) == 72, "no holes: it goes to another process as it is");

struct lane_key {
	int64_t member;
	int64_t kind;
};

enum {
	NONE = UINT16_MAX,
	SAME_MAX = 32, /* of a lane that are looked at for one like it */
};

static_assert((int)SPARKS_ROOM < (int)NONE, "slots have numbers");

struct lane {
	struct lane_key key;
	uint16_t count; /* 0: it is nobody's */
	uint16_t head;  /* the latest; those before follow */
};

struct slot {
	struct spark spark;
	uint16_t next;
};

/* Where sparks wait to be told. */
struct lanes {
	uint16_t count;
	uint16_t used;       /* slots that were ever taken since it was emptied */
	uint16_t free;       /* that were given back */
	uint32_t first_lane; /* whose turn it is to be told first */
	struct lane list[SPARKS_LANES];
	struct slot slots[SPARKS_ROOM];
};

struct sparks {
	struct sparks_options options;
	struct observer_sink sink;
	const struct roster *roster; /* NULL: nothing can be told yet */
	bool is_watched;
	uint64_t seed;
	uint32_t seen; /* sightings since the last taking */
	int64_t at_us;
	uint64_t left;
	uint64_t left_packets;
	struct lanes now;
	struct lanes past;   /* of a minute that has ended: they are told little by little */
	uint32_t past_share; /* of a taking */
};

/* Where targets are: one member's, dark or not. */
struct place {
	int64_t member;
	bool is_dark;
	struct address example;
	uint32_t targets;
	uint64_t packets;
};

/* -1: the picture has nothing for it. */
static int kind_of(uint8_t kind)
{
	switch (kind) {
	case SIGHTING_REQUEST:
		return SPARK_REQUEST;
	case SIGHTING_REPLY:
		return SPARK_REPLY;
	case SIGHTING_NEIGHBOUR:
	case SIGHTING_PROBE:
		return SPARK_PROBE;
	case SIGHTING_FLOODED:
	case SIGHTING_REFLECTED:
		return SPARK_FLOOD;
	default:
		return -1;
	}
}

static int64_t member_id(const struct sparks *sparks, int number)
{
	return number == MEMBER_NONE ? SPARK_NOBODY : roster_member(sparks->roster, number)->id;
}

static void leave(struct sparks *sparks, uint64_t packets)
{
	sparks->left++;
	sparks->left_packets += packets;
}

/* Who is told of together, so that each has his share: a lane of their own, as long as there are.
 */
static struct lane *lane_of(
    const struct sparks *sparks, struct lanes *pool, const struct spark *spark)
{
	const struct lane_key key = {
	    spark->to_member != SPARK_NOBODY ? spark->to_member : spark->from_member, spark->kind};
	const uint64_t hash = hash_bytes(&key, sizeof key, sparks->seed);
	for (uint64_t i = 0; i < SPARKS_LANES; i++) {
		struct lane *lane = &pool->list[(hash + i) % SPARKS_LANES];
		if (lane->count == 0)
			lane->key = key;
		if (lane->key.member == key.member && lane->key.kind == key.kind)
			return lane;
	}
	return &pool->list[hash % SPARKS_LANES];
}

static bool is_same(const struct spark *a, const struct spark *b)
{
	return a->from_member == b->from_member && a->to_member == b->to_member &&
	       a->kind == b->kind && a->protocol == b->protocol && a->port == b->port &&
	       a->flags == b->flags && a->from_bits == b->from_bits &&
	       address_equal(&a->from, &b->from);
}

/* Takes the latest of a lane; its slot is free. */
static const struct spark *pop(struct lanes *pool, struct lane *lane)
{
	struct slot *slot = &pool->slots[lane->head];
	const uint16_t number = lane->head;
	lane->head = slot->next;
	lane->count--;
	pool->count--;
	slot->next = pool->free;
	pool->free = number;
	return &slot->spark;
}

/* Where there is no room, the longest lane gives some, unless it is this one. */
static bool make_room(struct sparks *sparks, struct lanes *pool, const struct lane *lane)
{
	struct lane *longest = &pool->list[0];
	if (pool->count < SPARKS_ROOM)
		return true;
	for (size_t i = 1; i < SPARKS_LANES; i++)
		if (pool->list[i].count > longest->count)
			longest = &pool->list[i];
	if (longest->count <= lane->count + 1)
		return false;
	leave(sparks, pop(pool, longest)->packets);
	return true;
}

static void push(struct lanes *pool, struct lane *lane, const struct spark *spark)
{
	uint16_t number = pool->free;
	if (number != NONE)
		pool->free = pool->slots[number].next;
	else
		number = pool->used++;
	pool->slots[number] = (struct slot){*spark, lane->count == 0 ? (uint16_t)NONE : lane->head};
	lane->head = number;
	lane->count++;
	pool->count++;
}

static bool join_known(struct lanes *pool, const struct lane *lane, const struct spark *spark)
{
	uint16_t number = lane->head;
	for (int i = 0; i < lane->count && i < SAME_MAX; i++) {
		struct spark *known = &pool->slots[number].spark;
		number = pool->slots[number].next;
		if (!is_same(known, spark))
			continue;
		known->packets += spark->packets;
		/* told early again and again, a sighting brings its new targets */
		known->targets = known->targets > UINT32_MAX - spark->targets
				     ? UINT32_MAX
				     : known->targets + spark->targets;
		return true;
	}
	return false;
}

static void add(struct sparks *sparks, const struct spark *spark)
{
	struct lanes *pool = (spark->flags & SPARK_PAST) != 0 ? &sparks->past : &sparks->now;
	struct lane *lane = lane_of(sparks, pool, spark);
	if (join_known(pool, lane, spark))
		return;
	if (!make_room(sparks, pool, lane)) {
		leave(sparks, spark->packets);
		return;
	}
	push(pool, lane, spark);
	if (pool == &sparks->past && pool->count / SPARKS_PAST_TAKINGS >= sparks->past_share)
		sparks->past_share = pool->count / SPARKS_PAST_TAKINGS + 1;
}

static bool is_dark(
    const struct sparks *sparks, struct registry_place place, const struct address *address)
{
	return place.is_dark ||
	       (place.member != MEMBER_NONE && sparks->options.is_learned_dark != NULL &&
		   sparks->options.is_learned_dark(sparks->options.context, address));
}

/* Sorts targets into places; those of more members than there is room for join the last. */
static size_t find_places(const struct sparks *sparks, const struct address_set *targets,
    struct place places[static SPARKS_PLACES_MAX])
{
	size_t count = 0;
	const size_t looked =
	    targets->count < SPARKS_TARGETS_MAX ? targets->count : SPARKS_TARGETS_MAX;
	for (size_t i = 0; i < looked; i++) {
		const struct address_item *item = &targets->items[i];
		const struct registry_place found =
		    registry_find(sparks->roster->registry, &item->address);
		const int64_t member = member_id(sparks, found.member);
		const bool dark = is_dark(sparks, found, &item->address);
		size_t at = 0;
		while (at < count && (places[at].member != member || places[at].is_dark != dark))
			at++;
		if (at == SPARKS_PLACES_MAX)
			at--;
		else if (at == count)
			places[count++] = (struct place){
			    .member = member, .is_dark = dark, .example = item->address};
		places[at].targets++;
		places[at].packets += item->packets;
	}
	return count;
}

/* A share of a whole, as the sample tells it; at least 1. */
static uint64_t share_of(uint64_t whole, uint64_t part, uint64_t sample)
{
	const double share = (double)whole * (double)part / (double)(sample > 0 ? sample : 1);
	return share < 1 ? 1 : share >= (double)UINT32_MAX ? UINT32_MAX : (uint64_t)share;
}

/* The place is where the sender is: the subject is who was flooded. */
static void turn(struct spark *spark)
{
	const struct address from = spark->to;
	const int64_t member = spark->to_member;
	spark->to = spark->from;
	spark->to_member = spark->from_member;
	spark->from = from;
	spark->from_member = member;
}

static void add_places(
    struct sparks *sparks, const struct sighting *sighting, const struct spark *like)
{
	struct place places[SPARKS_PLACES_MAX];
	const size_t count = find_places(sparks, &sighting->targets, places);
	const uint64_t distinct = address_set_distinct(&sighting->targets);
	uint64_t targets = 0;
	uint64_t packets = 0;
	for (size_t i = 0; i < count; i++) {
		targets += places[i].targets;
		packets += places[i].packets;
	}
	if (count == 0)
		leave(sparks, sighting->packets);
	for (size_t i = 0; i < count; i++) {
		struct spark spark = *like;
		spark.to = places[i].example;
		spark.to_member = places[i].member;
		spark.targets = (uint32_t)share_of(distinct, places[i].targets, targets);
		spark.packets = share_of(sighting->packets, places[i].packets, packets);
		if (like->kind == SPARK_FLOOD)
			turn(&spark);
		else if (places[i].is_dark)
			spark.flags |= SPARK_DARK;
		add(sparks, &spark);
	}
}

static void note_time(struct sparks *sparks, int64_t time_us)
{
	/* a clock that was set back is another time */
	if (sparks->at_us < time_us || sparks->at_us - time_us > SPARKS_CLOCK_US)
		sparks->at_us = time_us;
}

static void on_sighting(void *context, const struct sighting *sighting)
{
	struct sparks *sparks = context;
	const int kind = kind_of(sighting->key.kind);
	if (!sparks->is_watched || sparks->roster == NULL || kind < 0 || sighting->packets == 0)
		return;
	const int64_t member = member_id(
	    sparks, registry_find_member(sparks->roster->registry, &sighting->key.subject));
	if (member == ROSTER_CANARY_ID)
		return;
	if (sparks->seen++ >= SPARKS_SIGHTINGS_MAX) {
		leave(sparks, sighting->packets);
		return;
	}
	note_time(sparks, sighting->last_us);
	const bool is_past = sparks->at_us - sighting->last_us > SPARKS_NOW_US;
	const struct spark like = {
	    .from = sighting->key.subject,
	    .from_member = member,
	    .port = sighting->key.port,
	    .kind = (uint8_t)kind,
	    .protocol = sighting->key.protocol,
	    .flags = (sighting->key.drill != 0 ? SPARK_DRILL : 0) | (is_past ? SPARK_PAST : 0),
	    .from_bits = ADDRESS_BITS,
	};
	add_places(sparks, sighting, &like);
}

static void on_sum(void *context, const struct sum *sum)
{
	struct sparks *sparks = context;
	const int kind = kind_of(sum->key.kind);
	if (!sparks->is_watched || sparks->roster == NULL || kind < 0 || sum->packets == 0)
		return;
	if (sparks->seen++ >= SPARKS_SIGHTINGS_MAX) {
		leave(sparks, sum->packets);
		return;
	}
	note_time(sparks, sum->last_us);
	const struct spark spark = {
	    .from = sum->key.address,
	    .from_member = SPARK_NOBODY,
	    .to_member = SPARK_NOBODY,
	    .packets = sum->packets,
	    .port = sum->key.port,
	    .kind = (uint8_t)kind,
	    .protocol = sum->key.protocol,
	    .flags = SPARK_SUM | SPARK_PAST | SPARK_DARK | (sum->key.drill != 0 ? SPARK_DRILL : 0),
	    .from_bits = sum->key.bits,
	};
	add(sparks, &spark);
}

static void on_host(void *context, const struct host *host)
{
	(void)context;
	(void)host;
}

static void on_carrier(void *context, const struct carrier *carrier)
{
	(void)context;
	(void)carrier;
}

static void on_window_end(void *context, int64_t window_us)
{
	(void)context;
	(void)window_us;
}

/* ---- The whole ---- */

static void empty(struct lanes *pool)
{
	for (size_t i = 0; i < SPARKS_LANES; i++)
		pool->list[i].count = 0;
	pool->count = 0;
	pool->used = 0;
	pool->free = NONE;
}

/* Of what is told as it comes. */
static void forget(struct sparks *sparks)
{
	empty(&sparks->now);
	sparks->seen = 0;
	sparks->left = 0;
	sparks->left_packets = 0;
}

static void forget_all(struct sparks *sparks)
{
	forget(sparks);
	empty(&sparks->past);
	sparks->past_share = 0;
	sparks->at_us = INT64_MIN;
}

int sparks_new(const struct sparks_options *options, struct sparks **ret_sparks)
{
	struct sparks *sparks = calloc(1, sizeof *sparks);
	if (sparks == NULL)
		return -ENOMEM;
	sparks->options = *options;
	sparks->seed = hash_seed_random();
	forget_all(sparks);
	sparks->sink = (struct observer_sink){
	    .context = sparks,
	    .on_sighting = on_sighting,
	    .on_host = on_host,
	    .on_carrier = on_carrier,
	    .on_window_end = on_window_end,
	    .on_sum = on_sum,
	};
	*ret_sparks = sparks;
	return 0;
}

void sparks_free(struct sparks *sparks)
{
	free(sparks);
}

void sparks_set_roster(struct sparks *sparks, const struct roster *roster)
{
	sparks->roster = roster;
	forget_all(sparks);
}

void sparks_set_watched(struct sparks *sparks, bool is_watched)
{
	if (sparks->is_watched && !is_watched)
		forget_all(sparks);
	sparks->is_watched = is_watched;
}

const struct observer_sink *sparks_sink(struct sparks *sparks)
{
	return &sparks->sink;
}

/* One of each lane, then another of each: so all have their share of the room. */
static void take_round(struct lanes *pool, uint32_t max, struct sparks_news *news)
{
	for (uint32_t i = 0; i < SPARKS_LANES && news->count < max; i++) {
		struct lane *lane = &pool->list[(pool->first_lane + i) % SPARKS_LANES];
		if (lane->count > 0)
			news->list[news->count++] = *pop(pool, lane);
	}
	pool->first_lane = (pool->first_lane + 1) % SPARKS_LANES;
}

static void take_lanes(struct lanes *pool, uint32_t count, struct sparks_news *news)
{
	const uint32_t room = SPARKS_MAX - news->count;
	const uint32_t max = news->count + (count < room ? count : room);
	while (pool->count > 0 && news->count < max)
		take_round(pool, max, news);
}

/* What found no room is left out. */
static void leave_rest(struct sparks *sparks)
{
	struct lanes *pool = &sparks->now;
	for (size_t i = 0; i < SPARKS_LANES; i++)
		while (pool->list[i].count > 0)
			leave(sparks, pop(pool, &pool->list[i])->packets);
}

bool sparks_take(struct sparks *sparks, struct sparks_news *ret_news)
{
	if (sparks->seen == 0 && sparks->past.count == 0)
		return false;
	memset(ret_news, 0, sizeof *ret_news);
	ret_news->bytes = sizeof *ret_news;
	take_lanes(&sparks->now, SPARKS_MAX, ret_news);
	take_lanes(&sparks->past, sparks->past_share, ret_news);
	leave_rest(sparks);
	ret_news->at_us = sparks->at_us;
	ret_news->left = sparks->left;
	ret_news->left_packets = sparks->left_packets;
	if (sparks->past.count == 0)
		sparks->past_share = 0;
	forget(sparks);
	return true;
}

static bool spark_is_sound(const struct spark *spark)
{
	static const uint8_t nothing[sizeof spark->unused];
	return spark->kind < SPARK_KIND_COUNT && (spark->flags & ~SPARK_FLAGS_ALL) == 0 &&
	       spark->from_bits <= ADDRESS_BITS && spark->from_member >= SPARK_NOBODY &&
	       spark->to_member >= SPARK_NOBODY &&
	       memcmp(spark->unused, nothing, sizeof nothing) == 0;
}

bool sparks_news_is_sound(const struct sparks_news *news)
{
	if (news->bytes != sizeof *news || news->count > SPARKS_MAX)
		return false;
	for (uint32_t i = 0; i < news->count; i++)
		if (!spark_is_sound(&news->list[i]))
			return false;
	return true;
}
