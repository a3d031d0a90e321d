#include "observe/darknet.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "observe/dark_details.h"
#include "observe/darknet_internal.h"
#include "observe/lanes.h"
#include "observe/marks.h"
#include "observe/slab.h"

enum {
	STEP = 16, /* events between two steps of observe_batch() */
	RING = 4 * STEP,
	DETAILS_AHEAD = 32, /* of one darknet, where details are kept as well */
	SLOTS_MIN = 256,
	LOAD_PERCENT = 70, /* so that most strangers are found at their first slots */
	SUMS_PERCENT = 3,
	DETAILS_PERCENT = 78,
	ADMISSION_PERCENT = 2,
	HOSTS_BYTES = 48 * 1024, /* one set of addresses, whatever its size */
	GROWING_SHARE = 8,       /* of 64 darknets some few grow at once */
	LISTS = 2,               /* of lines; each may have begun a piece */
	TARGET_BITS = 64,
	TARGETS_FULL = 300, /* 64 * ln(64 / 0.6): when the last bit is set, on average */
	MARKS_MASK = (1 << TOOL_COUNT) - 1,
	STRONG_MAX = 7,
	STRONG_MASK = 1 << TOOL_MIRAI | 1 << TOOL_UNICORNSCAN,
	US_PER_MS = 1000,
};

/* Before a counter of 32 bits wraps, what was counted goes into the sums; packets are smaller. */
#define BYTES_HIGH (UINT32_MAX - 1024 * 1024)

static size_t slots_for(size_t records)
{
	size_t slots = SLOTS_MIN;
	while (records * 100 > slots * LOAD_PERCENT)
		slots *= 2;
	return slots;
}

/* As many lines as fit with an index of this size, and with what it takes more while it grows. */
static size_t lines_beside(size_t bytes, size_t slot_count)
{
	size_t slot_bytes = slot_count * sizeof(uint32_t);
	size_t index_bytes = slot_bytes + slot_bytes / GROWING_SHARE;
	if (bytes <= index_bytes)
		return 0;
	/* of each piece both lists may have a pointer */
	size_t pieces = (bytes - index_bytes) / (PIECE_BYTES + LISTS * sizeof(void *));
	size_t most = slot_count / 100 * LOAD_PERCENT;
	return pieces * PIECE_LINES < most ? pieces * PIECE_LINES : most;
}

/* More memory never gives fewer: the index that leaves room for the most lines is taken. */
static size_t most_lines(size_t bytes)
{
	assert(bytes > LISTS * (size_t)PIECE_BYTES);
	bytes -= LISTS * (size_t)PIECE_BYTES;
	size_t most = 0;
	for (size_t slots = SLOTS_MIN; slots <= SLOT_NUMBER_MASK; slots *= 2) {
		size_t lines = lines_beside(bytes, slots);
		most = lines > most ? lines : most;
	}
	return most;
}

static bool open_list(struct line_list *list, size_t line_count)
{
	list->pieces = calloc(line_count / PIECE_LINES + 1, sizeof *list->pieces);
	return list->pieces != NULL;
}

static int open_lines(struct darknet *darknet, struct line_arena *arena, size_t bytes)
{
	darknet->line_count = most_lines(bytes);
	darknet->slot_mask = SLOTS_MIN - 1;
	darknet->slots = calloc(SLOTS_MIN, sizeof *darknet->slots);
	darknet->arena = arena;
	if (arena == NULL) {
		darknet->own_arena = line_arena_new(darknet_pieces(bytes));
		darknet->arena = darknet->own_arena;
	}
	if (darknet->arena != NULL)
		darknet->lines = line_arena_base(darknet->arena);
	bool opened = open_list(&darknet->strangers, darknet->line_count) &&
		      open_list(&darknet->deeds, darknet->line_count);
	return opened && darknet->slots != NULL && darknet->arena != NULL ? 0 : -ENOMEM;
}

