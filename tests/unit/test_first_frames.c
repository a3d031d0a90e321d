/* The first frames of machines: few of each port, the telling ones apart, and within their room. */
#include "observe/first_frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "test.h"

enum {
	EACH = 8,
	TCP = 6,
	MEMORY_BYTES = FIRST_FRAMES_MEMORY_MIN_BYTES,
};

#define BEGIN_US (INT64_C(1775001600) * WHEN_SECOND_US)

static uint8_t bytes[2 * FIRST_FRAME_BYTES];
static struct frame found[FIRST_FRAMES_SHELF];

static struct address machine(uint32_t n)
{
	return address_from_v4_u32(0x0a000000 + n);
}

static struct sighting_key key_of(uint32_t n, enum sighting_kind kind, uint16_t port)
{
	return (struct sighting_key){
	    .subject = machine(n), .kind = (uint8_t)kind, .protocol = TCP, .port = port};
}

static struct frame frame_at(int64_t time_us, uint32_t captured_bytes)
{
	return (struct frame){
	    .bytes = bytes,
	    .captured_bytes = captured_bytes,
	    .wire_bytes = 1500,
	    .time_us = time_us,
	    .link_type = LINK_ETHERNET,
	    .drill = 7,
	};
}

static unsigned keep(
    struct first_frames *frames, const struct sighting_key *key, bool is_dark, int64_t time_us)
{
	const struct frame frame = frame_at(time_us, 60);
	return first_frames_keep(frames, key, is_dark, &frame);
}

static struct first_frames_wish wish_of(uint32_t n)
{
	return (struct first_frames_wish){
	    .subject = machine(n), .since_us = INT64_MIN, .max = EACH};
}

static size_t find(const struct first_frames *frames, uint32_t n)
{
	const struct first_frames_wish wish = wish_of(n);
	return first_frames_find(frames, &wish, found);
}

static void test_first(void)
{
	struct first_frames *frames = first_frames_new(MEMORY_BYTES, EACH);
	const struct sighting_key key = key_of(1, SIGHTING_REQUEST, 445);
	OK(frames != NULL && find(frames, 1) == 0, "of a machine that nobody saw there is none");
	unsigned left = EACH;
	for (int64_t i = 0; i < EACH; i++)
		left = keep(frames, &key, true, BEGIN_US + i);
	OK(left == 0, "the last that finds room says so");
	OK(keep(frames, &key, true, BEGIN_US + EACH) == 0 && find(frames, 1) == EACH,
	    "one more finds none");
	OK(found[0].time_us == BEGIN_US && found[EACH - 1].time_us == BEGIN_US + EACH - 1,
	    "the first are there, the earliest first");
	OK(found[0].drill == 7 && found[0].wire_bytes == 1500 && found[0].captured_bytes == 60 &&
		found[0].link_type == LINK_ETHERNET,
	    "with all that is known beside their bytes");
	(void)keep(frames, &key, true, BEGIN_US + FIRST_FRAMES_TELLING_US);
	OK(find(frames, 1) == EACH, "a day later to the microsecond they are still the first");
	(void)keep(frames, &key, true, BEGIN_US + FIRST_FRAMES_TELLING_US + 1);
	OK(find(frames, 1) == 1 && found[0].time_us == BEGIN_US + FIRST_FRAMES_TELLING_US + 1,
	    "one past that it begins anew");
	(void)keep(frames, &key, true, BEGIN_US - WHEN_HOUR_US);
	OK(find(frames, 1) == 1 && found[0].time_us == BEGIN_US - WHEN_HOUR_US,
	    "so it does where the clock fell back by a day");
	first_frames_free(frames);
	first_frames_free(NULL);
}

static void test_cut(void)
{
	struct first_frames *frames = first_frames_new(MEMORY_BYTES, EACH);
	const struct sighting_key key = key_of(1, SIGHTING_REQUEST, 445);
	const uint32_t sizes[] = {0, FIRST_FRAME_BYTES, FIRST_FRAME_BYTES + 1};
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < 3; i++) {
		const struct frame frame = frame_at(BEGIN_US + (int64_t)i, sizes[i]);
		(void)first_frames_keep(frames, &key, true, &frame);
	}
	bytes[0] = 0xff;
	OK(find(frames, 1) == 3 && found[0].captured_bytes == 0, "a frame of no bytes is one");
	OK(found[1].captured_bytes == FIRST_FRAME_BYTES &&
		found[2].captured_bytes == FIRST_FRAME_BYTES && found[2].wire_bytes == 1500,
	    "one byte past the most is cut");
	OK(found[1].bytes[0] == 0 && found[1].bytes[FIRST_FRAME_BYTES - 1] == 0xff,
	    "what is kept is a copy");
	first_frames_free(frames);
}

