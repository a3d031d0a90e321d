/*
 * bench_decode.c - what decoding one frame costs, in nanoseconds, by kind of frame.
 *
 *     bench_decode [ROUNDS]
 *
 * Decodes 4,096 frames of a kind over and over from memory that fits the cache, so it measures the
 * decoder and nothing else. Ports and addresses differ from frame to frame. Prints the fastest of
 * five passes, in processor time, since everything else on the machine can only slow one down.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "decode/decode.h"

enum {
	FRAMES = 4096,
	SPACING = 128,
	PASSES = 5,
	ROUNDS_DEFAULT = 300
};

#define MACS "020000000002 020000000001 "
#define V4   "4500 0028 0001 0000 4006 0000 c0000201 c6336402 "
#define V6   "60000000 0014 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define SYN  "0400 0050 00000001 00000000 5002 0400 0000 0000 "

static const struct kind {
	const char *name;
	const char *frame;
} kinds[] = {
    {"IPv4 TCP SYN", MACS "0800 " V4 SYN},
    {"IPv6 TCP SYN", MACS "86dd " V6 SYN},
    {"IPv4 TCP SYN, MSS", MACS "0800 4500 002c 0001 0000 4006 0000 c0000201 c6336402 "
			       "0400 0050 00000001 00000000 6002 0400 0000 0000 020405b4"},
    {"IPv4 TCP SYN, Linux options", MACS "0800 4500 003c 0001 0000 4006 0000 c0000201 c6336402 "
					 "0400 0050 00000001 00000000 a002 0400 0000 0000 "
					 "020405b4 0402080a 00000063 00000000 01030307"},
    {"IPv4 UDP", MACS "0800 4500 0020 0001 0000 4011 0000 c0000201 c6336402 "
		      "0035 1234 000c 0000 61626364"},
    {"IPv4 ICMP unreachable", MACS "0800 4500 0038 0001 0000 4001 0000 c0000201 c6336402 "
				   "0303 0000 00000000 "
				   "4500 001c 0002 0000 0111 0000 c6336402 cb007109 "
				   "0400 0050 0008 0000"},
    {"802.1Q IPv4 TCP SYN", MACS "8100 0007 0800 " V4 SYN},
    {"ARP request", MACS "0806 0001 0800 06 04 0001 "
			 "020000000001 c0000201 000000000000 c0000202"},
    {"IPv4 in GRE", MACS "0800 4500 0040 0009 0000 092f 0000 cb007101 cb007102 0000 0800 " V4 SYN},
};

enum {
	KINDS = sizeof kinds / sizeof kinds[0]
};

static uint8_t bytes[FRAMES][SPACING];
static struct frame frames[FRAMES];
static struct facts facts[64]; /* a batch's worth: the cache has it, as the real caller's would */

static uint32_t from_hex(const char *hex, uint8_t *out)
{
	uint32_t digits = 0;
	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		unsigned digit = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
		unsigned high = out[digits / 2];
		out[digits / 2] = (uint8_t)(high << 4 | digit);
		digits++;
	}
	return digits / 2;
}

static void fill(size_t i, const struct kind *kind, struct random *random)
{
	memset(bytes[i], 0, sizeof bytes[i]);
	uint32_t size = from_hex(kind->frame, bytes[i]);
	bytes[i][29] =
	    (uint8_t)random_below(random, 256); /* within an address or a length's rest */
	frames[i] = (struct frame){
	    .bytes = bytes[i],
	    .captured_bytes = size,
	    .wire_bytes = size,
	    .link_type = LINK_ETHERNET,
	};
}

static double cpu_seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* this clock cannot be missing */
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void measure(const char *name, unsigned rounds)
{
	double best = 0;
	uint64_t verdicts = 0;
	for (int pass = 0; pass < PASSES; pass++) {
		double start = cpu_seconds();
		for (unsigned round = 0; round < rounds; round++) {
			for (size_t i = 0; i < FRAMES; i++)
				verdicts += decode_frame(&frames[i], &facts[i % 64]);
		}
		double seconds = cpu_seconds() - start;
		if (pass == 0 || seconds < best)
			best = seconds;
	}
	printf("%-28s %6.2f ns  (not ok: %" PRIu64 ")\n", name,
	    best * 1e9 / ((double)rounds * FRAMES), verdicts);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS_DEFAULT;
	if (rounds == 0 || rounds > 1000000) {
		fprintf(stderr, "bench_decode: ROUNDS, expected 1 to 1000000\n");
		return 2;
	}
	struct random random;
	random_init(&random, 1);
	for (size_t kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < FRAMES; i++)
			fill(i, &kinds[kind], &random);
		measure(kinds[kind].name, (unsigned)rounds);
	}
	for (size_t i = 0; i < FRAMES; i++) /* a darknet: seven of ten are bare SYNs */
		fill(i, &kinds[random_below(&random, 10) < 7 ? 0 : random_below(&random, KINDS)],
		    &random);
	measure("mixed", (unsigned)rounds);
	return 0;
}