union darknet_line *darknet_grow(struct darknet *darknet, struct line_list *list)
{
	if (list->count % PIECE_LINES == 0) {
		union darknet_line *piece = line_arena_take(darknet->arena);
		if (piece == NULL)
			return NULL;
		list->pieces[list->count / PIECE_LINES] = piece;
	}
	return line_at(list, list->count++);
}

size_t darknet_pieces(size_t memory_bytes)
{
	return most_lines(memory_bytes) / PIECE_LINES + LISTS;
}

/* The rest is never less than a darknet needs without them. */
static size_t share_of_details(size_t bytes)
{
	size_t share = bytes / 100 * DETAILS_PERCENT;
	size_t most = bytes - DARKNET_MEMORY_MIN;
	return share < most ? share : most;
}

int darknet_new(const struct darknet_options *options, struct darknet **ret_darknet)
{
	assert(options->memory_bytes >= DARKNET_MEMORY_MIN);
	assert(options->memory_bytes <= DARKNET_MEMORY_MAX);
	struct darknet *darknet = aligned_alloc(_Alignof(struct darknet), sizeof *darknet);
	if (darknet == NULL)
		return -ENOMEM;
	*darknet = (struct darknet){0};
	size_t bytes = options->memory_bytes;
	size_t sums_bytes = bytes / 100 * SUMS_PERCENT;
	if (sums_bytes < SUMS_BYTES_MIN)
		sums_bytes = SUMS_BYTES_MIN;
	darknet->seed = options->seed;
	darknet->admission_count = 1024;
	while (darknet->admission_count * 2 <= bytes / 100 * ADMISSION_PERCENT)
		darknet->admission_count *= 2;
	darknet->admission = calloc(darknet->admission_count, 1);
	darknet->sums = sums_new(sums_bytes);
	if (options->has_details) {
		const struct dark_details_options details = {
		    .memory_bytes = share_of_details(bytes),
		    .seed = options->seed,
		    .gap_us = options->gap_us,
		    .least_packets = options->least_packets,
		};
		darknet->details = dark_details_new(&details);
		bytes -= details.memory_bytes;
	}
	darknet->hosts_slab = slab_new(HOSTS_BYTES, &slab_sizes_address_set);
	size_t rest = bytes - sums_bytes - darknet->admission_count - HOSTS_BYTES;
	int result = open_lines(darknet, options->arena, rest);
	if (darknet->admission == NULL || darknet->sums == NULL || darknet->hosts_slab == NULL ||
	    (options->has_details && darknet->details == NULL))
		result = -ENOMEM;
	if (result != 0)
		darknet_free(darknet);
	else
		*ret_darknet = darknet;
	return result;
}

void darknet_free(struct darknet *darknet)
{
	if (darknet == NULL)
		return;
	free(darknet->strangers.pieces);
	free(darknet->deeds.pieces);
	line_arena_free(darknet->own_arena);
	free(darknet->slots);
	free(darknet->admission);
	sums_free(darknet->sums);
	dark_details_free(darknet->details);
	slab_free(darknet->hosts_slab);
	free(darknet);
}

static uint32_t slot_of(uint64_t hash, uint32_t number)
{
	return (uint32_t)(hash >> SLOT_HASH_SHIFT) << SLOT_NUMBER_BITS | number;
}

static void place(struct darknet *darknet, uint64_t hash, uint32_t number)
{
	size_t mask = darknet->slot_mask;
	size_t at = hash & mask;
	while (darknet->slots[at] != 0)
		at = (at + 1) & mask;
	darknet->slots[at] = slot_of(hash, number);
}

void darknet_fill_index(struct darknet *darknet)
{
	for (size_t i = 0; i < darknet->strangers.count; i++) {
		const struct stranger *stranger = darknet_stranger_at(darknet, i);
		if (stranger->state == 0)
			continue;
		struct address source = stranger_source(stranger);
		bool drill = (stranger->state & STRANGER_DRILL) != 0;
		uint64_t hash = dark_hash(&source, (stranger->state & STRANGER_V4) != 0,
		    drill ? ~darknet->seed : darknet->seed);
		place(darknet, hash, darknet_number(darknet, stranger));
	}
}

