/*
 * fuzz_decode.c - frames of any link type: no crash, nothing said that contradicts itself, and both
 * ways of decoding say the same.
 *
 * An input is the index of a link type, where to cut the frame (in 256ths), the number of bytes
 * (two, big-endian) that the wire had beyond the frame, and the frame.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/decode_sound.h"
#include "../unit/decode_ways.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static const uint32_t links[] = {
    LINK_ETHERNET, LINK_NULL, LINK_PPP, LINK_RAW_BSD, LINK_RAW_OPENBSD, LINK_PPP_HDLC,
    LINK_PPP_ETHER, LINK_RAW, LINK_CISCO_HDLC, LINK_LOOP, LINK_LINUX_SLL, LINK_IPV4, LINK_IPV6,
    LINK_LINUX_SLL2, 105, /* 802.11: not read */
};

static void require(const char *wrong)
{
	if (wrong == NULL)
		return;
	fprintf(stderr, "unsound: %s\n", wrong);
	abort();
}

/* From a block of just its size, so that reading past its end is seen. */
static enum decode_verdict decode_exact(struct frame frame, struct facts *ret_facts)
{
	uint8_t *copy = malloc(frame.captured_bytes > 0 ? frame.captured_bytes : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, frame.bytes, frame.captured_bytes);
	frame.bytes = copy;
	memset(ret_facts, 0xa5, sizeof *ret_facts);
	enum decode_verdict verdict = decode_frame(&frame, ret_facts);
	enum decode_ways ways = decode_ways_compare(&frame);
	free(copy);
	require(ways == WAYS_DIFFER ? "the two ways of decoding differ" : NULL);
	require(decode_unsound(verdict, ret_facts));
	return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	enum {
		HEADER = 4
	};
	if (data_bytes < HEADER || data_bytes > HEADER + UINT16_MAX)
		return 0;
	struct frame frame = {
	    .bytes = data + HEADER,
	    .captured_bytes = (uint32_t)(data_bytes - HEADER),
	    .link_type = links[data[0] % (sizeof links / sizeof links[0])],
	};
	frame.wire_bytes = frame.captured_bytes + (uint32_t)(data[2] << 8 | data[3]);

	struct facts whole;
	struct facts cut;
	enum decode_verdict whole_verdict = decode_exact(frame, &whole);
	frame.captured_bytes = frame.captured_bytes * data[1] / 256;
	enum decode_verdict cut_verdict = decode_exact(frame, &cut);

	/* A sound frame of which less was captured says the same, or that something is missing. */
	if (whole_verdict != DECODE_OK || cut_verdict == DECODE_TRUNCATED)
		return 0;
	require(cut_verdict == DECODE_OK ? NULL : "a sound frame became unsound by a cut");
	require(memcmp(&whole, &cut, FACTS_BYTES) == 0 ? NULL : "a cut changed what is known");
	return 0;
}
