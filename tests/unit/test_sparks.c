/* A sample of what happens now: who is told of, in fair shares, and what is left out is counted. */
#include "cmd/station/sparks.h"

#include <stdlib.h>
#include <string.h>

#include "observe/slab.h"
#include "store_help.h"
#include "test.h"

enum {
	PROTOCOL_TCP = 6,
	EACH = 16,
	CROWD = 40, /* more members, each with one of 10.0.0.0/24 ... */
};
#define CITY     UINT32_C(0xcb007100) /* 203.0.113.0/24 */
#define HOSPITAL UINT32_C(0xc6336400) /* 198.51.100.0/24, of which .128/25 is declared dark */
#define TEN      UINT32_C(0x0a000000)
#define STRANGER UINT32_C(0x08080808)
#define SILENT   (CITY + 77) /* learned dark */

static struct store *store;
static struct roster *roster;
static struct sparks *sparks;
static struct slab *slab;
static struct sparks_news news;
static int64_t city;
static int64_t hospital;

static bool is_learned_dark(const void *context, const struct address *address)
{
	(void)context;
	return address_low32(address) == SILENT || address_low32(address) == STRANGER;
}

static int64_t add_member(const char *name, const char *prefix)
{
	struct store_member member = {.name = name, .language = "ja", .zone = "Asia/Tokyo"};
	struct store_prefix owned = {.prefix = prefix};
	if (store_put(store, STORE_RECORD(&member), STORE_REPLACE, NULL) != 0)
		exit(1);
	owned.member_id = member.id;
	if (store_put(store, STORE_RECORD(&owned), STORE_REPLACE, NULL) != 0)
		exit(1);
	return member.id;
}

static void begin(void)
{
	struct complaint complaint;
	const struct sparks_options options = {.is_learned_dark = is_learned_dark};
	struct prefix dark;
	const char *why;
	store = open_store("memory", NULL, false);
	if (store_begin(store, NULL) != 0 || prefix_parse("198.51.100.128/25", &dark, &why) != 0)
		exit(1);
	city = add_member("city", "203.0.113.0/24");
	hospital = add_member("hospital", "198.51.100.0/24");
	for (int i = 0; i < CROWD; i++) {
		char name[32];
		char range[32];
		(void)snprintf(name, sizeof name, "member %d", i);
		(void)snprintf(range, sizeof range, "10.0.%d.0/24", i);
		(void)add_member(name, range);
	}
	const struct roster_options roster_options = {.dark = &dark, .dark_count = 1, .zone = ""};
	if (store_commit(store, NULL) != 0 ||
	    roster_read(store, &roster_options, &roster, &complaint) != 0 ||
	    sparks_new(&options, &sparks) != 0)
		exit(1);
	slab = slab_new(64 << 20, &slab_sizes_address_set);
	sparks_set_roster(sparks, roster);
	sparks_set_watched(sparks, true);
}

static void end(void)
{
	sparks_free(sparks);
	roster_free(roster);
	store_close(store);
	slab_free(slab);
}

static struct sighting make(uint32_t source, enum sighting_kind kind, uint16_t port)
{
	struct sighting sighting = {
	    .key = {.subject = address_from_v4_u32(source),
		.port = port,
		.kind = (uint8_t)kind,
		.protocol = PROTOCOL_TCP},
	};
	sighting_init(&sighting);
	sighting.first_us = 1000;
	sighting.last_us = 2000;
	return sighting;
}

static void touch(struct sighting *sighting, uint32_t target)
{
	const struct address address = address_from_v4_u32(target);
	const struct address_touch one = {.first_us = 1000, .last_us = 2000, .packets = 1};
	(void)address_set_touch(&sighting->targets, slab, &address, &one);
	sighting->packets++;
}

static void tell(struct sighting *sighting)
{
	const struct observer_sink *sink = sparks_sink(sparks);
	sink->on_sighting(sink->context, sighting);
	sighting_clear(sighting, slab);
}

static void tell_one(uint32_t source, enum sighting_kind kind, uint32_t target, uint16_t port)
{
	struct sighting sighting = make(source, kind, port);
	touch(&sighting, target);
	tell(&sighting);
}

static const struct spark *find(int64_t from, int64_t to)
{
	for (uint32_t i = 0; i < news.count; i++)
		if (news.list[i].from_member == from && news.list[i].to_member == to)
			return &news.list[i];
	return NULL;
}

