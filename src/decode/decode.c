#include "decode/decode.h"

#include <assert.h>

#include "decode/internal.h"

enum decode_verdict decode_frame(const struct frame *frame, struct facts *ret_facts)
{
	assert(frame != NULL && ret_facts != NULL);

	*ret_facts = (struct facts){
	    .time_us = frame->time_us,
	    .wire_bytes = frame->wire_bytes,
	    .drill = frame->drill,
	};
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
