#include "decode/decode.h"

#include <assert.h>

#include "decode/internal.h"

/* What holds before the first byte is read. */
static void note_nothing(struct facts *facts, const struct frame *frame)
{
	note_frame(facts, frame);
	note_no_ethernet(facts);
	note_no_ip(facts);
	note_no_ports(facts);
	note_no_tcp(facts);
	note_no_icmp(facts);
	facts->payload_bytes = 0;
}

enum decode_verdict decode_general(const struct frame *frame, struct facts *ret_facts)
{
	note_nothing(ret_facts, frame);
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

enum decode_verdict decode_frame(const struct frame *frame, struct facts *ret_facts)
{
	assert(frame != NULL && ret_facts != NULL);

	enum decode_verdict verdict;
	if (decode_straight(frame, ret_facts, &verdict))
		return verdict;
	return decode_general(frame, ret_facts);
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
