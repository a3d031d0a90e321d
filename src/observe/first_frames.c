#include "observe/first_frames.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/table.h"

enum {
	PLACE_TELLING,
	PLACE_ORDINARY,
	PLACE_FLOOD, /* shares the room of ordinary ones */
	PLACES,
	ROOM_TELLING = 0,
	ROOM_ORDINARY,
	ROOMS,
};

struct shelf_key {
	struct address subject;
	uint8_t place;
	uint8_t drill;
	uint8_t unused[6]; /* 0: keys are compared as bytes */
};

struct shelf {
	struct shelf_key key;
	uint32_t tags[FIRST_FRAMES_SHELF]; /* of which kind, protocol and port: tag_of() */
	uint32_t slots[FIRST_FRAMES_SHELF];
	uint32_t count; /* in the order in which they came */
};

struct slot {
	struct shelf *shelf; /* NULL: it is free */
	struct frame frame;
	uint8_t bytes[FIRST_FRAME_BYTES];
};

/* Slots are taken in turn: the one that is next holds the oldest frame, or none. */
struct room {
	struct slot *slots;
	size_t count;
	size_t next;
	size_t held;
	struct table *shelves; /* by struct shelf_key; each with a frame, or about to get one */
};

struct first_frames {
	struct room rooms[ROOMS];
	unsigned each;
	bool keeps;
	uint64_t seed;
	uint64_t kept;
	uint64_t displaced;
};

static const int64_t ages_us[PLACES] = {
    [PLACE_TELLING] = FIRST_FRAMES_TELLING_US,
    [PLACE_ORDINARY] = FIRST_FRAMES_ORDINARY_US,
    [PLACE_FLOOD] = FIRST_FRAMES_FLOOD_US,
};

static bool open_room(struct room *room, size_t memory_bytes)
{
	const size_t shelf_cost = sizeof(struct shelf) + TABLE_RECORD_COST;
	size_t count = memory_bytes / (sizeof(struct slot) + shelf_cost);
	if (count < FIRST_FRAMES_SHELF)
		count = FIRST_FRAMES_SHELF;
	room->slots = calloc(count, sizeof *room->slots);
	room->shelves = table_new(sizeof(struct shelf_key), sizeof(struct shelf), count + 1);
	room->count = count;
	return room->slots != NULL && room->shelves != NULL;
}

struct first_frames *first_frames_new(size_t memory_bytes, unsigned each)
{
	assert(each >= 1 && each <= FIRST_FRAMES_EACH_MAX);
	struct first_frames *frames = calloc(1, sizeof *frames);
	if (frames == NULL)
		return NULL;
	frames->each = each;
	frames->keeps = true;
	frames->seed = hash_seed_random();
	for (size_t i = 0; i < ROOMS; i++)
		if (!open_room(&frames->rooms[i], memory_bytes / ROOMS)) {
			first_frames_free(frames);
			return NULL;
		}
	return frames;
}

void first_frames_free(struct first_frames *frames)
{
	if (frames == NULL)
		return;
	for (size_t i = 0; i < ROOMS; i++) {
		free(frames->rooms[i].slots);
		table_free(frames->rooms[i].shelves);
	}
	free(frames);
}

void first_frames_set_keeping(struct first_frames *frames, bool keeps)
{
	frames->keeps = keeps;
}

static uint8_t place_of(const struct sighting_key *key, bool is_dark)
{
	switch ((enum sighting_kind)key->kind) {
	case SIGHTING_FLOODED:
	case SIGHTING_REFLECTED:
	case SIGHTING_ALL_FLOODED:
	case SIGHTING_ALL_REFLECTED:
		return PLACE_FLOOD;
	case SIGHTING_REQUEST:
	case SIGHTING_EXCHANGE:
		return is_dark ? PLACE_TELLING : PLACE_ORDINARY;
	case SIGHTING_REPLY:
	case SIGHTING_NEIGHBOUR:
	case SIGHTING_PROBE:
	case SIGHTING_ALL_REPLIES:
	case SIGHTING_KIND_COUNT:
		break;
	}
	return PLACE_TELLING;
}

static struct room *room_of(struct first_frames *frames, unsigned place)
{
	return &frames->rooms[place == PLACE_TELLING ? ROOM_TELLING : ROOM_ORDINARY];
}

