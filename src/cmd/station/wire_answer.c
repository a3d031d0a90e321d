#include "cmd/station/wire_answer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cmd/station/wire.h"
#include "proc/pack.h"

static_assert(sizeof(struct answer_page) <= MESSAGE_PAYLOAD_MAX_BYTES / 2, "a page is one message");

enum {
	QUESTION_BYTES = 2048,
	LEAF_BYTES = sizeof(struct answer_page) + 64,
};

static int send_pack(struct channel *channel, uint16_t type, const struct pack *pack)
{
	const struct message message = {
	    .type = type, .payload = pack->bytes, .payload_bytes = pack->used, .fd = -1};
	return pack_ok(pack) ? channel_send(channel, &message) : -EMSGSIZE;
}

int wire_send_question(struct channel *channel, const struct wire_question *question)
{
	uint8_t bytes[QUESTION_BYTES];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, question->number);
	pack_text(&pack, question->token);
	pack_u8(&pack, question->has_language);
	pack_u8(&pack, (uint8_t)question->language);
	pack_u8(&pack, (uint8_t)question->answer);
	pack_text(&pack, question->form);
	pack_text(&pack, question->note);
	return send_pack(channel, WIRE_QUESTION, &pack);
}

bool wire_read_question(const struct message *message, struct wire_question *ret_question)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	*ret_question = (struct wire_question){.number = unpack_u64(&cursor)};
	unpack_text(&cursor, ret_question->token, sizeof ret_question->token);
	ret_question->has_language = cursor_u8(&cursor) != 0;
	const uint8_t language = cursor_u8(&cursor);
	const uint8_t answer = cursor_u8(&cursor);
	ret_question->language = (enum language)language;
	ret_question->answer = (enum answer)answer;
	unpack_text(&cursor, ret_question->form, sizeof ret_question->form);
	unpack_text(&cursor, ret_question->note, sizeof ret_question->note);
	return message->type == WIRE_QUESTION && unpack_is_whole(&cursor) &&
	       language < LANGUAGE_COUNT && answer < ANSWER_COUNT;
}

int wire_send_leaf(struct channel *channel, const struct wire_leaf *leaf)
{
	static uint8_t bytes[LEAF_BYTES]; /* large */
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, leaf->number);
	pack_u8(&pack, leaf->has_page);
	pack_u8(&pack, (uint8_t)leaf->trouble);
	if (leaf->has_page)
		pack_bytes(&pack, &leaf->page, sizeof leaf->page);
	return send_pack(channel, WIRE_LEAF, &pack);
}

bool wire_read_leaf(const struct message *message, struct wire_leaf *ret_leaf)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	size_t count = 0;
	memset(ret_leaf, 0, sizeof *ret_leaf);
	ret_leaf->number = unpack_u64(&cursor);
	ret_leaf->has_page = cursor_u8(&cursor) != 0;
	const uint8_t trouble = cursor_u8(&cursor);
	ret_leaf->trouble = (enum answer_trouble)trouble;
	const uint8_t *page = ret_leaf->has_page ? unpack_bytes(&cursor, &count) : NULL;
	if (message->type != WIRE_LEAF || !unpack_is_whole(&cursor) ||
	    trouble >= ANSWER_TROUBLE_COUNT)
		return false;
	if (!ret_leaf->has_page)
		return true;
	if (count != sizeof ret_leaf->page)
		return false;
	memcpy(&ret_leaf->page, page, sizeof ret_leaf->page);
	return answer_page_is_sound(&ret_leaf->page);
}