/* Without branches where most packets are: who comes next cannot be foretold. */
static bool is_of(const struct stranger *stranger, const struct dark_event *event)
{
	static_assert(DARK_EVENT_DRILL >> 2 == STRANGER_DRILL && DARK_EVENT_V4 >> 6 == STRANGER_V4,
	    "bits of events and states match by shifts");
	unsigned state = (event->marks >> 2 & STRANGER_DRILL) | STRANGER_V4;
	if ((event->marks & DARK_EVENT_V4) != 0)
		return ((stranger->of.v4.source ^ address_low32(&event->subject)) |
			   ((stranger->state & (STRANGER_V4 | STRANGER_DRILL)) ^ state)) == 0;
	state = (event->marks >> 2 & STRANGER_DRILL) | STRANGER_V6;
	return (stranger->state & (STRANGER_V6 | STRANGER_DRILL)) == state &&
	       address_equal(&stranger->of.v6, &event->subject);
}

/* Whose slot has the same bits of the hash: nearly always the one, if there is any. */
static struct stranger *guess(const struct darknet *darknet, const struct dark_event *event)
{
	size_t mask = darknet->slot_mask;
	uint32_t bits = (uint32_t)(event->hash >> SLOT_HASH_SHIFT);
	size_t at = event->hash & mask;
	uint32_t slot = darknet->slots[at];
	while (slot != 0 && slot >> SLOT_NUMBER_BITS != bits) {
		at = (at + 1) & mask;
		slot = darknet->slots[at];
	}
	return darknet_stranger(darknet, slot & SLOT_NUMBER_MASK);
}

static struct stranger *find(const struct darknet *darknet, const struct dark_event *event)
{
	size_t mask = darknet->slot_mask;
	uint32_t bits = (uint32_t)(event->hash >> SLOT_HASH_SHIFT);
	for (size_t at = event->hash & mask; darknet->slots[at] != 0; at = (at + 1) & mask) {
		uint32_t slot = darknet->slots[at];
		if (slot >> SLOT_NUMBER_BITS != bits)
			continue;
		struct stranger *stranger = darknet_stranger(darknet, slot & SLOT_NUMBER_MASK);
		if (is_of(stranger, event))
			return stranger;
	}
	return NULL;
}

static bool grow_index(struct darknet *darknet)
{
	size_t slot_count = slots_for(darknet->count + 1);
	if (slot_count <= darknet->slot_mask + 1)
		return true;
	uint32_t *slots = calloc(slot_count, sizeof *slots);
	if (slots == NULL)
		return false;
	free(darknet->slots);
	darknet->slots = slots;
	darknet->slot_mask = slot_count - 1;
	darknet_fill_index(darknet);
	return true;
}

/* The record that the next stranger will get, if it lies there already; else some line. */
static const struct stranger *next_free(const struct darknet *darknet)
{
	const struct line_list *list = &darknet->strangers;
	if (darknet->free_first != 0 || list->count % PIECE_LINES == 0)
		return darknet_stranger(darknet, darknet->free_first);
	return darknet_stranger_at(darknet, list->count);
}

/*
 * NULL when there is no memory after all. Asks for the next one as well, in time for the stranger
 * after this: of 64 darknets each meets a new one now and then.
 */
static struct stranger *take_stranger(struct darknet *darknet)
{
	struct stranger *stranger;
	if (darknet->free_first != 0) {
		stranger = darknet_stranger(darknet, darknet->free_first);
		darknet->free_first = stranger->of.v4.source;
	} else {
		stranger = (struct stranger *)darknet_grow(darknet, &darknet->strangers);
	}
	__builtin_prefetch(next_free(darknet), 1);
	return stranger;
}