static uint64_t hash_of(const struct first_frames *frames, const struct shelf_key *key)
{
	return hash_bytes(key, sizeof *key, frames->seed);
}

static uint32_t tag_of(uint8_t kind, uint8_t protocol, uint16_t port)
{
	return (uint32_t)kind << 24 | (uint32_t)protocol << 16 | port;
}

/* Takes the frame at this place from its shelf; the shelf stays, though it may be empty. */
static void unshelve(struct room *room, struct shelf *shelf, size_t at)
{
	const size_t after = shelf->count - at - 1;
	room->slots[shelf->slots[at]].shelf = NULL;
	memmove(&shelf->tags[at], &shelf->tags[at + 1], after * sizeof shelf->tags[0]);
	memmove(&shelf->slots[at], &shelf->slots[at + 1], after * sizeof shelf->slots[0]);
	shelf->count--;
	room->held--;
}

/* The oldest frame goes, and with the last one its shelf. */
static void make_room(struct first_frames *frames, struct room *room, const struct shelf *spared)
{
	const uint32_t number = (uint32_t)room->next;
	struct shelf *shelf = room->slots[number].shelf;
	size_t at = 0;
	if (shelf == NULL)
		return;
	while (shelf->slots[at] != number)
		at++;
	unshelve(room, shelf, at);
	frames->displaced++;
	if (shelf->count == 0 && shelf != spared)
		table_remove(room->shelves, shelf);
}

/* A frame of this shelf is so old that it may go; also one from a time that is still to come. */
static bool is_old(const struct room *room, const struct shelf *shelf, size_t at, int64_t now_us)
{
	const int64_t passed_us = now_us - room->slots[shelf->slots[at]].frame.time_us;
	const int64_t age_us = ages_us[shelf->key.place];
	return passed_us > age_us || passed_us < -age_us;
}

/* How many of the tag lie there, once those that are old have gone: all of them, or none. */
static unsigned count_tag(struct room *room, struct shelf *shelf, uint32_t tag, int64_t now_us)
{
	unsigned count = 0;
	bool are_old = false;
	for (size_t i = 0; i < shelf->count; i++) {
		if (shelf->tags[i] != tag)
			continue;
		if (count == 0)
			are_old = is_old(room, shelf, i, now_us);
		count++;
	}
	if (!are_old)
		return count;
	for (size_t i = shelf->count; i-- > 0;)
		if (shelf->tags[i] == tag)
			unshelve(room, shelf, i);
	return 0;
}

/* NULL when memory is out. */
static struct shelf *get_shelf(
    const struct first_frames *frames, struct room *room, const struct shelf_key *key)
{
	const uint64_t hash = hash_of(frames, key);
	struct shelf *shelf = table_find(room->shelves, key, hash);
	return shelf != NULL ? shelf : table_insert(room->shelves, key, hash);
}

static void put(struct first_frames *frames, struct room *room, struct shelf *shelf, uint32_t tag,
    const struct frame *frame)
{
	make_room(frames, room, shelf);
	struct slot *slot = &room->slots[room->next];
	slot->shelf = shelf;
	slot->frame = *frame;
	if (frame->captured_bytes > FIRST_FRAME_BYTES)
		slot->frame.captured_bytes = FIRST_FRAME_BYTES;
	if (slot->frame.captured_bytes > 0)
		memcpy(slot->bytes, frame->bytes, slot->frame.captured_bytes);
	slot->frame.bytes = slot->bytes;
	shelf->tags[shelf->count] = tag;
	shelf->slots[shelf->count++] = (uint32_t)room->next;
	room->next = (room->next + 1) % room->count;
	room->held++;
	frames->kept++;
}

/*
 * What is ordinary comes in any number: where it has filled its room within a minute, what is there
 * stays, so that the work is bounded as the room is.
 */
static bool is_busy(const struct room *room, int64_t now_us)
{
	const struct slot *oldest = &room->slots[room->next];
	const int64_t passed_us = now_us - oldest->frame.time_us;
	return oldest->shelf != NULL && passed_us >= 0 && passed_us < FIRST_FRAMES_TURN_US;
}

