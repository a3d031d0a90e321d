/* Questions for first frames, and their answers: whole or not at all, and within their limits. */
#include "cmd/station/wire_frames.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/station/wire.h"
#include "test.h"

static struct loop *loop;
static struct channel *ends[2];
static uint8_t payload[MESSAGE_PAYLOAD_MAX_BYTES];
static struct message heard;

static void on_message(void *context, struct message *message)
{
	(void)context;
	memcpy(payload, message->payload, message->payload_bytes);
	heard = (struct message){.type = message->type,
	    .payload = payload,
	    .payload_bytes = message->payload_bytes,
	    .fd = -1};
}

static void on_closed(void *context, int error)
{
	(void)context;
	(void)error;
}

static bool open_channel(void)
{
	const struct channel_handler handler = {.on_message = on_message, .on_closed = on_closed};
	int fds[2];
	return loop_new(&loop_clock_system, &loop) == 0 && channel_pair(fds) == 0 &&
	       channel_new(loop, fds[0], &handler, &ends[0]) == 0 &&
	       channel_new(loop, fds[1], &handler, &ends[1]) == 0;
}

static struct wire_wanted_frames make_wanted(size_t ports)
{
	struct wire_wanted_frames wanted = {
	    .number = 0x123456789abcdef0,
	    .wish = {.subject = address_from_v4_u32(0xc6336407),
		.drill = true,
		.kinds = 1U << SIGHTING_PROBE,
		.since_us = -5,
		.max = 8,
		.port_count = ports},
	};
	for (size_t i = 0; i < ports; i++) {
		wanted.wish.ports[i].protocol = 6;
		wanted.wish.ports[i].port = (uint16_t)(1000 + i);
	}
	return wanted;
}

static void test_question(void)
{
	const struct wire_wanted_frames wanted = make_wanted(FIRST_FRAMES_PORTS_MAX);
	struct wire_wanted_frames got;
	OK(wire_send_wanted_frames(ends[0], &wanted) == 0 && loop_turn(loop, 1000000) == 0 &&
		heard.type == WIRE_FRAMES_WANTED,
	    "a question with all ports it may have is sent");
	OK(wire_read_wanted_frames(&heard, &got) && got.number == wanted.number &&
		address_equal(&got.wish.subject, &wanted.wish.subject) && got.wish.drill &&
		!got.wish.is_victim && got.wish.kinds == wanted.wish.kinds &&
		got.wish.since_us == -5 && got.wish.max == 8,
	    "and comes as it was");
	OK(got.wish.port_count == FIRST_FRAMES_PORTS_MAX && got.wish.ports[31].port == 1031 &&
		got.wish.ports[31].protocol == 6,
	    "with its ports");
	bool was_taken = false;
	struct message cut = heard;
	for (cut.payload_bytes = 0; cut.payload_bytes < heard.payload_bytes; cut.payload_bytes++)
		was_taken = was_taken || wire_read_wanted_frames(&cut, &got);
	cut.payload_bytes = heard.payload_bytes + 1;
	OK(!was_taken && !wire_read_wanted_frames(&cut, &got), "cut, or longer, it is none");
	payload[8 + 4 + ADDRESS_BYTES + 1 + 1 + 4 + 8 + 1]++;
	OK(!wire_read_wanted_frames(&heard, &got), "one port more than there is room for is none");
	payload[8 + 4 + ADDRESS_BYTES + 1 + 1 + 4 + 8 + 1]--;
	heard.type++;
	OK(!wire_read_wanted_frames(&heard, &got), "of another type it is none");
}

static uint8_t record[WIRE_FRAMES_BYTES + 1];
static uint8_t bytes[FIRST_FRAME_BYTES];
static struct wire_frames frames;
static struct wire_frames read_frames;

static void make_answer(size_t count)
{
	memset(bytes, 0x5a, sizeof bytes);
	frames = (struct wire_frames){.number = 7, .count = count};
	for (size_t i = 0; i < count; i++)
		frames.frames[i] = (struct frame){.bytes = bytes,
		    .captured_bytes = FIRST_FRAME_BYTES,
		    .wire_bytes = 1500,
		    .time_us = (int64_t)i,
		    .link_type = LINK_ETHERNET,
		    .drill = 1};
}

/* Whether the answer is refused once it says this. */
static bool is_refused(void)
{
	return !wire_read_frames(record, wire_write_frames(&frames, record), &read_frames);
}

static void test_answer(void)
{
	make_answer(WIRE_FRAMES_MAX);
	const size_t length = wire_write_frames(&frames, record);
	OK(length <= WIRE_FRAMES_BYTES && wire_is_frames(record, length) &&
		!wire_is_report(record, length),
	    "the largest answer fits, and is known by its first byte");
	OK(wire_read_frames(record, length, &read_frames) && read_frames.number == 7 &&
		read_frames.count == WIRE_FRAMES_MAX &&
		read_frames.frames[31].captured_bytes == FIRST_FRAME_BYTES &&
		read_frames.frames[31].time_us == 31 && read_frames.frames[31].bytes[255] == 0x5a &&
		read_frames.frames[31].drill == 1 && read_frames.frames[31].wire_bytes == 1500,
	    "it comes as it was");
	bool was_taken = false;
	for (size_t i = 0; i < length; i++)
		was_taken = was_taken || wire_read_frames(record, i, &read_frames);
	OK(!was_taken && !wire_read_frames(record, length + 1, &read_frames),
	    "cut, or longer, it is none");
	record[9] = WIRE_FRAMES_MAX + 1;
	OK(!wire_read_frames(record, length, &read_frames), "one frame too many is none");
	make_answer(0);
	OK(!is_refused() && read_frames.count == 0, "no frames are an answer");
	make_answer(1);
	frames.frames[0].wire_bytes = FIRST_FRAME_BYTES - 1;
	OK(is_refused(), "more bytes than were on the wire are none");
	frames.frames[0].wire_bytes = FIRST_FRAME_BYTES;
	OK(!is_refused(), "as many are");
	frames.frames[0].time_us = FRAME_TIME_MAX_US + 1;
	OK(is_refused(), "a time after all times is none");
	frames.frames[0].time_us = FRAME_TIME_MIN_US - 1;
	OK(is_refused(), "nor is one before");
	make_answer(1);
	const size_t one = wire_write_frames(&frames, record);
	/* the length of its bytes says one more, and one more is there */
	record[one - FIRST_FRAME_BYTES - 1]++;
	OK(!wire_read_frames(record, one + 1, &read_frames), "one byte past the most is none");
}

int main(void)
{
	if (!open_channel())
		return 1;
	test_question();
	test_answer();
	channel_free(ends[0]);
	channel_free(ends[1]);
	loop_free(loop);
	return test_done();
}
