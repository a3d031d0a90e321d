#include "cmd/station/wire_web.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/wire.h"
#include "proc/pack.h"

static_assert(sizeof(struct figures) <= MESSAGE_PAYLOAD_MAX_BYTES, "figures are one message");
static_assert(sizeof(struct sparks_news) <= MESSAGE_PAYLOAD_MAX_BYTES, "so are sparks");
static_assert(sizeof(struct roll) <= MESSAGE_PAYLOAD_MAX_BYTES, "so are all processes");

enum {
	SMALL_BYTES = 1024,
};

static struct message message_of(uint16_t type, const void *bytes, size_t count)
{
	return (struct message){.type = type, .payload = bytes, .payload_bytes = count, .fd = -1};
}

static int send_pack(struct channel *channel, uint16_t type, const struct pack *pack)
{
	const struct message message = message_of(type, pack->bytes, pack->used);
	return pack_ok(pack) ? channel_send(channel, &message) : -EMSGSIZE;
}

/* As it lies in memory. */
static bool read_whole(const struct message *message, uint16_t type, void *out, size_t bytes)
{
	if (message->type != type || message->payload_bytes != bytes)
		return false;
	memcpy(out, message->payload, bytes);
	return true;
}

int wire_send_ask(struct channel *channel, uint64_t number)
{
	uint8_t bytes[sizeof number];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, number);
	return send_pack(channel, WIRE_ASK, &pack);
}

bool wire_read_ask(const struct message *message, uint64_t *ret_number)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	*ret_number = unpack_u64(&cursor);
	return message->type == WIRE_ASK && unpack_is_whole(&cursor);
}

int wire_send_figures(struct channel *channel, const struct figures *figures)
{
	const struct message message = message_of(WIRE_FIGURES, figures, sizeof *figures);
	return channel_send(channel, &message);
}

bool wire_read_figures(const struct message *message, struct figures *ret_figures)
{
	return read_whole(message, WIRE_FIGURES, ret_figures, sizeof *ret_figures) &&
	       figures_are_sound(ret_figures);
}

int wire_send_watched(struct channel *channel)
{
	const struct message message = message_of(WIRE_WATCHED, NULL, 0);
	return channel_send(channel, &message);
}

bool wire_read_watched(const struct message *message)
{
	return message->type == WIRE_WATCHED && message->payload_bytes == 0;
}

int wire_send_sparks(struct channel *channel, const struct sparks_news *news)
{
	const struct message message = message_of(WIRE_SPARKS, news, sizeof *news);
	return channel_send(channel, &message);
}

bool wire_read_sparks(const struct message *message, struct sparks_news *ret_news)
{
	return read_whole(message, WIRE_SPARKS, ret_news, sizeof *ret_news) &&
	       sparks_news_is_sound(ret_news);
}

int wire_send_heard(struct channel *channel, const struct wire_heard *heard)
{
	uint8_t bytes[SMALL_BYTES];
	const struct heartbeat *heartbeat = &heard->heartbeat;
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, heard->number);
	pack_text(&pack, heartbeat->name);
	pack_i64(&pack, heartbeat->time_us);
	pack_u64(&pack, heartbeat->packets);
	pack_u64(&pack, heartbeat->waiting);
	pack_text(&pack, heartbeat->version);
	pack_u64(&pack, heartbeat->sequence);
	return send_pack(channel, WIRE_HEARD, &pack);
}

bool wire_read_heard(const struct message *message, struct wire_heard *ret_heard)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	struct heartbeat *heartbeat = &ret_heard->heartbeat;
	*ret_heard = (struct wire_heard){.number = unpack_u64(&cursor)};
	heartbeat->observed_us = HEARTBEAT_NOTHING_OBSERVED;
	unpack_text(&cursor, heartbeat->name, sizeof heartbeat->name);
	heartbeat->time_us = unpack_i64(&cursor);
	heartbeat->packets = unpack_u64(&cursor);
	heartbeat->waiting = unpack_u64(&cursor);
	unpack_text(&cursor, heartbeat->version, sizeof heartbeat->version);
	heartbeat->sequence = unpack_u64(&cursor);
	return message->type == WIRE_HEARD && unpack_is_whole(&cursor);
}

int wire_send_noted(struct channel *channel, const struct wire_noted *noted)
{
	uint8_t bytes[16];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, noted->number);
	pack_u8(&pack, (uint8_t)noted->note);
	return send_pack(channel, WIRE_NOTED, &pack);
}

bool wire_read_noted(const struct message *message, struct wire_noted *ret_noted)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	ret_noted->number = unpack_u64(&cursor);
	const uint8_t note = cursor_u8(&cursor);
	ret_noted->note = (enum wire_note)note;
	return message->type == WIRE_NOTED && unpack_is_whole(&cursor) && note < WIRE_NOTE_COUNT;
}

int wire_send_beat(struct channel *channel, const char *text, size_t length)
{
	const struct message message = message_of(WIRE_BEAT, text, length);
	return channel_send(channel, &message);
}

bool wire_read_beat(const struct message *message, const uint8_t **ret_bytes, size_t *ret_count)
{
	*ret_bytes = message->payload;
	*ret_count = message->payload_bytes;
	return message->type == WIRE_BEAT && *ret_count <= HEARTBEAT_BODY_MAX_BYTES;
}

int wire_send_beaten(struct channel *channel, bool is_taken, const char *reply)
{
	uint8_t bytes[SMALL_BYTES];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u8(&pack, is_taken);
	pack_text(&pack, reply);
	return send_pack(channel, WIRE_BEATEN, &pack);
}

bool wire_read_beaten(const struct message *message, struct wire_beaten *ret_beaten)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	ret_beaten->is_taken = cursor_u8(&cursor) != 0;
	unpack_text(&cursor, ret_beaten->reply, sizeof ret_beaten->reply);
	return message->type == WIRE_BEATEN && unpack_is_whole(&cursor);
}

int wire_take_secret(
    struct duty_self *self, struct heartbeat_secret *ret_secret, struct complaint *complaint)
{
	char *text;
	size_t length;
	int fd = duty_take_descriptor(self, WIRE_SECRET);
	ret_secret->length = 0;
	if (fd < 0)
		return 0; /* there is none */
	int result = wire_read_text(fd, SMALL_BYTES, &text, &length);
	if (result != 0)
		return complain(complaint, result, "heartbeat.secret_file: %s", strerror(-result));
	result = heartbeat_secret_read(text, length, ret_secret, complaint);
	explicit_bzero(text, length);
	free(text);
	return result;
}

struct message wire_roll(const struct roll *roll)
{
	return message_of(WIRE_ROLL, roll, sizeof *roll);
}

bool wire_read_roll(const struct message *message, struct roll *ret_roll)
{
	return read_whole(message, WIRE_ROLL, ret_roll, sizeof *ret_roll) &&
	       roll_is_sound(ret_roll);
}
