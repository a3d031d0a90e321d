/*
 * frame.h - one captured frame, and batches of them.
 */
#ifndef SOURCE_FRAME_H
#define SOURCE_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* Sources keep every time inside the years 0001-9999, so differences of times never overflow. */
#define FRAME_TIME_MIN_US INT64_C(-62135596800000000)
#define FRAME_TIME_MAX_US INT64_C(253402300799999999)

/* Link types as numbered by LINKTYPE_ in https://www.tcpdump.org/linktypes.html, not DLT_. */
enum link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12, /* DLT_RAW written raw by old BSDs and by some programs */
	LINK_RAW_OPENBSD = 14,
	LINK_PPP_HDLC = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_CISCO_HDLC = 104,
	LINK_LOOP = 108,
	LINK_LINUX_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_LINUX_SLL2 = 276,
	/*
	 * No link at all: a record of a capture that is no packet (a pcapng custom block). It is
	 * counted as other tools count it, has no bytes and no time of its own, and is never
	 * decoded.
	 */
	LINK_NONE = 0x7fffffff,
};

struct frame {
	const uint8_t *bytes;    /* borrowed from the source until its next read but one */
	uint32_t captured_bytes; /* how many of them there are */
	uint32_t wire_bytes;     /* how many the frame had on the wire */
	int64_t time_us;         /* microseconds since 1970, UTC */
	uint32_t link_type;      /* enum link_type, or any other number */
	uint32_t drill; /* 0, or the number of the drill that made it: the mark that travels
			 * beside the frame, never inside it */
};

enum {
	FRAME_BATCH_MAX = 4096
};

struct frame_batch {
	size_t count;
	struct frame frames[FRAME_BATCH_MAX];
};

#endif