/* NULL when the event went into the sums instead. */
static struct stranger *insert(struct darknet *darknet, const struct dark_event *event)
{
	bool replies = (event->key >> 4 & 0xf) == SIGHTING_REPLY;
	if (replies && darknet->count + darknet->deeds.count >= darknet->line_count / 16 * 15 &&
	    !darknet_admits(darknet, event))
		return NULL;
	if (darknet->free_first == 0 && darknet_is_full(darknet))
		darknet_make_room(darknet);
	if (!grow_index(darknet))
		return NULL;
	struct stranger *stranger = take_stranger(darknet);
	if (stranger == NULL)
		return NULL;
	bool is_v4 = (event->marks & DARK_EVENT_V4) != 0;
	*stranger = (struct stranger){
	    .first_us = event->time_us,
	    .state = is_v4 ? STRANGER_V4 : STRANGER_V6,
	};
	if ((event->marks & DARK_EVENT_DRILL) != 0)
		stranger->state |= STRANGER_DRILL;
	if (is_v4)
		stranger->of.v4.source = address_low32(&event->subject);
	else
		stranger->of.v6 = event->subject;
	place(darknet, event->hash, darknet_number(darknet, stranger));
	darknet->count++;
	return stranger;
}

static unsigned find_marks(struct stranger *stranger, const struct dark_event *event)
{
	const struct marks_memory before = {
	    .seq = stranger->of.v4.seq,
	    .target = stranger->of.v4.target,
	    .ports = stranger->of.v4.ports,
	    .known = (stranger->state & STRANGER_SYN) != 0,
	};
	const struct marks_memory now = {
	    .seq = event->seq,
	    .target = address_low32(&event->target),
	    .ports = (event->key & 0xffff0000U) | event->source_port,
	    .known = 1,
	};
	stranger->of.v4.seq = now.seq;
	stranger->of.v4.target = now.target;
	stranger->of.v4.ports = now.ports;
	stranger->state |= STRANGER_SYN;
	return marks_of_pair(&now, &before);
}