unsigned first_frames_keep(struct first_frames *frames, const struct sighting_key *key,
    bool is_dark, const struct frame *frame)
{
	const struct shelf_key shelf_key = {
	    .subject = key->subject, .place = place_of(key, is_dark), .drill = key->drill};
	const uint32_t tag = tag_of(key->kind, key->protocol, key->port);
	if (!frames->keeps)
		return 1; /* what comes after the canary is asked again */
	struct room *room = room_of(frames, shelf_key.place);
	if (shelf_key.place != PLACE_TELLING && is_busy(room, frame->time_us))
		return 0;
	struct shelf *shelf = get_shelf(frames, room, &shelf_key);
	if (shelf == NULL)
		return 0;
	const unsigned count = count_tag(room, shelf, tag, frame->time_us);
	if (count >= frames->each)
		return 0;
	if (shelf->count == FIRST_FRAMES_SHELF) {
		if (!is_old(room, shelf, 0, frame->time_us))
			return 0;
		unshelve(room, shelf, 0);
	}
	put(frames, room, shelf, tag, frame);
	return frames->each - count - 1;
}

/* ---- What is asked for ---- */

static bool is_wanted(const struct first_frames_wish *wish, uint32_t tag)
{
	if (wish->kinds != 0 && (wish->kinds >> (tag >> 24) & 1U) == 0)
		return false;
	if (wish->port_count == 0)
		return true;
	for (size_t i = 0; i < wish->port_count; i++)
		if ((tag & 0xffffff) == tag_of(0, wish->ports[i].protocol, wish->ports[i].port))
			return true;
	return false;
}

/* By time; of one moment in the order in which they came. There are few of them. */
static void sort(struct frame *frames, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct frame moved = frames[i];
		size_t at = i;
		for (; at > 0 && frames[at - 1].time_us > moved.time_us; at--)
			frames[at] = frames[at - 1];
		frames[at] = moved;
	}
}

/* Sorts what one shelf has of the wish into `ret_frames`. */
static size_t find_on(const struct room *room, const struct shelf *shelf,
    const struct first_frames_wish *wish, struct frame ret_frames[static FIRST_FRAMES_SHELF])
{
	size_t count = 0;
	for (size_t i = 0; i < shelf->count; i++) {
		const struct frame *frame = &room->slots[shelf->slots[i]].frame;
		if (frame->time_us >= wish->since_us && is_wanted(wish, shelf->tags[i]))
			ret_frames[count++] = *frame;
	}
	sort(ret_frames, count);
	return count;
}

static size_t find_at(const struct first_frames *frames, unsigned place,
    const struct first_frames_wish *wish, struct frame ret_frames[static FIRST_FRAMES_SHELF])
{
	const struct room *room =
	    &frames->rooms[place == PLACE_TELLING ? ROOM_TELLING : ROOM_ORDINARY];
	const struct shelf_key key = {
	    .subject = wish->subject, .place = (uint8_t)place, .drill = wish->drill};
	const struct shelf *shelf = table_find(room->shelves, &key, hash_of(frames, &key));
	return shelf == NULL ? 0 : find_on(room, shelf, wish, ret_frames);
}

size_t first_frames_find(const struct first_frames *frames, const struct first_frames_wish *wish,
    struct frame ret_frames[static FIRST_FRAMES_SHELF])
{
	struct frame more[FIRST_FRAMES_SHELF];
	const size_t max = wish->max < FIRST_FRAMES_SHELF ? wish->max : FIRST_FRAMES_SHELF;
	size_t count =
	    find_at(frames, wish->is_victim ? PLACE_FLOOD : PLACE_TELLING, wish, ret_frames);
	if (count > max)
		count = max;
	const size_t others = wish->is_victim ? 0 : find_at(frames, PLACE_ORDINARY, wish, more);
	for (size_t i = 0; i < others && count < max; i++)
		ret_frames[count++] = more[i];
	sort(ret_frames, count);
	return count;
}

void first_frames_get_counts(
    const struct first_frames *frames, struct first_frames_counts *ret_counts)
{
	*ret_counts =
	    (struct first_frames_counts){.kept = frames->kept, .displaced = frames->displaced};
	for (size_t i = 0; i < ROOMS; i++)
		ret_counts->held += frames->rooms[i].held;
}
