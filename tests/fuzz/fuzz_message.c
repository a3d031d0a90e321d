/*
 * fuzz_message.c - packets that claim to be messages, and payloads read field by field.
 *
 * Byte 0 is how many bytes follow that say which fields the payload is read as (each modulo the
 * number of kinds). The rest is a packet as it comes from a peer: with bit 7 of byte 0 as it
 * stands, else with the header that it should have.
 *
 * What was read as a field must, written again, give the very bytes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc/duty_layout.h"
#include "proc/message.h"
#include "proc/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	RAW = 0x80,
	TEXT_ROOM = 300,
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Reads one field of that kind and writes it again. */
static void copy_field(uint8_t kind, struct cursor *from, struct pack *to)
{
	char text[TEXT_ROOM];
	size_t count;
	const uint8_t *bytes;
	switch (kind % 7) {
	case 0:
		pack_u8(to, cursor_u8(from));
		break;
	case 1:
		pack_u16(to, cursor_u16(from));
		break;
	case 2:
		pack_u32(to, cursor_u32(from));
		break;
	case 3:
		pack_u64(to, unpack_u64(from));
		break;
	case 4:
		pack_i64(to, unpack_i64(from));
		break;
	case 5:
		bytes = unpack_bytes(from, &count);
		pack_bytes(to, bytes, count);
		break;
	default:
		unpack_text(from, text, sizeof text);
		require(strlen(text) < sizeof text);
		pack_text(to, text);
		break;
	}
}

static void read_fields(
    const uint8_t *kinds, size_t kind_count, const uint8_t *payload, size_t payload_bytes)
{
	uint8_t *again = malloc(payload_bytes > 0 ? payload_bytes : 1);
	require(again != NULL);
	struct cursor cursor = cursor_over(payload, payload_bytes);
	struct pack pack = pack_over(again, payload_bytes);
	size_t read = 0;
	for (size_t i = 0; i < kind_count && cursor_ok(&cursor); i++) {
		copy_field(kinds[i], &cursor, &pack);
		if (cursor_ok(&cursor))
			read = payload_bytes - cursor.left;
	}
	require(pack.used >= read && memcmp(again, payload, read) == 0);
	require(!cursor_ok(&cursor) || (pack_ok(&pack) && pack.used == read));
	free(again);
}

/* As what duties and their parent tell each other: what is believed is within its limits. */
static void read_duty(const uint8_t *payload, size_t payload_bytes)
{
	static struct duty_layout layout;
	struct sandbox_state state;
	struct cursor cursor = cursor_over(payload, payload_bytes);
	if (duty_layout_read(&cursor, &layout)) {
		require(layout.link_count <= DUTY_LINKS_MAX);
		require(layout.descriptor_count <= DUTY_DESCRIPTORS_MAX);
		require(layout.profile.connect_port_count <= DUTY_PORTS_MAX);
		require(strlen(layout.name) < DUTY_NAME_BYTES);
	}
	cursor = cursor_over(payload, payload_bytes);
	if (duty_ready_read(&cursor, &state))
		require(payload_bytes == 11 && state.landlock_abi >= 0);
}

struct heard {
	const uint8_t *packet;
	size_t packet_bytes;
	const uint8_t *kinds;
	size_t kind_count;
	int messages;
	int ends;
};

static void on_message(void *context, struct message *message)
{
	struct heard *heard = context;
	heard->messages++;
	require(message->fd == -1);
	require(message->payload_bytes == heard->packet_bytes - MESSAGE_HEADER_BYTES);
	require(memcmp(message->payload, heard->packet + MESSAGE_HEADER_BYTES,
		    message->payload_bytes) == 0);
	/* From a block of just its size, so that reading past its end is seen. */
	uint8_t *copy = malloc(message->payload_bytes > 0 ? message->payload_bytes : 1);
	require(copy != NULL);
	memcpy(copy, message->payload, message->payload_bytes);
	read_fields(heard->kinds, heard->kind_count, copy, message->payload_bytes);
	read_duty(copy, message->payload_bytes);
	free(copy);
}

static void on_closed(void *context, int error)
{
	struct heard *heard = context;
	heard->ends++;
	require(error == -EPROTO || (error == 0 && heard->packet_bytes == 0));
}

/* Through a real channel, by a real socket. */
static void deliver(struct heard *heard)
{
	static struct loop *loop;
	const struct channel_handler handler = {heard, on_message, on_closed, NULL};
	struct channel *channel;
	int fds[2];
	require(loop != NULL || loop_new(&loop_clock_system, &loop) == 0);
	require(channel_pair(fds) == 0);
	require(channel_new(loop, fds[0], &handler, &channel) == 0);
	ssize_t sent = send(fds[1], heard->packet, heard->packet_bytes, MSG_NOSIGNAL);
	require(sent == (ssize_t)heard->packet_bytes);
	require(loop_turn(loop, 0) == 0);
	require(heard->messages + heard->ends == 1);
	channel_free(channel);
	(void)close(fds[1]); /* of the test */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	static uint8_t packet[MESSAGE_MAX_BYTES];
	if (data_bytes < 1)
		return 0;
	size_t kind_count = data[0] & 0x7f;
	bool is_raw = (data[0] & RAW) != 0;
	if (kind_count > data_bytes - 1)
		kind_count = data_bytes - 1;
	const uint8_t *rest = data + 1 + kind_count;
	size_t rest_bytes = data_bytes - 1 - kind_count;
	if (rest_bytes > MESSAGE_PAYLOAD_MAX_BYTES)
		return 0;
	struct pack pack = pack_over(packet, sizeof packet);
	if (!is_raw) {
		pack_u16(&pack, MESSAGE_VERSION);
		pack_u16(&pack, 1);
		pack_u32(&pack, (uint32_t)rest_bytes);
	}
	if (rest_bytes > 0)
		memcpy(packet + pack.used, rest, rest_bytes);
	struct heard heard = {
	    .packet = packet,
	    .packet_bytes = pack.used + rest_bytes,
	    .kinds = data + 1,
	    .kind_count = kind_count,
	};
	deliver(&heard);
	require(is_raw || heard.messages == 1);
	return 0;
}