static unsigned target_bit(const struct address *target)
{
	uint64_t low;
	memcpy(&low, target->bytes + 8, sizeof low);
	return (unsigned)((low ^ low >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> 58);
}

/* A clock that was set back moves the beginning; when the last packet was stays true. */
static void note_time(struct stranger *stranger, int64_t time_us)
{
	int64_t span_ms = (time_us - stranger->first_us) / US_PER_MS;
	if (span_ms < 0) {
		span_ms = (int64_t)stranger->span_ms - span_ms;
		stranger->first_us = time_us;
	}
	if (span_ms > UINT32_MAX)
		span_ms = UINT32_MAX;
	if (span_ms > stranger->span_ms)
		stranger->span_ms = (uint32_t)span_ms;
}

/* Bits of the record's own deeds that are of this key. */
static inline __attribute__((always_inline)) unsigned match_own(
    const struct stranger *stranger, uint32_t key)
{
	static_assert(STRANGER_DEEDS == 4, "as many as are compared");
	unsigned found = lanes_equal_4(stranger->ports, (uint16_t)(key >> 16));
	found &= (1U << stranger->deed_count) - 1;
	return stranger->what == (uint16_t)key ? found : 0;
}

/* Returns the marks that the packet bears, by itself and with the one before. */
static unsigned count(
    struct darknet *darknet, struct stranger *stranger, const struct dark_event *event)
{
	note_time(stranger, event->time_us);
	stranger->targets |= UINT64_C(1) << target_bit(&event->target);
	unsigned own = match_own(stranger, event->key);
	bool full;
	if (own != 0)
		full = ++stranger->packets[__builtin_ctz(own)] == UINT16_MAX;
	else
		full = darknet_count_deed(darknet, stranger, event->key);
	stranger->bytes += event->wire_bytes;
	if (stranger->bytes > BYTES_HIGH || full)
		darknet_fold(darknet, stranger, 0);
	unsigned marks = event->marks;
	if ((marks & DARK_EVENT_SYN) != 0)
		marks |= find_marks(stranger, event);
	stranger->tools = (stranger->tools | marks) & MARKS_MASK;
	if ((marks & STRONG_MASK) != 0 && stranger->strong < STRONG_MAX)
		stranger->strong++;
	return marks & MARKS_MASK;
}

/* An event on its way through the steps. */
struct look_up {
	const struct dark_event *event;
	struct darknet *darknet;
	struct stranger *guessed;
};

/*
 * What the steps want of the memory. They are asked for where the steps are, since gcc 12 takes a
 * function that only prefetches for one without effect, and leaves out the call.
 */
static const void *slot_wanted(const struct look_up *of)
{
	return &of->darknet->slots[of->event->hash & of->darknet->slot_mask];
}

/* The second line, where the first does not hold the deed; else line 0. */
static const void *deeds_wanted(const struct look_up *of)
{
	const struct stranger *stranger = of->guessed;
	uint32_t is_own = match_own(stranger, of->event->key) != 0;
	return darknet_deeds(of->darknet, stranger->deeds_more & (is_own - 1));
}

static void count_event(const struct look_up *of)
{
	const struct dark_event *event = of->event;
	struct darknet *darknet = of->darknet;
	struct stranger *stranger = of->guessed;
	/* who was guessed may be another, or have been folded since */
	if (!is_of(stranger, event))
		stranger = find(darknet, event);
	if (stranger == NULL)
		stranger = insert(darknet, event);
	unsigned marks = event->marks & MARKS_MASK;
	if (stranger == NULL)
		darknet_fold_event(darknet, event);
	else
		marks = count(darknet, stranger, event);
	if (darknet->details != NULL)
		dark_details_count(darknet->details, event, marks);
	darknet->counts.packets++;
	darknet->counts.bytes += event->wire_bytes;
}

/* Each event with the darknet to which it goes: number which[i]; NULL: all to the first. */
struct batch {
	struct darknet *const *darknets;
	const uint8_t *which;
	const struct dark_event *const *events;
	size_t count;
};

/*
 * Four steps run behind one another through the batch: the index slot is asked for, then, when it
 * has come, the record that it names, then its second line; only then is the event counted. So the
 * memory works on some fifty events at once.
 */
static void observe_batch(const struct batch *batch)
{
	struct look_up ring[RING];
	const size_t count = batch->count;
	for (size_t i = 0; i < count + 3 * STEP; i++) {
		if (i < count) {
			struct look_up *new = &ring[i % RING];
			new->event = batch->events[i];
			new->darknet = batch->darknets[batch->which == NULL ? 0 : batch->which[i]];
			__builtin_prefetch(slot_wanted(new));
		}
		/* wraps around before the first: then it is no number of one */
		size_t at = i - STEP;
		if (at < count) {
			struct look_up *of = &ring[at % RING];
			of->guessed = guess(of->darknet, of->event);
			__builtin_prefetch(of->guessed, 1);
		}
		at -= STEP;
		if (at < count)
			__builtin_prefetch(deeds_wanted(&ring[at % RING]), 1);
		at -= STEP;
		if (at < count)
			count_event(&ring[at % RING]);
	}
}

void darknet_observe(struct darknet *darknet, const struct dark_event *const *events, size_t count)
{
	struct batch batch = {.darknets = &darknet, .events = events, .count = count};
	if (darknet->details == NULL) {
		observe_batch(&batch);
		return;
	}
	for (size_t at = 0; at < count; at += batch.count) {
		batch.events = events + at;
		batch.count = count - at < DETAILS_AHEAD ? count - at : DETAILS_AHEAD;
		dark_details_prefetch(darknet->details, batch.events, batch.count);
		observe_batch(&batch);
	}
}

void darknets_observe(struct darknet *const *darknets, const uint8_t *which,
    const struct dark_event *const *events, size_t count)
{
	const struct batch batch = {darknets, which, events, count};
	observe_batch(&batch);
}

const struct stranger *darknet_next(const struct darknet *darknet, size_t *position)
{
	while (*position < darknet->strangers.count) {
		const struct stranger *stranger = darknet_stranger_at(darknet, (*position)++);
		if (stranger->state != 0)
			return stranger;
	}
	return NULL;
}

struct address stranger_source(const struct stranger *stranger)
{
	if ((stranger->state & STRANGER_V4) != 0)
		return address_from_v4_u32(stranger->of.v4.source);
	return stranger->of.v6;
}

uint64_t stranger_targets(const struct stranger *stranger)
{
	int unset = TARGET_BITS - __builtin_popcountll(stranger->targets);
	if (unset == 0)
		return TARGETS_FULL;
	return (uint64_t)(TARGET_BITS * log((double)TARGET_BITS / unset) + 0.5);
}

static const struct stranger *find_source(
    const struct darknet *darknet, const struct address *source, bool drill)
{
	const bool is_v4 = address_is_v4(source);
	const struct dark_event event = {
	    .hash = dark_hash(source, is_v4, drill ? ~darknet->seed : darknet->seed),
	    .subject = *source,
	    .marks = (uint8_t)((is_v4 ? DARK_EVENT_V4 : 0) | (drill ? DARK_EVENT_DRILL : 0)),
	};
	return find(darknet, &event);
}

bool darknet_is_heavy(
    const struct darknet *darknet, const struct address *source, bool drill, uint64_t packets)
{
	const struct stranger *stranger = find_source(darknet, source, drill);
	return stranger == NULL || stranger->strong > 0 ||
	       stranger_packets(darknet, stranger) >= packets;
}

void darknet_hand_on(const struct darknet *darknet,
    void (*on_sighting)(void *context, const struct sighting *sighting), void *context)
{
	if (darknet->details != NULL)
		dark_details_hand_on(darknet->details, darknet, on_sighting, context);
}

bool darknet_has_asked(const struct darknet *darknet, const struct address *source, uint32_t key,
    const struct address *target)
{
	const struct stranger *stranger = find_source(darknet, source, (key & DARK_KEY_DRILL) != 0);
	if (stranger == NULL || (stranger->targets >> target_bit(target) & 1U) == 0)
		return false;
	struct deed deeds[STRANGER_DEEDS + DEEDS_MORE];
	size_t count = stranger_deeds(darknet, stranger, deeds);
	for (size_t i = 0; i < count; i++)
		if (deeds[i].key == key || deeds[i].key == (key & KEY_WITHOUT_PORT))
			return true;
	return false;
}

void darknet_get_counts(const struct darknet *darknet, struct darknet_counts *ret_counts)
{
	*ret_counts = darknet->counts;
	ret_counts->strangers = darknet->count;
	if (darknet->details != NULL)
		ret_counts->lost = dark_details_lost(darknet->details);
}

void darknet_note_host(struct darknet *darknet, const struct address *source, int64_t time_us)
{
	const struct address_touch touch = {time_us, time_us, 1, 0};
	(void)address_set_touch(&darknet->hosts, darknet->hosts_slab, source, &touch);
}

const struct address_set *darknet_hosts(struct darknet *darknet)
{
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(darknet, &position)) != NULL) {
		const struct address source = stranger_source(stranger);
		darknet_note_host(darknet, &source, stranger->first_us);
	}
	return &darknet->hosts;
}

const struct sums *darknet_sums(const struct darknet *darknet)
{
	return darknet->sums;
}

size_t darknet_bytes(const struct darknet *darknet)
{
	size_t pieces = (darknet->strangers.count + PIECE_LINES - 1) / PIECE_LINES +
			(darknet->deeds.count + PIECE_LINES - 1) / PIECE_LINES;
	return sizeof *darknet + pieces * PIECE_BYTES +
	       2 * (darknet->line_count / PIECE_LINES) * sizeof(void *) +
	       (darknet->slot_mask + 1) * sizeof *darknet->slots + darknet->admission_count +
	       sums_bytes(darknet->sums) + slab_bytes(darknet->hosts_slab) +
	       (darknet->details == NULL ? 0 : dark_details_bytes(darknet->details));
}
