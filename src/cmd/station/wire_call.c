#include "cmd/station/wire_call.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cmd/station/service.h"
#include "cmd/station/wire.h"
#include "proc/pack.h"

enum {
	FIELDS_BYTES = 256,
	/* Results are negative errnos, of which Linux has 4095. */
	RESULT_MAX = 4095,
};

static_assert(SERVICE_REQUEST_BYTES_MAX + FIELDS_BYTES <= MESSAGE_PAYLOAD_MAX_BYTES,
    "a request is one message");

static int send_pack(struct channel *channel, uint16_t type, const struct pack *pack)
{
	const struct message message = {
	    .type = type, .payload = pack->bytes, .payload_bytes = pack->used, .fd = -1};
	return pack_ok(pack) ? channel_send(channel, &message) : -EMSGSIZE;
}

int wire_send_call(struct channel *channel, const struct wire_call *call)
{
	static uint8_t bytes[SERVICE_REQUEST_BYTES_MAX + FIELDS_BYTES]; /* large */
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, call->number);
	pack_text(&pack, call->token);
	pack_bytes(&pack, call->peer.bytes, sizeof call->peer.bytes);
	pack_bytes(&pack, call->request, call->length);
	const int result = send_pack(channel, WIRE_CALL, &pack);
	explicit_bzero(bytes, pack.used); /* there is a token in it, and may be a key */
	return result;
}

bool wire_read_call(const struct message *message, struct wire_call *ret_call)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	size_t count = 0;
	*ret_call = (struct wire_call){.number = unpack_u64(&cursor)};
	unpack_text(&cursor, ret_call->token, sizeof ret_call->token);
	const uint8_t *peer = unpack_bytes(&cursor, &count);
	if (count != sizeof ret_call->peer.bytes)
		return false;
	memcpy(ret_call->peer.bytes, peer, count);
	ret_call->request = (const char *)unpack_bytes(&cursor, &ret_call->length);
	return message->type == WIRE_CALL && unpack_is_whole(&cursor) &&
	       (ret_call->token[0] == '\0' || token_is_one(ret_call->token)) &&
	       ret_call->length <= SERVICE_REQUEST_BYTES_MAX;
}

/* The last line, with its end. */
static size_t last_line(const char *text, size_t length)
{
	size_t start = length;
	while (start > 0 && (start == length || text[start - 1] != '\n'))
		start--;
	return start;
}

int wire_send_answered(struct channel *channel, const struct wire_answered *answered)
{
	static uint8_t bytes[MESSAGE_PAYLOAD_MAX_BYTES]; /* large */
	struct pack pack = pack_over(bytes, sizeof bytes);
	const size_t start = answered->length + FIELDS_BYTES > sizeof bytes
				 ? last_line(answered->text, answered->length)
				 : 0;
	pack_u64(&pack, answered->number);
	pack_u32(&pack, (uint32_t)-answered->result);
	pack_bytes(&pack, answered->text + start, answered->length - start);
	return send_pack(channel, WIRE_ANSWERED, &pack);
}

bool wire_read_answered(const struct message *message, struct wire_answered *ret_answered)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	*ret_answered = (struct wire_answered){.number = unpack_u64(&cursor)};
	const uint32_t error = cursor_u32(&cursor);
	ret_answered->result = error <= RESULT_MAX ? -(int)error : -EPROTO;
	ret_answered->text = (const char *)unpack_bytes(&cursor, &ret_answered->length);
	return message->type == WIRE_ANSWERED && unpack_is_whole(&cursor) && error <= RESULT_MAX;
}