static void test_directions(void)
{
	begin();
	tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 22);
	tell_one(CITY + 2, SIGHTING_REQUEST, HOSPITAL + 200, 445);
	tell_one(HOSPITAL + 3, SIGHTING_FLOODED, STRANGER, 80);
	OK(sparks_take(sparks, &news) && news.count == 3 && news.left == 0 && news.at_us == 2000 &&
		sparks_news_is_sound(&news),
	    "three sightings, three sparks");
	const struct spark *spark = find(SPARK_NOBODY, city);
	OK(spark != NULL && spark->kind == SPARK_REQUEST && spark->port == 22 &&
		address_low32(&spark->from) == STRANGER && address_low32(&spark->to) == CITY + 1 &&
		spark->flags == 0 && spark->packets == 1 && spark->targets == 1,
	    "a stranger asks a member");
	spark = find(city, hospital);
	OK(spark != NULL && spark->flags == SPARK_DARK, "a member asks a dark address of another");
	spark = find(SPARK_NOBODY, hospital);
	OK(spark != NULL && spark->kind == SPARK_FLOOD &&
		address_low32(&spark->to) == HOSPITAL + 3 &&
		address_low32(&spark->from) == STRANGER && spark->flags == 0,
	    "who floods is where it comes from, though the sighting is the victim's");
	OK(!sparks_take(sparks, &news), "each is given once");
	end();
}

static void test_dark(void)
{
	begin();
	struct sighting sighting = make(CITY + 2, SIGHTING_REQUEST, 445);
	touch(&sighting, SILENT);
	touch(&sighting, CITY + 9);
	touch(&sighting, HOSPITAL + 130);
	touch(&sighting, HOSPITAL + 1);
	touch(&sighting, STRANGER);
	tell(&sighting);
	OK(sparks_take(sparks, &news) && news.count == SPARKS_PLACES_MAX,
	    "targets are told apart by member and darkness, as far as there is room");
	uint64_t packets = 0;
	uint32_t dark = 0;
	for (uint32_t i = 0; i < news.count; i++) {
		packets += news.list[i].packets;
		dark += (news.list[i].flags & SPARK_DARK) != 0;
	}
	OK(packets == 5, "and no packet is lost by that");
	OK(dark == 2 || dark == 1, "declared or learned, dark is dark");
	tell_one(CITY + 3, SIGHTING_REQUEST, SILENT, 23);
	tell_one(CITY + 3, SIGHTING_REQUEST, STRANGER, 23);
	OK(sparks_take(sparks, &news) && find(city, city)->flags == SPARK_DARK &&
		find(city, SPARK_NOBODY)->flags == 0,
	    "only of members darkness was learned");
	end();
}

static void test_merging(void)
{
	begin();
	for (int i = 0; i < 100; i++)
		tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 22);
	tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 23);
	OK(sparks_take(sparks, &news) && news.count == 2 && news.list[1].packets == 100,
	    "the same again and again is one spark");
	struct sighting wide = make(STRANGER, SIGHTING_REQUEST, 22);
	for (uint32_t i = 0; i < 250; i++)
		touch(&wide, CITY + i);
	for (uint32_t i = 0; i < 750; i++)
		touch(&wide, 0x09000000 + i);
	tell(&wide);
	const struct spark *spark;
	OK(sparks_take(sparks, &news) && news.count >= 2 &&
		(spark = find(SPARK_NOBODY, SPARK_NOBODY)) != NULL && spark->packets > 400 &&
		spark->packets < 1000 && spark->targets > 400,
	    "of very many targets a sample tells the shares");
	end();
}

static void test_room(void)
{
	begin();
	for (uint32_t i = 0; i < SPARKS_MAX; i++)
		tell_one(STRANGER + i * 256, SIGHTING_REQUEST, CITY + 1, 22);
	OK(sparks_take(sparks, &news) && news.count == SPARKS_MAX && news.left == 0,
	    "as many as are given");
	for (uint32_t i = 0; i < SPARKS_MAX + 1; i++)
		tell_one(STRANGER + i * 256, SIGHTING_REQUEST, CITY + 1, 22);
	OK(sparks_take(sparks, &news) && news.count == SPARKS_MAX && news.left == 1 &&
		news.left_packets == 1,
	    "and one more is counted");
	for (uint32_t i = 0; i < SPARKS_ROOM + 1; i++)
		tell_one(STRANGER + i * 256, SIGHTING_REQUEST, CITY + 1, 22);
	tell_one(STRANGER, SIGHTING_REQUEST, HOSPITAL + 1, 22);
	tell_one(STRANGER, SIGHTING_PROBE, CITY + 1, 22);
	OK(sparks_take(sparks, &news) && find(SPARK_NOBODY, hospital) != NULL &&
		news.count == SPARKS_MAX && news.left == SPARKS_ROOM + 3 - SPARKS_MAX,
	    "where there is no room a crowd gives some to another");
	for (uint32_t i = 0; i < SPARKS_SIGHTINGS_MAX + 1; i++)
		tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 22);
	OK(sparks_take(sparks, &news) && news.count == 1 &&
		news.list[0].packets == SPARKS_SIGHTINGS_MAX && news.left == 1,
	    "one more than are looked at is counted");
	end();
}

