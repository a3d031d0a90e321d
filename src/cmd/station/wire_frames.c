#include "cmd/station/wire_frames.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cmd/station/wire.h"
#include "proc/pack.h"

enum {
	PORT_BYTES = 3,
	WANTED_BYTES = 64 + FIRST_FRAMES_PORTS_MAX * PORT_BYTES,
};

int wire_send_wanted_frames(struct channel *channel, const struct wire_wanted_frames *wanted)
{
	const struct first_frames_wish *wish = &wanted->wish;
	uint8_t bytes[WANTED_BYTES];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, wanted->number);
	pack_bytes(&pack, wish->subject.bytes, sizeof wish->subject.bytes);
	pack_u8(&pack, wish->drill);
	pack_u8(&pack, wish->is_victim);
	pack_u32(&pack, wish->kinds);
	pack_i64(&pack, wish->since_us);
	pack_u8(&pack, (uint8_t)wish->max);
	pack_u8(&pack, (uint8_t)wish->port_count);
	for (size_t i = 0; i < wish->port_count; i++) {
		pack_u8(&pack, wish->ports[i].protocol);
		pack_u16(&pack, wish->ports[i].port);
	}
	const struct message message = {
	    .type = WIRE_FRAMES_WANTED, .payload = bytes, .payload_bytes = pack.used, .fd = -1};
	return pack_ok(&pack) ? channel_send(channel, &message) : -EMSGSIZE;
}

bool wire_read_wanted_frames(const struct message *message, struct wire_wanted_frames *ret_wanted)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	struct first_frames_wish *wish = &ret_wanted->wish;
	size_t length;
	*ret_wanted = (struct wire_wanted_frames){.number = unpack_u64(&cursor)};
	const uint8_t *subject = unpack_bytes(&cursor, &length);
	if (subject == NULL || length != sizeof wish->subject.bytes)
		return false;
	memcpy(wish->subject.bytes, subject, length);
	const uint8_t drill = cursor_u8(&cursor);
	const uint8_t is_victim = cursor_u8(&cursor);
	wish->drill = drill != 0;
	wish->is_victim = is_victim != 0;
	wish->kinds = cursor_u32(&cursor);
	wish->since_us = unpack_i64(&cursor);
	wish->max = cursor_u8(&cursor);
	wish->port_count = cursor_u8(&cursor);
	if (drill > 1 || is_victim > 1 || wish->port_count > FIRST_FRAMES_PORTS_MAX)
		return false;
	for (size_t i = 0; i < wish->port_count; i++) {
		wish->ports[i].protocol = cursor_u8(&cursor);
		wish->ports[i].port = cursor_u16(&cursor);
	}
	return message->type == WIRE_FRAMES_WANTED && unpack_is_whole(&cursor);
}

size_t wire_write_frames(const struct wire_frames *frames, uint8_t out[static WIRE_FRAMES_BYTES])
{
	struct pack pack = pack_over(out, WIRE_FRAMES_BYTES);
	pack_u8(&pack, WIRE_FRAMES_MARK);
	pack_u64(&pack, frames->number);
	pack_u8(&pack, (uint8_t)frames->count);
	for (size_t i = 0; i < frames->count; i++) {
		const struct frame *frame = &frames->frames[i];
		pack_i64(&pack, frame->time_us);
		pack_u32(&pack, frame->wire_bytes);
		pack_u32(&pack, frame->link_type);
		pack_u32(&pack, frame->drill);
		pack_bytes(&pack, frame->bytes, frame->captured_bytes);
	}
	assert(pack_ok(&pack)); /* there is room for so many of the longest */
	return pack.used;
}

bool wire_is_frames(const uint8_t *bytes, size_t count)
{
	return count > 0 && bytes[0] == WIRE_FRAMES_MARK;
}

bool wire_read_frames(const uint8_t *bytes, size_t count, struct wire_frames *ret_frames)
{
	struct cursor cursor = cursor_over(bytes, count);
	const uint8_t mark = cursor_u8(&cursor);
	ret_frames->number = unpack_u64(&cursor);
	ret_frames->count = cursor_u8(&cursor);
	if (mark != WIRE_FRAMES_MARK || ret_frames->count > WIRE_FRAMES_MAX)
		return false;
	for (size_t i = 0; i < ret_frames->count; i++) {
		struct frame *frame = &ret_frames->frames[i];
		size_t length;
		frame->time_us = unpack_i64(&cursor);
		frame->wire_bytes = cursor_u32(&cursor);
		frame->link_type = cursor_u32(&cursor);
		frame->drill = cursor_u32(&cursor);
		frame->bytes = unpack_bytes(&cursor, &length);
		if (length > FIRST_FRAME_BYTES || length > frame->wire_bytes ||
		    frame->time_us < FRAME_TIME_MIN_US || frame->time_us > FRAME_TIME_MAX_US)
			return false;
		frame->captured_bytes = (uint32_t)length;
	}
	return unpack_is_whole(&cursor);
}
