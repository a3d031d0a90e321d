#include "decode/decode.h"

#include <assert.h>

#include "decode/internal.h"

static_assert(offsetof(struct facts, source_mac) == 116, "facts_begin sets what was added");

/*
 * Field by field, and all of them: given one assignment of the whole, gcc 12 clears it with a
 * string instruction whose start alone costs a third of a plain frame's time.
 */
static void facts_begin(struct facts *facts, const struct frame *frame)
{
	static const struct address zero;
	facts->time_us = frame->time_us;
	facts->source = zero;
	facts->target = zero;
	facts->inner_source = zero;
	facts->inner_target = zero;
	facts->seq = 0;
	facts->ack = 0;
	facts->tcp_tsval = 0;
	facts->wire_bytes = frame->wire_bytes;
	facts->drill = frame->drill;
	facts->flags = 0;
	facts->source_port = 0;
	facts->target_port = 0;
	facts->inner_source_port = 0;
	facts->inner_target_port = 0;
	facts->ip_id = 0;
	facts->window = 0;
	facts->payload_bytes = 0;
	facts->net = FACTS_NONE;
	facts->protocol = 0;
	facts->inner_protocol = 0;
	facts->ttl = 0;
	facts->tcp_flags = 0;
	facts->icmp_type = 0;
	facts->icmp_code = 0;
	facts->tcp_options = TCP_OPTIONS_NONE;
	memset(facts->source_mac, 0, sizeof facts->source_mac);
}

enum decode_verdict decode_frame(const struct frame *frame, struct facts *ret_facts)
{
	assert(frame != NULL && ret_facts != NULL);

	facts_begin(ret_facts, frame);
	/* A file may claim that fewer bytes were on the wire than it holds. */
	uint32_t uncaptured = frame->wire_bytes > frame->captured_bytes
				  ? frame->wire_bytes - frame->captured_bytes
				  : 0;
	struct walk walk = {
	    .cursor = cursor_over(frame->bytes, frame->captured_bytes),
	    .facts = ret_facts,
	    .beyond = uncaptured,
	    .layers_left = DECODE_LAYERS_MAX,
	};
	return decode_link(&walk, frame->link_type);
}

const char *decode_verdict_name(enum decode_verdict verdict)
{
	static const char *const names[] = {
	    [DECODE_OK] = "ok",
	    [DECODE_TRUNCATED] = "truncated",
	    [DECODE_MALFORMED] = "malformed",
	    [DECODE_UNSUPPORTED] = "unsupported",
	};
	static_assert(sizeof names / sizeof names[0] == DECODE_VERDICT_COUNT, "a name for each");

	assert(verdict < DECODE_VERDICT_COUNT);
	return names[verdict];
}
