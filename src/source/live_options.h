/*
 * live_options.h - "IFACE?key=value&key=value": an interface and how it is listened on.
 */
#ifndef SOURCE_LIVE_OPTIONS_H
#define SOURCE_LIVE_OPTIONS_H

#include "source/source.h"

enum {
	/* Rings of 1 MiB blocks: two are held back, one is filled, one is waited for. */
	LIVE_BLOCKS_MIN = 4,
	LIVE_BLOCKS_DEFAULT = 32, /* a million packets/s of 100 bytes for a third of a second */
	LIVE_BLOCKS_MAX = 2048,   /* 2 GiB, which the kernel's sums still hold */
	/* Room for so many frames in all queues of an interface: 2 KiB each, the kernel's least. */
	LIVE_FRAMES_MIN = 4096,
	LIVE_FRAMES_DEFAULT = 65536, /* two million packets/s for 30 ms */
	LIVE_FRAMES_MAX = 1 << 20,
	LIVE_FANOUT_MAX = 64, /* processes that share an interface; the kernel's own limit is 256 */
	LIVE_GROUP_MAX = 65535,
};

enum live_mode {
	LIVE_MODE_AUTO,
	LIVE_MODE_NATIVE,
	LIVE_MODE_GENERIC,
};

struct live_options {
	char interface[SOURCE_INTERFACE_BYTES];
	uint32_t is_promiscuous;
	uint32_t blocks;
	uint32_t fanout_count; /* 0: not shared */
	uint32_t fanout_number;
	uint32_t group; /* 0: follows from the interface */
	uint32_t takes_all;
	uint32_t falls_back;
	uint32_t mode; /* enum live_mode */
	uint32_t frames;
};

/*
 * `kind` is "ring" or "xdp": each has its own options. Returns 0, or -EINVAL with a complaint that
 * names the options that there are, or what a value may be.
 */
int live_options_parse(const char *kind, const char *rest, struct live_options *ret_options,
    struct complaint *complaint);

#endif
