/* The first frames of a sighting: few, cut, and within their room. */
#include "observe/samples.h"

#include <string.h>

#include "test.h"

enum {
	ROOM = 10,
};

static uint8_t bytes[2 * SAMPLE_BYTES];

static struct frame make_frame(uint32_t captured_bytes, int64_t time_us)
{
	return (struct frame){
	    .bytes = bytes,
	    .captured_bytes = captured_bytes,
	    .wire_bytes = 1500,
	    .time_us = time_us,
	    .link_type = LINK_ETHERNET,
	    .drill = 3,
	};
}

static void keep(struct samples *samples, uint32_t *first, int64_t time_us)
{
	const struct frame frame = make_frame(60, time_us);
	samples_keep(samples, first, &frame);
}

/* The times of a chain's frames as digits, "1234" for frames kept at 1, 2, 3, 4. */
static const char *read_chain(const struct samples *samples, uint32_t first)
{
	static char digits[ROOM + 1];
	size_t count = 0;
	struct frame frame;
	while (count < ROOM && samples_next(samples, &first, &frame) != 0)
		digits[count++] = (char)('0' + frame.time_us % 10);
	digits[count] = '\0';
	return digits;
}

static bool is_chain(const struct samples *samples, uint32_t first, const char *expected)
{
	return strcmp(read_chain(samples, first), expected) == 0;
}

static void test_keeping(void)
{
	struct samples *samples = samples_new(ROOM);
	uint32_t one = 0;
	uint32_t other = 0;
	OK(is_chain(samples, one, ""), "an empty chain has no frame");
	for (int64_t time = 1; time <= 6; time++)
		keep(samples, &one, time);
	OK(is_chain(samples, one, "1234"), "the first four frames are kept, not the fifth");
	OK(samples_lost(samples) == 0, "which is no loss");
	keep(samples, &other, 7);
	keep(samples, &other, 8);
	OK(is_chain(samples, one, "1234") && is_chain(samples, other, "78"), "chains are apart");
	samples_free(samples);
}

static void test_cutting(void)
{
	static const struct {
		const char *name;
		uint32_t captured;
		uint32_t kept;
	} rows[] = {
	    {"an empty frame", 0, 0},
	    {"one byte", 1, 1},
	    {"just what fits", SAMPLE_BYTES, SAMPLE_BYTES},
	    {"a byte more is cut", SAMPLE_BYTES + 1, SAMPLE_BYTES},
	};
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct samples *samples = samples_new(ROOM);
		uint32_t first = 0;
		const struct frame frame = make_frame(rows[i].captured, 5);
		samples_keep(samples, &first, &frame);
		struct frame kept = {0};
		uint32_t position = first;
		int found = samples_next(samples, &position, &kept);
		OK(found == 1 && kept.captured_bytes == rows[i].kept && kept.wire_bytes == 1500 &&
			kept.time_us == 5 && kept.link_type == LINK_ETHERNET && kept.drill == 3 &&
			kept.bytes != bytes && memcmp(kept.bytes, bytes, rows[i].kept) == 0,
		    rows[i].name);
		samples_free(samples);
	}
}

static void test_room(void)
{
	struct samples *samples = samples_new(ROOM);
	uint32_t chains[ROOM + 2] = {0};
	for (int i = 0; i < ROOM + 2; i++)
		keep(samples, &chains[i], i);
	OK(is_chain(samples, chains[ROOM - 1], "9"), "the last that fits is kept");
	OK(chains[ROOM] == 0 && samples_lost(samples) == 2, "what is past the room is counted");
	keep(samples, &chains[0], 5);
	OK(is_chain(samples, chains[0], "0") && samples_lost(samples) == 3,
	    "also where a chain exists");
	samples_free(samples);
}

static void test_joining(void)
{
	struct samples *samples = samples_new(ROOM);
	uint32_t into = 0;
	uint32_t from = 0;
	keep(samples, &from, 1);
	keep(samples, &from, 2);
	samples_join(samples, &into, from);
	OK(is_chain(samples, into, "12"), "joined to an empty chain");
	samples_join(samples, &into, from);
	OK(is_chain(samples, into, "12"), "joined again: nothing changes");
	samples_join(samples, &into, 0);
	OK(is_chain(samples, into, "12"), "an empty chain adds nothing");
	uint32_t later = 0;
	keep(samples, &later, 3);
	samples_join(samples, &into, later);
	OK(is_chain(samples, into, "123"), "a further chain is joined at the end");
	uint32_t full = 0;
	for (int64_t time = 4; time <= 7; time++)
		keep(samples, &full, time);
	samples_join(samples, &full, into);
	OK(is_chain(samples, full, "4567"), "a full chain takes no more");
	samples_free(samples);
}

static void test_nothing(void)
{
	uint32_t first = 0;
	const struct frame frame = make_frame(60, 1);
	struct frame kept;
	samples_keep(NULL, &first, &frame);
	samples_join(NULL, &first, 1);
	OK(first == 0 && samples_next(NULL, &first, &kept) == 0 && samples_lost(NULL) == 0,
	    "where no evidence is wanted nothing is kept");
	samples_free(NULL);
}

int main(void)
{
	test_keeping();
	test_cutting();
	test_room();
	test_joining();
	test_nothing();
	return test_done();
}
