#include "cmd/station/wire_web.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/station/wire.h"
#include "test.h"

/* What came last at the other end of a channel. */
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

/* Whether it was sent, and has come. */
static bool came(int sent)
{
	heard.type = 0;
	(void)loop_turn(loop, 1000000);
	return sent == 0 && heard.type != 0;
}

/* Whether `read` refuses what came, cut at any length, with one byte more, or of another type. */
static bool is_strict(bool (*read)(const struct message *message))
{
	struct message message = heard;
	bool was_taken = false;
	for (size_t i = 0; i < heard.payload_bytes; i++) {
		message.payload_bytes = i;
		was_taken = was_taken || read(&message);
	}
	message.payload_bytes = heard.payload_bytes + 1;
	was_taken = was_taken || read(&message);
	message.payload_bytes = heard.payload_bytes;
	message.type++;
	return !was_taken && !read(&message) && read(&heard);
}

static uint64_t number;
static struct figures figures;
static struct wire_heard beat;
static struct wire_noted noted;
static struct wire_beaten beaten;
static struct roll roll;

static bool read_ask(const struct message *message)
{
	return wire_read_ask(message, &number);
}

static bool read_figures(const struct message *message)
{
	return wire_read_figures(message, &figures);
}

static bool read_heard(const struct message *message)
{
	return wire_read_heard(message, &beat);
}

static bool read_noted(const struct message *message)
{
	return wire_read_noted(message, &noted);
}

static bool read_beaten(const struct message *message)
{
	return wire_read_beaten(message, &beaten);
}

static bool read_roll(const struct message *message)
{
	return wire_read_roll(message, &roll);
}

static void test_figures(void)
{
	static struct figures sent;
	OK(came(wire_send_ask(ends[0], 7)) && is_strict(read_ask) && number == 7, "a question");
	sent.bytes = sizeof sent;
	sent.number = 8;
	sent.source_count = 1;
	(void)snprintf(sent.sources[0].name, sizeof sent.sources[0].name, "ring:eth0");
	OK(came(wire_send_figures(ends[1], &sent)) && read_figures(&heard) && figures.number == 8 &&
		strcmp(figures.sources[0].name, "ring:eth0") == 0,
	    "figures");
	struct message cut = heard;
	cut.payload_bytes--;
	OK(!read_figures(&cut), "all of them, or none");
	sent.source_count = STATION_SOURCES_MAX + 1;
	OK(came(wire_send_figures(ends[1], &sent)) && !read_figures(&heard), "and sound ones only");
}

static void test_signs(void)
{
	struct wire_heard sent = {.number = 9,
	    .heartbeat = {.name = "火の見",
		.time_us = -1,
		.packets = UINT64_MAX,
		.waiting = 2,
		.version = "0.1.0",
		.sequence = 3}};
	OK(came(wire_send_heard(ends[0], &sent)) && is_strict(read_heard) && beat.number == 9 &&
		strcmp(beat.heartbeat.name, "火の見") == 0 && beat.heartbeat.time_us == -1 &&
		beat.heartbeat.packets == UINT64_MAX && beat.heartbeat.sequence == 3,
	    "a sign of life that was heard");
	memset(sent.heartbeat.name, 'a', HEARTBEAT_NAME_BYTES - 1);
	OK(came(wire_send_heard(ends[0], &sent)) && read_heard(&heard), "of the longest name");
	const struct wire_noted note = {.number = 9, .note = WIRE_NOTE_MANY};
	OK(came(wire_send_noted(ends[1], &note)) && is_strict(read_noted) && noted.number == 9 &&
		noted.note == WIRE_NOTE_MANY,
	    "what came of it");
	payload[heard.payload_bytes - 1] = WIRE_NOTE_COUNT;
	OK(!read_noted(&heard), "which is one of those that there are");
}

static void test_beats(void)
{
	static char long_text[HEARTBEAT_BODY_MAX_BYTES + 1];
	const uint8_t *bytes;
	size_t count;
	OK(came(wire_send_beat(ends[1], "{}\n", 3)) && wire_read_beat(&heard, &bytes, &count) &&
		count == 3 && memcmp(bytes, "{}\n", 3) == 0,
	    "a sign of life of ours");
	OK(came(wire_send_beat(ends[1], long_text, sizeof long_text - 1)) &&
		wire_read_beat(&heard, &bytes, &count),
	    "the longest");
	OK(came(wire_send_beat(ends[1], long_text, sizeof long_text)) &&
		!wire_read_beat(&heard, &bytes, &count),
	    "one byte longer");
	OK(came(wire_send_beaten(ends[0], true, "HTTP 204")) && is_strict(read_beaten) &&
		beaten.is_taken && strcmp(beaten.reply, "HTTP 204") == 0,
	    "what came of it");
	static struct roll sent = {.bytes = sizeof sent, .count = 1};
	const struct message message = wire_roll(&sent);
	OK(read_roll(&message) && roll.count == 1, "all processes");
	sent.count = DUTIES_MAX + 2;
	OK(!read_roll(&message), "no more than there can be");
}

int main(void)
{
	if (!open_channel())
		return 1;
	test_figures();
	test_signs();
	test_beats();
	channel_free(ends[0]);
	channel_free(ends[1]);
	loop_free(loop);
	return test_done();
}