static void test_most(void)
{
	begin();
	for (uint32_t member = 0; member < CROWD; member++)
		for (uint32_t i = 0; i < EACH; i++)
			tell_one(TEN + (member << 8) + 1, SIGHTING_REQUEST, STRANGER, (uint16_t)i);
	OK(sparks_take(sparks, &news) && news.count == SPARKS_MAX &&
		news.left == CROWD * EACH - SPARKS_MAX && news.left_packets == news.left,
	    "never more than are given, and all others are counted");
	bool served[CROWD] = {false};
	size_t members = 0;
	for (uint32_t i = 0; i < news.count; i++)
		served[address_low32(&news.list[i].from) >> 8 & 0xff] = true;
	for (size_t i = 0; i < CROWD; i++)
		members += served[i];
	OK(members == CROWD, "nobody goes without");
	end();
}

static void test_sums(void)
{
	begin();
	const struct observer_sink *sink = sparks_sink(sparks);
	struct sum sum = {
	    .key = {.address = address_from_v4_u32(STRANGER & ~UINT32_C(255)),
		.bits = 120,
		.kind = SIGHTING_REQUEST,
		.protocol = PROTOCOL_TCP,
		.port = 23,
		.drill = 1},
	    .last_us = 5,
	    .packets = 7,
	    .sources = 3,
	};
	sink->on_sum(sink->context, &sum);
	OK(sparks_take(sparks, &news) && news.count == 1 && news.list[0].from_bits == 120 &&
		news.list[0].flags == SPARK_FLAGS_ALL && news.list[0].packets == 7 &&
		news.list[0].to_member == SPARK_NOBODY,
	    "a sum tells that it is one");
	end();
}

/* Of a minute that has ended, all is told, but not at once. */
static void test_past(void)
{
	begin();
	struct sighting late = make(CITY + 1, SIGHTING_REQUEST, 445);
	touch(&late, STRANGER);
	late.last_us = 100 * SPARKS_NOW_US;
	tell(&late);
	uint32_t told = 0;
	uint32_t takings = 0;
	for (uint32_t member = 0; member < CROWD; member++)
		for (uint32_t i = 0; i < EACH; i++)
			tell_one(STRANGER, SIGHTING_REQUEST, TEN + (member << 8) + 1, (uint16_t)i);
	OK(sparks_take(sparks, &news) && news.list[0].flags == 0 && news.count == 5,
	    "what is of now comes first, and a part of what is past with it");
	told = news.count - 1;
	while (sparks_take(sparks, &news)) {
		bool is_past = news.count > 0;
		for (uint32_t i = 0; i < news.count; i++)
			is_past = is_past && news.list[i].flags == SPARK_PAST;
		told += is_past ? news.count : 0;
		takings++;
	}
	OK(told == CROWD * EACH && takings < SPARKS_PAST_TAKINGS && takings > 100,
	    "within the next minute all of it");
	end();
}

static void test_nobody(void)
{
	struct address canary;
	begin();
	(void)address_parse("100::ca:0:1", &canary);
	struct sighting sighting = make(0, SIGHTING_REQUEST, 445);
	sighting.key.subject = canary;
	touch(&sighting, HOSPITAL + 200);
	tell(&sighting);
	OK(!sparks_take(sparks, &news), "nothing of the canary");
	struct sighting exchange = make(CITY + 1, SIGHTING_EXCHANGE, 53);
	touch(&exchange, STRANGER);
	tell(&exchange);
	OK(!sparks_take(sparks, &news), "nor of what is ordinary talk");
	tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 22);
	sparks_set_watched(sparks, false);
	tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 22);
	OK(!sparks_take(sparks, &news), "nothing is gathered while nobody watches");
	sparks_set_watched(sparks, true);
	tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 22);
	sparks_set_roster(sparks, roster);
	OK(!sparks_take(sparks, &news), "with another roster it begins anew");
	end();
}

static void test_sound(void)
{
	static struct sparks_news good;
	begin();
	tell_one(STRANGER, SIGHTING_REQUEST, CITY + 1, 22);
	(void)sparks_take(sparks, &good);
	end();
	static const struct {
		const char *name;
		size_t offset;
		uint8_t value;
	} wrongs[] = {
	    {"a size that is another's", offsetof(struct sparks_news, bytes), 1},
	    {"more than there is room for", offsetof(struct sparks_news, count) + 1, 2},
	    {"a kind that is none", offsetof(struct sparks_news, list[0].kind), SPARK_KIND_COUNT},
	    {"a flag that is none", offsetof(struct sparks_news, list[0].flags), 16},
	    {"a prefix past its end", offsetof(struct sparks_news, list[0].from_bits), 129},
	    {"something in a hole", offsetof(struct sparks_news, list[0].unused), 1},
	    {"a member below all", offsetof(struct sparks_news, list[0].to_member) + 7, 0x80},
	};
	OK(sparks_news_is_sound(&good), "what is given is sound");
	for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
		static struct sparks_news bad;
		bad = good;
		((uint8_t *)&bad)[wrongs[i].offset] = wrongs[i].value;
		OK(!sparks_news_is_sound(&bad), wrongs[i].name);
	}
}

int main(void)
{
	test_directions();
	test_dark();
	test_merging();
	test_room();
	test_most();
	test_sums();
	test_past();
	test_nobody();
	test_sound();
	return test_done();
}