static void test_wishes(void)
{
	struct first_frames *frames = first_frames_new(MEMORY_BYTES, EACH);
	const struct sighting_key web = key_of(1, SIGHTING_REQUEST, 443);
	const struct sighting_key scan = key_of(1, SIGHTING_REQUEST, 445);
	const struct sighting_key flood = key_of(1, SIGHTING_FLOODED, 80);
	struct sighting_key drilled = scan;
	drilled.drill = 1;
	for (int64_t i = 0; i < EACH; i++) {
		(void)keep(frames, &web, false, BEGIN_US + i);
		(void)keep(frames, &scan, true, BEGIN_US + 100 + i);
		(void)keep(frames, &flood, false, BEGIN_US + 200 + i);
	}
	(void)keep(frames, &drilled, true, BEGIN_US);
	OK(find(frames, 1) == EACH && found[0].time_us == BEGIN_US + 100,
	    "what asks dark addresses comes before what else a machine does");
	struct first_frames_wish wish = wish_of(1);
	wish.max = FIRST_FRAMES_SHELF;
	OK(first_frames_find(frames, &wish, found) == 2 * EACH && found[0].time_us == BEGIN_US,
	    "where there is room all of it comes, in the order of time");
	wish.since_us = BEGIN_US + 104;
	OK(first_frames_find(frames, &wish, found) == 4 && found[0].time_us == BEGIN_US + 104,
	    "none from before the time that is asked for");
	wish = wish_of(1);
	wish.port_count = 1;
	wish.ports[0].protocol = TCP;
	wish.ports[0].port = 443;
	OK(first_frames_find(frames, &wish, found) == EACH && found[0].time_us == BEGIN_US,
	    "of a port only its own");
	wish.ports[0].protocol = 17;
	OK(first_frames_find(frames, &wish, found) == 0, "and of that protocol");
	wish = wish_of(1);
	wish.kinds = 1U << SIGHTING_PROBE;
	OK(first_frames_find(frames, &wish, found) == 0, "and of that kind");
	wish = wish_of(1);
	wish.is_victim = true;
	OK(first_frames_find(frames, &wish, found) == EACH && found[0].time_us == BEGIN_US + 200,
	    "of a victim what was sent to it");
	wish = wish_of(1);
	wish.drill = true;
	OK(first_frames_find(frames, &wish, found) == 1, "drill and earnest are apart");
	wish.max = 0;
	OK(first_frames_find(frames, &wish, found) == 0, "who asks for none gets none");
	first_frames_free(frames);
}

static void test_shelf(void)
{
	struct first_frames *frames = first_frames_new(MEMORY_BYTES, EACH);
	struct first_frames_counts counts;
	unsigned left = 0;
	for (unsigned port = 1; port <= FIRST_FRAMES_SHELF + 1; port++) {
		const struct sighting_key key = key_of(1, SIGHTING_REQUEST, (uint16_t)port);
		left = keep(frames, &key, true, BEGIN_US + port);
	}
	first_frames_get_counts(frames, &counts);
	OK(counts.held == FIRST_FRAMES_SHELF && left == 0,
	    "who asks for one port more than a shelf holds gets no more of it");
	struct first_frames_wish wish = wish_of(1);
	wish.max = SIZE_MAX;
	OK(first_frames_find(frames, &wish, found) == FIRST_FRAMES_SHELF &&
		found[0].time_us == BEGIN_US + 1,
	    "the first ports are there, however many are asked for");
	const struct sighting_key late = key_of(1, SIGHTING_REQUEST, 65535);
	(void)keep(frames, &late, true, BEGIN_US + 2 + FIRST_FRAMES_TELLING_US);
	OK(first_frames_find(frames, &wish, found) == FIRST_FRAMES_SHELF &&
		found[0].time_us == BEGIN_US + 2,
	    "what is a day old makes room");
	first_frames_free(frames);
}

/* A machine's scan stays, whatever others do that is ordinary; and what is new, whoever was first.
 */
static void test_room(void)
{
	struct first_frames *frames = first_frames_new(MEMORY_BYTES, EACH);
	struct first_frames_counts counts;
	const struct sighting_key scan = key_of(0, SIGHTING_REQUEST, 23);
	(void)keep(frames, &scan, true, BEGIN_US);
	for (uint32_t n = 1; n < 20000; n++) {
		const struct sighting_key web = key_of(n, SIGHTING_REQUEST, 443);
		const struct sighting_key flood = key_of(n, SIGHTING_FLOODED, 443);
		(void)keep(frames, &web, false, BEGIN_US + n * WHEN_SECOND_US);
		(void)keep(frames, &flood, false, BEGIN_US + n * WHEN_SECOND_US);
	}
	first_frames_get_counts(frames, &counts);
	OK(counts.kept == 1 + 2 * 19999 && counts.held + counts.displaced == counts.kept,
	    "what is held and what made room is all that was kept");
	OK(counts.held * sizeof(struct frame) < MEMORY_BYTES && counts.held < 1000,
	    "no more is held than there is room for");
	OK(find(frames, 0) == 1, "what is ordinary displaces nothing that is telling");
	OK(find(frames, 1) == 0 && find(frames, 19999) == 1, "the oldest made room for the newest");
	for (uint32_t n = 1; n < 20000; n++) {
		const struct sighting_key other = key_of(n, SIGHTING_REQUEST, 23);
		(void)keep(frames, &other, true, BEGIN_US + n);
	}
	OK(find(frames, 0) == 0 && find(frames, 19999) == 2, "among scans as well");
	for (int64_t i = 1; i < EACH; i++)
		(void)keep(frames, &scan, true, BEGIN_US + WHEN_MINUTE_US + i);
	OK(find(frames, 0) == EACH - 1, "a machine whose frames went may have others");
	first_frames_free(frames);
}

/* Whatever comes in a minute, that is ordinary, takes no more work than there is room. */
static void test_busy(void)
{
	struct first_frames *frames = first_frames_new(MEMORY_BYTES, EACH);
	struct first_frames_counts counts;
	const int64_t step_us = FIRST_FRAMES_TURN_US / 20000;
	for (uint32_t n = 0; n < 20000; n++) {
		const struct sighting_key web = key_of(n, SIGHTING_REQUEST, 443);
		(void)keep(frames, &web, false, BEGIN_US + n * step_us);
	}
	first_frames_get_counts(frames, &counts);
	OK(counts.displaced == 0 && counts.held == counts.kept && find(frames, 0) == 1,
	    "within a minute nothing ordinary makes room for more of it");
	const struct sighting_key late = key_of(20000, SIGHTING_REQUEST, 443);
	OK(keep(frames, &late, false, BEGIN_US + FIRST_FRAMES_TURN_US - 1) == 0 &&
		find(frames, 20000) == 0,
	    "to the microsecond");
	OK(keep(frames, &late, false, BEGIN_US + FIRST_FRAMES_TURN_US) > 0 &&
		find(frames, 20000) == 1 && find(frames, 0) == 0,
	    "then the oldest goes");
	const struct sighting_key scan = key_of(20001, SIGHTING_REQUEST, 443);
	OK(keep(frames, &scan, true, BEGIN_US + FIRST_FRAMES_TURN_US) > 0,
	    "what is telling finds its room in any case");
	first_frames_free(frames);
}

static void test_canary(void)
{
	struct first_frames *frames = first_frames_new(MEMORY_BYTES, EACH);
	const struct sighting_key key = key_of(1, SIGHTING_REQUEST, 23);
	first_frames_set_keeping(frames, false);
	OK(keep(frames, &key, true, BEGIN_US) > 0 && find(frames, 1) == 0,
	    "while a canary flies nothing is kept, and it is asked again");
	first_frames_set_keeping(frames, true);
	(void)keep(frames, &key, true, BEGIN_US);
	OK(find(frames, 1) == 1, "afterwards it is");
	first_frames_free(frames);
}

static void test_each_kind(void)
{
	static const struct {
		enum sighting_kind kind;
		bool is_dark;
		bool of_victim;
		int64_t stays_us;
	} rows[] = {
	    {SIGHTING_REQUEST, true, false, FIRST_FRAMES_TELLING_US},
	    {SIGHTING_REQUEST, false, false, FIRST_FRAMES_ORDINARY_US},
	    {SIGHTING_EXCHANGE, false, false, FIRST_FRAMES_ORDINARY_US},
	    {SIGHTING_REPLY, false, false, FIRST_FRAMES_TELLING_US},
	    {SIGHTING_NEIGHBOUR, false, false, FIRST_FRAMES_TELLING_US},
	    {SIGHTING_PROBE, false, false, FIRST_FRAMES_TELLING_US},
	    {SIGHTING_FLOODED, false, true, FIRST_FRAMES_FLOOD_US},
	    {SIGHTING_REFLECTED, false, true, FIRST_FRAMES_FLOOD_US},
	};
	bool are_right = true;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct first_frames *frames = first_frames_new(MEMORY_BYTES, 1);
		const struct sighting_key key = key_of(1, rows[i].kind, 53);
		struct first_frames_wish wish = wish_of(1);
		wish.is_victim = rows[i].of_victim;
		(void)keep(frames, &key, rows[i].is_dark, BEGIN_US);
		(void)keep(frames, &key, rows[i].is_dark, BEGIN_US + rows[i].stays_us);
		are_right = are_right && first_frames_find(frames, &wish, found) == 1 &&
			    found[0].time_us == BEGIN_US;
		(void)keep(frames, &key, rows[i].is_dark, BEGIN_US + rows[i].stays_us + 1);
		are_right = are_right && first_frames_find(frames, &wish, found) == 1 &&
			    found[0].time_us == BEGIN_US + rows[i].stays_us + 1;
		first_frames_free(frames);
	}
	OK(are_right, "of each kind they stay as long as is stated, and no longer");
}

int main(void)
{
	test_first();
	test_cut();
	test_wishes();
	test_shelf();
	test_room();
	test_busy();
	test_canary();
	test_each_kind();
	return test_done();
}
